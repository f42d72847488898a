"""PyTorch: ``torch.nn.ConvTranspose1d``, ``2d`` and ``3d``.

Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
"""

from dataclasses import asdict

from calculator.core.description import LayerDescription
from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.frameworks.code import count_comment, with_settings
from calculator.frameworks.framework import Framework, Pads


class PyTorch(Framework):
    """PyTorch. ``ConvTranspose`` has PyTorch's settings, so PyTorch supports every layer.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    >>> print(PyTorch().code(layer), end="")
    from torch import nn
    <BLANKLINE>
    # 3,072 weights + 64 biases = 3,136 parameters
    layer = nn.ConvTranspose2d(3, 64, kernel_size=4, stride=2, padding=1)
    """

    name = "pytorch"
    title = "PyTorch"

    def output_size(
        self, layer: ConvTranspose, input_size: Spatial, *, padding: Pads = None, output_padding: Pads = None
    ) -> tuple[int, ...]:
        """Return (i − 1)s − 2p + K + op on each axis, with K = d(k − 1) + 1.

        ``padding`` and ``output_padding`` are an int or one int per axis. ``None`` stands for the layer's own
        value. Raises ``LayerError`` for words, values below 0, a negative result, and an ``output_padding``
        that is smaller than neither stride nor dilation. The word 'same' is refused too: PyTorch supports it
        for ordinary convolutions only. A result of 0 is returned, although PyTorch refuses most layers with
        it: only some of its oneDNN kernels compute it.

        >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2)
        >>> PyTorch().output_size(layer, 7), PyTorch().output_size(layer, 7, padding=1, output_padding=1)
        ((15, 15), (14, 14))
        """
        arguments = {"padding": padding, "output_padding": output_padding}
        for name, value in arguments.items():
            if isinstance(value, str):
                raise LayerError(f"PyTorch takes {name} in whole numbers only, received {short_repr(value)}.")
        settings = {name: value for name, value in arguments.items() if value is not None}
        return with_settings(layer, **settings).output_size(input_size)

    def layer_padding(self, layer: ConvTranspose) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the layer's own ``padding`` and ``output_padding``."""
        return layer.padding, layer.output_padding

    def problems(self, layer: ConvTranspose) -> tuple[str, ...]:
        """Return (), because PyTorch supports every layer."""
        return ()

    def code(self, layer: ConvTranspose) -> str:
        """Return the import and the layer, without settings at their defaults."""
        call = LayerDescription(**asdict(layer)).code("ConvTranspose")
        return f"from torch import nn\n\n{count_comment(layer)}\nlayer = nn.{call}\n"
