"""Questions about decoders: chains of transposed convolutions, listed as PyTorch prints them."""

from dataclasses import replace
from functools import partial
from itertools import pairwise

from calculator.core.layer import ConvTranspose
from calculator.learn.exercise import DecoderLayer
from calculator.learn.exercises.candidate import Candidate
from calculator.learn.exercises.seeded_random import SeededRandom
from calculator.learn.mistakes.decoder import (
    CountingRule,
    correct_counts,
    decoder_mistakes,
    decoder_steps,
)
from calculator.learn.mistakes.pairs import decoder_pairs

MAX_ANSWER = 149_999
"""The largest answer of a question about a decoder."""

HIDDEN_CHANNELS = (64, 48, 32, 24, 20, 16, 12, 10, 8, 6)
IMAGE_CHANNELS = (1, 1, 2, 3, 3, 3, 4)
"""Channels of the output image; a value that is listed more often is more frequent."""

SPATIAL = ((4, 2, 1, 0), (4, 2, 1, 0), (2, 2, 0, 0), (3, 2, 1, 1), (3, 1, 1, 0), (5, 2, 2, 1))
"""kernel_size, stride, padding and output_padding of layers that keep or double the size."""

PRINTED = "This is print(model) of a decoder in PyTorch, shortened."
KERAS = (
    "A decoder with the layers below, written as PyTorch prints them, is built in Keras, whose summary() "
    "also lists the moving mean and the moving variance of a BatchNorm."
)


def decoder_question(kind: str, rng: SeededRandom) -> Candidate:
    """Return a question about a decoder; ``kind`` is "layers", "all", "keras" or "trainable"."""
    # The order in which numbers are taken from rng decides every exercise: it must never change.
    chain = _chain(rng)
    has_norms = kind in ("layers", "keras") or not rng.chance(3)
    has_frozen = kind == "trainable" or (kind == "all" and rng.chance(2))
    frozen = rng.below(len(chain)) if has_frozen else None
    decoder, listing = _decoder(rng, chain, has_norms, frozen)
    total_params = kind == "keras" and not rng.chance(3)
    frozen_index = next((part.index for part in decoder if part.frozen), None)
    text, quantity = _wording(rng, kind, total_params, frozen_index)
    norm = {"layers": 0, "keras": 4 if total_params else 2}.get(kind, 2)
    rule = CountingRule(norm, frozen="nothing" if kind == "trainable" else "all")
    working = decoder_steps(decoder, correct_counts(decoder), rule, quantity)
    answer = working[-1].value
    return Candidate(
        question=text,
        listing=listing,
        quantity=quantity,
        answer=answer,
        working=working,
        mistakes=decoder_mistakes(decoder, rule, quantity),
        pairs=partial(decoder_pairs, decoder, rule, quantity),
        layer=None,
        decoder=decoder,
        identity=tuple((part.layer, part.channels) for part in decoder),
        suitable=answer <= MAX_ANSWER,
    )


def _chain(rng: SeededRandom) -> list[ConvTranspose]:
    """Return 2 to 4 layers with biases, each with fewer channels than the previous layer."""
    count = rng.pick((2, 2, 2, 3, 3, 4))
    channels = [*sorted(rng.shuffled(HIDDEN_CHANNELS)[:count], reverse=True), rng.pick(IMAGE_CHANNELS)]
    layers = []
    for in_channels, out_channels in pairwise(channels):
        kernel_size, stride, padding, output_padding = rng.pick(SPATIAL)
        layers.append(
            ConvTranspose(
                in_channels=in_channels,
                out_channels=out_channels,
                kernel_size=kernel_size,
                stride=stride,
                padding=padding,
                output_padding=output_padding,
            )
        )
    return layers


def _decoder(
    rng: SeededRandom, chain: list[ConvTranspose], has_norms: bool, frozen: int | None
) -> tuple[tuple[DecoderLayer, ...], str]:
    """Return the layers that have parameters, and the listing of all layers.

    ``frozen`` is the index in ``chain`` of the layer that is frozen. A layer before a BatchNorm seldom has a
    bias; another layer usually has one.
    """
    decoder: list[DecoderLayer] = []
    lines: list[str] = []
    for position, with_bias in enumerate(chain):
        last = position == len(chain) - 1
        norm = has_norms and not last
        layer = replace(with_bias, bias=rng.chance(3) if norm else not rng.chance(4))
        decoder.append(DecoderLayer(len(lines), layer, layer.out_channels, frozen == position))
        lines.append(_printed(layer))
        if norm:
            decoder.append(DecoderLayer(len(lines), None, layer.out_channels))
            lines.append(f"BatchNorm2d({layer.out_channels})")
        lines.append(rng.pick(("Tanh()", "Sigmoid()")) if last else "ReLU()")
    numbered = [f"  ({index}): {line}" for index, line in enumerate(lines)]
    return tuple(decoder), "\n".join(["Sequential(", *numbered, ")"])


def _printed(layer: ConvTranspose) -> str:
    """Return a layer as PyTorch prints it, without the arguments that have their default."""
    arguments = {"kernel_size": layer.kernel_size, "stride": layer.stride}
    if any(layer.padding):
        arguments["padding"] = layer.padding
    if any(layer.output_padding):
        arguments["output_padding"] = layer.output_padding
    rest = "".join(f", {name}={value}" for name, value in arguments.items())
    bias = "" if layer.bias else ", bias=False"
    return f"ConvTranspose2d({layer.in_channels}, {layer.out_channels}{rest}{bias})"


def _wording(rng: SeededRandom, kind: str, total_params: bool, frozen: int | None) -> tuple[str, str]:
    """Return the text of the question, and the quantity that it asks for.

    ``total_params`` asks for Keras' total; ``frozen`` is the index in the listing of the frozen layer.
    """
    is_frozen = f" Layer ({frozen}) is frozen: its parameters have requires_grad=False."
    opening = PRINTED + (is_frozen if frozen is not None else "")
    if kind == "layers":
        return f"{opening} How many parameters do its transposed convolutions alone have?", "parameters"
    if kind == "all":
        last = rng.pick(
            (
                "How many parameters does the model have, counting all of model.parameters()?",
                "How many parameters are in model.parameters(), all of them together?",
            )
        )
        return f"{opening} {last}", "parameters"
    if kind == "trainable":
        return f"{opening} How many trainable parameters does the model have?", "trainable parameters"
    if total_params:
        return f"{KERAS} How many parameters does summary() show in all (Total params)?", "parameters"
    return (
        f"{KERAS} How many trainable parameters does summary() show (Trainable params)?",
        "trainable parameters",
    )
