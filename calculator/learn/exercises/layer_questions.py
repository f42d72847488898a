"""Questions about one layer: its random settings and the wording."""

from dataclasses import replace
from functools import partial

from calculator.core.derivation import derive_parameters
from calculator.core.formatting import axes_code
from calculator.core.layer import ConvTranspose
from calculator.learn.exercises.candidate import Candidate
from calculator.learn.exercises.seeded_random import SeededRandom
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.learn.mistakes.layer import layer_mistakes
from calculator.learn.mistakes.pairs import layer_pairs

MAX_ANSWER = 99_999
"""The largest answer of a question about one layer, so that it can be calculated by hand."""

# The values below decide every exercise, with their order and repetitions: they must never change.
CHANNELS = (1, 2, 3, 3, 4, 5, 6, 6, 8, 8, 10, 10, 12, 16, 16, 20, 24, 32, 32, 48, 64, 64)
FEW_CHANNELS = (2, 3, 4, 5, 6, 8, 10, 12, 16)
CHANNELS_PER_GROUP = (1, 2, 2, 3, 4, 4, 5, 6, 8, 10)
KERNELS = (2, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7)
SIDES = (1, 2, 3, 3, 4, 5, 6, 7)
LENGTHS = (3, 4, 5, 6, 7, 8, 9, 10, 15, 16)
CUBES = ((2, 2, 2), (3, 3, 3), (3, 3, 3), (4, 4, 4), (1, 2, 2), (1, 4, 4), (2, 3, 3), (3, 2, 2), (3, 4, 4))
"""Kernels: the side of a square, the sides of a rectangle, the length in 1-D, and kernels in 3-D."""

STRIDES = (1, 2, 2, 3, 4, 5, 10, 23)
SIZES = {1: (10, 16, 20, 32, 50, 64), 2: (4, 5, 7, 8, 10, 14, 16, 28, 32), 3: (4, 5, 6, 8, 10)}
INPUTS = {1: "a signal of {} positions", 2: "an image of {}", 3: "a volume of {}"}
"""The input of a layer, by rank."""

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


def level_one_question(kind: str, rng: SeededRandom) -> Candidate:
    """Return a question about a 2-D layer with a square kernel; ``kind`` is "bias" or "no bias"."""
    kernel = (rng.pick(KERNELS),) * 2
    channels = rng.pick(CHANNELS), rng.pick(CHANNELS)
    return _candidate(rng, channels, kernel, 1, kind == "bias")


def level_two_question(kind: str, rng: SeededRandom) -> Candidate:
    """Return a question about a layer; ``kind`` is "rectangular", "1-D", "3-D" or "groups"."""
    bias = not rng.chance(4)
    if kind == "groups":
        return _grouped(rng, bias)
    channels = rng.pick(CHANNELS), rng.pick(CHANNELS)
    kernel: tuple[int, ...]
    if kind == "rectangular":
        kernel = rng.pick(SIDES), rng.pick(SIDES)
    elif kind == "1-D":
        kernel = (rng.pick(LENGTHS),)
    else:
        channels = rng.pick(FEW_CHANNELS), rng.pick(FEW_CHANNELS)
        kernel = rng.pick(CUBES)
    candidate = _candidate(rng, channels, kernel, 1, bias)
    square = kind == "rectangular" and kernel[0] == kernel[1]
    return replace(candidate, suitable=candidate.suitable and not square)


def positional_question(layer: ConvTranspose) -> Candidate:
    """Return a question about a square layer, written as code without the names of most arguments."""
    facts = QuestionFacts(layer, stride_given=True)
    arguments = f"{layer.in_channels}, {layer.out_channels}, {layer.kernel_size[0]}, stride={layer.stride[0]}"
    return Candidate(
        question=f"In PyTorch, a layer is nn.ConvTranspose{layer.rank}d({arguments}). {QUESTIONS[0]}",
        answer=layer.parameter_count,
        working=derive_parameters(layer),
        mistakes=layer_mistakes(facts),
        pairs=partial(layer_pairs, facts),
        layer=layer,
        identity=(layer.in_channels, layer.out_channels, layer.kernel_size),
        suitable=layer.parameter_count <= MAX_ANSWER,
    )


def level_four_question(rng: SeededRandom) -> Candidate:
    """Return a question about a 2-D layer in the form of the published exercises, with any stride."""
    channels, side = (rng.pick(FEW_CHANNELS), rng.pick(FEW_CHANNELS)), rng.pick(KERNELS)
    return positional_question(
        ConvTranspose(
            in_channels=channels[0], out_channels=channels[1], kernel_size=side, stride=rng.pick(STRIDES)
        )
    )


def _grouped(rng: SeededRandom, bias: bool) -> Candidate:
    """Return a question about a 1-D or 2-D layer with groups; some groups have a single channel."""
    groups = rng.pick((2, 2, 3, 4, 4, 5, 6, 8))
    per_group = (1, 1) if rng.chance(6) else (rng.pick(CHANNELS_PER_GROUP), rng.pick(CHANNELS_PER_GROUP))
    kernel = (rng.pick(KERNELS),) * rng.pick((1, 2, 2))
    return _candidate(rng, (groups * per_group[0], groups * per_group[1]), kernel, groups, bias)


def _candidate(
    rng: SeededRandom, channels: tuple[int, int], kernel: tuple[int, ...], groups: int, bias: bool
) -> Candidate:
    """Return a question about a layer, with random settings that do not change the number of parameters."""
    has_stride, has_size = rng.pick(((False, False), (True, False), (True, True), (True, True)))
    stride = rng.pick((2, 2, 3, 4)) if has_stride else 1
    padding = rng.below((min(kernel) + 1) // 2) if has_stride else 0
    # One layer in eight with a stride has an output_padding, and another one in eight has a dilation.
    rare = rng.below(8) if has_stride else 7
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
    size = (rng.pick(SIZES[len(kernel)]),) * len(kernel) if has_size else None
    facts = QuestionFacts(layer, size, has_stride)
    return Candidate(
        question=_wording(rng, facts),
        answer=layer.parameter_count,
        working=derive_parameters(layer),
        mistakes=layer_mistakes(facts),
        pairs=partial(layer_pairs, facts),
        layer=layer,
        identity=(channels, kernel, groups, bias),
        suitable=layer.parameter_count <= MAX_ANSWER,
    )


def _wording(rng: SeededRandom, facts: QuestionFacts) -> str:
    """Return the text of a question: the layer, its input size if there is one, and the question."""
    rank = facts.layer.rank
    sentences = [rng.pick(OPENINGS).format(name=f"ConvTranspose{rank}d", arguments=_arguments(facts))]
    if facts.input_size:
        size = " × ".join(map(str, facts.input_size))
        sentences.append(f"The input of the layer is {INPUTS[rank].format(size)}.")
    return " ".join([*sentences, rng.pick(QUESTIONS)])


def _arguments(facts: QuestionFacts) -> str:
    """Return the arguments of the layer as Python code, spelled as in PyTorch."""
    layer = facts.layer
    arguments: dict[str, object] = {
        "in_channels": layer.in_channels,
        "out_channels": layer.out_channels,
        "kernel_size": axes_code(layer.kernel_size),
    }
    if facts.stride_given:
        arguments["stride"] = layer.stride[0]
        for name, default in (("padding", 0), ("output_padding", 0), ("dilation", 1)):
            value = getattr(layer, name)[0]
            if value != default:
                arguments[name] = value
    if layer.groups > 1:
        arguments["groups"] = layer.groups
    arguments["bias"] = layer.bias
    return ", ".join(f"{name}={value}" for name, value in arguments.items())
