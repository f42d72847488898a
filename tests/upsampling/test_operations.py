"""Operations on the layers of an upsampling block: known answers, and layers that are carried out."""

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, reject
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.core.validation import MAX_VALUE
from calculator.upsampling import operations as of
from calculator.upsampling.layers import Blur, Conv, Operation, Resize, Shuffle, Unpool
from tests.helpers import reference
from tests.helpers import reference_upsampling as oracle


def transposed(inputs: int, outputs: int, kernel: Any, **more: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=kernel, **more)


def sources(op: Operation, axis: int, position: int, size: int) -> list[int]:
    """Return the input positions, of ``size``, that an output position depends on."""
    return [source for source in of.reach(op, axis, position) if 0 <= source < size]


@st.composite
def blocks(draw: st.DrawFn, ranks: tuple[int, int] = (1, 3)) -> tuple[Operation, int]:
    """Draw a layer small enough to carry out, and input channels that fit it."""
    rank = draw(st.integers(*ranks))
    scale = tuple(draw(st.integers(1, 4 if rank == 1 else 3)) for _ in range(rank))
    kind = draw(st.sampled_from(["transposed", "conv", "nearest", "linear", "shuffle", "unpool", "blur"]))
    groups = draw(st.integers(1, 3))
    inputs, outputs = groups * draw(st.integers(1, 2)), groups * draw(st.integers(1, 2))
    bias = draw(st.booleans())
    if kind == "transposed":
        kernel = tuple(draw(st.integers(1, 5 if rank == 1 else 3)) for _ in range(rank))
        dilation = tuple(draw(st.integers(1, 3)) for _ in range(rank))
        padding = tuple(draw(st.integers(0, 2)) for _ in range(rank))
        extra = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(scale, dilation, strict=True))
        more = {"stride": scale, "padding": padding, "output_padding": extra, "dilation": dilation}
        return transposed(inputs, outputs, kernel, groups=groups, bias=bias, **more), inputs
    if kind == "conv":
        kernel = tuple(draw(st.sampled_from([1, 3, 5] if rank == 1 else [1, 3])) for _ in range(rank))
        return Conv(inputs, outputs, kernel, groups, bias), inputs
    if kind == "shuffle":
        return Shuffle(scale), draw(st.integers(1, 2)) * int(np.prod(scale))
    if kind in ("unpool", "blur"):
        return Unpool(scale) if kind == "unpool" else Blur(scale), inputs
    return Resize(scale, "nearest" if kind == "nearest" else "linear"), inputs


@configured(max_examples=150, deadline=None)
@given(made=blocks(), data=st.data())
def test_shapes_counts_and_work_are_those_of_the_layer_carried_out(
    made: tuple[Operation, int], data: st.DataObject
) -> None:
    op, channels = made
    check_carried_out(op, channels, data.draw(st.tuples(*[st.integers(2, 3)] * len(of.scale_factors(op)))))


@pytest.mark.parametrize(
    ("size", "padding", "left"), [(3, 0, (3,)), (3, 1, (1,)), (4, 2, (0,)), (3, 2, None), (1, 1, None)]
)
def test_a_layer_that_crops_nearly_everything(size: int, padding: int, left: tuple[int, ...] | None) -> None:
    # Kernel 1 and stride 1: the output has i − 2p positions.
    op = transposed(2, 3, (1,), padding=padding)
    check_carried_out(op, 2, (size,))
    if left is not None:
        assert of.output_shape(op, 2, (size,)) == (3, left)


def check_carried_out(op: Operation, channels: int, size: tuple[int, ...]) -> None:
    """Compare shape, counts and work of a layer with those of its own arithmetic."""
    held = oracle.allocate(op, oracle.mixed(1))
    assert of.weight_count(op) == held.weights
    assert of.bias_count(op) == held.bias.size
    try:
        output, products = oracle.carry_out(op, oracle.mixed(2)((channels, *size)), held)
    except reference.NothingLeftError:
        with pytest.raises(LayerError, match="padding must leave"):
            of.output_shape(op, channels, size)
        with pytest.raises(LayerError, match="padding must leave"):
            of.multiply_accumulates(op, size)
        return
    assert of.output_shape(op, channels, size) == (output.shape[0], output.shape[1:])
    assert of.multiply_accumulates(op, size) == products
    assert not np.isnan(output).any()


