"""The names of the measured views, and the links that open them."""

from urllib.parse import urlencode

from calculator.settings import FIELD, Settings
from calculator.settings.fields import Value
from calculator.settings.layer import LayerSettings
from calculator.settings.link import encode
from calculator.settings.page import Kept

CALCULATOR, PICTURE, COMPARE = (
    tuple(map(str, FIELD[name].choices)) for name in ("view", "picture_view", "compare_view")
)
WANTED_SIZE = "wanted size"
"""The view of Compare that has the same name as a view of Picture."""

COMPARE = tuple(WANTED_SIZE if view == "size" else view for view in COMPARE)

SHELF = (
    Kept("as it is", LayerSettings()),
    Kept("wide", LayerSettings(in_channels=64, kernel_size=(3,))),
    Kept("depthwise", LayerSettings(in_channels=64, groups=64)),
)
"""Three layers that the shelf is opened with."""


def link(page: str, **values: Value) -> str:
    """Return the link that opens a page with settings."""
    query = urlencode(encode(Settings().change(**values)))
    return f"{page}?{query}" if query else page


LINKS = (
    {view: link("/", view=view) for view in CALCULATOR}
    | {view: link("/picture", picture_view=view) for view in PICTURE}
    | {view: link("/compare", compare_view=view) for view in COMPARE if view != WANTED_SIZE}
    | {WANTED_SIZE: link("/compare", compare_view="size")}
    | {"shelf": link("/compare", compare_view="shelf", shelf=SHELF)}
)
"""The link of every view."""
