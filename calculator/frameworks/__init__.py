"""A transposed convolution in PyTorch, Keras, Flax and ONNX: shapes, sizes and code behind one interface."""

from collections.abc import Mapping
from types import MappingProxyType

from calculator.frameworks.flax import Flax
from calculator.frameworks.framework import Framework
from calculator.frameworks.keras import Keras
from calculator.frameworks.onnx import Onnx
from calculator.frameworks.pytorch import PyTorch

_ALL: tuple[Framework, ...] = (PyTorch(), Keras(), Flax(), Onnx())

FRAMEWORKS: Mapping[str, Framework] = MappingProxyType({item.name: item for item in _ALL})
"""All frameworks by key, in the order of the pages: pytorch, keras, flax, onnx."""

__all__ = ["FRAMEWORKS", "Framework"]
