"""The pages of phones, asked as a browser without scripts asks, and as the script of the page does."""

import asyncio
import base64
import gzip
import hashlib
import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.types import ASGIApp

from calculator.classroom.database import StoreError
from calculator.classroom.phone import (
    COOKIE,
    HEADERS,
    MAX_REMEMBERED,
    REMEMBERED_SECONDS,
    RecentRooms,
    phone_app,
)
from calculator.classroom.questions import plan, questions
from calculator.classroom.room import Action, Room
from calculator.classroom.store import Refusal, Store
from calculator.settings import Settings
from tests.helpers.asgi import Answer, ask, scope
from tests.helpers.class_stores import Clock, rows
from tests.helpers.paths import ROOT

MAX_PAGE, MAX_PACKED = 30_000, 10_000
"""The sizes in bytes that the page of a phone stays below: as it is read, and as it is sent."""

SETTINGS = Settings(class_source="exercises", questions=3)


class Marks(HTMLParser):
    """Collects the elements of a page with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@dataclass
class Phone:
    """A browser that keeps cookies as their path says, and follows no redirection by itself."""

    app: ASGIApp
    base: str = ""
    cookies: dict[str, str] = field(default_factory=dict)
    last: Answer = field(default_factory=lambda: Answer(0, {}, b""))

    def get(self, path: str, **headers: str) -> str:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: bytes | None = None, **fields: str) -> str:
        sent = urlencode(fields).encode() if body is None else body
        return self.ask("POST", path, sent, content_type="application/x-www-form-urlencoded")

    def ask(self, method: str, path: str, body: bytes = b"", /, **headers: str) -> str:
        address, _, query = f"{self.base}{path}".partition("?")
        cookies = "; ".join(
            cookie for where, cookie in self.cookies.items() if f"{address}/".startswith(f"{where}/")
        )
        given = {"cookie": cookies, "host": "school.example", **headers}
        request = scope(address, method=method, **given)
        request.update(query_string=query.encode(), scheme="http")
        self.last = ask(self.app, request, [body] if body else [])
        if made := self.last.headers.get("set-cookie"):
            cookie, *attributes = made.split("; ")
            [where] = [one.removeprefix("Path=") for one in attributes if one.startswith("Path=")]
            self.cookies[where] = cookie
        return self.text

    @property
    def text(self) -> str:
        """What a reader sees, in one line."""
        packed = self.last.headers.get("content-encoding") == "gzip"
        body = gzip.decompress(self.last.body) if packed else self.last.body
        shown = re.sub(r"<(style|script)>.*?</\1>", "", body.decode(), flags=re.DOTALL)
        shown = shown.replace("<wbr>", "")
        return " ".join(unescape(re.sub("<[^>]+>", " ", shown)).split())  # Also where no line may break.


@dataclass
class Class:
    """A room with its teacher."""

    store: Store
    room: Room
    secret: str

    @property
    def path(self) -> str:
        return f"/j/{self.room.code}"

    def act(self, *actions: Action) -> None:
        for action in actions:
            self.room = self.store.act(self.room.code, self.secret, action, self.room.version)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return the address of one kind of database: both behave alike, as the tests of the store show."""
    return f"sqlite:///{tmp_path / 'classes.sqlite3'}"


@pytest.fixture
def school(store: Store) -> Class:
    text = plan(SETTINGS)
    return Class(store, *store.create(text, len(questions(text))))


@pytest.fixture
def app(store: Store) -> ASGIApp:
    return phone_app("", lambda: store)


@pytest.fixture
def phone(app: ASGIApp) -> Phone:
    return Phone(app)


def test_a_phone_goes_through_a_question_without_a_script(school: Class, phone: Phone, clock: Clock) -> None:
    assert "You are in The first of 3 questions comes here." in phone.get(school.path)
    school.act(Action.OPEN)
    page = phone.get(school.path)
    assert f"Question 1 of 3 {questions(school.room.plan)[0].text}" in page
    assert "Your answer: parameters" in page
    assert phone.post(school.path, question="0", round="1", answer="5*3*16+3") == ""
    assert (phone.last.status, phone.last.headers["location"]) == (303, school.path)
    assert "Received 5*3*16+3 = 243. You can change it while voting is open." in phone.get(school.path)
    clock.ms += 1_000
    phone.post(school.path, question="0", round="1", answer="240")
    assert "Received 240. You can change it" in phone.get(school.path)
    school.act(Action.CLOSE)
    page = phone.get(school.path)
    assert "Voting is closed. Your answer: 240." in page
    assert "<form" not in phone.last.body.decode()
    school.act(Action.REVEAL)
    page = phone.get(school.path)
    assert "240 is the result with the biases forgotten." in page.replace("\u00a0", " ")
    assert "The answer is 5 × 3 × 16 + 3 = 243." in page
    assert school.store.votes(school.room.code, 0, 1) == {240: 1}


