"""Reader of lists of names and shapes, as a loop over ``state_dict()`` or ``named_parameters()`` prints them.

The forms are those of PyTorch's tutorials
(https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html and
https://docs.pytorch.org/tutorials/beginner/basics/buildmodel_tutorial.html), prints of dictionaries and
lists, and columns that people add. Why this is hand-written:

- There is no format, only habits: any library would read one of them.
- ``ast.literal_eval`` would read prints of dictionaries alone, and no ``torch.Size([…])``.
- A line that is not understood must be named, because its parameters are missing from the total.
"""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, zip_longest

from calculator.core.formatting import join_first, plural, short_repr
from calculator.readers.model import MAX_ROWS, MAX_SHOWN, Model, ReadError, Row, Shape, left_out_row
from calculator.readers.printed_counts import HIDDEN, is_left_out
from calculator.readers.tensors.inference import (
    ALL_TRAINABLE,
    assumptions_about,
    perhaps_tied_count,
    perhaps_tied_sentences,
    rows_from_tensors,
)
from calculator.readers.tensors.names import BUFFERS, KERNEL, split_name, usable_name
from calculator.readers.totals import MAX_PARTS, with_others

FORMAT = "names and shapes of tensors"

MAX_LINE = 10_000
"""The maximum number of characters of a line that is not the print of a dictionary or a list."""

_SHORT = 200
"""The maximum number of characters of a heading, and of a line of dots."""

_FIRST_CHARACTERS, _FIRST_LINES = 100_000, 200
"""The beginning of a text by which a list is recognised."""

_SIZES = r"[0-9][0-9 ,\u00a0\u202f]{0,400}|"
_SHAPE = re.compile(
    rf"torch\.Size\(\s?\[({_SIZES})\]\s?\)|\[({_SIZES})\]|\(({_SIZES})\)"
    r"|(?<![\w.])(\d{1,19}(?: ?[x×] ?\d{1,19}){1,63})(?![\w.])"
)
_GLUED = re.compile(
    r"(?<=\]\)) ?(?=[A-Za-z_][\w]{0,100}(?:\.\w{1,100}){0,20}\.(?:weight|bias|running_\w{3,4})\b)"
)
"""The place of a line break that was lost behind ``torch.Size([…])``."""

_OPEN_SHAPE = re.compile(r"(?:[\w(] ?|[:, ])[\[(](?:\d{1,19}, ?){1,63}\s{0,9}$")
"""The end of a line within a shape, behind one of its commas."""

_QUOTED_PAIR = re.compile(
    rf"(['\"])([^'\"\n]{{1,1000}})\1\s?[:,]\s?"
    rf"(?:torch\.Size\(\s?\[({_SIZES})\]\s?\)|\[({_SIZES})\]|\(({_SIZES})\))"
)
_LITERAL = re.compile(
    r"\s{0,40}(?:[\w.]{1,100} ?[=:] ?)?(?:[\w.]{1,60}\()?[\[({]{1,2}\s?['\"]"
    r"(?=[\w.\-/]{1,200}(?:$|['\"]\s?[:,]))"
)
"""The beginning of a printed list or dictionary."""

_LITERAL_MARK = re.compile(r"['\"()\[\]{}]")
_ITEM_ENDS = re.compile(r",\s{0,99}(?:#[^\n]*)?$")
_NAME = re.compile(r"[A-Za-z0-9_][\w.\-/]{0,1000}")
_BARE = re.compile(r"([A-Za-z0-9_][\w.\-/]{0,1000}) ?[|:\t ] ?(\d{1,19})")
"""A tensor of one axis in a list of shapes such as ``8x3x3x3``."""

_TENSOR_NAME = re.compile(
    r"(?:^|[._])(?:weight|bias|running_mean|running_var|num_batches_tracked)(?:_\w{1,40})?$"
)
_MAY_NAME_TENSOR = re.compile(r"torch\.Size\(|weight|running_|num_batches|[\w.]bias|bias(?!=(?:True|False))")
"""What every list has somewhere: an argument that stands alone, ``bias=False``, names no tensor."""

