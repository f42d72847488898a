"""The score: what counts as solved at once, after a mistake, or with the working shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.learn.exercises.score import Attempt, score_text

RIGHT = 7


def played(moves: list[int | None]) -> Attempt:
    """Return the attempt after some answers; ``None`` is a look at the working."""
    attempt = Attempt()
    for move in moves:
        attempt = (
            attempt.with_working_shown() if move is None else attempt.with_answer(move, correct=move == RIGHT)
        )
    return attempt


@pytest.mark.parametrize(
    ("games", "told"),
    [
        ([], "Nothing tried yet."),
        ([[]], "Nothing tried yet."),
        ([[RIGHT]], "1 of 1 solved: 1 on the first try."),
        ([[1, RIGHT]], "1 of 1 solved: 1 after a wrong answer."),
        ([[None, RIGHT]], "1 of 1 solved: 1 with the working shown."),
        ([[1, None, RIGHT]], "1 of 1 solved: 1 with the working shown."),
        ([[RIGHT, None]], "1 of 1 solved: 1 on the first try."),
        ([[RIGHT, 1]], "1 of 1 solved: 1 on the first try."),
        ([[1]], "0 of 1 solved."),
        ([[None]], "0 of 1 solved. 1 not solved, with the working shown."),
        (
            [[RIGHT], [1, RIGHT], [None, RIGHT], [None], [2], []],
            "3 of 5 solved: 1 on the first try, 1 after a wrong answer, 1 with the working shown. "
            "1 not solved, with the working shown.",
        ),
    ],
)
def test_the_score_in_words(games: list[list[int | None]], told: str) -> None:
    assert score_text(map(played, games)) == told


@given(st.lists(st.one_of(st.none(), st.integers(5, 9)), max_size=8))
def test_what_comes_after_the_right_answer_changes_nothing(moves: list[int | None]) -> None:
    attempt = played(moves)
    assert attempt.solved == (RIGHT in moves)
    if attempt.solved:
        until = moves[: moves.index(RIGHT) + 1]
        assert attempt == played(until)
        assert attempt.working_shown == (None in until)
        assert attempt.answers[-1] == RIGHT
