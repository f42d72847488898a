"""The parts of a decoder: every cell at its place, wrong ones marked and framed, every mark explained."""

import plotly.graph_objects as go
import pytest

from calculator.charts.decoder_grid import STATES, DecoderRow, decoder_figure, decoder_legend
from calculator.palette import DARK, LIGHT, Palette

ROWS = (
    DecoderRow("(0) 64 → 16", (("weights", "another number"), ("biases", "left out"))),
    DecoderRow(
        "(1) BatchNorm", (("scale", "counted"), ("shift", "counted"), ("mean and variance", "too much"))
    ),
    DecoderRow("(3) 16 → 3", (("weights", "not counted"), ("biases", "counted"))),
)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_cells_marks_and_frames(palette: Palette) -> None:
    drawing = go.Figure(decoder_figure(ROWS, palette).to_dict())
    weights, biases, norms = drawing.data
    assert [text for row in weights.text for text in row if text] == ["≠ weights", "weights"]
    assert [text for row in biases.text for text in row if text] == ["× biases", "biases"]
    assert [text for row in norms.text for text in row if text] == ["scale", "shift", "+ mean, variance"]
    # Gaps between the rows are empty.
    assert [any(row) for row in weights.text] == [True, False, False, False, True]
    assert [weights.z[row][0] for row in (0, 4)] == [1, 0]
    assert [biases.z[row][1] for row in (0, 4)] == [0, 1]
    assert list(norms.z[2]) == [1, 1, 1]
    # All cells of all grids have the same height and lie in the same four units.
    assert list(weights.y) == list(norms.y) == list(biases.y)
    assert weights.x[-1] == norms.x[-1] == 4
    thick = [shape for shape in drawing.layout.shapes if shape.line.width == 3]
    assert {(round(shape.x0), round(shape.x1), shape.y0) for shape in thick} == {
        (0, 2, 0),
        (2, 4, 0),
        (2, 4, 1.25),
    }
    assert {shape.line.color for shape in thick} == {palette.here}
    assert len(drawing.layout.shapes) == 7
    assert [text.strip() for text in drawing.layout.yaxis.ticktext] == [row.name for row in ROWS]
    # The table that a screen reader reads is made of these.
    hovers = [hover for trace in drawing.data for row in trace.customdata for hover in row if hover]
    assert "layer (0) 64 → 16, biases: left out" in hovers
    assert "layer (1) BatchNorm, mean and variance: too much" in hovers
    assert len(hovers) == 7


def test_every_mark_that_is_drawn_is_explained_and_no_other() -> None:
    assert decoder_legend(ROWS) == (
        "A part without colour and mark was not counted, which is right. A cross marks what was left out. "
        "A plus marks what is counted and should not be. The sign ≠ marks what is counted with another "
        "number."
    )
    assert decoder_legend([DecoderRow("(0) 8 → 3", (("weights", "counted"),))]) == ""
    assert len({mark for _, mark, _ in STATES.values() if mark}) == 3
