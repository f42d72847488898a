"""Which rows belong together, and how long it takes to see that."""

import itertools
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.readers import Row
from calculator.readers.difference.matching import (
    MAX_LOOK,
    align,
    family,
    match_rows,
    moved_pairs,
    plain_name,
    unrolled,
)
from calculator.readers.model import MAX_ROWS, left_out_row


def linear(name: str, *shape: int, kind: str = "Linear") -> Row:
    count = 1
    for size in shape:
        count *= size
    return Row(name, kind, shape, count)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("a", "b.c"), ("a", "b.c")),
        (("a", "b.c"), ("net.a", "net.b.c")),
        (("a", "b.c"), ("model/a", "model/b/c")),
        (("module.a", "module.b.c"), ("model.a", "model.b.c")),
        (("_orig_mod.a", "_orig_mod.b.c"), ("a", "b.c")),
        (("trunk.a", "trunk.d", "b.c"), ("a", "d", "b.c")),
    ],
)
def test_names_match_whatever_stands_around_them(left: Sequence[str], right: Sequence[str]) -> None:
    # The counts contradict each other: only the names say what belongs together.
    ours = [linear(name, 2, 3 + index) for index, name in enumerate(left)]
    theirs = [linear(name, 7, 9 - index) for index, name in enumerate(reversed(right))]
    last = len(left) - 1
    assert match_rows(ours, theirs) == [(index, last - index) for index in range(len(left))]


def test_a_name_does_not_match_another_kind_of_layer() -> None:
    rows = [Row("0", "Conv2d", (4, 3, 3, 3), 108)], [Row("0", "BatchNorm2d", (4,), 4, 4)]
    assert match_rows(*rows) == []


def test_numbers_that_a_tool_gives_are_no_names() -> None:
    ours = [linear("dense", 2, 3, kind="Dense"), linear("dense_1", 4, 5, kind="Dense")]
    theirs = [linear("dense_1", 2, 3, kind="Dense"), linear("dense_2", 4, 5, kind="Dense")]
    assert match_rows(ours, theirs) == [(0, 0), (1, 1)]


def test_shapes_match_in_any_order_of_axes() -> None:
    ours = [linear("a", 64, 32, 4, 4, kind="ConvTranspose2d"), linear("b", 10, 7)]
    theirs = [linear("x", 4, 4, 32, 64, kind="Conv2DTranspose"), linear("y", 7, 10, kind="Dense")]
    assert match_rows(ours, theirs) == [(0, 0), (1, 1)]


def test_the_rest_matches_by_position_between_neighbours() -> None:
    ours = [linear("a", 2, 3), linear("b", 5, 7), linear("c", 4, 9), linear("d", 6, 6)]
    theirs = [linear("p", 2, 3), linear("q", 5, 8), linear("r", 4, 9), linear("s", 6, 7)]
    assert match_rows(ours, theirs) == [(0, 0), (1, 1), (2, 2), (3, 3)]
    assert match_rows(ours, [theirs[0], *theirs[2:]]) == [(0, 0), (2, 1), (3, 2)]


def test_equal_layers_match_in_another_order_from_both_sides() -> None:
    ours = [Row("a", "Linear", None, 6), Row("b", "Linear", None, 20)]
    theirs = [Row("p", "Linear", None, 20), Row("q", "Linear", None, 6)]
    assert match_rows(ours, theirs) == [(0, 1), (1, 0)] == sorted((a, b) for b, a in match_rows(theirs, ours))
    assert moved_pairs(match_rows(ours, theirs)) == [0]
    # Layers of one shape keep their order.
    theirs = [linear("p", 5, 4), linear("q", 3, 2), linear("r", 3, 2), linear("s", 6, 4)]
    ours = [linear("a", 2, 3), linear("b", 3, 2), linear("c", 4, 5), linear("d", 24)]
    assert match_rows(ours, theirs) == [(0, 1), (1, 2), (2, 0), (3, 3)]
    assert moved_pairs([(0, 1), (1, 2), (2, 0), (3, 3)]) == [2]


@given(st.permutations(range(12)))
def test_the_fewest_pairs_are_moved(order: list[int]) -> None:
    moved = moved_pairs(list(enumerate(order)))
    kept = [right for left, right in enumerate(order) if left not in moved]
    assert kept == sorted(kept)
    assert len(kept) == len(align(order, sorted(order)))


def test_an_undecided_convolution_may_be_a_transposed_one() -> None:
    ours = Row("a", "Conv2d", (8, 8, 3, 3), 576, undecided=True)
    theirs = Row("b", "ConvTranspose2d", (8, 8, 3, 3), 576, transposed=True)
    assert match_rows([ours], [theirs]) == [(0, 0)]
    assert match_rows([Row("a", "Conv2d", (8, 8, 3, 3), 576)], [theirs]) == []


