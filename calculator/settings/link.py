"""Settings as the query of a link, and back. Defaults are left out, so links stay short."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.readers.layer_table.link_form import read_linked, write_linked
from calculator.settings import FIELD, FIELDS, Field, Settings
from calculator.settings.fields import Value
from calculator.settings.shelf import read_shelf, write_shelf
from calculator.settings.values import read_value, write_value

MAX_REPORTED = 5
"""Unusable parts of a link that are named one by one; the rest is only counted."""

LISTS: dict[str, Callable[[str], tuple[Value, tuple[str, ...]]]] = {"shelf": read_shelf, "table": read_linked}
"""The kinds whose value is many things, each of which may be unusable by itself."""

__all__ = ["Opened", "decode", "encode", "groups_notice", "read_typed", "read_value", "write_value"]


@dataclass(frozen=True)
class Opened:
    """What a link gave: usable settings, and a sentence for each thing in it that was not."""

    settings: Settings
    ignored: tuple[str, ...]


def encode(settings: Settings) -> dict[str, str]:
    """Return the query of ``settings``, without what is at its default.

    >>> encode(Settings(in_channels=64, kernel_size=(2, 1)))
    {'k': '2x1', 'in': '64'}
    """
    query = {
        field.key: write_value(field, getattr(settings, field.name))
        for field in FIELDS
        if field.kind not in LISTS and getattr(settings, field.name) != field.default
    }
    if settings.layers:
        query[FIELD["layers"].key] = write_linked(settings.layers)
    return query | ({FIELD["shelf"].key: write_shelf(settings.shelf)} if settings.shelf else {})


def read_typed(held: Settings, name: str, text: str) -> Value:
    """Return the value of setting ``name`` that a person typed, on top of the settings ``held``.

    Stricter than a link: ``groups`` must divide both channel counts at once. Raises ``LayerError``.

    >>> read_typed(Settings(in_channels=64), "groups", "32")
    32
    """
    value = read_value(FIELD[name], text, held.dimensions)
    if name == "groups" and value not in held.offered_groups:
        offered = ", ".join(str(number) for number in held.offered_groups)
        raise LayerError(
            f"Groups must divide both channel counts (one of {offered}), received {short_repr(text)}."
        )
    return value


def decode(query: Mapping[str, Sequence[str]]) -> Opened:
    """Return the settings in a query of key → values, and what in it was ignored, and why.

    Nothing raises: whatever cannot be used keeps its default and gets a sentence.

    >>> opened = decode({"in": ["64"], "k": ["inf"], "x": ["1"]})
    >>> opened.settings == Settings(in_channels=64)
    True
    >>> for sentence in opened.ignored:
    ...     print(sentence)
    k='inf' was ignored, 4 is used: Kernel size must be a whole number from 1 to 128, received 'inf'.
    x was ignored: no setting has that key.
    """
    known = {field.key for field in FIELDS}
    values: dict[str, Value] = {}
    ignored: list[str] = []
    rank = int(Settings().dimensions)
    for field in FIELDS:
        received = query.get(field.key, ())
        if not received:
            continue
        try:
            if field.kind in LISTS:
                values[field.name], sentences = LISTS[field.kind](_only(field, received))
                ignored += sentences
            else:
                values[field.name] = read_value(field, _only(field, received), rank)
        except LayerError as error:
            usual = write_value(field, field.default) or "nothing"
            ignored.append(f"{field.key}={short_repr(received[-1])} was ignored, {usual} is used: {error}")
        if field.name == "dimensions":
            rank = int(str(values.get("dimensions", rank)))
    ignored += [f"{_key(key)} was ignored: no setting has that key." for key in query if key not in known]
    settings = Settings().change(**values)
    if settings.used_groups != settings.groups:
        ignored.append(groups_notice(settings))
    return Opened(settings, _shortened(ignored))


def groups_notice(settings: Settings) -> str:
    """Return why ``groups`` cannot be used as it stands, and what is used instead.

    >>> groups_notice(Settings(groups=4))
    'Groups must divide input channels 3 and output channels 64; 4 does not, so 1 is used until it does.'
    """
    return (
        f"Groups must divide input channels {settings.in_channels:,} and output channels "
        f"{settings.out_channels:,}; {settings.groups:,} does not, so {settings.used_groups:,} is used "
        "until it does."
    )


def _only(field: Field, received: Sequence[str]) -> str:
    if len(received) > 1:
        raise LayerError(f"{field.label} must be given once, received {len(received)} values.")
    return received[0]


def _key(key: str) -> str:
    plain = key.isascii() and key.isalnum() and len(key) <= 20
    return key if plain else short_repr(key)


def _shortened(sentences: Sequence[str]) -> tuple[str, ...]:
    if len(sentences) <= MAX_REPORTED:
        return tuple(sentences)
    more = len(sentences) - MAX_REPORTED
    return (*sentences[:MAX_REPORTED], f"{more:,} more parts of the link were ignored as well.")
