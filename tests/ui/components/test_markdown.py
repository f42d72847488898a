"""Markdown: escaped text is shown unchanged, and the equation gives the number of parameters."""

import math
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.core.formatting import unbroken
from calculator.ui.components.markdown import (
    equation,
    escape_markdown,
    isolated,
    kept_together,
    metric_style,
    question_markdown,
)
from tests.helpers import reference

# https://spec.commonmark.org/0.31.2/#backslash-escapes: a backslash before ASCII punctuation shows that
# character, and before anything else shows itself.
PUNCTUATION = r"!-/:-@\[-`{-~"
MARKS = set("\\`*_{}[]()#+-.!|<>~$:&^=@'\"/")
"""The characters that begin markup in CommonMark, in GitHub tables and links, and in Streamlit."""


def rendered(markdown: str) -> str:
    """Return the text that a reader sees of a line of markdown without markup, apart from empty elements."""
    markdown = markdown.replace(":small[]", "")
    shown, place = [], 0
    while place < len(markdown):
        escaped = re.match(rf"\\([{PUNCTUATION}])", markdown[place:])
        character = escaped[1] if escaped else markdown[place]
        assert escaped or character not in MARKS, f"{character!r} may start markup in {markdown!r}"
        shown.append(character)
        place += 2 if escaped else 1
    return "".join(shown)


@given(st.text())
@example("<script>alert(1)</script>")
@example("[a](javascript:x) **b** _c_ `d` ~e~ $f$ :red[g] :smile: # h | i")
@example("\\*")
@example("https://example.org www.example.org a@example.org")
@example("1. one")
@example("&lt;")
@example("--- <- -> (c)")
def test_escaped_text_shows_exactly_its_characters(text: str) -> None:
    shown = rendered(escape_markdown(text))
    # Markdown shows several spaces, or a line ending, as one space.
    assert re.sub("[ \r\n]+", " ", shown) == re.sub("[ \r\n]+", " ", text)


@given(st.text(alphabet="ab\n\r *#"))
def test_escaped_text_stays_on_one_line(text: str) -> None:
    # https://spec.commonmark.org/0.31.2/#line-ending
    assert re.search("[\n\r]", escape_markdown(text)) is None


@given(st.text(alphabet="ab_1(= )×") | st.text())
def test_a_question_shows_its_characters_and_its_products_on_one_line(text: str) -> None:
    shown = rendered(question_markdown(text))
    assert re.sub("[ \r\n]+", " ", shown) == re.sub("[ \r\n]+", " ", unbroken(text))


def test_a_line_may_end_before_the_first_argument_of_a_call() -> None:
    parts = question_markdown("f(a=1) is (b=2), g(3) has 4 × 4").split(":small[]")
    assert [rendered(part) for part in parts] == ["f(", "a=1) is (b=2), g(3) has 4\u00a0×\u00a04"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("3 → 1,024 channels", "[3 → 1,024] channels"),
        ("a corner of 16 × 16, 2 × (k2, s2)", "a corner of [16 × 16], 2 × (k2, s2)"),
        ("7 → 14 → 28. 3.5 × 4.", "[7 → 14 → 28]. [3.5 × 4]."),
        ("5 × in × out", "5 × in × out"),
    ],
)
def test_numbers_and_arrows_are_isolated(text: str, shown: str) -> None:
    marked = shown.replace("[", "\u2066").replace("]", "\u2069")
    assert isolated(text) == marked == rendered(escape_markdown(text))
    assert kept_together(text) == unbroken(marked)


def test_escape_markdown() -> None:
    assert escape_markdown("a *b* <c>") == r"a \*b\* \<c\>"
    assert escape_markdown("twelve") == "twelve"


def sides(text: str) -> tuple[str, str, str, str]:
    """Return the parts of an equation: product and stated number of weights, product of biases, total."""
    # underbrace{…}_{\text{3,072 weights}} + underbrace{…}_{\text{64 biases}} = \mathbf{3{,}136}
    found = re.fullmatch(
        r":blue\[\$\\underbrace\{(.*)\}_\{\\text\{([\d,]+) weights?\}\}\$\] \$\\;\+\\;\$ "
        r":orange\[\$\\underbrace\{(.*)\}_\{\\text\{[\d,]+ bias(?:es)?\}\}\$\] "
        r"\$\\;\{=\}\\;\\mathbf\{(.*)\}\$",
        text,
    )
    assert found, text
    first, second, third, fourth = found.groups()
    return first, second, third, fourth


def number(tex: str) -> int:
    assert re.fullmatch(r"\d{1,3}(\{,\}\d{3})*", tex), tex
    return int(tex.replace("{,}", ""))


def product(tex: str) -> tuple[int, dict[str, str]]:
    """Return the value of a product in TeX, and its factors by the names under them."""
    value, named = 1, {}
    parts = re.findall(r"(\\times|\\div|^) ?\\underset\{\\text\{(\w+)\}\}\{((?:\d|\{,\}|\s|\\times)+)\}", tex)
    for sign, name, factors in parts:
        named[name] = factors
        factor = math.prod(number(factor) for factor in factors.split(r" \times "))
        if sign == r"\div":
            assert value % factor == 0
            value //= factor
        else:
            value *= factor
    # The product contains nothing else.
    assert (
        " ".join(
            f"{sign} \\underset{{\\text{{{name}}}}}{{{factors}}}".strip() for sign, name, factors in parts
        )
        == tex
    )
    return value, named


LAYERS = reference.settings(channels=3_000, size=128)


@given(LAYERS)
def test_the_equation_comes_out(settings: dict[str, object]) -> None:
    layer = ConvTranspose(**settings)  # type: ignore[arg-type]
    weights, said, biases, total = sides(equation(layer))
    value, named = product(weights)
    assert value == int(said.replace(",", ""))
    assert number(named["in"]) == layer.in_channels
    assert number(named["out"]) == layer.out_channels
    assert [number(size) for size in named["kernel"].split(r" \times ")] == list(layer.kernel_size)
    assert ("groups" in named) is (layer.groups > 1)
    added, under = product(biases)
    assert list(under) == (["out"] if layer.bias else ["off"])
    assert added == (layer.out_channels if layer.bias else 0)
    assert number(total) == value + added
    assert number(total) == layer.weight_count + layer.bias_count


def test_the_equation_of_the_worked_example() -> None:
    assert equation(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)) == (
        r":blue[$\underbrace{\underset{\text{in}}{3} \times \underset{\text{out}}{64} "
        r"\times \underset{\text{kernel}}{4 \times 4}}_{\text{3,072 weights}}$] $\;+\;$ "
        r":orange[$\underbrace{\underset{\text{out}}{64}}_{\text{64 biases}}$] $\;{=}\;\mathbf{3{,}136}$"
    )


def test_only_metrics_that_are_long_are_smaller() -> None:
    assert metric_style(["1" * 16, "32 × 32"]) == ""
    assert "stMetricValue" in metric_style(["32", "2,535,301,200,456,458"])
