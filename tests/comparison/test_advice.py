"""Advice on whole models: each rule where it applies, nowhere else, with its exact size."""

import dataclasses
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.comparison.advice import MAX_NAMES, Advice, advice, names
from calculator.comparison.lighter_block import Costs
from calculator.core.layer import ConvTranspose
from calculator.readers.model import Model, Row


def up(name: str = "up", **settings: object) -> Row:
    made = {"in_channels": 64, "out_channels": 32, "kernel_size": 4, "stride": 2, "padding": 1} | settings
    layer = ConvTranspose(**made)  # type: ignore[arg-type]
    return Row(
        name,
        "ConvTranspose2d",
        layer.weight_shape,
        layer.weight_count,
        layer.bias_count,
        layer=layer,
        transposed=True,
    )


def norm(channels: int, kind: str = "BatchNorm2d") -> Row:
    return Row("norm", kind, (channels,), channels, channels)


def conv(name: str, out: int, *, bias: bool = True, kind: str = "Conv2d") -> Row:
    return Row(name, kind, (out, 8, 3, 3), out * 72, out * bias)


def rules(*rows: Row) -> dict[str, Advice]:
    found = advice(Model(rows, ""))
    assert [one.parameters for one in found] == sorted((one.parameters for one in found), reverse=True)
    assert all(0 <= place < len(rows) for one in found for place in one.rows)
    return {one.rule: one for one in found}


@pytest.mark.parametrize(
    "kind", ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "SyncBatchNorm", "BatchNormalization"]
)
def test_a_bias_just_before_a_batch_norm_has_no_effect(kind: str) -> None:
    found = rules(conv("a", 16), norm(16, kind), conv("b", 8), up(), norm(32, kind))
    one = found["bias before BatchNorm"]
    assert (one.rows, one.parameters) == ((0, 3), 16 + 32)
    assert "a and up" in one.sentence
    assert "48 biases" in one.sentence


@pytest.mark.parametrize(
    "rows",
    [
        (conv("a", 16, bias=False), norm(16)),
        (conv("a", 16), norm(16, "LayerNorm")),
        (conv("a", 16), norm(16, "InstanceNorm2d")),
        (conv("a", 16), norm(8)),
        (norm(16), conv("a", 16)),
        (Row("a", "PReLU", (16,), 16, 16), norm(16)),
    ],
)
def test_no_other_bias_is_called_redundant(rows: tuple[Row, ...]) -> None:
    assert "bias before BatchNorm" not in rules(*rows)


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"kernel_size": 3}, "uneven overlap"),
        ({"kernel_size": 5}, "uneven overlap"),
        ({"kernel_size": 1, "padding": 0}, "holes in the output"),
        ({"kernel_size": 2, "stride": 3, "padding": 0}, "holes in the output"),
        ({"kernel_size": 2, "dilation": 2}, "holes in the output"),
        ({"kernel_size": (4, 3)}, "uneven overlap"),
        ({}, None),
        ({"kernel_size": 2, "padding": 0}, None),
        ({"kernel_size": 3, "stride": 1}, None),
    ],
)
def test_overlap_is_judged_by_its_geometry(settings: dict[str, object], rule: str | None) -> None:
    found = rules(conv("a", 16), up("uneven", **settings))
    assert {"uneven overlap", "holes in the output"} & found.keys() == ({rule} if rule else set())
    if rule:
        assert found[rule].rows == (1,)
        assert "uneven (kernel " in found[rule].sentence


def test_an_output_padding_is_refused_by_who_refuses_it() -> None:
    """Keras: "output_padding must be less than the stride"; onnxruntime says so when the model is run."""
    wide = up("wide", kernel_size=3, stride=2, dilation=3, output_padding=2)
    usual = up("usual", kernel_size=3, output_padding=1)
    told = rules(usual, wide)["output_padding not accepted"]
    assert told.rows == (1,)
    assert "output_padding of wide is not below the stride" in told.sentence
    assert "output_padding not accepted" not in rules(usual)


