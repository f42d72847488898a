"""The layers in a file of Keras' weights: their paths, their variables, and what else the file holds.

Two layouts are read. In ``.h5`` files the attribute ``layer_names`` lists the layers, and each variable has
its name. In ``.weights.h5`` and ``.keras`` files groups are named after classes, and a group ``vars`` numbers
the variables of a layer. Sources: keras/src/legacy/saving/legacy_h5_format.py and
keras/src/saving/saving_lib.py of Keras 3.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from calculator.readers.containers.hdf5 import Dataset, Group
from calculator.readers.keras.graph import LayerConfig
from calculator.readers.model import MAX_NAME_SHOWN, ReadError, Shape

VARIABLES = "vars"
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")
"""The groups that hold the layers of a model, each under the name of its class."""

WRAPPED = ("layer", "forward_layer", "backward_layer", "cell")
"""The attributes of wrappers with the layer inside, which the configuration names by its own name."""

OWN = "top_level_model_weights"
"""The group of the variables of the model itself."""

OPTIMIZER, METRICS, SEEDS = "the state of the optimizer", "metrics", "the state of random numbers"
"""The contents of a file of weights besides the variables of layers."""

AGAIN = "the kernel of layers inside SpectralNormalization a second time"
VECTOR = "vector_u"
"""The name of the vector of a SpectralNormalization, which is not trained."""

_OPTIMIZER = re.compile(r"(?:.{0,200}_)?optimizer(?:_weights|_\d{1,9})?\Z")
_OPTIMIZER_CLASS = re.compile(
    r"(?:adam|adamw|adamax|adadelta|adagrad|adafactor|ftrl|lamb|lion|muon|nadam|rmsprop|rms_prop|sgd|"
    r"loss_scale_optimizer)(?:_\d{1,9})?\Z"
)
_METRIC = re.compile(r"(?:.{0,200}_)?(?:loss|metrics?|tracker|accuracy|acc)(?:_\d{1,9})?\Z")
_SEED = re.compile(r"_?seed_generators?(?:_\d{1,9})?\Z")
_NUMBER = re.compile(r"_\d{1,9}\Z")


@dataclass(frozen=True)
class StoredLayer:
    """One layer: its path by names, possible classes in snake case, and (name, shape) of each variable.

    ``integers`` are the names of its matrices of whole numbers, which a quantised layer has.
    """

    path: tuple[str, ...]
    classes: tuple[str, ...]
    variables: tuple[tuple[str, Shape], ...]
    integers: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """Return the path as text."""
        return "/".join(self.path)

    @property
    def count(self) -> int:
        """Return the number of values of all variables."""
        return sum(math.prod(shape) for _, shape in self.variables)


@dataclass
class StoredWeights:
    """The layers with variables in the order of the file, the titles of all layers, and what is left out.

    ``left_out`` maps what is stored beside the layers to its number of values.
    """

    layers: list[StoredLayer] = field(default_factory=list)
    titles: set[str] = field(default_factory=set)
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return the number of values of all layers."""
        return sum(layer.count for layer in self.layers)

    def leave_out(self, what: str, datasets: Iterable[Dataset]) -> None:
        """Count the values of ``datasets`` as left out."""
        values = sum(math.prod(dataset.shape) for dataset in datasets)
        if values:
            self.left_out[what] = self.left_out.get(what, 0) + values


def snake_case(class_name: str) -> str:
    """Return the name that Keras makes of the name of a class.

    >>> snake_case("Conv2DTranspose"), snake_case("LSTM")
    ('conv2d_transpose', 'lstm')
    """
    name = re.sub(r"\W+", "", class_name)
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()


def without_number(name: str) -> str:
    """Return a name without the number at its end.

    >>> without_number("conv2d_transpose_3"), without_number("up")
    ('conv2d_transpose', 'up')
    """
    return _NUMBER.sub("", name)


def layers_from_names(shapes: Mapping[str, Shape]) -> StoredWeights:
    """Return the layers of variables whose names are paths.

    >>> [layer.path for layer in layers_from_names({"up/kernel": (4, 4, 1, 2), "up/bias": (1,)}).layers]
    [('up',)]
    """
    stored = StoredWeights()
    grouped: dict[tuple[str, ...], list[tuple[str, Shape]]] = {}
    for name, shape in shapes.items():
        *path, last = name.split("/")
        grouped.setdefault(tuple(path), []).append((last, shape))
    for each, variables in grouped.items():
        classes = (without_number(each[-1]),) if each else ()
        stored.layers.append(StoredLayer(each, classes, tuple(variables)))
    return stored


