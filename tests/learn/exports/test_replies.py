"""The replies: the diagnosis of the page for each number that can be foreseen, and for any other number."""

import re
from dataclasses import replace

from calculator.core.formatting import format_count
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.generator import exercise
from calculator.learn.exports.replies import any_other_reply, other_replies, replies
from calculator.learn.mistakes.diagnosis import diagnose
from tests.helpers.exported import check_feedback, exercises_of, thousand
from tests.helpers.sheets import NASTY, PLAIN


def test_every_mistake_of_a_thousand_exercises_has_its_reply() -> None:
    exercises = exercises_of(thousand())
    assert len(exercises) > 1000
    for one in exercises:
        known = replies(one)
        assert len({reply.value for reply in known}) == len(known)
        assert [reply.value for reply in known if reply.correct] == [one.answer] == [known[0].value]
        check_feedback(one, {reply.value: reply.sentence for reply in known})


def test_a_step_of_the_working_is_recognised_and_0_and_1_are_not() -> None:
    one = exercise(1, 1, 1)
    assert {step.value for step in one.working} - {0, 1} <= {reply.value for reply in replies(one)}
    bare = replace(one, mistakes=(), working=tuple(step._replace(value=1) for step in one.working))
    assert [reply.value for reply in replies(bare)] == [one.answer]


def test_two_mistakes_at_once_have_their_reply_where_it_is_wanted() -> None:
    one = exercise(1, 1, 1)
    known = {reply.value: reply.sentence for reply in replies(one, pairs=True)}
    assert {pair.value for pair in one.pairs()} <= known.keys()
    assert "the biases forgotten and the output channels forgotten" in known[80]
    assert 80 not in {reply.value for reply in replies(one)}


def unknown(one: Exercise) -> tuple[int, int]:
    """Return the nearest numbers below and above the answer that no reply has."""
    known = {reply.value for reply in replies(one, pairs=True)}
    below = next((n for n in range(one.answer, -1, -1) if n not in known), -1)
    return below, next(n for n in range(one.answer, 10**6) if n not in known)


def test_another_number_gets_the_words_of_the_page_on_its_side() -> None:
    for one in exercises_of(thousand()[::9]):
        if one in (NASTY, PLAIN):
            continue
        for number, reply in zip(unknown(one), other_replies(one), strict=True):
            if number >= 0:
                said = diagnose(one, number).sentence
                assert said.startswith(f"{reply.before}{format_count(number)}{reply.between}")
                assert said.endswith(reply.after)
                words = said.removeprefix(f"{reply.before}{format_count(number)}{reply.between}")
                assert re.fullmatch(r"((about )?[\d,]+ times )?", words.removesuffix(reply.after))


def test_any_other_number_is_sent_back_to_the_first_step() -> None:
    one = exercise(7, 3, 2)
    assert f"“{one.working[0].what}”" in any_other_reply(one)
    assert str(one.answer) not in any_other_reply(one)
