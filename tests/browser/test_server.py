"""A server starts alone, answers, and is gone afterwards; one that cannot start says why."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.server import HEALTH, HOST, answers, environment, serve, stop


def test_a_server_answers_until_its_block_ends(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text("import streamlit as st\nst.title('Small')\n")
    with serve(script, tmp_path) as server, serve(script, tmp_path) as other:
        ports = [urlsplit(url).port or 0 for url in (server.url, other.url)]
        assert ports[0] != ports[1]
        assert all(answers(HOST, port, HEALTH) for port in ports)
        assert server.url in server.output()
    assert not any(answers(HOST, port, HEALTH) for port in ports)


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match=r"(?s)The server ended with \d+:.*does not exist"),
        serve(tmp_path / "missing.py", tmp_path),
    ):
        pass


def test_the_developers_own_settings_stay_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAMLIT_SERVER_PORT", "1")
    assert environment(tmp_path)["HOME"] == str(tmp_path)
    ours = {name: value for name, value in environment(tmp_path).items() if name.startswith("STREAMLIT_")}
    assert ours == {"STREAMLIT_SERVER_HEADLESS": "true"}  # No window opens on a developer's screen.
    assert environment(tmp_path)["PATH"] == os.environ["PATH"]


def test_a_process_that_will_not_end_is_ended() -> None:
    stubborn = (
        "import signal, threading; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(flush=True); threading.Event().wait()"
    )
    process = subprocess.Popen([sys.executable, "-c", stubborn], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        process.stdout.readline()  # From here on it ignores the request.
        stop(process, grace=0.1)
    assert process.returncode != 0
