"""The link: everything that can be set survives it, and nothing in it can break the page."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import LayerError
from calculator.readers.layer_table.link_form import read_linked
from calculator.settings import FIELDS, Field, Settings
from calculator.settings.layer import LayerSettings
from calculator.settings.link import LISTS, MAX_REPORTED, decode, encode, groups_notice, read_typed
from calculator.settings.page import Kept
from calculator.settings.shelf import read_shelf
from calculator.settings.values import read_value, write_value
from tests.settings.test_settings import any_settings

KEYS = {field.key: field for field in FIELDS}
ONE_VALUE = [field for field in FIELDS if field.kind not in LISTS]
NUMBERS = [field for field in FIELDS if field.kind in ("whole", "spatial")]
LONGEST = 638
"""Characters of the longest query there is without a shelf, a table and a title."""

EVERYTHING = Settings(
    dimensions=3,
    kernel_size=(101, 102, 103),
    in_channels=65_535,
    out_channels=65_534,
    groups=65_533,
    bias=False,
    stride=(111, 112, 113),
    padding=(121, 122, 123),
    output_padding=(104, 105, 106),
    dilation=(107, 108, 109),
    input_size=(65_531, 65_530, 65_529),
    batch_norm=True,
    frozen=True,
    second=True,
    second_out_channels=65_528,
    second_kernel_size=(114, 115, 116),
    view="frameworks",
    working=True,
    scale="log",
    image_format="png",
    picture_view="transposed",
    pair_in=65_527,
    pair_out=65_526,
    hidden=True,
    fill="ones",
    wanted_size=(10_000_000, 10_000_000, 10_000_000),
    kernel_bound=128,
    stride_bound=127,
    dilation_bound=16,
    output_padding_bound=126,
    chain_bound=8,
    listed_overlap="covered",
    click_opens="model",
    compare_view="budget",
    aims=("parameters", "memory"),
    every_form=True,
    every_column=True,
    number_type="bfloat16",
    budget_of="training",
    budget=10**15,
    reference=6,
    network="dcgan-tensorflow",
    chain_size=(1_000_000, 1_000_000, 1_000_000),
    model_view="advice",
    learn_view="exercises",
    step=7,
    presenting=True,
    seed=999_999_999,
    level=3,
    exercise=30,
    questions=30,
    sheet_letter="A",
    class_source="exercises",
    room="ACDEFG",
)
"""Every setting but the shelf, the table and the title, each at its longest."""

SHELF = (
    Kept("wide, k 4", LayerSettings(in_channels=64, out_channels=32)),
    Kept("~ 50 % & more", LayerSettings(dimensions=3, kernel_size=(3, 5, 7), bias=False)),
)

UNUSABLE = [
    "",
    "-3",
    "−3",
    "12.7",
    "4.0",
    "inf",
    "-inf",
    "nan",
    "1e400",
    "1e2",
    "9" * 400,
    "9" * 5000,
    "99999999999999999999",
    "1_000",
    "٤",
    "１２",
    "0xff",
    "four",
    "None",
    "<script>alert(1)</script>",
    "3;5",
    "x",
    "4x",
    "\x00",
    "\ud800",
    "4" + " " * 100_000 + "4",
]


def usable(field: Field, text: str) -> bool:
    """Return whether ``text`` can be used after all: any line as a title, nothing as a size."""
    if field.kind == "text":
        return text.isprintable() and len(text) <= field.maximum
    return field.kind == "size" and not text


def opened(query: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    result = decode({key: [value] for key, value in query.items()})
    return result.settings, result.ignored


def as_browser(query: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the query as a browser sends it and a server reads it."""
    return parse_qs(urlencode(query), keep_blank_values=True)


def default(field: Field) -> str:
    return write_value(field, field.default)


