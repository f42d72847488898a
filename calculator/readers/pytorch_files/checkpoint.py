"""Reader of files of ``torch.save`` and of TorchScript. The pickle and the code in the file are never run."""

import io
from collections.abc import Iterable, Mapping
from typing import BinaryIO

from calculator.core.formatting import plural, short_repr
from calculator.readers.model import MAX_COUNT, MAX_ROWS, Model, ReadError, Row
from calculator.readers.pytorch.chain import chain_of
from calculator.readers.pytorch.module_entries import rows_of_modules
from calculator.readers.pytorch_files import legacy_file
from calculator.readers.pytorch_files.checkpoint_zip import read_archive
from calculator.readers.pytorch_files.pickle_machine import read_pickle
from calculator.readers.pytorch_files.pickle_values import (
    INTEGER_STORAGES,
    STORAGE_BYTES,
    PickledObject,
    StoredTensor,
)
from calculator.readers.pytorch_files.pickled_module import (
    ModuleParts,
    class_name,
    collect_modules,
    is_scripted,
    parts_sentences,
)
from calculator.readers.pytorch_files.state_dict import StateDict, find_state_dicts
from calculator.readers.tensors.inference import (
    ALL_TRAINABLE,
    assumptions_about,
    rows_from_tensors,
    shared_sentences,
)
from calculator.readers.tensors.names import split_name, usable_name

FORMAT, MODULE_FORMAT, SCRIPT_FORMAT = "PyTorch state dict", "PyTorch module", "TorchScript archive"

SHARED_VALUES = "Tensors over the same values of the file are taken for one shared parameter."

SCRIPT_BUFFERS = (
    "A TorchScript archive does not mark its buffers: tensors that are not trained are taken for buffers, "
    "unless they are named weight or bias."
)


EXPORTED = (b"/archive_format", b"serialized_exported_program.json")
"""Members of an archive of ``torch.export.save``, which has files of ``torch.save`` inside."""


def recognises(data: bytes) -> bool:
    r"""Return whether ``data`` is a zip archive of ``torch.save``, or a file of PyTorch before version 1.6.

    >>> recognises(b"PK\x03\x04" + bytes(26) + b"archive/data.pkl"), recognises(b"PK\x03\x04")
    (True, False)
    """
    # A file that is cut short has the name of the pickle at its beginning alone.
    parts = (data[:1000], data[-200_000:])
    return legacy_file.recognises(data) or (
        data.startswith(b"PK\x03\x04")
        and any(b"data.pkl" in part for part in parts)
        and not any(mark in part for part in parts for mark in EXPORTED)
    )


def read_checkpoint(data: bytes, *, name: str = "") -> Model:
    """Return the model in the file ``data``: of a state dict or of pickled modules. Raises ``ReadError``."""
    return read_checkpoint_stream(io.BytesIO(data), name=name)


