"""The lines of a print: joined ones are parted, and the numbers of profiling tools are taken out."""

import pytest

from calculator.readers.pytorch.printed_lines import (
    is_elision,
    is_repetition,
    printed_lines,
)

ARGUMENTS = "64, 32, kernel_size=(4, 4), stride=(2, 2)"

# The forms are those of the tools' sources: ptflops 0.7.5 pytorch_engine.py, mmcv flops_counter.py, calflops
# 0.3.2 calculate_pipline.py, deepspeed flops_profiler/profiler.py (old and new), fvcore 0.1.5.
STATISTICS = (
    "3.14 k, 100.000% Params, 1.05 MMac, 100.000% MACs, ",
    "123, 0.001% Params, 0.0 Mac, 0.000% MACs, ",
    "0.004 M, 0.1% Params, 0.2 GFLOPs, 12.5% FLOPs, ",
    "819.2 K = 23% Params, 1.64 GMACs = 50% MACs, 3.28 GFLOPS = 50% FLOPs, ",
    "0 = 0% Params, 0 MACs = 0% MACs, 819.2 KFLOPS = 1e-05% FLOPs, ",
    "1.05 M, 0.31% Params, 10.74 GMACs, 0.34% MACs, 182.39 us, 0.24% latency, 117.74 TFLOPS, ",
    "1.05 M = 0.31% Params, 10.74 GMACs = 0.34% MACs, 182.39 us = 0.24% latency, 0.0 FLOPS, ",
    "0, nan% Params, 0.0 Mac, nan% MACs, ",
    "#params: 32.8K, #flops: 8.4M, ",
    "params=32.8K, macs=1.2G, flops=2.4 G, ",
)


def lines(text: str) -> list[str]:
    return [line.text for line in printed_lines(text)]


@pytest.mark.parametrize("statistics", STATISTICS)
def test_statistics_are_not_arguments(statistics: str) -> None:
    assert lines(f"(up): ConvTranspose2d({statistics}{ARGUMENTS})") == [f"(up): ConvTranspose2d({ARGUMENTS})"]
    assert lines(f"Net(\n  {statistics}\n  {statistics.rstrip(', ')}\n)") == ["Net(", ")"]
    assert lines(f"(a): ReLU({statistics.rstrip(', ')})") == ["(a): ReLU()"]
    assert lines(f"(a): ReLU({statistics}inplace=True)") == ["(a): ReLU(inplace=True)"]


@pytest.mark.parametrize(
    "in_all", ["99.732% Params, 239.616 KMac, 100.000% MACs", "nan% Params, 0.0 Mac, nan% MACs"]
)
def test_statistics_of_weaver_behind_the_arguments(in_all: str) -> None:
    # weaver-core 0.5.3, weaver/utils/flops_counter.py: flops_repr.
    statistics = f"|0.001 M, {in_all}|"
    assert lines(f"(up): ConvTranspose2d({ARGUMENTS}, {statistics})") == [
        f"(up): ConvTranspose2d({ARGUMENTS})"
    ]
    assert lines(f"Net(\n  {statistics}\n  (a): ReLU({statistics})\n)") == ["Net(", "(a): ReLU()", ")"]


def test_statistics_of_fvcore_below_the_arguments() -> None:
    text = f"(up): ConvTranspose2d(\n  {ARGUMENTS}\n  #params: 32.8K, #flops: N/A, #acts: 3\n)"
    assert lines(text) == ["(up): ConvTranspose2d(", ARGUMENTS, ")"]


@pytest.mark.parametrize(
    "text",
    ["num_params=3, bias=True", "Dropout(p=0.5)", "3, 64, kernel_size=(4, 4), eps=1e-05", "# 50% more"],
)
def test_arguments_are_not_statistics(text: str) -> None:
    assert lines(text) == [text]


def test_modules_on_one_line() -> None:
    assert lines("A( (a): B( 3, (0, 1) (c): ReLU() ) (d): 2 x C() (e):\nD() )") == [
        *("A(", "(a): B( 3, (0, 1)", "(c): ReLU() )", "(d): 2 x C()", "(e): D() )")
    ]
    assert lines("(a): B()  # was (b): C()") == ["(a): B()  # was (b): C()"]
    assert lines("See (1): Foo(") == ["See", "(1): Foo("]
    assert lines("): B() (c): ReLU()") == ["): B()", "(c): ReLU()"]  # A key that was wrapped.
    assert [line.number for line in printed_lines("\n(a): B() (c): D()")] == [2, 2]


def test_a_class_on_the_next_line_belongs_to_its_key() -> None:
    for name in ("Own", "_Own", "own2"):
        assert lines(f"(a):\n{name}()") == [f"(a): {name}()"]
    assert lines("(a): Own\n(3)") == ["(a): Own (3)"]
    for other in ("(b): Own()", ")", "- Own()"):
        assert lines(f"(a):\n{other}") == ["(a):", other]


def test_marks_of_what_was_left_out() -> None:
    assert all(map(is_elision, ("...", "......", "…", "⋮", ". . .", "# ...", "[...]", "-- ⋯ --", "(…)")))
    assert not any(map(is_elision, ("", "-", "a ...", "----", ".")))


def test_a_line_as_wide_as_the_widest_goes_on_where_its_brackets_are_open() -> None:
    assert lines("Net(\n  (layer): Linear(in_fea\ntures=8, out_features=4)\n)") == [
        "Net(",
        "(layer): Linear(in_features=8, out_features=4)",
        ")",
    ]
    # The class itself is broken.
    assert lines("  (a_long_name): ConvTran\nspose2d(3, 8)") == ["(a_long_name): ConvTranspose2d(3, 8)"]


@pytest.mark.parametrize(
    "text",
    [
        "(layer): Linear(in_feat\n  (other): ReLU()",  # The next line is a module: this one is cut off.
        "(layer): Linear(in_fea,\nout)\n(a_longer_name): Linear()",  # Another line is wider.
        "(layer): Sequential(Abcd(\n3)",  # Nothing is broken before the first argument.
        "(narrow): Ab(in_\nx=2)",
    ],
)
def test_other_lines_are_not_joined_within_a_word(text: str) -> None:
    assert len(lines(text)) == len(text.split("\n"))


@pytest.mark.parametrize(
    "words", ["x 3", "× 3", "3x", "* 3", "# x 3", "# repeat", "three times", "4 times", "# 4 x"]
)
def test_words_that_say_that_a_layer_occurs_several_times(words: str) -> None:
    assert is_repetition(words)


@pytest.mark.parametrize("words", ["", "# 64 x 64", "# B x 64 x 8", "# x2 larger", "# 3x3", "# some times"])
def test_other_words_behind_a_layer(words: str) -> None:
    assert not is_repetition(words)
