"""Layers written as code: the counts are those of PyTorch 2.13 for the same calls."""

import pytest

from calculator.readers import read
from calculator.readers.model import Model, ReadError
from calculator.readers.pytorch.layer_code import CODE_ASSUMPTION, _CodeReader, read_code
from calculator.readers.pytorch.module_tree import ModuleTree
from calculator.readers.totals import total_text, trainable_text


def model_of(text: str) -> Model:
    tree = ModuleTree()
    read_code(text, tree)
    return tree.model("")


def counts(text: str) -> dict[str, int]:
    return {row.name: row.parameter_count for row in model_of(text).rows if row.known}


def unknown(text: str) -> list[tuple[str, str]]:
    return [(row.name, row.type) for row in model_of(text).unknown]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nn.Sequential(nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU())", {"0": 32_800}),
        ("nn.Sequential(nn.ReLU(), nn.Linear(2, 2), nn.Sequential(nn.Conv2d(3, 8, 3)))", {"1": 6, "2": 224}),
        (
            "self.main = nn.Sequential(\n  nn.Linear(2, 2), nn.ReLU(),\n  nn.Linear(2, 3))",
            {"main.0": 6, "main.2": 9},
        ),
        ("self.a = nn.Conv2d(3, 8, 3); self.b = nn.Linear(2, 2)", {"a": 224, "b": 6}),
        ("net = torch.nn.Sequential(OrderedDict([('a', nn.Linear(2, 2)), ('b', nn.Tanh())]))", {"0": 6}),
        ("layers += [nn.Linear(2, 2), nn.LayerNorm(2)]", {"0": 6, "1": 4}),
        ("layers.append(nn.Linear(2, 2))", {"0": 6}),
        (">>> a = nn.Linear(2, 2)\n>>> b = nn.Linear(\n...     2, 3)", {"a": 6, "b": 9}),
        ("# nn.Linear(9, 9)\n'''x'''\nx = nn.Linear(2, 2)  # nn.Linear(8, 8)", {"(model)": 6}),
        (
            '"""nn.Linear(9, 9)\nmore"""\na: nn.Module = nn.Linear(2, 2)\nb = nn.Linear(1, 1)',
            {"a": 6, "b": 2},
        ),
    ],
)
def test_layers_that_are_written_out_are_counted(text: str, found: dict[str, int]) -> None:
    if found.keys() == {"(model)"}:
        found = {"x": 6}
    assert counts(text) == found
    assert model_of(text).complete


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("self.a = nn.Linear(2, 2)\nif x:\n    self.b = nn.Linear(3, 3)", [("b", "Linear")]),
        ("self.a = nn.Linear(2, 2)\nself.b = nn.Linear(3, 3) if x else None", [("b", "Linear")]),
        ("self.a = nn.Linear(2, 2)\nfor i in range(3):\n    x.append(nn.Linear(3, 3))", [("0", "Linear")]),
        ("self.a = nn.Linear(2, 2)\nwhile x:\n    x.append(nn.Linear(3, 3))", [("0", "Linear")]),
        ("self.a = nn.Linear(2, 2)\nx = [nn.Linear(3, 3) for _ in range(4)]", [("0", "Linear")]),
        ("self.a = nn.Linear(2, 2)\nx = nn.Sequential(*[nn.Linear(3, 3)] * 4)", [("0", "Linear")]),
        ("self.a = nn.Linear(2, 2)\ndef block(i):\n    return nn.Linear(3, 3)", [("0", "Linear")]),
        ("self.a = nn.Linear(2, 2)\nself.b = Block(64)", [("b", "Block")]),
        ("x.append(nn.Linear(2, 2)); x.append(Block(64))", [("1", "Block")]),
        ("self.a = nn.Linear(2, 2)\nself.b = weight_norm(nn.Linear(2, 2))", [("b", "Linear")]),
        ("self.a = nn.Linear(2, 2)\nself.b = nn.Parameter(torch.zeros(3))", [("b", "Parameter")]),
        ("self.a = nn.Linear(2, 2)\nself.b = nn.Transformer(8)", [("b", "Transformer")]),
        ("self.a = nn.Linear(2, 2)\nself.b = nn.Sequential(*blocks)", [("b", "Sequential")]),
        ("nn.Sequential(nn.Linear(2, 2), block(3), nn.ReLU())", [("2", "Sequential")]),
        ("nn.Sequential(nn.Linear(2, 2), *more)", [("1", "Sequential")]),
        ("nn.Sequential(nn.Linear(2, 2), Block(3))", [("1", "Block")]),
        ("a = nn.Linear(2, 2)\nb = nn.Linear(width, 2)", [("b", "Linear")]),
        ("a = nn.Linear(2, 2)\nb = nn.Linear(2, 2, **options)", [("b", "Linear")]),
    ],
)
def test_layers_that_only_running_the_code_shows_are_listed(
    text: str, missing: list[tuple[str, str]]
) -> None:
    assert unknown(text) == missing
    assert model_of(text).parameter_count == 6