@pytest.mark.parametrize(("counts", "place"), [((1, 9, 1), 1), ((5, 5), None), ((7,), None), ((3, 4), 1)])
def test_a_layer_that_holds_more_than_half_is_named(counts: tuple[int, ...], place: int | None) -> None:
    rows = [Row(str(n), "Linear", None, count) for n, count in enumerate(counts)]
    one = rules(*rows).get("most parameters in one layer")
    assert (one and one.rows) == (None if place is None else (place,))
    if one and place is not None:
        assert one.parameters == counts[place]


def test_a_depthwise_variant_of_the_heaviest_transposed_layer_is_offered() -> None:
    found = rules(up("small", in_channels=1, out_channels=1), up("large"))
    one = found["a smaller variant"]
    # 64 → 32 channels at each position, then 32 kernels of 4 × 1 and 32 of 1 × 4, with 32 biases each.
    assert (one.rows, one.parameters) == ((1,), 32_800 - (64 * 32 + 32 + 2 * (32 * 4 + 32)))
    assert one.sentence.startswith(
        "large as 1×1, then depthwise transposed, kernels 4×1 and 1×4, needs fewer parameters, 2,400 instead "
        "of 32,800"
    )


def test_a_variant_does_what_the_layer_does() -> None:
    # FSRCNN's 9 × 9 for one output channel: a sub-pixel variant, 56 · 9 · 9 weights, saves nothing.
    last = up("last", in_channels=56, out_channels=1, kernel_size=9, stride=3, padding=3, bias=False)
    found = rules(last)
    assert "a sub-pixel variant" not in found
    assert found["a smaller variant"].parameters == 56 * 9 * 9 - (56 + 9 + 9)
    # From 1 × 1 to 4 × 4: a sub-pixel layer of stride 1 would give 1 × 1.
    first = up("first", in_channels=100, out_channels=1024, stride=1, padding=0, bias=False)
    found = rules(first)
    assert "a sub-pixel variant" not in found
    assert found["a smaller variant"].parameters == 100 * 1024 * 16 - (100 * 8 + 100 * 1024)
    assert (
        "first as depthwise transposed, kernels 4×1 and 1×4, then 1×1, needs"
        in found["a smaller variant"].sentence
    )


@pytest.mark.parametrize(
    ("settings", "told", "saved"),
    [
        # A convolution 3×3 to 32 · 2 · 2 channels, and its biases: 64 · 128 · 9 + 128 = 73,856.
        (
            {"kernel_size": 5, "padding": 2, "output_padding": 1},
            "more parameters, 73,856 instead of 51,232.",
            0,
        ),
        (
            {"kernel_size": 7, "padding": 3, "output_padding": 1},
            "fewer parameters, 73,856 instead of 100,384.",
            26_528,
        ),
        # Without biases 64 · 288 · 9 either way: nine kernels of 3×3 hold as much as one of 9×9.
        ({"kernel_size": 9, "stride": 3, "padding": 3, "bias": False}, None, 0),
        (
            {"kernel_size": 10, "stride": 3, "padding": 4, "output_padding": 1},
            "fewer parameters, 166,176 instead of",
            38_656,
        ),
        ({"kernel_size": 4}, None, 0),
        ({"kernel_size": 5, "groups": 2}, None, 0),
    ],
)
def test_a_sub_pixel_variant_is_offered_where_it_saves_or_evens(
    settings: dict[str, object], told: str | None, saved: int
) -> None:
    found = rules(up("a", in_channels=1, out_channels=1), up("b", **settings))
    assert ("a sub-pixel variant" in found) == (told is not None)
    if told is not None:
        one = found["a sub-pixel variant"]
        assert (one.rows, one.parameters) == ((1,), saved)
        assert one.sentence.startswith(
            f"b as sub-pixel, a convolution of kernel 3×3 and a shuffle, needs {told}"
        )


def test_a_variant_that_saves_nothing_is_not_offered() -> None:
    assert "a smaller variant" not in rules(
        up("small", in_channels=1, out_channels=1, kernel_size=2, padding=0)
    )
    assert "a smaller variant" not in rules(Row("a", "Conv2d", (16, 8, 1, 1), 128))
    assert "a smaller variant" not in rules(Row("depthwise", "Conv1d", (16, 1, 3), 48, groups=16))


