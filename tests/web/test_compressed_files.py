"""Files are compressed once, and only for who asks."""

import asyncio
import gzip
from pathlib import Path

import brotli
import pytest
from starlette.types import Message, Receive, Scope, Send

from calculator.web.compressed_files import CompressedFiles, compressed
from tests.helpers.asgi import Answer, answer, ask, reads_all, scope

SCRIPT = "let a = 1; " * 1000


@pytest.fixture
def app(tmp_path: Path) -> CompressedFiles:
    (tmp_path / "js").mkdir()
    (tmp_path / "js/index.abc.js").write_text(SCRIPT)
    (tmp_path / "font.woff2").write_bytes(b"font")
    return CompressedFiles(reads_all, tmp_path, "/base/static")


def test_a_script_is_compressed(app: CompressedFiles, tmp_path: Path) -> None:
    answer = ask(app, scope("/base/static/js/index.abc.js", accept_encoding="gzip;q=0.5"))
    assert gzip.decompress(answer.body).decode() == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"
    app.waiting.join()
    (tmp_path / "js/index.abc.js").unlink()  # It is kept, not compressed anew.
    again = ask(app, scope("/base/static/js/index.abc.js", accept_encoding="gzip"))
    assert again.body == answer.body


def test_brotli_follows_when_it_is_done(app: CompressedFiles, tmp_path: Path) -> None:
    request = scope("/base/static/js/index.abc.js", accept_encoding="gzip, deflate, br, zstd")
    first = ask(app, request)
    assert first.headers["content-encoding"] == "gzip"  # Nobody waits for Brotli.
    app.waiting.join()
    (tmp_path / "js/index.abc.js").unlink()
    second = ask(app, request)
    assert second.headers["content-encoding"] == "br"
    assert brotli.decompress(second.body).decode() == SCRIPT
    assert second.headers["vary"] == "Accept-Encoding"
    assert second.headers["cache-control"] == first.headers["cache-control"]
    without = ask(app, scope("/base/static/js/index.abc.js", accept_encoding="gzip, br;q=0"))
    assert without.body == first.body


def test_a_file_is_compressed_once_in_each_way(app: CompressedFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    contents: list[bytes] = []

    def counted(content: bytes) -> bytes:
        contents.append(content)
        return compressed(content)

    monkeypatch.setattr("calculator.web.compressed_files.compressed", counted)
    request = scope("/base/static/js/index.abc.js", accept_encoding="gzip, br")

    async def together() -> list[Answer]:
        return await asyncio.gather(*(answer(app, request) for _ in range(20)))

    assert {each.status for each in asyncio.run(together())} == {200}
    app.waiting.join()
    assert contents == [SCRIPT.encode()]
    assert sorted(app.kept) == [("/base/static/js/index.abc.js", coding) for coding in ("br", "gzip")]


def test_head_has_no_body(app: CompressedFiles) -> None:
    assert (
        ask(app, scope("/base/static/js/index.abc.js", method="HEAD", accept_encoding="gzip")).status == 200
    )


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"])
def test_who_does_not_take_gzip_gets_the_file_itself(app: CompressedFiles, accepted: str) -> None:
    assert ask(app, scope("/base/static/js/index.abc.js", accept_encoding=accepted)).body == b"0"


@pytest.mark.parametrize(
    "path", ["/base/static/font.woff2", "/static/js/index.abc.js", "/base/static/js/../js/index.abc.js", "/"]
)
def test_everything_else_is_the_apps(app: CompressedFiles, path: str) -> None:
    assert ask(app, scope(path, accept_encoding="gzip")).body == b"0"
    assert app.kept == {}


def test_the_start_of_the_server_is_the_apps(tmp_path: Path) -> None:
    seen = []

    async def app(scope: Scope, _: Receive, __: Send) -> None:
        seen.append(scope["type"])

    async def never(*_: object) -> Message:
        raise AssertionError

    asyncio.run(CompressedFiles(app, tmp_path, "/static")({"type": "lifespan"}, never, never))  # type: ignore[arg-type]
    assert seen == ["lifespan"]
