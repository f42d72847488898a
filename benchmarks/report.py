"""Figures as markdown: medians, tables, and a sentence for each aim with the result."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence


def median(values: Iterable[float]) -> float:
    """Return the median.

    >>> median([3, 1, 2]), median([1, 2])
    (2, 1.5)
    """
    return statistics.median(values)


def p95(values: Iterable[float]) -> float:
    """Return the smallest value that 95 % of the values do not exceed.

    >>> p95(range(1, 101)), p95([7])
    (95, 7)
    """
    ordered = sorted(values)
    return ordered[math.ceil(0.95 * len(ordered)) - 1]


def three_digits(value: float) -> str:
    """Return a number with three significant digits, and with all digits before the point.

    >>> three_digits(0.01234), three_digits(9.876), three_digits(54.31), three_digits(123456.7)
    ('0.0123', '9.88', '54.3', '123,457')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def ratio_range(ratios: Iterable[float]) -> str:
    """Return the smallest and the largest ratio of the rounds of one run.

    >>> ratio_range([1.31, 1.1, 1.2])
    '1.10–1.31'
    """
    ordered = sorted(ratios)
    return f"{ordered[0]:.2f}–{ordered[-1]:.2f}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a markdown table whose first column is text and whose other columns are numbers.

    >>> print(table(["app", "ms"], [["floor", "48"]]))
    | app | ms |
    | --- | ---: |
    | floor | 48 |
    """
    rules = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rules, *rows))


def aim(subject: str, measured: Mapping[str, float], maximum: float, unit: str) -> str:
    """Return a list item that says whether every figure is at most ``maximum``, with the figures.

    >>> aim("Answer", {"growth": 1.25, "plane": 1.5}, 1.3, "× floor")
    '- Answer: at most 1.3 × floor. **Not met**: growth 1.25, plane 1.5 (over).'
    >>> aim("Answer", {"growth": 1.25}, 1.3, "× floor")
    '- Answer: at most 1.3 × floor. **Met**: growth 1.25.'
    """
    met = all(value <= maximum for value in measured.values())
    figures = ", ".join(
        f"{name} {value:.3g}{'' if value <= maximum else ' (over)'}" for name, value in measured.items()
    )
    return f"- {subject}: at most {maximum:g} {unit}. **{'Met' if met else 'Not met'}**: {figures}."


def replace_section(text: str, name: str, section: str) -> str:
    r"""Return ``text`` with the section between its two markers replaced. Raises ``ValueError`` without them.

    >>> replace_section("a\n<!-- keys -->\nold\n<!-- /keys -->\nb", "keys", "new")
    'a\n<!-- keys -->\n\nnew\n\n<!-- /keys -->\nb'
    """
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    before, opened, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"There must be {start} and {end}, in this order.")
    return f"{before}{start}\n\n{section}\n\n{end}{after}"
