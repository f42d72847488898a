"""The built-in networks: published models with transposed convolutions, their totals and counting rules."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from calculator.core.formatting import short_repr
from calculator.networks import plain_lists as tables
from calculator.networks import repeated_blocks as blocks
from calculator.readers.layer_table.line import Line
from calculator.readers.layer_table.table import read_table, table_lines
from calculator.readers.model import Model, ReadError

Standing = Literal["exact", "rounded", "recount"]
"""Exact: the source has this total. Rounded: the source has it rounded. Recount: no source has a total."""


@dataclass(frozen=True)
class Network:
    """One built-in network.

    ``rule`` states which parameters are counted. By this rule ``published`` is the number of all parameters,
    ``transposed`` the number in transposed convolutions, and ``trainable`` the number of trainable ones.
    ``standing`` states whether the source confirms ``published``. ``figure`` is the total as the source
    prints it, or "" if the source has none. ``make_table`` returns the network as a table of layers.

    >>> network("dcgan").published, network("dcgan").model().transposed_count
    (3576704, 3574784)
    """

    key: str
    name: str
    source: str
    address: str
    rule: str
    standing: Standing
    figure: str
    published: int
    transposed: int
    trainable: int
    make_table: Callable[[], str]

    @property
    def table(self) -> str:
        """The network as a table of layers, in the form that people type."""
        return self.make_table()

    def lines(self) -> tuple[Line, ...]:
        """Return the lines of the table, from which ``chain_sizes`` computes sizes for another input size."""
        return table_lines(self.table)

    def model(self, input_size: tuple[int, ...] = ()) -> Model:
        """Return the layers with their counts, computed from the settings in the table.

        An ``input_size`` replaces the input size of a network whose layers form a chain. Raises ``ReadError``
        if they do not.
        """
        read = read_table(self.table, name=self.name, input_size=input_size)
        return replace(read, format="a built-in network", assumptions=(self.rule, *read.assumptions))


def network(key: str) -> Network:
    """Return the built-in network with this ``key``. Raises ``ReadError`` for an unknown key.

    >>> network("unet").name
    'U-Net, 3 → 1 channels'
    """
    for known in NETWORKS:
        if known.key == key:
            return known
    keys = ", ".join(known.key for known in NETWORKS)
    raise ReadError(f"There is no built-in network {short_repr(key)}; there are {keys}.")


NETWORKS = (
    Network(
        "musegan",
        "MuseGAN, temporal network (Keras), z = 32",
        "A question of 2021: number of trainable parameters in transposed convolutional layers",
        "https://stackoverflow.com/questions/66859838",
        "BatchNorm included, its moving statistics too, as Keras counts them.",
        "exact",
        "103,584",
        103_584,
        99_360,
        101_472,
        lambda: tables.MUSEGAN,
    ),
    Network(
        "dcgan",
        "DCGAN, generator (PyTorch), nz = 100, ngf = 64",
        "pytorch/examples, dcgan",
        "https://github.com/pytorch/examples/tree/main/dcgan",
        "No biases; the two trainable values of BatchNorm included.",
        "exact",
        "3,576,704",
        3_576_704,
        3_574_784,
        3_576_704,
        lambda: tables.DCGAN,
    ),
    Network(
        "dcgan-tensorflow",
        "DCGAN, generator (TensorFlow's tutorial)",
        "TensorFlow, Deep Convolutional Generative Adversarial Network",
        "https://www.tensorflow.org/tutorials/generative/dcgan",
        "No biases; BatchNorm included, its moving statistics too, as Keras counts them.",
        "exact",
        "2,330,944",
        2_330_944,
        1_025_600,
        2_305_472,
        lambda: tables.DCGAN_TENSORFLOW,
    ),
    Network(
        "vae",
        "Variational autoencoder, decoder (Keras example), z = 2",
        "Keras, Variational AutoEncoder",
        "https://keras.io/examples/generative/vae/",
        "Weights and biases.",
        "exact",
        "65,089",
        65_089,
        55_681,
        65_089,
        lambda: tables.VAE,
    ),
    Network(
        "autoencoder",
        "Convolutional autoencoder (Keras example)",
        "Keras, Convolutional autoencoder for image denoising",
        "https://keras.io/examples/vision/autoencoder/",
        "Weights and biases. With UpSampling2D and ordinary convolutions instead it has as many.",
        "exact",
        "28,353",
        28_353,
        18_496,
        28_353,
        lambda: tables.AUTOENCODER,
    ),
    Network(
        "pix2pix",
        "pix2pix, generator unet_256 (PyTorch)",
        "junyanz/pytorch-CycleGAN-and-pix2pix",
        "https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix",
        "The two trainable values of BatchNorm included; a bias only in the last layer.",
        "rounded",
        "54.414 M",
        54_413_955,
        34_871_299,
        54_413_955,
        blocks.pix2pix,
    ),
    Network(
        "cyclegan",
        "CycleGAN, generator resnet_9blocks (PyTorch)",
        "junyanz/pytorch-CycleGAN-and-pix2pix",
        "https://github.com/junyanz/pytorch-CycleGAN-and-pix2pix",
        "Weights and biases; InstanceNorm is without parameters.",
        "rounded",
        "11.378 M",
        11_378_179,
        368_832,
        11_378_179,
        blocks.cyclegan,
    ),
    Network(
        "unet",
        "U-Net, 3 → 1 channels",
        "milesial/Pytorch-UNet, bilinear=False",
        "https://github.com/milesial/Pytorch-UNet",
        "The two trainable values of BatchNorm included; ordinary 3 × 3 convolutions have no bias.",
        "exact",
        "31,037,633",
        31_037_633,
        2_786_240,
        31_037_633,
        blocks.unet,
    ),
    Network(
        "unet-3d",
        "3D U-Net, 3 → 3 channels",
        "Çiçek et al. 2016",
        "https://arxiv.org/abs/1606.06650",
        "Biases of ordinary convolutions included; without BatchNorm, and up-convolutions without bias. Any "
        "other rule misses the published number.",
        "exact",
        "19,069,955",
        19_069_955,
        2_752_512,
        19_069_955,
        blocks.unet_3d,
    ),
    Network(
        "fsrcnn",
        "FSRCNN(56, 12, 4), three times as large",
        "Dong, Loy & Tang 2016",
        "https://arxiv.org/abs/1608.00367",
        "Weights only. With its 173 biases 12,637; with the 172 slopes of PReLU as well 12,809.",
        "recount",
        "",
        12_464,
        4_536,
        12_464,
        lambda: tables.FSRCNN,
    ),
    Network(
        "fcn-8s",
        "FCN-8s on VGG-16, 21 classes",
        "Long, Shelhamer & Darrell 2015",
        "https://github.com/shelhamer/fcn.berkeleyvision.org",
        "Weights and biases. The transposed layers hold bilinear interpolation with a learning rate of 0: "
        "they are never trained.",
        "recount",
        "",
        134_489_759,
        127_008,
        134_362_751,
        lambda: tables.FCN_8S,
    ),
    Network(
        "hifi-gan",
        "HiFi-GAN V1, generator",
        "jik876/hifi-gan",
        "https://github.com/jik876/hifi-gan",
        "Weight norm removed, as for inference. With weight norm, which adds one scale a slice, 13,936,130.",
        "recount",
        "",
        13_926_017,
        2_662_880,
        13_926_017,
        blocks.hifi_gan,
    ),
)
"""All built-in networks, in the order of the pages."""
