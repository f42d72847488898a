"""The address of Plotly's script for the pages of this process. The server that serves the script sets it."""

_addresses: list[str] = []


def served_at(address: str) -> None:
    """Record the address of the script on this server, such as "/calculator/plotly-1a2b3c4d.js"."""
    _addresses[:] = [address]


def address() -> str:
    """Return the address of the script, or "" where nothing serves it.

    >>> address()
    ''
    """
    return _addresses[0] if _addresses else ""
