"""Models that real libraries wrote or printed, with the counts of the library itself.

``python -m tests.oracle.models.live`` makes them; the tests replay those that are recorded, without the
libraries.
"""

import json
import lzma
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from calculator.readers import Model, ReadError, read
from calculator.readers.difference.matching import unrolled
from tests.helpers.paths import MODELS_RECORDED


@dataclass(frozen=True)
class RealModel:
    """A text or a file of a real library, and the library's own counts of the model.

    ``total`` counts what the text or file holds: ``elsewhere`` more parameters are in the model, and the
    reader must say that something may be missing. ``trained`` is ``None`` where the text or file does not
    show it, as is ``transposed`` where the tool itself counts a layer wrongly. ``rows`` are the parameters of
    each layer by its name. ``says`` are words that must be among the reader's sentences. ``refused`` are
    words of the sentence by which the text or file is refused; it has no counts then. With ``typed`` nothing
    may be undecided. A model that is not ``kept`` is not recorded.
    """

    name: str
    data: str | bytes
    total: int = 0
    transposed: int | None = 0
    trained: int | None = None
    rows: Mapping[str, int] | None = None
    says: tuple[str, ...] = ()
    refused: str = ""
    elsewhere: int = 0
    typed: bool = False
    kept: bool = True


def differences(real: RealModel) -> Iterator[str]:
    """Yield every comparison of what is read with the counts of the library: empty, or the difference."""
    try:
        model = read(real.data)
    except ReadError as error:
        refused = real.refused and real.refused in str(error)
        yield "" if refused else f"{real.name} is refused: {error}"
        return
    for failure in _compared(real, replace(model, rows=tuple(unrolled(model.rows)))):
        yield f"{real.name}: {failure}" if failure else ""


def _compared(real: RealModel, model: Model) -> Iterator[str]:
    if real.refused:
        yield f"is read as {model.parameter_count}, and should be refused: {real.refused}"
        return
    ours = model.parameter_count
    yield "" if ours == real.total else f"{ours} parameters, really {real.total}; {model.unknown[:5]}"
    if real.transposed is not None:
        least, most = model.transposed_count, model.transposed_count + model.undecided_count
        fits = least == real.transposed == most if real.typed else least <= real.transposed <= most
        yield "" if fits else f"transposed {least} to {most}, really {real.transposed}"
    if real.trained is not None:
        ours = model.trainable_count
        yield "" if ours == real.trained else f"{ours} trained, really {real.trained}"
    said = " ".join((*model.assumptions, *(row.note for row in model.rows)))
    for words in real.says:
        yield "" if words in said else f"“{words}” is not said: {said[:1000]}"
    if real.elsewhere:
        warned = not model.complete or "may have are not counted" in said or bool(real.says)
        yield "" if warned else f"{real.elsewhere} more parameters are not told of: {said[:1000]}"
    if real.rows is not None:
        got = Counter[str]()
        for row in model.rows:
            around = row.name.rpartition("/")[0]  # A wrapper of Keras counts the layer inside.
            got[around if around in real.rows else row.name] += row.parameter_count
        got = +got
        off = {key for key in got.keys() | real.rows.keys() if got.get(key) != real.rows.get(key)}
        shown = [f"{key} {got.get(key)}, really {real.rows.get(key)}" for key in sorted(off)[:8]]
        yield f"{len(off)} rows differ: {'; '.join(shown)}" if off else ""


def store(group: str, versions: Mapping[str, str], models: Iterable[RealModel]) -> int:
    """Write the recording of a group, and return its size in bytes."""
    lines = [json.dumps({"versions": dict(versions)}), *(json.dumps(_encoded(model)) for model in models)]
    data = lzma.compress("\n".join(lines).encode("utf-8"), preset=9 | lzma.PRESET_EXTREME)
    MODELS_RECORDED.mkdir(exist_ok=True)
    (MODELS_RECORDED / f"{group}.jsonl.xz").write_bytes(data)
    return len(data)


def recorded(group: str) -> tuple[dict[str, str], list[RealModel]]:
    """Return the versions of the libraries, and the models of a recording."""
    data = lzma.decompress((MODELS_RECORDED / f"{group}.jsonl.xz").read_bytes())
    head, *lines = data.decode("utf-8").split("\n")
    return json.loads(head)["versions"], [_decoded(json.loads(line)) for line in lines]


def recorded_groups() -> list[str]:
    """Return the names of the recordings."""
    return sorted(path.name.removesuffix(".jsonl.xz") for path in MODELS_RECORDED.glob("*.jsonl.xz"))


def _encoded(model: RealModel) -> dict[str, Any]:
    values = {key: value for key, value in vars(model).items() if value != getattr(RealModel, key, ...)}
    if isinstance(model.data, bytes):
        values["file"] = values.pop("data").hex()
    return values


def _decoded(values: dict[str, Any]) -> RealModel:
    if "file" in values:
        values["data"] = bytes.fromhex(values.pop("file"))
    return RealModel(**values | {"says": tuple(values.get("says", ()))})
