"""Tables of the real ``paddle.summary``."""

import contextlib
import importlib
import io
import math
from collections.abc import Iterator
from typing import Any

from tests.helpers.real_models import RealModel

LIBRARIES = ("paddlepaddle",)


def models() -> Iterator[RealModel]:
    """Yield the table of each network."""
    paddle = importlib.import_module("paddle")
    for name, (network, shape) in _networks(paddle.nn).items():
        network.eval()
        with contextlib.redirect_stdout(io.StringIO()) as out:
            paddle.summary(network, shape)
        parameters = network.parameters()
        counts: dict[str, Any] = {
            "total": sum(_size(parameter) for parameter in parameters),
            "trained": sum(_size(parameter) for parameter in parameters if not parameter.stop_gradient),
            "transposed": sum(
                _size(parameter)
                for layer in network.sublayers(include_self=True)
                for parameter in layer.parameters(include_sublayers=False)
                if type(layer).__name__.endswith("Transpose")
            ),
        }
        yield RealModel(f"Paddle, {name}", out.getvalue(), **counts)


def _size(parameter: Any) -> int:
    return math.prod(parameter.shape)


def _networks(nn: Any) -> dict[str, tuple[Any, Any]]:
    """Return name → network and the shape of an input."""

    class Block(nn.Layer):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.up = nn.Conv2DTranspose(6, 4, 3, stride=2, groups=2)
            self.norm = nn.BatchNorm2D(4)
            self.scale = self.create_parameter([4, 1, 1])

        def forward(self, value: Any) -> Any:
            return self.norm(self.up(value)) * self.scale

    class Twice(nn.Layer):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.up = nn.Conv2DTranspose(4, 4, 3, padding=1)

        def forward(self, value: Any) -> Any:
            return self.up(self.up(value))

    class Two(nn.Layer):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.one, self.other = nn.Linear(6, 4), nn.Linear(3, 4, bias_attr=False)

        def forward(self, one: Any, other: Any) -> Any:
            return self.one(one) + self.other(other)

    up = [nn.Conv2DTranspose(10, 8, 4, bias_attr=False), nn.BatchNorm2D(8), nn.ReLU()]
    frozen = nn.Sequential(nn.Conv2D(3, 6, 3), nn.GroupNorm(2, 6))
    for parameter in frozen[0].parameters():
        parameter.stop_gradient = True
    inner = nn.Sequential(nn.PReLU(4), nn.Conv2D(4, 1, 1))
    return {
        "generator": (nn.Sequential(*up, nn.Conv2DTranspose(8, 3, 4, 2, 1), nn.Tanh()), (1, 10, 1, 1)),
        "blocks": (nn.Sequential(nn.Conv2D(3, 6, 3), Block(), inner), (1, 3, 8, 8)),
        "twice": (Twice(), (1, 4, 8, 8)),
        "two inputs": (Two(), [(1, 6), (1, 3)]),
        "recurrent": (nn.Sequential(nn.LSTM(4, 5)), (1, 3, 4)),
        "volume": (
            nn.Sequential(nn.Conv3DTranspose(2, 3, 2), nn.Flatten(2), nn.Conv1DTranspose(3, 2, 4)),
            (1, 2, 3, 3, 3),
        ),
        "frozen": (frozen, (1, 3, 8, 8)),
        "transformer": (nn.TransformerEncoderLayer(8, 2, 16), (1, 4, 8)),
        "embedding": (nn.Sequential(nn.Linear(8, 8), nn.LayerNorm(8), nn.GRU(8, 3)), (1, 4, 8)),
    }
