"""The tables of classes: each class is in one of them."""

import json
import re

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
