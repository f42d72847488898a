"""The transposed convolution of Keras: its output size, and the PyTorch layer that computes the same.

Source: ``_get_output_shape_given_tf_padding`` and ``_convert_conv_transpose_padding_args_from_keras_to_jax``
in keras/src/backend/common/backend_utils.py of Keras 3.
"""

from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.frameworks.keras import NO_CROP, OTHER_SIDE, pytorch_crop
from calculator.readers.keras.config_values import RANKS, Config, Shape, Size, boolean, padding_mode, per_axis
from calculator.readers.model import ReadError

TRANSPOSED = frozenset(f"{name}{rank}DTranspose" for name in ("Conv", "Convolution") for rank in RANKS)
"""The classes of transposed convolutions; ``Convolution…`` is an alias in Keras."""


@dataclass(frozen=True)
class _Axis:
    """The settings on one axis: K = d(k − 1) + 1, the stride, 'same' or 'valid', and ``output_padding``."""

    extent: int
    stride: int
    same: bool
    output_padding: int | None

    @property
    def minimum(self) -> int:
        """Return the output size for one input position with an ``output_padding`` of 0."""
        return self.extent % 2 if self.same else self.extent

    @property
    def extra(self) -> int:
        """Return ``output_padding``, or the value that Keras uses for ``None``.

        With 'same' the output is exactly i·s, so this value may be negative. With 'valid' the output is at
        least i·s.
        """
        if self.output_padding is not None:
            return self.output_padding
        return self.stride - self.minimum if self.same else max(self.stride - self.minimum, 0)

    def output_size(self, size: Size) -> Size:
        """Return (i − 1)s + minimum + extra, or ``None`` for an input of any size."""
        return None if size is None else (size - 1) * self.stride + self.minimum + self.extra


def _axes(config: Config, kernel_size: tuple[int, ...]) -> list[_Axis]:
    """Return the settings of each axis. Raises ``ReadError`` for invalid values."""
    rank = len(kernel_size)
    strides, dilations = per_axis(config, "strides", rank, 1), per_axis(config, "dilation_rate", rank, 1)
    extras: tuple[int | None, ...] = (None,) * rank
    if config.get("output_padding") is not None:
        extras = per_axis(config, "output_padding", rank, minimum=0)
    same = padding_mode(config) == "same"
    return [
        _Axis(dilation * (kernel - 1) + 1, stride, same, extra)
        for kernel, stride, dilation, extra in zip(kernel_size, strides, dilations, extras, strict=True)
    ]


def output_sizes(config: Config, rank: int, sizes: Shape) -> tuple[Size, ...]:
    """Return the spatial sizes of the output for the spatial input ``sizes``; ``None`` stays ``None``.

    Raises ``ReadError`` and ``UnknownCountError`` for settings that are invalid or missing.

    >>> output_sizes({"kernel_size": 4, "strides": 2, "padding": "same"}, 2, (7, None))
    (14, None)
    """
    axes = _axes(config, per_axis(config, "kernel_size", rank))
    return tuple(axes[axis].output_size(size) for axis, size in enumerate(sizes))


def as_layer(config: Config, weight_shape: tuple[int, ...]) -> tuple[ConvTranspose | None, str]:
    """Return ``(layer, note)``: the equivalent PyTorch layer, or ``None`` with the reason.

    ``weight_shape`` is (*kernel_size, out, in), as Keras stores it. The note is empty where the layer
    computes exactly the same. Raises ``ReadError`` for another padding than 'valid' and 'same'.

    >>> layer, note = as_layer({"strides": 2, "padding": "same"}, (4, 4, 32, 64))
    >>> layer.in_channels, layer.out_channels, layer.stride, layer.padding, layer.output_padding, note
    (64, 32, (2, 2), (1, 1), (0, 0), '')
    """
    *kernel_size, out_channels, in_channels = weight_shape
    if padding_mode(config) not in ("valid", "same"):
        raise ReadError("The padding of a transposed layer of Keras must be 'valid' or 'same'.")
    axes = _axes(config, tuple(kernel_size))
    crops = [
        pytorch_crop(padding_mode(config), axis.extent, axis.stride, axis.output_padding) for axis in axes
    ]
    try:
        layer = ConvTranspose(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=tuple(kernel_size),
            stride=tuple(axis.stride for axis in axes),
            padding=tuple(padding for padding, _, _ in crops),
            output_padding=tuple(extra for _, extra, _ in crops),
            dilation=per_axis(config, "dilation_rate", len(axes), 1),
            bias=boolean(config, "use_bias", True),
        )
    except LayerError:
        return None, NO_CROP
    return layer, "" if all(exact for _, _, exact in crops) else OTHER_SIDE
