"""The pages of a phone: ``/j`` asks for the code of a class, ``/j/CODE`` is the seat of this phone in it.

They are plain HTML forms, so a phone needs one small answer and no script. The script in the page only keeps
it current: it asks ``/j/CODE/now``, which answers "nothing new" (204) or with the changed part of the page,
and sends there again an answer that a bad connection lost. All texts are put into the templates escaped.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from calculator.classroom.database import StoreError
from calculator.classroom.limits import PhoneLimits
from calculator.classroom.location import AWAY, open_store
from calculator.classroom.questions import ClassQuestion, PlanError, questions
from calculator.classroom.room import Phase, Room, RoomError, read_code
from calculator.classroom.store import MAX_ANSWER, Refusal, Store
from calculator.core.errors import LayerError
from calculator.core.formatting import format_count, short_repr, unbroken, unbroken_parts
from calculator.learn.calculation import Calculation
from calculator.learn.exercises.answer import read_calculation
from calculator.palette import PALETTES, Palette
from calculator.web.addresses import RefusedRequests
from calculator.web.safety_headers import source_hash

PREFIX = "/j"
"""The path of the pages of phones, short because people type it."""

NO_BREAK = "\N{NO-BREAK SPACE}"

COOKIE = "seat"
COOKIE_SECONDS = 24 * 3600
"""The cookie of a seat lives as long as a room can."""

MAX_LINE = 26
"""The letters of a calculation that have room beside one another."""

REMEMBERED_SECONDS = 0.5
"""How long a process remembers a room, so any process may serve any phone."""

MAX_REMEMBERED = 1_000
"""Rooms that a process remembers for that time."""

MAX_FIELDS = 8
"""Fields of a form that are read."""

PACKED_FROM = 400
"""The size in bytes from which an answer is compressed."""

THREADS = 8
"""Phones whose requests are answered at the same time, so that the calculator keeps threads of its own."""

_TEMPLATES = Path(__file__).with_name("templates")


def _theme(palette: Palette) -> str:
    """Return the colours of a theme, and those of the fills under short names, as CSS variables."""
    colours = palette.css("background", "text", "muted", "grid", "weights", "biases")
    fills = f"--fill: {palette.scale[0]}; --kernel: {palette.weights_fill}; --bias: {palette.biases_fill};"
    return f"{colours} {fills}"


STYLE = (
    (_TEMPLATES / "phone.css")
    .read_text(encoding="utf-8")
    .replace("LIGHT", _theme(PALETTES["light"]))
    .replace("DARK", _theme(PALETTES["dark"]))
)
SCRIPT = (_TEMPLATES / "phone.js").read_text(encoding="utf-8")


HEADERS = {
    # Stricter than the policy of the other pages: nothing but what these pages hold themselves.
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            f"script-src {source_hash(SCRIPT)}",
            f"style-src {source_hash(STYLE)}",
            "img-src data:",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}
"""The headers of every answer."""

_environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Sent:
    """An answer that arrived but is not counted: the text, the reason, and the status of the page."""

    text: str
    reason: str
    status: int


def phone_app(
    base: str = "",
    store: Callable[[], Store] = open_store,
    refused: RefusedRequests | None = None,
) -> ASGIApp:
    """Return the application of the phones, with its limits, for the paths ``/j`` and below at ``base``.

    Without arguments it is a server of its own: ``uvicorn --factory calculator.classroom.phone:phone_app``.
    """
    routes = Router(PhonePages(base, store).routes(), redirect_slashes=False)

    async def alone(scope: Scope, receive: Receive, send: Send) -> None:
        # Inside of another application, Starlette would raise an exception for a wrong method or path.
        own = {name: value for name, value in scope.items() if name != "app"}
        # An address that people type may end with a slash.
        await routes(own | {"path": scope["path"].rstrip("/")}, receive, send)

    return PhoneLimits(GZipMiddleware(alone, minimum_size=PACKED_FROM), refused)


def phone_routes(base: str, refused: RefusedRequests) -> list[Route]:
    """Return the routes by which another server hands the paths of phones over; see ``phone_app``."""
    app = phone_app(base, refused=refused)
    return [Route(f"{base}{PREFIX}", app), Route(f"{base}{PREFIX}/{{rest:path}}", app)]


class RecentRooms:
    """The rooms of a store, each believed for ``REMEMBERED_SECONDS``."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, Room]] = {}

    def room(self, store: Store, code: str, *, fresh: bool = False) -> Room | None:
        """Return the room, or ``None``; a ``fresh`` one is read from the store."""
        until, known = self._known.get(code, (0.0, None))
        if known is not None and not fresh and self._clock() < until:
            return known
        room = store.room(code)
        if room is None:
            self._known.pop(code, None)
            return None
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[code] = self._clock() + REMEMBERED_SECONDS, room
        return room


