"""A chart on a page, drawn by Plotly or as SVG, in the size that fits the window."""

from collections.abc import Callable

from calculator.charts.figure import UnvalidatedFigure, enlarged
from calculator.ui.components.plotly_chart import plotly_chart
from calculator.ui.components.svg_chart import svg_chart
from calculator.ui.session.viewport import width

PLOTLY = frozenset({"tallies", "treemap", "variants"})
"""The charts that Plotly draws, by their keys: nested areas, and bars on two pairs of axes.

Our own component draws all others as SVG, which takes the browser a fraction of the time.
"""

PROJECTOR = 1.35
"""The factor by which charts grow in a wide window, so that they can be read from the back row."""

PRESENTER_TEXT = 1.35
"""The factor by which the text around a chart grows in addition in the presenter's view."""


def chart(
    figure: UnvalidatedFigure,
    *,
    key: str,
    alt: str,
    image_format: str = "",
    presenting: bool = False,
    on_point: Callable[[tuple[object, ...]], None] | None = None,
) -> None:
    """Draw ``figure`` in the size that fits the window; ``alt`` describes its finding in words.

    With an ``image_format`` (``"svg"`` or ``"png"``) a button on the chart saves it as an image.
    ``presenting`` enlarges the text for the presenter's view. A click on a point that carries numbers calls
    ``on_point`` with them. The numbers come from the browser, so they are untrusted: ``on_point`` must check
    them, because they may belong to an earlier figure. Raises ``ValueError`` for ``on_point`` with a chart
    that Plotly draws.
    """
    figure = for_window(figure, presenting=presenting)
    name = f"transposed-convolution-{key}"
    if key not in PLOTLY:
        svg_chart(figure, key=key, alt=alt, image_format=image_format, name=name, on_point=on_point)
    elif on_point is None:
        plotly_chart(figure, key=key, alt=alt, image_format=image_format, name=name)
    else:
        raise ValueError(f"on_point is not possible with the charts {sorted(PLOTLY)}, received {key!r}.")


def for_window(figure: UnvalidatedFigure, *, presenting: bool = False) -> UnvalidatedFigure:
    """Return ``figure`` in the size that fits the visitor's window."""
    factor = PROJECTOR if width() == "wide" else 1
    text = PRESENTER_TEXT if presenting and width() != "narrow" else 1
    return figure if factor == text == 1 else enlarged(figure, factor, text)
