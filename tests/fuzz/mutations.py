"""Damage to valid bytes, texts and JSON documents, and the outcome of reading the damaged data."""

import json
import random
from collections.abc import Callable, Iterable, Iterator
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


def spoil_value(text: str, chance: random.Random) -> Any:
    """Return the JSON document in ``text`` with some of its values replaced, dropped or doubled."""
    spoilt = json.loads(text)
    for _ in range(chance.choice((1, 1, 2, 4))):
        held = list(_containers(spoilt))
        if not held:
            break
        place, key = _chosen(held, chance)
        way = chance.randrange(5)
        if way < 2:
            place[key] = _copied(chance.choice(STRANGE))
        elif way == 2:
            del place[key]
        elif way == 3 and isinstance(place, list):
            place.append(_copied(place[key]))
        else:
            other, at = _chosen(held, chance)
            place[key] = _copied(other[at])
    return spoilt


def _copied(document: Any) -> Any:
    """Return a deep copy, much sooner than ``copy.deepcopy`` does."""
    return json.loads(json.dumps(document)) if isinstance(document, dict | list) else document


def _containers(document: Any) -> Iterator[Any]:
    """Yield every object and array in ``document`` that is not empty."""
    open_: list[Any] = [document] if document and type(document) in (dict, list) else []
    while open_:
        held = open_.pop()
        yield held
        inside = held.values() if type(held) is dict else held
        open_ += [value for value in inside if value and type(value) in (dict, list)]


def _chosen(held: list[Any], chance: random.Random) -> tuple[Any, Any]:
    """Return one of all values in the containers, as its container and its key, each equally likely."""
    number = chance.randrange(sum(map(len, held)))
    for place in held:
        if number < len(place):
            return place, list(place)[number] if isinstance(place, dict) else number
        number -= len(place)
    raise AssertionError


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
