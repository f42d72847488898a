"""The compare page: every view, for usual and extreme layers. ``Visit`` checks the page after every step."""

import itertools
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.comparison.budget import Cost, budget_rows, frontier
from calculator.comparison.other_tools import printed
from calculator.comparison.shelf_rows import shelf_rows
from calculator.geometry.chain_solver import solve_chains
from calculator.geometry.layer_solver import Bounds, LayerSpec, solve_layers
from calculator.settings import FIELD, Settings
from calculator.settings.layer import LayerSettings
from calculator.settings.link import decode
from calculator.settings.page import SHELF_ROOM
from calculator.settings.shelf import usual_name, write_shelf
from calculator.tables.compare import (
    DECIDING,
    alternatives_table,
    budget_table,
    frontier_table,
    shelf_table,
    tools_table,
)
from calculator.tables.export import FORMATS
from calculator.tables.solver import chains_table, layers_table
from calculator.ui.compare.alternatives import choices
from calculator.ui.compare.wanted_size import find
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.components.table import cell
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.recommendation import aims_text
from tests.helpers.extreme_settings import (
    EXTREMES,
    MARKED,
    NAMES,
    NARROW,
    NO_OUTPUT,
    axes,
    output_size,
    times,
)
from tests.pages.conftest import (
    COMPARE,
    ELSEWHERE,
    MODEL,
    PICTURE,
    UNUSABLE,
    VIEWS,
    SortedTable,
    Visit,
    formula_counts,
    name_of,
    number_of,
    read_count,
)

Begin = Callable[..., Visit]

HEADLINE = re.compile(r"([\d,]+) parameters? in your layer · ([\d,]+) → ([\d,]+) channels, (.+?) → (.+)")
LABELS = FIELD["compare_view"].names
KEPT = {
    **MARKED,
    "ref": "3",
    "budget": "77",
    "type": "int8",
    "see": "size",
    "want": "9",
    "ci": "2",
    "scale": "log",
}
"""Settings that do not belong to the layer, and must survive every change of the layer."""

THREE = {"shelf": "in64.wide~k3.plain~dim3_bias0.deep"}


def compare(link: dict[str, Any] | None = None, view: str = "", **more: Any) -> Visit:
    return Visit(link or {}, page=COMPARE, view=view, **more)


def shelf_names(page: Visit) -> list[str]:
    return [kept.name for kept in page.settings.shelf]


def alternatives_of(settings: Settings) -> list[Alternative]:
    """Return the alternatives of the table, in its order."""
    every = choices(settings)
    return [every.available[index] for index in every.shown(settings.every_form)]


def as_given(frame: Any) -> list[list[str]]:
    """Return the cells of a table as the browser must show them."""
    return [[cell(value).text for value in row] for row in frame.values.tolist()]


def read(text: str) -> int:
    """Return the number in a cell of a table."""
    return int(text.replace(",", "").replace("−", "-"))


def holds(page: Visit) -> None:
    """Check the headline: the layer with the formula, and the sentence with the recommended form."""
    settings = page.settings
    if settings.compare_view == "size":
        solver_holds(page)
        return
    [found] = [match for line in page.text.split("\n") for match in [HEADLINE.fullmatch(line)] if match]
    own, inputs, outputs, size, scaled = found.groups()
    assert read_count(own) == formula_counts(settings)[0]
    assert (read_count(inputs), read_count(outputs)) == (settings.in_channels, settings.out_channels)
    n, s = axes(settings, "input_size"), axes(settings, "stride")
    assert (size, scaled) == (times(n), times(tuple(a * b for a, b in zip(n, s, strict=True))))
    every = choices(settings)
    assert every.recommended is not None
    best = every.available[every.recommended.index]
    [sentence] = [
        line for line in page.text.split("\n") if line.startswith(f"For {aims_text(settings.aims)}: ")
    ]
    if every.recommended.index == every.own:
        assert sentence.endswith(
            f"none of the {len(every.compared)} comparable forms here is better than your layer."
        )
        return
    assert f": {best.name} " in sentence
    if best.parameter_count != formula_counts(settings)[0]:
        assert f"has {best.parameter_count:,} parameters instead of {own}" in sentence


def solver_holds(page: Visit) -> None:
    """Check the headline and both tables of the solver against the solver, and the sizes with the formula."""
    settings = page.settings
    size, wanted = axes(settings, "input_size"), axes(settings, "wanted_size")
    answered = find(settings)
    found = {"layer": answered.layers, "chain": answered.chains}
    parts = []
    for noun, answers in found.items():
        table = f"solved.{noun}s"
        assert (table in page.given) == bool(answers.answers)
        if not answers.answers:
            continue
        drawn = answers.answers[:40]
        frame = (layers_table if noun == "layer" else chains_table)(drawn)
        assert page.table(table).rows == as_given(frame)
        first = drawn[0]
        parts.append(f"in the smallest {noun} ({first.text})")
        assert f"{answers.count:,} {noun}" in page.text
        for answer in drawn:
            assert answer.sizes[0] == size
            assert answer.sizes[-1] == wanted
            assert answer.layers[0].in_channels == settings.in_channels
            assert answer.layers[-1].out_channels == settings.out_channels
            assert all(layer.bias == settings.bias for layer in answer.layers)
    assert f"{times(size)} to {times(wanted)}" in page.text
    for part in parts or ["No layer and no chain within these bounds"]:
        assert part in page.text


def tools_hold(page: Visit) -> None:
    """Check the table against the core, and the multiply–accumulates with the formula."""
    settings = page.settings
    if output_size(settings) is None:
        assert "tools" not in page.given
        assert [error for error in page.errors if error.startswith("No output with these settings. ")]
        return
    layer, sizes = settings.layer(), settings.spatial("input_size")
    found = printed(layer, sizes)
    table = page.table("tools")
    assert table.rows == as_given(tools_table(found))
    assert [name.split()[0] for name in table.column("tool")] == [
        "torchinfo",
        "thop",
        "calflops",
        "ptflops",
        "DeepSpeed",
        "torchstat",
        "fvcore",
        "PyTorch",
    ]
    work = math.prod(sizes) * formula_counts(settings)[1]
    assert f"= {work:,} multiply–accumulates (MACs)." in page.text
    right = sum(verdict.startswith("Right") for verdict in table.column("verdict"))
    assert f"{right} of these 8 tools agree with that, each in its own unit and" in page.text
    assert len(page.code) == 1


# Every part


