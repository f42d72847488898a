"""The lesson: every step is complete for any layer, and a wrong prediction is diagnosed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.core.formatting import format_count
from calculator.learn.lesson.lesson import STAGES, STEP_COUNT, TOPICS, WORKED_EXAMPLES, lesson_step
from calculator.learn.mistakes.diagnosis import diagnose
from calculator.learn.mistakes.layer import KINDS
from calculator.settings import FIELD, Settings
from tests.settings.test_settings import any_settings


def test_the_link_has_a_number_for_every_part() -> None:
    assert (FIELD["step"].minimum, FIELD["step"].maximum) == (1, len(STAGES))
    assert len(STAGES) == STEP_COUNT + 1


def test_every_part_has_its_place_on_the_map_and_notes_for_the_teacher() -> None:
    assert len({stage.short for stage in STAGES}) == len(STAGES)
    assert max(len(stage.short) for stage in STAGES) <= 9
    for stage in STAGES:
        assert stage.minutes > 0
        assert len(stage.asks) == 2
        for ask in stage.asks:
            assert ask.question.endswith("?")
            assert ask.listen_for.endswith(".")
    assert all(topic.recap for topic in TOPICS)


@given(any_settings(), st.integers(1, STEP_COUNT))
def test_question_and_controls_are_about_one_layer(held: Settings, place: int) -> None:
    """A control shows the value that the step uses; an offer makes the step the visitor's."""
    step = lesson_step(held, place)
    shown = set(TOPICS[place - 1].controls) - set(step.other)
    assert bool(step.other) == bool(step.offers)
    alone = {1: {"in_channels": 1, "out_channels": 1}, 2: {"out_channels": 1}}.get(place, {})
    if place < 6:
        for name in shown & {"in_channels", "out_channels"}:
            assert getattr(step.layer, name) == alone.get(name, getattr(held, name))
        if "groups" in shown:
            assert step.layer.groups == held.used_groups
    for offer in step.offers:
        taken = lesson_step(held.change(**offer.changes), place)
        assert (taken.other, taken.offers) == ((), ())
        if place == 5:
            assert {name: getattr(taken.layer, name) for name in offer.changes} == offer.changes
            text = f"{offer.changes['groups']:,} groups"
            if "in_channels" in offer.changes:
                channels = f"{offer.changes['in_channels']:,} → {offer.changes['out_channels']:,}"
                text = f"{channels} in {text}"
            assert offer.label == f"Use {text}"


def test_groups_that_do_not_fit_offer_channels_that_would() -> None:
    labels = [offer.label for offer in lesson_step(Settings(groups=8), 5).offers]
    assert labels == ["Use 16 → 8 in 4 groups", "Use 8 → 64 in 8 groups"]
    divisible = lesson_step(Settings(in_channels=6, out_channels=12), 5)
    assert [offer.label for offer in divisible.offers] == [f"Use {n} groups" for n in (2, 3, 6)]


def test_every_control_is_a_setting() -> None:
    controls = {name for topic in TOPICS for name in topic.controls}
    assert controls <= set(FIELD)
    assert controls >= {"kernel_size", "in_channels", "out_channels", "bias", "groups", "stride"}


@pytest.mark.parametrize(("place", "count"), [(0, 3_136), (1, 3_200), (2, 550)])
def test_the_three_worked_examples_come_out(place: int, count: int) -> None:
    held = WORKED_EXAMPLES[place].settings
    assert lesson_step(held, 4).answer == count
    assert lesson_step(held, 6).answer == count


