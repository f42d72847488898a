"""The settings of the pages about one layer: the calculator, the picture and the comparison."""

from dataclasses import dataclass

from calculator.core.aims import AIMS, DEFAULT_AIMS, MAX_AIMS
from calculator.core.layer import ConvTranspose
from calculator.core.memory import NUMBER_TYPES
from calculator.settings.fields import setting
from calculator.settings.layer import CHANNELS, KERNEL, LayerSettings

SHELF_ROOM = 6
"""The maximum number of layers on the shelf."""


@dataclass(frozen=True)
class Kept:
    """A layer on the shelf, and its name."""

    name: str
    settings: LayerSettings


@dataclass(frozen=True, kw_only=True)
class PageSettings(LayerSettings):
    """A layer, the layers that follow it, and the views of the pages about it.

    >>> PageSettings().layer().parameter_count
    3136
    """

    batch_norm: bool = setting(
        "bn", "switch", False, "BatchNorm follows", "A BatchNorm over the output channels follows."
    )
    frozen: bool = setting(
        "frozen", "switch", False, "Layer is frozen", "Its weights and biases are not trained; BatchNorm is."
    )
    second: bool = setting(
        "two", "switch", False, "A second layer follows", "Its input is the output of the first layer."
    )
    second_out_channels: int = setting(
        "out2", "whole", 32, "Output channels, second layer", "Channels of its output.", **CHANNELS
    )
    second_kernel_size: tuple[int, ...] = setting(
        "k2", "spatial", (1,), "Kernel size, second layer", "Positions that its kernel covers.", **KERNEL
    )
    hidden: bool = setting(
        "ask",
        "switch",
        False,
        "Answer hidden",
        "The calculator asks for a prediction before it shows the answer.",
        scope="page",
    )
    view: str = setting(
        "view",
        "choice",
        "growth",
        "View",
        "The open view of the calculator page.",
        choices={
            "growth": "How the count grows",
            "plane": "Input against output channels",
            "output": "What does not change the count",
            "numbers": "Which number is right?",
            "frameworks": "In your framework",
        },
        scope="page",
    )
    working: bool = setting(
        "w", "switch", False, "Show the steps", "The calculation, from one kernel to the total.", scope="page"
    )
    scale: str = setting(
        "scale",
        "choice",
        "linear",
        "Scale",
        "Linear or logarithmic axes.",
        choices={"linear": "linear", "log": "log"},
        scope="page",
    )
    image_format: str = setting(
        "pic",
        "choice",
        "svg",
        "Save charts as",
        "The file format of a chart that you save.",
        choices={"svg": "SVG", "png": "PNG"},
        scope="page",
    )
    picture_view: str = setting(
        "see",
        "choice",
        "stamp",
        "Picture",
        "The open view of the picture page.",
        choices={
            "stamp": "The stamp",
            "tensor": "The weight tensor",
            "transposed": "Why “transposed”?",
            "overlap": "Overlap · checkerboard",
            "size": "Output size",
        },
        scope="page",
    )
    pair_in: int = setting(
        "ci",
        "whole",
        1,
        "Input channel shown",
        "Counted from 1; a row of the weight tensor.",
        **CHANNELS,
        scope="visitor",
    )
    pair_out: int = setting(
        "co",
        "whole",
        1,
        "Output channel shown",
        "Counted from 1, in the same group.",
        **CHANNELS,
        scope="visitor",
    )
    fill: str = setting(
        "fill",
        "choice",
        "numbers",
        "Values",
        "Small whole numbers, or only ones: then each output value counts its products.",
        choices={"numbers": "numbers", "ones": "ones"},
        scope="page",
    )
    wanted_size: tuple[int, ...] = setting(
        "want",
        "spatial",
        (32,),
        "Wanted output size",
        "Positions that the output should have along each axis.",
        minimum=1,
        maximum=10_000_000,
        slider_maximum=256,
        scope="visitor",
    )
    kernel_bound: int = setting(
        "kmax",
        "whole",
        0,
        "Largest kernel",
        "0: up to twice the stride.",
        minimum=0,
        maximum=128,
        slider_maximum=64,
        scope="visitor",
    )
    stride_bound: int = setting(
        "smax",
        "whole",
        0,
        "Largest stride",
        "0: those next to wanted ÷ input size, and up to 8 in a chain.",
        minimum=0,
        maximum=128,
        slider_maximum=32,
        scope="visitor",
    )
    dilation_bound: int = setting(
        "dmax",
        "whole",
        1,
        "Largest dilation",
        "In a single layer; a chain has dilation 1.",
        minimum=1,
        maximum=16,
        slider_maximum=4,
        scope="visitor",
    )
    output_padding_bound: int = setting(
        "opmax",
        "whole",
        1,
        "Largest output padding",
        "More than 1 leaves positions empty, or moves the crop by a position.",
        minimum=0,
        maximum=127,
        slider_maximum=7,
        scope="visitor",
    )
    chain_bound: int = setting(
        "lmax",
        "whole",
        5,
        "Most layers in a chain",
        "Chains of two layers up to this number are tried.",
        minimum=2,
        maximum=8,
        slider_maximum=8,
        scope="visitor",
    )
    listed_overlap: str = setting(
        "ov",
        "choice",
        "even",
        "Overlap of products",
        "Uneven overlap favours a checkerboard pattern; holes are output positions that no weight reaches.",
        choices={"even": "even", "covered": "even or uneven", "any": "any, also with holes"},
        scope="visitor",
    )
    click_opens: str = setting(
        "to",
        "choice",
        "calculator",
        "A click opens the layer in",
        "The calculator, or Model as a table of layers. A chain always opens in Model.",
        choices={"calculator": "the calculator", "model": "Model"},
        scope="page",
    )
    compare_view: str = setting(
        "cmp",
        "choice",
        "alternatives",
        "Comparison",
        "The open view of the compare page.",
        choices={
            "alternatives": "Alternatives",
            "size": "Wanted size",
            "shelf": "Shelf",
            "budget": "Budget",
            "tools": "What other tools print",
        },
        scope="page",
    )
    aims: tuple[str, ...] = setting(
        "aim",
        "choices",
        DEFAULT_AIMS,
        "I want",
        "One or two. Costs are made small together: their product is smallest. No checkerboard: no weights "
        "can make a pattern that repeats with the scale. Easy to export: every layer is one layer of PyTorch "
        "and of Keras, and one operator of ONNX.",
        choices=AIMS,
        maximum=MAX_AIMS,
        scope="page",
    )
    every_form: bool = setting(
        "forms",
        "switch",
        False,
        "All forms",
        "Every form that is compared, not only the usual ones.",
        scope="page",
    )
    every_column: bool = setting(
        "cols", "switch", False, "All columns", "Also the columns that seldom decide.", scope="page"
    )
    number_type: str = setting(
        "type",
        "choice",
        "float32",
        "Number type",
        "Data type of each value.",
        choices={name: name for name in NUMBER_TYPES},
        scope="page",
    )
    budget_of: str = setting(
        "of",
        "choice",
        "parameters",
        "Budget of",
        "Work and memory are those of one sample of the input size.",
        choices={
            "parameters": "parameters",
            "work": "multiply–accumulates",
            "memory": "memory to run",
            "training": "memory to train",
        },
        scope="visitor",
    )
    budget: int = setting(
        "budget",
        "whole",
        100_000,
        "Budget",
        "What one layer may need at most: parameters, multiply–accumulates or bytes.",
        minimum=1,
        maximum=10**15,
        scope="visitor",
    )
    shelf: tuple[Kept, ...] = setting(
        "shelf", "shelf", (), "Shelf", "Layers kept side by side, each with a name.", scope="visitor"
    )
    reference: int = setting(
        "ref",
        "whole",
        1,
        "Compared with",
        "The layer on the shelf that the others are compared with.",
        minimum=1,
        maximum=SHELF_ROOM,
        scope="page",
    )

    @property
    def used_pair(self) -> tuple[int, int]:
        """The input and output channel to show, counted from 0, corrected to channels of one group.

        >>> PageSettings(in_channels=4, out_channels=8, groups=2, pair_in=3, pair_out=1).used_pair
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
