"""The names that PyTorch gives to what a parameter is computed from."""

from collections.abc import Collection

_ENDS = ("_u", "_v", "_mask")
_PARAMETRIZED = "parametrizations."


def is_beside_original(name: str, names: Collection[str]) -> bool:
    """Return whether a tensor among ``names`` is a buffer: the vectors of a spectral norm, a mask of pruning.

    Weight normalisation also stores a ``weight_v``, which is a parameter: it has no ``weight_orig``. Source:
    torch/nn/utils/spectral_norm.py, torch/nn/utils/prune.py and torch/nn/utils/parametrizations.py.

    >>> is_beside_original("up.weight_v", ["up.weight_orig", "up.weight_v"])
    True
    >>> is_beside_original("up.weight_v", ["up.weight_g", "up.weight_v"])
    False
    >>> weight = "up.parametrizations.weight"
    >>> is_beside_original(f"{weight}.0._u", [f"{weight}.original"])
    True
    """
    if not name.endswith(_ENDS):
        return False
    head, separator, rest = name.rpartition(_PARAMETRIZED)
    if separator and name.endswith(("._u", "._v")):
        return f"{head}{separator}{rest.partition('.')[0]}.original" in names
    return f"{name.rpartition('_')[0]}_orig" in names
