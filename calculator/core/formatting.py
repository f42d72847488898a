"""Numbers, shapes and layers as text: the one place where counts get their separators."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB")


def short_repr(value: object) -> str:
    """Return ``value`` as short, safe text for a message.

    >>> short_repr(12.5), short_repr("4"), short_repr(10**5000)
    ('12.5', "'4'", 'a whole number of more than 40 digits')
    """
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**40:
        return "a whole number of more than 40 digits"
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # it holds an integer too long to print, or itself is too deep
        return f"a {type(value).__name__}"
    return text if len(text) <= 60 else text[:57] + "…"


def format_count(value: int) -> str:
    """Return exact digits with thousands separators.

    >>> format_count(31037633)
    '31,037,633'
    """
    return f"{value:,}"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: in the singular for 1, else with an s (es after s).

    >>> plural(3072, "weight"), plural(1, "bias"), plural(0, "bias")
    ('3,072 weights', '1 bias', '0 biases')
    """
    if count != 1:
        noun += "es" if noun.endswith("s") else "s"
    return f"{format_count(count)} {noun}"


PARTS = {"weights": "weight", "biases": "bias", "parameters": "parameter"}
"""The parts of a layer, each with the noun for one of them."""


def format_part(value: int, part: str) -> str:
    """Return the count of a part of a layer; ``part`` is a key of ``PARTS``.

    >>> format_part(3072, "weights"), format_part(1, "biases")
    ('3,072 weights', '1 bias')
    """
    return plural(value, PARTS[part])


def join_words(words: Sequence[str], more: int = 0) -> str:
    """Return a list for a sentence; ``more`` is the number of words that are left out.

    >>> join_words(["a"]), join_words(["a", "b"]), join_words(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    >>> join_words(["a", "b"], more=1200)
    'a, b and 1,200 more'
    """
    items = [*words, f"{format_count(more)} more"] if more else [*words]
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def format_share(part: int, whole: int) -> str:
    """Return a share in percent with three significant digits, written out however small.

    >>> format_share(64, 3136), format_share(1, 2), format_share(0, 3), format_share(256, 268435712)
    ('2.04 %', '50 %', '0 %', '0.0000954 %')
    """
    return f"{Decimal(f'{100 * part / whole:.3g}'):f} %"


def format_product(values: Sequence[int]) -> str:
    """Return a product written out.

    >>> format_product((3, 1024))
    '3 × 1,024'
    """
    return " × ".join(format_count(value) for value in values)


def format_factor(factor: Fraction) -> str:
    """Return a factor as it is said: exact where three digits are, else rounded and marked.

    >>> format_factor(Fraction(4)), format_factor(Fraction(1, 2)), format_factor(Fraction(3, 2))
    ('×4', '×½', '×1.5')
    >>> format_factor(Fraction(193, 49)), format_factor(Fraction(16385, 8193))
    ('≈×3.94', '≈×2.00')
    """
    if factor.denominator == 1:
        return f"×{factor.numerator:,}"
    if factor == Fraction(1, 2):
        return "×½"
    if factor >= 1000:
        return f"≈×{float(factor):,.0f}"
    short = f"{float(factor):.3g}"
    return f"×{short}" if Fraction(short) == factor else f"≈×{float(factor):#.3g}"


def format_bytes(n: int) -> str:
    """Return ``n`` bytes as text: exact below 10,000, else three digits of a binary unit, ``≈`` if rounded.

    >>> format_bytes(8_224), format_bytes(10_240), format_bytes(131_200)
    ('8,224 B', '10 KiB', '≈128 KiB')
    """
    if n < 10_000:
        return f"{format_count(n)} B"
    power = min((n.bit_length() - 1) // 10, len(UNITS))
    value, unit = Fraction(n, 1024**power), UNITS[power - 1]
    rounded = round(value, 3 - len(str(int(value))))
    decimals = max(0, 3 - len(str(int(rounded))))
    # A rounded number keeps its zeros, as they are digits too; an exact one drops them.
    exact = rounded == value
    return f"{'' if exact else '≈'}{_digits(rounded, decimals, drop=exact)} {unit}"


def _digits(value: Fraction, decimals: int, *, drop: bool) -> str:
    """Return ``value``, which has no more than ``decimals``, with all of them or without end zeros."""
    whole, rest = divmod(int(value * 10**decimals), 10**decimals)
    after = f"{rest:0{decimals}}" if decimals else ""
    after = after.rstrip("0") if drop else after
    return f"{format_count(whole)}.{after}" if after else format_count(whole)


def collapse_axes(value: tuple[int, ...]) -> tuple[int, ...]:
    """Return a spatial value as one for all axes where they agree.

    >>> collapse_axes((4, 4)), collapse_axes((4, 1))
    ((4,), (4, 1))
    """
    return value[:1] if len(set(value)) == 1 else value


def axis_names(rank: int) -> tuple[str, ...]:
    """Return what the axes of 1-D, 2-D and 3-D data are called, in PyTorch's order.

    >>> axis_names(2)
    ('height', 'width')
    """
    return ("length",) if rank == 1 else ("depth", "height", "width")[-rank:]


def format_shape(sizes: tuple[int, ...] | None) -> str:
    """Return a shape as it is written in code; no bias is ``None``."""
    return "None" if sizes is None else str(tuple(sizes))


def format_axes(values: tuple[int, ...]) -> str:
    """Return one value per axis as text: one number where all axes agree.

    >>> format_axes((4, 4)), format_axes((4, 1024))
    ('4', '4 × 1,024')
    """
    return format_product(collapse_axes(values))


def axes_code(values: tuple[int, ...]) -> str:
    """Return one value per axis as Python code: one number where all axes agree.

    >>> axes_code((4, 4)), axes_code((4, 1024))
    ('4', '(4, 1024)')
    """
    return str(values[0]) if len(set(values)) == 1 else str(values)
