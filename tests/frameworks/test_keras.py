"""Keras: two words for the padding, and an automatic output padding."""

import itertools
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS
from tests.frameworks.strategies import layers, layers_and_sizes

KERAS = FRAMEWORKS["keras"]


def one_axis(**settings: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=1, out_channels=1, **settings)


# keras.layers.Conv1DTranspose, 3.15: the same settings in every framework's default differ by these sizes.
@pytest.mark.parametrize(
    ("kernel", "stride", "size", "padding", "extra", "expected"),
    [
        (3, 2, 7, None, None, 15),
        (3, 2, 7, "valid", None, 15),
        (3, 2, 7, "same", None, 14),
        (3, 2, 7, "same", 0, 13),
        (3, 2, 7, "same", 1, 14),
        (3, 2, 7, "SAME", [0], 13),
        (3, 2, 7, "Valid", 1, 16),
        (2, 4, 5, "valid", None, 20),
        (2, 4, 5, "valid", 0, 18),
        (4, 1, 1, "same", 0, 0),
    ],
)
def test_known_sizes(
    kernel: int, stride: int, size: int, padding: str | None, extra: Any, expected: int
) -> None:
    layer = one_axis(kernel_size=(kernel,), stride=stride)
    assert KERAS.output_size(layer, size, padding=padding, output_padding=extra) == (expected,)


def test_known_weight_shape() -> None:
    # Conv2DTranspose(64, 4) built on three channels: kernel (4, 4, 64, 3), bias (64,).
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    assert KERAS.weight_shape(layer) == (4, 4, 64, 3)
    assert KERAS.bias_shape(layer) == (64,)


@given(drawn=layers_and_sizes(most_groups=1, most_dilation=1))
def test_none_is_automatic_and_never_smaller_than_zero(
    drawn: tuple[ConvTranspose, tuple[int, ...]],
) -> None:
    layer, size = drawn
    same = KERAS.output_size(layer, size, padding="same")
    assert same == tuple(i * s for i, s in zip(size, layer.stride, strict=True))
    valid = KERAS.output_size(layer, size, padding="valid")
    assert all(v >= s for v, s in zip(valid, same, strict=True))
    for padding, automatic in (("same", same), ("valid", valid)):
        asked = KERAS.output_size(layer, size, padding=padding, output_padding=0)
        pairs = list(zip(automatic, asked, layer.stride, strict=True))
        assert all(0 <= maximum - minimum <= stride for maximum, minimum, stride in pairs)


@pytest.mark.parametrize(
    ("settings", "words", "sentence"),
    [
        ({}, {"padding": "causal"}, "Keras needs padding to be 'valid' or 'same', received 'causal'."),
        ({}, {"padding": 0}, "Keras needs padding to be 'valid' or 'same', received 0."),
        (
            {"stride": 2},
            {"output_padding": 2},
            "output_padding must be smaller than stride or dilation on every axis, received "
            "output_padding=2, stride=2, dilation=1 on axis 0.",
        ),
        (
            {"dilation": 3},
            {"output_padding": 1},
            "Keras needs output_padding to be smaller than the stride on every axis, received "
            "output_padding=1, stride=1.",
        ),
        (
            {"stride": (2, 1), "dilation": (1, 2)},
            {},
            "Keras forbids a stride above 1 together with a dilation above 1, also on different axes: "
            "one of them must be 1, received stride=(2, 1), dilation=(1, 2).",
        ),
    ],
)
def test_refusals(settings: dict[str, Any], words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LayerError) as refusal:
        KERAS.output_size(one_axis(kernel_size=3, **settings), 7, **words)
    assert str(refusal.value) == sentence


def test_groups_are_refused_everywhere() -> None:
    layer = ConvTranspose(in_channels=4, out_channels=4, kernel_size=3, groups=2)
    sentence = "Keras's transposed convolution has no groups: groups must be 1, received groups=2."
    assert KERAS.problems(layer) == (sentence,)
    for ask in (KERAS.weight_shape, KERAS.layer_padding):
        with pytest.raises(LayerError) as refusal:
            ask(layer)
        assert str(refusal.value) == sentence
    with pytest.raises(LayerError):
        KERAS.output_size(layer, 7)


