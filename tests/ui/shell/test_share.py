"""Sharing: links and frames that open the same settings, a QR code of the link, exact tables."""

import html
import io
import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose, derive_parameters
from calculator.settings import Settings
from calculator.settings.link import decode, page_link
from calculator.tables.answer import working
from calculator.tables.export import export
from calculator.tables.sweeps import plane_grid, sweeps
from calculator.ui.shell.share import frame_snippet, qr_svg
from tests.settings.test_link import EVERYTHING
from tests.settings.test_settings import any_settings

BASES = ["https://example.org/", "https://example.org/a/b", "http://localhost:8501/"]
LAYERS = [
    ConvTranspose(in_channels=3, out_channels=64, kernel_size=4),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,) * 3),
    ConvTranspose(in_channels=2**31, out_channels=2**31, kernel_size=(2**20,), bias=False),
]


@given(any_settings(), st.sampled_from(BASES), st.booleans())
def test_a_link_opens_the_same_settings(held: Settings, base: str, embed: bool) -> None:
    link = page_link(base, held, embed=embed)
    assert link.split("?")[0] == base
    query = parse_qs(urlsplit(link).query, keep_blank_values=True)
    assert query.pop("embed", None) == (["true"] if embed else None)
    assert decode(query).settings == held
    assert re.fullmatch(r"[!-~]+", link)


def test_the_link_of_nothing_set_is_the_page_itself() -> None:
    assert page_link("https://example.org/", Settings()) == "https://example.org/"
    assert page_link("https://example.org/", Settings(), embed=True) == "https://example.org/?embed=true"


class Frames(HTMLParser):
    """Collects the tags of a snippet."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@given(any_settings())
def test_a_frame_shows_the_page(held: Settings) -> None:
    link = page_link("https://example.org/", held, embed=True)
    frames = Frames()
    frames.feed(frame_snippet(link))
    [(tag, attributes)] = frames.tags
    assert tag == "iframe"
    assert attributes["src"] == link
    assert attributes["title"]
    assert int(attributes["height"] or 0) > 400
    assert attributes["width"] == "100%"


def test_a_frame_cannot_be_broken_out_of() -> None:
    frames = Frames()
    evil = 'https://example.org/?x="><script>alert(1)</script>'
    frames.feed(frame_snippet(evil))
    assert [(tag, attributes["src"]) for tag, attributes in frames.tags] == [("iframe", evil)]
    assert html.unescape(frame_snippet(evil)).count("<script>") == 1


def modules(svg: str) -> npt.NDArray[np.bool_]:
    """Return the dark modules that the SVG of a QR code draws, quiet zone included."""
    root = ElementTree.fromstring(svg)
    box = [float(number) for number in root.attrib["viewBox"].split()]
    paths = [element for element in root.iter() if element.tag.endswith("path")]
    light, dark = paths
    assert (light.get("fill"), dark.get("stroke")) == ("#fff", "#000")
    [scale] = {float(found) for found in re.findall(r"scale\(([\d.]+)\)", svg)}
    side = round(box[2] / scale)
    drawn = np.zeros((side, side), dtype=bool)
    x = y = 0.0
    for command, numbers in re.findall(r"([Mmh])([-\d. ]+)", dark.get("d", "")):
        values = [float(number) for number in re.findall(r"-?[\d.]+", numbers)]
        if command == "M":
            x, y = values
        elif command == "m":
            x, y = x + values[0], y + values[1]
        else:
            drawn[int(y), int(x) : int(x + values[0])] = True
            x += values[0]
    return drawn


@pytest.mark.parametrize("held", [Settings(), Settings(in_channels=64), EVERYTHING], ids=["-", "in", "all"])
def test_a_qr_code_holds_the_link(held: Settings) -> None:
    link = page_link("https://example.streamlit.app/", held)
    drawn = modules(qr_svg(link))
    # Any level of error correction, and the quiet zone of 4 modules that ISO/IEC 18004 asks for.
    codes = [
        np.array(
            [[bool(module) for module in row] for row in segno.make(link, error=error, micro=False).matrix]
        )
        for error in ("l", "m", "q", "h")
    ]
    assert any(np.array_equal(drawn[4:-4, 4:-4], code) for code in codes)
    border = drawn.copy()
    border[4:-4, 4:-4] = False
    assert not border.any()


def test_the_largest_qr_code_can_be_read_across_a_hall() -> None:
    # Every setting at its longest.
    # A module of 1/97 of 97 cm is 1 cm: read from 10 m, by the rule of thumb of a tenth of the distance.
    assert len(modules(qr_svg(page_link("https://example.streamlit.app/", EVERYTHING)))) <= 97
    assert len(modules(qr_svg(page_link("https://example.streamlit.app/", Settings())))) <= 37


def test_a_qr_code_is_dark_on_white_in_both_themes() -> None:
    svg = qr_svg("https://example.org/")
    assert set(re.findall(r"#[0-9a-f]{3,6}", svg)) == {"#000", "#fff"}
    assert "viewBox" in svg
    assert not re.search(r"<svg[^>]* width=", svg)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: str(layer.weight_shape))
def test_tables_keep_every_digit(layer: ConvTranspose) -> None:
    for table in (sweeps(layer), plane_grid(layer), working(derive_parameters(layer))):
        data = export(table, "CSV", title="")
        assert data.startswith(b"\xef\xbb\xbf")
        back = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
        assert list(back.columns) == list(table.columns)
        assert back.values.tolist() == [[str(value) for value in row] for row in table.values.tolist()]


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: str(layer.weight_shape))
def test_no_cell_is_a_formula_for_a_spreadsheet(layer: ConvTranspose) -> None:
    for table in (sweeps(layer), plane_grid(layer), working(derive_parameters(layer))):
        cells = [str(value) for row in table.values.tolist() for value in row]
        assert [cell for cell in [*table.columns, *cells] if cell[:1] in "=+-@\t\r"] == []
