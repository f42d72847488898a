"""The product's colours, once for light and once for dark. The page's theme repeats them; a test compares.

Weights are blue and biases orange everywhere (apart for every common colour blindness), each at a
contrast of at least 4.5 : 1 on its background.
"""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """Colours of one theme, as #RRGGBB; the fills are the same hues, fainter."""

    background: str
    text: str
    muted: str
    grid: str
    weights: str
    weights_fill: str
    biases: str
    biases_fill: str
    here: str
    scale: tuple[str, str]


LIGHT = Palette(
    background="#FFFFFF",
    text="#0E151C",
    muted="#52606D",
    grid="#E1E6EB",
    weights="#0B5CAD",
    weights_fill="#BBD6F2",
    biases="#B34700",
    biases_fill="#F7BE8A",
    here="#0E151C",
    scale=("#F3F8FD", "#8FBBE6"),
)
DARK = Palette(
    background="#10161D",
    text="#E8EDF2",
    muted="#A5B1BD",
    grid="#2A343F",
    weights="#74B9FF",
    weights_fill="#234F7D",
    biases="#FFB366",
    biases_fill="#8A5420",
    here="#FFFFFF",
    scale=("#15202C", "#2B5F94"),
)
PALETTES: dict[Mode, Palette] = {"light": LIGHT, "dark": DARK}
