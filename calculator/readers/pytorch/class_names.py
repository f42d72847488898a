"""Tables of the classes of ``torch.nn``: the order of their arguments, and the classes without parameters.

Source: https://docs.pytorch.org/docs/stable/nn.html. The tables include a few classes of other libraries that
are in many prints; a comment names the library.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


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

HIDING = frozenset({
    *("VisionTransformer", "ShiftedWindowAttention", "ShiftedWindowAttentionV2", "ShiftedWindowAttention3d"),
    *("MultiscaleAttention", "RelativePositionalMultiHeadAttention", "CNBlock"),
})  # fmt: skip
"""Classes of torchvision with parameters of their own besides their layers, which no print shows."""

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
    *("LlamaRotaryEmbedding", "MistralRotaryEmbedding", "Qwen2RotaryEmbedding", "GemmaRotaryEmbedding"),
    *("SiLUActivation", "QuickGELUActivation", "PytorchGELUTanh", "Swish"),
    # fairseq, diffusers, timm (split attention), segment-anything and Swin (windows)
    *("MergeBlock", "RadixSoftmax", "WindowPartition", "WindowDepartition", "Timesteps"),
})  # fmt: skip
"""Classes without parameters."""

SCRIPTED = frozenset({"RecursiveScriptModule", "TracedModule", "TopLevelTracedModule"})
"""Classes of scripted or traced modules, whose print has the original class as its only argument."""

PARAMETRISATIONS = frozenset({"_WeightNorm", "_SpectralNorm", "_Orthogonal"})
"""Parametrisations of ``torch.nn.utils.parametrizations`` that keep one tensor of the weight's shape."""


class _Print(NamedTuple):
    """The arguments in a print: the number of those without a name, names in each print, names in some."""

    unnamed: int
    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def _prints(classes: Iterable[str], unnamed: int, required: str, optional: str = "") -> dict[str, _Print]:
    """Return what a print of each of the classes has; the names are separated by spaces."""
    return dict.fromkeys(classes, _Print(unnamed, frozenset(required.split()), frozenset(optional.split())))


_CONV_OPTIONAL = "padding dilation groups bias padding_mode"
_EMBEDDING_OPTIONAL = "padding_idx max_norm norm_type scale_grad_by_freq sparse"

_INFERRED: dict[str, _Print] = {
    **_prints(TRANSPOSED, 2, "kernel_size stride", f"{_CONV_OPTIONAL} output_padding"),
    **_prints(_with_rank("Conv"), 2, "kernel_size stride", _CONV_OPTIONAL),
    **_prints(_with_rank("BatchNorm", "InstanceNorm"), 1, "eps momentum affine", "track_running_stats bias"),
    **_prints(("SyncBatchNorm",), 1, "eps momentum affine", "track_running_stats bias"),
    **_prints(("GroupNorm",), 2, "eps affine", "bias"),
    **_prints(("LayerNorm",), 1, "eps elementwise_affine", "bias"),
    **_prints(("RMSNorm",), 1, "eps", "elementwise_affine"),  # transformers prints only the shape and eps
    **_prints(("Linear",), 0, "in_features out_features bias"),
    **_prints(("Bilinear",), 0, "in1_features in2_features out_features bias"),
    **_prints(("Embedding",), 2, "", _EMBEDDING_OPTIONAL),
    **_prints(("EmbeddingBag",), 2, "mode", _EMBEDDING_OPTIONAL),
    **_prints(("PReLU",), 0, "num_parameters"),
}
"""The classes that a class of another library can be taken for, and their prints.

The source is ``extra_repr`` of each class in https://github.com/pytorch/pytorch/tree/main/torch/nn/modules.
"""

_OWN_PARAMETERS = re.compile(
    r"Scaled|Merged|L[oO]RA(?!Compatible)|Lora|Noisy|Bayes|Modulated|Cond|Switch|Split|Hyper|Expert|MoE|DoRA"
    r"|WS|Complex|Quaternion|Dynamic|Sinus|Rotary|Relative|Adaptive"
)
"""Words in the names of classes that have other parameters than the class they are named after.

Examples are ``ScaledStdConv2d`` of timm, which has a gain, and ``MergedLinear`` of loralib.
"""

_PERHAPS_TRANSPOSED = re.compile(r"[Dd]e_?[Cc]onv|[Tt]ranspos|[Uu]p_?[Cc]onv|[Ii]nverse")


def may_be_inferred(kind: str) -> list[str]:
    """Return the classes of ``torch.nn`` whose name is a plain part of the name of another library's class.

    >>> may_be_inferred("Conv2dStaticSamePadding"), may_be_inferred("LoRA.Linear"), may_be_inferred("Scale")
    (['Conv2d'], ['Linear'], [])
    """
    name = kind.rpartition(".")[2].removeprefix("Parametrized")
    if _OWN_PARAMETERS.search(name):
        return []
    found = [
        base
        for base in _INFERRED
        if re.search(rf"{base}(?![a-z])", name) or ("Conv" in base and name.endswith(base[:-2]))
    ]
    # Two numbers without a name are a weak sign: the name must end as the class does.
    found = [base for base in found if base != "Embedding" or name.endswith(base)]
    return sorted(found, key=len, reverse=True)


def inferred_class(kind: str, positional: Sequence[object], keywords: Mapping[str, object]) -> str | None:
    """Return the class of ``torch.nn`` that the class ``kind`` of another library is taken for, or ``None``.

    Its name must contain that class, and its print must have exactly the arguments of that class.

    >>> inferred_class("SamLayerNorm", [(256,)], {"eps": 1e-06, "elementwise_affine": True})
    'LayerNorm'
    >>> inferred_class("T5LayerNorm", [], {}) is None
    True
    """
    for base in may_be_inferred(kind):
        unnamed, required, optional = _INFERRED[base]
        if len(positional) == unnamed and required <= keywords.keys() <= required | optional:
            has_shape = bool(positional) and isinstance(positional[0], tuple)
            kernel = keywords.get("kernel_size")
            has_rank = "Conv" not in base or (isinstance(kernel, tuple) and len(kernel) == int(base[-2]))
            if has_shape == (base in {"LayerNorm", "RMSNorm"}) and has_rank:
                return base
    return None


def is_perhaps_transposed(kind: str, base: str) -> bool:
    """Return whether a class that is taken for an ordinary convolution has the name of a transposed one.

    >>> is_perhaps_transposed("DeConv2d", "Conv2d"), is_perhaps_transposed("MyConv2d", "Conv2d")
    (True, False)
    """
    ordinary = base.startswith("Conv") and base not in TRANSPOSED
    return ordinary and _PERHAPS_TRANSPOSED.search(kind) is not None


def base_class(kind: str) -> str:
    """Return the class whose rules apply to ``kind``: without module, prefix ``Parametrized`` and alias.

    >>> base_class("ParametrizedConv2d"), base_class("_LinearWithBias"), base_class("torch.nn.Linear")
    ('Conv2d', 'Linear', 'Linear')
    >>> base_class("torch.nn.modules.conv.Conv2d"), base_class("timm.layers.Linear")
    ('Conv2d', 'timm.layers.Linear')
    """
    module, _, name = kind.rpartition(".")
    if module in {"nn", "torch.nn"} or module.startswith("torch.nn.modules."):
        kind = name
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
