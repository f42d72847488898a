"""Chains of layers against brute force: every sequence of strides and every kernel rule is built and run."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.geometry import chain_solver
from calculator.geometry.chain_solver import chain_channels, kernel_rules, solve_chains
from calculator.geometry.layer_solver import KINDS, LISTED, MAX_LISTED, Bounds, LayerSpec, solve_layers

ONE = LayerSpec(in_channels=4, out_channels=2, rank=1)


def pad(i: int, k: int, s: int, wanted: int, most: int) -> tuple[int, int] | None:
    """Return the first (padding, output_padding) that PyTorch's formula accepts, by trying all."""
    for op, p in itertools.product(range(min(most, s - 1) + 1), range(k)):
        if (i - 1) * s + k - 2 * p + op == wanted and p <= (i - 1) * s:
            return p, op
    return None


def brute_force(i: int, wanted: int, bounds: Bounds) -> set[tuple[tuple[int, ...], ...]]:
    """Return every chain on one axis: exact ones, or, where there is none, those that round up."""
    most = bounds.stride or 8
    for exact in (True, False):
        found: set[tuple[tuple[int, ...], ...]] = set()
        for count in range(2, bounds.layers + 1):
            for strides in itertools.product(range(1, most + 1), repeat=count):
                sizes = [wanted]
                for s in reversed(strides):
                    sizes.insert(0, -(-sizes[0] // s))
                divides = [after % s == 0 for s, after in zip(strides, sizes[1:], strict=True)]
                if i == 1:
                    # The first layer makes its own size, and its stride means nothing.
                    sizes[0] = 1
                    divides[0] = strides[0] == 1
                    if strides[0] != 1:
                        continue
                if sizes[0] != i or (exact and not all(divides)):
                    continue
                if any(after <= before for before, after in itertools.pairwise(sizes)):
                    continue
                for rule in range(4):
                    chain = []
                    for s, (before, after) in zip(strides, itertools.pairwise(sizes), strict=True):
                        k = after if before == 1 else kernel_rules(s)[rule]
                        padding = pad(before, k, s, after, bounds.output_padding)
                        if padding is None or k > (bounds.kernel_size or 128):
                            break
                        chain.append((k, s, *padding))
                    else:
                        found.add(tuple(chain))
        if found:
            return found
    return set()


PAIRS = ((7, 112), (7, 100), (4, 28), (1, 16), (2, 17), (3, 12), (5, 5), (6, 4), (1, 7), (2, 11))


@pytest.mark.parametrize(
    ("i", "wanted", "bounds"),
    [
        (i, wanted, bounds)
        for i, wanted in [
            (7, 112),
            (7, 100),
            (4, 28),
            (1, 16),
            (2, 17),
            (3, 12),
            (5, 5),
            (6, 4),
            (1, 7),
            (2, 11),
        ]
        for bounds in (
            Bounds(overlap="any", listed=MAX_LISTED, layers=3),
            Bounds(overlap="any", listed=MAX_LISTED, layers=4, stride=3, kernel_size=5),
            Bounds(overlap="any", listed=MAX_LISTED, layers=4, stride=4, output_padding=0),
        )
    ],
)
def test_the_solver_finds_exactly_what_brute_force_finds(i: int, wanted: int, bounds: Bounds) -> None:
    found = solve_chains(i, wanted, ONE, bounds)
    listed = [
        tuple(
            (*layer.kernel_size, *layer.stride, *layer.padding, *layer.output_padding)
            for layer in answer.layers
        )
        for answer in found.answers
    ]
    assert len(listed) == len(set(listed)) == found.count
    assert set(listed) == brute_force(i, wanted, bounds)
    assert bool(found.notes) == (not listed)
    assert not found.cut_off


@configured(max_examples=100)
@given(
    i=st.lists(st.integers(1, 9), min_size=3, max_size=3),
    factor=st.lists(st.integers(1, 9), min_size=3, max_size=3),
    more=st.integers(0, 3),
    overlap=st.sampled_from(list(LISTED)),
    spec=st.builds(
        LayerSpec, st.integers(1, 40), st.integers(1, 9), bias=st.booleans(), rank=st.integers(1, 3)
    ),
)
def test_every_chain_is_true(
    i: list[int], factor: list[int], more: int, overlap: Any, spec: LayerSpec
) -> None:
    sizes = tuple(i[: spec.rank])
    wanted = tuple(a * b + more for a, b in zip(sizes, factor, strict=False))
    bounds = Bounds(overlap=overlap, layers=3, listed=20)
    found = solve_chains(sizes, wanted, spec, bounds)
    assert len(found.answers) == min(20, found.count)
    keys = [(one.parameter_count, one.multiply_accumulates) for one in found.answers]
    assert keys == sorted(keys)
    for answer in found.answers:
        size, channels, work = sizes, spec.in_channels, 0
        for layer in answer.layers:
            assert layer.in_channels == channels
            work += layer.multiply_accumulates(size)
            after = layer.output_size(size)
            assert any(b > a for a, b in zip(size, after, strict=True))
            size, channels = after, layer.out_channels
        assert (size, channels, work) == (wanted, spec.out_channels, answer.multiply_accumulates)
        assert answer.parameter_count == sum(layer.parameter_count for layer in answer.layers)
        assert answer.kind in KINDS[: LISTED[bounds.overlap]]
        assert 2 <= len(answer.layers) <= 3


def test_the_chain_of_the_question() -> None:
    texts = [answer.text for answer in solve_chains(7, 112).answers]
    assert texts[0] == "4 × (k2, s2)"
    assert "4 × (k4, s2, p1)" in texts
    # DCGAN's generator, from 1 to 64; and an uneven decoder of MNIST, from 4 to 28 by 7 and 14.
    assert "(k4, s1) → 4 × (k4, s2, p1)" in [answer.text for answer in solve_chains(1, 64).answers]
    mnist = solve_chains(4, 28, bounds=Bounds(stride=2, overlap="covered"))
    assert "(k3, s2, p1) → 2 × (k3, s2, p1, op1)" in [answer.text for answer in mnist.answers]


@pytest.mark.parametrize(
    ("size", "wanted", "first", "between"),
    [
        ((4, 5), (16, 5), "2 × (k2×1, s2×1)", (8, 5)),  # The second axis stays as it is.
        ((4, 5), (8, 10), "(k1×2, s1×2) → (k2×1, s2×1)", (4, 10)),  # Each layer doubles one of them.
    ],
)
def test_a_layer_may_enlarge_one_axis_alone(
    size: tuple[int, ...], wanted: tuple[int, ...], first: str, between: tuple[int, ...]
) -> None:
    answer = solve_chains(size, wanted, bounds=Bounds(kernel_size=4, stride=2, layers=2)).answers[0]
    assert (answer.text, answer.sizes) == (first, (size, between, wanted))


@pytest.mark.parametrize("layers", [2, 3, 5])
def test_channels_halve_down_to_the_last(layers: int) -> None:
    assert chain_channels(LayerSpec(512, 3), layers) == (*(512 >> n for n in range(layers)), 3)
    assert chain_channels(LayerSpec(8, 8), layers) == (8,) * (layers + 1)
    grouped = chain_channels(LayerSpec(12, 4, groups=4), layers)
    assert grouped == (*(12, 8, 4, 4, 4, 4)[:layers], 4)
    assert all(channels % 4 == 0 for channels in grouped)


@pytest.mark.parametrize(
    ("i", "wanted", "bounds", "note"),
    [
        (
            5,
            5,
            Bounds(),
            "No chain of 2 to 5 layers makes 5 × 5 of 5 × 5 positions with strides up to 8.",
        ),
        (
            2,
            1000,
            Bounds(layers=2, kernel_size=9),
            "No chain of 2 to 2 layers makes 1,000 × 1,000 of 2 × 2 positions with strides up to 8 and "
            "kernels up to 9.",
        ),
    ],
)
def test_no_chain_has_a_reason(i: int, wanted: int, bounds: Bounds, note: str) -> None:
    found = solve_chains(i, wanted, bounds=bounds)
    assert (found.answers, found.count, found.notes) == ((), 0, (note,))


def test_a_long_search_is_cut_off_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_solver, "MAX_CHAINS", 5)
    few = solve_chains(7, 112, ONE)
    assert (few.cut_off, few.notes) == (True, ("The search was cut off after 5 chains.",))
    assert few.count + sum(few.left_out.values()) == 5
    monkeypatch.setattr(chain_solver, "MAX_CHAINS", 5000)
    monkeypatch.setattr(chain_solver, "MAX_PATHS", 9)
    none = solve_chains(7, 112, ONE, Bounds(layers=3))
    assert none.cut_off
    assert none.notes[0] == (
        "The search for chains of 2 layers from 7 to 112 positions was cut off after 9 steps."
    )
    assert len(set(none.notes)) == len(none.notes)


def test_one_layer_and_its_chain_have_the_same_costs_as_their_layers() -> None:
    """The first layer of a chain, alone, is an answer of the other solver."""
    spec = LayerSpec(8, 8)
    for answer in solve_chains(7, 28, spec, Bounds(layers=2)).answers:
        size = answer.sizes[1]
        singles = solve_layers(7, size, spec, Bounds(kernel_size=16)).answers
        assert answer.layers[0] in [single.layers[0] for single in singles]


def test_refusals() -> None:
    with pytest.raises(LayerError, match=r"^input_size must be a whole number of at least 1, received 0\.$"):
        solve_chains(0, 5)
    assert isinstance(solve_chains(2, 8).answers[0].layers[0], ConvTranspose)
