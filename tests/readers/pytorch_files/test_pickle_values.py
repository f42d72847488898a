"""Tensors that share values, and tensors whose type is stated beside the storage."""

import numpy as np

from calculator.readers.pytorch_files.checkpoint import read_checkpoint
from tests.helpers.torch_files import refused, saved, state_steps, tensor_steps, text_steps


def two_tensors(one: bytes, other: bytes) -> bytes:
    """Return the pickle of a dictionary with the tensors "a" and "b"."""
    return b"\x80\x02}" + text_steps("a") + one + b"s" + text_steps("b") + other + b"s."


def test_tensors_that_are_views() -> None:
    model = read_checkpoint(
        saved(state_steps("a.weight", tensor_steps((5, 2), 2, steps=(0, 1))), s0=bytes(8))
    )
    assert model.parameter_count == 10  # expanded: 5 rows over the same 2 values
    two = two_tensors(tensor_steps((2,), 4), tensor_steps((2,), 4, offset=2))
    assert read_checkpoint(saved(two, s0=bytes(16))).parameter_count == 4
    same = two.replace(tensor_steps((2,), 4, offset=2), tensor_steps((2,), 4))
    model = read_checkpoint(saved(same, s0=bytes(16)))
    assert (model.parameter_count, [row.name for row in model.rows]) == (2, ["a"])
    assert "Shared parameters are counted once: b is a." in model.assumptions


def typed_steps(kind: bytes, count: int, shape: tuple[int, ...]) -> bytes:
    """Return the steps of a tensor of a type without a storage class of its own, as PyTorch 2 writes it."""
    steps = tensor_steps(shape, count, kind=b"UntypedStorage").replace(
        b"ctorch\nUnty", b"ctorch.storage\nUnty"
    )
    steps = steps.replace(b"_rebuild_tensor_v2", b"_rebuild_tensor_v3")
    return steps[: -len(b"tR")] + b"ctorch\n" + kind + b"\ntR"


def test_types_that_are_stated_beside_the_storage() -> None:
    model = read_checkpoint(
        saved(state_steps("a.weight", typed_steps(b"float8_e4m3fn", 3, (3,))), s0=bytes(3))
    )
    assert model.parameter_count == 3
    model = read_checkpoint(saved(state_steps("a.weight", typed_steps(b"uint16", 6, (3,))), s0=bytes(6)))
    assert model.parameter_count == 3
    for kind, count in ((b"float3", 3), (b"uint16", 5)):
        data = saved(state_steps("a.weight", typed_steps(kind, count, (2,))), s0=bytes(count))
        assert refused(data) == "The pickle in the file is damaged or cut short."


def test_a_key_stands_for_one_storage() -> None:
    two = two_tensors(tensor_steps((2,), 4), tensor_steps((2,), 5))
    assert refused(saved(two, s0=bytes(16))) == "The pickle in the file is damaged or cut short."


def test_every_type_of_whole_numbers_without_a_class_has_its_size() -> None:
    for kind in ("uint16", "uint32", "uint64"):
        count = np.dtype(kind).itemsize * 3
        steps = state_steps("a.weight", typed_steps(kind.encode(), count, (3,)))
        assert read_checkpoint(saved(steps, s0=bytes(count))).parameter_count == 3
        short = state_steps("a.weight", typed_steps(kind.encode(), count - 1, (3,)))
        assert refused(saved(short, s0=bytes(count - 1))) == "The pickle in the file is damaged or cut short."
