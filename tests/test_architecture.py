"""The order of the packages, what each may load, which module has no test of its name, and forbidden calls.

The order is seen in two ways. The source says what a module imports, wherever the statement stands; a fresh
interpreter says what really gets loaded, however it is asked for. Each sees what the other misses.
"""

import ast
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT

ORDER = (
    ("calculator.core",),
    ("calculator.frameworks", "calculator.palette", "calculator.readers.model"),
    ("calculator.readers.readable",),
    (
        "calculator.readers.containers",
        "calculator.readers.layer_table",
        "calculator.readers.original_names",
        "calculator.readers.pasted_text",
        "calculator.readers.printed_counts",
        "calculator.readers.totals",
        "calculator.readers.turns",
        "calculator.readers.unsupported",
    ),
    (
        "calculator.readers.keras",
        "calculator.readers.onnx",
        "calculator.readers.tensors",
    ),
    ("calculator.readers.keras_files", "calculator.readers.pytorch"),
    ("calculator.readers.pytorch_files",),
    ("calculator.readers.printed_tables",),
    ("calculator.readers.text_parts",),
    (
        "calculator.readers.constructor_call",
        "calculator.readers.detect",
        "calculator.readers.difference",
        "calculator.readers.model_json",
    ),
    ("calculator.readers",),
    ("calculator.readers.isolation",),
    ("calculator.geometry", "calculator.networks"),
    ("calculator.settings", "calculator.charts"),
    ("calculator.upsampling",),
    (
        "calculator.comparison",
        "calculator.learn.calculation",
        "calculator.learn.exercise",
    ),
    ("calculator",),
    ("calculator.cli",),
    ("calculator.__main__",),
    ("calculator.learn.mistakes",),
    ("calculator.learn.exercises", "calculator.learn.lesson"),
    ("calculator.learn.worksheet",),
    ("calculator.learn.exports",),
    ("calculator.learn",),
    ("calculator.tables",),
    (
        "calculator.web",
        "calculator.web.addresses",
        "calculator.web.compressed_files",
        "calculator.web.descriptors",
        "calculator.web.environment",
        "calculator.web.health",
        "calculator.web.json_log",
        "calculator.web.messages",
        "calculator.web.openings",
        "calculator.web.safety_headers",
    ),
    ("calculator.web.connections", "calculator.web.shared_budget"),
    ("calculator.web.request_limits",),
    ("calculator.classroom",),
    ("calculator.ui", "calculator.ui.session"),
    ("calculator.ui.browser",),
    ("calculator.ui.charts",),
    ("calculator.ui.components",),
    ("calculator.ui.shell",),
    (
        "calculator.ui.classroom",
        "calculator.ui.compare",
        "calculator.ui.home",
        "calculator.ui.learn",
        "calculator.ui.model",
        "calculator.ui.picture",
        "calculator.ui.sources",
    ),
    ("app", "pages", "calculator.web.start_page"),
    ("server",),
)
"""The places, each of which may import only itself and the rows before it.

A place is a module or a package with all below it. A package that has places of its own inside is only its
``__init__``. What is not named here has no place, which is a fault.
"""

PLACES = {name: row for row, names in enumerate(ORDER) for name in names}

LIBRARIES = {
    "calculator.tables": frozenset({"pandas", "xlsxwriter"}),
    "calculator.charts": frozenset({"pandas", "plotly"}),
    "calculator.ui": frozenset({"pandas", "plotly", "segno", "streamlit"}),
    "pages": frozenset({"pandas", "plotly", "streamlit"}),
    "app": frozenset({"pandas", "plotly", "streamlit"}),
    "calculator.classroom": frozenset({"anyio", "jinja2", "markupsafe", "sqlalchemy", "starlette"}),
    "calculator.web": frozenset({"anyio", "brotli", "h11", "starlette", "uvicorn", "websockets"}),
    "server": frozenset({"anyio", "starlette", "streamlit", "uvicorn"}),
}
"""What may be imported from outside the standard library; anywhere else, nothing."""

HEAVY = {
    "calculator.tables": frozenset({"plotly", "segno", "streamlit"}),
    "calculator.charts": frozenset({"segno", "streamlit"}),
    "calculator.ui": frozenset[str](),
    "calculator.classroom": frozenset({"pandas", "plotly", "segno", "streamlit"}),
    "calculator.web": frozenset({"pandas", "plotly", "segno", "streamlit"}),
}
"""What a library must not bring along. Everywhere else nothing but the standard library may be loaded."""

