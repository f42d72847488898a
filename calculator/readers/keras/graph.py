"""The layers of a Keras configuration, their connections, and the shapes that reach each layer."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from calculator.readers.keras.config_values import (
    MAX_AXES,
    MAX_PATH,
    Config,
    Inputs,
    Shape,
    parse_shape,
    parse_shapes,
    unwrap,
)
from calculator.readers.keras.output_shapes import layer_output_shapes
from calculator.readers.keras.window_shapes import without_time
from calculator.readers.model import MAX_NAME_SHOWN, ReadError

MODELS = frozenset({"Sequential", "Functional", "Model"})
"""The classes of Keras that contain other layers."""

STANDARD_PACKAGES = ("keras", "tf_keras", "tensorflow", "builtins")
"""The packages of Keras' own classes. A class of the same name in another package is a different class."""


@dataclass(frozen=True)
class TensorRef:
    """A reference to one output of one call of a layer, with its shape where the file contains it."""

    layer: str
    call: int
    output: int
    shape: Shape | None


@dataclass(frozen=True, eq=False)
class LayerConfig:
    """One layer or model of a configuration.

    ``built_shapes`` are the input shapes that Keras 3 stores in ``build_config``, empty where it is missing.
    ``calls`` are the tensors that each call of the layer receives. Two layers with the same ``shared_id``
    are one object with one set of variables.
    """

    class_name: str
    name: str
    config: Config
    standard: bool
    built_shapes: tuple[Shape, ...]
    calls: tuple[tuple[TensorRef, ...], ...]
    shared_id: object

    @property
    def is_model(self) -> bool:
        """Whether the entry is a model, which has layers of its own."""
        return isinstance(self.config.get("layers"), list) and (
            self.class_name in MODELS or "output_layers" in self.config
        )

    @property
    def layers(self) -> tuple["LayerConfig", ...]:
        """The layers of a model, in the order of the file."""
        layers = self.config.get("layers")
        return tuple(map(parse_layer, layers)) if isinstance(layers, list) else ()

    @property
    def wrapped(self) -> "LayerConfig | None":
        """The layer inside a wrapper such as ``TimeDistributed``."""
        layer = self.config.get("layer")
        return parse_layer(layer) if isinstance(layer, Mapping) else None

    @property
    def cells(self) -> tuple["LayerConfig", ...]:
        """The cells of an ``RNN``, in the order in which data passes them."""
        cell = self.config.get("cell")
        only = parse_layer(cell) if isinstance(cell, Mapping) else None
        if only is None or only.class_name != "StackedRNNCells":
            return () if only is None else (only,)
        stacked = only.config.get("cells")
        return tuple(map(parse_layer, stacked)) if isinstance(stacked, list) else ()

    @property
    def declared_shapes(self) -> tuple[Shape, ...]:
        """The shapes in the options of an input layer, or of the first layer of a Keras 2 ``Sequential``."""
        for key in ("batch_shape", "batch_input_shape"):
            if shapes := parse_shapes(self.config.get(key)):
                return shapes
        return ()


