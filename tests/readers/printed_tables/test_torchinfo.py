"""Tables of torchinfo and torch-summary: recorded, changed, truncated and hostile ones.

The recordings are of one model of 1,206 parameters, which PyTorch counts itself: transposed convolutions of
516 and 130, own parameters of modules, a frozen layer that runs twice, and a layer that never runs. Versions
before 1.7 count 1,188 of them, because they leave out own parameters and layers that do not run.
"""

import contextlib
import re
import time

import pytest

from calculator.readers import read
from calculator.readers.model import MAX_ROWS, Model, ReadError
from calculator.readers.printed_counts import TRAINED_UNKNOWN
from calculator.readers.printed_tables.counted_rows import SUM_ONLY
from calculator.readers.printed_tables.torchinfo import (
    OLD,
    OWN,
    RECURSIVE,
    SHARED,
    read_torchinfo,
    recognises,
)
from tests.helpers.paths import READER_FILES


def recorded(name: str) -> Model:
    model = read((READER_FILES / f"{name}.txt").read_text(encoding="utf-8"))
    assert model.format == "torchinfo table"
    return model


@pytest.mark.parametrize(
    ("name", "total", "transposed", "undecided", "trained"),
    [
        ("torchinfo_180", 1206, 646, 18, 1186),
        ("torchinfo_180_ascii", 1206, 646, 18, 1186),
        ("torchinfo_180_verbose", 1206, 646, 18, 1186),
        ("torchinfo_180_depth1", 1206, 0, 874, 1186),
        ("torchinfo_009", 1188, 646, 0, 1168),
    ],
)
def test_totals_are_those_printed(
    name: str, total: int, transposed: int, undecided: int, trained: int
) -> None:
    model = recorded(name)
    assert (model.parameter_count, model.transposed_count) == (total, transposed)
    assert (model.undecided_count, model.trainable_count, model.complete) == (undecided, trained, True)
    assert RECURSIVE in model.assumptions
    assert (OLD in model.assumptions) == (name == "torchinfo_009")
    assert not any("printed total" in said for said in model.assumptions)


def test_rows_that_a_version_lost_or_repeated_are_said() -> None:
    # Version 1.3.0 of torch-summary leaves out the layers of a ModuleList, 1.7.0 of torchinfo repeats rows.
    lost = recorded("torch_summary_130")
    assert (lost.parameter_count, lost.complete) == (1176, False)
    assert any("add up to 1,176, the printed total is 1,188" in said for said in lost.assumptions)
    twice = recorded("torchinfo_170")
    assert any("add up to 1,234, the printed total is 1,206" in said for said in twice.assumptions)


def test_names_shapes_and_parts_with_all_columns() -> None:
    rows = {row.name: row for row in recorded("torchinfo_180_verbose").rows}
    up = rows["b1.up"]
    assert (up.weight_count, up.bias_count, up.transposed, up.note) == (512, 4, True, "")
    assert (rows["b1.seq.0"].weight_shape, rows["b1.seq.0"].bias_count) == ((4, 4, 3, 3), 4)
    assert (rows["list.1"].weight_count, rows["list.1"].bias_count) == (6, 0)  # Told by the tensors below.
    assert (rows["shared"].frozen_count, rows["b1"].note, rows[""].parameter_count) == (20, OWN, 12)
    assert rows["rnn"].note == SUM_ONLY
    old = {row.name: row for row in recorded("torchinfo_009").rows}
    assert old["ConvTranspose2d: 2-1"].weight_shape == (8, 4, 4, 4)  # Printed as [4, 8, 4, 4].
    assert old["Conv2d: 2-8"].weight_shape == (3, 2, 1, 1)


HEAD = "Layer (type:depth-idx)                   Output Shape              Param #\n"
RULE = "=" * 90 + "\n"
SMALL = f"""{RULE}{HEAD}{RULE}Net                                      [1, 32, 16, 16]           --
├─ConvTranspose2d: 1-1                   [1, 32, 16, 16]           32,800
├─ReLU: 1-2                              [1, 32, 16, 16]           --
├─Conv2d: 1-3                            [1, 3, 16, 16]            (867)
{RULE}Total params: 33,667
Trainable params: 32,800
Non-trainable params: 867
Total mult-adds (M): 8.61
{RULE}Params size (MB): 0.13
"""