NEVER = frozenset({"pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"})
"""Modules that run what they read."""

READERS = "calculator.readers"
FOREIGN = frozenset({"pickletools", "struct", "tarfile", "zipfile"})
"""Modules that take foreign bytes apart: for the readers alone."""

PACKAGES_FILES = ("calculator.learn.exports.qti", "zipfile")
"""A module that only writes such a file, and what it writes it with."""

TESTED_ELSEWHERE = {
    "calculator.core.aims": "tests/upsampling/test_recommendation.py",
    "calculator.core.errors": "tests/core/test_layer.py",
    "calculator.core.validation": "tests/core/test_layer.py",
    "calculator.learn.exercise": "tests/learn/exercises/test_generator.py",
    "calculator.learn.exercises.inverse_questions": "tests/learn/exercises/test_generator.py",
    "calculator.learn.exercises.layer_questions": "tests/learn/exercises/test_generator.py",
    "calculator.learn.lesson.step": "tests/learn/lesson/test_lesson.py",
    "calculator.learn.worksheet.stylesheet": "tests/browser/test_worksheet.py",
    "calculator.networks.plain_lists": "tests/networks/test_builtin.py",
    "calculator.networks.repeated_blocks": "tests/networks/test_builtin.py",
    "calculator.readers.onnx.operators": "tests/readers/onnx/test_layers.py",
    "calculator.readers.pytorch.module_tree": "tests/readers/pytorch/test_printed.py",
    "calculator.readers.unsupported": "tests/readers/test_wrong_files.py",
    "calculator.settings.page": "tests/settings/test_settings.py",
    "calculator.tables.exact_frame": "tests/tables/test_sweeps.py",
    "calculator.ui.classroom.lead": "tests/pages/test_class.py",
    "calculator.ui.classroom.results": "tests/pages/test_class.py",
    "calculator.ui.classroom.setup": "tests/pages/test_class.py",
    "calculator.ui.classroom.teacher": "tests/browser/test_class.py",
    "calculator.ui.compare.alternatives": "tests/pages/test_compare.py",
    "calculator.ui.compare.budget": "tests/pages/test_compare.py",
    "calculator.ui.compare.other_tools": "tests/pages/test_compare.py",
    "calculator.ui.compare.shelf": "tests/pages/test_compare.py",
    "calculator.ui.compare.wanted_size": "tests/pages/test_compare.py",
    "calculator.ui.components.answer_box": "tests/pages/test_learn.py",
    "calculator.ui.browser.copy_button": "tests/browser/test_links.py",
    "calculator.ui.components.downloads": "tests/ui/components/test_table.py",
    "calculator.ui.components.examples": "tests/pages/test_calculator.py",
    "calculator.ui.components.expander": "tests/pages/test_compare.py",
    "calculator.ui.components.inputs": "tests/pages/test_calculator.py",
    "calculator.ui.browser.kept_in_tab": "tests/browser/test_restart.py",
    "calculator.ui.browser.large_file": "tests/browser/test_model.py",
    "calculator.ui.components.layer_output": "tests/pages/test_picture.py",
    "calculator.ui.browser.question_on_screen": "tests/browser/test_learn.py",
    "calculator.ui.charts.plotly_chart": "tests/pages/test_model.py",
    "calculator.ui.charts.drawn_chart": "tests/browser/test_drawing.py",
    "calculator.ui.browser.text_limit": "tests/browser/test_model.py",
    "calculator.ui.components.views": "tests/pages/test_calculator.py",
    "calculator.ui.components.presenter_view": "tests/browser/test_presenter.py",
    "calculator.ui.home.answer": "tests/pages/test_calculator.py",
    "calculator.ui.home.frameworks": "tests/pages/test_calculator.py",
    "calculator.ui.home.growth": "tests/pages/test_calculator.py",
    "calculator.ui.home.mystery": "tests/pages/test_mystery.py",
    "calculator.ui.home.unchanged": "tests/pages/test_calculator.py",
    "calculator.ui.home.which_number": "tests/pages/test_calculator.py",
    "calculator.ui.learn.exercises": "tests/pages/test_learn.py",
    "calculator.ui.learn.exports": "tests/pages/test_learn_exports.py",
    "calculator.ui.learn.lesson": "tests/pages/test_learn.py",
    "calculator.ui.learn.lesson_end": "tests/pages/test_learn.py",
    "calculator.ui.learn.teacher": "tests/pages/test_learn.py",
    "calculator.ui.learn.worksheet": "tests/pages/test_learn.py",
    "calculator.ui.model.chain": "tests/pages/test_model.py",
    "calculator.ui.model.difference": "tests/pages/test_model.py",
    "calculator.ui.model.kept": "tests/pages/test_model.py",
    "calculator.ui.model.source": "tests/pages/test_model.py",
    "calculator.ui.model.table_editor": "tests/pages/test_model.py",
    "calculator.ui.model.views": "tests/pages/test_model.py",
    "calculator.ui.picture.output_size": "tests/pages/test_picture.py",
    "calculator.ui.picture.weights": "tests/pages/test_picture.py",
    "calculator.ui.session.state": "tests/pages/test_calculator.py",
    "calculator.ui.session.viewport": "tests/browser/test_look.py",
    "calculator.ui.shell.frame": "tests/pages/test_frame.py",
    "calculator.ui.shell.menu": "tests/pages/test_frame.py",
    "calculator.ui.shell.pages": "tests/pages/test_frame.py",
    "calculator.ui.sources.texts": "tests/pages/test_frame.py",
    "calculator.ui.sources.weight_orders": "tests/pages/test_frame.py",
}
"""Modules without a test file of their name, and the tests that run them: blocks of a page are run by it."""

