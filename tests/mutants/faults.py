"""Small faults that can be planted in the source of a module.

Hand-written: mutmut 3 changes only the bodies of functions, so no table of the product. Cosmic-ray changes
no text and runs the same tests for every module. Neither draws a seeded sample.
"""

import ast
import copy
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One change of a source: the bytes from ``start`` to ``end`` become ``text``."""

    line: int
    start: int
    end: int
    text: str
    before: str
    """The changed lines without indentation, on one line."""
    after: str

    def planted(self, source: bytes) -> bytes:
        """Return ``source`` with this fault."""
        return source[: self.start] + self.text.encode() + source[self.end :]

    def compiles(self, source: bytes) -> bool:
        """Return whether ``source`` is still valid with this fault."""
        try:
            compile(self.planted(source), "fault", "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return False
        return True


OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitXor: (ast.BitAnd,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
UNORDERED = frozenset({"min", "max"})
"""Functions of numbers whose order changes no result."""

METHODS = {
    "startswith": "endswith",
    "endswith": "startswith",
    "partition": "rpartition",
    "rpartition": "partition",
}
KEPT_KEYWORDS = frozenset({"strict", "encoding"})
"""Arguments that change nothing in correct code (``zip``), or only on another machine."""


def _changed(node: ast.AST, **fields: object) -> ast.AST:
    """Return a shallow copy of ``node`` with other values of some fields."""
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _without(items: list[Any]) -> Iterator[list[Any]]:
    """Yield ``items`` without each one of them."""
    for index in range(len(items)):
        yield items[:index] + items[index + 1 :]


def _not(node: ast.expr) -> ast.AST:
    return ast.UnaryOp(ast.Not(), node)


def _operator(node: ast.BinOp | ast.AugAssign) -> Iterator[ast.AST]:
    for other in OPERATORS.get(type(node.op), ()):
        yield _changed(node, op=other())


def _boolean(node: ast.BoolOp) -> Iterator[ast.AST]:
    yield from _operator(node)  # type: ignore[arg-type]
    for rest in _without(node.values):
        yield rest[0] if len(rest) == 1 else _changed(node, values=rest)


def _compare(node: ast.Compare) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        for other in OPERATORS[type(operator)]:
            yield _changed(node, ops=[*node.ops[:index], other(), *node.ops[index + 1 :]])


def _unary(node: ast.UnaryOp) -> Iterator[ast.AST]:
    yield node.operand


def _condition(node: ast.IfExp) -> Iterator[ast.AST]:
    yield _changed(node, test=_not(node.test))


def _constant(node: ast.Constant) -> Iterator[ast.AST]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield from (ast.Constant(value + 1), ast.Constant(value - 1))
    elif isinstance(value, bytes):
        yield ast.Constant(b"X" + value)
    elif isinstance(value, str):
        # A sentence loses its first word, its last character is another.
        first, space, rest = value.partition(" ")
        if first and space and rest.strip():
            yield ast.Constant(rest)
        yield ast.Constant(value[:-1] + ("X" if value[-1:] != "X" else "Y"))


def _call(node: ast.Call) -> Iterator[ast.AST]:
    in_any_order = isinstance(node.func, ast.Name) and node.func.id in UNORDERED
    if (
        len(node.args) > 1
        and not in_any_order
        and not any(isinstance(arg, ast.Starred) for arg in node.args[:2])
    ):
        yield _changed(node, args=[node.args[1], node.args[0], *node.args[2:]])
    for keywords in _without(node.keywords):
        (gone,) = [keyword for keyword in node.keywords if keyword not in keywords]
        if gone.arg not in KEPT_KEYWORDS:
            yield _changed(node, keywords=keywords)
    if isinstance(node.func, ast.Name) and node.func.id in NAMES:
        yield _changed(node, func=ast.Name(NAMES[node.func.id]))
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        yield _changed(node, func=_changed(node.func, attr=METHODS[node.func.attr]))


def _elements(node: ast.List | ast.Set) -> Iterator[ast.AST]:
    if len(node.elts) > 1:
        yield from (_changed(node, elts=elts) for elts in _without(node.elts))


def _entries(node: ast.Dict) -> Iterator[ast.AST]:
    for keys, values in zip(_without(node.keys), _without(node.values), strict=True):
        yield _changed(node, keys=keys, values=values)


def _slice(node: ast.Slice) -> Iterator[ast.AST]:
    if node.lower and node.upper:
        yield from (_changed(node, lower=None), _changed(node, upper=None))


def _return(node: ast.Return) -> Iterator[ast.AST]:
    if node.value and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.Return(ast.Constant(None))


def _removed(_: ast.stmt) -> Iterator[ast.AST]:
    yield ast.Pass()


def _continue(_: ast.Continue) -> Iterator[ast.AST]:
    yield from (ast.Break(), ast.Pass())


def _break(_: ast.Break) -> Iterator[ast.AST]:
    yield from (ast.Continue(), ast.Pass())


def _augmented(node: ast.AugAssign) -> Iterator[ast.AST]:
    yield from _operator(node)
    yield ast.Pass()


RULES: dict[type[ast.AST], Callable[[Any], Iterator[ast.AST]]] = {
    ast.BinOp: _operator,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.IfExp: _condition,
    ast.Constant: _constant,
    ast.Call: _call,
    ast.List: _elements,
    ast.Set: _elements,
    ast.Dict: _entries,
    ast.Slice: _slice,
    ast.Return: _return,
    ast.Raise: _removed,
    ast.Expr: _removed,
    ast.Delete: _removed,
    ast.Assign: _removed,
    ast.AugAssign: _augmented,
    ast.Continue: _continue,
    ast.Break: _break,
}
"""What each kind of node may become."""


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of ``node`` that may change: no annotation, decorator, docstring, import, limit."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_kept(child):
                yield child


def _is_kept(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    if isinstance(node, ast.keyword):
        return node.arg in KEPT_KEYWORDS
    if isinstance(node, ast.Assign):
        if isinstance(node.value, ast.Subscript) and ast.unparse(node.value.value) == "Literal":
            return True  # A type, which mypy holds.
        # A limit is a choice; a test of its size would only repeat it.
        return isinstance(node.targets[0], ast.Name) and node.targets[0].id.startswith(("MAX_", "__"))
    return isinstance(node, ast.Import | ast.ImportFrom | ast.Assert)


def _sites(node: ast.AST, holder: ast.AST | None = None) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield every node below ``node`` that may change, and the node whose text is written anew for that.

    The parts of an f-string have no place of their own in the text (Python 3.11).
    """
    for child in _children(node):
        held = holder or (child if isinstance(child, ast.JoinedStr) else None)
        yield child, held or child
        yield from _sites(child, held)


