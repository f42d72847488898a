"""The readers, with a note of the values that their expressions have: which data make a difference to them.

``install`` comes before the readers are imported. ``NOTED`` then gains a feature whenever an expression has a
value of a kind, or a comparison two sides so far apart, for the first time since it was cleared.
"""

import ast
import operator
import sys
from collections.abc import Callable, Hashable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

READERS = "calculator.readers"
NOTED: set[Hashable] = set()

_NOTE, _COMPARE = "__note__", "__compare__"
_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Is": operator.is_,
    "IsNot": operator.is_not,
    "In": lambda left, right: left in right,
    "NotIn": lambda left, right: left not in right,
}
_APART = 2
"""Sides of a comparison that are further apart are alike."""


def _note(place: int, value: Any) -> Any:
    """Return ``value``, whose kind is noted."""
    kind: Hashable = type(value).__name__
    if value is None or isinstance(value, bool | int):
        kind = (kind, value if value is None else max(-_APART, min(value, _APART)))
    elif isinstance(value, str | bytes | list | tuple | dict | set | frozenset):
        kind = (kind, min(len(value), _APART))
    NOTED.add((place, kind))
    return value


def _compare(place: int, operators: str, first: Any, *others: Callable[[], Any]) -> Any:
    """Return the outcome of a comparison, after a note of how far apart each two sides are."""
    left, outcome = first, True
    for number, (name, other) in enumerate(zip(operators.split(), others, strict=True)):
        right = other()
        outcome = _OPERATORS[name](left, right)
        apart: Hashable = bool(outcome)
        if isinstance(left, int) and isinstance(right, int):
            apart = max(-_APART, min(left - right, _APART))
        elif outcome and name == "In" and isinstance(left, str) and isinstance(right, set | tuple):
            apart = left if len(right) < 20 else True
        NOTED.add((place, number, apart))
        if not outcome:
            break
        left = right
    return outcome


class _Noting(ast.NodeTransformer):
    """Has each expression of a function that decides something pass through ``_note`` or ``_compare``."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.depth = 0

    def _place(self, node: ast.AST) -> ast.Constant:
        at: Any = node
        place = (self.name, at.lineno, at.col_offset, at.end_lineno, at.end_col_offset, type(node).__name__)
        return ast.Constant(hash(place))

    def visit(self, node: ast.AST) -> Any:
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            self.depth += 1
            body: Any = node.body
            node.body = [self.visit(each) for each in body] if isinstance(body, list) else self.visit(body)
            self.depth -= 1
            return node
        if isinstance(node, ast.AnnAssign):
            node.value = node.value and self.visit(node.value)
            return node
        if isinstance(node, ast.pattern):
            return node
        if isinstance(node, ast.Call):  # The function itself is not noted, what it is taken from is.
            if isinstance(node.func, ast.Attribute):
                node.func.value = self.visit(node.func.value)
            node.args = [self.visit(each) for each in node.args]
            node.keywords = [self.visit(each) for each in node.keywords]
        else:
            node = self.generic_visit(node)
        if not self.depth:
            return node
        if isinstance(node, ast.Compare) and not _binds(node):
            return self._compared(node)
        self._conditions(node)
        if isinstance(node, ast.Call | ast.BinOp | ast.Subscript | ast.IfExp | ast.BoolOp | ast.Attribute):
            context = getattr(node, "ctx", None)
            if context is None or isinstance(context, ast.Load):
                return self._noted(node)
        return node

    def _conditions(self, node: Any) -> None:
        """Note names where only their truth is asked for."""
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            node.test = self._named(node.test)
        elif isinstance(node, ast.BoolOp):
            node.values = [self._named(each) for each in node.values]
        elif isinstance(node, ast.comprehension):
            node.ifs = [self._named(each) for each in node.ifs]
        elif isinstance(node, ast.Return | ast.Assign) and isinstance(node.value, ast.Name):
            node.value = self._named(node.value)
        elif isinstance(node, ast.UnaryOp):
            node.operand = self._named(node.operand)

    def _named(self, node: ast.expr) -> ast.expr:
        return self._noted(node) if isinstance(node, ast.Name | ast.NamedExpr) else node

    def _noted(self, node: Any) -> ast.Call:
        return ast.Call(ast.Name(_NOTE, ast.Load()), [self._place(node), node], [])

    def _compared(self, node: ast.Compare) -> ast.Call:
        operators = ast.Constant(" ".join(type(each).__name__ for each in node.ops))
        none = ast.arguments([], [], None, [], [], None, [])
        others = [ast.Lambda(none, each) for each in node.comparators]
        return ast.Call(
            ast.Name(_COMPARE, ast.Load()), [self._place(node), operators, node.left, *others], []
        )


def _binds(node: ast.Compare) -> bool:
    """Return whether a side but the first has something that a function of its own would change."""
    held = [each for side in node.comparators for each in ast.walk(side)]
    return any(isinstance(each, ast.NamedExpr | ast.Yield | ast.YieldFrom) for each in held)


class _Loader(SourceFileLoader):
    def source_to_code(self, data: Any, path: Any, *, _optimize: int = -1) -> CodeType:  # type: ignore[override]
        tree = ast.fix_missing_locations(_Noting(self.name).visit(ast.parse(data)))
        code: CodeType = compile(tree, path, "exec", dont_inherit=True)
        return code

    def get_code(self, fullname: str) -> CodeType:  # Without the bytecode that is kept of the source.
        return self.source_to_code(self.get_data(self.get_filename(fullname)), self.get_filename(fullname))

    def exec_module(self, module: ModuleType) -> None:
        vars(module).update({_NOTE: _note, _COMPARE: _compare})
        super().exec_module(module)


class _Finder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(READERS):
            return None
        spec = PathFinder.find_spec(fullname, path)
        if spec and spec.origin:
            spec.loader = _Loader(fullname, spec.origin)
        return spec


def install() -> None:
    """Have the readers noted, all of which are imported from now on."""
    assert not [name for name in sys.modules if name.startswith(READERS)]
    sys.meta_path.insert(0, _Finder())
