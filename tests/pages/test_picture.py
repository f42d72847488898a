"""The picture page: every view, for usual and extreme layers. ``Visit`` checks the page after every step."""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.charts.descriptions import overlap_finding, tensor_finding
from calculator.core.errors import LayerError
from calculator.geometry.stamp import small_input, stamp
from calculator.geometry.weight_grid import tensor_view
from calculator.settings import FIELD, Settings
from calculator.settings.link import decode
from calculator.tables.picture import size_table, ways_table
from calculator.ui.charts.stamp_player import frames
from tests.helpers import reference
from tests.helpers.extreme_settings import (
    EXTREMES,
    MARKED,
    MAX_VALUE,
    NAMES,
    NARROW,
    NO_OUTPUT,
    by_axis,
    interior,
    output_size,
    products_met,
    times,
)
from tests.pages.conftest import (
    ELSEWHERE,
    PICTURE,
    UNUSABLE,
    VIEWS,
    Visit,
    formula_counts,
    name_of,
    read_count,
)

Begin = Callable[..., Visit]

HEADLINE = re.compile(r"(?:Output )?(.+) from input (.+) · the same ([\d,]+) parameters? at every position")
KEPT = {
    **MARKED,
    "ref": "3",
    "budget": "77",
    "type": "int8",
    "cmp": "tools",
    "want": "9",
    "scale": "log",
    "w": "1",
}
"""Settings that do not belong to the layer, and must survive every change of the layer."""


def see(link: dict[str, str] | None = None, view: str = "", **more: Any) -> Visit:
    return Visit(link or {}, page=PICTURE, view=view, **more)


def as_value(name: str, value: int) -> int | tuple[int, ...]:
    return (value,) if FIELD[name].kind == "spatial" else value


def headline(page: Visit) -> tuple[str, str, int]:
    """Return output size, input size and count of the headline."""
    [found] = [match for line in page.text.split("\n") for match in [HEADLINE.fullmatch(line)] if match]
    return found[1], found[2], read_count(found[3])


def holds(page: Visit) -> None:
    """Check the headline with the formulas."""
    settings = page.settings
    output = output_size(settings)
    n = times(tuple(axis[0] for axis in by_axis(settings)))
    assert headline(page) == (
        "No output" if output is None else times(output),
        n,
        formula_counts(settings)[0],
    )


# Every part


@pytest.mark.parametrize("view", VIEWS["see"])
@pytest.mark.parametrize(("theme", "width"), [("light", "usual"), ("dark", "narrow"), ("dark", "wide")])
def test_a_first_visit(view: str, theme: str, width: str) -> None:
    page = see(view=view, theme=theme, width=width)
    assert headline(page) == ("32 × 32", "16 × 16", 3_136)
    assert (page.errors, page.warnings, page.query) == ([], [], {})


@pytest.mark.parametrize("name", EXTREMES)
def test_every_part_for_extreme_layers(name: str) -> None:
    link = EXTREMES[name]
    page = see(link)
    widths = ("usual", "narrow") if name in NARROW else ("usual",)
    for view, width in itertools.product(VIEWS["see"], widths):
        page.window(width).follow({**link, "see": view})
        holds(page)
        assert page.query == link
        # Something is drawn, or a sentence explains why not; the count is there in both cases.
        assert set(page.given) - {"viewport"} or page.charts or page.errors or page.infos
        if view != "tensor" and output_size(page.settings) is None:
            assert page.errors[0].startswith("No output with these settings. ")
            assert f"it stays {formula_counts(page.settings)[0]:,}." in page.text
        else:
            assert page.errors == []


def test_a_tab_is_in_the_link() -> None:
    page = see({"in": "12"})
    for view, label in zip(VIEWS["see"], FIELD["picture_view"].names, strict=True):
        page.tab(label)
        assert page.settings.picture_view == view
        assert page.query == {"in": "12"}
    assert page.tab("The stamp").at.query_params == {"in": "12"}


def test_an_output_of_0_is_not_called_too_large() -> None:
    for view in ("stamp", "transposed"):
        [said] = see({"n": "1", "p": "2"}, view).infos
        assert "too large" not in said
        assert "0" in said


# The stamp


