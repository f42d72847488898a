"""Rows from the names and shapes of tensors alone: the counts are exact, and the layer types are inferred.

A state dict or a safetensors file does not contain classes. The names are those of PyTorch (``weight``,
``bias``, ``weight_ih_l0``), and the shapes have PyTorch's order.
"""

import itertools
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from calculator.core.formatting import join_words, plural, short_repr
from calculator.readers.model import MAX_AXES, MAX_COUNT, MAX_ROWS, ReadError, Row, Shape
from calculator.readers.tensors.convolutions import Convolution, NeighbourNorms, decide
from calculator.readers.tensors.layer_types import InferredType, infer_type, is_convolution
from calculator.readers.tensors.names import (
    OTHER_BUFFERS,
    Role,
    is_causal_mask,
    norm_names,
    role_of,
    sibling,
    split_name,
    usable_name,
)
from calculator.readers.tensors.quantised import is_in, quantised_layers

TYPES_INFERRED = (
    "A file of tensors has no classes: layer types are inferred from names and shapes. The counts are exact."
)
ALL_PARAMETERS = (
    "Tensors are counted as parameters, except running statistics and other usual names of buffers: further "
    "buffers of floating-point numbers cannot be told apart."
)
ALL_TRAINABLE = (
    "A file of tensors does not state which parameters are trained: every parameter is counted as trainable."
)

_NO_TOKENS = ("pos", "type", "time", "proj")
"""Parts of names of embeddings that are not of tokens."""

NamedShape = tuple[str, Shape]
"""The full name and the shape of a tensor."""


@dataclass
class _ModuleTensors:
    """The tensors of one module by their role, each as local name → (full name, shape)."""

    weights: dict[str, NamedShape] = field(default_factory=dict)
    biases: dict[str, NamedShape] = field(default_factory=dict)
    magnitudes: dict[str, NamedShape] = field(default_factory=dict)
    others: dict[str, NamedShape] = field(default_factory=dict)
    buffers: dict[str, NamedShape] = field(default_factory=dict)


def rows_from_tensors(
    tensors: Mapping[str, Shape],
    *,
    shared: Mapping[str, str] | None = None,
    frozen: Collection[str] = (),
    buffers: Collection[str] = (),
    ordered: bool = True,
) -> tuple[Row, ...]:
    """Return a row for each module with parameters. ``tensors`` maps full names to shapes.

    ``shared`` maps the name of a tensor to the first name of the same tensor, which alone is counted.
    ``frozen`` names tensors that are not trained, and ``buffers`` names tensors that are not parameters.
    Buffers with usual names are left out, and a quantised layer is a row that is not known. ``ordered`` means
    that the tensors have the order of the layers, and not of the alphabet. Raises ``ReadError`` for an
    impossible size, for too many tensors, and where all layers are quantised.

    >>> up, norm = rows_from_tensors({"up.weight": (64, 32, 4, 4), "up.bias": (32,), "bn.weight": (32,),
    ...     "bn.bias": (32,), "bn.running_mean": (32,)})
    >>> up.type, up.transposed, up.weight_count, up.bias_count
    ('ConvTranspose2d', True, 32768, 32)
    >>> norm.type, norm.parameter_count
    ('BatchNorm', 64)
    """
    _check_shapes(tensors)
    quantised = quantised_layers(tensors)
    if quantised:
        inside = frozenset(quantised)
        tensors = {name: shape for name, shape in tensors.items() if not is_in(name, inside)}
    modules = _group_by_module(tensors, frozenset(buffers))
    builder = _RowBuilder(modules, shared or {}, frozenset(frozen), ordered)
    rows = (row for path, module in modules.items() for row in builder.rows(path, module))
    counted = tuple(row for row in rows if row.parameter_count)
    if quantised and not counted:
        raise ReadError(f"The layers are quantised, such as {_shorten(quantised[0])}: {_QUANTISED}")
    return counted + tuple(
        Row(path, "quantised layer", note=f"Quantised: {_QUANTISED}", known=False) for path in quantised
    )


_QUANTISED = (
    "the shapes of its packed numbers and scales are not those of the parameters. Read the model before "
    "quantisation instead."
)


