"""Two mistakes at once: numbers worked out by hand, and what can not be made together."""

from itertools import combinations

import pytest

from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import DecoderLayer
from calculator.learn.mistakes.decoder import CountingRule, decoder_mistakes
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.learn.mistakes.layer import layer_mistakes
from calculator.learn.mistakes.pairs import decoder_pairs, layer_pairs

SQUARE = QuestionFacts(
    ConvTranspose(in_channels=5, out_channels=7, kernel_size=4, stride=3), (10, 10), stride_given=True
)
GROUPED = QuestionFacts(ConvTranspose(in_channels=6, out_channels=9, kernel_size=(2, 5), groups=3))


@pytest.mark.parametrize(
    ("facts", "key", "value"),
    [
        (SQUARE, "bias-forgotten+out-forgotten", 5 * 16),
        (SQUARE, "bias-forgotten+in-forgotten", 7 * 16),
        (SQUARE, "bias-forgotten+kernel-side", 5 * 7 * 4),
        (SQUARE, "bias-forgotten+stride-squared", 5 * 7 * 16 * 9),
        (SQUARE, "bias-per-input+out-forgotten", 5 * 16 + 5),
        (SQUARE, "bias-single+kernel-added", 5 * 7 * 8 + 1),
        (SQUARE, "in-forgotten+kernel-side", 7 * 4 + 7),
        (SQUARE, "kernel-side+output-size-all", (5 * 7 * 4 + 7) * 31 * 31),
        (SQUARE, "one-kernel+input-size", 16 * 100 + 7),
        (GROUPED, "bias-forgotten+groups-ignored", 6 * 9 * 10),
        (GROUPED, "groups-ignored+groups-bias", 6 * 9 * 10 + 3),
        (GROUPED, "kernel-side-2+groups-twice", 2 * 3 * 5 + 9),
    ],
)
def test_by_hand(facts: QuestionFacts, key: str, value: int) -> None:
    [pair] = [pair for pair in layer_pairs(facts) if pair.key == key]
    assert pair.value == pair.working[-1].value == value
    first, second = key.split("+")
    names = {mistake.key: mistake.name for mistake in layer_mistakes(facts)}
    assert pair.name == f"{names[first]} and {names[second]}"


@pytest.mark.parametrize("facts", [SQUARE, GROUPED])
def test_one_decision_is_made_once(facts: QuestionFacts) -> None:
    families = (
        {"bias-forgotten", "bias-per-input", "bias-single", "bias-per-kernel", "groups-bias"},
        {"one-kernel", "in-forgotten", "out-forgotten", "groups-ignored", "groups-twice"},
        {"kernel-side", "kernel-side-2", "kernel-added", "kernel-square"},
        {"output-size", "output-size-all", "input-size", "stride-squared", "stride-once"},
    )
    pairs = {frozenset(pair.key.split("+")) for pair in layer_pairs(facts)}
    for family in families:
        assert not pairs & {frozenset(two) for two in combinations(family, 2)}
    # Mistakes that no number can distinguish are one mistake of a pair.
    assert not {"channels-swapped", "convolution-bias"} & set().union(*pairs)


def test_in_a_decoder() -> None:
    layers = (
        DecoderLayer(0, ConvTranspose(in_channels=8, out_channels=4, kernel_size=3), 4),
        DecoderLayer(1, None, 4),
        DecoderLayer(3, ConvTranspose(in_channels=4, out_channels=2, kernel_size=2), 2, frozen=True),
    )
    rule = CountingRule(2, frozen="nothing")
    pairs = {pair.key: pair.value for pair in decoder_pairs(layers, rule, "parameters")}
    assert pairs["bias-forgotten+norm-forgotten"] == 8 * 4 * 9
    assert pairs["out-forgotten+frozen-counted"] == (8 * 9 + 4) + 2 * 4 + (4 * 4 + 2)
    assert pairs["norm-forgotten+frozen-counted"] == (8 * 4 * 9 + 4) + (4 * 2 * 4 + 2)
    assert pairs["in-forgotten+kernel-side"] == (4 * 3 + 4) + 2 * 4
    assert "norm-forgotten+norm-single" not in pairs
    assert "frozen-counted+frozen-only" not in pairs
    single = {mistake.value for mistake in decoder_mistakes(layers, rule, "parameters")}
    assert not single & set(pairs.values())
