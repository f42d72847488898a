"""Shapes of the variables of dense, convolutional and normalising Keras layers, as ``build`` creates them.

Sources: https://keras.io/api/layers/ and, for options that exist only in Keras 2,
https://www.tensorflow.org/api_docs/python/tf/keras/layers
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from calculator.core.formatting import short_repr
from calculator.readers.keras.config_values import (
    MAX_AXES,
    Config,
    Inputs,
    UnknownCountError,
    as_list,
    axis_indices,
    boolean,
    checked_integer,
    first_input,
    fixed_size,
    in_channels,
    integer,
    per_axis,
)
from calculator.readers.model import MAX_COUNT, ReadError


@dataclass(frozen=True)
class Variable:
    """One variable of a layer: its kind, its shape as Keras stores it, and whether it is trainable."""

    kind: Literal["weight", "bias", "other"]
    shape: tuple[int, ...]
    trainable: bool = True

    @property
    def count(self) -> int:
        """Number of values. Raises ``ReadError`` above ``MAX_COUNT``."""
        if (count := math.prod(self.shape)) > MAX_COUNT:
            raise ReadError(
                "One layer would have more than 10^18 parameters, so the configuration is probably damaged."
            )
        return count


Variables = Iterator[Variable]


def bias(config: Config, *shape: int) -> Variables:
    """Yield the bias of this shape, unless ``use_bias`` is off."""
    if boolean(config, "use_bias", True):
        yield Variable("bias", shape)


def dense(config: Config, inputs: Inputs) -> Variables:
    """Yield the kernel (in, units) and the bias."""
    units = integer(config, "units")
    yield from weight_with_lora(config, (fixed_size(first_input(inputs), -1), units))
    yield from bias(config, units)


def weight_with_lora(config: Config, shape: tuple[int, ...]) -> Variables:
    """Yield a weight, and with the option ``lora_rank`` its two low-rank matrices.

    >>> [(each.shape, each.trainable) for each in weight_with_lora({"lora_rank": 2}, (5, 3))]
    [((5, 3), False), ((5, 2), True), ((2, 3), True)]
    """
    if config.get("lora_rank") is None:
        yield Variable("weight", shape)
        return
    # enable_lora() freezes the kernel and trains the two matrices instead, whose product is added to it:
    # https://keras.io/api/layers/core_layers/dense/
    rank = integer(config, "lora_rank")
    yield Variable("weight", shape, trainable=False)
    yield Variable("weight", (*shape[:-1], rank))
    yield Variable("weight", (rank, shape[-1]))


def embedding(config: Config, inputs: Inputs) -> Variables:
    """Yield the table (input_dim, output_dim)."""
    yield from weight_with_lora(config, (integer(config, "input_dim"), integer(config, "output_dim")))


def reversible_embedding(config: Config, inputs: Inputs) -> Variables:
    """Yield the table, and a second, transposed table unless ``tie_weights`` uses the first one twice."""
    yield from embedding(config, inputs)
    if not boolean(config, "tie_weights", True):
        yield Variable("weight", (integer(config, "output_dim"), integer(config, "input_dim")))


def einsum_dense(config: Config, inputs: Inputs) -> Variables:
    """Yield kernel and bias by the letters of an equation such as ``ab,bc->ac`` or ``...x,xy->...y``.

    Raises ``UnknownCountError`` for another form of equation, and for a letter without a known size.
    """
    left, arrow, result = str(config.get("equation")).replace("...", "0").partition("->")
    source, comma, kernel = left.partition(",")
    if not (arrow and comma and kernel.isalpha()) or config.get("lora_rank") is not None:
        raise UnknownCountError("Its equation has a form that Keras does not document.")
    shape, output_shape = first_input(inputs), as_list("output_shape", config.get("output_shape"))
    pairs = zip(source, shape, strict=False)
    if source.startswith("0"):  # Leading dots stand for any number of axes, so count from the end.
        pairs = zip(reversed(source), reversed(shape), strict=False)
    sizes: dict[str, object] = dict(pairs)
    # The option output_shape contains neither the batch axis nor the axes that the dots stand for.
    result_letters = result.strip("0")[not result.startswith("0") :]
    result_sizes = zip(result_letters[::-1], output_shape[::-1], strict=False)
    sizes |= {letter: size for letter, size in result_sizes if size is not None}
    yield Variable("weight", _sizes_of_letters(kernel, sizes))
    if bias_axes := config.get("bias_axes"):
        yield Variable("bias", _sizes_of_letters(str(bias_axes), sizes))


def _sizes_of_letters(letters: str, sizes: dict[str, object]) -> tuple[int, ...]:
    """Return the size of each letter. Raises ``UnknownCountError`` where one of them is not known."""
    if len(letters) > MAX_AXES:
        raise ReadError(
            f"The equation of an EinsumDense has {len(letters):,} letters for one tensor; "
            f"at most {MAX_AXES} are read."
        )
    if missing := [letter for letter in letters if sizes.get(letter) is None]:
        raise UnknownCountError(
            f"The size of the axis {short_repr(missing[0])} in its equation is not known."
        )
    return tuple(checked_integer("a size of EinsumDense", sizes[letter], 1) for letter in letters)


def conv(rank: int, config: Config, inputs: Inputs) -> Variables:
    """Yield the kernel (*kernel_size, in / groups, out) and the bias.

    Raises ``ReadError`` where ``groups`` does not divide both channel counts.
    """
    kernel_size, filters = per_axis(config, "kernel_size", rank), integer(config, "filters")
    channels, groups = _channels(rank, config, inputs), integer(config, "groups", 1)
    if channels % groups or filters % groups:
        raise ReadError(
            "groups must divide the channels of a convolution, received "
            f"groups={groups}, {channels} → {filters}."
        )
    yield Variable("weight", (*kernel_size, channels // groups, filters))
    yield from bias(config, filters)


def conv_transpose(rank: int, config: Config, inputs: Inputs) -> Variables:
    """Yield the kernel (*kernel_size, out, in) and the bias.

    >>> config = {"filters": 32, "kernel_size": 4}
    >>> [each.shape for each in conv_transpose(2, config, [(None, 7, 7, 64)])]
    [(4, 4, 32, 64), (32,)]
    """
    # The two channel axes are swapped in comparison with conv(): Keras stores the kernel of the ordinary
    # convolution that the transposed one is the gradient of.
    filters = integer(config, "filters")
    yield Variable(
        "weight", (*per_axis(config, "kernel_size", rank), filters, _channels(rank, config, inputs))
    )
    yield from bias(config, filters)


def depthwise_conv(rank: int, config: Config, inputs: Inputs) -> Variables:
    """Yield the kernel (*kernel_size, in, depth_multiplier) and a bias for each output channel."""
    kernel = _depthwise_kernel(rank, config, inputs)
    yield kernel
    yield from bias(config, kernel.shape[-2] * kernel.shape[-1])


def separable_conv(rank: int, config: Config, inputs: Inputs) -> Variables:
    """Yield the depthwise kernel, the pointwise kernel and one bias: the depthwise step has no bias."""
    kernel, filters = _depthwise_kernel(rank, config, inputs), integer(config, "filters")
    yield kernel
    yield Variable("weight", (*(1,) * rank, kernel.shape[-2] * kernel.shape[-1], filters))
    yield from bias(config, filters)


def _depthwise_kernel(rank: int, config: Config, inputs: Inputs) -> Variable:
    multiplier = integer(config, "depth_multiplier", 1)
    kernel_size = per_axis(config, "kernel_size", rank)
    return Variable("weight", (*kernel_size, _channels(rank, config, inputs), multiplier))


def _channels(rank: int, config: Config, inputs: Inputs) -> int:
    """Return the input channels of a convolution. Raises ``UnknownCountError`` for another number of axes."""
    axes = len(first_input(inputs))
    if axes != rank + 2:
        raise UnknownCountError(
            f"Its input has {axes} axes, but Keras needs {rank + 2}, as (batch, …, channels)."
        )
    return in_channels(config, inputs)


def normalized_sizes(config: Config, inputs: Inputs) -> tuple[int, ...]:
    """Return the sizes of the axes in the option ``axis``, by default the last axis."""
    shape = first_input(inputs)
    return tuple(fixed_size(shape, axis) for axis in axis_indices(config, "axis", -1))


def batch_norm(config: Config, inputs: Inputs) -> Variables:
    """Yield gamma, beta and the moving statistics.

    >>> [(each.kind, each.trainable) for each in batch_norm({"center": False}, [(None, 8)])]
    [('weight', True), ('other', False), ('other', False)]
    """
    shape = normalized_sizes(config, inputs)
    if boolean(config, "scale", True):
        yield Variable("weight", shape)
    if boolean(config, "center", True):
        yield Variable("bias", shape)
    # Keras creates the moving mean and variance with add_weight(trainable=False), so count_params() includes
    # them and summary() lists them as non-trainable (build in
    # keras/src/layers/normalization/batch_normalization.py). renorm=True of Keras 2 adds three more: the
    # moving deviation, and a mean and a deviation for the correction
    # (https://www.tensorflow.org/api_docs/python/tf/compat/v1/layers/BatchNormalization).
    for _ in range(5 if boolean(config, "renorm", False) else 2):
        yield Variable("other", shape, trainable=False)


def layer_norm(config: Config, inputs: Inputs) -> Variables:
    """Yield gamma and beta of a layer or group normalisation."""
    # With rms_scaling the layer has no beta, and gamma is there even with scale=False.
    shape, rms_scaling = normalized_sizes(config, inputs), boolean(config, "rms_scaling", False)
    if rms_scaling or boolean(config, "scale", True):
        yield Variable("weight", shape)
    if boolean(config, "center", True) and not rms_scaling:
        yield Variable("bias", shape)


def rms_norm(config: Config, inputs: Inputs) -> Variables:
    """Yield the scale."""
    yield Variable("weight", normalized_sizes(config, inputs))


def normalization(config: Config, inputs: Inputs) -> Variables:
    """Yield the mean, the variance and the count that ``adapt`` computes from data.

    A mean and variance in the configuration are constants of the layer, not variables.
    """
    if config.get("mean") is not None:
        return
    shape = normalized_sizes(config, inputs)
    for each in (shape, shape, ()):
        yield Variable("other", each, trainable=False)


def prelu(config: Config, inputs: Inputs) -> Variables:
    """Yield one slope for each input value. Along ``shared_axes`` all values share one slope."""
    shape, shared = first_input(inputs), axis_indices(config, "shared_axes", None)
    sizes = range(1, len(shape))
    yield Variable("weight", tuple(1 if axis in shared else fixed_size(shape, axis) for axis in sizes))


def layer_scale(config: Config, inputs: Inputs) -> Variables:
    """Yield gamma of the LayerScale of ConvNeXt."""
    yield Variable("weight", (integer(config, "projection_dim"),))


def spectrogram(config: Config, inputs: Inputs) -> Variables:
    """Yield the kernels of the Fourier transform: real and imaginary, or the part that ``mode`` selects."""
    frame_length = integer(config, "frame_length", 256)
    # The default fft_length is the next power of two.
    fft_length = integer(config, "fft_length", 1 << (frame_length - 1).bit_length())
    for _ in range(1 if config.get("mode") in ("real", "imag") else 2):
        yield Variable("weight", (frame_length, 1, fft_length // 2 + 1))
