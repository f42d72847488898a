"""The layer: known counts with their sources, an independent oracle, and what is refused."""

import dataclasses
import itertools
import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, LayerError, valid_groups
from calculator.core.validation import MAX_VALUE
from tests.helpers import reference

SPATIAL = ("stride", "padding", "output_padding", "dilation")


def layer(inputs: int, outputs: int, kernel: Any, **more: Any) -> ConvTranspose:
    return ConvTranspose(in_channels=inputs, out_channels=outputs, kernel_size=kernel, **more)


class Known(NamedTuple):
    """A layer out of a published network, and its counts."""

    network: str
    inputs: int
    outputs: int
    kernel: tuple[int, ...]
    bias: bool
    weights: int
    biases: int


KNOWN = [
    # The three worked examples that texts on the subject use.
    Known("worked example 1", 3, 64, (4, 4), True, 3_072, 64),
    Known("worked example 2", 16, 8, (5, 5), False, 3_200, 0),
    Known("worked example 3", 6, 10, (3, 3), True, 540, 10),
    # MuseGAN's temporal network (Keras, z = 32), counted by hand in a question-and-answer thread of 2021.
    Known("MuseGAN", 32, 1024, (2, 1), True, 65_536, 1_024),
    Known("MuseGAN", 1024, 32, (1, 1), True, 32_768, 32),
    # DCGAN generator of pytorch/examples: nz 100, ngf 64, nc 3.
    Known("DCGAN", 100, 512, (4, 4), False, 819_200, 0),
    Known("DCGAN", 512, 256, (4, 4), False, 2_097_152, 0),
    Known("DCGAN", 256, 128, (4, 4), False, 524_288, 0),
    Known("DCGAN", 128, 64, (4, 4), False, 131_072, 0),
    Known("DCGAN", 64, 3, (4, 4), False, 3_072, 0),
    # The DCGAN tutorial of TensorFlow.
    Known("TensorFlow DCGAN", 256, 128, (5, 5), False, 819_200, 0),
    Known("TensorFlow DCGAN", 128, 64, (5, 5), False, 204_800, 0),
    Known("TensorFlow DCGAN", 64, 1, (5, 5), False, 1_600, 0),
    # The variational autoencoder among the examples of Keras, z = 2.
    Known("VAE decoder", 64, 64, (3, 3), True, 36_864, 64),
    Known("VAE decoder", 64, 32, (3, 3), True, 18_432, 32),
    Known("VAE decoder", 32, 1, (3, 3), True, 288, 1),
    # pix2pix, generator unet_256 of the PyTorch implementation.
    Known("pix2pix", 512, 512, (4, 4), False, 4_194_304, 0),
    Known("pix2pix", 1024, 512, (4, 4), False, 8_388_608, 0),
    Known("pix2pix", 1024, 512, (4, 4), False, 8_388_608, 0),
    Known("pix2pix", 1024, 512, (4, 4), False, 8_388_608, 0),
    Known("pix2pix", 1024, 256, (4, 4), False, 4_194_304, 0),
    Known("pix2pix", 512, 128, (4, 4), False, 1_048_576, 0),
    Known("pix2pix", 256, 64, (4, 4), False, 262_144, 0),
    Known("pix2pix", 128, 3, (4, 4), True, 6_144, 3),
    # CycleGAN, generator resnet_9blocks.
    Known("CycleGAN", 256, 128, (3, 3), True, 294_912, 128),
    Known("CycleGAN", 128, 64, (3, 3), True, 73_728, 64),
    # U-Net as implemented by milesial, bilinear=False.
    Known("U-Net", 1024, 512, (2, 2), True, 2_097_152, 512),
    Known("U-Net", 512, 256, (2, 2), True, 524_288, 256),
    Known("U-Net", 256, 128, (2, 2), True, 131_072, 128),
    Known("U-Net", 128, 64, (2, 2), True, 32_768, 64),
    # 3D U-Net (Çiçek et al. 2016): up-convolutions without bias.
    Known("3D U-Net", 512, 512, (2, 2, 2), False, 2_097_152, 0),
    Known("3D U-Net", 256, 256, (2, 2, 2), False, 524_288, 0),
    Known("3D U-Net", 128, 128, (2, 2, 2), False, 131_072, 0),
    # FCN-8s on VGG-16 with 21 classes: bilinear upsampling weights, no biases.
    Known("FCN-8s", 21, 21, (4, 4), False, 7_056, 0),
    Known("FCN-8s", 21, 21, (4, 4), False, 7_056, 0),
    Known("FCN-8s", 21, 21, (16, 16), False, 112_896, 0),
    # HiFi-GAN V1 generator, weight norm removed.
    Known("HiFi-GAN", 512, 256, (16,), True, 2_097_152, 256),
    Known("HiFi-GAN", 256, 128, (16,), True, 524_288, 128),
    Known("HiFi-GAN", 128, 64, (4,), True, 32_768, 64),
    Known("HiFi-GAN", 64, 32, (4,), True, 8_192, 32),
]

