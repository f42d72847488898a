"""Reader of the header of a safetensors file: names, types and shapes of the tensors, never their values.

The format is eight bytes with the length of the header, the header as JSON, then the values without gaps
(https://huggingface.co/docs/safetensors/index#format). Files that violate the format are refused. Why this is
hand-written:

- The ``safetensors`` package is compiled, and needs NumPy or a framework for its readers.
- The package validates the header, but gives no sentence that explains to a visitor what is wrong.
- Its reader needs a file on disk, and visitors upload bytes.
"""

import io
import math
import re
from collections.abc import Mapping
from typing import BinaryIO

from calculator.core.formatting import short_repr
from calculator.readers.containers.strict_json import read_json
from calculator.readers.model import MAX_AXES, MAX_COUNT, MAX_ROWS, MAX_TEXT, Model, ReadError, Shape
from calculator.readers.tensors.inference import ALL_TRAINABLE, assumptions_about, rows_from_tensors
from calculator.readers.tensors.names import split_name

FORMAT = "safetensors file"

MAX_HEADER = 100_000_000
"""The maximum size of a header in bytes that the format allows. At most ``MAX_TEXT`` are read."""

_DTYPE_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **{"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6},
    **{"U16": 16, "I16": 16, "F16": 16, "BF16": 16, "U32": 32, "I32": 32, "F32": 32},
    **{"U64": 64, "I64": 64, "F64": 64, "C64": 64},
}
"""The number of bits of one value, by the format's name for the type."""

_INTEGER_DTYPES = frozenset({"BOOL", "U8", "I8", "U16", "I16", "U32", "I32", "U64", "I64"})


def recognises(data: bytes) -> bool:
    r"""Return whether ``data`` begins like a safetensors file.

    >>> recognises(b"\x02" + bytes(7) + b"{}"), recognises(b"PK")
    (True, False)
    """
    length = int.from_bytes(data[:8], "little")
    # A zero byte, which every possible length has, shows that this is not JSON text.
    return len(data) > 8 and data[8:9] == b"{" and length >= 2 and b"\0" in data[:8]


def read_safetensors(data: bytes, *, name: str = "") -> Model:
    """Return the model whose tensors are in the safetensors file ``data``. Raises ``ReadError``.

    >>> header = b'{"up.weight":{"dtype":"F32","shape":[2,1,2],"data_offsets":[0,16]}}'
    >>> model = read_safetensors(len(header).to_bytes(8, "little") + header + bytes(16))
    >>> [(row.name, row.type, row.parameter_count) for row in model.rows]
    [('up', 'ConvTranspose1d', 4)]
    """
    return read_safetensors_header(io.BytesIO(data), name=name)


