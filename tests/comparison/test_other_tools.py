"""What other tools print: what they truly printed, arrays really multiplied, and the words."""

import ast
import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.comparison.other_tools import TOOLS, Printed, printed
from tests.helpers import reference
from tests.helpers.paths import TOOLS_RECORDED

NAMES = ("torchinfo", "thop", "calflops", "ptflops", "DeepSpeed", "torchstat", "fvcore", "PyTorch")
RECORDED = json.loads(TOOLS_RECORDED.read_text(encoding="utf-8"))
"""What the real tools returned; written by ``tests.oracle.tools``."""


def layer(inputs: int = 64, outputs: int = 32, kernel: Any = 4, **more: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=kernel, **more)


DOUBLE: dict[str, Any] = {"stride": 2, "padding": 1}
"""With kernel 4: twice the size."""


def by_name(case: ConvTranspose, size: Any) -> dict[str, Printed]:
    return {tool.tool: tool for tool in printed(case, size)}


@pytest.mark.parametrize("asked", RECORDED["layers"])
def test_each_rule_gives_what_the_tool_printed(asked: dict[str, Any]) -> None:
    ours = by_name(ConvTranspose(**asked["layer"]), asked["input_size"])
    assert {name: ours[name].value for name in asked["printed"]} == asked["printed"]


def test_the_recorded_layers_are_a_mix() -> None:
    layers = [ConvTranspose(**asked["layer"]) for asked in RECORDED["layers"]]
    assert len(layers) > 250
    assert {case.rank for case in layers} == {1, 2, 3}
    assert {1, 2, 3, 4, 8, 64} <= {case.groups for case in layers}
    assert {case.bias for case in layers} == {True, False}
    for name in ("stride", "padding", "output_padding", "dilation", "kernel_size"):
        assert sum(len(set(getattr(case, name))) > 1 for case in layers) > 15, name
    asked = [set(case["printed"]) for case in RECORDED["layers"]]
    assert sum(names == set(NAMES) for names in asked) > 250
    # PyTorch's meta device, where these two cannot run, is for sizes no computer holds.
    assert all(names >= set(NAMES) - {"fvcore", "torchstat"} for names in asked)


def test_the_versions_are_those_recorded() -> None:
    assert tuple(TOOLS) == tuple(RECORDED["versions"]) == NAMES
    for tool in printed(layer(), 16):
        rest = RECORDED["versions"][tool.tool].removeprefix(tool.version)
        assert rest != RECORDED["versions"][tool.tool]
        assert not rest or rest[0] in "-.+"


# 64→32 k4 s2 p1 on 16 × 16: 64 · 16² · 32 · 4² = 8,388,608 products.
@pytest.mark.parametrize(
    ("case", "values", "right"),
    [
        (
            layer(**DOUBLE, bias=False),
            (33_554_432, 33_554_432, 8_388_608, 8_388_608, 8_388_608, 16_769_024, 8_388_608, 16_777_216),
            "00111111",
        ),
        (
            layer(**DOUBLE),
            (33_587_200, 33_554_432, 8_388_608, 8_421_376, 8_388_608, 16_777_216, 8_388_608, 16_777_216),
            "00111111",
        ),
        (
            layer(**DOUBLE, groups=4, bias=False),
            (8_388_608, 8_388_608, 524_288, 2_097_152, 2_097_152, 4_186_112, 2_097_152, 4_194_304),
            "00011111",
        ),
        (
            layer(64, 64, **DOUBLE, groups=64, bias=False),
            (1_048_576, 1_048_576, 0, 262_144, 262_144, 507_904, 262_144, 524_288),
            "00011111",
        ),
        (
            layer(64, 32, 3, padding=1),
            (4_726_784, 4_718_592, 4_718_592, 4_726_784, 4_718_592, 9_437_184, 4_718_592, 9_437_184),
            "11111111",
        ),
    ],
    ids=["no bias", "bias", "groups", "depthwise", "same size"],
)
def test_known_values(case: ConvTranspose, values: tuple[int, ...], right: str) -> None:
    tools = printed(case, 16)
    assert tuple(tool.tool for tool in tools) == NAMES
    assert tuple(tool.value for tool in tools) == values
    assert "".join(str(int(tool.right)) for tool in tools) == right


