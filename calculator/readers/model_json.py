"""A model as JSON and back: what the export writes, and what the reading process hands over."""

import dataclasses
import json
from typing import Any

from calculator.core.layer import ConvTranspose
from calculator.readers.model import Model, Row

_SHAPES = ("weight_shape", "input_size", "output_size")


def write_model(model: Model) -> str:
    """Return ``model`` as a JSON document: its rows with their counts, the totals, the assumptions.

    >>> print(write_model(Model((Row("up", "ConvTranspose2d", (1, 1, 2, 2), 4, 1),), "a table"))[:73])
    {"format": "a table", "name": "", "parameter_count": 5, "transposed_count
    """
    head: dict[str, Any] = {"format": model.format, "name": model.name}
    for total in ("parameter_count", "transposed_count", "trainable_count"):
        head[total] = getattr(model, total)
    head["assumptions"] = list(model.assumptions)
    head["rows"] = [_row(row) for row in model.rows]
    return json.dumps(head, ensure_ascii=False)


def read_model(text: str) -> Model:
    """Return the model that ``write_model`` wrote.

    >>> layer = ConvTranspose(in_channels=2, out_channels=1, kernel_size=2)
    >>> row = Row("up", "ConvTranspose2d", layer.weight_shape, 8, 1, layer=layer)
    >>> model = Model((row,), "a table", ("One.",))
    >>> read_model(write_model(model)) == model
    True
    """
    held = json.loads(text)
    rows = tuple(_read_row(row) for row in held["rows"])
    return Model(rows, held["format"], tuple(held["assumptions"]), held["name"])


def _row(row: Row) -> dict[str, Any]:
    """Return a row as JSON takes it."""
    values = {item.name: getattr(row, item.name) for item in dataclasses.fields(row)}
    if row.layer is not None:
        values["layer"] = dataclasses.asdict(row.layer)
    return values | {"parameter_count": row.parameter_count}


def _read_row(values: dict[str, Any]) -> Row:
    del values["parameter_count"]
    for name in _SHAPES:
        if values[name] is not None:
            values[name] = tuple(values[name])
    if values["layer"] is not None:
        values["layer"] = ConvTranspose(**{name: _tuple(value) for name, value in values["layer"].items()})
    return Row(**values)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
