"""The solver's arguments and the inverse convolution, compared with the real frameworks.

The arguments that the solver shows are put into code and run. Size and values must be those that it promises.
"""

import importlib
import itertools
import random
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from calculator import ConvTranspose
from calculator.frameworks import FRAMEWORKS
from calculator.frameworks.code import convolution_code
from calculator.geometry.inverse import ambiguous_sizes, restores_size
from calculator.geometry.size_solver import FrameworkSolution, framework_solutions, solve
from tests.oracle import snippets
from tests.oracle.framework_answers import ANSWERS
from tests.oracle.report import Report
from tests.oracle.settings import Setting

SEED = 14

KEYS = {framework.title: name for name, framework in FRAMEWORKS.items()}


def check_ways(report: Report, count: int, names: Collection[str] = tuple(FRAMEWORKS)) -> None:
    """Check the solver on ``count`` random sizes, at least once for each size and framework.

    Its arguments must compute the promised values. Where it finds none, the framework's options are tried.
    Keras needs its PyTorch backend: on JAX, some of these layers abort the process inside XLA.
    """
    for seed, (layer, size, goal) in enumerate(itertools.islice(random_goals(names), count)):
        for way in framework_solutions(layer, size, goal):
            name = KEYS[way.framework]
            if name in names and way.how:
                report.check(way_mismatch(way, layer, size, goal, seed))
            elif name in names:
                found = possible(name, layer, size, goal)
                report.check(f"{way}, but the framework has one: {layer}, {size}, {goal}" if found else "")


def random_goals(names: Collection[str]) -> Iterator[tuple[ConvTranspose, list[int], tuple[int, ...]]]:
    """Yield layers, inputs and wanted sizes, most of them near i·s, some that no framework reaches."""
    rng = random.Random(f"goals {SEED}")
    plain = not {"pytorch", "onnx"} & set(names)  # the others have no groups
    for layer, size in snippets.random_layers("keras" if plain else "pytorch", SEED):
        near = [max(i * s + rng.choice([-1, 0, 0, 0, 1]), 1) for i, s in zip(size, layer.stride, strict=True)]
        far = [rng.randint(1, 20) for _ in size]
        yield layer, size, tuple(rng.choice([near, near, far]))


CODE = {
    "pytorch": "from torch import nn\n"
    "layer = nn.ConvTranspose{rank}d({inputs}, {outputs}, {kernel}, stride={stride}, dilation={dilation}, "
    "groups={groups}, bias={bias}, {how})\n",
    "keras": "import keras\n"
    "layer = keras.layers.Conv{rank}DTranspose({outputs}, {kernel}, strides={stride}, "
    "dilation_rate={dilation}, use_bias={bias}, {how})\n"
    "layer.build((None, *[None] * {rank}, {inputs}))\n",
    "flax": "import jax\nimport jax.numpy as jnp\nfrom flax import linen as nn\n"
    "layer = nn.ConvTranspose({outputs}, {kernel}, strides={stride}, kernel_dilation={dilation}, "
    "use_bias={bias}, {how})\n"
    "variables = layer.init(jax.random.key(0), jnp.zeros((1, *{size}, {inputs})))\n",
    "onnx": "from onnx import checker, helper, numpy_helper\nimport numpy as np\n"
    "arrays = {{'weight': np.zeros({weight}, 'float32')}}\n"
    "if {bias}:\n    arrays['bias'] = np.zeros({outputs}, 'float32')\n"
    "node = helper.make_node('ConvTranspose', ['x', *arrays], ['y'], strides={stride}, dilations={dilation}, "
    "group={groups}, {how})\n"
    "x = helper.make_tensor_value_info('x', 1, [2, {inputs}, *{size}])\n"
    "y = helper.make_tensor_value_info('y', 1, [None] * ({rank} + 2))\n"
    "tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]\n"
    "graph = helper.make_graph([node], 'way', [x], [y], tensors)\n"
    "model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 22)], ir_version=10)\n"
    "checker.check_model(model, full_check=True)\n",
}
"""The code of a layer in each framework, with the solver's arguments in place of ``{how}``."""


def run_way(way: FrameworkSolution, values: snippets.Values, size: Sequence[int]) -> tuple[list[Any], Any]:
    """Return the shapes of the parameters, and the output, of the framework's layer with these arguments."""
    name, layer = KEYS[way.framework], values.layer
    code = CODE[name].format(
        how=way.how,
        rank=layer.rank,
        inputs=layer.in_channels,
        outputs=layer.out_channels,
        kernel=layer.kernel_size,
        stride=layer.stride,
        dilation=layer.dilation,
        groups=layer.groups,
        bias=layer.bias,
        weight=layer.weight_shape,
        size=list(size),
    )
    return snippets.COMPUTED[name](values, snippets.run(code))


def way_mismatch(
    way: FrameworkSolution, layer: ConvTranspose, size: list[int], goal: tuple[int, ...], seed: int
) -> str:
    """Return how the layer with these arguments differs from PyTorch's uncropped output, cropped here."""
    word = "padding='" in way.how
    values = snippets.Values(layer, size, seed)
    _, output = run_way(way, values, size)
    if output.shape[2:] != goal:
        return f"{way} makes {output.shape[2:]}, promised {goal}: {layer}, {size}"
    starts, expected = cropped(values, goal, word)
    if not (output == expected).all():
        return f"{way} computes other values: {layer}, {size}, {goal}"
    minimum, differs = cropped(values, goal, False)[0], "the values differ" in way.note
    if differs != (starts != minimum and all(solve(layer, size, goal))):
        return f"{way} starts at {starts}, PyTorch at {minimum}: {layer}, {size}, {goal}"
    return ""


