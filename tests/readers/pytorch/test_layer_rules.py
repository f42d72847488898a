"""What each class of torch.nn holds: layers that PyTorch 2.13 printed, and the numbers it gave for them."""

import pytest

from calculator.readers.model import MAX_COUNT, ReadError
from calculator.readers.pytorch.layer_rules import RULES, LayerArguments, Parameter, UnclearError
from calculator.readers.pytorch.printed import read_printed

# The print, the shape of ``weight``, the parameters whose names begin with weight, and with bias.
PRINTED: list[tuple[str, tuple[int, ...] | None, int, int]] = [
    ("Conv1d(4, 6, kernel_size=(3,), stride=(1,))", (6, 4, 3), 72, 6),
    ("Conv1d(4, 6, kernel_size=(3,), stride=(1,), groups=2, bias=False)", (6, 2, 3), 36, 0),
    (
        "Conv2d(3, 8, kernel_size=(3, 5), stride=(2, 2), padding=(1, 1), padding_mode=reflect)",
        (8, 3, 3, 5),
        360,
        8,
    ),
    ("Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), dilation=(2, 2), groups=8)", (8, 1, 3, 3), 72, 8),
    ("Conv3d(2, 3, kernel_size=(1, 2, 3), stride=(1, 1, 1))", (3, 2, 1, 2, 3), 36, 3),
    ("ConvTranspose1d(6, 4, kernel_size=(3,), stride=(1,), groups=2)", (6, 2, 3), 36, 4),
    (
        "ConvTranspose2d(6, 4, kernel_size=(3, 2), stride=(2, 2), "
        "output_padding=(1, 1), groups=2, bias=False)",
        (6, 2, 3, 2),
        72,
        0,
    ),
    ("ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))", (64, 32, 4, 4), 32768, 32),
    (
        "ConvTranspose3d(4, 2, kernel_size=(2, 2, 2), stride=(2, 2, 2), dilation=(3, 3, 3))",
        (4, 2, 2, 2, 2),
        64,
        2,
    ),
    ("Linear(in_features=7, out_features=5, bias=True)", (5, 7), 35, 5),
    ("Linear(in_features=7, out_features=5, bias=False)", (5, 7), 35, 0),
    ("Bilinear(in1_features=2, in2_features=3, out_features=4, bias=True)", (4, 2, 3), 24, 4),
    ("Bilinear(in1_features=2, in2_features=3, out_features=4, bias=False)", (4, 2, 3), 24, 0),
    ("Embedding(10, 3, padding_idx=0)", (10, 3), 30, 0),
    ("EmbeddingBag(10, 3, mode='sum')", (10, 3), 30, 0),
    ("BatchNorm1d(6, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)", (6,), 6, 6),
    (
        "BatchNorm2d(6, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=True)",
        None,
        0,
        0,
    ),
    (
        "BatchNorm3d(6, eps=1e-05, momentum=0.1, affine=True, bias=False, track_running_stats=True)",
        (6,),
        6,
        0,
    ),
    (
        "SyncBatchNorm(6, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)",
        (6,),
        6,
        6,
    ),
    (
        "InstanceNorm1d(6, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=False)",
        None,
        0,
        0,
    ),
    (
        "InstanceNorm2d(6, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)",
        (6,),
        6,
        6,
    ),
    (
        "InstanceNorm3d(6, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=False)",
        (6,),
        6,
        6,
    ),
    ("GroupNorm(2, 6, eps=1e-05, affine=True, bias=True)", (6,), 6, 6),
    ("GroupNorm(2, 6, eps=1e-05, affine=False, bias=False)", None, 0, 0),
    ("LayerNorm((6,), eps=1e-05, elementwise_affine=True, bias=True)", (6,), 6, 6),
    ("LayerNorm((2, 3), eps=1e-05, elementwise_affine=True, bias=True)", (2, 3), 6, 6),
    ("LayerNorm((2, 3), eps=1e-05, elementwise_affine=True, bias=False)", (2, 3), 6, 0),
    ("LayerNorm((6,), eps=1e-05, elementwise_affine=False, bias=False)", None, 0, 0),
    ("RMSNorm((2, 3), eps=None, elementwise_affine=True)", (2, 3), 6, 0),
    ("RMSNorm((6,), eps=None, elementwise_affine=False)", None, 0, 0),
    ("PReLU(num_parameters=1)", (1,), 1, 0),
    ("PReLU(num_parameters=6)", (6,), 6, 0),
    ("RNN(3, 4)", None, 28, 8),
    ("RNN(3, 4, num_layers=2, bidirectional=True)", None, 152, 32),
    ("LSTM(3, 4, num_layers=2, bias=False)", None, 240, 0),
    ("LSTM(3, 4, proj_size=2, num_layers=3, batch_first=True, bidirectional=True)", None, 592, 192),
    ("GRU(3, 4, num_layers=2, dropout=0.5)", None, 180, 48),
    ("GRU(3, 4, bidirectional=True)", None, 168, 48),
    ("RNNCell(3, 4, nonlinearity=relu)", None, 28, 8),
    ("LSTMCell(3, 4, bias=False)", None, 112, 0),
    ("GRUCell(3, 4)", None, 84, 24),
]


