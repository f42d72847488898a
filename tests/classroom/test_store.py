"""The store of classes, on SQLite and on PostgreSQL: each rule, what is kept, and two who act at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, event, insert, text, update
from sqlalchemy.exc import OperationalError

from calculator.classroom import database
from calculator.classroom import store as module
from calculator.classroom.database import StoreError
from calculator.classroom.room import CODE_CHARACTERS, Action, Phase, Room, RoomError, read_code
from calculator.classroom.store import (
    ANSWER_MS,
    MAX_ANSWER,
    MAX_DIGITS,
    MAX_PLAN,
    ROOM_MS,
    SCHEMA_VERSION,
    Receipt,
    Refusal,
    Store,
)
from tests.helpers.class_stores import Clock, rows
from tests.helpers.postgresql import PostgreSQL, postgresql_server

COUNTED = Receipt(True, "")


def opened(store: Store, questions: int = 2) -> tuple[str, str, str]:
    """Return the code and the secret of a room whose first question is open, and a seat."""
    room, secret = store.create("a plan", questions)
    store.act(room.code, secret, Action.OPEN, 1)
    return room.code, secret, store.join(room.code, None)


def refused(receipt: Receipt) -> str:
    assert not receipt.counted
    return receipt.reason


def test_a_new_room(store: Store) -> None:
    room, secret = store.create("a plan", 2)
    assert room == Room(room.code, "a plan", 2, question=0, round=1, phase=Phase.WAITING, version=1)
    assert read_code(room.code) == room.code
    assert store.room(room.code) == room
    assert store.room(CODE_CHARACTERS[:6]) is None
    assert store.is_teacher(room.code, secret)
    for wrong in ("", secret[:-1], secret + "a", "\ud800", "é"):
        assert not store.is_teacher(room.code, wrong)
    assert not store.is_teacher(CODE_CHARACTERS[:6], secret)
    assert not store.is_teacher(CODE_CHARACTERS[:6], "")


def test_a_plan_and_a_number_that_cannot_be_kept(store: Store) -> None:
    for plan, count in [("", 1), ("a" * (MAX_PLAN + 1), 1), ("a\0", 1), ("a\ud800", 1), ("a", 0), ("a", 61)]:
        with pytest.raises(RoomError):
            store.create(plan, count)
    room, _ = store.create("語" * MAX_PLAN, 60)
    assert store.room(room.code) == room


def test_every_step_of_a_class(store: Store) -> None:
    code, secret, seat = opened(store)
    assert store.answer(code, seat, 0, 1, "240", 240) == COUNTED
    store.act(code, secret, Action.CLOSE, 2)
    store.act(code, secret, Action.REVEAL, 3)
    again = store.act(code, secret, Action.VOTE_AGAIN, 4)
    assert (again.round, again.phase, store.received(code)) == (2, Phase.OPEN, 0)
    assert store.answer(code, seat, 0, 2, "3*81", 243) == COUNTED
    assert (store.votes(code, 0, 1), store.votes(code, 0, 2), store.received(code)) == ({240: 1}, {243: 1}, 1)
    store.act(code, secret, Action.CLOSE, 5)
    store.act(code, secret, Action.REVEAL, 6)
    following = store.act(code, secret, Action.NEXT, 7)
    assert store.room(code) == following
    assert (following.question, following.round, store.received(code)) == (1, 1, 0)
    assert store.own_answer(code, seat, 0, 1) == ("240", 240)
    assert store.own_answer(code, seat, 0, 2) == ("3*81", 243)
    assert store.own_answer(code, seat, 1, 1) is None


def test_an_action_needs_the_secret_and_the_latest_version(store: Store) -> None:
    code, secret, _ = opened(store)
    with pytest.raises(RoomError, match="own link"):
        store.act(code, "a", Action.CLOSE, 2)
    with pytest.raises(RoomError, match="meanwhile"):
        store.act(code, secret, Action.CLOSE, 1)
    with pytest.raises(RoomError, match="not possible now"):
        store.act(code, secret, Action.REVEAL, 2)
    assert store.act(code, secret, Action.CLOSE, 2).phase is Phase.CLOSED
    # A press whose answer was lost is not done twice.
    with pytest.raises(RoomError, match="meanwhile"):
        store.act(code, secret, Action.CLOSE, 2)


def test_a_seat_is_kept_and_no_other_is_taken_over(store: Store) -> None:
    code, _, seat = opened(store)
    other, _ = store.create("a plan", 1)
    assert store.join(code, seat) == seat
    assert store.join(code, "mine") != "mine"
    assert store.join(other.code, seat) != seat
    assert (store.joined(code), store.joined(other.code)) == (2, 1)
    with pytest.raises(RoomError, match="ended"):
        store.join(CODE_CHARACTERS[:6], None)


def test_why_an_answer_is_not_counted(store: Store) -> None:
    room, secret = store.create("a plan", 2)
    code, seat = room.code, store.join(room.code, None)
    assert refused(store.answer(code, seat, 0, 1, "1", 1)) == Refusal.NOT_OPEN
    store.act(code, secret, Action.OPEN, 1)
    assert refused(store.answer(CODE_CHARACTERS[:6], seat, 0, 1, "1", 1)) == Refusal.ENDED
    assert refused(store.answer(code, "a", 0, 1, "1", 1)) == Refusal.NOT_JOINED
    assert refused(store.answer(code, seat, 1, 1, "1", 1)) == Refusal.OTHER_QUESTION
    assert refused(store.answer(code, seat, 0, 2, "1", 1)) == Refusal.OTHER_ROUND
    store.act(code, secret, Action.CLOSE, 2)
    assert refused(store.answer(code, seat, 0, 1, "1", 1)) == Refusal.CLOSED
    store.act(code, secret, Action.REVEAL, 3)
    assert refused(store.answer(code, seat, 0, 1, "1", 1)) == Refusal.CLOSED
    assert (store.received(code), store.votes(code, 0, 1)) == (0, {})


def test_an_answer_that_cannot_be_kept(store: Store) -> None:
    code, _, seat = opened(store)
    for typed, value in [("1" * (MAX_ANSWER + 1), 1), ("1\0", 1), ("\ud800", 1), ("1", 10**MAX_DIGITS)]:
        assert refused(store.answer(code, seat, 0, 1, typed, value)) == Refusal.TOO_LONG
    largest = -(10**MAX_DIGITS) + 1
    assert store.answer(code, seat, 0, 1, "語" * MAX_ANSWER, largest) == COUNTED
    assert store.votes(code, 0, 1) == {largest: 1}


def test_a_seat_changes_its_answer_once_a_second(store: Store, clock: Clock) -> None:
    code, _, seat = opened(store)
    assert store.answer(code, seat, 0, 1, "1", 1) == COUNTED
    clock.ms += ANSWER_MS - 1
    assert refused(store.answer(code, seat, 0, 1, "2", 2)) == Refusal.TOO_SOON
    assert store.votes(code, 0, 1) == {1: 1}
    clock.ms += 1
    assert store.answer(code, seat, 0, 1, "2", 2) == COUNTED
    assert (store.votes(code, 0, 1), store.received(code)) == ({2: 1}, 1)
    clock.ms -= 3_600_000
    assert store.answer(code, seat, 0, 1, "3", 3) == COUNTED


def test_what_is_repeated_is_counted_once_and_acknowledged_also_after_the_close(store: Store) -> None:
    code, secret, seat = opened(store)
    for _ in range(3):
        assert store.answer(code, seat, 0, 1, "1", 1) == COUNTED
    store.act(code, secret, Action.CLOSE, 2)
    assert store.answer(code, seat, 0, 1, "1", 1) == COUNTED
    assert refused(store.answer(code, seat, 0, 1, "2", 2)) == Refusal.CLOSED
    assert store.votes(code, 0, 1) == {1: 1}


def test_votes_are_counted_by_number_the_most_frequent_first(store: Store) -> None:
    code, _, seat = opened(store)
    answers = [80, 243, 240, 243, 240, 243, 10**60]
    seats = [seat, *(store.join(code, None) for _ in answers[1:])]
    for one, value in zip(seats, answers, strict=True):
        assert store.answer(code, one, 0, 1, f"{value}", value) == COUNTED
    assert list(store.votes(code, 0, 1).items()) == [(243, 3), (240, 2), (80, 1), (10**60, 1)]
    assert (store.received(code), store.joined(code)) == (7, 7)


def test_the_store_holds_digests_of_codes_secrets_and_seats(store: Store, url: str) -> None:
    code, secret, seat = opened(store)
    store.answer(code, seat, 0, 1, "1", 1)
    everything = str(rows(url))
    assert "a plan" in everything
    assert [word for word in (code, secret, seat) if word in everything] == []


def test_an_end_deletes_everything_of_the_room_and_nothing_else(store: Store, url: str) -> None:
    code, secret, seat = opened(store)
    other, _, other_seat = opened(store)
    store.answer(other, other_seat, 0, 1, "7", 7)
    before = rows(url)
    code, secret, seat = opened(store)
    store.answer(code, seat, 0, 1, "1", 1)
    assert store.act(code, secret, Action.END, 2).phase is Phase.ENDED
    assert rows(url) == before
    assert store.room(code) is None
    assert not store.is_teacher(code, secret)
    assert refused(store.answer(code, seat, 0, 1, "1", 1)) == Refusal.ENDED
    with pytest.raises(RoomError, match="ended"):
        store.act(code, secret, Action.END, 3)


def test_a_room_ends_after_a_day(store: Store, clock: Clock, url: str) -> None:
    code, secret, seat = opened(store)
    store.answer(code, seat, 0, 1, "1", 1)
    clock.ms += ROOM_MS - 1
    young, _ = store.create("a plan", 1)
    assert (store.sweep(), store.joined(code), store.received(code)) == (0, 1, 1)
    clock.ms += 1
    # Nobody sees it any more, swept or not.
    assert store.room(code) is None
    assert (store.joined(code), store.received(code), store.votes(code, 0, 1)) == (0, 0, {})
    assert store.own_answer(code, seat, 0, 1) is None
    assert not store.is_teacher(code, secret)
    assert refused(store.answer(code, seat, 0, 1, "2", 2)) == Refusal.ENDED
    for call in (lambda: store.join(code, seat), lambda: store.act(code, secret, Action.CLOSE, 2)):
        with pytest.raises(RoomError, match="ended"):
            call()
    assert store.sweep() == 1
    assert store.room(young.code) == young
    sizes = {name: len(found) for name, found in rows(url).items()}
    assert sizes == {
        "classroom_schema": 1,
        "classroom_rooms": 1,
        "classroom_seats": 0,
        "classroom_answers": 0,
    }


def test_there_are_so_many_rooms(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROOMS", 3)
    for _ in range(3):
        room, secret = store.create("a plan", 1)
    with pytest.raises(RoomError, match="Try again later"):
        store.create("a plan", 1)
    store.act(room.code, secret, Action.END, 1)
    store.create("a plan", 1)
    clock.ms += ROOM_MS
    store.create("a plan", 1)  # The old ones are deleted first.


def test_a_code_that_is_taken_is_not_given_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter("AAAAAAAAAAAACCCCCC" + "A" * 48)
    monkeypatch.setattr("calculator.classroom.store.secrets.choice", lambda _: next(drawn))
    assert [store.create("a plan", 1)[0].code for _ in range(2)] == ["AAAAAA", "CCCCCC"]
    with pytest.raises(RoomError, match="No free code"):
        store.create("a plan", 1)


def test_a_room_has_so_many_seats_however_many_join_at_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SEATS", 5)
    room, _ = store.create("a plan", 1)

    def joins(_: int) -> str:
        try:
            return store.join(room.code, None)
        except RoomError as error:
            return str(error)

    with ThreadPoolExecutor(12) as pool:
        seats = list(pool.map(joins, range(12)))
    assert seats.count("This class is full: it has 5 phones.") == 7
    assert store.joined(room.code) == 5
    known = next(seat for seat in seats if "full" not in seat)
    assert store.join(room.code, known) == known  # Who is in stays in.


def test_nothing_changes_once_a_close_has_returned(store: Store) -> None:
    code, secret, _ = opened(store)
    seats = [store.join(code, None) for _ in range(24)]

    def answers(number: int) -> bool:
        return store.answer(code, seats[number], 0, 1, f"{number}", number).counted

    with ThreadPoolExecutor(8) as pool:
        receipts = [pool.submit(answers, number) for number in range(len(seats))]
        receipts[3].result()  # Some before it, some after it.
        store.act(code, secret, Action.CLOSE, 2)
        then = store.votes(code, 0, 1)
    counted = {number: 1 for number, receipt in enumerate(receipts) if receipt.result()}
    assert counted == store.votes(code, 0, 1) == then


def test_one_seat_that_sends_twice_at_once_has_one_answer(store: Store) -> None:
    code, _, seat = opened(store)
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda n: store.answer(code, seat, 0, 1, f"{n}", n), range(8)))
    assert [receipt.counted for receipt in receipts].count(True) == store.received(code) == 1
    assert {receipt.reason for receipt in receipts if not receipt.counted} == {Refusal.TOO_SOON}


def waits_for_a_lock(url: str) -> None:
    """Return once a statement waits for another transaction of PostgreSQL."""
    engine = create_engine(url)
    deadline = time.monotonic() + 30
    query = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            waiting = connection.scalar(query)
        if waiting:
            engine.dispose()
            return
    raise AssertionError("no statement waits")


@pytest.mark.xdist_group("postgresql")
def test_an_answer_waits_for_a_close_that_is_under_way(postgresql: PostgreSQL) -> None:
    url = postgresql.fresh_url()
    store, other = Store(url), create_engine(url)
    code, _, seat = opened(store)
    with ThreadPoolExecutor(1) as pool:
        with other.begin() as closing:
            closing.execute(update(module._rooms).values(phase="closed"))
            receipt = pool.submit(store.answer, code, seat, 0, 1, "1", 1)
            waits_for_a_lock(url)
        assert refused(receipt.result()) == Refusal.CLOSED
    assert store.received(code) == 0
    store.close()
    other.dispose()


@pytest.mark.xdist_group("postgresql")
def test_a_close_waits_for_an_answer_that_is_under_way(postgresql: PostgreSQL) -> None:
    url = postgresql.fresh_url()
    store, other = Store(url), create_engine(url)
    code, secret, seat = opened(store)
    with ThreadPoolExecutor(1) as pool:
        with other.begin() as answering:
            assert answering.scalar(store._counting(code, seat, 0, 1, "1", "1"))
            room = pool.submit(store.act, code, secret, Action.CLOSE, 2)
            waits_for_a_lock(url)
            assert not room.done()
        assert room.result().phase is Phase.CLOSED
    assert store.votes(code, 0, 1) == {1: 1}
    store.close()
    other.dispose()


def test_nothing_is_acknowledged_before_it_is_committed(store: Store) -> None:
    code, _, seat = opened(store)

    def breaks(_: Connection) -> None:
        raise OperationalError("COMMIT", None, OSError("the disk is full"))

    event.listen(store._database._engine, "commit", breaks)
    with pytest.raises(StoreError, match="does not answer: the disk is full"):
        store.answer(code, seat, 0, 1, "1", 1)
    event.remove(store._database._engine, "commit", breaks)
    assert store.own_answer(code, seat, 0, 1) is None
    assert store.answer(code, seat, 0, 1, "1", 1) == COUNTED


@pytest.mark.xdist_group("postgresql")
def test_a_database_that_was_restarted_is_used_again(clock: Clock) -> None:
    with postgresql_server() as server:
        store = Store(server.url, clock.column)
        code, _, seat = opened(store)
        assert store.answer(code, seat, 0, 1, "1", 1) == COUNTED
        server.kill()
        with pytest.raises(StoreError):
            store.votes(code, 0, 1)
        server.start()
        assert store.votes(code, 0, 1) == {1: 1}
        clock.ms += ANSWER_MS
        assert store.answer(code, seat, 0, 1, "2", 2) == COUNTED
        store.close()


@pytest.mark.xdist_group("postgresql")
def test_nobody_waits_for_ever(postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAIT_SECONDS", 1)
    url = postgresql.fresh_url()
    store, other = Store(url), create_engine(url)
    code, secret, _ = opened(store)
    with other.begin() as stuck:
        stuck.execute(update(module._rooms).values(phase="closed"))
        with pytest.raises(StoreError, match="does not answer: canceling statement due to statement timeout"):
            store.act(code, secret, Action.CLOSE, 2)
    with pytest.raises(RoomError, match="not possible now"):
        store.act(code, secret, Action.CLOSE, 2)
    store.close()
    other.dispose()


def test_a_store_that_is_opened_again_has_everything(store: Store, url: str, clock: Clock) -> None:
    code, secret, seat = opened(store)
    store.answer(code, seat, 0, 1, "1", 1)
    again = Store(url, clock.column)
    assert (again.room(code), again.votes(code, 0, 1)) == (store.room(code), {1: 1})
    assert again.is_teacher(code, secret)
    assert again.act(code, secret, Action.CLOSE, 2) == store.room(code)
    again.close()


def test_many_open_an_empty_database_at_once(url: str) -> None:
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(Store, [url] * 6))
    room, _ = stores[0].create("a plan", 1)
    assert {store.room(room.code) for store in stores} == {room}
    for store in stores:
        store.close()


def test_tables_of_another_version_are_refused_and_left_alone(store: Store, url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(update(module._schema).values(version=SCHEMA_VERSION + 1))
    before = rows(url)
    with pytest.raises(StoreError, match="tables of version 2, and this program knows only version 1"):
        Store(url)
    with engine.begin() as connection:
        connection.execute(insert(module._schema).values(version=SCHEMA_VERSION))
    with pytest.raises(StoreError, match="tables of version 1, 2"):
        Store(url)
    assert rows(url) | {"classroom_schema": [(2,)]} == before
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:////nonexistent/classes.sqlite3", "does not answer: unable to open database file"),
        ("postgresql+psycopg://127.0.0.1:1/school", "does not answer: .*refused"),
        ("mysql+nothing://127.0.0.1/school", "cannot be opened"),
        ("school", "cannot be opened"),
    ],
)
def test_a_store_that_cannot_be_opened_says_why_in_a_sentence(url: str, sentence: str) -> None:
    with pytest.raises(StoreError, match=sentence) as raised:
        Store(url)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "classes.sqlite3"
    file.write_text("a" * 10_000)
    with pytest.raises(StoreError, match="file is not a database"):
        Store(f"sqlite:///{file}")


def test_a_password_stands_in_no_sentence() -> None:
    with pytest.raises(StoreError) as raised:
        Store("postgresql+psycopg://teacher:hidden@127.0.0.1:1/school")
    assert "hidden" not in str(raised.value)
