"""Prints made by PyTorch 2.13, with the counts that PyTorch gave for them."""

import contextlib
import time

import pytest

from calculator.readers.model import MAX_LINES, MAX_ROWS, MAX_TEXT, Model, ReadError, Row
from calculator.readers.pytorch.printed import read_printed, recognises
from tests.fuzz.fuzz_printed import ATTENTION, DCGAN, NET, RECURRENT, WEIGHT_NORM, cases

UP = "ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1))"


def counts(model: Model) -> dict[str, int]:
    found = {row.name: row.parameter_count for row in model.rows}
    assert len(found) == len(model.rows)
    return found


def said(model: Model, words: str) -> bool:
    return any(words in sentence for sentence in model.assumptions)


def only(text: str) -> Row:
    [row] = read_printed(text).rows
    return row


def refusal(text: str) -> str:
    with pytest.raises(ReadError) as caught:
        read_printed(text)
    return str(caught.value)


def test_dcgan() -> None:
    model = read_printed(DCGAN, name="netG")
    assert counts(model) == {
        **{"0": 819_200, "1": 1024, "3": 2_097_152, "4": 512, "6": 524_288, "7": 256},
        **{"9": 131_072, "10": 128, "12": 3072},
    }
    assert (model.parameter_count, model.transposed_count) == (3_576_704, 3_574_784)
    assert (model.format, model.name) == ("PyTorch's print", "netG")
    assert model.trainable_count == 3_576_704
    assert said(model, "does not show which parameters are frozen")
    assert said(model, "that layers share")
    assert not said(model, "holds itself")


def test_modules_of_ones_own_and_equal_ones() -> None:
    model = read_printed(NET)
    assert counts(model) == {
        "inc": 448,
        **{"up.0-1.up": 2 * 520, "up.0-1.conv.0": 2 * 1152, "up.0-1.conv.1": 2 * 16},
        **{"up.2.up": 132, "up.2.conv.0": 288, "up.2.conv.1": 8, "out": 5},
    }
    assert model.parameter_count == 4257
    assert said(model, "any that Net and Up may have are not counted")
    assert [row.name for row in model.rows if row.transposed] == ["up.0-1.up", "up.2.up"]
    assert [row.times for row in model.rows] == [1, 2, 2, 2, 1, 1, 1, 1]
    assert model.rows[1].weight_shape == (16, 8, 2, 2)
    assert model.rows[1].layer is not None
    assert model.rows[1].layer.stride == (2, 2)


def test_attention() -> None:
    model = read_printed(ATTENTION)
    layer = {
        "self_attn": 816,
        "self_attn.out_proj": 272,
        "linear1": 544,
        "linear2": 528,
        "norm1": 32,
        "norm2": 32,
    }
    assert counts(model) == {f"layers.0-2.{name}": 3 * count for name, count in layer.items()}
    assert model.parameter_count == 6672
    assert list(counts(model))[:2] == ["layers.0-2.self_attn", "layers.0-2.self_attn.out_proj"]
    assert model.rows[0].weight_shape == (48, 16)
    assert said(model, "MultiheadAttention prints only its output projection")


def test_a_class_with_the_name_of_attention() -> None:
    fc = "Linear(in_features=4, out_features=4, bias=True)"
    model = read_printed(f"MultiheadAttention(\n  (q_proj): {fc}\n  (out_proj): {fc}\n)")
    assert counts(model) == {"q_proj": 20, "out_proj": 20}
    assert said(model, "any that MultiheadAttention may have")
    # PyTorch before 1.9 printed another class.
    old = read_printed(f"MultiheadAttention(\n  (out_proj): _LinearWithBias{fc.removeprefix('Linear')}\n)")
    assert counts(old) == {"(model)": 60, "out_proj": 20}


def test_many_classes_that_may_hold_more() -> None:
    inside = "(fc): Linear(in_features=4, out_features=4, bias=True)\n"
    text = "".join(f"({kind}): {kind}(\n" for kind in "ABCDE") + inside + ")" * 5
    assert said(read_printed(text), "any that A, B, C and 2 other classes may have")
    assert said(read_printed(text.replace("E", "D")), "any that A, B, C and 1 other class may have")


