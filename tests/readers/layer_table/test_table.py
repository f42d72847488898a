"""The table of layers: the ways to write it, and the texts that are refused."""

import pytest

from calculator.readers import ReadError
from calculator.readers.layer_table.table import read_table, recognises
from tests.fuzz.fuzz_layer_table import cases


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
        ("type,in,out\n" + "\n" * 200_001, "The table has more than 200,000 lines, which is the maximum."),
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
