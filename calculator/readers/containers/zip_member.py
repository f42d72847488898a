"""Members and directory of an untrusted zip archive, read with limits on sizes, number and paths.

The archive is opened by ``zipfile``. The checks are hand-written:

- ``ZipFile.read`` trusts the archive about sizes, so that a few kilobytes can fill the memory.
- ``ZipFile.extract`` writes files, which a reader must never do.
- Packages against zip bombs check whole archives; here only one small member of a large archive is unpacked.
"""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError

MIN_PACKED_SIZE = 100
"""The packed size in bytes below which the ratio is not applied: a short text of blanks is not a bomb."""

_LOCAL_HEADER = 30
"""The size of the header before a member, without the member's name."""

_ENTRY = b"PK\x01\x02"
"""The signature of an entry of the directory."""

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
"""The signatures of the two forms of the record at the end of an archive."""

_MAX_END = 66_000
"""The maximum length of the end record and its comment in bytes."""

_CHUNK = 1 << 20

DAMAGED_ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    OSError,
    RuntimeError,
    OverflowError,
    KeyError,
    IndexError,
)
"""The exceptions that ``zipfile`` raises for a damaged archive."""


class Directory(NamedTuple):
    """The directory at the end of an archive: its size in bytes, and at least the number of its entries.

    ``complete`` is whether the archive has the record that ends it.
    """

    size: int
    entries: int
    complete: bool


def find_directory(stream: BinaryIO) -> Directory:
    r"""Return the directory of an open archive.

    ``zipfile`` creates an object for every entry, so the entries must be counted before it opens an archive.

    >>> find_directory(io.BytesIO(b"PK\x05\x06" + bytes(18)))
    Directory(size=0, entries=0, complete=True)
    """
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - _MAX_END))
    tail = stream.read(_MAX_END)
    size = max(_directory_sizes(tail), default=0)
    stream.seek(max(0, end - size - _MAX_END))
    entries, kept = 0, b""
    while chunk := stream.read(_CHUNK):
        part = kept + chunk
        entries += part.count(_ENTRY)
        kept = part[1 - len(_ENTRY) :]
    return Directory(size, entries, _END in tail)


def _directory_sizes(tail: bytes) -> Iterator[int]:
    """Yield every size that the directory may have: an archive can have two end records that differ."""
    for signature, offset, layout in ((_END, 12, "<L"), (_END_64, 40, "<Q")):
        for match in re.finditer(signature, tail):
            if match.start() + offset + struct.calcsize(layout) <= len(tail):
                size = int(struct.unpack_from(layout, tail, match.start() + offset)[0])
                if size != 0xFFFFFFFF:  # This value means that the 64-bit record has the size.
                    yield size


def check_member_path(name: str, subject: str) -> None:
    """Raise ``ReadError`` where the member ``name`` of an archive would be unpacked outside its folder.

    ``subject`` begins the sentence and names the archive.

    >>> check_member_path("archive/data/0", "The zip archive")
    >>> check_member_path("../x", "The zip archive")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: The zip archive has a member '../x', which leads out of it: refused.
    """
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
        raise ReadError(f"{subject} has a member {short_repr(name)}, which leads out of it: refused.")


def read_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, subject: str, *, maximum: int, ratio: int
) -> bytes:
    """Return the content of ``member``, at most ``maximum`` bytes and ``ratio`` times its packed size.

    Raises ``ReadError`` with a sentence that begins with ``subject``, or one of ``DAMAGED_ARCHIVE_ERRORS``.
    """
    if member.flag_bits & 1:
        raise ReadError(f"{subject} is encrypted. Give the file without a password.")
    # Only for these two methods does Python unpack no more bytes than requested, whatever the archive states.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ReadError(f"{subject} is packed in an unusual way: only stored and deflated members are read.")
    size = member.file_size
    if size > maximum:
        raise ReadError(f"{subject} has {size:,} bytes; at most {maximum:,} are read.")
    if size > ratio * max(member.compress_size, MIN_PACKED_SIZE):
        raise ReadError(f"{subject} unpacks to more than {ratio} times its size: a zip bomb, refused.")
    with archive.open(member) as stream:
        # One byte more than stated shows a member that is longer than the archive states.
        content = stream.read(size + 1)
    if len(content) != size:
        raise ReadError(f"{subject} does not have the length that the archive states.")
    return content


def stored_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, stream: BinaryIO, subject: str, maximum: int
) -> BinaryIO:
    """Return ``member`` as a seekable stream. A member that is not packed stays in ``stream``, the archive's.

    A packed member is unpacked, up to ``maximum`` bytes. Raises as ``read_member``.
    """
    if member.compress_type != zipfile.ZIP_STORED or member.flag_bits & 1:
        # Deflate cannot shrink anything more than about 1,030 times.
        return io.BytesIO(read_member(archive, member, subject, maximum=maximum, ratio=1100))
    stream.seek(member.header_offset)
    header = stream.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or header[:4] != b"PK\x03\x04":
        raise ReadError(f"{subject} is missing: the archive is damaged.")
    begin = member.header_offset + _LOCAL_HEADER + sum(struct.unpack("<HH", header[-4:]))
    return io.BufferedReader(_Part(stream, begin, member.file_size))


class _Part(io.RawIOBase):
    """A part of an open file, as a file of its own."""

    def __init__(self, stream: BinaryIO, begin: int, size: int) -> None:
        super().__init__()
        self._stream = stream
        self._begin = begin
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        """Return that this can be read."""
        return True

    def seekable(self) -> bool:
        """Return that any position can be reached."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, and return it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(start + offset, 0)
        return self._position

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        """Fill ``buffer`` as far as bytes are left, and return their number."""
        size = max(min(len(buffer), self._size - self._position), 0)
        self._stream.seek(self._begin + self._position)
        data = self._stream.read(size)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)
