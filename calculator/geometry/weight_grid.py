"""The weight tensor as a grid of kernels: input channels down, output channels across, one kernel per pair.

With groups only the pairs of one group have a kernel. The tensor's shape is that of
``torch.nn.ConvTranspose2d.weight``: (in, out / groups, *kernel_size).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose

Channels = tuple[int | None, ...]
"""Channels to draw, counted from 0; ``None`` is a gap."""

MIN_ROOM = 5
"""The smallest maximum of channels to draw along one axis."""


def example_weight(in_channel: int, out_channel: int, tap: int) -> int:
    """Return an invented weight from 1 to 9 for an example.

    ``tap`` is the index in the flat kernel, row by row. Channels are counted from 0.

    >>> [example_weight(0, 0, tap) for tap in range(10)]
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]
    """
    return 1 + (tap + 2 * in_channel + 3 * out_channel) % 9


def connected(layer: ConvTranspose, in_channel: int, out_channel: int) -> bool:
    """Return whether a kernel joins the two channels. It does if they are in the same group.

    Channels are counted from 0. Raises ``LayerError`` for a channel the layer does not have.

    >>> layer = ConvTranspose(in_channels=4, out_channels=6, kernel_size=2, groups=2)
    >>> connected(layer, 1, 2), connected(layer, 1, 3)
    (True, False)
    """
    _channel("in_channel", in_channel, layer.in_channels)
    _channel("out_channel", out_channel, layer.out_channels)
    return _group(layer, in_channel, layer.in_channels) == _group(layer, out_channel, layer.out_channels)


def weight_index(layer: ConvTranspose, in_channel: int, out_channel: int) -> tuple[int, int]:
    """Return the index of the kernel of two channels on the first two axes of the weight tensor.

    Channels are counted from 0. Raises ``LayerError`` if the layer does not have the channels, or has no
    kernel between them.

    >>> layer = ConvTranspose(in_channels=4, out_channels=6, kernel_size=2, groups=2)
    >>> weight_index(layer, 3, 4), layer.weight_shape
    ((3, 1), (4, 3, 2, 2))
    """
    if not connected(layer, in_channel, out_channel):
        raise LayerError(
            "in_channel and out_channel must be in the same group, received "
            f"in_channel={in_channel}, out_channel={out_channel} (counted from 0), groups={layer.groups}."
        )
    return in_channel, out_channel % layer.weight_shape[1]


def drawn_channels(count: int, maximum: int, keep: int) -> Channels:
    """Return the channels to draw in at most ``maximum`` rows or columns; ``None`` is a gap.

    The result has all ``count`` channels if they fit. Otherwise it has the first channels, the last channel
    and ``keep``, and a gap for two or more channels. Channels are counted from 0. Raises ``LayerError`` if
    ``maximum`` is below 5, or if channel ``keep`` does not exist.

    >>> drawn_channels(4, 6, 0), drawn_channels(64, 6, 2)
    ((0, 1, 2, 3), (0, 1, 2, 3, None, 63))
    >>> drawn_channels(64, 6, 40), drawn_channels(64, 6, 62)
    ((0, 1, None, 40, None, 63), (0, 1, 2, None, 62, 63))
    """
    if maximum < MIN_ROOM:
        raise LayerError(
            f"There must be room for at least {MIN_ROOM} channels, received {short_repr(maximum)}."
        )
    _channel("keep", keep, count)
    if count <= maximum:
        return tuple(range(count))
    last = count - 1
    if keep < maximum - 2 or keep == last:
        return (*range(maximum - 2), None, last)
    if keep == last - 1:
        return (*range(maximum - 3), None, keep, last)
    # A gap of one channel would take as much room as the channel itself.
    between = last - 1 if keep == last - 2 else None
    return (*range(maximum - 4), None, keep, between, last)


@dataclass(frozen=True)
class Block:
    """The rows and columns of one group in a view, with the gaps inside the group."""

    group: int
    rows: Channels
    columns: Channels


@dataclass(frozen=True)
class TensorView:
    """The part of the weight tensor to draw, and the highlighted ``pair`` (in, out).

    ``rows`` are input channels and ``columns`` are output channels, counted from 0. ``None`` is a gap. A gap
    leaves out channels inside one group, or whole groups, never a part of two groups.
    """

    layer: ConvTranspose
    pair: tuple[int, int]
    rows: Channels
    columns: Channels

    @property
    def complete(self) -> bool:
        """Whether the view has all channels."""
        return None not in self.rows and None not in self.columns

    @property
    def kernels_shown(self) -> int:
        """The number of kernels in the view. Channels of different groups have no kernel."""
        return sum(len(_drawn(block.rows)) * len(_drawn(block.columns)) for block in self.blocks)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The groups in the view, each with its rows and columns.

        >>> layer = ConvTranspose(in_channels=8, out_channels=4, kernel_size=3, groups=2)
        >>> [(block.group, block.rows, block.columns) for block in tensor_view(layer, max_rows=5).blocks]
        [(0, (0, None, 3), (0, 1)), (1, (4, None, 7), (2, 3))]
        """
        layer = self.layer
        columns = dict(_by_group(layer, self.columns, layer.out_channels))
        return tuple(
            Block(group, rows, columns[group])
            for group, rows in _by_group(layer, self.rows, layer.in_channels)
        )


