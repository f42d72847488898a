"""A step of the lesson: its idea, its question with an exact answer, and the conclusion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from calculator.core.derivation import derive_parameters
from calculator.core.layer import ConvTranspose
from calculator.core.totals import Tally
from calculator.learn.exercise import Mistake, Question
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.learn.mistakes.layer import KINDS, has_another_name, mistakes_of_kinds
from calculator.settings.fields import Value


@dataclass(frozen=True)
class Offer:
    """A change after which the step is about the visitor's own layer, and the label of its button."""

    label: str
    changes: Mapping[str, Value]


@dataclass(frozen=True, kw_only=True)
class LessonStep(Question):
    """A step of the lesson for one layer.

    ``idea`` introduces the question, ``conclusion`` follows the answer. ``layer`` is drawn in the figure;
    ``layer_note`` explains why it is not the visitor's layer, "" when it is. The settings in ``other`` are
    then not those of the visitor, so the step has no controls for them and makes ``offers`` instead.
    ``tallies`` are the three totals of the last step. ``facts`` are those of a count of one layer, ``None``
    for several layers. ``number`` (from 1) and ``title`` come from the table in lesson.py.
    """

    idea: str
    conclusion: str
    layer: ConvTranspose
    layer_note: str = ""
    other: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()
    tallies: tuple[Tally, ...] = ()
    facts: QuestionFacts | None = None
    number: int = 0
    title: str = ""


def count_step(
    facts: QuestionFacts,
    rows: slice,
    kinds: Sequence[str],
    *,
    idea: str,
    question: str,
    conclusion: str,
    layer_note: str = "",
    other: tuple[str, ...] = (),
    offers: tuple[Offer, ...] = (),
) -> LessonStep:
    """Return a step about some ``rows`` of ``derive_parameters``; the last of these rows has the answer.

    ``kinds`` are the keys of the mistakes that the step is about, the most common first. Other mistakes
    follow where they have another number.
    """
    working = derive_parameters(facts.layer)[rows]
    answer = working[-1].value
    return LessonStep(
        question=question,
        answer=answer,
        working=working,
        mistakes=tuple(mistake for mistake in _mistakes(facts, rows, kinds) if mistake.value != answer),
        layer=facts.layer,
        quantity=working[-1].part,
        idea=idea,
        conclusion=conclusion,
        layer_note=layer_note,
        facts=facts,
        other=other,
        offers=offers,
    )


def _mistakes(facts: QuestionFacts, rows: slice, kinds: Sequence[str]) -> tuple[Mistake, ...]:
    """Return the mistakes of ``kinds`` in this order, then those of other kinds with numbers of their own."""
    by_key = {kind.key: kind for kind in KINDS}
    expected = mistakes_of_kinds((by_key.pop(key) for key in kinds), facts, rows)
    found = {mistake.value for mistake in expected}
    rest = (kind for kind in by_key.values() if not has_another_name(kind.key, facts.layer))
    # Reversed twice, so that of several kinds with one number the first in ``KINDS`` is kept, in its order.
    others = {mistake.value: mistake for mistake in reversed(mistakes_of_kinds(rest, facts, rows))}
    return (*expected, *(others[value] for value in reversed(others) if value not in found))
