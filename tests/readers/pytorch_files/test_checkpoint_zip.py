"""Zip archives that are damaged, contradict themselves or unpack to much more than their size."""

import io
import struct
import time
import zipfile

import pytest

from tests.helpers.torch_files import recorded, refused, zipped


def test_a_zip_bomb_is_not_unpacked() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", bytes(30_000_000))
    sentence = "The pickle in the file unpacks to more than 100 times its size: a zip bomb, refused."
    assert refused(stream.getvalue()) == sentence
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data/0", bytes(100_000_000))
    start = time.process_time()
    refused(stream.getvalue())
    assert time.process_time() - start < 0.5


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
