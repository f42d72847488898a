"""The tables of classes: each class is in one of them."""

import json
import re

import pytest

from calculator.readers.pytorch.class_names import (
    ALIASES,
    CONTAINERS,
    LAZY,
    PARAMETER_FREE,
    PARAMETER_LISTS,
    SIGNATURES,
    is_known_class,
)
from calculator.readers.pytorch.layer_rules import RULES
from calculator.readers.pytorch.printed import read_printed
from tests.helpers.paths import READER_FILES


def test_every_class_is_in_one_place() -> None:
    sets = [set(RULES), CONTAINERS, LAZY, PARAMETER_LISTS, PARAMETER_FREE, ALIASES.keys()]
    assert sum(map(len, sets)) == len(set().union(*sets))
    assert RULES.keys() == SIGNATURES.keys()
    assert set(ALIASES.values()) <= RULES.keys()
    assert all(map(is_known_class, set().union(*sets)))
    assert not is_known_class("Scale")


# Recorded with PyTorch 2.13: every class of torch.nn whose instance has no parameters and no children.
WITHOUT_PARAMETERS = (READER_FILES / "torch_without_parameters_213.txt").read_text(encoding="utf-8")


def test_every_class_of_pytorch_without_parameters_is_known() -> None:
    model = read_printed(WITHOUT_PARAMETERS)
    assert (model.rows, model.complete) == ((), True)
    classes = re.findall(r"^  \(\d+\): (\w+)\(", WITHOUT_PARAMETERS, re.MULTILINE)
    assert len(classes) == 115
    assert [name for name in classes if not is_known_class(name)] == []


def test_arguments_stand_in_the_order_of_pytorch() -> None:
    # Recorded with inspect.signature in PyTorch 2.13.
    recorded = json.loads((READER_FILES / "torch_signatures_213.json").read_text(encoding="utf-8"))
    assert len(recorded) == 25
    for name, arguments in recorded.items():
        ours = list(SIGNATURES[name])
        assert ours == arguments[: len(ours)], name
        assert len(ours) > 1 or name == "PReLU", name


def test_containers_of_pytorch_have_no_parameters_of_their_own() -> None:
    # torch.nn, torch.nn.parallel, torch.nn.utils.parametrize and torch._dynamo of PyTorch 2.13.
    named = {"Sequential", "ModuleList", "ModuleDict", "Module", "Container", "ParametrizationList"}
    named |= {"Transformer", "TransformerEncoder", "TransformerEncoderLayer", "TransformerDecoder"}
    named |= {"TransformerDecoderLayer", "AdaptiveLogSoftmaxWithLoss"}
    assert named | {"DataParallel", "DistributedDataParallel", "OptimizedModule"} == CONTAINERS


@pytest.mark.parametrize(
    "names",
    [
        # torchvision.ops and torchvision.models.detection
        "FrozenBatchNorm2d StochasticDepth Permute GeneralizedRCNNTransform LastLevelMaxPool AnchorGenerator "
        "DefaultBoxGenerator MultiScaleRoIAlign",
        # timm.layers, einops.layers.torch, monai.networks
        "DropPath SelectAdaptivePool2d GELUTanh AvgPool2dSame BlurPool2d SpaceToDepth RadixSoftmax Rearrange "
        "MemoryEfficientSwish ChannelPad Swish",
        # transformers.activations and the rotary embeddings of transformers.models
        "GELUActivation NewGELUActivation SiLUActivation QuickGELUActivation PytorchGELUTanh "
        "LlamaRotaryEmbedding MistralRotaryEmbedding Qwen2RotaryEmbedding GemmaRotaryEmbedding",
        # fairseq, diffusers, segment-anything
        "MergeBlock WindowPartition WindowDepartition Timesteps",
    ],
)
def test_classes_of_other_libraries_without_parameters_are_known(names: str) -> None:
    printed = "".join(f"  ({place}): {name}()\n" for place, name in enumerate(names.split()))
    model = read_printed(f"Net(\n{printed}  (fc): Linear(in_features=2, out_features=3, bias=True)\n)")
    assert (model.parameter_count, [row.name for row in model.rows], model.complete) == (9, ["fc"], True)
