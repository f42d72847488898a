"""The structure of HDF5 files: what h5py wrote is read in full, and every hostile structure is refused soon.

The files ``keras*.h5`` were written by Keras 3.15.1 and h5py 3.16.0; the names and shapes here are those that
h5py lists. ``keras2_many.h5`` has the newest format (``libver="latest"``): thirteen links are in a heap.
"""

import io
import re
import struct
import time

import pytest

from calculator.readers.containers.hdf5 import MAX_OBJECTS, Dataset, Group, find_signature, read_hdf5
from calculator.readers.model import MAX_DEPTH, ReadError
from tests.helpers.hdf5_writing import (
    Node,
    Values,
    attribute,
    hdf5,
    header,
    link,
    message,
    old_hdf5,
    space,
    superblock,
    tree,
)
from tests.helpers.paths import READER_FILES
from tests.helpers.peak_memory import most_memory

OLD = (READER_FILES / "keras3_decoder.h5").read_bytes()
NEW = (READER_FILES / "keras2_many.h5").read_bytes()
UNDEFINED = b"\xff" * 8
DAMAGED = "This HDF5 file is damaged:"


def shapes(data: bytes) -> dict[str, tuple[int, ...]]:
    return {"/".join(path): each.shape for path, each in read_hdf5(io.BytesIO(data)).datasets()}


def test_old_groups_are_read() -> None:
    assert shapes(OLD) == {
        "model_weights/norm/decoder/norm/beta": (3,),
        "model_weights/norm/decoder/norm/gamma": (3,),
        "model_weights/norm/decoder/norm/moving_mean": (3,),
        "model_weights/norm/decoder/norm/moving_variance": (3,),
        "model_weights/up/decoder/up/bias": (3,),
        "model_weights/up/decoder/up/kernel": (3, 3, 3, 2),
    }


def test_new_groups_with_a_heap_are_read() -> None:
    found = shapes(NEW)
    assert len(found) == 24
    assert found["conv2d_transpose_11/conv2d_transpose_11/kernel:0"] == (2, 2, 1, 1)
    root = read_hdf5(io.BytesIO(NEW))
    assert list(root.children) == sorted(str(name) for name in root.attributes["layer_names"])
    assert root.attributes["layer_names"] == (*(f"conv2d_transpose_{i}" for i in range(12)), "activation")


def test_texts_of_any_length_come_from_the_global_heap() -> None:
    root = read_hdf5(io.BytesIO(OLD))
    assert root.text("keras_version") == "3.15.1"
    assert root.text("model_config").startswith('{"class_name": "Sequential"')
    assert root.text("model_config").endswith("}")
    weights = root.group("model_weights")
    assert weights is not None
    assert weights.attributes["layer_names"] == ("up", "norm")
    assert root.text("missing") == ""
    assert root.group("missing") is None


def test_a_user_block_moves_everything() -> None:
    for size in (512, 1024, 4096):
        data = bytes(size) + OLD
        assert find_signature(data) == size
        assert shapes(data) == shapes(OLD)
    assert find_signature(bytes(513) + OLD) == -1


def test_types_of_values_are_told_apart() -> None:
    root = read_hdf5(io.BytesIO(hdf5(Node(whole=Values(2, kind=0), real=Values(), text=Values(3, kind=3)))))
    assert root.children == {
        "whole": Dataset((2,), integer=True, real=False),
        "real": Dataset(()),
        "text": Dataset((3,), integer=False, real=False),
    }


def test_what_was_written_is_read() -> None:
    written = tree({"a/b/0": (2, 3), "a/c": ()}, {"a": {"name": "ä", "list": ["x", "", "yz"]}})
    root = read_hdf5(io.BytesIO(hdf5(written)))
    assert root.group("a") is not None
    assert isinstance(root.children["a"], Group)
    assert root.children["a"].attributes == {"name": ("ä",), "list": ("x", "", "yz")}
    assert dict(root.datasets()) == {("a", "b", "0"): Dataset((2, 3)), ("a", "c"): Dataset(())}


