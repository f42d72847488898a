"""The split: bars to scale with exact labels, and a small share of biases is magnified."""

from typing import Any, NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.charts.split import VISIBLE_SHARE
from calculator.palette import Palette
from tests.helpers.calculator_charts import both_palettes, digits, drawn_split, every_layer


class Bar(NamedTuple):
    """One part of a bar of the split, as it is drawn."""

    start: float
    length: float
    fill: str
    text: str
    hover: str


def bars(figure: Any) -> dict[float, dict[str, Bar]]:
    """Return the bars of a split: row → weights and biases, as their hover says."""
    rows: dict[float, dict[str, Bar]] = {}
    [trace] = figure.data
    columns = (trace.y, trace.base, trace.x, trace.marker.color, trace.text, trace.hovertext)
    for row, start, length, fill, text, hover in zip(*columns, strict=True):
        part = "weights" if "weight" in hover else "biases"
        rows.setdefault(row, {})[part] = Bar(start, length, fill, text, hover)
    return rows


@every_layer
@both_palettes
def test_the_split_is_to_scale(layer: ConvTranspose, palette: Palette) -> None:
    rows = bars(drawn_split(layer, palette))
    share = layer.bias_count / layer.parameter_count
    top = rows[max(rows)]
    drawn = sum(bar.length for part, bar in top.items() if part == "biases")
    assert drawn == pytest.approx(share, rel=1e-12, abs=0)
    assert set(top) == ({"weights", "biases"} if layer.bias else {"weights"})
    for row in rows.values():
        assert row["weights"].start == 0
        assert sum(bar.length for bar in row.values()) == pytest.approx(1)
        assert row["weights"].fill == palette.weights_fill
        # Of a magnified end only the biases are whole: the weights in it are not all of them.
        assert digits(row["weights"].hover) == ([layer.weight_count] if row is top else [])
        if "biases" in row:
            assert row["biases"].start == pytest.approx(row["weights"].length)
            assert row["biases"].fill == palette.biases_fill
            assert digits(row["biases"].hover) == [layer.bias_count]


@every_layer
def test_both_parts_of_the_split_are_labelled_with_exact_counts(layer: ConvTranspose) -> None:
    rows = bars(drawn_split(layer))
    top = rows.pop(max(rows))
    assert digits(top["weights"].text) == [layer.weight_count]
    for magnified in rows.values():
        assert digits(magnified["weights"].text) == []
    if layer.bias:
        labels = [row["biases"].text for row in (top, *rows.values()) if row["biases"].text]
        assert labels
        assert all(digits(text) == [layer.bias_count] for text in labels)


@given(st.integers(1, 65_536), st.integers(1, 128), st.integers(1, 3), st.booleans())
@example(3, 1, 2, True)
@example(4, 1, 2, True)
@example(19, 1, 2, True)
@example(199, 1, 2, True)
@example(65_536, 128, 3, True)
@configured(deadline=None)
def test_small_biases_are_magnified(inputs: int, kernel: int, rank: int, bias: bool) -> None:
    layer = ConvTranspose(in_channels=inputs, out_channels=7, kernel_size=(kernel,) * rank, bias=bias)
    figure = drawn_split(layer)
    rows = bars(figure)
    share = layer.bias_count / layer.parameter_count
    assert (len(rows) == 2) is (0 < share < VISIBLE_SHARE)
    notes = [note.text for note in figure.layout.annotations]
    assert len(notes) == len(figure.layout.shapes) == len(rows) - 1
    if notes:
        shown = rows[min(rows)]["biases"]
        assert VISIBLE_SHARE * (1 - 1e-9) <= shown.length <= 1
        [zoom] = digits(notes[0].split("1/")[1])
        assert shown.length == pytest.approx(share * zoom)
        assert str(zoom).rstrip("0") in ("1", "2", "5")
        assert shown.text


def test_biases_are_visible_from_the_share_that_is_said() -> None:
    assert 0.05 <= VISIBLE_SHARE <= 0.25
    weights = round(1 / VISIBLE_SHARE) - 1
    at, below = (
        ConvTranspose(in_channels=inputs, out_channels=1, kernel_size=1) for inputs in (weights, weights + 1)
    )
    assert (len(bars(drawn_split(at))), len(bars(drawn_split(below)))) == (1, 2)