def test_a_frozen_layer_and_text_around_the_table() -> None:
    model = read(f">>> summary(net, (1, 64, 8, 8))\n{SMALL}\nEpoch 1: 3 (4) 5\n")
    assert (model.parameter_count, model.transposed_count, model.trainable_count) == (33667, 32800, 32800)
    assert (model.complete, model.name, len(model.assumptions)) == (True, "Net", 1)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"  +", "  "),  # A web page collapsed the spaces.
        (r"│", "|"),
        (r"├─", "+ "),
        (r"\n", "\r\n"),
        (r"\n", "\n\n"),
        (r"\[1, 32, 16, 16\]", "[[1, 32, 16, 16], [1, 4]]"),
        (r"\[1, 32, 16, 16\]", "[[1, 32, 16,\n    16], [1, 4]]"),
        (r" +\[1, 32, 16, 16\]", " [[1, 32, 16, 16], [1, 32, 16, 16], [1, 32, 16, 16], [1, 32, 16, 16]]"),
    ],
)
def test_other_ways_to_write_the_same_table(old: str, new: str) -> None:
    model = read(re.sub(old, new, SMALL))
    assert (model.parameter_count, model.transposed_count, model.trainable_count) == (33667, 32800, 32800)
    assert model.complete


def test_columns_in_any_order() -> None:
    text = """Layer (type (var_name))   Param #     Trainable    Kernel Shape   Input Shape       Output Shape
===
Net (Net)                      --          Partial      --             [2, 64, 8]        [2, 32, 16]
├─ConvTranspose1d (up)         8,224       True         [4]            [2, 64, 8]        [2, 32, 16]
├─ConvTranspose1d (grouped)    544         False        [4]            [2, 32, 16]       [2, 32, 32]
├─Linear (head)                528         True         --             [2, 32, 32]       [2, 32, 16]
├─GroupNorm (norm)             64          True         --             [2, 32, 16]       [2, 32, 16]
"""
    assert TRAINED_UNKNOWN not in read(text).assumptions
    assert TRAINED_UNKNOWN in read(re.sub("Trainable|Partial|True |False", "", text)).assumptions
    rows = {row.name: row for row in read(text).rows}
    # By hand: 64·32·4 + 32 and, with 8 groups, 32·32/8·4 + 32 = 544; 32·16 + 16; 2·32.
    assert (rows["up"].weight_shape, rows["up"].bias_count) == ((64, 32, 4), 32)
    assert (rows["grouped"].weight_shape, rows["grouped"].bias_count) == ((32, 4, 4), 32)
    assert (rows["grouped"].frozen_count, rows["up"].frozen_count) == (544, 0)
    assert (rows["head"].weight_shape, rows["head"].bias_count) == ((16, 32), 16)
    assert (rows["norm"].weight_count, rows["norm"].bias_count) == (32, 32)


def test_a_parametrised_layer_and_the_layers_of_an_attention_are_decided() -> None:
    text = f"""{HEAD}{RULE}Net                                      [1, 8]                    --
├─ParametrizedConvTranspose1d: 1-1       [1, 8, 8]                 8
│    └─ModuleDict: 2-1                   --                        --
│    │    └─ParametrizationList: 3-1     [8, 8, 3]                 200
├─MultiheadAttention: 1-2                [1, 8, 8]                 216
│    └─NonDynamicallyQuantizableLinear: 2-2 --                     72
├─UpBlock: 1-3                           [1, 8]                    90
{RULE}Total params: 586
"""
    model = read(text)
    assert (model.parameter_count, model.transposed_count, model.undecided_count) == (586, 208, 90)
    assert any("may be or contain a transposed" in said for said in model.assumptions)


