"""Values of settings as text, and back: the form in a link, and the form that a person types."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.parsing import count_numbers, parse_line, parse_spatial, parse_whole
from calculator.settings.fields import Field, Value
from calculator.settings.layer import LayerSettings

SWITCH = {"0": False, "1": True}


def write_value(field: Field, value: Value) -> str:
    """Return one value in the form of the link.

    >>> from calculator.settings import FIELD
    >>> write_value(FIELD["kernel_size"], (3, 5)), write_value(FIELD["bias"], False)
    ('3x5', '0')
    """
    if isinstance(value, tuple):
        return "-".join(value) if field.kind == "choices" else "x".join(str(item) for item in value)
    if field.kind == "switch":
        return "1" if value else "0"
    return str(value)


def read_value(field: Field, text: str, rank: int) -> Value:
    """Return the value that ``text`` means. Raises ``LayerError`` with a sentence.

    >>> from calculator.settings import FIELD
    >>> read_value(FIELD["kernel_size"], "3x5", 2)
    (3, 5)
    """
    if field.kind == "spatial":
        return parse_spatial(text, field.label, rank=rank, minimum=field.minimum, maximum=field.maximum)
    if field.kind == "size" and not text:
        return ()
    if field.kind == "size":
        axes = min(count_numbers(text), 3)
        return parse_spatial(text, field.label, rank=axes, minimum=field.minimum, maximum=field.maximum)
    if field.kind == "text":
        return parse_line(text, field.label, maximum=field.maximum) if text.strip() else ""
    if field.kind == "choices":
        return _read_choices(field, text)
    if field.kind == "whole":
        return parse_whole(text, field.label, minimum=field.minimum, maximum=field.maximum)
    choices = SWITCH if field.kind == "switch" else {str(choice): choice for choice in field.choices}
    if text not in choices:
        allowed = " or ".join(choices)
        raise LayerError(f"{field.label} must be {allowed}, received {short_repr(text)}.")
    return choices[text]


def _read_choices(field: Field, text: str) -> tuple[str, ...]:
    """Return the choices that ``text`` names, each once. Raises ``LayerError``."""
    chosen = tuple(text.split("-", field.maximum))
    usable = len(set(chosen)) == len(chosen) <= field.maximum and set(chosen) <= set(field.choices)
    if not usable:
        allowed = ", ".join(map(str, field.choices))
        raise LayerError(
            f"{field.label} must be up to {field.maximum} of {allowed}, joined by a hyphen, "
            f"received {short_repr(text)}."
        )
    return chosen


Reader = Callable[[str], tuple[Value, tuple[str, ...]]]
"""A function that reads a list. It returns the usable entries, and a sentence for each unusable entry."""


def read_values(
    fields: Sequence[Field],
    received: Mapping[str, Sequence[str]],
    *,
    readers: Mapping[str, Reader] = MappingProxyType({}),
) -> tuple[dict[str, Value], list[str]]:
    """Return the values of ``fields`` by name, and a sentence for each text that cannot be used.

    ``received`` has the texts by key; ``readers`` reads the kinds whose value is a list. ``LayerError``
    is not raised: a value that cannot be used is left out, so that the setting keeps its default.

    >>> from calculator.settings import FIELDS
    >>> read_values(FIELDS, {"k": ["3x5"], "bias": ["2"]})
    ({'kernel_size': (3, 5)}, ["bias='2' was ignored, 1 is used: Bias must be 0 or 1, received '2'."])
    """
    values: dict[str, Value] = {}
    ignored: list[str] = []
    rank = LayerSettings().dimensions
    for field in fields:
        texts = received.get(field.key, ())
        if not texts:
            continue
        try:
            if field.kind in readers:
                values[field.name], sentences = readers[field.kind](_single(field, texts))
                ignored += sentences
            else:
                values[field.name] = read_value(field, _single(field, texts), rank)
        except LayerError as error:
            default = write_value(field, field.default) or "nothing"
            ignored.append(f"{field.key}={short_repr(texts[-1])} was ignored, {default} is used: {error}")
        # The dimensions are the first of the fields: values per axis depend on them.
        if field.name == "dimensions":
            rank = int(str(values.get("dimensions", rank)))
    return values, ignored


def _single(field: Field, texts: Sequence[str]) -> str:
    if len(texts) > 1:
        raise LayerError(f"{field.label} must be given once, received {len(texts):,} values.")
    return texts[0]


def groups_refusal(settings: LayerSettings) -> str:
    """Return why ``groups`` cannot be used, and which number is used, as a sentence without its end.

    >>> groups_refusal(LayerSettings(groups=4))
    'Groups must divide input channels 3 and output channels 64; 4 does not, so 1 is used'
    """
    return (
        f"Groups must divide input channels {settings.in_channels:,} and output channels "
        f"{settings.out_channels:,}; {settings.groups:,} does not, so {settings.used_groups:,} is used"
    )
