"""The ConvTranspose cases of the operator tests in the onnx package, read and compared.

A case passes its weight as an input. Here the weight becomes an initializer, and then a Constant node.
Sizes are compared with onnx's shape inference, its reference evaluator and the output of the case, counts
with the arrays. The equivalent PyTorch layer is run and must compute the output of the case.
"""

import importlib
import math
import warnings
from typing import Any

from calculator.readers.model import Model, Row
from calculator.readers.onnx.file import read_onnx_file, recognises

MIN_CASES = 11
"""The smallest number of cases in the package. With fewer, the search for them is broken."""


def check() -> list[str]:
    """Return every difference in a sentence."""
    collect = importlib.import_module("onnx.backend.test.case.node").collect_testcases
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cases of other operators overflow on purpose
        found = collect("ConvTranspose")
    cases = [case for case in found if any(node.op_type == "ConvTranspose" for node in case.model.graph.node)]
    problems = [] if len(cases) >= MIN_CASES else [f"only {len(cases)} cases of ConvTranspose were found"]
    for case in cases:
        for constant in (False, True):
            problems += [f"{case.name}: {problem}" for problem in _problems(case, constant)]
    return problems


def _problems(case: Any, constant: bool) -> list[str]:
    """Return the differences of one case with weights in Constant nodes or in initializers."""
    [(inputs, outputs)] = case.data_sets
    arrays = dict(zip([value.name for value in case.model.graph.input], inputs, strict=True))
    weights = [name for name in list(case.model.graph.node[0].input)[1:] if name]
    data = _wrapped(case.model, {name: arrays[name] for name in weights}, constant)
    model = read_onnx_file(data)
    if not recognises(data) or len(model.rows) != 1:
        return [f"not recognised, or {len(model.rows)} rows"]
    row, first = model.rows[0], next(name for name in arrays if name not in weights)
    counts = [int(arrays[name].size) for name in weights] + [0]
    problems = [
        f"{title} {ours}, really {theirs}"
        for title, ours, theirs in (
            ("weights", row.weight_count, counts[0]),
            ("biases", row.bias_count, counts[1]),
            ("weight shape", row.weight_shape, tuple(arrays[weights[0]].shape)),
            ("input", row.input_size, tuple(arrays[first].shape[2:])),
            ("work", row.multiply_accumulates, _work(arrays[first], arrays[weights[0]])),
            *(("output", row.output_size, size) for size in _sizes(data, first, arrays[first], outputs[0])),
        )
        if ours != theirs
    ]
    return [*problems, *_layer_problems(model, row, arrays, [first, *weights], outputs[0])]


def _wrapped(original: Any, arrays: dict[str, Any], constant: bool) -> bytes:
    """Return the file of the model with its weights inside and without its output sizes."""
    onnx = importlib.import_module("onnx")
    model = onnx.ModelProto()
    model.CopyFrom(original)
    graph = model.graph
    for value in [value for value in graph.input if value.name in arrays]:
        graph.input.remove(value)
    for name, array in arrays.items():
        tensor = onnx.numpy_helper.from_array(array, name)
        if constant:
            graph.node.insert(0, onnx.helper.make_node("Constant", [], [name], value=tensor))
        else:
            graph.initializer.append(tensor)
    for value in graph.output:
        value.type.tensor_type.ClearField("shape")
    return bytes(model.SerializeToString())


def _sizes(data: bytes, first: str, array: Any, output: Any) -> list[tuple[int, ...]]:
    """Return the output size by shape inference, by the reference evaluator and by the case."""
    onnx, reference = importlib.import_module("onnx"), importlib.import_module("onnx.reference")
    inferred = onnx.shape_inference.infer_shapes(onnx.load_from_string(data)).graph.output[0]
    evaluated = reference.ReferenceEvaluator(onnx.load_from_string(data)).run(None, {first: array})[0]
    sizes = tuple(dim.dim_value for dim in inferred.type.tensor_type.shape.dim)
    return [sizes[2:], tuple(evaluated.shape[2:]), tuple(output.shape[2:])]


def _work(array: Any, weight: Any) -> int:
    """Return the multiply–accumulates: each input value meets every weight of its channel."""
    return math.prod([*array.shape[2:], *weight.shape])


def _layer_problems(
    model: Model, row: Row, arrays: dict[str, Any], names: list[str], output: Any
) -> list[str]:
    """Return a sentence where the equivalent PyTorch layer does not compute the output of the case."""
    if row.layer is None:
        return [] if row.note and model.parameter_count else ["no layer, and no reason given"]
    torch = importlib.import_module("torch")
    layer = row.layer
    apply = getattr(torch.nn.functional, f"conv_transpose{layer.rank}d")
    values = [torch.from_numpy(arrays[name].copy()) for name in names]
    settings = (layer.stride, layer.padding, layer.output_padding, layer.groups, layer.dilation)
    bias = values[2] if len(values) > 2 else None
    computed = apply(values[0], values[1], bias, *settings).numpy()
    same = computed.shape == output.shape and abs(computed - output).max() < 1e-4
    return [] if same else [f"{layer} does not compute the same"]
