"""The memory of weights, of training and of activations in bytes, by number type."""

from collections.abc import Mapping
from types import MappingProxyType

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr

NUMBER_TYPES: Mapping[str, int] = MappingProxyType(
    {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1}
)
"""The size of one number in bytes, by the name of its type."""


OPTIMISERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "SGD": (),
        "SGD with momentum": ("momentum",),
        "Adam": ("Adam's first moment", "second moment"),
    }
)
"""The numbers that an optimiser keeps for each parameter, by its name; AdamW keeps those of Adam."""

_MIXED = ("float16", "bfloat16")
"""Types that are trained in mixed precision, as in Rajbhandari et al., "ZeRO: memory optimizations toward
training trillion parameter models" (2020), section 3.1: the optimiser's numbers have 32 bits, and so has a
master copy of each parameter."""


def _training(number_type: str, optimiser: str) -> tuple[tuple[str, int], ...] | None:
    """Return the numbers that training stores per parameter, with their bytes; ``None`` for int8.

    Activations are not included. Raises ``LayerError``.
    """
    size = _bytes_each(number_type)
    if optimiser not in OPTIMISERS:
        known = ", ".join(OPTIMISERS)
        raise LayerError(f"optimiser must be one of {known}, received {short_repr(optimiser)}.")
    if number_type == "int8":
        return None
    mixed = number_type in _MIXED
    copy = (("32-bit master copy", 4),) if mixed else ()
    kept = tuple((name, 4 if mixed else size) for name in OPTIMISERS[optimiser])
    return ("weight", size), ("gradient", size), *copy, *kept


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


def training_bytes(parameters: int, number_type: str, optimiser: str = "Adam") -> int | None:
    """Return the memory of weights, gradients and the numbers of ``optimiser`` in bytes.

    With float16 and bfloat16, training uses mixed precision: with Adam 16 bytes per parameter, as with
    float32 (Rajbhandari et al. 2020). The result is ``None`` for int8, in which layers are not trained.
    Raises ``LayerError`` for an unknown type or optimiser.

    >>> training_bytes(32_800, "float32"), training_bytes(32_800, "int8")
    (524800, None)
    >>> [training_bytes(1, "float32", optimiser) for optimiser in OPTIMISERS]
    [8, 12, 16]
    """
    parts = _training(number_type, optimiser)
    return None if parts is None else parameters * sum(size for _, size in parts)


def training_parts(number_type: str, optimiser: str = "Adam") -> str:
    """Return the sum that ``training_bytes`` computes for one parameter, as text.

    For int8 the text is a sentence. Raises ``LayerError`` as ``training_bytes`` does.

    >>> training_parts("float32")
    "weight 4 + gradient 4 + Adam's first moment 4 + second moment 4 = 16 bytes per parameter"
    >>> training_parts("bfloat16", "SGD")
    'weight 2 + gradient 2 + 32-bit master copy 4 = 8 bytes per parameter'
    """
    parts = _training(number_type, optimiser)
    if parts is None:
        return f"{number_type} is for running a trained model: layers are not trained in it"
    terms = " + ".join(f"{what} {size}" for what, size in parts)
    return f"{terms} = {sum(size for _, size in parts)} bytes per parameter"
