"""Reader of the output of ``print(model)`` for a PyTorch model.

The format is that of ``torch.nn.Module.__repr__``: a line ``(name): Class(arguments)`` for a layer. A module
with children has a line that ends with its opening bracket, a line for each child, and a line ``)``.
Lines that somebody left out, broke or joined are said or mended.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from calculator.readers.model import MAX_LINES, MAX_SHOWN, MAX_TEXT, Model, ReadError
from calculator.readers.printed_counts import is_left_out
from calculator.readers.pytorch.class_names import CONTAINERS, base_class, is_known_class
from calculator.readers.pytorch.layer_code import read_code
from calculator.readers.pytorch.layer_rules import RULES
from calculator.readers.pytorch.module_tree import ModuleTree
from calculator.readers.pytorch.printed_lines import (
    CHILD,
    CUSTOM_PRINT,
    Line,
    bracket_depth,
    is_elision,
    is_repetition,
    printed_lines,
)
from calculator.readers.tensors.inference import is_embedding, perhaps_tied_count, perhaps_tied_sentences

MAX_SEARCHED = 200_000
"""The number of characters at the beginning of a text in which a print must begin."""

MAX_LOOKAHEAD = 6
"""The maximum number of lines from an opening bracket to the module's first child."""

MAX_JOINED = 200
"""The maximum number of lines that a terminal may have broken one layer's arguments into."""

TENSORS_LEFT_OUT = (
    "The text has tensors besides the print of a model: they are left out, and what is printed is counted."
)
CODE_LEFT_OUT = (
    "The text has code besides the print of a model: it is left out, and what is printed is counted."
)

_PROMPT = re.compile(r"\ufeff?(?:(?P<typed>>>>|\.\.\.|In ?\[\d*\]:)|Out ?\[\d*\]:)\s+")
_BLOCK = re.compile(r"(?<![\w.])(?P<kind>[^\W\d][\w.]{0,99}) ?\($")
_SINGLE = re.compile(
    r"(?P<typed>(?:[^\W\d][\w.]{0,99} ?[=:] ?)?(?:[^\W\d]\w{0,99}\.){0,5})(?P<kind>[^\W\d]\w{0,99}) ?\("
)
"""A layer alone on its line; ``typed`` is text that only code has, such as ``self.up = nn.``."""

_REST_OF_LAYER = re.compile(
    r"[^()\s]{0,200}\): ?(?:\d{1,18} x )?[A-Z]\w{0,99}\("
    r"|[:)]{0,2} ?\w{0,99}\((?:[^=\n]{1,200} = )?\d[^\n]{0,300}kernel_size=\("
)
"""The end of a module's line, whose beginning a selection of columns left out."""

_NN_CALL = re.compile(r"(?<![\w.])(?:torch\.)?nn\.(?P<kind>[A-Z]\w{0,99}) ?\(")
_CALL = re.compile(r"(?<!\w)(?P<kind>[A-Z]\w{0,99}) ?\(")
_KERAS = re.compile(r"\bkeras\b|\b(?:Dense|Conv[123]D(?:Transpose)?|BatchNormalization)\(|\.add\(")
_SEPARATORS = re.compile(r"[\s,;|>→-]*")
_CLOSING = re.compile(r"[\s,;]*[)\]}]")
_OPENING = re.compile(r"[(\[{]")
_LIST_BEGINS = re.compile(r"(?:(?:OrderedDict|odict_items|dict_items|dict)\(|[\[({\s]){0,8}")
_LIST_GOES_ON = re.compile(r"[\s,)\]}({]*")
_NAMED = re.compile(
    r"(?:(?P<quote>['\"]?)(?P<key>[\w.]{1,200})(?P=quote)(?: ?(?:,|:|->|=>|→))? {1,20})?\(?"
    r"(?P<kind>[A-Z]\w{0,99}) ?\("
)
"""A layer behind its name, as a loop over ``named_children()`` prints it, or without one in a list."""

_WORDS_OF_CODE = frozenset({"return", "yield", "in", "and", "or", "not", "else", "await", "lambda", "class"})

_COMMENTS = ("#", "//", "<-", "<!--", "-->")


def recognises(data: str) -> bool:
    r"""Return whether a text is, or contains, the print of a PyTorch module, or code with layers.

    >>> recognises("Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n)")
    True
    >>> recognises("nn.ConvTranspose2d(64, 32, 4, stride=2)"), recognises('{"class_name": "Functional"}')
    (True, False)
    """
    searched = data[:MAX_SEARCHED]
    lines = [text for _, text in _lines(searched)]
    if any(CHILD.match(text) for text in lines):
        return True
    if any(_single_layer(text) or _is_code(text) or _named_layers(text) for text in lines):
        return "nn." in searched or not _KERAS.search(searched)
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
    reader = _PrintReader(_lines(data) if len(data) <= MAX_SEARCHED else tuple(printed_lines(data)))
    reader.read(data)
    model = reader.tree.model(name)
    return model if reader.is_code else _with_perhaps_tied(model)


