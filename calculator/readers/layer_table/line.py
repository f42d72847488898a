"""One line of a table of layers: the columns that its type takes, and its exact counts.

The shape of a weight has the order of the type's framework: ``ConvTranspose2d`` that of PyTorch,
``Conv2DTranspose`` that of Keras (https://docs.pytorch.org/docs/stable/nn.html, https://keras.io/api/layers/).
"""

import math
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose, weight_shape
from calculator.frameworks.keras import NO_CROP, OTHER_SIDE
from calculator.readers.model import MAX_COUNT, ReadError, Row, Shape

SPATIAL = ("kernel", "stride", "padding", "output_padding", "dilation")
"""The columns with one number for all axes, or one per axis."""

_CONV = frozenset({"in", "out", "kernel", "stride", "padding", "dilation", "groups", "bias", "trainable"})


@dataclass(frozen=True)
class LayerType:
    """The rules of a type of layer.

    ``category`` selects the formulas. ``columns`` are the allowed columns, and ``required`` those without
    a default. ``rank`` is the number of spatial axes. ``keras`` is whether the weight has Keras' order.
    """

    category: str
    columns: frozenset[str]
    required: tuple[str, ...] = ()
    rank: int = 0
    keras: bool = False


def _convolutions() -> dict[str, LayerType]:
    """Return the types of ordinary and transposed convolutions by name."""
    types = {}
    for rank in (1, 2, 3):
        for keras in (False, True):
            transposed = f"Conv{rank}DTranspose" if keras else f"ConvTranspose{rank}d"
            ordinary = f"Conv{rank}D" if keras else f"Conv{rank}d"
            required = ("in", "out", "kernel")
            # Keras' transposed layers have no groups. Their output_padding follows from the word for padding.
            columns = _CONV - {"groups"} if keras else _CONV | {"output_padding"}
            types[transposed] = LayerType("transposed", columns, required, rank, keras)
            types[ordinary] = LayerType("conv", _CONV, required, rank, keras)
    return types


def _others() -> dict[str, LayerType]:
    """Return all other types by name."""
    channels = frozenset({"in", "out", "bias", "trainable"})
    norms = ("BatchNorm", "InstanceNorm", "LayerNorm", "GroupNorm")
    ranked = tuple(f"{norm}{rank}d" for norm in norms[:2] for rank in (1, 2, 3))
    pooling = frozenset({"in", "out", "kernel", "stride", "padding"})
    unchanged, scaled = frozenset({"in", "out"}), frozenset({"in", "out", "scale_factor"})
    pads = ("ReflectionPad", "ReplicationPad", "ZeroPad", "ConstantPad", "CircularPad")
    return {
        "Linear": LayerType("linear", channels, ("in", "out")),
        "Dense": LayerType("linear", channels, ("in", "out"), keras=True),
        **{norm: LayerType("norm", channels) for norm in (*norms, *ranked)},
        "LayerNorm": LayerType("norm", channels | {"size", "affine"}),
        "BatchNormalization": LayerType("norm", channels, keras=True),
        "PReLU": LayerType("slopes", channels - {"bias"} | {"size"}),
        "Embedding": LayerType("embedding", channels - {"bias"}, ("in", "out")),
        "Other": LayerType("other", frozenset({"in", "out", "count", "trainable"}), ("count",)),
        "Input": LayerType("input", frozenset({"in", "out", "size"}), ("out",)),
        "Reshape": LayerType("reshape", frozenset({"in", "out", "size"}), ("out",)),
        "Flatten": LayerType("flatten", frozenset({"in", "out"})),
        **{f"{pool}Pool{rank}d": LayerType("pool", pooling | {"ceil_mode"}, ("kernel",), rank)
           for pool in ("Max", "Avg") for rank in (1, 2, 3)},
        **{f"{pool}Pooling{rank}D": LayerType("pool", pooling, ("kernel",), rank, keras=True)
           for pool in ("Max", "Average") for rank in (1, 2, 3)},
        **{f"{pad}{rank}d": LayerType("pad", unchanged | {"padding"}, ("padding",), rank)
           for pad in pads for rank in (1, 2, 3)},
        **{f"ZeroPadding{rank}D": LayerType("pad", unchanged | {"padding"}, ("padding",), rank)
           for rank in (1, 2, 3)},
        **{f"Adaptive{pool}Pool{rank}d": LayerType("adaptive", unchanged | {"size"}, ("size",), rank)
           for pool in ("Max", "Avg") for rank in (1, 2, 3)},
        **{f"Global{pool}Pooling{rank}D": LayerType("global", unchanged, (), rank, keras=True)
           for pool in ("Max", "Average") for rank in (1, 2, 3)},
        "Upsample": LayerType("upsample", scaled | {"size"}),
        **{f"UpSampling{rank}D": LayerType("upsample", scaled, ("scale_factor",), rank, keras=True)
           for rank in (1, 2, 3)},
        "GLU": LayerType("gate", unchanged),
        "ChannelShuffle": LayerType("mix", unchanged | {"groups"}, ("groups",)),
        "PixelShuffle": LayerType("shuffle", scaled - {"out"}, ("scale_factor",)),
        "PixelUnshuffle": LayerType("unshuffle", scaled - {"out"}, ("scale_factor",)),
    }  # fmt: skip


