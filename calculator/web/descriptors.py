"""The number of files and connections that the system lets the server have open."""

import sys

WANTED = 65_536
PER_PAGE = 4
"""An open page has up to this many connections and files."""

RESERVED = 128
"""For the app's own files, and for the processes that read models."""


def raise_descriptor_limit(wanted: int = WANTED) -> int:
    """Raise this process' limit to ``wanted``, or as far as the system allows; return the limit then."""
    if sys.platform == "win32":  # Windows has no such limit.
        return wanted
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= allowed:
        return wanted if soft == resource.RLIM_INFINITY else soft
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (ValueError, OSError):  # macOS has a lower limit than it states.
        return soft
    return allowed


def max_pages(descriptors: int) -> int:
    """Return how many pages can be open at the same time with so many ``descriptors``.

    >>> max_pages(1024), max_pages(65_536)
    (224, 16352)
    """
    return max((descriptors - RESERVED) // PER_PAGE, 1)
