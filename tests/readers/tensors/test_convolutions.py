"""Ordinary or transposed: never a wrong certainty, and few doubts about ordinary networks."""

import random

import pytest

from calculator.readers.model import Shape
from calculator.readers.tensors.convolutions import Convolution, NeighbourNorms, decide
from calculator.readers.tensors.inference import rows_from_tensors


def kinds(*layers: Convolution) -> list[str]:
    return [decision.kind[:1] for decision in decide(layers).values()]


def named(path: str, shape: Shape, bias: int | None = None) -> Convolution:
    return Convolution(path, shape, bias)


@pytest.mark.parametrize(
    ("path", "kernel", "kind"),
    [
        # The layer's own name counts whatever the kernel; that of a block with an even kernel alone.
        ("deconv1", 3, "transposed"),
        ("decoder.conv_transpose", 3, "transposed"),
        ("tconv2", 4, "transposed"),
        ("t_conv1.0", 4, "transposed"),
        ("t_conv1.0", 3, "undecided"),
        ("upconv1", 4, "transposed"),
        ("upconv1", 3, "undecided"),  # an ordinary convolution after interpolation in ESRGAN
        ("decoder.4", 2, "transposed"),
        ("decoder.4", 3, "undecided"),
        ("generator.main.3", 4, "transposed"),
        ("decoder.conv2", 4, "transposed"),
        ("decoder.conv2", 3, "undecided"),
        ("up1.conv.double_conv.3", 3, "undecided"),
        ("layer1.0.conv1", 3, "ordinary"),
        ("features.28", 3, "ordinary"),
        ("encoder.2", 4, "ordinary"),
        ("netD.main.3", 4, "ordinary"),
        ("decoder.resnets.0.conv1", 3, "ordinary"),
        ("conv3", 4, "undecided"),
        ("main.3", 4, "undecided"),
        ("main.3", 3, "undecided"),
        ("", 3, "undecided"),
        ("up.0", 1, "ordinary"),
        ("deconv", 1, "undecided"),
    ],
)
def test_a_square_weight_by_its_name(path: str, kernel: int, kind: str) -> None:
    for bias in (None, 64):
        decision = decide([named(path, (64, 64, kernel, kernel), bias)])[path]
        assert decision.kind == kind
        assert decision.note


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("tconv", (64, 64, 9)),
        ("t_conv", (64, 64, 3, 1, 1)),
        ("t_conv", (64, 64, 4, 1, 1)),
        ("st_gcn.0.tcn.conv_t", (64, 64, 9, 1)),
        ("conv_t", (64, 64, 4, 1)),
        ("tconvs.0", (64, 64, 3)),
        ("t_conv.conv", (64, 64, 4, 1)),
    ],
)
def test_a_t_can_mean_the_time(path: str, shape: Shape) -> None:
    for bias in (None, 64):
        assert kinds(named(path, shape, bias)) == ["u"]
    # Shapes decide before names.
    assert kinds(named(path, (64, 32, *shape[2:]), 32)) == ["t"]


def test_the_name_of_a_block_stops_at_an_ordinary_sibling() -> None:
    # Sequential(Conv2d(16, 8, 3), …, Conv2d(8, 8, 3), …, ConvTranspose2d(8, 8, 3)): shapes fit both.
    for kernel in (3, 4):
        block = [
            named("upconv2.0", (8, 16, kernel, kernel), 8),
            named("upconv2.3", (8, 8, kernel, kernel), 8),
        ]
        assert kinds(*block) == ["o", "u"]
    assert kinds(named("deconv.0", (8, 16, 4), 8), named("deconv.3", (8, 8, 4), 8)) == ["o", "u"]
    assert kinds(named("deconv.0", (16, 8, 4), 8), named("deconv.3", (8, 8, 4), 8)) == ["t", "t"]
    assert kinds(named("deconv.0", (16, 8, 3), 8), named("deconv.3", (8, 8, 3), 8)) == ["t", "t"]
    # A proven sibling with another kernel says nothing.
    assert kinds(named("up.0", (8, 16, 3, 3), 8), named("up.1", (8, 8, 2, 2), 8)) == ["o", "t"]


