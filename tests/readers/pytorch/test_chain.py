"""Rows of a table for printed layers of PyTorch: every class has a row, a note or a refusal."""

import pytest

from calculator.readers.layer_table.chain import ChainBuilder
from calculator.readers.model import Chain, Row
from calculator.readers.pytorch.chain import IN_SEQUENCE, UNCHANGED, add_layer, branch_in, chain_of
from calculator.readers.pytorch.class_names import CONTAINERS, PARAMETER_FREE


def added(kind: str, text: str) -> list[dict[str, str]]:
    builder = ChainBuilder()
    add_layer(builder, "up", kind, text)
    assert builder.problem == ""
    return builder._rows


@pytest.mark.parametrize(
    ("kind", "text", "cells"),
    [
        ("Conv1d", "2, 4, kernel_size=(3,), stride=(1,), padding=same",
         {"in": "2", "out": "4", "kernel": "3", "padding": "same"}),
        (
            "ConvTranspose3d",
            "2, 4, kernel_size=(3, 2, 1), stride=(2, 2, 2), output_padding=(1, 0, 1), groups=2, bias=False",
            {"in": "2", "out": "4", "kernel": "3x2x1", "stride": "2", "output_padding": "1x0x1"}
            | {"groups": "2", "bias": "no"},
        ),
        ("BatchNorm2d", "8, eps=1e-05, momentum=0.1, affine=True", {"out": "8"}),
        ("SyncBatchNorm", "8, eps=1e-05", {"type": "BatchNorm", "out": "8"}),
        ("InstanceNorm2d", "8, eps=1e-05, affine=False", {"out": "8", "bias": "no"}),
        ("GroupNorm", "2, 8, eps=1e-05, affine=True", {"out": "8"}),
        ("GroupNorm", "2, 8, eps=1e-05, affine=True, bias=False", {"out": "8", "bias": "no"}),
        ("LayerNorm", "(8,), eps=1e-05, elementwise_affine=True, bias=False", {"out": "8", "bias": "no"}),
        ("LayerNorm", "(8, 4), elementwise_affine=False", {"out": "8", "size": "4", "affine": "no"}),
        ("PReLU", "num_parameters=1", {"out": "1"}),
        ("MaxPool2d", "kernel_size=3, stride=1, padding=1, dilation=1, ceil_mode=False",
         {"kernel": "3", "stride": "1x1", "padding": "1"}),
        ("AdaptiveAvgPool2d", "output_size=(1, 2)", {"size": "1x2"}),
        ("ZeroPad2d", "(1, 1, 2, 2)", {"padding": "2x1"}),
        ("Upsample", "scale_factor=(2.0, 3.0), mode='bilinear'", {"scale_factor": "2x3"}),
        ("Upsample", "size=(8, 9), mode='nearest'", {"size": "8x9"}),
        ("Upsample", "scale_factor=(1.5, 2.0), mode='nearest'", {"scale_factor": "1.5x2"}),
        ("LayerNorm", "(8, 4, 5), eps=1e-05, elementwise_affine=True", {"out": "8", "size": "4x5"}),
        # Left, right, top, bottom: the table begins with the first axis.
        ("ConstantPad2d", "padding=(0, 1, 2, 3), value=0.5", {"padding": "2x3x0x1"}),
        ("MaxPool1d", "kernel_size=3, stride=2, padding=0, dilation=1, ceil_mode=True",
         {"kernel": "3", "stride": "2", "ceil_mode": "yes"}),
        ("GLU", "dim=1", {}),
        ("GLU", "dim=-3", {}),
        ("ChannelShuffle", "groups=1", {"groups": "1"}),
        ("PixelUnshuffle", "downscale_factor=2", {"scale_factor": "2"}),
        ("Unflatten", "dim=1, unflattened_size=(8, 4, 4)",
         {"type": "Reshape", "in": "128", "out": "8", "size": "4x4"}),
        ("Flatten", "start_dim=1, end_dim=-1", {}),
        ("torch.nn.Linear", "in_features=2, out_features=4, bias=True",
         {"type": "Linear", "in": "2", "out": "4"}),
    ],
)  # fmt: skip
def test_a_layer_has_the_cells_of_its_arguments(kind: str, text: str, cells: dict[str, str]) -> None:
    assert added(kind, text) == [{"name": "up", "type": kind, **cells}]


