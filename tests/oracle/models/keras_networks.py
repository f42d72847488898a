"""Small networks of Keras 2 and 3, whose files and texts fit into the recordings."""

import math
from collections.abc import Callable, Iterator
from typing import Any

Build = Callable[[Any], Any]


def networks(keras: Any) -> Iterator[tuple[str, Any]]:
    """Yield (name, network), whose values are zero where that compresses better."""
    for build in (_generator, _skips, _nested, _volume, _sequence, _frozen, _twice, _mixed):
        keras.backend.clear_session()
        network = build(keras)
        network.set_weights([value * 0 for value in network.get_weights()])
        yield build.__name__.strip("_"), network


def transposed_count(network: Any) -> int:
    """Return the parameters of the transposed convolutions, also of the models inside."""
    return sum(
        layer.count_params() for layer in leaves(network) if type(layer).__name__.endswith("Transpose")
    )


def leaves(network: Any) -> Iterator[Any]:
    """Yield each layer once, and not the models around it."""
    seen: set[int] = set()
    waiting = [network]
    while waiting:
        layer = waiting.pop()
        if hasattr(layer, "layers"):
            waiting += layer.layers
        elif id(layer) not in seen:
            seen.add(id(layer))
            yield layer


def trained_count(network: Any) -> int:
    """Return the number of parameters that are trained."""
    return sum(math.prod(variable.shape) for variable in network.trainable_weights)


def rows(network: Any, path: str = "") -> dict[str, int]:
    """Return path → parameters of each layer that has some."""
    found: dict[str, int] = {}
    for layer in network.layers:
        if hasattr(layer, "layers"):
            found |= rows(layer, f"{path}{layer.name}/")
        elif layer.count_params():
            found[f"{path}{layer.name}"] = layer.count_params()
    return found


def _generator(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((12,)),
            layers.Dense(4 * 4 * 6, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Reshape((4, 4, 6)),
            layers.Conv2DTranspose(8, 5, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Conv2DTranspose(4, (4, 2), strides=2, padding="same"),
            layers.LayerNormalization(),
            layers.Conv2DTranspose(3, 3, strides=2, output_padding=1, activation="tanh"),
        ],
        name="generator",
    )


def _skips(keras: Any) -> Any:
    layers = keras.layers
    begin = keras.Input((16, 16, 3))
    first = layers.Conv2D(4, 3, padding="same", activation="relu")(begin)
    down = layers.MaxPooling2D()(first)
    middle = layers.SeparableConv2D(8, 3, padding="same")(down)
    middle = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(middle)
    up = layers.Conv2DTranspose(4, 2, strides=2, name="up_1")(middle)
    merged = layers.Concatenate()([up, first])
    end = layers.Conv2D(1, 1, activation="sigmoid", name="mask")(merged)
    return keras.Model(begin, end, name="unet")


def _nested(keras: Any) -> Any:
    layers = keras.layers
    small = keras.Input((8, 8, 4))
    inner = keras.Model(small, layers.Conv2DTranspose(2, 3, strides=2, name="up")(small), name="decoder")
    encoder = keras.Sequential(
        [keras.Input((16, 16, 1)), layers.Conv2D(4, 3, strides=2, padding="same", name="down")],
        name="encoder",
    )
    begin = keras.Input((16, 16, 1))
    return keras.Model(begin, inner(encoder(begin)), name="autoencoder")


def _volume(keras: Any) -> Any:
    layers = keras.layers
    begin = keras.Input((4, 4, 4, 2))
    up = layers.Conv3DTranspose(3, (2, 3, 3), strides=(1, 2, 2), padding="same")(begin)
    up = layers.PReLU(shared_axes=[1, 2, 3])(up)
    flat = layers.Reshape((256, 3))(up)
    flat = layers.Conv1DTranspose(2, 4, strides=2)(flat)
    return keras.Model(begin, layers.Dense(2)(flat), name="volume")


def _sequence(keras: Any) -> Any:
    layers = keras.layers
    begin = keras.Input((10,))
    value = layers.Embedding(20, 6)(begin)
    value = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(value)
    value = layers.GRU(6, return_sequences=True)(value)
    value = layers.MultiHeadAttention(2, 3)(value, value)
    value = layers.TimeDistributed(layers.Dense(5))(value)
    return keras.Model(begin, layers.Conv1DTranspose(3, 3, strides=2)(value), name="sequence")


def _frozen(keras: Any) -> Any:
    network = _skips(keras)
    for layer in network.layers[:4]:
        layer.trainable = False
    network.get_layer("up_1").trainable = False
    return network


def _twice(keras: Any) -> Any:
    layers = keras.layers
    begin = keras.Input((8, 8, 3))
    up = layers.Conv2DTranspose(3, 3, padding="same", name="used_twice")
    return keras.Model(begin, layers.Add()([up(up(begin)), begin]), name="twice")


def _mixed(keras: Any) -> Any:
    layers = keras.layers
    begin = keras.Input((6, 6, 4))
    value = layers.Normalization()(begin)
    value = layers.GroupNormalization(2)(value)
    value = layers.Conv2D(8, 3, groups=2, padding="same")(value)
    value = layers.Conv2DTranspose(5, 3, dilation_rate=2)(value)
    value = layers.Conv2D(3, 1)(value)
    return keras.Model(begin, layers.GlobalAveragePooling2D()(value), name="mixed")
