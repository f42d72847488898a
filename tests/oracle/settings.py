"""Random settings for each framework, valid and invalid, and the answers of this package."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from calculator import ConvTranspose, LayerError
from calculator.frameworks import FRAMEWORKS


class Answer(NamedTuple):
    """The shapes that are compared. A refusal is ``None`` in place of an answer."""

    weight: list[int]
    bias: list[int] | None
    output: list[int]


@dataclass(frozen=True)
class Setting:
    """A layer, an input size, and the padding options of one framework, all of types that JSON has."""

    layer: dict[str, Any]
    input_size: list[int]
    padding: Any
    output_padding: Any

    @property
    def rank(self) -> int:
        return len(self.layer["kernel_size"])


def computed(name: str, setting: Setting) -> Answer | None:
    """Return this package's answer; ``None`` where it raises ``LayerError``."""
    framework = FRAMEWORKS[name]
    try:
        layer = ConvTranspose(**setting.layer)
        weight = framework.weight_shape(layer)
        bias = framework.bias_shape(layer)
        words = {"padding": setting.padding, "output_padding": setting.output_padding}
        output = framework.output_size(layer, setting.input_size, **words)
    except LayerError:
        return None
    return Answer(list(weight), None if bias is None else list(bias), list(output))


class SettingGenerator:
    """A seeded generator of settings for one framework."""

    def __init__(self, name: str, seed: int) -> None:
        self.name = name
        self.rng = random.Random(f"{name} {seed}")

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def axes(self, rank: int, low: int, high: int) -> list[int]:
        return [self.rng.randint(low, high) for _ in range(rank)]

    def layer(self) -> dict[str, Any]:
        """Return settings of a valid layer, with groups mostly where the framework has groups."""
        rank, rng = rng_rank(self.rng), self.rng
        groups = (
            rng.choice([2, 3, 4]) if self.chance(0.5 if self.name in ("pytorch", "onnx") else 0.08) else 1
        )
        stride, dilation = (
            self.axes(rank, 1, rng.choice([1, 2, 4])),
            self.axes(rank, 1, rng.choice([1, 1, 3])),
        )
        if self.name == "keras" and max(stride) > 1 and self.chance(0.9):
            dilation = [1] * rank
        limits = [max(s, d) - 1 for s, d in zip(stride, dilation, strict=True)]
        if self.name == "onnx":  # there None must mean the same as the options of onnxruntime
            limits = [s - 1 for s in stride]
        extra = [rng.randint(0, limit) if self.chance(0.4) else 0 for limit in limits]
        return {
            "in_channels": groups * rng.randint(1, 3),
            "out_channels": groups * rng.randint(1, 3),
            "kernel_size": self.axes(rank, 1, 5),
            "stride": stride,
            "padding": self.axes(rank, 0, rng.choice([0, 1, 2, 4])),
            "output_padding": extra,
            "dilation": dilation,
            "groups": groups,
            "bias": self.chance(0.6),
        }

    def _make_invalid(self, settings: dict[str, Any], rank: int) -> None:
        """Change one setting to a value that PyTorch refuses, or often refuses."""
        name = self.rng.choice(["stride", "padding", "output_padding", "in_channels", "length"])
        if name == "in_channels":
            settings[name] += 1
        elif name == "length":
            settings["stride"] = [1] * (rank + 1)
        else:
            bad = {"stride": 0, "padding": -1, "output_padding": self.rng.choice([-1, 3, 4])}
            settings[name][self.rng.randrange(rank)] = bad[name]

    def padding_options(self, layer: dict[str, Any]) -> tuple[Any, Any]:
        """Return the framework's options (padding, output_padding), a few of them invalid."""
        rank, rng = len(layer["kernel_size"]), self.rng
        valid: Any
        invalid: Any
        if self.name == "flax":
            pairs = [self.axes(2, -2, 4) for _ in range(rank)]
            mixed = [rng.choice([pair, pair[0]]) for pair in pairs]
            invalid = rng.choice([[1] * (rank + 1), [[1, 1, 1]] * rank])
            if max(layer["stride"]) > 1 and self.chance(0.7):  # with stride 1 JAX lets these through
                invalid = rng.choice(["same", "SAME_LOWER", "valid", "CAUSAL"])
            valid = rng.choice([None, "SAME", "VALID", "CIRCULAR", rng.randint(-2, 4), pairs, pairs, mixed])
            return (invalid if self.chance(0.1) else valid), (0 if self.chance(0.03) else None)
        extra = self._extra(layer)
        if self.name == "keras":
            invalid = rng.choice(["causal", "SAME_UPPER", "none", 0, 1])
            return (
                invalid if self.chance(0.08) else rng.choice([None, "valid", "same", "SAME", "Valid"])
            ), extra
        if self.name == "onnx":
            pads = self.axes(2 * rank, 0, rng.choice([0, 1, 3]))
            invalid = rng.choice(["same_upper", "VALID ", "SAME", [*pads, 1], [-1, *pads[1:]]])
            valid = rng.choice([None, "NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID", pads, pads, pads])
            return (invalid if self.chance(0.08) else valid), extra
        invalid = rng.choice(["same", "valid", [0] * (rank + 1), -1])
        valid = rng.choice([None, None, rng.randint(0, 2), self.axes(rank, 0, 2)])
        return (invalid if self.chance(0.05) else valid), extra

    def _extra(self, layer: dict[str, Any]) -> Any:
        """Return an ``output_padding``: ``None``, or numbers that are mostly below the stride."""
        if self.chance(0.5):
            return None
        if self.chance(0.2):
            return self.rng.randint(0, 2)
        return [self.rng.randint(0, max(s - (not self.chance(0.15)), 0)) for s in layer["stride"]]

    def setting(self) -> Setting:
        layer = self.layer()
        rank = len(layer["kernel_size"])
        padding, output_padding = self.padding_options(layer)
        if self.name == "pytorch" and self.chance(0.15):
            self._make_invalid(layer, rank)
            padding = output_padding = None  # or they would replace the invalid setting
        return Setting(layer, self.axes(rank, 1, self.rng.choice([2, 6])), padding, output_padding)


def rng_rank(rng: random.Random) -> int:
    return rng.choice([1, 1, 2, 2, 2, 3])


def distinct_settings(name: str, seed: int) -> Iterator[Setting]:
    """Yield settings for one framework without end and without repetition."""
    generator, seen = SettingGenerator(name, seed), set()
    while True:
        setting = generator.setting()
        key = json.dumps([setting.layer, setting.input_size, setting.padding, setting.output_padding])
        if key not in seen:
            seen.add(key)
            yield setting
