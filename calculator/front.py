"""The best front of the alternatives: those that no other one beats on both costs."""

import math
from collections.abc import Sequence

from calculator.alternatives import Alternative, best_front
from calculator.checks import Spatial
from calculator.layer import ConvTranspose
from calculator.upsampling import Conv


def learns_space(one: Alternative) -> bool:
    """Return whether weights decide about space: where an input value goes, or how neighbours mix.

    1×1 weights do not, and a layer that leaves holes cannot.

    >>> from calculator.alternatives import alternatives
    >>> found = [one for one in alternatives(4, 4, (2,)) if isinstance(one, Alternative)]
    >>> [one.key for one in found if not learns_space(one)]
    ['linear-pointwise', 'pointwise-linear']
    """
    layers = (op for op in one.operations if isinstance(op, ConvTranspose | Conv))
    filled = all(least for least, _ in one.overlap())
    return filled and any(math.prod(op.kernel_size) > 1 for op in layers)


def learned_front(found: Sequence[Alternative], input_size: Spatial) -> tuple[int, ...]:
    """Return the places of the best front in ``found``, by parameters and multiply–accumulates.

    A fixed interpolation with 1×1 weights costs least of all, so it would be the whole front; it is
    left out unless there is nothing else.

    >>> from calculator.alternatives import alternatives
    >>> found = [one for one in alternatives(64, 32, (2, 2)) if isinstance(one, Alternative)]
    >>> [found[place].key for place in learned_front(found, 16)]
    ['depthwise', 'grouped']
    """
    learning = [place for place, one in enumerate(found) if learns_space(one)]
    places = learning or list(range(len(found)))
    costs = [(found[n].parameter_count, found[n].multiply_accumulates(input_size)) for n in places]
    return tuple(places[index] for index in best_front(costs))
