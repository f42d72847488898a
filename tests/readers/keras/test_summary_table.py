"""The printed table of Keras' ``model.summary()``: damaged, foreign and hostile tables."""

import contextlib
import time

import pytest

from calculator.readers import read
from calculator.readers.keras.summary import read_keras_summary
from calculator.readers.model import ReadError
from tests.helpers.keras_summary import KERAS_2_SUMMARY


def test_a_table_that_lost_its_spaces() -> None:
    text = "\n".join(" ".join(line.split()) for line in KERAS_2_SUMMARY.splitlines())
    model = read_keras_summary(text)
    assert (model.parameter_count, model.transposed_count) == (2328576, 1024000)


def test_a_table_of_torchsummary_is_not_taken_for_keras() -> None:
    text = """        Layer (type)               Output Shape         Param #
================================================================
   ConvTranspose2d-1           [-1, 32, 16, 16]      32,800,000
"""
    assert read(text).format == "torchsummary table"
    with pytest.raises(ReadError, match="no layers"):
        read_keras_summary(text)


UP, NORM = (
    ("up (Conv2DTranspose)", "(None, 8, 8, 32)", "32,800"),
    ("norm (BatchNormalization)", "(None, 8, 8, 32)", "128"),
)
TITLES = ("Layer (type)", "Output Shape", "Param #")
TOTALS = "\nTotal params: 32,928\nTrainable params: 32,864\nNon-trainable params: 64\n"


def lines(form: str, *rows: tuple[str, str, str]) -> str:
    return "\n".join(form.format(*row) for row in rows)


FORMS = {
    "Markdown": lines("| {} | {} | {} |", TITLES, ("---", ":---:", "---:"), UP, NORM),
    "Markdown without outer bars": lines("{} | {} | {}", TITLES, ("---", "---", "---"), UP, NORM),
    "Markdown with marks": lines("| {} | {} | {} |", TITLES)
    + "\n|:--|---|--:|\n"
    + lines("| `{}` | {} | **{}** |", UP, NORM),
    "commas": lines("{},{},{}", TITLES) + "\n" + lines('{},"{}","{}"', UP, NORM),
    "semicolons": lines("{};{};{}", TITLES, UP, NORM),
    "tabs": lines("{}\t{}\t{}", TITLES, UP, NORM),
    "tabs at the beginning": lines("\t{}\t{}\t{}", TITLES, UP, NORM),
    "two spaces": lines("{}  {}  {}", TITLES, UP, NORM),
    "one space": lines("{} {} {}", TITLES, UP, NORM),
    "columns that moved": lines("{:<40}{:<40}{}", TITLES) + "\n" + lines("{:<30} {:<17} {}", UP, NORM),
    "boxes without rules": lines("│ {:<26}│ {:<18}│ {:>9} │", TITLES, UP, NORM),
    "boxes with every rule": lines("│ {:<26}│ {:<18}│ {:>9} │\n├──┼──┼──┤", TITLES, UP, NORM),
    "a cell on each line": lines("{}\n{}\n{}", TITLES, UP, NORM),
    "a cell on each line, blank lines": lines("{}\n\n  {}\n\n{}\n", TITLES, UP, NORM),
    "no rules": lines("{:<40}{:<25}{}", TITLES, UP, NORM),
    "rules": lines("{:<40}{:<25}{:<9}\n" + "_" * 74, TITLES, UP, NORM),
    "notes": lines("{:<40}{:<25}{}  # a note of 3 words", TITLES, UP, NORM),
    "calculations": lines("{:<40}{:<25}{} = (4*4*64+1)*32", TITLES, UP, NORM),
}


@pytest.mark.parametrize("form", FORMS)
def test_other_ways_to_write_the_same_table(form: str) -> None:
    for text in (FORMS[form] + TOTALS, "Some text before.\n" + FORMS[form].replace("\n", "\r\n") + TOTALS):
        model = read(text)
        assert [(row.name, row.parameter_count) for row in model.rows] == [("up", 32800), ("norm", 128)]
        assert (model.parameter_count, model.transposed_count, model.trainable_count) == (32928, 32800, 32864)
        assert (model.complete, len(model.assumptions)) == (True, 1)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("count", ["32 800", "32.800", "32.8K", "?", "32,80", "3*3*9", "32,8…", ""])
def test_a_count_in_doubt_makes_an_unknown_row_and_never_another_number(form: str, count: str) -> None:
    text = FORMS[form].replace("32,800", count) + TOTALS
    if not count and "cell on each line" in form:
        with pytest.raises(ReadError, match="cell on each line"):
            read(text)
        return
    model = read(text)
    assert [(row.name, row.known) for row in model.rows] == [("up", False), ("norm", True)]
    assert model.parameter_count == 128
    assert any("rows add up to 128, the printed total is 32,928" in said for said in model.assumptions)


@pytest.mark.parametrize("form", FORMS)
def test_a_line_left_out_is_said(form: str) -> None:
    if "cell on each line" in form:
        return
    bar = FORMS[form].splitlines()[-1 if "rule" not in form else 0][:1]
    mark = f"{bar} ... {bar}" if bar in "|│\t" else "..."
    text = FORMS[form].replace("norm", "\0", 1)
    line = text[text.rindex("\n", 0, text.index("\0")) : text.index("\0")]
    text = text.replace(f"{line}\0", f"\n{mark}{line}norm")
    model = read(text)
    assert (model.parameter_count, model.complete) == (32928, False)
    assert len(model.unknown) == 1


