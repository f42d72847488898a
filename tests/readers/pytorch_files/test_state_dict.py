"""The state dict in a checkpoint: the key that was read, and the entries that were left out."""

import pytest

from calculator.readers.pytorch_files.checkpoint import read_checkpoint
from tests.helpers.torch_files import counts, recorded, refused, saved, state_steps, tensor_steps, text_steps


def test_a_checkpoint_and_the_key_that_was_read() -> None:
    model = read_checkpoint(recorded("checkpoint"))
    assert counts(model) == [("up", "ConvTranspose2d", 48, 3, 0), ("norm", "BatchNorm", 3, 3, 0)]
    assert model.assumptions[0] == "The file is a checkpoint: its state dict under 'state_dict' is read."


def test_an_optimiser_is_left_out_whatever_its_key() -> None:
    optimiser = b"}" + text_steps("param_groups") + b"]s" + text_steps("step") + tensor_steps((2,), 2) + b"s"
    steps = (
        b"\x80\x02}"
        + text_steps("adam")
        + optimiser
        + b"s"
        + text_steps("net.a")
        + tensor_steps((2,), 2)
        + b"s."
    )
    model = read_checkpoint(saved(steps, s0=bytes(8)))
    assert [row.name for row in model.rows] == ["net.a"]
    assert model.assumptions[0] == "1 of its entries is not a tensor and is left out."


def test_what_training_keeps_beside_the_model() -> None:
    # Numbers of NumPy, Namespace, device, dtype, Path, sets, deque, datetime, Enum, arrays, and odd keys.
    model = read_checkpoint(recorded("training"))
    assert counts(model) == [("", "ConvTranspose2d", 512, 4, 0)]
    assert model.assumptions[0] == (
        "The file is a checkpoint: its state dict under 'state_dict' is read; "
        "left out elsewhere in it: 1 tensor."
    )


def test_an_average_of_a_model_is_not_a_second_model() -> None:
    model = read_checkpoint(recorded("averages"))
    assert [(row.name, row.parameter_count) for row in model.rows] == [("G", 516), ("D", 9)]
    assert model.assumptions[:2] == (
        "The file is a checkpoint with several state dicts, read as one model: 'G', 'D'.",
        "The copy under 'G_ema', an average, is left out.",
    )


@pytest.mark.parametrize(("size", "total"), [(2, 2), (1, 3)])
def test_only_a_copy_of_the_same_shapes_is_an_average(size: int, total: int) -> None:
    steps = b"\x80\x02}"
    for name, count in (("G", 2), ("G_ema", size)):
        steps += text_steps(name) + b"}" + text_steps("w") + tensor_steps((count,), 2) + b"ss"
    assert read_checkpoint(saved(steps + b".", s0=bytes(8))).parameter_count == total


def test_a_model_and_a_state_dict_side_by_side() -> None:
    assert refused(recorded("mixed")).startswith(
        "The file has a whole model under 'a' and a state dict under 'b', and which of them is the model is "
        "not clear: save one state dict."
    )


OPAQUE = b"cmynet\nWeight\n)\x81"
MADE_OF_ONE = b"cmynet\nmake\n(" + tensor_steps((2,), 2) + b"tR"
ARRAY = b"cnumpy.core.multiarray\n_reconstruct\n)R"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("b.scale", MADE_OF_ONE, "'b.scale' of the state dict is made by mynet.make, which is not looked up"),
        ("b.weight", OPAQUE, "'b.weight' of the state dict is made by mynet.Weight"),
        ("b.weight", ARRAY, "'b.weight' of the state dict is made by numpy.core.multiarray._reconstruct"),
        (
            "b",
            b"ctorch._utils\n_rebuild_qtensor\n)R",
            "'b' of the state dict is made by torch._utils._rebuild_qt",
        ),
        (
            "b",
            b"ctorch._tensor\n_rebuild_from_type_v2\n(NNNNtR",
            "is made by torch._tensor._rebuild_from_type_v2",
        ),
        ("b", b"ctorch._tensor\n_rebuild_from_type_v2\n(NNtR", "is made by torch._tensor._rebuild_from_"),
        ("b", b"ctorch.storage\n_load_from_bytes\n)R", "is made by torch.storage._load_from_bytes"),
        (
            "b",
            b"ctorch._utils\n_rebuild_wrapper_subclass\n)R",
            "is made by torch._utils._rebuild_wrapper_subclass",
        ),
    ],
)
def test_a_tensor_that_is_not_understood_is_refused(name: str, value: bytes, sentence: str) -> None:
    assert sentence in refused(saved(beside(name, value), s0=bytes(8)))