def test_a_class() -> None:
    text = """class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(64, 32, 4)

    def forward(self, x):
        if x:
            x = F.relu(x)
        return self.up(x)
"""
    assert counts(text) == {"up": 32_800}
    assert model_of(text).complete


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = nn.Linear(2,\n 2", "Line 1: the brackets of this layer are not closed."),
        ("a = nn.ReLU()", "no layer with parameters is written out"),
        ("", "no layer with parameters is written out"),
        ("nn.Sequential(" * 300 + ")" * 300, "more than 200 deep"),
    ],
)
def test_refusals(text: str, words: str) -> None:
    with pytest.raises(ReadError, match=words.replace("(", r"\(")):
        model_of(text)


CLASS = """class N(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose2d(4, 4, 2)
"""

GENERATOR = """class Generator(nn.Module):
    def __init__(self, ngpu):
        super(Generator, self).__init__()
        self.ngpu = ngpu
        self.main = nn.Sequential(
            # input is Z
            nn.ConvTranspose2d( 4, 4, 2, 1, 0, bias=False),
            nn.ReLU(True)
        )

    def forward(self, input):
        return self.main(input)
"""


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (CLASS, 68),
        (CLASS.replace("super()", "super(N, self)"), 68),
        (CLASS.replace("    ", "\t"), 68),
        (CLASS.replace("(self)", "(self, x=(1, 2))"), 68),
        (CLASS.replace("__init__(self)", "__init__ (self)"), 68),
        (GENERATOR, 64),
        (GENERATOR.replace("self, ngpu", "self"), 64),
    ],
)
def test_the_brackets_of_a_function_are_not_the_name_of_a_module(text: str, total: int) -> None:
    model = read(text)
    assert (model.parameter_count, model.transposed_count, model.complete) == (total, total, True)


@pytest.mark.parametrize("code", [CLASS, GENERATOR, GENERATOR.replace("self, ngpu", "self")])
def test_a_print_below_its_code_is_counted(code: str) -> None:
    layer = "ConvTranspose2d(4, 4, kernel_size=(2, 2), stride=(1, 1), bias=False)"
    model = read(f"{code}\nprint(net)\nN(\n  (main): Sequential(\n    (0): {layer}\n    (1): ReLU()\n  )\n)")
    assert [(row.name, row.parameter_count) for row in model.rows] == [("main.0", 64)]
    assert model.complete
    assert any("code besides the print" in sentence for sentence in model.assumptions)


@pytest.mark.parametrize(
    ("arguments", "total"),
    [
        ("64*8, 64*4, 4", 512 * 256 * 16 + 256),
        ("64 * 8, 64 * 4, 2 + 2, 2, 1, bias=False", 512 * 256 * 16),
        ("\n    64*2,\n    out_channels=8*2+1, kernel_size=(2*2, 5-1)\n", 128 * 17 * 16 + 17),
    ],
)
def test_sums_and_products_of_numbers_are_computed(arguments: str, total: int) -> None:
    model = read(f"self.up = nn.ConvTranspose2d({arguments})")
    assert (model.parameter_count, model.complete) == (total, True)


@pytest.mark.parametrize(
    "number", ["2**3", "2 ** 3 + 1", "n*8", "64 * n", "16//2", "8*2//2", "-n + 2*4", "(4+4)*2"]
)
def test_other_arithmetic_is_not_computed(number: str) -> None:
    text = f"self.a = nn.Linear(2, 2)\nself.up = nn.ConvTranspose2d({number}, 4, 4)"
    assert unknown(text) == [("up", "ConvTranspose2d")]


