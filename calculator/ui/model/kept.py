"""Parts of the Model page that only the session holds, and the sentence about them once it has ended.

The text in the box comes back, but is read again only after a press: a text that stopped the server would
stop it again.
"""

import hashlib
from collections.abc import Sequence

import streamlit as st

from calculator.core.formatting import join_words
from calculator.settings import Settings
from calculator.ui.browser.kept_in_tab import keep_in_tab
from calculator.ui.model import chain, difference

ORIGIN, LOST, TEXT = "model.origin", "model.lost", "model.text_kept"
"""Session keys: where the model came from, what was lost, and whether the browser kept the text."""

PARTS = {
    "pasted": "the pasted model",
    "opened": "the model of the opened file",
    "size": "its input size",
    "undo": "the way back from the edited table",
    "first": "the first of two models",
}
"""The parts that are lost when the session ends, by their code in the browser's record."""

AGAIN = "The server was restarted or the page was loaded again"


def remember_origin(data: str | bytes) -> None:
    """Remember that the model that was read from ``data`` was pasted or opened."""
    st.session_state[ORIGIN] = "pasted" if isinstance(data, str) else "opened"
    forget_lost()


def forget_lost() -> None:
    """Forget what was lost, as another model was read or chosen since."""
    for key in (LOST, TEXT):
        st.session_state.pop(key, None)


def _held() -> list[str]:
    """Return the codes of the parts that this session has now."""
    given = chain.GIVEN in st.session_state
    entered = given and st.session_state.get(chain.ENTERED, chain.Entered()) != chain.Entered()
    held = {
        "pasted": given and st.session_state.get(ORIGIN) == "pasted",
        "opened": given and st.session_state.get(ORIGIN) == "opened",
        "size": entered,
        "undo": chain.EDITED in st.session_state,
        "first": difference.FIRST in st.session_state,
    }
    return [code for code in PARTS if held[code]]


def _lost() -> list[str]:
    """Return the codes of the parts that were lost and have not been replaced since."""
    held = _held()
    return [code for code in st.session_state.get(LOST, ()) if code not in held]


def keep(settings: Settings, box: str) -> None:
    """Have the browser keep the text of ``box``, and the codes of the parts that a new session would lack."""
    selection = repr((settings.network, settings.layers))
    held = _held()
    keep_in_tab(
        [code for code in PARTS if code in held or code in _lost()],
        key="model.kept",
        on_return=_returned,
        beside=hashlib.sha256(selection.encode()).hexdigest()[:16],
        box=box,
        prefilled=bool(settings.layers),
    )


def _returned(value: Sequence[object], text: bool) -> None:
    """Take the browser's record of the previous session."""
    st.session_state[LOST] = [code for code in PARTS if code in value]
    st.session_state[TEXT] = text


def lost() -> None:
    """Draw the sentence about the parts that the previous session had and this session lacks."""
    codes, text_kept = _lost(), st.session_state.get(TEXT, False)
    if not codes:
        if text_kept:
            st.info(f"{AGAIN}. Your browser kept the text in the box, which is not read yet.")
        return
    names, verb = join_words([PARTS[code] for code in codes]), "is" if len(codes) == 1 else "are"
    sentences = [f"{AGAIN}, so {names} {verb} no longer there."]
    if "pasted" in codes:
        sentences.append(
            "Your browser kept the text in the box: press **Read it** to read it again."
            if text_kept
            else "Your browser did not keep the text: paste it again."
        )
    if "opened" in codes:
        sentences.append("A browser does not keep a file: open it again.")
    st.warning(" ".join(sentences))
