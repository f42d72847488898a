"""The headers of every answer. The browser tests show that every page works under them."""

import base64
import hashlib
from pathlib import Path

from streamlit import file_util

from calculator.web.safety_headers import SafetyHeaders, content_security_policy
from tests.helpers.asgi import ask, reads_all, scope

START_PAGE = (Path(file_util.get_static_dir()) / "index.html").read_text("utf-8")


def directives(policy: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (part.split() for part in policy.split(";"))}


def test_scripts_run_only_from_this_server_and_by_their_hash() -> None:
    policy = directives(content_security_policy(START_PAGE, ["*"]))
    assert "'unsafe-inline'" not in policy["script-src"]
    assert "'unsafe-eval'" not in policy["script-src"]
    script = START_PAGE.split("<script>")[1].split("</script>")[0]
    expected = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy["script-src"] == ["'self'", "blob:", f"'sha256-{expected}'"]
    assert policy["object-src"] == ["'none'"]


def test_the_host_says_who_may_frame_the_pages() -> None:
    policy = directives(content_security_policy("", ["'self'", "https://school.example"]))
    assert policy["frame-ancestors"] == ["'self'", "https://school.example"]


def test_every_answer_has_the_headers() -> None:
    answer = ask(SafetyHeaders(reads_all, "default-src 'self'"), scope("/"))
    assert answer.headers["content-security-policy"] == "default-src 'self'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
