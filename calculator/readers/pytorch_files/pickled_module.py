"""Modules in a pickle: of ``torch.save(model)``, and of a TorchScript archive.

A module is pickled as an object of its class with its attributes (torch/nn/modules/module.py of PyTorch): the
dictionaries ``_parameters``, ``_buffers`` and ``_modules``, and the settings of the layer. A TorchScript
archive keeps the attributes alone (torch/csrc/jit/serialization of PyTorch). Why this is hand-written:

- ``torch.load`` imports the classes and builds the model; here a class is a name.
- The classes, the settings and ``requires_grad`` are in the file, so that no type has to be inferred.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from calculator.core.formatting import plural, short_repr
from calculator.readers.layer_table.chain import MAX_CHAIN
from calculator.readers.model import MAX_DEPTH, MAX_ROWS, ReadError, Row
from calculator.readers.pytorch.chain import IN_SEQUENCE
from calculator.readers.pytorch.class_names import TRANSPOSED, base_class, is_known_class
from calculator.readers.pytorch.module_entries import ARGUMENTS, ModuleEntry, ParameterEntry
from calculator.readers.pytorch_files.pickle_values import (
    INTEGER_STORAGES,
    PickledDict,
    PickledList,
    PickledObject,
    StoredTensor,
    dotted_name,
)
from calculator.readers.tensors.names import role_of, usable_name

_SCRIPTED = "__torch__."
"""The beginning of the name of every class in a TorchScript archive."""


def is_module(value: object) -> bool:
    """Return whether ``value`` is the mark of a ``torch.nn.Module`` with its attributes."""
    return (
        isinstance(value, PickledObject)
        and value.state is not None
        and all(isinstance(value.state.items.get(key), PickledDict) for key in ("_parameters", "_modules"))
    )


def is_scripted(value: object) -> bool:
    """Return whether ``value`` is the mark of a module of a TorchScript archive."""
    return isinstance(value, PickledObject) and value.name.startswith(_SCRIPTED)


def class_name(module: PickledObject) -> str:
    """Return the name of the class of ``module`` without the package.

    >>> class_name(PickledObject(name="__torch__.torch.nn.modules.conv.___torch_mangle_3.ConvTranspose2d"))
    'ConvTranspose2d'
    """
    return dotted_name(module.name.rpartition(".")[2])


@dataclass
class ModuleParts:
    """The modules of a model: entries with parameters, tensors by full name, and buffers.

    ``unknown`` has a row for each part that is not read, and ``again`` maps the path of a module that was met
    before to its first path. ``marked`` is whether a TorchScript archive marks the tensors that are trained.
    """

    entries: list[ModuleEntry] = field(default_factory=list)
    tensors: dict[str, StoredTensor] = field(default_factory=dict)
    buffers: dict[str, StoredTensor] = field(default_factory=dict)
    unknown: list[Row] = field(default_factory=list)
    again: dict[str, str] = field(default_factory=dict)
    marked: bool = True
    layers: list[tuple[str, str, dict[str, object]]] = field(default_factory=list)
    """The modules without modules inside, in their order: path, class and settings."""
    in_sequence: bool = True
    """Whether all modules with modules inside run these one after the other."""
    no_chain: str = ""
    """Why the layers cannot form a chain, or ""."""


def collect_modules(modules: Mapping[str, PickledObject], parts: ModuleParts) -> None:
    """Add ``modules``, which are all those of a file by their path, and those inside them to ``parts``.

    Raises ``ReadError`` for modules that are nested too deep, and for too many of them.
    """
    # One walk for all of them: modules of one file can share parameters, and those that do not stay apart.
    collector = _Collector(parts)
    for path, module in modules.items():
        collector.collect(module, path, 0)


class _Collector:
    """A walk over all modules of a file, which meets each module once."""

    def __init__(self, parts: ModuleParts) -> None:
        self.parts = parts
        self.paths: dict[int, str] = {}
        self.numbers: dict[object, int] = {}

    def collect(self, module: PickledObject, path: str, depth: int) -> None:
        """Add ``module`` and the modules inside it."""
        if not is_scripted(module):
            self._note_layer(module, path)
        if id(module) in self.paths:
            if module.has_tensors:
                self.parts.again[path] = self.paths[id(module)]
            return
        self.paths[id(module)] = usable_name(path)
        if depth > MAX_DEPTH:
            raise ReadError(f"The modules in the file are nested more than {MAX_DEPTH} deep.")
        if len(self.paths) > MAX_ROWS:
            raise ReadError(f"The file has more than {MAX_ROWS:,} modules, which is the maximum.")
        inside = self._scripted(module, path) if is_scripted(module) else self._module(module, path)
        for name, value in inside:
            self.collect(value, f"{path}.{name}" if path else name, depth + 1)

    def _note_layer(self, module: PickledObject, path: str) -> None:
        """Note a module as a layer of a chain, or as a module around layers that may form a chain."""
        attributes = module.state.items if module.state else {}
        kind, parts = class_name(module), self.parts
        # A class of another library may have any forward, whatever its name is.
        if not module.name.startswith(("torch.nn.modules.", "torch.nn.parallel.")):
            kind = dotted_name(module.name)
        if any(value is not None for _, value in _named(attributes.get("_modules"))):
            parts.in_sequence = parts.in_sequence and kind in IN_SEQUENCE
            if id(module) in self.paths:
                parts.no_chain = parts.no_chain or f"{usable_name(path)} ({kind}) is used more than once."
        elif len(parts.layers) <= MAX_CHAIN:
            settings: dict[str, object] = {
                name: value
                for name, value in _named(module.state)
                if isinstance(value, int | float | str | tuple)
            }
            biases = [value for name, value in _named(attributes.get("_parameters")) if name == "bias"]
            parts.layers.append((usable_name(path), kind, settings | {"bias": biases not in ([], [None])}))

    def _module(self, module: PickledObject, path: str) -> Iterator[tuple[str, PickledObject]]:
        """Add the parameters and buffers of one module, and yield the name and the mark of each inside it."""
        attributes = module.state.items if module.state else {}
        kind = class_name(module)
        # Every convolution of torch.nn has the attribute, and so have the classes that are made from one.
        entry = ModuleEntry(path, kind, open="transposed" not in attributes and not is_known_class(kind))
        for name, value in _named(attributes.get("_parameters")):
            if isinstance(value, StoredTensor):
                # PyTorch takes two names for one parameter where they name the same object.
                self._add_parameter(entry, name, value, id(value))
            elif value is not None:
                self._add_unknown(path, entry.type, name, value)
        for name, value in _named(attributes.get("_buffers")):
            if isinstance(value, StoredTensor):
                self.parts.buffers[f"{path}.{name}"] = value
        if attributes.get("transposed") is True:
            settings = {key: attributes.get(key) for key in ARGUMENTS}
            entry.arguments = settings | {"bias": any(each.name == "bias" for each in entry.parameters)}
        self.parts.entries.append(entry)
        for name, value in _named(attributes.get("_modules")):
            if isinstance(value, PickledObject) and is_module(value):
                yield name, value
            elif value is not None:
                self._add_unknown(path, entry.type, name, value)

    def _scripted(self, module: PickledObject, path: str) -> Iterator[tuple[str, PickledObject]]:
        """Add the tensors of one module of a TorchScript archive, and yield the modules inside it."""
        kind = class_name(module)
        transposed = base_class(kind) in TRANSPOSED
        entry = ModuleEntry(path, kind, transposed=transposed, open=not is_known_class(kind))
        attributes = dict(_named(module.state))
        inside = []
        for name, value in attributes.items():
            if name == "_flat_weights" and isinstance(attributes.get("weight_ih_l0"), StoredTensor):
                continue  # A recurrent layer lists its parameters, which it has under their names, once more.
            if isinstance(value, StoredTensor):
                if {f"{name}_g", f"{name}_v"} <= attributes.keys():
                    continue  # The weight that weight normalisation computes is stored with its two parts.
                if _is_buffer(name, value, attributes, self.parts.marked):
                    self.parts.buffers[f"{path}.{name}"] = value
                else:
                    tensor = replace(value, requires_grad=bool(value.requires_grad or not self.parts.marked))
                    self._add_parameter(entry, name, tensor, (value.location, value.requires_grad))
            elif isinstance(value, PickledObject) and value.name.startswith(f"{_SCRIPTED}torch.classes."):
                self._add_unknown(path, kind, name, value)
            elif isinstance(value, PickledObject) and is_scripted(value):
                inside.append((name, value))
            elif _has_tensors(value):
                self._add_unknown(path, kind, name, value)
        self.parts.entries.append(entry)
        yield from inside

    def _add_parameter(self, entry: ModuleEntry, name: str, tensor: StoredTensor, identity: object) -> None:
        """Add a parameter to a module's entry; the same ``identity`` gives a shared one its number again."""
        number = self.numbers.setdefault(identity, len(self.numbers))
        trained = tensor.requires_grad is not False
        entry.parameters.append(ParameterEntry(usable_name(name), tensor.shape, trained, number))
        self.parts.tensors[f"{entry.path}.{name}" if entry.path else name] = tensor
        if len(self.parts.tensors) > MAX_ROWS:
            raise ReadError(f"The file has more than {MAX_ROWS:,} parameters, which is the maximum.")

    def _add_unknown(self, path: str, kind: str, name: str, value: object) -> None:
        """Add the row of a parameter or a module that is not read."""
        what = dotted_name(value.name) if isinstance(value, PickledObject) else "a collection of tensors"
        row = Row(
            usable_name(f"{path}.{name}" if path else name),
            kind,
            note=f"It is {what}, whose parameters cannot be read.",
            known=False,
        )
        self.parts.unknown.append(row)