# What the transposed layers of a network hold together, from the same sources.
TOGETHER = {
    "worked example 1": 3_136,
    "worked example 2": 3_200,
    "worked example 3": 550,
    "MuseGAN": 99_360,
    "DCGAN": 3_574_784,
    "TensorFlow DCGAN": 1_025_600,
    "VAE decoder": 55_681,
    "pix2pix": 34_871_299,
    "CycleGAN": 368_832,
    "U-Net": 2_786_240,
    "3D U-Net": 2_752_512,
    "FCN-8s": 127_008,
    "HiFi-GAN": 2_662_880,
}


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.network} {known.inputs}→{known.outputs}")
def test_published_layer(known: Known) -> None:
    made = layer(known.inputs, known.outputs, known.kernel, bias=known.bias)
    assert made.weight_count == known.weights
    assert made.bias_count == known.biases
    assert made.parameter_count == known.weights + known.biases
    allocated = reference.allocate(known.inputs, known.outputs, known.kernel, 1, known.bias)
    assert (allocated.weights, allocated.biases) == (known.weights, known.biases)


@pytest.mark.parametrize("network", TOGETHER)
def test_published_network(network: str) -> None:
    made = [layer(k.inputs, k.outputs, k.kernel, bias=k.bias) for k in KNOWN if k.network == network]
    assert sum(one.parameter_count for one in made) == TOGETHER[network]


def test_shapes() -> None:
    made = layer(6, 4, (3, 5, 7), groups=2)
    assert made.weight_shape == (6, 2, 3, 5, 7)
    assert made.bias_shape == (4,)
    assert (made.rank, made.kernel_volume, made.kernel_count) == (3, 105, 12)
    assert layer(6, 4, 3, bias=False).bias_shape is None
    # (3, 64, 4, 4) is what PyTorch allocates for ConvTranspose2d(3, 64, 4).
    assert layer(3, 64, 4).weight_shape == (3, 64, 4, 4)


def test_kernel_sets_the_rank() -> None:
    assert layer(1, 1, 4).kernel_size == (4, 4)
    assert layer(1, 1, (4,)).kernel_size == (4,)
    assert layer(1, 1, [4, 5, 6]).kernel_size == (4, 5, 6)
    assert layer(1, 1, (4, 5, 6), stride=2, padding=(0, 1, 2)).stride == (2, 2, 2)


