"""ONNX files: real exports with the framework's own counts, each rule by hand-made files, and hostile ones.

The files ``onnx_*.onnx`` were written by PyTorch 2.13's ``torch.onnx.export``: "old" by ``dynamo=False``,
"new" by ``dynamo=True`` (onnxscript 0.7.2), "train" with ``TrainingMode.TRAINING``, unfolded.
"""

import builtins
import os
import struct
import time
from pathlib import Path
from typing import Any

import pytest

from calculator.core.layer import ConvTranspose
from calculator.readers.model import MAX_COUNT, Model, ReadError, Row
from calculator.readers.onnx.file import read_onnx_file, recognises
from tests.fuzz.fuzz_onnx import cases
from tests.helpers import onnx_writing as w
from tests.helpers.paths import READER_FILES


def real(name: str) -> Model:
    return read_onnx_file((READER_FILES / f"onnx_{name}.onnx").read_bytes(), name=name)


def short(model: Model) -> list[tuple[str, str, int, int, int]]:
    return [(row.name, row.type, row.weight_count, row.bias_count, row.other_count) for row in model.rows]


def by_hand(nodes: list[bytes], tensors: list[bytes], shape: tuple[int | str, ...] = (1, 4, 5, 5)) -> Model:
    return read_onnx_file(w.model(w.graph(nodes, tensors, [w.value("x", shape)])))


def only(model: Model) -> Row:
    assert len(model.rows) == 1
    return model.rows[0]


# sum(p.numel() for p in module.parameters()), as PyTorch said it
@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("up_old_train", 1047),
        ("norms_old_train", 520),
        ("wn_old", 166),
        ("tied_old_train", 455),
        ("attn_old", 651),
        ("up3_old", 76),
    ],
)
def test_totals_are_pytorchs(name: str, count: int) -> None:
    assert real(name).parameter_count == count


def test_a_decoder_as_it_is_trained() -> None:
    model = real("up_old_train")
    assert short(model) == [
        ("0", "ConvTranspose", 768, 0, 0),
        ("1", "BatchNormalization", 8, 8, 0),
        ("3", "ConvTranspose", 144, 4, 0),
        ("4", "PRelu", 4, 0, 0),
        ("6", "Conv", 108, 3, 0),
    ]
    assert model.transposed_count == 916
    assert model.trainable_count == 1047
    assert model.rows[0].layer == ConvTranspose(
        in_channels=6, out_channels=8, kernel_size=4, stride=2, padding=1, bias=False
    )
    assert model.rows[2].layer == ConvTranspose(
        in_channels=8, out_channels=4, kernel_size=3, stride=2, padding=1, output_padding=1, groups=2
    )
    sizes = [
        (row.input_size, row.output_size, row.multiply_accumulates) for row in model.rows if row.transposed
    ]
    assert sizes == [((5, 5), (10, 10), 19_200), ((10, 10), (20, 20), 14_400)]
    assert any("16 numbers" in said for said in model.assumptions)


def test_the_new_exporter_merges_the_batch_norm() -> None:
    model = real("up_new")
    assert model.parameter_count == 1039
    assert model.transposed_count == 924
    assert [row.output_size for row in model.rows if row.type == "Conv"] == [(40, 40)]
    assert any("merged a BatchNorm" in said for said in model.assumptions)


def test_weight_norm_counts_both_of_its_tensors() -> None:
    row = real("wn_old").rows[0]
    assert (row.weight_count, row.bias_count, row.output_size) == (136, 4, (18,))
    assert row.layer == ConvTranspose(in_channels=8, out_channels=4, kernel_size=(4,), stride=2, padding=1)


def test_a_group_norm_in_single_steps() -> None:
    assert [row[1:] for row in short(real("norms_old_train"))] == [
        ("Conv", 216, 8, 0),
        ("GroupNormalization", 8, 8, 0),
        ("ConvTranspose", 256, 8, 0),
        ("InstanceNormalization", 8, 8, 0),
    ]


