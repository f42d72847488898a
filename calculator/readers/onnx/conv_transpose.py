"""The ConvTranspose operator of ONNX: its output size, and the PyTorch layer that computes the same.

Source: https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
"""

from collections.abc import Sequence
from dataclasses import dataclass

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.readers.onnx.graph import Node, Shape, Size, int_attribute, int_list, text_attribute
from calculator.readers.onnx.operators import out_channels

SAME = ("SAME_UPPER", "SAME_LOWER")
INVALID_ATTRIBUTES = "Its attributes do not have one value for each axis."


@dataclass(frozen=True)
class _Attributes:
    """The attributes of a ConvTranspose, each with one value per axis; ``output_shape`` may be empty."""

    kernel_size: Shape
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    output_padding: tuple[int, ...]
    pads: tuple[int, ...]
    output_shape: tuple[int, ...]
    auto_pad: str

    @property
    def computes_pads(self) -> bool:
        """Whether the padding follows from other attributes, and ``pads`` is ignored."""
        return bool(self.output_shape) or self.auto_pad in SAME

    def full_size(self, axis: int, size: int) -> int | None:
        """Return the output size without padding: s(i − 1) + d(k − 1) + 1 + op."""
        kernel = self.kernel_size[axis]
        if kernel is None:
            return None
        extent = self.dilations[axis] * (kernel - 1) + 1
        return self.strides[axis] * (size - 1) + extent + self.output_padding[axis]

    def crop(self, axis: int, size: Size) -> tuple[int, int] | None:
        """Return how many positions are cropped at the beginning and the end, or ``None`` where not known."""
        rank = len(self.strides)
        if not self.computes_pads:
            return (0, 0) if self.auto_pad == "VALID" else (self.pads[axis], self.pads[axis + rank])
        if self.output_shape:
            full = None if size is None else self.full_size(axis, size)
            wanted: int = self.output_shape[axis]
        else:
            # By the documentation the output of SAME has i·s positions, so the crop is the same for all
            # sizes. Like onnxruntime, this never adds positions: a kernel below the stride gives fewer.
            full = self.full_size(axis, 1)
            wanted = min(self.strides[axis], full or 0)
        if full is None:
            return None
        total = full - wanted
        begin = total // 2 if self.auto_pad == "SAME_UPPER" else total - total // 2
        begin = begin if total > 0 else 0
        return begin, total - begin


def _attributes(node: Node, kernel_size: Shape) -> _Attributes | None:
    """Return the attributes, or ``None`` where one of them does not have one value for each axis."""
    rank = len(kernel_size)
    output_shape = int_list(node, "output_shape")
    # Some exporters also store batch and channels in output_shape.
    if len(output_shape) not in (0, rank, rank + 2):
        return None
    attributes = _Attributes(
        kernel_size=kernel_size,
        strides=int_list(node, "strides", (1,) * rank),
        dilations=int_list(node, "dilations", (1,) * rank),
        output_padding=int_list(node, "output_padding", (0,) * rank),
        pads=int_list(node, "pads", (0,) * 2 * rank),
        output_shape=output_shape[-rank:],
        auto_pad=text_attribute(node, "auto_pad", "NOTSET"),
    )
    lengths = {
        len(values) for values in (attributes.strides, attributes.dilations, attributes.output_padding)
    }
    # The attribute pads has two values for each axis: every begin, then every end.
    return attributes if lengths == {rank} and len(attributes.pads) == 2 * rank else None


def output_sizes(node: Node, weight_shape: Shape, sizes: Shape) -> Shape | None:
    """Return the spatial sizes of the output, or ``None`` for invalid attributes.

    ``weight_shape`` is (in, out / group, *kernel), ``sizes`` are the spatial sizes of the input.

    >>> output_sizes(Node(op_type="ConvTranspose"), (64, 32, 4, 4), (7, None))
    (10, None)
    """
    attributes = _attributes(node, weight_shape[2:])
    if attributes is None or len(sizes) != len(attributes.kernel_size):
        return None
    if attributes.output_shape:
        return attributes.output_shape
    result: list[Size] = []
    for axis, size in enumerate(sizes):
        full = None if size is None else attributes.full_size(axis, size)
        crop = attributes.crop(axis, size)
        result.append(None if full is None or crop is None else full - sum(crop))
    return tuple(result)


def as_layer(
    node: Node, weight_shape: Sequence[int], sizes: Shape | None, bias: bool
) -> tuple[ConvTranspose | None, str]:
    """Return ``(layer, note)``: the equivalent PyTorch layer, or ``None`` with the reason.

    ``weight_shape`` is (in, out / group, *kernel), ``sizes`` are the spatial sizes of the input if known.
    The note is empty where the attributes are those of PyTorch.

    >>> layer, note = as_layer(Node(op_type="ConvTranspose"), (64, 32, 4, 4), None, True)
    >>> layer.in_channels, layer.out_channels, layer.kernel_size, note
    (64, 32, (4, 4), '')
    """
    kernel_size = tuple(weight_shape[2:])
    rank = len(kernel_size)
    if not 1 <= rank <= 3:
        return None, f"The weight has {len(weight_shape)} axes; only 1 to 3 spatial axes can be opened."
    if int_list(node, "kernel_shape", kernel_size) != kernel_size:
        return None, "Its kernel_shape is not that of the weight."
    attributes = _attributes(node, kernel_size)
    if attributes is None:
        return None, INVALID_ATTRIBUTES
    known_sizes = sizes if sizes is not None and len(sizes) == rank else (None,) * rank
    crops = [crop for axis, size in enumerate(known_sizes) if (crop := attributes.crop(axis, size))]
    if len(crops) < rank:
        return None, "Its output_shape determines the padding, but the input size is not known."
    begins, ends = (tuple(part) for part in zip(*crops, strict=True))
    # PyTorch crops p at the beginning and p − op at the end, so a larger crop at the beginning is an
    # output_padding.
    extras = zip(attributes.output_padding, begins, ends, strict=True)
    output_padding = tuple(extra + begin - end for extra, begin, end in extras)
    try:
        layer = ConvTranspose(
            in_channels=weight_shape[0],
            out_channels=out_channels(node, tuple(weight_shape)),
            kernel_size=kernel_size,
            stride=attributes.strides,
            padding=begins,
            output_padding=output_padding,
            dilation=attributes.dilations,
            groups=int_attribute(node, "group", 1),
            bias=bias,
        )
    except LayerError as error:
        uneven = f"its pads {(*begins, *ends)} crop more at the end than at the beginning."
        return None, f"No PyTorch layer is the same: {uneven if min(output_padding) < 0 else error}"
    if begins != ends:
        pads = (*begins, *ends)
        return layer, f"Its pads {pads} are PyTorch's padding={begins}, output_padding={output_padding}."
    if attributes.auto_pad in SAME:
        return layer, f"Its padding is computed from auto_pad={attributes.auto_pad}."
    if attributes.output_shape:
        return layer, f"Its padding is computed from output_shape={list(attributes.output_shape)}."
    return layer, ""
