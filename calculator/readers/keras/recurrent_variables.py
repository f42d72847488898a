"""The variables of recurrent and attention layers of Keras: what ``build`` gives to ``add_weight``.

Source: keras.io/api/layers, and tf.keras for what only Keras 2 has.
"""

from calculator.readers.keras.config_values import (
    Config,
    axes,
    channel_axis,
    dim,
    first,
    flag,
    listed,
    number,
    whole,
)
from calculator.readers.keras.variables import Inputs, Part, Parts, bias


def recurrent(gates: int, config: Config, inputs: Inputs) -> Parts:
    """Yield kernel, recurrent kernel and bias; GRU with ``reset_after`` has two rows of biases."""
    units = number(config, "units")
    yield Part("weight", (dim(first(inputs), -1), gates * units))
    yield Part("weight", (units, gates * units))
    both = gates == 3 and flag(config, "reset_after", True)
    yield from bias(config, *(2,) * both, gates * units)


def cudnn(gates: int, config: Config, inputs: Inputs) -> Parts:
    """Yield what the layers for CUDA of Keras 2 hold: always two biases."""
    units = number(config, "units")
    yield Part("weight", (dim(first(inputs), -1), gates * units))
    yield Part("weight", (units, gates * units))
    yield Part("bias", (2 * gates * units,))


def conv_lstm(rank: int, config: Config, inputs: Inputs) -> Parts:
    """Yield kernel, recurrent kernel and bias of the four gates."""
    kernel, filters = axes(config, "kernel_size", rank), number(config, "filters")
    channels = dim(first(inputs), 2 if channel_axis(config) == 1 else -1)
    yield Part("weight", (*kernel, channels, 4 * filters))
    yield Part("weight", (*kernel, filters, 4 * filters))
    yield from bias(config, 4 * filters)


def multi_head(config: Config, inputs: Inputs) -> Parts:
    """Yield the projections of query, key and value, the gate if there is one, and that of the output."""
    heads, size = number(config, "num_heads"), number(config, "key_dim")
    value_size, query = number(config, "value_dim", size), first(inputs)
    value = inputs[1] if len(inputs) > 1 else query
    key = inputs[2] if len(inputs) > 2 else value
    wanted = listed("output_shape", config.get("output_shape")) or [dim(query, -1)]
    result = tuple(whole("output_shape", item, 1) for item in wanted)
    sources = [(query, size), (key, size), *[(query, value_size)] * flag(config, "use_gate", False)]
    for source, width in (*sources, (value, value_size)):
        yield Part("weight", (dim(source, -1), heads, width))
        yield from bias(config, heads, width)
    yield Part("weight", (heads, value_size, *result))
    yield from bias(config, *result)


def grouped_query(config: Config, inputs: Inputs) -> Parts:
    """Yield the projections, where several query heads share a key and a value head."""
    heads, size = number(config, "num_query_heads"), number(config, "head_dim")
    few, query = number(config, "num_key_value_heads"), first(inputs)
    value = inputs[1] if len(inputs) > 1 else query
    key = inputs[2] if len(inputs) > 2 else value
    queries = [(query, heads)] * (1 + flag(config, "use_gate", False))
    for source, count in (*queries, (key, few), (value, few)):
        yield Part("weight", (dim(source, -1), count, size))
        yield from bias(config, count, size)
    yield Part("weight", (heads, size, dim(query, -1)))
    yield from bias(config, dim(query, -1))


def attention(config: Config, inputs: Inputs) -> Parts:
    """Yield the scale and the weight of the score, a single number each."""
    for present in (flag(config, "use_scale", False), config.get("score_mode") == "concat"):
        if present:
            yield Part("weight", ())


def additive(config: Config, inputs: Inputs) -> Parts:
    """Yield the scale."""
    if flag(config, "use_scale", True):
        yield Part("weight", (dim(first(inputs), -1),))
