"""Code of the ordinary convolution that has the settings of a transposed one."""

import ast
from typing import Any

import pytest
from hypothesis import given

from calculator import ConvTranspose
from calculator.frameworks.code import convolution_code
from tests.frameworks.strategies import layers


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        # DCGAN of pytorch/examples: the generator's last layer, and the discriminator's first.
        (
            {
                "in_channels": 64,
                "out_channels": 3,
                "kernel_size": 4,
                "stride": 2,
                "padding": 1,
                "bias": False,
            },
            "nn.Conv2d(3, 64, kernel_size=4, stride=2, padding=1, bias=False)",
        ),
        ({"in_channels": 3, "out_channels": 64, "kernel_size": (2,)}, "nn.Conv1d(64, 3, kernel_size=2)"),
        (
            {
                "in_channels": 4,
                "out_channels": 6,
                "kernel_size": (3, 3, 1),
                "dilation": (2, 1, 1),
                "output_padding": (1, 0, 0),
                "groups": 2,
            },
            "nn.Conv3d(6, 4, kernel_size=(3, 3, 1), dilation=(2, 1, 1), groups=2)",
        ),
    ],
)
def test_known_code(settings: dict[str, Any], code: str) -> None:
    assert convolution_code(ConvTranspose(**settings)) == code


@given(layer=layers())
def test_code_says_every_setting(layer: ConvTranspose) -> None:
    call = ast.parse(convolution_code(layer), mode="eval").body
    assert isinstance(call, ast.Call)
    assert ast.unparse(call.func) == f"nn.Conv{layer.rank}d"
    channels = [ast.literal_eval(argument) for argument in call.args]
    assert channels == [layer.out_channels, layer.in_channels]
    said = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
    for name, default in (("kernel_size", None), ("stride", 1), ("padding", 0), ("dilation", 1)):
        value = said.pop(name, default)
        assert getattr(layer, name) == (value if isinstance(value, tuple) else (value,) * layer.rank)
    assert (said.pop("groups", 1), said.pop("bias", True)) == (layer.groups, layer.bias)
    assert not said