@configured(max_examples=150, deadline=None)
@given(made=blocks((1, 2)), data=st.data())
def test_sources_are_the_inputs_that_change_an_output(
    made: tuple[Operation, int], data: st.DataObject
) -> None:
    op, channels = made
    rank = len(of.scale_factors(op))
    axis = data.draw(st.integers(0, rank - 1))
    size = tuple(6 if a == axis else 3 for a in range(rank))
    try:
        (_, sizes) = of.output_shape(op, channels, size)
    except LayerError:
        reject()  # Cropped to less than nothing.
    assume(0 not in sizes)
    # A hole on another axis hides nothing here: some position of it is always reached.
    depends = oracle.dependence(oracle.anywhere([op]), channels, size, axis)
    reached = [sources(op, axis, position, 6) for position in range(sizes[axis])]
    if isinstance(op, ConvTranspose) and rank == 2 and not depends.any():
        return  # the other axis is cropped down to a hole
    assert reached == [list(np.flatnonzero(row)) for row in depends]


def test_every_small_transposed_axis_has_its_sources() -> None:
    for k, s, d in itertools.product(range(1, 6), range(1, 5), range(1, 5)):
        op = transposed(1, 1, (k,), stride=s, dilation=d, padding=1, output_padding=max(s, d) - 1)
        depends = oracle.dependence([op], 1, (7,), 0)
        found = [sources(op, 0, o, 7) for o in range(len(depends))]
        assert found == [list(np.flatnonzero(row)) for row in depends], (k, s, d)


def test_every_small_transposed_axis_has_its_products() -> None:
    for k, s, d in itertools.product(range(1, 8), range(1, 5), range(1, 5)):
        op = transposed(1, 1, (k,), stride=s, dilation=d, bias=False)
        output, _ = oracle.carry_out(op, np.ones((1, 32)), oracle.allocate(op, np.ones))
        # One step of the stride; no kernel here spans more than 25 positions, so the borders are far.
        inside = output[0][24 : 24 + s]
        assert of.products_met(op, 0) == (inside.min(), inside.max()), (k, s, d)


def test_sources_by_hand() -> None:
    # Kernel 4, stride 2, padding 1: input i lands on outputs 2i − 1 … 2i + 2.
    op = transposed(1, 1, (4,), stride=2, padding=1)
    assert [sources(op, 0, o, 3) for o in range(6)] == [[0], [0, 1], [0, 1], [1, 2], [1, 2], [2]]
    assert [sources(Conv(1, 1, (3,)), 0, o, 3) for o in range(3)] == [[0, 1], [0, 1, 2], [1, 2]]
    # Scale 3: the middle one of three outputs has its centre on an input.
    linear = Resize((3,), "linear")
    assert [sources(linear, 0, o, 3) for o in range(6)] == [[0], [0], [0, 1], [0, 1], [1], [1, 2]]
    assert [sources(Resize((2,), "nearest"), 0, o, 2) for o in range(4)] == [[0], [0], [1], [1]]
    assert [sources(Shuffle((2,)), 0, o, 2) for o in range(4)] == [[0], [0], [1], [1]]
    # The axis is the one asked for.
    assert len(sources(Conv(1, 1, (5, 3)), 0, 9, 20)) == 5
    assert len(sources(Conv(1, 1, (5, 3)), 1, 9, 20)) == 3


def test_sources_of_a_huge_layer_are_not_counted_out() -> None:
    op = transposed(1, 1, (2**40,), stride=2**20)
    assert len(of.reach(op, 0, 2**45)) == 2**20


