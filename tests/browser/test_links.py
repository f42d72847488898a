"""The link is the page: opened anew, gone back to, copied, scanned, embedded, or full of nonsense."""

import http.client
import io
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import quote, urlencode, urlsplit

import pytest
import segno
from PIL import Image
from playwright.sync_api import Locator, Page

from calculator.core.derivation import derive_parameters
from calculator.settings import Settings
from calculator.tables.answer import working
from calculator.tables.export import FORMATS, export
from calculator.tables.sweeps import plane_grid, sweeps
from calculator.ui.shell.share import frame_snippet
from tests.browser.browser_visitor import (
    TABS,
    click,
    enter,
    follow,
    go_to,
    linked,
    open_tab,
    press,
    screen,
    settled_frame,
    slider,
    switch,
    view_button,
)
from tests.browser.conftest import Pages, Profile
from tests.browser.page import LAPTOP, rerun, settled
from tests.browser.server import HEALTH, HOST, Server

RICH = {"k": "3x7", "in": "128", "out": "96", "g": "32", "bias": "0", "s": "3", "n": "5x9", "w": "1"}


def build_rich(page: Page) -> None:
    """Make the settings of ``RICH`` by the page's own controls, the part on stride and sizes open."""
    enter(page, "Input channels", "128")
    enter(page, "Output channels", "96")
    click(page, page.locator("label", has_text="One kernel size per axis"))
    enter(page, "Kernel size, height", "3")
    enter(page, "Kernel size, width", "7")
    slider(page, "Groups").focus()
    with rerun(page):
        page.keyboard.press("End")
    click(page, switch(page, "Bias"))
    click(page, switch(page, "Show the steps"))
    open_tab(page, "output")
    press(page, "Stride", "ArrowRight")
    enter(page, "Input size", "5x9")


def test_a_link_opens_the_same_page_on_a_server_nobody_has_visited(
    open_page: Pages, fresh_server: Callable[..., Server]
) -> None:
    page = open_page()
    build_rich(page)
    built = linked(page, **RICH, view="output")
    # The first visitor of a server may open any page of it.
    fresh = open_page(f"/sources?{urlsplit(page.url).query}", server=fresh_server())
    assert fresh.get_by_role("heading", level=1).inner_text() == "What is counted, and from which sources?"
    assert fresh.get_by_test_id("stException").count() == 0
    with rerun(fresh):
        fresh.get_by_role("link", name="Calculator").click()
    assert screen(fresh) == built
    for view in TABS:
        clicked = open_tab(page, view)
        assert clicked.query == (RICH if view == "growth" else {**RICH, "view": view})
        assert follow(fresh, urlsplit(page.url).query) == clicked


# Back and Forward


def test_back_and_forward_go_through_every_state(open_page: Pages) -> None:
    page = open_page("/?in=12")
    states = [screen(page)]
    states.append(press(page, "Kernel size", "ArrowRight"))
    states.append(click(page, switch(page, "Bias")))
    states.append(open_tab(page, "output"))
    states.append(enter(page, "Stride", "5"))
    states.append(enter(page, "Output channels", "1000"))
    states.append(click(page, page.get_by_role("radio", name="3-D", exact=True)))
    assert len({str(state.query) for state in states}) == len(states)
    for state in states[-2::-1]:
        page.go_back()
        assert linked(page, **state.query) == state
    for state in states[1:]:
        page.go_forward()
        assert linked(page, **state.query) == state
    page.reload()
    assert linked(page, **states[-1].query) == states[-1]
    page.go_back()
    assert linked(page, **states[-2].query) == states[-2]
    # A change after Back starts from there.
    before = press(page, "Kernel size", "ArrowRight")
    assert before.query == {**states[-2].query, "k": "6"}
    # Back takes away what was said about a mistake.
    press(page, "Input channels", "ArrowRight")
    assert len(enter(page, "Output channels", "none").alerts) == 1
    page.go_back()
    assert linked(page, **before.query) == before


def test_the_menu_keeps_every_setting_there_and_back(open_page: Pages) -> None:
    page = open_page(f"/?{urlencode(RICH)}&view=numbers")
    press(page, "Kernel size, height", "ArrowRight")
    before = screen(page)
    assert before.query == RICH | {"k": "4x7", "view": "numbers"}
    with rerun(page):
        page.get_by_role("link", name="Sources").click()
    assert urlsplit(page.url).path == "/sources"
    assert page.get_by_role("heading", level=1).inner_text() == "What is counted, and from which sources?"
    with rerun(page):
        page.get_by_role("link", name="Calculator").click()
    assert screen(page) == before
    page.go_back()
    page.wait_for_url("**/sources?*")
    settled(page)
    page.go_forward()
    view_button(page, TABS["numbers"]).wait_for()
    assert screen(settled(page)) == before


# Links nobody should have written

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(1)>'


