"""What has a docstring, and what it says besides: the errors, and an example in the core."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.helpers.paths import ROOT

Function = ast.FunctionDef | ast.AsyncFunctionDef
FREE_LINES = 5
"""The length up to which a private function may do without a docstring."""


def functions(node: ast.AST, public: bool = True) -> Iterator[tuple[Function, bool]]:
    """Yield the functions and methods of a module or class, and whether each is public."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.ClassDef):
            yield from functions(inner, public and not inner.name.startswith("_"))
        elif isinstance(inner, Function):
            yield inner, public and not inner.name.startswith("_")
        else:
            yield from functions(inner, public)


def raises(node: ast.AST) -> bool:
    """Return whether an error is raised in a function itself, and not in a function inside of it."""
    inside = [inner for inner in ast.iter_child_nodes(node) if not isinstance(inner, Function | ast.Lambda)]
    return any((isinstance(inner, ast.Raise) and inner.exc is not None) or raises(inner) for inner in inside)


def problems(file: Path) -> list[str]:
    """Return what is missing in the docstrings of a module."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = [] if ast.get_docstring(tree) else ["the module has no docstring"]
    for node, public in functions(tree):
        text = ast.get_docstring(node) or ""
        lines = (node.end_lineno or 0) - node.body[0].lineno + 1
        if not text and (public or (lines > FREE_LINES and not node.name.startswith("__"))):
            found.append(f"{node.name} has no docstring")
        if public and raises(node) and "raise" not in text.lower():
            found.append(f"{node.name} does not say what it raises")
        if file.parent.name == "core" and public and node in tree.body and ">>>" not in text:
            found.append(f"{node.name} has no example")
    return found


def test_every_function_says_what_it_returns_and_raises() -> None:
    files = sorted((ROOT / "calculator").rglob("*.py"))
    assert len(files) > 250
    assert {str(file.relative_to(ROOT)): found for file in files if (found := problems(file))} == {}


def test_a_missing_docstring_error_or_example_is_found(tmp_path: Path) -> None:
    file = tmp_path / "core" / "new.py"
    file.parent.mkdir()
    lines = ["class _A:", "  def public(self): ...", "def _short(): ...", "def bare(): ..."]
    lines += ["def _long():", *["  1"] * 6, "def error():", '  """Return 1."""', "  raise ValueError(1)"]
    lines += ["def inner():", '  """>>> inner()"""', "  def other():", "    raise ValueError(1)"]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert problems(file) == [
        "the module has no docstring",
        "bare has no docstring",
        "bare has no example",
        "_long has no docstring",
        "error does not say what it raises",
        "error has no example",
    ]
