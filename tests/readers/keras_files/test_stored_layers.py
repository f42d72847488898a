"""The layers in files of weights: the groups that Keras 3 and tf.keras make, and what stands beside them.

The layouts are those of keras/src/saving/saving_lib.py, and of its predecessor in tf.keras 2.12.
"""

import math
from collections.abc import Mapping

import pytest

from calculator.readers.containers.hdf5 import Dataset, Group
from calculator.readers.keras.graph import parse_layer
from calculator.readers.keras_files.stored_layers import (
    METRICS,
    OPTIMIZER,
    SEEDS,
    chunked_texts,
    layers_by_class,
    layers_by_name,
    snake_case,
    without_number,
)


def group(shapes: Mapping[str, tuple[int, ...]]) -> Group:
    """Return the root of groups for datasets by path."""
    root = Group()
    for path, shape in shapes.items():
        at = root
        *parents, last = path.split("/")
        for name in parents:
            found = at.children.setdefault(name, Group())
            assert isinstance(found, Group)
            at = found
        at.children[last] = Dataset(shape, integer=last == "i", real=last != "i")
    return root


@pytest.mark.parametrize(
    ("class_name", "key"),
    # keras.src.utils.naming.to_snake_case of Keras 3.15.1
    [
        ("Conv2DTranspose", "conv2d_transpose"),
        ("BatchNormalization", "batch_normalization"),
        ("PReLU", "p_re_lu"),
        ("SeparableConv1D", "separable_conv1d"),
        ("GRUCell", "gru_cell"),
        ("my.Up-Block<2>", "my_up_block2"),
    ],
)
def test_names_of_classes(class_name: str, key: str) -> None:
    assert snake_case(class_name) == key
    assert without_number(f"{key}_12") == key


def test_numbered_variables_have_their_order() -> None:
    shapes = {f"layers/dense/vars/{n}": (n + 1,) for n in (0, 1, 10, 2)}
    [layer] = layers_by_class(group(shapes)).layers
    assert [name for name, _ in layer.variables] == ["0", "1", "2", "10"]
    assert (layer.path, layer.classes) == (("dense",), ("dense",))


def test_layers_have_the_order_of_their_numbers() -> None:
    shapes = {f"layers/dense{end}/vars/0": (1,) for end in ("", "_1", "_10", "_2")}
    assert [each.title for each in layers_by_class(group(shapes)).layers] == [
        "dense",
        "dense_1",
        "dense_2",
        "dense_10",
    ]


def test_backslashes_of_windows_part_groups() -> None:
    root = group({"x/vars/0": (2, 3)})
    root.children["_layer_checkpoint_dependencies\\dense"] = root.children.pop("x")
    [layer] = layers_by_class(root).layers
    assert (layer.path, layer.variables) == (("dense",), (("0", (2, 3)),))


@pytest.mark.parametrize(
    ("path", "shapes", "kind", "values"),
    [
        ("optimizer/vars", {"0": (), "1": (), "2": (5,)}, OPTIMIZER, 7),
        ("d_optimizer/vars", {"x": (5,)}, OPTIMIZER, 5),
        ("optimizer_1/inner/vars", {"x": (5,)}, OPTIMIZER, 5),
        ("metrics/mean/vars", {"0": (), "1": ()}, METRICS, 2),
        ("metrics/auc/vars", {"0": (200,)}, METRICS, 200),
        ("total_loss_tracker/vars", {"0": (), "1": ()}, METRICS, 2),
        ("layers/dropout/seed_generator/vars", {"0": (2,)}, SEEDS, 2),
    ],
)
def test_what_is_no_layer_is_left_out(
    path: str, shapes: dict[str, tuple[int, ...]], kind: str, values: int
) -> None:
    every = {f"{path}/{name}": shape for name, shape in shapes.items()}
    stored = layers_by_class(group({**every, "layers/dense/vars/0": (2, 3)}))
    assert stored.left_out == {kind: values}
    assert stored.count == 6


