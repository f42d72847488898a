"""A clock that tests set, and what a store of classes has in its tables."""

from typing import Any

from sqlalchemy import BigInteger, MetaData, bindparam, create_engine, select


class Clock:
    """The clock of a store, in milliseconds."""

    def __init__(self) -> None:
        self.ms = 1_800_000_000_000
        self.column = bindparam("now", callable_=lambda: self.ms, type_=BigInteger, unique=True)


def rows(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of every table, read without the store."""
    engine = create_engine(url)
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        found = {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in tables.tables.items()
        }
    engine.dispose()
    return found