@pytest.mark.parametrize(("text", "shape", "weights", "biases"), PRINTED)
def test_a_printed_layer(text: str, shape: tuple[int, ...] | None, weights: int, biases: int) -> None:
    rows = read_printed(text).rows
    if weights + biases == 0:
        assert rows == ()
        return
    [row] = rows
    assert (row.weight_shape, row.weight_count, row.bias_count, row.other_count) == (
        shape,
        weights,
        biases,
        0,
    )
    assert (row.type, row.known, row.trainable, row.note) == (text.split("(")[0], True, True, "")
    assert row.transposed == (row.layer is not None) == row.type.startswith("ConvTranspose")


def test_every_rule_is_tried() -> None:
    assert {text.split("(")[0] for text, *_ in PRINTED} == RULES.keys() - {"MultiheadAttention", "Conv1D"}


def test_limits() -> None:
    assert Parameter("weight", (10**9, 10**9)).count == MAX_COUNT
    with pytest.raises(ReadError, match="too large to be real"):
        _ = Parameter("weight", (10**9, 10**9), 2).count
    assert LayerArguments({"n": MAX_COUNT}).integer("n") == MAX_COUNT
    with pytest.raises(ReadError, match="too large to be real"):
        LayerArguments({"n": MAX_COUNT + 1}).integer("n")
    with pytest.raises(UnclearError, match="must be a shape"):
        LayerArguments({"n": (1,) * 65}).shape("n")


# The parameters of torch.nn.MultiheadAttention(8, 2, …) in PyTorch 2.13, by the shapes of its
# state dict: q, k and v projections of 8 × 8, 8 × kdim and 8 × vdim, one matrix where all are equal.
@pytest.mark.parametrize(
    ("more", "weights", "biases"),
    [
        ({}, 3 * 64 + 64, 24 + 8),
        ({"kdim": 6}, 64 + 48 + 64 + 64, 24 + 8),
        ({"vdim": 4}, 64 + 64 + 32 + 64, 24 + 8),
        ({"kdim": 6, "vdim": 4}, 64 + 48 + 32 + 64, 24 + 8),
        ({"kdim": None, "vdim": 8, "bias": False}, 3 * 64 + 64, 0),
        ({"add_bias_kv": True}, 3 * 64 + 64, 24 + 8 + 2 * 8),
        ({"add_bias_kv": True, "bias": False}, 3 * 64 + 64, 2 * 8),
    ],
)
def test_attention_has_what_its_widths_say(more: dict[str, object], weights: int, biases: int) -> None:
    held = list(RULES["MultiheadAttention"](LayerArguments({"embed_dim": 8, "num_heads": 2, **more})))
    assert sum(one.count for one in held if one.name.startswith("weight")) == weights
    assert sum(one.count for one in held if one.name.startswith("bias")) == biases
