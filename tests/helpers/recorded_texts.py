"""What the core, the frameworks, the geometry and the exercises compute and say of some layers, in full.

``python -m tests.helpers.recorded_texts`` records it anew, after a change that is meant.
"""

import functools
import io
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

from calculator import ConvTranspose, LayerError
from calculator.core.derivation import derive_multiply_accumulates, derive_output_size
from calculator.frameworks import FRAMEWORKS, SNIPPETS
from calculator.geometry.framework_sizes import size_rows
from calculator.geometry.layer_solver import short_text
from calculator.geometry.overlap import overlap, remedies
from calculator.geometry.size_solver import framework_solutions, framework_ways, unreachable_reason
from calculator.learn.exercises.generator import exercises
from calculator.learn.exercises.published import PUBLISHED
from calculator.learn.exports.gift import sheet_gift
from calculator.learn.exports.markdown import sheet_replies_markdown
from calculator.learn.exports.moodle_xml import sheet_moodle_xml
from calculator.learn.exports.offline import sheet_offline_html
from calculator.learn.exports.qti import sheet_qti
from calculator.learn.lesson.lesson import STEP_COUNT, lesson_step
from calculator.learn.lesson.vote import vote
from calculator.learn.mistakes.coverage import coverage, decoder_coverage
from calculator.learn.mistakes.diagnosis import diagnose, why_right
from calculator.learn.worksheet.guide import guide_html
from calculator.learn.worksheet.html import sheet_html
from calculator.learn.worksheet.markdown import sheet_markdown
from calculator.learn.worksheet.worksheet import sheet
from tests.helpers.paths import TEXTS_RECORDED
from tests.helpers.recorded_calls import LAYERS, LESSONS, calls, shown

LINK = "https://example.org/learn?level=1&seed=7"
FORMS: dict[str, Callable[..., str | bytes]] = {
    "html": functools.partial(sheet_html, key=False, link=LINK, qr_svg="<svg></svg>"),
    "html key": functools.partial(sheet_html, key=True),
    "markdown": functools.partial(sheet_markdown, key=False, link=LINK),
    "markdown key": functools.partial(sheet_markdown, key=True),
    "replies": sheet_replies_markdown,
    "gift": sheet_gift,
    "moodle": sheet_moodle_xml,
    "offline": sheet_offline_html,
    "qti": sheet_qti,
}
SCRIPT = "<script>"


def texts() -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each thing that is said."""
    for level in (1, 2, 3, 4):
        made = sheet(2021, level, 4, "A & B <c>")
        for name, form in FORMS.items():
            for part, text in _files(form(made)):
                # JavaScript and its tests are elsewhere.
                yield f"level {level}, {name}{part}", text.partition(SCRIPT)[0]
        for question in made.exercises:
            yield from _question(f"level {level}, {question.number}", question)
    for seed, level in (
        (7, 1),
        (7, 2),
        (7, 3),
        (48, 3),
        (7, 4),
        *((seed, level) for level, seed in PUBLISHED),
    ):
        for question in exercises(seed, level, 12):
            yield f"seed {seed}, level {level}, exercise {question.number}", repr(question)
    for number, settings in enumerate(LESSONS):
        yield f"guide {number}", guide_html(settings, link=LINK, exercises=LINK)
        for place in range(1, STEP_COUNT + 1):
            step = lesson_step(settings, place)
            yield f"lesson {number}, {place}", shown(step)
            yield f"vote {number}, {place}", repr(vote(step))
            yield from _question(f"lesson {number}, {place}", step)
    for number, layer in enumerate(LAYERS):
        for name, function in _of_layers().items():
            try:
                yield f"{name} {number}", repr(function(layer))
            except LayerError as error:
                yield f"{name} {number}", str(error)
    yield from calls()


def _files(data: str | bytes) -> list[tuple[str, str]]:
    """Return the names and the texts in an archive, or the only text."""
    if isinstance(data, str) or not data.startswith(b"PK"):
        return [("", data if isinstance(data, str) else data.decode())]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(f", {name}", archive.read(name).decode()) for name in archive.namelist()]


def _question(name: str, question: object) -> Iterator[tuple[str, str]]:
    """Yield what is said of a question, of its mistakes and of other answers."""
    asked: Any = question
    yield f"{name}, why right", why_right(asked)
    values = [mistake.value for mistake in asked.mistakes]
    for value in dict.fromkeys([*values[:4], asked.answer, asked.answer + 1, asked.answer * 7, 10**9]):
        for revealed in (False, True):
            yield f"{name}, {value}, {revealed}", repr(diagnose(asked, value, revealed=revealed).sentence)
    for mistake in asked.mistakes:
        yield f"{name}, {mistake.key}", shown((coverage(asked, mistake), decoder_coverage(asked, mistake)))


def _of_layers() -> dict[str, Callable[[ConvTranspose], object]]:
    """Return the functions of a layer."""
    found: dict[str, Callable[[ConvTranspose], object]] = {
        "sizes": lambda layer: size_rows(layer, 5),
        "output": lambda layer: derive_output_size(layer, 5),
        "work": lambda layer: derive_multiply_accumulates(layer, 5),
        "ways": lambda layer: framework_ways(layer, 5),
        "overlap": overlap,
        "remedies": lambda layer: remedies(layer, 5),
        "short": short_text,
    }
    for wanted in (9, 10, 16, 40):
        found[f"wanted {wanted}"] = functools.partial(framework_solutions, input_size=5, wanted=wanted)
        found[f"reason {wanted}"] = functools.partial(unreachable_reason, axis=0, input_size=5, wanted=wanted)
    for key, framework in FRAMEWORKS.items():
        found[f"problems {key}"] = framework.problems
        found[f"padding {key}"] = framework.layer_padding
        for padding in ("same", "valid", "SAME", "VALID", "SAME_UPPER", "SAME_LOWER", ((2, 1),), 1):
            found[f"size {key} {padding}"] = functools.partial(
                framework.output_size, input_size=5, padding=padding
            )
    return found | {f"code {key}": code for key, (_, _, code) in SNIPPETS.items()}


@functools.cache
def kept() -> dict[str, str]:
    """Return the texts that were recorded, by name."""
    read: dict[str, str] = json.loads(lzma.decompress(TEXTS_RECORDED.read_bytes()))
    return read


if __name__ == "__main__":
    TEXTS_RECORDED.write_bytes(lzma.compress(json.dumps(dict(texts())).encode("ascii"), preset=9))
