"""How the page is started."""

from typing import Any

from tests.helpers.command_line import run_command
from tests.helpers.paths import ROOT


def test_the_commands_exist_in_this_checkout(capsys: Any) -> None:
    status, out, err = run_command(capsys, "app")
    assert (status, err) == (0, "")
    assert str(ROOT) in out
    for name in ("requirements.txt", "server.py"):
        assert name in out
        assert (ROOT / name).is_file()
    assert "make run" in out
    assert "\nrun:" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_more_words_are_refused(capsys: Any) -> None:
    assert run_command(capsys, "app", "now")[0] == 2
