"""The output size of a layer in every framework, with its formula in letters and in numbers.

``calculator.frameworks`` computes the sizes and names the sources. The letters of each axis: i input size,
s stride, p padding, op output_padding, and K = d(k − 1) + 1, the number of positions that the kernel spans.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from calculator.core.description import differs
from calculator.core.errors import LayerError
from calculator.core.formatting import axes_code, format_count
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.frameworks import FRAMEWORKS
from calculator.frameworks.onnx import Onnx

Sizes = tuple[int, ...]
"""One size per axis."""


@dataclass(frozen=True)
class SizeRow:
    """The output size for one padding argument of one framework.

    ``how`` is the argument in the framework's terms. ``formula`` has letters, and ``numbers`` has the same
    formula with this layer's numbers, one per axis. If the framework refuses the argument, ``numbers`` is
    empty, ``size`` is ``None``, and ``problem`` is a sentence with the reason.
    """

    framework: str
    how: str
    formula: str
    numbers: tuple[str, ...] = ()
    size: Sizes | None = None
    problem: str = ""


def size_rows(layer: ConvTranspose, input_size: Spatial) -> tuple[SizeRow, ...]:
    """Return eight rows: the sizes for the layer's own padding and for the words of the frameworks.

    A refusal of a framework is a row too. Raises ``LayerError`` only for an invalid ``input_size``.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(4,), stride=2, padding=1)
    >>> for row in size_rows(layer, 16)[:3]:
    ...     print(f"{row.framework}, {row.how}: {row.formula} = {row.numbers[0]} = {row.size[0]}")
    PyTorch, padding=1, output_padding=0: (i − 1)s − 2p + K + op = (16 − 1) × 2 − 2 × 1 + 4 + 0 = 32
    Keras, padding='valid': (i − 1)s + K + max(s − K, 0) = (16 − 1) × 2 + 4 + max(2 − 4, 0) = 34
    Keras, padding='same': i·s = 16 × 2 = 32
    """
    sizes = layer.input_axes(input_size)
    return (
        _pytorch(layer, sizes),
        _word(layer, sizes, "keras", "valid", "(i − 1)s + K + max(s − K, 0)", _keras_valid),
        _word(layer, sizes, "keras", "same", "i·s", _multiple),
        _word(layer, sizes, "flax", "SAME", "i·s", _multiple),
        _word(layer, sizes, "flax", "VALID", "(i − 1)s + max(K, s)", _flax_valid),
        _flax_pairs(layer, sizes),
        _onnx_pads(layer, sizes),
        _onnx_same(layer, sizes),
    )


@dataclass(frozen=True)
class _Arguments:
    """The padding arguments for the framework ``name``, a key of ``FRAMEWORKS``."""

    name: str
    padding: object
    output_padding: object = None

    def row(
        self, layer: ConvTranspose, sizes: Sizes, how: str, formula: str, numbers: Iterable[str]
    ) -> SizeRow:
        """Return the row with the size, or with the problem if the framework refuses."""
        framework = FRAMEWORKS[self.name]
        arguments = {"padding": self.padding, "output_padding": self.output_padding}
        try:
            size = framework.output_size(layer, sizes, **arguments)
        except LayerError as error:
            return SizeRow(framework.title, how, formula, problem=str(error))
        return SizeRow(framework.title, how, formula, tuple(numbers), size)


def _signed(value: int) -> str:
    """Return a number that may follow a sign: a negative number is in brackets.

    >>> _signed(1024), _signed(-2)
    ('1,024', '(−2)')
    """
    return format_count(value) if value >= 0 else f"(−{format_count(-value)})"


def _steps(i: int, s: int) -> str:
    return f"({format_count(i)} − 1) × {format_count(s)}"


def _multiple(i: int, s: int, extent: int) -> str:
    return f"{format_count(i)} × {format_count(s)}"


def _keras_valid(i: int, s: int, extent: int) -> str:
    return f"{_steps(i, s)} + {format_count(extent)} + max({format_count(s)} − {format_count(extent)}, 0)"


def _flax_valid(i: int, s: int, extent: int) -> str:
    return f"{_steps(i, s)} + max({format_count(extent)}, {format_count(s)})"


def _word(
    layer: ConvTranspose,
    sizes: Sizes,
    name: str,
    word: str,
    formula: str,
    axis: Callable[[int, int, int], str],
) -> SizeRow:
    """Return the row of a word; ``axis`` returns the formula in numbers from i, s and K."""
    numbers = map(axis, sizes, layer.stride, layer.kernel_extent)
    return _Arguments(name, word).row(layer, sizes, f"padding='{word}'", formula, numbers)


def _pytorch(layer: ConvTranspose, sizes: Sizes) -> SizeRow:
    """Return the row of the layer's own padding and output_padding."""
    axes = zip(sizes, layer.stride, layer.padding, layer.kernel_extent, layer.output_padding, strict=True)
    numbers = (
        f"{_steps(i, s)} − 2 × {format_count(p)} + {format_count(extent)} + {format_count(op)}"
        for i, s, p, extent, op in axes
    )
    how = f"padding={axes_code(layer.padding)}, output_padding={axes_code(layer.output_padding)}"
    return _Arguments("pytorch", None).row(layer, sizes, how, "(i − 1)s − 2p + K + op", numbers)


