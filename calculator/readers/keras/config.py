"""Reader of the text of Keras' ``model.to_json()``, versions 2 and 3.

The counts are exact: they follow from the configuration and the input shape of each layer. No layer is built
and no code is run. Source: https://keras.io/api/models/model_saving_apis/
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from calculator.readers.containers.strict_json import read_json
from calculator.readers.keras.chain import keras_chain
from calculator.readers.keras.config_values import (
    Inputs,
    UnknownCountError,
    integer,
    join_path,
    parse_shapes,
)
from calculator.readers.keras.conv_transpose import TRANSPOSED, as_layer
from calculator.readers.keras.graph import LayerConfig, ShapeInference, parse_layer
from calculator.readers.keras.layer_rules import ATTENTION, BATCH_NORMS, SCALES, layer_variables
from calculator.readers.keras.variables import Variable
from calculator.readers.keras.window_shapes import without_time
from calculator.readers.model import MAX_ROWS, Model, ReadError, Row

FORMAT = "Keras configuration"
WRAPPERS = frozenset({"TimeDistributed", "Bidirectional", "SpectralNormalization", "Wrapper"})
"""The classes of Keras that contain one other layer."""

STATISTICS = (
    "Moving means and variances of normalisations are counted, as Keras does. They are not trained, and "
    "PyTorch does not count them."
)
MOVING = "Moving statistics are counted and not trained."
LORA = "The weight is frozen; the two matrices of enable_lora() are trained."
SHARED = "A layer that is used in several places is counted once."
NOT_KERAS = "Not a class of Keras itself: its configuration does not determine its parameters."
INDISTINGUISHABLE = (
    "Some layers have the same name, class and shape in two models inside this one. The configuration does "
    "not contain whether they are the same layer, so each is counted. A .keras file contains it."
)


def recognises(data: str) -> bool:
    """Return whether ``data`` begins like the text of ``model.to_json()``, with or without quotes around it.

    >>> recognises('{"class_name": "Sequential"'), recognises("Sequential(")
    (True, False)
    """
    begin = data[:4096].lstrip().lstrip("'\"").lstrip()
    return begin.startswith("{") and ('"class_name"' in begin or '\\"class_name\\"' in begin)


def read_keras_config(data: str, *, name: str = "") -> Model:
    """Return the model in the text of ``model.to_json()``. Raises ``ReadError`` for any other text.

    >>> layers = '[{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 7, 7, 64]}},'
    >>> layers += '{"class_name": "Conv2DTranspose", "config": {"filters": 32, "kernel_size": [4, 4]}}]'
    >>> model = read_keras_config('{"class_name": "Sequential", "config": {"layers": ' + layers + "}}")
    >>> model.rows[0].weight_shape, model.parameter_count
    ((4, 4, 32, 64), 32800)
    """
    text = data.strip()
    if text[:1] == "'" and text[-1:] == "'" and len(text) > 1:  # Copied from a Python prompt.
        text = text[1:-1].replace("\\'", "'").replace("\\\\", "\\")
    document = read_json(text, "This Keras configuration")
    if isinstance(document, str):  # JSON inside a JSON string, as json.dumps(model.to_json()) writes it.
        document = read_json(document, "This Keras configuration")
    return model_from_config(document, FORMAT, name)


def model_from_config(document: object, form: str, name: str = "") -> Model:
    """Return the model of a configuration in parsed JSON. ``form`` becomes the format of the model.

    Raises ``ReadError`` for another document and for impossible settings.
    """
    if not isinstance(document, Mapping):
        raise ReadError("A Keras configuration is a JSON object with class_name and config: this is not one.")
    if "class_name" not in document and isinstance(document.get("layers"), list):  # model.get_config()
        document = {"class_name": "Model", "config": document}
    root, collector = parse_layer(document), _RowCollector()
    collector.add(root, "", root.built_shapes, True)
    if any(row.note == SCALES for row in collector.rows):  # These do not say it of the layers inside them.
        collector.rows = [
            Row(row.name, row.type, note=SCALES, known=False) if row.type in ATTENTION else row
            for row in collector.rows
        ]
    rows = tuple(row for row in collector.rows if row.parameter_count or not row.known)
    assumptions = tuple(collector.assumptions(rows))
    return Model(rows, form, assumptions, name or root.name, chain=keras_chain(root, rows))


class _RowCollector:
    """Collects the rows of all layers, in the order of the configuration."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.shapes = ShapeInference()
        self.shared_ids: set[object] = set()
        self.has_shared_layers = False

    def assumptions(self, rows: Sequence[Row]) -> Iterator[str]:
        """Yield a sentence for each assumption that the counts depend on."""
        if any(row.type in BATCH_NORMS and row.other_count for row in rows if row.known):
            yield STATISTICS
        if self.has_shared_layers:
            yield SHARED
        identities = [(row.name.rpartition("/")[2], row.type, row.weight_shape) for row in rows]
        if not self.shared_ids and len(set(identities)) < len(identities):
            yield INDISTINGUISHABLE

    def add(self, layer: LayerConfig, path: str, inputs: Inputs, trainable: bool) -> None:
        """Add the rows of a layer, or of all layers inside it. ``trainable`` is that of the models around."""
        # The file has a layer twice if it is used in two models. Only a .keras file of Keras 3 gives both the
        # same shared_object_id (keras/src/saving/serialization_lib.py).
        if isinstance(layer.shared_id, int | str):
            if layer.shared_id in self.shared_ids:
                self.has_shared_layers = True
                return
            self.shared_ids.add(layer.shared_id)
        if len(self.rows) >= MAX_ROWS:
            raise ReadError(f"This model has more than {MAX_ROWS:,} layers, the maximum that is read.")
        self.has_shared_layers |= len(layer.calls) > 1
        trainable = trainable and layer.config.get("trainable") is not False
        if layer.is_model:
            self._add_model(layer, path, inputs, trainable)
        elif layer.standard and (wrapped := layer.wrapped) is not None:
            self._add_wrapper(layer, wrapped, path, inputs, trainable)
        elif layer.standard and layer.class_name == "RNN":
            self._add_cells(layer, path, inputs, trainable)
        else:
            self.rows.append(_row(layer, path or layer.name, inputs, trainable))

    def _add_model(self, model: LayerConfig, path: str, inputs: Inputs, trainable: bool) -> None:
        layers, shapes = self.shapes.model_shapes(model, inputs)
        for layer, layer_inputs in zip(layers, shapes.inputs, strict=True):
            self.add(layer, join_path(path, layer.name), layer_inputs, trainable)

    def _add_wrapper(
        self, layer: LayerConfig, wrapped: LayerConfig, path: str, inputs: Inputs, trainable: bool
    ) -> None:
        """Add the wrapped layer once, or twice for Bidirectional, and the wrapper's own variable if any."""
        inner_inputs = without_time(inputs) if layer.class_name == "TimeDistributed" else tuple(inputs)
        bidirectional = layer.class_name == "Bidirectional"
        if layer.class_name not in WRAPPERS or (bidirectional and (wrapped.is_model or wrapped.wrapped)):
            self.rows.append(_unknown_row(layer, path, trainable, "Not a wrapper that Keras documents."))
            return
        begin = len(self.rows)
        self.add(wrapped, join_path(path, wrapped.name), wrapped.built_shapes or inner_inputs, trainable)
        if bidirectional:
            # Without backward_layer Keras copies the forward layer, with variables of its own.
            config = layer.config.get("backward_layer")
            backward = parse_layer(config) if isinstance(config, Mapping) else wrapped
            name = backward.name if backward.name != wrapped.name else f"backward_{wrapped.name}"
            self.add(backward, join_path(path, name), backward.built_shapes or inner_inputs, trainable)
        if layer.class_name == "SpectralNormalization":
            self._add_spectral_vector(layer, path, trainable, begin)

    def _add_spectral_vector(self, layer: LayerConfig, path: str, trainable: bool, begin: int) -> None:
        """Add the row of the vector u of a SpectralNormalization, which belongs to the rows from ``begin``.

        The vector has one value for each size of the last axis of the kernel, and is never trained:
        https://keras.io/api/layers/normalization_layers/spectral_normalization/
        """
        weight_shape = self.rows[-1].weight_shape if len(self.rows) == begin + 1 else None
        if not weight_shape:
            self.rows.append(
                _unknown_row(layer, path, trainable, "The weight that it normalises is not known.")
            )
            return
        size = weight_shape[-1]
        note = "The vector u of the normalisation."
        self.rows.append(
            Row(path, layer.class_name, other_count=size, trainable=False, frozen_count=size, note=note)
        )

    def _add_cells(self, layer: LayerConfig, path: str, inputs: Inputs, trainable: bool) -> None:
        """Add the cells of an RNN. The input of each cell after the first has the units of the previous."""
        cell_inputs = inputs
        for cell in layer.cells:
            self.rows.append(_row(cell, join_path(path, cell.name), cell_inputs, trainable))
            cell_inputs = parse_shapes([None, cell.config.get("units")])
        if not layer.cells:
            self.rows.append(_unknown_row(layer, path, trainable, "Its cell is not in its configuration."))


