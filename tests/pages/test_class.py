"""The page Class, as its teacher goes through it: start, votes, reveal, second vote, results, end."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calculator.classroom.database import StoreError
from calculator.classroom.questions import plan, questions
from calculator.classroom.room import Action, Phase, Room
from calculator.classroom.store import Store
from calculator.settings import Settings
from calculator.ui.browser import script_addresses
from calculator.ui.classroom import lead, setup, teacher
from tests.helpers.class_stores import Clock
from tests.pages.conftest import CLASS, LEARN, Visit

EXERCISES = {"class": "exercises", "q": "2"}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Return the store that the page uses, where phones are served."""
    opened = Store(f"sqlite:///{tmp_path / 'classes.sqlite3'}", Clock().column)
    for module in (setup, lead):
        monkeypatch.setattr(module, "open_store", lambda: opened)
    monkeypatch.setitem(script_addresses._addresses, script_addresses.PHONES, "/j")
    yield opened
    opened.close()


def opened(link: dict[str, Any] | None = None, **more: Any) -> Visit:
    return Visit(link, page=CLASS, **more)


def started(store: Store, link: dict[str, Any] | None = None, **more: Any) -> tuple[Visit, str]:
    """Return the page after the start of a class, and the code of its room."""
    page = opened(EXERCISES if link is None else link, **more).press("class.start")
    return page, page.query["room"]


def room_of(store: Store, code: str) -> Room:
    room = store.room(code)
    assert room is not None
    return room


def answer(store: Store, code: str, *values: int) -> None:
    """Have a new phone answer each of the values."""
    room = room_of(store, code)
    for value in values:
        seat = store.join(code, None)
        assert store.answer(code, seat, room.question, room.round, str(value), value).counted


@pytest.mark.parametrize(
    ("link", "headline"),
    [({}, "7 questions"), ({"class": "layer"}, "1 question"), ({"class": "exercises"}, "10 questions")],
)
def test_before_the_start_the_first_questions_are_shown(
    store: Store, link: dict[str, str], headline: str
) -> None:
    page = opened(link)
    assert f"{headline} for every phone" in page.text
    asked = questions(plan(page.settings))
    for question in asked[:3]:
        assert question.text in page.text
    assert not page.at.button(key="class.start").disabled
    assert "Everything is deleted when you end the class" in page.text
    assert page.errors == page.warnings == []


def test_the_class_votes_again_before_anything_is_revealed(store: Store) -> None:
    page, code = started(store)
    page.press("class.step")
    answer(store, code, 243, 240, 240)
    page.press("class.step")
    assert {"class.step", "class.again"} <= {button.key for button in page.at.button}
    assert "243" not in page.text
    assert "right" not in page.text
    page.press("class.again")
    assert "second vote" in page.text
    answer(store, code, 243, 243, 240)
    page.press("class.step")
    assert "class.again" not in [button.key for button in page.at.button]
    page.press("class.step")
    assert "2 of 3 right (67 %)" in page.text
    assert page.charts["class.votes"].figure["data"][0]["text"] == [
        "1 · 33 %",
        "2 · 67 %",
        "2 · 67 %",
        "1 · 33 %",
    ]


def test_where_no_phones_are_served_a_sentence_says_so() -> None:
    page = opened()
    assert page.at.button(key="class.start").disabled
    assert any("without the pages for phones" in text for text in page.infos)


def test_where_the_store_cannot_be_used_a_sentence_says_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> Store:
        raise StoreError("The folder *data* cannot hold the store.")

    monkeypatch.setattr(setup, "open_store", broken)
    page = opened()
    assert page.at.button(key="class.start").disabled
    assert page.infos == ["The folder *data* cannot hold the store."]
    # Who runs the server reads the reason in the log: a driver names the host.
    monkeypatch.setenv("DATABASE_URL", "postgresql://db.example/school")
    assert opened().infos == ["Classes cannot be opened at the moment. Try again in a minute."]


