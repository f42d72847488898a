"""Networks of PyTorch whose every parameter is in a standard layer."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.oracle.vision import torchvision_models

Build = Callable[[], Any]


def networks(torch: Any) -> dict[str, Build]:
    """Networks that are built of standard layers, torchvision's among them."""
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
    # Those left out hold parameters in modules of their own, which no print shows, or need real tensors.
    left_out = ("vit_", "swin", "maxvit", "convnext", "regnet")
    for name in models.list_models(module=models):
        if not name.startswith(left_out):
            found[name] = partial(models.get_model, name, weights=None)
    for name in models.list_models(module=models.segmentation):
        found[name] = partial(models.get_model, name, weights=None, weights_backbone=None)
    return found


def dcgan(nn: Any) -> Any:
    """The generator of the DCGAN example of PyTorch: 3,576,704 parameters."""
    layers = [nn.ConvTranspose2d(100, 512, 4, 1, 0, bias=False), nn.BatchNorm2d(512), nn.ReLU(True)]
    for came, went in ((512, 256), (256, 128), (128, 64)):
        layers += [nn.ConvTranspose2d(came, went, 4, 2, 1, bias=False), nn.BatchNorm2d(went), nn.ReLU(True)]
    return nn.Sequential(*layers, nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh())


def unet(nn: Any) -> Any:
    """A U-Net whose modules are classes of its own, as people write them: 31,037,633 parameters."""

    class DoubleConv(nn.Module):  # type: ignore[misc]
        def __init__(self, came: int, went: int) -> None:
            super().__init__()
            layers = []
            for channels in (came, went):
                conv = nn.Conv2d(channels, went, kernel_size=3, padding=1, bias=False)
                layers += [conv, nn.BatchNorm2d(went), nn.ReLU(inplace=True)]
            self.double_conv = nn.Sequential(*layers)

    class Up(nn.Module):  # type: ignore[misc]
        def __init__(self, came: int) -> None:
            super().__init__()
            self.up = nn.ConvTranspose2d(came, came // 2, kernel_size=2, stride=2)
            self.conv = DoubleConv(came, came // 2)

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
