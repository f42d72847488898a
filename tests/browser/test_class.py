"""A class in a real browser: a teacher at the projector, and phones with and without scripts and network."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, expect

from tests.browser.page import PHONE, PROJECTOR, Faults, rerun, serious_violations, settled
from tests.browser.server import Server
from tests.browser.test_look import divided

SMALLEST: ViewportSize = {"width": 320, "height": 568}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CODE = re.compile("[A-Z0-9]{6}")

EXPECTED = (
    *("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED"),  # The network is away.
    *(f"a status of {status}" for status in (404, 409, 422)),
)
"""What a browser reports where the class has ended, or an answer came too late or is not a number."""

OpenPage = Callable[..., Page]


@pytest.fixture
def open_phone(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Return the function that opens the page of a class on a phone of its own."""
    contexts = []
    faults = Faults(server.url)

    def phone(code: str, *, script: bool = True, size: ViewportSize = PHONE) -> Page:
        context = browser.new_context(
            base_url=server.url,
            viewport=size,
            java_script_enabled=script,
            has_touch=True,
        )
        context.on("page", faults.watch)
        contexts.append(context)
        page: Page = context.new_page()
        page.goto(f"/j/{code}")
        return page

    yield phone
    for context in contexts:
        context.close()
    assert [fault for fault in faults.seen if not any(part in fault for part in EXPECTED)] == []


def start(page: Page) -> str:
    """Start a class, and return its code."""
    with rerun(page):
        page.get_by_role("button", name="Start a class").press("Enter")
    shown = page.locator(".st-key-class-code").inner_text().strip()
    assert CODE.fullmatch(shown)
    return shown


def press(page: Page, key: str, sees: str) -> None:
    """Press a key, and wait until the wall shows a text and its buttons are those of that moment."""
    page.keyboard.press(key)
    expect(page.locator(".st-key-class-room")).to_contain_text(sees, timeout=20_000)
    settled(page)


def asked(open_page: OpenPage, open_phone: Callable[..., Page], *, script: bool = True) -> tuple[Page, Page]:
    """Return the wall of a class whose question, 5 · 3 · 16 + 3, is open, and a phone that has joined."""
    wall = open_page("/class?class=exercises&q=1")
    phone = open_phone(start(wall), script=script)
    press(wall, "n", "of 1 answered")
    return wall, phone


def send(phone: Page, text: str) -> None:
    """Type an answer and send it by the key of the keyboard."""
    box = phone.get_by_role("textbox")
    box.fill(text)
    box.press("Enter")
    expect(phone.locator("#notice")).to_contain_text("Received")


def small_texts(page: Page) -> list[str]:
    """Return the texts of the wall that are smaller than 24 pixels."""
    found: list[str] = page.evaluate(
        """() => {
          const small = [], walk = root => {
            for (const element of root.querySelectorAll("*")) {
              if (element.shadowRoot) walk(element.shadowRoot);
              const own = [...element.childNodes].some(one => one.nodeType === 3 && one.data.trim());
              if (own && element.checkVisibility() && !element.closest("style, [data-testid=stIconMaterial]")
                  && element.getBoundingClientRect().width > 1
                  && parseFloat(getComputedStyle(element).fontSize) < 23.9)
                small.push(`${element.textContent.trim()}: ${getComputedStyle(element).fontSize}`);
            }
          };
          walk(document.querySelector(".st-key-class-room"));
          return small;
        }"""
    )
    return found


def cut_off_in_chart(wall: Page) -> list[str]:
    """Return the texts of the chart that do not fit into it."""
    found: list[str] = settled(wall).evaluate(
        """() => [...document.querySelectorAll(".drawing > svg")].flatMap(svg => {
          const { left, right } = svg.getBoundingClientRect();
          return [...svg.querySelectorAll("text")].filter(text => {
            const box = text.getBoundingClientRect();
            return box.left < left || box.right > right;
          }).map(text => text.textContent);
        })"""
    )
    return found


def violations(wall: Page) -> list[str]:
    """Return what axe finds on the wall in both themes."""
    found = serious_violations(wall)
    with rerun(wall):
        wall.emulate_media(color_scheme="dark")
    found += serious_violations(wall)
    with rerun(wall):
        wall.emulate_media(color_scheme="light")
    return found


