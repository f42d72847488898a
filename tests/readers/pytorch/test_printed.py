"""Prints made by PyTorch 2.13, with the counts that PyTorch gave for them."""

import contextlib
import itertools
import random
import time

import pytest

from calculator.readers import read
from calculator.readers.model import LEFT_OUT, MAX_LINES, MAX_ROWS, MAX_TEXT, Chain, Model, ReadError, Row
from calculator.readers.pytorch.printed import TENSORS_LEFT_OUT, read_printed, recognises
from calculator.readers.pytorch.several_prints import DIFFERENT
from calculator.readers.totals import total_text
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
    biased = DCGAN.replace("bias=False", "bias=True", 1)
    model = read_printed(f"{NET}\n{DCGAN}\n{biased}")
    assert model.parameter_count == 4257 + 2 * 3_576_704 + 512
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


def test_code_inside_a_container_is_counted_layer_by_layer() -> None:
    row = only("nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())")
    assert (row.name, row.parameter_count) == ("0", 224)
    row = only("nn.Sequential(*layers(3))")
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
    assert recognises(text)
    cut = f"The print is cut off after line {kept}, “"
    if kept == 1:
        assert refusal(text).startswith(cut)
        return
    model = read_printed(text)
    [end] = model.unknown
    assert (end.type, model.rows[-1]) == (LEFT_OUT, end)
    assert end.note.startswith(cut)
    assert "left out" in end.note
    whole = counts(read_printed(NET))
    assert all(whole[row.name] == row.parameter_count for row in model.rows if row.known)


@pytest.mark.parametrize(
    "end", ["  (out): Conv2d(4, 1, kernel_size=(1, 1)", "  (out): Conv2d(4", "  (out): Fo"]
)
def test_a_layer_whose_arguments_may_be_cut_off_is_not_counted(end: str) -> None:
    before = NET[: NET.index("  (out)")]
    model = read_printed(before + end)
    assert model.parameter_count == 4257 - 5
    assert not model.complete


def test_a_print_cut_off_within_a_line() -> None:
    assert "cut off after line 2, “(inc): Conv2d(3, 16, ker”: 2 brackets are not closed" in refusal(
        NET[: NET.index("nel_size")]
    )
    assert "Line 1: the brackets of this layer are not closed" in refusal("up = nn.ConvTranspose2d(64, 32")
    assert "cut off after line 1" in refusal("ConvTranspose2d(64, 32")


def test_a_print_without_its_beginning() -> None:
    assert "Copy the print from its first line" in refusal("\n".join(NET.split("\n")[3:]))


@pytest.mark.parametrize(
    "words",
    [
        *(
            "...",
            "......",
            "…",
            "⋮",
            "# ...",
            "// ...",
            "... (12 more layers)",
            "[output truncated]",
            "(omitted)",
        ),
        *(
            "etc.",
            "<snip>",
            "--- 20 lines skipped ---",
            "(remaining layers)",
            "and so on",
            "(1-5): ...",
            "(1): …",
        ),
        *("(7): same as above", "(1): Block(...)", "(1): Block (…)", "[...]", ".", "(12 more layers)"),
    ],
)
def test_lines_left_out_in_any_wording(words: str) -> None:
    text = NET.replace("      (up): ConvTranspose2d(16", f"      {words}\n      (up): ConvTranspose2d(16")
    model = read_printed(text)
    assert model.parameter_count == 4257
    assert not model.complete
    [row] = model.unknown
    assert row.times == 2
    if words != ".":
        assert row.type == LEFT_OUT
        assert row.name.startswith("up.0-1")
        assert "left out" in row.note


def test_lines_left_out_around_a_print() -> None:
    text = "(a): Linear(in_features=2, out_features=2, bias=True)"
    for words in ("...", "[output truncated]", "Output is truncated. View as a scrollable element."):
        for around in (f"{words}\n{text}", f"{text}\n{words}"):
            model = read_printed(around)
            assert [row.type for row in model.unknown] == [LEFT_OUT]
            assert model.parameter_count == 6
    # The prompt of a shell is not a mark of lines that are left out.
    assert read_printed(f">>> for x in y:\n...\n{text}").complete


def test_a_block_with_nothing_but_dots() -> None:
    model = read_printed(
        "Net(\n  (a): Block(\n    ...\n  )\n  (up): Linear(in_features=2, out_features=2)\n)"
    )
    assert [(row.name, row.type) for row in model.unknown] == [("a", LEFT_OUT)]


@pytest.mark.parametrize("key", ["0-3", "0 - 3", "0–3", "0...3", "0..3", "0 to 3", "0~3", "0, 1, 2", "a.0-3"])
def test_a_range_without_its_number_is_counted_once(key: str) -> None:
    fc = "Linear(in_features=2, out_features=2, bias=True)"
    model = read_printed(f"Net(\n  ({key}): Block(\n    (fc): {fc}\n  )\n  (act): ReLU()\n)")
    assert model.parameter_count == 6
    [row] = model.unknown
    assert f"“({key})” may stand for several modules" in row.note
    assert read_printed("Net(\n  (0-3): ReLU()\n)").complete
    assert read_printed(f"Net(\n  (0-3): 4 x {fc}\n)").complete


