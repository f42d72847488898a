"""What a chart shows, in a sentence: titles over panels and text alternatives."""

from collections.abc import Sequence

from calculator.counting import Tally
from calculator.derivation import number, part_text, product
from calculator.growth import path_law, times
from calculator.layer import ConvTranspose
from calculator.overlap import interior_range
from calculator.readers.model import Model
from calculator.settings import axis_names
from calculator.tensor import TensorView

NAMES = {"kernel_size": "kernel", "in_channels": "input channels", "out_channels": "output channels"}


def law_title(layer: ConvTranspose, setting: str) -> str:
    """Return what doubling does along one panel, in three short lines; factors to three digits.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> law_title(layer, "kernel_size")
    '<b>kernel ×2 →<br>weights ×4</b>, biases ×1<br>total ≈×3.94'
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
    return f"How {number(layer.parameter_count)} parameters grow: {'; '.join(parts)}."


def axis_name(layer: ConvTranspose, setting: str) -> str:
    """Return what the axis of one panel counts.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    >>> axis_name(layer, "kernel_size"), axis_name(layer, "in_channels")
    ('kernel height', 'input channels')
    """
    if setting == "kernel_size" and len(set(layer.kernel_size)) == 1:
        return "kernel size"
    return _name(layer, setting)


def _name(layer: ConvTranspose, setting: str) -> str:
    if setting == "kernel_size" and len(set(layer.kernel_size)) > 1:
        return f"kernel {axis_names(layer.rank)[0]}"
    return NAMES[setting]


def _factors(layer: ConvTranspose, setting: str) -> tuple[str, str, str]:
    law = path_law(layer, setting)
    weights, biases, total = law.weights, law.biases, law.total
    assert weights is not None
    assert biases is not None
    assert total is not None
    return times(weights), times(biases), times(total)


def split_finding(layer: ConvTranspose) -> str:
    """Return what the split shows, as a text alternative.

    >>> split_finding(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4))
    '3,136 parameters: 3,072 weights and 64 biases.'
    """
    return (
        f"{part_text(layer.parameter_count, 'parameters')}: {part_text(layer.weight_count, 'weights')} "
        f"and {part_text(layer.bias_count, 'biases')}."
    )


def plane_finding(layer: ConvTranspose) -> str:
    """Return what the plane shows, as a text alternative."""
    return (
        f"Parameters over input and output channels. {number(layer.in_channels)} → "
        f"{number(layer.out_channels)} has {number(layer.parameter_count)}; along a line of equal count, "
        "twice the input channels leave room for about half the output channels."
    )


def tensor_finding(view: TensorView) -> str:
    """Return what the grid of kernels shows, as a text alternative.

    >>> from calculator.tensor import tensor_view
    >>> tensor_finding(tensor_view(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)))
    'A grid of 3 input channels by 64 output channels with 192 kernels of 4 × 4 weights, 27 of them drawn; \
the one from input channel 1 to output channel 1 is framed. Below, one bias for each output channel.'
    """
    layer = view.layer
    drawn = "all" if view.whole else number(view.kernels_shown)
    them = "it" if layer.kernel_count == 1 else "them"
    weights = f"{product(layer.kernel_size)} {'weight' if layer.kernel_volume == 1 else 'weights'}"
    groups = " Channels of different groups have none." if layer.groups > 1 else ""
    biases = " Below, one bias for each output channel." if layer.bias else ""
    return (
        f"A grid of {_counted(layer.in_channels, 'input channel')} by "
        f"{_counted(layer.out_channels, 'output channel')} with {_counted(layer.kernel_count, 'kernel')} "
        f"of {weights}, {drawn} of {them} drawn; the one from input channel {number(view.pair[0] + 1)} to "
        f"output channel {number(view.pair[1] + 1)} is framed.{groups}{biases}"
    )


def matrices_finding(matrix: Sequence[Sequence[int]]) -> str:
    """Return what the two matrices show, row by row, as a text alternative.

    >>> matrices_finding([[1, 2, 0], [0, 1, 2]])
    'C, 2 rows by 3 columns: 1 2 0; 0 1 2. Its transpose, 3 rows by 2 columns, holds the same numbers.'
    """
    rows = "; ".join(" ".join(str(value) for value in row) for row in matrix)
    high, wide = len(matrix), len(matrix[0])
    size = f"{_counted(high, 'row')} by {_counted(wide, 'column')}"
    turned = f"{_counted(wide, 'row')} by {_counted(high, 'column')}"
    return f"C, {size}: {rows}. Its transpose, {turned}, holds the same numbers."


def overlap_finding(layer: ConvTranspose) -> str:
    """Return how evenly the products meet, as a text alternative.

    >>> overlap_finding(ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2))
    'How many products meet in each output position: away from the borders 1 to 4, unevenly.'
    """
    least, most = interior_range(layer)
    counts = f"{number(most)}, evenly" if least == most else f"{number(least)} to {number(most)}, unevenly"
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
        f"Input against output channels: {_counted(len(pairs), 'pair')} within "
        f"{part_text(budget, 'parameters')} of which neither can be raised{ends}. Your layer, "
        f"{_pair((layer.in_channels, layer.out_channels))} with "
        f"{number(layer.parameter_count)}, lies {where}."
    )


def _counted(count: int, noun: str) -> str:
    return f"{number(count)} {noun}{'s' if count != 1 else ''}"


def _pair(pair: tuple[int, int]) -> str:
    return f"{number(pair[0])} → {number(pair[1])}"


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
    named = [f"{row.title} ({number(row.parameter_count)})" for row in rows[: min(count, 3)]]
    more = f" and {number(count - len(named))} more" if count > len(named) else ""
    holds = "holds" if count == 1 else "hold"
    return (
        f"{number(count)} of {number(len(rows))} layers {holds} half of {part_text(total, 'parameters')}: "
        f"{', '.join(named)}{more}."
    )


def work_finding(model: Model) -> str:
    """Return what goes in, what comes out, and the work between; "" where no work is known.

    >>> from calculator.networks import network
    >>> work_finding(network("dcgan").model())
    'main.0 takes 1 × 1, main.12 gives 64 × 64: 104,628,224 multiply–accumulates in all.'
    """
    worked = [row for row in model.rows if row.multiply_accumulates is not None]
    if not worked:
        return ""
    work = f"{number(model.multiply_accumulates or 0)} multiply–accumulates in all"
    first, last = worked[0], worked[-1]
    if not first.input_size or not last.output_size:
        return f"{work}, for one sample."
    gives = "and gives" if first is last else f"{last.title} gives"
    comma = "" if first is last else ","
    return (
        f"{first.title} takes {product(first.input_size)}{comma} {gives} {product(last.output_size)}: {work}."
    )


def tally_finding(tallies: Sequence[Tally]) -> str:
    """Return the three numbers of a model, as a text alternative.

    >>> from calculator.counting import tally
    >>> tally_finding(tally([ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)], batch_norm=True))
    'Three numbers of one model: in the transposed layer 3,136; trainable 3,264; all 3,392.'
    """
    told = "; ".join(f"{item.what[0].lower()}{item.what[1:]} {number(item.value)}" for item in tallies)
    return f"Three numbers of one model: {told}."


def variants_finding(rows: Sequence[tuple[str, str, int, int]], *, counted: bool = True) -> str:
    """Return what moves and what stays, as a text alternative; not ``counted``, only what moves.

    >>> variants_finding((("as it is", "32 × 32", 1024, 3136), ("stride 1", "17 × 17", 289, 3136)))
    'Always 3,136 parameters, whatever is moved; the output is 32 × 32 (as it is), 17 × 17 (stride 1).'
    """
    if not rows:
        return "No output with these settings; the count does not need one."
    told = ", ".join(f"{size} ({label})" for label, size, _, _ in rows)
    stays = f"Always {part_text(rows[0][3], 'parameters')}, whatever is moved; the" if counted else "The"
    return f"{stays} output is {told}."
