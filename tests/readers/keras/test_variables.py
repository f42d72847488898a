"""Variables of dense, convolutional and normalising Keras layers, counted by hand."""

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
        (layer_config("LayerNormalization", axis=[1, 2]), [3, 4], (12, 12, 0, 0)),
        (layer_config("LayerNormalization", rms_scaling=True), [4], (4, 0, 0, 0)),
        (layer_config("RMSNormalization"), [4], (4, 0, 0, 0)),
        (layer_config("Normalization"), [3], (0, 0, 7, 7)),
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
        (
            sequential(layer_config("Conv2D", filters=4, kernel_size=3, groups=2), shape=[5, 5, 3]),
            "groups must divide",
        ),
    ],
)
def test_invalid_configurations_are_refused_with_a_sentence(data: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_keras_config(data)
