"""Random models of the real Keras, read and compared with the counts of their layers.

Run it by hand: ``KERAS_BACKEND=torch python -m tests.oracle.reading_keras 300``.
"""

import importlib
import io
import json
import math
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from calculator.readers.keras.config import read_keras_config
from calculator.readers.keras.summary import read_keras_summary
from calculator.readers.keras_files.archive import read_keras_file
from calculator.readers.model import Model

BIASES = frozenset({"bias", "beta"})
OTHERS = frozenset(
    {"moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev", "vector_u"}
)
ADAPTED = frozenset({"mean", "variance", "count"})
SHAPE_KEYS = frozenset({"build_config", "build_input_shape", "shape"})
"""The keys of input shapes, which Keras 3 stores and Keras 2 did not."""


def check(count: int) -> list[str]:
    """Return the differences of ``count`` random models, read as JSON, as a file and as a summary."""
    problems = []
    for seed in range(count):
        model = _model(random.Random(f"keras {seed}"))
        text = model.to_json()
        found = {
            "JSON": read_keras_config(text),
            "JSON without shapes": read_keras_config(_without_shapes(text)),
        }
        if seed % 5 == 0:
            found["file"] = read_keras_file(_saved(model))
        for form, read in found.items():
            problems += [f"model {seed} as {form}: {problem}" for problem in _differences(model, read)]
        problems += [f"model {seed} as a summary: {problem}" for problem in _printed(model)]
    return problems


def _saved(model: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        return path.read_bytes()


def _without_shapes(text: str) -> str:
    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: without(item) for key, item in value.items() if key not in SHAPE_KEYS}
        return [without(item) for item in value] if isinstance(value, list) else value

    return json.dumps(without(json.loads(text)))


def _size(variables: Any) -> int:
    return sum(math.prod(variable.shape) for variable in variables)


def _counts(layer: Any) -> tuple[int, int, int, int]:
    """Return the numbers of weights, biases, others and frozen values, by the names of the variables."""
    kinds = [0, 0, 0]
    for each in _leaves(layer) if hasattr(layer, "layers") else [layer]:
        adapted = OTHERS | ADAPTED if type(each).__name__ == "Normalization" else OTHERS
        for variable in each.weights:
            kinds[1 if variable.name in BIASES else 2 if variable.name in adapted else 0] += math.prod(
                variable.shape
            )
    return kinds[0], kinds[1], kinds[2], _size(layer.non_trainable_weights)


def _differences(model: Any, read: Model) -> Iterator[str]:
    if read.unknown:
        yield f"unknown: {read.unknown[0].type}, {read.unknown[0].note}"
    if (read.parameter_count, read.trainable_count) != (model.count_params(), _size(model.trainable_weights)):
        yield f"{read.parameter_count} of {model.count_params()}"
    for layer in model.layers:
        rows = [row for row in read.rows if row.name == layer.name or row.name.startswith(f"{layer.name}/")]
        ours = tuple(
            sum(values)
            for values in zip(
                (0, 0, 0, 0),
                *((row.weight_count, row.bias_count, row.other_count, row.frozen_count) for row in rows),
                strict=True,
            )
        )
        if ours != _counts(layer):
            yield f"{layer.name} {ours}, really {_counts(layer)}: {layer.get_config()}"
        if rows and rows[0].weight_shape not in {None, *(tuple(each.shape) for each in layer.weights)}:
            yield f"{layer.name} has no weight of shape {rows[0].weight_shape}"
        if rows and rows[0].layer is not None and rows[0].name == layer.name:
            yield from _opened(layer, rows[0].layer)


def _opened(layer: Any, ours: Any) -> Iterator[str]:
    """Yield a difference where the equivalent PyTorch layer has another output size."""
    first = layer.data_format == "channels_first"
    before, after = (shape[2:] if first else shape[1:-1] for shape in (layer.input.shape, layer.output.shape))
    if None not in before and ours.output_size(before) != tuple(after):
        yield f"{layer.name} opens with {ours.output_size(before)}, really {after}"


def _printed(model: Any) -> Iterator[str]:
    out = io.StringIO()
    model.summary(print_fn=lambda text, line_break=True: out.write(text + "\n"), expand_nested=True)
    read = read_keras_summary(out.getvalue())
    if read.parameter_count != model.count_params():
        yield f"{read.parameter_count} of {model.count_params()}"
    transposed = sum(
        each.count_params() for each in _leaves(model) if type(each).__name__.endswith("DTranspose")
    )
    if read.transposed_count != transposed:
        yield f"transposed {read.transposed_count} of {transposed}"


def _leaves(model: Any) -> Iterator[Any]:
    for layer in model.layers:
        yield from _leaves(layer) if hasattr(layer, "layers") else [layer]


