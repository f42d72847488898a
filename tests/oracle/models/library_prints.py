"""Prints of networks of transformers, diffusers, timm, segmentation-models-pytorch and efficientnet-pytorch.

All are built from a configuration, with random values or none; nothing is downloaded.
"""

import importlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.helpers.real_models import RealModel
from tests.oracle.models.prints import printed
from tests.oracle.vision import name_operators

LIBRARIES = (
    "torch",
    "transformers",
    "diffusers",
    "timm",
    "segmentation-models-pytorch",
    "efficientnet-pytorch",
)

SMALL: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "vocab_size": 50,
}
TRANSFORMERS: dict[str, dict[str, Any]] = {
    "BertForMaskedLM": SMALL,
    "GPT2LMHeadModel": {"n_embd": 32, "n_layer": 2, "n_head": 4, "vocab_size": 50},
    "LlamaForCausalLM": SMALL | {"num_key_value_heads": 2},
    "T5ForConditionalGeneration": {"d_model": 32, "d_ff": 64, "d_kv": 8, "num_layers": 2, "num_heads": 4},
    "ViTForImageClassification": SMALL,
    "SegformerForSemanticSegmentation": {"hidden_sizes": [8, 16, 32, 64], "decoder_hidden_size": 32},
    "SwinModel": {"embed_dim": 16, "depths": [1, 1], "num_heads": [2, 2]},
    "DPTForDepthEstimation": SMALL
    | {"backbone_out_indices": [0, 1, 1, 1], "neck_hidden_sizes": [8, 8, 16, 16]},
    "SpeechT5HifiGan": {"upsample_initial_channel": 32},
    "VitsModel": {"hidden_size": 32, "num_hidden_layers": 1, "ffn_dim": 64, "upsample_initial_channel": 32},
    "EncodecModel": {"num_filters": 4, "codebook_size": 16, "hidden_size": 16, "codebook_dim": 16},
    "Wav2Vec2Model": SMALL
    | {"conv_dim": [16] * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 4},
    "MimiModel": {},
    "SamModel": {},
    "CLIPModel": {},
    "WhisperModel": {"d_model": 48, "encoder_layers": 1, "decoder_layers": 1},
}
DIFFUSERS: dict[str, dict[str, Any]] = {
    "UNet2DModel": {"block_out_channels": (32, 32, 64, 64), "norm_num_groups": 8},
    "UNet2DConditionModel": {
        "block_out_channels": (16, 32, 32, 32),
        "norm_num_groups": 8,
        "cross_attention_dim": 16,
    },
    "AutoencoderKL": {"block_out_channels": (16, 32), "norm_num_groups": 8}
    | {"down_block_types": ("DownEncoderBlock2D",) * 2, "up_block_types": ("UpDecoderBlock2D",) * 2},
    "VQModel": {"norm_num_groups": 8, "block_out_channels": (16,)},
    "AutoencoderOobleck": {"encoder_hidden_size": 8, "decoder_channels": 8, "decoder_input_channels": 8},
    "AutoencoderTiny": {},
    "ControlNetModel": {
        "block_out_channels": (16, 32, 32, 32),
        "norm_num_groups": 8,
        "cross_attention_dim": 16,
    },
    "UNet1DModel": {},
    "PriorTransformer": {"num_layers": 1, "num_attention_heads": 2, "attention_head_dim": 8},
}
TIMM = (
    *("efficientnet_b0", "tf_efficientnet_b0", "resnet18", "vit_tiny_patch16_224", "convnext_atto"),
    *(
        "mobilenetv3_small_050",
        "regnetx_002",
        "swin_tiny_patch4_window7_224",
        "densenet121",
        "hrnet_w18_small",
    ),
    *("mixer_s32_224", "levit_128s", "xcit_nano_12_p16_224", "repvgg_a0", "nfnet_f0", "inception_v3"),
)
SEGMENTATION = (
    *(
        ("Unet", "resnet18"),
        ("Unet", "efficientnet-b0"),
        ("UnetPlusPlus", "resnet18"),
        ("Linknet", "resnet18"),
    ),
    *(("MAnet", "resnet18"), ("FPN", "mobilenet_v2"), ("PSPNet", "vgg11"), ("DeepLabV3Plus", "resnet18")),
    *(("PAN", "resnet18"), ("UPerNet", "resnet18"), ("Segformer", "mit_b0")),
)
KEPT = frozenset(
    {"Unet on efficientnet-b0", "Linknet on resnet18", "efficientnet-b0", *TIMM[:4], *TRANSFORMERS}
)
"""What is recorded; the rest is compared only live."""


def models() -> Iterator[RealModel]:
    """Yield the print of each network."""
    torch = importlib.import_module("torch")
    name_operators()
    for name, build in (*_transformers(), *_others()):
        with torch.device("meta"):
            try:
                network = build()
            except (RuntimeError, NotImplementedError) as error:
                if "meta" not in str(error):
                    raise
                with torch.device("cpu"):
                    network = build()
        short = name.split(": ")[1]
        yield printed(f"print, {name}", f"{network}\n", network, kept=short in KEPT or short in DIFFUSERS)


def _transformers() -> Iterator[tuple[str, Callable[[], Any]]]:
    library = importlib.import_module("transformers")
    for name, settings in TRANSFORMERS.items():
        kind = getattr(library, name)
        yield f"transformers: {name}", partial(_configured, kind, settings)
    yield "transformers: an own encoder and decoder", partial(_pair, library)


def _configured(kind: Any, settings: dict[str, Any]) -> Any:
    return kind(kind.config_class(**settings))


def _pair(library: Any) -> Any:
    config = library.BertConfig(**SMALL)
    return library.EncoderDecoderModel(
        library.EncoderDecoderConfig.from_encoder_decoder_configs(config, config)
    )


def _others() -> Iterator[tuple[str, Callable[[], Any]]]:
    library = importlib.import_module("diffusers")
    for name, settings in DIFFUSERS.items():
        yield f"diffusers: {name}", partial(getattr(library, name), **settings)
    timm = importlib.import_module("timm")
    for name in TIMM:
        yield f"timm: {name}", partial(timm.create_model, name, pretrained=False)
    smp = importlib.import_module("segmentation_models_pytorch")
    for name, encoder in SEGMENTATION:
        build = partial(getattr(smp, name), encoder, encoder_weights=None)
        yield f"segmentation_models_pytorch: {name} on {encoder}", build
    efficient = importlib.import_module("efficientnet_pytorch").EfficientNet
    for name in ("efficientnet-b0", "efficientnet-b3"):
        yield f"efficientnet_pytorch: {name}", partial(efficient.from_name, name)
