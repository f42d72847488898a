"""Every single layer that enlarges one size to another within bounds, the smallest first.

``solve_layers`` solves relationship 14 of Dumoulin & Visin (2016), (i − 1)s − 2p + d(k − 1) + 1 + op = o, for
all settings of a layer at once. ``chain_solver`` does the same with several layers. ``size_solver`` solves
for padding and output_padding alone.
"""

import heapq
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes, format_count, format_product, noun_for, short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis, whole_number
from calculator.geometry.overlap import product_range
from calculator.geometry.size_solver import FrameworkSolution, framework_ways, output_paddings

Sizes = tuple[int, ...]
"""One size per axis."""

Overlap = Literal["even", "covered", "any"]
"""Which layers are listed: with even overlap, without empty positions, or all."""

Kind = Literal["even", "uneven", "holes"]
"""How products overlap in the output of a layer; "holes" also stands for empty positions at its end."""

KINDS: tuple[Kind, ...] = ("even", "uneven", "holes")
"""The best first. ``LISTED`` is a number of these kinds."""

LISTED: dict[Overlap, int] = {"even": 1, "covered": 2, "any": 3}

MAX_BOUND = 1024
"""The maximum of every bound on a setting."""

MAX_LISTED = 10_000
"""The maximum number of answers that are listed."""

MAX_STEPS = 3_000_000
"""The maximum number of settings, and of positions of dilated kernels, that are tried on one axis."""

MAX_COMPUTED_KERNEL = 128
"""The maximum of the bound on the kernel size where the caller gives no bound."""


