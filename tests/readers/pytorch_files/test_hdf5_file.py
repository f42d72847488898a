"""State dicts of PyTorch in HDF5 files, as h5py writes them; counted by hand."""

import io
from collections.abc import Sequence

import pytest

from calculator.readers import ReadError, read
from calculator.readers.detect import read_shapes
from calculator.readers.totals import total_text
from tests.helpers.hdf5_writing import Values, hdf5, tree

STATE: dict[str, Sequence[int] | Values] = {
    "bn.bias": (8,),
    "bn.num_batches_tracked": Values(kind=0),
    "bn.running_mean": (8,),
    "bn.running_var": (8,),
    "bn.weight": (8,),
    "conv.bias": (8,),
    "conv.weight": (8, 3, 3, 3),
    "up.bias": (4,),
    "up.weight": (8, 4, 2, 2),
}
"""Conv2d(3, 8, 3): 216 + 8; BatchNorm2d(8): 16; ConvTranspose2d(8, 4, 2): 128 + 4, together 372."""


def test_the_axes_have_the_order_of_pytorch() -> None:
    for shapes in (STATE, {f"state_dict/{name}": shape for name, shape in STATE.items()}):
        data = hdf5(tree(shapes, {}))
        model = read(data)
        assert (model.parameter_count, model.transposed_count, model.complete) == (372, 132, True)
        assert [row.type for row in model.rows] == ["BatchNorm", "Conv2d", "ConvTranspose2d"]
        assert "such as 'bn.bias', are those of a state dict of PyTorch" in model.assumptions[0]
        assert read_shapes(io.BytesIO(data)) == model


def test_weights_of_one_shape_that_may_be_tied_make_a_range() -> None:
    model = read(hdf5(tree({"wte.weight": (9, 4), "lm_head.weight": (9, 4)}, {})))
    assert total_text(model) == "36 to 72 · tensors may be shared"
    assert total_text(read(hdf5(tree({"wte.weight": (9, 4), "fc.weight": (8, 4)}, {})))) == "68"


def test_a_name_without_a_module_is_not_counted() -> None:
    model = read(hdf5(tree({**STATE, "loss": (100,), "epoch": ()}, {})))
    assert (model.parameter_count, model.complete) == (372, False)
    assert [row.name for row in model.unknown] == ["loss", "epoch"]


def test_a_text_is_not_a_tensor() -> None:
    model = read(hdf5(tree({**STATE, "model.config": Values(kind=3)}, {})))
    assert (model.parameter_count, [row.name for row in model.unknown]) == (372, ["model.config"])


def test_a_recurrent_layer_alone_is_a_state_dict() -> None:
    # 3·4 rows of 2 and of 4 values.
    model = read(hdf5(tree({"r.weight_ih_l0": (12, 2), "r.weight_hh_l0": (12, 4)}, {})))
    assert (model.parameter_count, model.complete) == (72, True)


def test_whole_numbers_are_not_parameters() -> None:
    model = read(hdf5(tree({**STATE, "table.index": Values(5, 5, kind=0)}, {})))
    assert model.parameter_count == 372
    assert any("whole numbers" in sentence and "table.index" in sentence for sentence in model.assumptions)


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        (
            {f"{part}/{name}": shape for part in "DG" for name, shape in STATE.items()},
            "in several groups \\('/D' and '/G'\\)",
        ),
        ({**STATE, "log/loss": (9,)}, "in several groups \\('/' and '/log'\\)"),
        ({**STATE, "out.kernel": (3, 3)}, "beside those of another library"),
        ({name.replace(".", "/"): shape for name, shape in STATE.items()}, "but not of Keras"),
        ({"conv.bias": (8,), "image": (8, 8)}, "but not of Keras"),
        ({"weight": (8, 8)}, "but not of Keras"),
    ],
)
def test_other_names_are_refused(shapes: dict[str, Sequence[int] | Values], words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read(hdf5(tree(shapes, {})))
