"""The frame: a menu of all pages, each of which opens directly, and settings that stay between pages."""

import json
from collections.abc import Callable

import pytest

from calculator import __version__
from calculator.palette import DARK, LIGHT
from calculator.settings import FIELD, FIELDS
from calculator.ui.shell.pages import PAGES, PRODUCT, Page
from tests.helpers.paths import ROOT
from tests.pages.conftest import (
    COMPARE,
    ELSEWHERE,
    PICTURE,
    VIEW,
    VIEW_KEYS,
    VIEWS,
    Visit,
    query_without_views,
)
from tests.pages.test_calculator import OTHER

Begin = Callable[..., Visit]

OTHERS = [page for page in PAGES if page.script != "app.py"]
LINK = {"k": "3x5", "in": "12", "bias": "0"}

every_page = pytest.mark.parametrize("listed", PAGES, ids=lambda listed: listed.script)
every_other = pytest.mark.parametrize("listed", OTHERS, ids=lambda listed: listed.script)


def where(listed: Page) -> str:
    """Return the page argument of ``Visit``: "" for the home page."""
    return "" if listed.script == "app.py" else listed.script


def test_the_menu_lists_exactly_the_pages_there_are() -> None:
    on_disk = ["app.py", *(f"pages/{path.name}" for path in (ROOT / "pages").glob("*.py"))]
    assert sorted(page.script for page in PAGES) == sorted(on_disk)
    assert PAGES[0].script == "app.py"


def test_every_page_has_a_name_and_a_question_of_its_own() -> None:
    for words in ([page.name for page in PAGES], [page.question for page in PAGES]):
        assert len(set(words)) == len(PAGES)
        assert all(words)
    assert all(page.question.endswith("?") for page in PAGES)


@every_page
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_opens_first(visit: Begin, listed: Page, theme: str) -> None:
    opened = visit(page=where(listed), theme=theme)
    assert f"# {listed.question}" in opened.text.split("\n")
    assert (opened.errors, opened.warnings) == ([], [])
    assert opened.query == {}


@every_page
def test_a_page_opens_first_with_a_link(visit: Begin, listed: Page) -> None:
    opened = visit(LINK, page=where(listed))
    assert opened.query == LINK
    assert opened.warnings == []


@every_page
def test_a_page_says_what_a_link_could_not_give(visit: Begin, listed: Page) -> None:
    opened = visit({**LINK, "s": "inf"}, page=where(listed))
    assert opened.query == LINK
    assert any("s='inf' was ignored, 2 is used: Stride must be" in warning for warning in opened.warnings)


@every_page
def test_the_menu_and_the_footer(visit: Begin, listed: Page) -> None:
    opened = visit(LINK, page=where(listed))
    menu = opened.given["menu"]
    assert [link["name"] for link in menu["pages"]] == [other.name for other in PAGES]
    assert menu["here"] == listed.address
    footer = opened.at.caption[-1].value
    for words in (PRODUCT, __version__, "Dumoulin & Visin", "https://arxiv.org/abs/1603.07285", "nothing"):
        assert words in footer
    assert "stored" in footer


@every_page
def test_the_menu_opens_every_page_with_the_settings_of_now(visit: Begin, listed: Page) -> None:
    opened = visit(LINK, page=where(listed))
    for other in PAGES:
        opened.send("menu", "page", other.address)
        assert (opened.page, opened.query) == (other.script, LINK)


@pytest.mark.parametrize("asked", ["nowhere", "app.py", "../app", 3, None, [""], {"a": 1}])
def test_the_menu_opens_no_other_address(visit: Begin, asked: object) -> None:
    opened = visit(LINK, page=PICTURE).send("menu", "page", asked)
    assert (opened.page, opened.query) == (PICTURE, LINK)


def test_inside_a_course_page_the_menu_is_a_link_to_the_whole_page(visit: Begin) -> None:
    opened = visit()
    assert opened.given["menu"]["whole"] == ""
    opened.at.context["is_embedded"] = True
    opened.at.context["url"] = "https://example.org/"
    opened.slide("in_channels", 12)
    assert opened.given["menu"]["whole"] == "https://example.org/?in=12"


