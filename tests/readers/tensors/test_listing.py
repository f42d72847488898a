"""Lists of names and shapes in the forms that people print, and lists that leave something out or lie.

The totals are computed by hand from the shapes.
"""

import json
import pprint
import time

import pytest

from calculator.readers import read
from calculator.readers.model import MAX_ROWS, ReadError
from calculator.readers.tensors.listing import FORMAT, read_listing, read_listings, recognises
from calculator.readers.totals import total_text, trainable_text
from tests.fuzz.fuzz_listing import cases
from tests.fuzz.mutations import outcomes

DCGAN = {
    "main.0.weight": "[100, 512, 4, 4]",
    "main.1.weight": "[512]",
    "main.1.bias": "[512]",
    "main.1.running_mean": "[512]",
    "main.1.num_batches_tracked": "[]",
}
"""Parameters: 819,200 transposed and 1,024 others; the norm behind the layer shows that it is transposed."""


def lines(form: str) -> str:
    """Return one line for each tensor, with ``name``, ``shape`` as a list and as a tuple ``sizes``."""
    written = []
    for number, (name, shape) in enumerate(DCGAN.items()):
        sizes = [int(size) for size in shape.strip("[]").split(",") if size]
        count = 1
        for size in sizes:
            count *= size
        values = {"name": name, "shape": shape, "sizes": tuple(sizes), "count": count, "number": number}
        written.append(form.format(**values))
    return "\n".join(written)


@pytest.mark.parametrize(
    "line",
    [
        "scale torch.Size([3])",
        "conv.weight [8, 3, 3, 3]",
        "weight [8, 3, 3, 3]",
        "conv_weight_v [8, 3, 3, 3]",
        "conv.bias [8]",
        "conv_bias (8,)",
        "conv.bias=(8,)",
        "conv.bias=True (8,)",
        "bias: (8,)",
        "'bias': [8]",
        "bias_hh_l0 [8]",
        "norm.running_mean [8]",
        "running_var [8]",
        "norm.num_batches_tracked [1]",
    ],
)
def test_one_line_that_names_a_tensor_is_a_list(line: str) -> None:
    assert recognises(line)


