"""Chains of ONNX operators as tables of layers: sizes and work by hand, and what is not a chain."""

import struct
from collections.abc import Sequence

import pytest

from calculator.readers.layer_table.chain import MAX_CHAIN, edit_problem, size_hint, with_input_size
from calculator.readers.model import Model
from calculator.readers.onnx.file import read_onnx_file
from tests.helpers import onnx_writing as w
from tests.helpers.onnx_models import read_nodes, recorded

IMAGE = (1, 4, 5, 5)


def whole(name: str, *numbers: int) -> bytes:
    """Return a stored tensor of whole numbers, as for a new shape."""
    return w.tensor(name, (len(numbers),), w.INT64, struct.pack(f"<{len(numbers)}q", *numbers))


def real(name: str, *numbers: float) -> bytes:
    return w.tensor(name, (len(numbers),), raw=struct.pack(f"<{len(numbers)}f", *numbers))


Operator = tuple[str, Sequence[str], list[bytes]]


def row(
    kind: str, *inputs: str, **attributes: int | str | Sequence[int]
) -> tuple[str, Sequence[str], list[bytes]]:
    return kind, inputs, [w.attribute(name, value) for name, value in attributes.items()]


def chained(
    rows: Sequence[Operator],
    tensors: Sequence[bytes],
    shape: tuple[int | str, ...] = IMAGE,
) -> Model:
    """Return the model whose operators each read the one before, and the named stored tensors."""
    nodes = [
        w.node(kind, [f"v{place}", *inputs], [f"v{place + 1}"], *attributes, name=f"n{place}")
        for place, (kind, inputs, attributes) in enumerate(rows)
    ]
    return read_onnx_file(w.model(w.graph(nodes, tensors, [w.value("v0", shape)])))


def problem(model: Model) -> str:
    assert model.chain is not None
    assert not model.chain.table
    return model.chain.problem


