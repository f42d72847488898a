"""Reading what ``print(model)`` shows of a PyTorch model, pasted.

The form is that of ``torch.nn.Module.__repr__``: a line ``(name): Class(arguments)`` for a layer, and for a
module with others inside a line that ends with its bracket, a line for each of them, and a line ``)``.
"""

import re
from collections.abc import Iterator

from calculator.readers.model import MAX_LINES, MAX_TEXT, Model, ReadError
from calculator.readers.pytorch.class_names import CONTAINERS, familiar
from calculator.readers.pytorch.module_tree import CODE, Tree

LOOKED_AT = 200_000
"""Characters in which a print has to begin."""

AHEAD = 6
"""Lines after an opening bracket among which a module's first child is looked for."""

MAX_JOINED = 200
"""Lines that one layer's arguments may go over, where a terminal has broken them."""

ELISIONS = frozenset({"...", "…", "[...]", "(...)", "<...>", "[…]", "(…)"})

_PROMPT = re.compile(r"\ufeff?(?:(?P<typed>>>>|\.\.\.|In ?\[\d*\]:)|Out ?\[\d*\]:)\s+")
_KEY = r"\((?P<key>(?:[^()]|\([^()]{0,100}\)){1,200})\):"
"""A module's name, which may have brackets itself: the key of a ``ModuleDict`` is any text without a dot."""

_CHILD = re.compile(_KEY + r" +(?:(?P<times>\d{1,18}) x )?(?P<kind>[^\W\d]\w{0,99}) ?\(")
_NO_CLASS = re.compile(_KEY + r" *(?P<text>\S.*)")
_BLOCK = re.compile(r"(?<!\w)(?P<kind>[^\W\d]\w{0,99}) ?\($")
_SINGLE = re.compile(
    r"(?P<typed>(?:[^\W\d][\w.]{0,99} ?= ?)?(?:[^\W\d]\w{0,99}\.){0,5})(?P<kind>[^\W\d]\w{0,99}) ?\("
)
_BRACKETS = re.compile(r"""'[^'\n]*'|"[^"\n]*"|[()\[\]{}]""")

Line = tuple[int, str]


def recognises(data: str) -> bool:
    r"""Return whether a text is, or has in it, the print of a PyTorch module.

    >>> recognises("Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n)")
    True
    >>> recognises("nn.ConvTranspose2d(64, 32, 4, stride=2)"), recognises('{"class_name": "Functional"}')
    (True, False)
    """
    lines = [text for _, text in _lines(data[:LOOKED_AT])]
    if any(_CHILD.match(text) or _single(text) for text in lines):
        return True
    shown = [text for text in lines if not _typed(text)]
    alone = _SINGLE.match(_bare(shown[0])) if len(shown) == 1 else None
    return alone is not None and not alone["typed"] and alone["kind"][0].isupper()


def read_torch_print(data: str, *, name: str = "") -> Model:
    r"""Return the layers of a printed PyTorch module. Raises ``ReadError`` for a text that is none.

    >>> model = read_torch_print("Up(\n  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4))\n)")
    >>> [(row.name, row.parameter_count) for row in model.rows]
    [('up', 32800)]
    """
    if len(data) > MAX_TEXT:
        raise ReadError(f"The text has {len(data):,} characters; at most {MAX_TEXT:,} are read.")
    if data.count("\n") >= MAX_LINES:
        raise ReadError(f"The text has {data.count(chr(10)) + 1:,} lines; at most {MAX_LINES:,} are read.")
    reader = _Reader([*_lines(data)])
    reader.read()
    return reader.tree.model(name)


def _lines(data: str) -> Iterator[Line]:
    """Yield the lines that are not blank, with their numbers, without the space around them."""
    for number, line in enumerate(data.split("\n"), 1):
        text = line.strip().strip("\ufeff").strip()
        if text:
            yield number, text


def _typed(text: str) -> bool:
    prompt = _PROMPT.match(text)
    return prompt is not None and prompt["typed"] is not None


def _bare(text: str) -> str:
    """Return a line without the prompt of a shell or a notebook."""
    prompt = _PROMPT.match(text)
    return text[prompt.end() :] if prompt else text


def _single(text: str) -> re.Match[str] | None:
    """Return the match of a layer alone on its line, when it is of a class that is known."""
    match = _SINGLE.match(_bare(text))
    return match if match and familiar(match["kind"]) else None


