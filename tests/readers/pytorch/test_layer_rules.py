"""What each class of torch.nn holds: layers that PyTorch 2.13 printed, and the numbers it gave for them."""

import pytest

from calculator.readers.model import MAX_COUNT, ReadError, Row
from calculator.readers.pytorch.argument_values import Unparsed, parse_arguments
from calculator.readers.pytorch.class_names import (
    ALIASES,
    CONTAINERS,
    LAZY,
    PARAMETER_FREE,
    PARAMETER_LISTS,
    SIGNATURES,
    is_known_class,
)
from calculator.readers.pytorch.layer_rules import RULES, LayerArguments, Parameter, UnclearError
from calculator.readers.pytorch.printed import read_printed
from calculator.readers.pytorch.rows import attention_row, layer_row, list_row

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


def test_every_class_is_in_one_place() -> None:
    sets = [set(RULES), CONTAINERS, LAZY, PARAMETER_LISTS, PARAMETER_FREE, ALIASES.keys()]
    assert sum(map(len, sets)) == len(set().union(*sets))
    assert RULES.keys() == SIGNATURES.keys()
    assert set(ALIASES.values()) <= RULES.keys()
    assert all(map(is_known_class, set().union(*sets)))
    assert not is_known_class("Scale")


def row_of(text: str) -> Row | None:
    kind, _, inside = text.partition("(")
    return layer_row("layer", kind, *parse_arguments(inside.removesuffix(")")))


def count_of(text: str) -> int:
    row = row_of(text)
    assert row is not None
    assert row.known
    return row.parameter_count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        # Source: sum(p.numel() for p in layer.parameters()) of PyTorch 2.13 for the same arguments.
        ("Conv2d(3, 8, 3, 1, 1, 1, 1, False)", 216),
        ("ConvTranspose2d(6, 4, 3, 1, 0, 0, 2, False)", 108),
        ("ConvTranspose3d(6, 4, (1, 2, 3))", 148),
        ("LSTM(3, 4, 2, False)", 240),
        ("RNN(3, 4, 2, 'relu', False)", 60),
        ("GRU(3, 4, bidirectional=True)", 216),
        ("LayerNorm([2, 3])", 12),
        ("Embedding(10, 3, 0, 1.5, 2.0)", 30),
        ("BatchNorm2d(num_features=6)", 12),
        ("MultiheadAttention(8, 2)", 288),
        ("MultiheadAttention(8, 2, bias=False)", 256),
        ("MultiheadAttention(8, 2, kdim=4, vdim=6)", 240),
        ("MultiheadAttention(8, 2, vdim=6)", 272),
        ("MultiheadAttention(8, 2, add_bias_kv=True)", 304),
        ("Conv1D(nf=6, nx=2)", 18),
    ],
)
def test_arguments_as_people_type_them(text: str, count: int) -> None:
    assert count_of(text) == count


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Scale(3)", "Scale is not a class of torch.nn, so its parameters are unknown."),
        ("Conv2d(3, 8)", "kernel_size is missing."),
        (
            "Conv2d(3, 8, kernel_size=(3, 3, 3))",
            "kernel_size must be one whole number, or 2 of them (one per axis), received (3, 3, 3).",
        ),
        ("Conv2d(3, 8, (3, x))", "kernel_size must be a whole number of at least 0, received 'x'."),
        ("Conv2d(3, 8, 3, groups=2)", "groups must divide in_channels and out_channels."),
        ("Conv2d(3, 8, 3, groups=0)", "groups must be a whole number of at least 1, received 0."),
        ("Conv2d(-3, 8, 3)", "in_channels must be a whole number of at least 0, received -3."),
        ("Conv2d(3, 8, 3, bias=1)", "bias must be True or False, received 1."),
        ("Conv2d(3, 8, 3, in_channels=4)", "in_channels is given twice."),
        (
            "Linear(in_features=3, out_features=4, in_features=5)",
            "in_features must be a whole number of at least 0, received 'given twice'.",
        ),
        ("Linear(3)", "out_features is missing."),
        ("Linear(3, 4, True, 5)", "It has more arguments than Linear takes."),
        ("Linear(3.5, 4)", "in_features must be a whole number of at least 0, received 3.5."),
        ("Linear(True, 4)", "in_features must be a whole number of at least 0, received True."),
        ("Linear(10 -> 5, 3)", "in_features must be a whole number of at least 0, received '10 - > 5'."),
        ("LayerNorm(())", "normalized_shape must be a shape (whole numbers), received ()."),
        ("LazyConv2d(0, 8, kernel_size=(3, 3))", "A lazy layer has no size before it has seen an input."),
        ("Sequential(f)", "Its layers are written as code, which is not run."),
    ],
)
def test_what_cannot_be_told_is_not_known(text: str, note: str) -> None:
    row = row_of(text)
    assert row is not None
    assert not row.known
    assert row.parameter_count == 0
    assert row.note.startswith(note)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "InstanceNorm2d(6)",
            "ReLU(inplace=True)",
            "Sequential()",
            "Linear(0, 0)",
            "BatchNorm2d(6, affine=False)",
            "_WeightNorm()",
        ),
        "LazyBatchNorm2d(0, eps=1e-05, momentum=0.1, affine=False, bias=False, track_running_stats=True)",
    ],
)
def test_what_holds_nothing_has_no_row(text: str) -> None:
    assert row_of(text) is None