def test_a_file_of_pytorch_has_the_sizes_and_the_work_of_its_layers() -> None:
    model = with_input_size(recorded("up_new"), (5, 5))
    # PyTorch gives 10, 20 and 40: 2(i - 1) - 2p + k, then 2(i - 1) - 2p + k + 1, then an Upsample by 2.
    assert [(line.output_size, line.multiply_accumulates) for line in model.rows] == [
        ((10, 10), 25 * 6 * 8 * 16),
        ((20, 20), 100 * 8 * 4 * 9 // 2),
        ((20, 20), None),
        ((40, 40), 1600 * 4 * 3 * 9),
    ]
    assert (edit_problem(model), size_hint(model)) == ("", "5x5")
    assert with_input_size(recorded("up_new"), (7, 7)).rows[-1].output_size == (56, 56)


TENSORS = (
    w.tensor("up.weight", (4, 6, 4, 4)), w.tensor("up.bias", (6,)), w.tensor("conv.weight", (8, 4, 3, 3)),
    w.tensor("deep.weight", (8, 1, 3, 3)), real("scales", 1, 1, 2, 3), whole("sizes", 1, 4, 10, 15),
    whole("pads", 0, 0, 1, 2, 0, 0, 1, 2), whole("flat", 1, -1), whole("image", -1, 2, 5, 10),
    w.tensor("bn.weight", (4,)), w.tensor("bn.bias", (4,)), w.tensor("mean", (4,)),
    w.tensor("slope", (4, 1, 1)), w.tensor("first.weight", (4, 4, 1, 1)), real("half", 1, 1, 0.5, 2),
    real("infinite", 1, 1, float("inf"), 2), whole("sides", 0, 0, 1, 2, 0, 0, 2, 2),
    w.tensor("flat.weight", (8, 4)), w.tensor("four.weight", (8, 4, 1, 1, 1, 1)), whole("vector", 1, 100),
    whole("five", 1, 1, 1, 1, 1, 100),
)  # fmt: skip


def with_first(*rows: Operator) -> Model:
    """Return a chain of a convolution and ``rows``, with the stored tensors that they name."""
    names = {"first.weight", *(name for _, inputs, _ in rows for name in inputs if name)}
    used = [tensor for tensor in TENSORS if any(w.field(8, name) in tensor for name in names)]
    return chained([row("Conv", "first.weight"), *rows], used)


@pytest.mark.parametrize(
    ("operator", "line"),
    [
        (
            row("ConvTranspose", "up.weight", strides=(2, 2), pads=(1, 1, 1, 1)),
            "up ConvTranspose2d in4 out6 k4 s2 p1 no",
        ),
        (
            row("ConvTranspose", "up.weight", "up.bias", output_padding=(1, 0), strides=(2, 1)),
            "up ConvTranspose2d in4 out6 k4 s2x1 op1x0",
        ),
        (row("ConvTranspose", "up.weight", group=2), "up ConvTranspose2d in4 out12 k4 g2 no"),
        (
            row("ConvTranspose", "up.weight", auto_pad="SAME_UPPER", strides=(2, 2)),
            "up ConvTranspose2d in4 out6 k4 s2 p1 no",
        ),
        (
            row("Conv", "conv.weight", pads=(2, 1, 2, 1), dilations=(2, 1)),
            "conv Conv2d in4 out8 k3 p2x1 d2x1 no",
        ),
        (row("Conv", "conv.weight", auto_pad="SAME_LOWER"), "conv Conv2d in4 out8 k3 psame no"),
        (row("Conv", "deep.weight", group=4, auto_pad="VALID"), "deep Conv2d in4 out8 k3 g4 no"),
        (
            row("MaxPool", kernel_shape=(3, 3), strides=(2, 2), pads=(1, 1, 1, 1)),
            "n1 MaxPool2d k3 s2x2 p1",
        ),
        (row("AveragePool", kernel_shape=(2, 2)), "n1 AvgPool2d k2 s1x1"),
        (row("GlobalAveragePool"), "n1 AdaptiveAvgPool2d size1x1"),
        (row("GlobalMaxPool"), "n1 AdaptiveMaxPool2d size1x1"),
        (row("DepthToSpace", blocksize=2), "n1 PixelShuffle f2"),
        (row("SpaceToDepth", blocksize=5), "n1 PixelUnshuffle f5"),
        (row("Upsample", "scales"), "n1 Upsample f2x3"),
        (row("Resize", "", "scales"), "n1 Upsample f2x3"),
        (row("Resize", "", "", "sizes"), "n1 Upsample size10x15"),
        (row("Pad", "pads", mode="reflect"), "n1 ReflectionPad2d p1x2"),
        (row("Pad", pads=(0, 0, 1, 2, 0, 0, 1, 2)), "n1 ConstantPad2d p1x2"),
        (row("Flatten"), "n1 Flatten"),
        (row("Reshape", "flat"), "n1 Flatten"),
        (row("Reshape", "vector"), "n1 Flatten out100"),
        (row("Reshape", "image"), "n1 Reshape in100 out2 size5x10"),
        (row("BatchNormalization", "bn.weight", "bn.bias", "mean", "mean"), "bn BatchNorm out4"),
        (row("InstanceNormalization", "bn.weight", "bn.bias"), "bn InstanceNorm out4 yes"),
        (row("PRelu", "slope"), "n1 PReLU out4"),
    ],
)
def test_an_operator_is_the_row_of_its_layer(operator: Operator, line: str) -> None:
    keys = {"in": "in", "out": "out", "kernel": "k", "stride": "s", "padding": "p", "output_padding": "op",
            "dilation": "d", "groups": "g", "size": "size", "scale_factor": "f"}  # fmt: skip
    chain = with_first(operator).chain
    assert chain is not None
    assert (chain.problem, chain.proven) == ("", True)
    titles, first, _, last = (each.split(",") for each in chain.table.splitlines())
    assert [cell for cell in first if cell] == ["Input", "4", "5x5"]
    cells = [keys.get(title, "") + cell for title, cell in zip(titles, last, strict=True) if cell]
    assert " ".join(cells) == line


def test_products_of_features_are_linear_layers() -> None:
    tensors = [
        w.tensor("a.weight", (3, 8)),
        w.tensor("a.bias", (3,)),
        w.tensor("b.weight", (3, 2)),
        w.tensor("bb", (2,)),
    ]
    rows = [
        row("Gemm", "a.weight", "a.bias", transB=1),
        row("Relu"),
        row("MatMul", "b.weight"),
        row("Add", "bb"),
        row("Softmax"),
    ]
    model = chained(rows, tensors, ("batch", 8))
    assert model.chain is not None
    assert model.chain.table == "name,type,in,out\n,Input,,8\na,Linear,8,3\nb,Linear,3,2\n"
    assert model.chain.left_out == ("Relu", "Softmax")
    assert with_input_size(model, (8,)).multiply_accumulates == 24 + 6
    assert edit_problem(model) == ""


ONE_SIDE = "a table of layers has no padding that is larger on one side."


@pytest.mark.parametrize(
    ("operator", "reason"),
    [
        (row("Conv", "conv.weight", pads=(0, 0, 1, 1)), ONE_SIDE),
        (row("Conv", "conv.weight", pads=(1, 1)), ONE_SIDE),
        (row("Conv", "conv.weight", auto_pad="SAME_UPPER", strides=(2, 2)), ONE_SIDE),
        (row("Conv", "conv.weight", strides=(2,)), "its strides does not have one value for each axis."),
        (
            row("ConvTranspose", "up.weight", output_shape=(9, 9)),
            "its output_shape is the same for every input size.",
        ),
        (row("ConvTranspose", "up.weight", output_padding=(3, 3)), "PyTorch has no layer with its settings."),
        (
            row("MaxPool", kernel_shape=(2, 2), ceil_mode=1),
            "a table of layers has no column for its ceil_mode.",
        ),
        (
            row("MaxPool", kernel_shape=(2, 2), dilations=(2, 2)),
            "a table of layers has no column for its dilations.",
        ),
        (row("MaxPool"), "a table of layers has no column for its dilations."),
        (row("Upsample", "half"), "its scales must be whole numbers from 1 to 1,024."),
        (row("Resize", "", "infinite"), "its scales must be whole numbers from 1 to 1,024."),
        (row("Resize", "", "flat"), "its scales must be whole numbers from 1 to 1,024."),
        (row("Pad", "sides"), ONE_SIDE),
        (row("Pad", "pads", mode="other"), ONE_SIDE),
        (row("Flatten", axis=2), "a table of layers flattens from axis 1."),
        (row("Reshape"), "its new shape is not 1 to 4 sizes that are stored."),
        (row("Reshape", "five"), "its new shape is not 1 to 4 sizes that are stored."),
        (row("Gemm", "conv.weight", "up.bias"), "it is not a product with one stored matrix."),
        (row("Conv", "flat.weight"), "a table of layers has at most three spatial axes."),
        (row("Conv", "four.weight"), "a table of layers has at most three spatial axes."),
        (row("BatchNormalization", "slope"), "its channels are not known."),
        (row("Resize", "", "", "flat"), "its sizes are not those of 1 to 3 spatial axes."),
        (row("Resize", "", "", "five"), "its sizes are not those of 1 to 3 spatial axes."),
        (row("Sin"), "a table of layers has no type for it."),
        (row("SpaceToDepth", blocksize=-3), ""),
    ],
)
def test_an_operator_that_a_table_cannot_have_is_named(operator: Operator, reason: str) -> None:
    chain = with_first(operator).chain
    assert chain is not None
    assert (chain.table, chain.proven) == ("", False)
    assert chain.problem
    assert chain.problem.endswith(reason)


def test_what_does_not_run_one_after_the_other_is_no_chain() -> None:
    conv = w.node("Conv", ["x", "first.weight"], ["y"], name="first")
    weight = w.tensor("first.weight", (4, 4, 1, 1))
    relu = w.node("Relu", ["y"], ["z"], name="act")
    assert "goes to 2 operators" in problem(
        read_nodes([conv, relu, w.node("Add", ["y", "z"], ["sum"])], [weight])
    )
    assert "The input of the model goes to 2" in problem(
        read_nodes([conv, w.node("Add", ["x", "y"], ["sum"])], [weight])
    )
    two = w.model(w.graph([conv], [weight], [w.value("x", IMAGE), w.value("other", IMAGE)]))
    assert problem(read_onnx_file(two)) == "The model has 2 inputs."
    assert "does not read" in problem(read_nodes([conv, w.node("Add", ["y", "unknown"], ["z"])], [weight]))
    # The stored matrix is on the left.
    left = [w.node("MatMul", ["m.weight", "x"], ["y"])]
    assert "does not read" in problem(read_nodes(left, [w.tensor("m.weight", (3, 4))], (4, 2)))
    # A bias counts once; what is added after it is not a layer.
    added = [conv, w.node("Add", ["y", "b"], ["z"]), w.node("Add", ["z", "c"], ["end"], name="more")]
    tensors = [weight, w.tensor("b", (1, 4, 1, 1)), w.tensor("c", (1, 4, 1, 1))]
    assert "more (Add): a table of layers has no type" in problem(read_nodes(added, tensors))


def test_a_circle_and_a_long_chain_end() -> None:
    weight = w.tensor("first.weight", (4, 4, 1, 1))
    circle = [w.node("Conv", ["x", "first.weight"], ["y"]), w.node("Relu", ["y"], ["x"])]
    assert problem(read_nodes(circle, [weight]))
    rows = [row("Relu"), *[row("Conv", f"c{number}.weight") for number in range(MAX_CHAIN + 1)]]
    tensors = [w.tensor(f"c{number}.weight", (4, 4, 1, 1)) for number in range(MAX_CHAIN + 1)]
    assert "more than 2,000 layers" in problem(chained(rows, tensors))


def test_an_input_without_a_fixed_size_takes_any() -> None:
    model = chained(
        [row("ConvTranspose", "up.weight", strides=(2, 2))], [TENSORS[0]], ("batch", 4, "height", "width")
    )
    assert size_hint(model) == "64x64"
    assert with_input_size(model, (3, 5)).rows[0].output_size == (8, 12)


def test_activations_are_left_out_by_their_name() -> None:
    kinds = (
        *("Relu", "LeakyRelu", "Sigmoid", "Tanh", "Elu", "Selu", "Celu", "Gelu", "Mish", "Softplus", "LRN"),
        *("Softsign", "HardSigmoid", "HardSwish", "Swish", "Clip", "Identity", "Dropout", "Softmax"),
        *("LogSoftmax", "ThresholdedRelu"),
    )
    chain = with_first(*map(row, kinds)).chain
    assert chain is not None
    assert (chain.problem, chain.left_out) == ("", kinds)


def test_a_bias_of_one_value_is_a_bias_and_a_number_added_behind_it_is_not() -> None:
    tensors = [w.tensor("a.weight", (8, 1)), w.tensor("b", (1,)), w.tensor("one", (1,))]
    product = row("MatMul", "a.weight")
    [layer] = chained([product, row("Add", "b")], tensors[:2], (1, 8)).rows
    assert layer.bias_count == 1
    chain = chained([product, row("Add", "b")], tensors[:2], (1, 8)).chain
    assert chain is not None
    assert chain.table == "name,type,in,out\n,Input,,8\na,Linear,8,1\n"
    assert "no type for it" in problem(
        chained([product, row("Add", "b"), row("Add", "one")], tensors, (1, 8))
    )
