"""Keras' ``model.to_json()``, of Keras 2 and 3: exact counts from each layer's configuration and input shape.

Nothing is built or run. Source: https://keras.io/api/models/model_saving_apis/
"""

from collections.abc import Iterable, Mapping

from calculator.readers.containers.strict_json import read_json
from calculator.readers.keras import layer_rules
from calculator.readers.keras.config_values import UnknownCountError, joined, shapes_of
from calculator.readers.keras.graph import Entry, Graph, entry
from calculator.readers.keras.variables import Inputs, Part
from calculator.readers.keras.window_shapes import without_time
from calculator.readers.model import MAX_ROWS, Model, ReadError, Row

FORMAT = "Keras configuration"
WRAPPERS = frozenset({"TimeDistributed", "Bidirectional", "SpectralNormalization", "Wrapper"})
STATISTICS = (
    "Moving means and variances of normalisations are counted, as Keras does, and are not trained: "
    "PyTorch would leave them out."
)
SHARED = "A layer that is used in several places is counted once."
INDISTINGUISHABLE = (
    "Some layers have the same name, class and shape in two models inside this one. It does not say if "
    "they are the same layer, so each is counted; a .keras file says it."
)


def recognises(data: str) -> bool:
    """Return whether ``data`` begins as ``model.to_json()`` does, also with the quotes of a Python prompt."""
    begin = data[:4096].lstrip().lstrip("'\"").lstrip()
    return begin.startswith("{") and ('"class_name"' in begin or '\\"class_name\\"' in begin)


def read_keras_config(data: str, *, name: str = "") -> Model:
    """Return the model that ``model.to_json()`` wrote. Raises ``ReadError`` for anything else.

    >>> layers = '[{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 7, 7, 64]}},'
    >>> layers += '{"class_name": "Conv2DTranspose", "config": {"filters": 32, "kernel_size": [4, 4]}}]'
    >>> model = read_keras_config('{"class_name": "Sequential", "config": {"layers": ' + layers + "}}")
    >>> model.rows[0].weight_shape, model.parameter_count
    ((4, 4, 32, 64), 32800)
    """
    text = data.strip()
    if text[:1] == "'" and text[-1:] == "'" and len(text) > 1:  # As a Python prompt shows it.
        text = text[1:-1].replace("\\'", "'").replace("\\\\", "\\")
    found = read_json(text, "This Keras configuration")
    if isinstance(found, str):
        found = read_json(found, "This Keras configuration")
    return model_of(found, FORMAT, name)


def model_of(found: object, form: str, name: str = "") -> Model:
    """Return the model of a configuration that was read as JSON."""
    if not isinstance(found, Mapping):
        raise ReadError("A Keras configuration is a JSON object with class_name and config: this is not one.")
    if "class_name" not in found and isinstance(found.get("layers"), list):  # model.get_config()
        found = {"class_name": "Model", "config": found}
    root, walk = entry(found), _Walk()
    walk.add(root, "", root.told, True)
    rows = tuple(row for row in walk.rows if row.parameter_count or not row.known)
    return Model(rows, form, tuple(walk.assumed(rows)), name or root.name)


