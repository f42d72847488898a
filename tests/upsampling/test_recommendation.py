"""The recommendation: the best of all forms by comparing every one of them, and the sentence about it."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as configured

from calculator.core.layer import ConvTranspose
from calculator.settings import FIELD
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.pareto_front import compared
from calculator.upsampling.qualities import has_no_checkerboard, is_easy_to_export
from calculator.upsampling.recommendation import (
    COST_AIMS,
    QUALITY_AIMS,
    aims_text,
    costs,
    difference_text,
    inputs_seen,
    recommend,
)
from tests.helpers.upsampling_cases import alternative_arguments

AIM = [str(aim) for aim in FIELD["aims"].choices]
AIMS = [*([aim] for aim in AIM), *(list(pair) for pair in itertools.combinations(AIM, 2))]


def found(*arguments: Any, **named: Any) -> list[Alternative]:
    return [one for one in alternatives(*arguments, **named) if isinstance(one, Alternative)]


def test_every_aim_is_a_choice_of_the_setting() -> None:
    assert {*COST_AIMS, *QUALITY_AIMS} == set(FIELD["aims"].choices)
    assert aims_text(["parameters"]) == "few parameters"


@configured(max_examples=8, deadline=None)
@given(wish=alternative_arguments(3))
def test_nothing_that_fits_is_better(wish: Any) -> None:
    arguments, named = wish
    ways = found(*arguments, **named)
    full = compared(ways)
    for aims in AIMS:
        best = recommend(ways, aims, [1] * len(arguments[2]))
        assert best is not None, aims
        fitting = [
            n
            for n in full
            if ("even" not in aims or has_no_checkerboard(ways[n]))
            and ("export" not in aims or is_easy_to_export(ways[n]))
        ]
        assert best.index in fitting
        chosen = [n for n, aim in enumerate(COST_AIMS) if aim in aims] or [0, 1]
        products = {n: math.prod(costs(ways[n], 5)[cost] for cost in chosen) for n in fitting}
        assert products[best.index] == min(products.values())
        # Nothing is as good in every aimed cost and better in one.
        own = [costs(ways[best.index], 5)[cost] for cost in chosen]
        for n in fitting:
            other = [costs(ways[n], 5)[cost] for cost in chosen]
            assert other == own or any(a > b for a, b in zip(other, own, strict=True))


@pytest.mark.parametrize("aims", AIMS)
@pytest.mark.parametrize("kernel", [2, 4, 6, 8])
def test_the_wider_form_sees_what_the_layer_sees(aims: list[str], kernel: int) -> None:
    ways = found(64, 32, (2, 2), kernel_size=(kernel, kernel))
    layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=kernel, stride=2)
    seen = inputs_seen(layer)
    assert seen == (kernel // 2, kernel // 2)
    best = recommend(ways, aims, seen)
    assert best is not None
    if best.wider is not None:
        assert all(low >= kernel // 2 for low, _ in ways[best.wider].receptive_field())
    # A form that sees enough is not passed over.
    enough = all(low >= kernel // 2 for low, _ in ways[best.index].receptive_field())
    assert (best.wider == best.index) is enough


@pytest.mark.parametrize(("stride", "dilation", "seen"), [(2, 2, "0 to 4"), (2, 16, "0 to 4"), (2, 3, "2")])
def test_a_layer_with_holes_sees_a_range(stride: int, dilation: int, seen: str) -> None:
    kernel, inputs = 4, 100
    layer = ConvTranspose(
        in_channels=8, out_channels=8, kernel_size=(kernel,), stride=stride, dilation=dilation
    )
    # The products of every input with every weight, at their outputs.
    reached = [i * stride + t * dilation for i in range(inputs) for t in range(kernel)]
    away = range(kernel * dilation, inputs * stride - kernel * dilation)
    counts = {reached.count(output) for output in away}
    assert seen == (f"0 to {max(counts)}" if 0 in counts else f"{min(counts)}")
    text = difference_text(found(8, 8, (stride,))[0], layer, 16)
    assert f" 1 inputs per output instead of {seen}" in text
    # What sees one input, and never four, is not named as a gain.
    assert text.index("but") < text.index("inputs per output")


def test_where_no_form_fits_there_is_no_recommendation() -> None:
    layer = ConvTranspose(in_channels=4, out_channels=4, kernel_size=(3,), stride=2, groups=4)
    assert recommend([], ["work"], (1,)) is None
    assert recommend([Alternative("", "", (layer,), "", "")], ["even"], (1,)) is None


def test_the_sentence() -> None:
    ways = {one.key: one for one in found(64, 32, (2, 2))}
    layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
    assert difference_text(ways["transposed-4x4"], layer, 16) == "costs the same as your layer"
    assert difference_text(ways["conv-shuffle"], layer, 16) == (
        "sees 3 × 3 inputs per output instead of 2 × 2, but has 73,856 parameters instead of 32,800 and does "
        "18,874,368 multiply–accumulates instead of 8,388,608"
    )
    assert difference_text(ways["transposed-4x4-blur"], layer, 16) == (
        "only costs more and keeps 84,000 activations to train instead of 16,384"
    )
    small = ConvTranspose(in_channels=64, out_channels=32, kernel_size=2, stride=2, groups=8)
    assert difference_text(ways["transposed-2x2"], small, 16) == (
        "mixes all channels, as your layer does not, but has 8,224 parameters instead of 1,056 and does "
        "2,097,152 multiply–accumulates instead of 262,144"
    )
    holes = ConvTranspose(in_channels=64, out_channels=32, kernel_size=1, stride=2)
    assert "learns spatial weights for every output position" in difference_text(
        ways["transposed-2x2"], holes, 16
    )
    # Every second output lies between the products of a kernel 1: it sees no input, and the other sees one.
    assert "sees 3 × 3 inputs per output instead of 0 to 1 × 1 " in difference_text(
        ways["conv-shuffle"], holes, 16
    )
    better = difference_text(
        ways["transposed-2x2"], ConvTranspose(in_channels=64, out_channels=32, kernel_size=3, stride=2), 16
    )
    assert better == (
        "has 8,224 parameters instead of 18,464 and does 2,097,152 multiply–accumulates instead of "
        "4,718,592, and its parameters, work and memory are not worse"
    )
