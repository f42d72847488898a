"""The answers of the real frameworks to a setting. A framework is imported only when it is called."""

import importlib
import importlib.metadata
import math
import re
from collections.abc import Callable
from typing import Any

from tests.oracle.settings import Answer, Setting

PACKAGES = {
    "pytorch": ("torch",),
    "keras": ("keras", "torch"),
    "flax": ("flax", "jax", "jaxlib"),
    "onnx": ("onnx", "onnxruntime"),
}
"""The distributions that each answer depends on."""

REFUSALS = (ValueError, TypeError, RuntimeError, AttributeError)
"""The errors that the Python frameworks raise for a setting that they refuse."""


def versions(name: str) -> dict[str, str]:
    return {package: importlib.metadata.version(package) for package in PACKAGES[name]}


def _bias(array: Any) -> list[int] | None:
    return None if array is None else list(array.shape)


def pytorch(setting: Setting) -> Answer | None:
    """Return the answer of PyTorch, which builds and runs the layer; ``None`` where it refuses.

    An output size of 0 depends on the kernel that PyTorch selects: oneDNN computes it, the others refuse it
    and name the size in the error. Both are the answer 0. Every kernel refuses a size below 0.
    """
    torch = importlib.import_module("torch")
    chosen = dict(setting.layer)
    for name, value in (("padding", setting.padding), ("output_padding", setting.output_padding)):
        if value is not None:
            chosen[name] = value
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in chosen.items()}
    try:
        layer = getattr(torch.nn, f"ConvTranspose{setting.rank}d")(**settings)
    except REFUSALS:
        return None
    try:
        size = list(layer(torch.zeros(1, settings["in_channels"], *setting.input_size)).shape[2:])
    except REFUSALS as error:
        match = re.search(r"Calculated output size per channel: \((.*?)\)", str(error))
        size = [int(text) for text in match[1].split(" x ")][-setting.rank :] if match else []
        if 0 not in size or min(size) < 0:
            return None
    return Answer(list(layer.weight.shape), _bias(layer.bias), size)


def keras(setting: Setting) -> Answer | None:
    """Return the answer of Keras, whose computed shape must be that of the real output."""
    framework = importlib.import_module("keras")
    numpy = importlib.import_module("numpy")
    settings = setting.layer
    options: dict[str, Any] = {"output_padding": setting.output_padding}
    if setting.padding is not None:
        options["padding"] = setting.padding
    if settings["groups"] != 1:
        options["groups"] = settings["groups"]
    shape = (1, *setting.input_size, settings["in_channels"])
    try:
        layer = getattr(framework.layers, f"Conv{setting.rank}DTranspose")(
            settings["out_channels"],
            settings["kernel_size"],
            strides=settings["stride"],
            dilation_rate=settings["dilation"],
            use_bias=settings["bias"],
            **options,
        )
        output = list(layer(numpy.zeros(shape, "float32")).shape[1:-1])
    except REFUSALS:
        return None
    promised = list(layer.compute_output_shape(shape)[1:-1])
    if promised != output:
        raise AssertionError(f"Keras computes {output} but promises {promised} for {setting}")
    return Answer(list(layer.kernel.shape), _bias(layer.bias), output)


def flax(setting: Setting) -> Answer | None:
    """Return the answer of Flax, which traces the layer: shapes need no values."""
    jax = importlib.import_module("jax")
    linen = importlib.import_module("flax.linen")
    settings = setting.layer
    options: dict[str, Any] = {}
    if setting.padding is not None:
        options["padding"] = setting.padding
    if setting.output_padding is not None:
        options["output_padding"] = setting.output_padding
    if settings["groups"] != 1:
        options["feature_group_count"] = settings["groups"]
    try:
        layer = linen.ConvTranspose(
            features=settings["out_channels"],
            kernel_size=tuple(settings["kernel_size"]),
            strides=tuple(settings["stride"]),
            kernel_dilation=tuple(settings["dilation"]),
            use_bias=settings["bias"],
            **options,
        )
        x = jax.ShapeDtypeStruct((1, *setting.input_size, settings["in_channels"]), "float32")
        output, variables = jax.eval_shape(layer.init_with_output, jax.random.key(0), x)
    except REFUSALS:
        return None
    params = variables["params"]
    return Answer(list(params["kernel"].shape), _bias(params.get("bias")), list(output.shape[1:-1]))


def onnx(setting: Setting) -> Answer | None:
    """Return the answer for a model of one node, from ``onnx.checker`` and onnxruntime."""
    checker = importlib.import_module("onnx.checker")
    inference = importlib.import_module("onnx.shape_inference")
    runtime = importlib.import_module("onnxruntime")
    numpy = importlib.import_module("numpy")
    state = importlib.import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    runtime.set_default_logger_severity(4)
    settings = setting.layer
    model = onnx_model(setting)
    try:
        checker.check_model(model, full_check=True)
        session = onnx_session(model)
        x = numpy.zeros((1, settings["in_channels"], *setting.input_size), "float32")
        output = session.run(None, {"x": x})[0]
    except (
        checker.ValidationError,
        inference.InferenceError,
        state.Fail,
        state.InvalidArgument,
        state.RuntimeException,
    ):
        return None
    shapes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    return Answer(shapes["weight"], shapes.get("bias"), list(output.shape[2:]))


def onnx_session(model: Any) -> Any:
    """Return a session of onnxruntime without threads of its own: to start and end them takes the longest."""
    runtime = importlib.import_module("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    return runtime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def onnx_model(setting: Setting) -> Any:
    """Return a model with exactly this setting, valid or not."""
    helper = importlib.import_module("onnx.helper")
    kind = importlib.import_module("onnx").TensorProto.FLOAT
    settings, rank = setting.layer, setting.rank
    extra = settings["output_padding"] if setting.output_padding is None else setting.output_padding
    options: dict[str, Any] = {"output_padding": [extra] * rank if isinstance(extra, int) else extra}
    if isinstance(setting.padding, str):
        options["auto_pad"] = setting.padding
    else:
        options["pads"] = settings["padding"] * 2 if setting.padding is None else setting.padding
    weight = [
        settings["in_channels"],
        settings["out_channels"] // settings["groups"],
        *settings["kernel_size"],
    ]
    shapes = {"weight": weight} | ({"bias": [settings["out_channels"]]} if settings["bias"] else {})
    node = helper.make_node(
        "ConvTranspose",
        ["x", *shapes],
        ["y"],
        strides=settings["stride"],
        dilations=settings["dilation"],
        group=settings["groups"],
        **options,
    )
    graph = helper.make_graph(
        [node],
        "oracle",
        [helper.make_tensor_value_info("x", kind, [None, settings["in_channels"], *setting.input_size])],
        [helper.make_tensor_value_info("y", kind, [None] * (rank + 2))],
        [helper.make_tensor(name, kind, dims, [0.0] * math.prod(dims)) for name, dims in shapes.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


ANSWERS: dict[str, Callable[[Setting], Answer | None]] = {
    "pytorch": pytorch,
    "keras": keras,
    "flax": flax,
    "onnx": onnx,
}
