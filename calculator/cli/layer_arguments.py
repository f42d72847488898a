"""The arguments that describe one layer: numbers in PyTorch's order, options, or a call that creates it."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

from calculator import __version__
from calculator.cli.command import COMMANDS, program
from calculator.cli.report import Parser, add_forms, help_format
from calculator.core.description import DEFAULTS
from calculator.core.errors import LayerError
from calculator.core.formatting import join_words, short_repr
from calculator.core.layer import ConvTranspose
from calculator.core.parsing import count_numbers, parse_spatial, parse_whole
from calculator.core.validation import MAX_VALUE, Spatial

POSITIONS = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
"""The settings that may stand without a name, in PyTorch's order. Further ones would be easy to mix up."""

REQUIRED = "the following arguments are required"
"""The words of argparse, which cannot know that a setting may be a number or an option."""

_SHORT = {"kernel_size": "-k", "stride": "-s", "padding": "-p", "dilation": "-d", "groups": "-g"}
_SHORT |= {"input_size": "-n"}

_ASSIGNED = {letter: f"-{letter}" for letter in "kspdg"} | {"op": "--output-padding"}
"""The letters of settings that may be written with = and without -, as in the field: k=4, op=1."""

_SETTINGS = (*POSITIONS, "output_padding", "dilation", "groups", "dimensions", "input_size")


EPILOG = """\
A spatial VALUE is one number for every axis (4) or one per axis (3x5, 3,5 or "(3, 5)").
Instead of the numbers, a layer can be a call in quotes, in the words of PyTorch, Keras or
Flax: "nn.ConvTranspose2d(3, 64, 4, 2, 1)".
"""


@dataclass(frozen=True)
class Chosen:
    """The layer of the arguments, its input size (``None`` if not given), and a note on the layer or ""."""

    layer: ConvTranspose
    input_size: Spatial | None
    note: str = ""


def layer_parser(command: str, description: str, epilog: str = "") -> argparse.ArgumentParser:
    """Return the parser of a command about one layer. Values stay texts, so that our own errors apply."""
    parser = Parser(
        prog=f"{program()} {command}".rstrip(),
        usage="%(prog)s [options] IN OUT KERNEL [STRIDE [PADDING]]",
        description=description,
        epilog=f"{EPILOG}{epilog}",
        formatter_class=help_format,
        allow_abbrev=False,
    )
    parser.add_argument(
        "values", nargs="*", metavar="VALUE", help="in, out, kernel, stride, padding; or a call"
    )
    add_option(parser, "kernel_size", "kernel size, if it is not the third number")
    for name, default in DEFAULTS.items():
        add_option(parser, name, f"default {default}")
    add_option(parser, "groups", "default 1", metavar="N")
    parser.add_argument("--no-bias", action="store_true", help="a layer without biases")
    add_dimensions(parser)
    parser.add_argument(
        "--in-channels",
        metavar="N",
        help="for a call without them: Keras, Flax linen, lazy layers",
    )
    add_option(parser, "input_size", "also show the output size and multiply-accumulates")
    add_forms(parser)
    parser.add_argument("-V", "--version", action="version", version=f"tconv {__version__}")
    return parser


def add_dimensions(parser: argparse.ArgumentParser) -> None:
    """Add the option for the number of axes."""
    parser.add_argument(
        "--dimensions", metavar="{1,2,3}", help="number of axes where each value is one number; default 2"
    )


def add_option(
    parser: argparse.ArgumentParser,
    name: str,
    text: str,
    *,
    metavar: str = "VALUE",
    default: str | None = None,
) -> None:
    """Add the option of a setting, with its short form."""
    names = [_SHORT[name]] if name in _SHORT else []
    parser.add_argument(*names, option_name(name), metavar=metavar, help=text, default=default)


def option_name(name: str) -> str:
    """Return the option of a setting.

    >>> option_name("kernel_size")
    '--kernel-size'
    """
    return "--" + name.replace("_", "-")


