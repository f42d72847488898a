"""The meaning of the names of tensors: module, role of the tensor, and hints at the type of the layer."""

import re
from collections.abc import Collection
from typing import Literal

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError

Role = Literal["weight", "bias", "magnitude", "other", "buffer"]

MAX_NAME = 1000
"""The maximum number of characters of a name. The longest names in use have about two hundred."""

BUFFERS = ("running_mean", "running_var", "num_batches_tracked")
"""The running statistics of BatchNorm and InstanceNorm, which are stored with the parameters."""

_PARAMETRIZED = ".parametrizations."
_TRANSPOSED_NAME = re.compile(
    r"deconv|up_?conv|conv_?transp|conv_?trans\d*$|^conv_?t\d*$|^t_?conv|transp(?:ose)?d?_?conv|^trans_?conv"
)
_UPSAMPLING_NAME = re.compile(r"(?:^|_)up(?:s|sample|sampler|sampling|scale|score)?(?:_?\d+)*+$")


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
    >>> split_name("up.parametrizations.weight.original0")
    ('up', 'parametrizations.weight.original0')
    """
    # The dot makes a parametrised parameter of the model itself look like that of a module.
    path, separator, rest = f".{name}".rpartition(_PARAMETRIZED)
    if separator:
        return path[1:], _PARAMETRIZED[1:] + rest
    path, _, local = name.rpartition(".")
    return path, local


def role_of(local: str, siblings: Collection[str]) -> Role:
    """Return the role of the tensor ``local`` in a module with the tensors ``siblings``.

    Weight normalisation stores a magnitude and a direction (``weight_g`` and ``weight_v``, or ``original0``
    and ``original1``). Spectral normalisation and pruning store buffers with ``weight_orig``.

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
        if rest == ["original0"] and f"{_PARAMETRIZED[1:]}{base}.original1" in siblings:
            return "magnitude"
    elif local.endswith(("_u", "_v", "_mask")) and f"{local.rpartition('_')[0]}_orig" in siblings:
        return "buffer"
    elif local.endswith("_g") and f"{local[:-2]}_v" in siblings:
        return "magnitude"
    for role in ("weight", "bias"):
        if base == role or base.startswith(f"{role}_") or base.endswith(f"_{role}"):
            return role
    return "other"


def transposed_hint(path: str) -> bool | None:
    """Return whether the path suggests a transposed convolution (True) or an ordinary one (False).

    Returns ``None`` for a path that suggests neither. The last part of the path that suggests either decides.

    >>> [transposed_hint(path) for path in ("up.0", "up1.conv.double_conv.3", "deconv2", "main.0")]
    [True, False, True, None]
    """
    for part in reversed(path.lower().split(".")):
        if _TRANSPOSED_NAME.search(part) or _UPSAMPLING_NAME.search(part):
            return True
        if "conv" in part or "down" in part:
            return False
    return None


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
