"""What a setting may be: a whole number, or one per axis. Everything else is refused with a sentence."""

import operator
from collections.abc import Sequence
from typing import SupportsIndex

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr

Spatial = int | Sequence[int]
"""A spatial setting: one whole number for every axis, or one per axis."""

NOT_SPATIAL = (str, bytes, bytearray, memoryview)
"""Sequences of whole numbers to Python, but not to a person."""

MAX_CHANNELS = 65_536
"""The most channels that a page offers; a layer itself may have more."""

MAX_VALUE = 2**63 - 1
"""The largest value of any setting: sizes are signed 64-bit integers in every framework."""


def whole_number(name: str, value: object, minimum: int) -> int:
    """Return ``value`` as a Python int of at least ``minimum``, or raise ``LayerError``."""
    # The plain int comes first: a grid builds hundreds of layers, and the protocol check is slow.
    if type(value) is int:
        number = value
    elif isinstance(value, bool) or not isinstance(value, SupportsIndex):
        raise LayerError(
            f"{name} must be a whole number of at least {minimum}, received {short_repr(value)}."
        )
    else:
        try:
            number = operator.index(value)
        except TypeError:  # an array has __index__ too, but only one of a single integer can use it
            raise LayerError(
                f"{name} must be a whole number of at least {minimum}, received {short_repr(value)}."
            ) from None
    if number < minimum:
        raise LayerError(
            f"{name} must be a whole number of at least {minimum}, received {short_repr(number)}."
        )
    if number > MAX_VALUE:
        raise LayerError(f"{name} must be at most 2^63 − 1, received {short_repr(number)}.")
    return number


def per_axis(name: str, value: object, rank: int, minimum: int) -> tuple[int, ...]:
    """Return one whole number per axis from an int or a sequence of ``rank`` ints."""
    if not isinstance(value, tuple) and (isinstance(value, NOT_SPATIAL) or not isinstance(value, Sequence)):
        return (whole_number(name, value, minimum),) * rank
    if len(value) != rank:
        wanted = f"{name} must be one whole number, or {rank} (one per axis)"
        raise LayerError(f"{wanted}, received {short_repr(value)}.")
    return tuple(whole_number(name, item, minimum) for item in value)


def kernel_axes(value: object) -> tuple[int, ...]:
    """Return the kernel per axis; a bare int is a square 2-D kernel."""
    if isinstance(value, Sequence) and not isinstance(value, NOT_SPATIAL):
        if len(value) not in (1, 2, 3):
            wanted = "kernel_size must be one whole number (2-D), or a tuple of 1, 2 or 3"
            raise LayerError(f"{wanted}, received {short_repr(value)}.")
        return per_axis("kernel_size", value, len(value), 1)
    return per_axis("kernel_size", value, 2, 1)
