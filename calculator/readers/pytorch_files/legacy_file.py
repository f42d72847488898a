"""Files that ``torch.save`` wrote before PyTorch 1.6: five pickles in a row, then the values.

The pickles are a magic number, the version of the format, facts about the machine, the object, and the list
of the keys of the storages. Each storage follows with the number of its values in eight bytes, and the values
(``_legacy_save`` in torch/serialization.py of PyTorch). Why this is hand-written:

- ``torch.load`` needs PyTorch, runs the pickle and reads every value.
- Only the pickles and eight bytes of each storage are read here, and no value.
"""

import io
from collections.abc import Mapping
from typing import BinaryIO

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_ROWS, ReadError
from calculator.readers.pytorch_files.checkpoint_zip import MAX_PICKLE
from calculator.readers.pytorch_files.pickle_machine import Unpickled, read_pickle
from calculator.readers.pytorch_files.pickle_values import STORAGE_BYTES, PickledList, Storage

_MAGIC = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The pickled magic number, which begins behind the protocol."""

_MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
_VERSION = 1001

_FIRST_READ = 1_000_000
"""The number of bytes in which the pickles of most files end."""

_COUNT_BYTES = 8
"""The number of bytes in which the number of values stands before the values of a storage."""

_TAR_MEMBERS = (b"sys_info\0", b"pickle\0", b"tensors\0", b"storages\0")
_BLOCK = 512
"""The size of a block of a tar archive; each member begins with a block that has its name."""


def recognises(data: bytes) -> bool:
    r"""Return whether ``data`` begins like a file of PyTorch before 1.6, or the tar archive of 2016.

    >>> recognises(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."), recognises(b"\x80\x02}.")
    (True, False)
    """
    return (_MAGIC in data[:40] and data[:1] == b"\x80") or _is_tar(data)


def _is_tar(data: bytes) -> bool:
    """Return whether ``data`` begins like a tar archive with the members of ``torch.save``."""
    return data[257:262] == b"ustar" and any(
        data[start : start + 20].startswith(_TAR_MEMBERS) for start in range(0, 10 * _BLOCK, _BLOCK)
    )


def read_legacy(stream: BinaryIO) -> tuple[object, dict[str, int]]:
    """Return the object in an open, seekable file, and the size in bytes of each storage: key → size.

    Raises ``ReadError``.
    """
    end = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    head = stream.read(_FIRST_READ)
    if _is_tar(head):
        raise ReadError(
            "This file is the tar archive that PyTorch wrote in 2016, before version 0.1.10. Load it in an "
            "older PyTorch, and save its state_dict() again."
        )
    try:
        content, keys, start = _read_pickles(head)
    except ReadError:
        if len(head) < _FIRST_READ:
            raise
        head += stream.read(MAX_PICKLE - _FIRST_READ)
        content, keys, start = _read_pickles(head)
    if len(keys) > MAX_ROWS:
        raise ReadError(f"The file lists {len(keys):,} storages; at most {MAX_ROWS:,} are read.")
    return content.content, _read_sizes(stream, keys, content.storages, start, end)


def _read_pickles(head: bytes) -> tuple[Unpickled, list[str], int]:
    """Return the object, the keys of the storages, and the position of the first storage."""
    magic = read_pickle(head)
    version = read_pickle(head, magic.end)
    if magic.content != _MAGIC_NUMBER or version.content != _VERSION:
        raise ReadError(
            f"The file has the version {short_repr(version.content)} of the format; PyTorch wrote {_VERSION}."
        )
    machine = read_pickle(head, version.end)
    content = read_pickle(head, machine.end)
    listed = read_pickle(head, content.end)
    items = listed.content.items if isinstance(listed.content, PickledList) else [None]
    keys = [key for key in items if isinstance(key, str)]
    if len(keys) < len(items) or len(set(keys)) < len(keys):
        raise ReadError("The list of storages in the file is damaged.")
    return content, keys, listed.end


def _read_sizes(
    stream: BinaryIO, keys: list[str], storages: Mapping[str, Storage], start: int, end: int
) -> dict[str, int]:
    """Return key → size in bytes of each storage, from the number of values before each.

    ``start`` and ``end`` are the positions of the first storage and of the end of the file.
    """
    sizes = {}
    for key in keys:
        if key not in storages:
            raise ReadError(f"The file has values under the key {short_repr(key)} that no tensor needs.")
        stream.seek(start)
        count = int.from_bytes(stream.read(_COUNT_BYTES), "little")
        sizes[key] = count * STORAGE_BYTES[storages[key].type]
        start += _COUNT_BYTES + sizes[key]
        if start > end:
            raise ReadError(
                f"The values of the file should end at byte {short_repr(start)}, and the file has {end:,} "
                "bytes: it is cut short."
            )
    if start < end:
        raise ReadError(f"The values of the file end at byte {start:,}, but {end - start:,} bytes follow.")
    return sizes
