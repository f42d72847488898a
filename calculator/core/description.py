"""The settings of a layer in one line, in words or as code."""

from dataclasses import dataclass

from calculator.core.formatting import axes_code, format_axes, format_count, format_product

DEFAULTS = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
"""PyTorch's default of every spatial setting that has a default, in the order of its arguments."""


def differs(values: tuple[int, ...], default: int) -> bool:
    """Return whether the value of any axis differs from ``default``.

    >>> differs((1, 1), 1), differs((1, 2), 1)
    (False, True)
    """
    return any(value != default for value in values)


@dataclass(frozen=True, kw_only=True)
class LayerDescription:
    """The settings to describe, one value per axis; settings at PyTorch's defaults are left out.

    The fields are those of ``ConvTranspose`` but are not checked. So a description can also be made of an
    ordinary convolution, and of settings that form no valid layer.

    >>> description = LayerDescription(
    ...     in_channels=3, out_channels=1024, kernel_size=(4, 4), stride=(2, 2), padding=(0, 1), bias=False
    ... )
    >>> description.words()
    '3 → 1,024, kernel 4 × 4, stride 2, padding 0 × 1, no bias'
    >>> description.code("ConvTranspose")
    'ConvTranspose2d(3, 1024, kernel_size=4, stride=2, padding=(0, 1), bias=False)'
    """

    in_channels: int
    out_channels: int
    kernel_size: tuple[int, ...]
    stride: tuple[int, ...] = (1,)
    padding: tuple[int, ...] = (0,)
    output_padding: tuple[int, ...] = (0,)
    dilation: tuple[int, ...] = (1,)
    groups: int = 1
    bias: bool = True

    def words(self) -> str:
        """Return the settings as a list of words."""
        settings = [f"{name.replace('_', ' ')} {format_axes(values)}" for name, values in self._changed()]
        if self.groups != 1:
            settings.append(f"groups {format_count(self.groups)}")
        if not self.bias:
            settings.append("no bias")
        channels = f"{format_count(self.in_channels)} → {format_count(self.out_channels)}"
        return ", ".join([channels, f"kernel {format_product(self.kernel_size)}", *settings])

    def code(self, class_name: str) -> str:
        """Return the call that creates the layer in PyTorch.

        ``class_name`` is ``"Conv"`` or ``"ConvTranspose"``; the number of axes is added to it.
        """
        settings = [f"{name}={axes_code(values)}" for name, values in self._changed()]
        if self.groups != 1:
            settings.append(f"groups={self.groups}")
        if not self.bias:
            settings.append("bias=False")
        channels, kernel = f"{self.in_channels}, {self.out_channels}", axes_code(self.kernel_size)
        arguments = ", ".join([channels, f"kernel_size={kernel}", *settings])
        return f"{class_name}{len(self.kernel_size)}d({arguments})"

    def _changed(self) -> list[tuple[str, tuple[int, ...]]]:
        """Return the names and values of the spatial settings that differ from PyTorch's defaults."""
        values = [(name, getattr(self, name), default) for name, default in DEFAULTS.items()]
        return [(name, value) for name, value, default in values if differs(value, default)]