@pytest.mark.parametrize(
    ("settings", "size", "output"),
    [
        # DCGAN: z of 1×1 to 4×4, then doubled by every k4 s2 p1 layer.
        ({"kernel_size": 4}, 1, (4, 4)),
        ({"kernel_size": 4, "stride": 2, "padding": 1}, 4, (8, 8)),
        # HiFi-GAN V1: k16 s8 p4 stretches a signal eight times.
        ({"kernel_size": (16,), "stride": 8, "padding": 4}, 32, (256,)),
        # PyTorch, k3 s2 on 7: p0 gives 15, p1 with output_padding 1 gives 14.
        ({"kernel_size": 3, "stride": 2}, 7, (15, 15)),
        ({"kernel_size": 3, "stride": 2, "padding": 1, "output_padding": 1}, 7, (14, 14)),
        # PyTorch, a kernel smaller than the stride, k2 s4 on 5: 18.
        ({"kernel_size": 2, "stride": 4}, 5, (18, 18)),
        # Dilation 3 makes k3 span 7; output padding may then exceed the stride.
        ({"kernel_size": (3,), "dilation": 3, "output_padding": 2}, 1, (9,)),
        ({"kernel_size": (3, 1, 2), "stride": (2, 1, 3)}, (7, 1, 4), (15, 1, 11)),
        # PyTorch allows an output of size 0.
        ({"kernel_size": 2, "padding": 1}, 1, (0, 0)),
    ],
)
def test_output_size(settings: dict[str, Any], size: Any, output: tuple[int, ...]) -> None:
    assert ConvTranspose(in_channels=1, out_channels=1, **settings).output_size(size) == output


def test_multiply_accumulates() -> None:
    # Measured on 64→32 k4 s2 p1 and an input of 16×16; with groups 4 a quarter of it.
    made = layer(64, 32, 4, stride=2, padding=1)
    assert made.multiply_accumulates(16) == 8_388_608
    assert dataclasses.replace(made, groups=4).multiply_accumulates(16) == 2_097_152
    # The same upsampling with k3 and k2: 4.72 and 2.10 million.
    assert layer(64, 32, 3, stride=2, padding=1, output_padding=1).multiply_accumulates(16) == 4_718_592
    assert layer(64, 32, 2, stride=2).multiply_accumulates((16, 16)) == 2_097_152


def test_swapped_channels_keep_the_weights_but_not_the_biases() -> None:
    # 64→32 k3 holds 18,464 parameters, 32→64 holds 18,496.
    assert layer(64, 32, 3).parameter_count == 18_464
    assert layer(32, 64, 3).parameter_count == 18_496


def test_reference_by_hand() -> None:
    # Two values, a kernel of three ones, stride 2: 1 1 1 and 2 2 2 overlap in the middle.
    ways = {"stride": [2], "padding": [0], "output_padding": [1], "dilation": [1]}
    carried = reference.carry_out(np.array([[1.0, 2.0]]), [np.ones((1, 1, 3))], **ways)
    assert carried.output.tolist() == [[1, 1, 3, 2, 2, 0]]
    assert carried.multiply_accumulates == 6
    # Cropping takes from both ends, the output padding included.
    cropped = reference.carry_out(np.array([[1.0, 2.0]]), [np.ones((1, 1, 3))], **ways | {"padding": [1]})
    assert cropped.output.tolist() == [[1, 3, 2, 2]]
    # Two groups keep to themselves.
    grouped = reference.carry_out(
        np.array([[1.0], [2.0]]), [np.ones((1, 1, 1)), np.ones((1, 1, 1))], **ways | {"output_padding": [0]}
    )
    assert grouped.output.tolist() == [[1], [2]]
    assert grouped.multiply_accumulates == 2


@given(settings=reference.settings())
def test_counts_are_those_of_allocated_arrays(settings: dict[str, Any]) -> None:
    made = ConvTranspose(**settings)
    groups, bias = settings["groups"], settings["bias"]
    channels = settings["in_channels"], settings["out_channels"]
    allocated = reference.allocate(*channels, settings["kernel_size"], groups, bias)
    assert made.weight_count == allocated.weights
    assert made.bias_count == allocated.biases
    assert made.parameter_count == allocated.weights + allocated.biases
    stacked = np.concatenate(allocated.groups)
    assert made.weight_shape == stacked.shape
    assert made.bias_shape == (allocated.bias.shape if bias else None)


