"""Many simultaneous visitors of one server, with and without a garbage collection after every rerun."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.replay import Recording, Visitor, record
from benchmarks.report import median, p95, table, three_digits
from benchmarks.serving import chromium, serving

VISITORS = 30
EVERY = 2.0
MOVES = 10
MAX_ROUNDS = 2


def visits(url: str, recording: Recording) -> list[float]:
    """Return the seconds from the time at which a move was due until it was done, for all visitors."""
    with ThreadPoolExecutor(VISITORS) as threads:
        visitors = list(threads.map(lambda _: Visitor(url, recording), range(VISITORS)))
        start = time.monotonic() + 1

        def visit(number: int) -> list[float]:
            took = []
            for move in range(MOVES):
                due = start + EVERY * (move + number / VISITORS)
                time.sleep(max(0, due - time.monotonic()))
                visitors[number].move()
                # Measured from the time when the move was due: waiting for the previous move counts.
                took.append(time.monotonic() - due)
            visitors[number].close()
            return took

        return [seconds for took in threads.map(visit, range(VISITORS)) for seconds in took]


def measure(rounds: int) -> str:
    """Return the figures as markdown."""
    took: dict[str, list[float]] = {"false": [], "true": []}
    with TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {
            value: stack.enter_context(serving("page", Path(folder), runner_postScriptGC=value))
            for value in took
        }
        with chromium() as browser:
            recording = record(browser, servers["false"].url)
        for _ in range(min(rounds, MAX_ROUNDS)):
            for value, server in servers.items():
                took[value] += visits(server.url, recording)
    without = took["false"]
    rows = [
        [
            f"`postScriptGC = {value}`",
            *(three_digits(1000 * median(times)), three_digits(1000 * p95(times))),
            *(f"{median(times) / median(without):.1f}", f"{p95(times) / p95(without):.1f}"),
        ]
        for value, times in took.items()
    ]
    return (
        f"{VISITORS} visitors, each moving the slider every {EVERY:g} s, {MOVES} times; "
        f"{len(without)} moves with each setting.\n\n"
        + table(["", "p50, ms", "p95, ms", "p50 × false", "p95 × false"], rows)
    )
