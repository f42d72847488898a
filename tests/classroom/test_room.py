"""The rules of a room: every action in every phase."""

from dataclasses import replace
from itertools import product

import pytest

from calculator.classroom.room import (
    CODE_CHARACTERS,
    CODE_LENGTH,
    Action,
    Phase,
    Room,
    RoomError,
    after,
    allowed,
    read_code,
)

FIRST = Room("ACDEFG", "plan", question_count=2)

# What follows, written out: question, round and phase before; the action; question, round and phase after.
STEPS = {
    ((0, 1, "waiting"), "open"): (0, 1, "open"),
    ((0, 1, "open"), "close"): (0, 1, "closed"),
    ((0, 1, "closed"), "reveal"): (0, 1, "revealed"),
    ((0, 1, "closed"), "vote again"): (0, 2, "open"),
    ((0, 1, "revealed"), "vote again"): (0, 2, "open"),
    ((0, 1, "revealed"), "next"): (1, 1, "open"),
    ((0, 2, "open"), "close"): (0, 2, "closed"),
    ((0, 2, "closed"), "reveal"): (0, 2, "revealed"),
    ((0, 2, "revealed"), "next"): (1, 1, "open"),
    ((1, 1, "open"), "close"): (1, 1, "closed"),
    ((1, 1, "closed"), "reveal"): (1, 1, "revealed"),
    ((1, 1, "closed"), "vote again"): (1, 2, "open"),
    ((1, 1, "revealed"), "vote again"): (1, 2, "open"),
    ((1, 2, "open"), "close"): (1, 2, "closed"),
    ((1, 2, "closed"), "reveal"): (1, 2, "revealed"),
}
ENDINGS = {(before, "end"): (*before[:2], "ended") for before, _ in STEPS} | {
    ((1, 2, "revealed"), "end"): (1, 2, "ended")
}


def at(question: int, round_number: int, phase: str) -> Room:
    return replace(FIRST, question=question, round=round_number, phase=Phase(phase), version=7)


PLACES = sorted({before for before, _ in STEPS | ENDINGS} | set(ENDINGS.values()))


@pytest.mark.parametrize(("place", "action"), list(product(PLACES, Action)))
def test_every_action_in_every_place(place: tuple[int, int, str], action: Action) -> None:
    room = at(*place)
    expected = (STEPS | ENDINGS).get((place, str(action)))
    assert (action in allowed(room)) == (expected is not None)
    if expected:
        assert after(room, action) == replace(at(*expected), version=8)
    else:
        with pytest.raises(RoomError, match="is not possible now"):
            after(room, action)


def test_a_question_needs_at_most_three_clicks_a_round() -> None:
    room = after(FIRST, Action.OPEN)
    clicks = 0
    while room.question == 0:
        room = after(room, allowed(room)[0])
        clicks += 1
    assert (clicks, room.phase) == (3, Phase.OPEN)


def test_a_code_is_read_as_people_type_it() -> None:
    assert read_code(" acd efg\u00a0") == ""
    assert [read_code(text) for text in ("acdefg", "ACD-EFG", "aCd eFg ")] == ["ACDEFG"] * 3
    for wrong in ("", "ACDEF", "ACDEFGH", "ACDEF0", "ACDEF\n", "ÄCDEFG", "A" * 10_000):
        assert read_code(wrong) == ""


def test_no_two_characters_of_a_code_look_alike() -> None:
    for alike in ("0OQD"[:2], "1IL", "2Z", "5S", "8B", "UV"):
        assert len(set(alike) & set(CODE_CHARACTERS)) <= 1
    assert len(CODE_CHARACTERS) == len(set(CODE_CHARACTERS)) == 24
    assert CODE_CHARACTERS.isupper()
    # With a thousand rooms, one guess of 190,000 is right.
    assert len(CODE_CHARACTERS) ** CODE_LENGTH > 190_000 * 1_000
