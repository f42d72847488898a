"""Models like given ones: with other words, numbers or lines, marks before the lines, options left out."""

import io
import random
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from functools import cache

from tests.helpers.paths import CONSTANTS

TIMES = 6
"""Each model is varied so many times."""

_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w+")
_NUMBER = re.compile(r"(?<![\w.])\d{1,4}(?![\w.])")
_OPTION = re.compile(r"""(?:"\w+": |\b\w+=)(?:[\w.'"-]+|\([^()\n]{0,40}\)|\[[^][\n]{0,60}\]), ?""")
_NUMBERS = ("0", "1", "2", "3", "4", "5", "8", "16")
_PAIRS = {"True": "False", "true": "false", "same": "valid", "channels_last": "channels_first"}
OPPOSITES = _PAIRS | {second: first for first, second in _PAIRS.items()} | {"None": "True"}
BYTES = {0x88: 0x89, 0x89: 0x88}
"""True and False of a pickle."""

SHORT = 600
"""The maximum number of characters of a text that is put behind another."""

SMALL = bytes((0, 1, 2, 3, 4, 7))


@cache
def peers() -> dict[str, list[list[str]]]:
    """Return for each word that the readers know the constants that have it, each as its words."""
    constants: dict[str, list[str]] = {}
    for line in CONSTANTS.read_text("utf-8").splitlines():
        module, name, entry = line.split(" ", 2)
        constants.setdefault(f"{module} {name}", []).extend(re.findall(r"'([A-Za-z_]\w+)'", entry))
    found: dict[str, list[list[str]]] = {}
    for words in constants.values():
        for word in dict.fromkeys(words):
            found.setdefault(word, []).append(words)
    return found


_MARKERS = (
    *("def ", "self.", "keras", "layers.", "nn.", "torch.Size", "===", "___", "│", "):", "|", '"', ","),
    "",
)
"""Texts with the same first one of these are of one kind."""

_BEGINNINGS = ("    ", "  ", "# ", "> ", "INFO: ", "[rank0]: ", "12:30:05 ", "| ", "- ", ">>> ", "... ")
"""Marks that a copy or a log puts before each line, and spaces of code."""


def variants(models: Iterable[str | bytes], seed: int) -> Iterator[str | bytes]:
    """Yield ``TIMES`` variants of each model, the same for the same ``seed``."""
    chance, models = random.Random(seed), list(models)
    lines: dict[str, list[str]] = {}
    for text in models:
        if isinstance(text, str):
            lines.setdefault(_marker(text), []).extend(text.split("\n"))
    short = [text for text in models if isinstance(text, str) and len(text) < SHORT]
    for model in models:
        for _ in range(TIMES):
            varied = model
            for _ in range(chance.choice((1, 1, 2, 3))):
                if isinstance(varied, bytes):
                    varied = _file(varied, chance)
                elif chance.random() < 0.6:
                    varied = _text(varied, chance)
                elif chance.random() < 0.1:
                    varied = f"{varied}\n{chance.choice(short)}"
                else:
                    varied = _rearranged(varied, lines[_marker(str(model))], chance)
            yield varied


def _marker(text: str) -> str:
    return next(marker for marker in _MARKERS if marker in text)


def _file(data: bytes, chance: random.Random) -> bytes:
    """Return ``data``, a member of it or its text, with another small number, word or truth."""
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                members = {name: archive.read(name) for name in archive.namelist()}
        except (zipfile.BadZipFile, zlib.error, RuntimeError, ValueError, OSError, EOFError):
            return data  # A damaged archive.
        name = max(members, key=lambda name: chance.random() * len(members[name]), default="")
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for each, content in members.items():
                archive.writestr(each, _file(content, chance) if each == name else content)
        return stream.getvalue()
    if data.startswith(b"{") and data.isascii():
        return _text(data.decode(), chance).encode()
    length = int.from_bytes(data[:8], "little")
    if data[8:9] == b"{" and length < len(data) and data[8 : 8 + length].isascii():
        header = _text(data[8 : 8 + length].decode(), chance).encode()
        return len(header).to_bytes(8, "little") + header + data[8 + length :]
    places = [at for at, byte in enumerate(data) if 0 < byte < 20 or byte in BYTES]
    if not places:
        return data
    at = chance.choice(places)
    return data[:at] + bytes([BYTES.get(data[at], chance.choice(SMALL))]) + data[at + 1 :]


def _text(text: str, chance: random.Random) -> str:
    """Return ``text`` with another word or number, or without an option."""
    way = chance.choice((_WORD, _WORD, _WORD, _NUMBER, _NUMBER, _OPTION))
    found = [match for match in way.finditer(text) if way is not _WORD or _is_known(match[0])]
    if not found:
        return text
    match = chance.choice(found)
    if way is _WORD:
        new = OPPOSITES.get(match[0]) or chance.choice(chance.choice(peers()[match[0]]))
    else:
        new = "" if way is _OPTION else chance.choice((chance.choice(found)[0], *_NUMBERS))
    return text[: match.start()] + new + text[match.end() :]


def _rearranged(text: str, others: list[str], chance: random.Random) -> str:
    """Return ``text`` with one of its lines twice, gone or further in, with another line, or with marks."""
    lines = text.split("\n")
    at, to, way = chance.randrange(len(lines)), chance.randrange(len(lines)), chance.randrange(6)
    beginning = chance.choice(_BEGINNINGS)
    if way == 0:
        del lines[at]
    elif way == 1:
        lines.insert(to, lines[at])
    elif way == 2:
        lines[at] = beginning[:4] + lines[at] if chance.random() < 0.5 else lines[at][2:]
    elif way == 3:
        lines = [f"{beginning}{line}" for line in lines]
    else:
        start = chance.randrange(len(others))
        lines[to:to] = others[start : start + chance.choice((1, 1, 2, 5))]
    return "\n".join(lines)


def _is_known(word: str) -> bool:
    return word in OPPOSITES or word in peers()