@every_other
def test_settings_survive_another_page(visit: Begin, listed: Page) -> None:
    home = visit(LINK).slide("out_channels", 30)
    answer = home.answer
    home.go(listed.script)
    assert home.query == {**LINK, "out": "30"}
    home.go("app.py")
    assert home.query == {**LINK, "out": "30"}
    assert home.answer == answer == (12 * 30 * 15, 12 * 30 * 15, 0)


@every_other
def test_settings_survive_a_page_that_is_opened_without_a_link(visit: Begin, listed: Page) -> None:
    # The links of the menu contain the settings; the address alone opens the defaults.
    home = visit(LINK).go(listed.script)
    home.follow({})
    assert home.go("app.py").answer == (3_136, 3_072, 64)


EVERYTHING = {FIELD[name].key: text for name, text in {**OTHER, **ELSEWHERE}.items()}


def test_a_link_with_everything_in_it_opens_on_every_part_of_every_page(visit: Begin) -> None:
    # A link that asks for a prediction first has tests of its own.
    assert set(EVERYTHING) | {VIEW, FIELD["hidden"].key} == {field.key for field in FIELDS}
    for listed in PAGES:
        key = VIEW_KEYS.get(listed.script, "")
        for view in VIEWS.get(key, ("",)):
            opened = visit(EVERYTHING, page=where(listed), view=view if key else "")
            assert opened.page == listed.script
            assert opened.query == query_without_views(EVERYTHING)
            assert opened.errors == []
            assert not [said for said in opened.warnings if "of the link" in said]


def test_the_link_carries_everything_from_page_to_page(visit: Begin) -> None:
    opened = visit(EVERYTHING)
    scripts = [page.script for page in PAGES]
    for script in [*scripts[1:], *scripts[::-1], *scripts]:
        assert opened.go(script).page == script
        assert opened.at.query_params == EVERYTHING
        assert opened.errors == []


def test_a_change_on_one_page_is_a_change_on_the_others(visit: Begin) -> None:
    page = visit({**EVERYTHING, "g": "2", "dim": "1", "want": "9", "ref": "1"}).slide("out_channels", 32)
    query = {**page.at.query_params, "out": "32"}
    page.go(PICTURE).slide("stride", 4)
    page.go(COMPARE).flip("bias")
    query |= {"s": "4"}
    query.pop("bias")
    assert page.at.query_params == query
    page.go("app.py").slide("kernel_size", 7)
    page.go(PICTURE)
    assert page.at.query_params == {**query, "k": "7"}
    assert page.slider("kernel_size").value == 7
    assert page.slider("stride").value == 4


def test_a_message_about_typing_goes_with_the_page(visit: Begin) -> None:
    page = visit().type("kernel_size", "none")
    assert page.errors
    page.go(PICTURE).go("app.py")
    assert page.slide("kernel_size", 5).errors == []


def test_what_a_link_could_not_give_is_said_once_whatever_page_it_opens(visit: Begin) -> None:
    page = visit({"want": "0", "in": "12"}, page=COMPARE)
    assert len(page.warnings) == 1
    # The link of the menu contains only the settings that could be used.
    assert page.go(PICTURE).query == {"in": "12"}


def test_colours_follow_the_theme(visit: Begin) -> None:
    for theme, palette, other in (("light", LIGHT, DARK), ("dark", DARK, LIGHT)):
        specs = [json.dumps(chart.figure) for chart in visit(theme=theme).charts.values()]
        assert specs
        for spec in specs:
            assert palette.background in spec
            assert other.background not in spec.replace(palette.here, "")


@pytest.mark.parametrize("page", ["", PICTURE, COMPARE])
@pytest.mark.parametrize(("width", "mode"), [("narrow", "light"), ("wide", "light"), ("usual", "dark")])
def test_a_run_for_another_window_tells_the_browser_every_value_anew(
    visit: Begin, page: str, width: str, mode: str
) -> None:
    """A slow browser may draw that run first, and would otherwise show the default values of its widgets."""
    opened = visit({"k": "5", "s": "3"}, page=page)
    opened.window(width, mode).run()
    widgets = [part for kind in ("slider", "text_input") for part in opened.all(kind)]
    assert len(widgets) > 6
    for widget in widgets:
        assert widget.proto.set_value
    assert opened.run().settings == opened.settings
