"""A record that the browser keeps in its tab and gives back to a new session.

A session ends when the server is restarted or the page is loaded again, and its server keeps nothing. The
record is in the tab's ``sessionStorage``: closing the tab removes it, so the next person at a shared computer
does not find it. It also survives a restart in the memory of the open page, where storage is blocked.

The browser reports a record of another session once, and nothing else. What it reports is untrusted.
"""

from collections.abc import Callable, Sequence

import streamlit as st

from calculator.ui.session import state
from calculator.ui.session.callbacks import callback

VERSION = "transposed-convolutions.1"
"""The beginning of every name in the browser's storage; another form of the records needs another version."""

_JS = """
const write = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set;

export default function ({ data, setTriggerValue }) {
  const app = document.querySelector(".stApp");
  const kept = app.ourRecords ??= {};
  const { name } = data;
  const find = () => document.querySelector(`.${data.box} textarea`);
  // Reading or writing may be refused: the storage is blocked, or full.
  const recall = () => {
    try { return kept[name] ?? JSON.parse(sessionStorage.getItem(name)); } catch { return null; }
  };
  const save = () => {
    const { text, ...rest } = kept[name];
    const tries = [() => sessionStorage.setItem(name, JSON.stringify(kept[name])),
      () => sessionStorage.setItem(name, JSON.stringify(rest)), () => sessionStorage.removeItem(name)];
    tries.some(one => { try { one(); return true; } catch { return false; } });
  };
  const keep = () => {
    const { visit, beside, value } = data;
    const record = { visit, beside, value, text: (data.box && find()?.value) || "" };
    if (JSON.stringify(record) === JSON.stringify(kept[name])) return;
    kept[name] = record;
    save();
  };
  const begin = () => {
    const found = recall();
    if (found && found.visit !== data.visit && !data.returned && found.beside === data.beside) {
      const box = data.box && find();
      const gone = found.text && box && box.value !== found.text;
      if (gone) {
        write.call(box, found.text);
        box.dispatchEvent(new Event("input", { bubbles: true }));
      }
      if (found.value?.length || gone || (found.text && !data.prefilled)) {
        // The record is not changed until the next data confirm that the server has it.
        kept[name] = found;
        setTriggerValue("returned", { value: found.value, text: Boolean(found.text) });
        return;
      }
    }
    keep();
  };
  // The text is noted with each change, because a new session may draw a new box in place of this one.
  const isBox = event => data.box && event.target === find();
  const changed = event => { if (isBox(event) && kept[name]) kept[name].text = event.target.value; };
  const left = event => { if (isBox(event) && kept[name]) save(); };
  const hidden = () => { if (kept[name]) save(); };
  document.addEventListener("input", changed);
  document.addEventListener("focusout", left);
  window.addEventListener("pagehide", hidden);
  // The box may be drawn later than this component.
  const drawn = new MutationObserver(() => { if (find()) { drawn.disconnect(); begin(); } });
  if (!data.box || find()) begin(); else drawn.observe(app, { childList: true, subtree: true });
  // Streamlit calls this again with new data. It calls the returned function only when the page is left.
  const stop = () => {
    document.removeEventListener("input", changed);
    document.removeEventListener("focusout", left);
    window.removeEventListener("pagehide", hidden);
    drawn.disconnect();
  };
  app.ourStops ??= {};
  app.ourStops[name]?.();
  return app.ourStops[name] = stop;
}
"""

# Streamlit requires that a component is registered once, when its module is loaded.
_kept = st.components.v2.component("kept_in_tab", js=_JS)


def keep_in_tab(
    value: Sequence[object],
    *,
    key: str,
    on_return: Callable[[Sequence[object], bool], None],
    beside: str = "",
    box: str = "",
    prefilled: bool = False,
) -> None:
    """Have the browser keep ``value``, which must be JSON, and the text of the text area ``box``.

    In a new session whose ``beside`` is the same, the text is put into the box again, and ``on_return`` is
    called with the value and whether there was a text. It is not called without either. A text that equals
    the initial text of a ``prefilled`` box is nothing to report.
    """

    def returned() -> None:
        st.session_state[f"{key}.returned"] = True
        match st.session_state[key].returned:
            case {"value": list(found), "text": bool(text)}:
                on_return(found, text)

    data = {
        "name": f"{VERSION}.{key}",
        "visit": state.visit(),
        "returned": st.session_state.get(f"{key}.returned", False),
        "value": value,
        "beside": beside,
        "prefilled": prefilled,
        "box": f"st-key-{box.replace('.', '-')}" if box else "",
    }
    _kept(key=key, data=data, on_returned_change=callback(returned))
