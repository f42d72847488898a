"""The modules of a printed PyTorch model as they open and close, and the rows that come of them."""

import re
from dataclasses import dataclass, field, replace

from calculator.core.formatting import join_words, plural
from calculator.readers.model import MAX_DEPTH, MAX_ROWS, Model, ReadError, Row
from calculator.readers.pytorch.argument_values import arguments
from calculator.readers.pytorch.class_names import CONTAINERS, LAZY, LISTS, SCRIPTED, base_class, familiar
from calculator.readers.pytorch.layer_rules import RULES
from calculator.readers.pytorch.rows import attention_row, layer_row, list_row

FORMAT = "PyTorch's print"

WHOLE = "(model)"
"""The name of a layer that is the whole model."""

MAX_PATH = 500
"""Characters of a module's path."""

_SHAPE = re.compile(r"Parameter containing: \[[^\]\n]{0,100}? of size ([\dx]{0,200})[^\dx]")

ALWAYS = (
    "A print does not show which parameters are frozen: all are taken to be trained.",
    "A print does not show parameters that layers share: they are counted in each of them. Nor does it show "
    "those that the older torch.nn.utils.weight_norm adds.",
)
ATTENTION = (
    "MultiheadAttention prints only its output projection: keys and values are taken to be as wide as "
    "queries, without bias_k and bias_v."
)
WEIGHT_NORM = (
    "Weight norm is taken to be along axis 0, as it is unless dim is given: a print does not show dim."
)
CODE = (
    "This is code, which is not run: the layers that begin a line are read, each once. Paste what "
    "print(model) shows to be sure of all of them."
)
LAYER_NORM = "A LayerNorm whose print does not say bias is taken to have one."


@dataclass
class Node:
    """A module whose bracket is open."""

    path: str
    key: str
    kind: str
    start: int
    times: int = 1
    extra: list[str] = field(default_factory=list)
    children: int = 0
    out_proj: dict[str, object] | None = None
    parametrised: list[tuple[str, str]] = field(default_factory=list)


