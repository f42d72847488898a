"""Keras: ``keras.layers.Conv1DTranspose``, ``Conv2DTranspose`` and ``Conv3DTranspose``.

Source: https://keras.io/api/layers/convolution_layers/convolution2d_transpose/
"""

from calculator.core.description import differs
from calculator.core.errors import LayerError
from calculator.core.formatting import axes_code, short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import Spatial
from calculator.frameworks.code import (
    call,
    count_comment,
    group_problems,
    problem_comment,
    raise_first,
    with_settings,
)
from calculator.frameworks.framework import Framework, Pads

WORDS = ("valid", "same")
"""The values of ``padding`` in Keras, which ignores upper and lower case."""

NO_CROP = "PyTorch has no padding that crops as padding='same' of Keras does here."
"""The note on a layer that PyTorch cannot express, not even with another window."""

OTHER_SIDE = f"{NO_CROP} The layer opens with the same output size, but is cropped on the other side."
"""The note on a layer whose PyTorch equivalent has the right size, but another window."""


def _word(padding: object) -> str:
    """Return ``padding`` as one of ``WORDS``; ``None`` stands for Keras's default, 'valid'."""
    word = "valid" if padding is None else padding
    if not isinstance(word, str) or word.lower() not in WORDS:
        raise LayerError(f"Keras needs padding to be 'valid' or 'same', received {short_repr(padding)}.")
    return word.lower()


def _automatic(word: str, extent: int, stride: int) -> int:
    """Return the ``output_padding`` that Keras uses on one axis for ``None``.

    With 'valid' the output has at least i·s positions, with 'same' exactly i·s. For an even kernel 'same'
    uses ``stride`` itself as ``output_padding``, a value that Keras refuses as a number.
    """
    return max(stride - extent, 0) if word == "valid" else stride - extent % 2


