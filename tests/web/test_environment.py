"""A variable that cannot be used is an error, never a silent default."""

import pytest
from uvicorn.middleware.proxy_headers import _TrustedHosts

from calculator.web.environment import EnvironmentValueError, WebSettings, web_settings


def test_without_variables_a_course_page_may_frame_the_app() -> None:
    assert web_settings({"PATH": "/bin"}) == WebSettings(("*",), (), False)


def test_variables_are_read() -> None:
    settings = web_settings(
        {
            "CALCULATOR_FRAME_ANCESTORS": "'self' https://*.school.example:8443",
            "CALCULATOR_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8 ::1",
            "CALCULATOR_HOSTED": "1",
        }
    )
    assert settings.frame_ancestors == ("'self'", "https://*.school.example:8443")
    assert settings.hosted
    trusted = ["127.0.0.1", "10.9.8.7", "::1", "::ffff:10.0.0.1"]
    assert [
        address for address in [*trusted, "11.0.0.1", "::2", "unix"] if settings.trusts(address)
    ] == trusted


def test_uvicorn_trusts_the_same_proxies() -> None:
    settings = web_settings({"CALCULATOR_TRUSTED_PROXIES": "127.0.0.1 10.0.0.0/8 ::1"})
    hosts = _TrustedHosts(settings.proxy_networks())
    for address in ("127.0.0.1", "::ffff:127.0.0.1", "10.9.9.9", "::ffff:10.9.9.9", "::1", "11.0.0.1", "::2"):
        assert (address in hosts) is settings.trusts(address)


def test_an_empty_list_closes_the_frames() -> None:
    assert web_settings({"CALCULATOR_FRAME_ANCESTORS": " "}).frame_ancestors == ("'none'",)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FRAME_ANCESTORS", "self"),
        ("FRAME_ANCESTORS", "https://a.example; script-src *"),
        ("FRAME_ANCESTORS", "https://a.example,https://b.example"),
        ("TRUSTED_PROXIES", "proxy.example"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("HOSTED", "yes"),
        ("HOSTED", ""),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(EnvironmentValueError, match=f"CALCULATOR_{name} must be"):
        web_settings({f"CALCULATOR_{name}": value})