@pytest.mark.parametrize("data", [OLD, NEW], ids=["old", "new"])
def test_a_file_that_is_cut_short_is_refused_at_every_length(data: bytes) -> None:
    for length in range(8, len(data), 97):
        with pytest.raises(ReadError, match=r"cut short|damaged"):
            shapes(data[:length])


@pytest.mark.parametrize("sizes", [(2, 2), (2, 8), (4, 4), (4, 2), (8, 4), (8, 8)])
@pytest.mark.parametrize("version", [0, 1])
def test_old_files_have_addresses_and_lengths_of_any_size(version: int, sizes: tuple[int, int]) -> None:
    written = {f"{path}{n}": (n + 1, 2) for path in ("a/x", "b/", "c") for n in range(7)}
    data = old_hdf5(tree(written, {}), version, *sizes)
    assert shapes(data) == written
    assert list(shapes(data)) == list(written)  # In the order of the file.
    assert shapes(bytes(512) + data) == written


def test_an_old_group_without_children_is_read() -> None:
    assert read_hdf5(io.BytesIO(old_hdf5(Node()))).children == {}
    assert read_hdf5(io.BytesIO(old_hdf5(Node(a=Node(), b=Values(2)), 1, 4, 4))).children == {
        "a": Group(),
        "b": Dataset((2,)),
    }


@pytest.mark.parametrize("sizes", [(3, 8), (5, 8), (8, 3), (8, 9), (1, 8), (16, 16)])
def test_addresses_and_lengths_of_other_sizes_are_refused(sizes: tuple[int, int]) -> None:
    data = bytearray(old_hdf5(Node(a=Values(2))))
    data[13:15] = sizes
    with pytest.raises(ReadError) as caught:
        read_hdf5(io.BytesIO(data))
    assert str(caught.value) == (
        f"This HDF5 file is damaged: its addresses or lengths have sizes of {sizes} bytes."
    )


def place(*headers: bytes) -> bytes:
    """Return a file whose root is the first of the headers, which begin at 48."""
    body = b"".join(headers)
    return superblock(48, 48 + len(body)) + body


def test_a_group_inside_itself_is_refused() -> None:
    with pytest.raises(ReadError, match="'again' is linked twice: refused"):
        shapes(place(header(link("again", 48))))


def test_an_object_with_two_names_is_refused() -> None:
    # Twice as many paths on every level otherwise.
    size = len(header(link("a", 0), link("b", 0)))
    levels = [header(link("a", 48 + size * n), link("b", 48 + size * n)) for n in range(1, 60)]
    with pytest.raises(ReadError, match="linked twice"):
        shapes(place(*levels, header()))


def test_a_header_that_continues_in_itself_is_refused() -> None:
    block = b"OCHK" + message(16, struct.pack("<2Q", 0, 0)) + bytes(4)
    first = header(message(16, struct.pack("<2Q", 0, len(block))))
    begin = 48 + len(first)
    first = header(message(16, struct.pack("<2Q", begin, len(block))))
    block = b"OCHK" + message(16, struct.pack("<2Q", begin, len(block))) + bytes(4)
    with pytest.raises(ReadError, match=f"^{DAMAGED} the header of an object contains itself.$"):
        shapes(place(first, block))


