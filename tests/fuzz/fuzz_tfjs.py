"""Damaged ``model.json`` files of TensorFlow.js."""

import json
import random
from collections.abc import Iterator

from tests.fuzz.fuzz_keras import SMALL
from tests.fuzz.mutations import spoil_bytes, spoil_value

WEIGHTS = [
    {"name": f"layer_{n}/{name}", "shape": [3, 3, n + 1, 4], "dtype": "float32"}
    for n in range(3)
    for name in "ab"
]
WHOLE = tuple(
    json.dumps(
        {
            "modelTopology": {"model_config": json.loads(config)},
            "weightsManifest": [{"weights": WEIGHTS}],
        }
    )
    for config in SMALL
)


def cases(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` documents, the same for the same ``seed``: values replaced, then characters."""
    chance = random.Random(f"TensorFlow.js {seed}")
    for _ in range(count):
        text = json.dumps(spoil_value(chance.choice(WHOLE), chance))
        yield spoil_bytes(text.encode(), chance).decode("utf-8", "replace") if chance.random() < 0.3 else text
