"""The working: every expression comes to its value, and the last step is the answer."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import (
    ConvTranspose,
    LayerError,
    Step,
    derive_multiply_accumulates,
    derive_output_size,
    derive_parameters,
)
from tests.helpers import reference

SIGNS = str.maketrans({"×": "*", "÷": "/", "−": "-", ",": None})
OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def evaluate(expression: str) -> int:
    """Evaluate + − × ÷ and brackets over whole numbers, and nothing else; ÷ must come out even."""
    return reckon(ast.parse(expression.translate(SIGNS), mode="eval").body)


def reckon(node: ast.expr) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            quotient, rest = divmod(reckon(left), reckon(right))
            assert rest == 0
            return quotient
        case ast.BinOp(left=left, op=op, right=right):
            return int(OPERATIONS[type(op)](reckon(left), reckon(right)))
        case _:
            raise AssertionError(f"unexpected in an expression: {ast.dump(node)}")


def all_steps(layer: ConvTranspose, size: Any) -> tuple[Step, ...]:
    sizes = derive_output_size(layer, size) + derive_multiply_accumulates(layer, size)
    return derive_parameters(layer) + sizes


def test_evaluator() -> None:
    assert evaluate("(16 − 1) × 2 − 2 × 1 + 1 × (4 − 1) + 1 + 0") == 32
    assert evaluate("1,024 ÷ 4") == 256
    with pytest.raises(AssertionError):
        evaluate("7 ÷ 2")
    with pytest.raises(AssertionError):
        evaluate("f(2)")


def test_worked_example_step_by_step() -> None:
    # 3→64 k4 s2 p1 with bias, worked in every text on the subject: 3,072 + 64 = 3,136.
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    assert [(step.expression, step.value, step.part) for step in derive_parameters(layer)] == [
        ("4 × 4", 16, "weights"),
        ("64 ÷ 1", 64, "weights"),
        ("3 × 64", 192, "weights"),
        ("192 × 16", 3_072, "weights"),
        ("64", 64, "biases"),
        ("3,072 + 64", 3_136, "parameters"),
    ]
    assert [(step.expression, step.value) for step in derive_output_size(layer, (16, 5))] == [
        ("(16 − 1) × 2 − 2 × 1 + 1 × (4 − 1) + 1 + 0", 32),
        ("(5 − 1) × 2 − 2 × 1 + 1 × (4 − 1) + 1 + 0", 10),
    ]
    assert [(step.expression, step.value) for step in derive_multiply_accumulates(layer, (16, 5))] == [
        ("16 × 5", 80),
        ("80 × 3,072", 245_760),
    ]


def test_steps_say_what_they_are() -> None:
    layer = ConvTranspose(in_channels=4, out_channels=6, kernel_size=(2, 3, 4), groups=2, bias=False)
    whats = [step.what for step in derive_parameters(layer)]
    assert whats == [
        "Weights in one kernel",
        "Kernels for each input channel",
        "Kernels",
        "Weights",
        "Biases, switched off",
        "Parameters",
    ]
    assert [step.what for step in derive_output_size(layer, 2)] == [
        "Output size, axis 0",
        "Output size, axis 1",
        "Output size, axis 2",
    ]
    assert [step.what for step in derive_multiply_accumulates(layer, 2)] == [
        "Input positions",
        "Multiply–accumulates",
    ]
    assert {step.part for step in derive_output_size(layer, 2)} == {"output"}
    assert {step.part for step in derive_multiply_accumulates(layer, 2)} == {"output"}


@given(settings=reference.settings(channels=40, size=9, crop=0), data=st.data())
def test_every_expression_comes_to_its_value(settings: dict[str, Any], data: st.DataObject) -> None:
    layer = ConvTranspose(**settings)
    size = data.draw(st.tuples(*[st.integers(1, 5000)] * layer.rank))
    for step in all_steps(layer, size):
        assert evaluate(step.expression) == step.value, step


@given(settings=reference.settings(crop=0), data=st.data())
def test_last_step_is_the_answer(settings: dict[str, Any], data: st.DataObject) -> None:
    layer = ConvTranspose(**settings)
    size = data.draw(st.tuples(*[st.integers(1, 9)] * layer.rank))
    channels = settings["in_channels"], settings["out_channels"]
    allocated = reference.allocate(*channels, settings["kernel_size"], settings["groups"], settings["bias"])
    steps = derive_parameters(layer)
    assert steps[-1].value == layer.parameter_count == allocated.weights + allocated.biases
    # The equation shown is weights + biases, and each has its own step before it.
    by_part = {step.part: step for step in steps}
    assert by_part["weights"].value == allocated.weights
    assert by_part["biases"].value == allocated.biases
    assert steps[-1].expression == f"{allocated.weights:,} + {allocated.biases:,}"
    assert tuple(step.value for step in derive_output_size(layer, size)) == layer.output_size(size)
    work = derive_multiply_accumulates(layer, size)
    assert work[-1].value == layer.multiply_accumulates(size)
    assert work[0].value == math.prod(size)


@given(settings=reference.settings(crop=0))
def test_steps_follow_from_earlier_ones(settings: dict[str, Any]) -> None:
    kernel, per_input, kernels, weights, biases, total = derive_parameters(ConvTranspose(**settings))
    assert kernels.expression == f"{settings['in_channels']} × {per_input.value}"
    assert weights.expression == f"{kernels.value:,} × {kernel.value:,}"
    assert total.value == weights.value + biases.value


def test_steps_come_from_the_layers_own_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    # A working that computed on its own could drift from the answer; this one follows the properties.
    monkeypatch.setattr(ConvTranspose, "kernel_volume", 1000)
    monkeypatch.setattr(ConvTranspose, "kernel_count", 7)
    monkeypatch.setattr(ConvTranspose, "bias_count", 11)
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    assert [step.value for step in derive_parameters(layer)] == [1000, 64, 7, 7_000, 11, 7_011]
    assert derive_multiply_accumulates(layer, 2)[-1].value == 4 * 7_000
    monkeypatch.setattr(ConvTranspose, "weight_count", 500)
    monkeypatch.setattr(ConvTranspose, "parameter_count", 13)
    assert [step.value for step in derive_parameters(layer)] == [1000, 64, 7, 500, 11, 13]


def test_huge_steps_stay_exact() -> None:
    maximum = 2**63 - 1
    layer = ConvTranspose(in_channels=maximum, out_channels=maximum, kernel_size=(maximum, maximum))
    for step in all_steps(layer, maximum):
        assert evaluate(step.expression) == step.value
        assert type(step.value) is int


def test_refuses_as_the_layer_does() -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=2, padding=3)
    for derive in (derive_output_size, derive_multiply_accumulates):
        with pytest.raises(LayerError, match="padding must leave an output of at least 0: on axis 0"):
            derive(layer, 2)
        with pytest.raises(LayerError, match="input_size must be a whole number of at least 1, received 0"):
            derive(layer, 0)
