"""Chains of Keras configurations: sizes compared with the shapes that the reader of configurations infers."""

import json
from typing import Any

import pytest

from calculator.readers import ReadError, read
from calculator.readers.keras.config import read_keras_config
from calculator.readers.keras.output_shapes import layer_output_shapes
from calculator.readers.layer_table.chain import edit_problem, size_hint, with_input_size
from calculator.readers.layer_table.table import read_table
from tests.helpers.keras_configs import layer_config, sequential

UP = layer_config(
    "Conv2DTranspose", filters=4, kernel_size=[5, 5], strides=[2, 2], padding="same", use_bias=False
)
DECODER = (
    layer_config("Dense", units=98, activation="relu"),
    layer_config("BatchNormalization", axis=[1]),
    layer_config("LeakyReLU", alpha=0.3),
    layer_config("Reshape", target_shape=[7, 7, 2]),
    UP,
    layer_config("Conv2D", filters=3, kernel_size=3, padding="valid"),
)


def test_a_decoder_has_sizes_and_is_a_table_of_the_same_counts() -> None:
    model = read(sequential(*DECODER, shape=[10]))
    assert model.chain is not None
    assert (model.chain.proven, size_hint(model), edit_problem(model)) == (True, "10", "")
    sized = with_input_size(model, (10,))
    assert [row.output_size for row in sized.rows] == [None, None, (14, 14), (12, 12)]
    # Weights times positions: the transposed layer's inputs, the ordinary layer's outputs.
    assert sized.multiply_accumulates == 980 + 200 * 49 + 108 * 144
    assert read_table(model.chain.table).parameter_count == model.parameter_count
    assert model.chain.left_out == ("LeakyReLU",)


PLACED = [
    layer_config("MaxPooling2D", pool_size=[2, 2], strides=[3, 3], padding="same"),
    layer_config("AveragePooling2D", pool_size=3, padding="valid"),
    layer_config("UpSampling2D", size=[2, 3]),
    layer_config("ZeroPadding2D", padding=[[1, 1], [2, 2]]),
    layer_config("ZeroPadding2D", padding=[[0, 1], [2, 1]]),
    layer_config("PReLU", shared_axes=[1, 2]),
    layer_config("Conv2D", filters=4, kernel_size=3, strides=2, padding="same", groups=2),
    layer_config("Conv2DTranspose", filters=4, kernel_size=2, strides=3, padding="valid"),
    layer_config("Conv2DTranspose", filters=4, kernel_size=3, dilation_rate=2, padding="same"),
    # What a hand-written configuration leaves out has the default of Keras.
    layer_config("MaxPooling2D"),
    layer_config("AveragePooling2D"),
    layer_config("UpSampling2D"),
    layer_config("Conv2D", filters=4, kernel_size=3),
    layer_config("Conv2DTranspose", filters=4, kernel_size=3),
]


def test_global_pooling_of_keras_before_2_6_has_no_keepdims() -> None:
    pooled = layer_config("GlobalAveragePooling2D")
    model = read(sequential(pooled, layer_config("Dense", units=3), shape=[8, 8, 4]))
    assert [row.input_size for row in with_input_size(model, (8, 8)).rows] == [None]
    kept = layer_config("GlobalAveragePooling2D", keepdims=True)
    text = sequential(kept, layer_config("Conv2D", filters=3, kernel_size=1), shape=[8, 8, 4])
    assert "keepdims" in refusal(text)


@pytest.mark.parametrize("layer", PLACED, ids=lambda layer: str(layer["config"]["name"]))
def test_each_layer_has_the_size_of_the_other_rule_for_it(layer: dict[str, Any]) -> None:
    (shape,) = layer_output_shapes(layer["class_name"], layer["config"], [(None, 11, 8, 4)])
    last = layer_config("Conv2D", filters=1, kernel_size=1)
    model = with_input_size(read(sequential(layer, last, shape=[None, None, 4])), (11, 8))
    assert model.rows[-1].output_size == shape[1:3]


def test_slopes_of_each_position_have_the_size_of_their_input() -> None:
    model = read(sequential(layer_config("PReLU"), UP, shape=[7, 5, 2]))
    assert [row.parameter_count for row in model.rows[:1]] == [7 * 5 * 2]
    assert edit_problem(model) == ""
    assert with_input_size(model, (7, 5)).rows[-1].output_size == (14, 10)
    with pytest.raises(ReadError, match="it has slopes for a size of 7 × 5"):
        with_input_size(model, (7, 6))


