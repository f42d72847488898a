"""The row of one layer: counts as PyTorch 2.13 has them, and the reason where they are unknown."""

import pytest

from calculator.readers import ReadError, read
from calculator.readers.model import Row
from calculator.readers.pytorch.argument_values import parse_arguments
from calculator.readers.pytorch.rows import attention_row, layer_row, list_row


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
        ("MultiheadAttention(8, 2, kdim=6)", 272),
        ("MultiheadAttention(8, 2, kdim=4, vdim=8)", 256),
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


# torch.nn.utils.parametrizations.weight_norm stores a magnitude for each of the 4 · 3 rows of the matrix.
@pytest.mark.parametrize(
    ("name", "layers", "counted"),
    [("weight_ih_l0", 1, 84 + 24), ("weight_hh_l0", 1, 84 + 24), ("weight_ih_l1", 2, 84 + 24 + 72 + 24)],
)
def test_weight_norm_of_one_matrix_of_an_lstm(name: str, layers: int, counted: int) -> None:
    text = (
        f"M(\n  (r): ParametrizedLSTM(\n    4, 3, num_layers={layers}\n    (parametrizations): ModuleDict(\n"
    )
    text += f"      ({name}): ParametrizationList(\n        (0): _WeightNorm()\n      )\n    )\n  )\n)"
    model = read(text)
    assert model.parameter_count == counted + 12
    with pytest.raises(ReadError, match="has no parameter of that name"):
        read(text.replace(name, "weight_xx_l0"))
