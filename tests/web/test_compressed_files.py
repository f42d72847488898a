"""Files are compressed once, and only for who asks."""

import asyncio
import gzip
import hashlib
from pathlib import Path

import brotli
import pytest
from starlette.types import Message, Receive, Scope, Send

import server
from calculator.web.compressed_files import (
    BROTLI_QUALITY,
    LARGE,
    LARGE_QUALITY,
    CompressedFiles,
    compressed,
    hashed_name,
    static_files,
)
from tests.helpers.asgi import Answer, answer, ask, reads_all, scope

SCRIPT = "let a = 1; " * 1000


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CompressedFiles:
    monkeypatch.setattr("calculator.web.compressed_files.BROTLI_DELAY", 0)
    (tmp_path / "js").mkdir()
    (tmp_path / "js/index.abc.js").write_text(SCRIPT)
    (tmp_path / "font.woff2").write_bytes(b"font")
    return CompressedFiles(reads_all, static_files(tmp_path, "/base/static"))


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


def test_a_file_that_brotli_cannot_read_stops_no_other(
    app: CompressedFiles, caplog: pytest.LogCaptureFixture
) -> None:
    contents = iter([b"a"])
    app.files = {"/gone.js": lambda: next(contents), "/there.js": SCRIPT.encode}
    for path in app.files:
        ask(app, scope(path, accept_encoding="gzip"))
    app.waiting.join()
    assert list(app.kept) == [("/gone.js", "gzip"), ("/there.js", "gzip"), ("/there.js", "br")]
    assert [record.getMessage() for record in caplog.records] == ["Brotli did not compress /gone.js"]


def test_a_large_file_takes_little_time(app: CompressedFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    qualities: list[int] = []

    def noted(content: bytes, quality: int) -> bytes:
        qualities.append(quality)
        return content

    monkeypatch.setattr(brotli, "compress", noted)
    app.files = {"/small.js": lambda: bytes(LARGE), "/large.js": lambda: bytes(LARGE + 1)}
    for path in app.files:
        ask(app, scope(path, accept_encoding="gzip"))
        app.waiting.join()
    assert qualities == [BROTLI_QUALITY, LARGE_QUALITY]


def test_a_file_is_compressed_once_in_each_way(app: CompressedFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    contents: list[bytes] = []

    def counted(content: bytes) -> bytes:
        contents.append(content)
        return compressed(content)

    monkeypatch.setattr("calculator.web.compressed_files.compressed", counted)
    request = scope("/base/static/js/index.abc.js", accept_encoding="gzip, br")

    plain = scope("/base/static/js/index.abc.js")
    path, read = "/base/static/js/index.abc.js", app.files["/base/static/js/index.abc.js"]
    reads: list[int] = []
    app.files = {path: lambda: reads.append(1) or read()}  # type: ignore[func-returns-value]

    async def together() -> list[Answer]:
        return await asyncio.gather(*(answer(app, one) for one in (request, plain) for _ in range(20)))

    assert {each.status for each in asyncio.run(together())} == {200}
    app.waiting.join()
    assert contents == [SCRIPT.encode()]
    assert len(reads) == 3  # Once for each coding.
    assert sorted(app.kept) == [(path, coding) for coding in ("br", "gzip", "identity")]


def test_head_has_no_body(app: CompressedFiles) -> None:
    assert (
        ask(app, scope("/base/static/js/index.abc.js", method="HEAD", accept_encoding="gzip")).status == 200
    )


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"])
def test_who_does_not_take_gzip_gets_the_file_itself(app: CompressedFiles, accepted: str) -> None:
    answer = ask(app, scope("/base/static/js/index.abc.js", accept_encoding=accepted))
    assert answer.body.decode() == SCRIPT
    assert "content-encoding" not in answer.headers
    assert answer.headers["cache-control"] == "public, immutable, max-age=31536000"


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

    asyncio.run(CompressedFiles(app, static_files(tmp_path, "/static"))({"type": "lifespan"}, never, never))  # type: ignore[arg-type]
    assert seen == ["lifespan"]


def test_the_name_of_a_script_is_that_of_its_content() -> None:
    digest = hashlib.sha256(SCRIPT.encode()).hexdigest()
    assert hashed_name("plotly", SCRIPT.encode()) == f"plotly-{digest[:12]}.js"
    assert hashed_name("plotly", b"") != hashed_name("plotly", b"1")


def test_the_installed_script_is_the_whole_of_plotly() -> None:
    assert server.PLOTLY.stat().st_size > 2_000_000
    with server.PLOTLY.open(encoding="utf-8") as file:
        assert "plotly.js v" in file.read(100)