@pytest.mark.parametrize("view", VIEWS["cmp"])
@pytest.mark.parametrize(("theme", "width"), [("light", "usual"), ("dark", "narrow"), ("dark", "wide")])
def test_a_first_visit(view: str, theme: str, width: str) -> None:
    page = compare(view=view, theme=theme, width=width)
    if view == "size":
        assert "832 parameters in the smallest layer (k2, s2) · 16 × 16 to 32 × 32" in page.text
    else:
        assert "3,136 parameters in your layer · 3 → 64 channels, 16 × 16 → 32 × 32" in page.text
        # 3·3 + 3·3 + 3·64 + 64, and 16 · 16 · (18 + 192); kept are 3 channels three times.
        assert (
            "For few parameters and little work: depthwise 3×1 + 1×3 + 1×1 + bilinear is the best of the 94 "
            "comparable forms here. It has 274 parameters instead of 3,136, does 53,760 multiply–accumulates "
            "instead of 786,432 and sees 4 × 4 inputs per output instead of 2 × 2, but keeps 2,304 "
            "activations to train instead of 768." in page.text
        )
    assert (page.errors, page.warnings, page.query) == ([], [], {})


@pytest.mark.parametrize("name", EXTREMES)
def test_every_part_for_extreme_layers(name: str) -> None:
    link = EXTREMES[name]
    page = compare(link)
    for width in ("usual", "narrow") if name in NARROW else ("usual",):
        for view in VIEWS["cmp"]:
            page.window(width).follow({**link, "cmp": view})
            holds(page)
            assert page.query == link
            assert set(page.given) - {"viewport"} or page.errors or page.infos
            for line in [one.key for one in page.all("expander")]:
                page.unfold(line)
            if view == "alternatives":
                alternatives_hold(page)
            elif view == "tools":
                tools_hold(page)
            if view != "tools" or output_size(page.settings) is not None:
                assert page.errors == []


def test_a_tab_is_in_the_link() -> None:
    page = compare({"in": "12"})
    for view, label in zip(VIEWS["cmp"], LABELS, strict=True):
        page.tab(label)
        assert page.settings.compare_view == view
        assert page.query == {"in": "12"}
    assert page.tab("Alternatives").at.query_params == {"in": "12"}


# Alternatives


def test_the_table_of_a_known_case() -> None:
    # 64 → 32 channels, twice as large, from 16 × 16: counted by hand.
    page = compare({"in": "64", "out": "32", "cols": "1"})
    table = page.table("alternatives")
    columns = ("parameters", "weights", "biases", "multiply–accumulates")
    by_name = {row[0]: [read(row[table.columns.index(column)]) for column in columns] for row in table.rows}
    assert by_name["transposed, kernel 2"] == [8_224, 8_192, 32, 256 * 8_192]
    assert by_name["transposed, kernel 4"] == [32_800, 32_768, 32, 256 * 32_768]
    assert by_name["nearest + conv 3×3"] == [18_464, 18_432, 32, 1_024 * 18_432]
    assert by_name["bilinear + conv 3×3"] == [18_464, 18_432, 32, 1_024 * 18_432]
    assert by_name["sub-pixel · PixelShuffle: conv 3×3 + shuffle"] == [73_856, 73_728, 128, 256 * 73_728]
    assert by_name["depthwise transposed 4×4 + 1×1"][0] == 64 * 16 + 64 * 32 + 32
    assert by_name["1×1 + depthwise transposed 4×4"][0] == 64 * 32 + 32 * 16 + 32
    assert by_name["1×1 + bilinear"] == [2_080, 2_048, 32, 256 * 2_048]
    assert all(output == "32,768" for output in table.column("output activations"))


def alternatives_hold(page: Visit) -> None:
    """Check the table against the core, and that every alternative has its sentence."""
    settings = page.settings
    found = alternatives_of(settings)
    table = page.table("alternatives")
    core = alternatives_table(found, settings.spatial("input_size"), settings.number_type)
    if not settings.every_column:
        core = core[core.columns[:DECIDING]]
    assert table.columns == list(core.columns)
    assert table.rows == as_given(core)
    # A column is sorted by the number that it shows, with every digit.
    for row, sorts in zip(table.rows, table.sorts, strict=True):
        assert sorts[1:4] == [str(read(text)) for text in row[1:4]]
    # Every usual alternative has its sentence, also if it is not in the table.
    every = choices(settings)
    for name in (*(one.name for one in every.missing), *(one.name for one in found if one.usual)):
        assert f"- {name}" in page.text


def test_all_forms_and_all_columns_are_a_switch_each() -> None:
    page = compare()
    few = page.table("alternatives")
    assert len(few.columns) == DECIDING
    page.follow({"forms": "1", "cols": "1"})
    many = page.table("alternatives")
    every = choices(page.settings)
    assert len(many.rows) == len(every.available) > len(few.rows)
    assert len(many.columns) > DECIDING
    assert {row[0] for row in few.rows} <= {row[0] for row in many.rows}
    assert f"All {len(every.available)} forms here enlarge 16 × 16 to 32 × 32" in page.text
    alternatives_hold(page)


@pytest.mark.parametrize("aim", FIELD["aims"].choices)
@pytest.mark.parametrize(
    "link", [{}, {"in": "64", "out": "32", "k": "8"}, {"dim": "1", "g": "3", "out": "9"}]
)
def test_every_aim_has_its_recommendation(aim: str, link: dict[str, str]) -> None:
    page = compare({**link, "aim": aim})
    holds(page)
    assert page.table("alternatives").rows[0][0] in page.text
    assert page.query == {**link, "aim": aim}


def test_the_layer_itself_may_be_the_best() -> None:
    page = compare({"in": "1", "out": "1", "k": "2", "p": "0"})
    assert "forms here is better than your layer." in page.text


def test_a_third_aim_replaces_the_first() -> None:
    page = compare()
    assert page.settings.aims == ("parameters", "work")
    page.choose("aims", ("parameters", "work", "export"))
    assert page.settings.aims == ("work", "export")
    page.choose("aims", ("export",))
    assert page.query == {"aim": "export"}
    # Without any, the first two are chosen again.
    page.choose("aims", ())
    assert page.settings.aims == ("parameters", "work")
    assert page.query == {}


def test_points_have_names_on_a_phone() -> None:
    page = compare({"in": "64", "out": "32"}, width="narrow")
    names = [row[0] for row in page.table("alternatives").rows]
    assert " · ".join(f"{n} {name}" for n, name in enumerate(names, 1)) in page.text


