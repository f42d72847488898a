"""Run Streamlit with a clock around every rerun: `python -m benchmarks.clock run app.py …`.

The script and the server are not changed. Each rerun prints one line of times in milliseconds. The first
two are wall time and processor time of the page's Python, which is its callbacks and its script. The next two
are those of the complete rerun, with Streamlit's own work. The last is the processor time of the process.
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
    """Measures the last call of a function, in milliseconds of wall time and of processor time."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def around(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``work`` with its calls measured."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            start, cpu = time.perf_counter(), time.thread_time()
            try:
                return work(*args, **kwargs)
            finally:
                self.cpu = 1000 * (time.thread_time() - cpu)
                self.wall = 1000 * (time.perf_counter() - start)

        return timed


def install() -> None:
    """Put clocks around two functions of Streamlit. They are correct for one visitor at a time."""
    page, rerun = Clock(), Clock()
    runs_page, runs_all = "exec_func_with_error_handling", "_run_script"
    setattr(script_runner, runs_page, page.around(getattr(script_runner, runs_page)))
    run_script = rerun.around(getattr(script_runner.ScriptRunner, runs_all))

    def timed_run(*args: Any) -> None:
        run_script(*args)
        line = Rerun(page.wall, page.cpu, rerun.wall, rerun.cpu, 1000 * time.process_time())
        print(MARK + json.dumps(line), flush=True)

    setattr(script_runner.ScriptRunner, runs_all, timed_run)


def read(log: Path) -> list[Rerun]:
    """Return the reruns in the log of a server, without an incomplete last line."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    return [
        Rerun(*json.loads(line.removeprefix(MARK)))
        for line in lines
        if line.startswith(MARK) and line.endswith("\n")
    ]


if __name__ == "__main__":
    install()
    cli.main(prog_name="streamlit")