def test_a_tied_weight_is_counted_once() -> None:
    model = real("tied_old_train")
    assert [row[1:] for row in short(model)] == [
        ("Gather", 66, 0, 0),
        ("LSTM", 288, 48, 0),
        ("LayerNormalization", 6, 6, 0),
        ("MatMul", 0, 11, 0),
        ("Add", 0, 0, 30),
    ]
    assert model.rows[3].note == "Its weight is counted at e."


UP = w.tensor("up.weight", (4, 6, 3, 3))


@pytest.mark.parametrize("shape", [(6,), (1, 6, 1, 1), (6, 1, 1)])
@pytest.mark.parametrize("turned", [False, True])
def test_an_add_behind_a_layer_is_its_bias(shape: tuple[int, ...], turned: bool) -> None:
    inputs = ("b", "y") if turned else ("y", "b")
    nodes = [w.node("ConvTranspose", ("x", "up.weight"), ("y",)), w.node("Add", inputs, ("z",))]
    row = only(by_hand(nodes, [UP, w.tensor("b", shape)]))
    assert (row.name, row.weight_count, row.bias_count) == ("up", 216, 6)
    assert row.layer is not None
    assert row.layer.bias


@pytest.mark.parametrize("shape", [(5,), (1, 1, 6, 1), (1, 1, 1, 6), (4, 6, 1, 1), ()])
def test_another_add_is_no_bias(shape: tuple[int, ...]) -> None:
    nodes = [w.node("ConvTranspose", ("x", "up.weight"), ("y",)), w.node("Add", ("y", "b"), ("z",))]
    model = by_hand(nodes, [UP, w.tensor("b", shape)])
    assert model.rows[0].bias_count == 0
    assert model.parameter_count == 216 + (0 if shape == () else sum(row.other_count for row in model.rows))
    assert [row.type for row in model.rows] == ["ConvTranspose", *(["Add"] if shape else [])]


def test_a_bias_behind_a_transpose_and_a_slice() -> None:
    # As TensorFlow's exporter leaves it: NCHW to NHWC, cropped, then the bias on the last axis.
    nodes = [
        w.node("ConvTranspose", ("x", "up.weight"), ("y",)),
        w.node("Transpose", ("y",), ("t",), w.attribute("perm", (0, 2, 3, 1))),
        w.node("Slice", ("t", "starts", "ends"), ("s",)),
        w.node("Add", ("s", "b"), ("z",)),
    ]
    ends = [w.tensor(name, (4,), w.INT64, struct.pack("<4q", 0, 0, 0, 0)) for name in ("starts", "ends")]
    assert only(by_hand(nodes, [UP, w.tensor("b", (1, 1, 1, 6)), *ends])).bias_count == 6


def test_weights_in_constant_nodes() -> None:
    nodes = [
        w.node("Constant", (), ("k",), w.attribute("value", w.tensor("", (4, 6, 3, 3)))),
        w.node("Constant", (), ("b",), w.attribute("value", w.tensor("", (6,)))),
        w.node("ConvTranspose", ("x", "k", "b"), ("y",)),
    ]
    row = only(by_hand(nodes, []))
    assert (row.weight_shape, row.weight_count, row.bias_count) == ((4, 6, 3, 3), 216, 6)


def test_a_layer_used_twice_is_counted_once_and_works_twice() -> None:
    square = w.tensor("k.weight", (4, 4, 3, 3))
    one = w.attribute("pads", (1, 1, 1, 1))
    nodes = [w.node("Conv", (a, "k.weight"), (b,), one) for a, b in (("x", "y"), ("y", "z"))]
    row = only(by_hand(nodes, [square]))
    assert (row.weight_count, row.multiply_accumulates) == (144, 2 * 144 * 25)
    assert "used again" in row.note


