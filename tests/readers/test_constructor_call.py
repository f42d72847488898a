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
    assert circular.note == "PyTorch has no circular padding here: counts and sizes are equal, not values."


# Kernel 4 and stride 2. Flax pads by low and high (jax.lax.conv_transpose), and PyTorch by 3 − p at the start
# and 3 − p + output_padding at the end, which is low + high together, and never less at the end.
@pytest.mark.parametrize(
    ("low", "high", "padding", "extra", "alike"),
    [
        (2, 3, 1, 1, True),
        (3, 2, 1, 1, False),
        (3, 1, 1, 0, False),
        (0, 4, 1, 0, False),
        (0, 0, 3, 0, True),
        (3, 4, 0, 1, True),
        (4, 3, 0, 1, False),
    ],
)
def test_numbers_of_flax(low: int, high: int, padding: int, extra: int, alike: bool) -> None:
    call = read_call(f"nnx.ConvTranspose(3, 64, (4,), 2, padding=(({low}, {high}),), rngs=r)")
    assert call.layer == ConvTranspose(3, 64, (4,), 2, padding, extra)
    assert call.layer.output_size(5) == (4 * 2 + 1 + low + high - 3,)
    assert ("other side" in call.note) is not alike


def test_the_third_axis_of_keras_has_another_order() -> None:
    # keras.layers.Conv3DTranspose has data_format before output_padding; inspect.signature of Keras 3.15.
    call = read_call("Conv3DTranspose(8, 3, 2, 'valid', 'channels_last', 1)", in_channels=2)
    assert call.layer.output_padding == (1, 1, 1)
    assert read_call("Conv2DTranspose(8, 3, 2, 'valid', 1)", in_channels=2).layer.output_padding == (1, 1)


NUMBERS = "The value of in_channels must be written as numbers, received"
NO_CALL = f"This is not a call that creates a layer, such as {FORMS}:"
REFUSED = {
    "nn.Conv2d(3, 64, 4)": f"'nn.Conv2d' is not a transposed convolution, such as {FORMS}.",
    "f(x)(y)": f"{NO_CALL} 'f(x)(y)'.",
    "a = 1; b = 2": f"{NO_CALL} 'a = 1; b = 2'.",
    "3, 64": f"{NO_CALL} '3, 64'.",
    "": f"{NO_CALL} ''.",
    "(" * 500: f"{NO_CALL} '{'(' * 56}….",
    "nn.ConvTranspose2d(" + "-" * 1_900 + "3)": f"{NUMBERS} 'a nested expression'.",
    "nn.ConvTranspose2d(3, 64, 4)" + " " * MAX_CALL: "A call has at most 2,000 characters, received 2,028.",
    "ConvTranspose(3, 64, 4)": (
        "ConvTranspose is a class of Flax's linen and of its nnx, with different arguments: write "
        "nn.ConvTranspose for linen or nnx.ConvTranspose."
    ),
    "nn.ConvTranspose2d(ngf, 64, 4)": f"{NUMBERS} 'ngf'.",
    "nn.ConvTranspose2d(3, 64)": "The call has no kernel_size.",
    "nn.ConvTranspose2d(3, kernel_size=4)": "The call has no out_channels.",
    "nn.ConvTranspose2d(3, 64, 4, kernel=4)": "ConvTranspose2d has no argument 'kernel'.",
    "nn.ConvTranspose2d(3, 64, 4, kernel_size=4)": "kernel_size is given twice.",
    "nn.ConvTranspose2d(*sizes)": "The arguments of the call must be written out; * and ** stand for others.",
    "nn.ConvTranspose2d(3, 64, **more)": (
        "The arguments of the call must be written out; * and ** stand for others."
    ),
    "nn.ConvTranspose2d(3, 64, 4, 1, 0, 0, 1, True, 1, 'zeros', None, None, 1)": (
        "ConvTranspose2d takes at most 12 arguments without names, received 13."
    ),
    "nn.ConvTranspose2d(3, 64, 4, 0)": "stride must be a whole number of at least 1, received 0.",
    "nn.ConvTranspose2d(3, 64, 4.0)": "kernel_size must be a whole number of at least 1, received 4.0.",
    "nn.ConvTranspose2d(3, 64, (4, 4, 4))": (
        "kernel_size must be one whole number, or 2 (one per axis), received (4, 4, 4)."
    ),
    "nn.ConvTranspose2d(3, 64, 4, padding_mode='reflect')": (
        "PyTorch has only padding_mode='zeros' for a transposed convolution."
    ),
    "nn.ConvTranspose2d(10**30, 64, 4)": f"{NUMBERS} '10 ** 30'.",
    f"nn.ConvTranspose2d({'9' * 20} * {'9' * 20}, 64, 4)": f"{NUMBERS} '{'9' * 20} * {'9' * 20}'.",
    "paddle.nn.Conv2DTranspose(3, 64, 4, 2, 1)": (
        "Calls of Paddle are not read: write the layer as PyTorch's nn.ConvTranspose2d."
    ),
    "Conv2DTranspose(64, 4, 2, 2, input_shape=(8, 8, 3))": (
        "Keras needs padding to be 'valid' or 'same', received 2."
    ),
    "Conv2DTranspose(64, 4, 2, input_shape=(8, 3))": (
        "The input shape has 2 sizes and the channels, received (8, 3)."
    ),
    "Conv2DTranspose(64, 4, 2, input_shape=3)": "The input shape has 2 sizes and the channels, received 3.",
    "Conv2DTranspose(64, 4, 2, dilation_rate=2, input_shape=(8, 8, 3))": (
        "Keras forbids a stride above 1 together with a dilation above 1, also on different axes: one of "
        "them must be 1, received stride=2, dilation=2."
    ),
    "Conv2DTranspose(64, 4, 2, output_padding=2, input_shape=(8, 8, 3))": (
        "output_padding must be smaller than stride or dilation on every axis, received output_padding=2,"
        " stride=2, dilation=1 on axis 0."
    ),
    "nnx.ConvTranspose(3, 64, (4, 4), 2, 'SAME')": (
        "nnx.ConvTranspose takes at most 4 arguments without names, received 5."
    ),
    "nnx.ConvTranspose(3, 64, (4, 4), 2, padding='same')": (
        "Flax needs padding to be 'SAME', 'VALID', 'CIRCULAR' or numbers, received 'same'."
    ),
    "nnx.ConvTranspose(3, 64, (4, 4), 2, padding=9)": (
        "PyTorch has no padding that gives the output size of Flax's padding=9 here."
    ),
    "nnx.ConvTranspose(3, 64, None)": "The call has no kernel_size.",
}


@pytest.mark.parametrize("text", REFUSED)
def test_refusals(text: str) -> None:
    with pytest.raises((ReadError, LayerError), match=f"^{re.escape(REFUSED[text])}$"):
        read_call(text)


def test_channels_that_contradict_are_refused() -> None:
    with pytest.raises(ReadError, match=r"^The call has 3 input channels, but 4 are given\.$"):
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