def test_a_class_by_keyboard_from_start_to_gain(open_page: OpenPage, open_phone: Callable[..., Page]) -> None:
    wall = open_page("/class?class=exercises&q=1", size=PROJECTOR)
    code = start(wall)
    phones = [open_phone(code) for _ in range(5)]
    for phone in phones:
        expect(phone.get_by_role("heading", name="You are in")).to_be_visible()
    expect(wall.locator(".st-key-class-count")).to_contain_text("5 joined")
    assert small_texts(settled(wall)) == []
    press(wall, " ", "of 5 answered")
    for phone, text in zip(phones, ("243", "240", "240", "5*16", "1000"), strict=True):
        expect(phone.get_by_role("textbox")).to_be_visible()  # The script has brought the question.
        send(phone, text)
    expect(wall.locator(".st-key-class-count")).to_contain_text("5 of 5 answered.")
    assert small_texts(settled(wall)) == []
    press(wall, "n", "The voting is closed")
    press(wall, "PageDown", "1 of 5 right (20 %)")
    names = ("Vote again", "Explain again", "Results")
    rows = [settled(wall).get_by_role("button", name=name).bounding_box() for name in names]
    assert len({box["y"] for box in rows if box}) == 1
    expect(phones[1].locator("main")).to_contain_text("240 is the result with the biases forgotten.")
    expect(phones[0].locator("main")).to_contain_text("Right: 243.")
    chart = settled(wall).locator(".drawing > svg").first
    for text in ("the biases forgotten", "5 × 3 × 16 + 0 = 240", "2 · 40 %", "other numbers"):
        expect(chart.get_by_text(text, exact=False).first).to_be_visible()
    bar = chart.get_by_text("1 · 20 %").first.bounding_box()
    tools = wall.locator(".tools").first.bounding_box()
    assert bar
    assert tools
    assert tools["y"] + tools["height"] <= bar["y"]  # The buttons cover no bar.
    assert small_texts(wall) == []
    assert violations(wall) == []
    press(wall, "a", "second vote")
    for phone, text in zip(phones, ("243", "243", "240", "240", "1000"), strict=True):
        expect(phone.locator(".where")).to_contain_text("second vote")
        send(phone, text)
    press(wall, " ", "5 of 5 answered. The voting is closed.")
    press(wall, " ", "2 of 5 right (40 %)")
    expect(settled(wall).locator(".drawing > svg").first).to_contain_text("filled: second vote")
    assert cut_off_in_chart(wall) == []
    press(wall, " ", "From 20 % to 40 % right in 1 question voted on twice: ⟨g⟩ = 0.25")
    assert small_texts(settled(wall)) == []
    assert violations(wall) == []
    wall.get_by_role("button", name="End the class").press("Enter")
    wall.get_by_role("button", name="Delete everything").press("Enter")
    expect(wall.locator(".st-key-class-room")).to_contain_text("all its data has been deleted")
    for phone in phones:
        expect(phone.get_by_role("heading", name="This class has ended.")).to_be_visible()


def test_a_phone_is_accessible_in_every_state(open_page: OpenPage, open_phone: Callable[..., Page]) -> None:
    wall = open_page("/class")
    code = start(wall)
    phone = open_phone(code)
    fits(phone)
    for key, sees in (("n", "of 1 answered"), ("n", "The voting is closed"), ("n", "Nobody answered")):
        press(wall, key, sees)
        phone.reload()
        fits(phone)
        if sees.endswith("of 1 answered"):
            phone.get_by_role("textbox").fill("x")
            phone.get_by_role("button").click()
            expect(phone.locator("#notice")).to_contain_text("which is not a whole number")
            fits(phone)
    phone.goto("/j")
    fits(phone)


def fits(phone: Page) -> None:
    """Check a page in both themes: not wider than the screen, also twice as large; targets of 44 pixels."""
    for size, scheme in itertools.product((SMALLEST, PHONE), SCHEMES):
        phone.set_viewport_size(size)
        phone.emulate_media(color_scheme=scheme)
        assert serious_violations(phone) == [], (size, scheme)
    for size in (SMALLEST, PHONE):
        phone.set_viewport_size(size)
        for control in phone.locator("button, a, input:not([type=hidden])").all():
            box = control.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 44
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        phone.evaluate("document.documentElement.style.fontSize = '200%'")
        phone.evaluate("document.body.style.fontSize = '36px'")
        assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
        phone.evaluate("document.body.style.fontSize = ''")
        phone.evaluate("document.documentElement.style.fontSize = ''")


def test_no_name_of_a_question_is_divided_on_a_phone(
    open_page: OpenPage, open_phone: Callable[..., Page]
) -> None:
    wall = open_page("/class?class=exercises&seed=3&q=1")
    phone = open_phone(start(wall), size=SMALLEST)
    press(wall, "n", "of 1 answered")
    expect(phone.locator("h1")).to_contain_text("nn.ConvTranspose2d(in_channels=64, ")
    assert divided(phone, "main") == []


def test_a_phone_without_javascript(open_page: OpenPage, open_phone: Callable[..., Page]) -> None:
    wall, phone = asked(open_page, open_phone, script=False)
    phone.get_by_role("link", name="Look for news").click()
    phone.get_by_role("textbox").fill("3,136")
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator("#notice")).to_have_text("Received 3,136. You can change it while voting is open.")
    assert urlsplit(phone.url).path == f"/j/{parse_qs(urlsplit(wall.url).query)['room'][0]}"
    press(wall, "n", "The voting is closed")
    press(wall, "n", "0 of 1 right")
    phone.get_by_role("link", name="Look for news").click()
    expect(phone.locator("main")).to_contain_text("The working: 5 × 3 × 16 + 3 = 243.")


