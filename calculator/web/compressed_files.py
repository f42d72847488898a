"""Streamlit's scripts and styles in compressed form: compressed once each, then kept.

Streamlit compresses no static file, and the middleware of Starlette compresses a file anew for every visitor.
Only files that are installed are kept, so a visitor cannot make this grow.
"""

import gzip
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

SUFFIXES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
CACHED = "public, immutable, max-age=31536000"
"""The name of such a file contains a hash of its content, so a year is safe."""


class CompressedFiles:
    """Middleware that answers requests for scripts and styles in ``folder``, which stand below ``path``."""

    def __init__(self, app: ASGIApp, folder: Path, path: str) -> None:
        self.app = app
        self.files = {
            f"{path}/{file.relative_to(folder).as_posix()}": file
            for file in folder.rglob("*")
            if file.suffix in SUFFIXES and file.is_file()
        }
        self.kept: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the compressed file, or as ``app`` does."""
        file = self.files.get(scope["path"]) if scope["type"] == "http" else None
        if file is None or scope["method"] not in ("GET", "HEAD") or not accepts_gzip(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        content = self.kept.get(scope["path"])
        if content is None:
            content = await to_thread.run_sync(compressed, file)
            self.kept[scope["path"]] = content
        headers = {"content-encoding": "gzip", "vary": "Accept-Encoding", "cache-control": CACHED}
        await Response(content, headers=headers, media_type=SUFFIXES[file.suffix])(scope, receive, send)


def accepts_gzip(headers: Headers) -> bool:
    """Return whether the browser asks for gzip; a weight of 0 means that it refuses it."""
    for coding in headers.get("accept-encoding", "").split(","):
        name, _, weight = coding.partition(";")
        if name.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def compressed(file: Path) -> bytes:
    """Return the content of a file as gzip, the same for the same content."""
    return gzip.compress(file.read_bytes(), 9, mtime=0)
