"""Search for the state dict in a checkpoint: on its own, under a usual key, or several side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from calculator.core.formatting import short_repr
from calculator.readers.model import ReadError
from calculator.readers.pytorch.pickle_values import PickledDict, StoredTensor

MAX_LEVELS = 4
"""The maximum number of keys that lead to a state dict."""

_USUAL_KEYS = (
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
"""Keys under which checkpoints keep the model. The key that is most certain comes first."""

_OTHER_STATES = ("optim", "sched", "scaler", "rng", "callback", "loops")
"""The beginnings of keys under which checkpoints keep the state of the training."""


@dataclass(frozen=True)
class StateDict:
    """The tensors of a state dict, a prefix for their names, and notes about its place in the file."""

    prefix: str
    tensors: Mapping[str, StoredTensor]
    notes: tuple[str, ...] = ()


def find_state_dicts(content: object) -> list[StateDict]:
    """Return the state dicts of one model in the ``content`` of a pickle.

    A state dict under a usual key is returned alone, with a note. Otherwise all state dicts are returned,
    each with its key as prefix. Raises ``ReadError`` where ``content`` has no state dict.
    """
    if isinstance(content, StoredTensor):
        raise ReadError("The file contains a single tensor, not the state dict of a model.")
    if not isinstance(content, PickledDict):
        raise ReadError(
            "The file contains no state dict: it should be made by torch.save(model.state_dict(), path)."
        )
    candidates = list(_search(content, (), set()))
    if not candidates:
        if "param_groups" in content.items:
            raise ReadError("The file contains the state of an optimiser, not of a model.")
        raise ReadError("The file contains no tensors under names, so it is not a state dict.")
    for usual in _USUAL_KEYS:
        for keys, tensors, others in candidates:
            if keys[-1:] == (usual,):
                ignored = sum(len(other[1]) for other in candidates if other[0] != keys)
                return [StateDict("", tensors, _notes([keys], others, ignored))]
    if len(candidates) == 1:
        [(keys, tensors, others)] = candidates
        return [StateDict("", tensors, _notes([keys], others, 0))]
    notes = _notes([keys for keys, _, _ in candidates], 0, 0)
    return [
        StateDict("".join(f"{key}." for key in keys), tensors, notes if not number else ())
        for number, (keys, tensors, _) in enumerate(candidates)
    ]


_Candidate = tuple[tuple[str, ...], dict[str, StoredTensor], int]
"""The keys that lead to a state dict, its tensors, and the number of its entries that are not tensors."""


def _search(content: PickledDict, keys: tuple[str, ...], seen: set[int]) -> Iterator[_Candidate]:
    """Yield each dictionary with tensors under names once, without the dictionaries of an optimiser."""
    # A pickle can contain the same dictionary under many keys, or a dictionary that contains itself.
    if id(content) in seen or len(keys) > MAX_LEVELS or "param_groups" in content.items:
        return
    seen.add(id(content))
    tensors = {
        key: value
        for key, value in content.items.items()
        if isinstance(value, StoredTensor) and isinstance(key, str)
    }
    if tensors:
        yield keys, tensors, len(content.items) - len(tensors)
    for key, value in content.items.items():
        if isinstance(value, PickledDict) and isinstance(key, str) and not _is_other_state(key):
            yield from _search(value, (*keys, key), seen)


def _is_other_state(key: str) -> bool:
    return key.lower().startswith(_OTHER_STATES)


def _notes(paths: list[tuple[str, ...]], others: int, ignored: int) -> tuple[str, ...]:
    """Return sentences about the keys of the state dicts and about the entries that are left out.

    ``others`` counts the entries that are not tensors, ``ignored`` the tensors elsewhere in the checkpoint.
    """
    notes = []
    names = [".".join(keys) for keys in paths]
    if len(paths) > 1:
        listed = ", ".join(short_repr(name) for name in names[:5]) + (" …" if len(names) > 5 else "")
        notes.append(f"The file is a checkpoint with several state dicts, read as one model: {listed}.")
    elif paths[0]:
        more = f"; {ignored:,} tensors elsewhere in it are left out" if ignored else ""
        notes.append(f"The file is a checkpoint: its state dict under {short_repr(names[0])} is read{more}.")
    if others:
        notes.append(
            "1 of its entries is not a tensor and is left out."
            if others == 1
            else f"{others:,} of its entries are not tensors and are left out."
        )
    return tuple(notes)