def test_the_layers_beside_decide_where_no_name_does() -> None:
    plain = [named("0", (64, 3, 3, 3), 64), named("2", (64, 64, 3, 3), 64)]
    assert kinds(*plain) == [
        "o",
        "u",
    ]  # the second could be transposed, as the last layer of an upsampling block
    assert [decision.kind for decision in decide(plain, classifier=True).values()] == ["ordinary"] * 2
    assert kinds(named("0", (64, 32, 4, 4), 32), named("2", (32, 32, 4, 4), 32)) == ["t", "t"]
    mixed = [named("0", (16, 3, 3, 3), 16), named("2", (16, 16, 3, 3), 16), named("4", (16, 3, 3, 3), 3)]
    assert kinds(*mixed) == ["o", "u", "t"]
    unet = [named("up.conv.0", (64, 128, 3, 3), 64), named("up.conv.3", (64, 64, 3, 3), 64)]
    assert kinds(*unet) == ["o", "o"]


def test_channels_in_order_decide_where_nothing_has_a_bias() -> None:
    generator = [named(f"main.{n}", shape) for n, shape in enumerate([(100, 64, 4), (64, 32, 4), (32, 3, 4)])]
    assert kinds(*generator) == ["t", "t", "t"]
    discriminator = [
        named(f"main.{n}", shape) for n, shape in enumerate([(64, 3, 4), (128, 64, 4), (1, 128, 4)])
    ]
    assert kinds(*discriminator) == ["o", "o", "o"]
    # The first layer of DCGAN's discriminator has no normalisation; the second has.
    second = Convolution("main.2", (128, 64, 4, 4), norms=NeighbourNorms(after=128))
    assert kinds(named("main.0", (64, 3, 4, 4)), second) == ["o", "o"]
    # A list of layers that are beside each other is not a chain.
    lateral = [named("inner.0", (256, 512, 3, 3)), named("inner.1", (256, 1024, 3, 3))]
    assert kinds(*lateral) == ["u", "u"]
    # Layers with names may have a concatenation between them: conv takes both halves of a skip connection.
    skip = [named("up1.up", (64, 64, 2, 2)), named("up1.conv", (64, 128, 3, 3))]
    assert kinds(*skip) == ["t", "u"]


def test_normalisations_decide_in_groups_too() -> None:
    for first, second, after, kind in ((16, 4, 8, "t"), (8, 8, 16, "t"), (8, 8, 8, "u"), (16, 4, 7, "u")):
        assert kinds(Convolution("a", (first, second, 3), norms=NeighbourNorms(after=after))) == [kind]
    assert kinds(Convolution("a", (64, 3, 4, 4), norms=NeighbourNorms(before=64))) == ["t"]
    assert kinds(Convolution("a", (3, 64, 4, 4), norms=NeighbourNorms(before=64))) == ["o"]
    # 64 channels in and one out, or an ordinary convolution in 64 groups; 2 out, or 32 groups.
    for second, size in ((1, 4), (1, 3), (2, 3), (16, 3), (16, 4)):
        weight = (64, second, size, size)
        assert kinds(Convolution("a", weight, norms=NeighbourNorms(before=64))) == ["u"]
        assert kinds(Convolution("conv2", weight, norms=NeighbourNorms(before=64))) == ["ou"[size % 2 == 0]]


@pytest.mark.parametrize(
    ("path", "kernel", "kind"),
    [
        *(("deconv2", 4, "t"), ("conv_transpose", 3, "t"), ("up.deconvs.1", 4, "t"), ("deconv.conv", 3, "o")),
        *(("tconv", 4, "u"), ("up.conv", 4, "u"), ("up", 3, "o"), ("layer1.0.conv1", 4, "o"), ("a", 4, "o")),
    ],
)
def test_a_name_may_decide_for_a_transposed_convolution_in_groups(path: str, kernel: int, kind: str) -> None:
    # ConvTranspose2d(64, 64, …, groups=4) and Conv2d(16, 64, …) store the same.
    assert kinds(named(path, (64, 16, kernel, kernel), 64)) == [kind]
    assert kinds(named(path, (64, 24, kernel, kernel), 64)) == ["o"]  # 24 does not divide 64.


def norm(path: str, channels: int) -> dict[str, Shape]:
    return {f"{path}.weight": (channels,), f"{path}.bias": (channels,)}


