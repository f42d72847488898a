"""Classes of a user of Keras."""
# mypy: ignore-errors
# The library is not installed where mypy runs.

from typing import Any

import keras
from keras import layers


@keras.saving.register_keras_serializable("example")
class UpBlock(layers.Layer):
    """A layer with layers inside, and a weight of its own."""

    def __init__(self, filters: int, **more: Any) -> None:
        super().__init__(**more)
        self.filters = filters
        self.up = layers.Conv2DTranspose(filters, 4, strides=2, padding="same")
        self.norm = layers.BatchNormalization()

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(1,), name="scale")
        self.up.build(shape)
        self.norm.build((*shape[:-1], self.filters))

    def call(self, value: Any) -> Any:
        return self.norm(self.up(value)) * self.scale

    def get_config(self) -> dict[str, Any]:
        return super().get_config() | {"filters": self.filters}


@keras.saving.register_keras_serializable("example")
class Decoder(keras.Model):
    """A subclassed model, whose layers no configuration names."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.blocks = [UpBlock(4), UpBlock(2)]
        self.head = layers.Conv2DTranspose(1, 3, padding="same")

    def build(self, shape: Any) -> None:
        self.built = True

    def call(self, value: Any) -> Any:
        for block in self.blocks:
            value = block(value)
        return self.head(value)


@keras.saving.register_keras_serializable("example")
class Mapped(keras.Model):
    """A subclassed model with a model inside, a layer that runs twice, and a frozen layer."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.mapping = layers.Dense(48, trainable=False)
        self.image = layers.Reshape((4, 4, 3))
        self.twice = layers.Conv2DTranspose(3, 3, padding="same", use_bias=False)
        self.norm = layers.BatchNormalization(scale=False)
        self.inner = keras.Sequential([layers.Conv2DTranspose(2, (3, 2)), layers.Conv2D(1, 1)])

    def call(self, value: Any) -> Any:
        return self.inner(self.norm(self.twice(self.twice(self.image(self.mapping(value))))))


@keras.saving.register_keras_serializable("example")
class Autoencoder(keras.Model):
    """A subclassed model of two functional models."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        image, code = keras.Input((8, 8, 1)), keras.Input((4,))
        down = layers.Conv2D(3, 3, strides=2, name="down")(image)
        self.encoder = keras.Model(image, layers.Dense(4)(layers.Flatten()(down)), name="encoder")
        wide = layers.Reshape((4, 4, 2))(layers.Dense(32)(code))
        self.decoder = keras.Model(code, layers.Conv2DTranspose(1, 3, name="up")(wide), name="decoder")

    def call(self, value: Any) -> Any:
        return self.decoder(self.encoder(value))


@keras.saving.register_keras_serializable("example")
class Recurrent(keras.Model):
    """A subclassed model with layers that have weights of other names."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.table = layers.Embedding(20, 6)
        self.both = layers.Bidirectional(layers.GRU(4, return_sequences=True))
        self.attention = layers.MultiHeadAttention(2, 3)
        self.up = layers.Conv1DTranspose(3, 4, strides=2)

    def call(self, value: Any) -> Any:
        value = self.both(self.table(value))
        return self.up(self.attention(value, value))


def with_own_layers() -> Any:
    """Return a functional model with layers of the class above."""
    begin = keras.Input((4, 4, 3))
    value = UpBlock(4, name="first")(begin)
    value = UpBlock(2, name="second")(value)
    return keras.Model(begin, layers.Conv2DTranspose(1, 3, name="head")(value))
