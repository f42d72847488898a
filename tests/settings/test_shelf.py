"""The shelf: every layer and name survives the link, one bad part loses nothing else, counts side by side."""

import re
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import LayerError
from calculator.comparison.shelf_rows import settings_text, shelf_rows
from calculator.settings import Settings
from calculator.settings.layer import LayerSettings
from calculator.settings.page import SHELF_ROOM, Kept
from calculator.settings.shelf import (
    NAME_LENGTH,
    fresh_name,
    keep,
    read_name,
    read_shelf,
    usual_name,
    write_shelf,
)
from tests.helpers import reference
from tests.settings.test_settings import NAMES, any_kept, any_layer

PLAIN = LayerSettings()
TRICKY = [
    "~",
    "~~",
    "~-",
    "-~",
    ".",
    "..",
    "_",
    "a.b~c_d-e",
    "~.x",
    "in64_k3",
    "k3.x",
    "%7E",
    "+",
    "é→漢🧪",
    "a  b",
]
LONG = {
    "dimensions": 3,
    "in_channels": 65_536,
    "out_channels": 65_536,
    "kernel_size": (128, 128, 128),
    "stride": (127, 128, 127),
}
SHELVES = st.lists(any_kept(), max_size=SHELF_ROOM).map(tuple)


def plain(*names: str) -> tuple[Kept, ...]:
    return tuple(Kept(name, PLAIN) for name in names)


@given(SHELVES)
@example(())
@example(plain(*TRICKY[:6]))
@example(plain(*TRICKY[6:12]))
@example(plain(*TRICKY[12:]))
@example(plain("a" * NAME_LENGTH, "漢" * NAME_LENGTH, "x\u200dy", "a\u3000b"))
def test_every_shelf_survives_the_link(shelf: tuple[Kept, ...]) -> None:
    text = write_shelf(shelf)
    sent = parse_qs(urlencode({"shelf": text}), keep_blank_values=True)["shelf"]
    assert sent == [text]
    back, ignored = read_shelf(text)
    assert back == shelf
    divided = [kept.settings.used_groups == kept.settings.groups for kept in shelf]
    assert len(ignored) == divided.count(False)


@given(st.lists(any_kept(), min_size=2, max_size=SHELF_ROOM).map(tuple), st.data())
def test_a_bad_entry_loses_no_other(shelf: tuple[Kept, ...], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(shelf) - 1))
    bad = data.draw(st.text(st.characters(exclude_characters="~.", exclude_categories=["Cs"])))
    # A "-" behind the "~" would belong to the name in front of it.
    entries = [write_shelf((kept,)) for kept in shelf]
    entries[place] = bad if not bad.startswith("-") else f"x{bad}"
    back, ignored = read_shelf("~".join(entries))
    assert back == shelf[:place] + shelf[place + 1 :]
    about = [said for said in ignored if said.startswith(f"Layer {place + 1} on the shelf was ignored: ")]
    assert len(about) == 1


@given(any_kept(), st.sampled_from(["in", "out", "g", "s", "p", "op", "d", "n"]), st.data())
def test_a_bad_value_loses_no_other(kept: Kept, key: str, data: st.DataObject) -> None:
    bad = data.draw(st.sampled_from(["", "0x", "-1", "1e3", "9" * 5000, "1e", "٤", "1x1x1x1", "\x00"]))
    tokens, _, name = write_shelf((kept,)).partition(".")
    others = [token for token in tokens.split("_") if not re.match(f"{key}(?![a-z])", token)]
    expected, _ = read_shelf(f"{'_'.join(others)}.{name}")
    back, ignored = read_shelf(f"{'_'.join([*others, key + bad])}.{name}")
    # Left out, the value is at its default; groups may divide then, or not.
    assert back == expected
    about = [said for said in ignored if said.startswith(f"Layer 1 on the shelf: {key}=")]
    assert len(about) == 1
    assert " was ignored, " in about[0]
    assert len(about[0]) < 330


def test_what_is_written_is_short_and_needs_no_quoting() -> None:
    shelf = (
        *plain("plain"),
        Kept("wide", LayerSettings(in_channels=64, kernel_size=(3, 5), bias=False)),
        Kept("volume", LayerSettings(dimensions=3, stride=(1, 2, 3), output_padding=(1,), groups=3)),
    )
    text = write_shelf(shelf)
    assert text == ".plain~k3x5_in64_bias0.wide~dim3_g3_s1x2x3_op1.volume"
    assert quote(text, safe="") == text
    assert write_shelf(()) == ""
    assert write_shelf(plain("a~b", "~")) == ".a~-b~.~-"


