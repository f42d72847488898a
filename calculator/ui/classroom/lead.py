"""An open class on the teacher's screen: the code, one question at a time, and advice on its answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from calculator.charts.descriptions import tensor_finding
from calculator.charts.votes import VoteBar, votes_figure, votes_finding
from calculator.charts.weight_grid import tensor_figure
from calculator.classroom.database import StoreError
from calculator.classroom.location import open_store, visitors_sentence
from calculator.classroom.questions import ClassQuestion, PlanError, questions
from calculator.classroom.results import Advice, Bar, Kind, advice, bars, share_right
from calculator.classroom.room import Action, Phase, Room, RoomError, allowed
from calculator.classroom.store import Store
from calculator.core.formatting import format_count, plural
from calculator.geometry.weight_grid import tensor_view
from calculator.settings import FIELDS
from calculator.settings.fields import Value
from calculator.ui.browser import script_addresses
from calculator.ui.browser.copy_button import copy_button
from calculator.ui.browser.keyboard import keys, keys_switch, shortcut
from calculator.ui.charts.chart import chart
from calculator.ui.classroom import results, teacher
from calculator.ui.components.markdown import escape_markdown, question_markdown
from calculator.ui.components.presenter_view import LETTERS
from calculator.ui.session import state
from calculator.ui.session.callbacks import callback
from calculator.ui.session.viewport import palette, width
from calculator.ui.shell.share import ONLY_HERE, base_address, only_here, qr_code

POLL_SECONDS = 1.5
"""The time between two looks for new answers."""

PROBLEM, LEAVE, RESULTS, ENDED = "class.problem", "class.leave", "class.shown", "class.ended"
"""Session keys: why the last press did nothing, whether another page opens, the class whose results are
shown, and the class that this session has ended."""

FORWARD = (" ", "PageDown")
"""The keys of the usual move; PageDown is that of a projector's remote control."""

LABELS = {
    Action.OPEN: "Open the voting",
    Action.CLOSE: "Close the voting",
    Action.REVEAL: "Reveal the answers",
    Action.VOTE_AGAIN: "Vote again",
    Action.NEXT: "Next question",
}

STYLE = """
.st-key-class-room h2 { font-size: 1.6rem; line-height: 1.25; padding: .2rem 0; }
.st-key-class-asked h2 { font-size: 2.1rem; }
.st-key-class-room p { font-size: 1.15rem; line-height: 1.35; }
.st-key-class-room :is(pre, pre *, code) { font-size: 1.05rem; }
.st-key-class-room :is(button :not([data-testid="stIconMaterial"]), label p) { font-size: 1rem; }
.st-key-class-room [data-testid^="stBaseButton-primary"] * { color: var(--our-background); opacity: 1; }
.st-key-class-room [data-testid="stCaptionContainer"] p { font-size: 1rem; }
.st-key-class-qr img { width: min(70vh, 34vw) !important; max-width: none !important; aspect-ratio: 1; }
@media (max-width: 760px) { .st-key-class-qr img { width: min(72vh, 80vw) !important; } }
.st-key-class-code p {
  font: 700 clamp(3.5rem, 9.5vw, 13rem)/1.1 "Source Code Pro", monospace; letter-spacing: .06em;
}
.st-key-class-count p { font-size: 1.6rem; }
.st-key-class-count strong { font-size: 2.6rem; font-variant-numeric: tabular-nums; }
"""


def room(code: str) -> None:
    """Draw the room with this code; only its part in the fragment looks for what is new."""
    st.html(f"<style>{LETTERS}{STYLE}</style>")
    teacher.keep_in_browser(code)
    with st.container(key="class.room"):
        st.fragment(_room, run_every=POLL_SECONDS)(code)


def _room(code: str) -> None:
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
            _present(store, present, questions(present.plan)[present.question])
    except (StoreError, PlanError) as error:
        st.error(escape_markdown(visitors_sentence(error)))
    if problem := st.session_state.pop(PROBLEM, ""):
        st.warning(escape_markdown(problem))
    # A run of the fragment alone has no other end: the mark of a callback would stay.
    state.write_link()


def _leads(store: Store, code: str) -> bool:
    secret = teacher.secret_of(code)
    return bool(secret) and store.is_teacher(code, secret or "")


def _gone(code: str) -> None:
    """Draw the sentence that the room no longer exists, and the button that starts another."""
    ended = f"The class {code} has ended, and all its data has been deleted."
    st.markdown(
        f"## {ended}" if st.session_state.get(ENDED) == code else f"## There is no class {code}",
        anchors=False,
    )
    if st.session_state.get(ENDED) != code:
        st.markdown("It has ended, or the link has a wrong code. All data of a class is deleted at its end.")
    st.button("Start another class", key="class.another", on_click=callback(_leave_room), type="primary")


