"""What the totals say where something is not counted, or undecided."""

import json

import pytest

from calculator.readers import Model, ReadError, Row, read
from calculator.readers.model import left_out_row
from calculator.readers.model_json import read_model, write_model
from calculator.readers.totals import (
    not_counted_sentence,
    not_counted_text,
    total_text,
    trainable_text,
    transposed_text,
    undecided_sentence,
)

LINEAR = Row("fc", "Linear", (3, 2), 6, 3)
UP = Row("up", "ConvTranspose2d", (64, 32, 4, 4), 32_768, 32, transposed=True)
SQUARE = Row("mid", "Conv2d", (8, 8, 3, 3), 576, undecided=True)
OWN = Row("own", "MyLayer", known=False, note="Its class is not known.")


def test_a_complete_model_has_bare_numbers() -> None:
    model = Model((LINEAR, UP), "")
    assert (total_text(model), transposed_text(model), trainable_text(model)) == ("32,809", "32,800", "all")
    assert (not_counted_text(model), not_counted_sentence(model, 3), undecided_sentence(model)) == (
        "",
        "",
        "",
    )


def test_a_model_with_a_gap_has_minimums() -> None:
    model = Model((LINEAR, UP, OWN), "")
    assert total_text(model) == "at least 32,809 · 1 module not counted"
    assert transposed_text(model) == "at least 32,800"
    assert trainable_text(model) == "all that are counted"
    assert trainable_text(model, in_words=False) == "at least 32,809"
    assert not_counted_sentence(model, 3) == "Not counted, so that every total is a minimum: own (MyLayer)."
    assert total_text(Model((LINEAR, left_out_row("up", "12 more")), "")) == "at least 9 · lines left out"


def test_repeated_modules_are_counted_one_by_one() -> None:
    text = "M(\n  (a): Linear(2, 3)\n  (0-13): 14 x Block(\n    (x): Own()\n    (y): Own()\n  )\n)"
    model = read(text)
    assert total_text(model) == "at least 9 · 28 modules not counted"
    assert "0-13.x (Own)" in model.assumptions[0]


def test_an_undecided_type_makes_a_range() -> None:
    model = Model((UP, SQUARE), "")
    assert transposed_text(model) == "32,800 to 33,376"
    assert (model.transposed_count, model.undecided_count) == (32_800, 576)
    assert undecided_sentence(model).endswith("576 parameters in 1 layer.")
    assert transposed_text(Model((UP, SQUARE, OWN), "")) == "at least 32,800, and 576 undecided"


def test_a_stated_trainable_count_wins() -> None:
    model = Model((LINEAR, UP), "", stated_trainable_count=80)
    assert (model.trainable_count, trainable_text(model)) == (80, "80")
    assert read_model(write_model(model)) == model


def test_json_has_null_for_what_is_not_known() -> None:
    document = json.loads(write_model(Model((UP, SQUARE, OWN), "")))
    assert document["complete"] is False
    for total in ("parameter_count", "transposed_count", "trainable_count"):
        assert document[total] is None
    assert document["at_least"] == {
        "parameter_count": 33_376,
        "transposed_count": 32_800,
        "trainable_count": 33_376,
    }
    assert document["undecided_count"] == 576
    assert [row["parameter_count"] for row in document["rows"]] == [32_800, 576, None]
    assert document["rows"][2]["weight_count"] is None
    decided = json.loads(write_model(Model((UP, SQUARE), "")))
    assert (decided["complete"], decided["parameter_count"], decided["transposed_count"]) == (
        True,
        33_376,
        None,
    )


@pytest.mark.parametrize("text", ["M(\n  (a): Own()\n)", "M(\n  (a): Own()\n  (b): Own()\n  (c): ReLU()\n)"])
def test_where_nothing_could_be_counted_there_is_no_number(text: str) -> None:
    with pytest.raises(
        ReadError, match=r"Nothing in this model could be counted\. a \(Own\) could not: Own is"
    ):
        read(text)