@configured(max_examples=150, deadline=None)
@given(settings=reference.settings(channels=2, crop=3), data=st.data())
def test_carried_out_layer_has_the_size_and_the_work(settings: dict[str, Any], data: st.DataObject) -> None:
    made = ConvTranspose(**settings)
    size = data.draw(st.tuples(*[st.integers(1, 3)] * made.rank))
    values = np.ones((made.in_channels, *size))
    arrays = reference.allocate(
        made.in_channels, made.out_channels, made.kernel_size, made.groups, made.bias
    ).groups
    weights = [np.ones(array.shape) for array in arrays]
    try:
        carried = reference.carry_out(values, weights, **{name: settings[name] for name in SPATIAL})
    except reference.NothingLeftError:
        with pytest.raises(LayerError, match="padding must leave an output of at least 0"):
            made.output_size(size)
        with pytest.raises(LayerError, match="padding must leave an output of at least 0"):
            made.multiply_accumulates(size)
    else:
        assert made.output_size(size) == carried.size
        assert made.multiply_accumulates(size) == carried.multiply_accumulates


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_every_small_axis_is_as_carried_out(rank: int) -> None:
    # Hypothesis samples; this goes through all small settings of one axis, the others at rest.
    ranges = range(1, 4), range(1, 4), range(3), range(3), range(1, 4), range(1, 4)
    for k, s, p, op, d, i in itertools.product(*ranges):
        if op >= max(s, d):
            continue
        rest = rank - 1
        ways = {"stride": s, "padding": p, "output_padding": op, "dilation": d}
        at_rest = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}
        spatial = {name: (at_rest[name],) * rest + (value,) for name, value in ways.items()}
        made = layer(1, 1, (1,) * rest + (k,), **spatial)
        size = (1,) * rest + (i,)
        try:
            carried = reference.carry_out(
                np.ones((1, *size)), [np.ones((1, 1, *made.kernel_size))], **spatial
            )
        except reference.NothingLeftError:
            with pytest.raises(LayerError):
                made.output_size(size)
        else:
            assert made.output_size(size) == carried.size, (k, s, p, op, d, i)


@given(settings=reference.settings(), other=reference.settings())
def test_only_channels_kernel_groups_and_bias_count(settings: dict[str, Any], other: dict[str, Any]) -> None:
    made = ConvTranspose(**settings)
    rank = made.rank
    moved: Any = {name: tuple(itertools.islice(itertools.cycle(other[name]), rank)) for name in SPATIAL}
    changed = dataclasses.replace(made, **moved)
    assert changed.weight_count == made.weight_count
    assert changed.bias_count == made.bias_count
    assert changed.weight_shape == made.weight_shape


@given(settings=reference.settings())
def test_swapping_channels(settings: dict[str, Any]) -> None:
    made = ConvTranspose(**settings)
    swapped = dataclasses.replace(made, in_channels=made.out_channels, out_channels=made.in_channels)
    assert swapped.weight_count == made.weight_count
    assert swapped.bias_count == (made.in_channels if made.bias else 0)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 5))
def test_groups_divide_the_weights(inputs: int, outputs: int, kernel: int) -> None:
    whole = layer(inputs, outputs, kernel)
    legal = valid_groups(inputs, outputs)
    assert list(legal) == [g for g in range(1, 61) if inputs % g == 0 and outputs % g == 0]
    for groups in legal:
        part = layer(inputs, outputs, kernel, groups=groups)
        assert part.weight_count * groups == whole.weight_count
        assert part.bias_count == whole.bias_count
    refused = next(g for g in range(1, 62) if g not in legal)
    with pytest.raises(LayerError, match="groups must divide"):
        layer(inputs, outputs, kernel, groups=refused)


