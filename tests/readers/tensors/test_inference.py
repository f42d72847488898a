"""Rows from names and shapes: counts are exact whatever the type, types no surer than the shapes."""

import math
import random

import pytest

from calculator.readers.model import MAX_ROWS, ReadError, Row, Shape
from calculator.readers.tensors.inference import buffers_among, rows_from_tensors
from calculator.readers.tensors.names import transposed_hint


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


def test_the_normalisation_after_decides() -> None:
    # The generator of DCGAN has no biases; each BatchNorm has the channels of the layer before it.
    rows = rows_from_tensors(
        {
            "main.0.weight": (100, 512, 4, 4),
            "main.1.weight": (512,),
            "main.1.bias": (512,),
            "main.1.running_mean": (512,),
            "main.3.weight": (512, 3, 4, 4),
        }
    )
    assert [row.type for row in rows] == ["ConvTranspose2d", "BatchNorm", "ConvTranspose2d"]
    assert "normalisation after it" in rows[0].note
    assert "normalisation before it" in rows[2].note
    [plain, _] = rows_from_tensors({"block.conv1.weight": (64, 32, 3, 3), "block.bn1.weight": (64,)})
    assert (plain.type, plain.transposed) == ("Conv2d", False)


def test_a_normalisation_may_be_named_like_the_layer_after_it() -> None:
    # A dense layer of DenseNet normalises first; a transposed layer with a norm behind it has the same names.
    first: dict[str, Shape] = {"norm1.weight": (64,), "conv1.weight": (128, 64, 1, 1)}
    behind = dict(reversed(first.items()))
    assert [row.type for row in rows_from_tensors(first)] == ["Norm", "Conv2d"]
    assert [row.type for row in rows_from_tensors(behind)] == ["ConvTranspose2d", "Norm"]
    for tensors in (first, behind):
        [convolution] = [row for row in rows_from_tensors(tensors, ordered=False) if row.type != "Norm"]
        assert convolution.type == "Conv2d"
        assert "could also be a transposed convolution" in convolution.note


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


def test_an_embedding_is_known_by_its_name_alone() -> None:
    assert [row.type for row in rows_from_tensors({"embed.weight": (9, 4), "wte.weight": (9, 4)})] == [
        "Embedding"
    ] * 2
    assert "also fits a Linear" in one({"embed.weight": (9, 4)}).note


def test_other_parameters_have_rows_of_their_own() -> None:
    rows = rows_from_tensors(
        {"cls_token": (1, 1, 8), "head.weight": (2, 8), "head.scale": (3,), "old.bias": (5,)}
    )
    assert [(row.name, row.type, row.bias_count, row.other_count) for row in rows] == [
        ("cls_token", "Parameter", 0, 8),
        ("head", "Linear", 0, 0),
        ("head.scale", "Parameter", 0, 3),
        ("old.bias", "Parameter", 5, 0),
    ]


def test_running_statistics_are_no_parameters() -> None:
    tensors: dict[str, Shape] = {"n.running_mean": (8,), "n.running_var": (8,), "n.num_batches_tracked": ()}
    assert rows_from_tensors(tensors) == ()
    assert buffers_among(tensors) == tuple(tensors)


def test_shared_and_frozen() -> None:
    tensors: dict[str, Shape] = {"e.weight": (9, 4), "h.weight": (9, 4), "h.bias": (9,)}
    embedding, head = rows_from_tensors(
        tensors, shared={"h.weight": "e.weight"}, frozen=["e.weight", "h.weight"]
    )
    assert (embedding.parameter_count, embedding.trainable, embedding.frozen_count) == (36, False, 36)
    assert (head.parameter_count, head.trainable, head.frozen_count, head.weight_shape) == (
        9,
        True,
        0,
        (9, 4),
    )
    assert "weight is shared with e.weight and counted there" in head.note


def test_a_layer_that_is_only_shared_has_no_row() -> None:
    [row] = rows_from_tensors({"e.weight": (9, 4), "h.weight": (9, 4)}, shared={"h.weight": "e.weight"})
    assert row.name == "e"


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        ({"a.weight": (10**18 + 1,)}, "a.weight has a size of 1000000000000000001, which no tensor has."),
        ({"a.weight": (-1,)}, "a.weight has a size of -1, which no tensor has."),
        ({"a.weight": (10**10, 10**10)}, "a.weight would have more than 10^18 values, which no tensor has."),
        ({"a.weight": (1,) * 65}, "a.weight has 65 axes; at most 64 are read."),
        ({"a" * 1001: (1,)}, "It has a name of 1,001 characters; at most 1,000 are read."),
        ({"a\ud800": (1,)}, "It has a name that cannot be displayed: 'a\\ud800'."),
        (
            {str(n): (1,) for n in range(MAX_ROWS + 1)},
            "There are 200,001 tensors; at most 200,000 are read.",
        ),
    ],
    ids=range(7),
)
def test_what_no_model_has_is_refused(tensors: dict[str, Shape], sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        rows_from_tensors(tensors)
    assert str(caught.value) == sentence


def test_nothing_is_lost_or_counted_twice() -> None:
    chance = random.Random(0)
    lasts = ["weight", "bias", "running_mean", "weight_g", "weight_v", "weight_orig", "weight_u", "scale"]
    lasts += ["weight_ih_l0", "weight_hh_l0"]
    for _ in range(2000):
        tensors = {
            f"{chance.choice(('a', 'b.0', 'b.1', 'up.deconv'))}.{chance.choice(lasts)}": tuple(
                chance.randrange(5) for _ in range(chance.randrange(6))
            )
            for _ in range(chance.randrange(8))
        }
        rows = rows_from_tensors(tensors)
        left_out = set(buffers_among(tensors))
        counted = sum(math.prod(shape) for name, shape in tensors.items() if name not in left_out)
        assert sum(row.parameter_count for row in rows) == counted
        assert all(row.parameter_count for row in rows)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("ups.0", True),
        ("up_conv", True),
        ("upsample", True),
        ("convtranspose1", True),
        ("decoder.up.block.0", True),
        ("upsample.conv", False),
        ("firstconv", False),
        ("downsample.0", False),
        ("group.0", None),
        ("supervised", None),
        ("up_blocks.0.proj", None),
    ],
)
def test_hints_in_names(path: str, hint: bool | None) -> None:
    assert transposed_hint(path) is hint
