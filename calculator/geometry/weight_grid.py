"""The weight tensor as a grid of kernels: input channels down, output channels across, one kernel per pair.

With groups only the pairs of one group have a kernel. The tensor's shape is that of
``torch.nn.ConvTranspose2d.weight``: (in, out / groups, *kernel_size).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose


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
    return in_channel * layer.groups // layer.in_channels == out_channel * layer.groups // layer.out_channels


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


def drawn_channels(count: int, maximum: int, keep: int) -> tuple[int | None, ...]:
    """Return the channels to draw in at most ``maximum`` rows or columns; ``None`` is a gap.

    The result has all ``count`` channels if they fit. Otherwise it has the first channels, the last channel
    and ``keep``, and a gap for two or more channels. Channels are counted from 0. Raises ``LayerError`` if
    ``maximum`` is below 5, or if channel ``keep`` does not exist.

    >>> drawn_channels(4, 6, 0), drawn_channels(64, 6, 2)
    ((0, 1, 2, 3), (0, 1, 2, 3, None, 63))
    >>> drawn_channels(64, 6, 40), drawn_channels(64, 6, 62)
    ((0, 1, None, 40, None, 63), (0, 1, 2, None, 62, 63))
    """
    if maximum < 5:
        raise LayerError(f"There must be room for at least 5 channels, received {short_repr(maximum)}.")
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
class TensorView:
    """The part of the weight tensor to draw, and the highlighted ``pair`` (in, out).

    ``rows`` are input channels and ``columns`` are output channels, counted from 0. ``None`` is a gap.
    """

    layer: ConvTranspose
    pair: tuple[int, int]
    rows: tuple[int | None, ...]
    columns: tuple[int | None, ...]

    @property
    def whole(self) -> bool:
        """Whether the view has all channels."""
        return None not in self.rows and None not in self.columns

    @property
    def kernels_shown(self) -> int:
        """The number of kernels in the view. Channels of different groups have no kernel."""
        pairs = ((row, column) for row in _drawn(self.rows) for column in _drawn(self.columns))
        return sum(connected(self.layer, row, column) for row, column in pairs)


def tensor_view(
    layer: ConvTranspose, pair: tuple[int, int] = (0, 0), *, max_rows: int = 8, max_columns: int = 10
) -> TensorView:
    """Return the part of the weight tensor to draw, at most ``max_rows`` × ``max_columns``.

    Raises ``LayerError`` if no kernel joins ``pair``, or if a maximum is below 5.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> view = tensor_view(layer, (2, 30))
    >>> view.rows, view.columns
    ((0, 1, 2), (0, 1, 2, 3, 4, 5, None, 30, None, 63))
    >>> view.kernels_shown, layer.kernel_count, view.whole
    (24, 192, False)
    """
    weight_index(layer, *pair)
    rows = drawn_channels(layer.in_channels, max_rows, pair[0])
    return TensorView(layer, pair, rows, drawn_channels(layer.out_channels, max_columns, pair[1]))


def _channel(name: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise LayerError(f"{name} counts from 0 and must be below {count}, received {short_repr(value)}.")


def _drawn(channels: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(channel for channel in channels if channel is not None)