@given(any_layer())
def test_a_layer_takes_few_signs(settings: LayerSettings) -> None:
    assert re.fullmatch(r"([a-z]+[0-9x]+(_[a-z]+[0-9x]+)*)?\.x", text := write_shelf((Kept("x", settings),)))
    assert len(text) <= 130


def test_sentences_as_they_stand() -> None:
    shelf, ignored = read_shelf("in0_k3x5x7_z9_s2_s2_bias0.one~four~dim3_k1x2x3.~g4_in6.two")
    assert shelf == (
        Kept("one", LayerSettings(bias=False)),
        Kept("3 → 64, k 1×2×3, s 2, 3-D", LayerSettings(dimensions=3, kernel_size=(1, 2, 3))),
        Kept("two", LayerSettings(in_channels=6, groups=4)),
    )
    assert ignored == (
        "Layer 1 on the shelf: k='3x5x7' was ignored, 4 is used: Kernel size must be one whole number from "
        "1 to 128, or 2 such numbers separated by x (one per axis), received '3x5x7'.",
        "Layer 1 on the shelf: in='0' was ignored, 3 is used: "
        "Input channels must be a whole number from 1 to 65,536, received '0'.",
        "Layer 1 on the shelf: s='2' was ignored, 2 is used: Stride must be given once, received 2 values.",
        "Layer 1 on the shelf: 'z' was ignored: no setting of a layer has that key.",
        "Layer 2 on the shelf was ignored: it must be settings, a dot and a name, received 'four'.",
        "Layer 3 on the shelf: its name was ignored, 3 → 64, k 1×2×3, s 2, 3-D is used: "
        "A name must be one line of 1 to 40 visible characters; nothing was entered.",
        "Layer 4 on the shelf: Groups must divide input channels 6 and output channels 64; "
        "4 does not, so 2 is used.",
    )


def test_the_shelf_is_full_at_six() -> None:
    names = [f"layer {number}" for number in range(1, 10)]
    text = write_shelf(plain(*names))
    assert read_shelf(text) == (
        plain(*names[:6]),
        ("The shelf has room for 6 layers: 3 more were ignored.",),
    )
    # Six usable ones are found behind a bad one.
    back, ignored = read_shelf(f"bad~{write_shelf(plain(*names[:6]))}")
    assert back == plain(*names[:6])
    assert len(ignored) == 1


@pytest.mark.parametrize("sign", ["~", ".", "_", "a", "~.", "~-", "k3_", "\x00", "漢"])
def test_a_hundred_kilobytes_are_read(sign: str) -> None:
    shelf, ignored = read_shelf(sign * (100_000 // len(sign)))
    assert len(shelf) <= SHELF_ROOM
    assert ignored
    assert max(map(len, ignored)) < 330


@given(st.one_of(st.text(), st.text(alphabet="~._-kin0123456789x")))
def test_any_text_is_read(text: str) -> None:
    shelf, ignored = read_shelf(text)
    assert shelf or ignored or not text
    again, _ = read_shelf(write_shelf(shelf))
    assert again == shelf
    assert all(said.endswith(".") for said in ignored)


@given(NAMES)
def test_a_name_is_kept_as_it_is(name: str) -> None:
    assert read_name(name) == name
    assert read_name(f" \n{name}\t ") == name


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "\n", "a\nb", "a\tb", "a\x00", "a\x7f", "a\x85b", "a\u2028b", "a\u202eb"),
        *("\ud800", "\u200d", "\ue000", "x" * 41, "x" * 100_000),
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_a_name_that_cannot_be_seen_on_one_line_is_refused(text: str) -> None:
    with pytest.raises(LayerError) as caught:
        read_name(text)
    assert str(caught.value).startswith("A name must be one line of 1 to 40 visible characters")
    assert len(str(caught.value)) < 150
    shelf, [sentence] = read_shelf(f"k3.{text}")
    assert shelf == (Kept("3 → 64, k 3, s 2", LayerSettings(kernel_size=(3,))),)
    assert sentence.startswith("Layer 1 on the shelf: its name was ignored, 3 → 64, k 3, s 2 is used: ")


def test_names_of_many_scripts() -> None:
    for name in ("x" * 40, "漢" * 40, "می\u200cشود", "👩\u200d🔬", "広い\u3000層", "(=1+1)", "<b>"):
        assert read_name(name) == name


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"stride": (1,)}, "3 → 64, k 4"),
        ({}, "3 → 64, k 4, s 2"),
        ({"stride": (1, 2), "kernel_size": (3, 5)}, "3 → 64, k 3×5, s 1×2"),
        ({"in_channels": 64, "groups": 4}, "64 → 64, k 4, s 2, g 4"),
        ({"in_channels": 6, "groups": 4}, "6 → 64, k 4, s 2, g 2"),
        ({"dimensions": 1, "stride": (1,)}, "3 → 64, k 4, 1-D"),
        (LONG, "65536 → 65536, k 128×128×128, 3-D"),
    ],
)
def test_usual_names(changed: dict[str, Any], name: str) -> None:
    assert usual_name(LayerSettings(**changed)) == name