@dataclass(frozen=True)
class Bounds:
    """The largest values of the settings that are tried. All are included.

    ``stride=None`` allows only the strides next to wanted size ÷ input size; a number allows every stride up
    to that number. ``kernel_size=None`` allows kernels up to twice the largest stride, but at least 8.
    ``output_padding`` above 1 is rarely needed: it leaves positions empty, or moves the crop by a position.
    ``overlap`` selects the layers that are listed; the others are only counted. ``layers`` and ``listed``
    are the maximum numbers of layers in a chain and of answers. Raises ``LayerError``.

    >>> Bounds(overlap="covered").dilation
    1
    """

    kernel_size: int | None = None
    stride: int | None = None
    output_padding: int = 1
    dilation: int = 1
    overlap: Overlap = "even"
    layers: int = 5
    listed: int = 100

    def __post_init__(self) -> None:
        limits = {"kernel_size": 1, "stride": 1, "output_padding": 0, "dilation": 1, "layers": 2, "listed": 1}
        maxima = {"listed": MAX_LISTED, "layers": MAX_LAYERS}
        for name, minimum in limits.items():
            value = getattr(self, name)
            if value is None and name in ("kernel_size", "stride"):
                continue
            maximum = maxima.get(name, MAX_BOUND)
            if whole_number(name, value, minimum) > maximum:
                raise LayerError(f"The bound on {name} must be at most {maximum}, received {value}.")
        if self.overlap not in LISTED:
            raise LayerError(
                f"overlap must be one of {', '.join(LISTED)}, received {short_repr(self.overlap)}."
            )

    def strides(self, input_size: int, wanted: int) -> range:
        """Return the strides to try on an axis. The stride changes nothing for one input position.

        >>> Bounds().strides(7, 112), Bounds().strides(7, 100), Bounds(stride=4).strides(7, 100)
        (range(16, 17), range(14, 16), range(1, 5))
        """
        if input_size == 1:
            return range(1, 2)
        if self.stride is not None:
            return range(1, self.stride + 1)
        return range(max(wanted // input_size, 1), max(-(-wanted // input_size), 1) + 1)

    def largest_kernel(self, input_size: int, wanted: int) -> int:
        """Return the largest kernel size to try on an axis.

        >>> Bounds().largest_kernel(7, 112), Bounds().largest_kernel(1, 4)
        (32, 8)
        """
        if self.kernel_size is not None:
            return self.kernel_size
        # With one input position, the kernel alone decides the size.
        stride = wanted if input_size == 1 else self.strides(input_size, wanted)[-1]
        return min(max(2 * stride, 8), MAX_COMPUTED_KERNEL)


MAX_LAYERS = 10
"""The maximum number of layers in a chain."""


@dataclass(frozen=True)
class LayerSpec:
    """The settings that the solver does not choose: channels, groups, bias and the number of axes.

    Raises ``LayerError`` for values that no layer can have.
    """

    in_channels: int = 3
    out_channels: int = 64
    groups: int = 1
    bias: bool = True
    rank: int = 2

    def __post_init__(self) -> None:
        if not 1 <= whole_number("rank", self.rank, 1) <= 3:
            raise LayerError(f"rank must be 1, 2 or 3, received {self.rank}.")
        self.layer((1,) * self.rank)

    def layer(self, kernel_size: Sizes, **settings: Sizes) -> ConvTranspose:
        """Return the layer with this kernel and these spatial settings. Raises ``LayerError``."""
        return ConvTranspose(
            in_channels=self.in_channels,
            out_channels=self.out_channels,
            groups=self.groups,
            bias=self.bias,
            kernel_size=kernel_size,
            **settings,
        )


@dataclass(frozen=True)
class Answer:
    """One layer, or a chain of layers, that gives the wanted size, with its costs for one sample.

    >>> layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
    >>> answer = Answer((layer,), (7, 7))
    >>> answer.parameter_count, answer.multiply_accumulates, answer.sizes, answer.text
    (32800, 1605632, ((7, 7), (14, 14)), 'k4, s2, p1')
    """

    layers: tuple[ConvTranspose, ...]
    input_size: Sizes

    @cached_property
    def sizes(self) -> tuple[Sizes, ...]:
        """The input size, and the output size of every layer."""
        sizes = [self.input_size]
        for layer in self.layers:
            sizes.append(layer.output_size(sizes[-1]))
        return tuple(sizes)

    @property
    def parameter_count(self) -> int:
        """The number of parameters of all layers."""
        return sum(layer.parameter_count for layer in self.layers)

    @property
    def multiply_accumulates(self) -> int:
        """The multiply–accumulates of all layers, counted by input as in ``ConvTranspose``."""
        pairs = zip(self.layers, self.sizes, strict=False)
        return sum(layer.multiply_accumulates(size) for layer, size in pairs)

    @property
    def kept_activations(self) -> int:
        """The values that training keeps for the backward pass: the inputs of the layers."""
        pairs = zip(self.layers, self.sizes, strict=False)
        return sum(layer.in_channels * math.prod(size) for layer, size in pairs)

    @property
    def kind(self) -> Kind:
        """How products overlap: the worst over the layers and axes."""
        axes = (
            axis_kind(i, k, s, p, op, d)
            for layer, size in zip(self.layers, self.sizes, strict=False)
            for i, k, s, p, op, d in zip(
                size,
                layer.kernel_size,
                layer.stride,
                layer.padding,
                layer.output_padding,
                layer.dilation,
                strict=True,
            )
        )
        return max(axes, key=KINDS.index)

    @property
    def overlap(self) -> tuple[tuple[int, int], ...]:
        """Per axis, the fewest and the most products in an output position, multiplied over the layers.

        They are counted away from the borders, as in ``calculator.geometry.overlap``; an input of i positions
        cannot add up more than i products. With several uneven layers the true range may be smaller.
        """
        ranges = [
            [
                tuple(min(count, i) for count in product_range(k, s, d))
                for i, k, s, d in zip(size, layer.kernel_size, layer.stride, layer.dilation, strict=True)
            ]
            for layer, size in zip(self.layers, self.sizes, strict=False)
        ]
        return tuple(
            (math.prod(low for low, _ in axis), math.prod(high for _, high in axis))
            for axis in zip(*ranges, strict=True)
        )

    @property
    def text(self) -> str:
        """The layers in a short form, such as k4, s2, p1; equal neighbours are counted."""
        texts = [short_text(layer) for layer in self.layers]
        if len(texts) == 1:
            return texts[0]
        parts: list[list[str]] = []
        for text in texts:
            if parts and parts[-1][0] == text:
                parts[-1].append(text)
            else:
                parts.append([text])
        counted = (f"{len(part)} × ({part[0]})" if len(part) > 1 else f"({part[0]})" for part in parts)
        return " → ".join(counted)

    def ways(self) -> tuple[tuple[FrameworkSolution, ...], ...]:
        """Return, for each layer, the arguments of each framework, or why it has none."""
        return tuple(
            framework_ways(layer, size) for layer, size in zip(self.layers, self.sizes, strict=False)
        )


SHORT = (("kernel_size", "k", 0), ("stride", "s", 0), ("padding", "p", 0), ("output_padding", "op", 0))
"""The settings that a short text names, with their letters; a value of the last number is left out."""


def short_text(layer: ConvTranspose) -> str:
    """Return the spatial settings of a layer in a short form, without values of 0 or dilation 1.

    >>> short_text(ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3, 4), stride=2, padding=1))
    'k3×4, s2, p1'
    """
    parts = []
    for name, letter, default in (*SHORT, ("dilation", "d", 1)):
        value = collapse_axes(getattr(layer, name))
        if value != (default,):
            parts.append(f"{letter}{format_product(value, compact=True)}")
    return ", ".join(parts)


@dataclass(frozen=True)
class Answers:
    """The answers, the smallest first, and what is not among them.

    ``count`` is the number of answers within the bounds with the overlap that was asked for, of which
    ``answers`` has the first. ``left_out`` has the number of answers of each other kind of overlap. ``notes``
    are sentences: why there is no answer, and where the search was cut off; then ``count`` is a minimum.
    """

    answers: tuple[Answer, ...]
    count: int
    left_out: dict[Kind, int]
    notes: tuple[str, ...]
    cut_off: bool


@dataclass(frozen=True)
class _Axis:
    """The settings of one axis that give the wanted size; ``order`` sorts them."""

    kernel_size: int
    kind: Kind
    output_padding: int
    dilation: int
    stride: int
    padding: int

    @property
    def order(self) -> tuple[int, ...]:
        """The numbers that sort the settings of an axis; of several axes, they are added up."""
        rank = KINDS.index(self.kind)
        return rank, self.output_padding, self.dilation, self.stride, self.padding


def axis_kind(i: int, k: int, s: int, p: int, op: int, d: int) -> Kind:
    """Return how products overlap on an axis with ``i`` input positions, for padding p below d(k − 1) + 1.

    An empty position, which no product reaches, can stand between the products or at the end.

    >>> axis_kind(7, 4, 2, 1, 0, 1), axis_kind(7, 3, 2, 1, 1, 1), axis_kind(7, 2, 2, 0, 1, 1)
    ('even', 'uneven', 'holes')
    """
    minimum, maximum = product_range(k, s, d)
    # Near the borders a dilated kernel can leave holes, and a small output may be between those of a stride.
    if op > p or ((d > 1 or minimum == 0) and not _covered(i, k, s, p, op, d)):
        return "holes"
    return "even" if minimum == maximum or i == 1 else "uneven"


def _covered(i: int, k: int, s: int, p: int, op: int, d: int) -> bool:
    """Return whether a product reaches every output position of an axis."""
    extent = d * (k - 1) + 1
    # Between the borders the pattern repeats, so that a few more input positions than a kernel spans suffice.
    i = min(i, extent // s + 3)
    taps = range(0, extent, d)
    reached = [False] * ((i - 1) * s + extent)
    for start in range(0, i * s, s):
        for tap in taps:
            reached[start + tap] = True
    return all(reached[p : len(reached) + op - p])


def _axis_solutions(input_size: int, wanted: int, bounds: Bounds, found: list[_Axis]) -> int | None:
    """Append every solution on one axis to ``found``, by ascending kernel size.

    Returns ``None``, or the kernel size at which ``MAX_STEPS`` was reached, from which on none is tried.
    """
    steps = 0
    strides = bounds.strides(input_size, wanted)
    for k in range(1, bounds.largest_kernel(input_size, wanted) + 1):
        start = len(found)
        # With one weight the dilation changes nothing.
        for d in range(1, bounds.dilation + 1 if k > 1 else 2):
            extent = d * (k - 1) + 1
            for s in strides:
                steps += 1
                most = min(bounds.output_padding, max(s, d) - 1)
                for p, op in paddings(input_size, s, extent, wanted, most):
                    # The steps of ``_covered``, which only a dilated kernel needs.
                    steps += (extent // s + 3) * k if d > 1 else 1
                    if steps > MAX_STEPS:
                        del found[start:]
                        return k
                    found.append(_Axis(k, axis_kind(input_size, k, s, p, op, d), op, d, s, p))
        found[start:] = sorted(found[start:], key=lambda axis: axis.order)
    return None


def paddings(i: int, s: int, extent: int, wanted: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield every (padding, output_padding) that gives ``wanted`` positions, ascending.

    ``extent`` is d(k − 1) + 1, and ``most`` the maximum of output_padding. A padding that would crop all
    products of the first input position, or all of the first weight, is not among them.

    >>> list(paddings(7, 16, 32, 112, 5)), list(paddings(1, 1, 6, 4, 1))
    ([(8, 0), (9, 2), (10, 4)], [])
    """
    surplus = (i - 1) * s + extent - wanted
    for op in output_paddings(surplus, most):
        p = (surplus + op) // 2
        if p > min(extent - 1, (i - 1) * s):
            return
        yield p, op


DEFAULT_LAYER, DEFAULT_BOUNDS = LayerSpec(), Bounds()


def solve_layers(
    input_size: Spatial, wanted: Spatial, spec: LayerSpec = DEFAULT_LAYER, bounds: Bounds = DEFAULT_BOUNDS
) -> Answers:
    """Return every layer that enlarges ``input_size`` to ``wanted`` within ``bounds``, the smallest first.

    Sizes are one number, or one per axis. Axes with equal sizes get equal settings. Work is proportional to
    the number of weights, so the layer with the fewest parameters has the least work too. Of equal counts,
    even overlap comes first, then a smaller output_padding, dilation, stride and padding. ``paddings`` says
    which padding is not tried. Raises ``LayerError`` for sizes below 1 or of another number of axes.

    >>> found = solve_layers(7, 112, LayerSpec(in_channels=64, out_channels=32))
    >>> [(answer.text, answer.parameter_count, answer.multiply_accumulates) for answer in found.answers]
    [('k16, s16', 524320, 25690112), ('k32, s16, p8', 2097184, 102760448)]
    >>> found.count, found.left_out
    (2, {'uneven': 15, 'holes': 1})
    >>> for way in found.answers[1].ways()[0]:
    ...     print(way.framework, way.how)
    PyTorch padding=8, output_padding=0
    Keras padding='same'
    Flax padding='SAME'
    Flax padding=((23, 23), (23, 23))
    ONNX pads=[8, 8, 8, 8], output_padding=[0, 0]
    ONNX output_shape=[112, 112]
    >>> [answer.text for answer in solve_layers((5,), (10,), LayerSpec(rank=1)).answers]
    ['k2, s2', 'k4, s2, p1', 'k6, s2, p2', 'k8, s2, p3']
    """
    sizes = per_axis("input_size", input_size, spec.rank, 1)
    goal = per_axis("wanted", wanted, spec.rank, 1)
    groups: dict[tuple[int, int], list[_Axis]] = {}
    notes = []
    for pair in dict.fromkeys(zip(sizes, goal, strict=True)):
        groups[pair] = []
        if (kernel := _axis_solutions(*pair, bounds, groups[pair])) is not None:
            notes.append(
                f"The search from {format_count(pair[0])} to {format_count(pair[1])} was cut off after "
                f"{format_count(MAX_STEPS)} steps: kernels of {format_count(kernel)} and more were not tried."
            )
    cut_off = bool(notes)
    counts = _counts(list(groups.values()))
    axes = [(sizes[axis], goal[axis]) for axis in range(spec.rank)]
    accepted = KINDS[: LISTED[bounds.overlap]]
    listed = [[one for one in every if one.kind in accepted] for every in groups.values()]
    shares = [axes.count(pair) for pair in groups]
    order = [list(groups).index(pair) for pair in axes]
    # Kernel volume orders the layers by parameters, as all of them have the same channels.
    answers = [
        Answer((_layer(spec, [chosen[place] for place in order]),), sizes)
        for chosen in _smallest(listed, shares, bounds.listed)
    ]
    if not all(groups.values()):
        notes += [_no_solution(*pair, bounds) for pair, every in groups.items() if not every]
    count = sum(counts[kind] for kind in accepted)
    return Answers(
        tuple(answers), count, {kind: counts[kind] for kind in KINDS[len(accepted) :]}, tuple(notes), cut_off
    )


def _layer(spec: LayerSpec, axes: Sequence[_Axis]) -> ConvTranspose:
    """Return the layer with these settings, one per axis."""
    names = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    return spec.layer(**{name: tuple(getattr(axis, name) for axis in axes) for name in names})


def _counts(groups: list[list[_Axis]]) -> dict[Kind, int]:
    """Return the number of layers of each kind: a layer is as good as the worst of its axes."""
    totals = [
        math.prod(sum(axis.kind in KINDS[: place + 1] for axis in every) for every in groups)
        for place in range(len(KINDS))
    ]
    return {kind: totals[place] - (totals[place - 1] if place else 0) for place, kind in enumerate(KINDS)}


def _smallest(groups: list[list[_Axis]], shares: list[int], most: int) -> Iterator[list[_Axis]]:
    """Yield up to ``most`` choices of one solution per group, by kernel volume, then by their orders.

    ``shares`` are the numbers of axes that a group stands for. Along each group, which is sorted, the key
    never decreases, so the next smallest choice is always next to one that was yielded.
    """

    def key(places: tuple[int, ...]) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        axes = [every[place] for every, place in zip(groups, places, strict=True)]
        volume = math.prod(axis.kernel_size**share for axis, share in zip(axes, shares, strict=True))
        return volume, tuple(map(sum, zip(*(axis.order for axis in axes), strict=True))), places

    if not all(groups):
        return
    # A heap of candidates instead of all products: three axes with a thousand solutions each have 10^9.
    first = (0,) * len(groups)
    heap, seen = [key(first)], {first}
    for _ in range(most):
        if not heap:
            return
        places = heapq.heappop(heap)[-1]
        yield [every[place] for every, place in zip(groups, places, strict=True)]
        for group, place in enumerate(places):
            following = (*places[:group], place + 1, *places[group + 1 :])
            if place + 1 < len(groups[group]) and following not in seen:
                seen.add(following)
                heapq.heappush(heap, key(following))


def _no_solution(input_size: int, wanted: int, bounds: Bounds) -> str:
    """Return a sentence: no layer within the bounds gives the size, and which kernel would."""
    strides, largest = bounds.strides(input_size, wanted), bounds.largest_kernel(input_size, wanted)
    ends = dict.fromkeys((strides[0], strides[-1]))
    steps = f"{noun_for(len(ends), 'stride')} {' to '.join(map(format_count, ends))}"
    sentence = (
        f"No single layer enlarges {format_count(input_size)} positions to {format_count(wanted)} with "
        f"kernels up to {format_count(largest)} and {steps}."
    )
    for k in range(largest + 1, MAX_BOUND + 1):
        for s in strides:
            if any(paddings(input_size, s, k, wanted, min(bounds.output_padding, s - 1))):
                return f"{sentence} Kernel {k} with stride {format_count(s)} does."
    return f"{sentence} Neither does any kernel up to {format_count(MAX_BOUND)}."
