"""Every way to upsample, built from its code with the real PyTorch: parameters, work and values."""

import functools
import importlib
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from calculator.core.layer import ConvTranspose
from calculator.frameworks import FRAMEWORKS
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.form_code import form_code
from calculator.upsampling.forms import same_functions
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, Unpool
from calculator.upsampling.qualities import has_no_checkerboard, is_easy_to_export, mixes_channels
from tests.oracle.report import Report

SEED = 2017

Tensor = Any
"""A tensor of PyTorch, which is imported only when it is needed."""

Apply = Callable[[Tensor], Tensor]


PER_SETTING = 12
"""Forms that are compared for one setting: of some hundred, as many as are drawn."""


def check_alternatives(report: Report, count: int) -> None:
    """Compare ``count`` ways to upsample with PyTorch, with one check for each."""
    for number, (way, size) in enumerate(itertools.islice(random_ways(), count)):
        wrong = mismatch(way, size, number)
        report.check(f"{wrong}: {way}, input {size}" if wrong else "")


def random_ways() -> Iterator[tuple[Alternative, tuple[int, ...]]]:
    """Yield ways for random settings, each with an input size, and a convolution with a random kernel."""
    rng = random.Random(f"alternatives {SEED}")
    while True:
        rank = rng.choice([1, 1, 2, 2, 3])
        scale = tuple(rng.randint(1, 4 if rank < 3 else 3) for _ in range(rank))
        size = tuple(rng.randint(1, 5) for _ in range(rank))
        kernel = tuple(rng.randint(1, 7 if rank < 3 else 4) for _ in range(rank))
        channels, bias = (rng.randint(1, 8), rng.randint(1, 6)), rng.random() < 0.7
        groups = rng.randint(1, 3)
        forms = alternatives(*channels, scale, bias=bias, groups=groups, kernel_size=kernel, merged=False)
        ways = [way for way in forms if isinstance(way, Alternative)]
        for way in rng.sample(ways, min(PER_SETTING, len(ways))):
            yield way, size
        odd = tuple(rng.choice([1, 3, 5]) for _ in range(rank))
        conv = Conv(groups * channels[0], groups * channels[1], odd, groups, bias)
        yield Alternative("convolution", "convolution", (conv,), "", ""), size


def mismatch(way: Alternative, size: tuple[int, ...], seed: int) -> str:
    """Return what differs in a sentence, empty where nothing does."""
    torch = importlib.import_module("torch")
    torch.manual_seed(seed)
    layers = built(way)
    values = torch.randint(-4, 5, (2, way.in_channels, *size)).double()
    with torch.no_grad():
        if wrong := _equal_start_mismatch(way, layers, values):
            return wrong
        if wrong := _pattern_mismatch(way, layers):
            return wrong
        fill(layers, -4, 5)
        wrong = _counts_mismatch(way, size, layers) or _values_mismatch(way, size, layers, values)
    wrong = wrong or _kept_mismatch(way, layers, values[:1])
    return wrong or _receptive_mismatch(way, layers) or _mixing_mismatch(way, layers)


def built(way: Alternative) -> list[Apply]:
    """Return the modules that the code builds, in double precision; an unpooling with indices of its own."""
    namespace: dict[str, Any] = {}
    exec(compile(f"import torch\nfrom torch import nn\n{form_code(way)}", "<code>", "exec"), namespace)
    layer = namespace["layer"].double()
    if "unpool" in namespace:
        chain = list(layer) if len(way.operations) > 2 else [layer]
        return [functools.partial(_unpooled, namespace["unpool"], way.operations[0]), *chain]
    return [layer] if len(way.operations) == 1 else list(layer)


def _unpooled(unpool: Any, op: Operation, x: Tensor) -> Tensor:
    return unpool(x, _indices(op, x))


def _indices(op: Operation, x: Tensor) -> Tensor:
    """Return the indices of a real max-pooling whose output has the shape of ``x``; always the same ones."""
    torch = importlib.import_module("torch")
    assert isinstance(op, Unpool)
    space = [n * s for n, s in zip(x.shape[2:], op.scale_factor, strict=True)]
    before = torch.rand((1, x.shape[1], *space), generator=torch.Generator().manual_seed(7))
    pool = getattr(torch.nn.functional, f"max_pool{len(space)}d")
    _, indices = pool(before.expand(x.shape[0], *before.shape[1:]), op.scale_factor, return_indices=True)
    return indices


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


