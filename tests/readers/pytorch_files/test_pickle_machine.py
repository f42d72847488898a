"""The pickle of a state dict: never run, whatever it asks for, and read in a short time."""

import io
import pickle
import pickletools
import struct
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from calculator.readers.pytorch_files.pickle_machine import read_pickle
from calculator.readers.pytorch_files.pickle_values import PickledDict, PickledList, PickledObject
from tests.helpers.torch_files import recorded, refused, saved, state_steps, tensor_steps, text_steps


def test_texts_of_every_length_are_names() -> None:
    # SHORT_BINSTRING and BINSTRING are those of Python 2, the others of protocols 2 and 4.
    for steps in (b"U\x01w", b"T\x01\0\0\0w", b"X\x01\0\0\0w", b"\x8c\x01w", b"\x8d\x01" + bytes(7) + b"w"):
        content = read_pickle(b"\x80\x02}" + steps + b"K\x01s.").content
        assert isinstance(content, PickledDict)
        assert content.items == {"w": 1}


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


HOSTILE = {
    "os.system": b"cos\nsystem\n(" + text_steps("touch canary") + b"tR.",
    "posix.system": b"\x80\x04\x8c\x05posix\x8c\x06system\x93.",
    "builtins.eval": b"cbuiltins\neval\n.",
    "torch.load": b"ctorch\nload\n.",
    "torch._utils.sys.modules": b"\x80\x04\x8c\x0ctorch._utils\x8c\x0bsys.modules\x93.",
    "pathlib.Path.write_text": b"\x80\x04\x8c\x07pathlib\x8c\x0fPath.write_text\x93.",
    "a call of what builtins.getattr returns": b"cbuiltins\ngetattr\n(ccollections\nOrderedDict\n"
    + text_steps("x")
    + b"tR)R.",
    "'os\\x07.system'": b"cos\x07\nsystem\n.",
    "the opcode INST": b"(ios\nsystem\n.",
    "the opcode OBJ": b"(ccollections\nOrderedDict\no.",
    "the opcode STRING": b"S'\\\x9f'\n.",
    "the opcode EXT1": b"\x82\x01.",
    "the opcode PERSID": b"P1\n.",
    "the opcode NEXT_BUFFER": b"\x97.",
}


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
    b"N" + text_steps("a") + b"\x93.",
    text_steps("a") + b"N\x93.",
    b"ccol\\x6c\nOrderedDict\n)R.",
    b"ccollections\nOrderedDict\n(](NetR.",
    b"ccollections\nOrderedDict\nN\x81.",
    b"N)\x81.",
    b"}Na.",
    b"NN]b.",
    b"NR.",
    b"\xff.",
    b"Iabc\n.",
    b"I" + b"9" * 5000 + b"\n.",
    b"ctorch._utils\n_rebuild_tensor_v2\n)R.",
    b"ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR.",
    state_steps("a", tensor_steps((2,), -1)),
    state_steps("a", tensor_steps((-2,), 2)),
    state_steps("a", tensor_steps((2, 2), 4, steps=(1,))),
    state_steps("a", tensor_steps((2,), 2, offset=-1)),
    state_steps("a", tensor_steps((10**18 + 1,), 2)),
    state_steps("a", tensor_steps((1,) * 65, 2)),
]


BROKEN = "The pickle in the file is damaged or cut short."


def fan(levels: int, width: int) -> bytes:
    """Return a dictionary that holds one other under many keys, which holds one other under many keys …"""
    steps = b"\x80\x02}q\x00"
    for level in range(levels):
        pairs = b"".join(text_steps(f"{level}.{n}") + b"h" + bytes([level]) for n in range(width))
        steps += b"}q" + bytes([level + 1]) + b"(" + pairs + b"u"
    return steps + b"."


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


@pytest.mark.parametrize("asked", HOSTILE)
def test_what_is_asked_for_is_named_and_refused(asked: str) -> None:
    assert refused(saved(HOSTILE[asked])).startswith(
        f"The pickle in the file names {asked}, which would run code: refused."
    )


@pytest.mark.parametrize("steps", DAMAGED, ids=range(len(DAMAGED)))
def test_a_damaged_pickle(steps: bytes) -> None:
    assert refused(saved(steps, s0=bytes(8))) == BROKEN


def test_the_number_of_steps_is_limited() -> None:
    assert (
        refused(saved(b"]0" * 2_000_001 + b"N.")) == "The pickle in the file has more than 4,000,000 steps."
    )


def test_the_opcodes_of_every_protocol() -> None:
    content = read_pickle(
        b"\x80\x04}\x94("
        + text_steps("float")
        + b"F1.5\n"
        + text_steps("popped")
        + b"(NN1N"  # a mark with two objects, dropped
        + text_steps("kept")
        + b"Np300\n0g300\n"
        + b"K\x07"  # a whole number as a key
        + text_steps("seven")
        + b"\x8a\x09"
        + b"\x7f" * 9  # a number of 72 bits as a key: not kept
        + b"N"
        + text_steps("set")
        + b"\x8f(NN\x90"
        + text_steps("frozen")
        + b"(NN\x91"
        + text_steps("list")
        + b"(K\x01K\x02l"
        + text_steps("dict")
        + b"(K\x01K\x02d"
        + text_steps("bytes")
        + b"\x96"
        + bytes(8)
        + b"u."
    ).content
    assert isinstance(content, PickledDict)
    assert set(content.items) == {"float", "popped", "kept", 7, "set", "frozen", "list", "dict", "bytes"}
    assert (content.items["float"], content.items["kept"], content.items[7]) == (1.5, None, "seven")
    kinds = [value.name for value in content.items.values() if isinstance(value, PickledObject)]
    assert kinds == ["builtins.set", "builtins.frozenset", "builtins.bytearray"]
    assert not content.has_tensors


