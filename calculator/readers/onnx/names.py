"""What a layer of an ONNX model is called: by its weight, which keeps a module's path, or by its node."""

import re

from calculator.readers.onnx.graph import Node

LONGEST = 300
"""Characters of a name that are kept."""

WEIGHT = re.compile(r"[._/](?:weight|kernel|gamma|scale|weight_ih_l\d+|weight_hh_l\d+|weight_[gv])(?::0)?\Z")
MADE_UP = re.compile(r"onnx::|/|val_\d|ortshared_|\d+\Z")


def row_name(node: Node | None, tensor: str) -> str:
    """Return the name of a row.

    >>> row_name(Node(name="/up/up.0/ConvTranspose"), "up.0.weight")
    'up.0'
    >>> row_name(Node(name="/up/up.0/ConvTranspose", type="ConvTranspose"), "onnx::ConvTranspose_17")
    'up.0'
    >>> row_name(None, "position")
    'position'
    """
    tensor, called = (
        tensor[-LONGEST:].split("\0")[-1],
        (node.name if node else "")[-LONGEST:].replace("\0", ""),
    )
    weight = WEIGHT.search(tensor)
    if weight and weight.start() and not MADE_UP.match(tensor) and node is not None:
        return tensor[: weight.start()]
    if node is None or not (called or node.outputs):
        return tensor or "(no name)"
    return _module(called, node.type) or tensor or node.outputs[0].split("\0")[-1][:LONGEST] or "(no name)"


def automatic_name(name: str) -> bool:
    """Return whether an exporter made the name up."""
    return bool(MADE_UP.match(name))


def _module(name: str, kind: str) -> str:
    """Return the module's path of a node: PyTorch writes /up/up.0/ConvTranspose for the module up.0."""
    if not name.startswith("/"):
        return name
    parts = [part for part in name.split("/") if part]
    if parts and (parts[-1] == kind or re.fullmatch(re.escape(kind) + r"_\d+", parts[-1])) and len(parts) > 1:
        parts.pop()
    kept = [
        part for part, after in zip(parts, [*parts[1:], ""], strict=True) if not after.startswith(part + ".")
    ]
    return ".".join(kept)
