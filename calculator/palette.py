"""The colours of the product for the light and the dark theme.

Streamlit's theme file repeats these colours, and a test compares them. Weights are blue and biases are orange
everywhere: these hues stay different with every common colour blindness. The contrast with the background is
at least 4.5 : 1.
"""

from dataclasses import dataclass
from typing import Literal

Mode = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """The colours of one theme as #RRGGBB. A fill has the hue of its colour and is lighter (dark: darker).

    ``here`` marks the current layer in a chart.
    """

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

    def css(self, *names: str, prefix: str = "") -> str:
        """Return some colours as the declarations of CSS variables, which are named like the colours.

        >>> LIGHT.css("text", "muted", prefix="our-")
        '--our-text: #0E151C; --our-muted: #52606D;'
        """
        return " ".join(f"--{prefix}{name}: {getattr(self, name)};" for name in names)


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
