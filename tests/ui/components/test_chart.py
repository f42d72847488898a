"""One function draws every chart and chooses its renderer."""

from functools import partial
from typing import Any

import pytest

from calculator.charts.figure import UnvalidatedFigure
from calculator.ui.components import chart as module
from calculator.ui.components.chart import PLOTLY, chart


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls of both renderers, in a window of the usual width."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def record(renderer: str, figure: UnvalidatedFigure, **more: Any) -> None:
        calls.append((renderer, more))

    for renderer in ("plotly_chart", "svg_chart"):
        monkeypatch.setattr(module, renderer, partial(record, renderer))
    monkeypatch.setattr(module, "width", lambda: "usual")
    return calls


def test_the_key_decides_the_renderer(drawn: list[tuple[str, dict[str, Any]]]) -> None:
    for key in ("growth", *sorted(PLOTLY)):
        chart(UnvalidatedFigure({}), key=key, alt="words", image_format="svg")
    assert [name for name, _ in drawn] == ["svg_chart", *["plotly_chart"] * len(PLOTLY)]
    assert {more["name"] for _, more in drawn} == {
        f"transposed-convolution-{key}" for key in ("growth", *PLOTLY)
    }
    assert all((more["alt"], more["image_format"]) == ("words", "svg") for _, more in drawn)


def test_a_chart_that_plotly_draws_has_no_clicks(drawn: list[tuple[str, dict[str, Any]]]) -> None:
    with pytest.raises(
        ValueError,
        match=r"^on_point is not possible with the charts \[.*'treemap'.*\], received 'treemap'\.$",
    ):
        chart(UnvalidatedFigure({}), key="treemap", alt="words", on_point=print)
    assert drawn == []
