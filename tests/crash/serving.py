"""A process that serves only the pages of phones, and the two kinds of databases it can have."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.server import HOST, free_port, stop, wait_for
from tests.helpers.paths import ROOT
from tests.helpers.postgresql import PostgreSQL, postgresql_server

DATABASES = ("sqlite", "postgresql")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, PostgreSQL | None]]:
    """Yield the address of an empty database, and its server where it has one."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'classes.sqlite3'}", None
        return
    with postgresql_server() as server:
        yield server.url, server


@dataclass
class PhoneServer:
    """One process for phones, which can be killed and started again on its port."""

    url: str
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = ["--host", HOST, "--port", str(self.port), "--log-level", "warning", "--no-access-log"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "uvicorn",
                    "--factory",
                    "calculator.classroom.phone:phone_app",
                    *options,
                ],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": self.url},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        wait_for(self.process, self.log, self.port, "/j")

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@contextmanager
def phone_server(url: str, folder: Path) -> Iterator[PhoneServer]:
    """Serve phones, with the database at ``url``, until the block ends."""
    server = PhoneServer(url, free_port(), folder / "phones.log")
    server.start()
    try:
        yield server
    finally:
        assert server.process
        stop(server.process)