def test_a_quantized_weight_counts_and_its_scale_does_not() -> None:
    tensors = [w.tensor("q", (4, 6, 3, 3), w.INT8), w.tensor("s", (6,)), w.tensor("zero", (6,), w.INT8)]
    nodes = [
        w.node("DequantizeLinear", ("q", "s", "zero"), ("k",), w.attribute("axis", 1)),
        w.node("ConvTranspose", ("x", "k"), ("y",)),
    ]
    row = only(by_hand(nodes, tensors))
    assert (row.weight_shape, row.parameter_count, row.output_size) == ((4, 6, 3, 3), 216, (7, 7))
    direct = w.node("QLinearConv", ("x", "s", "zero", "q", "s", "zero", "s", "zero"), ("y",))
    assert only(by_hand([direct], tensors)).parameter_count == 216


def test_scales_and_shapes_are_no_parameters() -> None:
    scales = w.tensor("scales", (4,), w.FLOAT, struct.pack("<4f", 1, 1, 2, 2))
    shape = w.tensor("shape", (2,), w.INT64, struct.pack("<2q", 1, -1))
    nodes = [
        w.node("Resize", ("x", "", "scales"), ("y",)),
        w.node("ConvTranspose", ("y", "up.weight"), ("z",)),
        w.node("Reshape", ("z", "shape"), ("flat",)),
    ]
    row = only(by_hand(nodes, [UP, scales, shape]))
    assert (row.input_size, row.output_size) == ((10, 10), (12, 12))


def test_a_tensor_of_no_layer_is_listed() -> None:
    model = by_hand(
        [w.node("Mul", ("x", "gate"), ("y",))], [w.tensor("gate", (4, 1, 1)), w.tensor("left", (7,))]
    )
    assert short(model) == [("gate", "Mul", 0, 0, 4), ("left", "Tensor", 0, 0, 7)]
    assert model.rows[1].note.startswith("Nothing uses it")


def test_a_weight_from_outside_is_unknown_and_not_zero() -> None:
    row = only(by_hand([w.node("ConvTranspose", ("x", "k"), ("y",))], []))
    assert (row.known, row.transposed, row.parameter_count) == (False, True, 0)


def test_an_operator_of_another_domain_is_unknown() -> None:
    row = only(by_hand([w.node("Deform", ("x",), ("y",), domain="vendor")], []))
    assert (row.type, row.known) == ("Deform", False)
    assert "vendor" in row.note


@pytest.mark.parametrize(
    ("attributes", "padding", "extra", "size"),
    [
        ({}, 0, 0, (11, 11)),
        ({"pads": (1, 1, 1, 1)}, 1, 0, (9, 9)),
        ({"pads": (1, 1, 1, 1), "output_padding": (1, 1)}, 1, 1, (10, 10)),
        ({"auto_pad": "VALID"}, 0, 0, (11, 11)),
        # More cropped in front is what PyTorch's output_padding does.
        ({"pads": (1, 1, 0, 0)}, 1, 1, (10, 10)),
        ({"auto_pad": "SAME_LOWER"}, 1, 1, (10, 10)),
        ({"output_shape": (9, 9)}, 1, 0, (9, 9)),
        ({"output_shape": (12, 12)}, 0, 1, (12, 12)),
    ],
)
def test_padding_in_all_its_words(
    attributes: dict[str, Any], padding: int, extra: int, size: tuple[int, int]
) -> None:
    items = [w.attribute(name, item) for name, item in {"strides": (2, 2), **attributes}.items()]
    row = only(by_hand([w.node("ConvTranspose", ("x", "up.weight"), ("y",), *items)], [UP]))
    assert row.layer == ConvTranspose(
        in_channels=4,
        out_channels=6,
        kernel_size=3,
        stride=2,
        padding=padding,
        output_padding=extra,
        bias=False,
    )
    assert row.output_size == row.layer.output_size(5) == size
    assert row.multiply_accumulates == row.layer.multiply_accumulates(5) == 4 * 25 * 6 * 9


