"""Read an ONNX file: a row for each operator that holds parameters, exact by the shapes stored.

Nothing of the model is run, no number of a large tensor is looked at, and no other file is opened.
"""

import mmap
from typing import BinaryIO

from calculator.readers.model import MAX_ROWS, Model, ReadError
from calculator.readers.onnx.flatten import Flat, flattened
from calculator.readers.onnx.graph import File
from calculator.readers.onnx.layers import Found, rows_of
from calculator.readers.onnx.parser import read_graphs

FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""The fields of a ModelProto and how each is written: 0 a number, 2 something with a length."""

NEWEST = 100
"""The file's version; the newest today is below 20."""


def recognises(data: bytes | memoryview) -> bool:
    """Return whether ``data`` begins as an ONNX file does: its version, then another field of a model.

    >>> recognises(bytes([0x08, 0x07, 0x12, 0x07]) + b"pytorch"), recognises(b"PK")
    (True, False)
    """
    if len(data) < 4 or data[0] != 0x08 or not 0 < data[1] < NEWEST:
        return False
    tag = data[2] if data[2] < 0x80 else data[2] & 0x7F | data[3] << 7
    return tag >> 3 > 1 and FIELDS.get(tag >> 3) == tag & 7


def read_onnx_file(data: bytes | memoryview, *, name: str = "") -> Model:
    """Return the model in the bytes of an ONNX file. Raises ``ReadError`` for what cannot be read."""
    if not recognises(data):
        raise ReadError("This is no ONNX file: it does not begin with the version of one.")
    file = read_graphs(data)
    flat = flattened(file)
    found = rows_of(flat)
    if len(found.rows) > MAX_ROWS:
        raise ReadError(f"The ONNX file has more than {MAX_ROWS:,} layers: it is not read further.")
    return Model(tuple(found.rows), "ONNX file", tuple(_assumptions(file, flat, found)), name)


def read_onnx_stream(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an ONNX file on disk, without reading the values. Raises ``ReadError``."""
    # The map is not closed here: an error on its way to the caller still refers to parts of it. It closes
    # when nothing refers to it any more.
    data = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    return read_onnx_file(data, name=name)


def _assumptions(file: File, flat: Flat, found: Found) -> list[str]:
    """Return what had to be assumed, each in a sentence."""
    said = ["An ONNX file does not say what is trained: every parameter is taken to be."]
    external = sum(tensor.external for tensor in flat.tensors.values())
    if external:
        said.append(
            f"The numbers of {external:,} tensors lie in another file, which is not opened: "
            "their sizes are the shapes that this file gives."
        )
    if found.statistics:
        said.append(
            f"The running means and variances of BatchNormalization, {found.statistics:,} numbers, are "
            "statistics and not parameters."
        )
    if "added" in found.seen:
        said.append(
            "A tensor that is added right behind a layer, one number a channel, is taken for its bias."
        )
    if "made up" in found.seen:
        said.append(
            "Ones and zeros under an automatic name come from the exporter (a norm without parameters, the "
            "state that a recurrent layer begins with) and are not counted."
        )
    if "whole" in found.seen:
        said.append("Tensors of whole numbers (shapes, indices) are not parameters.")
    if found.single:
        said.append(f"Single numbers ({found.single:,}) are constants of the calculation, not parameters.")
    if file.sparse:
        said.append(f"Sparse tensors ({file.sparse:,}) are counted with their zeros.")
    kinds = {row.type for row in found.rows}
    if kinds & {"Conv", "ConvTranspose"} and "BatchNormalization" not in kinds:
        said.append(
            "An exporter may have merged a BatchNorm into the layer before it; what is counted is what the "
            "file holds."
        )
    return said
