"""The drawing of the weights: well-formed, small, without scripts and styles, and without a product."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from calculator.classroom.weights_drawing import MARGIN, MAX_COLUMNS, MAX_ROWS, SCALE, weights_svg
from calculator.core.layer import ConvTranspose

MAX_BYTES = 6_000
"""With the longest drawing the page of a phone stays far below its 30 kB."""


@st.composite
def layers(draw: st.DrawFn) -> ConvTranspose:
    groups = draw(st.sampled_from([1, 1, 2, 4]))
    return ConvTranspose(
        in_channels=groups * draw(st.integers(1, 70)),
        out_channels=groups * draw(st.integers(1, 70)),
        kernel_size=tuple(draw(st.lists(st.integers(1, 20), min_size=1, max_size=3))),
        groups=groups,
        bias=draw(st.booleans()),
    )


@given(layers())
def test_every_layer_is_drawn(layer: ConvTranspose) -> None:
    text = weights_svg(layer)
    assert len(text.encode()) <= MAX_BYTES
    drawing = ElementTree.fromstring(text)
    _, _, width, height = map(int, drawing.attrib["viewBox"].split())
    assert {one.tag for one in drawing} <= {"text", "path"}
    assert {name for one in drawing for name in one.attrib} <= {"class", "d", "x", "y"}
    parts = {one.attrib["class"]: one.attrib["d"] for one in drawing if one.tag == "path"}
    kernels = parts["kernel"].count("z")
    shown = min(layer.in_channels, MAX_ROWS - 1) * min(layer.out_channels, MAX_COLUMNS - 1)
    if layer.groups == 1:
        assert kernels >= shown
    assert ("bias" in parts) == layer.bias
    for x, y in re.findall(r"M(\d+) (\d+)", "".join(parts.values())):
        assert int(x) < width
        assert int(y) < height


def test_known_drawing() -> None:
    drawing = ElementTree.fromstring(
        weights_svg(ConvTranspose(in_channels=2, out_channels=3, kernel_size=(1, 2)))
    )
    assert drawing.attrib["aria-label"] == (
        "2 input channels down, 3 output channels across: a kernel of 1 × 2 for each pair; below, a bias for "
        "each output channel."
    )
    parts = {one.attrib["class"]: one.attrib["d"] for one in drawing if one.tag == "path"}
    assert parts["kernel"].count("z") == 6
    assert parts["line"].count("m20 0v40") == 6
    assert parts["bias"].count("h12v12h-12z") == 3  # Each a small square below the middle of its kernels.
    assert [one.text for one in drawing if one.tag == "text"] == ["1", "2", "3", "1", "2"]


def test_groups_have_no_kernels_between_them() -> None:
    text = weights_svg(ConvTranspose(in_channels=4, out_channels=4, kernel_size=9, groups=2, bias=False))
    assert text.count("z") == 8
    assert 'class="line"' not in text


def test_long_numbers_of_rows_have_room_beside_the_kernels() -> None:
    drawing = ElementTree.fromstring(
        weights_svg(ConvTranspose(in_channels=65_536, out_channels=2, kernel_size=2))
    )
    left, _, width, _ = map(int, drawing.attrib["viewBox"].split())
    assert int(drawing.attrib["width"]) == SCALE * width
    [last] = [one for one in drawing if one.text == "65,536"]
    middle, half = int(last.attrib["x"]), 7 * len("65,536") / 2
    assert left <= middle - half
    assert middle + half <= MARGIN
