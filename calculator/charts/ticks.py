"""Positions and texts of axis ticks.

Plotly's own ticks are not used, because:

- a chart with given ticks is drawn much faster: the browser need not measure texts to choose their number;
- counts below a million have exact digits, where Plotly writes 65.536k;
- the position of a tick is known here, so that margins and labels can be fixed.
"""

import math
from collections.abc import Sequence

SI_PREFIXES = tuple((10 ** (6 + 3 * index), prefix) for index, prefix in enumerate("MGTPEZYRQ"))[::-1]
"""The SI prefixes from a million on, each with its size, the largest first."""


def tick_text(value: float) -> str:
    """Return the text of a tick: exact digits below a million, from there on with an SI prefix.

    >>> tick_text(65536), tick_text(2_500_000), tick_text(0)
    ('65,536', '2.5 M', '0')
    """
    for size, prefix in SI_PREFIXES:
        if value >= size:
            return f"{value / size:,.3f}".rstrip("0").rstrip(".") + f" {prefix}"
    return f"{value:,.0f}"


def tick_texts(values: Sequence[float]) -> list[str]:
    """Return the text of each tick."""
    return [tick_text(value) for value in values]


def linear_ticks(maximum: float, count: int = 4) -> tuple[float, ...]:
    """Return about ``count`` round values from 0 to ``maximum``, at equal distances.

    >>> linear_ticks(8), linear_ticks(12500)
    ((0, 2, 4, 6, 8), (0, 5000, 10000))
    """
    rough_step = maximum / count
    power = 10 ** math.floor(math.log10(rough_step)) if rough_step >= 1 else 1
    # A little less than the rough step is enough, which gives one tick more rather than too few.
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough_step * 0.8)
    return tuple(step * n for n in range(int(maximum // step) + 1))


def log_ticks(minimum: float, maximum: float, count: int = 5) -> tuple[float, ...]:
    """Return at most ``count`` + 1 powers of ten (on a short axis: of two) from ``minimum`` to ``maximum``.

    >>> log_ticks(64, 100_000), log_ticks(1, 8)
    ((100, 1000, 10000, 100000), (1, 2, 4, 8))
    """
    base = 10 if maximum / minimum >= 1000 else 2
    # The logarithm of a power may come out a little beside the whole number.
    low = math.ceil(math.log(minimum, base) - 1e-9)
    high = math.floor(math.log(maximum, base) + 1e-9)
    stride = max(1, -(-(high - low) // count))
    return tuple(base**n for n in range(low, high + 1, stride))


def round_ticks(minimum: float, maximum: float, count: int = 8) -> tuple[float, ...]:
    """Return at most ``count`` round values for a logarithmic axis.

    They are powers of ten; on a short axis also 2 and 5 times a power of ten.

    >>> round_ticks(700, 90_000), round_ticks(64, 10**6)
    ((1000, 2000, 5000, 10000, 20000, 50000), (100, 1000, 10000, 100000, 1000000))
    """
    factors = (1, 2, 5) if maximum / minimum < 500 else (1,)
    powers = range(math.floor(math.log10(minimum)), math.ceil(math.log10(maximum)) + 1)
    values = [factor * 10**power for power in powers for factor in factors if power >= 0]
    inside = tuple(value for value in values if minimum <= value <= maximum)
    return inside[:: max(1, -(-len(inside) // count))]
