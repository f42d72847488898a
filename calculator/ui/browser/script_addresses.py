"""The addresses of scripts and of the pages for phones, which the server sets when it starts."""

PHONES = "phones"
"""The name of the phones' pages: "/j", or "/calculator/j" below a path."""

_addresses: dict[str, str] = {}


def served_at(name: str, address: str) -> None:
    """Record the address of ``name`` on this server, such as "/calculator/plotly-1a2b3c4d.js"."""
    _addresses[name] = address


def address(name: str) -> str:
    """Return the address of ``name``, or "" where nothing serves it.

    >>> address("plotly")
    ''
    """
    return _addresses.get(name, "")
