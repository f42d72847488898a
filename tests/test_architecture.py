"""The import rule ``core ← tables ← charts ← ui ← pages, app.py``, and what no source may contain.

Two views of the same rule. The source says what a module imports, wherever the statement stands; a
fresh interpreter says what really gets loaded, however it is asked for. Each sees what the other misses.
"""

import ast
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

ORDER = ("core", "tables", "charts", "ui", "pages")
"""The layers; each may import itself and those before it."""

LAYERS = {
    "calculator.sweeps": "tables",
    "calculator.exports": "tables",
    "calculator.frames": "tables",
    "calculator.charts": "charts",
    "calculator.chart_parts": "charts",
    "calculator.charts_growth": "charts",
    "calculator.charts_compare": "charts",
    "calculator.charts_picture": "charts",
    "calculator.charts_tensor": "charts",
    "calculator.cells": "charts",
    "calculator.charts_learn": "charts",
    "calculator.charts_model": "charts",
    "calculator.tables_model": "tables",
    "calculator.tables_compare": "tables",
    "calculator.tables_picture": "tables",
    "calculator.ui": "ui",
    "app": "pages",
    "pages": "pages",
}
"""The layer of a module and of everything below it. What is not named here is core: the strictest rule."""

LIBRARIES = {
    "core": frozenset[str](),
    "tables": frozenset({"pandas", "xlsxwriter"}),
    "charts": frozenset({"pandas", "plotly"}),
    "ui": frozenset({"pandas", "plotly", "segno", "streamlit"}),
    "pages": frozenset({"pandas", "plotly", "streamlit"}),
}
"""What a layer may import from outside the standard library. Above core, a library brings its own."""

HEAVY = {
    "tables": frozenset({"plotly", "segno", "streamlit"}),
    "charts": frozenset({"segno", "streamlit"}),
    "ui": frozenset[str](),
}
"""What must not be loaded at all, not even by a library. Core loads nothing but itself and the library."""

NEVER = frozenset({"pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"})
"""Modules that run what they read."""

READERS = "calculator.readers"
FOREIGN = frozenset({"pickletools", "struct", "tarfile", "zipfile"})
"""Modules that take foreign bytes apart: for the readers alone."""

LOADED = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
for name in sys.argv[2:]:
    importlib.import_module(name)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def layer_of(module: str) -> str:
    """Return the layer of the closest name in the table, or core."""
    while module:
        if module in LAYERS:
            return LAYERS[module]
        module = module.rpartition(".")[0]
    return "core"


def sources(root: Path) -> dict[str, Path]:
    """Return every module of the product: its dotted name and its file."""
    files = [*(root / "calculator").rglob("*.py"), *(root / "pages").rglob("*.py"), root / "app.py"]
    found = {}
    for file in sorted(file for file in files if file.exists()):
        parts = file.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imported(module: str, file: Path, known: Iterable[str]) -> Iterator[str]:
    """Yield every module that the source of ``module`` imports, at any depth of the code."""
    package = module if file.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            climbed = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            base = ".".join([*climbed, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names if f"{base}.{alias.name}" in known)


def source_problems(root: Path) -> list[str]:
    """Return what the sources import against the rule."""
    known = sources(root)
    return [
        f"{module} ({layer_of(module)}) imports {name}"
        for module, file in known.items()
        for name in sorted(set(imported(module, file, known)))
        if not _may_import(module, name)
    ]


def _may_import(module: str, name: str) -> bool:
    top = name.partition(".")[0]
    if top == "pages" or name == "app":
        return False  # Not even pages may: they never import each other.
    if top == "calculator":
        return ORDER.index(layer_of(name)) <= ORDER.index(layer_of(module))
    if top in NEVER or (top in FOREIGN and not f"{module}.".startswith(f"{READERS}.")):
        return False
    return top in sys.stdlib_module_names or top in LIBRARIES[layer_of(module)]


def loaded(root: Path, modules: Iterable[str]) -> set[str]:
    """Return what a fresh interpreter has loaded after importing ``modules``."""
    # -P: whatever lies in the working directory takes no library's place.
    command = [sys.executable, "-P", "-c", LOADED, str(root), *modules]
    # Not the root as working directory: that would hide a module that only imports from there.
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=root.parent)
    assert done.returncode == 0, f"{modules} cannot be imported:\n{done.stderr}"
    return set(json.loads(done.stdout.splitlines()[-1]))


