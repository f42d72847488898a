"""Tables of the compare page: each column is compared with arrays allocated and layers carried out."""

import itertools
import math
import re
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.comparison.budget import budget_rows, frontier
from calculator.comparison.other_tools import printed
from calculator.comparison.shelf_rows import shelf_rows
from calculator.settings.layer import LayerSettings
from calculator.settings.page import Kept
from calculator.tables.compare import (
    DECIDING,
    alternatives_table,
    budget_table,
    format_ranges,
    frontier_table,
    memory_text,
    shelf_table,
    tools_table,
)
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.layers import Blur, Unpool
from tests.helpers import reference
from tests.helpers import reference_upsampling as oracle
from tests.helpers.upsampling_cases import some_of

TYPES = {"float64": (8, 32), "float32": (4, 16), "float16": (2, 16), "bfloat16": (2, 16), "int8": (1, None)}
"""Bytes of one number, and of one parameter in training with Adam: Rajbhandari et al. (2020), section 3.1."""


def exact(frame: pd.DataFrame) -> None:
    """Check that no number in a table has become a float or an array's number on the way."""
    assert set(frame.dtypes) <= {np.dtype(object)}
    for value in frame.to_numpy().ravel():
        assert type(value) in (int, str, tuple, Fraction, type(None))
        if isinstance(value, tuple):
            assert all(type(part) is int for part in value)


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    exact(frame)
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def possible(*arguments: Any, **named: Any) -> list[Alternative]:
    return [one for one in alternatives(*arguments, **named) if isinstance(one, Alternative)]


def test_ranges() -> None:
    assert format_ranges(((2, 2),)) == "2"
    assert format_ranges(((1, 2),)) == "1–2"
    assert format_ranges(((0, 1), (3, 3), (12, 120))) == "0–1 × 3 × 12–120"
    assert format_ranges(()) == ""


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(sorted), min_size=1, max_size=3))
def test_ranges_can_be_read_back(axes: list[Any]) -> None:
    parts = [part.split("–") for part in format_ranges([(low, high) for low, high in axes]).split(" × ")]
    assert [(int(part[0]), int(part[-1])) for part in parts] == [tuple(axis) for axis in axes]
    assert all(len(part) == (1 if low == high else 2) for part, (low, high) in zip(parts, axes, strict=True))


@configured(max_examples=15, deadline=None)
@given(
    groups=st.integers(1, 3),
    shares=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    scale=st.lists(st.integers(1, 3), min_size=1, max_size=2),
    bias=st.booleans(),
    number_type=st.sampled_from(list(TYPES)),
    kernel=st.integers(1, 5),
)
def test_every_cost_of_an_alternative_is_what_carrying_it_out_takes(
    groups: int, shares: tuple[int, int], scale: list[int], bias: bool, number_type: str, kernel: int
) -> None:
    inputs, outputs, size = shares[0] * groups, shares[1] * groups, (3,) * len(scale)
    every = possible(
        inputs, outputs, tuple(scale), bias=bias, groups=groups, kernel_size=(kernel,) * len(scale)
    )
    found = some_of({one.key: one for one in every}, 20)
    table = rows(alternatives_table(found, size, number_type))
    assert [row["layer"] for row in table] == [one.name for one in found]
    for one, row in zip(found, table, strict=True):
        fill = oracle.positive(1)
        held = [oracle.allocate(op, fill) for op in one.operations]
        weights, biases = sum(arrays.weights for arrays in held), sum(arrays.bias.size for arrays in held)
        values, products, kept = fill((inputs, *size)), 0, 0
        for op, arrays in zip(one.operations, held, strict=True):
            kept += values.size if arrays.weights or isinstance(op, Unpool | Blur) else 0
            if isinstance(op, Blur):  # the padded input too
                kept += len(values) * math.prod(np.add(values.shape[1:], op.kernel_size) - 1)
            values, took = oracle.carry_out(op, values, arrays)
            products += took
        each, trained = TYPES[number_type]
        assert (row["weights"], row["biases"]) == (weights, biases)
        assert row["parameters"] == row["weights"] + row["biases"]
        assert row["multiply–accumulates"] == products
        assert row["output activations"] == values.size
        assert row["activations kept to train"] == kept
        assert row[f"weights, bytes as {number_type}"] == (weights + biases) * each
        training = None if trained is None else (weights + biases) * trained
        assert row["to train with Adam, bytes"] == training