def _with_perhaps_tied(model: Model) -> Model:
    """Return a printed model, with a range as total where an embedding and an output layer may be tied."""
    weights = {
        f"{row.name}.weight": row.weight_shape
        for row in model.rows
        if row.weight_shape
        and row.times == 1
        and base_class(row.type) == ("Embedding" if is_embedding(f"{row.name}.weight") else "Linear")
    }
    if not (count := perhaps_tied_count(weights)):
        return model
    assumptions = (*model.assumptions, *perhaps_tied_sentences(weights, "A print"))
    return replace(model, assumptions=assumptions).with_perhaps_tied(count)


@lru_cache(maxsize=1)  # A text that is recognised is read next.
def _lines(data: str) -> tuple[Line, ...]:
    return tuple(printed_lines(data))


def _is_typed(text: str) -> bool:
    """Return whether a line is input after the prompt of a shell or a notebook."""
    prompt = _PROMPT.match(text)
    return prompt is not None and prompt["typed"] is not None


def _without_prompt(text: str) -> str:
    prompt = _PROMPT.match(text)
    return text[prompt.end() :] if prompt else text


def _single_layer(text: str) -> re.Match[str] | None:
    """Return the match of a layer that begins its line, where its class is known."""
    match = _SINGLE.match(_without_prompt(text))
    return match if match and is_known_class(match["kind"]) else None


def _is_code(text: str) -> bool:
    """Return whether a line has a layer of ``nn``, as only code has."""
    return any(is_known_class(match["kind"]) for match in _NN_CALL.finditer(text))


def _named_layers(text: str) -> list[tuple[str, str, str]]:
    """Return name, class and arguments of the layers in a line of a list of children, or an empty list."""
    layers: list[tuple[str, str, str]] = []
    start = place = _LIST_BEGINS.match(text).end()  # type: ignore[union-attr]
    while place < len(text) or not layers:
        match = _NAMED.match(text, place)
        if not match or not is_known_class(match["kind"]) or match["key"] in _WORDS_OF_CODE:
            return []
        depth, end = bracket_depth(text, 1, match.end())
        arguments, base = text[match.end() : end], base_class(match["kind"])
        # Prints name at least one argument of a layer, and code mostly none.
        is_print = "=" in arguments or base == "Embedding" or base not in RULES
        if depth or not is_print or (base in CONTAINERS and arguments) or not (start or match["key"]):
            return []
        layers.append((match["key"] or "", match["kind"], arguments))
        place = _LIST_GOES_ON.match(text, end + 1).end()  # type: ignore[union-attr]
    return layers


def _names_layer(text: str) -> bool:
    """Return whether a text has a layer that can have parameters."""
    return any(base_class(match["kind"]) in RULES for match in _CALL.finditer(text))


