"""Charts in words: laws and text alternatives are compared with layers that are counted again."""

import dataclasses
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.charts.descriptions import (
    SETTING_NAMES,
    axis_name,
    budget_finding,
    doubling_law,
    front_finding,
    growth_finding,
    matrices_finding,
    overlap_finding,
    plane_finding,
    split_finding,
    tensor_finding,
)
from calculator.comparison.budget import frontier
from calculator.core.growth import SWEPT
from calculator.geometry.weight_grid import tensor_view
from tests.helpers import reference

LAYER = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
SETTINGS = {
    "in_channels": 32,
    "out_channels": 1024,
    "kernel_size": (2, 1),
    "stride": (1, 1),
    "padding": (0, 0),
    "output_padding": (0, 0),
    "dilation": (1, 1),
    "groups": 1,
    "bias": True,
}


def counts(layer: ConvTranspose) -> tuple[int, int]:
    arrays = reference.allocate(
        layer.in_channels, layer.out_channels, layer.kernel_size, layer.groups, layer.bias
    )
    return arrays.weights, arrays.biases


def doubled(layer: ConvTranspose, setting: str) -> ConvTranspose:
    """Return the layer as the panel doubles it: a kernel that is not square on its first axis alone."""
    if setting != "kernel_size":
        return dataclasses.replace(layer, **{setting: 2 * getattr(layer, setting)})
    first, *rest = layer.kernel_size
    square = all(size == first for size in rest)
    kernel = (2 * first, *(2 * size if square else size for size in rest))
    return dataclasses.replace(layer, kernel_size=kernel)


def agrees(said: str, factor: Fraction) -> bool:
    """Return whether a factor as said is the factor: exact, or rounded to three digits after "about"."""
    if said == "×½":
        return factor == Fraction(1, 2)
    rounded = Fraction(said.removeprefix("about ").removeprefix("×"))
    if said.startswith("about"):
        return rounded != factor and abs(rounded - factor) <= factor / 200
    return rounded == factor


@given(settings=reference.settings())
@example(settings=SETTINGS)
def test_every_law_is_what_happens(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    before = counts(layer)
    for setting in SWEPT:
        after = counts(doubled(layer, setting))
        law = doubling_law(layer, setting)
        assert agrees(law.weights, Fraction(after[0], before[0]))
        assert agrees(law.total, Fraction(sum(after), sum(before)))
        assert bool(law.biases) is layer.bias
        if layer.bias:
            assert agrees(law.biases, Fraction(after[1], before[1]))


def test_a_kernel_that_is_not_square_names_its_axis() -> None:
    for kernel, axis in (((2, 1), "height"), ((2, 1, 1), "depth")):
        layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=kernel, bias=False)
        assert axis_name(layer, "kernel_size") == f"kernel {axis}"
        assert doubling_law(layer, "kernel_size")[:2] == (f"kernel {axis}", "×2")
        assert f"If the kernel {axis} doubles, the weights change by ×2 " in growth_finding(layer)
    assert axis_name(LAYER, "kernel_size") == "kernel size"
    assert axis_name(LAYER, "out_channels") == "output channels"


def test_names_cover_the_panels() -> None:
    assert tuple(SETTING_NAMES) == SWEPT


def test_text_alternatives_have_the_exact_numbers() -> None:
    assert growth_finding(LAYER) == (
        "How 3,136 parameters grow. If the kernel doubles, the weights change by ×4 and the total by about "
        "×3.94. If the input channels double, the weights change by ×2 and the total by about ×1.98. If the "
        "output channels double, the weights change by ×2 and the total by ×2."
    )
    assert split_finding(LAYER) == "3,136 parameters: 3,072 weights and 64 biases."
    assert "3 → 64 has 3,136" in plane_finding(LAYER)
    one = ConvTranspose(in_channels=1, out_channels=1, kernel_size=1, bias=False)
    assert split_finding(one) == "1 parameter: 1 weight and 0 biases."


def layer(inputs: int, outputs: int, kernel: Any, groups: int = 1, **more: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=kernel, groups=groups, **more)


def of_one(text: str) -> list[str]:
    """Return every "1" with a noun in the plural, and every other number with one in the singular."""
    nouns = "channel|kernel|weight|row|column|pair|parameter|product"
    wrong = re.findall(rf"(?<![\d,×→] )(?<![\d,])1 (?:input |output )?(?:{nouns})s", text)
    return wrong + re.findall(rf"(?:[\d,]+[02-9]|[\d,]+\d1|[02-9]) (?:input |output )?(?:{nouns})\b", text)


def test_the_check_for_one_can_fail() -> None:
    assert of_one("1 rows by 3 columns")
    assert of_one("by 1 output channels")
    assert of_one("3 pair within 11 parameter")
    assert of_one("of 1,001 weight")
    assert not of_one("1 row by 3 columns, 11 pairs, 4 × 1 weights, 1,001 kernels, input channel 1 and 2")