@pytest.mark.parametrize("scale", [(1,), (2,), (3,)])
def test_the_inputs_seen_and_the_overlap_of_an_alternative(scale: tuple[int, ...]) -> None:
    found, size = possible(2, 2, scale, kernel_size=(5,), groups=2), 24
    table = rows(alternatives_table(found, size, "float32"))
    for one, row in zip(found, table, strict=True):
        depends = oracle.dependence(oracle.anywhere(one.operations), 2, (size,), 0)
        seen = depends.sum(axis=1)[8 * scale[0] : -8 * scale[0]]
        assert row["inputs seen by an output"] == format_ranges([(int(seen.min()), int(seen.max()))])
        told = re.fullmatch(r"(\d+)(–\d+)?, (\w+)", row["overlap of products"])
        assert told
        minimum, maximum, kind = told.groups()
        assert kind == ("even" if maximum is None else "holes" if minimum == "0" else "uneven")


def test_the_overlap_of_transposed_layers() -> None:
    names = {
        row["layer"]: row["overlap of products"]
        for row in rows(alternatives_table(possible(64, 32, (2, 2), kernel_size=(5, 1)), 16, "int8"))
    }
    # Odena et al. (2016): even where the stride divides the kernel.
    assert names["transposed, kernel 2"] == "1 × 1, even"
    assert names["transposed, kernel 3"] == "1–2 × 1–2, uneven"
    assert names["transposed, kernel 4"] == "2 × 2, even"
    assert names["transposed, your kernel 5×1"] == "2–3 × 0–1, holes"


def test_the_columns_of_the_alternatives() -> None:
    for number_type in TYPES:
        frame = alternatives_table(possible(64, 32, (2, 2)), (16, 16), number_type)
        assert list(frame.columns) == [
            "layer",
            "parameters",
            "multiply–accumulates",
            "activations kept to train",
            "inputs seen by an output",
            "no checkerboard",
            "easy to export",
            "compared",
            "not compared because",
            "overlap of products",
            "weights",
            "biases",
            "output activations",
            f"weights, bytes as {number_type}",
            "to train with Adam, bytes",
            "the same functions",
        ]
        assert frame.columns[:DECIDING][-1] == "easy to export"
    assert list(alternatives_table([], 16, "float32").itertuples()) == []


def test_alternatives_at_the_limits_stay_exact() -> None:
    found = possible(65_536, 65_536, (128,) * 3, kernel_size=(128,) * 3)
    for row in rows(alternatives_table(found, 65_536, "float64")):
        assert row["parameters"] == row["weights"] + row["biases"]
        assert row["weights, bytes as float64"] == 8 * row["parameters"]
        assert row["output activations"] == 65_536 * (65_536 * 128) ** 3
    # Above 2⁵³ a float would have lost digits.
    assert max(row["multiply–accumulates"] for row in rows(alternatives_table(found, 65_536, "int8"))) > 2**63


def test_what_is_not_compared_says_why() -> None:
    told = {
        row["layer"]: (row["compared"], row["not compared because"])
        for row in rows(alternatives_table(possible(64, 32, (2, 2)), 16, "int8"))
    }
    assert told["transposed, kernel 4"] == ("yes", "")
    assert told["transposed, kernel 4, groups 8"] == ("no", "it does not mix all channels")
    assert told["1×1 + bilinear"] == ("no", "it has no learned spatial weights")


