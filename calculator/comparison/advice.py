"""Advice on a model: the rule, a sentence, the layers and the number of parameters that it concerns.

A list of layers does not show how the layers are connected, so advice that depends on it is conditional.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from calculator.comparison.lighter_block import (
    Block,
    Costs,
    activation_values,
    block_of,
    change_text,
    groups_text,
    lighter,
)
from calculator.core.formatting import format_count, format_product, join_words, plural
from calculator.core.layer import ConvTranspose
from calculator.geometry.overlap import AxisOverlap, overlap
from calculator.readers.model import Model, Row
from calculator.readers.totals import at_least, counted_text

BATCH_NORMS = frozenset(
    {"BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm", "BatchNorm", "BatchNormalization"}
)
"""Layers that subtract the mean of each channel, so that a bias just before them has no effect."""

MAX_NAMES = 6
"""Layers that a sentence names; the number of further layers is given."""


HEAVY = 20
"""A layer is heavy if it has at least this part of the parameters of the model: a twentieth."""


@dataclass(frozen=True)
class Advice:
    """One piece of advice: its rule in a few words, a sentence, and the indices of its rows.

    ``parameters`` is the number of parameters that the advice is about. ``before`` and ``after`` are the
    costs that it changes, of the layer or of the model; ``None`` for advice that does not change a layer.
    """

    rule: str
    sentence: str
    rows: tuple[int, ...]
    parameters: int = 0
    before: Costs | None = None
    after: Costs | None = None


def advice(model: Model) -> tuple[Advice, ...]:
    """Return all advice on ``model``, the advice on the most parameters first.

    >>> up = ConvTranspose(in_channels=8, out_channels=4, kernel_size=3, stride=2)
    >>> row = Row("up", "ConvTranspose2d", up.weight_shape, 288, 4, transposed=True, layer=up)
    >>> norm = Row("norm", "BatchNorm2d", (4,), 4, 4)
    >>> [(piece.rule, piece.parameters) for piece in advice(Model((row, norm), ""))]
    [('most parameters in one layer', 292), ('a smaller variant', 216), ('bias before BatchNorm', 4), \
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
            f"{plural(count, 'bias')} {'has' if count == 1 else 'have'} no effect. Without "
            f"{'it' if count == 1 else 'them'}, the model needs "
            f"{at_least(model, model.parameter_count - count)} parameters instead of {counted_text(model)}; "
            "its multiply–accumulates and its activations stay the same."
        )
        values, _ = activation_values(model)
        before = Costs(model.parameter_count, model.multiply_accumulates, values or None)
        after = replace(before, parameters=model.parameter_count - count)
        yield Advice("bias before BatchNorm", sentence, tuple(indices), count, before, after)


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
    """Yield the lighter variants of all heavy convolutions, and of the largest transposed one."""
    transposed = [
        (row.parameter_count, -index) for index, row in enumerate(model.rows) if row.layer is not None
    ]
    largest = -max(transposed)[1] if transposed else -1
    for index, row in enumerate(model.rows):
        if index != largest and row.parameter_count * HEAVY < model.parameter_count:
            continue
        if (block := block_of(row)) is not None:
            yield from _lighter(row, index, block)
            # The sub-pixel variant multiplies the size by the stride. So must the layer.
            if row.layer and max(row.layer.stride) > 1 and _multiplies_by_stride(row.layer):
                yield from _sub_pixel(row, index, block, row.layer)


def _multiplies_by_stride(layer: ConvTranspose) -> bool:
    """Return whether the output size is the input size times the stride, on every axis."""
    axes = zip(
        layer.kernel_size, layer.stride, layer.padding, layer.output_padding, layer.dilation, strict=True
    )
    return all(d * (k - 1) + 1 - s == 2 * p - op for k, s, p, op, d in axes)


def _lighter(row: Row, index: int, block: Block) -> Iterator[Advice]:
    """Yield the better order of a convolution that mixes channels and one that mixes positions."""
    if (found := lighter(block)) is None:
        return
    condition = "" if block.certain else f"If {row.title} has no groups: "
    sentence = (
        f"{condition}{row.title} as {found.name}, {change_text(found.before, found.after)} It can represent "
        "fewer functions. Only training shows whether they are enough."
    )
    saved = found.before.parameters - found.after.parameters
    yield Advice("a smaller variant", sentence, (index,), saved, found.before, found.after)


def _sub_pixel(row: Row, index: int, block: Block, layer: ConvTranspose) -> Iterator[Advice]:
    """Yield the sub-pixel variant if it has fewer parameters, or if the layer has uneven overlap."""
    before, after = block.costs(), block.sub_pixel(layer.stride)
    saved = before.parameters - after.parameters
    uneven = not all(axis.even for axis in overlap(layer))
    if saved > 0 or uneven:
        benefit = (
            " Away from the borders, all output positions would then add up the same number of products."
            if uneven
            else ""
        )
        kernel = format_product((3,) * layer.rank, compact=True)
        sentence = (
            f"{row.title} as sub-pixel, a convolution of kernel {kernel}{groups_text(block)} and a shuffle, "
            f"{change_text(before, after)}{benefit} Its weights must be trained again."
        )
        yield Advice("a sub-pixel variant", sentence, (index,), max(saved, 0), before, after)