@given(any_settings())
@example(Settings())
@example(EVERYTHING)
@example(EVERYTHING.change(shelf=SHELF))
def test_every_setting_survives_the_link(held: Settings) -> None:
    result = decode(as_browser(encode(held)))
    assert result.settings == held
    notices = [] if held.used_groups == held.groups else [groups_notice(held)]
    for number, kept in enumerate(held.shelf, start=1):
        if kept.settings.used_groups != kept.settings.groups:
            notices.append(f"Layer {number} on the shelf: Groups must divide")
    assert len(result.ignored) == len(notices)
    assert all(any(said.startswith(notice) for said in result.ignored) for notice in notices)


@given(any_settings())
@example(EVERYTHING)
def test_a_link_stays_short(held: Settings) -> None:
    query = encode(held)
    short = {key: text for key, text in query.items() if key not in ("shelf", "table", "title")}
    assert len(urlencode(short)) <= LONGEST
    assert set(query) == {f.key for f in FIELDS if getattr(held, f.name) != f.default}


def test_the_longest_link_is_near_the_bound() -> None:
    assert LONGEST - 30 < len(urlencode(encode(EVERYTHING))) <= LONGEST


def test_nothing_set_is_an_empty_link() -> None:
    assert encode(Settings()) == {}
    result = decode({})
    assert (result.settings, result.ignored) == (Settings(), ())


def test_links_that_are_out_in_the_world() -> None:
    # Keys and their meaning stay: a link in a course page must open the same settings for years.
    assert encode(EVERYTHING) == {
        "dim": "3",
        "k": "101x102x103",
        "in": "65535",
        "out": "65534",
        "g": "65533",
        "bias": "0",
        "s": "111x112x113",
        "p": "121x122x123",
        "op": "104x105x106",
        "d": "107x108x109",
        "n": "65531x65530x65529",
        "bn": "1",
        "frozen": "1",
        "two": "1",
        "out2": "65528",
        "k2": "114x115x116",
        "view": "frameworks",
        "w": "1",
        "ask": "1",
        "scale": "log",
        "pic": "png",
        "see": "transposed",
        "ci": "65527",
        "co": "65526",
        "fill": "ones",
        "want": "10000000x10000000x10000000",
        "kmax": "128",
        "smax": "127",
        "dmax": "16",
        "opmax": "126",
        "lmax": "8",
        "ov": "covered",
        "to": "model",
        "cmp": "budget",
        "aim": "parameters-memory",
        "forms": "1",
        "cols": "1",
        "type": "bfloat16",
        "of": "training",
        "budget": "1000000000000000",
        "ref": "6",
        "net": "dcgan-tensorflow",
        "at": "1000000x1000000x1000000",
        "model": "advice",
        "learn": "exercises",
        "step": "7",
        "present": "1",
        "seed": "999999999",
        "level": "3",
        "no": "30",
        "q": "30",
        "sheet": "A",
        "class": "exercises",
        "room": "ACDEFG",
    }
    assert encode(Settings(sheet_title="Week 3: up & down")) == {"title": "Week 3: up & down"}
    table = "name,type,in,out,kernel,bias\nup.0,ConvTranspose2d,64,32,4x2,no\n,BatchNorm2d,,32,,\n"
    assert encode(Settings(layers=table)) == {
        "table": "ConvTranspose2d_in64_out32_k4x2_bno.up.0~BatchNorm2d_out32"
    }
    assert encode(Settings(shelf=SHELF)) == {"shelf": "in64_out32.wide, k 4~dim3_k3x5x7_bias0.~- 50 % & more"}


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_default_may_stand_in_a_link(field: Field) -> None:
    assert opened({field.key: default(field)}) == (Settings(), ())


@pytest.mark.parametrize(
    ("query", "changed"),
    [
        ({"in": " 12 "}, {"in_channels": 12}),
        ({"in": "007"}, {"in_channels": 7}),
        ({"in": "1,024"}, {"in_channels": 1024}),
        ({"k": "3,5"}, {"kernel_size": (3, 5)}),
        ({"k": "3×5"}, {"kernel_size": (3, 5)}),
        ({"k": "5", "dim": "3"}, {"kernel_size": (5,), "dimensions": 3}),
        ({"k": "2x3x4", "dim": "3"}, {"kernel_size": (2, 3, 4), "dimensions": 3}),
    ],
)
def test_what_plainly_is_a_number_is_read(query: dict[str, str], changed: dict[str, int]) -> None:
    assert opened(query) == (Settings().change(**changed), ())


