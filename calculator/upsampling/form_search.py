"""The cheapest chains of layers in weights, work and kept values, found by a search.

A chain mixes all channels in one layer without groups, changes the channel count in at most one layer
besides its shuffles, and learns weights along every axis that is enlarged. All other layers have as many
groups as possible. Each axis is enlarged once by a shuffle or a transposed convolution, by its scale or by a
divisor of it, and for the rest by a resize at the end: before that, a resize would only make work. A kernel
along an axis does all that is missing there: with several, the product of two costs would be no smaller.
Nothing is done twice, so every chain ends, and the search needs no limit on the number of layers.
"""

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import NamedTuple

from calculator.upsampling.forms import Builder, Kernel, Step, Steps, form_key

MAX_TRIED = 50_000
"""The maximum number of chains with one more layer that one search looks at. ``Found`` says whether it was
enough. The six searches of an extreme layer take two seconds then."""

MAX_SHUFFLES = 64
"""The maximum number of shuffles by which one chain goes on. ``Found`` says whether it was enough."""

MAX_DIVISOR = 4_096
"""The maximum number that is tried as a divisor. ``Found`` says whether it was enough."""


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
    """One more layer, with its weights, and the state after it.

    ``place`` is equal for states that differ by a permutation of equal axes. ``end`` has what completes a
    chain in this state, a resize or nothing; ``None`` if more than a resize is missing.
    """

    reached: _State
    weights: int
    step: Callable[[], Step]
    place: object
    end: tuple[Callable[[], Step], ...] | None
    biases: int


class _Chain(NamedTuple):
    """The weights, work and kept values of a chain, and its layers, which are built after the search."""

    costs: tuple[int, int, int]
    steps: tuple[Callable[[], Step], ...]


class Found(NamedTuple):
    """The chains on the front, and whether no chain was left to try."""

    chains: tuple[Steps, ...]
    complete: bool


# Of the settings of a layer, only channels, stride and bias change it; a page asks at every press.
@lru_cache(64)
def cheapest(build: Builder) -> Found:
    """Return the chains that no other chain beats in two of parameters, work and kept values at once.

    Channels and scale are those of ``build``. The chains that no other exportable chain beats are among them:
    those have no shuffle, and no transposed convolution with groups.

    >>> from calculator.upsampling.forms import form_name
    >>> [form_name(steps) for steps in cheapest(Builder(64, 64, (2,), True)).chains]
    ['depthwise 3 + conv 1 + nearest', 'shuffle + depthwise 3 + conv 1 + conv 1, groups 32', 'transposed 2', \
'shuffle + conv 1 + conv 3, groups 32', 'shuffle + conv 3']
    """
    found: list[_Chain] = []
    complete = True
    exportable, every = _Moves(build, True), _Moves(build, False)
    for pair in itertools.combinations(range(3), 2):
        # No chain that the exportable ones beat is begun, which saves most of the search.
        known: list[_Chain] = []
        for moves in (exportable, every):
            search = _Search(moves, pair, known)
            complete &= search.run()
            known = search.complete.chains
            found += known
    forms = {form_key(steps): steps for steps in (tuple(step() for step in chain.steps) for chain in found)}
    return Found(tuple(forms.values()), complete and every.complete)


class _Front:
    """The chains that no other chain beats in two costs, by ascending first and descending second cost."""

    def __init__(self) -> None:
        self.ones: list[int] = []
        self.twos: list[int] = []
        self.chains: list[_Chain] = []

    def beats(self, one: int, two: int) -> bool:
        """Return whether a chain is as small in both costs."""
        # Of the chains that are as small in the first cost, the last is the smallest in the second.
        place = bisect_right(self.ones, one)
        return place > 0 and self.twos[place - 1] <= two

    def note(self, one: int, two: int, chain: _Chain) -> None:
        """Add a chain unless another chain beats it, and drop the chains that it beats."""
        if self.beats(one, two):
            return
        end = start = bisect_left(self.ones, one)
        while end < len(self.ones) and self.twos[end] >= two:
            end += 1
        self.ones[start:end], self.twos[start:end], self.chains[start:end] = [one], [two], [chain]

    def holds(self, one: int, chain: _Chain) -> bool:
        """Return whether ``chain`` with the first cost ``one`` is among the chains."""
        place = bisect_left(self.ones, one)
        return place < len(self.ones) and self.chains[place] is chain


class _Search:
    """One search, from the chains with few layers to those with many."""

    def __init__(self, moves: "_Moves", pair: tuple[int, int], known: list[_Chain]) -> None:
        self.moves, self.build, self.pair = moves, moves.build, pair
        self.best: dict[object, _Front] = {}
        self.complete = _Front()
        for chain in known:
            self.complete.note(chain.costs[pair[0]], chain.costs[pair[1]], chain)

    def run(self) -> bool:
        """Find the chains on the front, and return whether none was left to try."""
        rank, inputs = self.build.rank, self.build.in_channels
        start = _State(inputs, (1,) * rank, (False,) * rank, (0,) * rank, inputs == 1)
        begun = [(self.moves.move(start, 0, self.build.shuffle), _Chain((0, 0, 0), ()))]
        tried = 0
        while begun:
            longer: list[tuple[_Move, _Chain]] = []
            for move, chain in begun:
                if not chain.steps or self._on_front(move, chain):
                    longer += self._longer(move.reached, chain)
                    tried += len(self.moves.after(move.reached))
                if tried > MAX_TRIED:
                    return False
            begun = longer
        return True

    def _on_front(self, move: _Move, chain: _Chain) -> bool:
        """Return whether no chain has beaten ``chain`` since it was found."""
        return self.best[move.place].holds(chain.costs[self.pair[0]], chain)

    def _longer(self, state: _State, chain: _Chain) -> Iterator[tuple[_Move, _Chain]]:
        """Yield the chain with every next layer that nothing beats, and note those that are complete."""
        size = math.prod(state.grown)
        values = state.channels * size
        first, second = self.pair
        (weights, work, kept), steps = chain
        for move in self.moves.after(state):
            more = move.weights
            costs = weights + more, work + more * size, kept + (values if more else 0)
            one, two = costs[first], costs[second]
            if self.complete.beats(one, two):
                continue
            front = self.best.setdefault(move.place, _Front())
            if front.beats(one, two):
                continue
            after = _Chain(costs, (*steps, move.step))
            front.note(one, two, after)
            yield move, after
            if move.end is not None:
                costs = costs[0] + move.biases, costs[1], costs[2]
                self.complete.note(costs[first], costs[second], _Chain(costs, (*after.steps, *move.end)))


