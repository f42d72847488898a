"""The row of a layer that a table shows with one count: what its class and shapes say about the count.

- The tables show a sum for each layer. Weights and biases are separated only where one way is possible.
- A class that may contain transposed convolutions leaves the number of transposed parameters open.
- The rules are ours, because no tool reads these tables back.

Source of the classes: ``calculator.readers.pytorch.class_names``; Paddle's and Keras' names are the same.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from calculator.readers.keras.conv_transpose import TRANSPOSED as KERAS_TRANSPOSED
from calculator.readers.model import Model, ReadError, Row, Shape
from calculator.readers.printed_counts import MAX_WIDTH, check_totals, parse_total
from calculator.readers.pytorch.class_names import (
    PARAMETER_FREE,
    PARAMETRISATIONS,
    SIGNATURES,
    TRANSPOSED,
    base_class,
)

SUM_ONLY = "A table shows only the sum: weights and biases cannot be separated."
HIDDEN_LAYERS = (
    "The parameters of this module and of the layers inside it, which are not shown: there may be transposed "
    "convolutions among them."
)
UNREADABLE = "The cells of its row cannot be told apart."
NOT_COUNTED = "This table does not count the parameters of this class."

OTHER_NAMES = frozenset({
    *("RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell", "MultiheadAttention"),
    *("LazyLSTM", "SimpleRNN", "MultiHeadAttention"),
    *PARAMETRISATIONS,
})  # fmt: skip
"""Classes whose parameters have other names than weight and bias, or stand beside them in the layer."""

MAX_WORDS = 100
"""The maximum number of words in one row; shapes have a word for each axis."""

_RANK = re.compile(r"([123])D")


def class_of(kind: str) -> str:
    """Return the class of ``torch.nn`` that has the rules of ``kind``, which may be Paddle's.

    >>> class_of("ParametrizedConvTranspose2d"), class_of("Conv2DTranspose"), class_of("BatchNorm2D")
    ('ConvTranspose2d', 'ConvTranspose2d', 'BatchNorm2d')
    """
    if kind in KERAS_TRANSPOSED:
        return f"ConvTranspose{kind.removesuffix('DTranspose')[-1]}d"
    base = base_class(kind)
    return base if base in SIGNATURES else base_class(_RANK.sub(r"\1d", kind))


def is_transposed(kind: str) -> bool:
    """Return whether ``kind`` is a class of transposed convolutions."""
    return class_of(kind) in TRANSPOSED


def is_decided(kind: str) -> bool:
    """Return whether it is known of a class whether its parameters belong to transposed convolutions."""
    return class_of(kind) in SIGNATURES or class_of(kind) in PARAMETER_FREE


def counted_row(
    name: str, kind: str, count: int, *, inside: Sequence[str] = (), kernel: Shape = (),
    input_shape: Shape = (), output_shape: Shape = (),
) -> Row:  # fmt: skip
    """Return the row of a layer with ``count`` parameters.

    ``inside`` are the classes around the layer. ``kernel`` is the kernel size, or the shape of the weight
    with its first two axes exchanged as old versions of torchinfo print it; () stands for unknown shapes.

    >>> row = counted_row("up", "ConvTranspose2d", 32800, kernel=(4, 4), input_shape=(1, 64, 8, 8),
    ...                   output_shape=(1, 32, 16, 16))
    >>> row.weight_shape, row.weight_count, row.bias_count, row.transposed
    ((64, 32, 4, 4), 32768, 32, True)
    >>> counted_row("block", "UpBlock", 100).undecided
    True
    """
    around = (kind, *inside)
    transposed = any(map(is_transposed, around))
    undecided = count > 0 and not transposed and not any(class_of(each) in SIGNATURES for each in around)
    undecided = undecided and not is_decided(kind)
    row = Row(name, kind, other_count=count, transposed=transposed, undecided=undecided)
    splits = set(_splits(class_of(kind), count, kernel, input_shape, output_shape))
    if len(splits) == 1 and count:
        [(weights, biases, shape)] = splits
        return replace(row, weight_shape=shape, weight_count=weights, bias_count=biases, other_count=0)
    return replace(row, note=HIDDEN_LAYERS if undecided else SUM_ONLY if count else "")


def _splits(
    kind: str, count: int, kernel: Shape, input_shape: Shape, output_shape: Shape
) -> Iterator[tuple[int, int, Shape | None]]:
    """Yield (weights, biases, shape of the weight) for each way in which a layer can have ``count``."""
    rank = int(kind[-2]) if kind[-2:] in ("1d", "2d", "3d") else 0
    if kind.startswith("BatchNorm") or kind == "GroupNorm":
        if len(output_shape) > 1 and count == 2 * output_shape[1] > 0:
            yield count // 2, count // 2, (count // 2,)
    elif kind == "Linear" and input_shape and output_shape:
        weights = input_shape[-1] * output_shape[-1]
        for biases in (0, output_shape[-1]):
            if weights > 0 and weights + biases == count:
                yield weights, biases, (output_shape[-1], input_shape[-1])
    elif kind.startswith("Conv") and rank and len(kernel) == rank + 2:
        shape = (kernel[1], kernel[0], *kernel[2:])
        per_group = shape[1] if kind in TRANSPOSED else shape[0]
        biases = count - math.prod(shape)
        if biases >= 0 < per_group and not biases % per_group:
            yield count - biases, biases, shape
    elif kind.startswith("Conv") and rank and len(kernel) == rank < len(output_shape):
        channels, size = output_shape[-rank - 1], math.prod(kernel)
        given = input_shape[-rank - 1] if len(input_shape) > rank else None
        for biases in (0, channels):
            weights = count - biases
            if channels * size <= 0 or weights <= 0 or weights % (channels * size):
                continue
            inputs = weights // (channels * size)  # In one group.
            groups = given // inputs if given else 0
            if given is not None and (given <= 0 or given % inputs or channels % groups):
                continue
            if kind not in TRANSPOSED:
                yield weights, biases, (channels, inputs, *kernel)
            elif given:
                yield weights, biases, (given, channels // groups, *kernel)
            else:
                yield weights, biases, None


def parse_shape(text: str) -> Shape:
    """Return the shape in a cell such as ``[1, 64, 8, 8]``; () for any other text, such as two shapes.

    >>> parse_shape("[-1, 64, 8]"), parse_shape("3"), parse_shape("[[1, 2], [3, 4]]"), parse_shape("--")
    ((-1, 64, 8), (3,), (), ())
    """
    inner = text[1:-1] if text[:1] == "[" and text[-1:] == "]" else text
    parts = [part.strip() for part in inner[:1000].split(",")]
    if all(re.fullmatch(r"-?[0-9]{1,18}", part) for part in parts):
        return tuple(map(int, parts))
    return ()


def split_cells(text: str) -> tuple[list[str], int]:
    """Return the cells of a line, and the number of brackets that are still open at its end.

    >>> split_cells("[1, 64, 8, 8]   32,800  --"), split_cells("[[1, 2], [3,")
    ((['[1, 64, 8, 8]', '32,800', '--'], 0), (['[[1, 2], [3,'], 2))
    """
    cells: list[str] = []
    parts: list[str] = []
    depth = 0
    words = text.split(maxsplit=MAX_WORDS)
    # A line with more words is not a row of a table: its cells stay apart, so that they fit no columns.
    if len(words) > MAX_WORDS or "[" not in text:
        return words, 0
    for word in words:
        parts.append(word)
        depth = max(depth + word.count("[") - word.count("]"), 0)
        if not depth and not word.endswith("],"):
            cells.append(" ".join(parts))
            parts = []
    return (cells if not parts else [*cells, " ".join(parts)]), depth


def table_lines(text: str) -> list[str]:
    r"""Return the lines of a text; a table of Markdown is without its bars from its titles on.

    An empty cell becomes ``?``, so that no cell takes its place.

    >>> table_lines("| Layer (type) | Param # |\n|:---|---:|\n| Conv2d-1 | |\n| ├─`Linear`: 1-1 | **72** |")
    ['Layer (type)  Param #', '', 'Conv2d-1  ?', '├─Linear: 1-1  72']
    """
    lines = text.splitlines()
    heads = (
        number
        for number, line in enumerate(lines)
        if "|" in line and "Layer (type" in line and "Param" in line
    )
    first = next(heads, len(lines))
    return [*lines[:first], *map(_without_bars, lines[first:])]


def _without_bars(line: str) -> str:
    """Return the cells between the bars of a line with two spaces between them."""
    if "|" not in line or len(line) > MAX_WIDTH or parse_total(line):
        return line
    if set(line) <= set("|:-= \t\r"):
        return ""
    cells = line.strip().removeprefix("|").removesuffix("|").split("|")
    return "  ".join(_ESCAPED.sub(r"\1", cell.replace("`", "").strip(" \t*")) or "?" for cell in cells)


_ESCAPED = re.compile(r"\\([_*()\[\]#<>-])")


def table_model(
    rows: Sequence[Row], totals: dict[str, int | None], form: str, name: str, sentences: Sequence[str], *,
    shows_trained: bool = False, whole: bool = True,
) -> Model:  # fmt: skip
    """Return the model of the rows of a table, compared with the printed totals.

    ``shows_trained`` is whether a column shows which layers are trained, ``whole`` whether the table has its
    end.
    Raises ``ReadError`` where the table has no row with parameters and no row that is unknown.
    """
    counted = [row for row in rows if row.parameter_count or not row.known]
    if not counted:
        raise ReadError(f"The {form} has no layer with parameters that can be read. Paste print(model).")
    said = list(sentences)
    if any(row.note == SUM_ONLY for row in counted):
        said.append(
            "A table shows one count for each layer: weights and biases are separated only where the class "
            "and the shapes determine them."
        )
    model = Model(tuple(counted), form, tuple(said), name)
    return check_totals(model, totals, shows_trained=shows_trained, whole=whole)


def unreadable_row(name: str, kind: str, note: str = UNREADABLE) -> Row:
    """Return the row of a layer whose count cannot be read."""
    return Row(name, kind, known=False, note=note, transposed=is_transposed(kind))
