"""The package that other programs install: built from this checkout, and run where there is nothing else."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import calculator
from calculator import __version__
from tests.helpers.paths import ROOT

MAX_BYTES = 420_000
"""The maximum size of the wheel."""

SOURCES = ("calculator", "docs/api.md", "LICENSE", "pyproject.toml", "setup.py")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def run(*arguments: str | Path, cwd: Path) -> str:
    """Run a program without the modules of this checkout and return what it prints."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        list(map(str, arguments)),
        cwd=cwd,
        env={**clean, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built by the setuptools of the tests without a network."""
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in SOURCES:
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, target)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-build-isolation")
    run(*pip, "--no-deps", "--no-index", "--wheel-dir", folder, source, cwd=folder)
    [built] = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def fresh(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the programs of a new environment with nothing but the wheel."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", programs / "python")
    run(*pip, "install", "--no-index", wheel, cwd=folder)
    return programs


def test_the_wheel_has_the_package_without_the_page(wheel: Path) -> None:
    assert wheel.name == f"tconv_calculator-{__version__}-py3-none-any.whl"
    assert wheel.stat().st_size <= MAX_BYTES
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
    left_out = tuple(f"calculator/{name}/" for name in ("classroom", "learn", "ui", "web"))
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "calculator").rglob("*.py")}
    page_only = {name.replace(".", "/") + ".py" for name in of_setup("PAGE_ONLY")}
    assert page_only <= modules
    expected = {name for name in modules - page_only if not name.startswith(left_out)}
    assert {name for name in names if not name.startswith("tconv_calculator-")} == expected


def of_setup(name: str) -> tuple[str, ...]:
    """Return a table of ``setup.py``."""
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    [value] = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name
    )
    return tuple(ast.literal_eval(value))


def modules_of(wheel: Path) -> dict[str, str]:
    """Return the source of each module in the wheel by its path."""
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist() if name.endswith(".py")}


def test_no_module_of_the_wheel_needs_one_that_is_left_out(wheel: Path) -> None:
    sources = modules_of(wheel)
    here = {name.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for name in sources}
    needed = {
        node.module or ""
        for source in sources.values()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom)
    }
    assert {name for name in needed if name.partition(".")[0] == "calculator"} <= here


def statements(source: str) -> list[tuple[int, str]]:
    """Return the lines and the code of all statements but docstrings, and of all arguments without types."""
    nodes = list(ast.walk(ast.parse(source)))
    arguments = [(node.lineno, node.arg) for node in nodes if isinstance(node, ast.arg)]
    return arguments + [
        (node.lineno, ast.unparse(node))
        for node in nodes
        if isinstance(node, ast.stmt)
        and not isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


def test_a_module_of_the_wheel_is_that_of_the_checkout_without_what_does_nothing(wheel: Path) -> None:
    for name, source in modules_of(wheel).items():
        assert statements(source) == statements((ROOT / name).read_text(encoding="utf-8")), name


def test_public_names_have_their_docstrings_there(fresh: Path, tmp_path: Path) -> None:
    script = "import calculator as c, json; print(json.dumps({n: getattr(c, n).__doc__ for n in c.__all__}))"
    theirs = json.loads(run(fresh / "python", "-c", script, cwd=tmp_path))
    # Python 3.13 takes the indentation off when it compiles, so both come from the same Python.
    assert theirs == {name: getattr(calculator, name).__doc__ for name in calculator.__all__}


def test_the_command_works_without_anything_else(fresh: Path, tmp_path: Path) -> None:
    assert run(fresh / "tconv", "--version", cwd=tmp_path) == f"tconv {__version__}\n"
    document = json.loads(run(fresh / "tconv", "3", "64", "4", "2", "1", "--json", cwd=tmp_path))
    assert document["parameters"] == 3136
    (tmp_path / "layers.csv").write_text("type,in,out,kernel\nConvTranspose2d,64,32,4\n", encoding="utf-8")
    assert "32,800" in run(fresh / "tconv", "model", "layers.csv", cwd=tmp_path)
    assert "depthwise" in run(fresh / "tconv", "compare", "64", "32", "4", "2", "1", cwd=tmp_path)
    assert "k16, s16" in run(fresh / "tconv", "solve", "7", "112", cwd=tmp_path)
    assert "nnx" in run(fresh / "tconv", "code", "--framework", "flax-nnx", "3", "64", "4", cwd=tmp_path)
    assert "3,136" in run(fresh / "tconv", "nn.ConvTranspose2d(3, 64, 4, 2, 1)", cwd=tmp_path)
    assert run(fresh / "tconv", "3", "64", "4", "--link", cwd=tmp_path).startswith("http://localhost:8501/?")
    assert "This is a checkout" not in run(fresh / "tconv", "app", cwd=tmp_path)
    assert "3,136" in run(fresh / "python", "-m", "calculator", "3", "64", "4", cwd=tmp_path)


def test_the_examples_of_the_page_are_true_there(fresh: Path, tmp_path: Path) -> None:
    script = "import sys, doctest; sys.exit(doctest.testfile(sys.argv[1], module_relative=False).failed)"
    run(fresh / "python", "-c", script, ROOT / "docs/api.md", cwd=tmp_path)


def test_nothing_is_required() -> None:
    assert PROJECT["dependencies"] == []


def test_extras_ask_for_the_versions_that_are_tested() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    tested = {line.partition("==")[0]: line.partition("==")[2] for line in lines if "==" in line}
    extras = PROJECT["optional-dependencies"]
    asked = dict(item.split(">=") for names in extras.values() for item in names if ">=" in item)
    assert asked == {name: tested[name] for name in ("pandas", "xlsxwriter", "plotly")}
    assert extras["charts"][0] == f"{PROJECT['name']}[tables]"
