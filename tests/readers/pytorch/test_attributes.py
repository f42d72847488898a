"""Attributes of classes in code: what is called and not shown, set anew, or kept in a plain list."""

import pytest

from calculator.readers import ReadError, read
from calculator.readers.pytorch.attributes import MAX_BASES, Attributes
from calculator.readers.totals import total_text


def net(statement: str, call: str = "self.net(x)", more: str = "") -> str:
    """Return code of a class with 18 parameters in its head, and the attribute ``net``, which is called."""
    return (
        "class W(nn.Module):\n    def __init__(self, net=None, cfg=None):\n        super().__init__()\n"
        f"        self.head = nn.Linear(8, 2)\n        {statement}\n"
        f"    def forward(self, x):\n        return self.head({call})\n{more}"
    )


@pytest.mark.parametrize(
    "statement",
    [
        "self.net = cfg['net']",
        "self.net = cfg.net",
        "self.net = cfg[0]",
        "self.net = net or nn.Identity()",
        "self.net = net if net is not None else nn.Identity()",
        "self.net = (net)",
        "self.net = net.eval()",
        "self.net = torch.compile(net)",
        "self.net = nn.DataParallel(net)",
        "self.net = self.model = net",
        "self.net, self.size = net, 3",
        "self.net = net; self.size = 3",
        "self.size = 3; self.net = cfg.net",
        "setattr(self, 'net', net)",
        "self.net: nn.Module = cfg.net",
        "self.net = LAYERS['conv'](3, 8)",
        "self.net = getattr(nn, 'Conv2d')(3, 8, 3)",
    ],
)
def test_what_is_called_and_not_shown_is_listed(statement: str) -> None:
    assert total_text(read(net(statement))) == "at least 18 · 1 module not counted"


@pytest.mark.parametrize("method", ["forward", "features", "encode", "decode_one", "extract_features"])
def test_a_method_of_a_module_is_called(method: str) -> None:
    assert total_text(read(net("self.net = cfg.net", f"self.net.{method}(x)"))) != "18"


@pytest.mark.parametrize(
    ("statement", "call"),
    [
        ("self.net = nn.ReLU()", "self.net(x)"),
        ("self.net = nn.Dropout(net) if net > 0 else nn.Identity()", "self.net(x)"),
        ("self.net = self.other = nn.LeakyReLU(cfg.slope)", "self.net(x)"),
        ("self.net = nn.Sequential(nn.ReLU(), nn.Dropout(cfg.p))", "self.net(x)"),
        ("self.net = torch.flatten", "self.net(x)"),
        ("self.net = F.relu if cfg else torch.tanh", "self.net(x)"),
        ("self.net = lambda x: cfg.scale * x", "self.net(x)"),
        ("self.net = self.other", "self.net(x)"),
        ("self.net = print", "self.net(x)"),
        ("self.net = cfg.size", "x * self.net"),
        ("self.sizes = cfg.sizes[1:]", "x * self.sizes[0]"),
        ("self.activation = cfg['activation']", "self.activation(x)"),
        ("self.net = cfg.net", "x"),
        ("self.head.bias.data.zero_()", "x"),
    ],
)
def test_functions_and_numbers_leave_a_total_complete(statement: str, call: str) -> None:
    assert total_text(read(net(statement, call, "def print(x):\n    return x\n"))) == "18"


BASE = (
    "class Base(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    "        self.conv = nn.Conv2d(3, 8, 3)\n        self.fc = nn.Linear(8, 10)\n"
)


@pytest.mark.parametrize(
    ("more", "total"),
    [
        ("class A(Base):\n    def __init__(self):\n        self.fc = nn.Linear(8, 2)\n", "at least 242"),
        ("class A(Base):\n    def __init__(self):\n        self.fc = nn.Identity()\n", "at least 224"),
        (
            "class B(Base):\n    pass\nclass A(B):\n    def __init__(self):\n        self.fc = nn.ReLU()\n",
            "at least 224",
        ),
        ("class A(Other):\n    def __init__(self):\n        self.fc = nn.Linear(8, 2)\n", "332"),
        ("class A(Base):\n    def __init__(self):\n        self.fd = nn.Linear(8, 2)\n", "332"),
    ],
)
def test_what_a_class_sets_anew_its_base_has_set_in_vain(more: str, total: str) -> None:
    assert total_text(read(BASE + more)).partition(" · ")[0] == total


@pytest.mark.parametrize(("distance", "found"), [(1, [0]), (MAX_BASES, [0]), (MAX_BASES + 1, [])])
def test_so_many_bases_are_looked_up(distance: int, found: list[int]) -> None:
    # The bases go round in a circle.
    code = "".join(f"class C{number}(C{(number + 1) % 50}):\n    pass\n" for number in range(50))
    attributes = Attributes(code, set())
    attributes.enter(f"C{distance}")
    assert list(attributes.replaced("a", range(1))) == []
    attributes.enter("C0")
    assert list(attributes.replaced("a", range(1, 2))) == found


