"""A script of the pages as one file that a browser fetches once: Plotly's, and that which draws the charts.

Streamlit has a copy of Plotly, but only its own chart can use that; and it sends the script of a component
along with every message about it. A script is compressed for the first visitor and then kept. Its name
contains a hash of its content, so a browser may keep it for good.
"""

import asyncio
import hashlib
import zlib
from collections.abc import AsyncIterator, Callable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from calculator.web.compressed_files import CACHED, SUFFIXES, accepts, compressed

HASH_LETTERS = 12

PIECE = 8_000
"""The size in bytes of the pieces in which a script is decompressed; each becomes four times as long."""


class ServedScript:
    """The script that ``read`` returns: the name of its ``file``, its ``address`` below ``base``, its route.

    ``read`` is called when the address is made and for the first visitor. The content is not kept as it is,
    because Plotly's is 4.7 MB.
    """

    def __init__(self, base: str, name: str, read: Callable[[], bytes]) -> None:
        self.read = read
        self.file = f"{name}-{hashlib.sha256(read()).hexdigest()[:HASH_LETTERS]}.js"
        self.address = f"{base}/{self.file}"
        self.kept = b""
        self.lock = asyncio.Lock()

    def route(self) -> Route:
        """Return the route of the script."""
        return Route(self.address, self._answer)

    async def _answer(self, request: Request) -> Response:
        headers = {"vary": "Accept-Encoding", "cache-control": CACHED}
        async with self.lock:  # Many visitors may come before the script is compressed.
            if not self.kept:
                self.kept = await to_thread.run_sync(lambda: compressed(self.read()))
        if accepts(request.headers, "gzip"):
            headers["content-encoding"] = "gzip"
            return Response(self.kept, headers=headers, media_type=SUFFIXES[".js"])
        return StreamingResponse(self._decompressed(), headers=headers, media_type=SUFFIXES[".js"])

    async def _decompressed(self) -> AsyncIterator[bytes]:
        """Yield the script in pieces, because many visitors may be slow to read it."""
        decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)  # 16: in the format of gzip.
        for start in range(0, len(self.kept), PIECE):
            yield decompressor.decompress(self.kept[start : start + PIECE])
