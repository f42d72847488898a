"""The tables of every tool for the networks of torchvision and MONAI. They are compared and not recorded."""

import contextlib
import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.helpers.real_models import RealModel
from tests.oracle.libraries import exported_networks, library_networks
from tests.oracle.models.tables import other_tables, torchinfo_table
from tests.oracle.torch_networks import networks

LIBRARIES = ("torch", "torchinfo", "torchvision", "monai")

EVERYTHING = ("kernel_size", "input_size", "output_size", "num_params", "mult_adds", "trainable")
LARGE = 60_000_000
"""Networks with more parameters run in no table, to save time and memory."""


def models() -> Iterator[RealModel]:
    """Yield tables without an input of all networks, and with one of those that take a small picture."""
    torch = importlib.import_module("torch")
    found = {**networks(torch), **library_networks()}
    for name, build in found.items():
        with contextlib.suppress(RuntimeError, NotImplementedError), torch.device("meta"):
            network = build().eval()
            yield from _without_input(name, network)
    for name, (build, shape) in exported_networks().items():
        yield from _with_input(torch, name, build().eval(), shape)
    for name, build in networks(torch).items():
        with torch.device("meta"):
            size = sum(parameter.numel() for parameter in build().parameters())
        if size < LARGE:
            yield from _with_input(torch, name, build().eval(), (1, 3, 96, 96))


def _without_input(name: str, network: Any) -> Iterator[RealModel]:
    for depth in (1, 3, 20):
        settings: dict[str, Any] = {"depth": depth, "row_settings": ("depth", "var_names")}
        yield torchinfo_table(name, network, kept=False, col_names=("num_params", "kernel_size"), **settings)


def _with_input(torch: Any, name: str, network: Any, shape: tuple[int, ...]) -> Iterator[RealModel]:
    try:
        network(torch.zeros(shape))
    except Exception:
        return  # It takes another input.
    for depth in (2, 20):
        yield torchinfo_table(name, network, kept=False, col_names=EVERYTHING, depth=depth, input_size=shape)
    for model in other_tables(torch, name, network, shape, kept=False):
        yield replace(model, name=f"{model.name}, {shape}")
