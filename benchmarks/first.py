"""The first visit, from an empty cache until something, the answer and all charts are seen."""

import math
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, ViewportSize

from benchmarks.report import aim, median, table, three_digits
from benchmarks.serving import chromium, serving
from calculator.ui.shell.pages import PAGES
from tests.browser.page import LAPTOP, PHONE, WATCH, settled

# Notes when the app connects, when the answer and when everything is drawn, and how much moved. On a page
# without an answer, the first control is the answer. What was drawn and is not drawn any more is drawn later.
RECORDER = """
(() => {
  const seen = window.__visit = {answer: null, drawn: null, connects: null, shift: 0};
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) { super(...args); seen.connects ??= performance.now(); }
  };
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) { if (!entry.hadRecentInput) { seen.shift += entry.value; } }
  }).observe({type: "layout-shift", buffered: true});
  const seeable = element => element.checkVisibility({visibilityProperty: true});
  const look = now => {
    const app = document.querySelector('[data-testid="stApp"]');
    const answer = app?.querySelector('.st-key-answer p, .st-key-empty, [data-testid="stMarkdown"] h2');
    if (answer && seeable(answer)) { seen.answer ??= now; }
    const components = [...app?.querySelectorAll('[data-testid="stBidiComponentIsolated"]') ?? []];
    const charts = [...app?.querySelectorAll(".stPlotlyChart, .drawing") ?? []];
    const drawn = seen.answer !== null && app.dataset.testScriptState === "notRunning"
      && !app.querySelector('[data-testid="stSkeleton"]')
      && components.every(one => one.shadowRoot && !one.shadowRoot.querySelector(".table:empty, svg:empty"))
      && charts.every(chart => chart.querySelector(".main-svg, :scope > svg > *"))
      && [...components, ...charts].filter(each => each.checkVisibility()).every(seeable);
    seen.drawn = drawn ? seen.drawn ?? now : null;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""

RESULT = """
() => ({...window.__visit, seen: performance.getEntriesByName("first-contentful-paint")[0]?.startTime})
"""

PHONES = (
    "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Mobile Safari/537.36"
)


@dataclass(frozen=True)
class Conditions:
    """A line, with its speed in Mbit/s and the milliseconds to the server and back, and a device."""

    speed: float
    latency: int
    phone: bool = False

    def __str__(self) -> str:
        """Return the line and the device in words."""
        return f"{self.speed:g} Mbit/s, {self.latency} ms{', a phone' if self.phone else ''}"

    @contextmanager
    def context(self, browser: Browser) -> Iterator[BrowserContext]:
        """Give a context with an empty cache until the block ends."""
        size: ViewportSize = PHONE if self.phone else LAPTOP
        context = browser.new_context(
            viewport=size,
            user_agent=PHONES if self.phone else None,
            has_touch=self.phone,
            is_mobile=self.phone,
        )
        context.add_init_script(WATCH)
        context.add_init_script(RECORDER)
        yield context
        context.close()

    def slow_down(self, devtools: CDPSession) -> None:
        """Make the page of ``devtools`` as slow as these conditions."""
        bytes_a_second = self.speed * 1e6 / 8
        devtools.send("Network.enable")
        devtools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": self.latency,
                "downloadThroughput": bytes_a_second,
                "uploadThroughput": bytes_a_second,
            },
        )
        if self.phone:
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})


UNLIMITED = Conditions(1000, 0)
FAST, SLOW = Conditions(20, 40), Conditions(1.5, 300)
ON_A_PHONE = Conditions(20, 40, phone=True)
LINES = (FAST, SLOW, ON_A_PHONE)

SERVERS = {
    "`python server.py`": ("server", "/"),
    "`streamlit run app.py`": ("page", "/"),
    "empty Streamlit page": ("empty", "/"),
}
OURS = "`python server.py`"

COLUMNS = ("seen", "connects", "answer", "drawn", "until_drawn", "in_all", "requests", "shift")
HEAD = [
    *("", "something, s", "connects, s", "answer, s", "all drawn, s"),
    *("kB until then", "kB in all", "requests", "layout shift"),
]


class Received:
    """The bytes that a page has received: compressed, with headers, without files from the cache."""

    def __init__(self, devtools: CDPSession) -> None:
        self.begun: dict[str, float] = {}
        self.parts: dict[str, list[tuple[float, int]]] = defaultdict(list)
        devtools.on("Network.requestWillBeSent", self._begin)
        devtools.on("Network.dataReceived", self._receive)
        devtools.on("Network.loadingFinished", self._finish)
        devtools.on("Network.webSocketFrameReceived", self._frame)

    def kilobytes(self, seconds: float = math.inf) -> float:
        """Return the kB of the first ``seconds`` since the address was opened."""
        end = min(self.begun.values()) + seconds
        return sum(size for parts in self.parts.values() for time, size in parts if time <= end) / 1000

    def _begin(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.begun.setdefault(event["requestId"], event["timestamp"])

    def _receive(self, event: dict[str, Any]) -> None:
        self.parts[event["requestId"]].append((event["timestamp"], event["encodedDataLength"]))

    def _finish(self, event: dict[str, Any]) -> None:
        parts = self.parts[event["requestId"]]
        # The headers, and what the parts did not state.
        rest = int(event["encodedDataLength"]) - sum(size for _, size in parts)
        parts.append((event["timestamp"], rest))

    def _frame(self, event: dict[str, Any]) -> None:
        data = event["response"]["payloadData"]  # Binary messages are in Base64.
        self.parts[event["requestId"]].append((event["timestamp"], len(data) * 3 // 4))


@dataclass(frozen=True)
class Visit:
    """One visit: times in seconds since the address was opened, sizes in kB as they were sent."""

    seen: float
    connects: float
    answer: float
    drawn: float
    until_drawn: float
    in_all: float
    requests: int
    shift: float


def visit(context: BrowserContext, conditions: Conditions, url: str) -> Visit:
    """Open ``url`` in ``context``, wait until the page rests, and return the figures."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    received = Received(devtools)
    conditions.slow_down(devtools)
    page.goto(url, wait_until="commit", timeout=120_000)
    settled(page, timeout=120_000)
    result: dict[str, Any] = page.evaluate(RESULT)
    page.close()
    seconds = {name: result[name] / 1000 for name in ("seen", "connects", "answer", "drawn")}
    return Visit(
        **seconds,
        until_drawn=received.kilobytes(seconds["drawn"]),
        in_all=received.kilobytes(),
        requests=len(received.begun),
        shift=result["shift"],
    )


