"""The networks of ``keras.applications``, read in every format and compared with Keras' own counts.

Run it by hand: ``KERAS_BACKEND=torch python -m tests.oracle.reading_applications``.
"""

import importlib
import io
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from calculator.readers import Model, read
from tests.oracle.framework_counts import ExpectedLayer, compare_rows, compare_totals, print_summary

APPLICATIONS = (
    *("MobileNet", "MobileNetV2", "MobileNetV3Small", "ResNet50", "ResNet50V2", "DenseNet121", "VGG16"),
    *("EfficientNetB0", "EfficientNetV2B0", "Xception", "InceptionV3", "ConvNeXtTiny"),
)
SAVED = frozenset({"MobileNet", "MobileNetV2", "MobileNetV3Small", "EfficientNetB0"})
"""The small networks. They are also saved, so they are built with values."""

WIDE = 250
"""Number of characters of a summary that is wide enough for every name."""

BIASES = frozenset({"bias", "beta"})
STATISTICS = frozenset({"moving_mean", "moving_variance", "mean", "variance", "count"})


def check(share: int = 1) -> Iterator[str]:
    """Yield every comparison of 1 in ``share`` networks: an empty text, or the difference."""
    keras = importlib.import_module("keras")
    for name in APPLICATIONS[::share]:
        with nullcontext() if name in SAVED else keras.device("meta"):
            model = getattr(keras.applications, name)(weights=None)
        ours, theirs = _printed(model, None).trainable_count, _size(model.trainable_weights)
        yield "" if ours == theirs else f"{name} as a summary: {ours} trainable, really {theirs}"
        _freeze(model)
        yield from _compared(name, model, name in SAVED)
    yield from _compared("U-Net on MobileNetV2", _segmenting(keras), True)


def _compared(name: str, model: Any, saved: bool) -> Iterator[str]:
    layers = dict(_layers(model))
    forms = {"JSON": _configured, "a summary": _summed, "a wide summary": _wide}
    for title, form in (forms | {"a file": _filed} if saved else forms).items():
        for problem in form(model, layers):
            yield f"{name} as {title}: {problem}" if problem else ""


def _freeze(model: Any) -> None:
    """Freeze the first third of the layers, as is usual for a network that was trained before."""
    for layer in model.layers[: len(model.layers) // 3]:
        layer.trainable = False


def _segmenting(keras: Any) -> Any:
    """The U-Net of https://www.tensorflow.org/tutorials/images/segmentation: with a frozen encoder."""
    layers = keras.layers
    base = keras.applications.MobileNetV2(input_shape=(128, 128, 3), include_top=False, weights=None)
    ends = ("1_expand", "3_expand", "6_expand", "13_expand", "16_project")
    outputs = [base.get_layer(f"block_{end}" + "_relu" * (end != ends[-1])).output for end in ends]
    down = keras.Model(base.input, outputs, name="down")
    down.trainable = False
    begin = keras.Input((128, 128, 3))
    *skips, value = down(begin)
    for filters, skip in zip((512, 256, 128, 64), reversed(skips), strict=True):
        up = layers.Conv2DTranspose(filters, 3, strides=2, padding="same", use_bias=False)
        step = keras.Sequential([up, layers.BatchNormalization(), layers.ReLU()], name=f"up_{filters}")
        value = layers.Concatenate()([step(value), skip])
    return keras.Model(begin, layers.Conv2DTranspose(3, 3, strides=2, padding="same")(value))


def _size(variables: Any) -> int:
    return sum(math.prod(variable.shape) for variable in variables)


def _layers(model: Any, path: str = "") -> Iterator[tuple[str, ExpectedLayer]]:
    """Yield (path, layer) of every layer with parameters, also in models inside."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _layers(layer, f"{path}{layer.name}/")
        elif layer.weights:
            kinds: tuple[list[Any], ...] = ([], [], [])
            for variable in layer.weights:
                kinds[1 if variable.name in BIASES else 2 if variable.name in STATISTICS else 0].append(
                    variable
                )
            shapes = frozenset(tuple(variable.shape) for variable in kinds[0])
            weights, biases, others = (_size(kind) for kind in kinds)
            frozen = _size(layer.non_trainable_weights)
            expected = ExpectedLayer(type(layer).__name__, shapes, weights, biases, others, frozen)
            yield f"{path}{layer.name}", expected


def _transposed_count(layers: Mapping[str, ExpectedLayer]) -> int:
    """Return the parameters of the transposed layers."""
    return sum(expected.total for expected in layers.values() if expected.transposed)


def _same(found: Model, model: Any, layers: Mapping[str, ExpectedLayer], split: bool = True) -> Iterator[str]:
    """Yield comparisons of rows and totals with the layers and with ``count_params``."""
    yield from compare_rows(found, layers, split=split)
    yield from compare_totals(
        found, model.count_params(), _transposed_count(layers), _size(model.trainable_weights)
    )
    total = sum(expected.total for expected in layers.values())
    yield "" if total == model.count_params() else f"the layers have {total} of {model.count_params()}"


def _configured(model: Any, layers: Mapping[str, ExpectedLayer]) -> Iterator[str]:
    yield from _same(read(model.to_json()), model, layers)


def _filed(model: Any, layers: Mapping[str, ExpectedLayer]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        found = read(path.read_bytes())
    yield from _same(found, model, layers)


def _printed(model: Any, width: int | None, **more: bool) -> Model:
    def write(text: str, line_break: bool = True) -> None:
        out.write(f"{text}\n")

    out = io.StringIO()
    os.environ["COLUMNS"] = str(width or 80)  # a table wider than the terminal would be cut off
    model.summary(width, print_fn=write, expand_nested=True, **more)
    return read(out.getvalue())


def _wide(model: Any, layers: Mapping[str, ExpectedLayer]) -> Iterator[str]:
    """Yield comparisons of a wide summary, which has every name, class, count, and what is trained."""
    yield from _same(_printed(model, WIDE, show_trainable=True), model, layers, split=False)


def _summed(model: Any, layers: Mapping[str, ExpectedLayer]) -> Iterator[str]:
    """Yield comparisons of a summary of the default width, which cuts names off and keeps the order."""
    found = _printed(model, None)
    ours, theirs = (
        [row.parameter_count for row in found.rows],
        [expected.total for expected in layers.values()],
    )
    yield "" if ours == theirs else f"the rows are {ours}, really {theirs}"
    yield from _summary_totals(found, model, layers)


def _summary_totals(read: Model, model: Any, layers: Mapping[str, ExpectedLayer]) -> Iterator[str]:
    theirs, ours = (
        (model.count_params(), _transposed_count(layers)),
        (read.parameter_count, read.transposed_count),
    )
    yield "" if ours == theirs else f"parameters, transposed {ours}, really {theirs}"
    reported = any("does not show which the others are" in sentence for sentence in read.assumptions)
    same = read.trainable_count == _size(model.trainable_weights)
    yield "" if same or reported else f"{read.trainable_count} are trainable, and no sentence says why"


if __name__ == "__main__":
    sys.exit(print_summary(check()))
