"""A visitor without a browser: it speaks Streamlit's protocol, keeps its cookie and connects again."""

import asyncio
import http.client
import re
import time
import urllib.request
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

MEDIA = re.compile(rb"/media/[0-9a-f]{8,}\.[a-z]+")


@dataclass
class Visitor:
    """One visitor of a page with a link, whose ``expected`` text proves the settings of the link."""

    url: str
    query: str
    expected: bytes
    page: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    session: str = ""
    seen: bytes = b""
    socket: ClientConnection | None = None

    def get(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Return the status and the body of an answer; cookies are kept."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()} | self._cookie()
            connection.request(method, parts.path + path, body, sent)
            answer = connection.getresponse()
            for header in answer.headers.get_all("set-cookie", []):
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
            return answer.status, answer.read()
        finally:
            connection.close()

    def _cookie(self) -> dict[str, str]:
        text = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Cookie": text} if text else {}

    async def open(self, within: float = 30) -> float:
        """Open the page with the link; return the seconds until the expected text was received.

        While no replica answers, try again, as Streamlit's page does. Raises ``TimeoutError``.
        """
        begun = time.monotonic()
        async with asyncio.timeout(within):
            while True:
                try:
                    await self._open_once()
                    return time.monotonic() - begun
                except (OSError, ConnectionClosed, InvalidHandshake, http.client.HTTPException):
                    await asyncio.sleep(0.1)

    async def _open_once(self) -> None:
        status, _ = await asyncio.to_thread(self.get, "/_stcore/health")
        if status != 200:
            raise ConnectionError(f"The answer was {status}.")
        address = f"{self.url.replace('http', 'ws', 1)}/_stcore/stream"
        self.socket = await connect(
            address,
            subprotocols=[Subprotocol("streamlit")],
            additional_headers=self._cookie(),
            max_size=None,
            proxy=None,
        )
        # A proxy may have chosen another replica for the WebSocket, and says so in a cookie.
        assert self.socket.response
        for header in self.socket.response.headers.get_all("set-cookie"):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        await self.ask(self.query)
        if self.expected not in self.seen:
            raise AssertionError(f"{self.page or 'the calculator'} does not show {self.expected!r}")

    async def ask(self, query: str, *reports: WidgetState) -> float:
        """Let the page run with a link, as Back does, and with what its elements report.

        Return the seconds until the run has finished.
        """
        assert self.socket
        begun = time.monotonic()
        message = BackMsg()
        message.rerun_script.query_string = query
        message.rerun_script.page_name = self.page
        message.rerun_script.widget_states.widgets.extend(reports)
        await self.socket.send(message.SerializeToString())
        await self.answered()
        return time.monotonic() - begun

    async def answered(self) -> None:
        """Wait until the page has finished a run, and keep what it sent."""
        assert self.socket
        self.seen = b""
        while True:
            data = await self.socket.recv(decode=False)
            answer = ForwardMsg.FromString(data)
            self.seen += data
            if answer.HasField("new_session"):
                self.session = answer.new_session.initialize.session_id
            if answer.HasField("script_finished"):
                return

    def element(self, key: str) -> str:
        """Return the id of the element that the last run drew with this key."""
        ids: set[bytes] = set(re.findall(rb"\$\$ID-[0-9a-f]{32}-" + re.escape(key).encode(), self.seen))
        [found] = ids
        return found.decode("ascii")

    async def left(self) -> str:
        """Wait until the server or the proxy ends the connection; return the reason that it gives."""
        assert self.socket
        try:
            while True:
                await self.socket.recv(decode=False)
        except ConnectionClosed as closed:
            return f"{closed.rcvd.code} {closed.rcvd.reason}".strip() if closed.rcvd else "broken"

    async def close(self) -> None:
        """End the visit."""
        if self.socket:
            await self.socket.close()

    def upload(self, content: bytes, file_id: str = "11111111-1111-4111-8111-111111111111") -> int:
        """Send a file as the uploader does, and return the status."""
        boundary = "b0undary"
        body = (
            (
                f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.pt"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n"
            ).encode()
            + content
            + f"\r\n--{boundary}--\r\n".encode()
        )
        status, _ = self.get(
            f"/_stcore/upload_file/{self.session}/{file_id}",
            "PUT",
            body,
            Content_Type=f"multipart/form-data; boundary={boundary}",
            X_Xsrftoken=self.cookies.get("_streamlit_xsrf", ""),
        )
        return status

    def downloads(self) -> list[int]:
        """Return the statuses of all files that the page offers."""
        return [self.get(path.decode())[0] for path in sorted(set(MEDIA.findall(self.seen)))]


def opens(url: str) -> bool:
    """Return whether an address answers with 200."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bool(answer.status == 200)
