"""The meaning of the names of tensors: module, role of the tensor, and hints at the type of the layer."""

import re
from collections.abc import Collection
from typing import Literal, NamedTuple

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError, Shape
from calculator.readers.original_names import is_beside_original

Role = Literal["weight", "bias", "magnitude", "other", "buffer"]

MAX_NAME = 1000
"""The maximum number of characters of a name. The longest names in use have about two hundred."""

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""The running statistics of BatchNorm and InstanceNorm, which are stored with the parameters."""

OTHER_BUFFERS = frozenset({
    *("relative_position_index", "relative_coords_table", "attn_mask", "attention_bias_idxs", "masked_bias"),
    *("inv_freq", "original_inv_freq", "position_ids", "token_type_ids", "n_averaged"),
})  # fmt: skip
"""Names of buffers in the models of torchvision, timm and transformers, and of averages: masks, indices, …"""


def is_causal_mask(name: str, shape: Shape) -> bool:
    """Return whether the tensor ``name`` is the mask that GPT-2 stores as the "bias" of its attention.

    >>> is_causal_mask("h.0.attn.bias", (1, 1, 1024, 1024)), is_causal_mask("h.0.attn.bias", (64,))
    (True, False)
    """
    path, local = split_name(name)
    is_mask = len(shape) == 4 and shape[:2] == (1, 1) and shape[2] == shape[3]
    return is_mask and local == "bias" and path.rpartition(".")[2] in ("attn", "attention", "self_attention")


_PARAMETRIZED = ".parametrizations."
_TRANSPOSED_NAME = re.compile(
    r"deconv|conv_?transp|conv_?trans\d*$|^conv_?t\d*$|^t_?conv|transp(?:ose)?d?_?conv|^trans_?conv"
)
_SHORT_NAME = re.compile(r"^conv_?t\d*$|^t_?conv")
"""Names of transposed convolutions that also name convolutions along the time, as in ``tconv`` of ST-GCN."""

_UP_WORDS = frozenset({
    *("up", "ups", "upsample", "upsampler", "upsamplers", "upsampling", "upscale", "upscaling", "upscore"),
    *("upblock", "upblocks", "uplayer", "uplayers", "dec", "decs", "decoder", "decoders", "decode"),
    *("decoding", "generator", "gen", "netg", "expanding", "expansive"),
})  # fmt: skip
"""Words of blocks that upsample, by a transposed convolution or in another way."""

_ORDINARY_WORDS = frozenset({
    *("enc", "encs", "encoder", "encoders", "down", "downs", "downsample", "downsampler", "downsamplers"),
    *("features", "feature", "backbone", "stem", "res", "resnet", "resnets", "resblock", "resblocks"),
    *("residual", "bottleneck", "discriminator", "disc", "netd", "critic", "vgg", "shortcut", "attn"),
    *("attention", "query", "key", "value", "qkv", "dw", "depthwise", "patch", "squeeze", "expand"),
})  # fmt: skip
"""Words of blocks and layers that do not upsample."""

NameHint = Literal["transposed", "up", "ordinary", "conv"]
"""The kinds of a name: of a transposed convolution, of a block that upsamples, of one that does not, and
"conv" for a name that says convolution alone."""


def may_be_temporal(word: str) -> bool:
    """Return whether the "t" in a part of a path can mean "temporal" as well as "transposed".

    >>> may_be_temporal("tconv"), may_be_temporal("conv_t"), may_be_temporal("deconv")
    (True, True, False)
    """
    return _SHORT_NAME.search(word.lower()) is not None


def usable_name(name: str) -> str:
    """Return ``name``. Raises ``ReadError`` for a name that is too long or cannot be displayed.

    >>> usable_name("up.0.weight")
    'up.0.weight'
    """
    if len(name) > MAX_NAME:
        raise ReadError(f"It has a name of {len(name):,} characters; at most {MAX_NAME:,} are read.")
    if not name.isprintable():
        raise ReadError(f"It has a name that cannot be displayed: {short_repr(name)}.")
    return name


def split_name(name: str) -> tuple[str, str]:
    """Return (path of the module, name of the tensor within the module).

    >>> split_name("up.0.weight")
    ('up.0', 'weight')
    >>> split_name("up.parametrizations.weight.original0"), split_name("up/ConvTranspose_0/kernel")
    (('up', 'parametrizations.weight.original0'), ('up/ConvTranspose_0', 'kernel'))
    """
    # The dot makes a parametrised parameter of the model itself look like that of a module.
    path, separator, rest = f".{name}".rpartition(_PARAMETRIZED)
    if separator:
        return path[1:], _PARAMETRIZED[1:] + rest
    # JAX and Keras part names with slashes.
    path, _, local = name.rpartition("/" if "/" in name else ".")
    return path, local


KERNEL = "kernel"
"""The name of a weight in Flax and Keras, whose shape ends with the input and output channels."""


def role_of(local: str, siblings: Collection[str]) -> Role:
    """Return the role of the tensor ``local`` in a module with the tensors ``siblings``.

    Weight normalisation stores a magnitude and a direction (``weight_g`` and ``weight_v``, or ``original0``
    and ``original1``). Spectral normalisation and pruning store buffers with ``weight_orig``.

    >>> role_of("weight", ["weight", "bias"]), role_of("weight_g", ["weight_g", "weight_v"])
    ('weight', 'magnitude')
    >>> role_of("weight_v", ["weight_orig", "weight_u", "weight_v"]), role_of("bias_ih_l0", [])
    ('buffer', 'bias')
    """
    if local in BUFFERS or local in OTHER_BUFFERS:
        return "buffer"
    base = local
    if local.startswith(_PARAMETRIZED[1:]):
        _, base, *rest = local.split(".")
        # ``base`` belongs to ``orthogonal``, and the others to ``spectral_norm``.
        if rest[-1:] in (["_u"], ["_v"], ["base"]):
            return "buffer"
        if rest == ["original0"] and f"{_PARAMETRIZED[1:]}{base}.original1" in siblings:
            return "magnitude"
    elif is_beside_original(local, siblings):
        return "buffer"
    elif local.endswith("_g") and f"{local[:-2]}_v" in siblings:
        return "magnitude"
    if local == KERNEL:
        return "weight"
    for role in ("weight", "bias"):
        if base == role or base.startswith(f"{role}_") or base.endswith(f"_{role}"):
            return role
    return "other"


class NameHints(NamedTuple):
    """The hints in a path at the type of a convolution.

    ``nearest`` is the hint of the last part that has one, and ``outer`` the next hint before it that is not
    "conv". ``own`` is whether the nearest hint is in the last part. ``word`` is the part that counts.
    """

    nearest: NameHint | None
    outer: NameHint | None
    own: bool
    word: str


def name_hints(path: str) -> NameHints:
    """Return the hints in ``path`` at the type of the convolution there.

    >>> name_hints("decoder.up1.conv.3")
    NameHints(nearest='conv', outer='up', own=False, word='up1')
    >>> name_hints("deconv2").nearest, name_hints("layer1.0.conv1").nearest, name_hints("main.0").nearest
    ('transposed', 'conv', None)
    """
    parts = path.split(".")
    hinted = [(position, hint) for position in range(len(parts)) if (hint := _hint(parts[position]))]
    if not hinted:
        return NameHints(None, None, False, "")
    position, nearest = hinted[-1]
    further = [(place, hint) for place, hint in hinted[:-1] if hint != "conv"]
    outer_position, outer = further[-1] if further and nearest == "conv" else (position, None)
    return NameHints(nearest, outer, position == len(parts) - 1, parts[outer_position][:_SHOWN])


_SHOWN = 40
"""The maximum number of characters of a name in a note."""


def _hint(part: str) -> NameHint | None:
    """Return the hint in one part of a path."""
    lower = part.lower()
    if _TRANSPOSED_NAME.search(lower):
        return "transposed"
    words = {word.lower() for word in _WORD.findall(part)} | set(_LOWER_WORD.findall(lower))
    if words & _UP_WORDS or _UP_NAME.search(lower):
        return "up"
    if words & _ORDINARY_WORDS:
        return "ordinary"
    return "conv" if "conv" in lower else None


_WORD, _LOWER_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+"), re.compile("[a-z]+")
_UP_NAME = re.compile("(?<!gro)upconv|convup")


def split_index(path: str) -> tuple[str, int | None]:
    """Return (path of the container, index) for a layer in a ``Sequential``; the index is else ``None``.

    >>> split_index("main.9"), split_index("main.conv")
    (('main', 9), ('main', None))
    """
    parent, _, last = path.rpartition(".")
    return parent, int(last) if last.isascii() and last.isdigit() and len(last) < 10 else None


def sibling(path: str, step: int) -> str | None:
    """Return the path of the layer ``step`` positions later in the same ``Sequential``, or ``None``.

    >>> sibling("main.9", 1), sibling("main.conv", 1), sibling("main.0", -1)
    ('main.10', None, None)
    """
    parent, dot, last = path.rpartition(".")
    if not (last.isascii() and last.isdigit() and len(last) < 10) or int(last) + step < 0:
        return None
    return f"{parent}{dot}{int(last) + step}"


def norm_names(path: str) -> tuple[str, ...]:
    """Return the usual paths of the normalisation that belongs to the convolution at ``path``.

    >>> norm_names("block.conv1")
    ('block.bn1', 'block.norm1')
    """
    parent, dot, last = path.rpartition(".")
    after = sibling(path, 1)
    if after is not None:
        return (after,)
    return (
        tuple(f"{parent}{dot}{last.replace('conv', word)}" for word in ("bn", "norm"))
        if "conv" in last
        else ()
    )
