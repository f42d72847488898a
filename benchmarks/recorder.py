"""What runs inside the browser: a recorder of one key press and of what it changed on the screen.

A change of the document is noted by a MutationObserver; it is on the screen once the next frame is
painted. From a key press until the page is at rest, every animation frame posts itself a message with the
changes noted so far: it is delivered after the style, layout and paint of that very frame, so its arrival
is when they went to the compositor. Two nested animation frames would say so up to a frame late. A change
made by an animation frame or by layout itself counts with the frame after, on every page alike.
"""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from tests.browser.page import WATCH

RECORDER = """
(() => {
  const seen = window.__seen = {asked: 0, pressed: 0, answer: null, charts: null, text: "", last: 0};
  seen.messages = seen.bytes = 0;
  seen.redrawn = new Set();
  const due = {answer: false, charts: false};
  const text = seen.read = () => document.querySelector(".st-key-answer")?.textContent ?? "";
  let before = "", looping = false, painting = 0;
  seen.pending = () => looping || painting > 0;

  const paint = new MessageChannel();
  paint.port1.onmessage = ({data}) => {
    const now = performance.now();
    painting -= 1;
    if (data.press !== seen.pressed) { return; }
    if (data.answer) { seen.answer ??= now; }
    if (data.charts) { seen.charts = now; }
  };
  const awake = () => __watch.asked === seen.asked || __watch.busy || performance.now() - seen.last < 80;
  const frame = () => {
    painting += 1;
    paint.port2.postMessage({...due, press: seen.pressed});
    due.answer = due.charts = false;
    looping = awake();
    if (looping) { requestAnimationFrame(frame); }
  };
  const loop = () => { if (!looping) { looping = true; requestAnimationFrame(frame); } };

  addEventListener("keydown", () => {
    const now = performance.now();
    before = text();
    Object.assign(seen, {asked: __watch.asked, pressed: now, last: now, answer: null, charts: null});
    Object.assign(seen, {messages: 0, bytes: 0, text: before});
    seen.redrawn.clear();
    due.answer = due.charts = false;
    loop();
  }, true);

  const CHART = ".stPlotlyChart";
  const charts = ({target, addedNodes}) => {
    const element = target.nodeType === 1 ? target : target.parentElement;
    if (!element?.isConnected) { return []; }  // A chart that was taken off the page is emptied later.
    const around = element.closest(CHART);
    if (around) { return [around]; }
    return [...addedNodes].flatMap(node => node.nodeType !== 1 ? []
      : node.matches(CHART) ? [node] : [...node.querySelectorAll(CHART)]);
  };
  new MutationObserver(changes => {
    seen.last = performance.now();
    for (const chart of new Set(changes.flatMap(charts))) { seen.redrawn.add(chart); due.charts = true; }
    if (seen.text === before && text() !== before) { seen.text = text(); due.answer = true; }
    loop();
  }).observe(document, {subtree: true, childList: true, attributes: true, characterData: true});

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

# At rest: the run has finished, and nothing in the document has changed for a while. A timer looks, not every
# frame: looking must not be what is measured.
RESULT = """
() => new Promise((resolve, reject) => {
  const seen = window.__seen, since = performance.now();
  const look = () => {
    const now = performance.now();
    if (now - since > 20000) { reject(new Error("The page did not come to rest.")); return; }
    const resting = __watch.asked > seen.asked && !__watch.busy && !seen.pending()
      && now - seen.last > 200;
    if (!resting) { setTimeout(look, 25); return; }
    const shown = [...document.querySelectorAll(".stPlotlyChart")].filter(chart => chart.checkVisibility());
    resolve({
      answer: seen.answer && seen.answer - seen.pressed,
      charts: seen.charts && seen.charts - seen.pressed,
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
    """What one key press did; times in milliseconds since the key went down."""

    answer: float
    charts: float
    messages: int
    bytes: int


def press(page: Page, key: str) -> Press:
    """Press a key on what has the focus, and return what it did once the page is at rest.

    On a page without an answer of its own the chart is the answer.
    """
    page.keyboard.press(key)
    seen: dict[str, Any] = page.evaluate(RESULT)
    if seen["charts"] is None or seen["stale"] or not seen["final"]:
        raise RuntimeError(f"The page at rest does not show what was measured: {seen}")
    answer = seen["charts"] if seen["answer"] is None else seen["answer"]
    return Press(answer, seen["charts"], seen["messages"], seen["bytes"])