def buffers_among(tensors: Mapping[str, Shape]) -> tuple[str, ...]:
    """Return the names of the tensors whose names show that they are buffers.

    >>> buffers_among({"bn.weight": (3,), "bn.running_mean": (3,), "bn.num_batches_tracked": ()})
    ('bn.running_mean', 'bn.num_batches_tracked')
    """
    modules = _group_by_module(tensors, frozenset()).values()
    return tuple(name for module in modules for name, _ in module.buffers.values())


def assumptions_about(
    tensors: Mapping[str, Shape], shared: Mapping[str, str], integers: Collection[str]
) -> list[str]:
    """Return the assumptions behind rows that were inferred from ``tensors``, as sentences.

    ``integers`` names the tensors of whole numbers, which are left out as buffers.
    """
    sentences = [TYPES_INFERRED, ALL_PARAMETERS]
    buffers = buffers_among(tensors)
    by_name = [name for name in buffers if _is_other_buffer(name, tensors[name])]
    named = [name for name in buffers if not _is_other_buffer(name, tensors[name])]
    if named:
        sentences.append(
            f"Buffers are not parameters: {_count_values(tensors, named)}, such as running_mean or "
            "num_batches_tracked, are left out."
        )
    if by_name:
        sentences.append(
            f"Taken for buffers by their names, and left out: {_list_names(by_name)} "
            f"({_count_values(tensors, by_name)})."
        )
    quantised = frozenset(quantised_layers(tensors))
    others = sorted(name for name in set(integers) - set(buffers) if not is_in(name, quantised))
    if others:
        sentences.append(
            f"Tensors of whole numbers are taken for buffers and left out: {_list_names(others)} "
            f"({_count_values(tensors, others)})."
        )
    return sentences + shared_sentences(shared)


def _is_other_buffer(name: str, shape: Shape) -> bool:
    """Return whether no layer of PyTorch has this buffer, which was found by its name."""
    return split_name(name)[1] in OTHER_BUFFERS or is_causal_mask(name, shape)


def shared_sentences(shared: Mapping[str, str]) -> list[str]:
    """Return the sentence about names of the same tensor, or an empty list where ``shared`` is empty.

    >>> shared_sentences({"head.weight": "embedding.weight"})
    ['Shared parameters are counted once: head.weight is embedding.weight.']
    """
    if not shared:
        return []
    pairs = ", ".join(f"{_shorten(name)} is {_shorten(first)}" for name, first in list(shared.items())[:3])
    more = f", and {len(shared) - 3:,} more" if len(shared) > 3 else ""
    return [f"Shared parameters are counted once: {pairs}{more}."]


def perhaps_tied_sentences(tensors: Mapping[str, Shape], source: str = "A list") -> list[str]:
    """Return the sentence about weights of one shape, which may be one tensor, in a source without values.

    An embedding that may be tied to another weight is named.

    >>> perhaps_tied_sentences({"wte.weight": (9, 4), "lm_head.weight": (9, 4), "fc.weight": (8, 4)})[0][:59]
    'A list does not show shared tensors: wte.weight and lm_head'
    >>> perhaps_tied_sentences({"a.weight": (8, 4), "b.weight": (8, 4)})
    ['A list does not show shared tensors: one that has two names is counted under both.']
    """
    names, shared = _weights_by_shape(tensors), f"{source} does not show shared tensors:"
    for tied in map(_perhaps_tied, names.values()):
        if len(tied) > 1:
            pair = f"{_shorten(tied[0])} and {_shorten(tied[1])}"
            return [f"{shared} {pair} may be one tensor, and are counted under both names."]
    again = any(len(weights) > 1 for weights in names.values())
    return [f"{shared} one that has two names is counted under both."] * again


def perhaps_tied_count(tensors: Mapping[str, Shape]) -> int:
    """Return how many parameters are counted again where weights that may be tied to an embedding are.

    >>> perhaps_tied_count({"shared.weight": (9, 4), "emb.weight": (9, 4), "lm_head.weight": (9, 4)})
    72
    """
    groups = _weights_by_shape(tensors).items()
    return sum(math.prod(shape) * max(len(_perhaps_tied(names)) - 1, 0) for shape, names in groups)


def _weights_by_shape(tensors: Mapping[str, Shape]) -> dict[Shape, list[str]]:
    """Return the names of the weights with two axes or more by their shape; one row is not of tokens."""
    names: dict[Shape, list[str]] = {}
    for name, shape in tensors.items():
        if len(shape) > 1 and shape[0] > 1 and split_name(name)[1] == "weight":
            names.setdefault(shape, []).append(name)
    return names


