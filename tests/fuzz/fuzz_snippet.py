"""Damaged documents of the snippet. Their reader must return a model or raise ``ReadError``."""

import json
import random
from collections.abc import Iterator

from tests.fuzz.mutations import spoil_bytes, spoil_value
from tests.helpers.paths import READER_FILES

VALID = (READER_FILES / "torch-snippet.json").read_text(encoding="utf-8")


def cases(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` texts, the same for the same ``seed``: values replaced, or characters."""
    chance = random.Random(seed)
    for _ in range(count):
        text = json.dumps(spoil_value(VALID, chance)) if chance.random() < 0.7 else VALID
        if chance.random() < 0.5:
            text = spoil_bytes(text.encode("utf-8"), chance).decode("utf-8", "surrogateescape")
        yield text
