"""The little CSS that Streamlit's own theme cannot say. Fixed text: nobody's input comes here."""

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
[data-testid="stHeader"] button { pointer-events: auto; }
.st-key-answer {
  position: sticky; top: 0; z-index: 90; background: var(--page, inherit);
  border-bottom: 1px solid rgba(128, 140, 150, .35); padding: .1rem 0 .35rem;
}
.st-key-answer p { font-size: 1.35rem; line-height: 1.2; margin: 0; }
.st-key-answer p > strong:first-child { font-size: 2.7rem; font-variant-numeric: tabular-nums; }
.st-key-equation { min-height: 5.4rem; justify-content: center; }
.st-key-equation p { text-align: center; line-height: 4.6rem; }
.st-key-equation .katex { font-size: 1.5rem; }
.st-key-growth-narrow { display: none; }
@media (max-width: 760px) {
  .st-key-top h1 { font-size: 1.1rem; }
  .st-key-answer p { font-size: 1.1rem; }
  .st-key-equation .katex { font-size: 1.3rem; }
  .st-key-growth-wide { display: none; }
  .st-key-growth-narrow { display: flex; }
}
@media (min-width: 900px) {
  [data-testid="stColumn"]:has(.st-key-controls) { position: sticky; top: 5rem; align-self: flex-start; }
}
"""
