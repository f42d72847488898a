"""The JSON that a short snippet prints beside a PyTorch model: classes, shapes, what is trained."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.readers.containers.strict_json import read_json
from calculator.readers.model import MAX_COUNT, MAX_ROWS, MAX_TEXT, Model, ReadError, Row
from calculator.readers.tensors.inference import MAX_AXES, shared_sentences
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
"""What people run beside ``model``. It only looks: it runs nothing of the model and changes nothing."""

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
_WHAT = "The JSON of the snippet"


@dataclass(frozen=True)
class _Parameter:
    """One parameter: its name within the module, its shape, and the number that shared ones share."""

    name: str
    shape: tuple[int, ...]
    trained: bool
    id: int


@dataclass
class _Module:
    path: str
    type: str
    parameters: list[_Parameter] = field(default_factory=list)
    arguments: Mapping[str, object] | None = None


def recognises(data: str) -> bool:
    """Return whether ``data`` begins as the snippet's JSON does.

    >>> recognises('{"format": "torch-parameters", "version": 1'), recognises("{}")
    (True, False)
    """
    begins = data[:500].lstrip("\ufeff \t\r\n'\"")
    return begins.startswith("{") and f'"{MARK}"' in begins[:200]


def read_torch_json(data: str, *, name: str = "") -> Model:
    """Return the model that the snippet's JSON describes, each parameter once. Raises ``ReadError``.

    >>> weight = '{"name": "weight", "shape": [10, 84], "requires_grad": true, "id": 0}'
    >>> model = read_torch_json('{"format": "torch-parameters", "version": 1, "type": "Net", "modules": '
    ...     '[{"path": "fc", "type": "Linear", "parameters": [%s]}]}' % weight)
    >>> [(row.name, row.type, row.weight_count) for row in model.rows]
    [('fc', 'Linear', 840)]
    """
    if len(data) > MAX_TEXT:
        raise ReadError(f"{_WHAT} has {len(data):,} characters; at most {MAX_TEXT:,} are read.")
    found = read_json(_unquoted(data), _WHAT)
    if not isinstance(found, dict) or found.get("format") != MARK:
        raise ReadError('This is not the JSON of the snippet: "format" must be "torch-parameters".')
    if found.get("version") != VERSION or type(found["version"]) is not int:
        raise ReadError(f"{_WHAT} has version {short_repr(found.get('version'))}; version {VERSION} is read.")
    entries = found.get("modules")
    if not isinstance(entries, list):
        raise ReadError(f"{_WHAT} must have a list of modules.")
    if len(entries) > MAX_ROWS:
        raise ReadError(f"{_WHAT} lists {len(entries):,} modules; at most {MAX_ROWS:,} are read.")
    modules = _joined([_module(entry) for entry in entries])
    owners, shared = _owners(modules)
    rows = tuple(row for module in modules if (row := _row(module, owners, shared)).parameter_count)
    kind = found.get("type")
    return Model(
        rows,
        FORMAT,
        tuple(shared_sentences(shared)),
        name or (usable_name(kind) if isinstance(kind, str) else ""),
    )


def _unquoted(data: str) -> str:
    """Return ``data`` without the quotes that a notebook puts around a text."""
    text = data.strip("\ufeff \t\r\n")
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


def _module(entry: object) -> _Module:
    if not isinstance(entry, dict):
        raise ReadError(f"{_WHAT} has a module that is not an object: {short_repr(entry)}.")
    path, kind, listed = entry.get("path"), entry.get("type"), entry.get("parameters")
    if not isinstance(path, str) or not isinstance(kind, str) or not isinstance(listed, list):
        raise ReadError(f"{_WHAT} has a module without path, type and parameters: {short_repr(entry)}.")
    arguments = entry.get("arguments")
    if arguments is not None and not isinstance(arguments, dict):
        raise ReadError(
            f"The arguments of {short_repr(path)} must be an object, received {short_repr(arguments)}."
        )
    parameters = [_parameter(path, one) for one in listed]
    if len({one.name for one in parameters}) < len(parameters):
        raise ReadError(f"{_WHAT} names a parameter of {short_repr(path)} twice.")
    return _Module(usable_name(path), usable_name(kind), parameters, arguments)


def _parameter(path: str, entry: object) -> _Parameter:
    if not isinstance(entry, dict):
        raise ReadError(f"A parameter of {short_repr(path)} must be an object, received {short_repr(entry)}.")
    name, shape = entry.get("name"), entry.get("shape")
    trained, number = entry.get("requires_grad"), entry.get("id")
    if not isinstance(name, str) or type(trained) is not bool or type(number) is not int:
        raise ReadError(f"A parameter of {short_repr(path)} must have a name, requires_grad and an id.")
    listed = shape if isinstance(shape, list) else [None]
    sizes = [size for size in listed if type(size) is int and size >= 0]
    if len(sizes) < len(listed) or len(sizes) > MAX_AXES or math.prod(sizes) > MAX_COUNT:
        raise ReadError(
            f"Parameter {short_repr(name)} of {short_repr(path)} has an impossible shape: "
            f"{short_repr(shape)}."
        )
    return _Parameter(usable_name(name), tuple(sizes), trained, number)


def _joined(modules: list[_Module]) -> list[_Module]:
    """Return the modules with what their parametrisations hold as their own; refuse a path given twice."""
    kept: dict[str, _Module] = {}
    for module in modules:
        path, local = split_name(f"{module.path}.original")
        owner = kept.get(path)
        if owner is not None and local != "original":
            prefix = local.removesuffix(".original")
            owner.parameters += [
                _Parameter(f"{prefix}.{one.name}", one.shape, one.trained, one.id)
                for one in module.parameters
            ]
        elif module.path in kept:
            raise ReadError(f"{_WHAT} names the module {short_repr(module.path)} twice.")
        else:
            kept[module.path] = module
    return list(kept.values())


def _owners(modules: list[_Module]) -> tuple[dict[int, tuple[str, _Parameter]], dict[str, str]]:
    """Return where each parameter is first, and full name → first full name for those that come again."""
    owners: dict[int, tuple[str, _Parameter]] = {}
    shared = {}
    for module in modules:
        for one in module.parameters:
            full = f"{module.path}.{one.name}" if module.path else one.name
            first, held = owners.setdefault(one.id, (full, one))
            if (held.shape, held.trained) != (one.shape, one.trained):
                raise ReadError(
                    f"{short_repr(first)} and {short_repr(full)} have one id and are not the same."
                )
            if first != full:
                shared[full] = first
    return owners, shared


def _row(module: _Module, owners: Mapping[int, tuple[str, _Parameter]], shared: Mapping[str, str]) -> Row:
    counts = {"weight": 0, "bias": 0, "other": 0}
    names = {one.name for one in module.parameters}
    weights, frozen, notes = [], 0, []
    for one in module.parameters:
        role = role_of(one.name, names)
        kind = role if role in counts else "other"
        full = f"{module.path}.{one.name}" if module.path else one.name
        if kind == "weight":
            weights.append(one.shape)
        if full in shared:
            notes.append(f"{one.name} is shared with {short_repr(shared[full])} and counted there")
            continue
        count = math.prod(one.shape)
        counts[kind] += count
        frozen += 0 if one.trained else count
        if role == "magnitude":
            notes.append("weight norm keeps magnitudes besides the weight")
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
        note=_sentence([*notes[:4], note]),
        layer=layer,
        transposed=module.arguments is not None,
    )


def _sentence(notes: list[str]) -> str:
    said = "; ".join(note.rstrip(".") for note in notes if note)
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _layer(module: _Module, shape: tuple[int, ...] | None) -> tuple[ConvTranspose | None, str]:
    """Return the transposed convolution with these arguments, or why there is none."""
    if module.arguments is None:
        return None, ""
    given = {key: module.arguments.get(key) for key in _ARGUMENTS}
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    try:
        layer = ConvTranspose(**given)  # type: ignore[arg-type] # it checks every one itself
    except LayerError as error:
        return None, f"its arguments are of no layer that the calculator knows: {error}"
    if shape != layer.weight_shape:
        return None, "its arguments do not fit the shape of its weight"
    return layer, ""
