"""From an input and a wanted output size to the padding that gives it, in every framework.

``solve`` answers in PyTorch's words: relationship 14 of Dumoulin & Visin (2016), read backwards.
``framework_solutions`` answers in each framework's own; ``calculator.frameworks`` has their sources.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.formatting import axes_code
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis, whole_number
from calculator.frameworks import FRAMEWORKS
from calculator.geometry.inverse import full_size

Solutions = tuple[tuple[int, int], ...]
"""Pairs of (padding, output_padding), ascending by output_padding."""

Sizes = tuple[int, ...]
"""One size per axis."""


def solve_axis(layer: ConvTranspose, axis: int, input_size: int, wanted: int) -> Solutions:
    """Return every legal (padding, output_padding) on one axis that gives ``wanted`` positions.

    Kernel, stride and dilation are the layer's; its own padding does not matter. Empty when there is
    none, see ``unreachable_reason``. Raises ``LayerError`` for sizes below 1 and an axis that is not there.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=4, stride=4)
    >>> solve_axis(layer, 0, 16, 61), solve_axis(layer, 0, 16, 70)
    (((2, 1), (3, 3)), ())
    """
    surplus = full_size(layer, axis, input_size) - whole_number("wanted", wanted, 1)
    # Padding crops two at a time, so output_padding has the parity of what is to be cropped.
    extras = range(max(-surplus, surplus % 2), max(layer.stride[axis], layer.dilation[axis]), 2)
    return tuple(((surplus + extra) // 2, extra) for extra in extras)


def solve(layer: ConvTranspose, input_size: Spatial, wanted: Spatial) -> tuple[Solutions, ...]:
    """Return ``solve_axis`` of every axis; any choice of one pair per axis gives ``wanted``.

    >>> solve(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2), 7, (13, 14))
    (((1, 0),), ((1, 1),))
    """
    goal = per_axis("wanted", wanted, layer.rank, 1)
    pairs = zip(layer.input_axes(input_size), goal, strict=True)
    return tuple(solve_axis(layer, axis, i, size) for axis, (i, size) in enumerate(pairs))


def reachable(layer: ConvTranspose, axis: int, input_size: int) -> range:
    """Return every output size of at least 1 that some padding and output_padding give on one axis.

    With stride 1 and dilation 1 there is no output_padding, so only every second size.

    >>> reachable(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3), 0, 5)
    range(1, 8, 2)
    >>> reachable(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2), 0, 5)
    range(1, 13)
    """
    full = full_size(layer, axis, input_size)
    maximum = max(layer.stride[axis], layer.dilation[axis]) - 1
    return range(1, full + maximum + 1) if maximum else range(2 - full % 2, full + 1, 2)


def nearest(layer: ConvTranspose, axis: int, input_size: int, wanted: int) -> Sizes:
    """Return the reachable sizes nearest to ``wanted``, below and above: (wanted,) when it is one.

    >>> nearest(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3), 0, 5, 4)
    (3, 5)
    """
    sizes = reachable(layer, axis, input_size)
    wanted = whole_number("wanted", wanted, 1)
    if wanted in sizes:
        return (wanted,)
    return tuple(size for size in (min(wanted - 1, sizes[-1]), wanted + 1) if size in sizes)


def unreachable_reason(layer: ConvTranspose, axis: int, input_size: int, wanted: int) -> str:
    """Return why ``solve_axis`` finds nothing, with the nearest sizes; empty when it finds something.

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
            f"output_padding={maximum}, "
            f"received {wanted}."
        )
    return (
        f"PyTorch reaches only {'odd' if near[-1] % 2 else 'even'} sizes on axis {axis}: padding crops two "
        "positions at a time, and with stride=1 and dilation=1 there is no output_padding; received "
        f"{wanted}, the nearest {'are' if len(near) > 1 else 'is'} {' and '.join(map(str, near))}."
    )


@dataclass(frozen=True)
class FrameworkSolution:
    """How a framework makes the wanted size, or why it cannot.

    ``how`` is code, the arguments that matter; it is empty where ``problem`` is a sentence. ``note``
    says where the values differ from what one expects.
    """

    framework: str
    how: str = ""
    problem: str = ""
    note: str = ""


def framework_solutions(
    layer: ConvTranspose, input_size: Spatial, wanted: Spatial
) -> tuple[FrameworkSolution, ...]:
    """Return how PyTorch, Keras, Flax and ONNX make ``wanted``, at least one ``FrameworkSolution`` for each.

    Kernel, stride, dilation and groups are the layer's. A framework has two ways where it has a
    word, or a size, besides the numbers. Raises ``LayerError`` for sizes below 1.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2)
    >>> for way in framework_solutions(layer, 16, 32):
    ...     print(way.framework, way.how)
    PyTorch padding=1, output_padding=0
    Keras padding='same'
    Flax padding='SAME'
    Flax padding=((2, 2), (2, 2))
    ONNX pads=[1, 1, 1, 1], output_padding=[0, 0]
    ONNX output_shape=[32, 32]
    """
    sizes, goal = layer.input_axes(input_size), per_axis("wanted", wanted, layer.rank, 1)
    numbers, word = _pytorch(layer, sizes, goal), _keras(layer, sizes, goal)
    return numbers, word, *_flax(layer, sizes, goal), *_onnx(layer, sizes, goal)


