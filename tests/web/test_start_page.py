"""The start page. `tests/browser/test_first_visit.py` shows how a visitor sees it."""

import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.routing import Router
from streamlit import file_util

from calculator.ui.shell.pages import PAGES, PRODUCT, Page
from calculator.web.safety_headers import content_security_policy
from calculator.web.start_page import (
    CHUNKS,
    SCRIPT,
    WITHOUT_CHART,
    interleaved,
    scripts,
    start_page,
    start_pages,
    start_routes,
)
from tests.helpers.asgi import Answer, ask, reads_all, scope
from tests.helpers.paths import ROOT

STATIC = Path(file_util.get_static_dir())
INDEX = (STATIC / "index.html").read_text("utf-8")
MANIFEST = json.loads((STATIC / "manifest.json").read_text("utf-8"))

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


CHART = "chart-1a2b3c.js"


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes and their text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.open = tag

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        self.text[self.open] = self.text.get(self.open, "") + data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def size(path: str) -> int:
    return (STATIC / path).stat().st_size


def read(page: Page) -> Elements:
    return Elements(start_page(page, MANIFEST, size, CHART))


@every_page
def test_the_title_is_seen_without_a_script(page: Page) -> None:
    elements = read(page)
    assert elements.text["h1"] == page.question
    assert PRODUCT in elements.text["p"]
    assert elements.text["title"] == f"{page.question} · {PRODUCT}"
    ids = [attributes["id"] for attributes in elements.named("div") if "id" in attributes]
    assert ids == ["root", "first"]  # React would replace what stands inside of its root.


@every_page
def test_a_link_has_a_preview(page: Page) -> None:
    metas = {
        meta.get("property") or meta.get("name"): meta["content"]
        for meta in read(page).named("meta")
        if "content" in meta
    }
    assert metas["og:title"] == f"{page.question} · {PRODUCT}"
    assert "transposed convolution" in str(metas["og:description"])
    assert metas["og:description"] == metas["description"]


@every_page
def test_it_names_all_that_streamlits_own_start_page_names(page: Page) -> None:
    ours, streamlits = read(page), Elements(INDEX)
    for tag, names in (
        ("link", ("modulepreload", "preload", "stylesheet")),
        ("script", (None,)),
        ("meta", (None,)),
    ):
        needed = [each for each in streamlits.named(tag) if each.get("rel") in names and each]
        wanted = {str(each.get("href") or each.get("src") or sorted(each.items())) for each in needed}
        found = {str(each.get("href") or each.get("src") or sorted(each.items())) for each in ours.named(tag)}
        assert wanted <= found
    assert streamlits.text["script"].split() == ["window.prerenderReady", "=", "false"]  # For search engines.


@every_page
def test_every_preloaded_file_exists_and_is_named_once(page: Page) -> None:
    links = [link for link in read(page).named("link") if "preload" in str(link["rel"])]
    addresses = [str(link["href"]) for link in links]
    assert len(addresses) == len(set(addresses)) > 60
    assert all((STATIC / address).is_file() for address in addresses if address != f"./{CHART}")
    assert {link["rel"] for link in links if str(link["href"]).endswith(".js")} == {"modulepreload"}
    assert {link.get("as") for link in links if str(link["href"]).endswith(".woff2")} == {"font"}
    assert "SourceSans" in addresses[0]
    assert "MaterialSymbols" in addresses[-1]


def test_what_a_script_imports_is_preloaded_too() -> None:
    first, later = scripts(PAGES[0], MANIFEST)
    assert any(file.startswith("static/js/purify.") for file in later)  # Html imports it.
    named = {Path(file).name for file in first + later}
    for file in first + later:
        text = (STATIC / file).read_text("utf-8")
        assert set(re.findall(r'(?:from|import)"\./([^"]+)"', text)) <= named


