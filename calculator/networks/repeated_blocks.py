"""The built-in networks of repeated blocks: their tables of layers, each block written once.

Facts of the sources that ``calculator.networks.builtin`` names. Layers stand in the order of the framework's
own list of modules, so the rows of a branching network are not a chain.
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
    """Return one line; ``spatial`` holds kernel, stride, padding, output_padding and dilation."""
    spatial += "," * (4 - spatial.count(","))
    return f"{name},{kind},{channels[0]},{channels[1]},{spatial},{'' if bias else 'no'},{size}\n"


def pix2pix() -> str:
    """Return unet_256 of pix2pix: eight times down and up, each way up meeting the copy of its way down."""
    downs = (3, 64, 128, 256, 512, 512, 512, 512, 512)
    ups = ((512, 512), (1024, 512), (1024, 512), (1024, 512), (1024, 256), (512, 128), (256, 64), (128, 3))
    text = HEADER
    for level, pair in enumerate(pairwise(downs), 1):
        text += _row(f"down{level}.conv", "Conv2d", pair, "4,2,1", bias=False)
        if 1 < level < 8:  # neither the outermost nor the innermost has a norm on its way down
            text += _row(f"down{level}.norm", "BatchNorm2d", ("", pair[1]))
    for level, pair in zip(range(8, 0, -1), ups, strict=True):
        text += _row(f"up{level}.conv", "ConvTranspose2d", pair, "4,2,1", bias=level == 1)
        if level > 1:
            text += _row(f"up{level}.norm", "BatchNorm2d", ("", pair[1]))
    return text


def cyclegan() -> str:
    """Return resnet_9blocks of CycleGAN; a block adds its input to its output, which changes no size."""
    text = HEADER + _row("input", "Input", ("", 3), size="256x256")
    text += _row("model.0", "ReflectionPad2d", ("", ""), ",,3") + _row("model.1", "Conv2d", (3, 64), "7,1,0")
    text += _row("model.2", "InstanceNorm2d", ("", 64))
    for place, (into, out) in ((4, (64, 128)), (7, (128, 256))):
        text += _row(f"model.{place}", "Conv2d", (into, out), "3,2,1")
        text += _row(f"model.{place + 1}", "InstanceNorm2d", ("", out))
    for block in range(10, 19):
        for place in (0, 4):
            text += _row(f"model.{block}.conv_block.{place}", "ReflectionPad2d", ("", ""), ",,1")
            text += _row(f"model.{block}.conv_block.{place + 1}", "Conv2d", (256, 256), "3,1,0")
            text += _row(f"model.{block}.conv_block.{place + 2}", "InstanceNorm2d", ("", 256))
    for place, (into, out) in ((19, (256, 128)), (22, (128, 64))):
        text += _row(f"model.{place}", "ConvTranspose2d", (into, out), "3,2,1,1")
        text += _row(f"model.{place + 1}", "InstanceNorm2d", ("", out))
    return (
        text
        + _row("model.25", "ReflectionPad2d", ("", ""), ",,3")
        + _row("model.26", "Conv2d", (64, 3), "7,1,0")
    )


def _double(path: str, into: int, out: int) -> str:
    """Return twice a convolution with its BatchNorm, at the places they have in ``double_conv``."""
    text = ""
    for place, pair in ((0, (into, out)), (3, (out, out))):
        text += _row(f"{path}double_conv.{place}", "Conv2d", pair, "3,1,1", bias=False)
        text += _row(f"{path}double_conv.{place + 1}", "BatchNorm2d", ("", out))
    return text


def unet() -> str:
    """Return the U-Net from 3 channels to 1, with transposed convolutions on its way up."""
    text = HEADER + _double("inc.", 3, 64)
    for level, out in enumerate((128, 256, 512, 1024), 1):
        text += _double(f"down{level}.maxpool_conv.1.", out // 2, out)
    for level, into in enumerate((1024, 512, 256, 128), 1):
        text += _row(f"up{level}.up", "ConvTranspose2d", (into, into // 2), "2,2,0")
        text += _double(f"up{level}.conv.", into, into // 2)
    return text + _row("outc.conv", "Conv2d", (64, 1), "1,1,0")


def unet_3d() -> str:
    """Return the 3D U-Net from 3 channels to 3; channels double before each pooling, against bottlenecks."""
    text, into = HEADER, 3
    for level, out in enumerate((64, 128, 256, 512), 1):
        for place, pair in enumerate(((into, out // 2), (out // 2, out)), 1):
            text += _row(f"down{level}.conv{place}", "Conv3d", pair, "3,1,0")
        into = out
    for level, out in ((3, 256), (2, 128), (1, 64)):
        text += _row(f"up{level}.up", "ConvTranspose3d", (2 * out, 2 * out), "2,2,0", bias=False)
        text += _row(f"up{level}.conv1", "Conv3d", (3 * out, out), "3,1,0")
        text += _row(f"up{level}.conv2", "Conv3d", (out, out), "3,1,0")
    return text + _row("last", "Conv3d", (64, 3), "1,1,0")


def hifi_gan() -> str:
    """Return the V1 generator of HiFi-GAN: three blocks of six convolutions after each way up."""
    text = HEADER + _row("conv_pre", "Conv1d", (80, 512), "7,1,3")
    for place, (kernel, stride) in enumerate(((16, 8), (16, 8), (4, 2), (4, 2))):
        pair = (512 >> place, 256 >> place)
        text += _row(f"ups.{place}", "ConvTranspose1d", pair, f"{kernel},{stride},{(kernel - stride) // 2}")
    for place in range(12):
        width, kernel = 256 >> place // 3, (3, 7, 11)[place % 3]
        for convs, dilations in (("convs1", (1, 3, 5)), ("convs2", (1, 1, 1))):
            for number, dilation in enumerate(dilations):
                spatial = f"{kernel},1,{dilation * (kernel - 1) // 2},,{dilation}"
                text += _row(f"resblocks.{place}.{convs}.{number}", "Conv1d", (width, width), spatial)
    return text + _row("conv_post", "Conv1d", (32, 1), "7,1,3")