@pytest.mark.parametrize(
    ("field", "text"),
    [(field, text) for field in ONE_VALUE for text in UNUSABLE if not usable(field, text)],
    ids=lambda one: one.name if isinstance(one, Field) else ascii(one[:12]),
)
def test_unusable_text_is_ignored_with_key_value_and_reason(field: Field, text: str) -> None:
    others = {"in": "48", "out": "24", "g": "8", "scale": "log", "bias": "0"}
    for key in {"in": ("in", "g"), "out": ("out", "g")}.get(field.key, (field.key,)):
        others.pop(key, None)
    expected, none = opened(others)
    held, ignored = opened({**others, field.key: text})
    assert none == ()
    assert held == expected
    [sentence] = ignored
    assert sentence.startswith(f"{field.key}='")
    assert f" was ignored, {default(field) or 'nothing'} is used: {field.label} must be " in sentence
    assert sentence.endswith(".")
    assert len(sentence) < 320
    assert text in sentence or not text.isprintable() or len(text) > 50


@pytest.mark.parametrize("field", NUMBERS, ids=lambda field: field.name)
def test_the_limits_of_a_number(field: Field) -> None:
    for usable in (field.minimum, field.maximum):
        held, ignored = opened({field.key: str(usable)})
        value = getattr(held, field.name)
        assert value in (usable, (usable,))
        assert [sentence for sentence in ignored if "was ignored" in sentence] == []
    for text in (str(field.minimum - 1), str(field.maximum + 1)):
        held, [sentence] = opened({field.key: text})
        assert held == Settings()
        assert f"from {field.minimum:,} to {field.maximum:,}" in sentence
        assert f"received '{text}'" in sentence


def test_a_sentence_as_it_stands() -> None:
    assert opened({"g": "0", "bias": "yes", "scale": "LOG", "dim": "4"})[1] == (
        "dim='4' was ignored, 2 is used: Dimensions must be 1 or 2 or 3, received '4'.",
        "g='0' was ignored, 1 is used: Groups must be a whole number from 1 to 65,536, received '0'.",
        "bias='yes' was ignored, 1 is used: Bias must be 0 or 1, received 'yes'.",
        "scale='LOG' was ignored, linear is used: Scale must be linear or log, received 'LOG'.",
    )


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_a_repeated_key_is_not_guessed_at(field: Field) -> None:
    others = {"bn": ["1"], "out": ["48"]}
    result = decode({**others, field.key: [default(field), default(field)]})
    expected = {"batch_norm": True, "out_channels": 48}
    expected.pop(field.name, None)
    assert result.settings == Settings().change(**expected)
    [sentence] = result.ignored
    assert sentence.startswith(f"{field.key}=")
    assert sentence.endswith(f"{field.label} must be given once, received 2 values.")


@pytest.mark.parametrize("key", ["x", "K", "in_channels", "<script>", "é", "", "a" * 100_000, "in "])
def test_an_unknown_key_is_named(key: str) -> None:
    held, [sentence] = opened({key: "1", "in": "48"})
    assert held == Settings(in_channels=48)
    assert sentence.endswith(" was ignored: no setting has that key.")
    assert len(sentence) < 120
    assert key in sentence or len(key) > 50


def test_groups_that_do_not_divide_are_kept_and_explained() -> None:
    held, [sentence] = opened({"in": "6", "out": "64", "g": "4"})
    assert held == Settings(in_channels=6, groups=4)
    assert sentence == (
        "Groups must divide input channels 6 and output channels 64; 4 does not, so 2 is used until it does."
    )
    assert opened(encode(held)) == (held, (sentence,))


