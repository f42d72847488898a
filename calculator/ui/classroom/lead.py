"""An open room on the wall: the code, one question at a time, and what its answers say."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from calculator.charts.descriptions import tensor_finding
from calculator.charts.votes import VoteBar, votes_figure, votes_finding
from calculator.charts.weight_grid import tensor_figure
from calculator.classroom.location import open_store
from calculator.classroom.questions import ClassQuestion, PlanError, questions
from calculator.classroom.results import Advice, Bar, Votes, advice, bars, share_right
from calculator.classroom.room import Action, Phase, Room, RoomError, allowed
from calculator.classroom.store import Store, StoreError
from calculator.core.formatting import format_count, plural, unbroken
from calculator.geometry.weight_grid import tensor_view
from calculator.settings.fields import Value
from calculator.settings import FIELDS, Settings
from calculator.ui.classroom import results, teacher
from calculator.ui.components import script_addresses
from calculator.ui.components.chart import chart
from calculator.ui.components.copy_button import copy_button
from calculator.ui.components.keyboard import keys, keys_switch, shortcut
from calculator.ui.components.markdown import escape_markdown
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import palette, width
from calculator.ui.shell.share import ONLY_HERE, base_address, only_here, qr_svg

POLL_SECONDS = 1.5
"""How often the wall looks for new answers."""

PROBLEM, LEAVE, RESULTS, ENDED = "class.problem", "class.leave", "class.results", "class.ended"
"""Session keys: why the last press did nothing, whether another page opens, whether the results are shown, and
whether this session has ended the class."""

FORWARD = (" ", "n", "PageDown")
"""The keys of the usual next step; PageDown is that of a projector's remote control."""

LABELS = {
    Action.OPEN: "Open the voting",
    Action.CLOSE: "Close the voting",
    Action.REVEAL: "Reveal the answers",
    Action.VOTE_AGAIN: "Vote again",
    Action.NEXT: "Next question",
}

WALL = """
html { font-size: clamp(16px, 1.25vw, 28px) !important; }
[data-testid="stMainBlockContainer"] { padding-top: .1rem; }
.st-key-class-wall h2 { font-size: 1.6rem; line-height: 1.25; padding: .2rem 0; }
.st-key-class-wall p { font-size: 1.15rem; line-height: 1.35; }
.st-key-class-wall :is(pre, pre *, code) { font-size: 1.05rem; }
.st-key-class-wall :is(button p, label p) { font-size: 1rem; }
.st-key-class-code p { font: 700 clamp(3.5rem, 9.5vw, 13rem)/1.1 "Source Code Pro", monospace; letter-spacing: .06em; }
.st-key-class-count p { font-size: 1.6rem; }
.st-key-class-count strong { font-size: 2.6rem; font-variant-numeric: tabular-nums; }
"""


def room(code: str) -> None:
    """Draw the room with this code; only its part in the fragment looks for what is new."""
    st.html(f"<style>{WALL}</style>")
    teacher.keep_in_browser(code)
    with st.container(key="class.wall"):
        st.fragment(_wall, run_every=POLL_SECONDS)(code)


def _wall(code: str) -> None:
    """Draw the room as it is now."""
    if st.session_state.pop(LEAVE, False):
        st.rerun()
    try:
        store = open_store()
        present = store.room(code)
        if present is None:
            _gone(code)
        elif not _leads(store, code):
            _led_elsewhere(code)
        else:
            _question(store, present, questions(present.plan)[present.question])
    except (StoreError, PlanError) as error:
        st.error(escape_markdown(str(error)))
    if problem := st.session_state.pop(PROBLEM, ""):
        st.warning(escape_markdown(problem))
    # A run of the fragment alone has no other end: the mark of a callback would stay.
    state.write_link()


def _leads(store: Store, code: str) -> bool:
    secret = teacher.secret_of(code)
    return bool(secret) and store.is_teacher(code, secret or "")


def _gone(code: str) -> None:
    """Draw that the room does not exist any more, and the way to another one."""
    ended = f"The class {code} has ended, and everything of it has been deleted."
    st.markdown(
        f"## {ended}" if st.session_state.get(ENDED) == code else f"## There is no class {code}",
        anchors=False,
    )
    if st.session_state.get(ENDED) != code:
        st.markdown(
            "It has ended, or the link has a wrong code. Everything of a class is deleted at its end."
        )
    st.button("Start another class", key="class.another", on_click=callback(_leave_room), type="primary")


def _leave_room() -> None:
    state.change(room="")
    st.session_state[LEAVE] = True


def _led_elsewhere(code: str) -> None:
    """Draw the way into the room for a visitor who does not lead it."""
    if teacher.secret_of(code) is None:
        st.caption("Looking for the key of this class in your browser …")
        return
    st.markdown(f"## Class {code} is led from another window", anchors=False)
    st.markdown(
        f"To answer, open {escape_markdown(_phone_address(code))}. To lead the class, open the teacher's own link, "
        "which the button “Copy my link” gives."
    )


