"""Shapes that reach the layers of a Keras model, inferred along its connections."""

import json
import time
from typing import Any

import pytest

from calculator.readers.keras.config import read_keras_config
from calculator.readers.keras.graph import TensorRef, tensor_refs
from tests.helpers.keras_configs import config_text, layer_config, only_row, sequential


@pytest.mark.parametrize("name", ["generator", "decoder", "autoencoder", "sequence", "mixed", "siamese"])
def test_shapes_are_inferred_where_the_file_has_none(name: str) -> None:
    def without_shapes(value: Any) -> Any:
        if isinstance(value, dict):
            shapes = {"build_config", "shape", "build_input_shape"}
            return {key: without_shapes(item) for key, item in value.items() if key not in shapes}
        return [without_shapes(item) for item in value] if isinstance(value, list) else value

    text = config_text(f"keras3_{name}")
    expected = read_keras_config(text).rows
    inferred = read_keras_config(json.dumps(without_shapes(json.loads(text)))).rows
    # The output of an EinsumDense is not inferred, so the two rows after it are unknown.
    after_einsum = name == "mixed"
    assert inferred[:-2] == expected[:-2]
    assert (inferred == expected) is not after_einsum
    assert [row.known for row in inferred[-2:]] == [not after_einsum] * 2


def test_a_tensor_is_named_by_its_layer_the_call_and_the_output() -> None:
    # Keras 2 lists (layer, call, output, arguments), Keras 3 has them as the history of a tensor.
    assert list(tensor_refs([["a", 1, 2, {}]])) == [TensorRef("a", 1, 2, None)]
    config = {"shape": [None, 4], "keras_history": ["a", 1, 2]}
    new = {"class_name": "__keras_tensor__", "config": config}
    assert list(tensor_refs([{"args": [new], "kwargs": {}}])) == [TensorRef("a", 1, 2, (None, 4))]


def test_an_unknown_size_is_reported() -> None:
    model = read_keras_config(
        sequential(
            layer_config("Lambda"), layer_config("Conv2DTranspose", filters=2, kernel_size=3), shape=[5, 5, 3]
        )
    )
    assert [row.known for row in model.rows] == [False, False]
    assert model.rows[1].transposed
    assert "input shape" in model.rows[1].note
    assert "not fixed" in only_row(sequential(layer_config("Dense", units=2), shape=[None])).note


def test_a_shape_in_the_file_needs_no_inference() -> None:
    built = layer_config("Dense", units=2) | {"build_config": {"input_shape": [None, 7]}}
    model = read_keras_config(sequential(layer_config("Lambda"), built, shape=[5]))
    assert [row.parameter_count for row in model.rows] == [0, 16]


def test_models_inside_models_take_linear_time() -> None:
    inner: dict[str, Any] = layer_config("Dense", units=2)
    for depth in range(40):  # Each level calls the one inside it twice: 2^40 paths.
        name = f"level{depth}"
        call = {"inbound_nodes": [[["i", 0, 0, {}]], [["i", 0, 0, {}]]], "name": inner["config"]["name"]}
        begin = {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_shape": [None, 2]}}
        config = {"name": name, "layers": [begin, inner | call], "output_layers": [[call["name"], 1, 0]]}
        inner = {"class_name": "Functional", "config": config}
    started = time.process_time()
    assert only_row(json.dumps(inner)).parameter_count == 6
    assert time.process_time() - started < 2
