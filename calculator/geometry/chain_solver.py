"""Chains of layers that enlarge one size to another, the smallest first.

``solve_chains`` goes back from the wanted size: before a layer with stride s, the size was size / s. Where no
strides divide all sizes, it was ⌈size / s⌉: the sizes of an encoder whose convolutions round up ('same'),
which a decoder restores. The kernels of a chain follow one rule, such as twice the stride.
"""

import itertools
from collections.abc import Iterator
from dataclasses import replace

from calculator.core.formatting import format_count, format_product
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial, per_axis
from calculator.geometry.layer_solver import (
    DEFAULT_BOUNDS,
    DEFAULT_LAYER,
    KINDS,
    LISTED,
    MAX_COMPUTED_KERNEL,
    Answer,
    Answers,
    Bounds,
    Kind,
    LayerSpec,
    Sizes,
    paddings,
)

USUAL_STRIDE = 8
"""The maximum stride of a layer in a chain where the caller gives no bound."""

MAX_CHAINS = 2_000
"""The maximum number of chains that are compared."""

MAX_PATHS = 20_000
"""The maximum number of steps back from the wanted size on one axis."""

Path = tuple[tuple[int, int], ...]
"""The stride and the output size of every layer of a chain, on one axis."""


def solve_chains(
    input_size: Spatial, wanted: Spatial, spec: LayerSpec = DEFAULT_LAYER, bounds: Bounds = DEFAULT_BOUNDS
) -> Answers:
    """Return the chains of 2 to ``bounds.layers`` layers from ``input_size`` to ``wanted``, smallest first.

    They are ordered by parameters, then by multiply–accumulates. Strides are at most ``bounds.stride``, or
    ``USUAL_STRIDE`` where that is ``None``. The kernels of all layers follow one rule of ``kernel_rules``,
    with dilation 1 and the smallest output_padding. From one position on, the kernel of the layer is as large
    as its output. The channels are those of ``chain_channels``. Axes with equal sizes get equal settings, and
    every layer enlarges an axis. Raises ``LayerError`` as ``solve_layers`` does.

    >>> found = solve_chains(7, 112, LayerSpec(64, 32), Bounds(kernel_size=4, stride=2))
    >>> for answer in found.answers:
    ...     print(answer.text, answer.parameter_count, answer.multiply_accumulates)
    4 × (k2, s2) 20608 17260544
    4 × (k4, s2, p1) 82048 69042176
    >>> [layer.out_channels for layer in found.answers[0].layers]
    [32, 32, 32, 32]
    >>> [size[0] for size in solve_chains(7, 100, bounds=Bounds(stride=2)).answers[0].sizes]
    [7, 13, 25, 50, 100]
    """
    sizes = per_axis("input_size", input_size, spec.rank, 1)
    goal = per_axis("wanted", wanted, spec.rank, 1)
    search = _Search(spec, bounds, sizes, goal)
    chains = list(itertools.islice(search.chains(), MAX_CHAINS + 1))
    notes = list(dict.fromkeys(search.notes))
    if len(chains) > MAX_CHAINS:
        notes.append(f"The search was cut off after {format_count(MAX_CHAINS)} chains.")
        del chains[MAX_CHAINS:]
    kinds: dict[Kind, int] = dict.fromkeys(KINDS, 0)
    listed = []
    for chain in chains:
        kinds[kind := chain.kind] += 1
        if kind in KINDS[: LISTED[bounds.overlap]]:
            listed.append(chain)
    cut_off = bool(notes)
    listed.sort(key=lambda chain: (chain.parameter_count, chain.multiply_accumulates, chain.text))
    if not chains and not cut_off:
        notes.append(
            f"No chain of 2 to {format_count(bounds.layers)} layers makes {format_product(goal)} of "
            f"{format_product(sizes)} positions with strides up to {search.stride}"
            + (f" and kernels up to {bounds.kernel_size}." if bounds.kernel_size else ".")
        )
    left_out = {kind: kinds[kind] for kind in KINDS[LISTED[bounds.overlap] :]}
    return Answers(tuple(listed[: bounds.listed]), len(listed), left_out, tuple(notes), cut_off)


