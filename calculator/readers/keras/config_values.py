"""Values of a Keras configuration: whole numbers, one value per axis, shapes. Each is checked."""

import math
from collections.abc import Mapping, Sequence

from calculator.core.formatting import short_repr
from calculator.readers.model import MAX_COUNT, ReadError

Config = Mapping[str, object]
"""What a layer of Keras gives as its ``config``."""

Shape = tuple[int | None, ...]
"""Sizes of a tensor; ``None`` is an axis of any size, as the batch is."""


MAX_AXES = 32
"""Axes of a tensor; Keras itself has no layer for more than a few."""


MAX_PATH = 400
"""Characters of a path that are kept."""


class UnknownCountError(Exception):
    """The parameters of a layer cannot be told. The message is a sentence that says why."""


def unwrapped(value: object) -> object:
    """Return what Keras wrote of a tuple or of a list of its own as a plain list.

    >>> unwrapped({"class_name": "__tuple__", "items": [None, 3]})
    [None, 3]
    """
    if isinstance(value, Mapping) and isinstance(value.get("items"), list):
        return value["items"]
    return value


def whole(what: str, value: object, minimum: int) -> int:
    """Return ``value`` as an int of at least ``minimum``; 64.0 is 64. Raises ``ReadError`` for all else.

    >>> whole("units", 64.0, 1)
    64
    """
    if isinstance(value, float) and math.isfinite(value) and value == math.floor(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not minimum <= value <= MAX_COUNT:
        raise ReadError(
            f"In a Keras configuration {what} must be a whole number from {minimum} to 10^18, "
            f"received {short_repr(value)}."
        )
    return value


def number(config: Config, key: str, default: int | None = None, minimum: int = 1) -> int:
    """Return the whole number ``key`` of ``config``, or ``default`` where it is not said."""
    value = config.get(key)
    if value is None:
        if default is None:
            raise UnknownCountError(f"Its configuration does not say {key}.")
        return default
    return whole(key, value, minimum)


def flag(config: Config, key: str, default: bool) -> bool:
    """Return whether ``key`` is on in ``config``."""
    value = config.get(key)
    return default if value is None else bool(value)


def axes(
    config: Config, key: str, rank: int, default: int | None = None, minimum: int = 1
) -> tuple[int, ...]:
    """Return one whole number per axis: one for all, or a list of ``rank``.

    >>> axes({"kernel_size": [3, 5]}, "kernel_size", 2), axes({"kernel_size": 3}, "kernel_size", 2)
    ((3, 5), (3, 3))
    """
    value = unwrapped(config.get(key))
    if not isinstance(value, list):
        return (number(config, key, default, minimum),) * rank
    if len(value) != rank:
        raise ReadError(
            f"In a Keras configuration {key} must have {rank} values, received {short_repr(value)}."
        )
    return tuple(whole(key, item, minimum) for item in value)


def listed(what: str, value: object) -> list[object]:
    """Return ``value`` as a list: itself, nothing, or the one thing it is. A long one is refused."""
    value = unwrapped(value)
    items = value if isinstance(value, list) else [] if value is None else [value]
    if len(items) > MAX_AXES:
        raise ReadError(
            f"In a Keras configuration {what} has {len(items):,} values; at most {MAX_AXES} are read."
        )
    return items


def joined(path: str, name: str) -> str:
    """Return the path of a layer inside a model; of a very long one the end.

    >>> joined("decoder", "up"), joined("", "up")
    ('decoder/up', 'up')
    """
    found = f"{path}/{name}" if path else name
    return found if len(found) <= MAX_PATH else f"…{found[-MAX_PATH:]}"


def indices(config: Config, key: str, default: int | None) -> tuple[int, ...]:
    """Return the axes that ``key`` names: one or a list, counted from the end where below 0."""
    return tuple(whole(key, item, -100) for item in listed(key, config.get(key, default)))


def shape_of(value: object) -> Shape | None:
    """Return ``value`` as a shape, or ``None`` where it is none.

    >>> shape_of([None, 28, 28, 1]), shape_of([[None, 3], [None, 4]])
    ((None, 28, 28, 1), None)
    """
    value = unwrapped(value)
    if not isinstance(value, list) or len(value) > MAX_AXES:
        return None
    if any(isinstance(item, bool) or not isinstance(item, int | None) for item in value):
        return None
    return tuple(None if item is None else whole("a size", item, 0) for item in value)


def shapes_of(value: object, depth: int = 3) -> tuple[Shape, ...]:
    """Return every shape in ``value``: one, a list of them, or a dictionary by argument, in order.

    >>> shapes_of({"query_shape": [None, 5, 8], "value_shape": [None, 6, 4]})
    ((None, 5, 8), (None, 6, 4))
    """
    value = unwrapped(value)
    if (shape := shape_of(value)) is not None:
        return (shape,) if shape else ()
    if depth == 0 or not isinstance(value, list | Mapping):
        return ()
    items = list(value.values()) if isinstance(value, Mapping) else value
    return tuple(shape for item in items[:1000] for shape in shapes_of(item, depth - 1))


def first(inputs: Sequence[Shape]) -> Shape:
    """Return the shape of the only or first input. Raises ``UnknownCountError`` where it is not known."""
    if not inputs:
        raise UnknownCountError("Its input shape is not in the configuration and cannot be worked out.")
    return inputs[0]


def dim(shape: Shape, axis: int) -> int:
    """Return the size of ``shape`` on ``axis``. Raises ``UnknownCountError`` where it is not fixed."""
    if not -len(shape) <= axis < len(shape):
        raise UnknownCountError(f"Its input has {len(shape)} axes and none numbered {axis}.")
    size = shape[axis]
    if size is None:
        raise UnknownCountError(f"The size of its input on axis {axis} is not fixed.")
    return size


def channel_axis(config: Config) -> int:
    """Return the axis of the channels: the last, or 1 with ``channels_first``."""
    return 1 if config.get("data_format") == "channels_first" else -1


def spatial(config: Config, shape: Shape) -> Shape:
    """Return the sizes of ``shape`` without batch and channels."""
    return shape[2:] if channel_axis(config) == 1 else shape[1:-1]


def with_spatial(config: Config, shape: Shape, sizes: Sequence[int | None], channels: int | None) -> Shape:
    """Return ``shape`` with other sizes and channels.

    >>> with_spatial({}, (None, 7, 7, 64), (14, 14), 32)
    (None, 14, 14, 32)
    """
    if channel_axis(config) == 1:
        return (shape[0], channels, *sizes)
    return (shape[0], *sizes, channels)
