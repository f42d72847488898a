"""Reader of the JSON that a short snippet prints for a PyTorch model: classes, shapes, requires_grad."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.readers.containers.strict_json import read_json
from calculator.readers.model import MAX_AXES, MAX_COUNT, MAX_ROWS, MAX_TEXT, Model, ReadError, Row, Shape
from calculator.readers.tensors.inference import shared_sentences
from calculator.readers.tensors.names import role_of, split_name, usable_name

FORMAT = "parameters of a PyTorch model (JSON)"

MARK = "torch-parameters"
VERSION = 1

SNIPPET = """\
import json

ids, modules = {}, []
settings = "in_channels out_channels kernel_size stride padding output_padding dilation groups".split()
for path, module in model.named_modules():
    entry = {"path": path, "type": type(module).__name__, "parameters": []}
    for name, p in module._parameters.items():
        if p is not None:
            entry["parameters"].append({"name": name, "shape": list(p.shape),
                "requires_grad": p.requires_grad, "id": ids.setdefault(id(p), len(ids))})
    if getattr(module, "transposed", False):
        entry["arguments"] = {key: getattr(module, key) for key in settings}
        entry["arguments"]["bias"] = module.bias is not None
    if len(entry) > 3 or entry["parameters"] or hasattr(module, "parametrizations"):
        modules.append(entry)
