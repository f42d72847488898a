"""The stamps, matrices and overlaps of the page Picture, compared with PyTorch value by value."""

import importlib
import itertools
import math
from collections.abc import Sequence
from typing import Any

from calculator import ConvTranspose
from calculator.geometry.matrices import convolution_matrix
from calculator.geometry.overlap import axis_overlap
from calculator.geometry.stamp import stamp
from calculator.geometry.weight_grid import connected, example_weight, weight_index
from tests.helpers.matrices import multiply, transpose
from tests.oracle.report import Report
from tests.oracle.snippets import random_layers

SEED = 2016

Tensor = Any
"""A tensor of PyTorch, which is imported only when it is needed."""


def check_stamps(report: Report, count: int) -> None:
    """Compare ``count`` random layers with PyTorch: one check for each."""
    for number, (layer, size) in enumerate(itertools.islice(random_layers("pytorch", SEED), count)):
        pairs = list(itertools.product(range(layer.in_channels), range(layer.out_channels)))
        pairs = [pair for pair in pairs if connected(layer, *pair)]
        pair = pairs[number % len(pairs)]
        wrong = (
            stamp_mismatch(layer, size, pair)
            or matrix_mismatch(layer, size, pair)
            or overlap_mismatch(layer, size)
        )
        report.check(f"{wrong}: {layer}, input {size}, pair {pair}" if wrong else "")


def stamp_mismatch(layer: ConvTranspose, size: Sequence[int], pair: tuple[int, int]) -> str:
    """Return how a stamp differs from PyTorch with all weights of the layer and input in one channel."""
    torch = importlib.import_module("torch")
    made = stamp(layer, size, pair=pair)
    weight = torch.zeros(layer.weight_shape, dtype=torch.int64)
    for row, column in itertools.product(range(layer.in_channels), range(layer.out_channels)):
        if connected(layer, row, column):
            weights = [example_weight(row, column, tap) for tap in range(layer.kernel_volume)]
            weight[weight_index(layer, row, column)] = torch.tensor(weights).reshape(layer.kernel_size)
    if not (weight > 0).all():
        return "weight_index leaves a weight out"
    values = torch.zeros((layer.in_channels, *size))
    values[pair[0]] = torch.tensor(made.input).reshape(*size)
    theirs = conv_transpose(layer, values, weight.float(), layer.groups)[pair[1]]
    if tuple(theirs.shape) != made.output_size:
        return f"stamp makes {made.output_size}, PyTorch {tuple(theirs.shape)}"
    same = theirs.flatten().int().tolist() == list(made.output)
    return "" if same else "stamp computes other values than PyTorch"


def matrix_mismatch(layer: ConvTranspose, size: Sequence[int], pair: tuple[int, int]) -> str:
    """Return how the matrix differs from PyTorch's convolution, or its transpose from the stamp."""
    torch = importlib.import_module("torch")
    made = stamp(layer, size, pair=pair)
    matrix = convolution_matrix(layer, size, made.kernel)
    if multiply(transpose(matrix), made.input) != made.output:
        return "the transposed matrix computes other values than the stamp"
    image = torch.arange(math.prod(made.output_size)) % 7
    kernel = torch.tensor(made.kernel).reshape(1, 1, *layer.kernel_size)
    convolve = getattr(torch.nn.functional, f"conv{layer.rank}d")
    settings = {name: getattr(layer, name) for name in ("stride", "padding", "dilation")}
    theirs = convolve(image.reshape(1, 1, *made.output_size).float(), kernel.float(), **settings)[0, 0]
    first = theirs[tuple(slice(i) for i in size)]
    if tuple(first.shape) != tuple(size):
        return f"the ordinary convolution comes to {tuple(theirs.shape)}"
    same = first.flatten().int().tolist() == list(multiply(matrix, image.tolist()))
    return "" if same else "the matrix computes other values than PyTorch's convolution"


def overlap_mismatch(layer: ConvTranspose, size: Sequence[int]) -> str:
    """Return how the overlap differs from PyTorch with ones as input and weights."""
    torch = importlib.import_module("torch")
    ones, kernel = torch.ones((1, *size)), torch.ones((1, 1, *layer.kernel_size))
    theirs = conv_transpose(layer, ones, kernel, 1)[0].flatten().int().tolist()
    axes = [axis_overlap(layer, axis, i) for axis, i in enumerate(size)]
    ours = [math.prod(counts) for counts in itertools.product(*axes)]
    if list(stamp(layer, size, values="ones").output) != theirs:
        return "a stamp of ones counts other products than PyTorch"
    return "" if ours == theirs else "overlap counts other products than PyTorch"


def conv_transpose(layer: ConvTranspose, values: Tensor, weight: Tensor, groups: int) -> Tensor:
    """Return PyTorch's transposed convolution of one sample, without bias."""
    torch = importlib.import_module("torch")
    convolve = getattr(torch.nn.functional, f"conv_transpose{layer.rank}d")
    settings = {name: getattr(layer, name) for name in ("stride", "padding", "output_padding", "dilation")}
    return convolve(values[None], weight, groups=groups, **settings)[0]