def test_layers_that_are_not_in_the_form_of_a_print_are_said() -> None:
    fc = "Linear(in_features=2, out_features=2, bias=True)"
    model = read_printed(f"Net(\n  (a): {fc}\n  {fc}\n)")
    [row] = model.unknown
    assert f"It prints “{fc}” besides its layers" in row.note
    model = read_printed(f"Net(\n  (a): Block(\n    (fc): {fc}\n  ) x 4\n)")
    assert "“x 4” behind a layer" in model.unknown[0].note
    model = read_printed(f"Net(\n  (a): {fc}  # before: {fc}\n  (b): {fc} # [8, 2]\n)")
    assert (len(model.unknown), model.parameter_count) == (1, 12)
    model = read_printed(f"{fc} then {fc}")
    assert (len(model.unknown), model.parameter_count) == (1, 6)


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
        (
            "M(\n" + "".join(f"  (a{number}): PReLU()\n" for number in range(MAX_ROWS + 1)) + ")",
            "The model has more than 50,000 different layers.",
        ),
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
        "A( " + "(a): Linear(1, 1) " * 40_000 + ")",
        "A( (0): B(1) " + "x) " * 40_000,
        "A(\n(0): B(1) " + "]" * 100_000,
        "nn.Sequential(" + "nn.Linear(1, 1), " * 20_000 + ")",
        "nn.Linear(" * 30_000,
        "nn.Sequential(" * 30_000,
        "self.a = nn.Linear(1, 1); " * 20_000,
        "((a)(a)(a)(a)" * 50_000,
        "1.0 k, " * 50_000,
        "A(\n(0): Linear(1, 1)\n" + "x = (\n" * 5000,
        "A(\n(0): Linear(1, 1)\n" + "(q):\n" * 20_000,
        "(a):" + " " * 300_000,
        "A( (0): Linear(1, 1)" + " )Foo( " * 30_000,
    ],
)
def test_hostile_texts_take_no_time(text: str) -> None:
    start = time.process_time()
    recognises(text)
    with contextlib.suppress(ReadError):
        read_printed(text)
    assert time.process_time() - start < 10


PADDED = """Unet(
  (stem): {kind}(
    {arguments}
    (static_padding): ZeroPad2d((0, 1, 0, 1))
  )
  (up): ConvTranspose2d(48, 3, kernel_size=(2, 2), stride=(2, 2))
)"""


@pytest.mark.parametrize(
    ("kind", "arguments", "count"),
    [
        # 27·48 weights, as efficientnet_pytorch 0.7.1 has them, with and without bias.
        ("Conv2dStaticSamePadding", "3, 48, kernel_size=(3, 3), stride=(2, 2), bias=False", 1296),
        ("Conv2dStaticSamePadding", "3, 48, kernel_size=(3, 3), stride=(2, 2)", 1344),
        ("Conv2dDynamicSamePadding", "3, 48, kernel_size=(3, 3), stride=(2, 2)", None),
        ("LoRACompatibleLinear", "in_features=8, out_features=8, bias=True", 72),
        ("my.lib.MyConvTranspose2d", "3, 8, kernel_size=(2, 2), stride=(2, 2), output_padding=(1, 1)", 104),
        ("WindowAttention", "dim=96, window_size=(7, 7), num_heads=3", None),
        ("Scale", "3", None),
        ("Conv2dGain", "3, 48, kernel_size=(3, 3), stride=(2, 2), gain=True", None),
        ("ScaledStdConv2d", "3, 48, kernel_size=(3, 3), stride=(2, 2)", None),
    ],
)
def test_a_class_with_arguments_and_layers(kind: str, arguments: str, count: int | None) -> None:
    model = read_printed(PADDED.format(kind=kind, arguments=arguments))
    stem, up = model.rows
    assert (stem.name, stem.type, up.parameter_count) == ("stem", kind, 579)
    if count is None:
        assert not stem.known
        assert stem.note.startswith(f"It prints “{arguments}” besides its layers")
    else:
        assert stem.known
        assert stem.parameter_count == count
        assert stem.note.startswith("Inferred to be nn.")
        assert said(model, f"{kind} as nn.")


@pytest.mark.parametrize(
    "arguments",
    ["drop_prob=0.1", "inplace=True", "p=0.1, inplace=False", "init_cfg={'type': 'Xavier'}", "mode=a"],
)
def test_arguments_that_tell_nothing_of_parameters(arguments: str) -> None:
    model = read_printed(PADDED.format(kind="Block", arguments=arguments))
    assert model.complete
    assert said(model, "any that Unet and Block may have")


def test_text_in_a_container_is_not_dropped() -> None:
    [row] = read_printed(PADDED.format(kind="Sequential", arguments="8 heads")).unknown
    assert (row.name, row.type) == ("stem", "Sequential")