@pytest.mark.parametrize(
    ("mode", "border"),
    [("reflect", "ReflectionPad2d"), ("replicate", "ReplicationPad2d"), ("circular", "CircularPad2d")],
)
def test_padding_with_other_values_is_a_layer_before_the_convolution(mode: str, border: str) -> None:
    # So does PyTorch: torch.nn.modules.conv._ConvNd pads first, and then convolves without padding.
    text = f"4, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 2), padding_mode={mode}"
    pad, conv = added("Conv2d", text)
    assert pad == {"name": "up", "type": border, "padding": "1x2"}
    assert conv == {"name": "up", "type": "Conv2d", "in": "4", "out": "8", "kernel": "3"}


def test_what_has_no_parameters_and_changes_no_size_is_named_and_not_dropped_in_silence() -> None:
    assert UNCHANGED <= PARAMETER_FREE
    builder = ChainBuilder()
    for kind in ("ReLU", "Dropout", "ReLU"):
        add_layer(builder, kind, kind, "")
    add_layer(builder, "norm", "BatchNorm2d", "8, affine=False")
    add_layer(builder, "fc", "GroupNorm", "2, 8")
    assert [*builder._left_out] == [
        "ReLU",
        "Dropout",
        "BatchNorm2d with affine=False",
        "num_groups of GroupNorm",
    ]


def test_every_other_class_without_parameters_has_a_row_or_is_refused() -> None:
    for kind in sorted(PARAMETER_FREE - UNCHANGED):
        builder = ChainBuilder()
        add_layer(builder, "x", kind, "")
        # Only Flatten has defaults for all arguments that its size depends on.
        assert builder.problem.startswith(f"x ({kind}): ") or kind == "Flatten", kind


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("Conv2d", "2, 4, kernel_size=(3, 3), stride=f(x)"),
        ("Conv2d", "2, 4, kernel_size=(3,), stride=(1, 1)"),
        ("Conv2d", "2, 4, kernel_size=(3, 3), stride=(1, 1), padding=full"),
        ("MaxPool2d", "2, 2"),
        ("Upsample", "scale_factor=None"),
        ("Upsample", "scale_factor=1e999"),
        ("Upsample", "scale_factor=(2.0, 'x')"),
        ("ReflectionPad2d", "(1, 1)"),
        ("Unflatten", "dim=2, unflattened_size=(8, 4)"),
        ("Conv2dSame", "2, 4, kernel_size=(3, 3), stride=(2, 2)"),
        ("monai.Conv2d", "2, 4, kernel_size=(3, 3), stride=(2, 2)"),
        ("LayerNorm", "(8, 4, 4, 4, 4), eps=1e-05, elementwise_affine=True"),
        ("LayerNorm", "(8, 4, 4), eps=1e-05, elementwise_affine=0"),
        ("GLU", "dim=2"),
        ("GLU", "dim=-5"),
        ("GLU", "dim=-1.0"),
        ("ChannelShuffle", "groups=0"),
        ("Upsample", "scale_factor=0.0"),
    ],
)
def test_arguments_that_leave_a_size_open_are_refused(kind: str, text: str) -> None:
    builder = ChainBuilder()
    add_layer(builder, "x", kind, text)
    assert builder.problem.startswith(f"x ({kind}): ")
    assert builder.chain([]) == Chain(problem=builder.problem)


def test_rounding_is_open_only_where_it_is_not_stated() -> None:
    conv = ("a", "Conv1d", {"in_channels": 1, "out_channels": 1, "kernel_size": 1, "stride": 1})
    row = Row("a", "Conv1d", None, 1, 1)
    printed = ("b", "AvgPool1d", "kernel_size=(3,), stride=(2,), padding=(0,)")
    saved = ("b", "AvgPool1d", {"kernel_size": 3, "stride": 2, "ceil_mode": False})
    chains = [chain_of([conv, pool], [row], proven=True) for pool in (printed, saved)]
    assert [chain.unrounded for chain in chains] == [(2,), ()]


def test_names_of_branches() -> None:
    found = {"downsample", "skip_connection", "shortcut", "skip2", "residual", "down_skip"}
    assert {name for name in found if branch_in(f"a.{name}.0") == name} == found
    assert [branch_in(name) for name in ("main.0", "skipper", "upsample", "conv")] == [""] * 4
    assert IN_SEQUENCE <= CONTAINERS
