"""A browser, a server and pages for the tests in this folder."""

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Error, Page, ViewportSize, sync_playwright

from tests.browser.chromium import arguments, find_browser
from tests.browser.page import LAPTOP, WATCH, Faults, settled
from tests.browser.server import APP, Server, serve
from tests.helpers.paths import ROOT

HERE = Path(__file__).parent
PICTURES = ROOT / "test-results"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, and run it last: the quick tests fail first.

    It also keeps Playwright's event loop, which stays until the session ends, out of every other test.
    Where tests are shared among processes, those of a file stay together; each process has one browser
    and one server for all of them.
    """
    for item in items:
        if HERE in item.path.parents and "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
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
class Pages:
    """Opens pages, and remembers them."""

    browser: Browser
    server: Server
    opened: list[tuple[Page, Faults, Server]] = field(default_factory=list)

    def __call__(
        self,
        path: str = "/",
        *,
        size: ViewportSize = LAPTOP,
        scheme: Literal["light", "dark"] = "light",
        server: Server | None = None,
        touch: bool = False,
        settle: bool = True,
    ) -> Page:
        """Open a page of a server in a fresh browser context, and wait until it has settled."""
        server = server or self.server
        context = self.browser.new_context(
            base_url=server.url,
            viewport=size,
            color_scheme=scheme,
            has_touch=touch,
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.add_init_script(WATCH)
        faults = Faults(server.url)
        context.on("page", faults.watch)
        page = context.new_page()
        self.opened.append((page, faults, server))
        page.goto(path)
        return settled(page) if settle else page

    def close(self) -> list[str]:
        """Close all pages; return what went wrong on any of them."""
        for page, _, _ in self.opened:
            if not page.is_closed():
                page.evaluate("0")  # One round trip: what was on its way to us has arrived.
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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a running browser."""
    path = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Return a server of the app that all tests share."""
    with serve(APP, tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return a function that starts a server which nobody has visited, of the app or of another script."""
    with ExitStack() as servers:

        def start(script: Path = APP) -> Server:
            return servers.enter_context(serve(script, tmp_path))

        yield start


@pytest.fixture
def open_page(browser: Browser, server: Server, fresh_server: object) -> Iterator[Pages]:
    """Return a function that opens pages; the test fails if anything went wrong on one of them.

    It stands on `fresh_server` so that pages are closed before their servers are.
    """
    pages = Pages(browser, server)
    yield pages
    faults = pages.close()
    assert not faults, "\n".join(faults)
