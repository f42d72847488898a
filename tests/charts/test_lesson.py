"""Bar charts of the lesson: bars have the exact counts, and no bar shows the answer before the reveal."""

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.charts.figure import enlarged
from calculator.charts.lesson import tally_figure, variants_figure
from calculator.core.formatting import format_count
from calculator.core.totals import tally
from calculator.learn.lesson.layer_steps import variants
from calculator.palette import DARK, LIGHT, Palette
from calculator.settings import Settings

ROWS = variants(Settings())


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_plotly_accepts_the_figures(palette: Palette) -> None:
    layer = Settings().counted_layer()
    for drawing in (
        variants_figure(ROWS, palette),
        variants_figure(ROWS, palette, counted=False),
        variants_figure((), palette),
        tally_figure(tally([layer], batch_norm=True), palette),
    ):
        assert go.Figure(drawing.to_dict()).layout.paper_bgcolor == palette.background
        assert (
            enlarged(drawing, 1.5).to_dict()["layout"]["height"]
            == 1.5 * drawing.to_dict()["layout"]["height"]
        )


def test_every_change_has_a_row() -> None:
    stay, move = go.Figure(variants_figure(ROWS, LIGHT).to_dict()).data
    assert list(stay.text) == ["3,136"] * len(ROWS)
    assert set(stay.x) == {3_136.0}
    assert list(move.text) == [size for _, size, _, _ in ROWS]
    assert list(move.x) == [float(positions) for _, _, positions, _ in ROWS]
    layout = go.Figure(variants_figure(ROWS, LIGHT).to_dict()).layout
    # The space at the end keeps a label away from its bar.
    assert list(layout.yaxis.ticktext) == [f"{label}\u00a0" for label, *_ in ROWS]
    assert (stay.xaxis, move.xaxis) == ("x", "x2")


def test_before_the_reveal_only_the_output_is_drawn() -> None:
    stay, move = go.Figure(variants_figure(ROWS, LIGHT, counted=False).to_dict()).data
    assert not stay.text
    assert len(move.text) == len(ROWS)


@given(st.integers(1, 512), st.integers(1, 512), st.booleans(), st.booleans())
def test_three_totals_have_three_bars(inputs: int, outputs: int, batch_norm: bool, frozen: bool) -> None:
    layer = Settings(in_channels=inputs, out_channels=outputs).counted_layer()
    tallies = tally([layer], batch_norm=batch_norm, frozen=frozen)
    [bars] = go.Figure(tally_figure(tallies, LIGHT).to_dict()).data
    assert list(bars.text) == [format_count(item.value) for item in tallies]
    assert list(bars.x) == [float(item.value) for item in tallies]


def test_a_count_without_room_at_its_bars_is_written_above_them() -> None:
    rows = variants(Settings(dimensions=3, in_channels=65_536, out_channels=65_536, kernel_size=(128,)))
    stay, move = (drawing := go.Figure(variants_figure(rows, LIGHT).to_dict())).data
    assert set(stay.text) == {""}
    assert drawing.layout.xaxis.title.text == "9,007,199,254,806,528"
    assert drawing.layout.xaxis.domain[1] < drawing.layout.xaxis2.domain[0]
    assert list(move.text) == [size for _, size, _, _ in rows]
    asked = go.Figure(variants_figure(rows, LIGHT, counted=False).to_dict()).layout
    assert asked.xaxis.title.text == go.Figure(variants_figure(ROWS, LIGHT).to_dict()).layout.xaxis.title.text