def _leave_room() -> None:
    state.change(room="")
    st.session_state[LEAVE] = True


def _led_elsewhere(code: str) -> None:
    """Draw the address for answers and the way to lead the class, for a visitor who does not lead it."""
    if teacher.secret_of(code) is None:
        st.caption("Looking for the key of this class in your browser …")
        return
    st.markdown(f"## Class {code} is led from another window", anchors=False)
    st.markdown(
        f"To answer, open {escape_markdown(_phone_address(code))}. To lead the class, open the teacher's own "
        "link, which the button “Copy my link” gives."
    )


def _phone_address(code: str) -> str:
    """Return the address that a phone opens, with the scheme; "" where nothing serves phones."""
    path = script_addresses.address(script_addresses.PHONES)
    parts = urlsplit(base_address(st.context.url))
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/{code}" if code else path, "", ""))


# One question


def _present(store: Store, present: Room, asked: ClassQuestion) -> None:
    """Draw what belongs to the phase of the room."""
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
        _moves([_action(present, Action.OPEN)], f"Class {present.code}")
        if only_here(address):
            st.info(ONLY_HERE)
        _own_link(present.code)
        keys_switch("one for each button")
    with code:
        with st.container(key="class.qr"):
            qr_code(address)
        _end_button(present)


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


def _top(present: Room) -> None:
    """Draw the number of the question, and the address and code for those who come late."""
    address = escape_markdown(_typed(_phone_address("")))
    second = " · second vote" if present.round > 1 else ""
    number = f"Question {present.question + 1} of {present.question_count}{second}"
    st.markdown(f"**{number}** :gray[· {address} ·] **{present.code}**")


def _words(asked: ClassQuestion) -> None:
    st.markdown(f"## {question_markdown(asked.text)}", anchors=False)


def _listing(asked: ClassQuestion) -> None:
    if asked.listing:
        st.code(asked.listing, language=None, wrap_lines=True)


def _voting(store: Store, present: Room, asked: ClassQuestion) -> None:
    """Draw a question that is open, or closed and not yet revealed: how many answers, and never which."""
    _top(present)
    layer = asked.asked.layer if asked.figure else None
    words, figure = st.columns([6, 5], gap="large") if layer else (st.container(), None)
    received, joined = store.received(present.code), store.joined(present.code)
    with words:
        with st.container(key="class.asked"):
            _words(asked)
            _listing(asked)
        with st.container(key="class.count"):
            of = "" if present.phase is Phase.OPEN else " The voting is closed."
            st.markdown(f"**{format_count(received)}** of {format_count(joined)} answered.{of}")
        said = (
            "Voting is open."
            if present.phase is Phase.OPEN
            else f"Voting is closed. {plural(received, 'answer')}."
        )
        _moves(_moves_of_vote(present), said)
    if layer and figure:
        with figure:
            view = tensor_view(layer, max_rows=7, max_columns=8)
            chart(
                tensor_figure(view, palette(), presenting=_wide()),
                key="class.weights",
                alt=tensor_finding(view),
                presenting=_wide(),
            )


def _wide() -> bool:
    return width() != "narrow"


ADVICE = {
    Advice.EXPLAIN: "Explain it again: the lesson has the step.",
    Advice.DISCUSS: "Discuss it with your neighbours, then vote again.",
    Advice.NEXT: "Go on to the next question.",
}
LAST = "That was the last question: look at the results."


def _revealed(store: Store, present: Room, asked: ClassQuestion) -> None:
    """Draw what the class answered, by mistake, and what to do next."""
    _top(present)
    rounds = tuple(
        store.votes(present.code, present.question, number) for number in range(1, present.round + 1)
    )
    found = bars(asked, *rounds)
    right, total = rounds[-1].get(asked.answer, 0), sum(rounds[-1].values())
    counsel = advice(share_right(asked, rounds[-1]), present.round)
    words, answers = st.columns([6, 7], gap="medium")
    with words:
        _words(asked)
        st.markdown(f"Answer: **{escape_markdown(asked.solution)}**")
        with st.container(key="class.count"):
            percent = f"{100 * right / max(total, 1):.0f} %"
            share = f"**{format_count(right)}** of {format_count(total)} right ({percent})"
            st.markdown(share if total else "Nobody answered.")
        last = Action.NEXT not in allowed(present) and counsel is Advice.NEXT
        counsel_text = LAST if last else ADVICE[counsel]
        st.markdown(f"**{counsel_text}**")
        said = f"{right} of {total} right. {counsel_text}"
        _moves(_moves_after(present, asked, found, counsel), said)
        _listing(asked)  # A listing is long, and the answers must not be below the edge of the screen.
    with answers:
        rows = [VoteBar(bar.name, bar.numbers, bar.votes, bar.kind is Kind.RIGHT) for bar in found]
        chart(
            votes_figure(rows, palette(), across=_wide()),
            key="class.votes",
            alt=votes_finding(rows),
            image_format=state.current().image_format,
            presenting=_wide(),
        )


