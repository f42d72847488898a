"""Builds the wheel, without what only a reader of the checkout or the page needs.

The wheel has no modules that only the page uses, no comments, and docstrings and the types of functions only
in modules that define a public name. Whole packages of the page are left out by ``pyproject.toml``.
"""

import ast
import io
import re
import tokenize
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

PAGE_ONLY = (
    "calculator.charts.decoder_grid",
    "calculator.charts.heatmap",
    "calculator.charts.lesson",
    "calculator.charts.picture",
    "calculator.charts.plane",
    "calculator.charts.votes",
    "calculator.charts.weight_grid",
    "calculator.upsampling.form_code",
    "calculator.geometry.matrices",
    "calculator.geometry.overlap_window",
    "calculator.networks.selection",
    "calculator.readers.isolation",
    "calculator.readers.turns",
    "calculator.settings.examples",
)
"""The modules that the page imports and nothing in the wheel does, as a test checks."""


def public_names() -> list[str]:
    """Return ``__all__`` of the package."""
    tree = ast.parse(Path("calculator/__init__.py").read_text(encoding="utf-8"))
    [names] = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    )
    return ast.literal_eval(names)


def without_types(source: str) -> str:
    """Return a module without the types of arguments and of results that stand in one line."""
    lines = [line.encode() for line in source.splitlines()]
    found: list[tuple[int, int, int]] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.arg(annotation=ast.expr() as kind):
                found.append((node.lineno, node.col_offset + len(node.arg.encode()), kind.end_col_offset))
            case ast.FunctionDef(returns=ast.expr() as kind):
                arrow = lines[kind.lineno - 1].rfind(b" ->", 0, kind.col_offset)
                found.append((kind.lineno, arrow, kind.end_col_offset))
            case _:
                continue
        if kind.lineno != kind.end_lineno or found[-1][0] != kind.lineno:
            del found[-1]
    for number, begin, end in sorted(found, reverse=True):
        lines[number - 1] = lines[number - 1][:begin] + lines[number - 1][end:]
    return "\n".join([*(line.decode() for line in lines), ""])


def shortened(source: str) -> str:
    """Return a module indented by tabs, without comments, docstrings and the types of functions.

    The numbers of its lines stay.
    """
    source = without_types(source)
    lines = source.splitlines()
    in_text: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row, column = token.start
        if token.type == tokenize.COMMENT:
            lines[row - 1] = lines[row - 1][:column].rstrip()
        in_text.update(range(row, token.end[0]))
    for index in {*range(len(lines))} - in_text:
        text = lines[index].lstrip(" ")
        tabs, spaces = divmod(len(lines[index]) - len(text), 4)
        lines[index] = "\t" * tabs + " " * spaces + text
    nodes = list(ast.walk(ast.parse(source)))
    bodies = [node.body for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    alone = [body[0] for body in bodies if len(body) == 1]
    for node in nodes:
        match node:
            case ast.Expr(value=ast.Constant(value=str()), lineno=first, end_lineno=int(last)):
                lines[first - 1 : last] = [""] * (last - first + 1)
                if node in alone:
                    lines[first - 1] = "\t" * (node.col_offset // 4) + '""'
    return "\n".join([*lines, ""])


class Build(build_py):
    """The build of a wheel; an editable installation uses the checkout itself."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """Return the modules of one package that the wheel has."""
        found = super().find_package_modules(package, package_dir)
        return [module for module in found if f"{package}.{module[1]}" not in PAGE_ONLY]

    def build_module(self, module: str, module_file: str, package: str) -> tuple[str, bool]:
        """Copy one module and shorten the copy, unless it defines a public name."""
        target, copied = super().build_module(module, module_file, package)
        path = Path(target)
        source = path.read_text(encoding="utf-8")
        if not re.search(rf"^(?:class|def) (?:{'|'.join(public_names())})\b", source, re.MULTILINE):
            path.write_text(shortened(source), encoding="utf-8", newline="\n")
        return target, copied


setup(cmdclass={"build_py": Build})
