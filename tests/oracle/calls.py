"""Calls in the words of each framework: their signatures, and the layers that they really make."""

import importlib
import inspect
import itertools
import random
from collections.abc import Iterator
from typing import Any

from calculator import ConvTranspose, LayerError, ReadError
from calculator.frameworks import FRAMEWORKS
from calculator.readers.constructor_call import SIGNATURES, read_call
from tests.oracle.report import Report
from tests.oracle.snippets import Values, channels_first, random_layers, run

FLAX = "import jax.numpy as jnp\nfrom flax import nnx\nfrom flax import linen as nn\n"


def positional(function: Any) -> tuple[str, ...]:
    """Return the names that may stand without a name in a call of a class."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return tuple(each.name for each in parameters if each.kind in kinds and each.name != "self")


def check_signature(report: Report, name: str, function: Any) -> None:
    ours, theirs = SIGNATURES[name], positional(function)
    report.check("" if ours == theirs else f"{name}: {ours}, really {theirs}")


def check_pytorch(report: Report) -> None:
    """Compare the signatures of PyTorch, and the order of the arguments of ``ConvTranspose``."""
    nn = importlib.import_module("torch.nn")
    for rank, lazy in itertools.product((1, 2, 3), ("", "Lazy")):
        name = f"{lazy}ConvTranspose{rank}d"
        check_signature(report, name, getattr(nn, name).__init__)
    ours, theirs = positional(ConvTranspose.__init__), positional(nn.ConvTranspose2d.__init__)
    report.check("" if ours == theirs[: len(ours)] else f"ConvTranspose: {ours}, really {theirs}")


def check_keras(report: Report, count: int) -> None:
    """Compare the signatures of Keras, and the sizes of the layers that random calls make."""
    layers = importlib.import_module("keras").layers
    for rank in (1, 2, 3):
        check_signature(report, f"Conv{rank}DTranspose", getattr(layers, f"Conv{rank}DTranspose").__init__)
    rng = random.Random("calls of keras")
    for _ in range(count):
        rank, channels = rng.choice([1, 2]), rng.randint(1, 3)
        kernel, stride, extra = rng.randint(1, 5), rng.randint(1, 4), rng.choice([None, 0, 1])
        word, dilation = rng.choice(["same", "valid", "Same"]), rng.choice([1, 1, 2])
        text = f"Conv{rank}DTranspose(2, {kernel}, {stride}, '{word}', {extra}, dilation_rate={dilation})"
        size = (rng.randint(1, 5),) * rank
        try:
            layer = eval(text, vars(layers))
            theirs: Any = tuple(layer.compute_output_shape((1, *size, channels)))[1:-1]
            layer.build((None, *size, channels))
            parameters = layer.count_params()
        except (ValueError, TypeError, RuntimeError):
            theirs, parameters = None, None
        report.check(_difference(text, channels, size, theirs, parameters))


def check_flax(report: Report, count: int, seed_of_layers: int) -> None:
    """Compare the signatures of Flax, the sizes of random calls, and the values of the code for nnx."""
    linen, nnx = importlib.import_module("flax.linen"), importlib.import_module("flax.nnx")
    check_signature(report, "linen.ConvTranspose", linen.ConvTranspose.__init__)
    check_signature(report, "nnx.ConvTranspose", nnx.ConvTranspose.__init__)
    for text, channels, size in itertools.islice(_flax_calls(), count):
        try:
            layer = eval(text, run(FLAX))
            jax = importlib.import_module("jax")
            sample = importlib.import_module("jax.numpy").zeros((1, *size, channels))
            theirs: Any = jax.eval_shape(layer, sample).shape[1:-1]
            parameters = sum(leaf.size for leaf in jax.tree.leaves(nnx.state(layer, nnx.Param)))
        except (ValueError, TypeError, RuntimeError):
            theirs, parameters = None, None
        report.check(_difference(text, channels, size, theirs, parameters))
    # The layers of ``live.check_snippets``: for some others the compiler of JAX 0.10 ends the process.
    for seed, (shown, small) in enumerate(itertools.islice(random_layers("flax", seed_of_layers), count)):
        if shown.groups == 1:
            report.check(_nnx_mismatch(shown, small, seed))


def _flax_calls() -> Iterator[tuple[str, int, tuple[int, ...]]]:
    """Yield random calls of nnx, the input channels and an input size."""
    rng = random.Random("calls of flax")
    while True:
        kernel, channels = (rng.randint(1, 5), rng.randint(1, 5)), rng.randint(1, 3)
        pairs = tuple((rng.randint(0, 5), rng.randint(0, 5)) for _ in kernel)
        padding = rng.choice(["'SAME'", "'VALID'", "'CIRCULAR'", "2", "(1, 3)", str(pairs)])
        stride, dilation = rng.randint(1, 4), rng.choice([1, 1, 2])
        text = (
            f"nnx.ConvTranspose({channels}, 2, {kernel}, {stride}, padding={padding}, "
            f"kernel_dilation={dilation}, rngs=nnx.Rngs(0))"
        )
        yield text, channels, (rng.randint(1, 5), rng.randint(1, 5))


def _difference(
    text: str, channels: int, size: tuple[int, ...], theirs: tuple[int, ...] | None, parameters: int | None
) -> str:
    """Return what is wrong with the layer of a call; the framework's size is ``None`` where it refuses."""
    try:
        layer = read_call(text, in_channels=channels).layer
    except ReadError as error:  # A padding that PyTorch does not have.
        return "" if "PyTorch has no padding" in str(error) else f"{text}: {error}"
    except LayerError as error:
        return "" if theirs is None else f"{text}: {error}, really {theirs}"
    if theirs is None:
        return f"{text}: {layer}, but it is refused"
    try:
        ours = layer.output_size(size)
    except LayerError:
        ours = (0,) * len(size)  # Flax gives 0 where more is cropped than there is.
    # Where an axis is cropped away, PyTorch has no size, and Flax has 0.
    same = ours == theirs or 0 in theirs
    return "" if same and layer.parameter_count == parameters else f"{text}: {ours}, really {theirs}"


def _nnx_mismatch(layer: ConvTranspose, size: list[int], seed: int) -> str:
    """Return what is wrong with the code for nnx; its weights are PyTorch's, flipped along every axis."""
    numpy = importlib.import_module("numpy")
    values, code = Values(layer, size, seed), FRAMEWORKS["flax"].nnx_code(layer)  # type: ignore[attr-defined]
    made, axes = run(code)["layer"], range(2, 2 + layer.rank)
    kernel = numpy.flip(values.weight.transpose(*axes, 0, 1), tuple(range(layer.rank))).copy()
    if made.kernel.shape != FRAMEWORKS["flax"].weight_shape(layer) or (made.bias is not None) != layer.bias:
        return f"nnx made {made.kernel.shape} and {made.bias}:\n{code}"
    made.kernel[...] = kernel
    if layer.bias:
        made.bias[...] = values.bias
    output = channels_first(numpy.asarray(made(values.channels_last())))
    return "" if (output == values.expected()).all() else f"nnx computed other values than PyTorch:\n{code}"
