"""What a wrong answer counted: the kernels, cells and biases give its number again."""

import pytest

from calculator.core.layer import ConvTranspose
from calculator.geometry.weight_grid import connected
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.generator import exercise, exercises
from calculator.learn.mistakes.coverage import Coverage, coverage, decoder_coverage
from tests.helpers import question_parser


def counted(cover: Coverage) -> int:
    """Return the number that a coverage describes, kernel by kernel."""
    layer = cover.layer
    kernels = sum(cover.kernel(i, o) for i in range(layer.in_channels) for o in range(layer.out_channels))
    return (kernels * cover.cells * cover.times + cover.biases) * cover.total_times


@pytest.mark.parametrize("level", [1, 2, 4])
def test_every_mistake_and_pair_is_counted_again(level: int) -> None:
    keys = set()
    for seed in range(4):
        for one in exercises(seed, level, 6):
            for mistake in (*one.mistakes, *one.pairs()):
                cover = coverage(one, mistake)
                assert cover is not None
                assert counted(cover) == mistake.value, (one.question, mistake.key)
                assert cover.sentence.startswith("Counted: ")
                assert cover.sentence != "Counted: ."
                keys |= {*cover.keys}
    assert {"in-forgotten", "out-forgotten", "one-kernel", "bias-forgotten", "kernel-side"} <= keys
    if level == 2:
        assert {"groups-ignored", "groups-twice", "groups-bias", "output-size-all"} <= keys


def test_without_a_mistake_every_kernel_that_exists_is_counted() -> None:
    layer = ConvTranspose(in_channels=6, out_channels=9, kernel_size=2, groups=3)
    cover = Coverage(layer, (), 4, 9, 1, 1)
    assert counted(cover) == layer.parameter_count
    for i in range(6):
        for o in range(9):
            assert cover.kernel(i, o) == connected(layer, i, o)


def sentence(one: Exercise, key: str) -> str:
    [mistake] = [mistake for mistake in (*one.mistakes, *one.pairs()) if mistake.key == key]
    cover = coverage(one, mistake)
    assert cover is not None
    return cover.sentence


def test_in_words() -> None:
    [one] = exercises(1, 1, 1)  # 5 → 3 channels, kernels of 4 × 4, with a bias and a stride of 4
    assert sentence(one, "bias-forgotten") == "Counted: 0 instead of 3 biases."
    assert sentence(one, "stride-squared") == "Counted: each weight 16 times."
    assert sentence(one, "bias-per-kernel") == "Counted: 15 instead of 3 biases."
    assert sentence(one, "one-kernel+kernel-side") == (
        "Counted: only one kernel and 4 instead of 16 weights in each kernel."
    )


def test_a_question_that_is_not_about_one_layer_has_no_grid_of_its_own() -> None:
    for one in exercises(3, 3, 8):
        assert all(coverage(one, mistake) is None for mistake in one.mistakes)
        assert all(decoder_coverage(one, mistake) is None for mistake in one.mistakes if not one.listing)
    assert decoder_coverage(exercise(1, 1, 1), exercise(1, 1, 1).mistakes[0]) is None


RIGHT = {"counted", "not counted"}
VALUES = {"scale": 1, "shift": 1, "mean and variance": 2}


@pytest.mark.parametrize("seed", range(12))
def test_the_parts_of_a_decoder_give_the_number_of_every_mistake_and_pair(seed: int) -> None:
    """Parts that were counted rightly, left out or counted too much are counted here from the listing."""
    for one in exercises(seed, 3, 8):
        if not one.listing:
            continue
        units = {unit.place: unit for unit in question_parser.listed(one) if unit.norm or unit.inputs}
        for mistake in (*one.mistakes, *one.pairs()):
            cover = decoder_coverage(one, mistake)
            assert cover is not None
            assert [layer.layer.index for layer in cover.layers] == list(units)
            least, others = 0, 0
            for layer in cover.layers:
                unit = units[layer.layer.index]
                assert layer.name.startswith(f"({unit.place}) ")
                sizes = {name: unit.norm * size for name, size in VALUES.items()}
                sizes |= {} if unit.norm else {"weights": unit.weights, "biases": unit.biases}
                for part in layer.parts:
                    least += sizes[part.name] * (part.state in ("counted", "too much"))
                    others += part.state == "another number" or (part.state, part.name, unit.bias) == (
                        "too much", "biases", False
                    )  # fmt: skip
            states = {part.state for layer in cover.layers for part in layer.parts}
            assert states - RIGHT, (one.question, mistake.key)
            if "+" not in mistake.key:  # Of two mistakes, one may change what the other counts too much.
                assert least == mistake.value if not others else least <= mistake.value
            assert (cover.first is None) == ("another number" not in states)
            if cover.first:
                steps = {step.what.split(",")[0]: step.value for step in mistake.working}
                assert counted(cover.first) == steps[f"({cover.index}) weights"] + next(
                    value for name, value in steps.items() if name.startswith(f"({cover.index}) biases")
                )
            assert cover.sentence.startswith(
                ("Left out: ", "Too much: ", "Counted, but with another number: ")
            )


def in_decoder(one: Exercise, key: str) -> str:
    [mistake] = [mistake for mistake in (*one.mistakes, *one.pairs()) if mistake.key == key]
    cover = decoder_coverage(one, mistake)
    assert cover is not None
    return cover.sentence


def test_a_decoder_in_words() -> None:
    one = next(
        one for one in exercises(3, 3, 8) if "trainable" in one.question and "BatchNorm" in one.listing
    )
    assert in_decoder(one, "statistics-counted").startswith("Too much: the mean and variance of layer")
    assert in_decoder(one, "norm-forgotten").startswith("Left out: the scale and shift of layer")
    assert in_decoder(one, "frozen-counted") == "Too much: the weights of layer (6)."
