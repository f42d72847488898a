"""Reader of ``.keras`` files: exact counts from the configuration inside.

The weights in the file are never opened, and no code in the file is run.
Source: https://keras.io/guides/serialization_and_saving/
"""

import io
import zipfile
from collections.abc import Mapping

from calculator.readers.containers.strict_json import read_json
from calculator.readers.containers.zip_member import DAMAGED_ARCHIVE_ERRORS, check_member_path, read_member
from calculator.readers.keras.config import model_from_config
from calculator.readers.model import MAX_TEXT, Model, ReadError

FORMAT = "Keras file"
CONFIG = "config.json"
METADATA = "metadata.json"
MAX_MEMBERS = 10_000
MAX_RATIO = 200
"""Largest accepted compression ratio of a member; a configuration of Keras is compressed about 30 times."""

_ENTRY = b"PK\x01\x02"
"""The first bytes of each entry in the directory of a zip archive."""


def recognises(data: bytes) -> bool:
    """Return whether ``data`` is a zip archive with the two members that every ``.keras`` file has."""
    # The directory is at the end of an archive. In a truncated file only the members at the beginning have
    # their names, and that file must be recognised too, to be refused with a useful sentence.
    return data[:4] == b"PK\x03\x04" and any(
        CONFIG.encode() in part and METADATA.encode() in part for part in (data[-1_000_000:], data[:100_000])
    )


def read_keras_file(data: bytes, *, name: str = "") -> Model:
    """Return the model in the bytes of a ``.keras`` file. Raises ``ReadError`` for any other data.

    >>> read_keras_file(b"PK")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This is not a complete .keras file: its zip archive cannot be read.
    """
    # zipfile creates an object for each entry when it opens an archive, so the limit comes first.
    if data.count(_ENTRY) > MAX_MEMBERS:
        raise ReadError(f"This archive has more than {MAX_MEMBERS:,} members: it is not a .keras file.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                check_member_path(member, "This .keras file")
            version = _version(_member_text(archive, METADATA))
            config = _member_text(archive, CONFIG)
    except ReadError:
        raise
    except DAMAGED_ARCHIVE_ERRORS:
        raise ReadError("This is not a complete .keras file: its zip archive cannot be read.") from None
    document = read_json(config, f"The {CONFIG} of this .keras file")
    return model_from_config(document, f"{FORMAT}{version}", name)


def _member_text(archive: zipfile.ZipFile, name: str) -> str:
    """Return the text of the only member with this name. Raises ``ReadError`` above the limits."""
    members = [member for member in archive.infolist() if member.filename == name]
    if len(members) != 1:
        raise ReadError(f"A .keras file has one {name}, and this archive has {len(members)}.")
    subject = f"The {name} of this archive"
    content = read_member(archive, members[0], subject, maximum=MAX_TEXT, ratio=MAX_RATIO)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ReadError(f"{subject} is not text.") from None


def _version(metadata: str) -> str:
    """Return the Keras version in the metadata as the end of the format, or an empty string."""
    document = read_json(metadata, f"The {METADATA} of this .keras file")
    version = document.get("keras_version") if isinstance(document, Mapping) else None
    if isinstance(version, str) and len(version) < 20 and version[:1].isdecimal() and version.isascii():
        return f", Keras {version}"
    return ""
