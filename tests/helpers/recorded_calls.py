"""Calls of the core, the frameworks, the geometry and the exercises, whose outcomes are recorded in full.

The tests of each module say which outcomes are right; the record says that all of them are what they were.
"""

import collections
import dataclasses
import functools
import inspect
import itertools
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any
from unittest import mock

from calculator import ConvTranspose
from calculator.core import derivation, formatting, growth, memory, parsing, totals
from calculator.core.description import LayerDescription
from calculator.core.layer import valid_groups
from calculator.core.markup import escape_formula, escape_markdown
from calculator.core.schema import versioned
from calculator.frameworks import FRAMEWORKS
from calculator.frameworks.code import convolution_code
from calculator.frameworks.keras import WORDS, pytorch_crop
from calculator.geometry import inverse, layer_solver, matrices, overlap, size_solver, stamp, weight_grid
from calculator.geometry.chain_solver import chain_channels, kernel_rules, solve_chains
from calculator.geometry.layer_solver import Bounds, LayerSpec, solve_layers
from calculator.geometry.overlap_window import overlap_window
from calculator.learn.calculation import is_calculated, parse_calculation
from calculator.learn.exercise import Question
from calculator.learn.exercises.answer import read_answer, read_calculation
from calculator.learn.exercises.generator import exercise, exercises
from calculator.learn.exercises.layer_questions import positional_question
from calculator.learn.exercises.mystery import mystery_question, mystery_settings
from calculator.learn.exercises.progress import read_progress, write_progress
from calculator.learn.exercises.score import Attempt, score_text
from calculator.learn.lesson.layer_steps import variants
from calculator.learn.lesson.lesson import lesson_step
from calculator.learn.lesson.vote import vote
from calculator.learn.mistakes.coverage import Coverage
from calculator.learn.mistakes.diagnosis import diagnose, times_text
from calculator.learn.mistakes.factors import expected_terms, factor_remark
from calculator.learn.worksheet.worksheet import neighbour_seed, read_title, sheet
from calculator.settings import Settings

LAYERS = tuple(
    ConvTranspose(in_channels=4, out_channels=6, kernel_size=kernel, **settings)
    for kernel, settings in (
        ((4, 4), {"stride": 2, "padding": 1}),
        ((3,), {"stride": 1, "padding": 1, "bias": False}),
        ((3, 5), {"stride": (2, 3), "padding": (0, 1), "output_padding": 1}),
        ((2, 2), {"stride": 4, "padding": 1, "output_padding": 3}),
        ((3, 3), {"stride": 2, "dilation": (1, 2), "groups": 2, "output_padding": 1}),
        ((3, 3, 2), {"stride": 3, "dilation": 2, "padding": 2}),
        ((1,), {"stride": 3}),
        ((2,), {"padding": 30}),
        ((5, 4), {"stride": 2}),
        ((3, 5), {"stride": 2, "padding": (1, 0)}),
        ((3,), {"dilation": 4, "output_padding": 3}),
        ((3,), {"dilation": 2, "bias": False}),
        ((3,), {"dilation": 2, "padding": 4, "output_padding": 1}),
        ((90,), {"padding": 1}),
        ((50,), {"stride": 45}),
        ((2,), {"padding": 3}),
    )
)
LESSONS = (
    Settings(),
    Settings(in_channels=16, out_channels=8, groups=4, bias=False, frozen=True, batch_norm=True),
    Settings(kernel_size=(3, 5), stride=(2, 1), groups=3, second=True, frozen=True),
    Settings(dimensions=1, in_channels=1, out_channels=1, kernel_size=(1,), stride=(1,), padding=(0,)),
    Settings(dimensions=3, in_channels=2, out_channels=7, kernel_size=(3,), batch_norm=True, second=True),
    Settings(in_channels=12, out_channels=18, output_padding=(1,), input_size=(32,)),
)


@dataclasses.dataclass(frozen=True)
class Indexed:
    """A number, or anything else, behind ``__index__``, as in an array of NumPy."""

    value: Any

    def __index__(self) -> int:
        return operator.index(self.value)


