"""Invalid values in a Keras configuration are refused with a sentence."""

import pytest

from calculator.readers.keras.config import read_keras_config
from calculator.readers.keras.config_values import UnknownCountError, fixed_size
from calculator.readers.model import ReadError
from tests.helpers.keras_configs import layer_config, sequential


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (sequential(layer_config("Dense", units=-3), shape=[5]), "whole number from 1"),
        (sequential(layer_config("Dense", units=10**19), shape=[5]), "whole number from 1"),
        (sequential(layer_config("Dense", units=True), shape=[5]), "whole number"),
        (
            sequential(layer_config("Conv2D", filters=4, kernel_size=[3, 3, 3]), shape=[5, 5, 3]),
            "must have 2 values",
        ),
        (sequential(layer_config("PReLU", shared_axes=[1] * 1000), shape=[5]), "at most 32"),
    ],
)
def test_invalid_configurations_are_refused_with_a_sentence(data: str, words: str) -> None:
    with pytest.raises(ReadError, match=words):
        read_keras_config(data)


@pytest.mark.parametrize("axis", [2, -3])
def test_an_axis_that_a_shape_does_not_have(axis: int) -> None:
    assert (fixed_size((4, 5), 1), fixed_size((4, 5), -2)) == (5, 4)
    with pytest.raises(UnknownCountError) as caught:
        fixed_size((4, 5), axis)
    assert str(caught.value) == f"Its input has 2 axes, so there is no axis {axis}."