def test_values_per_axis_must_fit_the_dimensions() -> None:
    held, [sentence] = opened({"dim": "3", "k": "3x5", "s": "1x2x3"})
    assert held == Settings(dimensions=3, stride=(1, 2, 3))
    assert sentence == (
        "k='3x5' was ignored, 4 is used: Kernel size must be one whole number from 1 to 128, or 3 such "
        "numbers separated by x (one per axis), received '3x5'."
    )


def test_only_a_handful_of_sentences() -> None:
    bad = {field.key: "b-d" if field.kind != "text" else "\x00" for field in FIELDS}
    for query, more in ((bad, len(bad) - MAX_REPORTED), ({f"u{n}": "1" for n in range(20_000)}, 19_995)):
        held, ignored = opened(query)
        assert held == Settings()
        assert MAX_REPORTED <= 6
        assert len(ignored) == MAX_REPORTED + 1
        assert ignored[-1] == f"{more:,} more parts of the link were ignored as well."
    assert len(opened(dict(list(bad.items())[:MAX_REPORTED]))[1]) == MAX_REPORTED
    _, ignored = opened(dict(list(bad.items())[: MAX_REPORTED + 1]))
    assert ignored[-1] == "One more part of the link was ignored as well."


def test_a_hundred_kilobytes() -> None:
    query = {"in": "7" * 100_000, "k": "3x5", "q" * 100_000: "p" * 100_000}
    held, ignored = opened(query)
    assert held == Settings(kernel_size=(3, 5))
    assert len(ignored) == 2
    assert sum(map(len, ignored)) < 500


NUMBERISH = st.text(alphabet="0123456789xX×,. -+_eEinfa\u00a0٤<>", max_size=30)


def written_otherwise(field: Field, text: str, dimensions: int) -> str:
    """Return another text for the same number: with spaces around it and commas between groups of digits.

    Without commas where the groups could be the values of all axes, which is refused as ambiguous.
    """
    if field not in NUMBERS:
        return text
    grouped = f"{int(text):,}" if text.isdecimal() else text
    ambiguous = field.kind == "spatial" and grouped.count(",") == dimensions - 1
    return f" {text if ambiguous else grouped} "


@given(held=any_settings(), other=any_settings(), field=st.sampled_from(ONE_VALUE))
def test_a_value_that_can_be_used_is_used(held: Settings, other: Settings, field: Field) -> None:
    if field.name == "dimensions":
        held = held.change(dimensions=2)
    other = other.change(dimensions=held.dimensions)
    value = getattr(other, field.name)
    text = write_value(field, value)
    link = {key: [one] for key, one in encode(held).items()}
    for typed in (text, written_otherwise(field, text, held.dimensions)):
        result = decode({**link, field.key: [typed]})
        assert getattr(result.settings, field.name) == value
        assert not [sentence for sentence in result.ignored if sentence.startswith(f"{field.key}=")]


@given(
    held=any_settings(),
    field=st.sampled_from(ONE_VALUE),
    text=st.one_of(st.text(), NUMBERISH, st.sampled_from(UNUSABLE)),
)
@example(Settings(), KEYS["in"], "48")
@example(Settings(), KEYS["in"], " 1,024 ")
@example(Settings(), KEYS["k"], "3x5")
@example(Settings(), KEYS["k"], "3 × 5")
@example(Settings(), KEYS["bias"], "0")
def test_any_text_for_any_key_leaves_everything_else(held: Settings, field: Field, text: str) -> None:
    if field.name == "dimensions":  # What fits the dimensions depends on them.
        held = held.change(dimensions=2)
    result = decode({**{key: [value] for key, value in encode(held).items()}, field.key: [text]})
    back = result.settings
    for other in FIELDS:
        if other.name != field.name and not (field.name == "dimensions" and other.kind == "spatial"):
            assert getattr(back, other.name) == getattr(held, other.name)
    about = [sentence for sentence in result.ignored if sentence.startswith(f"{field.key}=")]
    assert about or write_value(field, getattr(back, field.name)) == canonical(field, text, back.dimensions)


