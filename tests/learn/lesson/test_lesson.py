"""The lesson: every answer counted anew by allocating the weights, every guess known for what it is."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, plural
from calculator.learn.lesson.layer_steps import variants
from calculator.learn.lesson.lesson import STEPS, WORKED, judge, lesson_step
from calculator.learn.lesson.step import TITLES, LessonStep
from calculator.settings import Settings
from calculator.settings.examples import PUZZLE
from tests.helpers import reference
from tests.settings.test_settings import any_settings

small = st.builds(
    Settings,
    dimensions=st.just(2),
    in_channels=st.integers(1, 24),
    out_channels=st.integers(1, 24),
    kernel_size=st.one_of(st.tuples(st.integers(1, 7)), st.tuples(st.integers(1, 7), st.integers(1, 7))),
    groups=st.integers(1, 8),
    bias=st.booleans(),
    batch_norm=st.booleans(),
    frozen=st.booleans(),
    second=st.booleans(),
)


def allocated(held: Settings, *, groups: int = 1, bias: bool = True) -> int:
    """Count by allocating: an array of kernels for each group, and a bias vector."""
    kernel = held.spatial("kernel_size")
    inputs, outputs = held.in_channels // groups, held.out_channels // groups
    weights = [np.zeros((inputs, outputs, *kernel)) for _ in range(groups)]
    return sum(one.size for one in weights) + (np.zeros(held.out_channels).size if bias else 0)


@given(small)
def test_the_first_four_answers_are_what_is_allocated(held: Settings) -> None:
    kernel = np.zeros(held.spatial("kernel_size"))
    assert lesson_step(held, 1).answer == kernel.size
    assert lesson_step(held, 2).answer == np.stack([kernel] * held.in_channels).size
    assert lesson_step(held, 3).answer == allocated(held, bias=False)
    assert lesson_step(held, 4).answer == allocated(held, bias=held.bias)
    assert lesson_step(held, 6).answer == allocated(held, groups=held.used_groups, bias=held.bias)


@given(small)
def test_groups_divide_the_weights_once(held: Settings) -> None:
    step = lesson_step(held, 5)
    layer = step.layer
    assert layer.groups > 1
    shown = Settings(
        in_channels=layer.in_channels, out_channels=layer.out_channels, kernel_size=layer.kernel_size
    )
    assert step.answer == allocated(shown, groups=layer.groups, bias=layer.bias)
    assert (step.instead == "") == (held.used_groups > 1)
    if held.used_groups > 1:
        assert layer == replace(held.counted_layer())
    assert f"groups={layer.groups}" in step.question


@given(small)
def test_the_last_step_has_keras_total(held: Settings) -> None:
    assume(held.batch_norm or held.frozen or held.second)
    # Keras has no groups for transposed layers.
    layers = [allocated(held, bias=held.bias)]
    channels = [held.out_channels]
    if held.second:
        shape = (held.out_channels, held.second_out_channels, *held.spatial("second_kernel_size"))
        layers.append(np.zeros(shape).size + held.second_out_channels * held.bias)
        channels.append(held.second_out_channels)
    norms = 4 * sum(channels) if held.batch_norm else 0
    assert lesson_step(held, 7).answer == sum(layers) + norms


def test_the_puzzle_is_the_last_step_until_something_is_switched_on() -> None:
    step = lesson_step(Settings(), 7)
    assert [item.value for item in step.tallies] == [99_360, 101_472, 103_584]
    assert step.answer == 103_584
    assert step.instead.startswith("Here: MuseGAN's temporal network")
    assert lesson_step(PUZZLE.settings, 7).instead == ""


@pytest.mark.parametrize(("place", "count"), [(0, 3_136), (1, 3_200), (2, 550)])
def test_the_three_worked_examples_come_out(place: int, count: int) -> None:
    held = WORKED[place].settings
    assert lesson_step(held, 4).answer == count
    assert lesson_step(held, 6).answer == count


@given(any_settings(), st.integers(1, STEPS))
def test_a_step_is_whole_whatever_is_set(held: Settings, place: int) -> None:
    step = lesson_step(held, place)
    assert (step.number, step.title) == (place, TITLES[place - 1])
    assert step.question.endswith("?")
    assert step.working
    assert step.working[-1].value == step.answer
    assert all(guess.value > 0 and guess.value != step.answer for guess in step.guesses)
    assert judge(step, step.answer) == (True, f"Yes: {format_count(step.answer)}.")
    for guess in step.guesses:
        right, sentence = judge(step, guess.value)
        assert not right
        assert guess.reason in sentence


def wrong(place: int, value: int, held: Settings | None = None) -> str:
    right, sentence = judge(lesson_step(held or Settings(), place), value)
    assert not right
    return sentence


DIVIDED = Settings(in_channels=16, out_channels=8, kernel_size=(5,), groups=4)


@pytest.mark.parametrize(
    ("place", "value", "held", "told"),
    [
        (1, 8, Settings(), "the sum of its sides"),
        (1, 4, Settings(), "one side of it"),
        (2, 16, Settings(), "one kernel"),
        (2, 19, Settings(), "kernel and channels added"),
        (3, 48, Settings(), "what one output channel needs"),
        (3, 1_024, Settings(), "one kernel for each output channel"),
        (3, 67 * 16, Settings(), "channels added"),
        (3, 192, Settings(), "the number of kernels"),
        (4, 3_072, Settings(), "the weights alone"),
        (4, 3_075, Settings(), "one bias per input channel"),
        (4, 3_073, Settings(), "one bias for the whole layer"),
        (4, 3_072 + 192, Settings(), "one bias per kernel"),
        (4, 3_136, Settings(bias=False), "This layer has none"),
        (4, 3_075, Settings(bias=False), "This layer has none"),
        (5, 3_208, DIVIDED, "what it has without groups"),
        (5, 16 * 8 * 25 // 16 + 8, DIVIDED, "divided by groups twice"),
        (5, 802, DIVIDED, "biases divided too"),
        (6, 3_136 * 9, Settings(), "stride²"),
        (6, 3_136 * 3, Settings(), "times the stride."),
        (6, 2 * 832, Settings(dimensions=1, stride=(1,)), "times stride."),
        (6, 8 * 12_352, Settings(dimensions=3, stride=(1,)), "times stride³."),
        (6, 3_072 * 1_024, Settings(), "multiply–accumulates"),
        (7, 99_360, Settings(), "what the transposed layers hold alone"),
        (7, 101_472, Settings(), "what trains"),
        (4, 1, Settings(), "You predicted 1; it is 3,136."),
    ],
)
def test_a_guess_is_known_for_what_it_is(place: int, value: int, held: Settings, told: str) -> None:
    assert told in wrong(place, value, held)


def test_two_guesses_with_one_number_are_both_named() -> None:
    # 2 × 2: the sum and the product of the sides agree, and the answer is no mistake.
    assert [guess.value for guess in lesson_step(Settings(kernel_size=(2,)), 1).guesses] == [2]
    sentence = wrong(4, 3_072 + 1, Settings(in_channels=1, out_channels=64, kernel_size=(6, 8)))
    assert "per input channel" in sentence
    assert " Or it is one bias for the whole layer" in sentence


@given(any_settings())
@settings(max_examples=50)
def test_what_does_not_matter_really_does_not(held: Settings) -> None:
    try:
        held.layer().output_size(held.spatial("input_size"))
    except LayerError:
        return
    rows = variants(held)
    assert rows[0][0] == "as it is"
    assert {count for *_, count in rows} == {held.layer().parameter_count}
    for _, size, positions, _ in rows:
        assert positions == math.prod(int(part.replace(",", "")) for part in size.split(" × "))


def test_the_output_moves_as_a_real_transposed_convolution_does() -> None:
    held = Settings(in_channels=1, out_channels=1, input_size=(5,))
    found = {label: size for label, size, _, _ in variants(held)}
    for label, changed in (
        ("as it is", {}),
        ("stride 1", {"stride": (1,)}),
        ("stride 4", {"stride": (4,)}),
        ("padding 0", {"padding": (0,)}),
        ("output padding 1", {"output_padding": (1,)}),
        ("dilation 2", {"dilation": (2,)}),
        ("input twice as long", {"input_size": (10,)}),
    ):
        moved = held.change(**changed)
        carried = reference.carry_out(
            np.ones((1, *moved.spatial("input_size"))),
            [np.ones((1, 1, *moved.spatial("kernel_size")))],
            stride=moved.spatial("stride"),
            padding=moved.spatial("padding"),
            output_padding=moved.spatial("output_padding"),
            dilation=moved.spatial("dilation"),
        )
        assert found[label] == " × ".join(map(str, carried.size)), label


def test_every_number_in_the_words_is_counted() -> None:
    step: LessonStep = lesson_step(Settings(in_channels=6, out_channels=10, kernel_size=(3,)), 4)
    assert plural(540, "weight") in step.so
    assert step.question == "6 → 10 channels, kernels of 3 × 3, bias=True. How many parameters?"