FORMS = [
    "{name} \t torch.Size({shape})",
    "{name} torch.Size({shape})",
    "{name}: torch.Size({shape})",
    "('{name}', torch.Size({shape}))",
    "{name}: {sizes}",
    "{name:<40} {sizes}",
    "{name} -> {sizes}",
    "{name} | {shape} | {count}",
    "| {name} | {shape} | {count:,} |",
    "{number} {name} torch.Size({shape}) torch.float32 cuda:0",
    "{name} {count} torch.Size({shape})",
    "Layer: {name} | Size: torch.Size({shape}) | Values : tensor([[ 0.0273,  ..., -0.0142],\n"
    "        ..., \n  [-0.1, 0.2]], device='cuda:0', grad_fn=<SliceBackward0>) \n",
    "Parameter name: {name}, shape: torch.Size({shape})",
    "name={name}, shape={sizes}, dtype=torch.float32",
    "- {name}: F32 {shape}",
    "torch.Size({shape}) {name}",
    "{name}\n{shape}\nF32",
    "{name} torch.Size({shape}) requires_grad=True",
    "{name} torch.Size({shape})\ntensor([0.1, ..., 0.2],\n       requires_grad=True)",
    '"{name}": {shape},',
    "Layer {number}: {name} has shape torch.Size({shape})",
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_model(form: str) -> None:
    text = lines(form)
    assert recognises(text)
    for given in (text, f"Model's state_dict:\n{text}\n", text.replace("\n", "\r\n")):
        model = read(given)
        assert (model.format, model.parameter_count, model.transposed_count) == (FORMAT, 820_224, 819_200)
        assert model.complete
        assert [row.type for row in model.rows] == ["ConvTranspose2d", "BatchNorm"]


@pytest.mark.parametrize(
    "form",
    ["{{{}}}", "OrderedDict({{{}}})"],
)
def test_prints_of_dictionaries(form: str) -> None:
    for item in ("'{name}': torch.Size({shape})", "'{name}': {sizes}"):
        for between in (", ", ",\n "):
            text = form.format(lines(item).replace("\n", between))
            if not (text.startswith("Ordered") and "Size" not in text):
                assert read(text).parameter_count == 820_224


def test_prints_of_lists() -> None:
    for item in ("('{name}', torch.Size({shape}))", "('{name}', {sizes})"):
        assert read(f"[{lines(item)}]".replace("\n", ", ")).parameter_count == 820_224
    assert read(f"OrderedDict([{lines(FORMS[3])}])".replace("\n", ", ")).parameter_count == 820_224


def test_the_state_of_the_optimiser_is_left_out() -> None:
    state = "Optimizer's state_dict:\nstate \t {}\nparam_groups \t [{'lr': 0.001, 'params': [0, 1, 2]}]"
    for text in (f"{lines(FORMS[0])}\n\n{state}", f"{state}\nModel's state_dict:\n{lines(FORMS[0])}"):
        model = read(text)
        assert model.parameter_count == 820_224
        assert "The state of the optimiser in the list is left out." in model.assumptions
    assert read(lines(FORMS[0]) + "\n" + state.partition("\n")[2]).parameter_count == 820_224


def test_requires_grad() -> None:
    text = "up.weight torch.Size([64, 32, 4, 4]) False\nup.bias torch.Size([32]) True"
    model = read(text)
    assert (model.parameter_count, model.trainable_count) == (32_800, 32)
    assert "True and False in the list are taken for requires_grad." in model.assumptions
    detached = read(text.replace("True", "False"))
    assert detached.trainable_count == 32_800
    assert any("Every tensor is listed with False" in sentence for sentence in detached.assumptions)


def test_whole_numbers_are_buffers() -> None:
    model = read("e.position_ids torch.Size([1, 7]) torch.int64\nq.weight torch.Size([2, 2]) torch.int8")
    assert [(row.name, row.parameter_count) for row in model.rows] == [("q", 4)]


def test_what_is_left_out_is_said() -> None:
    for dots in ("...", "…", "⋮", " . . . ...", "......"):
        model = read(f"a.weight torch.Size([2, 3])\n{dots}\nb.weight torch.Size([4])")
        assert (model.parameter_count, model.complete) == (10, False)
    model = read("{'a.weight': torch.Size([2, 3]), ..., 'b.weight': torch.Size([4])}")
    assert (model.parameter_count, model.complete) == (10, False)
    bads = ("b.weight torch.Size([4, ...])", "b.weight", "b.weight: [-1, 4]", "b.weight [2.5]")
    for bad in (*bads, "b.weight [1,024, 3]"):
        model = read(f"a.weight torch.Size([2, 3])\n{bad}")
        assert [row.name for row in model.unknown] == ["b.weight"]
        assert model.unknown[0].note == f"No name with a shape was found in its line: '{bad}'."
    model = read("a.weight torch.Size([2, 3])\nsomething else here\na.bias torch.Size([2])")
    assert "Left out, as no tensor is there: 1 line, the first 'something else here'." in model.assumptions


def test_a_path_in_several_keys_is_not_the_name_of_its_last() -> None:
    model = read("a.weight torch.Size([2, 3])\np['b']['kernel'] (3, 3, 2, 4)\np['b']['bias'] (4,)")
    assert (model.parameter_count, [row.name for row in model.unknown]) == (6, ["kernel", "bias"])
    assert not recognises("p['b']['kernel'] (3, 3, 2, 4)\np['b']['bias'] (4,)")
    assert read("p['a.weight'] torch.Size([2, 3])").parameter_count == 6


def test_a_python_prompt_is_not_a_gap() -> None:
    text = (
        ">>> for k, v in net.state_dict().items():\n...     print(k, v.shape)\n...\n"
        + lines(FORMS[1])
        + "\n>>> "
    )
    assert read(text).complete


def test_totals_and_counts_are_checked() -> None:
    good = "a.weight | [100, 5] | 500\nb.weight | [10, 5] | 50\nc.weight | [7] | 7"
    assert read(good).parameter_count == 557
    with pytest.raises(ReadError, match=r"counts 8 values in 'c.weight', and its shape \(7,\) has 7"):
        read(good[:-1] + "8")
    assert not any("in total" in sentence for sentence in read(f"{good}\nTotal params: 557").assumptions)
    said = read(f"{good}\nTotal params: 1,557").assumptions
    assert "The list states 1,557 in total, and its lines have 557 parameters." in said
    said = read(good.replace("500", "9").replace("50", "3").replace("| 7", "| 5")).assumptions
    assert any(sentence.startswith("A column of numbers (9, 3 and 5) does not have") for sentence in said)


def test_the_number_of_tensors_is_limited() -> None:
    text = "\n".join(f"a{number}.weight [1]" for number in range(MAX_ROWS + 1))
    with pytest.raises(ReadError, match=r"^The list has 50,001 tensors; at most 50,000 are read\.$"):
        read_listing(text)


def test_a_tensor_that_comes_twice_is_refused() -> None:
    with pytest.raises(ReadError, match=r"names 'a\.weight' twice"):
        read("a.weight torch.Size([2, 3])\na.weight torch.Size([2, 3])")


def test_sizes_with_spaces() -> None:
    assert read("lm_head.weight\t[128 256, 4 096]\tBF16").parameter_count == 128_256 * 4_096


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Conv2d(3, 8, kernel_size=(3, 3))",
        "Sequential(\n  (0): Linear(in_features=2, out_features=3)\n)",
        "Net(\n  (w): ParameterList(\n      (0): Parameter containing: [torch.float32 of size 3x4]\n  )\n)",
        "name,type,in,out\nup,Linear,2,3",
        "conv2d (Conv2D)  (None, 26, 26, 32)  320",
        "├─Conv2d: 1-1  [1, 8, 3, 3]  224\n│ └─weight [8, 3, 3, 3]",
        "size mismatch for a.weight: copying a param with shape torch.Size([2, 3]) from checkpoint, "
        "the shape in current model is torch.Size([4, 3]).",
        '{"name": "my-package", "version": [1, 2]}',
        "I trained it (2, 3) times.",
        "w = nn.utils.weight_norm(nn.Conv2d(3, 8, 3))",
        "w=torch.nn.utils.parametrizations.weight_norm(nn.Linear(3, 8))",
    ],
)
def test_other_texts_are_not_recognised(text: str) -> None:
    assert not recognises(text)