def test_a_name_with_brackets() -> None:
    # MONAI's DiNTS keeps its cells in a ModuleDict under texts such as (0, 1).
    model = read_printed(
        "Net(\n  (cells): ModuleDict(\n    ((0, 1)): Cell(\n"
        "      (up): ConvTranspose1d(2, 3, kernel_size=(4,))\n    )\n"
        "    (f(x)): Linear(in_features=2, out_features=1, bias=True)\n  )\n)"
    )
    assert counts(model) == {"cells.(0, 1).up": 27, "cells.f(x)": 3}


def test_a_parametrised_list_of_parameters() -> None:
    text = RECURRENT.replace("ParameterList(", "ParametrizedParameterList(").replace(
        "of size ]\n",
        "of size ]\n(parametrizations): ModuleDict(\n(0): ParametrizationList(\n(0): _Orthogonal()\n)\n)\n",
    )
    assert [row.name for row in read_printed(text).unknown] == ["own", "lazy"]


def test_weight_norm_and_spectral_norm() -> None:
    model = read_printed(WEIGHT_NORM)
    assert counts(model) == {"0": 2_097_920, "1": 36}
    up = model.rows[0]
    assert (up.type, up.weight_shape) == ("ParametrizedConvTranspose1d", (512, 256, 16))
    assert (up.weight_count, up.bias_count, up.other_count) == (2_097_152, 256, 512)
    assert up.transposed
    assert up.note == "Weight norm adds 512 magnitudes to the weight."
    assert said(model, "along axis 0")
    assert not said(model, "holds itself")


def test_recurrent_layers_and_lists_of_parameters() -> None:
    model = read_printed(RECURRENT)
    # A layer of an LSTM and a direction: 80·in + 80·5 + 5·20 weights and 2·80 biases; in is 10, then 2·5.
    assert counts(model) == {"rnn": 4 * (800 + 400 + 100 + 160), "own": 13, "lazy": 0}
    assert [row.name for row in model.unknown] == ["lazy"]
    assert model.unknown[0].transposed
    assert model.unknown[0].note == "A lazy layer has no size before it has seen an input."


def test_one_layer() -> None:
    row = only(UP)
    assert (row.name, row.parameter_count, row.weight_shape) == ("(model)", 32_800, (64, 32, 4, 4))
    assert row.layer is not None
    assert row.layer.padding == (1, 1)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)", "(model)"),
        ("torch.nn.ConvTranspose2d(64, 32, (4, 4), 2, 1)", "(model)"),
        (
            "self.up=nn.ConvTranspose2d(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)",
            "up",
        ),
        (">>> up = ConvTranspose2d(64, 32, 4, 2, 1)", "up"),
        (
            "nn.ConvTranspose2d(\n    64,\n    32,\n    kernel_size=[4, 4],\n    stride=2,\n  padding=1\n)",
            "(model)",
        ),
    ],
)
def test_a_layer_as_people_type_it(text: str, name: str) -> None:
    assert recognises(text)
    row = only(text)
    assert (row.name, row.parameter_count) == (name, 32_800)
    assert row.layer is not None
    assert (row.layer.stride, row.layer.padding) == ((2, 2), (1, 1))


def test_code_of_several_layers() -> None:
    lines = [
        "nn.ConvTranspose2d(100, 512, 4),  # 1 -> 4",
        "nn.BatchNorm2d(512),",
        "nn.ReLU(True),",
        "nn.Tanh()",
    ]
    model = read_printed("model = nn.Sequential(\n    " + "\n    ".join(lines) + "\n)")
    assert counts(model) == {"0": 819_712, "1": 1024}
    assert said(model, "This is code, which is not run")
    assert not said(read_printed(lines[0]), "This is code")


def test_what_is_printed_goes_before_what_is_typed() -> None:
    typed = (
        ">>> up = nn.ConvTranspose2d(8, 8, 3)\n>>> model = nn.Sequential(nn.Linear(1, 1))\n>>> print(up)\n"
    )
    assert only(typed + UP).parameter_count == 32_800
    assert read_printed(typed + NET).parameter_count == 4257