def test_a_long_calculation_may_end_its_line_before_its_total(store: Store, phone: Phone) -> None:
    text = plan(Settings(class_source="layer", in_channels=65_536, out_channels=65_536))
    school = Class(store, *store.create(text, 1))
    school.act(Action.OPEN, Action.CLOSE, Action.REVEAL)
    phone.get(school.path)
    assert "65,536 × 65,536 × 16 + 65,536 =\u00a068,719,542,272." in phone.last.body.decode()


@pytest.mark.parametrize("typed", ["243", "1000"])
def test_the_answer_is_told_once(school: Class, phone: Phone, typed: str) -> None:
    school.act(Action.OPEN)
    phone.get(school.path)
    phone.post(school.path, question="0", round="1", answer=typed)
    school.act(Action.CLOSE, Action.REVEAL)
    page = phone.get(school.path).replace("\u00a0", " ")
    assert ("Right: 243." if typed == "243" else "You predicted 1,000. The answer is 243.") in page
    assert "The working: 5 × 3 × 16 + 3 = 243." in page
    assert page.count("The answer is") == (typed != "243")


def test_nothing_tells_the_answer_before_it_is_revealed(school: Class, phone: Phone) -> None:
    for actions in ((), (Action.OPEN,), (Action.CLOSE,)):
        school.act(*actions)
        assert "243" not in phone.get(school.path)
        assert b"243" not in phone.last.body


def test_a_late_phone_and_one_without_an_answer(school: Class, phone: Phone) -> None:
    school.act(Action.OPEN, Action.CLOSE)
    assert "Voting is closed. You sent no answer." in phone.get(school.path)
    phone.post(school.path, question="0", round="1", answer="243")
    assert (phone.last.status, Refusal.CLOSED in phone.text) == (409, True)
    school.act(Action.REVEAL)
    assert "You sent no answer to this question. The answer is" in phone.get(school.path)


def test_the_seat_stays_through_reloads_and_belongs_to_its_room(
    school: Class, phone: Phone, store: Store, app: ASGIApp
) -> None:
    phone.get(school.path)
    made = phone.last.headers["set-cookie"]
    assert f"Path={school.path}; SameSite=lax" in made
    assert "HttpOnly" in made
    assert "Max-Age=86400" in made
    assert "Secure" not in made
    phone.get(school.path)
    phone.get(f"{school.path}/now")
    assert store.joined(school.room.code) == 1
    other = Class(store, *store.create(school.room.plan, 3))
    phone.get(other.path)
    assert len(phone.cookies) == 2
    assert phone.cookies[school.path] != phone.cookies[other.path]
    Phone(app).get(school.path)
    assert store.joined(school.room.code) == 2


def test_a_cookie_that_the_room_does_not_know_gets_a_new_seat(
    school: Class, phone: Phone, store: Store
) -> None:
    phone.cookies[school.path] = f"{COOKIE}=invented"
    phone.get(school.path)
    assert phone.cookies[school.path] not in ("", f"{COOKIE}=invented")
    assert store.joined(school.room.code) == 1