@configured(max_examples=60)
@given(settings=reference.settings(), data=st.data())
def test_against_a_transposed_convolution_carried_out(settings: dict[str, Any], data: st.DataObject) -> None:
    rank, groups = len(settings["kernel_size"]), settings["groups"]
    size = tuple(data.draw(st.integers(1, 3)) for _ in range(rank))
    held = reference.allocate(
        settings["in_channels"], settings["out_channels"], settings["kernel_size"], groups, settings["bias"]
    )
    words = {name: settings[name] for name in ("stride", "padding", "output_padding", "dilation")}
    weights = [np.ones(group.shape) for group in held.groups]
    try:
        carried = reference.carry_out(np.ones((settings["in_channels"], *size)), weights, **words)
    except reference.NothingLeftError:
        with pytest.raises(LayerError, match="padding must leave an output of at least 0"):
            printed(ConvTranspose(**settings), size)
        return
    done, added = carried.multiply_accumulates, carried.output.size if settings["bias"] else 0
    positions, inputs = carried.output[0].size, np.empty(size).size
    # calflops: each group keeps one filter of every ``groups`` that it has.
    kept = sum(group[:, groups - 1 :: groups].size for group in held.groups)
    ours = by_name(ConvTranspose(**settings), size)
    assert {name: tool.value for name, tool in ours.items()} == {
        "torchinfo": (held.weights + held.biases) * positions,
        "thop": held.weights * positions,
        "calflops": kept * inputs,
        "ptflops": done + added,
        "DeepSpeed": done,
        # n multiplications and n - 1 additions for every output channel at every input position.
        "torchstat": None
        if rank != 2
        else 2 * done - (0 if settings["bias"] else settings["out_channels"] * inputs),
        "fvcore": done,
        "PyTorch": 2 * done,
    }
    meant = {name: tool.multiply_accumulates for name, tool in ours.items()}
    counting_biases = {"torchinfo", "ptflops"}
    assert {name: tool.right for name, tool in ours.items()} == {
        name: meant[name] == done or (name in counting_biases and meant[name] == done + added)
        for name in NAMES
    }


@given(settings=reference.settings(channels=40, crop=1), size=st.integers(2, 2_000))
def test_every_part_agrees_with_the_value(settings: dict[str, Any], size: int) -> None:
    case = ConvTranspose(**settings)
    for tool in printed(case, size):
        if tool.value is None:
            assert tool.tool == "torchstat"
            assert (case.rank == 2, tool.right, tool.multiply_accumulates) == (False, False, None)
            assert tool.verdict == "Refuses this layer with an error: it knows only 2-D layers."
        else:
            assert worked_out(tool.numbers) == tool.value
            if tool.tool == "torchstat":
                additions = tool.value - tool.multiply_accumulates  # type: ignore[operator]
                positions = case.out_channels * math.prod(case.input_axes(size))
                assert tool.multiply_accumulates - additions == (0 if case.bias else positions)  # type: ignore[operator]
            else:
                assert tool.value == tool.multiply_accumulates * (2 if tool.tool == "PyTorch" else 1)  # type: ignore[operator]
            assert tool.verdict.startswith("Right" if tool.right else "Wrong")
        assert tool.verdict.endswith(".")
        shape = (
            *((1,) if tool.tool not in ("ptflops", "torchstat") else ()),
            case.in_channels,
            *case.input_axes(size),
        )
        assert str(shape) in tool.call
        ast.parse(tool.call)


def worked_out(numbers: str) -> int:
    """Work out what is written, from the left, with ⌊ ⌋ rounding down."""
    text = numbers.replace(",", "").replace("×", "*").replace("÷", "//").replace("−", "-")
    return int(eval(text.replace("⌊", "(").replace("⌋", ")"), {"__builtins__": {}}))


def test_units_and_rules_are_the_tools_own() -> None:
    for tool in printed(layer(), 16):
        assert (tool.version, tool.unit, tool.rule) == TOOLS[tool.tool]
    units = [tool.unit for tool in printed(layer(), 16)]
    assert units == ["mult-adds", *["MACs"] * 4, "MAdd", "FLOPs", "FLOPs"]


