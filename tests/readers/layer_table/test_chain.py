"""Chains: the layers of a model as a table, sizes for an input size, and what is refused."""

import pytest

from calculator.core.errors import LayerError
from calculator.networks.builtin import NETWORKS, network
from calculator.readers import ReadError, read
from calculator.readers.layer_table.chain import (
    CONDITION,
    MAX_CHAIN,
    ChainBuilder,
    edit_problem,
    left_out_sentence,
    parse_size,
    read_typed_table,
    size_hint,
    size_problem,
    with_input_size,
)
from calculator.readers.layer_table.line import TYPES
from calculator.readers.layer_table.link_form import fits_link, layer_cells, read_linked, write_linked
from calculator.readers.layer_table.sizes import chain_sizes, input_rank
from calculator.readers.layer_table.table import read_table, table_lines
from calculator.readers.model import Chain, Model, Row
from calculator.readers.model_json import read_model, write_model
from tests.helpers.dcgan_texts import PRINT

WORK = 5120 + 8192 * 16 + 2048 * 64 + 512 * 256 + 192 * 1024
"""Multiply–accumulates of ``PRINT`` for 1 x 1, by hand: weights times input positions, layer by layer."""

SIZES = [(4, 4), (4, 4), (8, 8), (8, 8), (16, 16), (16, 16), (32, 32), (32, 32), (64, 64)]
"""The output sizes that torchinfo printed for the same model."""


def test_a_generator_has_the_sizes_that_torchinfo_prints_and_the_work_counted_by_hand() -> None:
    model = with_input_size(read(PRINT), (1, 1))
    assert [row.output_size for row in model.rows] == SIZES
    assert model.multiply_accumulates == WORK
    assert (model.condition, model.parameter_count) == (CONDITION, 16_184)
    assert "does not show how its layers are connected" in model.assumptions[0]


def test_a_sequential_is_a_chain_without_a_condition() -> None:
    model = with_input_size(read(PRINT.replace("G(", "Sequential(", 1)), (1,))
    assert (model.multiply_accumulates, model.condition) == (WORK, "")
    assert model.assumptions[0] == "Sizes and multiply–accumulates are of one sample."


def test_the_table_of_a_chain_has_the_same_counts_and_comes_through_a_link() -> None:
    model = read(PRINT)
    assert model.chain is not None
    assert edit_problem(model) == ""
    linked, ignored = read_linked(write_linked(model.chain.table))
    assert (linked, ignored) == (model.chain.table, ())
    table = read_table(linked, input_size=(1, 1))
    assert (table.parameter_count, table.multiply_accumulates) == (16_184, WORK)
    assert [row.name for row in table.rows] == [row.name for row in model.rows]
    assert left_out_sentence(model.chain).endswith(": ReLU and Tanh.")


def test_a_model_comes_back_from_json_with_its_chain_and_condition() -> None:
    model = with_input_size(read(PRINT), (1, 1))
    assert read_model(write_model(model)) == model


@pytest.mark.parametrize(
    "one", [one for one in NETWORKS if one.model().multiply_accumulates], ids=lambda one: one.key
)
def test_a_typed_table_has_the_sizes_of_the_built_in_network(one: object) -> None:
    table = network(one.key)  # type: ignore[attr-defined]
    first = table.lines()[0]
    typed = with_input_size(read_typed_table(table.table), first.size or (first.outputs,))
    assert typed.rows == table.model().rows
    assert sum("of one sample" in sentence for sentence in typed.assumptions) == 1


def refused(text: str, size: tuple[int, ...] = (8,)) -> str:
    with pytest.raises(ReadError) as error:
        with_input_size(read(text), size)
    return str(error.value)


def sequential(*layers: str) -> str:
    return "Sequential(\n" + "".join(f"  ({n}): {layer}\n" for n, layer in enumerate(layers)) + ")"


