"""The calculator page: every control and every view. ``Visit`` checks the page after every step."""

import base64
import io
import math
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.frameworks import FRAMEWORKS, SNIPPETS
from calculator.settings import FIELD, FIELDS, Field, Settings
from calculator.settings.examples import EXAMPLES, Example
from calculator.settings.link import encode
from calculator.settings.values import write_value
from calculator.tables.export import export
from calculator.tables.sweeps import sweeps
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.shell.share import qr_svg
from tests.pages.conftest import (
    ELSEWHERE,
    UNUSABLE,
    VIEW,
    Visit,
    formula_counts,
    name_of,
    number_of,
    query_without_views,
    read_count,
    visible_text,
)

Begin = Callable[..., Visit]

FIRST = ("kernel_size", "in_channels", "out_channels")
MOVED = ("stride", "padding", "output_padding", "dilation", "input_size")
SECOND = ("second_out_channels", "second_kernel_size")
ROWS = [*((name, "growth") for name in FIRST), *((name, "output") for name in MOVED)]
ROWS += [(name, "numbers") for name in SECOND]
ON = {"two": "1"}
"""The inputs of the second layer are on the screen only if there is a second layer."""

every_row = pytest.mark.parametrize(("name", "view"), ROWS)


def expected_after(name: str, value: int) -> dict[str, str]:
    return encode(Settings(second=name in SECOND).change(**{name: as_value(name, value)}))


def as_value(name: str, value: int) -> int | tuple[int, ...]:
    return (value,) if FIELD[name].kind == "spatial" else value


def begin(name: str, view: str) -> Visit:
    return Visit(ON if name in SECOND else {}, view=view)


# The answer


def test_a_first_visit(visit: Begin) -> None:
    first = visit()
    assert first.answer == (3_136, 3_072, 64)
    assert "biases are 2.04 %" in first.text
    assert first.query == {}
    assert (first.errors, first.warnings) == ([], [])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_in_light_and_dark(visit: Begin, theme: str) -> None:
    for view in FIELD[VIEW].choices if VIEW in FIELD else ("",):
        assert visit(view=view, theme=theme).answer == (3_136, 3_072, 64)


def test_the_equation_has_the_numbers(visit: Begin) -> None:
    page = visit({"in": "6", "out": "10", "k": "3"})
    [equation] = [text for text in (element.value for element in page.at.markdown) if r"\underbrace" in text]
    for number in ("{6}", "{10}", r"3 \times 3", "540 weights", "10 biases", "{550}"):
        assert number in equation


def test_the_working(visit: Begin) -> None:
    page = visit()
    assert list(page.at.table) == []
    page.flip("working")
    assert page.query == {"w": "1"}
    [table] = page.at.table
    values = table.value.values.tolist()
    assert [row[-1] for row in values] == ["16", "64", "192", "3,072", "64", "3,136"]
    assert "192 × 16" in values[3]


# Link → page


OTHER: dict[str, str] = {
    "dimensions": "3",
    "kernel_size": "5",
    "in_channels": "12",
    "out_channels": "30",
    "groups": "6",
    "bias": "0",
    "working": "1",
    "stride": "3",
    "padding": "2",
    "output_padding": "1",
    "dilation": "2",
    "input_size": "20",
    "batch_norm": "1",
    "frozen": "1",
    "second": "1",
    "second_out_channels": "7",
    "second_kernel_size": "3",
    "scale": "log",
    "image_format": "png",
}
VIEWS = {"batch_norm": "numbers", "frozen": "numbers", "second": "numbers"} | dict(ROWS)


def test_other_values_cover_every_setting() -> None:
    assert set(OTHER) | set(ELSEWHERE) | {VIEW, "hidden"} == set(FIELD)
    assert not set(OTHER) & set(ELSEWHERE)


@pytest.mark.parametrize("field", [FIELD[name] for name in OTHER], ids=lambda field: field.name)
def test_the_page_shows_what_the_link_says(visit: Begin, field: Field) -> None:
    link = {field.key: OTHER[field.name]}
    if field.name == "groups":
        link |= {"in": "12", "out": "30"}
    if field.name in SECOND:
        link |= ON
    page = visit(link, view=VIEWS.get(field.name, ""))
    assert page.query == link
    assert (page.errors, page.warnings) == ([], [])
    assert field.name in {key.split(".")[0] for key, _ in page.widgets()}
    assert write_value(field, getattr(page.settings, field.name)) == OTHER[field.name]


