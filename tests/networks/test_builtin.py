"""The built-in networks against their published numbers, row by row in the transposed layers."""

import math
from typing import NamedTuple

import pytest

from calculator.networks.builtin import NETWORKS, Network, network
from calculator.readers import ReadError, Row
from calculator.readers.layer_table.sizes import chain_sizes
from calculator.readers.layer_table.table import read_table, recognises


class Up(NamedTuple):
    """A transposed layer as its source describes it: channels, kernel, stride, weights and biases."""

    inputs: int
    outputs: int
    kernel: tuple[int, ...]
    stride: int
    weights: int
    biases: int


def square(
    inputs: int, outputs: int, kernel: int, stride: int, weights: int, biases: int = 0, rank: int = 2
) -> Up:
    return Up(inputs, outputs, (kernel,) * rank, stride, weights, biases)


TRANSPOSED = {
    "musegan": [Up(32, 1024, (2, 1), 1, 65_536, 1024), Up(1024, 32, (1, 1), 1, 32_768, 32)],
    "dcgan": [
        square(100, 512, 4, 1, 819_200),
        square(512, 256, 4, 2, 2_097_152),
        square(256, 128, 4, 2, 524_288),
        square(128, 64, 4, 2, 131_072),
        square(64, 3, 4, 2, 3_072),
    ],
    "dcgan-tensorflow": [
        square(256, 128, 5, 1, 819_200),
        square(128, 64, 5, 2, 204_800),
        square(64, 1, 5, 2, 1_600),
    ],
    "vae": [
        square(64, 64, 3, 2, 36_864, 64),
        square(64, 32, 3, 2, 18_432, 32),
        square(32, 1, 3, 1, 288, 1),
    ],
    "autoencoder": [square(32, 32, 3, 2, 9_216, 32)] * 2,
    "pix2pix": [
        square(512, 512, 4, 2, 4_194_304),
        *[square(1024, 512, 4, 2, 8_388_608)] * 3,
        square(1024, 256, 4, 2, 4_194_304),
        square(512, 128, 4, 2, 1_048_576),
        square(256, 64, 4, 2, 262_144),
        square(128, 3, 4, 2, 6_144, 3),
    ],
    "cyclegan": [square(256, 128, 3, 2, 294_912, 128), square(128, 64, 3, 2, 73_728, 64)],
    "unet": [
        square(1024, 512, 2, 2, 2_097_152, 512),
        square(512, 256, 2, 2, 524_288, 256),
        square(256, 128, 2, 2, 131_072, 128),
        square(128, 64, 2, 2, 32_768, 64),
    ],
    "unet-3d": [
        square(512, 512, 2, 2, 2_097_152, rank=3),
        square(256, 256, 2, 2, 524_288, rank=3),
        square(128, 128, 2, 2, 131_072, rank=3),
    ],
    "fsrcnn": [square(56, 1, 9, 3, 4_536)],
    "fcn-8s": [*[square(21, 21, 4, 2, 7_056)] * 2, square(21, 21, 16, 8, 112_896)],
    "hifi-gan": [
        square(512, 256, 16, 8, 2_097_152, 256, rank=1),
        square(256, 128, 16, 8, 524_288, 128, rank=1),
        square(128, 64, 4, 2, 32_768, 64, rank=1),
        square(64, 32, 4, 2, 8_192, 32, rank=1),
    ],
}

# All parameters, those in transposed layers, trainable ones, and how the number stands to its source.
TOTALS = {
    "musegan": (103_584, 99_360, 101_472, "exact"),
    "dcgan": (3_576_704, 3_574_784, 3_576_704, "exact"),
    "dcgan-tensorflow": (2_330_944, 1_025_600, 2_305_472, "exact"),
    "vae": (65_089, 55_681, 65_089, "exact"),
    "autoencoder": (28_353, 18_496, 28_353, "exact"),
    "pix2pix": (54_413_955, 34_871_299, 54_413_955, "rounded"),
    "cyclegan": (11_378_179, 368_832, 11_378_179, "rounded"),
    "unet": (31_037_633, 2_786_240, 31_037_633, "exact"),
    "unet-3d": (19_069_955, 2_752_512, 19_069_955, "exact"),
    "fsrcnn": (12_464, 4_536, 12_464, "recount"),
    "fcn-8s": (134_489_759, 127_008, 134_362_751, "recount"),
    "hifi-gan": (13_926_017, 2_662_880, 13_926_017, "recount"),
}

LAYERS = {
    "musegan": 4,
    "dcgan": 9,
    "dcgan-tensorflow": 7,
    "vae": 4,
    "autoencoder": 5,
    "pix2pix": 16 + 13,
    "cyclegan": 24,
    "unet": 18 + 18 + 4 + 1,
    "unet-3d": 15 + 3,
    "fsrcnn": 8,
    "fcn-8s": 18 + 3,
    "hifi-gan": 2 + 4 + 72,
}
"""Layers with parameters, counted in each source's description."""

