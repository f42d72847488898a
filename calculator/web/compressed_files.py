"""Scripts and styles in compressed form: compressed once each, then kept.

They are Streamlit's own, Plotly's, and the script that draws the charts. Streamlit compresses no static file,
and the middleware of Starlette compresses a file anew for every visitor. Streamlit has a copy of Plotly, but
only its own chart can use that; and it sends the script of a component along with every message about it.

Brotli makes the scripts a sixth smaller than gzip, but takes seconds for all of them, so it works in a thread
of its own, some time after the first visit, and until it is done visitors get gzip. Browsers accept Brotli
only over https and from localhost. Only files that are installed are kept, so a visitor cannot fill the
memory.
"""

import asyncio
import gzip
import hashlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
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

LARGE, LARGE_QUALITY = 3_000_000, 5
"""Larger files take less time: Plotly's script 0.2 s of a core in place of 7 s, for 14 % more bytes."""

BROTLI_DELAY = 10
"""Seconds from the first visit until Brotli starts, because visitors who open a page need the processor."""

HASH_LETTERS = 12

PLAIN = "identity"
"""No compression, for the few browsers that do not accept gzip."""

Read = Callable[[], bytes]

_LOG = logging.getLogger(__name__)


def static_files(folder: Path, path: str) -> dict[str, Read]:
    """Return the function that reads each script and style in ``folder``, by its address below ``path``."""
    return {
        f"{path}/{file.relative_to(folder).as_posix()}": file.read_bytes
        for file in folder.rglob("*")
        if file.suffix in SUFFIXES and file.is_file()
    }


def hashed_name(name: str, content: bytes) -> str:
    """Return the file name of a script, with a hash of its content.

    >>> hashed_name("chart", b"")
    'chart-e3b0c44298fc.js'
    """
    return f"{name}-{hashlib.sha256(content).hexdigest()[:HASH_LETTERS]}.js"


class CompressedFiles:
    """Middleware that answers requests for ``files``: the function that reads each file, by its address."""

    def __init__(self, app: ASGIApp, files: Mapping[str, Read]) -> None:
        self.app = app
        self.files = files
        self.kept: dict[tuple[str, str], bytes] = {}
        """The content of each path in each coding."""
        self.locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self.waiting: Queue[str] = Queue()
        """The paths of the files that Brotli has yet to compress."""
        self.worker: Thread | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the file, compressed if the browser takes that, or as ``app`` does."""
        path = scope.get("path", "")  # The start of the server has none.
        if scope["type"] != "http" or path not in self.files or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        coding = "gzip" if accepts(headers, "gzip") else PLAIN
        if coding == "gzip" and accepts(headers, "br") and (path, "br") in self.kept:
            coding = "br"
        async with self.locks[path, coding]:  # Many visitors may come before the file is compressed.
            if (path, coding) not in self.kept:
                change = bytes if coding == PLAIN else compressed
                self.kept[path, coding] = await to_thread.run_sync(lambda: change(self.files[path]()))
                if coding == "gzip":
                    self._improve(path)
        answered = {"vary": "Accept-Encoding", "cache-control": CACHED}
        if coding != PLAIN:
            answered["content-encoding"] = coding
        response = Response(self.kept[path, coding], headers=answered, media_type=SUFFIXES[Path(path).suffix])
        await response(scope, receive, send)

    def _improve(self, path: str) -> None:
        """Let Brotli compress a file later."""
        self.waiting.put(path)
        if self.worker is None:
            self.worker = Thread(target=self._use_brotli, daemon=True)
            self.worker.start()

    def _use_brotli(self) -> None:
        """Compress the waiting files, one after the other, as long as the process lives."""
        time.sleep(BROTLI_DELAY)
        while True:
            path = self.waiting.get()
            try:
                content = self.files[path]()
                quality = LARGE_QUALITY if len(content) > LARGE else BROTLI_QUALITY
                self.kept[path, "br"] = brotli.compress(content, quality=quality)
            except Exception:  # The file stays as gzip; the next ones are compressed.
                _LOG.exception("Brotli did not compress %s", path)
            finally:
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