def test_lines_left_out_and_rows_that_are_cut() -> None:
    left_out = read(re.sub("├─ReLU.*", "...", SMALL))
    assert (left_out.parameter_count, left_out.complete) == (33667, False)
    # Cut at the right: the count of the first layer is missing.
    cut = read(SMALL.replace("[1, 32, 16, 16]           32,800", "[1, 32, 16, 16]"))
    assert [(row.type, row.known, row.transposed) for row in cut.rows] == [
        ("ConvTranspose2d", False, True), ("Conv2d", True, False),
    ]  # fmt: skip
    # Broken by a terminal, inside the number.
    broken = read(SMALL.replace("32,800\n├", "32\n,800\n├"))
    assert [(row.type, row.known) for row in broken.rows] == [("ConvTranspose2d", False), ("Conv2d", True)]
    doubt = read(SMALL.replace("          32,800", "          32 800"))
    assert not doubt.complete
    assert any("add up to 867, the printed total is 33,667" in said for said in doubt.assumptions)


def test_a_number_that_is_missing_among_the_rows_makes_a_minimum_without_totals() -> None:
    # The printed total would show the same; without it only the numbers of the rows do.
    rows = SMALL[: SMALL.index("Total params")]
    assert read(rows).complete
    for gone in ("├─ConvTranspose2d.*\n", "├─ReLU.*\n"):
        model = read(re.sub(gone, "", rows))
        assert [row.note for row in model.unknown] == ["Numbers are missing among those of the rows."]
    # The real table of a network that has one module under two names lacks a number.
    assert read(re.sub("├─ReLU.*\n", "", SMALL)).complete


def test_a_second_table_is_not_added() -> None:
    model = read(SMALL + SMALL)
    assert model.parameter_count == 33667
    assert any("another one), with as many" in said for said in model.assumptions)


def test_a_table_without_closing_rule_is_compared_with_nothing() -> None:
    model = read(SMALL[: SMALL.index("Conv2d") - 2])
    assert model.parameter_count == 32800
    assert any("total is missing" in said for said in model.assumptions)


def test_tables_without_counts_are_refused() -> None:
    with pytest.raises(ReadError, match="no column Param #"):
        read_torchinfo(SMALL.replace("Param #", "Mult-Adds"))
    with pytest.raises(ReadError, match="no layer with parameters"):
        read_torchinfo(HEAD + RULE + "├─ReLU: 1-1     [1]    --\n")
    with pytest.raises(ReadError, match="not a table of torchinfo"):
        read_torchinfo("Sequential(")
    assert not recognises("Layer (type)     Output Shape   Param #\nup (Dense)   (None, 8)   72")
    with pytest.raises(ReadError, match="above 10"):
        read_torchinfo(SMALL.replace("32,800", "9" * 25))
    with pytest.raises(ReadError, match=r"^The modules of this table are nested more than"):
        read_torchinfo(HEAD + RULE + "│    " * 201 + "└─Conv2d: 201-1   [1]    5\n")
    with pytest.raises(ReadError, match="rows"):
        read_torchinfo(HEAD + RULE + "├─Conv2d: 1-1   [1]    5\n" * (MAX_ROWS + 1))


