"""Keras' ``to_json()``: real models with Keras' own counts, each rule by hand, and what must be refused.

``keras3_*.json`` were written by Keras 3.15.1 (torch backend), ``keras2_*.json`` by Keras 2.15.0 (TensorFlow
2.15.1); initialisers are left out. ``twice_config`` is the config.json of a ``.keras`` file. The counts are
Keras' own ``count_params()`` and the sum over ``trainable_weights``.
"""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.frameworks.keras import Keras
from calculator.readers.keras.config import INDISTINGUISHABLE, SHARED, read_keras_config, recognises
from calculator.readers.keras.layer_rules import BUILDERS, NOTHING, OTHER_SIDE, as_layer
from calculator.readers.keras.output_shapes import outputs
from calculator.readers.model import Model, ReadError, Row
from tests.fuzz.fuzz_keras import configs
from tests.helpers.paths import READER_FILES

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


def text(name: str) -> str:
    return (READER_FILES / f"{name}.json").read_text(encoding="utf-8")


def grouped(model: Model, names: dict[str, int]) -> dict[str, int]:
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
    model = read_keras_config(text(name))
    assert grouped(model, layers) == layers
    assert (model.parameter_count, model.trainable_count, model.transposed_count) == (
        total,
        trained,
        transposed,
    )
    assert model.unknown == ()
    assert recognises(text(name))


@pytest.mark.parametrize("name", ["generator", "decoder", "autoencoder", "sequence", "mixed", "siamese"])
def test_shapes_are_worked_out_where_they_are_not_told(name: str) -> None:
    def untold(value: Any) -> Any:
        if isinstance(value, dict):
            gone = {"build_config", "shape", "build_input_shape"}
            return {key: untold(item) for key, item in value.items() if key not in gone}
        return [untold(item) for item in value] if isinstance(value, list) else value

    told = read_keras_config(text(f"keras3_{name}")).rows
    found = read_keras_config(json.dumps(untold(json.loads(text(f"keras3_{name}"))))).rows
    after_einsum = (
        name == "mixed"
    )  # What an EinsumDense returns is not worked out: the two rows after it are unknown.
    assert found[:-2] == told[:-2]
    assert (found == told) is not after_einsum
    assert [row.known for row in found[-2:]] == [not after_einsum] * 2


def test_a_row_in_full() -> None:
    row = read_keras_config(text("keras3_generator")).rows[2]
    assert (row.type, row.weight_shape, row.bias_count, row.transposed) == (
        "Conv2DTranspose", (5, 5, 128, 256), 0, True,
    )  # fmt: skip
    assert row.layer == ConvTranspose(
        in_channels=256, out_channels=128, kernel_size=(5, 5), padding=(2, 2), bias=False
    )
    norm = read_keras_config(text("keras3_generator")).rows[1]
    assert (norm.weight_count, norm.bias_count, norm.other_count, norm.frozen_count) == (
        12544,
        12544,
        25088,
        25088,
    )
    frozen = read_keras_config(text("keras3_mixed")).rows[6]
    assert (frozen.trainable, frozen.frozen_count, frozen.trainable_count) == (False, 156, 0)


def test_a_layer_used_twice_is_counted_once_and_said() -> None:
    assert SHARED in read_keras_config(text("keras3_siamese")).assumptions
    assert SHARED in read_keras_config(text("keras3_twice_config")).assumptions
    cut = json.loads(text("keras3_twice_config").replace("shared_object_id", "gone"))
    model = read_keras_config(json.dumps(cut))
    assert model.parameter_count == 123 + 108
    assert INDISTINGUISHABLE in model.assumptions


def net(*layers: dict[str, Any], shape: list[int | None], **more: Any) -> str:
    begin = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, *shape]}}
    return json.dumps({"class_name": "Sequential", "config": {"layers": [begin, *layers], **more}})


def made(kind: str, *, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "module": module, "config": {"name": kind.lower(), **config}}


def only(data: str) -> Row:
    (row,) = read_keras_config(data).rows
    return row


