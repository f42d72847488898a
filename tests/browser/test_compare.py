"""The compare page under the hands of a visitor: tables that sort, the shelf, the budget, exports, links."""

import csv
import io
import math
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import openpyxl  # type: ignore[import-untyped]
import pandas as pd
from playwright.sync_api import Locator, Page, expect

from calculator.comparison.shelf_rows import shelf_rows
from calculator.settings import Settings
from calculator.settings.layer import LayerSettings
from calculator.settings.link import encode
from calculator.settings.page import Kept
from calculator.tables.compare import DECIDING, alternatives_table, shelf_table
from calculator.tables.export import FORMATS, export
from calculator.ui.compare.alternatives import choices
from calculator.ui.components.table import cell
from calculator.upsampling.alternative import Alternative
from tests.browser.browser_visitor import (
    Screen,
    button_of,
    click,
    enter,
    follow,
    linked,
    press,
    rows,
    screen,
    table,
    traffic,
    unfold,
)
from tests.browser.conftest import Pages
from tests.browser.page import rerun, settled
from tests.browser.server import Server


def header(page: Page, key: str, column: str) -> Locator:
    """Return the button at the head of a column."""
    return table(page, key).locator("thead").get_by_role("button", name=column, exact=True)


def order(page: Page, key: str) -> list[str]:
    """Return the names of the rows from top to bottom."""
    return [row[0] for row in rows(page, key)]


def sorting(page: Page, key: str) -> dict[str, str]:
    """Return how the columns are said to be sorted, without those that are not."""
    said: list[tuple[str, str]] = table(page, key).evaluate(
        "table => [...table.tHead.querySelectorAll('[aria-sort]')].map("
        "head => [head.querySelector('button').firstChild.textContent, head.ariaSort])"
    )
    return {column: sort for column, sort in said if sort != "none"}


# The table


def shown_ways(settings: Settings) -> list[Alternative]:
    """Return the alternatives of the table, in its order."""
    every = choices(settings)
    return [every.available[index] for index in every.shown(settings.every_form)]


def drawn(frame: pd.DataFrame) -> list[list[str]]:
    """Return the cells of a table as the page shows them."""
    return [[cell(value).text for value in row] for row in frame.itertuples(index=False, name=None)]


def test_a_table_sorts_by_click_and_by_key_with_exact_numbers(open_page: Pages) -> None:
    page = open_page("/compare?in=65535&out=65536&n=65536&dim=3&k=5&s=3")
    held = screen(page).settings
    found = shown_ways(held)
    frame = alternatives_table(found, held.spatial("input_size"), "float32")
    frame = frame[frame.columns[:DECIDING]]
    assert rows(page, "alternatives") == drawn(frame)
    assert frame["multiply–accumulates"].max() > 2**53
    before = traffic(page)
    column = "multiply–accumulates"
    for sort, sign in (({column: "ascending"}, 1), ({column: "descending"}, -1), ({}, 0)):
        header(page, "alternatives", column).click()
        assert sorting(page, "alternatives") == sort
        wanted = sorted(drawn(frame), key=lambda row: sign * int(row[2].replace(",", "")))
        assert rows(page, "alternatives") == wanted
    header(page, "alternatives", "layer").focus()
    for key, said, backwards in (("Enter", "ascending", False), ("Space", "descending", True)):
        page.keyboard.press(key)
        assert sorting(page, "alternatives") == {"layer": said}
        assert order(page, "alternatives") == sorted(frame["layer"], key=str.lower, reverse=backwards)
        expect(header(page, "alternatives", "layer")).to_be_focused()
    assert traffic(page) == before

    # A rerun keeps the order; its numbers are new.
    now = press(page, "Input size", "ArrowLeft")
    assert sorting(page, "alternatives") == {"layer": "descending"}
    frame = alternatives_table(found, now.settings.spatial("input_size"), "float32")
    frame = frame[frame.columns[:DECIDING]]
    assert rows(page, "alternatives") == sorted(drawn(frame), key=lambda row: row[0].lower(), reverse=True)

    # It is exact where a browser's numbers are not.
    # (x − 1)(x − 2)(x − 9)(x − 10) = x(x − 4)(x − 7)(x − 11) + 180
    more = (65_535, 65_534, 65_527, 65_526)
    less = (65_536, 65_532, 65_529, 65_525)
    layers = [
        Kept(
            name,
            LayerSettings(dimensions=3, in_channels=i, out_channels=o, input_size=(65_536, high, wide)),
        )
        for name, (i, o, high, wide) in (("more", more), ("less", less))
    ]
    counts = [row.multiply_accumulates for row in shelf_rows(tuple(layers), 1)]
    assert counts[0] == (counts[1] or 0) + 180 * 64 * 65_536
    assert float(counts[0]) == float(counts[1] or 0)
    follow(page, urlencode(encode(Settings(compare_view="shelf", shelf=tuple(layers)))))
    header(page, "shelf", "multiply–accumulates").click()
    assert order(page, "shelf") == ["less", "more"]
    header(page, "shelf", "MAC difference").click()
    assert [row[9] for row in rows(page, "shelf")] == [f"−{180 * 64 * 65_536:,}", "0"]

    # What is not there comes last, whichever way round.
    now = follow(page, "cmp=budget&budget=500&in=12&out=12")
    for _ in range(2):
        header(page, "budget", "max. output channels").click()
        assert [row[1] == "—" for row in rows(page, "budget")] == sorted(
            row[1] == "—" for row in rows(page, "budget")
        )
    assert {row[1] == "—" for row in rows(page, "budget")} == {True, False}
    assert now.alerts == ()


