"""The database behind the store: SQLite in one file, or PostgreSQL for several processes.

Both have one clock, the same transactions, and limits on every wait.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Lock
from typing import Any

from sqlalchemy import BigInteger, Connection, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

LOCK = 1951681837
"""The number of the lock of PostgreSQL that a new room and new tables take. The number is arbitrary."""

WAIT_SECONDS = 10
"""The maximum time to wait for a connection, for an answer of the database, or for others who write."""


class StoreError(Exception):
    """A store that cannot be used, or not at the moment. The message is for the person who runs it."""


class DatabaseClock(FunctionElement[int]):
    """The milliseconds since 1970 by the clock of the database, now and not when the transaction began."""

    type = BigInteger()
    inherit_cache = True


@compiles(DatabaseClock, "sqlite")
def _sqlite_clock(*_: Any, **__: Any) -> str:
    return "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)"


@compiles(DatabaseClock, "postgresql")
def _postgresql_clock(*_: Any, **__: Any) -> str:
    return "CAST(extract(epoch from clock_timestamp()) * 1000 AS BIGINT)"


class Database:
    """The connections of a process to the database at ``url``, an address of SQLAlchemy.

    Raises ``StoreError`` for a database that cannot be used, and in every method while it does not answer.
    """

    def __init__(self, url: str) -> None:
        try:
            self._engine = create_engine(url, **_options(url))
        except (ArgumentError, ImportError) as error:
            raise StoreError(
                f"The store of classes cannot be opened: {_first_line(error)}. "
                "For PostgreSQL install what deploy/requirements-postgres.txt names."
            ) from None
        if self._engine.dialect.name not in ("postgresql", "sqlite"):
            raise StoreError("The store of classes must be a database of PostgreSQL or SQLite.")
        self._is_postgresql = self._engine.dialect.name == "postgresql"
        self.insert = postgresql.insert if self._is_postgresql else sqlite.insert
        """The statement that inserts, which each of the two databases extends in its own way."""
        # SQLite lets writers wait in no order, and some of them for seconds; those of a process take turns.
        self._turn: AbstractContextManager[Any] = nullcontext() if self._is_postgresql else Lock()
        if self._is_postgresql:
            event.listen(self._engine, "connect", _prepare_postgresql)
        else:
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._writer = self._engine.execution_options(writes=True)

    def close(self) -> None:
        """Close all connections. The next transaction opens new ones."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Begin a transaction that only reads."""
        with _sentences(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Begin a transaction that may write, and commit at its end."""
        with self._turn, _sentences(), self._writer.begin() as connection:
            yield connection

    def one_at_a_time(self, connection: Connection) -> None:
        """Let no other transaction that asks for the same go on until this one has ended."""
        if self._is_postgresql:  # On SQLite only one transaction writes at a time anyway.
            connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise StoreError(f"The store of classes does not answer: {_first_line(error)}") from error


def _options(url: str) -> dict[str, Any]:
    """Return what the driver of ``url`` needs so that nothing waits for ever."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": WAIT_SECONDS}, "pool_timeout": WAIT_SECONDS}
    # A connection that a restart of the server has broken is noticed before it is used.
    return {
        "connect_args": {"connect_timeout": WAIT_SECONDS, "tcp_user_timeout": WAIT_SECONDS * 1000},
        "pool_timeout": WAIT_SECONDS,
        "pool_pre_ping": True,
    }


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # The driver begins no transaction of its own.
    # FULL: what was committed survives also a loss of power.
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _prepare_postgresql(connection: Any, _: object) -> None:
    connection.execute(f"SET statement_timeout = '{WAIT_SECONDS}s'")
    connection.commit()  # Otherwise the end of the first transaction could take it back.


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _first_line(error: Exception) -> str:
    """Return what the driver says, without the statement and its values."""
    return str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
