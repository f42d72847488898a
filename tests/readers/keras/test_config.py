"""Keras' ``to_json()``: real models with Keras' own counts, and texts that must be refused.

``keras3_*.json`` were written by Keras 3.15.1 (torch backend), ``keras2_*.json`` by Keras 2.15.0 (TensorFlow
2.15.1), without initialisers. ``twice_config`` is the config.json of a ``.keras`` file. The counts are
Keras' own ``count_params()`` and the sum over ``trainable_weights``.
"""

import json

import pytest

from calculator.core.layer import ConvTranspose
from calculator.readers.keras.config import INDISTINGUISHABLE, SHARED, read_keras_config, recognises
from calculator.readers.model import Model, ReadError
from tests.fuzz.fuzz_keras import configs
from tests.helpers.keras_configs import config_text, layer_config, sequential

GENERATOR = {
    "dense": 1254400, "batch_normalization": 50176, "conv2d_transpose": 819200, "batch_normalization_1": 512,
    "conv2d_transpose_1": 204800, "batch_normalization_2": 256, "conv2d_transpose_2": 1600,
}  # fmt: skip
DECODER = {"dense": 9408, "conv2d_transpose": 36928, "conv2d_transpose_1": 18464, "conv2d_transpose_2": 289}
AUTOENCODER = {
    "conv2d": 320, "conv2d_1": 9248, "conv2d_transpose": 9248, "conv2d_transpose_1": 9248, "conv2d_2": 289,
}  # fmt: skip
SEQUENCE = {
    "embedding": 160000,
    "bidirectional": 10944,
    "gru": 3168,
    "gru_1": 1008,
    "simple_rnn": 168,
    "dense": 27,
}
SIAMESE = {
    "shared": 40, "inner/dense": 72, "inner/batch_normalization": 32, "inner/dense_1": 36,
    "tail/layer_normalization": 16, "tail/dense_2": 27,
}  # fmt: skip
MIXED = {
    "separable_conv2d": 212, "p_re_lu": 8, "depthwise_conv2d": 360, "group_normalization": 48, "conv2d": 660,
    "batch_normalization": 36, "conv2d_1": 156, "multi_head_attention": 422, "time_distributed": 78,
    "einsum_dense": 42, "p_re_lu_1": 384, "dense_1": 770,
}  # fmt: skip
REAL = [
    ("keras3_generator", GENERATOR, 2330944, 2305472, 1025600),
    ("keras2_generator", GENERATOR, 2330944, 2305472, 1025600),
    ("keras3_decoder", DECODER, 65089, 65089, 55681),
    ("keras2_decoder", DECODER, 65089, 65089, 55681),
    ("keras3_autoencoder", AUTOENCODER, 28353, 28353, 18496),
    ("keras3_sequence", SEQUENCE, 175315, 175315, 0),
    ("keras2_sequence", SEQUENCE, 175315, 175315, 0),
    ("keras3_siamese", SIAMESE, 223, 207, 0),
    ("keras2_siamese", SIAMESE, 223, 207, 0),
    ("keras3_mixed", MIXED, 3176, 2996, 0),
    ("keras2_mixed", MIXED, 3176, 2996, 0),
    ("keras2_operators", {"conv2d": 112, "conv2d_1": 148, "conv2d_transpose": 85}, 345, 345, 85),
    ("keras3_twice_config", {"inner/dense": 72, "inner/dense_1": 36, "tail/dense_2": 15}, 123, 123, 0),
]


def counts_by_name(model: Model, names: dict[str, int]) -> dict[str, int]:
    """Return the counts by the names that Keras counts by: a wrapper with all it wraps."""
    found = dict.fromkeys(names, 0)
    for row in model.rows:
        found[next(name for name in names if row.name == name or row.name.startswith(f"{name}/"))] += (
            row.parameter_count
        )
    return found


@pytest.mark.parametrize(("name", "layers", "total", "trained", "transposed"), REAL)
def test_counts_are_keras_own(
    name: str, layers: dict[str, int], total: int, trained: int, transposed: int
) -> None:
    model = read_keras_config(config_text(name))
    assert counts_by_name(model, layers) == layers
    assert (model.parameter_count, model.trainable_count, model.transposed_count) == (
        total,
        trained,
        transposed,
    )
    assert model.unknown == ()
    assert recognises(config_text(name))


