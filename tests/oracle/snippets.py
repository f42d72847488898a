"""The code of the package for each framework, run and compared with PyTorch value by value."""

import importlib
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS
from tests.oracle.framework_answers import onnx_model, onnx_session
from tests.oracle.settings import Setting

Array = Any
"""A numpy array; numpy is imported only when it is needed."""


def run(code: str) -> dict[str, Any]:
    """Return the names that the snippet defines."""
    namespace: dict[str, Any] = {}
    exec(compile(code, "<snippet>", "exec"), namespace)
    return namespace


def random_layers(name: str, seed: int) -> Iterator[tuple[ConvTranspose, list[int]]]:
    """Yield layers, and inputs that leave an output of at least 1."""
    rng = random.Random(f"layers {name} {seed}")
    while True:
        rank = rng.choice([1, 1, 2, 2, 3])
        axes = [[rng.randint(low, high) for _ in range(rank)] for low, high in _ranges(rng)]
        groups = rng.choice([1, 2]) if name in ("pytorch", "onnx") or rng.random() < 0.1 else 1
        try:
            layer = ConvTranspose(
                in_channels=groups * rng.randint(1, 3),
                out_channels=groups * rng.randint(1, 3),
                kernel_size=axes[0],
                stride=axes[1],
                padding=axes[2],
                output_padding=axes[3],
                dilation=axes[4],
                groups=groups,
                bias=rng.random() < 0.7,
            )
            if min(layer.output_size(axes[5])) > 0:
                yield layer, axes[5]
        except LayerError:
            continue


def _ranges(rng: random.Random) -> tuple[tuple[int, int], ...]:
    """Return the limits of kernel, stride, padding, output_padding, dilation and input."""
    pick = rng.choice
    return ((1, 5), (1, pick([1, 4])), (0, pick([0, 1, 4])), (0, pick([0, 3])), (1, pick([1, 3])), (1, 4))


class Values:
    """Small whole numbers as weights, biases and input: every framework computes them exactly."""

    def __init__(self, layer: ConvTranspose, size: list[int], seed: int) -> None:
        numpy = importlib.import_module("numpy")
        rng = numpy.random.default_rng(seed)

        def draw(*shape: int) -> Array:
            return rng.integers(1, 5, shape).astype("float32")

        self.layer = layer
        self.weight = draw(*layer.weight_shape)
        self.bias = draw(layer.out_channels)
        self.x = draw(2, layer.in_channels, *size)

    def expected(self) -> Array:
        """Return PyTorch's output, computed by its function and not by its layer."""
        torch = importlib.import_module("torch")
        layer = self.layer
        convolve = getattr(torch.nn.functional, f"conv_transpose{layer.rank}d")
        settings = {
            n: getattr(layer, n) for n in ("stride", "padding", "output_padding", "groups", "dilation")
        }
        bias = torch.tensor(self.bias) if layer.bias else None
        return convolve(torch.tensor(self.x), torch.tensor(self.weight), bias, **settings).numpy()

    def channels_last(self) -> Array:
        return importlib.import_module("numpy").moveaxis(self.x, 1, -1)


def channels_first(output: Array) -> Array:
    return importlib.import_module("numpy").moveaxis(output, -1, 1)


def pytorch(values: Values, made: dict[str, Any]) -> tuple[list[Any], Array]:
    torch = importlib.import_module("torch")
    layer = made["layer"]
    arrays = [values.weight, values.bias][: 2 if values.layer.bias else 1]
    shapes = [tuple(parameter.shape) for parameter in layer.parameters()]
    with torch.no_grad():
        for parameter, value in zip(layer.parameters(), arrays, strict=True):
            parameter.copy_(torch.tensor(value))
        return shapes, layer(torch.tensor(values.x)).numpy()


def keras(values: Values, made: dict[str, Any]) -> tuple[list[Any], Array]:
    framework = importlib.import_module("keras")
    layer, spatial = made["layer"], range(2, 2 + values.layer.rank)
    shapes = [tuple(weight.shape) for weight in layer.weights]
    arrays = [values.weight.transpose(*spatial, 1, 0), values.bias][: len(shapes)]
    layer.set_weights(arrays)
    return shapes, channels_first(framework.ops.convert_to_numpy(layer(values.channels_last())))


def flax(values: Values, made: dict[str, Any]) -> tuple[list[Any], Array]:
    numpy = importlib.import_module("numpy")
    rank, params = values.layer.rank, made["variables"]["params"]
    shapes = [params[name].shape for name in ("kernel", "bias") if name in params]
    kernel = numpy.flip(values.weight.transpose(*range(2, 2 + rank), 0, 1), tuple(range(rank))).copy()
    arrays = {"kernel": kernel} | ({"bias": values.bias} if "bias" in params else {})
    output = made["layer"].apply({"params": arrays}, values.channels_last())
    return shapes, channels_first(numpy.asarray(output))


