"""The first visit of a page: the title before the scripts, what moves, what is fetched."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from streamlit import file_util

from calculator.ui.shell.pages import PAGES
from calculator.web.start_page import start_pages
from tests.browser.conftest import Profile
from tests.browser.page import LAPTOP, PHONE, WATCH, Faults, settled, still
from tests.browser.server import APP, HEALTH, Server, serve

MOBILE = (
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Mobile Safari/537.36"
)
MAX_SHIFT = 0.1
"""The limit of a good layout shift: https://web.dev/articles/cls."""

PLOTLY = {"PlotlyChart", "printWidthCap", "resolveDefaultExport", "withFullScreenWrapper"}
"""The chunks of a chart by Plotly. They are so large that all else comes first."""

SHIFTS = """
(() => {
  window.__shifts = [];
  const at = ({x, y, width, height}) => [x, y, width, height].map(Math.round).join(" ");
  const name = ({node, previousRect, currentRect}) =>
    `${node?.className || node?.nodeName}: ${at(previousRect)} to ${at(currentRect)}`;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) {
      if (!entry.hadRecentInput) window.__shifts.push([entry.value, entry.sources.map(name).join(", ")]);
    }
  }).observe({type: "layout-shift", buffered: true});
})();
"""

HELD = """
(() => {
  window.__released = new Promise(resolve => { window.__release = resolve; });
  const address = URL.createObjectURL;
  URL.createObjectURL = part => address.call(URL,
    part.type === "text/javascript" ? new Blob(["await window.__released;", part], {type: part.type}) : part);
})();
"""
"""The scripts of the components wait for ``__release()``, as on a slow processor."""

READY = """
() => new Promise(resolve => {
  let frames = 0;
  const look = () => {
    const app = document.querySelector('[data-testid="stApp"]');
    const ready = app?.querySelector("h1") && app.dataset.testScriptState === "notRunning"
      && !document.querySelector('[data-testid="stSkeleton"]');
    frames = ready ? frames + 1 : 0;
    if (frames < 10) { requestAnimationFrame(look); return; }
    resolve("loading" in document.documentElement.dataset);
  };
  look();
})
"""
"""Whether everything is still hidden ten frames after all but the components is drawn."""

HELD_WINDOW = """
window.Blob = class extends Blob {
  constructor(parts, options) {
    const own = String(parts).includes("data.narrow");
    super(own ? ["await window.__released;", ...parts] : parts, options);
  }
};
window.__released = new Promise(resolve => { window.__release = resolve; });
"""
"""The script that tells the width of the window waits for ``__release()``."""


@contextmanager
def new_profile(browser: Browser, server: Server, size: ViewportSize = LAPTOP) -> Iterator[Profile]:
    """Give a profile with empty caches that notes what moves; on a phone's screen it is that of a phone."""
    context = browser.new_context(
        base_url=server.url, user_agent=MOBILE if size == PHONE else None, has_touch=size == PHONE
    )
    context.add_init_script(WATCH)
    context.add_init_script(SHIFTS)
    tab = context.new_page()
    tab.goto(HEALTH)
    yield Profile(context, browser, server, tab)
    context.close()


@pytest.fixture(scope="module")
def visited(browser: Browser, server: Server, plain_server: Server) -> Iterator[dict[str, Profile]]:
    """Return profiles whose caches may have what an earlier visit fetched, but nothing else of it."""
    with (
        new_profile(browser, server) as laptop,
        new_profile(browser, server, PHONE) as phone,
        new_profile(browser, plain_server) as plain,
    ):
        yield {"laptop": laptop, "phone": phone, "plain": plain}


@contextmanager
def visitor(profile: Profile, size: ViewportSize = LAPTOP) -> Iterator[Page]:
    """Give a page of a visitor who was never there; fail if anything went wrong on it."""
    faults = Faults(profile.server.url)
    page = profile.open(faults, size=size, scheme="light", own_tab=True)
    try:
        yield page
        page.evaluate("0")
    finally:
        profile.leave()
    assert faults.unexpected() == []


def place(page: Page, selector: str) -> list[float]:
    """Return where an element is: left, top, and the height."""
    box = page.locator(selector).bounding_box()
    assert box
    return [box["x"], box["y"], box["height"]]


@pytest.fixture(scope="module")
def plain_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of the app with Streamlit's own start page."""
    with serve(APP, tmp_path_factory.mktemp("plain"), streamlit=True) as server:
        yield server


