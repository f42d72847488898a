"""The rows of a table of layers for a Keras configuration whose layers run one after the other.

Source of the options and of the sizes: https://keras.io/api/layers/
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from calculator.readers.keras.config_values import (
    RANKS,
    Config,
    Inputs,
    UnknownCountError,
    as_list,
    axis_indices,
    boolean,
    channel_axis,
    checked_integer,
    integer,
    join_path,
    padding_mode,
    per_axis,
    unwrap,
)
from calculator.readers.keras.graph import LayerConfig, ShapeInference
from calculator.readers.layer_table.cells import axes_cell
from calculator.readers.layer_table.chain import ChainBuilder
from calculator.readers.layer_table.link_form import layer_cells, padding_cell
from calculator.readers.model import Chain, ReadError, Row

UNCHANGED = frozenset({
    *("Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "ThresholdedReLU", "Dropout", "SpatialDropout1D"),
    *("SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout", "AlphaDropout"),
    *("ActivityRegularization", "Rescaling"),
})  # fmt: skip
"""Classes without parameters whose output has the shape of their input."""

Cells = dict[str, str]


def keras_chain(model: LayerConfig, rows: Sequence[Row]) -> Chain:
    """Return the layers of a configuration with these ``rows`` as a chain, or why they form none.

    A ``Sequential`` is one by definition. The layers of a functional model must each read the previous one.
    """
    builder = ChainBuilder()
    _add_model(builder, ShapeInference(), model, "", model.built_shapes, False)
    return builder.chain(rows)


def _add_model(
    builder: ChainBuilder, shapes: ShapeInference, model: LayerConfig, path: str, inputs: Inputs, frozen: bool
) -> None:
    """Add the layers of the model at ``path``, and of the models inside it."""
    frozen = frozen or model.config.get("trainable") is False
    if not model.is_model:
        return _add_layer(builder, model, path or model.name, inputs, frozen)
    layers, known = shapes.model_shapes(model, inputs)
    if "output_layers" in model.config and (branch := _branch(layers)):
        return builder.refuse(branch)
    for layer, layer_inputs in zip(layers, known.inputs, strict=True):
        _add_model(builder, shapes, layer, join_path(path, layer.name), layer_inputs, frozen)
        if builder.problem:
            return None
    return None


def _branch(layers: Sequence[LayerConfig]) -> str:
    """Return the first layer of a functional model that does not read the previous one alone, or ""."""
    previous = None
    for layer in layers:
        title = f"{layer.name} ({layer.class_name})"
        if previous is None:
            if layer.class_name != "InputLayer":
                return f"{title} comes first, and is not the input."
        elif len(layer.calls) != 1:
            return f"{title} is used {len(layer.calls)} times."
        elif [ref.layer for ref in layer.calls[0]] != [previous.name]:
            return f"{title} does not read the output of {previous.name} alone."
        previous = layer
    return ""


def _add_layer(builder: ChainBuilder, layer: LayerConfig, path: str, inputs: Inputs, frozen: bool) -> None:
    """Add the layer at ``path``."""
    kind = layer.class_name
    if kind in UNCHANGED and layer.standard:
        return builder.leave_out(kind)
    if kind == "InputLayer" and not builder.empty:
        return None  # A model inside this one repeats the shape of its input.
    try:
        rows = [*_rule(layer)(layer.config, inputs)]
    except (UnknownCountError, ReadError) as error:
        return builder.refuse(f"{path} ({kind}): {error}")
    frozen = frozen or layer.config.get("trainable") is False
    for cells in rows:
        has_parameters = kind in _WITH_PARAMETERS
        builder.add({"name": path, **cells, **({"trainable": "no"} if frozen and has_parameters else {})})
    return None


def _rule(layer: LayerConfig) -> Callable[[Config, Inputs], Iterator[Cells]]:
    """Return the rule of the class of a layer. Raises ``UnknownCountError`` where a table cannot have it."""
    if not layer.standard or layer.class_name not in _RULES:
        raise UnknownCountError("a table of layers has no type for it.")
    if channel_axis(layer.config) != -1:
        raise UnknownCountError("a table of layers has the channels of Keras last.")
    return _RULES[layer.class_name]


def _input(config: Config, inputs: Inputs) -> Iterator[Cells]:
    """Yield the row of an input whose size is fixed; other sizes are to be given."""
    shape = inputs[0] if inputs else ()
    *size, channels = shape[1:] or (None,)
    if channels is None or len(size) > 3:
        raise UnknownCountError("its shape is not known.")
    if not size:
        yield layer_cells("Input", out=channels)
    elif (fixed := tuple(number for number in size if number)) and len(fixed) == len(size):
        yield layer_cells("Input", out=channels, size=fixed)


def _convolution(kind: str, rank: int, config: Config, inputs: Inputs) -> Iterator[Cells]:
    """Yield the cells of a convolution. Raises ``UnknownCountError`` for a padding that no table has."""
    if padding_mode(config) not in ("same", "valid"):
        raise UnknownCountError("a table of layers has no such padding.")
    if config.get("output_padding") is not None:
        raise UnknownCountError("a table of layers has no output_padding for Keras.")
    yield layer_cells(
        kind,
        **{"in": _channels(inputs), "out": integer(config, "filters")},
        kernel=per_axis(config, "kernel_size", rank),
        stride=per_axis(config, "strides", rank, 1),
        **_word(config),
        dilation=per_axis(config, "dilation_rate", rank, 1),
        groups=integer(config, "groups", 1),
        bias=boolean(config, "use_bias", True),
    )


def _word(config: Config) -> dict[str, str]:
    return {"padding": "same"} if padding_mode(config) == "same" else {}


def _channels(inputs: Inputs) -> int:
    """Return the channels, or features, of the input. Raises ``UnknownCountError``."""
    channels = inputs[0][-1] if inputs and inputs[0] else None
    if channels is None:
        raise UnknownCountError("the channels of its input are not known.")
    return channels


def _dense(config: Config, inputs: Inputs) -> Iterator[Cells]:
    features = {"in": _channels(inputs), "out": integer(config, "units")}
    yield layer_cells("Dense", **features, bias=boolean(config, "use_bias", True))


def _norm(config: Config, inputs: Inputs) -> Iterator[Cells]:
    """Yield the cells of a BatchNormalization. Raises ``UnknownCountError`` for another axis or no scale."""
    rank = len(inputs[0]) if inputs else 0
    if axis_indices(config, "axis", -1) not in ((-1,), (rank - 1,)):
        raise UnknownCountError("a table of layers has no other axis than the last.")
    if not boolean(config, "scale", True):
        raise UnknownCountError("a table of layers has no normalisation without a scale.")
    yield layer_cells("BatchNormalization", out=_channels(inputs), bias=boolean(config, "center", True))


def _pool(kind: str, rank: int, config: Config, _inputs: Inputs) -> Iterator[Cells]:
    kernel = per_axis(config, "pool_size", rank, 2)
    stride = kernel if config.get("strides") is None else per_axis(config, "strides", rank)
    # An empty cell stands for the size of the kernel.
    yield layer_cells(kind, kernel=kernel, **_word(config)) | {"stride": axes_cell(stride)}


def _global_pool(kind: str, config: Config, _inputs: Inputs) -> Iterator[Cells]:
    if boolean(config, "keepdims", False):
        raise UnknownCountError("a table of layers has no column for keepdims.")
    yield layer_cells(kind)


def _pad(kind: str, rank: int, config: Config, _inputs: Inputs) -> Iterator[Cells]:
    """Yield the cells of a padding, with two sizes per axis. Raises ``UnknownCountError``."""
    value = unwrap(config.get("padding"))
    sides = [unwrap(side) for side in value] if isinstance(value, list) else [value] * rank
    if rank == 1 and isinstance(value, list):
        sides = [value]
    pairs = [side if isinstance(side, list) else [side, side] for side in sides]
    if len(pairs) != rank or any(len(pair) != 2 for pair in pairs):
        raise UnknownCountError("its padding is not known.")
    sizes = [size for pair in pairs for size in per_axis({"padding": pair}, "padding", 2, minimum=0)]
    yield layer_cells(kind) | {"padding": padding_cell(sizes)}


def _slopes(config: Config, inputs: Inputs) -> Iterator[Cells]:
    """Yield the row of a PReLU with slopes for each channel or feature, alike or not at all positions."""
    shape = inputs[0] if inputs and inputs[0] else ()
    shared = axis_indices(config, "shared_axes", None) if config.get("shared_axes") else ()
    size = tuple(each for each in shape[1:-1] if each)
    axes = {axis % max(len(shape), 1) for axis in shared}
    if axes == {*range(1, len(shape) - 1)}:
        yield layer_cells("PReLU", out=_channels(inputs))
    elif axes or not 1 <= len(size) == len(shape) - 2 <= 3:
        raise UnknownCountError("a table of layers has slopes for all positions or for each.")
    else:
        yield layer_cells("PReLU", out=_channels(inputs), size=size)


def _upsample(kind: str, rank: int, config: Config, _inputs: Inputs) -> Iterator[Cells]:
    yield layer_cells(kind, scale_factor=per_axis(config, "size", rank, 2))


def _flatten(_config: Config, _inputs: Inputs) -> Iterator[Cells]:
    yield layer_cells("Flatten")


def _reshape(config: Config, _inputs: Inputs) -> Iterator[Cells]:
    """Yield the cells of a Reshape, whose channels are last. Raises ``UnknownCountError``."""
    shape = [
        checked_integer("target_shape", size, -1)
        for size in as_list("target_shape", config.get("target_shape"))
    ]
    if not 1 <= len(shape) <= 4 or min(shape) < 1:
        raise UnknownCountError("its target_shape is not 1 to 4 sizes from 1.")
    *size, channels = shape
    yield layer_cells("Reshape", out=channels, **({"size": tuple(size)} if size else {}))


_WITH_PARAMETERS = frozenset({"Dense", "BatchNormalization", "PReLU"}) | {
    f"Conv{rank}D{end}" for rank in RANKS for end in ("", "Transpose")
}

_RULES: Mapping[str, Callable[[Config, Inputs], Iterator[Cells]]] = {
    "InputLayer": _input,
    "Dense": _dense,
    "BatchNormalization": _norm,
    "PReLU": _slopes,
    "Flatten": _flatten,
    "Reshape": _reshape,
    **{
        f"Conv{rank}D{end}": partial(_convolution, f"Conv{rank}D{end}", rank)
        for rank in RANKS
        for end in ("", "Transpose")
    },
    **{f"{name}Pooling{rank}D": partial(_pool, f"{name}Pooling{rank}D", rank)
       for name in ("Max", "Average") for rank in RANKS},
    **{f"Global{name}Pooling{rank}D": partial(_global_pool, f"Global{name}Pooling{rank}D")
       for name in ("Max", "Average") for rank in RANKS},
    **{f"ZeroPadding{rank}D": partial(_pad, f"ZeroPadding{rank}D", rank) for rank in RANKS},
    **{f"UpSampling{rank}D": partial(_upsample, f"UpSampling{rank}D", rank) for rank in RANKS},
}  # fmt: skip
