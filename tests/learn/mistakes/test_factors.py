"""The factors of a typed calculation: what is removed from a right calculation is what is missing."""

import math

import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.learn.calculation import MAX_TERMS, Calculation, Term, parse_calculation
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.generator import exercise, exercises
from calculator.learn.mistakes.factors import MAX_FACTORS, MAX_REMARKS, factor_remark


def remark(one: Exercise, text: str) -> str:
    return factor_remark(one, parse_calculation(text, "It"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5*16+3", "In 5 × 16 the factor 3 is missing (out_channels)."),
        ("3*16+3", "In 3 × 16 the factor 5 is missing (in_channels)."),
        ("80+3", "In 80 the factor 3 is missing (out_channels)."),
        ("5*3*4+3", "In 5 × 3 × 4 the factor 4 is missing (a side of the kernel)."),
        ("15+3", "In 15 the factors 4 and 4 are missing (a side of the kernel)."),
        ("5*3*4*4", "The biases are missing."),
        ("5*48", "The biases are missing."),
        ("5*16", "In 5 × 16 the factor 3 is missing (out_channels). The biases are missing."),
        ("240+5", "5 is not the number of biases: there is one for each output channel."),
        ("240+3+7", "7 is too much: it is not a part of the count."),
        ("240+7*11+3", "7 × 11 is too much: it is not a part of the count."),
        ("240-3", "− 3 is too much: a count of parameters is a sum of products. The biases are missing."),
        ("5*3*16*7*9+3", "In 5 × 3 × 16 × 7 × 9 the factors 7 and 9 are too much."),
        ("5*3*2*2*2*2*7+3", "In 5 × 3 × 2 × 2 × 2 × 2 × 7 the factor 7 is too much."),
        ("0*3+240", "In 0 × 3 the factor 0 is too much."),
        # Brackets are multiplied out first.
        ("5*(3*4*4)", "The biases are missing."),
        (
            "5*(16+1)",
            "In 5 × 16 the factor 3 is missing (out_channels). 5 is not the number of biases: there is "
            "one for each output channel.",
        ),
        ("(5*3+1)*16", "16 is not the number of biases: there is one for each output channel."),
        ("1+1+1+1", ""),
        ("80", ""),
    ],
)
def test_known(text: str, words: str) -> None:
    [one] = exercises(1, 1, 1)  # 5 → 3 channels, kernels of 4 × 4, with a bias
    if words:
        assert remark(one, text) == words
    elif text != "80":
        assert remark(one, text).endswith("There are more differences.")
        assert remark(one, text).count(".") == MAX_REMARKS + 1
    else:
        assert factor_remark(one, parse_calculation(text, "It")) == ""


def test_groups_and_no_bias() -> None:
    one = next(
        one
        for seed in range(50)
        for one in exercises(seed, 2, 4)
        if one.layer and one.layer.groups > 1 and not one.layer.bias and one.layer.weight_shape[1] > 1
    )
    assert one.layer is not None
    kernels = f"{one.layer.in_channels}*{one.layer.kernel_volume}"
    assert "out_channels ÷ groups" in remark(one, kernels)
    assert "biases" not in remark(one, kernels)
    assert f"{one.layer.out_channels} is too much" in remark(one, f"{one.answer}+{one.layer.out_channels}")


def test_terms_of_a_decoder_have_the_names_of_their_steps() -> None:
    one = next(one for seed in range(50) for one in exercises(seed, 3, 2) if one.listing)
    *parts, _ = [step for step in one.working if step.value]
    for left_out in parts:
        rest = "+".join(str(step.value) for step in parts if step is not left_out)
        if "+" in rest:
            assert f"“{left_out.what}” is missing." in remark(one, rest)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_long_calculation_and_a_question_without_a_sum(level: int) -> None:
    for one in exercises(3, level, 6):
        assert remark(one, "+".join("1" * (MAX_TERMS + 1))) == ""
        assert remark(one, "*".join("1" * (MAX_FACTORS + 1))) == ""
        if one.layer is not None and one.level == 3:
            assert remark(one, "5*3") == ""


@configured(deadline=None, max_examples=150)
@given(st.integers(0, 10**6), st.integers(1, 2), st.data())
def test_a_removed_factor_is_missing_and_an_added_one_too_much(
    seed: int, level: int, data: st.DataObject
) -> None:
    one = exercise(seed, level, 1)
    layer = one.layer
    assert layer is not None
    factors = [layer.in_channels, layer.out_channels // layer.groups, *layer.kernel_size]
    biases = (Term((layer.out_channels,)),) if layer.bias else ()
    order = data.draw(st.permutations(range(len(factors))))
    shuffled = [factors[place] for place in order]
    assert factor_remark(one, Calculation((Term(tuple(shuffled)), *biases))) == ""
    left_out = data.draw(st.sampled_from(range(len(factors))))
    rest = (1, *shuffled[:left_out], *shuffled[left_out + 1 :])
    added = data.draw(st.integers(101, 997))
    if shuffled[left_out] > 1 and len([factor for factor in factors if factor > 1]) > 1:
        said = factor_remark(one, Calculation((Term(rest), *biases)))
        # Two numbers may have the product of a third one, so another value may be named.
        assert "missing" in said or math.prod(rest) == layer.out_channels
    said = factor_remark(one, Calculation((Term((added, *shuffled)), *biases)))
    assert f"the factor {added} is too much." in said
