"""The parts of a layer or a decoder that a wrong answer counted, and those that it left out."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from calculator.core.derivation import derive_parameters
from calculator.core.formatting import format_count, join_words, noun_for, plural
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import DecoderLayer, Mistake, Question
from calculator.learn.mistakes.hand_count import BIAS_ROW

KERNELS = {
    "one-kernel": "only one kernel",
    "in-forgotten": "only the kernels of one input channel",
    "out-forgotten": "only the kernels of one output channel",
    "groups-twice": "only the kernels of one group",
    "groups-ignored": "also kernels between two groups, which do not exist",
}
"""The mistakes that count other kernels than the layer has."""


@dataclass(frozen=True)
class Coverage:
    """The part of ``layer`` that a mistake counts, and how often.

    ``keys`` are the mistakes, ``cells`` the weights counted in each kernel, ``biases`` the biases counted.
    ``times`` is how often each weight was counted, and ``total_times`` how often the sum was counted.
    """

    layer: ConvTranspose
    keys: tuple[str, ...]
    cells: int
    biases: int
    times: int
    total_times: int

    def kernel(self, i: int, o: int) -> bool:
        """Return whether the kernel from input channel ``i`` to output channel ``o``, from 0, was counted."""
        inputs, outputs = self.layer.in_channels // self.layer.groups, self.layer.weight_shape[1]
        together = i // inputs == o // outputs
        counted = {
            "one-kernel": i == o == 0,
            "in-forgotten": together and i % inputs == 0,
            "out-forgotten": together and o % outputs == 0,
            "groups-twice": i < inputs and o < outputs,
            "groups-ignored": True,
        }
        return next((counted[key] for key in self.keys if key in counted), together)

    @property
    def sentence(self) -> str:
        """The sentence about the parts that were counted, in the words of the question."""
        layer = self.layer
        parts = [KERNELS[key] for key in self.keys if key in KERNELS]
        if layer.groups > 1 and {"in-forgotten", "out-forgotten"} & {*self.keys}:
            parts = [f"{part} of each group" for part in parts]
        if self.cells != layer.kernel_volume:
            weights = plural(layer.kernel_volume, "weight")
            parts.append(f"{format_count(self.cells)} instead of {weights} in each kernel")
        if self.times > 1:
            parts.append(f"each weight {format_count(self.times)} times")
        if self.biases != layer.bias_count:
            parts.append(f"{format_count(self.biases)} instead of {plural(layer.bias_count, 'bias')}")
        if self.total_times > 1:
            parts.append(f"everything {format_count(self.total_times)} times")
        return f"Counted: {join_words(parts)}."


def coverage(question: Question, mistake: Mistake) -> Coverage | None:
    """Return what ``mistake`` counts in the layer of a question.

    ``None`` is returned for a question that is not about all the parameters of one layer.

    >>> from calculator.learn.mistakes.hand_count import QuestionFacts
    >>> from calculator.learn.mistakes.layer import layer_mistakes
    >>> layer = ConvTranspose(in_channels=5, out_channels=3, kernel_size=4)
    >>> mistakes, working = layer_mistakes(QuestionFacts(layer)), derive_parameters(layer)
    >>> question = Question(question="?", answer=243, working=working, mistakes=mistakes, layer=layer)
    >>> [coverage(question, mistake).sentence for mistake in mistakes if mistake.value in (83, 240)]
    ['Counted: 0 instead of 3 biases.', 'Counted: only the kernels of one output channel.']
    """
    layer = question.layer
    if layer is None or question.working != derive_parameters(layer):
        return None
    values = [step.value for step in mistake.working]
    # The rows of ``derive_parameters``. What exceeds their product was multiplied once more by mistake.
    cells, kernels, weights, biases = values[0], values[2], values[BIAS_ROW - 1], values[BIAS_ROW]
    return Coverage(
        layer,
        tuple(mistake.key.split("+")),
        cells,
        biases,
        weights // (kernels * cells),
        mistake.value // (weights + biases),
    )


State = Literal["counted", "left out", "too much", "another number", "not counted"]
"""How a part of a decoder was counted: "counted" and "not counted" are right, the others are wrong."""

NORM_PARTS = ("scale", "shift", "mean and variance")
"""The parts of a BatchNorm, of one, one and two values for each channel."""

_NORM_ENDS = (1, 2, 4)
"""The number of values for each channel up to the end of each part."""

_SENTENCES = {
    "left out": "Left out",
    "too much": "Too much",
    "another number": "Counted, but with another number",
}


class Part(NamedTuple):
    """A part of a layer, such as its biases, and how a wrong answer counted the part."""

    name: str
    state: State


@dataclass(frozen=True)
class CountedLayer:
    """A layer of a decoder with its parts: the weights and the biases, or the values of a BatchNorm."""

    layer: DecoderLayer
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """The name of the layer, short enough for a phone: its index in the listing, and its channels."""
        if self.layer.layer is None:
            return f"({self.layer.index}) BatchNorm"
        inputs, outputs = self.layer.layer.in_channels, self.layer.layer.out_channels
        return f"({self.layer.index}) {format_count(inputs)} → {format_count(outputs)}"


@dataclass(frozen=True)
class DecoderCoverage:
    """The parts of a decoder that a mistake counts.

    ``first`` is the first transposed convolution whose weights or biases are counted with another number, and
    ``index`` its index in the listing; ``None`` when there is no such layer.
    """

    layers: tuple[CountedLayer, ...]
    first: Coverage | None
    index: int | None

    @property
    def sentence(self) -> str:
        """The sentences about parts that were left out, too much or counted with another number."""
        sentences = []
        for state, words in _SENTENCES.items():
            places: dict[str, list[str]] = {}
            for counted in self.layers:
                for part in counted.parts:
                    if part.state == state:
                        places.setdefault(part.name, []).append(f"({counted.layer.index})")
            by_layers: dict[tuple[str, ...], list[str]] = {}
            for name, found in places.items():
                by_layers.setdefault(tuple(found), []).append(name)
            phrases = [
                f"the {join_words(names)} of {noun_for(len(found), 'layer')} {join_words(found)}"
                for found, names in by_layers.items()
            ]
            sentences += [f"{words}: {join_words(phrases)}."] if phrases else []
        return " ".join(sentences)


def decoder_coverage(question: Question, mistake: Mistake) -> DecoderCoverage | None:
    """Return what ``mistake`` counts in the decoder of a question, ``None`` for a question without decoder.

    >>> from calculator.learn.exercises.generator import exercise
    >>> asked = exercise(1, 3, 1)
    >>> decoder_coverage(asked, asked.mistakes[0]).sentence
    'Left out: the biases of layers (0) and (3).'
    """
    if not question.decoder:
        return None
    # The workings have two steps for a convolution and one for a BatchNorm; the counts have one entry for
    # each convolution. So all three are read along the listing.
    right, wrong = iter(question.working), iter(mistake.working)
    counts = iter(mistake.counts)
    layers, first, index = [], None, None
    for layer in question.decoder:
        if layer.layer is None:
            parts = tuple(_norm_parts(layer, next(right).value, next(wrong).value))
        else:
            values = [(next(right).value, next(wrong).value) for _ in range(2)]
            parts = tuple(_layer_parts(layer.layer, values))
            count = next(counts)
            if first is None and any(part.state == "another number" for part in parts):
                times, keys = math.prod(count.weight_factors), tuple(mistake.key.split("+"))
                first = Coverage(layer.layer, keys, count.kernel_volume, count.biases, times, 1)
                index = layer.index
        layers.append(CountedLayer(layer, parts))
    return DecoderCoverage(tuple(layers), first, index)


def _layer_parts(layer: ConvTranspose, values: list[tuple[int, int]]) -> Iterator[Part]:
    """Yield the weights and the biases of a layer, from the right and the wrong value of both."""
    for name, exists, (right, wrong) in zip(("weights", "biases"), (True, layer.bias), values, strict=True):
        if exists or wrong:
            yield Part(name, _state(right, wrong))


def _state(right: int, wrong: int) -> State:
    """Return how a part was counted, from its right and its wrong value."""
    if right == wrong:
        return "counted" if right else "not counted"
    return "left out" if not wrong else "too much" if not right else "another number"


def _norm_parts(layer: DecoderLayer, right: int, wrong: int) -> Iterator[Part]:
    """Yield the parts of a BatchNorm. Its statistics are left out where neither value has them."""
    for name, end in zip(NORM_PARTS, _NORM_ENDS, strict=True):
        asked, counted = (int(value >= end * layer.channels) for value in (right, wrong))
        if asked or counted or end < _NORM_ENDS[-1]:
            yield Part(name, _state(asked, counted))