def _flax_pairs(layer: ConvTranspose, sizes: Sizes) -> SizeRow:
    """Return the row of the pairs that express the layer: low = K − 1 − p and high = low + op."""
    axes = zip(layer.kernel_extent, layer.padding, layer.output_padding, strict=True)
    pairs = tuple((extent - 1 - p, extent - 1 - p + op) for extent, p, op in axes)
    formula = "(i − 1)s + low + high − K + 2"
    numbers = [
        f"{_steps(i, s)} + {_signed(low)} + {_signed(high)} − {format_count(extent)} + 2"
        for i, s, extent, (low, high) in zip(sizes, layer.stride, layer.kernel_extent, pairs, strict=True)
    ]
    row = _Arguments("flax", pairs).row(layer, sizes, f"padding={pairs}", formula, numbers)
    if row.size is None or 0 not in row.size:
        return row
    # If more positions are cropped than exist, PyTorch raises an error and Flax returns an empty output.
    cut = tuple(f"max({text}, 0)" for text in numbers)
    return SizeRow(row.framework, row.how, f"max({formula}, 0)", cut, row.size)


def _onnx_pads(layer: ConvTranspose, sizes: Sizes) -> SizeRow:
    """Return the row of the pads that express the layer, or of the reason why no pads do."""
    formula, rank = "(i − 1)s + K + op − begin − end", layer.rank
    try:
        pads, extras = Onnx().layer_padding(layer)
    except LayerError as error:
        return SizeRow("ONNX", "pads of the layer", formula, problem=str(error))
    axes = zip(sizes, layer.stride, layer.kernel_extent, extras, pads[:rank], pads[rank:], strict=True)
    numbers = (
        f"{_steps(i, s)} + {format_count(extent)} + {format_count(op)} − "
        f"{format_count(begin)} − {format_count(end)}"
        for i, s, extent, op, begin, end in axes
    )
    how = f"pads={list(pads)}, output_padding={list(extras)}"
    return _Arguments("onnx", pads, extras).row(layer, sizes, how, formula, numbers)


def _onnx_same(layer: ConvTranspose, sizes: Sizes) -> SizeRow:
    """Return the row of 'SAME_UPPER' with the layer's output_padding. It crops to i·s but never extends."""
    extras = layer.output_padding
    how = "auto_pad='SAME_UPPER'" + (f", output_padding={list(extras)}" if differs(extras, 0) else "")
    numbers = (
        f"min({format_count(i)} × {format_count(s)}, {_steps(i, s)} + "
        f"{format_count(extent)} + {format_count(op)})"
        for i, s, extent, op in zip(sizes, layer.stride, layer.kernel_extent, extras, strict=True)
    )
    arguments = _Arguments("onnx", "SAME_UPPER", extras)
    return arguments.row(layer, sizes, how, "min(i·s, (i − 1)s + K + op)", numbers)
