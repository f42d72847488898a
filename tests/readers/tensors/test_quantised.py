"""Quantised layers: never counted by the shapes of their packed numbers."""

import json

import pytest

from calculator.readers.model import Model, ReadError
from calculator.readers.tensors.safetensors import read_safetensors

Tensors = dict[str, tuple[str, list[int]]]

BYTES = {"F32": 4, "F16": 2, "BF16": 2, "I32": 4, "U8": 1, "I8": 1, "F8_E4M3": 1}

GPTQ: Tensors = {
    "q.qweight": ("I32", [8, 64]),
    "q.qzeros": ("I32", [1, 8]),
    "q.scales": ("F16", [1, 64]),
    "q.g_idx": ("I32", [64]),
    "q.bias": ("F16", [64]),
}
AWQ: Tensors = {"q.qweight": ("I32", [64, 8]), "q.qzeros": ("I32", [1, 8]), "q.scales": ("F16", [1, 64])}
FOUR_BITS: Tensors = {
    "q.weight": ("U8", [2048, 1]),
    "q.weight.absmax": ("F32", [64]),
    "q.weight.quant_map": ("F32", [16]),
    "q.weight.quant_state.bitsandbytes__nf4": ("U8", [90]),
}
EIGHT_BITS: Tensors = {"q.weight": ("I8", [64, 64]), "q.SCB": ("F32", [64]), "q.weight_format": ("U8", [])}
FP8: Tensors = {"q.weight": ("F8_E4M3", [64, 64]), "q.weight_scale": ("F32", [1])}
FP8_BLOCKS: Tensors = {"q.weight": ("F8_E4M3", [64, 64]), "q.weight_scale_inv": ("F32", [1, 1])}
MXFP4: Tensors = {"q.up_blocks": ("U8", [2, 8, 4, 16]), "q.up_scales": ("U8", [2, 8, 4])}


def read(tensors: Tensors) -> Model:
    header: dict[str, object] = {}
    end = 0
    for name, (kind, shape) in tensors.items():
        start, size = end, BYTES[kind]
        for axis in shape:
            size *= axis
        end += size
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    return read_safetensors(len(text).to_bytes(8, "little") + text + bytes(end))


@pytest.mark.parametrize("tensors", [GPTQ, AWQ, FOUR_BITS, EIGHT_BITS, FP8, FP8_BLOCKS, MXFP4], ids=range(7))
def test_a_quantised_layer_is_not_counted(tensors: Tensors) -> None:
    model = read(tensors | {"norm.weight": ("F16", [64])})
    assert [(row.name, row.known) for row in model.rows] == [("norm", True), ("q", False)]
    assert (model.parameter_count, model.complete) == (64, False)
    assert model.rows[1].note.startswith("Quantised: ")
    assert "whole numbers" not in " ".join(model.assumptions)
    with pytest.raises(ReadError, match="The layers are quantised, such as q: "):
        read(tensors)


def test_the_names_of_ordinary_layers_are_no_marks() -> None:
    plain: Tensors = {"a.weight": ("F32", [3, 2]), "a.scales": ("F32", [3]), "b.weight_scale": ("F32", [1])}
    model = read(plain)
    assert (model.parameter_count, model.complete) == (10, True)
