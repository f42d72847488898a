"""Everything a person can set, described once: key in the link, label, help, default, limits.

``Settings`` holds raw values. It may describe a layer that cannot be (``layer()`` then raises
``LayerError``); the parameter count only needs ``counted_layer()``, which always exists.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal

from calculator.layer import ConvTranspose, valid_groups

Kind = Literal["whole", "spatial", "switch", "choice"]
Value = int | bool | str | tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One setting. Limits are of a whole number; ``slider_most`` is where its slider ends at first."""

    name: str
    key: str
    kind: Kind
    label: str
    help: str
    default: Value
    least: int = 0
    most: int = 0
    slider_most: int = 0
    choices: tuple[Value, ...] = ()


def _setting(key: str, kind: Kind, default: Value, label: str, text: str, **limits: Any) -> Any:
    """Return a dataclass field that carries its own description."""
    about = {"key": key, "kind": kind, "label": label, "help": text, "default": default, **limits}
    return dataclasses.field(default=default, metadata=about)


_CHANNELS = {"least": 1, "most": 65_536, "slider_most": 512}
_KERNEL = {"least": 1, "most": 128, "slider_most": 16}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a person has set. Spatial settings hold one value for all axes, or one per axis.

    >>> Settings().layer().parameter_count
    3136
    """

    dimensions: int = _setting(
        "dim", "choice", 2, "Dimensions", "Signals are 1-D, images 2-D, volumes 3-D.", choices=(1, 2, 3)
    )
    kernel_size: tuple[int, ...] = _setting(
        "k", "spatial", (4,), "Kernel size", "Positions one kernel covers along each axis.", **_KERNEL
    )
    in_channels: int = _setting(
        "in", "whole", 3, "Input channels", "Channels the layer reads (in_channels).", **_CHANNELS
    )
    out_channels: int = _setting(
        "out", "whole", 64, "Output channels", "Channels the layer writes (out_channels).", **_CHANNELS
    )
    groups: int = _setting(
        "g",
        "whole",
        1,
        "Groups",
        "Each group connects its own share of the channels. Must divide both channel counts.",
        least=1,
        most=65_536,
    )
    bias: bool = _setting("bias", "switch", True, "Bias", "One more parameter for each output channel.")
    stride: tuple[int, ...] = _setting(
        "s", "spatial", (2,), "Stride", "How far apart the kernels land.", least=1, most=128, slider_most=8
    )
    padding: tuple[int, ...] = _setting(
        "p", "spatial", (1,), "Padding", "Rows cropped off each border.", least=0, most=128, slider_most=8
    )
    output_padding: tuple[int, ...] = _setting(
        "op",
        "spatial",
        (0,),
        "Output padding",
        "Positions added at the end. Must be smaller than stride or dilation.",
        least=0,
        most=127,
        slider_most=7,
    )
    dilation: tuple[int, ...] = _setting(
        "d", "spatial", (1,), "Dilation", "Spacing of the kernel's taps.", least=1, most=128, slider_most=8
    )
    input_size: tuple[int, ...] = _setting(
        "n",
        "spatial",
        (16,),
        "Input size",
        "Positions of the input along each axis.",
        least=1,
        most=65_536,
        slider_most=128,
    )
    batch_norm: bool = _setting(
        "bn", "switch", False, "BatchNorm follows", "A BatchNorm over the output channels comes next."
    )
    frozen: bool = _setting(
        "frozen", "switch", False, "Layer is frozen", "Its weights and biases do not train; BatchNorm does."
    )
    second: bool = _setting(
        "two", "switch", False, "A second layer follows", "It reads the output channels of the first."
    )
    second_out_channels: int = _setting(
        "out2", "whole", 32, "Output channels of the second", "Channels the second layer writes.", **_CHANNELS
    )
    second_kernel_size: tuple[int, ...] = _setting(
        "k2", "spatial", (1,), "Kernel size of the second", "Kernel of the second layer.", **_KERNEL
    )
    view: str = _setting(
        "view",
        "choice",
        "growth",
        "View",
        "The part of the page that is open.",
        choices=("growth", "plane", "output", "numbers", "frameworks"),
    )
    working: bool = _setting(
        "w", "switch", False, "Show the working", "The steps from one kernel to the total."
    )
    scale: str = _setting(
        "scale", "choice", "linear", "Scale", "How the axes count.", choices=("linear", "log")
    )
    picture: str = _setting(
        "pic",
        "choice",
        "svg",
        "Camera saves",
        "The format in which a chart is saved.",
        choices=("svg", "png"),
    )

    def spatial(self, name: str) -> tuple[int, ...]:
        """Return a spatial setting with one value per axis."""
        value: tuple[int, ...] = getattr(self, name)
        return value * self.dimensions if len(value) == 1 else value

    @property
    def used_groups(self) -> int:
        """``groups``, or its largest divisor that divides both channel counts.

        >>> Settings(in_channels=6, out_channels=64, groups=4).used_groups
        2
        """
        return math.gcd(self.groups, self.in_channels, self.out_channels)

    @property
    def offered_groups(self) -> tuple[int, ...]:
        """The values of ``groups`` this layer can have."""
        return valid_groups(self.in_channels, self.out_channels)

    def counted_layer(self) -> ConvTranspose:
        """Return the layer as far as its parameters go; unlike ``layer`` it always exists."""
        return ConvTranspose(
            in_channels=self.in_channels,
            out_channels=self.out_channels,
            kernel_size=self.spatial("kernel_size"),
            groups=self.used_groups,
            bias=self.bias,
        )

    def layer(self) -> ConvTranspose:
        """Return the whole layer. Raises ``LayerError`` when stride, padding … cannot be."""
        names = ("stride", "padding", "output_padding", "dilation")
        rest: dict[str, Any] = {name: self.spatial(name) for name in names}
        return dataclasses.replace(self.counted_layer(), **rest)

    def second_layer(self) -> ConvTranspose | None:
        """Return the layer that follows, or ``None``."""
        if not self.second:
            return None
        return ConvTranspose(
            in_channels=self.out_channels,
            out_channels=self.second_out_channels,
            kernel_size=self.spatial("second_kernel_size"),
            bias=self.bias,
        )

    def change(self, **values: Value) -> "Settings":
        """Return the settings with ``values`` in place, spatial ones fitted to the dimensions.

        A value per axis that a smaller dimension has no room for is dropped; a larger one repeats the last.

        >>> Settings(kernel_size=(3, 5)).change(dimensions=3).kernel_size
        (3, 5, 5)
        """
        changed = dataclasses.replace(self, **values)  # type: ignore[arg-type]
        fitted: dict[str, Any] = {
            field.name: fit(getattr(changed, field.name), changed.dimensions)
            for field in FIELDS
            if field.kind == "spatial"
        }
        return dataclasses.replace(changed, **fitted)


def axis_names(rank: int) -> tuple[str, ...]:
    """Return what the axes of 1-D, 2-D and 3-D data are called, in PyTorch's order.

    >>> axis_names(2)
    ('height', 'width')
    """
    return ("length",) if rank == 1 else ("depth", "height", "width")[-rank:]


def fit(value: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return a spatial value for ``rank`` axes; one value for all axes stays one.

    >>> fit((3, 5), 3), fit((3, 5), 1), fit((4,), 3)
    ((3, 5, 5), (3,), (4,))
    """
    if len(value) == 1:
        return value
    return (value + value[-1:] * rank)[:rank]


FIELDS: tuple[Field, ...] = tuple(
    Field(name=item.name, **item.metadata) for item in dataclasses.fields(Settings)
)
"""Every setting, in the order of the page. Inputs, links and tests loop over it."""

FIELD = {field.name: field for field in FIELDS}
"""The same by name."""