def read_safetensors_header(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an open, seekable file, reading only the header.

    Raises ``ReadError``, and ``OSError`` where the file cannot be read.
    """
    end = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    length = int.from_bytes(stream.read(8), "little")
    if end < 8:
        raise ReadError("This is not a safetensors file: it has fewer than 8 bytes.")
    if length > MAX_HEADER:
        raise ReadError(
            f"The header should have {length:,} bytes; the safetensors format allows {MAX_HEADER:,}."
        )
    if length > MAX_TEXT:
        raise ReadError(f"The header has {length:,} bytes; at most {MAX_TEXT:,} are read.")
    if length > end - 8:
        raise ReadError(
            f"The header should have {length:,} bytes, but only {end - 8:,} are left: the file is cut short, "
            "or not a safetensors file."
        )
    header = _parse_header(stream.read(length))
    metadata = header.pop("__metadata__", {})
    if not isinstance(metadata, dict):
        raise ReadError("The header's __metadata__ must contain names and texts.")
    return _model(header, metadata, end - 8 - length, name)


def _parse_header(data: bytes) -> dict[str, object]:
    """Return the entries of the header. Raises ``ReadError``."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ReadError("The header is not UTF-8 text, so this is not a safetensors file.") from None
    header = read_json(text, "The header of the safetensors file")
    if not isinstance(header, dict):
        raise ReadError("The header must be a JSON object with the names of the tensors.")
    if len(header) > MAX_ROWS:
        raise ReadError(f"The header lists {len(header):,} tensors; at most {MAX_ROWS:,} are read.")
    return header


def _model(header: Mapping[str, object], metadata: Mapping[str, object], values: int, name: str) -> Model:
    """Return the model of a header; ``values`` is the number of bytes after the header."""
    shapes: dict[str, Shape] = {}
    integers = []
    spans = []
    for key, entry in header.items():
        kind, shape, span = _parse_tensor(key, entry)
        shapes[key] = shape
        spans.append((span, key))
        if kind in _INTEGER_DTYPES and split_name(key)[1] not in ("weight", "bias"):
            integers.append(key)
    _check_spans(spans, values)
    if not shapes:
        raise ReadError("The safetensors file contains no tensors.")
    # The format's writers sort names alphabetically, with 10 before 2.
    shapes = {key: shapes[key] for key in sorted(shapes, key=_natural_key)}
    rows = rows_from_tensors(shapes, buffers=integers, ordered=False)
    # safetensors.torch.save_model writes a shared tensor once, and its other names in the metadata.
    shared = {
        key: first
        for key, first in metadata.items()
        if key not in shapes and isinstance(first, str) and first in shapes
    }
    return Model(rows, FORMAT, (*assumptions_about(shapes, shared, integers), ALL_TRAINABLE), name)


def _parse_tensor(key: str, entry: object) -> tuple[str, Shape, tuple[int, int]]:
    """Return (type, shape, span of bytes) of one tensor. Raises ``ReadError`` where they disagree."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ReadError(
            f"Tensor {short_repr(key)} must have a dtype, a shape and data_offsets, and nothing else."
        )
    kind, shape, span = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(kind, str) or kind not in _DTYPE_BITS:
        raise ReadError(
            f"Tensor {short_repr(key)} has the dtype {short_repr(kind)}, which is not a dtype of the format."
        )
    if not _is_size_list(shape) or len(shape) > MAX_AXES:
        raise ReadError(
            f"Tensor {short_repr(key)} must have whole sizes from 0, received {short_repr(shape)}."
        )
    if not _is_size_list(span) or len(span) != 2:
        raise ReadError(f"Tensor {short_repr(key)} must have two offsets, received {short_repr(span)}.")
    bits = math.prod(shape) * _DTYPE_BITS[kind]
    if bits != 8 * (span[1] - span[0]):
        raise ReadError(
            f"Tensor {short_repr(key)} has a span of {span[1] - span[0]:,} bytes, but its shape "
            f"{short_repr(shape)} of {kind} takes {short_repr(-(-bits // 8))}."
        )
    return kind, tuple(shape), (span[0], span[1])


def _is_size_list(value: object) -> bool:
    return isinstance(value, list) and all(type(n) is int and 0 <= n <= MAX_COUNT for n in value)


def _check_spans(spans: list[tuple[tuple[int, int], str]], values: int) -> None:
    """Raise ``ReadError`` for tensors that overlap, leave gaps or lie outside the file."""
    reached = 0
    for (start, stop), key in sorted(spans):
        if start != reached:
            raise ReadError(
                f"Tensor {short_repr(key)} begins at byte {start:,} and should begin at {reached:,}."
            )
        reached = stop
    if reached > values:
        raise ReadError(
            f"The tensors take {reached:,} bytes, but only {values:,} are left: the file is cut short."
        )
    if reached < values:
        raise ReadError(f"The tensors take {reached:,} bytes, but {values - reached:,} more follow them.")


def _natural_key(name: str) -> list[tuple[int, str]]:
    """Return a sort key that puts 2 before 10."""
    parts = re.split("([0-9]+)", name)
    # The number of digits compares numbers of any length without converting them.
    return [(len(part.lstrip("0")) if part.isdecimal() else 0, part) for part in parts]