def test_initial_values_of_mmengine_are_not_arguments() -> None:
    text = PADDED.format(kind="ConvModule", arguments="drop_prob=0.1").replace(
        "  )\n", "  )\n  init_cfg={'type': 'Kaiming', 'layer': ['Conv2d']}\n"
    )
    assert read_printed(f"{text}\ninit_cfg=[{{'type': 'Normal'}}]").complete
    # A log may cut a long line.
    cut = read_printed(
        text.replace("'layer': ['Conv2d']}", "'layer': ['Conv2d', (3): Conv2d(3, 4, kernel_size=")
    )
    assert cut == read_printed(text)


def test_a_layer_that_is_listed_again_by_its_name_is_counted_once() -> None:
    text = "Net(\n  (up): Linear(in_features=2, out_features=3, bias=True)\n)\n"
    model = read_printed(f"{text}('up', Linear(in_features=2, out_features=3, bias=True))\n")
    assert [(row.name, row.parameter_count) for row in model.rows] == [("up", 9)]
    assert "Layers that are listed again by their name in the print are counted once." in model.assumptions


@pytest.mark.parametrize(
    ("text", "count"),
    [
        # The counts of the class that each is taken for, in PyTorch 2.13.
        ("SamLayerNorm((256,), eps=1e-06, elementwise_affine=True)", 512),
        ("LlamaRMSNorm((4096,), eps=1e-05)", 4096),
        ("FusedRMSNorm(torch.Size([64]), eps=1e-05, elementwise_affine=True)", 64),
        ("Linear8bitLt(in_features=8, out_features=4, bias=True)", 36),
        ("Linear4bit(in_features=8, out_features=4, bias=False)", 32),
        ("LoRACompatibleConv(8, 4, kernel_size=(1, 1), stride=(1, 1))", 36),
        ("QuantizedLinear(in_features=8, out_features=4, bias=True)", 36),
        ("OPTLearnedPositionalEmbedding(10, 4)", 40),
        ("MyBatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)", 16),
        ("SharedGroupNorm(2, 8, eps=1e-05, affine=True)", 16),
        ("x.PReLU(num_parameters=8)", 8),
    ],
)
def test_a_class_that_is_inferred(text: str, count: int) -> None:
    row = only(f"(a): {text}")
    assert (row.parameter_count, row.type) == (count, text[: text.index("(")])
    assert row.note.startswith("Inferred to be nn.")


@pytest.mark.parametrize(
    "text",
    [
        *("T5LayerNorm()", "LayerNorm2dX(256)", "MyLinear(8, 4)", "MyLinear(in_features=8, out_features=4)"),
        *("MyLinear(in_features=8, out_features=4, bias=True, r=4)", "SinusoidalEmbedding(10, 4)"),
        *(
            "BertEmbeddings(10, 4)",
            "MergedLinear(in_features=8, out_features=4, bias=True)",
            "ConvLSTM(8, 8)",
        ),
        *(
            "CohereLayerNorm((8,), eps=1e-05)",
            "MyConv2d(3, 8, kernel_size=(3, 3))",
            "NoisyPReLU(num_parameters=1)",
        ),
        "MyConv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), output_padding=(1, 1))",
        "QuantizedConv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), scale=1.0, zero_point=0)",
        "MyLayerNorm(8, eps=1e-05, elementwise_affine=True)",
        "MyLinear(in_features=" + "9" * 50 + ", out_features=4, bias=True)",
    ],
)
def test_a_class_that_is_not_inferred(text: str) -> None:
    [row] = read_printed(f"(a): {text}").unknown
    assert row.note.endswith("is not a class of torch.nn, so its parameters are unknown.")


def test_an_inferred_convolution_that_may_be_transposed_is_undecided() -> None:
    row = only("(a): DeConv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))")
    assert (row.parameter_count, row.undecided, row.transposed) == (224, True, False)
    assert only("(a): MyConvTranspose1d(3, 8, kernel_size=(3,), stride=(1,))").transposed


@pytest.mark.parametrize(
    "kind", ["lora.Linear", "Foo[int]", "<lambda>", "peft.tuners.lora.Linear", "x.y.Block"]
)
def test_any_class_opens_a_bracket(kind: str) -> None:
    text = (
        f"Net(\n  (blocks): ModuleList(\n    (0-5): 6 x Block(\n      (q): {kind}(\n"
        "        (base_layer): Linear(in_features=8, out_features=8, bias=True)\n      )\n"
        "      (up): ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))\n    )\n  )\n)"
    )
    model = read_printed(text)
    assert (model.parameter_count, model.transposed_count) == (6 * (72 + 32_800), 6 * 32_800)
    assert only("torch.nn.modules.linear.Linear(in_features=8, out_features=8, bias=True)").known


