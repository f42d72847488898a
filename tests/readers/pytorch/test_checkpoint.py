"""Files of ``torch.save``: exact totals from a pickle that is never run, whatever it asks for."""

import io
import pickle
import pickletools
import struct
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from calculator.readers.model import Model, ReadError
from calculator.readers.pytorch.checkpoint import read_checkpoint, read_checkpoint_stream, recognises
from tests.fuzz.fuzz_torch_file import cases, zipped
from tests.fuzz.mutating import outcomes
from tests.helpers.paths import READER_FILES

"""Written by torch.save of PyTorch 2.13."""

BROKEN = "The pickle in the file is damaged or cut short."


def recorded(name: str) -> bytes:
    return (READER_FILES / f"torch-{name}.pt").read_bytes()


def counts(model: Model) -> list[tuple[str, str, int, int, int]]:
    return [(r.name, r.type, r.weight_count, r.bias_count, r.other_count) for r in model.rows]


def refused(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        read_checkpoint(data)
    return str(caught.value)


def saved(steps: bytes, **values: bytes) -> bytes:
    """Return a file with the pickle ``steps``; ``s0`` holds the values of storage 0, and so on."""
    return zipped(
        {"archive/data.pkl": steps, **{f"archive/data/{key[1:]}": data for key, data in values.items()}}
    )


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode("utf-8")


def tensor(
    shape: tuple[int, ...], count: int, *, kind: bytes = b"FloatStorage", offset: int = 0, steps: Any = None
) -> bytes:
    """Return the steps that torch.save writes for a tensor over storage 0 of ``count`` values."""

    def whole(numbers: tuple[int, ...]) -> bytes:
        pushed = [
            b"\x8a" + bytes([len(raw)]) + raw for raw in (pickle.encode_long(number) for number in numbers)
        ]
        return b"(" + b"".join(pushed) + b"t"

    if steps is None:
        steps = tuple(1 for _ in shape)
    storage = (
        b"(" + text("storage") + b"ctorch\n" + kind + b"\n" + text("0") + text("cpu") + whole((count,))[1:-1]
    )
    arguments = b"(" + storage + b"tQ" + whole((offset,))[1:-1] + whole(shape) + whole(steps)
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"\x89ccollections\nOrderedDict\n)RtR"


def state(name: str, value: bytes) -> bytes:
    return b"\x80\x02}" + text(name) + value + b"s."


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


def test_a_checkpoint_and_the_key_that_was_read() -> None:
    model = read_checkpoint(recorded("checkpoint"))
    assert counts(model) == [("up", "ConvTranspose2d", 48, 3, 0), ("norm", "BatchNorm", 3, 3, 0)]
    assert model.assumptions[0] == "The file is a checkpoint: its state dict under 'state_dict' is read."


def test_an_optimiser_is_left_out_whatever_its_key() -> None:
    optimiser = b"}" + text("param_groups") + b"]s" + text("step") + tensor((2,), 2) + b"s"
    steps = b"\x80\x02}" + text("adam") + optimiser + b"s" + text("net.a") + tensor((2,), 2) + b"s."
    model = read_checkpoint(saved(steps, s0=bytes(8)))
    assert [row.name for row in model.rows] == ["net.a"]
    assert model.assumptions[0] == "1 of its entries is not a tensor and is left out."


def test_two_models_in_one_file() -> None:
    model = read_checkpoint(recorded("two"))
    assert [row.name for row in model.rows] == ["netG.up", "netG.norm", "netD"]
    assert model.parameter_count == 51 + 6 + 6
    assert model.assumptions[0] == (
        "The file is a checkpoint with several state dicts, read as one model: 'netG', 'netD'."
    )


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
        ("legacy", "This file was written by PyTorch before version 1.6: a bare pickle"),
        ("script", "This is a TorchScript archive, which contains code"),
        ("tensor", "The file contains a single tensor, not the state dict of a model."),
        ("optimizer", "The file contains the state of an optimiser, not of a model."),
        (
            "whole-module",
            "The pickle in the file names torch.nn.modules.container.Sequential, which would run code",
        ),
    ],
)
def test_what_is_no_state_dict_is_called_by_its_name(name: str, sentence: str) -> None:
    assert recognises(recorded(name))
    assert refused(recorded(name)).startswith(sentence)


