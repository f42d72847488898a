"""Output shapes of Keras layers, computed by hand and by Keras."""

import math
from typing import Any

import pytest

from calculator.readers.keras.config import read_keras_config
from calculator.readers.keras.layer_rules import WITHOUT_PARAMETERS
from calculator.readers.keras.output_shapes import layer_output_shapes
from tests.helpers.keras_configs import layer_config, sequential


@pytest.mark.parametrize(
    ("kind", "config", "shape", "returned"),
    [
        ("LSTM", {"units": 4, "return_state": True}, (None, 7, 2), [(None, 4)] * 3),
        ("UpSampling1D", {"size": 10**18}, (None, 10**18, 1), []),
        ("Lambda", {}, (None, 3), []),
    ],
)
def test_shapes_by_hand(
    kind: str, config: dict[str, Any], shape: tuple[int | None, ...], returned: list[Any]
) -> None:
    assert list(layer_output_shapes(kind, config, [shape])) == returned


# compute_output_shape and count_params of Keras 3.15.1: class, arguments, input shape without the
# batch, output shape, parameters.
KERAS: list[tuple[str, dict[str, Any], tuple[int, ...], tuple[int, ...], int]] = [
    ("Dense", {"units": 7}, (5, 6), (5, 7), 49),
    ("Embedding", {"input_dim": 9, "output_dim": 4}, (6,), (6, 4), 36),
    ("Flatten", {}, (5, 6, 2), (60,), 0),
    ("Reshape", {"target_shape": [4, -1]}, (6, 2), (4, 3), 0),
    ("Permute", {"dims": [2, 1]}, (5, 6), (6, 5), 0),
    ("RepeatVector", {"n": 3}, (4,), (3, 4), 0),
    ("Resizing", {"height": 5, "width": 7}, (9, 8, 3), (5, 7, 3), 0),
    ("CenterCrop", {"height": 5, "width": 7}, (9, 8, 3), (5, 7, 3), 0),
    ("RandomCrop", {"height": 5, "width": 7}, (9, 8, 3), (5, 7, 3), 0),
    ("SimpleRNN", {"units": 3}, (5, 6), (3,), 30),
    ("GRU", {"units": 3, "return_sequences": True}, (5, 6), (5, 3), 99),
    ("LSTM", {"units": 3, "return_sequences": True}, (5, 6), (5, 3), 120),
    ("DepthwiseConv1D", {"kernel_size": 3, "depth_multiplier": 2}, (9, 4), (7, 8), 32),
    ("DepthwiseConv2D", {"kernel_size": [3, 2], "strides": 2, "padding": "same"}, (9, 8, 4), (5, 4, 4), 28),
    ("ConvLSTM1D", {"filters": 3, "kernel_size": 2}, (4, 9, 5), (8, 3), 204),
    (
        "ConvLSTM3D",
        {"filters": 3, "kernel_size": 2, "return_sequences": True},
        (4, 9, 8, 7, 5),
        (4, 8, 7, 6, 3),
        780,
    ),
    ("UpSampling1D", {"size": 3}, (5, 2), (15, 2), 0),
    ("UpSampling2D", {"size": [2, 3]}, (5, 4, 2), (10, 12, 2), 0),
    ("UpSampling3D", {}, (5, 4, 3, 2), (10, 8, 6, 2), 0),
    ("ZeroPadding1D", {"padding": [1, 2]}, (5, 2), (8, 2), 0),
    ("ZeroPadding2D", {"padding": [[1, 2], [3, 4]]}, (5, 6, 2), (8, 13, 2), 0),
    ("ZeroPadding3D", {"padding": 2}, (5, 6, 7, 2), (9, 10, 11, 2), 0),
    ("Cropping1D", {"cropping": [1, 2]}, (9, 2), (6, 2), 0),
    ("Cropping2D", {"cropping": [[1, 2], [3, 1]]}, (9, 8, 2), (6, 4, 2), 0),
    ("Cropping3D", {"cropping": [1, 2, 3]}, (9, 8, 7, 2), (7, 4, 1, 2), 0),
    ("Conv1D", {"filters": 3, "kernel_size": 4, "strides": 2}, (9, 2), (3, 3), 27),
    ("Conv1D", {"filters": 3, "kernel_size": 4, "dilation_rate": 2, "padding": "causal"}, (9, 2), (9, 3), 27),
    ("Conv3D", {"filters": 3, "kernel_size": [1, 2, 3]}, (9, 8, 7, 2), (9, 7, 5, 3), 39),
    ("SeparableConv1D", {"filters": 3, "kernel_size": 4}, (9, 2), (6, 3), 17),
    (
        "SeparableConv2D",
        {"filters": 3, "kernel_size": 2, "strides": 2, "padding": "same"},
        (9, 8, 2),
        (5, 4, 3),
        17,
    ),
    ("Conv1DTranspose", {"filters": 3, "kernel_size": 4, "strides": 3}, (9, 2), (28, 3), 27),
    ("Conv2DTranspose", {"filters": 3, "kernel_size": [4, 2], "strides": [1, 3]}, (9, 8, 2), (12, 24, 3), 51),
    (
        "Conv3DTranspose",
        {"filters": 3, "kernel_size": 2, "strides": 3, "padding": "same"},
        (3, 4, 5, 2),
        (9, 12, 15, 3),
        51,
    ),
    (
        "Conv2DTranspose",
        {"filters": 3, "kernel_size": 3, "strides": 2, "padding": "same", "output_padding": 0},
        (4, 5, 2),
        (7, 9, 3),
        57,
    ),
    ("MaxPooling1D", {}, (9, 2), (4, 2), 0),
    ("MaxPooling3D", {"pool_size": [1, 2, 3], "strides": 1}, (9, 8, 7, 2), (9, 7, 5, 2), 0),
    ("AveragePooling1D", {"pool_size": 3, "padding": "same"}, (10, 2), (4, 2), 0),
    ("GlobalMaxPooling1D", {}, (9, 2), (2,), 0),
    ("GlobalAveragePooling2D", {"keepdims": True}, (9, 8, 2), (1, 1, 2), 0),
    ("GlobalMaxPooling3D", {"keepdims": True}, (9, 8, 7, 2), (1, 1, 1, 2), 0),
    ("GlobalAveragePooling3D", {}, (9, 8, 7, 2), (2,), 0),
    ("AdaptiveMaxPooling1D", {"output_size": 3}, (9, 2), (3, 2), 0),
    ("AdaptiveAveragePooling2D", {"output_size": [3, 4]}, (9, 8, 2), (3, 4, 2), 0),
    ("AdaptiveMaxPooling3D", {"output_size": 2}, (9, 8, 7, 2), (2, 2, 2, 2), 0),
    ("MaxPooling2D", {"data_format": "channels_first"}, (2, 9, 8), (2, 4, 4), 0),
    ("GlobalMaxPooling2D", {"data_format": "channels_first"}, (2, 9, 8), (2,), 0),
    ("UpSampling2D", {"data_format": "channels_first"}, (2, 9, 8), (2, 18, 16), 0),
    ("ZeroPadding2D", {"data_format": "channels_first", "padding": [1, 2]}, (2, 9, 8), (2, 11, 12), 0),
    ("Conv2D", {"filters": 3, "kernel_size": 2, "data_format": "channels_first"}, (2, 9, 8), (3, 8, 7), 27),
    ("SpatialDropout1D", {"rate": 0.5}, (9, 2), (9, 2), 0),
    ("LayerNormalization", {}, (9, 2), (9, 2), 4),
    ("Flatten", {"data_format": "channels_first"}, (2, 9, 8), (144,), 0),
]