@pytest.mark.parametrize(
    ("link", "name", "parameters"),
    [
        ({}, "transposed, kernel 4", 3 * 64 * 16 + 64),
        ({"k": "7"}, "transposed, your kernel 7", 3 * 64 * 49 + 64),
        ({"k": "3x5", "bias": "0"}, "transposed, your kernel 3×5", 3 * 64 * 15),
        ({"in": "64", "g": "4"}, "transposed, kernel 4, groups 4", 64 * 64 * 16 // 4 + 64),
        ({"in": "64", "g": "32", "dim": "1"}, "transposed, kernel 4, groups 32", 64 * 64 * 4 // 32 + 64),
    ],
)
def test_your_own_layer_is_in_the_table(link: dict[str, str], name: str, parameters: int) -> None:
    table = compare(link).table("alternatives")
    assert [row[:2] for row, mark in zip(table.rows, table.marks, strict=True) if mark == "yours"] == [
        [name, f"{parameters:,}"]
    ]


def test_everything_is_at_the_same_output_size() -> None:
    for link in (
        {},
        {"s": "3", "n": "5"},
        {"dim": "3", "s": "1x2x3", "n": "4x5x6"},
        {"dim": "1", "s": "4", "out": "7"},
    ):
        page = compare({**link, "cols": "1"})
        settings = page.settings
        output = math.prod(
            n * s for n, s in zip(axes(settings, "input_size"), axes(settings, "stride"), strict=True)
        )
        assert set(page.table("alternatives").column("output activations")) == {
            f"{output * settings.out_channels:,}"
        }


def test_the_chart_names_the_front_of_the_table() -> None:
    for link in ({}, {"in": "64", "out": "32"}, {"dim": "1", "in": "12"}):
        page = compare(link)
        table = page.table("alternatives")
        best = [row[0] for row, mark in zip(table.rows, table.marks, strict=True) if mark == "best"]
        words = page.charts["scatter"].alt
        assert all(name in words for name in best)
        assert "None" not in words


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"in": "64", "g": "8"},
        {"k": "5", "s": "3"},
        {"dim": "3", "k": "3", "s": "2"},
        {"dim": "1", "k": "9", "s": "4"},
    ],
)
def test_one_click_makes_an_alternative_the_layer(link: dict[str, str]) -> None:
    actions = compare(link).table("alternatives").actions
    assert "Use" in actions
    for row in [row for row, word in enumerate(actions) if word]:
        page = compare({**KEPT, **link, "p": "3", "d": "2"})
        settings, before = page.settings, page.at.query_params
        name, parameters = page.table("alternatives").rows[row][:2]
        page.take("alternatives", row)
        changed = page.settings
        assert formula_counts(changed)[0] == read(parameters)
        scaled = tuple(
            n * s for n, s in zip(axes(settings, "input_size"), axes(settings, "stride"), strict=True)
        )
        assert output_size(changed) == scaled
        assert axes(changed, "stride") == axes(settings, "stride")
        # The alternative is the layer now: marked, and without a button.
        table = page.table("alternatives")
        yours = [n for n, mark in enumerate(table.marks) if mark == "yours"]
        assert [read(table.rows[n][1]) for n in yours] == [read(parameters)], name
        assert [table.actions[n] for n in yours] == [None]
        layer = {field.key for field in FIELD.values() if hasattr(changed.layer(), field.name)}
        assert {k: v for k, v in page.at.query_params.items() if k not in layer} == {
            k: v for k, v in before.items() if k not in layer
        }


def test_an_alternative_beyond_the_limits_cannot_be_taken() -> None:
    page = compare({"s": "128", "n": "2"})
    table = page.table("alternatives")
    beyond = {row[0]: word for row, word in zip(table.rows, table.actions, strict=True)}
    assert beyond["transposed, kernel 128"] == "Use"
    assert beyond["transposed, kernel 255"] is None
    assert beyond["transposed, kernel 256"] is None
    before = page.at.query_params
    page.send_row("alternatives", [row[0] for row in table.rows].index("transposed, kernel 256"))
    assert page.at.query_params == before
    page.take("alternatives", [row[0] for row in table.rows].index("transposed, kernel 128"))
    assert page.settings.kernel_size == (128,)


def test_what_is_not_one_transposed_layer_cannot_be_taken() -> None:
    page = compare()
    for row, (cells, word) in enumerate(
        zip(page.table("alternatives").rows, page.table("alternatives").actions, strict=True)
    ):
        if not cells[0].startswith("transposed, "):
            assert word is None
            assert page.send_row("alternatives", row).query == {}


@pytest.mark.parametrize("number_type", FIELD["number_type"].choices)
def test_memory_follows_the_number_type(number_type: str) -> None:
    size = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}[number_type]
    page = compare({"cols": "1"})
    if number_type != "float32":
        page.choose("number_type", number_type)
        assert page.query == {"type": number_type, "cols": "1"}
    table = page.table("alternatives")
    stored = table.column(f"weights, bytes as {number_type}")
    assert [read(text) for text in stored] == [size * read(text) for text in table.column("parameters")]


def test_padding_of_its_own_is_said() -> None:
    assert compare().infos == []
    [said] = compare({"p": "0"}).infos
    assert said.startswith("With its own padding your layer gives 34 × 34; here padding is chosen")
    assert said.endswith("so that every row gives 32 × 32.")
    [said] = compare(NO_OUTPUT).infos
    assert said.startswith("With its own padding your layer has no output;")


def test_the_code_of_every_way() -> None:
    page = compare({"in": "8", "out": "4"})
    assert page.code == []
    [code] = page.unfold("alternatives.code").code
    for one in alternatives_of(page.settings):
        assert f"# {one.name}: {one.parameter_count:,} parameters" in code
    assert compile(code, "alternatives", "exec")
    assert code.startswith("import torch\nfrom torch import nn\n")


# The shelf


def shelf(link: dict[str, Any] | None = None) -> Visit:
    return compare(link, "shelf")


def name_it(page: Visit, text: str, key: str = "shelf.name") -> Visit:
    """Type a name into its box."""
    [box] = [box for box in page.all("text_input") if name_of(box) == key]
    box.set_value(text)
    return page.run()


def test_keeping_a_layer() -> None:
    page = shelf({"in": "64", "k": "3x5", "budget": "77"})
    [sentence] = page.infos
    assert sentence.startswith("The shelf is empty.")
    page.press("shelf.keep")
    assert page.query == {"in": "64", "k": "3x5", "budget": "77", "shelf": "k3x5_in64.64 → 64, k 3×5, s 2"}
    page.slide("in_channels", 12)
    name_it(page, "  small  ").press("shelf.keep")
    assert shelf_names(page) == ["64 → 64, k 3×5, s 2", "small"]
    assert page.settings.shelf[1].settings.in_channels == 12
    # The box is empty for the next name, and the layer itself stays.
    assert page.at.text_input(key="shelf.name").value == ""
    assert (page.settings.in_channels, page.settings.budget, page.errors) == (12, 77, [])


