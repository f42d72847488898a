"""Text to whole numbers: what counts as one, and the sentence for everything else."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import LayerError
from calculator.core.parsing import count_numbers, parse_line, parse_spatial, parse_whole

Outcome = TypeVar("Outcome", int, tuple[int, ...])
NO_BREAK, NARROW, THIN = "\u00a0", "\u202f", "\u2009"
MAX_VALUE = 2**63 - 1


def refused(text: str, minimum: int = 1, maximum: int = 128) -> str:
    with pytest.raises(LayerError) as caught:
        parse_whole(text, "Kernel size", minimum=minimum, maximum=maximum)
    return str(caught.value)


def refused_spatial(text: str, rank: int = 2, maximum: int = 128) -> str:
    with pytest.raises(LayerError) as caught:
        parse_spatial(text, "Kernel size", rank=rank, minimum=1, maximum=maximum)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("4", 4),
        (" 4 \n", 4),
        ("007", 7),
        ("0" * 5000 + "7", 7),
        ("65536", 65_536),
        ("65,536", 65_536),
        ("65 536", 65_536),
        (f"65{NO_BREAK}536", 65_536),
        ("\u206665,536\u2069", 65_536),  # Copied from a page.
        ("65,\u2066536\u2069", 65_536),
        (f"65{NARROW}536", 65_536),
        (f"65{THIN}536", 65_536),
        ("1,048,576", 1_048_576),
        ("9223372036854775807", MAX_VALUE),
        ("9,223,372,036,854,775,807", MAX_VALUE),
    ],
)
def test_whole_numbers(text: str, value: int) -> None:
    assert parse_whole(text, "Any", minimum=0, maximum=MAX_VALUE) == value


OTHER_TEXT = (
    ["0", "129", "-3", "+3", "−3", "65,536", "9223372036854775808", "9" * 25],
    ["12.7", "4.0", "1e2", "inf", "nan", "None", "four", "0x10", "1_0", "3 5", "3,5", "1.024"],
    ["1,02", "1,0245", "0,012", "1,024 576", "1,,024", ",100", "100,"],
    ["<script>", "'", "\x00", "4\x004"],
)


@pytest.mark.parametrize("text", [text for kind in OTHER_TEXT for text in kind])
def test_refuses_other_text(text: str) -> None:
    assert refused(text) == f"Kernel size must be a whole number from 1 to 128, received {text!r}."


def test_refuses_grouped_numbers_that_are_not_exact() -> None:
    for text in ("1,02", "10,24", "1024,000", "1,024 000", "1_024", f"1{NO_BREAK}024{THIN}000", "1  024"):
        assert refused(text, maximum=10**9).startswith(
            "Kernel size must be a whole number from 1 to 1,000,000,000"
        )


@pytest.mark.parametrize("text", ["٤", "４", "四", "²", "1٠", "१२"])
def test_refuses_other_digits(text: str) -> None:
    wanted = "Kernel size must be a whole number from 1 to 128, written with the digits 0–9"
    assert refused(text) == f"{wanted}, received {text!r}."


@pytest.mark.parametrize("text", ["", " ", "\t\n", NO_BREAK])
def test_empty_text_has_its_own_sentence(text: str) -> None:
    sentence = "Kernel size must be a whole number from 1 to 128; nothing was entered."
    assert refused(text) == sentence
    assert refused_spatial(text) == sentence


def test_long_text_is_refused_shortly() -> None:
    assert refused("9" * 5000) == (
        "Kernel size must be a whole number from 1 to 128, received '" + "9" * 56 + "…."
    )
    assert len(refused("x" * 100_000)) < 150
    assert len(refused_spatial("x" * 100_000)) < 200
    assert len(refused_spatial(" " * 100_000 + "y")) < 200
    assert len(refused_spatial("1,000" * 20_000)) < 200


def test_limits_are_inclusive_and_grouped() -> None:
    assert [parse_whole(text, "Any", minimum=2, maximum=2000) for text in ("2", "2000")] == [2, 2000]
    for text in ("1", "2001", "99999"):
        assert (
            refused(text, 2, 2000)
            == f"Kernel size must be a whole number from 2 to 2,000, received {text!r}."
        )


@pytest.mark.parametrize(
    ("text", "rank", "values"),
    [
        ("4", 1, (4,)),
        ("4", 3, (4,)),
        ("3x5", 2, (3, 5)),
        ("3X5", 2, (3, 5)),
        ("3×5", 2, (3, 5)),
        (" 3 × 5 ", 2, (3, 5)),
        ("3,5", 2, (3, 5)),
        ("3, 5", 2, (3, 5)),
        ("3 x 5 x 7", 3, (3, 5, 7)),
        ("\u20663 × 5\u2069 x 7", 3, (3, 5, 7)),
        ("3,5,7", 3, (3, 5, 7)),
        # A comma that groups thousands: never where the parts can be the numbers of the axes.
        ("1,024", 1, (1024,)),
        ("128,256", 1, (128256,)),
        ("128,256", 3, (128256,)),
        ("1,048,576", 2, (1048576,)),
        ("1,024", 2, (1024,)),
        ("65,000", 2, (65000,)),
        ("128, 256", 2, (128, 256)),
        ("128x256", 2, (128, 256)),
        ("1,024x2,048", 2, (1024, 2048)),
        ("1 024", 2, (1024,)),
        ("1 024, 2 048", 2, (1024, 2048)),
        ("64,128,256", 2, (64128256,)),
    ],
)
def test_spatial(text: str, rank: int, values: tuple[int, ...]) -> None:
    assert parse_spatial(text, "Input size", rank=rank, minimum=1, maximum=10**9) == values


@pytest.mark.parametrize(
    ("text", "rank", "digits", "list_of"),
    [("128,256", 2, "128256", "128x256"), ("1,128,256", 3, "1128256", "1x128x256")],
)
def test_refuses_to_guess_between_thousands_and_axes(text: str, rank: int, digits: str, list_of: str) -> None:
    sentence = refused_spatial(text, rank, 10**9)
    assert sentence == (
        f"Kernel size must be either one number or {rank}, and '{text}' can be read as both: "
        f"write '{digits}' or '{list_of}'."
    )
    # What the sentence proposes is accepted, and as what it says.
    assert parse_spatial(digits, "Any", rank=rank, minimum=1, maximum=10**9) == (int(digits),)
    assert len(parse_spatial(list_of, "Any", rank=rank, minimum=1, maximum=10**9)) == rank


def test_refuses_the_wrong_number_of_numbers() -> None:
    assert refused_spatial("3x5x7") == (
        "Kernel size must be one whole number from 1 to 128, "
        "or 2 such numbers separated by x (one per axis), received '3x5x7'."
    )
    assert refused_spatial("3x5", 1) == "Kernel size must be one whole number from 1 to 128, received '3x5'."
    assert refused_spatial("3,5", 3).endswith(
        "or 3 such numbers separated by x (one per axis), received '3,5'."
    )


@pytest.mark.parametrize("text", ["3x", "x3", "x", ",", "3,", "3x0", "3x129", "3x-5", "3x1.5", "ax3"])
def test_refuses_a_bad_part(text: str) -> None:
    sentence = f"Kernel size must be 2 whole numbers from 1 to 128, separated by x, received {text!r}."
    assert refused_spatial(text) == sentence


def test_refuses_other_digits_in_a_part() -> None:
    assert refused_spatial("3x٤") == (
        "Kernel size must be 2 whole numbers from 1 to 128, separated by x, "
        "written with the digits 0–9, received '3x٤'."
    )


def test_a_single_bad_number_is_refused_as_a_whole_one() -> None:
    assert refused_spatial("12.7") == "Kernel size must be a whole number from 1 to 128, received '12.7'."
    assert refused_spatial("3 5") == "Kernel size must be a whole number from 1 to 128, received '3 5'."


def test_count_numbers() -> None:
    assert [count_numbers(text) for text in ("4", "3x5", "3 × 5 X 7", "3,5", "1,024x2", "")] == [
        1,
        2,
        3,
        2,
        2,
        1,
    ]


NUMBERISH = st.text(alphabet="0123456789xX×,. -+_eE\u00a0\u202f\u2009٤４", max_size=40)


def outcome(parse: Callable[[], Outcome]) -> Outcome | str:
    """Return what was read, or the sentence of the refusal; any other exception fails the test."""
    try:
        return parse()
    except LayerError as error:
        return str(error)


@given(st.one_of(st.text(), NUMBERISH), st.integers(1, 3), st.integers(0, 1), st.integers(1, MAX_VALUE))
@example("9" * 5000, 2, 0, 128)
@example("x" * 5000, 2, 0, 128)
@example("1,111" + ",111" * 2000, 3, 0, MAX_VALUE)
@example("\ud800", 2, 0, 128)
def test_any_text_is_read_or_refused_with_a_sentence(
    text: str, rank: int, minimum: int, maximum: int
) -> None:
    value = outcome(lambda: parse_whole(text, "Stride", minimum=minimum, maximum=maximum))
    if isinstance(value, str):
        assert value.startswith("Stride must be a whole number from ")
        assert len(value) < 250
    else:
        assert minimum <= value <= maximum
    values = outcome(lambda: parse_spatial(text, "Stride", rank=rank, minimum=minimum, maximum=maximum))
    if isinstance(values, str):
        assert values.startswith("Stride must be ")
        assert len(values) < 300
    else:
        assert len(values) in (1, rank)
        assert all(minimum <= value <= maximum for value in values)


@given(st.integers(0, MAX_VALUE), st.sampled_from(["", ",", " ", NO_BREAK, NARROW, THIN]))
def test_every_number_is_read_however_it_is_grouped(value: int, mark: str) -> None:
    text = f"{value:,}".replace(",", mark)
    assert parse_whole(text, "Any", minimum=0, maximum=MAX_VALUE) == value


@given(
    st.lists(st.integers(0, MAX_VALUE), min_size=1, max_size=3),
    st.sampled_from(["x", "×", "X", ", ", " x ", " × "]),
    st.booleans(),
)
def test_every_list_is_read_however_it_is_separated(values: list[int], mark: str, grouped: bool) -> None:
    # Commas cannot both group and separate.
    text = mark.join(f"{value:,}" if grouped and mark != ", " else str(value) for value in values)
    assert parse_spatial(text, "Any", rank=len(values), minimum=0, maximum=MAX_VALUE) == tuple(values)


@pytest.mark.parametrize(
    "line",
    ["a", "a" * 40, "a b", "a\u00a0b", "a\u3000b", "\u0646\u200c\u0645", "\U0001f469\u200d\U0001f4bb", "é"],
)
def test_a_line_may_have_spaces_and_joiners(line: str) -> None:
    # Persian words have zero-width non-joiners (U+200C), and emoji of several parts have joiners (U+200D).
    assert parse_line(f" {line}\n", "A name", maximum=40) == line


@pytest.mark.parametrize(
    ("line", "received"),
    [
        ("a\nb", r"received 'a\nb'."),
        ("a\tb", r"received 'a\tb'."),
        ("a\u200bb", r"received 'a\u200bb'."),  # A zero-width space joins nothing.
        ("\u200d", r"received '\u200d'."),  # Nothing would be seen.
        ("\u202eabc", r"received '\u202eabc'."),  # It would turn the text around.
        ("a" * 41, f"received '{'a' * 41}'."),
    ],
)
def test_a_line_that_cannot_be_shown_is_refused(line: str, received: str) -> None:
    with pytest.raises(LayerError) as caught:
        parse_line(line, "A name", maximum=40)
    assert str(caught.value) == f"A name must be one line of 1 to 40 visible characters, {received}"