@pytest.mark.parametrize(
    ("begin", "why"),
    [("while x:", "in a loop"), ("for i in x:", "in a loop"), ("if x:", "under a condition"),
     ("def block(i):", "in a function"), ("class Net:", None)],
)  # fmt: skip
def test_a_block_is_named_in_the_note(begin: str, why: str | None) -> None:
    model = model_of(f"a = nn.Linear(2, 2)\n{begin}\n    b = nn.Linear(3, 3)\n")
    notes = [row.note for row in model.unknown]
    assert len(notes) == (why is not None)
    assert all(str(why) in note for note in notes)


LINEAR = "self.a = nn.Linear(2, 2)\n"


@pytest.mark.parametrize(
    "text",
    [
        "self.b = nn.Linear(3, 3)  # x 3",
        "self.b = nn.Linear(3, 3)  # repeated 3 times",
        "self.b = nn.Linear(\n    3, 3)  # twice",
        "then 3 times nn.Linear(3, 3)",
        "three times a nn.Linear(3, 3)",
        "- 3x nn.Linear(3, 3)",
        "- 3 × torch.nn.Linear(3, 3)",
        "nn.Linear(3, 3) x 3",
        "nn.Linear(3, 3), x3",
    ],
)
def test_words_that_say_that_a_layer_occurs_several_times_make_a_minimum(text: str) -> None:
    model = model_of(LINEAR + text)
    assert (model.parameter_count, model.complete) == (6 + 12, False)
    [row] = model.unknown
    assert row.note.startswith("Line ")
    assert "says that a layer occurs several times: “" in row.note


@pytest.mark.parametrize(
    "text",
    [
        "nn.Sequential(nn.Linear(2, 2), ..., nn.Linear(3, 3))",
        "nn.Sequential(\n    nn.Linear(2, 2),\n    …,\n    nn.Linear(3, 3))",
        "nn.Linear(2, 2); ...; nn.Linear(3, 3)",
        "nn.Sequential(nn.Linear(2, 2),  # ... more\n    nn.Linear(3, 3))",
        "nn.Sequential(nn.Linear(2, 2),  # ... (as in the encoder)\n    nn.Linear(3, 3))",
    ],
)
def test_dots_in_the_place_of_layers_are_said(text: str) -> None:
    model = model_of(text)
    assert (model.parameter_count, [row.type for row in model.unknown]) == (6 + 12, ["lines left out"])


@pytest.mark.parametrize(
    "text",
    [
        ">>> self.a = nn.Sequential(nn.Linear(2, 2),\n...     nn.Linear(3, 3))\n...\n",
        "self.a = nn.Linear(2, 2)\nself.b = nn.Linear(3, 3)\ny = self.b(self.a(x[..., 0]))",
        "self.a = nn.Linear(2, 2)\nself.b = nn.Linear(3, 3)\ndef forward(self, x): ...",
    ],
)
def test_dots_of_python_leave_nothing_out(text: str) -> None:
    model = model_of(text)
    assert (model.parameter_count, model.complete) == (18, True)


@pytest.mark.parametrize(
    "text",
    [
        "self.b = nn.Linear(3, 3)  # 3 -> 3",
        "self.b = nn.Linear(3, 3)  # 64 x 32 x 32",
        "self.b = nn.Linear(3, 3)  # x2 upsampling",
        "self.b = nn.Linear(3, 3)  # a 3x3 kernel",
        "1. nn.Linear(3, 3)",
        "nn.Linear(3, 3) and more words",
    ],
)
def test_other_words_beside_a_layer(text: str) -> None:
    model = model_of(LINEAR + text)
    assert (model.parameter_count, model.complete) == (18, True)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("self.b = x and nn.Linear(3, 3)", [("b", "Linear")]),
        ("self.b = nn.Linear(3, 3) or x", [("b", "Linear")]),
        ("Should I use nn.Linear(3, 3) or nn.Linear(3, 4)?", [("0", "Linear"), ("1", "Linear")]),
        ("I use nn.Linear(3, 3) instead of nn.Linear(3, 4).", [("0", "Linear"), ("1", "Linear")]),
        (
            "self.b = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 4))[:1]",
            [("b.0", "Linear"), ("b.1", "Linear")],
        ),
        (
            "match x:\n  case 1:\n    self.b = nn.Linear(3, 3)\n  case _:\n    self.c = nn.Linear(3, 4)",
            [("b", "Linear"), ("c", "Linear")],
        ),
        ("self.b = self._make_layer(block, 64, 3)", [("b", "self._make_layer")]),
        ("self.b = up(512, 256)", [("b", "up")]),
        ("self.b = conv3x3(\n    3, 8)", [("b", "conv3x3")]),
        ("self.b = torchvision.models.resnet18()", [("b", "torchvision.models.resnet18")]),
        ("self.b = nn.ModuleList(blocks)", [("b", "ModuleList")]),
        ("net = make_unet(3)", [("net", "make_unet")]),
        ("net = make_unet(net)", []),
        ("net = len(x)", []),
        ("def make_unet(n):\n  return n\nnet = make_unet(3)", []),
        ("def forward(self, x):\n  net = make_unet(3)", []),
        ("self.b = deepcopy(self.a)", [("b", "deepcopy")]),
        ("b = copy.deepcopy(a)", [("b", "copy.deepcopy")]),
        ("b = timm.create_model('resnet18')", [("b", "timm.create_model")]),
        ("b = torch.hub.load('a/b', 'c')", [("b", "torch.hub.load")]),
        ("b = AutoModel.from_pretrained('c')", [("b", "AutoModel.from_pretrained")]),
    ],
)
def test_layers_of_a_choice_and_of_a_function_are_not_counted(
    text: str, missing: list[tuple[str, str]]
) -> None:
    assert unknown(LINEAR + text) == missing
    assert model_of(LINEAR + text).parameter_count == 6


