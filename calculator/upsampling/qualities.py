"""Properties of a way to upsample that hold whatever its weights are.

A form that never mixes channels, or has no learned spatial weights, does less than the others: their costs
are not compared.
"""

from collections.abc import Sequence

from calculator.core.layer import ConvTranspose
from calculator.frameworks import FRAMEWORKS
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, Unpool
from calculator.upsampling.operations import kernel_sizes, scale_factors


def learns_space(alternative: Alternative) -> bool:
    """Return whether training changes how neighbouring positions are combined, and no position is left out.

    That must hold along every axis that is enlarged, or along every axis if none is. A kernel of 1×1 only
    mixes channels, unless a shuffle turns its output channels into positions. A layer whose kernel is smaller
    than its stride leaves holes.

    >>> from calculator.upsampling.alternatives import alternatives
    >>> available = [choice for choice in alternatives(4, 4, (2,)) if isinstance(choice, Alternative)]
    >>> [choice.name for choice in available if not learns_space(choice)]
    ['shuffle + conv 1', 'conv 1 + nearest', 'conv 1 + linear']
    """
    if not all(minimum for minimum, _ in alternative.overlap()):
        return False
    enlarged = [axis for axis, scale in enumerate(alternative.scale_factor) if scale > 1]
    return all(_learns_along(alternative.operations, axis) for axis in enlarged or range(alternative.rank))


def _learns_along(layers: Sequence[Operation], axis: int) -> bool:
    """Return whether weights tell positions apart along ``axis``, before a shuffle or in a kernel."""
    weights = False
    for op in layers:
        if isinstance(op, ConvTranspose | Conv):
            weights = True
            if op.kernel_size[axis] > 1:
                return True
        elif weights and isinstance(op, Shuffle) and op.scale_factor[axis] > 1:
            return True
    return False


def mixes_channels(alternative: Alternative) -> bool:
    """Return whether every output position away from the borders depends on every input channel.

    A layer with groups never mixes the channels of different groups. After a shuffle, a position has only a
    part of the channels; the kernels after it must reach the positions that have the other part.

    >>> from calculator.upsampling.layers import Conv, Shuffle
    >>> made = lambda *layers: Alternative("key", "name", layers, "", "")
    >>> mixes_channels(made(Conv(8, 4, (3, 3)))), mixes_channels(made(Conv(8, 4, (3, 3), groups=4)))
    (True, False)
    >>> mixes_channels(made(Shuffle((2, 2)), Conv(2, 4, (1, 1))))
    False
    >>> mixes_channels(made(Shuffle((2, 2)), Conv(2, 4, (3, 3))))
    True
    """
    for index, op in enumerate(alternative.operations):
        if isinstance(op, ConvTranspose | Conv) and op.groups == 1:
            return all(
                _covers(alternative.operations[before + 1 :], earlier.scale_factor)
                for before, earlier in enumerate(alternative.operations[:index])
                if isinstance(earlier, Shuffle)
            )
    return alternative.in_channels == 1


def _covers(layers: Sequence[Operation], scale: Sequence[int]) -> bool:
    """Return whether the kernels of ``layers`` together cover ``scale`` positions along every axis."""
    return all(
        1 + sum(kernel_sizes(op)[axis] - 1 for op in layers) >= factor for axis, factor in enumerate(scale)
    )


def has_no_checkerboard(alternative: Alternative) -> bool:
    """Return whether no weights can make a pattern that repeats with the scale, away from the borders.

    Then a constant input has a constant output in every channel. Whatever resizes first has that property,
    and whatever ends with a mean over as many positions as the scale. A transposed convolution, a shuffle and
    an unpooling alone do not have it, even where their overlap is even (Odena et al. 2016).

    >>> from calculator.upsampling.alternatives import alternatives
    >>> found = {choice.key: choice for choice in alternatives(8, 4, (2, 2))}
    >>> [has_no_checkerboard(found[key]) for key in ("nearest-conv", "transposed-4x4", "transposed-4x4-blur")]
    [True, False, True]
    """
    periods = [1] * alternative.rank
    for op in alternative.operations:
        if isinstance(op, Blur):
            pairs = zip(op.kernel_size, periods, strict=True)
            periods = [1 if size % period == 0 else period for size, period in pairs]
        else:
            makes_one = isinstance(op, ConvTranspose | Shuffle | Unpool)
            pairs = zip(scale_factors(op), periods, strict=True)
            periods = [period * scale if makes_one or period > 1 else 1 for scale, period in pairs]
    return set(periods) == {1}


def is_easy_to_export(alternative: Alternative) -> bool:
    """Return whether every layer is one layer of PyTorch and of Keras, and one operator of ONNX.

    Keras has no transposed convolution with groups, no shuffle, no unpooling, no padding that repeats the
    border, and interpolates only in 2-D; the padding of a transposed convolution decides whether it has that.

    >>> from calculator.upsampling.alternatives import alternatives
    >>> found = {choice.key: choice for choice in alternatives(8, 4, (2, 2))}
    >>> keys = ("nearest-conv", "transposed-4x4", "transposed-3x3", "conv-shuffle")
    >>> [is_easy_to_export(found[key]) for key in keys]
    [True, True, False, False]
    """
    return all(map(_exports, alternative.operations))


def _exports(op: Operation) -> bool:
    """Return whether Keras and ONNX have the layer as one layer or operator."""
    match op:
        case ConvTranspose():
            return not FRAMEWORKS["keras"].problems(op) and not FRAMEWORKS["onnx"].problems(op)
        case Resize():
            return op.mode == "nearest" or len(op.scale_factor) == 2
        case Conv():
            return True
        case _:
            return False