TYPES = {**_convolutions(), **_others()}
"""All types of layers. The types from ``Input`` on have no parameters: they only change sizes."""


@dataclass(frozen=True)
class Line:
    """One line of a table with its checked cells, and defaults in place of empty cells.

    ``number`` counts the rows after the header; it is 0 for a layer that was not typed. Spatial settings have
    one value per axis, and are empty for a type without axes. ``inputs`` and ``outputs`` are the cells of the
    columns in and out: channels or features, and 0 for an empty cell. ``same`` is whether the output size is
    ⌈i / stride⌉; for a transposed layer, ``padding`` and ``output_padding`` have the numbers of that word.
    ``padding`` of a layer that pads has two numbers per axis, before and after. ``size`` of ``LayerNorm`` and
    ``PReLU`` has the axes after ``outputs``. ``affine`` is whether a ``LayerNorm`` has parameters.
    """

    number: int
    name: str
    type: str
    inputs: int = 0
    outputs: int = 0
    kernel: Shape = ()
    stride: Shape = ()
    padding: Shape = ()
    output_padding: Shape = ()
    dilation: Shape = ()
    groups: int = 1
    bias: bool = True
    trainable: bool = True
    count: int = 0
    size: Shape = ()
    same: bool = False
    scale_factor: tuple[int | float, ...] = ()
    ceil_mode: bool = False
    affine: bool = True

    @property
    def layer_type(self) -> LayerType:
        """Return the rules of the type."""
        return TYPES[self.type]

    def error(self, sentence: str) -> ReadError:
        """Return the error with ``sentence`` that names this row, or this layer if nobody typed the row."""
        return ReadError(f"{f'Row {self.number} ({self.name})' if self.number else self.name}: {sentence}")

    @property
    def other_side(self) -> bool:
        """Return whether PyTorch crops a transposed layer of Keras on the other side.

        Keras' 'same' crops an odd number of positions one more at the end, PyTorch one more at the start.
        """
        crops = zip(self.padding, self.output_padding, strict=True)
        return self.layer_type.keras and any(padding and extra for padding, extra in crops)

    @property
    def has_no_layer(self) -> bool:
        """Return whether PyTorch has no layer of this size, as for an even kernel, stride 1 and 'same'."""
        axes = zip(self.output_padding, self.stride, self.dilation, strict=True)
        return self.layer_type.keras and any(
            extra >= max(stride, dilation) for extra, stride, dilation in axes
        )

    def layer(self) -> ConvTranspose:
        """Return the row as a ``ConvTranspose``. Raises ``ReadError`` where the settings are impossible.

        An ordinary convolution is returned as the transposed convolution with the same settings.
        """
        try:
            return ConvTranspose(
                in_channels=self.inputs,
                out_channels=self.outputs,
                kernel_size=self.kernel,
                stride=self.stride,
                padding=self.padding,
                output_padding=self.output_padding,
                dilation=self.dilation,
                groups=self.groups,
                bias=self.bias,
            )
        except LayerError as error:
            raise self.error(str(error)) from None


