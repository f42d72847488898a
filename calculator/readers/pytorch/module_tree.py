"""The tree of modules in a printed PyTorch model, built line by line, and the rows of its layers."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from calculator.core.formatting import join_first, join_words, plural
from calculator.readers.layer_table.chain import MAX_CHAIN
from calculator.readers.model import (
    LEFT_OUT,
    MAX_COUNT,
    MAX_DEPTH,
    MAX_NAME_SHOWN,
    MAX_ROWS,
    MAX_SHOWN,
    MODEL_NAME,
    Chain,
    Model,
    ReadError,
    Row,
    left_out_row,
)
from calculator.readers.pytorch.argument_values import parse_arguments
from calculator.readers.pytorch.chain import IN_SEQUENCE, chain_of
from calculator.readers.pytorch.class_names import (
    CONTAINERS,
    HIDING,
    LAZY,
    PARAMETER_FREE,
    PARAMETER_LISTS,
    SCRIPTED,
    base_class,
    inferred_class,
    is_known_class,
    may_be_inferred,
)
from calculator.readers.pytorch.layer_rules import RULES
from calculator.readers.pytorch.printed_lines import is_elision
from calculator.readers.pytorch.rows import attention_row, layer_row, list_row
from calculator.readers.pytorch.several_prints import is_same_module, rows_of_prints

FORMAT = "PyTorch's print"

MAX_PATH = 500
"""The maximum number of characters in a module's path."""

_SHAPE = re.compile(r"Parameter containing: \[[^\]\n]{0,100}? of size ([\dx]{0,200})[^\dx]")

PRINT_ASSUMPTIONS = (
    "A print does not show which parameters are frozen: all are taken to be trained.",
    "A print does not show parameters that layers share: they are counted in each of them. Nor does it show "
    "those that the older torch.nn.utils.weight_norm adds.",
)
ATTENTION_ASSUMPTION = (
    "MultiheadAttention prints only its output projection: keys and values are taken to be as wide as "
    "queries, without bias_k and bias_v."
)
WEIGHT_NORM_ASSUMPTION = (
    "Weight norm is taken to be along axis 0, which is the default: a print does not show dim."
)
LAYER_NORM_ASSUMPTION = "A LayerNorm whose print does not mention bias is taken to have a bias."
LINEAR_ASSUMPTION = (
    "A Linear whose print does not mention bias is taken to have a bias, which is the default."
)

_LINEAR_OF_OLD_PRINTS = re.compile(r" ?(\d{1,18}) ?(?:->|→) ?(\d{1,18})(?=[,)\s]|$)")
"""The arguments of ``Linear`` as PyTorch printed them before version 0.4: ``100 -> 8192``."""

CUT_LINE = "Its line is cut off at the right, with some of its arguments."

HARMLESS = frozenset({
    *("inplace", "p", "drop_prob", "drop_rate", "dropout", "training", "init_cfg", "original_name"),
    *("mode", "scale_factor", "align_corners", "recompute_scale_factor", "upscale_factor"),
})  # fmt: skip
"""Arguments of a module with layers that tell nothing of parameters of its own."""

_RANGE = re.compile(
    r"(?:[\w.]{1,100}\.)?(?:\d{1,9} ?(?:[-–—~:…]|->|→|\.{2,3}|to) ?\d{1,9}|\d{1,9}(?:, ?\d{1,9}){1,50})"
)
"""The key of several modules where the print does not say how many there are."""


MAX_COMPARED = 50
"""The number of printed modules of a class that a print of the same class is compared with."""

_NUMBERED = frozenset({"Sequential", "ModuleList"})
"""Classes that number their children from 0 without gaps."""

HIDDEN_PARAMETERS = (
    "This class has parameters of its own besides its layers, which no print shows: their number is unknown."
)
_NUMBERS = re.compile(r"(\d{1,9})(?:[-–](\d{1,9}))?")


