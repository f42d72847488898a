"""Every way to upsample, built from its code with the real PyTorch: parameters, work and values."""

import functools
import importlib
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from calculator.comparison.alternative import Alternative
from calculator.comparison.alternatives import alternatives
from calculator.comparison.operations import code
from calculator.comparison.upsampling_layers import Conv, Operation, Resize, Shuffle
from tests.oracle.report import Report

SEED = 2017

Tensor = Any
"""A tensor of PyTorch, which is imported only when it is needed."""

Apply = Callable[[Tensor], Tensor]


def check_alternatives(report: Report, count: int) -> None:
    """Compare ``count`` ways to upsample with PyTorch, with one check for each."""
    for number, (way, size) in enumerate(itertools.islice(random_ways(), count)):
        wrong = mismatch(way, size, number)
        report.check(f"{wrong}: {way}, input {size}" if wrong else "")


def random_ways() -> Iterator[tuple[Alternative, tuple[int, ...]]]:
    """Yield all ways for random settings, each with an input size, and a convolution with a random kernel."""
    rng = random.Random(f"alternatives {SEED}")
    while True:
        rank = rng.choice([1, 1, 2, 2, 3])
        scale = tuple(rng.randint(1, 4 if rank < 3 else 3) for _ in range(rank))
        size = tuple(rng.randint(1, 5) for _ in range(rank))
        kernel = tuple(rng.randint(1, 7 if rank < 3 else 4) for _ in range(rank))
        channels, bias = (rng.randint(1, 6), rng.randint(1, 6)), rng.random() < 0.7
        groups = rng.randint(1, 3)
        for way in alternatives(*channels, scale, bias=bias, groups=groups, kernel_size=kernel):
            if isinstance(way, Alternative):
                yield way, size
        odd = tuple(rng.choice([1, 3, 5]) for _ in range(rank))
        conv = Conv(groups * channels[0], groups * channels[1], odd, groups, bias)
        yield Alternative("convolution", "convolution", (conv,), "", ""), size


def mismatch(way: Alternative, size: tuple[int, ...], seed: int) -> str:
    """Return what differs in a sentence, empty where nothing does."""
    torch = importlib.import_module("torch")
    torch.manual_seed(seed)
    layers = [built(op) for op in way.operations]
    fill(layers, -4, 5)
    values = torch.randint(-4, 5, (2, way.in_channels, *size)).double()
    with torch.no_grad():
        wrong = (
            _counts_mismatch(way, size, layers)
            or _values_mismatch(way, size, layers, values)
            or _order_mismatch(way, layers, values)
        )
    return wrong or _kept_mismatch(way, layers, values[:1]) or _receptive_mismatch(way, layers)


def built(op: Operation) -> Apply:
    """Return the module that the code builds, in double precision, or a function for a shuffle."""
    line = code(op)
    if line.startswith("#"):
        if not isinstance(op, Shuffle):
            raise TypeError(f"There is no code for {op}.")
        return functools.partial(_placed, op.scale_factor)
    namespace: dict[str, Any] = {}
    exec(compile(f"from torch import nn\nlayer = {line}", "<code>", "exec"), namespace)
    layer: Apply = namespace["layer"].double()
    return layer