def tensor_view(
    layer: ConvTranspose, pair: tuple[int, int] = (0, 0), *, max_rows: int = 8, max_columns: int = 10
) -> TensorView:
    """Return the part of the weight tensor to draw, with at most ``max_rows`` × ``max_columns`` channels.

    A group of which channels are left out has its first and its last channel. Gaps between and inside groups
    are not counted. Raises ``LayerError`` if no kernel joins ``pair``, or if a maximum is below 5.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> view = tensor_view(layer, (2, 30))
    >>> view.rows, view.columns
    ((0, 1, 2), (0, 1, 2, 3, 4, 5, None, 30, None, 63))
    >>> view.kernels_shown, layer.kernel_count, view.complete
    (24, 192, False)
    """
    weight_index(layer, *pair)
    if layer.groups == 1:
        rows = drawn_channels(layer.in_channels, max_rows, pair[0])
        return TensorView(layer, pair, rows, drawn_channels(layer.out_channels, max_columns, pair[1]))
    if min(max_rows, max_columns) < MIN_ROOM:
        drawn_channels(layer.in_channels, min(max_rows, max_columns), pair[0])
    group = _group(layer, pair[0], layer.in_channels)
    axes = (
        (layer.in_channels // layer.groups, max_rows, pair[0]),
        (layer.out_channels // layer.groups, max_columns, pair[1]),
    )
    room = min((maximum - _between(size, kept)) // min(size, 2) for size, maximum, kept in axes)
    groups = _drawn_groups(layer.groups, room, group)
    return TensorView(layer, pair, *(_grouped_channels(groups, *axis) for axis in axes))


def _between(size: int, keep: int) -> bool:
    """Return whether channel ``keep`` is neither the first nor the last of a group of ``size`` channels."""
    return 0 < keep % size < size - 1


def _drawn_groups(count: int, room: int, keep: int) -> Channels:
    """Return the groups to draw of ``count`` groups, with ``None`` for whole groups that are left out."""
    if count <= room:
        return tuple(range(count))
    if room >= MIN_ROOM:
        return drawn_channels(count, room, keep)
    if keep in (0, count - 1):
        return (0, None, count - 1) if count > 2 else (0, 1)
    return (0, *([None] if keep > 1 else []), keep, None)


def _grouped_channels(groups: Channels, size: int, maximum: int, keep: int) -> Channels:
    """Return the channels of ``groups`` to draw; each group has ``size`` channels.

    Every group has its first and its last channel, channel ``keep``, and as many of the first ones as fit
    into ``maximum`` channels.
    """
    drawn = len(_drawn(groups))
    places = size if drawn * size <= maximum else max((maximum - _between(size, keep)) // drawn, min(size, 2))
    channels: list[int | None] = []
    for group in groups:
        if group is None:
            channels.append(None)
            continue
        first = group * size
        wanted = {*range(first, first + places - 1), first, first + size - 1}
        wanted |= {keep} if keep // size == group else set()
        previous = first - 1
        for channel in sorted(wanted):
            channels += [None, channel] if channel > previous + 1 else [channel]
            previous = channel
    return tuple(channels)


def _by_group(layer: ConvTranspose, channels: Channels, count: int) -> Iterator[tuple[int, Channels]]:
    """Yield each group with its channels, of ``count`` channels of the layer, and the gaps between them."""
    for group in dict.fromkeys(_group(layer, channel, count) for channel in _drawn(channels)):
        own = [
            place
            for place, channel in enumerate(channels)
            if channel is not None and _group(layer, channel, count) == group
        ]
        yield group, channels[own[0] : own[-1] + 1]


def _group(layer: ConvTranspose, channel: int, count: int) -> int:
    """Return the group, from 0, of a channel of ``count`` channels."""
    return channel * layer.groups // count


def _channel(name: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise LayerError(f"{name} counts from 0 and must be below {count}, received {short_repr(value)}.")


def _drawn(channels: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(channel for channel in channels if channel is not None)
