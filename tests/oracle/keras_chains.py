"""Sizes along random Keras ``Sequential``s, read from their JSON and compared with the shapes that Keras has.

Run it by hand: ``python -m tests.oracle.keras_chains 150``.
"""

import importlib
import os
import random
import sys
from typing import Any

from calculator.readers.keras.config import read_keras_config
from calculator.readers.layer_table.chain import edit_problem, with_input_size
from calculator.readers.model import ReadError


def check(count: int) -> list[str]:
    """Return the differences of ``count`` random chains that Keras can build."""
    keras = importlib.import_module("keras")
    draw, found, made = random.Random(3), [], 0
    while made < count:
        try:
            model, size = _random_chain(keras, draw)
        except ValueError:  # Keras refuses a kernel that does not fit.
            continue
        if model.count_params():
            made += 1
            found += [f"chain {made}: {problem}: {model.to_json()}" for problem in differences(model, size)]
    return found


def differences(model: Any, size: tuple[int, ...]) -> list[str]:
    """Return how the sizes that were read differ from the shapes of the model."""
    read = read_keras_config(model.to_json())
    try:
        rows = with_input_size(read, size).rows
    except ReadError as error:
        return [f"refused: {error}"]
    wanted = {layer.name: tuple(layer.output.shape[1:-1]) or None for layer in model.layers}
    got = {row.name: row.output_size for row in rows}
    problems = [
        f"{name}: {found}, really {wanted[name]}" for name, found in got.items() if found != wanted[name]
    ]
    return [*problems, *filter(None, [edit_problem(read)])]


def _random_chain(keras: Any, draw: random.Random) -> tuple[Any, tuple[int, ...]]:
    """Return a model and its input size. Raises ``ValueError`` where Keras refuses the layers."""
    rank = draw.choice((1, 2, 2, 3))
    size = tuple(draw.randint(5, 12) for _ in range(rank))
    layers = [keras.Input((*size, draw.choice((2, 4))))]
    layers += [_random_layer(keras.layers, draw, rank) for _ in range(draw.randint(1, 5))]
    if draw.random() < 0.4:
        flat = getattr(keras.layers, draw.choice(("Flatten", f"GlobalAveragePooling{rank}D")))
        layers += [flat(), keras.layers.Dense(3), keras.layers.BatchNormalization()]
    return keras.Sequential([*layers, keras.layers.Activation("relu")]), size


def _random_layer(layers: Any, draw: random.Random, rank: int) -> Any:
    """Return a layer of Keras."""
    kernel, stride, padding = draw.randint(1, 3), draw.randint(1, 3), draw.choice(("same", "valid"))
    kinds = ("Conv", "Transpose", "MaxPooling", "AveragePooling", "UpSampling", "ZeroPadding", "plain")
    kind = draw.choice(kinds)
    if kind == "plain":
        return draw.choice((layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.2)))
    if kind in ("Conv", "Transpose"):
        made = getattr(layers, f"Conv{rank}D{'Transpose' if kind == 'Transpose' else ''}")
        return made(4, kernel, strides=stride, padding=padding, use_bias=draw.random() < 0.5)
    made = getattr(layers, f"{kind}{rank}D")
    return made(kernel, padding=padding) if "Pooling" in kind else made(kernel)


if __name__ == "__main__":
    os.environ.setdefault("KERAS_BACKEND", "torch")
    problems_found = check(int(sys.argv[1]) if len(sys.argv) > 1 else 150)
    print(*problems_found[:30], f"{len(problems_found)} differences", sep="\n")
    sys.exit(bool(problems_found))
