"""The plane of channels: every cell has its exact count, and every line has one count."""

import itertools
import math
from typing import Any

import pytest

from calculator import ConvTranspose
from calculator.palette import LIGHT, Palette
from calculator.tables.sweeps import plane_grid
from tests.helpers.calculator_charts import (
    LAYERS,
    ROUND,
    both_palettes,
    digits,
    drawn_plane,
    every_layer,
    pieces,
)
from tests.helpers.reading import tick_value


@every_layer
@both_palettes
def test_the_plane(layer: ConvTranspose, palette: Palette) -> None:
    figure = drawn_plane(layer, palette)
    cells, *_, own = figure.data
    rows: list[Any] = list(plane_grid(layer).itertuples(index=False))
    counts = {(row.in_channels, row.out_channels): row.parameters for row in rows}
    for (row, outputs), (column, inputs) in itertools.product(enumerate(cells.y), enumerate(cells.x)):
        assert digits(cells.text[row][column]) == [inputs, outputs, counts[inputs, outputs]]
        assert 10 ** cells.z[row][column] == pytest.approx(counts[inputs, outputs])
    [here] = [place for place, text in enumerate(own.text) if text]
    assert (own.x[here], own.y[here]) == (layer.in_channels, layer.out_channels)
    assert digits(own.text[here]) == [layer.parameter_count]
    assert [place for place, size in enumerate(own.marker.size) if size] == [here]
    for axis, place in ((figure.layout.xaxis, own.x[here]), (figure.layout.yaxis, own.y[here])):
        assert axis.type == "log"
        assert axis.range[0] <= math.log10(place) <= axis.range[1]
        assert [tick_value(text) for text in axis.ticktext] == pytest.approx(list(axis.tickvals), rel=6e-4)


def count_at(layer: ConvTranspose, inputs: float, outputs: float) -> float:
    """Return the parameters at a place of the plane, between whole channels too."""
    return outputs * (inputs * layer.kernel_volume / layer.groups + layer.bias)


@every_layer
def test_the_own_line_of_the_plane_is_the_heaviest_and_passes_through_the_point(layer: ConvTranspose) -> None:
    _, lines, _, own = drawn_plane(layer).data
    assert own.line.width > lines.line.width
    assert own.line.color == LIGHT.here != lines.line.color
    assert (layer.in_channels, layer.out_channels) in zip(own.x, own.y, strict=True)
    assert list(own.x) == sorted(own.x)
    for inputs, outputs in zip(own.x, own.y, strict=True):
        assert count_at(layer, inputs, outputs) == pytest.approx(layer.parameter_count)


@every_layer
def test_every_line_of_the_plane_has_one_count_and_says_it(layer: ConvTranspose) -> None:
    figure = drawn_plane(layer)
    _, lines, labels, _ = figure.data
    bottom, top = figure.layout.yaxis.range
    labelled = {digits(text)[0]: (x, y) for x, y, text in zip(labels.x, labels.y, labels.text, strict=True)}
    drawn = pieces(lines.x, lines.y)
    assert len(drawn) == len(ROUND - {layer.parameter_count})
    assert set(labelled) <= ROUND - {layer.parameter_count}
    for total, (x, y) in labelled.items():
        assert count_at(layer, x, y) == pytest.approx(total)
        assert bottom <= math.log10(y) <= top
    for line in drawn:
        counts = [count_at(layer, x, y) for x, y in line]
        assert counts == pytest.approx([counts[0]] * len(counts))
        seen = [y for _, y in line if bottom + 0.08 <= math.log10(y) <= top - 0.08]
        if len(seen) >= 2:
            assert round(counts[0]) in labelled


def test_the_plane_of_a_layer_of_one_parameter() -> None:
    cells = drawn_plane(LAYERS[2]).data[0]
    assert min(min(row) for row in cells.z) == 0
