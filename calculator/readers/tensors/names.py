"""What the names of a module's tensors say: which are weights, biases, buffers, and whose they are."""

import re
from collections.abc import Collection
from typing import Literal

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError

Role = Literal["weight", "bias", "magnitude", "other", "buffer"]

MAX_NAME = 1000
"""Characters of a name; the longest ones in use have about two hundred."""

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""The running statistics of BatchNorm and InstanceNorm: stored beside the parameters, and none of them."""

_PARAMETRIZED = ".parametrizations."
_TRANSPOSED = re.compile(
    r"deconv|up_?conv|conv_?transp|conv_?trans\d*$|^conv_?t\d*$|^t_?conv|transp(?:ose)?d?_?conv|^trans_?conv"
)
_UP = re.compile(r"(?:^|_)up(?:s|sample|sampler|sampling|scale|score)?(?:_?\d+)*+$")


def usable_name(name: str) -> str:
    """Return ``name``, or raise ``ReadError`` where it is too long or cannot be shown.

    >>> usable_name("up.0.weight")
    'up.0.weight'
    """
    if len(name) > MAX_NAME:
        raise ReadError(f"It has a name of {len(name):,} characters; at most {MAX_NAME:,} are read.")
    if not name.isprintable():
        raise ReadError(f"It has a name that cannot be shown: {short_repr(name)}.")
    return name


def split_name(name: str) -> tuple[str, str]:
    """Return the module's path and the name of the tensor within the module.

    >>> split_name("up.0.weight")
    ('up.0', 'weight')
    >>> split_name("up.parametrizations.weight.original0")
    ('up', 'parametrizations.weight.original0')
    """
    path, found, rest = f".{name}".rpartition(_PARAMETRIZED)
    if found:
        return path[1:], _PARAMETRIZED[1:] + rest
    path, _, local = name.rpartition(".")
    return path, local


def role_of(local: str, among: Collection[str]) -> Role:
    """Return what the tensor ``local`` of a module is, whose tensors are ``among``.

    A magnitude is what weight normalisation stores beside the direction (``weight_g`` and ``weight_v``,
    or ``original0`` and ``original1``). Spectral normalisation and pruning store buffers
    beside ``weight_orig``.

    >>> role_of("weight", ["weight", "bias"]), role_of("weight_g", ["weight_g", "weight_v"])
    ('weight', 'magnitude')
    >>> role_of("weight_v", ["weight_orig", "weight_u", "weight_v"]), role_of("bias_ih_l0", [])
    ('buffer', 'bias')
    """
    if local in BUFFERS:
        return "buffer"
    base = local
    if local.startswith(_PARAMETRIZED[1:]):
        _, base, *rest = local.split(".")
        if rest[-1:] in (["_u"], ["_v"]):
            return "buffer"
        if rest == ["original0"] and f"{_PARAMETRIZED[1:]}{base}.original1" in among:
            return "magnitude"
    elif local.endswith(("_u", "_v", "_mask")) and f"{local.rpartition('_')[0]}_orig" in among:
        return "buffer"
    elif local.endswith("_g") and f"{local[:-2]}_v" in among:
        return "magnitude"
    for role in ("weight", "bias"):
        if base == role or base.startswith(f"{role}_") or base.endswith(f"_{role}"):
            return role
    return "other"


def hint_of(path: str) -> bool | None:
    """Return whether the path says a transposed convolution, or a plain one; ``None`` where it says neither.

    The part nearest to the layer that says something is believed.

    >>> [hint_of(path) for path in ("up.0", "up1.conv.double_conv.3", "deconv2", "main.0")]
    [True, False, True, None]
    """
    for part in reversed(path.lower().split(".")):
        if _TRANSPOSED.search(part) or _UP.search(part):
            return True
        if "conv" in part or "down" in part:
            return False
    return None


def sibling(path: str, step: int) -> str | None:
    """Return the path of the layer ``step`` further on in the same numbered sequence.

    >>> sibling("main.9", 1), sibling("main.conv", 1), sibling("main.0", -1)
    ('main.10', None, None)
    """
    parent, dot, last = path.rpartition(".")
    if not (last.isascii() and last.isdigit() and len(last) < 10) or int(last) + step < 0:
        return None
    return f"{parent}{dot}{int(last) + step}"


def norm_names(path: str) -> tuple[str, ...]:
    """Return the paths where the normalisation of the convolution at ``path`` would be.

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