BIASES = "It also counts 32,768 additions of a bias."
NOT_COUNTED = "Adding the biases is not counted."


@pytest.mark.parametrize(
    ("case", "size", "name", "verdict"),
    [
        (
            layer(**DOUBLE),
            16,
            "torchinfo",
            "Wrong: it multiplies by 1,024 output positions, not by 256 input positions, which gives "
            "4 times too many. " + BIASES,
        ),
        (
            layer(**DOUBLE),
            16,
            "thop",
            "Wrong: it multiplies by 1,024 output positions, not by 256 input positions, which gives "
            "4 times too many.",
        ),
        (layer(**DOUBLE), 16, "calflops", f"Right: it counts every product once. {NOT_COUNTED}"),
        (layer(**DOUBLE), 16, "ptflops", f"Right: it counts every product once. {BIASES}"),
        (layer(**DOUBLE, bias=False), 16, "ptflops", "Right: it counts every product once."),
        (
            layer(**DOUBLE, groups=4),
            16,
            "DeepSpeed",
            "Right: it counts every product once. Up to version 0.19.6 it divided by groups twice. "
            + NOT_COUNTED,
        ),
        (layer(**DOUBLE, bias=False), 16, "DeepSpeed", "Right: it counts every product once."),
        (
            layer(**DOUBLE),
            16,
            "torchstat",
            "Right: for n products at an input position it counts n multiplications and n additions. "
            "Its column Flops has 0 for this layer.",
        ),
        (
            layer(**DOUBLE, bias=False),
            16,
            "torchstat",
            "Right: for n products at an input position it counts n multiplications and n − 1 additions. "
            "Its column Flops has 0 for this layer.",
        ),
        (layer(), 16, "fvcore", f"Right: it calls one multiply–accumulate one FLOP. {NOT_COUNTED}"),
        (layer(bias=False), 16, "fvcore", "Right: it calls one multiply–accumulate one FLOP."),
        (layer(), 16, "PyTorch", f"Right: it calls one multiply–accumulate two FLOPs. {NOT_COUNTED}"),
        (
            layer(64, 32, 3, padding=1),
            16,
            "torchinfo",
            "Right here, because the output has as many positions as the input. It multiplies by the output "
            "positions. "
            "It also counts 8,192 additions of a bias.",
        ),
        # 3 weights meet 8 inputs: 24. And (3 + 1) · 6 is 24 too.
        (
            layer(3, 1, (1,), padding=1),
            8,
            "torchinfo",
            "Right here by chance: it multiplies by 6 output positions, not by 8 input positions. "
            "It also counts 6 additions of a bias.",
        ),
        (
            layer(3, 1, (1,), padding=1),
            8,
            "thop",
            "Wrong: it multiplies by 6 output positions, not by 8 input positions, which gives 25 % too few.",
        ),
        (
            layer(1, 1, (1,), padding=4),
            8,
            "thop",
            "Wrong: it multiplies by 0 output positions, not by 8 input positions, which gives 0.",
        ),
        (
            layer(1, 1, (2,)),
            10_000,
            "thop",
            "Wrong: it multiplies by 10,001 output positions, not by 10,000 input positions, which gives "
            "less than 0.1 % too many.",
        ),
        (
            layer(1, 1, (4,), stride=3),
            3,
            "thop",
            "Wrong: it multiplies by 10 output positions, not by 3 input positions, which gives "
            "about 3.33 times too many.",
        ),
        (
            layer(1, 1, (2, 2), stride=11),
            9,
            "thop",
            "Wrong: it multiplies by 8,100 output positions, not by 81 input positions, which gives "
            "100 times too many.",
        ),
        (
            layer(1, 1, (1, 1), stride=40),
            64,
            "thop",
            "Wrong: it multiplies by 6,355,441 output positions, not by 4,096 input positions, which gives "
            "about 1,552 times too many.",
        ),
        (layer(groups=4), 16, "calflops", "Wrong: it divides by groups twice, which gives 4 times too few."),
        (
            layer(64, 36, groups=4),
            16,
            "calflops",
            "Wrong: it divides by groups twice and rounds down, which gives 4.5 times too few.",
        ),
        (
            layer(64, 64, groups=64),
            16,
            "calflops",
            "Wrong: it divides by groups twice and rounds down, which gives 0.",
        ),
    ],
)
def test_verdicts(case: ConvTranspose, size: int, name: str, verdict: str) -> None:
    tool = by_name(case, size)[name]
    assert tool.verdict == verdict
    assert tool.right == verdict.startswith("Right")


