"""Totals that are printed beside a model, such as PEFT's line of trained parameters.

- The line is an independent count of the same model, so the rows are compared with it.
- It decides how many parameters are trained, which a print does not show.
- Totals alone are not a model.

Source: ``print_trainable_parameters`` in peft/peft_model.py.
"""

import re
from dataclasses import replace

from calculator.readers.keras.code import FORMAT as KERAS_CODE
from calculator.readers.model import Model, ReadError, left_out_row
from calculator.readers.printed_counts import HIDDEN, TRAINED_UNKNOWN, parse_count, parse_total
from calculator.readers.pytorch.module_tree import FORMAT as PRINT
from calculator.readers.pytorch.module_tree import PRINT_ASSUMPTIONS
from calculator.readers.tensors.inference import ALL_TRAINABLE

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
    """Return ``model`` compared with the totals in the same text, or unchanged where there are none.

    These are PEFT's line, and the totals that a script prints beside a print or code. Readers of tables and
    of lists compare the totals below them.

    >>> from calculator.readers.model import Row
    >>> up = Model((Row("up", "ConvTranspose2d", other_count=100),), "a print")
    >>> line = "trainable params: 20 || all params: 100 || trainable%: 20.0"
    >>> with_stated_totals(up, line).trainable_count
    20
    >>> with_stated_totals(up, line.replace("100", "90")).assumptions
    ('PEFT counts 90 parameters, the rows add up to 100: the line may belong to another model, or layers \
share parameters.',)
    """
    peft = _PEFT.search(data)
    if peft:
        total, trained = parse_count(peft[2]), parse_count(peft[1])
    elif model.format in _WITHOUT_TOTALS:
        total, trained = _printed_totals(data, model.parameter_count)
    else:
        return model
    if total is None:
        return model
    who, line = ("PEFT", "PEFT's line") if peft else ("A line of the text",) * 2
    count = model.parameter_count
    if total != count:
        reason = "the line may belong to another model"
        if not model.complete and total > count:
            reason = "the others are in what is not counted"
        elif total > count:
            reason += ", or a print does not show the others"
        else:
            reason += ", or layers share parameters"
        said = f"{who} counts {total:,} parameters, the rows add up to {count:,}: {reason}."
        hidden = (left_out_row("", HIDDEN),) if model.complete and total > count else ()
        return replace(
            model.with_surplus(count - total),
            rows=(*model.rows, *hidden),
            trained_known=model.trained_known and trained in (None, total),
            assumptions=(*model.assumptions, said),
        )
    if trained is None:
        return model
    if trained > total:
        said = (
            f"{who} counts {trained:,} trained parameters, which is more than all {total:,}: it is ignored."
        )
        return replace(model, assumptions=(*model.assumptions, said))
    known = _trained_counts(model)
    said = f"{line} agrees: {total:,} parameters, {trained:,} of them trained."
    if known and trained not in known:
        said = f"{who} counts {trained:,} trained parameters, and the rows show {min(known):,}."
    others = tuple(sentence for sentence in model.assumptions if sentence not in _TRAINED_UNKNOWN)
    return replace(model, stated_trainable_count=trained, assumptions=(*others, said))


_WITHOUT_TOTALS = (PRINT, KERAS_CODE)
"""The formats that have no totals of their own."""

_TRAINED_UNKNOWN = (PRINT_ASSUMPTIONS[0], ALL_TRAINABLE, TRAINED_UNKNOWN)
"""The sentences of formats that do not show which parameters are trained."""

_ADAPTER = re.compile(
    r"[.](?:lora_\w{1,40}(?:[.](?P<lora>\w{1,100}))?|modules_to_save[.](?P<saved>\w{1,100}))"
)


def _printed_totals(data: str, count: int) -> tuple[int | None, int | None]:
    """Return the total in a text and the number of trained parameters, as far as they are printed.

    Of several totals the one that is ``count``, or whose sum is, is returned; without a total the larger of
    ``count`` and the printed parts.
    """
    found = [each for line in data.splitlines() if "aram" in line and (each := parse_total(line))]
    totals = [number for name, number in found if name == "total" and number is not None]
    total = count if count in (*totals, sum(totals)) and totals else next(iter(totals), None)
    parts: dict[str, int | None] = dict(found)
    frozen = parts.get("non-trainable")
    if total is None and (given := {"trainable", "non-trainable"} & parts.keys()):
        total = max(count, *(parts[name] or 0 for name in given))
    trained = parts.get("trainable", None if frozen is None or total is None else total - frozen)
    return total, trained if len(totals) < 2 else None


def _trained_counts(model: Model) -> set[int]:
    """Return the numbers of trained parameters that the rows allow; an empty set where all are possible.

    A print shows the adapters of LoRA, of which one is trained, with the modules that are saved with it. The
    biases of all layers, or of those with an adapter, may be trained too.
    """
    if not set(_TRAINED_UNKNOWN).intersection(model.assumptions):
        return {model.trainable_count}
    rows = [(row, _ADAPTER.search(f".{row.name}")) for row in model.rows]
    # The parameters of an embedding's adapters do not have the name of the adapter in their path.
    adapters = {match["lora"] for _, match in rows if match and not match["saved"]}
    others = [row for row, match in rows if not match]
    biases = {
        0,
        *(sum(row.bias_count for row in others if part in row.name) for part in ("", ".base_layer")),
        sum(row.bias_count for row in others if ".original_module" not in row.name),
    }
    return {
        sum(
            row.parameter_count
            for row, match in rows
            if match and (match["lora"] or match["saved"] or name) == name
        )
        + more
        for name in adapters
        for more in biases
    }