def test_a_name_that_is_taken_gets_a_number() -> None:
    page = shelf()
    for _ in range(3):
        name_it(page, "a").press("shelf.keep")
    assert shelf_names(page) == ["a", "a (2)", "a (3)"]


def test_a_blank_name_is_the_usual_one() -> None:
    page = name_it(shelf(), "   ").press("shelf.keep")
    assert shelf_names(page) == [usual_name(Settings())]


@pytest.mark.parametrize("text", ["a\tb", "a\nb", "\x00", "\u202eabc", "\u200b"])
def test_an_unusable_name_keeps_nothing_and_says_so(text: str) -> None:
    page = shelf({**THREE, "in": "12"})
    before = page.at.query_params
    name_it(page, text).press("shelf.keep")
    [error] = page.errors
    assert error.startswith("A name must be one line of 1 to 40 visible characters")
    assert error.endswith(" The layer was not kept.")
    assert page.at.query_params == before
    assert name_it(page, "good").press("shelf.keep").errors == []
    assert shelf_names(page) == ["wide", "plain", "deep", "good"]


def test_six_are_kept_and_no_more() -> None:
    page = shelf()
    for n in range(SHELF_ROOM):
        assert not page.at.button(key="shelf.keep").disabled
        name_it(page, f"n{n}").press("shelf.keep")
    assert shelf_names(page) == [f"n{n}" for n in range(SHELF_ROOM)]
    assert page.at.button(key="shelf.keep").disabled
    assert page.at.text_input(key="shelf.name").disabled
    assert "The shelf is full (6 layers). Remove a layer to keep another." in page.text
    before = page.at.query_params
    # The browser may send a press before the button is disabled there.
    page.press_late("shelf.keep")
    assert page.at.query_params == before
    assert not page.press("shelf.remove.2").at.button(key="shelf.keep").disabled


def test_renaming() -> None:
    page = shelf({**THREE, "in": "12"})
    name_it(page, "broad", "shelf.name.0")
    assert shelf_names(page) == ["broad", "plain", "deep"]
    assert page.query["in"] == "12"
    name_it(page, "plain", "shelf.name.2")
    assert shelf_names(page) == ["broad", "plain", "plain (2)"]
    name_it(page, "plain", "shelf.name.1")
    assert shelf_names(page) == ["broad", "plain", "plain (2)"]


@pytest.mark.parametrize("text", ["", "   ", "a\tb", "\x00", "\u202eabc"])
def test_an_unusable_new_name_is_refused_and_the_old_one_kept(text: str) -> None:
    page = shelf({**THREE, "in": "12", "ref": "2"})
    before = page.at.query_params
    name_it(page, text, "shelf.name.1")
    [error] = page.errors
    assert error.startswith("A name must be one line of 1 to 40 visible characters")
    assert error.endswith(" plain is kept.")
    assert page.at.query_params == before
    assert name_it(page, "x" * 40, "shelf.name.1").errors == []
    assert shelf_names(page) == ["wide", "x" * 40, "deep"]


def test_no_box_takes_more_than_forty_characters() -> None:
    boxes = [box for box in shelf(THREE).all("text_input") if name_of(box).startswith("shelf.name")]
    assert [box.proto.max_chars for box in boxes] == [40] * 4


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize("reference", range(1, 4))
def test_removing_one_leaves_the_others_and_what_they_are_compared_with(place: int, reference: int) -> None:
    page = shelf({**THREE, "ref": str(reference), "in": "12"})
    names = shelf_names(page)
    chosen = names[reference - 1]
    page.press(f"shelf.remove.{place}")
    del names[place]
    assert shelf_names(page) == names
    assert page.query["in"] == "12"
    now = names[page.settings.reference - 1]
    assert now == chosen or place == reference - 1
    assert page.table("shelf").caption == f"Layers on the shelf, compared with {now}"
    for _ in names:
        page.press("shelf.remove.0")
    assert page.query == {"in": "12"}


@pytest.mark.parametrize("reference", range(1, 4))
def test_every_layer_is_compared_with_the_chosen_one(reference: int) -> None:
    page = shelf(THREE).choose("reference", reference - 1)
    assert page.query.get("ref", "1") == str(reference)
    table = page.table("shelf")
    totals = [64 * 64 * 16 + 64, 3 * 64 * 9 + 64, 3 * 64 * 64]
    assert [read(text) for text in table.column("parameters")] == totals
    assert [read(text) for text in table.column("difference")] == [
        total - totals[reference - 1] for total in totals
    ]
    assert table.marks == ["best" if n == reference - 1 else "" for n in range(3)]
    assert table.rows == as_given(shelf_table(shelf_rows(page.settings.shelf, reference)))


def test_the_choice_follows_the_names() -> None:
    page = shelf(THREE).choose("reference", 1)
    name_it(page, "even", "shelf.name.1")
    [box] = page.all("selectbox")
    assert (box.options, box.value) == (["wide", "even", "deep"], 1)
    assert box.proto.raw_value == "even"
    page.press("shelf.remove.0")
    [box] = page.all("selectbox")
    assert (box.options, box.value) == (["even", "deep"], 0)
    assert page.choose("reference", 1).table("shelf").caption.endswith("compared with deep")


def test_one_click_makes_a_kept_layer_the_layer() -> None:
    page = shelf({**KEPT, **THREE, "in": "12", "p": "0", "k": "9x7", "n": "3"})
    before = page.at.query_params
    page.take("shelf", 2)
    assert page.at.query_params == {
        **{key: text for key, text in before.items() if key not in ("in", "p", "k", "n")},
        "dim": "3",
        "bias": "0",
    }
    page.take("shelf", 0)
    assert (page.settings.in_channels, page.settings.dimensions, page.settings.bias) == (64, 2, True)
    assert shelf_names(page) == ["wide", "plain", "deep"]


def test_a_kept_layer_without_an_output_is_said() -> None:
    page = shelf({"shelf": "s1_p8_n1.tight~op9.odd~in64.good"})
    assert [sentence.split(". ")[0] for sentence in page.warnings] == [
        "tight has no output",
        "odd has no output",
    ]
    assert page.table("shelf").column("output size") == ["—", "—", "32 × 32"]
    assert page.table("shelf").column("multiply–accumulates")[:2] == ["—", "—"]
    # A layer without an output can still become the layer.
    assert page.take("shelf", 1).query["op"] == "9"


def texts(page: Visit) -> Iterator[str]:
    """Yield every text on the screen that is drawn as markdown, with labels and help texts."""
    for kind in ("markdown", "caption", "warning", "info", "error", "success"):
        yield from (element.value for element in page.all(kind))
    for kind in (
        "button",
        "slider",
        "select_slider",
        "toggle",
        "text_input",
        "button_group",
        "selectbox",
        "expander",
    ):
        for element in page.all(kind):
            yield element.label
            yield getattr(element, "help", "") or ""


