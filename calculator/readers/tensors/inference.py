"""Rows from nothing but the names and shapes of tensors: counts are exact, types are inferred and say so.

A state dict or a safetensors file says no class. Names are PyTorch's own (``weight``, ``bias``,
``weight_ih_l0``), shapes are in PyTorch's order.
"""

import itertools
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from calculator.core.formatting import join_words, plural, short_repr
from calculator.readers.model import MAX_COUNT, MAX_ROWS, ReadError, Row
from calculator.readers.tensors.layer_types import Around, Guess, guess
from calculator.readers.tensors.names import norm_names, role_of, sibling, split_name, usable_name

Shape = tuple[int, ...]

MAX_AXES = 64
"""Axes of a tensor: PyTorch's own limit."""

INFERRED = (
    "A file of tensors says no classes: layer types are inferred from names and shapes. The counts are exact."
)
PARAMETERS = (
    "Tensors are counted as parameters, but for running statistics, which are buffers: other buffers of "
    "floating-point numbers cannot be told apart."
)
TRAINED = "A file of tensors does not say what is trained: every parameter is counted as trainable."


@dataclass
class _Module:
    """The tensors of one module: local name → (full name, shape), apart by what they are."""

    weights: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    biases: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    magnitudes: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    others: dict[str, tuple[str, Shape]] = field(default_factory=dict)
    buffers: dict[str, tuple[str, Shape]] = field(default_factory=dict)


def rows_from_tensors(
    tensors: Mapping[str, Shape],
    *,
    shared: Mapping[str, str] | None = None,
    frozen: Collection[str] = (),
    buffers: Collection[str] = (),
    ordered: bool = True,
) -> tuple[Row, ...]:
    """Return a row for each module that holds parameters, from ``tensors``: full name → shape.

    ``shared`` maps a tensor to the one it is the same as, which alone is counted; ``frozen`` names those
    known not to be trained, ``buffers`` those known to be no parameters. Running statistics are left out.
    ``ordered`` says that the tensors stand in the order of the layers, and not of the letters.
    Raises ``ReadError`` for an impossible size and for too many tensors.

    >>> up, norm = rows_from_tensors({"up.weight": (64, 32, 4, 4), "up.bias": (32,), "bn.weight": (32,),
    ...     "bn.bias": (32,), "bn.running_mean": (32,)})
    >>> up.type, up.transposed, up.weight_count, up.bias_count
    ('ConvTranspose2d', True, 32768, 32)
    >>> norm.type, norm.parameter_count
    ('BatchNorm', 64)
    """
    _check(tensors)
    modules = _modules(tensors, frozenset(buffers))
    maker = _Rows(modules, shared or {}, frozenset(frozen), ordered)
    rows = (row for path, module in modules.items() for row in maker.rows(path, module))
    return tuple(row for row in rows if row.parameter_count)


def buffers_among(tensors: Mapping[str, Shape]) -> tuple[str, ...]:
    """Return the names of the tensors that are buffers by their names.

    >>> buffers_among({"bn.weight": (3,), "bn.running_mean": (3,), "bn.num_batches_tracked": ()})
    ('bn.running_mean', 'bn.num_batches_tracked')
    """
    modules = _modules(tensors, frozenset()).values()
    return tuple(name for module in modules for name, _ in module.buffers.values())


def said_of(tensors: Mapping[str, Shape], shared: Mapping[str, str], integers: Collection[str]) -> list[str]:
    """Return what is assumed whenever rows come from ``tensors``, as sentences."""
    said = [INFERRED, PARAMETERS]
    named = buffers_among(tensors)
    if named:
        said.append(
            f"Buffers are no parameters: {_many(tensors, named)}, such as running_mean or "
            "num_batches_tracked, left out."
        )
    others = sorted(set(integers) - set(named))
    if others:
        said.append(
            f"Tensors of whole numbers are taken for buffers and left out: {_some(others)} "
            f"({_many(tensors, others)})."
        )
    return said + shared_sentences(shared)


def shared_sentences(shared: Mapping[str, str]) -> list[str]:
    """Return the sentence about tensors that are one and the same, if there are any.

    >>> shared_sentences({"head.weight": "embedding.weight"})
    ['Shared parameters are counted once: head.weight is embedding.weight.']
    """
    if not shared:
        return []
    said = ", ".join(f"{_short(name)} is {_short(first)}" for name, first in list(shared.items())[:3])
    more = f", and {len(shared) - 3:,} more" if len(shared) > 3 else ""
    return [f"Shared parameters are counted once: {said}{more}."]


def _many(tensors: Mapping[str, Shape], names: Collection[str]) -> str:
    values = sum(math.prod(tensors[name]) for name in names)
    return f"{plural(len(names), 'tensor')} with {plural(values, 'value')}"


def _some(names: Collection[str]) -> str:
    listed = [_short(name) for name in itertools.islice(names, 3)]
    return join_words(listed, more=len(names) - len(listed))


def _short(name: str) -> str:
    return name if name.isprintable() and 0 < len(name) <= 60 else short_repr(name)