def test_a_class_from_start_to_gain(store: Store) -> None:
    page, code = started(store)
    assert page.query == {"q": "2", "room": code}
    assert code in page.text
    assert "0 joined" in page.text
    store.join(code, None)
    assert "1 joined" in page.run().text

    page.press("class.step")
    assert room_of(store, code).phase is Phase.OPEN
    answer(store, code, 243, 240, 240, 80)
    page.run()
    assert "4 of 5 answered." in page.text
    assert "243" not in page.text
    assert "forgotten" not in page.text + str(page.charts)

    page.press("class.step")
    assert "4 of 5 answered. The voting is closed." in page.text
    assert page.charts == {}
    page.press("class.step")
    assert "1 of 4 right (25 %)" in page.text
    assert "Answer: 5 × 3 × 16 + 3 = 243" in page.text
    assert "Explain it again" in page.text
    chart = page.charts["class.votes"]
    assert chart.figure["data"][0]["text"] == ["1 · 25 %", "2 · 50 %", "1 · 25 %"]
    assert "the biases forgotten (5 × 3 × 16 + 0 = 240): 2 answers." in chart.alt

    page.press("class.again")
    assert "second vote" in page.text
    answer(store, code, 243, 243, 243, 240)
    page.press("class.step").press("class.step")
    assert "3 of 4 right (75 %)" in page.text
    assert page.charts["class.votes"].figure["data"][0]["text"][:2] == ["1 · 25 %", "3 · 75 %"]
    assert "class.again" not in [button.key for button in page.at.button]

    page.press("class.next")
    assert (room_of(store, code).question, room_of(store, code).phase) == (1, Phase.OPEN)
    answer(store, code, 550)
    page.press("class.step").press("class.step")
    assert "That was the last question" in page.text
    assert "class.next" not in [button.key for button in page.at.button]
    page.press("class.results")
    # 25 % → 75 %: (0.75 − 0.25) ÷ (1 − 0.25) = 2/3.
    assert "From 25 % to 75 % right in 1 question voted on twice: ⟨g⟩ = 0.67" in page.text
    assert "| the biases forgotten | 2 | 1 | stayed |" in page.text
    assert "| the biases forgotten and the output channels forgotten | 1 | 0 | went |" in page.text
    assert "Everything" not in page.press("class.back").text
    page.press("class.results")


def test_the_end_deletes_everything_after_a_second_press(store: Store) -> None:
    page, code = started(store)
    page.press("class.step").press("class.step").press("class.step").press("class.results")
    assert store.room(code) is not None
    page.open("class.end").press("class.delete")
    assert store.room(code) is None
    assert f"The class {code} has ended, and all its data has been deleted." in page.text
    page.press("class.another")
    assert "room" not in page.query
    assert "2 questions for every phone" in page.text


def test_a_class_that_was_started_by_mistake_ends_before_its_first_question(store: Store) -> None:
    page, code = started(store)
    page.open("class.end")
    assert "deleted at once." in page.text
    assert "Download" not in page.text
    page.press("class.delete")
    assert store.room(code) is None
    assert f"The class {code} has ended" in page.text


def test_an_old_press_changes_nothing_and_says_why(store: Store) -> None:
    page, code = started(store)
    secret = page.at.session_state[teacher.SECRETS][code]
    store.act(code, secret, Action.OPEN, 1)
    page.press("class.step")
    assert room_of(store, code).phase is Phase.OPEN
    assert any("Another window has changed the class meanwhile" in text for text in page.warnings)
    assert page.run().warnings == []


def test_a_visitor_without_the_secret_sees_no_answers_and_no_buttons(store: Store) -> None:
    _, code = started(store)
    other = opened({"room": code, **EXERCISES})
    assert "Looking for the key of this class" in other.text
    assert [button.key for button in other.at.button] == []
    other.send("class.secret", "found", {"secret": "", "visit": "x"})
    assert f"Class {code} is led from another window" in other.text
    other.send("class.secret", "found", {"secret": "wrong", "visit": "x"})
    assert f"Class {code} is led from another window" in other.text
    reports: tuple[object, ...] = (None, 5, {"secret": 5}, {"secret": "x" * 5_000}, [])
    for invalid in reports:
        other.send("class.secret", "found", invalid)


def test_the_secret_leads_the_room_from_another_device(store: Store) -> None:
    page, code = started(store)
    secret = page.at.session_state[teacher.SECRETS][code]
    other = opened({"room": code})
    other.send("class.secret", "found", {"secret": secret, "visit": "x"})
    assert "0 joined" in other.text
    other.press("class.step")
    assert room_of(store, code).phase is Phase.OPEN