def _perhaps_tied(names: list[str]) -> list[str]:
    """Return the weights of one shape that may be one tensor: those of embeddings and of an output layer."""
    embeddings = [name for name in names if is_embedding(name)]
    others = [name for name in names if not is_embedding(name)]
    return [*embeddings, *others[-1:]] if embeddings else []


def is_embedding(name: str) -> bool:
    """Return whether a weight is that of an embedding of tokens, which are tied, by its name.

    >>> is_embedding("decoder.embed_tokens.weight"), is_embedding("time_emb_proj.weight")
    (True, False)
    """
    layer = split_name(name)[0].rpartition(".")[2].lower()
    return layer in ("wte", "shared") or ("emb" in layer and not any(word in layer for word in _NO_TOKENS))


def _count_values(tensors: Mapping[str, Shape], names: Collection[str]) -> str:
    """Return text such as "2 tensors with 10 values" about the tensors ``names``."""
    values = sum(math.prod(tensors[name]) for name in names)
    return f"{plural(len(names), 'tensor')} with {plural(values, 'value')}"


def _list_names(names: Collection[str]) -> str:
    listed = [_shorten(name) for name in itertools.islice(names, 3)]
    return join_words(listed, more=len(names) - len(listed))


def _shorten(name: str) -> str:
    return name if name.isprintable() and 0 < len(name) <= 60 else short_repr(name)


def _check_shapes(tensors: Mapping[str, Shape]) -> None:
    """Raise ``ReadError`` for impossible names, shapes and sizes, and for too many tensors."""
    if len(tensors) > MAX_ROWS:
        raise ReadError(f"There are {len(tensors):,} tensors; at most {MAX_ROWS:,} are read.")
    for name, shape in tensors.items():
        usable_name(name)
        if len(shape) > MAX_AXES:
            raise ReadError(f"{_shorten(name)} has {len(shape):,} axes; at most {MAX_AXES} are read.")
        for size in shape:
            if not 0 <= size <= MAX_COUNT:
                raise ReadError(f"{_shorten(name)} has a size of {short_repr(size)}, which no tensor has.")
        if math.prod(shape) > MAX_COUNT:
            raise ReadError(f"{_shorten(name)} would have more than 10^18 values, which no tensor has.")


def _shapes(tensors: Mapping[str, NamedShape]) -> dict[str, Shape]:
    """Return local name → shape."""
    return {local: shape for local, (_, shape) in tensors.items()}


def _group_by_module(tensors: Mapping[str, Shape], buffers: frozenset[str]) -> dict[str, _ModuleTensors]:
    """Return path → module, in the order of the first tensor of each module."""
    by_path: dict[str, dict[str, NamedShape]] = {}
    for name, shape in tensors.items():
        path, local = split_name(name)
        by_path.setdefault(path, {})[local] = (name, shape)
    modules = {}
    for path, tensors_here in by_path.items():
        module = modules[path] = _ModuleTensors()
        by_role = {
            "weight": module.weights,
            "bias": module.biases,
            "magnitude": module.magnitudes,
            "other": module.others,
            "buffer": module.buffers,
        }
        for local, tensor in tensors_here.items():
            is_buffer = tensor[0] in buffers or is_causal_mask(*tensor)
            role = "buffer" if is_buffer else role_of(local, tensors_here)
            by_role[role][local] = tensor
    return modules


