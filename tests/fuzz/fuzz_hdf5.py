"""Damaged HDF5 files, alone and in ``.keras`` files."""

import io
import random
import zipfile
from collections.abc import Iterator

from tests.fuzz.mutations import spoil_bytes
from tests.helpers.hdf5_writing import hdf5, tree
from tests.helpers.paths import READER_FILES

WHOLE = tuple(path.read_bytes() for path in sorted(READER_FILES.glob("keras*.h5")))
ARCHIVE = (READER_FILES / "keras3_custom.keras").read_bytes()
SMALL = hdf5(
    tree(
        {
            "model_weights/up/up/kernel:0": (2, 2, 1, 3),
            "optimizer_weights/x": (3,),
            "layers/up/vars/0": (2, 3),
        },
        {
            "": {"model_config": "{}"},
            "model_weights": {"layer_names": ["up"]},
            "layers/up/vars": {"name": "x"},
        },
    )
)

USED = {data: [place for place, byte in enumerate(data) if byte] for data in (SMALL, *WHOLE)}
"""Where the bytes that matter are."""


def cases(count: int, seed: int) -> Iterator[bytes]:
    """Yield ``count`` files, the same for the same ``seed``: bytes replaced, mostly those that matter."""
    chance = random.Random(f"HDF5 {seed}")
    for _ in range(count):
        data = chance.choice((SMALL, *WHOLE))
        if chance.random() < 0.5:
            spoilt = bytearray(data)
            for place in chance.choices(USED[data], k=chance.choice((1, 1, 2, 5))):
                spoilt[place] = chance.choice((0, 1, 2, 8, 127, 255, chance.randrange(256)))
            data = bytes(spoilt)
        else:
            data = spoil_bytes(data, chance)
        yield _archived(data) if chance.random() < 0.2 else data


def _archived(weights: bytes) -> bytes:
    """Return a ``.keras`` file with other weights."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(ARCHIVE)) as whole, zipfile.ZipFile(stream, "w") as made:
        for name in ("metadata.json", "config.json"):
            made.writestr(name, whole.read(name))
        made.writestr("model.weights.h5", weights)
    return stream.getvalue()