GAP_BELOW_THE_ANSWER = """() => {
  const [answer, controls] = ["answer", "controls"].map(
    key => document.querySelector(`.st-key-${key}`).getBoundingClientRect());
  return controls.top - answer.bottom;
}"""


def test_a_way_is_recommended_used_and_its_bytes_are_counted(open_page: Pages) -> None:
    page = open_page("/compare?in=1024&out=512&n=128")
    box = page.locator(".st-key-alternatives .table").first
    # The fewest pixels of a laptop; 18 million parameters and 68 thousand million products are in it.
    assert box.evaluate("box => box.scrollWidth <= box.clientWidth")
    now = click(page, page.get_by_role("toolbar").get_by_role("button", name="easy to export"))
    assert now.settings.aims == ("work", "export")
    assert "For little work and easy to export:" in now.headline
    assert shown_ways(now.settings)[0].name in now.headline
    # While the page is scrolled, the controls stay just below the answer, however many lines it has.
    page.locator(".stMain").evaluate("main => main.scrollTo(0, 300)")
    assert 0 <= page.evaluate(GAP_BELOW_THE_ANSWER) < 20

    follow(page, "in=12&out=18&type=float64&cols=1")
    before = rows(page, "alternatives")
    mine = table(page, "alternatives").locator("tr.yours")
    assert mine.locator("th").all_inner_texts() == ["transposed, kernel 4"]
    assert mine.get_by_role("button").count() == 0
    header(page, "alternatives", "parameters").click()  # Each button stays with its row.
    now = click(page, button_of(page, "alternatives", "transposed, kernel 3"))
    assert now.query == {"in": "12", "out": "18", "k": "3", "op": "1", "type": "float64", "cols": "1"}
    assert now.headline.startswith("1,962 parameters in your layer · ")
    assert mine.locator("th").all_inner_texts() == ["transposed, kernel 3"]
    assert {row[0]: row[:7] for row in rows(page, "alternatives")}.items() <= {
        row[0]: row[:7] for row in before
    }.items()
    for name, size, training in (("bfloat16", 2, 16), ("int8", 1, None), ("float32", 4, 16)):
        now = click(page, page.get_by_role("radio", name=name))
        assert now.choices["Number type"] == name
        head = table(page, "alternatives").locator("thead button").all_inner_texts()[13]
        assert head.startswith(f"weights, bytes as {name}")
        for row in rows(page, "alternatives"):
            count = int(row[1].replace(",", ""))
            assert row[13] == f"{size * count:,}"
            assert row[14] == ("—" if training is None else f"{training * count:,}")
    assert "type" not in now.query
    unfold(page, "As PyTorch code")
    expect(page.get_by_role("code")).to_contain_text("nn.ConvTranspose2d(12, 18, kernel_size=3")


# The shelf

NAMES = ("<b>wide</b> *x* :red[a] $y$", "", "~.🦊_`=1+1`")
USUAL = "12 → 64, k 5, s 2"
SHOWN = (NAMES[0], USUAL, NAMES[2])


def keep(page: Page, name: str) -> None:
    """Keep the layer that is set under a name, and wait until it is on the shelf."""
    there = page.locator("[class*=st-key-row-shelf]")
    count = there.count()
    page.get_by_label("Name of this layer").fill(name)
    page.get_by_role("button", name="Keep this layer").click()
    expect(there).to_have_count(count + 1)
    settled(page)


