"""Counts per second, next to PyTorch layers on the meta device, whose parameters are added up."""

import importlib
import random
import time
from collections.abc import Callable
from typing import Any

from benchmarks.report import median, ratio_range, table, three_digits
from calculator import ConvTranspose

LAYERS = 1000


def random_layers(seed: int = 0) -> list[dict[str, Any]]:
    """Return settings of valid layers of 1 to 3 dimensions."""
    rng = random.Random(seed)
    return [_random_layer(rng) for _ in range(LAYERS)]


def _random_layer(rng: random.Random) -> dict[str, Any]:
    rank, groups = rng.randint(1, 3), rng.choice((1, 1, 1, 2, 4))
    stride = [rng.randint(1, 4) for _ in range(rank)]
    return {
        "in_channels": groups * rng.randint(1, 256),
        "out_channels": groups * rng.randint(1, 256),
        "kernel_size": tuple(rng.randint(1, 7) for _ in range(rank)),
        "stride": tuple(stride),
        "padding": tuple(rng.randint(0, 3) for _ in range(rank)),
        "output_padding": tuple(rng.randrange(step) for step in stride),
        "groups": groups,
        "bias": rng.random() < 0.8,
    }


def ours(settings: list[dict[str, Any]]) -> list[int]:
    """Return the counts of new layers of this package."""
    return [ConvTranspose(**each).parameter_count for each in settings]


def theirs(settings: list[dict[str, Any]]) -> list[int]:
    """Return the counts of new layers of PyTorch on its meta device, which has shapes and no values."""
    nn = importlib.import_module("torch.nn")
    kinds = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
    layers = (kinds[len(each["kernel_size"])](**each, device="meta") for each in settings)
    return [sum(part.numel() for part in layer.parameters()) for layer in layers]


def measure(rounds: int) -> str:
    """Return the figures as markdown."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return "Not measured: PyTorch is not installed here. `make bench` installs it."
    settings = random_layers()
    if ours(settings) != theirs(settings):
        raise RuntimeError("The package and PyTorch do not count the same.")
    rates: dict[str, list[float]] = {"parameter_count": [], "PyTorch": []}
    for _ in range(rounds):
        rates["parameter_count"].append(_rate(ours, settings))
        rates["PyTorch"].append(_rate(theirs, settings))
    ratios = [fast / slow for fast, slow in zip(*rates.values(), strict=True)]
    mine, other = (three_digits(median(each)) for each in rates.values())
    rows = [
        [
            "`ConvTranspose(…).parameter_count`",
            mine,
            f"{median(ratios):.1f}",
        ],
        [f"PyTorch {torch.__version__}, meta device", other, "1"],
    ]
    return (
        f"The same {LAYERS:,} random layers, made and counted; both give the same counts. "
        f"Ratio of the rounds: {ratio_range(ratios)}.\n\n{table(['', 'layers a second', '× PyTorch'], rows)}"
    )


def _rate(count: Callable[[list[dict[str, Any]]], list[int]], settings: list[dict[str, Any]]) -> float:
    """Return how many layers are counted per second."""
    start = time.perf_counter()
    count(settings)
    return len(settings) / (time.perf_counter() - start)