@pytest.mark.parametrize(
    ("attributes", "extra", "size"),
    [
        ({"auto_pad": "SAME_UPPER"}, 0, 19),
        ({"output_shape": (21, 21)}, 2, 21),
        ({"output_shape": (17, 17)}, 0, 17),
    ],
)
def test_a_kernel_below_its_stride(attributes: dict[str, Any], extra: int, size: int) -> None:
    # As onnxruntime 1.32 computes it: SAME adds no rows to reach 20, an output_shape does.
    items = [w.attribute(name, item) for name, item in {"strides": (4, 4), **attributes}.items()]
    row = only(by_hand([w.node("ConvTranspose", ("x", "up.weight"), ("y",), *items)], [UP]))
    assert row.layer is not None
    assert (row.layer.output_padding, row.layer.padding) == ((extra,) * 2, (1 if size == 17 else 0,) * 2)
    assert row.output_size == row.layer.output_size(5) == (size, size)


@pytest.mark.parametrize(
    "attributes",
    [
        {"pads": (0, 0, 1, 1)},
        {"auto_pad": "SAME_UPPER"},
        {"output_shape": (10, 10), "auto_pad": "SAME_UPPER"},
    ],
)
def test_more_cropped_behind_is_no_layer_of_pytorch(attributes: dict[str, Any]) -> None:
    items = [w.attribute(name, item) for name, item in {"strides": (2, 2), **attributes}.items()]
    row = only(by_hand([w.node("ConvTranspose", ("x", "up.weight"), ("y",), *items)], [UP]))
    assert (row.layer, row.transposed, row.output_size) == (None, True, (10, 10))
    assert "crop more behind than in front" in row.note
    assert row.parameter_count == 216


def test_sizes_stay_unknown_where_the_file_leaves_them_open() -> None:
    row = only(by_hand([w.node("ConvTranspose", ("x", "up.weight"), ("y",))], [UP], ("n", 4, "h", "w")))
    assert (row.input_size, row.output_size, row.multiply_accumulates) == (None, None, None)
    assert row.layer is not None


def test_a_function_is_written_out_for_each_call() -> None:
    body = w.function("Block", ("a", "k"), ("o",), [w.node("Conv", ("a", "k"), ("o",))])
    calls = [w.node("Block", ("x", "k1"), ("y",), domain="here", name="one")]
    calls += [w.node("Block", ("y", "k2"), ("z",), domain="here", name="two")]
    tensors = [w.tensor("k1", (4, 4, 1, 1)), w.tensor("k2", (5, 4, 1, 1))]
    model = read_onnx_file(w.model(w.graph(calls, tensors, [w.value("x", (1, 4, 3, 3))]), body))
    assert [(row.weight_count, row.output_size) for row in model.rows] == [(16, (3, 3)), (20, (3, 3))]


def test_a_function_takes_attributes_from_its_call() -> None:
    refers = w.field(1, "strides") + w.field(21, "by")
    body = w.function("Up", ("a", "k"), ("o",), [w.node("ConvTranspose", ("a", "k"), ("o",), refers)])
    calls = [w.node("Up", ("x", "up.weight"), ("y",), w.attribute("by", (3, 3)), domain="here")]
    row = only(read_onnx_file(w.model(w.graph(calls, [UP], [w.value("x", (1, 4, 5, 5))]), body)))
    assert row.layer is not None
    assert (row.layer.stride, row.output_size) == ((3, 3), (15, 15))


def test_the_state_that_a_recurrent_layer_begins_with_can_be_trained() -> None:
    tensors = [
        w.tensor("W", (1, 12, 4)),
        w.tensor("R", (1, 12, 3)),
        w.tensor("B", (1, 24)),
        w.tensor("h0", (1, 1, 3)),
    ]
    model = by_hand([w.node("LSTM", ("x", "W", "R", "B", "", "h0"), ("y",))], tensors, (5, 1, 4))
    assert short(model) == [("W", "LSTM", 84, 24, 0), ("h0", "LSTM", 0, 0, 3)]