class _Moves:
    """The layers that may come next in each state, for all searches with the same ``build``."""

    def __init__(self, build: Builder, exportable: bool) -> None:
        self.build, self.exportable = build, exportable
        self.enlarged = [axis for axis, s in enumerate(build.scale) if s > 1] or list(range(build.rank))
        self.known: dict[_State, list[_Move]] = {}
        self.complete = True

    def after(self, state: _State) -> list[_Move]:
        """Return the moves in ``state``. Many chains lead to the same state."""
        if state not in self.known:
            self.known[state] = list(self._found(state))
        return self.known[state]

    def move(self, reached: _State, weights: int, step: Callable[[], Step]) -> _Move:
        """Return the move to ``reached``, with what its state means for every chain."""
        build = self.build
        axes = sorted(zip(build.scale, reached.grown, reached.learned, reached.missing, strict=True))
        place = reached.channels, reached.mixed, reached.changed, reached.last, *axes
        end: tuple[Callable[[], Step], ...] | None = None
        done = reached.channels == build.out_channels and reached.last and reached.mixed
        if done and not any(reached.missing) and all(reached.learned[n] for n in self.enlarged):
            rest = tuple(s // g for s, g in zip(build.scale, reached.grown, strict=True))
            end = (partial(build.resize, "nearest", rest),) if max(rest) > 1 else ()
        return _Move(reached, weights, step, place, end, reached.last if build.bias else 0)

    def _found(self, state: _State) -> Iterator[_Move]:
        """Yield every move from ``state``: a shuffle, or a layer with weights, with the state after it."""
        free = tuple(1 if g > 1 else s for s, g in zip(self.build.scale, state.grown, strict=True))
        shuffles, every_one = ([], True) if self.exportable else _shuffles(state.channels, free)
        self.complete &= every_one
        for part in shuffles:
            yield self.move(self._shuffled(state, part), 0, partial(self.build.shuffle, part))
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
            yield self.move(reached(ones, ones), volume, partial(build.mix, channels, outputs, groups))
        for kernel in kernels:
            step = partial(build.layer, kernel, channels, outputs, groups)
            yield self.move(reached(kernel, ones), volume * math.prod(kernel), step)
        for part in parts if groups == 1 or not self.exportable else ():
            # Where a shuffle has spread the channels, a step of the kernel must stay a step.
            if any(f > 1 and missing for f, missing in zip(part, state.missing, strict=True)):
                continue
            # The kernel is the part, and along the other axes 1 or what is needed there.
            for beside in dict.fromkeys((ones, *kernels[-1:])):
                kernel = tuple(f if f > 1 else k for f, k in zip(part, beside, strict=True))
                step = partial(build.layer, kernel, channels, outputs, groups, part)
                yield self.move(reached(kernel, part), volume * math.prod(kernel), step)

    def _kernels(self, state: _State) -> list[Kernel]:
        """Return the kernels that do something, along one axis and along all.

        One after the other they have fewer weights, and together there is less to keep.
        """
        build, single, whole = self.build, [], [1] * self.build.rank
        for axis, missing in enumerate(state.missing):
            if missing or (axis in self.enlarged and not state.learned[axis]):
                whole[axis] = max(3, missing + 1 + missing % 2)
                single.append((axis, whole[axis]))
        alone = [tuple(size if n == axis else 1 for n in range(build.rank)) for axis, size in single]
        return alone if sum(size > 1 for size in whole) < 2 else [*alone, tuple(whole)]


@lru_cache
def _shuffles(channels: int, free: Kernel) -> tuple[list[Kernel], bool]:
    """Return the scales of the shuffles to try, and whether they are all.

    Of more than ``MAX_SHUFFLES``, they are the largest, and along each axis all or the least.
    """
    every: list[Kernel] = [()]
    for size in free:
        every = [(*p, d) for p in every for d in _divisors(math.gcd(channels // math.prod(p), size))]
    every = every[1:]
    common = [math.gcd(channels, size) for size in free]
    if len(every) <= MAX_SHUFFLES:
        return every, max(common) <= MAX_DIVISOR**2
    fits = set(every)
    return [
        part
        for part in every
        if all(f in (*_divisors(s)[:2], s) for f, s in zip(part, free, strict=True))
        or not any(
            (*part[:n], part[n] * q, *part[n + 1 :]) in fits
            for n, size in enumerate(common)
            for q in _divisors(size)[1:]
        )
    ], False


@lru_cache
def _divisors(number: int) -> list[int]:
    """Return the divisors of ``number``, ascending: all of them up to ``MAX_DIVISOR`` squared."""
    low = [n for n in range(1, min(math.isqrt(number), MAX_DIVISOR) + 1) if number % n == 0]
    return sorted({*low, *(number // n for n in low)})


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
