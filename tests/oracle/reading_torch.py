"""Prints of real PyTorch modules, read and compared with PyTorch's own counts.

Run it by hand: ``python -m tests.oracle.reading_torch 2000``. PyTorch is imported only when it is needed.
"""

import importlib
import random
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from calculator.readers.difference.matching import unrolled
from calculator.readers.model import Model
from calculator.readers.pytorch.class_names import (
    CONTAINERS,
    LAZY,
    PARAMETER_FREE,
    PARAMETER_LISTS,
    SIGNATURES,
)
from calculator.readers.pytorch.printed import read_printed, recognises
from tests.oracle.torch_networks import networks

NO_MODULES = {"LinearCrossEntropyOptions", "RNNBase", "RNNCellBase"}
"""Names of ``torch.nn`` that are not layers."""

RANKS = (1, 2, 3)


def check(count: int) -> list[str]:
    """Return the differences of ``count`` random layers, of the networks and of the list of classes."""
    torch = importlib.import_module("torch")
    found = _classes(torch)
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        draw = random.Random(20)
        for number in range(count):
            build = _random_layer(torch.nn, draw)
            found += [f"layer {number}: {problem}" for problem in differences(build())]
        for name, network in networks(torch).items():
            found += [f"{name}: {problem}" for problem in differences(network())]
    return found


def differences(module: Any) -> list[str]:
    """Return how the model that was read differs from the module, layer by layer."""
    text = repr(module)
    if not recognises(text):
        return [f"not recognised: {text[:200]}"]
    model = one_by_one(read_printed(text))
    wanted = own_parameters(module)
    got = {row.name: row.parameter_count for row in model.rows}
    problems = [f"{row.name} is unknown: {row.note}" for row in model.unknown]
    problems += _shapes(module, model)
    if len(got) != len(model.rows):
        problems.append("two rows of one name")
    if got != wanted:
        off = {key: (got.get(key), wanted.get(key)) for key in got.keys() | wanted.keys()}
        problems.append(str({key: pair for key, pair in off.items() if pair[0] != pair[1]}))
    return [f"{problem} in {text[:300]}" for problem in problems]


def one_by_one(model: Model) -> Model:
    """Return ``model`` with a row for each layer, where a row stands for several equal ones."""
    rows = unrolled(model.rows)
    assert all(row.times == 1 for row in rows)
    return replace(model, rows=tuple(rows))


def own_parameters(module: Any) -> dict[str, int]:
    """Return path → own parameters of each module, with those of its parametrisations."""
    parameters: dict[str, int] = {}
    for path, part in module.named_modules(remove_duplicate=False):
        name = path.split(".parametrizations")[0] if "parametrizations" in path else path
        name = "(model)" if name in ("", "parametrizations") or name.startswith("parametrizations") else name
        count = sum(parameter.numel() for parameter in part.parameters(recurse=False))
        if count:
            parameters[name] = parameters.get(name, 0) + count
    return parameters


def _shapes(module: Any, model: Model) -> list[str]:
    """Return the differences in weight shapes and in the counts of weights and biases."""
    parts = dict(module.named_modules(remove_duplicate=False))
    problems = []
    for row in model.rows:
        part = parts["" if row.name == "(model)" else row.name]
        weight: Any = getattr(part, "weight", None)
        bias: Any = getattr(part, "bias", None)
        if weight is not None and row.weight_shape != tuple(weight.shape):
            problems.append(f"{row.name} has weight {tuple(weight.shape)}, read as {row.weight_shape}")
        if weight is not None and row.weight_count != weight.numel():
            problems.append(f"{row.name} has {weight.numel()} weights, read as {row.weight_count}")
        if hasattr(bias, "numel") and row.bias_count != bias.numel():
            problems.append(f"{row.name} has {bias.numel()} biases, read as {row.bias_count}")
        if row.transposed != ("ConvTranspose" in type(part).__name__):
            problems.append(f"{row.name} is {type(part).__name__}, read as transposed={row.transposed}")
        if row.layer and (row.layer.stride, row.layer.padding) != (part.stride, part.padding):
            problems.append(f"{row.name} has another stride or padding than {row.layer}")
    return problems


def _classes(torch: Any) -> list[str]:
    """Return a sentence for each class of ``torch.nn`` that is not in the reader's tables."""
    in_tables = PARAMETER_FREE | CONTAINERS | PARAMETER_LISTS | LAZY | SIGNATURES.keys() | NO_MODULES
    return [f"torch.nn.{name} is in no table" for name in torch.nn.modules.__all__ if name not in in_tables]


def _random_layer(nn: Any, draw: random.Random) -> Callable[[], Any]:
    """Return a function that builds a random layer, some parametrised, some inside other modules."""
    maker = draw.choice(LAYERS)

    def build() -> Any:
        layer = maker(nn, draw)
        tensors = [name for name, tensor in layer.named_parameters(recurse=False) if tensor.dim() > 1]
        skipped = nn.MultiheadAttention, nn.ParameterList, nn.ParameterDict
        if tensors and draw.random() < 0.25 and not isinstance(layer, skipped):
            norms = nn.utils.parametrizations
            with importlib.import_module("torch").device("cpu"):
                layer = layer.to_empty(device="cpu")
                for tensor in layer.parameters():
                    tensor.data.normal_()
                apply = draw.choice((norms.weight_norm, norms.spectral_norm, norms.orthogonal))
                apply(layer, draw.choice(tensors))
        wrap = draw.randrange(4)
        if wrap == 0:
            return nn.Sequential(nn.ReLU(), layer)
        if wrap == 1:
            return nn.ModuleDict({"up": nn.ModuleList([nn.Sequential(layer, nn.Tanh()) for _ in range(3)])})
        return layer

    return build


