"""The counts of one line of a table, compared with allocated layers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.readers import ReadError, Row
from calculator.readers.keras.conv_transpose import as_layer
from calculator.readers.layer_table.line import TYPES
from calculator.readers.layer_table.table import read_table
from tests.helpers import reference
from tests.helpers.layer_tables import HEADER, row, written


def counts(read: Row) -> tuple[object, ...]:
    return read.weight_shape, read.weight_count, read.bias_count, read.other_count, read.frozen_count


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        # The three worked examples that texts on the subject use.
        ({"type": "ConvTranspose2d", "into": 3, "out": 64, "kernel": 4}, ((3, 64, 4, 4), 3_072, 64, 0, 0)),
        (
            {"type": "ConvTranspose2d", "into": 16, "out": 8, "kernel": 5, "bias": "no"},
            ((16, 8, 5, 5), 3_200, 0, 0, 0),
        ),
        ({"type": "ConvTranspose2d", "into": 6, "out": 10, "kernel": 3}, ((6, 10, 3, 3), 540, 10, 0, 0)),
        # PyTorch 2.13 and Keras 3.15 by hand: shapes as each stores them.
        (
            {"type": "ConvTranspose1d", "into": 8, "out": 4, "kernel": 3, "groups": 4},
            ((8, 1, 3), 24, 4, 0, 0),
        ),
        ({"type": "ConvTranspose3d", "into": 2, "out": 4, "kernel": "1x2x3"}, ((2, 4, 1, 2, 3), 48, 4, 0, 0)),
        ({"type": "Conv2d", "into": 8, "out": 4, "kernel": 3, "groups": 2}, ((4, 4, 3, 3), 144, 4, 0, 0)),
        (
            {"type": "Conv2DTranspose", "into": 32, "out": 16, "kernel": "2x1"},
            ((2, 1, 16, 32), 1_024, 16, 0, 0),
        ),
        ({"type": "Conv1D", "into": 8, "out": 4, "kernel": 5, "groups": 2}, ((5, 4, 4), 80, 4, 0, 0)),
        ({"type": "Linear", "into": 100, "out": 10}, ((10, 100), 1_000, 10, 0, 0)),
        ({"type": "Dense", "into": 100, "out": 10, "bias": "no"}, ((100, 10), 1_000, 0, 0, 0)),
        ({"type": "BatchNorm", "out": 32}, ((32,), 32, 32, 0, 0)),
        ({"type": "BatchNorm3d", "into": 32}, ((32,), 32, 32, 0, 0)),
        ({"type": "BatchNormalization", "out": 32}, ((32,), 32, 32, 64, 64)),
        ({"type": "InstanceNorm", "out": 32, "bias": "yes"}, ((32,), 32, 32, 0, 0)),
        ({"type": "PReLU"}, ((1,), 1, 0, 0, 0)),
        ({"type": "PReLU", "out": 56}, ((56,), 56, 0, 0, 0)),
        ({"type": "PReLU", "out": 3, "size": "4x5"}, ((4, 5, 3), 60, 0, 0, 0)),
        ({"type": "Embedding", "into": 1000, "out": 64}, ((1000, 64), 64_000, 0, 0, 0)),
        ({"type": "Other", "count": "12,345".replace(",", "")}, (None, 0, 0, 12_345, 0)),
        ({"type": "Linear", "into": 2, "out": 3, "trainable": "no"}, ((3, 2), 6, 3, 0, 9)),
        ({"type": "BatchNormalization", "out": 8, "trainable": "no"}, ((8,), 8, 8, 16, 32)),
    ],
)
def test_known_counts(cells: dict[str, Any], expected: tuple[object, ...]) -> None:
    read = row(**cells)
    assert counts(read) == expected
    assert read.transposed == ("Transpose" in cells["type"])
    assert (read.layer is not None) == read.transposed


@pytest.mark.parametrize("kind", ["InstanceNorm", "InstanceNorm2d", "Flatten", "MaxPool2d"])
def test_layers_without_parameters_make_no_row(kind: str) -> None:
    more = {"kernel": 2} if "Pool" in kind else {"out": 8}
    assert read_table(f"{HEADER}\n{written(type=kind, **more)}").rows == ()


@given(reference.settings(), st.booleans())
def test_convolutions_have_what_an_allocated_layer_has(settings: dict[str, Any], up: bool) -> None:
    kernel, groups, bias = settings["kernel_size"], settings["groups"], settings["bias"]
    inputs, outputs = settings["in_channels"], settings["out_channels"]
    spatial = {"stride": settings["stride"], "padding": settings["padding"], "dilation": settings["dilation"]}
    extra = {"output_padding": settings["output_padding"]} if up else {}
    kind = f"Conv{'Transpose' if up else ''}{len(kernel)}d"
    read = row(
        type=kind, into=inputs, out=outputs, kernel=kernel, groups=groups, bias="yes" if bias else "no",
        **spatial, **extra,
    )  # fmt: skip
    held = reference.allocate(inputs, outputs, kernel, groups, bias)
    assert (read.weight_count, read.bias_count) == (held.weights, held.biases)
    if up:
        assert read.layer == ConvTranspose(**settings)


NEEDED = {
    **dict.fromkeys(("Linear", "Dense", "Embedding"), frozenset({"in", "out"})),
    **{f"Conv{rank}{end}": {"in", "out", "kernel"} for rank in (1, 2, 3) for end in ("d", "D", "DTranspose")},
    **{f"ConvTranspose{rank}d": {"in", "out", "kernel"} for rank in (1, 2, 3)},
    **{f"{pool}Pool{rank}d": {"kernel"} for pool in ("Max", "Avg") for rank in (1, 2, 3)},
    **{f"{pool}Pooling{rank}D": {"kernel"} for pool in ("Max", "Average") for rank in (1, 2, 3)},
    **{
        f"{pad}Pad{rank}d": {"padding"}
        for pad in ("Reflection", "Replication", "Zero", "Constant", "Circular")
        for rank in (1, 2, 3)
    },
    **{f"ZeroPadding{rank}D": {"padding"} for rank in (1, 2, 3)},
    **{f"Adaptive{pool}Pool{rank}d": {"size"} for pool in ("Max", "Avg") for rank in (1, 2, 3)},
    **{f"Global{pool}Pooling{rank}D": set() for pool in ("Max", "Average") for rank in (1, 2, 3)},
    **{f"UpSampling{rank}D": {"scale_factor"} for rank in (1, 2, 3)},
    **dict.fromkeys(("PixelShuffle", "PixelUnshuffle"), frozenset({"scale_factor"})),
    **{f"{norm}Norm{rank}d": {"out"} for norm in ("Batch", "Instance") for rank in (1, 2, 3)},
    **dict.fromkeys(
        ("BatchNorm", "InstanceNorm", "LayerNorm", "GroupNorm", "BatchNormalization"), frozenset({"out"})
    ),
    **{
        "Upsample": set(),
        "PReLU": set(),
        "Other": {"count"},
        "Input": {"out"},
        "Reshape": {"out"},
        "Flatten": set(),
        "GLU": set(),
        "ChannelShuffle": {"groups"},
    },
}
"""What no layer of a type can do without, as its framework has it. A norm has channels, in or out."""


def test_a_norm_over_several_axes_has_its_channels_in_either_column() -> None:
    # A weight and a bias for each of 8·5·5 values.
    for cells in ("8,", ",8", "8,8"):
        model = read_table(f"type,in,out,size\nLayerNorm,{cells},5x5")
        assert (model.parameter_count, model.rows[0].weight_shape) == (400, (8, 5, 5))


def test_every_type_is_read_with_what_it_needs_and_not_without() -> None:
    assert TYPES.keys() == NEEDED.keys()
    example = {"in": 4, "out": 4, "kernel": 1, "count": 7, "padding": 1, "size": 2, "scale_factor": 2}
    example |= {"groups": 2}

    def table(name: str, cells: dict[str, int]) -> str:
        return f"type,{','.join(example)}\n{name},{','.join(str(cells.get(each, '')) for each in example)}\n"

    for name, needed in NEEDED.items():
        # Channels may always be said: a chain of layers is compared by them.
        channels = set() if {"size", "scale_factor"} & needed else {"in", "out"}
        either = {"scale_factor"} if name == "Upsample" else set()
        cells = {column: example[column] for column in needed | either | channels}
        read_table(table(name, cells))
        for column in needed - ({"out"} if "Norm" in name else set()):
            left = {key: value for key, value in cells.items() if key != column}
            with pytest.raises(ReadError, match=f"needs .*{column}"):
                read_table(table(name, left))


@pytest.mark.parametrize(
    ("cells", "note"),
    [
        (
            {"type": "BatchNormalization", "out": 4},
            "Keras counts the moving mean and variance, which are never trained.",
        ),
        ({"type": "BatchNorm2d", "out": 4}, ""),
        ({"type": "Dense", "into": 3, "out": 4}, ""),
        ({"type": "Dense", "into": 3, "out": 4, "trainable": "no"}, "Its parameters are not trained."),
        (
            {"type": "Conv1DTranspose", "into": 3, "out": 4, "kernel": 4, "padding": "same"},
            "PyTorch has no padding that crops as padding='same' of Keras does here.",
        ),
        # TensorFlow pads nothing before and 1 after, so the transposed layer is cropped at the end.
        (
            {"type": "Conv1DTranspose", "into": 3, "out": 4, "kernel": 3, "stride": 2, "padding": "same"},
            "PyTorch has no padding that crops as padding='same' of Keras does here. The layer opens with "
            "the same output size, but is cropped on the other side.",
        ),
        ({"type": "Conv1DTranspose", "into": 3, "out": 4, "kernel": 2, "stride": 3, "padding": "same"}, ""),
        ({"type": "Conv1DTranspose", "into": 3, "out": 4, "kernel": 2, "stride": 3}, ""),
        ({"type": "Conv1DTranspose", "into": 3, "out": 4, "kernel": 4, "stride": 2, "padding": "same"}, ""),
        ({"type": "Conv1D", "into": 3, "out": 4, "kernel": 4, "padding": "same"}, ""),
    ],
)
def test_notes_say_what_is_special_and_nothing_else(cells: dict[str, Any], note: str) -> None:
    [read] = read_table(f"{HEADER}\n{written(**cells)}").rows
    assert read.note == note


@given(st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(1, 3), st.sampled_from(["valid", "same"])))
def test_a_typed_layer_of_keras_opens_as_its_configuration_does(drawn: tuple[int, int, int, str]) -> None:
    kernel, stride, dilation, padding = drawn
    numbers = {"kernel": kernel, "stride": stride, "dilation": dilation, "padding": padding}
    [read] = read_table(f"{HEADER}\n{written(type='Conv1DTranspose', into=2, out=3, **numbers)}").rows
    config = {"strides": stride, "dilation_rate": dilation, "padding": padding}
    assert (read.layer, read.note) == as_layer(config, (kernel, 3, 2))