def _equal_start_mismatch(way: Alternative, layers: Sequence[Apply], x: Tensor) -> str:
    """Return a difference where the code starts the positions of a block equal, and they are not."""
    torch = importlib.import_module("torch")
    end = next((n for n, op in enumerate(way.operations) if isinstance(op, Shuffle)), 0)
    if not end or "ICNR" not in form_code(way):
        return ""
    shuffle = way.operations[end]
    assert isinstance(shuffle, Shuffle)
    blocks = run(layers[: end + 1], x)
    first = blocks[(slice(None), slice(None), *(slice(None, None, r) for r in shuffle.scale_factor))]
    for axis, scale in enumerate(shuffle.scale_factor, start=2):
        first = first.repeat_interleave(scale, dim=axis)
    return (
        "" if torch.allclose(first, blocks, rtol=0, atol=1e-9) else "the positions of a block differ at first"
    )


def _pattern_mismatch(way: Alternative, layers: Sequence[Apply]) -> str:
    """Return how the output of a constant differs from what ``has_no_checkerboard`` promises."""
    torch = importlib.import_module("torch")
    # Random real weights, and not equal ones: whatever can have a pattern has one.
    for parameter in itertools.chain.from_iterable(map(parameters_of, layers)):
        parameter.copy_(torch.randn(parameter.shape))
    channels = torch.randn((1, way.in_channels, *[1] * way.rank), dtype=torch.float64)
    output = run(layers, channels.expand(1, way.in_channels, *[9] * way.rank))
    middle = output[(slice(None), slice(None), *(slice(3 * s, -3 * s) for s in way.scale_factor))]
    spread = float(middle.flatten(2).std(dim=2).max()) if middle[0, 0].numel() > 1 else 0.0
    if (spread < 1e-9) is not has_no_checkerboard(way):
        return f"a constant input spreads by {spread}"
    return ""


def _mixing_mismatch(way: Alternative, layers: Sequence[Apply]) -> str:
    """Return how ``mixes_channels`` differs from the outputs that change with a single input channel."""
    torch = importlib.import_module("torch")
    layers = _anywhere(way, layers)
    with torch.no_grad():
        fill(layers, 1, 5)
        nothing = torch.zeros((1, way.in_channels, *[7] * way.rank), dtype=torch.float64)
        base, all_change = run(layers, nothing), True
        everything = run(layers, nothing + 1)
        inside = (slice(None), slice(None), *(slice(2 * s, -2 * s) for s in way.scale_factor))
        # Positions that no weight reaches are not a question of channels.
        filled = (everything != base)[inside]
        for channel in range(way.in_channels):
            one = nothing.clone()
            one[:, channel] = 1
            changed = (run(layers, one) != base)[inside]
            all_change = all_change and bool(changed[filled].all())
    return "" if all_change is mixes_channels(way) else f"all channels mixed: {all_change}"


def _anywhere(way: Alternative, layers: Sequence[Apply]) -> list[Apply]:
    """Return the layers, with a repetition of every value instead of an unpooling."""
    return [
        functools.partial(_repeated, op.scale_factor) if isinstance(op, Unpool) else layer
        for op, layer in zip(way.operations, layers, strict=True)
    ]


def _repeated(scale: Sequence[int], x: Tensor) -> Tensor:
    """Return every value at all positions of its block: wherever an unpooling may put it."""
    for axis, factor in enumerate(scale, start=2):
        x = x.repeat_interleave(factor, dim=axis)
    return x


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
    if isinstance(op, Unpool):
        space = [n * r for n, r in zip(x.shape[2:], op.scale_factor, strict=True)]
        flat = x.new_zeros((*x.shape[:2], math.prod(space)))
        return flat.scatter(2, _indices(op, x).flatten(2), x.flatten(2)).reshape(*x.shape[:2], *space)
    if isinstance(op, Blur):
        for axis, size in enumerate(op.kernel_size, start=2):
            places = torch.arange(x.shape[axis])
            x = sum(x.index_select(axis, (places - back).clamp(min=0)) for back in range(size)) / size
        return x
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


