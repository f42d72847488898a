"""Damaged links: valid ones mutated, truncated and spliced, and the grammars of ``table`` and ``shelf``.

A seed gives the same links. The codec takes a link as query: key → values.
"""

import random
import time
from collections.abc import Iterator

from calculator.networks.builtin import NETWORKS
from calculator.readers.layer_table.line import TYPES
from calculator.readers.layer_table.link_form import KEYS, write_linked
from calculator.settings import FIELDS
from calculator.settings.fields import Field
from calculator.settings.layer import LAYER_FIELDS
from calculator.settings.link import MAX_REPORTED, decode, encode
from tests.helpers.addresses import ADDRESSES
from tests.helpers.extreme_pages import TABLES, VIEWS, opened
from tests.helpers.extreme_settings import NAMES

Query = dict[str, list[str]]

SLOW = 2.0
"""Seconds of processor time after which a link took too long."""

NUMBERS = (
    "0",
    "1",
    "2",
    "7",
    "128",
    "65536",
    "65537",
    "9" * 18,
    str(10**18),
    "9" * 19,
    "9" * 5_000,
    "-1",
    "1e9",
)
ODD = (
    "",
    " ",
    "x",
    "1x",
    "3x5",
    "3x5x7",
    "1x2x3x4",
    "inf",
    "nan",
    "٣",
    "1_0",
    "\x00",
    "\ud800",
    "%",
    "&",
    "\n",
    "=1",
)
MARKS = ("~", "~-", "_", ".", "~~", "__", "..", "x", " ", "\u202e", "%00")


def queries(count: int, seed: int) -> Iterator[Query]:
    """Yield ``count`` links, most of which are nearly valid."""
    rng = random.Random(seed)
    keys = [field.key for field in FIELDS]
    for _ in range(count):
        query = {field.key: [_value(rng, field)] for field in rng.sample(FIELDS, rng.choice((1, 2, 4, 9)))}
        for _ in range(rng.choice((0, 0, 1, 2))):
            key = rng.choice((*keys, *keys, "K", "", "x" * 300, *ADDRESSES))
            query.setdefault(key, []).append(_damaged(rng, rng.choice((*NUMBERS, *ODD))))
        yield query


def _value(rng: random.Random, field: Field) -> str:
    """Return a value for a setting, mostly of the right kind."""
    if field.kind == "table":
        text = rng.choice((_table, _table, _linked))(rng)
    elif field.kind == "shelf":
        text = "~".join(_kept(rng) for _ in range(rng.choice((1, 2, 6, 7))))
    elif field.kind == "text":
        text = rng.choice((*NAMES, *ADDRESSES, "x" * 80, "x" * 81))
    elif field.kind == "choices":
        text = "-".join(str(rng.choice((*field.choices, "fast"))) for _ in range(rng.choice((1, 2, 2, 3))))
    elif field.choices and rng.random() < 0.8:
        text = str(rng.choice(field.choices))
    else:
        text = "x".join(_number(rng, field) for _ in range(rng.choice((1, 1, 2, 3))))
    return text if rng.random() < 0.7 else _damaged(rng, text)


def _number(rng: random.Random, field: Field) -> str:
    return rng.choice((str(field.minimum), str(field.maximum), str(rng.randint(0, 300)), rng.choice(NUMBERS)))


def _table(rng: random.Random) -> str:
    """Return a table with random cells of the right form."""
    rows = []
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        cells = (
            f"_{rng.choice(tuple(KEYS.values()))}{rng.choice((*NUMBERS, '1', '2', '3', '8', '3x3', 'same'))}"
            for _ in range(rng.randint(1, 8))
        )
        name = f".{rng.choice((*NAMES, *ADDRESSES, 'up.0')).replace('~', '~-')}" if rng.random() < 0.3 else ""
        rows.append(f"{rng.choice(tuple(TYPES))}{''.join(cells)}{name}")
    return "~".join(rows)


def _linked(rng: random.Random) -> str:
    return rng.choice((*TABLES, write_linked(rng.choice(NETWORKS).table)))


def _kept(rng: random.Random) -> str:
    """Return one layer of a shelf."""
    fields = rng.sample(LAYER_FIELDS, rng.randint(0, 5))
    tokens = "_".join(field.key + _number(rng, field) for field in fields)
    return f"{tokens}.{rng.choice((*NAMES, *ADDRESSES, 'wide', '')).replace('~', '~-')}"


def _damaged(rng: random.Random, text: str) -> str:
    """Return a text that was cut, or in which something was added or repeated."""
    start, end = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
    return rng.choice(
        (
            text[:end],
            text[:start] + text[end:],
            text[:start] + rng.choice((*MARKS, *ODD, *NUMBERS)) + text[start:],
            text[:end] + text[start:end] * 20 + text[end:],
        )
    )


def faults(count: int, seed: int) -> list[str]:
    """Return what was wrong with ``count`` links in the codec.

    It never raises, says in a sentence what it ignores, and the link that it writes is read as the same
    settings, without anything that is ignored.
    """
    found = []
    for number, query in enumerate(queries(count, seed)):
        begun = time.thread_time()
        try:
            problem = _problem(query)
        except Exception as error:
            problem = repr(error)
        if problem or time.thread_time() - begun > SLOW:
            found.append(f"seed {seed}, link {number}: {problem or 'too slow'}: {str(query)[:500]}")
    return found


def page_faults(count: int, seed: int) -> list[str]:
    """Return what was wrong with ``count`` links on real pages: an exception instead of a sentence."""
    found = []
    views = {field.key: field.choices for field in FIELDS}
    for number, query in enumerate(queries(count, seed)):
        page = list(VIEWS)[number % len(VIEWS)]
        choices = views[VIEWS[page]]
        # Half a surrogate pair cannot come over the connection, so the codec alone is fed with it.
        query = {_sent(key): list(map(_sent, values)) for key, values in query.items()}
        query[VIEWS[page]] = [str(choices[number // len(VIEWS) % len(choices)])]
        try:
            problems = [f"{one.message} {one.stack_trace[-3:]}" for one in opened(page, query).exception]
        except Exception as error:
            problems = [repr(error)]
        if problems:
            found.append(f"seed {seed}, link {number} on {page}: {problems}: {str(query)[:500]}")
    return found


def _sent(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _problem(query: Query) -> str:
    opened = decode(query)
    if any(not sentence.strip() or len(sentence) > 2_000 for sentence in opened.ignored):
        return "a sentence is empty or very long"
    written = encode(opened.settings)
    again = decode({key: [value] for key, value in written.items()})
    # Groups that do not divide the channels stay in the settings until they do, and are said each time.
    said = again.ignored[:MAX_REPORTED]
    if ignored := [sentence for sentence in said if "Groups must divide" not in sentence]:
        return f"the link written ignores {ignored}"
    return "" if again.settings == opened.settings else "the link written has other settings"