def chain_channels(spec: LayerSpec, layers: int) -> tuple[int, ...]:
    """Return the channels of the input and of the output of every layer of a chain.

    Each layer halves the channels, but never below out_channels. With fewer input than output channels, only
    the last layer changes them: it has the fewest weights so. Halves are rounded up to a multiple of groups.

    >>> chain_channels(LayerSpec(512, 64), 4), chain_channels(LayerSpec(3, 64), 3)
    ((512, 256, 128, 64, 64), (3, 3, 3, 64))
    """
    channels, groups = [spec.in_channels], spec.groups
    for _ in range(layers - 1):
        half = -(-channels[-1] // (2 * groups)) * groups
        channels.append(min(channels[-1], max(half, spec.out_channels)))
    return (*channels, spec.out_channels)


def kernel_rules(stride: int) -> tuple[int, int, int, int]:
    """Return the kernels to try for a stride: the stride itself, then 2 · stride, one less and one more.

    Only the first and the third have even overlap. Along an axis with stride 1 a kernel must be odd.

    >>> kernel_rules(2), kernel_rules(4), kernel_rules(1)
    ((2, 3, 4, 5), (4, 7, 8, 9), (1, 3, 3, 3))
    """
    return (1, 3, 3, 3) if stride == 1 else (stride, 2 * stride - 1, 2 * stride, 2 * stride + 1)


class _Search:
    """The search for the chains of one question; ``notes`` says where it was cut off."""

    def __init__(self, spec: LayerSpec, bounds: Bounds, sizes: Sizes, goal: Sizes) -> None:
        self.spec, self.bounds, self.sizes, self.goal = spec, bounds, sizes, goal
        self.stride = bounds.stride or USUAL_STRIDE
        self.notes: list[str] = []

    def chains(self) -> Iterator[Answer]:
        """Yield every chain once, the shorter chains first."""
        axes = list(zip(self.sizes, self.goal, strict=True))
        pairs = list(dict.fromkeys(axes))
        found = False
        # Strides that divide the sizes give the usual chains. Others are tried only where there are none.
        for exact in (True, False):
            for layers in range(2, self.bounds.layers + 1):
                channels = itertools.pairwise(chain_channels(self.spec, layers))
                specs = [replace(self.spec, in_channels=i, out_channels=o) for i, o in channels]
                for paths in itertools.product(*(self._paths(*pair, layers, exact) for pair in pairs)):
                    along = [paths[pairs.index(pair)] for pair in axes]
                    if self._enlarges(along):
                        for chain in self._with_kernels(along, specs):
                            found = True
                            yield chain
            if found:
                return

    def _enlarges(self, along: list[Path]) -> bool:
        """Return whether every layer enlarges at least one axis."""
        befores = [(i, *(size for _, size in path)) for i, path in zip(self.sizes, along, strict=True)]
        steps = zip(*(itertools.pairwise(sizes) for sizes in befores), strict=True)
        return all(any(after > before for before, after in step) for step in steps)

    def _paths(self, input_size: int, wanted: int, layers: int, exact: bool) -> list[Path]:
        """Return every path from one size to another on an axis; ``exact`` if all strides divide."""
        paths: list[Path] = []
        # Each entry is a size to be made, and the layers behind it.
        # Backwards from the wanted size: that has few divisors, while forwards every stride is possible.
        waiting: list[tuple[int, Path]] = [(wanted, ())]
        for _ in range(MAX_PATHS):
            if not waiting:
                return paths
            size, behind = waiting.pop()
            missing = layers - len(behind)
            if missing == 0:
                if size == input_size:
                    paths.append(behind)
            elif missing == 1 and input_size == 1:
                paths.append(((1, size), *behind))
            elif input_size <= size <= input_size * self.stride**missing or input_size == 1:
                # A size of 1 can only come from 1, with any stride: stride 1 stands for all.
                for stride in range(self.stride if size > 1 else 1, 0, -1):
                    if not (exact and size % stride):
                        waiting.append((-(-size // stride), ((stride, size), *behind)))
        self.notes.append(
            f"The search for chains of {layers} layers from {format_count(input_size)} to "
            f"{format_count(wanted)} positions was cut off after {format_count(MAX_PATHS)} steps."
        )
        return paths

    def _with_kernels(self, along: list[Path], specs: list[LayerSpec]) -> Iterator[Answer]:
        """Yield the chain of these paths with every rule for its kernels that the bounds allow."""
        # On axes that stay as they are, or begin with one position, several rules agree.
        chains = dict.fromkeys(
            tuple(self._layers(along, specs, rule)) for rule in range(len(kernel_rules(1)))
        )
        for chain in chains:
            if len(chain) == len(specs):
                yield Answer(chain, self.sizes)

    def _layers(self, along: list[Path], specs: list[LayerSpec], rule: int) -> Iterator[ConvTranspose]:
        """Yield the layers of a chain, up to the first that the bounds exclude."""
        size = self.sizes
        for spec, settings in zip(specs, zip(*along, strict=True), strict=True):
            axes = [self._axis(i, s, after, rule) for i, (s, after) in zip(size, settings, strict=True)]
            if not all(axes):
                return
            kernel, padding, extra = zip(*axes, strict=True)
            yield spec.layer(
                kernel, stride=tuple(s for s, _ in settings), padding=padding, output_padding=extra
            )
            size = tuple(after for _, after in settings)

    def _axis(self, i: int, s: int, after: int, rule: int) -> tuple[int, int, int] | tuple[()]:
        """Return (kernel size, padding, output_padding) of one layer on one axis, or () if excluded."""
        # One position has no neighbours: only a kernel as large as the output reaches all of it.
        k = after if i == 1 else kernel_rules(s)[rule]
        most = min(self.bounds.output_padding, s - 1)
        for p, op in paddings(i, s, k, after, most):
            return (k, p, op) if k <= (self.bounds.kernel_size or MAX_COMPUTED_KERNEL) else ()
        return ()
