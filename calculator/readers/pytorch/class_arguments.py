"""The modules that a class in code gets as arguments: those that the code does not show.

The code is never run. A class such as ``Net(encoder, decoder)`` has the parameters of its arguments too. They
are counted where the code that makes them is in the text; where it is not, the class has a module more.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from calculator.readers.pytorch.attributes import (
    CLASS,
    FUNCTION,
    bases,
    block_end,
    bracket_items,
    called_attributes,
)

MAX_CALLS = 200
"""The maximum number of calls whose arguments are looked at. Those of others are taken for unknown."""

MAX_CALL = 4_000
"""The maximum number of characters of a call, or of the arguments of a function."""

MAX_NAMES = 5
"""The maximum number of names that stand for one another: ``a = make()``, ``b = a``, ``Net(b)``."""

_SET = re.compile(r"^[ \t]{1,40}self\.(\w{1,100}) ?(?::[^=\n]{1,60})?= ?(\w{1,100})[ \t]*$", re.MULTILINE)
_VALUE = re.compile(
    r"^[ \t]{0,40}(?P<name>(?:self\.)?\w{1,100}) ?(?::[^=\n]{1,60})?=(?!=) ?(?P<value>.{0,400})", re.MULTILINE
)
_NAME = re.compile(r"(?:self\.)?[^\W\d]\w{0,99}")
_CHOICE = re.compile(r"\b(?:if|or|and|for)\b")
_DEFINED = re.compile(r"^(?P<indent>[ \t]{0,40})(?:async )?(?:class|def) (?P<name>\w{1,100})", re.MULTILINE)
_CLASS_CALLED = re.compile(r"(?<!\w)_{0,2}[A-Z]\w{0,99} ?\(")
_CALL = re.compile(r"(?<!def )(?<!class )(?<!\w)(?P<name>\w{1,100}) ?\(")
_CALLED = re.compile(r"(?:\w{1,99}\.){0,5}(?P<name>\w{1,100}) ?\(")
_KEYWORD = re.compile(r"(?P<name>\w{1,100}) ?(?::[^=]{1,200})?=(?!=) ?(?P<value>(?s:.*))")
_NO_MODULE = re.compile(
    r"None|True|False|-?\d[\w.]*|['\"].*|lambda\b.*|(?:F|torch|(?:torch\.)?nn\.functional)\.\w+", re.DOTALL
)
"""A value, or a function without parameters."""


class _Class(NamedTuple):
    """A class in code: its name, the names of its bases, its own text, and its text up to the next class."""

    name: str
    bases: list[str]
    own: str
    text: str


class _Argument(NamedTuple):
    """An argument that a class calls as a module: its attributes, its name, its place, and its default."""

    attributes: list[str]
    name: str
    place: int
    default: str | None


class _Call(NamedTuple):
    """The arguments of a call, by name and in their order."""

    keywords: dict[str, str]
    places: list[str]


def unknown_arguments(code: str) -> Iterator[str]:
    r"""Yield the attributes of classes that are arguments, are called, and are not made in ``code``.

    >>> net = "class A(nn.Module):\n def __init__(self, body, n):\n  self.body = body\n  self.n = n\n"
    >>> net += " def forward(self, x):\n  return self.body(x)\n"
    >>> [list(unknown_arguments(net + end)) for end in ("", "A(nn.ReLU(), 3)", "A(make_body(), 3)")]
    [['body'], [], ['body']]
    """
    classes = _classes(code)
    attributes = called_attributes(code)
    called = {each.name: found for each in classes if (found := _called_arguments(each, attributes))}
    if not called:
        return
    calls = _calls(classes)
    values = _Values(code)
    for name, arguments in called.items():
        for argument in arguments:
            given = {_given(argument, call) for call in calls[name]}
            if not given or not all(value is not None and values.are_shown(value) for value in given):
                yield from argument.attributes


def _classes(code: str) -> list[_Class]:
    """Return the classes of a text, behind one without a name for the text before them."""
    heads = list(CLASS.finditer(code))
    ends = [*(head.start() for head in heads), len(code)]
    return [
        _Class("", [], "", code[: ends[0]]),
        *(
            _Class(
                head["name"],
                bases(head),
                code[head.start() : block_end(head, end)],
                code[head.start() : end],
            )
            for head, end in zip(heads, ends[1:], strict=True)
        ),
    ]


def _called_arguments(each: _Class, called: set[str]) -> list[_Argument]:
    """Return the arguments of a class of modules whose attributes are among ``called``."""
    start = each.own.find("def __init__(")
    if start < 0 or not (any("Module" in base for base in each.bases) or "def forward(" in each.own):
        return []
    begin = start + len("def __init__(")
    parameters = [item for item in _items(each.own, begin) or () if item != "/"]
    behind = each.own[begin + sum(map(len, parameters)) :]
    replaced = set(re.findall(r"^[ \t]*(\w+) ?=", behind, re.MULTILINE))
    defaults = {}
    for parameter in parameters:
        keyword = _KEYWORD.fullmatch(parameter)
        defaults[re.split(r"\W", parameter, maxsplit=1)[0]] = keyword["value"] if keyword else None
    places = {name: place for place, name in enumerate(defaults, -1)}  # Behind self.
    attributes: defaultdict[str, list[str]] = defaultdict(list)
    for attribute, value in dict.fromkeys(_SET.findall(each.own)):
        if value in places and attribute in called and not FUNCTION.fullmatch(attribute):
            attributes[value].append(attribute)
    return [
        _Argument(found, name, places[name], defaults[name])
        for name, found in attributes.items()
        if name not in replaced
    ]


def _calls(classes: list[_Class]) -> defaultdict[str, list[_Call | None]]:
    """Return the arguments of the calls of each class, ``None`` where they are not known.

    A class without ``__init__`` takes the arguments of its first base.
    """
    owners = {
        each.name: each.name if "def __init__(" in each.text else "".join(each.bases[:1]) for each in classes
    }
    calls: defaultdict[str, list[_Call | None]] = defaultdict(list)
    count = 0
    for each in classes:
        for match in _CALL.finditer(each.text):
            name = match["name"]
            if name != "__init__" and name not in owners:
                continue
            count += 1
            items = _items(each.text, match.end()) if count <= MAX_CALLS else None
            is_own = name == "__init__"
            if items and is_own and items[0] == "self":  # A.__init__(self, …)
                del items[0]
            for owner in each.bases if is_own else [owners[name]]:
                calls[owner].append(_call(items))
    return calls


def _call(items: list[str] | None) -> _Call | None:
    """Return the arguments of a call, ``None`` where not all are known."""
    if items is None or any(item.startswith("*") for item in items):
        return None
    keywords, places = {}, []
    for item in items:
        if match := _KEYWORD.fullmatch(item):
            keywords[match["name"]] = match["value"]
        else:
            places.append(item)
    return _Call(keywords, places)


def _items(text: str, begin: int) -> list[str] | None:
    """Return the items of the brackets that open before ``begin``, ``None`` where they do not close soon."""
    items = bracket_items(text, begin, begin + MAX_CALL)
    return items and [item for item in items if item]


def _given(argument: _Argument, call: _Call | None) -> str | None:
    """Return the text of an argument in a call, its default, or ``None`` where it is not known."""
    if call is None:
        return None
    if argument.place < len(call.places):
        return call.places[argument.place]
    return call.keywords.get(argument.name, argument.default)


class _Values:
    """The values of the names in a text of code."""

    def __init__(self, code: str) -> None:
        heads = list(_DEFINED.finditer(code))
        ends = [*(head.start() for head in heads[1:]), len(code)]
        self._defined = {
            head["name"]: _CLASS_CALLED.search(code, head.end(), block_end(head, end)) is not None
            for head, end in zip(heads, ends, strict=True)
        }
        """Whether a class or function of the text has the call of a class."""
        self._values: defaultdict[str, set[str]] = defaultdict(set)
        for match in _VALUE.finditer(code):
            self._values[match["name"]].add(match["value"])

    def are_shown(self, value: str) -> bool:
        """Return whether a value has no module, or one that the code makes, whose layers are read there."""
        names: set[str] = set()
        values = [value]
        while values:
            text = values.pop().strip(" ,;")
            if _NO_MODULE.fullmatch(text):
                continue
            if _NAME.fullmatch(text):
                if text in self._defined or text in names:
                    continue
                if text not in self._values or len(names) == MAX_NAMES:
                    return False
                names.add(text)
                values += self._values[text]
            elif _CHOICE.search(text) or not self._makes_layers(text):
                return False
        return True

    def _makes_layers(self, text: str) -> bool:
        """Return whether a text begins with the call of a class, or of a function of the code with one."""
        call = _CALLED.match(text)
        return call is not None and (
            call["name"].lstrip("_")[:1].isupper() or self._defined.get(call["name"], False)
        )
