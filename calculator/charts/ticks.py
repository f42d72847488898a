"""Places and texts of axis ticks. Charts set their own, which is what keeps drawing them cheap."""

import math
from collections.abc import Sequence

NAMES = tuple((10 ** (6 + 3 * place), name) for place, name in enumerate("MGTPEZYRQ"))[::-1]
"""The SI prefixes from a million on, the largest first."""


def tick_text(value: float) -> str:
    """Return a tick's text: exact digits below a million, then with a unit prefix.

    >>> tick_text(65536), tick_text(2_500_000), tick_text(0)
    ('65,536', '2.5 M', '0')
    """
    for size, name in NAMES:
        if value >= size:
            return f"{value / size:,.3f}".rstrip("0").rstrip(".") + f" {name}"
    return f"{value:,.0f}"


def linear_ticks(maximum: float, wanted: int = 4) -> tuple[float, ...]:
    """Return about ``wanted`` round places from 0 to ``maximum``.

    >>> linear_ticks(8), linear_ticks(12500)
    ((0, 2, 4, 6, 8), (0, 5000, 10000))
    """
    rough = maximum / wanted
    power = 10 ** math.floor(math.log10(rough)) if rough >= 1 else 1
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough * 0.8)
    return tuple(step * n for n in range(int(maximum // step) + 1))


def log_ticks(minimum: float, maximum: float, wanted: int = 5) -> tuple[float, ...]:
    """Return at most ``wanted`` + 1 powers of ten (or, on a short axis, of two) from least to most.

    >>> log_ticks(64, 100_000), log_ticks(1, 8)
    ((100, 1000, 10000, 100000), (1, 2, 4, 8))
    """
    base = 10 if maximum / minimum >= 1000 else 2
    low = math.ceil(math.log(minimum, base) - 1e-9)
    high = math.floor(math.log(maximum, base) + 1e-9)
    stride = max(1, -(-(high - low) // wanted))
    return tuple(base**n for n in range(low, high + 1, stride))


def round_ticks(minimum: float, maximum: float, wanted: int = 8) -> tuple[float, ...]:
    """Return round places of a logarithmic axis, at most ``wanted``.

    They are powers of ten, with 2 and 5 between on a short one.

    >>> round_ticks(700, 90_000), round_ticks(64, 10**6)
    ((1000, 2000, 5000, 10000, 20000, 50000), (100, 1000, 10000, 100000, 1000000))
    """
    between = (1, 2, 5) if maximum / minimum < 500 else (1,)
    powers = range(math.floor(math.log10(minimum)), math.ceil(math.log10(maximum)) + 1)
    places = [nice * 10**power for power in powers for nice in between if power >= 0]
    inside = tuple(place for place in places if minimum <= place <= maximum)
    return inside[:: max(1, -(-len(inside) // wanted))]


def tick_texts(values: Sequence[float]) -> list[str]:
    """Return the texts of several ticks."""
    return [tick_text(value) for value in values]
