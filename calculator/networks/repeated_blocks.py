"""Tables of the built-in networks that repeat blocks of layers.

The layers are taken from the sources that ``calculator.networks.builtin`` names, in the order of the
framework's list of modules. So the layers of a network with branches do not form a chain.
"""

from itertools import pairwise

HEADER = "name,type,in,out,kernel,stride,padding,output_padding,dilation,bias,size\n"


def _row(
    name: str,
    kind: str,
    channels: tuple[int | str, int | str],
    spatial: str = ",,,,",
    bias: bool = True,
    size: str = "",
) -> str:
    """Return one line of a table; ``spatial`` has kernel, stride, padding, output_padding and dilation."""
    spatial += "," * (4 - spatial.count(","))
    return f"{name},{kind},{channels[0]},{channels[1]},{spatial},{'' if bias else 'no'},{size}\n"


def pix2pix() -> str:
    """Return unet_256 of pix2pix: eight levels down and up, with a skip connection between equal levels."""
    downs = (3, 64, 128, 256, 512, 512, 512, 512, 512)
    ups = ((512, 512), (1024, 512), (1024, 512), (1024, 512), (1024, 256), (512, 128), (256, 64), (128, 3))
    text = HEADER
    for level, pair in enumerate(pairwise(downs), 1):
        text += _row(f"down{level}.conv", "Conv2d", pair, "4,2,1", bias=False)
        if 1 < level < 8:  # The outermost and the innermost level have no norm on the way down.
            text += _row(f"down{level}.norm", "BatchNorm2d", ("", pair[1]))
    for level, pair in zip(range(8, 0, -1), ups, strict=True):
        text += _row(f"up{level}.conv", "ConvTranspose2d", pair, "4,2,1", bias=level == 1)
        if level > 1:
            text += _row(f"up{level}.norm", "BatchNorm2d", ("", pair[1]))
    return text


def cyclegan() -> str:
    """Return resnet_9blocks of CycleGAN. The residual connections of its blocks change no size."""
    text = HEADER + _row("input", "Input", ("", 3), size="256x256")
    text += _row("model.0", "ReflectionPad2d", ("", ""), ",,3") + _row("model.1", "Conv2d", (3, 64), "7,1,0")
    text += _row("model.2", "InstanceNorm2d", ("", 64))
    for index, (inputs, outputs) in ((4, (64, 128)), (7, (128, 256))):
        text += _row(f"model.{index}", "Conv2d", (inputs, outputs), "3,2,1")
        text += _row(f"model.{index + 1}", "InstanceNorm2d", ("", outputs))
    for block in range(10, 19):
        for index in (0, 4):
            text += _row(f"model.{block}.conv_block.{index}", "ReflectionPad2d", ("", ""), ",,1")
            text += _row(f"model.{block}.conv_block.{index + 1}", "Conv2d", (256, 256), "3,1,0")
            text += _row(f"model.{block}.conv_block.{index + 2}", "InstanceNorm2d", ("", 256))
    for index, (inputs, outputs) in ((19, (256, 128)), (22, (128, 64))):
        text += _row(f"model.{index}", "ConvTranspose2d", (inputs, outputs), "3,2,1,1")
        text += _row(f"model.{index + 1}", "InstanceNorm2d", ("", outputs))
    return (
        text
        + _row("model.25", "ReflectionPad2d", ("", ""), ",,3")
        + _row("model.26", "Conv2d", (64, 3), "7,1,0")
    )


def _double(path: str, inputs: int, outputs: int) -> str:
    """Return two convolutions, each with its BatchNorm, named as in PyTorch's ``double_conv``."""
    text = ""
    for index, pair in ((0, (inputs, outputs)), (3, (outputs, outputs))):
        text += _row(f"{path}double_conv.{index}", "Conv2d", pair, "3,1,1", bias=False)
        text += _row(f"{path}double_conv.{index + 1}", "BatchNorm2d", ("", outputs))
    return text


def unet() -> str:
    """Return the U-Net from 3 channels to 1, with transposed convolutions on the way up."""
    text = HEADER + _double("inc.", 3, 64)
    for level, outputs in enumerate((128, 256, 512, 1024), 1):
        text += _double(f"down{level}.maxpool_conv.1.", outputs // 2, outputs)
    for level, inputs in enumerate((1024, 512, 256, 128), 1):
        text += _row(f"up{level}.up", "ConvTranspose2d", (inputs, inputs // 2), "2,2,0")
        text += _double(f"up{level}.conv.", inputs, inputs // 2)
    return text + _row("outc.conv", "Conv2d", (64, 1), "1,1,0")


def unet_3d() -> str:
    """Return the 3D U-Net from 3 channels to 3. Channels double before each pooling, to avoid bottlenecks."""
    text, inputs = HEADER, 3
    for level, outputs in enumerate((64, 128, 256, 512), 1):
        for index, pair in enumerate(((inputs, outputs // 2), (outputs // 2, outputs)), 1):
            text += _row(f"down{level}.conv{index}", "Conv3d", pair, "3,1,0")
        inputs = outputs
    for level, outputs in ((3, 256), (2, 128), (1, 64)):
        text += _row(f"up{level}.up", "ConvTranspose3d", (2 * outputs, 2 * outputs), "2,2,0", bias=False)
        text += _row(f"up{level}.conv1", "Conv3d", (3 * outputs, outputs), "3,1,0")
        text += _row(f"up{level}.conv2", "Conv3d", (outputs, outputs), "3,1,0")
    return text + _row("last", "Conv3d", (64, 3), "1,1,0")


def hifi_gan() -> str:
    """Return the V1 generator of HiFi-GAN: three blocks of six convolutions after each upsampling layer."""
    text = HEADER + _row("conv_pre", "Conv1d", (80, 512), "7,1,3")
    for index, (kernel, stride) in enumerate(((16, 8), (16, 8), (4, 2), (4, 2))):
        pair = (512 >> index, 256 >> index)
        text += _row(f"ups.{index}", "ConvTranspose1d", pair, f"{kernel},{stride},{(kernel - stride) // 2}")
    for index in range(12):
        width, kernel = 256 >> index // 3, (3, 7, 11)[index % 3]
        for convs, dilations in (("convs1", (1, 3, 5)), ("convs2", (1, 1, 1))):
            for number, dilation in enumerate(dilations):
                spatial = f"{kernel},1,{dilation * (kernel - 1) // 2},,{dilation}"
                text += _row(f"resblocks.{index}.{convs}.{number}", "Conv1d", (width, width), spatial)
    return text + _row("conv_post", "Conv1d", (32, 1), "7,1,3")
