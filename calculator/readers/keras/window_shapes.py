"""The shapes that convolutions, pooling, padding and cropping of Keras return, for 1, 2 or 3 spatial axes."""

from collections.abc import Sequence

from calculator.readers.keras.config_values import (
    Config,
    Shape,
    axes,
    channel_axis,
    dim,
    first,
    flag,
    number,
    spatial,
    unwrapped,
    whole,
    with_spatial,
)
from calculator.readers.model import ReadError

Inputs = Sequence[Shape]
Size = int | None


def _length(size: Size, kernel: int, stride: int, dilation: int, padding: str) -> Size:
    if size is None:
        return None
    if padding in ("same", "causal"):
        return -(-size // stride)
    return max((size - dilation * (kernel - 1) - 1) // stride + 1, 0)


def _window(
    rank: int, config: Config, shape: Shape, key: str, default: int | None = None
) -> tuple[Size, ...]:
    """Return the sizes after a window has moved over ``shape``."""
    sizes = spatial(config, shape)
    kernel = axes(config, key, rank, default)
    stride = (
        kernel if config.get("strides") is None and key == "pool_size" else axes(config, "strides", rank, 1)
    )
    dilation = axes(config, "dilation_rate", rank, 1)
    word = str(config.get("padding") or "valid").lower()
    return tuple(
        _length(sizes[axis], kernel[axis], stride[axis], dilation[axis], word) for axis in range(rank)
    )


def conv(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after a convolution."""
    sizes = _window(rank, config, first(inputs), "kernel_size")
    return with_spatial(config, first(inputs), sizes, number(config, "filters"))


def depthwise(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after a depthwise convolution."""
    shape = first(inputs)
    channels = dim(shape, channel_axis(config)) * number(config, "depth_multiplier", 1)
    return with_spatial(config, shape, _window(rank, config, shape, "kernel_size"), channels)


def conv_transpose(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after a transposed convolution."""
    shape, kernel = first(inputs), axes(config, "kernel_size", rank)
    stride, dilation = axes(config, "strides", rank, 1), axes(config, "dilation_rate", rank, 1)
    asked = None if config.get("output_padding") is None else axes(config, "output_padding", rank, minimum=0)
    same = str(config.get("padding") or "valid").lower() == "same"
    sizes: list[Size] = []
    for axis, size in enumerate(spatial(config, shape)):
        extent = dilation[axis] * (kernel[axis] - 1) + 1
        minimum = extent % 2 if same else extent
        extra = max(stride[axis] - minimum, 0) if asked is None else asked[axis]
        if asked is None and same:
            extra = stride[axis] - minimum
        sizes.append(None if size is None else (size - 1) * stride[axis] + minimum + extra)
    return with_spatial(config, shape, sizes, number(config, "filters"))


def pool(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after pooling."""
    shape = first(inputs)
    return with_spatial(
        config, shape, _window(rank, config, shape, "pool_size", 2), shape[channel_axis(config)]
    )


def global_pool(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after pooling over everything."""
    shape = first(inputs)
    channels = shape[channel_axis(config)]
    if flag(config, "keepdims", False):
        return with_spatial(config, shape, (1,) * rank, channels)
    return shape[0], channels


def adaptive_pool(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after pooling to a given size."""
    shape = first(inputs)
    return with_spatial(config, shape, axes(config, "output_size", rank), shape[channel_axis(config)])


def scaled(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after upsampling."""
    shape, factors = first(inputs), axes(config, "size", rank, 2)
    pairs = zip(spatial(config, shape), factors, strict=False)
    sizes = [None if size is None else size * factor for size, factor in pairs]
    return with_spatial(config, shape, sizes, shape[channel_axis(config)])


def edges(sign: int, key: str, rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape with ``key`` added (zero padding) or taken away (cropping) at both ends."""
    shape, value = first(inputs), unwrapped(config.get(key, 1))
    ends = value if isinstance(value, list) else [value] * rank
    if rank == 1 and len(ends) == 2:
        ends = [ends]
    if len(ends) != rank:
        raise ReadError(f"In a Keras configuration {key} must have {rank} values, received {len(ends)}.")
    amounts = []
    for item in map(unwrapped, ends):
        pair = item if isinstance(item, list) else [item, item]
        amounts.append(sum(whole(key, amount, 0) for amount in pair))
    pairs = zip(spatial(config, shape), amounts, strict=False)
    sizes = [None if size is None else max(size + sign * amount, 0) for size, amount in pairs]
    return with_spatial(config, shape, sizes, shape[channel_axis(config)])


def conv_lstm(rank: int, config: Config, inputs: Inputs) -> Shape:
    """Return the shape after a convolutional LSTM."""
    shape = first(inputs)
    inner = conv(rank, config, [(shape[0], *shape[2:])])
    return (*shape[:2], *inner[1:]) if flag(config, "return_sequences", False) else inner


def without_time(inputs: Inputs) -> tuple[Shape, ...]:
    """Return the shapes without the axis of time, as ``TimeDistributed`` hands them on."""
    return tuple((*shape[:1], *shape[2:]) for shape in inputs)