def test_lines_left_out_are_nobodys_partner() -> None:
    assert match_rows([left_out_row("a", "3 lines")], [left_out_row("b", "2 lines")]) == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("ConvTranspose", "transposed convolution"),
        ("Conv2DTranspose", "transposed convolution"),
        ("DepthwiseConv2D", "convolution"),
        ("NonDynamicallyQuantizableLinear", "linear"),
        ("Gemm", "linear"),
        ("LayerNormalization", "normalisation"),
        ("MultiheadAttention", "attention"),
        ("ConvLSTM2D", "recurrent"),
        ("Embedding", "embedding"),
        ("PReLU", "other"),
    ],
)
def test_families(kind: str, expected: str) -> None:
    assert family(Row("", kind)) == expected


def test_repeated_layers_are_taken_apart_where_their_names_allow_it() -> None:
    row = Row("h.0-1.b.3-5.fc", "Linear", (2, 4), 48, 12, times=6, multiply_accumulates=48)
    apart = unrolled([row])
    assert [each.name for each in apart] == [f"h.{a}.b.{b}.fc" for a in (0, 1) for b in (3, 4, 5)]
    assert {(each.weight_count, each.bias_count, each.times) for each in apart} == {(8, 2, 1)}
    assert {each.multiply_accumulates for each in apart} == {8}
    assert unrolled([row], frozenset({(plain_name(row.name), 6)})) == [row]
    for whole in (Row("h.fc", "Linear", None, 6, times=6), Row("h.0-4.fc", "Linear", None, 6, times=6)):
        assert unrolled([whole]) == [whole]
    many = Row(f"h.0-{MAX_ROWS}.fc", "Linear", None, MAX_ROWS + 1, times=MAX_ROWS + 1)
    assert unrolled([many]) == [many]


@given(st.text("abc", max_size=30), st.text("abc", max_size=30))
def test_alignment_is_in_order_and_of_equal_values(left: str, right: str) -> None:
    pairs = align(left, right)
    assert all(left[a] == right[b] for a, b in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in itertools.pairwise(pairs))


@given(st.text("abc", max_size=30), st.text("abc", max_size=30))
def test_a_quick_alignment_is_in_order_and_of_equal_values(left: str, right: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("calculator.readers.difference.matching.MAX_CELLS", 0)
        pairs = align(left, right)
    assert all(left[a] == right[b] and min(a, b) >= 0 for a, b in pairs)
    assert all(a < c and b < d for (a, b), (c, d) in itertools.pairwise(pairs))


def test_alignment_is_as_long_as_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    assert align("xabcy", "zabcw") == [(1, 1), (2, 2), (3, 3)]
    assert len(align("abcbdab", "bdcaba")) == 4  # Cormen et al., Introduction to Algorithms, figure 15.8.
    monkeypatch.setattr("calculator.readers.difference.matching.MAX_CELLS", 0)
    assert align("xabcy", "zabcw") == [(1, 1), (2, 2), (3, 3)]


def test_alignment_is_exact_up_to_a_maximum_of_left_times_right(monkeypatch: pytest.MonkeyPatch) -> None:
    # The equal values are farther from the beginning than the quick way looks.
    few, many = ["a", "b"], [*range(MAX_LOOK), "a", "c"]
    for maximum, found in ((len(few) * len(many), 1), (len(few) * len(many) - 1, 0)):
        monkeypatch.setattr("calculator.readers.difference.matching.MAX_CELLS", maximum)
        assert align(few, many) == [(0, MAX_LOOK)] * found
        assert align(many, few) == [(MAX_LOOK, 0)] * found


@pytest.mark.parametrize("case", ["equal", "alternating", "reversed", "all different"])
def test_the_maximum_of_rows_takes_seconds(case: str) -> None:
    sizes = range(1, MAX_ROWS + 1)
    left = [{"equal": 5, "alternating": size % 2 + 2}.get(case, size) for size in sizes]
    right = {
        "equal": left[::2],
        "alternating": [3 - size % 3 // 2 for size in sizes],
        "reversed": left[::-1],
        "all different": [size + MAX_ROWS for size in sizes],
    }[case]
    ours = [linear(f"a{index}", size, 1) for index, size in enumerate(left)]
    theirs = [linear(f"b{index}", size, 1) for index, size in enumerate(right)]
    start = time.process_time()
    pairs = match_rows(ours, theirs)
    assert time.process_time() - start < 30
    assert pairs


def test_equal_blocks_are_taken_apart_block_after_block() -> None:
    rows = [
        Row("h.0-1.a", "Linear", (2, 4), 16, times=2),
        Row("h.0-1.b.0-2", "Linear", (1, 4), 24, times=6),
        Row("out", "Linear", (1, 4), 4),
    ]
    assert [(row.name, row.weight_count, row.times) for row in unrolled(rows)] == [
        ("h.0.a", 8, 1),
        *((f"h.0.b.{n}", 4, 1) for n in range(3)),
        ("h.1.a", 8, 1),
        *((f"h.1.b.{n}", 4, 1) for n in range(3)),
        ("out", 4, 1),
    ]
