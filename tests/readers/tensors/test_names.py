"""Names of layers that suggest a transposed convolution."""

import pytest

from calculator.readers.tensors.names import transposed_hint


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("ups.0", True),
        ("up_conv", True),
        ("upsample", True),
        ("convtranspose1", True),
        ("decoder.up.block.0", True),
        ("upsample.conv", False),
        ("firstconv", False),
        ("downsample.0", False),
        ("group.0", None),
        ("supervised", None),
        ("up_blocks.0.proj", None),
    ],
)
def test_hints_in_names(path: str, hint: bool | None) -> None:
    assert transposed_hint(path) is hint