_DTYPE = re.compile(
    r"(?:torch\.)?(?:float\d{1,3}\w{0,12}|bfloat16|half|double|u?int\d{1,2}|long|bool|complex\d{2,3}"
    r"|[FIU](?:8|16|32|64)(?:_\w{1,12})?|BF16|BOOL)"
)
_INTEGER_DTYPE = re.compile(r"(?:torch\.)?(?:u?int\d{1,2}|long|bool|[IU](?:8|16|32|64)|BOOL)")
_DEVICE = re.compile(r"(?:device\()?(?:type=)?(?:cpu|cuda|mps|xla|meta)(?::\d{1,3})?\)?")
_LABEL = re.compile(
    r"(?i)(?:layer|parameter|param|tensor|module|variable)?[ _]?(?:name|shape|size|dtype|type|device"
    r"|numel|count|params|parameters|requires[_ ]?grad|trainable|layer|parameter|param|tensor|elements)"
    r"\s?[:=]\s?"
)
_PRINTED_MODULE = re.compile(
    r"\((?:[^()\n]|\([^()\n]{0,100}\)){1,200}\): *(?:\d{1,18} ?[x×] ?)?(?!torch\.Size|Size|tensor)"
    r"[^\W\d][\w.]{0,149} ?\("
    r"|\bnn\.(?:\w{1,99}\.){0,5}\w{1,99} ?\("
)
"""A line of a print, ``(fc): Linear(``, or of code, ``nn.Linear(``: its numbers are arguments, no shape."""

_KEYWORD_OR_CALL = re.compile(r"(?<![\w.])(?:\w{1,100}=|[\w.]{0,100}[A-Z]\w{0,100}\(|\w{1,100}\()")
"""A word that is the name of an argument or of a class, and never that of a tensor."""

_WHOLE, _THOUSANDS = re.compile(r"\d{1,19}"), re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TOTAL = re.compile(r"(?i)\b(?:total|sum|number of)\b[^\d\n]{0,80}?(\d{1,3}(?:,\d{3}){1,6}|\d{1,19})\s*$")
_OF_PARAMETERS = re.compile(r"(?i)param|element|numel|value|weight|\b(?:total|sum)\W{0,9}\d")
_LOWER_WORD = re.compile("[a-z]+")
_DOTS = re.compile(r"[\s.…⋮·|,]{0,40}(?:\.{3,}|…|⋮)[\s.…⋮·|,]{0,40}")
_CODE = re.compile(r"\s*(?:>>>|\.\.\. \s*\S|In \[|Out\[|for \w|print\(|import |from \w+ import|model\s?=)")
_OPTIMISER = re.compile(r"(?i)\W{0,10}optimi[sz]er|\W{0,5}(?:state\s+\{|param_groups\b)")
_MODEL = re.compile(r"(?i)\W{0,10}(?:model|net|state_dict|named_parameters)")
_HEADINGS = ("state_dict", "state dict", "parameters", "model", "net")
"""Words of the headings above a list."""

_DRAWN = ("├", "└", "====", "╞", "┏", "None,")
"""Marks of tables of other tools, which have readers of their own."""


@dataclass(frozen=True)
class _Entry:
    """One tensor of the list; ``numbers`` are the whole numbers beside its shape, ``whole`` is its dtype."""

    name: str
    shape: Shape
    numbers: tuple[int, ...] = ()
    trained: bool | None = None
    whole: bool = False


@dataclass
class _Listing:
    """The content of a list: entries, rows of what is not read, and what is said about the lines."""

    entries: list[_Entry] = field(default_factory=list)
    gaps: list[Row] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    totals: list[int] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    trained: int | None = None
    """The number of trained parameters that a line states."""

    optimiser: bool = False
    follows: bool = False
    """Whether the first line stands directly below a line of the list before."""