def test_an_input_with_a_size_is_in_the_table() -> None:
    model = read(sequential(UP, shape=[7, 7, 2]))
    assert size_hint(model) == "7x7"
    assert with_input_size(model, (7, 7)).rows[0].output_size == (14, 14)
    assert with_input_size(model, (5,)).rows[0].output_size == (10, 10)


def test_a_model_inside_a_model_is_followed_and_frozen_with_it() -> None:
    inner = json.loads(sequential(UP, shape=[7, 7, 2], trainable=False, name="inner"))
    model = read_keras_config(
        sequential(inner, layer_config("Conv2D", filters=1, kernel_size=1), shape=[7, 7, 2])
    )
    assert [row.name for row in read_table(model.chain.table).rows] == [row.name for row in model.rows]  # type: ignore[union-attr]
    assert edit_problem(model) == ""
    assert with_input_size(model, (7,)).rows[-1].output_size == (14, 14)


def functional(*sources: list[str]) -> str:
    """Return a functional model of convolutions, each of which reads the layers named in ``sources``."""
    shape = {"batch_input_shape": [None, 8, 8, 4], "name": "x"}
    layers: list[dict[str, Any]] = [
        {"class_name": "InputLayer", "config": shape, "name": "x", "inbound_nodes": []}
    ]
    for number, names in enumerate(sources):
        kind = "Add" if len(names) > 1 else "Conv2D"
        config = {"name": f"c{number}", "filters": 4, "kernel_size": 3}
        nodes = [[[name, 0, 0, {}] for name in names]]
        layers.append({"class_name": kind, "name": f"c{number}", "config": config, "inbound_nodes": nodes})
    end = [[f"c{len(sources) - 1}", 0, 0]]
    config = {"name": "net", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": end}
    return json.dumps({"class_name": "Functional", "config": config})


def test_one_path_through_a_functional_model_is_a_chain() -> None:
    model = with_input_size(read(functional(["x"], ["c0"])), (8,))
    assert ([row.output_size for row in model.rows], model.condition) == ([(6, 6), (4, 4)], "")


def test_a_functional_model_with_another_layer_before_its_input_is_no_chain() -> None:
    model = json.loads(functional(["x"], ["c0"]))
    model["config"]["layers"].insert(0, model["config"]["layers"].pop(1))
    said = "Sizes cannot be computed. c0 (Conv2D) comes first, and is not the input."
    assert refusal(json.dumps(model)) == said


def refusal(text: str) -> str:
    with pytest.raises(ReadError) as error:
        with_input_size(read(text), (8,))
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (functional(["x"], ["x"]), "c1 (Conv2D) does not read the output of c0 alone."),
        (functional(["x"], ["c0"], ["c0", "c1"]), "c2 (Add) does not read the output of c1 alone."),
        (
            sequential(
                layer_config("Conv2D", filters=4, kernel_size=3, data_format="channels_first"),
                shape=[4, 8, 8],
            ),
            "the channels of Keras last",
        ),
        (
            sequential(layer_config("Conv1D", filters=4, kernel_size=3, padding="causal"), shape=[8, 4]),
            "no such padding",
        ),
        (
            sequential(
                layer_config("Conv2DTranspose", filters=4, kernel_size=3, strides=2, output_padding=1),
                shape=[8, 8, 4],
            ),
            "no output_padding for Keras",
        ),
        (
            sequential(layer_config("PReLU", shared_axes=[1]), UP, shape=[8, 8, 4]),
            "slopes for all positions or for each",
        ),
        (
            sequential(layer_config("LSTM", units=4), shape=[8, 4]),
            "lstm (LSTM): a table of layers has no type",
        ),
        (
            sequential(UP, layer_config("Dense", units=4), shape=[8, 8, 4]),
            "Dense in a chain must follow Flatten",
        ),
        (sequential(layer_config("BatchNormalization", scale=False), UP, shape=[8, 8, 4]), "without a scale"),
        (
            sequential(UP, layer_config("Reshape", target_shape=[-1, 4]), shape=[8, 8, 4]),
            "its target_shape is not 1 to 4 sizes from 1",
        ),
        (sequential(UP, layer_config("Dropout", module="own"), shape=[8, 8, 4]), "is not counted"),
    ],
)
def test_what_is_not_a_chain_is_refused_by_the_name_of_the_layer(text: str, sentence: str) -> None:
    assert sentence in refusal(text)


CODE = "model = Sequential()\nmodel.add(Input((8, 8, 4)))\nmodel.add(Conv2DTranspose(2, 4, strides=2))\n"


def test_code_of_a_sequential_is_a_chain() -> None:
    assert with_input_size(read(CODE), (8, 8)).rows[0].output_size == (18, 18)
    assert "are not read from Keras code" in refusal(CODE + CODE.replace("model", "other"))
