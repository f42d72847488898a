"""A whole decoder counted by hand, rightly and wrongly: layers, BatchNorms, and what is frozen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from calculator.core.derivation import Step
from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake
from calculator.learn.mistakes.hand_count import HandCount, QuestionFacts, correct_count, first_difference
from calculator.learn.mistakes.layer import SLIPS, has_another_name

Counts = tuple[HandCount, ...]
"""The count of every transposed convolution of a decoder, in order."""

NORMS = {
    0: "nothing counted",
    1: "one value a channel",
    2: "scale and shift",
    4: "scale, shift, moving mean and variance",
}
"""What is counted of a BatchNorm, by the number of values for each channel."""


@dataclass(frozen=True)
class Unit:
    """A layer of a decoder with numbers in it, at its ``place`` in the listing.

    A transposed convolution, or where ``layer`` is ``None`` a BatchNorm over ``channels``.
    """

    place: int
    layer: ConvTranspose | None
    channels: int
    frozen: bool = False


@dataclass(frozen=True)
class Way:
    """How someone counts a decoder, rightly or not.

    ``norm`` are the values counted for each channel of a BatchNorm; ``frozen`` and ``thawed`` say what is
    counted of layers that are frozen, and of all others.
    """

    norm: int
    frozen: Literal["all", "biases", "nothing"] = "all"
    thawed: bool = True


def right_counts(units: tuple[Unit, ...]) -> Counts:
    """Return the right counts of the transposed convolutions."""
    return tuple(correct_count(unit.layer) for unit in units if unit.layer)


def decoder_steps(units: tuple[Unit, ...], counts: Counts, way: Way, asked: str) -> tuple[Step, ...]:
    """Return the count of a decoder: two steps for a transposed convolution, one for a BatchNorm, the sum.

    >>> layer = ConvTranspose(in_channels=16, out_channels=8, kernel_size=2, bias=False)
    >>> units = Unit(0, layer, 8), Unit(1, None, 8)
    >>> for step in decoder_steps(units, right_counts(units), Way(2), "parameters"):
    ...     print(f"{step.what}: {step.expression} = {step.value}")
    (0) weights: 16 × 8 × 2 × 2 = 512
    (0) biases, switched off: 0 = 0
    (1) BatchNorm, scale and shift: 2 × 8 = 16
    Parameters: 512 + 16 = 528
    """
    left = iter(counts)
    steps: list[Step] = []
    for unit in units:
        steps.extend(_layer_steps(unit, next(left), way) if unit.layer else (_norm_step(unit, way),))
    values = [step.value for step in steps]
    total = " + ".join(format_count(value) for value in values if value) or "0"
    return (*steps, Step(asked.capitalize(), total, sum(values), "parameters"))


def _norm_step(unit: Unit, way: Way) -> Step:
    norm = way.norm if way.thawed else 0
    text = format_product((norm, unit.channels)) if norm else "0"
    return Step(f"({unit.place}) BatchNorm, {NORMS[norm]}", text, norm * unit.channels, "parameters")


def _layer_steps(unit: Unit, counted: HandCount, way: Way) -> tuple[Step, Step]:
    """Return the steps of the weights and of the biases, each 0 where it is not counted."""
    label, left_out = f"({unit.place})", "frozen" if unit.frozen else "not counted"
    weights = Step(f"{label} weights, {left_out}", "0", 0, "weights")
    biases = Step(f"{label} biases, {left_out}", "0", 0, "biases")
    counts = way.frozen if unit.frozen else "all" if way.thawed else "nothing"
    if counts == "all":
        weights = Step(f"{label} weights", _weights_text(counted), counted.weights, "weights")
    if counts != "nothing":
        what = counted.bias_what[0].lower() + counted.bias_what[1:]
        biases = Step(f"{label} {what}", format_count(counted.biases), counted.biases, "biases")
    return weights, biases


def _weights_text(counted: HandCount) -> str:
    kernel = f"({counted.kernel})" if "+" in counted.kernel else counted.kernel
    more = f" × {format_product(counted.more)}" if counted.more else ""
    return f"{format_product(counted.kernels)} × {kernel}{more}"


Wrong = tuple[str, str, str, Counts, Way]
Named = tuple[str, str, str, Way]
"""Key, name and hint of a mistake, and how it counts."""


def decoder_mistakes(units: tuple[Unit, ...], way: Way, asked: str) -> tuple[Mistake, ...]:
    """Return the mistakes that can be made in counting a decoder the right ``way``."""
    counts = right_counts(units)
    right = decoder_steps(units, counts, way, asked)
    others = (*_norms(units, way), *_frozen(units, way))
    ways = [(key, name, hint, counts, other) for key, name, hint, other in others]
    found = []
    for key, name, hint, wrong_counts, wrong_way in (*_slips(units, counts, way), *ways):
        wrong = decoder_steps(units, wrong_counts, wrong_way, asked)
        if [step.value for step in wrong] != [step.value for step in right]:
            found.append(Mistake(key, name, wrong[-1].value, wrong, first_difference(right, wrong), hint))
    return tuple(found)


def _slips(units: tuple[Unit, ...], counts: Counts, way: Way) -> Iterator[Wrong]:
    """Yield the mistakes in counting a layer, made in every layer of the decoder where it can be."""
    told = [QuestionFacts(unit.layer, strided=True) for unit in units if unit.layer]
    for slip in SLIPS:
        wrong = [slip.formula(one, right) for one, right in zip(told, counts, strict=True)]
        made = [one.layer for one, counted in zip(told, wrong, strict=True) if counted]
        if not all(has_another_name(slip.key, layer) for layer in made):
            mixed = tuple(one or right for one, right in zip(wrong, counts, strict=True))
            first = told[0].layer
            yield slip.key, slip.named(first), slip.hint_for(first), mixed, way


def norm_forgotten(way: Way) -> Way:
    """Return the way that counts no BatchNorm."""
    return replace(way, norm=0)


def norm_single(way: Way) -> Way:
    """Return the way that counts one value for each channel of a BatchNorm."""
    return replace(way, norm=1)


def norm_counted(way: Way) -> Way:
    """Return the way that counts what a BatchNorm trains: its scale and its shift."""
    return replace(way, norm=2)


def statistics_counted(way: Way) -> Way:
    """Return the way that counts a BatchNorm's moving mean and variance too."""
    return replace(way, norm=4)


