"""Whole comparisons: known answers from texts of real tools, sums that fit, and nothing lost."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.readers import Model, Row, read
from calculator.readers.difference import (
    Reason,
    Status,
    compare_models,
    table_rows,
    write_comparison,
)
from tests.helpers.dcgan_texts import KERAS, PRINT, STATE_DICT, TORCHINFO

KINDS = (
    "Linear",
    "Dense",
    "Conv2d",
    "Conv2DTranspose",
    "BatchNorm2d",
    "BatchNormalization",
    "Embedding",
    "Own",
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    name = draw(st.sampled_from(("a", "b", "net.a", "net.b", "net/c", "h.0-1.x", "dense_1", "")))
    kind, known = draw(st.sampled_from(KINDS)), draw(st.integers(0, 5)) > 0
    if not known:
        return Row(name, kind, known=False)
    times = 2 if name == "h.0-1.x" else 1
    sizes = draw(st.none() | st.tuples(st.integers(1, 3), st.integers(1, 3)))
    counts = draw(st.tuples(*[st.integers(0, 4)] * 3))
    weights = counts[0] if sizes is None else sizes[0] * sizes[1]
    return Row(name, kind, sizes, weights * times, counts[1] * times, counts[2] * times, times=times)


models = st.builds(
    Model,
    st.lists(rows(), max_size=9).map(tuple),
    st.sampled_from(("PyTorch's print", "ONNX file", "torchsummary table")),
)


@pytest.mark.parametrize("other", [TORCHINFO, STATE_DICT])
def test_tools_of_pytorch_agree(other: str) -> None:
    comparison = compare_models(read(PRINT), read(other))
    assert not comparison.differs
    assert comparison.sentences() == (
        "Parameters: left 16,184, right 16,184. Both totals are equal.",
        "No layer differs.",
    )
    assert {pair.status for pair in comparison.pairs} == {Status.SAME}
    assert len(comparison.pairs) == 9


@pytest.mark.parametrize("other", [PRINT, TORCHINFO, STATE_DICT])
def test_keras_counts_the_statistics_too(other: str) -> None:
    comparison = compare_models(read(other), read(KERAS))
    differences = [(pair.difference, pair.reason) for pair in comparison.pairs[:5]]
    assert differences == [(2 * size, Reason.STATISTICS) for size in (32, 16, 8, 4)] + [(0, None)]
    assert len(comparison.pairs) == 9
    assert comparison.sentences()[-2:] == (
        "Explained by running means and variances that one side counts: +120, in 4 layers.",
        "Everything is explained.",
    )
    assert (comparison.unexplained, comparison.counted_difference) == (0, 120)


def test_another_order_of_the_layers_is_said() -> None:
    model = read(PRINT)
    backwards = model.rows[::-1]
    renamed = tuple(replace(row, name=f"x{number}") for number, row in enumerate(backwards))
    for rows in (backwards, renamed):
        comparison = compare_models(model, Model(rows, "PyTorch's print"))
        assert not comparison.differs
        assert len(comparison.moved) == len(comparison.pairs) - 1 == 8
        sentence = comparison.sentences()[1]
        assert sentence.startswith("The layers stand in another order. Matched at another place: ")
        assert sentence.endswith(" and 5 more.")
    assert compare_models(model, model).moved == ()


def test_a_repeated_block_is_compared_with_its_layers() -> None:
    block = read(
        "M(\n  (h): ModuleList(\n    (0-2): 3 x Linear(in_features=4, out_features=5, bias=True)\n  )\n)"
    )
    single = read("h.0.weight (5, 4)\nh.0.bias (5,)\nh.1.weight (5, 4)\nh.2.weight (5, 4)\nh.2.bias (5,)")
    comparison = compare_models(block, single)
    assert [(pair.title, pair.difference, pair.reason) for pair in comparison.pairs] == [
        ("h.1", -5, Reason.BIAS),
        ("h.0", 0, None),
        ("h.2", 0, None),
    ]
    assert [pair.title for pair in compare_models(block, block).pairs] == ["h.0-2"]


def test_what_is_not_counted_is_no_difference_and_no_equality() -> None:
    ours = Model((Row("a", "Linear", None, 6), Row("own", "Own", known=False)), "")
    comparison = compare_models(ours, Model((Row("a", "Linear", None, 6), Row("own", "Own", None, 9)), ""))
    assert (comparison.differs, comparison.complete) == (False, False)
    assert [pair.difference for pair in comparison.pairs] == [None, 0]
    assert table_rows(comparison)[0] == ("own", "?", "9", "?", "The left does not count it.")
    assert comparison.sentences() == (
        "Parameters: left at least 6 · 1 module not counted, right 15. The right has 9 more counted.",
        "On the left: Not counted, so that every total is a minimum: own (Own).",
        "Explained by layers that one side does not count: +9, in 1 layer.",
    )
    document = json.loads(write_comparison(comparison))
    assert (document["difference"], document["counted_difference"]) == (None, 9)
    assert (document["left"]["parameter_count"], document["left"]["at_least"]) == (None, 6)
    assert document["left"]["at_most"] is None
    assert document["pairs"][0]["left"]["parameter_count"] is None
    assert document["right"] == {
        **{"format": "", "name": "", "complete": True, "parameter_count": 15, "at_least": 15, "at_most": 15},
    }
    assert document["pairs"][0] == {
        "status": "unknown",
        "left": {"name": "own", "type": "Own", "weight_shape": None, "times": 1, "parameter_count": None},
        "right": {"name": "own", "type": "Own", "weight_shape": None, "times": 1, "parameter_count": 9},
        "difference": None,
        "reason": "not_counted",
        "explanation": "The left does not count it.",
    }
    both = compare_models(ours, ours)
    assert [pair.status for pair in both.pairs] == [Status.UNKNOWN, Status.SAME]
    assert both.pairs[0].explanation == "The left and the right do not count it."


def test_largest_differences_first_then_the_order_of_the_model() -> None:
    ours = Model(tuple(Row(name, "Linear", None, 10 + index) for index, name in enumerate("abcd")), "")
    counts = {"a": 10, "b": 8, "c": 12, "d": 99}
    theirs = Model(tuple(Row(name, "Linear", None, count) for name, count in counts.items()), "")
    assert [pair.title for pair in compare_models(ours, theirs).pairs] == ["d", "b", "a", "c"]


def test_rows_of_the_right_alone_stand_after_their_neighbour() -> None:
    ours = Model((Row("a", "Linear", None, 5), Row("b", "Linear", None, 6)), "")
    new = Row("n", "Embedding", None, 0)
    comparison = compare_models(ours, Model((ours.rows[0], new, ours.rows[1]), ""))
    assert [pair.title for pair in comparison.pairs] == ["n", "a", "b"]
    assert comparison.pairs[0].status is Status.ONLY_RIGHT


@given(models)
def test_a_model_does_not_differ_from_itself(model: Model) -> None:
    comparison = compare_models(model, model)
    assert not comparison.differs
    assert len(comparison.pairs) == len(model.rows)
    assert comparison.counted_difference == 0


@given(models, models)
def test_swapped_sides_swap_signs(left: Model, right: Model) -> None:
    there, back = compare_models(left, right), compare_models(right, left)
    assert Counter((pair.left, pair.right, pair.reason) for pair in there.pairs) == Counter(
        (pair.right, pair.left, pair.reason) for pair in back.pairs
    )
    assert there.counted_difference == -back.counted_difference
    assert there.differences == {reason: (-size, n) for reason, (size, n) in back.differences.items()}


@given(models, models)
def test_differences_add_up_and_no_row_is_lost(left: Model, right: Model) -> None:
    comparison = compare_models(left, right)
    assert sum(pair.counted_difference for pair in comparison.pairs) == comparison.counted_difference
    assert sum(size for size, _ in comparison.differences.values()) == comparison.counted_difference
    for model, side in ((left, "left"), (right, "right")):
        found = [getattr(pair, side) for pair in comparison.pairs if getattr(pair, side) is not None]
        assert sum(row.parameter_count for row in found) == model.parameter_count
        assert sum(row.times for row in found) == sum(row.times for row in model.rows)
        once = [row for row in found if row.times == 1 and not row.name.startswith("h.")]
        assert Counter(once) == Counter(row for row in model.rows if not row.name.startswith("h."))
    for pair in comparison.pairs:
        assert (pair.reason is None) == (pair.status is Status.SAME)
        assert bool(pair.explanation) == (pair.status is not Status.SAME)
    assert len(table_rows(comparison)) == len(json.loads(write_comparison(comparison))["pairs"])
