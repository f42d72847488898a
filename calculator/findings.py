"""What a chart shows, in a sentence: titles over panels and text alternatives."""

from calculator.derivation import number, part_text
from calculator.growth import path_law, times
from calculator.layer import ConvTranspose
from calculator.settings import axis_names

NAMES = {"kernel_size": "kernel", "in_channels": "input channels", "out_channels": "output channels"}


def law_title(layer: ConvTranspose, setting: str) -> str:
    """Return what doubling does along one panel, in three short lines; factors to three digits.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> law_title(layer, "kernel_size")
    '<b>kernel ×2 →<br>weights ×4</b>, biases ×1<br>total ≈×3.94'
    """
    weights, biases, total = _factors(layer, setting)
    second = f"biases {biases}" if layer.bias else "no biases"
    return f"<b>{_name(layer, setting)} ×2 →<br>weights {weights}</b>, {second}<br>total {total}"


def growth_finding(layer: ConvTranspose) -> str:
    """Return what the growth figure shows, as a text alternative."""
    parts = []
    for setting in NAMES:
        weights, _, total = _factors(layer, setting)
        parts.append(f"{_name(layer, setting)} doubled makes weights {weights} and the total {total}")
    return f"How {number(layer.parameter_count)} parameters grow: {'; '.join(parts)}."


def axis_name(layer: ConvTranspose, setting: str) -> str:
    """Return what the axis of one panel counts.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=(2, 1))
    >>> axis_name(layer, "kernel_size"), axis_name(layer, "in_channels")
    ('kernel height', 'input channels')
    """
    if setting == "kernel_size" and len(set(layer.kernel_size)) == 1:
        return "kernel size"
    return _name(layer, setting)


def _name(layer: ConvTranspose, setting: str) -> str:
    if setting == "kernel_size" and len(set(layer.kernel_size)) > 1:
        return f"kernel {axis_names(layer.rank)[0]}"
    return NAMES[setting]


def _factors(layer: ConvTranspose, setting: str) -> tuple[str, str, str]:
    law = path_law(layer, setting)
    weights, biases, total = law.weights, law.biases, law.total
    assert weights is not None
    assert biases is not None
    assert total is not None
    return times(weights), times(biases), times(total)


def split_finding(layer: ConvTranspose) -> str:
    """Return what the split shows, as a text alternative.

    >>> split_finding(ConvTranspose(in_channels=3, out_channels=64, kernel_size=4))
    '3,136 parameters: 3,072 weights and 64 biases.'
    """
    return (
        f"{part_text(layer.parameter_count, 'parameters')}: {part_text(layer.weight_count, 'weights')} "
        f"and {part_text(layer.bias_count, 'biases')}."
    )


def plane_finding(layer: ConvTranspose) -> str:
    """Return what the plane shows, as a text alternative."""
    return (
        f"Parameters over input and output channels. {number(layer.in_channels)} → "
        f"{number(layer.out_channels)} has {number(layer.parameter_count)}; along a line of equal count, "
        "twice the input channels leave room for about half the output channels."
    )
