"""The parameters of each class of ``torch.nn``, computed from the arguments of a layer.

Source: "Variables" on the page of each class, https://docs.pytorch.org/docs/stable/nn.html.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from calculator.core.formatting import short_repr
from calculator.core.layer import weight_shape
from calculator.readers.model import MAX_AXES, MAX_COUNT, ReadError, Shape
from calculator.readers.tensors.layer_types import GATES


class UnclearError(ValueError):
    """Arguments that do not determine the parameters of a layer. The message is a sentence."""


@dataclass(frozen=True)
class Parameter:
    """The name and shape of one or more equal parameters of a layer.

    >>> Parameter("weight", (64, 32, 4, 4)).count
    32768
    """

    name: str
    shape: Shape
    copies: int = 1

    @property
    def count(self) -> int:
        """Return the number of values in all copies. Raises ``ReadError`` above ``MAX_COUNT``."""
        count = math.prod(self.shape) * self.copies
        if count > MAX_COUNT:
            raise ReadError(f"A tensor of shape {short_repr(self.shape)} is too large to be real.")
        return count


@dataclass(frozen=True)
class LayerArguments:
    """The arguments of a layer by name. A missing argument has the default that the caller states.

    The methods raise ``UnclearError`` for a value of another type, and ``ReadError`` above ``MAX_COUNT``.

    >>> LayerArguments({"kernel_size": 4}).per_axis("kernel_size", 2)
    (4, 4)
    """

    values: Mapping[str, object]

    def integer(self, name: str, default: int | None = None, minimum: int = 0) -> int:
        """Return a whole number of at least ``minimum``."""
        return _check_integer(name, self.values.get(name, default), minimum)

    def boolean(self, name: str, default: bool) -> bool:
        """Return True or False. Raises ``UnclearError`` for any other value."""
        value = self.values.get(name, default)
        if not isinstance(value, bool):
            raise UnclearError(f"{name} must be True or False, received {short_repr(value)}.")
        return value

    def per_axis(self, name: str, rank: int, default: object = None) -> Shape:
        """Return one whole number for each of ``rank`` axes. A single number is repeated.

        Raises ``UnclearError`` for any other value.
        """
        value = self.values.get(name, default)
        items = value if isinstance(value, tuple) else (value,) * rank
        if len(items) != rank:
            raise UnclearError(
                f"{name} must be one whole number, or {rank} of them (one per axis), "
                f"received {short_repr(value)}."
            )
        return tuple(_check_integer(name, item, 0) for item in items)

    def shape(self, name: str) -> Shape:
        """Return a shape, which may be written as a single whole number. Raises ``UnclearError``."""
        value = self.values.get(name)
        items = value if isinstance(value, tuple) else (value,)
        if not 1 <= len(items) <= MAX_AXES:
            raise UnclearError(f"{name} must be a shape (whole numbers), received {short_repr(value)}.")
        return tuple(_check_integer(name, item, 0) for item in items)


def _check_integer(name: str, value: object, minimum: int) -> int:
    """Return ``value``, a whole number from ``minimum`` to ``MAX_COUNT``."""
    if value is None:
        raise UnclearError(f"{name} is missing.")
    if type(value) is not int or value < minimum:
        raise UnclearError(
            f"{name} must be a whole number of at least {minimum}, received {short_repr(value)}."
        )
    if value > MAX_COUNT:
        raise ReadError(f"{name} is {short_repr(value)}, too large to be real.")
    return value


Parameters = Iterator[Parameter]


def _weight_and_bias(weight: Shape, out_features: int, bias: bool) -> Parameters:
    yield Parameter("weight", weight)
    if bias:
        yield Parameter("bias", (out_features,))


def _convolution(rank: int, transposed: bool, arguments: LayerArguments) -> Parameters:
    """Return the weight and the bias of an ordinary or a transposed convolution."""
    in_channels, out_channels = arguments.integer("in_channels"), arguments.integer("out_channels")
    groups = arguments.integer("groups", 1, 1)
    if in_channels % groups or out_channels % groups:
        raise UnclearError("groups must divide in_channels and out_channels.")
    # ``weight_shape`` is that of a transposed convolution; an ordinary one has the channels exchanged.
    channels = (in_channels, out_channels) if transposed else (out_channels, in_channels)
    shape = weight_shape(*channels, groups, arguments.per_axis("kernel_size", rank))
    return _weight_and_bias(shape, out_channels, arguments.boolean("bias", True))


def _linear(arguments: LayerArguments) -> Parameters:
    out_features = arguments.integer("out_features")
    weight = (out_features, arguments.integer("in_features"))
    return _weight_and_bias(weight, out_features, arguments.boolean("bias", True))


def _bilinear(arguments: LayerArguments) -> Parameters:
    out_features = arguments.integer("out_features")
    weight = (out_features, arguments.integer("in1_features"), arguments.integer("in2_features"))
    return _weight_and_bias(weight, out_features, arguments.boolean("bias", True))


def _conv1d_of_gpt2(arguments: LayerArguments) -> Parameters:
    """Yield the parameters of ``Conv1D`` of transformers, a linear layer whose weight is (in, out)."""
    out_features = arguments.integer("nf")
    return _weight_and_bias((arguments.integer("nx"), out_features), out_features, True)


def _embedding(arguments: LayerArguments) -> Parameters:
    yield Parameter("weight", (arguments.integer("num_embeddings"), arguments.integer("embedding_dim")))


def _prelu(arguments: LayerArguments) -> Parameters:
    yield Parameter("weight", (arguments.integer("num_parameters", 1),))


def _channel_norm(channels_name: str, affine: bool, arguments: LayerArguments) -> Parameters:
    """Yield the parameters of a norm with one weight per channel; ``affine`` is the default of the class."""
    channels = arguments.integer(channels_name)
    if arguments.boolean("affine", affine):
        yield from _weight_and_bias((channels,), channels, arguments.boolean("bias", True))


def _layer_norm(arguments: LayerArguments) -> Parameters:
    shape = arguments.shape("normalized_shape")
    if arguments.boolean("elementwise_affine", True):
        yield Parameter("weight", shape)
        if arguments.boolean("bias", True):
            yield Parameter("bias", shape)


def _rms_norm(arguments: LayerArguments) -> Parameters:
    shape = arguments.shape("normalized_shape")
    if arguments.boolean("elementwise_affine", True):
        yield Parameter("weight", shape)


def _recurrent(gates: int, arguments: LayerArguments) -> Parameters:
    """Yield the parameters of all layers and directions of an RNN, LSTM or GRU."""
    input_size, hidden_size = arguments.integer("input_size"), arguments.integer("hidden_size")
    num_layers, proj_size = arguments.integer("num_layers", 1, 1), arguments.integer("proj_size", 0)
    directions = 2 if arguments.boolean("bidirectional", False) else 1
    output_size, rows = proj_size or hidden_size, gates * hidden_size
    yield Parameter("weight_ih_l0", (rows, input_size), directions)
    if num_layers > 1:
        # Each later layer reads the concatenated outputs of both directions.
        yield Parameter("weight_ih_l", (rows, output_size * directions), directions * (num_layers - 1))
    yield Parameter("weight_hh_l", (rows, output_size), directions * num_layers)
    if proj_size:
        yield Parameter("weight_hr_l", (proj_size, hidden_size), directions * num_layers)
    if arguments.boolean("bias", True):
        # PyTorch keeps two biases that are added, as cuDNN does.
        yield Parameter("bias_ih_l", (rows,), directions * num_layers)
        yield Parameter("bias_hh_l", (rows,), directions * num_layers)


def _recurrent_cell(gates: int, arguments: LayerArguments) -> Parameters:
    """Yield the parameters of an RNNCell, LSTMCell or GRUCell, which has one layer and one direction."""
    hidden_size = arguments.integer("hidden_size")
    yield Parameter("weight_ih", (gates * hidden_size, arguments.integer("input_size")))
    yield Parameter("weight_hh", (gates * hidden_size, hidden_size))
    if arguments.boolean("bias", True):
        yield Parameter("bias_ih", (gates * hidden_size,))
        yield Parameter("bias_hh", (gates * hidden_size,))


def _attention(arguments: LayerArguments) -> Parameters:
    """Yield the parameters of multi-head attention, including its output projection."""
    embed_dim, bias = arguments.integer("embed_dim"), arguments.boolean("bias", True)
    # Both arguments are None where they equal embed_dim.
    sizes = [(name, arguments.values.get(name)) for name in ("kdim", "vdim")]
    kdim, vdim = (_check_integer(name, embed_dim if size is None else size, 0) for name, size in sizes)
    if kdim == vdim == embed_dim:
        yield Parameter("weight_in_proj", (3 * embed_dim, embed_dim))
    else:
        for name, size in (("q", embed_dim), ("k", kdim), ("v", vdim)):
            yield Parameter(f"weight_{name}_proj", (embed_dim, size))
    yield Parameter("weight_out_proj", (embed_dim, embed_dim))
    if bias:
        yield Parameter("bias_in_proj", (3 * embed_dim,))
        yield Parameter("bias_out_proj", (embed_dim,))
    if arguments.boolean("add_bias_kv", False):
        yield Parameter("bias_kv", (1, 1, embed_dim), 2)


RULES: dict[str, Callable[[LayerArguments], Parameters]] = {
    **{f"Conv{rank}d": partial(_convolution, rank, False) for rank in (1, 2, 3)},
    **{f"ConvTranspose{rank}d": partial(_convolution, rank, True) for rank in (1, 2, 3)},
    **{f"BatchNorm{rank}d": partial(_channel_norm, "num_features", True) for rank in (1, 2, 3)},
    **{f"InstanceNorm{rank}d": partial(_channel_norm, "num_features", False) for rank in (1, 2, 3)},
    "SyncBatchNorm": partial(_channel_norm, "num_features", True),
    "GroupNorm": partial(_channel_norm, "num_channels", True),
    "LayerNorm": _layer_norm,
    "RMSNorm": _rms_norm,
    "Linear": _linear,
    "Bilinear": _bilinear,
    "Embedding": _embedding,
    "EmbeddingBag": _embedding,
    "PReLU": _prelu,
    **{name: partial(_recurrent, gates) for name, gates in GATES.items()},
    **{f"{name}Cell": partial(_recurrent_cell, gates) for name, gates in GATES.items()},
    "MultiheadAttention": _attention,
    "Conv1D": _conv1d_of_gpt2,
}
"""The rule of each class that can have parameters: arguments → parameters."""
