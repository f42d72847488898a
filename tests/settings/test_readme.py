"""The README lists every key of the link, as the settings describe it."""

from calculator.settings import FIELDS, Field
from calculator.settings.link import decode, encode
from calculator.settings.settings import Settings
from calculator.settings.values import write_value
from tests.helpers.paths import ROOT

FORMS = {
    "shelf": "layers, each the keys of the layer and a name: `in64_k3x5.wide~k2.plain`",
    "table": "rows, each a type, its values and a name: `ConvTranspose2d_in64_out32_k4.up`",
}


def form(field: Field) -> str:
    """Return what stands behind a key, in words."""
    if field.kind in FORMS:
        return FORMS[field.kind]
    if field.kind == "switch":
        return "0 or 1"
    if field.kind == "text":
        return f"text of at most {field.maximum} characters"
    if field.kind == "choices":
        return "one or two of " + ", ".join(f"`{choice}`" for choice in field.choices)
    if field.kind == "choice":
        return ", ".join(f"`{choice}`" for choice in field.choices)
    numbers = f"{field.minimum:,} to {field.maximum:,}"
    return numbers if field.kind == "whole" else f"{numbers}, per axis"


def default(field: Field) -> str:
    """Return the default as it would stand in a link."""
    text = "" if field.kind in FORMS else write_value(field, field.default)
    return f"`{text}`" if text else "none"


def rows() -> list[str]:
    """Return the lines of the table."""
    head = ["| key | setting | default | form |", "|---|---|---|---|"]
    return head + [f"| `{one.key}` | {one.label} | {default(one)} | {form(one)} |" for one in FIELDS]


def test_the_readme_lists_every_key() -> None:
    assert "\n".join(["", *rows(), ""]) in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_says_that_the_defaults_are_not_pytorchs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (Settings().stride, Settings().padding) == ((2,), (1,))  # PyTorch: 1 and 0
    assert "stride 1 and padding 0" in text
    assert encode(Settings()) == {}


def test_the_examples_of_lists_can_be_opened() -> None:
    examples = {key: [text.split("`")[1]] for key, text in FORMS.items()}
    opened = decode(examples)
    assert opened.ignored == ()
    assert [kept.name for kept in opened.settings.shelf] == ["wide", "plain"]
    assert "ConvTranspose2d" in opened.settings.layers
