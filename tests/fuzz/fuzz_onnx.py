"""ONNX files gone wrong: real ones mutated, cut and spliced, and fields that lie, the same for a seed."""

import random
from collections.abc import Iterator

from tests.helpers.onnx_writing import attribute, field, graph, model, node, tensor, value, varint
from tests.helpers.paths import READER_FILES

NUMBERS = (0, 1, 2, 3, 7, 64, 127, 128, 2**31, 2**62, 2**63 - 1, 2**63, 2**64 - 1, 10**18)
KINDS = (
    *(
        "ConvTranspose",
        "Conv",
        "MatMul",
        "Gemm",
        "Add",
        "Mul",
        "Resize",
        "Reshape",
        "Gather",
        "LSTM",
        "Concat",
    ),
    *("BatchNormalization", "Transpose", "Constant", "If", "Pad", "MaxPool", "DequantizeLinear", "Identity"),
)
LISTS = (
    "strides",
    "pads",
    "dilations",
    "output_padding",
    "output_shape",
    "kernel_shape",
    "perm",
    "axes",
    "shape",
)


def cases(count: int, seed: int) -> Iterator[bytes]:
    """Yield ``count`` files, most of which are nearly good."""
    rng = random.Random(seed)
    good = [file.read_bytes() for file in sorted(READER_FILES.glob("onnx_*.onnx"))]
    for _ in range(count):
        data = _made(rng) if rng.random() < 0.6 else rng.choice(good)
        for _ in range(rng.choice((0, 0, 0, 1, 1, 2, 8))):
            data = rng.choice((_flipped, _cut, _spliced, _lying))(rng, data, good)
        yield data


def _made(rng: random.Random) -> bytes:
    """Return a file of random operators on random tensors, with attributes of random lengths and sizes."""
    names = [f"v{index}" for index in range(6)]

    def size() -> int:
        return rng.choice(NUMBERS) if rng.random() < 0.1 else rng.randint(-1, 5)

    def dims(maximum: int) -> list[int]:
        return [abs(size()) if rng.random() < 0.95 else size() for _ in range(rng.randint(0, maximum))]

    def listed() -> bytes:
        name = rng.choice(LISTS)
        return attribute(name, [size() for _ in range(rng.randint(0, 6))])

    def single() -> bytes:
        if rng.random() < 0.3:
            return attribute("auto_pad", rng.choice(("SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "x")))
        return attribute(rng.choice(("group", "axis", "transB", "keepdims", "allowzero")), size())

    def operator(deep: int) -> bytes:
        attributes = [rng.choice((listed, single))() for _ in range(rng.randint(0, 5))]
        if rng.random() < 0.1:
            attributes.append(attribute("value", stored(rng.choice(names))))
        if deep and rng.random() < 0.1:
            attributes.append(attribute("body", some(deep - 1), graph=True))
        inputs = [rng.choice([*names, ""]) for _ in range(rng.randint(0, 5))]
        outputs = [rng.choice(names) for _ in range(rng.randint(0, 2))]
        return node(rng.choice(KINDS), inputs, outputs, *attributes, domain=rng.choice(("", "", "", "here")))

    def stored(name: str) -> bytes:
        raw = rng.randbytes(rng.choice((0, 0, 0, 4, 8, 16)))
        return tensor(name, dims(5), rng.choice((1, 1, 1, 3, 7, 10, 21, 99)), raw)

    def some(deep: int) -> bytes:
        nodes = [operator(deep) for _ in range(rng.randint(0, 6))]
        tensors = [stored(rng.choice(names)) for _ in range(rng.randint(0, 4))]
        return graph(nodes, tensors, [value(rng.choice(names), dims(5)) for _ in range(rng.randint(0, 3))])

    return model(some(3))


def _flipped(rng: random.Random, data: bytes, good: list[bytes]) -> bytes:
    """Return the file with some bytes changed."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        if changed:
            changed[rng.randrange(len(changed))] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
    return bytes(changed)


def _cut(rng: random.Random, data: bytes, good: list[bytes]) -> bytes:
    """Return the file without its end, or without a piece."""
    start = rng.randint(0, len(data))
    return data[:start] + (data[start + rng.randint(1, 20) :] if rng.random() < 0.5 else b"")


def _spliced(rng: random.Random, data: bytes, good: list[bytes]) -> bytes:
    """Return the file with a piece of another in it."""
    other = rng.choice(good)
    at, start = rng.randint(0, len(data)), rng.randint(0, len(other))
    return data[:at] + other[start : start + rng.randint(1, 200)] + data[at:]


def _lying(rng: random.Random, data: bytes, good: list[bytes]) -> bytes:
    """Return the file with a field or a number that is not true."""
    at = rng.randint(0, len(data))
    lie = (
        varint(rng.choice(NUMBERS)) if rng.random() < 0.5 else field(rng.randint(1, 30), rng.choice(NUMBERS))
    )
    return data[:at] + lie + data[at + rng.randint(0, 2) :]