def pytorch_crop(
    word: str, extent: int, stride: int, output_padding: int | None = None
) -> tuple[int, int, bool]:
    """Return (padding, output_padding, exact) of PyTorch for the output size of Keras on one axis.

    ``word`` is 'valid' or 'same', ``extent`` is K = d(k − 1) + 1, and ``output_padding`` that of Keras.
    ``exact`` is false where PyTorch can only crop the same amount on the other side. For an even kernel with
    stride 1 even that needs an ``output_padding`` that ``ConvTranspose`` refuses.

    >>> pytorch_crop("same", 4, 2), pytorch_crop("same", 3, 2), pytorch_crop("valid", 2, 4)
    ((1, 0, True), (1, 1, False), (0, 2, True))
    """
    extra = _automatic(word, extent, stride) if output_padding is None else output_padding
    if word == "valid":
        return 0, extra, True
    # Keras pads ⌈half⌉ before the data and the rest after, but never more than K − 1 before. PyTorch's
    # padding p leaves K − 1 − p before, and its output_padding can only add after the data.
    padded = extra + extent % 2 + extent - 2
    before = min((padded + 1) // 2, extent - 1)
    added = padded - 2 * before
    if added >= 0:
        return extent - 1 - before, added, True
    return extent - before, added + 2, False


def _needed(layer: ConvTranspose, word: str, axis: int) -> int | None:
    """Return the ``output_padding`` with which ``word`` crops as the layer does, or ``None``.

    Equal sizes are not enough: both must keep the same positions. 'same' pads ⌈half⌉ before the input and the
    rest after it, but never more than K − 1 before it. PyTorch's padding p leaves K − 1 − p before it.
    """
    extent, padding, extra = layer.kernel_extent[axis], layer.padding[axis], layer.output_padding[axis]
    if word == "valid":
        return extra if padding == 0 else None
    # The zeros on both sides of the stretched input. With 'same' Keras pads K − 2 + (K mod 2) + op in all,
    # which the last line solves for op.
    padded = 2 * (extent - 1 - padding) + extra
    if min((padded + 1) // 2, extent - 1) != extent - 1 - padding:
        return None
    return padded + 2 - extent - extent % 2


def _expression(layer: ConvTranspose) -> tuple[str, tuple[int, ...] | None] | None:
    """Return ``(padding, output_padding)`` of Keras for the layer, or ``None`` if no arguments express it.

    An ``output_padding`` of ``None`` is preferred to numbers.
    """
    axes = range(layer.rank)
    for word in WORDS:
        needed = [_needed(layer, word, axis) for axis in axes]
        extras = tuple(value for value in needed if value is not None)
        if len(extras) != layer.rank:
            continue
        if all(extras[a] == _automatic(word, layer.kernel_extent[a], layer.stride[a]) for a in axes):
            return word, None
        if all(0 <= extras[a] < layer.stride[a] for a in axes):
            return word, extras
    return None


class Keras(Framework):
    """Keras 3, the same on its JAX and PyTorch backends.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    >>> print(Keras().code(layer), end="")
    import keras
    <BLANKLINE>
    # 3,072 weights + 64 biases = 3,136 parameters
    layer = keras.layers.Conv2DTranspose(64, kernel_size=4, strides=2, padding="same")
    layer.build((None, None, None, 3))
    """

    name = "keras"
    title = "Keras"
    weight_order = "(*kernel, out, in)"

    def weight_shape(self, layer: ConvTranspose) -> tuple[int, ...]:
        """Return (*kernel_size, out, in). Raises ``LayerError`` for groups, which Keras does not support."""
        raise_first(group_problems(self.title, layer))
        return (*layer.kernel_size, layer.out_channels, layer.in_channels)

    def output_size(
        self, layer: ConvTranspose, input_size: Spatial, *, padding: Pads = None, output_padding: Pads = None
    ) -> tuple[int, ...]:
        """Return the size that 'valid' or 'same' gives, with K = d(k − 1) + 1 on each axis.

        'valid': (i − 1)s + K + op; 'same': (i − 1)s + (K mod 2) + op. With ``output_padding=None`` Keras
        chooses op = max(s − K, 0) for 'valid', and for 'same' the op that gives i·s. So ``None`` and 0
        differ. ``padding=None`` stands for Keras's default, 'valid', and not for the layer's own padding.
        Raises ``LayerError`` for other words, an ``output_padding`` that is not smaller than the stride,
        groups, and a stride above 1 with a dilation above 1 on any axes. A result of 0 is allowed.

        >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=3, stride=2)
        >>> for op in (None, 0):
        ...     print(Keras().output_size(layer, 7, padding="same", output_padding=op))
        (14, 14)
        (13, 13)
        """
        raise_first(self._refusals(layer))
        word = _word(padding)
        sizes = layer.input_axes(input_size)
        extras = self._extras(layer, word, output_padding)
        result = []
        for axis, i in enumerate(sizes):
            extent = layer.kernel_extent[axis]
            minimum = extent if word == "valid" else extent % 2
            result.append((i - 1) * layer.stride[axis] + minimum + extras[axis])
        return tuple(result)

    def _extras(self, layer: ConvTranspose, word: str, output_padding: object) -> tuple[int, ...]:
        """Return op on each axis: the argument if given, else Keras's choice. Raises ``LayerError``."""
        if output_padding is None:
            pairs = zip(layer.kernel_extent, layer.stride, strict=True)
            return tuple(_automatic(word, extent, stride) for extent, stride in pairs)
        extras = with_settings(layer, output_padding=output_padding).output_padding
        if any(extra >= stride for extra, stride in zip(extras, layer.stride, strict=True)):
            raise LayerError(
                "Keras needs output_padding to be smaller than the stride on every axis, received "
                f"output_padding={axes_code(extras)}, stride={axes_code(layer.stride)}."
            )
        return extras

    def layer_padding(self, layer: ConvTranspose) -> tuple[str, tuple[int, ...] | None]:
        """Return 'valid' or 'same', and ``None`` or one output_padding per axis, that express ``layer``.

        Raises ``LayerError`` where no word does, as in the example.

        >>> layer = ConvTranspose(
        ...     in_channels=1, out_channels=1, kernel_size=3, stride=2, padding=1, output_padding=1
        ... )
        >>> Keras().layer_padding(layer)  # 'same' has this size, but crops the other side
        Traceback (most recent call last):
        ...
        calculator.core.errors.LayerError: Keras has only 'valid' and 'same' for padding, one word \
for all axes: \
one of them must crop the output as the layer does, received padding=1, output_padding=1 with kernel_size=3, \
stride=2, dilation=1.
        """
        expression = _expression(layer)
        if (problems := self.problems(layer)) or expression is None:
            raise LayerError(problems[0])
        return expression

    def _refusals(self, layer: ConvTranspose) -> tuple[str, ...]:
        """Return the problems that do not depend on the padding."""
        problems = group_problems(self.title, layer)
        if max(layer.stride) > 1 and max(layer.dilation) > 1:
            problems += (
                "Keras forbids a stride above 1 together with a dilation above 1, also on different axes: "
                f"one of them must be 1, received stride={axes_code(layer.stride)}, "
                f"dilation={axes_code(layer.dilation)}.",
            )
        return problems

    def problems(self, layer: ConvTranspose) -> tuple[str, ...]:
        """Return a sentence for groups, for a stride with dilation, and for padding that no word gives."""
        if _expression(layer) is not None:
            return self._refusals(layer)
        sentence = (
            "Keras has only 'valid' and 'same' for padding, one word for all axes: one of them must crop the "
            f"output as the layer does, received padding={axes_code(layer.padding)}, "
            f"output_padding={axes_code(layer.output_padding)} with "
            f"kernel_size={axes_code(layer.kernel_size)}, "
            f"stride={axes_code(layer.stride)}, dilation={axes_code(layer.dilation)}."
        )
        return (*self._refusals(layer), sentence)

    def code(self, layer: ConvTranspose) -> str:
        """Return the import, the layer, and the call of ``build`` that creates the weights."""
        if problems := self.problems(layer):
            return problem_comment(self.title, problems)
        word, extras = self.layer_padding(layer)
        arguments = [str(layer.out_channels), f"kernel_size={axes_code(layer.kernel_size)}"]
        if differs(layer.stride, 1):
            arguments.append(f"strides={axes_code(layer.stride)}")
        if word != "valid":
            arguments.append(f'padding="{word}"')
        if extras is not None:
            arguments.append(f"output_padding={axes_code(extras)}")
        if differs(layer.dilation, 1):
            arguments.append(f"dilation_rate={axes_code(layer.dilation)}")
        if not layer.bias:
            arguments.append("use_bias=False")
        layer_call = call(f"keras.layers.Conv{layer.rank}DTranspose", arguments)
        shape = ("None", *("None",) * layer.rank, str(layer.in_channels))
        build = call("layer.build", [f"({', '.join(shape)})"])
        return f"import keras\n\n{count_comment(layer)}\nlayer = {layer_call}\n{build}\n"
