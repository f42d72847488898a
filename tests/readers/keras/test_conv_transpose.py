"""The transposed convolution of Keras against the rules of the package for Keras and PyTorch."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from calculator.core.errors import LayerError
from calculator.core.layer import ConvTranspose
from calculator.frameworks.keras import NO_CROP, OTHER_SIDE, Keras
from calculator.readers.keras.config_values import Config
from calculator.readers.keras.conv_transpose import as_layer
from calculator.readers.keras.output_shapes import layer_output_shapes
from calculator.readers.model import ReadError


@given(
    st.integers(1, 7),
    st.integers(1, 5),
    st.integers(1, 3),
    st.sampled_from(["valid", "same"]),
    st.none() | st.integers(0, 4),
)
@example(4, 1, 1, "same", None)  # One position more on the other side, for which stride 1 leaves no room.
@example(4, 2, 1, "same", 0)
def test_a_transposed_layer_opens_with_the_size_it_has(
    kernel: int, stride: int, dilation: int, padding: str, extra: int | None
) -> None:
    if (extra is not None and extra >= stride) or (stride > 1 and dilation > 1):
        return  # Keras refuses it.
    config = {"strides": stride, "dilation_rate": dilation, "padding": padding, "output_padding": extra}
    layer, note = as_layer(config, (kernel, 3, 2))
    window = ConvTranspose(
        in_channels=2, out_channels=3, kernel_size=(kernel,), stride=stride, dilation=dilation
    )
    size = Keras().output_size(window, 6, padding=padding, output_padding=extra)
    shape = layer_output_shapes(
        "Conv1DTranspose", {**config, "filters": 3, "kernel_size": kernel}, [(None, 6, 2)]
    )
    assert shape == ((None, *size, 3),)
    # Only an even kernel with stride 1 would need an output_padding that PyTorch refuses.
    assert (layer is None) == (kernel % 2 == 0 and (stride, dilation, padding, extra) == (1, 1, "same", None))
    if layer is None:
        assert note == NO_CROP
        return
    assert layer.output_size(6) == size
    # calculator.frameworks.keras either has exactly this layer, or refuses it.
    try:
        Keras().layer_padding(layer)
    except LayerError:
        assert note == OTHER_SIDE
    else:
        assert note == ""


@pytest.mark.parametrize(
    "config", [{"output_padding": -1}, {"strides": 0}, {"dilation_rate": 0}, {"padding": "causal"}]
)
def test_impossible_settings_are_refused_with_a_sentence(config: Config) -> None:
    with pytest.raises(ReadError, match=r"\.$"):
        as_layer(config, (4, 3, 2))
