"""Settings as the query of a link, and back. Defaults are left out, so links stay short."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.readers.layer_table.link_form import read_linked, write_linked
from calculator.settings import FIELD, FIELDS, Settings
from calculator.settings.fields import Value
from calculator.settings.shelf import read_shelf, write_shelf
from calculator.settings.values import Reader, groups_refusal, read_value, read_values, write_value

MAX_REPORTED = 5
"""The maximum number of unusable parts of a link that are named; the rest is only counted."""

LISTS: dict[str, Reader] = {"shelf": read_shelf, "table": read_linked}
"""The kinds whose value is a list."""


@dataclass(frozen=True)
class Opened:
    """The usable settings of a link, and a sentence for each part of the link that cannot be used."""

    settings: Settings
    ignored: tuple[str, ...]


def encode(settings: Settings) -> dict[str, str]:
    """Return the query of ``settings``, without the settings at their defaults.

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


def page_link(base: str, settings: Settings, *, embed: bool = False) -> str:
    """Return the link that opens ``settings`` on the page at ``base``.

    >>> page_link("https://example.org/", Settings(in_channels=64), embed=True)
    'https://example.org/?embed=true&in=64'
    """
    query = ({"embed": "true"} if embed else {}) | encode(settings)
    return f"{base}?{urlencode(query)}" if query else base


def read_typed(settings: Settings, name: str, text: str) -> Value:
    """Return the value of setting ``name`` that a person typed, on top of ``settings``.

    Unlike a link, typed ``groups`` must divide both channel counts at once. Raises ``LayerError``.

    >>> read_typed(Settings(in_channels=64), "groups", "32")
    32
    """
    value = read_value(FIELD[name], text, settings.dimensions)
    if name == "groups" and value not in settings.offered_groups:
        offered = ", ".join(str(number) for number in settings.offered_groups)
        raise LayerError(
            f"Groups must divide both channel counts (one of {offered}), received {short_repr(text)}."
        )
    return value


def decode(query: Mapping[str, Sequence[str]]) -> Opened:
    """Return the settings in a query of key → values, and which parts of the query were ignored, and why.

    Never raises. A setting whose value cannot be used keeps its default and gets a sentence.

    >>> opened = decode({"in": ["64"], "k": ["inf"], "x": ["1"]})
    >>> opened.settings == Settings(in_channels=64)
    True
    >>> for sentence in opened.ignored:
    ...     print(sentence)
    k='inf' was ignored, 4 is used: Kernel size must be a whole number from 1 to 128, received 'inf'.
    x was ignored: no setting has that key.
    """
    known = {field.key for field in FIELDS}
    values, ignored = read_values(FIELDS, query, readers=LISTS)
    ignored += [f"{_key(key)} was ignored: no setting has that key." for key in query if key not in known]
    settings = Settings().change(**values)
    if settings.used_groups != settings.groups:
        ignored.append(groups_notice(settings))
    return Opened(settings, _shortened(ignored))


def groups_notice(settings: Settings) -> str:
    """Return why ``groups`` cannot be used now, and which value is used until it can.

    >>> groups_notice(Settings(groups=4))
    'Groups must divide input channels 3 and output channels 64; 4 does not, so 1 is used until it does.'
    """
    return f"{groups_refusal(settings)} until it does."


def _key(key: str) -> str:
    is_simple = key.isascii() and key.isalnum() and len(key) <= 20
    return key if is_simple else short_repr(key)


def _shortened(sentences: Sequence[str]) -> tuple[str, ...]:
    if len(sentences) <= MAX_REPORTED:
        return tuple(sentences)
    more = len(sentences) - MAX_REPORTED
    rest = "One more part of the link was" if more == 1 else f"{more:,} more parts of the link were"
    return (*sentences[:MAX_REPORTED], f"{rest} ignored as well.")
