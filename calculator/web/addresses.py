"""Limits by address: how often a visitor's requests were broken off or refused in the last minute.

Ordinary requests are never counted: a school of 1,000 people has one address. An IPv6 network of 64 bits
counts as one address, because a single computer has all of its addresses.
"""

import ipaddress
import time
from collections import Counter
from collections.abc import Callable

MAX_REFUSED = 120
"""The maximum number of unfinished, oversized and refused requests of an address within ``PERIOD``."""

PERIOD = 60.0
"""Seconds."""

MAX_ADDRESSES = 10_000
"""The maximum number of addresses that are remembered within ``PERIOD``. Further ones are not counted."""


class RefusedRequests:
    """Counts refused requests by address, in periods; ``maximum`` are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, maximum: int = MAX_REFUSED) -> None:
        self.clock = clock
        self.maximum = maximum
        self.counts: Counter[str] = Counter()
        self.ends = clock() + PERIOD

    def add(self, address: str) -> None:
        """Count one refused request of ``address``."""
        self._renew()
        group = address_group(address)
        if group in self.counts or len(self.counts) < MAX_ADDRESSES:
            self.counts[group] += 1

    def too_many(self, address: str) -> bool:
        """Return whether ``address`` must wait for the next period."""
        self._renew()
        return self.counts[address_group(address)] >= self.maximum

    def _renew(self) -> None:
        if self.clock() >= self.ends:
            self.counts.clear()
            self.ends = self.clock() + PERIOD


def address_group(address: str) -> str:
    """Return the address that ``address`` counts as.

    >>> address_group("192.0.2.7"), address_group("2001:db8::1:2:3:4"), address_group("::ffff:192.0.2.7")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7')
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:  # A Unix socket, or what a proxy passes on.
        return address[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))