@pytest.mark.parametrize("kind", ["Sequential", "ModuleList"])
def test_layers_without_parameters_have_a_number_too(kind: str) -> None:
    model = model_of(f"self.b = nn.{kind}([nn.ReLU(), nn.Linear(3, 3)])")
    assert [row.name for row in model.rows] == ["b.1"]


@pytest.mark.parametrize(
    "text",
    [
        *("self.size = int(8 / 2)", "self.size = to_2tuple(8)", "self.size = pair(8)", "self.n = len(x)"),
        *("self.n = ceil(3)", "self.n = floor(3)", "self.n = sqrt(9)", "self.n = log(3)", "self.n = log2(8)"),
        *("self.n = prod(x)", "self.m = max(3, 4)"),
        *("self.t = torch.ones(3)", "self.f = x.mean()", "n = self.count()", "self.n = math.ceil(3)"),
    ],
)
def test_numbers_that_are_kept_are_no_layers(text: str) -> None:
    assert model_of(LINEAR + text).complete


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        ("self.b = nn.Linear(3, 3)\nself.b = nn.Linear(3, 4)", ["b"]),
        ("b = nn.Linear(3, 3)\nb = nn.Linear(3, 4)", ["b"]),
        ("model.fc = nn.Linear(3, 3)\nmodel.fc = nn.Identity()\nself.c = nn.Linear(3, 4)", ["model.fc"]),
        ("self.b = nn.Sequential(nn.Linear(3, 3))\nself.b = nn.Linear(3, 4)", ["b.0"]),
        ("self.b = nn.Linear(3, 3)\nself.c = nn.Linear(3, 4)\nself.b.weight = self.c.weight", ["b"]),
        ("self.b = nn.Linear(3, 3)\nself.c = nn.Linear(3, 4)\nb.bias = None", ["b"]),
        ("self.b = nn.Linear(3, 3)\nself.c = nn.Linear(3, 4)\ndel self.b", ["b"]),
        ("self.b = nn.Sequential(nn.Linear(3, 3))\nself.c = nn.Linear(3, 4)\ndel self.b", ["b.0"]),
        ("self.b = nn.Linear(3, 3)\nself.c = nn.Linear(3, 4)\ndel self", []),
        ("self.b = nn.Linear(3, 3)\nself.bb = nn.Linear(3, 4)\ndel x", []),
        # A layer that is called, or that goes on from the previous one, does not replace it.
        ("x = nn.Linear(3, 3)(x)\nx = nn.Linear(3, 4)(x)", []),
        ("b = nn.Linear(3, 3)\nb = nn.Sequential(b, nn.Linear(3, 4))", []),
        ("layers += [nn.Linear(3, 3)]\nlayers += [nn.Linear(3, 4)]", []),
        ("self.b = nn.Linear(3, 3)\nself.c = nn.Linear(3, 4)\nif self.b.weight == x: pass", []),
        # Another class has attributes of its own.
        (
            "class A(nn.Module):\n  def __init__(self):\n    self.b = nn.Linear(3, 3)\n"
            "class B(nn.Module):\n  def __init__(self):\n    self.b = nn.Linear(3, 4)",
            [],
        ),
    ],
)
def test_a_name_that_another_layer_is_given_later(text: str, replaced: list[str]) -> None:
    model = model_of(text)
    assert [row.name for row in model.unknown] == replaced
    assert model.parameter_count == 16 + 12 * (not replaced)


