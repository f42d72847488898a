"""Members of an untrusted zip archive, read with limits on their size and their path.

The archive is opened by ``zipfile``. The checks are hand-written:

- ``ZipFile.read`` trusts the archive about sizes, so that a few kilobytes can fill the memory.
- ``ZipFile.extract`` writes files, which a reader must never do.
- Packages against zip bombs check whole archives; here only one small member of a large archive is unpacked.
"""

import struct
import zipfile
import zlib

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError

MIN_PACKED_SIZE = 100
"""The packed size in bytes below which the ratio is not applied: a short text of blanks is not a bomb."""

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
