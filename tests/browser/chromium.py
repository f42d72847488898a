"""Find a Chromium or Chrome for the browser tests, or get one.

`python -m tests.browser.chromium` prints the one that is used.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from playwright.sync_api import sync_playwright

# The first is Chromium without its windows: the tests take a good deal less of the processor with it.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
)
PACKAGES = ("chromium-headless-shell", "chromium")
"""Debian's, of which Ubuntu and older releases have only the second."""
MACOS = tuple(
    f"{root}/{name}.app/Contents/MacOS/{name}"
    for root in ("/Applications", "~/Applications")
    for name in ("Chromium", "Google Chrome")
)
WINDOWS = tuple(
    rf"{root}\{name}\Application\chrome.exe"
    for root in ("%ProgramFiles%", "%ProgramFiles(x86)%", "%LocalAppData%")
    for name in (r"Google\Chrome", "Chromium")
)

# A browser that talks to the page under test only: without these it looks up its maker's hosts at each start.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)

# All pages of a profile share one process, which keeps Streamlit's scripts compiled: a page costs far less.
# Parsed while they arrive, they would be parsed anew for every page. Drawing needs no process of its own.
# The headless shell measures text as a window does only without hinting.
# The last list of features replaces the one that Playwright gives: what of that changes a page is in it too.
CHEAP = (
    "--process-per-site",
    "--in-process-gpu",
    "--font-render-hinting=none",
    "--disable-features=ScriptStreaming,AvoidUnnecessaryBeforeUnloadCheckSync,HttpsUpgrades,PaintHolding,"
    "ThirdPartyStoragePartitioning,OptimizationHints,NetworkTimeServiceQuerying,MediaRouter",
)

# Little of a page's script runs often enough in a test to pay for being optimised, which is a tenth of what a
# page costs. A measurement of speed has the browser's own settings.
OPTIMISE_LATER = (
    "--js-flags=--interrupt-budget-for-maglev=100000,--interrupt-budget=1000000,--invocation-count-for-maglev=2000,"
    "--invocation-count-for-turbofan=20000,--min-semi-space-size=8,--semi-space-growth-factor=4"
)


class NoBrowserError(RuntimeError):
    """No browser is here and none could be had; the message says what was tried."""


def find_browser() -> Path:
    """Return a browser that starts: an installed one, else Debian's, else Playwright's.

    With none of them, raise NoBrowserError.
    """
    if found := _first_that_starts(installed()):
        return found
    tried = ["no installed Chromium or Chrome was found"]
    for attempt in (_install_debians, _fetch_playwrights):
        if problem := attempt():
            tried.append(problem)
        elif found := _first_that_starts(installed()):
            return found
        else:
            tried.append("what was installed then does not start")
    raise NoBrowserError(
        f"The browser tests need Chromium or Chrome: {'; '.join(tried)}. "
        "Install Chromium or Google Chrome, then run the tests again."
    )


def arguments() -> list[str]:
    """Return the command-line arguments the tests start Chromium with.

    Root needs `--no-sandbox`: Chromium refuses to start without it.
    """
    return [*QUIET, *CHEAP, *(["--no-sandbox"] if is_root() else [])]


def is_root() -> bool:
    """Return whether this process is root; always false on Windows."""
    return sys.platform != "win32" and os.geteuid() == 0


def installed() -> Iterator[Path]:
    """Yield the browsers on this machine: on PATH, in the usual places, Playwright's own."""
    yield from (Path(path) for name in NAMES if (path := shutil.which(name)))
    usual = {"darwin": MACOS, "win32": WINDOWS}.get(sys.platform, ())
    places = [Path(os.path.expandvars(place)).expanduser() for place in usual]
    yield from filter(Path.is_file, places)
    own = playwrights_own()
    if own.is_file():
        yield own


def playwrights_own() -> Path:
    """Return where Playwright keeps the browser it fetches, whether or not it is there."""
    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def starts(browser: Path) -> bool:
    """Return whether a browser starts: Ubuntu's `chromium-browser` may be only a note to install a snap."""
    if sys.platform == "win32":  # There `--version` opens a window instead.
        return True
    return _run([str(browser), "--version"], timeout=60) is None


def _first_that_starts(browsers: Iterator[Path]) -> Path | None:
    return next(filter(starts, browsers), None)


def _install_debians() -> str | None:
    if not shutil.which("apt-get"):
        return "there is no apt-get to install Debian's with"
    if not is_root():
        return "only root may install Debian's with apt-get"
    # An old package list need not be an obstacle, so a failed update is not looked at.
    _run(["apt-get", "update"], timeout=300)
    problem: str | None = None
    for package in PACKAGES:
        problem = _run(["apt-get", "install", "-y", package, "fonts-liberation"], timeout=600)
        if problem is None:
            return None
    return f"apt-get could not install Debian's ({problem})"


def _fetch_playwrights() -> str | None:
    problem = _run([sys.executable, "-m", "playwright", "install", "chromium"], timeout=600)
    return problem and f"Playwright could not fetch one ({problem})"


def _run(command: Sequence[str], timeout: float) -> str | None:
    """Run a command that may not ask; return None, or in one line why it failed."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not done after {timeout:g} s"
    except OSError as error:
        return str(error)
    if done.returncode == 0:
        return None
    lines = [line.strip() for line in done.stdout.splitlines() if "error" in line.lower()]
    return lines[0] if lines else f"exit code {done.returncode}"


def main() -> int:
    """Print the browser the tests will use, or the sentence that says why there is none."""
    try:
        print(f"Browser for the tests: {find_browser()}")
    except NoBrowserError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
