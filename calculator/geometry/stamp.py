"""The stamp: a transposed convolution of one channel pair, computed step by step.

Each input value multiplies the kernel, and the products are added to a *canvas*, one stride after the
products of the previous value. Then ``padding`` crops the canvas at both ends, and ``output_padding`` moves
the end of the output outwards. The bias is not included (Dumoulin & Visin 2016, chapter 4; dilation and
output_padding as in PyTorch).
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, plural
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.geometry.weight_grid import example_weight, weight_index


class Room(NamedTuple):
    """The number of input values and of canvas positions that are readable along each axis.

    More input values are drawn if padding would crop all positions, but at most ``canvas``, and at most
    ``maximum`` positions.
    """

    values: int
    canvas: int
    maximum: int


ROOM = {1: Room(6, 24, 80), 2: Room(4, 12, 40), 3: Room(2, 6, 12)}
"""The room of a picture by the rank of the layer."""

MAX_CELLS = 1_000_000
"""The maximum number of canvas positions in all steps together. A kernel has no more weights than these."""

FILLS = ("numbers", "ones")
"""The values of input and kernel: different numbers, or ones."""


@dataclass(frozen=True)
class StampStep:
    """The step of one input value.

    ``cells`` and ``products`` have one entry per tap of the kernel, row by row: the index on the flat canvas,
    and ``value`` times the weight. ``canvas`` has the sums after this step, row by row.
    """

    position: tuple[int, ...]
    value: int
    cells: tuple[int, ...]
    products: tuple[int, ...]
    canvas: tuple[int, ...]


class Term(NamedTuple):
    """One product of the sum at a canvas position, with its step and its tap, both counted from 0."""

    step: int
    tap: int
    product: int


@dataclass(frozen=True)
class Stamp:
    """All steps of the transposed convolution of one channel pair. Arrays are flat, row by row.

    ``kept`` has for each axis the first canvas position of the output and the position after the last.
    """

    layer: ConvTranspose
    input_size: tuple[int, ...]
    input: tuple[int, ...]
    kernel: tuple[int, ...]
    canvas_size: tuple[int, ...]
    kept: tuple[tuple[int, int], ...]
    steps: tuple[StampStep, ...]

    @property
    def output_size(self) -> tuple[int, ...]:
        """The spatial size of the output."""
        return tuple(end - start for start, end in self.kept)

    @property
    def output(self) -> tuple[int, ...]:
        """The output without bias: the values of the last canvas that are not cropped."""
        ranges = [range(start, end) for start, end in self.kept]
        return tuple(self.steps[-1].canvas[cell] for cell in _cells(ranges, self.canvas_size))

    @property
    def sums(self) -> tuple[tuple[Term, ...], ...]:
        """The products that are added up at every canvas position, row by row, in the order of the steps.

        A position where no product lands has none, and no input value and no tap comes twice: one input value
        reaches a position through one tap only.

        >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2)
        >>> [[(term.step, term.tap, term.product) for term in terms] for terms in stamp(layer, 2).sums[1:4]]
        [[(0, 1, 2)], [(0, 2, 3), (1, 0, 2)], [(1, 1, 4)]]
        """
        sums: list[list[Term]] = [[] for _ in self.steps[-1].canvas]
        for number, step in enumerate(self.steps):
            for tap, (cell, product) in enumerate(zip(step.cells, step.products, strict=True)):
                sums[cell].append(Term(number, tap, product))
        return tuple(map(tuple, sums))


def stamp(
    layer: ConvTranspose, input_size: Spatial, *, pair: tuple[int, int] = (0, 0), values: str = "numbers"
) -> Stamp:
    """Return every step of the transposed convolution of one channel pair (in, out; counted from 0).

    ``values="numbers"`` fills the input with 1, 2, … 9, 1, … and the kernel with ``example_weight``.
    ``values="ones"`` fills both with 1, so that the output is the number of products. Every step contains a
    complete canvas, so ``input_size`` should be small; ``small_input`` returns such a size.
    Raises ``LayerError`` as ``output_size`` does, if no kernel joins ``pair`` and above ``MAX_CELLS``, and
    ``ValueError`` for unknown ``values``.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2, padding=1)
    >>> steps = stamp(layer, 2)
    >>> steps.input, steps.kernel
    ((1, 2), (1, 2, 3))
    >>> for step in steps.steps:
    ...     print(step.value, step.cells, step.products, step.canvas)
    1 (0, 1, 2) (1, 2, 3) (1, 2, 3, 0, 0)
    2 (2, 3, 4) (2, 4, 6) (1, 2, 5, 4, 6)
    >>> steps.kept, steps.output
    (((1, 4),), (2, 5, 4))
    """
    if values not in FILLS:
        raise ValueError(f"values must be one of {', '.join(FILLS)}, received {values!r}.")
    weight_index(layer, *pair)
    size = layer.input_axes(input_size)
    output = layer.output_size(size)
    canvas = tuple(_canvas(layer, axis, i) for axis, i in enumerate(size))
    if (cells := math.prod(size) * math.prod(canvas)) > MAX_CELLS:
        raise LayerError(
            f"All steps together may have at most {MAX_CELLS} canvas positions, received {cells} "
            f"with input_size={size}."
        )
    if values == "ones":
        image, kernel = (1,) * math.prod(size), (1,) * layer.kernel_volume
    else:
        image = tuple(1 + index % 9 for index in range(math.prod(size)))
        kernel = tuple(example_weight(*pair, tap) for tap in range(layer.kernel_volume))
    kept = tuple((p, p + o) for p, o in zip(layer.padding, output, strict=True))
    return Stamp(layer, size, image, kernel, canvas, kept, tuple(_steps(layer, size, image, kernel, canvas)))


def _steps(
    layer: ConvTranspose,
    size: tuple[int, ...],
    image: tuple[int, ...],
    kernel: tuple[int, ...],
    canvas_size: tuple[int, ...],
) -> Iterator[StampStep]:
    """Yield one step for each input value, row by row."""
    landing = zip(size, layer.stride, strict=True)
    corners = _cells([range(0, i * s, s) for i, s in landing], canvas_size)
    reach = zip(layer.kernel_extent, layer.dilation, strict=True)
    taps = _cells([range(0, extent, d) for extent, d in reach], canvas_size)
    canvas = [0] * math.prod(canvas_size)
    for position, value, corner in zip(positions(size), image, corners, strict=True):
        cells = tuple(corner + tap for tap in taps)
        products = tuple(value * weight for weight in kernel)
        for cell, product in zip(cells, products, strict=True):
            canvas[cell] += product
        yield StampStep(position, value, cells, products, tuple(canvas))


def small_input(layer: ConvTranspose, input_size: Spatial) -> tuple[int, ...]:
    """Return the part of the input to draw: the number of values per axis that stay readable, see ``ROOM``.

    It has at least two values on an axis with two or more, so that the stride is visible. It has more if
    padding would crop all positions. Raises ``LayerError`` if the picture would be too large or would have no
    output.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    >>> small_input(layer, 16), small_input(layer, (1, 3))
    ((4, 4), (1, 3))
    """
    return tuple(_small_axis(layer, axis, i) for axis, i in enumerate(layer.input_axes(input_size)))


def few_values(line: ConvTranspose, maximum: int, wanted: int = 5) -> int:
    """Return the number of input values for a written example of a 1-D layer.

    It is ``wanted``, or more if padding would crop all positions, but at most ``small_input``.
    Raises ``LayerError`` as ``small_input`` does.

    >>> few_values(ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2), 16)
    5
    """
    return min(small_input(line, maximum)[0], max(wanted, _needed(line, 0)))


def _small_axis(layer: ConvTranspose, axis: int, maximum: int) -> int:
    """Return the number of input values to draw on one axis, at most ``maximum``. Raises ``LayerError``."""
    room, s, p = ROOM[layer.rank], layer.stride[axis], layer.padding[axis]
    single = _canvas(layer, axis, 1)
    few = max(min(2, maximum), min(maximum, room.values, (room.canvas - single) // s + 1))
    if _canvas(layer, axis, few) > room.maximum:
        raise LayerError(
            f"The layer is too large for the picture: on axis {axis}, {plural(few, 'input value')} make "
            f"{format_count(_canvas(layer, axis, few))} positions, and at most {room.maximum} are drawn; "
            "received kernel_size="
            f"{layer.kernel_size[axis]}, stride={s}, dilation={layer.dilation[axis]}, "
            f"output_padding={layer.output_padding[axis]}."
        )
    reach = layer.kernel_extent[axis] + layer.output_padding[axis]
    needed = _needed(layer, axis)
    limit = max(few, min(maximum, room.canvas, (room.maximum - single) // s + 1))
    if needed > limit:
        raise LayerError(
            f"padding must leave an output to draw: on axis {axis}, padding={p} crops {2 * p} of the "
            f"{(limit - 1) * s + reach} positions made by {plural(limit, 'input value')}."
        )
    return max(few, needed)


def _needed(layer: ConvTranspose, axis: int) -> int:
    """Return the minimum number of input values that leave an output; 1 or less if any number does."""
    # One input value leaves ``single`` positions, and every further value adds a stride. The smallest n with
    # single + (n − 1) · stride ≥ 1 is a division rounded up, written as a floor.
    single = layer.kernel_extent[axis] + layer.output_padding[axis] - 2 * layer.padding[axis]
    return 1 - (single - 1) // layer.stride[axis]


def _canvas(layer: ConvTranspose, axis: int, i: int) -> int:
    """Return the length of the canvas: up to the last product, or to the end of the output if later."""
    beyond = layer.output_padding[axis] - layer.padding[axis]
    return (i - 1) * layer.stride[axis] + layer.kernel_extent[axis] + max(beyond, 0)


def positions(size: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every position of an array of ``size``, row by row."""
    return itertools.product(*map(range, size))


def _cells(ranges: Sequence[range], size: Sequence[int]) -> tuple[int, ...]:
    """Return the flat index, row by row in an array of ``size``, of every combination of positions."""
    cells = [0]
    for axis_positions, length in zip(ranges, size, strict=True):
        cells = [cell * length + position for cell in cells for position in axis_positions]
    return tuple(cells)