@given(any_layer())
def test_a_usual_name_is_a_name(settings: LayerSettings) -> None:
    name = usual_name(settings)
    assert read_name(name) == name
    assert name.startswith(f"{settings.in_channels} → {settings.out_channels}, k ")


@given(NAMES, st.integers(0, 12))
def test_a_fresh_name_is_new_and_a_name(name: str, rounds: int) -> None:
    taken: list[str] = []
    for _ in range(rounds):
        taken.append(fresh_name(name, taken))
    assert len(set(taken)) == rounds
    assert [read_name(fresh) for fresh in taken] == taken
    assert taken[:1] == [name][:rounds]


def test_fresh_names() -> None:
    assert fresh_name("wide", []) == "wide"
    assert fresh_name("wide", ["wide"]) == "wide (2)"
    assert fresh_name("wide", {"wide", "wide (2)", "wide (3)"}) == "wide (4)"
    assert fresh_name("x" * 40, ["x" * 40]) == "x" * 36 + " (2)"


def test_a_layer_is_kept() -> None:
    held = Settings(in_channels=64, view="plane", budget=7)
    shelf = keep(keep((), held), held, "  mine ")
    assert shelf == (
        Kept("64 → 64, k 4, s 2", LayerSettings(in_channels=64)),
        Kept("mine", LayerSettings(in_channels=64)),
    )
    assert [kept.name for kept in keep(shelf, held)][2] == "64 → 64, k 4, s 2 (2)"
    assert {type(kept.settings) for kept in shelf} == {LayerSettings}
    with pytest.raises(LayerError, match="A name must be"):
        keep(shelf, held, "two\nlines")
    with pytest.raises(LayerError, match="The shelf has room for 6 layers and is full"):
        keep(plain(*"abcdef"), held)


def kept_small(settings: dict[str, Any], size: tuple[int, ...]) -> Kept:
    raw = {name: value for name, value in settings.items() if name != "kernel_size"}
    kernel = settings["kernel_size"]
    return Kept("x", LayerSettings(dimensions=len(kernel), kernel_size=kernel, input_size=size, **raw))