# Counts by hand: the shapes that build() gives to add_weight.
@pytest.mark.parametrize(
    ("layer", "shape", "counts"),
    [
        (made("Dense", units=3, use_bias=False), [5], (15, 0, 0, 0)),
        (made("Dense", units=3, lora_rank=2), [5], (15 + 10 + 6, 3, 0, 15)),
        (made("Conv3DTranspose", filters=2, kernel_size=[2, 3, 1]), [4, 4, 4, 5], (60, 2, 0, 0)),
        (
            made("Conv1DTranspose", filters=2, kernel_size=3, data_format="channels_first"),
            [5, 9],
            (30, 2, 0, 0),
        ),
        (made("Conv2D", filters=6, kernel_size=3, groups=2), [9, 9, 4], (108, 6, 0, 0)),
        (made("SeparableConv1D", filters=4, kernel_size=3, depth_multiplier=2), [9, 5], (30 + 40, 4, 0, 0)),
        (made("DepthwiseConv1D", kernel_size=3, depth_multiplier=2), [9, 5], (30, 10, 0, 0)),
        (made("BatchNormalization", axis=1), [7, 9], (7, 7, 14, 14)),
        (made("BatchNormalization", renorm=True, center=False), [7], (7, 0, 35, 35)),
        (made("LayerNormalization", axis=[1, 2]), [3, 4], (12, 12, 0, 0)),
        (made("LayerNormalization", rms_scaling=True), [4], (4, 0, 0, 0)),
        (made("RMSNormalization"), [4], (4, 0, 0, 0)),
        (made("Normalization"), [3], (0, 0, 7, 7)),
        (made("PReLU", shared_axes=[1]), [5, 6], (6, 0, 0, 0)),
        (made("LSTM", units=2), [5, 3], (24 + 16, 8, 0, 0)),
        (made("GRU", units=2), [5, 3], (18 + 12, 12, 0, 0)),
        (made("GRU", units=2, reset_after=False), [5, 3], (18 + 12, 6, 0, 0)),
        (made("CuDNNLSTM", units=2), [5, 3], (24 + 16, 16, 0, 0)),
        (made("SimpleRNN", units=2), [5, 3], (6 + 4, 2, 0, 0)),
        (made("ConvLSTM2D", filters=2, kernel_size=[3, 3]), [4, 8, 8, 5], (9 * 8 * 7, 8, 0, 0)),
        (made("Embedding", input_dim=9, output_dim=4), [6], (36, 0, 0, 0)),
        (
            made("MultiHeadAttention", num_heads=2, key_dim=3, output_shape=5),
            [4, 6],
            (144 - 36 + 30, 18 + 5, 0, 0),
        ),
        (made("AdditiveAttention"), [4, 6], (6, 0, 0, 0)),
        (made("EinsumDense", equation="...x,xy->...y", output_shape=7, bias_axes="y"), [4, 6], (42, 7, 0, 0)),
        (
            made("EinsumDense", equation="ab...,bc->ac...", output_shape=7, bias_axes="c"),
            [4, 6],
            (28, 7, 0, 0),
        ),
    ],
)
def test_each_rule_by_hand(
    layer: dict[str, Any], shape: list[int | None], counts: tuple[int, int, int, int]
) -> None:
    row = only(net(layer, shape=shape))
    assert (row.weight_count, row.bias_count, row.other_count, row.frozen_count) == counts
    assert row.type == layer["class_name"]


def test_wrappers_hold_what_they_wrap() -> None:
    lstm = made("LSTM", units=2, return_sequences=True)
    model = read_keras_config(
        net(
            made("Bidirectional", layer=lstm),
            made("TimeDistributed", layer=made("Dense", units=5)),
            made(
                "RNN",
                cell=made("StackedRNNCells", cells=[made("GRUCell", units=2), made("LSTMCell", units=1)]),
            ),
            made("SpectralNormalization", layer=made("Dense", units=3)),
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


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (made("Lambda", function=["4wEAAAAAAAAA", None, None]), "not run"),
        (made("Dense", module="my.models", units=3), "Not a class of Keras"),
        (made("Dense", module=None, units=3), "Not a class of Keras"),
        (made("LocalAttention"), "Not a standard layer"),
        (made("Dense"), "does not say units"),
        (made("Dense", units=3, dtype={"class_name": "QuantizedDTypePolicy"}), "scales"),
        (made("Bidirectional", layer=made("Bidirectional", layer=made("LSTM", units=2))), "Not a wrapper"),
        (made("EinsumDense", equation="ab,bc", output_shape=7), "Its equation"),
    ],
)
def test_what_cannot_be_told_is_a_row_and_never_zero(layer: dict[str, Any], words: str) -> None:
    row = only(net(layer, shape=[5]))
    assert (row.known, row.parameter_count) == (False, 0)
    assert words in row.note


def test_a_size_that_is_not_known_is_said() -> None:
    model = read_keras_config(
        net(made("Lambda"), made("Conv2DTranspose", filters=2, kernel_size=3), shape=[5, 5, 3])
    )
    assert [row.known for row in model.rows] == [False, False]
    assert model.rows[1].transposed
    assert "input shape" in model.rows[1].note
    assert "not fixed" in only(net(made("Dense", units=2), shape=[None])).note


def test_a_shape_that_is_told_needs_no_working_out() -> None:
    told = made("Dense", units=2) | {"build_config": {"input_shape": [None, 7]}}
    assert [row.parameter_count for row in read_keras_config(net(made("Lambda"), told, shape=[5])).rows] == [
        0,
        16,
    ]


def test_query_value_and_key_may_differ() -> None:
    shapes = {"query_shape": [None, 4, 6], "value_shape": [None, 5, 7], "key_shape": [None, 5, 8]}
    attention = made("MultiHeadAttention", num_heads=2, key_dim=3, value_dim=4, use_bias=False)
    row = only(net(attention | {"build_config": {"shapes_dict": shapes}}, shape=[4, 6]))
    assert row.weight_count == 6 * 6 + 8 * 6 + 7 * 8 + 8 * 6


