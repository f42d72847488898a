"""What a chart shows, in a sentence: titles over panels and text alternatives."""

from collections.abc import Sequence

from calculator.core.formatting import (
    axis_names,
    collapse_axes,
    format_count,
    format_factor,
    format_product,
    join_words,
    plural,
)
from calculator.core.growth import path_law
from calculator.core.layer import ConvTranspose
from calculator.core.totals import Tally
from calculator.geometry.overlap import interior_range
from calculator.geometry.weight_grid import TensorView
from calculator.readers.model import Model

NAMES = {"kernel_size": "kernel", "in_channels": "input channels", "out_channels": "output channels"}


def law_title(layer: ConvTranspose, setting: str) -> str:
    """Return what doubling does along one panel, in three short lines; factors to three digits.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> law_title(layer, "kernel_size")
    '<b>kernel ×2 →<br>weights ×4</b>, biases ×1<br>total about ×3.94'
    """
    weights, biases, total = _factors(layer, setting)
    second = f"biases {biases}" if layer.bias else "no biases"
    return f"<b>{_name(layer, setting)} ×2 →<br>weights {weights}</b>, {second}<br>total {total}"


def growth_finding(layer: ConvTranspose) -> str:
    """Return what the growth figure shows, as a text alternative."""
    parts = []
    for setting in NAMES:
        weights, _, total = _factors(layer, setting)
        parts.append(f"{_name(layer, setting)} doubled makes weights {weights} and the total {total}")
    return f"How {format_count(layer.parameter_count)} parameters grow: {'; '.join(parts)}."


def axis_name(layer: ConvTranspose, setting: str) -> str:
    """Return what the axis of one panel counts.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    >>> axis_name(layer, "kernel_size"), axis_name(layer, "in_channels")
    ('kernel height', 'input channels')
    """
    if setting == "kernel_size" and len(collapse_axes(layer.kernel_size)) == 1:
        return "kernel size"
    return _name(layer, setting)


def _name(layer: ConvTranspose, setting: str) -> str:
    if setting == "kernel_size" and len(collapse_axes(layer.kernel_size)) > 1:
        return f"kernel {axis_names(layer.rank)[0]}"
    return NAMES[setting]


def _factors(layer: ConvTranspose, setting: str) -> tuple[str, str, str]:
    law = path_law(layer, setting)
    weights, biases, total = law.weights, law.biases, law.total
    assert weights is not None
    assert biases is not None
    assert total is not None
    return format_factor(weights), format_factor(biases), format_factor(total)


def split_finding(layer: ConvTranspose) -> str:
    """Return what the split shows, as a text alternative.

    >>> split_finding(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4))
    '3,136 parameters: 3,072 weights and 64 biases.'
    """
    return (
        f"{plural(layer.parameter_count, 'parameter')}: {plural(layer.weight_count, 'weight')} "
        f"and {plural(layer.bias_count, 'bias')}."
    )


def plane_finding(layer: ConvTranspose) -> str:
    """Return what the plane shows, as a text alternative."""
    return (
        f"Parameters over input and output channels. {format_count(layer.in_channels)} → "
        f"{format_count(layer.out_channels)} has {format_count(layer.parameter_count)}; "
        "along a line of equal count, "
        "twice the input channels leave room for about half the output channels."
    )


def tensor_finding(view: TensorView) -> str:
    """Return what the grid of kernels shows, as a text alternative.

    >>> from calculator.geometry.weight_grid import tensor_view
    >>> tensor_finding(tensor_view(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)))
    'A grid of 3 input channels by 64 output channels with 192 kernels of 4 × 4 weights, 27 of them drawn; \
the one from input channel 1 to output channel 1 is framed. Below, one bias for each output channel.'
    """
    layer = view.layer
    drawn = "all" if view.whole else format_count(view.kernels_shown)
    them = "it" if layer.kernel_count == 1 else "them"
    weights = f"{format_product(layer.kernel_size)} {'weight' if layer.kernel_volume == 1 else 'weights'}"
    groups = " Channels of different groups have none." if layer.groups > 1 else ""
    biases = " Below, one bias for each output channel." if layer.bias else ""
    return (
        f"A grid of {plural(layer.in_channels, 'input channel')} by "
        f"{plural(layer.out_channels, 'output channel')} with {plural(layer.kernel_count, 'kernel')} "
        f"of {weights}, {drawn} of {them} drawn; the one from input channel "
        f"{format_count(view.pair[0] + 1)} to "
        f"output channel {format_count(view.pair[1] + 1)} is framed.{groups}{biases}"
    )


def matrices_finding(matrix: Sequence[Sequence[int]]) -> str:
    """Return what the two matrices show, row by row, as a text alternative.

    >>> matrices_finding([[1, 2, 0], [0, 1, 2]])
    'C, 2 rows by 3 columns: 1 2 0; 0 1 2. Its transpose, 3 rows by 2 columns, holds the same numbers.'
    """
    rows = "; ".join(" ".join(str(value) for value in row) for row in matrix)
    high, wide = len(matrix), len(matrix[0])
    size = f"{plural(high, 'row')} by {plural(wide, 'column')}"
    turned = f"{plural(wide, 'row')} by {plural(high, 'column')}"
    return f"C, {size}: {rows}. Its transpose, {turned}, holds the same numbers."


