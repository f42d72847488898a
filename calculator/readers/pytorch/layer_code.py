"""Reader of layers that are written as Python code, such as ``self.up = nn.ConvTranspose2d(64, 32, 4)``.

The code is never run. Why this is hand-written:

- Python's parser refuses the whole text for one line that is cut off, or that a prompt stands before.
- Only layers whose numbers are written out can be counted. A layer under a condition, in a loop or in a
  function is listed and not counted, because only running the code shows how many there are.
"""

import builtins
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from calculator.readers.model import MAX_DEPTH, MAX_SHOWN, ReadError
from calculator.readers.printed_counts import (
    comment_leaves_out,
    is_left_out,
    left_out_sentence,
    split_comment,
)
from calculator.readers.pytorch.attributes import Attributes, unused_classes
from calculator.readers.pytorch.class_arguments import unknown_arguments
from calculator.readers.pytorch.class_names import (
    CONTAINERS,
    LAZY,
    PARAMETER_FREE,
    PARAMETER_LISTS,
    base_class,
    is_known_class,
)
from calculator.readers.pytorch.layer_rules import RULES
from calculator.readers.pytorch.module_tree import ModuleTree
from calculator.readers.pytorch.printed_lines import REPEATED, bracket_depth, is_repetition

MAX_PARTS = 8
"""The maximum number of parts of a name, such as ``up.0``, by which it is looked up."""

CODE_ASSUMPTION = (
    "This is code, which is not run: each layer that is written in it is counted once. Paste the output of "
    "print(model) to be sure that no layer is missing."
)

_PROMPT = re.compile(r"^\ufeff?[ \t]{0,40}(?:>>>|\.\.\.|In ?\[\d*\]:) ?")
_NO_PROMPT = re.compile("^\ufeff")
_CONTINUED = re.compile(r"^(?:.*\\\n)+.*", re.MULTILINE)
_IN_FUNCTION = "in a function"
_SEVERAL = re.compile(r"^([ \t]{0,200})(.*;.*)$", re.MULTILINE)
_UNSET = re.compile(r"\s{0,100}self\.\w{1,100} ?= ?(?:\.{3}|…)$")
_BLOCK = re.compile(r"(?:async )?(if|elif|else|case|try|except|finally|for|while|def|class)\b ?(\w*)")
_TARGET = re.compile(r"(?P<own>self\.)?(?P<name>[^\W\d][\w.]{0,99}) ?(?:: ?[\w.]{1,60} ?)?(?:=(?!=)|:(?= ))")
_TOKEN = re.compile(
    r"""'[^'\n]*'|"[^"\n]*"|(?<![\w.])(?P<module>(?:[^\W\d]\w{0,99}\.){0,5})(?P<kind>[^\W\d]\w{0,99}) ?\("""
    r"""|[()\[\]{}]"""
)
_OWN_MODULE = re.compile(r"self\.[\w.]{1,100} ?= ?[A-Z]\w{0,99} ?\(")
_REPEATED = re.compile(r"\bfor\b|[\])] ?\* ?\w|\w ?\* ?\[")
_CONDITION = re.compile(
    r"\bif\b.{0,400}\belse\b|\blambda\b|\bor\b|\binstead of\b|= ?[\w. ]{1,100} and\b|[)\]}] ?\[", re.DOTALL
)
_ELIDED = re.compile(r"(?:^|[(\[{,;])\s{0,100}(?:\.{3}|…)\s{0,100}(?:$|[)\]},;])")
"""Dots in the place of a layer."""

_TIMES = re.compile(
    r"(?<![\w.])\d{1,9} ?(?:[x×*]|times)(?: of)? ?(?:(?:torch\.)?nn\.)?[A-Z]\w{0,99} ?\(|\),? ?[x×] ?\d"
)
"""How often a layer occurs, as people write it in front of the layer or behind it."""