def test_a_phone_loses_no_answer_without_network_or_by_a_reload(
    open_page: OpenPage, open_phone: Callable[..., Page]
) -> None:
    wall, phone = asked(open_page, open_phone)
    late = open_phone(urlsplit(phone.url).path.rpartition("/")[2])
    box = phone.get_by_role("textbox")
    box.press_sequentially("24")
    phone.reload()
    expect(box).to_have_value("24")
    with offline(phone):
        box.press("End")
        box.press_sequentially("3")
        phone.get_by_role("button").click()
        expect(phone.locator("#line")).to_have_text("Not sent yet. Your answer is kept here and sent again.")
        expect(box).to_have_value("243")
    expect(phone.locator("#notice")).to_contain_text("Received 243.", timeout=30_000)
    expect(phone.locator("#line")).to_be_empty()
    expect(wall.locator(".st-key-class-count")).to_contain_text("1 of 2 answered.")

    # An answer that was never sent comes too late after a reload.
    def lost(route: Route) -> None:
        if route.request.method == "POST":
            route.abort()
        else:
            route.continue_()

    late.route("**/now*", lost)
    late.get_by_role("textbox").fill("243")
    late.get_by_role("button").click()
    expect(late.locator("#line")).to_contain_text("Not sent yet.")
    press(wall, "n", "The voting is closed")
    late.unroute("**/now*", lost)
    late.reload()
    expect(late.locator("main")).to_contain_text("Voting was closed before this answer arrived")
    expect(late.locator("main")).to_contain_text("You sent no answer.")


@contextmanager
def offline(page: Page) -> Iterator[None]:
    """Take the network from a page."""
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)


def test_the_teacher_reloads_takes_another_device_and_goes_to_the_lesson_and_back(
    open_page: OpenPage,
) -> None:
    wall = open_page("/class", size=PROJECTOR)
    code = start(wall)
    # Space presses the button that has the focus, not the one that goes on.
    wall.get_by_role("button", name="Copy my link").focus()
    wall.keyboard.press(" ")
    expect(wall.get_by_text("Copied", exact=True)).to_be_visible()
    expect(wall.locator(".st-key-class-code")).to_be_visible()
    link: str = wall.evaluate("() => navigator.clipboard.readText()")
    secret = link.partition("#")[2]
    assert link.endswith(f"room={code}#{secret}")
    assert len(secret) >= 32
    assert secret not in wall.url
    assert secret not in wall.content()
    wall.reload()
    expect(settled(wall).locator(".st-key-class-code")).to_have_text(code)
    other = open_page("/class", touch=True)
    other.goto(link)
    expect(other.locator(".st-key-class-code")).to_have_text(code)
    assert "#" not in settled(other).url
    press(other, "n", "of 0 answered")
    expect(wall.locator(".st-key-class-room")).to_contain_text("of 0 answered")

    press(wall, "n", "The voting is closed")
    press(wall, "n", "Nobody answered")
    with rerun(wall):
        wall.keyboard.press("e")
    assert urlsplit(wall.url).path == "/learn"
    expect(wall.get_by_role("radio", name="1 Kernel")).to_be_checked()
    back = wall.get_by_role("button", name=f"Back to class {code}")
    expect(back).to_be_visible()
    # The key that led here leads back, also from a slider; and so does the button, from any page.
    wall.get_by_role("slider", name="Kernel size").focus()
    press(wall, "e", "Nobody answered")
    assert urlsplit(wall.url).path == "/class"
    with rerun(wall):
        wall.get_by_role("link", name="Compare").click()
    wall.keyboard.press("e")
    expect(wall.locator(".st-key-class-room")).to_contain_text("Nobody answered", timeout=20_000)


def test_the_class_votes_again_before_the_answers_are_shown(
    open_page: OpenPage, open_phone: Callable[..., Page]
) -> None:
    wall, phone = asked(open_page, open_phone)
    send(phone, "240")
    press(wall, "n", "The voting is closed")
    for name in ("Reveal the answers", "Vote again"):
        expect(wall.get_by_role("button", name=name)).to_be_visible()
    assert "243" not in wall.locator(".st-key-class-room").inner_text()
    press(wall, "a", "second vote")
    expect(phone.locator(".where")).to_contain_text("second vote")
    assert "240 is" not in phone.locator("main").inner_text()
    send(phone, "243")
    press(wall, "n", "The voting is closed")
    press(wall, "n", "1 of 1 right (100 %)")
    chart = settled(wall).locator(".drawing > svg").first
    expect(chart).to_contain_text("hollow: first vote, filled: second vote")
    expect(chart.get_by_text("1 · 100 %")).to_have_count(2)
