"""From a wanted size to the padding: every answer is tried, and everything is tried for an answer."""

import ast
import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS
from calculator.geometry.size_solver import (
    FrameworkSolution,
    framework_solutions,
    framework_ways,
    nearest,
    reachable,
    solve,
    solve_axis,
    unreachable_reason,
)
from tests.frameworks.strategies import axes, layers_and_sizes
from tests.helpers import reference

KEYS = {framework.title: name for name, framework in FRAMEWORKS.items()}
Sizes = tuple[int, ...]


def one_axis(kernel: int, **settings: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=1, out_channels=1, kernel_size=(kernel,), **settings)


def with_padding(layer: ConvTranspose, padding: Any, extra: Any) -> ConvTranspose:
    return dataclasses.replace(layer, padding=padding, output_padding=extra)


SMALL = [
    one_axis(k, stride=s, dilation=d)
    for k, s, d in itertools.product(range(1, 5), range(1, 5), range(1, 4))
    if k > 1 or d == 1 or s < d
]
INPUTS = (1, 2, 3, 4)
MAX_VALUE = 30
"""More than any of the small layers reaches from these inputs."""


def everything(layer: ConvTranspose, i: int) -> dict[int, list[tuple[int, int]]]:
    """Try every padding and output_padding; return those that are legal by the size they give."""
    found: dict[int, list[tuple[int, int]]] = {}
    for extra, padding in itertools.product(range(6), range(16)):
        try:
            (size,) = with_padding(layer, padding, extra).output_size(i)
        except LayerError:
            continue
        found.setdefault(size, []).append((padding, extra))
    return found


@pytest.mark.parametrize(
    ("layer", "i", "wanted", "solutions"),
    [
        (one_axis(4, stride=2), 16, 32, ((1, 0),)),  # DCGAN
        (one_axis(3, stride=2), 7, 14, ((1, 1),)),
        (one_axis(3, stride=2), 7, 13, ((1, 0),)),
        (one_axis(16, stride=8), 32, 256, ((4, 0), (5, 2), (6, 4), (7, 6))),  # HiFi-GAN V1 has the first
        (one_axis(2, stride=4), 5, 20, ((0, 2),)),
        (one_axis(3), 5, 6, ()),
        (one_axis(3, dilation=2), 5, 10, ((0, 1),)),
        (one_axis(4, stride=2), 16, 36, ()),
    ],
)
def test_known_solutions(layer: ConvTranspose, i: int, wanted: int, solutions: Any) -> None:
    assert solve_axis(layer, 0, i, wanted) == solutions


def test_nothing_is_missed_and_everything_fits() -> None:
    for layer, i in itertools.product(SMALL, INPUTS):
        tried = everything(layer, i)
        assert max(tried) < MAX_VALUE
        for wanted in range(1, MAX_VALUE + 1):
            assert list(solve_axis(layer, 0, i, wanted)) == tried.get(wanted, [])


def test_reasons_and_neighbours() -> None:
    for layer, i in itertools.product(SMALL, INPUTS):
        possible = sorted(size for size in everything(layer, i) if size >= 1)
        assert list(reachable(layer, 0, i)) == possible
        for wanted in range(1, MAX_VALUE + 1):
            below = [size for size in possible if size < wanted][-1:]
            above = [size for size in possible if size > wanted][:1]
            near, reason = nearest(layer, 0, i, wanted), unreachable_reason(layer, 0, i, wanted)
            if wanted in possible:
                assert (near, reason) == ((wanted,), "")
                continue
            assert list(near) == below + above
            assert f"received {wanted}" in reason
            assert all(str(size) in reason for size in near)
            assert ("at most" in reason) == (not above)


@pytest.mark.parametrize(
    ("layer", "i", "wanted", "sentence"),
    [
        (
            one_axis(4, stride=2),
            16,
            40,
            "PyTorch reaches at most 35 on axis 0, with padding=0 and output_padding=1, received 40.",
        ),
        (
            one_axis(3),
            5,
            6,
            "PyTorch reaches only odd sizes on axis 0: padding crops two positions at a time, and with "
            "stride=1 and dilation=1 there is no output_padding; received 6, the nearest are 5 and 7.",
        ),
        (
            one_axis(2),
            1,
            1,
            "PyTorch reaches only even sizes on axis 0: padding crops two positions at a time, and with "
            "stride=1 and dilation=1 there is no output_padding; received 1, the nearest is 2.",
        ),
    ],
)
def test_known_reasons(layer: ConvTranspose, i: int, wanted: int, sentence: str) -> None:
    assert unreachable_reason(layer, 0, i, wanted) == sentence