@pytest.mark.parametrize(("kind", "words"), [(1, "not followed"), (64, "not followed")])
def test_links_to_other_places_and_files_are_refused(kind: int, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        shapes(place(header(link("a", 48, kind))))


def test_deep_groups_are_refused() -> None:
    size = len(header(link("a", 0)))
    levels = [header(link("a", 48 + size * n)) for n in range(1, MAX_DEPTH + 10)]
    with pytest.raises(ReadError, match="more than 200 levels"):
        shapes(place(*levels, header()))


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (
            (header(link("a", 10**9)),),
            "This HDF5 file is cut short or damaged: a part of it lies outside the file.",
        ),
        ((header(link("a", 2**64 - 1)),), "In this HDF5 file 'a' is linked twice: refused."),
        ((header(link("a", 48 + 4)),), f"{DAMAGED} the header of an object has an unknown version."),
        ((b"OHDR\x03" + bytes(20),), f"{DAMAGED} the header of an object has an unknown version."),
        (
            (header(message(1, space((2,) * 65))),),
            f"{DAMAGED} a shape in it has 65 axes; at most 64 are read.",
        ),
        (
            (header(message(1, space((10**10, 10**10)))),),
            "A dataset of this HDF5 file has the shape (10000000000, 10000000000), "
            "above the maximum of 10^18.",
        ),
        (
            (header(message(1, space((2,)), 2)),),
            "This HDF5 file keeps shapes in shared messages, which are not read.",
        ),
        ((header(message(1, space((2,)))),), f"{DAMAGED} its root is not a group."),
        (
            (header(message(17, struct.pack("<2Q", 48, 48))),),
            f"{DAMAGED} HEAP is missing where a part of it begins.",
        ),
        (
            (header(message(2, b"\0\0" + struct.pack("<2Q", 48, 48))), bytes(200)),
            f"{DAMAGED} FRHP is missing where a part of it begins.",
        ),
        (
            (header(message(12, b"\x09" + bytes(30))),),
            f"{DAMAGED} an attribute in it has the unknown version 9.",
        ),
        ((header(message(6, b"\x07" + bytes(30))),), f"{DAMAGED} a link in it has the unknown version 7."),
        ((header(message(6, b"\x01\0\x20a")),), f"{DAMAGED} a part of it ends before its last field."),
        ((header(link("a", 48), link("a", 90)),), f"{DAMAGED} a group has two children of the same name."),
    ],
)
def test_damage_is_refused_with_a_sentence(headers: tuple[bytes, ...], words: str) -> None:
    with pytest.raises(ReadError, match=f"^{re.escape(words)}$"):
        shapes(place(*headers))


def refused(data: bytes) -> tuple[float, str]:
    """Return (seconds, sentence) of refusing ``data``, after a check of the memory that it takes."""
    begun = time.process_time()
    with pytest.raises(ReadError) as caught:
        read_hdf5(io.BytesIO(data))
    seconds = time.process_time() - begun
    assert most_memory(data) < 100_000_000
    return seconds, str(caught.value)


def test_many_objects_are_refused_soon() -> None:
    first = header(*(link(f"{n:x}", 0) for n in range(MAX_OBJECTS + 1)))
    seconds, sentence = refused(place(first))
    assert sentence == "A group of this HDF5 file has more than 100,000 children."
    assert seconds < 5


def test_overlapping_headers_take_no_time() -> None:
    # Each of many groups reads the same long header, which is full of empty messages.
    empty, groups = message(0, b"") * 60_000, 2_000

    def own(shared: int) -> bytes:
        return header(message(16, struct.pack("<2Q", shared, len(empty) + 8)))

    begin = 48 + len(header(*(link(f"{n:05}", 0) for n in range(groups))))
    root = header(*(link(f"{n:05}", begin + n * len(own(0))) for n in range(groups)))
    shared = begin + groups * len(own(0))
    seconds, sentence = refused(place(root, own(shared) * groups, b"OCHK" + empty + bytes(4)))
    assert sentence == "This HDF5 file has more than 500,000 messages in its headers."
    assert seconds < 5


def test_one_text_that_is_used_many_times_takes_no_memory() -> None:
    # 20,000 texts of a megabyte each, which are all the same bytes of one heap.
    size, count = 1_000_000, 3_000
    kind = struct.pack("<B3sI", 0x19, b"\x01\0\0", 16) + bytes(12)
    shape = space((count,))

    def made(heap: int) -> bytes:
        begin = struct.pack("<2B3HB", 3, 0, 2, len(kind), len(shape), 0)
        values = struct.pack("<IQI", size, heap, 1) * count
        return header(message(12, begin + b"a\0" + kind + shape + values))

    heap = 48 + len(made(0))
    collection = b"GCOL\x01\0\0\0" + struct.pack("<Q", size + 64) + struct.pack("<2H4xQ", 1, 1, size)
    seconds, sentence = refused(place(made(heap), collection + b"x" * size + bytes(64)))
    assert sentence == "The texts in this HDF5 file have more than 40,000,000 bytes, the maximum."
    assert seconds < 5


