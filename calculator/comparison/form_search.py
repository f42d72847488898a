"""The chains of layers with the fewest weights and the least work, found by a search over all short chains.

A chain mixes all channels in one layer without groups, changes the channel count in at most one layer
besides its shuffles, and learns weights along every axis that is enlarged. All other layers have as many
groups as possible. Each axis is enlarged once, by a shuffle or a transposed convolution, or else by a resize
at the end: before that, a resize would only make work.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from calculator.comparison.forms import Builder, Kernel, Step, Steps

MAX_LAYERS = 7
"""The maximum number of layers in a chain, without the resize at its end."""

MAX_TRIED = 20_000
"""The maximum number of chains that are begun. The others cost more than the ones that were begun before."""


@dataclass(frozen=True)
class _State:
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
    """One more layer, and the state and the weights after it."""

    state: _State
    weights: int
    step: Callable[[], Step]


class _Chain(NamedTuple):
    """The layers of a chain, which are built when the search is over, and their costs."""

    weights: int
    work: int
    steps: tuple[Callable[[], Step], ...]


def cheapest(build: Builder) -> tuple[Steps, ...]:
    """Return the chains that no other chain beats in parameters and work at once.

    Channels and scale are those of ``build``. First are the chains that no other exportable chain beats: they
    have no shuffle, and no transposed convolution with groups.

    >>> from calculator.comparison.forms import form_name
    >>> [form_name(steps) for steps in cheapest(Builder(64, 64, (2,), True))]
    ['depthwise 3 + conv 1 + nearest', 'shuffle + depthwise 3 + conv 1 + conv 1, groups 32']
    """
    plain = _Search(build, True, []).run()
    # No chain that the exportable ones beat is begun, which saves most of the search.
    every = _Search(build, False, plain).run()
    return tuple(tuple(step() for step in chain.steps) for chain in dict.fromkeys((*plain, *every)))


class _Search:
    """One search, from the chains with few layers to those with many."""

    def __init__(self, build: Builder, exportable: bool, known: list[_Chain]) -> None:
        self.build, self.exportable = build, exportable
        self.enlarged = [axis for axis, s in enumerate(build.scale) if s > 1] or list(range(build.rank))
        self.best: dict[object, list[_Chain]] = {}
        self.complete = list(known)

    def run(self) -> list[_Chain]:
        """Return the chains on the front, by ascending parameters."""
        rank, inputs = self.build.rank, self.build.in_channels
        nothing = _State(inputs, (1,) * rank, (False,) * rank, (0,) * rank, inputs == 1)
        begun = [(nothing, _Chain(0, 0, ()))]
        tried = 0
        for _ in range(MAX_LAYERS):
            longer: list[tuple[_State, _Chain]] = []
            for state, chain in begun:
                if chain in self.best.get(self._place(state), [chain]):
                    tried += 1
                    longer += self._longer(state, chain)
                if tried > MAX_TRIED:
                    return sorted(self.complete, key=lambda chain: (chain.weights, chain.work))
            begun = longer
        return sorted(self.complete, key=lambda chain: (chain.weights, chain.work))

    def _longer(self, state: _State, chain: _Chain) -> Iterator[tuple[_State, _Chain]]:
        """Yield the chain with every next layer that nothing beats, and note those that are complete."""
        size = math.prod(state.grown)
        for move in self._moves(state):
            after = _Chain(
                chain.weights + move.weights, chain.work + move.weights * size, (*chain.steps, move.step)
            )
            front = self.best.setdefault(self._place(move.state), [])
            if _beaten(after, self.complete) or not _note(after, front):
                continue
            yield move.state, after
            if self._is_complete(move.state):
                biases = move.state.last if self.build.bias else 0
                rest = tuple(s // g for s, g in zip(self.build.scale, move.state.grown, strict=True))
                end = (partial(self.build.resize, "nearest", rest),) if max(rest) > 1 else ()
                _note(_Chain(after.weights + biases, after.work, (*after.steps, *end)), self.complete)

    def _place(self, state: _State) -> object:
        """Return a value that is equal for states that differ by a permutation of equal axes."""
        axes = sorted(zip(self.build.scale, state.grown, state.learned, state.missing, strict=True))
        return state.channels, state.mixed, state.changed, state.last, *axes

    def _is_complete(self, state: _State) -> bool:
        """Return whether only a resize may be missing."""
        done = state.channels == self.build.out_channels and state.last and state.mixed
        return bool(done) and not any(state.missing) and all(state.learned[n] for n in self.enlarged)

    def _moves(self, state: _State) -> Iterator[_Move]:
        rest = tuple(s // g for s, g in zip(self.build.scale, state.grown, strict=True))
        parts = list(itertools.product(*((1, r) if r > 1 else (1,) for r in rest)))[1:]
        for part in parts:
            if not self.exportable and state.channels % math.prod(part) == 0:
                yield self._shuffle(state, part)
        targets = {state.channels}
        if not state.changed:
            targets.add(self.build.out_channels)
            targets.update(self.build.out_channels * math.prod(part) for part in parts if not self.exportable)
        for outputs in targets:
            common = math.gcd(state.channels, outputs)
            for groups in {common} if state.mixed else {common, 1}:
                yield from self._layers(state, outputs, groups, parts)

    def _shuffle(self, state: _State, part: Kernel) -> _Move:
        """Return a shuffle along part of the scale."""
        learned = tuple(
            known or (state.last > 0 and r > 1) for known, r in zip(state.learned, part, strict=True)
        )
        # Whatever has mixed the channels already need not reach those of other positions.
        spread = tuple(0 if state.mixed else r - 1 for r in part)
        after = replace(
            state,
            channels=state.channels // math.prod(part),
            grown=tuple(g * r for g, r in zip(state.grown, part, strict=True)),
            learned=learned,
            missing=tuple(max(pair) for pair in zip(state.missing, spread, strict=True)),
        )
        return _Move(after, 0, partial(self.build.shuffle, part))

    def _layers(self, state: _State, outputs: int, groups: int, parts: list[Kernel]) -> Iterator[_Move]:
        """Yield the convolutions, and transposed ones, to ``outputs`` channels with ``groups``."""
        build, channels, ones = self.build, state.channels, (1,) * self.build.rank
        after = replace(
            state,
            channels=outputs,
            mixed=state.mixed or groups == 1,
            changed=state.changed or outputs != channels,
            last=outputs,
        )
        volume = channels * outputs // groups
        if after.changed != state.changed or after.mixed != state.mixed:
            yield _Move(after, volume, partial(build.mix, channels, outputs, groups))
        # A kernel along several axes has more weights than one after the other, except where it enlarges.
        for axis in range(build.rank):
            missing = state.missing[axis]
            needed = missing or (axis in self.enlarged and not state.learned[axis])
            for size in sorted({3, missing + 1 + missing % 2} - {1}) if needed else ():
                kernel = _changed(ones, axis, size)
                reached = replace(
                    after,
                    learned=_changed(state.learned, axis, True),
                    missing=_changed(state.missing, axis, max(missing + 1 - size, 0)),
                )
                yield _Move(reached, volume * size, partial(build.layer, kernel, channels, outputs, groups))
        for part in parts if groups == 1 or not self.exportable else ():
            # Where a shuffle has spread the channels, a step of the kernel must stay a step.
            if any(f > 1 and missing for f, missing in zip(part, state.missing, strict=True)):
                continue
            grown = replace(
                after,
                grown=tuple(g * f for g, f in zip(state.grown, part, strict=True)),
                learned=tuple(known or f > 1 for known, f in zip(state.learned, part, strict=True)),
            )
            step = partial(build.layer, part, channels, outputs, groups, part)
            yield _Move(grown, volume * math.prod(part), step)


def _changed(values: tuple[Any, ...], axis: int, value: Any) -> tuple[Any, ...]:
    """Return ``values`` with another value along ``axis``."""
    return (*values[:axis], value, *values[axis + 1 :])


def _beaten(chain: _Chain, others: list[_Chain]) -> bool:
    """Return whether a chain has as few weights as ``chain``, and as little work."""
    return any(other.weights <= chain.weights and other.work <= chain.work for other in others)


def _note(chain: _Chain, front: list[_Chain]) -> bool:
    """Add ``chain`` to ``front`` and drop what it beats; return whether nothing beats it."""
    if _beaten(chain, front):
        return False
    front[:] = [other for other in front if other.weights < chain.weights or other.work < chain.work]
    front.append(chain)
    return True