def _check(tensors: Mapping[str, Shape]) -> None:
    if len(tensors) > MAX_ROWS:
        raise ReadError(f"There are {len(tensors):,} tensors; at most {MAX_ROWS:,} are read.")
    for name, shape in tensors.items():
        usable_name(name)
        if len(shape) > MAX_AXES:
            raise ReadError(f"{_short(name)} has {len(shape):,} axes; at most {MAX_AXES} are read.")
        for size in shape:
            if not 0 <= size <= MAX_COUNT:
                raise ReadError(f"{_short(name)} has a size of {short_repr(size)}, which no tensor has.")
        if math.prod(shape) > MAX_COUNT:
            raise ReadError(f"{_short(name)} would have more than 10^18 values, which no tensor has.")


def _modules(tensors: Mapping[str, Shape], buffers: frozenset[str]) -> dict[str, _Module]:
    """Return path → module in the order of the first tensors, each tensor where it belongs."""
    local: dict[str, dict[str, tuple[str, Shape]]] = {}
    for name, shape in tensors.items():
        path, last = split_name(name)
        local.setdefault(path, {})[last] = (name, shape)
    modules = {}
    for path, among in local.items():
        module = modules[path] = _Module()
        places = {
            "weight": module.weights,
            "bias": module.biases,
            "magnitude": module.magnitudes,
            "other": module.others,
            "buffer": module.buffers,
        }
        for last, tensor in among.items():
            places["buffer" if tensor[0] in buffers else role_of(last, among)][last] = tensor
    return modules


class _Rows:
    """Makes rows of modules, looking at the layers around each."""

    def __init__(
        self, modules: dict[str, _Module], shared: Mapping[str, str], frozen: frozenset[str], ordered: bool
    ) -> None:
        self.modules, self.shared, self.frozen = modules, shared, frozen
        self.places = {path: place for place, path in enumerate(modules)} if ordered else {}

    def rows(self, path: str, module: _Module) -> list[Row]:
        loose = list(module.others.values())
        made = []
        if module.weights:
            made.append(self._layer(path, module))
        else:
            made += [self._loose(name, shape, "bias") for name, shape in module.biases.values()]
            loose += module.magnitudes.values()
        return made + [self._loose(name, shape, "other") for name, shape in loose]

    def _layer(self, path: str, module: _Module) -> Row:
        made = self._guess(path, module)
        weights, biases = list(module.weights.values()), list(module.biases.values())
        magnitudes = list(module.magnitudes.values())
        tensors = weights + biases + magnitudes
        notes = [made.note] if made.note else []
        if magnitudes:
            notes.append("weight norm keeps magnitudes besides the weight")
        notes += [
            f"{split_name(name)[1]} is shared with {_short(self.shared[name])} and counted there"
            for name, _ in tensors
            if name in self.shared
        ]
        frozen = self._frozen(tensors)
        return Row(
            name=path,
            type=made.type,
            weight_shape=made.weight_shape,
            weight_count=self._count(weights),
            bias_count=self._count(biases),
            other_count=self._count(magnitudes),
            trainable=frozen < self._count(tensors),
            frozen_count=frozen,
            note=f"Inferred from names and shapes{': ' if notes else ''}{'; '.join(notes[:4])}.",
            transposed=made.transposed,
        )

    def _guess(self, path: str, module: _Module) -> Guess:
        weights = {last: shape for last, (_, shape) in module.weights.items()}
        biases = {last: shape for last, (_, shape) in module.biases.items()}
        return guess(path, weights, biases, "running_mean" in module.buffers, self._around(path))

    def _around(self, path: str) -> Around:
        """Return what the layers beside ``path`` in its block say about its channels."""
        paths = (sibling(path, -step) for step in (1, 2, 3))
        before = next((n for near in paths if near and (n := self._norm_size(near)) is not None), None)
        near = next((near for near in norm_names(path) if self._norm_size(near) is not None), None)
        size = self._norm_size(near) if near else None
        if near is None or near == sibling(path, 1):
            return Around(before, size)
        # conv1 and bn1: a network that normalises first, as DenseNet, names them the same way.
        if not self.places:
            return Around(before)
        return Around(before, size) if self.places[near] > self.places[path] else Around(size)

    def _norm_size(self, path: str) -> int | None:
        module = self.modules.get(path)
        if module is None or len(module.weights) != 1:
            return None
        [(_, shape)] = module.weights.values()
        return shape[0] if len(shape) == 1 and shape[0] > 1 else None

    def _loose(self, name: str, shape: Shape, kind: str) -> Row:
        count, frozen = self._count([(name, shape)]), self._frozen([(name, shape)])
        return Row(
            name=name,
            type="Parameter",
            bias_count=count if kind == "bias" else 0,
            other_count=0 if kind == "bias" else count,
            trainable=frozen < count,
            frozen_count=frozen,
            note="A parameter of its own, of no layer that is known by its names.",
        )

    def _count(self, tensors: list[tuple[str, Shape]]) -> int:
        return sum(math.prod(shape) for name, shape in tensors if name not in self.shared)

    def _frozen(self, tensors: list[tuple[str, Shape]]) -> int:
        return self._count([tensor for tensor in tensors if tensor[0] in self.frozen])
