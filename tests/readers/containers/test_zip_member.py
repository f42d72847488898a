"""Members of zip archives: read within their limits, and refused where the archive contradicts itself."""

import io
import struct
import zipfile

import pytest

from calculator.readers.containers.zip_member import check_member_path, read_member, stored_member
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


@pytest.mark.parametrize("way", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_is_a_stream_of_its_own(way: int) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", way) as archive:
        archive.writestr("first", b"x" * 1000)
        archive.writestr("second", bytes(range(256)))
    with zipfile.ZipFile(made) as archive:
        part = stored_member(archive, archive.getinfo("second"), made, "The member", 1000)
        assert part.seek(0, io.SEEK_END) == 256
        part.seek(250)
        assert part.read(100) == bytes(range(250, 256))
        part.seek(10)
        assert part.read(2) == b"\x0a\x0b"
        if way == zipfile.ZIP_DEFLATED:
            with pytest.raises(ReadError, match=r"^The member has 256 bytes; at most 100 are read\.$"):
                stored_member(archive, archive.getinfo("second"), made, "The member", 100)


def test_a_member_that_is_not_where_the_directory_says_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("first", b"x" * 100)
        info = archive.getinfo("first")
        info.header_offset = 7
        with pytest.raises(ReadError, match=r"^The member is missing: the archive is damaged\.$"):
            stored_member(archive, info, made, "The member", 1000)
        info.header_offset = 0
