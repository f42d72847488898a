"""The shape that each standard layer of Keras returns: for configurations that do not say what comes in."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from calculator.readers.keras import window_shapes
from calculator.readers.keras.config_values import (
    MAX_AXES,
    Config,
    Shape,
    UnknownCountError,
    channel_axis,
    first,
    flag,
    indices,
    listed,
    number,
    shape_of,
    whole,
    with_spatial,
)
from calculator.readers.keras.layer_rules import NOTHING, RANKS
from calculator.readers.model import MAX_COUNT

Inputs = Sequence[Shape]
Size = int | None
Rule = Callable[[Config, Inputs], Shape]

# fmt: off
ELEMENTWISE = frozenset({
    "math.add", "math.subtract", "math.multiply", "math.truediv", "math.divide", "math.maximum",
    "math.minimum", "math.pow", "math.exp", "math.sqrt", "math.square", "math.abs", "math.negative",
    "math.tanh", "math.sigmoid", "__operators__.add", "__operators__.sub", "nn.relu", "nn.relu6",
    "nn.sigmoid", "nn.tanh", "nn.silu", "nn.gelu", "nn.softmax", "cast", "identity", "clip_by_value",
})
# fmt: on
"""Functions of TensorFlow that Keras 2 turns into layers and that keep the shape."""


def outputs(kind: str, config: Config, inputs: Inputs) -> tuple[Shape, ...]:
    """Return the shapes that a layer of class ``kind`` returns; none where they are not known.

    >>> outputs("Conv2D", {"filters": 8, "kernel_size": 3, "strides": 2}, [(None, 28, 28, 1)])
    ((None, 13, 13, 8),)
    """
    rule = RULES.get(kind)
    if not inputs or (rule is None and kind not in SAME):
        return ()
    try:
        found = rule(config, inputs) if rule else inputs[0]
    except (UnknownCountError, IndexError):
        return ()
    if len(found) > MAX_AXES or any(size is not None and not 0 <= size <= MAX_COUNT for size in found):
        return ()
    # A recurrent layer's states come after what it returns, and are all of its last size.
    states = 2 if flag(config, "return_state", False) else 0
    return (found, *[(found[0], found[-1])] * states)


def _dense(config: Config, inputs: Inputs) -> Shape:
    return (*first(inputs)[:-1], number(config, "units"))


def _embedding(config: Config, inputs: Inputs) -> Shape:
    return (*first(inputs), number(config, "output_dim"))


def _product(sizes: Shape) -> Size:
    known = [size for size in sizes if size is not None]
    return math.prod(known) if len(known) == len(sizes) else None


def _flatten(config: Config, inputs: Inputs) -> Shape:
    return first(inputs)[0], _product(first(inputs)[1:])


def _reshape(config: Config, inputs: Inputs) -> Shape:
    shape = first(inputs)
    target = [whole("target_shape", size, -1) for size in listed("target_shape", config.get("target_shape"))]
    total, rest = _product(shape[1:]), math.prod(size for size in target if size != -1)
    free = total // rest if total is not None and rest else None
    return (shape[0], *(free if size == -1 else size for size in target))


def _permute(config: Config, inputs: Inputs) -> Shape:
    shape = first(inputs)
    return (shape[0], *(shape[axis] for axis in indices(config, "dims", None)))


def _repeat(config: Config, inputs: Inputs) -> Shape:
    return first(inputs)[0], number(config, "n"), first(inputs)[1]


def _resized(config: Config, inputs: Inputs) -> Shape:
    shape = first(inputs)
    sizes = (number(config, "height"), number(config, "width"))
    return with_spatial(config, shape, sizes, shape[channel_axis(config)])


def _concatenated(config: Config, inputs: Inputs) -> Shape:
    shape = first(inputs)
    place = indices(config, "axis", -1)[0] % len(shape)
    return (*shape[:place], _total([other[place] for other in inputs]), *shape[place + 1 :])


def _total(sizes: Sequence[Size]) -> Size:
    known = [size for size in sizes if size is not None]
    return sum(known) if len(known) == len(sizes) else None


def _merged(config: Config, inputs: Inputs) -> Shape:
    """Return the shape of values that are added or multiplied place by place, sizes of 1 repeated."""
    longest = max(inputs, key=len)
    merged: list[Size] = []
    for place in range(-len(longest), 0):
        sizes = {shape[place] for shape in inputs if len(shape) >= -place} - {1}
        merged.append(sizes.pop() if len(sizes) == 1 else None if sizes else 1)
    return tuple(merged)


def _recurrent(config: Config, inputs: Inputs) -> Shape:
    shape, units = first(inputs), number(config, "units")
    return (shape[0], shape[1], units) if flag(config, "return_sequences", False) else (shape[0], units)


def _multi_head(config: Config, inputs: Inputs) -> Shape:
    asked = config.get("output_shape")
    result = shape_of(asked if isinstance(asked, list) else [asked])
    return first(inputs) if asked is None or result is None else (*first(inputs)[:-1], *result)


def _attention(config: Config, inputs: Inputs) -> Shape:
    value = inputs[1] if len(inputs) > 1 else first(inputs)
    return (*first(inputs)[:-1], value[-1])


def _operation(config: Config, inputs: Inputs) -> Shape:
    if str(config.get("function"))[:100] not in ELEMENTWISE:
        raise UnknownCountError("What this function returns is not known.")
    return _merged(config, inputs)


def _rules() -> dict[str, Rule]:
    """Return the rule of each class that changes the shape."""
    found: dict[str, Rule] = {
        "Dense": _dense, "Embedding": _embedding, "Flatten": _flatten, "Reshape": _reshape,
        "Permute": _permute, "RepeatVector": _repeat, "Concatenate": _concatenated, "Resizing": _resized,
        "CenterCrop": _resized, "RandomCrop": _resized, "MultiHeadAttention": _multi_head,
        "Attention": _attention, "AdditiveAttention": _attention, "TFOpLambda": _operation,
    }  # fmt: skip
    found |= dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), _merged)
    found |= dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU"), _recurrent)
    ranked: dict[str, Callable[[int, Config, Inputs], Shape]] = {
        "DepthwiseConv#D": window_shapes.depthwise,
        "ConvLSTM#D": window_shapes.conv_lstm,
        "UpSampling#D": window_shapes.scaled,
        "ZeroPadding#D": partial(window_shapes.edges, 1, "padding"),
        "Cropping#D": partial(window_shapes.edges, -1, "cropping"),
    }
    for name in ("Conv", "Convolution"):
        ranked |= {f"{name}#D": window_shapes.conv, f"Separable{name}#D": window_shapes.conv}
        ranked |= {f"{name}#DTranspose": window_shapes.conv_transpose}
    for start in ("Max", "Average", "Avg"):
        for end in ("Pooling#D", "Pool#D"):
            ranked |= {start + end: window_shapes.pool, f"Global{start}{end}": window_shapes.global_pool}
            ranked |= {f"Adaptive{start}{end}": window_shapes.adaptive_pool}
    return found | {
        name.replace("#", str(rank)): partial(rule, rank) for name, rule in ranked.items() for rank in RANKS
    }


RULES: Mapping[str, Rule] = MappingProxyType(_rules())

SAME = (
    NOTHING
    - RULES.keys()
    - {"Dot", "Merge", "CategoryEncoding", "TextVectorization", "MelSpectrogram"}
    - {"RandomHeight", "RandomWidth", "SlicingOpLambda", "TensorFlowOpLayer", "HashedCrossing"}
    - {"CustomScaleLayer"}
) | {
    "BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization", "LayerNormalization", "PReLU",
    "GroupNormalization", "RMSNormalization", "Normalization", "LayerScale", "GroupQueryAttention",
}  # fmt: skip
"""The classes that return what shape they were given."""