@pytest.mark.parametrize(
    ("before", "size"),
    [
        (
            w.node(
                "MaxPool", ("x",), ("v",), w.attribute("kernel_shape", (2, 2)), w.attribute("strides", (2, 2))
            ),
            2,
        ),
        (
            w.node(
                *(
                    "MaxPool",
                    ("x",),
                    ("v",),
                    w.attribute("kernel_shape", (2, 2)),
                    w.attribute("strides", (2, 2)),
                ),
                w.attribute("ceil_mode", 1),
            ),
            3,
        ),
        (
            # A third window would begin in the padding behind: MaxPool2d(2, 3, 1, ceil_mode=True).
            w.node(
                *(
                    "MaxPool",
                    ("x",),
                    ("v",),
                    w.attribute("kernel_shape", (2, 2)),
                    w.attribute("strides", (3, 3)),
                ),
                *(w.attribute("pads", (1, 1, 1, 1)), w.attribute("ceil_mode", 1)),
            ),
            2,
        ),
        (w.node("Add", ("x", "open"), ("v",)), 5),
        (w.node("GlobalAveragePool", ("x",), ("v",)), 1),
        (w.node("Pad", ("x", "pads"), ("v",)), 8),
        (w.node("Concat", ("x", "x"), ("v",), w.attribute("axis", 0)), 5),
    ],
)
def test_sizes_follow_from_operator_to_operator(before: bytes, size: int) -> None:
    nodes = [before, w.node("ConvTranspose", ("v", "up.weight"), ("y",))]
    pads = w.tensor("pads", (8,), w.INT64, struct.pack("<8q", 0, 0, 1, 1, 0, 0, 2, 2))
    inputs = [w.value("x", (1, 4, 5, 5)), w.value("open", (1, 4, "h", "w"))]
    row = only(read_onnx_file(w.model(w.graph(nodes, [UP, pads], inputs))))
    assert (row.input_size, row.output_size) == ((size,) * 2, (size + 2,) * 2)


def test_branches_keep_their_own_names() -> None:
    def branch(channels: int) -> bytes:
        return w.graph([w.node("Conv", ("x", "k"), ("o",))], [w.tensor("k", (channels, 4, 1, 1))])

    items = [w.attribute(name, branch(n), graph=True) for name, n in (("then_branch", 2), ("else_branch", 3))]
    model = by_hand([w.node("If", ("c",), ("y",), *items)], [])
    assert [row.weight_count for row in model.rows] == [8, 12]
    assert [row.multiply_accumulates for row in model.rows] == [None, None]


def test_no_other_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    canary = tmp_path / "canary"
    canary.write_bytes(bytes(864))
    opened: list[object] = []

    def refuse(path: object, *args: object, **more: object) -> None:
        opened.append(path)
        raise AssertionError(f"{path} was opened")

    for place in ("../../../../../../etc/passwd", str(canary), "file:///etc/passwd", "http://localhost/x"):
        data = w.model(
            w.graph(
                [w.node("ConvTranspose", ("x", "k"), ("y",))], [w.tensor("k", (4, 6, 3, 3), elsewhere=place)]
            )
        )
        with monkeypatch.context() as patch:
            for module, name in ((builtins, "open"), (os, "open"), (os, "stat"), (Path, "open")):
                patch.setattr(module, name, refuse)
            model = read_onnx_file(data)
        assert only(model).weight_count == 216
        assert any("another file, which is not opened" in said for said in model.assumptions)
        assert not any(
            "passwd" in said or "canary" in said for said in (*model.assumptions, model.rows[0].note)
        )
    assert opened == []


def nested(depth: int) -> bytes:
    body = w.graph([w.node("Identity", ("x",), ("y",))])
    for _ in range(depth):
        body = w.graph([w.node("If", ("c",), ("y",), w.attribute("then_branch", body, graph=True))])
    return w.model(body)


def doubling(levels: int) -> bytes:
    functions = [
        w.function(f"f{n}", ("a",), ("b",), [w.node(f"f{n + 1}", ("a",), ("b",), domain="here")] * 2)
        for n in range(levels)
    ]
    return w.model(w.graph([w.node("f0", ("x",), ("y",), domain="here")]), *functions)


ITSELF = w.function("f", ("a",), ("b",), [w.node("f", ("a",), ("b",), domain="here")])
CALL = w.node("f", ("x",), ("y",), domain="here")