def loading_problems(root: Path) -> list[str]:
    """Return what is loaded against the rule, module by module in fresh interpreters.

    The ui modules share one interpreter: they may load everything below them, and streamlit takes its
    time. Pages are scripts, not modules to import; their sources are held to the rule instead.
    """
    modules = [module for module in sources(root) if layer_of(module) != "pages"]
    batches = [[module] for module in modules if layer_of(module) != "ui"]
    batches += [ui] if (ui := [module for module in modules if layer_of(module) == "ui"]) else []
    with ThreadPoolExecutor(4) as pool:
        results = pool.map(lambda batch: loaded(root, batch), batches)
    return [
        f"{', '.join(batch)} ({layer_of(batch[0])}) loads {name}"
        for batch, names in zip(batches, results, strict=True)
        for name in sorted({_shortened(name) for name in names if not _may_load(batch[0], name)})
    ]


def _shortened(name: str) -> str:
    top = name.partition(".")[0]
    return name if top in ("calculator", "pages") else top


def _may_load(module: str, name: str) -> bool:
    layer, top = layer_of(module), name.partition(".")[0]
    if top in ("pages", "app"):
        return False
    if top == "calculator":
        return ORDER.index(layer_of(name)) <= ORDER.index(layer)
    if layer == "core":
        return top in sys.stdlib_module_names
    return top not in HEAVY[layer]


def forbidden(root: Path) -> list[str]:
    """Return where a source turns text into code or markup that is not escaped."""
    problems = []
    for module, file in sources(root).items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id in ("eval", "exec", "__import__"):
                problems.append(f"{module} calls {node.func.id}")
            for keyword in node.keywords:
                off = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                if keyword.arg == "unsafe_allow_html" and not off:
                    problems.append(f"{module} allows unsafe HTML")
    return problems


def test_sources_keep_the_import_rule() -> None:
    assert source_problems(ROOT) == []


def test_fresh_interpreters_load_only_what_they_may() -> None:
    assert loading_problems(ROOT) == []


def test_sources_run_no_text_and_write_no_unsafe_html() -> None:
    assert forbidden(ROOT) == []


def test_modules_are_found_and_placed() -> None:
    known = sources(ROOT)
    assert {"calculator", "calculator.layer", "calculator.__main__"} <= set(known)
    assert layer_of("calculator") == layer_of("calculator.anything.new") == "core"
    assert layer_of("calculator.readers.onnx") == "core"
    assert layer_of("calculator.ui.frame") == "ui"
    assert layer_of("pages.picture") == layer_of("app") == "pages"


# A tree in which every rule is kept, with stand-ins for the libraries so that it loads at once.
GOOD = {
    "pandas.py": "",
    "plotly.py": "",
    "streamlit.py": "",
    "app.py": "import streamlit\nfrom calculator.ui import frame\n",
    "pages/one.py": "import streamlit\nimport calculator.ui\n",
    "pages/two.py": "from calculator import layer\n",
    "calculator/__init__.py": "from calculator.layer import count\n",
    "calculator/layer.py": "import math\ncount = math.prod\n",
    "calculator/readers/__init__.py": "import struct, zipfile\n",
    "calculator/sweeps.py": "import pandas\nfrom calculator import layer\n",
    "calculator/charts.py": "import plotly\nfrom . import sweeps\n",
    "calculator/ui/__init__.py": "import streamlit\nfrom calculator import charts\n",
    "calculator/ui/frame.py": "from .. import charts\nfrom . import __name__ as here\n",
}

