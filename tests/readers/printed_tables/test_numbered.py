"""Tables of torchsummary, of its relatives and of Paddle: recorded, changed and truncated ones.

The recorded tables are of one model: torchsummary 1.5.1 counts its last layer, which runs twice, twice, and
leaves out three parameters of a module's own.
"""

import time

import pytest

from calculator.readers import read
from calculator.readers.model import LEFT_OUT, MAX_ROWS, ReadError
from calculator.readers.printed_counts import GAP, TRAINED_UNKNOWN
from calculator.readers.printed_tables.numbered import OWN, USES, WEIGHTS, read_numbered, recognises
from tests.helpers.paths import READER_FILES


def recorded(name: str) -> str:
    return (READER_FILES / f"{name}.txt").read_text(encoding="utf-8")


def test_torchsummary_with_a_batch_size() -> None:
    model = read(recorded("torchsummary_151"))
    assert (model.parameter_count, model.transposed_count) == (2137760, 516 + 37888)
    assert (model.trainable_count, model.complete, model.format) == (38560, True, "torchsummary table")
    assert {USES, WEIGHTS} <= set(model.assumptions)
    norm = model.rows[2]
    assert (norm.name, norm.weight_count, norm.bias_count) == ("BatchNorm2d-4", 4, 4)


def test_pytorch_model_summary_at_both_depths() -> None:
    model = read(recorded("pytorch_model_summary_012"))
    assert (model.parameter_count, model.transposed_count, model.undecided_count) == (1088163, 37888, 675)
    assert (model.trainable_count, model.format) == (38563, "pytorch_model_summary table")
    deep = read(recorded("pytorch_model_summary_012_parents"))
    assert (deep.parameter_count, deep.transposed_count, deep.trainable_count) == (1088160, 38404, 38560)
    assert [row.trainable for row in deep.rows] == [True, True, True, True, False]
    assert OWN in deep.assumptions


HEAD = "        Layer (type)               Output Shape         Param #\n" + "=" * 64 + "\n"


@pytest.mark.parametrize(
    ("row", "total", "transposed"),
    [
        ("   ConvTranspose2d-1           [-1, 32, 16, 16]          32,800", 32800, 32800),
        ("   ConvTranspose2d-1         [-1, 1024, 16, 16]      33,587,200", 33587200, 33587200),
        ("ConvTranspose2d-1 [64, 32, 16, 16] 32800", 32800, 32800),
        ("   ConvTranspose2d-1  [[-1, 32, 16, 16], [-1, 8]]          32,800", 32800, 32800),
        ("   Conv2DTranspose-1     [[1, 64, 8, 8]]     32,800", 32800, 32800),
        ("            Linear-1                   [-1, 10]          32,800", 32800, 0),
    ],
)
def test_one_row(row: str, total: int, transposed: int) -> None:
    model = read(f"{HEAD}{row}\n{'=' * 64}\nTotal params: {total:,}\n")
    assert (model.parameter_count, model.transposed_count, model.complete) == (total, transposed, True)


def test_paddle_counts_statistics() -> None:
    # By hand: 3·64·4·4 + 64 = 3,136 and 4·64 = 256, of which 2·64 are moving statistics.
    text = """--------------------------------------------------------------------------------
   Layer (type)         Input Shape          Output Shape         Param #
================================================================================
 Conv2DTranspose-1    [[1, 3, 8, 8]]       [1, 64, 16, 16]         3,136
   BatchNorm2D-1     [[1, 64, 16, 16]]     [1, 64, 16, 16]          256
      ReLU-1         [[1, 64, 16, 16]]     [1, 64, 16, 16]           0
================================================================================
Total params: 3,392
Trainable params: 3,264
Non-trainable params: 128
"""
    model = read(text)
    assert (model.parameter_count, model.transposed_count, model.trainable_count) == (3392, 3136, 3264)
    assert (model.format, len(model.assumptions)) == ("Paddle summary", 1)


