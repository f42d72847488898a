"""Totals that are printed beside a model: PEFT's line of trained parameters.

- The line is an independent count of the same model, so the rows are compared with it.
- It decides how many parameters are trained, which a print does not show.
- Totals alone are not a model.

Source: ``print_trainable_parameters`` in peft/peft_model.py.
"""

import re
from dataclasses import replace

from calculator.readers.model import Model, ReadError
from calculator.readers.printed_counts import parse_count, parse_total

_PEFT = re.compile(
    r"trainable params: ?([0-9][0-9,]{0,39}) ?\|\| ?all params: ?([0-9][0-9,]{0,39})(?= ?\|\||\s|$)"
)
MAX_LINES_ALONE = 50
"""The maximum number of lines of a text that has totals but no model."""


def recognises(data: str) -> bool:
    """Return whether a short text, which no reader recognises, has totals.

    >>> recognises("trainable params: 294,912 || all params: 124,734,720 || trainable%: 0.2364")
    True
    >>> recognises("Total params: 32,800"), recognises("hello")
    (True, False)
    """
    lines = data[:20_000].splitlines()
    alone = len(lines) <= MAX_LINES_ALONE and any(map(parse_total, lines))
    return alone or _PEFT.search(data) is not None


def refuse(data: str, *, name: str = "") -> Model:
    """Raise ``ReadError``: totals alone do not show the layers."""
    what = "This is PEFT's line of trained parameters" if _PEFT.search(data) else "These are printed totals"
    raise ReadError(
        f"{what}, but no layers: totals alone do not show which parameters belong to transposed "
        "convolutions. Paste print(model) together with it."
    )


def with_stated_totals(model: Model, data: str) -> Model:
    """Return ``model`` compared with PEFT's line in the same text, or unchanged where there is no such line.

    >>> from calculator.readers.model import Row
    >>> up = Model((Row("up", "ConvTranspose2d", other_count=100),), "a print")
    >>> line = "trainable params: 20 || all params: 100 || trainable%: 20.0"
    >>> with_stated_totals(up, line).trainable_count
    20
    >>> with_stated_totals(up, line.replace("100", "90")).assumptions
    ('PEFT counts 90 parameters, the rows add up to 100: the line may belong to another model.',)
    """
    match = _PEFT.search(data)
    trained, total = (parse_count(match[1]), parse_count(match[2])) if match else (None, None)
    if trained is None or total is None:
        return model
    count = model.parameter_count
    if total != count:
        reason = (
            "the line may belong to another model"
            if model.complete or total < count
            else "the others are in what is not counted"
        )
        said = f"PEFT counts {total:,} parameters, the rows add up to {count:,}: {reason}."
        return replace(model, assumptions=(*model.assumptions, said))
    if trained > total:
        return model
    said = f"PEFT's line agrees: {total:,} parameters, {trained:,} of them trained."
    return replace(model, stated_trainable_count=trained, assumptions=(*model.assumptions, said))