def recognises(text: str) -> bool:
    r"""Return whether ``text`` is a list of names and shapes.

    >>> recognises("main.0.weight \t torch.Size([100, 512, 4, 4])"), recognises("Conv2d(3, 8, (3, 3))")
    (True, False)
    """
    text = _json_lines(text)
    start = "\n".join(text[:_FIRST_CHARACTERS].split("\n", _FIRST_LINES)[:_FIRST_LINES])
    if any(mark in start for mark in _DRAWN) or not _MAY_NAME_TENSOR.search(start):
        return False
    listings = _read_lines(start)
    entries = [entry for listing in listings for entry in listing.entries]
    certain = "torch.Size(" in start or any(_TENSOR_NAME.search(entry.name) for entry in entries)
    unread = sum(len(listing.unread) for listing in listings)
    return certain and len(entries) > 0 and len(entries) >= unread


def read_listing(text: str, *, name: str = "") -> Model:
    r"""Return the model whose tensors are listed in ``text``.

    Raises ``ReadError`` for a tensor that comes twice, for a count that disagrees with its shape, and where
    no tensor is a parameter.

    >>> model = read_listing("up.weight torch.Size([64, 32, 4, 4])\nup.bias torch.Size([32])")
    >>> [(row.name, row.type, row.parameter_count) for row in model.rows]
    [('up', 'ConvTranspose2d', 32800)]
    """
    models, errors = read_listings(text, name=name)
    if not models:
        raise ReadError(errors[0])
    return with_others(models[0], [*models[1:], *errors])


def read_listings(text: str, *, name: str = "") -> tuple[list[Model], list[str]]:
    """Return the models of the lists in ``text``, and why others are refused: ``MAX_PARTS + 1`` at most.

    Raises ``ReadError`` where no line, or too many, name a tensor.
    """
    listings = _read_lines(_json_lines(text))
    count = sum(len(listing.entries) for listing in listings)
    if not count:
        raise ReadError("No line of this list has the name and the shape of a tensor.")
    if count > MAX_ROWS:
        raise ReadError(f"The list has {count:,} tensors; at most {MAX_ROWS:,} are read.")
    models, errors = [], []
    for listing in listings[: MAX_PARTS + 1]:
        try:
            models.append(_model(listing, name))
        except ReadError as error:
            errors.append(str(error))
    return models, errors


def _model(listing: _Listing, name: str) -> Model:
    """Return the model of one list. Raises ``ReadError``."""
    shapes: dict[str, Shape] = {}
    for entry in listing.entries:
        if entry.name in shapes:
            raise ReadError(
                f"The list names {short_repr(entry.name)} twice: paste the tensors of one model, once."
            )
        shapes[usable_name(entry.name)] = entry.shape
    _check_numbers(listing)
    stated = () if _all_false(listing) else listing.entries
    frozen = [entry.name for entry in stated if entry.trained is False]
    integers = [
        entry.name
        for entry in listing.entries
        if entry.whole and split_name(entry.name)[1] not in ("weight", "bias")
    ]
    # A list in the order of the alphabet does not show the order of the layers.
    rows = rows_from_tensors(shapes, frozen=frozen, buffers=integers, ordered=list(shapes) != sorted(shapes))
    counted = sum(row.parameter_count for row in rows)
    # Names of parameters, which alone say that they are trained, come once for each of them.
    unsure = {} if any(entry.trained for entry in listing.entries) else shapes
    if not counted and all(row.known for row in rows):
        raise ReadError("No tensor in this list is a parameter of a layer: paste all lines of the list.")
    assumptions = (
        *_sentences(listing),
        *assumptions_about(shapes, {}, integers),
        *perhaps_tied_sentences(unsure),
    )
    values = [math.prod(entry.shape) for entry in listing.entries]
    trained = sum(each for each, entry in zip(values, listing.entries, strict=True) if entry.trained)
    others = [total for total in listing.totals if total not in (counted, sum(values), trained)]
    assumptions = (
        *(
            f"The list states {total:,} in total, and its lines have {counted:,} parameters."
            for total in others
        ),
        *assumptions,
    )
    hidden = [left_out_row("", HIDDEN)] if max(others, default=0) > counted else []
    tied = 0 if counted in listing.totals else perhaps_tied_count(unsure)
    known = listing.trained in (None, sum(row.trainable_count for row in rows))
    model = Model((*rows, *listing.gaps, *hidden), FORMAT, assumptions, name, trained_known=known)
    return model.with_perhaps_tied(tied).with_surplus(counted - min(others, default=counted))


