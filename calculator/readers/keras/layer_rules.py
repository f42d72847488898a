"""The variables of every standard Keras layer, by its configuration and the shape of its input.

No layer is built. Sources: https://keras.io/api/layers/ (Keras 3) and
https://www.tensorflow.org/api_docs/python/tf/keras/layers (Keras 2).
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from calculator.readers.keras import recurrent_variables, variables
from calculator.readers.keras.config_values import RANKS, Config, Inputs, UnknownCountError
from calculator.readers.keras.variables import Variable, Variables

BATCH_NORMS = frozenset({"BatchNormalization", "BatchNormalizationV1", "SyncBatchNormalization"})
"""The classes that keep a moving mean and variance."""

# GroupQueryAttention is the public name of the class GroupedQueryAttention.
ATTENTION = frozenset({"MultiHeadAttention", "GroupQueryAttention", "GroupedQueryAttention"})
"""The classes with layers inside them that are quantised with the other layers of a model."""

BUILDERS: Mapping[str, Callable[[Config, Inputs], Variables]] = MappingProxyType(
    {
        "Dense": variables.dense,
        "EinsumDense": variables.einsum_dense,
        "Embedding": variables.embedding,
        "ReversibleEmbedding": variables.reversible_embedding,
        **dict.fromkeys(BATCH_NORMS, variables.batch_norm),
        "LayerNormalization": variables.layer_norm,
        "GroupNormalization": variables.layer_norm,
        "RMSNormalization": variables.rms_norm,
        "Normalization": variables.normalization,
        "PReLU": variables.prelu,
        "LayerScale": variables.layer_scale,
        "STFTSpectrogram": variables.spectrogram,
        "MultiHeadAttention": recurrent_variables.multi_head,
        **dict.fromkeys(ATTENTION - {"MultiHeadAttention"}, recurrent_variables.grouped_query),
        "Attention": recurrent_variables.attention,
        "AdditiveAttention": recurrent_variables.additive_attention,
        "CuDNNLSTM": partial(recurrent_variables.cudnn, 4),
        "CuDNNGRU": partial(recurrent_variables.cudnn, 3),
        # A cell has the same variables as the layer that runs it over a sequence.
        **{
            f"{name}{end}": partial(recurrent_variables.recurrent, gates)
            for name, gates in (("SimpleRNN", 1), ("GRU", 3), ("LSTM", 4))
            for end in ("", "Cell")
        },
        **{
            f"{name}{rank}D{end}": partial(rule, rank)
            for name, end, rule in (
                ("Conv", "", variables.conv),
                ("Convolution", "", variables.conv),
                ("Conv", "Transpose", variables.conv_transpose),
                ("Convolution", "Transpose", variables.conv_transpose),
                ("DepthwiseConv", "", variables.depthwise_conv),
                ("SeparableConv", "", variables.separable_conv),
                ("SeparableConvolution", "", variables.separable_conv),
                ("ConvLSTM", "", recurrent_variables.conv_lstm),
            )
            for rank in RANKS
        },
    }
)
"""The classes with parameters: class name → the variables of such a layer."""

_POOLINGS = ("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling")
_POOLS = (
    "MaxPool",
    "AvgPool",
    "GlobalMaxPool",
    "GlobalAvgPool",
    "AdaptiveMaxPooling",
    "AdaptiveAveragePooling",
)
_WITH_RANK = ("UpSampling", "ZeroPadding", "Cropping", "SpatialDropout", *_POOLINGS, *_POOLS)

# fmt: off
_WITHOUT_RANK = frozenset({
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
    "ContrastLimitedAdaptiveHistogramEqualization",
})
# fmt: on
WITHOUT_PARAMETERS = _WITHOUT_RANK | {f"{name}{rank}D" for name in _WITH_RANK for rank in RANKS}
"""The classes without parameters."""


SCALES = "A quantised layer stores scales beside its weights, and they are not counted."
QUANTISED_LORA = "A quantised layer with the matrices of enable_lora(), which are not stored, is not counted."


def _is_quantised(policy: object) -> bool:
    """Return whether a policy of types is that of ``quantize``, which alone has a mode: int8, int4/128."""
    if isinstance(policy, Mapping):
        policy = policy.get("config")
        return isinstance(policy, Mapping) and "mode" in policy
    return "_from_" in str(policy)


def layer_variables(class_name: str, config: Config, inputs: Inputs) -> tuple[Variable, ...]:
    """Return the variables of a layer of this class, in the order of ``build``.

    Raises ``UnknownCountError`` where the configuration does not determine them, and ``ReadError`` for
    invalid settings.

    >>> decoder = {"filters": 64, "kernel_size": [3, 3], "strides": [2, 2], "padding": "same"}
    >>> created = layer_variables("Conv2DTranspose", decoder, [(None, 7, 7, 64)])
    >>> [(variable.kind, variable.shape) for variable in created]
    [('weight', (3, 3, 64, 64)), ('bias', (64,))]
    """
    if class_name in WITHOUT_PARAMETERS:
        return ()
    if class_name == "Lambda":
        raise UnknownCountError("A Lambda layer is Python code, which is not run, and may use variables.")
    if class_name not in BUILDERS:
        raise UnknownCountError(
            "Not a standard layer of Keras: its configuration does not determine its parameters."
        )
    if _is_quantised(config.get("dtype")):
        raise UnknownCountError(SCALES if config.get("lora_rank") is None else QUANTISED_LORA)
    return tuple(BUILDERS[class_name](config, inputs))