STAMPED: dict[str, dict[str, str]] = {
    "defaults": {},
    "1-D": {"dim": "1", "k": "3", "s": "3", "p": "0"},
    "3-D": {"dim": "3", "k": "2", "n": "2"},
    "per axis": {"k": "3x2", "s": "2x3", "p": "1x0", "op": "1x0", "d": "1x2", "n": "3x2"},
    "dilation and output padding": {"k": "3", "d": "2", "op": "1", "s": "3"},
    "ones": {"fill": "ones", "k": "3"},
    "a pair": {"in": "8", "g": "4", "ci": "5", "co": "40", "k": "2"},
    "a pair outside": {"in": "8", "g": "4", "ci": "5", "co": "1", "k": "2"},
    "padding crops most": {"p": "4", "k": "3"},
    "a hole": {"k": "1", "p": "0", "s": "3", "op": "2"},
}


@pytest.mark.parametrize("link", STAMPED.values(), ids=STAMPED)
def test_the_browser_is_given_a_real_transposed_convolution(link: dict[str, str]) -> None:
    page = see(link)
    given, settings = page.given["stamp"], page.settings
    size, kernel_size = given["input_size"], given["kernel_size"]
    assert kernel_size == [k for _, k, *_ in by_axis(settings)]
    assert all(drawn <= n for drawn, (n, *_) in zip(size, by_axis(settings), strict=True))
    if settings.fill == "ones":
        assert set(given["input"]) == set(given["kernel"]) == {1}
    else:
        assert given["input"] == [1 + place % 9 for place in range(len(given["input"]))]
    image = np.array(given["input"], float).reshape(1, *size)
    kernel = np.array(given["kernel"], float).reshape(1, 1, *kernel_size)
    names = ("stride", "padding", "output_padding", "dilation")
    columns = list(zip(*((s, p, op, d) for _, _, s, p, op, d in by_axis(settings)), strict=True))
    output = reference.carry_out(image, [kernel], **dict(zip(names, columns, strict=True))).output[0]
    canvas = np.array(given["steps"][-1]["canvas"], float).reshape(given["canvas_size"])
    kept = canvas[tuple(slice(start, end) for start, end in given["kept"])]
    assert np.array_equal(kept, output)
    assert given["output_name"].startswith(f"Output {times(output.shape)}")
    assert len(given["steps"]) == image.size


@pytest.mark.parametrize("link", STAMPED.values(), ids=STAMPED)
def test_every_frame_is_the_cores(link: dict[str, str]) -> None:
    page = see(link)
    settings = page.settings
    size = small_input(settings.layer(), settings.spatial("input_size"))
    made = stamp(settings.layer(), size, pair=settings.used_pair, values=settings.fill)
    given = page.given["stamp"]
    assert {name: given[name] for name in frames(made)} == json.loads(json.dumps(frames(made)))


def test_the_stamp_says_which_kernel_it_is() -> None:
    page = see({"in": "8", "g": "4", "ci": "5", "co": "40"})
    assert "from input channel 5 to output channel 40, one of 128." in page.text
    assert (
        "To finish output channel 40 the layer adds the stamps of the other input channel and one bias"
        in page.given["stamp"]["ending"]
    )


def test_values_are_in_the_link() -> None:
    page = see().choose("fill", "ones")
    assert page.query == {"fill": "ones"}
    assert set(page.given["stamp"]["input"]) == {1}
    assert page.choose("fill", "numbers").query == {}


def test_the_presenters_view_shows_the_stamp_alone() -> None:
    page = see({"k": "3"}).flip("presenting")
    assert page.query == {"k": "3", "present": "1"}
    assert "Privacy" not in page.text
    assert page.slide("stride", 3).query == {"k": "3", "s": "3", "present": "1"}
    # Where there is no picture the way back is still there.
    assert page.type("kernel_size", "128").infos
    assert page.flip("presenting").query == {"k": "128", "s": "3"}
    assert "Privacy" in page.text


def test_on_a_wall_each_view_is_only_its_idea() -> None:
    page = see({"present": "1", "s": "3"})
    for view in FIELD["picture_view"].choices:
        assert page.choose("picture_view", view).settings.picture_view == view
        assert "Privacy" not in page.text
        assert not {"pair_in", "wanted_size", "fill"} & {key.split(".")[0] for key, _ in page.widgets()}
        assert "Changes that make the overlap even" not in page.text


def test_the_numbers_are_called_made_up() -> None:
    assert "The numbers are made up." in see().text
    assert "The numbers are made up" in see({}, "tensor").text


LARGE: dict[str, dict[str, str]] = {
    "kernel": {"k": "128"},
    "dilation": {"d": "128"},
    "stride": {"s": "128", "n": "2"},
    "output padding": {"s": "128", "op": "127", "n": "1"},
    "3-D": {"dim": "3", "k": "16x2x2", "n": "3x4x5"},
    "per axis": {"k": "2x128", "s": "2x3", "p": "1x2"},
}