def test_a_model_without_parameters_has_none() -> None:
    assert read("M(\n  (a): ReLU()\n)").parameter_count == 0


ROWS_WITH_TOTAL = {
    "Keras": (
        "| Layer (type) | Output Shape | Param # |\n|---|---|---|\n| dense (Dense) | (None, 64) | 704 |\n"
        "| up (Conv2DTranspose) | (None, 9, 9, 8) | 296 |\n| **Total** | | **1,000** |\n",
        (1000, 296),
    ),
    "torchinfo": (
        "| Layer (type:depth-idx) | Output Shape | Param # |\n|---|---|---|\n| Net | [1, 3] | -- |\n"
        "| ├─Linear: 1-1 | [1, 5] | 55 |\n| ├─Linear: 1-2 | [1, 4] | 52 |\n| Total | | 107 |\n",
        (107, 0),
    ),
    "torchsummary": (
        "        Layer (type)               Output Shape         Param #\n================\n"
        "            Linear-1                   [-1, 5]              55\n"
        "   ConvTranspose2d-2            [-1, 2, 9, 9]              68\n"
        "               Total                                      123\n",
        (123, 68),
    ),
}


@pytest.mark.parametrize(("text", "counts"), ROWS_WITH_TOTAL.values(), ids=ROWS_WITH_TOTAL)
def test_a_last_row_with_the_total_is_no_layer(text: str, counts: tuple[int, int]) -> None:
    model = read(text)
    assert (model.parameter_count, model.transposed_count, model.complete) == (*counts, True)
    # The total is compared with the rows.
    wrong = text.replace(f"{counts[0]:,}", f"{counts[0] + 1:,}")
    assert not read(wrong).complete


AROUND = {
    "a list of tensors": "a.weight torch.Size([5, 10])\n{}\nb.weight torch.Size([5, 10])\n",
    "after a print": "Net(\n  (a): Linear(in_features=10, out_features=5, bias=True)\n)\n{}\n",
    "before a print": "{}\nNet(\n  (a): Linear(in_features=10, out_features=5, bias=True)\n)\n",
    "a comment in code": "a = nn.Linear(10, 5)\n# {}\nb = nn.Linear(10, 5)\n",
    "a comment behind code": "a = nn.Linear(10, 5)  # {}\nb = nn.Linear(10, 5)\n",
}
LEFT_OUT = (
    "and 20 more",
    "(12 layers omitted)",
    "and so on",
    "etc",
    "[snip]",
    "more layers",
    "Rest not shown",
    "(abridged)",
    "more blocks",
    "(the decoder is the same)",
    "only the first layers are shown",
    "rest omitted for brevity",
)
NOT_LEFT_OUT = ("the network of lesson 3", "Validation skipped", "Skipped 3 batches", "2 more epochs")


@pytest.mark.parametrize("text", AROUND.values(), ids=AROUND)
def test_lines_left_out_make_a_total_a_minimum_wherever_it_is_said(text: str) -> None:
    assert [words for words in LEFT_OUT if read(text.format(words)).complete] == []
    assert [words for words in NOT_LEFT_OUT if not read(text.format(words)).complete] == []


TABLE = """Layer (type:depth-idx)   Output Shape     Param #
==========================================================
Net                      [1, 32, 16, 16]  --
├─ConvTranspose2d: 1-1   [1, 32, 16, 16]  {up}
├─Linear: 1-2            [1, 24]          600
==========================================================
Total params: {total}
Trainable params: {total}
Non-trainable params: 0
==========================================================
"""


