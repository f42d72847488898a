"""Tables of the picture page: what is in them is what a layer carried out gives."""

import itertools
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.geometry.framework_sizes import size_rows
from calculator.geometry.size_solver import framework_solutions, solve_axis
from calculator.tables.picture import size_table, solutions_table, ways_table
from tests.helpers import reference

ONES = {"in_channels": 1, "out_channels": 1, "groups": 1, "bias": False}


def carried(made: ConvTranspose, size: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the size of a transposed convolution that is carried out; ``None`` when nothing is left."""
    spatial = {name: getattr(made, name) for name in ("stride", "padding", "output_padding", "dilation")}
    try:
        return reference.carry_out(np.ones((1, *size)), [np.ones((1, 1, *made.kernel_size))], **spatial).size
    except reference.NothingLeftError:
        return None


def exact(frame: pd.DataFrame) -> None:
    assert set(frame.dtypes) <= {np.dtype(object)}
    for value in frame.to_numpy().ravel():
        assert type(value) in (int, str, tuple, type(None))


@configured(max_examples=60, deadline=None)
@given(settings=reference.settings(channels=1, crop=2), size=st.integers(1, 4))
def test_the_first_size_is_that_of_the_layer(settings: dict[str, Any], size: int) -> None:
    made = ConvTranspose(**settings | ONES)
    frame = size_table(made, size)
    exact(frame)
    assert list(frame.columns) == ["framework", "arguments", "formula", "with numbers", "output size"]
    assert len(frame) == len(size_rows(made, size)) == 8
    wanted = carried(made, (size,) * made.rank)
    assert frame["output size"][0] == wanted
    assert (frame["framework"][0], frame["formula"][0]) == ("PyTorch", "(i − 1)s − 2p + K + op")
    for row, source in zip(frame.itertuples(index=False), size_rows(made, size), strict=True):
        numbers, output = row[3], row[4]
        if output is None:
            # A refusal is a sentence.
            assert numbers == source.problem
            assert re.search(r"[a-z]{3}.*\.$", numbers)
        else:
            worth = [value(text) for text in numbers.split("; ")]
            assert tuple(worth * made.rank if len(worth) == 1 else worth) == output


def value(text: str) -> int:
    """Return what a formula with its numbers comes to."""
    assert re.fullmatch(r"[\d,+−×()maxin ]+", text)
    # Commas stand in numbers without a space after them, and between the two of a maximum with one.
    plain = re.sub(r",(?=\d)", "", text).replace("−", "-").replace("×", "*")
    return int(eval(plain, {"__builtins__": {}, "max": max, "min": min}))


def test_axes_that_agree_share_their_numbers() -> None:
    made = ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=2, padding=1)
    assert size_table(made, 16)["with numbers"][0] == "(16 − 1) × 2 − 2 × 1 + 4 + 0"
    assert size_table(made, (16, 8))["with numbers"][0] == (
        "(16 − 1) × 2 − 2 × 1 + 4 + 0; (8 − 1) × 2 − 2 × 1 + 4 + 0"
    )
    assert size_table(made, (16, 8))["output size"][0] == (32, 16)


def test_a_brief_table_has_one_axis_and_no_reasons() -> None:
    made = ConvTranspose(in_channels=2, out_channels=2, kernel_size=(4, 3), stride=2, padding=1, groups=2)
    frame, whole = size_table(made, 16, brief=True), size_table(made, 16)
    assert list(frame.columns) == [name.replace("numbers", "numbers, height") for name in whole.columns]
    for brief, full in zip(frame["with numbers, height"], whole["with numbers"], strict=True):
        assert brief in (full.split("; ")[0], "not possible")
    refused = frame["with numbers, height"] == "not possible"
    assert list(refused) == [size is None for size in whole["output size"]]
    assert refused.any()
    assert "with numbers" in size_table(made, 16).columns
    square = ConvTranspose(in_channels=2, out_channels=2, kernel_size=4, stride=2)
    assert list(size_table(square, 16, brief=True).columns) == list(whole.columns)


def test_sizes_that_frameworks_refuse_or_disagree_on() -> None:
    made = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2, padding=1)
    frame = size_table(made, 7)
    said = {(row[0], row[1]): row[4] for row in frame.itertuples(index=False)}
    # The known case: from 7 with kernel 3 and stride 2.
    assert said["PyTorch", "padding=1, output_padding=0"] == (13, 13)
    assert said["Keras", "padding='valid'"] == (15, 15)
    assert said["Keras", "padding='same'"] == said["Flax", "padding='SAME'"] == (14, 14)
    assert said["Flax", "padding='VALID'"] == (15, 15)
    cropped = ConvTranspose(in_channels=1, out_channels=1, kernel_size=1, padding=5)
    first = next(size_table(cropped, 7).itertuples(index=False))
    assert first[3].startswith("padding must leave an output of at least 0")
    assert first[4] is None
    with pytest.raises(LayerError, match="input_size must be a whole number of at least 1"):
        size_table(made, 0)


@configured(max_examples=40, deadline=None)
@given(settings=reference.settings(channels=1, crop=2), size=st.integers(1, 4), wanted=st.integers(1, 14))
def test_every_way_to_a_size(settings: dict[str, Any], size: int, wanted: int) -> None:
    made = ConvTranspose(**settings | ONES)
    frame = ways_table(made, size, wanted)
    exact(frame)
    assert list(frame.columns) == ["framework", "arguments", "remark"]
    found = framework_solutions(made, size, wanted)
    for row, way in zip(frame.itertuples(index=False, name=None), found, strict=True):
        assert row[0] == way.framework
        # What cannot be says so, and why.
        assert (row[1] == "not possible") is bool(way.problem)
        assert row[2] == (way.problem or way.note)
        assert row[1] != "not possible" or row[2]
    assert len(set(frame["framework"])) >= 4


def test_a_way_of_pytorch_gives_the_size() -> None:
    made = ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=2)
    row = next(ways_table(made, 16, 32).itertuples(index=False))
    assert row[:2] == ("PyTorch", "padding=1, output_padding=0")
    assert carried(ConvTranspose(**ONES, kernel_size=4, stride=2, padding=1), (16, 16)) == (32, 32)  # type: ignore[arg-type]
    refused = next(ways_table(made, 16, 1000).itertuples(index=False))
    assert refused[1] == "not possible"
    assert refused[2].endswith(".")


@configured(max_examples=60, deadline=None)
@given(
    kernel=st.integers(1, 4),
    stride=st.integers(1, 4),
    dilation=st.integers(1, 3),
    size=st.integers(1, 4),
    wanted=st.integers(1, 16),
)
def test_solutions_are_all_there_are(kernel: int, stride: int, dilation: int, size: int, wanted: int) -> None:
    def layer(padding: int, extra: int) -> ConvTranspose:
        return ConvTranspose(
            in_channels=1,
            out_channels=1,
            kernel_size=(kernel,),
            stride=stride,
            dilation=dilation,
            padding=padding,
            output_padding=extra,
        )

    frame = solutions_table(solve_axis(layer(0, 0), 0, size, wanted))
    exact(frame)
    assert list(frame.columns) == ["padding", "output_padding"]
    tried = itertools.product(range(20), range(max(stride, dilation)))
    every = {pair for pair in tried if carried(layer(*pair), (size,)) == (wanted,)}
    assert set(frame.itertuples(index=False, name=None)) == every
    assert len(frame) == len(every)


def test_no_solutions_are_an_empty_table() -> None:
    frame = solutions_table(())
    assert (list(frame.columns), len(frame)) == (["padding", "output_padding"], 0)
