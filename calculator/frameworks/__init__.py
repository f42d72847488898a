"""What each framework makes of a transposed convolution, all behind one protocol."""

from collections.abc import Mapping
from types import MappingProxyType

from calculator.frameworks.flax import Flax
from calculator.frameworks.keras import Keras
from calculator.frameworks.onnx import Onnx
from calculator.frameworks.protocol import Framework
from calculator.frameworks.pytorch import PyTorch

_ALL: tuple[Framework, ...] = (PyTorch(), Keras(), Flax(), Onnx())

FRAMEWORKS: Mapping[str, Framework] = MappingProxyType({item.name: item for item in _ALL})
"""Every framework by its key, in the order they are shown: pytorch, keras, flax, onnx."""

__all__ = ["FRAMEWORKS", "Framework"]
