"""A script of the pages as one file that a browser fetches once: Plotly's, and that which draws the charts.

Streamlit has a copy of Plotly, but only its own chart can use that; and it sends the script of a component
along with every message about it. A script is compressed for the first visitor and then kept. Its name
contains a hash of its content, so a browser may keep it for good.
"""

import asyncio
import hashlib
from collections.abc import Callable

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from calculator.web.compressed_files import CACHED, SUFFIXES, accepts, compressed

HASH_LETTERS = 12


class ServedScript:
    """The script that ``read`` returns: the name of its ``file``, its ``address`` below ``base``, its route.

    ``read`` is called when the address is made, for the first visitor, and for the first whose browser does
    not take gzip: nearly nobody has one, and Plotly's script is 4.7 MB.
    """

    def __init__(self, base: str, name: str, read: Callable[[], bytes]) -> None:
        self.read = read
        self.file = f"{name}-{hashlib.sha256(read()).hexdigest()[:HASH_LETTERS]}.js"
        self.address = f"{base}/{self.file}"
        self.kept: dict[str, bytes] = {}
        self.lock = asyncio.Lock()

    def route(self) -> Route:
        """Return the route of the script."""
        return Route(self.address, self._answer)

    async def _answer(self, request: Request) -> Response:
        """Return the script, compressed once and kept for browsers that accept gzip."""
        headers = {"vary": "Accept-Encoding", "cache-control": CACHED}
        coding = "gzip" if accepts(request.headers, "gzip") else ""
        if coding:
            headers["content-encoding"] = coding
        async with self.lock:  # Many visitors may come before the script is compressed.
            if coding not in self.kept:
                change = compressed if coding else bytes
                self.kept[coding] = await to_thread.run_sync(lambda: change(self.read()))
        return Response(self.kept[coding], headers=headers, media_type=SUFFIXES[".js"])
