"""The style sheet of a worksheet for paper, desktop and phone, black on white in every theme."""

from calculator.palette import LIGHT

_SCREEN = """
:root { color-scheme: light only; }
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 48rem; background: #fff; color: #000;
  font: 12pt/1.3 Arial, "Liberation Sans", Helvetica, sans-serif; overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: 18pt; line-height: 1.2; }
p { margin: 0; }
.top { display: flex; gap: 1.5rem; justify-content: space-between; align-items: flex-start; }
.top > div { flex: 1; min-width: 0; }
.kind { font-weight: bold; }
.source, .live { margin-top: 0.4rem; font-size: 11pt; }
.live a { color: inherit; }
figure { margin: 0; flex: none; width: 9rem; }
figure img { display: block; width: 100%; }
figcaption { font-size: 11pt; line-height: 1.2; text-align: center; }
.who { display: flex; flex-wrap: wrap; gap: 0.75rem 1.25rem; margin-top: 0.75rem; }
.who span, .answer { display: flex; gap: 0.4rem; align-items: baseline; white-space: nowrap; }
.who span { flex: 1 1 7rem; }
.who .name { flex: 4 1 14rem; }
.who i, .answer i { flex: 1; border-bottom: 1px solid #000; }
section { margin-top: 1.25rem; }
h2 { display: inline; margin: 0; font-size: inherit; }
h2 + p { display: inline; }
pre {
  margin: 0.5rem 0 0; padding: 0.2rem 0.25rem; border: 1px solid #999; font-size: 11pt; line-height: 1.2;
  letter-spacing: -0.03em;
  font-family: "DejaVu Sans Mono", "Liberation Mono", Menlo, Consolas, monospace; white-space: normal;
}
pre span { display: block; padding-left: 7ch; text-indent: -7ch; white-space: pre-wrap; }
.room i { display: block; height: 7.5mm; border-bottom: 1px dotted #777; }
.answer { margin-top: 3mm; font-weight: bold; }
.answer::before { content: ""; flex: 1; border-bottom: 1px dotted #777; }
.result { margin-top: 0.25rem; font-weight: bold; font-size: 13pt; }
.numbers { columns: 2; margin: 1.25rem 0 0; padding-left: 2.2em; font-size: 14pt; line-height: 1.6; }
.tables { display: flex; flex-wrap: wrap; gap: 0.5rem 1.25rem; margin-top: 0.25rem; align-items: flex-start; }
.tables > table { flex: 2 1 16rem; }
.tables > table + table { flex: 3 1 19rem; }
section.long .tables > table:first-child { flex: 3 1 19rem; }
section.long .tables > table:first-child th:first-child { width: 46%; }
table { border-collapse: collapse; font-size: 11pt; line-height: 1.15; overflow-wrap: normal; }
th, td { padding: 0.06rem 0.4rem; border-bottom: 1px solid #bbb; text-align: left; vertical-align: top; }
th { border-bottom: 1px solid #000; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
.value { text-align: right; white-space: nowrap; }
@media screen and (max-width: 32rem) { figure { display: none; } }
"""

# Browsers without margin boxes leave the foot line out, so seed and level are at the top of the sheet too.
_PAPER = """
@page {
  margin: 13mm 15mm 17mm;
  @bottom-left { content: "SOURCE"; font: 11pt Arial, "Liberation Sans", Helvetica, sans-serif; }
  @bottom-right {
    content: "Page " counter(page) " of " counter(pages);
    font: 11pt Arial, "Liberation Sans", Helvetica, sans-serif;
  }
}
@media print {
  body { padding: 0; max-width: none; }
  section, pre, tr, .head { break-inside: avoid; }
  section.key { break-inside: auto; }
  .numbers { break-after: page; }
  pre, .result, .head { break-after: avoid; }
}
"""


def style(source: str) -> str:
    """Return the style sheet as CSS.

    ``source`` is printed at the foot of every page. It is written between double quotes without escaping, so
    it must have no quotes or backslashes.
    """
    colours = f".weights {{ color: {LIGHT.weights}; }}\n.biases {{ color: {LIGHT.biases}; }}\n"
    return _SCREEN.lstrip() + colours + _PAPER.lstrip().replace("SOURCE", source)
