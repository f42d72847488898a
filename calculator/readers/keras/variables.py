"""The variables of dense, convolutional and normalising layers of Keras: what ``build`` adds.

Source: keras.io/api/layers, and tf.keras for what only Keras 2 has.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from calculator.core.formatting import short_repr
from calculator.readers.keras.config_values import (
    MAX_AXES,
    Config,
    Shape,
    UnknownCountError,
    axes,
    channel_axis,
    dim,
    first,
    flag,
    indices,
    listed,
    number,
    whole,
)
from calculator.readers.model import MAX_COUNT, ReadError

Inputs = Sequence[Shape]


@dataclass(frozen=True)
class Part:
    """One variable of a layer: what it is, its shape as Keras stores it, and whether it is trained."""

    kind: Literal["weight", "bias", "other"]
    shape: tuple[int, ...]
    trained: bool = True

    @property
    def count(self) -> int:
        """Its values. Raises ``ReadError`` for more than any model has."""
        if (count := math.prod(self.shape)) > MAX_COUNT:
            raise ReadError(f"One layer would hold {len(str(count))} digits of parameters: no model does.")
        return count


Parts = Iterator[Part]


def bias(config: Config, *shape: int) -> Parts:
    """Yield the bias, unless ``use_bias`` is off."""
    if flag(config, "use_bias", True):
        yield Part("bias", shape)


def dense(config: Config, inputs: Inputs) -> Parts:
    """Yield the kernel (in, units) and the bias."""
    units = number(config, "units")
    yield from adapted(config, (dim(first(inputs), -1), units))
    yield from bias(config, units)


def adapted(config: Config, shape: tuple[int, ...]) -> Parts:
    """Yield a weight; with ``lora_rank`` it is frozen, and two thin ones beside it are trained."""
    if config.get("lora_rank") is None:
        yield Part("weight", shape)
        return
    rank = number(config, "lora_rank")
    yield Part("weight", shape, trained=False)
    yield Part("weight", (*shape[:-1], rank))
    yield Part("weight", (rank, shape[-1]))


def embedding(config: Config, inputs: Inputs) -> Parts:
    """Yield the table of vectors."""
    yield from adapted(config, (number(config, "input_dim"), number(config, "output_dim")))


def reversible(config: Config, inputs: Inputs) -> Parts:
    """Yield the table, and the way back where it is not the same one."""
    yield from embedding(config, inputs)
    if not flag(config, "tie_weights", True):
        yield Part("weight", (number(config, "output_dim"), number(config, "input_dim")))


def einsum_dense(config: Config, inputs: Inputs) -> Parts:
    """Yield kernel and bias by the letters of the equation, as ``ab,bc->ac`` or ``...x,xy->...y``."""
    left, arrow, result = str(config.get("equation")).replace("...", "0").partition("->")
    source, comma, kernel = left.partition(",")
    if not (arrow and comma and kernel.isalpha()) or config.get("lora_rank") is not None:
        raise UnknownCountError("Its equation is not one that Keras documents.")
    shape, wanted = first(inputs), listed("output_shape", config.get("output_shape"))
    pairs = zip(source, shape, strict=False)
    if source.startswith("0"):
        pairs = zip(reversed(source), reversed(shape), strict=False)
    sizes: dict[str, object] = dict(pairs)
    # Its output_shape holds neither the batch nor what the dots stand for.
    named = result.strip("0")[not result.startswith("0") :]
    sizes |= {
        letter: size for letter, size in zip(named[::-1], wanted[::-1], strict=False) if size is not None
    }
    yield Part("weight", _letters(kernel, sizes))
    if lettered := config.get("bias_axes"):
        yield Part("bias", _letters(str(lettered), sizes))


def _letters(letters: str, sizes: dict[str, object]) -> tuple[int, ...]:
    if len(letters) > MAX_AXES:
        raise ReadError(f"An equation of EinsumDense has {len(letters):,} letters for one tensor.")
    if missing := [letter for letter in letters if sizes.get(letter) is None]:
        raise UnknownCountError(
            f"The size of the axis {short_repr(missing[0])} in its equation is not known."
        )
    return tuple(whole("a size of EinsumDense", sizes[letter], 1) for letter in letters)


def conv(rank: int, config: Config, inputs: Inputs) -> Parts:
    """Yield the kernel (*kernel_size, in / groups, filters) and the bias."""
    kernel, filters = axes(config, "kernel_size", rank), number(config, "filters")
    channels, groups = dim(first(inputs), channel_axis(config)), number(config, "groups", 1)
    if channels % groups or filters % groups:
        raise ReadError(
            "groups must divide the channels of a convolution, received "
            f"groups={groups}, {channels} → {filters}."
        )
    yield Part("weight", (*kernel, channels // groups, filters))
    yield from bias(config, filters)


def conv_transpose(rank: int, config: Config, inputs: Inputs) -> Parts:
    """Yield the kernel (*kernel_size, filters, in) and the bias."""
    kernel, filters = axes(config, "kernel_size", rank), number(config, "filters")
    yield Part("weight", (*kernel, filters, dim(first(inputs), channel_axis(config))))
    yield from bias(config, filters)


def depthwise(rank: int, config: Config, inputs: Inputs) -> Parts:
    """Yield a kernel for each input channel, and the bias."""
    channels, multiplier = dim(first(inputs), channel_axis(config)), number(config, "depth_multiplier", 1)
    yield Part("weight", (*axes(config, "kernel_size", rank), channels, multiplier))
    yield from bias(config, channels * multiplier)


def separable(rank: int, config: Config, inputs: Inputs) -> Parts:
    """Yield the depthwise and the pointwise kernel, and one bias."""
    channels, multiplier = dim(first(inputs), channel_axis(config)), number(config, "depth_multiplier", 1)
    filters = number(config, "filters")
    yield Part("weight", (*axes(config, "kernel_size", rank), channels, multiplier))
    yield Part("weight", (*(1,) * rank, channels * multiplier, filters))
    yield from bias(config, filters)


def normalized(config: Config, inputs: Inputs) -> tuple[int, ...]:
    """Return the sizes of the axes that are normalised."""
    shape = first(inputs)
    return tuple(dim(shape, axis) for axis in indices(config, "axis", -1))


def batch_norm(config: Config, inputs: Inputs) -> Parts:
    """Yield gamma, beta and the moving statistics, which are never trained."""
    shape = normalized(config, inputs)
    if flag(config, "scale", True):
        yield Part("weight", shape)
    if flag(config, "center", True):
        yield Part("bias", shape)
    # With renorm: the moving deviation, and a mean and a deviation to renormalise with.
    for _ in range(5 if flag(config, "renorm", False) else 2):
        yield Part("other", shape, trained=False)


def norm(config: Config, inputs: Inputs) -> Parts:
    """Yield gamma and beta of a layer or group normalisation."""
    shape, rms = normalized(config, inputs), flag(config, "rms_scaling", False)
    if rms or flag(config, "scale", True):
        yield Part("weight", shape)
    if flag(config, "center", True) and not rms:
        yield Part("bias", shape)


def rms_norm(config: Config, inputs: Inputs) -> Parts:
    """Yield the scale."""
    yield Part("weight", normalized(config, inputs))


def normalization(config: Config, inputs: Inputs) -> Parts:
    """Yield the mean, the variance and the count that ``adapt`` finds; given ones are no variables."""
    if config.get("mean") is not None:
        return
    shape = () if config.get("axis", -1) is None else normalized(config, inputs)
    for part in (shape, shape, ()):
        yield Part("other", part, trained=False)


def prelu(config: Config, inputs: Inputs) -> Parts:
    """Yield a slope for each value, one for all along ``shared_axes``."""
    shape, shared = first(inputs), indices(config, "shared_axes", None)
    sizes = range(1, len(shape))
    yield Part("weight", tuple(1 if axis in shared else dim(shape, axis) for axis in sizes))


def layer_scale(config: Config, inputs: Inputs) -> Parts:
    """Yield gamma of ConvNeXt's scale."""
    yield Part("weight", (number(config, "projection_dim"),))


def spectrogram(config: Config, inputs: Inputs) -> Parts:
    """Yield the kernels of the Fourier transform, real and imaginary."""
    frame = number(config, "frame_length", 256)
    bins = number(config, "fft_length", 1 << (frame - 1).bit_length()) // 2 + 1
    for _ in range(1 if config.get("mode") in ("real", "imag") else 2):
        yield Part("weight", (frame, 1, bins))
