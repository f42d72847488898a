"""The last steps of the lesson: groups, settings that keep the count, and three totals of one model."""

import math
from dataclasses import replace
from typing import Any

from calculator.core.derivation import Step
from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, format_count, format_product, join_words
from calculator.core.layer import ConvTranspose
from calculator.core.totals import tally
from calculator.learn.exercise import DecoderLayer, Mistake
from calculator.learn.lesson.step import LessonStep, Offer, count_step
from calculator.learn.lesson.weight_steps import WEIGHTS_TO_TOTAL, layer_text
from calculator.learn.mistakes import decoder
from calculator.learn.mistakes.hand_count import QuestionFacts
from calculator.settings import Settings
from calculator.settings.examples import EXAMPLES, PUZZLE

DIVISIBLE = EXAMPLES[1].settings
"""Settings whose channels have common divisors, for layers whose channels have none."""

EXAMPLE_GROUPS = 4
"""The groups of that layer."""

SHARE_TO_TOTAL = slice(1, 6)
"""Rows of ``derive_parameters``."""

LARGE_INPUT, LARGER_INPUT = 32, 64
"""The input sizes in the question about settings that do not matter; the second one when the layer has the
first one already."""

MAX_OFFERED = 3
"""Numbers of groups that a step offers."""


TOTALS_CONTROLS = ("batch_norm", "frozen", "second")
"""The settings of the step about three totals."""


def groups_step(settings: Settings) -> LessonStep:
    """Return the step about groups, which divide the weights once."""
    layer, layer_note, other, offers = _with_groups(settings)
    ungrouped = replace(layer, groups=1)
    biases = f" The number of biases stays {format_count(layer.bias_count)}." if layer.bias else ""
    return count_step(
        QuestionFacts(layer),
        SHARE_TO_TOTAL,
        ("groups-ignored", "groups-twice", "groups-bias"),
        idea="Groups divide the channels into equal parts. An output channel is connected only to the input "
        "channels of its own group.",
        question=f"{layer_text(layer)}, groups={layer.groups}, bias={layer.bias}. How many parameters?",
        conclusion=f"The weights are divided by {format_count(layer.groups)}, from "
        f"{format_count(ungrouped.weight_count)} to {format_count(layer.weight_count)}.{biases}",
        layer_note=layer_note,
        other=other,
        offers=offers,
    )


def _with_groups(settings: Settings) -> tuple[ConvTranspose, str, tuple[str, ...], tuple[Offer, ...]]:
    """Return a layer with more than one group.

    Unless that is the visitor's layer, also a note, the settings that differ, and offers to change them.
    """
    layer, valid_groups = settings.counted_layer(), settings.offered_groups
    if layer.groups > 1:
        return layer, "", (), ()
    if len(valid_groups) > 1:
        groups = valid_groups[1]
        note = f"Your layer has groups=1. This step uses groups={groups}."
        offers = [
            Offer(f"Use {format_count(number)} groups", {"groups": number})
            for number in valid_groups[1 : 1 + MAX_OFFERED]
        ]
        return replace(layer, groups=groups), note, ("groups",), tuple(offers)
    inputs, outputs = DIVISIBLE.in_channels, DIVISIBLE.out_channels
    note = (
        f"Your {format_count(layer.in_channels)} and {format_count(layer.out_channels)} channels have no "
        f"common divisor above 1. This step uses {format_count(inputs)} and {format_count(outputs)} channels."
    )
    offers = [_groups_offer(settings.change(in_channels=inputs, out_channels=outputs), EXAMPLE_GROUPS)]
    wanted = max(settings.groups, 2)
    near_inputs, near_outputs = settings.channels_with(wanted)
    offers.append(_groups_offer(settings.change(in_channels=near_inputs, out_channels=near_outputs), wanted))
    made = replace(layer, in_channels=inputs, out_channels=outputs, groups=EXAMPLE_GROUPS)
    return made, note, ("in_channels", "out_channels", "groups"), tuple(offers)


def _groups_offer(settings: Settings, groups: int) -> Offer:
    """Return the offer of the channels of ``settings`` in so many groups."""
    inputs, outputs = settings.in_channels, settings.out_channels
    return Offer(
        f"Use {format_count(inputs)} → {format_count(outputs)} in {format_count(groups)} groups",
        {"in_channels": inputs, "out_channels": outputs, "groups": groups},
    )


def unchanged_step(settings: Settings) -> LessonStep:
    """Return the step about five settings that change the output and keep the count."""
    layer = settings.counted_layer()
    # The stride and the input in the question must differ from the layer's own.
    own_stride, own_size = settings.spatial("stride"), settings.spatial("input_size")
    stride = 3 if own_stride[0] == 2 else 2
    size = (LARGER_INPUT if own_size[0] == LARGE_INPUT else LARGE_INPUT,) * layer.rank
    groups = f", groups={layer.groups}" if layer.groups > 1 else ""
    facts = QuestionFacts(replace(layer, stride=(stride,) * layer.rank), size, stride_given=True)
    step = count_step(
        facts,
        WEIGHTS_TO_TOTAL,
        (
            "stride-squared-all",
            "stride-once-all",
            "multiply-accumulates",
            "stride-squared",
            "stride-once",
            "input-size",
        ),
        idea="The same weights are used at every position. Stride, padding, output padding, dilation and "
        "input size only decide where the kernel is stamped, and how often.",
        question=f"{layer_text(layer)}{groups}, bias={layer.bias}. The stride changes from "
        f"{format_product(collapse_axes(own_stride))} to {stride}, the input from {format_product(own_size)} "
        f"to {format_product(size)}. How many parameters then?",
        conclusion="None of the five settings is in the formula. They change the output and the work, never "
        "the count.",
    )
    # The figure shows the visitor's layer, and not the layer with the stride of the question.
    return replace(step, layer=layer)