def test_every_problem_is_named() -> None:
    layer = ConvTranspose(
        in_channels=2, out_channels=2, kernel_size=3, groups=2, stride=2, dilation=2, padding=1
    )
    assert [problem.split(":")[0][:22] for problem in KERAS.problems(layer)] == [
        "Keras's transposed con",
        "Keras forbids a stride",
        "Keras has only 'valid'",
    ]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kernel_size": 4, "stride": 2, "padding": 1}, ("same", None)),
        ({"kernel_size": 3, "padding": 1}, ("same", None)),
        ({"kernel_size": 3, "dilation": 2, "padding": 2}, ("same", None)),
        ({"kernel_size": 5, "stride": 2, "padding": 1}, None),  # cropped by 2 and 1 under 'same'
        ({"kernel_size": 5, "stride": 2, "padding": 2}, ("same", (0, 0))),
        ({"kernel_size": 3, "stride": 2, "padding": 1}, ("same", (0, 0))),
        # The size is that of 'same', but Keras crops the end and PyTorch the beginning.
        ({"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, None),
        ({"kernel_size": 3, "stride": 2}, ("valid", None)),
        ({"kernel_size": 3, "stride": 2, "output_padding": 1}, ("valid", (1, 1))),
        ({"kernel_size": 2, "stride": 4}, ("valid", (0, 0))),
        ({"kernel_size": 2, "stride": 4, "output_padding": 2}, ("valid", None)),
        ({"kernel_size": 3, "padding": (0, 1)}, None),  # one word for all axes
        ({"kernel_size": (1, 3), "padding": (0, 1)}, ("same", None)),
        ({"kernel_size": 3, "padding": 3}, None),
        # A side of 1 has no zeros before it: 'same' puts the one that it adds behind.
        (
            {"kernel_size": (1, 3), "stride": (3, 2), "padding": (0, 1), "output_padding": (1, 0)},
            ("same", (1, 0)),
        ),
    ],
)
def test_which_layers_it_has_words_for(settings: dict[str, Any], words: object) -> None:
    layer = one_axis(**settings)
    if words is None:
        assert len(KERAS.problems(layer)) == 1
    else:
        assert KERAS.layer_padding(layer) == words


def window(word: str, extra: int | None, extent: int, stride: int) -> tuple[int, int]:
    """Return (before, after): the zeros Keras puts around the stretched input on one axis."""
    if word == "valid":
        return extent - 1, extent - 1 + (max(extent, stride) - extent if extra is None else extra)
    total = stride + extent - 2 if extra is None else extent + extent % 2 - 2 + extra
    before = min(total // 2 + total % 2, extent - 1)
    return before, total - before


@given(layer=layers(most_groups=1, most_dilation=1))
def test_words_are_found_exactly_where_a_window_matches(layer: ConvTranspose) -> None:
    assume(layer.kernel_volume > 1)
    check_words(layer)


def test_words_of_every_small_axis_beside_a_kernel_of_3() -> None:
    for k, s, p in itertools.product(range(1, 5), range(1, 5), range(4)):
        for op in range(s):
            both = {"stride": (s, 2), "padding": (p, 1), "output_padding": (op, 0)}
            check_words(one_axis(kernel_size=(k, 3), **both))


def check_words(layer: ConvTranspose) -> None:
    """Compare the words that Keras has for a layer with all that give the zeros of the layer."""
    wanted = [
        (extent - 1 - pad, extent - 1 - pad + extra)
        for extent, pad, extra in zip(layer.kernel_extent, layer.padding, layer.output_padding, strict=True)
    ]
    matching: set[tuple[str, tuple[int, ...] | None]] = set()
    for word in ("valid", "same"):
        sides = list(zip(wanted, layer.kernel_extent, layer.stride, strict=True))
        if all(want == window(word, None, extent, stride) for want, extent, stride in sides):
            matching.add((word, None))
        options = [
            [extra for extra in range(stride) if window(word, extra, extent, stride) == want]
            for want, extent, stride in sides
        ]
        if all(options):
            matching.add((word, tuple(option[0] for option in options)))
    assert bool(matching) == (KERAS.problems(layer) == ())
    assert not matching or KERAS.layer_padding(layer) in matching


@given(stride=st.integers(1, 6))
def test_code_has_no_padding_when_the_default_says_it(stride: int) -> None:
    layer = one_axis(kernel_size=(6,), stride=stride, bias=False)
    strides = "" if stride == 1 else f", strides={stride}"
    assert KERAS.code(layer) == (
        "import keras\n\n# 6 weights + 0 biases = 6 parameters\n"
        f"layer = keras.layers.Conv1DTranspose(1, kernel_size=6{strides}, use_bias=False)\n"
        "layer.build((None, None, 1))\n"
    )


def test_code_shows_everything_else() -> None:
    layer = one_axis(kernel_size=(3, 3, 2), dilation=(1, 2, 2), padding=(1, 2, 1))
    assert KERAS.code(layer).splitlines()[3] == (
        'layer = keras.layers.Conv3DTranspose(1, kernel_size=(3, 3, 2), padding="same", '
        "dilation_rate=(1, 2, 2))"
    )
    extra = one_axis(kernel_size=(3, 3), stride=(2, 3), output_padding=(1, 2))
    assert "strides=(2, 3), output_padding=(1, 2))" in KERAS.code(extra)


def test_code_builds_on_the_input_channels() -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    assert KERAS.code(layer).endswith(
        "Conv2DTranspose(64, kernel_size=4)\nlayer.build((None, None, None, 3))\n"
    )