def beside(name: str, value: bytes) -> bytes:
    """Return a state dict of a tensor of two values and of another entry."""
    steps = b"\x80\x02}" + text_steps("a.weight") + tensor_steps((2,), 2) + b"s"
    return steps + text_steps(name) + value + b"s."


@pytest.mark.parametrize("value", [OPAQUE, ARRAY, b"K\x01", b"]", b"N", b"\x8f", b"G" + bytes(8)])
def test_other_entries_are_left_out_and_said(value: bytes) -> None:
    model = read_checkpoint(saved(beside("notes", value), s0=bytes(8)))
    assert model.parameter_count == 2
    assert model.assumptions[0] == "1 of its entries is not a tensor and is left out."


@pytest.mark.parametrize("value", [b"](" + tensor_steps((2,), 2) + b"e", tensor_steps((2,), 2) + b"\x85"])
def test_a_list_of_tensors_is_not_counted_and_said(value: bytes) -> None:
    model = read_checkpoint(saved(beside("layers", value), s0=bytes(8)))
    assert (model.parameter_count, model.complete) == (2, False)
    assert [row.name for row in model.unknown] == ["layers"]
    optimiser = read_checkpoint(saved(beside("optimizer_state", value), s0=bytes(8)))
    assert optimiser.complete


@pytest.mark.parametrize(
    "steps",
    [
        b"ctorch._utils\n_rebuild_parameter\n(%s\x88Nt",
        b"ctorch._utils\n_rebuild_parameter_with_state\n(%s\x88N}t",
        b"ctorch.nn.parameter\nParameter\n(%s\x88t",
        b"ctorch._utils\n_rebuild_device_tensor_from_cpu_tensor\n(%sNNNt",
        b"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_parameter\nctorch\nTensor\n(%s\x88Nt}t",
    ],
)
def test_every_way_to_write_a_tensor(steps: bytes) -> None:
    value = steps.replace(b"%s", tensor_steps((2,), 2)) + b"R"
    model = read_checkpoint(saved(beside("b.weight", value), s0=bytes(8)))
    assert "Shared parameters are counted once: b.weight is a.weight." in model.assumptions


def test_a_sparse_tensor_is_named() -> None:
    assert "'a.weight' of the state dict is made by torch._utils._rebuild_sparse_tensor" in refused(
        recorded("sparse")
    )


def test_two_models_in_one_file() -> None:
    model = read_checkpoint(recorded("two"))
    assert [row.name for row in model.rows] == ["netG.up", "netG.norm", "netD"]
    assert model.parameter_count == 51 + 6 + 6
    assert model.assumptions[0] == (
        "The file is a checkpoint with several state dicts, read as one model: 'netG', 'netD'."
    )


def test_a_list_or_tuple_around_a_model() -> None:
    entry = b"}" + text_steps("weight") + tensor_steps((2,), 2) + b"s"
    for steps in (b"](" + entry + b"e", entry + b"N\x86", b"}N" + entry + b"\x87"):
        model = read_checkpoint(saved(b"\x80\x02" + steps + b".", s0=bytes(8)))
        assert model.parameter_count == 2
        assert "is read" in model.assumptions[0]
    # A tensor without a name beside it is never dropped.
    beside = saved(b"\x80\x02" + entry + tensor_steps((2,), 2) + b"\x86.", s0=bytes(8))
    assert refused(beside).startswith("The file contains no state dict")
    many = saved(b"\x80\x02](" + b"N" * 2000 + entry + b"e.", s0=bytes(8))
    assert refused(many).startswith("The file contains no state dict")
    assert refused(saved(b"\x80\x02]N\x86.")).startswith("The file contains no state dict")


def test_two_state_dicts_in_a_list_are_both_counted() -> None:
    entries = [b"}" + text_steps("weight") + tensor_steps((2,), 4, offset=offset) + b"s" for offset in (0, 2)]
    model = read_checkpoint(saved(b"\x80\x02](" + b"".join(entries) + b"e.", s0=bytes(16)))
    assert ([row.name for row in model.rows], model.parameter_count) == (["0", "1"], 4)


def test_arrays_of_numpy_are_named() -> None:
    array = b"cnumpy._core.multiarray\n_reconstruct\n)R"
    assert "NumPy arrays instead of tensors" in refused(saved(state_steps("weight", array)))
