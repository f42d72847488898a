"""The printed table of Keras' ``model.summary()``: damaged, foreign and hostile tables."""

import contextlib
import time

import pytest

from calculator.readers import read
from calculator.readers.keras.summary import read_keras_summary
from calculator.readers.keras.summary_table import SummaryLine, joined_titles, read_table
from calculator.readers.model import MAX_DEPTH, ReadError
from calculator.readers.pasted_text import without_marks
from calculator.readers.totals import total_text, trainable_text
from tests.helpers.keras_summary import KERAS_2_SUMMARY
from tests.helpers.paths import READER_FILES


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
    # A copy with a blank line below each line has the same width.
    assert [row.known for row in read(text.replace("\n", "\n\n")).rows] == [False, True]
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


@pytest.mark.parametrize("form", FORMS)
def test_the_lines_and_totals_of_every_form(form: str) -> None:
    table = read_table(
        'Model: "net"\n' + FORMS[form].replace("`", "") + TOTALS + "after (Dense)  (None, 2)  9\n"
    )
    assert [(line.layer, line.shape, line.trainable, line.depth) for line in table.lines] == [
        ("up(Conv2DTranspose)", "(None,8,8,32)", "", 0),
        ("norm(BatchNormalization)", "(None,8,8,32)", "", 0),
    ]
    assert [line.count.split(" ")[0] for line in table.lines] == ["32,800", "128"]
    assert not any(line.left_out or line.doubtful for line in table.lines)
    assert table.totals == {"total": 32928, "trainable": 32864, "non-trainable": 64}
    # A table of which every cell is a line is cut from the text round it.
    name = "" if "cell on each line" in form else "net"
    assert (table.name, table.has_second_summary, table.of_tensorflow_js) == (name, False, False)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("between", [TOTALS, "\n"])
def test_of_two_tables_only_the_first_is_read(form: str, between: str) -> None:
    other = FORMS[form].replace("32,800", "7").replace("up (", "second (")
    table = read_table(without_marks(FORMS[form] + between + other + TOTALS))
    # Nothing separates some tables from the titles of the next, which is not a row of a wrapped name here.
    assert [line.layer for line in table.lines] == ["up(Conv2DTranspose)", "norm(BatchNormalization)"]
    assert table.has_second_summary
    assert table.totals == (
        {"total": 32928, "trainable": 32864, "non-trainable": 64} if between == TOTALS else {}
    )


def test_a_cell_on_each_line_with_a_fourth_column() -> None:
    head = "Layer (type)\nOutput Shape\nParam #\n"
    for more, cell in (("Connected to", "a[0][0]"), ("Trainable", "N"), ("Trai…", "N")):
        text = f"{head}{more}\nup (Dense)\n(None, 8)\n72\n{cell}\nd (Dense)\n(None, 1)\n9\n{cell}\n"
        assert [(line.layer, line.count, line.trainable) for line in read_table(text).lines] == [
            ("up(Dense)", "72", cell if cell == "N" else ""),
            ("d(Dense)", "9", cell if cell == "N" else ""),
        ]
    text = f"{head}Connected to\nTrainable\nup (Dense)\n(None, 8)\n72\na[0][0]\nN\n"
    assert read_table(text).lines == (SummaryLine("up(Dense)", "(None,8)", "72", "N"),)