@pytest.mark.parametrize("other", [(5,), (1,), (2, 3)])
def test_a_layer_with_the_name_of_a_metric_has_variables_that_are_not_single_values(
    other: tuple[int, ...],
) -> None:
    stored = layers_by_class(group({"loss/vars/0": (), "loss/vars/1": other, "acc/vars/0": ()}))
    assert stored.left_out == {METRICS: 1}
    assert [(layer.title, layer.count) for layer in stored.layers] == [("loss", 1 + math.prod(other))]


def test_an_optimizer_under_another_name_begins_with_its_iteration() -> None:
    root = group(
        {"opt/vars/0": (), "opt/vars/1": (), "opt/vars/2": (8,), "scale/vars/0": (), "scale/vars/1": ()}
    )
    variables = root.children["opt"].children["vars"].children  # type: ignore[union-attr]
    variables["0"] = Dataset((), integer=True, real=False)
    stored = layers_by_class(root)
    assert stored.left_out == {OPTIMIZER: 10}
    assert [layer.title for layer in stored.layers] == ["scale"]


def test_older_files_have_the_names_of_layers_in_the_configuration_alone() -> None:
    layers = [
        {"class_name": kind, "config": {"name": name}}
        for kind, name in (("Up", "a"), ("Dense", "b"), ("Up", "c"))
    ]
    model = parse_layer({"class_name": "Sequential", "config": {"layers": layers}})
    shapes = {"up/vars/0": (1,), "up_2/vars/0": (2,), "dense_1/vars/0": (3,)}
    for container in ("layers", "_layer_checkpoint_dependencies"):
        root = group({f"{container}/{path}": shape for path, shape in shapes.items()})
        found = {layer.title: layer.count for layer in layers_by_class(root, model).layers}
        assert found == {"a": 1, "c": 2, "b": 3}
    # Another number of layers of a class tells nothing about their names.
    root = group({"layers/up/vars/0": (1,)})
    assert [layer.title for layer in layers_by_class(root, model).layers] == ["up"]


def test_layers_by_name_drop_nothing() -> None:
    root = group({"block/conv/block/conv/kernel:0": (2, 3), "b/net/b/sub/bias:0": (4,), "loose/x": (5,)})
    root.attributes["layer_names"] = ("b", "block/conv")
    stored = layers_by_name(root)
    assert [(layer.path, layer.count) for layer in stored.layers] == [
        (("b", "sub"), 4),
        (("block/conv", "block", "conv"), 6),
        (("loose",), 5),
    ]


def test_a_spectral_normalization_stores_the_kernel_of_its_layer_again() -> None:
    # As Keras 3.15 writes SpectralNormalization(Conv2D(4, 3)) for 3 channels: 116 parameters.
    wrapper = "layers/spectral_normalization"
    inner = {f"{wrapper}/layer/vars/0": (3, 3, 3, 4), f"{wrapper}/layer/vars/1": (4,)}
    stored = layers_by_class(group({**inner, f"{wrapper}/vars/0": (3, 3, 3, 4), f"{wrapper}/vars/1": (1, 4)}))
    assert stored.count == 116
    assert list(stored.left_out.values()) == [108]
    assert next(layer.variables for layer in stored.layers) == (("vector_u", (1, 4)),)
    # Other variables of a wrapper are its own.
    for own in ({"0": (3, 3, 3, 5), "1": (1, 5)}, {"0": (3, 3, 3, 4), "1": (4,)}, {"0": (3, 3, 3, 4)}):
        other = layers_by_class(group({**inner, **{f"{wrapper}/vars/{key}": own[key] for key in own}}))
        assert other.count > 116 - 4
        assert not other.left_out


def test_texts_that_keras_splits_are_joined_in_their_order() -> None:
    # Keras numbers the parts of an attribute above 64 KB from 0 on.
    parts = {"model_config0": ("{", '"a"'), "model_config1": (": 1}",), "model_config3": ("lost",)}
    assert chunked_texts(Group({}, parts), "model_config") == ("{", '"a"', ": 1}")
    assert chunked_texts(Group({}, {"model_config": ("whole",), **parts}), "model_config") == ("whole",)
    assert chunked_texts(Group({}, {}), "model_config") == ()
