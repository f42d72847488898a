"""Reader of one call that creates a transposed convolution, in the words of PyTorch, Keras or Flax.

The call is parsed with Python's ``ast`` and never run. Why this is hand-written:

- ``ast.literal_eval`` refuses the whole call for one name, such as ``rngs``, or for ``64 * 8``. Here only
  numbers, words and sums and products of whole numbers have a value, and arguments that change neither a
  count nor a size are not looked at.
- The frameworks' own signatures would need the frameworks.

Sources:
``inspect.signature`` of each class, which ``make oracle`` compares with ``SIGNATURES``.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import per_axis, whole_number
from calculator.frameworks import FRAMEWORKS
from calculator.frameworks.flax import padding_pairs
from calculator.readers.keras.conv_transpose import as_layer
from calculator.readers.model import MAX_COUNT, ReadError
from calculator.readers.pytorch.class_names import SIGNATURES as TORCH_SIGNATURES

MAX_CALL = 2_000
"""The maximum number of characters of a call."""

MAX_NESTED = 20
"""The maximum depth of an expression whose value is used."""

_PYTORCH = (*TORCH_SIGNATURES["ConvTranspose2d"], "device", "dtype")
_KERAS = (
    "filters", "kernel_size", "strides", "padding", "output_padding", "data_format", "dilation_rate",
    "activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer",
    "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
)  # fmt: skip
_LINEN = (
    "features", "kernel_size", "strides", "padding", "kernel_dilation", "use_bias", "mask", "dtype",
    "param_dtype", "precision", "kernel_init", "bias_init", "transpose_kernel", "promote_dtype",
    "preferred_element_type", "parent", "name",
)  # fmt: skip
_NNX = ("in_features", "out_features", "kernel_size", "strides")

SIGNATURES: Mapping[str, tuple[str, ...]] = {
    **{f"ConvTranspose{rank}d": _PYTORCH for rank in (1, 2, 3)},
    **{f"LazyConvTranspose{rank}d": _PYTORCH[1:] for rank in (1, 2, 3)},
    **{f"Conv{rank}DTranspose": _KERAS for rank in (1, 2)},
    # In three dimensions alone, Keras has data_format before output_padding.
    "Conv3DTranspose": (*_KERAS[:4], "data_format", "output_padding", *_KERAS[6:]),
    "linen.ConvTranspose": _LINEN,
    "nnx.ConvTranspose": _NNX,
}
"""The positional arguments of each class, in their order."""

_KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "Keras": ("input_shape", "batch_input_shape", "name", "dtype", "trainable"),
    "Flax": ("padding", *_LINEN[4:], "rngs", "kernel_metadata", "bias_metadata"),
    "PyTorch": (),
}
"""The arguments of each framework that have no place among the positional ones of some class."""

_USED = frozenset((
    *_PYTORCH[:10], *_KERAS[:7], "use_bias", "input_shape", "batch_input_shape", *_LINEN[:6], *_NNX
))  # fmt: skip
"""The arguments that counts and sizes depend on. The value of any other is not looked at."""

FORMS = (
    "nn.ConvTranspose2d(3, 64, 4, stride=2, padding=1), "
    "layers.Conv2DTranspose(64, 4, strides=2, padding='same') or "
    "nnx.ConvTranspose(3, 64, (4, 4), strides=2, rngs=rngs)"
)
"""An example of the call in each framework."""


@dataclass(frozen=True)
class Call:
    """The layer that a call creates. ``framework`` is its key in ``FRAMEWORKS``.

    ``note`` is a sentence where the layer has the counts and sizes of the call, but PyTorch has no padding
    that keeps the same positions.
    """

    framework: str
    layer: ConvTranspose
    note: str = ""


def read_call(text: str, *, in_channels: int | None = None) -> Call:
    """Return the transposed convolution that a call in ``text`` creates.

    ``in_channels`` is for classes that learn it from their input: those of Keras, of Flax linen and the lazy
    ones of PyTorch. Raises ``ReadError`` for a text that is not such a call and for values that are not
    written in it, ``LayerError`` for settings that the framework refuses.

    >>> read_call("nn.ConvTranspose2d(3, 64, 4, 2, 1)").layer.parameter_count
    3136
    >>> call = read_call("layers.Conv2DTranspose(64, 4, strides=2, padding='same')", in_channels=3)
    >>> call.framework, call.layer.padding, call.layer.output_padding
    ('keras', (1, 1), (0, 0))
    >>> read_call("nnx.ConvTranspose(3, 64, (4, 4), strides=2, rngs=rngs)").layer == call.layer
    True
    """
    function, node = _parse(text)
    kind = _kind(function, node)
    framework, rank = _framework(kind)
    values = _arguments(kind, framework, node)
    if framework == "PyTorch":
        return Call("pytorch", _pytorch(values, rank, in_channels))
    if framework == "Keras":
        return _keras(values, rank, in_channels)
    return _flax(values, in_channels)


def _parse(text: str) -> tuple[str, ast.Call]:
    """Return the dotted name of the function and the call. Raises ``ReadError`` for any other text."""
    if len(text) > MAX_CALL:
        raise ReadError(f"A call has at most {MAX_CALL:,} characters, received {len(text):,}.")
    refusal = ReadError(f"This is not a call that creates a layer, such as {FORMS}: {short_repr(text)}.")
    try:
        # An assignment, as in ``self.up = nn.ConvTranspose2d(…),``, has the call as its value.
        [statement] = ast.parse(text.strip().rstrip(",;")).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise refusal from None
    node = getattr(statement, "value", None)
    names: list[str] = []
    function = node.func if isinstance(node, ast.Call) else None
    while isinstance(function, ast.Attribute):
        names.append(function.attr)
        function = function.value
    if not isinstance(node, ast.Call) or not isinstance(function, ast.Name):
        raise refusal
    return ".".join([function.id, *reversed(names)]), node


def _kind(function: str, node: ast.Call) -> str:
    """Return the key of the called class in ``SIGNATURES``. Raises ``ReadError``."""
    module, _, name = function.rpartition(".")
    if module.partition(".")[0] == "paddle":
        raise ReadError("Calls of Paddle are not read: write the layer as PyTorch's nn.ConvTranspose2d.")
    name = name.replace("Convolution", "Conv")
    if name in SIGNATURES:
        return name
    if name != "ConvTranspose":
        raise ReadError(f"{short_repr(function)} is not a transposed convolution, such as {FORMS}.")
    given = {word.arg for word in node.keywords}
    if module.endswith("nnx") or given & {"in_features", "out_features"}:
        return "nnx.ConvTranspose"
    if module or "features" in given:
        return "linen.ConvTranspose"
    raise ReadError(
        "ConvTranspose is a class of Flax's linen and of its nnx, with different arguments: write "
        "nn.ConvTranspose for linen or nnx.ConvTranspose."
    )


def _framework(kind: str) -> tuple[str, int]:
    """Return the title of the framework, and the number of axes in the name of the class or 0."""
    digits = [int(sign) for sign in kind if sign.isdigit()]
    if kind.endswith("DTranspose"):
        return "Keras", digits[0]
    return ("PyTorch", digits[0]) if digits else ("Flax", 0)


def _arguments(kind: str, framework: str, node: ast.Call) -> dict[str, Any]:
    """Return the values of the arguments that matter, by name. Raises ``ReadError``."""
    names, title = SIGNATURES[kind], kind.removeprefix("linen.")
    if any(isinstance(item, ast.Starred) for item in node.args) or any(not w.arg for w in node.keywords):
        raise ReadError("The arguments of the call must be written out; * and ** stand for others.")
    if len(node.args) > len(names):
        raise ReadError(
            f"{title} takes at most {len(names)} arguments without names, received {len(node.args)}."
        )
    given = dict(zip(names, node.args, strict=False))
    for word in node.keywords:
        name = str(word.arg)
        if name in given:
            raise ReadError(f"{name} is given twice.")
        if name not in names and name not in _KEYWORDS[framework]:
            raise ReadError(f"{title} has no argument {short_repr(name)}.")
        given[name] = word.value
    return {name: _value(name, value) for name, value in given.items() if name in _USED}


def _value(name: str, node: ast.expr, depth: int = 0) -> Any:
    """Return the value that an expression has as it is written. Raises ``ReadError`` for any other."""
    if depth < MAX_NESTED:
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str | None):
            return node.value
        if isinstance(node, ast.Tuple | ast.List):
            return tuple(_value(name, item, depth + 1) for item in node.elts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            number = _value(name, node.operand, depth + 1)
            if type(number) is int:
                return -number
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Add | ast.Sub):
            left, right = (_value(name, side, depth + 1) for side in (node.left, node.right))
            if type(left) is int and type(right) is int and max(abs(left), abs(right)) <= MAX_COUNT:
                products = {ast.Mult: left * right, ast.Add: left + right, ast.Sub: left - right}
                return products[type(node.op)]
    raise ReadError(f"The value of {name} must be written as numbers, received {short_repr(_text(node))}.")


def _text(node: ast.expr) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:
        return "a nested expression"


def _required(values: Mapping[str, Any], name: str) -> Any:
    if values.get(name) is None:
        raise ReadError(f"The call has no {name}.")
    return values[name]


def _channels(written: object, in_channels: int | None) -> int:
    """Return the input channels from the call or beside it. Raises ``ReadError`` where both are missing."""
    if written is not None and in_channels is not None and written != in_channels:
        raise ReadError(f"The call has {short_repr(written)} input channels, but {in_channels} are given.")
    channels = in_channels if written is None else written
    if channels is None:
        raise ReadError(
            "The call does not say how many input channels there are: add in_channels (--in-channels)."
        )
    return whole_number("in_channels", channels, 1)


def _pytorch(values: Mapping[str, Any], rank: int, in_channels: int | None) -> ConvTranspose:
    """Return the layer of a call in PyTorch's words. Raises ``ReadError`` or ``LayerError``."""
    settings = {name: value for name, value in values.items() if name in _PYTORCH[3:9]}
    if values.get("padding_mode", "zeros") != "zeros":
        raise ReadError("PyTorch has only padding_mode='zeros' for a transposed convolution.")
    return ConvTranspose(
        _channels(values.get("in_channels"), in_channels),
        _required(values, "out_channels"),
        per_axis("kernel_size", _required(values, "kernel_size"), rank, 1),
        **settings,
    )