def overlap_finding(layer: ConvTranspose) -> str:
    """Return how evenly the products meet, as a text alternative.

    >>> overlap_finding(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2))
    'How many products meet in each output position: away from the borders 1 to 4, unevenly.'
    """
    minimum, maximum = interior_range(layer)
    counts = (
        f"{format_count(maximum)}, evenly"
        if minimum == maximum
        else f"{format_count(minimum)} to {format_count(maximum)}, unevenly"
    )
    return f"How many products meet in each output position: away from the borders {counts}."


def front_finding(names: Sequence[str]) -> str:
    """Return what the scatter of alternatives shows, as a text alternative; ``names`` are on the front.

    >>> front_finding(["depthwise", "transposed, kernel 2"])
    'Parameters against multiply–accumulates. Of the layers whose weights decide about space, the best \
front: depthwise; transposed, kernel 2.'
    """
    return (
        "Parameters against multiply–accumulates. Of the layers whose weights decide about space, the best "
        f"front: {'; '.join(names)}."
    )


def budget_finding(layer: ConvTranspose, budget: int, pairs: Sequence[tuple[int, int]]) -> str:
    """Return what the plane of a budget shows, as a text alternative.

    >>> budget_finding(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4), 100, [(1, 5), (6, 1)])
    'Input against output channels: 2 pairs within 100 parameters of which neither can be raised, from \
1 → 5 to 6 → 1. Your layer, 3 → 64 with 3,136, lies outside.'
    """
    where = "inside" if layer.parameter_count <= budget else "outside"
    ends = ""
    if pairs:
        ends = f", from {_pair(pairs[0])} to {_pair(pairs[-1])}" if len(pairs) > 1 else f", {_pair(pairs[0])}"
    return (
        f"Input against output channels: {plural(len(pairs), 'pair')} within "
        f"{plural(budget, 'parameter')} of which neither can be raised{ends}. Your layer, "
        f"{_pair((layer.in_channels, layer.out_channels))} with "
        f"{format_count(layer.parameter_count)}, lies {where}."
    )


def _pair(pair: tuple[int, int]) -> str:
    return f"{format_count(pair[0])} → {format_count(pair[1])}"


def model_finding(model: Model) -> str:
    """Return where most of a model's parameters are: the heaviest layers, and how few hold half of them.

    >>> from calculator.readers.model import Row
    >>> rows = [Row(name, "", weight_count=count) for name, count in (("a", 5), ("b", 90), ("c", 5))]
    >>> model_finding(Model(tuple(rows), ""))
    '1 of 3 layers holds half of 100 parameters: b (90).'
    """
    rows = sorted((row for row in model.rows if row.parameter_count), key=lambda row: -row.parameter_count)
    total, held, count = model.parameter_count, 0, 0
    while 2 * held < total:
        held += rows[count].parameter_count
        count += 1
    named = [f"{row.title} ({format_count(row.parameter_count)})" for row in rows[: min(count, 3)]]
    holds = "holds" if count == 1 else "hold"
    return (
        f"{format_count(count)} of {format_count(len(rows))} layers {holds} half of "
        f"{plural(total, 'parameter')}: {join_words(named, more=count - len(named))}."
    )


def work_finding(model: Model) -> str:
    """Return what goes in, what comes out, and the work between; "" where no work is known.

    >>> from calculator.networks.builtin import network
    >>> work_finding(network("dcgan").model())
    'main.0 takes 1 × 1, main.12 gives 64 × 64: 104,628,224 multiply–accumulates in all.'
    """
    worked = [row for row in model.rows if row.multiply_accumulates is not None]
    if not worked:
        return ""
    work = f"{format_count(model.multiply_accumulates or 0)} multiply–accumulates in all"
    first, last = worked[0], worked[-1]
    if not first.input_size or not last.output_size:
        return f"{work}, for one sample."
    gives = "and gives" if first is last else f"{last.title} gives"
    comma = "" if first is last else ","
    return (
        f"{first.title} takes {format_product(first.input_size)}{comma} {gives} "
        f"{format_product(last.output_size)}: {work}."
    )


def tally_finding(tallies: Sequence[Tally]) -> str:
    """Return the three numbers of a model, as a text alternative.

    >>> from calculator.core.totals import tally
    >>> tally_finding(tally([ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)], batch_norm=True))
    'Three numbers of one model: in the transposed layer 3,136; trainable 3,264; all 3,392.'
    """
    told = "; ".join(f"{item.what[0].lower()}{item.what[1:]} {format_count(item.value)}" for item in tallies)
    return f"Three numbers of one model: {told}."


def variants_finding(rows: Sequence[tuple[str, str, int, int]], *, counted: bool = True) -> str:
    """Return what moves and what stays, as a text alternative; not ``counted``, only what moves.

    >>> variants_finding((("as it is", "32 × 32", 1024, 3136), ("stride 1", "17 × 17", 289, 3136)))
    'Always 3,136 parameters, whatever is moved; the output is 32 × 32 (as it is), 17 × 17 (stride 1).'
    """
    if not rows:
        return "No output with these settings; the count does not need one."
    told = ", ".join(f"{size} ({label})" for label, size, _, _ in rows)
    stays = f"Always {plural(rows[0][3], 'parameter')}, whatever is moved; the" if counted else "The"
    return f"{stays} output is {told}."