def layers_by_name(weights: Group) -> StoredWeights:
    """Return the layers of a group with the attribute ``layer_names``. Raises ``ReadError``."""
    stored = StoredWeights()
    names = chunked_texts(weights, "layer_names")
    listed = dict.fromkeys(names)
    stored.titles.update(listed)
    order = {name: place for place, name in enumerate(listed)}
    found: dict[tuple[str, ...], dict[str, Dataset]] = {}
    for place, dataset in weights.datasets():
        top = _top_layer(place, order)
        inside = place[len(top.split("/")) :]
        *parents, last = inside or place[-1:]
        # Keras 3 writes the name of the model before the layer, and repeats the layer after its group.
        if top in parents:
            parents = parents[parents.index(top) + 1 :]
        found.setdefault((top, *parents), {})[last] = dataset
    ordered = sorted(found, key=lambda path: order.get(path[0], len(order)))
    for path in ordered:
        layer = _ordered_layer(path, (without_number(path[-1]),), found[path])
        stored.layers.append(layer)
    for name in names:
        group = _descendant(weights, name)
        if group and any(not _holds(group, text) for text in chunked_texts(group, "weight_names")):
            raise ReadError(
                f"The HDF5 file lists variables of {name[:MAX_NAME_SHOWN]} that are not in it: it is damaged."
            )
    return stored


def layers_by_class(root: Group, model: LayerConfig | None = None) -> StoredWeights:
    """Return the layers of a file whose groups are named after classes. Raises ``ReadError``.

    ``model`` is the configuration, if there is one: older files have the names of layers only there.
    """
    stored = StoredWeights()
    stack: list[tuple[Group, str, tuple[str, ...], LayerConfig | None, bool]] = [(root, "", (), model, False)]
    while stack:
        group, key, path, config, in_container = stack.pop()
        own = group.group(VARIABLES)
        if key and (what := _beside(key, own, group)):
            stored.leave_out(what, (dataset for _, dataset in group.datasets()))
            continue
        label = own.text("name") if own is not None else ""
        if key and not (in_container and key in CONTAINERS):
            # An attribute says more than the name that Keras gives, unless it is that of a wrapper.
            named = label or (config.name if config is not None else "")
            path = (*path, named if named and (in_container or key in WRAPPED) else key)
        if own is not None:
            stored.titles.add("/".join(path))
            classes = dict.fromkeys(map(without_number, filter(None, (key, label))))
            if variables := _without_wrapped(_own_variables(own), group, stored):
                stored.layers.append(_ordered_layer(path, tuple(classes), variables))
        loose = {name: item for name, item in group.children.items() if isinstance(item, Dataset)}
        if loose:
            stored.layers.append(_ordered_layer(path, (without_number(key),), loose))
        children = [item for item in _group_children(group) if item[0] != VARIABLES or own is None]
        for name, child in reversed(children):
            if name in CONTAINERS:
                configs = _configs_by_key(child, config)
                for inner, layer in reversed(list(_group_children(child))):
                    stack.append((layer, inner, path, configs.get(inner), True))
            else:
                stack.append((child, name, path, None, False))
    return stored


def chunked_texts(group: Group, name: str) -> tuple[str, ...]:
    """Return the texts of an attribute, which Keras splits into name0, name1, … where it is too large."""
    if name in group.attributes:
        return group.attributes[name]
    texts: list[str] = []
    number = 0
    while f"{name}{number}" in group.attributes:
        texts.extend(group.attributes[f"{name}{number}"])
        number += 1
    return tuple(texts)


def _group_children(group: Group) -> list[tuple[str, Group]]:
    """Return the groups in ``group`` in their natural order. Windows wrote backslashes into their names."""
    children = [(name, child) for name, child in group.children.items() if isinstance(child, Group)]
    flat: list[tuple[str, Group]] = []
    nested: dict[str, Group] = {}
    for name, child in children:
        first, *rest = name.split("\\")
        if not rest:
            flat.append((name, child))
            continue
        if first not in nested:
            nested[first] = Group()
            flat.append((first, nested[first]))
        nested[first].children["\\".join(rest)] = child
    return sorted(flat, key=lambda item: _numbered(item[0]))


