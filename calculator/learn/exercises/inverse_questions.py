"""Questions that go backwards: the number of parameters is known, a setting of the layer is not."""

from calculator.core.derivation import Step
from calculator.core.formatting import format_count
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake
from calculator.learn.exercises.candidate import Candidate
from calculator.learn.exercises.seeded_random import SeededRandom
from calculator.learn.mistakes import inverse as inverse

CHANNELS = (2, 3, 4, 4, 5, 6, 8, 10, 12, 16, 16, 20, 24, 32, 48, 64, 64)
KERNELS = (2, 3, 3, 4, 4, 5, 5, 6, 7)
MAX_PARAMETERS = 149_999

EVEN = (
    *((1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (6, 2), (8, 2), (10, 2), (12, 2), (16, 2)),
    *((1, 3), (2, 3), (3, 3), (4, 3), (5, 3), (6, 3), (1, 4), (2, 4), (3, 4), (1, 5), (2, 5)),
)
"""in_channels and kernel_size of which in · k² is at most 64."""

OPENINGS = ("The layer nn.{} has {} parameters.", "In PyTorch, the layer nn.{} has {} parameters.")


def backwards(kind: str, draws: SeededRandom) -> Candidate:
    """Return a question for one setting; ``kind`` is "kernel", "in", "out" or "biases"."""
    layer = _layer(kind, draws)
    asked, question, working, mistakes = _asked(kind, layer)
    settings = {
        "in_channels": layer.in_channels,
        "out_channels": layer.out_channels,
        "kernel_size": layer.kernel_size[0],
        "bias": layer.bias,
    }
    name = {"kernel": "kernel_size", "in": "in_channels", "out": "out_channels", "biases": "bias"}[kind]
    shown = ", ".join(f"{key}={'?' if key == name else value}" for key, value in settings.items())
    opening = draws.pick(OPENINGS).format(f"ConvTranspose2d({shown})", format_count(layer.parameter_count))
    minimum = 1 if kind == "out" and layer.bias else 2
    return Candidate(
        question=f"{opening} {question}",
        listing="",
        asked=asked,
        answer=working[-1].value,
        working=working,
        mistakes=mistakes,
        layer=layer,
        same=layer,
        fair=layer.parameter_count <= MAX_PARAMETERS and len(mistakes) >= minimum,
    )


def _layer(kind: str, draws: SeededRandom) -> ConvTranspose:
    """Draw a layer; with a bias and ``out_channels`` asked, one where forgetting the bias comes out even."""
    bias = not draws.chance(3) if kind != "biases" else draws.chance(2)
    inputs, outputs, kernel = draws.pick(CHANNELS), draws.pick(CHANNELS), draws.pick(KERNELS)
    if kind == "out" and bias:
        inputs, kernel = draws.pick(EVEN)
        share = inputs * kernel**2
        outputs = share * (1 + draws.below(64 // share))
    return ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=kernel, bias=bias)


def _asked(kind: str, layer: ConvTranspose) -> tuple[str, str, tuple[Step, ...], tuple[Mistake, ...]]:
    """Return what is asked, the words, the working and the mistakes."""
    if kind == "kernel":
        question = "Its kernel is square. What is kernel_size, the length of its side?"
        return "kernel size", question, inverse.kernel_steps(layer) or (), inverse.kernel_mistakes(layer)
    if kind == "in":
        working, mistakes = inverse.in_steps(layer) or (), inverse.in_mistakes(layer)
        return "input channels", "What is in_channels?", working, mistakes
    if kind == "out":
        working, mistakes = inverse.out_steps(layer) or (), inverse.out_mistakes(layer)
        return "output channels", "What is out_channels?", working, mistakes
    working, mistakes = inverse.bias_steps(layer), inverse.bias_mistakes(layer)
    return "biases", "How many of them are biases?", working, mistakes