class Tree:
    """Takes modules as they open and close, and keeps a row for each that holds parameters."""

    def __init__(self) -> None:
        self.open: list[Node] = []
        self.loose = False
        self._rows: list[Row] = []
        self._roots: list[tuple[int, str]] = []
        self._assumed: dict[str, None] = {}
        self._kinds: dict[str, bool] = {}
        """The classes in their order, and whether one may hold parameters that are not shown."""
        self._same: dict[tuple[str, str], Row | None] = {}

    @property
    def found(self) -> bool:
        """Whether a module was met."""
        return bool(self._roots) or self.loose

    @property
    def in_list(self) -> bool:
        """Whether the innermost module is a list of parameters, whose lines are not modules."""
        return bool(self.open) and base_class(self.open[-1].kind) in LISTS

    def root(self, kind: str) -> None:
        """Begin a print; where there are several, the paths of each begin with its class."""
        self._roots.append((len(self._rows), kind))
        self.enter("", kind)

    def enter(self, key: str, kind: str, times: str | None = None) -> None:
        """Open a module, ``times`` equal ones where the print says so."""
        first, count = _repeat(key, times)
        parent = self.open[-1] if self.open else None
        self.loose = self.loose or (parent is None and bool(key))
        path = f"{parent.path}.{first}" if parent and parent.path else first
        if len(self.open) >= MAX_DEPTH:
            raise ReadError(f"Modules are nested more than {MAX_DEPTH} deep.")
        if len(path) > MAX_PATH:
            raise ReadError(f"The path of a module has more than {MAX_PATH} characters.")
        if parent:
            parent.children += 1
        self._kinds.setdefault(kind, False)
        self.open.append(Node(path, key, kind, len(self._rows), count))

    def assume(self, sentence: str) -> None:
        """Take a sentence on what was taken for granted, once."""
        self._assumed[sentence] = None

    def extra(self, text: str) -> None:
        """Take a line that is no module: arguments of the module it stands in."""
        self.open[-1].extra.append(text)

    def strange(self, key: str, text: str) -> None:
        """Take a module with a print of its own, which says nothing of what it holds."""
        if text == "None":  # a place for a module that has none
            return
        self.enter(key, text[:60])
        node = self.open.pop()
        self._add(node, Row(node.path, node.kind, note="Its print is not one of torch.nn.", known=False))

    def leave(self) -> None:
        """Close the innermost module."""
        node = self.open.pop()
        if self._parametrises(node) and not node.children:
            return
        text = " ".join(node.extra)
        if self.open and node.key == "out_proj" and base_class(node.kind) == "Linear":
            self.open[-1].out_proj = arguments(text)[1]
        row = self._list(node, text) if base_class(node.kind) in LISTS else self._own(node, text)
        self._add(node, row)

    def _parametrises(self, node: Node) -> bool:
        """Note what computes a parameter: (layer) > parametrizations > (parameter) > class."""
        above = self.open[-3:]
        if len(above) < 3 or above[1].key != "parametrizations" or above[2].kind != "ParametrizationList":
            return False
        above[0].parametrised.append((above[2].key, node.kind))
        if node.kind == "_WeightNorm":
            self.assume(WEIGHT_NORM)
        return True

    def _own(self, node: Node, text: str) -> Row | None:
        """Return the row of what a module holds itself."""
        base = base_class(node.kind)
        if not node.children:
            return self._leaf(node, text)
        if node.parametrised or (base in RULES and text):
            self._assume(base, text)
            return layer_row(node.path, node.kind, *arguments(text), node.parametrised)
        if base == "MultiheadAttention" and node.children == 1 and node.out_proj:
            self.assume(ATTENTION)
            return attention_row(node.path, node.kind, node.out_proj)
        if base not in CONTAINERS:
            self._kinds[node.kind] = True
        return None

    def _leaf(self, node: Node, text: str) -> Row | None:
        """Return the row of a layer without others inside; equal layers are worked out once."""
        base = base_class(node.kind)
        if base in SCRIPTED:
            return _scripted(node.path, text)
        if base not in RULES and base not in LAZY:  # what it is given does not matter
            return layer_row(node.path, node.kind, (text,) if text else ())
        if (node.kind, text) not in self._same:
            self._assume(base, text)
            self._same[node.kind, text] = layer_row("", node.kind, *arguments(text))
        row = self._same[node.kind, text]
        return replace(row, name=node.path) if row else None

    def _assume(self, base: str, text: str) -> None:
        if base == "LayerNorm" and "elementwise_affine=True" in text and "bias=" not in text:
            self.assume(LAYER_NORM)

    def _list(self, node: Node, text: str) -> Row | None:
        found = _SHAPE.findall(text)
        if node.parametrised or len(found) != text.count("Parameter containing"):
            return Row(node.path, node.kind, note="Its shapes cannot be read.", known=False)
        shapes = [tuple(int(size) for size in shape.split("x") if size) for shape in found]
        return list_row(node.path, node.kind, shapes)

    def _add(self, node: Node, row: Row | None) -> None:
        """Put a module's own row before those of its children, and repeat all of them."""
        if row:
            self._rows.insert(node.start, row)
        once = self._rows[node.start :]
        if len(self._rows) + (node.times - 1) * len(once) > MAX_ROWS:
            raise ReadError(f"The model has more than {MAX_ROWS:,} layers.")
        if not once or node.times == 1:
            return
        first, cut = int(node.key.split("-")[0]), len(node.path)
        before = node.path.rpartition(".")[0]
        for number in range(first + 1, first + node.times):
            path = f"{before}.{number}" if before else str(number)
            self._rows.extend(replace(row, name=path + row.name[cut:]) for row in once)

    def model(self, name: str) -> Model:
        """Return the model that was read."""
        rows = [row if row.name else replace(row, name=WHOLE) for row in self._rows]
        if len(self._roots) > 1 or (self._roots and self.loose):
            rows = self._prefixed()
        return Model(tuple(rows), FORMAT, (*ALWAYS, *self._assumed, *self._unseen()), name)

    def _prefixed(self) -> list[Row]:
        """Return the rows of several prints, each path beginning with the class that was printed."""
        rows, met = list(self._rows), dict[str, int]()
        ends = [start for start, _ in self._roots[1:]] + [len(rows)]
        for (start, kind), end in zip(self._roots, ends, strict=True):
            met[kind] = met.get(kind, 0) + 1
            prefix = kind if met[kind] == 1 else f"{kind}_{met[kind]}"
            for at in range(start, end):
                path = rows[at].name
                rows[at] = replace(rows[at], name=f"{prefix}.{path}" if path else prefix)
        if len(self._roots) > 1:
            self.assume(f"The text holds {len(self._roots):,} printed modules: they are counted together.")
        return rows

    def _unseen(self) -> list[str]:
        holders = [kind for kind, may_hold in self._kinds.items() if may_hold]
        if not holders:
            return []
        names = holders[:3]
        if len(holders) > 3:
            names.append(plural(len(holders) - 3, "other class"))
        return [
            "A print cannot show parameters that a module holds itself, besides its layers: "
            f"any that {join_words(names)} may have are not counted."
        ]


def _scripted(path: str, text: str) -> Row | None:
    """Return the row of a scripted layer, which does not print its arguments."""
    kind = text.removeprefix("original_name=")[:60]
    if familiar(kind) and not layer_row(path, kind):
        return None
    return Row(path, kind, note="A scripted or traced model does not print its arguments.", known=False)


def _repeat(key: str, times: str | None) -> tuple[str, int]:
    """Return the name of the first of equal modules, and how many there are: ``(0-3): 4 x Block(``."""
    if times is None:
        return key, 1
    first, _, last = key.partition("-")
    if not (first.isdecimal() and last.isdecimal() and len(key) <= 40):
        raise ReadError(f"“({key[:60]}): {times} x” is not how PyTorch numbers equal layers.")
    count = int(last) - int(first) + 1
    if count != int(times) or count < 1:
        raise ReadError(f"“({key}): {times} x” says two different numbers of layers.")
    return str(int(first)), count
