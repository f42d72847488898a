"""The CSS that Streamlit's theme has no option for. The CSS is a constant without input of a visitor."""

from pathlib import Path

from calculator.palette import Palette

CSS = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
"""The style without its colours."""


def style(palette: Palette) -> str:
    """Return the CSS of every page in the colours of ``palette``."""
    colours = ("background", "muted", "weights", "biases")
    root = " ".join(f"--our-{name}: {getattr(palette, name)};" for name in colours)
    return f":root {{ {root} }}{CSS}"
