"""The CSS that Streamlit's theme has no option for. The CSS is a constant without input of a visitor."""

from dataclasses import dataclass
from pathlib import Path

from calculator.palette import Palette

CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
"""The style without its colours."""


@dataclass(frozen=True)
class Written:
    """HTML that Streamlit does not examine; it would check whether a text is the name of a file."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def style(palette: Palette) -> str:
    """Return the CSS of every page in the colours of ``palette``."""
    root = palette.css("background", "muted", "weights", "biases", prefix="our-")
    return f":root {{ {root} }}{CSS}"
