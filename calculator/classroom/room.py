"""The rules of a room: what may happen in which phase. Nothing here knows how a room is stored."""

from dataclasses import dataclass, replace
from enum import StrEnum

CODE_CHARACTERS = "34679ACDEFGHJKMNPQRTVWXY"
"""The characters of a code. No two of them look alike, on a projected screen or on a phone."""

CODE_LENGTH = 6

MAX_QUESTIONS = 60
"""The maximum number of questions of a room."""

LAST_ROUND = 2
"""A question is asked once, and a second time after the class has discussed it."""


class RoomError(ValueError):
    """An action that the room does not allow. The message is a sentence for the person who asked for it."""


class Phase(StrEnum):
    """The state of a room, which is that of its current question."""

    WAITING = "waiting"
    """People may join; the first question is not asked yet."""
    OPEN = "open"
    """Answers are counted."""
    CLOSED = "closed"
    """Answers are counted no longer, and not shown yet."""
    REVEALED = "revealed"
    """Everybody sees the answers and the right one."""
    ENDED = "ended"
    """Everything of the room has been deleted."""


class Action(StrEnum):
    """The actions of a teacher."""

    OPEN = "open"
    CLOSE = "close"
    REVEAL = "reveal"
    VOTE_AGAIN = "vote again"
    NEXT = "next"
    END = "end"


@dataclass(frozen=True)
class Room:
    """A room at one moment. ``question`` counts from 0, ``round`` from 1; every change adds 1 to ``version``.

    ``plan`` is the line of text that all questions can be made from; the rules do not read it.
    """

    code: str
    plan: str
    question_count: int
    question: int = 0
    round: int = 1
    phase: Phase = Phase.WAITING
    version: int = 1


def allowed(room: Room) -> tuple[Action, ...]:
    """Return what a teacher can do now, the usual action first. A room can be ended at any time.

    >>> room = Room("ACDEFG", "", question_count=1)
    >>> [str(action) for action in allowed(room)]
    ['open', 'end']
    >>> [str(action) for action in allowed(replace(room, phase=Phase.CLOSED))]
    ['reveal', 'vote again', 'end']
    """
    # Peer instruction votes again before anybody has seen the right answer; after it, that is a repetition.
    again = (Action.VOTE_AGAIN,) if room.round < LAST_ROUND else ()
    match room.phase:
        case Phase.WAITING:
            return Action.OPEN, Action.END
        case Phase.OPEN:
            return Action.CLOSE, Action.END
        case Phase.CLOSED:
            return Action.REVEAL, *again, Action.END
        case Phase.REVEALED:
            more = (Action.NEXT,) if room.question + 1 < room.question_count else ()
            return *more, *again, Action.END
        case Phase.ENDED:
            return ()


def after(room: Room, action: Action) -> Room:
    """Return the room after an action. The next question is open at once: it needs no click of its own.

    Raises ``RoomError`` for an action that is not allowed now.

    >>> room = after(Room("ACDEFG", "", question_count=2), Action.OPEN)
    >>> room.phase, room.version
    (<Phase.OPEN: 'open'>, 2)
    >>> after(room, Action.NEXT)
    Traceback (most recent call last):
    ...
    calculator.classroom.room.RoomError: "next" is not possible now: the question is open.
    """
    if action not in allowed(room):
        what = "room has ended" if room.phase is Phase.ENDED else f"question is {room.phase}"
        raise RoomError(f'"{action}" is not possible now: the {what}.')
    changed = replace(room, version=room.version + 1)
    match action:
        case Action.OPEN:
            return replace(changed, phase=Phase.OPEN)
        case Action.CLOSE:
            return replace(changed, phase=Phase.CLOSED)
        case Action.REVEAL:
            return replace(changed, phase=Phase.REVEALED)
        case Action.VOTE_AGAIN:
            return replace(changed, phase=Phase.OPEN, round=room.round + 1)
        case Action.NEXT:
            return replace(changed, phase=Phase.OPEN, question=room.question + 1, round=1)
        case Action.END:
            return replace(changed, phase=Phase.ENDED)


def read_code(text: str) -> str:
    """Return the code in a typed text, or an empty string where the text cannot be a code.

    >>> read_code(" acd-efg "), read_code("ACDEF0"), read_code("ACDEFGH")
    ('ACDEFG', '', '')
    """
    code = text[: 4 * CODE_LENGTH].upper().replace("-", "").replace(" ", "")
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_CHARACTERS) else ""