def test_without_a_cookie_no_answer_is_taken(school: Class, app: ASGIApp) -> None:
    school.act(Action.OPEN)
    phone = Phone(app)
    phone.post(school.path, question="0", round="1", answer="243")
    assert (phone.last.status, Refusal.NOT_JOINED in phone.text) == (400, True)
    assert school.store.received(school.room.code) == 0


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "nothing was entered"),
        ("3.1k", "which is rounded: write all the digits"),
        ("five", "which is not a whole number"),
        ("5(3+2)", "in which a sign is missing beside a bracket"),
        ("<script>alert(1)</script>", "received '<script>alert(1)</script>'"),
        ("1" * 65, "An answer has at most 64 characters."),
    ],
)
def test_what_is_no_number_is_explained_beside_the_box(
    school: Class, phone: Phone, text: str, reason: str
) -> None:
    school.act(Action.OPEN)
    phone.get(school.path)
    for path in (school.path, f"{school.path}/now"):
        page = phone.post(path, question="0", round="1", answer=text)
        assert phone.last.status == 422
        assert reason in page
        marks = Marks(phone.last.body.decode()).found
        [box] = [given for tag, given in marks if given.get("name") == "answer"]
        assert box["value"] == text[:64]
        assert box["aria-invalid"] == "true"
        assert not any(tag == "script" and not given for tag, given in marks if path.endswith("/now"))
    assert school.store.received(school.room.code) == 0


@pytest.mark.parametrize("text", ["3,136", "3 136", "3\u00a0136", " 3136 ", "3\u202f136"])
def test_thousands_may_be_separated(school: Class, phone: Phone, text: str) -> None:
    school.act(Action.OPEN)
    phone.get(school.path)
    phone.post(school.path, question="0", round="1", answer=text)
    assert school.store.votes(school.room.code, 0, 1) == {3136: 1}
    assert "Received 3,136." in phone.get(school.path)


def test_a_refused_answer_leaves_the_counted_one(school: Class, phone: Phone) -> None:
    school.act(Action.OPEN)
    phone.get(school.path)
    phone.post(school.path, question="0", round="1", answer="243")
    assert "243, which was received before, counts." in phone.post(
        school.path, question="0", round="1", answer="x"
    )
    phone.post(f"{school.path}/now", question="0", round="1", answer="244")  # Within the same second.
    assert (phone.last.status, Refusal.TOO_SOON in phone.text) == (429, True)
    assert school.store.votes(school.room.code, 0, 1) == {243: 1}


def test_an_answer_to_the_question_before_is_told_so(school: Class, phone: Phone) -> None:
    school.act(Action.OPEN)
    phone.get(school.path)
    school.act(Action.CLOSE, Action.REVEAL, Action.NEXT)
    page = phone.post(f"{school.path}/now", question="0", round="1", answer="243")
    assert (phone.last.status, Refusal.OTHER_QUESTION in page) == (409, True)
    assert "Question 2 of 3" in page


def test_the_second_vote_is_another_answer(school: Class, phone: Phone) -> None:
    school.act(Action.OPEN)
    phone.get(school.path)
    phone.post(school.path, question="0", round="1", answer="240")
    school.act(Action.CLOSE, Action.REVEAL, Action.VOTE_AGAIN)
    page = phone.get(school.path)
    assert "Question 1 of 3, second vote" in page
    assert "Received" not in page
    phone.post(school.path, question="0", round="2", answer="243")
    assert school.store.votes(school.room.code, 0, 1) == {240: 1}
    assert school.store.votes(school.room.code, 0, 2) == {243: 1}


def test_the_script_is_told_what_is_new_and_nothing_else(school: Class, phone: Phone, store: Store) -> None:
    phone.get(school.path)
    assert phone.get(f"{school.path}/now?v={school.room.version}") == ""
    assert phone.last.status == 204
    assert store.joined(school.room.code) == 1
    school.act(Action.OPEN)
    phone.app = phone_app("", lambda: store)  # The first remembers the room for half a second.
    phone.get(f"{school.path}/now?v=1")
    assert phone.last.status == 200
    body = phone.last.body.decode()
    assert body.startswith(f'<main data-version="{school.room.version}" data-key="0.1" data-say="')
    assert body.rstrip().endswith("</main>")
    phone.post(f"{school.path}/now", question="0", round="1", answer="243")
    assert (phone.last.status, "Received 243." in phone.text) == (200, True)


def test_an_ended_class_is_told_so(school: Class, phone: Phone, store: Store) -> None:
    phone.get(school.path)
    school.act(Action.END)
    phone.app = phone_app("", lambda: store)
    page = phone.get(f"{school.path}/now?v=1")
    assert (phone.last.status, page) == (404, "This class has ended.")
    assert 'data-version=""' in phone.last.body.decode()
    page = phone.get(school.path)
    assert (phone.last.status, "There is no class with the code" in page) == (404, True)