def read_checkpoint_stream(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an open, seekable file, without reading the values. Raises ``ReadError``."""
    if legacy_file.recognises(stream.read(_HEAD)):
        content, sizes = legacy_file.read_legacy(stream)
        return _read(content, sizes, name)
    archive = read_archive(stream)
    content = read_pickle(archive.pickle).content
    if archive.constants is None:
        return _read(content, archive.sizes, name)
    return _read_script(content, archive.sizes, read_pickle(archive.constants).content, name)


_HEAD = 10_000
"""The number of bytes by which a file of PyTorch before version 1.6 is recognised."""


def _read(content: object, sizes: Mapping[str, int], name: str) -> Model:
    """Return the model in the object ``content`` of the pickle of ``torch.save``."""
    found = find_state_dicts(content)
    if found[0].module is not None:
        return _module_model(found, sizes, name)
    tensors = {
        f"{state_dict.prefix}{key}": tensor
        for state_dict in found
        for key, tensor in state_dict.tensors.items()
    }
    if len(tensors) > MAX_ROWS:
        raise ReadError(f"The state dict lists {len(tensors):,} tensors; at most {MAX_ROWS:,} are read.")
    _check_tensors(tensors, sizes)
    return _model(found, tensors, name)


def _module_model(found: list[StateDict], sizes: Mapping[str, int], name: str) -> Model:
    """Return the model of one or more pickled modules."""
    parts = ModuleParts()
    modules = {each.prefix.removesuffix("."): each.module for each in found if each.module is not None}
    collect_modules(modules, parts)
    if len(modules) > 1:
        parts.no_chain = "The file has several modules."
    notes = [sentence for each in found for sentence in each.notes]
    kinds = [class_name(module) for module in modules.values()]
    return _model_of_parts(parts, sizes, MODULE_FORMAT, notes, name or kinds[0] * (len(kinds) == 1))


def _read_script(content: object, sizes: Mapping[str, int], constants: object, name: str) -> Model:
    """Return the model of a TorchScript archive. ``constants`` are the tensors that its code contains."""
    if not isinstance(content, PickledObject) or not is_scripted(content):
        raise ReadError("This TorchScript archive contains no module.")
    parts = ModuleParts()
    collect_modules({"": content}, parts)
    if not any(tensor.requires_grad for tensor in parts.tensors.values()):
        # No tensor is marked as trained, so that the marks tell nothing about any of them.
        parts = ModuleParts(marked=False)
        collect_modules({"": content}, parts)
    inside = constants if isinstance(constants, tuple) else ()
    in_code = [value for value in inside if isinstance(value, StoredTensor)]
    values = sum(tensor.count for tensor in in_code)
    if not parts.tensors and in_code:
        raise ReadError(
            f"This TorchScript archive is frozen: {plural(values, 'value')} are constants in its code, "
            "without names. Save the model before torch.jit.freeze."
        )
    notes = [SCRIPT_BUFFERS if parts.marked else ALL_TRAINABLE]
    if in_code:
        notes.append(
            f"{plural(len(in_code), 'tensor')} with {plural(values, 'value')} in the code of the archive are "
            "constants, and not counted."
        )
    return _model_of_parts(parts, sizes, SCRIPT_FORMAT, notes, name or class_name(content))


def _model_of_parts(
    parts: ModuleParts, sizes: Mapping[str, int], format_name: str, notes: list[str], name: str
) -> Model:
    """Return the model of collected modules, with ``notes`` first among its assumptions."""
    if not parts.tensors and not parts.unknown:
        raise ReadError(f"The {format_name} has no parameters.")
    _check_tensors(parts.tensors, sizes)
    rows, shared = rows_of_modules(parts.entries, f"The {format_name}")
    assumptions = [*notes, *shared_sentences(shared), *parts_sentences(parts)]
    if format_name == MODULE_FORMAT and any(
        tensor.requires_grad is None for tensor in parts.tensors.values()
    ):
        assumptions.append(ALL_TRAINABLE)
    rows = (*rows, *parts.unknown)
    chain = None
    if format_name == MODULE_FORMAT:
        chain = chain_of(parts.layers, rows, proven=parts.in_sequence, problem=parts.no_chain)
    return Model(rows, format_name, tuple(assumptions), name, chain=chain)


def _check_tensors(tensors: Mapping[str, StoredTensor], sizes: Mapping[str, int]) -> None:
    """Raise ``ReadError`` where the file does not contain the values of a tensor; ``sizes`` are in bytes."""
    for key, tensor in tensors.items():
        _check_tensor(key, tensor, sizes)


def _check_tensor(key: str, tensor: StoredTensor, sizes: Mapping[str, int]) -> None:
    """Raise ``ReadError`` where the archive does not contain the values of the tensor."""
    storage = tensor.storage
    if tensor.count > MAX_COUNT:
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
    rows += _unread_rows(state_dicts)
    assumptions = [sentence for state_dict in state_dicts for sentence in state_dict.notes]
    assumptions += assumptions_about(shapes, shared, integers)
    assumptions += [SHARED_VALUES] if shared else []
    if any(tensor.requires_grad is None for tensor in tensors.values()):
        assumptions.append(ALL_TRAINABLE)
    return Model(rows, FORMAT, tuple(assumptions), name)


def _unread_rows(state_dicts: Iterable[StateDict]) -> tuple[Row, ...]:
    """Return a row for each entry that is a list of tensors."""
    note = "It is a list of tensors, which have no names."
    return tuple(
        Row(usable_name(f"{each.prefix}{key}"), "list", note=note, known=False)
        for each in state_dicts
        for key in each.unread
    )