def test_prints_of_pytorch_before_version_0_4() -> None:
    # The forms are those of torch/nn/modules in PyTorch 0.3.1, the counts by hand: 3·64·25 + 64.
    text = """Net (
  (conv1): Conv2d (3, 64, kernel_size=(5, 5), stride=(1, 1))
  (pool): MaxPool2d (size=(2, 2), stride=(2, 2), dilation=(1, 1))
  (bn): BatchNorm2d(64, eps=1e-05, momentum=0.1, affine=True)
  (r): ReLU (inplace)
  (l): LeakyReLU (0.2, inplace)
  (d): Dropout (p = 0.5)
  (fc): Linear (400 -> 120)
  (fc2): Linear (120 -> 10, bias=False)
)"""
    model = read_printed(text)
    assert counts(model) == {"conv1": 4864, "bn": 128, "fc": 48_120, "fc2": 1200}
    assert said(model, "A Linear whose print does not mention bias")
    assert said(read_printed("(a): Linear(in_features=3, out_features=2)"), "A Linear whose print")
    assert not said(read_printed("(a): Linear (3 -> 2, bias=True)"), "A Linear whose print")
    assert not read_printed("(a): Linear(3 -> x)\n(b): PReLU()").complete


@pytest.mark.parametrize("text", [DCGAN, NET, ATTENTION, WEIGHT_NORM])
def test_a_print_whose_line_breaks_are_lost_or_odd(text: str) -> None:
    rows = read_printed(text).rows
    assert read_printed(" ".join(line.strip() for line in text.split("\n"))).rows == rows
    assert read_printed(text.replace("\n", "")).rows == rows
    assert read_printed(text.replace(" ", "\n")).rows == rows
    assert read_printed(text.replace("): ", "):\n")).rows == rows
    assert read_printed(text.replace("\n", "\r")).rows == rows
    assert read_printed("The model: " + text.replace("\n", " ") + " It works.").rows == rows


@pytest.mark.parametrize("text", [DCGAN, NET, ATTENTION, WEIGHT_NORM])
@pytest.mark.parametrize("seed", range(20))
def test_line_breaks_anywhere_between_words(text: str, seed: int) -> None:
    chance = random.Random(seed)
    broken = "".join(chance.choice((" ", "\n", "\n  ")) if letter in " \n" else letter for letter in text)
    assert read_printed(broken).rows == read_printed(text).rows


def test_several_layers_and_prints_on_one_line() -> None:
    fc = "Linear(in_features=2, out_features=2, bias=True)"
    assert read_printed(f"{fc}, ReLU(), {fc}").parameter_count == 12
    assert read_printed(f"A( (a): {fc} ) B( (b): {fc} )").parameter_count == 12
    model = read_printed(f"(a): {fc} ... (b): {fc}")
    assert (model.parameter_count, len(model.unknown)) == (12, 1)


def test_numbers_of_numpy() -> None:
    text = "(a): Conv2d(np.int64(3), 8, kernel_size=(np.int64(3), array(3)), stride=torch.Size([1, 1]))"
    assert only(text).parameter_count == 224


def test_arguments_that_are_left_out_or_broken_are_not_counted() -> None:
    for text in (
        "BatchNorm2d(64, ...)",
        "BatchNorm2d(64, eps=1e-05, aff ine=False)",
        "Linear(in_features=3, ...)",
    ):
        [row] = read_printed(f"(a): {text}\n(b): PReLU()").unknown
        assert row.name == "a"


@pytest.mark.parametrize("padding", ["same", "'same'", "valid", "(1,)"])
def test_arguments_on_a_line_of_their_own_are_no_lines_left_out(padding: str) -> None:
    model = read_printed(
        f"ParametrizedConv1d(\n  20, 4, kernel_size=(1,), stride=(1,), padding={padding}, bias=False\n"
        "  (parametrizations): ModuleDict(\n    (weight): ParametrizationList(\n"
        "      (0): _WeightNorm()\n    )\n  )\n)"
    )
    assert model.complete
    assert model.parameter_count == 20 * 4 + 4


def test_a_parametrisation_with_layers_of_its_own() -> None:
    inner = "Own(\n          (fc): Linear(in_features=4, out_features=4, bias=True)\n        )"
    model = read_printed(WEIGHT_NORM.replace("_SpectralNorm()", inner))
    assert [(row.name, row.note) for row in model.unknown] == [
        ("1", "Its weight is computed by Own, so its parameters are unknown.")
    ]
    assert counts(model)["1.parametrizations.weight.0.fc"] == 20


def test_two_parametrisations_in_one_line() -> None:
    [row] = read_printed(WEIGHT_NORM.replace("(0): _SpectralNorm", "(0-1): 2 x _SpectralNorm")).unknown
    assert row.note == "Its weight is computed by 2 x _SpectralNorm, so its parameters are unknown."


