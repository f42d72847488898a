"""Memory: the bytes of weights, of training and of activations, by number type."""

from collections.abc import Mapping
from types import MappingProxyType

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr

NUMBER_TYPES: Mapping[str, int] = MappingProxyType(
    {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
)
"""Bytes of one number, by the name of its type."""


def _same(size: int) -> tuple[tuple[str, int], ...]:
    """Return what training keeps per parameter when everything has the type of the weights."""
    return (("weight", size), ("gradient", size), ("Adam's first moment", size), ("second moment", size))


_MIXED = (
    ("weight", 2),
    ("gradient", 2),
    ("32-bit master copy", 4),
    ("Adam's first moment", 4),
    ("second moment", 4),
)

_TRAINING = {"float64": _same(8), "float32": _same(4), "float16": _MIXED, "bfloat16": _MIXED}
"""What training with Adam keeps of one parameter, in bytes; activations are not in it.

The 16-bit types are trained in mixed precision, as in Rajbhandari et al., "ZeRO: memory optimizations
toward training trillion parameter models" (2020), section 3.1.
"""


def _bytes_each(number_type: str) -> int:
    if not isinstance(number_type, str) or number_type not in NUMBER_TYPES:
        known = ", ".join(NUMBER_TYPES)
        raise LayerError(f"number_type must be one of {known}, received {short_repr(number_type)}.")
    return NUMBER_TYPES[number_type]


def weight_bytes(parameters: int, number_type: str) -> int:
    """Return the bytes that ``parameters`` weights and biases take. Raises ``LayerError``.

    >>> weight_bytes(32_800, "float32")
    131200
    """
    return parameters * _bytes_each(number_type)


def activation_bytes(values: int, number_type: str) -> int:
    """Return the bytes that ``values`` activations take. Raises ``LayerError``.

    >>> activation_bytes(32 * 32 * 32, "float16")
    65536
    """
    return values * _bytes_each(number_type)


def training_bytes(parameters: int, number_type: str) -> int | None:
    """Return the bytes of weights, gradients and Adam's two moments; ``None`` for int8, not trained in.

    float16 and bfloat16 are mixed precision: 16 bytes per parameter, as float32 (Rajbhandari et al. 2020).

    >>> training_bytes(32_800, "float32"), training_bytes(32_800, "int8")
    (524800, None)
    """
    _bytes_each(number_type)
    parts = _TRAINING.get(number_type)
    return None if parts is None else parameters * sum(size for _, size in parts)


def training_parts(number_type: str) -> str:
    """Return the sum behind ``training_bytes`` for one parameter.

    >>> training_parts("float32")
    "weight 4 + gradient 4 + Adam's first moment 4 + second moment 4 = 16 bytes per parameter"
    """
    _bytes_each(number_type)
    parts = _TRAINING.get(number_type)
    if parts is None:
        return f"{number_type} is for running a trained model: layers are not trained in it"
    terms = " + ".join(f"{what} {size}" for what, size in parts)
    return f"{terms} = {sum(size for _, size in parts)} bytes per parameter"
