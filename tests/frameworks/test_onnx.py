"""ONNX: what onnxruntime computes."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS
from tests.frameworks.strategies import layers, layers_and_sizes

ONNX = FRAMEWORKS["onnx"]


def one_axis(kernel: int, **settings: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=1, out_channels=1, kernel_size=(kernel,), **settings)


# onnxruntime 1.32: (kernel, stride, input, padding, output_padding, output).
@pytest.mark.parametrize(
    ("kernel", "stride", "size", "padding", "extra", "expected"),
    [
        (3, 2, 7, None, None, 15),
        (3, 2, 7, "NOTSET", None, 15),
        (3, 2, 7, "VALID", None, 15),
        (3, 2, 7, [1, 1], 1, 14),
        (3, 2, 7, [0, 1], None, 14),
        (3, 2, 7, "SAME_UPPER", None, 14),
        (3, 2, 7, "SAME_LOWER", 0, 14),
        (2, 4, 3, "SAME_UPPER", None, 10),  # 12 by the text
        (2, 4, 3, "SAME_UPPER", 1, 11),
        (2, 4, 3, "SAME_LOWER", [3], 12),
        (2, 4, 5, "VALID", None, 18),
    ],
)
def test_known_sizes(kernel: int, stride: int, size: int, padding: Any, extra: Any, expected: int) -> None:
    layer = one_axis(kernel, stride=stride)
    assert ONNX.output_size(layer, size, padding=padding, output_padding=extra) == (expected,)


def test_pads_are_every_begin_then_every_end() -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3, 5))
    assert ONNX.output_size(layer, (9, 9), padding=[0, 1, 2, 3]) == (9, 9)
    assert ONNX.output_size(layer, (9, 9), padding=(2, 2, 2, 0)) == (7, 11)


def test_none_is_the_layers_own() -> None:
    layer = one_axis(3, stride=2, padding=1, output_padding=1)
    assert ONNX.output_size(layer, 7) == (14,)
    assert ONNX.output_size(layer, 7, padding=[0, 0]) == (16,)
    assert ONNX.output_size(layer, 7, output_padding=0) == (13,)
    assert ONNX.output_size(layer, 7, padding="VALID") == (16,)


def test_known_weight_shape() -> None:
    layer = ConvTranspose(in_channels=6, out_channels=4, kernel_size=(3,), groups=2)
    assert ONNX.weight_shape(layer) == (6, 2, 3)
    assert ONNX.bias_shape(layer) == (4,)


@pytest.mark.parametrize(
    ("settings", "words", "sentence"),
    [
        (
            {},
            {"padding": "same_upper"},
            "ONNX needs padding to be one of NOTSET, SAME_UPPER, SAME_LOWER, VALID, or a flat list of 2 "
            "whole numbers (the begin of each axis, then the end of each), received 'same_upper'.",
        ),
        ({}, {"padding": [-1, 0]}, "padding must be a whole number of at least 0, received -1."),
        ({}, {"padding": [0, 1.5]}, "padding must be a whole number of at least 0, received 1.5."),
        (
            {"dilation": 2},
            {"output_padding": 1},
            "onnxruntime needs output_padding to be smaller than the stride on every axis, received "
            "output_padding=(1,), stride=(1,).",
        ),
        (
            {},
            {"padding": [4, 3]},
            "onnxruntime needs padding to leave an output of at least 1 on every axis, received "
            "input_size=(5,), which leaves (0,).",
        ),
    ],
)
def test_refusals(settings: dict[str, Any], words: dict[str, Any], sentence: str) -> None:
    with pytest.raises(LayerError) as refusal:
        ONNX.output_size(one_axis(3, **settings), 5, **words)
    assert str(refusal.value) == sentence


@given(drawn=layers_and_sizes(), upper=st.booleans())
def test_same_never_exceeds_what_there_is(drawn: tuple[ConvTranspose, tuple[int, ...]], upper: bool) -> None:
    layer, size = drawn
    word = "SAME_UPPER" if upper else "SAME_LOWER"
    full = ONNX.output_size(layer, size, padding="VALID", output_padding=0)
    same = ONNX.output_size(layer, size, padding=word, output_padding=0)
    assert same == tuple(min(f, i * s) for f, i, s in zip(full, size, layer.stride, strict=True))


@given(layer=layers())
def test_words_crop_the_same_window(layer: ConvTranspose) -> None:
    beyond = [
        extra - pad >= stride
        for extra, pad, stride in zip(layer.output_padding, layer.padding, layer.stride, strict=True)
    ]
    assert any(beyond) == bool(ONNX.problems(layer))
    if any(beyond):
        return
    pads, extras = ONNX.layer_padding(layer)
    assert isinstance(pads, tuple)
    assert isinstance(extras, tuple)
    begins, ends = pads[: layer.rank], pads[layer.rank :]
    assert begins == layer.padding
    for axis, (end, extra) in enumerate(zip(ends, extras, strict=True)):
        assert end - extra == layer.padding[axis] - layer.output_padding[axis]
        assert 0 <= extra < layer.stride[axis]
        assert end >= 0


def test_an_output_padding_it_cannot_take() -> None:
    layer = one_axis(3, padding=1, output_padding=2, dilation=3)
    assert ONNX.problems(layer) == (
        "onnxruntime needs output_padding to be smaller than the stride on every axis, after padding is "
        "taken off it, received output_padding=(2,), padding=(1,), stride=(1,).",
    )
    assert ONNX.layer_padding(one_axis(3, padding=2, output_padding=2, dilation=3)) == ((2, 0), (0,))
    assert ONNX.layer_padding(one_axis(3, stride=2, padding=1, output_padding=2, dilation=3)) == (
        (1, 0),
        (1,),
    )


def test_code_shows_only_what_differs_from_the_defaults() -> None:
    layer = ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)
    assert 'helper.make_node("ConvTranspose", ["x", "weight", "bias"], ["y"])\n' in ONNX.code(layer)
    grouped = ConvTranspose(
        in_channels=4, out_channels=4, kernel_size=(3, 3), stride=2, padding=1, groups=2, bias=False
    )
    code = ONNX.code(grouped)
    node = '["x", "weight"], ["y"], strides=[2, 2], pads=[1, 1, 1, 1], group=2)\n'
    assert f'node = helper.make_node("ConvTranspose", {node}' in code
    assert "weight = np.zeros((4, 2, 3, 3), dtype=np.float32)\n" in code
    assert "bias" not in code.replace("0 biases", "")
    wide = one_axis(3, stride=3, output_padding=2, dilation=2)
    assert '["y"], strides=[3], output_padding=[2], dilations=[2])\n' in ONNX.code(wide)
    assert '("x", TensorProto.FLOAT, [None, 6, None, None])' in ONNX.code(layer)
    assert '("y", TensorProto.FLOAT, [None, 10, None, None])' in ONNX.code(layer)
