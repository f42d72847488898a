"""Output shapes of Keras layers, computed by hand."""

from typing import Any

import pytest

from calculator.readers.keras.layer_rules import WITHOUT_PARAMETERS
from calculator.readers.keras.output_shapes import layer_output_shapes


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
