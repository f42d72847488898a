"""The attributes of the classes in code: those that are called and not shown, and those that are replaced.

The code is never run. What a method calls is a layer or a function, so that the value of its attribute must
be shown; what a class sets anew, its base has set in vain; and a plain list keeps no layers.
"""

import re
from collections import defaultdict
from collections.abc import Iterator

from calculator.readers.pytorch.class_names import CONTAINERS, PARAMETER_FREE, base_class
from calculator.readers.pytorch.printed_lines import bracket_depth

MAX_BASES = 20
"""The maximum number of classes that a class is looked up in."""

_CALLED = re.compile(
    r"\bself\.(\w{1,100})(?:\.(?:forward|features|encode|decode|embed|extract)\w{0,60}| ?\[\w{1,20}\])? ?"
    r"\((?!self\b)"
)
_CHECKPOINT = re.compile(r"\bcheckpoint\(\s{0,99}self\.(\w{1,100})")
"""``torch.utils.checkpoint.checkpoint`` calls its first argument."""

CLASS = re.compile(
    r"^(?P<indent>[ \t]{0,40})class (?P<name>\w{1,100}) ?(?:\((?P<bases>[\w., ]{0,200}))?", re.MULTILINE
)
_STATEMENT = re.compile(r"^[ \t]{0,40}(?=[\w@])", re.MULTILINE)
_PLAIN = re.compile(r"\bself\.(\w{1,100}) ?(?::[^=\n]{1,60})?= ?(?:[\[{]|list\(|dict\()")
_ADDED = re.compile(r"self\.(\w{1,100})(?:\.(?:append|extend|insert|update)\(|\[[^\]=\n]{0,100}\] ?=| ?\+=)")
_TAKEN = re.compile(r"(?:Sequential|ModuleList|ModuleDict)\( ?\*{0,2}self\.(\w{1,100})")
_KEPT = re.compile(
    r"\bself\.(\w{1,100}) ?(?::[^=\n]{1,60})?= ?(?:torch\.)?(?:nn\.)?(?:Sequential|ModuleList|ModuleDict)\("
)
_SET = re.compile(r"self\.(\w{1,100}) ?(?::[^=\n,]{1,60})?(=(?!=)|,) ?")
_BY_NAME = re.compile(r"setattr\( ?self, ?['\"](\w{1,100})['\"], ?")
_TEXT = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_WHEN = re.compile(r"\bif\b[^\n]{0,400}?\belse\b")
_INDIRECT = re.compile(r"(?:(?:getattr|eval)\([^()\n]{0,200}\)|[\w.]{1,100}\[[^\[\]\n]{0,100}\]) ?\(")
"""A call of a class or function that the code looks up."""

_SIGN = re.compile(r"""'[^'\n]*'|"[^"\n]*"|[()\[\]{},]""")
_WORD = re.compile(r"(?<![\w.])(?P<name>[^\W\d]\w{0,99}(?:\.\w{1,99}){0,9})(?P<call> ?\()?(?! ?=(?!=))")
_HARMLESS = re.compile(
    r"None|True|False|if|else|or|and|not|in|is|self\.\w+|(?:F|torch|nn|np|math|functional)(?:\.\w+)+"
)
FUNCTION = re.compile(r"(?:\w*_)?(?:act|activation|nonlinearity|func|function|loss|criterion)\d*(?:_\w*)?")
"""Names of attributes that are usually functions without parameters."""


def called_attributes(code: str) -> set[str]:
    """Return the attributes of ``self`` that a text of code calls.

    >>> sorted(called_attributes("self.a(x), self.b.forward(x), self.c[0](x), self.d.f, checkpoint(self.e)"))
    ['a', 'b', 'c', 'e']
    """
    return {*_CALLED.findall(code), *_CHECKPOINT.findall(code)}


def bases(head: re.Match[str]) -> list[str]:
    """Return the names of the bases of a class, without their modules, from its match of ``CLASS``.

    >>> bases(CLASS.match("class Net(nn.Module, Named):"))
    ['Module', 'Named']
    """
    return re.findall(r"\w+(?=\s*(?:,|$))", head["bases"] or "")


