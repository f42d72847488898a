"""A candidate becomes an exercise only if every wrong number identifies one mistake."""

from dataclasses import replace

from calculator.learn.exercises.layer_questions import level_one_question
from calculator.learn.exercises.seeded_random import SeededRandom


def test_only_an_unambiguous_question_is_acceptable() -> None:
    candidate = level_one_question("bias", SeededRandom("a draft"))
    by_key = {mistake.key: mistake for mistake in candidate.mistakes}
    one, other, twin = by_key["bias-forgotten"], by_key["kernel-side"], by_key["bias-per-input"]
    assert candidate.acceptable
    assert not replace(candidate, suitable=False).acceptable
    assert not replace(candidate, mistakes=(replace(one, value=candidate.answer),)).acceptable
    assert not replace(candidate, mistakes=(one, replace(other, value=one.value))).acceptable
    assert not replace(candidate, mistakes=(twin, replace(other, value=twin.value))).acceptable
    assert not replace(candidate, mistakes=(replace(twin, value=candidate.answer),)).acceptable
    assert replace(
        candidate, mistakes=(twin, replace(by_key["channels-swapped"], value=twin.value))
    ).acceptable
