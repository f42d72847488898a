"""Streamlit's scripts and styles in compressed form: compressed once each, then kept.

Streamlit compresses no static file, and the middleware of Starlette compresses a file anew for every visitor.
Brotli makes the scripts a sixth smaller than gzip, but takes seconds for all of them, so it works in a thread
of its own, and until it is done visitors get gzip. Browsers accept Brotli only over https and from localhost.
Only files that are installed are kept, so a visitor cannot make this grow.
"""

import asyncio
import gzip
from collections import defaultdict
from pathlib import Path
from queue import Queue
from threading import Thread

import brotli
from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

SUFFIXES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
CACHED = "public, immutable, max-age=31536000"
"""The name of such a file contains a hash of its content, so a year is safe."""

BROTLI_QUALITY = 10
"""Quality 11 makes the scripts 2 % smaller and takes almost three times as long."""


class CompressedFiles:
    """Middleware that answers requests for scripts and styles in ``folder``, which stand below ``path``."""

    def __init__(self, app: ASGIApp, folder: Path, path: str) -> None:
        self.app = app
        self.files = {
            f"{path}/{file.relative_to(folder).as_posix()}": file
            for file in folder.rglob("*")
            if file.suffix in SUFFIXES and file.is_file()
        }
        self.kept: dict[tuple[str, str], bytes] = {}
        """The content of each path in each coding."""
        self.locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.waiting: Queue[str] = Queue()
        """The paths of the files that Brotli has yet to compress."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the compressed file, or as ``app`` does."""
        path = scope.get("path", "")  # The start of the server has none.
        file = self.files.get(path) if scope["type"] == "http" else None
        if (
            file is None
            or scope["method"] not in ("GET", "HEAD")
            or not accepts(Headers(scope=scope), "gzip")
        ):
            await self.app(scope, receive, send)
            return
        content = self.kept.get((path, "br")) if accepts(Headers(scope=scope), "br") else None
        coding = "br" if content else "gzip"
        if content is None:
            async with self.locks[path]:  # Many visitors may come before the file is compressed.
                if (path, "gzip") not in self.kept:
                    self._keep(path, await to_thread.run_sync(lambda: compressed(file.read_bytes())))
            content = self.kept[path, "gzip"]
        answered = {"content-encoding": coding, "vary": "Accept-Encoding", "cache-control": CACHED}
        await Response(content, headers=answered, media_type=SUFFIXES[file.suffix])(scope, receive, send)

    def _keep(self, path: str, content: bytes) -> None:
        """Keep the content in gzip, and let Brotli compress the file later."""
        if not self.kept:
            Thread(target=self._use_brotli, daemon=True).start()
        self.kept[path, "gzip"] = content
        self.waiting.put(path)

    def _use_brotli(self) -> None:
        """Compress the waiting files, one after the other, as long as the process lives."""
        while True:
            path = self.waiting.get()
            content = self.files[path].read_bytes()
            self.kept[path, "br"] = brotli.compress(content, quality=BROTLI_QUALITY)
            self.waiting.task_done()


def accepts(headers: Headers, coding: str) -> bool:
    """Return whether the browser accepts ``coding``; a weight of 0 means that it refuses it."""
    for part in headers.get("accept-encoding", "").split(","):
        name, _, weight = part.partition(";")
        if name.strip() == coding:
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def compressed(content: bytes) -> bytes:
    """Return ``content`` as gzip, the same for the same content."""
    return gzip.compress(content, 9, mtime=0)
