"""PyTorch networks with all parameters in standard layers."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.oracle.vision import torchvision_models

Build = Callable[[], Any]


def networks(torch: Any) -> dict[str, Build]:
    """Return name → function that builds a network of standard layers, some from torchvision."""
    nn = torch.nn
    found: dict[str, Build] = {
        "DCGAN": lambda: dcgan(nn),
        "U-Net": lambda: unet(nn),
        "transformer": lambda: nn.Transformer(64, 4, 3, 2, 128),
        "transformer without biases": lambda: nn.Transformer(32, 4, 2, 2, 64, bias=False),
        "encoder": lambda: nn.TransformerEncoder(
            nn.TransformerEncoderLayer(16, 2), 6, enable_nested_tensor=False
        ),
        "adaptive softmax": lambda: nn.AdaptiveLogSoftmaxWithLoss(16, 100, [10, 40]),
        "a shared layer aside": lambda: nn.Sequential(*(nn.Linear(4, 4) for _ in range(12))),
    }
    models = torchvision_models()
    # These have parameters in their own modules, which a print does not show, or need real tensors.
    left_out = ("vit_", "swin", "maxvit", "convnext", "regnet")
    for name in models.list_models(module=models):
        if not name.startswith(left_out):
            found[name] = partial(models.get_model, name, weights=None)
    for name in models.list_models(module=models.segmentation):
        found[name] = partial(models.get_model, name, weights=None, weights_backbone=None)
    return found


def dcgan(nn: Any) -> Any:
    """Return the generator of PyTorch's DCGAN example, with 3,576,704 parameters."""
    layers = [nn.ConvTranspose2d(100, 512, 4, 1, 0, bias=False), nn.BatchNorm2d(512), nn.ReLU(True)]
    for in_channels, out_channels in ((512, 256), (256, 128), (128, 64)):
        layers += [
            nn.ConvTranspose2d(in_channels, out_channels, 4, 2, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(True),
        ]
    return nn.Sequential(*layers, nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh())


def unet(nn: Any) -> Any:
    """Return a U-Net with its own module classes and 31,037,633 parameters."""

    class DoubleConv(nn.Module):  # type: ignore[misc]
        def __init__(self, in_channels: int, out_channels: int) -> None:
            super().__init__()
            layers = []
            for channels in (in_channels, out_channels):
                conv = nn.Conv2d(channels, out_channels, kernel_size=3, padding=1, bias=False)
                layers += [conv, nn.BatchNorm2d(out_channels), nn.ReLU(inplace=True)]
            self.double_conv = nn.Sequential(*layers)

    class Up(nn.Module):  # type: ignore[misc]
        def __init__(self, in_channels: int) -> None:
            super().__init__()
            self.up = nn.ConvTranspose2d(in_channels, in_channels // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(in_channels, in_channels // 2)

    class UNet(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inc = DoubleConv(3, 64)
            for number, size in enumerate((64, 128, 256, 512), 1):
                down = nn.Sequential(nn.MaxPool2d(2), DoubleConv(size, 2 * size))
                setattr(self, f"down{number}", down)
            for number, size in enumerate((1024, 512, 256, 128), 1):
                setattr(self, f"up{number}", Up(size))
            self.outc = nn.Conv2d(64, 1, kernel_size=1)

    return UNet()
