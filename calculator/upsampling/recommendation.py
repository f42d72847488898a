"""One recommended way to upsample for one or two aims, and what it costs against the layer that is set."""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calculator.core.aims import AIMS
from calculator.core.formatting import format_count, format_product, join_words
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.pareto_front import compared
from calculator.upsampling.qualities import (
    has_no_checkerboard,
    is_easy_to_export,
    learns_space,
    mixes_channels,
)

Costs = tuple[int, int, int]
"""Parameters, multiply–accumulates, and values that training keeps."""

COST_AIMS = ("parameters", "work", "memory")
"""The aims that make a cost small, in the order of ``Costs``."""

QUALITY_AIMS: dict[str, Callable[[Alternative], bool]] = {
    "even": has_no_checkerboard,
    "export": is_easy_to_export,
}
"""The aims that a form meets or does not meet."""


@dataclass(frozen=True)
class Recommendation:
    """The recommended form, by its index, and the best one that sees as many inputs as the layer.

    ``wider`` is ``None`` where no form does; it is ``index`` where the recommended form does.
    """

    index: int
    wider: int | None


def costs(alternative: Alternative, input_size: Spatial) -> Costs:
    """Return the three costs of one sample. Raises ``LayerError``."""
    return (
        alternative.parameter_count,
        alternative.multiply_accumulates(input_size),
        alternative.kept_activations(input_size),
    )


def recommend(
    alternatives: Sequence[Alternative],
    aims: Sequence[str],
    inputs_seen: Sequence[int],
    among: Sequence[int] | None = None,
) -> Recommendation | None:
    """Return what to recommend for ``aims``, choices of that setting; ``None`` if no form meets them.

    Only forms are considered that mix channels and learn spatial weights (``compared``), and that meet every
    aim without a number. The product of the aimed costs is smallest; without such an aim, that of parameters
    and work. Equal products are decided by the product of all costs, then by the inputs behind an output.
    Another input size multiplies all costs by one factor. ``inputs_seen`` has the inputs behind an output of
    the layer, per axis. ``among`` has the indices of ``compared``, where they are known already. Raises
    ``LayerError``.

    >>> from calculator.upsampling.alternatives import alternatives
    >>> found = [choice for choice in alternatives(3, 64, (2, 2)) if isinstance(choice, Alternative)]
    >>> for aims in (["parameters"], ["memory"], ["work", "export"], ["even", "parameters"]):
    ...     print(found[recommend(found, aims, (2, 2)).index].name)
    depthwise transposed 2×2 + 1×1
    transposed, kernel 2
    depthwise 3×1 + 1×3 + 1×1 + bilinear
    depthwise transposed 2×2 + 1×1 + blur
    """
    asked = [QUALITY_AIMS[aim] for aim in aims if aim in QUALITY_AIMS]
    chosen = [n for n, aim in enumerate(COST_AIMS) if aim in aims] or [0, 1]
    ranked: dict[tuple[int, int], list[int]] = {}
    for index in compared(alternatives) if among is None else among:
        alternative = alternatives[index]
        if all(meets(alternative) for meets in asked):
            every = costs(alternative, 1)
            products = math.prod(every[n] for n in chosen), math.prod(every)
            ranked.setdefault(products, []).append(index)

    def seen(index: int) -> list[int]:
        return [-low for low, _ in alternatives[index].receptive_field()]

    # The inputs behind an output take longer to find than the costs, and are needed for few forms.
    order = (index for products in sorted(ranked) for index in sorted(ranked[products], key=seen))
    best = list(itertools.islice(order, 1))
    every_one = itertools.chain(best, order)
    wide = (n for n in every_one if all(-own >= low for own, low in zip(seen(n), inputs_seen, strict=True)))
    return Recommendation(best[0], next(wide, None)) if best else None


def inputs_seen(layer: ConvTranspose) -> tuple[int, ...]:
    """Return how many inputs an output of ``layer`` depends on at least, per axis. Raises ``LayerError``.

    >>> inputs_seen(ConvTranspose(in_channels=1, out_channels=1, kernel_size=(4, 3), stride=2))
    (2, 1)
    """
    return tuple(low for low, _ in _alone(layer).receptive_field())


def _alone(layer: ConvTranspose) -> Alternative:
    return Alternative("layer", "your layer", (layer,), "", "")


def aims_text(aims: Sequence[str]) -> str:
    """Return the aims in words.

    >>> aims_text(["work", "even"])
    'little work and no checkerboard'
    """
    return join_words([AIMS[aim] for aim in aims])


def _sees_more(alternative: Alternative, other: Alternative) -> bool:
    """Return whether outputs of ``alternative`` depend on more inputs than those of ``other``.

    The minimum of all outputs is compared, or the maximum where the minimum of ``other`` is 0.
    """
    ranges = (zip(*way.receptive_field(), strict=True) for way in (alternative, other))
    (least, most), (least_other, most_other) = (tuple(map(math.prod, pair)) for pair in ranges)
    return most > most_other if not least_other else least > least_other


def _seen_text(alternative: Alternative) -> str:
    """Return how many inputs an output depends on at least, or a range where some outputs see none."""
    least, most = zip(*alternative.receptive_field(), strict=True)
    return format_product(least) if all(least) else f"0 to {format_product(most)}"


def difference_text(alternative: Alternative, layer: ConvTranspose, input_size: Spatial) -> str:
    """Return how ``alternative`` differs from ``layer``, its gains first, then after "but" what it costs.

    Only what differs is named. The sizes of both are compared at ``input_size``. Raises ``LayerError``.

    >>> from calculator.upsampling.alternatives import alternatives
    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
    >>> found = [choice for choice in alternatives(64, 32, (2, 2)) if isinstance(choice, Alternative)]
    >>> difference_text(found[0], layer, 16)
    'has 8,224 parameters instead of 32,800 and does 2,097,152 multiply–accumulates instead of 8,388,608, \
but sees 1 × 1 inputs per output instead of 2 × 2'
    """
    yours = _alone(layer)
    texts = (
        "has {} parameters instead of {}",
        "does {} multiply–accumulates instead of {}",
        "keeps {} activations to train instead of {}",
    )
    gains: list[str] = []
    losses: list[str] = []
    for text, new, old in zip(texts, costs(alternative, input_size), costs(yours, input_size), strict=True):
        if new != old:
            (gains if new < old else losses).append(text.format(format_count(new), format_count(old)))
    seen, before = _seen_text(alternative), _seen_text(yours)
    if seen != before:
        text = f"sees {seen} inputs per output instead of {before}"
        (gains if _sees_more(alternative, yours) else losses).append(text)
    if mixes_channels(alternative) and not mixes_channels(yours):
        gains.append("mixes all channels, as your layer does not")
    if learns_space(alternative) and not learns_space(yours):
        gains.append("learns spatial weights for every output position, as your layer does not")
    if not gains and not losses:
        return "costs the same as your layer"
    if not losses:
        return f"{join_words(gains)}, and its parameters, work and memory are not worse"
    return (
        f"{join_words(gains)}, but {join_words(losses)}"
        if gains
        else f"only costs more and {join_words(losses)}"
    )
