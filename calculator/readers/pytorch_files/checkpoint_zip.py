"""The zip archive that ``torch.save`` writes: its pickle, and the sizes of its members.

The archive has one folder with ``data.pkl`` (the pickle) and ``data/0``, ``data/1``, … (the values); see
https://docs.pytorch.org/docs/stable/notes/serialization.html.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from calculator.core.formatting import short_repr
from calculator.readers.containers.zip_member import (
    DAMAGED_ARCHIVE_ERRORS,
    check_member_path,
    find_directory,
    read_member,
)
from calculator.readers.model import ReadError

MAX_PICKLE = 32_000_000
"""The maximum size of the unpacked pickle in bytes. A state dict takes about 150 bytes for each tensor."""

MAX_MEMBERS = 500_000
MAX_DIRECTORY = 64_000_000
"""The maximum size of the archive's directory in bytes."""

MAX_RATIO = 100
"""The maximum ratio of unpacked to packed size of the pickle. PyTorch itself does not compress."""

MAX_DEFLATED = 1032
"""The maximum ratio that deflate can reach (https://zlib.net/zlib_tech.html)."""

NO_CONSTANTS = b")."
"""The pickle of an empty tuple."""

_MIN_HEADER = 30
"""The minimum number of bytes before the content of a member."""


@dataclass(frozen=True)
class Archive:
    """The pickle, and the size in bytes of each member with values: key → size.

    A TorchScript archive has ``constants`` too: the pickle of the tensors that its code contains. The code is
    not opened.
    """

    pickle: bytes
    sizes: Mapping[str, int]
    constants: bytes | None = None


def read_archive(stream: BinaryIO) -> Archive:
    """Return the pickle and the sizes in an open zip archive. Raises ``ReadError``."""
    try:
        end = _check_directory(stream)
        with zipfile.ZipFile(stream) as archive:
            return _read(archive, end)
    except ReadError:
        raise
    except DAMAGED_ARCHIVE_ERRORS:
        raise ReadError("The zip archive is damaged or cut short.") from None


def _check_directory(stream: BinaryIO) -> int:
    """Return the length of the archive in bytes. Raises ``ReadError`` for a directory that is too long."""
    directory = find_directory(stream)
    if not directory.complete:
        raise ReadError("The zip archive is cut short: its end is missing.")
    if directory.size > MAX_DIRECTORY:
        raise ReadError(
            f"The directory of the zip archive has {directory.size:,} bytes; "
            f"at most {MAX_DIRECTORY:,} are read."
        )
    if directory.entries > MAX_MEMBERS:
        raise ReadError(
            f"The zip archive has {directory.entries:,} members; at most {MAX_MEMBERS:,} are read."
        )
    return stream.seek(0, io.SEEK_END)


def _read(archive: zipfile.ZipFile, end: int) -> Archive:
    """Return the pickle and the sizes after checking the members; ``end`` is the length of the archive."""
    members = archive.infolist()
    _check_members(members, end)
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise ReadError("The zip archive has two members of the same name, so it cannot be trusted.")
    pickles = [member for member in members if member.filename.rpartition("/")[2] == "data.pkl"]
    if len(pickles) != 1:
        raise ReadError("This zip archive is not a file of torch.save, which contains exactly one data.pkl.")
    folder = pickles[0].filename.removesuffix("data.pkl")
    prefix = f"{folder}data/"
    sizes = {
        member.filename.removeprefix(prefix): member.file_size
        for member in members
        if member.filename.startswith(prefix)
    }
    pickle = _read_pickle(archive, pickles[0])
    if f"{folder}constants.pkl" in names:
        return Archive(pickle, sizes, _read_pickle(archive, archive.getinfo(f"{folder}constants.pkl")))
    scripted = any(name.startswith(f"{folder}code/") for name in names)
    return Archive(pickle, sizes, NO_CONSTANTS if scripted else None)


def _read_pickle(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    return read_member(archive, member, "The pickle in the file", maximum=MAX_PICKLE, ratio=MAX_RATIO)


def _check_members(members: list[zipfile.ZipInfo], end: int) -> None:
    """Raise ``ReadError`` for members that lead out of the archive, overlap, or have an impossible size."""
    reached = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        check_member_path(member.filename, "The zip archive")
        if member.header_offset < reached:
            raise ReadError("Members of the zip archive overlap: a zip bomb, refused.")
        reached = member.header_offset + _MIN_HEADER + member.compress_size
        stored = member.compress_type == zipfile.ZIP_STORED
        maximum = member.compress_size * (1 if stored else MAX_DEFLATED)
        if reached > end or member.file_size > maximum:
            raise ReadError(
                f"The member {short_repr(member.filename)} of the zip archive cannot have the stated "
                f"{member.file_size:,} bytes: the file is cut short or contradicts itself."
            )