def test_large_files_are_spread_among_the_small_ones() -> None:
    files = {f"small{number}": 1000 for number in range(40)} | {"a": 120_000, "b": 60_000, "c": 240_000}
    order = interleaved(files, files.__getitem__)
    assert sorted(order) == sorted(files)
    assert [order.index(name) for name in ("c", "a", "b")] == [0, 21, 32]
    assert interleaved({"a": 120_000, "b": 60_000}, {"a": 120_000, "b": 60_000}.__getitem__) == ["a", "b"]


@every_page
def test_every_address_is_relative_so_it_holds_below_any_path(page: Page) -> None:
    elements = read(page)
    addresses = [attributes.get("href") or attributes.get("src") for _, attributes in elements.found]
    assert all(address.startswith(("./", "data:")) for address in addresses if address)


@every_page
def test_a_page_with_charts_names_their_script(page: Page) -> None:
    assert set(WITHOUT_CHART) <= set(CHUNKS)
    named = [attributes for attributes in read(page).named("link") if attributes["href"] == f"./{CHART}"]
    if page.script in WITHOUT_CHART:
        assert named == []
    else:
        assert [attributes["rel"] for attributes in named] == ["modulepreload"]


def test_every_page_has_its_chunks() -> None:
    assert set(CHUNKS) == {page.script for page in PAGES}
    assert set(start_pages(STATIC, CHART)) == {"", *(path.stem for path in (ROOT / "pages").glob("*.py"))}


def test_a_chunk_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHUNKS, "app.py", ("NoSuchChunk",))
    with pytest.raises(ValueError, match="no chunk NoSuchChunk"):
        scripts(PAGES[0], MANIFEST)


def test_a_font_that_is_gone_is_said() -> None:
    fonts = ("static/media/SourceSansVF-Upright",)
    without = {key: chunk for key, chunk in MANIFEST.items() if not chunk["file"].startswith(fonts)}
    with pytest.raises(ValueError, match="0 fonts SourceSansVF-Upright"):
        start_page(PAGES[0], without, size, CHART)


def test_the_policy_allows_the_scripts_of_every_page() -> None:
    policies = {content_security_policy(text, ["*"]) for text in start_pages(STATIC, CHART).values()}
    assert len(policies) == 1
    assert SCRIPT.count("</") == 0


def test_other_pages_still_cannot_control_the_app() -> None:
    """RFC 2606: nobody can have a name that ends with .invalid."""
    origins = re.findall(r'allowedOrigins: \["([^"]*)"\]', SCRIPT)
    assert len(origins) == 1
    assert origins[0].endswith(".invalid")


def ask_for(path: str, **headers: str) -> Answer:
    routes = start_routes(start_pages(STATIC, CHART), "/base")
    return ask(Router(routes, redirect_slashes=False, default=reads_all), scope(path, **headers))


@pytest.mark.parametrize("path", ["/base/", "/base/picture", "/base/sources"])
def test_every_address_has_its_start_page(path: str) -> None:
    answer = ask_for(path)
    page = PAGES[[f"/base/{page.address}" for page in PAGES].index(path)]
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<h1>{page.question}</h1>" in answer.body.decode()


@pytest.mark.parametrize(
    "path", ["/base", "/", "/picture", "/base/picture/", "/base/other", "/base/static/a.js"]
)
def test_everything_else_is_the_apps(path: str) -> None:
    assert ask_for(path).body == b"0"


def test_the_start_page_is_compressed_for_who_asks() -> None:
    plain, packed = ask_for("/base/learn"), ask_for("/base/learn", accept_encoding="gzip")
    assert gzip.decompress(packed.body) == plain.body
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert {plain.headers["vary"], packed.headers["vary"]} == {"Accept-Encoding"}


def test_a_start_page_that_has_not_changed_is_not_sent_again() -> None:
    first = ask_for("/base/learn", accept_encoding="gzip")
    assert first.headers["cache-control"] == "no-cache"
    again = ask_for("/base/learn", accept_encoding="gzip", if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = ask_for("/base/model", if_none_match=first.headers["etag"])
    assert other.status == 200