WRONG: tuple[dict[str, Any], ...] = (
    *({name: value} for name in ("in_channels", "out_channels", "groups") for value in (0, True, 2.0, 2**63)),
    *({"kernel_size": value} for value in (0, (), (1, 2, 3, 4), "3", (3, 1.5), b"33")),
    *({"kernel_size": Indexed(value)} for value in (2, 2.5)),
    *({name: value} for name in ("stride", "dilation") for value in (0, (1, 2, 3), (1, 0), None, Indexed(2))),
    *({name: value} for name in ("padding", "output_padding") for value in (-1, [1], 10**41, "x" * 70)),
    *({"groups": value} for value in (3, 4, 6)),
    *({"bias": value} for value in (1, None)),
    *({"output_padding": 1, "stride": stride} for stride in (1, (2, 1))),
)
"""Settings of a layer, nearly all of them invalid."""

NUMBERS = (
    *(0, 1, 2, 7, 37, 999, 1_000, 9_999, 10_000, 10_240, 12_345, 99_999, 131_200, 1_023_500, 1_047_553),
    *(2**20, 3 * 2**30 + 1, 2**50 - 1, 2**63, 10**18 - 1, 2**70, 10**24),
)
TEXTS = (
    *("", "  ", "7", " 007 ", "1,024", "1 024", "1,02", "0,123", "65,536", "65 536", "1\u202f024,5", "99999"),
    *("3x5", "3 × 5 X 7", "3,5", "3, 5, 7", "128,256", "(128, 256)", "[4,]", "(3", "()", "4,", "x", "3x"),
    *("3x0", "12.7", "-1", "−5", "–,5", "1e3", "1E+3", "3.1k", "3 kB", "1.000", "1.000.000", "12.", "1_000"),
    *("1_0", "0x10", "ten", "٣", "4²", "½", "¼x3", "\u20664\u2069", "9" * 25, "9" * 250, "12 34"),
    *("1" + ",000" * 7, "1" + ".000" * 7, "1_" + "0" * 20, "a\nb", "a\u200db", "\u200d"),
    *("x" * count for count in (41, 58, 59)),
    *("a\u00a0b", "=1+1", "＝1", "\t1", "plain", "www.a.b", "x@y.z", "https://a.b"),
    *("*a* _b_ `c` [d](e) <f> ~g~ $h$ #i |j|", "2*4*9+4", "(2+3)*4", "2·(3 + 4 × 5)", "5x(3-1)", "2-7"),
    *("7-(2-3)", "(1+2)(3)", "2(3)", "(2", "2)", "2+)", "2**3", "(2+", "()+1", "2*+3", "1.5*2", "3*0x2"),
    *("2*9999999999999999999", "9" * 12 + "*" + "9" * 12, *(f"{'(' * n}1{')' * n}" for n in (10, 11))),
    *("*".join(["(1+2)"] * 6), "+".join(["1"] * 26), "1*" * 99 + "12", "1*" * 100, "3*1*4+2*1", "1*1*(1+1)"),
    *("-(2+3)", "(2-3)*(4-5)", "(2-3)*4+9", "5 ⋅ 3", "5–3−1"),
)
"""Texts in boxes for numbers, sizes, calculations and titles."""

CALCULATIONS = (
    *("5*16", "5*3*16*2+3", "3*3", "6*10*9", "6*10*9+6", "60*9+10", "6*10*3*3-10", "2*3+4*5+6*7+8*9+10*11"),
    *("64*9*5+5", "4*4", "1*1*1", "2*2*2*2", "17*19+23", "3*64*4*4+3", "192*16+64", "3*64*16"),
)
RECORD = [1, 7, 2, ["12", "4*4"], True, False, "16"]
ENTRIES = (
    *(RECORD, [1, 7, 2, [], False, True, ""], [1, 7, 2, [], True, True, ""], [1, 7, 2, [], False, False, ""]),
    *([1, 7, 2, ["12"], False, True, ""], [1, 7, 2, ["1", "2", "3"], True, False, "2"], "12", RECORD[:6]),
    *([*RECORD[:at], wrong, *RECORD[at + 1 :]] for at in range(7) for wrong in (True, -1, 0, 10**9, "x")),
)
"""Entries of a record of attempts, nearly all of them invalid."""