def onnx(values: Values, made: dict[str, Any]) -> tuple[list[Any], Array]:
    convert = importlib.import_module("onnx.numpy_helper")
    model = made["model"]
    arrays = {"weight": values.weight, "bias": values.bias}
    shapes = []
    for tensor in model.graph.initializer:
        shapes.append(tuple(tensor.dims))
        tensor.CopyFrom(convert.from_array(arrays[tensor.name], tensor.name))
    return shapes, onnx_session(model).run(None, {"x": values.x})[0]


COMPUTED: dict[str, Callable[[Values, dict[str, Any]], tuple[list[Any], Array]]] = {
    "pytorch": pytorch,
    "keras": keras,
    "flax": flax,
    "onnx": onnx,
}
"""Framework → (shapes of the parameters, output) of a snippet that was run, with ``Values`` as parameters."""


def mismatch(name: str, layer: ConvTranspose, size: list[int], seed: int) -> str:
    """Return what is wrong with the snippet of a layer; empty where nothing is."""
    framework, values = FRAMEWORKS[name], Values(layer, size, seed)
    expected = values.expected()
    code = framework.code(layer)
    shapes, output = COMPUTED[name](values, run(code))
    bias = framework.bias_shape(layer)
    promised = [framework.weight_shape(layer)] + ([] if bias is None else [bias])
    padding, output_padding = framework.layer_padding(layer)
    rule_size = framework.output_size(layer, size, padding=padding, output_padding=output_padding)
    if shapes != promised:
        return f"{name} made {shapes}, promised {promised}:\n{code}"
    if not output.shape[2:] == expected.shape[2:] == rule_size == layer.output_size(size):
        return (
            f"{name} computed {output.shape[2:]}, promised {rule_size}, PyTorch {expected.shape[2:]}:\n{code}"
        )
    if not (output == expected).all():
        return f"{name} computed other values than PyTorch:\n{code}"
    return ""


def abstract(code: str) -> dict[str, Any]:
    """Return the parameters a Flax snippet makes as shapes, computing nothing."""
    jax = importlib.import_module("jax")
    made: dict[str, Any] = jax.eval_shape(lambda: run(code)["variables"])["params"]
    return made


def small_layers(name: str) -> Iterator[ConvTranspose]:
    """Yield every small 1-D layer of a grid, to find those that a framework can express."""
    dilations = (1, 2, 3) if name == "onnx" else (1, 2)
    for k, s, p, d in itertools.product(range(1, 5), range(1, 4), range(4), dilations):
        for extra in range(max(s, d)):
            if name == "keras" and s > 1 and d > 1:
                continue
            yield ConvTranspose(
                in_channels=1,
                out_channels=1,
                kernel_size=(k,),
                stride=s,
                padding=p,
                output_padding=extra,
                dilation=d,
                bias=False,
            )


def every_output(name: str, layer: ConvTranspose, values: Values) -> Iterator[Array]:
    """Yield the outputs of the framework for every small padding that it has an option for."""
    return _keras_outputs(layer, values) if name == "keras" else _onnx_outputs(layer, values)


def _keras_outputs(layer: ConvTranspose, values: Values) -> Iterator[Array]:
    framework = importlib.import_module("keras")
    for word, extra in itertools.product(("valid", "same"), (None, *range(layer.stride[0]))):
        made = framework.layers.Conv1DTranspose(
            1,
            layer.kernel_size[0],
            strides=layer.stride[0],
            padding=word,
            output_padding=extra,
            dilation_rate=layer.dilation[0],
            use_bias=False,
        )
        made.build((None, None, 1))
        yield keras(values, {"layer": made})[1]


def _onnx_outputs(layer: ConvTranspose, values: Values) -> Iterator[Array]:
    """Yield the outputs of onnxruntime for every small ``pads`` and ``output_padding`` that it accepts."""
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    size = list(values.x.shape[2:])
    for begin, end, extra in itertools.product(range(4), range(4), range(3)):
        literal = {name: _listed(getattr(layer, name)) for name in layer.__dataclass_fields__}
        model = onnx_model(Setting(literal, size, [begin, end], [extra]))
        try:
            yield onnx(values, {"model": model})[1]
        except (state.Fail, state.InvalidArgument, state.RuntimeException):
            continue


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
