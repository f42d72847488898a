"""The ``model.json`` of TensorFlow.js, by its converter and by ``model.save`` in JavaScript.

The layouts are those of the tfjs-converter's documentation; the counts follow from the shapes.
"""

import json
from typing import Any

import pytest

from calculator.readers import ReadError, read
from calculator.readers.keras_files.tfjs import read_tfjs, recognises
from calculator.readers.keras_files.with_weights import CONFIRMED
from calculator.readers.model import MAX_AXES, MAX_ROWS

CONFIG: dict[str, Any] = {
    "class_name": "Sequential",
    "config": {
        "name": "net",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 7, 7, 8]}},
            {"class_name": "Conv2DTranspose", "config": {"name": "up", "filters": 4, "kernel_size": [4, 4]}},
        ],
    },
}
WEIGHTS: list[Any] = [
    {"name": "up/kernel", "shape": [4, 4, 4, 8], "dtype": "float32", "quantization": {"dtype": "uint8"}},
    {"name": "up/bias", "shape": [4], "dtype": "float32"},
]
MANIFEST: list[Any] = [{"paths": ["group1-shard1of1.bin"], "weights": WEIGHTS}]


@pytest.mark.parametrize(
    "document",
    [
        {"format": "layers-model", "modelTopology": {"model_config": CONFIG}, "weightsManifest": MANIFEST},
        {"modelTopology": {"keras_version": "2.4.0", "model_config": CONFIG}, "weightsManifest": MANIFEST},
        {"weightsManifest": MANIFEST, "modelTopology": CONFIG},
        {"modelTopology": {**CONFIG, "keras_version": "tfjs-layers 4.2.0"}, "weightsManifest": MANIFEST},
        {"modelTopology": json.dumps(CONFIG), "weightsManifest": MANIFEST},
        {"modelTopology": {"model_config": json.dumps(CONFIG)}, "weightsManifest": MANIFEST},
    ],
)
def test_a_layers_model_is_read_and_confirmed(document: dict[str, Any]) -> None:
    text = json.dumps(document, indent=1)
    assert recognises(text)
    for data in (text, text.encode()):
        model = read(data)
        assert (model.parameter_count, model.transposed_count) == (516, 516)
        assert CONFIRMED in model.assumptions


def test_weights_may_complete_disagree_or_be_missing() -> None:
    own = json.loads(json.dumps(CONFIG).replace("Conv2DTranspose", "MyUp"))
    model = read_tfjs(json.dumps({"modelTopology": own, "weightsManifest": MANIFEST}))
    assert (model.parameter_count, model.undecided_count, model.complete) == (516, 516, True)
    fewer = [{"weights": WEIGHTS[:1]}]
    model = read_tfjs(json.dumps({"modelTopology": CONFIG, "weightsManifest": fewer}))
    assert any("516 parameters" in each and "512 values" in each for each in model.assumptions)
    assert read_tfjs(json.dumps({"modelTopology": CONFIG})).parameter_count == 516
    model = read_tfjs(json.dumps({"modelTopology": None, "weightsManifest": MANIFEST}))
    assert (model.parameter_count, model.transposed_count) == (516, 516)


