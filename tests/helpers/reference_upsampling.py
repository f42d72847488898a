"""An independent oracle for upsampling: arrays allocated, layers carried out, products counted.

Nothing here comes from the functions under test. Transposed convolutions scatter (``reference.carry_out``),
convolutions gather from a padded array, resizing is ``np.repeat`` and ``np.interp``, the shuffle goes
channel by channel as in Shi et al. (2016), equation 4, with the channel order of PyTorch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from calculator.core.layer import ConvTranspose
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, Unpool
from tests.helpers import reference
from tests.helpers.reference import Floats

Fill = Callable[[tuple[int, ...]], Floats]
"""Returns an array of a shape, filled with numbers."""


KNOWN_COSTS: dict[str, tuple[int, int]] = {
    "transposed-4x4": (32_800, 8_388_608),
    "transposed-3x3": (18_464, 4_718_592),
    "transposed-2x2": (8_224, 2_097_152),
    "nearest-conv": (18_464, 18_874_368),
    "linear-conv": (18_464, 18_874_368),
    "conv-shuffle": (73_856, 18_874_368),
    # The mixing layer has the only bias: 64·16 + 64·32 + 32; the other order 64·32 + 32·16 + 32.
    "depthwise-transposed-4x4-pointwise": (3_104, 2_359_296),
    "pointwise-depthwise-transposed-4x4": (2_592, 256 * 2_560),
    # 64·32 weights at each of 16×16 input positions.
    "pointwise-linear": (2_080, 524_288),
    # Eight groups: an eighth of 32,768 weights and of 8,388,608.
    "transposed-4x4-grouped": (4_128, 1_048_576),
    # 64·32·4 and 32·32·4 + 32, the first at 16×16 positions, the second at 32×16.
    "transposed-4x1-transposed-1x4": (8_192 + 4_128, 8_192 * 256 + 4_096 * 512),
    # The mean has no weights, so it costs nothing here.
    "transposed-4x4-blur": (32_800, 8_388_608),
    "nearest-depthwise-pointwise": (9 * 64 + 2_080, 1_024 * (9 * 64 + 2_048)),
    "unpool-conv": (18_464, 18_874_368),
    # 64·128 weights and a bias for each of the four positions of a block.
    "pointwise-shuffle": (8_192 + 128, 2_097_152),
    # The shuffle leaves 16 channels: 16·9 weights, split 16·6, and 16·32 + 32.
    "shuffle-depthwise-3x1-depthwise-1x3-pointwise": (96 + 544, 1_024 * (96 + 512)),
    "pointwise-depthwise-transposed-2x2": (2_048 + 128 + 32, 256 * (2_048 + 128)),
}
"""Parameters and multiply–accumulates of 64 → 32 channels, from 16×16 to 32×32, by hand."""


@dataclass(frozen=True)
class LayerArrays:
    """The arrays of one layer: weights for every group, and the biases."""

    groups: list[Floats]
    bias: Floats

    @property
    def weights(self) -> int:
        return sum(group.size for group in self.groups)


def positive(seed: int) -> Fill:
    """Return a filler of whole numbers from 1 to 9: sums of products are exact and never cancel."""
    rng = np.random.default_rng(seed)
    return lambda shape: rng.integers(1, 10, shape).astype(np.float64)


def mixed(seed: int) -> Fill:
    """Return a filler of whole numbers from −9 to 9."""
    rng = np.random.default_rng(seed)
    return lambda shape: rng.integers(-9, 10, shape).astype(np.float64)


def allocate(op: Operation, fill: Fill) -> LayerArrays:
    """Allocate the arrays of a layer, group by group; (in, out, *kernel) in each group."""
    if isinstance(op, Resize | Shuffle | Unpool | Blur):
        return LayerArrays([], np.empty(0))
    ins = np.split(np.arange(op.in_channels), op.groups)
    outs = np.split(np.arange(op.out_channels), op.groups)
    groups = [fill((len(i), len(o), *op.kernel_size)) for i, o in zip(ins, outs, strict=True)]
    return LayerArrays(groups, fill((op.out_channels,)) if op.bias else np.empty(0))


def carry_out(op: Operation, values: Floats, arrays: LayerArrays) -> tuple[Floats, int]:
    """Return the output for ``values`` of (channels, *space), and the products it took."""
    if isinstance(op, Resize):
        return _resized(op, values), 0
    if isinstance(op, Shuffle):
        return _shuffled(op, values), 0
    if isinstance(op, Unpool):
        return _unpooled(op, values), 0
    if isinstance(op, Blur):
        return _blurred(op, values), 0
    if isinstance(op, ConvTranspose):
        spatial = {name: getattr(op, name) for name in ("stride", "padding", "output_padding", "dilation")}
        carried = reference.carry_out(values, arrays.groups, **spatial)
        output, products = carried.output, carried.multiply_accumulates
    else:
        output, products = _convolved(op, values, arrays.groups)
    if arrays.bias.size:
        output = output + arrays.bias.reshape(-1, *[1] * (output.ndim - 1))
    return output, products


def chain(
    operations: Sequence[Operation], values: Floats, layer_arrays: Sequence[LayerArrays]
) -> tuple[Floats, int]:
    """Return the output of layers one after the other, and the products they took."""
    products = 0
    for op, arrays in zip(operations, layer_arrays, strict=True):
        values, layer_products = carry_out(op, values, arrays)
        products += layer_products
    return values, products


def _convolved(op: Conv, values: Floats, groups: list[Floats]) -> tuple[Floats, int]:
    padded = np.pad(values, [(0, 0), *((k // 2, k // 2) for k in op.kernel_size)])
    space = values.shape[1:]
    output, products = np.zeros((op.out_channels, *space)), 0
    width = op.out_channels // op.groups
    for group, (part, kernel) in enumerate(zip(np.split(padded, op.groups), groups, strict=True)):
        for tap in np.ndindex(*op.kernel_size):
            # The inputs that meet this tap, one for each output position.
            spans = tuple(slice(at, at + n) for at, n in zip(tap, space, strict=True))
            taps = kernel[(slice(None), slice(None), *tap)].reshape(*kernel.shape[:2], *(1,) * len(space))
            meeting = part[(slice(None), *spans)][:, None] * taps
            products += meeting.size
            output[group * width : (group + 1) * width] += meeting.sum(axis=0)
    return output, products


def _resized(op: Resize, values: Floats) -> Floats:
    for axis, scale in enumerate(op.scale_factor, start=1):
        if op.mode == "nearest":
            values = np.repeat(values, scale, axis=axis)
            continue
        n = values.shape[axis]
        centres = (np.arange(n * scale) + 0.5) / scale - 0.5
        columns = np.moveaxis(values, axis, -1).reshape(-1, n)
        drawn = np.array([np.interp(centres, np.arange(n), column) for column in columns])
        shape = (*np.moveaxis(values, axis, -1).shape[:-1], n * scale)
        values = np.moveaxis(drawn.reshape(shape), -1, axis)
    return values


def _shuffled(op: Shuffle, values: Floats) -> Floats:
    corners = list(np.ndindex(*op.scale_factor))
    space = [n * r for n, r in zip(values.shape[1:], op.scale_factor, strict=True)]
    output = np.full((values.shape[0] // len(corners), *space), np.nan)
    for channel, plane in enumerate(values):
        corner = corners[channel % len(corners)]
        places = [slice(at, None, r) for at, r in zip(corner, op.scale_factor, strict=True)]
        output[channel // len(corners)][tuple(places)] = plane
    return output


def _unpooled(op: Unpool, values: Floats) -> Floats:
    """Return the values at the places of their blocks that a pooling may have kept: here by the position."""
    output = np.zeros(
        (values.shape[0], *(n * r for n, r in zip(values.shape[1:], op.scale_factor, strict=True)))
    )
    channel, *place = np.indices(values.shape)
    kept = (3 * channel + 5 * sum(place)) % int(np.prod(op.scale_factor))
    for number, corner in enumerate(np.ndindex(*op.scale_factor)):
        places = [slice(at, None, r) for at, r in zip(corner, op.scale_factor, strict=True)]
        output[(slice(None), *places)] = np.where(kept == number, values, 0)
    return output


def _blurred(op: Blur, values: Floats) -> Floats:
    for axis, size in enumerate(op.kernel_size, start=1):
        places = np.arange(values.shape[axis])
        before = [values.take(np.maximum(places - back, 0), axis=axis) for back in range(size)]
        values = np.mean(before, axis=0)
    return values


def anywhere(operations: Sequence[Operation]) -> list[Operation]:
    """Return the layers with a repetition instead of an unpooling: its values may be anywhere in a block."""
    return [Resize(op.scale_factor, "nearest") if isinstance(op, Unpool) else op for op in operations]


def dependence(operations: Sequence[Operation], channels: int, size: Sequence[int], axis: int) -> Floats:
    """Return which output positions along ``axis`` change with which input positions: (output, input).

    Found by running: every weight is positive, there are no biases, and one input position is not 0.
    """
    fill = positive(7)
    layer_arrays = [
        LayerArrays(arrays.groups, np.empty(0)) for arrays in (allocate(op, fill) for op in operations)
    ]
    columns = []
    for position in range(size[axis]):
        values = np.zeros((channels, *size))
        np.moveaxis(values, axis + 1, 0)[position] = 1.0
        output, _ = chain(operations, values, layer_arrays)
        columns.append(np.moveaxis(output, axis + 1, 0).reshape(output.shape[axis + 1], -1).any(axis=1))
    return np.stack(columns, axis=1)