@pytest.mark.parametrize(("kind", "config", "given", "returned", "count"), KERAS)
def test_shapes_and_counts_are_those_of_keras(
    kind: str, config: dict[str, Any], given: tuple[int, ...], returned: tuple[int, ...], count: int
) -> None:
    assert layer_output_shapes(kind, config, [(None, *given)]) == ((None, *returned),)
    # A last layer with one parameter for each value makes a row in any case.
    model = read_keras_config(sequential(layer_config(kind, **config), layer_config("PReLU"), shape=[*given]))
    assert [row.parameter_count for row in model.rows] == [*filter(None, [count]), math.prod(returned)]


@pytest.mark.parametrize(
    ("shapes", "returned"),
    [
        ([(3, 9), (None, 4, 1, 9)], (4, 3, 9)),
        ([(9, 1), (2, 1, 4)], (2, 9, 4)),
        ([(2, 1, 4), (9, 1)], (2, 9, 4)),
        ([(2, 1, 4), (2, None, 1)], (2, None, 4)),
        ([(2, 3), (2, 4)], (2, None)),
    ],
)
def test_values_are_combined_from_the_last_axis_on(
    shapes: list[Any], returned: tuple[int | None, ...]
) -> None:
    # As NumPy broadcasts: https://numpy.org/doc/stable/user/basics.broadcasting.html
    [combined] = layer_output_shapes("Add", {}, shapes)
    assert combined[-len(returned) :] == returned
    assert len(combined) == max(map(len, shapes))


@pytest.mark.parametrize(
    "kind",
    [
        *("Dot", "Merge", "CategoryEncoding", "TextVectorization", "MelSpectrogram", "RandomHeight"),
        *("RandomWidth", "SlicingOpLambda", "TensorFlowOpLayer", "HashedCrossing", "CustomScaleLayer"),
    ],
)
def test_a_layer_without_weights_may_change_the_shape(kind: str) -> None:
    # https://keras.io/api/layers/: each returns other axes, another size, or what its function returns.
    assert kind in WITHOUT_PARAMETERS
    assert layer_output_shapes(kind, {}, [(None, 7, 4)]) == ()


# https://www.tensorflow.org/api_docs/python/tf/math and tf/nn: functions of each value by itself.
EACH_VALUE = """
    math.add math.subtract math.multiply math.truediv math.divide math.maximum math.minimum math.pow math.exp
    math.sqrt math.square math.abs math.negative math.tanh math.sigmoid __operators__.add __operators__.sub
    nn.relu nn.relu6 nn.sigmoid nn.tanh nn.silu nn.gelu nn.softmax cast identity clip_by_value
"""


@pytest.mark.parametrize("function", EACH_VALUE.split())
def test_a_function_of_each_value_keeps_the_shape(function: str) -> None:
    assert layer_output_shapes("TFOpLambda", {"function": function}, [(None, 7, 4)]) == ((None, 7, 4),)
    for other in (f"{function}_x", "math.reduce_sum", "linalg.matmul"):
        assert layer_output_shapes("TFOpLambda", {"function": other}, [(None, 7, 4)]) == ()


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("pool", ["AdaptiveMaxPooling", "AdaptiveAveragePooling"])
def test_an_adaptive_pool_has_the_size_that_it_is_given(pool: str, rank: int) -> None:
    # https://keras.io/api/layers/pooling_layers/adaptive_max_pooling2d/
    shape = (None, *(9,) * rank, 4)
    given = layer_output_shapes(f"{pool}{rank}D", {"output_size": 3}, [shape])
    assert given == ((None, *(3,) * rank, 4),)
