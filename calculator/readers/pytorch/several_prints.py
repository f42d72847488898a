"""Several printed modules in one text: which of them are counted, and the paths of their rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from calculator.core.formatting import join_first
from calculator.readers.model import Model, Row
from calculator.readers.pytorch.class_names import CONTAINERS, base_class
from calculator.readers.totals import another_part_row, at_least

MAX_TOTALS = 5
"""The maximum number of printed models whose totals are said."""

DIFFERENT = "Printed modules of one class that have no layer in common are taken for different modules."


@dataclass(frozen=True, eq=False)
class _Print:
    """One of several printed models: its title, which is its class and its number, and its rows."""

    title: str
    model: Model

    @property
    def has_layers(self) -> bool:
        """Return whether it has a layer with parameters besides itself."""
        return any(row.name for row in self.model.rows)

    def prefixed_rows(self) -> list[Row]:
        """Return its rows, whose paths begin with its title."""
        return [
            replace(row, name=f"{self.title}.{row.name}" if row.name else self.title)
            for row in self.model.rows
        ]


def rows_of_prints(printed: Sequence[tuple[str, Sequence[Row]]]) -> tuple[list[Row], list[str]]:
    """Return the rows of printed models, each given by its class and rows, and the assumptions made.

    Paths begin with the class of the model. Models of one class with common layers may be one model in
    several versions, so only the smallest is counted.

    >>> up, down = Row("up", "Linear", weight_count=8), Row("down", "Linear", weight_count=8)
    >>> rows, assumptions = rows_of_prints([("Net", [up]), ("Net", [down])])
    >>> [row.name for row in rows]
    ['Net.up', 'Net_2.down']
    >>> assumptions[0]
    'The text has 2 printed modules: they are counted together (parameters: Net 8 and Net_2 8).'
    """
    same_class: dict[str, list[_Print]] = {}
    prints: list[_Print] = []
    for kind, rows in printed:
        same = same_class.setdefault(kind, [])
        title = f"{kind}_{len(same) + 1}" if same else kind
        same.append(_Print(title, Model(tuple(rows), kind)))
        prints.append(same[-1])
    groups = [same for kind, same in same_class.items() if base_class(kind) not in CONTAINERS]
    versions = [same for same in groups if _have_common_layers(same)]
    left_out = {each for same in versions for each in same} - set(map(_smallest, versions))
    assumptions = []
    if len(prints) > 1:
        assumptions = [_counted(prints, left_out), *map(_versions, versions)]
        if any(sum(each.has_layers for each in same) > 1 for same in groups if same not in versions):
            assumptions.append(DIFFERENT)
    counted: list[Row] = []
    for each in prints:
        counted += [another_part_row(each.title, each.model)] if each in left_out else each.prefixed_rows()
    return counted, assumptions


def _counted(prints: Sequence[_Print], left_out: Collection[_Print]) -> str:
    """Return the assumption about which of several printed models are counted."""
    totals = [
        f"{each.title} {at_least(each.model, each.model.parameter_count)}"
        for each in prints
        if each.model.rows
    ]
    counted = len(prints) - len(left_out)
    which = "they are" if not left_out else "one is" if counted == 1 else f"{counted:,} of them are"
    return (
        f"The text has {len(prints):,} printed modules: {which} counted"
        + (" together" if counted > 1 else "")
        + (f" (parameters: {join_first(totals, MAX_TOTALS)})." if totals else ".")
    )


def _versions(same: Sequence[_Print]) -> str:
    """Return the assumption about printed models with common layers."""
    return (
        f"{join_first([each.title for each in same], MAX_TOTALS)} have layers in common. They may be one "
        "model before and after a change, or parts of one model, so only the smallest is counted."
    )


def _smallest(prints: Sequence[_Print]) -> _Print:
    return min(prints, key=lambda each: each.model.parameter_count)


def _have_common_layers(prints: Sequence[_Print]) -> bool:
    """Return whether any two prints have a layer of the same path, class and sizes."""
    layers = [
        {(row.name, row.type, row.weight_shape, row.parameter_count) for row in each.model.rows if row.name}
        for each in prints
    ]
    return sum(map(len, layers)) > len(set[object]().union(*layers))


def is_same_module(rows: list[Row], path: str, others: list[Row]) -> bool:
    """Return whether ``rows`` are those of the module at ``path`` in ``others``. Notes may differ.

    >>> part, whole = Row("up", "Linear", weight_count=8), Row("net.up", "Linear", weight_count=8)
    >>> is_same_module([part], "net", [whole]), is_same_module([part], "", [whole])
    (True, False)
    """
    prefix = f"{path}." if path else ""
    if path:
        others = [row for row in others if row.name == path or row.name.startswith(prefix)]
    return len(rows) == len(others) and all(
        replace(row, name=prefix + row.name if row.name else path, note="") == replace(other, note="")
        for row, other in zip(rows, others, strict=True)
    )
