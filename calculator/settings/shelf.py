"""The shelf: up to six layers with names, as one value of a link and back.

In a link, entries are separated by ``~``. An entry is its settings joined by ``_`` (key, then value, without
defaults), a dot and the name. ``k3x5_in64.wide~.plain`` has two layers. Quoting for a URL changes none of
these characters.
"""

import re
from collections.abc import Collection

from calculator.core.errors import LayerError
from calculator.core.formatting import format_product, short_repr
from calculator.core.parsing import parse_line
from calculator.settings.layer import LAYER_FIELDS, LayerSettings, layer_part
from calculator.settings.page import SHELF_ROOM, Kept
from calculator.settings.values import groups_refusal, read_values, write_value

NAME_LENGTH = 40
"""The maximum length of a name, in characters."""

# In a name ~ is written ~-, so a ~ before anything else separates two entries.
_BETWEEN = re.compile("~(?!-)")
_TOKEN = re.compile("([a-z]+)(.*)", re.DOTALL)
_FORM = "it must be settings, a dot and a name"


def write_shelf(shelf: tuple[Kept, ...]) -> str:
    """Return the shelf in the form of the link. A ``~`` in a name is written ``~-``.

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
    """Return the layers in ``text``, and a sentence for each part of it that cannot be used.

    Never raises. An unusable value of a setting becomes its default, an invalid name becomes the usual name.

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
        subject = f"Layer {number:,} on the shelf"
        tokens, dot, name = entry.partition(".")
        if not dot:
            ignored.append(f"{subject} was ignored: {_FORM}, received {short_repr(entry)}.")
            continue
        settings, sentences = _read_tokens(tokens)
        # A layer with a wrong name is kept: a shared link should lose as little as possible.
        try:
            shelf.append(Kept(read_name(name.replace("~-", "~")), settings))
        except LayerError as error:
            shelf.append(Kept(usual_name(settings), settings))
            sentences.append(f"its name was ignored, {shelf[-1].name} is used: {error}")
        ignored += [f"{subject}: {sentence}" for sentence in sentences]
    return tuple(shelf), tuple(ignored)


def _read_tokens(text: str) -> tuple[LayerSettings, list[str]]:
    """Return the settings of one entry, and a sentence for each token that cannot be used."""
    given: dict[str, list[str]] = {}
    for token in text.split("_") if text else []:
        match = _TOKEN.fullmatch(token)
        key, value = match.groups() if match else (token, "")
        given.setdefault(key, []).append(value)
    values, ignored = read_values(LAYER_FIELDS, given)
    known = {field.key for field in LAYER_FIELDS}
    ignored += [
        f"{short_repr(key)} was ignored: no setting of a layer has that key."
        for key in given
        if key not in known
    ]
    settings = LayerSettings().change(**values)
    if settings.used_groups != settings.groups:
        ignored.append(f"{groups_refusal(settings)}.")
    return settings, ignored


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
    """Return the usual name of a layer: its main settings, as many as fit into a name.

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
    """Return ``name``, followed by a number when ``name`` is taken.

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
    """Return the shelf with one more layer; without a name the layer gets its usual name.

    Only the layer of ``Settings`` is stored. Raises ``LayerError`` for a full shelf or an unusable name.

    >>> [kept.name for kept in keep(keep((), LayerSettings(), "a"), LayerSettings(), "a")]
    ['a', 'a (2)']
    """
    if len(shelf) >= SHELF_ROOM:
        raise LayerError(f"The shelf has room for {SHELF_ROOM} layers and is full: remove one first.")
    layer = LayerSettings(**layer_part(settings))  # type: ignore[arg-type]
    wanted = read_name(name) if name.strip() else usual_name(layer)
    return (*shelf, Kept(fresh_name(wanted, [kept.name for kept in shelf]), layer))
