"""Charts in words: the laws over the growth panels, and a text alternative for every chart.

A screen reader reads the text alternative in place of the chart, so it has the exact numbers.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from calculator.core.formatting import (
    axis_names,
    collapse_axes,
    format_count,
    format_factor,
    format_product,
    join_words,
    noun_for,
    plural,
)
from calculator.core.growth import sweep_law
from calculator.core.layer import ConvTranspose
from calculator.core.totals import Tally
from calculator.geometry.overlap import interior_range
from calculator.geometry.stamp import Stamp
from calculator.geometry.weight_grid import TensorView
from calculator.readers.model import Model
from calculator.readers.totals import counted_text

SETTING_NAMES = {
    "kernel_size": "kernel",
    "in_channels": "input channels",
    "out_channels": "output channels",
}
"""The settings of the growth panels, each with its name in a sentence."""


class DoublingLaw(NamedTuple):
    """The factors by which the counts change when a setting doubles, as text.

    ``setting`` is the name of the setting. ``biases`` is empty for a layer without biases.
    """

    setting: str
    weights: str
    biases: str
    total: str


def doubling_law(layer: ConvTranspose, setting: str) -> DoublingLaw:
    """Return the law of one growth panel, with factors of three digits.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> doubling_law(layer, "kernel_size")
    DoublingLaw(setting='kernel', weights='×4', biases='×1', total='about ×3.94')
    """
    law = sweep_law(layer, setting)
    # A layer can always have twice the kernel or the channels, so there are factors.
    assert law.weights is not None
    assert law.biases is not None
    assert law.total is not None
    biases = format_factor(law.biases) if layer.bias else ""
    return DoublingLaw(
        _setting_name(layer, setting), format_factor(law.weights), biases, format_factor(law.total)
    )


def growth_finding(layer: ConvTranspose) -> str:
    """Return the text alternative of the growth figure."""
    sentences = []
    for setting in SETTING_NAMES:
        law = doubling_law(layer, setting)
        verb = "doubles" if setting == "kernel_size" else "double"
        sentences.append(
            f"If the {law.setting} {verb}, the weights change by {law.weights} and the total by {law.total}."
        )
    return f"How {plural(layer.parameter_count, 'parameter')} grow. {' '.join(sentences)}"


def axis_name(layer: ConvTranspose, setting: str) -> str:
    """Return the name of the horizontal axis of one growth panel.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    >>> axis_name(layer, "kernel_size"), axis_name(layer, "in_channels")
    ('kernel height', 'input channels')
    """
    if setting == "kernel_size" and len(collapse_axes(layer.kernel_size)) == 1:
        return "kernel size"
    return _setting_name(layer, setting)


def _setting_name(layer: ConvTranspose, setting: str) -> str:
    """Return the name of a setting in a sentence; a kernel that is not square varies on its first axis."""
    if setting == "kernel_size" and len(collapse_axes(layer.kernel_size)) > 1:
        return f"kernel {axis_names(layer.rank)[0]}"
    return SETTING_NAMES[setting]


def split_finding(layer: ConvTranspose) -> str:
    """Return the text alternative of the split.

    >>> split_finding(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4))
    '3,136 parameters: 3,072 weights and 64 biases.'
    """
    return (
        f"{plural(layer.parameter_count, 'parameter')}: {plural(layer.weight_count, 'weight')} "
        f"and {plural(layer.bias_count, 'bias')}."
    )


def plane_finding(layer: ConvTranspose) -> str:
    """Return the text alternative of the plane of channels."""
    channels = _pair((layer.in_channels, layer.out_channels))
    return (
        f"Parameters by input and output channels. The layer {channels} has "
        f"{format_count(layer.parameter_count)}. Along a line of equal count, twice the input channels mean "
        "about half the output channels."
    )


def tensor_finding(view: TensorView) -> str:
    """Return the text alternative of the grid of kernels.

    >>> from calculator.geometry.weight_grid import tensor_view
    >>> tensor_finding(tensor_view(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)))
    'A grid of 3 input channels by 64 output channels with 192 kernels of 4 × 4 weights, 27 of them drawn. \
The kernel from input channel 1 to output channel 1 is framed. Below is one bias for each output channel.'
    """
    layer = view.layer
    drawn = "all" if view.complete else format_count(view.kernels_shown)
    them = "it" if layer.kernel_count == 1 else "them"
    weights = f"{format_product(layer.kernel_size)} {noun_for(layer.kernel_volume, 'weight')}"
    groups = " Channels of different groups have no kernel." if layer.groups > 1 else ""
    biases = " Below is one bias for each output channel." if layer.bias else ""
    return (
        f"A grid of {plural(layer.in_channels, 'input channel')} by "
        f"{plural(layer.out_channels, 'output channel')} with {plural(layer.kernel_count, 'kernel')} "
        f"of {weights}, {drawn} of {them} drawn. The kernel from input channel "
        f"{format_count(view.pair[0] + 1)} to "
        f"output channel {format_count(view.pair[1] + 1)} is framed.{groups}{biases}"
    )


def stamp_finding(played: Stamp) -> str:
    """Return the text alternative of the stamp.

    >>> from calculator.geometry.stamp import stamp
    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    >>> stamp_finding(stamp(layer, 4))
    'Each of 16 input values multiplies the kernel of 4 × 4 weights. The products are added up at \
steps of the stride, 2. The output has 8 × 8 values, cut out of 10 × 10.'
    """
    layer = played.layer
    steps = format_product(collapse_axes(layer.stride))
    weights = f"{format_product(layer.kernel_size)} {noun_for(layer.kernel_volume, 'weight')}"
    inputs = len(played.input)
    subject = "The input value" if inputs == 1 else f"Each of {format_count(inputs)} input values"
    cropped = played.canvas_size != played.output_size
    values = f"{format_product(played.output_size)} {noun_for(math.prod(played.output_size), 'value')}"
    return (
        f"{subject} multiplies the kernel of {weights}. "
        f"The products are added up at steps of the stride, {steps}. The output has {values}"
        f"{f', cut out of {format_product(played.canvas_size)}' if cropped else ''}."
    )


def matrices_finding(matrix: Sequence[Sequence[int]]) -> str:
    """Return the text alternative of the two matrices, which reads the first row by row.

    >>> matrices_finding([[1, 2, 0], [0, 1, 2]])
    'C, 2 rows by 3 columns: 1 2 0; 0 1 2. Its transpose, 3 rows by 2 columns, has the same numbers.'
    """
    numbers = "; ".join(" ".join(str(value) for value in row) for row in matrix)
    rows, columns = len(matrix), len(matrix[0])
    size = f"{plural(rows, 'row')} by {plural(columns, 'column')}"
    transposed_size = f"{plural(columns, 'row')} by {plural(rows, 'column')}"
    return f"C, {size}: {numbers}. Its transpose, {transposed_size}, has the same numbers."


def overlap_finding(layer: ConvTranspose) -> str:
    """Return the text alternative of the overlap.

    >>> overlap_finding(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2))
    'The number of products added up in each output position. Away from the borders it is 1 to 4: uneven.'
    """
    minimum, maximum = interior_range(layer)
    counts = (
        f"{format_count(maximum)}: even"
        if minimum == maximum
        else f"{format_count(minimum)} to {format_count(maximum)}: uneven"
    )
    return f"The number of products added up in each output position. Away from the borders it is {counts}."


def front_finding(names: Sequence[str], count: int) -> str:
    """Return the text alternative of the scatter of ``count`` compared forms; ``names`` are on the front.

    >>> front_finding(["depthwise", "transposed, kernel 2"], 90)
    'Parameters against multiply–accumulates. The Pareto front of 90 forms is: depthwise; transposed, kernel \
2. No other form that mixes all channels and learns spatial weights has both fewer parameters and fewer \
multiply–accumulates.'
    """
    return (
        f"Parameters against multiply–accumulates. The Pareto front of {count} forms is: {'; '.join(names)}. "
        "No other form that mixes all channels and learns spatial weights has both fewer parameters and "
        "fewer multiply–accumulates."
    )


def budget_finding(
    layer: ConvTranspose,
    budget: int,
    pairs: Sequence[tuple[int, int]],
    used: int | None = None,
    noun: str = "parameter",
) -> str:
    """Return the text alternative of the frontier of a budget in the unit ``noun``.

    ``used`` is what the layer costs; ``None`` stands for its parameters.

    >>> budget_finding(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4), 100, [(1, 5), (6, 1)])
    'Output channels against input channels: 2 pairs within 100 parameters in which neither count can be \
raised, from 1 → 5 to 6 → 1. Your layer, 3 → 64 with 3,136, is outside the budget.'
    """
    spent = layer.parameter_count if used is None else used
    side = "within" if spent <= budget else "outside"
    ends = ""
    if pairs:
        ends = f", from {_pair(pairs[0])} to {_pair(pairs[-1])}" if len(pairs) > 1 else f", {_pair(pairs[0])}"
    return (
        f"Output channels against input channels: {plural(len(pairs), 'pair')} within "
        f"{plural(budget, noun)} in which neither count can be raised{ends}. Your layer, "
        f"{_pair((layer.in_channels, layer.out_channels))} with {format_count(spent)}, is {side} the budget."
    )


def _pair(channels: tuple[int, int]) -> str:
    return f"{format_count(channels[0])} → {format_count(channels[1])}"


def model_finding(model: Model) -> str:
    """Return the fewest layers that together have half or more of a model's parameters; three are named.

    >>> from calculator.readers.model import Row
    >>> rows = [Row(name, "", weight_count=count) for name, count in (("a", 5), ("b", 90), ("c", 5))]
    >>> model_finding(Model(tuple(rows), ""))
    '1 of 3 layers has half or more of 100 parameters: b (90).'
    """
    rows = sorted((row for row in model.rows if row.parameter_count), key=lambda row: -row.parameter_count)
    total, summed, chosen = model.parameter_count, 0, 0
    while 2 * summed < total:
        summed += rows[chosen].parameter_count
        chosen += 1
    names = [f"{row.title} ({format_count(row.parameter_count)})" for row in rows[: min(chosen, 3)]]
    layers = sum(row.times for row in rows[:chosen])
    verb = "has" if layers == 1 else "have"
    return (
        f"{format_count(layers)} of {format_count(sum(row.times for row in rows))} layers {verb} half or "
        f"more of {counted_text(model)}: {join_words(names, more=chosen - len(names))}."
    )


def work_finding(model: Model) -> str:
    """Return the input size, the output size and the work of a model; "" when no work is known.

    >>> from calculator.networks.builtin import network
    >>> work_finding(network("dcgan").model())
    'main.0 takes 1 × 1, main.12 gives 64 × 64: 104,628,224 multiply–accumulates in all.'
    """
    rows = [row for row in model.rows if row.multiply_accumulates is not None]
    if not rows:
        return ""
    work = f"{format_count(model.multiply_accumulates or 0)} multiply–accumulates in all"
    first, last = rows[0], rows[-1]
    if model.condition:
        work += f", {model.condition}"
    if not first.input_size or not last.output_size:
        return f"{work}, for one sample."
    gives = " and gives" if first is last else f", {last.title} gives"
    return (
        f"{first.title} takes {format_product(first.input_size)}{gives} "
        f"{format_product(last.output_size)}: {work}."
    )


def tally_finding(tallies: Sequence[Tally]) -> str:
    """Return the text alternative of the three numbers of a model.

    >>> from calculator.core.totals import tally
    >>> tally_finding(tally([ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)], batch_norm=True))
    'Three numbers of one model: in the transposed layer 3,136; trainable 3,264; all 3,392.'
    """
    items = "; ".join(f"{item.what[0].lower()}{item.what[1:]} {format_count(item.value)}" for item in tallies)
    return f"Three numbers of one model: {items}."


def variants_finding(rows: Sequence[tuple[str, str, int, int]], *, counted: bool = True) -> str:
    """Return the text alternative of the variants: their output sizes and, if ``counted``, the parameters.

    A row is the label of a variant, its output size, its output positions and its parameters.

    >>> variants_finding((("your layer", "32 × 32", 1024, 3136), ("stride 1", "17 × 17", 289, 3136)))
    'Every variant has 3,136 parameters; the output is 32 × 32 (your layer), 17 × 17 (stride 1).'
    """
    if not rows:
        return "These settings have no output; the parameter count does not depend on the output."
    sizes = ", ".join(f"{size} ({label})" for label, size, _, _ in rows)
    constant = f"Every variant has {plural(rows[0][3], 'parameter')}; the" if counted else "The"
    return f"{constant} output is {sizes}."
