"""What a model's rows suggest: each with its rule, the layers it is about, and its size in parameters.

What is not sure is said so: a list of layers does not tell how they are wired.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from calculator.comparison.alternative import Alternative
from calculator.comparison.alternatives import alternatives
from calculator.comparison.upsampling_layers import Conv
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, format_product, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.geometry.overlap import overlap
from calculator.readers.model import Model, Row

BATCH_NORMS = frozenset(
    {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm", "BatchNorm", "BatchNormalization"}
)
"""Layers that subtract each channel's mean, so that a bias before them has no effect."""

NAMED = 6
"""Layers that a sentence names; more are counted."""


@dataclass(frozen=True)
class Advice:
    """One piece of advice: its rule in a few words, a sentence, the rows it is about, its size."""

    rule: str
    sentence: str
    rows: tuple[int, ...]
    parameters: int = 0


def advice(model: Model) -> tuple[Advice, ...]:
    """Return everything there is to advise on ``model``, the largest in parameters first.

    >>> up = ConvTranspose(in_channels=8, out_channels=4, kernel_size=3, stride=2)
    >>> row = Row("up", "ConvTranspose2d", up.weight_shape, 288, 4, transposed=True, layer=up)
    >>> norm = Row("norm", "BatchNorm2d", (4,), 4, 4)
    >>> [(one.rule, one.parameters) for one in advice(Model((row, norm), ""))]
    [('one layer holds most', 292), ('a lighter variant', 176), ('bias before BatchNorm', 4), \
('uneven overlap', 0)]
    """
    found = (*_holds_most(model), *_lighter(model), *_biases(model), *_holes(model), *_refused(model))
    return tuple(sorted(found, key=lambda one: -one.parameters))


def names(rows: Sequence[Row]) -> str:
    """Return the names of some rows for a sentence; of many the first ones.

    >>> names([Row("a", ""), Row("b", ""), Row("c", "")])
    'a, b and c'
    """
    shown = [row.title for row in rows[:NAMED]]
    return join_words(shown, more=len(rows) - len(shown))


def _holds_most(model: Model) -> Iterator[Advice]:
    total = model.parameter_count
    for place, row in enumerate(model.rows):
        if 2 * row.parameter_count > total and len(model.rows) > 1:
            share = f"{100 * row.parameter_count / total:.0f} %"
            sentence = (
                f"{row.title} ({row.type}) holds {format_count(row.parameter_count)} of "
                f"{format_count(total)} "
                f"parameters, {share}: what makes it smaller makes the model smaller."
            )
            yield Advice("one layer holds most", sentence, (place,), row.parameter_count)


def _biases(model: Model) -> Iterator[Advice]:
    places = [
        place
        for place, (row, after) in enumerate(itertools.pairwise(model.rows))
        if row.bias_count
        and after.type in BATCH_NORMS
        and after.bias_count == row.bias_count
        and (row.transposed or "Conv" in row.type or row.type in ("Linear", "Dense"))
    ]
    if places:
        rows = [model.rows[place] for place in places]
        count = sum(row.bias_count for row in rows)
        sentence = (
            f"BatchNorm subtracts each channel's mean, and with it any bias added just before. If it takes "
            f"the output of {names(rows)}, as the order of the layers suggests, "
            f"{plural(count, 'bias')} "
            "have no effect."
        )
        yield Advice("bias before BatchNorm", sentence, tuple(places), count)


def _holes(model: Model) -> Iterator[Advice]:
    """Yield the layers that leave holes, as a kernel smaller than its stride does, and the uneven others."""
    found: dict[bool, list[int]] = {True: [], False: []}
    for place, row in enumerate(model.rows):
        if row.layer is not None:
            axes = overlap(row.layer)
            if not all(axis.even for axis in axes):
                found[any(axis.holes for axis in axes)].append(place)
    for holes, rule, told in (
        (True, "holes in the output", "leave output positions that no weight reaches"),
        (
            False,
            "uneven overlap",
            "add more products into some output positions than into others, by geometry alone",
        ),
    ):
        if found[holes]:
            rows = [model.rows[place] for place in found[holes]]
            each = ", ".join(sorted({_setting(row.layer) for row in rows if row.layer}))
            sentence = (
                f"{names(rows)} ({each}) {told if len(rows) > 1 else _singular(told)}. "
                "Picture shows where, and what makes it even."
            )
            yield Advice(rule, sentence, tuple(found[holes]))


