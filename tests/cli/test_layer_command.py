"""The command line: what it prints, and that nothing typed there ends in a traceback."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as configured
from hypothesis import strategies as st

from calculator import ConvTranspose, derive_parameters, growth_laws
from calculator.cli import main
from calculator.cli.layer_command import CONVENTION, as_json, as_text
from calculator.core.schema import SCHEMA_VERSION
from tests.helpers import reference
from tests.helpers.paths import ROOT
from tests.helpers.terminal import left_early

MAX_VALUE = "9,223,372,036,854,775,807"
WORKED = ("3", "64", "--kernel-size", "4", "--stride", "2", "--padding", "1")

GOLDEN = """\
ConvTranspose2d(3, 64, kernel_size=4, stride=2, padding=1)

Weights     3,072  shape (3, 64, 4, 4)
Biases         64  shape (64,)
Parameters  3,136  of which 2.04 % biases

Working
  Weights in one kernel                4 × 4 = 16
  Kernels for each input channel      64 ÷ 1 = 64
  Kernels                             3 × 64 = 192
  Weights                           192 × 16 = 3,072
  Biases, one per output channel          64 = 64
  Parameters                      3,072 + 64 = 3,136
"""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs the command line in this process: (status, stdout, stderr)."""

    def call(*arguments: str) -> tuple[object, str, str]:
        try:
            status: object = main(arguments)
        except SystemExit as stop:
            status = stop.code
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return call


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "calculator", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def as_argument(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else str(value)


def arguments_for(settings: dict[str, Any]) -> list[str]:
    spatial = ("kernel_size", "stride", "padding", "output_padding", "dilation", "groups")
    options = [(f"--{name.replace('_', '-')}", as_argument(settings[name])) for name in spatial]
    rank = ("--dimensions", str(len(settings["kernel_size"])))
    flags = [] if settings["bias"] else ["--no-bias"]
    channels = str(settings["in_channels"]), str(settings["out_channels"])
    return [*channels, *(text for pair in [*options, rank] for text in pair), *flags]


def test_golden(run: Any) -> None:
    status, out, err = run(*WORKED)
    assert (status, err) == (0, "")
    assert out.startswith(GOLDEN)
    # 3→64 k4: a doubled kernel gives ×4 weights, ×1 biases and 12,352 / 3,136 in all.
    rows = [line.split() for line in out.splitlines() if "_channels" in line or "kernel_size " in line]
    assert [row[:3] for row in rows] == [
        ["kernel_size", "×4", "×1"],
        ["in_channels", "×2", "×1"],
        ["out_channels", "×2", "×2"],
    ]
    assert "Multiply" not in out


def test_input_size_adds_output_size_and_work(run: Any) -> None:
    _, out, _ = run("64", "32", *WORKED[2:], "--input-size", "16")
    assert "With an input of 16 × 16" in out
    assert out.count("(16 − 1) × 2 − 2 × 1 + 1 × (4 − 1) + 1 + 0 = 32") == 2
    assert "256 × 32,768 = 8,388,608" in out
    assert out.endswith(CONVENTION + "\n")


def test_an_output_of_size_0_is_said_to_be_refused(run: Any) -> None:
    # (2 − 1) · 1 − 2 · 1 + 1 = 0 positions; PyTorch 2: "expected output size to be positive".
    sentence = "PyTorch refuses nearly every layer with such an output"
    assert sentence in run("3", "64", "1", "1", "1", "-n", "2")[1]
    assert sentence not in run("3", "64", "1", "1", "1", "-n", "3")[1]


def test_columns_are_aligned(run: Any) -> None:
    _, out, _ = run(*WORKED, "--input-size", "16")
    for block in out.split("\n\n"):
        equations = [line for line in block.splitlines() if " = " in line]
        assert len({line.rindex(" = ") for line in equations}) <= 1


def test_printed_numbers_add_up(run: Any) -> None:
    _, out, _ = run("1024", "32", "--kernel-size", "2x1")
    counts = {line.split()[0]: int(line.split()[1].replace(",", "")) for line in out.splitlines()[2:5]}
    assert counts == {"Weights": 65_536, "Biases": 32, "Parameters": 65_568}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("4", "6", "--kernel-size", "3x5"), "ConvTranspose2d(4, 6, kernel_size=(3, 5))"),
        (("4", "6", "--kernel-size", "3,5"), "ConvTranspose2d(4, 6, kernel_size=(3, 5))"),
        (("4", "6", "--kernel-size", "3x5x7"), "ConvTranspose3d(4, 6, kernel_size=(3, 5, 7))"),
        (("4", "6", "--kernel-size", "3", "--dimensions", "1"), "ConvTranspose1d(4, 6, kernel_size=3)"),
        (("4", "6", "--kernel-size=3", "--dimensions=3"), "ConvTranspose3d(4, 6, kernel_size=3)"),
        (
            ("4", "6", "--kernel-size", "3", "--groups", "2", "--no-bias"),
            "ConvTranspose2d(4, 6, kernel_size=3, groups=2, bias=False)",
        ),
        (
            ("1,024", "65 536", "--kernel-size", "3", "--stride", "3x1", "--output-padding", "2x0"),
            "ConvTranspose2d(1024, 65536, kernel_size=3, stride=(3, 1), output_padding=(2, 0))",
        ),
        (
            ("--dilation", "2", "--padding", "0x1", "--kernel-size", "3", "4", "6"),
            "ConvTranspose2d(4, 6, kernel_size=3, padding=(0, 1), dilation=2)",
        ),
    ],
)
def test_layer_in_one_line(run: Any, arguments: Sequence[str], line: str) -> None:
    status, out, _ = run(*arguments)
    assert status == 0
    assert out.splitlines()[0] == line


