"""Names of layers that suggest a transposed convolution, and those that do not."""

import pytest

from calculator.readers.tensors.names import name_hints, role_of


@pytest.mark.parametrize(
    ("path", "nearest", "outer", "own"),
    [
        ("ups.0", "up", None, False),
        ("up_conv", "up", None, True),
        ("conv_up1", "up", None, True),
        ("deepupconv2", "up", None, True),
        ("convup1", "up", None, True),
        ("group_conv", "conv", None, True),  # The letters "upconv" are no word here.
        ("groupconv", "conv", None, True),
        ("setup_conv", "conv", None, True),
        ("upsample", "up", None, True),
        ("UpBlock2.0", "up", None, False),
        ("convtranspose1", "transposed", None, True),
        ("block.deconv.0", "transposed", None, False),
        ("t_conv1.0", "transposed", None, False),
        ("decoder.up.block.0", "up", None, False),
        ("decoder.conv1", "conv", "up", True),
        ("upsample.conv", "conv", "up", True),
        ("decoder.resnets.0.conv1", "conv", "ordinary", True),
        ("firstconv", "conv", None, True),
        ("downsample.0", "ordinary", None, False),
        ("features.28", "ordinary", None, False),
        ("group.0", None, None, False),
        ("supervised", None, None, False),
        ("main.3", None, None, False),
        ("", None, None, False),
        ("up_blocks.0.proj", "up", None, False),
    ],
)
def test_hints_in_names(path: str, nearest: str | None, outer: str | None, own: bool) -> None:
    hints = name_hints(path)
    assert (hints.nearest, hints.outer, hints.own) == (nearest, outer, own)
    assert hints.word == "" if nearest is None else hints.word in path


# Names of torch.nn.utils.parametrizations in PyTorch 2.13: weight_norm, spectral_norm, orthogonal.
@pytest.mark.parametrize(
    ("inside", "roles"),
    [
        (("original0", "original1"), ("magnitude", "weight")),
        (("original", "0._u", "0._v"), ("weight", "buffer", "buffer")),
        (("original", "0.base"), ("weight", "buffer")),
    ],
)
def test_roles_of_parametrised_weights(inside: tuple[str, ...], roles: tuple[str, ...]) -> None:
    names = [f"parametrizations.weight.{name}" for name in inside]
    assert [role_of(name, [*names, "bias"]) for name in names] == list(roles)


# register_buffer in Swin of torchvision and timm, LeViT of timm, and GPT-2, BERT and Llama of transformers;
# n_averaged of torch.optim.swa_utils.AveragedModel.
@pytest.mark.parametrize(
    "name",
    [
        *("relative_position_index", "relative_coords_table", "attn_mask", "attention_bias_idxs"),
        *("masked_bias", "inv_freq", "original_inv_freq", "position_ids", "token_type_ids"),
        *("running_mean", "running_var", "num_batches_tracked", "n_averaged"),
    ],
)
def test_buffers_are_known_by_their_names(name: str) -> None:
    assert role_of(name, [name, "weight", "bias"]) == "buffer"
