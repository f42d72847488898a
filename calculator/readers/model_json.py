"""A model as JSON and back, for the export and for the process that reads untrusted files."""

import dataclasses
import json
from typing import Any

from calculator.core.layer import ConvTranspose
from calculator.core.schema import versioned
from calculator.readers.model import Chain, Model, Row

_SHAPES = ("weight_shape", "input_size", "output_size")
_ROW_COUNTS = ("weight_count", "bias_count", "other_count", "frozen_count")
_TOTALS = ("parameter_count", "transposed_count", "trainable_count")
_FIELDS = ("stated_trainable_count", "trained_known", "surplus", "perhaps_tied", "condition")


def write_model(model: Model) -> str:
    """Return ``model`` as a JSON document with its rows, their counts, the totals and the assumptions.

    A count that is not known is ``null``. ``at_least`` and ``at_most`` contain the least and the most that
    each total can be, and ``complete`` is whether every parameter is counted. ``undecided_count`` is the
    number of parameters in convolutions that may be transposed or not.
    ``multiply_accumulates`` holds under the ``condition``, if there is one.

    >>> print(write_model(Model((Row("up", "ConvTranspose2d", (1, 1, 2, 2), 4, 1),), "a table"))[:71])
    {"schema": "model", "schema_version": 1, "format": "a table", "name": "
    >>> unknown = Model((Row("up", "MyLayer", known=False),), "a table")
    >>> document = json.loads(write_model(unknown))
    >>> document["complete"], document["parameter_count"], document["at_least"]["parameter_count"]
    (False, None, 0)
    """
    document: dict[str, Any] = versioned("model", {})
    document |= {"format": model.format, "name": model.name, "complete": model.complete}
    most: dict[str, int | None] = {total: getattr(model, total) for total in _TOTALS}
    least = {total: model.minimum(getattr(model, total)) for total in _TOTALS}
    most["transposed_count"] = model.transposed_count + model.undecided_count
    if not model.trained_known:
        least["trainable_count"], most["trainable_count"] = 0, model.parameter_count
    if model.unknown:
        most = dict.fromkeys(_TOTALS)
    document |= {total: least[total] if least[total] == most[total] else None for total in _TOTALS}
    document["undecided_count"] = model.undecided_count
    document |= {"at_least": least, "at_most": most}
    for name in _FIELDS:
        document[name] = getattr(model, name)
    document["multiply_accumulates"] = model.multiply_accumulates
    document["chain"] = None if model.chain is None else dataclasses.asdict(model.chain)
    document["assumptions"] = list(model.assumptions)
    document["rows"] = [_write_row(row) for row in model.rows]
    return json.dumps(document, ensure_ascii=False)


def read_model(text: str) -> Model:
    """Return the model in a document of ``write_model``.

    Raises ``ValueError``, ``KeyError`` or ``TypeError`` for any other text.

    >>> layer = ConvTranspose(in_channels=2, out_channels=1, kernel_size=2)
    >>> row = Row("up", "ConvTranspose2d", layer.weight_shape, 8, 1, layer=layer)
    >>> model = Model((row, Row("head", "MyHead", known=False)), "a table", ("One.",))
    >>> read_model(write_model(model)) == model
    True
    """
    document = json.loads(text)
    rows = tuple(_read_row(row) for row in document["rows"])
    return Model(
        rows,
        document["format"],
        tuple(document["assumptions"]),
        document["name"],
        chain=None if document["chain"] is None else _read_chain(document["chain"]),
        **{name: document[name] for name in _FIELDS},
    )


def _read_chain(values: dict[str, Any]) -> Chain:
    """Return the chain with the ``values``, whose lists become tuples again."""
    return Chain(**{name: _as_tuple(value) for name, value in values.items()})


def _write_row(row: Row) -> dict[str, Any]:
    """Return the values of a row in types that JSON has, and its total."""
    values = {item.name: getattr(row, item.name) for item in dataclasses.fields(row)}
    if row.layer is not None:
        values["layer"] = dataclasses.asdict(row.layer)
    values["parameter_count"] = row.parameter_count
    return values if row.known else values | dict.fromkeys((*_ROW_COUNTS, "parameter_count"))


def _read_row(values: dict[str, Any]) -> Row:
    """Return the row with the ``values``, whose lists become tuples again."""
    del values["parameter_count"]
    if not values["known"]:
        values |= dict.fromkeys(_ROW_COUNTS, 0)
    for name in _SHAPES:
        if values[name] is not None:
            values[name] = tuple(values[name])
    if values["layer"] is not None:
        values["layer"] = ConvTranspose(**{name: _as_tuple(value) for name, value in values["layer"].items()})
    return Row(**values)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