def test_each_weight_norm_has_its_own_sentence() -> None:
    one, other = "along axis 0, which is the default", "the older torch.nn.utils.weight_norm adds"
    assert said(read_printed(WEIGHT_NORM), one)
    assert said(read_printed(WEIGHT_NORM), other)
    spectral = read_printed(WEIGHT_NORM.replace("_WeightNorm", "_SpectralNorm"))
    assert not said(spectral, one)
    assert said(spectral, other)


def test_repeated_modules_of_every_kind_stay_one_row() -> None:
    def times(text: str) -> str:
        lines = text.replace("\n", "\n  ")
        return f"ModuleList(\n  (0-199999): 200000 x {lines}\n)"

    for text in (ATTENTION, WEIGHT_NORM, RECURRENT, NET):
        once, many = read_printed(text), read_printed(times(text))
        assert many.parameter_count == 200_000 * once.parameter_count
        assert len(many.rows) == len(once.rows)
        assert [row.times for row in many.rows] == [200_000 * row.times for row in once.rows]
        assert read_printed(times(times(text))).parameter_count == 200_000**2 * once.parameter_count


@pytest.mark.parametrize(
    "kind", ["Swish", "MergeBlock", "RadixSoftmax", "WindowPartition", "WindowDepartition", "Timesteps"]
)
def test_classes_of_other_libraries_without_parameters(kind: str) -> None:
    model = read_printed(f"Net(\n  (up): {UP}\n  (a): {kind}()\n)")
    assert (model.parameter_count, model.complete) == (32_800, True)


def test_a_number_of_equal_modules_with_a_dash() -> None:
    model = read_printed(f"ModuleList(\n  (0–2): 3 x {UP}\n)")
    assert (model.parameter_count, model.rows[0].times, model.complete) == (3 * 32_800, 3, True)


@pytest.mark.parametrize(
    "comment",
    [
        *(
            "# x4",
            "# repeated 3 times",
            "(x4)",
            "# ×4",
            "// 4x",
            "# block x4",
            "<- 3 times",
            "# 4 ×",
            "# * 4",
        ),
        *("# x4 in the decoder", "[x4]", "# repeat", "× 4", "x 4", "# used twice", "# x 12 layers"),
    ],
)
def test_a_number_of_layers_in_a_comment(comment: str) -> None:
    for text in (f"Net(\n  (up): {UP}  {comment}\n)", f"Net(\n  (up): {UP}\n)  {comment}", f"{UP} {comment}"):
        model = read_printed(text)
        assert (model.parameter_count, model.complete) == (32_800, False)


@pytest.mark.parametrize(
    "comment",
    [
        *("# 3x3 conv", "# 64 x 32 x 4 x 4", "# B x 64 x 8 x 8", "# upsample x2", "# 2x the resolution"),
        *("# state size. 512 x 4 x 4", "# 4 × 4", "# 128*4", "# up", "# W x 3"),
    ],
)
def test_sizes_in_a_comment_are_not_a_number_of_layers(comment: str) -> None:
    model = read_printed(f"Net(\n  (up): {UP}  {comment}\n)")
    assert (model.parameter_count, model.complete) == (32_800, True)


@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
def test_a_gap_in_the_numbers_is_said(kind: str) -> None:
    model = read_printed(f"Net(\n (m): {kind}(\n (0): {UP}\n (1): ReLU()\n (11): {UP}\n (13): ReLU()\n )\n)")
    assert model.parameter_count == 2 * 32_800
    assert [(row.name, row.type) for row in model.unknown] == [("m", LEFT_OUT), ("m", LEFT_OUT)]
    assert "(2) to (10) left out" in model.unknown[0].note
    assert "(12) left out" in model.unknown[1].note
    assert not read_printed(f"{kind}(\n (0-2): 3 x {UP}\n (4): {UP}\n)").complete


@pytest.mark.parametrize(
    "text",
    [
        f"Sequential(\n (0-2): 3 x {UP}\n (3): {UP}\n)",
        f"ModuleList(\n (0): None\n (1): {UP}\n)",
        f"ModuleList(\n (0): {UP}\n (1): None\n (2): {UP}\n)",
        f"IntermediateLayerGetter(\n (0): {UP}\n (4): {UP}\n)",
        f"ModuleDict(\n (8): {UP}\n (16): {UP}\n)",
        f"Net(\n (3): {UP}\n (7): {UP}\n)",
        f"Sequential(\n (conv0): {UP}\n (norm3): {UP}\n (7): ReLU()\n)",
    ],
)
def test_numbers_without_a_gap(text: str) -> None:
    assert read_printed(text).complete


def test_a_slice_that_keeps_its_numbers() -> None:
    model = read_printed(f"Net(\n (slice2): Sequential(\n (4): {UP}\n (5): ReLU()\n )\n)")
    assert model.complete
    assert said(model, "The numbers of slice2 begin at 4: layers before it are not counted, if it has any.")


def test_a_gap_where_a_line_says_it_is_one_row() -> None:
    assert len(read_printed(f"Sequential(\n (0): {UP}\n ...\n (11): {UP}\n)").unknown) == 1


