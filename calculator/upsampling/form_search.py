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
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

from calculator.upsampling.forms import Builder, Kernel, Step, Steps, form_key

MAX_TRIED = 50_000
"""The maximum number of chains with one more layer that one search looks at. ``Found`` says whether it was
enough. The six searches of an extreme layer take a second or two then."""

MAX_SHUFFLES = 64
"""The maximum number of shuffles by which one chain goes on. ``Found`` says whether it was enough."""

MAX_DIVISOR = 4_096
"""The maximum number that is tried as a divisor. ``Found`` says whether it was enough."""


class _State(NamedTuple):
    """The state of a chain, which decides the steps that may follow.

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


Costs = tuple[int, int, int]
"""Weights, with the biases once a chain is complete; work; and kept values."""


class _Place:
    """A state, and the layers that may come next there, which are found when a search goes on from it.

    ``number`` is equal for states that differ by a permutation of equal axes. ``rest`` is the scale of the
    resize that completes a chain, 1 where none is needed; ``None`` if more than a resize is missing.
    """

    def __init__(self, state: _State, number: int, rest: Kernel | None) -> None:
        self.state, self.number, self.rest = state, number, rest
        self.after: list[_Kind] | None = None


class _Move:
    """One more layer, with its weights.

    ``least`` has what a chain still costs after it, at least. ``place``, to which it leads, is found when a
    search makes the move: most moves cost too much already.
    """

    def __init__(self, weights: int, least: Costs, layer: "_Layer") -> None:
        self.weights, self.least, self.layer = weights, least, layer
        self.place: _Place | None = None


class _Layer(NamedTuple):
    """A layer: its channels, its groups (0: it is a shuffle), its kernel and the part that it enlarges by."""

    inputs: int
    outputs: int
    groups: int
    kernel: Kernel
    part: Kernel

    def step(self, build: Builder) -> Step:
        """Return the layer as a step of a form."""
        if not self.groups:
            return build.shuffle(self.part)
        if max(self.kernel) == 1:
            return build.mix(self.inputs, self.outputs, self.groups)
        scale = self.part if max(self.part) > 1 else None
        return build.layer(self.kernel, self.inputs, self.outputs, self.groups, scale)


class _Kind:
    """The next layers with the same channels and groups. None has fewer ``weights``, or costs less after it.

    They are found when a search looks at them: most kinds cost too much already.
    """

    def __init__(self, weights: int, least: Costs, find: Callable[[], Iterator[_Move]]) -> None:
        self.weights, self.least, self.find = weights, least, find

    @cached_property
    def moves(self) -> list[_Move]:
        """The layers."""
        return list(self.find())


class _Chain(NamedTuple):
    """The costs of a chain, its layers, which are built after the search, and the scale of its resize."""

    costs: Costs
    layers: tuple[_Layer, ...]
    rest: Kernel = (1,)

    def steps(self, build: Builder) -> Steps:
        """Return the chain as a form."""
        end = [build.resize("nearest", self.rest)] if max(self.rest) > 1 else []
        return (*[layer.step(build) for layer in self.layers], *end)


_Along = tuple[Kernel, Kernel, int, int, int]
"""A kernel and the part that it enlarges by, their products, and that of the axes that may still grow."""


class _Begun(NamedTuple):
    """A chain that may go on, where it has come to, and what it costs at least in two costs when complete."""

    chain: _Chain
    place: _Place
    one: int
    two: int


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
    forms = {form_key(steps): steps for steps in (chain.steps(build) for chain in found)}
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
        self.moves, self.pair = moves, pair
        self.best: defaultdict[int, _Front] = defaultdict(_Front)
        self.complete = _Front()
        for chain in known:
            self.complete.note(chain.costs[pair[0]], chain.costs[pair[1]], chain)

    def run(self) -> bool:
        """Find the chains on the front, and return whether none was left to try."""
        begun = [_Begun(_Chain((0, 0, 0), ()), self.moves.start(), 0, 0)]
        self.tried = 0
        while begun:
            longer: list[_Begun] = []
            for each in begun:
                if self._may_go_on(each):
                    longer += self._longer(each)
                if self.tried > MAX_TRIED:
                    return False
            begun = longer
        return True

    def _may_go_on(self, begun: _Begun) -> bool:
        """Return whether no chain has beaten a chain since it was found."""
        chain, place, one, two = begun
        front = self.best[place.number]
        return not chain.layers or (
            front.holds(chain.costs[self.pair[0]], chain) and not self.complete.beats(one, two)
        )

    def _longer(self, begun: _Begun) -> Iterator[_Begun]:
        """Yield the chain with every next layer that nothing beats, and note those that are complete."""
        (weights, work, kept), layers, _ = begun.chain
        state = begun.place.state
        size = math.prod(state.grown)
        values = state.channels * size
        first, second = self.pair
        complete = self.complete
        for kind in self.moves.after(begun.place):
            self.tried += 1
            more, least = kind.weights, kind.least
            costs = weights + more, work + more * size, kept + (values if more else 0)
            # A chain that is beaten once it is complete need not go on, and beats no other that is not.
            if complete.beats(costs[first] + least[first], costs[second] + least[second]):
                continue
            self.tried += len(kind.moves)
            for move in kind.moves:
                more, least = move.weights, move.least
                costs = weights + more, work + more * size, kept + (values if more else 0)
                one, two = costs[first], costs[second]
                at_least = one + least[first], two + least[second]
                if complete.beats(*at_least):
                    continue
                place = move.place or self.moves.reached(state, move)
                front = self.best[place.number]
                if front.beats(one, two):
                    continue
                after = _Chain(costs, (*layers, move.layer))
                front.note(one, two, after)
                yield _Begun(after, place, *at_least)
                if place.rest is not None:
                    biases = place.state.last if self.moves.build.bias else 0
                    costs = costs[0] + biases, costs[1], costs[2]
                    self.complete.note(costs[first], costs[second], _Chain(costs, after.layers, place.rest))


class _Moves:
    """The layers that may come next in each state, for all searches with the same ``build``."""

    def __init__(self, build: Builder, exportable: bool) -> None:
        self.build, self.exportable = build, exportable
        self.enlarged = [axis for axis, s in enumerate(build.scale) if s > 1] or list(range(build.rank))
        self.places: dict[_State, _Place] = {}
        self.numbers: dict[object, int] = {}
        self.complete = True

    def start(self) -> _Place:
        """Return the place of a chain without layers."""
        rank, inputs = self.build.rank, self.build.in_channels
        return self._place(_State(inputs, (1,) * rank, (False,) * rank, (0,) * rank, inputs == 1))

    def after(self, place: _Place) -> list[_Kind]:
        """Return the layers that may come next at ``place``. Many chains lead to the same place."""
        if place.after is None:
            place.after = list(self._found(place.state))
        return place.after

    def reached(self, state: _State, move: _Move) -> _Place:
        """Return the place to which ``move`` leads from ``state``."""
        layer = move.layer
        move.place = self._place(_reaching(state, layer) if layer.groups else _shuffled(state, layer.part))
        return move.place

    def _place(self, state: _State) -> _Place:
        """Return the place of ``state``, the same for equal states."""
        if state not in self.places:
            axes = sorted(zip(self.build.scale, state.grown, state.learned, state.missing, strict=True))
            key = state.channels, state.mixed, state.changed, state.last, *axes
            number = self.numbers.setdefault(key, len(self.numbers))
            self.places[state] = _Place(state, number, self._rest(state))
        return self.places[state]

    def _rest(self, state: _State) -> Kernel | None:
        """Return the scale of the resize that completes a chain; ``None`` if more than that is missing."""
        done = state.channels == self.build.out_channels and state.last and state.mixed
        if not done or any(state.missing) or not all(state.learned[n] for n in self.enlarged):
            return None
        return tuple(s // g for s, g in zip(self.build.scale, state.grown, strict=True))

    def _least(self, channels: int, size: int, room: int, mixed: bool, changed: bool) -> Costs:
        """Return what a chain with so many channels at ``size`` positions still costs, at least.

        ``room`` is the product by which shuffles may still enlarge. If channels are still to be mixed, or
        their number to be changed, that takes one layer or two; shuffles before them leave ``few`` channels
        or more, and as many channels times positions.
        """
        out = self.build.out_channels
        few = channels if self.exportable else channels // math.gcd(channels, room)
        biases = out if self.build.bias else 0
        change, work = math.lcm(few, out), math.lcm(channels, out)
        if mixed:
            if channels % out == out % few == 0:
                return biases, 0, 0
        elif changed:
            change, work = out * out, channels * out
        else:
            change = min(few * out, few * few + change, change + out * out)
            work = min(channels * out, channels * few + work, work + out * out)
        return change + biases, work * size, channels * size

    def _found(self, state: _State) -> Iterator[_Kind]:
        """Yield every kind of layer that may come next: the shuffles, and layers with weights."""
        build, channels, size = self.build, state.channels, math.prod(state.grown)
        free = tuple(1 if g > 1 else s for s, g in zip(build.scale, state.grown, strict=True))
        shuffles, every_one = ([], True) if self.exportable else _shuffles(channels, free)
        self.complete &= every_one
        yield _Kind(0, (0, 0, 0), partial(self._shuffles, state, shuffles, free))
        # With weights, a step by the smallest divisor costs no more than one by a multiple of it.
        parts = list(itertools.product(*(_divisors(s)[:2] for s in free)))[1:]
        layers, room = self._layers_along(state, parts, free), math.prod(free)
        targets = {channels}
        if not state.changed:
            targets.add(build.out_channels)
            targets.update(build.out_channels * math.prod(part) for part in parts if not self.exportable)
        for outputs in targets:
            common = math.gcd(channels, outputs)
            for groups in {common} if state.mixed else {common, 1}:
                mixed, changed = state.mixed or groups == 1, state.changed or outputs != channels
                least = self._least(outputs, size, room, mixed, changed)
                find = partial(self._layers, state, outputs, groups, layers, least)
                yield _Kind(channels * outputs // groups, least, find)

    def _shuffles(self, state: _State, parts: list[Kernel], free: Kernel) -> Iterator[_Move]:
        """Yield the shuffles by ``parts``."""
        size, ones = math.prod(state.grown), (1,) * self.build.rank
        for [part] in _different(self._axes(state), [(part,) for part in parts]):
            volume = math.prod(part)
            outputs, room = state.channels // volume, _room(free, part)
            least = self._least(outputs, size * volume, room, state.mixed, state.changed)
            yield _Move(0, least, _Layer(state.channels, outputs, 0, ones, part))

    def _axes(self, state: _State) -> list[object]:
        """Return what a state says of each axis."""
        return list(zip(self.build.scale, state.grown, state.learned, state.missing, strict=True))

    def _layers_along(self, state: _State, parts: list[Kernel], free: Kernel) -> list[_Along]:
        """Return the kernels of the layers that may come next, each with the part that it enlarges by."""
        ones, kernels = (1,) * self.build.rank, self._kernels(state)
        enlarging = [
            # The kernel is the part, and along the other axes 1 or what is needed there.
            (tuple([f if f > 1 else k for f, k in zip(part, beside, strict=True)]), part)
            for part in parts
            # Where a shuffle has spread the channels, a step of the kernel must stay a step.
            if not any(f > 1 and missing for f, missing in zip(part, state.missing, strict=True))
            for beside in (ones, *kernels[-1:])
        ]
        found = _different(self._axes(state), [(ones, ones), *((k, ones) for k in kernels), *enlarging])
        return [
            (kernel, part, math.prod(kernel), math.prod(part), _room(free, part)) for kernel, part in found
        ]

    def _layers(
        self, state: _State, outputs: int, groups: int, along: list[_Along], least: Costs
    ) -> Iterator[_Move]:
        """Yield the layers to ``outputs`` channels with ``groups``; ``least`` is that of their kind."""
        channels, size = state.channels, math.prod(state.grown)
        mixed, changed = state.mixed or groups == 1, state.changed or outputs != channels
        volume = channels * outputs // groups
        does_something = outputs != channels or mixed > state.mixed
        for kernel, part, positions, grown, room in along:
            if positions == 1 and not does_something:
                continue
            if grown > 1 and groups > 1 and self.exportable:
                continue
            after = least if grown == 1 else self._least(outputs, size * grown, room, mixed, changed)
            yield _Move(volume * positions, after, _Layer(channels, outputs, groups, kernel, part))

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


def _different(axes: list[object], choices: list[tuple[Kernel, ...]]) -> list[tuple[Kernel, ...]]:
    """Return ``choices`` of values along ``axes``: one of all that differ by a permutation of equal axes."""
    if len(set(axes)) == len(axes):
        return choices
    found: dict[object, tuple[Kernel, ...]] = {}
    for choice in choices:
        found.setdefault(tuple(sorted(zip(axes, *choice, strict=True))), choice)
    return list(found.values())


def _room(free: Kernel, part: Kernel) -> int:
    """Return the product by which the axes of ``free`` may still grow that ``part`` leaves out."""
    return math.prod([s for s, f in zip(free, part, strict=True) if f == 1])


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


def _shuffled(state: _State, part: Kernel) -> _State:
    """Return the state after a shuffle along part of the scale."""
    learned = tuple(known or (state.last > 0 and r > 1) for known, r in zip(state.learned, part, strict=True))
    # Whatever has mixed the channels already need not reach those of other positions.
    spread = tuple(0 if state.mixed else r - 1 for r in part)
    return state._replace(
        channels=state.channels // math.prod(part),
        grown=tuple(g * r for g, r in zip(state.grown, part, strict=True)),
        learned=learned,
        missing=tuple(max(pair) for pair in zip(state.missing, spread, strict=True)),
    )


def _reaching(state: _State, layer: _Layer) -> _State:
    """Return the state after a layer with weights."""
    _, outputs, groups, kernel, part = layer
    return _State(
        channels=outputs,
        mixed=state.mixed or groups == 1,
        changed=state.changed or outputs != state.channels,
        last=outputs,
        grown=tuple([g * f for g, f in zip(state.grown, part, strict=True)]),
        learned=tuple([known or k > 1 for known, k in zip(state.learned, kernel, strict=True)]),
        missing=tuple([max(m + 1 - k, 0) for m, k in zip(state.missing, kernel, strict=True)]),
    )
