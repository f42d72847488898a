"""The ways to upsample in the shell are those of the page."""

import csv
import json
from typing import Any

from calculator.core.layer import ConvTranspose
from calculator.upsampling.alternative import Alternative, Missing
from calculator.upsampling.alternatives import alternatives
from calculator.upsampling.ranking import ranking, verdict
from calculator.upsampling.recommendation import aims_text
from tests.cli.test_report import opened
from tests.helpers.command_line import run_command

ARGUMENTS = ("compare", "64", "32", "4", "2", "1", "-g", "4")
EVERY = alternatives(64, 32, (2, 2), groups=4, kernel_size=(4, 4))
FOUND = [item for item in EVERY if isinstance(item, Alternative)]


def test_all_are_listed_with_exact_numbers(capsys: Any) -> None:
    _, out, _ = run_command(capsys, *ARGUMENTS, "-n", "16", "--csv")
    rows = list(csv.DictReader(out.splitlines()))
    assert [row["name"] for row in rows] == [item.name for item in FOUND]
    assert [int(row["parameters"]) for row in rows] == [item.parameter_count for item in FOUND]
    assert [int(row["multiply_accumulates"]) for row in rows] == [
        item.multiply_accumulates(16) for item in FOUND
    ]
    _, out, _ = run_command(capsys, *ARGUMENTS, "-n", "16", "--all-forms")
    assert all(item.name in out and f"{item.multiply_accumulates(16):,}" in out for item in FOUND)


def test_without_an_input_size_there_is_no_work(capsys: Any) -> None:
    _, out, _ = run_command(capsys, *ARGUMENTS)
    assert "With --input-size there are also multiply–accumulates" in out
    _, out, _ = run_command(capsys, *ARGUMENTS, "--json")
    document = json.loads(out)
    assert [item["parameters"] for item in document["alternatives"]] == [
        item.parameter_count for item in FOUND
    ]
    assert "multiply_accumulates" not in document["alternatives"][0]


def test_what_is_missing_has_its_reason(capsys: Any) -> None:
    every = alternatives(3, 64, (1, 1), kernel_size=(4, 4))
    missing = [item for item in every if isinstance(item, Missing)]
    _, out, _ = run_command(capsys, "compare", "3", "64", "4")
    assert missing
    assert all(f"{item.name}: {item.reason}" in out for item in missing)


def test_the_link_opens_the_page_of_the_layer(capsys: Any) -> None:
    _, out, _ = run_command(capsys, *ARGUMENTS, "--link")
    assert out.startswith("http://localhost:8501/compare?")
    assert opened(out).compare_view == "alternatives"
    assert opened(out).groups == 4
    _, out, _ = run_command(capsys, *ARGUMENTS, "--link", "--aim", "even", "--aim", "work")
    assert opened(out).aims == ("work", "even")


def test_the_recommendation_stands_first_and_is_that_of_the_page(capsys: Any) -> None:
    layer = ConvTranspose(in_channels=64, out_channels=32, kernel_size=4, stride=2, padding=1)
    for aims in (("parameters", "work"), ("even",), ("memory", "export")):
        every = ranking(layer, 16, aims)
        options = [word for aim in aims for word in ("--aim", aim)]
        _, out, _ = run_command(capsys, *ARGUMENTS[:-2], "-n", "16", *options)
        assert every.recommended is not None
        best = every.available[every.recommended.index]
        name, rest = verdict(every, layer, 16)
        assert name == best.name
        assert out.splitlines()[1] == f"For {aims_text(aims)}: {name} {rest}"
        rows = [line for line in out.splitlines() if f"{best.parameter_count:,}" in line and "  " in line]
        assert [line.startswith(name) for line in rows if "recommended" in line] == [True]
        document = json.loads(run_command(capsys, *ARGUMENTS[:-2], *options, "--json")[1])
        assert document["aims"] == list(aims)
        assert document["recommendation"]["name"] == name
        assert document["recommendation"]["complete"] is True
        listed = document["alternatives"]
        assert [n for n, item in enumerate(listed) if item["recommended"]] == [every.recommended.index]
        assert [n for n, item in enumerate(listed) if item["front"]] == sorted(every.front)
        # Without an input size, the numbers of the sentence are said to be those of one position.
        assert document["recommendation"]["sentence"].endswith("those of an input of one position.")


def test_a_few_forms_are_listed_and_the_rest_is_said(capsys: Any) -> None:
    _, out, _ = run_command(capsys, *ARGUMENTS)
    assert f"of {len(FOUND)} forms; --all-forms lists the rest." in out
    _, out, _ = run_command(capsys, *ARGUMENTS, "--all-forms")
    assert "lists the rest" not in out


def test_too_many_aims_are_refused(capsys: Any) -> None:
    aims = [word for aim in ("work", "even", "export") for word in ("--aim", aim)]
    status, _, error = run_command(capsys, *ARGUMENTS, *aims)
    assert status == 2
    assert "The option --aim can be given at most 2 times, received 3 aims." in error