@pytest.mark.parametrize("view", VIEWS["cmp"])
def test_names_are_shown_and_never_drawn_as_markup(view: str) -> None:
    page = compare(MARKED, view)
    assert shelf_names(page) == list(NAMES)
    for name, text in itertools.product(NAMES[:5], texts(page)):
        assert name not in text
    if view == "shelf":
        # Tables and boxes show the names as plain text; in sentences every special character is escaped.
        assert page.table("shelf").column("name") == list(NAMES)
        said = [element.value for element in page.all("warning")]
        assert [
            text.startswith(f"**{escape_markdown(NAMES[n])}** has no output.")
            for n, text in zip((0, 5), said, strict=True)
        ] == [True] * 2


@pytest.mark.parametrize("place", range(6))
def test_a_refusal_shows_a_name_as_it_is(place: int) -> None:
    page = name_it(shelf(MARKED), " ", f"shelf.name.{place}")
    [error] = page.all("error")
    assert error.value.endswith(
        f"{escape_markdown(NAMES[place])} is kept.".replace(" is kept.", escape_markdown(" is kept."))
    )
    [sentence] = page.errors
    assert sentence.endswith(f" {NAMES[place]} is kept.")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_can_be_given_and_comes_back_by_the_link(name: str) -> None:
    page = name_it(shelf(), name).press("shelf.keep")
    assert shelf_names(page) == [name]
    assert shelf_names(shelf(page.query)) == [name]
    assert page.at.query_params["shelf"] == write_shelf(page.settings.shelf)


# The budget


def spend(link: dict[str, Any] | None = None) -> Visit:
    return compare(link, "budget")


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        ("3136", "Your layer uses 3,136 of 3,136 parameters and leaves 0."),
        ("3135", "Your layer uses 3,136: 1 more than the budget of 3,135."),
        ("1", "Your layer uses 3,136: 3,135 more than the budget of 1."),
        (
            str(10**15),
            "Your layer uses 3,136 of 1,000,000,000,000,000 parameters and leaves 999,999,999,996,864.",
        ),
    ],
)
def test_what_is_left_of_the_budget(budget: str, said: str) -> None:
    assert said in spend({"budget": budget}).text


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (
            {"of": "work"},
            "Your layer uses 786,432: 686,432 more than the budget of 100,000. Work is counted for one "
            "sample of 16 × 16, by input.",
        ),
        (
            {"of": "memory", "budget": "1000000"},
            # 4 · (3,136 + 3 · 256 + 64 · 1,024) bytes
            "Your layer uses 277,760 of 1,000,000 bytes and leaves 722,240. Memory to run is that of the "
            "parameters, the input and the output for one sample of 16 × 16, as float32.",
        ),
        (
            {"of": "training", "budget": "1000000", "type": "bfloat16"},
            # 16 · 3,136 + 2 · 3 · 256 bytes
            "Your layer uses 51,712 of 1,000,000 bytes and leaves 948,288. Memory to train is weight 2 + ",
        ),
    ],
)
def test_a_budget_of_work_or_memory(link: dict[str, str], said: str) -> None:
    page = spend(link)
    assert said in page.text
    settings = page.settings
    cost = Cost(settings.budget_of, settings.spatial("input_size"), settings.number_type)  # type: ignore[arg-type]
    layer = settings.layer()
    assert page.table("budget").rows == as_given(
        budget_table(budget_rows(layer, settings.budget, cost=cost), f"{cost.noun}s")
    )
    pairs = frontier(layer, settings.budget, cost=cost)
    table = page.unfold("budget.frontier").table("pairs")
    assert table.rows == as_given(frontier_table(layer, pairs[:200], cost))


def test_a_cost_that_does_not_exist_is_said() -> None:
    page = spend({"of": "training", "type": "int8"})
    assert page.errors == [
        "No cost with these settings. There is no memory to train: int8 is for running a trained model: "
        "layers are not trained in it."
    ]
    page = spend({"of": "memory", "n": "1", "p": "3"})
    assert page.errors[0].startswith("No cost with these settings. padding must leave an output")


# The wanted size


WANTED: dict[str, dict[str, str]] = {
    "of the question": {"n": "7", "want": "112", "in": "64", "out": "32"},
    "per axis": {"n": "7x4", "want": "112x8", "ov": "covered", "lmax": "4"},
    "1-D": {
        "dim": "1",
        "n": "3",
        "want": "20",
        "ov": "any",
        "opmax": "7",
        "smax": "9",
        "kmax": "12",
        "dmax": "3",
    },
    "3-D, groups": {"dim": "3", "n": "4", "want": "9", "in": "12", "out": "6", "g": "3", "bias": "0"},
    "only chains": {"n": "7", "want": "1000", "lmax": "6"},
    "no answer": {"n": "2", "want": "1000", "lmax": "2", "kmax": "5"},
    "smaller": {"n": "9", "want": "7"},
    "ten million": {"n": "3", "want": "10000000", "lmax": "8"},
}


@pytest.mark.parametrize("link", WANTED.values(), ids=WANTED)
def test_every_answer_stands_in_a_table(link: dict[str, str]) -> None:
    page = compare(link, "size")
    solver_holds(page)
    assert page.errors == []
    assert page.query == link


@pytest.mark.parametrize(
    ("own", "spec", "bounds"),
    [
        ({}, {}, {}),
        ({"in": "12"}, {"in_channels": 12}, {}),
        ({"out": "8"}, {"out_channels": 8}, {}),
        ({"in": "12", "out": "8", "g": "4"}, {"in_channels": 12, "out_channels": 8, "groups": 4}, {}),
        ({"bias": "0"}, {"bias": False}, {}),
        ({"kmax": "20"}, {}, {"kernel_size": 20}),
        ({"smax": "3"}, {}, {"stride": 3}),
        ({"opmax": "2"}, {}, {"output_padding": 2}),
        ({"dmax": "2"}, {}, {"dilation": 2}),
        ({"lmax": "2"}, {}, {"layers": 2}),
        ({"ov": "covered"}, {}, {"overlap": "covered"}),
        (
            {"ov": "any", "kmax": "20", "smax": "9", "dmax": "3"},
            {},
            {"overlap": "any", "kernel_size": 20, "stride": 9, "dilation": 3},
        ),
    ],
)
def test_the_solver_is_asked_for_the_sizes_the_channels_and_the_bounds(
    own: dict[str, str], spec: dict[str, Any], bounds: dict[str, Any]
) -> None:
    link = {"dim": "1", "n": "5", "want": "21", **own}
    asked = (
        (5,),
        (21,),
        LayerSpec(**{"in_channels": 3, "out_channels": 64, "rank": 1, **spec}),
        Bounds(**{"listed": 1000, **bounds}),
    )
    found = find(decode({key: [value] for key, value in link.items()}).settings)
    assert found.layers == solve_layers(*asked)
    assert found.chains == solve_chains(*asked)
    # What this setting changes is seen in the answers.
    assert not own or found != find(decode({key: [link[key]] for key in ("dim", "n", "want")}).settings)


