"""Settings at their ends, and what must hold for any: used for every part of every page."""

import math
from collections.abc import Iterator

from calculator.settings import Settings

NO_OUTPUT = {"n": "1", "s": "1", "p": "8"}
MAX_VALUE = {
    "dim": "3",
    "k": "128",
    "in": "65536",
    "out": "65536",
    "s": "128",
    "p": "128",
    "op": "127",
    "d": "128",
    "n": "65536",
}
NAMES = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "**b** _i_ ~s~ `c` # h | t",
    "[a](javascript:alert(1)) ![i](x)",
    ":red[r] :smile: $x^2$ \\(y\\) &lt;",
    "😀 👩‍🚀 نام é → 名前",
)
"""Six names that a page must show as they are."""

SETTINGS = ("s1_p8_n1", "dim1_k9", "dim3_k2x3x4", "k128_d128", "in65536_out65536_g65536", "bias0_op9")
MARKED = {
    "shelf": "~".join(f"{held}.{name.replace('~', '~-')}" for held, name in zip(SETTINGS, NAMES, strict=True))
}

EXTREMES: dict[str, dict[str, str]] = {
    "the defaults": {},
    "1-D": {"dim": "1"},
    "3-D": {"dim": "3"},
    "per axis": {
        "dim": "3",
        "k": "3x5x7",
        "s": "1x2x3",
        "p": "0x1x2",
        "op": "0x1x0",
        "d": "1x2x1",
        "n": "5x6x7",
        "want": "9x8x7",
    },
    "one axis of each": {"k": "3x5", "n": "16x1", "want": "1x10000000"},
    "kernel 128": {"k": "128"},
    "kernel 128 on one axis": {"dim": "3", "k": "1x128x1"},
    "dilation 128": {"d": "128"},
    "dilation 128 in 1-D": {"dim": "1", "d": "128", "k": "128"},
    "kernel 1": {"k": "1", "p": "0"},
    "no output": NO_OUTPUT,
    "no output on one axis": {"n": "16x1", "p": "0x8"},
    "an output of 0": {"n": "1", "p": "2"},
    "an output of 0 on one axis": {"n": "16x1", "p": "1x2"},
    "output padding refused": {"op": "5"},
    "output padding 127": {"op": "127", "s": "128"},
    "kernel below the stride": {"k": "2", "s": "5", "p": "0"},
    "stride and dilation share a factor": {"s": "4", "d": "6", "p": "0"},
    "depthwise": {"in": "64", "g": "64"},
    "groups that do not divide": {"in": "6", "g": "4", "ci": "6"},
    "one channel": {"in": "1", "out": "1"},
    "65,536 channels": {"in": "65536", "out": "65536"},
    "65,536 groups": {"in": "65536", "out": "65536", "g": "65536", "ci": "65536"},
    "prime channels": {"in": "65521", "out": "65519"},
    "stride 1": {"s": "1"},
    "stride 128": {"s": "128"},
    "stride 128 in 3-D": {"dim": "3", "s": "128"},
    "input 65,536": {"n": "65536"},
    "input 65,536 in 3-D": {"dim": "3", "n": "65536", "want": "10000000"},
    "input 1": {"n": "1"},
    "padding 128": {"p": "128", "n": "128"},
    "everything at its most": MAX_VALUE,
    "everything at its least": {
        "dim": "1",
        "k": "1",
        "in": "1",
        "out": "1",
        "s": "1",
        "p": "0",
        "n": "1",
        "want": "1",
    },
    "a pair outside": {"ci": "65536", "co": "65536"},
    "ones, without bias": {"fill": "ones", "bias": "0"},
    "a budget of 1": {"budget": "1"},
    "a budget of 1 for the largest": {**MAX_VALUE, "budget": "1"},
    "the largest budget": {"budget": str(10**15)},
    "the largest budget for the least": {"dim": "1", "k": "1", "in": "1", "out": "1", "budget": str(10**15)},
    "int8": {"type": "int8", "n": "65536"},
    "six on the shelf, two without output": {**MARKED, "ref": "6"},
    "a reference that is not there": {"shelf": "in64.a", "ref": "6"},
}
"""Links by what is extreme in them. Each stands as the page writes it, so it stays as it is."""


NARROW = ("the defaults", "per axis", "kernel 128", "65,536 groups", "everything at its most")
"""Those that are also looked at on a phone."""


def axes(held: Settings, name: str) -> tuple[int, ...]:
    """Return a spatial setting with a value for each axis."""
    value: tuple[int, ...] = getattr(held, name)
    return value * held.dimensions if len(value) == 1 else value


def by_axis(held: Settings) -> Iterator[tuple[int, int, int, int, int, int]]:
    """Yield input size, kernel, stride, padding, output padding and dilation of each axis."""
    names = ("input_size", "kernel_size", "stride", "padding", "output_padding", "dilation")
    columns = [axes(held, name) for name in names]
    for axis in range(held.dimensions):
        n, k, s, p, op, d = (column[axis] for column in columns)
        yield n, k, s, p, op, d


def output_size(held: Settings) -> tuple[int, ...] | None:
    """Return the output size by the formula of PyTorch's documentation; ``None`` where there is none."""
    size = []
    for n, k, s, p, op, d in by_axis(held):
        size.append((n - 1) * s - 2 * p + d * (k - 1) + op + 1)
        if op >= max(s, d) or size[-1] < 0:
            return None
    return tuple(size)


def products_met(held: Settings) -> list[list[int]]:
    """Return, for each axis, how many products meet in the positions of one stride far from the borders."""
    met = []
    for _, k, s, _, _, d in by_axis(held):
        landed = [0] * s
        for tap in range(k):
            landed[tap * d % s] += 1
        met.append(landed)
    return met


def interior(held: Settings) -> tuple[int, int]:
    """Return the fewest and the most products in one position far from the borders."""
    met = products_met(held)
    return math.prod(min(axis) for axis in met), math.prod(max(axis) for axis in met)


def times(values: tuple[int, ...]) -> str:
    """Return sizes as they are read: 16 × 16."""
    return " × ".join(f"{value:,}" for value in values)