_ALTERED = re.compile(
    r"(?:self\.)?(?P<name>[^\W\d][\w.]{0,99})(?:\[ ?-?\d{1,9} ?\])?\.(?:weight|bias) ?=(?!=)"
)
_REMOVED = re.compile(r"(?:[\w.]{1,200} ?= ?)?[\w.]{1,200}\.pop\( ?-?\d{0,9} ?\)$|del [\w.]{1,200}\[")
_DELETED = re.compile(r"del (?:self\.)?(?P<name>[^\W\d][\w.]{0,99})$")
_DELETED_OUTSIDE = re.compile(r"del (?!self\.)[^\W\d]\w{0,99}\.(?P<name>[^\W\d][\w.]{0,99})$")
_BY_NAME = re.compile(r"(?:setattr|delattr)\( ?[\w.]{1,100}, ?['\"](?P<name>[^\W\d][\w.]{0,99})['\"]")
_REPEATS = re.compile(r"(?:[\w.]{1,200} ?= ?)?(?:self\.)?(?P<name>[^\W\d][\w.]{0,99}) ?\*=? ?\w{1,100}$")
_INDEXED = re.compile(r"(?:self\.)?(?P<name>[^\W\d][\w.]{0,99})\[ ?-?\d{1,9} ?\] ?=(?!=)")
_FROM_OUTSIDE = re.compile(r"(?!self\.)[^\W\d]\w{0,99}\.(?P<name>[^\W\d][\w.]{0,99}) ?=(?!=)")
_ALTERATIONS = (_ALTERED, _DELETED, _DELETED_OUTSIDE, _BY_NAME, _REPEATS, _INDEXED, _FROM_OUTSIDE)
"""Statements that give a layer another weight, delete or repeat a layer or put another one in its place."""

_SLICED = re.compile(r"(?<![\w.])(?:self\.)?(?P<name>[^\W\d][\w.]{0,99})\[[^\[\]:\n]{0,40}:[^\[\]\n]{0,40}\]")
_CHILDREN = re.compile(
    r"\blist\( ?(?:self\.)?(?P<name>[^\W\d][\w.]{0,99})\.(?:named_)?(?:children|modules)\(\) ?\) ?\["
)
"""Some layers of a container."""

_ADDS = re.compile(
    r"\bweight_norm\( ?(?:self\.)?(?P<name>[^\W\d][\w.]{0,99}) ?[,)]|\b(?P<peft>get_peft_model)\("
)
"""Calls that add parameters to layers which are made before."""
_FACTORY = re.compile(
    r"(?:self\.(?P<name>[\w.]{1,100}) ?= ?(?P<made>(?:self\.)?[a-z_]\w{0,99})"
    r"|(?:self\.)?(?P<variable>[^\W\d][\w.]{0,99}) ?= ?(?P<known>(?:\w{1,99}\.){0,5}"
    r"(?:models\.\w{1,99}|create_model|hub\.load|from_pretrained|copy\.deepcopy))) ?\("
)
"""A module that a function makes: any function whose result is kept in ``self``, or one of a library."""

_NO_FACTORY = re.compile(r"\w*tuple|pair|ceil|floor|sqrt|log2?|prod")

_MAPPED = re.compile(r"\bmap\( ?(?:\w{1,99}\.){0,5}[A-Z]")
"""A call of a class for each of several values."""

_ARITHMETIC = re.compile(
    r"(?:(?<=[(,=\[\s])|^)\d{1,9}(?: {0,9}[*+-] {0,9}\d{1,9}){1,3}(?=\s{0,9}(?:[,)\]]|$))"
)
"""An argument that is whole numbers with signs between them."""

_TRANSPARENT = frozenset({
    *("Sequential", "ModuleList", "ModuleDict", "DataParallel", "OrderedDict", "dict", "list", "tuple"),
    *("append", "extend", "insert", "add_module", "register_module", "print"),
})  # fmt: skip
"""Calls that keep the layers among their arguments as they are, each once."""

_HOLDERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})
_KEEPERS = _HOLDERS | {
    *("OrderedDict", "append", "extend", "insert", "add_module", "register_module", "register_parameter"),
    *("setattr", "update"),
}
"""Calls that keep their arguments."""