def _axes(draw: random.Random, rank: int, minimum: int, maximum: int) -> Any:
    return draw.choice(
        (draw.randint(minimum, maximum), tuple(draw.randint(minimum, maximum) for _ in range(rank)))
    )


def _flag(draw: random.Random) -> bool:
    return draw.random() < 0.5


def _conv(nn: Any, draw: random.Random) -> Any:
    rank, groups = draw.choice(RANKS), draw.randint(1, 4)
    settings = {"groups": groups, "bias": _flag(draw), "dilation": _axes(draw, rank, 1, 3)}
    channels = [groups * draw.randint(1, 6) for _ in range(2)]
    settings["stride"], settings["padding"] = _axes(draw, rank, 1, 3), _axes(draw, rank, 0, 2)
    kernel = _axes(draw, rank, 1, 5)
    if _flag(draw):
        settings["output_padding"] = _axes(draw, rank, 0, 2)
        return getattr(nn, f"ConvTranspose{rank}d")(*channels, kernel, **settings)
    settings["padding_mode"] = draw.choice(("zeros", "reflect", "circular"))
    if _flag(draw):
        settings["padding"], settings["stride"] = draw.choice(("same", "valid")), 1
    return getattr(nn, f"Conv{rank}d")(*channels, kernel, **settings)


def _dense(nn: Any, draw: random.Random) -> Any:
    sizes = [draw.randint(1, 9) for _ in range(3)]
    return draw.choice((
        lambda: nn.Linear(*sizes[:2], bias=_flag(draw)),
        lambda: nn.Bilinear(*sizes, bias=_flag(draw)),
        lambda: nn.Embedding(*sizes[:2], padding_idx=draw.choice((None, 0)), max_norm=1.5),
        lambda: nn.EmbeddingBag(*sizes[:2], mode=draw.choice(("mean", "sum", "max"))),
        lambda: nn.PReLU(sizes[0]),
    ))()  # fmt: skip


def _norm(nn: Any, draw: random.Random) -> Any:
    size, rank, affine = draw.randint(1, 12), draw.choice(RANKS), _flag(draw)
    shape = tuple(draw.randint(1, 5) for _ in range(rank))
    return draw.choice((
        lambda: getattr(nn, f"BatchNorm{rank}d")(size, affine=affine, track_running_stats=_flag(draw)),
        lambda: getattr(nn, f"BatchNorm{rank}d")(size, affine=affine, bias=_flag(draw)),
        lambda: getattr(nn, f"InstanceNorm{rank}d")(size, affine=affine),
        lambda: nn.SyncBatchNorm(size, affine=affine, eps=draw.choice((1e-5, 1e-3, 0.1))),
        lambda: nn.GroupNorm(draw.choice((1, size)), size, affine=affine),
        lambda: nn.LayerNorm(draw.choice((size, shape)), elementwise_affine=affine, bias=_flag(draw)),
        lambda: nn.RMSNorm(draw.choice((size, shape)), elementwise_affine=affine),
    ))()  # fmt: skip


def _recurrent(nn: Any, draw: random.Random) -> Any:
    sizes = draw.randint(1, 9), draw.randint(2, 9)
    kind, bias = draw.choice(("RNN", "LSTM", "GRU")), _flag(draw)
    if _flag(draw):
        return getattr(nn, f"{kind}Cell")(*sizes, bias=bias)
    settings = {"num_layers": draw.randint(1, 4), "bidirectional": _flag(draw), "batch_first": _flag(draw)}
    if kind == "LSTM" and _flag(draw):
        settings["proj_size"] = draw.randint(1, sizes[1] - 1)
    return getattr(nn, kind)(*sizes, bias=bias, dropout=draw.choice((0, 0.5)), **settings)


def _attention(nn: Any, draw: random.Random) -> Any:
    heads = draw.randint(1, 4)
    return nn.MultiheadAttention(heads * draw.randint(1, 5), heads, bias=_flag(draw))


def _list(nn: Any, draw: random.Random) -> Any:
    torch = importlib.import_module("torch")
    shapes = [tuple(draw.randint(1, 4) for _ in range(draw.randrange(4))) for _ in range(draw.randint(1, 4))]
    parameters = [nn.Parameter(torch.zeros(shape)) for shape in shapes]
    if _flag(draw):
        return nn.ParameterDict({f"p{number}": tensor for number, tensor in enumerate(parameters)})
    return nn.ParameterList(parameters)


LAYERS: tuple[Callable[[Any, random.Random], Any], ...] = (
    *(_conv, _conv, _conv, _dense, _dense, _norm, _norm, _recurrent, _recurrent, _attention, _list),
)


if __name__ == "__main__":
    problems = check(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
    print("\n".join(problems[:40]) or "no differences")
    sys.exit(bool(problems))