def test_a_whole_module_gets_advice() -> None:
    said = refused(recorded("whole-module"))
    assert (
        "It is a whole module rather than its state dict: save model.state_dict(), or run the snippet" in said
    )


class Canary:
    """Its pickle would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.write_text, (self.path, "it ran"))


class Evaluated:
    def __init__(self, code: str) -> None:
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        return (eval, (self.code,))


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("nested", [False, True])
def test_nothing_in_a_pickle_is_run(tmp_path: Path, protocol: int, nested: bool) -> None:
    canary = tmp_path / "canary"
    for hostile in (Canary(canary), Evaluated(f"open({str(canary)!r}, 'w')")):
        held = pickle.dumps({"weight": [hostile]} if nested else hostile, protocol)
        assert "refused" in refused(saved(held))
        assert not canary.exists()
    pickle.loads(pickle.dumps(Evaluated(f"open({str(canary)!r}, 'w').close()"), protocol))
    assert canary.exists()  # so it would have been noticed


HOSTILE = {
    "os.system": b"cos\nsystem\n(" + text("touch canary") + b"tR.",
    "posix.system": b"\x80\x04\x8c\x05posix\x8c\x06system\x93.",
    "builtins.eval": b"cbuiltins\neval\n.",
    "torch.load": b"ctorch\nload\n.",
    "torch._utils._rebuild": b"ctorch._utils\n_rebuild\n.",
    "collections.OrderedDict.fromkeys": b"\x80\x04\x8c\x0bcollections\x8c\x14OrderedDict.fromkeys\x93.",
    "'os\\x07.system'": b"cos\x07\nsystem\n.",
    "a call of collections.OrderedDict": b"ccollections\nOrderedDict\n(]tR.",
    "a call of torch.FloatStorage": b"ctorch\nFloatStorage\n)R.",
    "a call of torch._utils._rebuild_parameter": b"ctorch._utils\n_rebuild_parameter\n)R.",
    "the opcode INST": b"(ios\nsystem\n.",
    "the opcode OBJ": b"(ccollections\nOrderedDict\no.",
    "the opcode NEWOBJ": b"ccollections\nOrderedDict\n)\x81.",
    "the opcode NEWOBJ_EX": b"ccollections\nOrderedDict\n)}\x92.",
    "the opcode STRING": b"S'\\\x9f'\n.",
    "the opcode EXT1": b"\x82\x01.",
    "the opcode PERSID": b"P1\n.",
    "the opcode NEXT_BUFFER": b"\x97.",
}


@pytest.mark.parametrize("asked", HOSTILE)
def test_what_is_asked_for_is_named_and_refused(asked: str) -> None:
    assert refused(saved(HOSTILE[asked])).startswith(
        f"The pickle in the file names {asked}, which would run code: refused."
    )


DAMAGED = [
    b"cos\\\x9f\nsystem\n.",
    b"",
    b"\x80\x02",
    b".",
    b"}",
    b"}X\xff\xff\xff\xffa.",
    b"\x8d" + b"\xff" * 8 + b"a.",
    b"\x8b\xff\xff\xff\x7f1.",
    b"h\x00.",
    b"t.",
    b"u.",
    b"}(K\x01u.",
    b"Nb.",
    b"Q.",
    b"NQ.",
    b"((((((((tQ.",
    b"\x85.",
    b"NN\x93.",
    b"NR.",
    b"\xff.",
    b"Iabc\n.",
    b"I" + b"9" * 5000 + b"\n.",
    b"ctorch._utils\n_rebuild_tensor_v2\n)R.",
    b"ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR.",
    state("a", tensor((2,), -1)),
    state("a", tensor((-2,), 2)),
    state("a", tensor((2, 2), 4, steps=(1,))),
    state("a", tensor((2,), 2, offset=-1)),
    state("a", tensor((10**18 + 1,), 2)),
    state("a", tensor((1,) * 65, 2)),
]


@pytest.mark.parametrize("steps", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_pickle(steps: bytes) -> None:
    assert refused(saved(steps, s0=bytes(8))) == BROKEN


LIES = [
    (
        tensor((3,), 2),
        bytes(8),
        "'a' has the shape (3,) and is stored in 2 values: the file contradicts itself.",
    ),
    (tensor((1,), 2, offset=2), bytes(8), "'a' has the shape (1,) and is stored in 2 values"),
    (tensor((2,), 2, steps=(2,)), bytes(8), "'a' has the shape (2,) and is stored in 2 values"),
    (
        tensor((2,), 2),
        bytes(7),
        "The values of 'a' should take 8 bytes and take 7: the file contradicts itself.",
    ),
    (tensor((2,), 2, kind=b"HalfStorage"), bytes(8), "The values of 'a' should take 4 bytes and take 8"),
    (tensor((2,), 2, kind=b"LoudStorage"), bytes(8), "The pickle in the file names torch.LoudStorage, which"),
    (tensor((10**10, 10**10), 2, steps=(0, 0)), bytes(8), "'a' would have more than 10^18 values"),
    (tensor((2,), 2), None, "The values of 'a' are not in the file: it is not complete."),
    (b"K\x01", None, "The file contains no tensors under names, so it is not a state dict."),
]


@pytest.mark.parametrize(("value", "values", "sentence"), LIES, ids=range(len(LIES)))
def test_sizes_that_lie(value: bytes, values: bytes | None, sentence: str) -> None:
    held = {} if values is None else {"s0": values}
    assert refused(saved(state("a", value), **held)).startswith(sentence)


def test_tensors_that_are_views() -> None:
    model = read_checkpoint(saved(state("a.weight", tensor((5, 2), 2, steps=(0, 1))), s0=bytes(8)))
    assert model.parameter_count == 10  # expanded: 5 rows over the same 2 values
    two = b"\x80\x02}" + text("a") + tensor((2,), 4) + b"s" + text("b") + tensor((2,), 4, offset=2) + b"s."
    assert read_checkpoint(saved(two, s0=bytes(16))).parameter_count == 4
    same = two.replace(tensor((2,), 4, offset=2), tensor((2,), 4))
    model = read_checkpoint(saved(same, s0=bytes(16)))
    assert (model.parameter_count, [row.name for row in model.rows]) == (2, ["a"])
    assert "Shared parameters are counted once: b is a." in model.assumptions


def test_keys_that_come_twice() -> None:
    twice = b"\x80\x02}" + text("a") + b"K\x01s" + text("a") + b"K\x02s."
    assert refused(saved(twice)) == "The pickle in the file names 'a' twice, so it cannot be trusted."


def fan(levels: int, width: int) -> bytes:
    """Return a dictionary that holds one other under many keys, which holds one other under many keys …"""
    steps = b"\x80\x02}q\x00"
    for level in range(levels):
        pairs = b"".join(text(f"{level}.{n}") + b"h" + bytes([level]) for n in range(width))
        steps += b"}q" + bytes([level + 1]) + b"(" + pairs + b"u"
    return steps + b"."


@pytest.mark.parametrize(
    "steps",
    [
        b"]" * 100_000 + b"a" * 99_999 + b".",
        b"(" * 1_000_000 + b".",
        b")" + b"\x85" * 200_000 + b".",
        b")" + b"2\x86" * 100_000 + b".",
        b")q\x000" + b"h\x00h\x00\x86q\x000" * 100_000 + b"h\x00h\x00\x93.",
        b"}q\x00" + b"".join(text(str(n)) + b"}q\x01h\x01" + b"0s" for n in range(1000)) + b".",
        b"\x8b"
        + struct.pack("<I", 1_000_000)
        + b"\x7f" * 1_000_000
        + b"q\x000}"
        + b"h\x00Ns" * 100_000
        + b".",
        state("a", b"}" + (text("b") + b"}") * 50_000 + b"s" * 50_000),
        fan(6, 200),
    ],
    ids=range(9),
)
def test_nesting_and_repetition_take_no_time(steps: bytes) -> None:
    start = time.perf_counter()
    assert refused(saved(steps)).endswith(".")
    assert time.perf_counter() - start < 10


def test_a_zip_bomb_is_not_unpacked() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(30_000_000))
    sentence = "The pickle in the file unpacks to more than 100 times its size: a zip bomb, refused."
    assert refused(stream.getvalue()) == sentence
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(100_000_000))
    start = time.perf_counter()
    refused(stream.getvalue())
    assert time.perf_counter() - start < 0.5


def test_archives_that_lie() -> None:
    data = recorded("checkpoint")
    assert refused(data[:-30]) == "The zip archive is cut short: its end is missing."
    assert refused(data[:1000]) == "The zip archive is cut short: its end is missing."
    assert refused(b"") == "The zip archive is cut short: its end is missing."
    end = data.rindex(b"PK\x05\x06")
    large = data[: end + 12] + struct.pack("<L", 64_000_001) + data[end + 16 :]
    assert refused(large).startswith("The directory of the zip archive has 64,000,001 bytes")
    entry = data.index(b"PK\x01\x02")
    for size, sentence in (
        (32_000_001, "cannot have the stated 32,000,001 bytes"),
        (900, "zip archive is"),
    ):
        lying = data[: entry + 24] + struct.pack("<L", size) + data[entry + 28 :]
        assert sentence in refused(lying)
    assert refused(data.replace(b"/data.pkl", b"/data.pkx")).startswith(
        "This zip archive is not a file of torch.save"
    )


def test_members_of_one_name() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a/data.pkl", b"N.")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a/data.pkl", b"N.")
    assert (
        refused(stream.getvalue())
        == "The zip archive has two members of the same name, so it cannot be trusted."
    )
    assert refused(zipped({"a/data.pkl": b"N.", "b/data.pkl": b"N."})).startswith(
        "This zip archive is not a file of torch.save"
    )


@pytest.mark.parametrize(
    "data", [b"", b"PK\x05\x06" + bytes(18), zipped({"config.json": b"{}"}), b"<html>", b"\x80\x02}."]
)
def test_other_files_are_not_recognised(data: bytes) -> None:
    assert not recognises(data)
    assert refused(data)


def test_values_are_not_read() -> None:
    class Noted(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1, /) -> bytes:
            data = super().read(size)
            Noted.taken += len(data)
            return data

    steps = state("a.weight", tensor((10_000_000,), 10_000_000))
    stream = Noted(saved(steps, s0=bytes(40_000_000)))
    assert read_checkpoint_stream(stream).parameter_count == 10_000_000
    assert Noted.taken < 200_000


def test_our_steps_are_those_of_torch() -> None:
    with zipfile.ZipFile(io.BytesIO(recorded("dcgan"))) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("data.pkl")]
        theirs = [opcode.name for opcode, _, _ in pickletools.genops(archive.read(name))]
    ours = [opcode.name for opcode, _, _ in pickletools.genops(state("a", tensor((2,), 2)))]
    assert {"GLOBAL", "REDUCE", "BINPERSID", "TUPLE"} <= set(ours) & set(theirs)


def test_only_read_errors_come_out() -> None:
    models, sentences = outcomes(recognises, read_checkpoint, cases(1000, 0))
    assert models > 20
    assert len(set(sentences)) > 20
    assert all(sentence.endswith(".") and len(sentence) < 300 for sentence in sentences)
