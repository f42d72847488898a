"""Classes of stored layers. The shapes are those that Keras' layers have (https://keras.io/api/layers/)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.readers.keras_files.stored_layers import StoredLayer
from calculator.readers.keras_files.stored_rows import row_of_stored_layer
from calculator.readers.model import Row


def numbered(*shapes: tuple[int, ...], key: str = "", class_name: str = "", standard: bool = True) -> Row:
    variables = tuple((str(number), shape) for number, shape in enumerate(shapes))
    layer = StoredLayer(("x",), (key,) if key else (), variables)
    return row_of_stored_layer(layer, class_name, standard=standard)


@pytest.mark.parametrize(
    ("shapes", "kind", "transposed", "undecided"),
    [
        (((3, 3, 8, 4), (8,)), "Conv2DTranspose", True, False),
        (((3, 8, 4), (8,)), "Conv1DTranspose", True, False),
        (((2, 3, 3, 8, 4), (8,)), "Conv3DTranspose", True, False),
        (((3, 3, 8, 4), (4,)), "Conv2D", False, False),
        (((3, 3, 8, 4), (32,)), "DepthwiseConv2D", False, False),
        (((3, 3, 8, 8), (8,)), "Parameters", False, True),
        (((3, 3, 8, 4),), "Parameters", False, True),
        (((3, 3, 8, 1), (8,)), "Parameters", False, True),  # A depthwise one, or transposed from one channel.
        (((3, 3, 8, 4), (8,), (8,)), "Parameters", False, True),
        (((8, 4), (4,)), "Dense", False, False),
        (((8,), (8,), (8,), (8,)), "BatchNormalization", False, False),
        (((8,), (8,)), "Parameters", False, False),
        (((),), "Parameters", False, False),
    ],
)
def test_shapes_alone(
    shapes: tuple[tuple[int, ...], ...], kind: str, transposed: bool, undecided: bool
) -> None:
    row = numbered(*shapes)
    assert (row.type, row.transposed, row.undecided) == (kind, transposed, undecided)


@pytest.mark.parametrize(
    ("key", "shapes", "kind", "counts"),
    [
        ("conv2d_transpose", ((3, 3, 8, 8), (8,)), "Conv2DTranspose", (576, 8, 0, 0)),
        ("conv2d_transpose", ((3, 3, 8, 8),), "Conv2DTranspose", (576, 0, 0, 0)),
        ("conv2d", ((3, 3, 8, 8), (8,)), "Conv2D", (576, 8, 0, 0)),
        ("depthwise_conv2d", ((3, 3, 8, 1), (8,)), "DepthwiseConv2D", (72, 8, 0, 0)),
        ("separable_conv2d", ((3, 3, 8, 1), (1, 1, 8, 4), (4,)), "SeparableConv2D", (104, 4, 0, 0)),
        ("batch_normalization", ((8,),) * 4, "BatchNormalization", (8, 8, 16, 16)),
        ("batch_normalization", ((8,),) * 2, "BatchNormalization", (0, 0, 16, 16)),
        ("lstm_cell", ((4, 12), (3, 12), (12,)), "LSTMCell", (84, 12, 0, 0)),
        ("query_dense", ((4, 2, 3), (2, 3)), "EinsumDense", (24, 6, 0, 0)),
        ("embedding", ((10, 4),), "Embedding", (40, 0, 0, 0)),
        ("normalization", ((3,), (3,), ()), "Normalization", (0, 0, 7, 7)),
    ],
)
def test_names_of_classes(
    key: str, shapes: tuple[tuple[int, ...], ...], kind: str, counts: tuple[int, int, int, int]
) -> None:
    row = numbered(*shapes, key=key)
    assert row.type == kind
    assert (row.weight_count, row.bias_count, row.other_count, row.frozen_count) == counts
    assert row.transposed == (kind == "Conv2DTranspose")
    assert not row.undecided


def test_a_name_that_the_shapes_contradict_is_not_believed() -> None:
    assert numbered((3, 3, 8, 4), (4,), key="conv2d_transpose").type == "Conv2D"
    assert numbered((3, 3, 8, 4), (8,), key="conv2d").type == "Conv2DTranspose"
    assert numbered((3, 8, 4), (8,), key="conv2d_transpose").type == "Conv1DTranspose"


def test_an_own_class_may_use_equal_shapes_in_its_own_way() -> None:
    row = numbered((3, 3, 8, 4), (8,), class_name="MyLayer", standard=False)
    assert (row.type, row.transposed, row.undecided, row.parameter_count) == ("MyLayer", False, True, 296)
    row = numbered((3, 3, 8, 4), (8,), class_name="Conv2DTranspose", standard=False)
    assert (row.transposed, row.undecided) == (False, True)


def test_variables_with_names_may_have_any_order() -> None:
    names: tuple[tuple[str, tuple[int, ...]], ...] = ("bias:0", (8,)), ("kernel:0", (3, 3, 8, 4))
    row = row_of_stored_layer(StoredLayer(("up",), ("up",), names))
    assert (row.type, row.weight_shape, row.bias_count) == ("Conv2DTranspose", (3, 3, 8, 4), 8)
    names = ("beta:0", (8,)), ("gamma:0", (8,)), ("moving_mean:0", (8,)), ("moving_variance:0", (8,))
    row = row_of_stored_layer(StoredLayer(("norm",), ("norm",), names))
    assert (row.type, row.bias_count, row.frozen_count) == ("BatchNormalization", 8, 16)


@given(st.lists(st.lists(st.integers(0, 5), max_size=5).map(tuple), min_size=1, max_size=6), st.booleans())
def test_every_value_is_counted_once(shapes: list[tuple[int, ...]], trainable: bool) -> None:
    for key in ("", "conv2d_transpose", "batch_normalization", "dense", "lstm", "separable_conv2d"):
        variables = tuple((str(number), shape) for number, shape in enumerate(shapes))
        layer = StoredLayer(("x",), (key,), variables)
        row = row_of_stored_layer(layer, trainable=trainable)
        assert row.parameter_count == layer.count
        assert 0 <= row.frozen_count <= layer.count
        assert not (row.transposed and row.undecided)


def test_what_is_never_trained_is_not_trainable() -> None:
    names = ("moving_mean:0", (8,)), ("moving_variance:0", (8,))
    statistics = StoredLayer(("norm",), ("norm",), names)
    both = StoredLayer(("norm",), ("norm",), (("gamma:0", (8,)), *names))
    rows = [row_of_stored_layer(layer) for layer in (statistics, both)]
    assert [(row.trainable, row.frozen_count, row.parameter_count) for row in rows] == [
        (False, 16, 16),
        (True, 16, 24),
    ]
    frozen = row_of_stored_layer(both, trainable=False)
    assert (frozen.trainable, frozen.frozen_count) == (False, 24)


@pytest.mark.parametrize(
    ("key", "shapes"),
    [("dense", ((8, 4), (5,))), ("dense", ((8,),)), ("batch_normalization", ((8,), (4,)))],
)
def test_a_name_whose_class_has_other_shapes_is_not_believed(
    key: str, shapes: tuple[tuple[int, ...], ...]
) -> None:
    row = numbered(*shapes, key=key)
    assert (row.type, row.bias_count, row.parameter_count) == ("Parameters", 0, sum(map(math.prod, shapes)))


def test_a_transposed_layer_of_keras_1_is_known_by_its_name() -> None:
    for rank, kernel in ((2, (3, 3)), (3, (3, 3, 3))):
        layer = StoredLayer(
            (f"deconvolution{rank}d_1",), (f"deconvolution{rank}d",), (("W", (*kernel, 4, 8)), ("b", (4,)))
        )
        row = row_of_stored_layer(layer)
        assert (row.type, row.transposed, row.note) == (f"Deconvolution{rank}D", True, "")


@pytest.mark.parametrize(
    ("integers", "shapes", "trained", "weights"),
    [
        ("0", ((16, 4), (4,), (4,)), 4, 64),  # int8: weight, bias, scale
        ("0", ((16, 4), (4,)), 0, 64),  # int8 without bias
        ("03", ((16, 2), (4,), (1, 4), (1, 4), (16,)), 4, 32),  # int4: weight, bias, scale, zero, index
        ("02", ((16, 2), (1, 4), (1, 4), (16,)), 0, 32),  # int4 without bias
        ("13", ((4,), (2, 16), (4, 1), (4, 1), (16,)), 4, 32),  # GPTQ: bias, weight, scale, zero, index
        ("02", ((2, 16), (4, 1), (4, 1), (16,)), 0, 32),  # GPTQ without bias
    ],
)
def test_a_quantised_layer(
    integers: str, shapes: tuple[tuple[int, ...], ...], trained: int, weights: int
) -> None:
    variables = tuple((str(number), shape) for number, shape in enumerate(shapes))
    layer = StoredLayer(("x",), ("dense",), variables, frozenset(integers))
    row = row_of_stored_layer(layer)
    assert (row.type, row.parameter_count, row.weight_count) == ("Dense", layer.count, weights)
    assert (row.trainable_count, row.bias_count, row.transposed, row.undecided) == (
        trained, trained, False, False
    )  # fmt: skip
    assert row_of_stored_layer(layer, trainable=False).trainable_count == 0


def test_a_quantised_layer_with_names_trains_its_bias_and_its_matrices() -> None:
    shapes = {"bias": (4,), "kernel": (16, 4), "kernel_scale": (4,), "lora_kernel_a": (16, 2)}
    layer = StoredLayer(("x",), (), tuple(shapes.items()), frozenset({"kernel"}))
    assert row_of_stored_layer(layer, "Dense").trainable_count == 4 + 32
