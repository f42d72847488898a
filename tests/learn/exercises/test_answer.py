"""Answers as people type them: understood exactly, or refused with the reason."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator import LayerError
from calculator.learn.calculation import is_calculated
from calculator.learn.exercises.answer import read_answer

NO_BREAK, NARROW, THIN = "\u00a0", "\u202f", "\u2009"
MAX_VALUE = 2**63 - 1

EXPONENT = "which has an exponent: write all the digits."
ROUNDED = "which is rounded: write all the digits."
POINT = "which has a decimal point, but a count is a whole number."
BELOW = "but a count is never below 0."
GROUPS = "in which the thousands are not groups of three digits."
LARGE = "which is larger than any answer."
NONE = "which is not a whole number: write only the digits 0–9, as in 1234 or 1,234."


def refused(text: str) -> str:
    with pytest.raises(LayerError) as caught:
        read_answer(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("550", 550),
        ("3136", 3136),
        ("3,136", 3136),
        ("3 136", 3136),
        (f"3{NO_BREAK}136", 3136),
        (f"3{NARROW}136", 3136),
        (f"3{THIN}136", 3136),
        ("  3136\n", 3136),
        (f"{NO_BREAK}3,136{NO_BREAK}", 3136),
        ("\u20665 × 3\u2069 × 16 + 3", 243),  # Copied from a page.
        ("\u20663,136", 3136),
        ("0003136", 3136),
        ("1,048,576", 1_048_576),
        ("1 048 576", 1_048_576),
        ("9,223,372,036,854,775,807", MAX_VALUE),
    ],
)
def test_understood(text: str, value: int) -> None:
    assert read_answer(text) == value


@pytest.mark.parametrize(
    "text",
    ["5*3*16+3", "5 × 3 × 16 + 3", " 5x3x4·4 + 3 ", "246−3", "1*243", "2,430-2,187", "3*(5*16+1)", "(243)"],
)
def test_a_calculation_is_an_answer(text: str) -> None:
    assert read_answer(text) == 243


def test_a_calculation_that_is_refused() -> None:
    wanted = "The answer must be an exact whole number or a calculation such as 2*4*9+4, received"
    assert refused("5*(3+2") == f"{wanted} '5*(3+2', in which a bracket is not closed."
    assert refused("3-5") == f"{wanted} '3-5', but a count is never below 0."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("3.1k", ROUNDED),
        ("3k", ROUNDED),
        ("3 K", ROUNDED),
        ("31.04M", ROUNDED),
        ("3,1k", ROUNDED),
        ("~3k", ROUNDED),
        (
            "3.136",
            "in which the point could separate thousands or decimals: write 3136 if that is the number.",
        ),
        (
            "1.048.576",
            "in which the point could separate thousands or decimals: write 1048576 if that is the number.",
        ),
        ("3_136", "which has underscores: write 3136 if that is the number."),
        ("3136.0", POINT),
        ("3136.", POINT),
        (".5", POINT),
        ("3,136.00", POINT),
        ("0.5", POINT),
        ("1e3", EXPONENT),
        ("3.136E3", EXPONENT),
        ("1e-3", EXPONENT),
        ("-5", BELOW),
        ("−5", BELOW),
        ("–5", BELOW),
        ("-0", BELOW),
        ("- 5", BELOW),
        ("-.5", BELOW),
        ("-3,136", BELOW),
        ("-", NONE),
        ("−", NONE),
        ("--", NONE),
        ("-x", NONE),
        ("3,13", GROUPS),
        ("3 13", GROUPS),
        ("31,36", GROUPS),
        ("3  136", GROUPS),
        ("3,136 000", GROUPS),
        ("3, 136", GROUPS),
        ("9223372036854775808", LARGE),
        ("9,223,372,036,854,775,808", LARGE),
        ("9" * 30, LARGE),
        ("٣", NONE),
        ("３１３６", NONE),
        ("²", NONE),
        ("four", NONE),
        ("k", NONE),
        ("+5", NONE),
        ("3'136", NONE),
        ("3136 parameters", NONE),
        ("64*", NONE),
        ("√9", NONE),
        ("0x10", NONE),
        ("nan", NONE),
        ("inf", NONE),
        ("None", NONE),
        ("<b>3</b>", NONE),
        ("3\x00", NONE),
        ("3,,136", GROUPS),
        (",136", NONE),
        ("136,", NONE),
    ],
)
def test_refused_with_a_reason(text: str, reason: str) -> None:
    assert refused(text) == f"The answer must be an exact whole number, received {text!r}, {reason}"


@pytest.mark.parametrize("text", ["", " ", "\t\n", NO_BREAK])
def test_empty(text: str) -> None:
    assert refused(text) == "The answer must be an exact whole number, but nothing was entered."


@pytest.mark.parametrize(
    "text",
    [
        "9" * 5000,
        "x" * 5000,
        "1." * 3000,
        "1.000" * 999,
        "1" + ".000" * 2000,
        "1" + "_1" * 3000,
        "1" + ",000" * 2000,
        "-" + "9" * 5000,
        "9" * 5000 + "k",
        "1" + " 1" * 3000,
        "1e" + "9" * 5000,
        "\u0663" * 5000,
    ],
)
def test_long_text_is_refused_in_a_short_sentence(text: str) -> None:
    sentence = refused(text)
    assert sentence.startswith("The answer must be an exact whole number, received ")
    assert len(sentence) < 260


@given(
    st.integers(0, MAX_VALUE),
    st.sampled_from(["", ",", " ", NO_BREAK, NARROW, THIN]),
    st.sampled_from(["", " "]),
)
def test_every_number_is_read_as_it_is_written(value: int, mark: str, space: str) -> None:
    assert read_answer(f"{space}{value:,}{space}".replace(",", mark)) == value


@given(st.text(max_size=30))
@example("1" * 20)
@example("1\n")
def test_anything_else_is_a_sentence(text: str) -> None:
    try:
        value = read_answer(text)
    except LayerError:
        assert refused(text).startswith("The answer must be an exact whole number")
        assert refused(text).endswith(".")
    else:
        if is_calculated(text):  # tests/learn/test_calculation.py
            return
        assert int("".join(sign for sign in text if sign in "0123456789")) == value
        assert all(sign in "0123456789, " or sign.isspace() for sign in text)
