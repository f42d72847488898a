"""Layers at every extreme, and a check that a table kept its integers exact."""

from collections.abc import Iterable

import pandas as pd
import pytest

from calculator import ConvTranspose

MAX_LAYER = ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,) * 3)
LAYERS = [
    ConvTranspose(in_channels=3, out_channels=64, kernel_size=4),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=(1,)),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=1, bias=False),
    ConvTranspose(in_channels=32, out_channels=1024, kernel_size=(2, 1)),
    ConvTranspose(in_channels=48, out_channels=36, kernel_size=(3, 5, 7), groups=12),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=4, groups=65_536),
    ConvTranspose(in_channels=65_535, out_channels=65_534, kernel_size=(127,), bias=False),
    MAX_LAYER,
]


def layer_name(layer: ConvTranspose) -> str:
    return f"{layer.weight_shape}{'' if layer.bias else ' no bias'}"


every_layer = pytest.mark.parametrize("layer", LAYERS, ids=layer_name)


def assert_exact(frame: pd.DataFrame, columns: Iterable[str]) -> None:
    for column in columns:
        assert frame[column].dtype == object
        assert {type(value) for value in frame[column]} == {int}
