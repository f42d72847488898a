"""The stored tensors of an ONNX model that no layer uses as a weight or bias."""

from dataclasses import dataclass, field

from calculator.readers.model import Row
from calculator.readers.onnx.constants import Constants
from calculator.readers.onnx.exporter_patterns import Consumers, Use, is_placeholder
from calculator.readers.onnx.flatten import FlatGraph
from calculator.readers.onnx.names import row_name
from calculator.readers.onnx.operators import is_quantizer, is_setting


@dataclass
class UnclaimedTensors:
    """A row for each tensor that is counted, and the kinds of tensors that were left out.

    ``single_numbers`` names tensors of one number, which are constants such as epsilon, or trained scalars.
    ``quantizer_values`` counts the scales and zero points of quantisers.
    """

    rows: list[Row] = field(default_factory=list)
    single_numbers: list[str] = field(default_factory=list)
    quantizer_values: int = 0
    has_placeholders: bool = False
    has_integers: bool = False


def unclaimed_tensors(
    flat: FlatGraph, consumers: Consumers, constants: Constants, claimed: set[str]
) -> UnclaimedTensors:
    """Return the tensors without those in ``claimed``.

    Settings, tensors of whole numbers, single numbers and placeholders of the exporter get no row.
    """
    result, preparing = UnclaimedTensors(), _nodes_that_prepare_settings(flat, consumers, constants)
    for key, tensor in flat.tensors.items():
        uses = consumers.get(key, [])
        only_settings = uses and all(_sets(flat, preparing, use) for use in uses)
        if key in claimed or not tensor.count:
            continue
        if only_settings:
            if any(is_quantizer(flat.nodes[use.node]) for use in uses):
                result.quantizer_values += tensor.count
            continue
        if tensor.shape and is_placeholder(tensor, 0.0):
            result.has_placeholders = True
        elif not tensor.floating and key not in constants.quantized:
            result.has_integers = True
        elif tensor.count == 1:
            result.single_numbers.append(row_name(None, tensor.name))
        else:
            kind = flat.nodes[uses[0].node].op_type if uses else "Tensor"
            used = f"Used by {kind}" if uses else "Nothing uses it"
            note = f"{used}: a parameter of its own, or a constant."
            name = row_name(None, tensor.name)
            result.rows.append(Row(name, kind, tensor.shape, other_count=tensor.count, note=note))
    return result


def _sets(flat: FlatGraph, preparing: set[int], use: Use) -> bool:
    """Return whether a tensor is only a setting in this use."""
    return use.node in preparing or is_setting(flat.nodes[use.node], use.input)


def _nodes_that_prepare_settings(flat: FlatGraph, consumers: Consumers, constants: Constants) -> set[int]:
    """Return the indices of the nodes that only compute settings, such as the scales of a Resize."""
    preparing: set[int] = set()
    # From the end, so that the uses of an output are known before the node itself.
    for index in reversed(range(len(flat.nodes))):
        outputs = [name for name in flat.nodes[index].outputs if name]
        uses = [use for name in outputs for use in consumers.get(name, [])]
        constant = all(name in constants.origins for name in outputs)
        if uses and constant and all(_sets(flat, preparing, use) for use in uses):
            preparing.add(index)
    return preparing