def totals_step(settings: Settings) -> LessonStep:
    """Return the step about three totals: in the transposed layers, trainable, and all."""
    layer_note = ""
    # Without a BatchNorm the number of parameters in the question is the answer.
    own = settings.batch_norm
    offers = () if own else _totals_offers(settings)
    if not own:
        layer_note = "This step shows MuseGAN's temporal network in Keras, which has two layers."
        settings = PUZZLE.settings
    if settings.used_groups > 1:
        layer_note = "This step ignores your groups, because Keras has no groups for transposed layers."
    second = settings.second_layer()
    layers = [replace(settings.counted_layer(), groups=1), *([second] if second else [])]
    tallies = tally(layers, batch_norm=settings.batch_norm, frozen=settings.frozen)
    steps = tuple(Step(item.what, item.expression, item.value, "parameters") for item in tallies)
    return LessonStep(
        question=_totals_question(settings, layers),
        answer=tallies[-1].value,
        working=steps,
        mistakes=_totals_mistakes(settings, layers, steps),
        layer=layers[0],
        idea="A model has three totals: in its transposed layers, trainable, and all. Each total answers a "
        "different question.",
        conclusion="Before you compare two counts, check what each of them includes.",
        layer_note=layer_note,
        other=() if own else TOTALS_CONTROLS,
        offers=offers,
        tallies=tallies,
    )


def _totals_offers(settings: Settings) -> tuple[Offer, ...]:
    """Return the offers to make the step about the visitor's layer."""
    layer = f"{format_count(settings.in_channels)} → {format_count(settings.out_channels)}"
    return (Offer(f"Use your {layer} with a BatchNorm", {"batch_norm": True}),)


def _totals_question(settings: Settings, layers: list[ConvTranspose]) -> str:
    """Return the question about the total that Keras prints."""
    several = len(layers) > 1
    channels = [f"{format_count(layer.in_channels)} → {format_count(layer.out_channels)}" for layer in layers]
    norm = f", a BatchNorm after {'each' if several else 'it'}"
    noun = "layers" if several else "layer"
    frozen = f". The transposed {noun} {'are' if several else 'is'} frozen" if settings.frozen else ""
    inside = format_count(sum(layer.parameter_count for layer in layers))
    return (
        f"A Keras model has {'transposed layers' if several else 'a transposed layer'} with "
        f"{join_words(channels)} channels{norm}{frozen}. The transposed {noun} "
        f"{'have' if several else 'has'} {inside} parameters. What total does summary() print?"
    )


def _totals_mistakes(
    settings: Settings, layers: list[ConvTranspose], steps: tuple[Step, ...]
) -> tuple[Mistake, ...]:
    """Return the mistakes in Keras' total, with ``steps`` whose last step is wrong."""
    parts = [
        *(DecoderLayer(0, layer, layer.out_channels, settings.frozen) for layer in layers),
        *(DecoderLayer(0, None, layer.out_channels) for layer in layers),
    ]
    kinds = (decoder.NORM_FORGOTTEN, decoder.NORM_SINGLE, decoder.FROZEN_LEFT_OUT, decoder.TRAINABLE_ONLY)
    mistakes = decoder.rule_mistakes(kinds, parts, decoder.CountingRule(norm=4), "parameters")
    right = steps[-1]
    return tuple(
        Mistake.from_working(
            mistake.key,
            mistake.name,
            mistake.hint,
            steps,
            (*steps[:-1], right._replace(expression=mistake.working[-1].expression, value=mistake.value)),
        )
        for mistake in mistakes
    )


def variants(settings: Settings) -> tuple[tuple[str, str, int, int], ...]:
    """Return the layer after each of some changes that keep the number of parameters.

    Each row has the change, the output size, the number of output positions, and the parameters. A change
    that gives an impossible layer is left out.

    >>> for row in variants(Settings())[:2]:
    ...     print(row)
    ('your layer', '32 × 32', 1024, 3136)
    ('stride 1', '17 × 17', 289, 3136)
    """
    rows = []
    doubled = tuple(2 * size for size in settings.spatial("input_size"))
    changes: tuple[tuple[str, dict[str, Any]], ...] = (
        ("your layer", {}),
        ("stride 1", {"stride": (1,), "output_padding": (0,)}),
        ("stride 4", {"stride": (4,)}),
        ("padding 0", {"padding": (0,)}),
        ("output padding 1", {"output_padding": (1,)}),
        ("dilation 2", {"dilation": (2,)}),
        ("input twice as long", {"input_size": doubled}),
    )
    for label, values in changes:
        changed = settings.change(**values)
        try:
            layer = changed.layer()
            size = layer.output_size(changed.spatial("input_size"))
        except LayerError:
            continue
        rows.append((label, format_product(size), math.prod(size), layer.parameter_count))
    return tuple(rows)
