"""One value of one setting as text, and back: what stands in a link, and what a person types."""

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.parsing import count_numbers, parse_line, parse_spatial, parse_whole
from calculator.settings.fields import Field, Value

SWITCH = {"0": False, "1": True}


def write_value(field: Field, value: Value) -> str:
    """Return one value as it stands in the link.

    >>> from calculator.settings import FIELD
    >>> write_value(FIELD["kernel_size"], (3, 5)), write_value(FIELD["bias"], False)
    ('3x5', '0')
    """
    if isinstance(value, tuple):
        return "x".join(str(item) for item in value)
    if field.kind == "switch":
        return "1" if value else "0"
    return str(value)


def read_value(field: Field, text: str, rank: int) -> Value:
    """Return the value that ``text`` stands for. Raises ``LayerError`` with a sentence.

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
    if field.kind == "whole":
        return parse_whole(text, field.label, minimum=field.minimum, maximum=field.maximum)
    choices = SWITCH if field.kind == "switch" else {str(choice): choice for choice in field.choices}
    if text not in choices:
        allowed = " or ".join(choices)
        raise LayerError(f"{field.label} must be {allowed}, received {short_repr(text)}.")
    return choices[text]
