"""Checked values of a Keras configuration: whole numbers, one value per axis, shapes."""

import math
from collections.abc import Mapping, Sequence

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_COUNT, ReadError

Config = Mapping[str, object]
"""The ``config`` of a Keras layer."""

Size = int | None
"""The size of one axis; ``None`` where any size is allowed, as for the batch."""

Shape = tuple[Size, ...]
"""The sizes of a tensor, batch first."""

Inputs = Sequence[Shape]
"""The shapes of the tensors that a layer receives."""

RANKS = (1, 2, 3)
"""The numbers of spatial axes for which Keras has layers."""

MAX_AXES = 32
"""Largest number of axes of a tensor; Keras itself has no layer for more than a few."""

MAX_SHAPES = 1_000
"""Largest number of shapes that are read at one place of a configuration."""

MAX_PATH = 400
"""Largest number of characters of a path that are kept."""


class UnknownCountError(Exception):
    """The parameters of a layer cannot be counted. The message is a sentence with the reason."""


def unwrap(value: object) -> object:
    """Return a serialised tuple of Keras as a plain list, and any other value unchanged.

    >>> unwrap({"class_name": "__tuple__", "items": [None, 3]})
    [None, 3]
    """
    if isinstance(value, Mapping) and isinstance(value.get("items"), list):
        return value["items"]
    return value


def checked_integer(name: str, value: object, minimum: int) -> int:
    """Return ``value`` as an int of at least ``minimum``. Raises ``ReadError`` for any other value.

    JSON may store a whole number as a float, so 64.0 is accepted as 64.

    >>> checked_integer("units", 64.0, 1)
    64
    """
    if isinstance(value, float) and math.isfinite(value) and value == math.floor(value):
        value = int(value)
    # A bool is an int in Python, but true is not a size.
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= MAX_COUNT:
        raise ReadError(
            f"In a Keras configuration {name} must be a whole number from {minimum} to 10^18, "
            f"received {short_repr(value)}."
        )
    return value


def integer(config: Config, key: str, default: int | None = None, minimum: int = 1) -> int:
    """Return the whole number ``key`` of ``config``, or ``default`` where it is missing or null.

    Raises ``UnknownCountError`` without value and default, ``ReadError`` for an invalid value.

    >>> integer({"units": 8}, "units"), integer({"groups": None}, "groups", 1)
    (8, 1)
    """
    value = config.get(key)
    if value is None:
        if default is None:
            raise UnknownCountError(f"Its configuration does not contain {key}.")
        return default
    return checked_integer(key, value, minimum)


def boolean(config: Config, key: str, default: bool) -> bool:
    """Return whether the option ``key`` of ``config`` is on; ``default`` where it is missing or null."""
    value = config.get(key)
    return default if value is None else bool(value)


def per_axis(
    config: Config, key: str, rank: int, default: int | None = None, minimum: int = 1
) -> tuple[int, ...]:
    """Return ``rank`` whole numbers, from one number for all axes or a list with one per axis.

    Raises ``ReadError`` for a list of another length and for invalid numbers, ``UnknownCountError`` for a
    missing value without ``default``.

    >>> per_axis({"kernel_size": [3, 5]}, "kernel_size", 2), per_axis({"kernel_size": 3}, "kernel_size", 2)
    ((3, 5), (3, 3))
    """
    value = unwrap(config.get(key))
    if not isinstance(value, list):
        return (integer(config, key, default, minimum),) * rank
    if len(value) != rank:
        raise ReadError(
            f"In a Keras configuration {key} must have {rank} values, received {short_repr(value)}."
        )
    return tuple(checked_integer(key, item, minimum) for item in value)


def as_list(name: str, value: object) -> list[object]:
    """Return a list unchanged, null as an empty list, and any other value as a list of one.

    Raises ``ReadError`` for more than ``MAX_AXES`` values; ``name`` is the option in the message.

    >>> as_list("axis", -1), as_list("axis", None)
    ([-1], [])
    """
    value = unwrap(value)
    items = value if isinstance(value, list) else [] if value is None else [value]
    if len(items) > MAX_AXES:
        raise ReadError(
            f"In a Keras configuration {name} has {len(items):,} values; at most {MAX_AXES} are read."
        )
    return items


