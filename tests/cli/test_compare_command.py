"""The ways to upsample in the shell are those of the page."""

import csv
import json
from typing import Any

from calculator.comparison.alternative import Alternative, Missing
from calculator.comparison.alternatives import alternatives
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
    _, out, _ = run_command(capsys, *ARGUMENTS, "-n", "16")
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