@pytest.mark.parametrize(
    "line", ["layers.pop()", "self.layers.pop(-1)", "    layers.pop(0)", "del net[2]", "del net.a[1:]"]
)
def test_code_that_removes_layers_is_refused(line: str) -> None:
    with pytest.raises(ReadError, match=r"^Line 3: the code removes a layer again\."):
        model_of(f"layers = [nn.Linear(3, 3)]\nlayers.append(nn.Linear(3, 4))\n{line}\nx = nn.Linear(3, 5)")


@pytest.mark.parametrize(
    "line", ["b = options.pop('b')", "options.pop('b')", "del options", "# layers.pop()"]
)
def test_what_is_removed_from_other_things_is_of_no_interest(line: str) -> None:
    assert counts(f"layers = [nn.Linear(3, 3)]\n{line}") == {"0": 12}


def test_only_several_layers_need_the_sentence_about_code() -> None:
    assert CODE_ASSUMPTION not in model_of("self.a = nn.Linear(2, 2)").assumptions
    assert CODE_ASSUMPTION in model_of("self.a = nn.Linear(2, 2); self.b = nn.Linear(2, 2)").assumptions


IN_INIT = "class G(nn.Module):\n    def __init__(self):\n        self.up = nn.ConvTranspose2d(64, 32, 4)\n"
FORWARD = "    def forward(self, x):"


@pytest.mark.parametrize(
    "body",
    [
        FORWARD + " ...",
        FORWARD + "\n        ...",
        FORWARD + "\n        pass",
        FORWARD + "\n        x = self.up(x)\n        # ... and so on\n        ...\n        return x",
        FORWARD + "\n        return nn.ReLU()(self.up(x)[..., 0])\n\n    def reset(self):\n        ...",
        FORWARD + '\n        """Run the model\n\n        ...\n        """\n        return self.up(x)',
        FORWARD + "\n        '''Run the model\n        ...\n        '''\n        return self.up(x)",
        FORWARD + "\n        # the rest of the network is the same\n        return x",
        "        self.sizes: tuple[int, ...] = (1, 2)",
    ],
)
def test_dots_in_other_functions_leave_no_layer_out(body: str) -> None:
    model = read(IN_INIT + body)
    assert (model.parameter_count, model.complete) == (32_800, True)


@pytest.mark.parametrize(
    "body",
    [
        "        ...",
        "        # ...",
        "        self.down = ...",
        "        self.body = nn.Sequential(nn.ReLU(), ...)",
        "        self.body = nn.Sequential(\n            nn.ReLU(),\n            ...\n        )",
        "    def forward(self, x):\n        ...\n\nself.more = nn.Linear(2, 2)\n...",
        "        (12 more layers omitted)",
    ],
)
def test_dots_among_layers_leave_some_out(body: str) -> None:
    model = read(IN_INIT + body)
    assert [row.type for row in model.unknown] == ["lines left out"]


def test_dots_of_a_prompt_are_not_left_out_lines() -> None:
    assert model_of(">>> a = nn.Linear(2, 2)\n...\n>>> b = nn.Linear(2, 2)").complete
    assert not model_of("a = nn.Linear(2, 2)\n...\nb = nn.Linear(2, 2)").complete


