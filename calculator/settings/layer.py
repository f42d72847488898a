"""The settings of one layer, described once. ``settings.settings`` has all settings."""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Self

from calculator.core.formatting import collapse_axes
from calculator.core.layer import ConvTranspose, valid_groups
from calculator.core.validation import MAX_CHANNELS
from calculator.settings.fields import Value, described, fit, setting

CHANNELS: dict[str, Any] = {"minimum": 1, "maximum": MAX_CHANNELS, "slider_maximum": 512}
KERNEL: dict[str, Any] = {"minimum": 1, "maximum": 128, "slider_maximum": 16}
"""Limits that several settings share."""


@dataclass(frozen=True, kw_only=True)
class LayerSettings:
    """One layer and its input size. A spatial setting has one value for all axes, or one per axis.

    >>> LayerSettings().layer().parameter_count
    3136
    """

    dimensions: int = setting(
        "dim",
        "choice",
        2,
        "Dimensions",
        "Signals are 1-D, images 2-D, volumes 3-D.",
        choices={1: "1-D", 2: "2-D", 3: "3-D"},
    )
    kernel_size: tuple[int, ...] = setting(
        "k", "spatial", (4,), "Kernel size", "Positions that a kernel (filter) covers on each axis.", **KERNEL
    )
    in_channels: int = setting(
        "in", "whole", 3, "Input channels", "Channels of the layer's input (in_channels).", **CHANNELS
    )
    out_channels: int = setting(
        "out", "whole", 64, "Output channels", "Channels of the layer's output (out_channels).", **CHANNELS
    )
    groups: int = setting(
        "g",
        "whole",
        1,
        "Groups",
        "Each group connects only its own share of the channels. Groups must divide both channel counts.",
        minimum=1,
        maximum=65_536,
    )
    bias: bool = setting("bias", "switch", True, "Bias", "One more parameter for each output channel.")
    stride: tuple[int, ...] = setting(
        "s",
        "spatial",
        (2,),
        "Stride",
        "Output positions that the kernel moves for each input position.",
        minimum=1,
        maximum=128,
        slider_maximum=8,
    )
    padding: tuple[int, ...] = setting(
        "p",
        "spatial",
        (1,),
        "Padding",
        "Positions cropped from each border of the output.",
        minimum=0,
        maximum=128,
        slider_maximum=8,
    )
    output_padding: tuple[int, ...] = setting(
        "op",
        "spatial",
        (0,),
        "Output padding",
        "Positions added at the end of each axis. It must be smaller than stride or dilation.",
        minimum=0,
        maximum=127,
        slider_maximum=7,
    )
    dilation: tuple[int, ...] = setting(
        "d",
        "spatial",
        (1,),
        "Dilation",
        "Distance between neighbouring weights of the kernel; 1 means no gaps.",
        minimum=1,
        maximum=128,
        slider_maximum=8,
    )
    input_size: tuple[int, ...] = setting(
        "n",
        "spatial",
        (16,),
        "Input size",
        "Positions of the input along each axis.",
        minimum=1,
        maximum=65_536,
        slider_maximum=128,
    )

    def spatial(self, name: str) -> tuple[int, ...]:
        """Return a spatial setting with one value per axis."""
        value: tuple[int, ...] = getattr(self, name)
        return value * self.dimensions if len(value) == 1 else value

    @property
    def used_groups(self) -> int:
        """``groups``, or its largest divisor that divides both channel counts.

        >>> LayerSettings(in_channels=6, out_channels=64, groups=4).used_groups
        2
        """
        return math.gcd(self.groups, self.in_channels, self.out_channels)

    @property
    def offered_groups(self) -> tuple[int, ...]:
        """The values of ``groups`` this layer can have."""
        return valid_groups(self.in_channels, self.out_channels)

    def channels_with(self, groups: int) -> tuple[int, int]:
        """Return the nearest channels, input and output, that ``groups`` divides.

        >>> LayerSettings().channels_with(8), LayerSettings(out_channels=65536).channels_with(9)
        ((8, 64), (9, 65529))
        """
        inputs, outputs = (
            min(max((channels + (groups - 1) // 2) // groups, 1), MAX_CHANNELS // groups) * groups
            for channels in (self.in_channels, self.out_channels)
        )
        return inputs, outputs

    def counted_layer(self) -> ConvTranspose:
        """Return the layer with the settings that its parameters depend on. It always exists."""
        return ConvTranspose(
            in_channels=self.in_channels,
            out_channels=self.out_channels,
            kernel_size=self.spatial("kernel_size"),
            groups=self.used_groups,
            bias=self.bias,
        )

    def unpadded_layer(self) -> ConvTranspose:
        """Return the layer without padding and output_padding. It always exists."""
        rest: dict[str, Any] = {name: self.spatial(name) for name in ("stride", "dilation")}
        return dataclasses.replace(self.counted_layer(), **rest)

    def layer(self) -> ConvTranspose:
        """Return the complete layer. Raises ``LayerError`` for an impossible combination of settings."""
        names = ("stride", "padding", "output_padding", "dilation")
        rest: dict[str, Any] = {name: self.spatial(name) for name in names}
        return dataclasses.replace(self.counted_layer(), **rest)

    def change(self, **values: Value) -> Self:
        """Return the settings with new ``values``; spatial settings are fitted to the dimensions.

        With fewer dimensions, values of missing axes are dropped; with more, the last value is repeated.

        >>> LayerSettings(kernel_size=(3, 5)).change(dimensions=3).kernel_size
        (3, 5, 5)
        """
        changed = dataclasses.replace(self, **values)  # type: ignore[arg-type]
        fitted: dict[str, Any] = {
            item.name: fit(getattr(changed, item.name), changed.dimensions)
            for item in dataclasses.fields(self)
            if item.metadata["kind"] == "spatial"
        }
        return dataclasses.replace(changed, **fitted)


LAYER_FIELDS = described(LayerSettings)
"""The settings of a layer; the shelf stores these."""


def layer_values(layer: ConvTranspose) -> dict[str, Value]:
    """Return the settings of ``layer``, all but ``input_size``; one value where all axes agree.

    >>> layer_values(ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1)))["kernel_size"]
    (2, 1)
    """
    values: dict[str, Value] = {"dimensions": layer.rank}
    for field in LAYER_FIELDS:
        if field.name not in ("dimensions", "input_size"):
            value = getattr(layer, field.name)
            values[field.name] = collapse_axes(value) if field.kind == "spatial" else value
    return values


def layer_part(settings: LayerSettings) -> dict[str, Value]:
    """Return only the settings of the layer.

    >>> layer_part(LayerSettings(in_channels=64))["in_channels"]
    64
    """
    return {field.name: getattr(settings, field.name) for field in LAYER_FIELDS}
