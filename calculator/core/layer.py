"""A transposed-convolution layer: the rules for its settings, its shapes and its exact counts.

The rules are those of ``torch.nn.ConvTranspose1d``, ``2d`` and ``3d``
(https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html); the size formula is
relationship 14 of Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016).
"""

import math
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.validation import Spatial, kernel_axes, per_axis, whole_number

MAX_SEARCHED = 2**40
"""The maximum greatest common divisor of two channel counts whose divisors are searched, in 2^20 steps."""


def valid_groups(in_channels: int, out_channels: int) -> tuple[int, ...]:
    """Return all values of ``groups`` that divide both channel counts, ascending.

    Raises ``LayerError`` for invalid channel counts, and above ``MAX_SEARCHED``.

    >>> valid_groups(6, 4)
    (1, 2)
    >>> valid_groups(3, 64)
    (1,)
    """
    common = math.gcd(
        whole_number("in_channels", in_channels, 1), whole_number("out_channels", out_channels, 1)
    )
    if common > MAX_SEARCHED:
        raise LayerError(
            "The values of groups are listed for channels with a greatest common divisor of at most "
            f"{MAX_SEARCHED}, received in_channels={in_channels}, out_channels={out_channels}."
        )
    # Divisors are pairs with the product ``common``, so a search up to its square root finds one of each.
    low = [n for n in range(1, math.isqrt(common) + 1) if common % n == 0]
    return tuple(low + [common // n for n in reversed(low) if n * n != common])


def weight_shape(
    in_channels: int, out_channels: int, groups: int, kernel_size: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the shape of a transposed convolution's weights in PyTorch: (in, out / groups, *kernel_size).

    The weights of an ordinary convolution have the shape (out, in / groups, *kernel_size). That is the shape
    of the transposed convolution from ``out`` to ``in`` channels.

    >>> weight_shape(4, 6, 2, (3, 3))
    (4, 3, 3, 3)
    """
    return (in_channels, out_channels // groups, *kernel_size)


@dataclass(frozen=True, init=False)
class ConvTranspose:
    """A transposed-convolution layer. The settings have the names and the order that PyTorch gives them.

    ``kernel_size`` is a tuple of 1, 2 or 3 whole numbers, one per spatial axis. A single int is a square 2-D
    kernel. The other spatial settings are an int or one value per axis, and are stored as one value per axis.
    Raises ``LayerError`` for settings that PyTorch refuses, and for a kernel size below 1.

    >>> layer = ConvTranspose(3, 64, 4, stride=2, padding=1)
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
        in_channels: int,
        out_channels: int,
        kernel_size: Spatial,
        stride: Spatial = 1,
        padding: Spatial = 0,
        output_padding: Spatial = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Spatial = 1,
    ) -> None:
        # The generated __init__ of a dataclass could not accept one value for all axes. The order of the
        # arguments is that of ``torch.nn.ConvTranspose2d``, where groups and bias stand before dilation.
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
        vars(self).update(checked)  # A frozen dataclass refuses assignments.
        self._check_combinations()

    def _check_combinations(self) -> None:
        """Raise ``LayerError`` for settings that are invalid together."""
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
        """The number of weights in one kernel: the product of ``kernel_size``."""
        return math.prod(self.kernel_size)

    @property
    def kernel_count(self) -> int:
        """The number of kernels: each input channel has one for each output channel of its group."""
        return math.prod(self.weight_shape[:2])

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """The shape of the weight tensor in PyTorch's order: (in, out / groups, *kernel_size)."""
        return weight_shape(self.in_channels, self.out_channels, self.groups, self.kernel_size)

    @property
    def bias_shape(self) -> tuple[int] | None:
        """The shape of the bias vector, (out,), or ``None`` for a layer without bias."""
        return (self.out_channels,) if self.bias else None

    @property
    def weight_count(self) -> int:
        """The number of weights: in · out / groups · ∏ kernel_size."""
        return self.kernel_count * self.kernel_volume

    @property
    def bias_count(self) -> int:
        """The number of biases: one per *output* channel, or 0 without bias."""
        return self.out_channels if self.bias else 0

    @property
    def parameter_count(self) -> int:
        """The number of parameters: weights plus biases."""
        return self.weight_count + self.bias_count

    @property
    def kernel_extent(self) -> tuple[int, ...]:
        """The number of positions that a dilated kernel spans on each axis: K = d(k − 1) + 1."""
        pairs = zip(self.kernel_size, self.dilation, strict=True)
        return tuple([dilation * (kernel - 1) + 1 for kernel, dilation in pairs])

    def input_axes(self, input_size: Spatial) -> tuple[int, ...]:
        """Return ``input_size`` with one value per axis. Raises ``LayerError`` for a size below 1.

        >>> ConvTranspose(in_channels=1, out_channels=1, kernel_size=3).input_axes(5)
        (5, 5)
        """
        return per_axis("input_size", input_size, self.rank, 1)

    def output_size(self, input_size: Spatial) -> tuple[int, ...]:
        """Return the spatial size of the output: (i − 1)s − 2p + K + op on each axis.

        ``input_size`` is one value or one per axis. Raises ``LayerError`` when the padding crops more
        positions than there are. A size of exactly 0 is returned, although most kernels of PyTorch refuse it.
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

        They are counted by input: every input value is multiplied by every weight of its channel once.
        Products in the border that ``padding`` crops are counted. Adding the bias is not counted.
        ``input_size`` is one value or one per axis. Raises ``LayerError`` as ``output_size`` does.

        >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
        >>> layer.multiply_accumulates(16)
        8388608
        """
        self.output_size(input_size)  # Raises for a layer without an output, which has no work.
        return math.prod(self.input_axes(input_size)) * self.weight_count
