"""The cells of a row: invalid cells are refused with the number and the name of the row."""

from typing import Any

import pytest

from calculator.readers import ReadError
from calculator.readers.layer_table.table import read_table
from tests.helpers.layer_tables import row


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
            {"type": "Upsample", "scale_factor": "2e-05x2000.5"},
            "Row 1 (a): scale_factor must be numbers above 0, at most 1,024, received '2000.5'.",
        ),
        (
            {"type": "Upsample", "scale_factor": "1e5"},
            "Row 1 (a): scale_factor must be numbers above 0, at most 1,024, received '1e5'.",
        ),
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
        (
            {"type": "Embedding", "into": 4, "out": 4, "bias": "no"},
            "Row 1 (a): Embedding has no bias; leave the cell empty.",
        ),
        (
            {"type": "PReLU", "out": 4, "bias": "no"},
            "Row 1 (a): PReLU has no bias; leave the cell empty.",
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
        ({"type": "Upsample"}, "Row 1 (a): Upsample needs either scale_factor or size."),
        (
            {"type": "Upsample", "scale_factor": 2, "size": 8},
            "Row 1 (a): Upsample needs either scale_factor or size.",
        ),
        (
            {"type": "UpSampling3D", "scale_factor": "2x1"},
            "Row 1 (a): scale_factor must be one number, or 3 (one per axis), received '2x1'.",
        ),
        (
            {"type": "AdaptiveAvgPool1d", "size": "2x3"},
            "Row 1 (a): size must be one number, or 1 (one per axis), received '2x3'.",
        ),
    ],
)
def test_a_wrong_row_is_named(cells: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        row(name="a", **cells)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(("axes", "count"), [("2", 2), ("2x3", 6), ("2×3×4", 24)])
def test_a_size_has_up_to_three_axes(axes: str, count: int) -> None:
    assert row(type="PReLU", out=1, size=axes).parameter_count == count
    with pytest.raises(ReadError, match=r"size must be 1, 2 or 3 numbers separated by x, received '.*x9'"):
        row(type="PReLU", out=1, size="2x3x4x9")


def test_names_are_made_where_there_are_none() -> None:
    assert [r.name for r in read_table("type,in,out\nLinear,2,3\nlinear,3,1").rows] == [
        "Linear 1",
        "Linear 2",
    ]


def test_a_long_name_is_refused() -> None:
    def named(name: str) -> str:
        return f"name,type,in,out\na,Linear,1,1\n{name},Linear,1,1"

    assert read_table(named(".".join("a" * 150) + "b")).rows[1].name.endswith(".ab")
    with pytest.raises(ReadError) as caught:
        read_table(named("a." * 6_000))
    assert str(caught.value) == "Row 2: its name has 12,000 characters; at most 300 are read."
    with pytest.raises(ReadError, match="301 characters"):
        read_table(named("a" * 301))