def _replacements(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield the parts of ``node`` that a rule replaces, each with what takes its place."""
    for rule in (RULES.get(type(node)),):
        for new in rule(node) if rule else ():
            yield node, new
    if isinstance(node, ast.If | ast.While):
        yield node.test, _not(node.test)
    elif isinstance(node, ast.comprehension):
        for condition in node.ifs:
            yield condition, ast.Constant(True)


def _text(node: ast.AST) -> str:
    """Return the source of ``node``, in brackets where something round it could bind closer."""
    text = ast.unparse(ast.fix_missing_locations(node))
    loose = ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp | ast.IfExp
    return f"({text})" if isinstance(node, loose) else text


def faults(source: bytes) -> list[list[Fault]]:
    """Return the faults that can be planted in a source, a list for each place that has some."""
    lines = source.splitlines(keepends=True)
    starts = [0, *itertools.accumulate(map(len, lines))]
    found: dict[tuple[int, int], list[Fault]] = {}
    for site, holder in _sites(ast.parse(source)):
        for old, new in _replacements(site):
            at: Any = old if holder is site else holder
            try:
                text = _text(new if at is old else copy.deepcopy(at, {id(old): new}))
            except ValueError:  # ast cannot write every f-string.
                continue
            start = starts[at.lineno - 1] + at.col_offset
            end = starts[at.end_lineno - 1] + at.end_col_offset
            head, tail = source[starts[at.lineno - 1] : start], source[end : starts[at.end_lineno]]
            before = " ".join((head + source[start:end] + tail).decode().split())
            after = " ".join((head + text.encode() + tail).decode().split())
            fault = Fault(at.lineno, start, end, text, before, after)
            if before != after:
                found.setdefault((id(site), start), []).append(fault)
    return list(found.values())
