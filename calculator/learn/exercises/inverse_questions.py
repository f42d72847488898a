"""Questions that go backwards: the number of parameters is given, one setting of the layer is not."""

from calculator.core.derivation import Step
from calculator.core.formatting import format_count
from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import Mistake
from calculator.learn.exercises.candidate import Candidate
from calculator.learn.exercises.seeded_random import SeededRandom
from calculator.learn.mistakes import inverse

CHANNELS = (2, 3, 4, 4, 5, 6, 8, 10, 12, 16, 16, 20, 24, 32, 48, 64, 64)
KERNELS = (2, 3, 3, 4, 4, 5, 5, 6, 7)
MAX_PARAMETERS = 149_999

FEW_WEIGHTS = (
    *((1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (6, 2), (8, 2), (10, 2), (12, 2), (16, 2)),
    *((1, 3), (2, 3), (3, 3), (4, 3), (5, 3), (6, 3), (1, 4), (2, 4), (3, 4), (1, 5), (2, 5)),
)
"""in_channels and kernel_size of layers that have at most 64 weights for each output channel."""

ARGUMENTS = {"kernel": "kernel_size", "in": "in_channels", "out": "out_channels", "biases": "bias"}
"""The argument that each kind of question hides."""

OPENINGS = ("The layer nn.{} has {} parameters.", "In PyTorch, the layer nn.{} has {} parameters.")


def inverse_question(kind: str, rng: SeededRandom) -> Candidate:
    """Return a question about one setting; ``kind`` is "kernel", "in", "out" or "biases"."""
    layer = _layer(kind, rng)
    quantity, question, working, mistakes = _wording(kind, layer)
    arguments = {
        "in_channels": layer.in_channels,
        "out_channels": layer.out_channels,
        "kernel_size": layer.kernel_size[0],
        "bias": layer.bias,
    }
    code = ", ".join(
        f"{name}={'?' if name == ARGUMENTS[kind] else value}" for name, value in arguments.items()
    )
    opening = rng.pick(OPENINGS).format(f"ConvTranspose2d({code})", format_count(layer.parameter_count))
    min_mistakes = 1 if kind == "out" and layer.bias else 2
    return Candidate(
        question=f"{opening} {question}",
        quantity=quantity,
        answer=working[-1].value,
        working=working,
        mistakes=mistakes,
        layer=layer,
        identity=layer,
        suitable=layer.parameter_count <= MAX_PARAMETERS and len(mistakes) >= min_mistakes,
    )


def _layer(kind: str, rng: SeededRandom) -> ConvTranspose:
    """Return a random layer.

    When ``out_channels`` is asked and the layer has a bias, ``out_channels`` is a multiple of the weights for
    each output channel. Then forgetting the bias gives a whole number, which the exercise can recognise.
    """
    bias = not rng.chance(3) if kind != "biases" else rng.chance(2)
    in_channels, out_channels, side = rng.pick(CHANNELS), rng.pick(CHANNELS), rng.pick(KERNELS)
    if kind == "out" and bias:
        in_channels, side = rng.pick(FEW_WEIGHTS)
        weights = in_channels * side**2
        out_channels = weights * (1 + rng.below(64 // weights))
    return ConvTranspose(in_channels=in_channels, out_channels=out_channels, kernel_size=side, bias=bias)


def _wording(kind: str, layer: ConvTranspose) -> tuple[str, str, tuple[Step, ...], tuple[Mistake, ...]]:
    """Return the quantity that is asked for, the text of the question, the working and the mistakes."""
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
