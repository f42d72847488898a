"""Reader of files of ``torch.save``: the shapes in the state dict. The pickle in the file is never run."""

import io
import math
from collections.abc import Mapping
from typing import BinaryIO

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_COUNT, MAX_ROWS, Model, ReadError
from calculator.readers.pytorch.checkpoint_zip import read_archive
from calculator.readers.pytorch.pickle_machine import read_pickle
from calculator.readers.pytorch.pickle_values import INTEGER_STORAGES, STORAGE_BYTES, StoredTensor
from calculator.readers.pytorch.state_dict import StateDict, find_state_dicts
from calculator.readers.tensors.inference import ALL_TRAINABLE, assumptions_about, rows_from_tensors
from calculator.readers.tensors.names import split_name

FORMAT = "PyTorch state dict"

_LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The first bytes of files that PyTorch wrote before version 1.6."""

SHARED_VALUES = "Tensors over the same values of the file are taken for one shared parameter."


def recognises(data: bytes) -> bool:
    r"""Return whether ``data`` is a zip archive of ``torch.save``, or a file of PyTorch before version 1.6.

    >>> recognises(b"PK\x03\x04" + bytes(26) + b"archive/data.pkl"), recognises(b"PK\x03\x04")
    (True, False)
    """
    if data.startswith(_LEGACY_START):
        return True
    # A file that is cut short has the name of the pickle at its beginning alone.
    return data.startswith(b"PK\x03\x04") and any(
        b"data.pkl" in part for part in (data[:1000], data[-200_000:])
    )


def read_checkpoint(data: bytes, *, name: str = "") -> Model:
    """Return the model whose state dict is in the file ``data``. Raises ``ReadError``."""
    return read_checkpoint_stream(io.BytesIO(data), name=name)


def read_checkpoint_stream(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an open, seekable file, without reading the values. Raises ``ReadError``."""
    if stream.read(len(_LEGACY_START)) == _LEGACY_START:
        raise ReadError(
            "This file was written by PyTorch before version 1.6: a bare pickle, which is never run. "
            "Load it and save its state_dict() again."
        )
    archive = read_archive(stream)
    state_dicts = find_state_dicts(read_pickle(archive.pickle))
    tensors = {
        f"{state_dict.prefix}{key}": tensor
        for state_dict in state_dicts
        for key, tensor in state_dict.tensors.items()
    }
    if len(tensors) > MAX_ROWS:
        raise ReadError(f"The state dict lists {len(tensors):,} tensors; at most {MAX_ROWS:,} are read.")
    for key, tensor in tensors.items():
        _check_tensor(key, tensor, archive.sizes)
    return _model(state_dicts, tensors, name)


def _check_tensor(key: str, tensor: StoredTensor, sizes: Mapping[str, int]) -> None:
    """Raise ``ReadError`` where the archive does not contain the values of the tensor."""
    storage = tensor.storage
    if math.prod(tensor.shape) > MAX_COUNT:
        raise ReadError(f"{short_repr(key)} would have more than 10^18 values, which no tensor has.")
    if tensor.reach > storage.count:
        raise ReadError(
            f"{short_repr(key)} has the shape {short_repr(tensor.shape)} and is stored in "
            f"{storage.count:,} values: the file contradicts itself."
        )
    size = sizes.get(storage.key)
    if size is None:
        raise ReadError(f"The values of {short_repr(key)} are not in the file: it is not complete.")
    expected = storage.count * STORAGE_BYTES[storage.type]
    if size != expected:
        raise ReadError(
            f"The values of {short_repr(key)} should take {expected:,} bytes and take {size:,}: "
            "the file contradicts itself."
        )


def _model(state_dicts: list[StateDict], tensors: Mapping[str, StoredTensor], name: str) -> Model:
    """Return the model of the checked tensors, with the assumptions made."""
    shapes = {key: tensor.shape for key, tensor in tensors.items()}
    # Whole numbers are counters or indices, except where a quantised layer names them as its parameters.
    integers = [
        key
        for key, tensor in tensors.items()
        if tensor.storage.type in INTEGER_STORAGES and split_name(key)[1] not in ("weight", "bias")
    ]
    first_names: dict[tuple[object, ...], str] = {}
    shared = {}
    for key, tensor in tensors.items():
        first_name = first_names.setdefault(tensor.location, key)
        # All empty tensors may have one location, and share nothing.
        if first_name != key and 0 not in tensor.shape:
            shared[key] = first_name
    frozen = [key for key, tensor in tensors.items() if tensor.requires_grad is False]
    rows = rows_from_tensors(shapes, shared=shared, frozen=frozen, buffers=integers)
    assumptions = [sentence for state_dict in state_dicts for sentence in state_dict.notes]
    assumptions += assumptions_about(shapes, shared, integers)
    assumptions += [SHARED_VALUES] if shared else []
    if any(tensor.requires_grad is None for tensor in tensors.values()):
        assumptions.append(ALL_TRAINABLE)
    return Model(rows, FORMAT, tuple(assumptions), name)
