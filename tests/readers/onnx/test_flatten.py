"""Functions, branches and loops of ONNX models as one list of nodes."""

import time

import pytest

from calculator.readers.model import ReadError
from calculator.readers.onnx.file import read_onnx_file
from calculator.readers.onnx.flatten import _constant_tensor
from calculator.readers.onnx.graph import Attribute, Node
from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import UP_WEIGHT, only_row, read_nodes


def test_a_function_is_replaced_by_its_nodes_in_each_call() -> None:
    body = w.function("Block", ("a", "k"), ("o",), [w.node("Conv", ("a", "k"), ("o",), name="conv")])
    calls = [w.node("Block", ("x", "k1"), ("y",), domain="here", name="one")]
    calls += [w.node("Block", ("y", "k2"), ("z",), domain="here", name="two")]
    tensors = [w.tensor("k1", (4, 4, 1, 1)), w.tensor("k2", (5, 4, 1, 1))]
    model = read_onnx_file(w.model(w.graph(calls, tensors, [w.value("x", (1, 4, 3, 3))]), body))
    assert [(row.weight_count, row.output_size) for row in model.rows] == [(16, (3, 3)), (20, (3, 3))]
    assert [row.name for row in model.rows] == ["one/conv", "two/conv"]


def test_a_function_takes_attributes_from_its_call() -> None:
    refers = w.field(1, "strides") + w.field(21, "by")
    body = w.function("Up", ("a", "k"), ("o",), [w.node("ConvTranspose", ("a", "k"), ("o",), refers)])
    calls = [w.node("Up", ("x", "up.weight"), ("y",), w.attribute("by", (3, 3)), domain="here")]
    row = only_row(read_onnx_file(w.model(w.graph(calls, [UP_WEIGHT], [w.value("x", (1, 4, 5, 5))]), body)))
    assert row.layer is not None
    assert (row.layer.stride, row.output_size) == ((3, 3), (15, 15))


def test_branches_keep_their_own_names() -> None:
    def branch(channels: int) -> bytes:
        return w.graph([w.node("Conv", ("x", "k"), ("o",))], [w.tensor("k", (channels, 4, 1, 1))])

    items = [w.attribute(name, branch(n), graph=True) for name, n in (("then_branch", 2), ("else_branch", 3))]
    model = read_nodes([w.node("If", ("c",), ("y",), *items)], [])
    assert [row.weight_count for row in model.rows] == [8, 12]
    assert [row.multiply_accumulates for row in model.rows] == [None, None]


def doubling(levels: int) -> bytes:
    functions = [
        w.function(f"f{n}", ("a",), ("b",), [w.node(f"f{n + 1}", ("a",), ("b",), domain="here")] * 2)
        for n in range(levels)
    ]
    return w.model(w.graph([w.node("f0", ("x",), ("y",), domain="here")]), *functions)


def long_calls(name: str, inputs: int, calls: int) -> bytes:
    """Return a file whose function has much in it, and is called often."""
    wide = w.function("f", ("a",), ("b",), [w.node("Sum", (name,) * inputs, ("b",))])
    return w.model(w.graph([CALL] * calls), wide)


CALL = w.node("f", ("x",), ("y",), domain="here")
ITSELF = w.function("f", ("a",), ("b",), [w.node("f", ("a",), ("b",), domain="here")])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (doubling(60), "more than 300,000 nodes"),
        (long_calls("a", 20_000, 20_000), "more than 300,000 nodes or their names"),
        (long_calls("a" * 100_000, 1, 20_000), "more than 300,000 nodes or their names"),
        (w.model(w.graph([CALL]), ITSELF), "nested over 200 deep"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(data: bytes, said: str) -> None:
    began = time.process_time()
    with pytest.raises(ReadError, match=said):
        read_onnx_file(data)
    assert time.process_time() - began < 10


def test_a_depth_that_is_allowed_is_read() -> None:
    assert read_onnx_file(w.nested_branches(190)).rows == ()


# https://onnx.ai/onnx/operators/onnx__Constant.html: value_ints and value_floats are lists.
@pytest.mark.parametrize(
    ("name", "attribute", "shape", "values"),
    [
        ("value_int", Attribute(int_value=7), (), (7,)),
        ("value_ints", Attribute(int_values=[7, 8]), (2,), (7, 8)),
        ("value_float", Attribute(float_value=0.5), (), (0.5,)),
        ("value_floats", Attribute(float_values=[0.5, 2.0]), (2,), (0.5, 2.0)),
    ],
)
def test_a_constant_may_be_written_as_numbers(
    name: str, attribute: Attribute, shape: tuple[int, ...], values: tuple[float, ...]
) -> None:
    tensor = _constant_tensor(Node(op_type="Constant", outputs=["c"], attributes={name: attribute}))
    assert tensor is not None
    assert (tensor.shape, tensor.inline_values) == (shape, values)
