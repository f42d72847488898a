"""Small networks of PyTorch, whose files and tables fit into the recordings."""

import warnings
from collections.abc import Sequence
from typing import Any


def small_networks(torch: Any) -> dict[str, Any]:
    """Return name → network with values of zero, which compress well.

    ``example`` is the shape of an input, and ``left_out`` are the ways that cannot take the network.
    ``buffers_counted`` are names of tensors that a state dict has beside the parameters, and no reader can
    know that they are not parameters.
    """
    nn = torch.nn
    made = {
        "generator": _generator(nn),
        "autoencoder": _autoencoder(nn),
        "volume": _volume(nn),
        "block": _own_block(torch),
        "shared": _shared(torch),
        "sequence": _sequence(torch),
        "frozen": _frozen(nn),
        "normed": _normed(torch),
        "hooked": _hooked(nn),
        "encoder": _encoder(nn),
    }
    for network in made.values():
        for tensor in (*network.parameters(), *network.buffers()):
            tensor.detach().zero_()
        network.eval()
    return made


def _with(network: Any, example: Sequence[int], *left_out: str) -> Any:
    network.example, network.left_out = tuple(example), left_out
    network.buffers_counted = [name for name, _ in network.named_buffers() if name == "mean"]
    return network


def _generator(nn: Any) -> Any:
    layers: list[Any] = []
    for inputs, outputs, stride in ((10, 12, 1), (12, 8, 2), (8, 4, 2)):
        layers += [nn.ConvTranspose2d(inputs, outputs, 4, stride, stride - 1, bias=False)]
        layers += [nn.BatchNorm2d(outputs), nn.ReLU(True)]
    return _with(nn.Sequential(*layers, nn.ConvTranspose2d(4, 3, 4, 2, 1), nn.Tanh()), (1, 10, 1, 1))


def _autoencoder(nn: Any) -> Any:
    down = nn.Sequential(nn.Conv2d(3, 6, 3, 2, 1), nn.GroupNorm(2, 6), nn.LeakyReLU(0.2), nn.Dropout2d(0.1))
    up = nn.Sequential(nn.ConvTranspose2d(6, 4, 3, 2, 1, 1, groups=2), nn.PReLU(4), nn.Conv2d(4, 3, 1))
    return _with(nn.Sequential(down, nn.Identity(), up), (1, 3, 16, 16))


def _volume(nn: Any) -> Any:
    layers = [nn.Conv3d(1, 4, 3, padding=1), nn.InstanceNorm3d(4, affine=True)]
    layers += [nn.ConvTranspose3d(4, 2, (2, 3, 3), (2, 1, 1)), nn.ELU(), nn.Flatten(2)]
    return _with(nn.Sequential(*layers, nn.ConvTranspose1d(2, 2, 5, 2, bias=False)), (1, 1, 4, 4, 4))


def _own_block(torch: Any) -> Any:
    return _with(_module("Net")(torch), (1, 3, 8, 8))


def _shared(torch: Any) -> Any:
    return _with(_module("Shared")(torch), (1, 4, 8, 8))


def _sequence(torch: Any) -> Any:
    return _with(_module("Sequence")(torch), (2, 5))


def _frozen(nn: Any) -> Any:
    network = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ConvTranspose2d(8, 8, 2, 2))
    for parameter in network[0].parameters():
        parameter.requires_grad = False
    network[2].bias.requires_grad = False
    return _with(network, (1, 3, 8, 8))


def _normed(torch: Any) -> Any:
    nn, norms = torch.nn, torch.nn.utils
    up = norms.parametrizations.weight_norm(nn.ConvTranspose2d(4, 6, 3))
    old = norms.spectral_norm(nn.Conv2d(6, 2, 3))
    return _with(nn.Sequential(up, old, nn.Softmax(1)), (1, 4, 8, 8), "script", "pickle")


def _hooked(nn: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        up = nn.utils.weight_norm(nn.ConvTranspose2d(4, 6, 3))
    conv = nn.utils.spectral_norm(nn.Conv2d(6, 2, 3))
    return _with(nn.Sequential(up, conv, nn.Tanh()), (1, 4, 8, 8), "script")


def _encoder(nn: Any) -> Any:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return _with(nn.TransformerEncoder(layer, 3, enable_nested_tensor=False), (1, 4, 8), "script")


def _module(name: str) -> Any:
    from tests.oracle.models import torch_modules

    return getattr(torch_modules, name)