REPEATED = (
    f"Net(\n  (enc): Enc(\n    (0): {UP}\n    (1): ReLU()\n  )\n  (dec): Dec(\n    (up): {UP}\n  )\n)\n"
)
PART = f"Dec(\n  (up): {UP}\n)\n"


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (REPEATED * 2, 65_600),
        (f"{REPEATED}Epoch 1\n{REPEATED}{REPEATED}", 65_600),
        (REPEATED * 120, 65_600),
        (REPEATED + PART, 65_600),
        (PART + REPEATED, 65_600),
        (REPEATED + f"DataParallel(\n  (module): {REPEATED.strip()}\n)\n", 65_600),
        (f"Sequential(\n  (0): {UP}\n)\n" * 2, 32_800),
    ],
)
def test_a_model_that_is_printed_twice_is_counted_once(text: str, total: int) -> None:
    model = read_printed(text)
    assert (model.parameter_count, model.complete) == (total, True)
    assert said(model, "is printed more than once with the same layers: these are counted once.")
    assert not said(model, "counted together")


def test_of_models_of_one_class_with_layers_in_common_the_smallest_is_counted() -> None:
    other = REPEATED.replace("(1): ReLU()", f"(1): {UP}")
    third = REPEATED.replace("(dec): Dec(", f"(mid): {UP}\n  (head): {UP}\n  (dec): Dec(")
    for prints in itertools.permutations((REPEATED, other, third)):
        model = read_printed("".join(prints))
        assert total_text(model) == "at least 65,600 · 2 parts of the text not counted"
        [row] = [row for row in model.unknown if "98,400" in row.note]
        assert row.name == ("Net", "Net_2", "Net_3")[prints.index(other)]
        assert "Net, Net_2 and Net_3 have layers in common." in " ".join(model.assumptions)
        assert model.chain == Chain(problem="The text has several printed modules.")
    # What is printed besides is counted too.
    beside = read_printed(REPEATED + other + REPEATED.replace("Net(", "Disc(").replace("64, 32", "8, 8"))
    assert (beside.parameter_count, beside.complete) == (65_600 + 2 * 1_032, False)


def test_models_that_differ_are_counted_together() -> None:
    parts = "".join(f"Up(\n  (up): ConvTranspose2d({2 * c}, {c}, kernel_size=(2, 2))\n)\n" for c in (8, 4))
    assert total_text(read_printed(parts)) == "652"
    assert DIFFERENT in read_printed(parts).assumptions
    assert DIFFERENT not in read_printed(parts.replace("Up", "Sequential")).assumptions
    assert read_printed(REPEATED + REPEATED.replace("Net(", "Disc(")).parameter_count == 131_200
    assert read_printed(f"{UP}\n{UP}\n").parameter_count == 65_600
    assert read_printed(REPEATED + PART.replace("Dec", "Decoder")).parameter_count == 98_400


def test_children_that_are_alike_may_be_two() -> None:
    model = read_printed(f"Sequential(\n  (0): {UP}\n)\n" * 2 + PART)
    assert (model.parameter_count, model.complete) == (65_600, False)


def test_many_prints_are_compared_in_time() -> None:
    begin = time.process_time()
    read_printed("".join(f"Net(\n  (a{number}): {UP}\n  (b): {UP}\n)\n" for number in range(5000)))
    assert time.process_time() - begin < 20


FC = "Linear(in_features=4, out_features=4, bias=True)"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"up {UP}", {"(model)": 32_800}),
        (f"up {UP}\nact ReLU()\nfc {FC}", {"up": 32_800, "fc": 20}),
        (f"0 {UP}\n1 {FC}", {"0": 32_800, "1": 20}),
        (f"0 -> {UP}\n1 -> ReLU()\n2 -> {FC}", {"0": 32_800, "2": 20}),
        (f"('up', {UP})\n('fc', {FC})", {"up": 32_800, "fc": 20}),
        (f"OrderedDict([('up', {UP}), ('act', ReLU()), ('fc', {FC})])", {"up": 32_800, "fc": 20}),
        (f"OrderedDict({{'up': {UP}, 'fc': {FC}}})", {"up": 32_800, "fc": 20}),
        (f"[('up', {UP}), ('fc', {FC})]", {"up": 32_800, "fc": 20}),
        (f"[{UP}, ReLU(), {FC}]", {"ConvTranspose2d": 32_800, "Linear": 20}),
        (f"[{UP},\n ReLU(),\n {FC}]", {"ConvTranspose2d": 32_800, "Linear": 20}),
        (f"up: {UP}\nfc: {FC}", {"up": 32_800, "fc": 20}),
        # A list of all modules: the model itself, then its layers.
        (f" Net(\n  (up): {UP}\n  (fc): {FC}\n)\nup {UP}\nfc {FC}", {"up": 32_800, "fc": 20}),
    ],
)
def test_lists_of_children(text: str, found: dict[str, int]) -> None:
    model = read(text)
    assert counts(model) == found
    assert model.complete


