"""Tables of the classes of ``torch.nn``: the order of their arguments, and the classes without parameters.

Source: https://docs.pytorch.org/docs/stable/nn.html. The tables include a few classes of other libraries that
are in many prints; a comment names the library.
"""


def _with_rank(*stems: str) -> frozenset[str]:
    """Return the names of the classes with 1, 2 and 3 spatial axes."""
    return frozenset(f"{stem}{rank}d" for stem in stems for rank in (1, 2, 3))


TRANSPOSED = _with_rank("ConvTranspose")

_CONV = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
_NORM = ("num_features", "eps", "momentum", "affine", "track_running_stats")
_RNN = ("input_size", "hidden_size", "num_layers")
_RNN_END = ("bias", "batch_first", "dropout", "bidirectional", "proj_size")

SIGNATURES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_with_rank("Conv"), (*_CONV, "dilation", "groups", "bias", "padding_mode")),
    **dict.fromkeys(TRANSPOSED, (*_CONV, "output_padding", "groups", "bias", "dilation", "padding_mode")),
    **dict.fromkeys(_with_rank("BatchNorm", "InstanceNorm"), _NORM),
    "SyncBatchNorm": _NORM,
    "GroupNorm": ("num_groups", "num_channels", "eps", "affine"),
    "LayerNorm": ("normalized_shape", "eps", "elementwise_affine", "bias"),
    "RMSNorm": ("normalized_shape", "eps", "elementwise_affine"),
    "Linear": ("in_features", "out_features", "bias"),
    "Bilinear": ("in1_features", "in2_features", "out_features", "bias"),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "EmbeddingBag": ("num_embeddings", "embedding_dim"),
    "PReLU": ("num_parameters", "init"),
    "RNN": (*_RNN, "nonlinearity", *_RNN_END[:-1]),
    "LSTM": (*_RNN, *_RNN_END),
    "GRU": (*_RNN, *_RNN_END[:-1]),
    "RNNCell": ("input_size", "hidden_size", "bias", "nonlinearity"),
    "LSTMCell": ("input_size", "hidden_size", "bias"),
    "GRUCell": ("input_size", "hidden_size", "bias"),
    "MultiheadAttention": (
        *("embed_dim", "num_heads", "dropout", "bias", "add_bias_kv", "add_zero_attn", "kdim", "vdim"),
    ),
    "Conv1D": ("nf", "nx"),
}
"""The names of the positional arguments of each class that can have parameters, in their order.

Arguments at the end of a signature are left out where no count depends on them and prints always name them.
``Conv1D`` belongs to the transformers library.
"""

LONGER_SIGNATURES = {"Embedding", "EmbeddingBag"}
"""Classes that take more positional arguments than are listed."""

ALIASES = {
    "NonDynamicallyQuantizableLinear": "Linear",  # the output projection of MultiheadAttention
    "_LinearWithBias": "Linear",  # the same, before PyTorch 1.9
    "Conv3DSimple": "Conv3d",  # torchvision's video networks, as the next
    "Conv3DNoTemporal": "Conv3d",
    "LayerNorm2d": "LayerNorm",  # torchvision and timm
    "Conv2dSame": "Conv2d",  # timm, as the next three
    "BatchNormAct2d": "BatchNorm2d",
    "GroupNormAct": "GroupNorm",
    "GroupNorm1": "GroupNorm",
}
"""Classes that have the parameters and the print of another class."""

LAZY = _with_rank("LazyConv", "LazyConvTranspose", "LazyBatchNorm", "LazyInstanceNorm") | {"LazyLinear"}
"""Classes whose parameters have no size before the first input."""

CONTAINERS = frozenset({
    *("Sequential", "ModuleList", "ModuleDict", "Module", "Container", "ParametrizationList"),
    *("Transformer", "TransformerEncoder", "TransformerEncoderLayer"),
    *("TransformerDecoder", "TransformerDecoderLayer", "AdaptiveLogSoftmaxWithLoss"),
    *("DataParallel", "DistributedDataParallel", "OptimizedModule"),
})  # fmt: skip
"""Classes that contain other modules, and have no parameters of their own."""