@given(st.integers(0, 10**20), st.sampled_from(list(TYPES)))
def test_memory_in_words(parameters: int, number_type: str) -> None:
    weights, _, training = memory_text(parameters, number_type).partition(" of weights, ")
    each, trained = TYPES[number_type]
    near(weights, parameters * each)
    if trained is None:
        assert training == "not trained in this type"
    else:
        assert training.endswith(" to train with Adam")
        near(training.removesuffix(" to train with Adam"), parameters * trained)


POWERS = {"B": 0, "KiB": 1, "MiB": 2, "GiB": 3, "TiB": 4, "PiB": 5, "EiB": 6}


def near(text: str, wanted: int) -> None:
    """Check that a size in words is the size, exactly or, if it is marked, to three digits."""
    digits, unit = text.removeprefix("≈").replace(",", "").split(" ")
    said = Fraction(digits) * 1024 ** POWERS[unit]
    if text.startswith("≈"):
        assert abs(said - wanted) <= Fraction(wanted, 200)
    else:
        assert said == wanted


def test_memory_of_the_known_case() -> None:
    assert memory_text(32_800, "float32") == "≈128 KiB of weights, ≈512 KiB to train with Adam"
    assert memory_text(32_800, "int8") == "≈32.0 KiB of weights, not trained in this type"
    with pytest.raises(LayerError, match="number_type must be one of"):
        memory_text(1, "float8")


SHELF = (
    Kept("plain", LayerSettings()),
    Kept("wide", LayerSettings(in_channels=64, out_channels=128, groups=2, bias=False)),
    Kept("none", LayerSettings(padding=(100,))),
    Kept("vast", LayerSettings(dimensions=3, in_channels=65_536, out_channels=65_536, kernel_size=(128,))),
    Kept("line", LayerSettings(dimensions=1, kernel_size=(2,), input_size=(9,), padding=(0,))),
)


@pytest.mark.parametrize("reference_row", range(1, len(SHELF) + 1))
def test_the_shelf_side_by_side(reference_row: int) -> None:
    frame = shelf_table(shelf_rows(SHELF, reference_row))
    assert list(frame.columns) == [
        "name",
        "layer",
        "parameters",
        "difference",
        "factor",
        "weights",
        "biases",
        "output size",
        "multiply–accumulates",
        "MAC difference",
        "MAC factor",
    ]
    found = rows(frame)
    other = found[reference_row - 1]
    assert (other["difference"], other["factor"]) == (0, 1)
    for kept, row in zip(SHELF, found, strict=True):
        held = kept.settings
        kernel = held.kernel_size * held.dimensions
        weights = held.in_channels * held.out_channels // held.groups * math.prod(kernel)
        assert row["name"] == kept.name
        assert row["layer"].startswith(f"{held.in_channels:,} → {held.out_channels:,}, kernel ")
        assert (row["weights"], row["biases"]) == (weights, held.out_channels if held.bias else 0)
        assert row["parameters"] == row["weights"] + row["biases"]
        assert row["difference"] == row["parameters"] - other["parameters"]
        assert row["factor"] == Fraction(row["parameters"], other["parameters"])
        length = (held.input_size[0] - 1) * held.stride[0] - 2 * held.padding[0] + held.kernel_size[0]
        if length < 0:
            assert (row["output size"], row["multiply–accumulates"]) == (None, None)
        else:
            assert row["output size"] == (length,) * held.dimensions
            assert row["multiply–accumulates"] == weights * held.input_size[0] ** held.dimensions
        products = row["multiply–accumulates"], other["multiply–accumulates"]
        if None in products:
            assert (row["MAC difference"], row["MAC factor"]) == (None, None)
        else:
            assert row["MAC difference"] == products[0] - products[1]
            assert row["MAC factor"] == Fraction(*products)


def test_an_empty_shelf_is_an_empty_table() -> None:
    assert len(shelf_table(())) == 0