@pytest.mark.parametrize(
    "text",
    [
        ">>> print(model)\n" + NET + "\n>>> ",
        "Out[3]: " + NET + "\n\nIn [4]: model.train()",
        "Using cpu.\nThe model: " + NET + "\nEpoch 1 (of 3)\n",
        "model = Net(\n    width=8,\n)\nprint(model)\n" + NET,
        NET.replace("\n", "\r\n"),
        "\ufeff" + NET.replace("\n", "\n        "),
        NET.replace("  ", "\t"),
        NET.replace("\n", "\n\n \n"),
        "\n".join(line.strip() for line in NET.splitlines()),
        "```\n" + NET + "\n```",
        NET.replace("  (out)", "  (gone): None\n  (out)"),
        NET.replace("Conv2d(3, 16, ", "Conv2d(3, 16,\n"),
        NET.replace("Conv2d(", "Conv2d ("),
    ],
)
def test_text_around_a_print_and_how_it_was_pasted(text: str) -> None:
    assert recognises(text)
    model = read_printed(text)
    assert counts(model) == counts(read_printed(NET))


def test_two_prints() -> None:
    model = read_printed(f"{NET}\n{DCGAN}\n{DCGAN}")
    assert model.parameter_count == 4257 + 2 * 3_576_704
    assert [model.rows[at].name for at in (0, 8, 17)] == ["Net.inc", "Sequential.0", "Sequential_2.0"]
    assert said(model, "3 printed modules")


def test_a_part_of_a_print() -> None:
    model = read_printed(f"  (up1): {UP}\n  (act): ReLU()\n  (up2): {UP}")
    assert counts(model) == {"up1": 32_800, "up2": 32_800}


def test_what_is_not_known_is_listed() -> None:
    model = read_printed(
        f"Net(\n  (up): {UP}\n  (own): Scale(0.5)\n  (odd): <a module>\n  (eq): WSConvTranspose2d(3, 4)\n)"
    )
    assert [(row.name, row.type) for row in model.unknown] == [
        *(("own", "Scale"), ("odd", "<a module>"), ("eq", "WSConvTranspose2d"))
    ]
    assert model.unknown[0].note == "Scale is not a class of torch.nn, so its parameters are unknown."
    assert model.parameter_count == 32_800
    assert model.unknown[2].transposed


def test_a_parametrisation_that_is_not_known() -> None:
    row = read_printed(WEIGHT_NORM.replace("_SpectralNorm()", "Symmetric()")).rows[1]
    assert not row.known
    assert row.note == "Its weight is computed by Symmetric, so its parameters are unknown."


def test_modules_of_a_class_that_has_the_name_of_a_layer() -> None:
    model = read_printed(
        "Net(\n  (fc): Linear(\n    (0): Linear(in_features=2, out_features=3, bias=True)\n  )\n)"
    )
    assert counts(model) == {"fc.0": 9}
    assert said(model, "Net and Linear")
    text = "Net(\n  (fc): Linear(\n    in_features=2, out_features=3, bias=True\n    (drop): ReLU()\n  )\n)"
    assert counts(read_printed(text)) == {"fc": 9}


def test_code_inside_a_container_is_not_taken_for_nothing() -> None:
    row = only("nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())")
    assert not row.known
    assert row.note == "Its layers are written as code, which is not run."


def test_a_scripted_model() -> None:
    text = "RecursiveScriptModule(\n  original_name=Net\n  (up): RecursiveScriptModule(original_name={})\n)"
    assert read_printed(text.format("ReLU")).rows == ()
    row = only(text.format("ConvTranspose2d"))
    assert (row.name, row.type, row.known) == ("up", "ConvTranspose2d", False)
    assert row.note == "A scripted or traced model does not print its arguments."


def test_a_model_without_parameters() -> None:
    assert read_printed("Sequential(\n  (0): ReLU()\n  (1): MaxPool2d(kernel_size=2)\n)").rows == ()
    assert read_printed("ReLU()").rows == ()


def test_a_class_alone() -> None:
    assert recognises("Net()")
    assert [row.type for row in read_printed("Net()").unknown] == ["Net"]


def test_layer_norm_of_an_old_print() -> None:
    text = "LayerNorm((8,), eps=1e-05, elementwise_affine=True"
    assert only(f"{text})").parameter_count == 16
    assert said(read_printed(f"{text})"), "A LayerNorm whose print does not mention bias")
    assert only(f"{text}, bias=False)").parameter_count == 8
    assert not said(read_printed(f"{text}, bias=False)"), "A LayerNorm")


@pytest.mark.parametrize("kept", range(1, NET.count("\n")))
def test_a_print_that_is_cut_off(kept: int) -> None:
    text = "\n".join(NET.split("\n")[:kept])
    message = refusal(text)
    assert message.startswith(f"The print is cut off after line {kept}, “")
    assert recognises(text)


