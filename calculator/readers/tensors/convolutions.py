"""Decision between an ordinary and a transposed convolution: by shapes, layers beside and names.

An ordinary convolution stores (out, in / groups, …) and a transposed one (in, out / groups, …), and a bias
has one value for each output (https://docs.pytorch.org/docs/stable/nn.html#convolution-layers). Where the
channels fit both, the type stays undecided unless names make it clear. Why this is hand-written:

- No library infers layers from a state dict: PyTorch expects the code of the model.
- A wrong type would give a wrong total of transposed convolutions, so every decision keeps its reason.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Literal, NamedTuple

from calculator.readers.model import Shape
from calculator.readers.tensors.names import may_be_temporal, name_hints, split_index

Kind = Literal["ordinary", "transposed", "undecided", "impossible"]

_NOT_STORED = "stride and padding are not stored"
_FITS_BOTH = "could also be a transposed convolution: the shapes fit both"
_UNDECIDED = f"undecided: it {_FITS_BOTH}"
_ALSO_FITS = "the shapes also fit a transposed convolution"
_ALSO_ORDINARY = "the shapes also fit an ordinary convolution"
_AS_BESIDE = "as the layers beside it with the same kernel"


@dataclass(frozen=True)
class NeighbourNorms:
    """The channels of the normalisations directly before and after a layer, or ``None`` without one."""

    before: int | None = None
    after: int | None = None


@dataclass(frozen=True)
class Convolution:
    """A weight of 3 to 5 axes at a path, the number of values of its bias, and the norms beside it."""

    path: str
    shape: Shape
    bias: int | None = None
    norms: NeighbourNorms = NeighbourNorms()

    @property
    def kernel_size(self) -> Shape:
        """Return the size of the kernel along each axis."""
        return self.shape[2:]


class Decision(NamedTuple):
    """Whether a convolution is transposed, and the reason or the doubt as a note."""

    kind: Kind
    note: str = ""


def decide(convolutions: Sequence[Convolution], *, classifier: bool = False) -> dict[str, Decision]:
    """Return path → decision. ``classifier`` is whether the last layer of the model is a linear layer.

    >>> decide([Convolution("a", (64, 32, 4, 4), 32)])["a"].kind
    'transposed'
    >>> decide([Convolution("a", (64, 64, 4, 4), 64)])["a"].kind
    'undecided'
    >>> decide([Convolution("layer1.conv1", (64, 64, 3, 3))])["layer1.conv1"].kind
    'ordinary'
    """
    proven = {each.path: decision for each in convolutions if (decision := _by_shapes(each))}
    for sequence in _sequences(convolutions):
        _decide_by_channels(sequence, proven)
        _doubt_groups(sequence, proven)
    blocks = _Blocks(convolutions, proven, classifier)
    return {each.path: proven.get(each.path) or blocks.by_name(each) for each in convolutions}


def _by_shapes(layer: Convolution) -> Decision | None:
    """Return the decision that the shapes of a layer and of its normalisations prove, or ``None``."""
    first, second = layer.shape[:2]
    outputs, of = (layer.bias, "bias") if layer.bias is not None else (layer.norms.after, "normalisation")
    if outputs is not None and outputs != first:
        groups = outputs // second if second and outputs % second == 0 else 0
        if groups and first % groups == 0:
            return Decision("transposed", f"{_outputs_reason(of, groups)}; {_NOT_STORED}")
        if of == "bias":
            return Decision("impossible")
        return None
    if first == second:
        return None
    if layer.bias is not None and second != 1:
        note = _groups_note(first, second)
        if note and _is_named_transposed(layer.path):
            return None
        hints = name_hints(layer.path)
        if note and _is_even(layer) and {"up", "transposed"} & {hints.nearest, hints.outer}:
            return Decision("undecided", f"undecided: {note}")
        return Decision("ordinary", note)
    if layer.bias is None and outputs == first and second != 1:
        return Decision("ordinary", "the normalisation after it has as many channels as it has outputs")
    if layer.bias is None and outputs is None and layer.norms.before in (first, second):
        if layer.norms.before == second:
            return Decision("ordinary", "the normalisation before it has as many channels as it has inputs")
        # In groups, an ordinary convolution with as many outputs as inputs stores the same.
        if not second or first % second:
            reason = "the normalisation before it has as many channels as it would have inputs"
            return Decision("transposed", f"{reason}; {_NOT_STORED}")
    return None


def _outputs_reason(of: str, groups: int) -> str:
    """Return why a layer is transposed whose bias or normalisation counts its outputs."""
    in_groups = "" if groups == 1 else f", in {groups:,} groups"
    if of == "bias":
        return f"the bias has as many values as a transposed convolution has outputs{in_groups}"
    return (
        f"the normalisation after it has as many channels as a transposed convolution has outputs{in_groups}"
    )


def _groups_note(first: int, second: int) -> str:
    """Return the note about a transposed convolution in groups that stores the same as an ordinary one."""
    groups = first // second if second and first % second == 0 else 0
    return f"a transposed convolution in {groups:,} groups would store the same" if groups else ""


def _is_named_transposed(path: str) -> bool:
    """Return whether a name, such as ``deconv``, can only be that of a transposed convolution."""
    hints = name_hints(path)
    return hints.nearest == "transposed" and not may_be_temporal(hints.word)


def _is_even(layer: Convolution) -> bool:
    """Return whether a kernel size is even, as kernels of transposed convolutions usually are."""
    return any(size % 2 == 0 for size in layer.kernel_size)


def _sequences(convolutions: Iterable[Convolution]) -> list[list[Convolution]]:
    """Return the layers of each ``Sequential`` with more than one of them, by their index."""
    by_parent: dict[str, list[tuple[int, Convolution]]] = {}
    for each in convolutions:
        parent, index = split_index(each.path)
        if index is not None:
            by_parent.setdefault(parent, []).append((index, each))
    sequences = [sorted(layers, key=lambda pair: pair[0]) for layers in by_parent.values() if len(layers) > 1]
    return [[layer for _, layer in layers] for layers in sequences]


def _outputs(layer: Convolution, kind: Kind) -> int:
    """Return the channels that a layer of a certain kind gives."""
    first, second = layer.shape[:2]
    if kind == "ordinary":
        return first
    outputs = layer.bias if layer.bias is not None else layer.norms.after
    return second if outputs is None else outputs


def _takes(layer: Convolution, kind: Kind, channels: int, *, in_groups: bool) -> bool:
    """Return whether a layer of a certain kind can take ``channels``; ``in_groups``, with groups too.

    Without groups, an ordinary layer of one input is taken for a depthwise one with as many outputs.
    """
    first, second = layer.shape[:2]
    if kind == "transposed":
        return channels == first
    if not in_groups:
        return channels == (first if second == 1 else second)
    return bool(channels and second) and channels % second == 0 and first % (channels // second) == 0


def _decide_by_channels(sequence: Sequence[Convolution], proven: dict[str, Decision]) -> None:
    """Add the decisions that follow from the order: the outputs of a layer are the inputs of the next.

    A layer that the shapes do not prove is compared with a proven layer beside it, or where none of the
    ``Sequential`` is proven, all of them as one kind.
    """
    if not any(layer.path in proven for layer in sequence):
        only = _only_kind(lambda kind, groups: _is_chain(sequence, kind, in_groups=groups))
        if only:
            proven.update({layer.path: _by_order(only) for layer in sequence if _has_order(layer)})
        return
    for layers, forward in ((sequence, True), (sequence[::-1], False)):
        for beside, layer in pairwise(layers):
            known = proven.get(beside.path)
            if layer.path in proven or known is None or known.kind == "impossible" or not _has_order(layer):
                continue
            fits = (
                partial(_follows, beside, known.kind, layer)
                if forward
                else partial(_precedes, beside, known.kind, layer)
            )
            if only := _only_kind(fits):
                proven[layer.path] = _by_order(only)


def _doubt_groups(sequence: Sequence[Convolution], proven: dict[str, Decision]) -> None:
    """Take back the decisions about layers in groups that a transposed layer would store alike.

    The channels that the layer before gives show that there are groups, whichever kind the layer is. Odd
    kernels are usually those of ordinary convolutions, except beside a transposed one.
    """
    for beside, layer in pairwise(sequence):
        known, decision = proven.get(beside.path), proven.get(layer.path)
        if known and known.kind in _TWO_KINDS and decision and decision.kind == "ordinary":
            channels = _outputs(beside, known.kind)
            first, second = layer.shape[:2]
            note = _groups_note(first, second)
            alike = known.kind == "transposed" and beside.kernel_size == layer.kernel_size
            if note and channels == first != second != 1 and (_is_even(layer) or alike):
                proven[layer.path] = Decision("undecided", f"undecided: {note}")


def _follows(beside: Convolution, known: Kind, layer: Convolution, kind: Kind, in_groups: bool) -> bool:
    """Return whether ``layer`` as a layer of ``kind`` can take what the ``known`` layer gives."""
    return _takes(layer, kind, _outputs(beside, known), in_groups=in_groups)


def _precedes(beside: Convolution, known: Kind, layer: Convolution, kind: Kind, in_groups: bool) -> bool:
    """Return whether the ``known`` layer can take what ``layer`` as a layer of ``kind`` gives."""
    return _takes(beside, known, _outputs(layer, kind), in_groups=in_groups)


def _only_kind(fits: Callable[[Kind, bool], bool]) -> Kind | None:
    """Return the kind that fits without groups where the other does not even fit in groups, or ``None``."""
    possible = [kind for kind in _TWO_KINDS if fits(kind, True)]
    return possible[0] if len(possible) == 1 and fits(possible[0], False) else None


_TWO_KINDS: tuple[Kind, Kind] = ("ordinary", "transposed")


def _has_order(layer: Convolution) -> bool:
    """Return whether the order of channels can decide: not for as many outputs as inputs, nor depthwise."""
    return layer.shape[0] != layer.shape[1] != 1


def _is_chain(layers: Sequence[Convolution], kind: Kind, *, in_groups: bool) -> bool:
    """Return whether each layer can take the outputs of the one before it, all of them of one kind."""
    return all(
        _takes(other, kind, _outputs(one, kind), in_groups=in_groups) for one, other in pairwise(layers)
    )


def _by_order(kind: Kind) -> Decision:
    reason = "by its channels, which are those of the layers beside it"
    return Decision(kind, f"{reason}; {_NOT_STORED}" if kind == "transposed" else reason)


@dataclass
class _Kernels:
    """The kernel sizes of the proven layers of a block, ordinary and transposed, and the number of layers."""

    ordinary: set[Shape] = field(default_factory=set)
    transposed: set[Shape] = field(default_factory=set)
    layers: int = 0


class _Blocks:
    """The proven layers of each ``Sequential`` and each block, for the layers that no shape decides."""

    def __init__(
        self, convolutions: Sequence[Convolution], proven: Mapping[str, Decision], classifier: bool
    ) -> None:
        self.kernels: dict[str, _Kernels] = {}
        for each in convolutions:
            decision = proven.get(each.path)
            for place in set(_places(each.path)):
                kernels = self.kernels.setdefault(place, _Kernels())
                kernels.layers += 1
                if decision and decision.kind == "ordinary":
                    kernels.ordinary.add(each.kernel_size)
                elif decision and decision.kind == "transposed":
                    kernels.transposed.add(each.kernel_size)
        # A model with a vector as its output hardly upsamples, and is the commonest without names.
        self.plain = classifier and not any(each.kind == "transposed" for each in proven.values())

    def by_name(self, layer: Convolution) -> Decision:
        """Return the decision by the names and the kernel, and by the proven layers of the same block."""
        hints = name_hints(layer.path)
        nearest, outer = hints.nearest, hints.outer
        alone = layer.path.rpartition(".")[2].isdigit() and self.kernels[_places(layer.path)[0]].layers == 1
        own = nearest == "transposed" and (hints.own or alone)
        if all(size == 1 for size in layer.kernel_size):
            if own:
                return Decision("undecided", _UNDECIDED)
            return Decision("ordinary", f"its kernel of size 1 upsamples nothing; it {_FITS_BOTH}")
        # A convolution along the time has an odd kernel, or one of size 1 along the other axes.
        temporal = may_be_temporal(hints.word) and (not _is_even(layer) or 1 in layer.kernel_size)
        if own and temporal:
            return Decision("undecided", _UNDECIDED)
        if own:
            return _transposed_by(hints.word, "")
        if nearest == "ordinary" or (nearest == "conv" and outer == "ordinary"):
            # The encoder of UNETR enlarges its input with square kernels of size 2.
            square = layer.shape[0] == layer.shape[1] and all(size == 2 for size in layer.kernel_size)
            if square and hints.word.startswith("enc"):
                return Decision("undecided", _UNDECIDED)
            return _ordinary_by(hints.word)
        ordinary, transposed = self._beside(layer)
        named_up = "transposed" in (nearest, outer) or "up" in (nearest, outer)
        if _is_even(layer):
            if named_up:
                return (
                    Decision("undecided", _UNDECIDED)
                    if ordinary or temporal
                    else _transposed_by(hints.word, " and its even kernel")
                )
            if transposed and not ordinary:
                return Decision("transposed", f"{_AS_BESIDE}; {_ALSO_ORDINARY}; {_NOT_STORED}")
        elif nearest == "transposed" and transposed and not ordinary:
            return _transposed_by(hints.word, " and the layers beside it")
        elif nearest == "conv" and not named_up:
            return _ordinary_by(hints.word)
        if ordinary and not transposed and (nearest == "conv" or (nearest is None and self.plain)):
            return Decision("ordinary", f"{_AS_BESIDE}; {_ALSO_FITS}")
        return Decision("undecided", _UNDECIDED)

    def _beside(self, layer: Convolution) -> tuple[bool, bool]:
        """Return whether ordinary and transposed layers with the same kernel are proven beside ``layer``."""
        for place in _places(layer.path):
            kernels = self.kernels[place]
            if kernels.layers > 1:
                return layer.kernel_size in kernels.ordinary, layer.kernel_size in kernels.transposed
        return False, False


def _places(path: str) -> tuple[str, ...]:
    """Return the ``Sequential`` of the layer at ``path``, if it is in one, and the block around that."""
    parent, index = split_index(path)
    named = path
    while index is not None:
        named, index = parent, split_index(parent)[1]
        parent = split_index(parent)[0]
    block = f"{named.rpartition('.')[0]}:"
    return (block,) if named == path else (path.rpartition(".")[0], block)


def _ordinary_by(word: str) -> Decision:
    return Decision("ordinary", f"by the name “{word}”; {_ALSO_FITS}")


def _transposed_by(word: str, more: str) -> Decision:
    return Decision("transposed", f"by the name “{word}”{more}; {_ALSO_ORDINARY}; {_NOT_STORED}")
