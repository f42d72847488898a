"""Keras' ``model.summary()``, pasted: the printed counts, and whether they agree with the printed totals."""

import dataclasses
import re
from collections.abc import Iterator, Sequence

from calculator.readers.keras.config_values import MAX_PATH, joined
from calculator.readers.keras.layer_rules import BUILDERS, NOTHING, TRANSPOSED
from calculator.readers.keras.summary_table import TITLES, Line, Table, read_table
from calculator.readers.model import MAX_COUNT, MAX_ROWS, Model, ReadError, Row

FORMAT = "Keras summary"
SUM_ONLY = "A summary shows only the sum: weights and biases cannot be told apart."
NESTED = "A model inside this one: its layers are not shown. summary(expand_nested=True) shows them."
CUT = "The name of its class is cut off in the summary."

MODELS = frozenset({"Sequential", "Functional", "Model"})
WRAPPERS = frozenset({"Bidirectional", "TimeDistributed", "SpectralNormalization", "RNN", "Lambda"})
CLASSES = (BUILDERS.keys() - {"BatchNormalizationV1"}) | NOTHING | MODELS | WRAPPERS
"""What a name that was cut off may be: two classes of one rule would leave BatchNormalizatio… open."""

STATISTICS = frozenset({"BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization"})
PLAIN = ("LayerNormalization", "GroupNormalization")


def recognises(data: str) -> bool:
    """Return whether ``data`` holds the head of a summary near its beginning."""
    begin = data[:20_000]
    return TITLES[0] in begin and (TITLES[2] in begin or "Total params" in data)


def read_keras_summary(data: str, *, name: str = "") -> Model:
    r"""Return the layers that ``model.summary()`` printed. Raises ``ReadError`` where there are none.

    >>> text = " Layer (type)           Output Shape         Param #\n"
    >>> text += " up (Conv2DTranspose)   (None, 8, 8, 32)     32,800\nTotal params: 32,800\n"
    >>> model = read_keras_summary(text)
    >>> model.transposed_count, model.rows[0].other_count, len(model.assumptions)
    (32800, 32800, 1)
    """
    table = read_table(data)
    if not table.lines:
        raise ReadError("The summary has a head but no layers that can be read.")
    if len(table.lines) > MAX_ROWS:
        raise ReadError(f"The summary has more than {MAX_ROWS:,} layers, the most that are read.")
    for value in table.totals.values():
        _bounded(value)
    every = [_row(line, path) for line, path in _leaves(table.lines)]
    rows = tuple(row for row in every if row.parameter_count or not row.known)
    rows, notes = _frozen(rows, table)
    return Model(rows, FORMAT, (*_checks(rows, table), *notes), name or table.name)


def _leaves(lines: Sequence[Line]) -> Iterator[tuple[Line, str]]:
    """Yield the lines that hold layers, not models whose layers follow, each with its path."""
    path: list[str] = []
    for number, line in enumerate(lines):
        del path[line.depth :]
        path.append(_named(line)[0][:MAX_PATH])
        follows = number + 1 < len(lines) and lines[number + 1].depth > line.depth
        if not follows:
            yield line, joined("/".join(path[:-1]), path[-1])


def _named(line: Line) -> tuple[str, str, bool]:
    """Return name and class of a layer, and whether the class is whole; one that was cut off is completed."""
    name, bracket, kind = line.layer.rpartition("(")
    if not bracket:
        return line.layer, "", False
    if kind.endswith(")"):
        return name, kind[:-1], True
    start = kind.rstrip("….")
    fitting = [known for known in CLASSES if known.startswith(start)]
    told = re.sub(r"_?\d*$", "", name).replace("_", "")
    same = [known for known in fitting if known.lower() == told.lower()]
    found = same or fitting
    return (name, found[0], True) if len(found) == 1 and start else (name, start, False)


def _bounded(count: int) -> int:
    if count > MAX_COUNT:
        raise ReadError("The summary has a count above 10^18: no model has as many parameters.")
    return count


