"""Sizes and multiply–accumulates along a chain, compared with layers that are carried out."""

import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.networks.builtin import network
from calculator.readers import ReadError
from calculator.readers.layer_table.sizes import chain_rank, chain_sizes, input_rank
from calculator.readers.layer_table.table import table_lines
from tests.helpers import reference
from tests.helpers.layer_tables import HEADER, chained, written


def narrowed(i: int, k: int, s: int, p: int, d: int) -> int:
    """Return how often a dilated kernel can be put down, by trying every place."""
    return sum(start + d * (k - 1) < i + 2 * p for start in range(0, i + 2 * p, s))


CONV = {"name": "c", "type": "Conv2d", "into": 8, "out": 8, "kernel": 3}


FLAT = (
    {"type": "Input", "out": 32, "size": "7x7"},
    {"name": "f", "type": "Flatten", "out": 1568},
    {"name": "l", "type": "Linear", "into": 1568, "out": 10},
)


@given(reference.settings(crop=0), st.integers(1, 4))
def test_a_transposed_layer_in_a_chain_has_the_size_and_work_of_one_carried_out(
    settings: dict[str, Any], size: int
) -> None:
    kernel, groups = settings["kernel_size"], settings["groups"]
    spatial = {name: settings[name] for name in ("stride", "padding", "output_padding", "dilation")}
    inputs, outputs = settings["in_channels"], settings["out_channels"]
    text = f"{HEADER}\n" + written(
        type=f"ConvTranspose{len(kernel)}d", into=inputs, out=outputs, kernel=kernel, groups=groups, **spatial
    )
    read = chain_sizes(table_lines(text), size)[0]
    weights = [np.ones((inputs // groups, outputs // groups, *kernel))] * groups
    done = reference.carry_out(np.ones((inputs, *(size,) * len(kernel))), weights, **spatial)
    assert (read.output_size, read.multiply_accumulates) == (done.size, done.multiply_accumulates)


@given(*(st.integers(low, high) for low, high in ((1, 20), (1, 5), (1, 4), (0, 3), (1, 3))))
def test_an_ordinary_convolution_and_pooling_in_a_chain(i: int, k: int, s: int, p: int, d: int) -> None:
    conv = written(type="Conv1d", into=2, out=3, kernel=k, stride=s, padding=p, dilation=d)
    pool = written(type="MaxPool1d", kernel=2, stride=1)
    last = written(type="Conv1d", into=3, out=1, kernel=1)
    lines = table_lines("\n".join((HEADER, conv, pool, last)))
    after = narrowed(i, k, s, p, d)
    if after < 2:
        with pytest.raises(ReadError, match=r"Row [12] .*its kernel does not fit"):
            chain_sizes(lines, i)
        return
    first, second = chain_sizes(lines, i)
    assert (first.output_size, first.multiply_accumulates) == ((after,), after * 2 * 3 * k)
    assert (second.input_size, second.multiply_accumulates) == ((after - 1,), (after - 1) * 3)


# Keras 3.15, recorded: Conv2DTranspose on an input of 5, 'same' and 'valid'.
@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "size"),
    [
        *((k, s, "same", 5 * s) for k in (1, 2, 3, 4, 5) for s in (1, 2, 3, 4)),
        *(
            (3, 2, "valid", 11),
            (2, 2, "valid", 10),
            (2, 4, "valid", 20),
            (5, 1, "valid", 9),
            (1, 3, "valid", 15),
        ),
    ],
)
def test_words_for_padding_are_those_of_keras(kernel: int, stride: int, padding: str, size: int) -> None:
    text = written(type="Conv2DTranspose", into=1, out=1, kernel=kernel, stride=stride, padding=padding)
    assert chain_sizes(table_lines(f"{HEADER}\n{text}"), 5)[0].output_size == (size, size)


@pytest.mark.parametrize(
    ("kernel", "stride", "size"), [(3, 1, 7), (4, 1, 7), (3, 2, 4), (2, 3, 3), (7, 7, 1)]
)
def test_same_of_an_ordinary_convolution(kernel: int, stride: int, size: int) -> None:
    text = written(type="Conv2D", into=1, out=1, kernel=kernel, stride=stride, padding="same")
    assert chain_sizes(table_lines(f"{HEADER}\n{text}"), 7)[0].output_size == (size, size)


def test_an_input_makes_a_chain() -> None:
    read = chained(
        {"type": "Input", "out": 4, "size": "8x6"},
        {"type": "Conv2d", "into": 4, "out": 8, "kernel": 3, "stride": 2, "padding": 1},
        {"type": "BatchNorm2d", "out": 8},
        {"type": "ReflectionPad2d", "padding": 1},
        {"type": "AvgPool2d", "kernel": 2},
        {"type": "Flatten"},
        {"type": "Linear", "into": 48, "out": 12},
        {"type": "Reshape", "out": 3, "size": 4},
        {"type": "ConvTranspose1d", "into": 3, "out": 1, "kernel": 4, "stride": 4},
    )
    # 8×6 → 4×3 → 6×5 → 3×2, 8 channels: 48 values; 12 become 3 × 4; 4 → 16.
    assert [(r.output_size, r.multiply_accumulates) for r in read.rows] == [
        ((4, 3), 12 * 4 * 8 * 9),
        ((4, 3), None),
        (None, 48 * 12),
        ((16,), 4 * 3 * 4),
    ]
    assert read.assumptions == (
        "Sizes and multiply–accumulates are of one sample; each layer reads the previous layer's output.",
    )


@pytest.mark.parametrize(
    ("kind", "given", "size"),
    [
        # GoogLeNet's pooling (Szegedy et al. 2015, table 1), and windows that PyTorch 2.13 leaves out.
        ("MaxPool1d(3, 2, 0)", 112, 56),
        ("MaxPool1d(3, 2, 0)", 14, 7),
        ("MaxPool1d(2, 2, 1)", 3, 2),
        ("MaxPool1d(3, 3, 0)", 1, 1),
        ("AvgPool1d(3, 2, 0)", 2, 1),
        ("AvgPool1d(2, 3, 0)", 7, 3),
    ],
)
def test_rounding_up(kind: str, given: int, size: int) -> None:
    name, kernel, stride, padding = re.findall(r"\w+", kind)
    read = chained(
        {"type": "Input", "out": 1, "size": given},
        {"type": name, "kernel": kernel, "stride": stride, "padding": padding, "ceil_mode": "yes"},
        {"type": "Conv1d", "into": 1, "out": 1, "kernel": 1},
    )
    assert read.rows[0].output_size == (size,)


def test_gates_uneven_padding_fractions_and_norms_over_several_axes() -> None:
    read = chained(
        {"type": "Input", "out": 4, "size": "5x8"},
        {"type": "LayerNorm", "out": 4, "size": "5x8"},
        {"type": "ZeroPad2d", "padding": "0x1x2x3"},
        {"type": "Upsample", "scale_factor": "1.5x0.5"},
        {"type": "ChannelShuffle", "groups": 2},
        {"type": "PReLU", "out": 4, "size": "9x6"},
        {"type": "GLU"},
        {"type": "LayerNorm", "out": 6, "affine": "no"},
        {"type": "LayerNorm", "out": 6, "bias": "no"},
        {"type": "Conv2d", "into": 2, "out": 1, "kernel": 1},
    )
    # 5 + 0 + 1 = 6, and 8 + 2 + 3 = 13; ⌊1.5·6⌋ = 9, and ⌊0.5·13⌋ = 6; the last axis is normalised.
    assert [row.output_size for row in read.rows] == [(5, 8), (9, 6), (9, 6), (9, 6)]
    assert [(row.weight_count, row.bias_count) for row in read.rows] == [(160, 160), (216, 0), (6, 0), (2, 1)]
    with pytest.raises(ReadError, match="it has slopes for a size of 4, but the previous row gives"):
        chained({"type": "Input", "out": 1, "size": 5}, {"type": "PReLU", "out": 1, "size": 4})
    for factor in ("0", "1.5x", "1e3.5", "1025.5", "1.5x1.5x1.5x1.5"):
        with pytest.raises(ReadError, match="scale_factor must be"):
            chained({"type": "Input", "out": 1, "size": 4}, {"type": "Upsample", "scale_factor": factor})


def test_another_input_size() -> None:
    lines = network("dcgan").lines()
    assert chain_sizes(lines, (1, 2))[-1].output_size == (64, 80)
    assert chain_sizes(network("vae").lines(), (16, 16))[-1].output_size == (28, 28)  # its input has no size
    norm = table_lines(f"{HEADER}\n{written(type='BatchNorm', out=8)}\n{written(**CONV)}")
    assert [read.output_size for read in chain_sizes(norm, 5)] == [(5, 5), (3, 3)]
    with pytest.raises(ReadError, match="input_size must be one whole number, or 2"):
        chain_sizes(lines, (1, 2, 3))


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            ({"type": "Input", "out": 4, "size": "8x8"}, CONV),
            "Row 2 (c): it needs 8 channels, but the previous row gives 4",
        ),
        (
            ({"type": "Input", "out": 8, "size": 8}, CONV),
            "Row 2 (c): it needs 2 spatial axes, but the previous row gives a size of 8",
        ),
        (
            ({"type": "Input", "out": 8}, CONV),
            "Row 2 (c): it needs 2 spatial axes, but the previous row gives no size",
        ),
        (
            ({"type": "Input", "out": 8, "size": "2x8"}, CONV),
            "Row 2 (c): its kernel does not fit into the padded",
        ),
        (
            (CONV, {"type": "Input", "out": 8, "size": "8x8"}),
            "Row 1 (c): a chain must begin with an Input and its size.",
        ),
        (
            (
                {"type": "Input", "out": 8, "size": "9x9"},
                CONV,
                {"name": "i", "type": "Input", "out": 8, "size": 1},
            ),
            "Row 3 (i): a chain has one Input, and it comes first.",
        ),
        (
            (
                {"type": "Input", "out": 8, "size": 10**18},
                {"name": "u", "type": "ConvTranspose1d", "into": 8, "out": 8, "kernel": 2, "stride": 2},
            ),
            "Row 2 (u): its output would be larger than 10^18, which must be a mistake.",
        ),
        (
            ({"type": "Input", "out": 8, "size": "8x8"}, {"name": "o", "type": "Other", "count": 3}),
            "Row 2 (o): the effect of Other on a size is unknown, so the rows do not form a chain.",
        ),
        (
            (
                {"type": "Input", "out": 8, "size": "8x8"},
                {"name": "l", "type": "Linear", "into": 8, "out": 3},
            ),
            "Row 2 (l): Linear in a chain must follow Flatten or another Linear.",
        ),
        (
            # PyTorch 2.13 says: Expected more than 1 spatial element when training.
            (
                {"type": "Input", "out": 8, "size": "1x1"},
                {"name": "n", "type": "InstanceNorm2d", "out": 8},
            ),
            "Row 2 (n): it needs more than one position, which it normalises.",
        ),
        (
            ({"type": "Input", "out": 8, "size": 4}, {"name": "r", "type": "Reshape", "out": 5}),
            "Row 2 (r): 32 values cannot be reshaped into 5.",
        ),
        (
            (
                {"type": "Input", "out": 32, "size": "7x7"},
                {"name": "f", "type": "Flatten", "out": 1500},
            ),
            "Row 2 (f): it gives 1,500 features, but the previous row gives 32 channels of size 7 × 7, "
            "which are 1,568 values.",
        ),
        (
            ({"type": "Input", "out": 32}, {"name": "f", "type": "Flatten", "out": 1500}),
            "Row 2 (f): it gives 1,500 features, but the previous row gives 32 features.",
        ),
        (
            (
                {"type": "Input", "out": 32, "size": "7x7"},
                {"type": "Flatten"},
                {"name": "l", "type": "Linear", "into": 32, "out": 3},
            ),
            "Row 3 (l): it needs 32 features, but the previous row gives 1,568 features: the rows do not",
        ),
        (
            (
                {"type": "Input", "out": 32, "size": "7x7"},
                {"name": "l", "type": "Linear", "into": 1568, "out": 3},
            ),
            "Row 2 (l): Linear in a chain must follow Flatten",
        ),
        (
            (
                {"type": "Input", "out": 8, "size": "1x1"},
                {"name": "u", "type": "ConvTranspose2d", "into": 8, "out": 8, "kernel": 2, "padding": 2},
            ),
            "Row 2 (u): padding must leave an output of at least 0",
        ),
    ],
)
def test_rows_that_are_no_chain_are_named(rows: Sequence[dict[str, Any]], sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        chained(*rows)
    assert str(caught.value).startswith(sentence)


def test_flatten_may_say_how_many_features_it_gives() -> None:
    [read] = chained(*FLAT).rows
    assert read.multiply_accumulates == 15_680
    [_, read] = chained(
        {"type": "Input", "out": 4},
        {"type": "Linear", "into": 4, "out": 6},
        {"type": "Flatten", "into": 6, "out": 6},
        {"type": "Linear", "into": 6, "out": 2},
    ).rows
    assert read.multiply_accumulates == 12


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            FLAT[1:],
            "Row 2 (f): it gives 1,568 features, but the previous row gives 32 channels of size 8 × 8, "
            "which are 2,048 values: the row does not fit this input size.",
        ),
        (
            ({"type": "Flatten"}, {"name": "n", "type": "BatchNorm", "out": 1568}),
            "Row 3 (n): it needs 1,568 features, but the previous row gives 2,048 features: the row does "
            "not fit this input size.",
        ),
        (
            ({"name": "c", "type": "Conv2d", "into": 32, "out": 4, "kernel": 1}, {"type": "Flatten"},
             {"name": "l", "type": "Linear", "into": 196, "out": 10}),
            "Row 4 (l): it needs 196 features, but the previous row gives 256 features: the row does not "
            "fit this input size.",
        ),
        (
            ({"name": "r", "type": "Reshape", "out": 1568},),
            "Row 2 (r): 2,048 values cannot be reshaped into 1,568: the row does not fit this input size.",
        ),
        (
            ({"name": "c", "type": "Conv2d", "into": 3, "out": 4, "kernel": 1},),
            "Row 2 (c): it needs 3 channels, but the previous row gives 32: the rows do not form a chain.",
        ),
        (
            ({"type": "Flatten"}, {"type": "Linear", "into": 2048, "out": 10},
             {"name": "l", "type": "Linear", "into": 11, "out": 10}),
            "Row 4 (l): it needs 11 features, but the previous row gives 10 features: the rows do not "
            "form a chain.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_an_input_size_is_told(changed: Sequence[dict[str, Any]], sentence: str) -> None:
    lines = table_lines("\n".join([HEADER, *(written(**cells) for cells in (FLAT[0], *changed))]))
    with pytest.raises(ReadError) as caught:
        chain_sizes(lines, 8)
    assert str(caught.value) == sentence


def test_the_own_size_of_a_table_is_no_other_input_size() -> None:
    lines = table_lines(f"{HEADER}\n{written(**FLAT[0])}\n{written(type='Flatten', out=5)}")
    with pytest.raises(ReadError, match=r"1,568 values\.$"):
        chain_sizes(lines, 7)


def test_layers_without_axes_need_no_size() -> None:
    linear = ({"type": "Linear", "into": 3, "out": 4}, {"type": "Linear", "into": 4, "out": 5, "bias": "no"})
    read = chained({"type": "Input", "out": 3}, *linear)
    assert [row.multiply_accumulates for row in read.rows] == [3 * 4, 4 * 5]
    assert read.assumptions
    # Only an Input says that each row is fed by the one before it.
    assert [row.multiply_accumulates for row in chained(*linear).rows] == [None, None]
    for start in ([{"type": "Input", "out": 3}], []):
        text = "\n".join([HEADER, *(written(**cells) for cells in (*start, *linear))])
        assert chain_rank(table_lines(text)) == 0


def test_the_input_has_no_axes_where_no_layer_has_some() -> None:
    text = written(type="Linear", into=4, out=2)
    assert input_rank(table_lines(f"{HEADER}\n{text}")) == 0
    assert (
        input_rank(table_lines(f"{HEADER}\n{text}\n{written(type='Conv1d', into=2, out=2, kernel=3)}")) == 1
    )


@pytest.mark.parametrize(
    ("scale", "size", "doubled"),
    [
        (2, "5", (10,)),
        (2, "5x6", (10, 12)),
        (2, "5x6x7", (10, 12, 14)),
        ("2x3", "5x6", (10, 18)),
        ("2x3", "5", ()),
    ],
)
def test_upsampling_by_one_number_takes_any_number_of_axes(
    scale: int | str, size: str, doubled: tuple[int, ...]
) -> None:
    flat = 4 * math.prod(doubled)
    rows = (
        {"type": "Input", "out": 4, "size": size},
        {"name": "u", "type": "Upsample", "scale_factor": scale},
        {"name": "f", "type": "Flatten", "out": flat},
        {"name": "l", "type": "Linear", "into": flat, "out": 1},
    )
    if doubled:
        assert chained(*rows).rows[-1].parameter_count == flat + 1
    else:
        with pytest.raises(
            ReadError, match="it needs 2 spatial axes, but the previous row gives a size of 5"
        ):
            chained(*rows)