def calls() -> Iterator[tuple[str, str]]:
    """Yield the name and the outcome of each call."""
    of_layers = (_of_layers, _of_frameworks, _of_channels, _of_solvers)
    for group in (_of_texts, _of_numbers, *of_layers, _of_exercises, _of_limits):
        for function, *given in group():
            name = f"{function.__qualname__} {', '.join(map(_named, given))}"
            yield name, outcome(function, *given)


def _named(value: object) -> str:
    """Return an argument as text: a layer of ``LAYERS`` by its index, a function by its name."""
    if isinstance(value, tuple):
        return f"({', '.join(map(_named, value))})"
    if isinstance(value, ConvTranspose) and value in LAYERS:
        return f"layer {LAYERS.index(value)}"
    return getattr(value, "__qualname__", None) or repr(value)


def outcome(function: Callable[..., object], *given: Any) -> str:
    """Return the result of a call as text, or the sentence that refuses it. Settings may come last."""
    *rest, named = given if given and isinstance(given[-1], dict) else (*given, {})
    try:
        return shown(function(*rest, **named))
    except (ValueError, RuntimeError) as error:
        return f"{type(error).__name__}: {error}"


def shown(value: object) -> str:
    """Return a value as text, each object of the product with its properties."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{shown(key)}: {shown(entry)}' for key, entry in value.items())}}}"
    if not dataclasses.is_dataclass(value) and not hasattr(value, "_fields"):
        return f"({', '.join(map(shown, value))})" if isinstance(value, tuple | list) else repr(value)
    kind: Any = type(value)
    entries = (f"{name}={shown(getattr(value, name))}" for name in _parts(kind))
    return f"{kind.__name__}({', '.join(entries)})"


@functools.cache
def _parts(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields and of the properties of a class. A layer has no properties here."""
    fields = dataclasses.fields(kind) if dataclasses.is_dataclass(kind) else ()
    names = [field.name for field in fields if field.repr] or list(kind._fields)
    found = inspect.getmembers(kind, lambda one: isinstance(one, property | functools.cached_property))
    return (*names, *(name for name, _ in found if kind is not ConvTranspose))


Call = tuple[Any, ...]
"""A function and its arguments."""


def _each(functions: Iterable[Callable[..., object]], *choices: Iterable[Any]) -> Iterator[Call]:
    """Yield each function with each combination of arguments."""
    return itertools.product(functions, *choices)


def _of_texts() -> Iterator[Call]:
    yield from _each((read_answer, read_calculation, is_calculated, parsing.count_numbers), TEXTS)
    yield from _each((read_title, escape_formula), TEXTS)
    yield from _each((parse_calculation,), TEXTS, ("The answer must be a calculation",))
    yield from _each((escape_markdown,), TEXTS, ({"page": True}, {"page": False}))
    texts = (*TEXTS, "nn.A(b=1) 2 × 3 → 50 %")
    yield from _each((formatting.unbroken_parts, formatting.short_repr), texts)
    yield from _each((formatting.short_repr,), (10**40, 10**40 - 1, -(10**40), 1.5, None, (1, 2)))
    limits = [{"minimum": minimum, "maximum": maximum} for minimum, maximum in ((0, 99_999), (1, 4_096))]
    yield from _each((parsing.parse_whole,), TEXTS, ("Input channels",), limits)
    ranked = [{"rank": rank, **limit} for rank in (1, 2, 3) for limit in limits]
    yield from _each((parsing.parse_spatial,), TEXTS, ("Kernel size",), ranked)
    yield from _each((parsing.parse_line,), TEXTS, ("A name",), ({"maximum": 40},))


