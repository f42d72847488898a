"""Counts and totals as tables print them, and lines that somebody left out of a print.

- Every reader of a printed table needs the same care: a count is read whole or not at all.
- No library reads the tables of ``summary()`` of Keras, torchinfo, torchsummary or fastai.
- The printed totals are an independent check of the rows, and decide which parameters are trained.

Sources: keras/src/utils/summary_utils.py, torchinfo/model_statistics.py, torchsummary/torchsummary.py.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from calculator.readers.model import MAX_COUNT, MAX_SHOWN, Model, ReadError, Row, left_out_row

MAX_WIDTH = 2_000
"""The maximum number of characters of a line that are read."""

MAX_SEARCHED = 200_000
"""The number of characters at the beginning of a text in which a table must begin."""

GAP = "Lines of the table were left out here."
NO_END = "Neither the rule nor the totals below the table were copied: rows may be missing there."
HIDDEN = "The printed total contains parameters that no row shows."
AGAIN = (
    "Layers that the table shows again, as they are used in several models, are counted once, as in the "
    "printed total."
)
TRAINED_UNKNOWN = (
    "Neither a column nor printed totals show which parameters are trained: all are taken to be, except "
    "those that their class or their row excludes."
)

_COUNT = re.compile(
    r"([0-9]{1,3}(?:([,'’_\xa0\u2009\u202f])[0-9]{3})(?:\2[0-9]{3}){0,12}|[0-9]{1,40})(?![0-9])"
)
_UNIT = r"(?:[kmgtb]i?b?\b|thousand|mill?i|mio|bill?i)"
_NOTE = re.compile(
    rf"\s*(?:$|=|#|\^|//|<-|←|\[|'|\((?!\s*(?:unbuilt|{_UNIT}))|\s(?!{_UNIT})[^\W\d_]{{2}})", re.IGNORECASE
)
"""Text that may follow a count: a calculation, a comment, a size in bytes, or the next column."""

_TOTAL = re.compile(
    r"\W{0,20}(?:total )?(?:(?:number of )?(?P<name>total|trainable|non[- ]?trainable|optimizer)"
    r"|number of(?: model)?) param(?:s|eters)?\b"
    r"[\s*_]{0,8}(?P<unit>\([\w.]{1,20}\))?[\s*_:=|│]{1,20}(?P<count>[0-9].{0,200})",
    re.IGNORECASE,
)
_TOTAL_ROW = re.compile(
    r"[\s|│┃*_`]{0,40}(?:grand )?(?:total|sum)[*_`:]{0,8}[\s|│┃][\s|│┃*_`:=–-]{0,1000}"
    r"(?P<count>[0-9][0-9,. ]{0,40})(?:\([\w ,.]{1,40}\))?[ *_`]{0,40}(?:[|│┃\t].{0,1000})?$",
    re.IGNORECASE,
)
"""A last row that only has the word and a count: a layer has its class or its shape between them."""

_PARTS = r"(?:lines?|layers?|rows?|blocks?|modules?|stages?|tensors?|entries|parts?|ones)"
_GONE = (
    r"(?:truncated|omitted|skipped|snip(?:ped)?|left out|cut(?: off| here)?|shortened|not shown|hidden"
    r"|abridged|abbreviated|elided|clipped|trimmed|removed|collapsed)"
)
_SAME = r"(?:same|identical|similar|analogous|symmetric(?:al)?|mirrored)"
_SAID = re.compile(
    # (12 layers omitted), the output was truncated
    rf"(?i)\b(?:{_PARTS}|output|rest|others|middle|encoder|decoder|backbone) (?:is |are |was |were )?"
    rf"(?:also )?(?:{_GONE}|exceeds)\b|\b(?:I|we) {_GONE}|\b(?:left out|not shown)\b"
    rf"|\b{_PARTS} (?:[\w,-]{{1,9}} ){{0,3}}as above\b"
    # 200 more lines, and 3 further ones
    rf"|\d (?:more|other|further|additional|similar|identical) (?:\w{{1,20}} )?{_PARTS}\b"
    # only the first layers are shown, showing 20 of 60 rows
    r"|\bonly (?:the |a )?(?:first|last|beginning|end|part|some|\d{1,9})\b[\w ]{0,40}?"
    rf"\b(?:{_PARTS}|shown|printed|listed|model|network)\b"
    r"|\b(?:showing|displaying) (?:only )?(?:the )?(?:first|last|\d{1,9} (?:out )?of)\b"
)
"""Text that says anywhere in a line that others were left out."""

_BEGINS = re.compile(
    rf"(?i)\W{{0,40}}+(?:(?:the )?rest of\b|(?:and )?so (?:on|forth)\b|usw\b|and [\d,]{{1,12}} more\b"
    rf"|(?:etc|[\d,]{{1,12}} more|(?:the |some )?{_GONE})(?:\W{{0,40}}$| (?:for|here|below|above|to save) )"
    rf"|{_GONE} (?:the )?(?:\d{{1,9}}|some|many|other|following) (?:\w{{1,20}} )?{_PARTS}\b"
    rf"|more (?:above|below|here)\b|(?:[\w,]{{1,20}} ){{0,3}}more (?:\w{{1,20}} )?{_PARTS}\b"
    # the decoder is the same, same for the others
    rf"|(?:\w{{1,20}} ){{0,4}}(?:{_PARTS}|rest|others|encoder|decoder|backbone|generator|discriminator)"
    rf" (?:is|are|has|have|looks?) (?:\w{{1,20}} ){{0,2}}{_SAME}\b"
    rf"|(?:and )?(?:the )?{_SAME} (?:for|again)\b)"
)
"""Text with which a line begins that says so."""

ELISION = re.compile(r"(?:\.{2,}|[…⋮⋯︙]|\. \. \.)")
# The value of an argument, as in padding=same, says nothing about lines.
_INSIDE = re.compile(
    rf"(?i)(?<!=)(?<!=['\"])\b(?:omits?|skips?|etc|remaining|and so on|usw|as above|repeat(?:s|ed)?|ditto"
    rf"|{_GONE}|{_SAME}|cropped|similarly|continue[sd]?|rest of|(?:middle|intermediate) {_PARTS}"
    r"|(?:more|other|further|additional) \w{1,30})\b"
)
"""Words that say so where a module is expected."""


def parse_count(text: str) -> int | None:
    """Return the count at the beginning of a cell, or ``None`` where the cell leaves any doubt.

    A space or a point between digits may be a separator or not. Raises ``ReadError`` above ``MAX_COUNT``.

    >>> parse_count("32,800"), parse_count("819200 = (5*5*256+0)*128"), parse_count("32,800 (128.12 KB)")
    (32800, 819200, 32800)
    >>> {parse_count(text) for text in ("32 800", "32.800", "32,80", "32.8 K", "5*5*3", "0 (unbuilt)")}
    {None}
    """
    text = text.strip(" \t|│")
    match = _COUNT.match(text)
    if not match or not _NOTE.match(text, match.end()):
        return None
    if (count := int("".join(filter(str.isdigit, match[1])))) > MAX_COUNT:
        raise ReadError("The summary has a count above 10^18: no model has as many parameters.")
    return count


def parse_total(line: str) -> tuple[str, int | None] | None:
    """Return (name, count) in a line with a printed total, or ``None`` for any other line.

    The name is total, trainable, non-trainable or optimizer. The count is ``None`` where it is rounded or
    in doubt.

    >>> parse_total("Total trainable params: 8,352"), parse_total("**Total params:** 32,800 (128.12 KB)")
    (('trainable', 8352), ('total', 32800))
    >>> parse_total("Total params (M): 32.80"), parse_total("up (Conv2DTranspose)")
    (('total', None), None)
    >>> parse_total("| **Total** | | **1,000** |"), parse_total("total (Dense)   (None, 10)   110")
    (('total', 1000), None)
    """
    match = _TOTAL.match(line[:MAX_WIDTH]) if "param" in line[:100].lower() else None
    if not match:
        row = _TOTAL_ROW.match(line[:MAX_WIDTH])
        return ("total", parse_count(row["count"])) if row else None
    name = re.sub(r"non[- ]?t", "non-t", (match["name"] or "total").lower())
    return name, None if match["unit"] else parse_count(match["count"].strip(" |│*_`"))


def is_left_out(line: str, *, inside: bool = False) -> bool:
    """Return whether a line, which is not a row, stands for lines that somebody left out.

    ``inside`` a print, where only modules are expected, a single word or dots in the line are enough.

    >>> [is_left_out(line) for line in ("│ ... │ … │", "⋮", "[output truncated]", "(12 more rows)", "----")]
    [True, True, True, True, False]
    >>> [is_left_out("Validation skipped ...", inside=inside) for inside in (False, True)]
    [False, True]
    """
    if inside:
        return any(pattern.search(line[:1000]) for pattern in (ELISION, _INSIDE, _SAID))
    text = "".join(line[:MAX_WIDTH].translate(_MARKS).split())
    if text and not text.strip(".…⋮⋯︙:"):
        return True
    if len(line) > 200 or not any(map(line.lower().__contains__, _WORDS_IN)):
        return False
    return (_BEGINS.match(line) or _SAID.search(line)) is not None


def split_comment(line: str) -> tuple[str, str]:
    """Return (code, comment) of a line of Python; a mark within quotes begins no comment.

    >>> split_comment("c = Dense(8, name='#1')  # ... and so on")
    ("c = Dense(8, name='#1')", '  # ... and so on')
    """
    code = _COMMENT.sub(r"\1", line).rstrip()
    return code, line[len(code) :]


def comment_leaves_out(comment: str) -> bool:
    """Return whether a comment in code says that lines were left out: in words, or as it begins with dots.

    >>> comment_leaves_out("# ... (as in the encoder)"), comment_leaves_out("# upsample")
    (True, False)
    """
    return _DOTS_FIRST.match(comment) is not None or is_left_out(comment)


def left_out_sentence(number: int, line: str) -> str:
    """Return the sentence about a line of code which says that others were left out.

    >>> left_out_sentence(3, "  # ... and so on")
    'Line 3 says that others were left out: “# ... and so on”.'
    """
    return f"Line {number:,} says that others were left out: “{line.strip()[:MAX_SHOWN]}”."


_COMMENT = re.compile(r"""('[^'\n]*'|"[^"\n]*")|#.*""")
_DOTS_FIRST = re.compile(r"\s{0,100}#[\s#]{0,100}(?:\.{3}|…)")
_WORDS_IN = (
    *("rest", "so ", "usw", "more", "other", "further", "addition", "etc", "trunc", "omit", "skip", "snip"),
    *("out", "cut", "short", "shown", "hid", "abridged", "abbrev", "elided", "clip", "trim", "remove"),
    *("collapsed", "exceeds", "only", "showing", "display", "same", "identical", "similar", "analog"),
    *("symm", "mirror", "above"),
)
"""Parts of words, one of which is in every text that ``_BEGINS`` or ``_SAID`` finds."""

