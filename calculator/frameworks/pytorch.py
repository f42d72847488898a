"""PyTorch: ``torch.nn.ConvTranspose1d``, ``2d`` and ``3d``.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
"""

from dataclasses import asdict

from calculator.core.description import LayerDescription
from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.frameworks.code import adjusted, count_comment


class PyTorch:
    """The framework whose words the layer itself uses, so that it can say every layer.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    >>> print(PyTorch().code(layer), end="")
    from torch import nn
    <BLANKLINE>
    # 3,072 weights + 64 biases = 3,136 parameters
    layer = nn.ConvTranspose2d(3, 64, kernel_size=4, stride=2, padding=1)
    """

    name = "pytorch"
    title = "PyTorch"

    def weight_shape(self, layer: ConvTranspose) -> tuple[int, ...]:
        """Return (in, out / groups, *kernel_size)."""
        return layer.weight_shape

    def bias_shape(self, layer: ConvTranspose) -> tuple[int] | None:
        """Return (out,); ``None`` without bias. PyTorch's default is with."""
        return layer.bias_shape

    def output_size(
        self,
        layer: ConvTranspose,
        input_size: Spatial,
        *,
        padding: object = None,
        output_padding: object = None,
    ) -> tuple[int, ...]:
        """Return (i − 1)s − 2p + K + op on each axis, with K = d(k − 1) + 1.

        ``padding`` and ``output_padding``: an int or one per axis; ``None`` is the layer's own.
        Raises ``LayerError`` for words ('same' too: PyTorch has it for convolutions, not for
        transposed ones), for values below 0, for an ``output_padding`` below neither stride nor
        dilation, and for a negative result. A result of 0 is allowed, as it is where PyTorch
        computes with oneDNN; its other kernels refuse it.

        >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2)
        >>> PyTorch().output_size(layer, 7), PyTorch().output_size(layer, 7, padding=1, output_padding=1)
        ((15, 15), (14, 14))
        """
        asked = {"padding": padding, "output_padding": output_padding}
        for name, value in asked.items():
            if isinstance(value, str):
                raise LayerError(f"PyTorch takes {name} in whole numbers only, received {short_repr(value)}.")
        given = {name: value for name, value in asked.items() if value is not None}
        return adjusted(layer, **given).output_size(input_size)

    def layer_padding(self, layer: ConvTranspose) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the layer's own ``padding`` and ``output_padding``."""
        return layer.padding, layer.output_padding

    def problems(self, layer: ConvTranspose) -> tuple[str, ...]:
        """Return (): a layer is what PyTorch accepts."""
        return ()

    def code(self, layer: ConvTranspose) -> str:
        """Return the import and the layer; settings at their default are left out."""
        call = LayerDescription(**asdict(layer)).code("ConvTranspose")
        return f"from torch import nn\n\n{count_comment(layer)}\nlayer = nn.{call}\n"
