"""Marks of the place that a text was copied from: the text without them reads as the text itself."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calculator.networks.builtin import NETWORKS
from calculator.readers import read
from calculator.readers.model import ReadError
from calculator.readers.pasted_text import without_marks
from tests.fuzz.fuzz_printed import ATTENTION, CODE, NET, RECURRENT, WEIGHT_NORM
from tests.helpers.paths import READER_FILES
from tests.readers.test_text_parts import PARTS

KERAS = """Model: "decoder"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 conv2d_transpose (Conv2DTra  (None, 14, 14, 32)       32800
 nspose)
 re_lu (ReLU)                (None, 14, 14, 32)        0
=================================================================
Total params: 32,800
Trainable params: 32,800
Non-trainable params: 0
_________________________________________________________________"""

TEXTS = (NET, ATTENTION, RECURRENT, WEIGHT_NORM, CODE, NETWORKS[0].table, KERAS)

PREFIXES = (
    *("# ", "#", "# # ", "// ", "//", "> ", "> > ", ">>", "- ", "* ", "-- ", "; ", "% ", "+", "• ", "    # "),
    *("2024-01-02 10:11:12,123 - INFO - ", "2024-01-02 10:11:12,123 - my.train - DEBUG - ", "INFO:root:"),
    *("[2024-01-02 10:11:12] ", "[2024-01-02 10:11:12,123][INFO] ", "10:11:12 ", "2024-01-02T10:11:12Z "),
    *("2024-01-02 10:11:12.123 | INFO     | __main__:main:12 - ", "[01/02 10:11:12 d2.defaults]: "),
    *("I0102 10:11:12.123456 12345 train.py:12] ", "[rank0]:", "[rank0]: ", "[1,0]<stdout>:", "[INFO] "),
    *("2024-05-01T12:00:00.123456789Z stdout F ", "train.log:31:", "logs/run-1/out.txt:7: "),
    *("(pid=123) ", "INFO - ", "\x1b[31m", "\x1b[1;32m# ", "| ", "│ ", "> 2024-01-02 10:11:12 INFO "),
)
LOGGERS = (
    *("[2024-05-01 12:00:0{},123][main][INFO] - ", "[2024-05-01 12:00:00,12{}][__main__.train][INFO] - "),
    *("Nov 29 21:00:0{} host python[123]: ", "Nov  9 21:00:00 gpu-node-3 train.sh[9{}]: ", "wandb: "),
    *(
        "[INFO|modeling_utils.py:33{}] 2024-05-01 12:00:00,123 >> ",
        "05/01/2024 12:00:0{} - INFO - __main__ - ",
    ),
    *("0: ", "12: ", "node0{}: ", "10.0.0.{}: ", "[pod/train-0/main] ", "[rank: {}] ", "[   12.34567{}] "),
    *("[2024-05-01T12:00:0{}.000+0000] {{logging_mixin.py:188}} INFO - ", "[1,mpirank:0,algo-{}]<stdout>:"),
)
"""What loggers of hydra, syslog, Weights & Biases, transformers, srun, Airflow and others write."""

NUMBERINGS = (
    "{}: ",
    "{} | ",
    "{:4d}  ",
    "[{}] ",
    "{:3d}\t",
    "{}. ",
    "{}) ",
    "> {}: ",
    "In [{}]: # ",
    "{:>5}│",
)


@pytest.mark.parametrize("text", [NET, ATTENTION, RECURRENT, WEIGHT_NORM, KERAS])
@pytest.mark.parametrize("logger", LOGGERS)
def test_the_words_that_all_lines_begin_with_are_not_part_of_the_model(logger: str, text: str) -> None:
    lines = [logger.format(number % 10) + line for number, line in enumerate(text.strip().split("\n"))]
    assert read("\n".join(lines)) == read(text)


LOGS = (
    *(
        "2026-11-30T01:02:0{}+0000 host python[123]: ",
        "2026-11-30T01:02:0{}+01:00 host-2.local python3[98]: ",
    ),
    *("Nov 30 01:02:0{} host train.sh: ", "01:2{} ", "2026-11-30T01:02:0{}.123456Z 00O ", "1:02:0{} PM "),
    *("2026-11-30T01:02:0{}.123456Z 01E+ ", "2026-11-30T01:02:03.123456{}Z ", "#12 {}.123 ", "01:02:0{}  "),
    *("test (3.11)\tRun tests\t2026-11-30T01:02:0{}.1234567Z ", "app-1  | ", "[pod/train-abc12/main] "),
    *("app_1 | 2026-11-30T01:02:0{}.123456789Z ", "[2026-11-30T01:02:0{}.123Z] ", "train-abc main "),
    "2026-11-30T01:02:0{}.123456+00:00 app[worker.1]: ",
)
"""What journald, syslog, GitLab, GitHub, docker, Kubernetes, stern, Jenkins and Heroku write."""


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("log", LOGS)
def test_a_log_of_any_format(log: str, part: str) -> None:
    if log == "train-abc main " and part == "names and shapes of tensors":
        return  # Without a mark or a line of its own, words may be names.
    lines = PARTS[part].strip("\n").split("\n")
    text = "\n".join(log.format(number % 10) + line for number, line in enumerate(lines))
    assert read(text) == read(PARTS[part].strip("\n"))


@pytest.mark.parametrize("count", [1, 2, 3, 30])
@pytest.mark.parametrize("log", [log for log in LOGS if "python" in log])
def test_a_log_of_lines_that_differ_in_a_number_alone(log: str, count: int) -> None:
    lines = [f"layer{number}.weight torch.Size([8, 3, 3, 3])" for number in range(count)]
    text = "\n".join(log.format(number % 10) + line for number, line in enumerate(lines))
    assert read(text) == read("\n".join(lines))
    if count > 2:
        text = "\n".join(f"Nov 30 01:02:03 host train.sh: {line}" for line in lines)
        assert read(text) == read("\n".join(lines))
    # A name with a number stands behind the level of a logger.
    assert without_marks("10:11:12 INFO block[0]: [8, 3]") == "block[0]: [8, 3]"


@pytest.mark.parametrize("log", LOGS[:-2])
def test_a_log_of_a_list_with_a_mark_in_each_line(log: str) -> None:
    lines = ["a.weight | 5x10 | 50", "a.bias | 5 | 5", "b.weight | 2x5 | 10"]
    text = "\n".join(log.format(number % 10) + line for number, line in enumerate(lines))
    assert read(text) == read("\n".join(lines))


@pytest.mark.parametrize(
    "text",
    [
        "Layer: a.weight | Size: torch.Size([3, 4])\nLayer: b.weight | Size: torch.Size([3])\nLayer: c [5]",
        "conv1: Conv2d(3, 8, 3)\nconv2: Conv2d(8, 8, 3)\nconv3: Conv2d(8, 9, 3)",
        "(0): Linear(3, 4)\n(0): Sequential(\n(0): )",
        "x: 5\nx: )",
        "[64] a.bias\n[64] b.weight\n[64] b.bias",
        "torch.Size([64, 8]) - a.weight\ntorch.Size([64, 8]) - b.weight\ntorch.Size([64, 8]) - c.weight",
        "shape: [64, 8] a.weight\nshape: [64, 8] b.weight\nshape: [64, 8] c.weight",
        "f32 64x8 - a.weight\nf32 64x8 - b.weight\nf32 64x8 - c.weight",
        "conv weight [8, 3]\nconv bias [8]\nconv scale [8]",
        "\n".join(f"up{number}.weight torch.Size([{number}, 4])" for number in range(12)),
    ],
)
def test_words_that_may_be_names_stay(text: str) -> None:
    assert without_marks(text) == text


def prefixed(text: str, prefix: str) -> str:
    return "\n".join(prefix + line for line in text.split("\n"))


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_prefix_on_every_line_is_not_part_of_the_model(prefix: str, text: str) -> None:
    if prefix in {"| ", "│ "} and text == NETWORKS[0].table:
        return  # Its own cells are separated so.
    assert read(prefixed(text, prefix)) == read(text)


@pytest.mark.parametrize("text", [NET, KERAS, CODE + "\nself.more = nn.Sequential(\n)"])
@pytest.mark.parametrize("form", NUMBERINGS)
def test_line_numbers(form: str, text: str) -> None:
    if form.startswith("In"):
        form = form.removeprefix("In ")
    numbered = "\n".join(form.format(number) + line for number, line in enumerate(text.split("\n"), 7))
    assert read(numbered) == read(text)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_without_marks_stays_as_it_is(text: str) -> None:
    assert without_marks(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "\n\n",
            "hello",
            "{\n}",
            '{"a": "\\\\(b\\\\)"}',
            "[\n1,\n2\n]",
            "<!DOCTYPE html>\n<p>Sign in</p>",
        ),
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "| a | b\n|---|---\n| 1 | 2",
        "├─Conv2d: 1-1\n└─Linear: 1-2",
        "│    └─Conv2d: 2-1\n│    └─Linear: 2-2",
        "┃ a ┃ b ┃\n│ 1 │ 2 │",
        "0 64 32\n1 32 16\n2 16 8",  # numbers that may be a column
        "[64] bn.weight\n[64] bn.bias",
        "0.weight [8, 3]\n1.weight [8]\n2.weight [8]",
        "Net(\n# (a): ReLU()\n  (b): ReLU()\n)",
        "self.a = nn.Linear(1, 1)\n# self.b = nn.Linear(1, 1)\n# self.c = nn.Linear(1, 1)",
        "-----\n-----",
        "-1 a\n-1 b",
        "1.5 a\n2.5 b",
        "(0): Foo(<function f at 0x7f>)\n(1): Foo(<class 'a.B'>)",
    ],
)
def test_what_looks_like_marks_and_is_not(text: str) -> None:
    assert without_marks(text) == text


def test_the_first_line_of_a_print_may_lack_the_prefix() -> None:
    assert without_marks("Net(\n#   (a): ReLU()\n# )") == "Net(\n  (a): ReLU()\n)"


def test_blank_lines_may_lack_the_prefix() -> None:
    assert without_marks("# a\n\n#\n# b") == "a\n\n\nb"


@pytest.mark.parametrize(
    "text",
    [
        "<pre><code>"
        + NET.replace("(up)", '<span class="k">(up)</span>').replace("\n", "<br>")
        + "</code></pre>",
        '<div class="output">' + NET.replace("\n", "<br/>\n") + "</div>",
        "```python\n" + NET + "\n```",
        "~~~\n" + NET + "\n~~~",
        NET.replace("(", "\\(").replace("_", "\\_"),
        NET.replace("=", "&#61;").replace("(", "&#40;"),
        "\x1b[1mNet\x1b[0m" + NET.removeprefix("Net"),
        "\x1b]0;title\x07" + NET,
        "[31mNet[0m" + NET.removeprefix("Net"),
        "\u200b" + NET.replace(": ", ":\u200b "),
    ],
)
def test_mark_up(text: str) -> None:
    whole = read(NET)
    assert read(text).rows == whole.rows


def test_entities() -> None:
    old = "Net (\n  (a): Linear (100 -> 10)\n)"
    assert read(old.replace(">", "&gt;")) == read(old)
    assert without_marks("a &copy; &nbsp;b &quot;c&#39;") == "a &copy;  b \"c'"


def test_json_is_never_changed() -> None:
    text = json.dumps([{"name": "a\\_b", "note": "<b>&lt;</b>\x1b[31m"}], indent=1)
    for begin in ("", "\ufeff", " ", "\t", "\r\n"):
        assert without_marks(begin + text) == begin + text


@given(st.text(alphabet="#>-|*%;/0123456789:. \t\nab()[]\\<&", max_size=200))
def test_any_text_is_stripped_once(text: str) -> None:
    found = without_marks(text)
    assert len(found) <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        *("# " * 500_000, "# a\n" * 150_000, "\\(" * 500_000, "[" + "a" * 1_000_000, "a | " * 250_000),
        *("<span " * 200_000, "\x1b[" * 500_000, "2024-01-02 10:11:12 " + "a.b:" * 250_000, "&" * 1_000_000),
        *(
            "1" * 1_000_000,
            "12 a\n" * 150_000,
            " " * 1_000_000 + "x",
            "`" * 1_000_000,
            "[0m" + "[1;" * 300_000,
        ),
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    start = time.process_time()
    without_marks(text)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_quotes_with_escaped_line_breaks_is_the_text(text: str) -> None:
    bare = [json.dumps(text, ensure_ascii=False)[1:-1]] if text.count("\n") > 1 else []
    for written in (repr(text), json.dumps(text), *bare):
        assert "\n" not in written
        assert without_marks(written) == without_marks(text)


@pytest.mark.parametrize("text", ["ConvTranspose2d(3, 64, 4)", "up.weight: [3, 64, 4, 4]", "1\\x"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_one_line_in_quotes_is_the_line(text: str, quote: str) -> None:
    assert without_marks(f" {quote}{text}{quote}\n") == text


@pytest.mark.parametrize("text", ["'a.weight', [3, 64], 'b'", "'a\"", "'", "'a"])
def test_quotes_that_are_not_around_one_text_stay(text: str) -> None:
    assert without_marks(text) == text


def test_an_escape_within_a_text_of_several_lines_stays() -> None:
    for text in ("Net(\n  (a\\nb): ReLU()\n)", "Net( (a): ReLU() )\\n"):
        assert without_marks(text) == text


def test_escapes_within_a_string_of_json_stay() -> None:
    # Keras writes the code of a Lambda layer as a string with line breaks.
    text = json.dumps({"class_name": "Lambda", "config": {"code": "4wEA\nAAAB\n"}})
    assert without_marks(text) == text


@pytest.mark.parametrize(
    "start", ["<?xml version='1.0'?>", "<!DOCTYPE html>", "<html>", "<head>", "<!-- a -->"]
)
def test_the_marks_of_xml_and_of_pages_stay(start: str) -> None:
    text = f"{start}\n<layer>Linear(2, 2)<br/></layer>\n<layer>&lt;</layer>"
    assert without_marks(text) == text


def test_signs_of_other_keyboards_and_pages_are_those_of_the_print() -> None:
    model = "Net(\n  (up): ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))\n)"
    wide = model.translate({ord(sign): ord(sign) + 0xFEE0 for sign in "():,=0123456789"})
    assert without_marks(wide) == model
    for text in (model.replace(" ", "\xa0"), model.replace("Transpose", "Trans\u00adpose")):
        assert without_marks(text) == model
    assert without_marks(model.replace("ConvTranspose2d", "`ConvTranspose2d`")) == model


def test_a_hard_space_within_a_number_stays_and_one_beside_it_does_not() -> None:
    assert without_marks("(None,\xa08)\xa01\xa0234\xa0\xa05 678") == "(None, 8) 1\xa0234  5 678"
    assert without_marks("16\xa012345") == "16 12345"


def test_numbers_of_lines_before_a_table_whose_rows_begin_with_bars() -> None:
    rows = [
        "Layer (type:depth-idx)   Param #",
        "=" * 40,
        "Net   --",
        "├─Linear: 1-1   72",
        "│    └─x: 2-1   9",
    ]
    numbered = "\n".join(f"{number:4d}  {row}" for number, row in enumerate(rows, 8))
    assert without_marks(numbered).split("\n")[-1].strip() == rows[-1]
    # Without a rule the numbers may be those of a column.
    assert without_marks("1  8  9\n2  8  9") == "1  8  9\n2  8  9"


PLACES = ("tf.min.js:17:{}", "debugger eval code:1:{}", "tfjs@4.22.0:17:{}", "page.html:12:{}", "a.mjs:2:{} ")


def with_places(text: str, form: str) -> str:
    return "\n".join(f"{line} {form.format(1000 + 7 * at)}" for at, line in enumerate(text.splitlines()))


@pytest.mark.parametrize("name", ["tfjs1_nested", "tfjs4_generator", "tfjs4_unet", "tfjs4_wide_60"])
@pytest.mark.parametrize("place", [*PLACES, "(tf.min.js, line {})"])
def test_places_in_scripts_behind_the_lines_of_a_console(name: str, place: str) -> None:
    text = (READER_FILES / f"{name}.txt").read_text(encoding="utf-8")
    found = with_places(text, place)
    whole = read(text)
    bare = "\n".join(map(str.rstrip, text.splitlines()))
    assert read(found) == read(with_places(bare, place)) == whole
    # The console shows the time of each message too, and what was typed and its result.
    assert read(prefixed(found, "12:34:56.789 ")) == read(prefixed(found, "[Log] ")) == whole
    assert read(f">> model.summary()\n{found}\n\n<- undefined") == whole


@pytest.mark.parametrize("place", PLACES)
def test_a_place_in_a_script_is_never_part_of_a_count(place: str) -> None:
    text = (READER_FILES / "tfjs4_generator.txt").read_text(encoding="utf-8")
    lines = with_places(text, place).splitlines()
    # A line without its place may be broken, so that all places stay.
    broken = "\n".join([*lines[:5], text.splitlines()[5], *lines[6:]])
    assert without_marks(broken) == broken
    # A place that is not separated from a count, and a count of equal messages before it.
    for space, known in (("", 0), (" 2 ", 0), ("\t", 6)):
        glued = "\n".join(f"{line.rstrip()}{space}{place.format(1)}" for line in text.splitlines())
        try:
            model = read(glued)
        except ReadError:
            assert not known
        else:
            assert sum(row.known for row in model.rows) == known
            assert model.parameter_count == (3139 if known else 0)


def test_what_looks_like_places_in_scripts_and_is_not() -> None:
    for text in (
        "a 12:34:56\nb 12:34:57",
        "up.weight k:4:4\nup.bias k:4:4",
        "one a.js:1:2",
    ):
        assert without_marks(text) == text


CELLS = (
    ("Layer (type)", "Output Shape", "Param #"),
    ("a (Dense)", "(None, 64)", "704"),
    ("up (Conv2DTranspose)", "(None, 9, 9, 8)", "296"),
)


@pytest.mark.parametrize("between", ["", "\n", "\n    "])
@pytest.mark.parametrize("numbered", [False, True])
def test_a_table_of_html_is_read_as_its_cells(between: str, numbered: bool) -> None:
    """Notebooks export a DataFrame with an index; the counts are 704 and 296."""
    head, *rows = ("".join(f"<td>{between}{cell}{between}</td>{between}" for cell in row) for row in CELLS)
    head = head.replace("td>", "th>")
    if numbered:
        head, rows = f"<th></th>{head}", [f"<th>{number}</th>{row}" for number, row in enumerate(rows)]
    body = between.join(f'<tr style="text-align: right;">{between}{row}</tr>' for row in (head, *rows))
    model = read(f'<table border="1" class="dataframe">{body}</table>\n<p>Total params: 1,000</p>')
    assert (model.parameter_count, model.transposed_count, model.complete) == (1000, 296, True)
    assert [row.name for row in model.rows] == ["a", "up"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("<table><tr><th>name</th><th>shape</th></tr><tr><td>a.weight</td><td>(5, 10)</td></tr></table>", 50),
        (
            "<table><tr><th>type</th><th>in</th><th>out</th></tr><tr><td>Linear</td><td>9</td><td>5</td></tr></table>",
            50,
        ),
        ("<TABLE><TR><TD>a.weight</TD><TD>5x10</TD></TR>\n<TR><TD>b.bias</TD><TD>7</TD></TR></TABLE>", 57),
    ],
)
def test_other_tables_of_html(text: str, count: int) -> None:
    assert read(text).parameter_count == count
    assert read(text).complete


@pytest.mark.parametrize(
    "text",
    [
        "a.weight | 8x3x3x3\na.bias | 8",
        "a.weight |8x3x3x3\r\na.bias | 8\r",
        "a.weight | [8, 3, 3, 3]\nb.bias | [8]",
    ],
)
def test_the_name_of_a_tensor_is_not_that_of_a_container(text: str) -> None:
    assert read(text).parameter_count == 8 * 27 + 8