_MARKS = dict.fromkeys(map(ord, "│┃|#/*-_=>[](){}<─━¯+,;~'\""), " ")


def has_end(lines: Iterable[str]) -> bool:
    """Return whether the ``lines`` below the titles of a table have the rule that a tool prints at its end.

    A table that was copied without its first rule has none to expect.

    >>> has_end(["=" * 40, "up (Dense)  72", "=" * 40]), has_end(["=" * 40, "up (Dense)  72"]), has_end([])
    (True, False, True)
    """
    marks = [line.strip(" |\t")[:1] for line in lines if _LONG_RULE.fullmatch(line[:MAX_WIDTH])]
    first = next((mark for mark in marks if mark in "=┡"), "")
    return not first or marks.count("=") > 1 or "└" in marks


_LONG_RULE = re.compile(r"[ \t|]{0,200}[=━─┡└╇┴┩┘]{10,2000}[ \t|\r]{0,200}")


def check_totals(
    model: Model, totals: Mapping[str, int | None], *, shows_trained: bool = False, whole: bool = True
) -> Model:
    """Return ``model`` with what the printed ``totals`` say about it, and a sentence for each conflict.

    Where the total contains more than the rows show, a row for the missing lines is added; where it contains
    less, the model has a surplus. Where the rows do not show which parameters are trained, the printed number
    of trained parameters is stated. With ``shows_trained`` they do. A table without its total that is not
    ``whole`` gets a row for missing lines too.

    >>> model = Model((Row("a", "Dense", other_count=6), Row("b", "Dense", other_count=8)), "")
    >>> check_totals(model, {"total": 14, "trainable": 8, "non-trainable": 6}).stated_trainable_count
    8
    >>> check_totals(model, {"total": 20}).rows[-1].note
    'The printed total contains parameters that no row shows.'
    >>> check_totals(model, {"total": 13}).surplus
    1
    """
    rows, column, complete = model.rows, model.parameter_count, model.complete
    stated = [totals.get(key) for key in ("trainable", "non-trainable")]
    trained_unknown = () if shows_trained or stated != [None, None] else (TRAINED_UNKNOWN,)
    total = totals.get("total")
    if total is None:
        reason = "cannot be read exactly" if "total" in totals else "is missing"
        said = f"The line with the total {reason}: the rows that are here add up to {column:,}."
        if not totals and not whole and complete:
            rows = (*rows, left_out_row("", NO_END))
        return _trained(replace(model, rows=rows), totals, column, (said, *trained_unknown))
    # After training Keras 3 prints a total that includes the state of the optimizer.
    total -= totals.get("optimizer") or 0
    sentences: list[str] = []
    if column > total and complete and (once := _counted_once(rows, column - total)):
        rows, column = once, total
        sentences.append(AGAIN)
    if column != total:
        sentences.append(
            f"The printed rows add up to {column:,}, the printed total is {total:,}: rows are missing or cut "
            "off, or layers are used in several models."
        )
        if column < total and complete:
            rows = (*rows, left_out_row("", HIDDEN))
    model = replace(model, rows=rows).with_surplus(column - total)
    parts = [totals[key] for key in ("trainable", "non-trainable") if key in totals]
    given = [part for part in parts if part is not None]
    if len(given) == 2 and sum(given) != total:
        sentences.append(
            f"The printed trainable and non-trainable counts add up to {sum(given):,}, not to {total:,}."
        )
    return _trained(model, totals, total, (*sentences, *trained_unknown))


