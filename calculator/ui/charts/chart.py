"""A chart on a page, in the size that fits the window."""

from collections.abc import Callable

from calculator.charts.figure import UnvalidatedFigure, enlarged, for_projector
from calculator.ui.charts.drawn_chart import drawn_chart
from calculator.ui.charts.plotly_chart import plotly_chart
from calculator.ui.session import run_values
from calculator.ui.session.viewport import width

PROJECTOR = 1.35
"""The factor by which charts grow in a wide window, so that they can be read from the back row."""

PRESENTER_TEXT = 1.4
"""The factor by which the text around a chart grows in addition in the presenter's view."""

MAX_KEPT_FIGURES = 64
"""The number of figures of each kind that are kept for all visitors; the one not used for longest goes."""

EXPLORED = "chart.explored"
"""The keys of the charts for which the visitor asked for Plotly, where only Streamlit can bring it."""


def chart(
    figure: UnvalidatedFigure,
    *,
    key: str,
    alt: str,
    image_format: str = "",
    presenting: bool = False,
    projected_height: int = 0,
    on_point: Callable[[tuple[object, ...]], None] | None = None,
) -> None:
    """Draw ``figure`` in the size that fits the window; ``alt`` describes its finding in words.

    With an ``image_format`` (``"svg"`` or ``"png"``) a button on the chart saves it as an image.
    ``presenting`` enlarges the text for the presenter's view; ``projected_height`` in pixels is the height of
    the chart there, with every letter large enough for the back row. A click on a point that carries numbers
    calls ``on_point`` with them. The numbers come from the browser, so they are untrusted: ``on_point`` must
    check them, because they may belong to an earlier figure.

    ``drawn_chart`` says when Plotly draws the figure. Where this process does not serve Plotly's script, the
    visitor's "Explore" has Streamlit draw it, without ``on_point``, for the rest of the session.
    """
    figure = for_window(figure, presenting=presenting, projected_height=projected_height)
    name = f"transposed-convolution-{key}"
    explored = run_values.read(EXPLORED, set[str])
    if key in explored:
        plotly_chart(figure, key=f"{key}.plotly", alt=alt, image_format=image_format, name=name)
        return
    drawn_chart(
        figure,
        key=key,
        alt=alt,
        image_format=image_format,
        name=name,
        on_explore=lambda: explored.add(key),
        on_point=on_point,
    )


def for_window(
    figure: UnvalidatedFigure, *, presenting: bool = False, projected_height: int = 0
) -> UnvalidatedFigure:
    """Return ``figure`` in the size that fits the visitor's window."""
    if projected_height and width() == "wide":
        return for_projector(figure, projected_height)
    factor = PROJECTOR if width() == "wide" else 1
    text = PRESENTER_TEXT if presenting and width() != "narrow" else 1
    return figure if factor == text == 1 else enlarged(figure, factor, text)