@given(drawn=layers_and_sizes(), data=st.data())
def test_solutions_really_give_the_size(drawn: tuple[ConvTranspose, Sizes], data: st.DataObject) -> None:
    """Any choice of one solution per axis, carried out in numpy, has the wanted size."""
    layer, size = drawn
    size = tuple(min(i, 3) for i in size)
    wanted = data.draw(axes(layer.rank, 1, 12))
    found = solve(layer, size, wanted)
    assert found == tuple(solve_axis(layer, a, size[a], wanted[a]) for a in range(layer.rank))
    for axis, solutions in enumerate(found):
        for padding, extra in solutions:
            carried = reference.carry_out(
                np.ones((1, size[axis])),
                [np.ones((1, 1, layer.kernel_size[axis]))],
                stride=(layer.stride[axis],),
                padding=(padding,),
                output_padding=(extra,),
                dilation=(layer.dilation[axis],),
            )
            assert carried.size == (wanted[axis],)
    if all(found):
        padding_axes, extras = zip(*(data.draw(st.sampled_from(one)) for one in found), strict=True)
        assert with_padding(layer, padding_axes, extras).output_size(size) == wanted


def test_own_padding_does_not_matter() -> None:
    for padding, extra in ((0, 0), (1, 1), (5, 0)):
        layer = one_axis(3, stride=2, padding=padding, output_padding=extra)
        assert solve(layer, 7, 14) == (((1, 1),),)
        assert [way.how for way in framework_solutions(layer, 7, 14)] == [
            way.how for way in framework_solutions(one_axis(3, stride=2), 7, 14)
        ]


def arguments(how: str) -> dict[str, Any]:
    """Return the arguments that ``how`` is."""
    call = ast.parse(f"f({how})", mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}


def size_of(way: FrameworkSolution, layer: ConvTranspose, size: Sizes) -> Sizes:
    """Ask the framework for the size of the arguments, after taking them out of the code."""
    said = arguments(way.how)
    if "output_shape" in said:
        assert len(said) == 1
        return tuple(said["output_shape"])
    if way.framework == "ONNX":
        said["padding"] = said.pop("pads")
    return FRAMEWORKS[KEYS[way.framework]].output_size(layer, size, **said)


def options(name: str, layer: ConvTranspose, size: Sizes) -> Iterator[tuple[Any, Any]]:
    """Yield every (padding, output_padding) of a framework; enough of them, where there is no end."""
    maximum = 12
    spans = [range(maximum)] * layer.rank
    if name == "pytorch":
        below = [range(max(s, d)) for s, d in zip(layer.stride, layer.dilation, strict=True)]
        yield from itertools.product(itertools.product(*spans), itertools.product(*below))
    elif name == "keras":
        numbers = itertools.product(*(range(s + 1) for s in layer.stride))
        yield from itertools.product(("valid", "same"), (None, *numbers))
    elif name == "flax":
        for highs in itertools.product(*[range(-maximum, 2 * maximum)] * layer.rank):
            yield tuple((0, high) for high in highs), None
    else:
        for begins, extras in itertools.product(
            itertools.product(*spans), itertools.product(*(range(s + 1) for s in layer.stride))
        ):
            yield (*begins, *[0] * layer.rank), extras


def sizes_reached(name: str, layer: ConvTranspose, size: Sizes) -> set[Sizes]:
    """Return the sizes of all options that the framework does not refuse."""
    found = set()
    for padding, extra in options(name, layer, size):
        try:
            found.add(FRAMEWORKS[name].output_size(layer, size, padding=padding, output_padding=extra))
        except LayerError:
            continue
    return found


def held_to_everything(layer: ConvTranspose, size: Sizes, goals: list[Sizes]) -> None:
    reached = {name: sizes_reached(name, layer, size) for name in FRAMEWORKS}
    for goal in goals:
        found = framework_solutions(layer, size, goal)
        assert list(dict.fromkeys(KEYS[way.framework] for way in found)) == list(FRAMEWORKS)
        for way in found:
            assert bool(way.how) == (goal in reached[KEYS[way.framework]]), (way, layer, size, goal)
            assert bool(way.how) != bool(way.problem)
            if way.how:
                assert size_of(way, layer, size) == goal


def test_ways_exist_exactly_when_some_option_does() -> None:
    for layer, i in itertools.product(SMALL, (1, 2, 4)):
        # Up to 11 the brute force reaches far enough for every one of these layers.
        minimum = 1 + max(0, (i - 1) * layer.stride[0] + layer.kernel_extent[0] - 11)
        held_to_everything(layer, (i,), [(goal,) for goal in range(minimum, minimum + 14)])


