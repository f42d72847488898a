"""The parts that all figures share: valid for Plotly, of fixed height, in colours of the palette."""

import math
import re

import plotly.graph_objects as go

from calculator import ConvTranspose
from calculator.charts.figure import enlarged
from calculator.charts.split import split_figure
from calculator.palette import DARK, LIGHT, Palette
from tests.helpers.calculator_charts import (
    LAYERS,
    all_figures,
    both_palettes,
    drawn_growth,
    drawn_plane,
    drawn_split,
    every_layer,
    numbers,
    texts,
)


@every_layer
@both_palettes
def test_every_figure_is_valid_and_of_fixed_height(layer: ConvTranspose, palette: Palette) -> None:
    for figure in all_figures(layer, palette):
        assert len(figure.data) > 0
        assert figure.layout.height > 0
        assert figure.layout.paper_bgcolor == palette.background
        assert figure.layout.font.color == palette.text
        assert figure.layout.showlegend is False
        assert all(math.isfinite(value) for value in numbers(figure.to_dict()))


@every_layer
def test_no_text_is_in_scientific_notation(layer: ConvTranspose) -> None:
    for figure in all_figures(layer, LIGHT):
        seen = list(texts(figure.to_dict()))
        assert seen
        assert [text for text in seen if re.search(r"\de[+-]?\d|inf|nan", text)] == []


def test_heights_do_not_depend_on_the_layer() -> None:
    for build in (drawn_split, drawn_growth, drawn_plane):
        assert len({build(layer).layout.height for layer in LAYERS}) == 1


def test_light_and_dark_differ_in_colours_alone() -> None:
    for build in (drawn_split, drawn_growth, drawn_plane):
        light, dark = (str(build(LAYERS[0], palette=palette).to_dict()) for palette in (LIGHT, DARK))
        assert light != dark
        assert re.sub("#[0-9A-F]{6}", "", light) == re.sub("#[0-9A-F]{6}", "", dark)


def test_an_enlarged_chart_is_the_same_chart_larger() -> None:
    small = split_figure(3072, 64, LIGHT)
    large = enlarged(small, 1.5)
    go.Figure(large.to_dict())
    assert large.to_dict()["layout"]["height"] == 1.5 * small.to_dict()["layout"]["height"]
    assert large.to_dict()["layout"]["font"]["size"] == 1.5 * small.to_dict()["layout"]["font"]["size"]
    for part in ("x", "base", "y", "text"):
        assert large.to_dict()["data"][0][part] == small.to_dict()["data"][0][part]