def _of_numbers() -> Iterator[Call]:
    yield from _each((formatting.format_count, formatting.format_bytes), NUMBERS)
    yield from _each((formatting.plural, formatting.noun_for), (0, 1, 2, 1_000), ("weight", "bias"))
    parts = ((1, 3), (0, 3), (2, 3), (1, 10**9), (10**9, 10**9 + 1), (64, 3_136))
    yield from ((formatting.format_share, *pair) for pair in parts)
    factors = itertools.product((1, 2, 3, 193, 1_999, 16_385, 999_501), (1, 2, 7, 49, 8_193))
    yield from ((formatting.format_factor, Fraction(*pair)) for pair in factors)
    words: tuple[list[str], ...] = ([], ["a"], ["a", "b"], ["a", "b", "c"])
    yield from _each((formatting.join_words, formatting.join_first), words, (0, 1, 2, 1_200))
    axes = ((4,), (4, 4), (4, 1_024), (2, 2, 2), (1, 1, 2))
    many = (formatting.format_shape, formatting.format_axes, formatting.axes_code, formatting.format_product)
    yield from _each(many, axes)
    yield from ((formatting.axis_names, rank) for rank in (1, 2, 3))
    yield formatting.format_shape, None
    types, optimisers = (*memory.NUMBER_TYPES, "float8", 4), (*memory.OPTIMISERS, "Lion")
    yield from _each((memory.weight_bytes,), (5,), types)
    yield from _each((memory.training_bytes,), (5,), types, optimisers)
    yield from _each((memory.training_parts,), types, optimisers)
    yield from _each((valid_groups,), (1, 12, 36, 0, 2**50), (1, 18, 2**50))
    yield versioned, "layer", {"document": {"parameters": 3}}
    yield from ((neighbour_seed, seed) for seed in (0, 1, 2_021, 999_999))


def _of_layers() -> Iterator[Call]:
    basis: dict[str, Any] = {"in_channels": 4, "out_channels": 6, "kernel_size": 3}
    yield from ((ConvTranspose, basis | wrong) for wrong in WRONG)
    properties = [name for name, one in vars(ConvTranspose).items() if isinstance(one, property)]
    yield from _each((getattr,), LAYERS, properties)
    described = [LayerDescription(**dataclasses.asdict(layer)) for layer in LAYERS]
    yield from _each((LayerDescription.words,), described)
    yield from _each((derivation.derive_parameters, growth.growth_laws, convolution_code), LAYERS)
    yield from _each((growth.growth_law, growth.current_value), LAYERS[:3], growth.SWEPT)
    yield from _each((growth.sweep_law,), LAYERS[:3], (*growth.SWEPT, "stride"))
    yield from _each((growth.with_setting,), LAYERS[:3], growth.SWEPT, (0, 1, 9))
    yield growth.growth_law, LAYERS[0], "bias"
    norms = [{"batch_norm": norm, "frozen": frozen} for norm in (False, True) for frozen in (False, True)]
    yield from _each((totals.tally,), (LAYERS[:1], LAYERS[:2]), norms)
    sizes = (0, 1, 5, (5, 7), (1, 2, 3), "5")
    yield from _each((ConvTranspose.output_size, ConvTranspose.multiply_accumulates), LAYERS, sizes)
    yield from _each((inverse.restores_size, overlap_window), LAYERS, sizes)
    yield from _each((overlap_window,), LAYERS, (2, 3, 8, 40))
    yield from _each((overlap.overlap, overlap.interior_range, matrices.line_layer), LAYERS)
    yield from _each((stamp.small_input, overlap.remedies), LAYERS, (1, 2, 5, 40))
    yield from _each((stamp.few_values,), map(matrices.line_layer, LAYERS), (1, 4, 16, 100))
    sized = (inverse.full_size, inverse.convolved_size, inverse.ambiguous_sizes)
    yield from _each(sized, LAYERS, (0,), (0, 1, 5))
    yield from _each((overlap.axis_overlap, size_solver.reachable), LAYERS, (0,), (0, 1, 5, 10**7))
    wanted = (0, 1, 2, 7, 8, 16, 40)
    yield from _each((size_solver.solve_axis, size_solver.nearest), LAYERS, (0,), (1, 5), wanted)
    yield from _each((size_solver.unreachable_reason,), LAYERS, (0, 2), (1, 5), wanted)
    yield size_solver.solve_axis, ConvTranspose(1, 1, (2,), stride=300_000), 0, 5, 7