@pytest.mark.parametrize(
    "text",
    [
        f"0 -> Sequential(\n  (0): {UP}\n  (1): ReLU()\n)\n1 -> {UP}\n2 -> ReLU()",
        f"features Features(\n  (fc): {UP}\n)\nfc {UP}",
    ],
)
def test_children_that_the_print_before_them_may_have(text: str) -> None:
    model = read(text)
    assert (model.parameter_count, model.complete) == (32_800, False)


@pytest.mark.parametrize("text", [f"return {UP}", "up ConvTranspose2d(64, 32, 4)", f"up {UP} and more"])
def test_other_lines_are_not_lists_of_children(text: str) -> None:
    assert not recognises(f"{text}\nsecond line")


def test_a_list_of_all_modules_counts_none_twice() -> None:
    part = f"Sequential(\n    (0): {UP}\n  )"
    listed = f"0 -> Sequential(\n  (0): {part}\n  (1): {part}\n)\n" + "".join(
        f"{number} -> {part}\n{number + 1} -> {UP}\n" for number in (1, 3)
    )
    model = read(listed)
    assert (model.parameter_count, model.complete) == (65_600, False)


@pytest.mark.parametrize("form", ["0 {0}\n1 {0}", "[{0}, {0}]", "('a', {0})\n('b', {0})"])
@pytest.mark.parametrize("kind", ["Sequential", "Block"])
def test_alike_children_in_a_list_may_be_two(form: str, kind: str) -> None:
    model = read(form.format(f"{kind}(\n  (0): {UP}\n)"))
    assert (model.parameter_count, model.complete) == (32_800, False)


def test_a_tensor_that_ends_on_its_line_takes_no_other_line_with_it() -> None:
    printed = "Net(\n  (fc): Linear(in_features=2, out_features=3, bias=True)\n)"
    model, alone = read_printed(f"tensor([1., 2.])\n{printed}"), read_printed(printed)
    assert (model.name, model.rows) == (alone.name, alone.rows)
    assert set(model.assumptions) - set(alone.assumptions) == {TENSORS_LEFT_OUT}


GENERATOR = """Generator(
  (main): Sequential(
    (0): ConvTranspose2d(100, 512, kernel_size=(4, 4), stride=(1, 1), bias=False)
    (1): BatchNorm2d(512, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
    (2): ReLU(inplace=True)
    (3): ConvTranspose2d(512, 3, kernel_size=(4, 4), stride=(2, 2), padding=(1, 1), bias=False)
  )
)"""
"""819,200 weights, a norm of 1,024 and 24,576 weights: 844,800 parameters."""


@pytest.mark.parametrize("width", range(20, 90))
@pytest.mark.parametrize("mark", ["", "…", ">"])
def test_a_print_that_is_cut_off_at_the_right_is_never_counted_too_high(width: int, mark: str) -> None:
    cut = [line if len(line) <= width else line[: width - len(mark)] + mark for line in GENERATOR.split("\n")]
    with contextlib.suppress(ReadError):  # Nothing in it can be counted.
        check_cut(read("\n".join(cut)), width)


def check_cut(model: Model, width: int) -> None:
    """Check that each layer of ``GENERATOR``, cut off at ``width``, is counted rightly or not at all."""
    right = counts(read_printed(GENERATOR))
    assert all(count in (0, right[name]) for name, count in counts(model).items() if name in right)
    whole = max(map(len, GENERATOR.split("\n")))
    assert model.complete == (width >= whole)


def test_a_line_that_is_cut_off_names_no_layers_inside_of_its_own() -> None:
    text = (
        "Net(\n  (a): Conv2d(3, 8, kernel_size=(3, 3), str\n  (b): ReLU(inpl\n"
        "  (0-3): 4 x Linear(in_features=2, out\n  (d): Tanh()\n)"
    )
    with pytest.raises(ReadError, match=r"Nothing .* a \(Conv2d\) could not: Its line is cut off"):
        read(text)
    model = read(text.replace("Tanh()", "PReLU(num_parameters=1)"))
    assert [(row.name, row.known, row.times) for row in model.rows] == [
        ("a", False, 1),
        ("0-3", False, 4),
        ("d", True, 1),
    ]
    # What a pooling does to sizes is in its arguments.
    model = read(
        "Sequential(\n  (0): PReLU(num_parameters=1)\n  (1): MaxPool2d(kernel_size=2, st\n  (2): Tanh()\n)"
    )
    assert model.chain is not None
    assert model.complete
    assert model.chain.problem == "The line of 1 (MaxPool2d) is cut off."


def test_the_last_line_of_a_block_that_is_cut_off_is_not_counted() -> None:
    # The bracket below belongs to the block, and not to the arguments.
    model = read("Net(\n  (a): PReLU(num_parameters=1)\n  (b): Linear(in_features=8, out_features=4, bi\n)")
    assert [(row.name, row.parameter_count, row.known) for row in model.rows[:2]] == [
        ("a", 1, True),
        ("b", 0, False),
    ]
    # A bracket on its own line may close the arguments where all others are closed too.
    assert read("Net(\n  (b): Linear(in_features=8, out_features=4, bias=True\n  )\n)").parameter_count == 36


