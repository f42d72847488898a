"""PEFT's line, alone and beside a print."""

import pytest

from calculator.readers import read
from calculator.readers.layer_table.chain import edit_problem
from calculator.readers.model import ReadError
from calculator.readers.printed_tables.stated_totals import recognises
from calculator.readers.totals import total_text, trainable_text

PRINT = """Net(
  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4))
  (fc): Linear(in_features=4, out_features=2)
)
"""
# 64·32·16 + 32 and 4·2 + 2: 32,810 together.
LINE = "trainable params: {} || all params: {} || trainable%: 0.03047851264858275\n"


@pytest.mark.parametrize("total", ["32,810", "32810"])
def test_a_line_that_agrees_says_how_many_are_trained(total: str) -> None:
    for text in (PRINT + LINE.format("10", total), LINE.format("10", total) + PRINT):
        model = read(text)
        assert (model.parameter_count, model.trainable_count) == (32810, 10)
        assert any("PEFT's line agrees: 32,810 parameters, 10 of them" in said for said in model.assumptions)


def test_a_line_that_disagrees_is_said_with_both_numbers() -> None:
    model = read(PRINT + LINE.format("10", "32,811"))
    assert model.trainable_count == 32810
    assert any(
        "PEFT counts 32,811 parameters, the rows add up to 32,810" in said for said in model.assumptions
    )
    unknown = read(PRINT.replace("Linear", "LoraLinear") + LINE.format("10", "32,811"))
    assert any("in what is not counted" in said for said in unknown.assumptions)
    assert [row.type for row in unknown.unknown] == ["LoraLinear"]


def test_a_line_that_agrees_beside_a_module_that_is_not_counted() -> None:
    # VeRA of peft 0.21 prints a BufferDict, which no reader knows, and which has no parameters.
    model = read(PRINT.replace("(fc)", "(vera_A): BufferDict()\n  (fc)") + LINE.format("10", "32,810"))
    assert not model.complete
    assert (model.parameter_count, model.trainable_count) == (32810, 10)


def test_a_line_with_more_trained_than_all_is_not_used() -> None:
    model = read(PRINT + LINE.format("32,811", "32,810"))
    assert model.trainable_count == 32810
    assert "32,811 trained parameters, which is more than all 32,810" in model.assumptions[-1]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Total params: 33,000", "counts 33,000 parameters, the rows add up to 32,810"),
        ("Total number of parameters: 100", "counts 100 parameters, the rows add up to 32,810"),
        ("Number of parameters: 32,000", "32,000 parameters, the rows add up to 32,810"),
        (
            "Total params: 32,810\nTrainable params: 32,800",
            "agrees: 32,810 parameters, 32,800 of them trained",
        ),
        (
            "Total params: 32,810\nNon-trainable params: 10",
            "agrees: 32,810 parameters, 32,800 of them trained",
        ),
    ],
)
def test_a_total_beside_a_print_is_compared(line: str, words: str) -> None:
    for text in (f"{PRINT}{line}\n", f"{line}\n{PRINT}"):
        model = read(text)
        assert words in model.assumptions[-1]
        assert model.parameter_count == 32810
        # More than a print shows may be parameters of the module itself, fewer may be shared ones.
        assert model.complete is ("agrees" in words)
        low = "32,000" if "32,000" in line else "100"
        expected = "at least 32,810" if "33,000" in line else f"{low} to 32,810"
        assert total_text(model).startswith("32,810" if "agrees" in words else expected)
        assert model.trainable_count == (32_800 if "agrees" in words else 32_810)


def test_totals_of_several_prints_are_those_of_all() -> None:
    both = f"{PRINT}Total params: 32,810\n{PRINT.replace('Net', 'Other').replace('64', '65')}"
    for total in ("Total params: 33,322", "Total params: 66,132"):
        assert not any("rows add up" in said for said in read(f"{both}{total}\n").assumptions)
    assert any("rows add up" in said for said in read(f"{both}Total params: 9\n").assumptions)
    each = "Total params: {}\nTrainable params: 10\n"
    other = PRINT.replace("Net", "Other").replace("64", "65")
    model = read(f"{PRINT}{each.format('32,810')}{other}{each.format('33,322')}")
    assert model.trainable_count == model.parameter_count == 66_132
    # A rounded total is not one.
    assert not any("rows add up" in said for said in read(f"{PRINT}Total params: 32.9 K\n").assumptions)


