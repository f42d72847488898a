"""A step of the lesson: its idea, its question with an exact answer, and the conclusion."""

from collections.abc import Collection
from dataclasses import dataclass

from calculator.core.derivation import derive_parameters
from calculator.core.layer import ConvTranspose
from calculator.core.totals import Tally
from calculator.learn.exercise import Question
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.learn.mistakes.layer import KINDS, mistakes_of_kinds


@dataclass(frozen=True, kw_only=True)
class LessonStep(Question):
    """A step of the lesson for one layer.

    ``idea`` introduces the question, ``conclusion`` follows the answer. ``layer`` is drawn in the figure;
    ``layer_note`` explains why it is not the visitor's layer, "" when it is. ``tallies`` are the three totals
    of the last step. ``facts`` are those of a count of one layer, ``None`` for several layers. ``number``
    (from 1) and ``title`` come from the table in lesson.py.
    """

    idea: str
    conclusion: str
    layer: ConvTranspose
    layer_note: str = ""
    tallies: tuple[Tally, ...] = ()
    facts: QuestionFacts | None = None
    number: int = 0
    title: str = ""


def count_step(
    facts: QuestionFacts,
    rows: slice,
    kinds: Collection[str],
    *,
    idea: str,
    question: str,
    conclusion: str,
    layer_note: str = "",
) -> LessonStep:
    """Return a step about some ``rows`` of ``derive_parameters``; the last of these rows has the answer.

    ``kinds`` are the keys of the mistakes that are recognised in a prediction.
    """
    working = derive_parameters(facts.layer)[rows]
    answer = working[-1].value
    mistakes = mistakes_of_kinds((kind for kind in KINDS if kind.key in kinds), facts, rows)
    return LessonStep(
        question=question,
        answer=answer,
        working=working,
        mistakes=tuple(mistake for mistake in mistakes if mistake.value != answer),
        layer=facts.layer,
        quantity=working[-1].part,
        idea=idea,
        conclusion=conclusion,
        layer_note=layer_note,
        facts=facts,
    )