def test_a_weight_that_is_computed_is_not_zero() -> None:
    # pytorch_model_summary 0.1.2 with max_depth=3 leaves out a layer whose weight has weight norm.
    text = HEAD + "    _WeightNorm-1    [4, 6, 3, 3]    0\n    Conv2d-2    [-1, 2, 8, 8]    110\n"
    model = read_numbered(text + "Total params: 110\n")
    assert [row.type for row in model.unknown] == ["_WeightNorm"]
    assert model.parameter_count == 110


def test_layers_that_are_not_counted_are_not_zero() -> None:
    text = HEAD + "    Conv2d-1    [-1, 8, 4, 4]    224\n    LSTM-2   [[-1, 7, 6], [-1, 2, 6]]    0\n"
    model = read(text)
    assert [(row.type, row.known) for row in model.rows] == [("Conv2d", True), ("LSTM", False)]


@pytest.mark.parametrize("count", ["", "32 800", "32.8K", "32,80", "...", "[1, 2]"])
def test_a_count_in_doubt_makes_an_unknown_row(count: str) -> None:
    text = HEAD + f"    Conv2d-1    [-1, 8, 4, 4]    224\n   ConvTranspose2d-2  [-1, 3, 8, 8]   {count}\n"
    assert [(row.type, row.known) for row in read(text).rows] == [
        ("Conv2d", True),
        ("ConvTranspose2d", False),
    ]


def test_broken_rows_and_lines_left_out() -> None:
    text = HEAD + "    Conv2d-1    [-1, 8, 4, 4]    224\n   ConvTranspose2d-2  [-1, 3, 8, 8]   1\n,792\n"
    assert [row.known for row in read(text).rows] == [True, False]
    text = HEAD + "    Conv2d-1    [-1, 8, 4, 4]    224\n    ...\n    Conv2d-9    [-1, 8, 4, 4]    224\n"
    model = read(text)
    assert (model.parameter_count, model.complete) == (448, False)


def test_a_second_table_and_a_missing_total_are_said() -> None:
    text = recorded("torchsummary_151")
    twice = read(text + text)
    assert twice.parameter_count == 2137760
    assert any("another one), with as many" in said for said in twice.assumptions)
    assert any("total is missing" in said for said in read(text[: text.index("Total")]).assumptions)


def test_other_texts_are_refused() -> None:
    with pytest.raises(ReadError, match="not a table of torchsummary"):
        read_numbered("Conv2d-1")
    assert not recognises("Layer (type)  Output Shape  Param #\nup-1 (Dense)  (None, 8)  72")
    with pytest.raises(ReadError, match="rows"):
        read_numbered(HEAD + "    Conv2d-1    [-1, 8, 4, 4]    224\n" * (MAX_ROWS + 1))
    with pytest.raises(ReadError, match="no layer with parameters"):
        read_numbered(HEAD + "    ReLU-1    [-1, 8, 4, 4]    0\n")


