"""The weights and biases of a layer that a wrong answer counted, and those that it left out."""

from dataclasses import dataclass

from calculator.core.derivation import derive_parameters
from calculator.core.formatting import format_count, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake, Question
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
        """What was counted, in the words of the question."""
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
    cells, kernels, weights, biases = values[0], values[2], values[BIAS_ROW - 1], values[BIAS_ROW]
    return Coverage(
        layer,
        tuple(mistake.key.split("+")),
        cells,
        biases,
        weights // (kernels * cells),
        mistake.value // (weights + biases),
    )