_KEEPS = re.compile(
    r"\bself\.[\w.]{1,100}(?:\[[^]=]{0,100}\])? ?(?::[^=()]{1,60})?\+?=(?!=)|^self\.[\w., ]{1,300}=(?!=)"
    r"|[\w.]\[[^]=]{0,100}\] ?=(?!=)|\+=|:=|^[\w.]{1,200}\((?s:.*)\),$"
)
"""Statements that keep a value in ``self``, in a container or by ``:=``, and items of a list."""

_GIVES = re.compile(r"(?:.{0,200}: ?)?(?:return|yield)\b|.{0,200}\blambda\b")
"""Statements that give a value to others."""

_ALONE = re.compile(r"[-*\d. ]{0,9}(?:\w{1,99}\.){0,5}_?[A-Z]\w{0,99}\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)$")
_LISTED = re.compile(r"^[-*\d. ]{0,9}(?:torch\.)?nn\.[A-Z].*\)$", re.MULTILINE)
"""A layer on a line of its own, as in a list."""

_RUNS = re.compile(r"forward\w*|(?!__init__)__\w+__|\w+_step")
"""Functions that run layers and do not make them."""

_MAY_KEEP = re.compile(
    r"(?<![A-Za-z0-9])_{0,2}[A-Z]\w{0,99} ?\(|\b(?:append|extend|insert|add_module) ?\(|[(\[{,]$"
)
_HEAD = re.compile(r"class\b|(?:async )?def\b.{0,2000}:$|(?:raise|assert|except|with)\b|@", re.DOTALL)
_VARIABLES = re.compile(r"[\w, ]{1,200}(?::[^=]{1,60})?=(?!=)")
_STORED = re.compile(
    r"\bself\.\w{1,100} ?= ?(\w{1,100})\s|(?<![\w.])(\w{1,100})(?: ?\+=|\.(?:append|extend|insert)\()"
    rf"|\b(?:{'|'.join(sorted(_KEEPERS))})\(([^()]{{1,400}}[()])"
)
"""Names that are kept, or added to."""

_USED = re.compile(r"\breturn (\w{1,100})\s|(?<![\w.])(\w{1,100})(?:\(|\.\w{1,100} ?=(?!=))")
_MODEL = re.compile(r"(?:layers|blocks|modules|net(?:work|[GD])?|model|backbone|(?:en|de)coder|head|stem)\d*")
"""Names of variables that are usually models."""

_BUILT = re.compile(rf"(?P<name>{_MODEL.pattern}) ?= ?(?P<made>[a-z_]\w{{0,99}}) ?\(")
_NO_LAYER = re.compile(
    r"(?:\w+\.)*(?:Adam\w*|SGD|RMSprop|LBFGS|Compose|(?:Pure)?Path|Variable|Size|Namespace|Counter|Thread"
    r"|(?:Multivariate)?Normal|Bernoulli|Categorical|Independent|ReduceLROnPlateau|\w*(?:LR|Optimizer|Scheduler|Data[Ss]et|Loader|Config|Tensor|Error|Exception|Warning|Logger"
    r"|Meter|Metric|Accuracy|Trainer|Callback|Writer|Parser|Checkpoint|EarlyStopping|Executor|GradScaler))"
    r"|(?:\w+\.)*(?:transforms|T|v2|optim|lr_scheduler|datasets|data|distributions|np)\.\w+"
)
"""Classes that are not layers."""

_NAME = re.compile(r"(?<![\w.])(?!(?:None|True|False)\b)(?:self\.)?([^\W\d][\w.]*+)(?! ?[=(])")
_STAR = re.compile(r"(?:^|[(,\[])\s{0,100}\*{1,2}[^\W\d]")
_MADE = "Its layers are written as code, which is not run."
_BY_FUNCTION = "A function of code that is not run makes it: its layers are unknown."
_UNCLEAR = "The code calls it and does not show what it is: its layers are unknown."
_ARGUMENT = "It is an argument of a class, and the code does not show which: its layers are unknown."
_REPLACED = "The code replaces or deletes the layer further down, or gives it another weight."
_UNUSED = "The code makes a model of another class and does not use the one of this layer."
_UNSEEN = (
    "It is in a plain list or dictionary, or in a variable that nothing uses: it may be part of no model."
)

