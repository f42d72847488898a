"""The cells of one row of a table → a checked line, or a sentence that names the row."""

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.parsing import parse_spatial, parse_whole
from calculator.readers.layer_table.line import SPATIAL, TYPES, Kind, Line, Shape
from calculator.readers.model import MAX_COUNT, ReadError

MAX_NAME = 300
"""Characters of a layer's name; the longest in published models have about 100."""

SAID = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}
"""What a cell that is yes or no may say."""

MINIMUMS = {"kernel": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
PLAIN = {"kernel": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
"""The least value of a spatial setting, and what an empty cell means."""

_BY_LOWER = {name.lower(): name for name in reversed(TYPES)}


def line_of(number: int, columns: list[str], cells: list[str]) -> Line:
    """Return one checked line of a table. Raises ``ReadError``.

    >>> line = line_of(1, ["type", "in", "out", "kernel"], ["convtranspose2d", "64", "32", "4x2"])
    >>> line.name, line.type, line.kernel, line.stride
    ('ConvTranspose2d 1', 'ConvTranspose2d', (4, 2), (1, 1))
    """
    extra = [cell for cell in cells[len(columns) :] if cell]
    said = named_cells(columns, cells)
    if (length := len(said.get("name", ""))) > MAX_NAME:
        raise ReadError(f"Row {number}: its name has {length:,} characters; at most {MAX_NAME} are read.")
    written = said.get("type", "")
    known = written if written in TYPES else _BY_LOWER.get(written.lower(), "")
    blank = Line(number, said.get("name") or f"{known or 'a layer'} {number}", known)
    if not known:
        what = (
            f"its type {short_repr(written)} is none of {', '.join(TYPES)}"
            if written
            else "its type is not said"
        )
        raise blank.refusal(f"{what}. For another layer write Other, with its parameters as count.")
    if extra or "" in said:
        raise blank.refusal(f"it has a cell {short_repr(extra[0] if extra else said[''])} under no column.")
    try:
        return _checked(_filled(blank, said))
    except LayerError as error:
        raise blank.refusal(str(error)) from None


def named_cells(columns: list[str], cells: list[str]) -> dict[str, str]:
    """Return the cells that are not empty by their columns."""
    return {column: cell for column, cell in zip(columns, cells, strict=False) if cell}


def _filled(blank: Line, said: dict[str, str]) -> Line:
    """Return the line with its cells read. Raises ``LayerError`` or ``ReadError``."""
    kind = blank.kind
    for column in said:
        if column not in kind.columns and column not in ("name", "type"):
            raise LayerError(f"{blank.type} has no {column}; leave the cell empty.")
    for column in kind.needs:
        if column not in said:
            raise LayerError(f"{blank.type} needs {column}, and the cell is empty.")
    return Line(
        blank.number,
        blank.name,
        blank.type,
        _whole(said, "in", 1, 0),
        _whole(said, "out", 1, 0),
        groups=_whole(said, "groups", 1, 1),
        # InstanceNorm is without parameters unless asked for, in PyTorch as in the networks that use it.
        bias=_yes(said, "bias", not blank.type.startswith("InstanceNorm")),
        trainable=_yes(said, "trainable", True),
        count=_whole(said, "count", 0, 0),
        size=_size(said),
        same=said.get("padding", "").lower() == "same",
        **(_spatial(said, blank.type, kind) if kind.rank else {}),
    )


def _checked(line: Line) -> Line:
    """Return the line, unless its cells contradict each other."""
    if line.kind.what == "norm":
        if not line.inputs and not line.outputs:
            raise LayerError(f"{line.type} needs its channels, in or out.")
        if line.inputs and line.outputs and line.inputs != line.outputs:
            both = f"received in={line.inputs}, out={line.outputs}"
            raise LayerError(f"{line.type} has as many channels out as in, {both}.")
    if line.kind.what == "conv" and line.same and not line.kind.keras and max(line.stride) > 1:
        raise LayerError("PyTorch has padding 'same' only with stride 1; write a number.")
    return line


def _whole(said: dict[str, str], column: str, minimum: int, default: int) -> int:
    return (
        parse_whole(said[column], column, minimum=minimum, maximum=MAX_COUNT) if column in said else default
    )


def _yes(said: dict[str, str], column: str, default: bool) -> bool:
    word = said.get(column, "").lower()
    if word and word not in SAID:
        raise LayerError(f"{column} must be yes or no, received {short_repr(said[column])}.")
    return SAID[word] if word else default


def _size(said: dict[str, str]) -> Shape:
    """Return the spatial size, () where none is said."""
    if "size" not in said:
        return ()
    rank = said["size"].replace("×", "x").lower().count("x") + 1
    if rank > 3:
        raise LayerError(
            f"size must be 1, 2 or 3 numbers separated by x, received {short_repr(said['size'])}."
        )
    return parse_spatial(said["size"], "size", rank=rank, minimum=1, maximum=MAX_COUNT)


def _spatial(said: dict[str, str], type_name: str, kind: Kind) -> dict[str, Shape]:
    """Return the spatial settings with one value per axis."""
    words = kind.keras or (kind.what == "conv" and said.get("padding", "").lower() in ("same", "valid"))
    if words and said.get("padding", "valid").lower() not in ("same", "valid"):
        raise LayerError(f"{type_name} is of Keras, whose padding is same or valid.")
    found: dict[str, Shape] = {}
    for column in SPATIAL:
        if column in said and not (column == "padding" and words):
            maximum, minimum = MAX_COUNT, MINIMUMS[column]
            numbers = parse_spatial(said[column], column, rank=kind.rank, minimum=minimum, maximum=maximum)
        elif column == "stride" and kind.what == "pool":
            numbers = found["kernel"]
        else:
            numbers = (PLAIN[column],)
        found[column] = numbers if len(numbers) == kind.rank else numbers * kind.rank
    if kind.keras and kind.what == "transposed":
        found |= _keras_crop(found, said.get("padding", "valid").lower() == "same")
    return found


def _keras_crop(found: dict[str, Shape], same: bool) -> dict[str, Shape]:
    """Return Keras' word in numbers: 'same' gives i · stride; 'valid' fills up to that, and crops nothing."""
    crops, extras = [], []
    for kernel, stride, dilation in zip(found["kernel"], found["stride"], found["dilation"], strict=True):
        beyond = dilation * (kernel - 1) + 1 - stride
        crops.append(max(-(-beyond // 2), 0) if same else 0)
        extras.append(2 * crops[-1] - beyond if same else max(-beyond, 0))
    return {"padding": tuple(crops), "output_padding": tuple(extras)}