STREAMLITS = ("static/js/", "static/media/")
OURS = re.compile(r"chart-[0-9a-f]{12}\.js$")


@contextmanager
def noted(page: Page) -> Iterator[list[str]]:
    """Give the scripts and fonts that a page fetches, in their order; the list is filled after the block."""
    requests: list[str] = []
    page.on("request", lambda request: requests.append(urlsplit(request.url).path.lstrip("/")))
    files: list[str] = []
    yield files
    files += [
        file.removeprefix("static/") for file in requests if OURS.match(file) or file.startswith(STREAMLITS)
    ]


def check_fetched(files: list[str], plain: Profile, address: str) -> None:
    """Fail unless each file is fetched once, all that Streamlit needs, and named by the start page."""
    assert sorted(files) == sorted(set(files))
    chart = {file for file in files if OURS.match(file)}
    with visitor(plain) as page, noted(page) as needed:
        page.goto(f"/{address}")
        settled(page)
    assert set(files) - chart == set(needed)
    static = Path(file_util.get_static_dir())
    start = start_pages(static, "chart-0.js")[address]
    assert bool(chart) == ("chart-0.js" in start)
    named = set(re.findall(r'"\./static/([^"]*)"', start)) | chart
    late = {file for file in set(files) - named if file.startswith("js/")}
    assert {file for file in late if file.split("/")[1].split(".")[0] not in PLOTLY} == set()


ADDRESSES = (*(page.address for page in PAGES), "?embed=true", "compare?cmp=shelf")


SCREENS = {"laptop": LAPTOP, "phone": PHONE}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_the_title_comes_first_nothing_moves_and_each_file_comes_once(
    browser: Browser, server: Server, visited: dict[str, Profile], screen: str, address: str
) -> None:
    # A visit is answered for all questions: nearly all that a question costs is the load. What is shown does
    # not depend on where the scripts come from, so only the calculator's are always fetched anew.
    with ExitStack() as opened:
        empty = not address and opened.enter_context(new_profile(browser, server, SCREENS[screen]))
        profile = empty or visited[screen]
        with visitor(profile, SCREENS[screen]) as page:
            page.route("**/static/js/**", lambda _: None)  # They wait for an answer.
            page.goto(f"/{address}", wait_until="commit")
            first = page.locator("#first h1")
            expect(first).to_be_visible()
            expect(page.locator("#first p")).to_contain_text("Loading")
            page.evaluate("document.fonts.load('700 20px \"Source Sans\"').then(() => document.fonts.ready)")
            title, before = first.inner_text(), place(page, "#first h1")
        with visitor(profile, SCREENS[screen]) as page, noted(page) as files:
            page.add_init_script(HELD)
            page.goto(f"/{address}", wait_until="commit")
            assert page.evaluate(READY), "The page is shown before its menu and its charts are drawn."
            page.evaluate("__release()")
            still(settled(page))
            expect(page.locator("#first")).to_have_count(0)
            expect(page.locator("h1")).to_have_count(1)
            expect(page.locator("h1")).to_have_text(title)
            assert place(page, "h1") == pytest.approx(before, abs=1)
            assert page.title().startswith(title)
            expect(page.locator("html[data-loading]")).to_have_count(0)
            if "embed" not in address:
                foot = page.locator('[data-testid="stCaptionContainer"]').last
                expect(foot).to_be_visible()
            shifts = page.evaluate("window.__shifts")
            assert sum(value for value, _ in shifts) <= MAX_SHIFT, shifts
    if screen == "laptop" and address in [page.address for page in PAGES]:
        check_fetched(files, visited["plain"], address)


def test_a_narrow_window_that_is_not_a_phones_is_shown_once_its_width_is_known(
    visited: dict[str, Profile],
) -> None:
    with visitor(visited["laptop"], PHONE) as page:
        page.add_init_script(HELD_WINDOW)
        page.goto("/model")
        for drawn in (".st-key-menu nav a", ".drawing > svg > *"):
            page.locator(drawn).first.wait_for(state="attached")
        assert page.evaluate(READY), "The page is shown before the width of its window is known."
        page.evaluate("__release()")
        still(settled(page))
        expect(page.locator("html[data-loading]")).to_have_count(0)
        shifts = page.evaluate("window.__shifts")
        assert sum(value for value, _ in shifts) <= MAX_SHIFT, shifts
