"""Look at a Streamlit page the way a visitor does: when it has come to rest, and with an eye for faults.

The script that a page is opened with counts what passes through Streamlit's WebSocket, because the DOM
alone cannot tell "not yet asked" from "already answered".
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
from playwright.sync_api import (
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    ViewportSize,
    WebSocket,
)
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.helpers.paths import ROOT

PHONE: ViewportSize = {"width": 390, "height": 844}
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PROJECTOR: ViewportSize = {"width": 1920, "height": 1080}

# (part of a fault, the reason why it is none)
ALLOWED: tuple[tuple[str, str], ...] = tuple(
    (f"/{script.stem}/_stcore/", "Streamlit looks for its server below the page's address first, then above")
    for script in (ROOT / "pages").glob("*.py")
)

_FIELDS = {
    "rerun": BackMsg.DESCRIPTOR.fields_by_name["rerun_script"].number,
    "started": ForwardMsg.DESCRIPTOR.fields_by_name["new_session"].number,
    "finished": ForwardMsg.DESCRIPTOR.fields_by_name["script_finished"].number,
    "early": ForwardMsg.FINISHED_EARLY_FOR_RERUN,
}

# Walks the outermost fields of each protobuf message. `asked` counts the reruns the page asked for, `passed`
# the messages both ways; `busy` is true from a rerun's asking until the run that began after it has finished.
# `mutated` counts the changes to the document, those inside of components too.
WATCH = """
(() => {
  const watch = window.__watch = {asked: 0, passed: 0, begun: true, busy: true, mutated: 0};
  const fields = bytes => {
    const found = new Map();
    let at = 0;
    const varint = () => {
      let value = 0, scale = 1, byte;
      do { byte = bytes[at++]; value += (byte & 127) * scale; scale *= 128; } while (byte & 128);
      return value;
    };
    while (at < bytes.length) {
      const tag = varint(), kind = tag & 7;
      if (kind === 0) { found.set(tag >>> 3, varint()); }
      else if (kind === 2) { const size = varint(); at += size; found.set(tag >>> 3, size); }
      else { at += kind === 1 ? 8 : 4; found.set(tag >>> 3, 0); }
    }
    return found;
  };
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({data}) => {
        watch.passed += 1;
        const message = fields(new Uint8Array(data));
        if (message.has(FIELDS.started)) { watch.begun = true; }
        if (watch.begun && message.has(FIELDS.finished) && message.get(FIELDS.finished) !== FIELDS.early) {
          watch.busy = false;
        }
      });
    }
    send(data) {
      watch.passed += 1;
      if (ArrayBuffer.isView(data) && fields(data).has(FIELDS.rerun)) {
        watch.asked += 1; watch.begun = false; watch.busy = true;
      }
      return super.send(data);
    }
  };
  const changes = new MutationObserver(() => { watch.mutated += 1; });
  const observe = root =>
    changes.observe(root, {subtree: true, childList: true, attributes: true, characterData: true});
  observe(document);
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...args) {
    const root = attach.apply(this, args);
    observe(root);
    return root;
  };
})();
""".replace("FIELDS", f"({_FIELDS!r})")

# Streamlit applies what a run sent up to 10 ms after its end and Plotly draws a frame or two later, so rest
# is five frames in a row in which all is drawn and nothing in the document changes. Where Plotly comes by
# itself, it has taken the place of the light drawings that can be seen. A page that asks for the window's
# width (`calculator.ui.session.viewport`) rests only after the answer: that may be another run.
REST = """
asked => new Promise(resolve => {
  const drawn = () => {
    const app = document.querySelector('[data-testid="stApp"]');
    return app?.dataset.testScriptState === "notRunning"
      && app.dataset.testConnectionState === "CONNECTED"
      && !document.querySelector('[data-stale="true"], [data-testid$="Skeleton"]')
      && (app.theme || !document.querySelector(".st-key-viewport"))
      && [...document.querySelectorAll('[data-testid="stPlotlyChart"]')].every(
        chart => chart.querySelector(".main-svg") || !chart.checkVisibility())
      && [...document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')].every(
        component => component.shadowRoot && !component.shadowRoot.querySelector(".table:empty, svg:empty"))
      && !document.querySelector(".drawing:not([data-plotly=here]) > svg:empty")
      && !document.querySelector(".drawing[data-plotly=coming]:not([data-later])")
      && [...document.images].every(image => image.complete || image.loading === "lazy")
      && document.fonts.status === "loaded";
  };
  let still = 0, mutated = -1;
  const look = () => {
    const watch = window.__watch;
    const same = watch.mutated === mutated;
    mutated = watch.mutated;
    still = same && watch.asked > asked && !watch.busy && drawn() ? still + 1 : 0;
    if (still < 5) { requestAnimationFrame(look); } else { resolve(true); }
  };
  look();
})
"""


def settled(page: Page, *, asked: int = 0, timeout: float = 30_000) -> Page:
    """Return the page once its script has finished and everything is drawn.

    With `asked`, wait also until the page has asked for more than that many runs since it was loaded.
    """
    page.wait_for_function(f"asked => window.__watch && ({REST})(asked)", arg=asked, timeout=timeout)
    return page


@contextmanager
def rerun(page: Page, *, timeout: float = 30_000) -> Iterator[None]:
    """Do in the block what makes the page run again; leave it once that run is on the screen.

    `with rerun(page): slider.press("ArrowRight")`: Streamlit waits a little before it asks for the run, so
    `settled` alone, called after the key press, would see the page still at rest.
    """
    asked: int = page.evaluate("window.__watch.asked")
    yield
    settled(page, asked=asked, timeout=timeout)


def still(page: Page) -> Page:
    """Return the page after all that fades or unfolds on it has come to its end: nobody waits for it."""
    page.evaluate("() => document.getAnimations().forEach(one => one.finish())")
    return page


# Returns the little that is asked for: all that axe finds would take half as long again on its way to us.
AUDIT = """
() => axe.run({resultTypes: ["violations"]}).then(({violations}) => violations
  .flatMap(({impact, id, help, nodes}) => nodes.map(({target}) => `${impact}: ${id}: ${help}: ${target}`)))
