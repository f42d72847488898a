"""Every way to a browser, on a pretended machine."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.browser.chromium import NoBrowserError, arguments, find_browser

FETCH = ("-m", "playwright", "install", "chromium")
UPDATE = ("update",)
INSTALL = ("install", "-y", "chromium-headless-shell", "fonts-liberation")
INSTALL_WHOLE = ("install", "-y", "chromium", "fonts-liberation")


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


@dataclass
class Machine:
    """A machine without a browser on which every command fails, unless a test says otherwise."""

    root: Path
    broken: set[Path] = field(default_factory=set)
    answers: dict[tuple[str, ...], Callable[[], object]] = field(default_factory=dict)
    ran: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        return self.root / "bin"

    @property
    def own(self) -> Path:
        return self.root / "playwright" / "chrome"

    def run(self, command: Sequence[str], timeout: float) -> str | None:
        program, *words = command
        if words == ["--version"]:
            return "it crashed" if Path(program) in self.broken else None
        self.ran.append(tuple(words))
        if answer := self.answers.get(tuple(words)):
            answer()
            return None
        return "it was refused"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(machine.path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(chromium, "_run", machine.run)
    monkeypatch.setattr(chromium, "playwrights_own", lambda: machine.own)
    monkeypatch.setattr(chromium, "is_root", lambda: False)
    return machine


@pytest.mark.parametrize("name", chromium.NAMES)
def test_an_installed_browser_is_taken_as_it_is(machine: Machine, name: str) -> None:
    expected = executable(machine.path / name)
    executable(machine.own)
    assert find_browser() == expected
    assert machine.ran == []


def test_what_playwright_fetched_before_is_taken(machine: Machine) -> None:
    executable(machine.own)
    assert find_browser() == machine.own
    assert machine.ran == []


@pytest.mark.parametrize(("platform", "places"), [("darwin", "MACOS"), ("win32", "WINDOWS")])
def test_the_usual_places_are_searched(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, platform: str, places: str
) -> None:
    expected = executable(machine.root / "Applications" / "Chrome")
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(chromium, "shutil", type("shutil", (), {"which": staticmethod(lambda name: None)}))
    monkeypatch.setattr(chromium, places, ("/nowhere", str(expected)))
    assert find_browser() == expected


def test_the_usual_places_are_real_ones() -> None:
    assert "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" in chromium.MACOS
    assert r"%ProgramFiles%\Google\Chrome\Application\chrome.exe" in chromium.WINDOWS


def test_a_browser_that_does_not_start_is_passed_over(machine: Machine) -> None:
    machine.broken.add(executable(machine.path / "chromium-browser"))
    expected = executable(machine.path / "google-chrome")
    assert find_browser() == expected


def test_playwright_fetches_one(machine: Machine) -> None:
    machine.answers[FETCH] = lambda: executable(machine.own)
    assert find_browser() == machine.own
    assert machine.ran == [FETCH]


def test_root_installs_debians(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "is_root", lambda: True)
    executable(machine.path / "apt-get")
    machine.answers[INSTALL] = lambda: executable(machine.path / "chromium-headless-shell")
    assert find_browser() == machine.path / "chromium-headless-shell"
    assert machine.ran == [UPDATE, INSTALL]


def test_without_a_headless_shell_the_whole_one_is_installed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "is_root", lambda: True)
    executable(machine.path / "apt-get")
    machine.answers[INSTALL_WHOLE] = lambda: executable(machine.path / "chromium")
    assert find_browser() == machine.path / "chromium"
    assert machine.ran == [UPDATE, INSTALL, INSTALL_WHOLE]


def test_the_headless_shell_is_taken_before_the_whole_one(machine: Machine) -> None:
    executable(machine.path / "chromium")
    expected = executable(machine.path / "chromium-headless-shell")
    assert find_browser() == expected


def test_debians_is_installed_when_the_fetched_one_lacks_a_library(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chromium, "is_root", lambda: True)
    executable(machine.path / "apt-get")
    machine.answers[FETCH] = lambda: machine.broken.add(executable(machine.own))
    machine.answers[INSTALL] = lambda: executable(machine.path / "chromium")
    assert find_browser() == machine.path / "chromium"


def test_without_apt_get_one_sentence_says_what_to_do(machine: Machine) -> None:
    with pytest.raises(NoBrowserError) as failure:
        find_browser()
    assert str(failure.value) == (
        "The browser tests need Chromium or Chrome: no installed Chromium or Chrome was found; "
        "there is no apt-get to install Debian's with; Playwright could not fetch one (it was refused). "
        "Install Chromium or Google Chrome, then run the tests again."
    )


def test_without_root_apt_get_is_not_tried(machine: Machine) -> None:
    executable(machine.path / "apt-get")
    with pytest.raises(NoBrowserError, match="only root may install Debian's"):
        find_browser()
    assert machine.ran == [FETCH]


def test_a_refused_apt_get_is_named(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chromium, "is_root", lambda: True)
    executable(machine.path / "apt-get")
    with pytest.raises(NoBrowserError, match=r"apt-get could not install Debian's \(it was refused\)"):
        find_browser()


def test_what_was_installed_but_does_not_start_is_named(machine: Machine) -> None:
    machine.answers[FETCH] = lambda: machine.broken.add(executable(machine.own))
    with pytest.raises(NoBrowserError, match="what was installed then does not start"):
        find_browser()


def test_the_command_says_so_too(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert chromium.main() == 1
    assert "The browser tests need Chromium or Chrome" in capsys.readouterr().err
    executable(machine.own)
    assert chromium.main() == 0
    assert capsys.readouterr().out == f"Browser for the tests: {machine.own}\n"


@pytest.mark.parametrize("root", [True, False])
def test_only_root_goes_without_the_sandbox(monkeypatch: pytest.MonkeyPatch, root: bool) -> None:
    monkeypatch.setattr(chromium, "is_root", lambda: root)
    assert ("--no-sandbox" in arguments()) is root


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("print('fine')", None),
        ("raise SystemExit(3)", "exit code 3"),
        ("print('E: error: no such package'); raise SystemExit(1)", "E: error: no such package"),
        ("input()", "EOFError: EOF when reading a line"),
    ],
)
def test_a_command_may_not_ask_and_says_why_it_failed(code: str, problem: str | None) -> None:
    assert chromium._run([sys.executable, "-c", code], timeout=60) == problem


def test_a_missing_or_endless_command_is_a_problem_not_an_exception(tmp_path: Path) -> None:
    assert "No such file" in str(chromium._run([str(tmp_path / "nothing")], timeout=60))
    endless = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    assert chromium._run(endless, timeout=0.1) == "not done after 0.1 s"