@pytest.mark.parametrize(
    "tensors",
    [
        # Ordinary layers all: two depthwise with a bias; a block of ShuffleNet; groups after a normalisation.
        {"a.0.weight": (30, 1, 3, 3), "a.0.bias": (30,), "a.1.weight": (30, 1, 3, 3), "a.1.bias": (30,)},
        {"b.0.weight": (24, 24, 1, 1), **norm("b.1", 24), "b.3.weight": (24, 1, 3, 3), **norm("b.4", 24)}
        | {"b.5.weight": (24, 24, 1, 1), **norm("b.6", 24)},
        {**norm("b.0", 64), "b.2.weight": (64, 16, 3, 3)},
        {**norm("norm2", 64), "conv2.weight": (64, 2, 3, 3)},
        {**norm("b.0", 64), "b.1.weight": (64, 1, 4, 4)},
        {"b.0.weight": (64, 64, 1, 1), "b.1.weight": (64, 16, 3, 3)},
        {"b.0.weight": (64, 16, 1, 1), "b.1.weight": (64, 16, 3, 3), "b.1.bias": (64,)},
        {"b.0.weight": (48, 24, 3, 3), "b.0.bias": (48,), "b.1.weight": (48, 12, 3, 3)},
    ],
    ids=range(8),
)
def test_groups_are_never_certainly_transposed(tensors: dict[str, Shape]) -> None:
    rows = rows_from_tensors(tensors)
    assert rows
    assert not any(row.transposed for row in rows)
    assert not any(row.transposed for row in rows_from_tensors(tensors, ordered=False))


def test_the_last_layer_of_a_generator_of_grey_images() -> None:
    # Sequential(ConvTranspose2d(100, 64, 4, bias=False), BatchNorm2d(64), ReLU(), ConvTranspose2d(64, 1, 4,
    # bias=False)), and the same without the normalisation.
    first, last = {"main.0.weight": (100, 64, 4, 4)}, {"main.3.weight": (64, 1, 4, 4)}
    for tensors in ({**first, **norm("main.1", 64), **last}, first | last):
        assert [row.type for row in rows_from_tensors(tensors) if row.name != "main.1"] == [
            "ConvTranspose2d",
            "ConvTranspose2d",
        ]


def test_a_bias_that_fits_neither() -> None:
    assert kinds(named("a", (8, 4, 3, 3), 7)) == ["i"]


def resnet() -> dict[str, Shape]:
    """Return the names and shapes of two blocks of a ResNet as torchvision names them."""
    tensors: dict[str, Shape] = {"conv1.weight": (64, 3, 7, 7), "bn1.weight": (64,), "bn1.bias": (64,)}
    for block in ("layer1.0", "layer2.1"):
        for n in (1, 2):
            tensors[f"{block}.conv{n}.weight"] = (64, 64, 3, 3)
            tensors[f"{block}.bn{n}.weight"] = tensors[f"{block}.bn{n}.bias"] = (64,)
    return tensors | {"fc.weight": (10, 64), "fc.bias": (10,)}


def vgg() -> dict[str, Shape]:
    tensors: dict[str, Shape] = {}
    for n, (inputs, outputs) in enumerate(((3, 64), (64, 64), (64, 128), (128, 128), (128, 128))):
        tensors |= {f"features.{2 * n}.weight": (outputs, inputs, 3, 3), f"features.{2 * n}.bias": (outputs,)}
    return tensors


def sequential() -> dict[str, Shape]:
    tensors: dict[str, Shape] = {}
    for n, (inputs, outputs) in enumerate(((3, 64), (64, 64), (64, 128), (128, 128))):
        tensors |= {f"{2 * n}.weight": (outputs, inputs, 3, 3), f"{2 * n}.bias": (outputs,)}
    return tensors | {"9.weight": (10, 128), "9.bias": (10,)}


def mobilenet() -> dict[str, Shape]:
    return {
        "features.0.0.weight": (32, 3, 3, 3),
        "features.0.1.weight": (32,),
        "features.1.conv.0.0.weight": (32, 1, 3, 3),
        "features.1.conv.0.1.weight": (32,),
        "features.1.conv.1.weight": (16, 32, 1, 1),
        "features.1.conv.2.weight": (16,),
    }


@pytest.mark.parametrize("tensors", [resnet(), vgg(), mobilenet(), sequential()], ids=range(4))
def test_ordinary_networks_leave_no_doubt(tensors: dict[str, Shape]) -> None:
    rows = rows_from_tensors(tensors)
    assert not any(row.transposed or row.undecided for row in rows)


def test_the_truth_is_always_within_the_range() -> None:
    # Random Sequentials of both kinds with honest names: what is certain must be true.
    chance = random.Random(0)
    for _ in range(2000):
        tensors: dict[str, Shape] = {}
        certain = 0
        channels, truth = chance.choice((3, 4, 8)), 0
        for n in range(0, 12, 3):
            transposed, bias, norm = (chance.random() < 0.5 for _ in range(3))
            outputs, kernel = chance.choice((3, 4, 8)), chance.choice((3, 5))
            sizes = (channels, outputs) if transposed else (outputs, channels)
            tensors[f"net.{n}.weight"] = (*sizes, kernel, kernel)
            truth += transposed * channels * outputs * kernel**2
            if bias:
                tensors[f"net.{n}.bias"] = (outputs,)
                truth += transposed * outputs
            if norm:
                tensors[f"net.{n + 1}.weight"] = tensors[f"net.{n + 1}.bias"] = (outputs,)
            channels = outputs
        rows = rows_from_tensors(tensors)
        certain = sum(row.parameter_count for row in rows if row.transposed)
        doubt = sum(row.parameter_count for row in rows if row.undecided)
        assert certain <= truth <= certain + doubt, tensors