EVENTS = re.compile(r"on_(click|change|dismiss|submit|\w+_change)")
"""The parameters of Streamlit that take a callback."""

LOADED = """
import ast, csv, dataclasses, decimal, fractions, html, importlib, inspect, json, os, random, struct, sys
import zipfile
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)

def apart(names, inside):
    child = os.fork()
    if not child:
        for name in names:
            importlib.import_module(name)
        inside()
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        sys.exit(f"{names} cannot be imported")

def show():
    print(json.dumps(sorted(set(sys.modules) - before)), flush=True)

for row in json.loads(sys.argv[2]):
    for libraries, batches in row:
        apart(libraries, lambda: [apart(batch, show) for batch in batches])
    for name in [name for libraries, batches in row if not libraries for batch in batches for name in batch]:
        importlib.import_module(name)
    before = set(sys.modules)
"""
"""Prints what each batch of modules loads, row after row.

Each batch begins in an interpreter with nothing imported but what any batch of its row may load: what takes
time in the standard library, the modules of earlier rows that need no libraries, and the libraries for its
place, which count as loaded with all they bring along.
"""


def place_of(module: str) -> str:
    """Return the longest name in ``ORDER`` that ``module`` is or lies below, or an empty string."""
    name = module
    while name and not (name in PLACES and (name == module or not _has_places_inside(name))):
        name = name.rpartition(".")[0]
    return name


def _has_places_inside(name: str) -> bool:
    return any(place.startswith(f"{name}.") for place in PLACES)


def allowed_at(place: str, table: dict[str, frozenset[str]]) -> frozenset[str] | None:
    """Return the entry of ``table`` for ``place`` or for a package that it lies in."""
    return next((names for at, names in table.items() if f"{place}.".startswith(f"{at}.")), None)


def sources(root: Path) -> dict[str, Path]:
    """Return every module of the product: its dotted name and its file."""
    scripts = [root / "app.py", root / "server.py"]
    files = [*(root / "calculator").rglob("*.py"), *(root / "pages").rglob("*.py"), *scripts]
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
            inside = [f"{base}.{alias.name}" for alias in node.names]
            yield from {name if name in known else base for name in inside}


def source_problems(root: Path) -> list[str]:
    """Return what the sources import against the rule."""
    known = sources(root)
    homeless = [f"{module} has no place in the table" for module in known if not place_of(module)]
    return homeless + [
        f"{module} imports {name}"
        for module, file in known.items()
        for name in sorted(set(imported(module, file, known)))
        if not _may_import(module, name)
    ]