@pytest.mark.parametrize(
    "settings",
    [
        {"kernel_size": (4, 3), "stride": 2},
        {"kernel_size": (2, 4), "stride": (3, 2)},
        {"kernel_size": (2, 3), "stride": (1, 3)},
        {"kernel_size": (1, 3), "dilation": (1, 2)},
        {"kernel_size": (3, 2), "dilation": (2, 1), "stride": (1, 2)},
        {"kernel_size": 3, "groups": 2},
    ],
)
def test_ways_on_two_axes(settings: dict[str, Any]) -> None:
    channels = settings.get("groups", 1)
    layer = ConvTranspose(in_channels=channels, out_channels=channels, **settings)
    held_to_everything(layer, (2, 2), list(itertools.product(range(1, 10), repeat=2)))


@configured(max_examples=300)
@given(drawn=layers_and_sizes(most_groups=2), wanted=st.tuples(*[st.integers(1, 45)] * 3), near=st.booleans())
def test_every_way_gives_the_size(drawn: tuple[ConvTranspose, Sizes], wanted: Sizes, near: bool) -> None:
    layer, size = drawn
    goal = wanted[: layer.rank]
    if near:  # i·s, and up to two more or less: what people ask for
        goal = tuple(max(i * s + w % 5 - 2, 1) for i, s, w in zip(size, layer.stride, goal, strict=True))
    for way in framework_solutions(layer, size, goal):
        if way.how:
            assert size_of(way, layer, size) == goal
        else:
            assert way.problem.endswith(".")
            assert "received" in way.problem


def test_output_shape_wherever_pads_do_and_the_output_is_no_smaller() -> None:
    for layer, i, goal in itertools.product(SMALL, INPUTS, range(1, MAX_VALUE)):
        onnx = [way for way in framework_solutions(layer, i, goal) if way.framework == "ONNX"]
        assert len(onnx) == (2 if onnx[0].how and goal >= i else 1)


def test_one_word_of_keras_is_enough() -> None:
    """Where 'valid' and 'same' give one size, the layer says that neither crops: they are the same."""
    keras = FRAMEWORKS["keras"]
    for layer, i in itertools.product(SMALL, INPUTS):
        if max(layer.stride) > 1 and max(layer.dilation) > 1:
            continue
        for extras in itertools.product([None, *range(layer.stride[0])], repeat=2):
            words = zip(("valid", "same"), extras, strict=True)
            valid, same = (
                keras.output_size(layer, i, padding=word, output_padding=extra) for word, extra in words
            )
            assert valid != same or valid[0] >= everything_landed(layer, i)


def everything_landed(layer: ConvTranspose, i: int) -> int:
    return with_padding(layer, 0, 0).output_size(i)[0]


PLACED = "the values differ"


@pytest.mark.parametrize("framework", ["Keras", "Flax"])
def test_notes_say_when_no_padding_gives_the_same_values(framework: str) -> None:
    """``layer_padding`` is about values: a word says one of PyTorch's solutions, or none of them."""
    noted = 0
    for layer, i, goal in itertools.product(SMALL, INPUTS, range(1, MAX_VALUE)):
        solutions = solve_axis(layer, 0, i, goal)
        for way in framework_solutions(layer, i, goal):
            word = arguments(way.how).get("padding") if way.how else None
            if way.framework != framework or not isinstance(word, str):
                continue
            expressible = [said_in(framework, with_padding(layer, p, op)) for p, op in solutions]
            same = any(expressible) if framework == "Keras" else word in expressible
            assert (PLACED in way.note) == (bool(solutions) and not same), (way, layer, i, goal)
            noted += PLACED in way.note
    assert noted > 50


def said_in(framework: str, layer: ConvTranspose) -> Any:
    """Return the padding that says exactly ``layer``, or ``None``."""
    try:
        return FRAMEWORKS[KEYS[framework]].layer_padding(layer)[0]
    except LayerError:
        return None


@given(drawn=layers_and_sizes(most_groups=1, most_dilation=1), wanted=axes(3, 1, 45))
def test_numbers_never_need_that_note(drawn: tuple[ConvTranspose, Sizes], wanted: Sizes) -> None:
    layer, size = drawn
    for way in framework_solutions(layer, size, wanted[: layer.rank]):
        if way.how and not isinstance(arguments(way.how).get("padding"), str):
            assert PLACED not in way.note
            beyond = any(w > reach for w, reach in zip(wanted, everywhere(layer, size), strict=False))
            assert ("No product lands" in way.note) == beyond


