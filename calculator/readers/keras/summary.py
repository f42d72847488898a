"""Reader of the printed text of ``model.summary()`` of Keras and of TensorFlow.js.

The printed counts are checked against the printed totals. Weights and biases are separated only where
the class and the output shape of a layer determine them.
"""

import dataclasses
import functools
import re
from collections.abc import Iterator, Sequence

from calculator.core.formatting import short_repr
from calculator.readers.keras.config_values import MAX_PATH, join_path
from calculator.readers.keras.conv_transpose import TRANSPOSED
from calculator.readers.keras.graph import MODELS
from calculator.readers.keras.layer_rules import BATCH_NORMS, BUILDERS, WITHOUT_PARAMETERS
from calculator.readers.keras.summary_table import TITLES, SummaryLine, SummaryTable, read_table
from calculator.readers.model import MAX_ROWS, Model, ReadError, Row, left_out_row
from calculator.readers.printed_counts import as_frozen, check_totals, parse_count

FORMAT = "Keras summary"
FORMAT_IN_JS = "TensorFlow.js summary"
SUM_ONLY = "A summary shows only the sum: weights and biases cannot be separated."
NESTED = "A model inside this one: its layers are not shown. summary(expand_nested=True) shows them."
NESTED_IN_JS = (
    "A model inside this one: its layers are not shown. Paste its summary() too, or open model.json."
)
CUT_COUNT = "Its count is cut off in the summary."
CUT = "The name of its class is cut off in the summary."

WRAPPERS = frozenset({"Bidirectional", "TimeDistributed", "SpectralNormalization", "RNN", "Lambda"})
"""Classes that the rules of single layers do not contain."""

CLASSES = (BUILDERS.keys() - {"BatchNormalizationV1"}) | WITHOUT_PARAMETERS | MODELS | WRAPPERS
"""The classes that a truncated name may stand for.

BatchNormalizationV1 is not among them: with it, BatchNormalizatio… would stand for two classes.
"""

MIN_PART = 3
"""The characters of its class that show that a name of TensorFlow.js, which is cut, is a default one."""

LAYER_NORMS = frozenset({"LayerNormalization", "GroupNormalization"})


def recognises(data: str) -> bool:
    """Return whether ``data`` contains the head of a summary near its beginning.

    >>> recognises("Layer (type)   Output Shape   Param #"), recognises("Sequential(")
    (True, False)
    """
    begin = data[:20_000]
    return TITLES[0] in begin and (TITLES[2] in begin or "Total params" in data)


def read_keras_summary(data: str, *, name: str = "") -> Model:
    r"""Return the layers in a printed summary. Raises ``ReadError`` where there is no summary or no layer.

    >>> text = " Layer (type)           Output Shape         Param #\n"
    >>> text += " up (Conv2DTranspose)   (None, 8, 8, 32)     32,800\nTotal params: 32,800\n"
    >>> model = read_keras_summary(text)
    >>> model.transposed_count, model.rows[0].other_count, len(model.assumptions)
    (32800, 32800, 2)
    """
    table = read_table(data)
    if len(table.lines) > MAX_ROWS:
        raise ReadError(f"The summary has more than {MAX_ROWS:,} layers, the maximum that is read.")
    lines = tuple(_layer_lines(table.lines))
    rows = [_row(line, path) for line, path in lines]
    if sum(row.parameter_count for row in rows) != table.totals.get("total"):
        # Without the total to confirm it, a count at the edge of its column may be cut.
        rows = [
            _unknown(row, CUT_COUNT) if line.doubtful else row
            for row, (line, _) in zip(rows, lines, strict=True)
        ]
    rows = [row for row in rows if row.parameter_count or not row.known]
    if table.of_tensorflow_js:
        rows = [dataclasses.replace(row, note=NESTED_IN_JS) if row.note == NESTED else row for row in rows]
    if not rows and (not lines or table.totals.get("total") != 0):
        raise ReadError("The summary has a head but no layers with parameters that can be read.")
    shown = any(line.trainable for line, _ in lines)
    form = FORMAT_IN_JS if table.of_tensorflow_js else FORMAT
    model = Model(tuple(rows), form, tuple(_assumptions(rows, table)), name or table.name)
    return check_totals(model, table.totals, shows_trained=shown, whole=table.whole)


def _layer_lines(lines: Sequence[SummaryLine]) -> Iterator[tuple[SummaryLine, str]]:
    """Yield the lines of layers with their paths, without the models whose layers follow them."""
    path: list[str] = []
    depths = [line.depth for line in lines if not line.left_out]
    number = 0
    for line in lines:
        if line.left_out:
            yield line, ""
            continue
        number += 1
        del path[line.depth :]
        path.append(_name_and_class(line)[0][:MAX_PATH])
        expanded = number < len(depths) and depths[number] > line.depth
        if not expanded:
            yield line, join_path("/".join(path[:-1]), path[-1])


def _name_and_class(line: SummaryLine) -> tuple[str, str, bool]:
    """Return (name, class, complete) of a layer. A truncated class is completed where only one fits."""
    name, bracket, class_name = line.layer.rpartition("(")
    if class_name.endswith(")") and bracket:
        return name, class_name[:-1], True
    name = name if bracket else line.layer
    in_js = [known for known in CLASSES if _is_default_in_js(name, known)]
    if len(in_js) == 1:
        return name, in_js[0], True
    if not bracket:
        return name, "", False
    start = class_name.rstrip("….")
    candidates = [known for known in CLASSES if known.startswith(start)]
    # A layer without a name of its own is named after its class: conv2d_transpose_1.
    default_name = re.sub(r"_?\d*$", "", name).replace("_", "")
    by_name = [known for known in candidates if known.lower() == default_name.lower()]
    candidates = by_name or candidates
    return (name, candidates[0], True) if len(candidates) == 1 and start else (name, start, False)