def _may_import(module: str, name: str) -> bool:
    top = name.partition(".")[0]
    if top == "pages" or name in ("app", "server"):
        return False  # Not even pages may: they never import each other.
    if top == "calculator":
        return _comes_before(name, module)
    foreign = top in FOREIGN and (module, top) != PACKAGES_FILES
    if top in NEVER or (foreign and not f"{module}.".startswith(f"{READERS}.")):
        return False
    return top in sys.stdlib_module_names or top in (allowed_at(place_of(module), LIBRARIES) or ())


def _comes_before(name: str, module: str) -> bool:
    """Return whether ``module`` may import ``name``: from its own place, or from an earlier row."""
    theirs, own = place_of(name), place_of(module)
    return theirs == own or PLACES.get(theirs, len(ORDER)) < PLACES.get(own, -1)


def loaded(root: Path, rows: list[list[tuple[list[str], list[list[str]]]]]) -> list[set[str]]:
    """Return what an interpreter has loaded after importing each batch of modules.

    Each row has pairs: libraries, and the batches that may import them.
    """
    # -P: whatever lies in the working directory takes no library's place.
    command = [sys.executable, "-P", "-c", LOADED, str(root), json.dumps(rows)]
    # Not the root as working directory: that would hide a module that only imports from there.
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=root.parent)
    assert done.returncode == 0, done.stderr
    return [set(json.loads(line)) for line in done.stdout.splitlines()]


def loading_problems(root: Path) -> list[str]:
    """Return what is loaded against the rule, module by module in interpreters of their own.

    The ui modules share one interpreter: they may load everything below them, and streamlit takes its
    time. Pages are scripts, not modules to import; their sources are held to the rule instead.
    """
    modules = [module for module in sources(root) if module.partition(".")[0] == "calculator"]
    ui = [module for module in modules if f"{module}.".startswith("calculator.ui.")]
    batches = [[module] for module in modules if module not in ui] + ([ui] if ui else [])
    batches.sort(key=lambda batch: (_row(batch), _libraries(batch)))
    rows = [
        [(libraries, list(some)) for libraries, some in itertools.groupby(row, _libraries)]
        for _, row in itertools.groupby(batches, _row)
    ]
    return [
        f"{', '.join(batch)} loads {name}"
        for batch, names in zip(batches, loaded(root, rows), strict=True)
        for name in sorted({_shortened(name) for name in names if not _may_load(batch, name)})
    ]


def _row(batch: list[str]) -> int:
    return PLACES.get(place_of(batch[0]), -1)


def _libraries(batch: list[str]) -> list[str]:
    return sorted(allowed_at(place_of(batch[0]), LIBRARIES) or ())


def _shortened(name: str) -> str:
    top = name.partition(".")[0]
    return name if top in ("calculator", "pages") else top


def _may_load(batch: list[str], name: str) -> bool:
    top = name.partition(".")[0]
    if top in ("pages", "app", "server"):
        return False
    if top == "calculator":
        # Python loads the packages that a module lies in, whatever their place.
        return any(_comes_before(name, module) or f"{module}.".startswith(f"{name}.") for module in batch)
    heavy = allowed_at(place_of(batch[0]), HEAVY)
    return top in sys.stdlib_module_names if heavy is None else top not in heavy


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


def untested(root: Path, elsewhere: dict[str, str]) -> list[str]:
    """Return the modules without a test file of their name, and what the list of exceptions has wrong."""
    problems = []
    for module, file in sources(root).items():
        if not module.startswith("calculator.") or file.name in ("__init__.py", "__main__.py"):
            continue
        package, _, name = module.removeprefix("calculator.").rpartition(".")
        test = Path("tests", *package.split("."), f"test_{name}.py")
        has_one = (root / test).exists()
        if has_one and module in elsewhere:
            problems.append(f"{module} has {test.as_posix()} and needs no exception")
        if not has_one and module not in elsewhere:
            problems.append(f"{module} is tested by no {test.as_posix()}")
    known = sources(root)
    problems += [f"{module} does not exist" for module in elsewhere if module not in known]
    return problems + [
        f"{test} does not exist" for test in set(elsewhere.values()) if not (root / test).exists()
    ]


def unmarked_callbacks(root: Path) -> list[str]:
    """Return where a widget gets a callback that does not mark the session: see ``ui.session.callbacks``."""
    problems = []
    for module, file in sources(root).items():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for keyword in node.keywords if isinstance(node, ast.Call) else ():
                value = keyword.value
                made = isinstance(value, ast.Call) and ast.unparse(value.func) == "callback"
                ignored = isinstance(value, ast.Constant) and value.value == "ignore"
                if EVENTS.fullmatch(keyword.arg or "") and not made and not ignored:
                    problems.append(f"{module}: {keyword.arg}={ast.unparse(value)}")
    return problems


