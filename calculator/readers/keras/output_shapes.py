"""Output shapes of the standard Keras layers, for configurations that contain no input shapes."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from calculator.readers.keras import window_shapes
from calculator.readers.keras.config_values import (
    MAX_AXES,
    RANKS,
    Config,
    Inputs,
    Shape,
    Size,
    UnknownCountError,
    as_list,
    axis_indices,
    boolean,
    channel_axis,
    checked_integer,
    first_input,
    integer,
    parse_shape,
    with_spatial_sizes,
)
from calculator.readers.keras.layer_rules import WITHOUT_PARAMETERS
from calculator.readers.model import MAX_COUNT

Rule = Callable[[Config, Inputs], Shape]

# fmt: off
ELEMENTWISE = frozenset({
    "math.add", "math.subtract", "math.multiply", "math.truediv", "math.divide", "math.maximum",
    "math.minimum", "math.pow", "math.exp", "math.sqrt", "math.square", "math.abs", "math.negative",
    "math.tanh", "math.sigmoid", "__operators__.add", "__operators__.sub", "nn.relu", "nn.relu6",
    "nn.sigmoid", "nn.tanh", "nn.silu", "nn.gelu", "nn.softmax", "cast", "identity", "clip_by_value",
})
# fmt: on
"""TensorFlow functions that Keras 2 turns into layers and that work on each value by itself."""


def layer_output_shapes(class_name: str, config: Config, inputs: Inputs) -> tuple[Shape, ...]:
    """Return the shapes that a layer of this class returns, or an empty tuple where they are not known.

    Raises ``ReadError`` for invalid settings.

    >>> layer_output_shapes("Conv2D", {"filters": 8, "kernel_size": 3, "strides": 2}, [(None, 28, 28, 1)])
    ((None, 13, 13, 8),)
    """
    rule = RULES.get(class_name)
    if not inputs or (rule is None and class_name not in SHAPE_PRESERVING):
        return ()
    try:
        shape = rule(config, inputs) if rule else inputs[0]
    except (UnknownCountError, IndexError):
        return ()
    # Sizes may grow at every layer of a hostile file, so they are limited here.
    if len(shape) > MAX_AXES or any(size is not None and not 0 <= size <= MAX_COUNT for size in shape):
        return ()
    # A recurrent layer with return_state also returns its states, which have no time axis. An LSTM has two
    # states; a second one for GRU and SimpleRNN is never referred to.
    states = 2 if boolean(config, "return_state", False) else 0
    return (shape, *[(shape[0], shape[-1])] * states)


def _dense(config: Config, inputs: Inputs) -> Shape:
    return (*first_input(inputs)[:-1], integer(config, "units"))


def _embedding(config: Config, inputs: Inputs) -> Shape:
    return (*first_input(inputs), integer(config, "output_dim"))


def _combine(operation: Callable[[Sequence[int]], int], sizes: Sequence[Size]) -> Size:
    """Return the sum or product of sizes, or ``None`` where one of them is not known."""
    known = [size for size in sizes if size is not None]
    return operation(known) if len(known) == len(sizes) else None


def _flatten(config: Config, inputs: Inputs) -> Shape:
    return first_input(inputs)[0], _combine(math.prod, first_input(inputs)[1:])


def _reshape(config: Config, inputs: Inputs) -> Shape:
    """Return the batch and the ``target_shape``; a size of −1 takes the values that remain."""
    shape = first_input(inputs)
    sizes = as_list("target_shape", config.get("target_shape"))
    target = [checked_integer("target_shape", size, -1) for size in sizes]
    total, others = _combine(math.prod, shape[1:]), math.prod(size for size in target if size != -1)
    remaining = total // others if total is not None and others else None
    return (shape[0], *(remaining if size == -1 else size for size in target))


def _permute(config: Config, inputs: Inputs) -> Shape:
    shape = first_input(inputs)
    return (shape[0], *(shape[axis] for axis in axis_indices(config, "dims", None)))


def _repeat_vector(config: Config, inputs: Inputs) -> Shape:
    return first_input(inputs)[0], integer(config, "n"), first_input(inputs)[1]


def _resize(config: Config, inputs: Inputs) -> Shape:
    shape = first_input(inputs)
    sizes = (integer(config, "height"), integer(config, "width"))
    return with_spatial_sizes(config, shape, sizes, shape[channel_axis(config)])


def _concatenate(config: Config, inputs: Inputs) -> Shape:
    shape = first_input(inputs)
    axis = axis_indices(config, "axis", -1)[0] % len(shape)
    return (*shape[:axis], _combine(sum, [other[axis] for other in inputs]), *shape[axis + 1 :])


def _broadcast(config: Config, inputs: Inputs) -> Shape:
    """Return the shape of inputs that are combined value by value, where sizes of 1 are repeated."""
    longest = max(inputs, key=len)
    result: list[Size] = []
    for axis in range(-len(longest), 0):
        sizes = {shape[axis] for shape in inputs if len(shape) >= -axis} - {1}
        result.append(sizes.pop() if len(sizes) == 1 else None if sizes else 1)
    return tuple(result)


def _recurrent(config: Config, inputs: Inputs) -> Shape:
    shape, units = first_input(inputs), integer(config, "units")
    return (shape[0], shape[1], units) if boolean(config, "return_sequences", False) else (shape[0], units)


def _multi_head(config: Config, inputs: Inputs) -> Shape:
    """Return the shape of the query, with ``output_shape`` in place of its features if that is set."""
    option = config.get("output_shape")
    features = parse_shape(option if isinstance(option, list) else [option])
    query = first_input(inputs)
    return query if option is None or features is None else (*query[:-1], *features)


def _attention(config: Config, inputs: Inputs) -> Shape:
    value = inputs[1] if len(inputs) > 1 else first_input(inputs)
    return (*first_input(inputs)[:-1], value[-1])


def _tensorflow_function(config: Config, inputs: Inputs) -> Shape:
    if str(config.get("function")) not in ELEMENTWISE:
        raise UnknownCountError("The output shape of this function is not known.")
    return _broadcast(config, inputs)


def _rules() -> dict[str, Rule]:
    """Return class name → rule for every class whose output shape differs from its input shape."""
    rules: dict[str, Rule] = {
        "Dense": _dense, "Embedding": _embedding, "Flatten": _flatten, "Reshape": _reshape,
        "Permute": _permute, "RepeatVector": _repeat_vector, "Concatenate": _concatenate,
        "Resizing": _resize, "CenterCrop": _resize, "RandomCrop": _resize,
        "MultiHeadAttention": _multi_head, "Attention": _attention, "AdditiveAttention": _attention,
        "TFOpLambda": _tensorflow_function,
    }  # fmt: skip
    rules |= dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), _broadcast)
    rules |= dict.fromkeys(("SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU"), _recurrent)
    by_rank: dict[str, Callable[[int, Config, Inputs], Shape]] = {
        "DepthwiseConv#D": window_shapes.depthwise_conv,
        "ConvLSTM#D": window_shapes.conv_lstm,
        "UpSampling#D": window_shapes.upsampling,
        "ZeroPadding#D": partial(window_shapes.padding_or_cropping, 1, "padding"),
        "Cropping#D": partial(window_shapes.padding_or_cropping, -1, "cropping"),
    }
    for name in ("Conv", "Convolution"):
        by_rank |= {f"{name}#D": window_shapes.conv, f"Separable{name}#D": window_shapes.conv}
        by_rank |= {f"{name}#DTranspose": window_shapes.conv_transpose}
    for start in ("Max", "Average", "Avg"):
        for end in ("Pooling#D", "Pool#D"):
            by_rank |= {start + end: window_shapes.pool, f"Global{start}{end}": window_shapes.global_pool}
            by_rank |= {f"Adaptive{start}{end}": window_shapes.adaptive_pool}
    return rules | {
        name.replace("#", str(rank)): partial(rule, rank) for name, rule in by_rank.items() for rank in RANKS
    }


RULES: Mapping[str, Rule] = MappingProxyType(_rules())

SHAPE_PRESERVING = (
    WITHOUT_PARAMETERS
    - RULES.keys()
    - {"Dot", "Merge", "CategoryEncoding", "TextVectorization", "MelSpectrogram"}
    - {"RandomHeight", "RandomWidth", "SlicingOpLambda", "TensorFlowOpLayer", "HashedCrossing"}
    - {"CustomScaleLayer"}
) | {
    "BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization", "LayerNormalization", "PReLU",
    "GroupNormalization", "RMSNormalization", "Normalization", "LayerScale", "GroupQueryAttention",
}  # fmt: skip
"""The classes whose output has the shape of their first input."""
