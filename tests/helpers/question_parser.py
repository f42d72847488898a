"""A parser of questions that does not use the product, and their answers counted by allocating arrays."""

import ast
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from calculator.learn.exercise import Exercise
from tests.helpers import reference

CALL = re.compile(r"nn\.ConvTranspose([123])d\((.*?)\)(?:\.| has )")
PRINTED = re.compile(r"  \((\d+)\): (\w+)\((.*)\)")
INPUT = re.compile(
    r"The input of the layer is (?:an image|a signal|a volume) of ([\d × ]+?)(?: positions)?\."
)
FROZEN = re.compile(r"Layer \((\d+)\) is frozen: its parameters have requires_grad=False\.")
HAS = re.compile(r" has ([\d,]+) parameters\.")
SEARCHED = 200
"""Values of an unknown setting that are tried; every answer is smaller."""


@dataclass
class Layer:
    """A layer as the question describes it; ``None`` stands for a question mark."""

    inputs: int | None = None
    outputs: int | None = None
    kernel: tuple[int, ...] | None = None
    stride: tuple[int, ...] | None = None
    groups: int = 1
    bias: bool | None = True
    place: int = 0
    frozen: bool = False
    norm: int = 0
    rest: dict[str, int] = field(default_factory=dict)

    @property
    def weights(self) -> int:
        return _allocated(self.inputs, self.outputs, self.kernel, self.groups)

    @property
    def biases(self) -> int:
        assert self.outputs is not None
        return _allocated_biases(self.outputs, bool(self.bias))


@cache
def _allocated(inputs: int | None, outputs: int | None, kernel: tuple[int, ...] | None, groups: int) -> int:
    assert inputs is not None
    assert outputs is not None
    assert kernel is not None
    return reference.allocate(inputs, outputs, kernel, groups, False).weights


@cache
def _allocated_biases(outputs: int, bias: bool) -> int:
    return reference.allocate(1, outputs, (1,), 1, bias).biases


def arguments(text: str) -> dict[str, Any]:
    """Return the arguments of a call by name, and positional arguments by their index."""
    return dict(_parsed(text))


@cache
def _parsed(text: str) -> dict[str, Any]:
    call = ast.parse(f"f({text.replace('?', 'None')})", mode="eval").body
    assert isinstance(call, ast.Call)
    named = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    return {**{str(place): ast.literal_eval(value) for place, value in enumerate(call.args)}, **named}


def _axes(value: Any, rank: int) -> tuple[int, ...] | None:
    if value is None:
        return None
    return tuple(value) if isinstance(value, tuple) else (value,) * rank


def layer(exercise: Exercise) -> Layer:
    """Return the layer of a question about one layer."""
    [(rank, text)] = CALL.findall(exercise.question)
    said = arguments(text)
    # The order of the arguments in PyTorch's documentation of ConvTranspose2d.
    for place, name in enumerate(("in_channels", "out_channels", "kernel_size")):
        if str(place) in said:
            said[name] = said.pop(str(place))
    kernel = _axes(said.pop("kernel_size"), int(rank))
    assert kernel is None or len(kernel) == int(rank)
    return Layer(
        inputs=said.pop("in_channels"),
        outputs=said.pop("out_channels"),
        kernel=kernel,
        stride=_axes(said.pop("stride", None), int(rank)),
        groups=said.pop("groups", 1),
        bias=said.pop("bias", True),
        rest=said,
    )


def input_size(exercise: Exercise) -> tuple[int, ...] | None:
    """Return the input size in a question, or ``None``."""
    found = INPUT.search(exercise.question)
    return tuple(int(part) for part in found[1].split(" × ")) if found else None


def listed(exercise: Exercise) -> list[Layer]:
    """Return the layers of a listing. A BatchNorm has only ``norm``, the number of its channels."""
    first, *lines, last = exercise.listing.split("\n")
    assert (first, last) == ("Sequential(", ")")
    frozen = {int(place) for place in FROZEN.findall(exercise.question)}
    found = []
    for number, line in enumerate(lines):
        match = PRINTED.fullmatch(line)
        assert match, line
        assert int(match[1]) == number
        said = arguments(match[3])
        if match[2] == "ConvTranspose2d":
            found.append(
                Layer(
                    inputs=said["0"],
                    outputs=said["1"],
                    kernel=said["kernel_size"],
                    stride=said["stride"],
                    bias=said.get("bias", True),
                    place=number,
                    frozen=number in frozen,
                )
            )
        elif match[2] == "BatchNorm2d":
            assert said == {"0": said["0"]}
            found.append(Layer(place=number, norm=said["0"]))
        else:
            assert (match[2], said) in [("ReLU", {}), ("Tanh", {}), ("Sigmoid", {})]
    assert frozen <= {one.place for one in found if not one.norm}
    return found


def oracle(exercise: Exercise) -> int:
    """Return the answer, calculated from the text of the question."""
    if exercise.listing:
        return decoder_answer(exercise)
    asked = layer(exercise)
    if (has := HAS.search(exercise.question)) is None:
        assert "number of parameters" in exercise.question or "How many parameters" in exercise.question
        return asked.weights + asked.biases
    return searched(exercise.question, asked, int(has[1].replace(",", "")))


def searched(question: str, asked: Layer, total: int) -> int:
    """Return the only value of the unknown setting for which the layer has ``total`` parameters."""
    tries: dict[int, tuple[str, Any]]
    if "What is kernel_size, the length of its side?" in question:
        tries = {side: ("kernel", (side, side)) for side in range(1, SEARCHED)}
    elif "What is in_channels?" in question:
        tries = {count: ("inputs", count) for count in range(1, SEARCHED)}
    elif "What is out_channels?" in question:
        tries = {count: ("outputs", count) for count in range(1, SEARCHED)}
    else:
        assert "How many of them are biases?" in question
        tries = {bias: ("bias", bias) for bias in (False, True)}
    fitting = []
    for value, (name, setting) in tries.items():
        setattr(asked, name, setting)
        if asked.weights > total:
            break  # larger values give even more weights
        if asked.weights + asked.biases == total:
            fitting.append(asked.biases if name == "bias" else value)
    [answer] = fitting
    return answer


def decoder_answer(exercise: Exercise) -> int:
    """Return the answer to a question about a listing, with the rule that the question states."""
    question, layers = exercise.question, listed(exercise)
    trainable = {
        "How many trainable parameters does the model have?": "trainable",
        "How many trainable parameters does summary() show (Trainable params)?": "trainable",
        "How many parameters does summary() show in all (Total params)?": "keras",
        "How many parameters do its transposed convolutions alone have?": "layers",
        "How many parameters does the model have, counting all of model.parameters()?": "all",
        "How many parameters are in model.parameters(), all of them together?": "all",
    }
    [rule] = {rule for words, rule in trainable.items() if question.endswith(f" {words}")}
    assert ("Keras" in question) == ("summary()" in question)
    assert ("print(model)" in question) == ("shortened" in question) != ("as PyTorch prints" in question)
    values = {"layers": 0, "all": 2, "trainable": 2, "keras": 4}[rule]
    total = 0
    for one in layers:
        if one.norm:
            # γ, β and, where they count, the two running statistics: a vector each.
            total += sum(_allocated_biases(one.norm, True) for _ in range(values))
        elif not (one.frozen and rule == "trainable"):
            total += one.weights + one.biases
    return total
