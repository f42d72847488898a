"""The cheapest chains of layers in weights, work and kept values, found by a search over all short chains.

A chain mixes all channels in one layer without groups, changes the channel count in at most one layer
besides its shuffles, and learns weights along every axis that is enlarged. All other layers have as many
groups as possible. Each axis is enlarged once by a shuffle or a transposed convolution, by its scale or by a
divisor of it, and for the rest by a resize at the end: before that, a resize would only make work.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from operator import attrgetter
from typing import NamedTuple

from calculator.upsampling.forms import Builder, Kernel, Step, Steps, form_key

MAX_LAYERS = 7
"""The maximum number of layers in a chain, without the resize at its end."""

MAX_TRIED = 20_000
"""The maximum number of chains that are begun. The others cost more than the ones that were begun before."""

MAX_DIVISOR = 128
"""The maximum part of a scale that is tried besides the whole scale."""


class _State(NamedTuple):
    """What a chain has done, and so what it may do next.

    ``channels`` and ``grown`` describe its output. ``missing`` has the positions, per axis, by which its
    kernels must still reach further to see all channels that a shuffle has spread. ``last`` is the number
    of output channels of the last layer with weights, which has the biases.
    """

    channels: int
    grown: Kernel
    learned: tuple[bool, ...]
    missing: Kernel
    mixed: bool
    changed: bool = False
    last: int = 0


class _Move(NamedTuple):
    """One more layer, with its weights, and the state after it."""

    reached: _State
    weights: int
    step: Callable[[], Step]


class _Chain(NamedTuple):
    """The layers of a chain, which are built when the search is over, and their costs."""

    weights: int
    work: int
    kept: int
    steps: tuple[Callable[[], Step], ...]


# Of the settings of a layer, only channels, stride and bias change it; a page asks at every press.
@lru_cache(64)
def cheapest(build: Builder) -> tuple[Steps, ...]:
    """Return the chains that no other chain beats in two of parameters, work and kept values at once.

    Channels and scale are those of ``build``. The chains that no other exportable chain beats are among them:
    those have no shuffle, and no transposed convolution with groups.

    >>> from calculator.upsampling.forms import form_name
    >>> [form_name(steps) for steps in cheapest(Builder(64, 64, (2,), True))]
    ['depthwise 3 + conv 1 + nearest', 'shuffle + depthwise 3 + conv 1 + conv 1, groups 32', 'transposed 2', \
'shuffle + conv 1 + conv 3, groups 32', 'shuffle + conv 3']
    """
    found: dict[_Chain, None] = {}
    exportable, every = _Moves(build, True), _Moves(build, False)
    for pair in itertools.combinations(("weights", "work", "kept"), 2):
        plain = _Search(exportable, pair, []).run()
        # No chain that the exportable ones beat is begun, which saves most of the search.
        found |= dict.fromkeys([*plain, *_Search(every, pair, plain).run()])
    forms = {form_key(steps): steps for steps in (tuple(step() for step in chain.steps) for chain in found)}
    return tuple(forms.values())


class _Search:
    """One search, from the chains with few layers to those with many."""

    def __init__(self, moves: "_Moves", pair: tuple[str, str], known: list[_Chain]) -> None:
        self.moves, self.build = moves, moves.build
        self.costs = attrgetter(*pair)
        self.best: dict[object, list[_Chain]] = {}
        self.complete = list(known)

    def run(self) -> list[_Chain]:
        """Return the chains on the front, by ascending parameters."""
        rank, inputs = self.build.rank, self.build.in_channels
        nothing = _State(inputs, (1,) * rank, (False,) * rank, (0,) * rank, inputs == 1)
        begun = [(nothing, _Chain(0, 0, 0, ()))]
        tried = 0
        for _ in range(MAX_LAYERS):
            longer: list[tuple[_State, _Chain]] = []
            for state, chain in begun:
                if chain in self.best.get(self._place(state), [chain]):
                    tried += 1
                    longer += self._longer(state, chain)
                if tried > MAX_TRIED:
                    return sorted(self.complete, key=self.costs)
            begun = longer
        return sorted(self.complete, key=self.costs)

    def _longer(self, state: _State, chain: _Chain) -> Iterator[tuple[_State, _Chain]]:
        """Yield the chain with every next layer that nothing beats, and note those that are complete."""
        size = math.prod(state.grown)
        for move in self.moves.after(state):
            after = _Chain(
                chain.weights + move.weights,
                chain.work + move.weights * size,
                chain.kept + (state.channels * size if move.weights else 0),
                (*chain.steps, move.step),
            )
            if self._beaten(after, self.complete):
                continue
            reached = move.reached
            if not self._note(after, self.best.setdefault(self._place(reached), [])):
                continue
            yield reached, after
            if self._is_complete(reached):
                biases = reached.last if self.build.bias else 0
                rest = tuple(s // g for s, g in zip(self.build.scale, reached.grown, strict=True))
                end = (partial(self.build.resize, "nearest", rest),) if max(rest) > 1 else ()
                self._note(
                    after._replace(weights=after.weights + biases, steps=(*after.steps, *end)), self.complete
                )

    def _beaten(self, chain: _Chain, others: list[_Chain]) -> bool:
        """Return whether another chain is as small in both costs."""
        one, two = self.costs(chain)
        return any(a <= one and b <= two for a, b in map(self.costs, others))

    def _note(self, chain: _Chain, front: list[_Chain]) -> bool:
        """Add ``chain`` to ``front`` and drop what it beats; return whether nothing beats it."""
        if self._beaten(chain, front):
            return False
        one, two = self.costs(chain)
        front[:] = [other for other in front if (costs := self.costs(other))[0] < one or costs[1] < two]
        front.append(chain)
        return True

    def _place(self, state: _State) -> object:
        """Return a value that is equal for states that differ by a permutation of equal axes."""
        axes = sorted(zip(self.build.scale, state.grown, state.learned, state.missing, strict=True))
        return state.channels, state.mixed, state.changed, state.last, *axes

    def _is_complete(self, state: _State) -> bool:
        """Return whether only a resize may be missing."""
        done = state.channels == self.build.out_channels and state.last and state.mixed
        return bool(done) and not any(state.missing) and all(state.learned[n] for n in self.moves.enlarged)


class _Moves:
    """The layers that may come next in each state, for all searches with the same ``build``."""

    def __init__(self, build: Builder, exportable: bool) -> None:
        self.build, self.exportable = build, exportable
        self.enlarged = [axis for axis, s in enumerate(build.scale) if s > 1] or list(range(build.rank))
        self.known: dict[_State, list[_Move]] = {}

    def after(self, state: _State) -> list[_Move]:
        """Return the moves in ``state``. Many chains lead to the same state."""
        if state not in self.known:
            self.known[state] = list(self._found(state))
        return self.known[state]

    def _found(self, state: _State) -> Iterator[_Move]:
        """Yield every move from ``state``: a shuffle, or a layer with weights, with the state after it."""
        free = tuple(1 if g > 1 else s for s, g in zip(self.build.scale, state.grown, strict=True))
        for part in () if self.exportable else _shuffles(state.channels, free):
            yield _Move(self._shuffled(state, part), 0, partial(self.build.shuffle, part))
        # With weights, a step by the smallest divisor costs no more than one by a multiple of it.
        parts = list(itertools.product(*(_divisors(s)[:2] for s in free)))[1:]
        kernels = self._kernels(state)
        targets = {state.channels}
        if not state.changed:
            targets.add(self.build.out_channels)
            targets.update(self.build.out_channels * math.prod(part) for part in parts if not self.exportable)
        for outputs in targets:
            common = math.gcd(state.channels, outputs)
            for groups in {common} if state.mixed else {common, 1}:
                yield from self._layers(state, outputs, groups, parts, kernels)

    def _shuffled(self, state: _State, part: Kernel) -> _State:
        """Return the state after a shuffle along part of the scale."""
        learned = tuple(
            known or (state.last > 0 and r > 1) for known, r in zip(state.learned, part, strict=True)
        )
        # Whatever has mixed the channels already need not reach those of other positions.
        spread = tuple(0 if state.mixed else r - 1 for r in part)
        return state._replace(
            channels=state.channels // math.prod(part),
            grown=tuple(g * r for g, r in zip(state.grown, part, strict=True)),
            learned=learned,
            missing=tuple(max(pair) for pair in zip(state.missing, spread, strict=True)),
        )

    def _layers(
        self, state: _State, outputs: int, groups: int, parts: list[Kernel], kernels: list[Kernel]
    ) -> Iterator[_Move]:
        """Yield the convolutions, and transposed ones, to ``outputs`` channels with ``groups``."""
        build, channels, ones = self.build, state.channels, (1,) * self.build.rank
        reached = partial(_reaching, state, outputs, groups)
        volume = channels * outputs // groups
        if outputs != channels or (groups == 1 and not state.mixed):
            yield _Move(reached(ones, ones), volume, partial(build.mix, channels, outputs, groups))
        for kernel in kernels:
            step = partial(build.layer, kernel, channels, outputs, groups)
            yield _Move(reached(kernel, ones), volume * math.prod(kernel), step)
        for part in parts if groups == 1 or not self.exportable else ():
            # Where a shuffle has spread the channels, a step of the kernel must stay a step.
            if any(f > 1 and missing for f, missing in zip(part, state.missing, strict=True)):
                continue
            # The kernel is the part, and along the other axes 1 or what is needed there.
            for beside in dict.fromkeys((ones, *kernels[-1:])):
                kernel = tuple(f if f > 1 else k for f, k in zip(part, beside, strict=True))
                step = partial(build.layer, kernel, channels, outputs, groups, part)
                yield _Move(reached(kernel, part), volume * math.prod(kernel), step)

    def _kernels(self, state: _State) -> list[Kernel]:
        """Return the kernels that do something, along one axis and along all.

        One after the other they have fewer weights, and together there is less to keep.
        """
        build, single, whole = self.build, [], [1] * self.build.rank
        for axis, missing in enumerate(state.missing):
            if missing or (axis in self.enlarged and not state.learned[axis]):
                whole[axis] = max(3, missing + 1 + missing % 2)
                single += [(axis, size) for size in sorted({3, whole[axis]})]
        alone = [tuple(size if n == axis else 1 for n in range(build.rank)) for axis, size in single]
        return alone if sum(size > 1 for size in whole) < 2 else [*alone, tuple(whole)]


@lru_cache
def _shuffles(channels: int, free: Kernel) -> list[Kernel]:
    """Return the scales of the shuffles to try: the largest, and along each axis all or the least."""
    every = [p for p in itertools.product(*map(_divisors, free)) if channels % math.prod(p) == 0]
    fits = set(every)
    return [
        part
        for part in every[1:]
        if all(f in (*_divisors(s)[:2], s) for f, s in zip(part, free, strict=True))
        or not any(
            (*part[:n], part[n] * q, *part[n + 1 :]) in fits
            for n, s in enumerate(free)
            for q in _divisors(s)[1:]
        )
    ]


@lru_cache
def _divisors(number: int) -> list[int]:
    """Return the divisors of ``number`` up to ``MAX_DIVISOR``, and ``number``."""
    return [*(n for n in range(1, min(number, MAX_DIVISOR + 1)) if number % n == 0), number]


def _reaching(state: _State, outputs: int, groups: int, kernel: Kernel, part: Kernel) -> _State:
    """Return the state after a layer with ``kernel`` that enlarges by ``part``."""
    return _State(
        channels=outputs,
        mixed=state.mixed or groups == 1,
        changed=state.changed or outputs != state.channels,
        last=outputs,
        grown=tuple([g * f for g, f in zip(state.grown, part, strict=True)]),
        learned=tuple([known or k > 1 for known, k in zip(state.learned, kernel, strict=True)]),
        missing=tuple([max(m + 1 - k, 0) for m, k in zip(state.missing, kernel, strict=True)]),
    )