def _kept_mismatch(way: Alternative, layers: Sequence[Apply], x: Tensor) -> str:
    """Return how the values that PyTorch keeps for the backward pass of one sample differ."""
    torch = importlib.import_module("torch")
    parameters = {parameter.data_ptr() for layer in layers for parameter in parameters_of(layer)}
    kept: list[int] = []

    def pack(tensor: Tensor) -> Tensor:
        kept.extend([tensor.numel()] if tensor.data_ptr() not in parameters else [])
        return tensor

    x = x.detach().requires_grad_(True)  # as the output of an earlier layer
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        run(layers, x)
    promised = way.kept_activations(tuple(x.shape[2:]))
    return "" if sum(kept) == promised else f"PyTorch keeps {kept} values, promised {promised}"


def _receptive_mismatch(way: Alternative, layers: Sequence[Apply]) -> str:
    """Return how the receptive field differs from the gradients, which positive weights cannot cancel."""
    torch = importlib.import_module("torch")
    fill(layers, 1, 5)
    layers = _anywhere(way, layers)
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


def check_equal_functions(report: Report, count: int) -> None:
    """Check that chains that count as the same functions compute the same with the same weights."""
    torch = importlib.import_module("torch")
    rng = random.Random(f"equal {SEED}")
    checked = 0
    while checked < count:
        rank = rng.choice([1, 2, 2, 3])
        scale = tuple(rng.randint(1, 3) for _ in range(rank))
        forms = alternatives(
            rng.randint(1, 6), rng.randint(1, 6), scale, bias=rng.random() < 0.5, groups=2, merged=False
        )
        groups: dict[object, list[Alternative]] = {}
        for way in forms:
            if isinstance(way, Alternative):
                groups.setdefault(same_functions(way.operations), []).append(way)
        for one, *others in groups.values():
            for other in others:
                torch.manual_seed(checked)
                report.check(_function_mismatch(one, other))
                checked += 1


def _function_mismatch(one: Alternative, other: Alternative) -> str:
    """Return a sentence where two chains differ although the second has the weights of the first."""
    torch = importlib.import_module("torch")
    first, second = built(one), built(other)
    fill(first, -4, 5)
    weights = [list(map(torch.clone, parameters_of(layer))) for layer in first]
    biases = [part[1] for part in weights if len(part) > 1]
    mine = [(op, part[0]) for op, part in zip(one.operations, weights, strict=True) if part]
    if not _place(mine, [(op, layer) for op, layer in zip(other.operations, second, strict=True)], biases):
        return f"no place for the weights of {one} in {other}"
    x = torch.randint(-4, 5, (1, one.in_channels, *[3] * one.rank)).double()
    with torch.no_grad():
        same = torch.allclose(run(first, x), run(second, x), rtol=0, atol=1e-8)
    return "" if same else f"{one} and {other} differ"


def _place(
    weights: list[tuple[Operation, Tensor]], layers: list[tuple[Operation, Apply]], biases: list[Tensor]
) -> bool:
    """Put each weight into the layer it belongs to; return whether every layer got one."""
    torch = importlib.import_module("torch")
    free = list(weights)
    with torch.no_grad():
        for index, (op, layer) in enumerate(layers):
            parameters = parameters_of(layer)
            if not parameters:
                continue
            after = layers[index + 1][0] if index + 1 < len(layers) else None
            for number, (other, weight) in enumerate(free):
                moved = _as_weight(other, weight, op, after)
                if moved is not None:
                    parameters[0].copy_(moved)
                    del free[number]
                    break
            else:
                return False
            for bias, theirs in zip(biases, parameters[1:], strict=False):
                theirs.copy_(bias)
    return not free


