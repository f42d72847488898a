"""Reader of the output of ``print(model)`` for a PyTorch model.

The format is that of ``torch.nn.Module.__repr__``: a line ``(name): Class(arguments)`` for a layer. A module
with children has a line that ends with its opening bracket, a line for each child, and a line ``)``.
"""

import re
from collections.abc import Iterator

from calculator.readers.model import MAX_LINES, MAX_TEXT, Model, ReadError
from calculator.readers.pytorch.class_names import CONTAINERS, is_known_class
from calculator.readers.pytorch.module_tree import CODE_ASSUMPTION, ModuleTree

MAX_SEARCHED = 200_000
"""The number of characters at the beginning of a text in which a print must begin."""

MAX_LOOKAHEAD = 6
"""The maximum number of lines from an opening bracket to the module's first child."""

MAX_JOINED = 200
"""The maximum number of lines that a terminal may have broken one layer's arguments into."""

ELISIONS = frozenset({"...", "…", "[...]", "(...)", "<...>", "[…]", "(…)"})

_PROMPT = re.compile(r"\ufeff?(?:(?P<typed>>>>|\.\.\.|In ?\[\d*\]:)|Out ?\[\d*\]:)\s+")
_KEY = r"\((?P<key>(?:[^()]|\([^()]{0,100}\)){1,200})\):"
"""A module's name, which may contain brackets: the key of a ``ModuleDict`` is any text without a dot."""

_CHILD = re.compile(_KEY + r" +(?:(?P<times>\d{1,18}) x )?(?P<kind>[^\W\d]\w{0,99}) ?\(")
_CUSTOM_PRINT = re.compile(_KEY + r" *(?P<text>\S.*)")
_BLOCK = re.compile(r"(?<!\w)(?P<kind>[^\W\d]\w{0,99}) ?\($")
_SINGLE = re.compile(
    r"(?P<typed>(?:[^\W\d][\w.]{0,99} ?= ?)?(?:[^\W\d]\w{0,99}\.){0,5})(?P<kind>[^\W\d]\w{0,99}) ?\("
)
"""A layer alone on its line; ``typed`` is text that only code has, such as ``self.up = nn.``."""

_BRACKETS = re.compile(r"""'[^'\n]*'|"[^"\n]*"|[()\[\]{}]""")

Line = tuple[int, str]
"""The number of a line, from 1, and its text without surrounding white space."""


def recognises(data: str) -> bool:
    r"""Return whether a text is, or contains, the print of a PyTorch module.

    >>> recognises("Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n)")
    True
    >>> recognises("nn.ConvTranspose2d(64, 32, 4, stride=2)"), recognises('{"class_name": "Functional"}')
    (True, False)
    """
    lines = [text for _, text in _numbered_lines(data[:MAX_SEARCHED])]
    if any(_CHILD.match(text) or _single_layer(text) for text in lines):
        return True
    output = [text for text in lines if not _is_typed(text)]
    alone = _SINGLE.match(_without_prompt(output[0])) if len(output) == 1 else None
    return alone is not None and not alone["typed"] and alone["kind"][0].isupper()


def read_printed(data: str, *, name: str = "") -> Model:
    r"""Return the model of a printed PyTorch module. Raises ``ReadError`` for any other text.

    >>> model = read_printed("Up(\n  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4))\n)")
    >>> [(row.name, row.parameter_count) for row in model.rows]
    [('up', 32800)]
    """
    if len(data) > MAX_TEXT:
        raise ReadError(f"The text has {len(data):,} characters; at most {MAX_TEXT:,} are read.")
    if data.count("\n") >= MAX_LINES:
        raise ReadError(f"The text has {data.count(chr(10)) + 1:,} lines; at most {MAX_LINES:,} are read.")
    reader = _PrintReader([*_numbered_lines(data)])
    reader.read()
    return reader.tree.model(name)


def _numbered_lines(data: str) -> Iterator[Line]:
    """Yield the lines that are not blank."""
    for number, line in enumerate(data.split("\n"), 1):
        text = line.strip().strip("\ufeff").strip()
        if text:
            yield number, text


def _is_typed(text: str) -> bool:
    """Return whether a line is input after the prompt of a shell or a notebook."""
    prompt = _PROMPT.match(text)
    return prompt is not None and prompt["typed"] is not None


def _without_prompt(text: str) -> str:
    prompt = _PROMPT.match(text)
    return text[prompt.end() :] if prompt else text


def _single_layer(text: str) -> re.Match[str] | None:
    """Return the match of a layer alone on its line, where its class is known."""
    match = _SINGLE.match(_without_prompt(text))
    return match if match and is_known_class(match["kind"]) else None


def _bracket_depth(text: str, depth: int) -> tuple[int, int]:
    """Return (number of open brackets after ``text``, position where the last one closed, or −1).

    ``depth`` is the number of open brackets before ``text``.
    """
    for match in _BRACKETS.finditer(text):
        bracket = match[0]
        if len(bracket) == 1:  # Longer matches are quoted texts, whose brackets do not count.
            depth += 1 if bracket in "([{" else -1
            if depth == 0:
                return 0, match.start()
    return depth, -1


