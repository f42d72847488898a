"""The memory of weights, of training and of activations in bytes, by number type."""

from collections.abc import Mapping
from types import MappingProxyType

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr

NUMBER_TYPES: Mapping[str, int] = MappingProxyType(
    {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
)
"""The size of one number in bytes, by the name of its type."""


def _same(size: int) -> tuple[tuple[str, int], ...]:
    """Return the numbers that training stores per parameter, all of the same size in bytes."""
    return (("weight", size), ("gradient", size), ("Adam's first moment", size), ("second moment", size))


_MIXED = (
    ("weight", 2),
    ("gradient", 2),
    ("32-bit master copy", 4),
    ("Adam's first moment", 4),
    ("second moment", 4),
)

_TRAINING = {"float64": _same(8), "float32": _same(4), "float16": _MIXED, "bfloat16": _MIXED}
"""The numbers that training with Adam stores per parameter, with their bytes. Activations are not included.

The 16-bit types are trained in mixed precision, as in Rajbhandari et al., "ZeRO: memory optimizations
toward training trillion parameter models" (2020), section 3.1.
"""


def _bytes_each(number_type: str) -> int:
    """Return the size of one number in bytes. Raises ``LayerError`` for an unknown type."""
    if not isinstance(number_type, str) or number_type not in NUMBER_TYPES:
        known = ", ".join(NUMBER_TYPES)
        raise LayerError(f"number_type must be one of {known}, received {short_repr(number_type)}.")
    return NUMBER_TYPES[number_type]


def weight_bytes(parameters: int, number_type: str) -> int:
    """Return the memory of ``parameters`` weights and biases in bytes.

    Raises ``LayerError`` for an unknown ``number_type``.

    >>> weight_bytes(32_800, "float32")
    131200
    """
    return parameters * _bytes_each(number_type)


def training_bytes(parameters: int, number_type: str) -> int | None:
    """Return the memory of weights, gradients and Adam's two moments in bytes.

    With float16 and bfloat16, training uses mixed precision: 16 bytes per parameter, as with float32
    (Rajbhandari et al. 2020). The result is ``None`` for int8, in which layers are not trained.
    Raises ``LayerError`` as ``weight_bytes`` does.

    >>> training_bytes(32_800, "float32"), training_bytes(32_800, "int8")
    (524800, None)
    """
    _bytes_each(number_type)
    parts = _TRAINING.get(number_type)
    return None if parts is None else parameters * sum(size for _, size in parts)


def training_parts(number_type: str) -> str:
    """Return the sum that ``training_bytes`` computes for one parameter, as text.

    For int8 the text is a sentence. Raises ``LayerError`` as ``weight_bytes`` does.

    >>> training_parts("float32")
    "weight 4 + gradient 4 + Adam's first moment 4 + second moment 4 = 16 bytes per parameter"
    """
    _bytes_each(number_type)
    parts = _TRAINING.get(number_type)
    if parts is None:
        return f"{number_type} is for running a trained model: layers are not trained in it"
    terms = " + ".join(f"{what} {size}" for what, size in parts)
    return f"{terms} = {sum(size for _, size in parts)} bytes per parameter"
