"""The commands: each is found, loads only what it needs, and says what it is."""

import gc
import json
from typing import Any

import pytest

from calculator import __version__
from calculator.cli.command import COMMANDS, main, program
from tests.helpers.command_line import loaded_by, run_command

LAYER = ("3", "64", "4", "2", "1")

NOT_FOR_A_LAYER = frozenset({
    *("calculator.comparison", "calculator.frameworks", "calculator.geometry", "calculator.networks"),
    *("calculator.readers", "calculator.settings", "calculator.tables", "calculator.upsampling"),
    "calculator.charts",
    *("csv", "json", "pathlib", "shutil", "urllib", "subprocess", "asyncio", "email", "zipfile"),
    *("numpy", "pandas", "plotly", "streamlit", "xlsxwriter"),
})  # fmt: skip
"""What would make the start of the command slower, and one layer does not need."""


@pytest.mark.parametrize("arguments", [LAYER, ("--version",), ("-h",), (*LAYER, "-n", "16"), ("3", "x")])
def test_a_layer_loads_nothing_else(arguments: tuple[str, ...]) -> None:
    assert loaded_by(*arguments) & NOT_FOR_A_LAYER == frozenset()


@pytest.mark.parametrize("command", ["compare", "solve", "code"])
def test_a_command_about_a_layer_loads_neither_models_nor_settings(command: str) -> None:
    arguments = ("7", "112") if command == "solve" else LAYER
    others = {"calculator.networks", "calculator.readers", "calculator.settings", "calculator.tables"}
    assert loaded_by(command, *arguments) & others == frozenset()


def test_a_short_command_looks_for_no_unused_objects(capsys: Any, monkeypatch: Any) -> None:
    for command, enabled in (("--version", False), ("compare", False), ("model", True)):
        monkeypatch.setattr("sys.argv", ["tconv", command, "-h"])
        try:
            with pytest.raises(SystemExit):
                main()
            assert gc.isenabled() is enabled
        finally:
            gc.enable()
    run_command(capsys, *LAYER)
    assert gc.isenabled()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_load_no_library(command: str) -> None:
    libraries = {"numpy", "pandas", "plotly", "streamlit", "xlsxwriter"}
    assert loaded_by(command, "--help") & libraries == frozenset()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(capsys: Any, command: str) -> None:
    status, out, err = run_command(capsys, command, "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"usage: python -m calculator {command}")
    status, out, _ = run_command(capsys, "--help")
    assert f"python -m calculator {command} " in out
    assert COMMANDS[command] in out


def test_version(capsys: Any) -> None:
    for arguments in (("--version",), ("model", "--version"), ("compare", "--version")):
        assert run_command(capsys, *arguments) == (0, f"tconv {__version__}\n", "")


@pytest.mark.parametrize("started", ["/usr/bin/tconv", "tconv", "C:/tconv.exe"])
def test_the_script_has_its_own_name(monkeypatch: pytest.MonkeyPatch, started: str) -> None:
    monkeypatch.setattr("sys.argv", [started])
    assert program() == "tconv"


FORMS = {
    "layer": (*LAYER, "-n", "16"),
    "code": ("code", *LAYER, "-n", "16"),
    "compare": ("compare", *LAYER, "-n", "16"),
    "solve": ("solve", "7", "28"),
}


@pytest.mark.parametrize("schema", FORMS)
def test_every_document_has_a_version(capsys: Any, schema: str) -> None:
    status, out, _ = run_command(capsys, *FORMS[schema], "--json")
    document = json.loads(out)
    assert (status, document["schema"], document["schema_version"]) == (0, schema, 1)


@pytest.mark.parametrize("schema", FORMS)
def test_csv_is_ascii_with_a_head(capsys: Any, schema: str) -> None:
    status, out, _ = run_command(capsys, *FORMS[schema], "--csv")
    head, *rows = out.splitlines()
    assert status == 0
    assert head.isascii()
    assert all(name.replace("_", "").isalpha() for name in head.split(","))
    assert rows


@pytest.mark.parametrize("schema", FORMS)
def test_two_forms_at_once_are_refused(capsys: Any, schema: str) -> None:
    status, out, err = run_command(capsys, *FORMS[schema], "--csv", "--json")
    assert (status, out) == (2, "")
    assert "not allowed with argument" in err