PADS = (
    *(None, 0, 1, -1, -30, 1.5, 2**63, "odd", "same", "SAME", "Valid", "CIRCULAR", "NOTSET", b"x", [1]),
    *([2, 0], [1, 0, 2, 1], [1, 0, 2, -1], range(2)),
    *(((1, 2), (3,)), ((1, 2), (0, 0)), ((1, 2.5),), ((2, 1),)),
)
"""Padding arguments, each of which some framework refuses."""


def _of_frameworks() -> Iterator[Call]:
    methods = ("weight_shape", "bias_shape", "layer_padding", "code")
    yield from _each((framework,), FRAMEWORKS, methods, LAYERS)
    arguments: list[dict[str, object]] = [{"padding": padding} for padding in PADS]
    for padding in (None, "same", "VALID", (0, 0, 0, 0)):
        arguments += [{"padding": padding, "output_padding": extra} for extra in (0, 1, 3, -1, "x")]
    yield from _each((framework,), FRAMEWORKS, ("output_size",), LAYERS, (5,), arguments)
    yield from _each((framework,), FRAMEWORKS, ("output_size",), LAYERS, (0, 1, (1, 2, 3)))
    yield grid, pytorch_crop, WORDS, (1, 2, 3, 4, 5), (1, 2, 3, 5), (None, 0, 1, 2)


def framework(name: str, method: str, layer: ConvTranspose, *given: object, **named: object) -> object:
    """Return the result of a method of a framework."""
    return getattr(FRAMEWORKS[name], method)(layer, *given, **named)


def grid(function: Callable[..., object], *choices: Iterable[object]) -> list[str]:
    """Return the outcomes of a function for each combination of arguments."""
    return [outcome(function, *given) for given in itertools.product(*choices)]


def _of_channels() -> Iterator[Call]:
    channels = ((3, 64, 1), (8, 4, 2), (64, 64, 16), (12, 12, 12), (40, 20, 2), (30, 45, 3), (6, 6, 3))
    layers = [ConvTranspose(i, o, (3,), groups=groups) for i, o, groups in channels]
    pairs = ((0, 0), (2, 1), (2, 30), (7, 3), (20, 20), (39, 19), (63, 63))
    room = [{"max_rows": rows, "max_columns": most} for rows, most in ((8, 10), (5, 5), (6, 13), (4, 9))]
    yield from _each((weight_grid.tensor_view,), layers, pairs, room)
    kept = (0, 1, 2, 3, 4, 5, 40, 61, 62, 63)
    yield grid, weight_grid.drawn_channels, (1, 4, 5, 6, 8, 64), (4, 5, 6, 8), kept
    yield grid, weight_grid.example_weight, range(4), range(4), range(9)
    for layer, asked in itertools.product(LAYERS[3:5], (weight_grid.weight_index, weight_grid.connected)):
        yield grid, asked, [layer], (-1, 0, 1, 3, 4), (0, 2, 3, 5, 6)
    alone = ("one-kernel", "in-forgotten", "groups-twice", "groups-ignored")
    keys = ((), *((key,) for key in alone), ("out-forgotten", "x"))
    for layer, some in itertools.product((LAYERS[0], LAYERS[4]), keys):
        for counts in ((layer.kernel_volume, 6, 1, 1), (1, 0, 2, 1), (4, 4, 1, 3)):
            counted = Coverage(layer, some, *counts)
            yield grid, Coverage.kernel, (counted,), range(4), range(6)
            yield shown, counted
    fills = [{"pair": pair, "values": fill} for pair in ((0, 0), (3, 5), (1, 4)) for fill in stamp.FILLS]
    yield from _each((stamp.stamp,), LAYERS[:6], (1, 2), (*fills, {"values": "twos"}))
    yield from ((stamp.stamp, layer, size) for layer, size in ((LAYERS[0], (2, 3)), (LAYERS[1], 2_000)))
    for layer in LAYERS[:7]:
        yield matrices.convolution_matrix, layer, 2, range(1, layer.kernel_volume + 1)
    yield from _each((matrices.convolution_matrix,), LAYERS[1:2], (2, 2_000), ((1, 2), (1, 2, 3)))