def _numbered(key: str) -> tuple[str, int]:
    """Return a sort key that puts conv2d before conv2d_2, and that before conv2d_10."""
    end = _NUMBER.search(key)
    return (key[: end.start()], int(end.group()[1:])) if end else (key, -1)


def _own_variables(own: Group) -> dict[str, Dataset]:
    """Return the variables in a group ``vars``, in the order of their numbers."""
    datasets = [(name, item) for name, item in own.children.items() if isinstance(item, Dataset)]
    return dict(
        sorted(datasets, key=lambda item: (len(item[0]), item[0]) if item[0].isdecimal() else (99, item[0]))
    )


def _without_wrapped(own: dict[str, Dataset], group: Group, stored: StoredWeights) -> dict[str, Dataset]:
    """Return the variables ``own`` of a layer without the kernel of a layer inside, if it is stored again.

    SpectralNormalization does so: it stores the kernel of its layer, and a vector of one number for each of
    the last axis of that kernel. Source: keras/src/layers/normalization/spectral_normalization.py
    """
    inner = group.group(WRAPPED[0])
    inside = inner.group(VARIABLES) if inner is not None else None
    shapes = [dataset.shape for dataset in own.values()]
    kernels = [] if inside is None else [dataset.shape for dataset in _own_variables(inside).values()]
    if len(shapes) != 2 or shapes[0] not in kernels:
        return own
    if len(shapes[0]) < 2 or shapes[1] != (1, shapes[0][-1]):
        return own
    stored.left_out[AGAIN] = stored.left_out.get(AGAIN, 0) + math.prod(shapes[0])
    return {VECTOR: Dataset(shapes[1])}


def _ordered_layer(
    path: tuple[str, ...], classes: tuple[str, ...], variables: Mapping[str, Dataset]
) -> StoredLayer:
    shapes = tuple((name, dataset.shape) for name, dataset in variables.items())
    integers = (name for name, dataset in variables.items() if dataset.integer and len(dataset.shape) > 1)
    return StoredLayer(path, classes, shapes, frozenset(integers))


def _beside(key: str, own: Group | None, group: Group) -> str:
    """Return what a group holds where it is not a layer, otherwise an empty string."""
    label = own.text("name") if own is not None else ""
    if _OPTIMIZER.match(key) or _OPTIMIZER_CLASS.match(label):
        return OPTIMIZER
    if _SEED.match(key):
        return SEEDS
    numbered = dict(own.children) if own is not None else {}
    first, second = (
        item if isinstance(item, Dataset) and not item.shape else None
        for item in (numbered.get("0"), numbered.get("1"))
    )
    # Every optimizer begins with its iteration and its learning rate.
    if first is not None and second is not None and first.integer and second.real:
        return OPTIMIZER
    if _METRIC.match(key) and all(not dataset.shape for _, dataset in group.datasets()):
        return METRICS
    return METRICS if key == "metrics" else ""


def _configs_by_key(container: Group, model: LayerConfig | None) -> dict[str, LayerConfig]:
    """Return the configuration of each layer in ``container`` by the key of its group.

    A key is the class of the layer with a number. Layers of one class have the order of the configuration.
    """
    if model is None:
        return {}
    keys: dict[str, list[str]] = {}
    for key, _ in _group_children(container):
        keys.setdefault(without_number(key), []).append(key)
    layers: dict[str, list[LayerConfig]] = {}
    for layer in model.layers:
        layers.setdefault(without_number(snake_case(layer.class_name)), []).append(layer)
    return {
        key: layer
        for name, numbered in keys.items()
        if len(numbered) == len(layers.get(name, ()))
        for key, layer in zip(numbered, layers[name], strict=True)
    }


def _top_layer(place: Sequence[str], order: Mapping[str, int]) -> str:
    """Return the listed layer that a dataset lies in; a name may contain slashes. Else its first group."""
    for end in range(1, len(place)):
        name = "/".join(place[:end])
        if name in order:
            return name
    return place[0]


def _descendant(group: Group, path: str) -> Group | None:
    """Return the group at ``path``, or ``None``."""
    found: Group | None = group
    for name in path.split("/"):
        found = found.group(name) if found is not None else None
    return found


def _holds(group: Group, path: str) -> bool:
    """Return whether there is a dataset at ``path``."""
    parent, _, name = path.rpartition("/")
    holder = _descendant(group, parent) if parent else group
    return holder is not None and isinstance(holder.children.get(name), Dataset)
