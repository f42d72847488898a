"""Keras configurations for tests: recorded files, and small models put together by hand."""

import json
from typing import Any

from calculator.readers.keras.config import read_keras_config
from calculator.readers.model import Row
from tests.helpers.paths import READER_FILES


def config_text(name: str) -> str:
    """Return the recorded configuration ``name``."""
    return (READER_FILES / f"{name}.json").read_text(encoding="utf-8")


def sequential(*layers: dict[str, Any], shape: list[int | None], **options: Any) -> str:
    """Return the JSON of a Sequential with an input of this shape, batch left out."""
    begin = {"class_name": "InputLayer", "config": {"batch_input_shape": [None, *shape]}}
    return json.dumps({"class_name": "Sequential", "config": {"layers": [begin, *layers], **options}})


def layer_config(class_name: str, *, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    """Return the configuration of one layer, named after its class."""
    return {
        "class_name": class_name,
        "module": module,
        "config": {"name": class_name.lower(), **config},
    }


def only_row(data: str) -> Row:
    """Return the row of a model with a single row."""
    (row,) = read_keras_config(data).rows
    return row