document = {"format": "torch-parameters", "version": 1, "type": type(model).__name__, "modules": modules}
print(json.dumps(document))
"""
"""The code that people run beside ``model``. It only reads attributes: the model is not run or changed."""

_ARGUMENTS = (
    "in_channels",
    "out_channels",
    "kernel_size",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "groups",
    "bias",
)
_SUBJECT = "The JSON of the snippet"


@dataclass(frozen=True)
class _ParameterEntry:
    """A parameter in the JSON. Parameters with the same ``id`` are one shared parameter."""

    name: str
    shape: Shape
    requires_grad: bool
    id: int


@dataclass
class _ModuleEntry:
    """A module in the JSON. Only transposed convolutions have ``arguments``."""

    path: str
    type: str
    parameters: list[_ParameterEntry] = field(default_factory=list)
    arguments: Mapping[str, object] | None = None


def recognises(data: str) -> bool:
    """Return whether ``data`` begins like the snippet's JSON.

    >>> recognises('{"format": "torch-parameters", "version": 1'), recognises("{}")
    (True, False)
    """
    start = data[:500].lstrip("\ufeff \t\r\n'\"")
    return start.startswith("{") and f'"{MARK}"' in start[:200]


def read_snippet(data: str, *, name: str = "") -> Model:
    """Return the model that the snippet's JSON describes. Shared parameters are counted once.

    Raises ``ReadError`` for any other text.

    >>> weight = '{"name": "weight", "shape": [10, 84], "requires_grad": true, "id": 0}'
    >>> model = read_snippet('{"format": "torch-parameters", "version": 1, "type": "Net", "modules": '
    ...     '[{"path": "fc", "type": "Linear", "parameters": [%s]}]}' % weight)
    >>> [(row.name, row.type, row.weight_count) for row in model.rows]
    [('fc', 'Linear', 840)]
    """
    if len(data) > MAX_TEXT:
        raise ReadError(f"{_SUBJECT} has {len(data):,} characters; at most {MAX_TEXT:,} are read.")
    document = read_json(_without_quotes(data), _SUBJECT)
    if not isinstance(document, dict) or document.get("format") != MARK:
        raise ReadError('This is not the JSON of the snippet: "format" must be "torch-parameters".')
    # True equals 1, and is not a version.
    if document.get("version") != VERSION or type(document["version"]) is not int:
        raise ReadError(
            f"{_SUBJECT} has version {short_repr(document.get('version'))}; version {VERSION} is read."
        )
    entries = document.get("modules")
    if not isinstance(entries, list):
        raise ReadError(f"{_SUBJECT} must have a list of modules.")
    if len(entries) > MAX_ROWS:
        raise ReadError(f"{_SUBJECT} lists {len(entries):,} modules; at most {MAX_ROWS:,} are read.")
    modules = _merge_parametrisations([_parse_module(entry) for entry in entries])
    owners, shared = _find_owners(modules)
    rows = tuple(row for module in modules if (row := _row(module, owners, shared)).parameter_count)
    kind = document.get("type")
    return Model(
        rows,
        FORMAT,
        tuple(shared_sentences(shared)),
        name or (usable_name(kind) if isinstance(kind, str) else ""),
    )


def _without_quotes(data: str) -> str:
    """Return ``data`` without the quotation marks that a notebook prints around a text."""
    text = data.strip("\ufeff \t\r\n")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _parse_module(entry: object) -> _ModuleEntry:
    """Return the checked entry of a module. Raises ``ReadError``."""
    if not isinstance(entry, dict):
        raise ReadError(f"{_SUBJECT} has a module that is not an object: {short_repr(entry)}.")
    path, kind, entries = entry.get("path"), entry.get("type"), entry.get("parameters")
    if not isinstance(path, str) or not isinstance(kind, str) or not isinstance(entries, list):
        raise ReadError(f"{_SUBJECT} has a module without path, type and parameters: {short_repr(entry)}.")
    arguments = entry.get("arguments")
    if arguments is not None and not isinstance(arguments, dict):
        raise ReadError(
            f"The arguments of {short_repr(path)} must be an object, received {short_repr(arguments)}."
        )
    parameters = [_parse_parameter(path, parameter) for parameter in entries]
    if len({parameter.name for parameter in parameters}) < len(parameters):
        raise ReadError(f"{_SUBJECT} names a parameter of {short_repr(path)} twice.")
    return _ModuleEntry(usable_name(path), usable_name(kind), parameters, arguments)


def _parse_parameter(path: str, entry: object) -> _ParameterEntry:
    """Return the checked entry of a parameter of the module at ``path``. Raises ``ReadError``."""
    if not isinstance(entry, dict):
        raise ReadError(f"A parameter of {short_repr(path)} must be an object, received {short_repr(entry)}.")
    name, shape = entry.get("name"), entry.get("shape")
    requires_grad, number = entry.get("requires_grad"), entry.get("id")
    if not isinstance(name, str) or type(requires_grad) is not bool or type(number) is not int:
        raise ReadError(f"A parameter of {short_repr(path)} must have a name, requires_grad and an id.")
    values = shape if isinstance(shape, list) else [None]
    sizes = [size for size in values if type(size) is int and size >= 0]
    if len(sizes) < len(values) or len(sizes) > MAX_AXES or math.prod(sizes) > MAX_COUNT:
        raise ReadError(
            f"Parameter {short_repr(name)} of {short_repr(path)} has an impossible shape: "
            f"{short_repr(shape)}."
        )
    return _ParameterEntry(usable_name(name), tuple(sizes), requires_grad, number)


def _merge_parametrisations(modules: list[_ModuleEntry]) -> list[_ModuleEntry]:
    """Return the modules with the parameters of their parametrisations as their own.

    Raises ``ReadError`` for a path that is given twice.
    """
    merged: dict[str, _ModuleEntry] = {}
    for module in modules:
        path, local = split_name(f"{module.path}.original")
        owner = merged.get(path)
        if owner is not None and local != "original":
            prefix = local.removesuffix(".original")
            owner.parameters += [
                replace(parameter, name=f"{prefix}.{parameter.name}") for parameter in module.parameters
            ]
        elif module.path in merged:
            raise ReadError(f"{_SUBJECT} names the module {short_repr(module.path)} twice.")
        else:
            merged[module.path] = module
    return list(merged.values())


def _full_name(module: _ModuleEntry, parameter: _ParameterEntry) -> str:
    return f"{module.path}.{parameter.name}" if module.path else parameter.name


def _find_owners(
    modules: list[_ModuleEntry],
) -> tuple[dict[int, tuple[str, _ParameterEntry]], dict[str, str]]:
    """Return id → (first full name, parameter), and full name → first full name of shared parameters.

    Raises ``ReadError`` where two parameters with one id differ.
    """
    owners: dict[int, tuple[str, _ParameterEntry]] = {}
    shared = {}
    for module in modules:
        for parameter in module.parameters:
            full = _full_name(module, parameter)
            first, owner = owners.setdefault(parameter.id, (full, parameter))
            if (owner.shape, owner.requires_grad) != (parameter.shape, parameter.requires_grad):
                raise ReadError(
                    f"{short_repr(first)} and {short_repr(full)} have the same id, "
                    "but differ in shape or requires_grad."
                )
            if first != full:
                shared[full] = first
    return owners, shared


def _row(
    module: _ModuleEntry, owners: Mapping[int, tuple[str, _ParameterEntry]], shared: Mapping[str, str]
) -> Row:
    """Return the row of a module. A parameter in ``shared`` is counted in another row."""
    counts = {"weight": 0, "bias": 0, "other": 0}
    names = {parameter.name for parameter in module.parameters}
    weights, frozen, notes = [], 0, []
    for parameter in module.parameters:
        role = role_of(parameter.name, names)
        kind = role if role in counts else "other"
        full = _full_name(module, parameter)
        if kind == "weight":
            weights.append(parameter.shape)
        if full in shared:
            notes.append(f"{parameter.name} is shared with {short_repr(shared[full])} and counted there")
            continue
        count = math.prod(parameter.shape)
        counts[kind] += count
        frozen += 0 if parameter.requires_grad else count
        if role == "magnitude":
            notes.append("weight norm adds magnitudes to the weight")
    shape = weights[0] if len(weights) == 1 else None
    layer, note = _layer(module, shape)
    return Row(
        name=module.path,
        type=module.type,
        weight_shape=shape,
        weight_count=counts["weight"],
        bias_count=counts["bias"],
        other_count=counts["other"],
        trainable=frozen < sum(counts.values()),
        frozen_count=frozen,
        note=_join_notes([*notes[:4], note]),
        layer=layer,
        transposed=module.arguments is not None,
    )


def _join_notes(notes: list[str]) -> str:
    """Return the notes that are not empty as one sentence."""
    sentence = "; ".join(note.rstrip(".") for note in notes if note)
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""


def _layer(module: _ModuleEntry, shape: Shape | None) -> tuple[ConvTranspose | None, str]:
    """Return (layer, note): the transposed convolution of the module, or ``None`` with the reason."""
    if module.arguments is None:
        return None, ""
    values = {key: module.arguments.get(key) for key in _ARGUMENTS}
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    try:
        layer = ConvTranspose(**values)  # type: ignore[arg-type] # The class checks every argument itself.
    except LayerError as error:
        return None, f"its arguments are not possible in the calculator: {error}"
    if shape != layer.weight_shape:
        return None, "its arguments do not fit the shape of its weight"
    return layer, ""
