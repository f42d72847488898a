"""The settings of a layer in one line: read back as code, and without PyTorch's defaults in both styles."""

from dataclasses import asdict
from typing import Any

from hypothesis import given

from calculator import ConvTranspose
from calculator.core.description import DEFAULTS, LayerDescription
from tests.helpers import reference


def layer_of(code: str) -> ConvTranspose:
    """Return the layer that a call of ``ConvTranspose1d``, ``2d`` or ``3d`` creates."""
    name, _, arguments = code.removesuffix(")").partition("(")
    rank = int(name.removeprefix("ConvTranspose").removesuffix("d"))
    inputs, outputs, *settings = eval(f"dict_of({arguments})", {"dict_of": lambda *a, **k: [*a, k]})
    kernel = settings[0].pop("kernel_size")
    kernel = kernel if isinstance(kernel, tuple) else (kernel,) * rank
    return ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=kernel, **settings[0])


@given(settings=reference.settings())
def test_code_creates_the_layer_again(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    description = LayerDescription(**asdict(layer))
    code = description.code("ConvTranspose")
    assert layer_of(code) == layer
    for name, default in DEFAULTS.items():
        changed = set(getattr(layer, name)) != {default}
        assert (f" {name}=" in code) == changed
        assert (f", {name.replace('_', ' ')} " in description.words()) == changed


def test_its_defaults_are_those_of_a_layer() -> None:
    description = LayerDescription(in_channels=2, out_channels=3, kernel_size=(4,))
    assert description.words() == "2 → 3, kernel 4"
    assert layer_of(description.code("ConvTranspose")) == ConvTranspose(
        in_channels=2, out_channels=3, kernel_size=(4,)
    )


def test_settings_without_a_valid_layer() -> None:
    description = LayerDescription(
        in_channels=3, out_channels=65_536, kernel_size=(4, 1), output_padding=(2, 2), groups=2, bias=False
    )
    assert description.words() == "3 → 65,536, kernel 4 × 1, output padding 2, groups 2, no bias"
    assert description.code("Conv") == (
        "Conv2d(3, 65536, kernel_size=(4, 1), output_padding=2, groups=2, bias=False)"
    )
