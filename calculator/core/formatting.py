"""Text for numbers, axes, shapes and lists of words."""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

Value = TypeVar("Value")

ASCII_SIGNS = str.maketrans(
    {"×": "x", "−": "-", "–": "-", "÷": "/", "½": "1/2", "…": "...", "≈": "~", "→": "->"}
)
"""The signs of our own texts in ASCII, for terminals without others and for the head of a CSV file."""

_ARGUMENTS = re.compile(r"(?<=\w\()(?=\w+=)")
"""The place in a call before its first argument, if that has a name."""

UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def short_repr(value: object) -> str:
    """Return ``value`` as text of at most 60 characters for an error message. Never raises.

    >>> short_repr(12.5), short_repr("4"), short_repr(10**5000)
    ('12.5', "'4'", 'a whole number of more than 40 digits')
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**40:
        return "a whole number of more than 40 digits"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # Python prints neither huge integers nor very deep nesting.
        return f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "…"


def format_count(value: int) -> str:
    """Return a whole number with all its digits and a comma between thousands.

    >>> format_count(31037633)
    '31,037,633'
    """
    return f"{value:,}"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: in the singular for 1, else with an s (es after s).

    >>> plural(3072, "weight"), plural(1, "bias"), plural(0, "bias")
    ('3,072 weights', '1 bias', '0 biases')
    """
    return f"{format_count(count)} {noun_for(count, noun)}"


def noun_for(count: int, noun: str) -> str:
    """Return the noun for a count that stands apart from it: in the singular for 1.

    >>> noun_for(1, "parameter"), noun_for(2, "parameter"), noun_for(2, "bias")
    ('parameter', 'parameters', 'biases')
    """
    if count == 1:
        return noun
    return noun + ("es" if noun.endswith("s") else "s")


def join_words(words: Sequence[str], more: int = 0) -> str:
    """Return a list for a sentence; ``more`` is the number of words that are left out.

    >>> join_words(["a"]), join_words(["a", "b"]), join_words(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    >>> join_words(["a", "b"], more=1200)
    'a, b and 1,200 more'
    """
    items = [*words, f"{format_count(more)} more"] if more else [*words]
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def join_first(words: Sequence[str], maximum: int) -> str:
    """Return a list for a sentence, of which only the first ``maximum`` words are named.

    >>> join_first(["a", "b", "c"], 3), join_first(["a", "b", "c"], 2)
    ('a, b and c', 'a, b and 1 more')
    """
    return join_words(words[:maximum], more=max(len(words) - maximum, 0))


def format_share(part: int, whole: int) -> str:
    """Return ``part`` of ``whole`` in percent with three significant digits, never in powers of ten.

    >>> format_share(64, 3136), format_share(1, 2), format_share(0, 3), format_share(256, 268435712)
    ('2.04 %', '50 %', '0 %', '0.0000954 %')
    """
    return f"{Decimal(f'{100 * part / whole:.3g}'):f} %"


def format_product(values: Sequence[int], *, compact: bool = False) -> str:
    """Return the factors of a product, or one size per axis; ``compact`` leaves out the spaces.

    >>> format_product((3, 1024)), format_product((3, 5), compact=True)
    ('3 × 1,024', '3×5')
    """
    return ("×" if compact else " × ").join(map(format_count, values))


def unbroken(text: str) -> str:
    """Return ``text`` with products, arrows and percentages that a line break never divides.

    >>> unbroken("an image of 4 × 4") == "an image of 4\u00a0×\u00a04"
    True
    """
    return text.replace(" × ", "\u00a0×\u00a0").replace(" → ", "\u00a0→\u00a0").replace(" %", "\u00a0%")


def unbroken_parts(text: str) -> list[str]:
    """Return the parts of ``unbroken(text)`` between which a narrow line may end.

    A call has no space before its first argument, so a browser would divide a name or a number there.

    >>> unbroken_parts("nn.ConvTranspose2d(in_channels=3, bias=True) has …")
    ['nn.ConvTranspose2d(', 'in_channels=3, bias=True) has …']
    """
    return _ARGUMENTS.split(unbroken(text))


