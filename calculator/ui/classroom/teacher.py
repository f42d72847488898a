"""The secret of a room: in this session, in the tab, and in the teacher's own link.

The secret is never in the address bar, which a projector shows to everybody. The teacher's link has it behind
``#``: a browser sends that part to no server, so it is in no log and in no ``Referer``. The browser takes
it off the address at once and keeps it in the tab, which gives it back to a page that is loaded again.
"""

import streamlit as st

from calculator.settings import Settings
from calculator.settings.link import page_link
from calculator.ui.browser.kept_in_tab import VERSION
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback

SECRETS, NONE = "class.secrets", ""
"""The session key of the secrets by code, and the value for a room of another teacher."""

MAX_SECRET_CHARS = 100

_JS = """
export default function ({ data, setTriggerValue }) {
  // Reading or writing may be refused, where the storage is blocked.
  const recall = () => { try { return sessionStorage.getItem(data.name); } catch { return null; } };
  const save = () => { try { sessionStorage.setItem(data.name, data.secret); } catch {} };
  const linked = decodeURIComponent(location.hash.slice(1));
  if (linked) history.replaceState(history.state, "", location.pathname + location.search);
  if (data.secret) save();
  if (linked || !data.known) setTriggerValue("found", { secret: linked || recall() || "" });
}
"""

# Streamlit requires that a component is registered once, when its module is loaded.
_secret = st.components.v2.component("class_secret", js=_JS)


def remember(code: str, secret: str) -> None:
    """Keep the secret of a room in this session."""
    secrets = st.session_state.setdefault(SECRETS, {})
    st.session_state[SECRETS] = secrets | {code: secret}


def secret_of(code: str) -> str | None:
    """Return the secret of a room, "" if the browser has none, ``None`` until the browser has answered."""
    secret: str | None = st.session_state.get(SECRETS, {}).get(code)
    return secret


def keep_in_browser(code: str) -> None:
    """Have the tab keep the secret of a room, or give it back to this session."""

    def found() -> None:
        match st.session_state["class.secret"].found:
            case {"secret": str(secret)} if len(secret) <= MAX_SECRET_CHARS:
                remember(code, secret)

    known = secret_of(code)
    data = {
        "name": f"{VERSION}.class.{code}",
        "secret": known or "",
        "known": known is not None,
        "visit": state.visit(),
    }
    _secret(key="class.secret", data=data, on_found_change=callback(found))


def teacher_link(base: str, code: str, secret: str) -> str:
    """Return the link by which a teacher opens the room on another device.

    >>> teacher_link("https://example.org/class", "ACDEFG", "s3cret")
    'https://example.org/class?room=ACDEFG#s3cret'
    """
    return f"{page_link(base, Settings(room=code))}#{secret}"