SPECS = (LayerSpec(), LayerSpec(512, 64, groups=8), LayerSpec(3, 64, bias=False))
BOUNDS = (
    Bounds(listed=4),
    Bounds(overlap="any", listed=9, output_padding=3, dilation=3, kernel_size=5),
    Bounds(overlap="covered", listed=6, output_padding=0, kernel_size=4, stride=2, layers=3),
    Bounds(stride=3, listed=5, layers=2),
)
ENLARGED = (
    *((7, 14), (7, 15), (1, 4), (5, 3), (4, 200), (7, 100), (2, 2)),
    *(((1, 4), (4, 16)), ((4, 6), (8, 24)), ((1, 4), (1, 16)), ((1, 3), (1, 11)), (0, 4), (5, (1, 2, 3))),
)
"""Sizes before and after."""


def _of_solvers() -> Iterator[Call]:
    for function in (solve_layers, solve_chains):
        for (size, wanted), bounds in itertools.product(ENLARGED, BOUNDS):
            yield function, size, wanted, SPECS[0], bounds
        yield from ((function, 7, 28, spec, BOUNDS[0]) for spec in SPECS[1:])
        yield from ((function, 3, 12, LayerSpec(rank=rank), BOUNDS[3]) for rank in (1, 3))
    fields = ("kernel_size", "stride", "output_padding", "dilation", "layers", "listed")
    yield from ((Bounds, {name: value}) for name in fields for value in (-1, 0, None, 1_025, 10_001, 2.5))
    yield from ((Bounds, {"overlap": value}) for value in ("odd", "holes"))
    yield from ((LayerSpec, {"rank": value}) for value in (0, 4, None))
    yield LayerSpec, {"groups": 2}
    chain = layer_solver.Answer((LAYERS[0], LAYERS[0], LAYERS[2]), (4, 4))
    yield from _each((shown, layer_solver.Answer.ways), (chain,))
    yield grid, chain_channels, SPECS, range(2, 6)
    yield grid, kernel_rules, range(1, 6)
    yield grid, layer_solver.axis_kind, (1, 2, 7), range(1, 6), (1, 2, 3), (0, 1, 2), (0, 1, 2), (1, 2, 3)
    yield grid, overlap.product_range, range(1, 8), range(1, 7), range(1, 7)


def _of_exercises() -> Iterator[Call]:
    for level, number in itertools.product((1, 2, 3, 4), (1, 2, 3, 4)):
        asked = exercise(7, level, number)
        yield from _each((mistakes, pairs, terms), (level,), (number,))
        yield from _each((remark,), (level,), (number,), dict.fromkeys((*CALCULATIONS, *_typed(asked))))
        yield from _each((said,), (level,), (number,), (-5, 0, 1, asked.answer + 1, 10**39, 10**40))
    yield from ((times_text, "16", {"exact": exact}) for exact in (False, True))
    numbers = (
        (-1, 1, 1),
        (1_000_000, 1, 1),
        (1, 0, 1),
        (1, 5, 1),
        *((1, 1, wrong) for wrong in (-1, 0, 10**4, True)),
    )
    for wrong in numbers:
        yield from ((function, *wrong) for function in (exercise, exercises))
        yield sheet, *wrong, "A title"
    yield from _each((variants, mystery_question, mystery_settings), LESSONS)
    yield from ((positional_question, ConvTranspose(3, 4, (5,) * rank, stride=2)) for rank in (1, 2, 3))
    yield mystery_question, Settings(stride=(1,), output_padding=(3,), groups=5)
    yield from ((read_progress, [entry]) for entry in ENTRIES)
    yield read_progress, [RECORD] * 502
    typed = {(1, 7, 2): Attempt((1, 2, 16), solved=True), (2, 7, 1): Attempt(working_shown=True)}
    yield write_progress, typed, {"last": {(1, 7, 2): read_calculation("1,200*4+3")}}
    flags = [*itertools.product((False, True), repeat=2)]
    tried = [Attempt(answers, *some) for answers in ((), (3,), (3, 4)) for some in flags]
    yield from ((score_text, [*some]) for count in range(3) for some in itertools.combinations(tried, count))
    yield grid, Attempt.with_answer, tried, (5,), ({"correct": False}, {"correct": True})
    yield grid, Attempt.with_working_shown, tried


