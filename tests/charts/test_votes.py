"""The bars of a class: every count exact, one or two rounds, labels that have room on a wall and a phone."""

import re
from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.charts.figure import enlarged
from calculator.charts.votes import LABEL_PIXELS, VoteBar, vote_text, votes_figure, votes_finding
from calculator.palette import DARK, LIGHT, Palette

ONE = (
    VoteBar("right", "5 × 3 × 16 + 3 = 243", (20,), True),
    VoteBar("the biases forgotten", "5 × 3 × 16 + 0 = 240", (12,)),
    VoteBar("other numbers", "7, 99", (3,)),
)
TWO = tuple(bar._replace(votes=(*bar.votes, 5)) for bar in ONE)
LONG = (
    "a bias for each input channel or in_channels and out_channels swapped or the biases of the convolution"
)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("across", [True, False])
@pytest.mark.parametrize("bars", [ONE, TWO, ONE[:1]])
def test_plotly_accepts_the_figure(bars: tuple[VoteBar, ...], palette: Palette, across: bool) -> None:
    drawing = votes_figure(bars, palette, across=across)
    assert go.Figure(drawing.to_dict()).layout.paper_bgcolor == palette.background
    assert go.Figure(enlarged(drawing, 1.35, 1.35).to_dict()).data


def test_one_round_has_a_bar_for_each_explanation() -> None:
    [trace] = go.Figure(votes_figure(ONE, LIGHT).to_dict()).data
    assert list(trace.x) == [20.0, 12.0, 3.0]
    assert list(trace.text) == ["20 · 57 %", "12 · 34 %", "3 · 9 %"]
    assert list(trace.marker.color) == [LIGHT.weights_fill, LIGHT.grid, LIGHT.grid]
    assert list(trace.y) == sorted(trace.y)


def test_the_second_round_stands_below_the_first_which_is_hollow() -> None:
    [trace] = go.Figure(votes_figure(TWO, LIGHT).to_dict()).data
    assert list(trace.x) == [20.0, 5.0, 12.0, 5.0, 3.0, 5.0]
    assert trace.text[:2] == ("20 · 57 %", "5 · 33 %")
    assert trace.marker.color[0] == trace.marker.color[2] == LIGHT.background
    assert trace.marker.color[1] == LIGHT.weights_fill
    assert trace.hovertext[3] == "the biases forgotten, second vote: 5 · 33 %"
    gaps = [after - before for before, after in pairwise(trace.y)]
    assert all(gap > trace.width for gap in gaps)  # No bar hides another.


@pytest.mark.parametrize(
    ("across", "key"),
    [
        (True, ["hollow: first vote, filled: second vote"]),
        (False, ["hollow: first vote,", "filled: second vote"]),
    ],
)
def test_a_key_above_two_rounds_names_them(across: bool, key: list[str]) -> None:
    labels = go.Figure(votes_figure(TWO, LIGHT, across=across).to_dict()).layout.yaxis.ticktext
    assert [text.rstrip() for text in labels[: len(key) + 1]] == [*key, "<b>right\u00a0</b>"]
    assert "hollow" not in str(votes_figure(ONE, LIGHT, across=across).to_dict())


@given(
    st.lists(
        st.builds(
            VoteBar,
            st.text(st.characters(whitelist_categories=("Ll", "Zs")), min_size=1, max_size=150).filter(
                str.strip
            ),
            st.lists(st.integers(0, 10**18), min_size=1, max_size=6).map(
                lambda found: ", ".join(map(str, found))
            ),
            st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)),
            st.just(value=False),
        ),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)
def test_no_label_leaves_its_margin_or_meets_another(bars: list[VoteBar], across: bool) -> None:
    drawing = go.Figure(votes_figure(bars, LIGHT, across=across).to_dict())
    axis = drawing.layout.yaxis
    _, characters = LABEL_PIXELS[across]
    assert all(len(re.sub("<[^>]*>", "", text)) <= characters + 4 for text in axis.ticktext)
    places = list(axis.tickvals)
    assert all(after - before >= 1 - 1e-9 for before, after in pairwise(places))
    assert places[0] > 0
    assert places[-1] < axis.range[0]
    assert all(0 < place < axis.range[0] for place in drawing.data[0].y)


def test_without_any_answer_there_are_no_shares() -> None:
    [trace] = go.Figure(votes_figure([VoteBar("right", "243", (0,), True)], LIGHT).to_dict()).data
    assert list(trace.text) == ["0"]
    assert vote_text(1, 3) == "1 · 33 %"


def test_the_chart_in_words() -> None:
    assert votes_finding(TWO[:2]) == (
        "right (5 × 3 × 16 + 3 = 243): 20 answers in the first vote, 5 answers in the second. "
        "the biases forgotten (5 × 3 × 16 + 0 = 240): 12 answers in the first vote, 5 answers in the second."
    )
