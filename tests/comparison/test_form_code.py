"""The code of every form compiles and names its layers in order. ``make oracle`` runs it with PyTorch."""

import ast
import re

import pytest

from calculator.comparison.alternative import Alternative
from calculator.comparison.form_code import form_code
from calculator.comparison.operations import code
from tests.helpers.upsampling_cases import alternatives_by_key


@pytest.mark.parametrize("scale", [(2,), (2, 2), (2, 3), (2, 2, 2)])
def test_the_code_has_every_layer(scale: tuple[int, ...]) -> None:
    for way in alternatives_by_key(8, 6, scale).values():
        text = form_code(way)
        ast.parse(text)
        assert text.startswith(f"# {way.name}: {way.parameter_count:,} parameter")
        places = [text.index(code(op)) for op in way.operations]
        assert places == sorted(places), way.name


def equal_start(way: Alternative) -> list[str]:
    return re.findall(r"layer\[(\d)\]", form_code(way))


def test_what_is_shuffled_starts_equal() -> None:
    found = alternatives_by_key(8, 4, (2, 2))
    assert equal_start(found["conv-shuffle"]) == equal_start(found["conv-shuffle-blur"]) == ["0"]
    assert equal_start(found["depthwise-pointwise-shuffle"]) == ["1"]
    # A depthwise layer after the mixing layer passes on what it gets: both start equal.
    assert equal_start(found["pointwise-depthwise-shuffle"]) == ["0", "1"]
    assert equal_start(found["shuffle-conv"]) == equal_start(found["transposed-4x4"]) == []


def test_an_unpooling_takes_indices() -> None:
    text = form_code(alternatives_by_key(8, 4, (2, 2))["unpool-conv"])
    assert "unpool = nn.MaxUnpool2d(2)\n" in text
    assert "layer(unpool(x, indices))" in text
    assert "layer = nn.Conv2d(8, 4, kernel_size=3, padding=1)" in text
