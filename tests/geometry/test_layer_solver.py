"""The solver for one layer against brute force: every setting is built, and its output is counted out."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.geometry import layer_solver
from calculator.geometry.layer_solver import (
    KINDS,
    LISTED,
    MAX_BOUND,
    MAX_LISTED,
    Answer,
    Bounds,
    LayerSpec,
    axis_kind,
    paddings,
    solve_layers,
)
from calculator.geometry.overlap import axis_overlap

ONE = LayerSpec(in_channels=2, out_channels=3, rank=1)


def settings_of(layer: ConvTranspose) -> tuple[tuple[int, ...], ...]:
    return layer.kernel_size, layer.stride, layer.padding, layer.output_padding, layer.dilation


def contributes(layer: ConvTranspose, i: int, size: int) -> bool:
    """Return whether the first and the last input, and the first and the last weight, reach the output."""
    (k,), (s,), (p,), _, (d,) = settings_of(layer)
    inside = range(p, p + size)
    return all(
        any(start * s + tap * d in inside for start, tap in pairs)
        for pairs in (
            [(0, tap) for tap in range(k)],
            [(i - 1, tap) for tap in range(k)],
            [(start, 0) for start in range(i)],
            [(start, k - 1) for start in range(i)],
        )
    )


def counted_kind(layer: ConvTranspose, i: int) -> str:
    """Return the kind of overlap from the products in every position, with many inputs for the interior."""
    if 0 in axis_overlap(layer, 0, i):
        return "holes"
    extent, s = layer.kernel_extent[0], layer.stride[0]
    bare = ConvTranspose(
        in_channels=1, out_channels=1, kernel_size=layer.kernel_size, stride=s, dilation=layer.dilation
    )
    many = 2 * extent + 2 * s
    interior = axis_overlap(bare, 0, many)[extent : many * s - extent]
    return "even" if len(set(interior)) == 1 or i == 1 else "uneven"


def brute_force(i: int, wanted: int, bounds: Bounds, largest: int, strides: range) -> dict[Any, str]:
    """Return the kind of every layer on one axis, by its settings."""
    found = {}
    for k, s, d in itertools.product(range(1, largest + 1), strides, range(1, bounds.dilation + 1)):
        if k == 1 and d > 1:
            continue
        for p, op in itertools.product(range(40), range(bounds.output_padding + 1)):
            try:
                layer = ConvTranspose(
                    in_channels=1,
                    out_channels=1,
                    kernel_size=(k,),
                    stride=s,
                    padding=p,
                    output_padding=op,
                    dilation=d,
                )
                size = layer.output_size(i)
            except LayerError:
                continue
            if size == (wanted,) and contributes(layer, i, wanted):
                found[settings_of(layer)] = counted_kind(layer, i)
    return found


CASES = [
    (i, wanted, bounds)
    for i, wanted in itertools.product((1, 2, 3, 5), (1, 4, 7, 9, 12))
    for bounds in (
        Bounds(kernel_size=6, stride=5, output_padding=4, dilation=3, overlap="any", listed=MAX_LISTED),
        Bounds(kernel_size=7, stride=4, overlap="covered", listed=MAX_LISTED),
        Bounds(kernel_size=8, output_padding=2, listed=MAX_LISTED),
    )
]


@pytest.mark.parametrize(("i", "wanted", "bounds"), CASES)
def test_the_solver_finds_exactly_what_brute_force_finds(i: int, wanted: int, bounds: Bounds) -> None:
    most = bounds.stride or 20
    strides = range(1, most + 1) if bounds.stride else range(max(wanted // i, 1), -(-wanted // i) + 1)
    every = brute_force(i, wanted, bounds, bounds.kernel_size or 0, range(1, 2) if i == 1 else strides)
    found = solve_layers(i, wanted, ONE, bounds)
    accepted = KINDS[: LISTED[bounds.overlap]]
    listed = [(settings_of(answer.layers[0]), answer.kind) for answer in found.answers]
    assert len(listed) == len(set(listed)) == found.count
    assert dict(listed) == {key: kind for key, kind in every.items() if kind in accepted}
    assert found.left_out == {
        kind: list(every.values()).count(kind) for kind in KINDS if kind not in accepted
    }
    assert bool(found.notes) == (not every)
    assert not found.cut_off
    sizes = [answer.parameter_count for answer in found.answers]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize("overlap", LISTED)
def test_several_axes_are_the_product_of_their_axes_in_order(overlap: Any) -> None:
    bounds = Bounds(kernel_size=5, stride=3, output_padding=2, overlap=overlap, listed=MAX_LISTED)
    spec = LayerSpec(in_channels=4, out_channels=2, groups=2, rank=3, bias=False)
    whole = Bounds(kernel_size=5, stride=3, output_padding=2, overlap="any", listed=MAX_LISTED)
    pairs = [(3, 7), (2, 4), (3, 7)]
    first, second = (solve_layers(i, wanted, ONE, whole).answers for i, wanted in pairs[:2])
    expected: dict[Any, Any] = {}
    for one, other in itertools.product(first, second):
        axes = (one, other, one)
        key = tuple(zip(*(sum(settings_of(axis.layers[0]), ()) for axis in axes), strict=True))
        expected[key] = max((axis.kind for axis in axes), key=KINDS.index)
    accepted = KINDS[: LISTED[bounds.overlap]]
    found = solve_layers((3, 2, 3), (7, 4, 7), spec, bounds)
    listed = {settings_of(answer.layers[0]): answer.kind for answer in found.answers}
    assert listed == {key: kind for key, kind in expected.items() if kind in accepted}
    assert len(found.answers) == found.count == len(listed) > 20
    for kind in KINDS:
        if kind not in accepted:
            assert found.left_out[kind] == list(expected.values()).count(kind)
    keys = [
        (
            answer.parameter_count,
            # Axes with equal sizes count once.
            sum(axis_order(answer.layers[0], axis)[0] for axis in (0, 1)),
        )
        for answer in found.answers
    ]
    assert keys == sorted(keys)
    few = Bounds(kernel_size=5, stride=3, output_padding=2, overlap=overlap, listed=7)
    cut = solve_layers((3, 2, 3), (7, 4, 7), spec, few)
    assert (cut.answers, cut.count) == (found.answers[:7], found.count)


def axis_order(layer: ConvTranspose, axis: int) -> tuple[int, ...]:
    k, s, p, op, d = (values[axis] for values in settings_of(layer))
    return (KINDS.index(axis_kind((3, 2)[axis], k, s, p, op, d)),)


@configured(max_examples=150)
@given(
    sizes=st.tuples(st.integers(1, 40), st.integers(1, 200)),
    bounds=st.builds(
        Bounds,
        kernel_size=st.none() | st.integers(1, 40),
        stride=st.none() | st.integers(1, 20),
        output_padding=st.integers(0, 5),
        dilation=st.integers(1, 4),
        overlap=st.sampled_from(list(LISTED)),
        listed=st.integers(1, 30),
    ),
    spec=st.builds(
        LayerSpec, st.integers(1, 4), st.integers(1, 4), bias=st.booleans(), rank=st.integers(1, 3)
    ),
)
def test_every_answer_is_true(sizes: tuple[int, int], bounds: Bounds, spec: LayerSpec) -> None:
    i, wanted = sizes
    found = solve_layers(i, wanted, spec, bounds)
    assert len(found.answers) == min(found.count, bounds.listed)
    for answer in found.answers:
        (layer,) = answer.layers
        assert layer.output_size(i) == answer.sizes[-1] == (wanted,) * spec.rank
        assert answer.multiply_accumulates == i**spec.rank * layer.weight_count
        assert answer.kept_activations == i**spec.rank * spec.in_channels
        assert answer.parameter_count == layer.parameter_count
        assert answer.kind in KINDS[: LISTED[bounds.overlap]]
        pytorch = answer.ways()[0][0]
        assert f"padding={layer.padding[0]}, output_padding={layer.output_padding[0]}" == pytorch.how


def test_the_layers_of_the_question() -> None:
    """From 7 to 112: 16 times, so stride 16 with kernel 16 or 32."""
    assert [answer.text for answer in solve_layers(7, 112).answers] == ["k16, s16", "k32, s16, p8"]
    # DCGAN's first layer.
    assert [answer.text for answer in solve_layers(1, 4).answers] == ["k4, s1"]


def test_a_kind_is_that_of_the_real_output() -> None:
    # One input: only the kernel itself, with gaps if it is dilated.
    assert axis_kind(1, 3, 1, 0, 0, 1) == "even"
    assert axis_kind(1, 3, 1, 0, 0, 2) == "holes"
    # Two inputs with a wide dilation: 0, 1, 4, 5, although many inputs would fill all positions.
    assert axis_kind(2, 2, 1, 0, 0, 4) == "holes"
    assert axis_kind(9, 2, 1, 0, 0, 4) == "even"


def test_answers_in_words() -> None:
    layer = ConvTranspose(
        in_channels=2, out_channels=2, kernel_size=(3, 5), stride=2, output_padding=1, dilation=(1, 2)
    )
    answer = Answer((layer,), (4, 4))
    assert answer.text == "k3×5, s2, op1, d1×2"
    assert answer.overlap == ((1, 2), (0, 4))
    plain = ConvTranspose(in_channels=2, out_channels=2, kernel_size=2, stride=2)
    chain = Answer((layer, plain, plain), (4, 4))
    assert chain.text == "(k3×5, s2, op1, d1×2) → 2 × (k2, s2)"
    assert [len(ways) for ways in chain.ways()] == [len(chain.ways()[0]), *[6, 6]]
    assert chain.kind == "holes"
    # One input position is one product.
    assert Answer((ConvTranspose(in_channels=1, out_channels=1, kernel_size=4),), (1, 2)).overlap == (
        (1, 1),
        (2, 2),
    )


@pytest.mark.parametrize(
    ("i", "wanted", "bounds", "note"),
    [
        (
            7,
            112,
            Bounds(kernel_size=10),
            "No single layer enlarges 7 positions to 112 with kernels up to 10 and stride 16. Kernel 15 with "
            "stride 16 does.",
        ),
        (
            5,
            16,
            Bounds(kernel_size=1),
            "No single layer enlarges 5 positions to 16 with kernels up to 1 and strides 3 to 4. Kernel 2 "
            "with stride 4 does.",
        ),
        (
            3,
            10**7,
            Bounds(),
            "No single layer enlarges 3 positions to 10,000,000 with kernels up to 128 and strides 3,333,333 "
            "to 3,333,334. Neither does any kernel up to 1,024.",
        ),
    ],
)
def test_no_answer_has_a_reason(i: int, wanted: int, bounds: Bounds, note: str) -> None:
    found = solve_layers(i, wanted, ONE, bounds)
    assert (found.answers, found.count, found.notes) == ((), 0, (note,))
    assert not any(found.left_out.values())


def test_the_kernel_of_the_reason_works() -> None:
    for i, wanted in itertools.product(range(1, 9), range(1, 40)):
        found = solve_layers(i, wanted, ONE, Bounds(kernel_size=1, overlap="any"))
        for note in found.notes:
            if " does." in note:
                k, s = (int(word.strip(".")) for word in note.split(" Kernel ")[1].split() if word.isdigit())
                again = solve_layers(i, wanted, ONE, Bounds(kernel_size=k, overlap="any"))
                assert any(answer.text.startswith(f"k{k}, s{s}") for answer in again.answers)
                fewer = solve_layers(i, wanted, ONE, Bounds(kernel_size=k - 1, overlap="any"))
                assert not fewer.count


def test_a_long_search_is_cut_off_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = Bounds(kernel_size=30, stride=20, overlap="any", listed=MAX_LISTED)
    whole = solve_layers(7, 112, ONE, bounds)
    monkeypatch.setattr(layer_solver, "MAX_STEPS", 500)
    cut = solve_layers(7, 112, ONE, bounds)
    assert (cut.cut_off, whole.cut_off) == (True, False)
    (note,) = cut.notes
    assert note.startswith("The search from 7 to 112 was cut off after 500 steps: kernels of ")
    kernel = int(note.split(" kernels of ")[1].split()[0])
    # Everything below that kernel is complete, and nothing is listed from it on.
    assert cut.answers == tuple(one for one in whole.answers if one.layers[0].kernel_size[0] < kernel)
    assert 0 < cut.count < whole.count


def test_paddings_are_few_where_the_kernel_ends() -> None:
    # Kernel 3 and stride 1: a padding above 2 would crop the first input away.
    assert list(paddings(9, 1, 3, 7, 0)) == [(2, 0)]
    assert not list(paddings(9, 1, 3, 5, 0))
    # Two inputs with stride 2: a padding above 2 would crop all products of the first weight.
    assert list(paddings(2, 2, 8, 6, 0)) == [(2, 0)]
    assert not list(paddings(2, 2, 8, 4, 0))


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda: Bounds(kernel_size=0), "kernel_size must be a whole number of at least 1, received 0."),
        (
            lambda: Bounds(stride=MAX_BOUND + 1),
            "The bound on stride must be at most 1024, received 1025.",
        ),
        (lambda: Bounds(layers=1), "layers must be a whole number of at least 2, received 1."),
        (lambda: Bounds(layers=11), "The bound on layers must be at most 10, received 11."),
        (lambda: Bounds(listed=10**6), "The bound on listed must be at most 10000, received 1000000."),
        (
            lambda: Bounds(overlap="some"),  # type: ignore[arg-type]
            "overlap must be one of even, covered, any, received 'some'.",
        ),
        (lambda: LayerSpec(rank=4), "rank must be 1, 2 or 3, received 4."),
        (
            lambda: LayerSpec(in_channels=3, groups=2),
            "groups must divide in_channels and out_channels, received groups=2, in_channels=3, "
            "out_channels=64.",
        ),
        (lambda: solve_layers(0, 4), "input_size must be a whole number of at least 1, received 0."),
        (
            lambda: solve_layers(4, (4, 4, 4)),
            "wanted must be one whole number, or 2 (one per axis), received (4, 4, 4).",
        ),
    ],
)
def test_refusals(made: Any, sentence: str) -> None:
    with pytest.raises(LayerError) as refusal:
        made()
    assert str(refusal.value) == sentence


def test_volumes_decide_first() -> None:
    found = solve_layers((3, 5), (12, 10), LayerSpec(1, 1, bias=False), Bounds(overlap="covered"))
    volumes = [math.prod(answer.layers[0].kernel_size) for answer in found.answers]
    assert volumes == sorted(volumes)
    assert found.answers[0].text == "k4×2, s4×2"


def test_sizes_below_one_are_refused() -> None:
    for sizes, name in (((0, 4), "input_size"), ((4, 0), "wanted")):
        with pytest.raises(LayerError, match=f"^{name} must be a whole number of at least 1, received 0"):
            solve_layers(*sizes, ONE)