def join_path(path: str, name: str) -> str:
    """Return the path of a layer inside a model. A path above ``MAX_PATH`` characters keeps its end.

    >>> join_path("decoder", "up"), join_path("", "up")
    ('decoder/up', 'up')
    """
    full_path = f"{path}/{name}" if path else name
    return full_path if len(full_path) <= MAX_PATH else f"…{full_path[-MAX_PATH:]}"


def axis_indices(config: Config, key: str, default: int | None) -> tuple[int, ...]:
    """Return the axes in the option ``key``, one number or a list; an axis below 0 counts from the end.

    >>> axis_indices({"axis": [1, 2]}, "axis", -1), axis_indices({}, "axis", -1)
    ((1, 2), (-1,))
    """
    return tuple(checked_integer(key, item, -100) for item in as_list(key, config.get(key, default)))


def parse_shape(value: object) -> Shape | None:
    """Return ``value`` as a shape, or ``None`` where it is not a list of sizes.

    Raises ``ReadError`` for a size below 0 or above the maximum.

    >>> parse_shape([None, 28, 28, 1]), parse_shape([[None, 3], [None, 4]])
    ((None, 28, 28, 1), None)
    """
    value = unwrap(value)
    if not isinstance(value, list) or len(value) > MAX_AXES:
        return None
    if any(isinstance(item, bool) or not isinstance(item, int | None) for item in value):
        return None
    return tuple(None if item is None else checked_integer("a size", item, 0) for item in value)


def parse_shapes(value: object, depth: int = 3) -> tuple[Shape, ...]:
    """Return every shape in ``value`` in order: one shape, a list of shapes, or a dictionary by argument.

    Lists and dictionaries are searched ``depth`` levels deep.

    >>> parse_shapes({"query_shape": [None, 5, 8], "value_shape": [None, 6, 4]})
    ((None, 5, 8), (None, 6, 4))
    """
    value = unwrap(value)
    if (shape := parse_shape(value)) is not None:
        return (shape,) if shape else ()
    if depth == 0 or not isinstance(value, list | Mapping):
        return ()
    items = list(value.values()) if isinstance(value, Mapping) else value
    return tuple(shape for item in items[:MAX_SHAPES] for shape in parse_shapes(item, depth - 1))


def first_input(inputs: Inputs) -> Shape:
    """Return the shape of the only or first input. Raises ``UnknownCountError`` where there is none."""
    if not inputs:
        raise UnknownCountError("Its input shape is not in the configuration and cannot be computed.")
    return inputs[0]


def fixed_size(shape: Shape, axis: int) -> int:
    """Return the size of ``shape`` on ``axis``. Raises ``UnknownCountError`` where it is not fixed.

    >>> fixed_size((None, 7, 7, 64), -1)
    64
    """
    if not -len(shape) <= axis < len(shape):
        raise UnknownCountError(f"Its input has {len(shape)} axes, so there is no axis {axis}.")
    size = shape[axis]
    if size is None:
        raise UnknownCountError(f"The size of its input on axis {axis} is not fixed.")
    return size


def channel_axis(config: Config) -> int:
    """Return the axis of the channels: 1 with ``data_format="channels_first"``, else −1."""
    return 1 if config.get("data_format") == "channels_first" else -1


def in_channels(config: Config, inputs: Inputs) -> int:
    """Return the channels of the first input. Raises ``UnknownCountError`` where they are not known."""
    return fixed_size(first_input(inputs), channel_axis(config))


def padding_mode(config: Config) -> str:
    """Return the option ``padding`` in lower case; Keras' default is ``"valid"``."""
    return str(config.get("padding") or "valid").lower()


def spatial_sizes(config: Config, shape: Shape) -> Shape:
    """Return the sizes of ``shape`` without batch and channels."""
    return shape[2:] if channel_axis(config) == 1 else shape[1:-1]


def with_spatial_sizes(config: Config, shape: Shape, sizes: Sequence[Size], channels: Size) -> Shape:
    """Return ``shape`` with the same batch, but other spatial sizes and channels.

    >>> with_spatial_sizes({}, (None, 7, 7, 64), (14, 14), 32)
    (None, 14, 14, 32)
    """
    if channel_axis(config) == 1:
        return (shape[0], channels, *sizes)
    return (shape[0], *sizes, channels)
