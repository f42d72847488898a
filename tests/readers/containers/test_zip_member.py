"""Members of zip archives: read within their limits, and refused where the archive contradicts itself."""

import io
import struct
import zipfile

import pytest

from calculator.readers.containers.zip_member import check_member_path, read_member
from calculator.readers.model import ReadError


def read(data: bytes, *, maximum: int = 1000, ratio: int = 100) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return read_member(archive, archive.infolist()[0], "The member", maximum=maximum, ratio=ratio)


def packed(content: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("a.txt", content)
    return stream.getvalue()


def refused(data: bytes, **limits: int) -> str:
    with pytest.raises(ReadError) as caught:
        read(data, **limits)
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("content", [b"", b"text", bytes(1000)])
def test_a_member_within_the_limits(content: bytes, method: int) -> None:
    assert read(packed(content, method)) == content


def test_a_member_beyond_the_limits() -> None:
    assert refused(packed(bytes(1001))) == "The member has 1,001 bytes; at most 1,000 are read."
    sentence = "The member unpacks to more than 2 times its size: a zip bomb, refused."
    assert refused(packed(bytes(1000)), ratio=2) == sentence
    # Below 100 packed bytes the ratio is that of 100 bytes.
    assert read(packed(bytes(200)), ratio=2) == bytes(200)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_refused(method: int) -> None:
    assert refused(packed(b"text", method)).startswith("The member is packed in an unusual way")


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(packed(b"text"))
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
    assert refused(bytes(data)) == "The member is encrypted. Give the file without a password."


@pytest.mark.parametrize("name", ["a", "archive/data/0", "a..b/c", "folder/"])
def test_a_path_inside(name: str) -> None:
    check_member_path(name, "The archive")


@pytest.mark.parametrize("name", ["../a", "a/../../b", "..\\a", "/etc/passwd", "\\a", "C:/a", "C:\\a"])
def test_a_path_that_leads_out(name: str) -> None:
    with pytest.raises(ReadError, match=r"^The archive has a member .* which leads out of it: refused\.$"):
        check_member_path(name, "The archive")
