"""The script inside the browser that records a key press and the changes on the screen after it.

A MutationObserver notes each change of the document. The change is on the screen after the next frame is
painted. From a key press until the page is at rest, every animation frame posts a message to itself with the
changes so far. The browser delivers the message after style, layout and paint of the same frame, when the
changes have gone to the compositor. Two nested animation frames would measure up to a frame more. A change
that an animation frame or the layout makes counts with the following frame, on every page alike.
"""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.browser.page import WATCH

RECORDER = """
(() => {
  const seen = window.__seen = {asked: 0, pressed: 0, answer: null, drawn: null, text: "", last: 0};
  seen.messages = seen.bytes = 0;
  seen.redrawn = new Set();
  const due = {answer: false, drawn: false};
  const text = seen.read = () => document.querySelector(".st-key-answer")?.textContent ?? "";
  let before = "", looping = false, painting = 0;
  seen.pending = () => looping || painting > 0;

  const paint = new MessageChannel();
  paint.port1.onmessage = ({data}) => {
    const now = performance.now();
    painting -= 1;
    if (data.press !== seen.pressed) { return; }
    if (data.answer) { seen.answer ??= now; }
    if (data.drawn) { seen.drawn = now; }
  };
  const awake = () => __watch.asked === seen.asked || __watch.busy || performance.now() - seen.last < 80;
  const frame = () => {
    painting += 1;
    paint.port2.postMessage({...due, press: seen.pressed});
    due.answer = due.drawn = false;
    looping = awake();
    if (looping) { requestAnimationFrame(frame); }
  };
  const loop = () => { if (!looping) { looping = true; requestAnimationFrame(frame); } };

  addEventListener("keydown", () => {
    const now = performance.now();
    before = text();
    Object.assign(seen, {asked: __watch.asked, pressed: now, last: now, answer: null, drawn: null});
    Object.assign(seen, {messages: 0, bytes: 0, text: before});
    seen.redrawn.clear();
    due.answer = due.drawn = false;
    loop();
  }, true);

  const CHART = ".stPlotlyChart, .drawing", VIEW = "[data-testid=stMain]";
  const charts = ({element, addedNodes}) => {
    const around = element.closest(CHART);
    if (around) { return [around]; }
    return [...addedNodes].flatMap(node => node.nodeType !== 1 ? []
      : node.matches(CHART) ? [node] : [...node.querySelectorAll(CHART)]);
  };
  // Changes on the page and in its components, without the marks of elements that a run has not reached.
  const draws = ({type, attributeName, element}) => {
    const host = element.getRootNode().host;
    const marks = type === "attributes" && ["class", "data-stale"].includes(attributeName);
    return (host ?? element).closest(VIEW) && (host || !marks);
  };
  const changes = new MutationObserver(all => {
    seen.last = performance.now();
    for (const {type, attributeName, addedNodes, target} of all) {
      const element = target.nodeType === 1 ? target : target.parentElement ?? target.host;
      if (!element?.isConnected) { continue; }  // A removed chart is emptied later.
      const change = {type, attributeName, addedNodes, element};
      const redrawn = charts(change);
      for (const chart of redrawn) { seen.redrawn.add(chart); }
      if (redrawn.length || !due.drawn && draws(change)) { due.drawn = true; }
    }
    if (seen.text === before && text() !== before) { seen.text = text(); due.answer = true; }
    loop();
  });
  const observe = root =>
    changes.observe(root, {subtree: true, childList: true, attributes: true, characterData: true});
  observe(document);
  // A MutationObserver of the document does not see inside a component.
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (...args) {
    const root = attach.apply(this, args);
    observe(root);
    return root;
  };

  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener("message", ({data}) => {
        seen.messages += 1;
        seen.bytes += data.byteLength;
      });
    }
  };
})();
"""

# At rest: the run has finished, and the document has not changed for a while. A timer checks this, not every
# frame, so that the check itself costs little.
RESULT = """
() => new Promise((resolve, reject) => {
  const seen = window.__seen, since = performance.now();
  const look = () => {
    const now = performance.now();
    if (now - since > 20000) { reject(new Error("The page did not come to rest.")); return; }
    const resting = __watch.asked > seen.asked && !__watch.busy && !seen.pending()
      && now - seen.last > 200;
    if (!resting) { setTimeout(look, 25); return; }
    const charts = [...document.querySelectorAll(".stPlotlyChart, .drawing")];
    const shown = charts.filter(chart => chart.checkVisibility());
    resolve({
      answer: seen.answer && seen.answer - seen.pressed,
      drawn: seen.drawn && seen.drawn - seen.pressed,
      stale: shown.filter(chart => !seen.redrawn.has(chart)).length,
      final: seen.text === seen.read(),
      messages: seen.messages,
      bytes: seen.bytes,
    });
  };
  look();
})
"""

SCRIPTS = (WATCH, RECORDER)


@dataclass(frozen=True)
class Press:
    """The effects of one key press, with times in milliseconds since the key went down."""

    answer: float
    drawn: float
    messages: int
    bytes: int


def press(page: Page, key: str) -> Press:
    """Press a key on the element with the focus, and return the effects when the page is at rest.

    On a page without an answer the chart is the answer.
    """
    page.keyboard.press(key)
    seen: dict[str, Any] = page.evaluate(RESULT)
    if seen["drawn"] is None or seen["stale"] or not seen["final"]:
        raise RuntimeError(f"The page at rest does not show what was measured: {seen}")
    answer = seen["drawn"] if seen["answer"] is None else seen["answer"]
    return Press(answer, max(answer, seen["drawn"]), seen["messages"], seen["bytes"])
