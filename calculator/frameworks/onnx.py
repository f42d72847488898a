"""ONNX: the ``ConvTranspose`` operator, as onnxruntime computes it.

Source: https://onnx.ai/onnx/operators/onnx__ConvTranspose.html

The specification and onnxruntime differ in three points. This module follows onnxruntime:

- ``output_padding`` must be smaller than the stride; the specification allows "stride/dilation";
- 'SAME_UPPER' and 'SAME_LOWER' crop the output to i·s but never extend it; by the specification it is always
  i·s;
- an output size of 0 is refused.
"""

from collections.abc import Sequence

from calculator.core.description import differs
from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import NOT_SPATIAL, Spatial
from calculator.frameworks.code import count_comment, problem_comment, raise_first, with_settings
from calculator.frameworks.framework import Framework, Pads

WORDS = ("NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID")
"""The values of ``auto_pad``, in capitals only."""


def _pads(layer: ConvTranspose, padding: object) -> tuple[int, ...]:
    """Return the positions cropped on each axis, from a flat list: all begins, then all ends."""
    rank = layer.rank
    if isinstance(padding, NOT_SPATIAL) or not isinstance(padding, Sequence) or len(padding) != 2 * rank:
        raise LayerError(
            f"ONNX needs padding to be one of {', '.join(WORDS)}, or a flat list of {2 * rank} whole "
            f"numbers (the begin of each axis, then the end of each), received {short_repr(padding)}."
        )
    begins = with_settings(layer, padding=padding[:rank]).padding
    ends = with_settings(layer, padding=padding[rank:]).padding
    return tuple(begin + end for begin, end in zip(begins, ends, strict=True))


