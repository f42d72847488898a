"""Feed every reader with damaged models: ``python -m tests.fuzz [CASES] [SEED]``, 100,000 each if not said.

Ten times as many damaged links go through the codec of links, and a fiftieth through real pages. As many
damaged uploads go to real servers.
As many seeds make an exercise of each level.

Whatever comes, a reader returns a model or raises ``ReadError``, within two seconds of processor time.
"""

import importlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from calculator.readers import ReadError, read
from tests.fuzz import exercises, links, uploads

PARTS = 8
"""Each format is shared among so many processes, a seed each."""

SLOW = 2.0
"""Seconds of processor time: a busy machine, or one that stands still, is not a fault of a reader."""


def formats() -> list[str]:
    """Return the formats that there are damaged models of."""
    return sorted(file.stem for file in Path(__file__).parent.glob("fuzz_*.py"))


def cases(module: str, count: int, seed: int) -> Iterator[str | bytes]:
    """Return ``count`` damaged models of one format, the same for the same ``seed``."""
    made: Iterator[str | bytes] = importlib.import_module(f"tests.fuzz.{module}").cases(count, seed)
    return made


def feed(module: str, count: int, seed: int) -> list[str]:
    """Return what went wrong with ``count`` cases of one format."""
    found = []
    for number, data in enumerate(cases(module, count, seed)):
        begun = time.process_time()
        try:
            read(data)
        except ReadError as error:
            if not str(error):
                found.append(f"{module}, seed {seed}, case {number}: a refusal without a sentence")
        except Exception:
            found.append(f"{module}, seed {seed}, case {number}:\n{traceback.format_exc()}")
        if time.process_time() - begun > SLOW:
            found.append(f"{module}, seed {seed}, case {number}: more than {SLOW:g} seconds")
    return found


def main() -> int:
    """Run all formats side by side; return 1 if anything else than ``ReadError`` came out."""
    given = [int(text) for text in sys.argv[1:3]]
    count, seed = [*given, *(100_000, 1)[len(given) :]]
    failed = False
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        feeds: dict[str, tuple[Callable[[int, int], list[str]], int]] = {
            **{module.removeprefix("fuzz_"): (partial(feed, module), count) for module in formats()},
            "exercises": (exercises.faults, count),
            "links": (links.faults, 10 * count),
            "links on pages": (links.page_faults, count // 50),
            "uploads": (uploads.faults, count // 50),
        }
        for name, (faults, cases) in feeds.items():
            jobs = [pool.submit(faults, -(-cases // PARTS), seed * PARTS + part) for part in range(PARTS)]
            found = [fault for job in jobs for fault in job.result()]
            print(f"{name}: {cases:,} cases, {len(found)} faults", flush=True)
            print("\n".join(found[:5]), end="\n" if found else "")
            failed |= bool(found)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
