"""JSON from strangers: the standard library's parser behind limits on length and depth, no key twice."""

import json
import re
from itertools import accumulate
from typing import NoReturn

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_DEPTH, MAX_TEXT, ReadError

# Possessive: a string without an end is given up in one pass.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {byte: 1 if byte in b"[{" else -1 for byte in b"[]{}"}


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """What a hook of the parser found."""


def read_json(text: str, what: str) -> object:
    """Return what the JSON ``text`` says. Raises ``ReadError`` with a sentence about ``what``.

    >>> read_json('{"a": [1, 2]}', "The header")
    {'a': [1, 2]}
    >>> read_json('{"a": 1, "a": 2}', "The header")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: The header names 'a' twice, so it cannot be trusted.
    """
    if len(text) > MAX_TEXT:
        raise ReadError(f"{what} has {len(text):,} characters; at most {MAX_TEXT:,} are read.")
    if depth_of(text) > MAX_DEPTH:
        raise ReadError(f"{what} is nested more than {MAX_DEPTH} deep.")
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except _Refused as refused:
        raise ReadError(f"{what} {refused}") from None
    except (ValueError, RecursionError) as error:
        place = f" (at line {error.lineno:,})" if isinstance(error, json.JSONDecodeError) else ""
        raise ReadError(f"{what} is not complete JSON{place}.") from None


def depth_of(text: str) -> int:
    """Return how deep the brackets of ``text`` are nested, those in strings left out.

    >>> depth_of('{"a": [["]]]"], 1]}')
    3
    """
    brackets = _STRING.sub("", text).encode("ascii", "replace").translate(None, _NOT_BRACKETS)
    return max(accumulate(_STEP[byte] for byte in brackets), default=0)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"names {short_repr(twice)} twice, so it cannot be trusted.")
    return found


def _no_number(text: str) -> NoReturn:
    raise _Refused(f"holds {text}, which is no number.")