def format_factor(factor: Fraction) -> str:
    """Return a factor with up to three significant digits, after "about" if the digits are rounded.

    >>> format_factor(Fraction(4)), format_factor(Fraction(1, 2)), format_factor(Fraction(3, 2))
    ('×4', '×½', '×1.5')
    >>> format_factor(Fraction(193, 49)), format_factor(Fraction(16385, 8193))
    ('about ×3.94', 'about ×2.00')
    """
    if factor.denominator == 1:
        return f"×{factor.numerator:,}"
    if factor == Fraction(1, 2):
        return "×½"
    if factor >= Fraction(1999, 2):  # Three digits of the next smaller ones are below 1,000.
        return f"about ×{float(factor):,.0f}"
    short = f"{float(factor):.3g}"
    return f"×{short}" if Fraction(short) == factor else f"about ×{float(factor):#.3g}".rstrip(".")


def format_bytes(n: int) -> str:
    """Return a number of bytes: exact below 10,000, else with three digits in a binary unit.

    A rounded value begins with ``≈``.

    >>> format_bytes(8_224), format_bytes(10_240), format_bytes(131_200)
    ('8,224 B', '10 KiB', '≈128 KiB')
    """
    if n < 10_000:
        return f"{format_count(n)} B"
    power = min((n.bit_length() - 1) // 10, len(UNITS))
    value, unit = Fraction(n, 1024**power), UNITS[power - 1]
    rounded = round(value, 3 - len(str(int(value))))
    decimals = max(0, 3 - len(str(int(rounded))))
    # The zeros at the end of a rounded number are significant digits; those of an exact number are not.
    exact = rounded == value
    return f"{'' if exact else '≈'}{_digits(rounded, decimals, drop_zeros=exact)} {unit}"


def _digits(value: Fraction, decimals: int, *, drop_zeros: bool) -> str:
    """Return ``value`` with ``decimals`` decimals (it has no more), with or without zeros at the end."""
    integer, rest = divmod(int(value * 10**decimals), 10**decimals)
    fraction = f"{rest:0{decimals}}" if decimals else ""
    fraction = fraction.rstrip("0") if drop_zeros else fraction
    return f"{format_count(integer)}.{fraction}" if fraction else format_count(integer)


def collapse_axes(values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return one value if all axes have the same value, else all values.

    >>> collapse_axes((4, 4)), collapse_axes((4, 1))
    ((4,), (4, 1))
    """
    return values[:1] if len(set(values)) == 1 else values


def axis_names(rank: int) -> tuple[str, ...]:
    """Return the names of the axes of 1-D, 2-D or 3-D data, in PyTorch's order.

    >>> axis_names(2)
    ('height', 'width')
    """
    return ("length",) if rank == 1 else ("depth", "height", "width")[-rank:]


def format_shape(sizes: tuple[int, ...] | None) -> str:
    """Return a shape as a Python tuple; ``None`` stands for a tensor that does not exist.

    >>> format_shape((3, 1024)), format_shape((64,)), format_shape(None)
    ('(3, 1024)', '(64,)', 'None')
    """
    return "None" if sizes is None else str(tuple(sizes))


def format_axes(values: tuple[int, ...]) -> str:
    """Return one value per axis as text, or one number if all axes have the same value.

    >>> format_axes((4, 4)), format_axes((4, 1024))
    ('4', '4 × 1,024')
    """
    return format_product(collapse_axes(values))


def axes_code(values: tuple[int, ...]) -> str:
    """Return one value per axis as Python code, or one number if all axes have the same value.

    >>> axes_code((4, 4)), axes_code((4, 1024))
    ('4', '(4, 1024)')
    """
    collapsed = collapse_axes(values)
    return str(collapsed[0] if len(collapsed) == 1 else collapsed)
