"""Variables of recurrent and attention layers of Keras, counted by hand."""

from typing import Any

import pytest

from calculator.readers.keras.config import read_keras_config
from tests.helpers.keras_configs import layer_config, only_row, sequential


# Counts by hand: the shapes that build() gives to add_weight.
@pytest.mark.parametrize(
    ("layer", "shape", "counts"),
    [
        (layer_config("LSTM", units=2), [5, 3], (24 + 16, 8, 0, 0)),
        (layer_config("GRU", units=2), [5, 3], (18 + 12, 12, 0, 0)),
        (layer_config("GRU", units=2, reset_after=False), [5, 3], (18 + 12, 6, 0, 0)),
        (layer_config("CuDNNLSTM", units=2), [5, 3], (24 + 16, 16, 0, 0)),
        (layer_config("SimpleRNN", units=2), [5, 3], (6 + 4, 2, 0, 0)),
        (layer_config("ConvLSTM2D", filters=2, kernel_size=[3, 3]), [4, 8, 8, 5], (9 * 8 * 7, 8, 0, 0)),
        (
            layer_config("MultiHeadAttention", num_heads=2, key_dim=3, output_shape=5),
            [4, 6],
            (144 - 36 + 30, 18 + 5, 0, 0),
        ),
        (  # Four heads of the query and two of key and value, with three features each.
            layer_config("GroupedQueryAttention", num_query_heads=4, num_key_value_heads=2, head_dim=3),
            [4, 6],
            (6 * 12 + 2 * 6 * 6 + 12 * 6, 12 + 2 * 6 + 6, 0, 0),
        ),
        (layer_config("AdditiveAttention"), [4, 6], (6, 0, 0, 0)),
        (layer_config("Attention", use_scale=True), [4, 6], (1, 0, 0, 0)),
        (layer_config("Attention", use_scale=True, score_mode="concat"), [4, 6], (2, 0, 0, 0)),
        (layer_config("Attention", score_mode="concat"), [4, 6], (1, 0, 0, 0)),
    ],
)
def test_each_rule_by_hand(
    layer: dict[str, Any], shape: list[int | None], counts: tuple[int, int, int, int]
) -> None:
    row = only_row(sequential(layer, shape=shape))
    assert (row.weight_count, row.bias_count, row.other_count, row.frozen_count) == counts
    assert row.type == layer["class_name"]


@pytest.mark.parametrize(
    "options", [{"class_name": "Attention"}, {"class_name": "AdditiveAttention", "use_scale": False}]
)
def test_an_attention_without_a_scale_has_no_variables(options: dict[str, Any]) -> None:
    model = read_keras_config(
        sequential(layer_config(**options), layer_config("Dense", units=2), shape=[4, 6])
    )
    assert (model.parameter_count, model.complete) == (14, True)


def test_query_value_and_key_may_differ() -> None:
    shapes = {"query_shape": [None, 4, 6], "value_shape": [None, 5, 7], "key_shape": [None, 5, 8]}
    attention = layer_config("MultiHeadAttention", num_heads=2, key_dim=3, value_dim=4, use_bias=False)
    row = only_row(sequential(attention | {"build_config": {"shapes_dict": shapes}}, shape=[4, 6]))
    assert row.weight_count == 6 * 6 + 8 * 6 + 7 * 8 + 8 * 6