def row_of(line: Line) -> Row | None:
    """Return the row of a line with its counts, or ``None`` for a layer without parameters.

    Raises ``ReadError`` for impossible settings and for more than 10^18 parameters.

    >>> row = row_of(Line(1, "fc", "Linear", 100, 10, bias=False))
    >>> row.weight_shape, row.weight_count, row.bias_count, row.trainable_count
    ((10, 100), 1000, 0, 1000)
    """
    shape, biases, other = _counts(line)
    weights = math.prod(shape) if shape is not None else 0
    total = weights + biases + other
    if total > MAX_COUNT:
        raise line.error("it would have more than 10^18 parameters, which must be a mistake.")
    if total == 0:
        return None
    moving_statistics = other if line.layer_type.category == "norm" else 0
    transposed = line.layer_type.category == "transposed"
    return Row(
        line.name,
        line.type,
        shape,
        weights,
        biases,
        other,
        trainable=line.trainable,
        frozen_count=moving_statistics if line.trainable else total,
        note=_note(line),
        layer=line.layer() if transposed and not line.has_no_layer else None,
        transposed=transposed,
        groups=line.groups if line.layer_type.category in ("transposed", "conv") else None,
    )


def _counts(line: Line) -> tuple[Shape | None, int, int]:
    """Return (shape of the weight, number of biases, number of other parameters)."""
    layer_type, channels = line.layer_type, (line.outputs or line.inputs) * math.prod(line.size)
    biases = line.outputs if line.bias else 0
    if layer_type.category in ("transposed", "conv"):
        return _convolution_shape(line), biases, 0
    if layer_type.category == "linear":
        shape = (line.inputs, line.outputs) if layer_type.keras else (line.outputs, line.inputs)
        return shape, biases, 0
    if not line.affine:
        return None, 0, 0
    if layer_type.category == "norm":
        # Keras counts the moving mean and variance; PyTorch keeps them outside parameters().
        return (
            _norm_shape(line, channels),
            channels if line.bias else 0,
            2 * channels if layer_type.keras else 0,
        )
    if layer_type.category == "slopes":
        return (*line.size, line.outputs or line.inputs or 1), 0, 0
    if layer_type.category == "embedding":
        return (line.inputs, line.outputs), 0, 0
    return None, 0, line.count


def _norm_shape(line: Line, channels: int) -> Shape | None:
    """Return the shape of a norm's weight. InstanceNorm has a weight only with a bias (affine)."""
    if line.type.startswith("InstanceNorm") and not line.bias:
        return None
    return (line.outputs or line.inputs, *line.size) if line.size else (channels,)


def _convolution_shape(line: Line) -> Shape:
    """Return the shape of the weight of a convolution in the order of its framework."""
    if not line.has_no_layer:
        line.layer()  # Raises for groups that do not divide the channels.
    inputs, outputs = line.inputs, line.outputs
    if line.layer_type.category == "transposed":
        if line.layer_type.keras:
            return (*line.kernel, outputs, inputs)
        return weight_shape(inputs, outputs, line.groups, line.kernel)
    if line.layer_type.keras:
        return (*line.kernel, inputs // line.groups, outputs)
    return weight_shape(outputs, inputs, line.groups, line.kernel)


def _note(line: Line) -> str:
    if line.layer_type.category == "norm" and line.layer_type.keras:
        return "Keras counts the moving mean and variance, which are never trained."
    if line.layer_type.category == "transposed" and line.other_side:
        return NO_CROP if line.has_no_layer else OTHER_SIDE
    return "" if line.trainable else "Its parameters are not trained."
