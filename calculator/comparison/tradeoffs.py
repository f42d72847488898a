"""What each way to upsample gives and what it costs, a sentence each; nothing here depends on the settings.

Overlap and checkerboards: Odena, Dumoulin & Olah, "Deconvolution and checkerboard artifacts" (2016).
Sub-pixel convolution: Shi et al. (2016); how it can start without a pattern: Aitken et al. (2017).
"""

OVERLAPS = {
    "single": (
        "Few weights and little work; no two products meet, so there is no overlap to be uneven.",
        "Every output position sees a single input position: neighbours do not mix, so blocks can show.",
    ),
    "even": (
        "Neighbours mix, and equally many products meet in every output position.",
        "More weights and work than a smaller kernel; even overlap alone does not rule a pattern out.",
    ),
    "uneven": (
        "Neighbours mix, with fewer weights and less work than the next kernel that overlaps evenly.",
        "More products meet in some output positions than in others, which favours a checkerboard.",
    ),
    "holes": (
        "Very few weights and very little work.",
        "The kernel is smaller than the scale: some output positions get no product at all.",
    ),
}
"""A transposed convolution, by how its products overlap: (what you get, what you pay)."""

TRADEOFFS = {
    "grouped": (
        "The weights and the work are divided by the number of groups; the overlap stays as it is.",
        "Channels of different groups do not mix in this layer.",
    ),
    "depthwise": (
        "One kernel per channel spreads, then a convolution of kernel 1 mixes: cheap with many channels.",
        "Every output channel mixes the same few kernels, and there is one more large output to keep.",
    ),
    "separable": (
        "One layer per axis: kernels cost the sum of their sides, not the product. In between are as many "
        "channels as the smaller of input and output has.",
        "Fewer kernels can be learned, and every layer in between has an output to keep.",
    ),
    "nearest-conv": (
        "Even by construction: equally many products meet in every output position (Odena et al. 2016).",
        "The convolution works at the output size: every weight at every output position.",
    ),
    "linear-conv": (
        "Smooth before anything is learned, and even by construction.",
        "The convolution works at the output size, and has to undo the blur where detail is wanted.",
    ),
    "sub-pixel": (
        "Works at the input size, with the weights of a transposed convolution of 3 × the scale as kernel.",
        "Many weights. Neighbouring outputs come from kernels of their own: a checkerboard can show from the "
        "first step, unless they start alike (Aitken et al. 2017).",
    ),
    "linear-pointwise": (
        "Very few weights: only how channels mix is learned.",
        "Nothing is learned about space, and the mix is computed at the output size.",
    ),
    "pointwise-linear": (
        "The same function as interpolating first, for less work: the mix is computed at the input size.",
        "Nothing is learned about space.",
    ),
}
"""The others, by key: (what you get, what you pay)."""
