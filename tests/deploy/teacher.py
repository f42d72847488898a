"""A teacher without a browser: the page Class, opened through the proxy, with the secret in its tab."""

import asyncio
import json
import re

from streamlit.components.v2.bidi_component.constants import EVENT_DELIM
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import STREAMLIT_INTERNAL_KEY_PREFIX
from websockets.exceptions import ConnectionClosed

from calculator.classroom.room import Action, Room
from calculator.classroom.store import Store
from tests.crash.vote import PLAN, Teacher
from tests.deploy.visitor import Visitor

STEP, AGAIN = "class.step", "class.again"
BUTTONS = {Action.OPEN: STEP, Action.CLOSE: STEP, Action.REVEAL: STEP, Action.VOTE_AGAIN: AGAIN}


class PageTeacher(Teacher):
    """A teacher whose page may lose its process, and leads the class on in another one.

    ``moves`` counts how often that happened. The page belongs to the event loop in which it was started;
    ``act`` is called in another thread.
    """

    def __init__(self, store: Store, page: Visitor, room: Room, secret: str) -> None:
        self.store, self.page, self.room, self.secret = store, page, room, secret
        self.moves = 0
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def start(cls, store: Store, url: str, cookies: dict[str, str]) -> "PageTeacher":
        """Open the page with these cookies, and press the button that starts a class."""
        page = Visitor(url, PLAN.partition("?")[2], b"Start a class", "class", dict(cookies))
        await page.open()
        await page.ask(page.query, WidgetState(id=page.element("class.start"), trigger_value=True))
        [code] = set(re.findall(rb"room=([A-Z0-9]{6})", page.seen))
        [secret] = re.findall(rb'"secret": ?"([^"]+)"', page.seen)
        page.query, page.expected = f"room={code.decode()}", code
        room = store.room(code.decode())
        assert room
        return cls(store, page, room, secret.decode())

    def act(self, action: Action) -> None:
        """Press the button of an action, again where the first press was lost with its process."""
        version = self.room.version
        while self.room.version == version:
            asyncio.run_coroutine_threadsafe(self._press(BUTTONS[action]), self._loop).result()
            self.room = self.see()

    async def _press(self, key: str) -> None:
        try:
            await self.page.ask(self.page.query, WidgetState(id=self.page.element(key), trigger_value=True))
        except (OSError, ConnectionClosed):
            self.moves += 1
            await self.page.open()
            # The script of the page gives the new session the secret, which the tab has kept.
            component = self.page.element("class.secret")
            events = f"{STREAMLIT_INTERNAL_KEY_PREFIX}_{component}{EVENT_DELIM}events"
            found = json.dumps([{"event": "found", "value": {"secret": self.secret}}])
            await self.page.ask(
                self.page.query,
                WidgetState(id=component, json_value="{}"),
                WidgetState(id=events, json_trigger_value=found),
            )
