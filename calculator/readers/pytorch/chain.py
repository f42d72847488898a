"""The rows of a table of layers for layers of PyTorch, from their classes and their printed arguments.

Source of the arguments and of the sizes: https://docs.pytorch.org/docs/stable/nn.html
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from calculator.core.errors import LayerError
from calculator.readers.layer_table.cells import axes_cell
from calculator.readers.layer_table.cells import factor as factor_of
from calculator.readers.layer_table.chain import ChainBuilder
from calculator.readers.layer_table.link_form import layer_cells, padding_cell
from calculator.readers.model import Chain, ReadError, Row, Shape
from calculator.readers.pytorch.argument_values import parse_arguments
from calculator.readers.pytorch.class_names import SIGNATURES, base_class
from calculator.readers.pytorch.layer_rules import LayerArguments, UnclearError

IN_SEQUENCE = frozenset({"Sequential", "DataParallel", "DistributedDataParallel"})
"""Containers that run their layers one after the other."""

UNCHANGED = frozenset({
    *("CELU", "ELU", "GELU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU"),
    *("LogSigmoid", "LogSoftmax", "Mish", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softmax"),
    *("Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold"),
    *("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout", "Identity"),
    *("LocalResponseNorm", "QuantStub", "DeQuantStub"),
})  # fmt: skip
"""Classes without parameters whose output has the size of their input."""

_BRANCH = re.compile(r"(?:.*_)?(?:downsample|shortcut|skip|residual|identity)(?:_.*|\d*)", re.IGNORECASE)
"""Names of modules that read the input of their block, and not the output of the layer before them."""

Cells = dict[str, str]


def branch_in(path: str) -> str:
    """Return the part of a path that names a branch beside other layers, or "".

    >>> branch_in("layer1.0.downsample.0"), branch_in("main.0")
    ('downsample', '')
    """
    return next((part for part in path.split(".") if _BRANCH.fullmatch(part[:100])), "")


def chain_of(
    layers: Iterable[tuple[str, str, str | Mapping[str, object]]],
    rows: Sequence[Row],
    *,
    proven: bool,
    problem: str = "",
) -> Chain:
    """Return the chain of layers, each a path, a class and arguments as for ``add_layer``.

    ``rows`` are those of the whole model. In a chain that is not ``proven``, names of branches are refused.
    """
    builder = ChainBuilder(proven, problem)
    for path, kind, stated in layers:
        if not proven and (branch := branch_in(path)):
            builder.refuse(f"{path} ({kind}): “{branch}” is the name of a branch beside other layers.")
        add_layer(builder, path, kind, stated)
    return builder.chain(rows)


def add_layer(builder: ChainBuilder, path: str, kind: str, stated: str | Mapping[str, object]) -> None:
    """Add the layer at ``path`` of the class ``kind``, with its printed arguments or with them by name.

    >>> builder = ChainBuilder()
    >>> add_layer(builder, "0", "ConvTranspose2d", "64, 32, kernel_size=(4, 4), stride=(2, 2)")
    >>> add_layer(builder, "1", "PixelShuffle", "upscale_factor=2")
    >>> add_layer(builder, "2", "Fold", "output_size=4")
    >>> builder.problem
    '2 (Fold): a table of layers has no type for it.'
    """
    base = base_class(kind)
    if base in UNCHANGED:
        builder.leave_out(base)
        return
    try:
        arguments, rule = _arguments(base, kind, stated), _RULES[base]
        rows = [*rule(arguments)]
    except (UnclearError, ReadError) as error:
        builder.refuse(f"{f'{path} ({kind})' if path else kind}: {error}")
        return
    for cells in rows:
        unrounded = base.startswith("AvgPool") and "ceil_mode" not in arguments.values
        builder.add({"name": path, **cells}, unrounded=unrounded, rank=_rank(base, arguments))
    if not rows:
        builder.leave_out(f"{base} with affine=False")
    if base == "GroupNorm":
        builder.leave_out("num_groups of GroupNorm")


def _rank(base: str, arguments: LayerArguments) -> int | None:
    """Return the number of spatial axes with which a negative dim is the axis of the channels."""
    dim = arguments.values.get("dim")
    return -dim - 1 if base == "GLU" and isinstance(dim, int) and dim < 0 else None


def _arguments(base: str, kind: str, stated: str | Mapping[str, object]) -> LayerArguments:
    """Return the arguments of a layer by name. Raises ``UnclearError`` for a class without a rule."""
    if base != kind.rpartition(".")[2].removeprefix("Parametrized"):
        raise UnclearError("it is not a class of torch.nn, so its output size is not known.")
    if base not in _RULES:
        raise UnclearError("a table of layers has no type for it.")
    if not isinstance(stated, str):
        return LayerArguments(stated)
    positional, keywords = parse_arguments(stated)
    names: tuple[str, ...] = SIGNATURES.get(base, _UNNAMED.get(base, ()))
    if len(positional) > len(names):
        raise UnclearError("it has an argument without a name that is not known.")
    return LayerArguments({**dict(zip(names, positional, strict=False)), **keywords})


def _ranked(*stems: str) -> Iterator[tuple[str, int]]:
    """Yield the names of the classes with 1, 2 and 3 spatial axes, and that number."""
    for stem in stems:
        for rank in (1, 2, 3):
            yield f"{stem}{rank}d", rank


def _stated(arguments: LayerArguments, *names: str) -> None:
    """Raise ``UnclearError`` where an argument that every print has is missing."""
    for name in names:
        if name not in arguments.values:
            raise UnclearError(f"its {name} is not printed.")


def _only(arguments: LayerArguments, values: Mapping[str, object]) -> None:
    """Raise ``UnclearError`` where an argument has another value than the one in ``values``."""
    for name, value in values.items():
        given = arguments.values.get(name, value)
        if given != value or type(given) is not type(value):
            raise UnclearError(f"a table of layers has no column for its {name}.")


_BORDERS = {"reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}
"""The layer that pads as a convolution with this ``padding_mode`` does."""


def _convolution(kind: str, rank: int, arguments: LayerArguments) -> Iterator[Cells]:
    """Yield the cells of a convolution, after those of a padding where its border is not zero."""
    _stated(arguments, "kernel_size", "stride")
    word = arguments.values.get("padding")
    padding: Shape | str = (
        word
        if word in ("same", "valid") and isinstance(word, str)
        else arguments.per_axis("padding", rank, 0)
    )
    border = _BORDERS.get(str(arguments.values.get("padding_mode")), "")
    if border and isinstance(padding, tuple) and "Transpose" not in kind:
        if any(padding):
            # The same as a layer that pads, and then the convolution without padding.
            yield layer_cells(f"{border}{rank}d", padding=padding)
            padding = (0,) * rank
    else:
        _only(arguments, {"padding_mode": "zeros"})
    crop = {"output_padding": arguments.per_axis("output_padding", rank, 0)} if "Transpose" in kind else {}
    yield layer_cells(
        kind,
        **{"in": arguments.integer("in_channels"), "out": arguments.integer("out_channels")},
        kernel=arguments.per_axis("kernel_size", rank),
        stride=arguments.per_axis("stride", rank),
        padding=padding,
        **crop,
        dilation=arguments.per_axis("dilation", rank, 1),
        groups=arguments.integer("groups", 1, 1),
        bias=arguments.boolean("bias", True),
    )


def _linear(arguments: LayerArguments) -> Iterator[Cells]:
    features = {"in": arguments.integer("in_features"), "out": arguments.integer("out_features")}
    yield layer_cells("Linear", **features, bias=arguments.boolean("bias", True))


def _norm(kind: str, arguments: LayerArguments) -> Iterator[Cells]:
    """Yield the cells of a BatchNorm or InstanceNorm; nothing for a BatchNorm without parameters."""
    affine = arguments.boolean("affine", not kind.startswith("Instance"))
    cells = layer_cells(kind, out=arguments.integer("num_features"))
    if kind.startswith("Instance"):
        yield cells | {"bias": "yes" if affine else "no"}
    elif affine:
        yield cells | ({} if arguments.boolean("bias", True) else {"bias": "no"})


def _group_norm(arguments: LayerArguments) -> Iterator[Cells]:
    _only(arguments, {"affine": True})
    yield layer_cells(
        "GroupNorm", out=arguments.integer("num_channels"), bias=arguments.boolean("bias", True)
    )


def _layer_norm(arguments: LayerArguments) -> Iterator[Cells]:
    """Yield the cells of a LayerNorm. Raises ``UnclearError`` for more than three spatial axes."""
    affine = {} if arguments.boolean("elementwise_affine", True) else {"affine": "no"}
    channels, *size = arguments.shape("normalized_shape")
    if len(size) > 3:
        raise UnclearError("a table of layers has at most three spatial axes.")
    cells = layer_cells("LayerNorm", out=channels, bias=arguments.boolean("bias", True))
    yield cells | ({"size": axes_cell(size)} if size else {}) | affine


def _slopes(arguments: LayerArguments) -> Iterator[Cells]:
    yield layer_cells("PReLU", out=arguments.integer("num_parameters"))


def _pool(kind: str, rank: int, arguments: LayerArguments) -> Iterator[Cells]:
    """Yield the cells of a pooling. Raises ``UnclearError`` for settings that have no column."""
    _stated(arguments, "kernel_size", "stride")
    kernel = arguments.per_axis("kernel_size", rank)
    padding = arguments.per_axis("padding", rank, 0)
    if arguments.per_axis("dilation", rank, 1) != (1,) * rank:
        raise UnclearError("a table of layers has no column for its dilation.")
    _only(arguments, {"return_indices": False})
    if any(2 * crop > size for crop, size in zip(padding, kernel, strict=True)):
        raise UnclearError("its padding is more than half of its kernel, which PyTorch refuses.")
    cells = layer_cells(kind, kernel=kernel, padding=padding)
    # An empty cell stands for the size of the kernel.
    stride = {"stride": axes_cell(arguments.per_axis("stride", rank))}
    yield cells | stride | ({"ceil_mode": "yes"} if arguments.boolean("ceil_mode", False) else {})


def _adaptive(kind: str, rank: int, arguments: LayerArguments) -> Iterator[Cells]:
    _only(arguments, {"return_indices": False})
    yield layer_cells(kind, size=arguments.per_axis("output_size", rank))


def _pad(kind: str, rank: int, arguments: LayerArguments) -> Iterator[Cells]:
    sizes = arguments.per_axis("padding", 2 * rank)
    # PyTorch begins with the last axis: left, right, top, bottom.
    pairs = zip(sizes[-2::-2], sizes[::-2], strict=True)
    yield layer_cells(kind) | {"padding": padding_cell([side for pair in pairs for side in pair])}


def _gate(arguments: LayerArguments) -> Iterator[Cells]:
    _stated(arguments, "dim")
    dim = arguments.values["dim"]
    if type(dim) is not int or not -4 <= dim < 0:  # Which axis a negative one is, the whole chain shows.
        _only(arguments, {"dim": 1})
    yield layer_cells("GLU")


def _mix(arguments: LayerArguments) -> Iterator[Cells]:
    # One group is the default of a cell, and changes nothing.
    yield layer_cells("ChannelShuffle") | {"groups": str(arguments.integer("groups", minimum=1))}


def _upsample(arguments: LayerArguments) -> Iterator[Cells]:
    """Yield the cells of an Upsample. Raises ``UnclearError`` for a factor that is not a whole number."""
    factor, size = arguments.values.get("scale_factor"), arguments.values.get("size")
    ranks = {"linear": 1, "bilinear": 2, "bicubic": 2, "trilinear": 3}
    rank = ranks.get(str(arguments.values.get("mode")), 0)
    if size is not None:
        sizes = arguments.shape("size")
        # One number holds for every axis, of which a mode such as nearest does not say how many there are.
        yield layer_cells("Upsample", size=sizes * rank if len(sizes) == 1 and rank else sizes)
        return
    factors = factor if isinstance(factor, tuple) else (factor,)
    try:
        whole = tuple(factor_of(repr(each)) for each in factors)
    except LayerError as error:
        raise UnclearError(f"its {error}") from None
    yield layer_cells("Upsample", scale_factor=whole * rank if len(whole) == 1 and rank else whole)


def _shuffle(kind: str, arguments: LayerArguments) -> Iterator[Cells]:
    name = "upscale_factor" if kind == "PixelShuffle" else "downscale_factor"
    yield layer_cells(kind, scale_factor=(arguments.integer(name, minimum=1),))


def _flatten(arguments: LayerArguments) -> Iterator[Cells]:
    _only(arguments, {"start_dim": 1, "end_dim": -1})
    yield layer_cells("Flatten")


def _unflatten(arguments: LayerArguments) -> Iterator[Cells]:
    """Yield the cells of an Unflatten of the channels. Raises ``UnclearError`` for another axis."""
    _only(arguments, {"dim": 1})
    channels, *size = shape = arguments.shape("unflattened_size")
    if len(size) > 3:
        raise UnclearError("a table of layers has at most three spatial axes.")
    # The input is given as features: with spatial axes, this layer would add further ones.
    cells = layer_cells("Reshape", **{"in": math.prod(shape), "out": channels})
    yield cells | ({"size": axes_cell(size)} if size else {})


_NORMS = frozenset(name for name, _ in _ranked("BatchNorm", "InstanceNorm"))

_UNNAMED = dict.fromkeys(
    (name for name, _ in _ranked("ReflectionPad", "ReplicationPad", "ZeroPad", "CircularPad")), ("padding",)
)
"""The names of arguments that prints leave out, for classes without parameters."""

_RULES: dict[str, Callable[[LayerArguments], Iterator[Cells]]] = {
    **{name: partial(_convolution, name, rank) for name, rank in _ranked("Conv", "ConvTranspose")},
    **{name: partial(_norm, name) for name in _NORMS},
    **{name: partial(_pool, name, rank) for name, rank in _ranked("MaxPool", "AvgPool")},
    **{name: partial(_adaptive, name, rank) for name, rank in _ranked("AdaptiveMaxPool", "AdaptiveAvgPool")},
    **{
        name: partial(_pad, name, rank)
        for name, rank in _ranked("ReflectionPad", "ReplicationPad", "ZeroPad", "ConstantPad", "CircularPad")
    },
    **dict.fromkeys(("Upsample", "UpsamplingNearest2d", "UpsamplingBilinear2d"), _upsample),
    **{name: partial(_shuffle, name) for name in ("PixelShuffle", "PixelUnshuffle")},
    "SyncBatchNorm": partial(_norm, "BatchNorm"),
    "Linear": _linear,
    "GroupNorm": _group_norm,
    "LayerNorm": _layer_norm,
    "PReLU": _slopes,
    "GLU": _gate,
    "ChannelShuffle": _mix,
    "Flatten": _flatten,
    "Unflatten": _unflatten,
}
