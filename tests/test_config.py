"""Configuration and pins: every option still exists, a first start asks nothing, versions are exact."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from calculator.ui.model.source import MAX_PASTED, MAX_UPLOAD
from tests.helpers.paths import ROOT

CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
FIRST_START = """
import sys
from streamlit import config
from streamlit.runtime.credentials import check_credentials
config.get_config_options()
config.set_option("server.headless", False)  # On a machine without a screen Streamlit never asks.
if "ask" in sys.argv:
    config.set_option("server.showEmailPrompt", True)
check_credentials()
print("started")
"""


def options(section: dict[str, Any], name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every option of the file, as ``section.option``, and its value."""
    for key, value in section.items():
        if isinstance(value, dict):
            yield from options(value, f"{name}{key}.")
        else:
            yield f"{name}{key}", value


SET = dict(options(CONFIG))


@pytest.mark.parametrize("name", SET)
def test_the_option_exists(name: str) -> None:
    known = config.get_config_options()
    assert name in known
    option = known[name]
    assert not option.is_expired()
    assert not option.deprecated
    if isinstance(option.default_val, (bool, int)):
        assert isinstance(SET[name], type(option.default_val))


def test_an_option_that_does_not_exist_would_be_noticed() -> None:
    known = config.get_config_options()
    assert "runner.postScriptGarbage" not in known
    # Hidden, so it may go without notice; without it, every rerun takes twice as long.
    assert known["runner.postScriptGC"].visibility == "hidden"
    assert known["runner.postScriptGC"].default_val is True
    # Hidden too; without it, a key that is held down can break the connection.
    assert known["global.minCachedMessageSize"].visibility == "hidden"
    assert known["global.minCachedMessageSize"].default_val == 10_000
    # Hidden too; without it, anybody may send messages of 25 MB.
    assert known["server.maxWidgetStateSize"].visibility == "hidden"
    assert known["server.maxWidgetStateSize"].default_val == 25


def test_what_must_be_set() -> None:
    expected = {
        "global.minCachedMessageSize": 1e12,
        "runner.fastReruns": False,
        "runner.postScriptGC": False,
        "server.showEmailPrompt": False,
        "server.enableStaticServing": False,
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "client.showSidebarNavigation": False,
        "client.showErrorDetails": "none",
        "browser.gatherUsageStats": False,
    }
    assert {name: SET.get(name) for name in expected} == expected
    assert 1 <= SET["server.maxUploadSize"] <= 10


def start(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Do what a start does before anything else, as somebody who has never run Streamlit."""
    return subprocess.run(
        [sys.executable, "-c", FIRST_START, *words],
        cwd=ROOT,
        env={**os.environ, "HOME": str(home), "USERPROFILE": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_first_start_asks_nothing(tmp_path: Path) -> None:
    started = start(tmp_path)
    assert (started.stdout.strip(), started.returncode) == ("started", 0)


def test_the_same_start_would_ask_without_the_setting(tmp_path: Path) -> None:
    asked = start(tmp_path, "ask")
    assert "started" not in asked.stdout
    assert asked.returncode != 0


def pinned(path: str) -> list[str]:
    lines = [line.split("#")[0].strip() for line in (ROOT / path).read_text().splitlines()]
    return [line for line in lines if line]


DRIVER = "deploy/requirements-postgres.txt"


@pytest.mark.parametrize("path", ["requirements.txt", DRIVER, "tests/requirements.txt"])
def test_every_version_is_exact(path: str) -> None:
    lines = [line for line in pinned(path) if not line.startswith("-r ")]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+(\[[a-z]+\])?==\d+(\.\d+)+(; sys_platform != \"win32\")?", line)
    names = [line.split("==")[0] for line in lines]
    assert len(set(names)) == len(names)


def test_the_app_needs_no_more_than_it_says() -> None:
    named = {line.split("==")[0] for line in pinned("requirements.txt")}
    assert named == {
        "streamlit",
        "plotly",
        "pandas",
        "segno",
        "xlsxwriter",
        "starlette",
        "uvicorn",
        "uvloop",
        "websockets",
        "python-multipart",
        "brotli",
        "sqlalchemy",
        "jinja2",
    }
    assert [line.split("==")[0] for line in pinned(DRIVER)] == ["psycopg[binary]"]


@pytest.mark.parametrize("line", pinned("requirements.txt") + pinned(DRIVER))
def test_what_is_installed_is_what_is_pinned(line: str) -> None:
    name, wanted = line.partition(";")[0].split("==")
    assert version(name.partition("[")[0]) == wanted


def test_the_page_names_the_largest_upload() -> None:
    assert CONFIG["server"]["maxUploadSize"] == MAX_UPLOAD


@pytest.mark.parametrize("name", ["maxMessageSize", "maxWidgetStateSize"])
def test_a_message_has_room_for_the_longest_text(name: str) -> None:
    largest = len(("語" * MAX_PASTED).encode())
    assert largest + 2_000_000 <= CONFIG["server"][name] * 1_000_000 <= 2 * largest
