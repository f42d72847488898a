"""Text for numbers and axes: exact digits, marked where they are rounded, and short in messages."""

import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator.core.formatting import (
    ASCII_SIGNS,
    axes_code,
    collapse_axes,
    format_axes,
    format_bytes,
    format_count,
    format_factor,
    format_product,
    format_share,
    join_words,
    plural,
    short_repr,
)


def test_number_and_product() -> None:
    assert format_count(31_037_633) == "31,037,633"
    assert format_count(-1_000) == "-1,000"
    assert format_product((3, 1024, 4)) == "3 × 1,024 × 4"
    assert format_product([7]) == "7"


def test_one_number_where_all_axes_agree() -> None:
    assert [collapse_axes(axes) for axes in ((4,), (4, 4), (4, 1), (4, 4, 1))] == [
        (4,),
        (4,),
        (4, 1),
        (4, 4, 1),
    ]
    assert (format_axes((1024, 1024)), format_axes((1024, 1))) == ("1,024", "1,024 × 1")
    assert (axes_code((1024, 1024)), axes_code((1024, 1)), axes_code((7,))) == ("1024", "(1024, 1)", "7")
    assert format_product((3, 1024), compact=True) == "3×1,024"


def test_counts_with_a_noun() -> None:
    assert [plural(count, "bias") for count in (0, 1, 1024)] == ["0 biases", "1 bias", "1,024 biases"]
    assert [plural(count, "other class") for count in (1, 2)] == ["1 other class", "2 other classes"]
    assert plural(2, "input channel") == "2 input channels"


def test_lists_in_a_sentence() -> None:
    assert [join_words("abcd"[:count]) for count in range(5)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c and d",
    ]
    assert (join_words(["a"], more=2), join_words([], more=1)) == ("a and 2 more", "1 more")


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (Fraction(1), "×1"),
        (Fraction(8), "×8"),
        (Fraction(1, 2), "×½"),
        (Fraction(3, 2), "×1.5"),
        (Fraction(193, 49), "about ×3.94"),
        (Fraction(152, 296), "about ×0.514"),
        (Fraction(16385, 8193), "about ×2.00"),
    ],
)
def test_factors(factor: Fraction, said: str) -> None:
    assert format_factor(factor) == said


@given(st.fractions(min_value=Fraction(1, 1000), max_value=10**9))
@example(Fraction(1000))
@example(Fraction(2001, 2))
@example(Fraction(1999, 2))  # Three digits of it are 1,000.
@example(Fraction(12_345))
@example(Fraction(10_001, 10))
def test_a_factor_is_exact_or_says_that_it_is_not(factor: Fraction) -> None:
    match = re.fullmatch(r"(about )?×(½|\d{1,3}(?:,\d{3})*(?:\.\d+)?)", format_factor(factor))
    assert match, format_factor(factor)
    value = Fraction(1, 2) if match[2] == "½" else Fraction(match[2].replace(",", ""))
    assert bool(match[1]) == (value != factor)
    assert abs(value - factor) <= (Fraction(1, 2) if factor >= 999 else factor / 200)


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (0, "0 B"),
        (8_224, "8,224 B"),
        (9_999, "9,999 B"),
        (10_000, "≈9.77 KiB"),
        (10_240, "10 KiB"),
        (10_241, "≈10.0 KiB"),
        (131_200, "≈128 KiB"),
        (131_072, "128 KiB"),
        (12_800, "12.5 KiB"),
        (1_023 * 1024, "≈1,020 KiB"),
        (1_020 * 1024, "1,020 KiB"),
        (1024**2 - 1, "≈1,020 KiB"),
        (1024**2, "1 MiB"),
        (1024**2 * 5 // 4, "1.25 MiB"),
        (1024**2 + 1, "≈1.00 MiB"),
        (round(9.996 * 1024**2), "≈10.0 MiB"),
        (round(99.96 * 1024**3), "≈100 GiB"),
        (round(999.6 * 1024**3), "≈1,000 GiB"),
        (1024**4, "1 TiB"),
        (2**70, "≈1,020 EiB"),
        (3 * 2**90, "≈3,220,000,000 EiB"),
    ],
)
def test_format_bytes(n: int, text: str) -> None:
    assert format_bytes(n) == text


@given(st.integers(10_000, 2**75))
def test_format_bytes_is_near_and_says_when_it_is_rounded(n: int) -> None:
    text = format_bytes(n)
    found = re.fullmatch(r"(≈?)([0-9,.]+) ([KMGTPE])iB", text)
    assert found is not None
    unit = 1024 ** ("KMGTPE".index(found[3]) + 1)
    value = Fraction(found[2].replace(",", "")) * unit
    assert bool(found[1]) == (value != n)
    # Three digits are within half a step of the third: at most 1 in 200.
    assert abs(value - n) * 200 <= n
    digits = found[2].replace(",", "").replace(".", "").lstrip("0")
    assert len(digits) == 3 or not found[1] or set(digits[3:]) == {"0"}
    assert len(digits.rstrip("0")) <= 3


@given(st.integers(0, 65_536), st.integers(1, 2**53))
def test_a_share_is_within_half_a_percent_of_itself(part: int, rest: int) -> None:
    share = format_share(part, part + rest)
    found = re.fullmatch(r"([\d.]+(?:e-\d+)?) %", share)
    assert found
    assert float(found[1]) == pytest.approx(100 * part / (part + rest), rel=0.005)


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 3_072, "0 %"),
        (64, 3_136, "2.04 %"),
        (1, 2, "50 %"),
        (64, 315_456, "0.0203 %"),
        (1, 3, "33.3 %"),
        (1_024, 66_560, "1.54 %"),
    ],
)
def test_shares(part: int, whole: int, text: str) -> None:
    assert format_share(part, whole) == text


def test_a_short_repr_is_short() -> None:
    assert short_repr("x" * 100_000) == "'" + "x" * 56 + "…"
    assert short_repr([10**5000]) == "a list"
    assert short_repr(10**40) == "a whole number of more than 40 digits"
    assert short_repr(10**40 - 1) == "9" * 40
    assert short_repr(-(10**40)) == "a whole number of more than 40 digits"


def test_our_signs_have_others_in_ascii() -> None:
    signs = "3 × 4 ÷ 2 − 1, 1–2, 7½, ≈ 8 → 9 …"
    assert signs.translate(ASCII_SIGNS) == "3 x 4 / 2 - 1, 1-2, 71/2, ~ 8 -> 9 ..."