def test_all_heavy_layers_are_looked_at_and_ordinary_ones_too() -> None:
    rows = (up("a"), up("b"), conv("c", 512), up("light", in_channels=2, out_channels=2))
    found = [one for one in advice(Model(rows, "")) if one.rule == "a smaller variant"]
    assert sorted(one.rows for one in found) == [(0,), (1,), (2,)]
    [ordinary] = [one for one in found if one.rows == (2,)]
    # 8 kernels of 3 × 1, 8 of 1 × 3 and 8 biases each, then 8 → 512 channels and 512 biases.
    assert ordinary.parameters == 512 * 72 + 512 - (2 * (24 + 8) + 8 * 512 + 512)
    assert ordinary.sentence.startswith(
        "If c has no groups: c as depthwise, kernels 3×1 and 1×3, then 1×1, needs fewer"
    )


def test_what_a_replacement_costs_is_said_first() -> None:
    row = dataclasses.replace(up("up"), input_size=(7, 7), output_size=(14, 14))
    [one] = [one for one in advice(Model((row,), "")) if one.rule == "a smaller variant"]
    assert one.sentence.startswith(
        "up as 1×1, then depthwise transposed, kernels 4×1 and 1×4, needs more activations kept to train, "
        "7,840 instead of 3,136. It needs fewer parameters, 2,400 instead of 32,800, and fewer "
        "multiply–accumulates, 119,168 instead of 1,605,632. It can represent fewer functions."
    )
    assert one.before == Costs(32_800, 49 * 64 * 32 * 16, 49 * 64)
    assert one.after == Costs(2_400, 49 * (64 * 32 + 32 * 4) + 98 * 32 * 4, 49 * (64 + 32) + 98 * 32)


def test_weight_norm_is_on_both_sides() -> None:
    row = dataclasses.replace(up("up"), other_count=64)
    [one] = [one for one in advice(Model((row,), "")) if one.rule == "a smaller variant"]
    assert one.before == Costs(32_864, None, None)
    # A magnitude for each of the 32 outputs of 1×1, and for each of the 32 inputs of both depthwise layers.
    assert one.after == Costs(2_400 + 32 + 32 + 32, None, None)


def test_without_useless_biases_the_model_has_fewer_parameters() -> None:
    found = rules(conv("a", 16), norm(16))["bias before BatchNorm"]
    assert "Without them, the model needs 1,184 parameters instead of 1,200 parameters" in found.sentence
    assert (found.before, found.after) == (Costs(1_200, None, None), Costs(1_184, None, None))


def test_an_empty_model_has_no_advice() -> None:
    assert advice(Model((), "")) == ()
    assert advice(Model((Row("head", "MyHead", known=False),), "")) == ()


@given(st.integers(1, 30))
def test_many_names_are_counted(count: int) -> None:
    told = names([Row(f"n{n}", "") for n in range(count)])
    listed = [f"n{n}" for n in range(min(count, MAX_NAMES))]
    assert all(name in told for name in listed)
    assert told.count("n") - told.count("and") == len(listed)
    assert (f" and {count - MAX_NAMES} more" in told) == (count > MAX_NAMES)


@given(
    st.lists(st.sampled_from([conv("a", 16), up(), norm(16), norm(32), up("b", kernel_size=3)]), max_size=12)
)
def test_no_advice_claims_more_than_there_is(rows: list[Row]) -> None:
    model = Model(tuple(rows), "")
    for one in advice(model):
        assert one.sentence.endswith(".")
        assert 0 <= one.parameters <= model.parameter_count
    useless = sum(
        one.bias_count
        for one, after in itertools.pairwise(rows)
        if after.type == "BatchNorm2d" and one.type != "BatchNorm2d" and one.bias_count == after.bias_count
    )
    told = [one.parameters for one in advice(model) if one.rule == "bias before BatchNorm"]
    assert sum(told) == useless
