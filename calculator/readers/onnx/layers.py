"""The layers of an ONNX model as rows.

A stored tensor is counted once, at the first layer that uses it.
"""

import math
from dataclasses import dataclass, field, replace

from calculator.readers.model import Row
from calculator.readers.onnx.constants import find_constants
from calculator.readers.onnx.conv_transpose import as_layer
from calculator.readers.onnx.exporter_patterns import (
    Consumers,
    Origins,
    added_bias,
    decomposed_norm,
    find_consumers,
    has_placeholder_parameters,
)
from calculator.readers.onnx.flatten import FlatGraph
from calculator.readers.onnx.graph import Node, Shape, int_attribute
from calculator.readers.onnx.names import is_automatic_name, row_name
from calculator.readers.onnx.operators import (
    CONVOLUTIONS,
    LAYERS,
    PRODUCTS,
    RECURRENT,
    is_known,
    is_layer,
    out_channels,
)
from calculator.readers.onnx.shapes import infer_shapes
from calculator.readers.onnx.unclaimed import unclaimed_tensors
from calculator.readers.original_names import is_beside_original

ORIGINALS = ("_orig", ".original")
"""The ends of the names of what a weight is computed from under spectral normalisation or pruning."""

UNCERTAIN = "Its weight is computed from tensors without names, which may be parameters or not."
NAMED = 5
"""The maximum number of tensors that a note names."""


@dataclass
class LayerRows:
    """The rows of a model, and the other contents that an assumption is about.

    ``statistics`` and ``quantizer_values`` count numbers that are stored but are not parameters, and
    ``single_numbers`` names such numbers. ``shapes`` and ``consumers`` are those of all values, ``origins``
    the stored tensors behind each constant value.
    """

    rows: list[Row] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    consumers: Consumers = field(default_factory=dict)
    origins: Origins = field(default_factory=dict)
    statistics: int = 0
    single_numbers: list[str] = field(default_factory=list)
    quantizer_values: int = 0
    has_added_bias: bool = False
    has_placeholders: bool = False
    has_integers: bool = False


def layer_rows(flat: FlatGraph) -> LayerRows:
    """Return a row for each layer with parameters, then a row for each stored tensor that no layer uses."""
    return _RowCollector(flat).collect()


