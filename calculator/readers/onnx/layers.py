"""The layers of an ONNX model as rows: each operator with its stored tensors, each tensor counted once."""

import math
from dataclasses import dataclass, field, replace

from calculator.core.layer import ConvTranspose
from calculator.readers.model import Row
from calculator.readers.onnx.constants import (
    CONVOLUTIONS,
    DOMAINS,
    LAYERS,
    PRODUCTS,
    constants,
    is_layer,
)
from calculator.readers.onnx.conv_transpose import layer_of
from calculator.readers.onnx.exporter_patterns import added_bias, consumers_of, made_up, norm_written_out
from calculator.readers.onnx.flatten import Flat
from calculator.readers.onnx.graph import Node, Shape
from calculator.readers.onnx.names import row_name
from calculator.readers.onnx.shapes import spread
from calculator.readers.onnx.unclaimed import rest_of

RECURRENT = frozenset({"LSTM", "GRU", "RNN"})


@dataclass
class Found:
    """The rows, and what was seen that is no row."""

    rows: list[Row] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    """Kinds of things that an assumption must name."""
    statistics: int = 0
    single: int = 0


def rows_of(flat: Flat) -> Found:
    """Return a row for each layer that holds parameters, then one for each tensor that is left."""
    return _Layers(flat).all()