def test_the_answer_to_the_question() -> None:
    page = compare({**WANTED["of the question"]}, "size")
    assert page.table("solved.layers").column("layer") == ["k16, s16", "k32, s16, p8"]
    assert page.table("solved.layers").column("Keras") == ["padding='same'"] * 2
    assert "2 layers; the smallest is k16, s16 with 524,320 parameters" in page.text
    assert "Not listed: 15 with uneven overlap and 1 with holes." in page.text
    assert "4 × (k4, s2, p1)" in page.table("solved.chains").column("layers")
    assert "17 layers" in page.choose("listed_overlap", "covered").text


def test_a_wanted_size_of_640_has_a_slider_that_can_be_used() -> None:
    page = compare({"n": "20", "want": "640"}, "size")
    assert (page.slider("wanted_size").value, page.slider("wanted_size").max) == (640, 1024)
    assert page.slide("wanted_size", 100).slider("wanted_size").max == 1024
    # A typed value starts again.
    assert page.type("wanted_size", "99").slider("wanted_size").max == 256


def test_a_click_takes_an_answer_to_the_calculator_or_to_model() -> None:
    link = {"n": "7", "want": "112", "in": "64", "out": "32"}
    page = compare(link, "size").take("solved.layers", 1)
    assert page.page == "app.py"
    assert page.query == {**link, "k": "32", "s": "16", "p": "8"}
    assert output_size(page.settings) == (112, 112)
    page = compare(link, "size").choose("click_opens", "model").take("solved.layers", 0)
    table = "Input_out64_size7x7~ConvTranspose2d_in64_out32_k16_s16"
    assert page.page == MODEL
    assert page.query == {**link, "to": "model", "table": table}
    page = compare(link, "size").take("solved.chains", 0)
    assert page.page == MODEL
    assert page.query["table"].count("~ConvTranspose2d") == 4
    assert "20,608 parameters" in page.text


def test_the_picture_leads_to_the_other_answers() -> None:
    page = Visit({"n": "7", "want": "112"}, page=PICTURE, view="size").press("wanted.more")
    assert page.page == COMPARE
    assert page.settings.compare_view == "size"
    solver_holds(page)


BUDGETS: dict[str, dict[str, str]] = {
    "defaults": {},
    "1": {"budget": "1"},
    "1 for the least": {"budget": "1", "dim": "1", "k": "1", "in": "1", "out": "1", "bias": "0"},
    "2": {"budget": "2", "dim": "1", "k": "1", "in": "1", "out": "1"},
    "groups": {"budget": "5000", "in": "12", "out": "18", "g": "6", "k": "3x5"},
    "no bias": {"budget": "999", "bias": "0"},
    "3-D": {"dim": "3", "budget": "1000000", "k": "7"},
    "all of it": {"budget": str(10**15)},
    "all of it, 3-D": {"budget": str(10**15), "dim": "3", "k": "128"},
    "kernel beyond the usual": {"k": "128"},
}


@pytest.mark.parametrize("link", BUDGETS.values(), ids=BUDGETS)
def test_the_widest_layers_fit_and_one_step_more_does_not(link: dict[str, str]) -> None:
    page = spend(link)
    settings = page.settings
    budget, groups, bias = settings.budget, settings.groups, settings.bias

    def cost(kernel: int, inputs: int, outputs: int) -> int:
        return inputs * outputs // groups * kernel + outputs * bias

    table = page.table("budget")
    core = budget_table(budget_rows(settings.counted_layer(), budget))
    assert table.rows == as_given(core)
    for row in table.rows:
        kernel = math.prod(int(size) for size in row[0].split(" × "))
        for channels, spent, wide in (
            (row[1], row[2], "out"),
            (row[3], row[4], "in"),
            (row[5], row[6], "square"),
        ):

            def pair(count: int, wide: str = wide) -> tuple[int, int]:
                return (
                    count if wide != "out" else settings.in_channels,
                    count if wide != "in" else settings.out_channels,
                )

            found = 0 if channels == "—" else read(channels)
            assert found % groups == 0
            if found:
                assert read(spent) == cost(kernel, *pair(found)) <= budget
            assert found + groups > 65_536 or cost(kernel, *pair(found + groups)) > budget
    assert table.actions == [
        None if row[1] == "—" else f"{settings.in_channels:,} → {row[1]}" for row in table.rows
    ]


@pytest.mark.parametrize("link", BUDGETS.values(), ids=BUDGETS)
def test_the_frontier_is_the_cores(link: dict[str, str]) -> None:
    page = spend(link)
    settings = page.settings
    layer = settings.counted_layer()
    pairs = frontier(layer, settings.budget)
    assert "Output channels against input channels" in page.charts["frontier"].alt
    if not pairs:
        assert [
            said
            for said in page.infos
            if said.startswith("No layer with this kernel and these groups fits in ")
        ]
        assert page.all("expander") == []
        return
    assert page.infos == []
    [line] = page.all("expander")
    assert f"{len(pairs):,} pair" in line.label
    assert "pairs" not in page.given
    table = page.unfold("budget.frontier").table("pairs")
    shown = pairs[:200]
    assert table.rows == as_given(frontier_table(layer, shown))
    assert ("Only the first 200 pairs are drawn; the export contains all." in page.text) == (len(pairs) > 200)
    for inputs, outputs, count in table.rows:
        assert (
            read(count)
            == formula_counts(settings.change(in_channels=read(inputs), out_channels=read(outputs)))[0]
            <= settings.budget
        )


