"""The arguments of a layer: numbers without names, short options, and calls in quotes."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from calculator import ConvTranspose
from tests.helpers.command_line import run_command


def layer_of(capsys: Any, *arguments: str) -> ConvTranspose:
    """Return the layer that the command line understands."""
    status, out, err = run_command(capsys, *arguments, "--json")
    assert (status, err) == (0, "")
    return ConvTranspose(**json.loads(out)["settings"])


WORKED = ConvTranspose(3, 64, 4, 2, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("3", "64", "4", "2", "1"),
        ("3", "64", "-k", "4", "-s", "2", "-p", "1"),
        ("-k4", "3", "-s=2", "64", "-p", "1"),
        ("3", "64", "4", "--stride", "2", "--padding=1"),
        ("3", "64", "(4, 4)", "[2,2]", "1x1"),
        ("nn.ConvTranspose2d(3, 64, 4, 2, 1)",),
        ("Conv2DTranspose(64, 4, 2, 'same')", "--in-channels", "3"),
        ("--in-channels", "3", "nn.ConvTranspose(64, (4, 4), (2, 2))"),
        ("nnx.ConvTranspose(3, 64, (4, 4), 2, rngs=rngs)",),
    ],
)
def test_one_layer_in_many_words(capsys: Any, arguments: Sequence[str]) -> None:
    assert layer_of(capsys, *arguments) == WORKED


def test_settings_as_they_are_copied(capsys: Any) -> None:
    layer = layer_of(capsys, "64,", "32,", "4")
    assert (layer.in_channels, layer.out_channels, layer.kernel_size) == (64, 32, (4, 4))
    written = ("k=(4,3)", "s=2", "p=1", "op=1", "d=1", "groups=2", "bias=False")
    layer = layer_of(capsys, "64", "32", *written)
    assert (layer.kernel_size, layer.stride, layer.padding) == ((4, 3), (2, 2), (1, 1))
    assert (layer.output_padding, layer.groups, layer.bias) == ((1, 1), 2, False)
    assert layer_of(capsys, "64", "32", "4", "bias=True").bias


def test_brackets_are_axes(capsys: Any) -> None:
    assert layer_of(capsys, "3", "64", "--kernel-size", "(3,5)").kernel_size == (3, 5)
    assert layer_of(capsys, "3", "64", "(3,)", "--dimensions", "1").kernel_size == (3,)
    assert layer_of(capsys, "3", "64", "(128, 256)").kernel_size == (128, 256)
    assert layer_of(capsys, "3", "64", "(1, 2, 3)", "(1, 1, 2)").stride == (1, 1, 2)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("3", "64", "4", "2", "1", "0"),
            "Only in_channels, out_channels, kernel_size, stride and padding can stand without a name, "
            "received 6 values. The other settings are --output-padding, --groups, --no-bias and --dilation.",
        ),
        (("3", "64", "4", "-k", "4"), "kernel_size is given twice: as a number and as --kernel-size."),
        ((), "the following arguments are required: in_channels, out_channels, --kernel-size"),
        (
            ("64,32,4,2,1",),
            "'64,32,4,2,1' is one value. Write the numbers with spaces between them: 64 32 4 2 1",
        ),
        (("64 -> 32", "4"), "'64 -> 32' is one value. Write the numbers with spaces between them: 64 32"),
        (
            ("modle", "net.pt"),
            "'modle' is neither a number nor a command; the commands are model, compare, solve, code and "
            "app. --help shows them all.",
        ),
        (
            ("64", "32", "4", "--csv", "out.csv"),
            "'out.csv' is not a number. The answer is printed: to have it in a file, write > out.csv after "
            "the command.",
        ),
        (("64", "32", "4", "--input", "16"), "unrecognized arguments: --input 16 (is --input-size meant?)"),
        (("64", "32", "4", "-i", "16"), "unrecognized arguments: -i 16 (--help shows the options)"),
        (("64", "32", "4", "--grops=2"), "unrecognized arguments: --grops=2 (is --groups meant?)"),
        (
            ("3", "64", "4", "--in-channels", "3"),
            "The option --in-channels is for a call in quotes. Without one, the first number is in_channels.",
        ),
        (
            ("nn.ConvTranspose2d(3, 64, 4)", "-s", "2"),
            "--stride cannot stand beside a call: write it as an argument of the call.",
        ),
        (
            ("nn.ConvTranspose2d(3, 64, 4)", "--no-bias"),
            "--no-bias cannot stand beside a call: write it as an argument of the call.",
        ),
        (
            ("Conv2DTranspose(64, 4)",),
            "The call does not say how many input channels there are: add in_channels (--in-channels).",
        ),
        (
            ("nn.ConvTranspose2d(n, 64, 4)",),
            "The value of in_channels must be written as numbers, received 'n'.",
        ),
    ],
)
def test_refusals(capsys: Any, arguments: Sequence[str], sentence: str) -> None:
    status, out, err = run_command(capsys, *arguments)
    assert (status, out) == (2, "")
    assert err.endswith(f": error: {sentence}\n")


def test_the_note_of_a_call_is_told(capsys: Any) -> None:
    arguments = ("Conv2DTranspose(64, 3, 2, 'same')", "--in-channels", "3")
    _, out, _ = run_command(capsys, *arguments)
    assert "cropped on the other side" in out
    _, out, _ = run_command(capsys, *arguments, "--json")
    assert "cropped on the other side" in json.loads(out)["note"]
