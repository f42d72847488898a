"""PEFT's line, alone and beside a print."""

import pytest

from calculator.readers import read
from calculator.readers.model import ReadError
from calculator.readers.printed_tables.stated_totals import recognises

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


def test_a_line_that_agrees_beside_a_module_that_is_not_counted() -> None:
    # VeRA of peft 0.21 prints a BufferDict, which no reader knows, and which has no parameters.
    model = read(PRINT.replace("(fc)", "(vera_A): BufferDict()\n  (fc)") + LINE.format("10", "32,810"))
    assert not model.complete
    assert (model.parameter_count, model.trainable_count) == (32810, 10)


def test_a_line_with_more_trained_than_all_is_not_used() -> None:
    assert read(PRINT + LINE.format("32,811", "32,810")).trainable_count == 32810


@pytest.mark.parametrize("text", [LINE.format("10", "32,811"), "Total params: 5\nTrainable params: 5\n"])
def test_totals_alone_are_refused(text: str) -> None:
    with pytest.raises(ReadError, match="totals alone do not show"):
        read(text)


def test_long_texts_with_a_total_somewhere_are_not_totals() -> None:
    assert not recognises("Total params: 5\n" + "text\n" * 60)
