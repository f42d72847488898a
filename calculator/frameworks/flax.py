"""Flax: ``ConvTranspose`` of ``flax.linen`` and of ``flax.nnx``, which call ``jax.lax.conv_transpose``.

Sources: https://flax.readthedocs.io/en/latest/api_reference/flax.linen/layers.html,
https://flax.readthedocs.io/en/latest/api_reference/flax.nnx/nn/linear.html
and https://docs.jax.dev/en/latest/_autosummary/jax.lax.conv_transpose.html
"""

from collections.abc import Sequence

from calculator.core.description import differs
from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.validation import MAX_VALUE, NOT_SPATIAL, Spatial, as_int
from calculator.frameworks.code import call, count_comment, group_problems, problem_comment, raise_first
from calculator.frameworks.framework import Framework, Pads

Pairs = tuple[tuple[int, int], ...]
"""The zeros before and after the stretched input on each axis. A negative number crops the input."""


def _number(value: object, padding: object) -> int:
    """Return ``value`` as an int, which may be negative. Raises ``LayerError``, which quotes ``padding``."""
    number = as_int(value)
    if number is None or abs(number) > MAX_VALUE:
        raise LayerError(f"Flax needs padding in whole numbers below 2^63, received {short_repr(padding)}.")
    return number


def _pair(value: object, padding: object) -> tuple[int, int]:
    """Return the padding of one axis as (low, high), from one number for both sides or from a pair."""
    if not isinstance(value, Sequence) or isinstance(value, NOT_SPATIAL):
        amount = _number(value, padding)
        return amount, amount
    if len(value) != 2:
        wanted = "Flax needs a number or a (low, high) pair of padding for each axis"
        raise LayerError(f"{wanted}, received {short_repr(padding)}.")
    return _number(value[0], padding), _number(value[1], padding)


def _pairs(padding: object, rank: int) -> Pairs:
    """Return one pair per axis, from one number or from ``rank`` numbers or pairs. Raises ``LayerError``."""
    if not isinstance(padding, Sequence) or isinstance(padding, NOT_SPATIAL):
        return (_pair(padding, padding),) * rank
    if len(padding) != rank:
        wanted = f"Flax needs one padding, or {rank} (one per axis, a number or a (low, high) pair)"
        raise LayerError(f"{wanted}, received {short_repr(padding)}.")
    return tuple(_pair(value, padding) for value in padding)


def _word_pair(word: str, extent: int, stride: int) -> tuple[int, int]:
    """Return the (low, high) that JAX uses for 'SAME' or 'VALID' on one axis."""
    if word == "VALID":
        return extent - 1, extent - 1 + max(stride - extent, 0)
    total = extent + stride - 2
    low = extent - 1 if stride > extent - 1 else (total + 1) // 2
    return low, total - low


def padding_pairs(layer: ConvTranspose, padding: Pads) -> Pairs:
    """Return one (low, high) pair per axis for a ``padding`` of Flax other than 'CIRCULAR'.

    Raises ``LayerError`` for other words and for values that are not numbers or pairs.

    >>> padding_pairs(ConvTranspose(1, 1, (4,), 2), "SAME"), padding_pairs(ConvTranspose(1, 1, (4,)), 1)
    (((2, 2),), ((1, 1),))
    """
    if not isinstance(padding, str):
        return _pairs(padding, layer.rank)
    if padding not in ("SAME", "VALID"):
        wanted = "Flax needs padding to be 'SAME', 'VALID', 'CIRCULAR' or numbers"
        raise LayerError(f"{wanted}, received {short_repr(padding)}.")
    return _word_pairs(padding, layer)


def _word_pairs(word: str, layer: ConvTranspose) -> Pairs:
    axes = zip(layer.kernel_extent, layer.stride, strict=True)
    return tuple(_word_pair(word, extent, stride) for extent, stride in axes)


def _padded(layer: ConvTranspose, sizes: tuple[int, ...], pairs: Pairs) -> tuple[int, ...]:
    """Return the output size for one (low, high) pair per axis. Raises ``LayerError``."""
    result = []
    for axis, (i, (low, high)) in enumerate(zip(sizes, pairs, strict=True)):
        stretched = (i - 1) * layer.stride[axis] + 1
        if stretched + low + high < 0:
            raise LayerError(
                f"Flax needs padding to crop at most the stretched input: on axis {axis} that is "
                f"{stretched}, received padding ({low}, {high})."
            )
        result.append(max(stretched + low + high - layer.kernel_extent[axis] + 1, 0))
    return tuple(result)