def test_a_count_at_the_edge_of_its_column_needs_the_total() -> None:
    # line_length=56: Keras 2 cuts every line at 56 characters.
    text = lines("{:<30}{:<19}{}", TITLES) + "\n" + "=" * 56 + "\n"
    text += lines("{:<30}{:<19}{}", ("up (Conv2DTranspose)", "(None, 8, 8, 32)", "1234567")) + "\n"
    text += lines("{:<30}{:<19}{}", ("d (Dense)", "(None, 8)", "72")) + "\n"
    model = read(text)
    assert [(row.name, row.known) for row in model.rows] == [("up", False), ("d", True)]
    assert read(text + "Total params: 1,234,639\n").complete
    assert not read(text + "Total params: 12,345,750\n").complete
    # With another column after it, Keras leaves one or two spaces.
    text = "Layer (type)    Output Shape     Param #  Connected to\n" + "=" * 60 + "\n"
    cut = text + "a (Dense)       (None, 8)        72       x[0][0]\n"
    cut += "up (Dense)      (None, 8)        1234567  a[0][0]\n"
    assert [row.known for row in read(cut).rows] == [True, False]


def test_a_wrapped_count_is_not_joined() -> None:
    # Keras 2.8 and later put the rest of a count on the next line.
    text = "Layer (type)    Output Shape     Param #  Connected to\n" + "=" * 60 + "\n"
    text += " batch_normali  (None, 8)        1234567  x[0][0]\n"
    text += " zation (Batch                   89\n Normalization)\n\n"
    text += " d (Dense)      (None, 8)        72       x[0][0]\n"
    assert [(row.parameter_count, row.known) for row in read(text).rows] == [(0, False), (72, True)]


def test_nested_models_in_boxes_without_rules() -> None:
    text = """┃ Layer (type)        ┃ Output Shape      ┃    Param # ┃
│ seq (Sequential)    │ (None, 8)         │        140 │
│    └ dense (Dense)  │ (None, 8)         │         72 │
│    └                │ (None, 4)         │         68 │
│ dense_1 (Dense)     │                   │            │
│ up                  │ (None, 8, 8, 32)  │     32,800 │
│ (Conv2DTranspose)   │                   │            │
 Total params: 32,940 (128.67 KB)
"""
    assert [(row.name, row.parameter_count) for row in read(text).rows] == [
        ("seq/dense", 72), ("seq/dense_1", 68), ("up", 32800),
    ]  # fmt: skip
    left_out = read(
        text.replace("│    └ dense (Dense)  │ (None, 8)         │         72 │", "│ ... │ ... │ ... │")
    )
    assert (left_out.parameter_count, left_out.complete) == (32868, False)


def test_cells_that_cannot_be_aligned_are_refused() -> None:
    with pytest.raises(ReadError, match="cell on each line"):
        read("Layer (type)\nOutput Shape\nParam #\nup (Dense)\n72\nb (Dense)\n(None, 8)\n72\n")


def test_long_lines_take_linear_time() -> None:
    started = time.process_time()
    for filler in (
        "(",
        ") ",
        "x (A) (" + ")" * 1900,
        "1," * 1000,
        "│" * 2000,
        "a " * 1000,
        "a (A",
        "a (A) [(",
        "32 ",
    ):
        body = "\n".join([filler * (2000 // len(filler))] * 500)
        with contextlib.suppress(ReadError):
            read_keras_summary("Layer (type)  Output Shape  Param #\n" + body)
    assert time.process_time() - started < 5


def test_commas_without_quotes_make_unknown_rows() -> None:
    text = lines("{},{},{}", TITLES, UP, ("d (Dense)", "8", "72"))
    assert [(row.name, row.known) for row in read(text).rows] == [("up", False), ("d", True)]


def test_names_that_markdown_escaped() -> None:
    text = FORMS["Markdown"].replace("norm (", "norm\\_1 \\(") + TOTALS
    assert [row.name for row in read(text).rows] == ["up", "norm_1"]


def test_the_maximum_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calculator.readers.keras.summary.MAX_ROWS", 1_000)
    text = lines("{:<30}{:<19}{}", TITLES) + "\n"
    row = lines("{:<30}{:<19}{}", ("d (Dense)", "(None, 8)", "72")) + "\n"
    assert len(read_keras_summary(text + row * 1_000).rows) == 1_000
    with pytest.raises(ReadError, match="more than 1,000 layers"):
        read_keras_summary(text + row * 1_001)


def test_lines_that_lost_their_columns_keep_what_is_not_trained() -> None:
    text = "Layer (type)          Output Shape     Param #   Trainable\n"
    model = read_keras_summary(text + "a (Dense) (None, 2) 6 N\nb (Dense) (None, 2) 8 Y\n")
    assert [(row.parameter_count, row.frozen_count) for row in model.rows] == [(6, 6), (8, 0)]