def _unknown_row(layer: LayerConfig, path: str, trainable: bool, note: str) -> Row:
    """Return a row without counts; ``note`` is the reason."""
    transposed = layer.class_name in TRANSPOSED
    return Row(path, layer.class_name, trainable=trainable, note=note, known=False, transposed=transposed)


def _row(layer: LayerConfig, path: str, inputs: Inputs, trainable: bool) -> Row:
    """Return the row of one layer; it is unknown where the configuration does not determine the counts."""
    if not layer.standard:
        return _unknown_row(layer, path, trainable, NOT_KERAS)
    try:
        variables = layer_variables(layer.class_name, layer.config, inputs)
    except UnknownCountError as error:
        return _unknown_row(layer, path, trainable, str(error))
    weights = [variable for variable in variables if variable.kind == "weight"]
    weight_shape = weights[0].shape if weights else None
    conv_transpose, note = None, ""
    if transposed := layer.class_name in TRANSPOSED and weight_shape is not None:
        conv_transpose, note = as_layer(layer.config, weights[0].shape)
    frozen = _count(each for each in variables if not (trainable and each.trainable))
    return Row(
        name=path,
        type=layer.class_name,
        weight_shape=weight_shape,
        weight_count=_count(weights),
        bias_count=_count(each for each in variables if each.kind == "bias"),
        other_count=_count(each for each in variables if each.kind == "other"),
        trainable=frozen < _count(variables),
        frozen_count=frozen,
        note=note or _note(layer.class_name, variables, weights),
        layer=conv_transpose,
        transposed=transposed,
        groups=integer(layer.config, "groups", 1) if _CONVOLUTION.fullmatch(layer.class_name) else None,
    )


_CONVOLUTION = re.compile(r"Conv[123]D(?:Transpose)?")


def _note(class_name: str, variables: tuple[Variable, ...], weights: list[Variable]) -> str:
    """Return the note on a layer with several weights or with statistics, otherwise an empty string."""
    if len(weights) > 1 and not weights[0].trainable:
        return LORA
    if len(weights) > 1:
        return f"{len(weights)} weights together; the shape is that of the first."
    if any(each.kind == "other" for each in variables):
        return MOVING if class_name in BATCH_NORMS else "Statistics of the data are counted and not trained."
    return ""


def _count(variables: Iterable[Variable]) -> int:
    return sum(variable.count for variable in variables)