ONE = LayerSpec(1, 1, rank=1)


def _of_limits() -> Iterator[Call]:
    line, pad, few = LAYERS[1], {"padding": -2}, Bounds(stride=2, listed=1)
    for place, limits, *call in (
        ("core.layer.MAX_SEARCHED", range(5, 8), valid_groups, 12, 18),
        ("core.validation.MAX_VALUE", range(6, 9), ConvTranspose, 1, 1, (7,)),
        ("core.validation.MAX_VALUE", range(6, 9), ConvTranspose, 7, 1, 1),
        ("core.validation.MAX_VALUE", range(6, 9), ConvTranspose, Indexed(7), 1, 1),
        ("frameworks.flax.MAX_VALUE", range(1, 4), framework, "flax", "output_size", line, 5, pad),
        ("geometry.chain_solver.MAX_CHAINS", range(1, 7), solve_chains, 4, 16, ONE, Bounds(listed=1)),
        ("geometry.chain_solver.MAX_PATHS", range(1, 30), solve_chains, 4, 8, ONE, few),
        ("geometry.chain_solver.MAX_COMPUTED_KERNEL", range(2, 6), solve_chains, 4, 16, ONE),
        ("geometry.overlap.MAX_POSITIONS", range(13, 16), overlap.axis_overlap, LAYERS[0], 0, 5),
        ("geometry.size_solver.MAX_SOLUTIONS", range(4), size_solver.solve_axis, LAYERS[6], 0, 5, 8),
        ("geometry.stamp.MAX_CELLS", range(7, 10), stamp.stamp, line, 2),
        ("geometry.matrices.MAX_ENTRIES", range(3, 6), matrices.convolution_matrix, line, 2, (1, 2, 3)),
        ("geometry.layer_solver.MAX_BOUND", (9, 44, 45, 46, 47, 48), solve_layers, 3, 50, ONE),
        ("geometry.layer_solver.MAX_COMPUTED_KERNEL", range(7, 12), solve_layers, 3, 15, ONE),
        *(
            ("geometry.layer_solver.MAX_STEPS", range(0, 120, 3), solve_layers, 3, 6, ONE, bounds)
            for bounds in (Bounds(kernel_size=9, listed=1), Bounds(3, 2, dilation=2, overlap="any", listed=1))
        ),
        *(
            ("learn.exercises.answer.MAX_SUGGESTED_DIGITS", range(2, 5), read_answer, text)
            for text in ("1_00", "12.345")
        ),
        ("learn.exercises.answer.MAX_INSPECTED_CHARS", range(1, 5), read_answer, "12k"),
        ("learn.exercises.generator.MAX_CANDIDATES", range(5), exercise, 7, 3, 2),
        ("learn.exercises.progress.MAX_KEPT", range(1, 4), read_progress, [RECORD, [*ENTRIES[1]]]),
        ("learn.exercises.progress.MAX_ANSWERS", range(1, 4), read_progress, ENTRIES),
        ("learn.calculation.MAX_CHARS", range(6, 15), parse_calculation, "2*3+4*5", "It"),
        ("learn.calculation.MAX_VALUE", range(11, 14), parse_calculation, "3*4", "It"),
        ("learn.calculation.MAX_DEPTH", range(4), parse_calculation, "((2+3))*4", "It"),
        ("learn.calculation.MAX_TERMS", range(3, 6), parse_calculation, "(1+2)*(3+4)+1", "It"),
        ("learn.mistakes.factors.MAX_TERMS", range(1, 4), remark, 1, 1, "2*3+4*5"),
        ("learn.mistakes.factors.MAX_FACTORS", range(1, 4), remark, 1, 1, "2*3+4"),
        ("learn.mistakes.factors.MAX_REMARKS", range(5), remark, 1, 1, "7*9+11+13*2+23"),
        ("learn.mistakes.diagnosis.MAX_RATIO", range(1, 5), said, 1, 1, 3 * exercise(7, 1, 1).answer),
        ("learn.mistakes.diagnosis.MAX_REPEATED", range(99_998, 100_001), said, 1, 1, 99_999),
        ("learn.lesson.vote.MAX_RATIO", range(1, 40, 3), vote, lesson_step(LESSONS[0], 4)),
        ("learn.lesson.layer_steps.MAX_OFFERED", range(5), lesson_step, LESSONS[5], 5),
    ):
        yield limited, place, limits, *call
    for name, level, number in (
        *(("layer_questions.MAX_ANSWER", level, number) for level in (1, 2, 4) for number in (1, 2, 3)),
        *(("decoder_questions.MAX_ANSWER", 3, number) for number in (1, 2)),
        *(("inverse_questions.MAX_PARAMETERS", 3, number) for number in (1, 2)),
    ):
        asked = exercise(7, level, number)
        most = asked.layer.parameter_count if asked.layer else asked.answer
        yield limited, f"learn.exercises.{name}", range(most - 1, most + 2), exercise, 7, level, number
    ways = collections.Counter(pair.value for pair in exercise(7, 1, 1).pairs())
    (often, count), *_ = ways.most_common(1)
    yield limited, "learn.mistakes.diagnosis.MAX_PAIRS", range(count - 2, count + 2), said, 1, 1, often


