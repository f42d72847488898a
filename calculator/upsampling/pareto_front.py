"""The Pareto front of the alternatives by parameters and multiply–accumulates.

An alternative is on the front if no other alternative is as good on both costs and better on one.
"""

from collections.abc import Sequence

from calculator.core.validation import Spatial
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.qualities import learns_space, mixes_channels


def compared(alternatives: Sequence[Alternative]) -> tuple[int, ...]:
    """Return the indices of the alternatives whose costs are compared.

    They mix all channels and learn spatial weights. A fixed interpolation with 1×1 weights, or a layer with
    as many groups as channels, has the lowest costs because it does less. Where no alternative does both, all
    are compared.
    """
    full = tuple(
        index
        for index, alternative in enumerate(alternatives)
        if learns_space(alternative) and mixes_channels(alternative)
    )
    return full or tuple(range(len(alternatives)))


def learned_front(
    alternatives: Sequence[Alternative], input_size: Spatial, among: Sequence[int] | None = None
) -> tuple[int, ...]:
    """Return the indices of the compared alternatives on the Pareto front, by ascending parameters.

    Of alternatives with equal costs there is one: the one with the least memory for training, then the one
    whose outputs depend on the most inputs. ``among`` has the indices of ``compared``, where they are known
    already. Raises ``LayerError``.

    >>> from calculator.upsampling.alternatives import alternatives
    >>> available = [choice for choice in alternatives(64, 32, (2, 2)) if isinstance(choice, Alternative)]
    >>> for index in learned_front(available, 16):
    ...     print(available[index].name)
    shuffle + depthwise 3×1 + 1×3 + 1×1 + 1×1, groups 16
    1×1, groups 32 + 1×1 + depthwise transposed 2×2
    """
    indices = compared(alternatives) if among is None else among
    # All enlarge each size by the same scale, so all work grows by the same factor; 1 is asked elsewhere.
    costs = [
        (alternatives[index].parameter_count, alternatives[index].multiply_accumulates(1))
        for index in indices
    ]
    equals: dict[tuple[int, int], list[int]] = {}
    for n in pareto_front(costs):
        equals.setdefault(costs[n], []).append(indices[n])
    return tuple(
        group[0] if len(group) == 1 else min(group, key=lambda n: _rest(alternatives[n], input_size))
        for group in equals.values()
    )


def _rest(alternative: Alternative, input_size: Spatial) -> tuple[int, ...]:
    """Return what decides between equal costs: memory, then the inputs behind an output."""
    return alternative.kept_activations(input_size), *(-low for low, _ in alternative.receptive_field())


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
