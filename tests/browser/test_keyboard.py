"""The keys of a page when what draws them moves to another place of the page."""

from collections.abc import Callable

from playwright.sync_api import Page

from calculator.ui.browser import keyboard

# Streamlit draws the component in its new place first, and takes the old place away once the run has ended.
_TWO_PLACES = """async script => {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const { default: draw } = await import(address);
  const seen = [];
  const place = () => {
    const parentElement = document.createElement("div");
    parentElement.innerHTML = "<span role=status></span>";
    return parentElement;
  };
  const drawn = parentElement => {
    const data = { keys: ["n"], visit: "one", processed: 0, leave: false, said: "" };
    return draw({ data, parentElement, setStateValue: (name, report) => seen.push(report.keys.join("")) });
  };
  const press = () => document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "n", bubbles: true }));
  const leaveOld = drawn(place()), here = place(), leaveNew = drawn(here);
  press();
  leaveOld();
  press();
  const leaveNewer = drawn(here);  // Newer data came before the first call was over.
  leaveNew();
  press();
  leaveNewer();
  press();
  return seen;
}"""


def test_the_old_place_takes_no_keys_from_the_new_one(open_page: Callable[..., Page]) -> None:
    page = open_page("/")
    assert page.evaluate(_TWO_PLACES, keyboard._JS) == ["n", "nn", "nnn"]