def test_a_transposed_layer_that_cannot_run() -> None:
    row = row_of("ConvTranspose2d(64, 32, 4, stride=2, output_padding=2)")
    assert row is not None
    assert (row.parameter_count, row.layer, row.transposed) == (32_800, None, True)
    assert row.note.startswith("It cannot be opened in the calculator: output_padding must be smaller")


def test_parametrised_layers() -> None:
    conv = [64, 32], {"kernel_size": (4, 4)}
    for kind, more in (("_WeightNorm", 64), ("_SpectralNorm", 0), ("_Orthogonal", 0)):
        row = layer_row("up", "ParametrizedConvTranspose2d", *conv, [("weight", kind)])
        assert row is not None
        assert (row.other_count, row.weight_count, row.bias_count) == (more, 32_768, 32)
    # Source: PyTorch 2.13, weight_norm(nn.LSTM(3, 4, 2, bidirectional=True), "weight_hh_l1_reverse") has 752.
    row = layer_row(
        *("rnn", "ParametrizedLSTM", [3, 4], {"num_layers": 2, "bidirectional": True}),
        [("weight_hh_l1_reverse", "_WeightNorm")],
    )
    assert row is not None
    assert row.parameter_count == 752
    row = layer_row("up", "ParametrizedConvTranspose2d", *conv, [("scale", "_WeightNorm")])
    assert row is not None
    assert row.note == "scale is parametrised, but this layer has no parameter of that name."


def test_attention_of_its_output_projection() -> None:
    row = attention_row("a", "MultiheadAttention", {"in_features": 8, "out_features": 8, "bias": False})
    assert row is not None
    assert (row.weight_shape, row.parameter_count) == ((24, 8), 192)
    assert attention_row("a", "MultiheadAttention", {"in_features": 0}) is None
    row = attention_row("a", "MultiheadAttention", {"in_features": "x"})
    assert row is not None
    assert not row.known


def test_lists_of_parameters() -> None:
    row = list_row("own", "ParameterList", [(3, 4)])
    assert row is not None
    assert (row.weight_shape, row.other_count) == ((3, 4), 12)
    assert list_row("own", "ParameterList", []) is None
    assert list_row("own", "ParameterDict", [(0, 4)]) is None


def test_limits() -> None:
    assert Parameter("weight", (10**9, 10**9)).count == MAX_COUNT
    with pytest.raises(ReadError, match="too large to be real"):
        _ = Parameter("weight", (10**9, 10**9), 2).count
    assert LayerArguments({"n": MAX_COUNT}).integer("n") == MAX_COUNT
    with pytest.raises(ReadError, match="too large to be real"):
        LayerArguments({"n": MAX_COUNT + 1}).integer("n")
    with pytest.raises(UnclearError, match="must be a shape"):
        LayerArguments({"n": (1,) * 65}).shape("n")


@pytest.mark.parametrize(
    ("text", "unnamed", "named"),
    [
        ("", [], {}),
        ("64, 32", [64, 32], {}),
        ("64, kernel_size=(4, 4), bias=False,", [64], {"kernel_size": (4, 4), "bias": False}),
        ("(10,), eps=1e-05", [(10,)], {"eps": 1e-05}),
        ("(3), [4], (), [5, -6,]", [3, (4,), (), (5, -6)], {}),
        (
            "mode='a, (b', p=0.5, n=None, t=torch.float32",
            [],
            {"mode": "a, (b", "p": 0.5, "n": None, "t": "torch.float32"},
        ),
        ("size=((1, 2), (3, 4))", [], {"size": "( ( 1 , 2 ) , ( 3 , 4 ) )"}),
        ("f(x, 3), 2 * 3", ["f ( x , 3 )", "2 * 3"], {}),
        ("1_000, 1.2.3, 1__0, 1e400", [1000, "1.2.3", "1__0", float("inf")], {}),
        ("'open, 3", ["' open", 3], {}),
        ("a=, =, ,,", ["a =", "="], {}),
    ],
)
def test_arguments(text: str, unnamed: list[object], named: dict[str, object]) -> None:
    assert parse_arguments(text) == (unnamed, named)


def test_what_is_written_otherwise_is_marked() -> None:
    [value], _ = parse_arguments("2 * 3")
    assert isinstance(value, Unparsed)


@pytest.mark.parametrize(
    ("text", "words"), [("9" * 41, "is too long for a layer"), ("1, " * 4000, "too many for a layer")]
)
def test_arguments_that_are_too_long(text: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        parse_arguments(text)