@configured(deadline=None)
@given(
    groups=st.integers(1, 3),
    shares=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    kernel=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    bias=st.booleans(),
    data=st.data(),
)
def test_the_tensor_in_words(
    groups: int, shares: tuple[int, int], kernel: list[int], bias: bool, data: Any
) -> None:
    made = layer(shares[0] * groups, shares[1] * groups, tuple(kernel), groups, bias=bias)
    wired = np.kron(np.eye(groups, dtype=bool), np.ones(shares, bool))
    pair = tuple(data.draw(st.sampled_from(np.argwhere(wired).tolist())))
    view = tensor_view(made, pair)
    text = tensor_finding(view)
    rows, columns = ([n for n in part if n is not None] for part in (view.rows, view.columns))
    drawn = int(wired[np.ix_(rows, columns)].sum())
    first, *_ = text.split(". ")
    numbers = [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", first)]
    shown = [] if len(rows) * len(columns) == wired.size else [drawn]
    assert numbers == [*wired.shape, int(wired.sum()), *kernel, *shown]
    assert f"{'all' if not shown else f'{drawn:,}'} of " in first
    assert f"from input channel {pair[0] + 1} to output channel {pair[1] + 1} is framed." in text
    assert ("one bias for each output channel" in text) is bias
    assert ("Channels of different groups have no kernel." in text) is (groups > 1)
    assert of_one(text) == []


def test_the_tensor_in_words_by_hand() -> None:
    assert tensor_finding(tensor_view(layer(1, 1, (1,), bias=False))) == (
        "A grid of 1 input channel by 1 output channel with 1 kernel of 1 weight, all of it drawn. The "
        "kernel from input channel 1 to output channel 1 is framed."
    )
    last = tensor_view(layer(65_536, 65_536, (128,) * 3), (65_535, 65_535))
    assert tensor_finding(last) == (
        "A grid of 65,536 input channels by 65,536 output channels with 4,294,967,296 kernels of "
        f"128 × 128 × 128 weights, {last.kernels_shown} of them drawn. The kernel from input channel 65,536 "
        "to output channel 65,536 is framed. Below is one bias for each output channel."
    )


@given(
    st.tuples(st.integers(1, 5), st.integers(1, 12)).flatmap(
        lambda shape: st.lists(
            st.lists(st.integers(0, 99), min_size=shape[1], max_size=shape[1]),
            min_size=shape[0],
            max_size=shape[0],
        )
    )
)
def test_the_matrices_in_words_can_be_read_back(matrix: list[list[int]]) -> None:
    text = matrices_finding(matrix)
    told = re.fullmatch(
        r"C, (\d+) rows? by (\d+) columns?: ([\d ;]+)\. Its transpose, (\d+) rows? by (\d+) columns?, "
        r"has the same numbers\.",
        text,
    )
    assert told
    assert [list(map(int, row.split())) for row in told[3].split("; ")] == matrix
    assert (int(told[1]), int(told[2])) == np.shape(matrix)
    assert (int(told[4]), int(told[5])) == np.shape(np.transpose(matrix))
    assert of_one(text) == []


@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 4), st.integers(1, 3))
def test_the_overlap_in_words(kernel: int, stride: int, dilation: int, rank: int) -> None:
    made = layer(2, 3, (kernel,) * rank, stride=stride, dilation=dilation)
    taps = np.zeros((kernel - 1) * dilation + 1, int)
    taps[::dilation] = 1
    inputs = np.zeros(30 * stride + len(taps) * 2, int)
    inputs[::stride] = 1
    middle = np.convolve(inputs, taps)[len(taps) + stride : len(taps) + 2 * stride]
    minimum, maximum = int(middle.min()) ** rank, int(middle.max()) ** rank
    said = f"{maximum}: even" if minimum == maximum else f"{minimum} to {maximum}: uneven"
    assert overlap_finding(made) == (
        f"The number of products added up in each output position. Away from the borders it is {said}."
    )


def test_the_front_in_words() -> None:
    assert front_finding(["a"], 2) == (
        "Parameters against multiply–accumulates. The Pareto front of 2 forms is: a. No other form that "
        "mixes all channels and learns spatial weights has both fewer parameters and fewer "
        "multiply–accumulates."
    )
    assert ". The Pareto front of 9 forms is: a; b, 4; c. No other " in front_finding(["a", "b, 4", "c"], 9)


@pytest.mark.parametrize("budget", [1, 5, 16, 17, 49, 100, 3_136, 100_000, 10**15])
@pytest.mark.parametrize("made", [LAYER, layer(1, 1, 1), layer(6, 4, (3,), 2), layer(65_536, 65_536, 128)])
def test_the_budget_in_words(made: ConvTranspose, budget: int) -> None:
    pairs = frontier(made, budget)
    text = budget_finding(made, budget, pairs)
    many = "pair" if len(pairs) == 1 else "pairs"
    each = "parameter" if budget == 1 else "parameters"
    assert text.startswith(
        f"Output channels against input channels: {len(pairs):,} {many} within {budget:,} {each} in which "
        "neither count can be raised"
    )
    ends = re.findall(r"([\d,]+) → ([\d,]+)", text)
    named = [tuple(int(side.replace(",", "")) for side in pair) for pair in ends]
    assert named == [*dict.fromkeys([*pairs[:1], *pairs[-1:]]), (made.in_channels, made.out_channels)]
    count = made.in_channels // made.groups * made.out_channels * made.kernel_volume + made.out_channels
    assert text.endswith(f" with {count:,}, is {'within' if count <= budget else 'outside'} the budget.")
    assert of_one(text) == []
