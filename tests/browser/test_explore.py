"""Plotly takes the place of a light drawing where there is something to explore, and keeps the zoom."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from tests.browser import server as serving
from tests.browser.browser_visitor import view_button
from tests.browser.conftest import Pages
from tests.browser.page import LAPTOP, PHONE, rerun, settled
from tests.browser.server import APP, Server, streamlit_command

pytestmark = pytest.mark.plotly

SCRIPT = re.compile(r"/plotly-[0-9a-f]{12}\.js$")
KERNEL = "Kernel size"
SLOW = 30_000
"""Milliseconds that a machine with other work may need to fetch and run Plotly's script."""


def drawing(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-{key} .drawing")


def asked_for(page: Page) -> list[str]:
    """Return the requests for Plotly's script from now on, as they come."""
    seen: list[str] = []

    def watch(request: Request) -> None:
        if SCRIPT.search(request.url):
            seen.append(request.url)

    page.on("request", watch)
    return seen


def visible_part(page: Page, key: str) -> dict[str, list[float]]:
    """Return the ranges of the axes as Plotly draws them."""
    found: dict[str, list[float]] = drawing(page, key).evaluate(
        """drawing => {
            const { xaxis, yaxis } = drawing.querySelector(".place")._fullLayout;
            return { x: [...xaxis.range], y: [...yaxis.range] };
        }"""
    )
    return found


def drag(page: Page, key: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag the mouse over a chart, from one place to another: parts of its width and height."""
    box = drawing(page, key).bounding_box()
    assert box is not None
    ends = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in (start, end)]
    page.mouse.move(*ends[0])
    page.mouse.down()
    page.mouse.move(*ends[1], steps=4)
    page.mouse.up()
    page.mouse.move(0, 0)


def test_plotly_takes_over_with_a_script_that_is_fetched_once_and_last(open_page: Pages) -> None:
    page = open_page("/_stcore/health", settle=False, own_tab=True)
    asked = asked_for(page)
    page.goto("/")
    settled(page)
    chart = drawing(page, "growth")
    expect(chart).to_have_attribute("data-plotly", "here")
    expect(chart.locator(".main-svg").first).to_be_visible()
    expect(chart.locator("> svg")).not_to_be_visible()
    assert chart.locator("> svg").bounding_box() == chart.locator(".main-svg").first.bounding_box()
    # Nothing can be explored in the split.
    expect(drawing(page, "split")).not_to_have_attribute("data-plotly", "here")
    expect(drawing(page, "split").locator("> svg")).to_be_visible()
    with rerun(page):
        view_button(page, "Input against output channels").click()
    expect(drawing(page, "plane")).to_have_attribute("data-plotly", "here")
    plane = page.evaluate_handle("document.querySelector('.st-key-plane .drawing').chart")
    with rerun(page):
        page.get_by_role("link", name="Compare", exact=True).click()
    assert plane.evaluate("chart => chart.left")
    expect(drawing(page, "scatter")).to_have_attribute("data-plotly", "here")
    assert len(asked) == 1
    assert page.locator(f"script[src='{asked[0].partition('8501')[2] or asked[0]}']").count() <= 1
    # Streamlit's own copy was never needed.
    names: list[str] = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    assert not [name for name in names if "PlotlyChart" in name]
    fonts = [n for n, name in enumerate(names) if "/static/" in name]
    assert next(n for n, name in enumerate(names) if SCRIPT.search(name)) > fonts[0]


def test_what_is_zoomed_stays_zoomed_while_a_slider_moves_and_the_wheel_scrolls(open_page: Pages) -> None:
    page = open_page(size={**LAPTOP, "height": 500})
    drawing(page, "growth").scroll_into_view_if_needed()
    settled(page)
    whole = visible_part(page, "growth")
    # The wheel scrolls the page and never the chart.
    drawing(page, "growth").hover()
    page.mouse.wheel(0, -200)
    settled(page)
    assert visible_part(page, "growth") == whole
    page.set_viewport_size(LAPTOP)
    settled(page)
    drag(page, "growth", (0.15, 0.5), (0.3, 0.6))
    settled(page)
    zoomed = visible_part(page, "growth")
    assert zoomed["x"][1] - zoomed["x"][0] < 0.4 * (whole["x"][1] - whole["x"][0])
    # Only the settings are stretched: the counts have the same scale in all panels.
    assert zoomed["y"] == whole["y"]
    with rerun(page):
        page.get_by_role("slider", name=KERNEL).press("ArrowRight")
    assert visible_part(page, "growth")["x"] == zoomed["x"]
    expect(drawing(page, "growth")).to_have_attribute("data-plotly", "here")
    own = drawing(page, "growth").evaluate("drawing => drawing.querySelector('.place').data[3].text")
    assert "<b>4,864</b>" in own
    # A second drag moves the chart, never beyond its ends.
    drag(page, "growth", (0.3, 0.5), (0.9, 0.5))
    settled(page)
    moved = visible_part(page, "growth")["x"]
    assert moved[1] - moved[0] == pytest.approx(zoomed["x"][1] - zoomed["x"][0])
    assert whole["x"][0] <= moved[0] < zoomed["x"][0]
    drawing(page, "growth").get_by_role("button", name="Show the whole chart").click()
    settled(page)
    assert visible_part(page, "growth") == whole
    # It stands on the whole chart after a press too.
    with rerun(page):
        page.get_by_role("slider", name=KERNEL).press("ArrowLeft")
    assert visible_part(page, "growth") == whole


def test_a_plane_is_zoomed_by_buttons_and_a_double_click_leads_back(open_page: Pages) -> None:
    page = open_page("/?view=plane")
    chart = drawing(page, "plane")
    whole = visible_part(page, "plane")
    box = chart.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    tip = chart.locator(".tip")
    expect(tip).to_contain_text("parameters")
    first = tip.inner_text()
    assert chart.locator(".hoverlayer .hovertext").count() == 0
    nearer, farther, back = (
        chart.get_by_role("button", name=name) for name in ("Zoom in", "Zoom out", "Show the whole chart")
    )
    expect(farther).to_be_disabled()
    expect(back).to_be_disabled()
    nearer.click()
    nearer.click()
    settled(page)
    part = visible_part(page, "plane")
    for axis, (low, high) in whole.items():
        assert part[axis][1] - part[axis][0] == pytest.approx((high - low) / 4)
    farther.click()
    settled(page)
    assert visible_part(page, "plane")["x"] != whole["x"]
    # The tip is the same where the chart is zoomed. A click keeps it when the mouse leaves.
    page.mouse.move(box["x"] + 100, box["y"] + 100)
    expect(tip).to_contain_text("parameters")
    assert tip.inner_text() != first
    page.mouse.click(box["x"] + 100, box["y"] + 100)
    kept = tip.inner_text()
    page.mouse.move(0, 0)
    expect(tip).to_have_text(re.compile(re.escape(kept.split("\n")[0])))
    page.mouse.dblclick(box["x"] + 300, box["y"] + 200)
    settled(page)
    assert visible_part(page, "plane") == whole
    expect(back).to_be_disabled()


def test_a_phone_keeps_the_light_drawing_until_it_asks(open_page: Pages) -> None:
    page = open_page("/_stcore/health", settle=False, size=PHONE, touch=True, own_tab=True)
    asked = asked_for(page)
    page.goto("/model")
    settled(page)
    for key in ("treemap", "bars"):
        expect(drawing(page, key).locator("> svg")).to_be_visible()
        expect(drawing(page, key)).not_to_have_attribute("data-plotly", re.compile(""))
    assert asked == []
    drawing(page, "bars").get_by_role("button", name="Explore").tap()
    expect(drawing(page, "bars")).to_have_attribute("data-plotly", "here", timeout=SLOW)
    expect(drawing(page, "bars").get_by_role("button", name="Zoom in")).to_be_visible()
    expect(drawing(page, "bars").get_by_role("button", name="Explore")).to_be_hidden()
    assert len(asked) == 1
    expect(drawing(page, "treemap")).not_to_have_attribute("data-plotly", re.compile(""))
    settled(page)


def test_a_browser_that_saves_data_is_not_sent_the_script(open_page: Pages) -> None:
    open_page.plotly = False
    page = open_page("/_stcore/health", settle=False, own_tab=True)
    asked = asked_for(page)
    page.goto("/")
    settled(page)
    expect(drawing(page, "growth").get_by_role("button", name="Explore")).to_be_visible()
    assert asked == []


def test_a_script_that_cannot_be_fetched_leaves_the_light_drawing(open_page: Pages) -> None:
    page = open_page("/_stcore/health", settle=False, own_tab=True)
    page.route(SCRIPT, lambda route: route.abort("aborted"))
    page.goto("/")
    settled(page)
    chart = drawing(page, "growth")
    expect(chart.locator("> svg")).to_be_visible()
    again = chart.get_by_role("button", name="Loading failed. Try again")
    expect(again).to_be_visible()
    page.unroute(SCRIPT)
    again.click()
    expect(chart).to_have_attribute("data-plotly", "here", timeout=SLOW)
    # The browser reports what was broken off on purpose.
    [(_, faults, _)] = open_page.opened
    faults.seen[:] = [fault for fault in faults.seen if "ERR_ABORTED" not in fault]


def test_a_tap_tells_until_the_next_tap(open_page: Pages) -> None:
    page = open_page(size=PHONE, touch=True)
    chart = drawing(page, "growth")
    marks = chart.locator(".point")
    marks.first.scroll_into_view_if_needed()
    marks.first.tap()
    tip = chart.locator(".tip")
    told = "kernel size 43,072 weights + 64 biases3,136 parameters"
    expect(tip).to_have_text(told)
    page.mouse.wheel(0, 30)
    with rerun(page):
        page.get_by_role("slider", name="Input channels").press("ArrowRight")
    expect(tip).to_have_text("kernel size 44,096 weights + 64 biases4,160 parameters")
    marks.nth(1).tap()
    expect(tip).to_contain_text("kernel size 8")
    page.get_by_role("heading", level=1).tap()
    expect(tip).to_be_hidden()


SAID = """drawing => drawing.querySelector(".tip").checkVisibility()
  ? drawing.querySelector(".said").innerText : "no tip" """


def test_every_point_is_reached_by_keys(open_page: Pages) -> None:
    page = open_page("/compare?cmp=budget", size=PHONE)
    chart = drawing(page, "frontier")
    for drawn in ("light", "here"):
        if drawn == "here":
            with rerun(page):
                page.set_viewport_size(LAPTOP)
            page.go_back()
            chart.wait_for()
            expect(drawing(settled(page), "frontier")).to_have_attribute("data-plotly", drawn, timeout=SLOW)
        else:
            expect(chart).not_to_have_attribute("data-plotly", re.compile(""))
        corners: list[str] = chart.evaluate(
            "drawing => drawing.figure.data.find(trace => trace.name === 'frontier').customdata"
        )
        expect(chart.locator(".tip")).to_be_hidden()
        points = chart.get_by_role("application", name="Points of the chart")
        points.focus()
        page.keyboard.press("ArrowRight")
        seen = []
        for _ in corners:
            seen.append(chart.evaluate(SAID))
            page.keyboard.press("ArrowRight")
        assert seen == corners, drawn
        expect(chart.locator(".said")).to_have_text(corners[-1])
        page.keyboard.press("Home")
        expect(chart.locator(".tip")).to_have_text(corners[0])
        page.keyboard.press("ArrowDown")
        expect(chart.locator(".tip")).not_to_have_text(corners[0])
        page.keyboard.press("Escape")
        expect(chart.locator(".tip")).to_be_hidden()
        page.keyboard.press("End")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/\\?.*in="))
        settled(page)


def test_a_tile_is_opened_and_left(open_page: Pages) -> None:
    page = open_page("/model?net=unet")
    chart = drawing(page, "treemap")
    whole = chart.locator(".treemap .surface").count()
    chart.scroll_into_view_if_needed()
    title = chart.locator(".slicetext", has_text="down4").first.bounding_box()
    assert title is not None
    page.mouse.click(title["x"] + title["width"] / 2, title["y"] + title["height"] / 2)
    settled(page)
    expect(chart.locator(".slicetext", has_text="up1")).to_have_count(0)
    back = chart.get_by_role("button", name="Show the whole chart")
    expect(back).to_be_enabled()
    back.click()
    settled(page)
    expect(chart.locator(".treemap .surface")).to_have_count(whole)


def test_the_numbers_are_a_table_behind_one_click(open_page: Pages) -> None:
    page = open_page()
    button = drawing(page, "growth").get_by_role("button", name="The numbers as a table")
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(button).to_have_attribute("aria-expanded", "true")
    table = page.locator(".st-key-growth").get_by_role("table")
    expect(table.locator("caption")).to_contain_text("If the kernel doubles, the weights change by ×4")
    told: list[str] = drawing(page, "growth").evaluate(
        "drawing => drawing.figure.data[2].text.filter(Boolean)"
    )
    expect(table.get_by_role("row")).to_have_count(len(told))
    expect(table.get_by_role("row").nth(3)).to_have_text(
        "kernel size 43,072 weights + 64 biases3,136 parameters"
    )
    with rerun(page):
        page.get_by_role("slider", name="Input channels").press("ArrowRight")
    expect(table.get_by_role("row").nth(3)).to_contain_text("4,160 parameters")
    button.click()
    expect(table).to_be_hidden()


def test_without_our_server_streamlit_brings_plotly(
    open_page: Pages, fresh_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "command", streamlit_command)
    page = open_page(server=fresh_server(APP))
    chart = drawing(page, "growth")
    expect(chart.locator("> svg")).to_be_visible()
    expect(chart).not_to_have_attribute("data-plotly", re.compile(""))
    with rerun(page):
        chart.get_by_role("button", name="Explore").click()
    expect(page.locator(".stPlotlyChart .main-svg").first).to_be_visible()
    expect(drawing(page, "growth")).to_have_count(0)
    expect(drawing(page, "split")).to_be_visible()