class _PrintReader:
    """A reader that goes through the lines once and builds the tree of modules."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.next = 0
        self.tree = ModuleTree()
        self.code: list[tuple[int, str, re.Match[str]]] = []
        """Layers in code, used where nothing is printed: (index of the next line, text, match)."""

    def read(self) -> None:
        """Read all lines. Raises ``ReadError`` with the number of the line where reading failed."""
        while self.next < len(self.lines):
            line = self.lines[self.next]
            self.next += 1
            try:
                if self.tree.open_modules:
                    self._read_inside(line)
                else:
                    self._read_outside(line)
            except ReadError as error:
                raise ReadError(f"Line {line[0]:,}: {error}") from None
        if self.tree.open_modules:
            number, text = self.lines[-1]
            count = len(self.tree.open_modules)
            missing = "a bracket is" if count == 1 else f"{count:,} brackets are"
            raise ReadError(
                f"The print is cut off after line {number:,}, “{text[:60]}”: {missing} not closed. "
                "Copy it to its last line."
            )
        if not self.tree.has_modules:
            self._read_code()
        if not self.tree.has_modules:
            raise ReadError("This is not the output of print(model) in PyTorch: it has no layers.")

    def _read_outside(self, line: Line) -> None:
        """Look for the first line of a print. All other lines outside a print are ignored."""
        text = _without_prompt(line[1])
        child, block = _CHILD.match(text), _BLOCK.search(text)
        if child:
            self._read_child(child, text)
        elif block and self._begins_print(block["kind"]):
            self.tree.open_root(block["kind"])
        elif text.strip("),") == "" and self.tree.has_fragments:
            raise ReadError("It closes a module that was not opened. Copy the print from its first line.")
        else:
            self._read_layer(line[1], text)

    def _read_layer(self, line: str, text: str) -> None:
        """Read a layer alone on its line: printed, or written as code."""
        single = _single_layer(text)
        if single and (_is_typed(line) or single["typed"]):
            # The layers of a container may be on the next lines, where each of them is found.
            if text[single.end() :] or single["kind"] not in CONTAINERS:
                self.code.append((self.next, text, single))
        elif single or len(self.lines) == 1:
            match = _SINGLE.match(text)
            if match and match["kind"][0].isupper():
                self.tree.open_root(match["kind"])
                self._read_arguments(text[match.end() :])

    def _begins_print(self, kind: str) -> bool:
        """Return whether the lines after an opening bracket belong to a print and not to code."""
        if self.next == len(self.lines):
            return kind[0].isupper()
        for _, text in self.lines[self.next : self.next + MAX_LOOKAHEAD]:
            if _CHILD.match(text):
                return True
            if text.startswith(")"):
                return False
        return False

    def _read_inside(self, line: Line) -> None:
        """Read a line of a print: closing brackets, a child, or arguments."""
        text = line[1]
        if text.strip("),") == "":
            for _ in range(min(text.count(")"), len(self.tree.open_modules))):
                self.tree.close_module()
            return
        if text in ELISIONS:
            raise ReadError(f"“{text}” stands for lines that were left out. Copy the whole print.")
        child = _CHILD.match(text)
        custom = None if child else _CUSTOM_PRINT.match(text)
        if child:
            self._read_child(child, text)
        elif custom and not self.tree.in_parameter_list:
            self.tree.add_custom_print(custom["key"], custom["text"])
        else:
            self.tree.add_text(text)

    def _read_child(self, match: re.Match[str], text: str) -> None:
        self.tree.open_module(match["key"], match["kind"], match["times"])
        self._read_arguments(text[match.end() :])

    def _read_arguments(self, rest: str) -> None:
        """Read the text after the opening bracket of a module: arguments, or nothing before children."""
        if not rest:
            return
        depth, end = _bracket_depth(rest, 1)
        self.tree.add_text(rest if depth else rest[:end])
        for _ in range(MAX_JOINED):
            # A child that follows means that these are the arguments of a module with children.
            if not depth or self.next == len(self.lines) or _CHILD.match(self.lines[self.next][1]):
                break
            text = self.lines[self.next][1]
            self.next += 1
            depth, end = _bracket_depth(text, depth)
            self.tree.add_text(text if depth else text[:end])
        if not depth:
            self.tree.close_module()

    def _read_code(self) -> None:
        """Read layers that are written as code, such as ``self.up = nn.ConvTranspose2d(64, 32, 4)``."""
        for number, (index, text, match) in enumerate(self.code):
            self.next = index
            name = match["typed"].rpartition("=")[0].strip().removeprefix("self.")
            if len(self.code) == 1 and not name:
                self.tree.open_root(match["kind"])
            else:
                self.tree.open_module(name or str(number), match["kind"])
            self._read_arguments(text[match.end() :] or "\n")
            if self.tree.open_modules:
                line_number = self.lines[index - 1][0]
                raise ReadError(f"Line {line_number:,}: the brackets of this layer are not closed.")
        if len(self.code) > 1:
            self.tree.assume(CODE_ASSUMPTION)
