"""The answers of a class as bars: the right answer, then a bar for each mistake, in one or two votes."""

import textwrap
from collections.abc import Sequence
from typing import NamedTuple

from calculator.charts.figure import Spec, UnvalidatedFigure, axis, figure, layout
from calculator.charts.lesson import bar_trace
from calculator.core.formatting import format_count, plural
from calculator.palette import Palette

LINE_PIXELS = 24
"""The height of a line of a label."""

HEAD_PIXELS = 30
"""The height above the first bar, where the buttons of the chart stand."""

MIN_LINES = 2.2
"""The height of a bar with a short label, in lines."""

GAP_LINES = 0.5
"""The distance between two bars, in lines."""

LABEL_PIXELS = {True: (285, 37), False: (150, 19)}
"""The width of the labels in pixels and in characters, across a usual window or on a phone."""

VOTE_NAMES = ("first vote", "second vote")

KEY = f"hollow: {VOTE_NAMES[0]}, filled: {VOTE_NAMES[1]}"
"""It stands above two rounds. At each bar, the names would have no room beside a bar of half the length."""


class VoteBar(NamedTuple):
    """One bar: its ``name``, its ``numbers``, the votes in each round, and whether it is the right answer."""

    name: str
    numbers: str
    votes: tuple[int, ...]
    right: bool = False


def vote_text(votes: int, total: int) -> str:
    """Return a number of answers with its share of all answers of the round.

    >>> vote_text(12, 60), vote_text(0, 0)
    ('12 · 20 %', '0')
    """
    return f"{format_count(votes)} · {100 * votes / total:.0f} %" if total else format_count(votes)


def votes_figure(bars: Sequence[VoteBar], palette: Palette, *, across: bool = True) -> UnvalidatedFigure:
    """Return the bars of one or two rounds, the first bar at the top; two rounds are side by side.

    The first of two rounds is drawn hollow. Without ``across`` the labels are narrow enough for a phone.
    """
    width, characters = LABEL_PIXELS[across]
    rounds = len(bars[0].votes)
    totals = [sum(bar.votes[place] for bar in bars) for place in range(rounds)]
    data: Spec = {name: [] for name in ("x", "y", "text", "hovertext", "color", "edge")}
    key = _lines(KEY, characters + 3) if rounds > 1 else []
    ticks = [(place + 0.5, text) for place, text in enumerate(key)]
    top = float(len(key)) + GAP_LINES * bool(key)
    for bar in bars:
        lines = _label(bar, characters)
        height = max(len(lines), MIN_LINES)
        first = top + height / 2 - (len(lines) - 1) / 2
        ticks += [(first + place, text) for place, text in enumerate(lines)]
        for place, votes in enumerate(bar.votes):
            name = f"{VOTE_NAMES[place]}: " if rounds > 1 else ""
            text = vote_text(votes, totals[place])
            fill, edge = (
                (palette.weights_fill, palette.weights) if bar.right else (palette.grid, palette.muted)
            )
            data["x"].append(float(votes))
            data["y"].append(top + height * (place + 0.5) / rounds)
            data["text"].append(text)
            data["hovertext"].append(f"{bar.name}, {name}{text}")
            data["color"].append(palette.background if place + 1 < rounds else fill)
            data["edge"].append(edge)
        top += height + GAP_LINES
    most = max((votes for bar in bars for votes in bar.votes), default=0) or 1
    axes = {
        # Behind the longest bar there is room for its text.
        "xaxis": {**axis(palette, [0.0]), "range": [0, most * (1.3 if across else 2.4)], "ticktext": [""]},
        "yaxis": {
            **axis(palette, ()),
            "tickvals": [place for place, _ in ticks],
            "ticktext": [text for _, text in ticks],
            "tickfont": {"size": 14, "color": palette.text},
            "range": [top, 0],
            "showgrid": False,
        },
    }
    look = layout(
        palette,
        HEAD_PIXELS + round(top * LINE_PIXELS),
        (width, 4, HEAD_PIXELS, 2),
        barmode="overlay",
        bargap=0.3,
        **axes,
    )
    trace = bar_trace(
        palette,
        x=data["x"],
        y=data["y"],
        width=MIN_LINES / rounds * 0.85,
        text=data["text"],
        marker={"color": data["color"], "line": {"color": data["edge"], "width": 2}},
        hovertext=data["hovertext"],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    return figure([trace], look)


def _label(bar: VoteBar, characters: int) -> list[str]:
    """Return the lines of a label: the name in bold, and its numbers."""
    return [f"<b>{line}</b>" for line in _lines(bar.name, characters)] + _lines(bar.numbers, characters + 3)


def _lines(text: str, characters: int) -> list[str]:
    """Return ``text`` in lines. A space at their end keeps them off the bar."""
    return [f"{line}\u00a0" for line in textwrap.wrap(text, characters)]


def votes_finding(bars: Sequence[VoteBar]) -> str:
    """Return the answers in words, with all numbers.

    >>> votes_finding([VoteBar("right", "243", (20,), True), VoteBar("the biases forgotten", "240", (12,))])
    'right (243): 20 answers. the biases forgotten (240): 12 answers.'
    """
    lines = []
    for bar in bars:
        counts = " in the first vote, ".join(plural(votes, "answer") for votes in bar.votes)
        second = " in the second" if len(bar.votes) > 1 else ""
        lines.append(f"{bar.name} ({bar.numbers}): {counts}{second}.")
    return " ".join(lines)
