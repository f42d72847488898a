"""Networks built by libraries: MONAI in two and three dimensions, and torchvision."""

import importlib
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.oracle.vision import torchvision_models

Build = Callable[[], Any]

TORCHVISION = (
    *("alexnet", "convnext_tiny", "densenet121", "efficientnet_b0", "googlenet"),
    *("maxvit_t", "mobilenet_v3_large", "mvit_v1_b", "r2plus1d_18", "raft_small", "resnet50", "s3d"),
    *("shufflenet_v2_x1_0", "swin3d_t", "swin_v2_t", "vit_b_32"),
)
WITH_BACKBONE = (
    *("deeplabv3_resnet50", "fcn_resnet50", "fcos_resnet50_fpn", "keypointrcnn_resnet50_fpn"),
    *("maskrcnn_resnet50_fpn", "lraspp_mobilenet_v3_large", "retinanet_resnet50_fpn"),
    "ssd300_vgg16",
)
"""Networks with a backbone, whose weights would be downloaded without ``weights_backbone=None``."""


def library_networks() -> dict[str, Build]:
    """Return name → function that builds the network."""
    models = torchvision_models()
    found = {f"MONAI's {name}": build for name, build in _monai().items()}
    for name in TORCHVISION:
        found[f"torchvision's {name}"] = partial(models.get_model, name, weights=None)
    for name in WITH_BACKBONE:
        made = partial(models.get_model, name, weights=None, weights_backbone=None)
        found[f"torchvision's {name}"] = made
    return found


def exported_networks() -> dict[str, tuple[Build, tuple[int, ...]]]:
    """Return name → (function that builds a small network of MONAI, shape of its input)."""
    nets = importlib.import_module("monai.networks.nets")
    up: dict[str, Any] = {"upsample_mode": "deconv"}
    square, cube = (1, 1, 32, 32), (1, 1, 16, 16, 16)
    return {
        "UNet 2-D": (partial(nets.UNet, 2, 1, 2, (8, 16, 32), (2, 2), num_res_units=2, norm="batch"), square),
        "UNet 3-D": (partial(nets.UNet, 3, 1, 2, (8, 16, 32), (2, 2)), cube),
        "AttentionUnet": (partial(nets.AttentionUnet, 2, 1, 2, (8, 16, 32), (2, 2)), square),
        "BasicUNet": (partial(nets.BasicUNet, 2, 1, 2, (8, 8, 16, 16, 32, 8), norm="batch"), square),
        "SegResNet": (partial(nets.SegResNet, 3, 8, 1, 2, norm="batch", **up), cube),
        "HighResNet": (partial(nets.HighResNet, 2), square),
        "AutoEncoder": (partial(nets.AutoEncoder, 2, 1, 1, (4, 8), (2, 2)), square),
        "Generator": (partial(nets.Generator, (64,), (8, 4, 4), (16, 8, 1), (2, 2, 1)), (1, 64)),
    }


def _monai() -> dict[str, Build]:
    nets = importlib.import_module("monai.networks.nets")
    up: dict[str, Any] = {"upsample_mode": "deconv"}
    dyn = ((3, 3, 3, 3), (1, 2, 2, 2), (2, 2, 2))
    vit: dict[str, Any] = {"hidden_size": 96, "mlp_dim": 192, "num_heads": 4}
    down_up = {
        "downsample_parameters": ((2, 4, 1, 1),) * 2,
        "upsample_parameters": ((2, 4, 1, 1, 0),) * 2,
        **{"channels": (16, 32), "num_res_channels": (16, 32), "num_res_layers": 1},
    }
    return {
        "UNet 2-D": partial(nets.UNet, 2, 1, 2, (16, 32, 64, 128), (2, 2, 2), num_res_units=2),
        "UNet 3-D": partial(nets.UNet, 3, 1, 2, (16, 32, 64, 128, 256), (2, 2, 2, 2), norm="batch"),
        "AttentionUnet 2-D": partial(nets.AttentionUnet, 2, 1, 2, (16, 32, 64), (2, 2)),
        "AttentionUnet 3-D": partial(nets.AttentionUnet, 3, 1, 2, (16, 32, 64), (2, 2)),
        "BasicUNet 2-D": partial(nets.BasicUNet, 2),
        "BasicUNet 3-D": partial(nets.BasicUNet, 3),
        "BasicUNetPlusPlus": partial(nets.BasicUNetPlusPlus, 2),
        "FlexibleUNet": partial(
            nets.FlexibleUNet, 3, 2, "efficientnet-b0", decoder_bias=True, upsample="deconv"
        ),
        "DynUNet 2-D": partial(nets.DynUNet, 2, 1, 3, *dyn, trans_bias=True),
        "DynUNet 3-D": partial(nets.DynUNet, 3, 1, 3, *dyn, res_block=True),
        "SegResNet 2-D": partial(nets.SegResNet, 2, **up),
        "SegResNet 3-D": partial(nets.SegResNet, 3, **up),
        "SegResNetVAE": partial(nets.SegResNetVAE, (32, 32, 32), **up),
        "SegResNetDS": partial(nets.SegResNetDS, 3, 16, **up),
        "VNet 2-D": partial(nets.VNet, 2, bias=True),
        "VNet 3-D": partial(nets.VNet, 3),
        "HighResNet": partial(nets.HighResNet, 3),
        "AutoEncoder": partial(nets.AutoEncoder, 2, 1, 1, (8, 16, 32), (2, 2, 2), num_res_units=1),
        "VarAutoEncoder": partial(nets.VarAutoEncoder, 2, (1, 32, 32), 1, 8, (8, 16), (2, 2)),
        "VarAutoEncoder with tied weights": lambda: _tied(nets),
        "Generator": partial(nets.Generator, (64,), (8, 4, 4), (16, 8, 1), (2, 2, 1)),
        "Discriminator": partial(nets.Discriminator, (1, 32, 32), (8, 16), (2, 2)),
        "UNETR": partial(nets.UNETR, 1, 2, (96, 96, 96), **vit),
        "SwinUNETR": partial(nets.SwinUNETR, 1, 2, feature_size=12),
        "ViTAutoEnc": partial(nets.ViTAutoEnc, 1, (32, 32, 32), (16, 16, 16), num_layers=4, **vit),
        "AHNet": partial(nets.AHNet, spatial_dims=3, upsample_mode="transpose"),
        "MedNeXt": partial(nets.MedNeXt, 3, 8),
        "VQVAE": partial(nets.VQVAE, 2, 1, 1, num_embeddings=16, embedding_dim=8, **down_up),
        "LocalNet": partial(nets.LocalNet, 3, 1, 16, [0, 1, 2, 3], out_channels=3),
        "TopologySearch": nets.TopologySearch,
    }


def _tied(nets: Any) -> Any:
    """Return a network in which two layers share a weight, and have a bias each."""
    network = nets.VarAutoEncoder(3, (1, 16, 16, 16), 1, 8, (8, 16), (2, 2))
    network.logvar.weight = network.mu.weight
    return network
