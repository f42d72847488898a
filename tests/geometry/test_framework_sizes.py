"""Output sizes side by side: every formula comes to its size, and the sizes are the real frameworks'."""

import ast
import json
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from calculator import ConvTranspose, LayerError
from calculator.geometry.framework_sizes import SizeRow, size_rows
from tests.frameworks.strategies import layers_and_sizes
from tests.helpers import reference
from tests.helpers.paths import FRAMEWORKS_RECORDED

RECORDED = FRAMEWORKS_RECORDED
Drawn = tuple[ConvTranspose, tuple[int, ...]]

SIGNS = str.maketrans({"×": "*", "·": "*", "−": "-"})
OPERATIONS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
}


def evaluate(text: str, letters: Mapping[str, int] | None = None) -> int:
    """Evaluate + − × · max min over whole numbers and ``letters``, and nothing else."""
    plain = re.sub(r"(?<=[0-9]),(?=[0-9]{3})", "", text).translate(SIGNS)
    # In letters a product has no sign: (i − 1)s and 2p.
    plain = re.sub(r"\)(?=[a-z])", ")*", re.sub(r"(?<=[0-9])(?=[a-zA-Z])", "*", plain))
    return reckon(ast.parse(plain, mode="eval").body, letters or {})


def reckon(node: ast.expr, letters: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=letter):
            return letters[letter]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -reckon(operand, letters)
        case ast.BinOp(left=left, op=op, right=right):
            return OPERATIONS[type(op)](reckon(left, letters), reckon(right, letters))
        case ast.Call(func=ast.Name(id="max" | "min" as name), args=args):
            values = [reckon(argument, letters) for argument in args]
            return max(values) if name == "max" else min(values)
        case _:
            raise AssertionError(f"unexpected in a formula: {ast.dump(node)}")


def arguments(how: str) -> dict[str, Any]:
    """Return the arguments that ``how`` is."""
    call = ast.parse(f"f({how})", mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}


def letters_of(layer: ConvTranspose, axis: int, i: int, row: SizeRow) -> dict[str, int]:
    """Return what each letter stands for on one axis; low, high, begin, end and ONNX's op out of ``how``."""
    k, d = layer.kernel_size[axis], layer.dilation[axis]
    letters = {"i": i, "s": layer.stride[axis], "p": layer.padding[axis], "op": layer.output_padding[axis]}
    letters["K"] = 1 + sum(d for _ in range(k - 1))
    said = arguments(row.how)
    if isinstance(said.get("padding"), tuple) and row.framework == "Flax":
        letters["low"], letters["high"] = said["padding"][axis]
    if "pads" in said:
        letters |= {"begin": said["pads"][axis], "end": said["pads"][axis + layer.rank]}
        letters["op"] = said["output_padding"][axis]
    return letters


def test_evaluator() -> None:
    assert evaluate("(16 − 1) × 2 − 2 × 1 + 4 + 0") == 32
    assert evaluate("max((2 − 1) × 1,024 + (−2) − 3, 0)") == 1019
    assert evaluate("min(3 × 4, 1,000)") == 12
    assert evaluate("(i − 1)s − 2p + K + op", {"i": 16, "s": 2, "p": 1, "K": 4, "op": 0}) == 32
    with pytest.raises(AssertionError):
        evaluate("7 / 2 if 1 else 0")


@given(drawn=layers_and_sizes())
def test_numbers_and_letters_come_to_the_size(drawn: Drawn) -> None:
    layer, size = drawn
    for row in size_rows(layer, size):
        assert (row.size is None) == bool(row.problem) == (not row.numbers)
        if row.size is None:
            assert row.problem.endswith(".")
            continue
        assert tuple(evaluate(text) for text in row.numbers) == row.size
        letters = [letters_of(layer, axis, i, row) for axis, i in enumerate(size)]
        assert tuple(evaluate(row.formula, values) for values in letters) == row.size