def joined(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with ``--padding -3x2`` written as ``--padding=-3x2``, and ``k=4`` as ``-k=4``.

    >>> joined(["3", "--padding", "-3x2", "-s", "-1", "k=(4,4)", "groups=2", "bias=False"])
    ['3', '--padding=-3x2', '-s=-1', '-k=(4,4)', '--groups=2', '--no-bias']
    """
    # argparse would take a value that begins with a minus for another option.
    takes_value = {option_name(name) for name in _SETTINGS} | {*_SHORT.values()}
    assigned = _ASSIGNED | {name: option_name(name) for name in _SETTINGS[2:]}
    result: list[str] = []
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals and name in assigned:
            result.append(f"{assigned[name]}={value}")
        elif argument in ("bias=False", "bias=True"):
            result += ["--no-bias"] if argument.endswith("False") else []
        elif (
            result
            and result[-1] in takes_value
            and not argument.startswith("--")
            and argument not in takes_value
        ):
            result[-1] += f"={argument}"
        else:
            result.append(argument)
    return result


def read_layer(options: argparse.Namespace) -> Chosen:
    """Return the layer of the arguments. Raises ``LayerError`` with a sentence."""
    values = options.values
    if len(values) == 1 and "(" in values[0]:
        chosen = _from_call(options, values[0])
    else:
        chosen = Chosen(_from_numbers(options, _settings(options)), None)
    if options.input_size is None:
        return chosen
    size = spatial(options.input_size, "input_size", chosen.layer.rank, 1)
    return Chosen(chosen.layer, size, chosen.note)


def _settings(options: argparse.Namespace) -> dict[str, str]:
    """Return the texts of the settings by name. Raises ``LayerError`` for one that is given twice."""
    if len(options.values) > len(POSITIONS):
        raise LayerError(
            "Only in_channels, out_channels, kernel_size, stride and padding can stand without a name, "
            f"received {len(options.values)} values. The other settings are --output-padding, --groups, "
            "--no-bias and --dilation."
        )
    # "64, 32, 4" is what is copied out of a call.
    given = {name: text.removesuffix(",") for name, text in zip(POSITIONS, options.values, strict=False)}
    for name in (*POSITIONS[2:], "output_padding", "dilation", "groups"):
        text = getattr(options, name)
        if text is not None and name in given:
            raise LayerError(f"{name} is given twice: as a number and as {option_name(name)}.")
        if text is not None:
            given[name] = text
    if options.in_channels is not None:
        raise LayerError(
            "The option --in-channels is for a call in quotes. Without one, the first number is in_channels."
        )
    return given


def _from_numbers(options: argparse.Namespace, given: dict[str, str]) -> ConvTranspose:
    """Return the layer of numbers and options."""
    missing = [
        name if name != "kernel_size" else "--kernel-size" for name in POSITIONS[:3] if name not in given
    ]
    _check_words(options.values, complete=not missing)
    if missing:
        raise LayerError(f"{REQUIRED}: {', '.join(missing)}")
    rank = read_rank(options.dimensions, given["kernel_size"])
    kernel = parse_spatial(given["kernel_size"], "kernel_size", rank=rank, minimum=1, maximum=MAX_VALUE)
    # The default of every spatial setting is also its smallest value.
    settings = {
        name: spatial(given.get(name, str(minimum)), name, rank, minimum)
        for name, minimum in DEFAULTS.items()
    }
    return ConvTranspose(
        in_channels=whole(given["in_channels"], "in_channels"),
        out_channels=whole(given["out_channels"], "out_channels"),
        kernel_size=kernel if len(kernel) == rank else kernel * rank,
        groups=whole(given.get("groups", "1"), "groups"),
        bias=not options.no_bias,
        **settings,
    )


def _check_words(values: Sequence[str], complete: bool) -> None:
    """Raise ``LayerError`` for a value that is a word, the name of a file, or several numbers at once.

    In a ``complete`` layer, 1,024 is one number.
    """
    for name in values:
        if name.endswith((".csv", ".json", ".txt")):
            raise LayerError(
                f"{short_repr(name)} is not a number. The answer is printed: to have it in a file, write "
                f"> {name} after the command."
            )
    first = values[0] if values else ""
    if first[:1].isalpha() and first not in COMMANDS:
        raise LayerError(
            f"{short_repr(first)} is neither a number nor a command; the commands are "
            f"{join_words([*COMMANDS])}. --help shows them all."
        )
    numbers = first.replace("->", " ").replace(",", " ").split()
    if not complete and len(numbers) > 1:
        raise LayerError(
            f"{short_repr(first)} is one value. Write the numbers with spaces between them: "
            f"{' '.join(numbers)}"
        )


def _from_call(options: argparse.Namespace, text: str) -> Chosen:
    """Return the layer of a call. Raises ``LayerError`` for an option that the call has itself."""
    names = ("kernel_size", *DEFAULTS, "groups", "dimensions")
    beside = [option_name(name) for name in names if getattr(options, name) is not None]
    beside += ["--no-bias"] if options.no_bias else []
    if beside:
        raise LayerError(f"{beside[0]} cannot stand beside a call: write it as an argument of the call.")
    # The reader loads more modules than all other work on a layer.
    from calculator.readers.constructor_call import read_call
    from calculator.readers.model import ReadError

    channels = None if options.in_channels is None else whole(options.in_channels, "in_channels")
    try:
        call = read_call(text, in_channels=channels)
    except ReadError as error:
        raise LayerError(str(error)) from None
    return Chosen(call.layer, None, call.note)


def whole(text: str, name: str, minimum: int = 1) -> int:
    """Return a whole number of at least ``minimum``. Raises ``LayerError``."""
    return parse_whole(text, name, minimum=minimum, maximum=MAX_VALUE)


def read_rank(dimensions: str | None, kernel_size: str) -> int:
    """Return the number of axes: ``--dimensions``, else 3 for a kernel of three numbers, else 2.

    A kernel of one or two numbers is 2-D; of one number it is square.
    """
    if dimensions is not None:
        return parse_whole(dimensions, "dimensions", minimum=1, maximum=3)
    return 3 if count_numbers(kernel_size) == 3 else 2


def spatial(text: str, name: str, rank: int, minimum: int) -> Spatial:
    """Return a spatial setting: one number, or one per axis. Raises ``LayerError``.

    >>> spatial("4", "stride", 2, 1), spatial("(3, 5)", "stride", 2, 1)
    (4, (3, 5))
    """
    values = parse_spatial(text, name, rank=rank, minimum=minimum, maximum=MAX_VALUE)
    return values[0] if len(values) == 1 else values


def layer_link(chosen: Chosen) -> dict[str, object]:
    """Return the settings of the page with the layer. Raises ``LayerError`` for one beyond its limits."""
    from calculator.settings.layer import layer_values
    from calculator.settings.settings import FIELD, settable

    if not settable(chosen.layer):
        raise LayerError(
            "The page has no such layer: it offers at most 65,536 channels and 128 for every other setting."
        )
    values: dict[str, object] = {**layer_values(chosen.layer)}
    if chosen.input_size is not None:
        from calculator.core.formatting import collapse_axes

        sizes = collapse_axes(chosen.layer.input_axes(chosen.input_size))
        if max(sizes) > FIELD["input_size"].maximum:
            raise LayerError(f"The page has no input size above {FIELD['input_size'].maximum:,}.")
        values["input_size"] = sizes
    return values