def _json_lines(text: str) -> str:
    """Return a line for each tensor of a JSON object with names and shapes, or any other ``text`` as it is.

    A shape stands alone, or as "shape" beside the type, as in the header of a safetensors file.
    """
    if not text.lstrip().startswith("{"):
        return "\n".join(
            _GLUED.sub("\n", line) if line.count("torch.Size(") > 1 and not line.startswith("torch") else line
            for line in _literal_lines(text)
        )
    try:
        tensors = json.loads(text)
    except (ValueError, RecursionError):
        return "\n".join(_literal_lines(text))
    lines = []
    for name, value in tensors.items():
        kind = value.get("dtype", "") if isinstance(value, dict) else ""
        shape = value.get("shape") if isinstance(value, dict) else value
        if isinstance(shape, list) and all(type(size) is int for size in shape):
            lines.append(f"'{name}': {shape} {kind}")
        elif name != "__metadata__":
            return text
    return "\n".join(lines)


def _literal_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text, where a print of a list or a dictionary has none that end within an item.

    A terminal breaks such a line at its edge, in the middle of a word. Dots stand for the rest of a print
    that is cut off.
    """
    parts: list[str] = []
    inside, depth, items, quote = False, 0, 0, ""
    for line in text.split("\n"):
        start = _LITERAL.match(line)
        if inside and ((start and (quote or depth > items)) or _PRINTED_MODULE.match(line.strip())):
            # The item before is damaged.
            yield "".join(parts)
            parts, inside = [], False
        if not inside:
            if not start:
                yield line
                continue
            inside, depth, quote = True, 0, ""
            opened = start[0].rstrip()[:-1].rstrip()
            items = sum(map(opened.count, "([{")) - opened.endswith("(")
        parts.append(line.strip())
        marks = _LITERAL_MARK.findall(line)
        for mark in marks:
            if quote:
                quote = "" if mark == quote else quote
            elif mark in "'\"":
                quote = mark
            else:
                depth += 1 if mark in "([{" else -1
        if not quote and (depth <= 0 or (depth == items and (not marks or _ITEM_ENDS.search(line)))):
            yield "".join(parts)
            parts, inside = [], depth > 0
    if inside:
        yield from ("".join(parts), "...")


def _read_lines(text: str) -> list[_Listing]:
    """Return the lists in a text: another one begins under its own heading, or with the first name again.

    Lines that follow each other are two lists only where both have the same names: two processes may have
    mixed them, or the second list may begin earlier. A name without its layer, as nested dictionaries have
    it, comes again in one list.
    """
    listings = [listing := _Listing()]
    apart = True
    open_brackets, pending, prompted, in_optimiser = 0, "", False, False
    for line in _whole_lines(text.splitlines()):
        if open_brackets > 0:  # In the printed values of a tensor, whose dots are not lines left out.
            open_brackets += _balance(line)
            continue
        stripped = line.strip().strip("|").strip()
        if not stripped or not stripped.strip("-=_*+|: "):
            apart = True
            continue
        if _OPTIMISER.match(stripped):
            listing.optimiser = in_optimiser = True
            continue
        code = _CODE.match(line) is not None
        if code or (prompted and stripped == "..."):
            prompted, apart = code, True
            continue
        prompted = False
        values = stripped.find("tensor(")
        if values >= 0:
            open_brackets = max(_balance(stripped[values:]), 0)
            stripped = stripped[:values]
        if in_optimiser:
            # The state of an optimiser stands under a heading of its own, before or after the model's.
            in_optimiser = _MODEL.match(stripped) is None
            continue
        if listing.entries and "state_dict" in stripped and _is_heading(stripped):
            listings.append(listing := _Listing())
        before = len(listing.entries)
        pending = _read_line(stripped, pending, listing)
        again = (
            entry.name == listing.entries[0].name and not entry.name.isidentifier()
            for entry in listing.entries[max(before, 2) :]
        )
        if place := next((index for index, same in enumerate(again, max(before, 2)) if same), 0):
            following = _Listing(listing.entries[place:], optimiser=listing.optimiser)
            following.follows = not apart and len(following.entries) == 1
            listings.append(following)
            del listing.entries[place:]
            listing = following
        apart = not place and len(listing.entries) == before
    if pending:
        _add_unread(pending, listing)
    names = [[entry.name for entry in each.entries] for each in listings]
    if any(
        each.follows and one != two for each, (one, two) in zip(listings[1:], pairwise(names), strict=True)
    ):
        return [_Listing([entry for each in listings for entry in each.entries])]
    if len(listings) > 1 and not listing.entries:  # A heading without a tensor below it.
        listings.pop()
        listings[-1].gaps += listing.gaps
        listings[-1].unread += listing.unread
        listings[-1].totals += listing.totals
    return listings


def _whole_lines(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines; one that a mail program broke inside a shape is one line again."""
    begun = ""
    for line in lines:
        if begun and not line.lstrip()[:1].isdecimal():
            yield begun
            begun = ""
        line = f"{begun} {line.lstrip()}" if begun else line
        begun = line if len(line) <= _SHORT and _OPEN_SHAPE.search(line) else ""
        if not begun:
            yield line
    if begun:
        yield begun