def test_an_optimizer_in_the_manifest_is_left_out() -> None:
    state = {"name": "Adam/m", "shape": [512], "dtype": "float32", "group": "optimizer"}
    document = {"modelTopology": CONFIG, "weightsManifest": [{"weights": [*WEIGHTS, state]}]}
    model = read_tfjs(json.dumps(document))
    assert model.parameter_count == 516
    assert any("optimizer (512 values)" in each for each in model.assumptions)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"format": "graph-model", "modelTopology": {}}, "graph model of TensorFlow.js"),
        ({"modelTopology": {"node": [], "library": {}}}, "graph model of TensorFlow.js"),
        ({"modelTopology": CONFIG, "weightsManifest": [{"weights": [WEIGHTS[0]] * 2}]}, "twice"),
        (
            {"modelTopology": CONFIG, "weightsManifest": [{"weights": [{"name": "a", "shape": [-1]}]}]},
            "whole",
        ),
        (
            {"modelTopology": CONFIG, "weightsManifest": [{"weights": [{"name": "a", "shape": [10**19]}]}]},
            "whole sizes",
        ),
        ({"modelTopology": CONFIG, "weightsManifest": [{"weights": ["a"]}]}, "whole sizes"),
        ({"modelTopology": None, "weightsManifest": []}, "no weights of layers"),
        ({"modelTopology": {}, "weightsManifest": []}, "without a class name"),
    ],
)
def test_other_documents_are_refused(document: dict[str, Any], words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_tfjs(json.dumps(document))


def test_too_many_weights_are_refused() -> None:
    weights = [{"name": f"w{n}", "shape": [], "dtype": "float32"} for n in range(MAX_ROWS + 1)]
    with pytest.raises(
        ReadError, match=r"^The weightsManifest lists .{1,40} twice, or more than 50,000 weights\.$"
    ):
        read_tfjs(json.dumps({"modelTopology": CONFIG, "weightsManifest": [{"weights": weights}]}))


def test_a_weight_may_have_no_values() -> None:
    empty = {"name": "conv2d_transpose/none", "shape": [0]}
    document = {"modelTopology": None, "weightsManifest": [{"weights": [*WEIGHTS, empty]}]}
    without = {"modelTopology": None, "weightsManifest": [{"weights": WEIGHTS}]}
    assert read_tfjs(json.dumps(document)).parameter_count == read_tfjs(json.dumps(without)).parameter_count


@pytest.mark.parametrize(
    ("backend", "count"), [("tensor_flow.js", 18 + 12 + 6), ("tensorflow", 18 + 12 + 12)]
)
def test_a_gru_that_tensorflow_js_wrote_has_one_bias(backend: str, count: int) -> None:
    # 18 + 12 + 6: TensorFlow.js knows no reset_after; without it, Keras 2 and 3 have two biases.
    gru = {"class_name": "GRU", "config": {"units": 2, "batch_input_shape": [None, 5, 3]}}
    config = {"class_name": "Sequential", "config": {"layers": [gru]}}
    document = {"modelTopology": {**config, "keras_version": "tfjs-layers 1.7.4", "backend": backend}}
    assert read_tfjs(json.dumps(document)).parameter_count == count


def test_a_document_that_is_not_an_object_is_refused() -> None:
    with pytest.raises(
        ReadError, match=r"^A model\.json of TensorFlow\.js is a JSON object: this is not one\.$"
    ):
        read_tfjs("[1]")


def test_the_format_has_the_version_where_it_is_stated() -> None:
    for more, form in (
        ({}, "TensorFlow.js layers model"),
        ({"keras_version": "2.4.0"}, "TensorFlow.js layers model, Keras 2.4.0"),
        ({"keras_version": 2}, "TensorFlow.js layers model"),
    ):
        assert read_tfjs(json.dumps({"modelTopology": {"model_config": CONFIG, **more}})).format == form


def test_the_whole_sentence_about_an_invalid_weight() -> None:
    for weight, name, shape in (
        ({"name": "a", "shape": [-1]}, "'a'", r"\[-1\]"),
        ({"name": 1, "shape": [1]}, "1", r"\[1\]"),
        ({"name": "a", "shape": 3}, "'a'", "3"),
        ({"name": "a", "shape": [True]}, "'a'", r"\[True\]"),
        ({"name": "a", "shape": [1.0]}, "'a'", r"\[1.0\]"),
        ({"name": "a", "shape": [1] * (MAX_AXES + 1)}, "'a'", r"\[1, .{1,200}"),
        ("a", "None", "None"),
    ):
        said = (
            f"^In the weightsManifest of this model.json a weight has the name {name} and the shape {shape}: "
            r"it must have a text and whole sizes\.$"
        )
        with pytest.raises(ReadError, match=said):
            read_tfjs(json.dumps({"modelTopology": CONFIG, "weightsManifest": [{"weights": [weight]}]}))
    most = {"weights": [*WEIGHTS, {"name": "a", "shape": [1] * MAX_AXES}]}
    assert read_tfjs(json.dumps({"modelTopology": CONFIG, "weightsManifest": [most]})).parameter_count >= 516


def test_names_and_sentences_of_documents() -> None:
    weights = read_tfjs(json.dumps({"weightsManifest": MANIFEST}))
    assert (weights.name, weights.format) == ("", "TensorFlow.js layers model, weights")
    assert read_tfjs(json.dumps({"weightsManifest": MANIFEST}), name="mine").name == "mine"
    for document, begin in (
        ("{", "This model.json of TensorFlow.js"),
        (json.dumps({"modelTopology": "{"}), "The modelTopology of this model.json"),
        (json.dumps({"modelTopology": {"model_config": "{"}}), "The model_config of this model.json"),
    ):
        with pytest.raises(ReadError, match=f"^{begin} "):
            read_tfjs(document)


def test_a_gru_without_its_config_is_not_counted() -> None:
    topology = {"backend": "tensor_flow.js", "model_config": {"class_name": "GRU"}}
    [row] = read_tfjs(json.dumps({"modelTopology": topology})).rows
    assert (row.type, row.known) == ("GRU", False)
    assert "does not contain units" in row.note