def _model(rng: random.Random) -> Any:
    """Return a random model: a chain, sometimes with a model inside, a skip or a layer used twice."""
    keras = importlib.import_module("keras")

    keras.backend.clear_session()
    shape = rng.choice([(12,), (9, 6), (8, 10, 4), (6, 6, 5, 2), (None, 5), (None, None, 6)])
    begin = value = keras.Input(shape)
    for _ in range(rng.randint(2, 7)):
        layer = _layer(rng, value.shape)
        if rng.random() < 0.15:
            layer.trainable = False
        result = layer(value)
        if tuple(result.shape) == tuple(value.shape) and rng.random() < 0.5:
            result = keras.layers.Add()([layer(result), value]) if rng.random() < 0.3 else result + value
        if rng.random() < 0.1:
            inside = keras.Input(result.shape[1:])
            result = keras.Model(inside, _layer(rng, inside.shape)(inside))(result)
        value = result
    return keras.Model(begin, value)


def _layer(rng: random.Random, shape: tuple[int | None, ...]) -> Any:
    """Return a random layer that takes ``shape``."""
    layers = importlib.import_module("keras").layers

    on, rank = rng.random() < 0.6, len(shape) - 2
    makers: list[Callable[[], Any]] = [
        lambda: layers.Dense(rng.randint(1, 9), use_bias=on),
        lambda: layers.BatchNormalization(center=on, scale=rng.random() < 0.6),
        lambda: layers.LayerNormalization(center=on),
        lambda: layers.PReLU(shared_axes=list(range(1, len(shape) - 1))),
        lambda: layers.Normalization(),
        lambda: layers.SpectralNormalization(layers.Dense(rng.randint(1, 6))),
        lambda: layers.RMSNormalization(),
        lambda: layers.Dropout(0.1),
        lambda: layers.Activation("relu"),
    ]
    if None not in shape[1:]:
        makers += [layers.Flatten, layers.PReLU]
    if rank == 1:
        makers += [lambda: _sequence(rng, on)] * 8
    if 1 <= rank <= 3:
        makers += [lambda: _spatial(rng, rank, on, shape)] * 12
    return rng.choice(makers)()


def _sequence(rng: random.Random, on: bool) -> Any:
    layers = importlib.import_module("keras").layers

    units = rng.randint(1, 6)
    each = {"use_bias": on, "return_sequences": True}
    makers: list[Callable[[], Any]] = [
        lambda: layers.LSTM(units, **each),
        lambda: layers.GRU(units, reset_after=rng.random() < 0.5, **each),
        lambda: layers.SimpleRNN(units, **each),
        lambda: layers.Bidirectional(layers.LSTM(units, **each), merge_mode=rng.choice(["concat", "sum"])),
        lambda: layers.TimeDistributed(layers.Dense(units, use_bias=on)),
        lambda: layers.RNN([layers.GRUCell(units), layers.LSTMCell(3)], return_sequences=True),
    ]
    return rng.choice(makers)()


def _spatial(rng: random.Random, rank: int, on: bool, shape: tuple[int | None, ...]) -> Any:
    layers = importlib.import_module("keras").layers

    filters, kernel = rng.randint(1, 6), [rng.randint(1, 4) for _ in range(rank)]
    channels = shape[-1] or 1
    groups = rng.choice([size for size in (1, 2, 3) if channels % size == 0])
    strides = rng.choice([1, 2, 3])
    word = rng.choice(["same", "same", "valid"])
    up = {"use_bias": on, "padding": word, "strides": strides}
    if strides > 1 and rng.random() < 0.3:
        up["output_padding"] = rng.randint(0, strides - 1)
    if strides == 1:
        up["dilation_rate"] = rng.choice([1, 1, 2])
    makers: list[Callable[[], Any]] = [
        *[lambda: getattr(layers, f"Conv{rank}DTranspose")(filters, kernel, **up)] * 3,
        lambda: getattr(layers, f"Conv{rank}D")(
            filters * groups, kernel, groups=groups, padding="same", use_bias=on
        ),
        lambda: getattr(layers, f"UpSampling{rank}D")(2),
        lambda: getattr(layers, f"ZeroPadding{rank}D")(1),
        lambda: getattr(layers, f"MaxPooling{rank}D")(2, padding="same"),
    ]
    each = {
        "kernel_size": kernel[0],
        "depth_multiplier": rng.randint(1, 3),
        "use_bias": on,
        "padding": "same",
    }
    for name in ("SeparableConv", "DepthwiseConv"):
        if hasattr(layers, f"{name}{rank}D"):
            arguments = {**each, "filters": filters} if name == "SeparableConv" else each
            makers.append(partial(getattr(layers, f"{name}{rank}D"), **arguments))
    return rng.choice(makers)()


if __name__ == "__main__":
    for line in check(int(sys.argv[1])):
        print(line)
