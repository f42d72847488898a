"""The padding arguments that give a wanted output size, in every framework.

``solve`` returns PyTorch's padding and output_padding, by solving relationship 14 of Dumoulin & Visin (2016)
for them. ``framework_solutions`` returns the arguments of every framework for a size, and ``framework_ways``
those for exactly one layer; ``calculator.frameworks`` names the sources.
"""

from dataclasses import dataclass
from typing import Any

from calculator.core.errors import LayerError
from calculator.core.formatting import axes_code, format_count, format_product, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis, whole_number
from calculator.frameworks import FRAMEWORKS
from calculator.geometry.inverse import full_size

Solutions = tuple[tuple[int, int], ...]
"""Pairs of (padding, output_padding), ascending by output_padding."""

Sizes = tuple[int, ...]
"""One size per axis."""


MAX_SOLUTIONS = 100_000
"""The maximum number of pairs of padding and output_padding that are listed for one axis."""


def solve_axis(layer: ConvTranspose, axis: int, input_size: int, wanted: int) -> Solutions:
    """Return every valid (padding, output_padding) on one axis that gives ``wanted`` positions.

    Kernel, stride and dilation are those of the layer. Its own padding is ignored. If the result is empty,
    ``unreachable_reason`` returns the reason. Raises ``LayerError`` for sizes below 1, for an axis that does
    not exist, and for more than ``MAX_SOLUTIONS`` pairs.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=4)
    >>> solve_axis(layer, 0, 16, 61), solve_axis(layer, 0, 16, 70)
    (((2, 1), (3, 3)), ())
    """
    surplus = full_size(layer, axis, input_size) - whole_number("wanted", wanted, 1)
    extras = output_paddings(surplus, max(layer.stride[axis], layer.dilation[axis]) - 1)
    if extras[MAX_SOLUTIONS:]:
        raise LayerError(
            f"At most {MAX_SOLUTIONS} pairs of padding and output_padding are listed, received "
            f"stride={layer.stride[axis]}, dilation={layer.dilation[axis]} on axis {axis}."
        )
    return tuple(((surplus + extra) // 2, extra) for extra in extras)


def output_paddings(surplus: int, most: int) -> range:
    """Return every output_padding up to ``most`` with which some padding crops ``surplus`` positions.

    That padding is (surplus + output_padding) / 2: it crops both ends alike, so output_padding is odd if an
    odd number must be cropped. A negative surplus is a number of positions to add.

    >>> list(output_paddings(3, 4)), list(output_paddings(-2, 4)), list(output_paddings(3, 0))
    ([1, 3], [2, 4], [])
    """
    return range(max(-surplus, surplus % 2), most + 1, 2)


def solve(layer: ConvTranspose, input_size: Spatial, wanted: Spatial) -> tuple[Solutions, ...]:
    """Return ``solve_axis`` for every axis. Any combination of one pair per axis gives ``wanted``.

    Raises ``LayerError`` as ``solve_axis`` does.

    >>> solve(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2), 7, (13, 14))
    (((1, 0),), ((1, 1),))
    """
    goal = per_axis("wanted", wanted, layer.rank, 1)
    pairs = zip(layer.input_axes(input_size), goal, strict=True)
    return tuple(solve_axis(layer, axis, i, size) for axis, (i, size) in enumerate(pairs))


def reachable(layer: ConvTranspose, axis: int, input_size: int) -> range:
    """Return all output sizes of at least 1 that some padding and output_padding give on one axis.

    With stride 1 and dilation 1 output_padding must be 0, so that only every second size is reachable.

    >>> reachable(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3), 0, 5)
    range(1, 8, 2)
    >>> reachable(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2), 0, 5)
    range(1, 13)
    """
    full = full_size(layer, axis, input_size)
    maximum = max(layer.stride[axis], layer.dilation[axis]) - 1
    return range(1, full + maximum + 1) if maximum else range(2 - full % 2, full + 1, 2)


def nearest(layer: ConvTranspose, axis: int, input_size: int, wanted: int) -> Sizes:
    """Return the nearest reachable sizes below and above ``wanted``, or (wanted,) if it is reachable.

    >>> nearest(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3), 0, 5, 4)
    (3, 5)
    """
    sizes = reachable(layer, axis, input_size)
    wanted = whole_number("wanted", wanted, 1)
    if wanted in sizes:
        return (wanted,)
    return tuple(size for size in (min(wanted - 1, sizes[-1]), wanted + 1) if size in sizes)


def unreachable_reason(layer: ConvTranspose, axis: int, input_size: int, wanted: int) -> str:
    """Return the reason why ``solve_axis`` has no solution, or an empty text if it has one.

    >>> unreachable_reason(ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=2), 0, 16, 40)
    'PyTorch reaches at most 35 on axis 0, with padding=0 and output_padding=1, received 40.'
    """
    near = nearest(layer, axis, input_size, wanted)
    if near == (wanted,):
        return ""
    maximum = max(layer.stride[axis], layer.dilation[axis]) - 1
    if wanted > near[-1]:
        return (
            f"PyTorch reaches at most {near[-1]} on axis {axis}, with padding=0 and "
            f"output_padding={maximum}, received {wanted}."
        )
    sizes = join_words([str(size) for size in near])
    return (
        f"PyTorch reaches only {'odd' if near[-1] % 2 else 'even'} sizes on axis {axis}: padding crops two "
        "positions at a time, and with stride=1 and dilation=1 there is no output_padding; received "
        f"{wanted}, the nearest {'are' if len(near) > 1 else 'is'} {sizes}."
    )


@dataclass(frozen=True)
class FrameworkSolution:
    """The arguments with which a framework gives the wanted size, or the reason why it cannot.

    ``how`` has the arguments as code. It is empty if ``problem`` has the reason, a sentence. ``note`` states
    where the values of the output differ from those of PyTorch, or where no product lands.
    """

    framework: str
    how: str = ""
    problem: str = ""
    note: str = ""


def framework_solutions(
    layer: ConvTranspose, input_size: Spatial, wanted: Spatial
) -> tuple[FrameworkSolution, ...]:
    """Return the arguments that give ``wanted`` in PyTorch, Keras, Flax and ONNX.

    Kernel, stride, dilation and groups are those of the layer. Each framework has one or two solutions: some
    have a word, or a size, besides the numbers. Raises ``LayerError`` for sizes below 1.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2)
    >>> for solution in framework_solutions(layer, 16, 32):
    ...     print(solution.framework, solution.how)
    PyTorch padding=1, output_padding=0
    Keras padding='same'
    Flax padding='SAME'
    Flax padding=((2, 2), (2, 2))
    ONNX pads=[1, 1, 1, 1], output_padding=[0, 0]
    ONNX output_shape=[32, 32]
    """
    sizes, goal = layer.input_axes(input_size), per_axis("wanted", wanted, layer.rank, 1)
    pytorch, keras = _pytorch(layer, sizes, goal), _keras(layer, sizes, goal)
    return pytorch, keras, *_flax(layer, sizes, goal), *_onnx(layer, sizes, goal)


def framework_ways(layer: ConvTranspose, input_size: Spatial) -> tuple[FrameworkSolution, ...]:
    """Return the arguments with which every framework gives the output size of ``layer``.

    With the smallest output_padding these are the ``framework_solutions``. With another one, the arguments
    also crop the same positions as ``layer``, or a sentence says that the framework cannot. Raises
    ``LayerError`` for an input size or an output size below 1.

    >>> layer = ConvTranspose(
    ...     in_channels=1, out_channels=1, kernel_size=4, stride=4, padding=3, output_padding=3
    ... )
    >>> for way in framework_ways(layer, 16):
    ...     print(way.framework, way.how or way.problem[:40])
    PyTorch padding=3, output_padding=3
    Keras Keras has only 'valid' and 'same' for pa
    Flax padding=((0, 3), (0, 3))
    ONNX pads=[3, 3, 3, 3], output_padding=[3, 3]
    """
    sizes, goal = layer.input_axes(input_size), layer.output_size(input_size)
    smallest = tuple(solutions[0] for solutions in solve(layer, sizes, goal))
    if smallest == tuple(zip(layer.padding, layer.output_padding, strict=True)):
        return framework_solutions(layer, sizes, goal)
    note = _note(layer, sizes, goal, crops=_own_crops(layer))
    ways = []
    for name, framework in FRAMEWORKS.items():
        try:
            padding, extra = framework.layer_padding(layer)
        except LayerError as error:
            ways.append(FrameworkSolution(framework.title, problem=str(error)))
            continue
        ways.append(FrameworkSolution(framework.title, _arguments(name, padding, extra), note=note))
    return tuple(ways)


def _own_crops(layer: ConvTranspose) -> tuple[tuple[int, int], ...]:
    """Return the positions that ``layer`` crops (before, after) on each axis."""
    pairs = zip(layer.padding, layer.output_padding, strict=True)
    return tuple((padding, padding - extra) for padding, extra in pairs)


def _arguments(name: str, padding: Any, extra: Any) -> str:
    """Return the result of ``layer_padding`` of the framework ``name`` as code."""
    if name == "onnx":
        return f"pads={list(padding)}, output_padding={list(extra)}"
    word = axes_code(padding) if name == "pytorch" else repr(padding)
    return f"padding={word}" + ("" if extra is None else f", output_padding={axes_code(extra)}")


def _surplus(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> Sizes:
    """Return the number of positions to crop on each axis. A negative number is a number to add."""
    return tuple(full_size(layer, axis, i) - goal[axis] for axis, i in enumerate(sizes))


def _crops(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> tuple[tuple[int, int], ...]:
    """Return the positions to crop (before, after) on each axis, as with PyTorch's smallest output_padding.

    Of an odd number, one more is cropped before. Positions are added only after; then ``after`` is negative.
    """
    surplus = _surplus(layer, sizes, goal)
    befores = [max((amount + 1) // 2, 0) for amount in surplus]
    return tuple((before, amount - before) for before, amount in zip(befores, surplus, strict=True))


def _positions(count: int) -> str:
    return "position" if count == 1 else plural(count, "position")


def _note(
    layer: ConvTranspose,
    sizes: Sizes,
    goal: Sizes,
    *,
    word: bool = False,
    crops: tuple[tuple[int, int], ...] = (),
) -> str:
    """Return where no product lands, and where a word crops other positions than PyTorch's numbers."""
    sentences = []
    surplus = list(enumerate(_surplus(layer, sizes, goal)))
    ends = [(axis, -after) for axis, (_, after) in enumerate(crops or _crops(layer, sizes, goal))]
    if empty := [f"the last {_positions(count)} of axis {axis}" for axis, count in ends if count > 0]:
        content = "only the bias is" if layer.bias else "the output is 0"
        sentences.append(f"No product lands in {join_words(empty)}: {content} there.")
    odd = [f"axis {axis}" for axis, amount in surplus if amount > 0 and amount % 2]
    if word and odd and all(solve(layer, sizes, goal)):
        sentences.append(
            "The size is the same as in PyTorch, but the values differ: an odd number of positions is "
            f"cropped on {join_words(odd)}. The additional position is at the end here, and at the start in "
            "PyTorch."
        )
    return " ".join(sentences)


def _pytorch(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> FrameworkSolution:
    """Return the solution with the smallest output_padding on each axis."""
    title, axes = "PyTorch", solve(layer, sizes, goal)
    for axis, solutions in enumerate(axes):
        if not solutions:
            return FrameworkSolution(title, problem=unreachable_reason(layer, axis, sizes[axis], goal[axis]))
    padding, extra = zip(*(solutions[0] for solutions in axes), strict=True)
    how = f"padding={axes_code(padding)}, output_padding={axes_code(extra)}"
    return FrameworkSolution(title, how, note=_note(layer, sizes, goal))


def _keras(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> FrameworkSolution:
    """Return the shortest solution. If both words give the size, neither crops, and both are equal."""
    keras, minimum = FRAMEWORKS["keras"], {}
    try:
        for word in ("same", "valid"):
            if keras.output_size(layer, sizes, padding=word) == goal:
                return FrameworkSolution(
                    "Keras", f"padding='{word}'", note=_note(layer, sizes, goal, word=True)
                )
            minimum[word] = keras.output_size(layer, sizes, padding=word, output_padding=0)
    except LayerError as error:
        return FrameworkSolution("Keras", problem=str(error))
    for word in ("valid", "same"):
        extra = tuple(size - base for size, base in zip(goal, minimum[word], strict=True))
        if all(0 <= value < stride for value, stride in zip(extra, layer.stride, strict=True)):
            how = f"padding='{word}', output_padding={axes_code(extra)}"
            return FrameworkSolution("Keras", how, note=_note(layer, sizes, goal, word=True))
    same, valid = (_spans(minimum[word], layer.stride) for word in ("same", "valid"))
    if any(
        extent % 2 == 0 for extent in layer.kernel_extent
    ):  # With an even extent, no output_padding gives i·s.
        automatic = format_product(keras.output_size(layer, sizes, padding="same"))
        same = f"{automatic}, or {same} with output_padding"
    return FrameworkSolution(
        "Keras",
        problem=f"Keras accepts only one word as padding, for all axes: 'same' gives {same}; 'valid' "
        f"gives {valid}; received {format_product(goal)}.",
    )


def _spans(minimum: Sizes, stride: Sizes) -> str:
    """Return the range of sizes on each axis, for output_padding from 0 to stride − 1."""
    ends = [(low, low + step - 1) for low, step in zip(minimum, stride, strict=True)]
    return " × ".join("…".join(map(format_count, sorted({*pair}))) for pair in ends)


def _flax(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> tuple[FrameworkSolution, ...]:
    """Return the word that gives the size, if any, and the pairs that crop as PyTorch does."""
    flax = FRAMEWORKS["flax"]
    try:
        words = [word for word in ("SAME", "VALID") if flax.output_size(layer, sizes, padding=word) == goal]
    except LayerError as error:
        return (FrameworkSolution("Flax", problem=str(error)),)
    axes = zip(layer.kernel_extent, _crops(layer, sizes, goal), strict=True)
    pairs = tuple((extent - 1 - before, extent - 1 - after) for extent, (before, after) in axes)
    named = [
        FrameworkSolution("Flax", f"padding='{word}'", note=_note(layer, sizes, goal, word=True))
        for word in words[:1]
    ]
    return (*named, FrameworkSolution("Flax", f"padding={pairs}", note=_note(layer, sizes, goal)))


def _onnx(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> tuple[FrameworkSolution, ...]:
    """Return the pads with output_padding, and output_shape, for which onnxruntime crops the same positions.

    ONNX's shape inference fails if output_shape is smaller than the input, so it is not returned then.
    """
    axes = []
    for axis, (before, after) in enumerate(_crops(layer, sizes, goal)):
        extra = before - after
        if extra >= layer.stride[axis] and after < 0:
            maximum = layer.stride[axis] - 1
            problem = (
                f"onnxruntime reaches at most {goal[axis] + after + maximum} on axis {axis}, with pads=0 and "
                f"output_padding={maximum}, which must be below the stride, received {goal[axis]}."
            )
            return (FrameworkSolution("ONNX", problem=problem),)
        axes.append((before, before, extra) if extra < layer.stride[axis] else (before, after, 0))
    begins, ends, extras = zip(*axes, strict=True)
    note = _note(layer, sizes, goal)
    pads = FrameworkSolution("ONNX", f"pads={[*begins, *ends]}, output_padding={list(extras)}", note=note)
    if any(size < i for i, size in zip(sizes, goal, strict=True)):
        return (pads,)
    return pads, FrameworkSolution("ONNX", f"output_shape={list(goal)}", note=note)
