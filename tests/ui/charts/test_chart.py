"""One function draws every chart; Streamlit's own chart is for those who ask where nothing serves Plotly."""

from functools import partial
from typing import Any

import pytest
import streamlit as st

from calculator.charts.figure import PROJECTED_TEXT, UnvalidatedFigure
from calculator.ui.charts import chart as module
from calculator.ui.charts.chart import EXPLORED, chart, for_window


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Return the calls of both renderers, in a window of the usual width and in a new session."""
    calls: list[tuple[str, dict[str, Any]]] = []

    def record(renderer: str, figure: UnvalidatedFigure, **more: Any) -> None:
        calls.append((renderer, more))

    for renderer in ("plotly_chart", "drawn_chart"):
        monkeypatch.setattr(module, renderer, partial(record, renderer))
    monkeypatch.setattr(module, "width", lambda: "usual")
    monkeypatch.setattr(st, "session_state", {})
    return calls


def test_every_chart_is_drawn_at_once(drawn: list[tuple[str, dict[str, Any]]]) -> None:
    for key in ("growth", "treemap"):
        chart(UnvalidatedFigure({}), key=key, alt="words", image_format="svg", on_point=print)
    assert [name for name, _ in drawn] == ["drawn_chart"] * 2
    assert [more["name"] for _, more in drawn] == [
        "transposed-convolution-growth",
        "transposed-convolution-treemap",
    ]
    assert all((more["alt"], more["image_format"]) == ("words", "svg") for _, more in drawn)
    assert all(more["on_point"] is print for _, more in drawn)


def test_a_chart_that_is_explored_is_plotlys_from_then_on(drawn: list[tuple[str, dict[str, Any]]]) -> None:
    chart(UnvalidatedFigure({}), key="growth", alt="words", image_format="png")
    drawn[0][1]["on_explore"]()
    assert st.session_state[EXPLORED] == {"growth"}
    for key in ("growth", "plane"):
        chart(UnvalidatedFigure({}), key=key, alt="words", image_format="png")
    assert [name for name, _ in drawn] == ["drawn_chart", "plotly_chart", "drawn_chart"]
    assert drawn[1][1] == {
        "key": "growth.plotly",
        "alt": "words",
        "image_format": "png",
        "name": "transposed-convolution-growth",
    }


def test_on_a_wall_the_smallest_letter_can_be_read_from_the_back_row(
    drawn: list[tuple[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = {
        "data": [{"textfont": {"size": 14}}],
        "layout": {"height": 300, "font": {"size": 14}, "xaxis": {"tickfont": {"size": 12}}},
    }
    monkeypatch.setattr(module, "width", lambda: "wide")
    large = for_window(UnvalidatedFigure(spec), presenting=True, projected_height=640).to_dict()
    assert large["layout"]["height"] == 640
    assert large["layout"]["xaxis"]["tickfont"]["size"] == PROJECTED_TEXT == 24
    assert large["data"][0]["textfont"]["size"] == 28
    # A phone that opens the link has the usual chart.
    monkeypatch.setattr(module, "width", lambda: "narrow")
    assert for_window(UnvalidatedFigure(spec), presenting=True, projected_height=640).to_dict() == spec
