"""A writer of ONNX files for tests: enough of the format for valid files, and for invalid ones.

The field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from collections.abc import Sequence

FLOAT, INT8, INT64 = 1, 3, 7


def varint(number: int) -> bytes:
    """Return a number as protobuf writes it: seven bits in each byte, the lowest first."""
    number %= 1 << 64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def field(number: int, value: int | str | bytes) -> bytes:
    """Return one field of a message: a number, or data with its length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, dims: Sequence[int], kind: int = FLOAT, raw: bytes = b"", location: str = "") -> bytes:
    """Return a TensorProto; ``location`` is the file of its values if they are outside."""
    body = b"".join(field(1, size) for size in dims) + field(2, kind) + field(8, name)
    if location:
        body += field(13, field(1, "location") + field(2, location)) + field(14, 1)
    return body + (field(9, raw) if raw else b"")


def attribute(name: str, value: int | str | Sequence[int] | bytes, *, graph: bool = False) -> bytes:
    """Return an AttributeProto. Bytes are a tensor, or with ``graph`` a graph."""
    if isinstance(value, bytes):
        return field(1, name) + field(6 if graph else 5, value)
    if isinstance(value, int):
        return field(1, name) + field(3, value)
    if isinstance(value, str):
        return field(1, name) + field(4, value)
    return field(1, name) + b"".join(field(8, item) for item in value)


def node(
    kind: str,
    inputs: Sequence[str],
    outputs: Sequence[str],
    *attributes: bytes,
    name: str = "",
    domain: str = "",
) -> bytes:
    """Return a NodeProto."""
    body = b"".join(field(1, item) for item in inputs) + b"".join(field(2, item) for item in outputs)
    body += field(3, name) + field(4, kind) + b"".join(field(5, item) for item in attributes)
    return body + (field(7, domain) if domain else b"")


def value(name: str, shape: Sequence[int | str]) -> bytes:
    """Return a ValueInfoProto; a text in the shape is a symbolic size."""
    sizes = b"".join(field(1, field(2 if isinstance(size, str) else 1, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, sizes)))


def graph(
    nodes: Sequence[bytes],
    tensors: Sequence[bytes] = (),
    inputs: Sequence[bytes] = (),
    known: Sequence[bytes] = (),
) -> bytes:
    """Return a GraphProto; ``known`` are values inside whose shapes the file contains."""
    parts = ((1, nodes), (5, tensors), (11, inputs), (13, known))
    return b"".join(field(number, item) for number, items in parts for item in items)


def function(name: str, inputs: Sequence[str], outputs: Sequence[str], nodes: Sequence[bytes]) -> bytes:
    """Return a FunctionProto in the domain "here"."""
    body = (
        field(1, name) + b"".join(field(4, item) for item in inputs) + b"".join(field(5, o) for o in outputs)
    )
    return body + b"".join(field(7, item) for item in nodes) + field(10, "here")


def model(body: bytes, *functions: bytes) -> bytes:
    """Return a ModelProto with this graph."""
    head = field(1, 8) + field(2, "by hand") + field(8, field(1, "") + field(2, 20))
    return head + field(7, body) + b"".join(field(25, item) for item in functions)


def nested_branches(depth: int) -> bytes:
    """Return a file whose branches are nested this deep."""
    body = graph([node("Identity", ("x",), ("y",))])
    for _ in range(depth):
        body = graph([node("If", ("c",), ("y",), attribute("then_branch", body, graph=True))])
    return model(body)