class _PrintReader:
    """A reader that goes through the lines once and builds the tree of modules."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self.lines = lines
        self.next = 0
        self.tree = ModuleTree()
        self.has_prompts = any(text.startswith(">>>") for _, text in lines)
        self.has_code = False
        """Whether a layer is written as code, which is read where nothing is printed."""
        self.is_code = False
        """Whether code was read, as nothing is printed."""
        self.left_out: list[str] = []
        """Sentences about lines outside all modules that say that others are left out."""
        self.closed_below: set[str] = set()
        """The layers whose arguments are closed by a bracket that begins a line."""

    def read(self, data: str) -> None:
        """Read all lines of ``data``. Raises ``ReadError`` with the number of the line at fault."""
        while self.next < len(self.lines):
            line = self.lines[self.next]
            self.next += 1
            try:
                if self.tree.open_modules:
                    self._read_inside(line)
                else:
                    self._read_outside(line)
            except ReadError as error:
                raise ReadError(f"Line {line.number:,}: {error}") from None
        if self.tree.open_modules:
            self._read_end()
        self.is_code = self.has_code and not self.tree.has_modules
        if self.is_code:
            read_code(data, self.tree)
        else:
            for note in self.left_out:
                self.tree.add_left_out(note)
            if self.has_code:
                self.tree.assume(CODE_LEFT_OUT)
        if not self.tree.has_modules:
            raise ReadError("This is not the output of print(model) in PyTorch: it has no layers.")

    def _read_end(self) -> None:
        """Count a print that is cut off. Raises ``ReadError`` where nothing before its end is counted."""
        number, text = self.lines[-1]
        count = len(self.tree.open_modules)
        self.tree.doubt(self.closed_below)
        missing = "a bracket is" if count == 1 else f"{count:,} brackets are"
        cut = f"The print is cut off after line {number:,}, “{text[:MAX_SHOWN]}”: {missing} not closed."
        self.tree.cut_off(f"{cut} The lines after it are left out.")
        if not self.tree.counts_anything:
            raise ReadError(f"{cut} Copy it to its last line.")

    def _read_outside(self, line: Line) -> None:
        """Look for the first line of a print. Other lines without layers are ignored."""
        text = _without_prompt(line.text)
        child, block = CHILD.match(text), _BLOCK.search(text)
        if child:
            self._read_child(child, text)
        elif block and self._begins_print(block["kind"]):
            self.tree.has_whole = self.tree.has_whole or text.startswith(block["kind"])
            self.tree.open_root(block["kind"])
        elif not _is_typed(line.text) and (layers := _named_layers(text)):
            for name, kind, arguments in layers:
                self.tree.add_child(name, kind, arguments)
        elif self._is_root_with_arguments(line, text):
            pass
        elif text.strip("), ") == "" and self.tree.has_fragments:
            raise ReadError("It closes a module that was not opened. Copy the print from its first line.")
        elif "torch.Size(" in text or "tensor(" in text:
            self._skip_tensors(text)
        elif is_left_out(text) and not (self.has_prompts and is_elision(text)):
            self.left_out.append(f"Line {line.number:,} says that lines are left out: “{text[:MAX_SHOWN]}”.")
            self.has_code = self.has_code or _is_code(text)
        else:
            self._read_layers(line, text)

    def _skip_tensors(self, text: str) -> None:
        """Leave out a line of a list of tensors, and the lines of the values that are printed in it."""
        self.tree.assume(TENSORS_LEFT_OUT)
        depth = text.count("(") - text.count(")")
        for _ in range(MAX_JOINED):
            if depth < 1 or self.next == len(self.lines) or CHILD.match(self.lines[self.next].text):
                return
            text = self.lines[self.next].text
            depth += text.count("(") - text.count(")")
            self.next += 1

    def _is_root_with_arguments(self, line: Line, text: str) -> bool:
        """Open a module whose arguments and first child are on one line. Return whether there is one."""
        match = _SINGLE.match(text)
        if not match or self.next == len(self.lines) or self.lines[self.next].number != line.number:
            return False
        depth, _ = bracket_depth(text, 1, match.end())
        if depth != 1 or not CHILD.match(self.lines[self.next].text):
            return False
        self.tree.open_root(match["kind"])
        self.tree.add_text(text[match.end() :])
        return True

    def _read_layers(self, line: Line, text: str) -> None:
        """Read the layers on a line that has no key: printed, or written as code."""
        single = _single_layer(text)
        nested = single is not None and single["kind"] in CONTAINERS and _names_layer(text[single.end() :])
        if nested or _is_code(text) or (single and (_is_typed(line.text) or single["typed"])):
            self.has_code = True
            return
        if single is None and _REST_OF_LAYER.match(text):
            self._say_ignored(line.number, text)
            return
        place = 0
        match = _SINGLE.match(text)
        while match and match["kind"][0].isupper() and (single or len(self.lines) == 1):
            self.tree.open_root(match["kind"])
            closed = self._read_arguments(text, match.end())
            if closed is None or closed[0] is not text:
                return
            place = _SEPARATORS.match(text, closed[1]).end()  # type: ignore[union-attr]
            match = _SINGLE.match(text, place)
        if place and (_names_layer(text[place:]) or is_repetition(text[place:])):
            self._say_ignored(line.number, text[place:])

    def _say_ignored(self, number: int, text: str) -> None:
        """Add a row for layers that stand where no layer is printed."""
        shown = text.strip()[:MAX_SHOWN]
        note = f"Line {number:,} has “{shown}” besides the layers, which is left out of the count."
        self.tree.add_left_out(note)

    def _begins_print(self, kind: str) -> bool:
        """Return whether the lines after an opening bracket belong to a print and not to code."""
        if self.next == len(self.lines):
            return kind[0].isupper()
        for _, text in self.lines[self.next : self.next + MAX_LOOKAHEAD]:
            if CHILD.match(text):
                return True
            if text.startswith(")"):
                return False
        return False

    def _read_inside(self, line: Line) -> None:
        """Read a line of a print: closing brackets, a child, or arguments."""
        text = line.text
        child = CHILD.match(text)
        custom = None if child else CUSTOM_PRINT.match(text)
        if child:
            self._read_child(child, text)
        elif custom and not self.tree.in_parameter_list:
            self._read_custom(custom, text)
        else:
            self._read_text(line)

    def _read_child(self, match: re.Match[str], text: str) -> None:
        self.tree.open_module(match["key"], match["kind"], match["times"])
        self._read_arguments(text, match.end(), self._read_rest)

    def _read_custom(self, match: re.Match[str], text: str) -> None:
        """Read a module that is not printed as a class with arguments."""
        key, words = match["key"], match["text"]
        depth, end = bracket_depth(words, 1)
        if depth > 1 and (opening := _OPENING.search(words)):
            self.tree.open_module(key, words[: opening.start()].strip()[:MAX_SHOWN] or "?")
            self._read_arguments(words, opening.end(), self._read_rest)
            return
        shown = (words if depth else words[:end]).strip()
        if is_left_out(shown, inside=True):
            self.tree.add_left_out(f"“({key}): {shown[:MAX_SHOWN]}” stands for what was left out.", key)
        else:
            self.tree.add_custom_print(key, shown or "?")
        if not depth:
            self._read_rest(words, end)

    def _read_text(self, line: Line) -> None:
        """Read a line that is not a module: closing brackets, arguments, or left out lines."""
        text = line.text
        depth, end = bracket_depth(text, 1)
        if depth == 0:
            if text[:end].strip():
                self._read_words(line.number, text[:end].strip())
            self._read_rest(text, end)
        elif depth == 1 or is_left_out(text, inside=True):
            self._read_words(line.number, text)
        else:
            self._read_open_text(text)

    def _read_open_text(self, text: str) -> None:
        """Read a text that opens brackets: arguments over several lines, or a module in an unknown form."""
        depth = bracket_depth(text, 1)[0]
        for index in range(self.next, min(self.next + MAX_JOINED, len(self.lines))):
            following = self.lines[index].text
            if CHILD.match(following):
                break
            depth, end = bracket_depth(following, depth)
            if depth <= 1:
                for part in (text, *(part for _, part in self.lines[self.next : index])):
                    self.tree.add_text(part)
                self.tree.add_text(following if depth else following[:end])
                self.next = index + 1
                if not depth:
                    self._read_rest(following, end)
                return
        self.tree.open_module(f"line {self.next}", text[:MAX_SHOWN])

    def _read_words(self, number: int, text: str) -> None:
        """Read a text inside a module: arguments, a comment, or the mark of lines that were left out."""
        if is_left_out(text, inside=True) or (text.startswith(_COMMENTS) and is_repetition(text)):
            self.tree.add_left_out(
                f"Line {number:,} stands for lines that were left out: “{text[:MAX_SHOWN]}”."
            )
        elif not text.startswith(_COMMENTS) or _names_layer(text):
            self.tree.add_text(text)

    def _read_rest(self, text: str, place: int) -> None:
        """Read what stands behind the end of a module on its line: mostly brackets that close others."""
        while self.tree.open_modules and place < len(text):
            if match := _CLOSING.match(text, place):
                place = match.end()
                self.tree.close_module()
                continue
            depth, end = bracket_depth(text, 1, place)
            words = (text[place:] if depth else text[place:end]).strip(" ,;")
            if is_elision(words) or is_repetition(words) or _names_layer(words):
                self.tree.add_left_out(f"“{words[:MAX_SHOWN]}” behind a layer stands for what was left out.")
            if depth or words.startswith(_COMMENTS):
                return
            place = end
        block = _BLOCK.search(text, place)
        if block and self._begins_print(block["kind"]):
            self.tree.open_root(block["kind"])
        elif _names_layer(rest := text[place:].strip()) or is_elision(rest) or is_repetition(rest):
            self._say_ignored(self.lines[self.next - 1].number, rest)

    def _is_cut(self) -> bool:
        """Return whether the arguments of the last line end within it, although their bracket is open.

        PyTorch prints the arguments of a module with children on lines of their own.
        """
        if self.next == len(self.lines):
            return False
        number, text = self.lines[self.next]
        return number > self.lines[self.next - 1].number and CHILD.match(text) is not None

    def _read_arguments(
        self, text: str, place: int, read_rest: Callable[[str, int], None] | None = None
    ) -> tuple[str, int] | None:
        """Read the text after the opening bracket of a module: arguments, or nothing before children.

        Returns the line where the module closes and the place behind its bracket, or ``None`` where it stays
        open. ``read_rest`` reads what stands behind.
        """
        if place == len(text):
            return None
        depth, end = bracket_depth(text, 1, place)
        if depth and self._is_cut():
            self.tree.cut_arguments()
            return None
        self.tree.add_text(text[place:] if depth else text[place:end])
        for _ in range(MAX_JOINED):
            # A child that follows means that these are the arguments of a module with children.
            if not depth or self.next == len(self.lines) or CHILD.match(self.lines[self.next].text):
                break
            text = self.lines[self.next].text
            self.next += 1
            if text.startswith(")"):
                self.closed_below.add(self.tree.open_modules[-1].path)
            depth, end = bracket_depth(text, depth)
            self.tree.add_text(text if depth else text[:end])
        if depth:
            return None
        self.tree.close_module()
        if read_rest:
            read_rest(text, end + 1)
        return text, end + 1
