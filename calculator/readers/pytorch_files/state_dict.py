"""Search for the model in a checkpoint: on its own, under a usual key, or several side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from calculator.core.formatting import plural, short_repr
from calculator.readers.model import ReadError
from calculator.readers.pytorch_files.pickle_values import (
    PickledDict,
    PickledList,
    PickledObject,
    StoredTensor,
    dotted_name,
)
from calculator.readers.pytorch_files.pickled_module import is_module
from calculator.readers.tensors.names import role_of, split_name

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

_SOME_PARTS = 1000
"""The number of items of a list or tuple that are searched for a tensor."""


@dataclass(frozen=True)
class StateDict:
    """The tensors of a state dict, a prefix for their names, and notes about its place in the file.

    ``module`` is the pickled module where the file has the model itself and no state dict. ``unread`` has the
    names of entries that are lists of tensors, which cannot be counted.
    """

    prefix: str
    tensors: Mapping[str, StoredTensor]
    notes: tuple[str, ...] = ()
    module: PickledObject | None = None
    unread: tuple[str, ...] = ()


class _Candidate(NamedTuple):
    """The keys that lead to a state dict, its tensors, and its dictionary; or those that lead to a module."""

    keys: tuple[str, ...]
    tensors: dict[str, StoredTensor]
    content: PickledDict

    @property
    def module(self) -> PickledObject | None:
        """Return the module, or ``None`` for a state dict."""
        return self.content if isinstance(self.content, PickledObject) and is_module(self.content) else None

    @property
    def name(self) -> str:
        """Return the keys as one name."""
        return ".".join(self.keys)


def find_state_dicts(content: object) -> list[StateDict]:
    """Return the state dicts, or the pickled modules, of one model in the ``content`` of a pickle.

    A state dict under a usual key is returned alone, with a note. Otherwise all are returned, each with its
    key as prefix. Raises ``ReadError`` where ``content`` has neither, and where an entry beside the tensors
    may be a tensor too.
    """
    if isinstance(content, StoredTensor):
        raise ReadError("The file contains a single tensor, not the state dict of a model.")
    if isinstance(content, tuple | PickledList):
        content = _by_position(content)
    if not isinstance(content, PickledDict):
        raise ReadError(
            "The file contains no state dict: it should be made by torch.save(model.state_dict(), path)."
        )
    candidates = list(_search(content, (), set()))
    if not candidates:
        if "param_groups" in content.items:
            raise ReadError("The file contains the state of an optimiser, not of a model.")
        if isinstance(content, PickledObject):
            raise ReadError(
                f"The file contains an object of {dotted_name(content.name)}, which is not looked up, and no "
                "state dict: save model.state_dict()."
            )
        if any(_is_array(value) for value in content.items.values()):
            raise ReadError(
                "The file contains NumPy arrays instead of tensors, which are not read: make a tensor of "
                "each with torch.from_numpy, and save them again."
            )
        raise ReadError("The file contains no tensors under names, so it is not a state dict.")
    for usual in _USUAL_KEYS:
        for candidate in candidates:
            if candidate.keys[-1:] == (usual,):
                return [_alone(candidate, candidates)]
    candidates, copies = _without_averages(candidates)
    if len(candidates) == 1:
        return [_alone(candidates[0], [*candidates, *copies])]
    return _side_by_side(candidates, copies)


def _by_position(content: tuple[object, ...] | PickledList) -> PickledDict | None:
    """Return the dictionaries and modules of a list by position; ``None`` without any or beside tensors."""
    values = content.items if isinstance(content, PickledList) else content
    inside: dict[str | int, object] = {
        str(place): value for place, value in enumerate(values) if isinstance(value, PickledDict)
    }
    others = [value for value in values if not isinstance(value, PickledDict)]
    if not inside or len(values) > _SOME_PARTS or _has_tensors(tuple(others)):
        return None
    return PickledDict(inside)


def _is_array(value: object) -> bool:
    return isinstance(value, PickledObject) and value.name.startswith("numpy.")


def _alone(candidate: _Candidate, candidates: list[_Candidate]) -> StateDict:
    """Return one state dict, with notes about what else is in the file."""
    notes = []
    others = [other for other in candidates if other is not candidate]
    if candidate.keys:
        what = "model" if candidate.module else "state dict"
        ignored = sum(len(other.tensors) for other in others)
        more = f"; left out elsewhere in it: {plural(ignored, 'tensor')}" if ignored else ""
        notes.append(
            f"The file is a checkpoint: its {what} under {short_repr(candidate.name)} is read{more}."
        )
    modules = [other for other in others if other.module]
    if modules:
        notes.append(f"The model under {short_repr(modules[0].name)} in the same file is left out.")
    if candidate.module:
        return StateDict("", {}, tuple(notes), candidate.module)
    left_out = _entries_left_out(candidate)
    return StateDict("", candidate.tensors, (*notes, *left_out), unread=_unread(candidate))


def _side_by_side(candidates: list[_Candidate], copies: list[_Candidate]) -> list[StateDict]:
    """Return several state dicts or several modules, with one note at the first."""
    names = [candidate.name for candidate in candidates]
    modules = [candidate for candidate in candidates if candidate.module]
    if modules and len(modules) < len(candidates):
        states = next(candidate.name for candidate in candidates if not candidate.module)
        raise ReadError(
            f"The file has a whole model under {short_repr(modules[0].name)} and a state dict under "
            f"{short_repr(states)}, and which of them is the model is not clear: save one state dict."
        )
    listed = ", ".join(short_repr(name) for name in names[:5]) + (" …" if len(names) > 5 else "")
    what = "models" if modules else "state dicts"
    notes = [f"The file is a checkpoint with several {what}, read as one model: {listed}."]
    notes += [f"The copy under {short_repr(copy.name)}, an average, is left out." for copy in copies]
    return [
        StateDict(
            "".join(f"{key}." for key in candidate.keys),
            candidate.tensors,
            (*(notes if not number else ()), *_entries_left_out(candidate, quiet=True)),
            candidate.module,
            _unread(candidate),
        )
        for number, candidate in enumerate(candidates)
    ]


def _search(content: PickledDict, keys: tuple[str, ...], seen: set[int]) -> Iterator[_Candidate]:
    """Yield each dictionary with tensors under names once, without the dictionaries of an optimiser."""
    # A pickle can contain the same dictionary under many keys, or a dictionary that contains itself.
    if id(content) in seen or len(keys) > MAX_LEVELS or "param_groups" in content.items:
        return
    seen.add(id(content))
    if is_module(content):
        if content.has_tensors:
            yield _Candidate(keys, {}, content)
        return
    tensors = {
        key: value
        for key, value in content.items.items()
        if isinstance(value, StoredTensor) and isinstance(key, str)
    }
    if tensors:
        yield _Candidate(keys, tensors, content)
    for key, value in content.items.items():
        if isinstance(value, PickledDict) and isinstance(key, str) and not _is_other_state(key):
            yield from _search(value, (*keys, key), seen)


def _without_averages(candidates: list[_Candidate]) -> tuple[list[_Candidate], list[_Candidate]]:
    """Return the candidates, and apart from them those that are averages (EMA) of another candidate."""
    shapes = [{key: tensor.shape for key, tensor in each.tensors.items()} for each in candidates]
    averages = {
        number
        for number, each in enumerate(candidates)
        if each.tensors and "ema" in each.name.lower() and shapes.count(shapes[number]) > 1
    }
    # Where every candidate is called an average, none of them is the copy.
    if len(averages) == len(candidates):
        return candidates, []
    kept = [each for number, each in enumerate(candidates) if number not in averages]
    return kept, [candidates[number] for number in sorted(averages)]


def _is_other_state(key: str) -> bool:
    return key.lower().startswith(_OTHER_STATES)


def _unread(candidate: _Candidate) -> tuple[str, ...]:
    """Return the names of the entries that are lists or tuples with tensors."""
    return tuple(
        key
        for key, value in candidate.content.items.items()
        if isinstance(key, str)
        and isinstance(value, tuple | PickledList)
        and not _is_other_state(key)
        and _has_tensors(value)
    )


def _has_tensors(value: tuple[object, ...] | PickledList) -> bool:
    """Return whether a tensor is in a list, or among the first items of a tuple."""
    if isinstance(value, PickledList):
        return value.has_tensors
    return any(
        isinstance(part, StoredTensor) or (isinstance(part, PickledDict | PickledList) and part.has_tensors)
        for part in islice(value, _SOME_PARTS)
    )


def _entries_left_out(candidate: _Candidate, *, quiet: bool = False) -> list[str]:
    """Return a sentence about the entries that are not tensors; none where ``quiet``.

    Raises ``ReadError`` for an entry that may be a tensor: an object that was made from one, or that has the
    name of a weight or a bias.
    """
    if candidate.module:
        return []
    entries = candidate.content.items
    for key, value in entries.items():
        if not isinstance(key, str) or not isinstance(value, PickledObject) or _is_other_state(key):
            continue
        if (value.has_tensors and not is_module(value)) or role_of(split_name(key)[1], ()) != "other":
            raise ReadError(
                f"The entry {short_repr(key)} of the state dict is made by {dotted_name(value.name)}, which "
                "is not looked up, so that its size is unknown: save the state dict with plain tensors."
            )
    count = len(entries) - len(candidate.tensors)
    if not count or quiet:
        return []
    return [
        "1 of its entries is not a tensor and is left out."
        if count == 1
        else f"{count:,} of its entries are not tensors and are left out."
    ]
