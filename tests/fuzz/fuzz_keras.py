"""Spoilt configurations, summaries and files of Keras, for the readers that must only ever refuse them."""

import io
import json
import random
import zipfile
from collections.abc import Iterator

from tests.fuzz.mutations import spoil_bytes, spoil_value
from tests.helpers.paths import READER_FILES

CONFIGS = tuple(path.read_text(encoding="utf-8") for path in sorted(READER_FILES.glob("keras*.json")))
SMALL = tuple(text for text in CONFIGS if len(text) < 5_000)
SUMMARIES = tuple(
    path.read_text(encoding="utf-8")
    for start in ("keras", "tfjs")
    for path in sorted(READER_FILES.glob(f"{start}*.txt"))
)
CUTS = (
    "│",
    "|",
    "(",
    ")",
    "…",
    "└",
    " ",
    "\n",
    "Total params: ",
    "9" * 30,
    "Layer (type)",
    "Param #",
    "─",
    "_",
    "٣",
    "",
)


def archive(config: str, *, metadata: str = '{"keras_version": "3.15.1"}', packed: bool = False) -> bytes:
    """Return a ``.keras`` file without weights."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as made:
        made.writestr("metadata.json", metadata)
        made.writestr("config.json", config)
    return stream.getvalue()


def configs(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` configurations: values replaced, then characters."""
    chance = random.Random(f"configuration {seed}")
    valid = chance.sample(CONFIGS, 2) + list(SMALL)
    for _ in range(count):
        document = spoil_value(chance.choice(valid), chance)
        if chance.random() < 0.1:
            document = _nested(document, chance)
        text = json.dumps(document)
        yield spoil_bytes(text.encode(), chance).decode("utf-8", "replace") if chance.random() < 0.3 else text


def _nested(document: object, chance: random.Random) -> object:
    """Return ``document`` inside wrappers and models, as deep as can be read and deeper."""
    for place in range(chance.choice((1, 5, 30, 120))):
        kind = chance.choice(
            ("TimeDistributed", "Bidirectional", "SpectralNormalization", "Sequential", "Model")
        )
        inside: dict[str, object] = {"layer": document} if kind[0] in "TB" else {"layers": [document]}
        document = {"class_name": kind, "config": {"name": f"{kind}{place}", **inside}}
    return document


def summaries(count: int, seed: int) -> Iterator[str]:
    """Yield ``count`` summaries: lines dropped, doubled, mixed and cut."""
    chance = random.Random(f"summary {seed}")
    for _ in range(count):
        lines = chance.choice(SUMMARIES).splitlines()
        for _ in range(chance.choice((1, 1, 3, 10))):
            place = chance.randrange(len(lines))
            way = chance.randrange(5)
            if way == 0 and len(lines) > 1:
                del lines[place]
            elif way == 1:
                lines.insert(place, chance.choice(chance.choice(SUMMARIES).splitlines()))
            elif way == 2:
                lines[place] = lines[place][chance.randrange(-3, 20) :]
            else:
                at = chance.randrange(len(lines[place]) + 1)
                lines[place] = (
                    lines[place][:at] + chance.choice(CUTS) + lines[place][at + chance.randrange(9) :]
                )
        yield "\n".join(lines)


def files(count: int, seed: int) -> Iterator[bytes]:
    """Yield ``count`` files: a spoilt configuration in a whole archive, or a spoilt archive."""
    chance = random.Random(f"file {seed}")
    # What is packed here has other bytes with another zlib.
    whole = [archive(text) for text in CONFIGS[:3]]
    whole += [path.read_bytes() for path in sorted(READER_FILES.glob("*.keras"))]
    for text in configs(count, seed):
        if chance.random() < 0.5:
            yield archive(text, packed=chance.random() < 0.5)
        else:
            yield spoil_bytes(chance.choice(whole), chance)


def cases(count: int, seed: int) -> Iterator[str | bytes]:
    """Yield ``count`` spoilt configurations, summaries and files in turn, the same for the same ``seed``."""
    each = count // 3 + 1
    made = zip(configs(each, seed), summaries(each, seed), files(each, seed), strict=True)
    left = count
    for group in made:
        yield from group[: max(left, 0)]
        left -= 3
