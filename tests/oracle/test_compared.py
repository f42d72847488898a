"""What was compared is known from every file that a comparison depends on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.helpers.paths import ROOT
from tests.oracle import compared


def test_all_that_a_comparison_depends_on_is_there() -> None:
    assert [name for name in compared.COMPARED if not (ROOT / name).exists()] == []


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "calculator/core/layer.py").write_text("two"),
        lambda root: (root / "calculator/core/other.py").write_text(""),
        lambda root: (root / "calculator/core/layer.py").rename(root / "calculator/core/renamed.py"),
        lambda root: (root / "tests/oracle/requirements.txt").write_text("torch==1"),
        lambda root: (root / "compared.json").unlink(),
    ],
    ids=["changed", "added", "renamed", "another version", "never compared"],
)
def test_what_has_changed_was_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    files = [name for name in compared.COMPARED if name.endswith(".py")]
    for name in ("calculator/core/layer.py", "tests/oracle/requirements.txt", *files):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    monkeypatch.setattr(compared, "ROOT", tmp_path)
    monkeypatch.setattr(compared, "NOTED", tmp_path / "compared.json")
    assert compared.noted() == 0
    compared.note(11_625)
    assert compared.noted() == 11_625
    (tmp_path / "calculator/core/__pycache__").mkdir()
    (tmp_path / "calculator/core/__pycache__/layer.pyc").write_text("compiled")
    assert compared.noted() == 11_625
    change(tmp_path)
    assert compared.noted() == 0