class Flax(Framework):
    """Flax: linen and nnx, whose layers have the same shapes and the same words for padding.

    >>> layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4, stride=2, padding=1)
    >>> print(Flax().code(layer), end="")
    import jax
    import jax.numpy as jnp
    from flax import linen as nn
    <BLANKLINE>
    # 3,072 weights + 64 biases = 3,136 parameters
    layer = nn.ConvTranspose(features=64, kernel_size=(4, 4), strides=(2, 2))
    variables = layer.init(jax.random.key(0), jnp.zeros((1, 1, 1, 3)))
    """

    name = "flax"
    title = "Flax"
    weight_order = "(*kernel, in, out); with transpose_kernel=True (*kernel, out, in)"

    def weight_shape(self, layer: ConvTranspose) -> tuple[int, ...]:
        """Return (*kernel_size, in, out), the shape for Flax's default ``transpose_kernel=False``.

        These weights are PyTorch's weights flipped along every spatial axis. With ``transpose_kernel=True``
        the shape is (*kernel_size, out, in), and the weights are not flipped.
        Raises ``LayerError`` for groups, which Flax does not support.
        """
        raise_first(group_problems(self.title, layer))
        return (*layer.kernel_size, layer.in_channels, layer.out_channels)

    def output_size(
        self, layer: ConvTranspose, input_size: Spatial, *, padding: Pads = None, output_padding: Pads = None
    ) -> tuple[int, ...]:
        """Return the size that ``padding`` gives, with K = d(k − 1) + 1 on each axis.

        'SAME' (Flax's default, which ``None`` stands for) and 'CIRCULAR' give i·s, 'VALID' gives
        (i − 1)s + max(K, s). Numbers pad the stretched input: one number, one per axis, or one (low, high)
        pair per axis. They give (i − 1)s + low + high − K + 2, or 0 if that is negative. PyTorch's padding p
        is low = high = K − 1 − p.
        Raises ``LayerError`` for other words, groups, any ``output_padding`` (Flax does not support it), and
        negative padding that crops more than the stretched input, (i − 1)s + 1. JAX refuses other words too,
        except that with a stride of 1 on every axis it accepts 'same', 'valid' and 'SAME_LOWER' as the
        padding of an ordinary convolution.

        >>> layer = ConvTranspose(in_channels=1, out_channels=1, kernel_size=(2,), stride=4)
        >>> [Flax().output_size(layer, 5, padding=padding) for padding in ("VALID", 1, [(0, 1)])]
        [(20,), (18,), (17,)]
        """
        raise_first(group_problems(self.title, layer))
        if output_padding is not None:
            raise LayerError(
                f"Flax has no output_padding: it must be None, received {short_repr(output_padding)}."
            )
        sizes = layer.input_axes(input_size)
        word = "SAME" if padding is None else padding
        if word in ("SAME", "CIRCULAR"):
            return tuple(i * s for i, s in zip(sizes, layer.stride, strict=True))
        return _padded(layer, sizes, padding_pairs(layer, word))

    def layer_padding(self, layer: ConvTranspose) -> tuple[str | Pairs, None]:
        """Return 'SAME', 'VALID' or (low, high) pairs that express exactly ``layer``, and ``None``.

        >>> Flax().layer_padding(
        ...     ConvTranspose(in_channels=1, out_channels=1, kernel_size=(3,), stride=2, padding=1)
        ... )
        (((1, 1),), None)
        """
        raise_first(self.problems(layer))
        axes = zip(layer.kernel_extent, layer.padding, layer.output_padding, strict=True)
        pairs = tuple((extent - 1 - pad, extent - 1 - pad + extra) for extent, pad, extra in axes)
        for word in ("SAME", "VALID"):
            if pairs == _word_pairs(word, layer):
                return word, None
        return pairs, None

    def problems(self, layer: ConvTranspose) -> tuple[str, ...]:
        """Return one sentence for groups. (low, high) pairs can express every padding."""
        return group_problems(self.title, layer)

    def code(self, layer: ConvTranspose) -> str:
        """Return the code for linen: imports, the layer, and the call of ``init`` that makes the weights."""
        if problems := self.problems(layer):
            return problem_comment(self.title, problems)
        layer_call = call("nn.ConvTranspose", [f"features={layer.out_channels}", *self._arguments(layer)])
        # init runs the layer once, so the example input must be large enough to leave an output.
        shape = (1, *_smallest_input(layer), layer.in_channels)
        return (
            "import jax\nimport jax.numpy as jnp\nfrom flax import linen as nn\n\n"
            f"{count_comment(layer)}\nlayer = {layer_call}\n"
            f"variables = layer.init(jax.random.key(0), jnp.zeros({shape}))\n"
        )

    def nnx_code(self, layer: ConvTranspose) -> str:
        """Return the code for nnx, whose layer has its weights at once.

        >>> layer = ConvTranspose(3, 64, 4, stride=2, padding=1)
        >>> print(Flax().nnx_code(layer), end="")
        from flax import nnx
        <BLANKLINE>
        # 3,072 weights + 64 biases = 3,136 parameters
        layer = nnx.ConvTranspose(3, 64, kernel_size=(4, 4), strides=(2, 2), rngs=nnx.Rngs(0))
        """
        if problems := self.problems(layer):
            return problem_comment(self.title, problems)
        channels = [str(layer.in_channels), str(layer.out_channels)]
        layer_call = call("nnx.ConvTranspose", [*channels, *self._arguments(layer), "rngs=nnx.Rngs(0)"])
        return f"from flax import nnx\n\n{count_comment(layer)}\nlayer = {layer_call}\n"

    def _arguments(self, layer: ConvTranspose) -> list[str]:
        """Return the arguments that linen and nnx share, without those at their defaults."""
        padding, _ = self.layer_padding(layer)
        arguments = [f"kernel_size={layer.kernel_size}"]
        if differs(layer.stride, 1):
            arguments.append(f"strides={layer.stride}")
        if padding == "VALID":
            arguments.append('padding="VALID"')
        elif padding != "SAME":
            arguments.append(f"padding={padding}")
        if differs(layer.dilation, 1):
            arguments.append(f"kernel_dilation={layer.dilation}")
        if not layer.bias:
            arguments.append("use_bias=False")
        return arguments


def _smallest_input(layer: ConvTranspose) -> tuple[int, ...]:
    """Return the smallest input size on each axis that leaves an output of at least 1."""
    sizes = []
    for axis, extent in enumerate(layer.kernel_extent):
        missing = 1 - (extent + layer.output_padding[axis] - 2 * layer.padding[axis])
        sizes.append(1 + max(0, -(-missing // layer.stride[axis])))
    return tuple(sizes)