def _norms(units: tuple[Unit, ...], way: Way) -> Iterator[Named]:
    """Yield the mistakes with BatchNorm."""
    if all(unit.layer for unit in units):
        return
    if way.norm == 0:
        hint = "Only the transposed convolutions are asked for."
        yield "norm-counted", "BatchNorm counted", hint, norm_counted(way)
        yield (
            "statistics-counted",
            "BatchNorm and its running statistics counted",
            hint,
            statistics_counted(way),
        )
        return
    hint = "A BatchNorm has values of its own for each of its channels."
    yield "norm-forgotten", "BatchNorm not counted", hint, norm_forgotten(way)
    hint = "A BatchNorm has more than one value for each channel: a scale and a shift."
    yield "norm-single", "one value for each channel of a BatchNorm", hint, norm_single(way)
    if way.norm == 4:
        hint = "Keras' total also has a moving mean and a moving variance for each channel."
        yield "statistics-forgotten", "BatchNorm's running statistics not counted", hint, norm_counted(way)
    else:
        hint = "The running statistics never train, and PyTorch keeps them outside parameters()."
        yield "statistics-counted", "BatchNorm's running statistics counted", hint, statistics_counted(way)


def frozen_counted(way: Way) -> Way:
    """Return the way that counts frozen layers too."""
    return replace(way, frozen="all")


def frozen_biases(way: Way) -> Way:
    """Return the way that counts the biases of frozen layers."""
    return replace(way, frozen="biases")


def frozen_only(way: Way) -> Way:
    """Return the way that counts nothing but frozen layers."""
    return replace(way, frozen="all", thawed=False)


def frozen_left_out(way: Way) -> Way:
    """Return the way that leaves frozen layers out."""
    return replace(way, frozen="nothing")


def _frozen(units: tuple[Unit, ...], way: Way) -> Iterator[Named]:
    """Yield the mistakes with frozen layers."""
    if not any(unit.frozen for unit in units):
        return
    if way.frozen == "all":
        hint = "Frozen or not, every parameter is there: all of them are asked for."
        yield "frozen-left-out", "the frozen layer left out", hint, frozen_left_out(way)
        return
    hint = "What is frozen does not train: leave its weights and its biases out."
    yield "frozen-counted", "the frozen layer counted", hint, frozen_counted(way)
    yield "frozen-biases", "the biases of the frozen layer counted", hint, frozen_biases(way)
    hint = "That is what does not train; what does is asked for."
    yield "frozen-only", "only the frozen layer counted", hint, frozen_only(way)
