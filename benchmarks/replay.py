"""A visitor without a browser, which sends the recorded messages of a browser again.

A browser on the same machine takes processor time from the server. The work of the server is the same.
"""

import time
from dataclasses import dataclass

from playwright.sync_api import Browser, WebSocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from benchmarks.keys import INPUT_SIZE, KERNEL, SLIDER, WALK
from tests.browser.page import LAPTOP, WATCH, rerun, settled


@dataclass(frozen=True)
class Recording:
    """The messages of a browser: to open a page, then for each press of a walk that ends where it began."""

    opening: tuple[bytes, ...]
    walk: tuple[bytes, ...]


def record(browser: Browser, url: str) -> Recording:
    """Open a page, press all keys of the walk on its first slider, and return the messages for reruns."""
    sent: list[bytes] = []

    def note(message: str | bytes) -> None:
        if isinstance(message, bytes) and BackMsg.FromString(message).HasField("rerun_script"):
            sent.append(message)

    context = browser.new_context(viewport=LAPTOP)
    context.add_init_script(WATCH)
    page = context.new_page()

    def listen(socket: WebSocket) -> None:
        socket.on("framesent", note)

    page.on("websocket", listen)
    page.goto(url)
    slider = page.locator(f"{KERNEL}, {INPUT_SIZE}, .st-key-empty {SLIDER}").first
    slider.wait_for()
    settled(page)
    opening = len(sent)
    for key in WALK:
        with rerun(page):
            slider.press(key)
    context.close()
    if len(sent) - opening != len(WALK):
        raise RuntimeError(f"{len(WALK)} key presses made {len(sent) - opening} reruns.")
    return Recording(tuple(sent[:opening]), tuple(sent[opening:]))


class Visitor:
    """One session of a server, opened with the recorded messages."""

    def __init__(self, url: str, recording: Recording) -> None:
        address = f"{url.replace('http', 'ws', 1)}/_stcore/stream"
        self.socket = connect(
            address, subprotocols=[Subprotocol("streamlit")], origin=None, max_size=None, proxy=None
        )
        self.walk = recording.walk
        self.step = 0
        for message in recording.opening:
            self.rerun(message)

    def move(self) -> float:
        """Send the next press of the walk and return the seconds until the run was finished."""
        message = self.walk[self.step % len(self.walk)]
        self.step += 1
        return self.rerun(message)

    def rerun(self, message: bytes) -> float:
        """Send a message, wait until the run is finished and return the seconds."""
        start = time.perf_counter()
        self.socket.send(message)
        while True:
            answer = ForwardMsg.FromString(self.socket.recv(timeout=60, decode=False))
            if answer.HasField("script_finished"):
                break
        if answer.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
            raise RuntimeError(f"A run ended with {answer.script_finished}.")
        return time.perf_counter() - start

    def close(self) -> None:
        """End the session."""
        self.socket.close()