@pytest.mark.parametrize(
    ("body", "total"),
    [
        ("self.a = [nn.Linear(3, 3), nn.Linear(3, 3)]", "at least 18 · 2 modules"),
        ("self.a = {'b': nn.Linear(3, 3)}", "at least 18 · 1 module"),
        ("self.a = (nn.Linear(3, 3), nn.ReLU())", "at least 18 · 1 module"),
        ("self.a = []; self.a.append(nn.Linear(3, 3))", "at least 18 · 1 module"),
        ("self.a = {}; self.a['b'] = nn.Linear(3, 3)", "at least 18 · 1 module"),
        ("tmp = nn.Linear(3, 3)", "at least 18 · 1 module"),
        ("self.a = (nn.Linear(3, 3))", "30"),
        ("self.a = nn.ModuleList([nn.Linear(3, 3), nn.Linear(3, 3)])", "42"),
        ("self.a = nn.ModuleList(); self.a.append(nn.Linear(3, 3))", "30"),
        ("self.a = []; self.a.append(nn.Linear(3, 3)); self.a = nn.ModuleList(self.a)", "at least 30 · 1"),
        ("tmp = nn.Linear(3, 3); self.a = tmp", "30"),
    ],
)
def test_layers_in_plain_lists_are_not_counted(body: str, total: str) -> None:
    # PyTorch has 18 parameters where the layers are in a list of Python.
    assert total_text(read(net(body, "x"))).startswith(total)


@pytest.mark.parametrize(
    "line",
    [
        "model = model[:1]",
        "model = model[-1:]",
        "head = nn.Sequential(*model[1:], nn.ReLU())",
        "model = model * 3",
        "model *= 3",
        "last = model.pop(-1)",
        "model[0].bias = None",
    ],
)
def test_a_total_is_not_certain_where_layers_are_taken_out_or_repeated(line: str) -> None:
    text = f"model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4))\nother = nn.Linear(2, 2)\n{line}"
    if ".pop" in line:
        with pytest.raises(ReadError, match="removes a layer"):
            read(text)
    else:
        assert not read(text).complete


@pytest.mark.parametrize("line", ["del model.fc", "setattr(model, 'fc', nn.ReLU())", "delattr(model, 'fc')"])
def test_a_layer_that_is_taken_from_outside_is_not_counted(line: str) -> None:
    assert total_text(read(f"{BASE}model = Base()\n{line}")).startswith("at least 224")


@pytest.mark.parametrize(
    "items", ["{'a': nn.ReLU(), 'b': nn.Linear(3, 3)}['a']", "[nn.ReLU(), nn.Linear(3, 3)][0]"]
)
def test_one_of_several_layers_is_not_counted(items: str) -> None:
    text = f"a = nn.Linear(2, 2)\nmodel = nn.Sequential(nn.ReLU(), {items})"
    assert total_text(read(text)).startswith("at least 6 ")


@pytest.mark.parametrize("line", ["skips.pop()", "skips.pop(-1)", "del skips[0]", "skip = skips.pop()"])
def test_lists_of_outputs_are_no_layers(line: str) -> None:
    text = net("self.n = 3", "x").replace("        return", f"        {line}\n        return")
    assert total_text(read(text)) == "18"
    text = net("self.downs = nn.ModuleList()", "x").replace(
        "        return", "        y = self.downs[:-1]\n        return"
    )
    assert total_text(read(text)) == "18"


OLD = "class Old(nn.Module):\n    def __init__(self):\n        self.part = nn.Linear(3, 3)\n"
NEW = "class New(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(8, 2)\n"


@pytest.mark.parametrize(
    ("text", "total"),
    [
        (f"{OLD}{NEW}", "30"),
        (f"{OLD}{NEW}model = New()\n", "at least 18"),
        (f"{OLD}{NEW}old, new = Old(), New()\n", "30"),
        (f"{OLD}{NEW}if __name__ == '__main__':\n    print(New())\n", "at least 18"),
        (f"{OLD}{NEW}def make():\n    return New()\n", "at least 18"),
        (f"{OLD}{NEW.replace('nn.Module', 'Old')}model = New()\n", "30"),
        (f"{OLD}{NEW}        self.old = Old()\nmodel = New()\n", "at least 30"),
        (f"{OLD}{NEW}        # Old()\nmodel = New()\n", "at least 18"),
        (f"{OLD}class Older(nn.Module):\n    old = Old()\n{NEW}model = New()\n", "at least 18"),
        (f"{NEW}x = 3\n{OLD}model = New()\n", "at least 18"),
        (f"{NEW}{OLD}y = func(3)\n", "30"),
    ],
)
def test_a_class_that_is_not_used_is_not_counted(text: str, total: str) -> None:
    assert total_text(read(text)).partition(" · ")[0] == total


def test_some_children_of_a_model_are_not_certain() -> None:
    text = f"{NEW}other = nn.Linear(2, 2)\nm = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4))\n"
    for line in ("f = nn.Sequential(*list(m.children())[:-1])", "f = list(m.named_children())[0]"):
        assert total_text(read(text + line)).startswith("at least 24 ")
