"""Advice on a model: the rule, a sentence, the layers and the number of parameters that it concerns.

A list of layers does not show how the layers are connected, so advice that depends on it is conditional.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from calculator.comparison.alternatives import sub_pixel
from calculator.comparison.upsampling_layers import Conv
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.geometry.overlap import AxisOverlap, overlap
from calculator.readers.model import Model, Row
from calculator.readers.totals import counted_text

BATCH_NORMS = frozenset(
    {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm", "BatchNorm", "BatchNormalization"}
)
"""Layers that subtract the mean of each channel, so that a bias just before them has no effect."""

MAX_NAMES = 6
"""Layers that a sentence names; the number of further layers is given."""


@dataclass(frozen=True)
class Advice:
    """One piece of advice: its rule in a few words, a sentence, and the indices of its rows.

    ``parameters`` is the number of parameters that the advice is about.
    """

    rule: str
    sentence: str
    rows: tuple[int, ...]
    parameters: int = 0


def advice(model: Model) -> tuple[Advice, ...]:
    """Return all advice on ``model``, the advice on the most parameters first.

    >>> up = ConvTranspose(in_channels=8, out_channels=4, kernel_size=3, stride=2)
    >>> row = Row("up", "ConvTranspose2d", up.weight_shape, 288, 4, transposed=True, layer=up)
    >>> norm = Row("norm", "BatchNorm2d", (4,), 4, 4)
    >>> [(piece.rule, piece.parameters) for piece in advice(Model((row, norm), ""))]
    [('most parameters in one layer', 292), ('a smaller variant', 176), ('bias before BatchNorm', 4), \
('uneven overlap', 0)]
    """
    pieces = (
        *_largest_layer(model),
        *_smaller_variants(model),
        *_useless_biases(model),
        *_overlaps(model),
        *_invalid_output_padding(model),
    )
    return tuple(sorted(pieces, key=lambda piece: -piece.parameters))


def names(rows: Sequence[Row]) -> str:
    """Return the names of rows for a sentence; of more than ``MAX_NAMES`` only the first.

    >>> names([Row("a", ""), Row("b", ""), Row("c", "")])
    'a, b and c'
    """
    titles = [row.title for row in rows[:MAX_NAMES]]
    return join_words(titles, more=len(rows) - len(titles))


def _largest_layer(model: Model) -> Iterator[Advice]:
    """Yield the layer that has more than half of the parameters."""
    total = model.parameter_count
    for index, row in enumerate(model.rows):
        if row.times == 1 and 2 * row.parameter_count > total and len(model.rows) > 1:
            share = f"{100 * row.parameter_count / total:.0f} %"
            sentence = (
                f"{row.title} ({row.type}) has {format_count(row.parameter_count)} of "
                f"{counted_text(model)}, {share}. "
                "Begin with this layer to make the model smaller."
            )
            yield Advice("most parameters in one layer", sentence, (index,), row.parameter_count)


def _useless_biases(model: Model) -> Iterator[Advice]:
    """Yield the layers whose bias has no effect because a batch normalisation follows."""
    indices = [
        index
        for index, (row, after) in enumerate(itertools.pairwise(model.rows))
        if row.bias_count
        and after.type in BATCH_NORMS
        and after.bias_count == row.bias_count
        and (row.transposed or "Conv" in row.type or row.type in ("Linear", "Dense"))
    ]
    if indices:
        rows = [model.rows[index] for index in indices]
        count = sum(row.bias_count for row in rows)
        sentence = (
            f"BatchNorm subtracts the mean of each channel, and with it any bias added just before. If its "
            f"input is the output of {names(rows)}, as the order of the layers suggests, "
            f"{plural(count, 'bias')} {'has' if count == 1 else 'have'} no effect."
        )
        yield Advice("bias before BatchNorm", sentence, tuple(indices), count)


def _overlaps(model: Model) -> Iterator[Advice]:
    """Yield the layers that leave holes, and the others with uneven overlap."""
    holes: list[int] = []
    uneven: list[int] = []
    known: dict[object, tuple[AxisOverlap, ...]] = {}
    for index, row in enumerate(model.rows):
        if row.layer is not None:
            key = row.layer.kernel_size, row.layer.stride, row.layer.dilation
            axes = known.get(key) or known.setdefault(key, overlap(row.layer))
            if any(axis.holes for axis in axes):
                holes.append(index)
            elif not all(axis.even for axis in axes):
                uneven.append(index)
    rules = (
        ("holes in the output", holes, ("leaves", "leave"), "output positions that no weight reaches"),
        (
            "uneven overlap",
            uneven,
            ("adds", "add"),
            "more products into some output positions than into others, whatever the weights are",
        ),
    )
    for rule, indices, verbs, effect in rules:
        if indices:
            rows = [model.rows[index] for index in indices]
            every = sorted({_kernel_and_stride(row.layer) for row in rows if row.layer})
            more = [f"{format_count(len(every) - MAX_NAMES)} more"] if len(every) > MAX_NAMES else []
            settings = ", ".join(every[:MAX_NAMES] + more)
            verb = verbs[len(rows) > 1]
            sentence = (
                f"{names(rows)} ({settings}) {verb} {effect}. "
                "The page Picture shows where, and which settings make the overlap even."
            )
            yield Advice(rule, sentence, tuple(indices))


def _kernel_and_stride(layer: ConvTranspose) -> str:
    return f"kernel {format_product(layer.kernel_size)}, stride {format_product(layer.stride)}"


def _invalid_output_padding(model: Model) -> Iterator[Advice]:
    """Yield the layers whose output_padding only PyTorch accepts, where it may exceed the stride."""
    indices = [
        index
        for index, row in enumerate(model.rows)
        if row.layer is not None
        and any(
            extra >= stride for extra, stride in zip(row.layer.output_padding, row.layer.stride, strict=True)
        )
    ]
    if indices:
        titles = names([model.rows[index] for index in indices])
        sentence = (
            f"The output_padding of {titles} is not below the stride. "
            "PyTorch accepts it if it is below the dilation; Keras and onnxruntime do not accept it."
        )
        yield Advice("output_padding not accepted", sentence, tuple(indices))


def _smaller_variants(model: Model) -> Iterator[Advice]:
    """Yield a depthwise and a sub-pixel variant of the largest transposed layer, if they have a benefit."""
    rows = [(row.parameter_count, -index) for index, row in enumerate(model.rows) if row.layer is not None]
    if not rows:
        return
    index = -max(rows)[1]
    row, layer = model.rows[index], model.rows[index].layer
    assert layer is not None
    yield from _depthwise(row, index, layer)
    # The sub-pixel variant has no groups and multiplies the size by the stride. So must the layer.
    if layer.groups == 1 and max(layer.stride) > 1 and _multiplies_by_stride(layer):
        yield from _sub_pixel(row, index, layer)


def _multiplies_by_stride(layer: ConvTranspose) -> bool:
    """Return whether the output size is the input size times the stride, on every axis."""
    axes = zip(
        layer.kernel_size, layer.stride, layer.padding, layer.output_padding, layer.dilation, strict=True
    )
    return all(d * (k - 1) + 1 - s == 2 * p - op for k, s, p, op, d in axes)


def _depthwise(row: Row, index: int, layer: ConvTranspose) -> Iterator[Advice]:
    """Yield the variant that enlarges each channel with a kernel of its own and then mixes the channels."""
    inputs = layer.in_channels
    enlarge = replace(layer, out_channels=inputs, groups=inputs)
    mix = Conv(inputs, layer.out_channels, (1,) * layer.rank, bias=layer.bias)
    count = row.times * (enlarge.parameter_count + mix.weight_count + mix.bias_count)
    if count < row.parameter_count:
        name = (
            f"depthwise transposed, kernel {format_product(layer.kernel_size)}, + "
            f"{format_product(mix.kernel_size)}"
        )
        sentence = (
            f"{_instead(row, name, count)}. It can represent fewer functions. Only training shows whether "
            "they are enough. The page Compare shows other ways."
        )
        yield Advice("a smaller variant", sentence, (index,), row.parameter_count - count)


def _sub_pixel(row: Row, index: int, layer: ConvTranspose) -> Iterator[Advice]:
    """Yield the sub-pixel variant if it has fewer parameters, or if the layer has uneven overlap."""
    try:
        variant = sub_pixel(layer.in_channels, layer.out_channels, layer.stride, bias=layer.bias)
    except LayerError:
        return
    count = row.times * variant.parameter_count
    saved = row.parameter_count - count
    uneven = not all(axis.even for axis in overlap(layer))
    if saved > 0 or uneven:
        difference = "" if saved > 0 else f": {format_count(-saved)} more" if saved else ": as many"
        benefit = (
            " Away from the borders, all output positions would then add up the same number of products."
            if uneven
            else ""
        )
        instead = _instead(row, variant.name, count)
        sentence = f"{instead}{difference}.{benefit} Its weights must be trained again."
        yield Advice("a sub-pixel variant", sentence, (index,), max(saved, 0))


def _instead(row: Row, name: str, count: int) -> str:
    parameters = plural(count, "parameter")
    return f"{row.title} as {name} would have {parameters} instead of {format_count(row.parameter_count)}"