@pytest.mark.parametrize(
    ("layers", "note"),
    [
        (
            [named("deconv1", (64, 64, 3, 3))],
            "by the name “deconv1”; the shapes also fit an ordinary convolution; "
            "stride and padding are not stored",
        ),
        (
            [named("upconv1", (64, 64, 4, 4))],
            "by the name “upconv1” and its even kernel; the shapes also fit an ordinary convolution; "
            "stride and padding are not stored",
        ),
        (
            [named("layer1.0.conv1", (64, 64, 3, 3))],
            "by the name “conv1”; the shapes also fit a transposed convolution",
        ),
        (
            [named("main.3", (64, 64, 3, 3))],
            "undecided: it could also be a transposed convolution: the shapes fit both",
        ),
        (
            [named("up.0", (64, 64, 1, 1))],
            "its kernel of size 1 upsamples nothing; it could also be a transposed convolution: the shapes "
            "fit both",
        ),
        (
            [named("g.0", (64, 32, 4, 4), 32)],
            "the bias has as many values as a transposed convolution has outputs; "
            "stride and padding are not stored",
        ),
        (
            [named("g.0", (64, 32, 4, 4), 32), named("g.3", (64, 64, 4, 4), 64)],
            "as the layers beside it with the same kernel; the shapes also fit an ordinary convolution; "
            "stride and padding are not stored",
        ),
        (
            [named("main.0", (8, 3, 4, 4)), named("main.3", (16, 8, 4, 4))],
            "by its channels, which are those of the layers beside it",
        ),
        (
            [named("main.0", (100, 512, 4, 4)), named("main.3", (512, 256, 4, 4))],
            "by its channels, which are those of the layers beside it; stride and padding are not stored",
        ),
    ],
)
def test_the_reason_of_a_decision_is_said(layers: list[Convolution], note: str) -> None:
    assert decide(layers)[layers[-1].path].note == note


@pytest.mark.parametrize(
    ("shape", "norms", "kind", "note"),
    [
        *(
            ((8, second, 3, 3), NeighbourNorms(after=8), "ordinary",
             "the normalisation after it has as many channels as it has outputs")
            for second in (2, 3, 4)
        ),
        ((64, 3, 4, 4), NeighbourNorms(before=3), "ordinary",
         "the normalisation before it has as many channels as it has inputs"),
        # Each of eight channels may have a filter of its own, in either kind of layer.
        ((8, 1, 3, 3), NeighbourNorms(after=8), "undecided", None),
    ],
)  # fmt: skip
def test_what_a_normalisation_shows_is_said(
    shape: Shape, norms: NeighbourNorms, kind: str, note: str | None
) -> None:
    [decision] = decide([Convolution("a", shape, norms=norms)]).values()
    assert decision.kind == kind
    assert note in (None, decision.note)


@pytest.mark.parametrize(
    ("first", "kernel", "bias", "kind"),
    [
        # Sequential(ConvTranspose2d(20, 32, 4), BatchNorm2d(32), ConvTranspose2d(32, 32, 4, groups=4)): its
        # second layer stores the same as Conv2d(32, 32, 4, groups=4).
        ((20, 32, 4, 4), 4, True, "u"),
        ((20, 32, 4, 4), 4, False, "u"),
        ((20, 32, 3, 3), 3, True, "u"),
        ((20, 32, 4, 4), 3, True, "o"),
        ((20, 8, 4, 4), 4, True, "o"),  # without groups
        ((32, 20, 4, 4), 4, True, "u"),
        ((32, 20, 3, 3), 3, True, "o"),
    ],
)
def test_groups_that_fit_both_are_undecided(first: Shape, kernel: int, bias: bool, kind: str) -> None:
    channels = max(first[:2]) if 32 in first else first[1]
    tensors = {"g.0.weight": first, **norm("g.1", channels), "g.3.weight": (32, 8, kernel, kernel)}
    tensors |= {"g.3.bias": (32,)} if bias else norm("g.4", 32)
    row = next(row for row in rows_from_tensors(tensors) if row.name == "g.3")
    assert (row.undecided, row.transposed) == (kind == "u", False)
