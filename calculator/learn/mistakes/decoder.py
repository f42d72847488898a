"""The parameters of a decoder counted by hand, and the common mistakes with its layers and BatchNorms."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from calculator.core.derivation import Step
from calculator.core.formatting import format_count, format_product
from calculator.learn.exercise import DecoderLayer, Mistake, Steps
from calculator.learn.mistakes.hand_count import (
    BIAS_ROW,
    MAX_REMEMBERED,
    HandCount,
    QuestionFacts,
    correct_count,
    given,
)
from calculator.learn.mistakes.layer import (
    EXERCISE_KINDS,
    MAX_QUESTIONS,
    MistakeKind,
    has_another_name,
    wrong_counts,
)

Counts = tuple[HandCount, ...]
"""The count of every transposed convolution of a decoder, in order."""

NORM_VALUES = {
    0: "not counted",
    1: "one value per channel",
    2: "scale and shift",
    4: "scale, shift, moving mean and variance",
}
"""The values of a BatchNorm that are counted, by their number for each channel."""


Decoder = Sequence[DecoderLayer]

_Change = tuple[str, str, str, tuple[Any, ...]]
"""Key, name and hint of a mistake, with the wrong counts of the layers and, last, the wrong rule."""


class CountingRule(NamedTuple):
    """The choice of the values that are counted in a decoder.

    ``norm`` is the number of values counted for each channel of a BatchNorm. ``frozen`` selects the
    counted values of frozen layers; ``trainable`` is whether the other layers are counted.
    """

    norm: int
    frozen: Literal["all", "biases", "nothing"] = "all"
    trainable: bool = True


@dataclass(frozen=True)
class RuleMistake:
    """A kind of mistake in the counting rule: ``change`` returns the wrong rule for the correct rule."""

    key: str
    name: str
    hint: str
    change: Callable[[CountingRule], CountingRule]


def correct_counts(decoder: Decoder) -> Counts:
    """Return the correct count of every transposed convolution."""
    return tuple(correct_count(part.layer) for part in decoder if part.layer)


def decoder_steps(decoder: Decoder, counts: Counts, rule: CountingRule, quantity: str) -> tuple[Step, ...]:
    """Return the count of a decoder: two steps for a transposed convolution, one for a BatchNorm, the sum.

    >>> from calculator.core.layer import ConvTranspose
    >>> layer = ConvTranspose(in_channels=16, out_channels=8, kernel_size=2, bias=False)
    >>> decoder = DecoderLayer(0, layer, 8), DecoderLayer(1, None, 8)
    >>> for step in decoder_steps(decoder, correct_counts(decoder), CountingRule(norm=2), "parameters"):
    ...     print(f"{step.what}: {step.expression} = {step.value}")
    (0) weights: 16 × 8 × 2 × 2 = 512
    (0) biases, switched off: 0 = 0
    (1) BatchNorm, scale and shift: 2 × 8 = 16
    Parameters: 512 + 16 = 528
    """
    left = iter(counts)
    steps: list[Step] = []
    for part in decoder:
        steps.extend(_layer_steps(part, next(left), rule) if part.layer else (_norm_step(part, rule),))
    values = [step.value for step in steps]
    total = " + ".join(format_count(value) for value in values if value) or "0"
    return (*steps, Step(quantity.capitalize(), total, sum(values), "parameters"))


def _norm_step(part: DecoderLayer, rule: CountingRule) -> Step:
    """Return the step of a BatchNorm."""
    norm = rule.norm if rule.trainable else 0
    text = format_product((norm, part.channels)) if norm else "0"
    return Step(f"({part.index}) BatchNorm, {NORM_VALUES[norm]}", text, norm * part.channels, "parameters")


def _layer_steps(part: DecoderLayer, count: HandCount, rule: CountingRule) -> tuple[Step, Step]:
    """Return the steps of the weights and of the biases; each is 0 when the rule does not count it."""
    reason, counted = "frozen" if part.frozen else "not counted", _counted(part, rule)
    weights = given(f"({part.index}) weights, {reason}", "0", 0, "weights")
    biases = given(f"({part.index}) biases, {reason}", "0", 0, "biases")
    if counted == "all":
        weights = _weights_step(
            part.index, count.channels, count.kernel_expression, count.kernel_volume, count.weight_factors
        )
    if counted != "nothing":
        biases = _biases_step(part.index, count.labels[BIAS_ROW], count.biases)
    return weights, biases


@lru_cache(maxsize=MAX_REMEMBERED)
def _weights_step(
    index: int, channels: tuple[int, ...], kernel: str, volume: int, factors: tuple[int, ...]
) -> Step:
    """Return the step of the weights of one layer, a product; a sum inside the product is in brackets."""
    kernel = f"({kernel})" if "+" in kernel else kernel
    times = f" × {format_product(factors)}" if factors else ""
    value = math.prod((*channels, volume, *factors))
    return Step(f"({index}) weights", f"{format_product(channels)} × {kernel}{times}", value, "weights")


@lru_cache(maxsize=MAX_REMEMBERED)
def _biases_step(index: int, label: str, biases: int) -> Step:
    """Return the step of the biases of one layer, which have the name ``label``."""
    return Step(f"({index}) {label[0].lower()}{label[1:]}", format_count(biases), biases, "biases")


def decoder_values(decoder: Decoder, counts: Counts, rule: CountingRule) -> list[int]:
    """Return the values of ``decoder_steps`` without the sum, which a question needs dozens of times."""
    left = iter(counts)
    values = []
    for part in decoder:
        if part.layer is None:
            values.append(rule.norm * part.channels if rule.trainable else 0)
            continue
        count, counted = next(left), _counted(part, rule)
        values.append(count.weights if counted == "all" else 0)
        values.append(count.biases if counted != "nothing" else 0)
    return values


def _counted(part: DecoderLayer, rule: CountingRule) -> str:
    """Return which values of a transposed convolution are counted: "all", "biases" or "nothing"."""
    return rule.frozen if part.frozen else "all" if rule.trainable else "nothing"


def decoder_mistakes(decoder: Decoder, rule: CountingRule, quantity: str) -> tuple[Mistake, ...]:
    """Return the mistakes of an exercise about a decoder whose values are counted by ``rule``."""
    return _effective(decoder_changes(tuple(decoder), rule, quantity), decoder, rule)


@lru_cache(maxsize=MAX_QUESTIONS)
def decoder_changes(
    decoder: tuple[DecoderLayer, ...], rule: CountingRule, quantity: str
) -> tuple[Mistake, ...]:
    """Return the mistakes of ``decoder_mistakes``, and those that change a value only in a pair.

    A mistake in the frozen layer, for example, changes a value when the frozen layer is counted.
    """
    counts = correct_counts(decoder)
    wrongs = [(key, name, hint, (*wrong, rule)) for key, name, hint, wrong in layer_changes(decoder, counts)]
    return (
        *_mistakes(wrongs, decoder, rule, quantity),
        *_mistakes(_rule_changes(rule_kinds(decoder, rule), counts, rule), decoder, rule, quantity),
    )


def rule_mistakes(
    kinds: Sequence[RuleMistake], decoder: Decoder, rule: CountingRule, quantity: str
) -> tuple[Mistake, ...]:
    """Return the mistakes of some ``kinds`` that change the count of a decoder."""
    changes = _rule_changes(kinds, correct_counts(decoder), rule)
    return _effective(_mistakes(changes, decoder, rule, quantity), decoder, rule)


def _rule_changes(kinds: Sequence[RuleMistake], counts: Counts, rule: CountingRule) -> Iterator[_Change]:
    """Yield the correct counts with the wrong rule of each of some kinds."""
    return ((kind.key, kind.name, kind.hint, (*counts, kind.change(rule))) for kind in kinds)


def _mistakes(
    changes: Iterable[_Change], decoder: Decoder, rule: CountingRule, quantity: str
) -> tuple[Mistake, ...]:
    """Return each of the changes as a mistake."""
    correct = decoder_steps(decoder, correct_counts(decoder), rule, quantity)

    def derive(counts: tuple[Any, ...]) -> Steps:
        return decoder_steps(decoder, counts[:-1], counts[-1], quantity)

    return tuple(
        Mistake(key, name, hint, sum(decoder_values(decoder, wrong[:-1], wrong[-1])), correct, wrong, derive)
        for key, name, hint, wrong in changes
    )


def _effective(mistakes: Sequence[Mistake], decoder: Decoder, rule: CountingRule) -> tuple[Mistake, ...]:
    """Return the mistakes that change a value of the correct working."""
    right = decoder_values(decoder, correct_counts(decoder), rule)
    return tuple(
        mistake
        for mistake in mistakes
        if decoder_values(decoder, mistake.counts[:-1], mistake.counts[-1]) != right
    )


def layer_changes(decoder: Decoder, counts: Counts) -> Iterator[tuple[str, str, str, Counts]]:
    """Yield key, name, hint and wrong counts of every mistake, made in each layer where it is possible."""
    layers = [part.layer for part in decoder if part.layer]
    wrong: dict[MistakeKind, dict[int, HandCount]] = {kind: {} for kind in EXERCISE_KINDS}
    for index, layer in enumerate(layers):
        for kind, count in wrong_counts(QuestionFacts(layer, stride_given=True)):
            wrong[kind][index] = count
    for kind, changed in wrong.items():
        # A mistake that equals another kind in every changed layer is reported under the name of that kind.
        if not all(has_another_name(kind.key, layers[index]) for index in changed):
            mixed = tuple(changed.get(index, count) for index, count in enumerate(counts))
            # The layers have different kernels, so the name leaves out the size of one of them.
            name = kind.name_for(layers[0]).partition(":")[0]
            yield kind.key, name, kind.hint_for(layers[0]), mixed


NORM_FORGOTTEN = RuleMistake(
    "norm-forgotten",
    "BatchNorm not counted",
    "A BatchNorm has its own values for each of its channels.",
    lambda rule: rule._replace(norm=0),
)
NORM_SINGLE = RuleMistake(
    "norm-single",
    "one value for each channel of a BatchNorm",
    "A BatchNorm has more than one value for each channel: a scale and a shift.",
    lambda rule: rule._replace(norm=1),
)
STATISTICS_FORGOTTEN = RuleMistake(
    "statistics-forgotten",
    "BatchNorm's running statistics not counted",
    "Keras' total also has a moving mean and a moving variance for each channel.",
    lambda rule: rule._replace(norm=2),
)
STATISTICS_COUNTED = RuleMistake(
    "statistics-counted",
    "BatchNorm's running statistics counted",
    "The running statistics are not trained, and PyTorch keeps them outside parameters().",
    lambda rule: rule._replace(norm=4),
)
_LAYERS_ONLY = "The question asks for the transposed convolutions alone."
NORM_COUNTED = RuleMistake(
    "norm-counted", "BatchNorm counted", _LAYERS_ONLY, lambda rule: rule._replace(norm=2)
)
NORM_AND_STATISTICS_COUNTED = RuleMistake(
    "statistics-counted",
    "BatchNorm and its running statistics counted",
    _LAYERS_ONLY,
    lambda rule: rule._replace(norm=4),
)
FROZEN_LEFT_OUT = RuleMistake(
    "frozen-left-out",
    "the frozen layer left out",
    "The question asks for all parameters, and a frozen layer has parameters too.",
    lambda rule: rule._replace(frozen="nothing"),
)
FROZEN_COUNTED = RuleMistake(
    "frozen-counted",
    "the frozen layer counted",
    "A frozen layer is not trained: leave its weights and its biases out.",
    lambda rule: rule._replace(frozen="all"),
)
FROZEN_BIASES = RuleMistake(
    "frozen-biases",
    "the biases of the frozen layer counted",
    FROZEN_COUNTED.hint,
    lambda rule: rule._replace(frozen="biases"),
)
FROZEN_ONLY = RuleMistake(
    "frozen-only",
    "only the frozen layer counted",
    "The frozen layer is the part that is not trained. The question asks for the trained part.",
    lambda rule: rule._replace(frozen="all", trainable=False),
)
TRAINABLE_ONLY = RuleMistake(
    "trainable-only",
    "only the trainable parameters counted",
    "summary() also lists values that are stored but not trained.",
    lambda rule: rule._replace(norm=2, frozen="nothing"),
)
"""A mistake in the total that Keras prints. Exercises do not look for it."""


def rule_kinds(decoder: Decoder, rule: CountingRule) -> tuple[RuleMistake, ...]:
    """Return the mistakes that an exercise looks for in a decoder whose values are counted by ``rule``."""
    norms: tuple[RuleMistake, ...] = ()
    frozen: tuple[RuleMistake, ...] = ()
    if any(part.layer is None for part in decoder):
        statistics = STATISTICS_FORGOTTEN if rule.norm == 4 else STATISTICS_COUNTED
        norms = (NORM_FORGOTTEN, NORM_SINGLE, statistics)
        if rule.norm == 0:
            norms = (NORM_COUNTED, NORM_AND_STATISTICS_COUNTED)
    if any(part.frozen for part in decoder):
        frozen = (FROZEN_COUNTED, FROZEN_BIASES, FROZEN_ONLY)
        if rule.frozen == "all":
            frozen = (FROZEN_LEFT_OUT,)
    return (*norms, *frozen)
