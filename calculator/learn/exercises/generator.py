"""The exercises of a seed and a level: the same for everybody and for ever.

Worksheets are printed, so what a seed gives is recorded in ``tests/learn/exercises/recorded.json``. The
kinds of a level are shuffled together: a kind that is added to a level, even at the end, changes every
sheet of it.

To add a kind of question, begin a new level: a function in a module ``*_questions.py`` that returns a
``Candidate``; ``LEVELS``, ``_TRACKS`` and ``_candidate`` below; the choices and the help of ``level`` in
``settings/settings.py``; the README's table; ``KINDS`` in ``test_generator.py``, an independent answer in
``tests/helpers/question_parser.py``, and recorded seeds.
"""

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.candidate import Candidate
from calculator.learn.exercises.decoder_questions import decoder_question
from calculator.learn.exercises.inverse_questions import inverse_question
from calculator.learn.exercises.layer_questions import (
    level_four_question,
    level_one_question,
    level_two_question,
    positional_question,
)
from calculator.learn.exercises.published import PUBLISHED
from calculator.learn.exercises.seeded_random import SeededRandom
from calculator.settings import FIELD

MAX_SEED = FIELD["seed"].maximum
MAX_QUESTIONS = FIELD["exercise"].maximum
"""The maximum number of exercises of one seed and level; no two of them are about the same layers."""

LEVELS = {
    1: "2-D layers with a square kernel, with and without bias",
    2: "Rectangular kernels, 1-D, 3-D and groups",
    3: "Whole decoders, and questions that go backwards",
    4: "Layers as a course writes them: code without names, and a stride that does not matter",
}
"""The questions of each level."""

MAX_CANDIDATES = 2_000
"""Candidates that are tried for one exercise. A few are enough unless the lists of values are wrong."""

_DECODERS = ("layers", "all", "keras", "trainable")
_TRACKS = {
    1: (("bias", "bias", "no bias"),),
    2: (("rectangular", "1-D", "3-D", "groups"),),
    3: (_DECODERS, ("kernel", "in", "out", "biases")),
    4: (("positional",),),
}
"""The kinds of questions of each level, in tracks that alternate.

Within a track, no kind is repeated before every kind was used.
"""


def exercises(seed: int, level: int, count: int) -> tuple[Exercise, ...]:
    """Return the first ``count`` exercises of a seed and level, numbered from 1.

    A smaller ``count`` gives the beginning of the same exercises. Raises ``LayerError`` for a number out of
    its range.

    >>> [exercise.answer for exercise in exercises(1, 1, 3)]
    [243, 550, 360]
    """
    _check("seed", seed, 0, MAX_SEED)
    _check("level", level, min(LEVELS), max(LEVELS))
    _check("count", count, 0, MAX_QUESTIONS)
    used: set[object] = set()
    return tuple(_exercise(seed, level, number, used) for number in range(1, count + 1))


def exercise(seed: int, level: int, number: int) -> Exercise:
    """Return exercise ``number`` (from 1) of a seed and level. Raises ``LayerError`` as ``exercises`` does.

    >>> exercise(1, 1, 2) == exercises(1, 1, 3)[1]
    True
    """
    _check("number", number, 1, MAX_QUESTIONS)
    # An exercise must differ from all previous exercises, so these have to be generated too.
    return exercises(seed, level, number)[-1]


def _check(name: str, value: object, minimum: int, maximum: int) -> None:
    if type(value) is not int or not minimum <= value <= maximum:
        raise LayerError(
            f"{name} must be a whole number from {minimum} to {maximum:,}, received {short_repr(value)}."
        )


def _exercise(seed: int, level: int, number: int, used: set[object]) -> Exercise:
    """Return the first acceptable candidate whose layers are not in ``used``, and add them to ``used``.

    The exercises of a published set come first, as they are: two mistakes may give the same number there.
    """
    published = PUBLISHED.get((level, seed))
    if published and number <= len(published.layers):
        candidate = positional_question(published.layers[number - 1])
        used.add(candidate.identity)
        return candidate.exercise(level=level, seed=seed, number=number)
    kind, rng = _kind(seed, level, number), SeededRandom(f"{level}:{seed}:{number}")
    for _ in range(MAX_CANDIDATES):
        candidate = _candidate(level, kind, rng)
        if candidate.acceptable and candidate.identity not in used:
            used.add(candidate.identity)
            return candidate.exercise(level=level, seed=seed, number=number)
    raise RuntimeError(f"No question of the kind {kind!r} among {MAX_CANDIDATES} candidates.")


def _candidate(level: int, kind: str, rng: SeededRandom) -> Candidate:
    """Return the next random question of a level and kind."""
    if level == 3:
        return decoder_question(kind, rng) if kind in _DECODERS else inverse_question(kind, rng)
    if level == 4:
        return level_four_question(rng)
    return level_one_question(kind, rng) if level == 1 else level_two_question(kind, rng)


def _kind(seed: int, level: int, number: int) -> str:
    """Return the kind of question that exercise ``number`` has."""
    tracks = _TRACKS[level]
    first = SeededRandom(f"{level}:{seed}:first").below(len(tracks))
    track = (number - 1 + first) % len(tracks)
    turn, index = divmod((number - 1) // len(tracks), len(tracks[track]))
    return SeededRandom(f"{level}:{seed}:kinds {track}:{turn}").shuffled(tracks[track])[index]