def _has_tensors(value: object) -> bool:
    """Return whether a tensor is inside a dictionary or a list, or among the items of a tuple."""
    if isinstance(value, PickledDict | PickledList):
        return value.has_tensors
    return isinstance(value, tuple) and any(isinstance(part, StoredTensor) for part in value)


def _named(entries: object) -> list[tuple[str, object]]:
    """Return the entries of a dictionary under texts; none of anything else."""
    if not isinstance(entries, PickledDict):
        return []
    return [(key, value) for key, value in entries.items.items() if isinstance(key, str)]


def _is_buffer(name: str, tensor: StoredTensor, siblings: dict[str, object], marked: bool) -> bool:
    """Return whether a tensor of a TorchScript module is taken for a buffer: no mark tells them apart."""
    if tensor.requires_grad:
        return False
    role = role_of(name, siblings)
    return (
        role == "buffer"
        or (role == "other" and marked)
        or (tensor.storage.type in INTEGER_STORAGES and name not in ("weight", "bias"))
    )


def parts_sentences(parts: ModuleParts) -> list[str]:
    """Return sentences about the modules that come twice and about the buffers, as far as there are any."""
    sentences = []
    if parts.again:
        pairs = ", ".join(f"{again} is {first or 'the model itself'}" for again, first in _first_three(parts))
        more = f", and {len(parts.again) - 3:,} more" if len(parts.again) > 3 else ""
        sentences.append(f"Shared modules are counted once: {pairs}{more}.")
    if parts.buffers:
        values = sum(tensor.count for tensor in parts.buffers.values())
        sentences.append(
            f"Buffers are not parameters: {plural(len(parts.buffers), 'tensor')} with "
            f"{plural(values, 'value')}, such as {short_repr(next(iter(parts.buffers)).lstrip('.'))}, "
            "are left out."
        )
    return sentences


def _first_three(parts: ModuleParts) -> list[tuple[str, str]]:
    return list(parts.again.items())[:3]