def test_sizes_that_no_tensor_has() -> None:
    with pytest.raises(ReadError, match="no tensor has"):
        read("a.weight torch.Size([10000000000000000000])")
    with pytest.raises(ReadError, match="no tensor has"):
        read("a.weight (10000000000, 10000000000)")
    assert not read("a.weight torch.Size([2])\nb.weight [" + "9" * 400 + "]").complete


@pytest.mark.parametrize(
    "long",
    [
        "a.weight " * 1_000_000,
        "(" * 5_000_000,
        "[1 " * 2_000_000,
        "1x" * 3_000_000,
        "'a" * 3_000_000,
        "net" * 2_000_000,
        "total " * 1_000_000,
        "." * 5_000_000,
        "...a" * 1_000_000,
        ("net" * 60 + "(\n") * 30_000,
        "\n".join(["tensor(" * 50] * 50_000),
        "\n".join(f"a.{n}.weight torch.Size([2])" for n in range(20_000)),
    ],
    ids=range(12),
)
def test_long_texts_take_no_time(long: str) -> None:
    text = f"a.weight torch.Size([2, 3])\n{long}"
    start = time.process_time()
    recognises(text)
    read_listing(text)
    assert time.process_time() - start < 10


def test_only_read_errors_come_out() -> None:
    models, sentences = outcomes(recognises, read_listing, cases(1000, 0))
    assert models > 50
    assert all(sentence.endswith(".") and len(sentence) < 300 for sentence in sentences)