def _row(line: Line, path: str) -> Row:
    """Return the row of a line, split into weights and biases where the class makes it sure."""
    _, kind, whole = _named(line)
    transposed = kind in TRANSPOSED
    digits = line.count.replace(",", "")
    if not digits.isdecimal() or len(digits) > 40:
        why = "It was not built yet" if "unbuilt" in line.count else "Its count is cut off in the summary"
        return Row(path, kind, known=False, note=f"{why}.", transposed=transposed)
    count = _bounded(int(digits))
    frozen = line.trainable == "N"
    row = _split(Row(path, kind, other_count=count, transposed=transposed), line.shape)
    if not whole:
        row = dataclasses.replace(row, note=CUT)
    return dataclasses.replace(row, trainable=False, frozen_count=count) if frozen else row


def _split(row: Row, shape: str) -> Row:
    """Return ``row`` with its weights, biases and statistics, where its class and shape leave no choice."""
    count, kind = row.other_count, row.type
    if kind in ("Embedding", "PReLU"):
        return dataclasses.replace(row, weight_count=count, other_count=0)
    channels = _channels(shape)
    if kind in PLAIN and count in [2 * size for size in channels]:
        half = count // 2
        return dataclasses.replace(row, weight_count=half, bias_count=half, other_count=0)
    if kind in STATISTICS:
        for size in channels:
            if count == 4 * size:
                return dataclasses.replace(
                    row, weight_count=size, bias_count=size, other_count=2 * size, frozen_count=2 * size
                )
            if size and count in (2 * size, 3 * size):
                frozen = 2 * size
                return dataclasses.replace(row, frozen_count=frozen, trainable=count > frozen, note=SUM_ONLY)
    if kind == "Normalization":
        return dataclasses.replace(row, frozen_count=count, trainable=False)
    return dataclasses.replace(row, note=NESTED if kind in MODELS else SUM_ONLY)


def _channels(shape: str) -> list[int]:
    """Return what may be the channels of an output shape: its last size, then its second.

    >>> _channels("(None,7,7,256)")
    [256, 7]
    """
    found = re.search(r"\(([^()]{1,200})\)", shape[:1000])
    sizes = found[1].split(",") if found else []
    chosen = [sizes[place] for place in (-1, 1) if len(sizes) > 1]
    return [int(size) for size in chosen if size.isdecimal() and len(size) < 20]


def _frozen(rows: tuple[Row, ...], table: Table) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """Return the rows with what is not trained, as the printed total wants it, and what stays open."""
    said = table.totals.get("non-trainable")
    total = sum(row.parameter_count for row in rows)
    found = sum(row.frozen_count for row in rows)
    if said is None or said == found:
        return rows, ()
    if said == total:
        return tuple(
            dataclasses.replace(row, trainable=False, frozen_count=row.parameter_count) for row in rows
        ), ()
    return rows, (
        f"The summary counts {said:,} parameters as non-trainable; {found:,} are known by their layers, and "
        "it does not show which the others are.",
    )


def _checks(rows: Sequence[Row], table: Table) -> Iterator[str]:
    """Yield what the summary leaves open, and where its numbers disagree with each other."""
    totals = table.totals
    if any(row.note == SUM_ONLY for row in rows):
        yield (
            "A summary shows one count for each layer: weights and biases are told apart only where the "
            "class makes it sure."
        )
    if any(row.type in MODELS for row in rows):
        yield "Some rows are models of their own: transposed layers in them are not seen here."
    if table.followed:
        yield "A second summary follows in this text; only the first was read."
    column = sum(row.parameter_count for row in rows)
    if "total" not in totals:
        yield f"The line with the total is missing: the rows that are here add up to {column:,}."
        return
    total = totals["total"] - totals.get("optimizer", 0)
    if column != total:
        yield (
            f"The printed rows add up to {column:,}, the printed total is {total:,}: rows are missing or cut "
            "off, or layers are used in several models."
        )
    parts = [totals[key] for key in ("trainable", "non-trainable") if key in totals]
    if len(parts) == 2 and sum(parts) != total:
        yield f"The printed trainable and non-trainable counts add up to {sum(parts):,}, not to {total:,}."
