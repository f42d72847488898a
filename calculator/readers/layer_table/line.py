"""One line of a table of layers: what its type takes, and the exact counts it has.

Shapes are stored as the type's framework stores them: ``ConvTranspose2d`` as PyTorch, ``Conv2DTranspose`` as
Keras (https://docs.pytorch.org/docs/stable/nn.html, https://keras.io/api/layers/).
"""

import math
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose, weight_shape
from calculator.readers.model import MAX_COUNT, ReadError, Row

Shape = tuple[int, ...]

SPATIAL = ("kernel", "stride", "padding", "output_padding", "dilation")
"""The columns with one number, or one per axis."""

_CONV = frozenset({"in", "out", "kernel", "stride", "padding", "dilation", "groups", "bias", "trainable"})


@dataclass(frozen=True)
class Kind:
    """What a type of layer is: ``what`` is counted, its columns and how its framework orders a shape."""

    what: str
    columns: frozenset[str]
    needs: tuple[str, ...] = ()
    rank: int = 0
    keras: bool = False


def _convolutions() -> dict[str, Kind]:
    found = {}
    for rank in (1, 2, 3):
        for keras in (False, True):
            up = f"Conv{rank}DTranspose" if keras else f"ConvTranspose{rank}d"
            down = f"Conv{rank}D" if keras else f"Conv{rank}d"
            needs = ("in", "out", "kernel")
            # Keras' transposed layers have no groups, and here no output_padding besides the automatic one.
            columns = _CONV - {"groups"} if keras else _CONV | {"output_padding"}
            found[up] = Kind("transposed", columns, needs, rank, keras)
            found[down] = Kind("conv", _CONV, needs, rank, keras)
    return found


def _others() -> dict[str, Kind]:
    channels = frozenset({"in", "out", "bias", "trainable"})
    norms = ("BatchNorm", "InstanceNorm", "LayerNorm", "GroupNorm")
    ranked = tuple(f"{norm}{rank}d" for norm in norms[:2] for rank in (1, 2, 3))
    pooling = frozenset({"in", "out", "kernel", "stride", "padding"})
    return {
        "Linear": Kind("linear", channels, ("in", "out")),
        "Dense": Kind("linear", channels, ("in", "out"), keras=True),
        **{norm: Kind("norm", channels) for norm in (*norms, *ranked)},
        "BatchNormalization": Kind("norm", channels, keras=True),
        "PReLU": Kind("slopes", channels - {"bias"}),
        "Embedding": Kind("embedding", channels - {"bias"}, ("in", "out")),
        "Other": Kind("other", frozenset({"in", "out", "count", "trainable"}), ("count",)),
        "Input": Kind("input", frozenset({"in", "out", "size"}), ("out",)),
        "Reshape": Kind("reshape", frozenset({"in", "out", "size"}), ("out",)),
        "Flatten": Kind("flatten", frozenset({"in", "out"})),
        **{f"{pool}Pool{rank}d": Kind("pool", pooling, ("kernel",), rank)
           for pool in ("Max", "Avg") for rank in (1, 2, 3)},
        **{f"{pool}Pooling{rank}D": Kind("pool", pooling, ("kernel",), rank, keras=True)
           for pool in ("Max", "Average") for rank in (1, 2, 3)},
        **{f"ReflectionPad{rank}d": Kind("pad", frozenset({"in", "out", "padding"}), ("padding",), rank)
           for rank in (1, 2, 3)},
    }  # fmt: skip


TYPES = {**_convolutions(), **_others()}
"""Every type a table may have. Those from ``Input`` on hold no parameters: they only say sizes."""