def everywhere(layer: ConvTranspose, size: Sizes) -> Sizes:
    return with_padding(layer, 0, 0).output_size(size)


PLACED_1 = (
    "The size is the same as in PyTorch, but the values differ: an odd number of positions is cropped on "
    "axis 0. The additional position is at the end here, and at the start in PyTorch."
)


EMPTY = "No product lands in the last position of axis 0: the output is 0 there."
KERAS = "Keras accepts only one word as padding, for all axes: "
KERAS_DILATION = (
    "Keras forbids a stride above 1 together with a dilation above 1, also on different axes: one of them "
    "must be 1, received stride=2, dilation=2."
)
ONNX = (
    "onnxruntime reaches at most 35 on axis 0, with pads=0 and output_padding=1, which must be below the "
    "stride, received 40."
)


@pytest.mark.parametrize(
    ("layer", "i", "wanted", "expected"),
    [
        (
            one_axis(4, stride=2),
            16,
            32,
            [
                FrameworkSolution("PyTorch", "padding=1, output_padding=0"),
                FrameworkSolution("Keras", "padding='same'"),
                FrameworkSolution("Flax", "padding='SAME'"),
                FrameworkSolution("Flax", "padding=((2, 2),)"),
                FrameworkSolution("ONNX", "pads=[1, 1], output_padding=[0]"),
                FrameworkSolution("ONNX", "output_shape=[32]"),
            ],
        ),
        (
            one_axis(3, stride=2),
            7,
            14,
            [
                FrameworkSolution("PyTorch", "padding=1, output_padding=1"),
                FrameworkSolution("Keras", "padding='same'", note=PLACED_1),
                FrameworkSolution("Flax", "padding='SAME'", note=PLACED_1),
                FrameworkSolution("Flax", "padding=((1, 2),)"),
                FrameworkSolution("ONNX", "pads=[1, 1], output_padding=[1]"),
                FrameworkSolution("ONNX", "output_shape=[14]"),
            ],
        ),
        (
            one_axis(2, stride=4, bias=False),
            5,
            19,
            [
                FrameworkSolution(
                    "PyTorch",
                    "padding=0, output_padding=1",
                    note=EMPTY,
                ),
                FrameworkSolution(
                    "Keras",
                    "padding='valid', output_padding=1",
                    note=EMPTY,
                ),
                FrameworkSolution(
                    "Flax",
                    "padding=((1, 2),)",
                    note=EMPTY,
                ),
                FrameworkSolution(
                    "ONNX",
                    "pads=[0, 0], output_padding=[1]",
                    note=EMPTY,
                ),
                FrameworkSolution(
                    "ONNX",
                    "output_shape=[19]",
                    note=EMPTY,
                ),
            ],
        ),
        (
            one_axis(3),
            5,
            4,
            [
                FrameworkSolution("PyTorch", problem=unreachable_reason(one_axis(3), 0, 5, 4)),
                FrameworkSolution(
                    "Keras",
                    problem=KERAS + "'same' gives 5; 'valid' gives 7; received 4.",
                ),
                FrameworkSolution("Flax", "padding=((0, 1),)"),
                FrameworkSolution("ONNX", "pads=[2, 1], output_padding=[0]"),
            ],
        ),
        (
            one_axis(4, stride=2),
            16,
            40,
            [
                FrameworkSolution("PyTorch", problem=unreachable_reason(one_axis(4, stride=2), 0, 16, 40)),
                FrameworkSolution(
                    "Keras",
                    problem=KERAS
                    + "'same' gives 32, or 30…31 with output_padding; 'valid' gives 34…35; received 40.",
                ),
                FrameworkSolution(
                    "Flax",
                    "padding=((3, 9),)",
                    note="No product lands in the last 6 positions of axis 0: only the bias is there.",
                ),
                FrameworkSolution(
                    "ONNX",
                    problem=ONNX,
                ),
            ],
        ),
        (
            one_axis(3, stride=2, dilation=2),
            5,
            10,
            [
                FrameworkSolution("PyTorch", "padding=2, output_padding=1"),
                FrameworkSolution(
                    "Keras",
                    problem=KERAS_DILATION,
                ),
                FrameworkSolution("Flax", "padding='SAME'", note=PLACED_1),
                FrameworkSolution("Flax", "padding=((2, 3),)"),
                FrameworkSolution("ONNX", "pads=[2, 2], output_padding=[1]"),
                FrameworkSolution("ONNX", "output_shape=[10]"),
            ],
        ),
    ],
)
def test_known_ways(layer: ConvTranspose, i: int, wanted: int, expected: list[FrameworkSolution]) -> None:
    assert list(framework_solutions(layer, i, wanted)) == expected