def test_a_print_cut_off_within_a_line() -> None:
    assert "cut off after line 2, “(inc): Conv2d(3, 16, ker”: 2 brackets are not closed" in refusal(
        NET[: NET.index("nel_size")]
    )
    assert "Line 1: the brackets of this layer are not closed" in refusal("up = nn.ConvTranspose2d(64, 32")
    assert "cut off after line 1" in refusal("ConvTranspose2d(64, 32")


def test_a_print_without_its_beginning() -> None:
    assert "Copy the print from its first line" in refusal("\n".join(NET.split("\n")[3:]))


def test_lines_left_out() -> None:
    message = refusal(
        NET.replace("      (up): ConvTranspose2d(16", "      ...\n      (up): ConvTranspose2d(16")
    )
    assert message == "Line 5: “...” stands for lines that were left out. Copy the whole print."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not the output of print(model)"),
        ("hello", "not the output of print(model)"),
        ("print(model)", "not the output of print(model)"),
        ("ModuleList(\n  (0-3): 5 x ReLU()\n)", "has two different numbers"),
        ("ModuleList(\n  (a-b): 5 x ReLU()\n)", "not how PyTorch numbers"),
        ("ModuleList(\n  (3-0): 0 x ReLU()\n)", "has two different numbers"),
        ("Linear(in_features=10, out_features=1000000000000000001, bias=True)", "too large to be real"),
        ("Linear(in_features=1000000000, out_features=10000000000)", "too large to be real"),
        (f"Linear({'9' * 5000}, 3)", "is too long for a layer"),
        (f"Linear({'9, ' * 9000}3)", "too many for a layer"),
        ("A(\n" + "(a): A(\n" * 250 + ")\n" * 251, "nested more than 200 deep"),
        (f"A(\n  ({'a' * 200}): B(\n ({'a' * 200}): B(\n ({'a' * 200}): B(\n", "more than 500 characters"),
        (f"M(\n  (0-{10**17 - 1}): {10**17} x Linear(9, 9)\n)", "more than 10^18 parameters"),
        (f"M(\n  (0-{10**9}): {10**9 + 1} x M(\n (0-{10**9}): {10**9 + 1} x Own()\n )\n)", "more than 10^18"),
        ("M(\n" + "  (a): PReLU()\n" * (MAX_ROWS + 1) + ")", "more than 50,000 different layers"),
        ("x" * (MAX_TEXT + 1), "20,000,001 characters"),
        ("\n" * MAX_LINES, "200,001 lines"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    assert words in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "hello",
            "print(model)",
            '{"a": 1}',
            "name,type\nConv2d,3",
            "<html>(a)</html>",
            "def f(x):\n  return g(",
        ),
        "Layer (type)    Output Shape    Param #\nconv2d (Conv2D)  (None, 3)   12",
        "Net",
    ],
)
def test_texts_that_are_no_print(text: str) -> None:
    assert not recognises(text)


def test_equal_layers_by_the_billion_cost_nothing_where_they_hold_nothing() -> None:
    text = "ModuleList(\n  (0-999999999): 1000000000 x ReLU()\n)"
    assert read_printed(text).rows == ()


def test_only_read_errors_escape() -> None:
    for text in cases(1000, 4):
        recognises(text)
        try:
            model = read_printed(text)
        except ReadError as error:
            said = str(error)
        else:
            said = "".join(model.assumptions)
            assert all(row.known or (row.parameter_count == 0 and row.note) for row in model.rows)
            assert all(row.name and row.type for row in model.rows)
        assert said.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "A(\n" + "(a): A(\n" * 150 + "(0): Linear(1, 1)\n" * 20_000,
        "Foo(\n" * 50_000,
        "(a): Conv2d(3,\n" * 20_000,
        "(a): Conv2d(" + "'" * 100_000,
        "A(\n(" * 50_000,
        "a." * 100_000 + "B(",
        "A(\n  (0-9999): 10000 x B(\n" + "    (a): Linear(1, 1)\n" * 20 + "  )\n)",
        "A(\n" + "(a): Parameter containing: [" * 20_000,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    start = time.process_time()
    recognises(text)
    with contextlib.suppress(ReadError):
        read_printed(text)
    assert time.process_time() - start < 10
