"""The addresses of scripts that the server of this process serves. That server sets them."""

_addresses: dict[str, str] = {}


def served_at(name: str, address: str) -> None:
    """Record the address of a script on this server, such as "/calculator/plotly-1a2b3c4d.js"."""
    _addresses[name] = address


def address(name: str) -> str:
    """Return the address of the script ``name``, or "" where nothing serves it.

    >>> address("plotly")
    ''
    """
    return _addresses.get(name, "")