def long_calls(name: str, inputs: int, calls: int) -> bytes:
    """Return a file whose function has much in it, and is called often."""
    wide = w.function("f", ("a",), ("b",), [w.node("Sum", (name,) * inputs, ("b",))])
    return w.model(w.graph([CALL] * calls), wide)


BAD = [
    (w.model(w.graph([], [w.tensor("k", (10**9, 10**9, 10))])), "which cannot be"),
    (w.model(w.graph([], [w.tensor("k", (MAX_COUNT + 1, 0))])), "which cannot be"),
    (w.model(w.graph([], [w.tensor("k", (-4, -6))])), r"\(-4, -6\), which cannot be"),
    (w.model(w.graph([], [w.tensor("k", (1,) * 65)])), "more than 64 axes"),
    (w.model(w.graph([], [w.tensor("k", (3, 3), w.FLOAT, bytes(35))])), "35 bytes stored for it"),
    (nested(201), "nested more than 200 deep"),
    (doubling(60), "more than 300,000 nodes"),
    (long_calls("a", 20_000, 20_000), "more than 300,000 nodes or their names"),
    (long_calls("a" * 100_000, 1, 20_000), "more than 300,000 nodes or their names"),
    (w.model(w.graph([CALL]), ITSELF), "nested over 200 deep"),
    (w.field(1, 8) + w.field(2, "nothing"), "holds no graph"),
    (w.model(b"") + w.field(7, b""), "two graphs"),
    (b"", "no ONNX file"),
    (b"<html>", "no ONNX file"),
    (b"version https://git-lfs.github.com/spec/v1", "no ONNX file"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "said"), BAD)
def test_hostile_files_are_refused_with_a_sentence(data: bytes, said: str) -> None:
    began = time.process_time()
    with pytest.raises(ReadError, match=said):
        read_onnx_file(data)
    assert time.process_time() - began < 10


def test_a_depth_that_is_allowed_is_read() -> None:
    assert read_onnx_file(nested(190)).rows == ()


def test_every_truncation_is_refused_or_read() -> None:
    data = (READER_FILES / "onnx_up3_old.onnx").read_bytes()
    refused = 0
    for end in range(len(data)):
        try:
            read_onnx_file(data[:end])
        except ReadError:
            refused += 1
    assert refused > 0.9 * len(data)


def test_a_large_tensor_costs_nothing() -> None:
    large = w.tensor("up.weight", (1024, 1024, 4, 4), w.FLOAT, bytes(4 * 1024 * 1024 * 16))
    data = w.model(w.graph([w.node("ConvTranspose", ("x", "up.weight"), ("y",))], [large]))
    began = time.process_time()
    assert only(read_onnx_file(data)).weight_count == 16_777_216
    assert time.process_time() - began < 0.1


def test_ten_thousand_layers() -> None:
    nodes = [w.node("Conv", (f"v{n}", f"k{n}"), (f"v{n + 1}",), name=f"n{n}") for n in range(10_000)]
    model = by_hand(nodes, [w.tensor(f"k{n}", (4, 4, 1, 1)) for n in range(10_000)])
    assert (len(model.rows), model.parameter_count) == (10_000, 160_000)


def test_what_is_recognised() -> None:
    assert all(recognises(file.read_bytes()[:64]) for file in READER_FILES.glob("onnx_*.onnx"))
    assert recognises(w.model(b""))
    for data in (
        b"",
        b"\x08",
        b"\x08\x07",
        b"\x08\x00\x12\x00",
        b"\x08\x07\x13\x00",
        b"PK\x03\x04",
        b"\x80\x02}q\x00",
    ):
        assert not recognises(data)


def test_damaged_files_raise_nothing_else() -> None:
    read = 0
    for data in cases(1000, 5):
        try:
            model = read_onnx_file(data)
        except ReadError:
            continue
        else:
            read += 1
            assert model.parameter_count == sum(row.parameter_count for row in model.rows)
            assert all(row.known or row.note for row in model.rows)
    assert read > 100
