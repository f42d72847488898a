"""Hold the readers against files and texts of the real libraries: ``python -m tests.oracle.models.live``.

With ``--record`` the recordings that ``make test`` replays are written anew. Exits with 1 on any difference.
"""

import argparse
import importlib
import logging
import os
import sys
import traceback
import warnings
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.metadata import version
from multiprocessing import get_context
from typing import NamedTuple

from tests.helpers.real_models import RealModel, differences, store

GROUPS = (
    *("torch_files", "keras_files", "tf_keras_files", "tables", "all_tables", "library_prints"),
    *("training_prints", "profiles", "tfjs_files", "torch_summary_tables", "paddle_tables"),
)
"""A group is a module here, and its recording. Each runs in a process of its own."""


class Outcome(NamedTuple):
    """The comparisons of one group: their number, the failures, and the bytes that were recorded."""

    checked: int
    failures: list[str]
    recorded: int


def compared(group: str, record: bool) -> Outcome:
    """Return the outcome of a group."""
    warnings.simplefilter("ignore")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.disable(logging.WARNING)
    module = importlib.import_module(f"tests.oracle.models.{group}")
    kept: list[RealModel] = []
    failures: list[str] = []
    checked = 0
    try:
        for model in module.models():
            found = list(differences(model))
            checked += len(found)
            failures += filter(None, found)
            kept += [model] if model.kept else []
    except Exception:  # A library that breaks must not hide the other groups.
        return Outcome(checked, [*failures, traceback.format_exc()], 0)
    versions = {name: version(name) for name in module.LIBRARIES} | getattr(module, "VERSIONS", {})
    return Outcome(checked, failures, store(group, versions, kept) if record and kept else 0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle.models.live", description=__doc__)
    parser.add_argument("--record", action="store_true", help="write the recordings anew")
    parser.add_argument("--only", choices=GROUPS, nargs="+", default=GROUPS, help="compare these groups")
    given = parser.parse_args()
    failed = checked = 0
    context = get_context("spawn")
    with ProcessPoolExecutor(max_workers=2, mp_context=context, max_tasks_per_child=1) as pool:
        waiting = {pool.submit(compared, group, given.record): group for group in given.only}
        for done in as_completed(waiting):
            outcome = done.result()
            recorded = f", {outcome.recorded:,} bytes recorded" if outcome.recorded else ""
            print(f"{waiting[done]}: {outcome.checked:,} compared, {len(outcome.failures)} differ{recorded}")
            print(*outcome.failures[:30], sep="\n", end="\n" if outcome.failures else "", file=sys.stderr)
            checked, failed = checked + outcome.checked, failed + len(outcome.failures)
    print(f"{checked - failed:,} agree, {failed:,} differ")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
