"""The time from frame to frame while the stamp plays, next to the same page without animation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser, Page

from benchmarks.report import aim, median, table, three_digits
from benchmarks.serving import chromium, serving
from benchmarks.views import link
from tests.browser.page import LAPTOP, WATCH, settled

MAX_ROUNDS = 2
IDLE = 10.0
"""Seconds for which the page is observed while nothing plays."""

PLAYED = {
    "stamp": link("/picture"),
    "largest stamp": link("/picture", kernel_size=(39,), stride=(1,)),
}
"""The picture as the page opens, and the largest one it draws: 40 × 40 positions, 1,521 products a step."""

# From the click on Play until the last step is visible, or for ``idle`` milliseconds without a click.
FRAMES = """
idle => new Promise((resolve, reject) => {
  const root = document.querySelector(".st-key-stamp [data-testid=stBidiComponentIsolated]").shadowRoot;
  const stamp = root.querySelector(".stamp"), passed = __watch.passed, steps = new Set();
  const gaps = [], tasks = [], start = performance.now();
  const long = new PerformanceObserver(list => tasks.push(...list.getEntries().map(task => task.duration)));
  long.observe({entryTypes: ["longtask"]});
  if (!idle) { root.querySelector(".first").click(); root.querySelector(".play").click(); }
  let before = performance.now(), ended = idle ? start + idle : null;
  const frame = () => {
    const now = performance.now();
    gaps.push(now - before);
    before = now;
    steps.add(root.querySelector(".count").textContent);
    if (!idle && !stamp.classList.contains("playing")) { ended ??= now + 300; }
    if (now - start > 120000) { reject(new Error("The stamp did not come to its end.")); return; }
    if (ended === null || now < ended) { requestAnimationFrame(frame); return; }
    for (const task of long.takeRecords()) { tasks.push(task.duration); }
    long.disconnect();
    resolve({gaps, tasks, steps: [...steps], asked: __watch.passed - passed});
  };
  requestAnimationFrame(frame);
})
"""


@dataclass
class Frames:
    """Milliseconds from frame to frame, and the length of every task of the page of 50 ms or more."""

    gaps: list[float] = field(default_factory=list)
    tasks: list[float] = field(default_factory=list)

    def add(self, seen: dict[str, Any]) -> None:
        """Add the result of one observation."""
        self.gaps += seen["gaps"]
        self.tasks += seen["tasks"]

    def over(self, maximum: float) -> int:
        """Return how many frames came more than ``maximum`` milliseconds after the previous frame."""
        return sum(gap > maximum for gap in self.gaps)


def open_stamp(browser: Browser, url: str) -> Page:
    """Open a page with the stamp and return it when it is at rest."""
    context = browser.new_context(viewport=LAPTOP)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(url)
    page.locator(".st-key-stamp .play").wait_for()
    return settled(page)


def watch(page: Page, idle: float = 0) -> dict[str, Any]:
    """Play the stamp to its end, or observe the page for ``idle`` seconds, and return the frames."""
    page.bring_to_front()
    page.wait_for_timeout(500)
    seen: dict[str, Any] = page.evaluate(FRAMES, 1000 * idle)
    steps = seen["steps"]
    # "1 / 16", "2 / 16" … "16 / 16": every step was on the screen, and the server sent nothing.
    complete = len(steps) == int(steps[-1].split(" / ")[1]) or idle
    if seen["asked"] or not complete:
        raise RuntimeError(f"The stamp did not play as measured: {seen['asked']} messages, steps {steps}")
    return seen


def measure(rounds: int) -> str:
    """Return the figures and the aim as markdown."""
    frames = {name: Frames() for name in ("idle page", *PLAYED)}
    with TemporaryDirectory() as folder, serving("page", Path(folder)) as server, chromium() as browser:
        pages = {name: open_stamp(browser, server.url + path) for name, path in PLAYED.items()}
        for _ in range(min(rounds, MAX_ROUNDS)):
            frames["idle page"].add(watch(pages["stamp"], IDLE))
            for name, page in pages.items():
                frames[name].add(watch(page))
    return report(frames)


def report(frames: dict[str, Frames]) -> str:
    """Return the figures and the aim as markdown."""
    head = ["", "seconds", "frames", "median, ms", "longest, ms", "over 50 ms", "over 100 ms"]
    head += ["long tasks", "longest of these, ms"]
    rows = [
        [
            name,
            three_digits(sum(each.gaps) / 1000),
            three_digits(len(each.gaps)),
            *(three_digits(median(each.gaps)), three_digits(max(each.gaps))),
            *(str(each.over(50)), str(each.over(100))),
            *(str(len(each.tasks)), _longest(each.tasks)),
        ]
        for name, each in frames.items()
    ]
    late = {name: float(frames[name].over(50)) for name in PLAYED}
    return f"{table(head, rows)}\n\n{aim('Frames later than 50 ms while it plays', late, 0, 'frames')}"


def _longest(tasks: Iterable[float]) -> str:
    return three_digits(max(tasks, default=0)) if tasks else "—"