def _balance(text: str) -> int:
    return text.count("(") - text.count(")")


def _read_line(line: str, pending: str, listing: _Listing) -> str:
    """Add the content of one line; return the name that stands alone in it, for a shape on the next line.

    ``pending`` is such a name of the line before.
    """
    if not line or line.lower().startswith("parameter containing") or _DTYPE.fullmatch(line):
        return pending
    pairs = list(_quoted_entries(line))
    if pairs:
        listing.entries += pairs
        if any(_DOTS.fullmatch(part) for part in _QUOTED_PAIR.split(line)[0::6] if part and part.strip()):
            listing.gaps.append(left_out_row("", "The list has dots in the place of tensors."))
        return ""
    if len(line) <= _SHORT and _DOTS.fullmatch(line):
        listing.gaps.append(left_out_row("", "The list has dots in the place of lines."))
        return ""
    line = line[: MAX_LINE + 1]
    if is_left_out(line):
        note = f"A line says that others were left out: {short_repr(line[:MAX_SHOWN])}."
        listing.gaps.append(left_out_row("", note))
        return ""
    entry = _line_entry(f"{pending} {line}") if pending and _SHAPE.match(line) else None
    if pending and not entry:
        _add_unread(pending, listing)
    entry = entry or _line_entry(line)
    bare = _BARE.fullmatch(line)
    if not entry and listing.entries and bare and _TENSOR_NAME.search(bare[1]):
        entry = _entry(bare[1], (int(bare[2]),), ())
    if entry:
        listing.entries.append(entry)
        return ""
    if (total := _TOTAL.search(line)) and _OF_PARAMETERS.search(line):
        number = int(total[1].replace(",", ""))
        if "trainable" not in line.lower():
            listing.totals.append(number)
        elif "non" not in line.lower():
            listing.trained = number
        return ""
    name = line.strip("'\": ")
    if _NAME.fullmatch(name) and _TENSOR_NAME.search(name):
        return name
    _add_unread(line, listing)
    return ""


