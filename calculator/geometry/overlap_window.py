"""The part of an output that a picture shows: small enough to read, large enough to show the repetition."""

from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.geometry.overlap import axis_overlap

MAX_POSITIONS = {1: 40, 2: 12, 3: 5}
"""The maximum number of output positions that are readable along each axis, by rank."""


def overlap_window(layer: ConvTranspose, input_size: Spatial) -> tuple[tuple[tuple[int, ...], ...], bool]:
    """Return the counts of ``axis_overlap`` to draw for each axis, and whether they cover all of the output.

    A smaller input is used if its output still shows one stride away from the borders. Otherwise a part of
    the middle is cut out. In both cases the omitted positions repeat the drawn positions, unless one stride
    alone has too many positions.
    Raises ``LayerError`` as ``output_size`` does.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2)
    >>> overlap_window(layer, 3)
    (((1, 1, 2, 1, 2, 1, 1),), True)
    """
    layer.output_size(input_size)
    parts = [_axis_window(layer, axis, size) for axis, size in enumerate(layer.input_axes(input_size))]
    return tuple(counts for counts, _ in parts), all(complete for _, complete in parts)


def _axis_window(layer: ConvTranspose, axis: int, size: int) -> tuple[tuple[int, ...], bool]:
    """Return the counts to draw along one axis, and whether they cover the complete axis."""
    s, p, extent = layer.stride[axis], layer.padding[axis], layer.kernel_extent[axis]
    room = MAX_POSITIONS[layer.rank]
    # With n input values the output ends at n·s + end, counted before padding removes the first p positions.
    # Every tap can reach the positions from start to n·s, or to the crop if that is earlier.
    start, end = max(extent - s, p), extent + layer.output_padding[axis] - s - p

    def inside(n: int) -> int:
        return n * s + min(end, 0) - start

    n = (room + p - end) // s
    if n < size and inside(n) < s:
        n = max(n, -(-(max(room, 2 * s) + start - min(end, 0)) // s))
    n = min(n, size)
    every = axis_overlap(layer, axis, n)
    spare = max(len(every) - room, 0)
    middle = start + inside(n) // 2
    if s > room:
        # One stride does not fit. The most different counts are where one kernel ends and the next begins.
        middle = (middle + s // 2) // s * s
    first = min(max(middle - room // 2 - p, 0), spare)
    return every[first : first + room], n == size and not spare
