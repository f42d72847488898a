"""Reader of ``.keras`` files: exact counts from the configuration and the shapes of the weights inside.

The values of the weights are never read, and no code in the file is run.
Source: https://keras.io/guides/serialization_and_saving/
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import BinaryIO

from calculator.readers.containers.hdf5 import read_hdf5
from calculator.readers.containers.strict_json import read_json
from calculator.readers.containers.zip_member import (
    DAMAGED_ARCHIVE_ERRORS,
    check_member_path,
    find_directory,
    read_member,
    stored_member,
)
from calculator.readers.keras.config import model_from_config
from calculator.readers.keras.graph import parse_layer
from calculator.readers.keras_files.hdf5_file import keras_version, stored_weights
from calculator.readers.keras_files.with_weights import complete_model
from calculator.readers.model import MAX_TEXT, Model, ReadError

FORMAT = "Keras file"
CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"
MAX_MEMBERS = 10_000
MAX_WEIGHTS = 100_000_000
"""Largest size in bytes of weights that are packed, which Keras itself never does: they must be unpacked."""

MAX_RATIO = 200
"""Largest accepted compression ratio of a member; a configuration of Keras is compressed about 30 times."""


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
    return read_keras_stream(io.BytesIO(data), name=name)


def read_keras_stream(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an open, seekable ``.keras`` file without reading the values of its weights.

    Raises ``ReadError``.
    """
    if find_directory(stream).entries > MAX_MEMBERS:
        raise ReadError(f"This archive has more than {MAX_MEMBERS:,} members: it is not a .keras file.")
    try:
        with zipfile.ZipFile(stream) as archive:
            for member in archive.namelist():
                check_member_path(member, "This .keras file")
            version = _version(_member_text(archive, METADATA))
            document = read_json(_member_text(archive, CONFIG), f"The {CONFIG} of this .keras file")
            model = model_from_config(document, f"{FORMAT}{version}", name)
            return _with_weights(model, document, archive, stream)
    except ReadError:
        raise
    except DAMAGED_ARCHIVE_ERRORS:
        raise ReadError("This is not a complete .keras file: its zip archive cannot be read.") from None


def _with_weights(model: Model, document: object, archive: zipfile.ZipFile, stream: BinaryIO) -> Model:
    """Return ``model`` completed and confirmed by the weights in the archive, if it has readable weights."""
    members = [member for member in archive.infolist() if member.filename == WEIGHTS]
    if len(members) != 1:
        return model
    root = parse_layer(document) if isinstance(document, Mapping) and "class_name" in document else None
    own_class = root.class_name if root is not None and not root.is_model else ""
    try:
        content = stored_member(archive, members[0], stream, f"The {WEIGHTS} of this archive", MAX_WEIGHTS)
        stored = stored_weights(read_hdf5(content), root)
    except DAMAGED_ARCHIVE_ERRORS as error:
        reason = str(error) if isinstance(error, ReadError) else "it cannot be unpacked."
        sentence = f"The {WEIGHTS} of this file cannot be read, and confirms no count: {reason}"
        if own_class:
            raise ReadError(f"The configuration names no layers, but only {own_class}. {sentence}") from None
        return replace(model, assumptions=(*model.assumptions, sentence))
    if stored is None or not stored.layers:
        return model
    return complete_model(model, stored, own_class=own_class)


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
    return keras_version(version) if isinstance(version, str) else ""
