"""A model as JSON and back, for the export and for the process that reads untrusted files."""

import dataclasses
import json
from typing import Any

from calculator.core.layer import ConvTranspose
from calculator.readers.model import Model, Row

_SHAPES = ("weight_shape", "input_size", "output_size")


def write_model(model: Model) -> str:
    """Return ``model`` as a JSON document with its rows, their counts, the totals and the assumptions.

    >>> print(write_model(Model((Row("up", "ConvTranspose2d", (1, 1, 2, 2), 4, 1),), "a table"))[:73])
    {"format": "a table", "name": "", "parameter_count": 5, "transposed_count
    """
    document: dict[str, Any] = {"format": model.format, "name": model.name}
    for total in ("parameter_count", "transposed_count", "trainable_count"):
        document[total] = getattr(model, total)
    document["assumptions"] = list(model.assumptions)
    document["rows"] = [_write_row(row) for row in model.rows]
    return json.dumps(document, ensure_ascii=False)


def read_model(text: str) -> Model:
    """Return the model in a document of ``write_model``.

    Raises ``ValueError``, ``KeyError`` or ``TypeError`` for any other text.

    >>> layer = ConvTranspose(in_channels=2, out_channels=1, kernel_size=2)
    >>> row = Row("up", "ConvTranspose2d", layer.weight_shape, 8, 1, layer=layer)
    >>> model = Model((row,), "a table", ("One.",))
    >>> read_model(write_model(model)) == model
    True
    """
    document = json.loads(text)
    rows = tuple(_read_row(row) for row in document["rows"])
    return Model(rows, document["format"], tuple(document["assumptions"]), document["name"])


def _write_row(row: Row) -> dict[str, Any]:
    """Return the values of a row in types that JSON has, and its total."""
    values = {item.name: getattr(row, item.name) for item in dataclasses.fields(row)}
    if row.layer is not None:
        values["layer"] = dataclasses.asdict(row.layer)
    return values | {"parameter_count": row.parameter_count}


def _read_row(values: dict[str, Any]) -> Row:
    """Return the row with the ``values``, whose lists become tuples again."""
    del values["parameter_count"]
    for name in _SHAPES:
        if values[name] is not None:
            values[name] = tuple(values[name])
    if values["layer"] is not None:
        values["layer"] = ConvTranspose(**{name: _as_tuple(value) for name, value in values["layer"].items()})
    return Row(**values)


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