PARAMETER_LISTS = frozenset({"ParameterList", "ParameterDict"})
"""Classes whose print contains the shapes of their parameters."""

PARAMETER_FREE = frozenset({
    *_with_rank("MaxPool", "MaxUnpool", "AvgPool", "LPPool", "AdaptiveAvgPool", "AdaptiveMaxPool"),
    *_with_rank("ReflectionPad", "ReplicationPad", "ZeroPad", "ConstantPad", "CircularPad", "Dropout"),
    *("FractionalMaxPool2d", "FractionalMaxPool3d", "Dropout", "AlphaDropout", "FeatureAlphaDropout"),
    *("CELU", "ELU", "GELU", "GLU", "Hardshrink", "Hardsigmoid", "Hardswish", "Hardtanh", "LeakyReLU"),
    *("LogSigmoid", "LogSoftmax", "Mish", "RReLU", "ReLU", "ReLU6", "SELU", "SiLU", "Sigmoid", "Softmax"),
    *("Softmax2d", "Softmin", "Softplus", "Softshrink", "Softsign", "Tanh", "Tanhshrink", "Threshold"),
    *("ChannelShuffle", "CosineSimilarity", "CrossMapLRN2d", "Flatten", "Fold", "Identity"),
    *("LocalResponseNorm", "PairwiseDistance", "PixelShuffle", "PixelUnshuffle", "Unflatten", "Unfold"),
    *("Upsample", "UpsamplingBilinear2d", "UpsamplingNearest2d", "QuantStub", "DeQuantStub"),
    *("BCELoss", "BCEWithLogitsLoss", "CTCLoss", "CosineEmbeddingLoss", "CrossEntropyLoss"),
    *("GaussianNLLLoss", "HingeEmbeddingLoss", "HuberLoss", "KLDivLoss", "L1Loss"),
    *("MSELoss", "MarginRankingLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss"),
    *("MultiMarginLoss", "NLLLoss", "NLLLoss2d", "PoissonNLLLoss", "SmoothL1Loss", "SoftMarginLoss"),
    *("TripletMarginLoss", "TripletMarginWithDistanceLoss", "LinearCrossEntropyLoss"),
    *("_WeightNorm", "_SpectralNorm", "_Orthogonal"),
    # torchvision
    *("FrozenBatchNorm2d", "StochasticDepth", "Permute", "GeneralizedRCNNTransform", "LastLevelMaxPool"),
    *("AnchorGenerator", "DefaultBoxGenerator", "MultiScaleRoIAlign"),
    # timm, einops, transformers, MONAI
    *("DropPath", "SelectAdaptivePool2d", "GELUTanh", "AvgPool2dSame", "BlurPool2d", "SpaceToDepth"),
    *("Rearrange", "GELUActivation", "NewGELUActivation", "MemoryEfficientSwish", "ChannelPad"),
})  # fmt: skip
"""Classes without parameters."""

SCRIPTED = frozenset({"RecursiveScriptModule", "TracedModule", "TopLevelTracedModule"})
"""Classes of scripted or traced modules, whose print has the original class as its only argument."""

PARAMETRISATIONS = frozenset({"_WeightNorm", "_SpectralNorm", "_Orthogonal"})
"""Parametrisations of ``torch.nn.utils.parametrizations`` that keep one tensor of the weight's shape."""


def base_class(kind: str) -> str:
    """Return the class whose rules apply to ``kind``, without the prefix ``Parametrized`` and without alias.

    >>> base_class("ParametrizedConv2d"), base_class("_LinearWithBias")
    ('Conv2d', 'Linear')
    """
    kind = kind.removeprefix("Parametrized")
    return ALIASES.get(kind, kind)


def is_known_class(kind: str) -> bool:
    """Return whether these tables determine the parameters of the class ``kind``."""
    kind = base_class(kind)
    return (
        kind in SIGNATURES
        or kind in PARAMETER_FREE
        or kind in CONTAINERS
        or kind in LAZY
        or kind in PARAMETER_LISTS
    )
