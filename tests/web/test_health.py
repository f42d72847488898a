"""Alive as long as anything is answered; ready only while visitors are taken."""

from starlette.routing import Router

from calculator.web.health import health_routes
from tests.helpers.asgi import ask, reads_all, scope


def test_health_and_readiness_below_the_path_of_the_app() -> None:
    takes_visitors = [True]
    app = Router(health_routes("/a", lambda: takes_visitors[0]), default=reads_all)
    assert [ask(app, scope(path)).status for path in ("/a/healthz", "/a/readyz")] == [200, 200]
    takes_visitors[0] = False
    answer = ask(app, scope("/a/readyz"))
    assert (answer.status, answer.headers["cache-control"]) == (503, "no-store")
    assert ask(app, scope("/a/healthz")).status == 200
    assert ask(app, scope("/healthz")).body == b"0"
