"""The question about a visitor's own layer: every layer of the settings has one, and no mistake is right."""

from hypothesis import given
from hypothesis import strategies as st

from calculator.learn.exercises.mystery import mystery_question, mystery_settings
from calculator.settings import Settings


@given(
    in_channels=st.integers(1, 65_536),
    out_channels=st.integers(1, 65_536),
    kernel=st.lists(st.integers(1, 128), min_size=1, max_size=3),
    stride=st.integers(1, 128),
    output_padding=st.integers(0, 127),
    bias=st.booleans(),
)
def test_every_layer_has_its_question(
    in_channels: int, out_channels: int, kernel: list[int], stride: int, output_padding: int, bias: bool
) -> None:
    settings = Settings(
        dimensions=len(kernel),
        in_channels=in_channels,
        out_channels=out_channels,
        kernel_size=tuple(kernel),
        stride=(stride,),
        output_padding=(output_padding,),
        bias=bias,
    )
    question = mystery_question(settings)
    assert question.answer == settings.counted_layer().parameter_count
    assert all(mistake.value != question.answer for mistake in question.mistakes)
    assert f"ConvTranspose{len(kernel)}d({in_channels}, {out_channels}, kernel_size=" in question.listing
    assert ("bias=False" in question.listing) == (not bias)
    assert str(kernel[0]) in question.listing
    assert mystery_question(mystery_settings(settings)) == question
