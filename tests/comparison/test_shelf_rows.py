"""The layers of the shelf side by side: counts of layers that are carried out, and their differences."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.comparison.shelf_rows import settings_text, shelf_rows
from calculator.settings.layer import LayerSettings
from calculator.settings.page import Kept
from tests.helpers import reference


def kept_small(settings: dict[str, Any], size: tuple[int, ...]) -> Kept:
    raw = {name: value for name, value in settings.items() if name != "kernel_size"}
    kernel = settings["kernel_size"]
    return Kept("x", LayerSettings(dimensions=len(kernel), kernel_size=kernel, input_size=size, **raw))


def carried(settings: dict[str, Any], size: tuple[int, ...]) -> reference.Carried | None:
    """Carry the layer out; ``None`` when the padding leaves nothing."""
    inputs, outputs, groups = settings["in_channels"], settings["out_channels"], settings["groups"]
    kernel = np.ones((inputs // groups, outputs // groups, *settings["kernel_size"]))
    rest = {name: settings[name] for name in ("stride", "padding", "output_padding", "dilation")}
    try:
        return reference.carry_out(np.ones((inputs, *size)), [kernel] * groups, **rest)
    except reference.NothingLeftError:
        return None


@given(
    reference.settings(channels=2, size=2, crop=2), reference.settings(channels=2, size=2, crop=2), st.data()
)
def test_rows_have_the_counts_of_layers_carried_out(
    first: dict[str, Any], second: dict[str, Any], data: st.DataObject
) -> None:
    both, expected = [], []
    for settings in (first, second):
        size = tuple(data.draw(st.integers(1, 3)) for _ in settings["kernel_size"])
        both.append(kept_small(settings, size))
        names = ("in_channels", "out_channels", "kernel_size", "groups", "bias")
        expected.append((reference.allocate(*(settings[name] for name in names)), carried(settings, size)))
    rows = shelf_rows(tuple(both), 2)
    for row, (arrays, output) in zip(rows, expected, strict=True):
        other, other_output = expected[1]
        total, base = arrays.weights + arrays.biases, other.weights + other.biases
        assert (row.weights, row.biases, row.parameters) == (arrays.weights, arrays.biases, total)
        assert (row.parameter_difference, row.parameter_factor) == (total - base, Fraction(total, base))
        if output is None:
            assert (row.output_size, row.multiply_accumulates) == (None, None)
            assert row.problem.startswith("padding must leave an output of at least 0")
        else:
            assert row.output_size == output.size
            assert (row.multiply_accumulates, row.problem) == (output.multiply_accumulates, "")
        if output is None or other_output is None:
            assert (row.mac_difference, row.mac_factor) == (None, None)
        else:
            products, base = output.multiply_accumulates, other_output.multiply_accumulates
            assert (row.mac_difference, row.mac_factor) == (products - base, Fraction(products, base))


def test_a_row_as_it_stands() -> None:
    # 64→32 k4 s2 p1 on 16 × 16: 8,388,608 multiply–accumulates, 32,800 parameters; with groups 4 a quarter.
    one = LayerSettings(in_channels=64, out_channels=32)
    rows = shelf_rows((Kept("one", one), Kept("four", one.change(groups=4, bias=False))), 1)
    assert [(row.name, row.parameters, row.multiply_accumulates) for row in rows] == [
        ("one", 32_800, 8_388_608),
        ("four", 8_192, 2_097_152),
    ]
    assert rows[0].settings == "64 → 32, kernel 4 × 4, stride 2, padding 1"
    assert rows[1].settings == "64 → 32, kernel 4 × 4, stride 2, padding 1, groups 4, no bias"
    assert (rows[0].parameter_difference, rows[0].mac_difference) == (0, 0)
    assert (rows[0].parameter_factor, rows[0].mac_factor) == (Fraction(1), Fraction(1))
    assert (rows[1].parameter_difference, rows[1].mac_difference) == (-24_608, -6_291_456)
    assert (rows[1].parameter_factor, rows[1].mac_factor) == (Fraction(8192, 32800), Fraction(1, 4))
    assert (rows[0].input_size, rows[0].output_size) == ((16, 16), (32, 32))


@pytest.mark.parametrize(
    ("reference_number", "place"), [(-3, 0), (0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (6, 2)]
)
def test_the_reference_is_the_nearest_there_is(reference_number: int, place: int) -> None:
    shelf = tuple(Kept(str(count), LayerSettings(out_channels=count)) for count in (1, 10, 100))
    rows = shelf_rows(shelf, reference_number)
    assert [row.parameter_difference == 0 for row in rows] == [at == place for at in range(3)]


def test_an_empty_shelf_has_no_rows() -> None:
    assert shelf_rows((), 1) == ()


def test_a_layer_that_cannot_be_is_counted_and_explained() -> None:
    shelf = (
        Kept("fine", LayerSettings()),
        Kept("stretched", LayerSettings(output_padding=(5,))),
        Kept("cropped", LayerSettings(padding=(100,))),
    )
    fine, stretched, cropped = shelf_rows(shelf, 2)
    assert [row.parameters for row in (fine, stretched, cropped)] == [3_136] * 3
    assert fine.problem == ""
    assert stretched.problem.startswith("output_padding must be smaller than stride or dilation")
    assert cropped.problem.startswith("padding must leave an output of at least 0")
    assert [row.multiply_accumulates is None for row in (fine, stretched, cropped)] == [False, True, True]
    assert [row.mac_factor for row in (fine, stretched, cropped)] == [None] * 3
    assert [row.parameter_factor for row in (fine, stretched, cropped)] == [1] * 3


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"stride": (1,), "padding": (0,)}, "3 → 64, kernel 4 × 4"),
        ({"dimensions": 1}, "3 → 64, kernel 4, stride 2, padding 1"),
        ({"stride": (2, 1), "padding": (2, 2)}, "3 → 64, kernel 4 × 4, stride 2 × 1, padding 2"),
        (
            {
                "in_channels": 1024,
                "out_channels": 65_536,
                "output_padding": (1,),
                "dilation": (3,),
                "groups": 6,
            },
            "1,024 → 65,536, kernel 4 × 4, stride 2, padding 1, output padding 1, dilation 3, groups 2",
        ),
    ],
)
def test_settings_as_text(changed: dict[str, Any], text: str) -> None:
    assert settings_text(LayerSettings(**changed)) == text