def test_a_backslash_before_a_name_is_damage() -> None:
    assert refused(saved(b"N0c\\collections\nOrderedDict\n)R.")) == BROKEN


def test_names_become_marks_and_nothing_is_looked_up() -> None:
    made = pickle.dumps([Path("a"), {1}, range(3), ValueError("x"), 1j, b"x"], 2)
    before = set(sys.modules)
    steps = b"\x80\x04cno.such.module\nThing\n)\x81}(" + text_steps("a") + tensor_steps((2,), 2) + b"ub."
    thing = read_pickle(steps).content
    assert isinstance(thing, PickledObject)
    assert (thing.name, thing.has_tensors) == ("no.such.module.Thing", True)
    content = read_pickle(made).content
    assert isinstance(content, PickledList)
    assert [item.name for item in content.items if isinstance(item, PickledObject)] == [
        type(Path("a")).__module__ + "." + type(Path("a")).__name__,
        "__builtin__.set",
        "__builtin__.xrange",
        "exceptions.ValueError",
        "__builtin__.complex",
        "_codecs.encode",
    ]
    assert set(sys.modules) == before


class Plain:
    """An object whose pickle calls ``copyreg._reconstructor`` in the protocols before 2."""


@pytest.mark.parametrize("protocol", [0, 1, 2, 5])
def test_an_object_has_the_name_of_its_class_in_every_protocol(protocol: int) -> None:
    content = read_pickle(pickle.dumps(Plain(), protocol)).content
    assert isinstance(content, PickledObject)
    assert content.name == f"{Plain.__module__}.Plain"


@pytest.mark.parametrize(
    "steps", [b"](@Ne.", b"](N@e.", b"]@aNa.", b"]Na@a.", b"\x8f(@N\x90.", b"](@Nta.", b"]N@\x86\x85a."]
)
def test_a_tensor_in_a_list_a_set_or_a_tuple_is_not_forgotten(steps: bytes) -> None:
    content = read_pickle(b"\x80\x04" + steps.replace(b"@", tensor_steps((2,), 2))).content
    assert isinstance(content, PickledList | PickledObject)
    assert content.has_tensors


@pytest.mark.parametrize(
    "pairs", [b"}" + text_steps("a") + b"K\x01s", b"]" + text_steps("a") + b"K\x01\x86a"]
)
def test_an_ordered_dictionary_is_made_of_a_dictionary_or_of_pairs(pairs: bytes) -> None:
    content = read_pickle(b"\x80\x02ccollections\nOrderedDict\n" + pairs + b"\x85R.").content
    assert isinstance(content, PickledDict)
    assert content.items == {"a": 1}


def test_keys_that_come_twice() -> None:
    twice = b"\x80\x02}" + text_steps("a") + b"K\x01s" + text_steps("a") + b"K\x02s."
    assert refused(saved(twice)) == "The pickle in the file names 'a' twice, so it cannot be trusted."


@pytest.mark.parametrize(
    "steps",
    [
        b"]" * 100_000 + b"a" * 99_999 + b".",
        b"(" * 1_000_000 + b".",
        b")" + b"\x85" * 200_000 + b".",
        b")" + b"2\x86" * 100_000 + b".",
        b")q\x000" + b"h\x00h\x00\x86q\x000" * 100_000 + b"h\x00h\x00\x93.",
        b"}q\x00" + b"".join(text_steps(str(n)) + b"}q\x01h\x01" + b"0s" for n in range(1000)) + b".",
        b"\x8b"
        + struct.pack("<I", 1_000_000)
        + b"\x7f" * 1_000_000
        + b"q\x000}"
        + b"h\x00Ns" * 100_000
        + b".",
        state_steps("a", b"}" + (text_steps("b") + b"}") * 50_000 + b"s" * 50_000),
        fan(6, 200),
    ],
    ids=range(9),
)
def test_nesting_and_repetition_take_no_time(steps: bytes) -> None:
    start = time.process_time()
    assert refused(saved(steps)).endswith(".")
    assert time.process_time() - start < 10


def test_our_steps_are_those_of_torch() -> None:
    with zipfile.ZipFile(io.BytesIO(recorded("dcgan"))) as archive:
        [name] = [name for name in archive.namelist() if name.endswith("data.pkl")]
        theirs = [opcode.name for opcode, _, _ in pickletools.genops(archive.read(name))]
    ours = [opcode.name for opcode, _, _ in pickletools.genops(state_steps("a", tensor_steps((2,), 2)))]
    assert {"GLOBAL", "REDUCE", "BINPERSID", "TUPLE"} <= set(ours) & set(theirs)
