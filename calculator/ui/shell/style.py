"""The CSS that Streamlit's theme has no option for. The CSS is a constant without input of a visitor."""

from calculator.palette import Palette


def style(palette: Palette) -> str:
    """Return the CSS of every page in the colours of ``palette``."""
    colours = ("background", "muted", "weights", "biases")
    root = " ".join(f"--our-{name}: {getattr(palette, name)};" for name in colours)
    return f":root {{ {root} }}{CSS}"


CSS = """
[data-testid="stMainBlockContainer"] { padding-top: .6rem; padding-bottom: 2rem; }
[data-testid="stMainBlockContainer"] > [data-testid="stVerticalBlock"] { gap: .6rem; }
.st-key-examples button { min-height: 2rem; padding: .1rem .65rem; }
.st-key-top { padding-right: 2.6rem; row-gap: .1rem; column-gap: 1rem; min-height: 2.4rem; }
.st-key-top h1 { font-size: 1.35rem; padding: 0; margin: 0; line-height: 1.25; }
.st-key-top [data-testid="stMarkdownContainer"], .st-key-answer [data-testid="stMarkdownContainer"] {
  margin-bottom: 0;
}
.st-key-menu { flex-wrap: nowrap; gap: .25rem; }
[data-testid="stHeader"] { background: transparent; pointer-events: none; height: 2.6rem; min-height: 0; }
[data-testid="stHeader"] div { pointer-events: none; }
[data-testid="stHeader"] button { pointer-events: auto; }
/* Streamlit wraps every container, and only the wrapper has room to stay at the top. */
[data-testid="stLayoutWrapper"]:has(> .st-key-answer) { position: sticky; top: 0; z-index: 90; }
.st-key-answer {
  background: var(--our-background); padding: .1rem 2.6rem .35rem 0;
  border-bottom: 1px solid rgba(128, 140, 150, .35);
}
.st-key-answer p { font-size: 1.35rem; line-height: 1.2; margin: 0; }
.st-key-answer p > strong:first-child { font-size: 2.7rem; font-variant-numeric: tabular-nums; }
.katex { font-size: 1.5rem; }
.st-key-qr img {
  width: min(72vh, 50vw) !important; max-width: none !important; aspect-ratio: 1; margin: 0 auto;
}
.st-key-lesson-words h2, .st-key-question h2 { font-size: 1.2rem; line-height: 1.3; }
[class*="st-key-model-text"] textarea { font-family: "Source Code Pro", monospace; font-size: .875rem; }
[data-testid="stMetricValue"] > div { white-space: normal; overflow-wrap: anywhere; }
.st-key-footer p { font-size: .875rem; color: var(--our-muted); }
/* The contrast of Streamlit's own colours of code is too low for many readers. */
.stCode .token { color: inherit !important; }
.stCode .token:is(.keyword, .operator, .builtin) { color: var(--our-weights) !important; }
.stCode .token:is(.string, .number, .boolean) { color: var(--our-biases) !important; }
.stCode .token.comment { color: var(--our-muted) !important; }
[data-testid^="stBaseButton-primary"]:not(:disabled) p { color: var(--our-background); }
.stPlotlyChart { contain: content; }
@media (min-width: 900px) {
  [data-testid="stLayoutWrapper"]:has(> .st-key-controls) { position: sticky; top: 4.6rem; }
}
@media (min-width: 1700px) { html { font-size: 19px !important; } }
@media (max-width: 760px) {
  .st-key-top h1 { font-size: 1.1rem; }
  .st-key-menu { gap: 0; max-width: 100%; }
  .st-key-menu a { padding: .25rem .2rem; }
  .st-key-menu button { padding: .25rem .5rem; }
  .st-key-menu button p { font-size: 0; }
  .st-key-answer p { font-size: 1.1rem; }
  .katex { font-size: 1.3rem; }
  .st-key-qr img { width: min(72vh, 78vw) !important; }
  .st-key-shapes table { font-size: .8rem; }
  .st-key-shapes :is(td, th) { padding: .3rem .35rem; }
}
"""
