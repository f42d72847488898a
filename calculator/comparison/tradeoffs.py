"""The advantage and the cost of each way to upsample, as one text each, whatever the settings are.

Overlap and checkerboard patterns: Odena, Dumoulin & Olah, "Deconvolution and checkerboard artifacts" (2016).
Sub-pixel convolution: Shi et al. (2016); how to start it without a pattern: Aitken et al. (2017).
"""

OVERLAPS = {
    "single": (
        "Few weights and little work. Each output position gets one product, so the overlap is even.",
        "Each output position depends on a single input position: neighbours do not mix, so blocks can be "
        "visible.",
    ),
    "even": (
        "Neighbours mix, and every output position adds up the same number of products.",
        "More weights and work than a smaller kernel; even overlap alone does not rule out a checkerboard "
        "pattern.",
    ),
    "uneven": (
        "Neighbours mix, with fewer weights and less work than the next larger kernel with even overlap.",
        "Some output positions add up more products than others, which favours a checkerboard pattern.",
    ),
    "holes": (
        "Very few weights and very little work.",
        "The kernel is smaller than the scale, so some output positions get no product at all.",
    ),
}
"""A transposed convolution, by how its products overlap: (advantage, cost)."""

TRADEOFFS = {
    "grouped": (
        "The weights and the work are divided by the number of groups; the overlap is the same.",
        "Channels of different groups do not mix in this layer.",
    ),
    "depthwise": (
        "One kernel per channel enlarges, then a convolution with kernel 1 mixes the channels. With many "
        "channels this is little work.",
        "Every output channel is a mix of the same few kernels, and training keeps one more large output.",
    ),
    "separable": (
        "One layer per axis, so the weights grow with the sum of the kernel sizes, not with their product. "
        "In between are as many channels as the smaller of input and output has.",
        "Fewer kernels can be learned, and training keeps the output of every layer in between.",
    ),
    "nearest-conv": (
        "The overlap is even for every kernel: each output position adds up the same number of products "
        "(Odena et al. 2016).",
        "The convolution works at the output size: every weight is used at every output position.",
    ),
    "linear-conv": (
        "The output is smooth before any training, and the overlap is even for every kernel.",
        "The convolution works at the output size, and must learn to remove the blur where details matter.",
    ),
    "sub-pixel": (
        "The convolution works at the input size. It has as many weights as a transposed convolution with "
        "kernel 3 × the scale.",
        "Many weights. Neighbouring outputs come from different kernels, so a checkerboard pattern can be "
        "visible from the first step, unless these kernels start equal (Aitken et al. 2017).",
    ),
    "linear-pointwise": (
        "Very few weights: training changes only how channels mix.",
        "No spatial weights are learned, and the channels are mixed at the output size.",
    ),
    "pointwise-linear": (
        "The same function as interpolating first, with less work: the channels are mixed at the input size.",
        "No spatial weights are learned.",
    ),
}
"""The other ways, by key: (advantage, cost)."""