@pytest.mark.parametrize(
    "link", [{}, {"in": "12", "out": "18", "g": "6", "k": "3x5"}, {"dim": "3", "bias": "0", "k": "9"}]
)
def test_a_click_takes_the_widest_layer_to_the_calculator(link: dict[str, str]) -> None:
    page = spend(link)
    table = page.table("budget")
    for row in range(0, len(table.rows), 3):
        page = spend({**KEPT, **link, "budget": "90000", "s": "3", "p": "2"})
        table, before = page.table("budget"), page.at.query_params
        page.take("budget", row)
        assert page.page == "app.py"
        settings = page.settings
        assert page.answer[0] == read(table.rows[row][2])
        assert times(axes(settings, "kernel_size")) == table.rows[row][0]
        assert settings.out_channels == read(table.rows[row][1])
        moved = ("in", "out", "k", "g")
        assert {k: v for k, v in page.at.query_params.items() if k not in moved} == {
            k: v for k, v in before.items() if k not in moved
        }
        # The next run stays on the calculator, and the compare page can be opened again.
        assert page.slide("in_channels", 6).page == "app.py"
        assert page.go(COMPARE).page == COMPARE
        assert page.settings.budget == 90_000


def test_a_click_takes_a_pair_of_the_frontier_to_the_calculator() -> None:
    page = spend({"budget": "1000", "k": "2"}).unfold("budget.frontier")
    inputs, outputs, count = page.table("pairs").rows[3]
    page.take("pairs", 3)
    assert (page.page, page.answer[0]) == ("app.py", read(count))
    assert (page.settings.in_channels, page.settings.out_channels) == (read(inputs), read(outputs))


def test_a_click_on_the_chart_takes_that_pair_to_the_calculator() -> None:
    page = spend({"budget": "1000", "k": "2"})
    page.point("frontier", [4, 58])
    assert page.page == "app.py"
    assert page.query == {"budget": "1000", "k": "2", "in": "4", "out": "58"}


@pytest.mark.parametrize("point", [[4, 57], [4], [4, 58, 1], ["4", "58"], [None, {}], "4", 4, None, {}])
def test_a_click_on_what_is_no_point_of_the_frontier_changes_nothing(point: object) -> None:
    page = spend({"budget": "1000", "k": "2"})
    assert page.point("frontier", point).page == COMPARE
    assert page.query == {"budget": "1000", "k": "2"}


@pytest.mark.parametrize("text", [*UNUSABLE.values(), "0", str(10**15 + 1)])
def test_an_unusable_budget_is_refused_with_a_sentence_and_everything_is_kept(text: str) -> None:
    page = spend(KEPT)
    before = page.at.query_params
    page.type("budget", text)
    [error] = page.refusals("Budget")
    assert error.endswith(" 77 is kept.")
    assert "from 1 to 1,000,000,000,000,000" in error
    assert len(error) < 300
    assert page.at.query_params == before
    assert page.box("budget").value == "77"
    assert page.type("budget", "1,000,000").refusals("Budget") == []
    assert page.at.query_params == {**before, "budget": "1000000"}


# What other tools print


def test_the_tools_on_the_defaults() -> None:
    table = compare(view="tools").table("tools")
    prints = dict(
        zip((name.split()[0] for name in table.column("tool")), table.column("prints"), strict=True)
    )
    assert prints["torchinfo"] == "3,211,264"
    assert prints["thop"] == "3,145,728"
    assert prints["fvcore"] == "786,432"
    assert prints["PyTorch"] == "1,572,864"


# Exports


TABLES = {
    "alternatives": "alternatives",
    "size": "solved.layers",
    "shelf": "shelf",
    "budget": "budget",
    "tools": "tools",
}


@pytest.mark.parametrize(("view", "key"), TABLES.items())
def test_every_table_can_be_exported(view: str, key: str) -> None:
    page = compare({**THREE, "budget": "1000"}, view)
    assert page.all("download_button") == []
    page.open(f"{key}.export")
    assert [button.label for button in page.all("download_button")] == [form.name for form in FORMATS]
    assert {form.suffix for form in FORMATS} == {"csv", "xlsx", "md", "tex"}
    assert page.query == {**THREE, "budget": "1000"}


def test_every_table_of_every_part_has_an_export() -> None:
    for view, page in itertools.product((*VIEWS["cmp"], *VIEWS["see"]), (COMPARE, PICTURE)):
        if view in VIEWS[{COMPARE: "cmp", PICTURE: "see"}[page]]:
            visit = Visit(THREE, page=page, view=view)
            tables = {key for key in visit.given if "rows" in visit.given[key]}
            assert {f"{key}.export" for key in tables} == {popover.key for popover in visit.all("popover")}


# Unusable links


UNUSABLE_LINKS: list[tuple[dict[str, Any], str]] = [
    ({"cmp": "all"}, "cmp='all' was ignored, alternatives is used: Comparison must be alternatives or"),
    ({"cmp": ["shelf", "budget"]}, "Comparison must be given once, received 2 values."),
    ({"type": "float8"}, "type='float8' was ignored, float32 is used: Number type must be"),
    ({"type": ""}, "type='' was ignored, float32 is used"),
    ({"budget": "0"}, "budget='0' was ignored, 100000 is used: Budget must be a whole number from 1 to"),
    ({"budget": str(10**15 + 1)}, "received '1000000000000001'"),
    ({"budget": "1e6"}, "received '1e6'"),
    ({"budget": "9" * 5000}, "Budget must be a whole number"),
    ({"ref": "0"}, "ref='0' was ignored, 1 is used: Compared with must be a whole number from 1 to 6"),
    ({"ref": "7"}, "received '7'"),
    (
        {"shelf": "four"},
        "Layer 1 on the shelf was ignored: it must be settings, a dot and a name, received 'four'.",
    ),
    ({"shelf": ["in64.a", "in65.b"]}, "Shelf must be given once, received 2 values."),
    ({"shelf": "<b>**x**</b>"}, "received '<b>**x**</b>'"),
]


@pytest.mark.parametrize(("link", "said"), UNUSABLE_LINKS, ids=lambda value: str(value)[:30])
def test_a_link_with_an_unusable_value_says_so(link: dict[str, Any], said: str) -> None:
    usable = {"out": "48", "s": "3", "want": "7"}
    page = compare({**usable, **link})
    assert page.at.query_params == usable
    [warning] = page.warnings
    assert warning.startswith("Parts of the link could not be used:")
    assert said in warning
    assert len(warning) < 1000
    assert page.slide("out_channels", 49).warnings == []


