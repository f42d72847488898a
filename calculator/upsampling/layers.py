"""The layers that upsampling is built from, besides the transposed convolution, in 1-D, 2-D and 3-D.

They follow PyTorch: ``Conv2d`` with zero padding, ``Upsample`` with ``align_corners=False``,
``PixelShuffle``, ``MaxUnpool2d``, and ``AvgPool2d`` after ``ReplicationPad2d``
(https://docs.pytorch.org/docs/stable/nn.html).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import NOT_SPATIAL, kernel_axes, per_axis

LINEAR = ("linear", "bilinear", "trilinear")
"""The names of linear interpolation in 1-D, 2-D and 3-D."""


def scale_axes(value: object) -> tuple[int, ...]:
    """Return a scale factor per axis. Raises ``LayerError`` if it is not 1 to 3 whole numbers from 1 on."""
    if not isinstance(value, Sequence) or isinstance(value, NOT_SPATIAL) or len(value) not in (1, 2, 3):
        raise LayerError(
            f"scale_factor must be a tuple of 1, 2 or 3 whole numbers, received {short_repr(value)}."
        )
    return per_axis("scale_factor", value, len(value), 1)


@dataclass(frozen=True)
class Conv:
    """An ordinary convolution with stride 1 that keeps the size.

    The kernel is odd, and the padding is (k − 1) / 2 zeros. Raises ``LayerError`` for an even kernel and for
    every value that ``ConvTranspose`` does not accept.

    >>> Conv(64, 32, (3, 3)).weight_count, Conv(64, 32, (3, 3)).bias_count
    (18432, 32)
    """

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    groups: int = 1
    bias: bool = True

    def __post_init__(self) -> None:
        kernel = kernel_axes(self.kernel_size)
        if not all(size % 2 for size in kernel):
            raise LayerError(f"kernel_size must be odd on every axis, received {short_repr(kernel)}.")
        # A transposed convolution has the same rules for all other values, so it checks them.
        checked = ConvTranspose(
            in_channels=self.in_channels,
            out_channels=self.out_channels,
            kernel_size=kernel,
            groups=self.groups,
            bias=self.bias,
        )
        # In the transposed convolution, NumPy integers have become Python integers.
        for name in ("in_channels", "out_channels", "kernel_size", "groups"):
            object.__setattr__(self, name, getattr(checked, name))

    @property
    def weight_count(self) -> int:
        """Number of weights: out · in / groups · ∏ kernel_size."""
        return self.out_channels * (self.in_channels // self.groups) * math.prod(self.kernel_size)

    @property
    def bias_count(self) -> int:
        """Number of biases: one per output channel, or 0 without bias."""
        return self.out_channels if self.bias else 0


@dataclass(frozen=True)
class Resize:
    """A layer without weights that resizes by a whole factor per axis.

    ``"linear"`` is bilinear in 2-D and trilinear in 3-D. Positions are pixel centres, as in PyTorch
    with ``align_corners=False``. Raises ``LayerError``.

    >>> Resize((2, 2), "linear").title
    'bilinear'
    """

    scale_factor: tuple[int, ...]
    mode: Literal["nearest", "linear"]

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale_factor", scale_axes(self.scale_factor))
        if self.mode not in ("nearest", "linear"):
            raise LayerError(f"mode must be 'nearest' or 'linear', received {short_repr(self.mode)}.")

    @property
    def title(self) -> str:
        """The name of the mode for this number of axes: nearest, linear, bilinear or trilinear."""
        return self.mode if self.mode == "nearest" else LINEAR[len(self.scale_factor) - 1]


@dataclass(frozen=True)
class Shuffle:
    """A sub-pixel shuffle: channels C · ∏ r become C, every size n becomes n · r (Shi et al. 2016).

    It has no weights. In 2-D with one scale factor it is PyTorch's ``PixelShuffle``. Raises ``LayerError``.
    """

    scale_factor: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale_factor", scale_axes(self.scale_factor))


@dataclass(frozen=True)
class Unpool:
    """A maximum unpooling: each value goes to one position of a block of ∏ scale_factor, all others are 0.

    The position is the one that a max-pooling of the encoder has kept, so the layer also needs the indices of
    that pooling, one for each input value (Zeiler & Fergus 2014; SegNet 2017). It has no weights. Raises
    ``LayerError``.
    """

    scale_factor: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale_factor", scale_axes(self.scale_factor))


@dataclass(frozen=True)
class Blur:
    """A running mean over ``kernel_size`` positions that keeps the size; the first border is repeated.

    It has no weights. Over as many positions as the scale before it, the mean removes every pattern that
    repeats with the scale (Aitken et al. 2017; Sugawara et al. 2019). Raises ``LayerError``.
    """

    kernel_size: tuple[int, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "kernel_size", kernel_axes(self.kernel_size))


Operation = ConvTranspose | Conv | Resize | Shuffle | Unpool | Blur
"""A layer of an upsampling block."""
