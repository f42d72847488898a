"""The solver's layers and chains, built of real layers and run on real tensors.

Size, parameters, work, what training keeps and the empty positions must be those that an answer promises.
"""

import importlib
import itertools
import math
import random
from collections.abc import Iterator
from typing import Any

from calculator.core.layer import ConvTranspose
from calculator.geometry.chain_solver import solve_chains
from calculator.geometry.layer_solver import Answer, Bounds, LayerSpec, Sizes, solve_layers
from calculator.geometry.size_solver import FrameworkSolution
from tests.oracle import snippets
from tests.oracle.report import Report
from tests.oracle.sizes import KEYS, run_way

SEED = 112

PER_QUESTION = 4
"""Answers that are compared of one question: of up to a hundred, as many as are drawn."""


def check_answers(report: Report, count: int) -> None:
    """Compare ``count`` answers, layers and chains, with layers of PyTorch."""
    for answer in itertools.islice(random_answers(plain=False), count):
        wrong = mismatch(answer)
        report.check(f"{wrong}: {answer}" if wrong else "")


def check_ways(report: Report, count: int, name: str) -> None:
    """Run ``count`` ways of the framework ``name``, the arguments of one layer of an answer each."""
    for seed, (way, layer, size, goal) in enumerate(itertools.islice(_random_ways(name), count)):
        wrong = _way_mismatch(way, snippets.Values(layer, list(size), seed), size, goal)
        report.check(f"{wrong}: {way}, {layer}, {size}" if wrong else "")


def _random_ways(name: str) -> Iterator[tuple[FrameworkSolution, ConvTranspose, Sizes, Sizes]]:
    """Yield the ways of a framework, each with its layer and the sizes of its input and output."""
    for answer in random_answers(plain=name in ("keras", "flax")):
        steps = zip(answer.ways(), answer.layers, answer.sizes, answer.sizes[1:], strict=False)
        for ways, layer, size, goal in steps:
            for way in ways:
                if KEYS[way.framework] == name and way.how:
                    yield way, layer, size, goal


def random_answers(*, plain: bool) -> Iterator[Answer]:
    """Yield answers to random questions in 1-D to 3-D; ``plain`` ones have one group."""
    rng = random.Random(f"solver {SEED}")
    while True:
        rank = rng.choice([1, 1, 2, 2, 3])
        sizes = [rng.randint(1, 6 if rank < 3 else 3) for _ in range(rank)]
        wanted = [max(i * rng.randint(1, 6 if rank < 3 else 3) + rng.choice([-1, 0, 0, 1]), 1) for i in sizes]
        if rng.random() < 0.5:
            sizes, wanted = [sizes[0]] * rank, [wanted[0]] * rank
        groups = 1 if plain else rng.choice([1, 1, 2, 3])
        spec = LayerSpec(
            in_channels=groups * rng.randint(1, 6),
            out_channels=groups * rng.randint(1, 6),
            groups=groups,
            bias=rng.random() < 0.7,
            rank=rank,
        )
        bounds = Bounds(
            stride=rng.choice([None, None, 3, 4]),
            output_padding=rng.choice([0, 1, 1, 3]),
            dilation=rng.choice([1, 1, 2, 3]),
            overlap=rng.choice(["even", "covered", "any", "any"]),
            layers=rng.randint(2, 4),
        )
        solved = (solve(sizes, wanted, spec, bounds) for solve in (solve_layers, solve_chains))
        for found in solved:
            yield from rng.sample(found.answers, min(PER_QUESTION, len(found.answers)))


def mismatch(answer: Answer) -> str:
    """Return what differs from real layers in a sentence, empty where nothing does."""
    torch = importlib.import_module("torch")
    counter = importlib.import_module("torch.utils.flop_counter")
    layers = [_built(layer) for layer in answer.layers]
    chain = torch.nn.Sequential(*layers)
    if (count := sum(parameter.numel() for parameter in chain.parameters())) != answer.parameter_count:
        return f"PyTorch has {count} parameters, promised {answer.parameter_count}"
    # It needs a gradient, as the output of an earlier layer does: then PyTorch keeps it.
    x = torch.ones((1, answer.layers[0].in_channels, *answer.input_size), requires_grad=True)
    kept: list[int] = []
    parameters = {parameter.data_ptr() for parameter in chain.parameters()}

    def pack(tensor: Any) -> Any:
        kept.extend([tensor.numel()] if tensor.data_ptr() not in parameters else [])
        return tensor

    with (
        counter.FlopCounterMode(display=False) as counted,
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
    ):
        for layer, size in zip(layers, answer.sizes[1:], strict=True):
            x = layer(x)
            if tuple(x.shape[2:]) != size:
                return f"PyTorch computes {tuple(x.shape[2:])}, promised {size}"
    if counted.get_total_flops() != 2 * answer.multiply_accumulates:
        return f"PyTorch counts {counted.get_total_flops()} operations, two for each of the promised"
    if sum(kept) != answer.kept_activations:
        return f"PyTorch keeps {kept} values, promised {answer.kept_activations}"
    return _kind_mismatch(answer, layers)


def _built(layer: ConvTranspose) -> Any:
    """Return the layer of PyTorch with the same arguments."""
    arguments = {name: getattr(layer, name) for name in layer.__dataclass_fields__}
    return getattr(importlib.import_module("torch").nn, f"ConvTranspose{layer.rank}d")(**arguments)


def _kind_mismatch(answer: Answer, layers: list[Any]) -> str:
    """Return how the kind of overlap differs from the products that PyTorch adds up at each position."""
    torch = importlib.import_module("torch")
    empty = False  # Equal weights cannot cancel, and a bias would hide the empty positions.
    for layer, size in zip(layers, answer.sizes, strict=False):
        with torch.no_grad():
            layer.weight.fill_(1)
            if layer.bias is not None:
                layer.bias.zero_()
            empty |= bool((layer(torch.ones((1, layer.in_channels, *size))) == 0).any())
    return "" if empty is (answer.kind == "holes") else f"empty positions: {empty}, promised {answer.kind}"


def _way_mismatch(way: FrameworkSolution, values: snippets.Values, size: Sizes, goal: Sizes) -> str:
    """Return how the layer with the arguments of a framework differs from PyTorch's."""
    shapes, output = run_way(way, values, size)
    if sum(map(math.prod, shapes)) != values.layer.parameter_count:
        return f"its parameters are {shapes}, promised {values.layer.parameter_count}"
    if output.shape[2:] != goal:
        return f"it computes {output.shape[2:]}, promised {goal}"
    if "the values differ" not in way.note and not (output == values.expected()).all():
        return "it computes other values"
    return ""