@dataclass
class OpenModule:
    """A module whose closing bracket has not been read yet.

    ``start`` is the number of rows before the module, ``count`` the number of equal modules that one print
    stands for, ``numbered`` whether the print has that number, and ``text`` the lines with arguments.
    """

    path: str
    key: str
    kind: str
    start: int
    count: int
    numbered: bool
    text: list[str] = field(default_factory=list)
    children: int = 0
    following: int | None = None
    """The number that the next child must have, where that is known."""
    out_proj: dict[str, object] | None = None
    parametrised: list[tuple[str, str]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    """The names of the children, which are unique in a module of PyTorch."""

    @property
    def is_range(self) -> bool:
        """Return whether the key is that of several modules, but without their number."""
        return self.count == 1 and _RANGE.fullmatch(self.key) is not None and not self.numbered


class ModuleTree:
    """A builder that receives modules as they open and close, and keeps a row for each with parameters."""

    def __init__(self) -> None:
        self.open_modules: list[OpenModule] = []
        self.has_fragments = False
        """Whether modules with a name were read outside any printed model: a part of a print."""
        self._rows: list[Row] = []
        self._roots: list[tuple[int, str]] = []
        self._parents: dict[str, list[tuple[int, str]]] = {}
        """The modules with children by their class: the number of their root, and their path in it."""
        self.trained_known = True
        """Whether nothing shows that some parameters are not trained."""
        self.has_whole = False
        """Whether a print begins without a name, and so is not that of a part in a list of parts."""
        self._roots_with_children: set[int] = set()
        self._ends: dict[int, int] = {}
        """The number of rows at the end of a root with children."""
        self._names: set[tuple[str, str]] = set()
        self._assumptions: dict[str, None] = {}
        self._may_hide: dict[str, bool] = {}
        """The classes in their order, and whether a class may have parameters that a print does not show."""
        self._leaf_rows: dict[tuple[str, str], Row | None] = {}
        self._inferred: dict[str, str] = {}
        """The classes of other libraries, and the classes of ``torch.nn`` that they are taken for."""
        self._layers: list[tuple[str, str, str]] = []
        """Path, class and arguments of the layers in their order, also of those without parameters."""
        self._in_sequence = True
        """Whether all modules with layers run these one after the other."""
        self._no_chain = ""
        """Why the layers cannot form a chain, or ""."""

    @property
    def has_modules(self) -> bool:
        """Return whether any module was read."""
        return bool(self._roots) or self.has_fragments

    @property
    def counts_anything(self) -> bool:
        """Return whether a layer with parameters was read."""
        return any(row.parameter_count for row in self._rows)

    @property
    def in_parameter_list(self) -> bool:
        """Return whether the innermost module is a list of parameters, whose lines are not modules."""
        return bool(self.open_modules) and base_class(self.open_modules[-1].kind) in PARAMETER_LISTS

    def open_root(self, kind: str) -> None:
        """Begin a printed model. With several models, the paths of each begin with its class."""
        self._roots.append((len(self._rows), kind))
        self.open_module("", kind)

    def add_child(self, name: str, kind: str, arguments: str) -> None:
        """Add a layer of a list of children. In a list of all modules, a print may have it already."""
        if not self._roots_with_children:
            self._roots.append((len(self._rows), name or kind))
            self.open_module("", kind)
            self.add_text(arguments)
            self.close_module()
            return
        if self.has_whole and not name.isdecimal() and (name, kind) in self._names:
            self.assume("Layers that are listed again by their name in the print are counted once.")
        elif base_class(kind) in RULES:
            note = f"“{kind}({arguments[:MAX_SHOWN]})” is listed besides a print, which may have it already."
            self.add_left_out(note, name)

    def open_module(self, key: str, kind: str, times: str | None = None) -> None:
        """Open a module, which stands for ``times`` equal modules where the print has a number.

        Raises ``ReadError`` for modules that are nested too deep, for a path that is too long, and for a name
        that comes twice in a module.
        """
        count = _parse_repetition(key, times)
        parent = self.open_modules[-1] if self.open_modules else None
        self.has_fragments = self.has_fragments or (parent is None and bool(key))
        path = f"{parent.path}.{key}" if parent and parent.path else key
        if len(self.open_modules) >= MAX_DEPTH:
            raise ReadError(f"Modules are nested more than {MAX_DEPTH} deep.")
        if len(path) > MAX_PATH:
            raise ReadError(f"The path of a module has more than {MAX_PATH} characters.")
        if parent:
            if key in parent.keys:
                raise ReadError(
                    f"The name ({key[:MAX_SHOWN]}) comes twice in {parent.path or parent.kind}: two prints "
                    "may be mixed, as several processes write them, or a closing bracket is missing. Paste "
                    "one print, whole."
                )
            parent.keys.add(key)
            parent.children += 1
            self._note_number(parent, key)
        self._may_hide.setdefault(kind, False)
        self.open_modules.append(OpenModule(path, key, kind, len(self._rows), count, times is not None))

    def _note_number(self, parent: OpenModule, key: str) -> None:
        """Add a row for the children that are missing before ``key`` in the numbering of ``parent``."""
        numbers = _NUMBERS.fullmatch(key) if base_class(parent.kind) in _NUMBERED else None
        if numbers is None:
            parent.following = None
            return
        first, last = int(numbers[1]), int(numbers[2] or numbers[1])
        if parent.following is not None and first > parent.following:
            missing = f"({parent.following})" + (f" to ({first - 1})" if first - 1 > parent.following else "")
            note = f"The numbers of this {parent.kind} have a gap: {missing} left out."
            self._rows.append(left_out_row(parent.path, note))
        elif parent.children == 1 and first > 0:
            # The slices that LPIPS and other losses take from VGG keep the numbers of the whole.
            self.assume(
                f"The numbers of {parent.path or parent.kind} begin at {first:,}: layers before it are not "
                "counted, if it has any."
            )
            self._in_sequence = False
        parent.following = last + 1

    def assume(self, sentence: str) -> None:
        """Add an assumption to the model, once."""
        self._assumptions[sentence] = None

    def refuse_chain(self, problem: str) -> None:
        """Note why the layers cannot form a chain. Only the first reason is kept."""
        self._no_chain = self._no_chain or problem

    def add_text(self, text: str) -> None:
        """Add a line that is not a module: arguments of the innermost module."""
        self.open_modules[-1].text.append(text)

    def add_custom_print(self, key: str, text: str) -> None:
        """Add a module with a print format of its own, which does not show its parameters."""
        if text == "None":  # An attribute for a module that is not set.
            self._note_number(self.open_modules[-1], key)
            return
        note = "This module has its own print format, so its parameters are unknown."
        self.add_unknown(key, text[:MAX_SHOWN], note)

    def add_unknown(self, key: str, kind: str, note: str) -> None:
        """Add a module whose parameters are unknown, for the reason in ``note``."""
        self.open_module(key, kind)
        module = self.open_modules.pop()
        self._add(module, Row(module.path, module.kind, note=note, known=False))

    def add_left_out(self, note: str, key: str = "") -> None:
        """Add the row of lines that were left out of the innermost module, or of its child ``key``."""
        parent = self.open_modules[-1] if self.open_modules else None
        if parent:
            parent.children += 1
            parent.following = None
        path = ".".join(filter(None, (parent.path if parent else "", key)))
        self._rows.append(left_out_row(path[:MAX_PATH], note))

    def cut_arguments(self) -> None:
        """Close the innermost module, whose line is cut off inside its arguments: it cannot be counted."""
        module = self.open_modules.pop()
        self.refuse_chain(f"The line of {module.path} ({module.kind}) is cut off.")
        if base_class(module.kind) not in PARAMETER_FREE:
            self._add(module, Row(module.path, module.kind, note=CUT_LINE, known=False))

    def doubt(self, paths: Collection[str]) -> None:
        """Count the layers at ``paths`` no longer: with open brackets their lines may be cut off."""
        self._rows = [
            Row(row.name, row.type, note=CUT_LINE, known=False) if row.name in paths else row
            for row in self._rows
        ]

    def cut_off(self, note: str) -> None:
        """Close all modules of a print whose end is missing.

        The innermost one is not counted where it has no layers: its arguments may be cut off too. Layers
        behind lines that are left out of a repeated module are counted once: it may end in these lines.
        """
        if self.open_modules[-1].children:
            self.add_left_out(note)
        else:
            module = self.open_modules.pop()
            self._rows.append(left_out_row(module.path, note))
        while self.open_modules:
            self.close_module()
        gaps = set()
        for index, row in enumerate(self._rows):
            if row.type == LEFT_OUT:
                gaps.add(_repeated_module(row.name))
            elif row.times > 1 and _repeated_module(row.name) in gaps:
                self._rows[index] = _once(row)

    def close_module(self) -> None:
        """Close the innermost module."""
        module = self.open_modules.pop()
        if self._note_parametrisation(module) and not module.children:
            return
        text = " ".join(module.text)
        self._note_layer(module, text)
        if self.open_modules and module.key == "out_proj" and base_class(module.kind) == "Linear":
            self.open_modules[-1].out_proj = parse_arguments(text)[1]
        is_list = base_class(module.kind) in PARAMETER_LISTS
        self._add(module, self._list(module, text) if is_list else self._own_row(module, text))
        same_class = self._parents.setdefault(module.kind, [])
        if module.children and self._roots and len(same_class) < MAX_COMPARED:
            same_class.append((len(self._roots) - 1, module.path))
        if module.children and not module.key:
            self._roots_with_children.add(len(self._roots) - 1)
            self._ends[len(self._roots) - 1] = len(self._rows)

    def _note_layer(self, module: OpenModule, text: str) -> None:
        """Note a module as a layer of a chain, or as a module around layers that may form a chain."""
        base = base_class(module.kind)
        if module.count > 1:
            self.refuse_chain(f"{module.path} ({module.kind}) stands for {module.count:,} equal layers.")
        if base in CONTAINERS or base in PARAMETER_LISTS or (module.children and not module.parametrised):
            parametrisation = "parametrizations" in module.path.split(".")
            self._in_sequence = self._in_sequence and (base in IN_SEQUENCE or parametrisation)
            if base in RULES or base.startswith("Transformer") or base in PARAMETER_LISTS:
                title = f"{module.path} ({module.kind})" if module.path else module.kind
                self.refuse_chain(f"{title}: a table of layers has no type for it.")
        elif len(self._layers) <= MAX_CHAIN:
            self._layers.append((module.path, module.kind, text))

    def _chain(self, rows: Sequence[Row]) -> Chain:
        """Return the layers with the final ``rows`` as a chain."""
        alone = len(self._roots) == 1 and not self.has_fragments
        if len(self._roots) > 1 and self._roots_with_children:
            self.refuse_chain("The text has several printed modules.")
        return chain_of(self._layers, rows, proven=self._in_sequence and alone, problem=self._no_chain)

    def _note_parametrisation(self, module: OpenModule) -> bool:
        """Return whether ``module`` computes a parameter of a layer, and note this at the layer.

        The nesting is (layer) > parametrizations > (parameter) > class.
        """
        above = self.open_modules[-3:]
        if len(above) < 3 or above[1].key != "parametrizations" or above[2].kind != "ParametrizationList":
            return False
        # The rule of a parametrisation is that of a single one.
        kind = module.kind if module.count == 1 else f"{module.count:,} x {module.kind}"
        above[0].parametrised.append((above[2].key, kind))
        if module.kind == "_WeightNorm":
            self.assume(WEIGHT_NORM_ASSUMPTION)
        return True

    def _own_row(self, module: OpenModule, text: str) -> Row | None:
        """Return the row of the parameters that a module has itself, without those of its children."""
        base = base_class(module.kind)
        if not module.children:
            return self._leaf(module, text)
        if base in RULES and (module.parametrised or text):
            return layer_row(module.path, module.kind, *self._arguments(base, text), module.parametrised)
        # Other libraries have classes of this name. PyTorch's own class prints exactly one child.
        if base == "MultiheadAttention" and module.children == 1 and module.out_proj:
            self.assume(ATTENTION_ASSUMPTION)
            return attention_row(module.path, module.kind, module.out_proj)
        if module.parametrised or (text and base not in PARAMETER_FREE and not _is_harmless(text)):
            return self._inferred_row(module, text) or _own_arguments_row(module, text)
        if base in HIDING:
            return Row(module.path, module.kind, note=HIDDEN_PARAMETERS, known=False)
        if base not in CONTAINERS:
            self._may_hide[module.kind] = True
        return None

    def _leaf(self, module: OpenModule, text: str) -> Row | None:
        """Return the row of a layer without children. The row of equal layers is computed once."""
        base = base_class(module.kind)
        if base in SCRIPTED:
            return _scripted(module.path, text)
        if is_elision(text) and base not in PARAMETER_FREE:
            return left_out_row(module.path, f"The arguments or layers of this {module.kind} are left out.")
        if base not in RULES and base not in LAZY:
            # The arguments do not matter, and need not be parsed.
            return self._inferred_row(module, text) or layer_row(
                module.path, module.kind, (text,) if text else ()
            )
        if (module.kind, text) not in self._leaf_rows:
            arguments = self._arguments(base, text)
            self._leaf_rows[module.kind, text] = layer_row("", module.kind, *arguments)
        row = self._leaf_rows[module.kind, text]
        return replace(row, name=module.path) if row else None

    def _inferred_row(self, module: OpenModule, text: str) -> Row | None:
        """Return the row of a class of another library that is taken for one of ``torch.nn``, or ``None``."""
        if not text or is_known_class(module.kind) or not may_be_inferred(module.kind):
            return None
        try:
            arguments = parse_arguments(text)
        except ReadError:  # Such arguments are not those of a class of torch.nn.
            return None
        base = inferred_class(module.kind, *arguments)
        if base is None:
            return None
        self._inferred[module.kind] = base
        self._assume_bias(base, text)
        return layer_row(module.path, module.kind, *arguments, module.parametrised)

    def _arguments(self, base: str, text: str) -> tuple[list[object], dict[str, object]]:
        """Return the arguments of a layer of ``torch.nn``, and note what an older PyTorch did not print."""
        if base == "Linear":
            text = _LINEAR_OF_OLD_PRINTS.sub(r"in_features=\1, out_features=\2", text, 1)
        self._assume_bias(base, text)
        return parse_arguments(text)

    def _assume_bias(self, base: str, text: str) -> None:
        """Add the assumption about a layer that an older PyTorch printed without its bias."""
        if "bias=" in text:
            return
        if base == "LayerNorm" and "elementwise_affine=True" in text:
            self.assume(LAYER_NORM_ASSUMPTION)
        if base == "Linear" and "in_features=" in text and "out_features=" in text:
            self.assume(LINEAR_ASSUMPTION)

    def _list(self, module: OpenModule, text: str) -> Row | None:
        """Return the row of a list of parameters."""
        printed = _SHAPE.findall(text)
        if module.parametrised or len(printed) != text.count("Parameter containing"):
            return Row(module.path, module.kind, note="Its shapes cannot be read.", known=False)
        shapes = [tuple(int(size) for size in shape.split("x") if size) for shape in printed]
        return list_row(module.path, module.kind, shapes)

    def _add(self, module: OpenModule, row: Row | None) -> None:
        """Insert a module's own row before those of its children; each stands for ``module.count`` layers."""
        if row:
            self._rows.insert(module.start, row)
            self._names.add((row.name, row.type))
        if module.is_range and len(self._rows) > module.start:
            note = f"“({module.key})” may stand for several modules, which are left out: one is counted."
            self._rows.append(left_out_row(module.path, note))
        if len(self._rows) > MAX_ROWS:
            raise ReadError(f"The model has more than {MAX_ROWS:,} different layers.")
        if module.count > 1:
            once = self._rows[module.start :]
            self._rows[module.start :] = [repeated(row, module.count) for row in once]

    def model(self, name: str) -> Model:
        """Return the model of all modules that were read."""
        if len(self._roots) > 1:
            self._drop_repeated()
        rows = self._rows
        if len(self._roots) > 1 or (self._roots and self.has_fragments):
            rows = self._rows_of_prints()
        rows = [row if row.name else replace(row, name=MODEL_NAME) for row in rows]
        assumptions = (
            *PRINT_ASSUMPTIONS,
            *self._assumptions,
            *self._inferred_classes(),
            *self._hidden_parameters(),
        )
        chain, known = self._chain(rows), self.trained_known
        return Model(tuple(rows), FORMAT, assumptions, name, chain=chain, trained_known=known)

    def _drop_repeated(self) -> None:
        """Count a model once that is printed twice, or whose print is a part of another one."""
        starts = [start for start, _ in self._roots]
        nexts = [*starts[1:], len(self._rows)]
        ends = [self._ends.get(number, following) for number, following in enumerate(nexts)]
        sections = [self._rows[start:end] for start, end in zip(starts, ends, strict=True)]
        kept = [number for number in range(len(sections)) if not self._is_repeated(number, sections)]
        kept_numbers = set(kept)
        dropped = dict.fromkeys(
            kind for number, (_, kind) in enumerate(self._roots) if number not in kept_numbers
        )
        if not dropped:
            return
        rows, roots = self._rows[: starts[0]], []
        for number, section in enumerate(sections):
            if number in kept_numbers:
                roots.append((len(rows), self._roots[number][1]))
                rows += section
            rows += self._rows[ends[number] : nexts[number]]
        for kind in dropped:
            note = f"{kind} is printed more than once with the same layers: these are counted once."
            self.assume(note)
            if not self.has_whole or (base_class(kind) in CONTAINERS and len(kept) > 1):
                # A list of the children of a model may have two that are alike.
                rows.append(left_out_row(kind, f"{note} There may be several."))
        self._rows, self._roots = rows, roots

    def _is_repeated(self, number: int, sections: list[list[Row]]) -> bool:
        """Return whether a print has the rows of one before it, or of a module in any other print."""
        kind, rows = self._roots[number][1], sections[number]
        places = self._parents.get(kind, [])
        if number not in self._roots_with_children or not rows:
            return False
        return any(
            (root < number if not path else root != number) and is_same_module(rows, path, sections[root])
            for root, path in places
        )

    def _rows_of_prints(self) -> list[Row]:
        """Return the rows of several printed models, after those that belong to none of them."""
        starts = [start for start, _ in self._roots]
        ends = [*starts[1:], len(self._rows)]
        rows, assumptions = rows_of_prints(
            [(kind, self._rows[start:end]) for (start, kind), end in zip(self._roots, ends, strict=True)]
        )
        for sentence in assumptions:
            self.assume(sentence)
        return self._rows[: starts[0]] + rows

    def _inferred_classes(self) -> list[str]:
        """Return the assumption about classes that are taken for others, if there are any."""
        pairs = [f"{kind} as nn.{base}" for kind, base in self._inferred.items()]
        if not pairs:
            return []
        listed = join_first(pairs, 3)
        return [
            f"Classes of other libraries are inferred from their names and arguments: {listed}. "
            "Parameters that they may have besides are not counted."
        ]

    def _hidden_parameters(self) -> list[str]:
        """Return the assumption about classes that may have parameters of their own, if there are any."""
        kinds = [kind for kind, may_hide in self._may_hide.items() if may_hide]
        if not kinds:
            return []
        names = kinds[:3]
        if len(kinds) > 3:
            names.append(plural(len(kinds) - 3, "other class"))
        return [
            "A print cannot show parameters that a module has itself, besides its layers: "
            f"any that {join_words(names)} may have are not counted."
        ]


def _is_harmless(text: str) -> bool:
    """Return whether the arguments of a module with layers tell nothing of parameters of its own."""
    try:
        positional, keywords = parse_arguments(text)
    except ReadError:
        return False
    return not positional and keywords.keys() <= HARMLESS


def _own_arguments_row(module: OpenModule, text: str) -> Row:
    """Return the row of a module that prints more than its layers, which are counted on their own."""
    what = f"It prints “{text[:MAX_NAME_SHOWN]}”" if text else "It has a parametrisation"
    note = f"{what} besides its layers: whether it has parameters of its own is unknown."
    return Row(module.path, module.kind, note=note, known=False)


def _scripted(path: str, text: str) -> Row | None:
    """Return the row of a scripted layer, which does not print its arguments."""
    kind = text.removeprefix("original_name=")[:MAX_SHOWN]
    if is_known_class(kind) and not layer_row(path, kind):
        return None
    return Row(path, kind, note="A scripted or traced model does not print its arguments.", known=False)


def repeated(row: Row, times: int) -> Row:
    """Return the row of ``times`` layers that are equal to the layer of ``row``.

    Raises ``ReadError`` for more layers or parameters than any model has.

    >>> repeated(Row("0-3.up", "Linear", (2, 4), weight_count=8), 4).weight_count
    32
    """
    if row.times * times > MAX_COUNT or row.parameter_count * times > MAX_COUNT:
        raise ReadError("The repeated layers have more than 10^18 parameters, which no model has.")
    counts = {
        name: getattr(row, name) * times
        for name in ("times", "weight_count", "bias_count", "other_count", "frozen_count")
    }
    return replace(row, **counts)


def _repeated_module(path: str) -> str:
    """Return the path of the outermost module around a path that stands for several, or the whole path.

    >>> _repeated_module("body.0-3.conv.0-1"), _repeated_module("body.0")
    ('body.0-3', 'body.0')
    """
    keys = path.split(".")
    count = next((index for index, key in enumerate(keys, 1) if "-" in key), len(keys))
    return ".".join(keys[:count])


def _once(row: Row) -> Row:
    """Return the row of one of the equal layers of ``row``.

    >>> _once(repeated(Row("0-3.up", "Linear", (2, 4), weight_count=8), 4)).weight_count
    8
    """
    names = ("weight_count", "bias_count", "other_count", "frozen_count")
    return replace(row, times=1, **{name: getattr(row, name) // row.times for name in names})


def _parse_repetition(key: str, times: str | None) -> int:
    """Return the number of equal modules that a printed module stands for.

    PyTorch prints equal modules as ``(0-3): 4 x Block(``. Raises ``ReadError`` where the numbers disagree.
    """
    if times is None:
        return 1
    first, _, last = key.replace("–", "-").partition("-")  # Word processors lengthen the hyphen.
    if not (first.isdecimal() and last.isdecimal() and len(key) <= 40):
        raise ReadError(f"“({key[:MAX_SHOWN]}): {times} x” is not how PyTorch numbers equal layers.")
    count = int(last) - int(first) + 1
    if count != int(times) or count < 1:
        raise ReadError(f"“({key}): {times} x” has two different numbers of layers.")
    return count
