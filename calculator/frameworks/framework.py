"""The interface of a framework: weight shapes, output sizes, unsupported layers and code."""

from abc import ABC, abstractmethod

from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial

Pads = object
"""A padding argument in the terms of one framework: a number, a word, or a sequence of numbers or pairs.

``None`` stands for a default. The type is ``object`` because every framework checks the argument itself.
"""


class Framework(ABC):
    """A layer as one framework represents it. ``FRAMEWORKS`` has one object for each framework.

    >>> from calculator.frameworks import FRAMEWORKS
    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> for name, framework in FRAMEWORKS.items():
    ...     print(name, framework.title, framework.weight_shape(layer), framework.weight_order)
    pytorch PyTorch (3, 64, 4, 4) (in, out ÷ groups, *kernel)
    keras Keras (4, 4, 64, 3) (*kernel, out, in)
    flax Flax (4, 4, 3, 64) (*kernel, in, out); with transpose_kernel=True (*kernel, out, in)
    onnx ONNX (3, 64, 4, 4) (in, out ÷ groups, *kernel)
    """

    name: str
    """The key in ``FRAMEWORKS``, for example ``"pytorch"``."""

    title: str
    """The name for people, for example ``"PyTorch"``."""

    weight_order: str = "(in, out ÷ groups, *kernel)"
    """The order of the axes of the weights."""

    def weight_shape(self, layer: ConvTranspose) -> tuple[int, ...]:
        """Return the shape of the weights in this framework's order: (in, out / groups, *kernel_size).

        Raises ``LayerError`` for a layer that this framework does not support.
        """
        return layer.weight_shape

    def bias_shape(self, layer: ConvTranspose) -> tuple[int] | None:
        """Return the shape of the biases, (out,), or ``None`` for a layer without bias."""
        return layer.bias_shape

    @abstractmethod
    def output_size(
        self, layer: ConvTranspose, input_size: Spatial, *, padding: Pads = None, output_padding: Pads = None
    ) -> tuple[int, ...]:
        """Return the spatial output size for padding arguments in this framework's own terms.

        ``layer`` gives the kernel, stride and dilation. Each framework documents the terms that it accepts
        and the meaning of ``None``. Raises ``LayerError`` for arguments that the framework refuses.
        """

    @abstractmethod
    def layer_padding(self, layer: ConvTranspose) -> tuple[object, object]:
        """Return the arguments ``(padding, output_padding)`` that express exactly ``layer``.

        Raises ``LayerError`` with the first of ``problems(layer)`` if no arguments do.
        """

    @abstractmethod
    def problems(self, layer: ConvTranspose) -> tuple[str, ...]:
        """Return one sentence for each reason why this framework cannot express exactly ``layer``.

        "Exactly" means the same output as PyTorch's layer for every input, after the weights are put into
        this framework's order. Inputs without an output are excepted.
        """

    @abstractmethod
    def code(self, layer: ConvTranspose) -> str:
        """Return a complete snippet that creates ``layer``, or comments with the reasons why none exists."""