@given(held=any_settings(), text=st.one_of(st.text(), st.text(alphabet="~._-kin0123456789x"), NUMBERISH))
def test_any_text_for_the_shelf_leaves_everything_else(held: Settings, text: str) -> None:
    result = decode({**{key: [value] for key, value in encode(held).items()}, "shelf": [text]})
    shelf, sentences = read_shelf(text)
    assert result.settings == held.change(shelf=shelf)
    assert set(result.ignored) >= set(sentences[:MAX_REPORTED])


@given(
    held=any_settings(), text=st.one_of(st.text(), st.text(alphabet="~._-kinoutLear0123456789x"), NUMBERISH)
)
def test_any_text_for_the_table_leaves_everything_else(held: Settings, text: str) -> None:
    result = decode({**{key: [value] for key, value in encode(held).items()}, "table": [text]})
    table, sentences = read_linked(text)
    assert result.settings == held.change(layers=table)
    assert set(result.ignored) >= set(sentences[:MAX_REPORTED])
    # What was opened is the same in the next link.
    assert (
        decode({key: [value] for key, value in encode(result.settings).items()}).settings == result.settings
    )


def test_a_bad_layer_on_the_shelf_is_named_and_the_rest_opens() -> None:
    held, ignored = opened({"in": "48", "shelf": "k3_s0.first~four~.last", "ref": "2"})
    layers = (Kept("first", LayerSettings(kernel_size=(3,))), Kept("last", LayerSettings()))
    assert held == Settings(in_channels=48, reference=2, shelf=layers)
    assert ignored == (
        "Layer 1 on the shelf: s='0' was ignored, 2 is used: Stride must be a whole number from 1 to 128, "
        "received '0'.",
        "Layer 2 on the shelf was ignored: it must be settings, a dot and a name, received 'four'.",
    )


def canonical(field: Field, text: str, rank: int) -> str:
    return write_value(field, read_value(field, text, rank))


@given(st.dictionaries(st.text(), st.lists(st.text(), max_size=3), max_size=8))
def test_any_query_opens(query: dict[str, list[str]]) -> None:
    result = decode(query)
    strange = [key for key in query if key not in KEYS]
    assert len(result.ignored) >= min(len(strange), MAX_REPORTED)
    assert decode({key: [text] for key, text in encode(result.settings).items()}).settings == result.settings


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("a" * 20, "a" * 20),
        ("k9", "k9"),
        ("b" * 21, f"'{'b' * 21}'"),  # Longer than any key there is.
        ("ä", "'ä'"),
        ("x y", "'x y'"),
        ("", "''"),
    ],
)
def test_a_key_that_does_not_exist_is_quoted_unless_it_is_a_short_word(key: str, said: str) -> None:
    assert decode({key: ["1"]}).ignored == (f"{said} was ignored: no setting has that key.",)


def test_typed_groups_must_divide_at_once() -> None:
    held = Settings(in_channels=12, out_channels=18)
    assert [read_typed(held, "groups", text) for text in ("1", "2", "3", "6")] == [1, 2, 3, 6]
    for text in ("4", "12", "18", "65536"):
        with pytest.raises(LayerError) as caught:
            read_typed(held, "groups", text)
        assert str(caught.value) == (
            f"Groups must divide both channel counts (one of 1, 2, 3, 6), received '{text}'."
        )


def test_typed_values_know_the_dimensions() -> None:
    assert read_typed(Settings(dimensions=3), "kernel_size", "2x3x4") == (2, 3, 4)
    assert read_typed(Settings(dimensions=1), "kernel_size", "100") == (100,)
    with pytest.raises(LayerError, match="Kernel size must be one whole number from 1 to 128"):
        read_typed(Settings(dimensions=3), "kernel_size", "2x3")