@given(
    st.integers(1, MAX_VALUE),
    st.integers(1, MAX_VALUE),
    st.lists(st.integers(1, MAX_VALUE), min_size=1, max_size=3),
    st.booleans(),
)
def test_huge_counts_stay_exact(inputs: int, outputs: int, kernel: list[int], bias: bool) -> None:
    made = layer(inputs, outputs, kernel, bias=bias)
    weights = inputs * outputs * math.prod(kernel)
    assert made.parameter_count == weights + (outputs if bias else 0)
    assert type(made.parameter_count) is int
    assert made.multiply_accumulates(MAX_VALUE) == MAX_VALUE ** len(kernel) * weights
    # Taken apart digit by digit: a float on the way would lose the low ones.
    assert made.weight_count % 10**9 == weights % 10**9


def test_largest_value_is_accepted_and_one_more_refused() -> None:
    assert layer(MAX_VALUE, MAX_VALUE, (MAX_VALUE,)).weight_count == MAX_VALUE**3
    with pytest.raises(
        LayerError, match=r"in_channels must be at most 2\^63 − 1, received 9223372036854775808\."
    ):
        layer(MAX_VALUE + 1, 1, 1)
    with pytest.raises(LayerError, match="stride must be at most"):
        layer(1, 1, 1, stride=(MAX_VALUE + 1, 1))


NOT_WHOLE = [
    (True, "True"),
    (False, "False"),
    (2.0, "2.0"),
    (12.7, "12.7"),
    ("4", "'4'"),
    (b"4", "b'4'"),
    ("٣", "'٣'"),
    (None, "None"),
    (math.nan, "nan"),
    (math.inf, "inf"),
    (-math.inf, "-inf"),
    (2 + 0j, "(2+0j)"),
    ({4: 4}, "{4: 4}"),
    (np.float64(2.0), "np.float64(2.0)"),
    (-3, "-3"),
    pytest.param(-(10**5000), "a whole number of more than 40 digits", id="minus 5,000 digits"),
    (np.int64(-3), "-3"),
]


def refusal(**settings: Any) -> str:
    with pytest.raises(LayerError) as caught:
        ConvTranspose(**{"in_channels": 4, "out_channels": 4, "kernel_size": 2, **settings})
    return str(caught.value)


@pytest.mark.parametrize(("bad", "received"), NOT_WHOLE)
@pytest.mark.parametrize(
    ("name", "minimum"),
    [
        ("in_channels", 1),
        ("out_channels", 1),
        ("groups", 1),
        ("kernel_size", 1),
        ("stride", 1),
        ("padding", 0),
        ("output_padding", 0),
        ("dilation", 1),
    ],
)
def test_refuses_what_is_not_a_whole_number(name: str, minimum: int, bad: object, received: str) -> None:
    sentence = f"{name} must be a whole number of at least {minimum}, received {received}."
    assert refusal(**{name: bad}) == sentence
    if name in (*SPATIAL, "kernel_size"):
        assert refusal(**{name: (1, bad)}) == sentence


@pytest.mark.parametrize(
    "name", ["in_channels", "out_channels", "groups", "kernel_size", "stride", "dilation"]
)
def test_refuses_zero_where_one_is_least(name: str) -> None:
    assert refusal(**{name: 0}) == f"{name} must be a whole number of at least 1, received 0."


@pytest.mark.parametrize("name", ["in_channels", "out_channels", "groups", "kernel_size", *SPATIAL])
def test_refuses_5000_digits(name: str) -> None:
    sentence = f"{name} must be at most 2^63 − 1, received a whole number of more than 40 digits."
    assert refusal(**{name: 10**5000}) == sentence


@pytest.mark.parametrize("name", ["in_channels", "out_channels", "groups"])
def test_refuses_a_list_where_one_number_belongs(name: str) -> None:
    assert refusal(**{name: [4]}) == f"{name} must be a whole number of at least 1, received [4]."