@pytest.mark.parametrize("link", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize("view", ["stamp", "transposed"])
def test_what_is_too_large_to_draw_is_said_and_made_small_in_one_click(
    view: str, link: dict[str, str]
) -> None:
    page = see({**KEPT, **link, "in": "12", "g": "3"}, view)
    before, drawn = page.at.query_params, "stamp" in page.given or "matrices" in page.charts
    if drawn:
        assert view == "transposed"  # one line of the kernel may be small enough
        return
    assert [sentence for sentence in page.infos if sentence.startswith("This layer is too large to draw. ")]
    page.press("stamp.smaller" if view == "stamp" else "matrix.smaller")
    assert "stamp" in page.given or "matrices" in page.charts
    assert page.infos == []
    moved = {FIELD[name].key for name in ("kernel_size", "stride", "padding", "output_padding", "dilation")}
    assert {key: text for key, text in page.at.query_params.items() if key not in moved} == {
        key: text for key, text in before.items() if key not in moved
    }


# The weight tensor


TENSORS: dict[str, dict[str, str]] = {
    "defaults": {},
    "small": {"in": "2", "out": "3", "k": "2"},
    "grouped": {"in": "8", "out": "12", "g": "4", "k": "3x5"},
    "depthwise": {"in": "64", "out": "64", "g": "64", "bias": "0"},
    "1-D": {"dim": "1", "in": "1", "out": "1", "k": "1"},
    "largest": {"dim": "3", "k": "128", "in": "65536", "out": "65536"},
}


@pytest.mark.parametrize("link", TENSORS.values(), ids=TENSORS)
def test_the_tensor_is_the_weight_shape(link: dict[str, str]) -> None:
    page = see(link, "tensor")
    settings = page.settings
    groups = settings.groups
    kernel = [k for _, k, *_ in by_axis(settings)]
    shape = (settings.in_channels, settings.out_channels // groups, *kernel)
    _, weights, biases = formula_counts(settings)
    assert f"weight_shape = ({', '.join(f'{size:,}' for size in shape)})" in page.text
    assert f"= {weights:,} weight" in page.text
    assert (f"{biases:,} bias" in page.text) == settings.bias
    assert ("No biases" in page.text) == (not settings.bias)
    kernels = settings.in_channels * settings.out_channels // groups
    shown = re.findall(r"([\d,]+) of ([\d,]+) kernels are drawn", page.text)
    view = tensor_view(settings.counted_layer(), settings.used_pair, max_rows=7, max_columns=10)
    assert shown == ([] if view.complete else [(f"{view.kernels_shown:,}", f"{kernels:,}")])
    assert page.charts["tensor"].alt == tensor_finding(view)


@pytest.mark.parametrize(
    ("link", "pair"),
    [
        ({}, (3, 64)),
        ({"in": "6", "out": "9", "g": "3"}, (4, 5)),
        ({"in": "65536", "out": "65536"}, (65_536, 30_000)),
    ],
)
def test_a_pair_is_framed_on_both_parts(link: dict[str, str], pair: tuple[int, int]) -> None:
    page = see(link, "tensor").type("pair_in", str(pair[0])).type("pair_out", str(pair[1]))
    assert page.query == {**link, "ci": str(pair[0]), "co": str(pair[1])}
    assert page.warnings == []
    words = f"from input channel {pair[0]:,} to output channel {pair[1]:,}"
    assert words in page.charts["tensor"].alt
    assert words in page.tab("The stamp").text


@pytest.mark.parametrize(
    ("link", "framed"),
    [
        ({"ci": "4"}, "3 to 1"),
        ({"co": "65"}, "1 to 64"),
        ({"ci": "65536", "co": "65536"}, "3 to 64"),
        ({"in": "6", "out": "9", "g": "3", "ci": "4"}, "4 to 4"),
        ({"in": "6", "out": "9", "g": "3", "co": "9"}, "1 to 3"),
        ({"in": "64", "g": "64", "ci": "7", "co": "9"}, "7 to 7"),
    ],
)
def test_a_pair_outside_the_layer_is_said(link: dict[str, str], framed: str) -> None:
    page = see(link, "tensor")
    inputs, outputs = (int(link.get(key, "1")) for key in ("ci", "co"))
    assert page.warnings == [
        f"The layer has no kernel from input channel {inputs:,} to output channel {outputs:,}; "
        f"the kernel from {framed} is framed instead."
    ]
    start, end = framed.split(" to ")
    assert f"from input channel {start} to output channel {end} is framed" in page.charts["tensor"].alt
    # The link keeps the chosen pair, which is used again as soon as the layer has that kernel.
    assert page.query == link
    page.type("groups", "1").type("in_channels", "65536").type("out_channels", "65536")
    assert page.warnings == []


# Why "transposed"


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"dim": "1", "k": "3", "s": "1"},
        {"k": "3x5", "s": "2x3", "p": "0x2", "n": "9x4"},
        {"d": "3", "k": "3", "op": "1"},
        {"dim": "3", "k": "2", "s": "5", "p": "0", "n": "1"},
    ],
)
def test_the_matrix_is_a_transposed_convolution(link: dict[str, str]) -> None:
    page = see(link, "transposed")
    settings = page.settings
    alt = page.charts["matrices"].alt
    [rows] = re.findall(r"C, \d+ rows? by \d+ columns?: (.*?)\. Its transpose", alt)
    matrix = np.array([[int(value) for value in row.split()] for row in rows.split("; ")], float)
    [kernel] = re.findall(r"one line of the kernel: ([\d, ]+)\.", page.text)
    weights = np.array([int(value) for value in kernel.split(", ")], float)
    *_, (_, k, s, p, op, d) = by_axis(settings)
    assert len(weights) == k
    image = np.arange(1.0, len(matrix) + 1)
    spatial = {"stride": (s,), "padding": (p,), "output_padding": (op,), "dilation": (d,)}
    output = reference.carry_out(image.reshape(1, -1), [weights.reshape(1, 1, -1)], **spatial).output[0]
    assert np.array_equal(matrix.T @ image, output)
    assert f"{len(output)} values out of {len(image)}" in page.text
    assert "misnomer" in page.text


