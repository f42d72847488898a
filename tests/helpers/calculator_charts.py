"""The charts of the calculator page, drawn for layers at every extreme, and readers of their texts."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from calculator import ConvTranspose
from calculator.charts.descriptions import axis_name, doubling_law
from calculator.charts.growth import Panel, growth_figure
from calculator.charts.plane import plane_figure
from calculator.charts.split import split_figure
from calculator.core.growth import SWEPT, current_value
from calculator.palette import DARK, LIGHT, Palette
from calculator.tables.sweeps import equal_count_lines, plane_channels, plane_grid, sweeps
from tests.helpers.reading import valid

LAYERS = [
    ConvTranspose(in_channels=3, out_channels=64, kernel_size=4),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=1),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=1, bias=False),
    ConvTranspose(in_channels=1, out_channels=1, kernel_size=(1,)),
    ConvTranspose(in_channels=1, out_channels=65_536, kernel_size=(1, 1, 1)),
    ConvTranspose(in_channels=32, out_channels=1024, kernel_size=(2, 1)),
    ConvTranspose(in_channels=512, out_channels=256, kernel_size=(16,)),
    ConvTranspose(in_channels=48, out_channels=36, kernel_size=(3, 5, 7), groups=12),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=4, groups=65_536),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,) * 3),
    ConvTranspose(in_channels=65_536, out_channels=65_536, kernel_size=(128,) * 3, bias=False),
]
ROUND = {10**3, 10**5, 10**7}
PALETTES = {"light": LIGHT, "dark": DARK}


def layer_name(layer: ConvTranspose) -> str:
    return f"{layer.weight_shape}{'' if layer.bias else ' no bias'}"


every_layer = pytest.mark.parametrize("layer", LAYERS, ids=layer_name)
both_scales = pytest.mark.parametrize("log", [False, True], ids=["linear", "log"])
both_ways = pytest.mark.parametrize("across", [True, False], ids=["across", "down"])
both_palettes = pytest.mark.parametrize("palette", PALETTES.values(), ids=PALETTES)


def drawn_split(layer: ConvTranspose, palette: Palette = LIGHT) -> Any:
    return valid(split_figure(layer.weight_count, layer.bias_count, palette))


def drawn_growth(
    layer: ConvTranspose, *, log: bool = False, across: bool = True, palette: Palette = LIGHT
) -> Any:
    panels = [
        Panel(name, axis_name(layer, name), current_value(layer, name), doubling_law(layer, name))
        for name in SWEPT
    ]
    return valid(growth_figure(sweeps(layer), panels, palette, log=log, across=across))


def drawn_plane(layer: ConvTranspose, palette: Palette = LIGHT) -> Any:
    totals = {layer.parameter_count, *ROUND}
    lines = equal_count_lines(layer, totals, plane_channels(layer, "in_channels"))
    here = (layer.in_channels, layer.out_channels, layer.parameter_count)
    return valid(plane_figure(plane_grid(layer), lines, here, palette))


def all_figures(layer: ConvTranspose, palette: Palette) -> list[Any]:
    growth = [
        drawn_growth(layer, log=log, across=across, palette=palette)
        for log, across in itertools.product((False, True), repeat=2)
    ]
    return [drawn_split(layer, palette), *growth, drawn_plane(layer, palette)]


def digits(text: str) -> list[int]:
    """Return the whole numbers in a text."""
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", text)]


def texts(node: Any) -> Iterator[str]:
    """Yield every text a reader of the figure can see."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name in ("text", "ticktext", "hovertext", "title"):
                yield from strings(value)
            if isinstance(value, (dict, list, tuple)):
                yield from texts(value)
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from texts(item)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings(item)


def numbers(node: Any) -> Iterator[float]:
    """Yield every number anywhere in a figure."""
    if isinstance(node, dict):
        for value in node.values():
            yield from numbers(value)
    elif isinstance(node, (list, tuple)):
        for item in node:
            yield from numbers(item)
    elif isinstance(node, (int, float)):
        yield node


def pieces(*columns: Any) -> list[list[Any]]:
    """Return columns cut at the gaps of the first one, a list of rows each."""
    cut: list[list[Any]] = [[]]
    for row in zip(*columns, strict=True):
        if row[0] is None:
            cut.append([])
        else:
            cut[-1].append(row)
    return [piece for piece in cut if piece]
