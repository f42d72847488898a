"""What a print of a network must give: the parameters of each layer that it shows."""

from typing import Any

from calculator.readers import ReadError, read
from calculator.readers.difference.matching import unrolled
from tests.helpers.real_models import RealModel
from tests.oracle.framework_counts import TRANSPOSED
from tests.oracle.reading_torch import own_parameters


def printed(title: str, text: str, network: Any, *, kept: bool = True, **more: Any) -> RealModel:
    """Return the text with the parameters of the layers that it shows.

    A print shows no parameters that a module around others has of its own, and of classes that are not
    PyTorch's it may not show enough. All else must be there, and whatever is counted must be right.
    """
    own, parts = own_parameters(network), dict(network.named_modules(remove_duplicate=False))
    real = sum(own.values())
    says: tuple[str, ...] = more.pop("says", ())
    for path, module in parts.items():
        if hasattr(module, "weight_g"):
            own[path] -= module.weight_g.numel()
            says = (*says, "those that the older torch.nn.utils.weight_norm adds")
        if type(module).__name__ == "_WeightNorm" and module.dim:
            layer = path.split(".parametrizations")[0]
            around = parts[path.rpartition(".")[0]]
            own[layer] += around.original1.shape[0] - around.original0.numel()
            says = (*says, "Weight norm is taken to be along axis 0")
    try:
        counted = {row.name for row in unrolled(read(text).rows) if row.known and row.parameter_count}
    except ReadError:
        counted = set()
    shown, transposed = {}, 0
    for path, count in own.items():
        module = parts["" if path == "(model)" else path]
        kind = type(module)
        plain = kind.__module__.startswith("torch.nn") and not list(module.children())
        if plain or path in counted:
            shown[path] = count
            transposed += count * bool(TRANSPOSED.match(kind.__name__.removeprefix("Parametrized")))
    total = sum(shown.values())
    if real > sum(parameter.numel() for parameter in network.parameters()):
        says = (*says, "layers share")
    elsewhere = sum(own.values()) - total
    return RealModel(
        title, text, total, transposed, rows=shown, says=says, elsewhere=elsewhere, kept=kept, **more
    )