@pytest.mark.parametrize("name", SPATIAL)
@pytest.mark.parametrize(
    ("bad", "received"), [((), "()"), ((1,), "(1,)"), ([1, 1, 1], "[1, 1, 1]"), ([[1, 1]], "[[1, 1]]")]
)
def test_refuses_the_wrong_number_of_axes(name: str, bad: object, received: str) -> None:
    wanted = f"{name} must be one whole number, or 2 (one per axis)"
    assert refusal(**{name: bad}) == f"{wanted}, received {received}."


@pytest.mark.parametrize(
    ("bad", "received"),
    [((), "()"), ((1, 2, 3, 4), "(1, 2, 3, 4)"), (["4"] * 9, "['4', '4', '4', '4', '4', ")],
)
def test_refuses_a_kernel_of_other_ranks(bad: object, received: str) -> None:
    wanted = "kernel_size must be one whole number (2-D), or a tuple of 1, 2 or 3"
    assert refusal(kernel_size=bad).startswith(f"{wanted}, received {received}")


@pytest.mark.parametrize("name", ["kernel_size", *SPATIAL])
def test_refuses_nesting(name: str) -> None:
    minimum = 0 if "padding" in name else 1
    sentence = f"{name} must be a whole number of at least {minimum}, received [1, 1]."
    assert refusal(**{name: ([1, 1], 1)}) == sentence


@pytest.mark.parametrize("bad", [1, 0, None, "yes", 1.0, [True]])
def test_refuses_a_bias_that_is_not_a_switch(bad: object) -> None:
    assert refusal(bias=bad) == f"bias must be True or False, received {bad!r}."


@pytest.mark.parametrize(("inputs", "outputs", "groups"), [(4, 6, 4), (6, 4, 4), (3, 64, 2), (1, 1, 2)])
def test_refuses_groups_that_do_not_divide(inputs: int, outputs: int, groups: int) -> None:
    assert refusal(in_channels=inputs, out_channels=outputs, groups=groups) == (
        "groups must divide in_channels and out_channels, received "
        f"groups={groups}, in_channels={inputs}, out_channels={outputs}."
    )


def test_output_padding_below_stride_or_dilation() -> None:
    assert refusal(stride=(2, 3), dilation=(1, 2), output_padding=(1, 3)) == (
        "output_padding must be smaller than stride or dilation on every axis, received "
        "output_padding=3, stride=3, dilation=2 on axis 1."
    )
    # Below one of the two is enough, as in PyTorch.
    assert layer(1, 1, 3, stride=3, output_padding=2).output_padding == (2, 2)
    assert layer(1, 1, 3, dilation=3, output_padding=2).output_padding == (2, 2)


def test_refuses_a_negative_output() -> None:
    made = layer(1, 1, (3, 3), padding=(1, 3))
    with pytest.raises(LayerError) as caught:
        made.output_size(2)
    assert str(caught.value) == (
        "padding must leave an output of at least 0: on axis 1, padding=3 crops 6 of 4, "
        "received input_size=2."
    )


@pytest.mark.parametrize(("bad", "received"), [*NOT_WHOLE, (0, "0")])
def test_refuses_a_bad_input_size(bad: object, received: str) -> None:
    sentence = f"input_size must be a whole number of at least 1, received {received}."
    made: Any = layer(1, 1, 3)
    for ask in (made.output_size, made.multiply_accumulates, made.input_axes):
        for size in (bad, (1, bad)):
            with pytest.raises(LayerError) as caught:
                ask(size)
            assert str(caught.value) == sentence
    with pytest.raises(LayerError, match=r"input_size must be one whole number, or 2 \(one per axis\)"):
        made.output_size((1, 2, 3))


def test_layer_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="must divide"):
        layer(3, 4, 1, groups=2)


