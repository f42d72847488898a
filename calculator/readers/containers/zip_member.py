"""A member of a zip archive from a stranger: unpacked only where it can be neither large nor elsewhere."""

import struct
import zipfile
import zlib

from calculator.readers.model import ReadError

SMALL = 100
"""A member packed into fewer bytes may unpack to as much as one of this many."""


DAMAGED = (
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
"""What zipfile lets escape for a broken archive."""


def leads_out(name: str) -> bool:
    """Return whether a member, unpacked, would be written elsewhere.

    >>> leads_out("../../x"), leads_out("/etc/passwd"), leads_out("archive/data/0")
    (True, True, False)
    """
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or parts[0] == "" or parts[0].endswith(":")


def unpacked(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, what: str, *, maximum: int, ratio: int
) -> bytes:
    """Return the content of ``member``, at most ``maximum`` bytes and ``ratio`` times its packed size.

    ``what`` begins the sentence where that cannot be. Raises ``ReadError``, or what zipfile does.
    """
    if member.flag_bits & 1:
        raise ReadError(f"{what} is encrypted. Give the file without a password.")
    # Of these two alone Python unpacks no more than is asked for, whatever size the archive claims.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ReadError(f"{what} is packed in an unusual way: only stored and deflated members are read.")
    size = member.file_size
    if size > maximum:
        raise ReadError(f"{what} has {size:,} bytes; at most {maximum:,} are read.")
    if size > ratio * max(member.compress_size, SMALL):
        raise ReadError(f"{what} unpacks to more than {ratio} times its size: a zip bomb, refused.")
    with archive.open(member) as stream:
        content = stream.read(size + 1)
    if len(content) != size:
        raise ReadError(f"{what} is not as long as the archive says.")
    return content