@pytest.mark.parametrize(
    ("text", "kept", "said"),
    [
        (
            "in0.a",
            [("a", LayerSettings())],
            "Layer 1 on the shelf: in='0' was ignored, 3 is used: Input channels must be",
        ),
        (
            "in64_x9.a",
            [("a", LayerSettings(in_channels=64))],
            "Layer 1 on the shelf: 'x' was ignored: no setting of a layer",
        ),
        (
            "in64." + "x" * 41,
            [("64 → 64, k 4, s 2", LayerSettings(in_channels=64))],
            "its name was ignored, 64 → 64, k 4, s 2 is used",
        ),
        ("in64.", [("64 → 64, k 4, s 2", LayerSettings(in_channels=64))], "nothing was entered"),
        ("in64.a\x07", [("64 → 64, k 4, s 2", LayerSettings(in_channels=64))], "visible characters"),
        ("in6_g4.a", [("a", LayerSettings(in_channels=6, groups=4))], "4 does not, so 2 is used."),
        (
            "~".join(f".n{n}" for n in range(9)),
            [(f"n{n}", LayerSettings()) for n in range(6)],
            "room for 6 layers: 3 more were ignored.",
        ),
    ],
)
def test_a_shelf_that_is_partly_unusable_keeps_the_rest(
    text: str, kept: list[tuple[str, LayerSettings]], said: str
) -> None:
    page = shelf({"shelf": text, "in": "12"})
    [warning] = page.warnings
    assert said in warning
    assert page.query["in"] == "12"
    assert [(one.name, one.settings) for one in page.settings.shelf] == kept


@pytest.mark.parametrize("name", NAMES)
def test_an_unusable_entry_is_quoted_and_never_drawn_as_markup(name: str) -> None:
    page = shelf({"shelf": name.replace(".", "").replace("~", "~-")})
    assert page.settings.shelf == ()
    assert not any(name in text for text in texts(page))


# Settings per axis, unusable input


ROWS = ("in_channels", "out_channels", "kernel_size", "stride", "input_size")


@pytest.mark.parametrize(("name", "view"), [*zip(ROWS, itertools.cycle(VIEWS["cmp"]), strict=False)])
def test_unusable_text_is_refused_with_a_sentence_and_everything_is_kept(name: str, view: str) -> None:
    field = FIELD[name]
    page = compare({**KEPT, field.key: "5"}, view)
    before = page.at.query_params
    for text in ("", "-3", "99999999999999999999", "<b>", str(field.minimum - 1), str(field.maximum + 1)):
        page.type(name, text)
        [error] = page.refusals(field.label)
        assert error.endswith(" 5 is kept.")
        assert page.at.query_params == before
    assert page.type(name, "6").at.query_params == {**before, field.key: "6"}
    assert page.refusals(field.label) == []


@pytest.mark.parametrize("name", ROWS)
def test_slider_box_and_link_agree(name: str) -> None:
    field, page = FIELD[name], compare()
    for value in (7, field.maximum, field.minimum):
        page.type(name, str(value))
        assert page.slider(name).value == value
        assert page.query == {field.key: str(value)}
        holds(page)
    assert page.slide(name, 7).query == {field.key: "7"}


def test_one_switch_gives_every_setting_a_value_per_axis() -> None:
    page = compare().flip("per_axis.kernel_size").slide("stride.1", 3).type("input_size.0", "5")
    assert page.query == {"k": "4x4", "s": "2x3", "n": "5x16"}
    holds(page)
    assert page.flip("per_axis.kernel_size").query == {"n": "5"}


def test_every_setting_of_this_page_can_be_set_on_it() -> None:
    on_screen = {key.split(".")[0] for view in VIEWS["cmp"] for key, _ in compare(THREE, view).widgets()}
    assert on_screen >= {"number_type", "reference", "groups", "bias", "dimensions", *ROWS}
    solver = {"kernel_bound", "stride_bound", "dilation_bound", "output_padding_bound", "chain_bound"}
    unfolded = compare(view="size").unfold("solver.bounds")
    assert {key.split(".")[0] for key, _ in unfolded.widgets()} >= solver
    assert on_screen >= {"listed_overlap", "click_opens", "wanted_size", "budget_of"}
    here = {"number_type", "budget", "shelf", "reference", "compare_view", "wanted_size", "budget_of"}
    here |= {"listed_overlap", "click_opens", "aims", "every_form", "every_column", *solver}
    there = {
        "picture_view",
        "pair_in",
        "pair_out",
        "fill",
        "network",
        "chain_size",
        "layers",
        "model_view",
        *("learn_view", "step", "presenting", "seed", "level", "exercise", "questions", "sheet_title"),
        "sheet_letter",
        *("class_source", "room"),
    }
    assert here | there == set(ELSEWHERE)


# Anything at all


STEPS = st.tuples(
    st.sampled_from(["slide", "type", "flip", "dimensions", "tab", "press", "row", "name", "choose", "back"]),
    st.integers(0, 30),
    st.floats(0, 1),
    st.sampled_from([*UNUSABLE.values(), *NAMES, "1", "2", "3", "6", "100"]),
)


def rows_to_take(page: Visit) -> list[tuple[str, int]]:
    tables: dict[str, SortedTable] = {
        key: page.table(key) for key in page.given if key in ("alternatives", "shelf")
    }
    return [(key, row) for key, table in tables.items() for row, word in enumerate(table.actions) if word]


def move(page: Visit, step: tuple[str, int, float, str], past: list[dict[str, str]]) -> None:
    kind, number, share, text = step
    sliders = page.all("slider")
    slider = sliders[number % len(sliders)]
    boxes = [box for box in page.all("text_input") if not box.disabled]
    box = boxes[number % len(boxes)]
    buttons = [button.key for button in page.all("button") if not button.disabled]
    if kind == "slide":
        page.slide(
            name_of(slider).removesuffix(".slider"), round(slider.min + share * (slider.max - slider.min))
        )
    elif kind == "type" and number_of(box):
        page.type(number_of(box), text)
    elif kind in ("type", "name"):
        name_it(page, text, name_of(box))
    elif kind == "flip":
        page.flip(name_of(page.all("toggle")[number % len(page.all("toggle"))]))
    elif kind == "dimensions":
        page.choose("dimensions", 1 + number % 3)
    elif kind == "tab":
        page.tab(LABELS[number % len(LABELS)])
    elif kind == "press" and buttons:
        page.press(buttons[number % len(buttons)])
    elif kind == "row" and rows_to_take(page):
        page.take(*rows_to_take(page)[number % len(rows_to_take(page))])
    elif kind == "choose" and page.all("selectbox"):
        page.choose("reference", number % len(page.settings.shelf))
    elif kind == "back":
        page.at.query_params.clear()
        page.follow(past[number % len(past)])


@given(st.lists(STEPS, min_size=1, max_size=8), st.sampled_from(VIEWS["cmp"]))
@configured(
    phases=[Phase.generate], max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
def test_whatever_is_done_page_and_link_agree(steps: list[tuple[str, int, float, str]], view: str) -> None:
    page = compare(MARKED, view)
    past: list[dict[str, str]] = []
    for step in steps:
        past.append(dict(page.at.query_params))
        move(page, step, past)
        holds(page)
    query = dict(page.at.query_params)
    assert compare(query).at.query_params == query
