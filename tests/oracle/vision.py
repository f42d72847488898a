"""torchvision together with a PyTorch of any build."""

import importlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


@cache
def name_operators() -> None:
    """Define the operators that torchvision needs when it is imported.

    torchvision is compiled for PyTorch with CUDA. With another build its operators are missing, and its
    import fails unless two of them are defined. None of them is run here.
    """
    torch = importlib.import_module("torch")
    found = find_spec("torchvision")
    folders = (found.submodule_search_locations if found else None) or []
    try:
        for file in (file for folder in folders for file in Path(folder).glob("_C*.so")):
            torch.ops.load_library(str(file))
    except OSError:
        for name in ("nms", "qnms"):
            schema = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
            torch.library.define(f"torchvision::{name}", schema)


def torchvision_models() -> Any:
    name_operators()
    return importlib.import_module("torchvision.models")