_NN = frozenset({"nn.", "torch.nn."})


class _Layer(NamedTuple):
    """A layer in code: its name, class and arguments, and a note where it cannot be counted."""

    name: str
    kind: str
    arguments: str
    note: str = ""


@dataclass
class _Call:
    """A call whose brackets are open: its function, where its arguments start, and what is among them."""

    kind: str
    start: int = 0
    has_layers: bool = False
    has_others: bool = False
    """Whether a call of an unknown function, or the name of an unknown value, is among the arguments."""
    is_class: bool = False
    holds: bool = False
    """Whether the arguments are items of a container of layers."""


def read_code(data: str, tree: ModuleTree) -> None:
    """Add each layer that is written in the code ``data`` to ``tree``.

    Raises ``ReadError`` where the brackets of a layer are not closed, and where no layer has parameters.

    >>> tree = ModuleTree()
    >>> read_code("nn.Sequential(nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU())", tree)
    >>> [(row.name, row.parameter_count) for row in tree.model("").rows]
    [('0', 32800)]
    """
    reader = _CodeReader()
    reader.read(data)
    if not reader.layers:
        raise ReadError(
            "This is code in which no layer with parameters is written out. It is never run: paste the "
            "output of print(model)."
        )
    tree.trained_known = not reader.freezes
    tree.refuse_chain("This is code, which is not run. Paste the output of print(model).")
    for note in reader.left_out:
        tree.add_left_out(note)
    for layer in reader.layers:
        if layer.note:
            tree.add_unknown(layer.name, layer.kind, layer.note)
            continue
        if len(reader.layers) == 1 and not reader.named:
            tree.open_root(layer.kind)
        else:
            tree.open_module(layer.name, layer.kind)
        tree.add_text(_with_values(layer.arguments))
        tree.close_module()
    if len(reader.layers) > 1:
        tree.assume(CODE_ASSUMPTION)