@given(drawn=layers_and_sizes())
def test_every_row_is_there_in_order(drawn: Drawn) -> None:
    rows = size_rows(*drawn)
    assert [row.framework for row in rows] == ["PyTorch", *["Keras"] * 2, *["Flax"] * 3, *["ONNX"] * 2]
    words = [arguments(rows[row].how)["padding"] for row in (1, 2, 3, 4)]
    assert words == ["valid", "same", "SAME", "VALID"]
    assert rows[7].how.startswith("auto_pad='SAME_UPPER'")


@given(drawn=layers_and_sizes())
def test_pytorch_flax_and_onnx_agree_on_the_layer(drawn: Drawn) -> None:
    """A transposed convolution carried out in numpy has the size of the rows that say the layer."""
    layer, size = drawn
    expected = carried_size(layer, size)
    pytorch, pairs, pads = (size_rows(layer, size)[row] for row in (0, 5, 6))
    assert pytorch.size == expected
    if expected is None:
        assert pairs.size is None or 0 in pairs.size
        assert pads.size is None
    else:
        assert pairs.size == (expected if layer.groups == 1 else None)
        assert pads.size in (expected, None)
        if min(expected) >= 1 and all(
            op < s for op, s in zip(layer.output_padding, layer.stride, strict=True)
        ):
            assert pads.size == expected


def carried_size(layer: ConvTranspose, size: tuple[int, ...]) -> tuple[int, ...] | None:
    """Carry out each axis on its own, or return ``None`` where the padding crops too much."""
    result: list[int] = []
    for axis, i in enumerate(size):
        own = {
            name: (getattr(layer, name)[axis],)
            for name in ("stride", "padding", "output_padding", "dilation")
        }
        kernel = np.ones((1, 1, layer.kernel_size[axis]))
        try:
            result += reference.carry_out(np.ones((1, i)), [kernel], **own).size
        except reference.NothingLeftError:
            return None
    return tuple(result)


ROWS: dict[str, dict[str | None, int]] = {
    "pytorch": {None: 0},
    "keras": {None: 1, "valid": 1, "Valid": 1, "same": 2, "SAME": 2},
    "flax": {None: 3, "SAME": 3, "VALID": 4},
    "onnx": {None: 6, "SAME_UPPER": 7},
}
"""The row that answers to a recorded padding, asked without output_padding."""


@pytest.mark.parametrize("name", ROWS)
def test_sizes_are_what_the_real_frameworks_answered(name: str) -> None:
    compared = set()
    for asked in json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))["settings"]:
        words = None if asked["padding"] is None else str(asked["padding"])
        if asked["output_padding"] is not None or words not in ROWS[name]:
            continue
        try:
            layer = ConvTranspose(**asked["layer"])
        except LayerError:
            continue
        number = ROWS[name][words]
        row = size_rows(layer, asked["input_size"])[number]
        assert row.size == (None if "refused" in asked else tuple(asked["output"])), asked
        compared.add((number, row.size is None))
    assert {number for number, refused in compared if not refused} == set(ROWS[name].values())


# k3 s2 on 7 and k2 s4 on 5: the frameworks' defaults part ways (PyTorch 2.13, Keras 3.15, JAX with
# Flax 0.12, onnxruntime 1.32).
@pytest.mark.parametrize(
    ("settings", "i", "sizes"),
    [
        ({"kernel_size": (3,), "stride": 2}, 7, (15, 15, 14, 14, 15, 15, 15, 14)),
        (
            {"kernel_size": (3,), "stride": 2, "padding": 1, "output_padding": 1},
            7,
            (14, 15, 14, 14, 15, 14, 14, 14),
        ),
        ({"kernel_size": (2,), "stride": 4}, 5, (18, 20, 20, 20, 20, 18, 18, 18)),
        ({"kernel_size": (4,), "stride": 2, "padding": 1}, 16, (32, 34, 32, 32, 34, 32, 32, 32)),
        # Cropped to nothing: PyTorch and Flax say 0, onnxruntime refuses; cropped beyond, Flax still says 0.
        ({"kernel_size": (4,), "padding": 2}, 1, (0, 4, 1, 1, 4, 0, None, 1)),
        ({"kernel_size": (4,), "padding": 3}, 2, (None, 5, 2, 2, 5, 0, None, 2)),
        ({"kernel_size": (3,), "stride": 2, "dilation": 2}, 4, (11, None, None, 8, 11, 11, 11, 8)),
        # Here PyTorch allows an output_padding of 1, ONNX does not, and pads=[1, 0] are the same.
        (
            {"kernel_size": (1,), "dilation": 2, "padding": 1, "output_padding": 1},
            5,
            (4, 5, 5, 5, 5, 4, 4, None),
        ),
    ],
)
def test_known_sizes(settings: dict[str, Any], i: int, sizes: tuple[int | None, ...]) -> None:
    rows = size_rows(ConvTranspose(in_channels=1, out_channels=1, **settings), i)
    assert tuple(row.size and row.size[0] for row in rows) == sizes


