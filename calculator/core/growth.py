"""Growth laws: what doubling one setting does to weights, biases and total, exactly."""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

from calculator.core.errors import LayerError
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
    """What doubling ``setting`` does to one layer.

    ``after`` is the doubled layer, or ``None`` where it cannot exist; then ``refusal`` says why.
    The factors are exact: counts after over counts before. Biases that stay 0 have factor 1.
    """

    setting: str
    before: ConvTranspose
    after: ConvTranspose | None
    refusal: str = ""

    @property
    def weights(self) -> Fraction | None:
        """The factor on the weights."""
        return self._factor("weight_count")

    @property
    def biases(self) -> Fraction | None:
        """The factor on the biases."""
        return self._factor("bias_count")

    @property
    def total(self) -> Fraction | None:
        """The factor on the parameters."""
        return self._factor("parameter_count")

    def _factor(self, count: str) -> Fraction | None:
        if self.after is None:
            return None
        before: int = getattr(self.before, count)
        after: int = getattr(self.after, count)
        return Fraction(after, before) if before else Fraction(1)


def _doubled(layer: ConvTranspose, setting: str) -> ConvTranspose:
    value: int | tuple[int, ...] = getattr(layer, setting)
    twice = tuple(2 * v for v in value) if isinstance(value, tuple) else 2 * value
    return dataclasses.replace(layer, **{setting: twice})  # type: ignore[arg-type]


def growth_law(layer: ConvTranspose, setting: str) -> GrowthLaw:
    """Return what doubling ``setting`` (one of ``DOUBLED``) does to ``layer``.

    ``kernel_size`` doubles on every axis. Raises ``ValueError`` for a setting that has no double.

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
    """Return the law of every setting that can be doubled, in the order of ``DOUBLED``."""
    return tuple(growth_law(layer, setting) for setting in DOUBLED)


SWEPT = ("kernel_size", "in_channels", "out_channels")
"""The settings that are swept: the ones the count depends on."""


def with_setting(layer: ConvTranspose, setting: str, value: int) -> ConvTranspose:
    """Return ``layer`` with ``setting`` at ``value``.

    ``kernel_size`` changes on every axis when the kernel is square, else on axis 0 alone, so that the
    layer itself lies on its own curve. Raises ``LayerError`` for a value the layer refuses.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    >>> with_setting(layer, "kernel_size", 5).kernel_size
    (5, 1)
    """
    if setting not in SWEPT:
        raise ValueError(f"setting must be one of {', '.join(SWEPT)}, received {setting!r}.")
    if setting != "kernel_size":
        return dataclasses.replace(layer, **{setting: value})  # type: ignore[arg-type]
    kernel = layer.kernel_size
    square = len(set(kernel)) == 1
    return dataclasses.replace(layer, kernel_size=(value,) * len(kernel) if square else (value, *kernel[1:]))


def current_value(layer: ConvTranspose, setting: str) -> int:
    """Return where ``layer`` stands on the sweep of ``setting``."""
    value = getattr(layer, setting)
    return int(value[0]) if isinstance(value, tuple) else int(value)


def sweep_law(layer: ConvTranspose, setting: str) -> GrowthLaw:
    """Return what doubling does along the sweep of ``setting`` (one of ``SWEPT``).

    Unlike ``growth_law``, a kernel that is not square doubles on axis 0 alone, as ``with_setting`` does.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    >>> sweep_law(layer, "kernel_size").weights
    Fraction(2, 1)
    """
    return GrowthLaw(setting, layer, with_setting(layer, setting, 2 * current_value(layer, setting)))
