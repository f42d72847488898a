"""The JSON of the snippet: rows, classes and totals as PyTorch 2.13 counts them; everything else refused."""

import contextlib
import io
import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

from calculator.core.layer import ConvTranspose
from calculator.readers.model import Model, ReadError
from calculator.readers.pytorch.snippet import FORMAT, SNIPPET, read_snippet, recognises
from tests.fuzz.fuzz_snippet import cases
from tests.fuzz.mutations import outcomes
from tests.helpers.paths import READER_FILES

FILE = READER_FILES / "torch-snippet.json"
"""What the snippet printed in PyTorch 2.13: shared weights (embedding, head, tail; up, again), a frozen layer
and a frozen bias, weight norm, a recurrent layer, attention, and a parameter of the model's own."""

ROWS = [
    # name, class, weights, biases, others, of those not trained
    ("", "Net", 0, 0, 7, 0),
    ("embedding", "Embedding", 66, 0, 0, 0),
    ("down", "Conv2d", 216, 8, 0, 224),
    ("norm", "BatchNorm2d", 8, 8, 0, 8),
    ("up", "ConvTranspose2d", 256, 4, 0, 0),
    ("wide", "ParametrizedConvTranspose1d", 120, 0, 6, 0),
    ("old", "Linear", 6, 2, 0, 0),
    ("rnn", "LSTM", 390, 80, 0, 0),
    ("attention", "MultiheadAttention", 108, 18, 0, 0),
    ("attention.out_proj", "NonDynamicallyQuantizableLinear", 36, 6, 0, 0),
    ("slope", "PReLU", 1, 0, 0, 0),
    ("head", "Linear", 0, 11, 0, 0),
]

PARAMETERS, TRAINED = 1357, 1125
"""sum(p.numel() for p in model.parameters()), and of those that require a gradient."""


def recorded() -> Any:
    return json.loads(FILE.read_text(encoding="utf-8"))


def read(document: object) -> Model:
    return read_snippet(json.dumps(document))


def test_the_recorded_model() -> None:
    model = read_snippet(FILE.read_text(encoding="utf-8"))
    found = [
        (r.name, r.type, r.weight_count, r.bias_count, r.other_count, r.frozen_count) for r in model.rows
    ]
    assert found == ROWS
    assert (model.parameter_count, model.trainable_count) == (PARAMETERS, TRAINED)
    assert model.transposed_count == 260 + 126
    assert (model.format, model.name) == (FORMAT, "Net")
    assert [row.name for row in model.rows if not row.trainable] == ["down"]
    assert model.assumptions == (
        "Shared parameters are counted once: head.weight is embedding.weight, "
        "tail.weight is embedding.weight.",
    )


def test_a_transposed_layer_has_its_arguments() -> None:
    rows = {row.name: row for row in read(recorded()).rows}
    assert rows["up"].layer == ConvTranspose(
        in_channels=8, out_channels=4, kernel_size=(4, 4), stride=2, padding=1, groups=2
    )
    assert rows["wide"].layer == ConvTranspose(
        in_channels=6, out_channels=4, kernel_size=(5,), stride=3, bias=False
    )
    assert rows["wide"].note == "Weight norm adds magnitudes to the weight."
    assert [name for name, row in rows.items() if row.transposed] == ["up", "wide"]
    assert rows["head"].note == "Weight is shared with 'embedding.weight' and counted there."
    assert rows["head"].weight_shape == (11, 6)


class Stub:
    """What the snippet needs of a model: enough to see that what it prints is what is read."""

    transposed = True
    in_channels, out_channels, kernel_size, stride = 3, 2, (5,), (2,)
    padding, output_padding, dilation, groups, bias = (0,), (1,), (1,), 1, None

    def __init__(self) -> None:
        weight = SimpleNamespace(shape=(3, 2, 5), requires_grad=False)
        self._parameters = {"weight": weight, "bias": None}

    def named_modules(self) -> list[tuple[str, object]]:
        return [("a", self), ("b", self), ("c", SimpleNamespace(_parameters={}))]


def test_the_snippet_prints_what_is_read() -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(SNIPPET, "snippet", "exec"), {"model": Stub()})
    assert recognises(printed.getvalue())
    [row] = read_snippet(printed.getvalue(), name="mine").rows
    assert (row.name, row.weight_count, row.frozen_count, row.trainable) == ("a", 30, 30, False)
    assert row.layer == ConvTranspose(
        in_channels=3, out_channels=2, kernel_size=(5,), stride=2, output_padding=1, bias=False
    )


def test_the_snippet_stays_short() -> None:
    lines = SNIPPET.splitlines()
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 110
    assert [line for line in lines if "import" in line] == ["import json"]


@pytest.mark.parametrize("around", ["{}", "\ufeff{}\n", "'{}'", '  "{}"  '])
def test_pasted_as_people_paste(around: str) -> None:
    text = around.replace("{}", FILE.read_text(encoding="utf-8").strip())
    assert recognises(text)
    assert read_snippet(text).parameter_count == PARAMETERS


@pytest.mark.parametrize(
    "text", ["", "{", "{}", "[]", '{"class_name": "Functional"}', "Net(\n)", "\ud800", "torch-parameters"]
)
def test_other_texts_are_not_recognised(text: str) -> None:
    assert not recognises(text)
    with pytest.raises(ReadError):
        read_snippet(text)