def test_floats_round_what_thop_and_ptflops_count() -> None:
    wide = layer(3, 3, (127, 127, 127), padding=63, bias=False)  # the output is as large as the input
    size = 1023
    exact = 9 * 127**3 * 1023**3
    assert exact > 2**53
    assert int(np.float64(exact)) != exact
    tools = by_name(wide, size)
    for name in ("thop", "ptflops"):
        value = tools[name].value
        assert value == int(np.float64(exact))
        assert not tools[name].right
        off = f"off by {abs(value - exact)}"
        assert tools[name].verdict == f"Wrong: it stores the count as a 64-bit float, {off}."
    assert tools["torchinfo"].value == tools["calflops"].value == tools["fvcore"].value == exact
    stretched = by_name(layer(3, 3, (127, 127, 127), stride=2, bias=False), size)["thop"]
    # (1023 − 1) · 2 + 127 = 2,171 on each axis
    assert stretched.verdict == (
        "Wrong: it multiplies by 10,232,446,211 output positions, not by 1,070,599,167 input positions, "
        "which gives about 9.56 times too many. And it stores the count as a 64-bit float, "
        f"off by {abs(9 * 127**3 * 2171**3 - int(np.float64(9 * 127**3 * 2171**3)))}."
    )


def test_thop_refuses_what_does_not_fit() -> None:
    assert by_name(layer(1, 1, (1,)), 2**62)["thop"].value == 2**62
    # 3 · 2^62 is above 2^63 and a float has it; the largest below 2^64 is rounded up to it.
    assert by_name(layer(3, 1, (1,)), 2**62)["thop"].value == 3 * 2**62
    assert by_name(layer(2**32 + 1, 1, (1,)), 2**32 - 1)["thop"].value == 2**64
    refused = by_name(layer(4, 1, (1,)), 2**62)["thop"]
    assert (refused.value, refused.multiply_accumulates, refused.right) == (None, None, False)
    assert refused.verdict == "Refuses this layer with an error: its count does not fit in 64 bits."


def test_torchstat_refuses_what_it_cannot_store() -> None:
    wide = layer(1, 1, (1, 1))
    assert by_name(wide, (2**31, 2**31 - 1))["torchstat"].value == 2**63 - 2**32
    refused = by_name(wide, (2**31, 2**31))["torchstat"]
    assert (refused.value, refused.multiply_accumulates, refused.right) == (None, None, False)
    assert refused.verdict == "Refuses this layer with an error: its count does not fit in 63 bits."


def test_whole_ratios_are_said_exactly_and_none_as_one() -> None:
    for inputs in range(1, 40):
        for stride in (1, 2, 3):
            case = layer(1, 1, (3,), stride=stride)
            ratio = Fraction(math.prod(case.output_size(inputs)), inputs)
            said = by_name(case, inputs)["thop"].verdict
            whole = f", which gives {int(ratio):,} times too many."
            assert said.endswith(whole) == (ratio.denominator == 1)
            assert "about 1 times" not in said
            assert ": 1 times" not in said


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        (0, "input_size must be a whole number of at least 1, received 0."),
        ((16,), "input_size must be one whole number, or 2 (one per axis), received (16,)."),
    ],
)
def test_refusals(size: Any, sentence: str) -> None:
    with pytest.raises(LayerError) as refusal:
        printed(layer(), size)
    assert str(refusal.value) == sentence


def test_refuses_a_crop_of_more_than_there_is() -> None:
    with pytest.raises(LayerError, match="padding must leave an output of at least 0"):
        printed(layer(1, 1, (1,), padding=5), 3)
