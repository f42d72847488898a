"""The instruments themselves: a page at rest shows its last run, and every fault is seen."""

import socket
import time
from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Page, TimeoutError, ViewportSize

from tests.browser.conftest import Pages, Profile
from tests.browser.page import PHONE, PROJECTOR, rerun, serious_violations, settled
from tests.browser.server import HEALTH, HOST, Server, serve

PLAIN = HEALTH
"""A page of the server without a script of Streamlit."""

# At 7 the script waits for a word from the test.
SCRIPT = """
import socket
import time
import plotly.graph_objects as go
import streamlit as st

st.title("Small")
number = st.slider("Number", 0, 100, 5)
if number == 7:
    with socket.create_connection(("127.0.0.1", {port})) as gate:
        gate.recv(1)
st.write(f"Now {{number}}.")
st.plotly_chart(go.Figure(go.Bar(x=["a"], y=[number])), key="chart", alt="one bar")
"""


@pytest.fixture(scope="module")
def gate() -> Iterator[socket.socket]:
    with socket.create_server((HOST, 0)) as gate:
        gate.settimeout(60)
        yield gate


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, gate: socket.socket) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("small")
    script = folder / "small.py"
    script.write_text(SCRIPT.format(port=gate.getsockname()[1]))
    with serve(script, folder) as server:
        yield server


@pytest.fixture
def pages(profiles: dict[bool, Profile], small: Server) -> Iterator[Pages]:
    pages = Pages(profiles, small)
    yield pages
    pages.close()


def shown(page: Page) -> str:
    """Return the page's text as it is now: no waiting for what should be there."""
    text: str = page.evaluate("document.body.innerText")
    return text


def bar(page: Page) -> int:
    """Return the height of the bar that is drawn now."""
    height: int = page.evaluate("document.querySelector('.js-plotly-plot:has(.main-svg)').data[0].y[0]")
    return height


def test_a_page_at_rest_shows_its_last_run(pages: Pages) -> None:
    page = pages()
    assert "Now 5." in shown(page)
    assert bar(page) == 5
    page.get_by_role("slider").press("End")
    settled(page, asked=1)
    for number in range(99, 93, -1):
        with rerun(page):
            page.get_by_role("slider").press("ArrowLeft")
        assert f"Now {number}." in shown(page)
        assert bar(page) == number
    page.reload()
    assert "Now 5." in shown(settled(page))
    assert pages.close() == []


def test_there_is_no_rest_before_the_last_run(pages: Pages, gate: socket.socket) -> None:
    page = pages()
    # A rerun that never came is not taken for one.
    with pytest.raises(TimeoutError), rerun(page, timeout=500):
        page.get_by_text("Now 5.").hover()
    with rerun(page):
        page.get_by_role("slider").press("ArrowRight")
    page.get_by_role("slider").press("ArrowRight")
    script, _ = gate.accept()
    with script:
        with pytest.raises(TimeoutError):
            settled(page, timeout=500)
        script.send(b".")
        assert "Now 7." in shown(settled(page))


FAULTS = {
    "console.error('one thing')": "console error: one thing",
    "setTimeout(() => alert('anything'))": "dialog: anything",
    "new Promise(done => setTimeout(() => { done(); null.x; }))": "page error: Cannot read",
    "fetch('/media/missing.png')": (
        "console error: Failed to load resource: the server responded with a status of 404"
    ),
    "fetch('http://192.0.2.1/').catch(() => 0)": "request to another host: http://192.0.2.1/",
    "void new WebSocket('ws://192.0.2.1/')": "request to another host: ws://192.0.2.1/",
}
"""Scripts, each with how the fault begins that it makes."""


def test_a_fault_is_seen(pages: Pages) -> None:
    page = pages(PLAIN, settle=False)
    [(_, faults, _)] = pages.opened
    for script, fault in FAULTS.items():
        page.evaluate(script)
        until = time.monotonic() + 10
        while not any(seen.startswith(fault) for seen in faults.seen) and time.monotonic() < until:
            page.evaluate("new Promise(requestAnimationFrame)")  # what is on its way to us may arrive
    told = pages.close()
    assert [fault for fault in FAULTS.values() if not any(seen.startswith(fault) for seen in told)] == []


def test_nothing_but_the_server_can_be_reached(pages: Pages) -> None:
    page = pages(PLAIN, settle=False)
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://localhost:{other.getsockname()[1]}/"
        assert (
            page.evaluate("url => fetch(url, {mode: 'no-cors'}).catch(String)", url)
            == "TypeError: Failed to fetch"
        )
    assert any("ERR_NAME_NOT_RESOLVED" in seen for seen in pages.close())


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (PROJECTOR, "light")])
def test_a_page_has_the_size_and_colours_it_was_opened_with(
    pages: Pages, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    page = pages(PLAIN, settle=False, size=size, scheme=scheme)
    assert page.evaluate("({width: innerWidth, height: innerHeight})") == size
    assert page.evaluate("scheme => matchMedia(`(prefers-color-scheme: ${scheme})`).matches", scheme)


def test_axe_names_what_is_serious_and_where(pages: Pages) -> None:
    page = pages(PLAIN, settle=False)
    page.set_content("<!doctype html><html lang=en><title>Plain</title><main><h1>Plain</h1></main></html>")
    assert serious_violations(page) == []
    page.evaluate("document.body.append(Object.assign(new Image(), {src: 'data:,', id: 'bare'}))")
    [violation] = serious_violations(page)
    assert violation.startswith("critical: image-alt: ")
    assert violation.endswith(": #bare")
