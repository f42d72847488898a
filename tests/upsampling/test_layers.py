"""The layers of upsampling: which values they do not accept, and the sentence that says so."""

from typing import Any

import pytest

from calculator.core.errors import LayerError
from calculator.upsampling.layers import Blur, Conv, Resize, Shuffle, Unpool


def refusal(make: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(LayerError) as caught:
        make(*arguments, **named)
    return str(caught.value)


def test_refuses_bad_layers() -> None:
    assert refusal(Conv, 4, 4, (3, 2)) == "kernel_size must be odd on every axis, received (3, 2)."
    assert refusal(Conv, 0, 4, (3,)) == "in_channels must be a whole number of at least 1, received 0."
    assert refusal(Conv, 4, 2.5, (3,)) == "out_channels must be a whole number of at least 1, received 2.5."
    assert refusal(Conv, 4, 6, (3,), 4) == (
        "groups must divide in_channels and out_channels, received groups=4, in_channels=4, out_channels=6."
    )
    assert refusal(Conv, 4, 4, (3,), 1, 1) == "bias must be True or False, received 1."
    assert refusal(Conv, 4, 4, (3,) * 4).startswith("kernel_size must be one whole number (2-D), or a tuple")
    assert refusal(Blur, (2, 0)) == "kernel_size must be a whole number of at least 1, received 0."
    assert refusal(Resize, (2,), "cubic") == "mode must be 'nearest' or 'linear', received 'cubic'."


@pytest.mark.parametrize("make", [Shuffle, Unpool, lambda scale: Resize(scale, "nearest")])
def test_refuses_bad_scales(make: Any) -> None:
    for bad, received in [(2, "2"), ("22", "'22'"), ((), "()"), ((2,) * 4, "(2, 2, 2, 2)"), (None, "None")]:
        sentence = f"scale_factor must be a tuple of 1, 2 or 3 whole numbers, received {received}."
        assert refusal(make, bad) == sentence
    for bad, received in [((2, 0), "0"), ((1.5,), "1.5"), ((True,), "True")]:
        sentence = f"scale_factor must be a whole number of at least 1, received {received}."
        assert refusal(make, bad) == sentence
