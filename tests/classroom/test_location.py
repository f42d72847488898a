"""Where the store is: what a host sets, a folder that cannot be written, and old rooms that are deleted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from calculator.classroom import location
from calculator.classroom.database import StoreError
from calculator.classroom.location import SWEEP_SECONDS, open_store, store_url, sweep_regularly
from calculator.classroom.store import Store


@pytest.fixture(autouse=True)
def opened_anew() -> Iterator[None]:
    open_store.cache_clear()
    yield
    if open_store.cache_info().currsize:
        open_store().close()
    open_store.cache_clear()


def test_what_a_host_sets() -> None:
    assert store_url({}).endswith("/data/classes.sqlite3")
    assert store_url({"CALCULATOR_DATA": ""}) == store_url({"DATABASE_URL": ""}) == store_url({})
    for scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        url = store_url({"DATABASE_URL": f"{scheme}://me:a%40b@db.example:5432/school?sslmode=require"})
        assert url == "postgresql+psycopg://me:a%40b@db.example:5432/school?sslmode=require"
    assert store_url({"DATABASE_URL": "sqlite:////a/b.db", "CALCULATOR_DATA": "/c"}) == "sqlite:////a/b.db"


def test_a_process_has_one_store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CALCULATOR_DATA", str(tmp_path / "new" / "folder"))
    monkeypatch.setattr(location, "Thread", NoThread)
    store = open_store()
    room, _ = store.create("a plan", 1)
    assert open_store() is store
    assert store.room(room.code) == room
    assert (tmp_path / "new/folder/classes.sqlite3").exists()


class NoThread:
    """Stands for the thread that sweeps."""

    def __init__(self, **_: object) -> None: ...

    def start(self) -> None: ...


def test_a_folder_that_cannot_be_made_is_said_and_may_come_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(location, "Thread", NoThread)
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CALCULATOR_DATA", str(tmp_path / "file" / "folder"))
    with pytest.raises(StoreError, match="Not a directory") as raised:
        open_store()
    assert str(raised.value).endswith("CALCULATOR_DATA names another folder, DATABASE_URL a database.")
    monkeypatch.setenv("CALCULATOR_DATA", str(tmp_path))
    assert open_store()


class Database:
    """A store that is away at the second of three sweeps."""

    sweeps = 0

    def sweep(self) -> int:
        self.sweeps += 1
        if self.sweeps == 2:
            raise StoreError("away")
        return 0


def test_old_rooms_are_deleted_again_and_again() -> None:
    database = Database()
    waited = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) == 3

    sweep_regularly(database, wait)  # type: ignore[arg-type]
    assert (database.sweeps, waited) == (3, [SWEEP_SECONDS] * 3)


def test_the_thread_sweeps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CALCULATOR_DATA", str(tmp_path))
    seen: list[object] = []

    class Runs(NoThread):
        def __init__(self, **given: object) -> None:
            seen.extend([given["target"], given["daemon"]])

    monkeypatch.setattr(location, "Thread", Runs)
    assert isinstance(open_store(), Store)
    assert seen == [sweep_regularly, True]
