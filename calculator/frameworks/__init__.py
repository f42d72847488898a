"""A transposed convolution in PyTorch, Keras, Flax and ONNX: shapes, sizes and code behind one interface."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from calculator.core.layer import ConvTranspose
from calculator.frameworks.flax import Flax
from calculator.frameworks.framework import Framework
from calculator.frameworks.keras import Keras
from calculator.frameworks.onnx import Onnx
from calculator.frameworks.pytorch import PyTorch

_FLAX = Flax()
_ALL: tuple[Framework, ...] = (PyTorch(), Keras(), _FLAX, Onnx())

FRAMEWORKS: Mapping[str, Framework] = MappingProxyType({item.name: item for item in _ALL})
"""All frameworks by key, in the order of the pages: pytorch, keras, flax, onnx."""

SNIPPETS: Mapping[str, tuple[str, Framework, Callable[[ConvTranspose], str]]] = MappingProxyType(
    {
        "pytorch": ("PyTorch", _ALL[0], _ALL[0].code),
        "keras": ("Keras", _ALL[1], _ALL[1].code),
        "flax": ("Flax linen", _FLAX, _FLAX.code),
        "flax-nnx": ("Flax nnx", _FLAX, _FLAX.nnx_code),
        "onnx": ("ONNX", _ALL[3], _ALL[3].code),
    }
)
"""The title, the framework and the function of each kind of code by key. Flax has two kinds."""

__all__ = ["FRAMEWORKS", "SNIPPETS", "Framework"]
