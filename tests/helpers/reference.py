"""An independent oracle: weights allocated and counted, and a transposed convolution really carried out.

Nothing here comes from the package, and no formula for a count or a size is used: weights are arrays
whose elements are counted, sizes are read off the positions that products reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

Floats = npt.NDArray[np.float64]


class NothingLeftError(Exception):
    """The padding crops more positions than there are."""


@dataclass(frozen=True)
class Allocation:
    """The arrays of one layer: a weight array for every group, and the bias vector."""

    groups: list[npt.NDArray[np.int8]]
    bias: npt.NDArray[np.int8]

    @property
    def weights(self) -> int:
        """The elements of all weight arrays, counted."""
        return sum(group.size for group in self.groups)

    @property
    def biases(self) -> int:
        """The elements of the bias vector, counted."""
        return self.bias.size


def allocate(inputs: int, outputs: int, kernel: Sequence[int], groups: int, bias: bool) -> Allocation:
    """Return the arrays of a layer: channels are wired only to those of their own group."""
    ins = np.split(np.arange(inputs), groups)
    outs = np.split(np.arange(outputs), groups)
    wired = [np.empty((len(i), len(o), *kernel), np.int8) for i, o in zip(ins, outs, strict=True)]
    return Allocation(wired, np.empty(outputs if bias else 0, np.int8))


@dataclass(frozen=True)
class Carried:
    """The output of a transposed convolution, channels first, and the products it took."""

    output: Floats
    multiply_accumulates: int

    @property
    def size(self) -> tuple[int, ...]:
        """The spatial shape of the output."""
        return self.output.shape[1:]


def carry_out(
    values: Floats,
    weights: Sequence[Floats],
    *,
    stride: Sequence[int],
    padding: Sequence[int],
    output_padding: Sequence[int],
    dilation: Sequence[int],
) -> Carried:
    """Carry out a transposed convolution by scattering, with one weight array per group.

    ``values`` is (channels, *space); each array of ``weights`` is (in, out, *kernel) of its group.
    Raises ``NothingLeftError`` when the padding crops more than there is.
    """
    products = 0
    # Views with the position first: (*space, channels) and (*kernel, in, out) of each group.
    inputs = [np.moveaxis(part, 0, -1) for part in np.split(values, len(weights))]
    kernels = [np.moveaxis(kernel, (0, 1), (-2, -1)) for kernel in weights]
    width, taps = weights[0].shape[1], weights[0].shape[2:]
    steps = list(zip(values.shape[1:], stride, dilation, strict=True))
    # The last input meets the last tap at the end of the canvas.
    reach = [(n - 1) * s + (k - 1) * d + 1 for (n, s, d), k in zip(steps, taps, strict=True)]
    landed = np.zeros((*reach, width * len(weights)))
    for tap in np.ndindex(taps):
        # Where the products of all inputs with this tap land.
        targets = [slice(t * d, t * d + (n - 1) * s + 1, s) for (n, s, d), t in zip(steps, tap, strict=True)]
        for group, (part, kernel) in enumerate(zip(inputs, kernels, strict=True)):
            meeting = part[..., None] * kernel[tap]
            products += meeting.size
            landed[(*targets, slice(group * width, (group + 1) * width))] += meeting.sum(axis=-2)
    return Carried(_trimmed(np.moveaxis(landed, -1, 0), padding, output_padding), products)


def _trimmed(canvas: Floats, padding: Sequence[int], output_padding: Sequence[int]) -> Floats:
    """Return the canvas all products landed on, extra positions added at its end, both ends cropped."""
    canvas = np.pad(canvas, [(0, 0), *((0, extra) for extra in output_padding)])
    for axis, crop in enumerate(padding, start=1):
        left = canvas.shape[axis] - 2 * crop
        if left < 0:
            raise NothingLeftError
        canvas = np.moveaxis(np.moveaxis(canvas, axis, 0)[crop : crop + left], 0, axis)
    return canvas


@st.composite
def settings(draw: st.DrawFn, channels: int = 4, size: int = 3, crop: int = 4) -> dict[str, Any]:
    """Draw the settings of a layer that can exist, small enough to carry out."""
    rank = draw(st.integers(1, 3))

    def per_axis(minimum: int, maximum: int) -> tuple[int, ...]:
        return tuple(draw(st.integers(minimum, maximum)) for _ in range(rank))

    groups = draw(st.integers(1, 3))
    stride, dilation = per_axis(1, 3), per_axis(1, 3)
    extra = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    return {
        "in_channels": groups * draw(st.integers(1, channels)),
        "out_channels": groups * draw(st.integers(1, channels)),
        "kernel_size": per_axis(1, size),
        "stride": stride,
        "padding": per_axis(0, crop),
        "output_padding": extra,
        "dilation": dilation,
        "groups": groups,
        "bias": draw(st.booleans()),
    }