def names(page: Page) -> list[str]:
    """Return the names in the boxes below the shelf."""
    texts: list[str] = page.locator("[class*=st-key-row-shelf] input").evaluate_all(
        "boxes => boxes.map(box => box.value)"
    )
    return texts


def compared(page: Page) -> str:
    """Return the layer with which the others are compared."""
    return page.get_by_test_id("stSelectbox").get_by_role("combobox").input_value()


def as_shown(now: Screen) -> list[list[str]]:
    """Return the cells the shelf must show."""
    return drawn(shelf_table(shelf_rows(now.settings.shelf, now.settings.reference)))


def test_a_shelf_is_filled_by_hand_and_the_link_carries_it(open_page: Pages) -> None:
    page = open_page("/compare?in=12&cmp=shelf")
    keep(page, NAMES[0])
    press(page, "Kernel size", "ArrowRight")
    keep(page, NAMES[1])
    enter(page, "Output channels", "128")
    keep(page, NAMES[2])
    now = screen(page)
    assert [kept.name for kept in now.settings.shelf] == list(SHOWN)
    assert rows(page, "shelf") == as_shown(now)
    assert order(page, "shelf") == names(page) == list(SHOWN)
    assert [row[2:5] for row in rows(page, "shelf")] == [
        ["12,352", "0", "×1"],
        ["19,264", "6,912", "about ×1.56"],
        ["38,528", "26,176", "about ×3.12"],
    ]
    before = rows(page, "shelf")
    page.goto(page.url)
    assert screen(settled(page)) == now
    assert rows(page, "shelf") == before
    assert names(page) == list(SHOWN)

    # Another layer to compare with.
    page.get_by_test_id("stSelectbox").locator("input").click()
    now = click(page, page.get_by_role("option", name=SHOWN[2], exact=True))
    assert now.query["ref"] == "3"
    assert [row[2:5] for row in rows(page, "shelf")] == [
        ["12,352", "−26,176", "about ×0.321"],
        ["19,264", "−19,264", "×½"],
        ["38,528", "0", "×1"],
    ]
    now = click(page, button_of(page, "shelf", NAMES[0]))
    assert now.headline.startswith("12,352 parameters ")
    assert (now.sliders["Kernel size"], now.sliders["Output channels"]) == ("4", "64")

    # Nothing of a name acts, wherever it is shown.
    follow(page, urlencode(encode(Settings(compare_view="shelf", shelf=(Kept(NAMES[0], NONE),)))))
    expect(page.get_by_role("alert")).to_contain_text(f"{NAMES[0]} has no output.")
    rename(page, 0, "*" * 3 + "<i>" + "\u200b")
    assert page.locator("b, i:not([class]), .katex").count() == 0
    assert page.get_by_role("alert").locator("em, [style*=color]").count() == 0


NONE = LayerSettings(padding=(20,), input_size=(2,))
"""A layer without an output."""


def rename(page: Page, place: int, name: str) -> Screen:
    """Type another name for a layer on the shelf."""
    one = page.get_by_label(f"Name of layer {place + 1}", exact=True)
    one.fill(name)
    with rerun(page):
        one.press("Enter")
    return screen(page)


def test_a_shelf_holds_six_and_its_layers_are_renamed_and_removed(open_page: Pages) -> None:
    page = open_page("/compare?cmp=shelf")
    for count in range(1, 7):
        keep(page, "same" if count < 4 else f"layer {count}")
    assert names(page) == ["same", "same (2)", "same (3)", "layer 4", "layer 5", "layer 6"]
    expect(page.get_by_role("button", name="Keep this layer")).to_be_disabled()
    expect(page.get_by_label("Name of this layer")).to_be_disabled()
    now = rename(page, 1, "second")
    assert names(page)[:3] == ["same", "second", "same (3)"]
    assert rows(page, "shelf") == as_shown(now)
    rename(page, 2, "second")
    assert names(page)[:3] == ["same", "second", "second (2)"]
    now = rename(page, 2, "   ")
    assert now.alerts == (
        "A name must be one line of 1 to 40 visible characters; nothing was entered. second (2) is kept.",
    )
    assert names(page)[:3] == ["same", "second", "second (2)"]
    before = screen(page)
    now = click(page, page.locator(".st-key-row-shelf-0").get_by_role("button", name="Remove"))
    assert names(page) == ["second", "second (2)", "layer 4", "layer 5", "layer 6"]
    assert order(page, "shelf") == names(page)
    assert now.alerts == ()
    keep(page, "again")
    assert names(page)[-1] == "again"
    page.go_back()
    page.go_back()
    assert linked(page, **before.query).settings == before.settings
    assert names(page)[0] == "same"


