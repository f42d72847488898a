"""The printed table of Keras' ``model.summary()``: damaged, foreign and hostile tables."""

import contextlib
import time

import pytest

from calculator.readers.keras.summary import read_keras_summary
from calculator.readers.model import ReadError
from tests.helpers.keras_summary import KERAS_2_SUMMARY


def test_a_table_that_lost_its_spaces() -> None:
    text = "\n".join(" ".join(line.split()) for line in KERAS_2_SUMMARY.splitlines())
    model = read_keras_summary(text)
    assert (model.parameter_count, model.transposed_count) == (2328576, 1024000)


def test_a_table_of_torchsummary_is_not_taken_for_keras() -> None:
    text = """        Layer (type)               Output Shape         Param #
================================================================
   ConvTranspose2d-1           [-1, 32, 16, 16]      32,800,000
"""
    with pytest.raises(ReadError, match="torchsummary"):
        read_keras_summary(text)


def test_long_lines_take_linear_time() -> None:
    started = time.perf_counter()
    for filler in ("(", ") ", "x (A) (" + ")" * 1900, "1," * 1000, "│" * 2000, "a " * 1000):
        body = "\n".join([filler * (2000 // len(filler))] * 500)
        with contextlib.suppress(ReadError):
            read_keras_summary("Layer (type)  Output Shape  Param #\n" + body)
    assert time.perf_counter() - started < 5
