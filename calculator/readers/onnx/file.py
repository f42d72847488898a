"""Reader of ONNX files: a row for each operator with parameters, counted by the stored shapes.

The model is not run, the values of large tensors are not read, and no other file is opened.
"""

import mmap
from typing import BinaryIO

from calculator.core.formatting import join_first, plural
from calculator.readers.model import MAX_NAME_SHOWN, MAX_ROWS, Model, ReadError
from calculator.readers.onnx.chain import onnx_chain
from calculator.readers.onnx.flatten import FlatGraph, flatten
from calculator.readers.onnx.graph import OnnxFile
from calculator.readers.onnx.layers import LayerRows, layer_rows
from calculator.readers.onnx.parser import parse_file

FORMAT = "ONNX file"

FIELDS = {1: 0, 2: 2, 3: 2, 4: 2, 5: 0, 6: 2, 7: 2, 8: 2, 14: 2, 20: 2, 25: 2, 26: 2}
"""The fields of a ModelProto and their wire types: 0 is a number, 2 is data with a length."""

NAMED = 3
"""The maximum number of single numbers that a sentence names."""

MAX_IR_VERSION = 100
"""Largest accepted version of the format. The newest version today is below 20."""


def recognises(data: bytes | memoryview) -> bool:
    """Return whether ``data`` begins like an ONNX file: with its version, then another field of a model.

    >>> recognises(bytes([0x08, 0x07, 0x12, 0x07]) + b"pytorch"), recognises(b"PK")
    (True, False)
    """
    if len(data) < 4 or data[0] != 0x08 or not 0 < data[1] < MAX_IR_VERSION:
        return False
    tag = data[2] if data[2] < 0x80 else data[2] & 0x7F | data[3] << 7
    return tag >> 3 > 1 and FIELDS.get(tag >> 3) == tag & 7


def read_onnx_file(data: bytes | memoryview, *, name: str = "") -> Model:
    """Return the model in the bytes of an ONNX file. Raises ``ReadError`` for other and damaged files."""
    if not recognises(data):
        raise ReadError("This is not an ONNX file: it does not begin with the version of the format.")
    file = parse_file(data)
    flat = flatten(file)
    layers = layer_rows(flat)
    if len(layers.rows) > MAX_ROWS:
        raise ReadError(f"The ONNX file has more than {MAX_ROWS:,} layers: it is not read further.")
    # Keys of the model itself are names.
    inputs = [each for each in file.graphs[0].inputs if each not in flat.tensors]
    chain = onnx_chain(flat, inputs, layers)
    return Model(tuple(layers.rows), FORMAT, tuple(_assumptions(file, flat, layers)), name, chain=chain)


def read_onnx_stream(stream: BinaryIO, *, name: str = "") -> Model:
    """Return the model in an ONNX file on disk, without reading the values. Raises ``ReadError``."""
    # The map is not closed here: an error on its way to the caller still refers to parts of it. It closes
    # when nothing refers to it any more.
    data = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    return read_onnx_file(data, name=name)


def _assumptions(file: OnnxFile, flat: FlatGraph, layers: LayerRows) -> list[str]:
    """Return a sentence for each assumption that the counts depend on."""
    sentences = ["An ONNX file does not contain which parameters are trained: all are counted as trainable."]
    external = sum(tensor.external for tensor in flat.tensors.values())
    if external:
        sentences.append(
            f"The values of {external:,} tensors are in another file, which is not opened: their sizes are "
            "the shapes in this file."
        )
    if layers.statistics:
        sentences.append(
            f"The running means and variances of BatchNormalization, {layers.statistics:,} numbers, are "
            "statistics and not parameters."
        )
    if layers.has_added_bias:
        sentences.append(
            "A tensor that is added to the output of a layer, with one number per channel, is counted as its "
            "bias."
        )
    if layers.has_placeholders:
        sentences.append(
            "Ones and zeros under an automatic name come from the exporter (a normalisation without "
            "parameters, the initial state of a recurrent layer) and are not counted."
        )
    if layers.has_integers:
        sentences.append("Tensors of whole numbers (shapes, indices) are not parameters.")
    if layers.single_numbers:
        names = join_first([name[:MAX_NAME_SHOWN] for name in layers.single_numbers], NAMED)
        sentences.append(
            f"Single numbers ({names}) are taken for constants of the calculation, such as epsilon, and not "
            "counted: a trained parameter of one number looks the same."
        )
    if layers.quantizer_values:
        sentences.append(
            "The scales and zero points of quantisers are settings and not parameters: "
            f"{plural(layers.quantizer_values, 'number')}."
        )
    if file.sparse:
        sentences.append(f"Sparse tensors ({file.sparse:,}) are counted with their zeros.")
    types = {row.type for row in layers.rows}
    if types & {"Conv", "ConvTranspose"} and "BatchNormalization" not in types:
        sentences.append(
            "An exporter may have merged a BatchNorm into the layer before it. The counts are those of the "
            "stored tensors."
        )
    return sentences
