"""Output shapes of Keras' convolutions, pooling, padding and cropping on 1, 2 or 3 spatial axes.

Every function takes the number of spatial axes first. Sources: https://keras.io/api/layers/convolution_layers/
and https://keras.io/api/layers/pooling_layers/
"""

from calculator.readers.keras.config_values import (
    Config,
    Inputs,
    Shape,
    Size,
    boolean,
    channel_axis,
    checked_integer,
    first_input,
    in_channels,
    integer,
    padding_mode,
    per_axis,
    spatial_sizes,
    unwrap,
    with_spatial_sizes,
)
from calculator.readers.keras.conv_transpose import output_sizes
from calculator.readers.model import ReadError


def _window_positions(size: Size, kernel: int, stride: int, dilation: int, padding: str) -> Size:
    """Return how many positions a window has on one axis, or ``None`` for an axis of any size."""
    if size is None:
        return None
    if padding in ("same", "causal"):  # Both pad so that only the stride changes the size.
        return -(-size // stride)
    return max((size - dilation * (kernel - 1) - 1) // stride + 1, 0)


def _after_window(
    rank: int, config: Config, shape: Shape, key: str, default: int | None = None
) -> tuple[Size, ...]:
    """Return the spatial sizes after a window of the size in the option ``key`` moved over ``shape``."""
    sizes = spatial_sizes(config, shape)
    kernel = per_axis(config, key, rank, default)
    # Pooling windows do not overlap by default, convolutions move by one position.
    pooling = config.get("strides") is None and key == "pool_size"
    strides = kernel if pooling else per_axis(config, "strides", rank, 1)
    dilations, padding = per_axis(config, "dilation_rate", rank, 1), padding_mode(config)
    return tuple(
        _window_positions(sizes[axis], kernel[axis], strides[axis], dilations[axis], padding)
        for axis in range(rank)
    )


def _with_sizes(config: Config, shape: Shape, sizes: tuple[Size, ...]) -> Shape:
    """Return ``shape`` with other spatial sizes, and the same batch and channels."""
    return with_spatial_sizes(config, shape, sizes, shape[channel_axis(config)])


def conv(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after a convolution.

    >>> conv(2, {"filters": 8, "kernel_size": 3, "strides": 2}, [(None, 28, 28, 1)])
    (None, 13, 13, 8)
    """
    shape = first_input(inputs)
    sizes = _after_window(rank, config, shape, "kernel_size")
    return with_spatial_sizes(config, shape, sizes, integer(config, "filters"))


def depthwise_conv(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after a depthwise convolution."""
    shape = first_input(inputs)
    channels = in_channels(config, inputs) * integer(config, "depth_multiplier", 1)
    sizes = _after_window(rank, config, shape, "kernel_size")
    return with_spatial_sizes(config, shape, sizes, channels)


def conv_transpose(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after a transposed convolution."""
    shape = first_input(inputs)
    sizes = output_sizes(config, rank, spatial_sizes(config, shape))
    return with_spatial_sizes(config, shape, sizes, integer(config, "filters"))


def pool(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after pooling."""
    shape = first_input(inputs)
    return _with_sizes(config, shape, _after_window(rank, config, shape, "pool_size", 2))


def global_pool(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after pooling over all positions: spatial sizes of 1, or no spatial axes."""
    shape = first_input(inputs)
    if boolean(config, "keepdims", False):
        return _with_sizes(config, shape, (1,) * rank)
    return shape[0], shape[channel_axis(config)]


def adaptive_pool(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after pooling to the size in the option ``output_size``."""
    return _with_sizes(config, first_input(inputs), per_axis(config, "output_size", rank))


def upsampling(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after repeating each position ``size`` times."""
    shape, factors = first_input(inputs), per_axis(config, "size", rank, 2)
    pairs = zip(spatial_sizes(config, shape), factors, strict=False)
    return _with_sizes(config, shape, tuple(None if size is None else size * by for size, by in pairs))


def padding_or_cropping(sign: int, key: str, rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape with the amounts in ``key`` added (sign 1) or removed (sign −1) at both ends.

    The option ``key`` is one number, one number per axis, or one pair (begin, end) per axis.
    Raises ``ReadError`` for another number of axes.

    >>> padding_or_cropping(1, "padding", 2, {"padding": [[1, 0], [2, 2]]}, [(None, 5, 5, 3)])
    (None, 6, 9, 3)
    """
    shape, value = first_input(inputs), unwrap(config.get(key, 1))
    amounts = value if isinstance(value, list) else [value] * rank
    if rank == 1 and len(amounts) == 2:  # A 1-D layer stores its only pair without a list around it.
        amounts = [amounts]
    if len(amounts) != rank:
        raise ReadError(f"In a Keras configuration {key} must have {rank} values, received {len(amounts)}.")
    totals = []
    for item in map(unwrap, amounts):
        pair = item if isinstance(item, list) else [item, item]
        totals.append(sum(checked_integer(key, amount, 0) for amount in pair))
    pairs = zip(spatial_sizes(config, shape), totals, strict=False)
    sizes = tuple(None if size is None else max(size + sign * total, 0) for size, total in pairs)
    return _with_sizes(config, shape, sizes)


def conv_lstm(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after a convolutional LSTM."""
    shape = first_input(inputs)
    one_step = conv(rank, config, without_time(inputs[:1]))
    return (*shape[:2], *one_step[1:]) if boolean(config, "return_sequences", False) else one_step


def without_time(inputs: Inputs) -> tuple[Shape, ...]:
    """Return the shapes without the time axis, which is the second axis.

    >>> without_time([(None, 10, 8, 8, 3)])
    ((None, 8, 8, 3),)
    """
    return tuple((*shape[:1], *shape[2:]) for shape in inputs)