class _Walk:
    """The rows found so far."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.graph = Graph()
        self.seen: set[object] = set()
        self.several = False

    def assumed(self, rows: Iterable[Row]) -> Iterable[str]:
        """Yield what had to be assumed."""
        known = [row for row in rows if row.known]
        if any("Normalization" in row.type and row.other_count for row in known):
            yield STATISTICS
        if self.several:
            yield SHARED
        names = [(row.name.rpartition("/")[2], row.type, row.weight_shape) for row in rows]
        if not self.seen and len(set(names)) < len(names):
            yield INDISTINGUISHABLE

    def add(self, layer: Entry, path: str, inputs: Inputs, trained: bool) -> None:
        """Add the rows of a layer, or of all layers inside it."""
        if isinstance(layer.shared, int | str):
            if layer.shared in self.seen:
                self.several = True
                return
            self.seen.add(layer.shared)
        if len(self.rows) >= MAX_ROWS:
            raise ReadError(f"This model has more than {MAX_ROWS:,} layers, the most that are read.")
        self.several |= len(layer.nodes) > 1
        trained = trained and layer.config.get("trainable") is not False
        if layer.is_model:
            self._model(layer, path, inputs, trained)
        elif layer.standard and (inner := layer.inner) is not None:
            self._wrapper(layer, inner, path, inputs, trained)
        elif layer.standard and layer.kind == "RNN":
            self._cells(layer, path, inputs, trained)
        else:
            self.rows.append(_row(layer, path or layer.name, inputs, trained))

    def _model(self, model: Entry, path: str, inputs: Inputs, trained: bool) -> None:
        layers, flow = self.graph.flow(model, inputs)
        for layer, reached in zip(layers, flow.inputs, strict=True):
            self.add(layer, joined(path, layer.name), reached, trained)

    def _wrapper(self, layer: Entry, inner: Entry, path: str, inputs: Inputs, trained: bool) -> None:
        """Add what a wrapper wraps: once, twice (Bidirectional), and what it adds of its own."""
        reached = without_time(inputs) if layer.kind == "TimeDistributed" else tuple(inputs)
        twice = layer.kind == "Bidirectional"
        if layer.kind not in WRAPPERS or (twice and (inner.is_model or inner.inner)):
            self.rows.append(_unknown(layer, path, trained, "Not a wrapper that Keras documents."))
            return
        begin = len(self.rows)
        self.add(inner, joined(path, inner.name), inner.told or reached, trained)
        if twice:
            back = layer.config.get("backward_layer")
            other = entry(back) if isinstance(back, Mapping) else inner
            label = other.name if other.name != inner.name else f"backward_{inner.name}"
            self.add(other, joined(path, label), other.told or reached, trained)
        if layer.kind == "SpectralNormalization":
            self._vector(layer, path, trained, begin)

    def _vector(self, layer: Entry, path: str, trained: bool, begin: int) -> None:
        """Add the vector of a SpectralNormalization: one value for each output channel, never trained."""
        weight = self.rows[-1].weight_shape if len(self.rows) == begin + 1 else None
        if not weight:
            self.rows.append(_unknown(layer, path, trained, "What it normalises is not known."))
            return
        size = weight[-1]
        note = "The vector u that it keeps."
        self.rows.append(
            Row(path, layer.kind, other_count=size, trainable=False, frozen_count=size, note=note)
        )

    def _cells(self, layer: Entry, path: str, inputs: Inputs, trained: bool) -> None:
        """Add the cells of an RNN, each fed with the units of the one before it."""
        reached = inputs
        for item in layer.cells:
            self.rows.append(_row(item, joined(path, item.name), reached, trained))
            reached = shapes_of([None, item.config.get("units")])
        if not layer.cells:
            self.rows.append(_unknown(layer, path, trained, "Its cell is not in its configuration."))


def _unknown(layer: Entry, path: str, trained: bool, note: str) -> Row:
    kind = layer.kind
    return Row(
        path, kind, trainable=trained, note=note, known=False, transposed=kind in layer_rules.TRANSPOSED
    )


def _row(layer: Entry, path: str, inputs: Inputs, trained: bool) -> Row:
    """Return the row of one layer; it has no counts where they cannot be told."""
    kind = layer.kind
    if not layer.standard:
        return _unknown(
            layer, path, trained, "Not a class of Keras itself: its configuration does not say it all."
        )
    try:
        parts = layer_rules.parts(kind, layer.config, inputs)
    except UnknownCountError as error:
        return _unknown(layer, path, trained, str(error))
    weights = [part for part in parts if part.kind == "weight"]
    shape = weights[0].shape if weights else None
    transposed = kind in layer_rules.TRANSPOSED and shape is not None
    opened, note = layer_rules.as_layer(layer.config, shape) if transposed and shape else (None, "")
    total, frozen = _count(parts), _count(part for part in parts if not (trained and part.trained))
    return Row(
        name=path,
        type=kind,
        weight_shape=shape,
        weight_count=_count(weights),
        bias_count=_count(part for part in parts if part.kind == "bias"),
        other_count=_count(part for part in parts if part.kind == "other"),
        trainable=frozen < total,
        frozen_count=frozen,
        note=note or _remark(parts, weights),
        layer=opened,
        transposed=transposed,
    )


def _remark(parts: tuple[Part, ...], weights: list[Part]) -> str:
    if len(weights) > 1:
        return f"{len(weights)} weights together; the shape is that of the first."
    if any(part.kind == "other" for part in parts):
        return "Moving statistics are counted and not trained."
    return ""


def _count(parts: Iterable[Part]) -> int:
    return sum(part.count for part in parts)
