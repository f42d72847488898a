"""The start page gives Streamlit the messages of a frame together, in their order, and loses none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from calculator.web.start_page import SCRIPT

OPEN = """
() => {
  window.got = [];
  window.socket = new WebSocket("ws://messages.test/");
  socket.addEventListener("message", ({data}) => got.push(data));
  socket.addEventListener("close", () => got.push("closed"));
  const message = data => new MessageEvent("message", {data});
  window.come = (...all) => { for (const data of all) socket.dispatchEvent(message(data)); };
}
"""
FRAME = "new Promise(resolve => requestAnimationFrame(() => resolve(got.splice(0))))"
SECOND = """
() => socket.addEventListener("message", ({data}) => {
  if (data === 1) throw Error("broken");
  got.push(-data);
})
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.route(
        "**/*", lambda route: route.fulfill(body=f"<script>{SCRIPT}</script>", content_type="text/html")
    )
    page.route_web_socket("**/*", lambda socket: None)
    page.goto("http://messages.test/")
    page.evaluate(OPEN)
    yield page
    page.close()


def test_messages_come_at_the_next_frame_in_their_order(page: Page) -> None:
    assert page.evaluate("come(1, 2, 3), got.length") == 0
    assert page.evaluate(FRAME) == [1, 2, 3]
    assert page.evaluate(f"come(4), {FRAME}") == [4]


def test_a_hidden_tab_does_not_wait_for_a_frame(page: Page) -> None:
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
    assert page.evaluate("come(1, 2), got") == [1, 2]


def test_messages_come_where_there_are_no_frames(page: Page) -> None:
    page.evaluate("window.requestAnimationFrame = () => 0")  # As in a frame that is scrolled out of sight.
    assert page.evaluate("come(1, 2), got.length") == 0
    page.wait_for_function("got.length === 2", polling=20)


def test_messages_come_before_the_end_of_the_connection(page: Page) -> None:
    assert page.evaluate("come(1, 2), socket.dispatchEvent(new CloseEvent('close')), got") == [1, 2, "closed"]
    assert page.evaluate(FRAME) == [1, 2, "closed"]


def test_a_message_that_is_not_understood_does_not_hold_up_the_next(page: Page) -> None:
    page.evaluate(SECOND)
    with page.expect_event("pageerror"):
        assert page.evaluate(f"come(1, 2), {FRAME}") == [1, 2, -2]
    assert page.evaluate(f"come(3), {FRAME}") == [3, -3]
