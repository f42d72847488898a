"""Exact parameter counts of transposed convolutions: the public names, which ``docs/api.md`` shows at work.

A name is loaded from its module when it is first used, so that the command line starts in a fraction of a
second. Nothing here needs more than the standard library.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calculator.comparison.other_tools import Printed, printed
    from calculator.core.derivation import (
        Step,
        derive_multiply_accumulates,
        derive_output_size,
        derive_parameters,
    )
    from calculator.core.errors import LayerError
    from calculator.core.growth import GrowthLaw, growth_law, growth_laws
    from calculator.core.layer import ConvTranspose, valid_groups
    from calculator.core.memory import training_bytes, weight_bytes
    from calculator.frameworks import FRAMEWORKS, Framework
    from calculator.geometry.chain_solver import solve_chains
    from calculator.geometry.layer_solver import Answer, Answers, Bounds, LayerSpec, solve_layers
    from calculator.geometry.size_solver import FrameworkSolution, framework_solutions, solve
    from calculator.readers import read
    from calculator.readers.constructor_call import Call, read_call
    from calculator.readers.difference import Comparison, compare_models
    from calculator.readers.model import Model, ReadError, Row
    from calculator.upsampling.alternative import Alternative, Missing
    from calculator.upsampling.alternatives import alternatives

__version__ = "0.1.0"

__all__ = [
    "FRAMEWORKS",
    "Alternative",
    "Answer",
    "Answers",
    "Bounds",
    "Call",
    "Comparison",
    "ConvTranspose",
    "Framework",
    "FrameworkSolution",
    "GrowthLaw",
    "LayerError",
    "LayerSpec",
    "Missing",
    "Model",
    "Printed",
    "ReadError",
    "Row",
    "Step",
    "alternatives",
    "compare_models",
    "derive_multiply_accumulates",
    "derive_output_size",
    "derive_parameters",
    "framework_solutions",
    "growth_law",
    "growth_laws",
    "printed",
    "read",
    "read_call",
    "solve",
    "solve_chains",
    "solve_layers",
    "training_bytes",
    "valid_groups",
    "weight_bytes",
]

_MODULES = {
    "upsampling.alternative": ("Alternative", "Missing"),
    "upsampling.alternatives": ("alternatives",),
    "comparison.other_tools": ("Printed", "printed"),
    "core.derivation": ("Step", "derive_multiply_accumulates", "derive_output_size", "derive_parameters"),
    "core.errors": ("LayerError",),
    "core.growth": ("GrowthLaw", "growth_law", "growth_laws"),
    "core.layer": ("ConvTranspose", "valid_groups"),
    "core.memory": ("training_bytes", "weight_bytes"),
    "frameworks": ("FRAMEWORKS", "Framework"),
    "geometry.chain_solver": ("solve_chains",),
    "geometry.layer_solver": ("Answer", "Answers", "Bounds", "LayerSpec", "solve_layers"),
    "geometry.size_solver": ("FrameworkSolution", "framework_solutions", "solve"),
    "readers": ("read",),
    "readers.constructor_call": ("Call", "read_call"),
    "readers.difference": ("Comparison", "compare_models"),
    "readers.model": ("Model", "ReadError", "Row"),
}
"""The public names by their module. A test compares them with the imports above and with ``__all__``."""


def __getattr__(name: str) -> object:
    """Return a public name from its module. Raises ``AttributeError`` for any other name."""
    for module, names in _MODULES.items():
        if name in names:
            value: object = getattr(importlib.import_module(f"{__name__}.{module}"), name)
            globals()[name] = value
            return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted({*globals(), *__all__})