# The wanted size


def test_an_answer_opens_in_the_calculator_and_a_chain_in_model(open_page: Pages) -> None:
    link = "cmp=size&n=20&want=640&in=64&out=32"
    page = open_page(f"/compare?{link}")
    button_of(page, "solved.chains", "5 × (k2, s2)").click()
    page.wait_for_url("**/model?**")
    assert "~ConvTranspose2d" in unquote(page.url)
    settled(page)
    page.go_back()
    page.locator(".st-key-solved-layers").wait_for()
    follow(settled(page), link)
    before = press(page, "Wanted output size", "ArrowLeft")
    assert before.query == {"cmp": "size", "n": "20", "want": "639", "in": "64", "out": "32"}
    before = enter(page, "Wanted output size", "640")
    assert [row[0] for row in rows(page, "solved.layers")] == ["k32, s32", "k64, s32, p16"]
    opened = to_calculator(page, button_of(page, "solved.layers", "k64, s32, p16"))
    assert opened.query == before.query | {"k": "64", "s": "32", "p": "16"}


# The budget


def test_a_budget_buys_layers_that_open_in_the_calculator(open_page: Pages) -> None:
    page = open_page("/compare?in=12&s=4&cmp=budget")
    now = enter(page, "Budget", "500,000")
    assert now.query == {"in": "12", "s": "4", "cmp": "budget", "budget": "500000"}
    for kernel, *columns in rows(page, "budget"):
        volume = int(kernel.split(" × ")[0]) ** 2
        wide, spent, deep, spent_deep, square, spent_square = (int(text.replace(",", "")) for text in columns)
        assert spent == 12 * wide * volume + wide <= 500_000 < 12 * (wide + 1) * volume + wide + 1
        assert spent_deep == deep * 64 * volume + 64 <= 500_000 < (deep + 1) * 64 * volume + 64
        more = square + 1
        assert spent_square == square * square * volume + square <= 500_000 < more * more * volume + more
    now = enter(page, "Budget", "1e400")
    assert len(now.alerts) == 1
    assert now.alerts[0].startswith(
        "Budget must be a whole number from 1 to 1,000,000,000,000,000, received '1e400'"
    )
    before = enter(page, "Budget", "50000")
    assert before.alerts == ()

    widest = next(row[1] for row in rows(page, "budget") if row[0] == "3 × 3")
    opened = to_calculator(page, button_of(page, "budget", "3 × 3"))
    assert opened.query == before.query | {"k": "3", "out": widest.replace(",", "")}
    assert opened.answer[0] <= 50_000 < opened.answer[0] + 12 * 9 + 1
    back_to(page, before)

    # Of the corners that are drawn, the one that is farthest from its neighbours.
    drawing = page.locator(".st-key-frontier .drawing")
    drawing.evaluate("drawing => drawing.scrollIntoView({ block: 'center' })")
    corners: list[tuple[int, int, float, float]] = drawing.evaluate(CORNERS)
    assert len(corners) > 20
    i, o, x, y = max(corners, key=lambda one: sorted(math.dist(one[2:], other[2:]) for other in corners)[1])
    page.mouse.move(x, y)
    expect(drawing.locator(".tip")).to_have_text(f"{i:,} → {o:,} channels")
    opened = to_calculator(page, lambda: page.mouse.click(x, y))
    assert opened.query == before.query | {"in": str(i), "out": str(o)}
    assert opened.answer[0] == i * o * 16 + o <= 50_000
    assert (i + 1) * o * 16 + o > 50_000
    assert i * (o + 1) * 16 + o + 1 > 50_000
    back_to(page, before)

    unfold(page, "The frontier: ")
    pair = rows(page, "pairs")[4]
    assert pair[0] == "5"
    opened = to_calculator(page, button_of(page, "pairs", "5"))
    assert f"{opened.answer[0]:,}" == pair[2]
    assert opened.query == before.query | {"in": "5", "out": pair[1].replace(",", "")}