class _RowBuilder:
    """A builder of the rows of modules, which considers the layers before and after each."""

    def __init__(
        self,
        modules: dict[str, _ModuleTensors],
        shared: Mapping[str, str],
        frozen: frozenset[str],
        ordered: bool,
    ) -> None:
        self.modules, self.shared, self.frozen = modules, shared, frozen
        self.positions = {path: index for index, path in enumerate(modules)} if ordered else {}
        self.decisions = decide(list(self._convolutions()), classifier=ordered and self._ends_linear())

    def _ends_linear(self) -> bool:
        """Return whether the last layer with a weight is a linear layer with a bias."""
        layers = [module for module in self.modules.values() if module.weights]
        return bool(layers) and (
            [len(shape) for _, shape in layers[-1].weights.values()] == [2] and len(layers[-1].biases) == 1
        )

    def _convolutions(self) -> Iterator[Convolution]:
        """Yield the modules that have the tensors of a convolution."""
        for path, module in self.modules.items():
            weights, biases = _shapes(module.weights), _shapes(module.biases)
            if is_convolution(path, weights, biases):
                [shape] = weights.values()
                bias = next((size for (size,) in biases.values()), None)
                yield Convolution(path, shape, bias, self._neighbour_norms(path))

    def rows(self, path: str, module: _ModuleTensors) -> list[Row]:
        """Return the row of a layer with weights, and a row for each parameter that belongs to no layer."""
        single = list(module.others.values())
        rows = []
        if module.weights:
            rows.append(self._layer(path, module))
        else:
            rows += [self._single(tensor, "bias") for tensor in module.biases.values()]
            single += module.magnitudes.values()
        return rows + [self._single(tensor, "other") for tensor in single]

    def _layer(self, path: str, module: _ModuleTensors) -> Row:
        """Return the row of a layer with its inferred type."""
        inferred = self._infer(path, module)
        weights, biases = list(module.weights.values()), list(module.biases.values())
        magnitudes = list(module.magnitudes.values())
        tensors = weights + biases + magnitudes
        notes = [inferred.note] if inferred.note else []
        if magnitudes:
            notes.append("weight norm adds magnitudes to the weight")
        notes += [
            f"{split_name(name)[1]} is shared with {_shorten(self.shared[name])} and counted there"
            for name, _ in tensors
            if name in self.shared
        ]
        frozen = self._frozen(tensors)
        return Row(
            name=path,
            type=inferred.type,
            weight_shape=inferred.weight_shape,
            weight_count=self._count(weights),
            bias_count=self._count(biases),
            other_count=self._count(magnitudes),
            trainable=frozen < self._count(tensors),
            frozen_count=frozen,
            note=f"Inferred from names and shapes{': ' if notes else ''}{'; '.join(notes[:4])}.",
            transposed=inferred.transposed,
            undecided=inferred.undecided,
        )

    def _infer(self, path: str, module: _ModuleTensors) -> InferredType:
        statistics = "running_mean" in module.buffers
        weights, biases = _shapes(module.weights), _shapes(module.biases)
        return infer_type(path, weights, biases, statistics, self.decisions.get(path))

    def _neighbour_norms(self, path: str) -> NeighbourNorms:
        """Return the channels of the normalisations before and after the layer at ``path`` in its block."""
        # Activations and dropout, which have no tensors, may stand between a normalisation and the layer.
        previous = (sibling(path, -step) for step in (1, 2, 3))
        before = next((n for norm in previous if norm and (n := self._norm_channels(norm)) is not None), None)
        norm = next((norm for norm in norm_names(path) if self._norm_channels(norm) is not None), None)
        size = self._norm_channels(norm) if norm else None
        if norm is None or norm == sibling(path, 1):
            return NeighbourNorms(before, size)
        # conv1 and bn1 may stand in either order: DenseNet normalises first and uses the same names.
        if not self.positions:
            return NeighbourNorms(before)
        return (
            NeighbourNorms(before, size)
            if self.positions[norm] > self.positions[path]
            else NeighbourNorms(size)
        )

    def _norm_channels(self, path: str) -> int | None:
        """Return the channels of the normalisation at ``path``, or ``None`` for any other module."""
        module = self.modules.get(path)
        if module is None or len(module.weights) != 1:
            return None
        [(_, shape)] = module.weights.values()
        return shape[0] if len(shape) == 1 and shape[0] > 1 else None

    def _single(self, tensor: NamedShape, role: Role) -> Row:
        """Return the row of a parameter that belongs to no layer."""
        count, frozen = self._count([tensor]), self._frozen([tensor])
        return Row(
            name=tensor[0],
            type="Parameter",
            bias_count=count if role == "bias" else 0,
            other_count=0 if role == "bias" else count,
            trainable=frozen < count,
            frozen_count=frozen,
            note="A single parameter, whose name does not belong to a known layer.",
        )

    def _count(self, tensors: list[NamedShape]) -> int:
        return sum(math.prod(shape) for name, shape in tensors if name not in self.shared)

    def _frozen(self, tensors: list[NamedShape]) -> int:
        return self._count([tensor for tensor in tensors if tensor[0] in self.frozen])
