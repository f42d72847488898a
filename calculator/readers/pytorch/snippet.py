"""Reader of the JSON that a short snippet prints for a PyTorch model: classes, shapes, requires_grad."""

import math

from calculator.core.formatting import short_repr
from calculator.readers.containers.strict_json import read_json
from calculator.readers.model import MAX_AXES, MAX_COUNT, MAX_ROWS, MAX_TEXT, Model, ReadError
from calculator.readers.pytorch.module_entries import ModuleEntry, ParameterEntry, rows_of_modules
from calculator.readers.tensors.inference import shared_sentences
from calculator.readers.tensors.names import usable_name

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

_SUBJECT = "The JSON of the snippet"


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
    rows, shared = rows_of_modules([_parse_module(entry) for entry in entries], _SUBJECT)
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


def _parse_module(entry: object) -> ModuleEntry:
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
    return ModuleEntry(usable_name(path), usable_name(kind), parameters, arguments)


def _parse_parameter(path: str, entry: object) -> ParameterEntry:
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
    return ParameterEntry(usable_name(name), tuple(sizes), requires_grad, number)
