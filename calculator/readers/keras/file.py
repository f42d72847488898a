"""A ``.keras`` file: its configuration, with exact counts. Neither its weights nor any code in it is touched.

Source: https://keras.io/guides/serialization_and_saving/
"""

import io
import zipfile
from collections.abc import Mapping

from calculator.readers.containers.strict_json import read_json
from calculator.readers.containers.zip_member import DAMAGED_ARCHIVE_ERRORS, check_member_path, read_member
from calculator.readers.keras.config import model_of
from calculator.readers.model import MAX_TEXT, Model, ReadError

FORMAT = "Keras file"
CONFIG = "config.json"
METADATA = "metadata.json"
MAX_MEMBERS = 10_000
MAX_RATIO = 200
"""How much smaller a member may be packed; a configuration of Keras packs about 30 times."""

_ENTRY = b"PK\x01\x02"
"""How each entry of a zip's directory begins."""


def recognises(data: bytes) -> bool:
    """Return whether ``data`` is a zip with Keras' two members in its directory, which is at its end."""
    # A file that is cut short has them at its beginning alone.
    return data[:4] == b"PK\x03\x04" and any(
        CONFIG.encode() in part and METADATA.encode() in part for part in (data[-1_000_000:], data[:100_000])
    )


def read_keras_file(data: bytes, *, name: str = "") -> Model:
    """Return the model of a ``.keras`` file. Raises ``ReadError`` for anything else.

    >>> read_keras_file(b"PK")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This is not a complete .keras file: its zip archive cannot be read.
    """
    if data.count(_ENTRY) > MAX_MEMBERS:
        raise ReadError(f"This archive has more than {MAX_MEMBERS:,} members: no .keras file has.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name_inside in archive.namelist():
                check_member_path(name_inside, "This .keras file")
            version = _version(_member(archive, METADATA))
            config = _member(archive, CONFIG)
    except ReadError:
        raise
    except DAMAGED_ARCHIVE_ERRORS:
        raise ReadError("This is not a complete .keras file: its zip archive cannot be read.") from None
    return model_of(read_json(config, f"The {CONFIG} of this .keras file"), f"{FORMAT}{version}", name)


def _member(archive: zipfile.ZipFile, wanted: str) -> str:
    """Return the text of one member, with the size it may have and how far it may unpack."""
    found = [member for member in archive.infolist() if member.filename == wanted]
    if len(found) != 1:
        raise ReadError(f"A .keras file has one {wanted}, and this archive has {len(found)}.")
    what = f"The {wanted} of this archive"
    content = read_member(archive, found[0], what, maximum=MAX_TEXT, ratio=MAX_RATIO)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ReadError(f"{what} is not text.") from None


def _version(metadata: str) -> str:
    """Return the version of Keras that wrote the file, for the name of the format."""
    found = read_json(metadata, f"The {METADATA} of this .keras file")
    version = found.get("keras_version") if isinstance(found, Mapping) else None
    if isinstance(version, str) and len(version) < 20 and version[:1].isdecimal() and version.isascii():
        return f", Keras {version}"
    return ""
