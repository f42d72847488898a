"""Everything a person can set, described once: key in the link, label, help, default, limits.

``Settings`` holds raw values. It may describe a layer that cannot be (``layer()`` then raises
``LayerError``); the parameter count only needs ``counted_layer()``, which always exists.
"""

from dataclasses import dataclass

from calculator.costs import NUMBER_TYPES
from calculator.fields import Field, Value, axis_names, described, fit, setting
from calculator.layer import ConvTranspose
from calculator.layer_settings import CHANNELS, KERNEL, LAYER_FIELDS, LayerSettings, layer_values
from calculator.networks import NETWORKS

__all__ = [
    "FIELD",
    "FIELDS",
    "LAYER_FIELDS",
    "SHELF_ROOM",
    "Field",
    "Kept",
    "Settings",
    "Value",
    "axis_names",
    "fit",
    "layer_values",
    "settable",
]

SHELF_ROOM = 6
"""Layers that can be kept side by side."""


@dataclass(frozen=True)
class Kept:
    """A layer on the shelf, and its name."""

    name: str
    settings: LayerSettings


@dataclass(frozen=True, kw_only=True)
class Settings(LayerSettings):
    """What a person has set: a layer, and how the pages look at it.

    >>> Settings().layer().parameter_count
    3136
    """

    batch_norm: bool = setting(
        "bn", "switch", False, "BatchNorm follows", "A BatchNorm over the output channels comes next."
    )
    frozen: bool = setting(
        "frozen", "switch", False, "Layer is frozen", "Its weights and biases do not train; BatchNorm does."
    )
    second: bool = setting(
        "two", "switch", False, "A second layer follows", "It reads the output channels of the first."
    )
    second_out_channels: int = setting(
        "out2", "whole", 32, "Output channels of the second", "Channels the second layer writes.", **CHANNELS
    )
    second_kernel_size: tuple[int, ...] = setting(
        "k2", "spatial", (1,), "Kernel size of the second", "Kernel of the second layer.", **KERNEL
    )
    view: str = setting(
        "view",
        "choice",
        "growth",
        "View",
        "The part of the page that is open.",
        choices=("growth", "plane", "output", "numbers", "frameworks"),
    )
    working: bool = setting(
        "w", "switch", False, "Show the working", "The steps from one kernel to the total."
    )
    scale: str = setting(
        "scale", "choice", "linear", "Scale", "How the axes count.", choices=("linear", "log")
    )
    picture: str = setting(
        "pic",
        "choice",
        "svg",
        "Camera saves",
        "The format in which a chart is saved.",
        choices=("svg", "png"),
    )
    picture_view: str = setting(
        "see",
        "choice",
        "stamp",
        "Picture",
        "The part of the picture page that is open.",
        choices=("stamp", "tensor", "transposed", "overlap", "size"),
    )
    pair_in: int = setting(
        "ci", "whole", 1, "Input channel shown", "Counted from 1: the row of the weight tensor.", **CHANNELS
    )
    pair_out: int = setting(
        "co", "whole", 1, "Output channel shown", "Counted from 1; must be in the same group.", **CHANNELS
    )
    fill: str = setting(
        "fill",
        "choice",
        "numbers",
        "Values",
        "Small numbers, or all ones: then the output counts the products.",
        choices=("numbers", "ones"),
    )
    wanted_size: tuple[int, ...] = setting(
        "want",
        "spatial",
        (32,),
        "Wanted output size",
        "Positions the output should have along each axis.",
        least=1,
        most=10_000_000,
        slider_most=256,
    )
    compare_view: str = setting(
        "cmp",
        "choice",
        "alternatives",
        "Comparison",
        "The part of the compare page that is open.",
        choices=("alternatives", "shelf", "budget", "tools"),
    )
    number_type: str = setting(
        "type", "choice", "float32", "Number type", "How each value is stored.", choices=tuple(NUMBER_TYPES)
    )
    budget: int = setting(
        "budget", "whole", 100_000, "Budget", "Parameters you can spend on one layer.", least=1, most=10**15
    )
    shelf: tuple[Kept, ...] = setting(
        "shelf", "shelf", (), "Shelf", "Layers kept side by side, each with a name."
    )
    reference: int = setting(
        "ref",
        "whole",
        1,
        "Compared with",
        "The layer on the shelf that the others are compared with.",
        least=1,
        most=SHELF_ROOM,
    )
    network: str = setting(
        "net",
        "choice",
        "dcgan",
        "Network",
        "A network from a paper or a tutorial, with its published total.",
        choices=tuple(one.key for one in NETWORKS),
    )
    chain_size: tuple[int, ...] = setting(
        "at",
        "size",
        (),
        "Input size of the model",
        "Positions along each axis that enter the first layer; empty: as the table of layers says.",
        least=1,
        most=1_000_000,
    )
    layers: str = setting(
        "table", "table", "", "Own layers", "A table of layers typed by hand, shown in place of the network."
    )
    model_view: str = setting(
        "model",
        "choice",
        "where",
        "Model",
        "The part of the model page that is open.",
        choices=("where", "layers", "advice", "memory"),
    )

    learn_view: str = setting(
        "learn",
        "choice",
        "lesson",
        "Learning",
        "The part of the learn page that is open.",
        choices=("lesson", "exercises", "worksheet"),
    )
    step: int = setting("step", "whole", 1, "Step", "The step of the lesson that is open.", least=1, most=7)
    presenting: bool = setting(
        "present", "switch", False, "Presenter's view", "Large type for a projector, one step a screen."
    )
    seed: int = setting(
        "seed",
        "whole",
        1,
        "Seed",
        "The same seed gives the same exercises to everybody, now and later.",
        least=0,
        most=999_999_999,
    )
    level: int = setting(
        "level",
        "choice",
        1,
        "Level",
        "1: square kernels. 2: rectangles, 1-D, 3-D and groups. 3: whole decoders, and questions backwards.",
        choices=(1, 2, 3),
    )
    exercise: int = setting(
        "no", "whole", 1, "Exercise", "Its number among those of this seed and level.", least=1, most=30
    )
    questions: int = setting(
        "q",
        "whole",
        10,
        "Questions",
        "How many exercises are on the sheet.",
        least=1,
        most=30,
        slider_most=30,
    )
    sheet_title: str = setting(
        "title", "text", "", "Title", "What stands at the top of the sheet; empty: the usual title.", most=80
    )

    @property
    def used_pair(self) -> tuple[int, int]:
        """The input and output channel shown, counted from 0, moved into the layer and into one group.

        >>> Settings(in_channels=4, out_channels=8, groups=2, pair_in=3, pair_out=1).used_pair
        (2, 4)
        """
        groups = self.used_groups
        per_in, per_out = self.in_channels // groups, self.out_channels // groups
        row = min(self.pair_in, self.in_channels) - 1
        column = min(self.pair_out, self.out_channels) - 1
        group = row // per_in
        return row, min(max(column, group * per_out), (group + 1) * per_out - 1)

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


FIELDS = described(Settings)
"""Every setting, in the order of the page. Inputs, links and tests loop over it."""

FIELD = {field.name: field for field in FIELDS}
"""The same by name."""


def settable(layer: ConvTranspose) -> bool:
    """Return whether every value of ``layer`` lies within the limits of its setting.

    >>> settable(ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 129)))
    False
    """
    limited = [(field, getattr(layer, field.name)) for field in LAYER_FIELDS if hasattr(layer, field.name)]
    return all(
        field.least <= part <= field.most
        for field, value in limited
        for part in (value if isinstance(value, tuple) else (value,))
        if field.most
    )
