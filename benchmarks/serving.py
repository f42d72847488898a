"""The servers that are measured: the page, the floor and the empty app, all with the settings of the page."""

import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import arguments, find_browser
from tests.browser.server import (
    APP,
    HEALTH,
    HOST,
    Server,
    command,
    environment,
    free_port,
    stop,
    streamlit_command,
    wait_for,
)
from tests.helpers.paths import ROOT

HERE = Path(__file__).parent


@contextmanager
def serving(name: str, folder: Path, *, clock: bool = False, **settings: str) -> Iterator[Server]:
    """Serve ``"page"``, ``"floor"`` or ``"empty"`` with Streamlit's command until the block ends.

    ``"server"`` is the page as its own server serves it.

    ``settings`` are options of Streamlit with ``_`` for the point: ``runner_postScriptGC="true"``. By default
    Streamlit collects all garbage after each rerun, so for a fair comparison the other apps have the settings
    of the page.
    """
    script = APP if name in ("page", "server") else _beside_settings(HERE / f"{name}.py", folder / name)
    port = free_port()
    log = folder / f"{name}-{port}.log"
    parts = (command if name == "server" else streamlit_command)(script, port)
    if clock:
        parts[1:3] = ["-m", "benchmarks.clock"]
    for setting, value in settings.items():
        parts += [f"--{setting.replace('_', '.')}", value]
    path = {"PYTHONPATH": str(ROOT)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            parts,
            cwd=script.parent,
            env=environment(folder) | path,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://{HOST}:{port}", log)
    try:
        wait_for(process, log, port, HEALTH)
        yield server
    finally:
        stop(process)


def _beside_settings(script: Path, folder: Path) -> Path:
    """Return a copy of ``script`` in a folder with the settings of the page."""
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit", dirs_exist_ok=True)
    return Path(shutil.copy(script, folder))


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a headless Chromium until the block ends."""
    path = find_browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments())
        yield browser
        browser.close()


def conditions() -> str:
    """Return the versions and the number of cores that the figures were taken on."""
    found = subprocess.run([find_browser(), "--version"], capture_output=True, text=True, check=False)
    browser = " ".join(found.stdout.split()[:2]) or "Chromium"
    return (
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"Streamlit {version('streamlit')}, Plotly {version('plotly')}, {browser}, headless."
    )
