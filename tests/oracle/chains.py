"""Sizes and work along ``Sequential``s, printed or saved, compared with a forward pass of PyTorch.

Run it by hand: ``python -m tests.oracle.chains 2000``. Sizes come from hooks, multiply–accumulates from
PyTorch's own counter of operations, and from torchinfo where no layer is transposed: torchinfo multiplies
those by the output size. It counts the additions of biases, so that only layers without them are compared.
"""

import importlib
import io
import random
import sys
import warnings
from typing import Any

from calculator.readers.layer_table.chain import edit_problem, with_input_size
from calculator.readers.layer_table.table import read_table
from calculator.readers.model import ReadError
from calculator.readers.pytorch.printed import read_printed
from calculator.readers.pytorch_files.checkpoint import read_checkpoint

UNSTATED = (
    *("does not show its ceil_mode", "has no column for its ceil_mode"),
    *("no layer says how many channels", "It has no layers with sizes", "gives an empty size"),
)
"""The only reasons to refuse a model that PyTorch runs: too little is stated, or a layer gets no value."""


def check(count: int) -> list[str]:
    """Return the differences of ``count`` random chains, some of which PyTorch refuses."""
    torch = importlib.import_module("torch")
    found, refused, ran = [], 0, 0
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        draw = random.Random(7)
        for number in range(count):
            layers, shape = _random_chain(torch.nn, draw)
            network = torch.nn.Sequential(*layers).eval()
            sizes = _sizes(torch, network, shape)
            text = draw.random() < 0.7
            problem = difference(torch, network, shape, sizes, _read(torch, network, text))
            if problem in UNSTATED:
                refused += 1
            elif problem:
                found.append(f"chain {number}: {problem}, input {shape}, {network!r}")
            ran += sizes is not None
    if not count / 2 < ran < count or refused > count / 4:
        found.append(
            f"of {count} chains, PyTorch ran {ran}, and {refused} were refused for what is not printed"
        )
    return found


def _read(torch: Any, network: Any, text: bool) -> Any:
    """Return the network as it is read from its print, or from the file that PyTorch saves."""
    if text or not sum(parameter.numel() for parameter in network.parameters()):
        return read_printed(repr(network))
    file = io.BytesIO()
    torch.save(network, file)
    return read_checkpoint(file.getvalue())


def difference(
    torch: Any, network: Any, shape: tuple[int, ...], sizes: dict[str, Any] | None, model: Any
) -> str:
    """Return how a chain that was read differs from PyTorch; one of ``UNSTATED`` for such a refusal."""
    size = shape[1:] or shape
    try:
        sized = with_input_size(model, size)
    except ReadError as error:
        reason = next((words for words in UNSTATED if words in str(error)), "")
        computed = sizes is not None and not any(0 in size for size in sizes.values())
        return reason or (f"refused: {error}" if computed else "")
    if sizes is None:
        # One number stands for every axis, where only a layer of another rank says how many there are.
        squared = len(size) == 1 and any(len(row.input_size or ()) > 1 for row in sized.rows[:1])
        return "" if squared else "PyTorch refuses it, and it was given sizes"
    got = {row.name: row.output_size or () for row in sized.rows}
    wanted = {row.name: sizes[row.name] for row in sized.rows}
    if got != wanted:
        return f"sizes {got}, really {wanted}"
    total = _multiply_accumulates(torch, network, shape)
    if (sized.multiply_accumulates or 0) != total:
        return f"{sized.multiply_accumulates} multiply–accumulates, really {total}"
    comparable = not any(
        row.transposed or (row.bias_count and row.multiply_accumulates) for row in sized.rows
    )
    if comparable and (other := _torchinfo(network, shape)) != total:
        return f"torchinfo counts {other}, and PyTorch {total}"
    return _edit_difference(model)


def _edit_difference(model: Any) -> str:
    """Return how the counts of the table of a chain differ from the counts of the chain."""
    problem = edit_problem(model)
    if problem:
        return f"not editable: {problem}"
    count = read_table(model.chain.table).parameter_count
    return "" if count == model.parameter_count else f"the table has {count} parameters"


def _sizes(torch: Any, network: Any, shape: tuple[int, ...]) -> dict[str, Any] | None:
    """Return name → spatial output size of each layer, or ``None`` where PyTorch refuses the input."""
    sizes: dict[str, Any] = {}
    hooks: list[Any] = []
    for name, layer in network.named_children():
        hook = layer.register_forward_hook(
            lambda _, __, out, name=name: sizes.update({name: tuple(out.shape[2:])})
        )
        hooks.append(hook)
    try:
        network(torch.empty(1, *shape))
    except (RuntimeError, ValueError):
        return None
    finally:
        for hook in hooks:  # A module with hooks that are not plain functions cannot be saved.
            hook.remove()
    return sizes


def _multiply_accumulates(torch: Any, network: Any, shape: tuple[int, ...]) -> int:
    """Return half of the operations that PyTorch counts."""
    counter = importlib.import_module("torch.utils.flop_counter").FlopCounterMode(display=False)
    with counter:
        network(torch.empty(1, *shape))
    total: int = counter.get_total_flops()
    assert total % 2 == 0
    return total // 2


def _torchinfo(network: Any, shape: tuple[int, ...]) -> int:
    """Return the multiply–accumulates of convolutions and linear layers that torchinfo counts."""
    summary = importlib.import_module("torchinfo").summary
    layers = summary(network, (1, *shape), device="cpu", verbose=0).summary_list
    works = ("Conv1d", "Conv2d", "Conv3d", "Linear")
    return sum(layer.macs for layer in layers if layer.class_name in works)


