"""The shelf: every layer and name survives the link, one bad part loses nothing else."""

import re
from typing import Any
from urllib.parse import parse_qs, quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import LayerError
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