def _phone_address(code: str) -> str:
    """Return the address that a phone opens, with the scheme; "" where nothing serves phones."""
    path = script_addresses.address(script_addresses.PHONES)
    parts = urlsplit(base_address(st.context.url))
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/{code}" if code else path, "", ""))


# One question


def _question(store: Store, present: Room, asked: ClassQuestion) -> None:
    """Draw the question of the room, what can be done with it, and the keys."""
    if st.session_state.get(RESULTS) == present.code and present.phase is Phase.REVEALED:
        _results(store, present)
    elif present.phase is Phase.WAITING:
        _lobby(store, present)
    elif present.phase is Phase.REVEALED:
        _revealed(store, present, asked)
    else:
        _voting(store, present, asked)


def _lobby(store: Store, present: Room) -> None:
    """Draw the code in huge letters, its QR code, and how many have joined."""
    address = _phone_address(present.code)
    words, code = st.columns([7, 5], gap="large")
    with words:
        st.markdown(f"## Join at {escape_markdown(_typed(_phone_address('')))} with the code", anchors=False)
        with st.container(key="class.code"):
            st.markdown(present.code)
        with st.container(key="class.count"):
            st.markdown(f"**{format_count(store.joined(present.code))}** joined")
        _buttons(present, {Action.OPEN: "primary"})
        if only_here(address):
            st.info(ONLY_HERE)
        _own_link(present.code)
    with code, st.container(key="qr"):
        st.image(qr_svg(address), width="stretch", alt=f"QR code of {address}")
    _keys(present, {key: partial(_act, present, Action.OPEN) for key in FORWARD}, f"Class {present.code}")


def _typed(address: str) -> str:
    """Return an address as people type it.

    >>> _typed("https://example.org/j")
    'example.org/j'
    """
    return address.partition("://")[2]


def _own_link(code: str) -> None:
    """Draw the button that copies the teacher's link, which is never shown."""
    link = teacher.teacher_link(base_address(st.context.url), code, teacher.secret_of(code) or "")
    copy_button(link, key="class.link", label="Copy my link")
    st.caption("Your own link leads this class from any device. Keep it for yourself: it is not shown here.")


def _top(store: Store, present: Room) -> None:
    """Draw the way into the room for those who come late."""
    address = escape_markdown(_typed(_phone_address("")))
    second = " · second vote" if present.round > 1 else ""
    number = f"Question {present.question + 1} of {present.question_count}{second}"
    st.markdown(f"**{number}** :gray[· {address} ·] **{present.code}**")


def _words(asked: ClassQuestion) -> None:
    st.markdown(f"## {escape_markdown(unbroken(asked.text))}", anchors=False)
    if asked.listing:
        st.code(asked.listing, language=None, wrap_lines=True)


def _voting(store: Store, present: Room, asked: ClassQuestion) -> None:
    """Draw a question that is open, or closed and not yet revealed: how many answers, and never which."""
    _top(store, present)
    layer = asked.asked.layer if asked.figure else None
    words, figure = st.columns([6, 5], gap="large") if layer else (st.container(), None)
    received, joined = store.received(present.code), store.joined(present.code)
    with words:
        _words(asked)
        with st.container(key="class.count"):
            of = "" if present.phase is Phase.OPEN else " The voting is closed."
            st.markdown(f"**{format_count(received)}** of {format_count(joined)} answered.{of}")
        action = allowed(present)[0]
        _buttons(present, {action: "primary"})
    if layer and figure:
        with figure:
            view = tensor_view(layer, max_rows=7, max_columns=8)
            chart(
                tensor_figure(view, palette()),
                key="class.weights",
                alt=tensor_finding(view),
                presenting=_wide(),
            )
    said = (
        "Voting is open."
        if present.phase is Phase.OPEN
        else f"Voting is closed. {plural(received, 'answer')}."
    )
    _keys(present, {key: partial(_act, present, action) for key in FORWARD}, said)


def _wide() -> bool:
    return width() != "narrow"


ADVICE = {
    Advice.EXPLAIN: "Explain it again: the lesson has the step.",
    Advice.DISCUSS: "Discuss it with your neighbours, then vote again.",
    Advice.NEXT: "Go on to the next question.",
}