def _add_unread(line: str, listing: _Listing) -> None:
    """Add a line that is not understood: a row where it seems to name a tensor, and a sentence otherwise."""
    words = re.split(r"[\s|,:;'\"()\[\]=]+", line)
    named = next((word for word in words if _TENSOR_NAME.search(word) or word == KERNEL), None)
    if named and (_SHAPE.search(line) or ("." in named and _NAME.fullmatch(named))):
        note = f"No name with a shape was found in its line: {short_repr(line[:80])}."
        listing.gaps.append(Row(named, "Parameter", note=note, known=False))
    elif not _is_heading(line):
        listing.unread.append(line)


def _is_heading(line: str) -> bool:
    """Return whether a line without a tensor is a heading of the list, or of its columns."""
    lower = line[: _SHORT + 1].lower()
    if set(_LOWER_WORD.findall(lower)) <= _COLUMN_WORDS:
        return True
    said = any(word in lower for word in _HEADINGS)
    return said and len(lower) <= _SHORT and not set(lower) & set("[](0123456789")


_COLUMN_WORDS = frozenset({
    *("name", "names", "shape", "shapes", "size", "sizes", "layer", "layers", "parameter", "parameters"),
    *("param", "params", "tensor", "tensors", "dtype", "type", "precision", "device", "requires", "grad"),
    *("numel", "count", "trainable", "of", "the", "model", "s", "elements", "ordereddict"),
})  # fmt: skip
"""The words of headings of columns, and of the print of a dictionary."""


def _quoted_entries(line: str) -> Iterator[_Entry]:
    """Yield the entries of the print of a dictionary, or of a list of pairs."""
    matches = list(_QUOTED_PAIR.finditer(line))
    for match, following in zip_longest(matches, matches[1:]):
        beyond = line[match.end() : following.start() if following else match.end() + 200]
        words = [] if following and len(beyond) < 8 else re.split(r"[\s,;|()\[\]{}'\"]+", beyond)
        shape = _sizes(match[3], match[4], match[5])
        if shape is not None:
            yield _entry(match[2], shape, words)


def _line_entry(line: str) -> _Entry | None:
    """Return the tensor of a line with one name and one shape, or ``None`` for any other line."""
    found = _SHAPE.search(line)
    if found is None or len(line) > MAX_LINE or _PRINTED_MODULE.search(line):
        return None
    if line.count("['", 0, found.start()) > 1:  # A path in several keys, whose last one is not the name.
        return None
    shape = _sizes(*found.groups())
    # A line with two shapes, as an error message about a mismatch has them, is not understood.
    others = [_sizes(*match.groups()) for match in _SHAPE.finditer(line, found.end())]
    if shape is None or any(other not in (shape, (), None) for other in others):
        return None
    # Only with its bracket is a word before the shape seen to be a call.
    before = _words(line[: found.start()] + ("(" if found[0][0] == "(" else ""))
    after = _words(line[found.end() :])
    # In some lists the shape stands before the name.
    names = [word for word in before if _is_name(word)] or [word for word in after if _is_name(word)]
    names = [word for word in names if word.lower() not in _COLUMN_WORDS] or names
    if len(names) > 1:
        names = [word for word in names if _TENSOR_NAME.search(word)]
    if len(names) != 1:
        return None
    return _entry(names[0], shape, [*before, *after])


def _words(text: str) -> list[str]:
    """Return the words of a part of a line, without the labels of columns and the marks between them."""
    text = _KEYWORD_OR_CALL.sub(" ", _THOUSANDS.sub("", _LABEL.sub(" ", text)))
    return [word for word in re.split(r"[\s|,;'\"=(){}\[\]<>]+|:(?!\d)|->", text) if word]


