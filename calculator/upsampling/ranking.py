"""The ways to upsample as a layer does: those on the Pareto front, the recommended way, the layer itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis
from calculator.upsampling.alternative import Alternative, Missing
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.form_search import cheapest
from calculator.upsampling.forms import Builder
from calculator.upsampling.pareto_front import compared, learned_front
from calculator.upsampling.recommendation import (
    Recommendation,
    difference_text,
    inputs_seen,
    recommend,
)

MAX_KEPT_RANKINGS = 64
"""The number of layers whose rankings are kept: a page asks again at every press."""


# Equal only to itself: what follows from a ranking is kept for it, and to compare all ways takes long.
@dataclass(frozen=True, eq=False)
class Ranking:
    """Every way to upsample by the stride of a layer, and the judgement on them for some aims.

    The indices count the ways in ``available``; ``missing`` are those that the settings do not allow.
    ``compared`` are those whose costs are compared. ``own`` is the way that is the layer itself; ``None`` if
    no way is. ``complete`` is whether the search tried all of its chains of layers.
    """

    available: tuple[Alternative, ...]
    missing: tuple[Missing, ...]
    compared: tuple[int, ...]
    front: tuple[int, ...]
    recommended: Recommendation | None
    own: int | None
    complete: bool

    def shown(self, every_form: bool) -> list[int]:
        """Return the indices of the ways to show: the recommended one first, then the layer and the front."""
        best = self.recommended
        first = [best.index, best.wider, self.own] if best else [self.own]
        usual = [n for n, way in enumerate(self.available) if way.usual or every_form]
        return [n for n in dict.fromkeys((*first, *self.front, *usual)) if n is not None]


def ranking(layer: ConvTranspose, input_size: Spatial, aims: Sequence[str]) -> Ranking:
    """Return the ways to upsample as ``layer`` does; the padding of the layer does not matter.

    ``aims`` are choices of that setting. Raises ``LayerError``.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2)
    >>> every = ranking(layer, 16, ["parameters", "work"])
    >>> every.available[every.own].name, every.available[every.recommended.index].name
    ('transposed, kernel 4', 'depthwise 3×1 + 1×3 + 1×1 + bilinear')
    """
    return _ranking(layer, per_axis("input_size", input_size, layer.rank, 1), tuple(aims))


@lru_cache(MAX_KEPT_RANKINGS)
def _ranking(layer: ConvTranspose, input_size: tuple[int, ...], aims: tuple[str, ...]) -> Ranking:
    """Return the ranking of ``ranking`` for one size per axis."""
    available, missing, full = _ways(layer)
    return Ranking(
        available,
        missing,
        full,
        learned_front(available, input_size, full),
        recommend(available, aims, inputs_seen(layer), full),
        _own(available, layer),
        cheapest(Builder(layer.in_channels, layer.out_channels, layer.stride, layer.bias)).complete,
    )


# A change of the size or of the aims changes only the order of the ways.
@lru_cache(MAX_KEPT_RANKINGS)
def _ways(
    layer: ConvTranspose,
) -> tuple[tuple[Alternative, ...], tuple[Missing, ...], tuple[int, ...]]:
    """Return the ways that there are, those that are missing, and the indices of those that are compared."""
    every = alternatives(
        layer.in_channels,
        layer.out_channels,
        layer.stride,
        bias=layer.bias,
        groups=layer.groups,
        kernel_size=layer.kernel_size,
    )
    available = tuple(choice for choice in every if isinstance(choice, Alternative))
    return available, tuple(choice for choice in every if isinstance(choice, Missing)), compared(available)


def single_layer(alternative: Alternative) -> ConvTranspose | None:
    """Return the layer of an alternative that is one transposed convolution."""
    first = alternative.operations[0]
    return first if len(alternative.operations) == 1 and isinstance(first, ConvTranspose) else None


def _own(available: Sequence[Alternative], layer: ConvTranspose) -> int | None:
    """Return the index of the way that is the layer. The ways have no dilation."""
    if set(layer.dilation) != {1}:
        return None
    for index, alternative in enumerate(available):
        single = single_layer(alternative)
        if single and (single.kernel_size, single.groups) == (layer.kernel_size, layer.groups):
            return index
    return None


def verdict(every: Ranking, layer: ConvTranspose, input_size: Spatial) -> tuple[str, str]:
    """Return the name of the recommended way, and the rest of the sentence on it.

    The name is "" where there is none, or where it is the layer itself. Raises ``LayerError``.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2)
    >>> verdict(ranking(layer, 16, ["memory"]), layer, 16)
    ('transposed, kernel 2', 'is the best of the 154 comparable forms here. It has 8,224 parameters \
instead of 32,800 and does 2,097,152 multiply–accumulates instead of 8,388,608, \
but sees 1 × 1 inputs per output instead of 2 × 2.')
    """
    forms = f"of the {len(every.compared)} comparable forms here"
    if every.recommended is None:
        return "", f"none {forms} fits."
    best = every.available[every.recommended.index]
    if every.recommended.index == every.own:
        name, text = "", f"none {forms} is better than your layer."
    else:
        name, text = best.name, f"is the best {forms}. It {difference_text(best, layer, input_size)}."
    if not every.complete:
        text += " Not all chains of layers were tried: others may cost less."
    return name, text
