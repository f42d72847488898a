"""Findings: the laws as they are said, against layers that are counted again."""

import dataclasses
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given

from calculator import ConvTranspose
from calculator.findings import NAMES, axis_name, growth_finding, law_title, plane_finding, split_finding
from calculator.growth import SWEPT
from tests import reference

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
    """Return whether a factor as said is the factor: exact, or rounded to three digits and marked."""
    if said == "×½":
        return factor == Fraction(1, 2)
    rounded = Fraction(said.lstrip("≈×"))
    if said.startswith("≈"):
        return rounded != factor and abs(rounded - factor) <= factor / 200
    return rounded == factor


@given(settings=reference.settings())
@example(settings=SETTINGS)
def test_every_law_is_what_happens(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    before = counts(layer)
    for setting in SWEPT:
        after = counts(doubled(layer, setting))
        title = law_title(layer, setting)
        doubling, weights, *biases, total = re.findall(r"(≈?×[\d.]+|×½)", title)
        assert doubling == "×2"
        assert agrees(weights, Fraction(after[0], before[0]))
        assert agrees(total, Fraction(sum(after), sum(before)))
        assert len(biases) == (1 if layer.bias else 0)
        if layer.bias:
            assert agrees(biases[0], Fraction(after[1], before[1]))
        else:
            assert "no biases" in title


def told(layer: ConvTranspose, setting: str) -> str:
    """Return a law as it is read, without the lines and the weight it is set in."""
    return " ".join(re.sub(r"<[^>]+>|,", " ", law_title(layer, setting)).split())


def test_titles_of_the_worked_example() -> None:
    assert told(LAYER, "kernel_size") == "kernel ×2 → weights ×4 biases ×1 total ≈×3.94"
    assert told(LAYER, "in_channels") == "input channels ×2 → weights ×2 biases ×1 total ≈×1.98"
    assert told(LAYER, "out_channels") == "output channels ×2 → weights ×2 biases ×2 total ×2"
    assert set(re.findall(r"<[^>]+>", law_title(LAYER, "kernel_size"))) <= {"<b>", "</b>", "<br>"}


@pytest.mark.parametrize(("rank", "factor"), [(1, 2), (2, 4), (3, 8)])
def test_a_kernel_grows_with_the_power_of_the_dimensions(rank: int, factor: int) -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4,) * rank, bias=False)
    assert told(layer, "kernel_size") == f"kernel ×2 → weights ×{factor} no biases total ×{factor}"


def test_a_kernel_that_is_not_square_names_its_axis() -> None:
    for kernel, axis in (((2, 1), "height"), ((2, 1, 1), "depth")):
        layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=kernel, bias=False)
        assert axis_name(layer, "kernel_size") == f"kernel {axis}"
        assert told(layer, "kernel_size").startswith(f"kernel {axis} ×2 → weights ×2 ")
        assert f"kernel {axis} doubled makes weights ×2" in growth_finding(layer)
    assert axis_name(LAYER, "kernel_size") == "kernel size"
    assert axis_name(LAYER, "out_channels") == "output channels"


def test_names_cover_the_panels() -> None:
    assert tuple(NAMES) == SWEPT


def test_text_alternatives_have_the_exact_numbers() -> None:
    assert growth_finding(LAYER) == (
        "How 3,136 parameters grow: kernel doubled makes weights ×4 and the total ≈×3.94; input channels "
        "doubled makes weights ×2 and the total ≈×1.98; output channels doubled makes weights ×2 and the "
        "total ×2."
    )
    assert split_finding(LAYER) == "3,136 parameters: 3,072 weights and 64 biases."
    assert "3 → 64 has 3,136" in plane_finding(LAYER)
    one = ConvTranspose(in_channels=1, out_channels=1, kernel_size=1, bias=False)
    assert split_finding(one) == "1 parameter: 1 weight and 0 biases."
