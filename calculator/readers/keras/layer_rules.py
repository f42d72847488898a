"""What each standard layer of Keras holds, by its configuration and the shape of its input. Nothing is built.

Sources: keras.io/api/layers (Keras 3) and tf.keras (Keras 2).
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.readers.keras import recurrent_variables, variables
from calculator.readers.keras.config_values import Config, UnknownCountError, axes
from calculator.readers.keras.variables import Inputs, Part, Parts
from calculator.readers.model import ReadError

RANKS = (1, 2, 3)

BUILDERS: Mapping[str, Callable[[Config, Inputs], Parts]] = MappingProxyType(
    {
        "Dense": variables.dense,
        "EinsumDense": variables.einsum_dense,
        "Embedding": variables.embedding,
        "ReversibleEmbedding": variables.reversible,
        "BatchNormalization": variables.batch_norm,
        "BatchNormalizationV1": variables.batch_norm,
        "SyncBatchNormalization": variables.batch_norm,
        "LayerNormalization": variables.norm,
        "GroupNormalization": variables.norm,
        "RMSNormalization": variables.rms_norm,
        "Normalization": variables.normalization,
        "PReLU": variables.prelu,
        "LayerScale": variables.layer_scale,
        "STFTSpectrogram": variables.spectrogram,
        "MultiHeadAttention": recurrent_variables.multi_head,
        "GroupQueryAttention": recurrent_variables.grouped_query,
        "GroupedQueryAttention": recurrent_variables.grouped_query,
        "Attention": recurrent_variables.attention,
        "AdditiveAttention": recurrent_variables.additive,
        "CuDNNLSTM": partial(recurrent_variables.cudnn, 4),
        "CuDNNGRU": partial(recurrent_variables.cudnn, 3),
        **{
            f"{name}{end}": partial(recurrent_variables.recurrent, gates)
            for name, gates in (("SimpleRNN", 1), ("GRU", 3), ("LSTM", 4))
            for end in ("", "Cell")
        },
        **{f"Conv{rank}D": partial(variables.conv, rank) for rank in RANKS},
        **{f"Convolution{rank}D": partial(variables.conv, rank) for rank in RANKS},
        **{f"Conv{rank}DTranspose": partial(variables.conv_transpose, rank) for rank in RANKS},
        **{f"Convolution{rank}DTranspose": partial(variables.conv_transpose, rank) for rank in RANKS},
        **{f"DepthwiseConv{rank}D": partial(variables.depthwise, rank) for rank in RANKS},
        **{f"SeparableConv{rank}D": partial(variables.separable, rank) for rank in RANKS},
        **{f"SeparableConvolution{rank}D": partial(variables.separable, rank) for rank in RANKS},
        **{f"ConvLSTM{rank}D": partial(recurrent_variables.conv_lstm, rank) for rank in RANKS},
    }
)
"""The layers with parameters: class name → its variables."""

_POOLINGS = ("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling")
_POOLS = (
    "MaxPool",
    "AvgPool",
    "GlobalMaxPool",
    "GlobalAvgPool",
    "AdaptiveMaxPooling",
    "AdaptiveAveragePooling",
)
_SIZED = ("UpSampling", "ZeroPadding", "Cropping", "SpatialDropout", *_POOLINGS, *_POOLS)

# fmt: off
_PLAIN = frozenset({
    "InputLayer", "Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Softmax", "Identity",
    "Masking", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization",
    "UnitNormalization", "Flatten", "Reshape", "Permute", "RepeatVector", "Add", "Subtract", "Multiply",
    "Average", "Maximum", "Minimum", "Concatenate", "Dot", "Merge", "Rescaling", "Resizing", "CenterCrop",
    "CategoryEncoding", "Discretization", "Hashing", "HashedCrossing", "StringLookup", "IntegerLookup",
    "TextVectorization", "MelSpectrogram", "AugMix", "AutoContrast", "CutMix", "MixUp", "Equalization",
    "Solarization", "RandAugment", "MaxNumBoundingBoxes", "RandomBrightness", "RandomColorDegeneration",
    "RandomColorJitter", "RandomContrast", "RandomCrop", "RandomElasticTransform", "RandomErasing",
    "RandomFlip", "RandomGaussianBlur", "RandomGrayscale", "RandomHeight", "RandomHue", "RandomInvert",
    "RandomPerspective", "RandomPosterization", "RandomRotation", "RandomSaturation", "RandomSharpness",
    "RandomShear", "RandomTranslation", "RandomWidth", "RandomZoom", "TFOpLambda", "SlicingOpLambda",
    "TensorFlowOpLayer", "StochasticDepth", "CustomScaleLayer",
})
# fmt: on
NOTHING = _PLAIN | {f"{name}{rank}D" for name in _SIZED for rank in RANKS}
"""The layers without parameters."""

TRANSPOSED = frozenset(f"{name}{rank}DTranspose" for name in ("Conv", "Convolution") for rank in RANKS)

OTHER_SIDE = (
    "Keras's 'same' crops here as no padding of PyTorch does: the layer opens with the same output size, "
    "cropped on the other side."
)


def parts(kind: str, config: Config, inputs: Inputs) -> tuple[Part, ...]:
    """Return the variables of a layer of class ``kind``. Raises ``UnknownCountError`` where nobody can tell.

    >>> decoder = {"filters": 64, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same"}
    >>> [(part.kind, part.shape) for part in parts("Conv2DTranspose", decoder, [(None, 7, 7, 64)])]
    [('weight', (3, 3, 64, 64)), ('bias', (64,))]
    """
    if kind in NOTHING:
        return ()
    if kind == "Lambda":
        raise UnknownCountError("A Lambda layer is Python code, which is not run: it may use variables.")
    if kind not in BUILDERS:
        raise UnknownCountError(
            "Not a standard layer of Keras: its configuration does not say what it holds."
        )
    policy = config.get("dtype")
    if isinstance(policy, Mapping) and "Quantized" in str(policy.get("class_name")):
        raise UnknownCountError(
            "A quantised layer stores scales beside its weights, and they are not counted."
        )
    return tuple(BUILDERS[kind](config, inputs))


def as_layer(config: Config, weight_shape: tuple[int, ...]) -> tuple[ConvTranspose | None, str]:
    """Return a transposed layer of Keras in PyTorch's words, and a note where they do not say the same.

    >>> layer, note = as_layer({"strides": 2, "padding": "same"}, (4, 4, 32, 64))
    >>> layer.in_channels, layer.out_channels, layer.stride, layer.padding, layer.output_padding, note
    (64, 32, (2, 2), (1, 1), (0, 0), '')
    """
    *kernel, out_channels, in_channels = weight_shape
    rank = len(kernel)
    word = str(config.get("padding") or "valid").lower()
    if word not in ("valid", "same"):
        raise ReadError("The padding of a transposed layer of Keras must be 'valid' or 'same'.")
    stride, dilation = axes(config, "strides", rank, 1), axes(config, "dilation_rate", rank, 1)
    asked = None if config.get("output_padding") is None else axes(config, "output_padding", rank, minimum=0)
    found = []
    for axis in range(rank):
        extent = dilation[axis] * (kernel[axis] - 1) + 1
        found.append(_crop(word, extent, stride[axis], None if asked is None else asked[axis]))
    try:
        layer = ConvTranspose(
            in_channels=in_channels,
            out_channels=out_channels,
            kernel_size=tuple(kernel),
            stride=stride,
            padding=tuple(padding for padding, _, _ in found),
            output_padding=tuple(extra for _, extra, _ in found),
            dilation=dilation,
            bias=bool(config.get("use_bias", True)),
        )
    except LayerError:
        return None, "PyTorch has no padding that crops as Keras's 'same' does here."
    return layer, "" if all(exact for _, _, exact in found) else OTHER_SIDE


def _crop(word: str, extent: int, stride: int, asked: int | None) -> tuple[int, int, bool]:
    """Return PyTorch's padding and output_padding on one axis, and whether they crop the same window.

    Keras's 'same' puts ⌈half⌉ of its padding before and the rest after, never more than K − 1 before.
    """
    if word == "valid":
        return 0, max(stride - extent, 0) if asked is None else asked, True
    padded = (stride - extent % 2 if asked is None else asked) + extent % 2 + extent - 2
    before = min((padded + 1) // 2, extent - 1)
    extra = padded - 2 * before
    return (extent - 1 - before, extra, True) if extra >= 0 else (extent - before, extra + 2, False)
