r"""LaTeX tables whose text is escaped.

``DataFrame.to_latex`` is not used, because:

- its ``escape=True`` leaves ``[`` and ``*`` at the start of a row, which LaTeX reads as an option of ``\\``;
- it leaves ×, →, ≤ and their like, which pdfLaTeX rejects or prints as other signs;
- counts have thousands separators and sizes are written 32 × 32, as on the page.
"""

from typing import Any

import pandas as pd

from calculator.tables.export.cells import cell_values, is_right_aligned, page_text

_COMMANDS = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{\char34}",
    # After the end of a row LaTeX reads these two as options of that end.
    "[": "{[}",
    "*": "{*}",
    "×": r"$\times$",
    "→": r"$\rightarrow$",
    "−": "$-$",
    "·": r"$\cdot$",
    "≈": r"$\approx$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "÷": r"$\div$",
    "∏": r"$\prod$",
    "½": r"$\frac{1}{2}$",
    "⌊": r"$\lfloor$",
    "⌋": r"$\rfloor$",
    "⌈": r"$\lceil$",
    "⌉": r"$\rceil$",
} | {sign: f"\\{sign}" for sign in "&%$#_{}"}
"""The LaTeX for each character that is not printed as itself."""


def write_latex(table: pd.DataFrame, title: str) -> bytes:
    """Return ``table`` as a ``tabular`` with the rules of the package booktabs; the title is a comment."""
    rows = cell_values(table)
    alignments = [
        "r" if is_right_aligned([row[column] for row in rows]) else "l"
        for column in range(len(table.columns))
    ]
    head, *body = (" & ".join(map(_escape, line)) + r" \\" for line in [list(table.columns), *rows])
    lines = [
        f"% {title}",
        r"% Needs \usepackage{booktabs}; with letters beyond Latin ones also XeLaTeX or LuaLaTeX.",
        rf"\begin{{tabular}}{{{''.join(alignments)}}}",
        r"\toprule",
        head,
        r"\midrule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
        "",
    ]
    return "\n".join(lines).encode()


def _escape(value: Any) -> str:
    r"""Return a cell as text that LaTeX prints character by character.

    >>> print(_escape("50 % of [x]"), _escape((32, 32)))
    50 \% of {[}x] 32 $\times$ 32
    """
    return "".join(_COMMANDS.get(sign, sign) for sign in page_text(value))
