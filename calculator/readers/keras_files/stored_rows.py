"""The row of a layer whose variables have names and shapes, but no configuration.

The class is that in the names which Keras chooses, where the shapes fit it, or inferred from the shapes. The
orders of the axes are those of Keras: (*kernel_size, in, out) for a convolution, and (*kernel_size, out,
in) for a transposed one. Source: https://keras.io/api/layers/
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from calculator.readers.keras.conv_transpose import TRANSPOSED
from calculator.readers.keras.layer_rules import BUILDERS
from calculator.readers.keras_files.stored_layers import StoredLayer, snake_case, without_number
from calculator.readers.model import Row, Shape

CLASS_INFERRED = "Its class is inferred from the shapes."
UNDECIDED = "Its shapes fit a transposed convolution and an ordinary one."
QUANTISED = "Quantised: only its bias is trained, if it has one."
PARAMETERS = "Parameters"
"""The type of a row whose shapes belong to no standard layer."""

_OLD_CLASSES = tuple(f"Deconvolution{rank}D" for rank in (2, 3))
_CLASSES = MappingProxyType(
    {
        **{without_number(snake_case(name)): name for name in (*BUILDERS, *_OLD_CLASSES)},
        # The layers inside a MultiHeadAttention.
        **dict.fromkeys(("query", "key", "value", "attention_output"), "EinsumDense"),
        **dict.fromkeys(("query_dense", "key_dense", "value_dense", "output_dense"), "EinsumDense"),
    }
)
"""The classes by the names that Keras makes of them."""
_STATISTICS = re.compile(
    r"(?:.{0,200}_)?(?:(?:moving|running)_(?:mean|variance|std|var)|vector_u)(?:_\d{1,9})?(?::0)?\Z"
)
_BIAS = re.compile(r"(?:.{0,200}_)?(?:bias|beta|b)(?:_\d{1,9})?(?::0)?\Z")
_WEIGHT = re.compile(
    r"(?:.{0,200}_)?(?:kernel|embeddings|gamma|alpha|scale|weight|W|U)(?:_\d{1,9})?(?::0)?\Z"
)

Shapes = Sequence[Shape]


def row_of_stored_layer(
    layer: StoredLayer, class_name: str = "", *, trainable: bool = True, standard: bool = True
) -> Row:
    """Return the row of a stored layer; ``class_name`` is its class, if a configuration contains it.

    A class that is not ``standard`` may use its variables in any order.

    >>> up = StoredLayer(("up",), ("conv2d_transpose",), (("0", (4, 4, 32, 64)), ("1", (32,))))
    >>> row = row_of_stored_layer(up)
    >>> row.type, row.transposed, row.weight_count, row.bias_count
    ('Conv2DTranspose', True, 32768, 32)
    """
    if layer.integers and standard:
        return _quantised_row(layer, class_name, trainable)
    layer = replace(layer, variables=_by_role(layer.variables))
    shapes = [shape for _, shape in layer.variables]
    named = [class_name] if standard else []
    if not class_name:
        named = [_CLASSES[each] for each in layer.classes if each in _CLASSES]
    kind = next((each for each in named if _fits(each, shapes)), "")
    note, undecided = "", False
    if not kind:
        inferred, undecided = _inferred(shapes)
        # In a class of somebody's own, equal shapes do not show how they are used.
        if class_name and inferred in TRANSPOSED:
            inferred, undecided = "", True
        undecided |= not inferred and any(3 <= len(shape) <= 5 for shape in shapes)
        note = UNDECIDED if undecided else CLASS_INFERRED if inferred else ""
        kind = class_name or inferred or PARAMETERS
        if class_name and not standard:
            note = UNDECIDED if undecided else "Counted from the stored weights."
    roles = _roles(layer, kind)
    counts = {
        role: sum(math.prod(shape) for shape, each in zip(shapes, roles, strict=True) if each == role)
        for role in ("weight", "bias", "other", "statistics")
    }
    first = next((shape for shape, role in zip(shapes, roles, strict=True) if role == "weight"), None)
    return Row(
        layer.title,
        kind,
        first if first and roles.count("weight") == 1 else None,
        counts["weight"],
        counts["bias"],
        counts["other"] + counts["statistics"],
        trainable=trainable and counts["statistics"] < layer.count,
        frozen_count=counts["statistics"] if trainable else layer.count,
        note=note,
        transposed=not undecided and (kind in TRANSPOSED or kind in _OLD_CLASSES),
        undecided=undecided,
    )


def _quantised_row(layer: StoredLayer, class_name: str, trainable: bool) -> Row:
    """Return the row of a quantised layer, of which Keras trains only the bias and the matrices of LoRA.

    The variables by number are weight, bias and scales; after GPTQ the bias comes before the weight.
    """
    names = [name for name, _ in layer.variables]
    if all(name.isdecimal() for name in names):
        real = [name not in layer.integers for name in names]
        place = 0 if real[0] else 1 if real[1:3] == [True, True] else -1
        trained = names[place : place + 1] if place >= 0 else []
    else:
        trained = [name for name in names if _BIAS.match(name) or name.startswith("lora_")]
    counts = {name: math.prod(shape) for name, shape in layer.variables}
    biases = sum(counts[name] for name in trained)
    weights = counts[next(name for name in names if name in layer.integers)]
    kind = class_name or next((_CLASSES[each] for each in layer.classes if each in _CLASSES), PARAMETERS)
    return Row(
        layer.title,
        kind,
        weight_count=weights,
        bias_count=biases,
        other_count=layer.count - weights - biases,
        trainable=trainable and biases > 0,
        frozen_count=layer.count - biases if trainable else layer.count,
        note=QUANTISED,
    )


def _by_role(variables: tuple[tuple[str, Shape], ...]) -> tuple[tuple[str, Shape], ...]:
    """Return variables with names as weights, biases and the rest: a file may sort them by name."""
    if all(name.isdecimal() for name, _ in variables):
        return variables
    order = ("weight", "bias", "other", "statistics")
    return tuple(sorted(variables, key=lambda variable: order.index(_role_of(variable[0]))))


def _roles(layer: StoredLayer, kind: str) -> list[str]:
    """Return the role of each variable: by its name, or by its place in a layer of this class."""
    names = [name for name, _ in layer.variables]
    if not all(name.isdecimal() for name in names):
        return [_role_of(name) for name in names]
    size = len(names)
    if kind in ("BatchNormalization", "SyncBatchNormalization"):
        return (["weight", "bias"] if size == 4 else ["weight"] * (size - 2)) + ["statistics"] * 2
    if kind == "Normalization":
        return ["statistics"] * size
    if kind not in BUILDERS and kind not in _OLD_CLASSES:
        return ["other"] * size
    first = (
        2 if kind.startswith("Separable") or kind.removesuffix("Cell") in ("LSTM", "GRU", "SimpleRNN") else 1
    )
    return (
        ["weight"] * min(first, size)
        + ["bias"] * (min(size, first + 1) - first)
        + ["other"] * (size - first - 1)
    )


def _role_of(name: str) -> str:
    """Return the role that the name of a variable shows."""
    if _STATISTICS.match(name):
        return "statistics"
    if _BIAS.match(name):
        return "bias"
    return "weight" if _WEIGHT.match(name) else "other"


def _conv_axes(shapes: Shapes) -> int:
    """Return the number of spatial axes of one kernel, with or without a bias, otherwise 0."""
    if not 1 <= len(shapes) <= 2 or not 3 <= len(shapes[0]) <= 5:
        return 0
    return len(shapes[0]) - 2 if len(shapes) == 1 or len(shapes[1]) == 1 else 0


def _bias_is(shapes: Shapes, size: int) -> bool:
    return len(shapes) == 1 or shapes[1] == (size,)


def _transposed(shapes: Shapes) -> bool:
    return bool(_conv_axes(shapes)) and _bias_is(shapes, shapes[0][-2])


def _conv(shapes: Shapes) -> bool:
    return bool(_conv_axes(shapes)) and _bias_is(shapes, shapes[0][-1])


def _depthwise(shapes: Shapes) -> bool:
    return bool(_conv_axes(shapes)) and _bias_is(shapes, shapes[0][-2] * shapes[0][-1])


def _separable(shapes: Shapes) -> bool:
    return (
        2 <= len(shapes) <= 3
        and len(shapes[0]) == len(shapes[1]) >= 3
        and (len(shapes) == 2 or shapes[2] == shapes[1][-1:])
    )


def _dense(shapes: Shapes) -> bool:
    return 1 <= len(shapes) <= 2 and len(shapes[0]) == 2 and _bias_is(shapes, shapes[0][-1])


def _batch_norm(shapes: Shapes) -> bool:
    return 2 <= len(shapes) <= 4 and len(set(shapes)) == 1 and len(shapes[0]) == 1


def _einsum_dense(shapes: Shapes) -> bool:
    return 1 <= len(shapes) <= 2 and len(shapes[0]) >= 3


def _any(shapes: Shapes) -> bool:
    return True


_FITS: Mapping[str, Callable[[Shapes], bool]] = MappingProxyType(
    {
        "Dense": _dense,
        "EinsumDense": _einsum_dense,
        "BatchNormalization": _batch_norm,
        "SyncBatchNormalization": _batch_norm,
        **{
            f"{name}{rank}D{end}": rule
            for name, end, rule in (
                ("Conv", "", _conv),
                ("Conv", "Transpose", _transposed),
                ("Convolution", "Transpose", _transposed),
                ("DepthwiseConv", "", _depthwise),
                ("SeparableConv", "", _separable),
                ("SeparableConvolution", "", _separable),
            )
            for rank in (1, 2, 3)
        },
    }
)
"""Whether the shapes of a layer fit its class; classes that are not here have no rule."""


def _fits(class_name: str, shapes: Shapes) -> bool:
    """Return whether a layer of this class can have variables of these shapes."""
    if class_name not in BUILDERS and class_name not in _OLD_CLASSES:
        return False
    rule = _FITS.get(class_name, _any)
    if rule in (_transposed, _conv, _depthwise) and f"{_conv_axes(shapes)}D" not in class_name:
        return False
    return rule(shapes)


def _inferred(shapes: Shapes) -> tuple[str, bool]:
    """Return (class, undecided) from the shapes alone; the class may be empty."""
    rank = _conv_axes(shapes)
    if rank:
        ordinary = _conv(shapes) or _depthwise(shapes)
        if _transposed(shapes):
            return ("", True) if ordinary else (f"Conv{rank}DTranspose", False)
        return (f"Conv{rank}D" if _conv(shapes) else f"DepthwiseConv{rank}D" if ordinary else "", False)
    if len(shapes) == 2 and _dense(shapes):
        return "Dense", False
    return ("BatchNormalization" if len(shapes) == 4 and _batch_norm(shapes) else ""), False