def _placed(scale: tuple[int, ...], x: Tensor) -> Tensor:
    """Return a pixel shuffle in any number of dimensions, computed by strided assignment."""
    corners = list(itertools.product(*map(range, scale)))
    space = [n * r for n, r in zip(x.shape[2:], scale, strict=True)]
    result = x.new_zeros((x.shape[0], x.shape[1] // len(corners), *space))
    for number, corner in enumerate(corners):
        places = tuple(slice(at, None, r) for at, r in zip(corner, scale, strict=True))
        result[(slice(None), slice(None), *places)] = x[:, number :: len(corners)]
    return result


def parameters_of(layer: Apply) -> list[Tensor]:
    """Return the parameters of a layer, weights first; a plain function has none."""
    return list(layer.parameters()) if hasattr(layer, "parameters") else []


def fill(layers: Sequence[Apply], low: int, high: int) -> None:
    """Set every parameter to random whole numbers, whose sums of products are exact."""
    torch = importlib.import_module("torch")
    with torch.no_grad():
        for parameter in itertools.chain.from_iterable(map(parameters_of, layers)):
            parameter.copy_(torch.randint(low, high, parameter.shape))


def run(layers: Sequence[Apply], x: Tensor) -> Tensor:
    return functools.reduce(lambda y, layer: layer(y), layers, x)


def _counts_mismatch(way: Alternative, size: tuple[int, ...], layers: Sequence[Apply]) -> str:
    torch = importlib.import_module("torch")
    counter = importlib.import_module("torch.utils.flop_counter")
    dims = [parameter.ndim for layer in layers for parameter in parameters_of(layer)]
    sizes = [parameter.numel() for layer in layers for parameter in parameters_of(layer)]
    biases = sum(n for n, dim in zip(sizes, dims, strict=True) if dim == 1)
    if (sum(sizes) - biases, biases) != (way.weight_count, way.bias_count):
        return f"PyTorch has {sum(sizes) - biases} weights and {biases} biases"
    kept, x = [], torch.zeros((1, way.in_channels, *size), dtype=torch.float64)
    with counter.FlopCounterMode(display=False) as counted:
        for layer in layers:
            x = layer(x)
            kept.append(x.numel())
    # Two operations for each multiply–accumulate; convolutions by their output, transposed by their input.
    if counted.get_total_flops() != 2 * way.multiply_accumulates(size):
        return f"PyTorch counts {counted.get_total_flops()} operations"
    stored = [channels * math.prod(space) for channels, space in way.shapes(size)[1:]]
    if kept != stored or kept[-1] != way.output_activations(size):
        return f"PyTorch's outputs hold {kept} values"
    return ""


def _values_mismatch(way: Alternative, size: tuple[int, ...], layers: Sequence[Apply], x: Tensor) -> str:
    """Return how the modules differ from functions that take their settings from the operations."""
    torch = importlib.import_module("torch")
    theirs, ours = run(layers, x), x
    for op, layer in zip(way.operations, layers, strict=True):
        ours = functional(op, ours, parameters_of(layer))
    channels, space = way.output_shape(size)
    if not theirs.shape == ours.shape == (2, channels, *space):
        return f"PyTorch computes {tuple(theirs.shape)}, promised {(channels, *space)}"
    grown = tuple(n * s for n, s in zip(size, way.scale_factor, strict=True))
    if space != grown:
        return f"the output is {space}, wanted {grown}"
    return "" if torch.allclose(theirs, ours, rtol=0, atol=1e-8) else "PyTorch computes other values"


def functional(op: Operation, x: Tensor, parameters: Sequence[Tensor]) -> Tensor:
    """Return the output of an operation; resizing and shuffling are computed without PyTorch's layers."""
    torch = importlib.import_module("torch")
    if isinstance(op, Resize):
        for axis, scale in enumerate(op.scale_factor, start=2):
            matrix = _interpolation(x.shape[axis], scale, op.mode)
            x = torch.tensordot(x, matrix, dims=([axis], [1])).movedim(-1, axis)
        return x
    if isinstance(op, Shuffle):
        batch, channels, *space = x.shape
        rank, volume = len(space), math.prod(op.scale_factor)
        split = x.reshape(batch, channels // volume, *op.scale_factor, *space)
        order = [axis for a in range(rank) for axis in (2 + rank + a, 2 + a)]
        grown = [n * r for n, r in zip(space, op.scale_factor, strict=True)]
        return split.permute(0, 1, *order).reshape(batch, channels // volume, *grown)
    rank, bias = len(op.kernel_size), parameters[1] if op.bias else None
    if isinstance(op, Conv):
        padding = tuple(k // 2 for k in op.kernel_size)
        convolve = getattr(torch.nn.functional, f"conv{rank}d")
        return convolve(x, parameters[0], bias, padding=padding, groups=op.groups)
    names = ("stride", "padding", "output_padding", "groups", "dilation")
    transposed = getattr(torch.nn.functional, f"conv_transpose{rank}d")
    return transposed(x, parameters[0], bias, **{name: getattr(op, name) for name in names})


def _interpolation(n: int, scale: int, mode: str) -> Tensor:
    """Return the (n · scale, n) weights of an axis: a triangle, or a block, around each pixel's centre."""
    torch = importlib.import_module("torch")
    if mode == "nearest":
        return torch.eye(n, dtype=torch.float64).repeat_interleave(scale, dim=0)
    centres = ((torch.arange(n * scale).double() + 0.5) / scale - 0.5).clamp(0, n - 1)
    return (1 - (centres[:, None] - torch.arange(n)).abs()).clamp(min=0)


def _order_mismatch(way: Alternative, layers: Sequence[Apply], x: Tensor) -> str:
    """Return a difference where interpolation and a 1×1 convolution do not commute."""
    torch = importlib.import_module("torch")
    if way.key not in ("linear-pointwise", "pointwise-linear"):
        return ""
    same = torch.allclose(run(layers, x), run(layers[::-1], x), rtol=0, atol=1e-8)
    return "" if same else "in the other order the values differ"


def _kept_mismatch(way: Alternative, layers: Sequence[Apply], x: Tensor) -> str:
    """Return how the values that PyTorch keeps for the backward pass of one sample differ."""
    torch = importlib.import_module("torch")
    parameters = {parameter.data_ptr() for layer in layers for parameter in parameters_of(layer)}
    kept: list[int] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.extend([tensor.numel()] if tensor.data_ptr() not in parameters else [])
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        run(layers, x)
    promised = way.kept_activations(tuple(x.shape[2:]))
    return "" if sum(kept) == promised else f"PyTorch keeps {kept} values, promised {promised}"


def _receptive_mismatch(way: Alternative, layers: Sequence[Apply]) -> str:
    """Return how the receptive field differs from the gradients, which positive weights cannot cancel."""
    torch = importlib.import_module("torch")
    fill(layers, 1, 5)
    found = []
    for axis, scale in enumerate(way.scale_factor):
        size = [9 if a == axis else 2 for a in range(way.rank)]
        x = torch.ones((1, way.in_channels, *size), dtype=torch.float64, requires_grad=True)
        rows = run(layers, x).movedim(2 + axis, 0).flatten(1).sum(1)
        counts = []
        for row in rows[4 * scale : 5 * scale]:
            (gradient,) = torch.autograd.grad(row, x, retain_graph=True)
            counts.append(int(gradient.movedim(2 + axis, 0).flatten(1).any(1).sum()))
        found.append((min(counts), max(counts)))
    return "" if tuple(found) == way.receptive_field() else f"gradients reach {found} input positions"
