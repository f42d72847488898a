"""Files of PyTorch before 1.6: exact totals, nothing of the values read, and files that lie."""

import pickle
import struct

import pytest

from calculator.readers.pytorch_files.checkpoint import read_checkpoint, read_checkpoint_stream
from calculator.readers.pytorch_files.legacy_file import recognises
from tests.helpers.counted_stream import CountedStream
from tests.helpers.torch_files import counts, recorded, refused, tensor_steps, text_steps

MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
START = MAGIC + pickle.dumps(1001, 2) + pickle.dumps({"little_endian": True}, 2)
VIEW = b"N"


def legacy_tensor(shape: tuple[int, ...], count: int, view: bytes = VIEW) -> bytes:
    """Return the steps of a tensor over storage 0, whose identity ends with a view."""
    return tensor_steps(shape, count).replace(b"tQ", view + b"tQ", 1)


def legacy(content: bytes, *values: bytes, keys: tuple[str, ...] = ("0",), size: int = 4) -> bytes:
    """Return a file with the pickle ``content`` and a storage for each of ``values``."""
    storages = b"".join(struct.pack("<q", len(value) // size) + value for value in values)
    return START + content + pickle.dumps(list(keys), 2) + storages


def one(value: bytes) -> bytes:
    return b"\x80\x02}" + text_steps("a.weight") + value + b"s."


def test_the_recorded_file() -> None:
    data = recorded("legacy")
    assert recognises(data)
    model = read_checkpoint(data)
    assert counts(model) == [("up", "ConvTranspose2d", 48, 3, 0), ("norm", "BatchNorm", 3, 3, 0)]


def test_our_steps_are_read_like_those_of_torch() -> None:
    assert read_checkpoint(legacy(one(legacy_tensor((2,), 2)), bytes(8))).parameter_count == 2
    old = one(tensor_steps((2,), 2).replace(b"_rebuild_tensor_v2", b"_rebuild_tensor"))
    assert read_checkpoint(legacy(old, bytes(8))).parameter_count == 2


def test_a_view_begins_inside_its_storage() -> None:
    # (key, first value, number of values) of PyTorch 0.3, whose storages could be parts of others.
    view = b"(" + text_steps("1") + b"K\x02K\x02t"
    assert read_checkpoint(legacy(one(legacy_tensor((2,), 4, view)), bytes(16))).parameter_count == 2
    assert "is stored in 3 values" in refused(legacy(one(legacy_tensor((2,), 3, view)), bytes(12)))
    for wrong in (b"K\x01", b"(" + text_steps("1") + b"J\xff\xff\xff\xffK\x02t", b")"):
        assert refused(legacy(one(legacy_tensor((2,), 4, wrong)), bytes(16))).startswith("The pickle")


def test_dictionaries_of_python_2() -> None:
    pair = b"](U\x08a.weight" + legacy_tensor((2,), 2) + b"e"
    steps = b"\x80\x02ccollections\nOrderedDict\n](" + pair + b"e\x85R."
    assert read_checkpoint(legacy(steps, bytes(8))).parameter_count == 2


GOOD = legacy(one(legacy_tensor((2,), 2)), bytes(8))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (GOOD[:-1], "it is cut short"),
        (GOOD[:-9], "it is cut short"),
        (GOOD[:60], "damaged or cut short"),
        (GOOD + b"more", "but 4 bytes follow"),
        (legacy(one(legacy_tensor((2,), 3)), bytes(8)), "should take 12 bytes and take 8"),
        (legacy(one(legacy_tensor((2,), 2)), bytes(8), bytes(8), keys=("0", "1")), "that no tensor needs"),
        (legacy(one(legacy_tensor((2,), 2)), keys=()), "it is not complete"),
        (legacy(one(legacy_tensor((2,), 2)), bytes(8), keys=("0", "0")), "list of storages in the file is"),
        (GOOD.replace(pickle.dumps(1001, 2), pickle.dumps(1002, 2)), "has the version 1002 of the format"),
        (START + b"\x80\x02cos\nsystem\n.", "names os.system, which would run code: refused"),
        (MAGIC, "damaged or cut short"),
        (
            legacy(one(legacy_tensor((2,), 2))) + struct.pack("<q", -1),
            "it is cut short",
        ),
    ],
    ids=range(12),
)
def test_files_that_lie(data: bytes, sentence: str) -> None:
    assert recognises(data)
    assert sentence in refused(data)


def test_a_list_that_is_not_one_of_keys() -> None:
    data = START + one(legacy_tensor((2,), 2)) + b"\x80\x02K\x01." + struct.pack("<q", 2) + bytes(8)
    assert refused(data) == "The list of storages in the file is damaged."


def test_sentences_have_numbers_with_separators() -> None:
    assert refused(GOOD + bytes(123_456)) == (
        f"The values of the file end at byte {len(GOOD):,}, but 123,456 bytes follow."
    )
    long = legacy(one(legacy_tensor((500_000,), 500_000)), bytes(2_000_000))
    assert refused(long[:-1]) == (
        f"The values of the file should end at byte {len(long)}, and the file has {len(long) - 1:,} bytes: "
        "it is cut short."
    )


def test_values_are_not_read() -> None:
    stream = CountedStream(legacy(one(legacy_tensor((10_000_000,), 10_000_000)), bytes(40_000_000)))
    assert read_checkpoint_stream(stream).parameter_count == 10_000_000
    assert stream.taken < 1_200_000


def test_a_long_pickle_is_read_on() -> None:
    names = b"".join(text_steps(f"note {n}") + text_steps("x" * 100) for n in range(10_000))
    steps = b"\x80\x02}(" + names + text_steps("a.weight") + legacy_tensor((2,), 2) + b"u."
    assert len(steps) > 1_000_000
    assert read_checkpoint(legacy(steps, bytes(8))).parameter_count == 2
