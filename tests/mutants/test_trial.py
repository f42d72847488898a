"""Trials in a small tree: a fault that a test runs into is noticed, one that no test asks for is reported."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.helpers.paths import ROOT
from tests.mutants.trial import stages

SOURCE = '''
def halved(number):
    """Halve.

    >>> halved(8)
    3
    """
    if number < 0:
        raise ValueError("A number below 0.")
    steps = 0
    while number > 1:
        number //= 2
        steps += 1
    return steps
'''
TEST = "from calculator.core.halving import halved\n\ndef test_halved():\n    assert halved(5) == 2\n"
TRY = """
import sys
from pathlib import Path
from tests.mutants import __main__ as mutants, trial
trial.TEST_SECONDS = 1
root = Path(sys.argv[1])
wanted = ("number <= 0", "number * 2", "number //= 3", "pass", "steps = 1")
module = "calculator/core/halving.py"
places = mutants.faults((root / module).read_bytes())
chosen = [fault for place in places for fault in place if any(text in fault.after for text in wanted)]
sample = [(module, fault) for fault in chosen]
share = mutants.report(sample, mutants.survivors(root, sample))
print(len(sample), share < mutants.ENOUGH)
"""


def test_what_the_tests_of_a_small_tree_notice(tmp_path: Path) -> None:
    for name, text in (
        ("calculator/__init__.py", ""),
        ("calculator/core/__init__.py", ""),
        ("calculator/core/halving.py", SOURCE),
        ("tests/core/test_halving.py", TEST),
    ):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "root")
    command = [sys.executable, "-c", TRY, str(tmp_path / "root")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    # Nothing asks for a number of 0 or below. `pass` instead of a line is an endless loop, or another count.
    assert done.stdout.splitlines() == [
        "calculator/core/halving.py:8",
        "  - if number < 0:",
        "  + if (number <= 0):",
        "calculator/core/halving.py:9",
        '  - raise ValueError("A number below 0.")',
        "  + pass",
        "core: 5 of 7 faults noticed, 71.4%",
        "all: 5 of 7 faults noticed, 71.4%",
        "7 True",
    ]


def test_the_tests_of_a_module_come_first() -> None:
    module = "calculator/readers/onnx/graph.py"
    own, users, package, whole, wider = stages(ROOT, module)
    assert (own, package) == ((module, "tests/readers/onnx/test_graph.py"), ("tests/readers/onnx",))
    assert whole == ("tests/readers",)
    assert {"tests/readers/onnx/test_file.py", "tests/readers/test_outcomes.py"} <= set(users)
    assert "tests/cli" in wider
    assert "tests/test_wording.py" in users
    # A module that its user imports by its package.
    assert "tests/learn/lesson/test_lesson.py" in stages(ROOT, "calculator/learn/lesson/layer_steps.py")[1]
    # A module that only a browser tests.
    sheet = "calculator/learn/worksheet/stylesheet.py"
    assert stages(ROOT, sheet)[0] == (sheet,)
    # A module without a test file of its name, in a package that no other contains.
    own, users, package, whole, _ = stages(ROOT, "calculator/core/validation.py")
    assert own == ("calculator/core/validation.py", "tests/core/test_layer.py")
    assert (package, whole) == (("tests/core",), ())
    # Modules that import it, but no pages.
    assert {"tests/geometry/test_size_solver.py", "tests/readers/layer_table/test_sizes.py"} <= set(users)
    assert not any(test.startswith("tests/pages/") for test in users)
    assert "tests/test_wording.py" in users
    assert "tests/readers/test_outcomes.py" not in users
