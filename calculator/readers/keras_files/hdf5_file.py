"""Reader of the HDF5 files of Keras: whole models (``.h5``), and weights alone (``.weights.h5``).

A whole model has its configuration in the attribute ``model_config``. The values of weights are never read.
Source: keras/src/legacy/saving/legacy_h5_format.py and keras/src/saving/saving_lib.py of Keras 3.
"""

from dataclasses import replace
from typing import BinaryIO

from calculator.readers.containers.hdf5 import Group, find_signature, read_hdf5
from calculator.readers.containers.strict_json import read_json
from calculator.readers.keras.config import model_from_config
from calculator.readers.keras.graph import LayerConfig
from calculator.readers.keras_files.stored_layers import (
    OPTIMIZER,
    VARIABLES,
    StoredWeights,
    chunked_texts,
    layers_by_class,
    layers_by_name,
    layers_from_names,
)
from calculator.readers.keras_files.stored_rows import CLASS_INFERRED, PARAMETERS, UNDECIDED
from calculator.readers.keras_files.with_weights import complete_model, model_from_weights
from calculator.readers.model import Model, ReadError

FORMAT = "Keras HDF5 file"
CONFIG, WEIGHTS, LAYER_NAMES = "model_config", "model_weights", "layer_names"

_MATLAB = (
    "This is a MATLAB file (.mat, in HDF5). Export the network in MATLAB with exportONNXNetwork, and open "
    "the ONNX file."
)
_OTHERS = (
    ("PYTABLES_FORMAT_VERSION", "This is an HDF5 file of PyTables or pandas: a table of data, not a model."),
    ("_NCProperties", "This is a netCDF file (HDF5): data, not a model."),
    ("Conventions", "This is a netCDF file (HDF5): data, not a model."),
)
"""Attributes of the root of HDF5 files that other programs write."""

_VARIABLES = frozenset({
    *("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance", "embeddings", "alpha"),
    *("depthwise_kernel", "pointwise_kernel", "recurrent_kernel"),
})  # fmt: skip
_NAMES = (
    "Keras did not write this file: names such as kernel and bias are taken for those of its variables. The "
    "counts are exact, and classes are inferred from names and shapes."
)

_NOT_KERAS = (
    "This is an HDF5 file, but not of Keras: it has neither the attribute model_config nor the weights of "
    "Keras' layers. Save the model in its framework as .keras, .onnx or .safetensors."
)


def recognises(data: bytes) -> bool:
    r"""Return whether ``data`` is an HDF5 file, possibly after a user block.

    >>> recognises(b"\x89HDF\r\n\x1a\n"), recognises(b"PK")
    (True, False)
    """
    return find_signature(data) >= 0


def read_keras_hdf5_stream(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an open, seekable HDF5 file of Keras without reading the values of its weights.

    Raises ``ReadError`` for any other data.

    >>> import io
    >>> read_keras_hdf5_stream(io.BytesIO(b"PK"))
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: This is not an HDF5 file.
    """
    stream.seek(0)
    if stream.read(10).startswith(b"MATLAB 7.3"):
        raise ReadError(_MATLAB)
    root = read_hdf5(stream)
    for attribute, sentence in _OTHERS:
        if attribute in root.attributes:
            raise ReadError(sentence)
    weights = root.group(WEIGHTS) or root
    form = f"{FORMAT}{keras_version(root.text('keras_version') or weights.text('keras_version'))}"
    configuration = "".join(chunked_texts(root, CONFIG))
    stored = stored_weights(weights)
    if not configuration:
        if stored is None:
            return _model_from_names(root, name)
        return model_from_weights(stored, f"{form}, weights", name)
    model = model_from_config(read_json(configuration, f"The {CONFIG} of this HDF5 file"), form, name)
    if stored is None:
        return model
    optimizer = root.group("optimizer_weights")
    if optimizer is not None and weights is not root:
        stored.leave_out(OPTIMIZER, (dataset for _, dataset in optimizer.datasets()))
    completed = complete_model(model, stored)
    if completed.parameter_count:
        return completed
    # The configuration of a subclassed model has no layers: the stored weights alone show them.
    return model_from_weights(stored, f"{form}, weights", name)


def _model_from_names(root: Group, name: str) -> Model:
    """Return the model of a file of another program whose variables have Keras' names: ``conv1/kernel``.

    Raises ``ReadError`` where other names are among them.
    """
    shapes = {"/".join(path).removesuffix(":0"): dataset.shape for path, dataset in root.datasets()}
    if not shapes or any(path.rpartition("/")[2] not in _VARIABLES for path in shapes):
        raise ReadError(_refusal(root))
    model = model_from_weights(layers_from_names(shapes), "HDF5 file, weights", name)
    # Flax stores the axes of a transposed convolution in the order of an ordinary one.
    rows = tuple(
        replace(row, type=PARAMETERS, transposed=False, undecided=True, note=UNDECIDED)
        if row.note == CLASS_INFERRED and 3 <= len(row.weight_shape or ()) <= 5
        else row
        for row in model.rows
    )
    return replace(model, rows=rows, assumptions=(_NAMES, *model.assumptions[1:]))


def stored_weights(group: Group, model: LayerConfig | None = None) -> StoredWeights | None:
    """Return the layers in a group of Keras' weights, or ``None`` for another group. Raises ``ReadError``.

    ``model`` is the configuration, if there is one.
    """
    if LAYER_NAMES in group.attributes or f"{LAYER_NAMES}0" in group.attributes:
        return layers_by_name(group)
    # Each variable of the newer layout lies in a group of this name.
    if any(path[-2:-1] == (VARIABLES,) or path[0].count("\\") for path, _ in group.datasets()):
        return layers_by_class(group, model)
    return None


def keras_version(text: str) -> str:
    """Return the version of Keras as the end of a format, or an empty string where it is not one.

    >>> keras_version("2.10.0"), keras_version("?")
    (', Keras 2.10.0', '')
    """
    if 0 < len(text) < 20 and text[:1].isdecimal() and text.isascii():
        return f", Keras {text}"
    return ""


def _refusal(root: Group) -> str:
    """Return the sentence about an HDF5 file that is not one of Keras."""
    if root.group("data") is not None and (root.group("diff") is not None or len(root.children) == 1):
        return (
            "This may be an HDF5 file of Caffe, which is not read. Convert the network to ONNX, and open the "
            "ONNX file."
        )
    return _NOT_KERAS
