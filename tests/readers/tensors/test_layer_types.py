"""The type of a layer from the names and shapes of its tensors, and how certain it is."""

import math

import pytest

from calculator.readers.model import Row, Shape
from calculator.readers.tensors.inference import rows_from_tensors


def one(tensors: dict[str, Shape]) -> Row:
    [row] = rows_from_tensors(tensors)
    return row


CONVOLUTIONS = [
    # weight, bias, path, transposed?, is it said to be unsure? Shapes are as PyTorch stores them.
    ((64, 32, 4, 4), 32, "x", True, False),
    ((32, 64, 4, 4), 32, "x", False, False),
    ((32, 64, 4, 4), 32, "up", False, False),
    ((8, 2, 4, 4), 4, "x", True, False),  # ConvTranspose2d(8, 4, 4, groups=2)
    ((8, 2, 4, 4), 8, "x", False, False),  # Conv2d(4, 8, 4, groups=2)
    ((64, 64, 4, 4), 64, "x", False, True),
    ((64, 64, 4, 4), 64, "up.0", True, True),
    ((64, 64, 4, 4), 64, "decoder.ConvTranspose_1", True, True),
    ((64, 64, 3, 3), 64, "up1.conv.double_conv.3", False, True),
    ((64, 64, 1, 1), 64, "up.0", False, True),
    ((64, 1, 4, 4), 64, "x", False, True),  # depthwise, plain or transposed
    ((64, 1, 4, 4), 64, "deconv1", True, True),
    ((64, 32, 4, 4), None, "x", False, True),
    ((64, 32, 4, 4), None, "tconv3", True, True),
    ((64, 32, 5), 32, "x", True, False),
    ((64, 32, 2, 2, 2), 32, "x", True, False),
]


@pytest.mark.parametrize(("weight", "bias", "path", "transposed", "unsure"), CONVOLUTIONS)
def test_a_convolution_is_as_sure_as_its_shapes(
    weight: Shape, bias: int | None, path: str, transposed: bool, unsure: bool
) -> None:
    tensors: dict[str, Shape] = {f"{path}.weight": weight}
    if bias is not None:
        tensors[f"{path}.bias"] = (bias,)
    row = one(tensors)
    assert (row.transposed, row.type) == (transposed, f"Conv{'Transpose' * transposed}{len(weight) - 2}d")
    assert ("could also be" in row.note or "also fit" in row.note) is unsure
    assert row.note.startswith("Inferred from names and shapes")
    assert (row.weight_count, row.bias_count, row.other_count) == (math.prod(weight), bias or 0, 0)
    assert row.weight_shape == weight
    assert row.layer is None


LAYERS = [
    ({"weight": (10, 84), "bias": (10,)}, "Linear", (840, 10, 0)),
    ({"weight": (84, 10), "bias": (10,)}, "Linear", (840, 10, 0)),
    ({"weight": (1000, 64)}, "Linear", (64_000, 0, 0)),
    (
        {"weight": (32,), "bias": (32,), "running_mean": (32,), "num_batches_tracked": ()},
        "BatchNorm",
        (32, 32, 0),
    ),
    ({"weight": (32,), "bias": (32,)}, "Norm", (32, 32, 0)),
    ({"weight": (4, 8, 8), "bias": (4, 8, 8)}, "LayerNorm", (256, 256, 0)),
    (
        {"weight_ih_l0": (20, 6), "weight_hh_l0": (20, 5), "bias_ih_l0": (20,), "bias_hh_l0": (20,)},
        "LSTM",
        (220, 40, 0),
    ),
    ({"weight_ih_l0": (15, 6), "weight_hh_l0": (15, 5)}, "GRU", (165, 0, 0)),
    ({"weight_ih_l0": (5, 6), "weight_hh_l0": (5, 5)}, "RNN", (55, 0, 0)),
    ({"weight_ih": (20, 6), "weight_hh": (20, 5)}, "LSTMCell", (220, 0, 0)),
    ({"weight_ih_l0": (20, 6), "weight_hh_l0": (20, 3), "weight_hr_l0": (3, 5)}, "LSTM", (195, 0, 0)),
    ({"in_proj_weight": (18, 6), "in_proj_bias": (18,)}, "MultiheadAttention", (108, 18, 0)),
    ({"weight_g": (32, 1, 1), "weight_v": (32, 16, 5), "bias": (16,)}, "ConvTranspose1d", (2560, 16, 32)),
    (
        {
            "parametrizations.weight.original0": (32, 1, 1),
            "parametrizations.weight.original1": (32, 16, 5),
            "bias": (16,),
        },
        "ConvTranspose1d",
        (2560, 16, 32),
    ),
    ({"weight_orig": (8, 4), "weight_u": (8,), "weight_v": (4,), "bias": (8,)}, "Linear", (32, 8, 0)),
    (
        {
            "parametrizations.weight.original": (8, 4),
            "parametrizations.weight.0._u": (8,),
            "parametrizations.weight.0._v": (4,),
        },
        "Linear",
        (32, 0, 0),
    ),
    ({"weight_orig": (8, 4), "weight_mask": (8, 4)}, "Linear", (32, 0, 0)),
    ({"weight": (8, 4, 3, 3), "bias": (7,)}, "Parameters", (288, 7, 0)),
    ({"weight": ()}, "Parameters", (1, 0, 0)),
    ({"weight_g": (8, 4)}, "Linear", (32, 0, 0)),
]