def _singular(told: str) -> str:
    verb, _, rest = told.partition(" ")
    return f"{verb}s {rest}"


def _setting(layer: ConvTranspose) -> str:
    return f"kernel {format_product(layer.kernel_size)}, stride {format_product(layer.stride)}"


def _refused(model: Model) -> Iterator[Advice]:
    """Yield the layers whose output_padding only PyTorch takes: it may reach the dilation there."""
    places = [
        place
        for place, row in enumerate(model.rows)
        if row.layer is not None
        and any(
            more >= stride for more, stride in zip(row.layer.output_padding, row.layer.stride, strict=True)
        )
    ]
    if places:
        named = names([model.rows[place] for place in places])
        sentence = (
            f"The output_padding of {named} is not below the stride. "
            "PyTorch takes it as long as it is below the dilation; Keras and onnxruntime refuse it."
        )
        yield Advice("output_padding refused", sentence, tuple(places))


def _lighter(model: Model) -> Iterator[Advice]:
    """Yield what a depthwise and a sub-pixel variant of the heaviest transposed layer would have."""
    rows = [(row.parameter_count, -place) for place, row in enumerate(model.rows) if row.layer is not None]
    if not rows:
        return
    place = -max(rows)[1]
    row, layer = model.rows[place], model.rows[place].layer
    assert layer is not None
    yield from _depthwise(row, place, layer)
    # Grouped, or of another output size, its sub-pixel variant would not be the one that is counted here.
    if layer.groups == 1 and max(layer.stride) > 1 and _multiplies(layer):
        yield from _sub_pixel(row, place, layer)


def _multiplies(layer: ConvTranspose) -> bool:
    """Return whether the output is exactly stride times as long as the input, on every axis."""
    axes = zip(
        layer.kernel_size, layer.stride, layer.padding, layer.output_padding, layer.dilation, strict=True
    )
    return all(d * (k - 1) + 1 - s == 2 * p - op for k, s, p, op, d in axes)


def _depthwise(row: Row, place: int, layer: ConvTranspose) -> Iterator[Advice]:
    """Yield the variant that spreads each channel by itself, with the same kernel, and then mixes them."""
    inputs = layer.in_channels
    spread = replace(layer, out_channels=inputs, groups=inputs)
    mix = Conv(inputs, layer.out_channels, (1,) * layer.rank, bias=layer.bias)
    count = spread.parameter_count + mix.weight_count + mix.bias_count
    if count < row.parameter_count:
        name = (
            f"depthwise transposed, kernel {format_product(layer.kernel_size)}, + "
            f"{format_product(mix.kernel_size)}"
        )
        sentence = (
            f"{_instead(row, name, count)}. It can do less: whether that is enough only training tells. "
            "Compare shows other ways."
        )
        yield Advice("a lighter variant", sentence, (place,), row.parameter_count - count)


def _sub_pixel(row: Row, place: int, layer: ConvTranspose) -> Iterator[Advice]:
    """Yield the sub-pixel variant where it has fewer parameters, or no uneven overlap in their place."""
    try:
        found = alternatives(layer.in_channels, layer.out_channels, layer.stride, bias=layer.bias)
    except LayerError:
        return
    way = next(one for one in found if isinstance(one, Alternative) and one.key == "sub-pixel")
    saved = row.parameter_count - way.parameter_count
    uneven = not all(axis.even for axis in overlap(layer))
    if saved > 0 or uneven:
        cost = "" if saved > 0 else f": {format_count(-saved)} more" if saved else ": as many"
        gain = (
            " Away from the border all output positions would then add up equally many products."
            if uneven
            else ""
        )
        instead = _instead(row, way.name, way.parameter_count)
        sentence = f"{instead}{cost}.{gain} Its weights have to be trained anew."
        yield Advice("a sub-pixel variant", sentence, (place,), max(saved, 0))


def _instead(row: Row, name: str, count: int) -> str:
    parameters = plural(count, "parameter")
    return f"{row.title} as {name} would have {parameters} instead of {format_count(row.parameter_count)}"