CONV = "Conv2d(4, 8, kernel_size=(3, 3), stride=(1, 1))"


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        ((CONV, CONV), "1: it needs 4 channels, but the previous row gives 8"),
        ((CONV, "Fold(output_size=4)"), "1 (Fold): a table of layers has no type for it."),
        ((CONV, "MyLayer()"), "1 (MyLayer) is not counted, so its output size is not known."),
        ((CONV, "BlurPool2d()"), "1 (BlurPool2d): a table of layers has no type for it."),
        (("Conv2d(4, 8, kernel_size=(3, 3))",), "0 (Conv2d): its stride is not printed."),
        (
            (CONV, "MaxPool2d(kernel_size=9, stride=9, padding=0)"),
            "1: its kernel does not fit into the padded input",
        ),
        ((CONV, "MaxPool2d(kernel_size=2, stride=2, dilation=2)"), "no column for its dilation"),
        ((CONV, "MaxPool2d(kernel_size=2, stride=2, padding=2)"), "more than half of its kernel"),
        ((CONV, "AvgPool2d(kernel_size=3, stride=2, padding=1)"), "1: a print does not show its ceil_mode"),
        # Rounded up, a window may be larger than its input.
        ((CONV, "AvgPool2d(kernel_size=7, stride=2, padding=0)"), "1: a print does not show its ceil"),
        ((CONV, "AvgPool2d(kernel_size=4, stride=4, padding=0)", CONV), "1: a print does not show its ceil"),
        ((CONV, "ReflectionPad2d((0, 6, 0, 0))"), "1: its padding 6 is too wide for a size of 6."),
        ((CONV, "GLU(dim=-1)"), "1: its dim is not known to be the axis of the channels."),
        ((CONV, "Flatten(start_dim=1, end_dim=-1)", "GLU(dim=-3)"), "2: its dim is not known to be the axis"),
        (("GLU(dim=-2)", "PixelShuffle(upscale_factor=2)"), "0: its dim is not known to be the axis"),
        ((CONV, "GLU(dim=2)"), "no column for its dim"),
        ((CONV, "ChannelShuffle(groups=3)"), "1: 8 channels cannot be divided into 3 groups."),
        (("Linear(in_features=8, out_features=8)", "ChannelShuffle(groups=2)"), "1: it needs 3 spatial axes"),
        (
            (CONV, "LayerNorm((6, 5), eps=1e-05, elementwise_affine=False)"),
            "it normalises axes of 6 × 5, but the previous row gives 8 channels of size 6 × 6",
        ),
        (("Conv2d(4, 9, kernel_size=(3, 3), stride=(1, 1))", "GLU(dim=1)"), "9 channels cannot be halved"),
        (
            (CONV, "LayerNorm((8, 6, 5), eps=1e-05, elementwise_affine=True)"),
            "it normalises axes of 8 × 6 × 5, but the previous row gives 8 channels of size 6 × 6",
        ),
        (
            (CONV, "LayerNorm((8,), eps=1e-05, elementwise_affine=True)"),
            "it normalises axes of 8, but the previous row gives 8 channels of size 6 × 6",
        ),
        ((CONV, "ReflectionPad2d((6, 6, 6, 6))"), "1: its padding 6 is too wide for a size of 6."),
        ((CONV, "Flatten(start_dim=0, end_dim=-1)"), "no column for its start_dim"),
        ((CONV, "Unflatten(dim=1, unflattened_size=(2, 4))"), "1: it needs 8 features"),
        ((CONV, "BatchNorm1d(8)"), "1: it needs 1 spatial axes"),
        ((CONV, "PixelShuffle(upscale_factor=3)"), "1: 8 channels cannot be divided by 3² = 9."),
        (
            (CONV.replace(" 8,", " 12,"), "PixelShuffle(upscale_factor=3)"),  # 12 is 2·6, but not n·9.
            "1: 12 channels cannot be divided by 3² = 9.",
        ),
        ((CONV, "PixelUnshuffle(downscale_factor=5)"), "1: a size of 6 × 6 cannot be divided by 5."),
        ((CONV, "Upsample(scale_factor=0.0, mode='nearest')"), "its scale_factor must be numbers above 0"),
        ((CONV, "LSTM(8, 4)"), "1 (LSTM): a table of layers has no type for it."),
        (
            (CONV.replace("stride=(1, 1)", "stride=(1, 1), padding=same, padding_mode=circular"),),
            "no column for its padding_mode",
        ),
        (
            (CONV.replace("stride=(1, 1)", "stride=(1, 1), padding=(8, 1), padding_mode=reflect"),),
            "0: its padding 8 is too wide for a size of 8.",
        ),
        (("Tanh()", "Sequential()"), "Sizes cannot be computed. It has no layers with sizes."),
        (
            ("Linear(in_features=8, out_features=2, bias=True)", CONV),
            "1: it needs 4 channels, but the previous row gives 2 features",
        ),
        (
            ("ReflectionPad2d((1, 1, 1, 1))", "Flatten(start_dim=1, end_dim=-1)"),
            "no layer says how many channels",
        ),
    ],
)
def test_the_first_layer_that_does_not_fit_is_named(layers: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(sequential(*layers))


BLOCK = """Block(
  (conv1): Conv2d(8, 8, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
  (downsample): Sequential(
    (0): Conv2d(8, 8, kernel_size=(1, 1), stride=(2, 2))
  )
)"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (BLOCK, "downsample.0 (Conv2d): “downsample” is the name of a branch beside other layers."),
        (
            "Net(\n  (0-1): 2 x Linear(in_features=8, out_features=8, bias=True)\n)",
            "stands for 2 equal layers",
        ),
        ("nn.Sequential(nn.Conv2d(4, 8, 3), nn.ReLU())", "This is code, which is not run."),
        (
            "up.weight torch.Size([8, 4, 4, 4])\nup.bias torch.Size([4])",
            "The strides and the order of the layers are not read from names and shapes",
        ),
        (
            "=====\nLayer (type:depth-idx)   Param #\n=====\n"
            "├─ConvTranspose2d: 1-1   3,136\n=====\nTotal params: 3,136",
            "are not read from a torchinfo table.",
        ),
        (f"{sequential(CONV)}\n{BLOCK}", "The text has several printed modules."),
        (sequential(CONV, f"...\n  (2): {CONV}"), "is not counted"),
    ],
)
def test_what_is_not_a_chain_is_refused(text: str, sentence: str) -> None:
    assert sentence in refused(text)


def test_a_branch_in_a_sequential_is_only_a_name() -> None:
    assert with_input_size(read(BLOCK.replace("Block", "Sequential")), (8,)).rows[-1].output_size == (2, 2)


def test_pooling_whose_rounding_does_not_matter_is_exact() -> None:
    last = "Conv2d(8, 4, kernel_size=(1, 1), stride=(1, 1))"
    text = sequential(CONV, "AvgPool2d(kernel_size=3, stride=2, padding=0)", last)
    # (9 - 2 - 3) / 2 has no remainder; for an input of 8 it has one.
    assert with_input_size(read(text), (9,)).rows[-1].output_size == (3, 3)
    assert "does not show its ceil_mode" in refused(text)


MLP = sequential(
    "Flatten(start_dim=1, end_dim=-1)",
    "Linear(in_features=784, out_features=10, bias=True)",
    "Unflatten(dim=1, unflattened_size=(10, 1))",
)


def test_a_model_that_begins_with_features_takes_their_number_alone() -> None:
    model = read(MLP)
    assert (size_hint(model), parse_size(model, "784")) == ("784", (784,))
    assert with_input_size(model, (784,)).multiply_accumulates == 7_840
    assert refused(MLP, (28,)) == "The input of this model is 784 features, not 28."
    with pytest.raises(LayerError, match="must be"):
        parse_size(model, "28x28")


WEIGHT_NORM = """Sequential(
  (0): ParametrizedConv1d(
    2, 8, kernel_size=(3,), stride=(1,)
    (parametrizations): ModuleDict(
      (weight): ParametrizationList(
        (0): _WeightNorm()
      )
    )
  )
)"""


def test_weight_norm_has_sizes_and_is_no_table() -> None:
    model = read(WEIGHT_NORM)
    assert with_input_size(model, (5,)).multiply_accumulates == 2 * 8 * 3 * 3
    assert edit_problem(model) == (
        "0 (ParametrizedConv1d) has 64 parameters, and a table of layers would give it 56."
    )


def test_a_chain_that_is_too_long_is_refused() -> None:
    layers = ["Linear(in_features=2, out_features=2, bias=True)"] * (MAX_CHAIN + 1)
    assert (
        size_problem(read(sequential(*layers))) == "Sizes cannot be computed. It has more than 2,000 layers."
    )
    rows = "fc,Linear,2,2\n" * (MAX_CHAIN + 1)
    assert "more than 2,000 layers" in size_problem(read(f"name,type,in,out\n{rows}"))


def test_a_table_that_is_too_long_for_a_link_is_not_offered() -> None:
    model = read(sequential(*["Linear(in_features=2, out_features=2, bias=True)"] * 400))
    assert model.chain is not None
    assert not fits_link(model.chain.table)
    assert edit_problem(model) == "With 400 layers the table is too long for a link."


def test_rows_that_are_not_those_of_the_table_are_refused() -> None:
    builder = ChainBuilder()
    builder.add(layer_cells("Linear", **{"in": 8, "out": 2}))
    assert builder.chain([]).problem == "A table of layers has 1 layers with parameters, the model 0."
    row = Row("fc", "Linear", None, 16, 2)
    for other in (Row("fc", "Linear", None, 17, 2), Row("fc", "Linear", None, 16, 2, undecided=True)):
        assert builder.chain([other]).problem.startswith("fc (Linear)")
    chain = builder.chain([row])
    # A frozen layer is not the trained one of the table.
    assert edit_problem(Model((row,), "", chain=chain)) == ""
    frozen = Row("fc", "Linear", None, 16, 2, trainable=False)
    assert edit_problem(Model((frozen,), "", chain=chain)) == (
        "fc (Linear) is trained in part, which a table of layers cannot say."
    )
    assert "layers with parameters" in edit_problem(Model((), "", chain=chain))
    assert "Which of its layers" in edit_problem(Model((row,), "", stated_trainable_count=2, chain=chain))
    assert "strides" in edit_problem(Model((row,), ""))
    assert edit_problem(Model((row,), "", chain=Chain(problem="Why."))) == "Why."


@pytest.mark.parametrize(
    ("rows", "size", "last"),
    [
        ("Upsample,,,3,\nConv2d,4,4,,", (5, 7), (15, 21)),
        ("UpSampling2D,,,3x2,\nConv2D,4,4,,", (5, 7), (15, 14)),
        ("Upsample,,,,9x8\nConv2d,4,4,,", (5, 7), (9, 8)),
        ("PixelShuffle,,,2,\nConv2d,4,4,,", (5, 7), (10, 14)),
        ("PixelUnshuffle,,,2,\nConv2d,4,4,,", (6, 4), (3, 2)),
        ("AdaptiveAvgPool2d,,,,3x2\nConv2d,4,4,,", (6, 4), (3, 2)),
        ("GlobalAveragePooling2D,4,,,\nDense,4,4,,", (6, 4), None),
    ],
)
def test_layers_without_parameters_change_the_size(rows: str, size: tuple[int, ...], last: object) -> None:
    text = "type,in,out,scale_factor,size,kernel\n" + "\n".join(
        line + (",1" if "Conv" in line else ",") for line in rows.split("\n")
    )
    assert chain_sizes(table_lines(text), size)[-1].output_size == last
    assert read_linked(write_linked(text))[1] == ()


def test_every_kind_of_border_is_in_the_grammar() -> None:
    for kind, wide in (("Reflection", 4), ("Replication", 9), ("Zero", 9), ("Constant", 9), ("Circular", 5)):
        text = f"type,in,out,kernel,padding\n{kind}Pad1d,,,,{{}}\nConv1d,1,1,1,"
        assert f"{kind}Pad1d" in TYPES
        assert chain_sizes(table_lines(text.format(wide)), 5)[0].input_size == (5 + 2 * wide,)
        if kind in ("Reflection", "Circular"):
            with pytest.raises(ReadError, match="is too wide for a size of 5"):
                chain_sizes(table_lines(text.format(wide + 1)), 5)


def test_a_norm_without_parameters_takes_any_number_of_channels() -> None:
    # torch.nn.InstanceNorm2d warns that its num_features is not used.
    norm = "InstanceNorm2d(9, eps=1e-05, affine=False)"
    assert with_input_size(read(sequential(CONV, norm)), (8,)).rows[0].output_size == (6, 6)
    assert "it needs 9 channels" in refused(sequential(CONV, norm.replace("False", "True")))


def test_an_empty_output_is_refused() -> None:
    text = "type,in,out,kernel,stride,padding\nConvTranspose2d,1,1,2,1,1x0"
    with pytest.raises(ReadError, match="its output would be empty, of size 0 × 6"):
        chain_sizes(table_lines(text), (1, 5))
    assert input_rank(table_lines(text)) == 2
