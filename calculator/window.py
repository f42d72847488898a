"""The part of an output that is drawn: small enough to read, large enough to show what repeats."""

from calculator.checks import Spatial
from calculator.layer import ConvTranspose
from calculator.overlap import axis_overlap

POSITIONS = {1: 40, 2: 20, 3: 8}
"""Output positions that are readable along each axis, by rank."""


def overlap_window(layer: ConvTranspose, input_size: Spatial) -> tuple[tuple[tuple[int, ...], ...], bool]:
    """Return the counts of ``axis_overlap`` to draw for each axis, and whether they are the whole output.

    The input is made smaller where that shows the same; where the kernel is so large that the part
    away from the borders would not be seen, the middle of the output is cut out instead.
    Raises ``LayerError`` as ``output_size`` does.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2)
    >>> overlap_window(layer, 3)
    (((1, 1, 2, 1, 2, 1, 1),), True)
    """
    layer.output_size(input_size)
    counts, whole = [], True
    for axis, size in enumerate(layer.input_axes(input_size)):
        drawn = _values(layer, axis, size)
        every = axis_overlap(layer, axis, drawn)
        spare = max(len(every) - POSITIONS[layer.rank], 0)
        counts.append(every[spare // 2 : len(every) - (spare - spare // 2)])
        whole = whole and drawn == size and not spare
    return tuple(counts), whole


def _values(layer: ConvTranspose, axis: int, size: int) -> int:
    """Return how many input values to draw along an axis."""
    s, extent, room = layer.stride[axis], layer.kernel_extent[axis], POSITIONS[layer.rank]
    one = extent - 2 * layer.padding[axis] + layer.output_padding[axis]
    inside = -(-extent // s) + 1
    # Where padding crops much of the start and end, more values are needed to leave an output.
    least = -((one - 1) // s) + 1
    return min(size, max((room - one) // s + 1, inside, least))
