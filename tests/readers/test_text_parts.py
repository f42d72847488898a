"""Texts with several formats: which part is counted, and what is said of the others; counted by hand."""

import pytest

from calculator.readers import ReadError, read
from calculator.readers.text_parts import part_begins
from calculator.readers.totals import total_text

PRINT = (
    "Net(\n  (a): Linear(in_features=10, out_features=5, bias=True)\n"
    "  (up): ConvTranspose2d(2, 4, kernel_size=(2, 2), stride=(2, 2))\n)\n"
)
"""10·5 + 5 and 2·4·2·2 + 4, so 91 parameters."""

TABLES = {
    "torchinfo table": (
        "=====================================================\n"
        "Layer (type:depth-idx)      Output Shape     Param #\n"
        "=====================================================\n"
        "Net                         [1, 5]           --\n"
        "├─Linear: 1-1               [1, 5]           55\n"
        "├─ConvTranspose2d: 1-2      [1, 4, 8, 8]     36\n"
        "=====================================================\n"
        "Total params: 91\nTrainable params: 91\nNon-trainable params: 0\n"
        "=====================================================\n"
    ),
    "torchsummary table": (
        "-----------------------------------------------------\n"
        "        Layer (type)        Output Shape     Param #\n"
        "=====================================================\n"
        "            Linear-1        [-1, 5]               55\n"
        "   ConvTranspose2d-2        [-1, 4, 8, 8]         36\n"
        "=====================================================\n"
        "Total params: 91\nTrainable params: 91\nNon-trainable params: 0\n"
    ),
    "Keras summary": (
        'Model: "sequential"\n'
        "_____________________________________________________\n"
        " Layer (type)           Output Shape        Param #  \n"
        "=====================================================\n"
        " dense (Dense)          (None, 5)           55       \n"
        " up (Conv2DTranspose)   (None, 9, 9, 4)     36       \n"
        "=====================================================\n"
        "Total params: 91\nTrainable params: 91\nNon-trainable params: 0\n"
    ),
    "fastai summary": (
        "Net (Input shape: 64 x 10)\n=====================================================\n"
        "Layer (type)         Output Shape         Param #    Trainable \n"
        "=====================================================\n"
        "Linear                                    55         True      \n"
        "ConvTranspose2d                           36         True      \n\n"
        "Total params: 91\nTotal trainable params: 91\nTotal non-trainable params: 0\n"
    ),
}
LIST = (
    "a.weight torch.Size([5, 10])\na.bias torch.Size([5])\n"
    "up.weight torch.Size([2, 4, 2, 2])\nup.bias torch.Size([4])\n"
)
CODE = "self.a = nn.Linear(10, 5)\nself.up = nn.ConvTranspose2d(2, 4, 2)\n"
PARTS = {"PyTorch's print": PRINT, **TABLES, "names and shapes of tensors": LIST}
PAIRS = [(one, two) for one in PARTS for two in PARTS if one != two]


def said(text: str) -> list[str]:
    """Return the sentences about the parts that are not counted."""
    assert read(text).parameter_count == 91
    return [
        sentence for sentence in read(text).assumptions if sentence.startswith("The text also has a part")
    ]


@pytest.mark.parametrize(("one", "two"), PAIRS, ids=map(" and ".join, PAIRS))
def test_of_two_formats_one_is_counted_and_the_other_is_compared(one: str, two: str) -> None:
    counted = read(f"{PARTS[one]}\n{PARTS[two]}").format
    [sentence] = said(f"{PARTS[one]}\n{PARTS[two]}")
    [left_out] = {one, two} - {counted}
    assert f"not counted ({left_out}), with as many parameters as the part that is counted" in sentence
    assert f"({counted}): both are taken for the same model" in sentence


@pytest.mark.parametrize(("name", "table"), TABLES.items(), ids=TABLES)
def test_two_totals_that_differ_are_said(name: str, table: str) -> None:
    wider = PRINT.replace("out_features=5", "out_features=6")
    for text in (f"{table}\n{wider}", f"{wider}\n>>> summary(model)\n{table}"):
        [sentence] = said(text)
        assert f"(PyTorch's print), with 102 parameters; the part that is counted ({name}) has 91" in sentence
        assert sentence.endswith("one of them is wrong, or they are two models.")
        assert total_text(read(text)) == "at least 91 · 1 part of the text not counted"


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (PRINT.replace("Linear(in", "MyLinear(width"), "with at least 36 parameters"),
        (
            "  | Name | Type | Params\n0 | a | Linear | 55 \n",
            "not read (This is the model summary of Lightning",
        ),
        (CODE.replace("10, 5", "10, n"), "with at least 36 parameters"),
    ],
)
def test_where_the_other_part_cannot_be_counted_it_is_unknown_whether_it_is_the_same(
    other: str, words: str
) -> None:
    for table in TABLES.values():
        for text in (f"{other}\n{table}", f"{table}\n{other}"):
            [sentence] = said(text)
            assert words in sentence
            assert sentence.endswith("unknown.")
            assert read(text).complete


