"""The zip archive that ``torch.save`` writes: its pickle, and how large its members are.

Layout: one folder with ``data.pkl`` (the pickle) and ``data/0``, ``data/1``, … (the values); see
https://docs.pytorch.org/docs/stable/notes/serialization.html.
"""

import io
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from calculator.core.formatting import short_repr
from calculator.readers.containers.zip_member import DAMAGED, leads_out, unpacked
from calculator.readers.model import ReadError

MAX_PICKLE = 32_000_000
"""Bytes of the pickle, unpacked; a state dict takes about 150 for each tensor."""

MAX_MEMBERS = 500_000
MAX_DIRECTORY = 64_000_000
"""Bytes of the archive's table of members."""

MAX_RATIO = 100
"""How many times as large as packed the pickle may be; torch packs nothing."""

MAX_DEFLATED = 1032
"""How many times as large as packed anything can be (https://zlib.net/zlib_tech.html)."""

_ENTRY = b"PK\x01\x02"
_HEAD = 30
"""Bytes that stand before each member, at least."""

_CODE = (
    "This is a TorchScript archive, which holds code: save the state dict of the model, or use the snippet."
)


@dataclass(frozen=True)
class Archive:
    """The pickle, and the size of each member that holds values: key → bytes."""

    pickle: bytes
    sizes: Mapping[str, int]


def read_archive(stream: BinaryIO) -> Archive:
    """Return the pickle in an open zip archive. Raises ``ReadError``."""
    try:
        end = _check_directory(stream)
        with zipfile.ZipFile(stream) as archive:
            return _read(archive, end)
    except ReadError:
        raise
    except DAMAGED:
        raise ReadError("The zip archive is damaged or cut short.") from None


def _check_directory(stream: BinaryIO) -> int:
    """Return where the archive ends; refuse a table of members that would take long to read."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - 66_000))
    tail = stream.read(66_000)
    if b"PK\x05\x06" not in tail:
        raise ReadError("The zip archive is cut short: it has no end.")
    size = max(_directory_sizes(tail), default=0)
    if size > MAX_DIRECTORY:
        raise ReadError(
            f"The zip archive lists {size:,} bytes of members; at most {MAX_DIRECTORY:,} are read."
        )
    stream.seek(max(0, end - size - 66_000))
    if (count := stream.read().count(_ENTRY)) > MAX_MEMBERS:
        raise ReadError(f"The zip archive has {count:,} members; at most {MAX_MEMBERS:,} are read.")
    return end


def _read(archive: zipfile.ZipFile, end: int) -> Archive:
    members = archive.infolist()
    _check_places(members, end)
    names = [member.filename for member in members]
    if len(set(names)) < len(names):
        raise ReadError("The zip archive holds two members of one name, so it cannot be trusted.")
    pickles = [member for member in members if member.filename.rpartition("/")[2] == "data.pkl"]
    if len(pickles) != 1:
        raise ReadError("This zip archive is not one that torch.save made: it must hold one data.pkl.")
    folder = pickles[0].filename.removesuffix("data.pkl")
    if f"{folder}constants.pkl" in names or any(name.startswith(f"{folder}code/") for name in names):
        raise ReadError(_CODE)
    prefix = f"{folder}data/"
    sizes = {
        member.filename.removeprefix(prefix): member.file_size
        for member in members
        if member.filename.startswith(prefix)
    }
    pickle = unpacked(archive, pickles[0], "The pickle in the file", maximum=MAX_PICKLE, ratio=MAX_RATIO)
    return Archive(pickle, sizes)


def _directory_sizes(tail: bytes) -> Iterator[int]:
    """Yield every size that the table of members may have: an archive can have two ends that differ."""
    for mark, place, form in ((b"PK\x05\x06", 12, "<L"), (b"PK\x06\x06", 40, "<Q")):
        for found in re.finditer(mark, tail):
            if found.start() + place + struct.calcsize(form) <= len(tail):
                size = int(struct.unpack_from(form, tail, found.start() + place)[0])
                if size != 0xFFFFFFFF:  # where the other mark has it
                    yield size


def _check_places(members: list[zipfile.ZipInfo], end: int) -> None:
    """Refuse members that lead out of the archive, share bytes of it, or cannot be as large as they say."""
    reached = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if leads_out(member.filename):
            raise ReadError(
                f"The zip archive has a member {short_repr(member.filename)}, which leads out of it."
            )
        if member.header_offset < reached:
            raise ReadError("Members of the zip archive overlap: a zip bomb, refused.")
        reached = member.header_offset + _HEAD + member.compress_size
        stored = member.compress_type == zipfile.ZIP_STORED
        maximum = member.compress_size * (1 if stored else MAX_DEFLATED)
        if reached > end or member.file_size > maximum:
            raise ReadError(
                f"The member {short_repr(member.filename)} of the zip archive says that it has "
                f"{member.file_size:,} bytes, which cannot be: the file is cut short or lies."
            )
