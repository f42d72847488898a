"""What our components leave running when they move to another place, or when newer data come at once.

Streamlit calls a component again for new data. What a call returned is called once its place is gone from the
page; of a call that was over after newer data came, it is called at once, and the newer call goes on. A new
place is drawn before the old one is gone.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from calculator.palette import LIGHT
from calculator.settings import Settings
from calculator.ui.browser import large_file, text_limit
from calculator.ui.charts import drawn_chart, stamp_player
from tests.browser.test_drawing import DRAWING
from tests.helpers.calculator_charts import drawn_split
from tests.pages.conftest import PICTURE, Visit

# A component, drawn where its HTML was put. What a call returns is kept by the name of the call.
BEGIN = """async ([script, html]) => {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: component } = await import(address), leave = {};
  window.place = () => {
    const made = document.createElement("div");
    made.innerHTML = html;
    document.body.append(made);
    return made;
  };
  window.draw = (call, parentElement, data) => {
    leave[call] = component({ parentElement, data, setTriggerValue: () => {} });
  };
  window.leave = call => leave[call]();
  window.seen = (part, ...places) =>
    places.map(one => one.querySelector(`[role=status]:not([hidden]) ${part}`)?.textContent ?? "");
  // What is found in a place of another width: while the second of two calls draws there, and after its end.
  window.resized = async (here, data, { begun, before, found }) => {
    const told = [], observed = async width => {
      before?.();
      here.style.width = `${width}px`;
      await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      told.push(found());
    };
    window.draw("first", here, data);
    begun?.();
    window.draw("newer", here, data);
    window.leave("first");
    await observed(500);
    here.remove();
    window.leave("newer");
    await observed(400);
    return told;
  };
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Return an empty page."""
    page = browser.new_page(viewport={"width": 800, "height": 600})
    yield page
    page.close()


# Each act is answered with what it is refused by: the place whose sentence is seen, and the sentence's limit.
TEXT_LIMIT = """() => {
  const old = place(), here = place(), told = [];
  const box = Object.assign(document.createElement("textarea"), { value: "kept" });
  document.body.append(box);
  box.parentNode.classList.add("ours");
  const write = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;
  const typed = data => {
    const event = new InputEvent("beforeinput", { data, bubbles: true, cancelable: true });
    box.setSelectionRange(box.value.length, box.value.length);
    box.dispatchEvent(event);
    const limits = seen("p", old, here).map(words => words.replace(/.*at most (\\d+).*/, "$1"));
    told.push([event.defaultPrevented, ...limits]);
  };
  const draw = (call, place, maximum) => window.draw(call, place, { box: "ours", command: "tconv", maximum });
  draw("old", old, 5);
  typed("");
  draw("here", here, 6);
  leave("old");
  old.remove();
  typed("123");
  draw("newer", here, 7);
  leave("here");
  typed("1234");
  write.call(box, "set by an extension");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  here.remove();
  leave("newer");
  typed("123456");
  return [told, box.value];
}"""


def test_the_newest_call_limits_the_text(page: Page) -> None:
    page.evaluate(BEGIN, [text_limit._JS, large_file.COMMAND_HTML])
    told, text = page.evaluate(TEXT_LIMIT)
    assert told == [[False, "", ""], [True, "", "6"], [True, "", "7"], [False, "", "7"]]
    assert text == "kept"


LARGE_FILE = """() => {
  const old = place(), here = place(), told = [];
  document.body.classList.add("ours");
  const drop = size => {
    const event = new Event("drop", { bubbles: true });
    event.dataTransfer = { files: [{ name: "model.pt", size }] };
    document.body.dispatchEvent(event);
    told.push(seen("code", old, here));
  };
  const draw = (call, place, command) => window.draw(call, place, { uploader: "ours", command, maximum: 9 });
  draw("old", old, "old");
  draw("here", here, "here");
  leave("old");
  old.remove();
  drop(10);
  draw("newer", here, "newer");
  leave("here");
  drop(9);
  drop(10);
  here.remove();
  leave("newer");
  drop(9);
  return told;
}"""


def test_the_newest_call_looks_for_large_files(page: Page) -> None:
    page.evaluate(BEGIN, [large_file._JS, large_file.COMMAND_HTML])
    here, newer = ["", "here 'model.pt'"], ["", "newer 'model.pt'"]
    assert page.evaluate(LARGE_FILE) == [here, ["", ""], newer, newer]


# The width of the drawing follows its place, and a press elsewhere takes the pinned tip away.
CHART = """async data => {
  const here = place();
  const found = () => {
    const { chart } = here.querySelector(".drawing");
    chart.pin(chart.stops().stops[0]);
    document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true, composed: true }));
    return [here.querySelector("svg").clientWidth, chart.pinned];
  };
  return resized(here, { json: JSON.stringify(data) }, { found });
}"""


def test_the_newest_call_keeps_the_chart(page: Page) -> None:
    data = {"alt": "told", "picture": "svg", "name": "drawn", "clickable": False, "script": ""}
    figure = json.loads(json.dumps(drawn_split(Settings().counted_layer(), LIGHT).to_dict()))
    page.evaluate(BEGIN, [drawn_chart.SCRIPT, DRAWING])
    assert page.evaluate(CHART, data | {"figure": figure}) == [[500, None], [0, 0]]


# The script that the server serves stands in here for one that writes down which calls draw and end.
FETCHED = """async () => {
  window.told = [];
  const script = `export default ({ data }) => {
    window.told.push("draws " + data.call);
    return () => window.told.push("ends " + data.call);
  }`;
  const own = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const draw = (call, place) => window.draw(call, place, { call, own, height: 100 });
  const here = place(), gone = place();
  draw("first", here);
  draw("second", here);
  leave("first");
  draw("gone", gone);
  draw("gone too", gone);
  gone.remove();
  leave("gone too");
  await import(own);
  await new Promise(requestAnimationFrame);
  draw("third", here);
  here.remove();
  leave("third");
  await new Promise(requestAnimationFrame);
  return window.told;
}"""


def test_a_chart_whose_script_comes_late_is_drawn_by_the_newest_call_and_ended(page: Page) -> None:
    page.evaluate(BEGIN, [drawn_chart.FETCHED, DRAWING])
    assert page.evaluate(FETCHED) == ["draws second", "ends second"]


# The animation and the size of the letters: each step of the clock is one of the animation.
STAMP = """async data => {
  let due = null, fitted = 0;
  window.setTimeout = beat => { due = beat; };
  window.clearTimeout = () => { due = null; };
  const here = place(), root = here.querySelector(".stamp");
  const begun = () => here.querySelector(".play").click();
  const before = () => {
    fitted = 0;
    root.fit = () => { fitted += 1; };
  };
  const found = () => {
    due?.();
    return [root.dataset.step, fitted];
  };
  return resized(here, { json: JSON.stringify(data) }, { begun, before, found });
}"""


def test_the_newest_call_plays_the_stamp(page: Page) -> None:
    script = Path(stamp_player.__file__)
    html = script.with_suffix(".html").read_text(encoding="utf-8")
    page.evaluate(BEGIN, [script.with_suffix(".js").read_text(encoding="utf-8"), html])
    data = Visit({"present": "1"}, page=PICTURE, width="wide").given["stamp"]
    assert data["least"]
    assert page.evaluate(STAMP, data) == [["1", 1], ["1", 0]]
