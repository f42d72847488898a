"""A model of Keras with the weights that are stored beside its configuration, or with weights alone.

The shapes of the weights confirm the counts of a configuration, and complete the rows of classes whose
configuration does not determine their parameters.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from calculator.core.formatting import join_first, plural
from calculator.readers.keras.config import LORA, NOT_KERAS, STATISTICS
from calculator.readers.keras.layer_rules import QUANTISED_LORA
from calculator.readers.keras_files.stored_layers import OWN, StoredLayer, StoredWeights
from calculator.readers.keras_files.stored_rows import QUANTISED, row_of_stored_layer
from calculator.readers.model import Model, ReadError, Row, left_out_row

CLASSES_INFERRED = (
    "A file of Keras' weights has no configuration: classes are those in the names that Keras chose, or "
    "inferred from the shapes. The counts are exact."
)
ALL_TRAINABLE = (
    "A file of weights does not state which parameters are trained: every parameter is counted as trainable, "
    "except moving statistics and quantised weights."
)
CONFIRMED = "The shapes of the stored weights confirm the counts."
COMPLETED = (
    "What the configuration does not determine is counted from the shapes of the stored weights, as "
    "trainable except for moving statistics and quantised weights: {}."
)
USED_TWICE = "It has the names and shapes of {}: one layer that is used twice, or another layer."

NOT_STORED = "Keras does not store the matrices of enable_lora()."
NO_ROW = "The file stores values that no row shows."

NAMED = 3
"""The maximum number of layers that a sentence names."""


def model_from_weights(stored: StoredWeights, form: str, name: str = "") -> Model:
    """Return the model of a file of weights without a configuration. ``form`` becomes its format.

    Raises ``ReadError`` where the file has no weights of layers.
    """
    if not stored.layers:
        raise ReadError("This file of Keras' weights contains no weights of layers.")
    rows: list[Row] = []
    first: dict[object, str] = {}
    for layer in stored.layers:
        row = row_of_stored_layer(layer)
        identity = (layer.path[1:], layer.variables)
        if len(layer.path) > 1 and identity in first:
            row = Row(row.name, row.type, note=USED_TWICE.format(first[identity]), known=False)
        first.setdefault(identity, layer.title)
        rows.append(row)
    statistics = [STATISTICS] if _has_statistics(rows) else []
    counted = tuple(row for row in rows if row.parameter_count or not row.known)
    sentences = (CLASSES_INFERRED, ALL_TRAINABLE, *statistics, *left_out(stored))
    return Model(counted, form, sentences, name)


def complete_model(model: Model, stored: StoredWeights, *, own_class: str = "") -> Model:
    """Return ``model``, which was read from a configuration, completed and confirmed by its weights.

    ``own_class`` is the class of a model whose configuration has no layers: all its rows come from the
    weights. Where the counts disagree, the total is a range or a minimum, and a sentence has both numbers.
    """
    if own_class:
        rows = [_own_row(layer, model.rows[0], own_class) for layer in stored.layers]
        named = COMPLETED.format(f"the whole model ({own_class})")
        return _with_rows(model, rows, [named, *left_out(stored)])
    rows, completed = _completed_rows(model.rows, stored)
    sentences = list(left_out(stored))
    if completed:
        listed = join_first(completed, NAMED)
        sentences.append(COMPLETED.format(listed))
    rows = _without_empty(rows, stored)
    return _confirmed(_with_rows(model, rows, sentences), stored)


def left_out(stored: StoredWeights) -> Iterator[str]:
    """Yield a sentence for each kind of values that is stored beside the layers."""
    for what, values in stored.left_out.items():
        yield f"The file also stores {what} ({plural(values, 'value')}), which is not part of the model."


def _has_statistics(rows: Sequence[Row]) -> bool:
    return any(row.frozen_count and row.other_count and row.note != QUANTISED for row in rows)


def _with_rows(model: Model, rows: Sequence[Row], sentences: Sequence[str]) -> Model:
    """Return ``model`` with the ``rows`` that have parameters, or unchanged if there are none."""
    counted = tuple(row for row in rows if row.parameter_count or not row.known)
    if not counted:
        return model
    first = [STATISTICS] if _has_statistics(rows) and STATISTICS not in model.assumptions else []
    return replace(model, rows=counted, assumptions=(*first, *model.assumptions, *sentences))


def _own_row(layer: StoredLayer, row: Row, class_name: str) -> Row:
    """Return the row of a layer inside a model of an own class, or of the model's own variables."""
    if layer.path:
        return row_of_stored_layer(layer, trainable=row.trainable)
    return row_of_stored_layer(layer, class_name, trainable=row.trainable, standard=False)


