"""The connections to both databases: one clock, and transactions."""

import time

import pytest
from sqlalchemy import create_engine, literal, select, text

from calculator.classroom.database import Database, DatabaseClock, StoreError


def test_the_clock_is_that_of_the_database_and_runs_within_a_transaction(url: str) -> None:
    engine = create_engine(url)
    now = select(DatabaseClock().label("now"))
    with engine.begin() as connection:
        before = time.time() * 1000
        first = connection.scalar(now) or 0
        after = time.time() * 1000
        assert before - 2 <= first <= after + 2
        deadline = time.monotonic() + 10
        while connection.scalar(now) == first:
            assert time.monotonic() < deadline
        assert connection.scalar(select(literal(1)).where(DatabaseClock() > first)) == 1
    engine.dispose()


def write_two(database: Database) -> None:
    """Write a row where there is a table, and one where there is none."""
    with database.writing() as connection:
        connection.execute(text("INSERT INTO note VALUES (2)"))
        connection.execute(text("INSERT INTO nothing VALUES (2)"))


def test_what_is_written_is_there_after_the_transaction_and_not_after_an_error(url: str) -> None:
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE note (number INTEGER)"))
        connection.execute(text("INSERT INTO note VALUES (1)"))
    with pytest.raises(StoreError, match="does not answer: "):
        write_two(database)
    with database.reading() as connection:
        assert connection.scalars(text("SELECT number FROM note")).all() == [1]
    database.close()
