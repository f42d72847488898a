"""The code of every form compiles and names its layers in order. ``make oracle`` runs it with PyTorch."""

import ast
import re

import pytest

from calculator.core.layer import ConvTranspose
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.form_code import form_code
from calculator.upsampling.layers import Conv, Operation, Shuffle
from calculator.upsampling.operations import code
from tests.helpers.upsampling_cases import alternatives_by_key


@pytest.mark.parametrize("scale", [(2,), (2, 2), (2, 3), (2, 2, 2)])
def test_the_code_has_every_layer(scale: tuple[int, ...]) -> None:
    for way in alternatives_by_key(8, 6, scale).values():
        text = form_code(way)
        ast.parse(text)
        assert text.startswith(f"# {way.name}: {way.parameter_count:,} parameter")
        place = 0
        for op in way.operations:
            place = text.index(code(op), place) + 1
        # Shuffles along different axes are different classes.
        classes = re.findall(r"^class (\w+)", text, re.MULTILINE)
        assert len(classes) == len(set(classes)), way.name


def equal_start(way: Alternative) -> list[str]:
    return re.findall(r"layer\[(\d)\]", form_code(way))


def test_what_is_shuffled_starts_equal() -> None:
    found = alternatives_by_key(8, 4, (2, 2))
    assert equal_start(found["conv-shuffle"]) == equal_start(found["conv-shuffle-blur"]) == ["0"]
    assert equal_start(found["depthwise-pointwise-shuffle"]) == ["1"]
    # A depthwise layer after the mixing layer passes on what it gets: both start equal.
    assert equal_start(found["pointwise-depthwise-shuffle"]) == ["0", "1"]
    assert equal_start(found["shuffle-conv"]) == equal_start(found["transposed-4x4"]) == []


def test_what_cannot_start_equal_is_left_as_it_is() -> None:
    def started(*layers: Operation) -> bool:
        return "ICNR" in form_code(Alternative("", "", layers, "", ""))

    shuffle = Shuffle((2, 2))
    assert started(Conv(8, 16, (1, 1), 4), shuffle)
    # Two positions of a block come from one group, and two from another.
    assert not started(Conv(8, 16, (1, 1), 8), shuffle)
    assert not started(Conv(16, 16, (3, 3), 16), shuffle)
    up = {"in_channels": 8, "out_channels": 8, "kernel_size": (2, 1), "stride": (2, 1)}
    assert started(Conv(4, 8, (1, 1)), ConvTranspose(**up, groups=8), Shuffle((1, 2)))  # type: ignore[arg-type]
    assert not started(ConvTranspose(**up), Shuffle((1, 2)))  # type: ignore[arg-type]


def test_an_unpooling_takes_indices() -> None:
    text = form_code(alternatives_by_key(8, 4, (2, 2))["unpool-conv"])
    assert "unpool = nn.MaxUnpool2d(2)\n" in text
    assert "layer(unpool(x, indices))" in text
    assert "layer = nn.Conv2d(8, 4, kernel_size=3, padding=1)" in text