@pytest.mark.parametrize("width", [26, 40, 57, 60, 79, 80])
def test_a_print_that_a_terminal_broke_at_its_width_is_whole_again(width: int) -> None:
    wrapped = [
        line[place : place + width] for line in GENERATOR.split("\n") for place in range(0, len(line), width)
    ]
    assert counts(read("\n".join(wrapped))) == counts(read_printed(GENERATOR))


def test_prints_of_several_processes_that_are_mixed_are_refused() -> None:
    mixed = "\n".join(f"[rank{rank}]: {line}" for line in GENERATOR.split("\n") for rank in (0, 1))
    with pytest.raises(ReadError, match=r"\(0\) comes twice in .*main: two prints may be mixed"):
        read(mixed)
    fc = "Linear(in_features=2, out_features=2, bias=True)"
    assert "(a) comes twice in Net" in refusal(f"Net(\n  (a): {fc}\n  (a): {fc}\n)")


@pytest.mark.parametrize(
    "line",
    [
        "ject): Linear(in_features=8, out_features=4, bias=True)",
        "): ConvTranspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))",
        "nspose2d(64, 32, kernel_size=(4, 4), stride=(2, 2))",
        "0): 4 x Linear(in_features=8, out_features=4, bias=True)",
    ],
)
def test_a_layer_whose_beginning_was_not_copied_is_said(line: str) -> None:
    model = read(f"{line}\nNet(\n  (a): PReLU(num_parameters=1)\n)")
    assert (model.parameter_count, model.complete) == (1, False)
    assert any("besides the layers" in row.note for row in model.unknown)


def test_prints_of_the_interface_in_c() -> None:
    model = read("Net(\n  (up): torch::nn::ConvTranspose2d(64, 32, kernel_size=[4, 4], stride=[2, 2])\n)")
    assert (model.parameter_count, model.transposed_count) == (32800, 32800)


def test_layers_behind_a_gap_are_counted_once_where_brackets_are_missing() -> None:
    # The whole print has 3 x 12 + 20 parameters; the dots stand for the end of the blocks.
    linear = "Linear(in_features={0}, out_features={0}, bias=True)"
    text = (
        "Net(\n  (blocks): ModuleList(\n    (0-2): 3 x Sequential(\n"
        f"      (0): {linear.format(3)}\n...\n  (head): {linear.format(4)}\n)\n"
    )
    assert total_text(read(text)) == "at least 56 · lines left out"
    assert total_text(read(text.replace("...", "    )\n  )"))) == "56"
    assert total_text(read(text.removesuffix(")\n"))) == "at least 56 · lines left out"
    assert total_text(read(text.replace("...\n", "").removesuffix(")\n"))).startswith("at least")


@pytest.mark.parametrize("kind", ["VisionTransformer", "ShiftedWindowAttention", "CNBlock"])
def test_parameters_that_a_class_of_torchvision_has_itself_are_not_counted(kind: str) -> None:
    # vit_b_32() has 88,224,232 parameters, and its print shows 88,185,064 of them.
    text = f"Net(\n  (0): {kind}(\n    (a): Linear(in_features=3, out_features=4, bias=True)\n  )\n)"
    assert total_text(read(text)) == "at least 16 · 1 module not counted"
    assert total_text(read(text.replace(kind, "Other"))) == "16"


TIED = """LanguageModel(
  (transformer): Transformer(
    (wte): Embedding(50257, 768)
    (wpe): Embedding(1024, 768)
    (ln_f): LayerNorm((768,), eps=1e-05, elementwise_affine=True)
  )
  (lm_head): Linear(in_features=768, out_features=50257, bias=False)
)"""


def test_an_embedding_and_an_output_layer_may_share_a_weight() -> None:
    # With torch: lm_head.weight = transformer.wte.weight, which transformers' GPT-2 sets and no print shows.
    model = read_printed(TIED)
    assert total_text(model) == "39,385,344 to 77,982,720 · tensors may be shared"
    assert "transformer.wte.weight and lm_head.weight may be one tensor" in model.assumptions[-1]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("out_features=50257", "out_features=50258"),
        ("in_features=768", "in_features=1024"),
        ("(wte)", "(pos_embed)"),
        ("Linear(in_features=768, out_features=50257, bias=False)", "Conv1d(768, 50257, kernel_size=(1,))"),
    ],
)
def test_other_weights_are_counted_as_they_are_printed(old: str, new: str) -> None:
    model = read_printed(TIED.replace(old, new))
    assert model.complete
    assert total_text(model) == f"{model.parameter_count:,}"


def test_code_says_which_weights_are_shared() -> None:
    model = read("self.emb = nn.Embedding(9, 4)\nself.head = nn.Linear(4, 9, bias=False)")
    assert total_text(model) == "72"