# Overlap


UNEVEN: dict[str, dict[str, str]] = {
    "kernel 3": {"k": "3"},
    "kernel 5, stride 4": {"k": "5", "s": "4"},
    "1-D": {"dim": "1", "k": "9", "s": "4", "n": "7"},
    "one axis of three": {"dim": "3", "k": "4x3x4", "s": "2", "n": "5"},
    "holes": {"k": "2", "s": "5", "p": "0"},
    "dilation shares a factor": {"d": "2", "k": "4"},
    "dilation shares a factor, holes": {"s": "4", "d": "6", "k": "4", "p": "0", "op": "3"},
    "output padding": {"k": "3", "op": "1", "p": "0"},
    "no padding keeps it": {"k": "7", "s": "8", "p": "0", "n": "2"},
}


def remedies_of(page: Visit) -> list[Any]:
    return [button for button in page.all("button") if name_of(button).startswith("remedy.")]


@pytest.mark.parametrize(
    "link", [*UNEVEN.values(), {}, {"k": "6", "s": "3"}, {"k": "128", "s": "128"}, {"s": "1"}]
)
def test_the_overlap_is_said(link: dict[str, str]) -> None:
    page = see(link, "overlap")
    settings = page.settings
    minimum, maximum = interior(settings)
    met = products_met(settings)
    noun = "product" if maximum == 1 else "products"
    if all(min(axis) == max(axis) for axis in met):
        assert f"Even: away from the borders, every position gets {maximum:,} {noun} " in page.text
        assert remedies_of(page) == []
    elif minimum == 0:
        assert (
            "Holes: some positions get no product at all and contain only the bias; others get up to "
            f"{maximum:,}" in page.text
        )
    else:
        assert (
            f"Uneven: away from the borders, a position gets {minimum:,} to {maximum:,} {noun} " in page.text
        )
    assert "necessary, not sufficient" in page.text
    assert page.charts["overlap"].alt == overlap_finding(settings.layer())


@pytest.mark.parametrize("link", UNEVEN.values(), ids=UNEVEN)
def test_one_click_makes_the_overlap_even_and_keeps_the_size(link: dict[str, str]) -> None:
    for place in range(len(remedies_of(see(link, "overlap")))):
        page = see({**KEPT, **link, "in": "12", "g": "4", "ci": "7"}, "overlap")
        before, size = page.query, output_size(page.settings)
        [sentence] = [text for text in page.text.split("\n") if "every position gets" in text][
            place : place + 1
        ]
        page.press(f"remedy.{place}")
        settings = page.settings
        assert all(min(axis) == max(axis) for axis in products_met(settings))
        assert "Even: away from the borders, " in page.text
        assert remedies_of(page) == []
        changed = output_size(settings)
        assert changed is not None
        if changed == size:
            assert f" The output stays {times(changed)}. " in sentence
        else:
            assert f" it becomes {times(changed)}. " in sentence
        allowed = {FIELD[name].key for name in ("kernel_size", "padding", "output_padding", "dilation")}
        assert {k: v for k, v in page.query.items() if k not in allowed} == {
            k: v for k, v in before.items() if k not in allowed
        }