def _completed_rows(rows: Sequence[Row], stored: StoredWeights) -> tuple[list[Row], list[str]]:
    """Return the rows with those of the weights in place of unknown ones, and the names of these."""
    result: list[Row] = []
    completed: list[str] = []
    named = Counter(row.name for row in rows)
    for row in rows:
        below = [] if named[row.name] > 1 or row.note == QUANTISED_LORA else _layers_of(row, stored)
        if row.known and not any(layer.integers for layer in below):
            below = []
        if not below:
            result.append(row)
            continue
        completed.append(f"{row.title} ({row.type})")
        for layer in below:
            own = row.type if layer.title == row.name or len(below) == 1 == len(layer.path) else ""
            result.append(
                row_of_stored_layer(layer, own, trainable=row.trainable, standard=row.note != NOT_KERAS)
            )
    extra = [layer for layer in stored.layers if layer.path[:1] in ((), (OWN,))]
    result += [row_of_stored_layer(layer, "Model", standard=False) for layer in extra]
    return result, completed


def _layers_of(row: Row, stored: StoredWeights) -> list[StoredLayer]:
    """Return the stored layers at or below the path of a row."""
    path = tuple(row.name.split("/"))
    return [layer for layer in stored.layers if layer.path[: len(path)] == path]


def _tops(rows: Sequence[Row], stored: StoredWeights) -> dict[str, tuple[int, int, bool]]:
    """Return for each layer at the top (count of the rows, count of the weights, whether all is known)."""
    tops: dict[str, tuple[int, int, bool]] = {}
    for row in rows:
        top = row.name.partition("/")[0]
        count, weights, known = tops.get(top, (0, 0, True))
        tops[top] = count + row.parameter_count, weights, known and row.known
    for layer in stored.layers:
        top = layer.path[0] if layer.path else ""
        count, weights, known = tops.get(top, (0, 0, True))
        tops[top] = count, weights + layer.count, known
    return tops


def _without_empty(rows: Sequence[Row], stored: StoredWeights) -> list[Row]:
    """Return the rows without those unknown ones that have no parameters, as the weights show.

    The weights of the layer at the top, which must be listed in the file, are then all counted already, or
    those of the whole file are.
    """
    if stored.layers and sum(row.parameter_count for row in rows) == stored.count:
        return [row for row in rows if row.known]
    listed = {title.partition("/")[0] for title in stored.titles}
    listed |= {layer.path[0] for layer in stored.layers if layer.path}
    complete = {
        top for top, (count, weights, _) in _tops(rows, stored).items() if count == weights and top in listed
    }
    return [row for row in rows if row.known or row.name.partition("/")[0] not in complete]


def _confirmed(model: Model, stored: StoredWeights) -> Model:
    """Return ``model`` with a sentence on whether the weights confirm the counts, or where they disagree."""
    total = model.parameter_count
    if not model.complete:
        return model
    if total == stored.count:
        return replace(model, assumptions=(*model.assumptions, CONFIRMED))
    lora = {row.name.partition("/")[0] for row in model.rows if row.note == LORA}
    different = [
        (top, f"{top or 'the model itself'} has {plural(count, 'parameter')} and {plural(weights, 'value')}")
        for top, (count, weights, _) in _tops(model.rows, stored).items()
        if count != weights
    ]
    said = (
        f"The configuration and the weights in the file disagree: {total:,} parameters follow from the "
        f"configuration, and {stored.count:,} values are stored. "
        f"{join_first([text for _, text in different], NAMED)}."
    )
    if {top for top, _ in different} <= lora:
        return replace(model, assumptions=(*model.assumptions, f"{said} {NOT_STORED}"))
    rows = (*model.rows, left_out_row("", NO_ROW)) if total < stored.count else model.rows
    model = replace(model, rows=rows, assumptions=(*model.assumptions, said))
    return model.with_surplus(total - stored.count)