def _is_name(word: str) -> bool:
    """Return whether a word is the name of a tensor: not a number, a type, a device, or True and False."""
    return (
        _NAME.fullmatch(word) is not None
        and any(letter.isalpha() for letter in word)
        and not _DTYPE.fullmatch(word)
        and not _DEVICE.fullmatch(word)
        and word not in ("True", "False", "None", "torch", "Size", "torch.Size", "dtype", "device")
    )


def _entry(name: str, shape: Shape, words: Sequence[str]) -> _Entry:
    """Return the tensor ``name`` with what the other ``words`` of its line state."""
    trained = next((word == "True" for word in words if word in ("True", "False")), None)
    return _Entry(
        name,
        shape,
        tuple(int(word) for word in words if _WHOLE.fullmatch(word)),
        trained,
        any(_INTEGER_DTYPE.fullmatch(word) for word in words),
    )


def _sizes(*texts: str | None) -> Shape | None:
    """Return the sizes in the one text that is not ``None``; ``None`` for numbers that are not sizes."""
    text = next((text for text in texts if text is not None), "")
    pieces = [piece.strip() for piece in re.split("[,x×]", text)]
    if pieces[-1] == "":
        pieces.pop()
    sizes = []
    for piece in pieces:
        # Some pages write 128 256 for 128256.
        digits = re.sub(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|$))", "", piece)
        if not digits.isascii() or not digits.isdigit() or len(digits) > 20:
            return None
        if len(digits) > 1 and digits[0] == "0":  # As in 1,024, whose comma is not between sizes.
            return None
        sizes.append(int(digits))
    return tuple(sizes)


def _check_numbers(listing: _Listing) -> None:
    """Raise ``ReadError`` where a column that counts the values of each tensor disagrees with a shape."""
    width = max(len(entry.numbers) for entry in listing.entries)
    for column in range(min(width, 10)):
        pairs = [(each, each.numbers[column]) for each in listing.entries if column < len(each.numbers)]
        agreeing = sum(math.prod(entry.shape) == number for entry, number in pairs)
        if agreeing * 2 > len(pairs) and agreeing < len(pairs):
            entry, number = next(pair for pair in pairs if math.prod(pair[0].shape) != pair[1])
            raise ReadError(
                f"The list counts {number:,} values in {short_repr(entry.name)}, and its shape "
                f"{short_repr(entry.shape)} has {math.prod(entry.shape):,}: the list contradicts itself."
            )
        indices = {number - place for place, (_, number) in enumerate(pairs)}
        # A list of one tensor shows an index only where it counts from 0 or 1.
        is_index = len(indices) == 1 and (len(pairs) > 1 or indices <= {0, 1})
        if agreeing < len(pairs) and not is_index:
            shown = join_first([f"{number:,}" for _, number in pairs], 3)
            listing.columns.append(shown)


def _all_false(listing: _Listing) -> bool:
    """Return whether every tensor is listed with False."""
    return all(entry.trained is False for entry in listing.entries)


def _sentences(listing: _Listing) -> list[str]:
    """Return sentences about the lines of the list."""
    sentences = []
    if listing.unread:
        first = short_repr(listing.unread[0][:MAX_SHOWN])
        sentences.append(
            f"Left out, as no tensor is there: {plural(len(listing.unread), 'line')}, the first {first}."
        )
    sentences += [
        f"A column of numbers ({shown}) does not have the numbers of values in the shapes: it is left out."
        for shown in listing.columns
    ]
    stated = [entry for entry in listing.entries if entry.trained is not None]
    if _all_false(listing):
        sentences.append("Every tensor is listed with False, as state_dict() shows trained parameters too.")
        stated = []
    elif stated:
        sentences.append("True and False in the list are taken for requires_grad.")
    buffers = [entry for entry in listing.entries if split_name(entry.name)[1] in BUFFERS]
    if len(stated) + len(buffers) < len(listing.entries):
        sentences.append(ALL_TRAINABLE)
    if listing.optimiser:
        sentences.append("The state of the optimiser in the list is left out.")
    return sentences
