"""Counts, totals and lines left out, as tables print them."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.readers import read
from calculator.readers.model import LEFT_OUT, Model, ReadError, Row
from calculator.readers.printed_counts import (
    AGAIN,
    NO_END,
    TRAINED_UNKNOWN,
    check_totals,
    has_end,
    is_left_out,
    parse_count,
    parse_total,
)
from calculator.readers.totals import total_text, trainable_text


@given(st.integers(0, 10**18), st.sampled_from(["", ",", "_", "'", "\u202f", "\xa0"]))
def test_every_whole_count_is_read(count: int, mark: str) -> None:
    text = f"{count:,}".replace(",", mark)
    for after in ("", "  ", " (1.2 KB)", " = (3*3*1+1)*2", "  # note", " ['a[0][0]']"):
        assert parse_count(text + after) == count


@given(st.text(alphabet="0123456789,. …KM*(=+", max_size=12))
def test_a_count_is_never_made_of_two_numbers(text: str) -> None:
    count = parse_count(text)
    if count is not None:
        first = text.strip().split()[0].partition("=")[0].partition("(")[0]
        assert str(count) == (first.replace(",", "").lstrip("0") or "0")


@pytest.mark.parametrize(
    "text",
    ["", "-", "--", "?", "32 800", "32.800", "32,80", "1,23,456", "12,3456", "32.8 K", "32 K", "32KB", "1e6",
     "3*3*64", "9 + 1", "(64)", "0 (unbuilt)", "18,4…", "12 million", "12544 00", "٣٢", "²", "1,792,"],
)  # fmt: skip
def test_a_count_in_doubt_is_not_read(text: str) -> None:
    assert parse_count(text) is None


def test_a_count_above_the_maximum_is_refused() -> None:
    with pytest.raises(ReadError, match="above 10"):
        parse_count("9" * 19)
    assert parse_count("9" * 41) is None


@pytest.mark.parametrize(
    ("line", "total"),
    [
        ("Total params: 32,800", ("total", 32800)),
        (" Trainable params: 1,234 (4.82 KB)", ("trainable", 1234)),
        ("Non-trainable params: 0", ("non-trainable", 0)),
        ("Total non-trainable params: 9,408", ("non-trainable", 9408)),
        ("| **Total params** | 32,928 |", ("total", 32928)),
        ("Total parameters: 5", ("total", 5)),
        ("Total params (M): 32.80", ("total", None)),
        ("Total params: 32.8 K", ("total", None)),
        (" Optimizer params: 7 (1 B)", ("optimizer", 7)),
        ("Params size (MB): 0.13", None),
        ("total (Dense)     (None, 8)      72", None),
        ("Total mult-adds (M): 0.21", None),
        ("| **Total** | | **1,000** |", ("total", 1000)),
        ("│ Total:  │      │  1,000 (3.91 KB) │", ("total", 1000)),
        ("Sum\t\t1000", ("total", 1000)),
        ("| Total | | 107 | 2,000 |", ("total", 107)),
        ("| Total | | 1 000 |", ("total", None)),
        ("Sum-3            [-1, 8]            0", None),
        ("| sum (Add) | (None, 8) | 0 |", None),
        ("Total 5 layers", None),
    ],
)
def test_lines_with_totals(line: str, total: tuple[str, int | None] | None) -> None:
    assert parse_total(line) == total


@pytest.mark.parametrize(
    "line",
    ["...", "......", " … ", "⋮", ":", "│ ... │ ... │", "# ...", "[...]", "[output truncated]",
     "(12 more layers)", "and so on", "<snip>", "… 40 more rows", "-- rest of the table --", "etc.",
     "(the decoder is the same)", "the other blocks are identical", "same for the decoder",
     "only the first layers are shown", "showing 20 of 60 layers", "Here is only the last part of the model:",
     "rest omitted for brevity", "encoder omitted", "I removed the encoder here", "skipped 12 layers",
     "and so forth", "... (more above)", "# usw.", "block 2 to 5 as above",
     "Output exceeds the size limit. Open the file", "[OUTPUT TRUNCATED]"],
)  # fmt: skip
def test_lines_left_out(line: str) -> None:
    assert is_left_out(line)


@pytest.mark.parametrize(
    "line",
    ["", "====", "____", "│   │   │", "up (Conv2DTranspose)  (None, 8)  5", "rest (Dense) (None, 2) 3",
     "skipped (Dense) (None, 2) 3", "Validation skipped", "Skipped 3 batches", "2 more epochs", "Epoch 1",
     "Model saved, upload skipped", "tokens truncated to 512", "Loading ... done", "the same as above",
     "Using the same seed for all workers", "Save only the last checkpoint", "remaining time: 3 h",
     "more information at example.org", "Removed old checkpoint", "hidden size 64"],
)  # fmt: skip
def test_other_lines_are_not_left_out(line: str) -> None:
    assert not is_left_out(line)


@pytest.mark.parametrize(
    "line",
    ["# middle blocks", "# usw.", "// the other blocks", "# intermediate stages", "(the same)", "a ..."],
)
def test_inside_a_print_a_word_is_enough(line: str) -> None:
    assert is_left_out(line, inside=True)
    assert not is_left_out("3, 64, bias=False", inside=True)
    text = f"Net(\n  (a): Linear(in_features=3, out_features=2, bias=True)\n  {line}\n  (b): ReLU()\n)"
    assert (read(text).parameter_count, read(text).complete) == (8, False)


A, B = Row("a", "Dense", other_count=6), Row("b", "Dense", other_count=8)


def compared(rows: Sequence[Row], totals: Mapping[str, int | None], **options: bool) -> Model:
    """Return the model of the rows, compared with the printed totals."""
    return check_totals(Model(tuple(rows), ""), totals, **options)


def test_rows_that_are_fewer_than_the_total_are_not_the_whole_model() -> None:
    checked = compared([A, B], {"total": 20})
    assert [row.type for row in checked.rows] == ["Dense", "Dense", LEFT_OUT]
    assert "rows add up to 14, the printed total is 20" in checked.assumptions[0]
    more = compared([A, B], {"total": 10})
    assert [row.type for row in more.rows] == ["Dense", "Dense"]
    assert "rows add up to 14, the printed total is 10" in more.assumptions[0]
    assert (checked.surplus, checked.complete) == (0, False)
    assert (more.surplus, more.complete) == (4, False)
    assert total_text(more) == "10 to 14 · rows and stated total disagree"


def test_rows_that_come_again_are_counted_once_where_the_total_shows_it() -> None:
    again = Row("inner/a", "Dense", other_count=6)
    once = compared([A, B, again], {"total": 14})
    assert (once.rows, once.assumptions[0]) == ((A, B), AGAIN)
    # Another excess, another count or class, and rows that are not counted leave open what is the same.
    other = Row("inner/a", "Conv2D", other_count=6)
    for rows, total in (
        ([A, B, again], 12),
        ([A, B, other], 14),
        ([A, B, Row("inner/a", "Dense", known=False)], 10),
    ):
        assert compared(rows, {"total": total}).rows == tuple(rows)


def test_a_missing_row_that_is_known_is_not_said_twice() -> None:
    unknown = Row("c", "Dense", known=False)
    assert len(compared([A, unknown], {"total": 20}).rows) == 2


def test_the_stated_number_of_trained_parameters_must_agree() -> None:
    assert compared([A, B], {"total": 14, "trainable": 8}).stated_trainable_count == 8
    assert compared([A, B], {"total": 14, "non-trainable": 6}).stated_trainable_count == 8
    assert compared([A, B], {"total": 14, "trainable": 9, "non-trainable": 6}).stated_trainable_count is None
    assert compared([A, B], {"total": 15, "trainable": 9}).stated_trainable_count is None
    for totals in ({"total": 15, "trainable": 9}, {"total": 14, "trainable": 9, "non-trainable": 6}):
        unknown = compared([A, B], totals)
        assert (unknown.trained_known, trainable_text(unknown)) == (False, "?")
    assert compared([A, B], {"total": 14, "trainable": 8}).trained_known
    assert compared([A, B], {"trainable": 9, "non-trainable": 5}).stated_trainable_count == 9
    frozen = compared([A, B], {"total": 14, "trainable": 0})
    assert [row.frozen_count for row in frozen.rows] == [6, 8]
    everything = compared([A, B], {"total": 14, "trainable": 14})
    assert (everything.stated_trainable_count, everything.assumptions) == (None, ())
    assert everything.trained_known


def test_the_state_of_an_optimizer_is_not_a_parameter() -> None:
    assert compared([A, B], {"total": 44, "optimizer": 30}, shows_trained=True).assumptions == ()


def test_a_rounded_total_is_said() -> None:
    assert "cannot be read exactly" in compared([A], {"total": None}).assumptions[0]
    assert "is missing" in compared([A], {}).assumptions[0]


def test_what_nothing_shows_about_training_is_said() -> None:
    for totals in ({}, {"total": 14}, {"total": 14, "trainable": None}):
        assert TRAINED_UNKNOWN in compared([A, B], totals).assumptions
        assert TRAINED_UNKNOWN not in compared([A, B], totals, shows_trained=True).assumptions
    assert (
        TRAINED_UNKNOWN
        not in compared([A, B], {"total": 14, "trainable": 14, "non-trainable": 0}).assumptions
    )


def test_printed_parts_that_do_not_add_up_are_said() -> None:
    said = "The printed trainable and non-trainable counts add up to 13, not to 14."
    assert said in compared([A, B], {"total": 14, "trainable": 8, "non-trainable": 5}).assumptions
    agreeing = compared([A, B], {"total": 14, "trainable": 8, "non-trainable": 6}).assumptions
    assert not any("add up" in sentence for sentence in agreeing)


HEAD, RULE = "Layer (type)   Output Shape   Param #", "=" * 40


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ([RULE, "up", RULE], True),
        ([RULE, "up"], False),
        ([RULE, "_" * 40, "up", "_" * 40], False),  # Older versions of Keras draw a line below each row.
        (["_" * 40, "up"], True),
        (["┡━━━━━━━━━━━╇━━━━━━━━━━━━┩", "up", "└───────────┴────────────┘"], True),
        (["┡━━━━━━━━━━━╇━━━━━━━━━━━━┩", "up", "├───────────┼────────────┤"], False),
        (["========", "up"], True),
        ([], True),
    ],
)
def test_the_end_of_a_table_is_its_last_rule(lines: list[str], end: bool) -> None:
    assert has_end(lines) == end


def test_a_table_without_its_end_and_its_totals_may_lack_rows() -> None:
    rows = [Row("a", "Dense", other_count=6)]
    assert compared(rows, {}, whole=False).rows[-1].note == NO_END
    assert compared(rows, {}).rows == tuple(rows)
    assert compared(rows, {"total": 6}, whole=False).rows == tuple(rows)
    unknown = [*rows, Row("b", "Own", known=False)]
    assert compared(unknown, {}, whole=False).rows == tuple(unknown)


KERAS_ROW = " up (Conv2DTranspose)   (None, 8, 8, 32)   32,800"
TABLES = {
    "torchinfo": (
        "Layer (type:depth-idx)   Output Shape   Param #",
        "├─ConvTranspose2d: 1-1   [1, 32, 8, 8]   32,800",
    ),
    "torchsummary": (HEAD, "   ConvTranspose2d-1   [-1, 32, 8, 8]   32,800"),
    "Keras": (HEAD, KERAS_ROW),
}


@pytest.mark.parametrize("tool", TABLES)
def test_a_table_that_was_copied_in_part_is_a_minimum(tool: str) -> None:
    head, row = TABLES[tool]
    cut = f"{head}\n{RULE}\n{row}\n"
    assert (read(cut).parameter_count, read(cut).complete) == (32800, False)
    assert read(cut).unknown[0].type == LEFT_OUT
    for end in (RULE, "Total params: 32,800", f"{RULE}\nTotal params: 32,800"):
        assert read(f"{cut}{end}\n").complete
