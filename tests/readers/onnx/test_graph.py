"""The values of stored tensors, which are read only where they are few."""

import struct

import pytest

from calculator.readers.onnx.graph import DOUBLE, FLOAT, INT64, Tensor

ONES = memoryview(struct.pack("<3f", 1, 1, 1))


@pytest.mark.parametrize(
    ("tensor", "values"),
    [
        (Tensor("t", (3,), FLOAT, raw_data=ONES), (1.0, 1.0, 1.0)),
        (Tensor("t", (3,), FLOAT, typed_data=ONES), (1.0, 1.0, 1.0)),
        (Tensor("t", (2,), INT64, typed_data=memoryview(bytes([5, 6]))), (5, 6)),
        (Tensor("t", (), INT64, typed_data=7), (7,)),
        (Tensor("t", (2,), INT64, inline_values=(8, 9)), (8, 9)),
        (Tensor("t", (2,), INT64, typed_data=7), None),  # One value is missing.
        (Tensor("t", (1,), DOUBLE, typed_data=7), None),
        (Tensor("t", (3,), FLOAT, external=True, raw_data=ONES), None),
        (Tensor("t", (65,), INT64, typed_data=memoryview(bytes(65))), None),
    ],
)
def test_small_values(tensor: Tensor, values: tuple[float, ...] | None) -> None:
    assert tensor.small_values() == values


def test_all_equal() -> None:
    assert Tensor("t", (3,), FLOAT, raw_data=ONES).all_equal(1.0)
    assert not Tensor("t", (3,), FLOAT, raw_data=ONES).all_equal(0.0)
    assert not Tensor("t", (3,), FLOAT, external=True, raw_data=ONES).all_equal(1.0)
    assert not Tensor("t", (3,), INT64, raw_data=ONES).all_equal(1.0)
