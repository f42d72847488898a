"""Three correct totals of one model: parameters in the layers, trainable parameters, and all parameters.

A BatchNorm over C channels trains 2C values (γ and β). It stores 2C more values that are never trained: the
moving mean and variance. Keras lists the latter as non-trainable parameters. PyTorch stores them as buffers,
outside ``parameters()``. Sources: https://keras.io/api/layers/normalization_layers/batch_normalization/
and https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from calculator.core.formatting import format_count
from calculator.core.layer import ConvTranspose


@dataclass(frozen=True)
class Tally:
    """One of the three totals: its name, its value, the sum that gives it, and the reason for it."""

    what: str
    value: int
    expression: str
    reason: str


def tally(
    layers: Sequence[ConvTranspose], *, batch_norm: bool = False, frozen: bool = False
) -> tuple[Tally, ...]:
    """Return the three totals of ``layers``: in the layers, trainable, all.

    With ``batch_norm``, each layer is followed by a BatchNorm. With ``frozen``, the weights and biases of the
    layers are not trained; the BatchNorms still are.

    >>> first = ConvTranspose(in_channels=32, out_channels=1024, kernel_size=(2, 1))
    >>> second = ConvTranspose(in_channels=1024, out_channels=32, kernel_size=(1, 1))
    >>> [item.value for item in tally([first, second], batch_norm=True)]
    [99360, 101472, 103584]
    """
    counts = [layer.parameter_count for layer in layers]
    channels = [layer.out_channels for layer in layers if batch_norm]
    inside, scale_shift = sum(counts), [2 * c for c in channels]
    trained = ([] if frozen else counts) + scale_shift
    everything = counts + scale_shift * 2
    return (
        Tally(
            "In the transposed layer" if len(layers) == 1 else "In the transposed layers",
            inside,
            _sum(counts),
            "Weights and biases: what the formula counts.",
        ),
        Tally("Trainable", sum(trained), _sum(trained), _trainable_reason(batch_norm, frozen)),
        Tally("All", sum(everything), _sum(everything), _all_reason(batch_norm, frozen)),
    )


def _sum(values: Sequence[int]) -> str:
    return " + ".join(format_count(value) for value in values) or "0"


def _trainable_reason(batch_norm: bool, frozen: bool) -> str:
    """Return which values are trained, as a sentence."""
    learned = "Frozen weights and biases do not train" if frozen else "Everything in the layer trains"
    if not batch_norm:
        return f"{learned}; there is no BatchNorm to add."
    return f"{learned}; each BatchNorm adds a scale γ and a shift β per output channel."


def _all_reason(batch_norm: bool, frozen: bool) -> str:
    """Return why the total of all values is as large as it is, as a sentence."""
    if batch_norm:
        return (
            "Keras' summary() also counts each BatchNorm's moving mean and variance, which never train. "
            "PyTorch keeps those as buffers, outside parameters()."
        )
    return "Frozen or not, every parameter is stored." if frozen else "Nothing is added: the same number."