def _random_chain(nn: Any, draw: random.Random) -> tuple[list[Any], tuple[int, ...]]:
    """Return layers, and the shape of an input without its batch; about one in four has a fault."""
    rank = draw.choice((1, 2, 2, 2, 3))
    size = tuple(draw.randint(4, 14) for _ in range(rank))
    channels = draw.choice((4, 8, 12))
    shape: tuple[int, ...] = (channels, *size)
    layers: list[Any] = []
    if draw.random() < 0.2:
        features = draw.randint(2, 9)
        layers = [nn.Linear(features, channels * 9**rank), nn.Unflatten(1, (channels, *(9,) * rank))]
        shape = (features,)
    elif draw.random() < 0.1:
        layers = [nn.LayerNorm(shape[-draw.randint(1, len(shape)) :])]
    for _ in range(draw.randint(1, 6)):
        if any("Conv" in type(layer).__name__ for layer in layers) and draw.random() < 0.04:
            channels += 1  # A fault, where the next layer says its channels.
        layer, channels = _random_layer(nn, draw, rank, channels)
        layers.append(layer)
    if draw.random() < 0.3:
        layers += _ending(nn, draw, rank, channels)
    return layers, shape


def _random_layer(nn: Any, draw: random.Random, rank: int, channels: int) -> tuple[Any, int]:
    """Return a layer for ``channels``, and the channels of its output."""
    wide, pick = draw.choice((4, 8, 12)), draw.random()
    settings = {
        "kernel_size": tuple(draw.randint(1, 4) for _ in range(rank)),
        "stride": tuple(draw.randint(1, 3) for _ in range(rank)),
        "bias": draw.random() < 0.5,
        "groups": draw.choice((1, 1, 2, 4)) if channels % 4 == 0 else 1,
        "dilation": draw.choice((1, 1, 2)),
    }
    if pick < 0.25:
        padding: Any = draw.randint(0, 3)
        if draw.random() < 0.2:
            settings["stride"], padding = 1, draw.choice(("same", "valid"))
        elif draw.random() < 0.4:
            settings["padding_mode"] = draw.choice(("reflect", "replicate", "circular"))
        return getattr(nn, f"Conv{rank}d")(channels, wide, padding=padding, **settings), wide
    if pick < 0.5:
        crop = {"padding": draw.randint(0, 2), "output_padding": draw.choice((0, 0, 1))}
        return getattr(nn, f"ConvTranspose{rank}d")(channels, wide, **settings, **crop), wide
    if pick < 0.62:
        kind, kernel = draw.choice(("MaxPool", "AvgPool")), draw.randint(1, 3)
        extra = {"ceil_mode": draw.random() < 0.4}
        padding = draw.randint(0, kernel // 2)
        return getattr(nn, f"{kind}{rank}d")(kernel, draw.randint(1, 3), padding, **extra), channels
    if pick < 0.72:
        pads = ("ReflectionPad", "ReplicationPad", "ZeroPad", "CircularPad", "ConstantPad")
        pad, even = draw.choice(pads), draw.random() < 0.5
        sides = [draw.randint(0, 5) for _ in range(2 * rank)]
        sides = [sides[place - place % 2 * even] for place in range(2 * rank)]
        value = (1.5,) if pad == "ConstantPad" else ()
        return getattr(nn, f"{pad}{rank}d")(sides, *value), channels
    if pick < 0.78 and rank == 2 and channels % 4 == 0:
        shuffle = draw.choice((nn.PixelShuffle, nn.PixelUnshuffle))
        return shuffle(2), channels // 4 if shuffle is nn.PixelShuffle else channels * 4
    if pick < 0.84:
        return draw.choice(
            (
                nn.Upsample(scale_factor=draw.randint(1, 3)),
                nn.Upsample(size=(5,) * rank),
                nn.Upsample(scale_factor=draw.choice((0.5, 1.5, 0.3, 2.2, 1.1, 0.7, 1 / 3))),
                nn.Upsample(scale_factor=tuple(draw.choice((0.5, 1.25, 2.0)) for _ in range(rank))),
            )
        ), channels
    if pick < 0.86:
        return getattr(nn, f"Adaptive{draw.choice(('Avg', 'Max'))}Pool{rank}d")(draw.randint(1, 4)), channels
    if pick < 0.9 and channels % 4 == 0:
        gate, mixed = nn.GLU(dim=draw.choice((1, -1 - rank))), nn.ChannelShuffle(draw.choice((2, 4, 3)))
        return draw.choice(((gate, channels // 2), (mixed, channels)))
    others = (
        getattr(nn, f"BatchNorm{draw.choice((rank, rank, rank, 2))}d")(channels),
        getattr(nn, f"InstanceNorm{rank}d")(channels, affine=draw.random() < 0.5),
        nn.LayerNorm(
            tuple(draw.randint(3, 9) for _ in range(draw.randint(1, rank))),
            elementwise_affine=draw.random() < 0.5,
        ),
        *(nn.GroupNorm(1, channels), nn.PReLU(), nn.PReLU(channels), nn.ReLU(), nn.Tanh(), nn.Dropout()),
    )
    return draw.choice(others), channels


def _ending(nn: Any, draw: random.Random, rank: int, channels: int) -> list[Any]:
    """Return the layers from spatial axes to features."""
    wide = draw.randint(1, 20)
    pool = getattr(nn, f"AdaptiveAvgPool{rank}d")(2)
    features = channels * 2**rank + (draw.random() < 0.05)
    end = [pool, nn.Flatten(), nn.Linear(features, wide, bias=draw.random() < 0.5), nn.BatchNorm1d(wide)]
    return [*end, nn.ReLU(), nn.LayerNorm(wide), nn.Linear(wide, 3)]


if __name__ == "__main__":
    problems = check(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
    print(*problems[:30], f"{len(problems)} differences", sep="\n")
    sys.exit(bool(problems))
