"""The pages know the addresses of scripts where this process serves them."""

import pytest

from calculator.ui.browser import script_addresses


@pytest.fixture(autouse=True)
def nothing_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_addresses, "_addresses", {})


def test_nothing_is_served_until_a_server_says_so() -> None:
    assert script_addresses.address("plotly") == ""
    script_addresses.served_at("plotly", "/base/plotly-1.js")
    script_addresses.served_at("plotly", "/base/plotly-2.js")
    script_addresses.served_at("chart", "/base/chart-1.js")
    assert script_addresses.address("plotly") == "/base/plotly-2.js"
    assert script_addresses.address("chart") == "/base/chart-1.js"
