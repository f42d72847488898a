"""Files are compressed once, and only for who asks."""

import gzip
from pathlib import Path

import pytest

from calculator.web.compressed_files import CompressedFiles
from tests.helpers.asgi import ask, reads_all, scope

SCRIPT = "let a = 1; " * 1000


@pytest.fixture
def app(tmp_path: Path) -> CompressedFiles:
    (tmp_path / "js").mkdir()
    (tmp_path / "js/index.abc.js").write_text(SCRIPT)
    (tmp_path / "font.woff2").write_bytes(b"font")
    return CompressedFiles(reads_all, tmp_path, "/base/static")


def test_a_script_is_compressed(app: CompressedFiles, tmp_path: Path) -> None:
    answer = ask(app, scope("/base/static/js/index.abc.js", accept_encoding="br, gzip;q=0.5"))
    assert gzip.decompress(answer.body).decode() == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["vary"] == "Accept-Encoding"
    (tmp_path / "js/index.abc.js").unlink()  # It is kept, not compressed anew.
    again = ask(app, scope("/base/static/js/index.abc.js", accept_encoding="gzip"))
    assert again.body == answer.body


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
