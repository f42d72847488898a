"""Every setting, described once: key in the link, label, help, default, limits and scope.

``Settings`` has raw values. They may describe an impossible layer, for which ``layer()`` raises
``LayerError``. The parameter count only needs ``counted_layer()``, which always exists.
"""

from dataclasses import dataclass

from calculator.core.layer import ConvTranspose
from calculator.networks.builtin import NETWORKS
from calculator.settings.fields import described, setting
from calculator.settings.layer import LAYER_FIELDS
from calculator.settings.page import PageSettings


@dataclass(frozen=True, kw_only=True)
class Settings(PageSettings):
    """All settings of a visit: one layer and the pages about it, a whole model, learning and a class.

    >>> Settings().layer().parameter_count
    3136
    """

    network: str = setting(
        "net",
        "choice",
        "dcgan",
        "Network",
        "A network from a paper or a tutorial, with its published total.",
        choices={item.key: item.name for item in NETWORKS},
        scope="page",
    )
    chain_size: tuple[int, ...] = setting(
        "at",
        "size",
        (),
        "Input size of the model",
        "Positions of the model's input along each axis. Empty: the size in the table of layers.",
        minimum=1,
        maximum=1_000_000,
        scope="visitor",
    )
    layers: str = setting(
        "table",
        "table",
        "",
        "Own layers",
        "Your table of layers, shown instead of the network.",
        scope="visitor",
    )
    model_view: str = setting(
        "model",
        "choice",
        "where",
        "Model",
        "The open view of the model page.",
        choices={
            "where": "Where the parameters are",
            "layers": "Layers",
            "advice": "Advice",
            "memory": "Memory",
            "difference": "Two models",
        },
        scope="page",
    )

    learn_view: str = setting(
        "learn",
        "choice",
        "lesson",
        "Learning",
        "The open view of the learn page.",
        choices={"lesson": "Lesson", "exercises": "Exercises", "worksheet": "Worksheet"},
        scope="page",
    )
    step: int = setting(
        "step", "whole", 1, "Step", "The step of the lesson that is open.", scope="page", minimum=1, maximum=8
    )
    presenting: bool = setting(
        "present",
        "switch",
        False,
        "Presenter's view",
        "Large text for a projector: one step of the lesson, or one view of this page, on the whole screen.",
        scope="page",
    )
    seed: int = setting(
        "seed",
        "whole",
        1,
        "Seed",
        "The same seed always gives the same exercises to everybody.",
        minimum=0,
        maximum=999_999_999,
        scope="visitor",
    )
    level: int = setting(
        "level",
        "choice",
        1,
        "Level",
        "1: square kernels. 2: rectangles, 1-D, 3-D, groups. 3: decoders, and settings from a given result. "
        "4: layers as a course writes them.",
        choices={1: "1", 2: "2", 3: "3", 4: "4"},
        scope="visitor",
    )
    exercise: int = setting(
        "no",
        "whole",
        1,
        "Exercise",
        "Its number for this seed and level.",
        minimum=1,
        maximum=30,
        scope="page",
    )
    questions: int = setting(
        "q",
        "whole",
        10,
        "Questions",
        "How many exercises are on the sheet.",
        minimum=1,
        maximum=30,
        slider_maximum=30,
        scope="visitor",
    )
    sheet_letter: str = setting(
        "sheet",
        "choice",
        "all",
        "Sheet",
        "Sheets A and B have different numbers, for two neighbours. B has another seed.",
        choices={"all": "For all", "A": "A", "B": "B"},
        scope="visitor",
    )
    sheet_title: str = setting(
        "title",
        "text",
        "",
        "Title",
        "The heading of the sheet. Empty: the usual title.",
        scope="visitor",
        maximum=80,
    )
    class_source: str = setting(
        "class",
        "choice",
        "lesson",
        "Ask the class",
        "The predictions of the lesson, the exercises of a level and seed, or the layer that is set.",
        choices={"lesson": "The lesson", "exercises": "Exercises", "layer": "This layer"},
        scope="page",
    )
    room: str = setting(
        "room",
        "text",
        "",
        "Room",
        "The code of the class that is open. It admits phones; it does not lead the class.",
        scope="page",
        maximum=6,
    )

    @property
    def presents_lesson(self) -> bool:
        """Whether the page Learn shows a step of the lesson in the presenter's view, and nothing else."""
        return self.presenting and self.learn_view == "lesson"


FIELDS = described(Settings)
"""Every setting, in the order of the page. Inputs, links and tests loop over it."""

FIELD = {field.name: field for field in FIELDS}
"""Every setting by its name."""


def same_layer(one: Settings, other: Settings) -> bool:
    """Return whether two settings have the same layer. The view and the visitor's own settings may differ.

    >>> same_layer(Settings(view="plane"), Settings()), same_layer(Settings(in_channels=4), Settings())
    (True, False)
    """
    return all(
        getattr(one, field.name) == getattr(other, field.name) for field in FIELDS if field.scope == "layer"
    )


def settable(layer: ConvTranspose) -> bool:
    """Return whether every value of ``layer`` lies within the limits of its setting.

    >>> settable(ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 129)))
    False
    """
    limited = [(field, getattr(layer, field.name)) for field in LAYER_FIELDS if hasattr(layer, field.name)]
    return all(
        field.minimum <= part <= field.maximum
        for field, value in limited
        for part in (value if isinstance(value, tuple) else (value,))
        if field.maximum
    )
