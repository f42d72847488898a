"""The results of a class: bars, Mazur's next step at its limits, Hake's gain, a table without any person."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.classroom.questions import plan, questions
from calculator.classroom.results import (
    HEADER,
    MAX_BARS,
    MAX_LISTED,
    Advice,
    Asked,
    Change,
    Kind,
    advice,
    bars,
    changes,
    class_gain,
    gain,
    share_right,
    table,
)
from calculator.settings import Settings

QUESTIONS = questions(plan(Settings(class_source="exercises", questions=3)))
QUESTION = QUESTIONS[0]  # 5 × 3 × 16 + 3 = 243
VOTES = st.dictionaries(
    st.one_of(st.integers(0, 400), st.integers(0, 10**20), st.sampled_from([243, 240, 80, 83, 48, 51])),
    st.integers(1, 300),
    max_size=40,
)


def test_a_bar_for_each_mistake_and_one_for_the_rest() -> None:
    found = bars(QUESTION, {240: 12, 243: 20, 80: 5, 99: 1, 1000: 2, 15: 6})
    assert [(bar.kind, bar.votes, bar.numbers) for bar in found] == [
        (Kind.RIGHT, (20,), "5 × 3 × 16 + 3 = 243"),
        (Kind.MISTAKE, (12,), "5 × 3 × 16 + 0 = 240"),
        (Kind.MISTAKE, (6,), "5 × 3 = 15"),
        (Kind.MISTAKE, (5,), "5 × 16 + 0 = 80"),
        (Kind.OTHER, (3,), "99, 1,000"),
    ]


def test_two_rounds_share_their_bars() -> None:
    found = bars(QUESTION, {240: 12, 243: 20, 99: 1}, {243: 30, 1000: 1, 83: 2})
    assert [(bar.name, bar.votes) for bar in found] == [
        ("right", (20, 30)),
        ("the biases forgotten", (12, 0)),
        ("the output channels forgotten", (0, 2)),
        ("other numbers", (1, 1)),
    ]
    assert found[-1].values == (99, 1000)


def test_right_has_a_bar_even_without_an_answer() -> None:
    assert [(bar.kind, bar.votes) for bar in bars(QUESTION, {})] == [(Kind.RIGHT, (0,))]


@given(VOTES, VOTES)
def test_no_answer_is_lost_and_none_is_counted_twice(first: dict[int, int], second: dict[int, int]) -> None:
    found = bars(QUESTION, first, second)
    assert sum(bar.votes[0] for bar in found) == sum(first.values())
    assert sum(bar.votes[1] for bar in found) == sum(second.values())
    values = [value for bar in found for value in bar.values]
    assert sorted(values) == sorted({*first, *second, QUESTION.answer})
    assert len(found) <= MAX_BARS + 2
    for bar in found:
        if bar.kind is Kind.MISTAKE:
            named = QUESTION.named(bar.values[0])
            assert named is not None
            assert (named.name, named.formula) == (bar.name, bar.formula)
        if bar.kind is Kind.OTHER:
            assert all(QUESTION.named(value) is None for value in bar.values)


def test_many_mistakes_leave_a_bar_for_the_rarer_ones() -> None:
    values = sorted({mistake.value for mistake in QUESTION.asked.mistakes})[: MAX_BARS + 3]
    found = bars(QUESTION, {value: 100 - place for place, value in enumerate(values)})
    assert len(found) == MAX_BARS + 1
    assert (found[-1].kind, found[-1].name) == (Kind.MORE, "4 rarer mistakes")
    assert sorted(found[-1].values) == sorted(values[MAX_BARS - 1 :])
    assert found[-1].votes == (sum(100 - place for place in range(MAX_BARS - 1, MAX_BARS + 3)),)
    exactly = bars(QUESTION, dict.fromkeys(values[:MAX_BARS], 1))
    assert {bar.kind for bar in exactly} == {Kind.RIGHT, Kind.MISTAKE}


def test_a_long_list_of_numbers_says_how_many_are_left_out() -> None:
    unknown = [value for value in range(1_000, 1_200) if QUESTION.named(value) is None][: MAX_LISTED + 3]
    *_, other = bars(QUESTION, dict.fromkeys(unknown, 1))
    assert other.numbers.endswith(" and 3 more")
    assert len(other.values) == MAX_LISTED + 3


@pytest.mark.parametrize(
    ("right", "of", "first", "second"),
    [
        # Crouch and Mazur 2001: below 30 % explain, 30 to 80 % discuss, above 80 % go on.
        (0, 10, Advice.EXPLAIN, Advice.EXPLAIN),
        (2999, 10_000, Advice.EXPLAIN, Advice.EXPLAIN),
        (3, 10, Advice.DISCUSS, Advice.EXPLAIN),
        (1, 2, Advice.DISCUSS, Advice.EXPLAIN),
        (8, 10, Advice.DISCUSS, Advice.EXPLAIN),
        (8001, 10_000, Advice.NEXT, Advice.NEXT),
        (10, 10, Advice.NEXT, Advice.NEXT),
    ],
)
def test_the_next_step_at_the_limits(right: int, of: int, first: Advice, second: Advice) -> None:
    share = share_right(QUESTION, {243: right, 7: of - right})
    assert (advice(share, 1), advice(share, 2)) == (first, second)


def test_without_answers_there_is_no_share() -> None:
    assert share_right(QUESTION, {}) is None
    assert advice(None, 1) is Advice.EXPLAIN


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # Hake 1998: the average gain divided by the maximum possible gain.
        (Fraction(45, 100), Fraction(67, 100), Fraction(22, 55)),
        (Fraction(0), Fraction(1), Fraction(1)),
        (Fraction(1, 2), Fraction(1, 2), Fraction(0)),
        (Fraction(1, 2), Fraction(0), Fraction(-1)),
        (Fraction(1), Fraction(1), None),
        (Fraction(1), Fraction(1, 2), None),
    ],
)
def test_the_gain(before: Fraction, after: Fraction, expected: Fraction | None) -> None:
    assert gain(before, after) == expected


def asked(*rounds: tuple[dict[int, int], ...]) -> tuple[Asked, ...]:
    return tuple(Asked(place + 1, QUESTIONS[place], votes) for place, votes in enumerate(rounds))


def test_the_gain_of_the_class_is_that_of_the_mean_shares() -> None:
    # 243 and 550 are right. Shares 1/2 → 3/4 and 1/4 → 1/2; the third question was voted on once.
    done = asked(({243: 2, 240: 2}, {243: 3, 240: 1}), ({550: 1, 540: 3}, {550: 2, 1: 2}), ({360: 4},))
    assert class_gain(done) == (2, Fraction(3, 8), Fraction(5, 8), Fraction(2, 5))
    assert class_gain(done[2:]) is None
    assert class_gain(asked(({243: 1}, {}))) is None  # Nobody voted again.
    assert class_gain(asked(({243: 4}, {243: 3, 240: 1}))) == (1, Fraction(1), Fraction(3, 4), None)


def test_which_mistakes_went_and_which_stayed() -> None:
    done = asked(
        ({243: 2, 240: 5, 80: 1, 99: 2}, {243: 9, 240: 1, 1000: 1}),
        ({550: 1, 540: 3}, {550: 4, 90: 2}),
        ({9: 1},),
    )
    assert changes(done)[:3] == (
        Change("the biases forgotten", 8, 1),
        Change("other numbers", 2, 1),
        Change("the biases forgotten and the output channels forgotten", 1, 0),
    )
    assert changes(done[2:]) == ()


def test_the_table_has_every_number_and_no_person() -> None:
    done = asked(({243: 2, 240: 5, 99: 1}, {243: 8}))
    text = QUESTION.text
    assert list(table(done)) == [
        (1, 1, 99, 1, 0, "unknown", "", text),
        (1, 1, 240, 5, 0, "the biases forgotten", "5 × 3 × 16 + 0", text),
        (1, 1, 243, 2, 1, "right", "5 × 3 × 16 + 3", text),
        (1, 2, 243, 8, 1, "right", "5 × 3 × 16 + 3", text),
    ]
    assert HEADER == ("question", "round", "number", "answers", "right", "explanation", "formula", "text")