class _CodeReader:
    """A reader that goes through statements and lists the layers in them."""

    def __init__(self) -> None:
        self.layers: list[_Layer] = []
        self.freezes = False
        """Whether the code sets which parameters are trained."""
        self.named = False
        """Whether the last layer has a name or a number in a container."""
        self.left_out: list[str] = []
        """Sentences about lines that say in words that there are more layers."""
        self._indices: dict[str, int] = {}
        self._scopes = 0
        self._targets: defaultdict[str, dict[int, list[int]]] = defaultdict(dict)
        """The indices of the layers that the last assignment to a name made, by name and scope."""
        self._named: defaultdict[str, list[int]] = defaultdict(list)
        """The indices of the layers whose names begin with the first parts of a name."""
        self._altered: dict[str, int] = {}
        """How many of these were looked at when a name was altered last: no layer is looked at twice."""
        self._done: set[str] = set()
        self._inside: list[tuple[int, str]] = []
        """The classes around a statement: indentation and name."""
        self._owners: list[str] = []
        """The class around each layer, or ""."""
        self._blocks: list[tuple[int, str]] = []
        """The blocks around a statement: indentation, and a note about the layers in it or ""."""
        self._runs: int | None = None
        """The indentation of the function around a statement, if it runs layers and does not make them."""
        self._defined: set[str] = set()
        """The classes and functions of the text."""
        self._listed = False
        self._stored: set[str] = set()
        self._used: set[str] = set()
        self._words: Counter[str] = Counter()
        self._attributes = Attributes("", set())
        self._assigned: set[str] = set()

    def read(self, data: str) -> None:
        """Read all statements. Raises ``ReadError`` for the brackets of a layer that are not closed."""
        statement, depth, begin, sure = "", 0, 0, False
        prompt = _PROMPT if ">>>" in data or "In [" in data else _NO_PROMPT
        data = _CONTINUED.sub(_joined, _without_docstrings(data))
        bare_lines = [prompt.sub("", line, 1) for line in data.split("\n")]
        lines = [split_comment(bare) for bare in bare_lines]
        code = "".join(f"{text}\n" for text, _ in lines)
        self._defined = set(re.findall(r"\b(?:class|def) (\w{1,100})", code))
        self._words = Counter(re.findall(r"\w+", code))
        self._attributes = Attributes(code, self._defined)
        self._listed = _LISTED.search(code) is not None
        self._used = {name for names in _USED.findall(code) for name in names}
        stored = " ".join(f"{kept},{owner},{items}" for kept, owner, items in _STORED.findall(code))
        self._stored = set(re.findall(r"(\w{1,100})\s{0,9}[,)\]]", stored))
        depths = list(accumulate((_depth_after(text, 0) for text, _ in lines), initial=0))
        lowest = list(accumulate(reversed(depths), min))[::-1]
        for number, (bare, (text, comment)) in enumerate(zip(bare_lines, lines, strict=True), 1):
            sure = (bool(statement) and sure) or _has_layer(text)
            elided = _ELIDED.search(text) if sure else _is_elided(text)
            if (elided or comment_leaves_out(comment)) and not self._is_in_function(bare):
                self.left_out.append(left_out_sentence(number, bare))
            if not text.strip():
                continue
            self.freezes = self.freezes or "requires_grad" in text
            if (adds := _ADDS.search(text)) and not (adds["name"] and self._alter(adds["name"])):
                self.freezes = self.freezes or adds["peft"] is not None
                self.left_out.append(f"Line {number:,} adds parameters: “{text.strip()[:MAX_SHOWN]}”.")
            if not statement:
                begin = number
                self._enter(text)
                for pattern in _ALTERATIONS:
                    if altered := pattern.match(text.strip()):
                        self._alter(altered["name"])
                if self._runs is None:
                    for sliced in (*_SLICED.finditer(text), *_CHILDREN.finditer(text)):
                        self._alter(sliced["name"])
                if self.layers and self._runs is None and _REMOVED.match(text.strip()):
                    raise ReadError(
                        f"Line {number:,}: the code removes a layer again. It is never run: paste the output "
                        "of print(model)."
                    )
                may_keep = _MAY_KEEP.search(text) or _BUILT.match(text.strip())
                if not sure and not may_keep and not self._attributes.may_be_unclear(text.strip()):
                    continue
                if not sure and lowest[number] > depths[number - 1]:  # Its brackets are never closed.
                    self._read_statement(text.strip())
                    continue
            if sure and (is_repetition(comment) or _TIMES.search(text) or REPEATED.search(text)):
                shown = text.strip()[:MAX_SHOWN]
                self.left_out.append(f"Line {number:,} says that a layer occurs several times: “{shown}”.")
            statement += ("\n" if statement else "") + text.strip()
            depth = _depth_after(text, depth)
            if depth <= 0:
                for part in statement.split(";"):
                    self._read_statement(part.strip())
                statement, depth = "", 0
        if statement:
            raise ReadError(f"Line {begin:,}: the brackets of this layer are not closed.")
        unused = unused_classes(code)
        for index, owner in enumerate(self._owners):
            if owner in unused:
                self._note(index, _UNUSED)
        if self.layers:
            for name in unknown_arguments(_SEVERAL.sub(_on_lines, code)):
                self._list(name, "argument", "", [], _ARGUMENT)

    def _is_in_function(self, line: str) -> bool:
        """Return whether a line is in a function other than ``__init__``, which makes no layers."""
        indentation = len(line) - len(line.lstrip())
        return any(note == _IN_FUNCTION and begin < indentation for begin, note in self._blocks)

    def _enter(self, text: str) -> None:
        """Leave the blocks that end before a line, and enter the one that the line begins."""
        indentation = len(text) - len(text.lstrip())
        while self._blocks and self._blocks[-1][0] >= indentation:
            self._blocks.pop()
        while self._inside and self._inside[-1][0] >= indentation:
            self._inside.pop()
        if self._runs is not None and indentation <= self._runs:
            self._runs = None
        if match := _BLOCK.match(text, indentation):
            word, name = match.groups()
            notes = {"for": "in a loop", "while": "in a loop", "class": "", "def": _IN_FUNCTION}
            note = notes.get(word, "under a condition")
            self._scopes += word in ("class", "def")
            if word == "class":
                self._inside.append((indentation, name))
                self._attributes.enter(name)
            if word == "def" and self._runs is None and _RUNS.fullmatch(name):
                self._runs = indentation
            self._blocks.append((indentation, "" if name == "__init__" and word == "def" else note))

    def _read_statement(self, text: str) -> None:
        """List the layers of one statement."""
        target = _TARGET.match(text)
        prefix = target["name"] if target and target["own"] else ""
        notes = [note for _, note in self._blocks if note]
        if _REPEATED.search(text):
            notes.append("in a loop")
        if _CONDITION.search(text):
            notes.append("under a condition")
        begin = len(self.layers)
        has_layer = _has_layer(text)
        keeps = self._keeps(text, target, has_layer)
        adds = has_layer or text.startswith("self.") or "_module(" in text
        calls: list[_Call] = []
        place = 0
        while match := _TOKEN.search(text, place):
            if calls and calls[-1].holds and not self._are_known(text[place : match.start()]):
                for call in reversed(calls):
                    call.has_others = True
                    if call.kind in _HOLDERS:
                        break
            place = match.end()
            kind = match["kind"]
            if kind is None:
                if match[0] in "([{":
                    holds = bool(calls) and calls[-1].holds and text[place - 2] in " \n([{,:*"
                    calls.append(_Call("", holds=holds))
                elif match[0] in ")]}" and calls:
                    call = calls.pop()
                    if call.kind in _HOLDERS and _is_made(call, text[call.start : match.start()]):
                        self._list(self._name(prefix, target, calls), call.kind, "", notes, _MADE)
            elif self._is_layer(match, calls, keeps):
                depth, end = bracket_depth(text, 1, place)
                end = len(text) if depth else end
                for call in calls:
                    call.has_layers = True
                if base_class(kind) not in PARAMETER_FREE:
                    self.named = target is not None or bool(calls)
                    name = self._name(prefix, target, calls)
                    self._list(name, kind, text[place:end], [*notes, *_strange(calls)])
                elif any(call.kind in {"Sequential", "ModuleList"} for call in calls):
                    self._name(prefix, target, calls)  # Such layers have a number too.
                place = end + 1
            else:
                if len(calls) >= MAX_DEPTH:
                    raise ReadError(f"Brackets are nested more than {MAX_DEPTH} deep.")
                if calls and kind not in _TRANSPARENT:
                    calls[-1].has_others = True
                    if adds and self._is_factory(match, calls):
                        self._list(self._name(prefix, target, calls), kind, "", notes, _BY_FUNCTION)
                holds = kind in _HOLDERS or (bool(calls) and calls[-1].holds and kind in _TRANSPARENT)
                is_class = kind[0].isupper() and match[0][-2] != " "
                calls.append(_Call(kind, place, is_class=is_class, holds=holds))
        if (
            begin == len(self.layers)
            and (made := _FACTORY.match(text))
            and (not _is_number(made["made"] or "") or _MAPPED.search(text))
        ):
            name, function = made["name"] or made["variable"], made["made"] or made["known"]
            self._list(name, function, "", [], _BY_FUNCTION)
        elif begin == len(self.layers) and (built := _BUILT.match(text)) and self._is_built(built, text):
            self._list(built["name"], built["made"], "", notes, _BY_FUNCTION)
        elif begin == len(self.layers) and self._runs is None:
            for unclear in self._attributes.unclear_in(text):
                self._list(unclear, "value", "", [], _UNCLEAR)
        if target and "=" in target[0] and (has_layer or begin < len(self.layers)):
            self._keep(target["name"], begin, text[target.end() :])
            if target["own"]:
                for index in self._attributes.replaced(target["name"], range(begin, len(self.layers))):
                    self._replace(index)
        in_method = len(self._blocks) > 1
        unused = target and not target["own"] and in_method and self._words[target["name"]] == 1
        if unused or self._attributes.is_plain(text):
            for index in range(begin, len(self.layers)):
                self._note(index, _UNSEEN)

    def _is_built(self, built: re.Match[str], text: str) -> bool:
        """Return whether a function that is not in the text makes a model, and not of what has its name."""
        is_other = re.search(rf"\b{built['name']}\b", text[built.end() :]) is None
        made = built["made"]
        return is_other and self._runs is None and not _is_number(made) and made not in self._defined

    def _keep(self, name: str, begin: int, value: str) -> None:
        """Note that the layers from the index ``begin`` have a name; those that had the name lose it.

        A ``value`` that calls its layer or contains the name goes on from the previous layer.
        """
        earlier = self._targets[name].get(self._scopes, [])
        if re.search(rf"\) ?\(|(?<![\w.]){re.escape(name)}(?!\w)", value):
            earlier = []
        for index in earlier:
            self._replace(index)
        self._assigned.add(name)
        self._targets[name][self._scopes] = list(range(begin, len(self.layers)))

    def _replace(self, index: int) -> None:
        """Leave a layer out of the count that another takes the place of."""
        self._note(index, _REPLACED)

    def _note(self, index: int, note: str) -> None:
        """Leave a layer out of the count, for the first of its reasons."""
        layer = self.layers[index]
        self.layers[index] = layer._replace(note=layer.note or note)

    def _alter(self, name: str) -> bool:
        """Note that layers are replaced, or their weights, and return whether there are any."""
        found = self._named[".".join(name.split(".")[:MAX_PARTS])]
        handled = self._altered.get(name, 0)
        self._altered[name] = len(found)
        made = [index for each in self._targets.pop(name, {}).values() for index in each]
        named = [index for index in found[handled:] if f"{self.layers[index].name}.".startswith(f"{name}.")]
        for index in (*made, *named):
            self._replace(index)
        self._done |= {name} if made or named else set()
        return name in self._done

    def _keeps(self, text: str, target: re.Match[str] | None, has_layer: bool) -> tuple[bool, bool]:
        """Return whether a statement may keep the layers that it makes: of any class, of one not in the text.

        The layers of a class in the text are counted there.
        """
        if self._runs is not None:
            return target is not None and target["own"] is not None, False
        if _HEAD.match(text):
            return False, False
        match = _VARIABLES.match(text)
        names = set(re.findall(r"\w+", match[0])) if match else set()
        given = (
            _GIVES.match(text)
            or (self._listed and _ALONE.match(text))
            or names & self._used
            or any(map(_MODEL.fullmatch, names))
        )
        return bool(has_layer or _KEEPS.search(text) or names & self._stored), bool(given)

    def _is_layer(self, match: re.Match[str], calls: list[_Call], keeps: tuple[bool, bool]) -> bool:
        """Return whether a call makes a layer, and not only something that contains layers."""
        kind, module = match["kind"], match["module"]
        if kind in _TRANSPARENT or not kind.lstrip("_")[:1].isupper():
            return False
        if is_known_class(kind) or module in _NN:
            return True
        if any(map(_NO_LAYER.fullmatch, (module + kind, *(call.kind for call in calls)))):
            return False
        keepers = _HOLDERS if self._runs is not None else _KEEPERS
        if keeps[0] or any(call.kind in keepers for call in calls):
            return True
        is_argument = self._runs is None and any(call.is_class for call in calls)
        return (keeps[1] or is_argument) and kind not in self._defined

    def _is_factory(self, match: re.Match[str], calls: list[_Call]) -> bool:
        """Return whether a call, by a name in lower case, makes a layer that is added to others."""
        kind = match["kind"]
        if match["module"] not in ("", "self.") or self._runs is not None or _is_number(kind):
            return False
        adds = next((call.kind for call in reversed(calls) if call.kind), "")
        return kind.lstrip("_")[:1].islower() and (not adds or adds in _KEEPERS - _HOLDERS)

    def _are_known(self, text: str) -> bool:
        """Return whether all names among the items of a container have a value that is read.

        Layers of a loop or a choice have a note of their own.
        """
        names = {*_NAME.findall(text)}
        return not names or bool(names & {"for", "if"}) or names <= self._assigned

    def _list(self, name: str, kind: str, arguments: str, notes: list[str], note: str = "") -> None:
        """Add a layer to the list."""
        base = base_class(kind)
        if note:
            pass
        elif notes:
            note = f"It is written {notes[0]} of code that is not run: how often it occurs is unknown."
        elif base in CONTAINERS or base in PARAMETER_LISTS or (base not in RULES and base not in LAZY):
            note = f"The layers or parameters of this {kind} are made by code, which is not run."
        for beginning in accumulate(name.split(".")[:MAX_PARTS], "{}.{}".format):
            self._named[beginning].append(len(self.layers))
        self.layers.append(_Layer(name, kind, arguments, note))
        self._owners.append(self._inside[-1][1] if self._inside else "")

    def _name(self, prefix: str, target: re.Match[str] | None, calls: list[_Call]) -> str:
        """Return the name of a layer: that of the variable, or its number in the container."""
        if target and all(call.kind and call.kind not in _TRANSPARENT for call in calls):
            return target["name"]
        index = self._indices.get(prefix, 0)
        self._indices[prefix] = index + 1
        return f"{prefix}.{index}" if prefix else str(index)


