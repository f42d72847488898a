"""PyTorch: the words of the layer itself."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS
from tests.frameworks.strategies import layers, layers_and_sizes

PYTORCH = FRAMEWORKS["pytorch"]
STRETCH = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2)


@given(drawn=layers_and_sizes())
def test_none_is_the_layers_own(drawn: tuple[ConvTranspose, tuple[int, ...]]) -> None:
    layer, size = drawn
    try:
        expected = layer.output_size(size)
    except LayerError:
        with pytest.raises(LayerError):
            PYTORCH.output_size(layer, size)
    else:
        assert PYTORCH.output_size(layer, size) == expected


@given(layer=layers())
def test_it_can_say_every_layer(layer: ConvTranspose) -> None:
    assert PYTORCH.problems(layer) == ()
    assert PYTORCH.layer_padding(layer) == (layer.padding, layer.output_padding)


def test_padding_replaces_the_layers_own() -> None:
    # (7 − 1)·2 − 2p + 3 + op, torch.nn.ConvTranspose1d
    assert PYTORCH.output_size(STRETCH, 7) == (15,)
    assert PYTORCH.output_size(STRETCH, 7, padding=1, output_padding=1) == (14,)
    assert PYTORCH.output_size(STRETCH, 7, padding=[2], output_padding=(1,)) == (12,)
    padded = dataclasses.replace(STRETCH, padding=(1,), output_padding=(1,))
    assert PYTORCH.output_size(padded, 7, padding=0) == (16,)
    assert PYTORCH.output_size(padded, 7, output_padding=0) == (13,)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"padding": "same"}, "PyTorch takes padding in whole numbers only, received 'same'."),
        ({"output_padding": "1"}, "PyTorch takes output_padding in whole numbers only, received '1'."),
        ({"padding": -1}, "padding must be a whole number of at least 0, received -1."),
        ({"padding": (1, 1)}, "padding must be one whole number, or 1 (one per axis), received (1, 1)."),
        (
            {"output_padding": 2},
            "output_padding must be smaller than stride or dilation on every axis, received "
            "output_padding=2, stride=2, dilation=1 on axis 0.",
        ),
    ],
)
def test_refusals(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LayerError) as refusal:
        PYTORCH.output_size(STRETCH, 7, **words)
    assert str(refusal.value) == sentence


def test_code_leaves_defaults_out() -> None:
    plain = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    assert PYTORCH.code(plain).endswith("\nlayer = nn.ConvTranspose2d(6, 10, kernel_size=3)\n")


def test_code_shows_everything_else() -> None:
    layer = ConvTranspose(
        in_channels=4,
        out_channels=8,
        kernel_size=(3, 1, 1),
        stride=2,
        padding=(1, 0, 0),
        output_padding=(1, 0, 1),
        dilation=(1, 2, 1),
        groups=4,
        bias=False,
    )
    assert PYTORCH.code(layer) == (
        "from torch import nn\n\n# 24 weights + 0 biases = 24 parameters\n"
        "layer = nn.ConvTranspose3d(4, 8, kernel_size=(3, 1, 1), stride=2, padding=(1, 0, 0), "
        "output_padding=(1, 0, 1), dilation=(1, 2, 1), groups=4, bias=False)\n"
    )
