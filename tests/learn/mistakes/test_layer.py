"""Mistakes in counting one layer: every number calculated again from the question."""

import re
from typing import Any

import pytest

from calculator import ConvTranspose
from calculator.learn.mistakes import decoder
from calculator.learn.mistakes.decoder import RuleMistake
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.learn.mistakes.inverse import NAMES
from calculator.learn.mistakes.layer import KINDS, layer_mistakes
from tests.helpers import question_parser, reference
from tests.helpers.expected_mistakes import RENAMED, check_mistakes, sample_exercises, wrong_counts


@pytest.mark.parametrize("level", [1, 2])
def test_layers(level: int) -> None:
    for one in sample_exercises(level):
        words, size = question_parser.layer(one), question_parser.input_size(one)
        check_mistakes(one, wrong_counts(words, size), frozenset(RENAMED))


def test_every_mistake_has_a_name_and_a_hint_of_its_own() -> None:
    layers = [
        ConvTranspose(in_channels=6, out_channels=4, kernel_size=kernel, groups=groups)
        for kernel in ((3,), (3, 3), (2, 3, 3))
        for groups in (1, 2)
    ]
    said = [(kind.key, kind.name_for(layer), kind.hint_for(layer)) for kind in KINDS for layer in layers]
    said += [(f"inverse {key}", *words) for key, words in NAMES.items()]
    said += [
        (f"decoder {kind.key}", kind.name, kind.hint)
        for kind in vars(decoder).values()
        if isinstance(kind, RuleMistake)
    ]
    assert len({key for key, _, _ in said}) > 50
    for key, name, hint in said:
        # A name goes on in a sentence, a hint is one: settings and calls stand at its beginning.
        assert re.match(r"[a-z0-9]|BatchNorm\b|Keras\b", name), (key, name)
        assert re.search(r"[a-z0-9²³]$", name), (key, name)
        assert re.fullmatch(r"([A-Z]|\w+_\w+|\w+\(\)|groups|kernel_size).*[.?]", hint), (key, hint)
        assert "{" not in name + hint, key


def test_what_is_not_said_is_no_mistake() -> None:
    for level in (1, 2):
        for one in sample_exercises(level):
            keys = {mistake.key for mistake in one.mistakes}
            assert ("stride=" in one.question) == ("stride-squared" in keys)
            assert ("stride-squared" in keys) >= ("stride-once" in keys)
            assert ("input of the layer" in one.question) >= ("output-size" in keys)
            assert ("input of the layer" in one.question) == ("input-size" in keys)
            assert ("groups=" in one.question) == ("groups-ignored" in keys)
            assert ("bias=True" in one.question) == ("bias-forgotten" in keys)
            assert ("bias=False" in one.question) == ("bias-counted" in keys)


def test_what_is_not_told_is_no_mistake_in_a_layer() -> None:
    layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=3, stride=2)
    told = {
        "stride-squared": QuestionFacts(layer, stride_given=True),
        "stride-once": QuestionFacts(layer, stride_given=True),
        "output-size": QuestionFacts(layer, (16, 16)),
    }
    for key, one in told.items():
        keys = {mistake.key for mistake in layer_mistakes(one)}
        assert {name for name in told if name in keys} == {name for name in told if told[name] == one}, key


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"in_channels": 1}, {"in-forgotten", "one-kernel", "bias-single", "bias-per-kernel"}),
        ({"out_channels": 1}, {"out-forgotten", "one-kernel", "bias-single", "bias-per-kernel"}),
        ({"in_channels": 8, "groups": 8}, {"in-forgotten", "out-forgotten", "groups-bias", "one-kernel"}),
        ({"kernel_size": 2}, {"kernel-added"}),
        ({}, {"kernel-side-2", "kernel-two-sides", "kernel-two-sides-2"}),
        ({"kernel_size": (1, 3)}, {"kernel-square", "kernel-side-2"}),
        ({"kernel_size": (3, 1)}, {"kernel-side"}),
        ({"kernel_size": (1, 2, 2)}, {"kernel-two-sides", "kernel-two-sides-2"}),
        ({"kernel_size": (3, 3, 3)}, {"kernel-side-2", "kernel-two-sides-2"}),
        ({"kernel_size": (8,), "stride": 2}, {"stride-once"}),
        ({"in_channels": 8}, {"bias-per-input", "channels-swapped", "convolution-bias"}),
    ],
)
def test_what_changes_nothing_or_is_another_mistake(settings: dict[str, Any], missing: set[str]) -> None:
    """A layer with 1 input channel has nothing to forget; a bias for the layer is one per input channel."""
    layer = ConvTranspose(**{"in_channels": 6, "out_channels": 8, "kernel_size": 3, **settings})
    assert not {mistake.key for mistake in layer_mistakes(QuestionFacts(layer, stride_given=True))} & missing


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_forgotten_input_channels_are_mended_by_the_hint(groups: int) -> None:
    layer = ConvTranspose(in_channels=24, out_channels=8, kernel_size=3, groups=groups, bias=False)
    [mistake] = [one for one in layer_mistakes(QuestionFacts(layer)) if one.key == "in-forgotten"]
    by = "in_channels" if groups == 1 else "the input channels of a group"
    assert mistake.hint == f"Every input channel has its own kernels: multiply by {by} too."
    assert (
        mistake.value * len(range(0, 24, groups)) == reference.allocate(24, 8, (3, 3), groups, False).weights
    )
