"""A browser, a server and pages for the tests in this folder.

Each process has one browser and one server for all its tests. Most of what a page costs is Streamlit's own
script, which a browser with empty caches fetches and compiles anew for every page, and even a browser that
has it fetches it anew for every tab. So a test's first page is opened in the browser's own profile, in the
same tab as that of the test before, which keeps that and forgets all else after the test; its first page with
a touch screen in another that does the same. Another visitor gets a fresh context.
"""

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urljoin

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    CDPSession,
    Error,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.browser.chromium import OPTIMISE_LATER, arguments, find_browser
from tests.browser.page import LAPTOP, WATCH, Faults, settled
from tests.browser.server import APP, HEALTH, Server, serve
from tests.helpers.paths import ROOT

HERE = Path(__file__).parent
PICTURES = ROOT / "test-results"
PERMISSIONS = ["clipboard-read", "clipboard-write"]

# Playwright waits five seconds for what it expects, in which a busy machine may not have drawn a page.
expect.set_options(timeout=30_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, and run it last: the quick tests fail first.

    It also keeps Playwright's event loop, which stays until the session ends, out of every other test.
    Where tests are shared among processes, each process takes the next one when it has done its last.
    """
    for item in items:
        if HERE in item.path.parents and "profile" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the server printed and a picture of every open page."""
    report = yield
    pages = getattr(item, "funcargs", {}).get("open_page")
    if report.failed and isinstance(pages, Pages):
        report.sections += pages.evidence(re.sub(r"\W+", "-", item.nodeid))
    return report


@dataclass
class Profile:
    """A profile of the browser for one visitor at a time; only its caches outlive a visit."""

    context: BrowserContext
    browser: Browser
    server: Server
    tab: Page
    """Stays open, between visits on a plain address of the server: a browser ends with its last page."""
    faults: Faults | None = None
    """Those of the visit that goes on, if any."""

    def open(
        self, faults: Faults, *, size: ViewportSize, scheme: Literal["light", "dark"], own_tab: bool
    ) -> Page:
        """Begin a visit with an empty page."""
        assert self.context.pages == [self.tab]
        self.faults = faults
        self.context.on("page", faults.watch)
        faults.watch(self.tab)
        page = self.context.new_page() if own_tab else self.tab
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        return page

    def leave(self) -> None:
        """End the visit: close its tabs but the one that stays, and forget all that they have stored."""
        if not self.faults:
            return
        self.context.remove_listener("page", self.faults.watch)
        self.faults.leave(self.tab)
        for page in self.context.pages:
            if page != self.tab:
                page.close()
        self.tab.mouse.move(-1, -1)
        self.tab.emulate_media(media="null", reduced_motion="null", forced_colors="null")
        self.tab.goto(f"{self.server.url}{HEALTH}")
        self.tab.evaluate("sessionStorage.clear()")
        self.context.clear_cookies()
        session = self.context.new_cdp_session(self.tab)
        session.send("Storage.clearDataForOrigin", {"origin": self.faults.origin, "storageTypes": "all"})
        session.detach()
        self.faults = None


@dataclass
class Pages:
    """Opens pages, and remembers them."""

    profiles: dict[bool, Profile]
    """The profile without a touch screen, and the one with it."""
    server: Server
    plotly: bool = False
    """Whether a chart becomes Plotly's by itself on a large screen.

    Else the visitors save data, and see light drawings: a fifth of what a page with charts costs is Plotly's.
    """
    opened: list[tuple[Page, Faults, Server]] = field(default_factory=list)
    saving: dict[Page, CDPSession] = field(default_factory=dict)
    """The sessions that say of a page that its visitor saves data; they say so until they are detached."""

    def __call__(
        self,
        path: str = "/",
        *,
        size: ViewportSize = LAPTOP,
        scheme: Literal["light", "dark"] = "light",
        server: Server | None = None,
        touch: bool = False,
        settle: bool = True,
        own_tab: bool = False,
    ) -> Page:
        """Open a page of a server for a visitor who was never there, and wait until it has settled.

        In the profile, an address that a test goes to later and that names no server is the shared server's.
        A test that gives a page a script, a route or a listener of its own wants ``own_tab``, which is closed
        after it; another server has one too.
        """
        server = server or self.server
        faults = Faults(server.url)
        profile = self.profiles[touch]
        if not profile.faults:
            own_tab |= server != profile.server
            page = profile.open(faults, size=size, scheme=scheme, own_tab=own_tab)
        else:
            context = new_context(profile.browser, server, touch=touch)
            context.on("page", faults.watch)
            page = context.new_page()
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
        if not self.plotly:
            self.saving[page] = page.context.new_cdp_session(page)
            self.saving[page].send("Emulation.setDataSaverOverride", {"dataSaverEnabled": True})
        self.opened.append((page, faults, server))
        page.goto(urljoin(server.url, path))
        return settled(page) if settle else page

    def close(self) -> list[str]:
        """Close all pages; return what went wrong on any of them."""
        for page, _, _ in self.opened:
            if not page.is_closed():
                page.evaluate("0")  # One round trip: what was on its way to us has arrived.
                if page in self.saving:
                    self.saving[page].detach()
            kept = [profile for profile in self.profiles.values() if profile.context == page.context]
            if kept:
                kept[0].leave()
            else:
                page.context.close()
        return [fault for _, faults, _ in self.opened for fault in faults.unexpected()]

    def evidence(self, name: str) -> list[tuple[str, str]]:
        """Return the servers' output, and where a picture of every open page was put."""
        servers = {server.url: server for _, _, server in self.opened}
        sections = [(f"server {url}", server.output()) for url, server in servers.items()]
        for number, (page, _, _) in enumerate(self.opened):
            if not page.is_closed():
                picture = PICTURES / f"{name}-{number}.png"
                try:
                    page.screenshot(path=picture)
                except Error as error:  # a page that hangs: the failure itself must still be told
                    sections.append((f"no picture of {page.url}", error.message))
                else:
                    sections.append((f"picture of {page.url}", str(picture)))
        return sections


def new_context(browser: Browser, server: Server, *, touch: bool) -> BrowserContext:
    """Return a context with empty caches, whose pages tell when they have settled."""
    context = browser.new_context(base_url=server.url, has_touch=touch, permissions=PERMISSIONS)
    context.add_init_script(WATCH)
    return context


@pytest.fixture(scope="session")
def profile(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """Return the profile of a running browser, for visits of the shared server."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=find_browser(),
            args=[*arguments(), OPTIMISE_LATER],
            base_url=server.url,
            viewport=LAPTOP,
            permissions=PERMISSIONS,
        )
        context.add_init_script(WATCH)
        [tab] = context.pages
        tab.goto(HEALTH)
        assert context.browser
        yield Profile(context, context.browser, server, tab)
        context.close()


@pytest.fixture(scope="session")
def touch_profile(profile: Profile, server: Server) -> Iterator[Profile]:
    """Return a profile with a touch screen."""
    context = new_context(profile.browser, server, touch=True)
    tab = context.new_page()
    tab.goto(HEALTH)
    yield Profile(context, profile.browser, server, tab)
    context.close()


@pytest.fixture(scope="session")
def profiles(profile: Profile, touch_profile: Profile) -> dict[bool, Profile]:
    """Return the profile without a touch screen, and the one with it."""
    return {False: profile, True: touch_profile}


@pytest.fixture(scope="session")
def browser(profile: Profile) -> Browser:
    """Return a running browser."""
    return profile.browser


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of the app that all tests share."""
    with serve(APP, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return a function that starts a server which nobody has visited, of the app or of another script."""
    with ExitStack() as servers:

        def start(script: Path = APP, port: int = 0) -> Server:
            return servers.enter_context(serve(script, tmp_path, port))

        yield start


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest, profiles: dict[bool, Profile], server: Server, fresh_server: object
) -> Iterator[Pages]:
    """Return a function that opens pages; the test fails if anything went wrong on one of them.

    It stands on `fresh_server` so that pages are closed before their servers are.
    """
    pages = Pages(profiles, server, plotly=request.node.get_closest_marker("plotly") is not None)
    yield pages
    faults = pages.close()
    assert not faults, "\n".join(faults)
