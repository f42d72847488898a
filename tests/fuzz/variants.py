"""Models like given ones: with other words that the readers know, other numbers, and options left out."""

import random
import re
from collections.abc import Iterable, Iterator
from functools import cache

from tests.helpers.paths import CONSTANTS

TIMES = 3
"""Each model is varied so many times."""

_WORD = re.compile(r"(?<![\w.])[A-Za-z_]\w+")
_NUMBER = re.compile(r"(?<![\w.])\d{1,4}(?![\w.])")
_OPTION = re.compile(r"""(?:"\w+": |\b\w+=)(?:[\w.'"-]+|\([^()\n]{0,40}\)|\[[^][\n]{0,60}\]), ?""")
_NUMBERS = ("0", "1", "2", "3", "4", "5", "8", "16")
_PAIRS = {"True": "False", "true": "false", "same": "valid", "channels_last": "channels_first"}
OPPOSITES = _PAIRS | {second: first for first, second in _PAIRS.items()} | {"None": "True"}
BYTES = {0x88: 0x89, 0x89: 0x88}
"""True and False of a pickle."""

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


def variants(models: Iterable[str | bytes], seed: int) -> Iterator[str | bytes]:
    """Yield ``TIMES`` variants of each model, the same for the same ``seed``."""
    chance = random.Random(seed)
    for model in models:
        for _ in range(TIMES):
            varied = model
            for _ in range(chance.choice((1, 1, 2, 3))):
                varied = _file(varied, chance) if isinstance(varied, bytes) else _text(varied, chance)
            yield varied


def _file(data: bytes, chance: random.Random) -> bytes:
    """Return ``data`` with another small number, or the opposite of a truth."""
    places = [at for at, byte in enumerate(data) if 0 < byte < 20 or byte in BYTES]
    if not places:
        return data
    at = chance.choice(places)
    return data[:at] + bytes([BYTES.get(data[at], chance.choice(SMALL))]) + data[at + 1 :]


def _text(text: str, chance: random.Random) -> str:
    """Return ``text`` with another word or number, without an option or a line, or with a line twice."""
    way = chance.choice((_WORD, _WORD, _WORD, _NUMBER, _NUMBER, _OPTION, None, None))
    found = [match for match in way.finditer(text) if way is not _WORD or _is_known(match[0])] if way else []
    if found:
        match = chance.choice(found)
        if way is _WORD:
            new = OPPOSITES.get(match[0]) or chance.choice(chance.choice(peers()[match[0]]))
        else:
            new = "" if way is _OPTION else chance.choice((chance.choice(found)[0], *_NUMBERS))
        return text[: match.start()] + new + text[match.end() :]
    lines = text.split("\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    if chance.random() < 0.5:
        return "\n".join([*lines[:to], lines[at], *lines[to:]])
    return "\n".join([*lines[:at], *lines[at + 1 :]])


def _is_known(word: str) -> bool:
    return word in OPPOSITES or word in peers()
