"""Modules that a class in code gets as arguments: the count is a minimum where the code lacks them."""

import pytest

from calculator.readers import read
from calculator.readers.pytorch.class_arguments import MAX_CALLS, unknown_arguments
from calculator.readers.totals import total_text


def given(name: str, more: str = "", *, base: str = "nn.Module", value: str = "", call: str = "") -> str:
    """Return code of a class with 20 parameters and the argument ``name``, which is called."""
    return (
        f"class A({base}):\n    def __init__(self, n: Callable[[int], int], {name}=None):\n"
        f"        super(A, self).__init__()\n        self.fc = nn.Linear(4, 4)\n        self.n = n\n"
        f"        self.{name} = {value or name}\n    def forward(self, x):\n"
        f"        return self.fc({call or f'self.{name}(x)'})\n{more}"
    )


def test_the_class_is_not_used() -> None:
    assert list(unknown_arguments(given("body"))) == ["body"]
    assert list(unknown_arguments(given("downsample", "class B(nn.Module):\n    pass"))) == ["downsample"]
    assert list(unknown_arguments(given("encoder", base="pl.LightningModule"))) == ["encoder"]
    assert total_text(read(given("body"))) == "at least 20 · 1 module not counted"


@pytest.mark.parametrize(
    "text",
    [
        given("channels", call="x * self.channels"),
        given("activation"),
        given("loss_fn"),
        given("body", base="Trainer").replace("def forward", "def fit"),
        given("body", value="nn.ReLU"),
        given("body", value="other"),
        given("body").replace("        self.body", "        body = nn.ReLU()\n        self.body"),
    ],
)
def test_other_arguments_of_a_class_leave_a_total_complete(text: str) -> None:
    assert total_text(read(text)) == "20"


SHOWN = (
    "A(3)",
    "A(n=3)",
    "A(3, None)",
    "A(3, body=None)",
    "A(3, 'relu')",
    "A(3, F.relu)",
    "A(3, torch.nn.functional.relu)",
    "A(3, lambda x: 2 * x)",
    "body = nn.ReLU()\nA(len, body)",
    "a = nn.ReLU()\nb = a\nA(n=len, body=b)",
    "A(f(1, [2, 3], ')'), None)",
    "def body(x):\n    return x\nA(3, body)",
    "def body():\n    return nn.ReLU()\nA(3, body())",
    "class B(A):\n    def __init__(self):\n        super().__init__(len, None)",
    "class B(A):\n    def __init__(self):\n        A.__init__(self, len, None)",
    "class B(A):\n    pass\nB(3, None)",
    "model = A(3).to(device)\nA(3, None)",
)

NOT_SHOWN = (
    "A(len, make())",
    "A(3, body=make())",
    "A(body=make(), n=3)",
    "print(A(3, models.resnet18()))",
    "A(3, body)",
    "A(3, args.body)",
    "A(3, self.body)",
    "A(3, make)",
    "def body():\n    return vgg11()\nA(3, body())",
    "    def body(self):\n        return vgg11()\n    def b(self):\n        return nn.ReLU()\nA(3, body())",
    "A(3, *bodies)",
    "A(**options)",
    "A(3, None)\nA(3, make())",
    "body = make()\nA(3, body)",
    "if x:\n    body = make()\nelse:\n    body = None\nA(3, body)",
    "body = nn.ReLU() if x else make()\nA(3, body)",
    "a = make()\nb = a\nA(3, b)",
    "class B(A):\n    def __init__(self):\n        super().__init__(len, make())",
    "class B(A):\n    def __init__(self):\n        A.__init__(self, len, make())",
    "class B(A):\n    pass\nB(3, make())",
    "A(3, None" + " " * 4_000 + ")",
    "A(3, None)\n" * (MAX_CALLS + 1),
)


@pytest.mark.parametrize("more", SHOWN)
def test_every_call_shows_the_argument(more: str) -> None:
    assert list(unknown_arguments(given("body", more))) == []


@pytest.mark.parametrize("more", NOT_SHOWN)
def test_a_call_does_not_show_the_argument(more: str) -> None:
    assert list(unknown_arguments(given("body", more))) == ["body"]


@pytest.mark.parametrize(
    "call",
    [
        "self.body (x)",
        "self.body.forward(x)",
        "self.body.features(x)",
        "self.body[0](x)",
        "checkpoint(self.body, x)",
    ],
)
def test_ways_to_call_an_argument(call: str) -> None:
    assert list(unknown_arguments(given("body", "A(3, make())", call=call))) == ["body"]


@pytest.mark.parametrize("call", ["self.body.size(x)", "self.body[0]", "len(self.body)", "self.body"])
def test_other_uses_of_an_argument(call: str) -> None:
    assert list(unknown_arguments(given("body", "A(3, make())", call=call))) == []


def test_a_class_with_a_forward_method_is_a_module() -> None:
    assert list(unknown_arguments(given("body", base="Base"))) == ["body"]


def test_a_subclass_calls_what_its_base_keeps() -> None:
    code = given("body", "class B(A):\n    def forward(self, x):\n        return self.body(x)\n", call="x")
    assert list(unknown_arguments(f"{code}B(3, make())")) == ["body"]
    assert list(unknown_arguments(f"{code}B(3, nn.ReLU())")) == []


def test_the_total_is_a_minimum() -> None:
    assert total_text(read(given("body", "model = A(len, make())"))) == "at least 20 · 1 module not counted"
    assert total_text(read(given("body", "body = nn.ReLU()\nmodel = A(len, body)"))) == "20"


@pytest.mark.parametrize("more", ["A(3)", "A(3, body=None)", "A(3, None)"])
def test_an_argument_without_a_default_is_not_shown_where_a_call_lacks_it(more: str) -> None:
    code = given("body", more).replace("body=None", "body", 1)
    assert list(unknown_arguments(code)) == (["body"] if more == "A(3)" else [])


@pytest.mark.parametrize("marks", ["self, n, /, body", "self, n, *, body", "self, n, body, **more"])
def test_marks_among_the_arguments_are_none(marks: str) -> None:
    code = given("body").replace("self, n: Callable[[int], int], body=None", marks)
    assert list(unknown_arguments(f"{code}A(make(), body=None)")) == []
    assert list(unknown_arguments(f"{code}A(None, body=make())")) == ["body"]
    if "*, body" not in marks:
        assert list(unknown_arguments(f"{code}A(make(), None)")) == []
