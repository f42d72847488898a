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