def test_the_secret_is_nowhere_but_in_the_copied_link(store: Store) -> None:
    page, code = started(store)
    secret = page.at.session_state[teacher.SECRETS][code]
    assert page.given["class.link"]["text"].endswith(f"?room={code}#{secret}")
    given = {key: value for key, value in page.given.items() if key not in ("class.link", "class.secret")}
    assert secret not in page.text + str(given) + str(page.query)
    page.share()
    assert secret not in " ".join(page.code)
    assert f"room={code}" not in " ".join(page.code)


def test_explain_again_opens_the_step_and_leads_back(store: Store) -> None:
    page, code = started(store, {"class": "exercises", "q": "1", "in": "9"})
    page.press("class.step")
    answer(store, code, 83, 83, 240)  # The output channels forgotten: step 3.
    page.press("class.step").press("class.step").press("class.explain")
    assert page.page == LEARN
    assert (page.settings.step, page.settings.presenting, page.settings.room) == (3, True, code)
    assert (page.settings.in_channels, page.settings.out_channels) == (5, 3)
    press(page, "e")
    assert page.page == CLASS
    assert code in page.text


def test_a_lesson_question_shows_its_figure_while_it_is_open(store: Store) -> None:
    page, code = started(store, {})
    page.press("class.step")
    assert set(page.charts) == {"class.weights"}
    assert "How many weights does one kernel" in page.text
    assert room_of(store, code).plan == plan(Settings())


def test_a_long_listing_does_not_push_the_result_off_the_wall(store: Store) -> None:
    page, _ = started(store, {"class": "exercises", "level": "3", "seed": "2", "q": "1"})
    page.press("class.step")
    kinds = [element.type for element in page.at.main]
    assert kinds.index("code") < kinds.index("button")
    page.press("class.step").press("class.step")
    kinds = [element.type for element in page.at.main]
    assert kinds.index("code") > kinds.index("button")


def test_late_phones_find_the_code_at_every_question(store: Store) -> None:
    page, code = started(store)
    for _ in range(3):
        page.press("class.step")
        assert code in page.text


def test_a_room_of_an_unknown_plan_is_a_sentence(store: Store) -> None:
    room, secret = store.create("9?x", 1)
    page = opened({"room": room.code})
    page.send("class.secret", "found", {"secret": secret, "visit": "x"})
    assert page.errors == ["The questions of this room cannot be read: '9?x'."]


@pytest.mark.parametrize("code", ["acdefg", "ACDEF0", "ACDE", "<b>"])
def test_a_link_with_a_wrong_code_is_harmless(store: Store, code: str) -> None:
    page = opened({"room": code})
    assert "There is no class ACDEFG" in page.text if code == "acdefg" else "for every phone" in page.text


@pytest.mark.parametrize("width", ["narrow", "wide"])
def test_every_width_has_the_whole_class(store: Store, width: str) -> None:
    page, code = started(store, width=width)
    page.press("class.step")
    answer(store, code, 243)
    page.press("class.step").press("class.step")
    assert "1 of 1 right (100 %)" in page.text


def test_the_keys_of_each_moment(store: Store) -> None:
    page, code = started(store)

    def given() -> set[str]:
        return set(page.given["keys"]["keys"])

    forward = {" ", "PageDown", "n"}
    assert given() == forward
    press(page, " ")
    assert room_of(store, code).phase is Phase.OPEN
    press(page, "PageDown")
    assert room_of(store, code).phase is Phase.CLOSED
    press(page, "n")
    assert room_of(store, code).phase is Phase.REVEALED
    assert given() == forward | {"a", "e", "s"}
    press(page, "a")
    assert room_of(store, code).round == 2


def press(page: Visit, *pressed: str) -> None:
    """Press keys of the keyboard, as the component reports them."""
    data = page.given["keys"]
    report = {"visit": data["visit"], "from": data["processed"], "keys": list(pressed)}
    [part] = [part for part in page.all("bidi_component") if part.key == "keys"]
    page.tell(part.proto.id, json_value=json.dumps({"pressed": report}))
