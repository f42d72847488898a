"""Damaged files of PyTorch before 1.6. Their reader must return a model or raise ``ReadError``."""

import random
import re
from collections.abc import Iterator

from tests.fuzz.fuzz_checkpoint import spoil_steps
from tests.fuzz.mutations import spoil_bytes
from tests.helpers.paths import READER_FILES

NAMES = ("torch-legacy.pt", "torch-module-legacy.pt")


def cases(count: int, seed: int) -> Iterator[bytes]:
    """Yield ``count`` files, the same for the same ``seed``: steps of one pickle moved about, or bytes."""
    chance = random.Random(seed)
    valid = [(READER_FILES / name).read_bytes() for name in NAMES]
    # The object is the fourth pickle, and each of them begins with the protocol.
    starts = {data: [found.start() for found in re.finditer(b"\x80\x02", data)][3] for data in valid}
    for _ in range(count):
        data = chance.choice(valid)
        if chance.random() < 0.3:
            yield data[:60] + spoil_bytes(data[60:], chance)
            continue
        start, stop = starts[data], data.rindex(b"\x80\x02]")
        yield data[:start] + spoil_steps(data[start:stop], chance) + data[stop:]
