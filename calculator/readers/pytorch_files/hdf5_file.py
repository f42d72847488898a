"""Reader of HDF5 files: those of Keras, and state dicts of PyTorch whose tensors somebody wrote with h5py.

The second kind has no format: only names such as ``conv1.weight`` show that the axes have PyTorch's order.
"""

import io
import re
from typing import BinaryIO

from calculator.core.formatting import short_repr
from calculator.readers.containers.hdf5 import Group, read_hdf5
from calculator.readers.keras_files.hdf5_file import read_keras_hdf5_stream
from calculator.readers.model import MAX_SHOWN, Model, ReadError, Row
from calculator.readers.tensors.inference import (
    ALL_TRAINABLE,
    assumptions_about,
    perhaps_tied_count,
    perhaps_tied_sentences,
    rows_from_tensors,
)
from calculator.readers.tensors.names import split_name, usable_name

FORMAT = "HDF5 file, state dict"
NAMES = (
    "The names in this HDF5 file, such as {}, are those of a state dict of PyTorch: the axes are taken to be "
    "in the order of PyTorch."
)
UNNAMED = "Its name does not show whether it is a parameter of the model."

_TENSOR = re.compile(
    r"[^/\s]{1,1000}\.(?:weight|bias|running_mean|running_var|num_batches_tracked"
    r"|(?:in_proj_)?(?:weight|bias)_\w{1,40}|in_proj_(?:weight|bias))"
)
_OF_OTHERS = frozenset({"kernel", "moving_mean", "moving_variance", "embeddings"})
"""Names of variables in Keras and Flax, whose axes have another order."""


def read_hdf5_file(data: bytes, *, name: str = "") -> Model:
    """Return the model in the bytes of an HDF5 file. Raises ``ReadError``.

    >>> read_hdf5_file(b"PK")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This is not an HDF5 file.
    """
    return read_hdf5_stream(io.BytesIO(data), name=name)


def read_hdf5_stream(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an open, seekable HDF5 file without reading the values of its tensors.

    Raises ``ReadError``.
    """
    try:
        return read_keras_hdf5_stream(stream, name=name)
    except ReadError as error:
        refusal = error
    model = _model(read_hdf5(stream), name)
    if model is None:
        raise refusal
    return model


def _model(root: Group, name: str) -> Model | None:
    """Return the model of a file with tensors of PyTorch, or ``None`` where the names are others.

    Raises ``ReadError`` where the names are those of tensors, but not of one state dict.
    """
    datasets = {path: dataset for path, dataset in root.datasets() if path}
    named = [path[-1] for path in datasets if _TENSOR.fullmatch(path[-1])]
    if not any("weight" in each.rpartition(".")[2] for each in named):
        return None
    groups = sorted({"/" + "/".join(path[:-1]) for path in datasets})
    others = [path[-1] for path in datasets if path[-1].rpartition(".")[2] in _OF_OTHERS]
    if len(groups) > 1 or others:
        places = " and ".join(short_repr(each[:MAX_SHOWN]) for each in groups[:2])
        what = f"in several groups ({places})" if len(groups) > 1 else "beside those of another library"
        raise ReadError(
            f"This HDF5 file has names of PyTorch, such as {short_repr(named[0][:MAX_SHOWN])}, {what}: "
            "which of its tensors are one model is unknown. Save the state dict of one model as .pt or "
            ".safetensors."
        )
    tensors = {usable_name(path[-1]): dataset for path, dataset in datasets.items()}
    # Without a dot, a name may also be that of a loss or of the number of steps. Texts are not tensors.
    shapes = {key: each.shape for key, each in tensors.items() if "." in key and (each.real or each.integer)}
    unknown = [key for key in tensors if key not in shapes]
    integers = [
        key for key in shapes if tensors[key].integer and split_name(key)[1] not in ("weight", "bias")
    ]
    # h5py sorts names, unless it is told to keep their order.
    rows = rows_from_tensors(shapes, buffers=integers, ordered=list(shapes) != sorted(shapes))
    gaps = (Row(key, "dataset", note=UNNAMED, known=False) for key in unknown)
    assumptions = (
        NAMES.format(short_repr(named[0][:MAX_SHOWN])),
        *assumptions_about(shapes, {}, integers),
        *perhaps_tied_sentences(shapes),
        ALL_TRAINABLE,
    )
    model = Model((*rows, *gaps), FORMAT, assumptions, name)
    return model.with_perhaps_tied(perhaps_tied_count(shapes))
