"""Worked examples: settings that people meet first, each with where it comes from."""

from dataclasses import dataclass

from calculator.settings import Settings


@dataclass(frozen=True)
class Example:
    """Settings worth opening, and the number of parameters in the layers they describe."""

    name: str
    about: str
    settings: Settings


PUZZLE_NAME = "The puzzle"

EXAMPLES: tuple[Example, ...] = (
    Example("3 → 64", "Kernel 4, stride 2, with bias: the first worked example.", Settings()),
    Example(
        "16 → 8",
        "Kernel 5, stride 2, without bias.",
        Settings(in_channels=16, out_channels=8, kernel_size=(5,), bias=False),
    ),
    Example(
        "6 → 10",
        "Kernel 3, stride 1, with bias.",
        Settings(in_channels=6, out_channels=10, kernel_size=(3,), stride=(1,), padding=(0,)),
    ),
    Example(
        "DCGAN",
        "First layer of the DCGAN generator (Radford et al. 2016, as in pytorch/examples): noise to 4 × 4.",
        Settings(in_channels=100, out_channels=512, bias=False, stride=(1,), padding=(0,), input_size=(1,)),
    ),
    Example(
        "Vocoder 1-D",
        "First upsampling layer of HiFi-GAN V1 (Kong et al. 2020).",
        Settings(
            dimensions=1,
            in_channels=512,
            out_channels=256,
            kernel_size=(16,),
            stride=(8,),
            padding=(4,),
            input_size=(32,),
        ),
    ),
    Example(
        "3-D U-Net",
        "First up-convolution of the 3D U-Net (Çiçek et al. 2016).",
        Settings(
            dimensions=3,
            in_channels=512,
            out_channels=512,
            kernel_size=(2,),
            bias=False,
            padding=(0,),
            input_size=(8,),
        ),
    ),
    Example(
        PUZZLE_NAME,
        "MuseGAN's temporal network in Keras: 99,360 by hand, 103,584 in summary(). Both are right.",
        Settings(
            in_channels=32,
            out_channels=1024,
            kernel_size=(2, 1),
            stride=(1,),
            padding=(0,),
            input_size=(1,),
            batch_norm=True,
            second=True,
            second_out_channels=32,
            second_kernel_size=(1,),
            view="numbers",
        ),
    ),
)
"""In the order of the page. Every total is checked against its published figure by the tests."""

PUZZLE = next(example for example in EXAMPLES if example.name == PUZZLE_NAME)