UNUSABLE: dict[str, tuple[str, dict[str, str], list[str]]] = {
    "unusable numbers": (
        f"k=inf&in=1e400&s={'9' * 400}&p={quote('٣')}&bias=0&out=12",
        {"bias": "0", "out": "12"},
        ["k='inf' was", "in='1e400' was", "s='9999", "p='٣' was", "Kernel size must be a whole number"],
    ),
    "groups and keys": (
        "g=3&colour=red&d=1&d=2&in=64&scale=log",
        {"g": "3", "in": "64", "scale": "log"},
        [
            "colour was ignored: no setting has that key",
            "Dilation must be given once, received 2 values",
            "Groups must divide input channels 64 and output channels 64; 3 does not, so 1 is used",
        ],
    ),
    "scripts": (
        f"{quote(SCRIPT)}={quote(SCRIPT)}&view={quote(IMAGE)}&k={quote(SCRIPT)}&in=7&{quote(IMAGE)}=1",
        {"in": "7"},
        [f"k='{SCRIPT}' was", f"view='{IMAGE}' was", f"'{SCRIPT}' was ignored: no setting"],
    ),
    "60 KB": (
        f"in=33&k={'9' * 60_000}&view=plane",
        {"in": "33", "view": "plane"},
        ["k='999999", "Kernel size must be a whole number from 1 to 128"],
    ),
    "900 keys": (
        "in=33&" + "&".join(f"key{n}={n}" for n in range(900)),
        {"in": "33"},
        ["key0 was ignored", "895 more parts of the link were ignored"],
    ),
}
"""Links, each with what of it can be used and with what the page says about the rest."""


def test_an_unusable_link_is_explained_and_the_rest_of_it_opens(server: Server, open_page: Pages) -> None:
    # What is too long for the server is refused and does not harm it.
    address = urlsplit(server.url)
    for length in (300_000, 3_000_000):
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=30)
        try:
            connection.request("GET", f"/?in={'9' * length}")
            refused = connection.getresponse().status >= 400
        except (ConnectionError, http.client.RemoteDisconnected):
            refused = True  # The server closed the connection on such a line.
        finally:
            connection.close()
        assert refused, length

    page = open_page(HEALTH, settle=False)
    for name, (query, kept, said) in UNUSABLE.items():
        if page.url.endswith(HEALTH) or name == "60 KB":
            page.goto(f"/?{query}")
        else:
            go_to(page, query)
        now = linked(page, **kept)
        alerts = "\n".join(now.alerts)
        for sentence in said:
            assert sentence in alerts, name
        assert len(alerts) < 3_000, name
        assert page.evaluate("document.querySelectorAll('img[src=\"x\"]').length") == 0, name
        # The page is alive, and what an old link could not give is then old news.
        assert press(page, "Kernel size", "ArrowRight").query == {**kept, "k": "5"}, name
        assert not any("link" in alert for alert in screen(page).alerts), name
    assert follow(page, "in=9").answer == (9 * 64 * 16 + 64, 9 * 64 * 16, 64)


# Sharing