@dataclass(frozen=True)
class Line:
    """One line of a table: the layer it describes, everything checked and filled in.

    ``number`` counts the rows after the header. Spatial settings have one value per axis, and are empty
    for a type without axes. ``inputs`` and ``outputs`` are 0 where nothing was said. ``same`` is a padding
    that gives ⌈i / stride⌉; of a transposed layer it stands in ``padding`` and ``output_padding`` as numbers.
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

    @property
    def kind(self) -> Kind:
        """What the type is."""
        return TYPES[self.type]

    def refusal(self, sentence: str) -> ReadError:
        """Return the error that names this row."""
        return ReadError(f"Row {self.number} ({self.name}): {sentence}")

    @property
    def lopsided(self) -> bool:
        """Whether PyTorch has no such layer: Keras' 'same' crops an even kernel more on one side."""
        axes = zip(self.output_padding, self.stride, self.dilation, strict=True)
        return self.kind.keras and any(extra >= max(stride, dilation) for extra, stride, dilation in axes)

    def layer(self) -> ConvTranspose:
        """Return the layer: of an ordinary convolution the transposed one that has its settings."""
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
            raise self.refusal(str(error)) from None


def row_of(line: Line) -> Row | None:
    """Return the row of a line with its counts; ``None`` for a layer without parameters.

    Raises ``ReadError`` for a layer that cannot be, or one of more than 10^18 parameters.

    >>> row = row_of(Line(1, "fc", "Linear", 100, 10, bias=False))
    >>> row.weight_shape, row.weight_count, row.bias_count
    ((10, 100), 1000, 0)
    """
    shape, biases, other = _counts(line)
    weights = math.prod(shape) if shape is not None else 0
    total = weights + biases + other
    if total > MAX_COUNT:
        raise line.refusal("it would have more than 10^18 parameters, which must be a mistake.")
    if total == 0:
        return None
    moving = other if line.kind.what == "norm" else 0
    transposed = line.kind.what == "transposed"
    return Row(
        line.name,
        line.type,
        shape,
        weights,
        biases,
        other,
        trainable=line.trainable,
        frozen_count=moving if line.trainable else total,
        note=_note(line),
        layer=line.layer() if transposed and not line.lopsided else None,
        transposed=transposed,
    )


def _counts(line: Line) -> tuple[Shape | None, int, int]:
    """Return the shape of the weights, the number of biases, and of what is neither."""
    kind, channels = line.kind, line.outputs or line.inputs
    biases = line.outputs if line.bias else 0
    if kind.what in ("transposed", "conv"):
        return _convolution_shape(line), biases, 0
    if kind.what == "linear":
        shape = (line.inputs, line.outputs) if kind.keras else (line.outputs, line.inputs)
        return shape, biases, 0
    if kind.what == "norm":
        # Keras counts the moving mean and variance; PyTorch keeps them outside parameters().
        return _norm_shape(line, channels), channels if line.bias else 0, 2 * channels if kind.keras else 0
    if kind.what == "slopes":
        return (channels or 1,), 0, 0
    if kind.what == "embedding":
        return (line.inputs, line.outputs), 0, 0
    return None, 0, line.count


def _norm_shape(line: Line, channels: int) -> Shape | None:
    """Return the shape of a norm's weights: InstanceNorm has none unless it has biases too (affine)."""
    return None if line.type.startswith("InstanceNorm") and not line.bias else (channels,)


def _convolution_shape(line: Line) -> Shape:
    if not line.lopsided:
        line.layer()  # refuses groups that do not divide the channels
    inputs, outputs = line.inputs, line.outputs
    if line.kind.what == "transposed":
        if line.kind.keras:
            return (*line.kernel, outputs, inputs)
        return weight_shape(inputs, outputs, line.groups, line.kernel)
    if line.kind.keras:
        return (*line.kernel, inputs // line.groups, outputs)
    return weight_shape(outputs, inputs, line.groups, line.kernel)


def _note(line: Line) -> str:
    if line.kind.what == "norm" and line.kind.keras:
        return "Keras counts the moving mean and variance, which are never trained."
    if line.kind.what == "transposed" and line.lopsided:
        return "PyTorch has no layer that crops more on one side, as 'same' does of an even kernel."
    return "" if line.trainable else "Its parameters are not trained."
