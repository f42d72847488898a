"""The shelf: up to six layers with names, as one value of a link and back.

In a link, entries stand between ``~``: settings joined by ``_`` (key, then value; defaults left out), a
dot, the name. ``k3x5_in64.wide~.plain`` holds two layers; quoting for a URL leaves all of its signs alone.
"""

import re
from collections.abc import Collection

from calculator.core.errors import LayerError
from calculator.core.formatting import format_product, short_repr
from calculator.core.parsing import parse_line
from calculator.settings import Field
from calculator.settings.fields import Value
from calculator.settings.layer import LAYER_FIELDS, LayerSettings, layer_part
from calculator.settings.page import SHELF_ROOM, Kept
from calculator.settings.values import read_value, write_value

NAME_LENGTH = 40
"""Characters of the longest name."""

_BETWEEN = re.compile("~(?!-)")
_TOKEN = re.compile("([a-z]+)(.*)", re.DOTALL)
_FORM = "it must be settings, a dot and a name"


def write_shelf(shelf: tuple[Kept, ...]) -> str:
    """Return the shelf as it stands in a link; a ``~`` in a name is written ``~-``.

    >>> wide = LayerSettings(in_channels=64, kernel_size=(3, 5))
    >>> write_shelf((Kept("wide", wide), Kept("~", LayerSettings())))
    'k3x5_in64.wide~.~-'
    """
    return "~".join(f"{_tokens(kept.settings)}.{kept.name.replace('~', '~-')}" for kept in shelf)


def _tokens(settings: LayerSettings) -> str:
    return "_".join(
        field.key + write_value(field, getattr(settings, field.name))
        for field in LAYER_FIELDS
        if getattr(settings, field.name) != field.default
    )


def read_shelf(text: str) -> tuple[tuple[Kept, ...], tuple[str, ...]]:
    """Return the layers that ``text`` holds, and a sentence for each thing in it that cannot be used.

    Nothing raises. A value that cannot be used keeps its default, a name becomes the usual one.

    >>> shelf, ignored = read_shelf("in64.wide~bias2.plain~four")
    >>> [(kept.name, kept.settings.in_channels) for kept in shelf]
    [('wide', 64), ('plain', 3)]
    >>> for sentence in ignored:
    ...     print(sentence)
    Layer 2 on the shelf: bias='2' was ignored, 1 is used: Bias must be 0 or 1, received '2'.
    Layer 3 on the shelf was ignored: it must be settings, a dot and a name, received 'four'.
    """
    shelf: list[Kept] = []
    ignored: list[str] = []
    entries = _BETWEEN.split(text) if text else []
    for number, entry in enumerate(entries, start=1):
        if len(shelf) == SHELF_ROOM:
            more = len(entries) - number + 1
            ignored.append(f"The shelf has room for {SHELF_ROOM} layers: {more:,} more were ignored.")
            break
        where = f"Layer {number:,} on the shelf"
        tokens, dot, name = entry.partition(".")
        if not dot:
            ignored.append(f"{where} was ignored: {_FORM}, received {short_repr(entry)}.")
            continue
        settings, sentences = _read_tokens(tokens)
        try:
            shelf.append(Kept(read_name(name.replace("~-", "~")), settings))
        except LayerError as error:
            shelf.append(Kept(usual_name(settings), settings))
            sentences.append(f"its name was ignored, {shelf[-1].name} is used: {error}")
        ignored += [f"{where}: {sentence}" for sentence in sentences]
    return tuple(shelf), tuple(ignored)


def _read_tokens(text: str) -> tuple[LayerSettings, list[str]]:
    """Return the settings of one entry, and a sentence for each token that cannot be used."""
    given: dict[str, list[str]] = {}
    for token in text.split("_") if text else []:
        match = _TOKEN.fullmatch(token)
        key, value = match.groups() if match else (token, "")
        given.setdefault(key, []).append(value)
    values: dict[str, Value] = {}
    ignored: list[str] = []
    rank = LayerSettings().dimensions
    for field in LAYER_FIELDS:
        received = given.pop(field.key, [])
        if not received:
            continue
        try:
            values[field.name] = read_value(field, _only(field, received), rank)
        except LayerError as error:
            usual = write_value(field, field.default)
            ignored.append(f"{field.key}={short_repr(received[-1])} was ignored, {usual} is used: {error}")
        if field.name == "dimensions":
            rank = int(str(values.get("dimensions", rank)))
    ignored += [f"{short_repr(key)} was ignored: no setting of a layer has that key." for key in given]
    settings = LayerSettings().change(**values)
    if settings.used_groups != settings.groups:
        ignored.append(_groups_notice(settings))
    return settings, ignored


def _only(field: Field, received: list[str]) -> str:
    if len(received) > 1:
        raise LayerError(f"{field.label} must be given once, received {len(received):,} values.")
    return received[0]


def _groups_notice(settings: LayerSettings) -> str:
    return (
        f"groups must divide input channels {settings.in_channels:,} and output channels "
        f"{settings.out_channels:,}; {settings.groups:,} does not, so {settings.used_groups:,} is used."
    )


def read_name(text: str) -> str:
    """Return ``text`` as the name of a layer: one line of 1 to 40 visible characters.

    >>> read_name("  wide, k 4 ")
    'wide, k 4'
    >>> read_name("   ")
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: A name must be one line of 1 to 40 visible characters; \
nothing was entered.
    """
    return parse_line(text, "A name", maximum=NAME_LENGTH)


def usual_name(settings: LayerSettings) -> str:
    """Return the name of a layer that was given none; what does not fit into a name is left out.

    >>> usual_name(LayerSettings(stride=(1,))), usual_name(LayerSettings(kernel_size=(3, 5), dimensions=2))
    ('3 → 64, k 4', '3 → 64, k 3×5, s 2')
    """
    parts = [f"k {format_product(settings.kernel_size, compact=True)}"]
    if set(settings.stride) != {1}:
        parts.append(f"s {format_product(settings.stride, compact=True)}")
    if settings.used_groups != 1:
        parts.append(f"g {settings.used_groups}")
    if settings.dimensions != 2:
        parts.append(f"{settings.dimensions}-D")
    name = f"{settings.in_channels} → {settings.out_channels}"
    for part in parts:
        if len(longer := f"{name}, {part}") <= NAME_LENGTH:
            name = longer
    return name


def fresh_name(name: str, taken: Collection[str]) -> str:
    """Return ``name``, with a number behind it when it is taken.

    >>> fresh_name("wide", ["wide", "wide (2)"])
    'wide (3)'
    """
    fresh, number = name, 1
    while fresh in taken:
        number += 1
        mark = f" ({number})"
        fresh = name[: NAME_LENGTH - len(mark)].rstrip() + mark
    return fresh


def keep(shelf: tuple[Kept, ...], settings: LayerSettings, name: str = "") -> tuple[Kept, ...]:
    """Return the shelf with one more layer on it; without a name it gets the usual one.

    Of ``Settings`` only the layer is kept. Raises ``LayerError`` for a full shelf or an unusable name.

    >>> [kept.name for kept in keep(keep((), LayerSettings(), "a"), LayerSettings(), "a")]
    ['a', 'a (2)']
    """
    if len(shelf) >= SHELF_ROOM:
        raise LayerError(f"The shelf has room for {SHELF_ROOM} layers and is full: remove one first.")
    layer = LayerSettings(**layer_part(settings))  # type: ignore[arg-type]
    wanted = read_name(name) if name.strip() else usual_name(layer)
    return (*shelf, Kept(fresh_name(wanted, [kept.name for kept in shelf]), layer))