def _is_default_in_js(name: str, class_name: str) -> bool:
    """Return whether TensorFlow.js names layers of a class so; a name that is cut needs part of its class.

    >>> _is_default_in_js("max_pooling2d_MaxPo", "MaxPooling2D"), _is_default_in_js("dense_Dense12", "Dense")
    (True, True)
    >>> _is_default_in_js("dense_1", "Dense"), _is_default_in_js("dense_Decoder", "Dense")
    (False, False)
    """
    begin, default = _default_in_js(class_name)
    part, uncut = class_name[:MIN_PART], name.removeprefix(default)
    return (default.startswith(name) and name.startswith(begin + part)) or (
        uncut != name and uncut.isdecimal()
    )


@functools.lru_cache(maxsize=256)
def _default_in_js(class_name: str) -> tuple[str, str]:
    """Return the beginning of the name of a layer in TensorFlow.js, and the name without its number."""
    begin = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    begin = re.sub(r"([a-z])([A-Z])", r"\1_\2", begin).lower() + "_"
    return begin, begin + class_name


def _unknown(row: Row, note: str) -> Row:
    """Return ``row`` without its count; ``note`` is the reason."""
    return Row(row.name, row.type, known=False, note=note, transposed=row.transposed)


def _row(line: SummaryLine, path: str) -> Row:
    """Return the row of a line. It is unknown where the count is not a number without any doubt."""
    if line.left_out:
        return left_out_row("", "Lines of the summary were left out here.")
    _, class_name, complete = _name_and_class(line)
    transposed = class_name in TRANSPOSED
    row = Row(path, class_name, transposed=transposed, undecided=_may_be_transposed(class_name, complete))
    if complete and class_name in WITHOUT_PARAMETERS:
        return row
    if (count := parse_count(line.count)) is None:
        return _unknown(row, _reason(line.count))
    row = _split(dataclasses.replace(row, other_count=count), line.shape)
    if not complete:
        row = dataclasses.replace(row, note=CUT)
    return as_frozen(row) if line.trainable == "N" else row


def _may_be_transposed(class_name: str, complete: bool) -> bool:
    """Return whether a class that is not a transposed convolution may be one, or contain some."""
    if complete:
        return class_name not in BUILDERS and class_name not in ("Bidirectional", "RNN", *WITHOUT_PARAMETERS)
    known = [known for known in CLASSES if known.startswith(class_name)]
    return not known or not TRANSPOSED.isdisjoint(known)


def _reason(count: str) -> str:
    """Return the sentence about a count that cannot be read."""
    if "unbuilt" in count:
        return "It was not built yet."
    if not count or "…" in count or "..." in count:
        return CUT_COUNT
    return f"Its count is not clear: {short_repr(count[:40])}."


def _split(row: Row, shape: str) -> Row:
    """Return ``row`` with weights, biases and statistics where class and shape leave only one possibility."""
    count, class_name = row.other_count, row.type
    if class_name in ("Embedding", "PReLU"):
        return dataclasses.replace(row, weight_count=count, other_count=0)
    channels = _possible_channels(shape)
    if class_name in LAYER_NORMS and count in [2 * size for size in channels]:
        half = count // 2
        return dataclasses.replace(row, weight_count=half, bias_count=half, other_count=0)
    if class_name in BATCH_NORMS:
        for size in channels:
            # Keras counts the moving mean and variance of each channel as non-trainable parameters. Gamma
            # and beta are optional, and with only one of them their count does not show which it is.
            statistics = 2 * size
            if count == 4 * size:
                return dataclasses.replace(
                    row, weight_count=size, bias_count=size, other_count=statistics, frozen_count=statistics
                )
            if count in (2 * size, 3 * size):
                trainable = count > statistics
                return dataclasses.replace(row, frozen_count=statistics, trainable=trainable, note=SUM_ONLY)
    if class_name == "Normalization":
        return as_frozen(row)
    return dataclasses.replace(row, note=NESTED if class_name in MODELS else SUM_ONLY)


def _possible_channels(shape: str) -> list[int]:
    """Return the sizes in an output shape that may be its channels: the last, then the second.

    >>> _possible_channels("(None,7,7,256)"), _possible_channels("[null,7,7,256]")
    ([256, 7], [256, 7])
    """
    match = re.search(r"\(([^()]{1,200})\)|\[(null[^\[\]]{1,200})\]", shape[:1000])
    sizes = (match[1] or match[2]).split(",") if match else []
    chosen = [sizes[axis] for axis in (-1, 1) if len(sizes) > 1]
    return [int(size) for size in chosen if size.isdecimal() and len(size) < 20]


def _assumptions(rows: Sequence[Row], table: SummaryTable) -> Iterator[str]:
    """Yield a sentence for everything that the summary leaves open."""
    if any(row.note == SUM_ONLY for row in rows):
        yield (
            "A summary shows one count for each layer: weights and biases are separated only where the "
            "class determines them."
        )
    if any(row.type in MODELS for row in rows):
        yield "Some rows are models of their own: transposed layers inside them are not shown."
    if table.has_second_summary:
        yield "A second summary follows in this text; only the first was read."
