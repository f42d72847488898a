"""Exact parameter counts of transposed convolutions, with their derivation."""

from calculator.core.derivation import (
    Step,
    derive_multiply_accumulates,
    derive_output_size,
    derive_parameters,
)
from calculator.core.errors import LayerError
from calculator.core.growth import GrowthLaw, growth_law, growth_laws
from calculator.core.layer import ConvTranspose, valid_groups

__version__ = "0.1.0"

__all__ = [
    "ConvTranspose",
    "GrowthLaw",
    "LayerError",
    "Step",
    "derive_multiply_accumulates",
    "derive_output_size",
    "derive_parameters",
    "growth_law",
    "growth_laws",
    "valid_groups",
]
