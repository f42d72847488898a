"""The version of a document stands in front of its keys."""

from calculator.core.schema import SCHEMA_VERSION, versioned


def test_kind_and_version_come_first() -> None:
    assert list(versioned("layer", {"a": 1}).items()) == [
        ("schema", "layer"),
        ("schema_version", SCHEMA_VERSION),
        ("a", 1),
    ]
