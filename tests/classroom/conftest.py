"""A store of each kind, with a clock that the tests set."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from calculator.classroom.store import Store
from tests.helpers.class_stores import Clock
from tests.helpers.postgresql import PostgreSQL, postgresql_server

# One process of the tests has the server of PostgreSQL, which takes seconds to make.
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.xdist_group("postgresql"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with postgresql_server() as server:
        yield server


@pytest.fixture(params=["sqlite", POSTGRESQL])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'classes.sqlite3'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.fresh_url()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    opened = Store(url, clock.column)
    yield opened
    opened.close()
