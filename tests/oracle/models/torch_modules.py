"""Module classes of a user, at the top of a file as whole modules need them."""
# mypy: ignore-errors
# The library is not installed where mypy runs.

from typing import Any

import torch
from torch import nn


class Up(nn.Module):
    """A block of its own class, with a parameter of its own."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.up = nn.ConvTranspose2d(inputs, outputs, 2, 2)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.up(x)) * self.scale


class Net(nn.Module):
    """Blocks in a list, a buffer, and a layer that never runs."""

    def __init__(self, _: Any) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 3, padding=1)
        self.ups = nn.ModuleList([Up(6, 6), Up(6, 6)])
        self.heads = nn.ModuleDict({"image": nn.Conv2d(6, 3, 1)})
        self.unused = nn.ConvTranspose2d(5, 5, 3)
        self.register_buffer("mean", torch.zeros(3, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x - self.mean)
        for up in self.ups:
            x = up(x)
        return self.heads["image"](x)


class Shared(nn.Module):
    """A layer that runs twice, a module with two names, and two layers with one weight."""

    def __init__(self, _: Any) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 4, 3, padding=1)
        self.again = self.up
        self.first = nn.Conv2d(4, 4, 1)
        self.second = nn.Conv2d(4, 4, 1)
        self.second.weight = self.first.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.second(self.first(self.again(self.up(self.up(x)))))


class Sequence(nn.Module):
    """An embedding, recurrent layers, attention and a transposed convolution of one dimension."""

    def __init__(self, _: Any) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 6)
        self.lstm = nn.LSTM(6, 5, 2, batch_first=True, bidirectional=True)
        self.gru = nn.GRU(10, 6, batch_first=True)
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)
        self.norm = nn.LayerNorm(6)
        self.up = nn.ConvTranspose1d(6, 3, 4, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.embedding(x.long())
        x = self.gru(self.lstm(x)[0])[0]
        x = self.norm(x + self.attention(x, x, x)[0])
        return self.up(x.transpose(1, 2))
