"""One transposed-convolution layer: what it refuses, the shapes it holds, its exact counts.

The rules are those of ``torch.nn.ConvTranspose1d``, ``2d`` and ``3d``
(https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html); the size formula is
relationship 14 of Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016).
"""

import math
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.validation import Spatial, kernel_axes, per_axis, whole_number


def valid_groups(in_channels: int, out_channels: int) -> tuple[int, ...]:
    """Return every ``groups`` that divides both channel counts, ascending.

    >>> valid_groups(6, 4)
    (1, 2)
    >>> valid_groups(3, 64)
    (1,)
    """
    common = math.gcd(
        whole_number("in_channels", in_channels, 1), whole_number("out_channels", out_channels, 1)
    )
    low = [n for n in range(1, math.isqrt(common) + 1) if common % n == 0]
    return tuple(low + [common // n for n in reversed(low) if n * n != common])


@dataclass(frozen=True, init=False)
class ConvTranspose:
    """A transposed-convolution layer, its settings spelled as PyTorch spells them.

    ``kernel_size`` sets the rank: a tuple of 1, 2 or 3 whole numbers, or a bare int for 2-D square.
    The other spatial settings take an int or one value per axis and are stored per axis.
    Raises ``LayerError`` for a layer that PyTorch refuses, and for a size below 1.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    >>> layer.weight_count, layer.bias_count, layer.parameter_count
    (3072, 64, 3136)
    >>> layer.weight_shape, layer.bias_shape, layer.output_size(16)
    ((3, 64, 4, 4), (64,), (32, 32))
    >>> ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, groups=2)
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: groups must divide in_channels and out_channels, received \
groups=2, in_channels=3, out_channels=64.
    """

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    output_padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    bias: bool

    def __init__(
        self,
        *,
        in_channels: int,
        out_channels: int,
        kernel_size: Spatial,
        stride: Spatial = 1,
        padding: Spatial = 0,
        output_padding: Spatial = 0,
        dilation: Spatial = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        kernel = kernel_axes(kernel_size)
        rank = len(kernel)
        checked = {
            "in_channels": whole_number("in_channels", in_channels, 1),
            "out_channels": whole_number("out_channels", out_channels, 1),
            "kernel_size": kernel,
            "stride": per_axis("stride", stride, rank, 1),
            "padding": per_axis("padding", padding, rank, 0),
            "output_padding": per_axis("output_padding", output_padding, rank, 0),
            "dilation": per_axis("dilation", dilation, rank, 1),
            "groups": whole_number("groups", groups, 1),
            "bias": bias,
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        self._refuse()

    def _refuse(self) -> None:
        """Raise ``LayerError`` for a combination of settings that cannot be."""
        if not isinstance(self.bias, bool):
            raise LayerError(f"bias must be True or False, received {short_repr(self.bias)}.")
        if self.in_channels % self.groups or self.out_channels % self.groups:
            raise LayerError(
                "groups must divide in_channels and out_channels, received "
                f"groups={self.groups}, in_channels={self.in_channels}, out_channels={self.out_channels}."
            )
        axes = zip(self.output_padding, self.stride, self.dilation, strict=True)
        for axis, (extra, stride, dilation) in enumerate(axes):
            if extra >= stride and extra >= dilation:
                raise LayerError(
                    "output_padding must be smaller than stride or dilation on every axis, received "
                    f"output_padding={extra}, stride={stride}, dilation={dilation} on axis {axis}."
                )

    @property
    def rank(self) -> int:
        """The number of spatial axes: 1, 2 or 3."""
        return len(self.kernel_size)

    @property
    def kernel_volume(self) -> int:
        """Weights in one kernel: the product of ``kernel_size``."""
        return math.prod(self.kernel_size)

    @property
    def kernel_count(self) -> int:
        """Kernels in the layer: every input channel has one for each output channel of its group."""
        return self.in_channels * (self.out_channels // self.groups)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """Shape of the weight tensor in PyTorch's order: (in, out / groups, *kernel_size)."""
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    @property
    def bias_shape(self) -> tuple[int] | None:
        """Shape of the bias vector, (out,); ``None`` for a layer without bias."""
        return (self.out_channels,) if self.bias else None

    @property
    def weight_count(self) -> int:
        """Number of weights: in · out / groups · ∏ kernel_size."""
        return self.kernel_count * self.kernel_volume

    @property
    def bias_count(self) -> int:
        """Number of biases: one per *output* channel, or 0 without bias."""
        return self.out_channels if self.bias else 0

    @property
    def parameter_count(self) -> int:
        """Number of parameters: weights plus biases."""
        return self.weight_count + self.bias_count

    @property
    def kernel_extent(self) -> tuple[int, ...]:
        """Positions a dilated kernel spans on each axis: K = d(k − 1) + 1."""
        pairs = zip(self.kernel_size, self.dilation, strict=True)
        return tuple(dilation * (kernel - 1) + 1 for kernel, dilation in pairs)

    def input_axes(self, input_size: Spatial) -> tuple[int, ...]:
        """Return ``input_size`` with one value per axis. Raises ``LayerError`` below 1.

        >>> ConvTranspose(in_channels=1, out_channels=1, kernel_size=3).input_axes(5)
        (5, 5)
        """
        return per_axis("input_size", input_size, self.rank, 1)

    def output_size(self, input_size: Spatial) -> tuple[int, ...]:
        """Return the spatial size of the output: (i − 1)s − 2p + K + op on each axis.

        ``input_size`` is one value or one per axis. Raises ``LayerError`` when the padding crops
        more than there is; a size of exactly 0 is allowed, as in PyTorch.
        Source: Dumoulin & Visin (2016), relationship 14, with dilation as in PyTorch.

        >>> ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2).output_size((7, 1))
        (15, 3)
        """
        result = []
        sizes = self.input_axes(input_size)
        for axis, i in enumerate(sizes):
            s, p, op = self.stride[axis], self.padding[axis], self.output_padding[axis]
            size = (i - 1) * s - 2 * p + self.kernel_extent[axis] + op
            if size < 0:
                raise LayerError(
                    f"padding must leave an output of at least 0: on axis {axis}, padding={p} crops {2 * p} "
                    f"of {size + 2 * p}, received input_size={i}."
                )
            result.append(size)
        return tuple(result)

    def multiply_accumulates(self, input_size: Spatial) -> int:
        """Return the multiply–accumulates for one sample: in · ∏ input · (out / groups) · ∏ kernel.

        Counted by input: every input value meets every weight of its channel once. Products that
        land in the border cropped by ``padding`` are counted; adding the bias is not.
        Raises ``LayerError`` as ``output_size`` does.

        >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
        >>> layer.multiply_accumulates(16)
        8388608
        """
        self.output_size(input_size)
        return math.prod(self.input_axes(input_size)) * self.weight_count
