"""The questions of a class: what is asked, the right answer, and the mistake behind each wrong number.

A room stores a plan, which is a short text. Every process builds the same questions from the same plan, so no
question is stored and none is sent from one process to another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from urllib.parse import parse_qs, urlencode

from calculator.classroom.weights_drawing import weights_svg
from calculator.core.derivation import Step, derive_parameters
from calculator.core.formatting import format_count, short_repr
from calculator.learn.calculation import Calculation
from calculator.learn.exercise import Question
from calculator.learn.exercises.generator import exercises
from calculator.learn.exercises.mystery import mystery_question
from calculator.learn.lesson.lesson import STEP_COUNT, TOPICS, lesson_step
from calculator.learn.lesson.step import LessonStep
from calculator.learn.mistakes.diagnosis import diagnose, reached_step, why_right
from calculator.learn.mistakes.layer import KINDS, mistakes_of_kinds
from calculator.learn.mistakes.pairs import layer_pairs
from calculator.settings import FIELDS, Settings
from calculator.settings.fields import Value
from calculator.settings.layer import layer_values
from calculator.settings.link import decode, encode

PLAN_FORM = "1"
"""The form of a plan. A plan of another form is refused."""

MAX_PLAN_CHARS = 1_000
"""The longest plan; one with every setting of a layer at its longest has about 200 characters."""

MAX_PLAN_FIELDS = 40
"""Settings that a plan may name."""

MAX_REMEMBERED = 32
"""Plans whose questions are kept in memory, because every phone asks for them."""

BIAS_STEP = 4
"""The step of the lesson that explains a count when no mistake says which step does."""

_SOURCES = {"exercises": ("level", "seed", "questions")}
"""The settings that a source of questions depends on, unless it depends on the layer."""


class PlanError(ValueError):
    """A plan from which no questions can be built. The message is a sentence."""


@dataclass(frozen=True)
class Named:
    """The explanation of a wrong number: its ``name`` in a few words, and its ``formula``, without "=".

    ``keys`` are those of the mistakes (two, when two mistakes were made at once).
    """

    name: str
    formula: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClassQuestion:
    """One question for a class. ``title`` says where it comes from.

    ``step`` is the step of the lesson that explains it. ``figure`` is an inline SVG element, "" where the
    question has no figure. ``settings`` are those with which the lesson shows the layer of this question.
    """

    asked: Question
    title: str
    settings: Settings
    step: int = BIAS_STEP
    figure: str = ""

    @property
    def text(self) -> str:
        """The question in one paragraph of plain text."""
        return self.asked.question

    @property
    def listing(self) -> str:
        """The layers as PyTorch prints them, a line each; "" when the text describes them."""
        return self.asked.listing

    @property
    def answer(self) -> int:
        """The right answer."""
        return self.asked.answer

    @property
    def formula(self) -> str:
        """The right calculation in one line, without "="."""
        return formula(self.asked.working)

    @property
    def solution(self) -> str:
        """The right answer, behind its calculation where that is another text."""
        result = format_count(self.answer)
        return result if self.formula == result else f"{self.formula} = {result}"

    def named(self, value: int) -> Named | None:
        """Return the mistake that gives ``value``; ``None`` for the right answer and for an unknown number.

        >>> question = questions(plan(Settings(class_source="exercises", level=1, seed=1)))[0]
        >>> question.answer, question.formula
        (243, '5 × 3 × 16 + 3')
        >>> question.named(240)
        Named(name='the biases forgotten', formula='5 × 3 × 16 + 0', keys=('bias-forgotten',))
        >>> question.named(80).name, question.named(1000)
        ('the biases forgotten and the output channels forgotten', None)
        """
        if value == self.answer:
            return None
        mistakes = diagnose(self.asked, value).mistakes
        if mistakes:
            names = list(dict.fromkeys(mistake.name for mistake in mistakes))
            return Named(" or ".join(names), formula(mistakes[0].working), tuple(mistakes[0].key.split("+")))
        if reached := reached_step(self.asked, value):
            return Named(f"stopped at the step “{reached.what}”", reached.expression)
        return None

    def reply(self, calculation: Calculation) -> str:
        """Return the sentence on a phone about its own answer, after the answers were revealed."""
        diagnosis = diagnose(self.asked, calculation.value, revealed=True, calculation=calculation)
        return f"{diagnosis.sentence} {why_right(self.asked)}" if diagnosis.correct else diagnosis.sentence

    def step_for(self, keys: Sequence[str]) -> int:
        """Return the step of the lesson about the mistake with one of ``keys``; ``step`` if there is none.

        >>> question = questions(plan(Settings(class_source="exercises", level=1, seed=1)))[0]
        >>> question.step_for(["out-forgotten"]), question.step_for(["kernel-side"]), question.step_for([])
        (3, 1, 4)
        """
        if self.is_lesson:
            return self.step
        steps = (lesson_step(self.settings, number) for number in range(1, STEP_COUNT + 1))
        about = {mistake.key: step.number for step in reversed(list(steps)) for mistake in step.mistakes}
        return next((about[key] for key in keys if key in about), self.step)

    @property
    def is_lesson(self) -> bool:
        """Whether the question is a prediction of the lesson."""
        return isinstance(self.asked, LessonStep)


def plan(settings: Settings) -> str:
    """Return the plan of the questions that ``settings`` choose: only the settings that they depend on.

    >>> plan(Settings(class_source="exercises", level=2, seed=7, questions=5, in_channels=64))
    '1?seed=7&level=2&q=5&class=exercises'
    """
    names = _SOURCES.get(settings.class_source)
    used = [field.name for field in FIELDS if (field.name in names if names else field.scope == "layer")]
    asked = Settings(**{name: getattr(settings, name) for name in ("class_source", *used)})
    return f"{PLAN_FORM}?{urlencode(encode(asked))}"


@lru_cache(maxsize=MAX_REMEMBERED)
def questions(text: str) -> tuple[ClassQuestion, ...]:
    """Return the questions of the plan ``text``: the same in every process, at least one.

    Raises ``PlanError`` with a sentence for any text that ``plan`` does not return.

    >>> [question.answer for question in questions(plan(Settings()))]
    [16, 48, 3072, 3136, 520, 3136, 103584]
    >>> questions("2?in=5")
    Traceback (most recent call last):
    ...
    calculator.classroom.questions.PlanError: The questions of this room cannot be read: '2?in=5'.
    """
    settings = _settings(text)
    if settings.class_source == "exercises":
        found = exercises(settings.seed, settings.level, settings.questions)
        return tuple(
            ClassQuestion(
                one,
                f"Exercise {one.number} of level {one.level}, seed {one.seed}",
                settings if one.layer is None else settings.change(**_layer_values(one)),
            )
            for one in found
        )
    if settings.class_source == "layer":
        question = mystery_question(settings)
        return (ClassQuestion(question, "One layer", settings, figure=_figure(question)),)
    return tuple(_lesson_question(settings, number) for number in range(1, STEP_COUNT + 1))


def _settings(text: str) -> Settings:
    """Return the settings that a plan was made from. Raises ``PlanError``."""
    refused = PlanError(f"The questions of this room cannot be read: {short_repr(text)}.")
    form, mark, query = text.partition("?")
    if len(text) > MAX_PLAN_CHARS or (form, mark) != (PLAN_FORM, "?"):
        raise refused
    try:
        opened = decode(parse_qs(query, keep_blank_values=True, max_num_fields=MAX_PLAN_FIELDS))
    except ValueError:
        raise refused from None
    # A plan has one spelling. Another text would be another plan for the same questions.
    if plan(opened.settings) != text:
        raise refused
    return opened.settings


def _lesson_question(settings: Settings, number: int) -> ClassQuestion:
    """Return the prediction of a step of the lesson.

    A question about all parameters of a layer knows every mistake and every pair of mistakes. On the page
    Learn a step recognises only the mistakes that it is about: the steps before have dealt with the others.
    """
    step = lesson_step(settings, number)
    topic = TOPICS[number - 1]
    figure = _figure(step) if topic.figure == "weights" else ""
    if step.facts is not None and step.quantity == "parameters":
        mistakes = mistakes_of_kinds(KINDS, step.facts)
        step = replace(
            step,
            working=derive_parameters(step.facts.layer),
            mistakes=tuple(mistake for mistake in mistakes if mistake.value != step.answer),
            pairs=partial(layer_pairs, step.facts),
        )
    return ClassQuestion(step, f"Lesson, step {number}: {topic.title}", settings, number, figure)


def _figure(question: Question) -> str:
    return weights_svg(question.layer) if question.layer is not None else ""


def _layer_values(question: Question) -> dict[str, Value]:
    assert question.layer is not None
    return layer_values(question.layer)


def formula(working: Sequence[Step]) -> str:
    """Return the last step of a working in one line, with the weights and the kernels written out.

    >>> from calculator.core.layer import ConvTranspose
    >>> formula(derive_parameters(ConvTranspose(in_channels=6, out_channels=10, kernel_size=3)))
    '6 × 10 × 9 + 10'
    """
    text = working[-1].expression
    # The rows of a layer end with kernels, weights, biases, parameters; a question may be about fewer rows.
    last = {"parameters": -3, "weights": -2}.get(working[-1].part, 0)
    for place in range(last, last - 2, -1) if last else ():
        if -place > len(working) or working[place].part != "weights":
            break
        text = _written_out(text, working[place])
    return text


def _written_out(text: str, step: Step) -> str:
    """Return ``text`` with the expression of ``step`` in place of its value at the beginning of ``text``."""
    opening = "(" if text.startswith("(") else ""
    value, rest = format_count(step.value), text.removeprefix("(")
    if not rest.startswith(f"{value} "):
        return text
    expression, following = step.expression, rest.removeprefix(value)
    is_sum = " + " in expression or " − " in expression
    if is_sum and following.startswith((" ×", " ÷")):
        expression = f"({expression})"
    return f"{opening}{expression}{following}"
