"""Three right numbers: the published puzzle, and a count of real arrays."""

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator import ConvTranspose
from calculator.core.totals import Tally, tally
from tests.helpers import reference

# MuseGAN's temporal network in Keras, z = 32: a question-and-answer thread of 2021 asks why the count by
# hand, 99,360, is not what summary() prints: 103,584 in all, 101,472 of them trainable.
MUSEGAN = (
    ConvTranspose(in_channels=32, out_channels=1024, kernel_size=(2, 1)),
    ConvTranspose(in_channels=1024, out_channels=32, kernel_size=(1, 1)),
)


def values(tallies: tuple[Tally, ...]) -> tuple[int, ...]:
    return tuple(item.value for item in tallies)


def added_up(item: Tally) -> int:
    """Return the sum that stands in the expression."""
    assert re.fullmatch(r"\d{1,3}(,\d{3})*( \+ \d{1,3}(,\d{3})*)*", item.expression)
    return sum(int(part.replace(",", "")) for part in item.expression.split(" + "))


def test_the_puzzle() -> None:
    inside, trainable, everything = tally(MUSEGAN, batch_norm=True)
    assert (inside.value, trainable.value, everything.value) == (99_360, 101_472, 103_584)
    assert inside.expression == "66,560 + 32,800"
    assert trainable.expression == "66,560 + 32,800 + 2,048 + 64"
    assert everything.expression == "66,560 + 32,800 + 2,048 + 64 + 2,048 + 64"
    assert inside.what == "In the transposed layers"


def test_one_layer_alone_has_one_number() -> None:
    tallies = tally([ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)])
    assert values(tallies) == (3_136,) * 3
    assert [item.what for item in tallies] == ["In the transposed layer", "Trainable", "All"]
    assert [item.expression for item in tallies] == ["3,136"] * 3


# Keras: https://keras.io/api/layers/normalization_layers/batch_normalization/ (γ and β train, the moving mean
# and variance do not); frozen layers: https://keras.io/guides/transfer_learning/.
@pytest.mark.parametrize(
    ("settings", "trainable", "everything"),
    [
        (
            {},
            "Everything in the layer trains; there is no BatchNorm to add.",
            "Nothing is added: the same number.",
        ),
        (
            {"frozen": True},
            "Frozen weights and biases do not train; there is no BatchNorm to add.",
            "Frozen or not, every parameter is stored.",
        ),
        (
            {"batch_norm": True},
            "Everything in the layer trains; each BatchNorm adds a scale γ and a shift β per output channel.",
            "Keras' summary() also counts each BatchNorm's moving mean and variance, which never train. "
            "PyTorch keeps those as buffers, outside parameters().",
        ),
        (
            {"batch_norm": True, "frozen": True},
            "Frozen weights and biases do not train; each BatchNorm adds a scale γ and a shift β per output "
            "channel.",
            "Keras' summary() also counts each BatchNorm's moving mean and variance, which never train. "
            "PyTorch keeps those as buffers, outside parameters().",
        ),
    ],
)
def test_reasons_name_what_is_there(settings: dict[str, bool], trainable: str, everything: str) -> None:
    tallies = tally(MUSEGAN, **settings)
    reasons = ["Weights and biases: what the formula counts.", trainable, everything]
    assert [item.reason for item in tallies] == reasons


def test_a_frozen_layer() -> None:
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    inside, trainable, everything = tally([layer], frozen=True)
    assert (inside.value, trainable.value, everything.value) == (3_136, 0, 3_136)
    assert trainable.expression == "0"
    assert "do not train" in trainable.reason
    assert "stored" in everything.reason


def test_a_frozen_layer_before_a_batch_norm() -> None:
    # γ and β of 64 channels train, the moving mean and variance never do.
    layer = ConvTranspose(in_channels=3, out_channels=64, kernel_size=4)
    assert values(tally([layer], batch_norm=True, frozen=True)) == (3_136, 128, 3_392)


def test_frozen_upsampling_of_fcn8s() -> None:
    # FCN-8s on VGG-16, 21 classes: 127,008 bilinear upsampling weights whose learning rate is 0.
    layers = [
        ConvTranspose(in_channels=21, out_channels=21, kernel_size=kernel, bias=False)
        for kernel in (4, 4, 16)
    ]
    assert values(tally(layers, frozen=True)) == (127_008, 0, 127_008)


def test_every_number_has_its_reason() -> None:
    for batch_norm in (False, True):
        for frozen in (False, True):
            reasons = [item.reason for item in tally(MUSEGAN, batch_norm=batch_norm, frozen=frozen)]
            assert len(set(reasons)) == 3
            assert all(reason.endswith(".") for reason in reasons)
            assert ("frozen" in reasons[1].lower()) is frozen
            assert ("moving mean" in reasons[2]) is batch_norm


@given(
    st.lists(reference.settings(), min_size=1, max_size=3),
    st.booleans(),
    st.booleans(),
)
def test_against_arrays_that_are_counted(layers: list[dict[str, object]], norm: bool, frozen: bool) -> None:
    stored: list[Any] = []
    trained: list[Any] = []
    built = []
    for settings in layers:
        layer = ConvTranspose(**settings)  # type: ignore[arg-type]
        built.append(layer)
        kernel, outputs = layer.kernel_size, layer.out_channels
        arrays = reference.allocate(layer.in_channels, outputs, kernel, layer.groups, layer.bias)
        own: list[Any] = [*arrays.groups, arrays.bias]
        scale_and_shift = [np.ones(outputs), np.zeros(outputs)] if norm else []
        moving = [np.zeros(outputs), np.ones(outputs)] if norm else []
        stored += own + scale_and_shift + moving
        trained += ([] if frozen else own) + scale_and_shift
    inside, trainable, everything = tally(built, batch_norm=norm, frozen=frozen)
    assert inside.value == sum(layer.weight_count + layer.bias_count for layer in built)
    assert trainable.value == sum(array.size for array in trained)
    assert everything.value == sum(array.size for array in stored)
    for item in (inside, trainable, everything):
        assert added_up(item) == item.value


def test_exact_beyond_what_64_bits_hold() -> None:
    layer = ConvTranspose(in_channels=2**31, out_channels=2**31, kernel_size=(2**20,))
    assert values(tally([layer, layer]))[0] == 2**83 + 2**32


def test_a_tally_is_frozen() -> None:
    item = tally(MUSEGAN)[0]
    with pytest.raises(AttributeError):
        item.value = 1  # type: ignore[misc]
