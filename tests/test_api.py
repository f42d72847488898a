"""The public names: one list, a page whose examples are true, and nothing is loaded before it is used."""

import ast
import doctest
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import calculator
from tests.cli.test_command import FORMS
from tests.helpers.command_line import run_command
from tests.helpers.paths import ROOT

API = (ROOT / "docs/api.md").read_text(encoding="utf-8")
JSON = (ROOT / "docs/json.md").read_text(encoding="utf-8")


def test_the_examples_of_the_page_are_true() -> None:
    result = doctest.testfile(str(ROOT / "docs/api.md"), module_relative=False, encoding="utf-8")
    assert result.failed == 0
    assert result.attempted > 30


def test_every_public_name_is_on_the_page() -> None:
    words = set(re.findall(r"\w+", API))
    # The results of functions, which the page shows by what they have.
    results = {
        "Answer",
        "Answers",
        "Call",
        "Comparison",
        "FrameworkSolution",
        "GrowthLaw",
        "Model",
        "Printed",
    }
    results |= {"Row", "Step"}
    assert set(calculator.__all__) - words - results == set()


def test_names_have_one_home() -> None:
    tree = ast.parse(Path(calculator.__file__).read_text(encoding="utf-8"))
    imported = {
        (str(node.module).removeprefix("calculator."), alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("calculator.")
        for alias in node.names
    }
    homes = {(module, name) for module, names in calculator._MODULES.items() for name in names}
    assert imported == homes
    assert sorted(name for _, name in homes) == sorted(calculator.__all__)


def test_names_are_loaded_when_they_are_used() -> None:
    script = "import sys, calculator\nbefore = [m for m in sys.modules if m.startswith('calculator.')]\n"
    script += "calculator.ConvTranspose(3, 64, 4)\nprint(before, 'calculator.readers' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[] False"


def test_every_name_can_be_imported() -> None:
    for name in calculator.__all__:
        assert getattr(calculator, name) is not None
    assert set(calculator.__all__) <= set(dir(calculator))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = calculator.nothing


def documented(schema: str) -> list[str]:
    """Return the keys that the page describes for a kind of document."""
    section = JSON.split(f"\n## {schema}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def models(tmp_path: Path) -> tuple[str, str]:
    files = []
    for name, out in (("a.csv", 32), ("b.csv", 16)):
        file = tmp_path / name
        file.write_text(f"type,in,out,kernel\nConvTranspose2d,64,{out},4\n", encoding="utf-8")
        files.append(str(file))
    return files[0], files[1]


@pytest.mark.parametrize("schema", [*FORMS, "model", "difference"])
def test_the_keys_of_json_are_those_that_are_documented(capsys: Any, tmp_path: Path, schema: str) -> None:
    left, right = models(tmp_path)
    arguments = {**FORMS, "model": ("model", left), "difference": ("model", left, right)}[schema]
    _, out, _ = run_command(capsys, *arguments, "--json")
    document = json.loads(out)
    assert list(document) == ["schema", "schema_version", *documented(schema)]
    assert document["schema"] == schema
