"""Tensors that share values, and the advice for a pickle of a whole module."""

from calculator.readers.pytorch.checkpoint import read_checkpoint
from tests.helpers.torch_files import recorded, refused, saved, state_steps, tensor_steps, text_steps


def test_tensors_that_are_views() -> None:
    model = read_checkpoint(
        saved(state_steps("a.weight", tensor_steps((5, 2), 2, steps=(0, 1))), s0=bytes(8))
    )
    assert model.parameter_count == 10  # expanded: 5 rows over the same 2 values
    two = (
        b"\x80\x02}"
        + text_steps("a")
        + tensor_steps((2,), 4)
        + b"s"
        + text_steps("b")
        + tensor_steps((2,), 4, offset=2)
        + b"s."
    )
    assert read_checkpoint(saved(two, s0=bytes(16))).parameter_count == 4
    same = two.replace(tensor_steps((2,), 4, offset=2), tensor_steps((2,), 4))
    model = read_checkpoint(saved(same, s0=bytes(16)))
    assert (model.parameter_count, [row.name for row in model.rows]) == (2, ["a"])
    assert "Shared parameters are counted once: b is a." in model.assumptions


def test_a_whole_module_gets_advice() -> None:
    said = refused(recorded("whole-module"))
    assert (
        "It is a whole module rather than its state dict: save model.state_dict(), or run the snippet" in said
    )
