"""The ConvTranspose operator of ONNX as the layer of PyTorch that computes the same, where there is one.

Source: https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
"""

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.readers.onnx.graph import Node, Shape, ints, number, word


def layer_of(node: Node, weight: Shape, sizes: Shape | None, bias: bool) -> tuple[ConvTranspose | None, str]:
    """Return the layer, or ``None``, and a sentence about what is not plain.

    ``weight`` is (in, out / groups, *kernel), ``sizes`` the spatial sizes of the input where they are known.
    """
    rank, known = len(weight) - 2, [size or 0 for size in weight]
    if not 1 <= rank <= 3:
        return None, f"The weight has {len(weight)} axes; only 1 to 3 spatial ones can be opened."
    if ints(node, "kernel_shape", known[2:]) != tuple(known[2:]):
        return None, "Its kernel_shape is not that of the weight."
    strides, extras = (ints(node, name, (d,) * rank) for name, d in (("strides", 1), ("output_padding", 0)))
    pads, note = _pads(node, known[2:], sizes)
    if pads is None:
        return None, note
    if len(pads) != 2 * rank or len(strides) != rank or len(extras) != rank:
        return None, "Its attributes are not one for each axis."
    groups = number(node, "group", 1)
    begins, ends = pads[:rank], pads[rank:]
    # PyTorch crops p in front and p − op behind: more in front than behind is an output_padding.
    added = tuple(extra + begin - end for extra, begin, end in zip(extras, begins, ends, strict=True))
    try:
        layer = ConvTranspose(
            in_channels=known[0],
            out_channels=known[1] * groups,
            kernel_size=known[2:],
            stride=strides,
            padding=begins,
            output_padding=added,
            dilation=ints(node, "dilations", (1,) * rank),
            groups=groups,
            bias=bias,
        )
    except LayerError as error:
        uneven = f"its pads {tuple(pads)} crop more behind than in front."
        return None, f"No PyTorch layer is the same: {uneven if min(added) < 0 else error}"
    if begins != ends:
        note = f"Its pads {tuple(pads)} are PyTorch's padding={layer.padding}, output_padding={added}."
    return layer, note


def _pads(node: Node, kernel: list[int], sizes: Shape | None) -> tuple[tuple[int, ...] | None, str]:
    """Return every begin and then every end as they are cropped, and a note where they are computed."""
    rank, auto = len(kernel), word(node, "auto_pad", "NOTSET")
    wanted = ints(node, "output_shape")[-rank:]
    same = auto in ("SAME_UPPER", "SAME_LOWER")
    if not wanted and not same:
        given = ints(node, "pads", (0,) * 2 * rank)
        return ((0,) * 2 * rank if auto == "VALID" else given), ""
    strides, extras = ints(node, "strides", (1,) * rank), ints(node, "output_padding", (0,) * rank)
    dilations = ints(node, "dilations", (1,) * rank)
    if {len(strides), len(extras), len(dilations)} != {rank} or len(wanted) not in (0, rank):
        return None, "Its attributes are not one for each axis."
    if wanted and (sizes is None or len(sizes) != rank):
        return None, "Its output_shape sets the padding, which depends on an input size that is not known."
    begins, ends = [], []
    for axis in range(rank):
        full = dilations[axis] * (kernel[axis] - 1) + 1 + extras[axis]
        if wanted:
            size = (sizes or ())[axis]
            if size is None:
                return None, "Its output_shape sets the padding, and the input size is not known."
            total = (size - 1) * strides[axis] + full - wanted[axis]
        else:
            total = max(full - strides[axis], 0)
        half = total // 2 if auto == "SAME_UPPER" else total - total // 2
        begin = half if total > 0 else 0
        begins.append(begin)
        ends.append(total - begin)
    words = f"auto_pad={auto}" if same else f"output_shape={list(wanted)}"
    return (*begins, *ends), f"Its padding is computed from {words}."