@given(settings=reference.settings())
def test_the_layer_line_is_the_layer(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    call: Any = ast.parse(as_text(layer).splitlines()[0], mode="eval").body
    assert call.func.id == f"ConvTranspose{layer.rank}d"
    read = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    read["in_channels"], read["out_channels"] = (ast.literal_eval(value) for value in call.args)
    kernel = read["kernel_size"]
    read["kernel_size"] = kernel if isinstance(kernel, tuple) else (kernel,) * layer.rank
    assert ConvTranspose(**read) == layer


@configured(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(settings=reference.settings(crop=0))
def test_options_are_the_settings(run: Any, settings: dict[str, Any]) -> None:
    status, out, err = run(*arguments_for(settings), "--json", "--input-size", "5")
    assert (status, err) == (0, "")
    assert json.loads(out) == json.loads(as_json(ConvTranspose(**settings), 5))


@given(settings=reference.settings(crop=0))
def test_json_is_the_layer(settings: dict[str, Any]) -> None:
    layer = ConvTranspose(**settings)
    read = json.loads(as_json(layer, 3))
    assert ConvTranspose(**read["settings"]) == layer
    assert tuple(read["weight_shape"]) == layer.weight_shape
    assert read["bias_shape"] == (list(layer.bias_shape) if layer.bias_shape else None)
    counts = (read["weights"], read["biases"], read["parameters"])
    assert counts == (layer.weight_count, layer.bias_count, layer.parameter_count)
    share = Fraction(**read["bias_share"])
    assert share * layer.parameter_count == layer.bias_count
    assert read["steps"] == [step._asdict() for step in derive_parameters(layer)]
    assert tuple(read["output_size"]) == layer.output_size(3)
    assert read["multiply_accumulates"] == layer.multiply_accumulates(3)
    for law, told in zip(growth_laws(layer), read["growth"], strict=True):
        assert told["setting"] == law.setting
        factors = [told["weights"], told["biases"], told["parameters"]]
        exact = [None if factor is None else Fraction(**factor) for factor in factors]
        assert exact == [law.weights, law.biases, law.total]
        assert told["refusal"] == (law.refusal or None)


def test_json_without_input_size(run: Any) -> None:
    _, out, _ = run(*WORKED, "--json")
    read = json.loads(out)
    assert (read["schema"], read["schema_version"], read["note"]) == ("layer", SCHEMA_VERSION, None)
    assert set(read) == {
        "schema",
        "schema_version",
        "settings",
        "note",
        "weight_shape",
        "bias_shape",
        "weights",
        "biases",
        "parameters",
        "bias_share",
        "steps",
        "growth",
    }
    assert read["bias_share"] == {"numerator": 1, "denominator": 49}


def test_json_keeps_every_digit(run: Any) -> None:
    maximum = 2**63 - 1
    _, out, _ = run(str(maximum), str(maximum), "--kernel-size", str(maximum), "--dimensions", "3", "--json")
    assert json.loads(out)["parameters"] == maximum**5 + maximum


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("3", "64", "--kernel-size", "4", "--groups", "2"),
            "groups must divide in_channels and out_channels, received "
            "groups=2, in_channels=3, out_channels=64.",
        ),
        (
            ("3", "64", "--kernel-size", "4", "--output-padding", "1"),
            "output_padding must be smaller than stride or dilation on every axis, received "
            "output_padding=1, stride=1, dilation=1 on axis 0.",
        ),
        (
            ("3", "64", "--kernel-size", "2", "--padding", "2", "--input-size", "1"),
            "padding must leave an output of at least 0: on axis 0, padding=2 crops 4 of 2, "
            "received input_size=1.",
        ),
        (
            ("3", "64", "--kernel-size", "12.7"),
            f"kernel_size must be a whole number from 1 to {MAX_VALUE}, received '12.7'.",
        ),
        (
            ("-3", "64", "--kernel-size", "4"),
            f"in_channels must be a whole number from 1 to {MAX_VALUE}, received '-3'.",
        ),
        (
            ("3", "inf", "--kernel-size", "4"),
            f"out_channels must be a whole number from 1 to {MAX_VALUE}, received 'inf'.",
        ),
        (
            ("3", "64", "--kernel-size", "4", "--padding", "-3"),
            f"padding must be a whole number from 0 to {MAX_VALUE}, received '-3'.",
        ),
        (
            ("3", "64", "--kernel-size", "4", "--padding", "-inf"),
            f"padding must be a whole number from 0 to {MAX_VALUE}, received '-inf'.",
        ),
        (
            ("3", "64", "--kernel-size", "4", "--stride", "٤"),
            f"stride must be a whole number from 1 to {MAX_VALUE}, written with the "
            "digits 0–9, received '٤'.",
        ),
        (
            ("3", "64", "--kernel-size", "4", "--dilation", ""),
            f"dilation must be a whole number from 1 to {MAX_VALUE}; nothing was entered.",
        ),
        (
            ("3", "64", "--kernel-size", "9" * 5000),
            f"kernel_size must be a whole number from 1 to {MAX_VALUE}, received '" + "9" * 56 + "….",
        ),
        (
            ("3", "64", "--kernel-size", "3x5", "--dimensions", "3"),
            f"kernel_size must be one whole number from 1 to {MAX_VALUE}, "
            "or 3 such numbers separated by x (one per axis), received '3x5'.",
        ),
        (
            ("3", "64", "--kernel-size", "4", "--dimensions", "4"),
            "dimensions must be a whole number from 1 to 3, received '4'.",
        ),
        (
            ("model", "64", "--kernel-size", "4"),
            f"in_channels must be a whole number from 1 to {MAX_VALUE}, received 'model'.",
        ),
        (("3", "64"), "the following arguments are required: --kernel-size"),
        (
            ("3", "64", "--kernel-size", "4", "--no-such"),
            "unrecognized arguments: --no-such (--help shows the options)",
        ),
        (("3", "64", "--kernel-size", "--stride", "2"), "argument -k/--kernel-size: expected one argument"),
        (("3", "64", "--kernel", "4"), "unrecognized arguments: --kernel 4 (is --kernel-size meant?)"),
    ],
)
def test_refusals(run: Any, arguments: Sequence[str], sentence: str) -> None:
    for extra in ((), ("--json",)):
        status, out, err = run(*arguments, *extra)
        assert (status, out) == (2, "")
        assert err.endswith(f"\npython -m calculator: error: {sentence}\n")