def test_rows_above_the_stated_total_make_every_total_a_range() -> None:
    model = read(TABLE.format(up="1,024", total="739"))
    assert total_text(model) == "739 to 1,624 · rows and stated total disagree"
    assert (transposed_text(model), trainable_text(model)) == ("139 to 1,024", "all that are counted")
    assert trainable_text(model, in_words=False) == "739 to 1,624"
    assert (model.surplus, model.complete, model.parameter_count) == (885, False, 1624)
    document = json.loads(write_model(model))
    assert (document["complete"], document["parameter_count"], document["transposed_count"]) == (
        False,
        None,
        None,
    )
    assert document["at_least"]["parameter_count"] == 739
    assert document["at_most"] == {
        "parameter_count": 1624,
        "transposed_count": 1024,
        "trainable_count": 1624,
    }
    assert read_model(write_model(model)) == model
    agreeing = read(TABLE.format(up="139", total="739"))
    assert (total_text(agreeing), agreeing.surplus) == ("739", 0)


def test_a_surplus_beside_what_is_not_counted_leaves_a_minimum() -> None:
    model = Model((LINEAR, UP, OWN), "", surplus=9)
    assert total_text(model) == "at least 32,800 · 1 module not counted, and rows and stated total disagree"
    assert transposed_text(model) == "at least 32,791"
    assert json.loads(write_model(model))["at_most"]["parameter_count"] is None
    # No total is below 0, and the undecided parameters are on top.
    assert transposed_text(Model((LINEAR, SQUARE), "", surplus=9)) == "0 to 576"
    assert transposed_text(Model((UP, SQUARE), "", surplus=9)) == "32,791 to 33,376"
    assert transposed_text(Model((LINEAR,), "", surplus=4)) == "0"


def test_a_number_of_trained_parameters_that_is_not_known_is_a_question_mark() -> None:
    model = Model((LINEAR, UP), "", trained_known=False)
    assert (trainable_text(model), trainable_text(model, in_words=False)) == ("?", "?")
    document = json.loads(write_model(model))
    assert (document["complete"], document["parameter_count"], document["trainable_count"]) == (
        True,
        32_809,
        None,
    )
    assert (document["at_least"]["trainable_count"], document["at_most"]["trainable_count"]) == (0, 32_809)
    assert read_model(write_model(model)) == model


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("a.weight torch.Size([4, 3])\na.bias torch.Size([4])\nTotal parameters: 10", "10 to 16"),
        ("a.weight torch.Size([4, 3])\na.bias torch.Size([4])\nTotal parameters: 20", "at least 16"),
        ("a.weight torch.Size([4, 3])\na.bias torch.Size([4])\nTotal parameters: 16", "16"),
        ("N(\n  (a): Linear(in_features=3, out_features=4, bias=True)\n)\nTotal params: 10", "10 to 16"),
        ("N(\n  (a): Linear(in_features=3, out_features=4, bias=True)\n)\nTotal params: 20", "at least 16"),
        ("| Layer (type) | Output Shape | Param # |\n|---|---|---|\n| a (Dense) | (None, 4) | 16 |\n"
         "Total params: 10", "10 to 16"),
        ("Layer (type)   Output Shape   Param #   Trainable\n====\nLinear   [1, 4]   16   True\n\n"
         "Total params: 10", "10 to 16"),
    ],
)  # fmt: skip
def test_every_reader_compares_its_rows_with_the_stated_total(text: str, total: str) -> None:
    assert total_text(read(text)).partition(" · ")[0] == total


def test_what_a_print_does_not_show_of_frozen_parameters_is_not_guessed() -> None:
    text = "N(\n  (a): Linear(in_features=3, out_features=4, bias=True)\n)\n"
    text += "Total params: 20\nTrainable params: 4"
    assert trainable_text(read(text)) == "?"
    assert trainable_text(read(text.replace("params: 4", "params: 20"))) == "all that are counted"


def test_a_smaller_total_of_another_part_is_the_least() -> None:
    text = "N(\n  (up): ConvTranspose2d(4, 4, kernel_size=(16, 16), bias=False)\n"
    text += "  (a): Linear(in_features=24, out_features=25, bias=False)\n)\n\n"
    text += TABLE.format(up="139", total="739")
    assert total_text(read(text)) == "at least 739 · 1 part of the text not counted"