def test_sources_keep_the_import_rule() -> None:
    assert source_problems(ROOT) == []


def test_the_list_of_packages_that_people_read_has_the_same_order() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    rows = {name: row for row, cell in enumerate(listed) for name in re.findall(r"`([a-z_]+)", cell)}
    known, against = sources(ROOT), set[str]()
    for module, file in known.items():
        for name in set(imported(module, file, known)) & set(known):
            own, theirs = (f"{at.removeprefix('calculator.')}.".partition(".")[0] for at in (module, name))
            if module != "calculator.__main__" and rows[theirs] > rows[own]:
                against.add(f"{module} imports {name}")
    # As the row of ``web`` says.
    assert {problem.partition(" ")[0] for problem in against} == {"calculator.web.start_page"}


def test_every_file_that_people_read_of_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    files = re.findall(r"`([\w/]+/\w+\.\w+)`", text)
    named = {name for name in files if not re.search("NAME|PACKAGE", name)}
    assert len(named) > 20
    assert {
        name for name in named if not any((at / name).exists() for at in (ROOT, ROOT / "calculator"))
    } == set()


def test_fresh_interpreters_load_only_what_they_may() -> None:
    assert loading_problems(ROOT) == []


def test_sources_run_no_text_and_write_no_unsafe_html() -> None:
    assert forbidden(ROOT) == []


def test_every_module_has_a_test_file_of_its_name() -> None:
    assert untested(ROOT, TESTED_ELSEWHERE) == []


def test_every_callback_marks_the_session() -> None:
    assert unmarked_callbacks(ROOT) == []


def test_modules_are_found_and_placed() -> None:
    known = sources(ROOT)
    assert {"calculator", "calculator.core.layer", "calculator.__main__"} <= set(known)
    assert place_of("calculator.core.layer") == place_of("calculator.core") == "calculator.core"
    assert place_of("calculator.readers.onnx.graph") == "calculator.readers.onnx"
    assert (place_of("calculator.readers"), place_of("calculator")) == ("calculator.readers", "calculator")
    assert place_of("calculator.anything") == place_of("calculator.readers.anything") == ""
    assert (place_of("pages.picture"), place_of("app")) == ("pages", "app")
    assert all(any(f"{module}.".startswith(f"{name}.") for module in known) for name in PLACES)


# A tree in which every rule is kept, with stand-ins for the libraries so that it loads at once.
GOOD = {
    "pandas.py": "",
    "plotly.py": "",
    "streamlit.py": "",
    "app.py": "import streamlit\nfrom calculator.ui.shell import frame\n",
    "pages/one.py": "import streamlit\nimport calculator.ui\n",
    "pages/two.py": "from calculator.core import layer\n",
    "calculator/__init__.py": "from calculator.core.layer import count\n",
    "calculator/core/__init__.py": "",
    "calculator/core/layer.py": "import math\ncount = math.prod\n",
    "calculator/readers/__init__.py": "import struct, zipfile\n",
    "calculator/tables/__init__.py": "",
    "calculator/tables/sweeps.py": "import pandas\nfrom calculator.core import layer\n",
    "calculator/charts/__init__.py": "",
    "calculator/charts/split.py": "import plotly\nfrom ..core import layer\n",
    "calculator/ui/__init__.py": "",
    "calculator/ui/shell/__init__.py": "import streamlit\nfrom calculator.charts import split\n",
    "calculator/ui/shell/frame.py": "from ...charts import split\nfrom . import __name__ as here\n",
}

