"""Names of the layers of an ONNX model.

A layer is named after its weight, whose name often contains the path of the module, or else after its node.
"""

import re

from calculator.readers.onnx.graph import Node

MAX_NAME = 300
"""Largest number of characters of a name that are kept."""

WEIGHT = re.compile(
    r"[._/](?:weight|kernel|gamma|scale|weight_ih_l\d+|weight_hh_l\d+|weight_(?:[gv]|orig))(?::0)?\Z"
)
"""The end of the name of a weight, after the path of its module."""

EPSILON = re.compile(r"(?<![a-z])eps(?:ilon)?(?![a-z])", re.IGNORECASE)
CONSTANT = re.compile(rf"const|{EPSILON.pattern}", re.IGNORECASE)
"""A part of the names that exporters give to constants, such as ``const_fold_opt__211``."""

AUTOMATIC = re.compile(r"onnx::|/|val_\d|ortshared_|\d+\Z")
"""The beginning of a name that an exporter or an optimizer chose."""


def row_name(node: Node | None, tensor: str) -> str:
    """Return the name of the row of a node and its weight, or of a tensor without a node.

    >>> row_name(Node(name="/up/up.0/ConvTranspose"), "up.0.weight")
    'up.0'
    >>> row_name(Node(name="/up/up.0/ConvTranspose", op_type="ConvTranspose"), "onnx::ConvTranspose_17")
    'up.0'
    >>> row_name(None, "position")
    'position'
    """
    # A key has a prefix between NULs, which is not part of the name.
    tensor = tensor[-MAX_NAME:].split("\0")[-1]
    node_name = (node.name if node else "")[-MAX_NAME:].replace("\0", "")
    weight = WEIGHT.search(tensor)
    if weight and weight.start() and not is_automatic_name(tensor) and node is not None:
        return tensor[: weight.start()]
    if node is None or not (node_name or node.outputs):
        return tensor or "(no name)"
    output = node.outputs[0].split("\0")[-1][:MAX_NAME] if node.outputs else ""
    return _module_path(node_name, node.op_type) or tensor or output or "(no name)"


def is_automatic_name(name: str) -> bool:
    """Return whether an exporter or an optimizer chose the name.

    >>> is_automatic_name("onnx::Conv_17"), is_automatic_name("up.weight")
    (True, False)
    """
    return bool(AUTOMATIC.match(name))


def is_constant_name(name: str) -> bool:
    """Return whether a stored tensor of this name is rather a constant than a parameter.

    >>> is_constant_name("const_fold_opt__211"), is_constant_name("norm/eps"), is_constant_name("steps.bias")
    (True, True, False)
    """
    return bool(CONSTANT.search(name)) or is_automatic_name(name)


def _module_path(name: str, op_type: str) -> str:
    """Return the module path of a node. PyTorch writes /up/up.0/ConvTranspose for the module up.0."""
    if not name.startswith("/"):
        return name
    parts = [part for part in name.split("/") if part]
    is_operator = parts and re.fullmatch(rf"{re.escape(op_type)}(_\d+)?", parts[-1])
    if is_operator and len(parts) > 1:
        parts.pop()
    # A part that the next part begins with is the parent of a Sequential, and would be repeated.
    following = [*parts[1:], ""]
    kept = [part for part, after in zip(parts, following, strict=True) if not after.startswith(f"{part}.")]
    return ".".join(kept)
