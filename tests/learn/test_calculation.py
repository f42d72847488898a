"""Calculations that students type, compared with Python's own arithmetic."""

import ast
import operator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from calculator import LayerError
from calculator.core.validation import MAX_VALUE
from calculator.learn.calculation import MAX_CHARS, MAX_TERMS, is_calculated, number, parse_calculation

OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul}


def value_of(node: ast.expr) -> int:
    """Return the value of an expression of Python with the three signs."""
    if isinstance(node, ast.BinOp):
        return int(OPERATORS[type(node.op)](value_of(node.left), value_of(node.right)))
    assert isinstance(node, ast.Constant)
    return int(str(node.value))


NUMBERS = st.integers(0, 10**6)
SIGNS = st.sampled_from(["+", "-", "*"])


@given(NUMBERS, st.lists(st.tuples(SIGNS, NUMBERS), min_size=1, max_size=8), st.data())
def test_the_result_is_that_of_python(first: int, rest: list[tuple[str, int]], data: st.DataObject) -> None:
    python = str(first) + "".join(f"{sign}{value}" for sign, value in rest)
    result = value_of(ast.parse(python, mode="eval").body)
    typed = str(first)
    spellings = {"+": "+", "-": "-−–", "*": "*×·⋅xX"}
    for sign, value in rest:
        space = data.draw(st.sampled_from(["", " ", "  "]))
        shown = data.draw(st.sampled_from(["{}", "{:,}"])).format(value)
        typed += f"{space}{data.draw(st.sampled_from(spellings[sign]))}{space}{shown}"
    if typed[:2] in ("0x", "0X"):
        typed = f"0{typed}"
    assert is_calculated(typed)
    if 0 <= result <= MAX_VALUE:
        calculation = parse_calculation(typed, "It")
        assert calculation.value == result
        assert not calculation.is_number
        # What is written back means the same.
        assert parse_calculation(str(calculation), "It") == calculation
    else:
        reason = "larger than any answer" if result > 0 else "never below 0"
        with pytest.raises(LayerError, match=reason):
            parse_calculation(typed, "It")


def expressions() -> st.SearchStrategy[str]:
    """Return sums and products of numbers with brackets, as Python writes them."""

    def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        some = st.lists(st.tuples(SIGNS, parts), min_size=1, max_size=3)
        sums = st.builds(lambda first, rest: first + "".join(sign + part for sign, part in rest), parts, some)
        return sums.map("({})".format)

    return st.recursive(st.integers(0, 40).map(str), joined, max_leaves=25)


@given(expressions())
def test_brackets_are_those_of_python(text: str) -> None:
    assume(len(text) <= MAX_CHARS)
    result = value_of(ast.parse(text, mode="eval").body)
    if not 0 <= result <= MAX_VALUE:
        with pytest.raises(LayerError, match=r"larger than any answer|never below 0"):
            parse_calculation(text, "It")
        return
    calculation = parse_calculation(text, "It")
    assert calculation.value == result
    assert not calculation.terms[0].subtracted
    written = str(calculation)
    assert len(written) <= MAX_CHARS
    assert parse_calculation(written, "It").value == result


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("(243)", "243"),
        ("(5*3*16)+3", "5 × 3 × 16 + 3"),
        ("5*3*(4*4)+3", "5 × 3 × 4 × 4 + 3"),
        ("(5*3+1)*16", "5 × 3 × 16 + 16"),
        ("3*(5*16+1)", "3 × 5 × 16 + 3"),
        ("16 × (20 − (2 + 3))", "16 × 20 − 16 × 2 − 16 × 3"),
        ("(2-5)*(1-4)", "2 + 5 × 4 − 2 × 4 − 5"),
        # Both sides have five terms, and twenty-five are more than anybody compares.
        ("(1+1+1+1+1)*(1+1+1+1+1)+3", "25 + 3"),
        ("(" * 10 + "7" + ")" * 10, "7"),
    ],
)
def test_brackets_are_multiplied_out(text: str, written: str) -> None:
    assert is_calculated(text)
    assert str(parse_calculation(text, "It")) == written


def test_brackets_cannot_grow() -> None:
    calculation = parse_calculation("*".join(["(1+1)"] * 33), "It")
    assert calculation.value == 2**33
    assert len(calculation.terms) <= MAX_TERMS
    long = parse_calculation("(1111111+11)*(2222222+22)*(3+30)*(40-39)", "It")
    assert str(long) == format(1111122 * 2222244 * 33, ",")


def test_a_plain_number() -> None:
    assert number(7).is_number
    assert (number(7).value, str(number(3136))) == (7, "3,136")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5*", "in which a number is missing beside a sign."),
        ("*5", "in which a number is missing beside a sign."),
        ("2**3", "in which a number is missing beside a sign."),
        ("5+-3", "in which a number is missing beside a sign."),
        ("-5+8", "in which a number is missing beside a sign."),
        ("5*a", "in which 'a' is not a whole number."),
        ("5*3.5", "in which '3.5' is not a whole number."),
        ("5*3/2", "in which '3/2' is not a whole number."),
        ("5*(3+2", "in which a bracket is not closed."),
        ("((5*3)", "in which a bracket is not closed."),
        ("5*3+2)", "in which a bracket is not opened."),
        (")5*3(", "in which a number is missing before a bracket."),
        ("5*()", "in which a number is missing before a bracket."),
        ("5*(3+)", "in which a number is missing before a bracket."),
        ("(-5+8)", "in which a number is missing beside a sign."),
        ("5(3+2)", "in which a sign is missing beside a bracket."),
        ("(3+2)5", "in which a sign is missing beside a bracket."),
        ("(3 (2))", "in which a sign is missing beside a bracket."),
        ("1" + "+(1" * 11 + ")" * 11, "in which more than 10 brackets are open at once."),
        ("(3-5)*2", "but a count is never below 0."),
        ("5*3=15", "in which '3=15' is not a whole number."),
        ("5*٣", "in which '٣' is not a whole number."),
        ("5*1_0", "in which '1_0' is not a whole number."),
        ("5*1,00", "in which '1,00' is not a whole number."),
        ("5*9223372036854775808", "in which '9223372036854775808' is larger than 9,223,372,036,854,775,807."),
        ("4294967296*4294967296", "which is larger than any answer."),
        ("3-5", "but a count is never below 0."),
    ],
)
def test_refused(text: str, reason: str) -> None:
    with pytest.raises(LayerError) as caught:
        parse_calculation(text, "It must be a calculation")
    assert str(caught.value) == f"It must be a calculation, received {text!r}, {reason}"


@pytest.mark.parametrize("text", ["1+" * 5000 + "1", "9*" * 5000 + "9", "1" + " " * 9000 + "+1", "(" * 9000])
def test_a_long_text_is_refused_without_being_read(text: str) -> None:
    with pytest.raises(LayerError, match=f"which is longer than {MAX_CHARS} characters.$") as caught:
        parse_calculation(text, "It")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("text", ["", "5", "3,136", "-5", "+5", "1e-3", "5*", "a*b", "0x10", "3'136"])
def test_no_calculation(text: str) -> None:
    assert not is_calculated(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        calculation = parse_calculation(text, "It")
    except LayerError:
        with pytest.raises(LayerError, match=r"^It, received "):
            parse_calculation(text, "It")
    else:
        assert 0 <= calculation.value <= MAX_VALUE
