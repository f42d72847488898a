"""The newer formats take memory and work in proportion to their size: lines that run are counted."""

import json
import pickle
import struct
import sys
from collections.abc import Callable
from typing import Any

import pytest

from calculator.readers import read
from tests.helpers.hdf5_writing import hdf5, tree
from tests.helpers.peak_memory import most_memory
from tests.helpers.torch_files import tensor_steps, text_steps, zipped

LAYERS = 40
MORE = 8
"""How many times as many layers the longer text or file has."""

BYTES = 60_000_000
"""The maximum of memory for a model of 2,000 layers, with Python and all readers."""


def hdf5_file(count: int) -> bytes:
    shapes: dict[str, Any] = {}
    for number in range(count):
        path = f"layers/conv2d_transpose_{number}/vars"
        shapes |= {f"{path}/0": (4, 4, number + 1, 8), f"{path}/1": (number + 1,)}
    return hdf5(tree(shapes, {}))


def _tensor(number: int) -> bytes:
    """Return the steps of a tensor over a storage of its own."""
    return tensor_steps((8, 4, 2, 2), 128).replace(text_steps("0"), text_steps(str(number)), 1)


def legacy_file(count: int) -> bytes:
    begin = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + pickle.dumps(1001, 2)
    begin += pickle.dumps({"little_endian": True}, 2)
    pairs = (text_steps(f"up{n}.weight") + _tensor(n).replace(b"tQ", b"NtQ") for n in range(count))
    content = b"\x80\x02}(" + b"".join(pairs) + b"u."
    keys = pickle.dumps([str(n) for n in range(count)], 2)
    return begin + content + keys + (struct.pack("<q", 128) + bytes(512)) * count


def _module(kind: bytes, more: bytes) -> bytes:
    return b"c" + kind + b")\x81}(" + more + b"ub"


def _archive(steps: bytes, count: int, **more: bytes) -> bytes:
    """Return an archive with ``count`` storages and ``more`` members."""
    members = {f"data/{n}": bytes(512) for n in range(count)} | more
    members["data.pkl"] = b"\x80\x02" + steps + b"."
    return zipped({f"archive/{name}": data for name, data in members.items()})


def module_file(count: int) -> bytes:
    up = b"torch.nn.modules.conv\nConvTranspose2d\n"
    begin, end = (
        text_steps("_parameters") + b"}(" + text_steps("weight"),
        b"u" + text_steps("_modules") + b"}",
    )
    layers = b"".join(text_steps(str(n)) + _module(up, begin + _tensor(n) + end) for n in range(count))
    inside = text_steps("_parameters") + b"}" + text_steps("_modules") + b"}(" + layers + b"u"
    return _archive(_module(b"torch.nn.modules.container\nSequential\n", inside), count)


def script_file(count: int) -> bytes:
    up = b"__torch__.torch.nn.modules.conv\nConvTranspose2d\n"
    layers = b"".join(
        text_steps(f"up{n}") + _module(up, text_steps("weight") + _tensor(n)) for n in range(count)
    )
    return _archive(_module(b"__torch__\nNet\n", layers), count, **{"code/__torch__.py": b""})


def tfjs(count: int) -> str:
    layers: list[Any] = [{"class_name": "InputLayer", "config": {"batch_input_shape": [None, 7, 7, 4]}}]
    for number in range(count):
        settings = {"name": f"up{number}", "filters": 4, "kernel_size": [1, 1]}
        layers.append({"class_name": "Conv2DTranspose", "config": settings})
    config = {"class_name": "Sequential", "config": {"name": "net", "layers": layers}}
    shapes = (("kernel", [1, 1, 4, 4]), ("bias", [4]))
    names = [(f"up{n}/{name}", shape) for n in range(count) for name, shape in shapes]
    weights = [{"name": name, "shape": shape, "dtype": "float32"} for name, shape in names]
    manifest = [{"paths": ["group1-shard1of1.bin"], "weights": weights}]
    return json.dumps({"modelTopology": {"model_config": config}, "weightsManifest": manifest})


def torchinfo_table(count: int) -> str:
    rows = (f"├─ConvTranspose2d: 1-{n}    [1, 32, 16, 16]    {n + 800}" for n in range(1, count + 1))
    return "\n".join(("Layer (type:depth-idx)    Output Shape    Param #", *rows))


def torchsummary_table(count: int) -> str:
    rows = (f"   ConvTranspose2d-{n}   [-1, 32, 4, 4]   {n + 800}" for n in range(1, count + 1))
    return "\n".join(("Layer (type)   Output Shape   Param #", "=" * 40, *rows))


def keras_code(count: int) -> str:
    layers = (f"    layers.Conv2DTranspose({n % 9 + 1}, 4, strides=1)," for n in range(count))
    return "\n".join(("model = keras.Sequential([", "    keras.Input((7, 7, 8)),", *layers, "])"))


def listing(count: int) -> str:
    return "\n".join(f"up{n}.weight torch.Size([{n + 1}, 4, 4, 4])" for n in range(count))


FORMS: tuple[Callable[[int], str | bytes], ...] = (
    *(hdf5_file, legacy_file, module_file, script_file, tfjs, torchinfo_table, torchsummary_table),
    *(keras_code, listing),
)


def steps(data: str | bytes, rows: int) -> int:
    """Return the number of lines of Python that run to read a model of ``rows``; a loop counts each time."""
    count = 0

    def note(_frame: Any, _event: str, _argument: Any) -> Any:
        nonlocal count
        count += 1
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        model = read(data)
    finally:
        sys.settrace(before)
    assert sum(row.times for row in model.rows) >= rows
    return count


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_the_work_grows_no_faster_than_the_size(form: Callable[[int], str | bytes]) -> None:
    read(form(2))  # Modules are loaded with the first model.
    few, many = steps(form(LAYERS), LAYERS), steps(form(MORE * LAYERS), MORE * LAYERS)
    assert many < 1.1 * MORE * few


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_many_layers_take_little_memory(form: Callable[[int], str | bytes]) -> None:
    data = form(2_000)
    assert most_memory(data.encode() if isinstance(data, str) else data) < BYTES
