"""Shapes that follow from operator to operator."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.readers.onnx.file import read_onnx_file
from calculator.readers.onnx.flatten import flatten
from calculator.readers.onnx.graph import Attribute, Node, Shape
from calculator.readers.onnx.parser import parse_file
from calculator.readers.onnx.shapes import RULES, infer_shapes
from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import UP_WEIGHT, only_row, read_nodes


@pytest.mark.parametrize(
    ("before", "size"),
    [
        (
            w.node(
                "MaxPool", ("x",), ("v",), w.attribute("kernel_shape", (2, 2)), w.attribute("strides", (2, 2))
            ),
            2,
        ),
        (
            w.node(
                *(
                    "MaxPool",
                    ("x",),
                    ("v",),
                    w.attribute("kernel_shape", (2, 2)),
                    w.attribute("strides", (2, 2)),
                ),
                w.attribute("ceil_mode", 1),
            ),
            3,
        ),
        (
            # A third window would begin in the padding at the end: MaxPool2d(2, 3, 1, ceil_mode=True).
            w.node(
                *(
                    "MaxPool",
                    ("x",),
                    ("v",),
                    w.attribute("kernel_shape", (2, 2)),
                    w.attribute("strides", (3, 3)),
                ),
                *(w.attribute("pads", (1, 1, 1, 1)), w.attribute("ceil_mode", 1)),
            ),
            2,
        ),
        (w.node("Add", ("x", "open"), ("v",)), 5),
        (w.node("GlobalAveragePool", ("x",), ("v",)), 1),
        (w.node("Pad", ("x", "pads"), ("v",)), 8),
        (w.node("Concat", ("x", "x"), ("v",), w.attribute("axis", 0)), 5),
    ],
)
def test_sizes_follow_from_operator_to_operator(before: bytes, size: int) -> None:
    nodes = [before, w.node("ConvTranspose", ("v", "up.weight"), ("y",))]
    pads = w.tensor("pads", (8,), w.INT64, struct.pack("<8q", 0, 0, 1, 1, 0, 0, 2, 2))
    inputs = [w.value("x", (1, 4, 5, 5)), w.value("open", (1, 4, "h", "w"))]
    row = only_row(read_onnx_file(w.model(w.graph(nodes, [UP_WEIGHT, pads], inputs))))
    assert (row.input_size, row.output_size) == ((size,) * 2, (size + 2,) * 2)


def test_sizes_stay_unknown_where_the_file_leaves_them_open() -> None:
    row = only_row(
        read_nodes([w.node("ConvTranspose", ("x", "up.weight"), ("y",))], [UP_WEIGHT], ("n", 4, "h", "w"))
    )
    assert (row.input_size, row.output_size, row.multiply_accumulates) == (None, None, None)
    assert row.layer is not None


def rule_node(kind: str, **settings: int | str | tuple[int, ...]) -> Node:
    """Return a node with these attributes."""
    attributes = {}
    for name, value in settings.items():
        given = attributes[name] = Attribute(name)
        if isinstance(value, int):
            given.int_value = value
        elif isinstance(value, str):
            given.text_value = value
        else:
            given.int_values = list(value)
    return Node(op_type=kind, attributes=attributes)


SIZES = st.integers(1, 6)


@given(SIZES, SIZES, SIZES, st.booleans(), st.booleans())
def test_a_gemm_has_the_shape_of_the_product(rows: int, inner: int, columns: int, a: bool, b: bool) -> None:
    first = np.zeros((inner, rows) if a else (rows, inner))
    second = np.zeros((columns, inner) if b else (inner, columns))
    product = (first.T if a else first) @ (second.T if b else second)
    node = rule_node("Gemm", transA=int(a), transB=int(b))
    assert RULES["Gemm"](node, [first.shape, second.shape], []) == product.shape
    plain = np.zeros((2, rows, inner))
    matrix = np.zeros((inner, columns))
    assert RULES["MatMul"](Node(), [plain.shape, matrix.shape], []) == (plain @ matrix).shape


@given(st.integers(1, 30), st.integers(1, 5), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2))
def test_a_convolution_has_a_value_for_each_place_of_its_window(
    size: int, kernel: int, stride: int, dilation: int, pad: int
) -> None:
    reach = dilation * (kernel - 1) + 1
    places = len(range(0, size + 2 * pad - reach + 1, stride))
    window = {"strides": (stride,), "dilations": (dilation,), "pads": (pad, pad)}
    if places:
        after = RULES["Conv"](rule_node("Conv", **window), [(1, 4, size), (6, 4, kernel)], [])
        assert after == (1, 6, places)
        pooled = RULES["MaxPool"](rule_node("MaxPool", kernel_shape=(kernel,), **window), [(1, 4, size)], [])
        assert pooled == (1, 4, places)
    # 'SAME': a value for each place of the stride, https://onnx.ai/onnx/operators/onnx__Conv.html.
    for word in ("SAME_UPPER", "SAME_LOWER"):
        same = rule_node("Conv", strides=(stride,), dilations=(dilation,), auto_pad=word)
        assert RULES["Conv"](same, [(1, 4, size), (6, 4, kernel)], []) == (1, 6, len(range(0, size, stride)))


@pytest.mark.parametrize("kind", ["Conv", "ConvTranspose", "MatMul", "Gemm"])
@pytest.mark.parametrize("weight", [None, (), (4,), (6, None, 3)])
def test_a_shape_does_not_follow_without_that_of_the_weight(kind: str, weight: Shape | None) -> None:
    assert RULES[kind](Node(op_type=kind), [(1, 4, 5), weight], []) is None
    assert RULES[kind](Node(op_type=kind), [(1, 4, 5)], []) is None


@given(st.lists(SIZES, min_size=1, max_size=4), st.lists(st.integers(-4, 3), max_size=3))
@pytest.mark.parametrize("kind", ["ReduceL2", "ReduceSum", "ReduceMean", "ReduceMax"])
def test_a_reduction_has_the_shape_of_numpy(kind: str, sizes: list[int], axes: list[int]) -> None:
    axes = list(dict.fromkeys(axis % len(sizes) for axis in axes))
    reduced = np.max(np.zeros(sizes), axis=tuple(axes) or None, keepdims=True)
    # The axes are an attribute, and since opset 18 an input.
    assert RULES[kind](rule_node(kind, axes=tuple(axes)), [tuple(sizes)], []) == reduced.shape
    if axes:
        assert (
            RULES[kind](rule_node(kind), [tuple(sizes), (len(axes),)], [None, tuple(axes)]) == reduced.shape
        )


# The operator Reshape of ONNX: 0 copies a size, unless allowzero is set; -1 takes what remains.
@pytest.mark.parametrize(
    ("settings", "expected"), [({}, (2, 12)), ({"allowzero": 0}, (2, 12)), ({"allowzero": 1}, None)]
)
def test_a_zero_of_a_reshape_copies_a_size(settings: dict[str, int], expected: Shape | None) -> None:
    assert RULES["Reshape"](rule_node("Reshape", **settings), [(2, 3, 4), (2,)], [None, (0, -1)]) == expected


@pytest.mark.parametrize(
    ("target", "expected"), [((1, 24), (1, 24)), ((1, 1, -1), (1, 1, 24)), ((-1, -1), None), ((-2, 12), None)]
)
def test_a_reshape_has_at_most_one_open_axis(target: tuple[int, ...], expected: Shape | None) -> None:
    assert RULES["Reshape"](rule_node("Reshape"), [(2, 3, 4), (len(target),)], [None, target]) == expected


@pytest.mark.parametrize("known", [(1, "c", 3, 3), (1, "c", "h", "w"), (1, 4, 3, "w"), ("n", 4, "h", 3)])
def test_a_rule_fills_in_what_a_file_leaves_open(known: tuple[int | str, ...]) -> None:
    pool = w.node("MaxPool", ("x",), ("v",), w.attribute("kernel_shape", (3, 3)))
    graph = w.graph([pool], [], [w.value("x", (1, 4, 5, 5))], [w.value("v", known)])
    assert infer_shapes(flatten(parse_file(w.model(graph))))["v"] == (1, 4, 3, 3)


def test_the_shapes_of_values_inside_are_read() -> None:
    # No rule here leads through a GridSample.
    nodes = [
        w.node("GridSample", ("x", "grid"), ("v",)),
        w.node("ConvTranspose", ("v", "up.weight"), ("y",)),
    ]
    graph = w.graph(
        nodes,
        [UP_WEIGHT],
        [w.value(name, (1, 4, 5, 5)) for name in ("x", "grid")],
        [w.value("v", (1, 4, 8, 9))],
    )
    row = only_row(read_onnx_file(w.model(graph)))
    assert (row.input_size, row.output_size) == ((8, 9), (10, 11))


# https://onnx.ai/onnx/operators/onnx__Transpose.html: without perm the axes are reversed.
@pytest.mark.parametrize(
    ("perm", "shape"), [({}, (5, 3, 2)), ({"perm": Attribute(int_values=[1, 0, 2])}, (3, 2, 5))]
)
def test_a_transpose_reverses_the_axes_by_itself(perm: dict[str, Attribute], shape: Shape) -> None:
    node = Node(op_type="Transpose", attributes=perm)
    assert RULES["Transpose"](node, [(2, 3, 5)], [None]) == shape
