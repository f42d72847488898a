"""Rows from names and shapes: counts are exact whatever the type, types no surer than the shapes."""

import math
import random

import pytest

from calculator.readers.model import MAX_ROWS, ReadError, Shape
from calculator.readers.tensors.inference import assumptions_about, buffers_among, rows_from_tensors


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
        assert (convolution.type, convolution.undecided) == ("Conv2d", False)
        assert "could also be a transposed convolution" in convolution.note


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
            "There are 50,001 tensors; at most 50,000 are read.",
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


def test_usual_buffers_are_left_out_by_their_names() -> None:
    buffers: dict[str, Shape] = {
        "layers.0.attn.relative_position_index": (49, 49),
        "layers.1.attn_mask": (4, 49, 49),
        "stage.attn.attention_bias_idxs": (4, 4),
        "rotary_emb.inv_freq": (32,),
        "embeddings.position_ids": (1, 512),
        "h.0.attn.bias": (1, 1, 1024, 1024),
        "h.0.attn.masked_bias": (),
        "h.1.attn.attention.bias": (1, 1, 8, 8),
        "h.1.self_attention.bias": (1, 1, 8, 8),
    }
    parameters: dict[str, Shape] = {
        "layers.0.attn.relative_position_bias_table": (169, 3),
        "h.2.attn.bias": (1, 1, 8, 4),  # not a mask, which is square
        "h.3.attn.bias": (8,),
        "conv.bias": (1, 1, 8, 8),
    }
    rows = rows_from_tensors(buffers | parameters)
    assert sum(row.parameter_count for row in rows) == 169 * 3 + 32 + 8 + 64
    assert set(buffers_among(buffers | parameters)) == set(buffers)
    said = " ".join(assumptions_about(buffers, {}, ["embeddings.position_ids"]))
    assert (
        "Taken for buffers by their names, and left out: layers.0.attn.relative_position_index, "
        "layers.1.attn_mask, stage.attn.attention_bias_idxs and 6 more (9 tensors with 1,061,270 values)."
    ) in said
    assert "whole numbers" not in said
    assert "running_mean" not in said
