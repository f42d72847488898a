"""Damaged tables of layers: valid tables mutated, truncated and spliced. A seed gives the same cases."""

import random
from collections.abc import Iterator

from calculator.networks.builtin import NETWORKS
from calculator.readers.layer_table.line import TYPES
from calculator.readers.layer_table.table import COLUMNS

CELLS = (
    *(
        "",
        "0",
        "1",
        "-1",
        "2x2",
        "2x2x2",
        "3,5",
        "1,024",
        "9" * 18,
        "9" * 19,
        "9" * 5000,
        "4.5",
        "1e9",
        "٤",
        "²",
    ),
    *(
        "same",
        "valid",
        "yes",
        "no",
        "None",
        "x",
        "×",
        "1x",
        "0x0",
        "\x00",
        "\ud800",
        '"',
        "'",
        "=1+1",
        "\u2028",
    ),
    *(" " * 300, "a" * 70_000, "🙂", "\ufeff", "(2, 2)", "nan", "inf", "0x10", "+3", "1_000", "28x28", "1x1"),
)
MARKS = (",", ";", "\t", "|", "\n", "\r", "\r\n", '"', "#", "---", "\x0b", " ")


def cases(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` texts, most of which are nearly a table."""
    rng = random.Random(seed)
    tables = [network.table for network in NETWORKS]
    for _ in range(count):
        text = _made(rng) if rng.random() < 0.3 else rng.choice(tables)
        for _ in range(rng.choice((0, 1, 1, 2, 5))):
            text = rng.choice((_cell, _cut, _spliced, _sign, _swapped, _repeated))(rng, text, tables)
        yield text


def _made(rng: random.Random) -> str:
    """Return a table of random rows, most of whose cells could be right."""
    columns = rng.sample(COLUMNS, rng.randint(2, len(COLUMNS)))
    if "type" not in columns:
        columns[0] = "type"
    rows = [",".join(columns)]
    for _ in range(rng.randint(0, 6)):
        cells = []
        for column in columns:
            good = rng.choice((*TYPES,)) if column == "type" else rng.choice(("", "", "1", "2", "3", "64"))
            cells.append(good if rng.random() < 0.9 else rng.choice(CELLS))
        rows.append(",".join(cells))
    return "\n".join(rows)


def _cell(rng: random.Random, text: str, _: list[str]) -> str:
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    cells = lines[place].split(",")
    cells[rng.randrange(len(cells))] = rng.choice(CELLS)
    lines[place] = ",".join(cells)
    return "\n".join(lines)


def _cut(rng: random.Random, text: str, _: list[str]) -> str:
    start, end = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
    return rng.choice((text[:end], text[start:], text[:start] + text[end:]))


def _spliced(rng: random.Random, text: str, tables: list[str]) -> str:
    other = rng.choice(tables)
    return text[: rng.randint(0, len(text))] + other[rng.randint(0, len(other)) :]


def _sign(rng: random.Random, text: str, _: list[str]) -> str:
    place = rng.randint(0, len(text))
    return text[:place] + rng.choice((*MARKS, *CELLS)) + text[place + rng.randint(0, 1) :]


def _swapped(rng: random.Random, text: str, _: list[str]) -> str:
    return text.replace(",", rng.choice(MARKS), rng.choice((-1, 1, 30)))


def _repeated(rng: random.Random, text: str, _: list[str]) -> str:
    lines = text.split("\n")
    place = rng.randrange(len(lines))
    return "\n".join(lines[:place] + [lines[place]] * rng.choice((2, 3, 50)) + lines[place:])
