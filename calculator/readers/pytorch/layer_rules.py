"""What each class of ``torch.nn`` holds, from the arguments it is built with.

Source: "Variables" on the page of each class, https://docs.pytorch.org/docs/stable/nn.html.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from calculator.core.formatting import short_repr
from calculator.core.layer import weight_shape
from calculator.readers.model import MAX_COUNT, ReadError
from calculator.readers.pytorch.class_names import GATES

MAX_AXES = 64
"""PyTorch's own limit on the axes of a tensor."""


class UnclearError(ValueError):
    """Arguments that do not tell what a layer holds. The message is a sentence."""


@dataclass(frozen=True)
class Tensor:
    """A parameter of a layer: its name, its shape, and how many there are of it.

    >>> Tensor("weight", (64, 32, 4, 4)).count
    32768
    """

    name: str
    shape: tuple[int, ...]
    copies: int = 1

    @property
    def count(self) -> int:
        """Numbers in all of its copies."""
        count = math.prod(self.shape) * self.copies
        if count > MAX_COUNT:
            raise ReadError(f"A tensor of shape {short_repr(self.shape)} is too large to be real.")
        return count


@dataclass(frozen=True)
class Settings:
    """The arguments of a layer by name; what is missing has its default."""

    values: Mapping[str, object]

    def whole(self, name: str, default: int | None = None, minimum: int = 0) -> int:
        """Return a whole number of at least ``minimum``."""
        return _whole(name, self.values.get(name, default), minimum)

    def switch(self, name: str, default: bool) -> bool:
        """Return True or False."""
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise UnclearError(f"{name} is {short_repr(value)}, neither True nor False.")
        return value

    def axes(self, name: str, rank: int, default: object = None) -> tuple[int, ...]:
        """Return one whole number per axis, given one for all or one for each."""
        value = self.values.get(name, default)
        items = value if isinstance(value, tuple) else (value,) * rank
        if len(items) != rank:
            raise UnclearError(
                f"{name} is {short_repr(value)}, not one whole number for each of {rank} axes."
            )
        return tuple(_whole(name, item, 0) for item in items)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return a shape, given as a whole number or as several."""
        value = self.values.get(name)
        items = value if isinstance(value, tuple) else (value,)
        if not 1 <= len(items) <= MAX_AXES:
            raise UnclearError(f"{name} is {short_repr(value)}, which is no shape.")
        return tuple(_whole(name, item, 0) for item in items)


def _whole(name: str, value: object, minimum: int) -> int:
    if value is None:
        raise UnclearError(f"{name} is not given.")
    if type(value) is not int or value < minimum:
        raise UnclearError(f"{name} is {short_repr(value)}, not a whole number of at least {minimum}.")
    if value > MAX_COUNT:
        raise ReadError(f"{name} is {short_repr(value)}, too large to be real.")
    return value


Held = Iterator[Tensor]


def _weighted(shape: tuple[int, ...], biases: int, bias: bool) -> Held:
    yield Tensor("weight", shape)
    if bias:
        yield Tensor("bias", (biases,))


def _convolution(rank: int, transposed: bool, given: Settings) -> Held:
    came, went = given.whole("in_channels"), given.whole("out_channels")
    groups = given.whole("groups", 1, 1)
    if came % groups or went % groups:
        raise UnclearError("groups does not divide in_channels and out_channels.")
    channels = (came, went) if transposed else (went, came)
    shape = weight_shape(*channels, groups, given.axes("kernel_size", rank))
    return _weighted(shape, went, given.switch("bias", True))


def _linear(given: Settings) -> Held:
    out = given.whole("out_features")
    return _weighted((out, given.whole("in_features")), out, given.switch("bias", True))


def _bilinear(given: Settings) -> Held:
    out = given.whole("out_features")
    shape = (out, given.whole("in1_features"), given.whole("in2_features"))
    return _weighted(shape, out, given.switch("bias", True))


def _conv1d_of_gpt2(given: Settings) -> Held:
    """``Conv1D`` of the transformers library: a linear layer whose weight is (in, out)."""
    out = given.whole("nf")
    return _weighted((given.whole("nx"), out), out, True)


def _embedding(given: Settings) -> Held:
    yield Tensor("weight", (given.whole("num_embeddings"), given.whole("embedding_dim")))


def _prelu(given: Settings) -> Held:
    yield Tensor("weight", (given.whole("num_parameters", 1),))


def _channel_norm(name: str, affine: bool, given: Settings) -> Held:
    channels = given.whole(name)
    if given.switch("affine", affine):
        yield from _weighted((channels,), channels, given.switch("bias", True))


def _shape_norm(given: Settings) -> Held:
    shape = given.shape("normalized_shape")
    if given.switch("elementwise_affine", True):
        yield Tensor("weight", shape)
        if given.switch("bias", True):
            yield Tensor("bias", shape)


def _rms_norm(given: Settings) -> Held:
    shape = given.shape("normalized_shape")
    if given.switch("elementwise_affine", True):
        yield Tensor("weight", shape)


def _recurrent(gates: int, given: Settings) -> Held:
    """Layers of an RNN: each after the first reads what both directions of the one before gave."""
    width, hidden = given.whole("input_size"), given.whole("hidden_size")
    layers, projected = given.whole("num_layers", 1, 1), given.whole("proj_size", 0)
    ways = 2 if given.switch("bidirectional", False) else 1
    seen, rows, deeper = projected or hidden, gates * hidden, ways * (layers - 1)
    yield Tensor("weight_ih_l0", (rows, width), ways)
    if deeper:
        yield Tensor("weight_ih_l", (rows, seen * ways), deeper)
    yield Tensor("weight_hh_l", (rows, seen), ways * layers)
    if projected:
        yield Tensor("weight_hr_l", (projected, hidden), ways * layers)
    if given.switch("bias", True):
        yield Tensor("bias_ih_l", (rows,), ways * layers)
        yield Tensor("bias_hh_l", (rows,), ways * layers)


def _cell(gates: int, given: Settings) -> Held:
    hidden = given.whole("hidden_size")
    yield Tensor("weight_ih", (gates * hidden, given.whole("input_size")))
    yield Tensor("weight_hh", (gates * hidden, hidden))
    if given.switch("bias", True):
        yield Tensor("bias_ih", (gates * hidden,))
        yield Tensor("bias_hh", (gates * hidden,))


def _attention(given: Settings) -> Held:
    """Multi-head attention as it is built, its output projection with it."""
    width, bias = given.whole("embed_dim"), given.switch("bias", True)
    others = [given.values.get(name) for name in ("kdim", "vdim")]
    key, value = (_whole("kdim", width if other is None else other, 0) for other in others)
    if key == value == width:
        yield Tensor("weight_in_proj", (3 * width, width))
    else:
        for name, size in (("q", width), ("k", key), ("v", value)):
            yield Tensor(f"weight_{name}_proj", (width, size))
    yield Tensor("weight_out_proj", (width, width))
    if bias:
        yield Tensor("bias_in_proj", (3 * width,))
        yield Tensor("bias_out_proj", (width,))
    if given.switch("add_bias_kv", False):
        yield Tensor("bias_kv", (1, 1, width), 2)


RULES: dict[str, Callable[[Settings], Held]] = {
    **{f"Conv{rank}d": partial(_convolution, rank, False) for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": partial(_convolution, rank, True) for rank in (1, 2, 3)},
    **{f"BatchNorm{rank}d": partial(_channel_norm, "num_features", True) for rank in (1, 2, 3)},
    **{f"InstanceNorm{rank}d": partial(_channel_norm, "num_features", False) for rank in (1, 2, 3)},
    "SyncBatchNorm": partial(_channel_norm, "num_features", True),
    "GroupNorm": partial(_channel_norm, "num_channels", True),
    "LayerNorm": _shape_norm,
    "RMSNorm": _rms_norm,
    "Linear": _linear,
    "Bilinear": _bilinear,
    "Embedding": _embedding,
    "EmbeddingBag": _embedding,
    "PReLU": _prelu,
    **{name: partial(_recurrent, gates) for name, gates in GATES.items()},
    **{f"{name}Cell": partial(_cell, gates) for name, gates in GATES.items()},
    "MultiheadAttention": _attention,
    "Conv1D": _conv1d_of_gpt2,
}
"""What the classes hold that hold anything, by their arguments."""
