"""The state dict in a checkpoint: the key that was read, and the entries that were left out."""

from calculator.readers.pytorch.checkpoint import read_checkpoint
from tests.helpers.torch_files import counts, recorded, saved, tensor_steps, text_steps


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


def test_two_models_in_one_file() -> None:
    model = read_checkpoint(recorded("two"))
    assert [row.name for row in model.rows] == ["netG.up", "netG.norm", "netD"]
    assert model.parameter_count == 51 + 6 + 6
    assert model.assumptions[0] == (
        "The file is a checkpoint with several state dicts, read as one model: 'netG', 'netD'."
    )