def _surplus(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> Sizes:
    """Return the positions to crop on each axis; below 0, those to add."""
    return tuple(full_size(layer, axis, i) - goal[axis] for axis, i in enumerate(sizes))


def _crops(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> tuple[tuple[int, int], ...]:
    """Return what to take off (before, after) on each axis, as PyTorch's least output_padding does.

    An odd position comes off before. Positions are only ever added after: there ``after`` is negative.
    """
    surplus = _surplus(layer, sizes, goal)
    befores = [max((amount + 1) // 2, 0) for amount in surplus]
    return tuple((before, amount - before) for before, amount in zip(befores, surplus, strict=True))


def _times(values: Iterable[object]) -> str:
    return " × ".join(map(str, values))


def _positions(count: int) -> str:
    return "position" if count == 1 else f"{count} positions"


def _note(layer: ConvTranspose, sizes: Sizes, goal: Sizes, *, word: bool = False) -> str:
    """Return where no product lands, and where a ``word`` crops unlike PyTorch's numbers."""
    sentences = []
    surplus = list(enumerate(_surplus(layer, sizes, goal)))
    if empty := [f"the last {_positions(-amount)} of axis {axis}" for axis, amount in surplus if amount < 0]:
        held = "only the bias is" if layer.bias else "the output is 0"
        sentences.append(f"No product lands in {' and '.join(empty)}: {held} there.")
    odd = [f"axis {axis}" for axis, amount in surplus if amount > 0 and amount % 2]
    if word and odd and all(solve(layer, sizes, goal)):
        sentences.append(
            "The size is PyTorch's, the values are not: of an odd number of positions to crop, this takes "
            f"one more off the end of {' and '.join(odd)}, PyTorch off the start."
        )
    return " ".join(sentences)


def _pytorch(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> FrameworkSolution:
    title, found = "PyTorch", solve(layer, sizes, goal)
    for axis, solutions in enumerate(found):
        if not solutions:
            return FrameworkSolution(title, problem=unreachable_reason(layer, axis, sizes[axis], goal[axis]))
    padding, extra = zip(*(solutions[0] for solutions in found), strict=True)
    how = f"padding={axes_code(padding)}, output_padding={axes_code(extra)}"
    return FrameworkSolution(title, how, note=_note(layer, sizes, goal))


def _keras(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> FrameworkSolution:
    """Return the shortest way. Where both words give the size, neither crops: they are the same."""
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
    if any(extent % 2 == 0 for extent in layer.kernel_extent):  # there no output_padding reaches i·s
        automatic = _times(keras.output_size(layer, sizes, padding="same"))
        same = f"{automatic}, or {same} with output_padding"
    return FrameworkSolution(
        "Keras",
        problem=f"Keras has no numbers for padding, and one word for all axes: 'same' makes {same}; 'valid' "
        f"makes {valid}; received {_times(goal)}.",
    )


def _spans(minimum: Sizes, stride: Sizes) -> str:
    """Return the sizes from output_padding 0 to stride − 1, on each axis."""
    pairs = zip(minimum, stride, strict=True)
    return _times(f"{low}…{low + step - 1}" if step > 1 else low for low, step in pairs)


def _flax(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> tuple[FrameworkSolution, ...]:
    """Return a word that gives the size, if there is one, and the pairs that PyTorch's crop comes to."""
    flax = FRAMEWORKS["flax"]
    try:
        words = [word for word in ("SAME", "VALID") if flax.output_size(layer, sizes, padding=word) == goal]
    except LayerError as error:
        return (FrameworkSolution("Flax", problem=str(error)),)
    axes = zip(layer.kernel_extent, _crops(layer, sizes, goal), strict=True)
    pairs = tuple((extent - 1 - before, extent - 1 - after) for extent, (before, after) in axes)
    named = [
        FrameworkSolution("Flax", f"padding='{w}'", note=_note(layer, sizes, goal, word=True))
        for w in words[:1]
    ]
    return (*named, FrameworkSolution("Flax", f"padding={pairs}", note=_note(layer, sizes, goal)))


def _onnx(layer: ConvTranspose, sizes: Sizes, goal: Sizes) -> tuple[FrameworkSolution, ...]:
    """Return pads with output_padding; and output_shape, which onnxruntime crops in the same places.

    ONNX's shape inference leaves off where output_shape is below the input, so it is not offered there.
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
    way = FrameworkSolution("ONNX", f"pads={[*begins, *ends]}, output_padding={list(extras)}", note=note)
    if any(size < i for i, size in zip(sizes, goal, strict=True)):
        return (way,)
    return way, FrameworkSolution("ONNX", f"output_shape={list(goal)}", note=note)