def block_end(head: re.Match[str], end: int | None = None) -> int:
    r"""Return where the block ends whose first line matches ``head``, at most at ``end``.

    >>> code = "class A:\n  x = 1\ny = 2"
    >>> code[block_end(CLASS.match(code)) :]
    'y = 2'
    """
    end = len(head.string) if end is None else end
    lines = _STATEMENT.finditer(head.string, head.end(), end)
    return next((line.start() for line in lines if len(line[0]) <= len(head["indent"])), end)


def bracket_items(text: str, begin: int, end: int) -> list[str] | None:
    """Return the items of the brackets that open before ``begin``, ``None`` if they do not close by ``end``.

    >>> bracket_items("f(a, (b, c)) + 1", 2, 99), bracket_items("f(a", 2, 99)
    (['a', '(b, c)'], None)
    """
    depth, items = 1, []
    for match in _SIGN.finditer(text, begin, end):
        if match[0] in "([{":
            depth += 1
        elif match[0] in ")]}":
            depth -= 1
        if not depth or (depth == 1 and match[0] == ","):
            items.append(text[begin : match.start()].strip())
            begin = match.end()
        if not depth:
            return items
    return None


class Attributes:
    """What the classes in a text of code set, call and inherit."""

    def __init__(self, code: str, defined: set[str]) -> None:
        self._defined = defined
        self._called = called_attributes(code) - defined
        self._kept = {*_KEPT.findall(code), *_TAKEN.findall(code)}
        self._plain = set(_PLAIN.findall(code)) - self._kept
        self._bases = {match["name"]: bases(match) for match in CLASS.finditer(code)}
        self._class = ""
        self._set: defaultdict[str, dict[str, range]] = defaultdict(dict)
        """The indices of the layers that each class sets, by attribute."""

    def enter(self, name: str) -> None:
        """Note that the class ``name`` begins."""
        self._class = name

    def may_be_unclear(self, statements: str) -> bool:
        """Return whether one of the statements of a line sets an attribute that a method calls.

        >>> attributes = Attributes("self.a(x)", set())
        >>> [attributes.may_be_unclear(text) for text in ("self.b = 2; self.a = c[0]", "self.b = 2")]
        [True, False]
        """
        for statement in statements.split(";"):
            names, value = _names_and_value(statement.strip())
            if names and (_INDIRECT.match(value) or not self._called.isdisjoint(names)):
                return True
        return False

    def unclear_in(self, statement: str) -> list[str]:
        """Return the attributes that a statement sets to what the code does not show, and that are called.

        >>> attributes = Attributes("self.a(x)", {"Block"})
        >>> values = "b[0]", "Block(b)", "b or nn.ReLU()", "b.to(device)", "F.relu"
        >>> [attributes.unclear_in(f"self.a = {value}") for value in values]
        [['a'], [], ['a'], ['a'], []]
        """
        names, value = _names_and_value(statement)
        if _INDIRECT.match(value):
            return names
        # The arguments of a class are looked up elsewhere.
        is_argument = len(names) == 1 and re.fullmatch(r"\w+", value) and statement.startswith("self.")
        if is_argument or self._is_clear(value):
            return []
        return [name for name in names if name in self._called and not FUNCTION.fullmatch(name)]

    def is_plain(self, statement: str) -> bool:
        """Return whether a statement puts layers in a list or dictionary, where they are not part of a model.

        >>> attributes = Attributes("self.a = []; self.b = nn.ModuleList(self.c)", set())
        >>> statements = "self.a.append(x)", "self.b.append(x)", "self.c = [x]", "self.d = {1: x}", "e = [x]"
        >>> [attributes.is_plain(statement) for statement in statements]
        [True, False, False, True, False]
        """
        names, value = _names_and_value(statement)
        if len(names) == 1 and value[:1] in ("[", "{", "("):
            return names[0] not in self._kept and (value[0] != "(" or _is_tuple(value))
        added = _ADDED.match(statement)
        return added is not None and added[1] in self._plain

    def replaced(self, name: str, layers: range) -> Iterator[int]:
        r"""Yield the indices of the layers that the bases of the class have set, where it sets ``name`` anew.

        >>> attributes = Attributes("class A(nn.Module):\n pass\nclass B(A):\n pass", set())
        >>> attributes.enter("A"), list(attributes.replaced("fc", range(2)))
        (None, [])
        >>> attributes.enter("B"), list(attributes.replaced("fc", range(2, 3)))
        (None, [0, 1])
        """
        self._set[self._class][name] = layers
        seen = {self._class}
        waiting = [*self._bases.get(self._class, [])]
        while waiting and len(seen) <= MAX_BASES:
            base = waiting.pop()
            if base not in seen:
                seen.add(base)
                waiting += self._bases.get(base, [])
                yield from self._set[base].get(name, ()) if base in self._set else ()

    def _is_clear(self, value: str) -> bool:
        """Return whether a value is not a module, or one that is read elsewhere."""
        value = _WHEN.sub(" ", _TEXT.sub("0", value))
        if "lambda" in value:
            return True
        place = 0
        while match := _WORD.search(value, place):
            place = match.end()
            name = match["name"]
            last = name.rpartition(".")[2]
            if match["call"] and last.lstrip("_")[:1].isupper() and base_class(name) not in CONTAINERS:
                # What its arguments are is looked up elsewhere.
                depth, place = bracket_depth(value, 1, place)
                if depth:
                    return True
            elif not (
                _HARMLESS.fullmatch(name)
                or base_class(name) in CONTAINERS | PARAMETER_FREE
                or last in self._defined
            ):
                return False
        return True


