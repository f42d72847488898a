"""Parser of the cells of one row of a table. The result is a checked line, or an error that names the row."""

import re
from collections.abc import Iterable

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.parsing import count_numbers, parse_spatial, parse_whole
from calculator.frameworks.keras import pytorch_crop
from calculator.readers.layer_table.line import SPATIAL, TYPES, LayerType, Line
from calculator.readers.model import MAX_COUNT, ReadError, Shape

MAX_NAME = 300
"""The maximum number of characters of a layer's name. The longest published names have about 100."""

YES_OR_NO = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}
"""The texts of a cell with yes or no, in lower case."""

DEFAULTS = {"kernel": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
"""The value that an empty cell stands for, which is also the minimum of each spatial setting."""


def axes_cell(sizes: Iterable[int | float]) -> str:
    """Return the cell of one number for each axis.

    >>> axes_cell((4, 2))
    '4x2'
    """
    return "x".join(map(str, sizes))


_TYPE_BY_LOWER_CASE = {name.lower(): name for name in reversed(TYPES)}


def parse_line(number: int, columns: list[str], cells: list[str]) -> Line:
    """Return the checked line of row ``number``. Raises ``ReadError`` with a sentence that names the row.

    >>> line = parse_line(1, ["type", "in", "out", "kernel"], ["convtranspose2d", "64", "32", "4x2"])
    >>> line.name, line.type, line.kernel, line.stride
    ('ConvTranspose2d 1', 'ConvTranspose2d', (4, 2), (1, 1))
    """
    surplus = [cell for cell in cells[len(columns) :] if cell]
    named = named_cells(columns, cells)
    if (length := len(named.get("name", ""))) > MAX_NAME:
        raise ReadError(f"Row {number}: its name has {length:,} characters; at most {MAX_NAME} are read.")
    written = named.get("type", "")
    type_name = written if written in TYPES else _TYPE_BY_LOWER_CASE.get(written.lower(), "")
    blank = Line(number, named.get("name") or f"{type_name or 'a layer'} {number}", type_name)
    if not type_name:
        problem = (
            f"its type {short_repr(written)} is not one of {', '.join(TYPES)}"
            if written
            else "its type is missing"
        )
        raise blank.error(f"{problem}. For another layer write Other, with its parameters as count.")
    if surplus or "" in named:
        raise blank.error(
            f"it has a cell {short_repr(surplus[0] if surplus else named[''])} under no column."
        )
    try:
        return _check_line(_parse_cells(blank, named))
    except LayerError as error:
        raise blank.error(str(error)) from None


def named_cells(columns: list[str], cells: list[str]) -> dict[str, str]:
    """Return column → cell, without the empty cells.

    >>> named_cells(["type", "in", "out"], ["PReLU", "", "8"])
    {'type': 'PReLU', 'out': '8'}
    """
    return {column: cell for column, cell in zip(columns, cells, strict=False) if cell}


def _parse_cells(blank: Line, named: dict[str, str]) -> Line:
    """Return the line with the values of its cells. Raises ``LayerError`` for an invalid cell."""
    layer_type = blank.layer_type
    for column in named:
        if column not in layer_type.columns and column not in ("name", "type"):
            raise LayerError(f"{blank.type} has no {column}; leave the cell empty.")
    for column in layer_type.required:
        if column not in named:
            raise LayerError(f"{blank.type} needs {column}, but the cell is empty.")
    return Line(
        blank.number,
        blank.name,
        blank.type,
        _integer_cell(named, "in", 1, 0),
        _integer_cell(named, "out", 1, 0),
        groups=_integer_cell(named, "groups", 1, 1),
        # In PyTorch, and in the networks that use it, InstanceNorm has no parameters by default.
        bias=_boolean_cell(named, "bias", not blank.type.startswith("InstanceNorm")),
        trainable=_boolean_cell(named, "trainable", True),
        count=_integer_cell(named, "count", 0, 0),
        size=_axes_cell(named, "size"),
        scale_factor=_factors_cell(named, blank.type),
        ceil_mode=_boolean_cell(named, "ceil_mode", False),
        affine=_boolean_cell(named, "affine", True),
        same=named.get("padding", "").lower() == "same",
        **(_spatial_cells(named, blank.type, layer_type) if layer_type.rank else {}),
    )


def _check_line(line: Line) -> Line:
    """Return the line. Raises ``LayerError`` where its cells contradict each other."""
    if line.layer_type.category == "norm":
        if not line.inputs and not line.outputs:
            raise LayerError(f"{line.type} needs its channels, in or out.")
        if line.inputs and line.outputs and line.inputs != line.outputs:
            received = f"received in={line.inputs}, out={line.outputs}"
            raise LayerError(f"{line.type} must have equal in and out, {received}.")
    if line.type == "Upsample" and bool(line.size) == bool(line.scale_factor):
        raise LayerError("Upsample needs either scale_factor or size.")
    rank = line.layer_type.rank
    if line.layer_type.category in ("upsample", "adaptive") and rank:
        numbers, column = (line.size, "size") if line.size else (line.scale_factor, "scale_factor")
        if len(numbers) not in (1, rank):
            received = short_repr(axes_cell(numbers))
            raise LayerError(f"{column} must be one number, or {rank} (one per axis), received {received}.")
    if (
        line.layer_type.category == "conv"
        and line.same
        and not line.layer_type.keras
        and max(line.stride) > 1
    ):
        raise LayerError("PyTorch has padding 'same' only with stride 1; enter a number.")
    return line


def _integer_cell(named: dict[str, str], column: str, minimum: int, default: int) -> int:
    """Return the whole number in a cell, or ``default`` for an empty cell."""
    return (
        parse_whole(named[column], column, minimum=minimum, maximum=MAX_COUNT) if column in named else default
    )


def _boolean_cell(named: dict[str, str], column: str, default: bool) -> bool:
    """Return the value of a cell with yes or no, or ``default`` for an empty cell."""
    word = named.get(column, "").lower()
    if word and word not in YES_OR_NO:
        raise LayerError(f"{column} must be yes or no, received {short_repr(named[column])}.")
    return YES_OR_NO[word] if word else default


def _axes_cell(named: dict[str, str], column: str) -> Shape:
    """Return the numbers in a cell that has one for each axis, or () for an empty cell."""
    if column not in named:
        return ()
    rank = named[column].replace("×", "x").lower().count("x") + 1
    if rank > 3:
        raise LayerError(
            f"{column} must be 1, 2 or 3 numbers separated by x, received {short_repr(named[column])}."
        )
    return parse_spatial(named[column], column, rank=rank, minimum=1, maximum=MAX_COUNT)


def factor(text: str) -> int | float:
    """Return a factor of Upsample, which may have a fraction. Raises ``LayerError``.

    >>> factor("2"), factor("1.50"), factor("3.0")
    (2, 1.5, 3)
    """
    if not _FACTOR.fullmatch(text) or not 0 < (number := float(text)) <= MAX_FACTOR:
        raise LayerError(
            f"scale_factor must be numbers above 0, at most {MAX_FACTOR:,}, received {short_repr(text)}."
        )
    return int(number) if number.is_integer() else number


_FACTOR = re.compile(r"\d{1,4}(?:\.\d{1,20})?(?:e-\d{1,2})?")
MAX_FACTOR = 1_024
"""The maximum factor with a fraction."""


def _factors_cell(named: dict[str, str], type_name: str) -> tuple[int | float, ...]:
    """Return the factors in a cell; only those of Upsample may have a fraction."""
    cell = named.get("scale_factor", "")
    if type_name != "Upsample" or not set(cell) & {".", "e"}:
        return _axes_cell(named, "scale_factor")
    parts = cell.lower().replace("×", "x").split("x")
    if len(parts) > 3:
        raise LayerError(f"scale_factor must be 1, 2 or 3 numbers, received {short_repr(cell)}.")
    return tuple(factor(part.strip()) for part in parts)


def _spatial_cells(named: dict[str, str], type_name: str, layer_type: LayerType) -> dict[str, Shape]:
    """Return the spatial settings with one value per axis."""
    takes_word = layer_type.keras or (
        layer_type.category == "conv" and named.get("padding", "").lower() in ("same", "valid")
    )
    if takes_word and named.get("padding", "valid").lower() not in ("same", "valid"):
        raise LayerError(f"{type_name} is a Keras type, whose padding must be same or valid.")
    settings: dict[str, Shape] = {}
    for column in SPATIAL:
        if column in named and not (column == "padding" and takes_word):
            maximum, minimum = MAX_COUNT, DEFAULTS[column]
            both_sides = layer_type.category == "pad" and count_numbers(named[column]) == 2 * layer_type.rank
            rank = layer_type.rank * (2 if both_sides else 1)
            numbers = parse_spatial(named[column], column, rank=rank, minimum=minimum, maximum=maximum)
        elif column == "stride" and layer_type.category == "pool":
            numbers = settings["kernel"]  # Pooling windows do not overlap by default.
        else:
            numbers = (DEFAULTS[column],)
        numbers = numbers * layer_type.rank if len(numbers) == 1 else numbers
        if column == "padding" and layer_type.category == "pad" and len(numbers) == layer_type.rank:
            numbers = tuple(number for number in numbers for _ in range(2))
        settings[column] = numbers
    if layer_type.keras and layer_type.category == "transposed":
        settings |= _keras_crop(settings, named.get("padding", "valid").lower())
    return settings


def _keras_crop(settings: dict[str, Shape], word: str) -> dict[str, Shape]:
    """Return the padding and output_padding that Keras' word stands for in a transposed convolution.

    They give the same size as ``word``, but may crop on the other side.
    """
    axes = zip(settings["kernel"], settings["stride"], settings["dilation"], strict=True)
    crops = [pytorch_crop(word, dilation * (kernel - 1) + 1, stride) for kernel, stride, dilation in axes]
    return {
        "padding": tuple(padding for padding, _, _ in crops),
        "output_padding": tuple(extra for _, extra, _ in crops),
    }