def allocated(inputs: int, outputs: int, layer: ConvTranspose, kernel: tuple[int, ...]) -> int:
    arrays = reference.allocate(inputs, outputs, kernel, layer.groups, layer.bias)
    return arrays.weights + arrays.biases


@configured(max_examples=30, deadline=None)
@given(
    groups=st.integers(1, 3),
    shares=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    kernel=st.sampled_from([(2,), (2, 2), (3, 1)]),
    bias=st.booleans(),
    budget=st.integers(1, 400),
)
def test_the_widest_layers(
    groups: int, shares: tuple[int, int], kernel: tuple[int, ...], bias: bool, budget: int
) -> None:
    made = ConvTranspose(
        in_channels=shares[0] * groups,
        out_channels=shares[1] * groups,
        kernel_size=kernel,
        groups=groups,
        bias=bias,
    )
    frame = budget_table(budget_rows(made, budget, range(1, 4)))
    assert list(frame.columns) == [
        "kernel",
        "max. output channels",
        "parameters, max. output",
        "max. input channels",
        "parameters, max. input",
        "max. in = out",
        "parameters, in = out",
    ]
    found = rows(frame)
    assert len({row["kernel"] for row in found}) == len(found) == 3
    steps = range(groups, budget * groups + groups + 1, groups)
    for row in found:
        size = row["kernel"]
        wanted: list[int | None] = []
        for inputs, outputs in ((made.in_channels, None), (None, made.out_channels), (None, None)):
            counts = ((n, allocated(inputs or n, outputs or n, made, size)) for n in steps)
            last = list(itertools.takewhile(lambda one: one[1] <= budget, counts))[-1:]
            wanted += last[0] if last else (None, None)
        assert [row[name] for name in frame.columns[1:]] == wanted


def test_the_frontier_and_what_it_counts() -> None:
    for made in (
        ConvTranspose(in_channels=3, out_channels=64, kernel_size=4),
        ConvTranspose(in_channels=6, out_channels=4, kernel_size=(3,), groups=2, bias=False),
    ):
        pairs = frontier(made, 300)
        found = rows(frontier_table(made, pairs))
        assert [(row["input channels"], row["output channels"]) for row in found] == list(pairs)
        for row in found:
            counted = allocated(row["input channels"], row["output channels"], made, made.kernel_size)
            assert row["parameters"] == counted <= 300
    frame = frontier_table(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4), ())
    assert list(frame.columns) == ["input channels", "output channels", "parameters"]
    assert len(frame) == 0


def test_what_other_tools_print() -> None:
    layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1, groups=4)
    frame = tools_table(printed(layer, 16))
    assert list(frame.columns) == ["tool", "prints", "unit", "verdict", "rule", "with numbers"]
    found = rows(frame)
    # Counted by input there are 2,097,152 products; torchinfo and thop multiply by the output, calflops
    # divides by groups twice, ptflops adds the biases.
    assert [(row["tool"], row["prints"], row["verdict"].partition(":")[0]) for row in found] == [
        ("torchinfo 1.8.0", 8_421_376, "Wrong"),
        ("thop 0.1.1", 8_388_608, "Wrong"),
        ("calflops 0.3.2", 524_288, "Wrong"),
        ("ptflops 0.7.5", 2_129_920, "Right"),
        ("DeepSpeed 0.19.8", 2_097_152, "Right"),
        ("torchstat 0.0.7", 2 * 2_097_152, "Right"),
        ("fvcore 0.1.5", 2_097_152, "Right"),
        ("PyTorch 2.13.0", 2 * 2_097_152, "Right"),
    ]
    for row, tool in zip(found, printed(layer, 16), strict=True):
        assert (row["unit"], row["verdict"]) == (tool.unit, tool.verdict)
        assert (row["rule"], row["with numbers"]) == (tool.rule, tool.numbers)
    vast = ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,) * 3, stride=2)
    thop = rows(tools_table(printed(vast, 65_536)))[1]
    assert (thop["prints"], thop["verdict"].split()[0]) == (None, "Refuses")