def test_known_numbers() -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(4, 3), stride=2, padding=1)
    rows = size_rows(layer, (1024, 16))
    assert [(row.how, row.formula, row.numbers) for row in rows] == [
        (
            "padding=1, output_padding=0",
            "(i − 1)s − 2p + K + op",
            ("(1,024 − 1) × 2 − 2 × 1 + 4 + 0", "(16 − 1) × 2 − 2 × 1 + 3 + 0"),
        ),
        (
            "padding='valid'",
            "(i − 1)s + K + max(s − K, 0)",
            ("(1,024 − 1) × 2 + 4 + max(2 − 4, 0)", "(16 − 1) × 2 + 3 + max(2 − 3, 0)"),
        ),
        ("padding='same'", "i·s", ("1,024 × 2", "16 × 2")),
        ("padding='SAME'", "i·s", ("1,024 × 2", "16 × 2")),
        (
            "padding='VALID'",
            "(i − 1)s + max(K, s)",
            ("(1,024 − 1) × 2 + max(4, 2)", "(16 − 1) × 2 + max(3, 2)"),
        ),
        (
            "padding=((2, 2), (1, 1))",
            "(i − 1)s + low + high − K + 2",
            ("(1,024 − 1) × 2 + 2 + 2 − 4 + 2", "(16 − 1) × 2 + 1 + 1 − 3 + 2"),
        ),
        (
            "pads=[1, 1, 1, 1], output_padding=[0, 0]",
            "(i − 1)s + K + op − begin − end",
            ("(1,024 − 1) × 2 + 4 + 0 − 1 − 1", "(16 − 1) × 2 + 3 + 0 − 1 − 1"),
        ),
        (
            "auto_pad='SAME_UPPER'",
            "min(i·s, (i − 1)s + K + op)",
            ("min(1,024 × 2, (1,024 − 1) × 2 + 4 + 0)", "min(16 × 2, (16 − 1) × 2 + 3 + 0)"),
        ),
    ]


def test_numbers_below_zero_have_brackets() -> None:
    layer = ConvTranspose(
        in_channels=1, out_channels=1, kernel_size=(2,), stride=3, padding=2, output_padding=1
    )
    pairs = size_rows(layer, 1_200)[5]
    assert (pairs.how, pairs.numbers) == ("padding=((-1, 0),)", ("(1,200 − 1) × 3 + (−1) + 0 − 2 + 2",))


def test_refusals_are_rows() -> None:
    layer = ConvTranspose(
        in_channels=2, out_channels=2, kernel_size=(1,), groups=2, output_padding=1, dilation=3
    )
    rows = size_rows(layer, 5)
    assert [row.size for row in rows] == [(6,), *[None] * 7]
    assert [row.problem for row in rows] == [
        "",
        *["Keras's transposed convolution has no groups: groups must be 1, received groups=2."] * 2,
        *["Flax's transposed convolution has no groups: groups must be 1, received groups=2."] * 3,
        "onnxruntime needs output_padding to be smaller than the stride on every axis, after padding is "
        "taken off it, received output_padding=(1,), padding=(0,), stride=(1,).",
        "onnxruntime needs output_padding to be smaller than the stride on every axis, received "
        "output_padding=(1,), stride=(1,).",
    ]


@pytest.mark.parametrize("size", [0, (1, 2), "16", 1.5])
def test_no_size_at_all(size: Any) -> None:
    with pytest.raises(LayerError, match="input_size must be"):
        size_rows(ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,)), size)