class Onnx(Framework):
    """The ONNX operator, which supports 1-D, 2-D and 3-D layers, groups and dilation.

    >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2, padding=1)
    >>> Onnx().layer_padding(layer), Onnx().output_size(layer, 7)
    (((1, 1, 1, 1), (0, 0)), (13, 13))
    """

    name = "onnx"
    title = "ONNX"

    def output_size(
        self, layer: ConvTranspose, input_size: Spatial, *, padding: Pads = None, output_padding: Pads = None
    ) -> tuple[int, ...]:
        """Return (i − 1)s + K + op − begin − end on each axis, with K = d(k − 1) + 1.

        ``padding`` is a flat list [begin of each axis, end of each axis] or a word of ``auto_pad``. 'NOTSET'
        (without pads) and 'VALID' crop nothing. 'SAME_UPPER' and 'SAME_LOWER' crop to i·s.
        ``output_padding`` is an int or one int per axis. ``None`` stands for the layer's own value, and two
        ``None`` for ``layer_padding(layer)``.
        Raises ``LayerError`` for other words, pads below 0, an ``output_padding`` that is not smaller than
        the stride, and a result below 1.

        >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(2,), stride=4)
        >>> [Onnx().output_size(layer, 5, padding=words) for words in ("SAME_UPPER", [0, 1])]
        [(18,), (17,)]
        """
        sizes = layer.input_axes(input_size)
        if padding is None and output_padding is None:
            padding, output_padding = self.layer_padding(layer)
        elif padding is None:
            padding = layer.padding * 2  # ONNX lists the begins of all axes, then the ends.
        extras = self._extras(layer, output_padding)
        word = padding if isinstance(padding, str) and padding in WORDS else None
        crops = _pads(layer, padding) if word is None else (0,) * layer.rank
        result = []
        for axis, i in enumerate(sizes):
            full = (i - 1) * layer.stride[axis] + layer.kernel_extent[axis] + extras[axis]
            same = word is not None and word.startswith("SAME")
            result.append(min(full, i * layer.stride[axis]) if same else full - crops[axis])
        if min(result) < 1:
            raise LayerError(
                "onnxruntime needs padding to leave an output of at least 1 on every axis, "
                f"received input_size={sizes}, which leaves {tuple(result)}."
            )
        return tuple(result)

    def _extras(self, layer: ConvTranspose, output_padding: object) -> tuple[int, ...]:
        """Return op on each axis: the argument if given, else the layer's own. Raises ``LayerError``."""
        extras = layer.output_padding
        if output_padding is not None:
            extras = with_settings(layer, output_padding=output_padding).output_padding
        if any(extra >= stride for extra, stride in zip(extras, layer.stride, strict=True)):
            raise LayerError(
                "onnxruntime needs output_padding to be smaller than the stride on every axis, received "
                f"output_padding={extras}, stride={layer.stride}."
            )
        return extras

    def layer_padding(self, layer: ConvTranspose) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the flat pads and the output_padding that express exactly ``layer``.

        onnxruntime refuses an ``output_padding`` of a stride or more. Such a value is subtracted from the pad
        at the end.

        >>> wide = ConvTranspose(
        ...     in_channels=1, out_channels=1, kernel_size=(3,), padding=2, output_padding=1, dilation=2
        ... )
        >>> Onnx().layer_padding(wide)
        ((2, 1), (0,))
        """
        raise_first(self.problems(layer))
        ends, extras = [], []
        for pad, extra, stride in zip(layer.padding, layer.output_padding, layer.stride, strict=True):
            accepted = extra < stride
            ends.append(pad if accepted else max(pad - extra, 0))
            extras.append(extra if accepted else max(extra - pad, 0))
        return (*layer.padding, *ends), tuple(extras)

    def problems(self, layer: ConvTranspose) -> tuple[str, ...]:
        """Return one sentence for an ``output_padding`` that exceeds the padding by a stride or more."""
        axes = zip(layer.padding, layer.output_padding, layer.stride, strict=True)
        if all(extra - pad < stride for pad, extra, stride in axes):
            return ()
        return (
            "onnxruntime needs output_padding to be smaller than the stride on every axis, after padding is "
            f"taken off it, received output_padding={layer.output_padding}, padding={layer.padding}, "
            f"stride={layer.stride}.",
        )

    def code(self, layer: ConvTranspose) -> str:
        """Return a snippet that builds a model of one node. Its weights and biases are 0.

        The snippet sets the opset and the IR version, because the defaults of the onnx package are often too
        new for onnxruntime.
        """
        if problems := self.problems(layer):
            return problem_comment(self.title, problems)
        names = ["weight", "bias"] if layer.bias else ["weight"]
        inputs = ", ".join(f'"{name}"' for name in ("x", *names))
        arrays = [f"weight = np.zeros({layer.weight_shape}, dtype=np.float32)"]
        if layer.bias:
            arrays.append(f"bias = np.zeros({layer.bias_shape}, dtype=np.float32)")
        initializers = ", ".join(f'numpy_helper.from_array({name}, "{name}")' for name in names)
        free_axes = ", None" * layer.rank
        shapes = [f"[None, {size}{free_axes}]" for size in (layer.in_channels, layer.out_channels)]
        attributes = "".join(f", {text}" for text in self._attributes(layer))
        return (
            "import numpy as np\nimport onnx\nfrom onnx import TensorProto, helper, numpy_helper\n\n"
            + "".join(f"{line}\n" for line in (count_comment(layer), *arrays))
            + f'node = helper.make_node("ConvTranspose", [{inputs}], ["y"]{attributes})\n'
            "graph = helper.make_graph(\n"
            '    [node],\n    "transposed_convolution",\n'
            f'    [helper.make_tensor_value_info("x", TensorProto.FLOAT, {shapes[0]})],\n'
            f'    [helper.make_tensor_value_info("y", TensorProto.FLOAT, {shapes[1]})],\n'
            f"    [{initializers}],\n)\n"
            'model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)\n'
            "onnx.checker.check_model(model, full_check=True)\n"
        )

    def _attributes(self, layer: ConvTranspose) -> list[str]:
        """Return the attributes of the node that differ from the operator's defaults, as code."""
        pads, extras = self.layer_padding(layer)
        spatial = (
            ("strides", layer.stride, 1),
            ("pads", pads, 0),
            ("output_padding", extras, 0),
            ("dilations", layer.dilation, 1),
        )
        changed = [(name, values) for name, values, default in spatial if differs(values, default)]
        attributes = [f"{name}={list(values)}" for name, values in changed]
        return [*attributes, f"group={layer.groups}"] if layer.groups != 1 else attributes