@pytest.mark.parametrize(
    "line",
    [
        "self.up.requires_grad_(False)",
        "for p in self.up.parameters():\n    p.requires_grad = False",
        "self.up = nn.ConvTranspose2d(64, 32, 4).requires_grad_(False)",
    ],
)
def test_code_that_freezes_layers_leaves_open_how_many_are_trained(line: str) -> None:
    model = read(f"self.up = nn.ConvTranspose2d(64, 32, 4)\n{line}\n")
    assert (trainable_text(model), model.trained_known) == ("?", False)
    assert read("self.up = nn.ConvTranspose2d(64, 32, 4)  # requires_grad\n").trained_known


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("self.a = nn.Linear(2, 2)\nself.b = nn.Linear(2, 3)\nnet.b = nn.Linear(2, 1)", "at least 9"),
        ("self.a = nn.Linear(2, 2)\nself.b = nn.Linear(2, 3)\nnet.b = nn.Identity()", "at least 6"),
        ("net = nn.Sequential(nn.Linear(2, 3), nn.ReLU())\nnet[0] = nn.Linear(2, 4)", "at least 12"),
        ("self.a = nn.Linear(2, 2)\nself.b = nn.Linear(2, 3)\nweight_norm(self.b)", "at least 6"),
        ("self.a = nn.Linear(2, 2)\nself.b = nn.Linear(2, 3)\nself.b = weight_norm(self.b)", "at least 6"),
        ("self.a = nn.Linear(2, 2)\nfor m in layers:\n    nn.utils.weight_norm(m)", "at least 6"),
        ("self.a = nn.Linear(2, 2)\nnet = get_peft_model(net, config)", "at least 6"),
        ("self.a = nn.Linear(2, 2)\nlayers['b'] = nn.Linear(2, 3)", "15"),
    ],
)
def test_layers_that_are_replaced_or_changed_later_are_not_counted(text: str, total: str) -> None:
    assert total_text(read(text)).partition(" · ")[0] == total


@pytest.mark.parametrize(
    "line", ["nn.utils.weight_norm(m)", "weight_norm(self.x, dim=0)", "net = get_peft_model(net, config)"]
)
def test_a_line_that_adds_parameters_is_named(line: str) -> None:
    [left_out] = read(f"self.a = nn.Linear(2, 2)\n{line}\n").unknown
    assert left_out.note == f"Line 2 adds parameters: “{line}”."


OTHER = "self.z = nn.Linear(2, 2)\n"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        *((text, "Block") for text in (
            "layers.append(Block(3))",
            "layers.append(\n    Block(3)\n)",
            "layers += [Block(3)]",
            'self.add_module("a", Block(3))',
            "layers.extend([Block(3), nn.ReLU()])",
            "layers.insert(0, Block(3))",
            "net = nn.Sequential(*[Block(3) for i in range(2)])",
            'd = OrderedDict([("a", Block(3))])',
            'd["a"] = Block(3)',
            'self.d["a"] = Block(3)',
            'self.d.update({"a": Block(3)})',
            'setattr(self, "a", Block(3))',
            "def make():\n    return Block(3)",
            "def make(): return Block(3)",
            "make = lambda width: Block(width)",
            "self.a, self.b = Block(1), nn.ReLU()",
            "self.a, b = Block(1), 2",
            "a, b = Block(1), nn.ReLU()",
            "self.a: nn.Module = Block(3)",
            "self.a = blocks.Block(3)",
            "self.a = \\\n    Block(3)",
            "self.a = Block(3) if x else None",
            "if x: self.a = Block(3)",
            "if (b := Block(3)):\n    pass",
            "up = Up(conv=Block(3))",
            "layers = [\n    Block(3),\n]",
            "layers = [\n    nn.ReLU(),\n    Block(3),\n]",
            "Block(3),",
            "nn.ReLU()\nBlock(3)",
            "parts = [Block(3)]\nself.parts = parts",
            "b = Block(3)\nself.b = b",
            "b = Block(3)\nnet = nn.Sequential(b, nn.ReLU())",
            "b = Block(3)\ny = b(x)",
            "model = Block(3)",
        )),
        ("layers.append(_Block(3))", "_Block"),
        ('self.register_parameter("a", Parameter(torch.zeros(3)))', "Parameter"),
        ("def make(b):\n    return nn.Sequential(b, nn.ReLU())", "Sequential"),
        ("self.b = nn.ModuleDict({'a': block})", "ModuleDict"),
        ("layers += [conv_bn(3, 8), nn.ReLU()]", "conv_bn"),
        ("self.layers.append(conv_bn(3, 8))", "conv_bn"),
        ("self.layers = list(map(Block, sizes))", "list"),
        ("model = resnet(3)\nmodel.fc = nn.ReLU()", "resnet"),
        ("xs = [\n    nn.Linear(3, 3)\n    for _ in range(3)\n]", "Linear"),
    ],
)  # fmt: skip
def test_whatever_may_be_a_layer_is_named_and_makes_a_minimum(text: str, kind: str) -> None:
    model = read(OTHER + text)
    assert (model.parameter_count, model.complete) == (6, False)
    assert kind in [row.type for row in model.unknown]