def test_the_part_without_gaps_is_counted() -> None:
    gap = TABLES["torchinfo table"].replace("[1, 5]           55", "[1, 5]           5…")
    assert read(gap).complete is False
    model = read(f"{gap}\n{PRINT}")
    assert (model.format, model.parameter_count, model.complete) == ("PyTorch's print", 91, True)
    # A table that is not read does not hide the print beside it.
    lightning = "  | Name | Type   | Params\n------------\n0 | a    | Linear | 55.0 K\n"
    assert read(f"{lightning}\n{PRINT}").format == "PyTorch's print"


def test_a_line_of_one_part_is_not_one_of_another() -> None:
    # With the code, the numbers of its arguments were taken for shapes of tensors.
    assert said(f"{CODE}\n{LIST}") == said(f"{LIST}\n{CODE}") != []
    # The total below the second table is not that of the first.
    table = TABLES["torchinfo table"].partition("Total")[0]
    assert any(
        "The line with the total is missing" in each
        for each in read(f"{table}\n{TABLES['Keras summary']}").assumptions
    )


def test_a_typed_table_is_a_part_too() -> None:
    typed = "type,in,out,kernel\nLinear,10,5,\nConvTranspose2d,2,4,2\n"
    for text in (f"{typed}\n{PRINT}", f"{PRINT}\n{typed}", f"{LIST}\n{typed}"):
        [sentence] = said(text)
        assert "both are taken for the same model" in sentence


def test_code_of_keras_is_counted_last() -> None:
    code = "model = Sequential()\nmodel.add(Input((10,)))\nmodel.add(Dense(5))\n"
    for text in (f"{code}\n{TABLES['Keras summary']}", f"{PRINT}\n{code}", f"{code}\n{PRINT}"):
        [sentence] = said(text)
        assert "(Keras code), with 55 parameters" in sentence


def test_lines_that_no_format_has_belong_to_the_part_above() -> None:
    text = f"{LIST}\n{PRINT}for x in loader:\n    step(x)\n(12 layers omitted)\n"
    [sentence] = said(text)
    assert "(PyTorch's print), with at least 91 parameters" in sentence


def test_every_part_is_refused_with_the_first_reason() -> None:
    text = (
        "  | Name | Type | Params\n0 | a | Linear | 55 K\n\n Layer (type)   Output Shape   Param #\n=====\n"
    )
    with pytest.raises(ReadError, match="model summary of Lightning"):
        read(text)


def test_a_line_keeps_its_number() -> None:
    text = f"{TABLES['torchinfo table']}\n{PRINT}".replace("  (up)", "  ... \n  (up)")
    assert any("at least 91 parameters" in sentence for sentence in said(text))
    assert part_begins(text.split("\n")) == [0, 12]
    assert part_begins(["Net(", "  (x): ReLU()", "  (y): Sequential(", "    (0): Tanh()"]) == [0]


def wider(text: str) -> str:
    """Return a part with 6 instead of 5 outputs of its linear layer: 102 parameters."""
    pairs = {
        "[5, 10]": "[6, 10]",
        "([5])": "([6])",
        " 55 ": " 66 ",
        " 55\n": " 66\n",
        "91": "102",
        "10,5,": "10,6,",
    }
    for old, new in pairs.items():
        text = text.replace(old, new)
    return text


TYPED = "type,in,out,kernel\nLinear,10,5,\nConvTranspose2d,2,4,2\n"
TWICE = {**TABLES, "names and shapes of tensors": LIST, "a table of layers": TYPED}


@pytest.mark.parametrize(("form", "part"), TWICE.items(), ids=TWICE)
def test_two_parts_of_one_format_are_compared(form: str, part: str) -> None:
    [sentence] = said(f"{part}\n{part}")
    assert f"not counted ({form}, another one), with as many parameters" in sentence
    [sentence] = said(f"{part}\n{wider(part)}")
    assert f"({form}, another one), with 102 parameters; the part that is counted ({form}) has 91" in sentence
    assert total_text(read(f"{part}\n{part}")) == "91"
    assert total_text(read(f"{part}\n{wider(part)}")) == "at least 91 · 1 part of the text not counted"
    # Between them, and in front of them, another format may stand.
    for text in (f"{part}\n{PRINT}\n{wider(part)}", f"{PRINT}\n{part}\n{wider(part)}"):
        assert len(said(text)) == 2


def test_a_part_is_called_by_its_name() -> None:
    summary = TABLES["Keras summary"]
    other = wider(summary).replace("sequential", "discriminator")
    [sentence] = said(f"{summary}\n{other}")
    assert "(Keras summary “discriminator”), with 102 parameters" in sentence


