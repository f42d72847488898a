"""Questions on whole decoders: a chain of transposed convolutions, listed as PyTorch prints it."""

from dataclasses import replace
from itertools import pairwise

from calculator.core.layer import ConvTranspose
from calculator.learn.exercises.candidate import Candidate
from calculator.learn.exercises.seeded_random import SeededRandom
from calculator.learn.mistakes.decoder import Unit, Way, decoder_mistakes, decoder_steps, right_counts

MAX_ANSWER = 149_999
"""The largest answer of a question on a decoder."""

HIDDEN = (64, 48, 32, 24, 20, 16, 12, 10, 8, 6)
LAST = (1, 1, 2, 3, 3, 3, 4)
"""Channels inside a decoder, and of the image it makes."""

SPATIAL = ((4, 2, 1, 0), (4, 2, 1, 0), (2, 2, 0, 0), (3, 2, 1, 1), (3, 1, 1, 0), (5, 2, 2, 1))
"""kernel_size, stride, padding and output_padding of layers that enlarge 1 or 2 times."""

PRINTED = "This is print(model) of a decoder in PyTorch, shortened."
KERAS = (
    "A decoder with the layers below, written as PyTorch prints them, is built in Keras, whose summary() "
    "also lists the moving mean and the moving variance of a BatchNorm."
)


def decoder(kind: str, draws: SeededRandom) -> Candidate:
    """Return a decoder; ``kind`` is "layers", "all", "keras" or "trainable"."""
    chain = _chain(draws)
    normed = kind in ("layers", "keras") or not draws.chance(3)
    some = kind == "trainable" or (kind == "all" and draws.chance(2))
    frozen = draws.below(len(chain)) if some else None
    units, listing = _units(draws, chain, normed, frozen)
    all_keras = kind == "keras" and not draws.chance(3)
    text, asked = _asked(draws, kind, all_keras, next((unit.place for unit in units if unit.frozen), None))
    norm = {"layers": 0, "keras": 4 if all_keras else 2}.get(kind, 2)
    way = Way(norm, frozen="nothing" if kind == "trainable" else "all")
    working = decoder_steps(units, right_counts(units), way, asked)
    answer = working[-1].value
    return Candidate(
        question=text,
        listing=listing,
        asked=asked,
        answer=answer,
        working=working,
        mistakes=decoder_mistakes(units, way, asked),
        layer=None,
        same=tuple((unit.layer, unit.channels) for unit in units),
        fair=answer <= MAX_ANSWER,
    )


def _chain(draws: SeededRandom) -> list[ConvTranspose]:
    """Return 2 to 4 layers, each with fewer channels than the one before; biases are still all on."""
    count = draws.pick((2, 2, 2, 3, 3, 4))
    channels = [*sorted(draws.shuffled(HIDDEN)[:count], reverse=True), draws.pick(LAST)]
    layers = []
    for inputs, outputs in pairwise(channels):
        kernel, stride, padding, extra = draws.pick(SPATIAL)
        layers.append(
            ConvTranspose(
                in_channels=inputs,
                out_channels=outputs,
                kernel_size=kernel,
                stride=stride,
                padding=padding,
                output_padding=extra,
            )
        )
    return layers


def _units(
    draws: SeededRandom, chain: list[ConvTranspose], normed: bool, frozen: int | None
) -> tuple[tuple[Unit, ...], str]:
    """Return the layers with numbers in them, and the listing of all."""
    units: list[Unit] = []
    lines: list[str] = []
    for place, drawn in enumerate(chain):
        last = place == len(chain) - 1
        norm = normed and not last
        layer = replace(drawn, bias=draws.chance(3) if norm else not draws.chance(4))
        units.append(Unit(len(lines), layer, layer.out_channels, frozen == place))
        lines.append(_printed(layer))
        if norm:
            units.append(Unit(len(lines), None, layer.out_channels))
            lines.append(f"BatchNorm2d({layer.out_channels})")
        lines.append(draws.pick(("Tanh()", "Sigmoid()")) if last else "ReLU()")
    numbered = [f"  ({place}): {line}" for place, line in enumerate(lines)]
    return tuple(units), "\n".join(["Sequential(", *numbered, ")"])


def _printed(layer: ConvTranspose) -> str:
    """Return a layer as PyTorch prints it, what has its default left out."""
    shown = {"kernel_size": layer.kernel_size, "stride": layer.stride}
    if any(layer.padding):
        shown["padding"] = layer.padding
    if any(layer.output_padding):
        shown["output_padding"] = layer.output_padding
    rest = "".join(f", {name}={value}" for name, value in shown.items())
    bias = "" if layer.bias else ", bias=False"
    return f"ConvTranspose2d({layer.in_channels}, {layer.out_channels}{rest}{bias})"


def _asked(draws: SeededRandom, kind: str, all_keras: bool, frozen: int | None) -> tuple[str, str]:
    """Return the words of the question, and what it asks for."""
    still = f" Layer ({frozen}) is frozen: its parameters have requires_grad=False."
    told = PRINTED + (still if frozen is not None else "")
    if kind == "layers":
        return f"{told} How many parameters do its transposed convolutions alone have?", "parameters"
    if kind == "all":
        last = draws.pick(
            (
                "How many parameters does the model have, counting all of model.parameters()?",
                "How many parameters are in model.parameters(), all of them together?",
            )
        )
        return f"{told} {last}", "parameters"
    if kind == "trainable":
        return f"{told} How many trainable parameters does the model have?", "trainable parameters"
    if all_keras:
        return f"{KERAS} How many parameters does summary() show in all (Total params)?", "parameters"
    return (
        f"{KERAS} How many trainable parameters does summary() show (Trainable params)?",
        "trainable parameters",
    )
