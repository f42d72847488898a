"""A file that ``torch.save`` made: the shapes in its state dict. The pickle in it is never run."""

import io
import math
from collections.abc import Mapping
from typing import BinaryIO

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_COUNT, MAX_ROWS, Model, ReadError
from calculator.readers.pytorch.checkpoint_zip import read_archive
from calculator.readers.pytorch.pickle_machine import tensors_of
from calculator.readers.pytorch.pickle_values import STORAGES, WHOLE, Tensor
from calculator.readers.pytorch.state_dict import Found, state_dicts
from calculator.readers.tensors.inference import TRAINED, rows_from_tensors, said_of
from calculator.readers.tensors.names import split_name

FORMAT = "PyTorch state dict"

_OLD = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How files begin that PyTorch wrote before version 1.6."""

SAME = "Tensors over the same values of the file are taken for one shared parameter."


def recognises(data: bytes) -> bool:
    r"""Return whether ``data`` is a zip archive of ``torch.save``, or what PyTorch wrote before those.

    >>> recognises(b"PK\x03\x04" + bytes(26) + b"archive/data.pkl"), recognises(b"PK\x03\x04")
    (True, False)
    """
    if data.startswith(_OLD):
        return True
    return data.startswith(b"PK\x03\x04") and any(
        b"data.pkl" in part for part in (data[:1000], data[-200_000:])
    )


def read_torch_file(data: bytes, *, name: str = "") -> Model:
    """Return the model whose state dict is in the file ``data``. Raises ``ReadError``."""
    return read_torch_stream(io.BytesIO(data), name=name)


def read_torch_stream(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an open file, of which the values are not read; it must be able to seek."""
    if stream.read(len(_OLD)) == _OLD:
        raise ReadError(
            "This file was written as PyTorch did before version 1.6: a bare pickle, which is never run. "
            "Load it and save its state_dict() again."
        )
    archive = read_archive(stream)
    found = state_dicts(tensors_of(archive.pickle))
    held = {f"{one.prefix}{key}": tensor for one in found for key, tensor in one.tensors.items()}
    if len(held) > MAX_ROWS:
        raise ReadError(f"The state dict lists {len(held):,} tensors; at most {MAX_ROWS:,} are read.")
    for key, tensor in held.items():
        _check(key, tensor, archive.sizes)
    return _model(found, held, name)


def _check(key: str, tensor: Tensor, sizes: Mapping[str, int]) -> None:
    """Refuse a tensor that the archive does not hold the values of."""
    stored = tensor.stored
    if math.prod(tensor.shape) > MAX_COUNT:
        raise ReadError(f"{short_repr(key)} would have more than 10^18 values, which no tensor has.")
    if tensor.reach > stored.count:
        raise ReadError(
            f"{short_repr(key)} has the shape {short_repr(tensor.shape)} and is stored in "
            f"{stored.count:,} values: "
            "the file contradicts itself."
        )
    size = sizes.get(stored.key)
    if size is None:
        raise ReadError(f"The values of {short_repr(key)} are not in the file: it is not complete.")
    if size != stored.count * STORAGES[stored.type]:
        raise ReadError(
            f"The values of {short_repr(key)} should take "
            f"{stored.count * STORAGES[stored.type]:,} bytes and take "
            f"{size:,}: the file contradicts itself."
        )


def _model(found: list[Found], held: Mapping[str, Tensor], name: str) -> Model:
    shapes = {key: tensor.shape for key, tensor in held.items()}
    integers = [
        key
        for key, tensor in held.items()
        if tensor.stored.type in WHOLE and split_name(key)[1] not in ("weight", "bias")
    ]
    first: dict[tuple[object, ...], str] = {}
    shared = {}
    for key, tensor in held.items():
        owner = first.setdefault(tensor.place, key)
        if owner != key and 0 not in tensor.shape:
            shared[key] = owner
    frozen = [key for key, tensor in held.items() if tensor.trained is False]
    rows = rows_from_tensors(shapes, shared=shared, frozen=frozen, buffers=integers)
    said = [sentence for one in found for sentence in one.said] + said_of(shapes, shared, integers)
    said += [SAME] if shared else []
    said += [TRAINED] if any(tensor.trained is None for tensor in held.values()) else []
    return Model(rows, FORMAT, tuple(said), name)
