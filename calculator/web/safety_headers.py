"""The headers that tell a browser what the pages may do and who may show them.

The policy allows what Streamlit's pages need and nothing else: scripts of this server, the scripts inside
Streamlit's own start page by their hash, and components, which the browser imports from addresses that
begin with ``blob:``. Styles are made by scripts, so ``style-src`` must allow them inline.
Source of the directives: https://www.w3.org/TR/CSP3/.
"""

import base64
import hashlib
import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # A link holds what its visitor set.
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
}


def content_security_policy(start_page: str, frame_ancestors: Sequence[str]) -> str:
    """Return the policy of pages that begin with the HTML ``start_page``.

    >>> policy = content_security_policy("<script>a = 1</script>", ["'self'"])
    >>> policy.split("; ")[1]
    "script-src 'self' blob: 'sha256-tbwf/ZCRL7GL7259gJCRksemSSiWMgFW1n+68QTGVEo='"
    >>> policy.split("; ")[-1]
    "frame-ancestors 'self'"
    """
    hashes = "".join(f" {source_hash(script)}" for script in _INLINE_SCRIPT.findall(start_page))
    directives = {
        "default-src": "'self'",
        "script-src": f"'self' blob:{hashes}",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(frame_ancestors),
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def source_hash(inline: str) -> str:
    """Return the name that an inline script or style has in a policy.

    >>> source_hash("a = 1")
    "'sha256-tbwf/ZCRL7GL7259gJCRksemSSiWMgFW1n+68QTGVEo='"
    """
    digest = hashlib.sha256(inline.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


class SafetyHeaders:
    """Middleware that adds the headers to every answer, unless the answer has a header of that name.

    Only our own pages have one: Streamlit and Starlette set none of these headers.
    """

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self.app = app
        self.headers = _ALWAYS | {"content-security-policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ``app`` does, with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
