"""Text for the page: escaping, numbers and the equation."""

import re
from collections.abc import Iterable, Sequence

from calculator.core import markup
from calculator.core.derivation import Step
from calculator.core.formatting import format_count, plural, unbroken, unbroken_parts
from calculator.core.layer import ConvTranspose

_NUMBER = r"\d(?:[\d,.]*\d)?"
_NUMBERS = re.compile(rf"{_NUMBER}(?:[ \u00a0][×→][ \u00a0]{_NUMBER})+")
"""Numbers between signs that have no direction of their own."""


def isolated(text: str) -> str:
    """Return ``text`` with products, and arrows between numbers, that are read from left to right everywhere.

    In a page that a browser translates into Arabic or Hebrew, "3 → 64" would be read as "64 → 3" without
    Unicode's marks around it.

    >>> isolated("3 → 64 channels") == "\u20663 → 64\u2069 channels"
    True
    """
    return _NUMBERS.sub("\u2066\\g<0>\u2069", text)


def kept_together(text: str) -> str:
    """Return ``text`` with its products, arrows and percentages each on one line, from left to right.

    >>> kept_together("an image of 4 × 4") == "an image of \u20664\u00a0×\u00a04\u2069"
    True
    """
    return isolated(unbroken(text))


def escape_markdown(text: str) -> str:
    r"""Return ``text`` as markdown that shows exactly these characters, also for untrusted text.

    Its products and arrows are ``isolated``.

    >>> print(escape_markdown("a *b* <c>"))
    a \*b\* \<c\>
    """
    return markup.escape_markdown(isolated(text), page=True)


def question_markdown(text: str) -> str:
    r"""Return a question as markdown whose names, products and arrows stay on one line each.

    Nothing is ``isolated``: a question is copied together with its code.

    >>> print(question_markdown("a layer is nn.Conv2d(bias=True)"))
    a layer is nn\.Conv2d\(:small[]bias\=True\)
    """
    parts = (markup.escape_markdown(part, page=True) for part in unbroken_parts(text))
    return markup.INVISIBLE_ON_PAGE.join(parts)


def large_number(value: int) -> str:
    """Return a number as bold markdown; a line without room for all of it ends behind a comma.

    >>> large_number(3136)
    '**3,:small[]136**'
    """
    return f"**{format_count(value).replace(',', f',{markup.INVISIBLE_ON_PAGE}')}**"


MAX_LARGE = 16
"""The letters of a metric that have room in large type."""


def metric_style(texts: Iterable[str]) -> str:
    """Return the style of the metrics with these texts: smaller type, or nothing where all have room.

    >>> metric_style(["3,136", "32 × 32"])
    ''
    """
    if max(map(len, texts)) <= MAX_LARGE:
        return ""
    return '<style>.stMain [data-testid="stMetricValue"] { font-size: 1.25rem; }</style>'


COLOURS = {"weights": "blue", "biases": "orange"}


def steps_text(steps: Sequence[Step]) -> str:
    r"""Return a working as markdown: one line for each step, weights and biases in their colours.

    >>> steps_text([Step("Biases", "64", 64, "biases"), Step("Parameters", "540 + 10", 550, "")])
    'Biases: 64 = :orange[**64**]  \nParameters: 540 \\+ 10 = **550**'
    """
    lines = []
    for step in steps:
        value = f"**{format_count(step.value)}**"
        colour = COLOURS.get(step.part)
        text = f":{colour}[{value}]" if colour else value
        lines.append(f"{escape_markdown(step.what)}: {escape_markdown(step.expression)} = {text}")
    return "  \n".join(lines)


def _tex(value: int) -> str:
    return format_count(value).replace(",", "{,}")


def _named(value: int, name: str) -> str:
    return rf"\underset{{\text{{{name}}}}}{{{_tex(value)}}}"


def _part(count: int, noun: str) -> str:
    return rf"\text{{{plural(count, noun)}}}"


def equation(layer: ConvTranspose) -> str:
    """Return the count as a coloured equation in markdown, with the numbers of this layer."""
    kernel = r" \times ".join(_tex(size) for size in layer.kernel_size)
    factors = [_named(layer.in_channels, "in"), rf"\times {_named(layer.out_channels, 'out')}"]
    if layer.groups > 1:
        factors.append(rf"\div {_named(layer.groups, 'groups')}")
    factors.append(rf"\times \underset{{\text{{kernel}}}}{{{kernel}}}")
    weights = rf"\underbrace{{{' '.join(factors)}}}_{{{_part(layer.weight_count, 'weight')}}}"
    name = "out" if layer.bias else "off"
    biases = (
        rf"\underbrace{{\underset{{\text{{{name}}}}}{{{_tex(layer.bias_count)}}}}}"
        rf"_{{{_part(layer.bias_count, 'bias')}}}"
    )
    # In braces, a line is not broken at =: a long total takes its sign along.
    total = rf"\;{{=}}\;\mathbf{{{_tex(layer.parameter_count)}}}"
    return rf":blue[${weights}$] $\;+\;$ :orange[${biases}$] ${total}$"