def test_hostile_lines_take_linear_time() -> None:
    started = time.process_time()
    for filler in ("[", "[1, ", "│    ", "(", "x (", "├─", "1 ", ": 1-1 ", "+ "):
        body = "\n".join([filler * (2000 // len(filler))] * 500)
        with contextlib.suppress(ReadError):
            read_torchinfo(HEAD + RULE + "├─Conv2d: 1-1   [1]    5\n" + body)
    assert time.process_time() - started < 10


@pytest.mark.parametrize("edge", ["| ", ""])
def test_a_table_of_markdown_is_read_without_its_bars(edge: str) -> None:
    lines = [
        "Layer (type:depth-idx) | Output Shape | Param #",
        ":--- | :---: | ---:",
        "Net | [1, 16, 16, 16] | --",
        "├─Sequential: 1-1 | [1, 16, 16, 16] | --",
        "│    └─ConvTranspose2d: 2-1 | [1, 16, 16, 16] | 2,064",
        "├─BatchNorm2d: 1-2 | [1, 16, 16, 16] | (32)",
    ]
    model = read("".join(f"{edge}{line}{edge[::-1]}\n" for line in lines))
    assert model.format == "torchinfo table"
    assert (model.parameter_count, model.transposed_count, model.trainable_count) == (2096, 2064, 2064)
    assert model.complete


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("Embedding: 1-1 [1, 8] 16", "Linear: 1-2 [1, 8] 16", True),
        ("Embedding: 1-1 [1, 8] 16", "Linear: 1-2 [1, 8] 24", True),
        ("Linear: 1-1 [1, 8] 16", "Linear: 1-2 [1, 8] 16", True),
        ("Linear: 1-1 [1, 8] 16", "Linear: 1-2 [1, 8] 24", False),
    ],
)
def test_layers_that_may_share_parameters_are_said_to_be_counted_in_each(
    first: str, second: str, said: bool
) -> None:
    # torchinfo 1.8.0 shows 16 for each of two layers with one weight of 16, and 32 as their total.
    model = read_torchinfo(f"Layer (type:depth-idx)  Output Shape  Param #\n├─{first}\n├─{second}\n")
    assert (SHARED in model.assumptions) == said


# torchinfo 1.8.0, depth=1, of MONAI 1.6.1's DynUNet(2, 1, 2, [3, 3, 3], [1, 2, 2], [2, 2]), whose skip layers
# are the modules above them once more. It has 466,530 parameters.
CONTAINED = """Layer (type:depth-idx)                   Param #
=================================================================
DynUNet                                  --
├─UnetBasicBlock: 1-1                    9,632
├─ModuleList: 1-2                        55,552
├─UnetBasicBlock: 1-3                    221,696
├─ModuleList: 1-4                        179,584
├─UnetOutBlock: 1-5                      66
├─DynUNetSkipLayer: 1-6                  466,464
=================================================================
Total params: 932,994
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CONTAINED, True),
        (CONTAINED.replace("466,464", "466,465").replace("994", "995"), False),
        (CONTAINED.replace("466,464", "179,650").replace("932,994", "646,180"), True),
        (CONTAINED.replace("466,464", "65,184").replace("932,994", "531,714"), True),
    ],
    ids=["all but one", "not their sum", "the last two", "the first two"],
)
def test_a_module_that_may_contain_its_siblings_is_said_to_be_counted_again(text: str, said: bool) -> None:
    assert (SHARED in read(text).assumptions) == said


BARE = """Layer (type)               Kernel Shape        Param #    Output Shape
===
Net                        --                  --         [1, 2, 8]
├─ConvTranspose1d          [4]                 26         [1, 2, 8]
│    └─weight              [3, 2, 4]           ├─24
│    └─bias                [2]                 └─2
├─Linear                   --                  18         [1, 2, 2]
│    └─weight              [2, 8]              ├─16
│    └─bias                [2]                 └─2
===
Total params: 44
"""


def test_the_tensors_of_a_layer_are_known_by_their_counts_whatever_the_order_of_columns() -> None:
    rows = {row.type: row for row in read_torchinfo(BARE).rows}
    assert [*rows] == ["ConvTranspose1d", "Linear"]
    assert (rows["ConvTranspose1d"].weight_count, rows["ConvTranspose1d"].bias_count) == (24, 2)
    assert (rows["Linear"].weight_count, rows["Linear"].bias_count) == (16, 2)


@pytest.mark.parametrize("cut", ["", "[2, 2]", "[1, 2, 2]  [1, 2, 2]"])
def test_a_layer_whose_cells_are_cut_is_listed_and_is_not_a_tensor(cut: str) -> None:
    model = read_torchinfo(re.sub(r"(├─Linear +)-- .*", rf"\1{cut}", BARE))
    assert [(row.type, row.known) for row in model.rows] == [("ConvTranspose1d", True), ("Linear", False)]
    assert (model.parameter_count, model.complete) == (26, False)
