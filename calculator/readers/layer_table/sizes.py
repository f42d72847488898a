"""Sizes along a chain of layers: the output size of each layer, and its multiply–accumulates.

The multiply–accumulates of a transposed convolution are counted per input position, those of an ordinary
convolution per output position. Products in a cropped or padded border are counted too. Sources: Dumoulin &
Visin (2016), relationships 6 and 14.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product
from calculator.core.validation import Spatial, per_axis
from calculator.readers.layer_table.line import Line, row_of
from calculator.readers.model import MAX_COUNT, ReadError, Row, Shape

_NO_CHAIN = ": the rows do not form a chain."

LARGE_SIZE = 1_024
"""An input size for which hardly any kernel is too large."""


@dataclass(frozen=True)
class _Activation:
    """The activation between two layers: channels and spatial size, or features and ().

    ``resized`` is whether the numbers follow from an input size other than the table's own.
    """

    channels: int
    size: Shape
    resized: bool = False

    @property
    def values(self) -> int:
        """Return the number of values."""
        return self.channels * math.prod(self.size)

    @property
    def description(self) -> str:
        """Return text such as "64 channels of size 8 × 8"."""
        if not self.size:
            return f"{format_count(self.channels)} features"
        return f"{format_count(self.channels)} channels of size {format_product(self.size)}"

    def mismatch_end(self, otherwise: str = ".") -> str:
        """Return the end of a sentence about a row that needs another number of values."""
        return ": the row does not fit this input size." if self.resized else otherwise


def chain_sizes(lines: Sequence[Line], input_size: Spatial | None = None) -> tuple[Row, ...]:
    """Return the rows of a chain of layers with their sizes and the multiply–accumulates of one sample.

    ``input_size`` is one number or one per axis. ``None`` stands for the size in the ``Input`` line; an
    ``Input`` without a size takes no other size. Raises ``ReadError`` with the row that does not fit the
    previous row.

    >>> up = Line(1, "up", "ConvTranspose2d", 64, 32, (4, 4), (2, 2), (1, 1), (0, 0), (1, 1))
    >>> row = chain_sizes([up], 16)[0]
    >>> row.input_size, row.output_size, row.multiply_accumulates
    ((16, 16), (32, 32), 8388608)
    """
    return tuple(step.row for step in chain_steps(lines, input_size) if step.row is not None)


class Step(NamedTuple):
    """A line of a chain, the spatial size that it takes, and its row if it has parameters."""

    line: Line
    input_size: Shape
    row: Row | None


def chain_steps(lines: Sequence[Line], input_size: Spatial | None = None) -> Iterator[Step]:
    """Yield each line of a chain, also those without parameters. Raises ``ReadError`` as ``chain_sizes``.

    >>> pool = Line(2, "pool", "MaxPool1d", kernel=(2,), stride=(2,), padding=(0,), dilation=(1,))
    >>> conv = Line(1, "conv", "Conv1d", 3, 8, (3,), (1,), (0,), (0,), (1,))
    >>> [step.input_size for step in chain_steps([conv, pool], 10)]
    [(10,), (8,)]
    """
    output: _Activation | None = None
    for line in lines:
        if line.type == "Input" and output is not None:
            raise line.error("a chain has one Input, and it comes first.")
        try:
            given = output or _chain_input(lines, input_size)
            output = _output(line, given)
        except LayerError as error:
            raise line.error(str(error)) from None
        if 0 in output.size:  # Hardly any layer of PyTorch computes it, and none takes it.
            raise line.error(f"its output would be empty, of size {format_product(output.size)}.")
        if max((output.channels, *output.size)) > MAX_COUNT:
            raise line.error("its output would be larger than 10^18, which must be a mistake.")
        row = row_of(line)
        yield Step(line, given.size, None if row is None else _add_sizes(row, line, given, output))


def chain_rank(lines: Sequence[Line]) -> int:
    """Return the number of axes of the input size, or 0 where the rows do not form a chain.

    >>> chain_rank([Line(1, "up", "ConvTranspose2d", 64, 32, (4, 4), (2, 2), (1, 1), (0, 0), (1, 1))])
    2
    """
    first, rank = lines[0], input_rank(lines)
    # A chain with Flatten accepts only the table's own size. Without one, most chains accept a large size.
    for size in (None, LARGE_SIZE) if first.size else (LARGE_SIZE,):
        try:
            chain_sizes(lines, size)
        except ReadError:
            continue
        return rank
    return 0


def input_rank(lines: Sequence[Line]) -> int:
    """Return the number of axes of the input of a chain, or 0 for features and where no layer says it.

    >>> input_rank([Line(1, "code", "Input", outputs=100)])
    0
    """
    if lines[0].type == "Input":
        return len(lines[0].size)
    return next((axes[0] for axes in map(_axes_of, lines) if len(axes) == 1), 0)


def ranks_before(lines: Sequence[Line]) -> list[int]:
    """Return the number of spatial axes that each line of a chain takes.

    >>> conv = Line(1, "conv", "Conv2d", 3, 8, (3, 3), (1, 1), (0, 0), (0, 0), (1, 1))
    >>> lines = [conv, Line(2, "flatten", "Flatten"), Line(3, "slopes", "PReLU")]
    >>> ranks_before(lines)
    [2, 2, 0]
    """
    rank, ranks = input_rank(lines), []
    for line in lines:
        ranks.append(rank)
        if line.layer_type.category in ("flatten", "global", "reshape"):
            rank = len(line.size)
    return ranks


def _chain_input(lines: Sequence[Line], input_size: Spatial | None) -> _Activation:
    """Return the input of a chain."""
    line, rank = lines[0], input_rank(lines)
    if line.type == "Input":
        size = line.size
        if input_size is not None and size:
            size = per_axis("input_size", input_size, len(size), 1)
        return _Activation(line.outputs, size, resized=size != line.size)
    if input_size is None:
        raise line.error("a chain must begin with an Input and its size.")
    if not rank and isinstance(input_size, tuple) and line.layer_type.category != "linear":
        rank = len(input_size)
    size = per_axis("input_size", input_size, rank, 1) if rank else ()
    channels = _input_channels(lines)
    if not channels:
        raise line.error("no layer says how many channels the input has: a chain must begin with an Input.")
    return _Activation(channels, size, resized=rank > 0)


def _input_channels(lines: Sequence[Line]) -> int:
    """Return the channels of the input that the first lines of a chain need, or 0 where they do not say."""
    more = fewer = 1
    for line in lines:
        category = line.layer_type.category
        says = line.type != "LayerNorm" and not (category == "slopes" and line.outputs == 1)
        if says and (line.inputs or line.outputs):
            return (line.inputs or line.outputs) * more // fewer
        if category == "shuffle":
            more *= int(line.scale_factor[0]) ** 2
        elif category == "unshuffle":
            fewer *= int(line.scale_factor[0]) ** 2
        elif category == "gate":
            more *= 2
        elif category not in ("pool", "pad", "upsample", "adaptive", "slopes", "norm", "mix"):
            break
        if max(more, fewer) > MAX_COUNT:
            break
    return 0


def _output(line: Line, given: _Activation) -> _Activation:
    """Return the output of a line for the input ``given``. Raises ``ReadError`` where they do not fit."""
    category = line.layer_type.category
    if category == "input":
        return given
    if category == "reshape":
        return _reshaped(line, given)
    if category in ("embedding", "other"):
        raise line.error(f"the effect of {line.type} on a size is unknown, so the rows do not form a chain.")
    if category == "linear" and given.size:
        raise line.error(f"{line.type} in a chain must follow Flatten or another {line.type}.")
    _check_channels(line, given)
    if category == "gate":
        if given.channels % 2:
            raise line.error(f"{format_count(given.channels)} channels cannot be halved.")
        return replace(given, channels=given.channels // 2)
    if category == "mix" and given.channels % line.groups:
        groups = format_count(line.groups)
        raise line.error(f"{format_count(given.channels)} channels cannot be divided into {groups} groups.")
    if category == "flatten":
        return _flattened(line, given)
    if category == "linear":
        return _Activation(line.outputs, ())
    _check_axes(line, given.size)
    if category == "global":
        return replace(given, size=())
    if category in ("shuffle", "unshuffle"):
        return _shuffled(line, given)
    if category not in ("transposed", "conv", "pool", "pad", "upsample", "adaptive"):
        return given
    channels = line.outputs if category in ("transposed", "conv") else given.channels
    return replace(given, channels=channels, size=_size_after(line, given.size))


def _check_axes(line: Line, size: Shape) -> None:
    """Raise ``ReadError`` for a line that needs another number of spatial axes, or more positions."""
    if line.type.startswith("InstanceNorm") and size and math.prod(size) == 1:
        raise line.error("it needs more than one position, which it normalises.")
    needed = _axes_of(line)
    if needed and len(size) not in needed:
        received = f"a size of {format_product(size)}" if size else "no size"
        raise line.error(f"it needs {needed[-1]} spatial axes, but the previous row gives {received}.")


def _axes_of(line: Line) -> tuple[int, ...]:
    """Return the numbers of spatial axes that a line takes, or () for any number."""
    category = line.layer_type.category
    if line.layer_type.rank:
        return (line.layer_type.rank,)
    if category == "mix":
        return (1, 2, 3)
    if category == "norm" and line.type[-1] == "d":
        return (0, 1) if line.type == "BatchNorm1d" else (int(line.type[-2]),)
    if category in ("shuffle", "unshuffle"):
        return (2,)
    if category == "upsample":
        numbers = len(line.size or line.scale_factor)
        return (1, 2, 3) if numbers == 1 else (numbers,)
    return ()


def _check_channels(line: Line, given: _Activation) -> None:
    """Raise ``ReadError`` for a line that needs another number of channels or features than ``given``."""
    sets_outputs = line.layer_type.category in ("transposed", "conv", "linear", "flatten")
    needed = line.inputs or (0 if sets_outputs else line.outputs)
    if line.type == "LayerNorm" and (given.size or line.size):
        # It normalises the last axes, of which the channels are the first.
        shape, axes = (needed, *line.size), (given.channels, *given.size)
        if axes[-len(shape) :] != shape:
            raise line.error(
                f"it normalises axes of {format_product(shape)}, but the previous row gives "
                f"{given.description}{given.mismatch_end(_NO_CHAIN)}"
            )
        return
    if line.layer_type.category == "slopes" and line.size and line.size != given.size:
        raise line.error(
            f"it has slopes for a size of {format_product(line.size)}, but the previous row gives "
            f"{given.description}{given.mismatch_end(_NO_CHAIN)}"
        )
    if not needed or needed == given.channels or (line.layer_type.category == "slopes" and needed == 1):
        return
    if line.type.startswith("InstanceNorm") and not line.bias:
        return  # Without parameters PyTorch does not use the number.
    if given.size:
        received = (
            f"{format_count(needed)} channels, but the previous row gives {format_count(given.channels)}"
        )
        raise line.error(f"it needs {received}{_NO_CHAIN}")
    unit = "channels" if line.layer_type.rank else "features"
    received = f"{format_count(needed)} {unit}, but the previous row gives {given.description}"
    raise line.error(f"it needs {received}{given.mismatch_end(_NO_CHAIN)}")


def _flattened(line: Line, given: _Activation) -> _Activation:
    """Return the features of a Flatten line. Raises ``ReadError`` where its ``out`` is another number."""
    if line.outputs not in (0, given.values):
        received = given.description
        received += f", which are {format_count(given.values)} values" if given.size else ""
        raise line.error(
            f"it gives {format_count(line.outputs)} features, but the previous row gives "
            f"{received}{given.mismatch_end()}"
        )
    return replace(given, channels=given.values, size=())


def _size_after(line: Line, size: Shape) -> Shape:
    """Return the output size of a layer with spatial axes."""
    if line.layer_type.category == "transposed":
        if line.same:
            return tuple(i * s for i, s in zip(size, line.stride, strict=True))
        return line.layer().output_size(size)
    if line.layer_type.category == "pad":
        if not line.type.startswith(("Zero", "Constant")):
            _check_border(line, size)
        sides = line.padding
        return tuple(i + a + b for i, a, b in zip(size, sides[::2], sides[1::2], strict=True))
    if line.layer_type.category in ("upsample", "adaptive"):
        if line.size:
            return _spread(line.size, len(size))
        factors = line.scale_factor * (len(size) if len(line.scale_factor) == 1 else 1)
        # PyTorch multiplies in floating point too where a factor is not whole.
        return tuple(math.floor(i * s) for i, s in zip(size, factors, strict=True))
    return _convolution_size(line, size)


def _spread(numbers: Shape, rank: int) -> Shape:
    """Return one number for each of ``rank`` axes."""
    return numbers * rank if len(numbers) == 1 else numbers


def _check_border(line: Line, size: Shape) -> None:
    """Raise ``ReadError`` where a border is wider than the input that is copied into it."""
    widest = {"Reflection": -1, "Circular": 0}.get(line.type[: line.type.index("Pad")])
    for i, p in zip(size, map(max, line.padding[::2], line.padding[1::2]), strict=True):
        if widest is not None and p > i + widest:
            raise line.error(f"its padding {format_count(p)} is too wide for a size of {format_count(i)}.")


def _shuffled(line: Line, given: _Activation) -> _Activation:
    """Return the output of PixelShuffle, or of PixelUnshuffle, which is its inverse."""
    scale = int(line.scale_factor[0])
    if len(line.scale_factor) > 1:
        raise line.error("its scale_factor must be one number.")
    if line.layer_type.category == "shuffle":
        if given.channels % scale**2:
            raise line.error(
                f"{format_count(given.channels)} channels cannot be divided by {scale}² = {scale**2}."
            )
        return replace(given, channels=given.channels // scale**2, size=tuple(i * scale for i in given.size))
    if any(i % scale for i in given.size):
        raise line.error(f"a size of {format_product(given.size)} cannot be divided by {scale}.")
    return replace(given, channels=given.channels * scale**2, size=tuple(i // scale for i in given.size))


def _convolution_size(line: Line, size: Shape) -> Shape:
    """Return the output size of an ordinary convolution or of pooling: ⌊(i + 2p − K) / s⌋ + 1."""
    sizes = []
    for i, k, s, p, d in zip(size, line.kernel, line.stride, line.padding, line.dilation, strict=True):
        extent = d * (k - 1) + 1
        steps = (i + 2 * p - extent + (s - 1 if line.ceil_mode else 0)) // s
        if line.same:
            sizes.append(-(-i // s))
        elif steps < 0 or (line.type == "AvgPool3d" and extent > i):  # PyTorch refuses such an AvgPool3d.
            spans = f"it spans {format_count(extent)} positions of {format_count(i + 2 * p)}"
            raise line.error(f"its kernel does not fit into the padded input: {spans}.")
        else:
            # The last window must begin within the input or the padding before it.
            sizes.append(steps + 1 - (line.ceil_mode and steps * s >= i + p))
    return tuple(sizes)


def _reshaped(line: Line, given: _Activation) -> _Activation:
    """Return the output of a Reshape line. Raises ``ReadError`` where the number of values changes."""
    if line.inputs and (given.size or given.channels != line.inputs):
        raise line.error(
            f"it needs {format_count(line.inputs)} features, but the previous row gives "
            f"{given.description}{given.mismatch_end()}"
        )
    values = line.outputs * math.prod(line.size)
    if given.values != values:
        raise line.error(
            f"{format_count(given.values)} values cannot be reshaped into {format_count(values)}"
            f"{given.mismatch_end()}"
        )
    return _Activation(line.outputs, line.size)


def _add_sizes(row: Row, line: Line, given: _Activation, output: _Activation) -> Row:
    """Return the row with its sizes, and with its multiply–accumulates for a convolution or linear layer."""
    multiply_accumulates = None
    if line.layer_type.category == "transposed":
        multiply_accumulates = math.prod(given.size) * row.weight_count
    elif line.layer_type.category in ("conv", "linear"):
        multiply_accumulates = math.prod(output.size) * row.weight_count
    return replace(
        row,
        input_size=given.size or None,
        output_size=output.size or None,
        multiply_accumulates=multiply_accumulates,
    )