def test_a_row_in_full() -> None:
    row = read_keras_config(config_text("keras3_generator")).rows[2]
    assert (row.type, row.weight_shape, row.bias_count, row.transposed) == (
        "Conv2DTranspose", (5, 5, 128, 256), 0, True,
    )  # fmt: skip
    assert row.layer == ConvTranspose(
        in_channels=256, out_channels=128, kernel_size=(5, 5), padding=(2, 2), bias=False
    )
    norm = read_keras_config(config_text("keras3_generator")).rows[1]
    assert (norm.weight_count, norm.bias_count, norm.other_count, norm.frozen_count) == (
        12544,
        12544,
        25088,
        25088,
    )
    frozen = read_keras_config(config_text("keras3_mixed")).rows[6]
    assert (frozen.trainable, frozen.frozen_count, frozen.trainable_count) == (False, 156, 0)


def test_a_layer_used_twice_is_counted_once_and_reported() -> None:
    assert SHARED in read_keras_config(config_text("keras3_siamese")).assumptions
    assert SHARED in read_keras_config(config_text("keras3_twice_config")).assumptions
    cut = json.loads(config_text("keras3_twice_config").replace("shared_object_id", "gone"))
    model = read_keras_config(json.dumps(cut))
    assert model.parameter_count == 123 + 108
    assert INDISTINGUISHABLE in model.assumptions


def test_wrappers_contain_the_rows_of_the_wrapped_layers() -> None:
    lstm = layer_config("LSTM", units=2, return_sequences=True)
    model = read_keras_config(
        sequential(
            layer_config("Bidirectional", layer=lstm),
            layer_config("TimeDistributed", layer=layer_config("Dense", units=5)),
            layer_config(
                "RNN",
                cell=layer_config(
                    "StackedRNNCells",
                    cells=[layer_config("GRUCell", units=2), layer_config("LSTMCell", units=1)],
                ),
            ),
            layer_config("SpectralNormalization", layer=layer_config("Dense", units=3)),
            shape=[4, 3],
        )
    )
    assert [(row.name, row.parameter_count) for row in model.rows] == [
        ("bidirectional/lstm", 48),
        ("bidirectional/backward_lstm", 48),
        ("timedistributed/dense", 4 * 5 + 5),
        ("rnn/grucell", 30 + 12 + 12),
        ("rnn/lstmcell", 8 + 4 + 4),
        ("spectralnormalization/dense", 1 * 3 + 3),
        ("spectralnormalization", 3),
    ]
    assert model.rows[-1].trainable_count == 0


def test_a_frozen_model_has_nothing_to_train() -> None:
    inner = json.loads(sequential(layer_config("Dense", units=2), shape=[3]))
    inner["config"] |= {"name": "base", "trainable": False}
    model = read_keras_config(sequential(inner, layer_config("Dense", units=1), shape=[3]))
    assert [(row.name, row.trainable_count) for row in model.rows] == [("base/dense", 0), ("dense", 3)]


def test_quoted_text_and_get_config_are_read_too() -> None:
    plain = read_keras_config(config_text("keras3_decoder"))
    assert read_keras_config(repr(config_text("keras3_decoder").strip())) == plain
    assert read_keras_config(json.dumps(config_text("keras3_decoder"))) == plain
    assert recognises(repr(config_text("keras3_decoder").strip()))
    assert (
        read_keras_config(json.dumps(json.loads(config_text("keras3_decoder"))["config"])).rows == plain.rows
    )


@pytest.mark.parametrize("data", ["", "{", "[1]", "hello", "Sequential(", '{"weights": 1}', "<html>"])
def test_other_texts_are_not_recognised_and_refused(data: str) -> None:
    assert not recognises(data)
    with pytest.raises(ReadError, match="Keras configuration"):
        read_keras_config(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (config_text("keras3_decoder")[:-40], "not complete JSON"),
        ("[" * 100_000, "nested more than"),
        ('{"class_name": "Sequential", "config": {"layers": [{}]}}', "without a class name"),
    ],
)
def test_invalid_configurations_are_refused_with_a_sentence(data: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_keras_config(data)


def test_damaged_configurations_are_read_or_refused() -> None:
    sentences: list[str] = []
    read = 0
    for data in configs(1000, seed=1):
        recognises(data)
        try:
            model = read_keras_config(data)
        except ReadError as error:
            sentences.append(str(error))
        else:
            read += 1
            assert all(0 <= row.frozen_count <= row.parameter_count for row in model.rows)
    assert max(map(len, sentences)) < 400
    assert 300 < read < 900  # Neither all refused nor all harmless.
