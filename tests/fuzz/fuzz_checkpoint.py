"""Damaged files of ``torch.save``. Their reader must return a model or raise ``ReadError``."""

import io
import pickletools
import random
import zipfile
from collections.abc import Iterator
from functools import cache

from tests.fuzz.mutations import spoil_bytes
from tests.helpers.paths import READER_FILES
from tests.helpers.torch_files import zipped

NAMES = (
    "torch-checkpoint.pt",
    "torch-parameters.pt",
    "torch-two.pt",
    "torch-whole-module.pt",
    "torch-module.pt",
    "torch-script.pt",
    "torch-training.pt",
)

PIECES = (
    b"cos\nsystem\n",
    b"c__builtin__\neval\n",
    b"ccollections\nOrderedDict\n",
    b"ctorch._utils\n_rebuild_tensor_v2\n",
    b"R",
    b")R",
    b"b",
    b"\x81",
    b"\x93",
    b"Q",
    b"0",
    b"1",
    b"2" * 50,
    b"((((",
    b"t",
    b"u",
    b"}",
    b"]",
    b"e",
    b"\x94",
    b"h\x00",
    b"\x8a\xff" + b"\x7f" * 255,
    b"J\xff\xff\xff\xff",
    b"X\xff\xff\xff\xff",
    b"\x8d" + b"\xff" * 8,
    b"I99999999999999999999\n",
    b".",
)
"""What is put between the steps of a pickle."""


def cases(count: int, seed: int) -> Iterator[bytes]:
    """Yield ``count`` files, the same for the same ``seed``: steps of the pickle moved about, or bytes."""
    chance = random.Random(seed)
    valid = [(READER_FILES / name).read_bytes() for name in NAMES]
    taken_apart = [_members(data) for data in valid]
    for _ in range(count):
        number = chance.randrange(len(valid))
        if chance.random() < 0.25:
            yield spoil_bytes(valid[number], chance)
            continue
        members = dict(taken_apart[number])
        name = next(name for name in members if name.endswith("data.pkl"))
        spoil = spoil_steps if chance.random() < 0.7 else spoil_bytes
        members[name] = spoil(members[name], chance)
        if chance.random() < 0.1:
            members.pop(chance.choice(list(members)))
        yield zipped(members)


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def spoil_steps(pickle: bytes, chance: random.Random) -> bytes:
    """Drop, double, move or add whole steps."""
    steps = list(_steps(pickle))
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        place = chance.randrange(len(steps))
        way = chance.randrange(4)
        if way == 0 and len(steps) > 1:
            del steps[place]
        elif way == 1:
            steps[place:place] = steps[place : place + chance.randrange(1, 6)]
        elif way == 2:
            steps[place] = chance.choice(steps)
        else:
            steps.insert(place, chance.choice(PIECES))
    return b"".join(steps)


@cache
def _steps(pickle: bytes) -> tuple[bytes, ...]:
    starts = [position or 0 for _, _, position in pickletools.genops(pickle)]
    return tuple(pickle[start:stop] for start, stop in zip(starts, [*starts[1:], len(pickle)], strict=True))
