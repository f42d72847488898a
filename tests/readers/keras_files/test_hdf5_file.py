"""HDF5 files of Keras. Keras 3.15.1 wrote ``keras3_*.h5``; the totals are those of ``count_params()``."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest

from calculator.readers import ReadError, detect
from calculator.readers.keras_files.hdf5_file import read_keras_hdf5_stream, recognises
from calculator.readers.keras_files.with_weights import CONFIRMED
from calculator.readers.model import Model
from calculator.readers.totals import total_text
from tests.helpers.hdf5_writing import hdf5, tree
from tests.helpers.paths import READER_FILES

UP = {
    "class_name": "Conv2DTranspose",
    "config": {"name": "up", "filters": 4, "kernel_size": [4, 4], "batch_input_shape": [None, 7, 7, 8]},
}
"""Its kernel is (4, 4, 4, 8), its bias has 4 values: 516 parameters."""

UP_WEIGHTS = {"up/up/kernel:0": (4, 4, 4, 8), "up/up/bias:0": (4,)}


def opened(data: bytes, name: str = "") -> Model:
    return read_keras_hdf5_stream(io.BytesIO(data), name=name)


def whole(
    layers: list[Any],
    weights: Mapping[str, Any],
    names: list[str],
    version: str = "2.10.0",
    state: Mapping[str, Any] | None = None,
) -> bytes:
    """Return a whole model as Keras 2 writes it."""
    config = json.dumps({"class_name": "Sequential", "config": {"name": "net", "layers": layers}})
    root = {"model_config": config, "keras_version": version, "backend": "tensorflow"}
    shapes = {f"model_weights/{path}": shape for path, shape in weights.items()}
    return hdf5(tree({**shapes, **(state or {})}, {"": root, "model_weights": {"layer_names": names}}))


@pytest.mark.parametrize(
    ("file", "total", "trainable", "transposed"),
    [
        ("keras3_decoder.h5", 69, 63, 57),
        ("keras3_decoder.weights.h5", 69, 63, 57),
        ("keras3_custom.h5", 63, 59, 54),
        ("keras2_many.h5", 60, 60, 60),  # Twelve layers with kernels (2, 2, 1, 1) and one bias each.
    ],
)
def test_files_of_keras(file: str, total: int, trainable: int, transposed: int) -> None:
    data = (READER_FILES / file).read_bytes()
    assert recognises(data)
    model = opened(data, name="mine")
    assert (model.parameter_count, model.trainable_count, model.transposed_count) == (
        total,
        trainable,
        transposed,
    )
    assert model.complete
    assert not model.undecided_count
    assert (CONFIRMED in model.assumptions) == (file in ("keras3_decoder.h5", "keras3_custom.h5"))
    assert detect.read(data) == detect.read_shapes(io.BytesIO(data))
    assert model.name == "mine"


def test_a_whole_model_of_keras_2() -> None:
    model = opened(whole([UP], UP_WEIGHTS, ["up"]))
    assert (model.parameter_count, model.transposed_count, model.format) == (
        516,
        516,
        "Keras HDF5 file, Keras 2.10.0",
    )
    assert model.rows[0].layer is not None
    assert model.assumptions == (CONFIRMED,)


def test_the_state_of_an_optimizer_is_left_out() -> None:
    state = {"optimizer_weights/Adam/up/kernel/m:0": (4, 4, 4, 8), "optimizer_weights/Adam/iter:0": ()}
    model = opened(whole([UP], UP_WEIGHTS, ["up"], state=state))
    assert model.parameter_count == 516
    assert any("the state of the optimizer (513 values)" in sentence for sentence in model.assumptions)


def test_a_disagreement_is_said_with_both_numbers() -> None:
    other = {**UP_WEIGHTS, "up/up/kernel:0": (4, 4, 4, 9)}
    model = opened(whole([UP], other, ["up"]))
    [sentence] = [each for each in model.assumptions if "disagree" in each]
    assert "516 parameters follow from the configuration, and 580 values are stored" in sentence
    assert "up has 516 parameters and 580 values" in sentence
    assert CONFIRMED not in model.assumptions


def test_a_class_of_keras_1_is_counted_from_its_weights() -> None:
    old = {"class_name": "Deconvolution2D", "config": {"name": "deconvolution2d_1", "nb_filter": 3}}
    weights = {
        "deconvolution2d_1/deconvolution2d_1_W": (3, 5, 4, 4),
        "deconvolution2d_1/deconvolution2d_1_b": (3,),
    }
    model = opened(whole([old], weights, ["deconvolution2d_1"], "1.2.2"))
    [row] = model.rows
    assert (row.type, row.transposed, row.weight_count, row.bias_count) == ("Deconvolution2D", True, 240, 3)
    assert CONFIRMED in model.assumptions


def test_own_classes_without_parameters_leave_the_total_complete() -> None:
    layers = [
        UP,
        {"class_name": "Sampling", "config": {"name": "noise"}},
        {"class_name": "Lambda", "config": {}},
    ]
    model = opened(whole(layers, UP_WEIGHTS, ["up", "noise", "Lambda"]))
    assert model.complete
    assert model.parameter_count == 516


def test_an_own_class_that_the_weights_do_not_list_stays_uncounted() -> None:
    layers = [UP, {"class_name": "Mine", "config": {"name": "mine"}}]
    model = opened(whole(layers, {**UP_WEIGHTS, "other/kernel:0": (7,)}, ["up", "other"]))
    assert [row.name for row in model.unknown] == ["mine"]


def test_names_and_configurations_in_chunks_are_joined() -> None:
    config = json.dumps({"class_name": "Sequential", "config": {"layers": [UP]}})
    root = {"model_config0": config[:50], "model_config1": config[50:]}
    names = {"layer_names0": ["last"], "layer_names1": ["up"]}
    data = hdf5(
        tree({f"model_weights/{p}": s for p, s in UP_WEIGHTS.items()}, {"": root, "model_weights": names})
    )
    assert opened(data).parameter_count == 516


def test_a_listed_weight_that_is_missing_is_refused() -> None:
    attributes = {"": {"layer_names": ["up"]}, "up": {"weight_names": ["up/kernel:0", "up/gone:0"]}}
    with pytest.raises(ReadError, match="lists variables of up that are not in it"):
        opened(hdf5(tree(UP_WEIGHTS, attributes)))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (hdf5(tree({}, {"": {"model_config": "{"}})), "not complete JSON"),
        (hdf5(tree({}, {"": {"model_config": "[]"}})), "this is not one"),
        (hdf5(tree({}, {"": {"layer_names": []}})), "no weights of layers"),
        (hdf5(tree({}, {})), "not of Keras"),
    ],
)
def test_other_files_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        opened(data)


@pytest.mark.parametrize(
    ("attribute", "said"),
    [
        ("PYTABLES_FORMAT_VERSION", "PyTables or pandas: a table of data, not a model"),
        ("_NCProperties", "netCDF file"),
        ("Conventions", "netCDF file"),
    ],
)
def test_files_of_other_programs_are_named(attribute: str, said: str) -> None:
    # Even one that holds what looks like weights of Keras.
    data = hdf5(tree({"model_weights/up/up/kernel:0": (4, 4, 4, 8)}, {"": {attribute: "2.1"}}))
    with pytest.raises(ReadError, match=said):
        opened(data)


@pytest.mark.parametrize(("count", "more"), [(3, ""), (4, " and 1 more"), (6, " and 3 more")])
def test_a_disagreement_names_three_layers(count: int, more: str) -> None:
    names = "bcdefg"[:count]
    layers = [
        {"class_name": "Dense", "config": {"name": name, "units": 2, "batch_input_shape": [None, 2]}}
        for name in names
    ]
    weights = {f"{name}/{name}/kernel:0": (2, 1002) for name in names}
    model = opened(whole(layers, weights, [*names]))
    [sentence] = [each for each in model.assumptions if "disagree" in each]
    said = ", ".join(f"{name} has 6 parameters and 2,004 values" for name in "bcd")
    said = said if more else said.replace(", d", " and d")
    assert sentence.endswith(f" values are stored. {said}{more}.")
    # Each layer has 6 parameters in the configuration and 2,004 values: the total is a minimum.
    assert total_text(model) == f"at least {6 * count} · lines left out"


@pytest.mark.parametrize(
    ("shapes", "counts"),
    [
        ({"up/kernel": (2, 2, 3, 4), "up/bias": (4,), "fc/kernel": (5, 6), "fc/bias": (6,)}, (88, 0, 52)),
        ({"a/kernel:0": (5, 6), "a/bias:0": (6,), "n/gamma:0": (6,), "n/beta:0": (6,)}, (48, 0, 0)),
        (
            {"encoder/conv2d_transpose/kernel": (4, 4, 4, 8), "encoder/conv2d_transpose/bias": (4,)},
            (516, 516, 0),
        ),
    ],
)
def test_weights_under_the_names_of_keras_that_another_program_wrote(
    shapes: Mapping[str, tuple[int, ...]], counts: tuple[int, int, int]
) -> None:
    """Flax has the names of Keras, but other axes in a transposed convolution, so its type stays open."""
    model = opened(hdf5(tree(shapes, {})))
    assert (model.parameter_count, model.transposed_count, model.undecided_count) == counts
    assert (model.complete, model.format) == (True, "HDF5 file, weights")
    assert model.assumptions[0].startswith("Keras did not write this file")
    with pytest.raises(ReadError, match="not of Keras"):
        opened(hdf5(tree({**shapes, "images": (100, 8)}, {})))
