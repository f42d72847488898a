"""Output shapes of convolutions, pooling, padding and cropping of Keras, computed by hand."""

from typing import Any

import pytest

from calculator.readers.keras.output_shapes import layer_output_shapes


@pytest.mark.parametrize(
    ("kind", "config", "shape", "returned"),
    [
        (
            "Conv1D",
            {"filters": 4, "kernel_size": 3, "strides": 2, "padding": "same"},
            (None, 7, 2),
            [(None, 4, 4)],
        ),
        ("MaxPooling2D", {"pool_size": 2}, (None, 7, 9, 2), [(None, 3, 4, 2)]),
        ("Cropping1D", {"cropping": [1, 2]}, (None, 9, 3), [(None, 6, 3)]),
        ("Cropping1D", {"cropping": [5, 5]}, (None, 9, 3), [(None, 0, 3)]),  # Nothing is left.
        ("ZeroPadding2D", {"padding": [[1, 0], [2, 2]]}, (None, 5, 5, 3), [(None, 6, 9, 3)]),
        ("GlobalAveragePooling2D", {"data_format": "channels_first"}, (None, 8, 5, 5), [(None, 8)]),
        (
            "DepthwiseConv2D",
            {"kernel_size": 3, "depth_multiplier": 2},
            (None, 5, None, 4),
            [(None, 3, None, 8)],
        ),
        (
            "ConvLSTM2D",
            {"filters": 2, "kernel_size": 3, "return_sequences": True},
            (None, 4, 8, 8, 5),
            [(None, 4, 6, 6, 2)],
        ),
    ],
)
def test_shapes_by_hand(
    kind: str, config: dict[str, Any], shape: tuple[int | None, ...], returned: list[Any]
) -> None:
    assert list(layer_output_shapes(kind, config, [shape])) == returned