def parse_layer(raw: object) -> LayerConfig:
    """Return a layer or model of a configuration. Raises ``ReadError`` where the class name is missing."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("class_name"), str):
        raise ReadError("This Keras configuration has a layer without a class name: it is not complete.")
    config, module = raw.get("config"), raw.get("module", "keras")
    if isinstance(config, list):  # The first versions of Keras 2 stored a Sequential as a list of layers.
        config = {"layers": config}
    options: Config = config if isinstance(config, Mapping) else {}
    class_name, build_config = str(raw["class_name"])[:MAX_NAME_SHOWN], raw.get("build_config")
    name = options.get("name") or raw.get("name")
    built = next(iter(build_config.values()), None) if isinstance(build_config, Mapping) else None
    nodes = raw.get("inbound_nodes")
    return LayerConfig(
        class_name=class_name,
        name=name[:MAX_PATH] if isinstance(name, str) else class_name,
        config=options,
        standard=isinstance(module, str) and module.partition(".")[0] in STANDARD_PACKAGES,
        built_shapes=parse_shapes(built),
        calls=tuple(tuple(tensor_refs(node)) for node in nodes) if isinstance(nodes, list) else (),
        shared_id=raw.get("shared_object_id"),
    )


def tensor_refs(node: object) -> Iterator[TensorRef]:
    """Yield the tensors of one call of a layer in order, in the format of Keras 2 or of Keras 3.

    >>> [ref.layer for ref in tensor_refs([["a", 0, 0, {}], ["b", 0, 0, {"mask": ["c", 0, 0]}]])]
    ['a', 'b', 'c']
    """
    # Without recursion: a hostile file may nest as deep as the JSON parser allows.
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            config = item.get("config")
            if item.get("class_name") == "__keras_tensor__" and isinstance(config, Mapping):  # Keras 3.
                if _is_ref(history := unwrap(config.get("keras_history"))):
                    yield TensorRef(history[0], history[1], history[2], parse_shape(config.get("shape")))
            else:
                stack.extend(reversed(list(item.values())))
        elif _is_ref(item):  # Keras 2: [layer, call, output, keyword arguments].
            if item[0] != "_CONSTANT_VALUE":
                yield TensorRef(item[0], item[1], item[2], None)
                stack.extend(reversed(item[3:]))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def _is_ref(item: object) -> TypeGuard[list]:  # type: ignore[type-arg]
    """Return whether ``item`` begins with a layer name, a call and an output number."""
    return (
        isinstance(item, list)
        and len(item) >= 3
        and isinstance(item[0], str)
        and all(isinstance(index, int) for index in item[1:3])
    )


@dataclass(frozen=True)
class ModelShapes:
    """The input shapes of each layer of a model and the outputs of the model; empty where not known."""

    inputs: tuple[tuple[Shape, ...], ...]
    outputs: tuple[Shape, ...]


class ShapeInference:
    """Infers the shapes in a model and in the models inside it, once for each model.

    A model that is used several times has the same parameters each time, so its first call decides. This
    also keeps the time linear for a file whose models call each other twice on every level.
    """

    def __init__(self) -> None:
        # The model itself is stored too: it keeps the list alive whose id() is the key.
        self._known: dict[int, tuple[LayerConfig, tuple[LayerConfig, ...], ModelShapes]] = {}

    def model_shapes(self, model: LayerConfig, inputs: Inputs) -> tuple[tuple[LayerConfig, ...], ModelShapes]:
        """Return the layers of ``model`` and the shapes in it."""
        key = id(model.config.get("layers"))
        if key not in self._known:
            layers = model.layers
            infer = self._functional if "output_layers" in model.config else self._sequential
            self._known[key] = (model, layers, infer(model, layers, inputs))
        _, layers, shapes = self._known[key]
        return layers, shapes

    def outputs(self, layer: LayerConfig, inputs: Inputs) -> tuple[Shape, ...]:
        """Return the shapes that a layer, a wrapper or a model returns; empty where they are not known."""
        if layer.is_model:
            return self.model_shapes(layer, inputs)[1].outputs
        if layer.class_name == "InputLayer":
            return layer.declared_shapes or tuple(inputs)
        if not layer.standard:
            return ()
        if layer.class_name == "RNN" and layer.cells:
            last_cell = {**layer.config, "units": layer.cells[-1].config.get("units")}
            return layer_output_shapes("SimpleRNN", last_cell, inputs)
        wrapped = layer.wrapped
        if wrapped is None:
            return layer_output_shapes(layer.class_name, layer.config, inputs)
        if layer.class_name == "TimeDistributed":
            pairs = zip(self.outputs(wrapped, without_time(inputs)), inputs, strict=False)
            return tuple(
                (*output[:1], *source[1:2], *output[1:]) for output, source in pairs if len(output) < MAX_AXES
            )
        returned = self.outputs(wrapped, inputs)
        doubled = layer.class_name == "Bidirectional" and (
            layer.config.get("merge_mode", "concat") == "concat"
        )
        if doubled and returned:
            *sizes, last = returned[0]
            # The states of both directions follow the concatenated output.
            return ((*sizes, None if last is None else 2 * last), *returned[1:], *returned[1:])
        return returned

    def _sequential(self, model: LayerConfig, layers: Sequence[LayerConfig], inputs: Inputs) -> ModelShapes:
        """Return the shapes in a ``Sequential``, whose layers follow each other."""
        current = (layers[0].declared_shapes if layers else ()) or model.built_shapes
        current = current or parse_shapes(model.config.get("build_input_shape")) or tuple(inputs)
        layer_inputs = []
        for layer in layers:
            current = layer.built_shapes or current
            layer_inputs.append(current)
            current = self.outputs(layer, current)
        return ModelShapes(tuple(layer_inputs), current)

    def _functional(self, model: LayerConfig, layers: Sequence[LayerConfig], inputs: Inputs) -> ModelShapes:
        """Return the shapes in a functional model, each call after all calls that it depends on."""
        calls = [(index, refs) for index, layer in enumerate(layers) for refs in layer.calls or ((),)]
        calls_of: dict[str, list[int]] = {}
        for number, (index, _) in enumerate(calls):
            calls_of.setdefault(layers[index].name, []).append(number)
        sources = [{_source_call(ref, calls_of) for ref in refs} - {None} for _, refs in calls]
        users: dict[int, list[int]] = {}
        for number, needed in enumerate(sources):
            for source in needed:
                users.setdefault(source, []).append(number)  # type: ignore[arg-type]
        missing = [len(needed) for needed in sources]
        outputs: dict[int, tuple[Shape, ...]] = {}
        ready = deque(number for number, count in enumerate(missing) if not count)
        layer_inputs: list[tuple[Shape, ...]] = [()] * len(layers)
        model_inputs = iter(inputs)
        while ready:
            number = ready.popleft()
            index, refs = calls[number]
            layer, shapes = layers[index], _referenced_shapes(refs, calls_of, outputs)
            if layer.class_name == "InputLayer":
                shapes = layer.declared_shapes or tuple(
                    shape for shape in [next(model_inputs, None)] if shape
                )
            layer_inputs[index] = layer_inputs[index] or layer.built_shapes or shapes
            outputs[number] = self.outputs(layer, shapes or layer.built_shapes)
            for user in users.get(number, ()):
                missing[user] -= 1
                if not missing[user]:
                    ready.append(user)
        ends = tuple(tensor_refs(model.config.get("output_layers")))
        return ModelShapes(tuple(layer_inputs), _referenced_shapes(ends, calls_of, outputs))


def _source_call(ref: TensorRef, calls_of: Mapping[str, list[int]]) -> int | None:
    """Return the number of the call that creates ``ref``, or ``None`` for an unknown layer."""
    calls = calls_of.get(ref.layer)
    # Keras also numbers the calls of a layer outside this model, so the number may be too large here.
    return calls[max(min(ref.call, len(calls) - 1), 0)] if calls else None


def _referenced_shapes(
    refs: Sequence[TensorRef], calls_of: Mapping[str, list[int]], outputs: Mapping[int, tuple[Shape, ...]]
) -> tuple[Shape, ...]:
    """Return the shape of every reference, or an empty tuple where one of them is not known."""
    shapes = []
    for ref in refs:
        source = _source_call(ref, calls_of)
        returned = () if source is None else outputs.get(source, ())
        shape = ref.shape or (returned[ref.output] if 0 <= ref.output < len(returned) else None)
        if shape is None:
            return ()
        shapes.append(shape)
    return tuple(shapes)
