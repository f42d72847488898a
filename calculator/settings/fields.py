"""What one setting is: its key in the link, label, help, default and limits; and values per axis."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["whole", "spatial", "size", "switch", "choice", "text", "shelf", "table"]
Value = int | bool | str | tuple[Any, ...]
"""Of any kind; a spatial value and a size are tuples of ints, a shelf one of kept layers, a table is text."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One setting. Limits are of a whole number; ``slider_maximum`` is where its slider ends at first."""

    name: str
    key: str
    kind: Kind
    label: str
    help: str
    default: Value
    minimum: int = 0
    maximum: int = 0
    slider_maximum: int = 0
    choices: tuple[int | str, ...] = ()


def setting(key: str, kind: Kind, default: Value, label: str, text: str, **limits: Any) -> Any:
    """Return a dataclass field that carries its own description."""
    about = {"key": key, "kind": kind, "label": label, "help": text, "default": default, **limits}
    return dataclasses.field(default=default, metadata=about)


def described(settings: type) -> tuple[Field, ...]:
    """Return every setting of a dataclass made of ``setting`` fields, in its order."""
    return tuple(Field(name=item.name, **item.metadata) for item in dataclasses.fields(settings))


def fit(value: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return a spatial value for ``rank`` axes; one value for all axes stays one.

    >>> fit((3, 5), 3), fit((3, 5), 1), fit((4,), 3)
    ((3, 5, 5), (3,), (4,))
    """
    if len(value) == 1:
        return value
    return (value + value[-1:] * rank)[:rank]