def wait_for_brotli(browser: Browser, url: str) -> None:
    """Wait until a server sends the last script of a page by Brotli, as one that has run for a while does."""
    with UNLIMITED.context(browser) as context:
        page = context.new_page()
        page.goto(url)
        settled(page)
        names: list[str] = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
        last = [name for name in names if name.endswith(".js")][-1]
        coding = {"accept-encoding": "gzip, br"}
        while page.request.head(last, headers=coding).headers.get("content-encoding") != "br":
            time.sleep(0.2)


def measure(rounds: int) -> str:
    """Return the figures and the aims as markdown."""
    visits: dict[tuple[str, Conditions], list[Visit]] = defaultdict(list)
    again: dict[str, list[Visit]] = defaultdict(list)
    pages: dict[str, list[Visit]] = defaultdict(list)
    with TemporaryDirectory() as folder, ExitStack() as stack:
        browser = stack.enter_context(chromium())
        urls = {
            name: stack.enter_context(serving(server, Path(folder))).url + path
            for name, (server, path) in SERVERS.items()
        }
        for url in urls.values():  # The first visitor of a server waits for its imports and compression.
            with UNLIMITED.context(browser) as context:
                visit(context, UNLIMITED, url)
        wait_for_brotli(browser, urls[OURS])
        for _ in range(rounds):
            for line in LINES:
                for name, url in urls.items():
                    with line.context(browser) as context:
                        visits[name, line].append(visit(context, line, url))
                        if line == SLOW:
                            again[name].append(visit(context, line, url))
            for page in PAGES[1:]:
                with SLOW.context(browser) as context:
                    pages[page.name].append(visit(context, SLOW, urls[OURS] + page.address))
    return report(visits, again, pages)


def report(
    visits: Mapping[tuple[str, Conditions], Sequence[Visit]],
    again: Mapping[str, Sequence[Visit]],
    pages: Mapping[str, Sequence[Visit]],
) -> str:
    """Return the figures and the aims as markdown."""
    ours = {line: visits[OURS, line] for line in LINES}
    fast, slow = ours[FAST], ours[SLOW]
    largest = {str(line): max(each.until_drawn for each in ours[line]) for line in LINES}
    moved = {f"{line}": max(each.shift for each in ours[line]) for line in LINES}
    moved |= {name: max(each.shift for each in found) for name, found in pages.items()}
    aims = [
        aim("Answer at 20 Mbit/s", {"seconds": _median(fast, "answer")}, 1.5, "s"),
        aim("All charts at 20 Mbit/s", {"seconds": _median(fast, "drawn")}, 2.5, "s"),
        aim("Answer at 1.5 Mbit/s", {"seconds": _median(slow, "answer")}, 7, "s"),
        aim("All charts at 1.5 Mbit/s", {"seconds": _median(slow, "drawn")}, 9, "s"),
        aim("Second visit at 1.5 Mbit/s", {"seconds": _median(again[OURS], "drawn")}, 2.5, "s"),
        aim(
            "Every other page at 1.5 Mbit/s",
            {name: _median(found, "drawn") for name, found in pages.items()},
            10,
            "s",
        ),
        aim("Received until all charts are visible", largest, 1500, "kB"),
        aim(
            "Received in all",
            {str(line): max(each.in_all for each in ours[line]) for line in LINES},
            3000,
            "kB",
        ),
        aim("Layout shift", moved, 0.1, "(largest of all visits)"),
    ]
    sections = [(f"**{line}**", [(name, visits[name, line]) for name in SERVERS]) for line in LINES]
    sections.append((f"**{SLOW}, the second visit**", [(name, again[name]) for name in SERVERS]))
    sections.append((f"**{SLOW}, the other pages** of {OURS}", list(pages.items())))
    tables = [
        f"{title}\n\n{table(HEAD, [_row(name, found) for name, found in rows])}" for title, rows in sections
    ]
    count = len(fast)
    return "\n\n".join([f"Medians of {count} visits on each.", *tables, "\n".join(aims)])


def _row(name: str, visits: Sequence[Visit]) -> list[str]:
    return [name, *(three_digits(_median(visits, column)) for column in COLUMNS)]


def _median(visits: Sequence[Visit], column: str) -> float:
    return median(float(getattr(each, column)) for each in visits)
