"""The version of the JSON documents, which ``docs/json.md`` describes."""

from collections.abc import Mapping

SCHEMA_VERSION = 1
"""Raised when a key of a document goes or changes its meaning; a new key alone does not raise it."""


def versioned(kind: str, document: Mapping[str, object]) -> dict[str, object]:
    """Return a JSON document with its kind and the version of its schema in front.

    >>> versioned("layer", {"parameters": 3136})
    {'schema': 'layer', 'schema_version': 1, 'parameters': 3136}
    """
    return {"schema": kind, "schema_version": SCHEMA_VERSION, **document}
