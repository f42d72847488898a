"""The store of rooms, seats and answers: SQLite in one file, or PostgreSQL for several processes.

Each answer is one row, written by one statement that looks at the room, the question and the last answer of
the seat itself, so nothing can change between a check and the writing. The database lets it happen either
before or after a close, never at the same time: on SQLite only one transaction writes at a time
(``BEGIN IMMEDIATE``); on PostgreSQL the statement locks the room's row for share, which a close must wait
for, and reads the row anew where it had to wait itself. A method returns after its commit.

Codes, secrets and seats are stored as digests. A secret is random, so it needs no slow digest. The time of a
search reveals nothing about a secret, because similar texts have different digests.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from calculator.classroom.database import Database, DatabaseClock, StoreError
from calculator.classroom.room import (
    CODE_CHARACTERS,
    CODE_LENGTH,
    MAX_QUESTIONS,
    Action,
    Phase,
    Room,
    RoomError,
    after,
)

SCHEMA_VERSION = 1
"""The version of the tables below. A store with another one is refused: this program does not know it."""

MAX_ROOMS = 1_000
"""The maximum number of rooms at the same time."""

MAX_SEATS = 1_000
"""The maximum number of seats of a room."""

MAX_PLAN = 8_000
"""The maximum number of characters of a plan, which is that of a link."""

MAX_ANSWER = 64
"""The maximum number of characters of an answer."""

MAX_DIGITS = 80
"""The maximum number of digits of the number that an answer means."""

ROOM_MS = 24 * 3600 * 1000
"""The time in milliseconds after which a room is deleted."""

ANSWER_MS = 1000
"""The time in milliseconds that must pass before a seat changes its answer."""

MAX_CODES_TRIED = 8
"""The maximum number of random codes that are tried for a new room."""


class Refusal(StrEnum):
    """Why an answer was not counted: sentences for the person with the phone."""

    ENDED = "This class has ended."
    NOT_JOINED = "This phone has not joined the class. Open the address of the class again."
    OTHER_QUESTION = "The class is at another question now."
    OTHER_ROUND = "The class votes on this question again. Send your answer once more."
    NOT_OPEN = "This question is not open yet."
    CLOSED = "Voting was closed before this answer arrived, so it is not counted."
    TOO_SOON = "One answer a second is counted. Wait a moment, then send this one again."
    TOO_LONG = f"An answer has at most {MAX_ANSWER} characters."


@dataclass(frozen=True)
class Receipt:
    """Whether an answer is in the store, and if not, why: a sentence for the person with the phone."""

    counted: bool
    reason: str = ""


_TABLES = MetaData()
_DIGEST = String(64)

_schema = Table(
    "classroom_schema", _TABLES, Column("version", Integer, primary_key=True, autoincrement=False)
)

_rooms = Table(
    "classroom_rooms",
    _TABLES,
    Column("room", _DIGEST, primary_key=True),
    Column("secret", _DIGEST, nullable=False),
    Column("plan", String(MAX_PLAN), nullable=False),
    Column("question_count", Integer, nullable=False),
    Column("question", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("phase", String(10), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

_seats = Table(
    "classroom_seats",
    _TABLES,
    Column("room", _DIGEST, ForeignKey(_rooms.c.room, ondelete="CASCADE"), primary_key=True),
    Column("seat", _DIGEST, primary_key=True),
)

_answers = Table(
    "classroom_answers",
    _TABLES,
    Column("room", _DIGEST, ForeignKey(_rooms.c.room, ondelete="CASCADE"), primary_key=True),
    Column("question", Integer, primary_key=True),
    Column("round", Integer, primary_key=True),
    Column("seat", _DIGEST, primary_key=True),
    Column("typed", String(MAX_ANSWER), nullable=False),
    Column("value", String(MAX_DIGITS + 1), nullable=False),  # No integer of a database has so many digits.
    Column("sent_ms", BigInteger, nullable=False),
)


class Store:
    """Rooms in a database. One object serves all threads of a process.

    ``url`` is an address of SQLAlchemy: ``sqlite:////folder/file.db`` or ``postgresql+psycopg://…``. ``now``
    is the clock, in milliseconds, as the database reads it. Raises ``StoreError`` where the database cannot
    be used, or has tables of another version.

    Every method raises ``StoreError`` while the database does not answer. A method that writes may then have
    written or not; it can be called again, as its effect is the same once or twice.
    """

    def __init__(self, url: str, now: ColumnElement[int] | None = None) -> None:
        self._now = DatabaseClock() if now is None else now
        self._database = Database(url)
        try:
            with self._database.writing() as connection:
                self._create_tables(connection)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Close all connections. The next call opens new ones."""
        self._database.close()

    def create(self, plan: str, question_count: int) -> tuple[Room, str]:
        """Return a new room and its secret, which the store keeps only as a digest: it is shown once.

        ``plan`` is one line of text. Raises ``RoomError`` where it is too long, and where there are too many
        rooms.
        """
        if not 1 <= question_count <= MAX_QUESTIONS:
            raise RoomError(f"A class has 1 to {MAX_QUESTIONS} questions, received {question_count}.")
        if not 1 <= len(plan) <= MAX_PLAN or not plan.isprintable():
            raise RoomError(f"The plan of a class is one line of at most {MAX_PLAN:,} characters.")
        self.sweep()
        secret = secrets.token_urlsafe(24)
        with self._database.writing() as connection:
            self._database.one_at_a_time(connection)
            if (connection.scalar(select(func.count()).select_from(_rooms)) or 0) >= MAX_ROOMS:
                raise RoomError(f"There are {MAX_ROOMS:,} classes at the moment. Try again later.")
            room = Room(self._free_code(connection), plan, question_count)
            fixed = {
                "room": _digest(room.code),
                "secret": _digest(secret),
                "plan": plan,
                "question_count": question_count,
                "created_ms": self._now,
            }
            connection.execute(insert(_rooms).values(fixed | _columns(room)))
        return room, secret

    def room(self, code: str) -> Room | None:
        """Return the room, or ``None`` where it never existed or was deleted."""
        with self._database.reading() as connection:
            row = connection.execute(select(_rooms).where(self._is_room(code))).one_or_none()
        return _room(code, row) if row else None

    def is_teacher(self, code: str, secret: str) -> bool:
        """Return whether ``secret`` is that of the room, in a time that does not depend on the secret."""
        with self._database.reading() as connection:
            known = connection.scalar(select(_rooms.c.secret).where(self._is_room(code)))
        return compare_digest(_digest(secret), known or "") and known is not None

    def act(self, code: str, secret: str, action: Action, version: int) -> Room:
        """Return the room after an action of its teacher, who saw it at ``version``.

        Ending the room deletes everything of it. Raises ``RoomError`` with a wrong secret, where the room was
        changed meanwhile or has ended, and for an action that is not allowed.
        """
        with self._database.writing() as connection:
            query = select(_rooms).where(self._is_room(code)).with_for_update()
            row = connection.execute(query).one_or_none()
            if not row:
                raise RoomError(Refusal.ENDED)
            if not compare_digest(_digest(secret), row.secret):
                raise RoomError("Only the teacher's own link can do this.")
            before = _room(code, row)
            if before.version != version:
                raise RoomError(
                    "Another window has changed the class meanwhile. Look again before you press."
                )
            room = after(before, action)
            if room.phase is Phase.ENDED:
                connection.execute(delete(_rooms).where(_rooms.c.room == row.room))
            else:
                connection.execute(update(_rooms).where(_rooms.c.room == row.room).values(_columns(room)))
        return room

    def join(self, code: str, seat: str | None) -> str:
        """Return the seat of a phone: ``seat`` where the room knows it, otherwise a new random one.

        Raises ``RoomError`` where the room is full or has ended.
        """
        if seat is not None and self._has_seat(code, seat):
            return seat
        with self._database.writing() as connection:
            # Whoever joins at the same time waits here, so the number of seats is exact.
            room = connection.scalar(select(_rooms.c.room).where(self._is_room(code)).with_for_update())
            if not room:
                raise RoomError(Refusal.ENDED)
            taken = select(func.count()).select_from(_seats).where(_seats.c.room == room)
            if (connection.scalar(taken) or 0) >= MAX_SEATS:
                raise RoomError(f"This class is full: it has {MAX_SEATS:,} phones.")
            seat = secrets.token_urlsafe(16)
            connection.execute(insert(_seats).values(room=room, seat=_digest(seat)))
        return seat

    def answer(self, code: str, seat: str, question: int, round: int, text: str, value: int) -> Receipt:
        """Count an answer, or the change of one; return after the commit whether it is in the store.

        An answer that is stored already is counted, also after the close: a phone that repeats an answer
        because it got no reply learns that the answer had arrived.
        """
        if len(text) > MAX_ANSWER or not text.isprintable() or abs(value) >= 10**MAX_DIGITS:
            return Receipt(False, Refusal.TOO_LONG)
        with self._database.writing() as connection:
            counting = self._counting(code, seat, question, round, text, str(value))
            if connection.scalar(counting):
                return Receipt(True)
            # The room may have moved on since that statement: this says what holds now.
            return self._why_not(connection, code, seat, question, round, (text, str(value)))

    def own_answer(self, code: str, seat: str, question: int, round: int) -> tuple[str, int] | None:
        """Return what a seat has answered, as typed and as a number, or ``None``."""
        query = select(_answers.c.typed, _answers.c.value).where(
            _is_answer(_digest(code), _digest(seat), question, round), self._is_room(code)
        )
        with self._database.reading() as connection:
            row = connection.execute(query.join(_rooms, _rooms.c.room == _answers.c.room)).one_or_none()
        return (row.typed, int(row.value)) if row else None

    def votes(self, code: str, question: int, round: int) -> dict[int, int]:
        """Return how many seats have given each number, the most frequent first."""
        query = (
            select(_answers.c.value, func.count().label("seats"))
            .join(_rooms, _rooms.c.room == _answers.c.room)
            .where(self._is_room(code), _answers.c.question == question, _answers.c.round == round)
            .group_by(_answers.c.value)
        )
        with self._database.reading() as connection:
            votes = [(int(row.value), int(row.seats)) for row in connection.execute(query)]
        return dict(sorted(votes, key=lambda vote: (-vote[1], vote[0])))

    def joined(self, code: str) -> int:
        """Return the number of seats of a room."""
        query = select(func.count()).select_from(_seats.join(_rooms)).where(self._is_room(code))
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def received(self, code: str) -> int:
        """Return how many seats have answered the present question in the present round."""
        query = (
            select(func.count())
            .select_from(_answers.join(_rooms, _rooms.c.room == _answers.c.room))
            .where(
                self._is_room(code),
                _answers.c.question == _rooms.c.question,
                _answers.c.round == _rooms.c.round,
            )
        )
        with self._database.reading() as connection:
            return int(connection.scalar(query) or 0)

    def sweep(self) -> int:
        """Delete every room that is older than a day with all that belongs to it; return their number."""
        with self._database.writing() as connection:
            return connection.execute(delete(_rooms).where(~self._is_young())).rowcount

    def _counting(self, code: str, seat: str, question: int, round: int, typed: str, value: str) -> Any:
        """Return the statement that counts an answer if room and clock allow it, and then returns a row."""
        source = (
            select(
                _rooms.c.room,
                _rooms.c.question,
                _rooms.c.round,
                _seats.c.seat,
                literal(typed, String),
                literal(value, String),
                self._now,
            )
            .join(_seats, and_(_seats.c.room == _rooms.c.room, _seats.c.seat == _digest(seat)))
            .where(
                self._is_room(code),
                _rooms.c.phase == Phase.OPEN,
                _rooms.c.question == question,
                _rooms.c.round == round,
            )
            .with_for_update(read=True, of=_rooms)
        )
        columns = ["room", "question", "round", "seat", "typed", "value", "sent_ms"]
        new = self._database.insert(_answers).from_select(columns, source)
        last = _answers.c.sent_ms
        return new.on_conflict_do_update(
            index_elements=["room", "question", "round", "seat"],
            set_={name: new.excluded[name] for name in ("typed", "value", "sent_ms")},
            # A clock that was set back must not keep anybody waiting.
            where=or_(last <= new.excluded.sent_ms - ANSWER_MS, last > new.excluded.sent_ms),
        ).returning(_answers.c.seat)

    def _why_not(
        self, connection: Connection, code: str, seat: str, question: int, round: int, sent: tuple[str, str]
    ) -> Receipt:
        """Return the receipt of an answer that was not stored: the reason, or that it is there already."""
        row = connection.execute(select(_rooms).where(self._is_room(code))).one_or_none()
        if not row:
            return Receipt(False, Refusal.ENDED)
        known = select(_seats.c.seat).where(_seats.c.room == row.room, _seats.c.seat == _digest(seat))
        if not connection.scalar(known):
            return Receipt(False, Refusal.NOT_JOINED)
        answered = select(_answers.c.typed, _answers.c.value)
        there = connection.execute(answered.where(_is_answer(row.room, _digest(seat), question, round)))
        if sent in [tuple(answer) for answer in there]:
            return Receipt(True)
        if row.question != question:
            return Receipt(False, Refusal.OTHER_QUESTION)
        if row.round != round:
            return Receipt(False, Refusal.OTHER_ROUND)
        if row.phase == Phase.WAITING:
            return Receipt(False, Refusal.NOT_OPEN)
        return Receipt(False, Refusal.TOO_SOON if row.phase == Phase.OPEN else Refusal.CLOSED)

    def _free_code(self, connection: Connection) -> str:
        for _ in range(MAX_CODES_TRIED):
            code = "".join(secrets.choice(CODE_CHARACTERS) for _ in range(CODE_LENGTH))
            if not connection.scalar(select(_rooms.c.room).where(_rooms.c.room == _digest(code))):
                return code
        raise RoomError("No free code was found. Try again.")

    def _has_seat(self, code: str, seat: str) -> bool:
        query = select(_seats.c.seat).select_from(_seats.join(_rooms)).where(self._is_room(code))
        with self._database.reading() as connection:
            return connection.scalar(query.where(_seats.c.seat == _digest(seat))) is not None

    def _is_room(self, code: str) -> ColumnElement[bool]:
        return and_(_rooms.c.room == _digest(code), self._is_young())

    def _is_young(self) -> ColumnElement[bool]:
        return _rooms.c.created_ms > self._now - ROOM_MS

    def _create_tables(self, connection: Connection) -> None:
        """Make the tables where there are none. Raises ``StoreError`` for those of another version."""
        self._database.one_at_a_time(connection)
        _TABLES.create_all(connection, tables=[_schema])
        versions = connection.scalars(select(_schema.c.version).order_by(_schema.c.version)).all()
        if not versions:
            _TABLES.create_all(connection)
            connection.execute(insert(_schema).values(version=SCHEMA_VERSION))
        elif versions != [SCHEMA_VERSION]:
            found = ", ".join(map(str, versions))
            raise StoreError(
                f"The store of classes has tables of version {found}, and this program knows only version "
                f"{SCHEMA_VERSION}. Use the program that made them, or another database."
            )


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _is_answer(room: str, seat: str, question: int, round: int) -> ColumnElement[bool]:
    """Return the condition that selects the answer of a seat in one round of a question."""
    return and_(
        _answers.c.room == room,
        _answers.c.question == question,
        _answers.c.round == round,
        _answers.c.seat == seat,
    )


def _columns(room: Room) -> dict[str, Any]:
    """Return the columns that an action changes, with their values."""
    return {"question": room.question, "round": room.round, "phase": str(room.phase), "version": room.version}


def _room(code: str, row: Row[Any]) -> Room:
    return Room(code, row.plan, row.question_count, row.question, row.round, Phase(row.phase), row.version)