class _RowCollector:
    """Collects the rows, and remembers which tensors are counted already."""

    def __init__(self, flat: FlatGraph) -> None:
        self.flat = flat
        self.shapes = infer_shapes(flat)
        self.constants = find_constants(flat)
        self.consumers = find_consumers(flat)
        self.producers = {name: node for node in flat.nodes for name in node.outputs if name}
        self.result = LayerRows(shapes=self.shapes, consumers=self.consumers, origins=self.constants.origins)
        self.owners: dict[str, int] = {}
        """The index of the row of each counted tensor."""
        self.ignored: set[str] = set()
        """The tensors that are not parameters, though a layer uses them."""

    def collect(self) -> LayerRows:
        """Return the rows of all nodes and of the tensors that are left."""
        for node in self.flat.nodes:
            norm = decomposed_norm(self.flat, self.consumers, self.producers, self.constants.origins, node)
            if norm is not None:
                note = "The file stores it as several operators."
                self._add(node, norm.type, list(norm.weights), list(norm.biases), note)
            elif is_layer(node):
                self._add_layer(node)
            elif not is_known(node):
                note = f"An operator of {node.domain}: its parameters are not known."
                self.result.rows.append(Row(row_name(node, ""), node.op_type or "?", known=False, note=note))
        claimed = self.ignored.union(self.owners)
        unclaimed = unclaimed_tensors(self.flat, self.consumers, self.constants, claimed)
        self.result.rows += unclaimed.rows
        self.result.single_numbers = unclaimed.single_numbers
        self.result.quantizer_values = unclaimed.quantizer_values
        self.result.has_placeholders |= unclaimed.has_placeholders
        self.result.has_integers |= unclaimed.has_integers
        return self.result

    def _buffers(self, keys: list[str]) -> tuple[list[str], bool]:
        """Return the buffers among the stored tensors behind a value, and whether the rest is certain.

        Exporters compute the matrix of a spectral norm before, and store it beside the weight.
        """
        tensors = self.flat.tensors
        originals = [key for key in keys if key.endswith(ORIGINALS)]
        buffers = [key for key in keys if is_beside_original(key, originals)]
        if not buffers:
            return [], True
        copies = [key for key in keys if is_automatic_name(tensors[key].name) and key not in originals]
        sizes = {tensors[key].count for key in originals}
        return [*buffers, *copies], all(tensors[key].count in sizes for key in copies)

    def _origins(self, node: Node, indices: tuple[int, ...]) -> list[str]:
        """Return the stored tensors behind some inputs of a node, without repetition."""
        names = [node.input(index) for index in indices]
        return list(dict.fromkeys(key for name in names for key in self.constants.origins.get(name, ())))

    def _add_layer(self, node: Node) -> None:
        """Add the row of an operator with parameters, unless it has none in this model."""
        weight_inputs, bias_inputs = LAYERS[node.op_type]
        weights, biases = self._origins(node, weight_inputs), self._origins(node, bias_inputs)
        if node.op_type in PRODUCTS:
            names = [name for index in weight_inputs if (name := node.input(index))]
            constant = [name for name in names if name in self.constants.origins]
            # A product of two activations has no parameters. A product of two constants is a step in the
            # computation of another weight, which is counted where that weight is used.
            if not constant or len(constant) == len(names) > 1:
                return
            if node.op_type == "Gather" and not self._is_embedding(node, weights):
                return
        elif node.op_type == "BatchNormalization":
            # Inputs 3 and 4 are the running mean and variance. As in PyTorch they are buffers, not parameters
            # (https://onnx.ai/onnx/operators/onnx__BatchNormalization.html).
            statistics = self._origins(node, (3, 4))
            self.ignored.update(statistics)
            self.result.statistics += sum(self.flat.tensors[key].count for key in statistics)
        elif node.op_type == "InstanceNormalization" and has_placeholder_parameters(self.flat, node):
            self.ignored.update([*weights, *biases])
            self.result.has_placeholders = True
            return
        buffers, certain = self._buffers([*weights, *biases])
        self.ignored.update(buffers)
        if not certain:
            self.ignored.update([*weights, *biases])
            name, transposed = row_name(node, ""), node.op_type == "ConvTranspose"
            row = Row(name, node.op_type, known=False, note=UNCERTAIN, transposed=transposed)
            self.result.rows.append(row)
            return
        weights, biases = ([key for key in keys if key not in buffers] for keys in (weights, biases))
        listed = ", ".join(self.flat.tensors[key].name[-40:] for key in buffers[:NAMED])
        note = f"Not counted, as they are not parameters: {listed}." if buffers else ""
        self._add(node, node.op_type, weights, biases, note)

    def _is_embedding(self, node: Node, weights: list[str]) -> bool:
        """Return whether a Gather looks up vectors in a stored table, by indices that are not stored."""
        indices_are_constant = len(node.inputs) < 2 or node.inputs[1] in self.constants.origins
        if indices_are_constant or not weights:
            return False
        real = all(self.flat.tensors[key].floating or key in self.constants.quantized for key in weights)
        return real and len(self.flat.tensors[weights[0]].shape) >= 2

    def _add(self, node: Node, kind: str, weights: list[str], biases: list[str], note: str) -> None:
        """Add the row of a layer. Where all its tensors are counted already, add a note to that row."""
        channels = self._bias_channels(node)
        if not biases and channels and (key := added_bias(self.flat, self.consumers, node, channels)):
            biases = [key]
            self.result.has_added_bias = True
        # Layers that use the same initializer share it: tied weights of an embedding and its output layer,
        # or one layer that is called several times.
        new = [key for key in dict.fromkeys([*weights, *biases]) if key not in self.owners]
        transposed = kind == "ConvTranspose"
        if weights and not new:
            self._add_reuse(node, self.owners[weights[0]], kind)
            return
        if not weights and not biases and kind not in CONVOLUTIONS and not transposed:
            return
        tensors = self.flat.tensors
        weight_shape = tensors[weights[0]].shape if len(weights) == 1 else None
        notes = [note, self._weight_note(kind, weights, new)]
        row = Row(
            row_name(node, tensors[weights[0]].name if weights and weights[0] in new else ""),
            kind,
            weight_shape,
            sum(tensors[key].count for key in weights if key in new),
            sum(tensors[key].count for key in biases if key in new and key not in weights),
            known=bool(weights),
            transposed=transposed,
        )
        row = self._with_sizes(row, node, bool(biases), notes)
        self.owners.update(dict.fromkeys(new, len(self.result.rows)))
        self.result.rows.append(replace(row, note=" ".join(filter(None, notes))))

    def _weight_note(self, kind: str, weights: list[str], new: list[str]) -> str:
        """Return a sentence where the weight is not simply one tensor of this layer, otherwise ``""``."""
        if not weights:
            return "Its weight is not stored in the file: it is computed, or an input of the model."
        if counted := [key for key in weights if key not in new]:
            part = "Its weight" if len(counted) == len(weights) else "A part of its weight"
            return f"{part} is counted at {self.result.rows[self.owners[counted[0]]].name}."
        if kind == "BatchNormalization":
            return "Its running mean and variance are statistics and not counted."
        if len(weights) > 1 and kind not in RECURRENT:
            return f"Its weight is computed from {len(weights)} stored tensors, which are all counted."
        return ""

    def _add_reuse(self, node: Node, index: int, kind: str) -> None:
        """Note on a row that its weight is used again. The work is done again, the parameters are shared."""
        row = self.result.rows[index]
        sentence = "Its weight is used again, and counted once."
        work = None
        if kind == row.type and row.multiply_accumulates is not None:
            more = self._with_sizes(row, node, False, []).multiply_accumulates
            work = None if more is None else row.multiply_accumulates + more
        note = row.note if sentence in row.note else f"{row.note} {sentence}".strip()
        self.result.rows[index] = replace(row, note=note, multiply_accumulates=work)

    def _weight_shape(self, node: Node) -> tuple[int, ...] | None:
        """Return the shape of the weight as the operator receives it, after any computation."""
        name = node.input(LAYERS[node.op_type][0][0] if node.op_type in LAYERS else 1)
        shape = self.shapes.get(name)
        if shape is None:
            stored = [self.flat.tensors[key].shape for key in self.constants.origins.get(name, ())]
            shape = max(stored, key=math.prod, default=None)
        if shape is None:
            return None
        known = tuple(size for size in shape if size is not None)
        return known if len(known) == len(shape) else None

    def _bias_channels(self, node: Node) -> int:
        """Return how many values a bias added to the output of this layer would have, 0 where not known."""
        if node.op_type == "ConvTranspose" or node.op_type in CONVOLUTIONS:
            return out_channels(node, self._weight_shape(node) or ())
        if node.op_type in ("MatMul", "MatMulInteger", "FusedMatMul", "Gemm"):
            second = self.shapes.get(node.input(1))
            axis = 0 if int_attribute(node, "transB", 0) else -1
            return (second[axis] or 0) if second and node.input(1) in self.constants.origins else 0
        return 0

    def _with_sizes(self, row: Row, node: Node, bias: bool, notes: list[str]) -> Row:
        """Return the row with sizes, work and layer where they are known; add to ``notes``."""
        before, after = (
            self.shapes.get(names[0]) if names else None for names in (node.inputs, node.outputs)
        )
        if node.op_type in PRODUCTS:
            return replace(row, multiply_accumulates=self._product_work(node, before))
        weight_shape = self._weight_shape(node)
        if weight_shape is None or not (row.transposed or node.op_type in CONVOLUTIONS):
            return row
        axes, volume = len(weight_shape), math.prod(weight_shape)
        input_size, output_size = _spatial_sizes(before, axes), _spatial_sizes(after, axes)
        # A convolution computes each output position once, a transposed one uses each input position once.
        positions = input_size if row.transposed else output_size
        work = None
        if positions is not None and not node.in_control_flow and volume:
            work = math.prod(positions) * volume
        layer = row.layer
        if row.transposed and row.known:
            equivalent, note = as_layer(node, weight_shape, input_size, bias)
            layer = equivalent or layer
            notes.append(note)
        return replace(
            row,
            input_size=input_size,
            output_size=output_size,
            multiply_accumulates=work,
            layer=layer,
            groups=int_attribute(node, "group", 1),
        )

    def _product_work(self, node: Node, before: Shape | None) -> int | None:
        """Return the work for one sample of a matrix product with a stored matrix on the right."""
        second = self.shapes.get(node.input(1))
        if node.op_type not in ("MatMul", "Gemm") or before is None or not second or node.in_control_flow:
            return None
        if len(second) != 2 or len(before) < 2 or None in (*second, *before[1:-1]):
            return None
        # With two axes the first may be the batch, or the rows of a single sample: only a batch of 1 is sure.
        if node.input(1) not in self.constants.origins or (len(before) == 2 and before[0] not in (1, None)):
            return None
        return math.prod(size or 1 for size in (*before[1:-1], *second))


def _spatial_sizes(shape: Shape | None, axes: int) -> tuple[int, ...] | None:
    """Return the sizes after batch and channels, or ``None`` unless all are known."""
    if shape is None or len(shape) != axes or any(not size for size in shape[2:]):
        return None
    return tuple(size or 0 for size in shape[2:])
