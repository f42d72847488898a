"""The Pareto front of the alternatives by parameters and multiply–accumulates.

An alternative is on the front if no other alternative is as good on both costs and better on one.
"""

import math
from collections.abc import Sequence

from calculator.comparison.alternative import Alternative
from calculator.comparison.upsampling_layers import Conv
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial


def learns_space(alternative: Alternative) -> bool:
    """Return whether training changes how neighbouring positions are combined, and no position is left out.

    A kernel of 1×1 only mixes channels. A layer whose kernel is smaller than its stride leaves holes.

    >>> from calculator.comparison.alternatives import alternatives
    >>> available = [choice for choice in alternatives(4, 4, (2,)) if isinstance(choice, Alternative)]
    >>> [choice.key for choice in available if not learns_space(choice)]
    ['linear-pointwise', 'pointwise-linear']
    """
    layers = (op for op in alternative.operations if isinstance(op, ConvTranspose | Conv))
    has_holes = not all(minimum for minimum, _ in alternative.overlap())
    return not has_holes and any(math.prod(op.kernel_size) > 1 for op in layers)


def learned_front(alternatives: Sequence[Alternative], input_size: Spatial) -> tuple[int, ...]:
    """Return the indices of the alternatives on the Pareto front, by ascending parameters.

    Only alternatives with learned spatial weights are compared, if there are any: a fixed interpolation with
    1×1 weights has the lowest costs, and would be alone on the front. Raises ``LayerError``.

    >>> from calculator.comparison.alternatives import alternatives
    >>> available = [choice for choice in alternatives(64, 32, (2, 2)) if isinstance(choice, Alternative)]
    >>> [available[index].key for index in learned_front(available, 16)]
    ['depthwise', 'grouped']
    """
    learning = [index for index, alternative in enumerate(alternatives) if learns_space(alternative)]
    compared = learning or list(range(len(alternatives)))
    costs = [
        (alternatives[index].parameter_count, alternatives[index].multiply_accumulates(input_size))
        for index in compared
    ]
    return tuple(compared[n] for n in pareto_front(costs))


def pareto_front(points: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Return the indices of the points that no other point dominates, by ascending first coordinate.

    A point dominates another if it is at most as large on both coordinates and smaller on one. Equal points
    do not dominate each other.

    >>> pareto_front([(3, 1), (1, 3), (2, 2), (3, 2), (2, 2)])
    (1, 2, 4, 0)
    """
    front: list[int] = []
    # In this order, a point is dominated exactly if an earlier one is at most as large on the second axis.
    for index in sorted(range(len(points)), key=lambda index: points[index]):
        if not front or points[index][1] < points[front[-1]][1] or points[index] == points[front[-1]]:
            front.append(index)
    return tuple(front)