LORA = """PeftModel(
  (lin): Linear(
    (base_layer): Linear(in_features=10, out_features=5, bias=True)
    (lora_A): ModuleDict(
      (default): Linear(in_features=10, out_features=2, bias=False)
    )
    (lora_B): ModuleDict(
      (default): Linear(in_features=2, out_features=5, bias=False)
    )
  )
  (head): ModulesToSaveWrapper(
    (original_module): Linear(in_features=5, out_features=3, bias=True)
    (modules_to_save): ModuleDict(
      (default): Linear(in_features=5, out_features=3, bias=True)
    )
  )
  (out): Linear(in_features=3, out_features=2, bias=True)
)
"""
# 55 in the layer, 20 + 10 in its adapter, 18 in each of both heads, and 8: 129.


@pytest.mark.parametrize(
    ("trained", "agrees"),
    [(48, True), (53, True), (55, True), (58, True), (56, False), (47, False), (30, False), (129, False)],
)
def test_the_trained_number_is_that_of_the_adapters_or_that_is_said(trained: int, agrees: bool) -> None:
    model = read(LINE.format(trained, 129) + LORA)  # With bias="all" biases are trained too.
    assert model.trainable_count == trained
    assert any("PEFT's line agrees" in said for said in model.assumptions) is agrees
    said = f"PEFT counts {trained} trained parameters, and the rows show 48."
    assert (said in model.assumptions) is not agrees
    assert not any("are frozen" in sentence for sentence in model.assumptions)


def test_the_trained_number_is_compared_where_the_rows_show_it() -> None:
    rows = (
        "a.weight torch.Size([5, 10]) requires_grad=True\nb.weight torch.Size([8, 4]) requires_grad=False\n"
    )
    assert any("line agrees" in said for said in read(rows + LINE.format(50, 82)).assumptions)
    assert any("and the rows show 50" in said for said in read(rows + LINE.format(60, 82)).assumptions)
    table = (
        "Layer (type:depth-idx)   Output Shape   Param #\nNet   [1, 5]   --\n├─Linear: 1-1   [1, 5]   55\n"
        "├─Linear: 1-2   [1, 5]   (30)\nTotal params: 85\nTrainable params: 55\nNon-trainable params: 30\n"
    )
    assert any("and the rows show 55" in said for said in read(table + LINE.format(54, 85)).assumptions)


@pytest.mark.parametrize("text", [LINE.format("10", "32,811"), "Total params: 5\nTrainable params: 5\n"])
def test_totals_alone_are_refused(text: str) -> None:
    with pytest.raises(ReadError, match="totals alone do not show"):
        read(text)


def test_long_texts_with_a_total_somewhere_are_not_totals() -> None:
    assert not recognises("Total params: 5\n" + "text\n" * 60)


@pytest.mark.parametrize(
    ("line", "trained", "complete"),
    [
        ("Non-trainable params: 10", "32,800", True),
        ("Trainable params: 10", "10", True),
        ("Trainable params: 40,000", "all that are counted", False),
    ],
)
def test_trained_parameters_are_stated_without_a_total(line: str, trained: str, complete: bool) -> None:
    model = read(f"{PRINT}{line}\n")
    assert (trainable_text(model), model.complete) == (trained, complete)


def test_a_model_whose_stated_total_disagrees_is_not_a_table_for_a_link() -> None:
    text = "Net(\n  (up): ConvTranspose2d(8, 4, kernel_size=(4, 4), stride=(2, 2))\n)\n"
    assert edit_problem(read(text)) == ""
    assert "more than the total" in edit_problem(read(f"{text}Total params: 9\n"))