@configured(max_examples=60, deadline=None)
@given(made=blocks((1, 1)))
def test_products_met_are_those_of_ones(made: tuple[Operation, int]) -> None:
    op, channels = made
    if isinstance(op, Unpool):
        return  # it passes on what is before it, to a place that only the indices know
    held = oracle.allocate(op, np.ones)
    bare = oracle.LayerArrays(held.groups, np.empty(0))
    output, _ = oracle.carry_out(op, np.ones((channels, 24)), bare)
    per_group = op.in_channels // op.groups if isinstance(op, ConvTranspose | Conv) else 1
    inside = output[:, output.shape[1] // 2 - 6 : output.shape[1] // 2 + 6] / per_group
    assert of.products_met(op, 0) == (round(inside.min(), 9), round(inside.max(), 9))


def test_known_products_met() -> None:
    # Odena et al. (2016): kernel 3 with stride 2 is uneven, kernel 4 is even.
    known = {(2, 2): (1, 1), (3, 2): (1, 2), (4, 2): (2, 2), (5, 4): (1, 2), (6, 3): (2, 2), (1, 2): (0, 1)}
    for (k, s), met in known.items():
        assert of.products_met(transposed(1, 1, (7, k), stride=(1, s)), 1) == met


def test_reference_by_hand() -> None:
    # The example of torch.nn.Upsample: 2×2 to 4×4, bilinear with align_corners=False.
    square = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    drawn, _ = oracle.carry_out(Resize((2, 2), "linear"), square, oracle.LayerArrays([], np.empty(0)))
    assert drawn[0].tolist() == [
        [1.0, 1.25, 1.75, 2.0],
        [1.5, 1.75, 2.25, 2.5],
        [2.5, 2.75, 3.25, 3.5],
        [3.0, 3.25, 3.75, 4.0],
    ]
    repeated, _ = oracle.carry_out(Resize((1, 2), "nearest"), square, oracle.LayerArrays([], np.empty(0)))
    assert repeated[0].tolist() == [[1, 1, 2, 2], [3, 3, 4, 4]]
    # Four channels of one position become a square, row by row.
    shuffled, _ = oracle.carry_out(
        Shuffle((2, 2)), np.arange(4.0).reshape(4, 1, 1), oracle.LayerArrays([], np.empty(0))
    )
    assert shuffled.tolist() == [[[0, 1], [2, 3]]]
    # A convolution does not flip its kernel and pads with zeros.
    slid, products = oracle.carry_out(
        Conv(1, 1, (3,)),
        np.array([[1.0, 2.0]]),
        oracle.LayerArrays([np.array([[[1.0, 10.0, 100.0]]])], np.array([1000.0])),
    )
    assert slid.tolist() == [[1210, 1021]]
    assert products == 6


def test_known_counts() -> None:
    # 64→32 on 16×16 to 32×32: nearest + conv 3×3 costs 18.87 million multiply–accumulates.
    conv = Conv(64, 32, (3, 3))
    assert (of.weight_count(conv), of.bias_count(conv)) == (18_432, 32)
    assert of.multiply_accumulates(conv, 32) == 18_874_368
    assert of.multiply_accumulates(Conv(64, 128, (3, 3)), 16) == 18_874_368
    assert of.weight_count(Conv(64, 64, (3, 3), groups=64, bias=False)) == 576
    assert of.bias_count(Conv(64, 64, (3, 3), bias=False)) == 0
    assert of.output_shape(Resize((2, 3), "linear"), 5, (4, 4)) == (5, (8, 12))
    assert of.output_shape(Shuffle((2, 3)), 12, (4, 4)) == (2, (8, 12))
    assert of.output_shape(conv, 64, 7) == (32, (7, 7))
    for op in (Resize((2, 2), "nearest"), Shuffle((2, 2))):
        assert (of.weight_count(op), of.bias_count(op), of.multiply_accumulates(op, 9)) == (0, 0, 0)


def test_huge_counts_stay_exact() -> None:
    op = Conv(MAX_VALUE, MAX_VALUE, (MAX_VALUE,))
    assert of.weight_count(op) == MAX_VALUE**3
    assert of.multiply_accumulates(op, MAX_VALUE) == MAX_VALUE**4


@pytest.mark.parametrize(
    ("op", "line"),
    [
        (
            transposed(64, 32, 4, stride=2, padding=1),
            "nn.ConvTranspose2d(64, 32, kernel_size=4, stride=2, padding=1)",
        ),
        (
            transposed(4, 2, (3, 1), stride=(3, 1), output_padding=(1, 0), dilation=2, groups=2, bias=False),
            "nn.ConvTranspose2d(4, 2, kernel_size=(3, 1), stride=(3, 1), output_padding=(1, 0), dilation=2, "
            "groups=2, bias=False)",
        ),
        (
            Conv(1024, 32, (3,)),
            "nn.Conv1d(1024, 32, kernel_size=3, padding=1)",
        ),
        (
            Conv(4, 2, (1, 3, 5), groups=2, bias=False),
            "nn.Conv3d(4, 2, kernel_size=(1, 3, 5), padding=(0, 1, 2), groups=2, bias=False)",
        ),
        (Conv(4, 2, (1, 1)), "nn.Conv2d(4, 2, kernel_size=1)"),
        (
            Resize((4,), "linear"),
            'nn.Upsample(scale_factor=4, mode="linear")',
        ),
        (
            Resize((2, 3), "linear"),
            'nn.Upsample(scale_factor=(2, 3), mode="bilinear")',
        ),
        (
            Resize((2, 2, 2), "linear"),
            'nn.Upsample(scale_factor=2, mode="trilinear")',
        ),
        (
            Resize((2, 2, 2), "nearest"),
            'nn.Upsample(scale_factor=2, mode="nearest")',
        ),
        (Shuffle((2, 2)), "nn.PixelShuffle(2)"),
        *(
            (Shuffle(scale), f"{name}()")
            for scale, name in [
                ((2,), "Shuffle1d"),
                ((2, 3), "Shuffle2x3"),
                ((2, 2, 2), "Shuffle3d"),
            ]
        ),
        (Unpool((2, 3)), "nn.MaxUnpool2d((2, 3))"),
        (
            Blur((2, 3)),
            "nn.Sequential(nn.ReplicationPad2d((2, 0, 1, 0)), nn.AvgPool2d((2, 3), stride=1))",
        ),
    ],
)
def test_code(op: Operation, line: str) -> None:
    assert of.code(op) == line


def test_a_shuffle_without_a_module_is_plain_reshaping() -> None:
    assert of.definition(Shuffle((2, 2))) == of.definition(Conv(1, 1, (3,))) == ""
    for scale in [(3,), (2, 3), (2, 3, 1)]:
        code = of.definition(Shuffle(scale))
        namespace: dict[str, Any] = {"nn": type("nn", (), {"Module": object})}
        exec(compile(code, "<code>", "exec"), namespace)
        values = np.arange(2.0 * np.prod(scale) * 2 ** len(scale))
        values = values.reshape(1, 2 * int(np.prod(scale)), *[2] * len(scale))
        name = of.code(Shuffle(scale))
        assert name == ("Shuffle1d()" if len(scale) == 1 else f"Shuffle{'x'.join(map(str, scale))}()")
        shuffled = namespace[name.removesuffix("()")]().forward(_Permuted(values)).array
        expected, _ = oracle.carry_out(Shuffle(scale), values[0], oracle.LayerArrays([], np.empty(0)))
        np.testing.assert_array_equal(shuffled[0], expected)


class _Permuted:
    """An array with the two methods of a tensor that the code uses."""

    def __init__(self, array: np.ndarray[Any, Any]) -> None:
        self.array = array
        self.shape = array.shape

    def reshape(self, *shape: int) -> "_Permuted":
        return _Permuted(self.array.reshape(shape))

    def permute(self, *order: int) -> "_Permuted":
        return _Permuted(self.array.transpose(order))


def test_values_kept_to_train() -> None:
    # Measured with torch.autograd: the indices of an unpooling, the input of a mean, the padded input.
    assert of.kept_values(Unpool((2, 2)), 3, (4, 4)) == 48
    assert of.kept_values(Blur((2, 2)), 2, (4, 4)) == 32 + 50
    assert of.kept_values(Blur((2,)), 2, 4) == 8 + 10
    assert of.kept_values(Resize((2,), "nearest"), 2, 4) == of.kept_values(Shuffle((2,)), 2, 4) == 0
    assert of.kept_values(transposed(4, 2, (3,)), 4, 5) == of.kept_values(Conv(4, 2, (3,)), 4, 5) == 20


def refusal(make: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(LayerError) as caught:
        make(*arguments, **named)
    return str(caught.value)


def test_refuses_what_does_not_fit() -> None:
    wrong = "channels must be in_channels=4, received 3."
    assert refusal(of.output_shape, Conv(4, 2, (3,)), 3, (5,)) == wrong
    assert refusal(of.output_shape, transposed(4, 2, (3,)), 3, (5,)) == wrong
    assert refusal(of.output_shape, Shuffle((2, 2)), 6, (5, 5)) == (
        "channels must be a multiple of ∏ scale_factor=4, received 6."
    )
    assert refusal(of.output_shape, Resize((2,), "nearest"), 0, (5,)).startswith("channels must be a whole")
    axes = "input_size must be one whole number, or 2 (one per axis), received (5,)."
    assert refusal(of.output_shape, Shuffle((1, 1)), 1, (5,)) == axes
    assert refusal(of.multiply_accumulates, Shuffle((1, 1)), (5,)) == axes
    assert refusal(of.multiply_accumulates, Conv(1, 1, (1, 1)), 0).startswith("input_size must be a whole")
    assert refusal(of.output_shape, transposed(1, 1, (1,), padding=3), 1, (2,)).startswith("padding must")
