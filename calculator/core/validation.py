"""Checks of settings: a whole number, or one whole number per axis."""

import operator
from collections.abc import Sequence
from typing import SupportsIndex, TypeGuard

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr

Spatial = int | Sequence[int]
"""A spatial setting: one whole number for all axes, or one per axis."""

NOT_SPATIAL = (str, bytes, bytearray, memoryview)
"""Types that Python treats as sequences, but that are mistakes as a setting."""

MAX_CHANNELS = 65_536
"""The maximum number of channels that a page offers. A layer may have more."""

MAX_VALUE = 2**63 - 1
"""The maximum of every setting: sizes are signed 64-bit integers in every framework."""


def whole_number(name: str, value: object, minimum: int) -> int:
    """Return ``value`` as an int from ``minimum`` to ``MAX_VALUE``. Raises ``LayerError``.

    Integers of NumPy and similar libraries are accepted; booleans and floats are not.

    >>> whole_number("groups", 0, 1)
    Traceback (most recent call last):
    ...
    calculator.core.errors.LayerError: groups must be a whole number of at least 1, received 0.
    """
    # Sweeps and searches build many layers, nearly all of them from valid integers of Python.
    if type(value) is int and minimum <= value <= MAX_VALUE:
        return value
    number = as_int(value)
    if number is None or number < minimum:
        received = short_repr(value if number is None else number)
        raise LayerError(f"{name} must be a whole number of at least {minimum}, received {received}.")
    if number > MAX_VALUE:
        raise LayerError(f"{name} must be at most 2^63 − 1, received {short_repr(number)}.")
    return number


def as_int(value: object) -> int | None:
    """Return ``value`` as an int, or ``None`` if it is not an integer of Python, NumPy or a similar library.

    >>> as_int(3), as_int(3.0), as_int(True)
    (3, None, None)
    """
    # The test for int comes first because isinstance with a protocol is slow.
    if type(value) is int:
        return value
    if isinstance(value, bool) or not isinstance(value, SupportsIndex):
        return None
    try:
        return operator.index(value)
    except TypeError:  # Every NumPy array has __index__, but it works only for a single integer.
        return None


def per_axis(name: str, value: object, rank: int, minimum: int) -> tuple[int, ...]:
    """Return one whole number per axis, from one number or a sequence of ``rank`` numbers.

    Raises ``LayerError``.

    >>> per_axis("stride", 2, 3, 1), per_axis("stride", [2, 1], 2, 1)
    ((2, 2, 2), (2, 1))
    """
    # Nearly all are valid tuples, as for ``whole_number``.
    if type(value) is tuple and len(value) == rank:
        if not [1 for item in value if type(item) is not int or not minimum <= item <= MAX_VALUE]:
            return value
    elif not _is_sequence(value):
        return (whole_number(name, value, minimum),) * rank
    if len(value) != rank:
        wanted = f"{name} must be one whole number, or {rank} (one per axis)"
        raise LayerError(f"{wanted}, received {short_repr(value)}.")
    return tuple([whole_number(name, item, minimum) for item in value])


def _is_sequence(value: object) -> TypeGuard[Sequence[object]]:
    """Return whether ``value`` gives one value per axis."""
    # These tests come first because isinstance with an abstract class is slow.
    if isinstance(value, tuple) or type(value) is int:
        return isinstance(value, tuple)
    return isinstance(value, Sequence) and not isinstance(value, NOT_SPATIAL)


def kernel_axes(value: object) -> tuple[int, ...]:
    """Return the kernel size per axis. One number is a square 2-D kernel. Raises ``LayerError``.

    >>> kernel_axes(4), kernel_axes((5,))
    ((4, 4), (5,))
    """
    if _is_sequence(value):
        if len(value) not in (1, 2, 3):
            wanted = "kernel_size must be one whole number (2-D), or a tuple of 1, 2 or 3"
            raise LayerError(f"{wanted}, received {short_repr(value)}.")
        return per_axis("kernel_size", value, len(value), 1)
    return per_axis("kernel_size", value, 2, 1)
