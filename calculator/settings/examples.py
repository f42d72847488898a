"""Worked examples: layers from papers and tutorials, each with its source."""

from dataclasses import dataclass

from calculator.settings import Settings


@dataclass(frozen=True)
class Example:
    """The settings of a layer, the name on its button, and a sentence about its source."""

    name: str
    about: str
    settings: Settings


PUZZLE = Example(
    "MuseGAN",
    "MuseGAN's temporal network in Keras, with two layers (Dong et al. 2018): 99,360 parameters by hand, "
    "103,584 in summary(). Both are right.",
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
)
"""The example whose count depends on the question: one network with three right numbers."""

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
        "First layer of the DCGAN generator, noise to 4 × 4 (Radford et al. 2016, as in pytorch/examples).",
        Settings(in_channels=100, out_channels=512, bias=False, stride=(1,), padding=(0,), input_size=(1,)),
    ),
    Example(
        "Vocoder 1-D",
        "First upsampling layer of the vocoder HiFi-GAN V1, which makes sound waves (Kong et al. 2020).",
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
    PUZZLE,
)
"""The examples in the order of the page. The tests check every total against its published figure."""