def cropped(values: snippets.Values, goal: tuple[int, ...], word: bool) -> tuple[list[int], Any]:
    """Return where the output starts in PyTorch's uncropped output on each axis, and its values.

    A ``word`` crops the smaller half at the beginning, numbers crop the larger half. Positions after the end
    contain only the bias.
    """
    torch = importlib.import_module("torch")
    layer = values.layer
    full = getattr(torch.nn.functional, f"conv_transpose{layer.rank}d")(
        torch.tensor(values.x),
        torch.tensor(values.weight),
        stride=layer.stride,
        dilation=layer.dilation,
        groups=layer.groups,
    )
    starts = []
    for axis, wanted in enumerate(goal, start=2):
        surplus = full.shape[axis] - wanted
        start = max(surplus // 2 if word else surplus - surplus // 2, 0)
        starts.append(start)
        missing = list(full.shape)
        missing[axis] = max(-surplus, 0)
        full = torch.cat([full, torch.zeros(missing)], axis).narrow(axis, start, wanted)
    if layer.bias:
        full = full + torch.tensor(values.bias).reshape(1, -1, *[1] * layer.rank)
    return starts, full.numpy()


def possible(name: str, layer: ConvTranspose, size: list[int], goal: tuple[int, ...]) -> bool:
    """Return whether any option of the real framework gives the size."""
    settings = [(name, getattr(layer, name)) for name in layer.__dataclass_fields__]
    literal = {name: list(value) if isinstance(value, tuple) else value for name, value in settings}
    literal["output_padding"] = [0] * layer.rank
    reach = [range(max(s, d) + 1) for s, d in zip(layer.stride, layer.dilation, strict=True)]
    if name == "keras":
        extras = [None, *map(list, itertools.product(*reach))]
        asked = [Setting(literal, size, *words) for words in itertools.product(("valid", "same"), extras)]
        return makes(name, asked, goal)
    if name == "flax":
        return makes(name, [Setting(literal, size, word, None) for word in ("SAME", "VALID")], goal)
    # Here the numbers of one axis never matter to another: each is tried on a layer of its own.
    for axis, wanted in enumerate(goal):
        own = {name: [value[axis]] if isinstance(value, list) else value for name, value in literal.items()}
        pads = [[pad] if name == "pytorch" else [pad, 0] for pad in range(24)]
        asked = [Setting(own, [size[axis]], pad, [op]) for pad, op in itertools.product(pads, reach[axis])]
        if not makes(name, asked, (wanted,)):
            return False
    return True


def makes(name: str, asked: list[Setting], goal: tuple[int, ...]) -> bool:
    answers = (ANSWERS[name](setting) for setting in asked)
    return any(answer is not None and tuple(answer.output) == goal for answer in answers)


def check_inverse(report: Report, count: int) -> None:
    """Check ``count`` inverse convolutions in PyTorch: weights, output sizes, ambiguous sizes."""
    for layer, size in itertools.islice(snippets.random_layers("pytorch", SEED), count):
        report.check(inverse_mismatch(layer, size))


def inverse_mismatch(layer: ConvTranspose, size: list[int]) -> str:
    """Return how the convolution differs on the layer's output size, and on all smaller sizes."""
    convolution = snippets.run(f"from torch import nn\nlayer = {convolution_code(layer)}\n")["layer"]
    if tuple(convolution.weight.shape) != layer.weight_shape:
        return f"{convolution} has weights {tuple(convolution.weight.shape)}, not those of {layer}"
    if (convolution.bias is not None) != layer.bias:
        return f"{convolution} has other biases than {layer}"
    output = layer.output_size(size)
    if (convolved_size(convolution, output) == tuple(size)) != restores_size(layer, size):
        return f"undoes is wrong: {convolution} on {output} from {size}: {layer}"
    for axis, i in enumerate(size):
        bound = output[axis] + layer.stride[axis] + layer.dilation[axis] + 2
        others = [max(length, extent) for length, extent in zip(output, layer.kernel_extent, strict=True)]
        mapped = []
        for length in range(1, bound):
            tried = tuple(length if a == axis else other for a, other in enumerate(others))
            back = convolved_size(convolution, tried)
            mapped += [length] if back and back[axis] == i else []
        if mapped != [length for length in ambiguous_sizes(layer, axis, i) if length < bound]:
            return f"confused sizes of axis {axis}, input {i} are {mapped}: {layer}"
    return ""


def convolved_size(convolution: Any, size: tuple[int, ...]) -> tuple[int, ...] | None:
    """Return the size of the convolution's output; ``None`` where the kernel does not fit."""
    torch = importlib.import_module("torch")
    try:
        with torch.no_grad():
            return tuple(convolution(torch.zeros(1, convolution.in_channels, *size)).shape[2:])
    except RuntimeError:
        return None