def _as_weight(op: Operation, weight: Tensor, wanted: Operation, after: Operation | None) -> Tensor | None:
    """Return ``weight`` as ``wanted`` has it, which ``after`` follows; ``None`` if it does not fit."""
    if not isinstance(op, ConvTranspose | Conv) or not isinstance(wanted, ConvTranspose | Conv):
        return None
    if (op.in_channels, op.groups) != (wanted.in_channels, wanted.groups):
        return None
    space = tuple(range(2, weight.ndim))
    if type(op) is type(wanted):
        return (
            weight
            if op.kernel_size == wanted.kernel_size and op.out_channels == wanted.out_channels
            else None
        )
    if isinstance(wanted, Conv) and isinstance(after, Shuffle):
        return _before_shuffle(op, weight, wanted, after)
    if op.kernel_size != wanted.kernel_size:
        return None
    # Stride 1: (in, out/g, *k) to (out, in/g, *k) or back, group by group, with the kernel turned round.
    parts = weight.split(weight.shape[0] // op.groups)
    torch = importlib.import_module("torch")
    return torch.cat([part.transpose(0, 1) for part in parts]).flip(space)


def _before_shuffle(op: Operation, weight: Tensor, wanted: Conv, shuffle: Shuffle) -> Tensor | None:
    """Return the weights of the convolution before a shuffle that does what a transposed convolution does."""
    torch = importlib.import_module("torch")
    assert isinstance(op, ConvTranspose)
    scale = shuffle.scale_factor
    if op.kernel_size != tuple(k * s for k, s in zip(wanted.kernel_size, scale, strict=True)):
        return None
    made = torch.zeros((wanted.out_channels, wanted.in_channels // wanted.groups, *wanted.kernel_size))
    made = made.double()
    volume = math.prod(scale)
    per_in, per_out = op.in_channels // op.groups, op.out_channels // op.groups
    for out in range(op.out_channels):
        group = out // per_out
        for number, corner in enumerate(itertools.product(*map(range, scale))):
            for tap in itertools.product(*map(range, wanted.kernel_size)):
                place = tuple(
                    c + s * (k - 1 - t)
                    for c, s, k, t in zip(corner, scale, wanted.kernel_size, tap, strict=True)
                )
                column = weight[(slice(group * per_in, (group + 1) * per_in), out % per_out, *place)]
                made[(out * volume + number, slice(None), *tap)] = column
    return made


def check_exports(report: Report, count: int) -> None:
    """Compare forms that are said to be easy to export with a Keras model of the same layers."""
    checked = 0
    for number, (way, size) in enumerate(random_ways()):
        if checked >= count:
            return
        if is_easy_to_export(way):
            report.check(_export_mismatch(way, size, number))
            checked += 1


def _export_mismatch(way: Alternative, size: tuple[int, ...], seed: int) -> str:
    """Return a sentence where Keras computes something else than PyTorch."""
    torch, keras = importlib.import_module("torch"), importlib.import_module("keras")
    torch.manual_seed(seed)
    layers = built(way)
    fill(layers, -4, 5)
    x = torch.randint(-4, 5, (1, way.in_channels, *size)).double()
    with torch.no_grad():
        theirs = run(layers, x)
    last = (0, *range(2, way.rank + 2), 1)
    values = x.permute(last).numpy()
    for op, layer in zip(way.operations, layers, strict=True):
        made = _keras_layer(keras, op, way.rank)
        made.build((None, *values.shape[1:]))
        if parameters := [parameter.detach() for parameter in parameters_of(layer)]:
            # PyTorch: (out, in, *k) or (in, out, *k); Keras has the kernel first, in the other order.
            parameters[0] = parameters[0].permute(*range(2, way.rank + 2), 1, 0)
            made.set_weights([parameter.numpy() for parameter in parameters])
        values = keras.ops.convert_to_numpy(made(values))
    ours = torch.from_numpy(values.copy()).permute(0, way.rank + 1, *range(1, way.rank + 1))
    same = ours.shape == theirs.shape and torch.allclose(ours.double(), theirs, rtol=1e-5, atol=1e-3)
    return "" if same else f"Keras computes something else: {way}, input {size}"


def _keras_layer(keras: Any, op: Operation, rank: int) -> Any:
    """Return the Keras layer of one layer."""
    if isinstance(op, Resize):
        words: dict[str, Any] = (
            {"interpolation": "bilinear" if op.mode == "linear" else "nearest"} if rank == 2 else {}
        )
        factor = op.scale_factor[0] if rank == 1 else op.scale_factor
        return getattr(keras.layers, f"UpSampling{rank}D")(factor, **words)
    assert isinstance(op, ConvTranspose | Conv)
    words = {"filters": op.out_channels, "kernel_size": op.kernel_size, "use_bias": op.bias}
    if isinstance(op, Conv):
        return getattr(keras.layers, f"Conv{rank}D")(**words, padding="same", groups=op.groups)
    padding, output_padding = FRAMEWORKS["keras"].layer_padding(op)
    words |= {"strides": op.stride, "padding": padding, "output_padding": output_padding}
    return getattr(keras.layers, f"Conv{rank}DTranspose")(**words)