@pytest.mark.parametrize(
    "cells",
    [
        "up (Dense)\n(None, 8)",
        "up (Dense)\n72\nTotal params: 72",
        "up (Dense)\nTotal params: 72\nTrainable params: 72",
        "up (Dense)\n(None, 8)\n72\n(None, 8)\nd (Dense)\n72",
        "up (Dense)\n(None, 8)\n72\nd (Dense)",
    ],
)
def test_a_cell_that_is_missing(cells: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_table("Layer (type)\nOutput Shape\nParam #\n" + cells)
    before, _, rest = str(caught.value).partition("“")
    at, _, after = rest.partition("”")
    assert before == (
        "This summary of Keras has a cell on each line, and some cells are missing, so that its columns "
        "cannot be told apart (at "
    )
    assert at in ("up (Dense)", "d (Dense)", "(None, 8)")
    assert after == "). Copy it as text, or paste model.to_json()."


def test_rows_that_lost_their_bars_within_a_box() -> None:
    text = "│ Layer (type) │ Output Shape │ Param # │\n│ a (Dense) │ (None, 8) │ 72 │\n"
    text += " b (Dense)  (None, 2)  18\n"
    assert read_table(text + " c (Dense)  (None, 1)  3\n│ d (Dense) │ (None, 5) │ 10 │").lines == (
        SummaryLine("a(Dense)", "(None,8)", "72"),
        SummaryLine("b(Dense)", "(None,2)", "18"),
        SummaryLine("c(Dense)", "(None,1)", "3"),
        SummaryLine("d(Dense)", "(None,5)", "10"),
    )


def test_a_row_with_more_bars_than_titles_has_no_count() -> None:
    text = "│ Layer (type) │ Output Shape │ Param # │\n│ a (Dense) │ (None, 8) │ 72 │ 8 │\n"
    text += "│ c (Dense) │ (None, 8) │ 24 │"
    assert read_table(text).lines == (SummaryLine("a(Dense)"), SummaryLine("c(Dense)", "(None,8)", "24"))


def test_a_count_and_a_name_without_a_shape_begin_a_row() -> None:
    text = "│ Layer (type) │ Output Shape │ Param # │\n│ a (Dense) │ │ 72 │\n│ c (Dense) │ │ 24 │\n"
    assert read_table(text).lines == (SummaryLine("a(Dense)", "", "72"), SummaryLine("c(Dense)", "", "24"))


def test_depths_in_boxes() -> None:
    # Keras 3 indents by three spaces for each model: tests/readers/files/keras3_deep_expanded.txt.
    text = "│ Layer (type)          │ Output Shape │ Param # │\n"
    for name in ("a (Functional)", "   └ b (Functional)", "      └ c (Functional)", "         └ d (Dense)"):
        text += f"│ {name:<21} │ (None, 8)    │      72 │\n"
    assert [(line.layer, line.depth) for line in read_table(text).lines] == [
        ("a(Functional)", 0), ("b(Functional)", 1), ("c(Functional)", 2), ("d(Dense)", 3),
    ]  # fmt: skip
    # Without the spaces, each corner is one model deep.
    assert [line.depth for line in read_table(text.replace("   ", "")).lines] == [0, 1, 1, 1]


def test_depths_without_boxes() -> None:
    # Keras 2 puts one bar for each model: tests/readers/files/keras2_siamese_expanded.txt.
    text = "Layer (type)         Output Shape     Param #  \n"
    for name in (" a (Functional)", "| b (Functional)", "|| c (Functional)", "||| d (Dense)"):
        text += f"{name:<21}(None, 8)        72       \n"
    assert [(line.layer, line.depth) for line in read_table(text).lines] == [
        ("a(Functional)", 0), ("b(Functional)", 1), ("c(Functional)", 2), ("d(Dense)", 3),
    ]  # fmt: skip


def test_the_maximum_depth() -> None:
    boxed = "│ Layer (type) │ Output Shape │ Param # │\n│ {}└ a (Dense) │ (None, 8) │ 72 │\n"
    assert read_table(boxed.format("   " * MAX_DEPTH)).lines[0].depth == MAX_DEPTH
    with pytest.raises(ReadError, match=f"^The models of this summary are nested more than {MAX_DEPTH} deep"):
        read_table(boxed.format("   " * (MAX_DEPTH + 1)))


def test_wrapped_names_shapes_and_columns_are_joined() -> None:
    # Keras 2.8 and later wrap every cell.
    text = "Layer (type)    Output Shape     Param #  Connected to     Trainable\n" + "=" * 68 + "\n"
    text += " first_upsampl  (None, 112,      72       ['in[0][0]',     N         \n"
    text += " ing (Dense)    112, 32)                   'b[0][0]']                \n\n"
    text += " d (Dense)      (None, 8)        9        ['x[0][0]']      Y         \n"
    assert read_table(text).lines == (
        SummaryLine("first_upsampling(Dense)", "(None,112,112,32)", "72", "N"),
        SummaryLine("d(Dense)", "(None,8)", "9", "Y"),
    )


def test_the_inputs_of_a_layer_are_not_part_of_its_count() -> None:
    # A name of one letter begins like a unit.
    text = "Layer (type)    Output Shape     Param #  Connected to\n"
    text += " d (Dense)      (None, 8)        72       k[0][0]\n"
    assert read_table(text).lines == (SummaryLine("d(Dense)", "(None,8)", "72"),)
    text = "Layer (type)  Input Shape  Output shape  Param #  Receives inputs\n"
    text += "d (Dense)     [[null,8]]   [null,8]      72       k[0][0]\n"
    table = read_table(text)
    assert (table.lines, table.of_tensorflow_js) == ((SummaryLine("d(Dense)", "[null,8]", "72"),), True)


def test_the_maximum_of_text(monkeypatch: pytest.MonkeyPatch) -> None:
    text = FORMS["two spaces"] + TOTALS
    monkeypatch.setattr("calculator.readers.keras.summary_table.MAX_LINES", text.count("\n"))
    monkeypatch.setattr("calculator.readers.keras.summary_table.MAX_TEXT", len(text) + 999)
    assert len(read_table(text).lines) == 2
    with pytest.raises(
        ReadError, match=f"^The text has {text.count(chr(10)) + 1} lines; at most {text.count(chr(10))} are"
    ):
        read_table(text + "\n")
    with pytest.raises(ReadError, match=r"^The text has 1,\d\d\d characters; at most 1,\d\d\d are read\.$"):
        read_table(text + "x" * 1000)


def test_a_line_that_lost_its_columns_before_another_column() -> None:
    for head in (
        "│ Layer (type) │ Output Shape │ Param # │ Connected to │\n",
        "Layer (type)    Output Shape     Param #  Connected to\n",
    ):
        # A space within a count may part its thousands.
        table = read_table(head + "b (Dense) (None, 2) 18 a[0][0]\nc (Dense) (None, 2) 18 000 a[0][0]\n")
        assert [(line.layer, line.count) for line in table.lines] == [
            ("b(Dense)", "18"),
            ("c(Dense)", "18 000 a[0][0]"),
        ]


def test_a_nested_layer_with_a_shape_of_another_kind() -> None:
    text = "Layer (type)         Output Shape     Param #  \n"
    text += "| b (Dense)          TensorShape(8,)  72       \n"
    assert read_table(text).lines == (SummaryLine("b(Dense)", "TensorShape(8,)", "72", depth=1),)


def test_a_shape_that_goes_across_the_beginning_of_the_next_column() -> None:
    text = "Layer (type)    Output Shape  Param #\nup (Dense)      (None, 8, 8, 32)  72\n"
    text += "d (Dense)       (None, 8)     9\n"
    assert read_table(text).lines == (
        SummaryLine("up(Dense)", "(None,8,8,32)", "72"),
        SummaryLine("d(Dense)", "(None,8)", "9"),
    )


def test_the_name_of_the_model_is_not_far_above_its_table() -> None:
    text = 'Model: "net"\n' + "some text\n" * 19
    assert read_table(text + FORMS["two spaces"]).name == "net"
    assert read_table(text + "some text\n" + FORMS["two spaces"]).name == ""


def test_a_line_left_out_has_nothing_else() -> None:
    for form in ("two spaces", "boxes without rules"):
        lines = read_table(FORMS[form].replace("norm", "...\nnorm", 1) + "\n...\n").lines
        assert lines[-1] == SummaryLine("", "", "", "", 0, doubtful=False, left_out=True)


def test_titles_in_bars_of_which_one_has_other_signs() -> None:
    text = "| Layer (type) | Output Shape | (Param #) |\n| up (Dense) | (None, 8) | 72 |\n"
    assert read_table(text).lines == ()


@pytest.mark.parametrize(
    "head", ["│ Layer (type) │ Output Shape │ Param # │\n", "Layer (type)  Output Shape  Param #\n"]
)
def test_a_unit_behind_the_last_column_is_part_of_its_cell(head: str) -> None:
    assert [line.count for line in read_table(head + "  b (Dense)    (None, 2)    18 K\n").lines] == ["18 K"]


def test_a_wrapped_count_in_a_box_without_rules_is_not_joined() -> None:
    text = "│ Layer (type)   │ Output Shape │ Param # │\n│ a (Dense)      │ (None, 8)    │ 1234567 │\n"
    text += "│                │              │ 89      │\n│ d (Dense)      │ (None, 8)    │ 72      │\n"
    assert read_table(text).lines == (
        SummaryLine("a(Dense)", "(None,8)", "1234567 89"),
        SummaryLine("d(Dense)", "(None,8)", "72"),
    )
    assert [(row.name, row.known) for row in read(text).rows] == [("a", False), ("d", True)]


@pytest.mark.parametrize("shape", ["(None, 8)", "[(None, 8)]", "{'a': 8}", "multiple", "?", "unknown"])
def test_rows_whose_names_are_wrapped_begin_at_their_shapes(shape: str) -> None:
    text = "Layer (type)    Output Shape  Param #\n"
    for name in ("batch_normalize", "layer_normalize"):
        text += f"{name:<16}{shape:<14}72\nr_1 (Batch\nNormalization)\n"
    expected = "".join(shape.split())
    assert [(line.layer, line.shape, line.count) for line in read_table(text).lines] == [
        ("batch_normalizer_1(BatchNormalization)", expected, "72"),
        ("layer_normalizer_1(BatchNormalization)", expected, "72"),
    ]


def test_titles_that_a_narrow_box_breaks_and_cuts() -> None:
    # Keras 3.15.1 printed both with line_length=40; the models have 81 and 64,938 parameters.
    model = read((READER_FILES / "keras3_narrow.txt").read_text(encoding="utf-8"))
    assert (model.parameter_count, model.trainable_count, model.complete) == (81, 81, True)
    assert [row.name for row in model.rows] == ["dense_1", "dense_2", "dense_3"]
    cut = read((READER_FILES / "keras3_narrow_trainable.txt").read_text(encoding="utf-8"))
    assert [(row.name, row.type) for row in cut.unknown] == [("up", "Conv2DTranspose"), ("dense", "Dense")]
    assert (total_text(cut), trainable_text(cut)) == ("at least 128 · 2 modules not counted", "?")


def test_other_boxes_keep_their_lines() -> None:
    for text in (
        "┏━┳━┓\n┃ a ┃ b ┃\n┃ c ┃ d ┃\n┡━╇━┩\n",
        "┏━┓\n┃ Layer ┃ x ┃ y ┃\n┃ (kind) ┃ x ┃ y ┃\n┡━╇━┩\n",
        # A head begins with its line: tried from every sign, a hundred such lines take a minute.
        "┏━┓\nx ┃ Layer ┃ Ou… ┃ … ┃\n┃ (type) ┃ Sh… ┃ # ┃\n┡━╇━┩\n",
        "┏━┓\n" + ("  " + "┃" * 1_990 + "\n") * 100,
    ):
        assert joined_titles(text) == text
    text = "┏━┓\n┃ Layer ┃ Ou… ┃ … ┃ C… ┃ … ┃\n┃ (type) ┃ Sh… ┃ # ┃ to ┃ ┃\n┡━╇━┩\n"
    assert joined_titles(text).splitlines()[1:] == [
        "┃Layer (type)┃Output Shape┃Param #┃Connected to┃Trai┃", "", "┡━╇━┩",
    ]  # fmt: skip


@pytest.mark.parametrize("form", [form for form in FORMS if "cell on each line" in form])
def test_a_second_table_with_a_cell_on_each_line_is_said(form: str) -> None:
    model = read_keras_summary(f"{FORMS[form]}\n{FORMS[form]}")
    assert model.parameter_count == read_keras_summary(FORMS[form]).parameter_count
    assert "A second summary follows in this text; only the first was read." in model.assumptions
