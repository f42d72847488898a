"""The zip archive that ``torch.save`` writes: its pickle, and how large its members are.

Layout: one folder with ``data.pkl`` (the pickle) and ``data/0``, ``data/1``, … (the values); see
https://docs.pytorch.org/docs/stable/notes/serialization.html.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from calculator.readers.model import ReadError

MOST_PICKLE = 32_000_000
"""Bytes of the pickle, unpacked; a state dict takes about 150 for each tensor."""

MOST_MEMBERS = 500_000
MOST_DIRECTORY = 64_000_000
"""Bytes of the archive's table of members."""

MOST_RATIO = 100
"""How many times as large as packed the pickle may be; torch packs nothing."""

_DAMAGED = (
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
        _check_directory(stream)
        with zipfile.ZipFile(stream) as archive:
            return _read(archive)
    except ReadError:
        raise
    except _DAMAGED:
        raise ReadError("The zip archive is damaged or cut short.") from None


def _check_directory(stream: BinaryIO) -> None:
    """Refuse a table of members that would take long to read, by what the end of the archive says."""
    end = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, end - 66_000))
    tail = stream.read(66_000)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0:
        raise ReadError("The zip archive is cut short: it has no end.")
    size = int(struct.unpack_from("<L", tail, place + 12)[0])
    if size == 0xFFFFFFFF:
        size = int(struct.unpack_from("<Q", tail, tail.rindex(b"PK\x06\x06", 0, place) + 40)[0])
    if size > MOST_DIRECTORY:
        raise ReadError(
            f"The zip archive lists {size:,} bytes of members; at most {MOST_DIRECTORY:,} are read."
        )


def _read(archive: zipfile.ZipFile) -> Archive:
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise ReadError(f"The zip archive has {len(members):,} members; at most {MOST_MEMBERS:,} are read.")
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
    return Archive(_pickle(archive, pickles[0]), sizes)


def _pickle(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    size = member.file_size
    if size > MOST_PICKLE:
        raise ReadError(f"The pickle in the file has {size:,} bytes; at most {MOST_PICKLE:,} are read.")
    if size > MOST_RATIO * max(member.compress_size, 1):
        raise ReadError(
            f"The pickle in the file is packed more than {MOST_RATIO} times: a zip bomb, refused."
        )
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or member.flag_bits & 1:
        raise ReadError("The pickle in the file is packed in a way that torch.save never does.")
    with archive.open(member) as file:
        data = file.read(size + 1)
    if len(data) != size:
        raise ReadError("The pickle in the file is not as long as the archive says.")
    return data