def _keras(values: Mapping[str, Any], rank: int, in_channels: int | None) -> Call:
    """Return the layer of a call of Keras. Raises ``LayerError`` for what Keras refuses."""
    last = 0 if values.get("data_format") == "channels_first" else -1
    batch = values.get("batch_input_shape")
    shape = values.get("input_shape") or (batch[1:] if isinstance(batch, tuple) else batch)
    if shape and (not isinstance(shape, tuple) or len(shape) != rank + 1):
        raise ReadError(f"The input shape has {rank} sizes and the channels, received {short_repr(shape)}.")
    channels = _channels(shape[last] if shape else None, in_channels)
    # None stands for one value: only output_padding may be None in Keras, whose value then is its own choice.
    config: dict[str, Any] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items()
    }
    kernel = per_axis("kernel_size", _required(values, "kernel_size"), rank, 1)
    plain = ConvTranspose(
        channels,
        _required(values, "filters"),
        kernel,
        values.get("strides", 1),
        dilation=values.get("dilation_rate", 1),
        bias=values.get("use_bias", True),
    )
    FRAMEWORKS["keras"].output_size(  # It refuses what Keras refuses.
        plain, MAX_COUNT, padding=values.get("padding"), output_padding=values.get("output_padding")
    )
    layer, note = as_layer(config, (*kernel, plain.out_channels, channels))
    if layer is None:
        raise ReadError(note)
    return Call("keras", layer, note)


