"""The forms of an answer: a link opens the same state, and a cell is never a formula."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given

from calculator import ConvTranspose
from calculator.cli.layer_arguments import Chosen, layer_link
from calculator.cli.report import csv_cell
from calculator.settings import Settings
from calculator.settings.link import decode
from tests.helpers import reference
from tests.helpers.command_line import run_command


def opened(link: str) -> Settings:
    """Return the settings that a link opens."""
    result = decode(parse_qs(urlsplit(link.strip()).query))
    assert result.ignored == ()
    return result.settings


def test_a_link_opens_the_layer(capsys: Any) -> None:
    arguments = (
        "4",
        "6",
        "3x5",
        "3,2",
        "-g",
        "2",
        "--no-bias",
        "-d",
        "1x2",
        "--output-padding",
        "1",
        "-n",
        "7x9",
    )
    status, out, _ = run_command(capsys, *arguments, "--link")
    assert status == 0
    assert out.startswith("http://localhost:8501/?")
    settings = opened(out)
    layer = ConvTranspose(4, 6, (3, 5), (3, 2), 0, 1, 2, False, (1, 2))
    assert (settings.layer(), settings.input_size) == (layer, (7, 9))
    _, out, _ = run_command(capsys, "code", *arguments, "--link", "--address", "https://example.org/x/")
    assert out.startswith("https://example.org/x/?")
    assert opened(out).view == "frameworks"


@given(reference.settings())
def test_settings_of_a_link_are_the_layer(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    assert Settings().change(**layer_link(Chosen(layer, None))).layer() == layer  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("3", "65537", "4"), "at most 65,536 channels and 128"),
        (("3", "64", "129"), "at most 65,536 channels and 128"),
        (("3", "64", "4", "-n", "65537"), "no input size above 65,536"),
        (("3", "64", "4", "--address", "javascript:alert(1)"), "must begin with http:// or https://"),
        (("3", "64", "4", "--address", "https://a\n.b"), "must begin with http:// or https://"),
    ],
)
def test_what_has_no_link_is_refused(capsys: Any, arguments: tuple[str, ...], words: str) -> None:
    status, out, err = run_command(capsys, *arguments, "--link")
    assert (status, out) == (2, "")
    assert words in err


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "＝1"])
def test_a_text_is_no_formula(text: str) -> None:
    assert csv_cell(text) == f"'{text}"
