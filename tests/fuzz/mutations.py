"""Damage to valid bytes, texts and JSON documents, and the outcome of reading the damaged data."""

import json
import random
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from calculator.readers import ReadError

Data = TypeVar("Data", str, bytes)

STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    2**31,
    2**63,
    10**18 + 1,
    10**400,
    1.5,
    1e308,
    "",
    "weight",
    "\ud800",
    "x" * 2000,
    [],
    [[[[[[]]]]]],
    {},
    {"": {}},
)
"""Values that stand where others should."""


def spoil_bytes(data: bytes, chance: random.Random) -> bytes:
    """Cut, overwrite, double, drop or swap some of ``data``."""
    spoilt = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        if not spoilt:
            break
        start = chance.randrange(len(spoilt))
        stop = min(len(spoilt), start + chance.choice((1, 1, 2, 4, 8, 64)))
        way = chance.randrange(6)
        if way == 0:
            del spoilt[start:]
        elif way == 1:
            spoilt[start:stop] = chance.randbytes(stop - start)
        elif way == 2:
            spoilt[start:start] = spoilt[start:stop] * chance.choice((1, 2, 50))
        elif way == 3:
            del spoilt[start:stop]
        elif way == 4:
            spoilt[start:stop] = chance.choice((b"\x00", b"\xff", b"\x7f")) * (stop - start)
        else:
            other = chance.randrange(len(spoilt))
            spoilt[start:stop] = spoilt[other : other + stop - start]
    return bytes(spoilt)


def spoil_value(document: Any, chance: random.Random) -> Any:
    """Return a copy of the JSON ``document`` with some of its values replaced, dropped or doubled."""
    spoilt = _copied(document)
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = _places(spoilt)
        if not places:
            break
        held, key = chance.choice(places)
        if key not in held and not isinstance(held, list):
            continue
        way = chance.randrange(5)
        if way < 2:
            held[key] = _copied(chance.choice(STRANGE))
        elif way == 2:
            del held[key]
        elif way == 3 and isinstance(held, list):
            held.append(_copied(held[key]))
        else:
            other, at = chance.choice(places)
            held[key] = _copied(other[at])
    return spoilt


def _copied(document: Any) -> Any:
    """Return a deep copy, much sooner than ``copy.deepcopy`` does."""
    return json.loads(json.dumps(document))


def _places(document: Any) -> list[tuple[Any, Any]]:
    """Return every container in ``document`` with each of its keys."""
    places = []
    open_: list[Any] = [document]
    while open_:
        held = open_.pop()
        if isinstance(held, dict | list):
            keys = list(held) if isinstance(held, dict) else range(len(held))
            places += [(held, key) for key in keys]
            open_ += [held[key] for key in keys]
    return places


def outcomes(
    recognises: Callable[[Data], bool], read: Callable[[Data], object], cases: Iterable[Data]
) -> tuple[int, list[str]]:
    """Return how many cases were read as models, and the sentences the others were refused with."""
    models, sentences = 0, []
    for data in cases:
        recognises(data)
        try:
            read(data)
            models += 1
        except ReadError as error:
            sentences.append(str(error))
    return models, sentences
