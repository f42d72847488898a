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
    parts = [_axis_window(layer, axis, size) for axis, size in enumerate(layer.input_axes(input_size))]
    return tuple(counts for counts, _ in parts), all(whole for _, whole in parts)


def _axis_window(layer: ConvTranspose, axis: int, size: int) -> tuple[tuple[int, ...], bool]:
    """Return the counts to draw along one axis, and whether they are all there are."""
    s, p, extent, room = layer.stride[axis], layer.padding[axis], layer.kernel_extent[axis], POSITIONS[layer.rank]
    end = extent + layer.output_padding[axis] - p - s
    # Away from the borders lie the positions that every tap can reach: from here to n·s, if not cropped.
    start = max(extent - s, p)

    def inside(n: int) -> int:
        return min(n * s, n * s + end) - start

    n = (room - end + p) // s
    if n < 1 or inside(n) < s:
        n = max(-(-(room + start) // s), -(-(room + start - end) // s))
    n = min(n, size)
    every = axis_overlap(layer, axis, n)
    spare = max(len(every) - room, 0)
    first = min(max(start - p + (inside(n) - room) // 2, 0), spare)
    return every[first : first + room], n == size and not spare
