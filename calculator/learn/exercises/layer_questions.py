"""Questions on one layer: how its numbers are drawn, and how the question is worded."""

from dataclasses import replace

from calculator.core.derivation import derive_parameters
from calculator.core.formatting import axes_code
from calculator.core.layer import ConvTranspose
from calculator.learn.exercises.candidate import Candidate
from calculator.learn.exercises.seeded_random import SeededRandom
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.learn.mistakes.layer import layer_mistakes

MAX_ANSWER = 99_999
"""The largest answer of a question on one layer: what one can still do by hand."""

CHANNELS = (1, 2, 3, 3, 4, 5, 6, 6, 8, 8, 10, 10, 12, 16, 16, 20, 24, 32, 32, 48, 64, 64)
FEW_CHANNELS = (2, 3, 4, 5, 6, 8, 10, 12, 16)
SHARES = (1, 2, 2, 3, 4, 4, 5, 6, 8, 10)
KERNELS = (2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7)
SIDES = (1, 2, 3, 3, 4, 5, 6, 7)
LENGTHS = (3, 4, 5, 6, 7, 8, 9, 10, 15, 16)
CUBES = ((2, 2, 2), (3, 3, 3), (3, 3, 3), (4, 4, 4), (1, 2, 2), (1, 4, 4), (2, 3, 3), (3, 2, 2), (3, 4, 4))
"""Kernels: sides of square ones, of rectangles, of signals, and whole 3-D ones."""

SIZES = {1: (10, 16, 20, 32, 50, 64), 2: (4, 5, 7, 8, 10, 14, 16, 28, 32), 3: (4, 5, 6, 8, 10)}
SPACES = {1: "a signal of {} positions", 2: "an image of {}", 3: "a volume of {}"}
"""What a layer of each rank is given."""

OPENINGS = (
    "A layer is made with nn.{name}({arguments}).",
    "A decoder has the layer nn.{name}({arguments}).",
    "In PyTorch, a layer is nn.{name}({arguments}).",
)
QUESTIONS = (
    "How many parameters does the layer have?",
    "How many parameters are there in this layer?",
    "What is the number of parameters of the layer?",
)


def level_one(kind: str, draws: SeededRandom) -> Candidate:
    """Return a 2-D layer with a square kernel; ``kind`` is "bias" or "no bias"."""
    kernel = (draws.pick(KERNELS),) * 2
    channels = draws.pick(CHANNELS), draws.pick(CHANNELS)
    return _draft(draws, channels, kernel, 1, kind == "bias")


def level_two(kind: str, draws: SeededRandom) -> Candidate:
    """Return a layer; ``kind`` is "rectangular", "1-D", "3-D" or "groups"."""
    bias = not draws.chance(4)
    if kind == "groups":
        return _grouped(draws, bias)
    channels = draws.pick(CHANNELS), draws.pick(CHANNELS)
    kernel: tuple[int, ...]
    if kind == "rectangular":
        kernel = draws.pick(SIDES), draws.pick(SIDES)
    elif kind == "1-D":
        kernel = (draws.pick(LENGTHS),)
    else:
        channels = draws.pick(FEW_CHANNELS), draws.pick(FEW_CHANNELS)
        kernel = draws.pick(CUBES)
    draft = _draft(draws, channels, kernel, 1, bias)
    return replace(draft, fair=draft.fair and (kind != "rectangular" or kernel[0] != kernel[1]))


def _grouped(draws: SeededRandom, bias: bool) -> Candidate:
    """Return a layer with groups, 2-D or 1-D; sometimes a group has one channel only."""
    groups = draws.pick((2, 2, 3, 4, 4, 5, 6, 8))
    shares = (1, 1) if draws.chance(6) else (draws.pick(SHARES), draws.pick(SHARES))
    kernel = (draws.pick(KERNELS),) * draws.pick((1, 2, 2))
    return _draft(draws, (groups * shares[0], groups * shares[1]), kernel, groups, bias)


def _draft(
    draws: SeededRandom, channels: tuple[int, int], kernel: tuple[int, ...], groups: int, bias: bool
) -> Candidate:
    """Draw what does not matter to the count, and word the question."""
    strided, sized = draws.pick(((False, False), (True, False), (True, True), (True, True)))
    stride = draws.pick((2, 2, 3, 4)) if strided else 1
    padding = draws.below((min(kernel) + 1) // 2) if strided else 0
    rare = draws.below(8) if strided else 7
    layer = ConvTranspose(
        in_channels=channels[0],
        out_channels=channels[1],
        kernel_size=kernel,
        stride=stride,
        padding=padding,
        output_padding=int(rare == 0),
        dilation=2 if rare == 1 else 1,
        groups=groups,
        bias=bias,
    )
    size = (draws.pick(SIZES[len(kernel)]),) * len(kernel) if sized else None
    told = QuestionFacts(layer, size, strided)
    return Candidate(
        question=_question(draws, told),
        listing="",
        asked="parameters",
        answer=layer.parameter_count,
        working=derive_parameters(layer),
        mistakes=layer_mistakes(told),
        layer=layer,
        same=(channels, kernel, groups, bias),
        fair=layer.parameter_count <= MAX_ANSWER,
    )


def _question(draws: SeededRandom, told: QuestionFacts) -> str:
    """Return the words: the layer, the size of its input where there is one, the question."""
    name = f"ConvTranspose{told.layer.rank}d"
    sentences = [draws.pick(OPENINGS).format(name=name, arguments=_arguments(told))]
    if told.input_size:
        size = " × ".join(map(str, told.input_size))
        sentences.append(f"The input of the layer is {SPACES[told.layer.rank].format(size)}.")
    return " ".join([*sentences, draws.pick(QUESTIONS)])


def _arguments(told: QuestionFacts) -> str:
    """Return the arguments of the layer as PyTorch spells them."""
    layer = told.layer
    shown: dict[str, object] = {
        "in_channels": layer.in_channels,
        "out_channels": layer.out_channels,
        "kernel_size": axes_code(layer.kernel_size),
    }
    if told.strided:
        shown["stride"] = layer.stride[0]
        for name, default in (("padding", 0), ("output_padding", 0), ("dilation", 1)):
            value = getattr(layer, name)[0]
            if value != default:
                shown[name] = value
    if layer.groups > 1:
        shown["groups"] = layer.groups
    shown["bias"] = layer.bias
    return ", ".join(f"{name}={value}" for name, value in shown.items())
