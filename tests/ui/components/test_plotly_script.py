"""The pages know the address of Plotly's script where this process serves it."""

import pytest

from calculator.ui.components import plotly_script


@pytest.fixture(autouse=True)
def nothing_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plotly_script, "_addresses", [])


def test_nothing_is_served_until_a_server_says_so() -> None:
    assert plotly_script.address() == ""
    plotly_script.served_at("/base/plotly-1.js")
    plotly_script.served_at("/base/plotly-2.js")
    assert plotly_script.address() == "/base/plotly-2.js"
