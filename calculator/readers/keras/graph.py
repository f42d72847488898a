"""The layers of a Keras configuration, how they are connected, and the shape that reaches each of them."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from calculator.readers.keras.config_values import MAX_PATH, Config, Shape, shape_of, shapes_of, unwrapped
from calculator.readers.keras.output_shapes import Inputs, outputs
from calculator.readers.keras.window_shapes import without_time
from calculator.readers.model import ReadError

MODELS = frozenset({"Sequential", "Functional", "Model"})
STANDARD = ("keras", "tf_keras", "tensorflow", "builtins")
"""Where the classes of Keras itself live; a class of the same name elsewhere is another one."""


@dataclass(frozen=True)
class Ref:
    """A tensor: which output of which call of which layer, and its shape where the file says it."""

    layer: str
    node: int
    tensor: int
    shape: Shape | None


@dataclass(frozen=True, eq=False)
class Entry:
    """One layer or model of a configuration. ``told`` is the input shape that the file itself says."""

    kind: str
    name: str
    config: Config
    standard: bool
    told: tuple[Shape, ...]
    nodes: tuple[tuple[Ref, ...], ...]
    shared: object

    @property
    def is_model(self) -> bool:
        """Whether it is a model: something with layers of its own."""
        return isinstance(self.config.get("layers"), list) and (
            self.kind in MODELS or "output_layers" in self.config
        )

    @property
    def layers(self) -> tuple["Entry", ...]:
        """Its layers, in the order of the file."""
        found = self.config.get("layers")
        return tuple(map(entry, found)) if isinstance(found, list) else ()

    @property
    def inner(self) -> "Entry | None":
        """The layer that a wrapper wraps."""
        wrapped = self.config.get("layer")
        return entry(wrapped) if isinstance(wrapped, Mapping) else None

    @property
    def cells(self) -> tuple["Entry", ...]:
        """The cells of an RNN, one after the other."""
        cell = self.config.get("cell")
        found = entry(cell) if isinstance(cell, Mapping) else None
        if found is None or found.kind != "StackedRNNCells":
            return () if found is None else (found,)
        stacked = found.config.get("cells")
        return tuple(map(entry, stacked)) if isinstance(stacked, list) else ()


def entry(raw: object) -> Entry:
    """Return a layer or model of a configuration. Raises ``ReadError`` for anything else."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("class_name"), str):
        raise ReadError("This Keras configuration has a layer without a class name: it is not complete.")
    config, module = raw.get("config"), raw.get("module", "keras")
    if isinstance(config, list):  # A Sequential of the first versions of Keras 2.
        config = {"layers": config}
    settings: Config = config if isinstance(config, Mapping) else {}
    kind, built = str(raw["class_name"])[:100], raw.get("build_config")
    name = settings.get("name") or raw.get("name")
    told = next(iter(built.values()), None) if isinstance(built, Mapping) else None
    nodes = raw.get("inbound_nodes")
    return Entry(
        kind=kind,
        name=name[:MAX_PATH] if isinstance(name, str) else kind,
        config=settings,
        standard=isinstance(module, str) and module.partition(".")[0] in STANDARD,
        told=shapes_of(told),
        nodes=tuple(tuple(refs(node)) for node in nodes) if isinstance(nodes, list) else (),
        shared=raw.get("shared_object_id"),
    )


def refs(node: object) -> Iterator[Ref]:
    """Yield the tensors in one call of a layer, as Keras 2 or Keras 3 writes them, in order.

    >>> [ref.layer for ref in refs([["a", 0, 0, {}], ["b", 0, 0, {"mask": ["c", 0, 0]}]])]
    ['a', 'b', 'c']
    """
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, Mapping):
            config = item.get("config")
            if item.get("class_name") == "__keras_tensor__" and isinstance(config, Mapping):
                if _is_ref(history := unwrapped(config.get("keras_history"))):
                    yield Ref(history[0], history[1], history[2], shape_of(config.get("shape")))
            else:
                stack.extend(reversed(list(item.values())))
        elif _is_ref(item):
            if item[0] != "_CONSTANT_VALUE":
                yield Ref(item[0], item[1], item[2], None)
                stack.extend(reversed(item[3:]))
        elif isinstance(item, list):
            stack.extend(reversed(item))


def _is_ref(item: object) -> TypeGuard[list]:  # type: ignore[type-arg]
    return (
        isinstance(item, list)
        and len(item) >= 3
        and isinstance(item[0], str)
        and all(isinstance(index, int) for index in item[1:3])
    )


@dataclass(frozen=True)
class Flow:
    """What reaches each layer of a model, and what the model returns; nothing where it is not known."""

    inputs: tuple[tuple[Shape, ...], ...]
    outputs: tuple[Shape, ...]