def test_a_code_is_typed_as_people_type_it(school: Class, phone: Phone) -> None:
    code = school.room.code
    assert "The code on the wall" in phone.get("/j")
    for typed in (code, code.lower(), f"{code[:3]}-{code[3:]}", f" {code} "):
        phone.get(f"/j?{urlencode({'code': typed})}")
        assert (phone.last.status, phone.last.headers["location"]) == (303, f"/j/{code}")
    phone.get(f"/j/{code.lower()}")
    assert phone.last.headers["location"] == f"/j/{code}"
    assert "The code on the wall" in phone.get("/j/")
    assert "You are in" in phone.get(f"/j/{code}/")


@pytest.mark.parametrize("typed", ["", "ACDEF", "<b>", "ACDEFGH", "x" * 500, "АСDEFG"])
def test_a_wrong_code_is_a_sentence_and_the_box_again(phone: Phone, typed: str) -> None:
    page = phone.get(f"/j?{urlencode({'code': typed})}")
    assert phone.last.status == 404
    assert "There is no class with the code" in page
    assert "<b>" not in phone.last.body.decode()
    assert phone.get("/j/ACDEFG").count("There is no class with the code 'ACDEFG'.") == 1
    phone.get("/j/ACDEFG/now?v=1")
    assert phone.last.status == 404


def test_every_state_is_small_and_has_only_what_its_policy_names(school: Class, phone: Phone) -> None:
    steps: tuple[tuple[Action, ...], ...] = ((), (Action.OPEN,), (Action.CLOSE,), (Action.REVEAL,))
    for actions in steps:
        school.act(*actions)
        phone.get(school.path)
        body = phone.last.body
        assert len(body) <= MAX_PAGE
        assert len(gzip.compress(body, 6)) <= MAX_PACKED
        check_page(phone.last)
    phone.get(school.path, accept_encoding="gzip")
    assert phone.last.headers["content-encoding"] == "gzip"
    assert gzip.decompress(phone.last.body) == body
    phone.get("/j")
    check_page(phone.last)


def test_the_longest_question_is_small_too(store: Store) -> None:
    for settings in (
        Settings(in_channels=64, kernel_size=(8,)),
        Settings(class_source="exercises", level=3, questions=30),
    ):
        text = plan(settings)
        room = Class(store, *store.create(text, len(questions(text))))
        phone = Phone(phone_app("", lambda: store))
        room.act(Action.OPEN)
        for place in range(len(questions(text))):
            phone.get(room.path)
            assert f"Question {place + 1} of" in phone.text
            assert len(phone.last.body) <= MAX_PAGE
            assert len(gzip.compress(phone.last.body, 6)) <= MAX_PACKED
            room.act(
                Action.CLOSE, Action.REVEAL, *([Action.NEXT] if place + 1 < len(questions(text)) else [])
            )


def check_page(answer: Answer) -> None:
    """Check that a page holds all that it needs, and that its policy allows just that."""
    text = answer.body.decode()
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        for inline in re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
            assert policy[directive] == f"'sha256-{digest}'"
    marks = Marks(text).found
    for tag, given in marks:
        assert not {"style", "onclick", "onload", "src"} & set(given), tag
        assert tag != "link" or given["href"] == "data:,"
    assert [given["lang"] for tag, given in marks if tag == "html"] == ["en"]
    [viewport] = [given["content"] for tag, given in marks if given.get("name") == "viewport"]
    assert viewport == "width=device-width, initial-scale=1"  # Nobody is kept from making it larger.
    labelled = {given["for"] for tag, given in marks if tag == "label"}
    boxes = {given["id"] for tag, given in marks if tag == "input" and given.get("type") != "hidden"}
    assert labelled == boxes
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"


def test_forms_of_other_sites_and_large_ones_are_refused(school: Class, phone: Phone) -> None:
    school.act(Action.OPEN)
    phone.get(school.path)
    sent = urlencode({"question": "0", "round": "1", "answer": "243"}).encode()
    phone.ask("POST", school.path, sent, origin="https://elsewhere.example")
    assert phone.last.status == 403
    phone.ask("POST", school.path, b"x" * 5_000)
    assert phone.last.status == 413
    phone.ask("POST", school.path, sent, origin="http://school.example")
    assert phone.last.status == 303


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe", b"a=1" + b"&a=1" * 50, b"question=x&round=1&answer=243", b"question=0&round=1",
     b"question=0&round=-1&answer=243", b"question=99999999999&round=1&answer=243",
     "question=٣&round=1&answer=243".encode(), b"question=0&round=1&answer=%00"],
)  # fmt: skip
def test_a_broken_form_is_answered_in_a_sentence(school: Class, phone: Phone, body: bytes) -> None:
    school.act(Action.OPEN)
    phone.get(school.path)
    phone.post(school.path, body)
    assert phone.last.status in (400, 422)
    assert school.store.received(school.room.code) == 0