def _counted_once(rows: Sequence[Row], excess: int) -> tuple[Row, ...]:
    """Return the rows without those that come again in another model, if these have ``excess`` parameters.

    Any other number would leave open which rows are the same layer: the result is then empty.
    """
    seen: set[tuple[str, str, int]] = set()
    once = []
    for row in rows:
        key = (row.name.rpartition("/")[2], row.type, row.parameter_count)
        if key in seen and row.parameter_count:
            excess -= row.parameter_count
        else:
            once.append(row)
        seen.add(key)
    return () if excess else tuple(once)


def _trained(model: Model, totals: Mapping[str, int | None], total: int, sentences: tuple[str, ...]) -> Model:
    """Return the model with its frozen parameters, or with the printed number of trained parameters."""
    trainable, frozen = totals.get("trainable"), totals.get("non-trainable")
    if frozen is None and trainable is not None:
        frozen = total - trainable
    known, column = sum(row.frozen_count for row in model.rows), model.parameter_count
    said = (*model.assumptions, *sentences)
    if frozen is None or frozen == known:
        return replace(model, assumptions=said)
    if frozen == column == total:
        return replace(model, rows=tuple(map(as_frozen, model.rows)), assumptions=said)
    what = (
        f"The summary counts {frozen:,} parameters as non-trainable; {known:,} are known by their layers, "
        "and it does not show which the others are."
    )
    said = (*model.assumptions, what, *sentences)
    trainable = total - frozen if trainable is None else trainable
    stated = trainable if column == total == trainable + frozen and model.complete else None
    return replace(model, stated_trainable_count=stated, trained_known=stated is not None, assumptions=said)


def as_frozen(row: Row) -> Row:
    """Return ``row`` with none of its parameters trained."""
    return replace(row, trainable=False, frozen_count=row.parameter_count)
