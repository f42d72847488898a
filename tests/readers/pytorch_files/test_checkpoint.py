"""Files of ``torch.save``: exact totals, and files that contradict themselves."""

import pytest

from calculator.readers import read
from calculator.readers.model import ReadError
from calculator.readers.pytorch_files.checkpoint import (
    EXPORTED,
    read_checkpoint,
    read_checkpoint_stream,
    recognises,
)
from tests.fuzz.fuzz_checkpoint import cases
from tests.fuzz.mutations import outcomes
from tests.helpers.counted_stream import CountedStream
from tests.helpers.torch_files import (
    counts,
    recorded,
    refused,
    saved,
    state_steps,
    tensor_steps,
    text_steps,
    zipped,
)


def test_the_recorded_state_dict() -> None:
    data = recorded("state-dict")
    assert recognises(data)
    model = read_checkpoint(data, name="net.pt")
    # The rows of the same model in torch-snippet.json, but for the classes.
    assert counts(model) == [
        ("scale", "Parameter", 0, 0, 7),
        ("embedding", "Embedding", 66, 0, 0),
        ("down", "Conv2d", 216, 8, 0),
        ("norm", "BatchNorm", 8, 8, 0),
        ("up", "ConvTranspose2d", 256, 4, 0),
        ("wide", "Conv1d", 120, 0, 6),
        ("old", "Linear", 6, 2, 0),
        ("rnn", "LSTM", 390, 80, 0),
        ("attention", "MultiheadAttention", 108, 18, 0),
        ("attention.out_proj", "Linear", 36, 6, 0),
        ("slope", "Norm", 1, 0, 0),
        ("head", "Linear", 0, 11, 0),
    ]
    assert (model.parameter_count, model.name) == (1357, "net.pt")
    said = " ".join(model.assumptions)
    assert (
        "head.weight is embedding.weight, again.weight is up.weight, again.bias is up.bias, and 1 more"
        in said
    )
    assert "3 tensors with 17 values" in said
    assert "every parameter is counted as trainable" in said


def test_dcgan_without_biases_is_transposed() -> None:
    model = read_checkpoint(recorded("dcgan"))
    assert [row.type for row in model.rows if row.transposed] == ["ConvTranspose2d"] * 3
    assert (model.parameter_count, model.transposed_count) == (1368, 1344)


def test_parameters_say_whether_they_are_trained() -> None:
    model = read_checkpoint(recorded("parameters"))  # protocol 4; the parameters of up were frozen
    assert [(row.name, row.trainable, row.frozen_count) for row in model.rows] == [
        ("up", False, 51),
        ("norm", True, 0),
    ]
    assert model.trainable_count == 6
    assert not any(
        "does not state which parameters are trained" in sentence for sentence in model.assumptions
    )


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("tensor", "The file contains a single tensor, not the state dict of a model."),
        ("optimizer", "The file contains the state of an optimiser, not of a model."),
    ],
)
def test_what_is_no_state_dict_is_called_by_its_name(name: str, sentence: str) -> None:
    assert recognises(recorded(name))
    assert refused(recorded(name)).startswith(sentence)


LIES = [
    (
        tensor_steps((3,), 2),
        bytes(8),
        "'a' has the shape (3,) and is stored in 2 values: the file contradicts itself.",
    ),
    (tensor_steps((1,), 2, offset=2), bytes(8), "'a' has the shape (1,) and is stored in 2 values"),
    (tensor_steps((2,), 2, steps=(2,)), bytes(8), "'a' has the shape (2,) and is stored in 2 values"),
    (
        tensor_steps((2,), 2),
        bytes(7),
        "The values of 'a' should take 8 bytes and take 7: the file contradicts itself.",
    ),
    (
        tensor_steps((2,), 2, kind=b"HalfStorage"),
        bytes(8),
        "The values of 'a' should take 4 bytes and take 8",
    ),
    (
        tensor_steps((2,), 2, kind=b"LoudStorage"),
        bytes(8),
        "The file has values of the type LoudStorage, which is not known.",
    ),
    (
        tensor_steps((2,), 2, kind=b"QInt8Storage"),
        bytes(2),
        "The file has quantised values (QInt8Storage), whose scales are not parameters: save the state "
        "dict of the model before quantisation instead.",
    ),
    (tensor_steps((10**10, 10**10), 2, steps=(0, 0)), bytes(8), "'a' would have more than 10^18 values"),
    (tensor_steps((2,), 2), None, "The values of 'a' are not in the file: it is not complete."),
    (b"K\x01", None, "The file contains no tensors under names, so it is not a state dict."),
]


@pytest.mark.parametrize(("value", "values", "sentence"), LIES, ids=range(len(LIES)))
def test_sizes_that_lie(value: bytes, values: bytes | None, sentence: str) -> None:
    held = {} if values is None else {"s0": values}
    assert refused(saved(state_steps("a", value), **held)).startswith(sentence)


@pytest.mark.parametrize(
    "data", [b"", b"PK\x05\x06" + bytes(18), zipped({"config.json": b"{}"}), b"<html>", b"\x80\x02}."]
)
def test_other_files_are_not_recognised(data: bytes) -> None:
    assert not recognises(data)
    assert refused(data)


def test_values_are_not_read() -> None:
    steps = state_steps("a.weight", tensor_steps((10_000_000,), 10_000_000))
    stream = CountedStream(saved(steps, s0=bytes(40_000_000)))
    assert read_checkpoint_stream(stream).parameter_count == 10_000_000
    assert stream.taken < 200_000


def test_only_read_errors_come_out() -> None:
    models, sentences = outcomes(recognises, read_checkpoint, cases(1000, 0))
    assert models > 20
    assert len(set(sentences)) > 20
    assert all(sentence.endswith(".") and len(sentence) < 300 for sentence in sentences)


def test_a_quantised_layer_of_a_state_dict_is_not_counted() -> None:
    entries = b"".join(
        text_steps(name) + tensor_steps((2,), 6, offset=2 * number)
        for number, name in enumerate(("q.qweight", "q.scales", "norm.weight"))
    )
    model = read_checkpoint(saved(b"\x80\x02}(" + entries + b"u.", s0=bytes(24)))
    assert [(row.name, row.known, row.parameter_count) for row in model.rows] == [
        ("norm", True, 2),
        ("q", False, 0),
    ]


@pytest.mark.parametrize("member", ["e/archive_format", "e/serialized_exported_program.json"])
def test_a_program_of_torch_export_is_called_by_its_name(member: str) -> None:
    inside = zipped({"a/data.pkl": b"\x80\x02}."})
    data = zipped({"e/data/sample_inputs/model.pt": inside, member: b"pt2"})
    assert not recognises(data)
    with pytest.raises(ReadError, match="This is a program"):
        read(data)


@pytest.mark.parametrize("before", [0, 300_000])
@pytest.mark.parametrize("after", [0, 300_000])
def test_the_name_of_the_pickle_is_looked_for_at_both_ends(before: int, after: int) -> None:
    data = b"PK\x03\x04" + bytes(before) + b"archive/data.pkl" + bytes(after)
    assert recognises(data) == (not before or not after)
    for exported in EXPORTED:
        assert not recognises(data + exported)
        assert not recognises(data[:4] + exported + data[4:])