def read_qr(picture: bytes, link: str) -> list[list[bool]]:
    """Return which modules are dark in a picture of the QR code of ``link``, its quiet zone included."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    across = int(segno.make(link, error="m", micro=False).symbol_size(border=4)[0])
    step = image.width / across
    at = [int((place + 0.5) * step) for place in range(across)]
    return [[bool(image.getpixel((x, y)) < 128) for x in at] for y in at]  # type: ignore[operator]


def share(page: Page) -> Locator:
    """Open what is offered to share, and return it."""
    with rerun(page):
        page.get_by_role("button", name="Share").click()
    return page.get_by_role("dialog")


def test_a_hall_can_scan_the_code(open_page: Pages) -> None:
    page = open_page("/?in=12&view=plane")
    for scheme in ("light", "dark"):
        if scheme == "dark":
            with rerun(page):
                page.emulate_media(color_scheme="dark")
        image = share(page).get_by_role("img", name="QR code of")
        shown = image.bounding_box()
        assert shown
        assert shown["width"] == pytest.approx(shown["height"], abs=1)
        assert shown["height"] >= 0.6 * LAPTOP["height"]
        assert shown["y"] >= 0
        assert shown["y"] + shown["height"] <= LAPTOP["height"]
        link = page.url
        assert image.get_attribute("alt") == f"QR code of {link}"
        dark = read_qr(image.screenshot(), link)
        code = [
            [bool(module) for module in row]
            for row in segno.make(link, error="m", micro=False).matrix_iter(border=4)
        ]
        assert dark == code, scheme
        with rerun(page):
            page.keyboard.press("Escape")


def test_what_is_copied_opens_the_same_page(open_page: Pages) -> None:
    page = open_page("/?in=12")
    press(page, "Kernel size", "ArrowRight")
    before = open_tab(page, "numbers")
    dialog = share(page)
    found: list[str] = []
    for label, wanted in (
        ("Copy link", page.url),
        ("Copy frame", frame_snippet(page.url.replace("?", "?embed=true&"))),
    ):
        dialog.get_by_role("button", name=label).click()
        dialog.get_by_text("Copied").nth(len(found)).wait_for()
        copied: str = page.evaluate("navigator.clipboard.readText()")
        assert copied == wanted
        assert copied in dialog.get_by_role("code").all_inner_texts()
        found.append(copied)
    with rerun(page):
        page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert screen(page) == before
    page.goto(found[0])
    assert screen(settled(page)) == before


def test_the_tables_and_charts_of_the_page_are_saved(open_page: Pages) -> None:
    page = open_page("/?in=65536&out=65536&k=128&dim=3")
    layer = Settings(in_channels=65536, out_channels=65536, kernel_size=(128,), dimensions=3).counted_layer()
    share(page)
    tables = {
        "growth": sweeps(layer),
        "plane": plane_grid(layer),
        "working": working(derive_parameters(layer)),
    }
    titles = {"growth": "How the count grows", "plane": "Counts by channels", "working": "The working"}
    # One file of each table; that every button has its own is tested where the buttons are made.
    for (name, table), form in zip(tables.items(), FORMATS, strict=False):
        with page.expect_download() as download:
            page.get_by_role("button", name=f"{name}.{form.suffix}").click()
        assert download.value.suggested_filename == f"{name}.{form.suffix}"
        assert download.value.path().read_bytes() == export(table, form.name, title=titles[name])

    with rerun(page):
        page.keyboard.press("Escape")
    for view, image_format in (("growth", "svg"), ("growth", "png"), ("plane", "png")):
        follow(page, f"in=12&view={view}")
        if image_format == "png":
            click(page, page.get_by_role("radio", name="PNG"))
        chart = page.locator(f".st-key-{view}")
        drawn = chart.bounding_box()
        assert drawn
        chart.hover()
        with page.expect_download() as download:
            chart.get_by_role("button", name="Save the picture").click()
        assert download.value.suggested_filename == f"transposed-convolution-{view}.{image_format}"
        picture = download.value.path().read_bytes()
        if image_format == "svg":
            assert picture.startswith(b"<svg")
            assert "12,352" in picture.decode()
        else:
            assert picture.startswith(b"\x89PNG")
            size = Image.open(io.BytesIO(picture)).size
            assert size == pytest.approx((3 * drawn["width"], 3 * drawn["height"]), abs=6)


# Inside a course page


@pytest.fixture
def course(server: Server) -> Iterator[str]:
    """Return the address of a course page, served by somebody else, with the calculator in it."""
    body = f"<!doctype html><title>Course</title>{frame_snippet(f'{server.url}/?embed=true&in=12')}".encode()

    class Course(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body) if self.path == "/" else 0))
            self.end_headers()
            if self.path == "/":
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Course) as other:
        thread = Thread(target=other.serve_forever)
        thread.start()
        yield f"http://{HOST}:{other.server_port}"
        other.shutdown()
        thread.join()


def test_the_page_works_inside_a_course_page(
    profiles: dict[bool, Profile], server: Server, course: str
) -> None:
    pages = Pages(profiles, server)
    page = pages(f"{course}/", settle=False)
    element = page.wait_for_selector("iframe")
    assert element
    frame = element.content_frame()
    assert frame
    frame.wait_for_url(f"{server.url}/**")
    now = screen(settled_frame(frame))
    assert now.answer == (12_352, 12_288, 64)
    assert frame.get_by_test_id("stHeader").inner_text() == ""
    assert frame.get_by_test_id("stToolbar").count() == 0
    assert not frame.get_by_role("button", name="Main menu").is_visible()
    assert frame.get_by_role("link", name="Sources").count() == 0
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    asked = frame.evaluate("window.__watch.asked")
    slider(frame, "Kernel size").press("ArrowRight")
    now = screen(settled_frame(frame, asked=asked))
    assert (now.query, now.answer) == ({"in": "12", "k": "5"}, (19_264, 19_200, 64))
    asked = frame.evaluate("window.__watch.asked")
    view_button(frame, TABS["output"]).click()
    inside = screen(settled_frame(frame, asked=asked))
    assert "embed=true" in urlsplit(frame.url).query.split("&")
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Open the whole page").click()
    whole = settled(opened.value)
    assert "embed" not in whole.url
    assert whole.get_by_role("link", name="Sources").count() == 1
    outside = screen(whole)
    assert outside.choices.pop("Try", "") is None  # The examples, which a course page does not offer.
    assert outside == inside
    whole.close()
    # The course's own address is the only one that is not the server's.
    assert [fault for fault in pages.close() if course not in fault] == []