BAD_SOURCES = [
    ("calculator/layer.py", "import numpy", "calculator.layer (core) imports numpy"),
    ("calculator/layer.py", "def f():\n    import pandas", "calculator.layer (core) imports pandas"),
    ("calculator/layer.py", "import pickle", "calculator.layer (core) imports pickle"),
    ("calculator/layer.py", "from struct import unpack", "calculator.layer (core) imports struct"),
    ("calculator/readers/__init__.py", "import pickle", "calculator.readers (core) imports pickle"),
    ("calculator/new.py", "from calculator import sweeps", "calculator.new (core) imports calculator.sweeps"),
    ("calculator/new.py", "from . import ui", "calculator.new (core) imports calculator.ui"),
    ("calculator/new.py", "import streamlit as st", "calculator.new (core) imports streamlit"),
    ("calculator/sweeps.py", "import plotly.express", "calculator.sweeps (tables) imports plotly.express"),
    ("calculator/sweeps.py", "from .charts import x", "calculator.sweeps (tables) imports calculator.charts"),
    ("calculator/charts.py", "import streamlit", "calculator.charts (charts) imports streamlit"),
    ("calculator/ui/frame.py", "from pages import one", "calculator.ui.frame (ui) imports pages"),
    ("calculator/ui/frame.py", "import app", "calculator.ui.frame (ui) imports app"),
    ("pages/one.py", "from pages.two import x", "pages.one (pages) imports pages.two"),
    ("pages/one.py", "import zipfile", "pages.one (pages) imports zipfile"),
    ("app.py", "import requests", "app (pages) imports requests"),
]

BAD_LOADING = [
    (
        "calculator/layer.py",
        "import importlib\nimportlib.import_module('pandas')",
        "calculator.layer (core) loads pandas",
    ),
    ("calculator/new.py", "import calculator.sweeps", "calculator.new (core) loads calculator.sweeps"),
    ("calculator/new.py", "import calculator.sweeps", "calculator.new (core) loads pandas"),
    ("calculator/sweeps.py", "__import__('plotly')", "calculator.sweeps (tables) loads plotly"),
    ("calculator/charts.py", "__import__('streamlit')", "calculator.charts (charts) loads streamlit"),
    (
        "calculator/ui/frame.py",
        "__import__('pages.two')",
        "calculator.ui, calculator.ui.frame (ui) loads pages.two",
    ),
    ("pandas.py", "import plotly", "calculator.sweeps (tables) loads plotly"),
]

BAD_CALLS = [
    ("app.py", "streamlit.markdown(x, unsafe_allow_html=True)", "app allows unsafe HTML"),
    ("pages/one.py", "streamlit.markdown(x, unsafe_allow_html=allow)", "pages.one allows unsafe HTML"),
    ("calculator/layer.py", "def f(x):\n    return eval(x)", "calculator.layer calls eval"),
    ("calculator/ui/frame.py", "exec('1')", "calculator.ui.frame calls exec"),
]


def tree(root: Path, name: str = "", text: str = "") -> Path:
    """Write the good tree, with ``text`` added at the end of one file."""
    for path, content in {**GOOD, **({} if name in GOOD or not name else {name: ""})}.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content + (f"{text}\n" if path == name else ""), encoding="utf-8")
    return root


def test_a_good_tree_passes(tmp_path: Path) -> None:
    root = tree(tmp_path, "pages/two.py", "streamlit.markdown(x, unsafe_allow_html=False)")
    assert (source_problems(root), loading_problems(root), forbidden(root)) == ([], [], [])


@pytest.mark.parametrize(("name", "text", "problem"), BAD_SOURCES)
def test_a_bad_import_is_caught(tmp_path: Path, name: str, text: str, problem: str) -> None:
    assert problem in source_problems(tree(tmp_path, name, text))


@pytest.mark.parametrize(("name", "text", "problem"), BAD_LOADING)
def test_bad_loading_is_caught(tmp_path: Path, name: str, text: str, problem: str) -> None:
    assert problem in loading_problems(tree(tmp_path, name, text))


@pytest.mark.parametrize(("name", "text", "problem"), BAD_CALLS)
def test_a_bad_call_is_caught(tmp_path: Path, name: str, text: str, problem: str) -> None:
    assert forbidden(tree(tmp_path, name, text)) == [problem]


def test_a_module_that_does_not_import_is_caught(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"calculator\.broken.* cannot be imported"):
        loading_problems(tree(tmp_path, "calculator/broken.py", "import calculator.no_such"))
