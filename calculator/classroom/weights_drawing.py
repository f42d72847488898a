"""The weights of a layer as inline SVG: the grid of kernels of the lesson, for a page without scripts.

The colours are classes, whose style the page of the phone has. Why this is hand-written:

- The charts of the pages are drawn by a script in the browser, and the page of a phone works without scripts.
- Libraries that draw on the server write tens of kilobytes, and the whole page of a phone has less than 30.
- The drawing is a few rectangles and numbers, whose sizes are known here.
"""

from calculator.core.formatting import format_count, format_product, plural
from calculator.core.layer import ConvTranspose
from calculator.geometry.weight_grid import TensorView, connected, tensor_view

MAX_ROWS, MAX_COLUMNS = 5, 6
"""Channels that are drawn; a gap stands for the others."""

MAX_CELLS = 8
"""A kernel with a longer side is drawn as one block."""

SIDE, GAP, MARGIN, EDGE = 40, 10, 26, 1
"""The side of a kernel, the distance between two, and the room for numbers and for the last line."""

LETTER = 8
"""The width of a digit of the numbers of the channels."""

BIAS = 12
"""The side of a bias: one number, far smaller than a kernel."""

SCALE = 2
"""The pixels of a unit of the drawing, where the screen has room."""


def weights_svg(layer: ConvTranspose) -> str:
    """Return the kernels of ``layer`` as an SVG element: input channels down, output channels across.

    The text alternative has the shape and never a product, which may be the answer.

    >>> weights_svg(ConvTranspose(in_channels=1, out_channels=1, kernel_size=2, bias=False))[:78]
    '<svg viewBox="0 0 67 67" width="134" height="134" role="img" aria-label="1 inp'
    """
    view = tensor_view(layer, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS)
    left = _left(view)
    width = left + MARGIN + len(view.columns) * (SIDE + GAP) - GAP + EDGE
    height = MARGIN + len(view.rows) * (SIDE + GAP) - GAP + (GAP + BIAS if layer.bias else 0) + EDGE
    size = f'width="{SCALE * width}" height="{SCALE * height}"'
    parts = [
        f'<svg viewBox="{-left} 0 {width} {height}" {size} role="img" aria-label="{_alternative(view)}">',
        *_numbers(view),
        *_kernels(view),
        *(_biases(view) if layer.bias else ()),
        "</svg>",
    ]
    return "".join(parts)


def _alternative(view: TensorView) -> str:
    """Return the drawing in words: channels down and across, kernel, biases, and whether all is drawn."""
    layer = view.layer
    inputs = f"{plural(layer.in_channels, 'input channel')} down"
    outputs = f"{plural(layer.out_channels, 'output channel')} across"
    groups = " of the same group" if layer.groups > 1 else ""
    bias = "; below, a bias for each output channel" if layer.bias else ""
    part = "" if view.complete else " Only a part is drawn."
    size = format_product(layer.kernel_size)
    return f"{inputs}, {outputs}: a kernel of {size} for each pair{groups}{bias}.{part}"


def _at(place: int) -> int:
    """Return where the kernel at a place in its row or column begins."""
    return MARGIN + place * (SIDE + GAP)


def _left(view: TensorView) -> int:
    """Return the room left of the margin, for the numbers of the rows that are longer than it."""
    return max(0, LETTER * max(len(_number(channel)) for channel in view.rows) - MARGIN + 4)


def _numbers(view: TensorView) -> list[str]:
    """Return the numbers of the channels, and dots where channels are left out."""
    middle = SIDE // 2
    across = [
        f'<text x="{_at(place) + middle}" y="17">{_number(channel)}</text>'
        for place, channel in enumerate(view.columns)
    ]
    down = [
        f'<text x="{11 - _left(view) // 2}" y="{_at(place) + middle + 4}">{_number(channel)}</text>'
        for place, channel in enumerate(view.rows)
    ]
    return across + down


def _number(channel: int | None) -> str:
    return "⋯" if channel is None else format_count(channel + 1)


def _kernels(view: TensorView) -> list[str]:
    """Return the kernels; two channels of different groups have none. All have the same lines inside."""
    found, lines = [], []
    inside = _lines_inside(view.layer.kernel_size)
    for row, i in enumerate(view.rows):
        for column, o in enumerate(view.columns):
            if i is not None and o is not None and connected(view.layer, i, o):
                found.append(f"M{_at(column)} {_at(row)}h{SIDE}v{SIDE}h-{SIDE}z")
                lines.append(f"M{_at(column)} {_at(row)}{inside}")
    kernels = f'<path class="kernel" d="{"".join(found)}"/>'
    return [kernels, f'<path class="line" d="{"".join(lines)}"/>'] if inside else [kernels]


def _lines_inside(kernel_size: tuple[int, ...]) -> str:
    """Return the lines between the weights of one kernel, as a path from its corner; "" for a block."""
    height, width = (1, *kernel_size)[-2:]
    if len(kernel_size) > 2 or max(height, width) > MAX_CELLS:
        return ""
    across = (_length(SIDE * n / width) for n in range(1, width))
    down = (_length(SIDE * n / height) for n in range(1, height))
    return "".join(
        [
            *(f"m{x} 0v{SIDE}m-{x} -{SIDE}" for x in across),
            *(f"m0 {y}h{SIDE}m-{SIDE} -{y}" for y in down),
        ]
    )


def _length(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _biases(view: TensorView) -> list[str]:
    """Return the path with a box for the bias of each output channel that is drawn."""
    top, middle = _at(len(view.rows)), (SIDE - BIAS) // 2
    boxes = (
        f"M{_at(place) + middle} {top}h{BIAS}v{BIAS}h-{BIAS}z"
        for place, channel in enumerate(view.columns)
        if channel is not None
    )
    return [f'<path class="bias" d="{"".join(boxes)}"/>']