def limited(
    place: str, limits: Iterable[int], function: Callable[..., object], *given: Any, **named: Any
) -> list[str]:
    """Return the outcomes of a call with other values of the limit at a place of the product."""
    outcomes = []
    for limit in limits:
        with mock.patch(f"calculator.{place}", limit):
            outcomes.append(outcome(function, *given, named))
    return outcomes


def mistakes(level: int, number: int) -> object:
    """Return the mistakes of an exercise, with their workings."""
    return exercise(7, level, number).mistakes


def pairs(level: int, number: int) -> object:
    """Return the pairs of mistakes of an exercise and their numbers."""
    return [(pair.key, pair.name, pair.value) for pair in exercise(7, level, number).pairs()]


def terms(level: int, number: int) -> object:
    """Return the terms of an exercise."""
    return expected_terms(exercise(7, level, number))


def remark(level: int, number: int, text: str) -> tuple[str, str]:
    """Return what is said of a typed calculation: alone, and after the diagnosis of its result."""
    asked, typed = exercise(7, level, number), read_calculation(text)
    return factor_remark(asked, typed), diagnose(asked, typed.value, calculation=typed).sentence


def said(level: int, number: int, value: int) -> tuple[str, str]:
    """Return what is said of a number, before and after the answer is shown."""
    asked = exercise(7, level, number)
    return diagnose(asked, value).sentence, diagnose(asked, value, revealed=True).sentence


def _typed(question: Question) -> Iterator[str]:
    """Yield the calculation of a question, and calculations with a factor or a term too few or too many."""
    right = [[value for value, _ in term.factors] or [1] for term in expected_terms(question)]
    some = [right, right[:-1], right[1:], [*right, [3, 5]], [*right, [2], [3], [5], [7]]]
    for place, factors in enumerate(right):
        others = [[*factors, 2], [*factors, 2, 3], [math.prod(factors)], [factors[0] + 1, *factors[1:]]]
        others += [factors[:index] + factors[index + 1 :] for index in range(len(factors))]
        some += [[*right[:place], other, *right[place + 1 :]] for other in others if other]
    yield from ("+".join("*".join(map(str, factors)) for factors in one) for one in some if one)
    if right:
        yield f"{'+'.join('*'.join(map(str, factors)) for factors in right)}-1"
