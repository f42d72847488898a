"""Figures of a whole model: areas and bars are its exact counts, each layer in its module."""

import json
from collections.abc import Iterator
from html import unescape

import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.charts.figure import enlarged
from calculator.charts.model import BARS, MAX_DEPTH, TILES, heaviest, layers_figure, treemap_figure
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
    for trace in figure.data:
        assert [width > 0 for width in trace.marker.line.width] == [count > 0 for count in trace.x]
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
    minimum = min(row.parameter_count for row in bars)
    assert sum(row.parameter_count > minimum for row in model.rows) < BARS
    assert [row.name for row in bars] == [row.name for row in model.rows if row in bars]


def test_a_long_name_keeps_its_end() -> None:
    row = Row("a.very.long.path.of.modules.that.ends.in.up", "ConvTranspose2d", None, 5)
    figure = layers_figure(Model((row,), ""), LIGHT).to_dict()
    [text] = figure["layout"]["yaxis"]["ticktext"]
    assert text.startswith("…")
    assert text.endswith("that.ends.in.up")
    assert "a.very.long" in figure["data"][0]["customdata"][0]


def strings(value: object) -> Iterator[str]:
    """Yield every string in a figure."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from strings(item)


def seen(told: str) -> list[str]:
    """Return the lines of a text as Plotly shows them, which knows these marks and HTML's entities."""
    for mark in ("<b>", "</b>", "<extra></extra>"):
        told = told.replace(mark, "")
    assert "<" not in told.replace("<br>", "")
    return [unescape(line) for line in told.split("<br>")]


HOSTILE = ('<a href="javascript:x">', "<b>up</b>", "a<br>b", "&lt;b&gt;", "%{value}&amp;", "<extra>")


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_shown_sign_by_sign(name: str) -> None:
    row = Row(f"{name}.{name}", name, None, 4, 3, 2, transposed=True)
    model = Model((row,), "a print", (), name)
    areas, bars = (drawn(model, LIGHT).to_dict() for drawn in (treemap_figure, layers_figure))
    for told in (*strings(areas), *strings(bars)):
        seen(told)
    trace = areas["data"][0]
    # A slash parts modules too, so that "</b>" is in two of them.
    path = row.name.replace("/", ".").split(".")
    assert [seen(label)[0] for label in trace["labels"]] == [name, *path]
    assert seen(trace["labels"][-1])[1] == name
    assert seen(trace["customdata"][-1])[0] == f"{row.name}, {name}"
    assert seen(trace["customdata"][1])[0] == path[0]
    assert {seen(told)[0] for bar in bars["data"] for told in bar["customdata"]} == {f"{row.name}, {name}"}
    [tick] = bars["layout"]["yaxis"]["ticktext"]
    assert seen(tick)[0].endswith(row.name[-23:])


@pytest.mark.parametrize("sign", ["a", "&", "漢"])
@pytest.mark.parametrize("maximum", [300, 400, 500, 1_000, 12_000])
def test_names_of_many_parts_make_a_small_figure(sign: str, maximum: int) -> None:
    # As long as the readers let names be, and longer.
    def paths(number: int) -> Iterator[str]:
        yield f"{number}." + f"{sign}." * (maximum // 2 - 5)
        yield ".".join(f"{number}{sign * (maximum // 20 - 6)}" for _ in range(20))
        yield f"{number}{sign * (maximum - 60)}." + ".".join(sign * 25)

    for kind in range(3):
        rows = [Row([*paths(n)][kind], sign * maximum, None, n + 1, 1) for n in range(TILES)]
        model = Model(tuple(rows), "a print", (), sign * maximum)
        for drawn in (treemap_figure(model, LIGHT), layers_figure(model, LIGHT)):
            assert len(json.dumps(drawn.to_dict())) < 6_000_000
        trace = treemap_figure(model, LIGHT).to_dict()["data"][0]
        assert len(trace["ids"]) == len(set(trace["ids"])) <= 1 + (MAX_DEPTH + 1) * TILES
        assert set(trace["parents"]) <= {"", *trace["ids"]}


def test_on_a_projector_both_are_larger() -> None:
    for drawn in (treemap_figure(large(5), LIGHT), layers_figure(large(5), LIGHT)):
        assert go.Figure(enlarged(drawn, 1.35).to_dict()).layout.height > drawn.to_dict()["layout"]["height"]


def test_the_parameters_of_the_model_itself_have_a_name() -> None:
    model = Model((Row("", "Net", None, 5), Row("up", "Linear", None, 5)), "")
    assert treemap_figure(model, LIGHT).to_dict()["data"][0]["labels"][-2].startswith("(model)<br>Net")
    assert layers_figure(model, LIGHT).to_dict()["layout"]["yaxis"]["ticktext"] == ["(model)", "up"]