def _depth(text: str, depth: int) -> tuple[int, int]:
    """Return how many brackets are open after a text, and where the last one closed, −1 if none did."""
    for match in _BRACKETS.finditer(text):
        bracket = match[0]
        if len(bracket) == 1:
            depth += 1 if bracket in "([{" else -1
            if depth == 0:
                return 0, match.start()
    return depth, -1


class _Reader:
    """Goes through the lines once; what it meets goes to the tree."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.at = 0
        self.tree = Tree()
        self.code: list[tuple[int, str, re.Match[str]]] = []
        """Lines of code with a layer, read when nothing is printed: the next line, the text, the match."""

    def read(self) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            try:
                if self.tree.open:
                    self._inside(line)
                else:
                    self._outside(line)
            except ReadError as error:
                raise ReadError(f"Line {line[0]:,}: {error}") from None
        if self.tree.open:
            number, text = self.lines[-1]
            count = len(self.tree.open)
            missing = "a bracket is" if count == 1 else f"{count:,} brackets are"
            raise ReadError(
                f"The print is cut off after line {number:,}, “{text[:60]}”: {missing} not closed. "
                "Copy it to its last line."
            )
        if not self.tree.found:
            self._read_code()
        if not self.tree.found:
            raise ReadError("This is not what print(model) shows of a PyTorch model: it has no layers.")

    def _outside(self, line: Line) -> None:
        """Look for the line with which a print begins; all others are text around it."""
        text = _bare(line[1])
        child, block = _CHILD.match(text), _BLOCK.search(text)
        if child:
            self._child(child, text)
        elif block and self._begins(block["kind"]):
            self.tree.root(block["kind"])
        elif text.strip("),") == "" and self.tree.loose:
            raise ReadError("It closes a module that was not opened. Copy the print from its first line.")
        else:
            single = _single(text)
            if single and (_typed(line[1]) or single["typed"]):
                if (
                    text[single.end() :] or single["kind"] not in CONTAINERS
                ):  # or its layers are on the next lines
                    self.code.append((self.at, text, single))
            elif single or len(self.lines) == 1:
                self._alone(_SINGLE.match(text), text)

    def _alone(self, match: re.Match[str] | None, text: str) -> None:
        if match and match["kind"][0].isupper():
            self.tree.root(match["kind"])
            self._arguments(text[match.end() :])

    def _begins(self, kind: str) -> bool:
        """Return whether the line after an opening bracket is one of a print, and not of code."""
        if self.at == len(self.lines):
            return kind[0].isupper()
        for _, text in self.lines[self.at : self.at + AHEAD]:
            if _CHILD.match(text):
                return True
            if text.startswith(")"):
                return False
        return False

    def _inside(self, line: Line) -> None:
        text = line[1]
        if text.strip("),") == "":
            for _ in range(min(text.count(")"), len(self.tree.open))):
                self.tree.leave()
            return
        if text in ELISIONS:
            raise ReadError(f"“{text}” stands for lines that were left out. Copy the whole print.")
        child = _CHILD.match(text)
        other = None if child else _NO_CLASS.match(text)
        if child:
            self._child(child, text)
        elif other and not self.tree.in_list:
            self.tree.strange(other["key"], other["text"])
        else:
            self.tree.extra(text)

    def _child(self, match: re.Match[str], text: str) -> None:
        self.tree.enter(match["key"], match["kind"], match["times"])
        self._arguments(text[match.end() :])

    def _arguments(self, rest: str) -> None:
        """Read what stands after the bracket of a module: its arguments, or nothing before children."""
        if not rest:
            return
        depth, end = _depth(rest, 1)
        self.tree.extra(rest if depth else rest[:end])
        for _ in range(MAX_JOINED):
            if not depth or self.at == len(self.lines) or _CHILD.match(self.lines[self.at][1]):
                break
            text = self.lines[self.at][1]
            self.at += 1
            depth, end = _depth(text, depth)
            self.tree.extra(text if depth else text[:end])
        if not depth:
            self.tree.leave()

    def _read_code(self) -> None:
        """Read layers as they are written in code: ``self.up = nn.ConvTranspose2d(64, 32, 4)``."""
        for number, (at, text, match) in enumerate(self.code):
            self.at = at
            name = match["typed"].rpartition("=")[0].strip().removeprefix("self.")
            if len(self.code) == 1 and not name:
                self.tree.root(match["kind"])
            else:
                self.tree.enter(name or str(number), match["kind"])
            self._arguments(text[match.end() :] or "\n")
            if self.tree.open:
                raise ReadError(f"Line {self.lines[at - 1][0]:,}: the brackets of this layer are not closed.")
        if len(self.code) > 1:
            self.tree.assume(CODE)
