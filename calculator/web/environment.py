"""The settings of the server, which a host gives as environment variables."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

PREFIX = "CALCULATOR_"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_SOURCE = re.compile(r"(?:https?://)?(?:\*\.)?[A-Za-z0-9.-]{1,253}(?::\d{1,5})?")


class EnvironmentValueError(ValueError):
    """A variable with a value that cannot be used. The message is a sentence for the host."""


@dataclass(frozen=True)
class WebSettings:
    """The settings of one server.

    ``frame_ancestors`` are the values of the directive of this name in a content security policy: the pages
    that may show the app in a frame. ``trusted_proxies`` are the addresses and networks whose
    ``X-Forwarded-For`` header is believed. A ``hosted`` server writes its log as lines of JSON, and opens no
    browser.
    """

    frame_ancestors: tuple[str, ...] = ("*",)
    trusted_proxies: tuple[Network, ...] = ()
    hosted: bool = False

    def proxy_networks(self) -> list[str]:
        """Return the trusted proxies for Uvicorn: those of IPv4 also as a socket of IPv6 sees them.

        >>> web_settings({"CALCULATOR_TRUSTED_PROXIES": "10.0.0.0/8"}).proxy_networks()
        ['10.0.0.0/8', '::ffff:10.0.0.0/104']
        """
        mapped = [
            f"::ffff:{proxy.network_address}/{96 + proxy.prefixlen}"
            for proxy in self.trusted_proxies
            if proxy.version == 4
        ]
        return [*map(str, self.trusted_proxies), *mapped]

    def trusts(self, address: str) -> bool:
        """Return whether ``address`` is a trusted proxy's.

        >>> web_settings({"CALCULATOR_TRUSTED_PROXIES": "10.0.0.0/8"}).trusts("10.1.2.3")
        True
        """
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        parsed = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(parsed in proxy for proxy in self.trusted_proxies)


def web_settings(environment: Mapping[str, str]) -> WebSettings:
    """Return the settings in ``environment``, whose other variables are ignored.

    Raises ``EnvironmentValueError`` for a value that cannot be used: a setting that protects the server is
    never replaced by a default in silence.

    >>> web_settings({"CALCULATOR_FRAME_ANCESTORS": "'self' https://school.example"}).frame_ancestors
    ("'self'", 'https://school.example')
    >>> web_settings({"CALCULATOR_HOSTED": "perhaps"})
    Traceback (most recent call last):
    ...
    calculator.web.environment.EnvironmentValueError: CALCULATOR_HOSTED must be 0 or 1, received 'perhaps'.
    """
    return WebSettings(
        frame_ancestors=_frame_ancestors(environment.get(f"{PREFIX}FRAME_ANCESTORS", "*")),
        trusted_proxies=_networks(environment.get(f"{PREFIX}TRUSTED_PROXIES", "")),
        hosted=_switch(environment, f"{PREFIX}HOSTED"),
    )


def _frame_ancestors(text: str) -> tuple[str, ...]:
    """Return the sources that may frame the pages. Raises ``EnvironmentValueError`` for any other text."""
    sources = tuple(text.split())
    for source in sources:
        # A bare word is a forgotten pair of quotation marks, not the name of a host.
        if source not in ("*", "'self'", "'none'") and (source.isalpha() or not _SOURCE.fullmatch(source)):
            raise EnvironmentValueError(
                f"{PREFIX}FRAME_ANCESTORS must be addresses such as https://school.example, 'self', 'none' "
                f"or *, separated by spaces, received {source!r}."
            )
    return sources or ("'none'",)


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(map(_network, text.replace(",", " ").split()))


def _network(text: str) -> Network:
    """Return one address or network. Raises ``EnvironmentValueError`` for any other text."""
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise EnvironmentValueError(
            f"{PREFIX}TRUSTED_PROXIES must be addresses or networks such as 127.0.0.1 or 10.0.0.0/8, "
            f"received {text!r}."
        ) from None


def _switch(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "0")
    if value not in ("0", "1"):
        raise EnvironmentValueError(f"{name} must be 0 or 1, received {value!r}.")
    return value == "1"
