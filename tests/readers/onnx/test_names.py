"""Names of layers from the names that exporters write."""

import pytest

from calculator.readers.onnx.graph import Node
from calculator.readers.onnx.names import row_name


@pytest.mark.parametrize(
    ("node", "tensor", "name"),
    [
        (Node("/dec/up/ConvTranspose_1", "ConvTranspose"), "dec.up.weight", "dec.up"),
        (Node("/dec/up/ConvTranspose_1", "ConvTranspose"), "onnx::ConvTranspose_9", "dec.up"),
        (Node("/dec/dec.0/dec.0.1/Conv", "Conv"), "17", "dec.0.1"),
        (Node("model/up/conv2d_transpose", "ConvTranspose"), "model/up/kernel:0", "model/up"),
        (Node(op_type="Conv", outputs=["y"]), "", "y"),
        (Node(op_type="Conv"), "", "(no name)"),
        (Node("\x003\x00block", "Conv"), "\x003\x00block.weight", "block"),
    ],
)
def test_a_layer_is_named_after_its_weight_or_its_node(node: Node, tensor: str, name: str) -> None:
    assert row_name(node, tensor) == name