def test_valid_groups_refuses_like_the_layer() -> None:
    with pytest.raises(LayerError, match="in_channels must be a whole number of at least 1, received 0"):
        valid_groups(0, 4)
    with pytest.raises(LayerError, match=r"out_channels must be a whole number of at least 1, received 2\.5"):
        valid_groups(4, 2.5)  # type: ignore[arg-type]
    assert valid_groups(16, 24) == (1, 2, 4, 8)


def test_an_array_of_several_numbers_is_not_a_whole_number() -> None:
    # A NumPy array has __index__, which fails: it is refused as any other value, by a sentence.
    with pytest.raises(LayerError, match=r"in_channels must be a whole number of at least 1, received array"):
        ConvTranspose(in_channels=np.array([3, 3]), out_channels=1, kernel_size=3)  # type: ignore[arg-type]


def test_numpy_whole_numbers_become_python_ints() -> None:
    big = np.int64(2**40)
    made = layer(big, np.int32(8), (np.int8(2), np.uint16(3)), stride=np.int64(2), groups=np.uint8(4))  # type: ignore[arg-type]
    assert made == layer(2**40, 8, (2, 3), stride=2, groups=4)
    stored = (made.in_channels, made.out_channels, made.groups, *made.kernel_size, *made.stride)
    assert {type(value) for value in stored} == {int}
    # In numpy's 64 bits this product would wrap to 0.
    assert layer(big, big, 1).weight_count == 2**80  # type: ignore[arg-type]
    assert {type(size) for size in made.output_size((np.int64(3), np.int8(4)))} == {int}  # type: ignore[arg-type]


def test_frozen() -> None:
    made = layer(3, 64, 4)
    for field in dataclasses.fields(made):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, field.name, 1)
        with pytest.raises(dataclasses.FrozenInstanceError):
            delattr(made, field.name)


def test_positional_arguments_have_the_order_of_pytorch() -> None:
    # https://docs.pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
    made = ConvTranspose(4, 6, (3, 5), (3, 2), (1, 0), (2, 1), 2, False, (1, 3))
    assert made == layer(
        *(4, 6, (3, 5)),
        stride=(3, 2),
        padding=(1, 0),
        output_padding=(2, 1),
        groups=2,
        bias=False,
        dilation=(1, 3),
    )


def test_no_unknown_settings() -> None:
    loose: Any = ConvTranspose
    with pytest.raises(TypeError, match="positional"):
        loose(3, 64, 4, 1, 0, 0, 1, True, 1, "zeros")
    with pytest.raises(TypeError, match="padding_mode"):
        loose(in_channels=3, out_channels=64, kernel_size=4, padding_mode="zeros")
    with pytest.raises(TypeError, match="kernel_size"):
        loose(in_channels=3, out_channels=64)


def test_defaults() -> None:
    made = layer(3, 64, 4)
    assert (made.stride, made.padding, made.output_padding, made.dilation) == ((1, 1), (0, 0), (0, 0), (1, 1))
    assert (made.groups, made.bias) == (1, True)


def test_equal_layers_are_equal_and_hash_alike() -> None:
    assert layer(3, 64, 4, stride=2) == layer(3, 64, [4, 4], stride=(2, 2))
    assert hash(layer(3, 64, 4, stride=2)) == hash(layer(3, 64, [4, 4], stride=(2, 2)))
    base = layer(4, 4, 2, stride=2)
    other: dict[str, Any] = {
        "in_channels": 8,
        "out_channels": 8,
        "kernel_size": 3,
        "stride": 3,
        "padding": 1,
        "output_padding": 1,
        "dilation": 2,
        "groups": 2,
        "bias": False,
    }
    assert len({base, *(dataclasses.replace(base, **{name: value}) for name, value in other.items())}) == 10


def test_replace_checks_again() -> None:
    made = layer(3, 64, 4)
    assert dataclasses.replace(made, in_channels=6, groups=2) == layer(6, 64, 4, groups=2)
    with pytest.raises(LayerError, match="groups must divide"):
        dataclasses.replace(made, groups=2)
