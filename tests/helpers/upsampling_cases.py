"""Alternatives by key, and random arguments for them."""

import random
from typing import Any

from hypothesis import strategies as st

from calculator.upsampling.alternative import Alternative
from calculator.upsampling.alternatives import alternatives


def alternatives_by_key(*arguments: Any, **named: Any) -> dict[str, Alternative]:
    """Return the available alternatives by key, after checking that no key appears twice."""
    found = [way for way in alternatives(*arguments, **named) if isinstance(way, Alternative)]
    by_key = {way.key: way for way in found}
    assert len(by_key) == len(found)
    return by_key


def some_of(ways: dict[str, Alternative], count: int = 12) -> list[Alternative]:
    """Return some of the alternatives, always the same, and every kind of layer among them."""
    kinds: dict[str, Alternative] = {}
    for way in ways.values():
        for op in way.operations:
            kinds.setdefault(f"{type(op).__name__} {getattr(op, 'mode', '')}", way)
    drawn = random.Random(f"{count}").sample(list(ways.values()), min(count, len(ways)))
    return list({way.key: way for way in (*kinds.values(), *drawn)}.values())


@st.composite
def alternative_arguments(draw: st.DrawFn, scales: int = 4) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Draw valid arguments of ``alternatives``."""
    rank = draw(st.integers(1, 3))
    scale = tuple(draw(st.integers(1, scales)) for _ in range(rank))
    kernel = draw(st.none() | st.tuples(*[st.integers(1, 7)] * rank))
    named = {"bias": draw(st.booleans()), "groups": draw(st.integers(1, 6)), "kernel_size": kernel}
    return (draw(st.integers(1, 24)), draw(st.integers(1, 24)), scale), named
