"""Reader of the ``model.json`` of TensorFlow.js: a configuration of Keras with the shapes of the weights.

The file of a layers model has a Keras configuration in ``modelTopology``, and in ``weightsManifest`` the name
and shape of each weight. A graph model has operations instead, and is refused.
Source: https://github.com/tensorflow/tfjs/tree/master/tfjs-converter/python/tensorflowjs/converters
"""

import re
from collections.abc import Mapping

from calculator.core.formatting import short_repr
from calculator.readers.containers.hdf5 import Dataset
from calculator.readers.containers.strict_json import read_json
from calculator.readers.keras.config import model_from_config
from calculator.readers.keras_files.hdf5_file import keras_version
from calculator.readers.keras_files.stored_layers import OPTIMIZER, StoredWeights, layers_from_names
from calculator.readers.keras_files.with_weights import complete_model, model_from_weights
from calculator.readers.model import MAX_AXES, MAX_COUNT, MAX_ROWS, Model, ReadError, Shape

FORMAT = "TensorFlow.js layers model"

GRAPH_MODEL = (
    "This is a graph model of TensorFlow.js, which contains operations and not layers. Convert the Keras "
    "model with tensorflowjs_converter --output_format=tfjs_layers_model, or open the Keras model itself."
)

_BEGIN = re.compile(r'\s{0,1000}\{.{0,4000}?"(?:modelTopology|weightsManifest)"\s{0,100}:', re.DOTALL)


def recognises(data: str) -> bool:
    """Return whether ``data`` begins like the ``model.json`` of TensorFlow.js.

    >>> recognises('{"format": "layers-model", "modelTopology": {}}'), recognises('{"class_name": "Model"}')
    (True, False)
    """
    return bool(_BEGIN.match(data[:6000]))


def read_tfjs(data: str, *, name: str = "") -> Model:
    """Return the model in a ``model.json`` of TensorFlow.js. Raises ``ReadError`` for any other text.

    >>> layers = '[{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 7, 7, 64]}},'
    >>> layers += '{"class_name": "Conv2DTranspose", "config": {"filters": 32, "kernel_size": [4, 4]}}]'
    >>> config = '{"class_name": "Sequential", "config": {"layers": ' + layers + "}}"
    >>> read_tfjs('{"modelTopology": {"model_config": ' + config + "}}").parameter_count
    32800
    """
    document = read_json(data.strip(), "This model.json of TensorFlow.js")
    if not isinstance(document, Mapping):
        raise ReadError("A model.json of TensorFlow.js is a JSON object: this is not one.")
    topology = document.get("modelTopology")
    if isinstance(topology, str):  # Some versions write the configuration as a text.
        topology = read_json(topology, "The modelTopology of this model.json")
    if document.get("format") == "graph-model" or (isinstance(topology, Mapping) and "node" in topology):
        raise ReadError(GRAPH_MODEL)
    stored = _stored_weights(document.get("weightsManifest"))
    if not isinstance(topology, Mapping):
        return model_from_weights(stored, f"{FORMAT}, weights", name)
    config = topology.get("model_config", topology)
    if isinstance(config, str):
        config = read_json(config, "The model_config of this model.json")
    if topology.get("backend") == "tensor_flow.js":
        _add_defaults(config)
    version = topology.get("keras_version")
    form = f"{FORMAT}{keras_version(version) if isinstance(version, str) else ''}"
    model = model_from_config(config, form, name)
    return complete_model(model, stored) if stored.layers else model


def _add_defaults(config: object) -> None:
    """Add to each GRU in ``config`` that it has one bias, as every GRU of TensorFlow.js has."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            inner = value.get("config")
            if value.get("class_name") in ("GRU", "GRUCell") and isinstance(inner, dict):
                inner.setdefault("reset_after", False)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _stored_weights(manifest: object) -> StoredWeights:
    """Return the layers of the weights that the manifest lists. Raises ``ReadError`` for invalid entries."""
    shapes: dict[str, Shape] = {}
    optimizer: list[Dataset] = []
    for group in manifest if isinstance(manifest, list) else ():
        weights = group.get("weights") if isinstance(group, Mapping) else None
        for entry in weights if isinstance(weights, list) else ():
            name, shape = _entry(entry)
            if name in shapes or len(shapes) >= MAX_ROWS:
                raise ReadError(
                    f"The weightsManifest lists {short_repr(name)} twice, or more than {MAX_ROWS:,} weights."
                )
            if isinstance(entry, Mapping) and entry.get("group") == "optimizer":
                optimizer.append(Dataset(shape))
            else:
                shapes[name] = shape
    stored = layers_from_names(shapes)
    stored.leave_out(OPTIMIZER, optimizer)
    return stored


def _entry(entry: object) -> tuple[str, Shape]:
    """Return the name and the shape of one weight. Raises ``ReadError``."""
    name, shape = (entry.get("name"), entry.get("shape")) if isinstance(entry, Mapping) else (None, None)
    if (
        not isinstance(name, str)
        or not isinstance(shape, list)
        or len(shape) > MAX_AXES
        or not all(type(size) is int and 0 <= size <= MAX_COUNT for size in shape)
    ):
        raise ReadError(
            f"In the weightsManifest of this model.json a weight has the name {short_repr(name)} and the "
            f"shape {short_repr(shape)}: it must have a text and whole sizes."
        )
    return name, tuple(shape)
