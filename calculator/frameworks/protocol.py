"""The protocol every framework answers to: the shapes, the size, what it cannot say, the code."""

from typing import Protocol

from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial


class Framework(Protocol):
    """One framework's view of a layer; ``FRAMEWORKS`` holds one object for each.

    >>> from calculator.frameworks import FRAMEWORKS
    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    >>> for name, framework in FRAMEWORKS.items():
    ...     print(name, framework.title, framework.weight_shape(layer))
    pytorch PyTorch (3, 64, 4, 4)
    keras Keras (4, 4, 64, 3)
    flax Flax (4, 4, 3, 64)
    onnx ONNX (3, 64, 4, 4)
    """

    @property
    def name(self) -> str:
        """The key, as in ``FRAMEWORKS``: ``"pytorch"``."""

    @property
    def title(self) -> str:
        """The name as people write it: ``"PyTorch"``."""

    def weight_shape(self, layer: ConvTranspose) -> tuple[int, ...]:
        """Return the shape of the weights in this framework's order.

        Raises ``LayerError`` when this framework has no such tensor.
        """

    def bias_shape(self, layer: ConvTranspose) -> tuple[int] | None:
        """Return the shape of the biases, (out,); ``None`` without bias."""

    def output_size(
        self,
        layer: ConvTranspose,
        input_size: Spatial,
        *,
        padding: object = None,
        output_padding: object = None,
    ) -> tuple[int, ...]:
        """Return the spatial output size under ``padding`` in this framework's own words.

        ``layer`` gives the kernel, stride and dilation. Each module says which words there are and
        what ``None`` stands for. Raises ``LayerError`` for what the framework refuses.
        """

    def layer_padding(self, layer: ConvTranspose) -> tuple[object, object]:
        """Return ``(padding, output_padding)``, the words that say exactly ``layer`` here.

        Raises ``LayerError`` with the first of ``problems(layer)`` when there are none.
        """

    def problems(self, layer: ConvTranspose) -> tuple[str, ...]:
        """Return why this framework cannot say exactly ``layer``, in sentences; ``()`` when it can.

        Exactly: the same output as PyTorch's layer for every input that leaves an output, once
        the weights are put in this framework's order.
        """

    def code(self, layer: ConvTranspose) -> str:
        """Return a complete snippet that makes ``layer``, or comments that say why there is none."""
