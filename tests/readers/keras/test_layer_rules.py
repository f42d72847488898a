"""The tables of Keras classes, and layers whose parameters cannot be counted."""

from typing import Any

import pytest

from calculator.readers.keras.layer_rules import BUILDERS, WITHOUT_PARAMETERS
from tests.helpers.keras_configs import layer_config, only_row, sequential
from tests.helpers.paths import READER_FILES


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (layer_config("Lambda", function=["4wEAAAAAAAAA", None, None]), "not run"),
        (layer_config("Dense", module="my.models", units=3), "Not a class of Keras"),
        (layer_config("Dense", module=None, units=3), "Not a class of Keras"),
        (layer_config("LocalAttention"), "Not a standard layer"),
        (layer_config("Dense"), "does not contain units"),
        (
            layer_config(
                "Dense", units=3, dtype={"class_name": "Int4DTypePolicy", "config": {"mode": "int4/128"}}
            ),
            "scales",
        ),
        (
            layer_config(
                "Bidirectional", layer=layer_config("Bidirectional", layer=layer_config("LSTM", units=2))
            ),
            "Not a wrapper",
        ),
        (layer_config("EinsumDense", equation="ab,bc", output_shape=7), "Its equation"),
    ],
)
def test_a_layer_that_cannot_be_counted_is_a_row_without_counts(layer: dict[str, Any], words: str) -> None:
    row = only_row(sequential(layer, shape=[5]))
    assert (row.known, row.parameter_count) == (False, 0)
    assert words in row.note


def test_every_layer_of_keras_is_known() -> None:
    # The classes of keras.layers in Keras 3.15, recorded. Those without a rule wrap other layers, run code of
    # another library, or are only a base.
    wrapping = {"Bidirectional", "TimeDistributed", "SpectralNormalization", "RNN", "StackedRNNCells"}
    wrapping |= {"Pipeline"}
    code = {"FlaxLayer", "JaxLayer", "Lambda", "TFSMLayer", "TorchModuleWrapper", "Layer", "Wrapper"}
    recorded = set((READER_FILES / "keras_classes_315.txt").read_text(encoding="utf-8").split())
    assert len(recorded) == 163
    assert recorded - BUILDERS.keys() - WITHOUT_PARAMETERS == wrapping | code


def test_no_class_is_in_two_lists() -> None:
    assert not BUILDERS.keys() & WITHOUT_PARAMETERS


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        (
            layer_config("Lambda"),
            "A Lambda layer is Python code, which is not run, and may use variables.",
        ),
        (
            layer_config("Mine"),
            "Not a standard layer of Keras: its configuration does not determine its parameters.",
        ),
        (
            layer_config(
                "Dense", units=3, dtype={"class_name": "Int4DTypePolicy", "config": {"mode": "int4/128"}}
            ),
            "A quantised layer stores scales beside its weights, and they are not counted.",
        ),
    ],
)
def test_a_layer_that_no_rule_counts_says_why(layer: dict[str, Any], sentence: str) -> None:
    assert only_row(sequential(layer, shape=[4])).note == sentence
