"""The models that are read: stacks of transposed convolutions of several sizes, and their files."""

import importlib
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

BLOCKS = 40
SMALL, MIDDLE, LARGE = 84, 240, 32 * 84
"""Channels of the stacks whose values take 10 MB, 83 MB and 10 GB."""

MANY = 5_000
"""Blocks of the stack with 10,000 layers with parameters."""

STATISTICS = ("running_mean", "running_var", "num_batches_tracked")
"""The names of the tensors that a BatchNorm stores besides its parameters."""


def stack(channels: int, blocks: int = BLOCKS, device: str = "cpu") -> Any:
    """Return a PyTorch model of transposed convolutions, each with a BatchNorm."""
    nn = importlib.import_module("torch.nn")
    return nn.Sequential(
        *(
            layer
            for _ in range(blocks)
            for layer in (
                nn.ConvTranspose2d(channels, channels, 3, padding=1, device=device),
                nn.BatchNorm2d(channels, device=device),
                nn.ReLU(),
            )
        )
    )


def parameter_count(model: Any) -> int:
    """Return the number of parameters of a model by PyTorch."""
    return sum(tensor.numel() for tensor in model.parameters())


def count_shapes(shapes: Iterable[tuple[str, Iterable[int]]]) -> int:
    """Return the number of parameters in tensors of these names and shapes, without statistics."""
    return sum(math.prod(shape) for name, shape in shapes if not name.endswith(STATISTICS))


def write_files(folder: Path) -> tuple[int, int, int]:
    """Write the files into a folder and return the parameters of the small, middle and large model."""
    torch, tensors = importlib.import_module("torch"), importlib.import_module("safetensors.torch")
    small, middle, large = stack(SMALL), stack(MIDDLE), stack(LARGE, device="meta")
    tensors.save_file(small.state_dict(), folder / "small.safetensors")
    write_sparse(large, folder / "large.safetensors")
    torch.save(small.state_dict(), folder / "small.pt")
    torch.save(middle.state_dict(), folder / "middle.pt")
    torch.save(middle, folder / "module.pt")
    write_hdf5(folder / "middle.weights.h5", MIDDLE)
    write_onnx(middle, folder / "middle.onnx", MIDDLE)
    return parameter_count(small), parameter_count(middle), parameter_count(large)


def write_hdf5(path: Path, channels: int) -> None:
    """Write the weights of the stack as Keras stores them: a dataset for each weight."""
    numpy = importlib.import_module("numpy")
    with importlib.import_module("h5py").File(path, "w") as file:
        for number in range(BLOCKS):
            suffix = f"_{number}" if number else ""
            for layer, shapes in (
                ("conv2d_transpose", ((3, 3, channels, channels), (channels,))),
                ("batch_normalization", ((channels,),) * 4),
            ):
                for place, shape in enumerate(shapes):
                    name = f"layers/{layer}{suffix}/vars/{place}"
                    file.create_dataset(name, data=numpy.zeros(shape, "float32"))


def write_sparse(model: Any, path: Path) -> None:
    """Write a safetensors file of a model without values: a header and a hole of the size of the values."""
    kinds = {"torch.float32": "F32", "torch.int64": "I64"}
    header, end = {}, 0
    # In the order of the format's own writer: the widest type first, then by name.
    tensors = sorted(model.state_dict().items(), key=lambda item: (-item[1].element_size(), item[0]))
    for name, tensor in tensors:
        start, end = end, end + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": kinds[str(tensor.dtype)],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
    data = json.dumps(header, separators=(",", ":")).encode()
    with path.open("wb") as file:
        file.write(len(data).to_bytes(8, "little") + data)
        file.truncate(8 + len(data) + end)


def write_onnx(model: Any, path: Path, channels: int) -> None:
    """Write a stack as an ONNX file with the operators that an exporter uses."""
    onnx = importlib.import_module("onnx")
    tensors = model.state_dict()
    kind = {"ConvTranspose2d": "ConvTranspose", "BatchNorm2d": "BatchNormalization", "ReLU": "Relu"}
    nodes, values = [], []
    for place, layer in enumerate(model):
        names = [name for name in tensors if name.startswith(f"{place}.") and "num_batches" not in name]
        values += [onnx.numpy_helper.from_array(tensors[name].numpy(), name) for name in names]
        operator = kind[type(layer).__name__]
        settings = {"pads": [1, 1, 1, 1]} if operator == "ConvTranspose" else {}
        nodes.append(onnx.helper.make_node(operator, [f"x{place}", *names], [f"x{place + 1}"], **settings))
    ends = [
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, channels, 16, 16])
        for name in ("x0", f"x{len(nodes)}")
    ]
    graph = onnx.helper.make_graph(nodes, "stack", ends[:1], ends[1:], values)
    exported = onnx.helper.make_model(graph)
    onnx.checker.check_model(exported)
    onnx.save(exported, path)
