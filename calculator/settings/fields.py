"""The description of one setting: its key in the link, label, help, default, limits and scope.

To add a setting: one ``setting(…)`` in ``layer.py``, ``page.py`` or ``settings.py``; a control in a page; a
row of the README's table; a test value in ``ELSEWHERE`` of ``tests/pages/conftest.py`` and in
``tests/settings/test_link.py``. Then record by ``python -m tests.helpers.recorded_texts``, because recorded
calls have all settings in their names. The name of a setting is also a text, as in ``inputs.choice("name")``,
which mypy does not check: to rename a setting, search for its name, and record too. A key is part of every
link that was shared: never rename a key.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["whole", "spatial", "size", "switch", "choice", "choices", "text", "shelf", "table"]
Value = int | bool | str | tuple[Any, ...]
"""The value of a setting.

A spatial value and a size are tuples of ints, choices a tuple of texts. A shelf is a tuple of ``Kept``
layers, and a table is a text.
"""

Scope = Literal["layer", "visitor", "page"]
"""The part of a visit that a setting belongs to.

An example replaces the settings of the ``"layer"`` and keeps all others. The settings of a ``"page"`` only
select a view, so a change of them does not clear the warnings about the link.
"""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One setting. Limits are those of a whole number; ``slider_maximum`` is the initial end of its slider.

    ``names`` has the text on the page for each of ``choices``. Of the kind ``"choices"``, one to ``maximum``
    are chosen.
    """

    name: str
    key: str
    kind: Kind
    label: str
    help: str
    default: Value
    minimum: int = 0
    maximum: int = 0
    slider_maximum: int = 0
    choices: tuple[int | str, ...] = ()
    names: tuple[str, ...] = ()
    scope: Scope = "layer"

    def name_of(self, choice: object) -> str:
        """Return the text on the page for one of ``choices``; a text that is not a choice stays the same."""
        names: dict[object, str] = dict(zip(self.choices, self.names, strict=True))
        return names.get(choice, str(choice))


def setting(
    key: str,
    kind: Kind,
    default: Value,
    label: str,
    text: str,
    *,
    choices: Mapping[Any, str] | None = None,
    **more: Any,
) -> Any:
    """Return a dataclass field that carries its own description; ``choices`` maps each value to its name."""
    metadata = {"key": key, "kind": kind, "label": label, "help": text, "default": default, **more}
    if choices is not None:
        metadata |= {"choices": tuple(choices), "names": tuple(choices.values())}
    return dataclasses.field(default=default, metadata=metadata)


def described(settings: type) -> tuple[Field, ...]:
    """Return the settings of a dataclass whose fields were created by ``setting``, in their order."""
    return tuple(Field(name=item.name, **item.metadata) for item in dataclasses.fields(settings))


def fit(value: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Return a spatial value for ``rank`` axes; one value for all axes stays one.

    >>> fit((3, 5), 3), fit((3, 5), 1), fit((4,), 3)
    ((3, 5, 5), (3,), (4,))
    """
    if len(value) == 1:
        return value
    return (value + value[-1:] * rank)[:rank]
