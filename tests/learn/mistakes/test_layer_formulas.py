"""The formulas of the mistakes in one layer: known numbers."""

import re

import pytest

from calculator import ConvTranspose
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.learn.mistakes.layer import KINDS, layer_mistakes, mistakes_of_kinds


@pytest.mark.parametrize(
    ("key", "settings", "value"),
    [
        # 64 → 32 with 3 × 3 has 18,432 weights and 32 biases; the layer the other way round 64.
        ("bias-forgotten", {}, 18_432),
        ("bias-counted", {"bias": False}, 18_464),
        ("bias-per-input", {}, 18_496),
        ("channels-swapped", {}, 18_496),
        ("convolution-bias", {}, 18_496),
        ("one-kernel", {}, 41),
        ("in-forgotten", {}, 320),
        ("kernel-side", {}, 6_176),
        ("kernel-side", {"kernel_size": (3, 5)}, 6_176),
        ("kernel-side-2", {"kernel_size": (3, 5)}, 10_272),
        ("kernel-side-2", {"kernel_size": (5, 3)}, 6_176),
        ("output-size", {}, 18_432 * 1_089 + 32),
        ("stride-squared", {}, 73_760),
        ("stride-once", {}, 36_896),
        ("groups-ignored", {"groups": 2}, 18_464),
        ("groups-twice", {"groups": 2}, 4_640),
    ],
)
def test_known(key: str, settings: dict[str, int], value: int) -> None:
    layer = ConvTranspose(
        **{"in_channels": 64, "out_channels": 32, "kernel_size": 3, "stride": 2, **settings}  # type: ignore[arg-type]
    )
    [mistake] = [
        one for one in layer_mistakes(QuestionFacts(layer, (16, 16), stride_given=True)) if one.key == key
    ]
    assert mistake.value == mistake.working[-1].value == value


def test_the_sides_of_a_box() -> None:
    """Of 3 × 2 × 2, one side is 3 or 2, two sides are 6 or 4; 6 × 8 kernels and 8 biases."""
    layer = ConvTranspose(in_channels=6, out_channels=8, kernel_size=(3, 2, 2))
    sides = {one.key: one.value for one in layer_mistakes(QuestionFacts(layer)) if "side" in one.key}
    volumes = {"kernel-side": 3, "kernel-side-2": 2, "kernel-two-sides": 6, "kernel-two-sides-2": 4}
    assert sides == {key: 48 * volume + 8 for key, volume in volumes.items()}
    names = [one.name for one in layer_mistakes(QuestionFacts(layer)) if "kernel-side" in one.key]
    assert names == [f"one side of the kernel only: {side} instead of 3 × 2 × 2" for side in (3, 2)]


@pytest.mark.parametrize(
    ("kernel", "value"),
    # A square in place of a line has 3 · 3 weights, in place of 3 × 5 too; a box is not taken for a square.
    [((3,), 48 * 9 + 8), ((3, 5), 48 * 9 + 8), ((3, 5, 5), None)],
)
def test_a_square_kernel_in_place_of_another(kernel: tuple[int, ...], value: int | None) -> None:
    layer = ConvTranspose(in_channels=6, out_channels=8, kernel_size=kernel)
    found = mistakes_of_kinds([kind for kind in KINDS if kind.key == "kernel-square"], QuestionFacts(layer))
    assert [mistake.value for mistake in found] == ([] if value is None else [value])


@pytest.mark.parametrize(
    ("key", "bias", "value"),
    [
        # 6 → 10 with 3 × 3 has 60 kernels, 540 weights and 10 biases; the stride is 2, the input 5 × 5.
        ("bias-counted-per-input", False, 540 + 6),
        ("channels-added", True, (6 + 10) * 9 + 10),
        ("weights-added", True, 60 + 9 + 10),
        ("kernel-forgotten", True, 60 + 10),
        ("kernel-colours", True, 60 * 9 * 3 + 10),
        ("bias-in-kernel", True, 60 * 10 + 10),
        ("kernel-twice", True, 60 * 18 + 10),
        ("kernel-ends", True, 60 * 16 + 10),
        ("stride-squared-all", True, 550 * 4),
        ("stride-once-all", True, 550 * 2),
        ("multiply-accumulates", True, 540 * 25),
    ],
)
def test_known_in_the_lesson_alone(key: str, bias: bool, value: int) -> None:
    layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3, stride=2, bias=bias)
    facts = QuestionFacts(layer, (5, 5), stride_given=True)
    [mistake] = mistakes_of_kinds([kind for kind in KINDS if kind.key == key], facts)
    assert mistake.value == mistake.working[-1].value == value
    assert key not in {other.key for other in layer_mistakes(facts)}


LAYERS = [
    ConvTranspose(
        in_channels=6, out_channels=8, kernel_size=kernel, stride=s, dilation=s, bias=bias, groups=groups
    )
    for kernel in ((3,), (1,), (3, 5), (3, 3), (2, 3, 4))
    for s in (1, 3)
    for bias, groups in ((True, 1), (False, 1), (True, 2))
]


def test_every_working_of_a_mistake_comes_out() -> None:
    tried = set()
    for layer in LAYERS:
        for facts in (QuestionFacts(layer), QuestionFacts(layer, (5,) * layer.rank, stride_given=True)):
            for mistake in mistakes_of_kinds(KINDS, facts):
                tried.add(mistake.key)
                parts = [step.part for step in mistake.working]
                assert parts == [*["weights"] * 4, "biases", "parameters"], mistake.key
                for step in mistake.working:
                    code = step.expression.replace(",", "").replace("×", "*").replace("÷", "/")
                    assert re.fullmatch(r"[(]?\d+( [*/+] \d+)*([)] [*] \d+( [*] \d+)*)?", code), step
                    assert eval(code) == step.value, step
    assert tried == {kind.key for kind in KINDS}


def test_one_of_several_axes_needs_several() -> None:
    of_one_axis = {"stride-once", "stride-once-all", "kernel-side", "kernel-side-2", "kernel-two-sides"}
    for layer in LAYERS:
        facts = QuestionFacts(layer, (5,) * layer.rank, stride_given=True)
        keys = {mistake.key for mistake in mistakes_of_kinds(KINDS, facts)}
        assert bool(keys & of_one_axis) == (layer.rank > 1 and layer.kernel_volume > 1), layer
