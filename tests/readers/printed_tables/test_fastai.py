"""Tables of fastai's ``learn.summary()``, written after fastai/callback/hook.py; the numbers are by hand."""

import pytest

from calculator.readers import read
from calculator.readers.model import MAX_ROWS, ReadError
from calculator.readers.printed_tables.fastai import WEIGHTS, read_fastai, recognises

SECOND = f"""Generator (Input shape: 16 x 8)
{"=" * 76}
Layer (type)         Output Shape         Param #    Trainable{" "}
{"=" * 76}
                     16 x 512           {" "}
Linear                                    4608       False{"     "}
{"_" * 76}
                     16 x 32 x 4 x 4    {" "}
View{" " * 53}
ConvTranspose2d                           16416      True{"      "}
BatchNorm2d                               64         True{"      "}
ReLU
{"_" * 76}

Total params: 21,088
Total trainable params: 16,480
Total non-trainable params: 4,608

Optimizer used: <function Adam at 0x7f0>
"""
# 8·512 + 512; 32·32·4·4 + 32; 2·32.

FIRST = f"""{"=" * 70}
Layer (type)         Output Shape         Param #    Trainable
{"=" * 70}
ConvTranspose2d      [32, 8, 8]           16,416     True
{"_" * 70}
BatchNorm2d          [32, 8, 8]           64         False
{"_" * 70}
ReLU                 [32, 8, 8]           0          False
{"_" * 70}

Total params: 16,480
Total trainable params: 16,416
Total non-trainable params: 64
"""


def test_fastai_2() -> None:
    model = read(SECOND)
    assert (model.parameter_count, model.transposed_count, model.trainable_count) == (21088, 16416, 16480)
    assert (model.name, model.format, model.complete) == ("Generator", "fastai summary", True)
    assert WEIGHTS in model.assumptions


def test_a_name_stands_in_a_line_of_its_own() -> None:
    assert read("learn.summary()\n" + SECOND).name == "Generator"


def test_fastai_1() -> None:
    model = read(FIRST)
    assert (model.parameter_count, model.transposed_count, model.trainable_count) == (16480, 16416, 16416)
    assert (model.rows[1].weight_count, model.rows[1].bias_count) == (0, 0)


@pytest.mark.parametrize(
    ("old", "new"),
    [("16416 ", "16.4 K"), ("16416 ", "16 416"), ("16416      True", "          True"), ("16416", "1641…")],
)
def test_a_count_in_doubt_makes_an_unknown_row(old: str, new: str) -> None:
    model = read(SECOND.replace(old, new))
    assert [(row.type, row.known) for row in model.rows] == [
        ("Linear", True), ("ConvTranspose2d", False), ("BatchNorm2d", True),
    ]  # fmt: skip


def test_recurrent_layers_and_lines_left_out_are_not_zero() -> None:
    model = read(SECOND.replace("View ", "LSTM "))
    assert [row.type for row in model.unknown] == ["LSTM"]
    model = read(SECOND.replace("View ", "...  "))
    assert not model.complete


def test_other_tables_are_not_taken_for_it() -> None:
    assert not recognises("Layer (type)  Output Shape  Param #  Trainable\nup (Dense)  (None, 8)  9  Y")
    with pytest.raises(ReadError, match="not a table of fastai"):
        read_fastai("")
    with pytest.raises(ReadError, match="rows"):
        read_fastai(SECOND.replace("ReLU\n", "ReLU\n" * (MAX_ROWS + 1)))