def carried(settings: dict[str, Any], size: tuple[int, ...]) -> reference.Carried | None:
    """Carry the layer out; ``None`` when the padding leaves nothing."""
    inputs, outputs, groups = settings["in_channels"], settings["out_channels"], settings["groups"]
    kernel = np.ones((inputs // groups, outputs // groups, *settings["kernel_size"]))
    rest = {name: settings[name] for name in ("stride", "padding", "output_padding", "dilation")}
    try:
        return reference.carry_out(np.ones((inputs, *size)), [kernel] * groups, **rest)
    except reference.NothingLeftError:
        return None


@given(
    reference.settings(channels=2, size=2, crop=2), reference.settings(channels=2, size=2, crop=2), st.data()
)
def test_rows_have_the_counts_of_layers_carried_out(
    first: dict[str, Any], second: dict[str, Any], data: st.DataObject
) -> None:
    both, expected = [], []
    for settings in (first, second):
        size = tuple(data.draw(st.integers(1, 3)) for _ in settings["kernel_size"])
        both.append(kept_small(settings, size))
        names = ("in_channels", "out_channels", "kernel_size", "groups", "bias")
        expected.append((reference.allocate(*(settings[name] for name in names)), carried(settings, size)))
    rows = shelf_rows(tuple(both), 2)
    for row, (arrays, output) in zip(rows, expected, strict=True):
        other, other_output = expected[1]
        total, base = arrays.weights + arrays.biases, other.weights + other.biases
        assert (row.weights, row.biases, row.parameters) == (arrays.weights, arrays.biases, total)
        assert (row.parameter_difference, row.parameter_factor) == (total - base, Fraction(total, base))
        if output is None:
            assert (row.output_size, row.multiply_accumulates) == (None, None)
            assert row.problem.startswith("padding must leave an output of at least 0")
        else:
            assert row.output_size == output.size
            assert (row.multiply_accumulates, row.problem) == (output.multiply_accumulates, "")
        if output is None or other_output is None:
            assert (row.mac_difference, row.mac_factor) == (None, None)
        else:
            products, base = output.multiply_accumulates, other_output.multiply_accumulates
            assert (row.mac_difference, row.mac_factor) == (products - base, Fraction(products, base))


def test_a_row_as_it_stands() -> None:
    # 64→32 k4 s2 p1 on 16 × 16: 8,388,608 multiply–accumulates, 32,800 parameters; with groups 4 a quarter.
    one = LayerSettings(in_channels=64, out_channels=32)
    rows = shelf_rows((Kept("one", one), Kept("four", one.change(groups=4, bias=False))), 1)
    assert [(row.name, row.parameters, row.multiply_accumulates) for row in rows] == [
        ("one", 32_800, 8_388_608),
        ("four", 8_192, 2_097_152),
    ]
    assert rows[0].settings == "64 → 32, kernel 4 × 4, stride 2, padding 1"
    assert rows[1].settings == "64 → 32, kernel 4 × 4, stride 2, padding 1, groups 4, no bias"
    assert (rows[0].parameter_difference, rows[0].mac_difference) == (0, 0)
    assert (rows[0].parameter_factor, rows[0].mac_factor) == (Fraction(1), Fraction(1))
    assert (rows[1].parameter_difference, rows[1].mac_difference) == (-24_608, -6_291_456)
    assert (rows[1].parameter_factor, rows[1].mac_factor) == (Fraction(8192, 32800), Fraction(1, 4))
    assert (rows[0].input_size, rows[0].output_size) == ((16, 16), (32, 32))


@pytest.mark.parametrize(
    ("reference_number", "place"), [(-3, 0), (0, 0), (1, 0), (2, 1), (3, 2), (4, 2), (6, 2)]
)
def test_the_reference_is_the_nearest_there_is(reference_number: int, place: int) -> None:
    shelf = tuple(Kept(str(count), LayerSettings(out_channels=count)) for count in (1, 10, 100))
    rows = shelf_rows(shelf, reference_number)
    assert [row.parameter_difference == 0 for row in rows] == [at == place for at in range(3)]


def test_an_empty_shelf_has_no_rows() -> None:
    assert shelf_rows((), 1) == ()


def test_a_layer_that_cannot_be_is_counted_and_explained() -> None:
    shelf = (
        Kept("fine", PLAIN),
        Kept("stretched", LayerSettings(output_padding=(5,))),
        Kept("cropped", LayerSettings(padding=(100,))),
    )
    fine, stretched, cropped = shelf_rows(shelf, 2)
    assert [row.parameters for row in (fine, stretched, cropped)] == [3_136] * 3
    assert fine.problem == ""
    assert stretched.problem.startswith("output_padding must be smaller than stride or dilation")
    assert cropped.problem.startswith("padding must leave an output of at least 0")
    assert [row.multiply_accumulates is None for row in (fine, stretched, cropped)] == [False, True, True]
    assert [row.mac_factor for row in (fine, stretched, cropped)] == [None] * 3
    assert [row.parameter_factor for row in (fine, stretched, cropped)] == [1] * 3


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"stride": (1,), "padding": (0,)}, "3 → 64, kernel 4 × 4"),
        ({"dimensions": 1}, "3 → 64, kernel 4, stride 2, padding 1"),
        ({"stride": (2, 1), "padding": (2, 2)}, "3 → 64, kernel 4 × 4, stride 2 × 1, padding 2"),
        (
            {
                "in_channels": 1024,
                "out_channels": 65_536,
                "output_padding": (1,),
                "dilation": (3,),
                "groups": 6,
            },
            "1,024 → 65,536, kernel 4 × 4, stride 2, padding 1, output padding 1, dilation 3, groups 2",
        ),
    ],
)
def test_settings_as_text(changed: dict[str, Any], text: str) -> None:
    assert settings_text(LayerSettings(**changed)) == text
