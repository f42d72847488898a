"""What the readers make of damaged models, of real ones and of those in the tests, in full.

Each row, note, assumption and sentence, the sizes of a chain, and how the model differs from the one before;
and what is said where a limit is just too low for a model, or just high enough.
``python -m tests.fuzz.outcomes`` records it anew, after a change that is meant.
"""

import hashlib
import lzma
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from tempfile import TemporaryFile

from calculator.core.errors import LayerError
from calculator.readers import Model, ReadError, read
from calculator.readers.constructor_call import read_call
from calculator.readers.detect import read_shapes
from calculator.readers.difference.comparison import compare_models, table_rows, write_comparison
from calculator.readers.layer_table.chain import (
    edit_problem,
    left_out_sentence,
    parse_size,
    size_hint,
    size_problem,
    with_input_size,
)
from calculator.readers.layer_table.link_form import fits_link, read_linked, tidy, write_linked
from calculator.readers.layer_table.sizes import chain_rank
from calculator.readers.layer_table.table import read_table, recognises, table_lines
from calculator.readers.model_json import read_model, write_model
from calculator.readers.readable import with_article
from calculator.readers.totals import (
    activation_values,
    counted_text,
    not_counted_text,
    total_text,
    trainable_text,
    transposed_text,
)
from tests.fuzz import limits, options, tried
from tests.fuzz.__main__ import cases, formats
from tests.helpers.paths import OUTCOMES, READER_FILES
from tests.helpers.real_models import recorded, recorded_groups

CASES, SEED = 300, 2021
"""Of each format."""

SIZES = ("7", "9x8", "6x5x7")
"""Input sizes for each chain."""

MAX_COMPARED = 40
"""Longer models are not compared."""

TRIED_PARTS = 8
"""The data of the tests are shared among so many parts."""


FILES = "files"
"""The part with all files of the tests, of any length."""

LIMITS = "limits"
"""The part in which limits are lowered, on data of the tests."""

NO_MODEL = Model((), "")
NAME = "mine"


def outcome(data: str | bytes, before: Model) -> tuple[str, Model]:
    """Return the sentence that refuses ``data``, or totals and digests of everything, and the last model.

    The digests are of what other functions make of ``data``, of the model, of what is said of it, of its
    chain, and of the comparison with ``before``.
    """
    beside = " ".join(_digest(each) for each in (list(_beside(data)),) if each)
    try:
        model = read(data, name=NAME)
    except ReadError as error:
        return f"{error} {beside}".rstrip(), before
    counts = (model.parameter_count, model.transposed_count, model.trainable_count)
    texts = [total_text(model), transposed_text(model), trainable_text(model), with_article(model.format)]
    texts += [counted_text(model), not_counted_text(model), trainable_text(model, in_words=False)]
    texts += [size_problem(model), size_hint(model), edit_problem(model)]
    written = write_model(model)
    parts: list[object] = [(model, texts, written, read_model(written) == model, activation_values(model))]
    parts += [[*_of_chain(model)]] if model.chain else []
    if max(len(model.rows), len(before.rows)) <= MAX_COMPARED:
        comparison = compare_models(before, model)
        parts.append((write_comparison(comparison), table_rows(comparison)))
    digests = " ".join([*map(_digest, parts), beside])
    return f"{len(model.rows)} rows, parameters {counts}, {model.format}: {digests}", model


def _beside(data: str | bytes) -> Iterator[object]:
    """Yield what is made of ``data`` by the functions that read a file in place, a call or a table."""
    if isinstance(data, bytes):
        with TemporaryFile() as file:
            file.write(data)
            file.seek(0)
            yield _tried(partial(read_shapes, file, name=NAME))
    elif recognises(data):
        yield _tried(lambda: chain_rank(table_lines(data)))
        yield from (_tried(partial(read_table, data, input_size=size)) for size in ((), (7,), (9, 8)))
    elif "(" in data and data.count("\n") < 2:
        yield from (_tried(partial(read_call, data, in_channels=channels)) for channels in (None, 4))


def _of_chain(model: Model) -> Iterator[object]:
    """Yield what is made of the chain of a model, if it has a table: its forms, and its sizes."""
    if model.chain is None or not model.chain.table:
        return
    table = model.chain.table
    link = _tried(lambda: write_linked(tidy(table)))
    yield left_out_sentence(model.chain), fits_link(table), link, read_linked(str(link))
    yield [_tried(partial(_sized, model, size)) for size in SIZES]


def _sized(model: Model, size: str) -> Model:
    return with_input_size(model, parse_size(model, size))


def _tried(function: Callable[[], object]) -> object:
    """Return the result of a function, or the sentence with which it refuses."""
    try:
        return function()
    except (LayerError, ReadError) as error:
        return str(error)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def parts() -> list[str]:
    """Return the names of the parts: formats, options, groups of real models, shares of the tests' data."""
    return [*formats(), *options.MAKERS, *recorded_groups(), FILES, *shares(), LIMITS]


def shares() -> list[str]:
    """Return the names of the shares of the tests' data."""
    return [f"tried {part}" for part in range(TRIED_PARTS)]


def models(part: str) -> Iterator[tuple[str, str | bytes]]:
    """Yield the name and the data of each model of a part."""
    if part in formats():
        for number, data in enumerate(cases(part, CASES, SEED)):
            yield str(number), data
    elif part in options.MAKERS:
        for number, data in enumerate(options.cases(part)):
            yield str(number), data
    elif part in recorded_groups():
        for real in recorded(part)[1]:
            yield real.name, real.data
    elif part == FILES:
        for file in sorted(READER_FILES.iterdir()):
            is_text = file.suffix in (".txt", ".json")
            yield file.name, file.read_text("utf-8") if is_text else file.read_bytes()
    else:
        share, size = shares().index(part), -(-len(tried.kept()) // TRIED_PARTS)
        for number, data in list(enumerate(tried.kept()))[share * size : (share + 1) * size]:
            yield str(number), data  # Side by side are data that were chosen one after the other.


def outcomes(part: str) -> Iterator[str]:
    """Yield one line for each model of a part: which it is, and its outcome."""
    if part == LIMITS:
        yield from _limited(line.split("\t")[1] for line in kept()[LIMITS])
        return
    last = NO_MODEL
    for name, data in models(part):
        said, last = outcome(data, last)
        yield f"{part}\t{name}\t{said!r}"


def _limited(cases: Iterable[str]) -> Iterator[str]:
    """Yield one line for each of ``limits.cases``: which it is, and both outcomes."""
    for case in cases:
        module, name, needed, number = case.split()
        said = []
        for value in (int(needed) - 1, int(needed)):
            with limits.Limit(module, name).set_to(value):
                said.append(outcome(tried.kept()[int(number)], NO_MODEL)[0])
        yield f"{LIMITS}\t{case}\t{said!r}"


@cache
def kept() -> dict[str, list[str]]:
    """Return the lines that were recorded, by part."""
    found: dict[str, list[str]] = {}
    for line in lzma.decompress(OUTCOMES.read_bytes()).decode().splitlines():
        found.setdefault(line.partition("\t")[0], []).append(line)
    return found


if __name__ == "__main__":
    lines = [line for part in parts() if part != LIMITS for line in outcomes(part)]
    lines += _limited(limits.cases(lambda data: outcome(data, NO_MODEL)[0]))
    OUTCOMES.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9))