def _names_and_value(statement: str) -> tuple[list[str], str]:
    """Return the attributes of ``self`` that a statement sets, and their value.

    >>> _names_and_value("self.a = self.b = net"), _names_and_value("self.a, self.b = x, y")
    ((['a', 'b'], 'net'), (['a', 'b'], 'x, y'))
    >>> _names_and_value("setattr(self, 'a', net)"), _names_and_value("self.a(x)")
    ((['a'], 'net'), ([], ''))
    """
    if match := _BY_NAME.match(statement):
        return [match[1]], statement[match.end() :].removesuffix(")")
    names, place, sets = [], 0, False
    while match := _SET.match(statement, place):
        names.append(match[1])
        place, sets = match.end(), match[2] == "="
    return (names, statement[place:].strip()) if sets else ([], "")


def _is_tuple(value: str) -> bool:
    """Return whether a value in round brackets is several.

    >>> _is_tuple("(nn.Linear(2, 3))"), _is_tuple("(nn.Linear(2, 3), nn.ReLU())"), _is_tuple("(a)(b, c)")
    (False, True, False)
    """
    return len(bracket_items(value, 1, len(value)) or ()) > 1


def unused_classes(code: str) -> set[str]:
    r"""Return the classes that the code does not use where it makes a model of another.

    >>> two = "class A(nn.Module):\n pass\nclass B(nn.Module):\n pass\n"
    >>> unused_classes(two), unused_classes(f"{two}model = B()"), unused_classes(f"{two}a, b = A(), B()")
    (set(), {'A'}, set())
    """
    words: dict[str, set[str]] = {}
    outside, place = [], 0
    for match in CLASS.finditer(code):
        begin = match.start()
        end = block_end(match)
        words.setdefault(match["name"], set()).update(re.findall(r"\w+", code[match.end("name") : end]))
        if begin >= place:
            outside.append(code[place:begin])
        place = max(place, end)
    rest = "\n".join((*outside, code[place:]))
    if words.keys().isdisjoint(re.findall(r"(\w{1,100}) ?\(", rest)):
        return set()
    used: set[str] = set()
    found = words.keys() & set(re.findall(r"\w+", rest))
    while found:
        used |= found
        found = {name for each in found for name in words[each] & words.keys()} - used
    return words.keys() - used
