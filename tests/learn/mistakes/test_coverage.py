"""What a wrong answer counted: the kernels, cells and biases give its number again."""

import pytest

from calculator.core.layer import ConvTranspose
from calculator.geometry.weight_grid import connected
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.generator import exercises
from calculator.learn.mistakes.coverage import Coverage, coverage


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


def test_a_question_that_is_not_about_one_layer_has_no_grid() -> None:
    for one in exercises(3, 3, 8):
        assert all(coverage(one, mistake) is None for mistake in one.mistakes)