@given(any_settings(), st.integers(1, STEP_COUNT))
def test_a_step_is_whole_whatever_is_set(held: Settings, place: int) -> None:
    step = lesson_step(held, place)
    assert (step.number, step.title) == (place, TOPICS[place - 1].title)
    assert step.question.endswith("?")
    for text in (step.idea, step.question, step.conclusion, step.layer_note or "Yours."):
        assert re.match("[A-Z0-9]", text), text
    assert all(text.endswith(".") for text in (step.idea, step.conclusion, step.layer_note or "Yours."))
    assert step.working
    assert step.working[-1].value == step.answer
    assert all(mistake.value > 0 and mistake.value != step.answer for mistake in step.mistakes)
    right = diagnose(step, step.answer, revealed=True)
    assert (right.correct, right.sentence) == (True, f"Right: {format_count(step.answer)}.")
    for mistake in step.mistakes:
        diagnosis = diagnose(step, mistake.value, revealed=True)
        assert not diagnosis.correct
        assert mistake.name in diagnosis.sentence
        assert mistake.hint in diagnosis.sentence


def wrong(place: int, value: int, held: Settings | None = None) -> str:
    diagnosis = diagnose(lesson_step(held or Settings(), place), value, revealed=True)
    assert not diagnosis.correct
    return diagnosis.sentence


DIVIDED = Settings(in_channels=16, out_channels=8, kernel_size=(5,), groups=4)


@pytest.mark.parametrize(
    ("place", "value", "held", "told"),
    [
        (1, 8, Settings(), "the sides of the kernel added"),
        (1, 4, Settings(), "one side of the kernel only"),
        (1, 48, Settings(), "the three colours of an image counted in one kernel"),
        (2, 16, Settings(), "the input channels forgotten"),
        (2, 19, Settings(), "the kernels and the weights of one kernel added"),
        (3, 48, Settings(), "the output channels forgotten"),
        (3, 1_024, Settings(), "the input channels forgotten"),
        (3, 67 * 16, Settings(), "the channels added instead of multiplied"),
        (3, 192, Settings(), "the number of kernels"),
        (4, 3_072, Settings(), "the biases forgotten"),
        (4, 3_075, Settings(), "a bias for each input channel"),
        (4, 3_073, Settings(), "one bias for the whole layer"),
        (4, 3_072 + 192, Settings(), "a bias for each kernel"),
        (4, 3_136, Settings(bias=False), "With bias=False the layer has no biases"),
        (4, 3_075, Settings(bias=False), "With bias=False the layer has no biases"),
        (5, 3_208, DIVIDED, "the groups ignored"),
        (5, 16 * 8 * 25 // 16 + 8, DIVIDED, "the weights divided by the groups twice"),
        (5, 802, DIVIDED, "the biases divided by the groups"),
        (6, 3_136 * 9, Settings(), "everything multiplied by the stride squared."),
        (6, 3_136 * 3, Settings(), "everything multiplied by the stride."),
        (6, 2 * 832, Settings(dimensions=1, stride=(1,)), "multiplied by the stride."),
        (6, 8 * 12_352, Settings(dimensions=3, stride=(1,)), "everything multiplied by the stride cubed."),
        (6, 3_072 * 1_024, Settings(), "the multiply–accumulates counted instead of the parameters"),
        (7, 99_360, Settings(), "BatchNorm not counted"),
        (7, 101_472, Settings(), "only the trainable parameters counted"),
        (4, 1, Settings(), "You predicted 1. The answer is 3,136."),
    ],
)
def test_a_guess_is_known_for_what_it_is(place: int, value: int, held: Settings, told: str) -> None:
    assert told in wrong(place, value, held)


def test_two_guesses_with_one_number_are_both_named() -> None:
    # 2 × 2: the sum and the product of the sides agree, and the answer is not a mistake.
    assert [mistake.value for mistake in lesson_step(Settings(kernel_size=(2,)), 1).mistakes][:1] == [2]
    sentence = wrong(4, 3_072 + 1, Settings(in_channels=1, out_channels=64, kernel_size=(6, 8)))
    assert "a bias for each input channel" in sentence
    assert ", or with one bias for the whole layer." in sentence


def test_every_mistake_of_the_lesson_alone_is_found_there() -> None:
    layers = (Settings(), Settings(bias=False))
    found = {
        mistake.key
        for settings in layers
        for number in range(1, STEP_COUNT + 1)
        for mistake in lesson_step(settings, number).mistakes
    }
    assert {kind.key for kind in KINDS if kind.lesson_only} <= found
