"""One call that creates a layer: known answers, the code of the package itself, and refusals."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS, SNIPPETS
from calculator.readers.constructor_call import FORMS, MAX_CALL, MAX_NESTED, read_call
from calculator.readers.keras.conv_transpose import TRANSPOSED
from calculator.readers.model import ReadError
from tests.helpers import reference

LAYER = ConvTranspose(3, 64, 4, 2, 1)


@pytest.mark.parametrize(
    "text",
    [
        "nn.ConvTranspose2d(3, 64, 4, 2, 1)",
        "self.up = torch.nn.ConvTranspose2d(3, 64, kernel_size=(4, 4), stride=2, padding=[1, 1], device=d)",
        "up = nn.ConvTranspose2d(in_channels=3, out_channels=8*8, kernel_size=3+1, stride=2, padding=1),",
        "nn.ConvTranspose2d(3, 64, 4, 2, 1, 0, 1, True, 1, 'zeros')",
        # 'same' and 'SAME' crop one position on each side of kernel 4 with stride 2, as padding 1 does:
        # https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
        "layers.Conv2DTranspose(64, 4, strides=2, padding='same', input_shape=(16, 16, 3))",
        "Conv2DTranspose(64, (4, 4), 2, 'SAME', None, 'channels_first', batch_input_shape=(8, 3, 16, 16))",
        "nnx.ConvTranspose(3, 64, (4, 4), strides=2, rngs=nnx.Rngs(0))",
        "nnx.ConvTranspose(3, 64, (4, 4), (2, 2), padding=((2, 2), (2, 2)), rngs=rngs)",
        "ConvTranspose(in_features=3, out_features=64, kernel_size=(4, 4), strides=2, padding=2, rngs=rngs)",
    ],
)
def test_the_same_layer_in_many_words(text: str) -> None:
    call = read_call(text)
    assert (call.layer, call.note) == (LAYER, "")
    assert read_call(text, in_channels=3) == call


@pytest.mark.parametrize(
    "text",
    [
        "nn.LazyConvTranspose2d(64, 4, 2, 1)",
        "keras.layers.Convolution2DTranspose(64, 4, strides=(2, 2), padding='same', activation=relu)",
        "nn.ConvTranspose(64, (4, 4), (2, 2))",
        "nn.ConvTranspose(features=64, kernel_size=(4, 4), strides=(2, 2), padding='SAME')",
        "ConvTranspose(features=64, kernel_size=[4, 4], strides=2)",
    ],
)
def test_classes_that_learn_the_input_channels_need_them_beside(text: str) -> None:
    assert read_call(text, in_channels=3).layer == LAYER
    with pytest.raises(ReadError, match="how many input channels"):
        read_call(text)


@given(reference.settings(crop=0), st.sampled_from(sorted(SNIPPETS)))
def test_the_code_of_the_package_is_read_as_its_layer(settings: dict[str, Any], key: str) -> None:
    layer = ConvTranspose(**settings)
    _, framework, write = SNIPPETS[key]
    if key == "onnx" or framework.problems(layer):
        return
    line = next(line for line in write(layer).splitlines() if line.startswith("layer = "))
    call = read_call(line, in_channels=layer.in_channels)
    assert (call.framework, call.layer, call.note) == (framework.name, layer, "")


@given(
    st.integers(1, 6),
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from(["SAME", "VALID"]),
    st.integers(1, 9),
)
def test_words_of_flax_have_the_size_of_flax(
    kernel: int, stride: int, dilation: int, word: str, size: int
) -> None:
    text = f"nnx.ConvTranspose(1, 1, ({kernel},), {stride}, kernel_dilation={dilation}, padding='{word}')"
    try:
        layer = read_call(text).layer
    except ReadError:  # PyTorch has no such padding; ``test_refusals`` has the sentence.
        return
    assert layer.output_size(size) == FRAMEWORKS["flax"].output_size(layer, size, padding=word)


def test_what_is_cropped_on_the_other_side_is_said() -> None:
    # Keras and Flax crop the odd position at the end, PyTorch at the start.
    for text in ("Conv2DTranspose(64, 3, 2, 'same')", "nn.ConvTranspose(64, (3, 3), (2, 2))"):
        call = read_call(text, in_channels=3)
        assert call.layer == ConvTranspose(3, 64, 3, 2, 1, 1)
        assert "other side" in call.note
    circular = read_call("nnx.ConvTranspose(3, 64, (4, 4), 2, padding='CIRCULAR', rngs=r)")
    assert circular.layer == LAYER
    assert "circular" in circular.note


def test_the_third_axis_of_keras_has_another_order() -> None:
    # keras.layers.Conv3DTranspose has data_format before output_padding; inspect.signature of Keras 3.15.
    call = read_call("Conv3DTranspose(8, 3, 2, 'valid', 'channels_last', 1)", in_channels=2)
    assert call.layer.output_padding == (1, 1, 1)
    assert read_call("Conv2DTranspose(8, 3, 2, 'valid', 1)", in_channels=2).layer.output_padding == (1, 1)


REFUSED = {
    "nn.Conv2d(3, 64, 4)": "not a transposed convolution",
    "f(x)(y)": "not a call",
    "a = 1; b = 2": "not a call",
    "3, 64": "not a call",
    "": "not a call",
    "(" * 500: "not a call",
    "nn.ConvTranspose2d(" + "-" * 1_900 + "3)": "must be written as numbers",
    "nn.ConvTranspose2d(3, 64, 4)" + " " * MAX_CALL: "at most 2,000 characters",
    "ConvTranspose(3, 64, 4)": "write nn.ConvTranspose for linen",
    "nn.ConvTranspose2d(ngf, 64, 4)": "in_channels must be written as numbers, received 'ngf'",
    "nn.ConvTranspose2d(3, 64)": "no kernel_size",
    "nn.ConvTranspose2d(3, kernel_size=4)": "no out_channels",
    "nn.ConvTranspose2d(3, 64, 4, kernel=4)": "no argument 'kernel'",
    "nn.ConvTranspose2d(3, 64, 4, kernel_size=4)": "kernel_size is given twice",
    "nn.ConvTranspose2d(*sizes)": "must be written out",
    "nn.ConvTranspose2d(3, 64, **more)": "must be written out",
    "nn.ConvTranspose2d(3, 64, 4, 1, 0, 0, 1, True, 1, 'zeros', None, None, 1)": "at most 12 arguments",
    "nn.ConvTranspose2d(3, 64, 4, 0)": "stride must be a whole number of at least 1",
    "nn.ConvTranspose2d(3, 64, 4.0)": "kernel_size must be a whole number",
    "nn.ConvTranspose2d(3, 64, (4, 4, 4))": "or 2",
    "nn.ConvTranspose2d(3, 64, 4, padding_mode='reflect')": "padding_mode='zeros'",
    "nn.ConvTranspose2d(10**30, 64, 4)": "must be written as numbers",
    f"nn.ConvTranspose2d({'9' * 20} * {'9' * 20}, 64, 4)": "must be written as numbers",
    "paddle.nn.Conv2DTranspose(3, 64, 4, 2, 1)": "Paddle",
    "Conv2DTranspose(64, 4, 2, 2, input_shape=(8, 8, 3))": "'valid' or 'same'",
    "Conv2DTranspose(64, 4, 2, input_shape=(8, 3))": "2 sizes and the channels",
    "Conv2DTranspose(64, 4, 2, input_shape=3)": "2 sizes and the channels",
    "Conv2DTranspose(64, 4, 2, dilation_rate=2, input_shape=(8, 8, 3))": "Keras forbids a stride",
    "Conv2DTranspose(64, 4, 2, output_padding=2, input_shape=(8, 8, 3))": "smaller than stride",
    "nnx.ConvTranspose(3, 64, (4, 4), 2, 'SAME')": "at most 4 arguments",
    "nnx.ConvTranspose(3, 64, (4, 4), 2, padding='same')": "'SAME', 'VALID', 'CIRCULAR'",
    "nnx.ConvTranspose(3, 64, (4, 4), 2, padding=9)": "no padding that gives the output size",
    "nnx.ConvTranspose(3, 64, None)": "no kernel_size",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refusals(text: str) -> None:
    with pytest.raises((ReadError, LayerError), match=re.escape(REFUSED[text])) as caught:
        read_call(text)
    assert len(str(caught.value)) < 500


def test_channels_that_contradict_are_refused() -> None:
    with pytest.raises(ReadError, match="The call has 3 input channels, but 4 are given"):
        read_call("nn.ConvTranspose2d(3, 64, 4)", in_channels=4)


@given(st.text(max_size=60) | st.text(alphabet="nConvTraspe2d(),=1 '*.-[]{}", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for whole in (
        text,
        f"nn.ConvTranspose2d({text})",
        f"Conv2DTranspose({text})",
        f"nnx.ConvTranspose({text})",
    ):
        try:
            read_call(whole, in_channels=2)
        except (ReadError, LayerError):  # Nothing else may be raised.
            continue


def test_the_examples_of_the_refusal_are_calls() -> None:
    for example in re.split(r", (?=layers)| or ", FORMS):
        assert read_call(example, in_channels=3).layer == LAYER


def test_every_class_of_keras_is_read() -> None:
    for name in TRANSPOSED:
        assert read_call(f"{name}(8, 3)", in_channels=2).framework == "keras"


@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ("-", ""), ("(1 + ", ")")])
def test_values_are_nested_only_so_deep(begin: str, end: str) -> None:
    for depth in (MAX_NESTED, MAX_NESTED + 5):
        with pytest.raises(ReadError, match="kernel_size must be written as numbers"):
            read_call(f"nn.ConvTranspose2d(3, 64, {begin * depth}4{end * depth})")