def _revealed(store: Store, present: Room, asked: ClassQuestion) -> None:
    """Draw what the class answered, by mistake, and what to do next."""
    _top(store, present)
    rounds = _rounds(store, present)
    found = bars(asked, *rounds)
    share, total = share_right(asked, rounds[-1]), sum(rounds[-1].values())
    right = rounds[-1].get(asked.answer, 0)
    words, answers = st.columns([5, 8], gap="medium")
    last = present.question + 1 == present.question_count
    counsel = advice(share, present.round)
    with words:
        _words(asked)
        result = format_count(asked.answer)
        solution = result if asked.formula == result else f"{asked.formula} = {result}"
        st.markdown(f"Answer: **{escape_markdown(solution)}**")
        with st.container(key="class.count"):
            percent = f" ({share * 100:.0f} %)".replace("%", "\\%") if share is not None else ""
            st.markdown(
                f"**{format_count(right)}** of {format_count(total)} right{percent}"
                if total
                else "Nobody answered."
            )
        st.markdown(
            f"**{'The last question is done.' if last and counsel is Advice.NEXT else ADVICE[counsel]}**"
        )
    explain = partial(_explain, asked, found)
    forward: Callable[[], None] = (
        partial(_act, present, Action.NEXT) if not last else partial(_show_results, present)
    )
    does: dict[str, Callable[[], None]] = {"e": explain, "r": partial(_show_results, present)}
    if Action.VOTE_AGAIN in allowed(present):
        does["a"] = partial(_act, present, Action.VOTE_AGAIN)
        if counsel is Advice.DISCUSS:
            forward = does["a"]
    with words:
        _next_steps(present, counsel, explain, last=last)
    with answers:
        rows = [VoteBar(bar.name, bar.numbers, bar.votes, bar.kind == "right") for bar in found]
        chart(
            votes_figure(rows, palette(), across=_wide()),
            key="class.votes",
            alt=votes_finding(rows),
            image_format=state.current().image_format,
            presenting=_wide(),
        )
    _keys(present, does | dict.fromkeys(FORWARD, forward), f"{right} of {total} right. {ADVICE[counsel]}")


def _rounds(store: Store, present: Room) -> tuple[Votes, ...]:
    return tuple(
        store.votes(present.code, present.question, number) for number in range(1, present.round + 1)
    )


def _next_steps(present: Room, counsel: Advice, explain: Callable[[], None], *, last: bool) -> None:
    """Draw the buttons after a reveal; the advised step stands out."""
    with st.container(horizontal=True, gap="small"):
        if Action.VOTE_AGAIN in allowed(present):
            _button(
                LABELS[Action.VOTE_AGAIN], "class.again", partial(_act, present, Action.VOTE_AGAIN), "A",
                primary=counsel is Advice.DISCUSS,
            )  # fmt: skip
        _button("Explain again", "class.explain", explain, "E", primary=counsel is Advice.EXPLAIN)
        if not last:
            _button(
                LABELS[Action.NEXT], "class.next", partial(_act, present, Action.NEXT), "N",
                primary=counsel is Advice.NEXT,
            )  # fmt: skip
        _button(
            "Results",
            "class.results",
            partial(_show_results, present),
            "R",
            primary=last and counsel is Advice.NEXT,
        )


def _button(label: str, key: str, does: Callable[[], None], letter: str, *, primary: bool) -> None:
    st.button(
        label, key=key, on_click=callback(does), shortcut=shortcut(letter),
        type="primary" if primary else "secondary",
    )  # fmt: skip


def _buttons(present: Room, actions: dict[Action, str]) -> None:
    for action in actions:
        _button(LABELS[action], "class.step", partial(_act, present, action), "N", primary=True)


def _keys(present: Room, does: dict[str, Callable[[], None]], said: str) -> None:
    """Draw the keys of this moment; ``said`` is read aloud when it changes."""
    keys(does, said=said)


# What the presses do


def _act(present: Room, action: Action) -> None:
    """Have the room do something, as the teacher saw it; say why where it does not."""
    try:
        open_store().act(present.code, teacher.secret_of(present.code) or "", action, present.version)
    except (RoomError, StoreError) as error:
        st.session_state[PROBLEM] = str(error)


def _explain(asked: ClassQuestion, found: tuple[Bar, ...]) -> None:
    """Open the step of the lesson about the most frequent mistake, with the layer of the question."""
    wrong = next((bar for bar in found if bar.keys), None)
    layer: dict[str, Value] = {
        field.name: getattr(asked.settings, field.name) for field in FIELDS if field.scope == "layer"
    }
    step = asked.step_for(wrong.keys if wrong else ())
    state.change(**layer, learn_view="lesson", step=step, presenting=True)
    state.open_page("pages/learn.py")
    st.session_state[LEAVE] = True


def _show_results(present: Room) -> None:
    st.session_state[RESULTS] = present.code


def _results(store: Store, present: Room) -> None:
    """Draw the results of all questions so far, and the end of the class."""

    def back() -> None:
        st.session_state[RESULTS] = ""

    results.results(store, present)
    with st.container(horizontal=True, gap="small"):
        _button("Back to the question", "class.back", back, "B", primary=False)
    _keys(present, {"b": back}, "Results")
    end(present)


def end(present: Room) -> None:
    """Draw the end of the class, which takes two presses."""
    box = st.popover("End the class", key="class.end", icon=":material/delete:", on_change=callback())
    if box.open:
        with box:
            st.markdown("Everything of this class is deleted at once. Download the results before.")
            st.button(
                "Delete everything",
                key="class.delete",
                type="primary",
                on_click=callback(_end),
                args=(present,),
            )


def _end(present: Room) -> None:
    _act(present, Action.END)
    if not st.session_state.get(PROBLEM):
        st.session_state[ENDED] = present.code
