"""A script has one address, is compressed once, and is kept for good."""

import asyncio
import gzip
import hashlib
from pathlib import Path

import pytest
from starlette.routing import Router

import server
from calculator.web.served_script import ServedScript
from tests.helpers.asgi import Answer, answer, ask, reads_all, scope

SOURCE = "window.Plotly = {}; " * 1000
ADDRESS = f"/base/plotly-{hashlib.sha256(SOURCE.encode()).hexdigest()[:12]}.js"


@pytest.fixture
def script(tmp_path: Path) -> ServedScript:
    file = tmp_path / "plotly.min.js"
    file.write_text(SOURCE)
    return ServedScript("/base", "plotly", file.read_bytes)


@pytest.fixture
def app(script: ServedScript) -> Router:
    return Router([script.route()], default=reads_all)


def test_the_address_is_that_of_the_content(script: ServedScript, tmp_path: Path) -> None:
    assert script.address == ADDRESS
    (tmp_path / "plotly.min.js").write_text(SOURCE + "1")
    assert ServedScript("/base", "plotly", (tmp_path / "plotly.min.js").read_bytes).address != ADDRESS


def test_the_script_is_compressed_once_and_kept_for_good(app: Router, tmp_path: Path) -> None:
    answer = ask(app, scope(ADDRESS, accept_encoding="gzip, br"))
    assert gzip.decompress(answer.body).decode() == SOURCE
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"
    assert answer.headers["vary"] == "Accept-Encoding"
    (tmp_path / "plotly.min.js").unlink()
    assert ask(app, scope(ADDRESS, accept_encoding="gzip")).body == answer.body


def test_many_first_visitors_wait_for_one_compression(
    script: ServedScript, app: Router, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = script.read
    reads: list[int] = []

    def counted() -> bytes:
        reads.append(1)
        return read()

    monkeypatch.setattr(script, "read", counted)

    async def together() -> list[Answer]:
        requests = [scope(ADDRESS, accept_encoding=coding) for coding in ("gzip", "") for _ in range(20)]
        return await asyncio.gather(*(answer(app, request) for request in requests))

    assert {each.status for each in asyncio.run(together())} == {200}
    assert len(reads) == 2  # Once for each coding.


def test_who_does_not_take_gzip_gets_the_script_as_it_is(app: Router) -> None:
    answer = ask(app, scope(ADDRESS, accept_encoding="gzip;q=0"))
    assert answer.body.decode() == SOURCE
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"


def test_head_has_no_body(app: Router) -> None:
    answer = ask(app, scope(ADDRESS, method="HEAD", accept_encoding="gzip"))
    assert (answer.status, int(answer.headers["content-length"]) > 0) == (200, True)


@pytest.mark.parametrize("path", [ADDRESS.removeprefix("/base"), f"{ADDRESS}x", "/base/plotly.min.js"])
def test_everything_else_is_the_apps(app: Router, path: str) -> None:
    assert ask(app, scope(path, accept_encoding="gzip")).body == b"0"


def test_the_installed_script_is_the_whole_of_plotly() -> None:
    assert server.PLOTLY.stat().st_size > 2_000_000
    with server.PLOTLY.open(encoding="utf-8") as file:
        assert "plotly.js v" in file.read(100)
