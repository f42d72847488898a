"""Where the store of classes is: the settings of a host, and the one store of a process."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Event, Thread

from calculator.classroom.database import StoreError
from calculator.classroom.store import Store

DATABASE, FOLDER = "DATABASE_URL", "CALCULATOR_DATA"
"""The variables that name the database, or the folder of the file that takes its place."""

AWAY = "Classes cannot be opened at the moment. Try again in a minute."

SWEEP_SECONDS = 600.0
"""How often each process looks for rooms that are older than a day, beside every time a room is made."""

FILE = "classes.sqlite3"
DEFAULT_FOLDER = Path(__file__).resolve().parents[2] / "data"

_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}


def store_url(environment: Mapping[str, str]) -> str:
    """Return the address of the store for SQLAlchemy. Hosts write the scheme of PostgreSQL in two ways.

    >>> store_url({"DATABASE_URL": "postgres://me@db.example/school"})
    'postgresql+psycopg://me@db.example/school'
    >>> store_url({"CALCULATOR_DATA": "/data"})
    'sqlite:////data/classes.sqlite3'
    """
    if url := environment.get(DATABASE):
        scheme, separator, rest = url.partition("://")
        return f"{_DRIVERS.get(scheme, scheme)}{separator}{rest}"
    return f"sqlite:///{Path(environment.get(FOLDER) or DEFAULT_FOLDER).absolute() / FILE}"


def visitors_sentence(error: Exception) -> str:
    """Return what a visitor reads of an error: not what a driver says, which can name the host of a database.

    Whoever runs the server reads that in the log, when it starts.
    """
    return AWAY if isinstance(error, StoreError) and os.environ.get(DATABASE) else str(error)


@cache
def open_store() -> Store:
    """Return the store of this process, opened at the first call. Raises ``StoreError``, each time anew.

    From then on old rooms are deleted also where nobody calls anything.
    """
    url = store_url(os.environ)
    if not url.startswith("sqlite"):
        store = Store(url)
    else:
        folder = Path(url.removeprefix("sqlite:///")).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            store = Store(url)
        except (OSError, StoreError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise StoreError(
                f"The folder {folder} cannot hold the store of classes: {why} "
                f"{FOLDER} names another folder, {DATABASE} a database."
            ) from None
    Thread(target=sweep_regularly, args=(store, Event().wait), name="sweep of classes", daemon=True).start()
    return store


def sweep_regularly(store: Store, wait: Callable[[float], bool]) -> None:
    """Delete old rooms now and after each wait, until ``wait`` returns true."""
    while True:
        with suppress(StoreError):  # A database that is away for a while comes back.
            store.sweep()
        if wait(SWEEP_SECONDS):
            return
