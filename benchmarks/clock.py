"""Run Streamlit with a clock around every rerun: `python -m benchmarks.clock run app.py …`.

The script stays as it is, and so does the server. Each rerun prints one line with milliseconds of
wall time and of its own thread's processor time: for the page's Python (its callbacks and its script)
and for the whole rerun (Streamlit's part around them too); last, the processor time of the whole
process since it started.
"""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from streamlit.runtime.scriptrunner import script_runner
from streamlit.web import cli

MARK = "RERUN "


class Rerun(NamedTuple):
    """One rerun, in milliseconds."""

    page_wall: float
    page_cpu: float
    rerun_wall: float
    rerun_cpu: float
    process_cpu: float


class Clock:
    """Wraps functions so that it knows how long their last call took."""

    def __init__(self) -> None:
        self.presenting = self.cpu = 0.0

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **kwargs: Any) -> Any:
            presenting, cpu = time.perf_counter(), time.thread_time()
            try:
                return work(*args, **kwargs)
            finally:
                self.cpu = 1000 * (time.thread_time() - cpu)
                self.presenting = 1000 * (time.perf_counter() - presenting)

        return timed


def install() -> None:
    """Put the clocks in. One visitor at a time: two at once would share them."""
    page, whole = Clock(), Clock()
    runs_page, runs_all = "exec_func_with_error_handling", "_run_script"
    setattr(script_runner, runs_page, page.around(getattr(script_runner, runs_page)))
    rerun = whole.around(getattr(script_runner.ScriptRunner, runs_all))

    def told(*args: Any) -> None:
        rerun(*args)
        line = Rerun(page.presenting, page.cpu, whole.presenting, whole.cpu, 1000 * time.process_time())
        print(MARK + json.dumps(line), flush=True)

    setattr(script_runner.ScriptRunner, runs_all, told)


def read(log: Path) -> list[Rerun]:
    """Return the reruns that a server has printed."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    return [
        Rerun(*json.loads(line.removeprefix(MARK)))
        for line in lines
        if line.startswith(MARK) and line.endswith("\n")
    ]


if __name__ == "__main__":
    install()
    cli.main(prog_name="streamlit")