BAD_SOURCES = [
    ("calculator/core/layer.py", "import numpy", "calculator.core.layer imports numpy"),
    ("calculator/core/layer.py", "def f():\n    import pandas", "calculator.core.layer imports pandas"),
    ("calculator/core/layer.py", "import pickle", "calculator.core.layer imports pickle"),
    ("calculator/core/layer.py", "from struct import unpack", "calculator.core.layer imports struct"),
    ("calculator/readers/__init__.py", "import pickle", "calculator.readers imports pickle"),
    (
        "calculator/core/new.py",
        "from calculator.tables import sweeps",
        "calculator.core.new imports calculator.tables.sweeps",
    ),
    ("calculator/core/new.py", "from .. import ui", "calculator.core.new imports calculator.ui"),
    ("calculator/core/new.py", "import streamlit as st", "calculator.core.new imports streamlit"),
    ("calculator/new.py", "", "calculator.new has no place in the table"),
    ("calculator/new/__init__.py", "", "calculator.new has no place in the table"),
    (
        "calculator/tables/sweeps.py",
        "import plotly.express",
        "calculator.tables.sweeps imports plotly.express",
    ),
    (
        "calculator/charts/split.py",
        "from ..tables.sweeps import x",
        "calculator.charts.split imports calculator.tables.sweeps",
    ),
    (
        "calculator/ui/home/answer.py",
        "from calculator.ui.model import views",
        "calculator.ui.home.answer imports calculator.ui.model",
    ),
    ("calculator/charts/split.py", "import streamlit", "calculator.charts.split imports streamlit"),
    ("calculator/ui/shell/frame.py", "from pages import one", "calculator.ui.shell.frame imports pages.one"),
    ("calculator/ui/shell/frame.py", "import app", "calculator.ui.shell.frame imports app"),
    ("pages/one.py", "from pages.two import x", "pages.one imports pages.two"),
    ("pages/one.py", "import zipfile", "pages.one imports zipfile"),
    ("app.py", "import requests", "app imports requests"),
]

BAD_LOADING = [
    (
        "calculator/core/layer.py",
        "import importlib\nimportlib.import_module('pandas')",
        "calculator.core.layer loads pandas",
    ),
    (
        "calculator/core/new.py",
        "__import__('calculator.tables.sweeps')",
        "calculator.core.new loads calculator.tables.sweeps",
    ),
    ("calculator/core/new.py", "import calculator.tables.sweeps", "calculator.core.new loads pandas"),
    ("calculator/tables/sweeps.py", "__import__('plotly')", "calculator.tables.sweeps loads plotly"),
    ("calculator/charts/split.py", "__import__('streamlit')", "calculator.charts.split loads streamlit"),
    (
        "calculator/ui/shell/frame.py",
        "__import__('pages.two')",
        "calculator.ui, calculator.ui.shell, calculator.ui.shell.frame loads pages.two",
    ),
    ("pandas.py", "import plotly", "calculator.tables.sweeps loads plotly"),
]

BAD_CALLS = [
    ("app.py", "streamlit.markdown(x, unsafe_allow_html=True)", "app allows unsafe HTML"),
    ("pages/one.py", "streamlit.markdown(x, unsafe_allow_html=allow)", "pages.one allows unsafe HTML"),
    ("calculator/core/layer.py", "def f(x):\n    return eval(x)", "calculator.core.layer calls eval"),
    ("calculator/ui/shell/frame.py", "exec('1')", "calculator.ui.shell.frame calls exec"),
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


def test_a_module_without_a_test_file_is_caught(tmp_path: Path) -> None:
    root = tree(tmp_path, "tests/core/test_layer.py")
    modules = ("calculator.tables.sweeps", "calculator.charts.split", "calculator.ui.shell.frame")
    elsewhere = dict.fromkeys(modules, "tests/core/test_layer.py")
    assert untested(root, elsewhere) == []
    assert untested(root, {}) == [
        "calculator.charts.split is tested by no tests/charts/test_split.py",
        "calculator.tables.sweeps is tested by no tests/tables/test_sweeps.py",
        "calculator.ui.shell.frame is tested by no tests/ui/shell/test_frame.py",
    ]
    wrong = {"calculator.core.layer": "tests/nowhere.py", "calculator.gone": "tests/core/test_layer.py"}
    assert untested(root, elsewhere | wrong) == [
        "calculator.core.layer has tests/core/test_layer.py and needs no exception",
        "calculator.gone does not exist",
        "tests/nowhere.py does not exist",
    ]


def test_an_unmarked_callback_is_caught(tmp_path: Path) -> None:
    text = 'streamlit.button("Go", on_click=go)\nstreamlit.text_input("x", on_change=callback(go))'
    assert unmarked_callbacks(tree(tmp_path, "pages/one.py", text)) == ["pages.one: on_click=go"]