def test_an_attribute_that_is_not_text_has_no_texts() -> None:
    number = struct.pack("<2B3HB", 3, 0, 2, 20, 4, 0) + b"n\0" + bytes([0x10]) + bytes(19) + space(())
    root = read_hdf5(io.BytesIO(place(header(message(12, number + bytes(4)), attribute("t", "x")))))
    assert root.attributes == {"n": (), "t": ("x",)}


# HDF5 File Format Specification 3.0, IV.A.2.g: bit 2 for the creation order, bit 4 for the character set.
@pytest.mark.parametrize(
    ("flags", "begin"), [(0, b""), (4, bytes(range(8))), (16, b"\x01"), (20, bytes(range(8)) + b"\x01")]
)
def test_a_link_may_have_an_order_and_a_character_set(flags: int, begin: bytes) -> None:
    entry = struct.pack("<2B", 1, flags) + begin + b"\x02up" + struct.pack("<Q", 48)
    size = len(header(message(6, entry)))
    entry = entry[:-8] + struct.pack("<Q", 48 + size)
    assert shapes(place(header(message(6, entry)), header(message(1, space((2, 3)))))) == {"up": (2, 3)}


def test_a_dataset_with_a_null_dataspace_has_no_values() -> None:
    size = len(header(link("empty", 0)))
    null = header(message(1, struct.pack("<4B", 2, 0, 0, 2)))  # The type 2 of IV.A.2.b.
    assert shapes(place(header(link("empty", 48 + size)), null)) == {"empty": (0,)}


@pytest.mark.parametrize(
    "flags", [size | order | more for size in range(4) for order in (0, 4) for more in (0, 16, 32, 48)]
)
def test_every_form_of_a_new_header_is_read(flags: int) -> None:
    # IV.A.1.b: bits 0 and 1 for the width of the size, 2 for an order in each message, 4 for two limits of
    # attributes, 5 for four times.
    order = bytes(2) if flags & 4 else b""

    def made(entry: bytes) -> bytes:
        body = entry[:4] + order + entry[4:]
        begin = bytes([2, flags]) + bytes(range(1, 17) if flags & 32 else 0) + bytes(4 if flags & 16 else 0)
        return b"OHDR" + begin + len(body).to_bytes(1 << (flags & 3), "little") + body + bytes(4)

    begin = 48 + len(made(link("up", 0)))
    assert shapes(place(made(link("up", begin)), made(message(1, space((2, 3)))))) == {"up": (2, 3)}


@pytest.mark.parametrize(("order", "gap"), [(b"", 1), (b"", 3), (b"\0\0", 1), (b"\0\0", 3), (b"\0\0", 5)])
def test_a_gap_that_is_too_short_for_a_message_ends_a_header(order: bytes, gap: int) -> None:
    # IV.A.1.b: what is left is filled with zeros; here with others, which begin no message either.
    def made(entry: bytes) -> bytes:
        body = entry[:4] + order + entry[4:] + b"\x01\xff\xff\xff\xff"[:gap]
        return b"OHDR" + bytes([2, 4 if order else 0, len(body)]) + body + bytes(4)

    begin = 48 + len(made(link("up", 0)))
    assert shapes(place(made(link("up", begin)), made(message(1, space((2, 3)))))) == {"up": (2, 3)}


def test_a_dataset_is_known_by_its_shape_and_a_group_by_its_links() -> None:
    root = read_hdf5(io.BytesIO(place(header(link("a", 48 + len(header(link("a", 0))))), header())))
    assert root.children == {"a": Group()}  # Neither: an empty group.


def test_a_file_that_is_cut_short_says_by_how_much() -> None:
    with pytest.raises(ReadError) as caught:
        shapes(OLD[:-1])
    has, should = f"{len(OLD) - 1:,}", f"{len(OLD):,}"
    assert str(caught.value) == f"This HDF5 file is cut short: it should have {should} bytes and has {has}."