def _with_values(arguments: str) -> str:
    """Return arguments in which sums and products of whole numbers, such as ``64*8``, are computed.

    >>> _with_values("64*8, 64 + 2 * 3, (2*2, 4), 2**3, 4 * n")
    '512, 70, (4, 4), 2**3, 4 * n'
    """
    return _ARITHMETIC.sub(lambda match: str(_value(match[0])), arguments)


def _value(text: str) -> int:
    """Return the value of whole numbers between ``+``, ``-`` and ``*``."""
    total, sign = 0, 1
    for part in re.split(r"([+-])", text):
        if part in ("+", "-"):
            sign = 1 if part == "+" else -1
        else:
            total += sign * math.prod(int(factor) for factor in part.split("*"))
    return total


def _is_made(call: _Call, arguments: str) -> bool:
    """Return whether some layers of a container are made by code and not written out."""
    return (
        call.has_others
        or _STAR.search(arguments) is not None
        or (not call.has_layers and arguments.strip(" \n[]{}") != "")
    )


def _strange(calls: list[_Call]) -> list[str]:
    """Return a note where a layer is an argument of a function that may change or copy the layer."""
    strange = next((call.kind for call in calls if call.kind and call.kind not in _TRANSPARENT), None)
    return [f"as an argument of {strange}"] if strange else []


