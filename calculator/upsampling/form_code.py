"""A way to upsample as PyTorch code."""

import math

from calculator.core.formatting import plural
from calculator.core.layer import ConvTranspose
from calculator.upsampling.alternative import Alternative
from calculator.upsampling.layers import Conv, Operation, Shuffle, Unpool
from calculator.upsampling.operations import code, definition


def form_code(alternative: Alternative) -> str:
    """Return the layers as PyTorch code after ``import torch`` and ``from torch import nn``.

    An unpooling stands alone, because its indices are a second input. Convolutions whose output is shuffled
    start equal for all positions of a block (ICNR), so that there is no pattern before training.

    >>> from calculator.upsampling.alternatives import alternatives
    >>> found = {choice.key: choice for choice in alternatives(8, 4, (2, 2))}
    >>> print(form_code(found["conv-shuffle"]))
    # sub-pixel · PixelShuffle: conv 3×3 + shuffle: 1,168 parameters
    layer = nn.Sequential(
        nn.Conv2d(8, 16, kernel_size=3, padding=1),
        nn.PixelShuffle(2),
    )
    with torch.no_grad():  # ICNR: equal weights for the 4 positions of a block (Aitken et al. 2017)
        for weights in layer[0].parameters():
            weights.copy_(weights[::4].repeat_interleave(4, dim=0))
    >>> print(form_code(found["transposed-2x2"]))
    # transposed, kernel 2: 132 parameters
    layer = nn.ConvTranspose2d(8, 4, kernel_size=2, stride=2)
    """
    layers = alternative.operations
    lines = [f"# {alternative.name}: {plural(alternative.parameter_count, 'parameter')}"]
    if isinstance(layers[0], Unpool):
        lines += [
            f"unpool = {code(layers[0])}",
            "# layer(unpool(x, indices)): the indices are those of the pooling, with return_indices=True",
        ]
        layers = layers[1:]
    lines += filter(None, map(definition, layers))
    if len(layers) == 1:
        return "\n".join([*lines, f"layer = {code(layers[0])}"])
    lines += ["layer = nn.Sequential(", *(f"    {code(op)}," for op in layers), ")"]
    return "\n".join([*lines, *_equal_start(alternative)])


def _equal_start(alternative: Alternative) -> list[str]:
    """Return the lines that give the positions of a block equal weights.

    The list is empty without a shuffled layer, and where groups give the positions of a block other inputs.
    """
    layers = alternative.operations
    end = next((n for n, op in enumerate(layers) if isinstance(op, Shuffle)), 0)
    if not end:
        return []
    shuffle = layers[end]
    assert isinstance(shuffle, Shuffle)
    volume = math.prod(shuffle.scale_factor)
    # A depthwise layer passes on what it gets, so the layer before it must start equal too.
    start = end - 1
    while start > 0 and _is_depthwise(layers[start]):
        start -= 1
    first = layers[start]
    if not isinstance(first, Conv) or first.out_channels // first.groups % volume:
        return []
    lines = [
        "with torch.no_grad():  # ICNR: equal weights for the "
        f"{volume} positions of a block (Aitken et al. 2017)"
    ]
    for index in range(start, end):
        lines += [
            f"    for weights in layer[{index}].parameters():",
            f"        weights.copy_(weights[::{volume}].repeat_interleave({volume}, dim=0))",
        ]
    return lines


def _is_depthwise(op: Operation) -> bool:
    return isinstance(op, ConvTranspose | Conv) and op.groups == op.in_channels == op.out_channels
