"""The best front of the alternatives: those that no other one beats on both costs."""

import math
from collections.abc import Sequence

from calculator.comparison.alternative import Alternative
from calculator.comparison.upsampling_layers import Conv
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial


def learns_space(one: Alternative) -> bool:
    """Return whether weights decide about space: where an input value goes, or how neighbours mix.

    1×1 weights do not, and a layer that leaves holes cannot.

    >>> from calculator.comparison.alternatives import alternatives
    >>> found = [one for one in alternatives(4, 4, (2,)) if isinstance(one, Alternative)]
    >>> [one.key for one in found if not learns_space(one)]
    ['linear-pointwise', 'pointwise-linear']
    """
    layers = (op for op in one.operations if isinstance(op, ConvTranspose | Conv))
    filled = all(minimum for minimum, _ in one.overlap())
    return filled and any(math.prod(op.kernel_size) > 1 for op in layers)


def learned_front(found: Sequence[Alternative], input_size: Spatial) -> tuple[int, ...]:
    """Return the places of the best front in ``found``, by parameters and multiply–accumulates.

    A fixed interpolation with 1×1 weights costs least of all, so it would be the whole front; it is
    left out unless there is nothing else.

    >>> from calculator.comparison.alternatives import alternatives
    >>> found = [one for one in alternatives(64, 32, (2, 2)) if isinstance(one, Alternative)]
    >>> [found[place].key for place in learned_front(found, 16)]
    ['depthwise', 'grouped']
    """
    learning = [place for place, one in enumerate(found) if learns_space(one)]
    places = learning or list(range(len(found)))
    costs = [(found[n].parameter_count, found[n].multiply_accumulates(input_size)) for n in places]
    return tuple(places[index] for index in best_front(costs))


def best_front(points: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Return the indexes of the points that no other point beats, by the first coordinate.

    One point beats another when it is as low on both coordinates and lower on one. Equal points all stay.

    >>> best_front([(3, 1), (1, 3), (2, 2), (3, 2), (2, 2)])
    (1, 2, 4, 0)
    """
    kept: list[int] = []
    for index in sorted(range(len(points)), key=lambda index: points[index]):
        if not kept or points[index][1] < points[kept[-1]][1] or points[index] == points[kept[-1]]:
            kept.append(index)
    return tuple(kept)
