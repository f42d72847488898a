"""What the readers make of damaged models and of real ones, in full: each row, note, assumption and sentence.

``python -m tests.fuzz.outcomes`` records it anew, after a change that is meant.
"""

import hashlib
import lzma
from collections.abc import Iterator

from calculator.readers import ReadError, read
from tests.fuzz.__main__ import cases, formats
from tests.helpers.paths import OUTCOMES
from tests.helpers.real_models import recorded, recorded_groups

CASES, SEED = 300, 2021
"""Of each format."""


def outcome(data: str | bytes) -> str:
    """Return the sentence that refuses ``data``, or the totals and a digest of everything that was read."""
    try:
        model = read(data)
    except ReadError as error:
        return str(error)
    digest = hashlib.sha256(repr(model).encode("utf-8", "surrogatepass")).hexdigest()[:8]
    counts = (model.parameter_count, model.transposed_count, model.trainable_count)
    return f"{len(model.rows)} rows, parameters {counts}, {model.format}: {digest}"


def outcomes() -> Iterator[str]:
    """Yield one line for each model: which it is, and its outcome."""
    for module in formats():
        for number, data in enumerate(cases(module, CASES, SEED)):
            yield f"{module} {number}\t{outcome(data)!r}"
    for group in recorded_groups():
        for real in recorded(group)[1]:
            yield f"{real.name}\t{outcome(real.data)!r}"


def kept() -> list[str]:
    """Return the lines that were recorded."""
    return lzma.decompress(OUTCOMES.read_bytes()).decode().splitlines()


if __name__ == "__main__":
    OUTCOMES.write_bytes(lzma.compress("\n".join(outcomes()).encode(), preset=9))
