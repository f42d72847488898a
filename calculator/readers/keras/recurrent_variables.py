"""Shapes of the variables of recurrent and attention layers of Keras, as ``build`` creates them.

Sources: https://keras.io/api/layers/ and, for layers that exist only in Keras 2,
https://www.tensorflow.org/api_docs/python/tf/compat/v1/keras/layers
"""

from calculator.readers.keras.config_values import (
    Config,
    Inputs,
    Shape,
    as_list,
    boolean,
    channel_axis,
    checked_integer,
    first_input,
    fixed_size,
    integer,
    per_axis,
)
from calculator.readers.keras.variables import Variable, Variables, bias


def _kernels(gates: int, units: int, inputs: Inputs) -> Variables:
    """Yield the kernel (in, gates · units) and the recurrent kernel (units, gates · units)."""
    yield Variable("weight", (fixed_size(first_input(inputs), -1), gates * units))
    yield Variable("weight", (units, gates * units))


def recurrent(gates: int, config: Config, inputs: Inputs) -> Variables:
    """Yield kernel, recurrent kernel and bias of a layer with 1 gate (SimpleRNN), 3 (GRU) or 4 (LSTM).

    >>> [each.shape for each in recurrent(3, {"units": 2}, [(None, 5, 8)])]
    [(8, 6), (2, 6), (2, 6)]
    """
    units = integer(config, "units")
    yield from _kernels(gates, units, inputs)
    # A GRU with reset_after applies the reset gate after the matrix product, so input and recurrent kernel
    # need a bias each: Keras stores them as (2, 3 · units) (GRUCell.build, keras/src/layers/rnn/gru.py).
    # reset_after is on by default, also for a configuration that does not contain it.
    two_biases = gates == 3 and boolean(config, "reset_after", True)
    yield from bias(config, *(2,) * two_biases, gates * units)


def cudnn(gates: int, config: Config, inputs: Inputs) -> Variables:
    """Yield the variables of CuDNNGRU and CuDNNLSTM of Keras 2, which always have two biases."""
    units = integer(config, "units")
    yield from _kernels(gates, units, inputs)
    yield Variable("bias", (2 * gates * units,))


def conv_lstm(rank: int, config: Config, inputs: Inputs) -> Variables:
    """Yield kernel, recurrent kernel and bias of the four gates."""
    kernel_size, filters = per_axis(config, "kernel_size", rank), integer(config, "filters")
    # Axis 1 is the time, so with channels_first the channels are on axis 2.
    in_channels = fixed_size(first_input(inputs), 2 if channel_axis(config) == 1 else -1)
    yield Variable("weight", (*kernel_size, in_channels, 4 * filters))
    yield Variable("weight", (*kernel_size, filters, 4 * filters))
    yield from bias(config, 4 * filters)


def _query_value_key(inputs: Inputs) -> tuple[Shape, Shape, Shape]:
    """Return the shapes of query, value and key. The value defaults to the query, the key to the value."""
    query = first_input(inputs)
    value = inputs[1] if len(inputs) > 1 else query
    return query, value, inputs[2] if len(inputs) > 2 else value


def _projection(config: Config, shape: Shape, heads: int, size: int) -> Variables:
    """Yield the weight and the bias that project a tensor of this shape to ``heads`` heads."""
    yield Variable("weight", (fixed_size(shape, -1), heads, size))
    yield from bias(config, heads, size)


def multi_head(config: Config, inputs: Inputs) -> Variables:
    """Yield the projections of query, key, optional gate and value, then the output projection."""
    heads, key_size = integer(config, "num_heads"), integer(config, "key_dim")
    value_size = integer(config, "value_dim", key_size)
    query, value, key = _query_value_key(inputs)
    yield from _projection(config, query, heads, key_size)
    yield from _projection(config, key, heads, key_size)
    if boolean(config, "use_gate", False):
        yield from _projection(config, query, heads, value_size)
    yield from _projection(config, value, heads, value_size)
    # Without output_shape the output has as many features as the query.
    sizes = as_list("output_shape", config.get("output_shape")) or [fixed_size(query, -1)]
    output_shape = tuple(checked_integer("output_shape", size, 1) for size in sizes)
    yield Variable("weight", (heads, value_size, *output_shape))
    yield from bias(config, *output_shape)


def grouped_query(config: Config, inputs: Inputs) -> Variables:
    """Yield the projections of a grouped-query attention, whose query heads share key and value heads."""
    heads, size = integer(config, "num_query_heads"), integer(config, "head_dim")
    key_value_heads = integer(config, "num_key_value_heads")
    query, value, key = _query_value_key(inputs)
    yield from _projection(config, query, heads, size)
    if boolean(config, "use_gate", False):
        yield from _projection(config, query, heads, size)
    yield from _projection(config, key, key_value_heads, size)
    yield from _projection(config, value, key_value_heads, size)
    features = fixed_size(query, -1)
    yield Variable("weight", (heads, size, features))
    yield from bias(config, features)


def attention(config: Config, inputs: Inputs) -> Variables:
    """Yield the scale and the weight of the concatenated score, a single number each."""
    for present in (boolean(config, "use_scale", False), config.get("score_mode") == "concat"):
        if present:
            yield Variable("weight", ())


def additive_attention(config: Config, inputs: Inputs) -> Variables:
    """Yield the scale, one number for each feature of the query."""
    if boolean(config, "use_scale", True):
        yield Variable("weight", (fixed_size(first_input(inputs), -1),))
