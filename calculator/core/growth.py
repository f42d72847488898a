"""Growth laws: the exact factors on weights, biases and total when one setting doubles."""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.errors import LayerError
from calculator.core.formatting import collapse_axes
from calculator.core.layer import ConvTranspose

DOUBLED = (
    "kernel_size",
    "in_channels",
    "out_channels",
    "groups",
    "stride",
    "padding",
    "output_padding",
    "dilation",
)
"""The settings of a layer that can be doubled."""


@dataclass(frozen=True)
class GrowthLaw:
    """The effect of doubling ``setting`` of the layer ``before``.

    ``after`` is the layer with the doubled setting. It is ``None`` if that layer is invalid, and ``refusal``
    contains the reason. Each factor is the count after divided by the count before, as an exact fraction.
    Biases that stay 0 have the factor 1.
    """

    setting: str
    before: ConvTranspose
    after: ConvTranspose | None
    refusal: str = ""

    @property
    def weights(self) -> Fraction | None:
        """The factor on the weights, or ``None`` for an invalid layer."""
        return self._factor("weight_count")

    @property
    def biases(self) -> Fraction | None:
        """The factor on the biases, or ``None`` for an invalid layer."""
        return self._factor("bias_count")

    @property
    def total(self) -> Fraction | None:
        """The factor on the parameters, or ``None`` for an invalid layer."""
        return self._factor("parameter_count")

    def _factor(self, count: str) -> Fraction | None:
        if self.after is None:
            return None
        before: int = getattr(self.before, count)
        after: int = getattr(self.after, count)
        return Fraction(after, before) if before else Fraction(1)


def _doubled(layer: ConvTranspose, setting: str) -> ConvTranspose:
    """Return the layer with ``setting`` doubled on every axis. Raises ``LayerError``."""
    value: int | tuple[int, ...] = getattr(layer, setting)
    twice = tuple(2 * v for v in value) if isinstance(value, tuple) else 2 * value
    return dataclasses.replace(layer, **{setting: twice})  # type: ignore[arg-type]


def growth_law(layer: ConvTranspose, setting: str) -> GrowthLaw:
    """Return the effect of doubling ``setting`` (one of ``DOUBLED``) of ``layer``.

    A spatial setting doubles on every axis. Raises ``ValueError`` for any other ``setting``.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> law = growth_law(layer, "kernel_size")
    >>> law.weights, law.biases, law.total
    (Fraction(4, 1), Fraction(1, 1), Fraction(193, 49))
    >>> growth_law(layer, "groups").refusal
    'groups must divide in_channels and out_channels, received groups=2, in_channels=3, out_channels=64.'
    """
    if setting not in DOUBLED:
        raise ValueError(f"setting must be one of {', '.join(DOUBLED)}, received {setting!r}.")
    try:
        return GrowthLaw(setting, layer, _doubled(layer, setting))
    except LayerError as error:
        return GrowthLaw(setting, layer, None, str(error))


def growth_laws(layer: ConvTranspose) -> tuple[GrowthLaw, ...]:
    """Return the growth law of every setting that can be doubled, in the order of ``DOUBLED``.

    >>> [law.setting for law in growth_laws(ConvTranspose(3, 64, 4))] == [*DOUBLED]
    True
    """
    return tuple(growth_law(layer, setting) for setting in DOUBLED)


SWEPT = ("kernel_size", "in_channels", "out_channels")
"""The settings whose values are varied in a sweep: the parameter count depends on them."""


def with_setting(layer: ConvTranspose, setting: str, value: int) -> ConvTranspose:
    """Return ``layer`` with ``setting`` (one of ``SWEPT``) at ``value``: one point of a sweep.

    The size of a square kernel changes on every axis, and of any other kernel on axis 0 alone. So the sweep
    passes through the layer itself. Raises ``LayerError`` for a value that gives no valid layer, and
    ``ValueError`` for any other ``setting``.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    >>> with_setting(layer, "kernel_size", 5).kernel_size
    (5, 1)
    """
    if setting not in SWEPT:
        raise ValueError(f"setting must be one of {', '.join(SWEPT)}, received {setting!r}.")
    if setting != "kernel_size":
        return dataclasses.replace(layer, **{setting: value})  # type: ignore[arg-type]
    kernel = layer.kernel_size
    square = len(collapse_axes(kernel)) == 1
    return dataclasses.replace(layer, kernel_size=(value,) * len(kernel) if square else (value, *kernel[1:]))


def current_value(layer: ConvTranspose, setting: str) -> int:
    """Return the value at which the sweep of ``setting`` passes through ``layer``.

    >>> current_value(ConvTranspose(3, 64, (2, 1)), "kernel_size")
    2
    """
    value = getattr(layer, setting)
    return int(value[0]) if isinstance(value, tuple) else int(value)


def sweep_law(layer: ConvTranspose, setting: str) -> GrowthLaw:
    """Return the effect of doubling along the sweep of ``setting`` (one of ``SWEPT``).

    ``growth_law`` doubles a kernel on every axis. This function doubles a kernel that is not square on axis 0
    alone, as ``with_setting`` does. Raises ``LayerError`` if the doubled layer is invalid.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    >>> sweep_law(layer, "kernel_size").weights
    Fraction(2, 1)
    """
    return GrowthLaw(setting, layer, with_setting(layer, setting, 2 * current_value(layer, setting)))
