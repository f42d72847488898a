"""The time of the page's Python per rerun in the real server, next to an app with a single slider."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.clock import Rerun, read
from benchmarks.keys import WALK
from benchmarks.replay import Visitor, record
from benchmarks.report import aim, median, p95, table, three_digits
from benchmarks.serving import chromium, serving
from benchmarks.views import CALCULATOR, COMPARE, LINKS, PICTURE
from tests.browser.server import Server

PAUSE = 0.03
"""Seconds between two reruns, so that everything is sent before the next rerun begins."""

PAGES = {"Calculator": CALCULATOR, "Picture": PICTURE, "Compare": COMPARE}
AIM = "ms a rerun (processor time of callbacks and script)"


@dataclass
class Timed:
    """A visitor of one page, and the times of its reruns."""

    visitor: Visitor
    server: Server
    reruns: list[Rerun] = field(default_factory=list)
    process: list[float] = field(default_factory=list)

    def block(self) -> None:
        """Send all presses of the walk once and keep the times."""
        before = len(read(self.server.log))
        for _ in WALK:
            self.visitor.move()
            time.sleep(PAUSE)
        reruns = _timed_reruns(self.server, before + len(WALK))
        self.reruns += reruns[before:]
        # The first rerun of a block only gives the processor time of the process at that moment.
        self.process.append((reruns[-1].process_cpu - reruns[before].process_cpu) / (len(WALK) - 1))


def _timed_reruns(server: Server, count: int) -> list[Rerun]:
    """Return the times of the server once there are ``count`` reruns. Raises ``RuntimeError`` after 10 s."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if len(reruns := read(server.log)) >= count:
            return reruns
        time.sleep(0.05)
    raise RuntimeError(f"The server did not print {count} reruns:\n{server.output()}")


def measure(rounds: int) -> str:
    """Return the figures and the aim as markdown."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        page, empty = (
            stack.enter_context(serving(name, Path(folder), clock=True)) for name in ("page", "empty")
        )
        pages = {"empty app": (empty, "/")} | {view: (page, path) for view, path in LINKS.items()}
        with chromium() as browser:
            recordings = {name: record(browser, server.url + path) for name, (server, path) in pages.items()}
        timed = {
            name: Timed(Visitor(server.url, recordings[name]), server) for name, (server, _) in pages.items()
        }
        for each in timed.values():
            stack.callback(each.visitor.close)
            each.block()
            each.reruns.clear()
            each.process.clear()
        for _ in range(rounds):
            for each in timed.values():
                each.block()
    return report(timed)


def report(timed: dict[str, Timed]) -> str:
    """Return what was measured as markdown."""
    head = ["", "page: wall, ms", "p95", "page: CPU, ms", "whole rerun: wall, ms", "CPU, ms"]
    head += ["whole server: CPU, ms", "× empty app"]
    under = median(timed["empty app"].process)
    rows = [
        [
            name,
            three_digits(median(rerun.page_wall for rerun in each.reruns)),
            three_digits(p95(rerun.page_wall for rerun in each.reruns)),
            three_digits(median(rerun.page_cpu for rerun in each.reruns)),
            three_digits(median(rerun.rerun_wall for rerun in each.reruns)),
            three_digits(median(rerun.rerun_cpu for rerun in each.reruns)),
            three_digits(median(each.process)),
            f"{median(each.process) / under:.1f}",
        ]
        for name, each in timed.items()
    ]
    own = {view: median(rerun.page_cpu for rerun in timed[view].reruns) for view in LINKS}
    return "\n".join(
        [
            f"Medians of {len(timed['empty app'].reruns)} reruns on each.\n",
            table(head, rows),
            "",
            *(
                aim(f"{page}, its Python", {view: own[view] for view in views}, 8, AIM)
                for page, views in PAGES.items()
            ),
        ]
    )