def test_an_embedding_that_may_be_tied_is_said() -> None:
    text = "wte.weight [9, 4]\nfc.weight [4, 4]\nfc2.weight [4, 4]\nlm_head.weight [9, 4]\n"
    model = read_listing(text)
    assert model.parameter_count == 9 * 4 * 2 + 2 * 16
    said = "A list does not show shared tensors: wte.weight and lm_head.weight may be one tensor, and are"
    assert [sentence for sentence in model.assumptions if sentence.startswith(said)]
    other = text.replace("9, 4", "8, 4", 1)
    assert "A list does not show shared tensors: one that has two names is counted under both." in (
        read_listing(other).assumptions
    )
    assert "shared tensors" not in " ".join(read_listing(other.replace("fc2.weight", "fc2.x")).assumptions)


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("wte.weight [9, 4]\nlm_head.weight [9, 4]\n", "36 to 72 · tensors may be shared"),
        # T5 stores the embedding of its tokens under four names.
        (
            "shared.weight [9, 4]\nencoder.embed_tokens.weight [9, 4]\ndecoder.embed_tokens.weight [9, 4]\n"
            "lm_head.weight [9, 4]\nfc.weight [4, 4]\n",
            "52 to 160 · tensors may be shared",
        ),
        # Only one of several linear layers is the output layer.
        (
            "emb.weight [4, 4]\na.weight [4, 4]\nb.weight [4, 4]\nc.weight [4, 4]\n",
            "48 to 64 · tensors may be shared",
        ),
        ("embed_positions.weight [9, 4]\nfc.weight [9, 4]\n", "72"),
        ("token_type_embeddings.weight [9, 4]\nfc.weight [9, 4]\n", "72"),
        ("emb.weight [9, 4, 1]\nfc.weight [9, 4, 1]\n", "36 to 72 · tensors may be shared"),
        ("emb.bias [9]\nfc.bias [9]\n", "18"),
        # named_parameters, whose requires_grad is True, names a shared tensor once.
        ("wte.weight [9, 4] True\nlm_head.weight [9, 4] False\n", "72"),
        ("wte.weight [9, 4] False\nlm_head.weight [9, 4] False\n", "36 to 72 · tensors may be shared"),
        ("wte.weight [9, 4]\nlm_head.weight [9, 4]\nTotal: 72\n", "72"),
        ("wte.weight [9, 4]\nlm_head.weight [9, 4]\nTotal: 36\n", "36 to 72 · tensors may be shared"),
        # Another total is not that of the tensors, shared or not.
        ("wte.weight [9, 4]\nlm_head.weight [9, 4]\nSum: 60\n", "36 to 72 · rows and stated total disagree"),
        ("wte.weight [9, 4]\nlm_head.weight [9, 4]\nSum: 30\n", "30 to 72 · rows and stated total disagree"),
    ],
)
def test_tensors_that_may_be_counted_twice_make_a_range(text: str, total: str) -> None:
    assert total_text(read_listing(text)) == total


JSON_FORMS = (
    {name: [int(size) for size in shape.strip("[]").split(",") if size] for name, shape in DCGAN.items()},
    {
        name: {"dtype": "F32", "shape": [int(size) for size in shape.strip("[]").split(",") if size]}
        for name, shape in DCGAN.items()
    },
)


@pytest.mark.parametrize("indent", [None, 0, 2, 4])
def test_json_with_names_and_shapes(indent: int | None) -> None:
    for tensors in (*JSON_FORMS, {"__metadata__": {"format": "pt"}} | JSON_FORMS[1]):
        model = read(json.dumps(tensors, indent=indent))
        assert (model.format, model.parameter_count, model.transposed_count) == (FORMAT, 820_224, 819_200)


