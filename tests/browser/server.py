"""Start the real page on a free port, and stop it."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.helpers.paths import ROOT

APP = ROOT / "app.py"
HOST = "127.0.0.1"
DEADLINE = 60.0
HEALTH = "/_stcore/health"


@dataclass(frozen=True)
class Server:
    """One running page."""

    url: str
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def output(self) -> str:
        """Return all that the server has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> int:
        """End the process at once, as a machine without memory does, and return the port that is free now."""
        assert self.process
        self.process.kill()
        self.process.wait()
        return int(self.url.rpartition(":")[2])


@contextmanager
def serve(script: Path, folder: Path, port: int = 0, *, streamlit: bool = False) -> Iterator[Server]:
    """Serve a Streamlit script until the block ends; its output goes to a file in `folder`.

    With `streamlit` Streamlit's own command serves the app too.
    """
    port = port or free_port()
    log = folder / f"{script.stem}-{port}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            (streamlit_command if streamlit else command)(script, port),
            cwd=script.parent,  # where Streamlit looks for .streamlit/config.toml
            env=environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(f"http://{HOST}:{port}", log, process)
    try:
        wait_for(process, log, port, HEALTH)
        yield server
    finally:
        stop(process)


def command(script: Path, port: int) -> list[str]:
    """Return the command line that serves the app, or another script; all else comes from its config.toml."""
    if script == APP:
        return [sys.executable, str(ROOT / "server.py"), "--address", HOST, "--port", str(port)]
    return streamlit_command(script, port)


def streamlit_command(script: Path, port: int) -> list[str]:
    """Return the command line that serves a script with Streamlit's own command."""
    flags = {
        "server.address": HOST,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
    }
    options = [word for name, value in flags.items() for word in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(script), *options]


def environment(home: Path) -> dict[str, str]:
    """Return this environment without the developer's own Streamlit settings."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("STREAMLIT_")}
    own = {"HOME": str(home), "USERPROFILE": str(home), "PYTHONUNBUFFERED": "1"}
    own["CALCULATOR_DATA"] = str(home / "data")
    return {**ours, **own, "STREAMLIT_SERVER_HEADLESS": "true"}


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(process: subprocess.Popen[bytes], log: Path, port: int, path: str, host: str = HOST) -> None:
    """Return once a server answers at ``path``; fail with its log when it ends or stays silent."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        if has_ended(process, within=0.05):
            raise RuntimeError(f"The server ended with {process.returncode}:\n{log.read_text('utf-8')}")
        if answers(host, port, path):
            return
    raise RuntimeError(f"The server did not answer within {DEADLINE:g} s:\n{log.read_text('utf-8')}")


def has_ended(process: subprocess.Popen[bytes], within: float) -> bool:
    """Return whether a process ends within that many seconds, as soon as it does."""
    try:
        process.wait(within)
    except subprocess.TimeoutExpired:
        return False
    return True


def answers(host: str, port: int, path: str) -> bool:
    """Return whether a server answers with 200."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stop(process: subprocess.Popen[bytes], grace: float = 10) -> None:
    """End a process, by force when it does not end within the grace after being asked."""
    process.terminate()
    if not has_ended(process, within=grace):
        process.kill()
        process.wait()