# Where every corner that is drawn is on the screen, and the channels it stands for.
CORNERS = """
drawing => {
  const corners = drawing.figure.data.find(trace => trace.name === "frontier");
  const points = [...drawing.querySelectorAll(".point")].map(point => point.getBoundingClientRect());
  return corners.x.map((x, n) => [
    x, corners.y[n], points[n].x + points[n].width / 2, points[n].y + points[n].height / 2,
  ]);
}
"""


def to_calculator(page: Page, do: Locator | Callable[[], None]) -> Screen:
    """Do what opens the calculator, and return what it says."""
    if isinstance(do, Locator):
        do.click()
    else:
        do()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    page.locator(".st-key-split").first.wait_for()
    return screen(settled(page))


def back_to(page: Page, before: Screen) -> None:
    """Go back to the compare page as it was; on the way it may come with the layer that was opened."""
    for _ in range(2):
        with rerun(page):
            page.go_back()
        page.locator(".st-key-frontier").first.wait_for()
        now = screen(settled(page))
        if now == before:
            return
    assert now == before


# Exports


def downloads(page: Page, key: str) -> dict[str, bytes]:
    """Return the file in every format behind the export of a table."""
    with rerun(page):
        page.locator(f".st-key-{key}-export").get_by_role("button", name="Export").click()
    found = {}
    for form in FORMATS:
        with page.expect_download() as download:
            page.get_by_role("button", name=form.name, exact=True).click()
        assert download.value.suggested_filename == f"{key}.{form.suffix}"
        found[form.name] = download.value.path().read_bytes()
    with rerun(page):
        page.keyboard.press("Escape")
    return found


def test_a_table_is_exported_in_every_format(open_page: Pages) -> None:
    shelf = tuple(
        Kept(name, LayerSettings(in_channels=65_536, kernel_size=(128,), dimensions=3)) for name in SHOWN
    )
    page = open_page(f"/compare?{urlencode(encode(Settings(compare_view='shelf', shelf=shelf)))}")
    frame = shelf_table(shelf_rows(shelf, 1))
    files = downloads(page, "shelf")
    title = f"Layers on the shelf, compared with {SHOWN[0]}"
    assert files == {name: export(frame, name, title=title) for name in files}
    assert list(files) == ["CSV", "Excel", "Markdown", "LaTeX"]
    read = list(csv.reader(io.StringIO(files["CSV"].decode("utf-8-sig"))))
    assert [row[2] for row in read] == ["parameters", *[str(65_536 * 64 * 128**3 + 64)] * 3]
    sheet = openpyxl.load_workbook(io.BytesIO(files["Excel"])).active
    assert [row[0].value for row in sheet.iter_rows()] == ["name", *SHOWN]

    # The page shows the first of a long table; the file has all.
    follow(page, "cmp=budget&budget=1000000&k=1")
    unfold(page, "The frontier: ")
    shown, files = rows(page, "pairs"), downloads(page, "pairs")
    read = list(csv.reader(io.StringIO(files["CSV"].decode("utf-8-sig"))))[1:]
    assert len(read) > 1_000 > 200 == len(shown)
    assert read[:200] == [[text.replace(",", "") for text in row] for row in shown]
    assert all(int(i) * int(o) + int(o) == int(count) <= 1_000_000 for i, o, count in read)


# Links

FULL = {
    "k": "3x7",
    "in": "128",
    "out": "96",
    "g": "32",
    "bias": "0",
    "s": "3",
    "p": "1x2",
    "op": "2x1",
    "n": "5x9",
    "view": "plane",
    "see": "size",
    "ci": "6",
    "co": "5",
    "fill": "ones",
    "want": "14x30",
    "cmp": "shelf",
    "aim": "memory-even",
    "forms": "1",
    "cols": "1",
    "type": "int8",
    "budget": "123456789",
    "shelf": "k3x5_in64.<b>wide</b>~.plain",
    "ref": "2",
}


def test_a_full_link_opens_every_page_on_a_server_nobody_has_visited(
    open_page: Pages, fresh_server: Callable[..., Server]
) -> None:
    page = open_page(f"/compare?{urlencode(FULL)}", server=fresh_server())
    now = screen(page)
    assert (now.path, now.query, now.alerts) == ("/compare", FULL, ())
    for name in ("Picture", "Compare", "Calculator", "Sources", "Compare"):
        path = "/" if name == "Calculator" else f"/{name.lower()}"
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(lambda url, path=path: urlsplit(url).path == path)  # type: ignore[misc]
        settled(page)
        assert dict(parse_qsl(urlsplit(page.url).query)) == FULL
        if name != "Sources":
            assert screen(page).alerts == ()