each = pytest.mark.parametrize("told", NETWORKS, ids=lambda told: told.key)


def test_there_are_twelve_each_once() -> None:
    assert [told.key for told in NETWORKS] == list(TOTALS) == list(TRANSPOSED) == list(LAYERS)
    assert len({told.name for told in NETWORKS}) == 12


@each
def test_the_recount_is_the_published_total(told: Network) -> None:
    model = told.model()
    total, transposed, trainable, standing = TOTALS[told.key]
    assert (model.parameter_count, model.transposed_count, model.trainable_count) == (
        total,
        transposed,
        trainable,
    )
    assert (told.published, told.transposed, told.trainable) == (total, transposed, trainable)
    assert told.standing == standing
    assert len(model.rows) == LAYERS[told.key]


@each
def test_every_transposed_row(told: Network) -> None:
    rows = [row for row in told.model().rows if row.transposed]
    found = []
    for row in rows:
        assert row.layer is not None
        assert len(set(row.layer.stride)) == 1
        channels = row.layer.in_channels, row.layer.out_channels
        stride = row.layer.stride[0]
        found.append(Up(*channels, row.layer.kernel_size, stride, row.weight_count, row.bias_count))
    assert found == TRANSPOSED[told.key]


@each
def test_the_shapes_hold_what_is_counted(told: Network) -> None:
    """Weights again from the shapes alone, whatever counted them."""
    for row in told.model().rows:
        assert row.weight_shape is not None
        assert row.weight_count == math.prod(row.weight_shape)
        keras = row.type[-1] in "De" and row.type.startswith(("Conv", "Dense"))
        assert row.bias_count in (0, outputs(row, keras))


def outputs(row: Row, keras: bool) -> int:
    """Return the output channels as the framework's order of a shape has them."""
    assert row.weight_shape is not None
    if len(row.weight_shape) == 1:
        return row.weight_shape[0]
    if keras:
        return row.weight_shape[-2 if row.transposed else -1]
    return row.weight_shape[1 if row.transposed else 0]


def test_fcn_never_trains_what_upsamples() -> None:
    frozen = [row.name for row in network("fcn-8s").model().rows if not row.trainable]
    assert frozen == ["upscore2", "upscore_pool4", "upscore8"]
    # VGG-16's thirteen convolutions: 14,714,688, as published with its 138,357,544.
    assert sum(row.parameter_count for row in network("fcn-8s").model().rows[:13]) == 14_714_688


@pytest.mark.parametrize(
    ("key", "size"),
    [
        ("musegan", (2, 1)),  # two bars
        ("dcgan", (64, 64)),
        ("dcgan-tensorflow", (28, 28)),
        ("vae", (28, 28)),
        ("autoencoder", (28, 28)),
        ("cyclegan", (256, 256)),
    ],
)
def test_chains_end_at_the_size_of_their_pictures(key: str, size: tuple[int, int]) -> None:
    assert network(key).model().rows[-1].output_size == size


def test_cyclegan_works_as_much_as_published() -> None:
    """Li et al., "GAN Compression" (2020), figure 1: 56.8 G, which counts transposed layers by output."""
    rows = network("cyclegan").model().rows
    by_output = sum((row.multiply_accumulates or 0) * (4 if row.transposed else 1) for row in rows)
    assert round(by_output / 1e9, 1) == 56.8


@pytest.mark.parametrize(("size", "larger"), [(16, 48), ((20, 30), (60, 90))])
def test_fsrcnn_is_three_times_as_large(size: int | tuple[int, int], larger: int | tuple[int, int]) -> None:
    rows = chain_sizes(network("fsrcnn").lines(), size)
    assert rows[-1].output_size == (larger if isinstance(larger, tuple) else (larger, larger))


@pytest.mark.parametrize("key", ["pix2pix", "unet", "unet-3d", "fcn-8s", "hifi-gan"])
def test_a_branching_network_is_no_chain(key: str) -> None:
    lines = network(key).lines()
    with pytest.raises(ReadError, match="do not form a chain"):
        chain_sizes(lines, (512,) * lines[0].layer_type.rank)
    assert not any(row.output_size for row in network(key).model().rows)


@each
def test_each_says_where_it_is_from(told: Network) -> None:
    assert told.address.startswith("https://")
    assert told.source
    assert told.rule.endswith(".")
    assert told.model().assumptions[0] == told.rule
    assert told.model().name == told.name
    assert (told.figure == "") == (told.standing == "recount")
    if told.standing == "exact":
        assert told.figure == f"{told.published:,}"
    if told.standing == "rounded":
        assert told.figure == f"{told.published / 1e6:.3f} M"


@each
def test_each_is_a_table_that_people_may_type(told: Network) -> None:
    assert recognises(told.table)
    assert read_table(told.table).rows == told.model().rows


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ReadError, match=r"There is no built-in network 'vgg'; there are musegan, dcgan, "):
        network("vgg")
