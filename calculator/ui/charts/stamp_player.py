"""The stamp in the browser: its animation, and where each output value comes from.

The numbers come from ``geometry.stamp``.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from calculator.charts.descriptions import stamp_finding
from calculator.charts.figure import PROJECTED_TEXT
from calculator.core.formatting import format_count, format_product, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.geometry.stamp import Stamp, small_input, stamp
from calculator.settings import Settings
from calculator.ui.session.sent_data import sent
from calculator.ui.session.viewport import palette, width

_SOURCE = Path(__file__)
COLOURS = ("background", "text", "muted", "grid", "weights", "weights_fill")

ZOOM = {"narrow": 1, "usual": 1.15, "wide": 1.6}
"""The factor on the size of a cell, by the width of the window; cells shrink where there is less room."""

# Streamlit requires that a component is registered once, when its module is loaded.
_stamp = st.components.v2.component(
    "stamp",
    html=_SOURCE.with_suffix(".html").read_text(encoding="utf-8"),
    css=_SOURCE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_SOURCE.with_suffix(".js").read_text(encoding="utf-8"),
)


def small_stamp(settings: Settings, layer: ConvTranspose) -> Stamp:
    """Return the stamp of the layer's selected kernel. Raises ``LayerError`` if it cannot be drawn."""
    size = small_input(layer, settings.spatial("input_size"))
    return stamp(layer, size, pair=settings.used_pair, values=settings.fill)


def play(settings: Settings, played: Stamp) -> None:
    """Draw the stamp. In the presenter's view no number is smaller than ``PROJECTED_TEXT``."""
    layer, sizes = played.layer, settings.spatial("input_size")
    colours = palette()
    shades = {name: getattr(colours, name) for name in COLOURS} | {"scale": colours.scale[1]}
    corner = "" if played.input_size == sizes else f", a corner of {format_product(sizes)}"
    names = {
        "input_name": f"Input {format_product(played.input_size)}{corner}",
        "kernel_name": f"Kernel {format_product(layer.kernel_size)} → products",
        "output_name": output_name(played),
        "name": "The stamp",
        "finding": stamp_finding(played),
        "ending": ending(layer, settings.used_pair),
        "rest": rest(layer, settings.used_pair),
    }
    look = {
        "colours": shades,
        "narrow": width() == "narrow",
        "zoom": ZOOM[width()],
        "least": PROJECTED_TEXT if settings.presenting and width() == "wide" else 0,
    }
    _stamp(key="stamp", data=sent(frames(played) | names | look))


def frames(played: Stamp) -> dict[str, Any]:
    """Return a stamp as data for the browser: the numbers of every frame, and (step, tap) of each product."""
    return {
        "input_size": played.input_size,
        "input": played.input,
        "kernel_size": played.layer.kernel_size,
        "kernel": played.kernel,
        "canvas_size": played.canvas_size,
        "kept": played.kept,
        "steps": [vars(step) for step in played.steps],
        "sums": [[(term.step, term.tap) for term in terms] for terms in played.sums],
    }


def output_name(played: Stamp) -> str:
    """Return the title of the output: its size, and the larger size that padding crops."""
    name = f"Output {format_product(played.output_size)}"
    if played.canvas_size == played.output_size:
        return name
    return f"{name} (framed), cut out of {format_product(played.canvas_size)}"


def ending(layer: ConvTranspose, pair: tuple[int, int]) -> str:
    """Return the sentences after the last step."""
    return (
        "That was the last stamp: the frame now holds exactly a transposed convolution of this input. "
        f"{rest(layer, pair)}"
    ).strip()


def rest(layer: ConvTranspose, pair: tuple[int, int]) -> str:
    """Return the sentence about the stamps and the bias that the layer adds to the products shown, or ""."""
    others = layer.in_channels // layer.groups - 1
    parts = []
    if others:
        parts.append(
            "the stamps of the other " + ("input channel" if others == 1 else plural(others, "input channel"))
        )
    if layer.bias:
        parts.append("one bias, the same at every position")
    if not parts:
        return ""
    return f"To finish output channel {format_count(pair[1] + 1)} the layer adds {join_words(parts)}."
