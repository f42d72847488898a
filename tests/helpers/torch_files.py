"""Files of ``torch.save`` made step by step, without PyTorch."""

import io
import pickle
import struct
import zipfile
from typing import Any

import pytest

from calculator.readers.model import Model, ReadError
from calculator.readers.pytorch_files.checkpoint import read_checkpoint
from tests.helpers.paths import READER_FILES


def zipped(members: dict[str, bytes]) -> bytes:
    """Return an archive of ``members`` without compression, as torch.save writes it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def recorded(name: str) -> bytes:
    """Return a file that torch.save of PyTorch 2.13 wrote."""
    return (READER_FILES / f"torch-{name}.pt").read_bytes()


def saved(steps: bytes, **values: bytes) -> bytes:
    """Return a file with the pickle ``steps``; ``s0`` holds the values of storage 0, and so on."""
    return zipped(
        {"archive/data.pkl": steps, **{f"archive/data/{key[1:]}": data for key, data in values.items()}}
    )


def text_steps(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode("utf-8")


def tensor_steps(
    shape: tuple[int, ...], count: int, *, kind: bytes = b"FloatStorage", offset: int = 0, steps: Any = None
) -> bytes:
    """Return the steps that torch.save writes for a tensor over storage 0 of ``count`` values."""

    def whole(numbers: tuple[int, ...]) -> bytes:
        pushed = [
            b"\x8a" + bytes([len(raw)]) + raw for raw in (pickle.encode_long(number) for number in numbers)
        ]
        return b"(" + b"".join(pushed) + b"t"

    if steps is None:
        steps = tuple(1 for _ in shape)
    storage = (
        b"("
        + text_steps("storage")
        + b"ctorch\n"
        + kind
        + b"\n"
        + text_steps("0")
        + text_steps("cpu")
        + whole((count,))[1:-1]
    )
    arguments = b"(" + storage + b"tQ" + whole((offset,))[1:-1] + whole(shape) + whole(steps)
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"\x89ccollections\nOrderedDict\n)RtR"


def state_steps(name: str, value: bytes) -> bytes:
    return b"\x80\x02}" + text_steps(name) + value + b"s."


def refused(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        read_checkpoint(data)
    return str(caught.value)


def counts(model: Model) -> list[tuple[str, str, int, int, int]]:
    return [(r.name, r.type, r.weight_count, r.bias_count, r.other_count) for r in model.rows]
