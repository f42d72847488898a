"""The table of layers: counts by an allocated oracle, sizes by layers really carried out, what is refused."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.networks.builtin import network
from calculator.readers import Model, ReadError, Row
from calculator.readers.layer_table.line import TYPES
from calculator.readers.layer_table.sizes import chain_rank, chain_sizes
from calculator.readers.layer_table.table import COLUMNS, read_table, recognises, table_lines
from tests.fuzz.fuzz_chain import cases
from tests.helpers import reference

HEADER = ",".join(COLUMNS)


def written(**cells: Any) -> str:
    """Return one line under ``HEADER``; ``into`` is the column in."""
    cells["in"] = cells.pop("into", "")
    return ",".join(
        "x".join(map(str, c)) if isinstance(c, tuple) else str(c) for c in (cells.get(n, "") for n in COLUMNS)
    )


def row(**cells: Any) -> Row:
    return read_table(f"{HEADER}\n{written(**cells)}").rows[0]


def counts(read: Row) -> tuple[object, ...]:
    return read.weight_shape, read.weight_count, read.bias_count, read.other_count, read.frozen_count


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # The three worked examples that texts on the subject use.
        ({"type": "ConvTranspose2d", "into": 3, "out": 64, "kernel": 4}, ((3, 64, 4, 4), 3_072, 64, 0, 0)),
        (
            {"type": "ConvTranspose2d", "into": 16, "out": 8, "kernel": 5, "bias": "no"},
            ((16, 8, 5, 5), 3_200, 0, 0, 0),
        ),
        ({"type": "ConvTranspose2d", "into": 6, "out": 10, "kernel": 3}, ((6, 10, 3, 3), 540, 10, 0, 0)),
        # PyTorch 2.13 and Keras 3.15 by hand: shapes as each stores them.
        (
            {"type": "ConvTranspose1d", "into": 8, "out": 4, "kernel": 3, "groups": 4},
            ((8, 1, 3), 24, 4, 0, 0),
        ),
        ({"type": "ConvTranspose3d", "into": 2, "out": 4, "kernel": "1x2x3"}, ((2, 4, 1, 2, 3), 48, 4, 0, 0)),
        ({"type": "Conv2d", "into": 8, "out": 4, "kernel": 3, "groups": 2}, ((4, 4, 3, 3), 144, 4, 0, 0)),
        (
            {"type": "Conv2DTranspose", "into": 32, "out": 16, "kernel": "2x1"},
            ((2, 1, 16, 32), 1_024, 16, 0, 0),
        ),
        ({"type": "Conv1D", "into": 8, "out": 4, "kernel": 5, "groups": 2}, ((5, 4, 4), 80, 4, 0, 0)),
        ({"type": "Linear", "into": 100, "out": 10}, ((10, 100), 1_000, 10, 0, 0)),
        ({"type": "Dense", "into": 100, "out": 10, "bias": "no"}, ((100, 10), 1_000, 0, 0, 0)),
        ({"type": "BatchNorm", "out": 32}, ((32,), 32, 32, 0, 0)),
        ({"type": "BatchNorm3d", "into": 32}, ((32,), 32, 32, 0, 0)),
        ({"type": "BatchNormalization", "out": 32}, ((32,), 32, 32, 64, 64)),
        ({"type": "InstanceNorm", "out": 32, "bias": "yes"}, ((32,), 32, 32, 0, 0)),
        ({"type": "PReLU"}, ((1,), 1, 0, 0, 0)),
        ({"type": "PReLU", "out": 56}, ((56,), 56, 0, 0, 0)),
        ({"type": "Embedding", "into": 1000, "out": 64}, ((1000, 64), 64_000, 0, 0, 0)),
        ({"type": "Other", "count": "12,345".replace(",", "")}, (None, 0, 0, 12_345, 0)),
        ({"type": "Linear", "into": 2, "out": 3, "trainable": "no"}, ((3, 2), 6, 3, 0, 9)),
        ({"type": "BatchNormalization", "out": 8, "trainable": "no"}, ((8,), 8, 8, 16, 32)),
    ],
)
def test_known_counts(cells: dict[str, Any], expected: tuple[object, ...]) -> None:
    read = row(**cells)
    assert counts(read) == expected
    assert read.transposed == ("Transpose" in cells["type"])
    assert (read.layer is not None) == read.transposed


@pytest.mark.parametrize("kind", ["InstanceNorm", "InstanceNorm2d", "Flatten", "MaxPool2d"])
def test_layers_without_parameters_make_no_row(kind: str) -> None:
    more = {"kernel": 2} if "Pool" in kind else {"out": 8}
    assert read_table(f"{HEADER}\n{written(type=kind, **more)}").rows == ()


@given(reference.settings(), st.booleans())
def test_convolutions_have_what_an_allocated_layer_has(settings: dict[str, Any], up: bool) -> None:
    kernel, groups, bias = settings["kernel_size"], settings["groups"], settings["bias"]
    inputs, outputs = settings["in_channels"], settings["out_channels"]
    spatial = {"stride": settings["stride"], "padding": settings["padding"], "dilation": settings["dilation"]}
    extra = {"output_padding": settings["output_padding"]} if up else {}
    kind = f"Conv{'Transpose' if up else ''}{len(kernel)}d"
    read = row(
        type=kind, into=inputs, out=outputs, kernel=kernel, groups=groups, bias="yes" if bias else "no",
        **spatial, **extra,
    )  # fmt: skip
    held = reference.allocate(inputs, outputs, kernel, groups, bias)
    assert (read.weight_count, read.bias_count) == (held.weights, held.biases)
    if up:
        assert read.layer == ConvTranspose(**settings)


def narrowed(i: int, k: int, s: int, p: int, d: int) -> int:
    """Return how often a dilated kernel can be put down, by trying every place."""
    return sum(start + d * (k - 1) < i + 2 * p for start in range(0, i + 2 * p, s))


@given(reference.settings(crop=0), st.integers(1, 4))
def test_a_transposed_layer_in_a_chain_has_the_size_and_work_of_one_carried_out(
    settings: dict[str, Any], size: int
) -> None:
    kernel, groups = settings["kernel_size"], settings["groups"]
    spatial = {name: settings[name] for name in ("stride", "padding", "output_padding", "dilation")}
    inputs, outputs = settings["in_channels"], settings["out_channels"]
    text = f"{HEADER}\n" + written(
        type=f"ConvTranspose{len(kernel)}d", into=inputs, out=outputs, kernel=kernel, groups=groups, **spatial
    )
    read = chain_sizes(table_lines(text), size)[0]
    weights = [np.ones((inputs // groups, outputs // groups, *kernel))] * groups
    done = reference.carry_out(np.ones((inputs, *(size,) * len(kernel))), weights, **spatial)
    assert (read.output_size, read.multiply_accumulates) == (done.size, done.multiply_accumulates)


@given(*(st.integers(low, high) for low, high in ((1, 20), (1, 5), (1, 4), (0, 3), (1, 3))))
def test_an_ordinary_convolution_and_pooling_in_a_chain(i: int, k: int, s: int, p: int, d: int) -> None:
    conv = written(type="Conv1d", into=2, out=3, kernel=k, stride=s, padding=p, dilation=d)
    pool = written(type="MaxPool1d", kernel=2, stride=1)
    last = written(type="Conv1d", into=3, out=1, kernel=1)
    lines = table_lines("\n".join((HEADER, conv, pool, last)))
    after = narrowed(i, k, s, p, d)
    if after < 2:
        with pytest.raises(ReadError, match=r"Row [12] .*its kernel does not fit"):
            chain_sizes(lines, i)
        return
    first, second = chain_sizes(lines, i)
    assert (first.output_size, first.multiply_accumulates) == ((after,), after * 2 * 3 * k)
    assert (second.input_size, second.multiply_accumulates) == ((after - 1,), (after - 1) * 3)


# Keras 3.15, recorded: Conv2DTranspose on an input of 5, 'same' and 'valid'.
@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size"),
    [
        *((k, s, "same", 5 * s) for k in (1, 2, 3, 4, 5) for s in (1, 2, 3, 4)),
        *(
            (3, 2, "valid", 11),
            (2, 2, "valid", 10),
            (2, 4, "valid", 20),
            (5, 1, "valid", 9),
            (1, 3, "valid", 15),
        ),
    ],
)
def test_words_for_padding_are_those_of_keras(kernel: int, stride: int, padding: str, size: int) -> None:
    text = written(type="Conv2DTranspose", into=1, out=1, kernel=kernel, stride=stride, padding=padding)
    assert chain_sizes(table_lines(f"{HEADER}\n{text}"), 5)[0].output_size == (size, size)


@pytest.mark.parametrize(
    ("kernel", "stride", "size"), [(3, 1, 7), (4, 1, 7), (3, 2, 4), (2, 3, 3), (7, 7, 1)]
)
def test_same_of_an_ordinary_convolution(kernel: int, stride: int, size: int) -> None:
    text = written(type="Conv2D", into=1, out=1, kernel=kernel, stride=stride, padding="same")
    assert chain_sizes(table_lines(f"{HEADER}\n{text}"), 7)[0].output_size == (size, size)


@pytest.mark.parametrize(
    "text",
    [
        "name,type,in,out,kernel\nup,ConvTranspose2d,64,32,4\nnorm,BatchNorm,,32",
        "\ufeffName;Type;In;Out;Kernel size\r\nup;ConvTranspose2d;64;32;4\r\nnorm;BatchNorm;;32;\r\n",
        "kernel\ttype\tname\tin_channels\tout_channels\n4\tconvtranspose2d\tup\t64\t32\n\tbatchnorm\tnorm\t\t32",
        "layer,type,in_features,filters,kernel_size,strides\nup,ConvTranspose2d,64,32,4,2\nnorm,BatchNorm,,32,,",
        "| name | type | in | out | kernel |\n|---|:--|--:|---|---|\n"
        "| up | ConvTranspose2d | 64 | 32 | 4 |\n| norm | BatchNorm | | 32 | |",
        '# up\n\nname, type, in, out, kernel\n\nup, ConvTranspose2d, 64, 32, "4"\nnorm, BatchNorm, , 32',
    ],
)
def test_ways_to_write_the_same_table(text: str) -> None:
    assert recognises(text)
    read = read_table(text, name="decoder.csv")
    assert read.name == "decoder.csv"
    assert [(r.name, r.type, r.parameter_count) for r in read.rows] == [
        ("up", "ConvTranspose2d", 32_800),
        ("norm", "BatchNorm", 64),
    ]
    assert (read.parameter_count, read.transposed_count, read.trainable_count) == (32_864, 32_800, 32_864)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ConvTranspose2d(64, 32, kernel_size=(4, 4))",
        '{"type": "Linear", "in": 3}',
        "Sequential(\n  (0): Linear(in_features=2, out_features=3, bias=True)\n)",
        "| Name | Type | Params | Mode | In sizes |",
        "Layer (type)                Output Shape              Param #",
        "\x00" * 100,
        "type" * 100_000,
    ],
)
def test_other_texts_are_no_table(text: str) -> None:
    assert not recognises(text)


def test_names_are_made_where_there_are_none() -> None:
    assert [r.name for r in read_table("type,in,out\nLinear,2,3\nlinear,3,1").rows] == [
        "Linear 1",
        "Linear 2",
    ]


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"type": "Linear", "into": 3}, "Row 1 (a): Linear needs out, but the cell is empty."),
        ({"type": "Conv2d", "into": 3, "out": 4}, "Row 1 (a): Conv2d needs kernel, but the cell is empty."),
        (
            {"type": "Linear", "into": 3, "out": 4, "kernel": 2},
            "Row 1 (a): Linear has no kernel; leave the cell empty.",
        ),
        ({"type": "BatchNorm"}, "Row 1 (a): BatchNorm needs its channels, in or out."),
        (
            {"type": "BatchNorm", "into": 3, "out": 4},
            "Row 1 (a): BatchNorm must have equal in and out, received in=3, out=4.",
        ),
        ({"type": "Other"}, "Row 1 (a): Other needs count, but the cell is empty."),
        (
            {"type": "Linear", "into": 3, "out": 4, "bias": "maybe"},
            "Row 1 (a): bias must be yes or no, received 'maybe'.",
        ),
        (
            {"type": "ConvTranspose2d", "into": 3, "out": 64, "kernel": 4, "groups": 2},
            "Row 1 (a): groups must divide in_channels and out_channels, received groups=2, in_channels=3, "
            "out_channels=64.",
        ),
        (
            {"type": "ConvTranspose2d", "into": 3, "out": 64, "kernel": 4, "output_padding": 1},
            "Row 1 (a): output_padding must be smaller than stride or dilation on every axis, received "
            "output_padding=1, stride=1, dilation=1 on axis 0.",
        ),
        (
            {"type": "Conv2d", "into": 3, "out": 64, "kernel": 3, "stride": 2, "padding": "same"},
            "Row 1 (a): PyTorch has padding 'same' only with stride 1; enter a number.",
        ),
        (
            {"type": "Conv2DTranspose", "into": 3, "out": 64, "kernel": 3, "padding": 1},
            "Row 1 (a): Conv2DTranspose is a Keras type, whose padding must be same or valid.",
        ),
        (
            {"type": "Conv2DTranspose", "into": 4, "out": 4, "kernel": 3, "groups": 2},
            "Row 1 (a): Conv2DTranspose has no groups; leave the cell empty.",
        ),
        ({"into": 3, "out": 64}, "Row 1 (a): its type is missing. For another layer write Other"),
        ({"type": "Deconv", "out": 64}, "Row 1 (a): its type 'Deconv' is not one of ConvTranspose1d, Conv1d"),
        (
            {"type": "Linear", "into": 10**10, "out": 10**10},
            "Row 1 (a): it would have more than 10^18 parameters, which must be a mistake.",
        ),
        (
            {"type": "Linear", "into": 10**19, "out": 1},
            "Row 1 (a): in must be a whole number from 1 to 1,000,",
        ),
        (
            {"type": "Linear", "into": "4.5", "out": 1},
            "Row 1 (a): in must be a whole number from 1 to 1,000,",
        ),
        ({"type": "Linear", "into": "٤", "out": 1}, "Row 1 (a): in must be a whole number from 1 to 1,000,"),
    ],
)
def test_a_wrong_row_is_named(cells: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        row(name="a", **cells)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "name,in,out\na,2,3",
            "The first line of a table must name its columns, and one of them must be type.",
        ),
        ("type,in,out,color\n", "The table has a column 'color', which is not one of name, type, in"),
        ("type,in,in_channels\n", "The table has the column 'in' more than once."),
        ("type,in,out", "The table has column names, but no rows."),
        ("", "The first line of a table must name its columns"),
        (
            'type,in,out\nLinear,"2,3',
            "Line 2 cannot be split into cells: a quotation mark is not closed, or a cell is too long.",
        ),
        ("type,in,out\nLinear,2,3,4", "Row 1 (Linear 1): it has a cell '4' under no column."),
        ("type,in,out\n" + "\n" * 200_001, "The table has more than 200,000 lines"),
        (
            "type,in,out\n" + "#" * 20_000_001,
            "The table has 20,000,013 characters; at most 20,000,000 are read.",
        ),
    ],
)
def test_a_wrong_table_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_table(text)
    assert str(caught.value).startswith(sentence)


def chained(*rows: dict[str, Any]) -> Model:
    return read_table("\n".join([HEADER, *(written(**cells) for cells in rows)]))


def test_an_input_makes_a_chain() -> None:
    read = chained(
        {"type": "Input", "out": 4, "size": "8x6"},
        {"type": "Conv2d", "into": 4, "out": 8, "kernel": 3, "stride": 2, "padding": 1},
        {"type": "BatchNorm2d", "out": 8},
        {"type": "ReflectionPad2d", "padding": 1},
        {"type": "AvgPool2d", "kernel": 2},
        {"type": "Flatten"},
        {"type": "Linear", "into": 48, "out": 12},
        {"type": "Reshape", "out": 3, "size": 4},
        {"type": "ConvTranspose1d", "into": 3, "out": 1, "kernel": 4, "stride": 4},
    )
    # 8×6 → 4×3 → 6×5 → 3×2, 8 channels: 48 values; 12 become 3 × 4; 4 → 16.
    assert [(r.output_size, r.multiply_accumulates) for r in read.rows] == [
        ((4, 3), 12 * 4 * 8 * 9),
        ((4, 3), None),
        (None, 48 * 12),
        ((16,), 4 * 3 * 4),
    ]
    assert read.assumptions == (
        "Sizes and multiply–accumulates are of one sample; each layer reads the previous layer's output.",
    )


def test_another_input_size() -> None:
    lines = network("dcgan").lines()
    assert chain_sizes(lines, (1, 2))[-1].output_size == (64, 80)
    assert chain_sizes(network("vae").lines(), (16, 16))[-1].output_size == (28, 28)  # its input has no size
    norm = table_lines(f"{HEADER}\n{written(type='BatchNorm', out=8)}\n{written(**CONV)}")
    assert [read.output_size for read in chain_sizes(norm, 5)] == [(5, 5), (3, 3)]
    with pytest.raises(ReadError, match="input_size must be one whole number, or 2"):
        chain_sizes(lines, (1, 2, 3))


CONV = {"name": "c", "type": "Conv2d", "into": 8, "out": 8, "kernel": 3}


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            ({"type": "Input", "out": 4, "size": "8x8"}, CONV),
            "Row 2 (c): it needs 8 channels, but the previous row gives 4",
        ),
        (
            ({"type": "Input", "out": 8, "size": 8}, CONV),
            "Row 2 (c): it needs 2 spatial axes, but the previous row gives a size of 8",
        ),
        (
            ({"type": "Input", "out": 8}, CONV),
            "Row 2 (c): it needs 2 spatial axes, but the previous row gives no size",
        ),
        (
            ({"type": "Input", "out": 8, "size": "2x8"}, CONV),
            "Row 2 (c): its kernel does not fit into the padded",
        ),
        (
            (CONV, {"type": "Input", "out": 8, "size": "8x8"}),
            "Row 1 (c): a chain must begin with an Input and its size.",
        ),
        (
            (
                {"type": "Input", "out": 8, "size": "9x9"},
                CONV,
                {"name": "i", "type": "Input", "out": 8, "size": 1},
            ),
            "Row 3 (i): a chain has one Input, and it comes first.",
        ),
        (
            (
                {"type": "Input", "out": 8, "size": 10**18},
                {"name": "u", "type": "ConvTranspose1d", "into": 8, "out": 8, "kernel": 2, "stride": 2},
            ),
            "Row 2 (u): its output would be larger than 10^18, which must be a mistake.",
        ),
        (
            ({"type": "Input", "out": 8, "size": "8x8"}, {"name": "o", "type": "Other", "count": 3}),
            "Row 2 (o): the effect of Other on a size is unknown, so the rows do not form a chain.",
        ),
        (
            (
                {"type": "Input", "out": 8, "size": "8x8"},
                {"name": "l", "type": "Linear", "into": 8, "out": 3},
            ),
            "Row 2 (l): Linear in a chain must follow Flatten or another Linear.",
        ),
        (
            ({"type": "Input", "out": 8, "size": 4}, {"name": "r", "type": "Reshape", "out": 5}),
            "Row 2 (r): 32 values cannot be reshaped into 5.",
        ),
        (
            (
                {"type": "Input", "out": 32, "size": "7x7"},
                {"name": "f", "type": "Flatten", "out": 1500},
            ),
            "Row 2 (f): it gives 1,500 features, but the previous row gives 32 channels of size 7 × 7, "
            "which are 1,568 values.",
        ),
        (
            ({"type": "Input", "out": 32}, {"name": "f", "type": "Flatten", "out": 1500}),
            "Row 2 (f): it gives 1,500 features, but the previous row gives 32 features.",
        ),
        (
            (
                {"type": "Input", "out": 32, "size": "7x7"},
                {"type": "Flatten"},
                {"name": "l", "type": "Linear", "into": 32, "out": 3},
            ),
            "Row 3 (l): it needs 32 features, but the previous row gives 1,568 features: the rows do not",
        ),
        (
            (
                {"type": "Input", "out": 32, "size": "7x7"},
                {"name": "l", "type": "Linear", "into": 1568, "out": 3},
            ),
            "Row 2 (l): Linear in a chain must follow Flatten",
        ),
        (
            (
                {"type": "Input", "out": 8, "size": "1x1"},
                {"name": "u", "type": "ConvTranspose2d", "into": 8, "out": 8, "kernel": 2, "padding": 2},
            ),
            "Row 2 (u): padding must leave an output of at least 0",
        ),
    ],
)
def test_rows_that_are_no_chain_are_named(rows: Sequence[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        chained(*rows)
    assert str(caught.value).startswith(sentence)


FLAT = (
    {"type": "Input", "out": 32, "size": "7x7"},
    {"name": "f", "type": "Flatten", "out": 1568},
    {"name": "l", "type": "Linear", "into": 1568, "out": 10},
)


def test_flatten_may_say_how_many_features_it_gives() -> None:
    [read] = chained(*FLAT).rows
    assert read.multiply_accumulates == 15_680
    [_, read] = chained(
        {"type": "Input", "out": 4},
        {"type": "Linear", "into": 4, "out": 6},
        {"type": "Flatten", "into": 6, "out": 6},
        {"type": "Linear", "into": 6, "out": 2},
    ).rows
    assert read.multiply_accumulates == 12


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            FLAT[1:],
            "Row 2 (f): it gives 1,568 features, but the previous row gives 32 channels of size 8 × 8, "
            "which are 2,048 values: the row does not fit this input size.",
        ),
        (
            ({"type": "Flatten"}, {"name": "n", "type": "BatchNorm", "out": 1568}),
            "Row 3 (n): it needs 1,568 features, but the previous row gives 2,048 features: the row does "
            "not fit this input size.",
        ),
        (
            ({"name": "c", "type": "Conv2d", "into": 32, "out": 4, "kernel": 1}, {"type": "Flatten"},
             {"name": "l", "type": "Linear", "into": 196, "out": 10}),
            "Row 4 (l): it needs 196 features, but the previous row gives 256 features: the row does not "
            "fit this input size.",
        ),
        (
            ({"name": "r", "type": "Reshape", "out": 1568},),
            "Row 2 (r): 2,048 values cannot be reshaped into 1,568: the row does not fit this input size.",
        ),
        (
            ({"name": "c", "type": "Conv2d", "into": 3, "out": 4, "kernel": 1},),
            "Row 2 (c): it needs 3 channels, but the previous row gives 32: the rows do not form a chain.",
        ),
        (
            ({"type": "Flatten"}, {"type": "Linear", "into": 2048, "out": 10},
             {"name": "l", "type": "Linear", "into": 11, "out": 10}),
            "Row 4 (l): it needs 11 features, but the previous row gives 10 features: the rows do not "
            "form a chain.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_an_input_size_is_told(changed: Sequence[dict[str, Any]], sentence: str) -> None:
    lines = table_lines("\n".join([HEADER, *(written(**cells) for cells in (FLAT[0], *changed))]))
    with pytest.raises(ReadError) as caught:
        chain_sizes(lines, 8)
    assert str(caught.value) == sentence


def test_the_own_size_of_a_table_is_no_other_input_size() -> None:
    lines = table_lines(f"{HEADER}\n{written(**FLAT[0])}\n{written(type='Flatten', out=5)}")
    with pytest.raises(ReadError, match=r"1,568 values\.$"):
        chain_sizes(lines, 7)


def test_layers_without_axes_need_no_size() -> None:
    linear = ({"type": "Linear", "into": 3, "out": 4}, {"type": "Linear", "into": 4, "out": 5, "bias": "no"})
    read = chained({"type": "Input", "out": 3}, *linear)
    assert [row.multiply_accumulates for row in read.rows] == [3 * 4, 4 * 5]
    assert read.assumptions
    # Only an Input says that each row is fed by the one before it.
    assert [row.multiply_accumulates for row in chained(*linear).rows] == [None, None]
    for start in ([{"type": "Input", "out": 3}], []):
        text = "\n".join([HEADER, *(written(**cells) for cells in (*start, *linear))])
        assert chain_rank(table_lines(text)) == 0


def test_a_long_name_is_refused() -> None:
    def named(name: str) -> str:
        return f"name,type,in,out\na,Linear,1,1\n{name},Linear,1,1"

    assert read_table(named(".".join("a" * 150) + "b")).rows[1].name.endswith(".ab")
    with pytest.raises(ReadError) as caught:
        read_table(named("a." * 6_000))
    assert str(caught.value) == "Row 2: its name has 12,000 characters; at most 300 are read."
    with pytest.raises(ReadError, match="301 characters"):
        read_table(named("a" * 301))


def test_every_type_is_read_with_what_it_needs() -> None:
    example = {"in": 4, "out": 4, "kernel": 1, "count": 7, "padding": 1}
    for name, kind in TYPES.items():
        needed = {column: example[column] for column in (kind.required or ("out",))}
        read_table(f"type,{','.join(needed)}\n{name},{','.join(map(str, needed.values()))}")


def test_only_a_read_error_escapes() -> None:
    outcomes = {"read": 0, "refused": 0}
    for text in cases(1_000, seed=7):
        recognises(text)
        try:
            read = read_table(text)
            assert read.parameter_count == sum(r.parameter_count for r in read.rows)
            outcomes["read"] += 1
        except ReadError:
            outcomes["refused"] += 1
    assert min(outcomes.values()) > 100, outcomes