def test_arguments_that_do_not_fit_leave_the_counts() -> None:
    document = recorded()
    up = next(module for module in document["modules"] if module["path"] == "up")
    for key, value, note in (
        (
            "groups",
            3,
            "Its arguments are not possible in the calculator: groups must divide in_channels",
        ),
        ("stride", None, "Its arguments are not possible in the calculator: stride must be"),
        ("in_channels", 4, "Its arguments do not fit the shape of its weight."),
    ):
        held, up["arguments"][key] = up["arguments"][key], value
        row = next(row for row in read(document).rows if row.name == "up")
        assert (row.layer, row.transposed, row.parameter_count) == (None, True, 260)
        assert row.note.startswith(note)
        up["arguments"][key] = held


def changed(**changes: object) -> dict[str, object]:
    return {**recorded(), **changes}


def parameter(**changes: object) -> dict[str, object]:
    one = {"name": "weight", "shape": [2, 3], "requires_grad": True, "id": 0, **changes}
    return changed(modules=[{"path": "a", "type": "Linear", "parameters": [one]}])


def test_a_parameter_may_have_no_values() -> None:
    empty, bias = ({"requires_grad": True, "id": number} for number in (0, 1))
    parameters = [empty | {"name": "weight", "shape": [0, 3]}, bias | {"name": "bias", "shape": [3]}]
    assert (
        read(changed(modules=[{"path": "a", "type": "Own", "parameters": parameters}])).parameter_count == 3
    )


TWICE = {"name": "weight", "shape": [2], "requires_grad": True, "id": 0}
OTHER = {"name": "bias", "shape": [3], "requires_grad": True, "id": 0}


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (
            changed(format="other"),
            'This is not the JSON of the snippet: "format" must be "torch-parameters".',
        ),
        (changed(version=2), "The JSON of the snippet has version 2; version 1 is read."),
        (changed(version=True), "The JSON of the snippet has version True; version 1 is read."),
        (changed(modules={}), "The JSON of the snippet must have a list of modules."),
        (changed(modules=[1]), "The JSON of the snippet has a module that is not an object: 1."),
        (
            changed(modules=[{}]),
            "The JSON of the snippet has a module without path, type and parameters: {}.",
        ),
        (parameter(shape=[2, -1]), "Parameter 'weight' of 'a' has an impossible shape: [2, -1]."),
        (parameter(shape=[2, True]), "Parameter 'weight' of 'a' has an impossible shape: [2, True]."),
        (
            parameter(shape=[10**9, 10**10]),
            "Parameter 'weight' of 'a' has an impossible shape: [1000000000, 10000000000].",
        ),
        (parameter(shape="2x3"), "Parameter 'weight' of 'a' has an impossible shape: '2x3'."),
        (parameter(id="0"), "A parameter of 'a' must have a name, requires_grad and an id."),
        (parameter(requires_grad=1), "A parameter of 'a' must have a name, requires_grad and an id."),
        (parameter(name="x" * 1001), "It has a name of 1,001 characters; at most 1,000 are read."),
        (
            changed(modules=[{"path": "a", "type": "L", "parameters": [TWICE, TWICE]}]),
            "The JSON of the snippet names a parameter of 'a' twice.",
        ),
        (
            changed(modules=[{"path": "a", "type": "L", "parameters": [TWICE, OTHER]}]),
            "'a.weight' and 'a.bias' have the same id, but differ in shape or requires_grad.",
        ),
        (
            changed(modules=[{"path": "a", "type": "L", "parameters": []}] * 2),
            "The JSON of the snippet names the module 'a' twice.",
        ),
        (
            changed(modules=[0] * 50_001),
            "The JSON of the snippet lists 50,001 modules; at most 50,000 are read.",
        ),
    ],
    ids=range(17),
)
def test_a_document_that_contradicts_itself(document: object, sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        read(document)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            FILE.read_text(encoding="utf-8")[:1000],
            "The JSON of the snippet is not complete JSON (at line 1).",
        ),
        (
            '{"format": "torch-parameters", "format": 1}',
            "The JSON of the snippet names 'format' twice, so it cannot be trusted.",
        ),
        ('{"format": NaN}', "The JSON of the snippet contains NaN, which is not a number in JSON."),
        ('{"format":' + "[" * 100_000, "The JSON of the snippet is nested more than 200 deep."),
        ('{"format":' + "9" * 10_000 + "}", "The JSON of the snippet is not complete JSON."),
        (
            "{" + " " * 20_000_000,
            "The JSON of the snippet has 20,000,001 characters; at most 20,000,000 are read.",
        ),
    ],
    ids=range(6),
)
def test_a_text_that_is_no_document(text: str, sentence: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_snippet(text)
    assert str(caught.value) == sentence


def test_ten_thousand_layers_take_no_time() -> None:
    modules = [
        {
            "path": f"blocks.{n}.up",
            "type": "Linear",
            "parameters": [{"name": "weight", "shape": [3, 4], "requires_grad": True, "id": n}],
        }
        for n in range(10_000)
    ]
    start = time.process_time()
    assert read(changed(modules=modules)).parameter_count == 120_000
    assert time.process_time() - start < 5


def test_only_read_errors_come_out() -> None:
    models, sentences = outcomes(recognises, read_snippet, cases(1000, 0))
    assert models > 50
    assert len(set(sentences)) > 30
    assert all(sentence.endswith(".") and len(sentence) < 300 for sentence in sentences)