def test_of_many_parts_the_first_are_compared() -> None:
    table = TABLES["fastai summary"]
    many = [table.replace("91", str(91 + number)).replace("55", str(55 + number)) for number in range(25)]
    sentences = said("\n".join(many))
    assert len(sentences) == 20
    assert "only 20 parts of a text are read" in sentences[-1]
    lists = [LIST.replace("10]", f"{10 + number}]") for number in range(25)]
    assert len(said("\n".join(lists))) == len(said("\n".join((PRINT, *lists)))) == 20


def test_as_many_parameters_in_other_layers_are_two_models() -> None:
    text = f"{LIST}\na.weight torch.Size([1, 90])\na.bias torch.Size([1])"
    [sentence] = said(text)
    assert not read(text).complete
    assert "with 91 parameters; the part that is counted (names and shapes of tensors) has 91" in sentence
    assert sentence.endswith("they are two models, or a model and a part of it.")


def test_lists_that_are_mixed_are_refused() -> None:
    # Two processes write into one log, line by line, or a few lines at a time.
    lines = LIST.splitlines()
    for text in (
        "\n".join(line for line in lines for _ in range(2)),
        "\n".join(lines[:2] * 2 + lines[2:] * 2),
        # The second list begins at b, or at a.
        "a.weight [8, 3]\n\nb.weight [8, 3]\na.weight [8, 3]\n",
    ):
        with pytest.raises(ReadError, match="twice"):
            read(text)


def test_a_heading_begins_another_list_and_a_nested_dictionary_does_not() -> None:
    encoder, decoder = (
        "enc.weight torch.Size([8, 3])",
        "dec.weight torch.Size([3, 8])\ndec.bias torch.Size([3])",
    )
    model = read(f"Encoder's state_dict:\n{encoder}\nDecoder's state_dict:\n{decoder}")
    assert model.parameter_count == 24
    assert any("with 27 parameters" in each for each in model.assumptions)
    assert model.rows[-1].note == "It has 27 parameters, which no total contains."
    # A list that is refused does not take the other one with it.
    buffers = read(f"{encoder}\nEMA state_dict:\nbn.running_mean torch.Size([8])")
    assert buffers.parameter_count == 24
    assert "a part that is not read (No tensor in this list" in buffers.assumptions[0]
    # A total below a heading without tensors belongs to the list above.
    total = read(f"{encoder}\nEMA state_dict\ntotal: 25")
    assert "The list states 25 in total, and its lines have 24 parameters." in total.assumptions
    # Names without their layers come again in each layer.
    with pytest.raises(ReadError, match="twice"):
        read("{'a': {'kernel': (3, 3, 1, 2), 'bias': (2,)}, 'b': {'kernel': (8, 4), 'bias': (4,)}}")


@pytest.mark.parametrize("part", [PRINT, LIST], ids=["print", "list"])
def test_a_table_of_counts_by_name_is_another_part(part: str) -> None:
    counts = "| Modules  | Parameters |\n+----------+------------+\n| a.weight | 50         |\n"
    for text in (f"{part}\n{counts}", f"{counts}\n{part}"):
        [sentence] = said(text)
        assert read(text).parameter_count == 91
        assert "not read (This is a table of counts by name" in sentence


def test_a_total_belongs_to_its_list() -> None:
    text = f"{LIST}total: 91\n\n{wider(LIST)}total: 102\n"
    assert not any("in total, and its lines" in each for each in read(text).assumptions)
    wrong = read(f"{LIST}total: 90\n\n{LIST}total: 91\n")
    assert any("The list states 90 in total" in each for each in wrong.assumptions)


def test_printed_models_are_counted_together_and_each_total_is_said() -> None:
    both = read(f"{PRINT}\n{PRINT.replace('out_features=5', 'out_features=6')}")
    assert total_text(both) == "at least 91 · 1 part of the text not counted"
    assert any("one is counted (parameters: Net 91 and Net_2 102)." in each for each in both.assumptions)
    assert any("one model before and after a change" in each for each in both.assumptions)
    # A module inside another one is not a second print, and prints of two classes are two models.
    nested = PRINT.replace("Net(\n", "Net(\n  (body): Net(\n    (0): ReLU()\n  )\n")
    assert not any("together" in each for each in read(nested).assumptions)
    two = read(f"{PRINT}\n{PRINT.replace('Net', 'Critic').replace('features=5', 'features=6')}")
    assert two.parameter_count == 193
    assert any("together (parameters: Net 91 and Critic 102)." in each for each in two.assumptions)
    assert not any("before and after" in each for each in two.assumptions)
    # A layer without parameters has no total of its own.
    lines = ("Linear(in_features=2, out_features=3)", "ReLU()", "Linear(in_features=3, out_features=1)")
    children = read("\n".join(f"{number} {line}" for number, line in enumerate(lines)))
    assert any(each.endswith("together (parameters: 0 9 and 2 4).") for each in children.assumptions)
    nothing = read("A(\n  (a): ReLU()\n)\nB(\n  (a): ReLU()\n)")
    assert "The text has 2 printed modules: they are counted together." in nothing.assumptions
