"""Exercises from a seed: the same ones everywhere and forever."""

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.learn.exercise import Exercise
from calculator.learn.exercises.candidate import Candidate
from calculator.learn.exercises.decoder_questions import decoder
from calculator.learn.exercises.inverse_questions import backwards
from calculator.learn.exercises.layer_questions import level_one, level_two
from calculator.learn.exercises.seeded_random import SeededRandom

MAX_SEED = 999_999_999
MAX_QUESTIONS = 30
"""Exercises of one seed and level; no two of them ask the same."""

LEVELS = {
    1: "2-D layers with a square kernel, with and without bias",
    2: "Rectangular kernels, 1-D, 3-D and groups",
    3: "Whole decoders, and questions that go backwards",
}
"""What each level asks."""

MAX_DRAWS = 2_000
"""Draws of one exercise; a few are the rule, so that this many are an error in what is drawn from."""

_DECODERS = ("layers", "all", "keras", "trainable")
_TRACKS = {
    1: (("bias", "bias", "no bias"),),
    2: (("rectangular", "1-D", "3-D", "groups"),),
    3: (_DECODERS, ("kernel", "in", "out", "biases")),
}
"""The kinds of questions. Tracks take turns; in a track each kind comes once before any comes again."""


def exercises(seed: int, level: int, count: int) -> tuple[Exercise, ...]:
    """Return the first ``count`` exercises of a seed and level, numbered from 1.

    Fewer of them are the first of more. Raises ``LayerError`` for a number out of its range.

    >>> [one.answer for one in exercises(1, 1, 3)]
    [243, 550, 360]
    """
    _check("seed", seed, 0, MAX_SEED)
    _check("level", level, min(LEVELS), max(LEVELS))
    _check("count", count, 0, MAX_QUESTIONS)
    asked: set[object] = set()
    return tuple(_exercise(seed, level, number, asked) for number in range(1, count + 1))


def exercise(seed: int, level: int, number: int) -> Exercise:
    """Return one exercise: the last of the first ``number``. Raises ``LayerError`` as ``exercises`` does.

    >>> exercise(1, 1, 2) == exercises(1, 1, 3)[1]
    True
    """
    _check("number", number, 1, MAX_QUESTIONS)
    return exercises(seed, level, number)[-1]


def _check(name: str, value: object, minimum: int, maximum: int) -> None:
    if type(value) is not int or not minimum <= value <= maximum:
        raise LayerError(
            f"{name} must be a whole number from {minimum} to {maximum:,}, received {short_repr(value)}."
        )


def _exercise(seed: int, level: int, number: int, asked: set[object]) -> Exercise:
    """Draw until one may be asked that is not among the ``asked``, and add it to them."""
    kind, draws = _kind(seed, level, number), SeededRandom(f"{level}:{seed}:{number}")
    for _ in range(MAX_DRAWS):
        draft = _drawn(level, kind, draws)
        if draft.clear and draft.same not in asked:
            asked.add(draft.same)
            return _finished(draft, level, seed, number)
    raise RuntimeError(f"No question of the kind {kind!r} in {MAX_DRAWS} draws.")


def _drawn(level: int, kind: str, draws: SeededRandom) -> Candidate:
    if level == 3:
        return decoder(kind, draws) if kind in _DECODERS else backwards(kind, draws)
    return level_one(kind, draws) if level == 1 else level_two(kind, draws)


def _kind(seed: int, level: int, number: int) -> str:
    """Return what kind of question has that number."""
    tracks = _TRACKS[level]
    first = SeededRandom(f"{level}:{seed}:first").below(len(tracks))
    track = (number - 1 + first) % len(tracks)
    turn, place = divmod((number - 1) // len(tracks), len(tracks[track]))
    return SeededRandom(f"{level}:{seed}:kinds {track}:{turn}").shuffled(tracks[track])[place]


def _finished(draft: Candidate, level: int, seed: int, number: int) -> Exercise:
    return Exercise(
        level,
        seed,
        number,
        draft.question,
        draft.listing,
        draft.asked,
        draft.answer,
        draft.working,
        draft.mistakes,
        draft.layer,
    )