@pytest.mark.parametrize(
    "text",
    [
        "x = torch.zeros(3)",
        "x = torch.Tensor(3)",
        "opt = Adam(net.parameters(), lr=1e-3)",
        "self.opt = optim.Adam(self.parameters())",
        "scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=3)",
        'path = Path("x")\nself.path = Path("x")',
        "for i in range(3): print(len(x))",
        "super().__init__()",
        "ds = Dataset('x')\nloader = DataLoader(ds, batch_size=3)",
        "loader = DataLoader(Photos('x'), 3)",
        "loaders['train'] = DataLoader(x)",
        "data = CIFAR10(root='x', transform=t)",
        "loss = nn.BCELoss()\nself.loss = nn.BCELoss()",
        "t = transforms.Compose([transforms.ToTensor(), transforms.Normalize(0, 1)])",
        "self.t = Compose([\n    ToTensor(),\n    Normalize(0, 1),\n])",
        "trainer = Trainer(callbacks=[EarlyStopping('x'), Stop(3)])",
        "callbacks = [Stop(3)]",
        "raise ValueError(Text(3))",
        "def forward(self, x):\n    outs.append(Box(x))\n    return Output(\n        a=x,\n    )",
        "losses.append(criterion(out, y))",
        "x = Variable(torch.randn(1, 3))",
        "if isinstance(m, nn.Linear): nn.init.normal_(m.weight)",
        "with Timer() as t:\n    pass",
        "def f(\n    x: Box = Box(3),\n    y=2,\n):\n    pass",
        "class Box(Thing):\n    x = 3",
        "assert Box(3) == 3",
        "@dataclass(frozen=True)\nclass C:\n    a: int = 3",
        "print(Box(3))",
        "train(Net(3), Adam(x))",
        "act = nn.ReLU()\nnet = nn.Sequential(act, nn.Tanh()).to(device)",
        "model = model.to(device)\nmodel = prepare(model)",
        "See (the paper for Block(3)",
        "layers = list(x)",
        "d_model = make_divisible(512)\nnum_layers = depth(3)\nnorm_layer = partial(norm, eps=1)",
        "self.sizes = list(map(int, x))",
        "train(self.z, Box(3))",
        "HTML(x.to_html())",
        "def encode(x):\n    return Independent(Normal(mu, std), 1)",
        "z = torch.cat([\n    x,\n    y,\n])",
    ],
)
def test_calls_that_make_no_layer_leave_a_total_complete(text: str) -> None:
    model = read(OTHER + text)
    assert (model.parameter_count, model.complete) == (6, True)


@pytest.mark.parametrize(
    ("text", "is_complete"),
    [
        ("net = N().to(device)\ny = net(x)", True),
        ("def make():\n    return N()\n\nmodel = make()", True),
        ("trainer.fit(Lit(N()))", True),
        ("N()", True),
        ("nn.ReLU()\nN()", True),
        ("layers.append(N())", False),
        ("a = N()\nself.a = a", False),
        ("self.a = N()", False),
    ],
)
def test_a_class_whose_layers_are_in_the_text(text: str, is_complete: bool) -> None:
    model = read(CLASS + text)
    assert (model.parameter_count, model.complete) == (68, is_complete)


@pytest.mark.parametrize(
    ("layers", "altering"),
    [
        ("\n".join(f"self.a{n} = nn.Linear(3, 4)" for n in range(99)), [f"self.a{n}" for n in range(99)]),
        (f"x = nn.Sequential({', '.join(['nn.Linear(3, 4)'] * 99)})", ["x"] * 99),
        ("\n".join(f"self.a.b{n} = nn.Linear(3, 4)" for n in range(99)), ["self.a"] * 99),
    ],
)
def test_no_layer_is_altered_twice(monkeypatch: pytest.MonkeyPatch, layers: str, altering: list[str]) -> None:
    replaced: list[int] = []
    replace = _CodeReader._replace

    def noted(reader: _CodeReader, index: int) -> None:
        replaced.append(index)
        replace(reader, index)

    monkeypatch.setattr(_CodeReader, "_replace", noted)
    with pytest.raises(ReadError, match="replaces"):
        read("\n".join([layers, *(f"{name}.weight = other" for name in altering)]))
    assert sorted(set(replaced)) == list(range(99))
    assert len(replaced) <= 2 * 99
