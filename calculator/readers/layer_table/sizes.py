"""Sizes along a chain: what each layer makes of the size before it, and its multiply–accumulates.

A transposed convolution is counted by input, an ordinary one by output: each is what the work is, with the
products in the cropped or padded border counted. Sources: Dumoulin & Visin (2016), relationships 6 and 14.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product
from calculator.core.validation import Spatial, per_axis
from calculator.readers.layer_table.line import Line, Shape, row_of
from calculator.readers.model import MAX_COUNT, ReadError, Row

LARGE = 1_024
"""An input size at which hardly any kernel is too large."""


@dataclass(frozen=True)
class _Flow:
    """What runs between two layers: channels and the spatial size, or features and ().

    ``resized`` says that its numbers follow from an input size that is not the table's own.
    """

    channels: int
    size: Shape
    resized: bool = False

    @property
    def values(self) -> int:
        """How many values that is."""
        return self.channels * math.prod(self.size)

    @property
    def told(self) -> str:
        """What that is, in words."""
        if not self.size:
            return f"{format_count(self.channels)} features"
        return f"{format_count(self.channels)} channels of size {format_product(self.size)}"

    def misfit(self, otherwise: str = ".") -> str:
        """Return the end of a sentence about a row that takes another number of values than come."""
        return ": the row does not fit this input size." if self.resized else otherwise


def chain_sizes(lines: Sequence[Line], input_size: Spatial | None = None) -> tuple[Row, ...]:
    """Return the rows of a chain of layers with their sizes and the multiply–accumulates of one sample.

    ``input_size`` is one number or one per axis; ``None`` takes that of the ``Input`` line, and an ``Input``
    without size stays without. Raises ``ReadError`` with the row that does not go with the one before it.

    >>> up = Line(1, "up", "ConvTranspose2d", 64, 32, (4, 4), (2, 2), (1, 1), (0, 0), (1, 1))
    >>> row = chain_sizes([up], 16)[0]
    >>> row.input_size, row.output_size, row.multiply_accumulates
    ((16, 16), (32, 32), 8388608)
    """
    flow: _Flow | None = None
    rank = next((line.kind.rank for line in lines if line.kind.rank), 0)
    rows = []
    for line in lines:
        if line.type == "Input" and flow is not None:
            raise line.refusal("a chain has one Input, and it comes first.")
        try:
            into = flow or _started(line, input_size, rank)
            flow = _after(line, into)
        except LayerError as error:
            raise line.refusal(str(error)) from None
        if max((flow.channels, *flow.size)) > MAX_COUNT:
            raise line.refusal("its output would be larger than 10^18, which must be a mistake.")
        row = row_of(line)
        if row is not None:
            rows.append(_sized(row, line, into, flow))
    return tuple(rows)


def chain_rank(lines: Sequence[Line]) -> int:
    """Return how many axes an input size has that may be chosen: 0 where the rows are no chain.

    >>> chain_rank([Line(1, "up", "ConvTranspose2d", 64, 32, (4, 4), (2, 2), (1, 1), (0, 0), (1, 1))])
    2
    """
    first = lines[0]
    ranks = (one.kind.rank for one in lines if one.kind.rank)
    rank = len(first.size) if first.type == "Input" else next(ranks, 0)
    # After Flatten only the table's own size may go through; without one, most chains take a large one.
    for size in (None, LARGE) if first.size else (LARGE,):
        try:
            chain_sizes(lines, size)
        except ReadError:
            continue
        return rank
    return 0


def _started(line: Line, input_size: Spatial | None, rank: int) -> _Flow:
    """Return what enters a chain at its first line; ``rank`` is that of its layers."""
    if line.type == "Input":
        size = line.size
        if input_size is not None and size:
            size = per_axis("input_size", input_size, len(size), 1)
        return _Flow(line.outputs, size, resized=size != line.size)
    if input_size is None:
        raise line.refusal("a chain begins with an Input and its size.")
    size = per_axis("input_size", input_size, rank, 1) if rank else ()
    return _Flow(line.inputs or line.outputs, size, resized=rank > 0)


def _after(line: Line, into: _Flow) -> _Flow:
    """Return what leaves a line."""
    what = line.kind.what
    if what == "input":
        return into
    if what == "reshape":
        return _reshaped(line, into)
    if what in ("embedding", "other"):
        raise line.refusal(f"what {line.type} does to a size is not known, so the rows are no chain.")
    if what == "linear" and into.size:
        raise line.refusal(f"{line.type} in a chain comes after Flatten, or after another one.")
    _check_channels(line, into)
    if what == "flatten":
        return _flattened(line, into)
    if what == "linear":
        return _Flow(line.outputs, ())
    if what not in ("transposed", "conv", "pool", "pad"):
        return into
    if len(into.size) != line.kind.rank:
        came = f"a size of {format_product(into.size)}" if into.size else "no size"
        raise line.refusal(f"it needs {line.kind.rank} spatial axes, and {came} comes from the row before.")
    channels = line.outputs if what in ("transposed", "conv") else into.channels
    return replace(into, channels=channels, size=_size_after(line, into.size))


def _check_channels(line: Line, into: _Flow) -> None:
    """Refuse a line that takes other channels, or after a flat layer other features, than come."""
    made = line.kind.what in ("transposed", "conv", "linear", "flatten")
    wanted = line.inputs or (0 if made else line.outputs)
    if not wanted or wanted == into.channels or (line.kind.what == "slopes" and wanted == 1):
        return
    if into.size:
        came = f"{format_count(wanted)} channels, and {format_count(into.channels)} come"
        raise line.refusal(f"it takes {came} from the row before: the rows are no chain.")
    takes = "channels" if line.kind.rank else "features"
    came = f"{format_count(wanted)} {takes}, and {into.told} come from the row before"
    raise line.refusal(f"it takes {came}{into.misfit(': the rows are no chain.')}")


def _flattened(line: Line, into: _Flow) -> _Flow:
    """Return the features that all values become; ``out`` may say how many."""
    if line.outputs not in (0, into.values):
        came = f"{into.told} come from the row before"
        came += f", {format_count(into.values)} values" if into.size else ""
        raise line.refusal(f"it gives {format_count(line.outputs)} features, and {came}{into.misfit()}")
    return replace(into, channels=into.values, size=())


def _size_after(line: Line, size: Shape) -> Shape:
    """Return the spatial size that a layer with axes makes."""
    if line.kind.what == "transposed":
        if line.same:
            return tuple(i * s for i, s in zip(size, line.stride, strict=True))
        return line.layer().output_size(size)
    if line.kind.what == "pad":
        return tuple(i + 2 * p for i, p in zip(size, line.padding, strict=True))
    return _narrowed(line, size)


def _narrowed(line: Line, size: Shape) -> Shape:
    """Return the output size of an ordinary convolution or of pooling: ⌊(i + 2p − K) / s⌋ + 1."""
    found = []
    for i, k, s, p, d in zip(size, line.kernel, line.stride, line.padding, line.dilation, strict=True):
        extent = d * (k - 1) + 1
        if line.same:
            found.append(-(-i // s))
        elif extent > i + 2 * p:
            spans = f"it spans {format_count(extent)} positions of {format_count(i + 2 * p)}"
            raise line.refusal(f"its kernel does not fit into the padded input: {spans}.")
        else:
            found.append((i + 2 * p - extent) // s + 1)
    return tuple(found)


def _reshaped(line: Line, into: _Flow) -> _Flow:
    """Return what a Reshape says, which must hold as many values as come in."""
    has = line.outputs * math.prod(line.size)
    if into.values != has:
        raise line.refusal(
            f"{format_count(into.values)} values cannot be reshaped into {format_count(has)}{into.misfit()}"
        )
    return _Flow(line.outputs, line.size)


def _sized(row: Row, line: Line, into: _Flow, flow: _Flow) -> Row:
    """Return the row with its sizes, and its multiply–accumulates where it has any."""
    work = None
    if line.kind.what == "transposed":
        work = math.prod(into.size) * row.weight_count
    elif line.kind.what in ("conv", "linear"):
        work = math.prod(flow.size) * row.weight_count
    return replace(
        row, input_size=into.size or None, output_size=flow.size or None, multiply_accumulates=work
    )