def _flax(values: Mapping[str, Any], in_channels: int | None) -> Call:
    """Return the layer of a call of Flax, whose number of axes is that of the kernel size."""
    kernel = _required(values, "kernel_size")
    kernel = kernel if isinstance(kernel, tuple) else (kernel,)
    outputs = "features" if "features" in values else "out_features"
    plain = ConvTranspose(
        _channels(values.get("in_features"), in_channels),
        _required(values, outputs),
        kernel,
        1 if values.get("strides") is None else values["strides"],
        dilation=1 if values.get("kernel_dilation") is None else values["kernel_dilation"],
        bias=values.get("use_bias", True),
    )
    padding = values.get("padding", "SAME")
    note, crops = "", []
    if padding == "CIRCULAR":
        padding, note = (
            "SAME",
            "PyTorch has no circular padding here: counts and sizes are equal, not values.",
        )
    pairs = padding_pairs(plain, padding)
    for axis, (extent, (low, high)) in enumerate(zip(plain.kernel_extent, pairs, strict=True)):
        extra, crop = high - low, 2 * (extent - 1) - low - high
        if low > extent - 1 or not 0 <= extra < max(plain.stride[axis], plain.dilation[axis], 1):
            note = note or (
                "PyTorch has no padding that crops as the padding of Flax does here. The layer has the same "
                "output size, but is cropped on the other side."
            )
            before = max((crop + 1) // 2, 0)
            crops.append((before, 2 * before - crop))
        else:
            crops.append((extent - 1 - low, extra))
    try:
        layer = ConvTranspose(
            plain.in_channels,
            plain.out_channels,
            plain.kernel_size,
            plain.stride,
            tuple(before for before, _ in crops),
            tuple(extra for _, extra in crops),
            bias=plain.bias,
            dilation=plain.dilation,
        )
    except LayerError:
        raise ReadError(
            f"PyTorch has no padding that gives the output size of Flax's padding={short_repr(padding)} here."
        ) from None
    return Call("flax", layer, note)
