"""JSON from untrusted sources: the standard library's parser with limits on length, depth and duplicate keys.

Why the checks are hand-written:

- ``json`` accepts a key twice and keeps the last value, so that two programs can read two different files.
- ``json`` accepts ``NaN`` and ``Infinity``, which are not JSON, and recurses once for every bracket.
- Strict parsers are packages with compiled code, which a calculator without dependencies does not need.
"""

import json
import re
from itertools import accumulate
from typing import NoReturn

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_DEPTH, MAX_TEXT, ReadError

# The quantifiers are possessive, and an unterminated string matches up to the end of the text. Otherwise any
# quotation mark in such a string would start another search, which takes quadratic time.
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_STEP = {byte: 1 if byte in b"[{" else -1 for byte in b"[]{}"}


class _RefusedError(Exception):
    """A violation that a hook of the parser found. The message is the end of a sentence."""


def read_json(text: str, subject: str) -> object:
    """Return the value of the JSON ``text``.

    Raises ``ReadError`` with a sentence that begins with ``subject``, the name of the text.

    >>> read_json('{"a": [1, 2]}', "The header")
    {'a': [1, 2]}
    >>> read_json('{"a": 1, "a": 2}', "The header")
    Traceback (most recent call last):
    ...
    calculator.readers.model.ReadError: The header names 'a' twice, so it cannot be trusted.
    """
    if len(text) > MAX_TEXT:
        raise ReadError(f"{subject} has {len(text):,} characters; at most {MAX_TEXT:,} are read.")
    if nesting_depth(text) > MAX_DEPTH:
        raise ReadError(f"{subject} is nested more than {MAX_DEPTH} deep.")
    try:
        return json.loads(text, object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)
    except _RefusedError as refused:
        raise ReadError(f"{subject} {refused}") from None
    except (ValueError, RecursionError) as error:
        position = f" (at line {error.lineno:,})" if isinstance(error, json.JSONDecodeError) else ""
        raise ReadError(f"{subject} is not complete JSON{position}.") from None


def nesting_depth(text: str) -> int:
    """Return the number of levels of nested brackets in ``text``, without the brackets in strings.

    >>> nesting_depth('{"a": [["]]]"], 1]}')
    3
    """
    brackets = _STRING.sub("", text).encode("ascii", "replace").translate(None, _NOT_BRACKETS)
    return max(accumulate(_STEP[byte] for byte in brackets), default=0)


def _refuse_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the pairs of an object as a dictionary. Raises ``_RefusedError`` for a key given twice."""
    values = dict(pairs)
    if len(values) == len(pairs):
        return values
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            break
        seen.add(key)
    raise _RefusedError(f"names {short_repr(key)} twice, so it cannot be trusted.")


def _refuse_constant(text: str) -> NoReturn:
    raise _RefusedError(f"contains {text}, which is not a number in JSON.")