class _Layers:
    def __init__(self, flat: Flat) -> None:
        self.flat = flat
        self.shapes = spread(flat)
        self.constants = constants(flat)
        self.consumers = consumers_of(flat)
        self.found = Found()
        self.owners: dict[str, int] = {}
        """For each counted tensor, the place of its row."""
        self.ignored: set[str] = set()
        self.made = {name: node for node in flat.nodes for name in node.outputs if name}

    def all(self) -> Found:
        for node in self.flat.nodes:
            norm = norm_written_out(self.flat, self.consumers, self.made, self.constants.origins, node)
            if norm is not None:
                kind, weights, biases, note = norm
                self._add(node, kind, list(weights), list(biases), note)
            elif is_layer(node):
                self._layer(node)
            elif node.domain not in DOMAINS:
                note = f"An operator of {node.domain}: what it holds inside is not known."
                self.found.rows.append(Row(row_name(node, ""), node.type or "?", known=False, note=note))
        taken = self.ignored.union(self.owners)
        rest = rest_of(self.flat, self.consumers, self.constants, taken)
        self.found.rows += rest.rows
        self.found.seen |= rest.seen
        self.found.single = rest.single
        return self.found

    def _origins(self, node: Node, places: tuple[int, ...]) -> list[str]:
        """Return the stored tensors behind some inputs of a node, each once."""
        names = [node.inputs[place] for place in places if place < len(node.inputs)]
        return list(dict.fromkeys(key for name in names for key in self.constants.origins.get(name, ())))

    def _layer(self, node: Node) -> None:
        places, bias_places = LAYERS[node.type]
        weights, biases = self._origins(node, places), self._origins(node, bias_places)
        names = [node.inputs[place] for place in places if place < len(node.inputs) and node.inputs[place]]
        fixed = [name for name in names if name in self.constants.origins]
        if node.type in PRODUCTS:
            # Two activations hold nothing; two constants are a weight in the making.
            if not fixed or len(fixed) == len(names) > 1 or self._no_table(node, weights):
                return
        elif node.type == "BatchNormalization":
            statistics = self._origins(node, (3, 4))
            self.ignored.update(statistics)
            self.found.statistics += sum(self.flat.tensors[key].count for key in statistics)
        if node.type == "InstanceNormalization" and made_up(self.flat, node):
            self.ignored.update([*weights, *biases])
            self.found.seen.add("made up")
            return
        self._add(node, node.type, weights, biases, "")

    def _no_table(self, node: Node, weights: list[str]) -> bool:
        """Whether a Gather takes from something that is no embedding."""
        if node.type != "Gather":
            return False
        tensors = [self.flat.tensors[key] for key in weights]
        fixed = len(node.inputs) < 2 or node.inputs[1] in self.constants.origins
        good = all(
            t.floating or key in self.constants.quantized for t, key in zip(tensors, weights, strict=True)
        )
        return fixed or not tensors or not good or len(tensors[0].shape) < 2

    def _add(self, node: Node, kind: str, weights: list[str], biases: list[str], note: str) -> None:
        """Add the row of a layer; where all of it is counted already, only say so there."""
        width = self._width(node)
        if not biases and width and (key := added_bias(self.flat, self.consumers, node, width)):
            biases = [key]
            self.found.seen.add("added")
        new = [key for key in dict.fromkeys([*weights, *biases]) if key not in self.owners]
        transposed = kind == "ConvTranspose"
        if weights and not new:
            self._again(node, self.owners[weights[0]], kind)
            return
        if not weights and not biases and kind not in CONVOLUTIONS and not transposed:
            return
        tensors = self.flat.tensors
        shape = tensors[weights[0]].shape if len(weights) == 1 else None
        notes = [note, self._said(node, kind, weights, new)]
        row = Row(
            row_name(node, tensors[weights[0]].name if weights and weights[0] in new else ""),
            kind,
            shape,
            sum(tensors[key].count for key in weights if key in new),
            sum(tensors[key].count for key in biases if key in new and key not in weights),
            known=bool(weights),
            transposed=transposed,
        )
        row = self._sized(row, node, bool(biases), notes)
        self.owners.update(dict.fromkeys(new, len(self.found.rows)))
        self.found.rows.append(replace(row, note=" ".join(filter(None, notes))))

    def _said(self, node: Node, kind: str, weights: list[str], new: list[str]) -> str:
        """Return what has to be said of where the numbers of a layer are."""
        if not weights:
            return "Its weight is not stored in the file: it is computed, or an input of the model."
        if weights[0] not in new:
            return f"Its weight is counted at {self.found.rows[self.owners[weights[0]]].name}."
        if kind == "BatchNormalization":
            return "Its running mean and variance are statistics and not counted."
        if len(weights) > 1 and kind not in RECURRENT:
            return f"Its weight is computed from {len(weights)} stored tensors, which are all counted."
        return ""

    def _again(self, node: Node, place: int, kind: str) -> None:
        """Note on the row in ``place`` that its weight is used once more."""
        row = self.found.rows[place]
        said = "Its weight is used again, and counted once."
        work = None
        if kind == row.type and row.multiply_accumulates is not None:
            once = self._sized(row, node, False, []).multiply_accumulates
            work = None if once is None else row.multiply_accumulates + once
        note = row.note if said in row.note else f"{row.note} {said}".strip()
        self.found.rows[place] = replace(row, note=note, multiply_accumulates=work)

    def _weight_shape(self, node: Node) -> Shape | None:
        """Return the shape of a layer's weight as the operator takes it."""
        place = LAYERS[node.type][0][0] if node.type in LAYERS else 1
        name = node.inputs[place] if place < len(node.inputs) else ""
        shape = self.shapes.get(name)
        if shape is None:
            stored = [self.flat.tensors[key].shape for key in self.constants.origins.get(name, ())]
            shape = max(stored, key=math.prod, default=None)
        return None if shape is None or None in shape else shape

    def _width(self, node: Node) -> int:
        """Return how many biases a layer without any could have."""
        if node.type == "ConvTranspose" or node.type in CONVOLUTIONS:
            shape = self._weight_shape(node) or ()
            groups = node.attributes.get("group")
            group = (groups.number if groups else None) or 1
            if len(shape) < 2:
                return 0
            return (shape[1] or 0) * group if node.type == "ConvTranspose" else shape[0] or 0
        if node.type in ("MatMul", "MatMulInteger", "FusedMatMul", "Gemm"):
            second = self.shapes.get(node.inputs[1]) if len(node.inputs) > 1 else None
            turned = node.attributes.get("transB")
            last = 0 if turned and turned.number else -1
            return (second[last] or 0) if second and node.inputs[1] in self.constants.origins else 0
        return 0

    def _sized(self, row: Row, node: Node, bias: bool, notes: list[str]) -> Row:
        """Return the row with sizes, work and layer, where they are known."""
        before = self.shapes.get(node.inputs[0]) if node.inputs else None
        after = self.shapes.get(node.outputs[0]) if node.outputs else None
        if node.type in PRODUCTS:
            return replace(row, multiply_accumulates=self._product(node, before))
        weight = self._weight_shape(node)
        if weight is None or not (row.transposed or node.type in CONVOLUTIONS):
            return row
        axes, volume = len(weight), math.prod(size or 0 for size in weight)
        sizes = [_spatial(shape, axes) for shape in (before, after)]
        base = sizes[0] if row.transposed else sizes[1]
        work = None if base is None or node.repeated or not volume else math.prod(base) * volume
        layer: ConvTranspose | None = None
        if row.transposed and row.known:
            layer, said = layer_of(node, weight, sizes[0], bias)
            notes.append(said)
        return replace(
            row,
            input_size=sizes[0],
            output_size=sizes[1],
            multiply_accumulates=work,
            layer=layer or row.layer,
        )

    def _product(self, node: Node, before: Shape | None) -> int | None:
        """Return the work of a matrix product with a stored matrix on the right, for one sample."""
        second = self.shapes.get(node.inputs[1]) if len(node.inputs) > 1 else None
        if node.type not in ("MatMul", "Gemm") or before is None or not second or node.repeated:
            return None
        if len(second) != 2 or len(before) < 2 or None in (*second, *before[1:-1]):
            return None
        if node.inputs[1] not in self.constants.origins or (len(before) == 2 and before[0] not in (1, None)):
            return None
        return math.prod(size or 1 for size in (*before[1:-1], *second))


def _spatial(shape: Shape | None, axes: int) -> tuple[int, ...] | None:
    """Return the sizes behind batch and channels, where all are known."""
    if shape is None or len(shape) != axes or any(not size for size in shape[2:]):
        return None
    return tuple(size or 0 for size in shape[2:])
