"""The vote: four different numbers, three of them real mistakes, and the right one at any letter."""

from collections import Counter
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.learn.lesson.lesson import STEP_COUNT, lesson_step
from calculator.learn.lesson.vote import LETTERS, MAX_RATIO, vote
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.settings import Settings
from tests.helpers.lesson_layers import small_layers
from tests.settings.test_settings import any_settings


@given(any_settings(), st.integers(1, STEP_COUNT))
def test_the_options_are_the_answer_and_known_mistakes(held: Settings, place: int) -> None:
    step = lesson_step(held, place)
    options = vote(step)
    assert "".join(option.letter for option in options) == LETTERS[: len(options)]
    assert len({option.value for option in options}) == len(options)
    assert min(option.value for option in options) > 0
    assert len(options) > 1
    [right] = [option.value for option in options if option.mistake is None]
    assert right == step.answer
    for option in options:
        if option.mistake:
            assert option.mistake.value == option.value
            assert option.mistake.name in diagnose(step, option.value, revealed=True).sentence
    assert len(options) == min(len({mistake.value for mistake in step.mistakes}) + 1, 4)
    assert options == vote(lesson_step(held, place))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_the_smallest_layers_have_four_letters_too(rank: int) -> None:
    """Every layer with sides and channels up to 3; only where all counts are 1 there are three letters."""
    for sides in product((1, 2, 3), repeat=rank):
        for inputs, outputs, bias in product((1, 2, 3), (1, 2, 3), (True, False)):
            held = Settings(
                dimensions=rank, kernel_size=sides, in_channels=inputs, out_channels=outputs, bias=bias
            )
            for place in range(1, 7):
                step = lesson_step(held, place)
                # A kernel of one weight on one axis, and nothing to multiply it by: only a bias and the
                # colours of an image can be added, so a third mistake would be invented.
                lonely = sides == (1,) and step.answer == 1 and place <= 4
                assert len(vote(step)) == (3 if lonely else 4), (held, place)


@given(small_layers, st.integers(1, 6))
def test_a_class_has_four_letters(held: Settings, place: int) -> None:
    assert len(vote(lesson_step(held, place))) == 4 or held.spatial("kernel_size") == (1,)


def test_a_kernel_of_two_weights_by_hand() -> None:
    held = Settings(dimensions=1, kernel_size=(2,))
    names = {option.value: option.mistake.name for option in vote(lesson_step(held, 1)) if option.mistake}
    assert names == {
        4: "a square kernel assumed",
        6: "the three colours of an image counted in one kernel",
        3: "a bias counted in each kernel",
    }


@given(any_settings())
def test_the_last_question_always_has_four_letters(held: Settings) -> None:
    assert len(vote(lesson_step(held, STEP_COUNT))) == len(LETTERS)


@given(any_settings(), st.integers(1, STEP_COUNT))
def test_numbers_far_away_are_only_taken_for_want_of_others(held: Settings, place: int) -> None:
    step = lesson_step(held, place)

    def far(value: int) -> bool:
        return max(value, step.answer) > MAX_RATIO * min(value, step.answer)

    near = {mistake.value for mistake in step.mistakes if not far(mistake.value)}
    chosen = {option.value for option in vote(step) if option.mistake}
    assert any(map(far, chosen)) is (len(near) < len(chosen))


def test_the_default_lesson_by_hand() -> None:
    options = {place: vote(lesson_step(Settings(), place)) for place in range(1, STEP_COUNT + 1)}
    numbers = {place: sorted(option.value for option in found) for place, found in options.items()}
    assert numbers == {
        # 4 × 4 = 16: one side, 4 + 4, and 3 colours.
        1: [4, 8, 16, 48],
        # 3 · 16 = 48: one kernel, 3 + 16, 3 · 4.
        2: [12, 16, 19, 48],
        # 3 · 64 · 16 = 3,072: 3 · 16, 64 · 16, (3 + 64) · 16.
        3: [48, 1_024, 1_072, 3_072],
        # 64 biases: none, 3, 192.
        4: [3_072, 3_075, 3_136, 3_264],
        # 16 · 8 ÷ 4 · 16 + 8 = 520: ÷ 16, 8 ÷ 4 biases, no groups.
        5: [136, 514, 520, 2_056],
        # · 3, · 9, and 3,072 · 32 · 32 multiply–accumulates.
        6: [3_136, 9_408, 28_224, 3_145_728],
        # MuseGAN with 0, 1, 2 and 4 values for each of 1,056 channels.
        7: [99_360, 100_416, 101_472, 103_584],
    }
    letters = {option.letter for found in options.values() for option in found if option.mistake is None}
    assert len(letters) >= 3


def test_no_letter_is_the_right_one_much_more_often() -> None:
    found: Counter[str] = Counter()
    for inputs in range(2, 14):
        for outputs in range(2, 14):
            for place in (1, 3, 4):
                held = Settings(in_channels=inputs, out_channels=outputs, kernel_size=(inputs, outputs))
                found += Counter(
                    option.letter for option in vote(lesson_step(held, place)) if option.mistake is None
                )
    total = sum(found.values())
    assert set(found) == set(LETTERS)
    assert all(0.18 < count / total < 0.32 for count in found.values()), found
