"""The advantage and the cost of each way to upsample, as one text each, whatever the settings are.

Overlap and checkerboard patterns: Odena, Dumoulin & Olah, "Deconvolution and checkerboard artifacts" (2016).
Sub-pixel convolution: Shi et al. (2016); how to start it without a pattern: Aitken et al. (2017). Depthwise
first: MobileNet (2017); kernel 1 first: Haase & Amthor, "Rethinking depthwise separable convolutions" (2020).
Unpooling: SegNet (2017). A mean over the scale: Sugawara, Shiota & Kiya (2019). Patch expanding: Swin-Unet
(2022).
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

BLURRED = (
    "The last layer is a mean over as many positions as each input position has become. It removes the "
    "checkerboard pattern, whatever the weights are, and has no weights itself.",
    "The output is smoother, and training keeps the input of the mean twice.",
)
"""Any form with a blur after it: its advantage, and what comes before the cost of the form."""

TRADEOFFS = {
    "grouped": (
        "The weights and the work are divided by the number of groups; the overlap is the same.",
        "Channels of different groups never mix, so it is not compared with the forms that mix them.",
    ),
    "grouped-mixed": (
        "One layer has groups and changes the number of channels, the other mixes the channels where they "
        "are fewer. This needs few weights where the channel counts have large common divisors.",
        "Each group has few channels, so fewer functions can be learned.",
    ),
    "depthwise": (
        "One kernel per channel enlarges, then a convolution with kernel 1 mixes the channels. With many "
        "channels this is little work.",
        "Every output channel is a mix of the same few kernels, and channels are mixed at the output size.",
    ),
    "mixed-first": (
        "A convolution with kernel 1 mixes the channels at the input size, then one kernel per channel "
        "enlarges. With many channels this is less work than the other order.",
        "Every output channel has a single kernel.",
    ),
    "mixed-between": (
        "One kernel per channel enlarges some of the axes, a convolution with kernel 1 mixes the channels, "
        "and kernels per channel enlarge the other axes.",
        "Fewer kernels can be learned, and training keeps the output of every layer in between.",
    ),
    "separable": (
        "Several layers, each for a part of the axes, so the weights grow with the sum of the kernel sizes, "
        "not with their product. In between are as many channels as the smaller of input and output has.",
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
    "conv-resize": (
        "The convolution works at the input size, so the work is divided by the number of output "
        "positions per input position. "
        "There is no checkerboard pattern.",
        "Nothing is learned after the resize: the output has no finer details than the input size allows.",
    ),
    "resize-separable": (
        "Resizing first has no checkerboard pattern, and one kernel per channel with a convolution of kernel "
        "1 has few weights.",
        "Kernels work at the output size, and fewer of them can be learned.",
    ),
    "separable-resize": (
        "Few weights, little work at the input size, and no checkerboard pattern.",
        "Fewer kernels can be learned, and the output has no finer details than the input size allows.",
    ),
    "unpooled": (
        "Each value returns to the position that a max-pooling of the encoder has kept, so edges stay sharp.",
        "It needs the indices of that pooling, works at the output size, and most of its products are with "
        "zeros. The overlap is uneven.",
    ),
    "sub-pixel": (
        "The convolution works at the input size. It has as many weights as a transposed convolution with "
        "kernel 3 × the scale.",
        "Many weights. Neighbouring outputs come from different kernels, so a checkerboard pattern can be "
        "visible from the first step, unless these kernels start equal (Aitken et al. 2017).",
    ),
    "sub-pixel-separable": (
        "A sub-pixel convolution with one kernel per channel: fewer weights than with full kernels.",
        "The convolution with kernel 1 still has the channels of every output position, and fewer kernels "
        "can be learned.",
    ),
    "patch-expanding": (
        "A convolution with kernel 1 (or a linear layer) and a shuffle. It is a transposed convolution whose "
        "kernel is the scale, with a bias for each position of the block.",
        "Each output position depends on a single input position, so blocks can be visible.",
    ),
    "shuffle-first": (
        "The shuffle divides the channels before any weights, so it has by far the fewest weights.",
        "The input channels must be a multiple of the output positions per input position. Each channel "
        "must learn to be one position of a block, and the weights are used at the output size.",
    ),
    "shuffle-pointwise": (
        "Very few weights.",
        "Each output position sees only a part of the input channels, and no spatial weights are learned.",
    ),
    "searched": (
        "Of the chains of small layers that mix all channels and learn weights along every enlarged axis, "
        "the search found none that has both fewer parameters and less work.",
        "Most layers have one kernel per channel or many groups, so fewer functions can be learned.",
    ),
    "interpolated": (
        "Very few weights and little work: the channels are mixed at the input size. In the other order the "
        "function is the same and the work larger.",
        "No spatial weights are learned.",
    ),
}
"""The other ways, by family: (advantage, cost)."""

ALSO = {
    "transposed": "deconvolution, fractionally strided convolution",
    "up-convolution": "up-convolution (U-Net)",
    "depthwise": "depthwise-separable, as in MobileNet",
    "mixed-first": "blueprint-separable, BSConv-U",
    "nearest-conv": "resize-convolution",
    "linear-conv": "resize-convolution",
    "unpooled": "SegNet's decoder",
    "sub-pixel": "ESPCN, depth to space",
    "patch-expanding": "Swin-Unet",
}
"""The names that papers and libraries use, by family."""
