"""Two addresses for a proxy or a supervisor: is the process alive, and may visitors be sent to it.

``/healthz`` answers as long as the process can answer anything. ``/readyz`` answers 200 only while the app
takes visitors: not before it has started, and not while it stops.
"""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

_NEVER_KEPT = {"cache-control": "no-store"}


def health_routes(base: str, ready: Callable[[], bool]) -> list[Route]:
    """Return the two routes below the path ``base``.

    >>> [route.path for route in health_routes("/calculator", lambda: True)]
    ['/calculator/healthz', '/calculator/readyz']
    """

    async def alive(_: Request) -> PlainTextResponse:
        return PlainTextResponse("alive", headers=_NEVER_KEPT)

    async def is_ready(_: Request) -> PlainTextResponse:
        if ready():
            return PlainTextResponse("ready", headers=_NEVER_KEPT)
        return PlainTextResponse("not ready", 503, _NEVER_KEPT)

    return [Route(f"{base}/healthz", alive), Route(f"{base}/readyz", is_ready)]
