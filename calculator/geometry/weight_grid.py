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
    """Return a small weight, 1 to 9, to show a computation on. It is made up, not trained.

    ``tap`` is the place in the kernel, row by row; channels count from 0.

    >>> [example_weight(0, 0, tap) for tap in range(10)]
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]
    """
    return 1 + (tap + 2 * in_channel + 3 * out_channel) % 9


def connected(layer: ConvTranspose, in_channel: int, out_channel: int) -> bool:
    """Return whether a kernel joins the two channels: they are in the same group.

    Channels count from 0. Raises ``LayerError`` for a channel the layer does not have.

    >>> layer = ConvTranspose(in_channels=4, out_channels=6, kernel_size=2, groups=2)
    >>> connected(layer, 1, 2), connected(layer, 1, 3)
    (True, False)
    """
    _channel("in_channel", in_channel, layer.in_channels)
    _channel("out_channel", out_channel, layer.out_channels)
    return in_channel * layer.groups // layer.in_channels == out_channel * layer.groups // layer.out_channels


def weight_index(layer: ConvTranspose, in_channel: int, out_channel: int) -> tuple[int, int]:
    """Return where the kernel of two channels lies on the first two axes of the weight tensor.

    Channels count from 0. Raises ``LayerError`` when the layer does not have the channels, or has no
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
    return in_channel, out_channel % (layer.out_channels // layer.groups)


def drawn_channels(count: int, maximum: int, keep: int) -> tuple[int | None, ...]:
    """Return which of ``count`` channels to draw in at most ``maximum`` places; ``None`` is a gap.

    All when they fit. Else the first ones, the last one and ``keep``; a gap stands for two channels
    or more. Channels count from 0. Raises ``LayerError`` when ``maximum`` is below 5, or when there is
    no channel ``keep``.

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
    # One channel takes the place of its gap.
    between = last - 1 if keep == last - 2 else None
    return (*range(maximum - 4), None, keep, between, last)


@dataclass(frozen=True)
class TensorView:
    """The part of the weight tensor that is drawn, and the highlighted ``pair`` (in, out).

    ``rows`` are input channels and ``columns`` output channels, from 0; ``None`` is a gap.
    """

    layer: ConvTranspose
    pair: tuple[int, int]
    rows: tuple[int | None, ...]
    columns: tuple[int | None, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is left out."""
        return None not in self.rows and None not in self.columns

    @property
    def kernels_shown(self) -> int:
        """Kernels drawn; the pairs of different groups have none."""
        pairs = ((row, column) for row in _drawn(self.rows) for column in _drawn(self.columns))
        return sum(connected(self.layer, row, column) for row, column in pairs)


def tensor_view(
    layer: ConvTranspose, pair: tuple[int, int] = (0, 0), *, most_rows: int = 8, most_columns: int = 10
) -> TensorView:
    """Return what to draw of the weight tensor, in at most ``most_rows`` × ``most_columns`` places.

    Raises ``LayerError`` when no kernel joins ``pair``, or there is no room for 5 of each.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    >>> view = tensor_view(layer, (2, 30))
    >>> view.rows, view.columns
    ((0, 1, 2), (0, 1, 2, 3, 4, 5, None, 30, None, 63))
    >>> view.kernels_shown, layer.kernel_count, view.whole
    (24, 192, False)
    """
    weight_index(layer, *pair)
    rows = drawn_channels(layer.in_channels, most_rows, pair[0])
    return TensorView(layer, pair, rows, drawn_channels(layer.out_channels, most_columns, pair[1]))


def _channel(name: str, value: int, count: int) -> None:
    if not 0 <= value < count:
        raise LayerError(f"{name} counts from 0 and must be below {count}, received {short_repr(value)}.")


def _drawn(channels: Iterable[int | None]) -> tuple[int, ...]:
    return tuple(channel for channel in channels if channel is not None)