def test_a_remedy_changes_nothing_else() -> None:
    # Groups that do not divide wait for channels that they do.
    page = see({"k": "3", "in": "12", "g": "3"}, "overlap").press("remedy.1")
    assert page.query == {"in": "12", "g": "3", "op": "1", "p": "2"}


def test_every_uneven_layer_has_a_click_and_most_keep_the_size() -> None:
    for link in UNEVEN.values():
        page = see(link, "overlap")
        assert remedies_of(page)
        assert all(not button.disabled for button in remedies_of(page))
    [*buttons] = remedies_of(see(UNEVEN["kernel 3"], "overlap"))
    assert [button.label for button in buttons] == ["Kernel size 2", "Kernel size 4"]


def test_a_remedy_beyond_the_limits_is_said_and_cannot_be_pressed() -> None:
    page = see({"k": "128", "s": "5", "p": "60"}, "overlap")
    smaller, larger = remedies_of(page)
    assert (smaller.label, smaller.disabled) == ("Kernel size 125", False)
    assert (larger.label, larger.disabled) == ("Kernel size 130", True)
    assert page.text.count("This is beyond the limits of this page.") == 1


# Output size


def value_of(expression: str) -> int:
    """Return the value of a formula with numbers, as the page writes it."""
    plain = (
        expression.replace("×", "*").replace("−", "-").replace(",", "")
        if "m" not in expression
        else expression
    )
    plain = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", plain).replace("×", "*").replace("−", "-")
    assert re.fullmatch(r"(?:max|min|[\d\s()+*,-])+", plain)
    return int(eval(plain))


SIZED: dict[str, dict[str, str]] = {
    "defaults": {},
    "1-D": {"dim": "1", "k": "3", "s": "3", "op": "2"},
    "3-D per axis": {"dim": "3", "k": "3x5x7", "s": "1x2x3", "p": "0x1x2", "d": "1x2x1", "n": "5x6x7"},
    "kernel below the stride": {"k": "2", "s": "5", "p": "0"},
    "large": {"n": "65536", "k": "128", "s": "128"},
    "groups": {"in": "64", "g": "8"},
    "an output of 0": {"n": "1", "p": "2"},
}


@pytest.mark.parametrize("link", SIZED.values(), ids=SIZED)
def test_sizes_side_by_side_add_up(link: dict[str, str]) -> None:
    page = see(link, "size")
    settings = page.settings
    table = page.table("sizes")
    core = size_table(settings.layer(), settings.spatial("input_size"))
    assert table.columns == list(core.columns)
    assert set(table.column("framework")) == {"PyTorch", "Keras", "Flax", "ONNX"}
    for row, numbers, size in zip(
        core.values.tolist(), table.column("with numbers"), table.column("output size"), strict=True
    ):
        assert size == ("—" if row[-1] is None else times(row[-1]))
        assert numbers == row[3]
        if row[-1] is not None:
            found = [value_of(axis) for axis in numbers.split("; ")]
            assert found * (settings.dimensions if len(found) == 1 else 1) == list(row[-1])
    assert table.column("output size")[0] == times(output_size(settings) or ())


