"""Rows of modules whose class, parameters and settings are stated: in the snippet's JSON or in a pickle."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

from calculator.core.errors import LayerError
from calculator.core.formatting import short_repr
from calculator.core.layer import ConvTranspose
from calculator.readers.model import ReadError, Row, Shape
from calculator.readers.tensors.convolutions import Convolution, Decision, decide
from calculator.readers.tensors.names import role_of, split_name

ARGUMENTS = tuple(item.name for item in fields(ConvTranspose))
"""The settings of a transposed convolution, as its class names them."""


@dataclass(frozen=True)
class ParameterEntry:
    """A parameter of a module. Parameters with the same ``id`` are one shared parameter."""

    name: str
    shape: Shape
    requires_grad: bool
    id: int


@dataclass
class ModuleEntry:
    """A module: its path, its class and its own parameters.

    Only a transposed convolution has ``arguments``, its settings by their names in ``ARGUMENTS``. It is
    ``transposed`` without them where the settings are unknown. The weight of an ``open`` module, whose class
    is unknown, may be that of a convolution of either kind.
    """

    path: str
    type: str
    parameters: list[ParameterEntry] = field(default_factory=list)
    arguments: Mapping[str, object] | None = None
    transposed: bool = False
    open: bool = False


def rows_of_modules(entries: Sequence[ModuleEntry], subject: str) -> tuple[tuple[Row, ...], dict[str, str]]:
    """Return the rows with parameters, and full name → first full name of each shared parameter.

    ``subject`` names the source in the sentences of ``ReadError``, which is raised for a path that comes
    twice, and for parameters with one ``id`` that differ.

    >>> entry = ModuleEntry("fc", "Linear", [ParameterEntry("weight", (10, 84), True, 0)])
    >>> [(row.name, row.type, row.weight_count) for row in rows_of_modules([entry], "The JSON")[0]]
    [('fc', 'Linear', 840)]
    """
    modules = _merge_parametrisations(entries, subject)
    owners, shared = _find_owners(modules)
    rows = (_row(module, owners, shared) for module in modules)
    return tuple(row for row in rows if row.parameter_count), shared


def _merge_parametrisations(modules: Sequence[ModuleEntry], subject: str) -> list[ModuleEntry]:
    """Return the modules with the parameters of their parametrisations as their own.

    Raises ``ReadError`` for a path that is given twice.
    """
    merged: dict[str, ModuleEntry] = {}
    for module in modules:
        path, local = split_name(f"{module.path}.original")
        owner = merged.get(path)
        if owner is not None and local != "original":
            prefix = local.removesuffix(".original")
            owner.parameters += [
                replace(parameter, name=f"{prefix}.{parameter.name}") for parameter in module.parameters
            ]
        elif module.path in merged:
            raise ReadError(f"{subject} names the module {short_repr(module.path)} twice.")
        else:
            merged[module.path] = module
    return list(merged.values())


def _full_name(module: ModuleEntry, parameter: ParameterEntry) -> str:
    return f"{module.path}.{parameter.name}" if module.path else parameter.name


def _find_owners(
    modules: list[ModuleEntry],
) -> tuple[dict[int, tuple[str, ParameterEntry]], dict[str, str]]:
    """Return id → (first full name, parameter), and full name → first full name of shared parameters.

    Raises ``ReadError`` where two parameters with one id differ.
    """
    owners: dict[int, tuple[str, ParameterEntry]] = {}
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
    module: ModuleEntry, owners: Mapping[int, tuple[str, ParameterEntry]], shared: Mapping[str, str]
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
    decision = _decide(module, weights)
    return Row(
        name=module.path,
        type=module.type,
        weight_shape=shape,
        weight_count=counts["weight"],
        bias_count=counts["bias"],
        other_count=counts["other"],
        trainable=frozen < sum(counts.values()),
        frozen_count=frozen,
        note=_join_notes([*notes[:4], note, decision.note]),
        layer=layer,
        transposed=module.transposed or module.arguments is not None or decision.kind == "transposed",
        undecided=decision.kind == "undecided",
    )


def _decide(module: ModuleEntry, weights: Sequence[Shape]) -> Decision:
    """Return whether an open module is a convolution, of either kind; "impossible" for all others."""
    candidates = [shape for shape in weights if 3 <= len(shape) <= 5] if module.open else []
    if not candidates:
        return Decision("impossible")
    biases = [parameter.shape for parameter in module.parameters if parameter.name == "bias"]
    if len(weights) > 1 or any(len(bias) != 1 for bias in biases):
        return Decision("undecided", "its class is unknown, and it may be a transposed convolution")
    bias = biases[0][0] if biases else None
    [decision] = decide([Convolution(module.path, candidates[0], bias)]).values()
    reason = f"its class is unknown: {decision.note}" if decision.note else ""
    return decision._replace(note=reason)


def _join_notes(notes: list[str]) -> str:
    """Return the notes that are not empty as one sentence."""
    sentence = "; ".join(note.rstrip(".") for note in notes if note)
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence else ""


def _layer(module: ModuleEntry, shape: Shape | None) -> tuple[ConvTranspose | None, str]:
    """Return (layer, note): the transposed convolution of the module, or ``None`` with the reason."""
    if module.arguments is None:
        return None, "stride and padding are not stored" if module.transposed else ""
    values = {key: module.arguments.get(key) for key in ARGUMENTS}
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    try:
        layer = ConvTranspose(**values)  # type: ignore[arg-type] # The class checks every argument itself.
    except LayerError as error:
        return None, f"its arguments are not possible in the calculator: {error}"
    if shape != layer.weight_shape:
        return None, "its arguments do not fit the shape of its weight"
    return layer, ""
