"""Plotly's script, as one file that a browser fetches once.

Streamlit has its own copy, but only its own chart can use that. The file is compressed for the first visitor
and then kept. Its name contains a hash of its content, so a browser may keep it for good.
"""

import hashlib
from pathlib import Path

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from calculator.web.compressed_files import CACHED, SUFFIXES, accepts, compressed

HASH_LETTERS = 12


class PlotlyScript:
    """The script in ``file``, below the path ``base``: its ``address`` and the route that answers there."""

    def __init__(self, base: str, file: Path) -> None:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()[:HASH_LETTERS]
        self.file = file
        self.address = f"{base}/plotly-{digest}{file.suffix}"
        self.kept = b""

    def route(self) -> Route:
        """Return the route of the script."""
        return Route(self.address, self._answer)

    async def _answer(self, request: Request) -> Response:
        headers = {"vary": "Accept-Encoding", "cache-control": CACHED}
        media_type = SUFFIXES[self.file.suffix]
        if not accepts(request.headers, "gzip"):
            return FileResponse(self.file, headers=headers, media_type=media_type)
        if not self.kept:
            self.kept = await to_thread.run_sync(compressed, self.file)
        return Response(self.kept, headers={"content-encoding": "gzip", **headers}, media_type=media_type)
