"""The stored tensors of an ONNX model that no layer takes: parameters of their own, constants, settings."""

from dataclasses import dataclass, field

from calculator.readers.model import Row
from calculator.readers.onnx.constants import Constants, is_setting
from calculator.readers.onnx.exporter_patterns import Consumers
from calculator.readers.onnx.flatten import Flat
from calculator.readers.onnx.names import automatic_name, row_name


@dataclass
class Rest:
    """A row for each tensor that is left, and what was left out."""

    rows: list[Row] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    single: int = 0


def rest_of(flat: Flat, consumers: Consumers, constants: Constants, taken: set[str]) -> Rest:
    """Return what is left besides those ``taken``; whole and single numbers and settings are no rows."""
    rest, making = Rest(), _making_settings(flat, consumers, constants)
    for key, tensor in flat.tensors.items():
        uses = consumers.get(key, [])
        if key in taken or not tensor.count or (uses and all(_sets(flat, making, use) for use in uses)):
            continue
        if automatic_name(tensor.name) and tensor.shape and tensor.all_are(0.0):
            rest.seen.add("made up")
        elif not tensor.floating and key not in constants.quantized:
            rest.seen.add("whole")
        elif not tensor.shape or (key in flat.constant and tensor.count == 1):
            rest.single += 1
        else:
            kind = flat.nodes[uses[0][0]].type if uses else "Tensor"
            used = f"Used by {kind}" if uses else "Nothing uses it"
            note = f"{used}: a parameter of its own, or a constant."
            name = row_name(None, tensor.name)
            rest.rows.append(Row(name, kind, tensor.shape, other_count=tensor.count, note=note))
    return rest


def _sets(flat: Flat, making: set[int], use: tuple[int, int]) -> bool:
    index, place = use
    return index in making or is_setting(flat.nodes[index], place)


def _making_settings(flat: Flat, consumers: Consumers, constants: Constants) -> set[int]:
    """Return the places of the nodes that only prepare settings: the scales of a Resize put together."""
    making: set[int] = set()
    for index in reversed(range(len(flat.nodes))):
        outputs = [name for name in flat.nodes[index].outputs if name]
        uses = [use for name in outputs for use in consumers.get(name, [])]
        fixed = all(name in constants.origins for name in outputs)
        if uses and fixed and all(_sets(flat, making, use) for use in uses):
            making.add(index)
    return making