class Graph:
    """Shapes in a model and in the models inside it; each model is worked out once, for its first call."""

    def __init__(self) -> None:
        self._flows: dict[int, tuple[Entry, tuple[Entry, ...], Flow]] = {}

    def flow(self, model: Entry, inputs: Inputs) -> tuple[tuple[Entry, ...], Flow]:
        """Return the layers of ``model`` and their shapes."""
        key = id(model.config.get("layers"))
        if key not in self._flows:
            layers = model.layers
            chained = "output_layers" not in model.config
            found = self._chain(model, layers, inputs) if chained else self._net(model, layers, inputs)
            self._flows[key] = (model, layers, found)
        _, layers, known = self._flows[key]
        return layers, known

    def outputs(self, layer: Entry, inputs: Inputs) -> tuple[Shape, ...]:
        """Return the shapes that a layer, a wrapper or a model returns."""
        inner = layer.inner
        if layer.is_model:
            return self.flow(layer, inputs)[1].outputs
        if layer.kind == "InputLayer":
            return _input(layer) or tuple(inputs)
        if not layer.standard:
            return ()
        if layer.kind == "RNN" and layer.cells:
            return outputs(
                "SimpleRNN", {**layer.config, "units": layer.cells[-1].config.get("units")}, inputs
            )
        if inner is None:
            return outputs(layer.kind, layer.config, inputs)
        if layer.kind == "TimeDistributed":
            returned = self.outputs(inner, without_time(inputs))
            pairs = zip(returned, inputs, strict=False)
            return tuple((*given[:1], *source[1:2], *given[1:]) for given, source in pairs if len(given) < 31)
        returned = self.outputs(inner, inputs)
        if (
            layer.kind == "Bidirectional"
            and returned
            and layer.config.get("merge_mode", "concat") == "concat"
        ):
            *sizes, last = returned[0]
            return ((*sizes, None if last is None else 2 * last), *returned[1:], *returned[1:])
        return returned

    def _chain(self, model: Entry, layers: Sequence[Entry], inputs: Inputs) -> Flow:
        """Follow the layers of a Sequential, one after the other."""
        begin = _input(layers[0]) if layers else ()
        current = begin or model.told or shapes_of(model.config.get("build_input_shape")) or tuple(inputs)
        reached = []
        for layer in layers:
            current = layer.told or current
            reached.append(current)
            current = self.outputs(layer, current)
        return Flow(tuple(reached), current)

    def _net(self, model: Entry, layers: Sequence[Entry], inputs: Inputs) -> Flow:
        """Follow the calls of a Functional model, each when all it needs has been worked out."""
        calls = [(place, call) for place, layer in enumerate(layers) for call in layer.nodes or ((),)]
        begins: dict[str, list[int]] = {}
        for number, (place, _) in enumerate(calls):
            begins.setdefault(layers[place].name, []).append(number)
        needs = [{_source(ref, begins) for ref in call} - {None} for _, call in calls]
        users: dict[int, list[int]] = {}
        for number, sources in enumerate(needs):
            for source in sources:
                users.setdefault(source, []).append(number)  # type: ignore[arg-type]
        left = [len(sources) for sources in needs]
        made: dict[int, tuple[Shape, ...]] = {}
        ready = deque(number for number, count in enumerate(left) if not count)
        reached: list[tuple[Shape, ...]] = [()] * len(layers)
        given = iter(inputs)
        while ready:
            number = ready.popleft()
            place, call = calls[number]
            layer, shapes = layers[place], _gathered(call, begins, made)
            if layer.kind == "InputLayer":
                shapes = _input(layer) or tuple(shape for shape in [next(given, None)] if shape)
            reached[place] = reached[place] or layer.told or shapes
            made[number] = self.outputs(layer, shapes or layer.told)
            for user in users.get(number, ()):
                left[user] -= 1
                if not left[user]:
                    ready.append(user)
        ends = _gathered(tuple(refs(model.config.get("output_layers"))), begins, made)
        return Flow(tuple(reached), ends)


def _input(layer: Entry) -> tuple[Shape, ...]:
    """Return the shape that an input layer, or the first layer of an old Sequential, is given."""
    for key in ("batch_shape", "batch_input_shape"):
        if found := shapes_of(layer.config.get(key)):
            return found
    return ()


def _source(ref: Ref, begins: Mapping[str, list[int]]) -> int | None:
    """Return the number of the call that makes ``ref``. Keras counts calls outside the model too."""
    calls = begins.get(ref.layer)
    return calls[max(min(ref.node, len(calls) - 1), 0)] if calls else None


def _gathered(
    call: Sequence[Ref], begins: Mapping[str, list[int]], made: Mapping[int, tuple[Shape, ...]]
) -> tuple[Shape, ...]:
    """Return the shapes of all tensors of a call, or none where one of them is not known."""
    found = []
    for ref in call:
        source = _source(ref, begins)
        returned = () if source is None else made.get(source, ())
        shape = ref.shape or (returned[ref.tensor] if 0 <= ref.tensor < len(returned) else None)
        if shape is None:
            return ()
        found.append(shape)
    return tuple(found)
