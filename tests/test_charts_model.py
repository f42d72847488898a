"""Figures of a whole model: areas and bars are its exact counts, each layer in its module."""

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.chart_parts import enlarged
from calculator.charts_model import BARS, TILES, heaviest, layers_figure, treemap_figure
from calculator.palette import DARK, LIGHT, Palette
from calculator.readers.model import Model, Row

names = st.lists(st.sampled_from(["up", "down", "0", "1", "block"]), min_size=1, max_size=4).map(".".join)
rows = st.builds(
    Row,
    name=names,
    type=st.sampled_from(["ConvTranspose2d", "Conv2d"]),
    weight_count=st.integers(0, 10**6),
    bias_count=st.integers(0, 10**3),
    other_count=st.integers(0, 10),
    transposed=st.booleans(),
)
models = st.lists(rows, min_size=1, max_size=12).map(lambda made: Model(tuple(made), "a print", (), "net"))


def large(count: int) -> Model:
    made = [Row(f"layer.{n}", "Conv2d", None, (n * 7919) % count + 1, 1) for n in range(count)]
    return Model(tuple(made), "a print")


@given(models)
def test_the_area_of_a_module_is_what_its_layers_add_up_to(model: Model) -> None:
    trace = go.Figure(treemap_figure(model, LIGHT).to_dict()).data[0]
    assert trace.values[0] == model.parameter_count
    assert len(set(trace.ids)) == len(trace.ids)
    value = dict(zip(trace.ids, trace.values, strict=True))
    below: dict[str, float] = {}
    for parent, size in zip(trace.parents, trace.values, strict=True):
        below[parent] = below.get(parent, 0) + size
    for parent, size in below.items():
        if parent:
            # Plotly draws nothing at all where parts and whole disagree.
            assert size == value[parent]
    leaves = [place for place, one in enumerate(trace.ids) if one.startswith("r:")]
    assert len(leaves) == sum(row.parameter_count > 0 for row in model.rows)


@given(models)
def test_transposed_layers_stand_out(model: Model) -> None:
    trace = treemap_figure(model, DARK).to_dict()["data"][0]
    counted = [row for row in model.rows if row.parameter_count]
    colours = [
        colour
        for one, colour in zip(trace["ids"], trace["marker"]["colors"], strict=True)
        if one.startswith("r:")
    ]
    assert [colour == DARK.weights_fill for colour in colours] == [row.transposed for row in counted]


@given(models)
def test_the_bars_are_the_counts(model: Model) -> None:
    figure = go.Figure(layers_figure(model, LIGHT).to_dict())
    counted = [row for row in model.rows if row.parameter_count]
    bars = {trace.name: list(trace.x) for trace in figure.data}
    for name, counts in (
        ("weights", [row.weight_count for row in counted]),
        ("biases", [row.bias_count for row in counted]),
        ("others", [row.other_count for row in counted]),
    ):
        assert bars.get(name, [0] * len(counted)) == counts
    texts = figure.layout.yaxis.ticktext or ()
    assert [text.startswith("<b>") for text in texts] == [row.transposed for row in counted]
    assert figure.layout.xaxis.range[1] >= max([row.parameter_count for row in counted], default=0)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_a_large_model_is_summed_up_and_loses_nothing(palette: Palette) -> None:
    model = large(3_000)
    trace = go.Figure(treemap_figure(model, palette).to_dict()).data[0]
    assert len(trace.ids) < TILES + 10
    rest = trace.values[trace.ids.index("rest")]
    drawn = sum(size for one, size in zip(trace.ids, trace.values, strict=True) if one.startswith("r:"))
    assert rest + drawn == model.parameter_count
    assert trace.labels[-1].startswith(f"{3_000 - TILES:,} smaller layers")
    bars = heaviest(model, BARS)
    assert len(bars) == BARS
    least = min(row.parameter_count for row in bars)
    assert sum(row.parameter_count > least for row in model.rows) < BARS
    assert [row.name for row in bars] == [row.name for row in model.rows if row in bars]


def test_a_long_name_keeps_its_end() -> None:
    row = Row("a.very.long.path.of.modules.that.ends.in.up", "ConvTranspose2d", None, 5)
    figure = layers_figure(Model((row,), ""), LIGHT).to_dict()
    [text] = figure["layout"]["yaxis"]["ticktext"]
    assert text.startswith("…")
    assert text.endswith("that.ends.in.up")
    assert "a.very.long" in figure["data"][0]["customdata"][0]


def test_on_a_projector_both_are_larger() -> None:
    for drawn in (treemap_figure(large(5), LIGHT), layers_figure(large(5), LIGHT)):
        assert go.Figure(enlarged(drawn, 1.35).to_dict()).layout.height > drawn.to_dict()["layout"]["height"]


def test_the_parameters_of_the_model_itself_have_a_name() -> None:
    model = Model((Row("", "Net", None, 5), Row("up", "Linear", None, 5)), "")
    assert treemap_figure(model, LIGHT).to_dict()["data"][0]["labels"][-2].startswith("(model)<br>Net")
    assert layers_figure(model, LIGHT).to_dict()["layout"]["yaxis"]["ticktext"] == ["(model)", "up"]
