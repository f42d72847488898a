"""Variables of dense, convolutional and normalising Keras layers, counted by hand."""

import string
from typing import Any

import pytest

from calculator.readers.keras.config import read_keras_config
from calculator.readers.model import ReadError
from tests.helpers.keras_configs import layer_config, only_row, sequential


# Counts by hand: the shapes that build() gives to add_weight.
@pytest.mark.parametrize(
    ("layer", "shape", "counts"),
    [
        (layer_config("Dense", units=3, use_bias=False), [5], (15, 0, 0, 0)),
        (layer_config("Dense", units=3, lora_rank=2), [5], (15 + 10 + 6, 3, 0, 15)),
        (layer_config("Conv3DTranspose", filters=2, kernel_size=[2, 3, 1]), [4, 4, 4, 5], (60, 2, 0, 0)),
        (
            layer_config("Conv1DTranspose", filters=2, kernel_size=3, data_format="channels_first"),
            [5, 9],
            (30, 2, 0, 0),
        ),
        (layer_config("Conv2D", filters=6, kernel_size=3, groups=2), [9, 9, 4], (108, 6, 0, 0)),
        (
            layer_config("SeparableConv1D", filters=4, kernel_size=3, depth_multiplier=2),
            [9, 5],
            (30 + 40, 4, 0, 0),
        ),
        (layer_config("DepthwiseConv1D", kernel_size=3, depth_multiplier=2), [9, 5], (30, 10, 0, 0)),
        (layer_config("BatchNormalization", axis=1), [7, 9], (7, 7, 14, 14)),
        (layer_config("BatchNormalization", renorm=True, center=False), [7], (7, 0, 35, 35)),
        (layer_config("BatchNormalization", scale=False), [7], (0, 7, 14, 14)),
        (layer_config("LayerNormalization", axis=[1, 2]), [3, 4], (12, 12, 0, 0)),
        (layer_config("LayerNormalization", rms_scaling=True), [4], (4, 0, 0, 0)),
        (layer_config("RMSNormalization"), [4], (4, 0, 0, 0)),
        (layer_config("Normalization"), [3], (0, 0, 7, 7)),
        (layer_config("Normalization", axis=None), [3], (0, 0, 3, 3)),
        (layer_config("Normalization", axis=[1, 2]), [3, 4], (0, 0, 25, 25)),
        (layer_config("ReversibleEmbedding", input_dim=9, output_dim=4), [6], (36, 0, 0, 0)),
        (
            layer_config("ReversibleEmbedding", input_dim=9, output_dim=4, tie_weights=False),
            [6],
            (72, 0, 0, 0),
        ),
        # 4 / 2 + 1 = 3 frequencies of a frame of 4; 5 of the same frame in a transform of length 8.
        (layer_config("STFTSpectrogram", frame_length=4), [9, 1], (24, 0, 0, 0)),
        (layer_config("STFTSpectrogram", frame_length=4, mode="real"), [9, 1], (12, 0, 0, 0)),
        (layer_config("STFTSpectrogram", frame_length=4, mode="imag"), [9, 1], (12, 0, 0, 0)),
        (layer_config("STFTSpectrogram", frame_length=4, mode="angle"), [9, 1], (24, 0, 0, 0)),
        (layer_config("STFTSpectrogram", frame_length=4, fft_length=8, mode="real"), [9, 1], (20, 0, 0, 0)),
        (layer_config("Conv2D", filters=6, kernel_size=3), [9, 9, 4], (216, 6, 0, 0)),
        (layer_config("Conv2D", filters=6, kernel_size=3, groups=None), [9, 9, 4], (216, 6, 0, 0)),
        (layer_config("Dense", units=10**9, use_bias=False), [10**9], (10**18, 0, 0, 0)),
        (layer_config("PReLU", shared_axes=[1]), [5, 6], (6, 0, 0, 0)),
        (layer_config("Embedding", input_dim=9, output_dim=4), [6], (36, 0, 0, 0)),
        (
            layer_config("EinsumDense", equation="...x,xy->...y", output_shape=7, bias_axes="y"),
            [4, 6],
            (42, 7, 0, 0),
        ),
        (
            layer_config("EinsumDense", equation="ab...,bc->ac...", output_shape=7, bias_axes="c"),
            [4, 6],
            (28, 7, 0, 0),
        ),
        (  # The size of b is that of the input, which output_shape leaves open.
            layer_config("EinsumDense", equation="abc,bcd->abd", output_shape=[None, 4], bias_axes="d"),
            [5, 3],
            (60, 4, 0, 0),
        ),
    ],
)
def test_each_rule_by_hand(
    layer: dict[str, Any], shape: list[int | None], counts: tuple[int, int, int, int]
) -> None:
    row = only_row(sequential(layer, shape=shape))
    assert (row.weight_count, row.bias_count, row.other_count, row.frozen_count) == counts
    assert row.type == layer["class_name"]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (sequential(layer_config("Dense", units=10**18), shape=[50]), "more than 10.18 parameters"),
        (sequential(layer_config("Dense", units=10**9 + 1), shape=[10**9]), "more than 10.18 parameters"),
        (
            sequential(layer_config("Conv2D", filters=4, kernel_size=3, groups=2), shape=[5, 5, 3]),
            "groups must divide",
        ),
    ],
)
def test_invalid_configurations_are_refused_with_a_sentence(data: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_keras_config(data)


@pytest.mark.parametrize(
    ("layer", "shape", "note"),
    [
        (
            layer_config("EinsumDense", equation="ab,bc->ac", output_shape=7),
            [None],
            "The size of the axis 'b' in its equation is not known.",
        ),
        (layer_config("RNN", cell=None), [4, 6], "Its cell is not in its configuration."),
    ],
)
def test_what_a_layer_lacks_is_said(layer: dict[str, Any], shape: list[int | None], note: str) -> None:
    row = only_row(sequential(layer, shape=shape))
    assert (row.known, row.note) == (False, note)


def test_a_size_of_an_equation_is_a_whole_number() -> None:
    layer = layer_config("EinsumDense", equation="ab,bc->ac", output_shape="7")
    with pytest.raises(ReadError) as caught:
        read_keras_config(sequential(layer, shape=[4]))
    said = "a size of EinsumDense must be a whole number from 1 to 10^18, received '7'."
    assert str(caught.value) == f"In a Keras configuration {said}"


@pytest.mark.parametrize("letters", [32, 33])
def test_an_equation_has_at_most_32_letters_for_one_tensor(letters: int) -> None:
    kernel = string.ascii_letters[:letters]
    data = sequential(
        layer_config("EinsumDense", equation=f"Za,{kernel}->Z{kernel}", output_shape=[1] * 31), shape=[1]
    )
    if letters > 32:
        with pytest.raises(ReadError, match="33 letters"):
            read_keras_config(data)
    else:
        assert "32 letters" not in only_row(data).note


def test_moving_statistics_are_said_of_batch_normalisations_alone() -> None:
    spectral = layer_config("SpectralNormalization", layer=layer_config("Dense", units=3))
    for layer, words in (
        (layer_config("Normalization"), "Statistics of the data"),
        (spectral, "vector u"),
        (layer_config("LayerNormalization"), ""),
        (layer_config("BatchNormalization"), "Moving statistics"),
    ):
        model = read_keras_config(sequential(layer, shape=[5]))
        assert words in model.rows[-1].note
        assert any("Moving means" in said for said in model.assumptions) == (words == "Moving statistics")


@pytest.mark.parametrize(
    "layer",
    [
        layer_config(kind, filters=2, kernel_size=3)
        for kind in ("Conv2D", "Conv2DTranspose", "SeparableConv2D")
    ],
)
def test_a_convolution_of_an_input_with_other_axes_is_not_counted(layer: dict[str, Any]) -> None:
    # Two axes, as after a Flatten; (None, 4, 4, 4) is counted.
    assert "has 2 axes, but Keras needs 4" in only_row(sequential(layer, shape=[64])).note
    assert only_row(sequential(layer, shape=[4, 4, 4])).known