@dataclass(frozen=True)
class Move:
    """Something that the teacher can do now, by a button with a letter as its key.

    Space and the remote control do what is ``usual``; the button of what is ``advised`` stands out.
    """

    label: str
    key: str
    letter: str
    does: Callable[[], None]
    usual: bool = False
    advised: bool = False


def _moves_of_vote(present: Room) -> list[Move]:
    """Return what can be done with a vote. Before the reveal, no share of right answers advises anything."""
    moves = [_action(present, allowed(present)[0])]
    if present.phase is Phase.CLOSED and Action.VOTE_AGAIN in allowed(present):
        moves.append(_action(present, Action.VOTE_AGAIN, "A", usual=False, advised=False))
    return moves


def _moves_after(present: Room, asked: ClassQuestion, found: tuple[Bar, ...], counsel: Advice) -> list[Move]:
    """Return what can be done after a reveal. Space never leaves the page."""
    again = Action.VOTE_AGAIN in allowed(present) and counsel is Advice.DISCUSS
    following = Action.NEXT in allowed(present)
    moves = [_action(present, Action.VOTE_AGAIN, "A", usual=again, advised=again)]
    if following:
        moves.append(_action(present, Action.NEXT, "N", usual=not again, advised=counsel is Advice.NEXT))
    explain, show = partial(_explain, asked, found), partial(_show_results, present.code)
    return [
        *(moves if Action.VOTE_AGAIN in allowed(present) else moves[1:]),
        Move("Explain again", "class.explain", "E", explain, advised=counsel is Advice.EXPLAIN),
        Move(
            "Results", "class.results", "S", show, usual=not (again or following),
            advised=not following and counsel is Advice.NEXT,
        ),
    ]  # fmt: skip


def _action(
    present: Room, action: Action, letter: str = "N", *, usual: bool = True, advised: bool = True
) -> Move:
    """Return an action of the room as a move; all moves that come one after the other are one button."""
    key = {Action.VOTE_AGAIN: "class.again", Action.NEXT: "class.next"}.get(action, "class.step")
    return Move(LABELS[action], key, letter, partial(_act, present, action), usual, advised)


def _moves(moves: Sequence[Move], said: str) -> None:
    """Draw a button for each move, and the keys; ``said`` is read aloud when it changes."""
    with st.container(horizontal=True, gap="small"):
        for move in moves:
            st.button(
                move.label, key=move.key, on_click=callback(move.does), shortcut=shortcut(move.letter),
                type="primary" if move.advised else "secondary",
            )  # fmt: skip
    does = {move.letter.lower(): move.does for move in moves}
    for move in moves:
        if move.usual:
            st.caption(f"Space or PageDown: {move.label}")
            does |= dict.fromkeys(FORWARD, move.does)
    keys(does, said=said)


# What the presses do


def _act(present: Room, action: Action) -> None:
    """Apply an action to the room as the teacher saw it, or keep the reason why the room refuses."""
    try:
        open_store().act(present.code, teacher.secret_of(present.code) or "", action, present.version)
    except (RoomError, StoreError) as error:
        st.session_state[PROBLEM] = visitors_sentence(error)


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


def _show_results(code: str) -> None:
    """Show the results of the class with this code from now on; "" shows the question again."""
    st.session_state[RESULTS] = code


def _results(store: Store, present: Room) -> None:
    """Draw the results of all questions so far, and the end of the class."""
    results.results(store, present)
    _moves([Move("Back to the question", "class.back", "B", partial(_show_results, ""))], "Results")
    _own_link(present.code)
    _end_button(present)
    keys_switch("one for each button")


def _end_button(present: Room) -> None:
    """Draw the end of the class, which takes two presses."""
    box = st.popover("End the class", key="class.end", icon=":material/delete:", on_change=callback())
    if box.open:
        with box:
            more = "" if present.phase is Phase.WAITING else " Download the results first."
            st.markdown(f"All data of this class is deleted at once.{more}")
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