def test_hostile_lines_take_linear_time() -> None:
    started = time.process_time()
    for filler in ("[", "[1, ", "Conv2d-1 ", "-1", "1 "):
        body = "\n".join([filler * (2000 // len(filler))] * 500)
        read_numbered(HEAD + "    Conv2d-1    [-1, 8, 4, 4]    224\n" + body)
    assert time.process_time() - started < 8


MARKDOWN = """| Layer (type) | Output Shape | Param # |
|:---|:---:|---:|
| ConvTranspose2d-1 | [-1, 16, 16, 16] | 2,064 |
| `BatchNorm2d-2` | [-1,16,16,16] | **32** |
| ReLU-3 | [-1, 16, 16, 16] | 0 |
"""


@pytest.mark.parametrize("total", ["", "\nTotal params: 2,096\n", "| **Total params: 2,096** | | |\n"])
def test_a_table_of_markdown_is_read_as_its_own_format(total: str) -> None:
    model = read(MARKDOWN + total)
    assert model.format == "torchsummary table"
    assert [row.parameter_count for row in model.rows] == [2064, 32]
    assert (model.transposed_count, model.undecided_count, model.complete) == (2064, 0, True)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2,064", ""),
        ("2,064", "2 064"),
        ("[-1,16,16,16] | **32**", "12 34 | "),
        ("[-1,16,16,16] | **32**", "32 | "),
    ],
)
def test_a_missing_cell_of_markdown_is_not_taken_from_its_neighbour(old: str, new: str) -> None:
    model = read(MARKDOWN.replace(old, new))
    assert [row.known for row in model.rows].count(False) == 1
    assert model.parameter_count == (2064 if "32" in old else 32)


def numbered_table(numbers: list[int], total: str = "") -> str:
    rows = "".join(f"  Conv2d-{number}   [-1, 8, 4, 4]   584\n" for number in numbers)
    return f"  Layer (type)   Output Shape   Param #\n=====\n{rows}=====\n{total}"


@pytest.mark.parametrize(
    ("numbers", "gaps"), [([1, 2, 3], []), ([1, 2, 4], [2]), ([2, 3], [0]), ([1, 3, 5], [1, 3])]
)
def test_a_gap_in_the_numbers_is_a_row_that_was_left_out(numbers: list[int], gaps: list[int]) -> None:
    model = read_numbered(numbered_table(numbers))
    assert [place for place, row in enumerate(model.rows) if row.type == LEFT_OUT] == gaps
    assert model.parameter_count == 584 * len(numbers)


def test_a_total_shows_that_missing_rows_have_no_parameters() -> None:
    assert read_numbered(numbered_table([1, 3], "Total params: 1,168")).complete
    assert not read_numbered(numbered_table([1, 3], "Total params: 1,752")).complete


def test_paddle_numbers_the_layers_of_each_class() -> None:
    rows = "".join(f"  {name}   [[1, 4]]   [1, 4]   20\n" for name in ("Linear-3", "ReLU-1", "Linear-5"))
    assert read_numbered(f" Layer (type)   Input Shape   Output Shape   Param #\n====\n{rows}").complete


def test_a_table_of_paddle_without_convolutions() -> None:
    # Printed by Paddle 3.3: the layers of an attention are rows of their own. By hand: 4·(8·8 + 8) + 2·8.
    rows = "".join(f"  Linear-{number}   [[1, 4, 8]]   [1, 4, 8]   72\n" for number in range(3, 7))
    rows += "MultiHeadAttention-1 [[1, 4, 8], [1, 4, 8], [1, 4, 8], None]   [1, 4, 8]   0\n"
    rows += "  LayerNorm-2   [[1, 4, 8]]   [1, 4, 8]   16\n"
    text = f" Layer (type)   Input Shape   Output Shape   Param #\n======\n{rows}======\nTotal params: 304\n"
    model = read(text)
    assert (model.format, model.parameter_count, model.complete) == ("Paddle summary", 304, True)
    # torchsummary counts no parameters of an attention.
    other = text.replace("[[1, 4, 8]]", "[1, 4, 8]").replace("[[1, 4, 8], [1, 4, 8], [1, 4, 8], None]", "[]")
    assert (read(other).format, read(other).complete) == ("torchsummary table", False)


def test_a_row_with_too_few_cells_has_no_count() -> None:
    body = "            Linear-1                   [-1, 8]              72\n"
    model = read(f"{HEAD}{body}            Linear-2              18\n")
    assert [(row.name, row.known, row.parameter_count) for row in model.rows] == [
        ("Linear-1", True, 72),
        ("Linear-2", False, 0),
    ]


def test_more_trained_parameters_than_parameters_are_not_counted() -> None:
    text = recorded("pytorch_model_summary_012")
    row = read(text.replace("          37,888\n", "          37,889\n")).rows[1]
    assert (row.name, row.known) == ("ConvTranspose2d-2", False)
    assert read(text.replace("          37,888\n", "          37,887\n")).rows[1].frozen_count == 1
    # A layer of which one parameter is trained is trained.
    for trained, trainable in ((0, False), (1, True)):
        row = read(text.replace("          37,888\n", f"{trained:>16}\n")).rows[1]
        assert (row.trainable_count, row.trainable) == (trained, trainable)


def test_the_sentence_about_a_gap() -> None:
    rows = read(f"{HEAD}            Linear-3                   [-1, 8]              72\n").rows
    assert [row.note for row in rows if not row.known] == [
        "The rows before Linear-3 are missing in the table."
    ]


def test_titles_without_the_column_of_layers_are_not_a_table() -> None:
    row = "            Linear-1                   [-1, 8]              72\n"
    text = f"Output Shape         Param #\n{row}\n\n\n\n{HEAD}{row}"
    assert read_numbered(text).parameter_count == 72


def test_rows_without_parents_below_a_column_of_parents() -> None:
    # As pytorch_model_summary_012_parents.txt, whose first layers have no parent.
    head = "     Parent Layers     Layer (type)     Output Shape     Param #     Tr. Param #\n"
    text = head + "                           Linear-1           [1, 8]          72              72\n"
    assert recognises(text)
    assert [(row.name, row.parameter_count) for row in read_numbered(text).rows] == [("Linear-1", 72)]


def test_only_batch_norms_of_paddle_have_statistics() -> None:
    # 8 channels, and 4 · 8 parameters.
    for kind, frozen in (("BatchNorm2D", 16), ("Conv2D", 0), ("BatchNorm2d", 0)):
        text = f"{HEAD}   {kind}-1     [[1, 8, 8, 8]]     [1, 8, 8, 8]      32\n"
        row = read_numbered(text.replace("Output Shape", "Input Shape    Output Shape", 1)).rows[0]
        assert (row.parameter_count, row.frozen_count) == (32, frozen)


def test_a_column_of_trained_parameters_needs_no_sentence() -> None:
    shown, hidden = (
        recorded(name).partition("\nTotal")[0] for name in ("pytorch_model_summary_012", "torchsummary_151")
    )
    assert TRAINED_UNKNOWN not in read(shown).assumptions
    assert TRAINED_UNKNOWN in read(hidden).assumptions


def test_the_maximum_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calculator.readers.printed_tables.numbered.MAX_ROWS", 3)
    rows = [f"   Linear-{n}   [-1, 8]   72\n" for n in range(1, 5)]
    assert read_numbered(HEAD + "".join(rows[:3])).parameter_count == 216
    with pytest.raises(ReadError, match=r"^The table has more than 3 rows, the maximum that is read\.$"):
        read_numbered(HEAD + "".join(rows))


def test_the_row_of_lines_left_out_and_the_row_that_is_broken() -> None:
    rows = [f"   Linear-{number}   [-1, 8]   72\n" for number in (1, 2, 3)]
    end = f"{'=' * 64}\nTotal params: 216\n"
    left_out = read_numbered(HEAD + rows[0] + "...\n" + rows[1] + rows[2] + end).rows
    assert [(row.name, row.type, row.note) for row in left_out if not row.known] == [("", LEFT_OUT, GAP)]
    for number in range(3):
        text = "".join(row + "   5\n" * (at == number) for at, row in enumerate(rows))
        found = read_numbered(HEAD + text + end).rows
        assert [row.known for row in found[:3]] == [at != number for at in range(3)]


def test_the_sentence_about_a_second_table() -> None:
    text = f"{HEAD}   Linear-1   [-1, 8]   72\n"
    sentence = "A second table follows in this text; only the first was read."
    assert sentence in read_numbered(text + text).assumptions
    assert sentence not in read_numbered(text).assumptions


def test_a_layer_that_two_modules_hold_is_shown_twice_for_each_run() -> None:
    # torchsummary 1.5.1 of two modules that hold one Conv2d(4, 4, 3, padding=1), which has 148 parameters.
    rows = "".join(
        f"{name:>20}              [-1, 4, 8, 8]             {count}\n"
        for name, count in (
            *(("Conv2d-1", 148), ("Conv2d-2", 148), ("P-3", 0)),
            *(("Conv2d-4", 148), ("Conv2d-5", 148), ("P-6", 0)),
        )
    )
    head = "        Layer (type)               Output Shape         Param #\n" + "=" * 64 + "\n"
    model = read(f"{head}{rows}{'=' * 64}\nTotal params: 592\n")
    assert model.parameter_count == 592
    [sentence] = [sentence for sentence in model.assumptions if sentence == USES]
    assert "each time it runs, and once more for each further module that holds it" in sentence