def test_another_method_is_refused(phone: Phone) -> None:
    for path in ("/j", "/j/ACDEFG", "/j/ACDEFG/now"):
        phone.ask("DELETE", path)
        assert phone.last.status == 405
    phone.get("/j/ACDEFG/other")
    assert phone.last.status == 404


def test_it_stands_below_a_path(store: Store, school: Class) -> None:
    school.act(Action.OPEN)
    phone = Phone(phone_app("/calculator", lambda: store), "/calculator")
    phone.get(school.path)
    marks = Marks(phone.last.body.decode()).found
    assert [given["action"] for tag, given in marks if tag == "form"] == [f"/calculator{school.path}"]
    assert f"Path=/calculator{school.path};" in phone.last.headers["set-cookie"]
    phone.post(school.path, question="0", round="1", answer="243")
    assert phone.last.headers["location"] == f"/calculator{school.path}"


def test_a_store_that_does_not_answer_is_a_sentence() -> None:
    def broken() -> Store:
        raise StoreError("/secret/path is full")

    phone = Phone(phone_app("", broken))
    page = phone.get("/j/ACDEFG")
    assert phone.last.status == 503
    assert "Classes cannot be opened at the moment." in page
    assert "secret" not in page


def test_a_full_room_is_a_sentence(school: Class, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calculator.classroom.store.MAX_SEATS", 0)
    assert "This class is full" in phone.get(school.path)
    assert phone.last.status == 503


def test_nothing_of_a_person_is_stored(school: Class, phone: Phone, url: str) -> None:
    phone.get(school.path, user_agent="Somebody's phone")
    school.act(Action.OPEN)
    phone.post(school.path, question="0", round="1", answer="243")
    stored = str(rows(url))
    assert "243" in stored
    for secret in (
        "192.0.2",
        "Somebody",
        phone.cookies[school.path].removeprefix(f"{COOKIE}="),
        school.secret,
    ):
        assert secret not in stored


def test_a_room_is_believed_for_half_a_second(school: Class, store: Store) -> None:
    time = 10.0
    rooms = RecentRooms(lambda: time)
    code = school.room.code
    assert rooms.room(store, code) == school.room
    before = school.room
    school.act(Action.OPEN)
    assert rooms.room(store, code) == before
    assert rooms.room(store, code, fresh=True) == school.room
    school.act(Action.CLOSE)
    time += REMEMBERED_SECONDS
    assert rooms.room(store, code) == school.room
    school.act(Action.END)
    time += REMEMBERED_SECONDS
    assert rooms.room(store, code) is None


def test_no_more_rooms_are_remembered_than_there_can_be(school: Class, store: Store) -> None:
    rooms = RecentRooms()
    rooms._known = {str(n): (0.0, school.room) for n in range(MAX_REMEMBERED)}
    rooms.room(store, school.room.code)
    assert list(rooms._known) == [school.room.code]


def test_many_phones_at_once_are_all_counted(school: Class, app: ASGIApp) -> None:
    school.act(Action.OPEN)
    phones = [Phone(app) for _ in range(20)]
    for phone in phones:
        phone.get(school.path)

    async def send() -> None:
        await asyncio.gather(
            *(
                asyncio.to_thread(phone.post, school.path, question="0", round="1", answer="243")
                for phone in phones
            )
        )

    asyncio.run(send())
    assert school.store.votes(school.room.code, 0, 1) == {243: 20}


def test_the_script_cannot_end_the_page_early() -> None:
    for name in ("phone.js", "phone.css"):
        text = (ROOT / "calculator" / "classroom" / "templates" / name).read_text(encoding="utf-8")
        assert "</" not in text
    assert "'unsafe" not in HEADERS["content-security-policy"]