def test_known_ways_on_two_axes() -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(4, 3), stride=2)
    placed = PLACED_1.replace("axis 0", "axis 1")
    assert list(framework_solutions(layer, 5, (10, 10)))[:4] == [
        FrameworkSolution("PyTorch", "padding=1, output_padding=(0, 1)"),
        FrameworkSolution("Keras", "padding='same'", note=placed),
        FrameworkSolution("Flax", "padding='SAME'", note=placed),
        FrameworkSolution("Flax", "padding=((2, 2), (1, 2))"),
    ]
    # One axis of 'same' without output_padding and one with: Keras has no words for that.
    assert framework_solutions(layer, 5, (10, 9))[1].problem == (
        "Keras accepts only one word as padding, for all axes: 'same' gives 10 × 10, or 8…9 × 9…10 "
        "with output_padding; 'valid' gives 12…13 × 11…12; received 10 × 9."
    )


def test_no_note_where_pytorch_has_no_values_to_compare() -> None:
    # Axis 0 crops 3 of 8 for 'same', which padding cannot; axis 1 alone would have the note.
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(4, 3), stride=(1, 2))
    pytorch, keras, *_ = framework_solutions(layer, 5, (5, 10))
    assert pytorch.problem.startswith("PyTorch reaches only even sizes on axis 0")
    assert keras == FrameworkSolution("Keras", "padding='same'")


def test_output_shape_is_not_offered_where_any_axis_shrinks() -> None:
    layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2, padding=1)
    assert [way.how for way in framework_solutions(layer, 5, (4, 10)) if way.framework == "ONNX"] == [
        "pads=[4, 1, 4, 1], output_padding=[1, 1]"
    ]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (lambda made: solve_axis(made, 0, 5, 0), "wanted must be a whole number of at least 1, received 0."),
        (
            lambda made: solve(made, 5, (4, 4)),
            "wanted must be one whole number, or 1 (one per axis), received (4, 4).",
        ),
        (
            lambda made: framework_solutions(made, 0, 4),
            "input_size must be a whole number of at least 1, received 0.",
        ),
        (
            lambda made: framework_solutions(made, 4, -4),
            "wanted must be a whole number of at least 1, received -4.",
        ),
        (
            lambda made: unreachable_reason(made, 1, 5, 4),
            "axis must be below 1, the layer's rank, received 1.",
        ),
        (lambda made: nearest(made, 0, 5, -1), "wanted must be a whole number of at least 1, received -1."),
        (lambda made: reachable(made, 0, 0), "input_size must be a whole number of at least 1, received 0."),
    ],
)
def test_refusals(asked: Any, sentence: str) -> None:
    with pytest.raises(LayerError) as refusal:
        asked(one_axis(3))
    assert str(refusal.value) == sentence


def test_the_ways_of_a_layer_are_its_own() -> None:
    """They are tried for every padding and output_padding, not only for the smallest."""
    compared = 0
    for layer, i in itertools.product(SMALL, (1, 3)):
        for size, pairs in everything(layer, i).items():
            if not size:
                continue
            for p, op in pairs:
                own = with_padding(layer, p, op)
                ways = framework_ways(own, i)
                assert ways[0].how == f"padding={p}, output_padding={op}"
                assert list(dict.fromkeys(KEYS[way.framework] for way in ways)) == list(FRAMEWORKS)
                assert ("No product lands" in ways[0].note) == (op > p)
                for way in ways:
                    assert bool(way.how) != bool(way.problem)
                    assert not way.how or size_of(way, own, (i,)) == (size,)
                if (p, op) == pairs[0]:
                    assert ways == framework_solutions(layer, i, size)
                    continue
                compared += 1
                for way in ways:
                    framework = FRAMEWORKS[KEYS[way.framework]]
                    assert bool(way.problem) == bool(framework.problems(own))
                    assert way.problem or way.note == ways[0].note
    assert compared > 100


def test_a_way_says_which_positions_are_empty() -> None:
    ways = framework_ways(one_axis(2, stride=4, padding=1, output_padding=3, bias=False), 5)
    note = "No product lands in the last 2 positions of axis 0: the output is 0 there."
    assert ways == (
        FrameworkSolution("PyTorch", "padding=1, output_padding=3", note=note),
        FrameworkSolution("Keras", problem=ways[1].problem),
        FrameworkSolution("Flax", "padding=((0, 3),)", note=note),
        FrameworkSolution("ONNX", "pads=[1, 1], output_padding=[3]", note=note),
    )
    assert ways[1].problem.startswith("Keras has only 'valid' and 'same'")