@pytest.mark.parametrize(
    ("kind", "config", "shape", "returned"),
    [
        (
            "Conv1D",
            {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"},
            (None, 7, 2),
            [(None, 4, 4)],
        ),
        ("MaxPooling2D", {"pool_size": 2}, (None, 7, 9, 2), [(None, 3, 4, 2)]),
        ("LSTM", {"units": 4, "return_state": True}, (None, 7, 2), [(None, 4)] * 3),
        ("UpSampling1D", {"size": 10**18}, (None, 10**18, 1), []),
        ("Lambda", {}, (None, 3), []),
    ],
)
def test_shapes_by_hand(
    kind: str, config: dict[str, Any], shape: tuple[int | None, ...], returned: list[Any]
) -> None:
    assert list(outputs(kind, config, [shape])) == returned


def test_a_frozen_model_has_nothing_to_train() -> None:
    inner = json.loads(net(made("Dense", units=2), shape=[3]))
    inner["config"] |= {"name": "base", "trainable": False}
    model = read_keras_config(net(inner, made("Dense", units=1), shape=[3]))
    assert [(row.name, row.trainable_count) for row in model.rows] == [("base/dense", 0), ("dense", 3)]


def test_the_quotes_of_a_prompt_and_get_config_are_read_too() -> None:
    plain = read_keras_config(text("keras3_decoder"))
    assert read_keras_config(repr(text("keras3_decoder").strip())) == plain
    assert read_keras_config(json.dumps(text("keras3_decoder"))) == plain
    assert recognises(repr(text("keras3_decoder").strip()))
    assert read_keras_config(json.dumps(json.loads(text("keras3_decoder"))["config"])).rows == plain.rows


@pytest.mark.parametrize("data", ["", "{", "[1]", "hello", "Sequential(", '{"weights": 1}', "<html>"])
def test_other_texts_are_not_recognised_and_refused(data: str) -> None:
    assert not recognises(data)
    with pytest.raises(ReadError, match="Keras configuration"):
        read_keras_config(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (text("keras3_decoder")[:-40], "not complete JSON"),
        (net(made("Dense", units=-3), shape=[5]), "whole number from 1"),
        (net(made("Dense", units=10**19), shape=[5]), "whole number from 1"),
        (net(made("Dense", units=10**18), shape=[50]), "digits of parameters"),
        (net(made("Dense", units=True), shape=[5]), "whole number"),
        (net(made("Conv2D", filters=4, kernel_size=[3, 3, 3]), shape=[5, 5, 3]), "must have 2 values"),
        (net(made("Conv2D", filters=4, kernel_size=3, groups=2), shape=[5, 5, 3]), "groups must divide"),
        (net(made("PReLU", shared_axes=[1] * 1000), shape=[5]), "at most 32"),
        ("[" * 100_000, "nested more than"),
        ('{"class_name": "Sequential", "config": {"layers": [{}]}}', "without a class name"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(data: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_keras_config(data)


def test_models_inside_models_take_linear_time() -> None:
    inner: dict[str, Any] = made("Dense", units=2)
    for depth in range(40):  # Each level calls the one inside it twice: 2^40 paths.
        name = f"level{depth}"
        call = {"inbound_nodes": [[["i", 0, 0, {}]], [["i", 0, 0, {}]]], "name": inner["config"]["name"]}
        begin = {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_shape": [None, 2]}}
        config = {"name": name, "layers": [begin, inner | call], "output_layers": [[call["name"], 1, 0]]}
        inner = {"class_name": "Functional", "config": config}
    started = time.perf_counter()
    assert only(json.dumps(inner)).parameter_count == 6
    assert time.perf_counter() - started < 2


@given(
    st.integers(1, 7),
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from(["valid", "same"]),
    st.none() | st.integers(0, 4),
)
def test_a_transposed_layer_opens_with_the_size_it_has(
    kernel: int, stride: int, dilation: int, padding: str, extra: int | None
) -> None:
    if (extra is not None and extra >= stride) or (stride > 1 and dilation > 1):
        return  # Keras refuses it.
    config = {"strides": stride, "dilation_rate": dilation, "padding": padding, "output_padding": extra}
    layer, note = as_layer(config, (kernel, 3, 2))
    window = ConvTranspose(
        in_channels=2, out_channels=3, kernel_size=(kernel,), stride=stride, dilation=dilation
    )
    size = Keras().output_size(window, 6, padding=padding, output_padding=extra)
    shape = outputs("Conv1DTranspose", {**config, "filters": 3, "kernel_size": kernel}, [(None, 6, 2)])
    assert shape == ((None, *size, 3),)
    if layer is None:
        assert "no padding" in note
        return
    assert layer.output_size(6) == size
    # What the package knows of Keras: one of its words says exactly this layer, or none does.
    try:
        Keras().layer_padding(layer)
    except LayerError:
        assert note == OTHER_SIDE
    else:
        assert note == ""


def test_no_class_is_in_two_lists() -> None:
    assert not BUILDERS.keys() & NOTHING


def test_spoilt_configurations_are_read_or_refused() -> None:
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