@pytest.mark.parametrize(("tensors", "kind", "counts"), LAYERS)
def test_a_layer_by_its_tensors(tensors: dict[str, Shape], kind: str, counts: tuple[int, int, int]) -> None:
    row = one({f"a.b.{name}": shape for name, shape in tensors.items()})
    assert (row.name, row.type) == ("a.b", kind)
    assert (row.weight_count, row.bias_count, row.other_count) == counts


def test_what_would_store_the_same_is_said() -> None:
    # torch.nn.Conv2d(32, 64, 3) and torch.nn.ConvTranspose2d(64, 64, 3, groups=2)
    row = one({"a.weight": (64, 32, 3, 3), "a.bias": (64,)})
    assert (row.type, row.transposed) == ("Conv2d", False)
    assert row.note.endswith(": a transposed convolution in 2 groups would store the same.")
    assert one({"a.weight": (32, 64, 3, 3), "a.bias": (32,)}).note == "Inferred from names and shapes."
    assert one({"bilinear.weight": (4, 2, 3), "bilinear.bias": (4,)}).type == "Bilinear"


def test_an_lstm_with_projections_is_said() -> None:
    row = one({"weight_ih_l0": (20, 6), "weight_hh_l0": (20, 3), "weight_hr_l0": (3, 5)})
    assert row.note == "Inferred from names and shapes: with projections."


def test_an_embedding_is_known_by_its_name_alone() -> None:
    assert [row.type for row in rows_from_tensors({"embed.weight": (9, 4), "wte.weight": (9, 4)})] == [
        "Embedding"
    ] * 2
    assert "also fits a Linear" in one({"embed.weight": (9, 4)}).note


@pytest.mark.parametrize(
    ("path", "kind", "transposed", "undecided"),
    [
        # The names that Flax and Keras choose themselves: the class and a number.
        ("params/ConvTranspose_0", "ConvTranspose", True, False),
        ("conv2d_transpose_1", "ConvTranspose", True, False),
        ("generator.deconv1", "ConvTranspose", True, False),
        ("params/Conv_12", "Conv", False, False),
        ("conv2d_1", "Conv", False, False),
        ("conv3d", "Conv", False, False),
        ("up.conv_block", "Conv", False, True),
        ("layers_3", "Conv", False, True),
    ],
)
def test_a_kernel_of_flax_is_transposed_by_its_name_alone(
    path: str, kind: str, transposed: bool, undecided: bool
) -> None:
    mark = "/" if "/" in path else "."
    row = one({f"{path}{mark}kernel": (4, 4, 64, 32), f"{path}{mark}bias": (32,)})
    assert (row.name, row.type, row.weight_shape) == (path, kind, (4, 4, 64, 32))
    assert (row.weight_count, row.bias_count) == (32768, 32)
    assert (row.transposed, row.undecided) == (transposed, undecided)


def test_a_kernel_of_two_axes_is_dense_and_one_of_one_axis_is_not_said_to_be_a_layer() -> None:
    assert one({"fc/kernel": (8, 4), "fc/bias": (4,)}).type == "Dense"
    assert one({"fc.kernel": (8,)}).parameter_count == 8