def _has_layer(text: str) -> bool:
    """Return whether a line has a call that makes a layer or contains layers."""
    text = text.strip()
    return (_OWN_MODULE.match(text) or _FACTORY.match(text)) is not None or any(
        match["kind"] and (is_known_class(match["kind"]) or match["module"] in _NN)
        for match in _TOKEN.finditer(text)
    )


def _is_elided(text: str) -> bool:
    """Return whether a line of code without a layer stands for others: dots alone or as a value, or words."""
    return (is_left_out(text) and text.strip() != "):") or _UNSET.match(text) is not None


def _is_number(function: str) -> bool:
    """Return whether the result of a function is a number or a text, as far as its name shows."""
    return hasattr(builtins, function) or _NO_FACTORY.fullmatch(function) is not None


def _depth_after(text: str, depth: int) -> int:
    """Return the number of open brackets after a line."""
    for match in _TOKEN.finditer(text):
        depth += match[0][-1] in "([{"
        depth -= match[0] in ")]}"
    return depth


def _without_docstrings(data: str) -> str:
    """Return code with the line breaks of its docstrings, and without their words."""
    parts = re.split(r"\"{3}|'{3}", data)
    parts[1::2] = ["\n" * part.count("\n") for part in parts[1::2]]
    return "".join(parts)


def _joined(lines: re.Match[str]) -> str:
    """Return lines that end with a backslash as one, and empty lines in their place."""
    return lines[0].replace("\\\n", " ") + "\n" * lines[0].count("\n")


def _on_lines(line: re.Match[str]) -> str:
    """Return the statements of a line, each on a line of its own."""
    return line[1] + re.sub(r"; ?", f"\n{line[1]}", line[2])
