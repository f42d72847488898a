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


def with_own_layers() -> Any:
    """Return a functional model with layers of the class above."""
    begin = keras.Input((4, 4, 3))
    value = UpBlock(4, name="first")(begin)
    value = UpBlock(2, name="second")(value)
    return keras.Model(begin, layers.Conv2DTranspose(1, 3, name="head")(value))