@pytest.mark.parametrize(
    "text",
    ['{"a.weight": [1, "x"]}', '{"a.weight": {"shape": 3}}', '{"name": "my-package"}', "{" * 3000, "{}"],
)
def test_other_json_is_not_a_list(text: str) -> None:
    with pytest.raises(ReadError):
        read(text)


def test_a_shape_that_a_mail_program_broke_is_whole_again() -> None:
    text = "up.weight   torch.Size([64, 32,\n4, 4])\nup.bias (32,)\nfc.weight [8,\n  4]"
    assert read(text).parameter_count == 64 * 32 * 16 + 32 + 32
    # The next line does not go on: the first one is cut off.
    model = read("up.weight torch.Size([64, 32,\nup.bias torch.Size([32])")
    assert (model.parameter_count, model.complete) == (32, False)


def test_a_tensor_without_a_shape_is_not_counted_whatever_brackets_follow() -> None:
    model = read("%up.weight[FLOAT, 64x32x4x4]\n%up.bias[FLOAT, 32]")
    assert (model.parameter_count, model.complete) == (32768, False)
    assert model.unknown[0].name == "up.bias"


def test_a_tree_of_flax_has_no_transposed_layers_for_certain() -> None:
    model = read(
        "FrozenDict({\n  params: {\n    up: {\n      bias: (512,),\n      kernel: (4, 4, 100, 512),\n"
    )
    assert (model.parameter_count, model.transposed_count, model.undecided_count) == (819712, 0, 819712)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("up.weight (8, 4, 2, 2) 999\n", "999"),
        ("up.weight (8, 4, 2, 2) 999\nup.bias (4,) 4\n", "999 and 4"),
        ("0 up.weight (8, 4, 2, 2) 127\n1 up.bias (4,) 5\n", "127 and 5"),
    ],
)
def test_a_count_that_disagrees_with_its_shape_is_said(text: str, numbers: str) -> None:
    said = (
        f"A column of numbers ({numbers}) does not have the numbers of values in the shapes: it is left out."
    )
    assert said in read(text).assumptions


@pytest.mark.parametrize(
    "text",
    ["0 up.weight (8, 4, 2, 2)\n", "up.weight (8, 4, 2, 2) 128\n", "7 a.weight (1, 7)\n8 a.bias (3,)\n"],
)
def test_a_count_that_agrees_and_an_index_are_not_said(text: str) -> None:
    assert not any("A column of numbers" in said for said in read(text).assumptions)


def test_a_number_is_a_shape_only_beside_shapes() -> None:
    assert read("fc.weight | 3x4\nfc.bias | 3\n").parameter_count == 15
    with pytest.raises(ReadError):
        read("fc.weight | 12\nfc.bias | 3\n")


def test_line_breaks_that_are_lost() -> None:
    lines = ["fc1.weight torch.Size([20, 10])", "fc1.bias torch.Size([20])", "fc2.weight torch.Size([1, 20])"]
    assert read_listing("".join(lines)) == read_listing(" ".join(lines)) == read_listing("\n".join(lines))
    assert recognises("".join(lines))


@pytest.mark.parametrize(
    ("line", "total", "trained"),
    [
        ("Number of layers: 2", "16", "all"),
        ("Total keys: 4", "16", "all"),
        ("Total size in bytes: 64", "16", "all"),
        ("Number of parameters: 16", "16", "all"),
        ("total 12", "12 to 16", "all that are counted"),
        ("Number of elements: 17", "at least 16", "all that are counted"),
        ("Total trainable params: 4", "16", "?"),
        ("Total trainable params: 16", "16", "all"),
        ("Total non-trainable params: 0", "16", "all"),
    ],
)
def test_a_stated_number_is_compared_where_it_is_one_of_parameters(
    line: str, total: str, trained: str
) -> None:
    model = read(f"a.weight torch.Size([4, 3])\na.bias torch.Size([4])\n{line}\n")
    assert (total_text(model).partition(" · ")[0], trainable_text(model)) == (total, trained)


