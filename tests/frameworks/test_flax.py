"""Flax: zeros around the stretched input, in pairs."""

from typing import Any

import pytest
from hypothesis import given

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS
from tests.frameworks.strategies import layers_and_sizes

FLAX = FRAMEWORKS["flax"]


def one_axis(kernel: int, **settings: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=1, out_channels=1, kernel_size=(kernel,), **settings)


# flax.linen.ConvTranspose, 0.12: (kernel, stride, input, padding, output).
@pytest.mark.parametrize(
    ("kernel", "stride", "size", "padding", "expected"),
    [
        (3, 2, 7, "VALID", 15),
        (3, 2, 7, "SAME", 14),
        (3, 2, 7, None, 14),
        (3, 2, 7, "CIRCULAR", 14),
        (2, 4, 5, "VALID", 20),
        (2, 4, 5, 1, 18),  # padding K − 1 is PyTorch's padding 0
        (2, 4, 5, [1], 18),
        (2, 4, 5, [(1, 3)], 20),
        (2, 4, 5, ((0, -1),), 15),
        (3, 2, 3, -1, 1),
        (3, 2, 3, -2, 0),
        (3, 1, 1, [(-1, 0)], 0),  # below 0 by the formula; JAX makes it empty
    ],
)
def test_known_sizes(kernel: int, stride: int, size: int, padding: Any, expected: int) -> None:
    assert FLAX.output_size(one_axis(kernel, stride=stride), size, padding=padding) == (expected,)


def test_known_weight_shape() -> None:
    # nn.ConvTranspose(64, (4, 4)) on three channels: kernel (4, 4, 3, 64), bias (64,).
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    assert FLAX.weight_shape(layer) == (4, 4, 3, 64)
    assert FLAX.bias_shape(layer) == (64,)


def test_numbers_and_pairs_mix_per_axis() -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3, 2), stride=(2, 3))
    assert FLAX.output_size(layer, (3, 4), padding=[1, (0, 1)]) == (5, 10)
    assert FLAX.output_size(layer, (3, 4), padding=(1, 1)) == (5, 11)  # two axes, not (low, high)


@given(drawn=layers_and_sizes(most_groups=1))
def test_words_are_the_pairs_they_stand_for(drawn: tuple[ConvTranspose, tuple[int, ...]]) -> None:
    layer, size = drawn
    same = FLAX.output_size(layer, size)
    assert same == tuple(i * s for i, s in zip(size, layer.stride, strict=True))
    valid = FLAX.output_size(layer, size, padding="VALID")
    excess = [max(extent - s, 0) for extent, s in zip(layer.kernel_extent, layer.stride, strict=True)]
    assert valid == tuple(a + b for a, b in zip(same, excess, strict=True))
    full = FLAX.output_size(layer, size, padding=[extent - 1 for extent in layer.kernel_extent])
    bare = ConvTranspose(
        in_channels=1,
        out_channels=1,
        kernel_size=layer.kernel_size,
        stride=layer.stride,
        dilation=layer.dilation,
    )
    assert full == bare.output_size(size)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            {"padding": "same"},
            "Flax needs padding to be 'SAME', 'VALID', 'CIRCULAR' or numbers, received 'same'.",
        ),
        (
            {"padding": (1, 1)},
            "Flax needs one padding, or 1 (one per axis, a number or a (low, high) pair), received (1, 1).",
        ),
        (
            {"padding": [(1, 2, 3)]},
            "Flax needs a number or a (low, high) pair of padding for each axis, received [(1, 2, 3)].",
        ),
        ({"padding": 1.0}, "Flax needs padding in whole numbers below 2^63, received 1.0."),
        (
            {"padding": 2**63},
            "Flax needs padding in whole numbers below 2^63, received 9223372036854775808.",
        ),
        ({"output_padding": 0}, "Flax has no output_padding: it must be None, received 0."),
        (
            {"padding": -4},
            "Flax needs padding to crop at most the stretched input: on axis 0 that is 7, "
            "received padding (-4, -4).",
        ),
    ],
)
def test_refusals(words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LayerError) as refusal:
        FLAX.output_size(one_axis(3, stride=2), 4, **words)
    assert str(refusal.value) == sentence


def test_groups_are_refused_everywhere() -> None:
    layer = ConvTranspose(in_channels=4, out_channels=4, kernel_size=3, groups=2)
    sentence = "Flax's transposed convolution has no groups: groups must be 1, received groups=2."
    assert FLAX.problems(layer) == (sentence,)
    for ask in (FLAX.weight_shape, FLAX.layer_padding):
        with pytest.raises(LayerError) as refusal:
            ask(layer)
        assert str(refusal.value) == sentence
    with pytest.raises(LayerError):
        FLAX.output_size(layer, 7)


@pytest.mark.parametrize(
    ("kernel", "settings", "padding"),
    [
        (4, {"stride": 2, "padding": 1}, "SAME"),
        (3, {"padding": 1}, "SAME"),
        (1, {}, "SAME"),
        (2, {"stride": 2}, "SAME"),
        (3, {"stride": 2}, "VALID"),
        (2, {"stride": 4, "output_padding": 2}, "SAME"),
        (2, {"stride": 4}, ((1, 1),)),
        (3, {"stride": 2, "padding": 1, "output_padding": 1}, ((1, 2),)),
        (1, {"padding": 2}, ((-2, -2),)),
        (3, {"dilation": 2}, "VALID"),
    ],
)
def test_words_for_a_layer(kernel: int, settings: dict[str, Any], padding: object) -> None:
    assert FLAX.layer_padding(one_axis(kernel, **settings)) == (padding, None)


def test_code_is_complete() -> None:
    layer = ConvTranspose(
        in_channels=3,
        out_channels=2,
        kernel_size=(3, 1),
        stride=(1, 2),
        padding=(0, 2),
        dilation=(2, 1),
        bias=False,
    )
    assert FLAX.code(layer) == (
        "import jax\nimport jax.numpy as jnp\nfrom flax import linen as nn\n\n"
        "# 18 weights + 0 biases = 18 parameters\n"
        "layer = nn.ConvTranspose(features=2, kernel_size=(3, 1), strides=(1, 2), "
        "padding=((4, 4), (-2, -2)), kernel_dilation=(2, 1), use_bias=False)\n"
        "variables = layer.init(jax.random.key(0), jnp.zeros((1, 1, 3, 3)))\n"
    )
    valid = one_axis(3, stride=2)
    assert 'kernel_size=(3,), strides=(2,), padding="VALID")' in FLAX.code(valid)


@given(drawn=layers_and_sizes(most_groups=1))
def test_the_code_initialises_on_the_smallest_input(drawn: tuple[ConvTranspose, tuple[int, ...]]) -> None:
    layer, _ = drawn
    shape = FLAX.code(layer).split("jnp.zeros((")[1].split(")")[0]
    size = [int(text) for text in shape.split(", ")][1:-1]
    assert min(layer.output_size(size)) >= 1
    for axis, value in enumerate(size):
        smaller = [*size[:axis], value - 1, *size[axis + 1 :]]
        if value > 1:
            try:
                assert layer.output_size(smaller)[axis] < 1
            except LayerError as refusal:
                assert f"on axis {axis}" in str(refusal)  # noqa: PT017 - either way it is too small
