"""Layers and input sizes drawn by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from calculator import ConvTranspose, valid_groups


def axes(rank: int, low: int, high: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.tuples(*[st.integers(low, high)] * rank)


@st.composite
def layers(draw: st.DrawFn, *, most_groups: int = 6, most_dilation: int = 3) -> ConvTranspose:
    """Draw a layer that PyTorch accepts."""
    rank = draw(st.integers(1, 3))
    channels = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    stride, dilation = draw(axes(rank, 1, 4)), draw(axes(rank, 1, most_dilation))
    extra = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    groups = [g for g in valid_groups(*channels) if g <= most_groups]
    return ConvTranspose(
        in_channels=channels[0],
        out_channels=channels[1],
        kernel_size=draw(axes(rank, 1, 6)),
        stride=stride,
        padding=draw(axes(rank, 0, 5)),
        output_padding=draw(st.sampled_from([extra, (0,) * rank])),
        dilation=dilation,
        groups=draw(st.sampled_from(groups)),
        bias=draw(st.booleans()),
    )


@st.composite
def layers_and_sizes(draw: st.DrawFn, /, **limits: Any) -> tuple[ConvTranspose, tuple[int, ...]]:
    """Draw a layer and an input size."""
    layer = draw(layers(**limits))
    return layer, draw(axes(layer.rank, 1, 9))
