"""Damaged safetensors files. Their reader must return a model or raise ``ReadError``."""

import json
import random
from collections.abc import Iterator

from tests.fuzz.mutations import spoil_bytes, spoil_value
from tests.helpers.paths import READER_FILES

VALID = (READER_FILES / "torch-model.safetensors").read_bytes()


def cases(count: int, seed: int) -> Iterator[bytes]:
    """Yield ``count`` files, the same for the same ``seed``: values of the header replaced, or bytes."""
    chance = random.Random(seed)
    length = int.from_bytes(VALID[:8], "little")
    header, values = VALID[8 : 8 + length].decode(), VALID[8 + length :]
    for _ in range(count):
        spoilt = VALID
        if chance.random() < 0.7:
            text = json.dumps(spoil_value(header, chance)).encode("utf-8")
            told = chance.choice((len(text), len(text), len(text), len(text) + 1, 2**63, 0))
            spoilt = (
                told.to_bytes(8, "little") + text + values[: chance.choice((len(values), len(values), 7))]
            )
        if chance.random() < 0.4:
            spoilt = spoil_bytes(spoilt[:2000], chance) + spoilt[2000:]
        yield spoilt