"""


def serious_violations(page: Page) -> list[str]:
    """Return what axe finds of serious or critical impact, one line each with its targets."""
    return [found for found in violations(page) if found.startswith(("serious", "critical"))]


def violations(page: Page) -> list[str]:
    """Return what axe finds, one line each with its impact and its target."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(AUDIT)
    return found


@dataclass
class Faults:
    """What went wrong on a page while it was open.

    To be told of every request would take a tenth of what a page costs. It is not needed: the browser says on
    the console which answers are errors, and cannot reach another host, so a request to one fails.
    """

    origin: str
    seen: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note this page's faults from now on."""
        for event, note in self._notes:
            page.on(event, note)

    def leave(self, page: Page) -> None:
        """Note them no longer."""
        for event, note in self._notes:
            page.remove_listener(event, note)

    @property
    def _notes(self) -> list[tuple[Any, Callable[[Any], None]]]:
        return [
            ("console", self._console),
            ("pageerror", self._page_error),
            ("dialog", self._dialog),
            ("websocket", self._socket),
            ("requestfailed", self._failed),
        ]

    def unexpected(self) -> list[str]:
        """Return the faults for which no reason is known."""
        return [fault for fault in self.seen if not any(part in fault for part, _ in ALLOWED)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(f"console error: {message.text} ({message.location['url']})")

    def _page_error(self, error: Error) -> None:
        self.seen.append(f"page error: {error}")

    def _dialog(self, dialog: Dialog) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _socket(self, socket: WebSocket) -> None:
        if not self._is_own(socket.url):
            self.seen.append(f"request to another host: {socket.url}")

    def _failed(self, request: Request) -> None:
        if not self._is_own(request.url):
            self.seen.append(f"request to another host: {request.url}")
        # A page that is left while it loads drops its open requests; that is no fault of the server's.
        elif request.failure != "net::ERR_ABORTED":
            self.seen.append(f"request failed: {request.url}: {request.failure}")

    def _is_own(self, url: str) -> bool:
        socket = self.origin.replace("http", "ws", 1)
        return url.startswith((f"{self.origin}/", f"{socket}/", f"blob:{self.origin}/", "data:", "about:"))
