"""Where in a checkpoint the state dict is: by itself, under a key that says so, or several side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError
from calculator.readers.pytorch.pickle_values import Dict, Tensor

MAX_LEVELS = 4
"""How deep in a checkpoint a state dict is looked for."""

_USUAL = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
    "params_ema",
    "params",
    "weights",
)
"""Keys under which a checkpoint has its model, the surest first."""

_NOT_MODELS = ("optim", "sched", "scaler", "rng", "callback", "loops")


@dataclass(frozen=True)
class Found:
    """A state dict, what stands before its names, and what is to be said of it."""

    prefix: str
    tensors: Mapping[str, Tensor]
    said: tuple[str, ...] = ()


def state_dicts(held: object) -> list[Found]:
    """Return the state dicts of one model in what a pickle describes. Raises ``ReadError`` without one.

    One that stands under a usual key is taken alone, and said; others are taken together, each under its key.
    """
    if isinstance(held, Tensor):
        raise ReadError("The file holds a single tensor, not the state dict of a model.")
    if not isinstance(held, Dict):
        raise ReadError(
            "The file holds no state dict: it should be made by torch.save(model.state_dict(), path)."
        )
    found = list(_search(held, (), set()))
    if not found:
        if "param_groups" in held.items:
            raise ReadError("The file holds the state of an optimiser, not of a model.")
        raise ReadError("The file holds no tensors under names, so it is no state dict.")
    for word in _USUAL:
        for keys, tensors, others in found:
            if keys[-1:] == (word,):
                beside = sum(len(one[1]) for one in found if one[0] != keys)
                return [Found("", tensors, _said([keys], others, beside))]
    if len(found) == 1:
        [(keys, tensors, others)] = found
        return [Found("", tensors, _said([keys], others, 0))]
    said = _said([keys for keys, _, _ in found], 0, 0)
    return [
        Found("".join(f"{key}." for key in keys), tensors, said if not number else ())
        for number, (keys, tensors, _) in enumerate(found)
    ]


_Place = tuple[tuple[str, ...], dict[str, Tensor], int]
"""The keys that lead to a state dict, its tensors, and how many of its entries are none."""


def _search(held: Dict, keys: tuple[str, ...], seen: set[int]) -> Iterator[_Place]:
    """Yield the dictionaries that hold tensors under names, each once; not those of an optimiser."""
    if id(held) in seen or len(keys) > MAX_LEVELS or "param_groups" in held.items:
        return
    seen.add(id(held))
    tensors = {
        key: value for key, value in held.items.items() if isinstance(value, Tensor) and isinstance(key, str)
    }
    if tensors:
        yield keys, tensors, len(held.items) - len(tensors)
    for key, value in held.items.items():
        if isinstance(value, Dict) and isinstance(key, str) and not key.lower().startswith(_NOT_MODELS):
            yield from _search(value, (*keys, key), seen)


def _said(places: list[tuple[str, ...]], others: int, beside: int) -> tuple[str, ...]:
    """Return the sentences about where the state dicts were."""
    said = []
    named = [".".join(keys) for keys in places]
    if len(places) > 1:
        listed = ", ".join(short_repr(name) for name in named[:5]) + (" …" if len(named) > 5 else "")
        said.append(f"The file is a checkpoint with several state dicts, read as one model: {listed}.")
    elif places[0]:
        more = f"; {beside:,} tensors elsewhere in it are left out" if beside else ""
        said.append(f"The file is a checkpoint: its state dict under {short_repr(named[0])} is read{more}.")
    if others:
        what = "1 of its entries is no tensor" if others == 1 else f"{others:,} of its entries are no tensors"
        said.append(f"{what}: left out.")
    return tuple(said)