def test_a_link_with_everything_in_it(visit: Begin) -> None:
    link = {FIELD[name].key: text for name, text in OTHER.items()}
    link |= {FIELD[name].key: text for name, text in ELSEWHERE.items()}
    link |= {"k": "2x3x4", "s": "3x4x5", "n": "8x9x10", "k2": "3x2x1"}
    for view in ("growth", "output", "numbers"):
        page = visit(link, view=view)
        assert page.query == query_without_views(link)
        assert page.answer == (12 * 30 // 6 * 24,) * 2 + (0,)
        assert (page.errors, page.warnings) == ([], [])


def test_a_default_in_a_link_is_left_out(visit: Begin) -> None:
    assert visit({"in": "3", "k": "4", "s": "2", "bias": "1"}).query == {}


def test_an_embedded_page(visit: Begin) -> None:
    page = visit({"embed": "true", "in": "12"})
    assert page.answer == (12_352, 12_288, 64)
    assert page.warnings == []
    page.slide("in_channels", 13)
    assert page.query == {"embed": "true", "in": "13"}


# Page → link


@every_row
def test_slider_and_box_agree_in_both_directions(name: str, view: str) -> None:
    page, field = begin(name, view), FIELD[name]
    for value in (field.slider_maximum, 5):
        page.slide(name, value)
        assert page.box(name).value == str(value)
        assert page.query == expected_after(name, value)
    for value in (7, 6):
        page.type(name, str(value))
        assert page.slider(name).value == value
        assert page.query == expected_after(name, value)
    assert page.refusals(field.label) == []


@every_row
def test_a_box_goes_beyond_the_range_of_its_slider(name: str, view: str) -> None:
    page, field = begin(name, view), FIELD[name]
    assert page.slider(name).max == field.slider_maximum < field.maximum
    page.type(name, str(field.maximum))
    assert page.slider(name).value == field.maximum
    assert page.box(name).value == str(field.maximum)
    assert page.query == expected_after(name, field.maximum)
    page.slide(name, page.slider(name).max - 1)
    page.slide(name, field.minimum)
    assert page.query == expected_after(name, field.minimum)
    page.type(name, str(field.maximum // 2))
    assert page.query == expected_after(name, field.maximum // 2)
    # A typed value within the initial range of the slider restores that range.
    assert page.type(name, "6").slider(name).max == field.slider_maximum
    page.type(name, str(field.maximum))
    # A new visit with this link opens the same page.
    assert Visit(page.at.query_params).query == page.query


def test_the_largest_layer(visit: Begin) -> None:
    page = visit().choose("dimensions", 3)
    for name, maximum in (("kernel_size", "128"), ("in_channels", "65,536"), ("out_channels", "65 536")):
        page.type(name, maximum)
    assert page.answer == (2**53 + 65_536, 2**53, 65_536)
    assert page.query == {"dim": "3", "k": "128", "in": "65536", "out": "65536"}
    for view in FIELD[VIEW].choices if VIEW in FIELD else ("",):
        largest = visit(page.query, view=view)
        assert largest.answer[0] == 2**53 + 65_536


@pytest.mark.parametrize(
    ("link", "share"),
    [
        # Of 1 / (in × k²) of the weights: 1 / 65,537, 1 / 99,976 and 1 / 131,073 of the parameters.
        ({"in": "65536", "k": "1"}, "0.00153 %"),
        ({"in": "3999", "k": "5"}, "0.001 %"),
        ({"in": "32768", "k": "2"}, "under 0.001 %"),
        ({"dim": "3", "k": "128", "in": "65536", "out": "65536"}, "under 0.001 %"),
    ],
)
def test_small_shares_are_said_in_plain_decimals(visit: Begin, link: dict[str, str], share: str) -> None:
    page = visit(link)
    assert re.findall(r"biases are (.*)", page.text) == [share]


@pytest.mark.parametrize(
    ("name", "view"),
    [("bias", ""), ("batch_norm", "numbers"), ("frozen", "numbers"), ("second", "numbers")],
)
def test_a_switch_is_in_the_link(visit: Begin, name: str, view: str) -> None:
    page = visit(view=view).flip(name)
    assert page.query == {FIELD[name].key: "0" if name == "bias" else "1"}
    assert page.flip(name).query == {}


def test_bias_off(visit: Begin) -> None:
    page = visit().flip("bias")
    assert page.answer == (3_072, 3_072, 0)
    assert "biases are 0 %" in page.text


def test_the_scale_is_in_the_link(visit: Begin) -> None:
    page = visit().choose("scale", "log")
    assert page.query == {"scale": "log"}
    assert page.choose("scale", "linear").query == {}


# Unusable text


@every_row
def test_unusable_text_is_refused_with_a_sentence_and_the_value_is_kept(name: str, view: str) -> None:
    page, field = begin(name, view), FIELD[name]
    page.flip("bias").slide(name, 5)
    for text in UNUSABLE.values():
        page.type(name, text)
        [error] = page.refusals(field.label)
        assert error.endswith(" 5 is kept.")
        assert f"{field.minimum:,} to {field.maximum:,}" in error
        received = text if text.isprintable() and len(text) < 50 else repr(text)[:40]
        assert received in error or not text.strip()
        assert len(error) < 300
        assert (page.slider(name).value, page.box(name).value) == (5, "5")
        assert page.query == {**expected_after(name, 5), "bias": "0"}
    page.type(name, "6")
    assert page.refusals(field.label) == []
    assert page.query == {**expected_after(name, 6), "bias": "0"}


@every_row
def test_just_outside_the_limits(name: str, view: str) -> None:
    page, field = begin(name, view), FIELD[name]
    for value in (field.minimum - 1, field.maximum + 1):
        page.type(name, str(value))
        [error] = page.refusals(field.label)
        assert f"received '{value}'" in error
        assert page.query == expected_after(name, int(page.box(name).value))
    for value in (field.maximum, field.minimum):
        assert page.type(name, str(value)).query == expected_after(name, value)
        assert page.refusals(field.label) == []


def test_an_error_goes_with_the_next_change(visit: Begin) -> None:
    page = visit().type("in_channels", "none")
    assert len(page.errors) == 1
    page.type("out_channels", "none")
    [error] = page.errors
    assert error.startswith("Output channels")
    assert page.slide("kernel_size", 5).errors == []


def test_unusable_groups(visit: Begin) -> None:
    page = visit({"in": "12", "out": "18", "g": "2"})
    for text in ("0", "-1", "4", "5", "12", "65537", "1.5", "٣", "", "9" * 5000):
        page.type("groups", text)
        [error] = page.errors
        assert error.startswith("Groups must ")
        assert " 2 is kept." in error
        assert page.query == {"in": "12", "out": "18", "g": "2"}
    assert page.type("groups", "6").query["g"] == "6"


# Groups


@pytest.mark.parametrize(
    ("inputs", "outputs", "offered"),
    [
        (12, 18, [1, 2, 3, 6]),
        (64, 64, [1, 2, 4, 8, 16, 32, 64]),
        (3, 64, [1]),
        (65_536, 65_536, [2**n for n in range(17)]),
    ],
)
def test_only_groups_that_divide_are_offered(
    visit: Begin, inputs: int, outputs: int, offered: list[int]
) -> None:
    page = visit({"in": str(inputs), "out": str(outputs)})
    assert sorted({int(option) for option in page.slider("groups").options}) == offered
    for groups in offered[1:]:
        page.slide("groups", groups)
        assert page.query["g"] == page.box("groups").value == str(groups)
        assert page.answer[1] == inputs * outputs * 16 // groups
    assert "g" not in page.type("groups", "1").query


def test_groups_that_no_longer_divide_come_back(visit: Begin) -> None:
    page = visit({"in": "64", "k": "3", "s": "3", "bias": "0", "scale": "log"}).type("groups", "32")
    kept = {"k": "3", "s": "3", "bias": "0", "scale": "log"}
    assert page.answer == (1_152, 1_152, 0)
    page.slide("in_channels", 48)
    assert page.warnings == [
        "Groups must divide input channels 48 and output channels 64; 32 does not, so 16 is used "
        "until it does. 32 → 64 can have 32 groups."
    ]
    assert page.answer == (48 * 64 * 9 // 16,) * 2 + (0,)
    assert page.query == {**kept, "in": "48", "g": "32"}
    assert "so 1 is used until it does." in page.slide("out_channels", 63).warnings[0]
    page.slide("out_channels", 64).slide("in_channels", 96)
    assert page.warnings == []
    assert page.query == {**kept, "in": "96", "g": "32"}
    assert page.answer[0] == 96 * 64 * 9 // 32


def test_the_channels_that_groups_need_are_a_click_away(visit: Begin) -> None:
    assert "8 → 64 can have 8 groups." in visible_text(visit().slider("groups").help)
    page = visit({"g": "8"})
    assert page.warnings[-1].endswith("8 → 64 can have 8 groups.")
    page.press("groups.channels")
    assert (page.query, page.warnings, page.answer[1]) == ({"in": "8", "g": "8"}, [], 8 * 64 * 16 // 8)
    page = visit().type("groups", "5")
    assert page.errors[0].endswith("received '5'. 1 is kept. 5 → 65 can have 5 groups.")
    page.press("groups.channels")
    assert page.query == {"in": "5", "out": "65", "g": "5"}
    assert "can have" not in visit().type("groups", "x").errors[0]


# Per axis, and dimensions


def test_a_kernel_with_one_size_per_axis(visit: Begin) -> None:
    page = visit().flip("per_axis.kernel_size")
    assert page.query == {"k": "4x4"}
    page.slide("kernel_size.0", 3).type("kernel_size.1", "100")
    assert page.query == {"k": "3x100"}
    assert page.answer[1] == 3 * 64 * 300
    labels = [slider.label for slider in page.all("slider") if slider.key.startswith("kernel_size")]
    assert labels == ["Kernel size, height", "Kernel size, width"]
    page.type("kernel_size.1", "0")
    [error] = page.errors
    assert error.endswith("100 is kept.")
    assert page.query == {"k": "3x100"}
    page.flip("per_axis.kernel_size")
    assert page.query == {"k": "3"}


def test_a_value_per_axis_typed_into_one_box(visit: Begin) -> None:
    page = visit().type("kernel_size", "3x5")
    assert page.query == {"k": "3x5"}
    assert page.slider("kernel_size.1").value == 5


@pytest.mark.parametrize(("first", "second"), [((3, 5), (1, 2)), ((3, 5, 7), (1, 3)), ((3, 5, 7), (2, 3))])
def test_dimensions_that_come_back_bring_their_axes(
    visit: Begin, first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    less, back = second
    rank = len(first)
    text = "x".join(map(str, first))
    start = {"k": text} | ({} if rank == 2 else {"dim": str(rank)})
    page = visit(start).choose("dimensions", less)
    assert page.answer[1] == 3 * 64 * math.prod(first[:less])
    page.choose("dimensions", back)
    assert page.query == start


def test_dimensions_step_by_step_and_back(visit: Begin) -> None:
    start = {"dim": "3", "k": "3x5x7"}
    page = visit(start)
    for rank in (2, 1, 2, 3):
        page.choose("dimensions", rank)
    assert page.query == start


def test_axes_that_were_given_up_do_not_come_back(visit: Begin) -> None:
    page = visit({"k": "3x5"}).flip("per_axis.kernel_size")
    assert page.choose("dimensions", 1).choose("dimensions", 2).query == {"k": "3"}


def test_axes_of_another_link_do_not_come_back(visit: Begin) -> None:
    page = (
        visit({"dim": "3", "k": "3x5x7"}).choose("dimensions", 1).follow({"dim": "1", "k": "3", "in": "12"})
    )
    assert page.choose("dimensions", 3).query == {"dim": "3", "k": "3", "in": "12"}


def test_axes_of_an_example_are_its_own(visit: Begin) -> None:
    page = visit({"k": "16x5"}).example("Vocoder 1-D").choose("dimensions", 2)
    assert page.query["k"] == "16"


def test_one_size_for_all_axes_in_every_dimension(visit: Begin) -> None:
    page = visit()
    for rank, volume in ((1, 4), (3, 64), (2, 16), (1, 4)):
        page.choose("dimensions", rank)
        assert page.answer == (192 * volume + 64, 192 * volume, 64)


def test_no_switch_per_axis_where_there_is_one_axis(visit: Begin) -> None:
    page = visit({"dim": "1"}, view="output")
    assert [toggle.key for toggle in page.all("toggle") if toggle.key.startswith("per_axis")] == []


def test_one_setting_per_axis_in_a_link_draws_all_of_them_per_axis(visit: Begin) -> None:
    page = visit({"s": "2x1"}, view="output")
    assert page.query == {"s": "2x1"}
    page.slide("padding.1", 0)
    assert page.query == {"s": "2x1", "p": "1x0"}
    assert page.slide("input_size.0", 8).query == {"s": "2x1", "p": "1x0", "n": "8x16"}


def test_moved_settings_per_axis(visit: Begin) -> None:
    page = visit({"dim": "3"}, view="output").flip("per_axis.stride")
    page.slide("stride.0", 1).slide("padding.2", 0).type("input_size.1", "1,024")
    assert page.query == {
        "dim": "3",
        "s": "1x2x2",
        "p": "1x1x0",
        "op": "0x0x0",
        "d": "1x1x1",
        "n": "16x1024x16",
    }
    assert page.metrics["Output size"] == "17 × 2,048 × 34"


# What does not change it


@pytest.mark.parametrize(
    ("name", "value", "output"),
    [
        ("stride", 3, "47 × 47"),
        ("padding", 0, "34 × 34"),
        ("output_padding", 1, "33 × 33"),
        ("dilation", 3, "38 × 38"),
        ("input_size", 17, "34 × 34"),
    ],
)
def test_the_output_moves_and_the_count_stays(visit: Begin, name: str, value: int, output: str) -> None:
    page = visit(view="output")
    assert (page.metrics["Output size"], page.metrics["Multiply–accumulates"]) == ("32 × 32", "786,432")
    page.slide(name, value)
    assert page.metrics["Output size"] == output
    side = value if name == "input_size" else 16
    assert read_count(page.metrics["Multiply–accumulates"]) == side**2 * 3_072
    assert page.metrics["Parameters"] == "3,136"
    assert page.answer == (3_136, 3_072, 64)


def test_the_size_is_worked_out_once_where_all_axes_agree(visit: Begin) -> None:
    page = visit({"dim": "3"}, view="output")
    assert page.text.count("Output size, ") == page.text.count("Output size, every axis: (16 − 1)") == 1
    page.flip("per_axis.stride").slide("stride.0", 1)
    assert [page.text.count(f"Output size, axis {axis}: (16 − 1) × ") for axis in (0, 1, 2)] == [1, 1, 1]


@pytest.mark.parametrize(
    ("link", "name", "value", "reason"),
    [
        ({}, "output_padding", 2, "output_padding must be smaller than stride or dilation"),
        ({"n": "1", "s": "1"}, "padding", 8, "padding must leave an output of at least 0"),
    ],
)
def test_an_impossible_combination_is_explained_in_place(
    visit: Begin, link: dict[str, str], name: str, value: int, reason: str
) -> None:
    page = visit(link, view="output").slide(name, value)
    assert any(reason in error for error in page.errors)
    assert "it stays 3,136" in page.text
    assert page.answer == (3_136, 3_072, 64)
    assert page.query == {**link, FIELD[name].key: str(value)}
    for view in FIELD[VIEW].choices if VIEW in FIELD else ("",):
        assert visit(page.query, view=view).answer == (3_136, 3_072, 64)
    page.slide("in_channels", 4)
    assert page.answer == (4_160, 4_096, 64)
    assert any(reason in error for error in page.errors)
    page.type(name, str(FIELD[name].minimum))
    assert page.errors == []
    assert "Output size" in page.metrics


def test_an_empty_output_is_allowed_and_said(visit: Begin) -> None:
    page = visit({"n": "1", "p": "2"}, view="output")
    assert page.metrics["Output size"] == "0 × 0"
    assert page.errors == []
    assert any("size 0" in shown.value for shown in page.at.info)


# Which number is right?


def three(page: Visit) -> tuple[int, int, int]:
    metrics = page.metrics
    inside = next(value for label, value in metrics.items() if label.startswith("In the transposed layer"))
    return read_count(inside), read_count(metrics["Trainable"]), read_count(metrics["All"])


def test_three_numbers(visit: Begin) -> None:
    page = visit(view="numbers")
    assert three(page) == (3_136, 3_136, 3_136)
    assert three(page.flip("batch_norm")) == (3_136, 3_264, 3_392)
    assert three(page.flip("frozen")) == (3_136, 128, 3_392)
    assert three(page.flip("second")) == (5_216, 192, 5_600)
    assert three(page.flip("batch_norm")) == (5_216, 0, 5_216)
    page.type("second_out_channels", "1,000").slide("second_kernel_size", 2)
    assert three(page) == (3_136 + 64 * 1000 * 4 + 1000, 0, 260_136)
    assert page.query == {"frozen": "1", "two": "1", "out2": "1000", "k2": "2"}
    # The answer at the top is of the first layer, whatever follows it.
    assert page.answer == (3_136, 3_072, 64)


def test_a_second_kernel_per_axis(visit: Begin) -> None:
    page = visit({"two": "1"}, view="numbers").flip("per_axis.second_kernel_size")
    page.slide("second_kernel_size.1", 3)
    assert page.query == {"two": "1", "k2": "1x3"}
    assert three(page)[0] == 3_136 + 64 * 32 * 3 + 32


@pytest.mark.parametrize("start", [{}, {"dim": "1", "g": "3", "in": "6", "frozen": "1", "op": "1"}])
def test_the_puzzle_in_one_click(visit: Begin, start: dict[str, str]) -> None:
    page = visit(start, view="numbers").press("puzzle")
    assert page.answer == (66_560, 65_536, 1_024)
    if VIEW in FIELD:
        page = visit(page.query, view="numbers")
    assert three(page) == (99_360, 101_472, 103_584)
    assert "66,560" in page.text
    assert "32,800" in page.text


# Examples


TOTALS = {
    "3 → 64": 3_136,
    "16 → 8": 3_200,
    "6 → 10": 550,
    "DCGAN": 819_200,
    "Vocoder 1-D": 2_097_408,
    "3-D U-Net": 2_097_152,
    "MuseGAN": 66_560,
}

STARTS = {
    "a fresh page": {},
    "1-D": {"dim": "1", "k": "9", "s": "4", "p": "2"},
    "3-D per axis": {"dim": "3", "k": "3x5x7", "s": "1x2x3", "n": "5x6x7", "bias": "0"},
    "everything else": {"in": "8", "g": "8", "bn": "1", "frozen": "1", "two": "1", "out2": "9", "k2": "3x5"},
    "impossible": {"op": "9", "g": "7"},
}


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_sets_everything(visit: Begin, example: Example, start: dict[str, str]) -> None:
    page = visit(start).example(example.name)
    assert page.query == links(example.settings)
    assert page.answer[0] == TOTALS[example.name]
    assert page.answer == formula_counts(example.settings)
    assert (page.errors, page.warnings) == ([], [])


def links(settings: Settings) -> dict[str, str]:
    return {key: value for key, value in encode(settings).items() if key != VIEW}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_not_changed_by_axes_that_are_remembered(visit: Begin, example: Example) -> None:
    rank = example.settings.dimensions
    for more, less in ((3, 2), (3, 1), (2, 1)):
        if less < rank <= more:
            sizes = "x".join(["3", "5", "7"][:more])
            page = visit({"k": sizes, "s": sizes} | ({"dim": "3"} if more == 3 else {}))
            page.choose("dimensions", less).example(example.name)
            assert page.query == links(example.settings)


def test_an_example_leaves_the_scale_alone(visit: Begin) -> None:
    page = visit({"scale": "log", "in": "9"}).example("6 → 10")
    assert page.query == {**links(EXAMPLES[2].settings), "scale": "log"}


def test_an_example_leaves_what_is_the_visitors_own(visit: Begin) -> None:
    # The presenter's view has no examples.
    others = {name: text for name, text in ELSEWHERE.items() if name != "presenting"}
    own = {FIELD[name].key: text for name, text in {**others, "image_format": "png", "working": "1"}.items()}
    page = visit({**own, "dim": "3", "in": "9"}).example("3-D U-Net")
    assert (
        page.at.query_params == encode(EXAMPLES[[e.name for e in EXAMPLES].index("3-D U-Net")].settings) | own
    )


def test_every_example_is_offered_with_its_source(visit: Begin) -> None:
    [offered] = [group for group in visit().all("button_group") if group.key == "examples"]
    assert offered.options == [example.name for example in EXAMPLES]
    assert all(f"- {example.name}: {example.about}" in offered.help for example in EXAMPLES)
    assert set(TOTALS) == {example.name for example in EXAMPLES}


def test_the_example_whose_layer_is_set_is_marked_and_opens_again(visit: Begin) -> None:
    def marked(page: Visit) -> object:
        [offered] = [group for group in page.all("button_group") if name_of(group) == "examples"]
        return offered.value

    page = visit({"scale": "log"})
    assert marked(page) == "3 → 64"
    assert marked(page.slide("in_channels", 5)) is None
    assert marked(page.example("DCGAN")) == "DCGAN"
    before = page.query
    assert marked(page.example("DCGAN")) == "DCGAN"
    assert page.query == before


# In your framework


def table(page: Visit) -> dict[str, list[str]]:
    """Return the table of frameworks as name → text of the other cells."""
    [text] = [element.value for element in page.at.markdown if "weight shape" in element.value]
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in text.split("\n")[2:]]
    cells = [[visible_text(cell).strip(" *") for cell in row] for row in rows]
    return {row[0]: row[1:] for row in cells}


def test_four_frameworks(visit: Begin) -> None:
    page = visit(view="frameworks")
    rows = table(page)
    assert list(rows) == [framework.title for framework in FRAMEWORKS.values()]
    assert list(rows) == ["PyTorch", "Keras", "Flax", "ONNX"]
    assert rows["PyTorch"][:3] == ["(3, 64, 4, 4)", "(64,)", "32 × 32"]
    assert rows["Keras"][:3] == ["(4, 4, 64, 3)", "(64,)", "32 × 32"]
    assert rows["Flax"][:3] == ["(4, 4, 3, 64)", "(64,)", "32 × 32"]
    assert rows["ONNX"][:3] == ["(3, 64, 4, 4)", "(64,)", "32 × 32"]
    assert {cells[3] for cells in rows.values()} == {"yes"}


@pytest.mark.parametrize(
    "link", [{}, {"bias": "0", "k": "3x5"}, {"dim": "1"}, {"dim": "3", "op": "1"}, {"in": "64", "g": "8"}]
)
def test_the_code_of_every_framework(visit: Begin, link: dict[str, str]) -> None:
    page = visit(link, view="frameworks")
    layer = page.settings.layer()
    for word, (key, (_, _, code)) in zip(
        ("torch", "keras", "flax", "flax", "onnx"), SNIPPETS.items(), strict=True
    ):
        if key != "pytorch":
            page.choose("code", key)
        assert page.code == [code(layer).strip()]
        assert word in page.code[0].lower()
    assert page.settings.layer() == layer
    assert page.slide("in_channels", 8).code == [code(page.settings.layer()).strip()]


def test_keras_and_flax_refuse_groups_and_say_why(visit: Begin) -> None:
    page = visit({"in": "64", "g": "8"}, view="frameworks")
    rows = table(page)
    for name in ("Keras", "Flax"):
        assert rows[name][3] == "no"
        assert [sentence for sentence in page.warnings if f"{name} cannot express" in sentence]
    for name in ("PyTorch", "ONNX"):
        assert rows[name][3] == "yes"
        assert rows[name][0] == "(64, 8, 4, 4)"
    assert len([sentence for sentence in page.warnings if "groups" in sentence]) == 2


def test_stride_and_padding_stand_beside_the_code(visit: Begin) -> None:
    page = visit(view="frameworks").slide("stride", 3).slide("padding", 0)
    assert page.query == {"s": "3", "p": "0"}
    assert "kernel_size=4, stride=3)" in page.code[0]
    page = visit({"op": "5"}, view="frameworks").slide("stride", 6)
    assert page.errors == []


def test_no_framework_has_an_impossible_layer(visit: Begin) -> None:
    page = visit({"op": "5"}, view="frameworks")
    assert any("No framework accepts this layer." in error for error in page.errors)
    assert any("output_padding must be smaller than stride or dilation" in error for error in page.errors)
    assert page.answer == (3_136, 3_072, 64)


# Share


def test_the_dialog(visit: Begin) -> None:
    page = visit({"in": "12", "k": "3x5"})
    page.at.context["url"] = "https://example.org/calculator/"
    page.share()
    page.run()
    link, mystery, snippet = page.code[-3:]
    view = {} if VIEW not in page.at.query_params else {VIEW: page.at.query_params[VIEW]}
    assert re.match(r"https://example\.org/calculator/?\?", link)
    assert parse_qs(urlsplit(link).query) == {key: [text] for key, text in {**page.query, **view}.items()}
    assert parse_qs(urlsplit(mystery).query) == {"in": ["12"], "k": ["3x5"], "ask": ["1"]}
    assert urlsplit(mystery).path.strip("/") == "calculator"
    [source] = re.findall('src="([^"]*)"', snippet)
    assert parse_qs(urlsplit(source.replace("&amp;", "&")).query)["embed"] == ["true"]
    assert page.query == {"in": "12", "k": "3x5"}
    [image] = page.all("image")
    [drawn] = image.value
    assert base64.b64decode(drawn.split("base64,")[1]).decode() == qr_svg(link)
    assert [button.key for button in page.all("download_button")] == [
        f"share.{name}.{suffix}"
        for name in ("growth", "plane", "working")
        for suffix in ("csv", "xlsx", "md", "tex")
    ]


def test_a_dialog_is_not_in_the_way(visit: Begin) -> None:
    page = visit().share()
    page.slide("in_channels", 12)
    assert page.query == {"in": "12"}
    assert page.answer == (12_352, 12_288, 64)


def test_the_dialog_opens_with_the_last_change_though_its_link_is_the_one_before(visit: Begin) -> None:
    page = visit().slide("in_channels", 12)
    page.at.query_params.clear()
    page.share()
    assert page.query == {"in": "12"}
    assert page.code[-3].endswith("?in=12")


# Links that are partly unusable, other links in the same visit


@pytest.mark.parametrize(
    ("link", "rest", "said"),
    [
        ({"k": "inf"}, {}, "k='inf' was ignored, 4 is used: Kernel size must be a whole number"),
        ({"in": "1e400"}, {}, "in='1e400' was ignored, 3 is used: Input channels must be a whole number"),
        ({"in": "9" * 5000}, {}, "was ignored, 3 is used: Input channels must be a whole number"),
        ({"k": "٤"}, {}, "written with the digits 0–9, received '٤'"),
        ({"in": "1_000"}, {}, "received '1_000'"),
        ({"in": "12.7"}, {}, "received '12.7'"),
        ({"in": "0"}, {}, "from 1 to 65,536, received '0'"),
        ({"k": ""}, {}, "nothing was entered"),
        ({"bias": "<script>alert(1)</script>"}, {}, "received '<script>alert(1)</script>'"),
        ({"scale": "*b*"}, {}, "received '*b*'"),
        ({"<script>": "1"}, {}, "'<script>' was ignored: no setting has that key."),
        ({"in": ["5", "6"]}, {}, "Input channels must be given once, received 2 values."),
        ({"g": "5"}, {"g": "5"}, "5 does not, so 1 is used until it does."),
        ({"q" * 50_000: "p" * 50_000}, {}, "no setting has that key"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_link_opens_with_everything_that_is_usable(
    visit: Begin, link: dict[str, Any], rest: dict[str, str], said: str
) -> None:
    usable = {"out": "48", "s": "3", "bn": "1"}
    page = visit({**usable, **link})
    assert page.query == {**usable, **rest}
    assert any(said in warning for warning in page.warnings)
    assert page.warnings[0].startswith("Parts of the link could not be used:")
    assert all(len(warning) < 1000 for warning in page.warnings)
    # The warning stays until a setting is changed.
    assert any(said in warning for warning in page.run().warnings)
    page.slide("kernel_size", 6)
    assert page.query == {**usable, **rest, "k": "6"}
    assert not any("The link was opened" in warning for warning in page.warnings)


@pytest.mark.parametrize("text", ["<b>x</b>", "**x**", "[x](y)", "$x$", ":red[x]", "`x`", "![x](y)"])
def test_what_a_link_held_is_shown_and_not_rendered(visit: Begin, text: str) -> None:
    for link in ({"scale": text}, {text: "1"}):
        [warning] = visit(link).at.warning
        assert escape_markdown(f"'{text}'") in warning.value


def test_a_link_full_of_rubbish(visit: Begin) -> None:
    page = visit({f"u{n}": "<b>" for n in range(500)} | {"in": "12"})
    assert page.query == {"in": "12"}
    [warning] = page.warnings
    assert "495 more parts of the link were ignored" in warning


def test_back(visit: Begin) -> None:
    page = visit().slide("in_channels", 12)
    before = page.query
    page.slide("in_channels", 24).flip("bias").type("kernel_size", "100")
    page.follow(before)
    assert page.query == before
    assert page.answer == (12_352, 12_288, 64)
    assert page.follow({}).answer == (3_136, 3_072, 64)


def test_another_link_replaces_everything(visit: Begin) -> None:
    page = visit({"in": "12", "k": "3x5", "bias": "0"}).type("in_channels", "none")
    page.follow({"k": "bad", "out": "7"})
    assert page.query == {"out": "7"}
    assert page.errors == []
    assert len(page.warnings) == 1
    assert page.follow({"out": "7", "s": "3"}).warnings == []


def test_a_change_is_not_undone_by_the_link_of_the_one_before(visit: Begin) -> None:
    # A browser may send the next change before it has received the last link.
    page = visit().slide("in_channels", 12)
    page.at.query_params.clear()
    page.slide("out_channels", 7)
    assert page.query == {"in": "12", "out": "7"}


# Anything at all

TYPED = st.sampled_from([*UNUSABLE.values(), "1", "2", "6", "100"])
STEPS = st.one_of(
    st.tuples(st.just("slide"), st.integers(0, 30), st.floats(0, 1)),
    st.tuples(
        st.just("type"), st.integers(0, 30), st.sampled_from([*UNUSABLE.values(), "1", "2", "6", "100"])
    ),
    st.tuples(st.just("flip"), st.integers(0, 30), st.none()),
    st.tuples(st.just("choose"), st.sampled_from((1, 2, 3)), st.none()),
    st.tuples(st.just("press"), st.integers(0, len(EXAMPLES) - 1), st.none()),
    st.tuples(st.just("back"), st.integers(0, 30), st.none()),
)


def pick(page: Visit, kind: str, number: int) -> Any:
    return page.all(kind)[number % len(page.all(kind))]


def take(page: Visit, step: tuple[str, int, Any], past: list[dict[str, str]]) -> None:
    kind, number, value = step
    if kind == "slide":
        slider = pick(page, "slider", number)
        page.slide(
            name_of(slider).removesuffix(".slider"), round(slider.min + value * (slider.max - slider.min))
        )
    elif kind == "type":
        page.type(number_of(pick(page, "text_input", number)), value)
    elif kind == "flip":
        page.flip(name_of(pick(page, "toggle", number)))
    elif kind == "choose":
        page.choose("dimensions", number)
    elif kind == "press":
        if not page.settings.presenting:
            page.example(EXAMPLES[number].name)
    else:
        page.follow(past[number % len(past)])
        assert page.query == past[number % len(past)]


@given(st.lists(STEPS, min_size=1, max_size=8), st.sampled_from(["growth", "output", "numbers"]))
@configured(phases=[Phase.generate], max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_done_page_and_link_agree(steps: list[tuple[str, int, Any]], view: str) -> None:
    page = Visit(view=view)
    past: list[dict[str, str]] = []
    for step in steps:
        past.append(page.query)
        take(page, step, past)
        assert Visit(page.at.query_params).answer == page.answer


def test_every_setting_can_be_set_on_the_page(visit: Begin) -> None:
    link = {**ON, "in": "12", "out": "12"}
    on_screen = set()
    for view in ("growth", "output", "numbers"):
        on_screen |= {key.split(".")[0] for key, _ in visit(link, view=view).widgets()}
    assert on_screen >= {field.name for field in FIELDS} - {VIEW, "hidden", *ELSEWHERE}


def test_downloads_hold_exact_digits(visit: Begin) -> None:
    settings = visit({"dim": "3", "k": "128", "in": "65536", "out": "65536"}).settings
    frame = pd.read_csv(io.BytesIO(export(sweeps(settings.counted_layer()), "CSV", title="")), dtype=str)
    assert str(2**53) in set(frame["weights"])


# The presenter's view


def test_the_presenters_view_shows_the_answer_and_its_growth_alone() -> None:
    page = Visit({"in": "12"}).flip("presenting")
    assert page.query == {"in": "12", "present": "1"}
    assert set(page.charts) == {"growth"}
    assert "Privacy" not in page.text
    assert page.slide("kernel_size", 5).query == {"in": "12", "k": "5", "present": "1"}
    assert page.choose("scale", "log").settings.scale == "log"
    assert page.flip("presenting").query == {"in": "12", "k": "5", "scale": "log"}
    assert "Privacy" in page.text


def test_every_view_has_a_presenters_view() -> None:
    page = Visit({"present": "1"})
    for view in FIELD["view"].choices:
        assert page.choose("view", view).settings.view == view
        assert "Privacy" not in page.text
        assert not page.all("pills")
        assert [box.label for box in page.all("toggle")].count("Presenter's view") == 1
    assert page.flip("presenting").settings.view == "frameworks"
    assert "Privacy" in page.text


def test_a_mystery_is_asked_first_and_not_presented() -> None:
    assert "Privacy" in Visit({"present": "1", "ask": "1"}).text