TWICE = "The list names 'a.weight' twice: paste the tensors of one model, once."


@pytest.mark.parametrize(
    ("between", "other"),
    [
        ("", TWICE),
        *((apart, "") for apart in ("\n", "state_dict\n", "----\n", "Model 2:\n", "nothing here\n")),
    ],
)
def test_another_list_begins_with_the_first_name_again(between: str, other: str) -> None:
    """Parameters: 6 + 2 in the first, and 6 + 2 or 6 + 4 in the second, by hand."""
    first = "a.weight [2, 3]\na.bias [2]\n"
    models, errors = read_listings(f"{first}{between}{first}")
    assert ([model.parameter_count for model in models], errors) == ([8, 8], [])
    # Other names that follow directly may be one list that two processes mixed.
    models, errors = read_listings(f"{first}{between}a.weight [2, 3]\nb.bias [3]\nb.scale [1]\n")
    counts = [model.parameter_count for model in models]
    assert (counts, errors) == (([], [other]) if other else ([8, 10], []))


def test_prints_of_dictionaries_are_a_list_each() -> None:
    models, errors = read_listings("{'a.weight': [2, 3], 'a.bias': [2]}\n{'a.weight': [2, 3], 'b.bias': [4]}")
    assert ([model.parameter_count for model in models], errors) == ([8, 10], [])


TENSORS = {
    "enc.0.weight": (8, 3, 3, 3),
    "enc.0.bias": (8,),
    "enc.1.weight": (8,),
    "enc.1.bias": (8,),
    "dec.up.weight": (8, 4, 2, 2),
    "dec.up.bias": (4,),
    "head.weight": (10, 4),
    "head.bias": (10,),
}
SIZES = ", ".join(f"('{name}', torch.Size({list(shape)}))" for name, shape in TENSORS.items())
LITERALS = (
    f"[{SIZES}]",
    f"OrderedDict([{SIZES}])",
    f"dict_items([{SIZES}])",
    f"shapes = {TENSORS}",
    str(TENSORS),
    json.dumps(TENSORS),
)


@pytest.mark.parametrize("text", LITERALS)
@pytest.mark.parametrize("width", [40, 60, 70, 79, 80, 100, 120])
def test_a_terminal_breaks_the_print_of_a_list_anywhere(text: str, width: int) -> None:
    lines = [text[begin : begin + width] for begin in range(0, len(text), width)]
    for separator in ("\n", "\r\n"):
        model = read(separator.join(lines))
        assert (model.parameter_count, model.complete) == (422, True)
    assert read("\n".join(line.strip() for line in lines)).parameter_count == 422


@pytest.mark.parametrize("text", LITERALS)
@pytest.mark.parametrize("length", [60, 61, 75, 90, 110, 150, 170])
def test_the_print_of_a_list_that_is_cut_off_is_a_minimum(text: str, length: int) -> None:
    model = read(text[:length])
    assert not model.complete
    assert 216 <= model.parameter_count < 422


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (pprint.pformat(TENSORS, sort_dicts=False), "422"),
        (pprint.pformat(TENSORS, width=20, sort_dicts=False), "422"),
        (pprint.pformat(list(TENSORS.items()), width=20), "422"),
        (json.dumps(TENSORS, indent=2), "422"),
        (str(TENSORS).replace(", 'head", ",  # it's new\n'head"), "422"),
        (str(TENSORS).replace(", 'head", ",\n...\n'head"), "at least 422 · lines left out"),
        ("x = [('a.0.weight', (8, 3, 3, 3))]\ny = [('b.weight', (10,))]", "226"),
    ],
)
def test_lists_on_several_lines(text: str, total: str) -> None:
    assert total_text(read(text)) == total