class PhonePages:
    """The pages of phones below the path ``base``, for the rooms of the store that ``open_store`` returns."""

    def __init__(self, base: str, open_store: Callable[[], Store]) -> None:
        self.base = base
        self.open_store = open_store
        self.rooms = RecentRooms()
        self.threads = CapacityLimiter(THREADS)

    def routes(self) -> list[Route]:
        """Return the routes of all pages.

        >>> [route.path for route in PhonePages("/calculator", Store).routes()]
        ['/calculator/j', '/calculator/j/{code}', '/calculator/j/{code}/now']
        """
        here, seat = f"{self.base}{PREFIX}", f"{self.base}{PREFIX}/{{code}}"
        return [
            Route(here, self._endpoint(self._ask_code)),
            Route(seat, self._endpoint(self._seat), methods=["GET", "POST"]),
            Route(f"{seat}/now", self._endpoint(self._now), methods=["GET", "POST"]),
        ]

    def _endpoint(
        self, answer: Callable[[Request, dict[str, str]], Response]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Return an endpoint that reads the form and has ``answer`` work in a thread."""

        async def endpoint(request: Request) -> Response:
            form = _form(await request.body()) if request.method == "POST" else {}
            return await to_thread.run_sync(
                partial(self._safely, answer, request, form), limiter=self.threads
            )

        return endpoint

    def _safely(
        self,
        answer: Callable[[Request, dict[str, str]], Response],
        request: Request,
        form: dict[str, str],
    ) -> Response:
        """Answer, or say in a sentence that the store of classes cannot be used, or that a room is full."""
        try:
            return answer(request, form)
        except StoreError:
            problem, status = AWAY, 503
        except RoomError as error:
            problem, status = str(error), 503
        except PlanError as error:
            problem, status = str(error), 500
        return self._code_page(problem, status=status)

    # The pages

    def _ask_code(self, request: Request, _: dict[str, str]) -> Response:
        """Ask for the code, or open the page of the code that was typed."""
        typed = request.query_params.get("code")
        if typed is None:
            return self._code_page("")
        if code := read_code(typed):
            return self._redirect(code)
        return self._unknown(typed)

    def _seat(self, request: Request, form: dict[str, str]) -> Response:
        """Show the seat of this phone, or take its answer and show the seat again."""
        typed = request.path_params["code"]
        code = read_code(typed)
        if code and code != typed:
            return self._redirect(code)
        store = self.open_store()
        room = self.rooms.room(store, code, fresh=True) if code else None
        if room is None:
            return self._unknown(typed)
        seat = request.cookies.get(COOKIE)
        sent = self._take(store, room, seat, form) if request.method == "POST" else None
        if request.method == "POST" and sent is None:
            return self._redirect(code)  # So that reloading the page sends nothing again.
        if request.method == "GET":
            seat = store.join(code, seat)
        response = self._page(
            "seat.html", self._view(store, room, seat, sent), status=sent.status if sent else 200
        )
        if request.method == "GET" and seat:
            response.set_cookie(
                COOKIE,
                seat,
                max_age=COOKIE_SECONDS,
                path=self._path(code),
                secure=request.url.scheme == "https",
                httponly=True,
                samesite="lax",
            )
        return response

    def _now(self, request: Request, form: dict[str, str]) -> Response:
        """Answer the script: that nothing is new, or the changed part of the page, also after an answer."""
        code = read_code(request.path_params["code"])
        store = self.open_store()
        posted = request.method == "POST"
        room = self.rooms.room(store, code, fresh=posted) if code else None
        if room is not None and not posted and request.query_params.get("v") == str(room.version):
            return Response(status_code=204, headers=HEADERS)
        seat = request.cookies.get(COOKIE)
        sent = self._take(store, room, seat, form) if posted and room is not None else None
        if posted and room is not None:  # The class may have moved on while the answer was written.
            room = self.rooms.room(store, code, fresh=True)
        status = 404 if room is None else sent.status if sent else 200
        return self._page("question.html", self._view(store, room, seat, sent), status=status)

    # What they are made of

    def _take(self, store: Store, room: Room, seat: str | None, form: dict[str, str]) -> Sent | None:
        """Have an answer counted; return it with the reason where it is not."""
        text = " ".join(form.get("answer", "").split())
        question, round_number = (_small(form.get(name, "")) for name in ("question", "round"))
        if seat is None or question is None or round_number is None:
            return Sent(text, Refusal.NOT_JOINED, 400)
        if len(text) > MAX_ANSWER:
            return Sent(text[:MAX_ANSWER], Refusal.TOO_LONG, 422)
        try:
            value = read_calculation(text).value
        except LayerError as error:
            return Sent(text, str(error), 422)
        receipt = store.answer(room.code, seat, question, round_number, text, value)
        if receipt.counted:
            return None
        return Sent(text, receipt.reason, 429 if receipt.reason == Refusal.TOO_SOON else 409)

    def _view(self, store: Store, room: Room | None, seat: str | None, sent: Sent | None) -> dict[str, Any]:
        """Return what the templates show of a room to one seat."""
        if room is None:
            return {"room": None, "question": None, "key": "", "say": Refusal.ENDED, "code": ""}
        view: dict[str, Any] = {
            "room": room,
            "question": None,
            "key": f"{room.question}.{room.round}",
            "say": "You are in. Wait for the first question.",
            "notice": sent.reason if sent else "",
            "code": room.code,
        }
        if room.phase is Phase.WAITING:
            return view
        question = questions(room.plan)[room.question]
        own = store.own_answer(room.code, seat, room.question, room.round) if seat else None
        text = Markup("<wbr>").join(unbroken_parts(question.text))
        view |= {"question": question, "text": text, "figure": Markup(question.figure)}
        answers = _open(question, own, sent) if room.phase is Phase.OPEN else _over(room, question, own, sent)
        return view | answers

    def _page(self, template: str, view: dict[str, Any], *, status: int = 200) -> Response:
        """Return the page, or the part of it, that ``template`` makes of ``view``."""
        code = view.get("code")
        text = _environment.get_template(template).render(
            view
            | {
                "here": self._path(code) if code else f"{self.base}{PREFIX}",
                "title": f"Class {code}" if code else "Join a class",
                "style": Markup(STYLE),
                "script": Markup(SCRIPT) if code else "",
                "max_chars": MAX_ANSWER,
            }
        )
        return Response(text, status, HEADERS, media_type="text/html")

    def _code_page(self, problem: str, typed: str = "", *, status: int = 200) -> Response:
        return self._page("code.html", {"problem": problem, "typed": typed[:12]}, status=status)

    def _unknown(self, typed: str) -> Response:
        problem = (
            f"There is no class with the code {short_repr(typed)}. Compare it with the code on the wall."
        )
        return self._code_page(problem, typed, status=404)

    def _path(self, code: str) -> str:
        return f"{self.base}{PREFIX}/{code}"

    def _redirect(self, code: str) -> Response:
        return RedirectResponse(self._path(code), 303, HEADERS)


def _form(body: bytes) -> dict[str, str]:
    """Return the fields of a form; an unreadable form has none."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return {}
    return dict(pairs)


def _small(text: str) -> int | None:
    """Return the number of a question or of a round, ``None`` for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 else None


def _own_text(own: tuple[str, int]) -> str:
    """Return an answer as it was typed, with its value where that is another text."""
    typed, value = own
    plain = typed.replace(",", "").replace(" ", "") == str(value)
    return format_count(value) if plain else f"{typed} = {format_count(value)}"


def _open(question: ClassQuestion, own: tuple[str, int] | None, sent: Sent | None) -> dict[str, Any]:
    """Return what an open question shows to a seat."""
    received = f"Received {_own_text(own)}. You can change it while voting is open." if own else ""
    kept = f" {format_count(own[1])}, which was received before, counts." if own and sent else ""
    notice = f"{sent.reason}{kept}" if sent else received
    quantity = question.asked.quantity
    return {
        "is_open": True,
        "own": own,
        "label": f"Your answer: {quantity}",
        "typed": sent.text if sent else own[0] if own else "",
        "bad": sent is not None,
        "notice": notice,
        "say": notice or question.text,
    }


def _over(
    room: Room, question: ClassQuestion, own: tuple[str, int] | None, sent: Sent | None
) -> dict[str, Any]:
    """Return what a closed or revealed question shows to a seat."""
    over: dict[str, Any] = {
        "is_open": False,
        "late": sent.reason if sent else "",
        "right": False,
        "solution": "",
    }
    if room.phase is not Phase.REVEALED:
        yours = f"Your answer: {_own_text(own)}." if own else "You sent no answer."
        notice = f"Voting is closed. {yours}"
    else:
        over["right"] = own is not None and own[1] == question.answer
        notice = question.reply(_calculation(own)) if own else "You sent no answer to this question."
        # The reply to a right answer, and to one that no mistake explains, has the answer.
        is_told = over["right"] or "The answer is" in notice
        # A calculation stays on one line where it has room; a longer one keeps its total in one piece.
        is_short = len(question.solution) <= MAX_LINE
        solution = question.solution.replace(*(" ", NO_BREAK) if is_short else ("= ", f"={NO_BREAK}"))
        over["solution"] = f"{'The working:' if is_told else 'The answer is'} {solution}."
    return over | {"notice": unbroken(notice), "say": f"{over['late']} {notice}".strip()}


def _calculation(own: tuple[str, int]) -> Calculation:
    return read_calculation(own[0])