OPTIONS = ["--kernel-size", "--stride", "--padding", "--output-padding", "--dilation", "--groups"]


@configured(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text() | st.text(alphabet="0123456789-x×,. h", max_size=12),
    st.sampled_from(["in", "out", *OPTIONS, "--dimensions", "--input-size"]),
)
@example("-h", "in")
@example("--", "--padding")
@example("%(prog)s %s", "--padding")
@example("\ud800", "in")
@example("@file", "out")
def test_any_text_is_answered_or_refused(run: Any, text: str, place: str) -> None:
    words = {"in": (text, "2"), "out": ("2", text)}.get(place, ("2", "2"))
    option = () if place in ("in", "out") else (place, text)
    status, out, err = run(*words, "--kernel-size", "2", *option)
    if status == 0:
        assert out.startswith(("ConvTranspose", "usage:"))
        assert err == ""
    else:
        assert (status, out) == (2, "")
        assert "python -m calculator: error: " in err


def test_as_a_process() -> None:
    answered = process(*WORKED)
    assert (answered.returncode, answered.stderr) == (0, "")
    assert answered.stdout.startswith(GOLDEN)
    refused = process("3", "64", "--kernel-size", "٤" * 5000)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "written with the digits 0–9" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_terminals_without_the_signs_get_plain_ones() -> None:
    answered = process(*WORKED, "--input-size", "16", PYTHONIOENCODING="ascii")
    assert (answered.returncode, answered.stderr) == (0, "")
    assert "(16 - 1) x 2 - 2 x 1 + 1 x (4 - 1) + 1 + 0 = 32" in answered.stdout
    assert "64 / 1 = 64" in answered.stdout
    assert "?" not in answered.stdout
    helped = process("--help", PYTHONIOENCODING="ascii")
    assert (helped.returncode, helped.stderr) == (0, "")
    refused = process("3", "64", "--kernel-size", "²", PYTHONIOENCODING="ascii")
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_a_reader_that_leaves_early_sees_no_traceback() -> None:
    left = left_early(*WORKED)
    assert (left.returncode, left.stderr) == (1, "")
