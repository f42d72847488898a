"""Where the store of classes is: the settings of a host, and the one store of a process."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from calculator.classroom.store import Store, StoreError

DATABASE, FOLDER = "DATABASE_URL", "CALCULATOR_DATA"
"""The variables that name the database, or the folder of the file that takes its place."""

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


@cache
def open_store() -> Store:
    """Return the store of this process, opened at the first call. Raises ``StoreError``, each time anew."""
    url = store_url(os.environ)
    if url.startswith("sqlite"):
        folder = Path(url.removeprefix("sqlite:///")).parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The folder {folder} of the store of classes cannot be made: {error.strerror}. "
                f"Name a writable one in {FOLDER}, or a database in {DATABASE}."
            ) from None
    return Store(url)