def legal(n: int, k: int, s: int, d: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Yield every (padding, output_padding) that gives ``wanted``, by trying all pairs."""
    for op in range(max(s, d)):
        for p in range(((n - 1) * s + d * (k - 1) + op + 1) // 2 + 1):
            if (n - 1) * s - 2 * p + d * (k - 1) + op + 1 == wanted:
                yield p, op


SOLVED: dict[str, dict[str, str]] = {
    "defaults": {},
    "several": {"k": "4", "s": "4", "n": "16", "want": "61"},
    "1-D": {"dim": "1", "k": "5", "s": "3", "want": "45"},
    "dilation": {"dim": "1", "k": "3", "d": "4", "s": "2", "want": "33"},
    "per axis": {"k": "3x5", "s": "2x3", "n": "9x7", "want": "18x20"},
    "3-D, one axis": {"dim": "3", "k": "4", "n": "16x16x8", "want": "32x32x16"},
}


@pytest.mark.parametrize("link", SOLVED.values(), ids=SOLVED)
def test_every_solution_is_there_and_gives_the_size(link: dict[str, str]) -> None:
    page = see({**KEPT, "want": "32", **link}, "size")
    before, settings = page.at.query_params, page.settings
    wanted = (
        settings.wanted_size * settings.dimensions if len(settings.wanted_size) == 1 else settings.wanted_size
    )
    expected = [
        list(legal(n, k, s, d, goal))
        for (n, k, s, _, _, d), goal in zip(by_axis(settings), wanted, strict=True)
    ]
    alike = all(axis == expected[0] for axis in expected)
    keys = [key for key in page.given if key.startswith("solutions.")]
    assert keys == [f"solutions.{axis}" for axis in range(1 if alike else settings.dimensions)]
    for axis, key in enumerate(keys):
        found = [(int(p), int(op)) for p, op in page.table(key).rows]
        assert sorted(found) == sorted(expected[axis])
        assert page.table(key).actions == ["Use"] * len(found)
    last = len(expected[0]) - 1
    for axis, key in enumerate(keys):
        page.take(key, last if alike else 0)
        chosen = expected[axis]
        p, op = sorted(chosen, key=lambda pair: pair[1])[last if alike else 0]
        assert page.settings.spatial("padding")[axis] == p
        assert page.settings.spatial("output_padding")[axis] == op
    assert output_size(page.settings) == wanted
    assert headline(page)[0] == times(wanted)
    rest = {key: text for key, text in page.at.query_params.items() if key not in ("p", "op")}
    assert rest == {key: text for key, text in before.items() if key not in ("p", "op")}


def test_a_solution_of_one_axis_leaves_the_others() -> None:
    page = see({"k": "3x5", "s": "2x3", "n": "9x7", "want": "18x20"}, "size").take("solutions.1", 0)
    assert page.settings.padding[0] == 1
    p, op = next(legal(7, 5, 3, 1, 20))
    assert (page.settings.padding[1], page.settings.output_padding) == (p, (0, op))


def test_a_solution_beyond_the_limits_cannot_be_taken() -> None:
    page = see({"dim": "1", "n": "65536", "want": "1"}, "size")
    assert page.table("solutions.0").actions == [None]
    before = page.at.query_params
    # The browser may send a press of a button that the last rerun removed.
    page.send_row("solutions.0", 0)
    assert page.at.query_params == before


@pytest.mark.parametrize("row", [-1, 99, "0", None, 1.5, [0]])
def test_a_row_that_is_not_there_changes_nothing(row: object) -> None:
    page = see({"k": "3", "s": "4", "want": "61", "in": "12"}, "size")
    before = page.at.query_params
    page.send_row("solutions.0", row)
    assert page.at.query_params == before


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ({"want": "40"}, ["at most 35 on axis 0", "at most 35 on axis 1"]),
        ({"dim": "1", "want": "10000000"}, ["at most 35 on axis 0"]),
        ({"dim": "1", "s": "1", "k": "3", "p": "0", "want": "17"}, ["only even sizes on axis 0"]),
        ({"want": "32x40"}, ["at most 35 on axis 1"]),
    ],
)
def test_a_size_that_cannot_be_is_explained(link: dict[str, str], said: list[str]) -> None:
    page = see(link, "size")
    assert [key for key in page.given if key.startswith("solutions")] == []
    assert page.infos
    for sentence in page.infos:
        assert any(words in sentence for words in said)
    assert any(said[0] in sentence for sentence in page.infos)
    # The arguments of each framework are still there.
    assert "ways" in page.given


@pytest.mark.parametrize(
    "link", [*SOLVED.values(), {"in": "64", "g": "8"}, {"want": "31"}, {"s": "1", "want": "17"}]
)
def test_each_frameworks_way_is_the_cores(link: dict[str, str]) -> None:
    page = see(link, "size")
    settings = page.settings
    core = ways_table(
        settings.unpadded_layer(), settings.spatial("input_size"), settings.spatial("wanted_size")
    )
    table = page.table("ways")
    assert table.columns == list(core.columns)
    assert table.rows == [[str(value) for value in row] for row in core.values.tolist()]
    assert set(table.column("framework")) == {"PyTorch", "Keras", "Flax", "ONNX"}


def test_a_wanted_size_per_axis() -> None:
    page = (
        see(view="size")
        .flip("per_axis.wanted_size")
        .slide("wanted_size.1", 33)
        .type("wanted_size.0", "1,000")
    )
    assert page.query == {"want": "1000x33"}
    assert page.flip("per_axis.wanted_size").query == {"want": "1000"}


def test_the_solver_works_where_the_layer_has_no_output() -> None:
    page = see({**NO_OUTPUT, "s": "2", "want": "3"}, "size")
    assert page.errors
    page.take("solutions.0", 0)
    assert (page.errors, output_size(page.settings)) == ([], (3, 3))


@pytest.mark.parametrize(
    "link",
    [
        {},
        {"dim": "1", "s": "1"},
        {"k": "3x5", "s": "2x3", "op": "1x2", "n": "9x1"},
        {"op": "2", "d": "3"},
        {"n": "1", "p": "2"},
    ],
)
def test_the_convolution_that_is_undone(link: dict[str, str]) -> None:
    page = see(link, "size")
    settings = page.settings
    [code] = page.code
    assert code.startswith(
        f"nn.Conv{settings.dimensions}d({settings.out_channels}, {settings.in_channels}, kernel_size="
    )
    output = output_size(settings)
    assert output is not None
    names = {1: ["length"], 2: ["height", "width"]}[settings.dimensions]
    back = []
    for axis, (name, (n, k, s, p, _, d)) in enumerate(zip(names, by_axis(settings), strict=True)):
        extent = d * (k - 1) + 1
        confused = [
            size for size in range(1, 200) if size + 2 * p >= extent and (size + 2 * p - extent) // s + 1 == n
        ]
        words = (
            f"{confused[0]} and {confused[-1]}" if len(confused) == 2 else f"{confused[0]} to {confused[-1]}"
        )
        words = str(confused[0]) if len(confused) == 1 else words
        assert f"- {name}: {words} → {n}" in page.text
        back.append(output[axis] in confused)
    yes = f"It takes {times(output)} back to"
    assert (yes in page.text) == all(back)


# Unusable input


ROWS = [
    *(
        (name, "stamp")
        for name in ("kernel_size", "stride", "padding", "output_padding", "dilation", "input_size")
    ),
    *((name, "tensor") for name in ("in_channels", "out_channels", "kernel_size")),
    *((name, "size") for name in ("wanted_size",)),
    *((name, "tensor") for name in ("pair_in", "pair_out")),
]


@pytest.mark.parametrize(("name", "view"), ROWS)
def test_unusable_text_is_refused_with_a_sentence_and_everything_is_kept(name: str, view: str) -> None:
    field = FIELD[name]
    page = see({**KEPT, field.key: "5"}, view)
    before = page.at.query_params
    new = name in ELSEWHERE
    for text in [*UNUSABLE.values(), str(field.minimum - 1), str(field.maximum + 1)][:: 1 if new else 5]:
        page.type(name, text)
        [error] = page.refusals(field.label)
        assert error.endswith(" 5 is kept.")
        assert f"{field.minimum:,} to {field.maximum:,}" in error
        assert len(error) < 300
        assert page.at.query_params == before
    assert page.type(name, "6").refusals(field.label) == []
    assert page.at.query_params == {**before, field.key: "6"}


@pytest.mark.parametrize(("name", "view"), ROWS)
def test_slider_box_and_link_agree(name: str, view: str) -> None:
    field = FIELD[name]
    page = see(view=view)
    for value in (min(field.slider_maximum, 7), field.maximum, field.minimum):
        page.type(name, str(value))
        assert page.slider(name).value == value
        assert page.query == ({} if as_value(name, value) == field.default else {field.key: str(value)})
        holds(page)
    value = min(field.slider_maximum, 7)
    assert page.slide(name, value).query == {field.key: str(value)}


UNUSABLE_LINKS: list[tuple[dict[str, Any], str]] = [
    ({"see": "everything"}, "see='everything' was ignored, stamp is used: Picture must be stamp or"),
    ({"see": ""}, "see='' was ignored, stamp is used"),
    ({"see": ["size", "tensor"]}, "Picture must be given once, received 2 values."),
    (
        {"ci": "0"},
        "ci='0' was ignored, 1 is used: Input channel shown must be a whole number from 1 to 65,536",
    ),
    ({"ci": "65537"}, "received '65537'"),
    ({"ci": "1.5"}, "received '1.5'"),
    ({"co": "-1"}, "co='-1' was ignored, 1 is used: Output channel shown must be"),
    ({"co": "٣"}, "written with the digits 0–9"),
    ({"fill": "zeros"}, "fill='zeros' was ignored, numbers is used: Values must be numbers or ones"),
    ({"want": "0"}, "want='0' was ignored, 32 is used: Wanted output size must be"),
    ({"want": "10000001"}, "from 1 to 10,000,000"),
    ({"want": "3x5x7"}, "received '3x5x7'"),
    ({"want": "9" * 5000}, "Wanted output size must be"),
    ({"want": "<b>"}, "received '<b>'"),
]


@pytest.mark.parametrize(("link", "said"), UNUSABLE_LINKS, ids=lambda value: str(value)[:30])
def test_a_link_with_an_unusable_value_says_so(link: dict[str, Any], said: str) -> None:
    usable = {"out": "48", **MARKED}
    page = see({**usable, **link})
    assert page.at.query_params == usable
    assert page.warnings[0].startswith("Parts of the link could not be used:")
    assert said in page.warnings[0]
    assert len(page.warnings[0]) < 1000


# Per axis


def test_one_switch_gives_every_setting_a_value_per_axis() -> None:
    page = see().flip("per_axis.kernel_size").slide("kernel_size.1", 3).type("input_size.0", "5")
    assert page.query == {"k": "4x3", "s": "2x2", "p": "1x1", "op": "0x0", "d": "1x1", "n": "5x16"}
    holds(page)
    assert page.flip("per_axis.kernel_size").query == {"n": "5"}


def test_dimensions_that_come_back_bring_their_axes() -> None:
    start = EXTREMES["per axis"]
    page = see(start)
    for rank in (2, 1, 2, 3):
        holds(page.choose("dimensions", rank))
    assert page.query == start


# Anything at all


STEPS = st.tuples(
    st.sampled_from(["slide", "type", "flip", "dimensions", "tab", "press", "row", "back"]),
    st.integers(0, 30),
    st.floats(0, 1),
    st.sampled_from([*UNUSABLE.values(), "1", "2", "3", "6", "100"]),
)


def move(page: Visit, step: tuple[str, int, float, str], past: list[dict[str, str]]) -> None:
    kind, number, share, text = step
    sliders = page.all("slider")
    slider = sliders[number % len(sliders)]
    key = name_of(slider).removesuffix(".slider")
    tabs = FIELD["picture_view"].names
    # That button opens another page.
    buttons = [
        button.key for button in page.all("button") if not button.disabled and button.key != "wanted.more"
    ]
    taken = [
        (table, row)
        for table in page.given
        if table.startswith("solutions")
        for row, word in enumerate(page.table(table).actions)
        if word
    ]
    if kind == "slide":
        page.slide(key, round(slider.min + share * (slider.max - slider.min)))
    elif kind == "type":
        page.type(key, text)
    elif kind == "flip" and page.all("toggle"):
        page.flip(name_of(page.all("toggle")[number % len(page.all("toggle"))]))
    elif kind == "dimensions":
        page.choose("dimensions", 1 + number % 3)
    elif kind == "tab":
        page.tab(tabs[number % len(tabs)])
    elif kind == "press" and buttons:
        page.press(buttons[number % len(buttons)])
    elif kind == "row" and taken:
        page.take(*taken[number % len(taken)])
    elif kind == "back":
        page.at.query_params.clear()
        page.follow(past[number % len(past)])


@given(st.lists(STEPS, min_size=1, max_size=8), st.sampled_from(VIEWS["see"]))
@configured(
    phases=[Phase.generate], max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
def test_whatever_is_done_page_and_link_agree(steps: list[tuple[str, int, float, str]], view: str) -> None:
    page = see(MARKED, view)
    past: list[dict[str, str]] = []
    for step in steps:
        past.append(dict(page.at.query_params))
        move(page, step, past)
        holds(page)
        assert [kept.name for kept in page.settings.shelf] == list(NAMES)
    query = dict(page.at.query_params)
    assert see(query).at.query_params == query


@pytest.mark.parametrize("link", EXTREMES.values(), ids=EXTREMES)
def test_the_core_refuses_what_these_tests_call_no_output(link: dict[str, str]) -> None:
    settings = decode({key: [text] for key, text in link.items()}).settings
    try:
        found: tuple[int, ...] | None = settings.layer().output_size(settings.spatial("input_size"))
    except LayerError:
        found = None
    assert found == output_size(settings)


def test_every_setting_of_this_page_can_be_set_on_it() -> None:
    on_screen = {key.split(".")[0] for view in VIEWS["see"] for key, _ in see(view=view).widgets()}
    here = {"pair_in", "pair_out", "fill", "wanted_size"}
    assert here <= on_screen
    assert {
        "kernel_size",
        "stride",
        "padding",
        "output_padding",
        "dilation",
        "input_size",
        "dimensions",
    } <= on_screen
    assert MAX_VALUE.keys() >= {FIELD[name].key for name in ("kernel_size", "stride")}
    assert Settings().picture_view == VIEWS["see"][0]
