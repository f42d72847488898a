"""The last three steps of the lesson: groups, what does not matter, and whose number it is."""

import math
from dataclasses import replace
from typing import Any

from calculator.core.derivation import Step, derive_parameters
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product
from calculator.core.totals import tally
from calculator.learn.lesson.step import TITLES, Guess, LessonStep
from calculator.learn.lesson.weight_steps import wiring
from calculator.settings import Settings
from calculator.settings.examples import EXAMPLES, PUZZLE

DIVIDED = EXAMPLES[1].settings
"""Channels that can be divided, for layers whose own cannot."""

POWERS = {1: "", 2: "²", 3: "³"}


def groups(held: Settings) -> LessonStep:
    """Return step 5: groups divide the weights, once."""
    instead, layer = "", held.counted_layer()
    offered = held.offered_groups
    if layer.groups == 1 and len(offered) > 1:
        instead = f"groups is 1 in your layer; here it is {offered[1]}."
        layer = replace(layer, groups=offered[1])
    elif layer.groups == 1:
        mine = f"{format_count(layer.in_channels)} and {format_count(layer.out_channels)} channels"
        layer = replace(layer, in_channels=DIVIDED.in_channels, out_channels=DIVIDED.out_channels, groups=4)
        here = f"{format_count(layer.in_channels)} and {format_count(layer.out_channels)}"
        instead = f"Your {mine} have no common divisor above 1; here are {here} instead."
    whole = replace(layer, groups=1)
    shares = (layer.in_channels // layer.groups, layer.out_channels // layer.groups)
    return LessonStep(
        5,
        TITLES[4],
        "With groups the channels are dealt into equal shares; an output channel sees only its own share.",
        f"{wiring(layer)}, groups={layer.groups}, bias={layer.bias}. How many parameters?",
        layer.parameter_count,
        derive_parameters(layer)[1:],
        f"The weights are divided by {format_count(layer.groups)}, from "
        f"{format_count(whole.weight_count)} to "
        f"{format_count(layer.weight_count)}; the biases stay at {format_count(layer.bias_count)}.",
        (
            Guess(whole.parameter_count, "what it has without groups."),
            Guess(
                shares[0] * shares[1] * layer.kernel_volume + layer.bias_count,
                "divided by groups twice. Inputs and outputs both shrink, but there are as many groups of "
                "them: divide once.",
            ),
            Guess(
                layer.weight_count + layer.bias_count // layer.groups,
                "biases divided too. Every output channel keeps its bias.",
            ),
        ),
        layer,
        instead,
    )


def unchanged(held: Settings) -> LessonStep:
    """Return step 6: five settings that move the output and leave the count."""
    layer = held.counted_layer()
    moved = 3 if held.spatial("stride")[0] == 2 else 2
    area = moved**layer.rank
    size = format_product([32] * layer.rank)
    groups = f", groups={layer.groups}" if layer.groups > 1 else ""
    return LessonStep(
        6,
        TITLES[5],
        "The same weights are used at every position. Stride, padding, output padding, dilation and input "
        "size only decide where the stamps land, and how often.",
        f"{wiring(layer)}{groups}, bias={layer.bias}. The stride becomes {moved}, the input {size}. "
        "How many parameters then?",
        layer.parameter_count,
        derive_parameters(layer)[3:],
        "None of the five is in the formula. They change the output and the work, never the count.",
        (
            Guess(layer.parameter_count * area, f"the count times stride{POWERS[layer.rank]}."),
            *(
                [Guess(layer.parameter_count * moved, "the count times the stride.")]
                if layer.rank > 1
                else []
            ),
            Guess(layer.weight_count * 32**layer.rank, "the work of the layer: its multiply–accumulates."),
        ),
        layer,
    )


def whose(held: Settings) -> LessonStep:
    """Return step 7: in the layer, trainable, all."""
    instead = ""
    if not (held.batch_norm or held.frozen or held.second):
        instead = "Here: MuseGAN's temporal network in Keras. Switch a BatchNorm on to see your own layer."
        held = PUZZLE.settings
    if held.used_groups > 1:
        instead = "Without your groups: Keras has none for transposed layers."
    second = held.second_layer()
    layers = [replace(held.counted_layer(), groups=1), *([second] if second else [])]
    tallies = inside, trained, everything = tally(layers, batch_norm=held.batch_norm, frozen=held.frozen)
    channels = [f"{format_count(one.in_channels)} → {format_count(one.out_channels)}" for one in layers]
    norm = f", a BatchNorm after {'each' if second else 'it'}" if held.batch_norm else ""
    frozen = f", the transposed layer{'s' if second else ''} frozen" if held.frozen else ""
    hold = "layers hold" if second else "layer holds"
    return LessonStep(
        7,
        TITLES[6],
        "In the layer, trainable, all: three numbers, and each is right for its own question.",
        f"In Keras: {' channels, then '.join(channels)} channels{norm}{frozen}. The transposed {hold} "
        f"{format_count(inside.value)}. What does summary() print as the total?",
        everything.value,
        tuple(Step(one.what, one.expression, one.value, "parameters") for one in tallies),
        "Before you argue about a count, ask whose number it is.",
        (
            Guess(inside.value, "what the transposed layers hold alone."),
            Guess(trained.value, "what trains. summary() also lists what is stored and never trained."),
        ),
        layers[0],
        instead,
        tallies,
    )  # fmt: skip


def variants(held: Settings) -> tuple[tuple[str, str, int, int], ...]:
    """Return what happens to the layer when a setting that does not matter is moved.

    Each row: what was moved, the output size, positions of it, and the parameters, which stay.

    >>> for row in variants(Settings())[:2]:
    ...     print(row)
    ('as it is', '32 × 32', 1024, 3136)
    ('stride 1', '17 × 17', 289, 3136)
    """
    rows = []
    moves: tuple[tuple[str, dict[str, Any]], ...] = (
        ("as it is", {}),
        ("stride 1", {"stride": (1,), "output_padding": (0,)}),
        ("stride 4", {"stride": (4,)}),
        ("padding 0", {"padding": (0,)}),
        ("output padding 1", {"output_padding": (1,)}),
        ("dilation 2", {"dilation": (2,)}),
        ("input twice as long", {"input_size": tuple(2 * size for size in held.spatial("input_size"))}),
    )
    for label, changed in moves:
        moved = held.change(**changed)
        try:
            layer = moved.layer()
            size = layer.output_size(moved.spatial("input_size"))
        except LayerError:
            continue
        rows.append((label, format_product(size), math.prod(size), layer.parameter_count))
    return tuple(rows)
