"""The stamp, played, stepped and dragged in the browser. Its numbers come from ``geometry.stamp``."""

from pathlib import Path
from typing import Any

import streamlit as st

from calculator.core.formatting import format_count, format_product, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.geometry.stamp import Stamp, small_input, stamp
from calculator.settings import Settings
from calculator.ui.session.viewport import palette, width

_SOURCE = Path(__file__)
COLOURS = ("background", "text", "muted", "grid", "weights", "weights_fill")

ZOOM = {"narrow": 1, "usual": 1.15, "wide": 1.6}
"""How large a cell may be drawn, by the width of the window; it is smaller where there is less room."""

# Streamlit wants a component registered once, when its module is loaded.
_stamp = st.components.v2.component(
    "stamp",
    html=_SOURCE.with_suffix(".html").read_text(encoding="utf-8"),
    css=_SOURCE.with_suffix(".css").read_text(encoding="utf-8"),
    js=_SOURCE.with_suffix(".js").read_text(encoding="utf-8"),
)


def play(held: Settings, layer: ConvTranspose) -> None:
    """Draw the stamp of the layer's highlighted kernel. Raises ``LayerError`` where it cannot be drawn."""
    whole = held.spatial("input_size")
    made = stamp(layer, small_input(layer, whole), pair=held.used_pair, values=held.fill)
    colours = palette()
    shades = {name: getattr(colours, name) for name in COLOURS} | {"scale": colours.scale[1]}
    corner = "" if made.input_size == whole else f", a corner of {format_product(whole)}"
    names = {
        "input_name": f"Input {format_product(made.input_size)}{corner}",
        "kernel_name": f"Kernel {format_product(layer.kernel_size)} → products",
        "output_name": output_name(made),
        "ending": ending(layer, held.used_pair),
    }
    look = {"colours": shades, "narrow": width() == "narrow", "zoom": ZOOM[width()]}
    _stamp(key="stamp", data=frames(made) | names | look)


def frames(made: Stamp) -> dict[str, Any]:
    """Return a stamp as the browser wants it: every frame's numbers."""
    return {
        "input_size": made.input_size,
        "input": made.input,
        "kernel_size": made.layer.kernel_size,
        "kernel": made.kernel,
        "canvas_size": made.canvas_size,
        "kept": made.kept,
        "steps": [vars(step) for step in made.steps],
    }


def output_name(made: Stamp) -> str:
    """Return what the output is called: its size, and what padding crops off."""
    name = f"Output {format_product(made.output_size)}"
    if made.canvas_size == made.output_size:
        return name
    return f"{name} (framed), cut out of {format_product(made.canvas_size)}"


def ending(layer: ConvTranspose, pair: tuple[int, int]) -> str:
    """Return what the whole layer does besides this one kernel."""
    others = layer.in_channels // layer.groups - 1
    parts = []
    if others:
        parts.append(
            "the stamps of the other " + ("input channel" if others == 1 else plural(others, "input channel"))
        )
    if layer.bias:
        parts.append("one bias, the same at every position")
    rest = (
        f" To finish output channel {format_count(pair[1] + 1)} the layer adds {join_words(parts)}."
        if parts
        else ""
    )
    return f"That was the last one: the frame now holds exactly a transposed convolution of this input.{rest}"
